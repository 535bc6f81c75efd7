#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test.sh - every test: first those that need no kernel, then in QEMU
#
#   KERNEL=6.1     or 6.12, 7.3: the kernel to test on
#   DEBUG=1        that kernel with KASAN, UBSAN, lockdep, kmemleak, ...
#   RACES=1        that kernel with KCSAN
#   SEED=n         the seed of the random tests (default: a new one)
#   SUITES="a b"   only these KUnit suites, nothing else
#   TRACES="a b"   only these workload traces (paths), nothing else
#   BOOTS="a b"    only these of the boots below
#
# Before all boots, and if it fails without any:
#   native   (not with DEBUG=1 or RACES=1) scripts/native.sh: the engines as a
#            program
# Boots, each with console log and results below build/test-*/:
#   kunit    every suite (with RACES=1 those that have threads), panic_on_warn: no
#            test may provoke a warning
#   span     the suites of the pool once more, on the span engine; with DEBUG=1 not
#            fault, which takes a third of that boot
#   engines  the two engines against each other, for millions of requests
#   warn     the suites that do so on purpose; the warnings are counted
#   oracle   traces of the Go runtime on the engine, every result compared;
#            traces that must be refused, by the guest and (not with DEBUG=1)
#            by the host
#   replay   workload traces through the public API on a pool of each backing
#   guest    the scripts of qemu/tests: parameters, debugfs, signals, memory, rmmod
#   movable  (not with DEBUG=1) held.sh of these once more, on a loan in ZONE_MOVABLE
#   loans    the scripts of qemu/loans, in a guest with 4 GiB and a movable zone:
#            unmovable and locked pages, the margin, memory that goes offline
#   poison   (6.12, 7.3, not with DEBUG=1) bad memory, on a kernel that marks it: the
#            scripts of qemu/poison, and the suites of carve-outs and retired pages
#   exports  (6.1, not with DEBUG=1) the same where pages can be unmapped as well;
#            carve-outs by a node of a device tree
#   planted  (DEBUG=1, RACES=1) known mistakes, each of which must be reported
#   stress   (RACES=1 alone) scripts/stress.sh: everything at once
#
# What is expected comes from the source tree, so what did not run is a failure.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest.sh"

# boots - those that the other choices leave; what takes long comes first, so that
# not one of them runs alone in the end
boots()
{
	[ -n "$DEBUG$RACES$TRACES" ] || echo native
	if [ -n "$SUITES" ]; then
		echo kunit span engines warn
	elif [ -n "$TRACES" ]; then
		echo replay
	elif [ -n "$RACES" ]; then
		echo kunit span stress guest planted
	elif [ -n "$DEBUG" ]; then
		echo kunit guest span loans engines warn oracle replay planted
	elif [ "$KERNEL" != 6.1 ]; then
		echo kunit span engines guest movable loans warn oracle replay poison
	else
		echo kunit span engines guest movable loans warn oracle replay exports
	fi
}

KERNEL=${KERNEL:-6.1}
DEBUG=${DEBUG:-}
RACES=${RACES:-}
SUITES=${SUITES:-}
TRACES=${TRACES:-}
BOOTS=${BOOTS:-$(boots)}
SEED=${SEED:-$(new_seed)}
CONFIG=$(kernel_config "$DEBUG" "$RACES")
OUT=$BUILD/test-$KERNEL-$CONFIG

# What the tests of carve-outs find set aside, and two ranges that are not what they seem:
# one adjoins the firmware's tables, in the other there is no memory.
CARVED_OUT="memmap=64M\$0x20000000 memmap=128K\$0x7ffc0000 memmap=1M\$0x90000000"

# How much memory is in ZONE_MOVABLE, in the boots that need one.  On the debug kernel
# KASAN takes its shadow memory, an eighth of all, from the end of that zone.
MOVABLE=movablecore=$([ -z "$DEBUG" ] && echo 512M || echo 1G)

# More arguments for QEMU; a boot may have some.
QEMU_ARGUMENTS=

# suites - the names of all suites of the source tree, or those asked for
suites()
{
	if [ -n "$SUITES" ]; then
		xargs -n 1 <<<"$SUITES"
	else
		find "$TOP/kunit" -name '*_kunit.c' |
			sed 's|.*/||; s/^pagealloc_//; s/_kunit\.c$//' | sort
	fi
}

# source_of SUITE - the path of its source
source_of() { find "$TOP/kunit" -name "$1_kunit.c"; }

# concurrent - of the suites on standard input, those in which something runs beside
# the test: threads, interrupts, the worker of a pool.  KCSAN has nothing to see in
# the others.
concurrent()
{
	local name

	while read -r name; do
		! grep -qE 'pgat_thread_start|irq_work_queue|smp_call_function|pagealloc_pool_create' \
			"$(source_of "$name")" || echo "$name"
	done
}

# kunit_suites - those for the boot "kunit"
kunit_suites()
{
	if [ -n "$RACES" ] && [ -z "$SUITES" ]; then
		suites | concurrent
	else
		suites
	fi | grep -vE '_warn$|^engines$' || true
}

# traces - the paths of the workload traces
traces()
{
	if [ -n "$TRACES" ]; then
		xargs -n 1 <<<"$TRACES"
	else
		find "$TOP/kunit/traces" "$TOP/../shared/traces" \
			-name 'workload-*.txt.gz' 2>/dev/null |
			awk -F / '!seen[$NF]++' || true
	fi
}

# check_listed VARIABLE THERE... - refuse a list that has something else
check_listed()
{
	local name=$1 word

	shift
	for word in ${!name}; do
		[[ " $* " == *" $word "* ]] ||
			die "$name=\"${!name}\": there are $*"
	done
}

# check_choices - refuse, before anything is built, what is no choice
check_choices()
{
	local trace

	check_listed KERNEL 6.1 6.12 7.3
	# shellcheck disable=SC2046
	check_listed BOOTS $(SUITES='' TRACES='' boots)
	# shellcheck disable=SC2046
	check_listed SUITES $(SUITES='' suites)
	for trace in $TRACES; do
		gzip -tq "$trace" 2>/dev/null ||
			die "TRACES=\"$TRACES\": it takes traces, and $trace is no gzip-compressed file that can be read"
	done
}

# oracle_traces - the paths of all traces, each name once; with DEBUG=1, where
# all would take minutes, those of the repository
oracle_traces()
{
	local dirs=("$TOP/kunit/traces")

	[ -n "$DEBUG" ] || dirs+=("$TOP/../shared/traces")
	find "${dirs[@]}" -name '*.txt.gz' 2>/dev/null | sort |
		awk -F / '!seen[$NF]++' || true
}

# boot NAME APPEND - run a staged job; its test lines are counted, and
# so is whether it came to its end
boot()
{
	local name=$1 append=$2 line why

	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		"ok "*)	    ok "${line#ok }" ;;
		"not ok "*) why=${line#not ok }
			    not_ok "${why%%:*}" "${why#*: }" ;;
		"suite "*)  say "  ${line#suite } ..." ;;
		"guest-status 0") ok "boot_$name" ;;
		"guest-status "*) not_ok "boot_$name" \
			"the guest did not come to its end" ;;
		*)	    printf '  %s\n' "$line" ;;
		esac
	done < <(status=0; "$TOP/qemu/run.sh" ${DEBUG:+-d} -t "$silence" -a "$append" \
		${QEMU_ARGUMENTS:+-q "$QEMU_ARGUMENTS"} \
		"$image" "$OUT/$name/stage" "$OUT/$name" || status=$?
		printf 'guest-status %s\n' "$status")
	tr -d '\r' <"$OUT/$name/console.log" >"$OUT/$name/log"
}

# section BOOT NAME - print what the log has between the two marks
section()
{
	sed -n "/pagealloc-test: begin $2\$/,/pagealloc-test: end $2\$/{
		/pagealloc-test: \(begin\|end\)/d; p }" "$OUT/$1/log"
}

# ktap_block - strip the time stamps; 6.1 prints no header above a module's
# suite, and without one the parser takes the suite's own for it.  Nor does it
# bear what the kernel may say of its own between a header and the name below.
ktap_block()
{
	sed 's/^\[ *[0-9.]*\] //' | awk '
	!seen && / *KTAP version/ {
		if (/^ /)
			print "KTAP version 1\n1..1"
		seen = 1
	}
	/^ +# Subtest/ { header = 0 }
	!header { print }
	/^ +KTAP version/ { header = 1 }'
}

# ktap BOOT SUITE - let the kernel's own parser judge a suite, add its counts
ktap()
{
	local boot=$1 suite=$2 log=$OUT/$1/$2.ktap out=$OUT/$1/$2.parsed
	local name=pagealloc_$2 status=0 good bad

	[ "$boot" != span ] || name=$name@span

	section "$boot" "$suite" | ktap_block >"$log"
	if ! grep -q "# Subtest: pagealloc_$suite\$" "$log"; then
		not_ok "$name" "the suite is missing from the results"
		return
	fi
	(cd "$source" && python3 tools/testing/kunit/kunit.py parse "$log") \
		>"$out" 2>&1 || status=$?
	good=$(tally "$out" passed)
	bad=$(($(tally "$out" failed) + $(tally "$out" crashed) +
	       $(tally "$out" skipped) + $(tally "$out" errors)))
	if [ "$status" = 0 ] && [ "$good" -gt 0 ] && [ "$bad" = 0 ]; then
		printf 'ok %s (%d tests)\n' "$name" "$good"
	else
		cat "$out"
		printf 'not ok %s (%d passed, %d not)\n' "$name" "$good" \
			"$bad"
		[ "$bad" -gt 0 ] || bad=1
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
}

# tally FILE WHAT - a count of kunit.py's closing line, 0 when it has none
tally()
{
	sed -n 's/.*Ran [0-9]* tests:\(.*\)/\1/p' "$1" | tail -n 1 |
		sed -n "s/.* $2: \([0-9]*\).*/\1/p" | grep . || echo 0
}

# kunit_boot NAME APPEND SUITE... - boot and judge these suites
kunit_boot()
{
	local name=$1 append=$2 suite

	shift 2
	step "KUnit ($name): $*"
	stage "$name" kunit "$MODULES"/*.ko
	printf '%s\n' "$@" >"$OUT/$name/stage/suites"
	boot "$name" "pagealloc.seed=$SEED $append"
	for suite in "$@"; do
		ktap "$name" "$suite"
	done
}

# A suite says how many warnings it provokes; every one must be there, and
# nothing worse.  And it may say what else the log must have, once.
count_warnings()
{
	local suite expected found text

	for suite in "$@"; do
		expected=$(section warn "$suite" | sed -n \
			's/.*pagealloc-test: expect \([0-9]*\) warnings.*/\1/p' |
			awk '{ n += $1 } END { print n + 0 }')
		found=$(section warn "$suite" | grep -c 'WARNING:' || true)
		if [ "$expected" -gt 0 ] && [ "$found" = "$expected" ]; then
			ok "warnings_$suite"
		else
			not_ok "warnings_$suite" "$found warnings, $expected expected"
		fi
		while IFS= read -r text; do
			found=$(section warn "$suite" | grep -v 'pagealloc-test:' |
				grep -cF "$text" || true)
			if [ "$found" = 1 ]; then
				ok "warned ($text)"
			else
				not_ok "warned" "$found times: $text"
			fi
		done < <(section warn "$suite" |
			sed -n 's/.*pagealloc-test: expect once: //p')
	done
}

run_kunit()
{
	local names

	mapfile -t names < <(kunit_suites)
	if [ ${#names[@]} = 0 ]; then
		[ -n "$SUITES" ] || not_ok kunit "no suite in kunit/"
		return
	fi
	kunit_boot kunit "$(strict) $CARVED_OUT" "${names[@]}"
	quiet_log kunit
}

# The suites that make pools.
run_span()
{
	local names

	mapfile -t names < <(kunit_suites | grep -vxE "reserve${DEBUG:+|fault}" | while read -r name; do
		! grep -q 'include "lib/testpool.h"' "$(source_of "$name")" ||
			echo "$name"
	done)
	[ ${#names[@]} -gt 0 ] || return 0
	kunit_boot span "$(strict) pagealloc.engine=span $CARVED_OUT" \
		"${names[@]}"
	quiet_log span kunit
}

run_engines()
{
	# No -q: it would close the pipe before suites is done, and that fails.
	suites | grep -x engines >/dev/null || return 0
	kunit_boot engines "$(strict)" engines
	quiet_log engines kunit
}

run_warn()
{
	local names

	mapfile -t names < <(suites | grep '_warn$')
	# A tree without such suites has nothing to count here.
	[ ${#names[@]} -gt 0 ] || return 0
	kunit_boot warn "" "${names[@]}"
	count_warnings "${names[@]}"
}

run_replay()
{
	local trace name peak lines list

	step "workload traces through the public API"
	stage replay replay "$MODULES"/pagealloc{,_replay}.ko
	mkdir "$OUT/replay/stage/traces"
	list=$OUT/replay/stage/traces/list
	while read -r trace; do
		name=$(basename "$trace" .txt.gz)
		zcat "$trace" >"$OUT/replay/stage/traces/$name"
		read -r peak _ lines < <(trace_peak "$OUT/replay/stage/traces/$name")
		echo "$name $(region_mb "$peak")M $lines" >>"$list"
	done < <(traces)
	if [ ! -s "$list" ]; then
		not_ok replay "no workload trace found"
		return
	fi
	boot replay "$(strict)"
	quiet_log replay
	while read -r name _; do
		for backing in sim loan span; do
			grep -qE "^(not )?ok replay_${name}_$backing(:|\$)" \
				<(tr -d '\r' <"$OUT/replay/results") ||
				not_ok "replay_${name}_$backing" "no result"
		done
	done <"$list"
}

# replay_sh NAME TRACE... - perform traces on the engine, results in its out file
replay_sh()
{
	local name=$1

	shift
	mkdir -p "$OUT/$name"
	REPLAY_OUT=$OUT/$name MODULES=$MODULES "$TOP/scripts/replay.sh" "$@" \
		>"$OUT/$name/out" 2>"$OUT/$name/err" && return
	[ -s "$OUT/$name/out" ] || tail -n 5 "$OUT/$name/err" >&2
	return 1
}

# performed NAME TRACE... - a test for each trace: it was performed, all right
performed()
{
	local out=$OUT/$1/out trace name line

	shift
	for trace in "$@"; do
		name=$(basename "$trace")
		line=$(grep -F -m 1 "$name:" "$out" || true)
		case $line in
		"$name: ok, "*) ok "trace_${name%.txt*} (${line#*: ok, })" ;;
		*) not_ok "trace_${name%.txt*}" "${line:-no result}" ;;
		esac
	done
}

# refused NAME WHICH - a test for each bad trace of the list: one line of the
# results names its line and the reason; WHICH is the reason to look for
refused()
{
	local out=$OUT/$1/out file line why name found

	while read -r file line why; do
		name=$1_${file%.txt}
		case $2 in
		host)  why=${why%|*} ;;
		guest) why=${why#*|} ;;
		esac
		[ "$why" != - ] || continue
		found=$(grep -F "$file:" "$out" || true)
		if [[ $found == "$file:$line: "*"$why"* ]] &&
		   [ "$(wc -l <<<"$found")" = 1 ]; then
			ok "$name"
		else
			not_ok "$name" "${found:-no result}, not line $line, $why"
		fi
	done <"$OUT/bad/list"
	if grep -q '^good.txt: ok, 4 lines' "$out"; then
		ok "$1_good"
	else
		not_ok "$1_good" "a good trace is refused"
	fi
}

# A line that would fill the memory; the checker has 300 MB of it.
long_line()
{
	local start peak

	start=$(now)
	if (ulimit -v 300000; ! head -c 2G /dev/zero | tr '\0' a |
	    python3 "$TOP/scripts/peak.py" "$TOP/scripts/trace.py" long-line) \
			>"$OUT/bad/long" 2>&1 &&
	   grep -q '^long-line:1: .*too long' "$OUT/bad/long"; then
		peak=$(sed -n 's/^peak //p' "$OUT/bad/long")
		ok "bad_line_of_2_GiB (at most $peak, $(elapsed "$start") s)"
	else
		not_ok bad_line_of_2_GiB "$(tail -n 1 "$OUT/bad/long")"
	fi
}

run_oracle()
{
	local files

	step "traces of the Go runtime on the engine"
	mapfile -t files < <(oracle_traces)
	if [ ${#files[@]} = 0 ]; then
		not_ok oracle "no trace found"
		return
	fi
	if replay_sh oracle "${files[@]}"; then
		ok oracle_status
	else
		not_ok oracle_status "replay.sh failed"
	fi
	performed oracle "${files[@]}"
	tr -d '\r' <"$OUT/oracle/console.log" >"$OUT/oracle/log"
	quiet_log oracle
	run_bad_traces
}

# bad_traces WHO UNCHECKED TRACE... - as a whole they fail, each for its reason
bad_traces()
{
	local who=$1 unchecked=$2

	shift 2
	if UNCHECKED=$unchecked replay_sh "bad_$who" "$@"; then
		not_ok "bad_${who}_status" "replay.sh did not fail"
	else
		ok "bad_${who}_status"
	fi
	refused "bad_$who" "$who"
}

run_bad_traces()
{
	local files

	step "traces that must be refused"
	rm -rf "$OUT/bad"
	mkdir -p "$OUT/bad"
	"$TOP/scripts/bad-traces.sh" "$OUT/bad" >"$OUT/bad/list.all"
	grep -v ' 0 -$' "$OUT/bad/list.all" >"$OUT/bad/list"
	mapfile -t files < <(sed "s|^|$OUT/bad/|; s| .*||" "$OUT/bad/list.all")
	bad_traces guest 1 "${files[@]}"
	# What the host refuses has nothing to do with the kernel.
	[ -z "$DEBUG" ] || return 0
	bad_traces host "" "${files[@]}"
	long_line
}

# scripts_boot NAME APPEND SCRIPT... - boot, and run these scripts
scripts_boot()
{
	local boot=$1 append=$2 script name

	shift 2
	stage "$boot" guest "$MODULES"/pagealloc{,_drainer,_holder,_frames}.ko
	mkdir "$OUT/$boot/stage/tests"
	cp "$TOP/qemu/tests/lib" "$@" "$OUT/$boot/stage/tests"
	boot "$boot" "$(strict) pagealloc.seed=$SEED $append"
	quiet_log "$boot" guest
	for script in "$@"; do
		name=$(basename "$script" .sh)
		grep -q "ok ${name}_ran_to_its_end" "$OUT/$boot/results" ||
			not_ok "$name" "the script did not run"
	done
}

run_guest()
{
	step "guest tests: parameters, debugfs, signals, memory, rmmod"
	scripts_boot guest "$CARVED_OUT" "$TOP"/qemu/tests/*.sh
}

# A loan in ZONE_MOVABLE has a granule of one page.
run_movable()
{
	step "guest tests: a loan in ZONE_MOVABLE"
	scripts_boot movable "$MOVABLE" "$TOP"/qemu/tests/held.sh
}

run_loans()
{
	local QEMU_ARGUMENTS="-m 4G"

	step "loans in a guest of 4 GiB: unmovable, locked and offline memory"
	scripts_boot loans "$MOVABLE" "$TOP"/qemu/loans/*.sh
}

# Run the scripts for bad memory, on a kernel that marks it.
bad_memory()
{
	step "memory that goes bad"
	scripts_boot poison "" "$TOP"/qemu/poison/*.sh
}

run_poison()
{
	local tree image MODULES=$OUT/modules-poison

	tree=$("$TOP/scripts/kernel.sh" "$KERNEL" poison)
	image=$tree/arch/x86/boot/bzImage
	"$TOP/scripts/modules.sh" "$tree" "$MODULES" PAGEALLOC_KUNIT=y
	kunit_boot poison-kunit "$(strict) $CARVED_OUT" carveout carveout_range look retired
	quiet_log poison-kunit kunit
	bad_memory
}

# On a kernel that lets modules unmap pages, what a carve-out has discarded must
# fault; everywhere else the same suites look for poison.  And this kernel has a
# device tree with reserved memory.
run_exports()
{
	local tree image MODULES=$OUT/modules-exports QEMU_ARGUMENTS

	step "carve-outs on a kernel that lets modules unmap pages"
	tree=$("$TOP/scripts/kernel.sh" "$KERNEL" exports)
	image=$tree/arch/x86/boot/bzImage
	"$TOP/scripts/modules.sh" "$tree" "$MODULES" PAGEALLOC_KUNIT=y
	"$tree/scripts/dtc/dtc" -O dtb -o "$OUT/reserved.dtb" "$TOP/qemu/reserved.dts"
	bad_memory
	QEMU_ARGUMENTS="-dtb $OUT/reserved.dtb"
	kunit_boot exports "$(strict) $CARVED_OUT" carveout carveout_range look retired
	quiet_log exports kunit
	if grep -q 'discarded ones are unmapped' "$OUT/exports/log"; then
		ok exports_unmaps
	else
		not_ok exports_unmaps "no carve-out says that it unmaps pages"
	fi
}

run_planted()
{
	local bugs=(oob sleep leak) bug

	[ -z "$RACES" ] || bugs=(race)
	step "planted mistakes: each must be reported"
	stage planted planted "$MODULES"/pagealloc{,_planted}.ko
	boot planted "kasan_multi_shot planted.bugs=$(IFS=,; echo "${bugs[*]}")"
	for bug in "${bugs[@]}"; do
		planted "$bug" "$(report_of "$bug")"
	done
}

# report_of BUG - what the kernel says of it
report_of()
{
	case $1 in
	oob)   echo 'BUG: KASAN: .*out-of-bounds' ;;
	sleep) echo 'BUG: sleeping function called from invalid context' ;;
	leak)  echo 'kmemleak: [1-9][0-9]* new suspected' ;;
	race)  echo 'BUG: KCSAN: data-race in race_' ;;
	esac
}

planted()
{
	# No -q: it would close the pipe before section is done.
	if section planted "$1" | grep -E "$2" >/dev/null; then
		ok "planted_$1_is_reported"
	else
		not_ok "planted_$1_is_reported" "nothing in $OUT/planted/log"
	fi
}

# count_last LOG NAME - add what the last line of another script counts
count_last()
{
	local last

	last=$(tail -n 1 "$1")
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
	else
		not_ok "$2" "it broke off"
	fi
}

run_stress()
{
	DEBUG=$DEBUG RACES=$RACES KERNEL=$KERNEL SEED=$SEED \
		"$TOP/scripts/stress.sh" 8>&- 2>&1 | tee "$OUT/stress.log" |
		sed '/^[0-9]* passed, [0-9]* failed$/d' || true
	count_last "$OUT/stress.log" stress
}

# Whatever fails without a kernel would fail in a guest as well.
run_native()
{
	local log=$OUT/native.log names

	names=$(suites | grep -xF -f <("$TOP/scripts/native.sh" --list) | xargs ||
		true)
	[ -n "$names" ] || return 0
	SUITES=${SUITES:+$names} SEED=$SEED "$TOP/scripts/native.sh" | tee "$log" |
		sed '/^[0-9]* passed, [0-9]* failed$/d' || true
	count_last "$log" native
}

# lane NAME - one of the boots with its judgement, beside others: a guest keeps
# little more than one CPU busy.  The last line counts; it is there if all went on
# to its end.
lane()
{
	passed=0 failed=0
	"run_$1"
	echo "lane $passed $failed"
}

# judge NAME - wait for that lane, show what it said, and add what it counted
judge()
{
	local last good bad

	while ! tail -n 1 "$OUT/$1.lane" 2>/dev/null | grep -q '^lane ' &&
	      [ -n "$(jobs -r)" ]; do
		sleep 1
	done
	last=$(tail -n 1 "$OUT/$1.lane")
	sed '/^lane [0-9]* [0-9]*$/d' "$OUT/$1.lane"
	if [[ $last =~ ^lane\ ([0-9]+)\ ([0-9]+)$ ]]; then
		good=${BASH_REMATCH[1]} bad=${BASH_REMATCH[2]}
		passed=$((passed + good)) failed=$((failed + bad))
	else
		not_ok "$1" "it broke off"
	fi
}

main()
{
	local tree source image name silence=120 start

	check_choices
	alone "$OUT"
	start=$(now)
	# Everything is slower there, what is silent as well.
	[ -z "$DEBUG$RACES" ] || silence=300
	echo "seed $SEED (repeat with SEED=$SEED)"
	if grep -qw native <<<"$BOOTS"; then
		run_native
		BOOTS=$(xargs -n 1 <<<"$BOOTS" | grep -vx native || true)
	fi
	if [ "$failed" != 0 ] || [ -z "$BOOTS" ]; then
		finish
		return
	fi
	step "preparing: kernel $KERNEL ($CONFIG), modules"
	need_packages python3
	tree=$("$TOP/scripts/kernel.sh" "$KERNEL" "$CONFIG")
	source=$("$TOP/scripts/kernel.sh" --source "$KERNEL")
	image=$tree/arch/x86/boot/bzImage
	MODULES=$OUT/modules
	"$TOP/scripts/modules.sh" "$tree" "$MODULES" PAGEALLOC_KUNIT=y

	need_qemu
	# Lanes do not hear of an interrupt by themselves.
	trap 'trap - INT; kill 0' INT
	# A lane makes its file a moment after it has begun.
	rm -f "$OUT"/*.lane
	for name in $BOOTS; do
		[ "$(jobs -r | wc -l)" -lt "$JOBS" ] || wait -n || true
		lane "$name" >"$OUT/$name.lane" 2>&1 &
	done
	for name in $BOOTS; do
		judge "$name"
	done

	finish
}

finish()
{
	say "$(elapsed "$start") s in all"
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

main
exit
