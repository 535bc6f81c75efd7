#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fuzz.sh - libFuzzer on the engines: operations from bytes, both engines against
# a flat model (kunit/native/fuzz)
#
#   TIME=n      for so many seconds (default: 60)
#   INPUT=FILE  perform this input alone, each operation in words
#   MERGE=1     then write kunit/native/corpus.txt anew: the inputs that reach
#               something that no smaller one reaches
#
# It begins with the corpus in the repository and what earlier runs have found.
# What was built, the inputs, and a log are in build/native/fuzz/.  An input that
# fails is kept there as crash-*, leak-*, timeout-* or oom-*.

. "$(dirname "$0")/lib.sh"

TIME=${TIME:-60}
INPUT=${INPUT:-}
MERGE=${MERGE:-}
DIR=$BUILD/native/fuzz
CORPUS=$TOP/kunit/native/corpus.txt

# Bytes of an input: 80 operations.
LENGTH=403

passed=0
failed=0

ok()	 { printf 'ok %s\n' "$1"; passed=$((passed + 1)); }
not_ok() { printf 'not ok %s: %s\n' "$1" "$2"; failed=$((failed + 1)); }

build()
{
	local source

	need_packages clang libclang-rt-14-dev libc6-dev make
	source=$("$TOP/scripts/kernel.sh" --source 6.1)
	quietly "$DIR/build.log" make -C "$TOP" -f kunit/native/native.mk \
		-j"$JOBS" SOURCE="$source" OUT="$DIR" CC=clang \
		FLAGS="-O2 -g -fsanitize=address,undefined -fsanitize=fuzzer \
		-fno-sanitize-recover=all -fno-omit-frame-pointer" fuzz
}

# fuzzer ARGUMENT... - run the program.  AddressSanitizer of this age wants an
# address space that is not random.
fuzzer()
{
	local same=()

	! setarch -R true 2>/dev/null || same=(setarch -R)
	"${same[@]}" "$DIR/fuzz" -max_len="$LENGTH" \
		-artifact_prefix="$DIR/" "$@"
}

# unpack DIRECTORY - the inputs of the repository, a file each
unpack()
{
	local line i=0

	rm -rf "$1"
	mkdir -p "$1"
	[ -e "$CORPUS" ] || return 0
	while read -r line; do
		[[ $line != '#'* ]] || continue
		i=$((i + 1))
		# The line consists of hexadecimal digits only.
		# shellcheck disable=SC2001,SC2059
		printf "$(sed 's/../\\x&/g' <<<"$line")" >"$1/$i"
	done <"$CORPUS"
}

# pack DIRECTORY - print the inputs, a line each, the shortest first
pack()
{
	local file

	echo '# SPDX-License-Identifier: GPL-2.0'
	echo '# Inputs for kunit/native/fuzz, a line each: written by make fuzz MERGE=1'
	for file in "$1"/*; do
		od -An -v -tx1 "$file" | tr -d ' \n'
		echo
	done | awk '{ print length($0), $0 }' | sort -k 1,1n -k 2 | cut -d ' ' -f 2
}

merge()
{
	rm -rf "$DIR/merged"
	mkdir -p "$DIR/merged"
	quietly "$DIR/merge.log" fuzzer -merge=1 "$DIR/merged" "$DIR/corpus" \
		"$DIR/found"
	pack "$DIR/merged" >"$CORPUS"
	say "$CORPUS: $(grep -vc '^#' "$CORPUS") inputs, $(wc -c <"$CORPUS") bytes"
}

# perform_input - one input, in words
perform_input()
{
	[ -r "$INPUT" ] || die "INPUT=\"$INPUT\" cannot be read"
	if FUZZ_WORDS=1 fuzzer "$INPUT" 2>&1 | tee "$DIR/input.log"; then
		ok "$INPUT"
	else
		not_ok "$INPUT" "see above ($DIR/input.log)"
	fi
}

# told LOG - what was wrong, and the operations that led there.  A sanitizer stops
# before they are told, so that input is performed once more.
told()
{
	local input

	input=$(sed -n 's/.*Test unit written to //p' "$1" | tail -n 1)
	grep -m 1 -A 12 -E 'ERROR|runtime error|failed at' "$1" || tail -n 20 "$1"
	[ -n "$input" ] || return 0
	echo "the operations of $input:"
	FUZZ_WORDS=1 fuzzer "$input" 2>&1 | grep -E '^(bitmap|span): |failed at' ||
		true
	echo "repeat it with: make fuzz INPUT=$input"
}

fuzz()
{
	local log=$DIR/fuzz.log status=0

	mkdir -p "$DIR/found"
	unpack "$DIR/corpus"
	fuzzer -max_total_time="$TIME" -len_control=0 -print_final_stats=1 \
		"$DIR/found" "$DIR/corpus" >"$log" 2>&1 || status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
	edges=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
	features=$(grep -o 'ft: [0-9]*' "$log" | tail -n 1)
	if [ "$status" = 0 ] && [ "${runs:-0}" -gt 0 ]; then
		ok "fuzz ($runs executions, ${edges#cov: } edges, ${features#ft: } features)"
	else
		told "$log"
		not_ok fuzz "status $status after ${runs:-?} executions ($log)"
	fi
}

main()
{
	local runs edges features

	alone "$DIR"
	step "fuzz: building"
	build
	if [ -n "$INPUT" ]; then
		perform_input
	else
		fuzz
		[ -z "$MERGE" ] || merge
	fi
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

main "$@"
exit
