# SPDX-License-Identifier: GPL-2.0
#
# Everything is built below build/, or $PAGEALLOC_BUILD; kernels are cached
# outside the checkout, in $XDG_CACHE_HOME/pagealloc (~/.cache/pagealloc).

KDIR ?= /lib/modules/$(shell uname -r)/build
BUILD := $(or $(PAGEALLOC_BUILD),build)

# What there may be in it; the directory may have other things as well.
PRODUCTS := modules run elastic bench bench.csv bench.svg test-* stress-* front-* native replay check

.DEFAULT_GOAL := help
.PHONY: help modules install uninstall dkms run shell elastic bench native fuzz test test-all stress replay check front clean

help:		## list the targets (this text)
	@awk -F '##[ \t]*' '/^[a-z-]+:.*##/ { split($$1, t, ":"); \
		printf "  make %-9s %s\n", t[1], $$2; next } \
		/^##/ { printf "  %14s %s\n", "", $$2 }' \
		$(firstword $(MAKEFILE_LIST))

modules:	## build pagealloc.ko against the kernel in KDIR=... (default:
##		the running kernel's headers)
	@scripts/modules.sh "$(KDIR)" "$(BUILD)/modules"
	@ls "$(BUILD)"/modules/*.ko

install:	## modules (after make modules), headers and udev rule; depmod
##		KDIR=...    for this kernel
##		DESTDIR=... INSTALL_MOD_PATH=... PREFIX=/usr   below these
	@DESTDIR="$(DESTDIR)" INSTALL_MOD_PATH="$(INSTALL_MOD_PATH)" \
		PREFIX="$(or $(PREFIX),/usr)" scripts/install.sh install "$(KDIR)"

uninstall:	## remove what make install has installed, with the same variables
	@DESTDIR="$(DESTDIR)" INSTALL_MOD_PATH="$(INSTALL_MOD_PATH)" \
		PREFIX="$(or $(PREFIX),/usr)" scripts/install.sh uninstall "$(KDIR)"

dkms:		## sources for DKMS, headers and udev rule (DESTDIR=, PREFIX=)
	@DESTDIR="$(DESTDIR)" PREFIX="$(or $(PREFIX),/usr)" scripts/install.sh dkms

run:		## a program's page trace on a stock Debian kernel in QEMU,
##		with verdicts
	@scripts/run.sh

shell:		## the same guest to a prompt, with the module loaded; it
##		performs commands that are piped into it
##		FILES="mine.ko ..."     to have in the guest's root
##		APPEND="movablecore=512M"  for its kernel command line
	@scripts/run.sh --shell $(FILES)

elastic:	## memory goes back by itself, seen from outside the guest:
##		MemFree, the host's RSS, pressure, an idle pool, freezing;
##		draws elastic.svg and memory.svg in build/elastic/
##		IDLE=60     seconds for which an idle pool is watched
##		LOOPS=n     beside so many programs that never rest
	@IDLE="$(IDLE)" LOOPS="$(LOOPS)" scripts/elastic.sh

bench:		## what requests cost here and with other allocators: a table,
##		build/bench.csv and build/bench.svg
##		CASES="pair churn"  SUBJECTS="pagealloc buddy"  RUNS="1 8"
##		PAGES="65536"  OCCUPANCY="50 99"
##		MACHINES="icount uml-6.1 uml-7.3"   these alone
##		TWICE=1     instructions twice even so; they must be the same
##		PROFILE="churn 8"   where a case's instructions go, by function
##			    (of one of SUBJECTS; with PAGES= and OCCUPANCY=)
	@PROFILE="$(PROFILE)" CASES="$(CASES)" SUBJECTS="$(SUBJECTS)" \
		RUNS="$(RUNS)" PAGES="$(PAGES)" OCCUPANCY="$(OCCUPANCY)" \
		MACHINES="$(MACHINES)" TWICE="$(TWICE)" scripts/bench.sh

native:		## the inner loop: the engines with all suites and traces that need
##		no kernel, as a program with ASan and UBSan, in seconds
##		SUITES="tree summary"   these suites alone, no traces
##		TRACES="FILE..."        these traces alone
##		SEED=n      the seed of the random tests (printed in any case)
##		COVERAGE=1  lines and branches that have run, a line a file
##		SANITIZE=0  plain, and random tests as long as in a guest
	@SUITES="$(SUITES)" TRACES="$(TRACES)" SEED="$(SEED)" \
		COVERAGE="$(COVERAGE)" SANITIZE="$(SANITIZE)" scripts/native.sh

fuzz:		## random operations on both engines and a flat model, by libFuzzer
##		(clang); what it finds is printed in words
##		SECONDS=60  for so long
##		INPUT=FILE  this input alone, each operation in words
##		MERGE=1     then write kunit/native/corpus.txt anew
	@TIME="$(SECONDS)" INPUT="$(INPUT)" MERGE="$(MERGE)" scripts/fuzz.sh

test:		## make native, then all KUnit suites, traces and guest tests on a test kernel
##		DEBUG=1     on a kernel with KASAN, lockdep, kmemleak, ...
##		RACES=1     on a kernel with KCSAN, and make stress on it
##		KERNEL=...  6.1 (default), 6.12 or 7.3
##		SEED=n      the seed of the random tests (printed in any case)
##		SUITES="tree pool"  these suites alone, no traces, no guest tests
##		TRACES="FILE..."     these traces alone
##		BOOTS="native kunit span engines warn oracle replay guest movable loans poison exports planted"  these alone
	@DEBUG="$(DEBUG)" RACES="$(RACES)" KERNEL="$(KERNEL)" SEED="$(SEED)" \
		SUITES="$(SUITES)" TRACES="$(TRACES)" BOOTS="$(BOOTS)" \
		scripts/test.sh

test-all:	## what the CI leaves out since it takes long: test RACES=1,
##		stress HOSTILE=1, stress UML=1, suites beside ten busy loops
##		PARTS="races hostile uml loops"   these alone
	@PARTS="$(PARTS)" scripts/all.sh

stress:		## everything at once in a guest of 2 to 8 CPUs, for some minutes
##		MINUTES=3   so many
##		DEBUG=1, RACES=1, KERNEL=..., SEED=n   as for test
##		CPUS=n      2 to 8 (default: as the seed says)
##		UML=1       as a program, a million operations (OPERATIONS=)
##		HOSTILE=1   instead: junk in debugfs and for parameters
	@MINUTES="$(MINUTES)" DEBUG="$(DEBUG)" RACES="$(RACES)" \
		KERNEL="$(KERNEL)" SEED="$(SEED)" \
		CPUS="$(CPUS)" UML="$(UML)" OPERATIONS="$(OPERATIONS)" \
		HOSTILE="$(HOSTILE)" scripts/stress.sh

front:		## memory for user space on Debian's generic kernel, with real clients
##		KERNEL=...  6.1 (default) or 6.12
##		FUZZ=20000  calls of the fuzzer, for each kind of mapping
##		SEED=n      its seed (printed in any case)
##		BOOTS="main movable iommu"  these alone
	@KERNEL="$(KERNEL)" FUZZ="$(FUZZ)" SEED="$(SEED)" BOOTS="$(BOOTS)" \
		scripts/front.sh

replay:		## traces of the Go runtime on the engine itself: TRACES="FILE..."
##		VERBOSE=1   also the number of lines of each kind
	@VERBOSE="$(VERBOSE)" scripts/replay.sh $(TRACES)

check:		## checkpatch, sparse, W=1 on each kernel, kernel-doc,
##		shellcheck, SPDX, layers
	@scripts/check.sh

clean:		## remove what was built (the kernels in the cache stay)
	rm -rf $(foreach product,$(PRODUCTS),"$(BUILD)"/$(product))
	[ ! -d "$(BUILD)" ] || rmdir --ignore-fail-on-non-empty "$(BUILD)"
