# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# One buffer that is a large part of the machine, and what is left of memory.

# shellcheck source=../lib
. /tests/lib

MIB=$(sed -n 's/.*pagealloc.large=\([0-9]*\).*/\1/p' /proc/cmdline)

large_done()
{
	before=$(memfree)
	# It waits for a line before it ends.
	mkfifo /tmp/large
	/front large "$MIB" wait </tmp/large >/tmp/large.out 2>&1 &
	pid=$!
	exec 6<>/tmp/large
	await "$PATIENCE" grep -q holding /tmp/large.out || { cat /tmp/large.out; return 1; }
	during=$(memfree)
	exec 6>&-
	wait $pid || { cat /tmp/large.out; return 1; }
	echo all >"$POOLS/default/scavenge"
	after=$(memfree)
	report "figure one buffer of $MIB MiB: MemFree $before kB before, $during kB during, $after kB after"
	[ $((before - during)) -ge $((MIB * 1024 * 95 / 100)) ] ||
		{ echo "MemFree fell by $((before - during)) kB"; return 1; }
	[ $((before - after)) -le 8192 ] ||
		{ echo "MemFree is $((before - after)) kB less than before"; return 1; }
}

try large_load load size=$((MIB + 48))M max="${MIB}M"
try large_offer offer pfn
try large_one_buffer large_done
try large_sound sound
# Memory that is ready by then, with huge pages in the page table and without.
/front speed 64 >/dev/null
client large speed 64
client large_unaligned speed 64 unaligned
try large_unload unload
try large_gone gone
