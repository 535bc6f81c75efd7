// SPDX-License-Identifier: GPL-2.0
/*
 * Room: how much of the free memory fragmentation leaves usable.
 *
 * Room is the longest run of free pages, and the pages that could be given back in
 * whole blocks of 2 MiB: those of the blocks in which no page is held.  Both are
 * counted from the held runs, in the same way for all subjects.  pagealloc then
 * scavenges, and the figures must be the same.
 */

#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "bench.h"

/**
 * bench_room_begin() - begin to count what a pool has room for
 * @room: set; nothing is held
 * @subject: whose pool
 * @pool: the pool
 * @pages: in it
 *
 * Return: false if the subject does not say where its runs lie.
 */
bool bench_room_begin(struct bench_room *room, const struct bench_subject *subject,
		      void *pool, unsigned long pages)
{
	*room = (struct bench_room) {
		.subject = subject,
		.pool = pool,
		.pages = pages,
	};
	if (subject->page)
		room->held = kvcalloc(BITS_TO_LONGS(pages), sizeof(long), GFP_KERNEL);
	return room->held;
}

/**
 * bench_room_hold() - add a held run
 * @room: the count
 * @where: the run
 * @nr: its pages
 */
void bench_room_hold(struct bench_room *room, unsigned long where, unsigned long nr)
{
	const struct bench_subject *s = room->subject;

	bitmap_set(room->held, s->page(room->pool, where),
		   s->rounds ? roundup_pow_of_two(nr) : nr);
}

static unsigned long longest_zeroes(const unsigned long *map, unsigned long nr)
{
	unsigned long start, end, longest = 0;

	for (start = 0; start < nr; start = end + 1) {
		start = find_next_zero_bit(map, nr, start);
		end = find_next_bit(map, nr, start);
		longest = max(longest, end - start);
	}
	return longest;
}

static unsigned long empty_blocks(const unsigned long *map, unsigned long nr)
{
	unsigned long page, empty = 0;

	for (page = 0; page + BENCH_BLOCK <= nr; page += BENCH_BLOCK)
		if (find_next_bit(map, page + BENCH_BLOCK, page) ==
		    page + BENCH_BLOCK)
			empty += BENCH_BLOCK;
	return empty;
}

/**
 * bench_room_end() - compute the result, after all held runs were added
 * @room: the count
 * @sum: set to the result; a failure is added if the subject disagrees
 */
void bench_room_end(struct bench_room *room, struct bench_sum *sum)
{
	const struct bench_subject *s = room->subject;

	sum->has_room = true;
	sum->largest_run = longest_zeroes(room->held, room->pages);
	sum->released = empty_blocks(room->held, room->pages);
	if (s->has_room)
		sum->fails += !s->has_room(room->pool, sum->largest_run, sum->released);
	kvfree(room->held);
}
