# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The files of a pool in debugfs: which input they accept, and that invalid input
# changes nothing.

# shellcheck source=lib
. /tests/lib

inval='Invalid argument'
range='out of range'

insert size=64M backing=sim granule=16 || exit
put alloc 100 >/dev/null || exit

# refused ERROR FILE TEXT - check that a write fails and changes nothing
refused() { unchanged fails_with "$1" put "$2" "$3"; }

# bad_numbers FILE BEFORE AFTER SUFFIX - run tests of invalid numbers between two texts
bad_numbers()
{
	try "debugfs_$1_junk$4"	    refused "$inval" "$1" "$2junk$3"
	try "debugfs_$1_blanks$4"   refused "$inval" "$1" "$2   $3"
	try "debugfs_$1_negative$4" refused "$inval" "$1" "$2-1$3"
	try "debugfs_$1_plus$4"	    refused "$inval" "$1" "$2+1$3"
	try "debugfs_$1_hex$4"	    refused "$inval" "$1" "${2}0x10$3"
	try "debugfs_$1_bare_hex$4" refused "$inval" "$1" "${2}ff$3"
	try "debugfs_$1_fraction$4" refused "$inval" "$1" "${2}1.5$3"
	try "debugfs_$1_suffix$4"   refused "$inval" "$1" "${2}1M$3"
	try "debugfs_$1_trailing$4" refused "$inval" "$1" "${2}1 x$3"
	try "debugfs_$1_two_lines$4" refused "$inval" "$1" "${2}1
2$3"
	try "debugfs_$1_overflow$4" refused "$range" "$1" \
		"${2}99999999999999999999$3"
}

bad_numbers alloc "" "" ""
bad_numbers scavenge "" "" ""
bad_numbers free "" " 1" _pfn
bad_numbers free "0 " "" _pages

for file in alloc free scavenge latency; do
	try "debugfs_${file}_newline" refused "$inval" $file '
'
	try "debugfs_${file}_4k" refused "$inval" $file "$(printf '%04096d' 1)"
done
try debugfs_alloc_0		refused "$inval" alloc 0
try debugfs_alloc_too_many	refused "$range" alloc 16385
try debugfs_alloc_most		refused "$range" alloc 18446744073709551615
try debugfs_scavenge_0		refused "$inval" scavenge 0
try debugfs_scavenge_too_many	refused "$range" scavenge 16385
try debugfs_scavenge_All	refused "$inval" scavenge All
try debugfs_free_one_number	refused "$inval" free 0
try debugfs_free_0_pages	refused "$inval" free "0 0"
try debugfs_free_part		refused "$inval" free "0 99"
try debugfs_free_more		refused "$inval" free "0 101"
try debugfs_free_outside	refused "$inval" free "99999999999 1"
try debugfs_free_not_allocated	refused "$inval" free "5000 1"
for text in 2 01 on -1 " 1" "1 " "0 1"; do
	try "debugfs_latency_$text"	refused "$inval" latency "$text"
done

for file in stats chunks free_runs bitmap check; do
	try "debugfs_${file}_not_writable" refused "$inval" $file 1
done

no_room()
{
	fails_with 'Cannot allocate memory' put alloc 16384 || return
	is "pages in use" "$(in_use)" 100 && sound
}
try debugfs_alloc_no_room no_room

modes()
{
	for mode in 400:stats 400:chunks 400:free_runs 400:bitmap 400:check \
		    600:alloc 200:free 200:scavenge 600:latency; do
		is "mode of ${mode#*:}" "$(stat -c %a "$pool/${mode#*:}")" \
			"${mode%:*}" || return
	done
}
try debugfs_modes modes

numbers()
{
	awk 'NF != 2 || $2 !~ /^[0-9]+$/ { print "stats: " $0; bad = 1 }
	     END { exit bad }' "$pool/stats"
}
try debugfs_stats_are_numbers numbers

# timed NAME COUNT - check the count of a latency, and the sum of its buckets
timed()
{
	is "$1_count" "$(value "$pool/latency" "$1_count")" "$2" || return
	is "$1 in buckets" "$(awk -v n="$1" '$1 == n { sum += $3 }
			      END { print sum + 0 }' "$pool/latency")" "$2"
}

# `latency' counts from the moment it is turned on, each time from zero.
latency()
{
	is state "$(value "$pool/latency" state)" off || return
	timed alloc 0 && put latency 1 >/dev/null || return
	is state "$(value "$pool/latency" state)" on || return
	put alloc 20 >/dev/null && put alloc 30 >/dev/null || return
	timed alloc 2 && timed free 0 && timed populate 2 || return
	for name in alloc populate lock_hold; do
		[ "$(value "$pool/latency" ${name}_max_ns)" -gt 0 ] ||
			{ echo "the longest $name is 0 ns"; return 1; }
	done
	put latency 0 >/dev/null && put alloc 7 >/dev/null && timed alloc 2 || return
	put latency 1 >/dev/null && timed alloc 0 && put latency 0 >/dev/null || return
	for run in 20 30 7; do
		put free "$(grep " $run\$" "$pool/alloc")" >/dev/null || return
	done
	timed free 0 && sound
}
try debugfs_latency latency

# The sums of `chunks' match `stats'.
sums()
{
	# Cached pages are in use in `chunks' but not in `stats'.
	put drain 1 >/dev/null || return
	awk '/^#/ { next }
	     FILENAME ~ /chunks$/ { use += $2; ready += $3; gone += $4; next }
	     { s[$1] = $2 / 4096 }
	     END {
		if (s["in_use"] != use || s["released"] != gone ||
		    s["idle"] != ready + gone || s["retained"] != use + ready) {
			print "chunks: " use, ready, gone
			exit 1
		}
	     }' "$pool/chunks" "$pool/stats"
}
try debugfs_chunks_add_up sums

# A chunk in `bitmap' has two maps of 512 bits.
raw()
{
	is "bytes of bitmap" "$(wc -c <"$pool/bitmap")" \
		$(($(grep -vc '^#' "$pool/chunks") * 128))
}
try debugfs_bitmap_size raw

# `alloc' lists all runs it has allocated, and `free' frees them.
round_trip()
{
	is "pages at first" "$(in_use)" 100 || return
	put alloc 33 >/dev/null || return
	is "pages after alloc" "$(in_use)" 133 || return
	is "runs listed" "$(wc -l <"$pool/alloc")" 2 || return
	free_all || return
	is "pages after free" "$(in_use)" 0 || return
	sound
}
try debugfs_alloc_and_free round_trip

scavenge()
{
	put alloc 64 >/dev/null && free_all && put scavenge 16 >/dev/null &&
		put scavenge all >/dev/null || return
	is retained "$(value "$pool/stats" retained)" 0 || return
	sound
}
try debugfs_scavenge scavenge
try debugfs_sums_when_discarded sums

# A pool with the bitmap engine has no file `spans'.
no_spans() { [ ! -e "$pool/spans" ] || { echo "there is a file spans"; return 1; }; }
try debugfs_no_spans no_spans

try debugfs_remove remove
try debugfs_gone gone

# A short run of `alloc' is freed with the pool, and is not reported as a leak.
freed_with_pool()
{
	insert size=64M backing=sim || return
	put alloc 3 >/dev/null || return
	dmesg -c >/dev/null
	remove || return
	! dmesg | grep 'still in use'
}
try debugfs_short_run_freed_with_pool freed_with_pool
try debugfs_gone_again gone

# spans_are TEXT - check the pages and states of all spans, as one line
spans_are()
{
	is spans "$(awk '!/^#/ { printf "%s%s %s", sep, $2, $3; sep = ", " }' \
			"$pool/spans")" "$1"
}

# The spans have a valid format and ascending addresses, and their sums match `stats'.
spans_add_up()
{
	awk 'FILENAME ~ /spans$/ && FNR == 1 {
		bad = $0 != "# pfn pages state idle_ms"
		next
	     }
	     FILENAME ~ /spans$/ {
		bad = bad || NF != 4 || $1 < end || $2 < 1 || $4 !~ /^([0-9]+|-)$/
		end = $1 + $2
		sum[$3] += $2
		next
	     }
	     { s[$1] = $2 / 4096 }
	     END {
		if (bad || s["released"] != sum["discarded"] + 0 ||
		    s["idle"] != sum["ready"] + sum["discarded"]) {
			print "spans: " bad + 0, sum["ready"] + 0, sum["discarded"] + 0
			exit 1
		}
	     }' "$pool/spans" "$pool/stats"
}

few_spans()
{
	insert size=64M backing=sim granule=16 engine=span cache=0 || return
	spans_add_up || return
	put alloc 100 >/dev/null && put alloc 12 >/dev/null &&
		put alloc 8 >/dev/null || return
	put free "$(grep ' 12$' "$pool/alloc")" >/dev/null || return
	spans_add_up || return
	# Of 128 pages 100 and 8 are in use; the others of the chunk are discarded.
	spans_are "12 ready, 8 ready, 384 discarded"
}
try debugfs_few_spans few_spans

# free_runs LENGTH - free all runs of this length, without a process for each
free_runs()
{
	grep " $1\$" "$pool/alloc" >/tmp/runs
	while read -r run; do
		echo "$run" >"$pool/free" || return
	done </tmp/runs
}

# More spans than the file copies at a time, and more text than one read returns.
many_spans()
{
	i=0
	while [ $i -lt 300 ]; do
		echo 3 >"$pool/alloc" && echo 1 >"$pool/alloc" || return
		i=$((i + 1))
	done
	free_runs 3 && spans_add_up || return
	[ "$(grep -c ' 3 ready ' "$pool/spans")" -gt 250 ] ||
		{ echo "only $(wc -l <"$pool/spans") lines"; return 1; }
	sound
}
try debugfs_many_spans many_spans

# The pool can change while a reader has read a part of the file.
spans_move()
{
	{
		read -r line
		free_runs 1 && free_all || return
		put alloc 16384 >/dev/null || return
		rest=$(cat)
	} <"$pool/spans"
	is "first line" "$line" "# pfn pages state idle_ms" || return
	[ -z "$(tail -n +2 "$pool/spans")" ] || { echo "there is a span"; return 1; }
	[ -n "$rest" ] || { echo "nothing was read"; return 1; }
	free_all && put scavenge all >/dev/null || return
	spans_are "16384 discarded" && sound
}
try debugfs_spans_move spans_move

spans_mode() { is "mode of spans" "$(stat -c %a "$pool/spans")" 400; }
try debugfs_spans_mode spans_mode
try debugfs_spans_not_writable refused "$inval" spans 1
try debugfs_remove_spans remove
try debugfs_spans_gone gone

# worker NAME - print a value of the file `scavenger'
worker() { value "$pool/scavenger" "$1"; }

worker_is_done() { [ "$(value "$pool/stats" retained)" = 0 ]; }

# The cost of a granule is 0 until the worker has discarded one.  The goal is met before
# that, and again in the end.
forecast()
{
	is lines "$(awk '{ print $1 }' "$pool/scavenger" | tail -n 4 | xargs)" \
		"granule_pages granule_ns granule_reuse_ns goal_met_in_ms" || return
	is granule_pages "$(worker granule_pages)" 16 || return
	is granule_ns "$(worker granule_ns)" 0 || return
	is goal_met_in_ms "$(worker goal_met_in_ms)" 0 || return
	put alloc 4096 >/dev/null && free_all || return
	await "$PATIENCE" worker_is_done ||
		{ echo "the worker has not discarded all pages"; return 1; }
	is goal_met_in_ms "$(worker goal_met_in_ms)" 0 || return
	for name in granule_ns granule_reuse_ns; do
		[ "$(worker $name)" -gt 0 ] || { echo "$name is 0"; return 1; }
	done
}
insert size=64M backing=sim granule=16 generation_ms=100 scavenge_delay_ms=0 \
	scavenge_percent=50 || exit
try debugfs_scavenger_forecast forecast
try debugfs_remove_scavenger remove
