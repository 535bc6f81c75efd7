# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Frames of the running kernel: they are its own again while lent, and all of
# them after rmmod; and they cannot go offline meanwhile.

# shellcheck source=lib
. /tests/lib

slack_kb=8192

# first_page - where the pool begins
first_page() { awk '!/^#/ { print $1; exit }' "$pool/chunks"; }

# cycle - insert, use, give back, remove; MemFree follows
cycle()
{
	before=$(memfree)
	insert size=128M backing=loan || return
	lent=$(memfree)
	put alloc 16384 >/dev/null || return
	taken=$(memfree)
	free_all && put scavenge all >/dev/null || return
	back=$(memfree)
	sound || return
	remove || return
	after=$(memfree)
	echo "MemFree: $before $lent $taken $back $after"
	within $slack_kb $((before - lent)) &&
		within $slack_kb $((lent - taken - 65536)) &&
		within $slack_kb $((lent - back)) &&
		within $slack_kb $((before - after)) && gone
}
try loan_memfree_follows cycle

again()
{
	first=$(memfree)
	for _ in 1 2 3 4 5; do
		insert size=128M && put alloc 8192 >/dev/null && remove || return
	done
	within $slack_kb $((first - $(memfree))) && gone
}
try loan_rmmod_with_pages_allocated_in_debugfs again

# The first page of the region lies in this block of hotplug memory.
offline_refused()
{
	cd /sys/devices/system/memory || return
	pfn=$(first_page)
	block=memory$((pfn * 4096 / 0x$(cat block_size_bytes)))
	[ -e "$block/state" ] || { echo "no $block"; return 1; }
	if echo offline >"$block/state"; then
		echo "$block went offline"
		return 1
	fi
	is "$block" "$(cat "$block/state")" online && sound
}
insert size=64M backing=loan || exit
put alloc 1 >/dev/null || exit
try loan_offline_refused offline_refused
try loan_remove remove

# At a given place.  Any place may hold something that the kernel cannot move,
# so several are tried, downwards from one that could be had a moment ago.
at_base()
{
	insert size=64M backing=loan && put alloc 1 >/dev/null || return
	pfn=$(first_page)
	remove || return
	for _ in 1 2 3 4 5 6 7 8; do
		if insert size=64M backing=loan base=$((pfn * 4096)); then
			put alloc 1 >/dev/null && is "first page" "$(first_page)" "$pfn"
			status=$?
			remove && return $status
		fi
		pfn=$((pfn - 16384))
	done
	echo "no place could be had"
	return 1
}
try loan_at_base at_base
