# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Offering and withdrawing, and who keeps what.

# shellcheck source=../lib
. /tests/lib

unused() { is "bytes in use" "$(in_use)" 0; }

taken() { fails sh -c "echo default >$SETTINGS/offer" && grep -qi 'exists' /tmp/said; }

unknown()
{
	fails sh -c "echo nobody >$SETTINGS/offer" &&
		fails sh -c "echo nobody >$SETTINGS/withdraw" &&
		fails sh -c "echo >$SETTINGS/offer" &&
		fails sh -c "echo 0123456789012345678901234567890123456789 >$SETTINGS/offer"
}

bad_settings()
{
	withdraw || return
	echo fast >$SETTINGS/mapping
	fails sh -c "echo default >$SETTINGS/offer" || return
	echo pfn >$SETTINGS/mapping
	echo 0777 >$SETTINGS/mode
	fails sh -c "echo default >$SETTINGS/offer" || return
	echo 0 >$SETTINGS/mode
	fails sh -c "echo default >$SETTINGS/offer" || return
	offer pfn
}

# A node that others have made.
foreign_node()
{
	withdraw || return
	mkdir -p /dev/dma_heap && mknod $NODE c 1 3 || return
	fails sh -c "echo default >$SETTINGS/offer"
	status=$?
	rm $NODE
	[ $status = 0 ] && offer pfn
}

# With a buffer neither module goes, nor the pool.
held()
{
	hold 4 || return
	fails rmmod pagealloc_heap && fails rmmod pagealloc || return
	is buffers "$(cat "$(class)/default/buffers")" 1 || return
	let_go
	await 10 unused
}

# A withdrawn pool: what is there stays, nothing new comes, and the node is gone.
withdrawn()
{
	hold 4 || return
	withdraw || return
	[ ! -e $NODE ] || { echo "the node is still there"; return 1; }
	is answer "$(tell ask)" "No such device" || return
	is memory "$(tell look)" intact || return
	is "bytes in use" "$(in_use)" $((4 << 20)) || return
	# Offered anew beside what is left of the first time.
	offer pfn || return
	/front shared || return
	is memory "$(tell look)" intact || return
	fails rmmod pagealloc_heap || return
	let_go
	await 10 unused
}

# A process that has the node open, and no buffer, does not keep the pool.
node_open()
{
	exec 7<>$NODE
	withdraw || return
	exec 7>&-
	offer pfn
}

killed()
{
	hold 16 || return
	is "bytes in use" "$(in_use)" $((16 << 20)) || return
	kill -9 "$holder"
	exec 5>&-
	wait "$holder"
	# The child that has the buffer goes on, until its input ends.
	await 10 unused
}

# Clients that never rest, while the pool is offered and withdrawn.  What they get for
# that does not matter.
beside()
{
	: >/tmp/go
	for name in shared lengths_heap closed_beside; do
		while [ -e /tmp/go ]; do /front $name; done >/dev/null 2>&1 &
	done
	n=0 status=0
	while [ $n -lt 40 ] && [ $status = 0 ]; do
		withdraw && usleep 20000 && offer pfn && usleep 80000
		status=$?
		n=$((n + 1))
	done
	rm /tmp/go
	wait
	is status $status 0 && await 20 unused
}

# When the first pool is offered somebody may use it, so loading goes on.
load_some()
{
	insmod /pagealloc_heap.ko pool=default,default,nobody || return
	[ -e $NODE ] || { echo "no node"; return 1; }
	rmmod pagealloc_heap
}

try life_load load size=64M
try life_offer offer pfn
try life_name_taken taken
try life_names unknown
try life_settings bad_settings
try life_foreign_node foreign_node
try life_held held
try life_withdrawn withdrawn
try life_node_open node_open
try life_killed killed
try life_beside beside
try life_sound sound
# By parameters at load, and what cannot be is refused as a whole.
try life_unload_heap rmmod pagealloc_heap
try life_parameter insmod /pagealloc_heap.ko pool=default mapping=pages mode=0640
try life_parameter_mode is mode "$(stat -c %a $NODE)" 640
try life_parameter_mapping is mapping "$(cat "$(class)/default/mapping")" pages
try life_parameter_unload rmmod pagealloc_heap
try life_parameter_some load_some
try life_parameter_unknown fails insmod /pagealloc_heap.ko pool=nobody,default
try life_parameter_bad fails insmod /pagealloc_heap.ko pool=default mapping=x
try life_nothing_left [ ! -e $NODE ]
try life_unload rmmod pagealloc
# A name that the kernel's own heaps have.
if [ -e /dev/dma_heap/system ]; then
	try life_system load size=64M name=system
	try life_system_taken fails sh -c "echo system >$SETTINGS/offer"
	try life_system_stays [ -c /dev/dma_heap/system ]
	try life_system_unload unload
fi
# Numbers instead of pages, and a pool without page structs.
try life_sim load backing=sim size=64M
try life_sim_refused fails offer pfn
try life_sim_unload unload
try life_gone gone
