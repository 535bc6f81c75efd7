#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench.sh - what pagealloc costs, and other allocators beside it
#
#   MACHINES="icount"       only these
#   CASES="pair churn"      only these cases
#   SUBJECTS="pagealloc"    only these allocators
#   RUNS="1 8"              only runs of so many pages
#   PAGES="65536"           only pools of so many
#   OCCUPANCY="50 99"       only pools of which so much is in use, in percent
#   PROFILE="churn 8"       instead: where the instructions go, by function, of
#                           this case with runs of so many pages, of the first
#                           of SUBJECTS; from batch PROFILE_AT (40) on
#   TWICE=1                 with any of these: instructions twice all the same
#
# Machines:
#   icount   QEMU counts instructions, kernel 6.12.  Two guests measure the same
#            at the same time, and what they find must be the same to the byte.
#   uml-6.1  nanoseconds, User Mode Linux on one CPU: the least of 5
#   uml-7.3  the same on one and on two CPUs: what CPUs do at the same time
#
# The results are in build/bench.csv and build/bench.svg, and as a table on
# standard output.  A bar that is missed is no failure; a line that could not be
# measured is.

. "$(dirname "$0")/lib.sh"

MACHINES=${MACHINES:-icount uml-6.1 uml-7.3}
REPS=5
OUT=$BUILD/bench
CSV=$BUILD/bench.csv
HEADER='case,subject,pages_in_pool,occupancy,run_pages,cpus,metric,value,unit'

# A part is measured by somebody who waits for it.
TWICE=${TWICE:-}
[ -n "${CASES:-}${SUBJECTS:-}${RUNS:-}${PAGES:-}${OCCUPANCY:-}" ] || TWICE=1

failed=0

# prepare MACHINE - a guest root with job, modules and plan in OUT/MACHINE/stage;
# the kernel's tree in $tree
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

# run MACHINE NAME SECONDS ARGUMENT... - let a guest do its job, what it reports
# in OUT/MACHINE/NAME.out; ARGUMENT are more for qemu/run.sh
run()
{
	local out=$OUT/$1 name=$2 limit=$3

	shift 3
	"$TOP/qemu/run.sh" -t "$limit" "$@" "$out/stage" "$out/$name" >"$out/$name.out"
}

# rows MACHINE NAME - the results, as lines of the CSV file
rows() { tr -d '\r' <"$OUT/$1/$2.out" | sed -n 's/^row //p'; }

# collect MACHINE NAME - add them; complain of what could not be measured
collect()
{
	rows "$1" "$2" >>"$CSV"
	if grep '^skip' "$OUT/$1/$2.out" >&2; then
		failed=1
	fi
}

# icount TREE - all instructions, in two guests that must agree
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
		echo "instructions: two runs, $(rows icount first | wc -l) figures, all the same"
	else
		echo "instructions: two runs differ"
		failed=1
	fi
}

# uml MACHINE TREE ARGUMENT... - nanoseconds
uml()
{
	local machine=$1 tree=$2

	shift 2
	run "$machine" guest 900 -u -a "bench.reps=$REPS $*" "$tree/linux" ||
		die "$machine has failed"
	collect "$machine" guest
}

# profile CASE RUN - have QEMU write down every instruction of some batches
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
	[ $status = 0 ] || die "the guest has failed, or was not watched"
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
