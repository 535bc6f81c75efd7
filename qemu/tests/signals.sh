# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# kill -9 of a process whose request is populating pages: the process ends at once, the
# request is undone, and the pool stays usable.

# shellcheck source=lib
. /tests/lib

# start PAGES - start a process that allocates PAGES, set $writer to its id
start()
{
	echo "$1" >/tmp/pages
	dd if=/tmp/pages of="$pool/alloc" 2>/dev/null &
	writer=$!
}

# has GAUGE - whether the gauge is not 0
has() { [ "$(value "$pool/stats" "$1")" != 0 ]; }

# ended PID - whether the process has ended
ended() { ! kill -0 "$1" 2>/dev/null; }

# killed PAGES GAUGE - start to allocate PAGES, kill the process when GAUGE is not 0, and
# check that it ends before it could populate the next granule
killed()
{
	start "$1"
	await "$PATIENCE" has "$2" || { echo "no $2"; return 1; }
	kill -9 "$writer" || { echo "the process has ended before"; return 1; }
	await 15 ended "$writer" ||
		{ echo "the process still runs"; return 1; }
	wait "$writer"
	is "status of the process" $? 137 || return
	is "pages in use" "$(in_use)" 0 || return
	is "in transition" "$(value "$pool/stats" in_transition)" 0 || return
	sound
}

counted()
{
	is interrupted "$(value "$pool/stats" populate_fail_intr)" 1
}

usable()
{
	put alloc 512 >/dev/null && is "pages in use" "$(in_use)" 512 && sound
}

# Each of the eight granules takes 20 s to populate.
insert size=64M backing=sim granule=512 sim_delay_ms=20000 || exit
try signals_kill_while_populating killed 4096 in_transition
try signals_kill_is_counted counted
try signals_pool_is_usable usable
try signals_remove remove
try signals_gone gone

# The same while the pool grows, which takes seconds for this run and does not sleep.
insert size=16T backing=sim granule=512 || exit
try signals_kill_while_growing killed 4294967296 grown
try signals_remove_grown remove

# The same on a loan, at different moments.  No frame is lost, whether the process has
# got its run or not.
storm()
{
	round=0
	while [ $round -lt 20 ]; do
		start 14000
		usleep $((round * 500))
		kill -9 "$writer" 2>/dev/null
		wait "$writer"
		free_all && put scavenge all || return
		round=$((round + 1))
	done
	is "pages in use" "$(in_use)" 0 || return
	is retained "$(value "$pool/stats" retained)" 0 || return
	sound
}

insert size=64M backing=loan || exit
try signals_kill_storm_on_loan storm
try signals_remove_loan remove
