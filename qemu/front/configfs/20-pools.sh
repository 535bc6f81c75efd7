# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Pools that are made and end at run time: on each node, with a heap, in use while their
# directory is removed, and many at once.

# shellcheck source=../lib
. /tests/lib

root=/sys/kernel/config/pagealloc
class=/sys/class/pagealloc

[ -d /sys/kernel/config ] || modprobe configfs
grep -q ' /sys/kernel/config ' /proc/mounts || mount -t configfs none /sys/kernel/config
insmod /pagealloc.ko && insmod /pagealloc_heap.ko && insmod /pagealloc_configfs.ko ||
	exit

# make NAME ATTRIBUTE=VALUE... - make a directory, and enable it
make()
{
	name=$1
	shift
	mkdir "$root/$name" || return
	for pair; do
		echo "${pair#*=}" >"$root/$name/${pair%%=*}" || return
	done
	echo 1 >"$root/$name/enable"
}

enable() { echo 1 >"$root/$1/enable"; }
there() { [ -e "$class/$1" ]; }
ended() { ! there "$1"; }

# node_free NODE - print MemFree of a node in kB
node_free()
{
	memfree >/dev/null
	awk '/MemFree/ { print $4 }' "/sys/devices/system/node/node$1/meminfo"
}

# Memory of a loan comes from the node that was asked for, and goes back.
node()
{
	make "n$1" size=64M "numa_node=$1" || return
	is numa_node "$(cat "$class/n$1/numa_node")" "$1" || return
	before=$(node_free "$1")
	echo 8192 >"$POOLS/n$1/alloc" || return
	during=$(node_free "$1")
	run=$(cat "$POOLS/n$1/alloc")
	echo "$run" >"$POOLS/n$1/free" && echo all >"$class/n$1/scavenge" || return
	after=$(node_free "$1")
	report "figure 32 MiB of node $1: MemFree $before kB before, $during kB during, $after kB after"
	rmdir "$root/n$1" && ended "n$1" || return
	[ $((after - during)) -gt 30000 ] ||
		{ echo "MemFree of node $1: $before, $during, $after"; return 1; }
}
try configfs_node_0 node 0
try configfs_node_1 node 1

parameter_node()
{
	rmmod pagealloc_configfs pagealloc_heap pagealloc &&
		insmod /pagealloc.ko size=64M numa_node=1 || return
	is numa_node "$(cat $class/default/numa_node)" 1 && rmmod pagealloc || return
	for bad in numa_node=7 numa_node=-1 numa_node=x 'numa_node=0 base=1G' \
		   'numa_node=0 backing=sim'; do
		# shellcheck disable=SC2086
		fails insmod /pagealloc.ko size=64M $bad || return
	done
	insmod /pagealloc.ko && insmod /pagealloc_heap.ko &&
		insmod /pagealloc_configfs.ko
}
try configfs_parameter_node parameter_node

heap()
{
	make default size=64M heap=pfn mode=0640 || return
	[ -c $NODE ] && is mode "$(stat -c %a $NODE)" 640 || return
	hold 16 || return
	rmdir $root/default || { echo "rmdir was refused"; return 1; }
	[ ! -e $NODE ] || { echo "$NODE is still there"; return 1; }
	there default || { echo "the pool has gone before its buffer"; return 1; }
	is in_use "$(cat $class/default/in_use)" 4096 || return
	# The name is taken until then, and so is the module.
	fails make default size=64M && rmdir $root/default || return
	fails rmmod pagealloc_configfs || return
	let_go
	await 30 ended default || { echo "the pool stays"; return 1; }
	await 30 rmmod pagealloc_configfs && insmod /pagealloc_configfs.ko
}
try configfs_heap heap

# Disabled with a buffer in use: enabled again as soon as that is gone.
disabled()
{
	make default size=64M heap=pages && hold 16 && echo 0 >$root/default/enable ||
		return
	is enable "$(cat $root/default/enable)" 0 && there default || return
	fails sh -c "echo 1 >$root/default/enable" || return
	let_go
	# Its files go a moment before its name does.
	await 30 enable default && [ -c $NODE ] &&
		rmdir $root/default && await 10 ended default && [ ! -e $NODE ]
}
try configfs_disabled disabled

# Pages in use by somebody who does not tell when he is done.
other_user()
{
	make o backing=sim size=64M && echo 100 >"$POOLS/o/alloc" || return
	run=$(cat "$POOLS/o/alloc")
	[ -n "$run" ] && rmdir $root/o && ended o
}
try configfs_debugfs_user other_user

# The withdrawal of the heap by hand does not end the pool.
withdrawn()
{
	make default size=64M heap=pfn && withdraw && [ ! -e $NODE ] &&
		there default && is enable "$(cat $root/default/enable)" 1 &&
		rmdir $root/default && ended default
}
try configfs_withdrawn withdrawn

# A carve-out, with and without page structs to map.
carveout()
{
	make c backing=carveout base=0x20000000 size=64M granule=512 heap=pfn || return
	[ -c /dev/dma_heap/c ] && is total "$(cat $class/c/total_pages)" 16384 &&
		rmdir $root/c && await 10 ended c || return
	fails make c backing=carveout base=0x20000000 size=64M heap=pages || return
	dmesg | grep 'pagealloc_configfs: c: heap refused' >/dev/null && ended c &&
		rmdir $root/c
}
try configfs_carveout carveout

# count DIRECTORY - how many pools of the test below it has; the kernel may have a heap
count() { find "$1" -mindepth 1 -maxdepth 1 -name 'm[0-9]*' | wc -l; }

many()
{
	i=0
	while [ $i -lt 40 ]; do
		make "m$i" size=2M "heap=pfn" || return
		i=$((i + 1))
	done
	is pools "$(count $class)" 40 && is nodes "$(count /dev/dma_heap)" 40 ||
		return
	rmdir $root/m* && sleep 1 && is pools "$(count $class)" 0
}
try configfs_many many

# Two who make and remove the same pool, and one who writes to it meanwhile.
races()
{
	rm -f /tmp/stop
	for _ in 1 2; do
		while [ ! -e /tmp/stop ]; do
			mkdir $root/r
			echo sim >$root/r/backing
			echo 64M >$root/r/size
			echo 1 >$root/r/enable
			cat $root/r/* $class/r/*
			rmdir $root/r
		done >/dev/null 2>&1 &
	done
	while [ ! -e /tmp/stop ]; do
		echo 0 >$root/r/enable
		echo 1 >$root/r/enable
		echo 8M >$root/r/size
		echo 100 >$class/r/max
	done >/dev/null 2>&1 &
	nap 15
	touch /tmp/stop
	wait
	[ ! -d $root/r ] || rmdir $root/r
	await 10 ended r
}
try configfs_races races

# A uevent tells of each pool.
uevents()
{
	busybox uevent busybox env >/tmp/events 2>&1 &
	pid=$!
	sleep 1
	make u backing=sim size=4M && sleep 1 && rmdir $root/u && sleep 1
	kill $pid
	wait $pid 2>/dev/null
	for action in add remove; do
		awk -v want="$action" '/^ACTION=/ { got = $0 }
			$0 == "DEVPATH=/devices/virtual/pagealloc/u" &&
			got == "ACTION=" want { found = 1 } END { exit !found }' \
			/tmp/events || grep -q "$action@/devices/virtual/pagealloc/u" \
			/tmp/events ||
			{ echo "no $action in:"; cat /tmp/events; return 1; }
	done
}
try configfs_uevents uevents

unload()
{
	rmmod pagealloc_configfs pagealloc_heap pagealloc && ! loaded pagealloc
}
try configfs_unload unload
