# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Memory of which a loan has taken nothing may go offline.  Its frames cannot be had
# until it is back.

# shellcheck source=../tests/lib
. /tests/lib

memory=/sys/devices/system/memory

# is_state WANT - check the state of the memory block with the loan
is_state() { is "memory$block" "$(cat "$memory/memory$block/state")" "$1"; }

put_state() { echo "$1" >"$memory/memory$block/state"; }

# movable_block - print the number of a block of memory that can go offline; in some of
# ZONE_MOVABLE there may be what the kernel has taken when it booted
movable_block()
{
	grep -lx Movable $memory/memory*/valid_zones |
	sed 's/[^0-9]*\([0-9]*\).*/\1/' | sort -n | while read -r nr; do
		echo offline 2>/dev/null >"$memory/memory$nr/state" || continue
		echo online_movable >"$memory/memory$nr/state"
		echo "$nr"
		break
	done
}

# open_in_block - open a loan of 64 MiB that is all in the block
open_in_block()
{
	is_state online &&
		insert size=64M base=$((block * 0x$(cat $memory/block_size_bytes))) \
			scavenge=0
}

refused()
{
	put alloc 1 || return
	if put_state offline; then
		echo "it went offline"
		return 1
	fi
	is_state online && dmesg | grep "must stay online" && sound
}

goes()
{
	free_all && put scavenge all && put_state offline && is_state offline &&
		fails_with 'busy' put alloc 1 && is "in use" "$(in_use)" 0 && sound
}

back()
{
	put_state online_movable && is_state online && put alloc 16384 && sound && free_all
}

# gone_again - the pool can be removed while its memory is away
gone_again()
{
	put scavenge all && put_state offline && remove && gone &&
		put_state online_movable && is_state online
}

block=$(movable_block)
try offline_open open_in_block || exit
try offline_refused refused
try offline_goes goes
try offline_back back
try offline_remove gone_again
