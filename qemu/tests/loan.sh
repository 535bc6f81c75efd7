# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Loans: the kernel can use the frames while they are discarded, it has all of them
# after rmmod, and meanwhile it cannot offline them.

# shellcheck source=lib
. /tests/lib

slack_kb=8192

# first_page - print the pfn of the first page of the pool
first_page() { awk '!/^#/ { print $1; exit }' "$pool/chunks"; }

# cycle - check MemFree after insert, alloc, scavenge and remove
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

# The memory block with the first page of the region cannot go offline.
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

# A loan at a given address.  The kernel may have pages there that it cannot move, so
# the test tries several addresses, downwards from that of a former loan.
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
	echo "no address was accepted"
	return 1
}
try loan_at_base at_base
