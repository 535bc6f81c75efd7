# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Held granules of a loan: what can be had beside them is had, and all of it again when
# the holder lets go.  Where there is ZONE_MOVABLE the granule is a page.

# shellcheck source=lib
. /tests/lib

# loan_pfn - print the first pfn of the loan made last
loan_pfn() { dmesg | sed -n 's/.*pagealloc.*: [0-9]* pages at pfn \([0-9]*\),.*/\1/p' | tail -n 1; }

# gauge NAME - print a gauge in pages
gauge() { echo $(($(value "$pool/stats" "$1") / 4096)); }

# hold PARAMETER... - load the holder; print how many pages it has
hold()
{
	insmod /pagealloc_holder.ko first="$(loan_pfn)" "$@" || return
	cat /sys/module/pagealloc_holder/parameters/taken
}

let_go() { rmmod pagealloc_holder; }

# count_runs NR MOST - allocate up to MOST runs of NR pages; print how many
count_runs()
{
	got=0
	while [ "$got" -lt "$2" ] && put alloc "$1" >/dev/null; do
		got=$((got + 1))
		[ $((got % 20)) != 0 ] || alive
	done
	echo $got
}

# named - how many lines of the log name a held granule
named() { dmesg | grep -c 'held by somebody else'; }

# blocks HOLDERS - a loan of 128 granules, a page of each of the lowest HOLDERS is held
blocks()
{
	before=$(named)
	insert size=256M backing=loan scavenge=0 cache=0 || return
	taken=$(hold nr="$1") || return
	# The kernel may have some of them, and may not give them up.
	[ "$taken" -gt 0 ] || { echo "none of $1"; return 1; }
	put alloc 1 >/dev/null || { echo "one page"; return 1; }
	is "lines in the log" $(($(named) - before)) 0 || return
	got=$((1 + $(count_runs 512 128)))
	held=$(($(gauge held) / 512))
	echo "$taken taken, $held held, $got had"
	[ "$held" -ge "$taken" ] && [ "$held" -le $(($1 + 8)) ] || return
	# The granule of the single page has no room for a run of 512.
	is "runs" "$got" $((128 - held)) || return
	[ $(($(named) - before)) -ge 1 ] && [ $(($(named) - before)) -le "$held" ] || return
	sound || return
	let_go || return
	more=$(count_runs 512 128)
	held=$(($(gauge held) / 512))
	is "runs afterwards" "$more" $((128 - got - held)) || return
	[ "$held" -le 16 ] || { echo "$held still held"; return 1; }
	sound && remove && gone
}

# While other places serve, a held granule costs few calls.
quiet_second()
{
	insert size=256M backing=loan scavenge=0 cache=0 || return
	taken=$(hold nr=8) || return
	# A request for all there is meets each of them.
	count_runs 512 128 >/dev/null
	free_all || return
	failed=$(value "$pool/stats" populate_fail_busy)
	[ "$failed" -ge "$taken" ] || { echo "$failed failed, $taken taken"; return 1; }
	end=$(($(cut -d. -f1 /proc/uptime) + 2))
	while [ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ]; do
		put alloc 512 >/dev/null && put scavenge all >/dev/null || return
		free_all || return
	done
	failed=$(($(value "$pool/stats" populate_fail_busy) - failed))
	held=$(($(gauge held) / 512 + taken))
	echo "$failed failed populates in two seconds, at most $held granules held"
	[ "$failed" -le $((6 * held)) ] || return
	sound && let_go && remove && gone
}

# 784 pages of 256 MiB are held, each alone: 600 of 600 runs of 64 pages are had.
scattered()
{
	insert size=256M backing=loan scavenge=0 cache=0 || return
	is granule "$(value "$pool/stats" granule)" 4096 || return
	taken=$(hold nr=784 step=83 unit=1) || return
	[ "$taken" -gt 700 ] || { echo "only $taken of 784"; return 1; }
	is "runs of 64 pages" "$(count_runs 64 600)" 600 || return
	echo "$taken taken, $(gauge held) held, $(value "$pool/stats" populate_fail_busy) failed"
	sound && let_go || return
	free_all && put alloc 65536 && is held "$(gauge held)" 0 && sound && remove && gone
}

# nothing_held - ask for all there is; check that this has left nothing held
nothing_held()
{
	count_runs 512 32 >/dev/null
	[ "$(gauge held)" = 0 ]
}

# unplugged - frames that a driver has unplugged are held, and back when they are plugged
unplugged()
{
	insert size=64M backing=loan scavenge=0 cache=0 || return
	taken=$(hold nr=3 step=4096 offline=1) || return
	[ "$taken" -gt 0 ] || { echo "none of 3"; return 1; }
	got=$(count_runs 512 32)
	held=$(($(gauge held) / 512))
	[ "$held" -ge "$taken" ] && is "runs" "$got" $((32 - held)) || return
	is retired "$(gauge retired)" 0 && sound && let_go || return
	# The back-off is a minute at most.
	await 100 nothing_held || { echo "$(gauge held) pages still held"; return 1; }
	is in_use "$(in_use)" 16384 && sound && remove && gone
}

if grep -q '^Node.*Movable' /proc/zoneinfo && [ "$(awk '/^Node.*Movable/ { m = 1 }
		m && $1 == "managed" { print $2; exit }' /proc/zoneinfo)" -gt 0 ]; then
	try held_scattered scattered
else
	try held_8_of_128 blocks 8
	try held_100_of_128 blocks 100
	try held_quiet_second quiet_second
	try held_unplugged unplugged
fi
true
