# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For a script that runs several targets in one go, each even if one before it
# failed: what each has counted, and a summary.  Sourced, never run.

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0 failed=0 summary=''
declare -A beside_pid

# count NAME LOG STATUS SECONDS - add what the last line of a part counts
count()
{
	local good=0 bad=0 last

	# make may have said on stderr that the target failed, after the count.
	last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$2" | tail -n 1)
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		good=${BASH_REMATCH[1]} bad=${BASH_REMATCH[2]}
	fi
	# A part that failed without a count, or counted nothing, is a failure.
	if { [ "$3" != 0 ] && [ "$bad" = 0 ]; } || [ $((good + bad)) = 0 ]; then
		bad=$((bad + 1))
	fi
	passed=$((passed + good)) failed=$((failed + bad))
	summary+=$(printf '%-20s %4d passed %4d failed %5d s' "$1" \
		"$good" "$bad" "$4")$'\n'
}

# part NAME COMMAND... - run it and count
part()
{
	local name=$1 status=0 start=$SECONDS

	shift
	printf '\n##### %s\n' "$name"
	"$@" 2>&1 | tee "$logs/part" || status=$?
	count "$name" "$logs/part" $status $((SECONDS - start))
}

# beside NAME COMMAND... - run it in the background, beside the parts that follow
beside()
{
	local name=$1

	shift
	(
		start=$SECONDS status=0
		"$@" >"$logs/$name" 2>&1 || status=$?
		echo "$status $((SECONDS - start))" >"$logs/$name.ended"
	) &
	beside_pid[$name]=$!
}

# gather NAME - wait for it, show what it said, and count
gather()
{
	local status=1 seconds=0

	wait "${beside_pid[$1]}"
	read -r status seconds <"$logs/$1.ended"
	printf '\n##### %s\n' "$1"
	cat "$logs/$1"
	count "$1" "$logs/$1" "$status" "$seconds"
}

# sum_up - the summary; the last line counts everything.  It fails if something did.
sum_up()
{
	printf '\n##### summary\n%s' "$summary"
	echo "$passed passed, $failed failed"
	[ $failed = 0 ] && [ $passed -gt 0 ]
}
