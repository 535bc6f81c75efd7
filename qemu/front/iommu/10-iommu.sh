# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# A PCI device behind an IOMMU that a program drives through VFIO, and a camera that
# captures as by DMA.

# shellcheck source=../lib
. /tests/lib

# edu - print the address of QEMU's edu device
edu()
{
	for device in /sys/bus/pci/devices/*; do
		[ "$(cat "$device/vendor") $(cat "$device/device")" != "0x1234 0x11e8" ] ||
			basename "$device"
	done
}

bind()
{
	modprobe vfio-pci && modprobe vfio_iommu_type1 allow_unsafe_interrupts=1 &&
		echo vfio-pci >"/sys/bus/pci/devices/$device/driver_override" &&
		echo "$device" >/sys/bus/pci/drivers_probe &&
		[ -e "/dev/vfio/$group" ]
}

device=$(edu)
group=$(basename "$(readlink "/sys/bus/pci/devices/$device/iommu_group")")
try iommu_bind bind
try iommu_load load size=64M
modprobe vivid n_devs=1 node_types=0x1 allocators=1 && await 20 test -e /dev/video0
for mapping in pfn pages; do
	try iommu_offer_$mapping offer $mapping
	client iommu_$mapping vfio "$device" "$group"
	client iommu_$mapping vivid
	try iommu_withdraw_$mapping withdraw
done
try iommu_sound sound
rmmod vivid
try iommu_unload await 20 unload
try iommu_gone gone
