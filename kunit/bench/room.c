// SPDX-License-Identifier: GPL-2.0
/*
 * Room: what fragmentation leaves of the free pages.
 *
 * This counts the longest run of free pages, and the pages in free blocks of 2 MiB,
 * which a backing with this granule could discard.  Both are counted from the runs
 * in use, in the same way for all subjects.  pagealloc also has to report the same
 * numbers itself.
 */

#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "room.h"

/**
 * bench_room_begin() - start to count
 * @room: the count, without runs in use
 * @subject: the subject of the pool
 * @pool: the pool
 * @pages: pages in the pool
 *
 * Return: false if the place of runs is not known, or there is no memory.
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
 * bench_room_hold() - add a run in use
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
 * bench_room_end() - compute the result; all runs in use have been added
 * @room: the count
 * @sum: the result; a failure is added if the subject reports other numbers
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
