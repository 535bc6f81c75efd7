# SPDX-License-Identifier: GPL-2.0
#
# The engines, and what tests them without a kernel, as an ordinary program.
#
#   make -f kunit/native/native.mk SOURCE=... OUT=... [CC=...] [FLAGS=...] TARGET
#
# SOURCE is the source of a kernel, of which nothing has been built.  TARGET is
# native, the program that runs suites and performs traces.  Called by
# scripts/native.sh, at the top of the checkout.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

shim := kunit/native/include

# Whatever is in the folders.  Of the suites those that need no pool.
engine := $(shell find pagealloc/engine pagealloc/base -name '*.c' ! -name fault.c)
suites := $(shell grep -L 'lib/testpool.h' \
	    $$(find kunit/engine kunit/base -name '*_kunit.c'))
tests  := $(suites) kunit/lib/testlib.c $(wildcard kunit/replay/oracle*.c)

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

our-objects	:= $(engine:%.c=$(OUT)/%.o) $(tests:%.c=$(OUT)/%.o) \
		   $(OUT)/kunit/native/kernel.o
library-objects := $(library:%=$(OUT)/lib/%.o)
objects		:= $(our-objects) $(library-objects) $(OUT)/kunit/native/host.o

.PHONY: native
native: $(OUT)/native

$(OUT)/native: $(objects)
	$(CC) $(FLAGS) -Wl,--gc-sections -o $@ $^

$(our-objects): $(OUT)/%.o: %.c $(OUT)/flags kunit/native/native.mk | $(headers)
	@mkdir -p $(@D)
	$(CC) $(kernel-flags) $(our-flags) $(FLAGS) -MMD -MP -c -o $@ $<

# What these call that is not there is in functions that nobody calls: the linker
# drops them.
$(library-objects): $(OUT)/lib/%.o: $(SOURCE)/lib/%.c $(OUT)/flags kunit/native/native.mk | $(headers)
	@mkdir -p $(@D)
	$(CC) $(kernel-flags) -w -ffunction-sections $(FLAGS) -MMD -MP -c -o $@ $<

# The one that includes the headers of the C library.
$(OUT)/kunit/native/host.o: kunit/native/host.c $(OUT)/flags
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -Ikunit $(our-flags) $(FLAGS) -MMD -MP -c -o $@ $<

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

-include $(objects:.o=.d)
