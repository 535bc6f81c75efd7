# SPDX-License-Identifier: GPL-2.0
#
# The engines, and what tests them without a kernel, as an ordinary program.
#
#   make -f kunit/native/native.mk SOURCE=... OUT=... [CC=...] [FLAGS=...] TARGET
#
# SOURCE is the source of a kernel, of which nothing has been built.  TARGET is
# native, the program that runs suites and performs traces and inputs, or fuzz,
# the same operations as a target of libFuzzer.  Called by scripts/native.sh and
# scripts/fuzz.sh, at the top of the checkout.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

shim := kunit/native/include

# Whatever is in the folders.  Of the suites those that need no pool.
engine := $(shell find pagealloc/engine pagealloc/base -name '*.c' ! -name fault.c)
suites := $(shell grep -L 'lib/testpool.h' \
	    $$(find kunit/engine kunit/base -name '*_kunit.c'))
fuzz   := $(wildcard kunit/native/fuzz/*.c) kunit/native/kernel.c kunit/lib/testlib.c
tests  := $(suites) $(wildcard kunit/replay/oracle*.c)

# The kernel's own.
library := bitmap ctype find_bit hweight kstrtox math/div64 random32 rbtree sort

# Headers of the kernel that would be generated to hand on to the generic ones.
generic := barrier cache div64 errno linkage param posix_types rwonce types unaligned
empty	:= string swab
headers := $(generic:%=$(OUT)/include/asm/%.h) $(empty:%=$(OUT)/include/asm/%.h) \
	   $(OUT)/include/asm/byteorder.h

kernel-flags := -nostdinc -I$(shim) -I$(OUT)/include -I$(SOURCE)/include \
	-I$(SOURCE)/include/uapi -Ipagealloc -Ikunit -D__KERNEL__ \
	-DKBUILD_MODNAME='"native"' -DPAGEALLOC_KUNIT \
	-include linux/kconfig.h -include linux/compiler_types.h \
	$(if $(findstring --coverage,$(FLAGS)),-include native/inline.h) \
	-std=gnu11 -fno-strict-aliasing -fwrapv -fno-common
our-flags := -Wall -Werror -Wundef -Wmissing-prototypes -Wstrict-prototypes

# A fuzzer is to learn from the engines alone, not from what judges them.
flags = $(filter-out -fsanitize=fuzzer,$(FLAGS))
engine-objects	:= $(engine:%.c=$(OUT)/%.o)
$(engine-objects): flags = $(FLAGS)

core-objects	:= $(engine-objects) $(fuzz:%.c=$(OUT)/%.o)
our-objects	:= $(core-objects) $(tests:%.c=$(OUT)/%.o)
library-objects := $(library:%=$(OUT)/lib/%.o)
host-objects	:= $(patsubst %,$(OUT)/kunit/native/%.o,host main fuzz_main)
shared-objects	:= $(core-objects) $(library-objects) $(OUT)/kunit/native/host.o

.PHONY: native fuzz
native: $(OUT)/native
fuzz: $(OUT)/fuzz

$(OUT)/native: $(shared-objects) $(our-objects) $(OUT)/kunit/native/main.o
$(OUT)/fuzz: $(shared-objects) $(OUT)/kunit/native/fuzz_main.o
$(OUT)/native $(OUT)/fuzz:
	$(CC) $(FLAGS) -Wl,--gc-sections -o $@ $^

$(our-objects): $(OUT)/%.o: %.c $(OUT)/flags kunit/native/native.mk | $(headers)
	@mkdir -p $(@D)
	$(CC) $(kernel-flags) $(our-flags) $(flags) -MMD -MP -c -o $@ $<

# What these call that is not there is in functions that nobody calls: the linker
# drops them.
$(library-objects): $(OUT)/lib/%.o: $(SOURCE)/lib/%.c $(OUT)/flags kunit/native/native.mk | $(headers)
	@mkdir -p $(@D)
	$(CC) $(kernel-flags) -w -ffunction-sections $(flags) -MMD -MP -c -o $@ $<

# Those that include the headers of the C library.
$(host-objects): $(OUT)/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -Ikunit $(our-flags) $(flags) -MMD -MP -c -o $@ $<

$(generic:%=$(OUT)/include/asm/%.h): $(OUT)/include/asm/%.h:
	@mkdir -p $(@D)
	echo '#include <asm-generic/$*.h>' >$@

$(empty:%=$(OUT)/include/asm/%.h):
	@mkdir -p $(@D)
	echo >$@

$(OUT)/include/asm/byteorder.h:
	@mkdir -p $(@D)
	echo '#include <linux/byteorder/little_endian.h>' >$@

# What was built otherwise must not be taken for ours.
.PHONY: FORCE
$(OUT)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(SOURCE) $(kernel-flags) $(FLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(SOURCE) $(kernel-flags) $(FLAGS)' >$@

-include $(patsubst %.o,%.d,$(our-objects) $(library-objects) $(host-objects))
