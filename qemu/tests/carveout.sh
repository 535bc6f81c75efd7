# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# A range that the kernel was told to leave alone, memmap=64M$0x20000000: what
# is taken of it, what is refused, and that stray writes to discarded memory
# are found.  Needs /dev/mem for those, as an outsider's way to the memory.

# shellcheck source=lib
. /tests/lib

start=0x20000000
page=4096

# claimed - the whole of the range has an entry of ours
claimed() { grep -qi '20000000-23ffffff : pagealloc' /proc/iomem; }

range_is_there()
{
	grep -qi '20000000-23ffffff : Reserved' /proc/iomem ||
		{ echo "boot with memmap=64M\$$start"; return 1; }
}
try carveout_booted_with_memmap range_is_there || exit

# refused ERROR TEXT ARGUMENT... - insmod fails, the log says why
refused()
{
	error=$1 text=$2
	shift 2
	dmesg -c >/dev/null
	before=$(cat /proc/iomem)
	fails_with "$error" insmod /pagealloc.ko "$@" || return
	dmesg | grep 'pagealloc: .*refused' | grep "$text" ||
		{ echo "no line in the log says '$text'"; return 1; }
	is /proc/iomem "$(cat /proc/iomem)" "$before" && gone
}

no()
{
	name=$1
	shift
	try "carveout_refused_$name" refused "$@"
}

carve() { insert backing=carveout base=$start size=64M scavenge=0 "$@"; }

cycle()
{
	carve "$@" || return
	claimed || { echo "no entry in /proc/iomem"; return 1; }
	put alloc 100 >/dev/null && put alloc 16384 >/dev/null &&
		{ echo "more than there is"; return 1; }
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

# Every page can be had, used, given back and had again, by granule.
for granule in 1 16 512; do
	dmesg -c >/dev/null
	try "carveout_cycle_$granule" cycle granule=$granule
done

quiet()
{
	! dmesg | grep 'stray write'
}
try carveout_no_stray_write_no_report quiet

# poke ADDRESS TEXT - write to physical memory behind the pool's back
poke()
{
	printf '%s' "$2" | dd of=/dev/mem bs=1 seek=$(($1)) conv=notrunc 2>&1
}

# A page that was used and given back is written to by somebody else.  That is
# reported when the page is used again, with the word's address; it can be used.
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

# The same at the last moment: the pool goes away before it looks again.
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

# Memory that is in use may be written to, and memory never used yet.
stray_none()
{
	carve || return
	poke $((start + 0x100000)) z && put alloc 64 >/dev/null || return
	dmesg -c >/dev/null
	poke $start z || return
	free_all && put scavenge all >/dev/null && put alloc 1000 >/dev/null || return
	remove && gone && quiet
}

# A kernel that lets us unmap has no use for poison, and /dev/mem makes a mapping
# of its own, so that a write through it does not fault either.
dmesg -c >/dev/null
carve && remove || exit
unmapped=$(dmesg | grep 'discarded ones are unmapped' || true)

# Protecting needs such a kernel, and elsewhere is refused.
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

no ram		'busy' 'System RAM' backing=carveout base=0x10000000 size=64M
no kernel_text	'busy' 'System RAM' backing=carveout base=0x1000000 size=4K
no ram_partly	'busy' 'System RAM' backing=carveout base=0x23000000 size=64M
no low_memory	'busy' '' backing=carveout base=0x90000 size=1M
no mmio		'No such device' 'a device' backing=carveout base=0xfee00000 size=4K
no nothing	'No such device' 'reserved memory' \
	backing=carveout base=0x200000000 size=64M
no wraps	'Invalid argument' 'wraps' \
	backing=carveout base=0xfffffffffffff000 size=64M
no beyond	'Invalid argument' 'physical address' \
	backing=carveout base=0xfff0000000000000 size=64M
no misaligned	'Invalid argument' 'base=0x20000800' \
	backing=carveout base=0x20000800 size=64M
no size		'Invalid argument' 'size=1000' backing=carveout base=$start size=1000
no no_base	'Invalid argument' 'size=64M' backing=carveout size=64M
no granule	'Invalid argument' 'granule=3' backing=carveout base=$start size=64M granule=3
no name		'' 'reserve_mem' backing=carveout reserve_mem=nosuchname
no name_and_base 'Invalid argument' 'reserve_mem=x' \
	backing=carveout reserve_mem=x base=$start size=64M
no node		'Invalid argument' 'node=/nosuchnode' backing=carveout node=/nosuchnode
no name_of_loan	'Invalid argument' 'reserve_mem=x' backing=loan reserve_mem=x
