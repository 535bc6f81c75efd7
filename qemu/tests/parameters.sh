# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Module parameters: which values are accepted, and that an invalid value is refused
# with a line in the log that names the parameter.

# shellcheck source=lib
. /tests/lib

# refused PARAMETER ERROR ARGUMENT... - check that insmod fails, and that the log names
# PARAMETER
refused()
{
	parameter=$1 error=$2
	shift 2
	dmesg -c >/dev/null
	fails_with "$error" insmod /pagealloc.ko "$@" || return
	dmesg | grep "pagealloc: .*$parameter" ||
		{ echo "no line in the log names $parameter"; return 1; }
	gone
}

# invalid NAME PARAMETER ARGUMENT... - run a test of arguments that are invalid
invalid()
{
	name=$1 parameter=$2
	shift 2
	try "param_$name" refused "$parameter" 'Invalid argument' "$@"
}

# accepted BYTES ARGUMENT... - check that insmod succeeds and the pool has this size
accepted()
{
	bytes=$1
	shift
	insert "$@" || return
	is sys "$(value "$pool/stats" sys)" "$bytes" && sound
	status=$?
	remove && gone && return $status
}

# early PARAMETER ERROR ARGUMENT... - check that insmod fails before the loan searches
# for frames, which may take long
early()
{
	refused "$@" || return
	! dmesg | grep 'pagealloc: loan:'
}

invalid size_0		size size=0
invalid size_junk	size size=junk
invalid size_negative	size size=-64M
invalid size_trailing	size size=64Mx
invalid size_suffix	size size=64Q backing=sim
invalid size_overflow	size size=99999999999999999999
invalid size_not_pages	size size=4095 backing=sim
invalid size_partial	size size=3M backing=loan
invalid size_empty	size size=
invalid backing_junk	backing size=64M backing=junk
invalid backing_empty	backing size=64M backing=
invalid engine_junk	engine size=64M backing=sim engine=junk
invalid engine_empty	engine size=64M backing=sim engine=
invalid name_empty	name size=64M backing=sim name=
invalid name_slash	name size=64M backing=sim name=a/b
invalid name_dots	name size=64M backing=sim name=..
invalid name_long	name size=64M backing=sim \
	name=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz
invalid base_junk	base size=64M base=junk
invalid base_unaligned	base size=64M base=0x20000800
invalid base_not_ram	base size=64M base=0xfd00000000
invalid base_negative	base size=64M base=-1
invalid granule_3	granule size=64M backing=sim granule=3
invalid granule_junk	granule size=64M backing=sim granule=junk
invalid granule_huge	granule size=64M backing=sim granule=1073741824
invalid granule_of_loan	granule size=64M backing=loan granule=16
invalid node_of_sim	numa_node size=64M backing=sim numa_node=0
invalid node_junk	numa_node size=64M numa_node=junk
invalid node_negative	numa_node size=64M numa_node=-1
invalid node_base	numa_node size=64M base=0x20000000 numa_node=0
invalid cache_junk	cache size=64M backing=sim cache=junk
invalid cache_2		cache size=64M backing=sim cache=2
invalid track_junk	track size=64M backing=sim track=yes
invalid track_3		track size=64M backing=sim track=3
invalid delay_junk	sim_delay_ms size=64M backing=sim sim_delay_ms=junk
for argument in name=a/b track=3 generation_ms=0 scavenge_delay_ms=junk \
		scavenge_percent=101 limit=65M min_ready=65M; do
	try "param_early_${argument%=*}" early "$argument refused" \
		'Invalid argument' size=64M backing=loan "$argument"
done
# Parameters of a pool are refused if no pool is created.
for argument in name=t backing=sim engine=span base=0x20000000 granule=16 \
		numa_node=0 cache=0 scavenge=0 track=1 generation_ms=1000 \
		scavenge_delay_ms=0 scavenge_percent=2 limit=64M min_ready=1M \
		sim_delay_ms=1; do
	invalid "alone_${argument%=*}" "$argument refused" "$argument"
done
try param_unknown_ignored	accepted 67108864 size=64M backing=sim junk=1
try param_size_too_big	refused size 'Cannot allocate memory' size=1T backing=loan

try param_size_M	accepted 67108864 size=64M backing=sim
try param_size_K	accepted 67108864 size=65536K backing=sim
try param_size_bytes	accepted 67108864 size=67108864 backing=sim
try param_size_G	accepted 4294967296 size=4G backing=sim
try param_size_T	accepted 1099511627776 size=1T backing=sim
try param_loan_default	accepted 67108864 size=64M
for granule in 1 16 64 512 1024 8192; do
	try "param_granule_$granule" accepted 67108864 size=64M backing=sim \
		granule=$granule
done

# cached BYTES ARGUMENT... - check how much is cached after a page was freed
cached()
{
	bytes=$1
	shift
	insert size=64M backing=sim "$@" || return
	put alloc 1 >/dev/null && free_all &&
		is cached "$(value "$pool/stats" cached)" "$bytes" && sound
	status=$?
	remove && gone && return $status
}
try param_cache_default	cached 4096 scavenge=0
try param_cache_1	cached 4096 scavenge=0 cache=1
try param_cache_y	cached 4096 scavenge=0 cache=y
try param_cache_0	cached 0 scavenge=0 cache=0
try param_cache_n	cached 0 scavenge=0 cache=n
# tracked VALUE BITS - check the cost of track=VALUE, for a slice of 2^15 pages
tracked()
{
	insert size=64M backing=sim && put alloc 1 >/dev/null || return
	bare=$(value "$pool/stats" metadata)
	remove && insert size=64M backing=sim "track=$1" &&
		put alloc 1 >/dev/null && put alloc 5 >/dev/null || return
	is "bits a page" \
		$((($(value "$pool/stats" metadata) - bare) * 8 / 32768)) "$2" &&
		free_all && sound &&
		is wrong_length "$(value "$pool/stats" wrong_length)" 0
	status=$?
	remove && gone && return $status
}
try param_track_0	tracked 0 0
try param_track_1	tracked 1 2
try param_track_2	tracked 2 34

without_size()
{
	insmod /pagealloc.ko || return
	is "number of pools" "$(find "$pools" -mindepth 1 -maxdepth 1 | wc -l)" 0
	status=$?
	remove && gone && return $status
}
try param_without_size without_size

described()
{
	for parameter in size backing name base granule numa_node cache track \
			 sim_delay_ms; do
		tr '\0' '\n' </pagealloc.ko | grep -q "^parm=$parameter:." ||
			{ echo "modinfo does not describe $parameter"; return 1; }
	done
}
try param_described described

twice()
{
	insert size=64M backing=sim || return
	fails_with 'File exists' insert size=64M backing=sim
	status=$?
	remove && return $status
}
try param_inserted_twice twice
