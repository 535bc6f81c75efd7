# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Memory of a loan goes bad, as the kernel sees it: in use, free and ready, and lent to
# the kernel.  It is not handed out again, nothing else is lost, and no request fails.

# shellcheck source=../tests/lib
. /tests/lib

OFFLINE=/sys/devices/system/memory/hard_offline_page

# Pages in a granule of a loan: a pageblock.
GRANULE=$((1 << $(awk '/^Page block order:/ { print $4 }' /proc/pagetypeinfo)))

# spoil PFN - the memory of a frame goes bad; if the pool has it, the kernel can do no
# more than mark it, which it calls a failure
spoil() { echo $(($1 * 4096)) >$OFFLINE 2>/dev/null || true; }

# gauge NAME - print a gauge in pages
gauge() { echo $(($(value "$pool/stats" "$1") / 4096)); }

# named - how many lines of the log name retired pages
named() { dmesg | grep -c 'have bad memory and are retired'; }

# last_run - print "PFN PAGES" of the run that was allocated last
last_run() { sort -n "$pool/alloc" | tail -n 1; }

# with PFN - check that no run in use has the page
without()
{
	awk -v pfn="$1" 'pfn >= $1 && pfn < $1 + $2 { print "run " $0; bad = 1 }
		END { exit bad }' "$pool/alloc"
}

# fill NR - allocate all runs of NR pages that there are
fill() { while put alloc "$1" >/dev/null; do :; done; }

# fill_all - allocate all pages, in runs that get shorter
fill_all() { for nr in 512 64 8 1; do fill $nr; done; }

# all_but NR - check that all pages but NR, and those of held granules, are in use
all_but()
{
	is "pages in use" $(($(in_use) + $(gauge held))) $((32 * GRANULE - $1))
}

# start [PARAMETER...] - insert the module; set first to the pool's lowest page
start()
{
	before=$(named)
	insert size=$((32 * GRANULE * 4))K backing=loan scavenge=0 "$@" || return
	put alloc 1 >/dev/null || return
	first=$(cut -d' ' -f1 "$pool/alloc")
	free_all
}

# in_use_and_freed - a page of a run goes bad while a client has it
in_use_and_freed()
{
	start cache=0 && put alloc 1000 >/dev/null || return
	bad=$(($(last_run | cut -d' ' -f1) + 100))
	spoil $bad
	is retired "$(gauge retired)" 0 && free_all && is retired "$(gauge retired)" 1 ||
		return
	is "lines in the log" $(($(named) - before)) 1 || return
	put alloc 1000 >/dev/null && without $bad || return
	fill_all
	without $bad && sound && all_but 1 && free_all && is retired "$(gauge retired)" 1
}

# found_at_discard - the granule of the bad page stays ready, the others go back
found_at_discard()
{
	put scavenge all >/dev/null || return
	is retained "$(gauge retained)" $GRANULE && sound || return
	put alloc 5 >/dev/null || return
	is retained "$(gauge retained)" $GRANULE || return
	free_all
}

# while_lent - a granule that the kernel has gets bad memory: it is retired
while_lent()
{
	spoil $((first + 5 * GRANULE + 7))
	fill $GRANULE
	is retired "$(gauge retired)" $((1 + GRANULE)) || return
	is "lines in the log" $(($(named) - before)) 2 || return
	fill_all
	all_but $((1 + GRANULE)) && without $((first + 5 * GRANULE + 7)) && free_all && sound
}

# eight_of_them - ready pages, each in a granule of its own: requests get what is beside
eight_of_them()
{
	i=0
	fill_all
	free_all || return
	while [ $i -lt 8 ]; do
		spoil $((first + (10 + i) * GRANULE + 1))
		i=$((i + 1))
	done
	put alloc $((8 * GRANULE)) >/dev/null || return
	fill_all
	sound && all_but $((GRANULE + 9)) && is retired "$(gauge retired)" $((9 + GRANULE)) && free_all
}

# through_caches - the same with caches, which hand a page out once more at most
through_caches()
{
	remove && gone && start cache=1 || return
	i=0
	while [ $i -lt 30 ]; do
		put alloc 8 >/dev/null || return
		i=$((i + 1))
	done
	bad=$(last_run | cut -d' ' -f1)
	spoil "$bad"
	free_all && put scavenge all >/dev/null || return
	is retired "$(gauge retired)" 1 || return
	fill_all
	without "$bad" && free_all && sound
}

# the_end - the module goes, and the kernel does not use the bad memory
the_end()
{
	remove && gone || return
	! dmesg | grep -E 'stay out of use|could not be given back' || return
	# The machine's memory is taken once, and no bad page is met.
	mkdir -p /tmp/all && mount -t tmpfs -o size=70% none /tmp/all || return
	dd if=/dev/zero of=/tmp/all/0 bs=1M count=1000 2>/dev/null
	umount /tmp/all
	! dmesg | grep 'Bad page'
}

[ -e $OFFLINE ] || { report "not ok poison: the kernel has no $OFFLINE"; exit 1; }
try poison_in_use in_use_and_freed || exit
try poison_discard found_at_discard
try poison_while_lent while_lent
try poison_eight eight_of_them
try poison_caches through_caches
try poison_end the_end
