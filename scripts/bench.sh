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
#
# Machines:
#   icount  QEMU counts instructions: the same figures every time

. "$(dirname "$0")/lib.sh"

MACHINES=${MACHINES:-icount}
OUT=$BUILD/bench

header='case,subject,pages_in_pool,occupancy,run_pages,cpus,metric,value,unit'

# prepare NAME VERSION CONFIG ARGUMENT... - kernel and modules in $tree and
# $modules
prepare()
{
	local name=$1 version=$2 config=$3

	shift 3
	tree=$("$TOP/scripts/kernel.sh" "$version" "$config")
	modules=$OUT/modules-$name
	"$TOP/scripts/modules.sh" "$tree" "$modules" PAGEALLOC_BENCH=y "$@"
}

# stage NAME - a guest root with the job, the modules and the plan in OUT/NAME
stage()
{
	local dir=$OUT/$1/stage

	rm -rf "$OUT/${1:?}"
	mkdir -p "$dir"
	cp "$TOP/qemu/jobs/bench" "$dir/job"
	cp "$TOP/qemu/jobs/lib" "$dir/lib.sh"
	cp "$modules"/*.ko "$dir"
	"$TOP/scripts/bench.py" plan "$1" >"$dir/plan"
}

# rows DIR - the results of a guest, as lines of the CSV file
rows() { tr -d '\r' <"$1/results" | sed -n 's/^row //p'; }

machine_icount()
{
	local tree modules

	prepare icount 6.12 bench
	stage icount
	"$TOP/qemu/run.sh" -c -t 1200 -a bench.reps=1 -q '-m 6G' \
		"$tree/arch/x86/boot/bzImage" "$OUT/icount/stage" \
		"$OUT/icount/first" >"$OUT/icount/out"
	rows "$OUT/icount/first" >>"$BUILD/bench.csv"
}

main()
{
	local machine start

	alone "$OUT"
	need_packages python3
	start=$(now)
	echo "$header" >"$BUILD/bench.csv"
	for machine in $MACHINES; do
		step "measuring: $machine"
		"machine_$machine"
	done
	"$TOP/scripts/bench.py" table "$BUILD/bench.csv"
	say "$(elapsed "$start") s in all"
}

main
exit
