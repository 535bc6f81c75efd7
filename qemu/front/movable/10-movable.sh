# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# A loan in ZONE_MOVABLE: by page frame number only.  And a carve-out without page
# structs: that, and no import.

# shellcheck source=../lib
. /tests/lib

pages_refused()
{
	fails offer pages && [ ! -e $NODE ] &&
		dmesg | grep -q 'default: not offered: .*ZONE_MOVABLE'
}

no_structs_refused()
{
	fails offer pages && [ ! -e $NODE ] &&
		dmesg | grep -q 'default: not offered: .*no page structs'
}

try movable_load load size=64M
try movable_zone sh -c "dmesg | grep -q 'loan: .*zone Movable'"
try movable_pages_refused pages_refused
try movable_offer offer pfn 0666
for name in zeroed shared moves taking_hold forked memlock leak; do
	client movable $name
done
try movable_sound sound
try movable_unload unload

try carveout_load load backing=carveout base=0x20000000 size=64M is_memory=1
try carveout_pages_refused no_structs_refused
try carveout_offer offer pfn 0666
for name in lengths_heap zeroed shared bounds offsets moves taking_hold copies dmabuf \
	    forked passed killed one_owner memlock memlock_orphan leak; do
	client carveout $name
done
modprobe vgem
client carveout no_import
try carveout_sound sound
try carveout_unload unload
try carveout_gone gone
