# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The maps of a pool use memory of the kernel.  If the kernel is short of memory, a
# request that needs maps fails, without an OOM kill, and leaves a part of the memory to
# others.  When there is memory again the same request succeeds.

# shellcheck source=lib
. /tests/lib

# The maps for this many pages take 16 MiB or more.
size=256G
pages=67108864
maps_kb=16384

# Tolerance for the available memory.
slack_kb=$((maps_kb / 4))

fill=/tmp/fill

available() { awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo; }

# left_kb - print the memory that the maps leave to others, at most 128 MiB
left_kb()
{
	awk '$1 == "MemTotal:" { n = int($2 / 32) } END { print n < 131072 ? n : 131072 }' \
		/proc/meminfo
}

# spare_kb - print the available memory less the memory left to others and half of the
# maps
spare_kb() { echo $(($(available) - $(left_kb) - maps_kb / 2)); }

# most_kb - print 15/16 of spare_kb
most_kb() { echo $(($(spare_kb) * 15 / 16)); }

# prepare - take most of the spare memory once, in huge pages since that is fast
prepare()
{
	mkdir $fill && mount -t tmpfs -o size=100%,huge=always none $fill &&
		fallocate -l "$(most_kb)k" $fill/ballast || return
	[ "$(spare_kb)" -gt $((3 * maps_kb)) ] ||
		{ echo "only $(available) kB are available"; return 1; }
}

# hog - take the rest, in steps, since a file uses more memory than its pages
hog()
{
	while [ "$(spare_kb)" -gt $((maps_kb / 8)) ]; do
		dd if=/dev/zero bs=64k count=$(($(most_kb) / 64)) >>/tmp/file || return
	done
	within $slack_kb "$(spare_kb)"
}

release() { rm /tmp/file; }

oom_kills() { value /proc/vmstat oom_kill; }

# no_oom_kill - check that no OOM kill has happened since dmesg was cleared
no_oom_kill()
{
	is oom_kill "$(oom_kills)" "$killed" || return
	! dmesg | grep -E 'oom-killer|Out of memory'
}

# refused - check that the request fails, and that the pool is unchanged
refused()
{
	fails_with 'Cannot allocate memory' put alloc $pages || return
	is "pages in use" "$(in_use)" 0 || return
	is "in transition" "$(value "$pool/stats" in_transition)" 0 || return
	report "memory: $(available) kB are available, of which $(left_kb) are for others"
	# The request has taken what it could, up to a part of the maps.
	within $slack_kb $(($(available) - $(left_kb))) || return
	no_oom_kill && sound
}

# granted - check that the same request succeeds
granted()
{
	put alloc $pages || return
	is "pages in use" "$(in_use)" $pages || return
	[ "$(value "$pool/stats" metadata)" -ge $((maps_kb * 1024)) ] ||
		{ echo "the maps take less than the test needs"; return 1; }
	no_oom_kill && sound && free_all
}

# The next scripts need memory, also if this one fails.
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
