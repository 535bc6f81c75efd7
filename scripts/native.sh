#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# native.sh - the engines and all of their tests that need no kernel, as an
# ordinary program: no guest, no root, some seconds.  The inputs that the fuzzer
# has found (scripts/fuzz.sh) are performed as well.
#
#   SUITES="a b"   only these KUnit suites, nothing else
#   TRACES="a b"   only these traces (paths), nothing else
#   SEED=n         the seed of the random tests (default: a new one)
#   COVERAGE=1     ends with a table: which lines and branches have run
#   SANITIZE=0     without AddressSanitizer and UBSan, and random tests as long
#                  as in a guest
#
# native.sh --list   print the names of the suites, nothing is built
#
# The kernel's own source is compiled for what the engines use of it; it is
# downloaded once (scripts/kernel.sh --source 6.1).  What was built, and a log
# of each suite, is in build/native/.

. "$(dirname "$0")/lib.sh"

SUITES=${SUITES:-}
TRACES=${TRACES:-}
SEED=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
COVERAGE=${COVERAGE:-}
SANITIZE=${SANITIZE:-}
OUT=$BUILD/native

# Seconds that a suite may take, where the host has other things to do.
LIMIT=900

passed=0
failed=0

ok()	 { printf 'ok %s\n' "$1"; passed=$((passed + 1)); }
not_ok() { printf 'not ok %s: %s\n' "$1" "$2"; failed=$((failed + 1)); }

# all_suites - the names of the suites that need no pool
all_suites()
{
	find "$TOP"/kunit/{base,engine} -name '*_kunit.c' \
		-exec grep -L 'lib/testpool.h' {} + |
		sed 's|.*/||; s/_kunit\.c$//' | sort
}

# all_traces - the paths of all traces, each name once
all_traces()
{
	find "$TOP/kunit/traces" "$TOP/../shared/traces" -name '*.txt.gz' \
		2>/dev/null | sort | awk -F / '!seen[$NF]++' || true
}

# check_choices - refuse, before anything is built, what is no choice
check_choices()
{
	local name all

	all=" $(all_suites | xargs) "
	for name in $SUITES; do
		[[ $all == *" $name "* ]] ||
			die "SUITES=\"$SUITES\": without a kernel there are$all"
	done
	for name in $TRACES; do
		[ -r "$name" ] || die "TRACES=\"$TRACES\": $name cannot be read"
	done
}

# mode - the name of the way in which it is built
mode()
{
	if [ -n "$COVERAGE" ]; then
		echo coverage
	elif [ "$SANITIZE" = 0 ]; then
		echo plain
	else
		echo sanitized
	fi
}

# flags MODE - what the compiler is told
flags()
{
	case $1 in
	coverage)  echo "-O0 -g --coverage -DNATIVE_SHORT" ;;
	plain)	   echo "-O2 -g" ;;
	sanitized) echo "-O1 -g -fsanitize=address,undefined" \
		"-fno-sanitize-recover=all -fno-omit-frame-pointer" \
		"-DNATIVE_SHORT" ;;
	esac
}

build()
{
	local source

	need_packages gcc libc6-dev make python3
	source=$("$TOP/scripts/kernel.sh" --source 6.1)
	quietly "$DIR/build.log" make -C "$TOP" -f kunit/native/native.mk \
		-j"$JOBS" SOURCE="$source" OUT="$DIR" CC=gcc \
		FLAGS="$(flags "$MODE")" native
}

# native ARGUMENT... - run the program.  An address space that is not random
# leaves AddressSanitizer's part of it free, on any kernel.
native()
{
	local same=()

	! setarch -R true 2>/dev/null || same=(setarch -R)
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
		timeout "$LIMIT" "${same[@]}" "$DIR/native" --seed "$SEED" "$@"
}

# clean_trace TRACE - print where it is as the oracle gets it.  That is made once
# for a trace and a scripts/trace.py.
clean_trace()
{
	local trace=$1 name key file

	name=$(basename "$trace")
	key=$(cat "$trace" "$TOP/scripts/trace.py" | sha256sum | cut -c 1-16)
	file=$OUT/traces/$key/$name
	if [ ! -e "$file" ]; then
		mkdir -p "$OUT/traces/$key"
		"$TOP/scripts/trace.py" "$name" <"$trace" >"$file.tmp" ||
			return 1
		mv "$file.tmp" "$file"
	fi
	printf '%s\n' "$file"
}

# perform LOG TRACE... - clean traces and perform them
perform()
{
	local log=$1 trace file files=()

	shift
	for trace in "$@"; do
		if file=$(clean_trace "$trace" 2>"$log.why"); then
			files+=("$file")
		else
			printf 'trace %s\nerror %s\nend -\n' "$trace" \
				"$(tail -n 1 "$log.why")"
		fi
	done
	[ ${#files[@]} = 0 ] || native --traces "${files[@]}"
}

# start NAME COMMAND... - beside others; the last line of its log is its status
start()
{
	local name=$1 status=0

	shift
	while [ "$(jobs -r | wc -l)" -ge "$JOBS" ]; do
		wait -n || true
	done
	{
		status=0
		since=$(now)
		"$@" || status=$?
		echo "status $status $(elapsed "$since")"
	} >"$LOGS/$name" 2>&1 &
}

# ended NAME - wait for the end of that job; sets status and took
ended()
{
	local last

	while ! last=$(tail -n 1 "$LOGS/$1" 2>/dev/null) ||
	      [[ $last != "status "* ]]; do
		[ -n "$(jobs -r)" ] || break
		wait -n || true
	done
	read -r _ status took <<<"$last"
	if [ -z "${took:-}" ]; then
		status='broken off' took='some'
	fi
}

# judge_suite NAME - count the tests of a suite, show what failed
judge_suite()
{
	local log=$LOGS/$1 good bad

	ended "$1"
	read -r good bad < <(sed -n \
		's/^suite .*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log") ||
		true
	good=${good:-0} bad=${bad:-0}
	passed=$((passed + good))
	if [ "$status" = 0 ] && [ "$bad" = 0 ] && [ "$good" -gt 0 ]; then
		echo "ok pagealloc_$1 ($good tests, $took s)"
		return
	fi
	# One that ends in the midst of a test, or with a leak, has failed as well.
	[ "$bad" -gt 0 ] || bad=1
	failed=$((failed + bad))
	grep -vE '^  ok |^status ' "$log" | head -n 60
	echo "not ok pagealloc_$1: $good passed, $bad failed, status $status ($log)"
}

# verdict LOG TRACE - what the oracle said of a trace, in one line
verdict()
{
	awk -v name="/$2" '
	/^trace / {
		mine = substr($0, length($0) - length(name) + 1) == name
		lines = checks = ended = 0
		error = ""
	}
	$1 == "lines" { lines = $2 }
	$1 == "checksums" { checks = $2 }
	$1 == "ended" { ended = $2 }
	sub(/^error /, "") { error = $0 }
	/^end / && mine {
		if (error != "")
			print error
		else if (!ended)
			print lines + 1 ": the trace ends before the E line"
		else
			print "ok, " lines " lines, " checks " checksums"
	}' "$1"
}

# judge_trace LOG TRACE - one result
judge_trace()
{
	local name said

	name=$(basename "$2")
	said=$(verdict "$1" "$name")
	case $said in
	"ok, "*) ok "trace_${name%.txt*} (${said#ok, })" ;;
	*)	 not_ok "trace_${name%.txt*}" "${said:-no result ($1)}" ;;
	esac
}

# judge_bad LOG LIST - each bad trace was refused, at its line, for its reason
judge_bad()
{
	local file line why said

	ended bad_traces
	while read -r file line why; do
		why=${why#*|}
		[ "$why" != - ] || continue
		said=$(verdict "$1" "$file")
		if [[ $said == "$line: "*"$why"* ]]; then
			ok "bad_${file%.txt}"
		else
			not_ok "bad_${file%.txt}" \
				"${said:-no result}, not line $line, $why"
		fi
	done <"$2"
}

run_suites()
{
	local names name

	mapfile -t names < <(if [ -n "$SUITES" ]; then xargs -n 1 <<<"$SUITES"
			     else all_suites; fi)
	for name in "${names[@]}"; do
		start "$name" native "$name"
	done
	for name in "${names[@]}"; do
		judge_suite "$name"
	done
}

run_traces()
{
	local traces trace

	if [ -n "$TRACES" ]; then
		mapfile -t traces < <(xargs -n 1 <<<"$TRACES")
	else
		mapfile -t traces < <(all_traces)
	fi
	if [ ${#traces[@]} = 0 ]; then
		not_ok traces "no trace found"
		return
	fi
	start traces perform "$LOGS/traces" "${traces[@]}"
	ended traces
	for trace in "${traces[@]}"; do
		judge_trace "$LOGS/traces" "$trace"
	done
	if [ "$status" = 0 ]; then
		ok traces_status
	else
		grep -m 20 -E 'ERROR|runtime error|#[0-9]' "$LOGS/traces" || true
		not_ok traces_status "status $status ($LOGS/traces)"
	fi
}

run_bad_traces()
{
	local files

	"$TOP/scripts/bad-traces.sh" "$LOGS/bad" >"$LOGS/bad.list"
	mapfile -t files < <(sed "s|^|$LOGS/bad/|; s| .*||" "$LOGS/bad.list")
	start bad_traces native --traces "${files[@]}"
	judge_bad "$LOGS/bad_traces" <(grep -v ' 0 -$' "$LOGS/bad.list")
	case $(verdict "$LOGS/bad_traces" good.txt) in
	"ok, 4 lines"*) ok bad_good ;;
	*)		not_ok bad_good "a good trace is refused" ;;
	esac
}

# run_corpus - the inputs of the fuzzer, one result
run_corpus()
{
	local log=$LOGS/corpus good bad

	start corpus native --inputs "$TOP/kunit/native/corpus.txt"
	ended corpus
	read -r good bad < <(sed -n \
		's/^inputs: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log") ||
		true
	if [ "$status" = 0 ] && [ "${bad:-1}" = 0 ]; then
		ok "corpus ($good inputs, $took s)"
		return
	fi
	grep -vE '^input |^status ' "$log" | head -n 60
	not_ok corpus "${bad:-?} failed, status $status ($log)"
	echo "in words: $DIR/native --inputs $TOP/kunit/native/corpus.txt" \
		"$(grep -m 1 -B 1 -vE '^input |^status ' "$log" |
		   sed -n '1s/^input //p')"
}

main()
{
	local since status took

	if [ "${1:-}" = --list ]; then
		all_suites
		return
	fi
	check_choices
	MODE=$(mode)
	DIR=$OUT/$MODE
	LOGS=$DIR/log
	alone "$OUT"
	since=$(now)
	step "native: building ($MODE)"
	build
	rm -rf "$LOGS"
	mkdir -p "$LOGS"
	find "$DIR" -name '*.gcda' -delete
	echo "seed $SEED (repeat with SEED=$SEED)"
	# Jobs do not hear of an interrupt by themselves.
	trap 'trap - INT; kill 0' INT
	[ -n "$TRACES" ] || run_suites
	[ -n "$SUITES" ] || run_traces
	[ -n "$SUITES$TRACES" ] || run_bad_traces
	[ -n "$SUITES$TRACES" ] || run_corpus
	[ -z "$COVERAGE" ] || "$TOP/scripts/coverage.py" "$TOP" "$DIR"
	say "$(elapsed "$since") s in all"
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

main "$@"
exit
