# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# rmmod while the pool drains the deferred frees of a client that has exited: rmmod
# ends, and the kernel gets all frames back.

# shellcheck source=lib
. /tests/lib

slack_kb=8192
runs=192

now_ms() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# unload - remove the client, which defers its frees, and then the pool
unload()
{
	rmmod pagealloc_drainer || return
	left=$(value "$pool/stats" deferred)
	began=$(now_ms)
	remove || return
	took=$(($(now_ms) - began))
}

cpu1=/sys/devices/system/cpu/cpu1/online

# first COMMAND - run COMMAND on the only CPU that is online, before all else: while it
# does not sleep the drain gets a hundredth of the time
first()
{
	echo 0 >$cpu1 && renice -n -20 -p $$ || return
	"$@"
	status=$?
	renice -n 20 -p $$
	echo 1 >$cpu1
	return $status
}

# during_drain - unload until rmmod has found queued frees three times
during_drain()
{
	before=$(memfree)
	times=0
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		# The pool has more pages than the client needs: some populates may fail.
		insert size=512M backing=loan || return
		insmod /pagealloc_drainer.ko pool=t runs=$runs || return
		first unload && gone || return
		report "drain: rmmod with $((left / 4096)) of $((runs * 512)) pages queued: $took ms"
		[ "$left" = 0 ] || times=$((times + 1))
		[ $times -lt 3 ] || break
	done
	[ $times -gt 0 ] || { echo "no rmmod has found queued frees"; return 1; }
	within $slack_kb $((before - $(memfree)))
}
try drain_rmmod_during_drain during_drain

# log_is_clean - check that no free was refused, and that no frame was lost
log_is_clean()
{
	dmesg | sed -n '/begin drain/,$p' >/tmp/log
	grep -q 'drainer: 0 frees were refused' /tmp/log || return
	! grep -E 'drainer: [1-9]|stay out of use|not all memory' /tmp/log
}
try drain_log_is_clean log_is_clean
