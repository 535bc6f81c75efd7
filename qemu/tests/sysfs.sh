# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Check the files of /sys/class/pagealloc: each has one value in pages, that of the
# statistics; what can be written takes a number or a word, and refuses all else.

# shellcheck source=lib
. /tests/lib

class=/sys/class/pagealloc
dev=$class/t
inval='Invalid argument'
range='out of range'

# pages NAME - the statistic NAME of `stats' in pages
pages() { echo $(($(value "$pool/stats" "$1") / 4096)); }

# file NAME WANT - check the value of a file
file() { is "$1" "$(cat "$dev/$1")" "$2"; }

# write FILE TEXT - write TEXT to a file of the device, in one write without a newline
write() { printf '%s' "$2" | dd of="$dev/$1" bs=8192 iflag=fullblock 2>&1; }

names()
{
	is files "$(cd "$dev" && find . -maxdepth 1 -type f ! -name uevent |
		    sed 's|^./||' | sort | xargs)" "alloc_pages_fail\
 alloc_pages_success available_pages held in_use largest_available limit max\
 min_ready numa_node release_pages_success released retained retired scavenge\
 total_pages" || return
	for name in limit max min_ready; do
		is "mode of $name" "$(stat -c %a "$dev/$name")" 644 || return
	done
	is "mode of scavenge" "$(stat -c %a "$dev/scavenge")" 200 &&
		is "mode of in_use" "$(stat -c %a "$dev/in_use")" 444
}

figures()
{
	for pair in total_pages=sys available_pages=available in_use=in_use \
		    largest_available=largest_available retained=retained \
		    released=released held=held retired=retired; do
		file "${pair%=*}" "$(pages "${pair#*=}")" || return
	done
}

# counted SUCCESS FAIL RELEASE - check the counters of pages
counted()
{
	file alloc_pages_success "$1" && file alloc_pages_fail "$2" &&
		file release_pages_success "$3"
}

counters()
{
	counted 0 0 0 || return
	# One page and five from a cache, and long runs from the maps.
	put alloc 1 >/dev/null && put alloc 5 >/dev/null &&
		put alloc 600 >/dev/null && put alloc 5000 >/dev/null || return
	file in_use 5606 && counted 5606 0 0 && figures || return
	free_all && counted 5606 0 5606 && figures && sound
}

failures()
{
	write max 100 >/dev/null || return
	before=$(cat "$dev/alloc_pages_fail")
	fails_with 'memory' put alloc 200 || return
	file alloc_pages_fail $((before + 200)) && write max none
}

settings()
{
	file limit none && file max none && file min_ready 0 || return
	write limit 4096 && file limit 4096 &&
		is "limit of stats" "$(pages limit)" 4096 || return
	write max 2048 && file max 2048 && is "max of stats" "$(pages max)" 2048 || return
	write min_ready 64 && file min_ready 64 || return
	write limit none && file limit none && write max none && file max none &&
		write max 0 && file max none && write min_ready 0 && file min_ready 0
}

# refused FILE TEXT WHY - check that TEXT is refused, and changes nothing
refused()
{
	before=$(cat "$dev/limit" "$dev/max" "$dev/min_ready")
	fails_with "$3" write "$1" "$2" || { echo "  $1: '$2'"; return 1; }
	is "$1 after '$2'" "$(cat "$dev/limit" "$dev/max" "$dev/min_ready")" "$before"
}

bad_text()
{
	for name in limit max min_ready scavenge; do
		for text in junk -1 +1 0x10 1K ' 1' '1 2' nonea; do
			refused $name "$text" "$inval" || return
		done
		refused $name 99999999999999999999 "$range" || return
	done
	for name in limit max min_ready; do
		refused $name 16385 "$range" || return
		refused $name 18446744073709551614 "$range" || return
	done
	refused min_ready none "$inval" && refused scavenge 0 "$inval" &&
		refused scavenge none "$inval"
}

scavenge()
{
	put alloc 1000 >/dev/null && free_all || return
	[ "$(cat "$dev/retained")" -gt 0 ] || { echo "nothing to scavenge"; return 1; }
	write scavenge 16 && [ "$(cat "$dev/released")" -ge 16 ] || return
	write scavenge all && file retained 0 && sound
}

read_only()
{
	for name in total_pages in_use alloc_pages_fail numa_node; do
		! write $name 1 2>/dev/null || { echo "$name was written"; return 1; }
	done
	! cat "$dev/scavenge" 2>/dev/null
}

# A reader and a writer of every file while pools come and go.
races()
{
	while [ ! -e /tmp/stop ]; do
		cat $class/t/* >/dev/null 2>&1
		echo 4 >$class/t/scavenge
		echo 1000 >$class/t/limit
	done 2>/dev/null &
	i=0
	while [ $i -lt 20 ]; do
		insert size=64M backing=sim || break
		put alloc 100 >/dev/null && free_all
		remove || break
		i=$((i + 1))
	done
	touch /tmp/stop
	wait
	is rounds $i 20 && gone
}

insert size=64M backing=sim scavenge=0 || exit
try sysfs_names names
try sysfs_figures figures
try sysfs_counters counters
try sysfs_failures failures
try sysfs_settings settings
try sysfs_bad_text bad_text
try sysfs_scavenge scavenge
try sysfs_read_only read_only
remove
removed() { [ ! -e "$class" ]; }
try sysfs_removed removed
try sysfs_races races
