# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Hostile input: structured junk, written to all files of a pool, and for all
# parameters of the module.  Whatever is no valid text is refused, changes nothing,
# and says little in the log.
#
#   pagealloc.writes=  how many writes
#   pagealloc.loads=   how many loads
#   pagealloc.seed=    of the junk

# shellcheck source=lib
. /tests/lib

# option NAME DEFAULT - its value on the kernel command line
option()
{
	text=$(sed -n "s/^\(.* \)\?$1=\([^ ]*\).*/\2/p" /proc/cmdline)
	echo "${text:-$2}"
}

writes=$(option pagealloc.writes 3000)
loads=$(option pagealloc.loads 30)
seed=$(option pagealloc.seed 1)

# Writes between two looks at the pool; a look takes as long as some hundred writes.
batch=500
[ "$writes" -lt 50000 ] || batch=2500

# Lines of the log, and kilobytes, that a load may cost: busybox tries each twice.
lines_a_load=12
kb_a_load=8
lines_of_all_writes=100

slack_kb=8192

# junk - functions of awk: text of the kinds that parsers stumble over, in which
# what a shell does not take as it is stands as \0OOO
cat >/tmp/junk.awk <<'AWK'
function below(n) { return int(rand() * n) }
function pick(list,   parts) { return parts[1 + below(split(list, parts, "|"))] }

function digits(n,   text) {
	while (n-- > 0)
		text = text below(10)
	return text
}

function number() {
	return pick("0|1|2|511|512|513|4095|4096|16383|16384|16385|65536|" \
		"2147483647|2147483648|4294967295|4294967296|9223372036854775807|" \
		"9223372036854775808|18446744073709551615|18446744073709551616|" \
		"99999999999999999999|" digits(1 + below(30)))
}

# A number as somebody might write it.
function dressed() {
	return pick("|-|+|0x|0X|00|~|\\0040|\\0011|--|0b|#") number() \
		pick("|k|K|M|G|T|P|Mx|.0|.5|e9|U|ul|h|%|\\0040|\\0011|\\0012\\0012|\\0015|\\0000|;|,")
}

function word() {
	return pick("all|All|ALL|alll|none|None|nul|true|y|n|on|off|nan|inf|NULL|" \
		"(null)|%s|%n|%p%p|../..|/|.|..|*|$(id)|`id`|\\0000|\\0377\\0376|" \
		"\\0303\\0050|\\0033[2J|loan|sim|carveout|bitmap|span|default|" \
		"\\0342\\0200\\0256")
}

# Around the longest text that a file takes, and far beyond it.
function long(   text, n, all) {
	text = pick("0|1|a|\\0040|9|\\0000|x-")
	for (n = pick("60|62|63|64|65|127|300|5000"); n > 0; n--)
		all = all text
	return all
}

function junk(   n, text) {
	n = below(10)
	if (n < 4)
		return dressed()
	if (n < 6)
		return dressed() pick("\\0040|\\0040\\0040|\\0011|,|\\0012|:|-") dressed()
	if (n < 8)
		return word() pick("||\\0012|\\0040" number())
	if (n < 9)
		return long()
	return word() dressed() word()
}

# Without what a parser takes off: one newline at the end.
function bare(text) { sub(/\\0012$/, "", text); return text }

function is_number(text) { return text ~ /^[0-9]+$/ }

# May this be valid for that file?  Then it is not for us.
function may_be_valid(file, text) {
	text = bare(text)
	if (file == "alloc")
		return is_number(text)
	if (file == "scavenge")
		return is_number(text) || text == "all"
	if (file == "limit")
		return is_number(text) || text == "none"
	if (file == "latency" || file == "drain")
		return text == "0" || text == "1"
	if (file == "free")
		return text ~ /^[0-9]+\\0040[0-9]+$/
	return 0
}
AWK

# write_lines COUNT FIRST - lines "FILE TEXT", none of them valid; numbers too large
# for the pool among them
write_lines()
{
	awk -v n="$1" -v seed=$((seed + $2)) -v files="$files" \
		"$(cat /tmp/junk.awk)"'
	function too_large() { return pick("16385|99999999|18446744073709551615") }
	function outside() { return (20000 + below(100000)) "\\0040" (1 + below(99)) }
	BEGIN {
		srand(seed)
		while (n > 0) {
			file = pick(files)
			text = junk()
			if (may_be_valid(file, text))
				text = file == "free" ? outside() : too_large()
			print file, text
			n--
		}
	}'
}

# write_batch COUNT FIRST - one write after the other, without a process for each
write_batch()
{
	write_lines "$1" "$2" >/tmp/lines || return
	is "lines of junk" "$(wc -l </tmp/lines)" "$1" || return
	while IFS=' ' read -r file text; do
		if printf %b "$text" >"$pool/$file"; then
			echo "taken by $file: $text"
			return 1
		fi
	done </tmp/lines 2>/dev/null
}

# read_oddly - each file from odd places on, in odd pieces
read_oddly()
{
	for file in "$pool"/*; do
		for at in "1 0" "1 17" "3 100" "4095 1" "4097 3" "1 9223372036854775807"; do
			dd if="$file" of=/dev/null bs="${at% *}" skip="${at#* }" count=3
		done 2>/dev/null
	done
	sound
}

# log_is_short LINES KB - so much at most is in the log since it was emptied
log_is_short()
{
	dmesg >/tmp/log
	lines=$(wc -l </tmp/log) kb=$(($(wc -c </tmp/log) / 1024))
	if [ "$lines" -gt "$1" ] || [ $kb -gt "$2" ]; then
		echo "$lines lines, $kb KiB in the log"
		return 1
	fi
	! grep -E 'WARNING:|BUG:|Oops|INFO: ' /tmp/log
}

all_writes()
{
	done=0
	while [ $done -lt $((writes / 2)) ]; do
		unchanged write_batch $batch $done || return
		alive
		done=$((done + batch))
	done
	report "hostile: $done writes to $(echo "$files" | tr '|' '\n' | wc -l) files refused"
}

for engine in bitmap span; do
	insert size=64M backing=sim granule=16 scavenge=0 engine=$engine || exit
	put alloc 100 >/dev/null || exit
	files=$(find "$pool" -type f | sed 's|.*/||' | sort | tr '\n' '|')
	files=${files%|}
	dmesg -c >/dev/null
	try "hostile_writes_$engine" all_writes
	try "hostile_reads_$engine" unchanged read_oddly
	try "hostile_log_of_writes_$engine" log_is_short $lines_of_all_writes 16
	free_all
	try "hostile_remove_$engine" remove
done

# load_lines - the parameters of a load in a line, with tabs between them
load_lines()
{
	awk -v n="$loads" -v seed="$seed" "$(cat /tmp/junk.awk)"'
	# What a command line cannot have is left out.
	function value(text) {
		gsub(/\\0000|\\0011|\\0012/, "", text)
		return text
	}
	# Places that are no device: nothing, the kernel, what the boot set aside.
	function place() {
		return pick("0|4096|1M|16M|0x20000000|0x23fff000|1T|0xffffffffffffffff|" \
			    "-1|0x|" word())
	}
	function good() {
		return pick("cache=0|cache=1|track=1|track=2|limit=1M|min_ready=512K|" \
			    "generation_ms=20|scavenge_percent=50|scavenge=0|granule=4|" \
			    "engine=span|name=t-0.x|log_scavenge=1|backing=sim")
	}
	function parameter(   name) {
		if (below(2))
			return good()
		name = pick("size|backing|engine|name|base|granule|cache|scavenge|track|" \
			    "generation_ms|scavenge_delay_ms|scavenge_percent|limit|" \
			    "min_ready|reserve_mem|node|sim_delay_ms|log_scavenge|" \
			    "junk|" word())
		if (name == "base")
			return name "=" place()
		if (name == "sim_delay_ms")
			return name "=" word()
		return name pick("=|=|=|=|=||==") value(junk())
	}
	BEGIN {
		srand(seed)
		while (n-- > 0) {
			line = pick("size=64M|size=64M\tbacking=sim|size=1M\tbacking=sim|" \
				    "size=32M\tbacking=sim\tengine=span|" \
				    "size=16M\tbacking=carveout\tbase=0x20000000|base=0|x=1")
			for (i = below(4); i >= 0; i--)
				line = line "\t" parameter()
			print line
		}
	}'
}

# load PARAMETER... - the module takes it all and goes again, or leaves nothing
load()
{
	if insmod /pagealloc.ko "$@" 2>/dev/null; then
		taken=$((taken + 1))
		remove || { echo "rmmod after: $*"; return 1; }
	fi
	gone || { echo "after: $*"; return 1; }
}

all_loads()
{
	taken=0 done=0
	load_lines >/tmp/lines
	is "lines of junk" "$(wc -l </tmp/lines)" "$loads" || return
	while IFS= read -r line; do
		IFS='	'
		# The shell divides it at tabs, and looks for no files.
		set -f
		# shellcheck disable=SC2046,SC2086
		set -- $(printf %b "$line")
		set +f
		unset IFS
		load "$@" || return
		done=$((done + 1))
		alive
	done </tmp/lines
	report "hostile: $done loads, $taken of them taken"
}

memory_is_back() { within $slack_kb $((before - $(memfree))); }

before=$(memfree)
dmesg -c >/dev/null
try hostile_loads all_loads
try hostile_log_of_loads log_is_short $((loads * lines_a_load)) $((loads * kb_a_load))
try hostile_memory_is_back memory_is_back
try hostile_still_loads insert size=64M backing=sim
try hostile_still_sound sound
try hostile_unloads remove
