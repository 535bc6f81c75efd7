# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Maps cost memory of the kernel's.  Where that is short, a request that would need
# more than may be had for them fails, nobody is killed for it, and some is left; once
# there is memory again it succeeds.

# shellcheck source=lib
. /tests/lib

# Of a pool of which that much is allocated at once they take 16 MiB and more.
size=256G
pages=67108864
maps_kb=16384

# By how much what is available may be off.
slack_kb=$((maps_kb / 4))

fill=/tmp/fill

available() { awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo; }

# left_kb - what the maps leave to others: a part of memory, at most 128 MiB
left_kb()
{
	awk '$1 == "MemTotal:" { n = int($2 / 32) } END { print n < 131072 ? n : 131072 }' \
		/proc/meminfo
}

# spare_kb - what is available beyond half of what the maps need, besides what is left
# to others
spare_kb() { echo $(($(available) - $(left_kb) - maps_kb / 2)); }

# most_kb - 15 parts of 16 of that
most_kb() { echo $(($(spare_kb) * 15 / 16)); }

# prepare - what would take its time, once and in huge pages; the rest is more than
# the maps need
prepare()
{
	mkdir $fill && mount -t tmpfs -o size=100%,huge=always none $fill &&
		fallocate -l "$(most_kb)k" $fill/ballast || return
	[ "$(spare_kb)" -gt $((3 * maps_kb)) ] ||
		{ echo "only $(available) kB are available"; return 1; }
}

# hog - take all of it; a file takes more than its pages
hog()
{
	while [ "$(spare_kb)" -gt $((maps_kb / 8)) ]; do
		dd if=/dev/zero bs=64k count=$(($(most_kb) / 64)) >>/tmp/file || return
	done
	within $slack_kb "$(spare_kb)"
}

release() { rm /tmp/file; }

oom_kills() { value /proc/vmstat oom_kill; }

# nobody_killed - since dmesg was emptied, and $killed was read
nobody_killed()
{
	is oom_kill "$(oom_kills)" "$killed" || return
	! dmesg | grep -E 'oom-killer|Out of memory'
}

# refused - the request fails and leaves the pool as sound as it was
refused()
{
	fails_with 'Cannot allocate memory' put alloc $pages || return
	is "pages in use" "$(in_use)" 0 || return
	is "in transition" "$(value "$pool/stats" in_transition)" 0 || return
	report "memory: $(available) kB were left, of which $(left_kb) are for others"
	# What is short by no more than a piece of the maps has been taken.
	within $slack_kb $(($(available) - $(left_kb))) || return
	nobody_killed && sound
}

# granted - the same request, of the same pool
granted()
{
	put alloc $pages || return
	is "pages in use" "$(in_use)" $pages || return
	[ "$(value "$pool/stats" metadata)" -ge $((maps_kb * 1024)) ] ||
		{ echo "the maps take less than the test needs"; return 1; }
	nobody_killed && sound && free_all
}

# Whatever happens, the scripts that follow need memory.
trap 'rm -f /tmp/file; umount $fill; rmdir $fill' EXIT

prepare || exit
for engine in bitmap span; do
	insert size=$size backing=sim granule=512 engine=$engine scavenge=0 || exit
	dmesg -c >/dev/null
	killed=$(oom_kills)
	try "memory_${engine}_fill" hog
	try "memory_${engine}_refused" refused
	try "memory_${engine}_release" release
	try "memory_${engine}_granted" granted
	try "memory_${engine}_remove" remove
	try "memory_${engine}_gone" gone
done
