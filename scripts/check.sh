#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh [NAME...] - run the checks that need no guest, all or those named
#
# checkpatch and kernel-doc come with the 6.1 source, and sparse checks a build for
# 6.1.  W=1 builds run for each kernel.  Any finding is a failure.

. "$(dirname "$0")/lib.sh"

CHECKS='checkpatch kernel_doc sparse w1_6.1 w1_6.12 w1_7.3 w1_stock client shellcheck spdx layers
	silence install'
OUT=$BUILD/check

# Findings of --strict that are false here.  It takes a macro that exports a function
# for tests for a declaration, a number of pages for a bit, and a lock that
# kernel-doc describes for undocumented.  A macro for tables may repeat an argument.
TASTE='LINE_SPACING|BIT_MACRO|UNCOMMENTED_DEFINITION|MACRO_ARG_REUSE'

# files PATTERN... - list the files of the repository, including new ones
files()
{
	git -C "$TOP" ls-files -co --exclude-standard -- "$@" |
		while read -r file; do
			[ ! -e "$TOP/$file" ] || printf '%s\n' "$file"
		done
}

# some FILE - fail if the list in FILE is empty, since nothing would be checked
some()
{
	[ -s "$1" ] || { echo "nothing to check"; return 1; }
}

check_checkpatch()
{
	local source

	source=$("$TOP/scripts/kernel.sh" --source 6.1)
	need_packages perl
	files '*.c' '*.h' >"$OUT/c-files"
	some "$OUT/c-files"
	# A module for several kernels has to compare their version.  It leaves a file
	# where it runs.
	(cd "$OUT" && sed "s|^|$TOP/|" c-files |
		xargs "$source/scripts/checkpatch.pl" --no-tree --strict --quiet \
		--terse --show-types --ignore LINUX_VERSION_CODE --file \
		>checkpatch 2>checkpatch.err) || true
	# It must have checked each file.
	[ "$(grep -c '^total:' "$OUT/checkpatch")" = "$(wc -l <"$OUT/c-files")" ]
	# trace.h has the usual layout of a trace event, not that of a function.
	# The kernel's page flags have functions such as __PageMovable().
	# The C files in qemu/ are user programs, not kernel code.
	! grep -vE "^total:|: CHECK:($TASTE):|/qemu/.*:(PREFER_KERNEL_TYPES|VOLATILE):|/trace\.h:[0-9]+: CHECK:|<__(Set|Clear)?Page" \
		"$OUT/checkpatch"
}

check_kernel_doc()
{
	local source

	source=$("$TOP/scripts/kernel.sh" --source 6.1)
	need_packages perl
	files 'pagealloc/*.[ch]' 'heap/*.[ch]' 'configfs/*.[ch]' >"$OUT/doc-files"
	some "$OUT/doc-files"
	# Its exit status counts errors but not warnings, so any output is a failure.
	xargs "$source/scripts/kernel-doc" -none <"$OUT/doc-files" 2>&1 |
		tee "$OUT/kernel-doc.log"
	[ ! -s "$OUT/kernel-doc.log" ]
}

# build NAME TREE ARGUMENT... - build all from scratch; any warning is a failure
build()
{
	local dir=$OUT/$1 tree=$2

	shift 2
	rm -rf "$dir"
	"$TOP/scripts/modules.sh" "$tree" "$dir" "$@"
	# What the kernel's build says of the machine's own pahole is not of ours.
	if grep -E 'warning:|error:|WARNING:|ERROR:' "$dir/build.log" |
	   grep -v 'pahole version differs'; then
		return 1
	fi
}

check_sparse()
{
	local tree

	need_packages sparse
	tree=$("$TOP/scripts/kernel.sh" 6.1 test)
	build sparse "$tree" PAGEALLOC_KUNIT=y PAGEALLOC_BENCH=y C=2
	# A build that does not run sparse has no warnings either.
	grep -q '  CHECK ' "$OUT/sparse/build.log"
}

# w1 KERNEL TREE ARGUMENT... - build with W=1
w1()
{
	local name=$1 tree=$2

	shift 2
	build "w1-$name" "$tree" W=1 "$@"
}

check_w1_6.1()	 { w1 6.1 "$("$TOP/scripts/kernel.sh" 6.1 test)" PAGEALLOC_KUNIT=y PAGEALLOC_BENCH=y; }
check_w1_6.12()	 { w1 6.12 "$("$TOP/scripts/kernel.sh" 6.12 prepare)" PAGEALLOC_KUNIT=y PAGEALLOC_BENCH=y; }
check_w1_7.3()	 { w1 7.3 "$("$TOP/scripts/kernel.sh" 7.3 prepare)" PAGEALLOC_KUNIT=y PAGEALLOC_BENCH=y; }
check_w1_stock() { w1 stock "$("$TOP/scripts/stock.sh" headers)" PAGEALLOC_REPLAY=y; }

# The example client of the documents, as the tutorial builds it.
check_client()
{
	local headers

	headers=$("$TOP/scripts/stock.sh" headers)
	rm -rf "$OUT/client"
	"$TOP/scripts/modules.sh" "$headers" "$OUT/client"
	cp -r "$TOP/Documentation/client" "$OUT/client"
	quietly "$OUT/client/client.log" make -C "$headers" \
		M="$OUT/client/client" PAGEALLOC="$TOP" W=1 \
		KBUILD_EXTRA_SYMBOLS="$OUT/client/src/Module.symvers" modules
	! grep -E 'warning:|error:|WARNING:|ERROR:' "$OUT/client/client.log"
}

check_shellcheck()
{
	need_packages shellcheck
	files '*.sh' .ci/run qemu/init 'qemu/jobs/*' >"$OUT/sh-files"
	some "$OUT/sh-files"
	(cd "$TOP" && xargs shellcheck -x <"$OUT/sh-files")
}

check_spdx()
{
	local file bad=0

	files >"$OUT/all-files"
	some "$OUT/all-files"
	while read -r file; do
		case $file in
		# The licence, formats without comments, and data.
		COPYING|*.md|Documentation/ABI/*|*.gz) continue ;;
		esac
		if ! head -n 3 "$TOP/$file" |
		     grep 'SPDX-License-Identifier: ' >/dev/null; then
			echo "$file: no SPDX-License-Identifier in its first lines"
			bad=1
		fi
	done <"$OUT/all-files"
	[ "$bad" = 0 ]
}

check_layers()
{
	local tree

	tree=$("$TOP/scripts/kernel.sh" 6.1 test)
	build objects "$tree"
	"$TOP/scripts/layers.sh" "$OUT/objects/src/pagealloc"
}

# fake_guest - print a program for qemu/run.sh -u.  It prints a line a second for eight
# seconds, to the results port (fake=job) or to the console (fake=console), or it
# prints forever (fake=talks), or it prints once and then hangs (fake=hangs).  Or it
# is busy for so long without a line, with a quarter of a CPU (fake=starves).  Or it
# hangs without a line, always or the first time (fake=never, fake=later).
fake_guest()
{
	cat <<-'GUEST'
	#!/bin/bash
	for word in "$@"; do
		case $word in
		pagealloc.nonce=*) nonce=${word#*=} ;;
		uml_dir=*)	   dir=${word#*=} ;;
		fake=*)		   what=${word#*=} ;;
		esac
	done
	if [ "$what" = never ] || { [ "$what" = later ] && [ ! -e "$dir/was" ]; }; then
		touch "$dir/was"
		exec sleep 1000
	fi
	to=3
	[ "$what" != console ] || to=1
	echo hello >&$to
	last=8
	[ "$what" != talks ] || last=1000
	if [ "$what" = starves ]; then
		last=0
		cpu=$(taskset -cp $$ | sed 's/.*[^0-9]//')
		taskset -cp "$cpu" $$ >/dev/null
		for i in 1 2 3; do
			timeout 8 sh -c 'while :; do :; done' &
		done
		while [ -n "$(jobs -r)" ]; do :; done
	fi
	for ((i = 0; i < last; i++)); do
		[ "$what" != hangs ] || exec sleep 1000
		sleep 1
		echo alive >&$to
	done
	echo "done $nonce 0" >&3
	GUEST
}

# qemu/run.sh kills a guest that is silent for too long, or that never ends, and no
# other one.  It boots again what hung before its first process.
check_silence()
{
	local dir=$OUT/silence what want why status

	rm -rf "$dir"
	mkdir -p "$dir/stage"
	echo true >"$dir/stage/job"
	fake_guest >"$dir/guest"
	chmod +x "$dir/guest"
	while read -r what want why; do
		status=0
		"$TOP/qemu/run.sh" -u -t 5 -T 20 -a "fake=$what" "$dir/guest" \
			"$dir/stage" "$dir/$what" || status=$?
		echo "$what: status $status, $(cat "$dir/$what/killed" 2>&1)"
		[ "$status" = "$want" ]
		[ -z "$why" ] || grep "$why" "$dir/$what/killed"
	done <<-CASES
	job 0
	console 0
	hangs 2 silent
	talks 2 ran
	starves 0
	never 2 silent
	later 0
	CASES
}

# files_below DIRECTORY - list the files below it but those of depmod
files_below() { (cd "$1" && find . -type f ! -name 'modules.*' | sort); }

# Installed modules have the version of pagealloc.h and are in depmod's list; uninstalling
# leaves no file behind.
check_install()
{
	local headers root=$OUT/install/root release version module

	need_packages kmod
	headers=$("$TOP/scripts/stock.sh" headers)
	release=$(cat "$headers/include/config/kernel.release")
	version=$("$TOP/scripts/install.sh" version)
	[ -n "$version" ]
	rm -rf "$OUT/install"
	"$TOP/scripts/modules.sh" "$headers" "$OUT/install/modules"
	DESTDIR=$root INSTALL_MOD_PATH=/mod PAGEALLOC_BUILD=$OUT/install \
		"$TOP/scripts/install.sh" install "$headers"
	files_below "$root"
	for module in "$OUT"/install/modules/*.ko; do
		module=$root/mod/lib/modules/$release/updates/$(basename "$module")
		[ "$(/sbin/modinfo -F version "$module")" = "$version" ]
		grep "^updates/$(basename "$module"):" \
			"$root/mod/lib/modules/$release/modules.dep"
	done
	[ "$(files_below "$root" | wc -l)" = \
	  $((4 + $(find "$OUT/install/modules" -maxdepth 1 -name '*.ko' | wc -l))) ]
	DESTDIR=$root INSTALL_MOD_PATH=/mod PAGEALLOC_BUILD=$OUT/install \
		"$TOP/scripts/install.sh" uninstall "$headers"
	[ -z "$(files_below "$root")" ]
	DESTDIR=$root "$TOP/scripts/install.sh" dkms
	grep "^PACKAGE_VERSION=\"$version\"$" "$root/usr/src/pagealloc-$version/dkms.conf"
	cp -r "$root/usr/src/pagealloc-$version" "$OUT/install/dkms"
	quietly "$OUT/install/dkms.log" make -C "$headers" M="$OUT/install/dkms" \
		-j"$JOBS" modules
	make -C "$headers" M="$OUT/install/dkms" clean
}

# one NAME - run a check, and show its output if it fails
one()
{
	local log=$OUT/$1.log status=0

	# In the background, so that -e holds inside the function.
	"check_$1" >"$log" 2>&1 </dev/null &
	wait $! || status=$?
	if [ $status = 0 ]; then
		echo "ok $1"
		passed=$((passed + 1))
	else
		cat "$log"
		echo "not ok $1"
		failed=$((failed + 1))
	fi
}

main()
{
	local name all=() passed=0 failed=0

	alone "$OUT"
	need_packages git
	[ $# -gt 0 ] || mapfile -t all < <(xargs -n 1 <<<"$CHECKS")
	for name in "${@:-${all[@]}}"; do
		declare -F "check_$name" >/dev/null ||
			die "no check '$name'; there are: $CHECKS"
		one "$name"
	done
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
}

main "$@"
exit
