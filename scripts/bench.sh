#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench.sh - measure the cost of pagealloc and of other allocators
#
#   MACHINES="icount"       only these machines
#   CASES="pair churn"      only these cases
#   SUBJECTS="pagealloc"    only these allocators
#   RUNS="1 8"              only runs of this many pages
#   PAGES="65536"           only pools of this many pages
#   OCCUPANCY="50 99"       only pools of which this much is in use, in percent
#   PROFILE="churn 8"       instead: count the instructions of each function, for
#                           this case with runs of this many pages, and the first
#                           of SUBJECTS; starts at batch PROFILE_AT (40)
#   TWICE=1                 with any choice above: run the icount guest twice
#
# Machines:
#   icount   instructions, counted by QEMU; kernel 6.12.  Two guests run at the same
#            time, and their results must be identical.
#   uml-6.1  nanoseconds on User Mode Linux with one CPU: the least of 5
#   uml-7.3  the same with one and with two CPUs
#
# The results are in build/bench.csv and build/bench.svg, and as a table on
# standard output.  A bar that is missed is not a failure; a measurement that fails
# is.

. "$(dirname "$0")/lib.sh"

MACHINES=${MACHINES:-icount uml-6.1 uml-7.3}
REPS=5
OUT=$BUILD/bench
CSV=$BUILD/bench.csv
HEADER='case,subject,pages_in_pool,occupancy,run_pages,cpus,metric,value,unit'

# A run with a choice is short: the icount guest runs once.
TWICE=${TWICE:-}
[ -n "${CASES:-}${SUBJECTS:-}${RUNS:-}${PAGES:-}${OCCUPANCY:-}" ] || TWICE=1

failed=0

# prepare MACHINE - create the guest's root in OUT/MACHINE/stage, and set $tree to
# the kernel's build tree
prepare()
{
	local dir=$OUT/$1/stage arguments=(PAGEALLOC_BENCH=y)

	case $1 in
	icount|profile)
		 tree=$("$TOP/scripts/kernel.sh" 6.12 bench) ;;
	uml-6.1) tree=$("$TOP/scripts/kernel.sh" 6.1 uml)
		 arguments+=(ARCH=um) ;;
	uml-7.3) tree=$("$TOP/scripts/kernel.sh" 7.3 uml-smp)
		 arguments+=(ARCH=um) ;;
	esac
	"$TOP/scripts/modules.sh" "$tree" "$OUT/modules-$1" "${arguments[@]}"

	rm -rf "$OUT/${1:?}"
	mkdir -p "$dir"
	cp "$TOP/qemu/jobs/bench" "$dir/job"
	cp "$TOP/qemu/jobs/lib" "$dir/lib.sh"
	cp "$OUT/modules-$1"/*.ko "$dir"
	"$TOP/scripts/bench.py" workloads "$dir"
}

# run MACHINE NAME SECONDS ARGUMENT... - run a guest, with its report in
# OUT/MACHINE/NAME.out; the ARGUMENTs are for qemu/run.sh
run()
{
	local out=$OUT/$1 name=$2 limit=$3

	shift 3
	"$TOP/qemu/run.sh" -t "$limit" "$@" "$out/stage" "$out/$name" >"$out/$name.out"
}

# rows MACHINE NAME - print the results of a guest as lines of the CSV file
rows() { tr -d '\r' <"$OUT/$1/$2.out" | sed -n 's/^row //p'; }

# collect MACHINE NAME - add the results to the CSV file, and print the measurements
# that have failed
collect()
{
	rows "$1" "$2" >>"$CSV"
	if grep '^skip' "$OUT/$1/$2.out" >&2; then
		failed=1
	fi
}

# icount TREE - measure instructions, in two guests whose results must be identical
icount()
{
	local arguments=(-c -a bench.reps=1 -q '-m 6G' "$1/arch/x86/boot/bzImage")
	local other=0 status=0

	if [ -n "$TWICE" ]; then
		run icount second 1500 "${arguments[@]}" &
		other=$!
	fi
	run icount first 1500 "${arguments[@]}" || status=1
	[ -z "$TWICE" ] || wait "$other" || status=1
	[ $status = 0 ] || die "a guest that counts instructions has failed"
	collect icount first
	[ -n "$TWICE" ] || return 0
	if cmp <(rows icount first) <(rows icount second) >&2; then
		echo "instructions: the $(rows icount first | wc -l) results of two runs are identical"
	else
		echo "instructions: the results of two runs differ"
		failed=1
	fi
}

# uml MACHINE TREE ARGUMENT... - measure nanoseconds
uml()
{
	local machine=$1 tree=$2

	shift 2
	run "$machine" guest 900 -u -a "bench.reps=$REPS $*" "$tree/linux" ||
		die "$machine has failed"
	collect "$machine" guest
}

# profile CASE RUN - let QEMU log the instructions of some batches, and count them
profile()
{
	local dir=$OUT/profile tree arguments=(-c -a "bench.reps=1 bench.profile=${PROFILE_AT:-40}")
	local subject=${SUBJECTS:-pagealloc} status=0

	prepare profile
	printf '%s %s %s %s %s 1\n' "$1" "${subject%% *}" "${PAGES:-65536}" \
		"${OCCUPANCY:-99}" "$2" >"$dir/stage/plan"
	arguments+=(-q "-m 6G -device pvpanic -action panic=pause -monitor unix:$dir/monitor,server=on,wait=off")
	"$TOP/scripts/profile.py" watch "$dir/monitor" "$dir/log" &
	run profile guest 600 "${arguments[@]}" "$tree/arch/x86/boot/bzImage" ||
		status=1
	wait $! || status=1
	[ $status = 0 ] || die "the guest or scripts/profile.py has failed"
	sed -n 's/\r$//; s/^sym //p' "$dir/guest.out" >"$dir/symbols"
	"$TOP/scripts/profile.py" report "$dir/log" "$tree/System.map" "$dir/symbols"
}

main()
{
	local machine start tree

	alone "$OUT"
	need_packages python3
	start=$(now)
	if [ -n "${PROFILE:-}" ]; then
		"$TOP/scripts/bench.py" check-profile
		# shellcheck disable=SC2086
		profile $PROFILE
		return
	fi
	# shellcheck disable=SC2086
	"$TOP/scripts/bench.py" check $MACHINES
	echo "$HEADER" >"$CSV"
	for machine in $MACHINES; do
		prepare "$machine"
		"$TOP/scripts/bench.py" plan "$machine" \
			>"$OUT/$machine/stage/plan"
		[ -s "$OUT/$machine/stage/plan" ] || continue
		step "measuring: $machine"
		case $machine in
		icount)	 icount "$tree" ;;
		uml-6.1) uml "$machine" "$tree" ;;
		uml-7.3) uml "$machine" "$tree" ncpus=2 seccomp=on ;;
		esac
	done
	"$TOP/scripts/bench.py" table "$CSV"
	"$TOP/scripts/bench.py" svg "$CSV" >"$BUILD/bench.svg"
	say "$CSV, $BUILD/bench.svg; $(elapsed "$start") s in all"
	[ $failed = 0 ]
}

main
exit
