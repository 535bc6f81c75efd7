# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# A machine that has been up for long: every fourth pageblock has a page that cannot
# be moved.  A loan takes as many ranges as it needs, and finds them at once.

# shellcheck source=../tests/lib
. /tests/lib

# KASAN's shadow takes an eighth of the memory.
size=2G pages=524288
[ ! -e /proc/lockdep_stats ] || size=1G pages=262144

# ranges - print the number of ranges of the last loan, empty if it has one
ranges() { dmesg | sed -n 's/.*loan: [0-9]* pages in \([0-9]*\) ranges.*/\1/p' | tail -n 1; }

open_at_once()
{
	dmesg -c >/dev/null
	read -r from _ </proc/uptime
	insert size=$size scavenge=0 || return
	read -r to _ </proc/uptime
	report "fragmented: $size in $(ranges) ranges, from $from to $to s of uptime"
	is "pages in the pool" $(($(value "$pool/stats" sys) / 4096)) $pages || return
	[ "$(ranges)" -gt 10 ] || { dmesg | tail -n 3; return 1; }
	is "populated" "$(value "$pool/stats" populate)" 0
}

# use - fill a quarter of the pool, in runs that fit between two unmovable pages
use()
{
	n=0
	while [ $n -lt 64 ]; do
		put alloc $((pages / 256)) || return
		n=$((n + 1))
	done
	is "pages in use" "$(in_use)" $((pages / 4)) && sound
}

# too_long - a run cannot be longer than the longest range
too_long() { fails_with 'Cannot allocate memory' put alloc $((pages / 4)) && sound; }

insmod /pagealloc_frames.ko every=4 || exit
try fragmented_open open_at_once
try fragmented_use use
try fragmented_too_long too_long
try fragmented_free free_all
try fragmented_remove remove
rmmod pagealloc_frames
