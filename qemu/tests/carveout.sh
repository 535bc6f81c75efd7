# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Carve-outs in a range reserved by memmap=64M$0x20000000: which ranges are accepted
# and which are refused, and that stray writes to discarded memory are detected.  The
# stray writes go through /dev/mem.

# shellcheck source=lib
. /tests/lib

start=0x20000000
page=4096

# claimed - whether /proc/iomem has an entry of pagealloc for the whole range
claimed() { grep -qi '20000000-23ffffff : pagealloc' /proc/iomem; }

range_is_there()
{
	grep -qi '20000000-23ffffff : Reserved' /proc/iomem ||
		{ echo "boot with memmap=64M\$$start"; return 1; }
}
try carveout_booted_with_memmap range_is_there || exit

# refused ERROR TEXT ARGUMENT... - check that insmod fails, and that the log has TEXT
refused()
{
	error=$1 text=$2
	shift 2
	dmesg -c >/dev/null
	before=$(cat /proc/iomem)
	fails_with "$error" insmod /pagealloc.ko "$@" || return
	dmesg | grep 'pagealloc: .*refused' | grep "$text" ||
		{ echo "no line in the log contains '$text'"; return 1; }
	is /proc/iomem "$(cat /proc/iomem)" "$before" && gone
}

# refuse NAME ERROR TEXT ARGUMENT... - run a test of arguments that are refused
refuse()
{
	name=$1
	shift
	try "carveout_refused_$name" refused "$@"
}

carve() { insert backing=carveout base=$start size=64M scavenge=0 is_memory=1 "$@"; }

cycle()
{
	carve "$@" || return
	claimed || { echo "no entry in /proc/iomem"; return 1; }
	put alloc 100 >/dev/null && put alloc 16384 >/dev/null &&
		{ echo "more pages than the range has"; return 1; }
	put alloc 5000 >/dev/null && put alloc 1 >/dev/null || return
	is in_use "$(in_use)" 5101 && sound || return
	free_all && is in_use "$(in_use)" 0 || return
	put scavenge all >/dev/null && sound || return
	is released "$(value "$pool/stats" released)" \
		"$(value "$pool/stats" grown)" || return
	put alloc 16384 >/dev/null && sound || return
	free_all && remove && gone || return
	range_is_there && ! claimed
}

# All pages can be allocated, discarded and allocated again, for each granule.
for granule in 1 16 512; do
	dmesg -c >/dev/null
	try "carveout_cycle_$granule" cycle granule=$granule
done

quiet()
{
	! dmesg | grep 'stray write'
}
try carveout_no_stray_write_no_report quiet

# poke ADDRESS TEXT - write to physical memory without using the pool
poke()
{
	printf '%s' "$2" | dd of=/dev/mem bs=1 seek=$(($1)) conv=notrunc 2>&1
}

# A stray write to a discarded page is reported, with the address of the word, when
# the page is allocated again, and the allocation succeeds.
stray()
{
	carve || return
	put alloc 64 >/dev/null && free_all && put scavenge all >/dev/null || return
	dmesg -c >/dev/null
	poke $((start + 7 * page + 0x123)) x || return
	put alloc 64 >/dev/null || return
	is in_use "$(in_use)" 64 && sound || return
	dmesg | grep 'stray write to discarded memory at 0x0*20007120, .*offset 288:' ||
		{ echo "no report:"; dmesg; return 1; }
	is reports "$(dmesg | grep -c 'stray write')" 1
}

# A stray write is reported when the pool is destroyed, too.
stray_at_end()
{
	free_all && put scavenge all >/dev/null || return
	dmesg -c >/dev/null
	poke $((start + 63 * page + 4095)) y || return
	remove && gone || return
	dmesg | grep 'stray write to discarded memory at 0x0*2003fff8' ||
		{ echo "no report:"; dmesg; return 1; }
	dmesg | grep 'stray writes to 2 discarded pages' || { echo "no total:"; dmesg; return 1; }
}

# Writes to pages in use, and to pages never used, are not reported.
stray_none()
{
	carve || return
	poke $((start + 0x100000)) z && put alloc 64 >/dev/null || return
	dmesg -c >/dev/null
	poke $start z || return
	free_all && put scavenge all >/dev/null && put alloc 1000 >/dev/null || return
	remove && gone && quiet
}

# If the kernel can unmap pages, there is no poison.  A write through /dev/mem does not
# fault then, since /dev/mem has a mapping of its own.
dmesg -c >/dev/null
carve && remove || exit
unmapped=$(dmesg | grep 'discarded ones are unmapped' || true)

# `protect' succeeds only if the kernel can unmap pages.
protect()
{
	carve && put alloc 64 >/dev/null && free_all &&
		put scavenge all >/dev/null || return
	pfn=$((start / page))
	if [ -n "$unmapped" ]; then
		put protect "$pfn 64" >/dev/null && put alloc 64 >/dev/null
	else
		fails_with 'not supported' put protect "$pfn 64"
	fi
	status=$?
	sound && remove && gone && return $status
}

if [ -z "$unmapped" ]; then
	try carveout_stray_write_reported	stray
	try carveout_stray_write_reported_at_end stray_at_end
	try carveout_no_false_report		stray_none
fi
try carveout_protect	protect

refuse ram		'busy' 'System RAM' backing=carveout base=0x10000000 size=64M
refuse kernel_text	'busy' 'System RAM' backing=carveout base=0x1000000 size=4K
refuse ram_partly	'busy' 'System RAM' backing=carveout base=0x23000000 size=64M
refuse low_memory	'busy' '' backing=carveout base=0x90000 size=1M
refuse mmio		'No such device' 'a device' backing=carveout base=0xfee00000 size=4K
refuse flash		'No such device' 'is_memory' \
	backing=carveout base=0xfffc0000 size=256K
refuse tables		'No such device' 'is_memory' \
	backing=carveout base=0x7ffc0000 size=256K
refuse hole		'No such device' 'is_memory' \
	backing=carveout base=0x90000000 size=1M
refuse nothing	'No such device' 'reserved memory' \
	backing=carveout base=0x200000000 size=64M
refuse wraps	'Invalid argument' 'wraps' \
	backing=carveout base=0xfffffffffffff000 size=64M
refuse beyond	'Invalid argument' 'physical address' \
	backing=carveout base=0xfff0000000000000 size=64M
refuse misaligned	'Invalid argument' 'base=0x20000800' \
	backing=carveout base=0x20000800 size=64M
refuse size		'Invalid argument' 'size=1000' backing=carveout base=$start size=1000
refuse no_base	'Invalid argument' 'size=64M' backing=carveout size=64M
refuse granule	'Invalid argument' 'granule=3' backing=carveout base=$start size=64M granule=3
refuse name		'' 'reserve_mem' backing=carveout reserve_mem=nosuchname
refuse name_and_base 'Invalid argument' 'reserve_mem=x' \
	backing=carveout reserve_mem=x base=$start size=64M
refuse node		'Invalid argument' 'node=/nosuchnode' backing=carveout node=/nosuchnode
refuse word_of_loan	'Invalid argument' 'is_memory=1' \
	backing=loan size=16M is_memory=1
refuse name_of_loan	'Invalid argument' 'reserve_mem=x' backing=loan reserve_mem=x
