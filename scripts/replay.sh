#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# replay.sh TRACE... - perform traces of the Go runtime on the engine itself
#
#   VERBOSE=1  also print how many lines of each kind were performed
#   KERNEL=6.1, DEBUG=1  as in test.sh
#   UNCHECKED=1  leave all checks to the guest (a test of the guest)
#   MODULES=DIR  the modules, built for that kernel; default: build them
#
# A trace is checked on its way into the guest, which gets clean records only.
# One boot performs them all, and each gets a line:
#
#   NAME: ok, LINES lines, CHECKS checksums
#   NAME:LINE: op, got ..., want ...
#
# Ends with 'N passed, N failed', and a status that says so too.

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

# clean NAME - the trace on standard input as the guest gets it
clean()
{
	if [ -n "$UNCHECKED" ]; then
		zcat -f
	else
		"$TOP/scripts/trace.py" "$1"
	fi
}

# stage TRACE... - the guest's root; traces that are not of the format stay out
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

# status NUMBER - what the guest said of that trace
status()
{
	tr -d '\r' <"$OUT/results" | sed -n "/^trace $1\$/,/^end $1\$/p"
}

# judge NUMBER NAME LINES - one result
judge()
{
	local said error lines checks

	said=$(status "$1")
	error=$(sed -n 's/^error //p' <<<"$said")
	lines=$(awk '$1 == "lines" { print $2 }' <<<"$said")
	checks=$(awk '$1 == "checksums" { print $2 }' <<<"$said")
	if [ -n "$error" ]; then
		fail "$2:$error"
	elif [ "$lines" != "$3" ] || ! grep -q '^ended 1' <<<"$said"; then
		fail "$2:$((${lines:-0} + 1)): the trace ends, or the guest did, before the E line"
	else
		printf '%s: ok, %s lines, %s checksums\n' "$2" "$lines" "$checks"
		passed=$((passed + 1))
	fi
	[ -z "$VERBOSE" ] || sed -n 's/^op_/    /p' <<<"$said"
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
			>/dev/null || fail "guest:0: it did not come to its end"
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
