#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# stress.sh - everything at once, in a guest, for some time
#
#   MINUTES=3      for so long
#   OPERATIONS=n   and until there have been so many operations
#   KERNEL=6.1     or 6.12, 7.3: the kernel
#   DEBUG=1        that kernel with KASAN, UBSAN, lockdep, kmemleak, ...
#   RACES=1        that kernel with KCSAN
#   UML=1          instead: kernel 7.3 as a program, a million operations at the
#                  speed of the host
#   CPUS=n         2 to 8 virtual CPUs (default: by the seed; UML: up to 4)
#   SEED=n         of all random numbers (default: a new one)
#   HOSTILE=1      instead: 100000 writes of junk to all files in debugfs and 1000
#                  loads with junk for parameters (WRITES=n, LOADS=n)
#
# qemu/jobs/stress is what the guest does, kunit/stress/ the module that it runs.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest.sh"

KERNEL=${KERNEL:-6.1}
DEBUG=${DEBUG:-}
RACES=${RACES:-}
UML=${UML:-}
HOSTILE=${HOSTILE:-}
WRITES=${WRITES:-100000}
LOADS=${LOADS:-1000}
SEED=${SEED:-$(new_seed)}

# Beside the time of the stress itself: booting, judging, looking for leaks.
SLACK=900

# is_number TEXT LOW HIGH
is_number() { [[ $1 =~ ^[0-9]+$ ]] && [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }

# settings - what was not said; and refuse, before anything is built, what cannot be
settings()
{
	local most=8

	CONFIG=$(kernel_config "$DEBUG" "$RACES")
	if [ -n "$UML" ]; then
		KERNEL=7.3 CONFIG=uml-smp most=4
		MINUTES=${MINUTES:-0} OPERATIONS=${OPERATIONS:-1000000}
	fi
	MINUTES=${MINUTES:-3}
	OPERATIONS=${OPERATIONS:-0}
	is_number "$SEED" 0 4294967295 || die "SEED=$SEED: it takes a number of 32 bits"
	is_number "$MINUTES" 0 100000 || die "MINUTES=$MINUTES: it takes a number"
	is_number "$OPERATIONS" 0 1000000000000 ||
		die "OPERATIONS=$OPERATIONS: it takes a number"
	CPUS=${CPUS:-$((2 + SEED % (most - 1)))}
	is_number "$CPUS" 2 $most || die "CPUS=$CPUS: it takes 2 to $most"
	OUT=$BUILD/stress-$KERNEL-$CONFIG
	SECONDS_ASKED=$((MINUTES * 60))
	# Nobody knows how long so many operations take.
	[ "$OPERATIONS" = 0 ] || SLACK=$((SLACK + 1800))
}

# build - the kernel in $image, modules in $MODULES
build()
{
	local tree arguments=(PAGEALLOC_STRESS=y)

	step "preparing: kernel $KERNEL ($CONFIG), modules"
	tree=$("$TOP/scripts/kernel.sh" "$KERNEL" "$CONFIG")
	image=$tree/arch/x86/boot/bzImage
	if [ -n "$UML" ]; then
		image=$tree/linux
		arguments+=(ARCH=um)
	fi
	MODULES=$OUT/modules
	"$TOP/scripts/modules.sh" "$tree" "$MODULES" "${arguments[@]}"
}

# guest NAME SECONDS APPEND - boot a staged root; what it reports as it comes
guest()
{
	local arguments=(-t 300 -T "$2") status=0

	if [ -n "$UML" ]; then
		arguments+=(-u -a "ncpus=$CPUS seccomp=on $3")
	else
		arguments+=(-a "$3" -q "-smp $CPUS")
	fi
	"$TOP/qemu/run.sh" ${DEBUG:+-d} "${arguments[@]}" "$image" \
		"$OUT/$1/stage" "$OUT/$1" || status=$?
	printf 'guest-status %s\n' "$status"
}

# progress SECONDS OPERATIONS - one line that changes, or one each half a minute
progress()
{
	local line

	line=$(printf '%4d s of %d, %d operations' "$1" "$SECONDS_ASKED" "$2")
	if [ -t 1 ]; then
		printf '\r  %s ' "$line"
		progress_open=1
	elif [ $(($1 / 30)) != "$last_told" ]; then
		printf '  %s\n' "$line"
		last_told=$(($1 / 30))
	fi
}

end_progress()
{
	[ -z "$progress_open" ] || echo
	progress_open=''
}

# follow NAME - judge what a guest reports
follow()
{
	local line why progress_open='' last_told=-1

	while IFS= read -r line; do
		line=${line%$'\r'}
		[[ $line == progress* ]] || end_progress
		case $line in
		"progress "*)	 read -r _ a b <<<"$line"; progress "$a" "$b" ;;
		"count "*)	 counts+=${line#count }$'\n' ;;
		"ok "*)		 ok "${line#ok }" ;;
		"not ok "*)	 why=${line#not ok }
				 not_ok "${why%%:*}" "${why#*: }" ;;
		"guest-status 0") ok "boot_$1" ;;
		"guest-status "*) not_ok "boot_$1" \
			"the guest did not come to its end" ;;
		*)		 printf '  %s\n' "$line" ;;
		esac
	done
	tr -d '\r' <"$OUT/$1/console.log" >"$OUT/$1/log"
}

# table - operations by kind, four in a row
table()
{
	local kind count

	[ -n "$counts" ] || return 0
	echo "operations by kind"
	while read -r kind count; do
		[ -z "$kind" ] || printf '  %-14s %9s\n' "$kind" "$count"
	done <<<"$counts" | paste - - - -
}

# counted KIND... - each has been done at least once
counted()
{
	local kind idle=''

	for kind in "$@"; do
		grep -qE "^$kind [1-9]" <<<"$counts" || idle+=" $kind"
	done
	if [ -z "$counts" ]; then
		not_ok stress_all_kinds "nothing was counted"
	elif [ -z "$idle" ]; then
		ok stress_all_kinds
	else
		not_ok stress_all_kinds "none of:$idle"
	fi
}

# all_kinds - what the module and the job count
all_kinds()
{
	sed -n 's/^\t\[STRESS_.*\] = "\(.*\)",$/\1/p' "$TOP/kunit/stress/count.c"
	echo read_files write_files press client
	[ -n "$UML" ] || echo hotplug
}

stress()
{
	local counts=''

	stage stress stress "$MODULES"/pagealloc{,_stress,_drainer}.ko
	step "everything at once: $MINUTES minutes, $CPUS CPUs"
	follow stress < <(guest stress $((SECONDS_ASKED + SLACK)) \
		"$(strict) stress.seed=$SEED stress.seconds=$SECONDS_ASKED stress.operations=$OPERATIONS stress.period_us=20000 stress.loan=32768")
	table
	# shellcheck disable=SC2046
	counted $(all_kinds)
	quiet_log stress
}

# What the boot "guest" of make test does a small part of.
hostile()
{
	local counts=''

	stage hostile guest "$MODULES"/pagealloc.ko
	mkdir "$OUT/hostile/stage/tests"
	cp "$TOP"/qemu/tests/{lib,hostile.sh} "$OUT/hostile/stage/tests"
	step "hostile input: $WRITES writes, $LOADS loads"
	follow hostile < <(guest hostile 7200 \
		"$(strict) memmap=64M\$0x20000000 pagealloc.seed=$SEED pagealloc.writes=$WRITES pagealloc.loads=$LOADS")
	quiet_log hostile guest
}

main()
{
	local image start

	settings
	start=$(now)
	alone "$OUT"
	need_qemu
	build
	echo "seed $SEED, $CPUS CPUs (repeat with SEED=$SEED CPUS=$CPUS)"
	if [ -n "$HOSTILE" ]; then
		hostile
	else
		stress
	fi
	say "$(elapsed "$start") s in all"
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

main
exit
