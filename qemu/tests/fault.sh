# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Faults in the module as a whole: while it is loaded, with each backing, and while
# files in debugfs are opened and written.  The parameter "fault" of a test build is
# the number of the call that fails.  A kernel with lockdep is slow: there a load fails
# at every third call, from a random one on.

# shellcheck source=lib
. /tests/lib

fault=/sys/module/pagealloc/parameters/fault
step=1 first=1
if [ -e /proc/lockdep_stats ]; then
	seed=$(sed -n 's/.*pagealloc\.seed=\([0-9]*\).*/\1/p' /proc/cmdline)
	step=3 first=$((seed % 3 + 1))
fi

# fired - print how many calls have failed since the parameter was set
fired() { cut -d ' ' -f 2 $fault; }

# no_complaint - check that the log has no warning, and nothing that was left behind
no_complaint()
{
	! dmesg | grep -E 'WARNING:|BUG:|still|stays|lost|never'
}

# left - print what a load that fails must not change
left()
{
	cat /proc/iomem
	grep -c ioremap /proc/vmallocinfo
	find $DEBUG/shrinker -name 'pagealloc*' 2>/dev/null
	cat /proc/[0-9]*/comm | grep '^pagealloc/'
}

# A load goes on without a directory in debugfs, without stacks, and with another
# pageblock.
goes_on='fault: (debugfs_create_dir|stack_depot_init|alloc_contig_range)\(\)'

# load_at N ARGUMENT... - load the module with a fault at point N; it must fail, leave
# nothing behind, and succeed afterwards.  Status 2: there are not so many points
load_at()
{
	n=$1
	shift
	dmesg -c >/dev/null
	if insmod /pagealloc.ko "fault=$n" "$@"; then
		[ "$(fired)" != 0 ] || { remove; return 2; }
		dmesg | grep -E "$goes_on" || return
		remove || return
	else
		dmesg | grep 'pagealloc: fault: ' || return
	fi
	# A shrinker that was left behind would be called.
	echo 2 >/proc/sys/vm/drop_caches
	gone && no_complaint && is "what is left" "$(left)" "$before" &&
		insmod /pagealloc.ko "$@" && remove && gone
}

# load_each LEAST ARGUMENT... - do this for each point, or every third; there are at
# least LEAST
load_each()
{
	least=$1 point=$first before=$(left)
	shift
	while
		alive
		load_at $point "$@"
		status=$?
		[ $status = 0 ]
	do
		point=$((point + step))
	done
	[ $status = 2 ] || { echo "at point $point"; return 1; }
	gone || return
	report "  fewer than $point points of a load: $*"
	[ $point -gt "$least" ] || { echo "fewer than $point points, not $least"; return 1; }
}

# load LEAST NAME ARGUMENT... - a test of a load
load()
{
	least=$1 load_name=$2
	shift 2
	! loaded || remove
	try "fault_load_$load_name" load_each "$least" "$@"
}

load 2 nothing
load 11 sim		size=64M backing=sim
load 7 sim_plain	size=64M backing=sim cache=0 scavenge=0
load 10 sim_tracked	size=64M backing=sim track=1
load 11 sim_stacks	size=64M backing=sim track=2
load 18 loan		size=16M backing=loan
load 18 loan_limited	size=16M backing=loan limit=8M
load 16 carveout	backing=carveout base=0x20000000 size=64M is_memory=1

# use_each LEAST COMMAND... - perform COMMAND with a fault at each point, at least
# LEAST.  It must fail for want of memory, or print what it prints without a fault.
use_each()
{
	least=$1 points=0
	shift
	want=$("$@" 2>&1)
	while
		echo $((points + 1)) >$fault
		got=$("$@" 2>&1)
		status=$?
		failed=$(fired)
		echo 0 >$fault
		[ "$failed" != 0 ]
	do
		points=$((points + 1))
		case $got in
		*'Cannot allocate memory'*) ;;
		"$want") ;;
		*) echo "point $points: status $status, $got"; return 1 ;;
		esac
		sound && no_complaint || return
	done
	is "output without a fault" "$got" "$want" || return
	report "  $points points of $*"
	[ $points -ge "$least" ] || { echo "$points points, not $least"; return 1; }
}

# allocate - allocate a run; print something only if that fails
allocate() { put alloc 5 >/tmp/put || { cat /tmp/put; return 1; }; }

! loaded || remove
dmesg -c >/dev/null
insert size=64M backing=sim engine=span scavenge=0 || exit
put alloc 2000 >/dev/null
for file in stats free_runs scavenger limit latency alloc; do
	try "fault_read_$file" use_each 1 md5sum "$pool/$file"
done
try fault_read_check	use_each 2 md5sum "$pool/check"
try fault_read_spans	use_each 3 md5sum "$pool/spans"
try fault_read_chunks	use_each 7 md5sum "$pool/chunks"
try fault_read_bitmap	use_each 7 md5sum "$pool/bitmap"
try fault_write_alloc	use_each 1 allocate
try fault_remove	remove
