#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the scripts that test in a guest share: counting tests, what a guest has in
# its root, and what its log must not have.  Sourced after lib.sh, never run.
#
# OUT is the directory of the run, CONFIG the configuration of its kernel.

# kernel_config DEBUG RACES - the configuration of scripts/kernel.sh
kernel_config()
{
	if [ -n "$1" ] && [ -n "$2" ]; then
		die "DEBUG=1 and RACES=1: one kernel cannot have KASAN and KCSAN"
	elif [ -n "$1" ]; then
		echo debug
	elif [ -n "$2" ]; then
		echo races
	else
		echo test
	fi
}

# strict - the kernel parameter that makes a panic of each warning.  KCSAN would
# panic on races of the kernel's own.
strict() { [ "$CONFIG" = races ] || echo panic_on_warn=1; }

# What no healthy log contains.  panic_on_warn turns most of it into a panic,
# but lockdep, KCSAN and a debugging aid of a later kernel only print.
TROUBLE='WARNING:|BUG:|Oops|UBSAN:|general protection|kernel panic|INFO: (task|rcu|trying)|refcount_t:|double free|kmemleak: [1-9]'

passed=0
failed=0

ok()	 { printf 'ok %s\n' "$1"; passed=$((passed + 1)); }
not_ok() { printf 'not ok %s: %s\n' "$1" "$2"; failed=$((failed + 1)); }

# new_seed - print one
new_seed() { od -An -N4 -tu4 /dev/urandom | tr -d ' '; }

# stage NAME JOB FILE... - a guest root with a job and some files
stage()
{
	local dir=$OUT/$1/stage job=$2

	shift 2
	rm -rf "$dir"
	mkdir -p "$dir"
	cp "$TOP/qemu/jobs/$job" "$dir/job"
	cp "$TOP/qemu/jobs/lib" "$dir/lib.sh"
	cp "$@" "$dir"
}

# reports LOG - its lines of trouble, with their numbers.  A report of KCSAN counts
# if the module or one of its tests is on one of the two stacks.
reports()
{
	awk -v trouble="$TROUBLE" '
	/BUG: KCSAN: / { head = NR ": " $0; next }
	head != "" {
		if (/\[pagealloc/) { print head; head = "" }
		if (/==========/) head = ""
		next
	}
	$0 ~ trouble { print NR ": " $0 }' "$1"
}

# quiet_log NAME [JOB] - no report of any kind in the log of that boot
quiet_log()
{
	local hits

	hits=$(reports "$OUT/$1/log" | awk 'NR <= 5')
	if ! grep -q "pagealloc-test: closing ${2:-$1}" "$OUT/$1/log"; then
		not_ok "log_$1" "$OUT/$1/log does not reach to the end"
	elif [ -z "$hits" ]; then
		ok "log_$1"
	else
		not_ok "log_$1" "reports in $OUT/$1/log: ${hits//$'\n'/; }"
	fi
}
