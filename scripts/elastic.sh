#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# elastic.sh - memory goes back by itself, seen from outside the guest
#
#   IDLE=60   seconds for which an idle pool is watched
#   LOOPS=0   programs that never rest, in the guest while memory goes back; with any
#             of them it may take twice as long as promised
#
# Boots, each with console log, results and series below build/elastic/:
#   alone    a pool is filled, freed and left alone: MemFree in the guest rises
#            and QEMU's resident set on the host falls; then a real program's
#            trace runs on it, everything is frozen and thawed, an idle pool is
#            watched for timers, memory offlining and unloading are tried
#   movable  the same in ZONE_MOVABLE, where a granule is one page
#   without  a memory hog on a guest without the module, for comparison
#   hog      the same hog beside a pool: pressure, and populates that fail
#
# Exit status 0 only if every criterion holds.  Draws elastic.svg and memory.svg in
# build/elastic/.

. "$(dirname "$0")/lib.sh"

TRACE=$TOP/kunit/traces/workload-compile-runtime.txt.gz
OUT=$BUILD/elastic
BALLOON='-device virtio-balloon-pci,free-page-reporting=on'
IDLE=${IDLE:-60}
LOOPS=${LOOPS:-0}
PAGE_KB=4
POOL_MB=512

# What the pool is told.
GENERATION_MS=2000
DELAY_MS=500
PERCENT=1

# The guest reports free pages every 2 s, so all are reported after that many.
REPORT_S=4

# The hog: in a guest of 1 GiB, a file that leaves SPARE_MB, half of it for what
# the pool holds, and then FILES inodes of about 1 KiB.
SPARE_MB=$((POOL_MB / 2 + 256))
FILES=100000

passed=0
failed=0

# fill_trace - a trace that takes the whole pool, piece by piece
fill_trace()
{
	awk -v pages=$((POOL_MB * 1024 / PAGE_KB)) '
	BEGIN {
		print "H 1 0 0 0 0"
		for (page = 0; page < pages; page += 2048)
			print "a 2048", page, 0
	}'
}

# free_trace FROM TO - give back the pieces in this part of it, in percent
free_trace()
{
	awk -v pages=$((POOL_MB * 1024 / PAGE_KB)) -v from="$1" -v to="$2" '
	BEGIN {
		for (page = pages * from / 100; page < pages * to / 100; page += 2048)
			print "f", page, 2048
	}'
}

prepare()
{
	local tree

	need_packages python3
	tree=$("$TOP/scripts/kernel.sh" 6.1 test)
	kernel=$tree/arch/x86/boot/bzImage
	"$TOP/scripts/modules.sh" "$tree" "$OUT/modules" PAGEALLOC_REPLAY=y
	rm -rf "$OUT/stage"
	mkdir -p "$OUT/stage"
	cp "$OUT"/modules/pagealloc{,_replay}.ko "$OUT/stage"
	cp "$TOP/qemu/jobs/lib" "$OUT/stage/lib.sh"
	cp "$TOP/qemu/jobs/elastic-lib" "$OUT/stage/elastic-lib.sh"
	zcat "$TRACE" >"$OUT/stage/trace"
	lines=$(wc -l <"$OUT/stage/trace")
	fill_trace >"$OUT/stage/fill"
	{ free_trace 0 100; echo E; } >"$OUT/stage/free"
	free_trace 50 100 >"$OUT/stage/free-half"
	{ free_trace 0 50; echo E; } >"$OUT/stage/free-rest"
}

# watch_rss DIR - QEMU's resident set while it runs, five times a second
watch_rss()
{
	local pid status

	while [ ! -s "$1/pid" ]; do
		sleep 0.1
	done
	read -r pid <"$1/pid"
	while status=$(awk '$1 == "VmRSS:" { print $2 }' \
			"/proc/$pid/status" 2>/dev/null) && [ -n "$status" ]; do
		echo "$EPOCHREALTIME $status" >>"$1/rss"
		sleep 0.2
	done
}

# follow BOOT - read the guest's report from stdin, keep it, show what matters
follow()
{
	local boot=$1 kind a b c

	while read -r kind a b c; do
		case $kind in
		kernel)	echo "  kernel $a is up" ;;
		run)	echo "  # $a $b $c" ;;
		log|out) echo "    $a $b $c" ;;
		bad)	echo "  kernel log: $a $b $c"
			count[$boot.bad]=$((${count[$boot.bad]:-0} + 1)) ;;
		sample)	echo "$EPOCHREALTIME $a $b $c" >>"$OUT/$boot/guest" ;;
		phase)	at[$boot.$a]=$EPOCHREALTIME; tell_phase "$a" ;;
		worker)	worker[$boot.$a]=$b ;;
		stats)	stats[$boot.$a.$b]=$c ;;
		check)	stats[$boot.$a.check]="$b $c" ;;
		memfree|replay|filled|idle|freeze|offline|oom|tries|hog|latency)
			count[$boot.$kind.$a]=$b ;;
		absent)	count[$boot.absent.$a]=1 ;;
		status|unload) result[$boot.$kind.$a.$b]=$c ;;
		guest-status) count[$boot.guest]=$a ;;
		*)	echo "  guest: $kind $a $b $c" ;;
		esac
	done
}

tell_phase()
{
	case $1 in
	fill)	echo "  filling the pool, a pattern in each page" ;;
	full)	echo "  full; verifying and freeing everything" ;;
	freed)	echo "  all is free; left alone until it has gone back" ;;
	trace)	echo "  a real program's trace, $lines lines" ;;
	traced)	echo "  the trace has ended; freezing and thawing" ;;
	idle)	echo "  watching the idle pool" ;;
	hog)	echo "  the hog fills the memory" ;;
	storm)	echo "  the hog makes files, the slabs grow" ;;
	tries)	echo "  asking the pool for memory all the same" ;;
	esac
}

# boot NAME JOB APPEND [QEMU-ARGUMENT...] - one guest, its report and its series
boot()
{
	local name=$1 job=$2 append=$3 dir=$OUT/$1 watcher

	shift 3
	rm -rf "$dir"
	mkdir -p "$dir"
	rm -rf "$dir.stage"
	cp -a "$OUT/stage" "$dir.stage"
	cp "$TOP/qemu/jobs/$job" "$dir.stage/job"
	watch_rss "$dir" &
	watcher=$!
	follow "$name" < <("$TOP/qemu/run.sh" -q "$BALLOON $*" -a \
		"elastic.size=${POOL_MB}M $append" \
		"$kernel" "$dir.stage" "$dir" || echo "guest-status $?")
	kill $watcher 2>/dev/null || true
	wait $watcher 2>/dev/null || true
	rm -rf "$dir.stage"
}

# between FILE FROM TO COLUMN WHAT - the max, the last or the number of samples
between()
{
	awk -v from="${2:-0}" -v to="${3:-0}" -v col="$4" -v what="$5" '
	$1 >= from && $1 <= to {
		n++
		last = $col
		if ($col > max)
			max = $col
	}
	END { print what == "max" ? max + 0 : what == "last" ? last + 0 : n + 0 }' "$1"
}

# first_below FILE FROM LEVEL - seconds from then till a sample is as low
first_below()
{
	awk -v from="${2:-0}" -v level="$3" '
	$1 >= from && $2 <= level { printf "%.1f\n", $1 - from; found = 1; exit }
	END { if (!found) print "never" }' "$1"
}

# shares FILE FROM TO - percent of a CPU that the worker took, by its own account and
# in CPU time as the kernel counts it, from where it began to work to where it had
# done all.  Time is the guest's.
#
# The account has the work before the sleep for it, and there is none after the last
# piece.  CPU time has what the host took of the CPU meanwhile, half a second at a
# time where it is busy: of sixteen parts of the time the median counts.
shares()
{
	awk -v from="${2:-0}" -v to="${3:-0}" '
	$1 >= from && $1 <= to {
		n++
		work[n] = $5
		cpu[n] = $6
		time[n] = $7
		if (n > 1 && $5 > work[n - 1]) {
			if (!first)
				first = n - 1
			last = n
		}
	}
	function insert(share,	i) {
		for (i = ++parts; i > 1 && part[i - 1] > share; i--)
			part[i] = part[i - 1]
		part[i] = share
	}
	END {
		span = last ? time[last] - time[first] : 0
		if (span <= 0) {
			print 0, 0
			exit
		}
		for (i = at = first; i <= last; i++)
			if (time[i] >= time[first] + (parts + 1) * span / 16 &&
			    time[i] > time[at]) {
				insert((cpu[i] - cpu[at]) / 10 / (time[i] - time[at]))
				at = i
			}
		printf "%.2f %.2f\n",
		       (work[last - 1] - work[first]) / 1e4 / span,
		       (part[int((parts + 1) / 2)] + part[int(parts / 2) + 1]) / 2
	}' "$1"
}

# granule BOOT NAME - what the worker says of a granule, in that boot
granule() { echo "${worker[$1.granule_$2]:-0}"; }

# promise_of BOOT - how long it may take, in seconds: the goal is down after two
# generations; what is left costs as much as the worker has measured there, giving a
# granule back and what it took to populate it, at its share of a CPU, with a fifth
# on top of it for a controller that has yet to find its pace; then the guest has to
# report it.
promise_of()
{
	awk -v pages=$((POOL_KB / PAGE_KB)) -v granule="$(granule "$1" pages)" \
	    -v cost=$(($(granule "$1" ns) + $(granule "$1" reuse_ns))) \
	    -v percent=$PERCENT -v ms=$GENERATION_MS -v report=$REPORT_S \
	    -v loops="$LOOPS" '
	BEGIN {
		work = granule ? pages / granule * cost / 1e9 * 100 / percent : 0
		whole = 2 * ms / 1000 + 1.2 * work + report
		printf "%.1f\n", loops ? 2 * whole : whole
	}'
}

# plus TIME SECONDS
plus() { awk -v a="${1:-0}" -v b="$2" 'BEGIN { printf "%.6f\n", a + b }'; }

# measure BOOT - the figures of a pool that was left alone
measure()
{
	local dir=$OUT/$1 full=${at[$1.full]:-0} freed=${at[$1.freed]:-0} end

	touch "$dir/rss" "$dir/guest"
	end=${at[$1.alone]:-0}
	promise=$(promise_of "$1")
	rss_peak=$(between "$dir/rss" "$(plus "$full" -2)" "$freed" 2 max)
	rss_after=$(between "$dir/rss" "$freed" "$end" 2 last)
	memfree_peak=$(between "$dir/guest" "$(plus "$full" -2)" "$freed" 2 last)
	memfree_after=$(between "$dir/guest" "$freed" "$end" 2 last)
	read -r work_percent cpu_percent < <(shares "$dir/guest" "$freed" "$end")
	seconds=$(first_below "$dir/rss" "$freed" $((rss_peak - POOL_KB * 95 / 100)))
	fallen=$((rss_peak - rss_after))
	risen=$((memfree_after - memfree_peak))
}

# fig BOOT.NAME - a count the guest reported; 0 if it did not
fig() { echo "${count[$1]:-0}"; }

# at_most A B - whether a number with a fraction is; "never" is not
at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 == a && a <= b) }'; }

# share_kept SHARE [LEAST] - it is at most half more than it should be, and not less
# than LEAST percent
share_kept()
{
	at_most "$1" "$(awk -v p="$PERCENT" 'BEGIN { print p * 1.5 }')" &&
		at_most "${2:-0}" "$1"
}

# us NANOSECONDS
us() { awk -v ns="$1" 'BEGIN { printf "%.1f us", ns / 1000 }'; }

clean()
{
	local boot=$1 when

	shift
	for when in "$@"; do
		[ "${stats[$boot.$when.check]:-}" = "verdict clean" ] || return 1
	done
}

performed()
{
	holds "$(fig "$1.replay.ended") == 1 && !${count[$1.replay.failed]:-1} &&
		$(fig "$1.replay.lines") == $lines"
}

criteria_alone()
{
	local boot=$1 pool=$POOL_KB

	measure "$boot"
	criterion "the pool was full, each page held its pattern" \
		"$(fig "$boot.filled.pages_verified") pages" \
		holds "${stats[$boot.full.in_use]:-0} == $pool * 1024 && $(fig "$boot.filled.pages_verified") * PAGE_KB == $pool"
	criterion "left alone, QEMU's RSS fell by 95 % of the pool" \
		"$(percent "$fallen" "$pool")" holds "$fallen * 100 >= $pool * 95"
	criterion "... in time: a granule costs $(us "$(granule "$boot" ns)") and $(us "$(granule "$boot" reuse_ns)")" \
		"$seconds of $promise s" at_most "$seconds" "$promise"
	criterion "MemFree in the guest rose by 95 % of the pool" \
		"$(percent "$risen" "$pool")" holds "$risen * 100 >= $pool * 95"
	criterion "the pool says the same, its worker did it all" \
		"$((${stats[$boot.alone.scavenged_background]:-0} / 1024)) kB" \
		holds "${stats[$boot.alone.released]:-0} == $pool * 1024 &&
			${stats[$boot.alone.scavenged_background]:-0} >= $pool * 1024"
	criterion "what that cost, by its account: $PERCENT % of a CPU" \
		"$work_percent %" share_kept "$work_percent" 0.5
	# Here what it does besides counts as well.
	criterion "... in CPU time, as the kernel counts it" \
		"$cpu_percent %" share_kept "$cpu_percent"
	criterion "the trace was performed, every pattern intact" \
		"$(fig "$boot.replay.pages_verified") pages verified" \
		performed "$boot"
	criterion "check found nothing: full, left alone, traced" \
		"${stats[$boot.traced.check]:-no answer}" \
		clean "$boot" full alone traced
}

criteria_freeze()
{
	local boot=$1 f=$1.freeze

	if [ -n "${count[$boot.absent.freeze]:-}" ]; then
		echo "  -       this kernel cannot suspend: freezing not tried"
		return
	fi
	# Five times as long as without the module, if that is more than 2 s.
	criterion "everything froze as soon as without it, and thawed" \
		"after $(fig "$f.with_ms") ms, without $(fig "$f.without_ms")" \
		holds "!${result[$boot.status.freeze.with]:-1} &&
			($(fig "$f.with_ms") < 2000 ||
			 $(fig "$f.with_ms") < 5 * $(fig "$f.without_ms")) &&
			$(fig "$f.frozen_ms") > 0"
	criterion "the worker ran before, not while frozen" \
		"$(fig "$f.runs_before") and ${count[$f.runs_frozen]:-?} times" \
		holds "$(fig "$f.runs_before") > 0 && !${count[$f.runs_frozen]:-1}"
	criterion "... and went on with its work afterwards" \
		"$(fig "$f.released_before_kb"), then $(fig "$f.released_after_kb") kB" \
		holds "$(fig "$f.released_after_kb") > $(fig "$f.released_before_kb")"
}

criteria_idle()
{
	local boot=$1 i=$1.idle seconds

	seconds=$(awk -v a="${at[$boot.idle]:-0}" -v b="${at[$boot.idled]:-0}" \
		'BEGIN { printf "%.0f", b - a }')
	criterion "the worker came to rest, nothing to wait for" "" \
		holds "!${count[$i.rested]:-1} && !${count[$i.rested_after]:-1}"
	criterion "idle: timers it armed, work it queued, wakeups it got" \
		"$(fig "$i.timers") $(fig "$i.works") $(fig "$i.wakings") in $seconds s" \
		holds "$seconds >= $2 && !${count[$i.timers]:-1} &&
			!${count[$i.works]:-1} && !${count[$i.wakings]:-1}"
	criterion "the trace had no gap, and shows what an allocation arms" \
		"$(fig "$i.events") events, $(fig "$i.lost") lost, $(fig "$i.control_timers") timers" \
		holds "!${count[$i.lost]:-1} && $(fig "$i.control_timers") > 0"
}

criteria_offline()
{
	local boot=$1 o=$1.offline

	if [ -n "${count[$boot.absent.offline]:-}" ]; then
		echo "  -       this kernel has no memory hotplug: not tried"
		return
	fi
	criterion "no block of memory goes offline of which the loan has taken frames" \
		"$(fig "$o.refused") of $(fig "$o.tried") refused" \
		holds "$(fig "$o.tried") > 0 && $(fig "$o.refused") == $(fig "$o.tried")"
	# Elsewhere a block is refused before the loan is asked, or may well be.
	[ "$boot" != movable ] || criterion \
		"... the loan said no; a block that was given back went" \
		"$(fig "$o.named") times; block $(fig "$o.given_back")" \
		holds "$(fig "$o.given_back") > 0 && $(fig "$o.named") > 0"
}

criteria_unload()
{
	local boot=$1 what took undisturbed worst=0 good=1 off middle before

	read -r undisturbed <<<"${result[$boot.unload.undisturbed.0]:-0}"
	for what in scavenge populate drain request; do
		read -r took <<<"${result[$boot.unload.$what.0]:-99999}"
		[ "$took" -lt $((1000 + 3 * undisturbed)) ] || good=0
		[ "$took" -le "$worst" ] || worst=$took
	done
	# Thrice as long, and a second, as to populate all and to give all back.
	criterion "rmmod amid a scavenge, populate, drain, request" \
		"$worst ms at worst, undisturbed $undisturbed" \
		holds "$good && $undisturbed"
	before=$(fig "$boot.memfree.before")
	off=$(($(fig "$boot.memfree.unloaded") - before))
	middle=$(($(fig "$boot.memfree.middle") - before))
	criterion "MemFree after rmmod is as before, within 8 MiB" \
		"$off, then $middle kB" \
		holds "$before && ${off#-} <= 8192 && ${middle#-} <= 8192"
}

criteria_end()
{
	criterion "no warning in the kernel log, the guest came to its end" "" \
		holds "!$(fig "$1.bad") && !$(fig "$1.guest") && !${result[$1.status.debugfs.gone]:-1}"
}

# left_alone NAME SECONDS APPEND - a boot and all its verdicts
left_alone()
{
	boot "$1" elastic "elastic.tuning=$TUNING elastic.idle=$2 elastic.loops=$LOOPS suspend.pm_test_delay=2 $3"
	echo
	echo "verdicts ($1)"
	criteria_alone "$1"
	criteria_freeze "$1"
	criteria_idle "$1" "$2"
	criteria_offline "$1"
	criteria_unload "$1"
	criteria_end "$1"
}

# stat BOOT.WHEN.NAME
stat() { echo "${stats[$1]:-0}"; }

criteria_hog()
{
	local h=hog.tried failures half=$((POOL_KB / 2))

	failures=$(($(stat $h.populate_fail_busy) + $(stat $h.populate_fail_nomem) +
		    $(stat $h.populate_fail_margin)))
	criterion "the hog had its way, with the module and without" \
		"$(fig hog.hog.mb) MiB, $FILES files" \
		holds "!${result[hog.status.hog.file]:-1} && !${result[hog.status.hog.files]:-1} &&
			!${result[without.status.hog.file]:-1} && !${result[without.status.hog.files]:-1}"
	criterion "the pool gave back what was idle under pressure" \
		"$(($(stat hog.hogged.scavenged_pressure) / 1024)) kB" \
		holds "$(stat hog.hogged.scavenged_pressure) > 0"
	criterion "populates failed: frames were held, or none to spare" \
		"$(stat $h.populate_fail_busy) busy, $(stat $h.populate_fail_nomem) no memory, $(stat $h.populate_fail_margin) for the margin" \
		holds "$failures > 0"
	criterion "... the client was told so, or got memory elsewhere" \
		"$(fig hog.tries.given) given, $(fig hog.tries.refused) refused" \
		holds "$(fig hog.tries.given) + $(fig hog.tries.refused) > 0"
	criterion "no more OOM kills than without the module" \
		"$(fig hog.oom.kills), without $(fig without.oom.kills)" \
		holds "${count[hog.oom.kills]:-1} <= ${count[without.oom.kills]:-0}"
	criterion "what was in use all the time kept its patterns" \
		"$(fig hog.filled.pages_verified) pages" \
		holds "$(fig hog.filled.ended) == 1 && !${count[hog.filled.failed]:-1} &&
			$(stat hog.half.in_use) == $half * 1024"
	criterion "the trace was performed, every pattern intact" \
		"$(fig hog.replay.pages_verified) pages verified" performed hog
	criterion "check found nothing: hogged, tried, traced" \
		"${stats[hog.traced.check]:-no answer}" \
		clean hog half hogged tried traced
	criteria_end hog
}

# hogged - the hog on a guest without the module, then beside a pool
hogged()
{
	local what="elastic.spare=$SPARE_MB elastic.files=$FILES elastic.tuning=$TUNING"

	boot without hog "$what elastic.with=0 elastic.hog=0" -m 1G
	boot hog hog "$what elastic.with=1 elastic.hog=$(fig without.hog.mb)" -m 1G
	echo
	echo "verdicts (hog)"
	criteria_hog
}

# draw - MemFree, released and RSS over time, from the series of both boots; and
# the host's memory alone, the picture of the README
draw()
{
	local boot phase series=()

	for boot in alone movable; do
		{
			for phase in loaded fill full freed alone trace traced end; do
				echo "phase $phase ${at[$boot.$phase]:-0}"
			done
			sed 's/^/rss /' "$OUT/$boot/rss"
			sed 's/^/guest /' "$OUT/$boot/guest"
		} >"$OUT/$boot/series"
		series+=("$OUT/$boot/series")
	done
	"$TOP/scripts/elastic.py" "$POOL_MB" "${series[@]}" >"$OUT/elastic.svg" &&
		"$TOP/scripts/elastic.py" --memory "$POOL_MB" "${series[0]}" \
			>"$OUT/memory.svg"
}

# longest NAME - that figure, in nanoseconds, at worst in all boots with a pool
longest()
{
	local boot

	for boot in alone movable hog; do
		fig "$boot.latency.$1_ns"
	done | sort -n | tail -n 1
}

closing_block()
{
	cat <<-BLOCK

	rss_peak_kb $rss_peak
	rss_after_kb $rss_after
	memfree_peak_kb $memfree_peak
	memfree_after_kb $memfree_after
	pool_kb $POOL_KB
	seconds $seconds
	cpu_percent $cpu_percent
	work_percent $work_percent
	granule_ns $(granule alone ns)
	granule_reuse_ns $(granule alone reuse_ns)
	promised_seconds $promise
	lock_hold_p9999_ns $(longest lock_hold_p9999)
	lock_hold_max_ns $(longest lock_hold_max)
	alloc_wait_max_ns $(longest alloc_max)
	alloc_atomic_max_ns $(longest alloc_atomic_max)
	run_seconds $(elapsed "$start")
	BLOCK
}

main()
{
	local kernel lines start rss_peak rss_after memfree_peak memfree_after
	local cpu_percent work_percent seconds promise fallen risen
	local -A at=() stats=() count=() result=() worker=()
	local POOL_KB=$((POOL_MB * 1024))
	local TUNING=generation_ms=$GENERATION_MS,scavenge_delay_ms=$DELAY_MS,scavenge_percent=$PERCENT

	[[ $IDLE =~ ^[1-9][0-9]*$ ]] || die "IDLE=$IDLE: it takes seconds"
	[[ $LOOPS =~ ^[0-9]+$ ]] || die "LOOPS=$LOOPS: it takes a number"
	alone "$OUT"
	start=$(now)
	step "preparing: the test kernel, the module"
	prepare
	echo "  ready after $(elapsed "$start") s"

	step "a guest whose pool of $POOL_MB MiB is filled, freed and left alone"
	left_alone alone "$IDLE" ""
	step "the same in ZONE_MOVABLE, where a granule is a page"
	left_alone movable "$((IDLE < 10 ? IDLE : 10))" movablecore=1G
	step "a memory hog, without the module and beside a pool"
	hogged
	echo
	criterion "drawn: MemFree, released and RSS over time" \
		"${OUT#"$TOP/"}/elastic.svg" draw
	measure alone
	echo
	echo "$passed passed, $failed failed"
	closing_block
	[ $failed = 0 ] && [ $passed -gt 0 ]
}

main
exit
