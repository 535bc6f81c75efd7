# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Four requests at once, of which each one fits alone.  Those that would leave too
# little to others fail, nobody is killed, and a process with 100 MiB lives on.

# shellcheck source=../tests/lib
. /tests/lib

fill=/tmp/fill

# Tolerance for the available memory: what the requests and the shells need.
slack_kb=16384

available() { awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo; }

# margin_kb - print the memory that a loan leaves to others
margin_kb()
{
	awk '$1 == "MemTotal:" { n = int($2 / 32) } END { print n < 131072 ? n : 131072 }' \
		/proc/meminfo
}

# hold_memory - leave 1 GiB available
hold_memory()
{
	mkdir $fill && mount -t tmpfs -o size=100%,huge=always none $fill &&
		fallocate -l $(($(available) - 1048576))k $fill/ballast
}

# bystander - start a process that has 100 MiB
bystander()
{
	mkfifo /tmp/fifo
	(head -c 104857600 /dev/zero; cat /tmp/fifo) | tail -c 104857600 >/dev/null &
	bystander=$!
	await "$PATIENCE" holds_memory
}

holds_memory()
{
	[ "$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$bystander/status")" -ge 102400 ]
}

# request I PAGES - allocate, and leave the status
request()
{
	put alloc "$2" >"/tmp/out.$1" 2>&1
	echo $? >"/tmp/status.$1"
}

four()
{
	killed=$(value /proc/vmstat oom_kill)
	before=$(available)
	# All four would leave half of the margin.
	each=$(((before - $(margin_kb) / 2) / 4 / 4 / 1024 * 1024))
	for i in 1 2 3 4; do
		request $i $each &
		pids="${pids:-} $!"
	done
	# shellcheck disable=SC2086
	wait $pids
	good=$(cat /tmp/status.* | grep -c '^0$')
	refused=$(value "$pool/stats" populate_fail_margin)
	report "margin: $good of 4 requests of $each pages, $before kB were available and $(available) are, $refused refused"
	is "pages in use" "$(in_use)" $((good * each)) || return
	case $good in
	1|2|3) ;;
	*) cat /tmp/out.*; return 1 ;;
	esac
	[ "$refused" -ge 1 ] || { echo "none was refused for the margin"; return 1; }
	[ "$(available)" -ge $(($(margin_kb) - slack_kb)) ] ||
		{ echo "$(available) kB are left"; return 1; }
	is oom_kill "$(value /proc/vmstat oom_kill)" "$killed" || return
	holds_memory || { echo "the bystander is gone"; return 1; }
	dmesg | grep 'too little memory would be left to others' || return
	sound
}

insert size=1536M scavenge=0 || exit
trap 'umount $fill; rmdir $fill' EXIT
try margin_bystander bystander
try margin_hold_memory hold_memory
try margin_four_at_once four
echo >/tmp/fifo
try margin_free free_all
try margin_remove remove
