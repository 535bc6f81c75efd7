# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The attributes of a pool in configfs: what each takes, that the log says what it takes
# when it refuses, and that all are frozen while the pool is enabled.

# shellcheck source=../lib
. /tests/lib

root=/sys/kernel/config/pagealloc
p=$root/p
inval='Invalid argument'
busy='resource busy'

loaded_all()
{
	modprobe configfs && { grep -q configfs /proc/mounts ||
		mount -t configfs none /sys/kernel/config; } &&
		insmod /pagealloc.ko && insmod /pagealloc_heap.ko &&
		insmod /pagealloc_configfs.ko && [ -d $root ]
}
try configfs_load loaded_all || exit

# write PATH TEXT - write TEXT in one write, without a newline
write() { printf '%s' "$2" | dd of="$1" bs=8192 iflag=fullblock 2>&1; }

# said TEXT - the last line of the log of the module has TEXT
said()
{
	last=$(dmesg | grep 'pagealloc_configfs: ' | tail -n 1)
	case $last in
	*"$1"*) ;;
	*) echo "the log says '$last', not '$1'"; return 1 ;;
	esac
}

# refused WHY ATTRIBUTE TEXT - the text is refused, the log names the attribute and what
# it takes, and the value stays
refused()
{
	before=$(cat "$p/$2")
	if out=$(write "$p/$2" "$3"); then
		echo "$2 takes '$3'"
		return 1
	fi
	case $out in
	*"$1"*) ;;
	*) echo "$2='$3': $out"; return 1 ;;
	esac
	is "$2 after '$3'" "$(cat "$p/$2")" "$before" && said "p: $2=" && said "it takes"
}

# accepted ATTRIBUTE TEXT VALUE - the text is taken, and reads as VALUE
accepted() { write "$p/$1" "$2" >/dev/null && is "$1" "$(cat "$p/$1")" "$3"; }

defaults()
{
	mkdir $p || return
	is attributes "$(cd $p && echo *)" "backing base cache enable engine granule heap\
 limit min_ready mode numa_node reserve_mem size track" || return
	for pair in backing=loan base=any cache=1 enable=0 engine=bitmap granule=0 \
		    heap=off limit=none min_ready=0 mode=0600 numa_node=-1 \
		    reserve_mem= size=0 track=0; do
		is "${pair%=*}" "$(cat "$p/${pair%=*}")" "${pair#*=}" || return
	done
}
try configfs_defaults defaults

values()
{
	accepted backing carveout carveout && accepted backing sim sim &&
		accepted backing loan loan &&
	accepted size 64M 67108864 && accepted size 4096 4096 &&
		accepted size 0x200000 2097152 && accepted size 012K 12288 &&
	accepted size 1T 1099511627776 && accepted size 8192 8192 &&
	accepted base 0x20000000 0x20000000 && accepted base 512M 0x20000000 &&
		accepted base any any &&
	accepted reserve_mem abc abc && accepted reserve_mem "" abc &&
		accepted reserve_mem "
" "" &&
	accepted numa_node 0 0 && accepted numa_node -1 -1 &&
	accepted granule 512 512 && accepted granule 0 0 &&
	accepted engine span span && accepted engine bitmap bitmap &&
	accepted cache 0 0 && accepted cache "1
" 1 &&
	accepted track 2 2 && accepted track 0 0 &&
	accepted limit 4K 4096 && accepted limit none none &&
	accepted min_ready 4K 4096 && accepted min_ready 0 0 &&
	accepted heap pages pages && accepted heap pfn pfn && accepted heap off off &&
	accepted mode 0660 0660 && accepted mode 600 0600
}
try configfs_values values

bad_values()
{
	for attribute in backing size base numa_node granule engine cache track limit \
			 min_ready heap mode; do
		for text in junk -2 +1 '1 1' ' 1' 0x 1.5 \
			    99999999999999999999999 \
			    "$(printf '%0100d' 1)"; do
			refused "$inval" $attribute "$text" || return
		done
	done
	refused "$inval" size 4095 && refused "$inval" size 17179869184T &&
		refused "$inval" size 1MM && refused "$inval" base 0x1001 &&
		refused "$inval" numa_node 99999 && refused "$inval" granule 3 &&
		refused "$inval" granule 524288 && refused "$inval" cache 2 &&
		refused "$inval" track 3 && refused "$inval" mode 0700 &&
		refused "$inval" mode 0 && refused "$inval" mode 888 &&
		refused "$inval" mode 01666 && refused "$inval" heap Pages &&
		refused "$inval" reserve_mem "$(printf '%064d' 1)"
}
try configfs_bad_values bad_values

# not_enabled ATTRIBUTE NAME=VALUE... - with these settings the pool is refused because
# of ATTRIBUTE
not_enabled()
{
	because=$1
	shift
	rmdir $p && mkdir $p || return
	for pair; do
		write "$p/${pair%%=*}" "${pair#*=}" >/dev/null || return
	done
	! write $p/enable 1 >/dev/null || { echo "enabled with $*"; return 1; }
	is enable "$(cat $p/enable)" 0 && said "p: $because" && said "it takes" &&
		[ ! -e /sys/class/pagealloc/p ]
}

combinations()
{
	not_enabled size && not_enabled size backing=sim &&
	not_enabled base backing=carveout size=4M &&
	not_enabled reserve_mem reserve_mem=x size=4M &&
	not_enabled reserve_mem backing=carveout reserve_mem=x size=4M &&
	not_enabled reserve_mem backing=carveout reserve_mem=x &&
	not_enabled numa_node backing=sim size=4M numa_node=0 &&
	not_enabled numa_node size=4M base=512M numa_node=0 &&
	not_enabled size size=4M numa_node=63 &&
	not_enabled granule size=4M granule=512 &&
	not_enabled limit backing=sim size=4M limit=8M &&
	not_enabled min_ready backing=sim size=4M min_ready=8M &&
	not_enabled heap backing=sim size=4M heap=pfn &&
	not_enabled size size=1T &&
	not_enabled size size=4K &&
	not_enabled base backing=carveout base=0x100000 size=1M
}
try configfs_combinations combinations

enable_text()
{
	for text in 2 -1 on '' '1 1' 01; do
		! write $p/enable "$text" >/dev/null || [ -z "$text" ] ||
			{ echo "enable takes '$text'"; return 1; }
	done
	said "p: enable refused (-22): it takes 0 or 1"
}
try configfs_enable_text enable_text

frozen()
{
	rmdir $p && mkdir $p && accepted backing sim sim && accepted size 64M 67108864 &&
		accepted min_ready 1M 1048576 && accepted limit 32M 33554432 || return
	write $p/enable 1 >/dev/null && is enable "$(cat $p/enable)" 1 || return
	is total "$(cat /sys/class/pagealloc/p/total_pages)" 16384 &&
		is limit "$(cat /sys/class/pagealloc/p/limit)" 8192 &&
		is min_ready "$(cat /sys/class/pagealloc/p/min_ready)" 256 || return
	for attribute in backing size base reserve_mem numa_node granule engine cache \
			 track limit min_ready heap mode; do
		refused "$busy" $attribute "$(cat $p/$attribute) " ||
			return
	done
	write $p/enable 1 >/dev/null && write $p/enable 0 >/dev/null &&
		is enable "$(cat $p/enable)" 0 && [ ! -e /sys/class/pagealloc/p ] &&
		write $p/enable 0 >/dev/null && accepted size 128M 134217728 &&
		write $p/enable 1 >/dev/null &&
		is total "$(cat /sys/class/pagealloc/p/total_pages)" 32768
}
try configfs_frozen frozen

# Every attribute reaches the pool that is made.
settings_reach()
{
	rmdir $p && [ ! -e /sys/class/pagealloc/p ] && mkdir $p || return
	accepted backing sim sim && accepted size 64M 67108864 &&
		accepted base 0x40000000 0x40000000 && accepted granule 16 16 &&
		accepted engine span span && accepted cache 0 0 && accepted track 1 1 &&
		write $p/enable 1 >/dev/null || return
	is granule "$(value "$POOLS/p/stats" granule)" 65536 &&
		[ -e "$POOLS/p/spans" ] && echo 8 >"$POOLS/p/alloc" &&
		is run "$(cat "$POOLS/p/alloc")" "262144 8" || return
	echo 262144 8 >"$POOLS/p/free" && is check "$(verdict p)" "verdict clean"
}
try configfs_settings_reach settings_reach

bad_names()
{
	for name in 'a b' 'a,b' .a "$(printf '%032d' 1)"; do
		! mkdir "$root/$name" 2>/dev/null || { echo "mkdir '$name'"; return 1; }
	done
	mkdir "$root/$(printf '%031d' 1)" $root/A-b_c.9 &&
		rmdir "$root/$(printf '%031d' 1)" $root/A-b_c.9 &&
		! mkdir $p 2>/dev/null
}
try configfs_bad_names bad_names

same_name()
{
	rmdir $p && rmmod pagealloc_configfs pagealloc_heap pagealloc &&
		insmod /pagealloc.ko backing=sim size=4M name=p &&
		insmod /pagealloc_heap.ko && insmod /pagealloc_configfs.ko && mkdir $p &&
		accepted backing sim sim && accepted size 4M 4194304 || return
	! write $p/enable 1 >/tmp/said && grep -q 'File exists' /tmp/said &&
		said "p: no pool of this name (-17)" && rmdir $p || return
	rmmod pagealloc_configfs pagealloc_heap pagealloc
}
try configfs_same_name same_name
