#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# all.sh - what the CI leaves out since it takes long: races, hostile input, a million
# operations at once, and a short selection beside ten programs that are always busy
#
#   PARTS="races hostile uml loops"   these alone

set -uo pipefail
cd "$(dirname "$0")/.." || exit

. scripts/parts.sh

PARTS=${PARTS:-races hostile uml loops}

# How many programs, and for how long at most, in seconds.
LOOPS=10
LOOP_SECONDS=7200

run_make() { make --no-print-directory "$@"; }

# One guest at a time: it has as many CPUs as the host, and all are busy.
part_races() { part 'make test RACES=1' env JOBS=1 make --no-print-directory test RACES=1; }

part_hostile() { part 'make stress HOSTILE=1' run_make stress HOSTILE=1; }

part_uml() { part 'make stress UML=1' run_make stress UML=1; }

# A suite for each kind of waiting: threads, the worker, interrupts and CPUs that go.
selection() { run_make test SUITES="request scavenger cpu_cache deferred latency"; }

part_loops()
{
	local i loops=()

	for ((i = 0; i < LOOPS; i++)); do
		timeout "$LOOP_SECONDS" bash -c 'while :; do :; done' &
		loops+=($!)
	done
	part "beside $LOOPS loops" selection
	kill "${loops[@]}"
}

for name in $PARTS; do
	[[ " races hostile uml loops " == *" $name "* ]] ||
		{ echo "PARTS=\"$PARTS\": there are races, hostile, uml and loops" >&2; exit 1; }
done
for name in $PARTS; do
	"part_$name"
done
sum_up
