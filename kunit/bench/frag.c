// SPDX-License-Identifier: GPL-2.0
/*
 * Fragmentation: fill the pool, free half of the runs at random, and then, round
 * by round, free a tenth of what is held at random and allocate as much.  What
 * counts is how many blocks of 2 MiB are wholly free in the end: those that
 * nothing held lies in, or, for the kernel's own allocator, those that it has
 * more than when all was held.
 */

#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "bench.h"

#define ROUNDS		100
#define CHUNK_PAGES	(2UL << 20 >> PAGE_SHIFT)

/* Chunks of the pool in which nothing is held. */
static u64 count_unheld(const struct bench_layout *l)
{
	const unsigned long nr = l->pages / CHUNK_PAGES;
	unsigned long *used = bitmap_zalloc(nr, GFP_KERNEL);
	unsigned long i, page;
	u64 unheld;

	if (!used)
		return 0;
	for (i = 0; i < l->held; i++) {
		page = l->subject->page(l->pool, l->where[i]);
		bitmap_set(used, page / CHUNK_PAGES,
			   (page + l->run - 1) / CHUNK_PAGES -
			   page / CHUNK_PAGES + 1);
	}
	unheld = nr - bitmap_weight(used, nr);
	bitmap_free(used);
	return unheld;
}

/* Free @nr runs and allocate as many. */
static void reallocate(struct bench_layout *l, unsigned long nr)
{
	const unsigned long slots = l->slots;

	bench_layout_punch(l, nr);
	l->slots = min(slots, l->held + nr);
	bench_layout_refill(l);
	l->slots = slots;
}

/**
 * bench_frag() - wholly free chunks after many rounds
 * @spec: what to measure
 * @subject: on which subject
 * @sum: set
 *
 * Return: 0, -ENOMEM, or -EIO if something was wrong with the frees.
 */
int bench_frag(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum)
{
	struct bench_spec empty = *spec;
	struct bench_layout l;
	u64 chunks = 0;
	int i, ret;

	empty.occupancy = 0;
	ret = bench_layout_init(&l, &empty, subject);
	if (ret)
		return ret;
	kvfree(l.where);
	l.slots = l.pages / l.run;
	l.where = kvmalloc_array(l.slots, sizeof(*l.where), GFP_KERNEL);
	if (!l.where) {
		l.subject->destroy(l.pool);
		return -ENOMEM;
	}
	bench_layout_refill(&l);
	if (subject->free_chunks)
		chunks = subject->free_chunks(l.pool);
	bench_layout_punch(&l, l.held / 2);
	for (i = 0; i < ROUNDS; i++)
		reallocate(&l, l.held / 10);
	chunks = subject->free_chunks ? subject->free_chunks(l.pool) - chunks :
					count_unheld(&l);
	sum->value = chunks * 1000;
	sum->fails = l.fails;
	return bench_layout_exit(&l);
}
