#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [--shell [FILE...]] - the main job: a real program's page trace on a pool of
# frames borrowed from an unmodified Debian kernel
#
# Builds the module against Debian's own headers, boots Debian's own kernel in
# QEMU, and shows how MemFree follows what the pool holds.  Exit status 0 only
# if every criterion holds.
#
# --shell: boot the same guest to a prompt, with the files in its root.  If standard
# input is not a terminal, the guest performs the commands that it contains; the
# exit status is 0 if that of the last command was.  $APPEND is added to the
# guest's kernel command line.

. "$(dirname "$0")/lib.sh"

TRACE=$TOP/kunit/traces/workload-compile-runtime.txt.gz
OUT=$BUILD/run
PAGE_KB=4

prepare_trace()
{
	zcat "$TRACE" >"$OUT/trace"
	read -r peak_pages peak_line lines < <(trace_peak "$OUT/trace")
	head -n "$peak_line" "$OUT/trace" >"$OUT/stage/trace.1"
	tail -n +"$((peak_line + 1))" "$OUT/trace" >"$OUT/stage/trace.2"
	rm "$OUT/trace"
	size_mb=$(region_mb "$peak_pages")
}

prepare_stage()
{
	local image headers

	image=$("$TOP/scripts/stock.sh" image)
	headers=$("$TOP/scripts/stock.sh" headers)
	kernel=$image
	"$TOP/scripts/modules.sh" "$headers" "$OUT/modules" PAGEALLOC_REPLAY=y
	rm -rf "$OUT/stage"
	mkdir -p "$OUT/stage"
	cp "$OUT/modules/pagealloc.ko" "$OUT/modules/pagealloc_replay.ko" "$OUT/stage"
	cp "$TOP/qemu/jobs/lib" "$OUT/stage/lib.sh"
	prepare_trace
}

# One line that keeps changing on a terminal, a line per tenth in a log.
show_progress()
{
	local at=$1 held=$2 percent=$(($1 * 100 / lines)) bar

	printf -v bar '%*s' $((percent * 40 / 100)) ''
	if [ -t 1 ]; then
		printf '\r  [%-40s] %3d %%  line %6d  %6d pages in use (%s MiB) ' \
			"${bar// /#}" "$percent" "$at" "$held" \
			"$(mib $((held * PAGE_KB)))"
		progress_open=1
	elif [ $((percent / 10)) != "$last_tenth" ]; then
		printf '  %3d %%  line %6d  %6d pages in use (%s MiB)\n' \
			"$percent" "$at" "$held" "$(mib $((held * PAGE_KB)))"
		last_tenth=$((percent / 10))
	fi
}

end_progress()
{
	[ -z "$progress_open" ] || echo
	progress_open=''
}

# follow - read the guest's report from stdin, keep it, show it as it comes
follow()
{
	local kind a b c

	while read -r kind a b c; do
		[ "$kind" = progress ] || end_progress
		case $kind in
		progress) show_progress "$a" "$b" ;;
		kernel)	  echo "  kernel $a is up" ;;
		run)	  echo "  # $a${b:+ $b}${c:+ $c}" ;;
		log)	  echo "    $a $b $c" ;;
		out)	  echo "    $a $b $c" ;;
		bad)	  echo "  kernel log: $a $b $c"; bad=$((bad + 1)) ;;
		memfree)  memfree[$a]=$b; echo "  MemFree $(mib "$b") MiB ($a)" ;;
		stats)	  stats[$a.$b]=$c ;;
		chunk)	  chunks[$a]+="$b $c"$'\n' ;;
		check)	  check[$a]="$b $c" ;;
		replay)	  replay[$a]=$b ;;
		status)	  result[$a.$b]=$c ;;
		guest-status) guest=$a ;;
		*)	  echo "  guest: $kind $a $b $c" ;;
		esac
	done
	end_progress
}

# kb WHEN NAME - a gauge of the pool (bytes) in kB
kb() { echo $((${stats[$1.$2]:-0} / 1024)); }

memory_table()
{
	local when text before=${memfree[before]:-0}

	printf '\n%-30s %10s %10s %12s\n' 'memory in MiB' MemFree change retained
	while read -r when text; do
		[ -n "${memfree[$when]:-}" ] || continue
		printf '  %-28s %10s %10s %12s\n' "$text" \
			"$(mib "${memfree[$when]}")" \
			"$(mib $((memfree[$when] - before)))" \
			"$(case $when in before|unloaded) echo - ;;
			   *) mib "$(kb "$when" retained)" ;; esac)"
	done <<-TABLE
	before before insmod
	loaded after insmod, all lent
	peak at the peak
	ended after the last line
	scavenged after scavenging
	unloaded after rmmod
	TABLE
}

pool_table()
{
	local name when

	printf '\n%-30s %10s %10s %10s %10s\n' 'the pool in MiB' loaded peak ended scavenged
	for name in grown in_use idle retained released largest_free_run; do
		printf '  %-28s' "$name"
		for when in loaded peak ended scavenged; do
			printf ' %10s' "$(mib "$(kb $when $name)")"
		done
		echo
	done
	printf '  %-28s' 'populate / discard (count)'
	for when in loaded peak ended scavenged; do
		printf ' %10s' "${stats[$when.populate]:-?}/${stats[$when.discard]:-?}"
	done
	echo
}

# region_map WHEN - a character a chunk of 512 pages, 64 a row; the pool grows
# upwards, so what it has no maps for yet lies behind
region_map()
{
	printf '%s' "${chunks[$1]:-}" |
		awk -v total=$(($(kb "$1" sys) / PAGE_KB / 512)) '
	function symbol(in_use, ready) {
		if (in_use > 384) return "#"
		if (in_use > 128) return "="
		if (in_use > 0) return "-"
		if (ready > 0) return "+"
		return "."
	}
	function put(c) {
		if (n % 64 == 0)
			printf "%s    %#011x  ", n ? "\n" : "", (first + n * 512) * 4096
		printf "%s", c
		n++
	}
	NR == 1 { first = $1 }
	{ put(symbol($2, $3)) }
	END {
		while (n < total)
			put("_")
		print ""
	}'
}

maps()
{
	local when

	printf '\nthe region, 2 MiB a character\n'
	printf '  %s\n' '# = -  in use, or in the cache of a CPU: most of it, half, little' \
		'+      free and ready' '.      given back to the kernel' \
		'_      lent to the kernel since insmod, never needed'
	for when in peak ended scavenged; do
		echo "  $when:"
		region_map $when
	done
}

all_clean()
{
	local when

	for when in loaded peak ended scavenged; do
		[ "${check[$when]:-}" = "verdict clean" ] || return 1
	done
}

rmmod_done()
{
	[ "${result[rmmod.pagealloc_replay]:-1}${result[rmmod.pagealloc]:-1}${result[debugfs.gone]:-1}" = 000 ]
}

trace_done()
{
	[ "${replay[ended]:-0}" = 1 ] && [ "${replay[failed]:-1}" = 0 ] &&
		[ "${replay[lines]:-0}" = "$lines" ]
}

criteria()
{
	local before=${memfree[before]:-0} peak=${memfree[peak]:-0}
	local fallen back retained off

	fallen=$((before - peak))
	back=$((${memfree[scavenged]:-0} - peak))
	retained=$(kb peak retained)
	off=$((${memfree[unloaded]:-0} - before))

	echo
	echo "verdicts"
	criterion "the whole trace was performed, its E line included" \
		"${replay[lines]:-0} of $lines lines" trace_done
	criterion "every page held its pattern" \
		"${replay[pages_verified]:-0} pages verified" \
		holds "!${replay[failed]:-1} && ${replay[pages_verified]:-0}"
	criterion "the pool was as full as the trace at the peak" \
		"$(kb peak in_use) kB in use" \
		holds "$(kb peak in_use) >= $peak_pages * PAGE_KB"
	criterion "at the peak MemFree had fallen by 90 % of retained" \
		"$(percent $fallen "$retained")" \
		holds "$retained && $fallen * 100 >= $retained * 90"
	criterion "after scavenging 95 % of that was back" \
		"$(percent $back $fallen)" \
		holds "$fallen > 0 && $back * 100 >= $fallen * 95"
	criterion "check found nothing, at any stage" \
		"${check[peak]:-no answer}" all_clean
	criterion "rmmod of both modules, no debugfs directory left" "" rmmod_done
	criterion "MemFree after rmmod is as before, within 8 MiB" \
		"$off kB" holds "$before && ${off#-} <= 8192"
	criterion "the kernel log has no warning" "$bad" holds "!$bad"
	criterion "the guest came to its end" "" holds "!$guest"
}

closing_block()
{
	cat <<-BLOCK

	memfree_before_kb ${memfree[before]:-0}
	memfree_peak_kb ${memfree[peak]:-0}
	memfree_after_kb ${memfree[scavenged]:-0}
	memfree_unloaded_kb ${memfree[unloaded]:-0}
	retained_peak_kb $(kb peak retained)
	trace_ops ${replay[trace_ops]:-0}
	pages_verified ${replay[pages_verified]:-0}
	seconds $(elapsed "$start")
	BLOCK
}

main_job()
{
	local peak_pages peak_line lines size_mb kernel guest=0
	local passed=0 failed=0 bad=0 progress_open='' last_tenth=-1
	local -A memfree=() stats=() chunks=() check=() replay=() result=()

	step "preparing: Debian's kernel, its headers, the module"
	prepare_stage
	cp "$TOP/qemu/jobs/run" "$OUT/stage/job"
	echo "  ready after $(elapsed "$start") s"
	echo "  trace of $lines lines; its peak is $peak_pages pages ($(mib $((peak_pages * PAGE_KB))) MiB) in use at line $peak_line"

	step "a guest of 2 GiB on the unmodified kernel"
	follow < <("$TOP/qemu/run.sh" -a "pagealloc.size=${size_mb}M" \
		"$kernel" "$OUT/stage" "$OUT" || echo "guest-status $?")
	memory_table
	pool_table
	maps
	criteria
	echo
	echo "$passed passed, $failed failed"
	closing_block
	[ $failed = 0 ]
}

shell()
{
	local peak_pages peak_line lines size_mb kernel file append

	for file in "$@"; do
		[ -r "$file" ] || die "FILES: cannot read $file"
	done
	prepare_stage
	append="pagealloc.size=${size_mb}M${APPEND:+ $APPEND}"
	[ $# = 0 ] || cp -r "$@" "$OUT/stage"
	cp "$TOP/qemu/jobs/shell" "$OUT/stage/job"
	if [ -t 0 ]; then
		"$TOP/qemu/run.sh" -i -a "$append quiet" \
			"$kernel" "$OUT/stage" "$OUT"
	else
		say "reading commands from standard input"
		cat >"$OUT/stage/commands"
		"$TOP/qemu/run.sh" -t 3600 -T 3600 -a "$append" \
			"$kernel" "$OUT/stage" "$OUT"
	fi
}

alone "$OUT"
start=$(now)
case ${1:-} in
'')	 main_job ;;
--shell) shift; shell "$@" ;;
*)	 die "usage: run.sh [--shell [FILE...]]" ;;
esac
exit
