#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# replay.sh TRACE... - perform traces of the Go runtime on the bitmap engine
#
#   VERBOSE=1  also print the number of lines of each kind
#   KERNEL=6.1, DEBUG=1  as in test.sh
#   UNCHECKED=1  do not check the format before the boot, to test the guest's checks
#   MODULES=DIR  modules built for this kernel; default: build them
#
# scripts/trace.py checks the format of each trace.  One boot performs all traces
# and prints a line for each:
#
#   NAME: ok, LINES lines, CHECKS checksums
#   NAME:LINE: op, got ..., want ...
#
# The last line is 'N passed, N failed'; the exit status is 0 if no trace failed.

. "$(dirname "$0")/lib.sh"

OUT=${REPLAY_OUT:-$BUILD/replay}
MODULES=${MODULES:-}
VERBOSE=${VERBOSE:-}
KERNEL=${KERNEL:-6.1}
DEBUG=${DEBUG:-}
UNCHECKED=${UNCHECKED:-}
passed=0
failed=0

fail() { printf '%s\n' "$1"; failed=$((failed + 1)); }

# clean NAME - check the trace on standard input, and print it for the guest
clean()
{
	if [ -n "$UNCHECKED" ]; then
		zcat -f
	else
		"$TOP/scripts/trace.py" "$1"
	fi
}

# stage TRACE... - create the guest's root, without traces of a wrong format
stage()
{
	local dir=$OUT/stage trace name n=0

	rm -rf "$dir"
	mkdir -p "$dir/traces"
	: >"$dir/traces/list"
	: >"$OUT/names"
	cp "$TOP/qemu/jobs/oracle" "$dir/job"
	cp "$TOP/qemu/jobs/lib" "$dir/lib.sh"
	cp "$MODULES"/pagealloc{,_oracle}.ko "$dir"
	for trace in "$@"; do
		n=$((n + 1))
		name=$(basename "$trace")
		if [ ! -r "$trace" ]; then
			fail "$name:0: cannot be read"
		elif clean "$name" <"$trace" >"$dir/traces/$n" \
				2>"$OUT/why"; then
			echo "$n" >>"$dir/traces/list"
			echo "$n $name $(wc -l <"$dir/traces/$n")" >>"$OUT/names"
		else
			fail "$(tail -n 1 "$OUT/why")"
			rm -f "$dir/traces/$n"
		fi
	done
}

# status NUMBER - print the guest's results of a trace
status()
{
	tr -d '\r' <"$OUT/results" | sed -n "/^trace $1\$/,/^end $1\$/p"
}

# judge NUMBER NAME LINES - print the result of a trace
judge()
{
	local status error lines checks

	status=$(status "$1")
	error=$(sed -n 's/^error //p' <<<"$status")
	lines=$(awk '$1 == "lines" { print $2 }' <<<"$status")
	checks=$(awk '$1 == "checksums" { print $2 }' <<<"$status")
	if [ -n "$error" ]; then
		fail "$2:$error"
	elif [ "$lines" != "$3" ] || ! grep -q '^ended 1' <<<"$status"; then
		fail "$2:$((${lines:-0} + 1)): the trace or the guest ended before the E line"
	else
		printf '%s: ok, %s lines, %s checksums\n' "$2" "$lines" "$checks"
		passed=$((passed + 1))
	fi
	[ -z "$VERBOSE" ] || sed -n 's/^op_/    /p' <<<"$status"
}

main()
{
	local tree start number name count line config=${DEBUG:+debug}

	[ $# -gt 0 ] || die "no trace given: make replay TRACES=\"FILE ...\""
	start=$(now)
	need_packages python3
	tree=$("$TOP/scripts/kernel.sh" "$KERNEL" "${config:-test}")
	if [ -z "$MODULES" ]; then
		MODULES=$OUT/modules
		"$TOP/scripts/modules.sh" "$tree" "$MODULES" PAGEALLOC_KUNIT=y
	fi
	stage "$@"
	if [ -s "$OUT/names" ]; then
		"$TOP/qemu/run.sh" ${DEBUG:+-d -t 300} -a panic_on_warn=1 \
			"$tree/arch/x86/boot/bzImage" "$OUT/stage" "$OUT" \
			>/dev/null || fail "guest:0: the guest did not finish its job"
		while read -r line; do
			fail "guest:0: $line"
		done < <(tr -d '\r' <"$OUT/results" | sed -n 's/^not ok //p')
	fi
	while read -r number name count; do
		judge "$number" "$name" "$count"
	done <"$OUT/names"
	say "$(elapsed "$start") s in all"
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

main "$@"
exit
