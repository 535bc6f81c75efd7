# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# rmmod while the frees of a client that has gone are being drained: it ends,
# and every frame is the kernel's again.

# shellcheck source=lib
. /tests/lib

slack_kb=8192
runs=192

now_ms() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# unload - remove the client, which defers its frees, and the pool at once
unload()
{
	rmmod pagealloc_drainer || return
	left=$(value "$pool/stats" deferred)
	began=$(now_ms)
	remove || return
	took=$(($(now_ms) - began))
}

# busy COMMAND - while all CPUs have other things to do, so that the drain takes
# its time
busy()
{
	hogs=
	for _ in 1 2 3 4; do
		while :; do :; done &
		hogs="$hogs $!"
	done
	"$@"
	status=$?
	# shellcheck disable=SC2086
	kill $hogs
	return $status
}

# amid_drain - until the pool has been caught in the middle of it three times
amid_drain()
{
	before=$(memfree)
	times=0
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		# Not all that was lent may come back at once.
		insert size=512M backing=loan || return
		insmod /pagealloc_drainer.ko pool=t runs=$runs || return
		busy unload && gone || return
		report "drain: rmmod with $((left / 4096)) of $((runs * 512)) pages queued: $took ms"
		[ "$left" = 0 ] || times=$((times + 1))
		[ $times -lt 3 ] || break
	done
	[ $times -gt 0 ] || { echo "never in the middle of a drain"; return 1; }
	within $slack_kb $((before - $(memfree)))
}
try drain_rmmod_amid_drain amid_drain

# log_is_clean - no free was refused, and no frame kept from the kernel
log_is_clean()
{
	dmesg | sed -n '/begin drain/,$p' >/tmp/log
	grep -q 'drainer: 0 frees were refused' /tmp/log || return
	! grep -E 'drainer: [1-9]|stay out of use|not all memory' /tmp/log
}
try drain_log_is_clean log_is_clean
