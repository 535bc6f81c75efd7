# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Programs that others have written, the example of the documents, and drivers.

# shellcheck source=../lib
. /tests/lib

selftest()
{
	/dmabuf-heap >/tmp/selftest 2>&1
	status=$?
	sed 's/^/figure selftest: /' /tmp/selftest >&3
	! grep -q FAIL /tmp/selftest && is status $status 0 &&
		grep -q OK /tmp/selftest
}

python() { /usr/bin/python3 -S /front.py $NODE; }

drivers()
{
	client "$1" vgem
	client "$1" direct /dev/loop0
	modprobe vivid n_devs=1 node_types=0x1 allocators=0 &&
		await 20 test -e /dev/video0
	client "$1" vivid
	rmmod vivid
	try "$1_sound" sound
}

try clients_load load size=64M
try clients_vgem modprobe vgem
disk()
{
	modprobe loop && dd if=/dev/urandom of=/tmp/disk bs=1M count=4 &&
		losetup /dev/loop0 /tmp/disk
}
try clients_disk disk
for mapping in pfn pages; do
	try clients_offer_$mapping offer $mapping
	try clients_selftest_$mapping selftest
	try clients_python_$mapping python
	drivers clients_$mapping
	try clients_withdraw_$mapping withdraw
done
losetup -d /dev/loop0
rm /tmp/disk
# vgem may still have handles to end.
try clients_unload await 20 unload
try clients_gone gone
