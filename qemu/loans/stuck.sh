# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Pages of the loan's frames are locked and stay so, as those of a file system whose
# server does not answer.  The kernel would wait for them without a limit.  Requests
# pass them by.

# shellcheck source=../tests/lib
. /tests/lib

first() { dmesg | sed -n 's/.*loan: .* pages at pfn \([0-9]*\),.*/\1/p' | tail -n 1; }

# cover - fill the movable zone, and with it the loan, with pages of a file
cover()
{
	mkdir /tmp/file && mount -t tmpfs -o size=100% none /tmp/file &&
		dd if=/dev/zero of=/tmp/file/0 bs=1M count=640
}

lock() { insmod /pagealloc_frames.ko pfn="$(first)" nr=65536 lock=4; }

ended() { [ ! -e "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status"; }

# ends COMMAND... - check that COMMAND succeeds, and does not hang
ends()
{
	"$@" &
	child=$!
	await "$PATIENCE" ended $child || { echo "it hangs: $*"; return 1; }
	wait $child
}

# others - a second loan, and the end of the pool's module, are not held up
others()
{
	ends put alloc 1 && ends put alloc 512 && ends put alloc 4096 && sound
}

insert size=256M scavenge=0 || exit
try stuck_cover cover
try stuck_lock lock
try stuck_requests others
try stuck_scavenge ends put scavenge all
try stuck_remove ends remove
rmmod pagealloc_frames
umount /tmp/file
rmdir /tmp/file
