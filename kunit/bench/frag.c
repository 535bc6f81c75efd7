// SPDX-License-Identifier: GPL-2.0
/*
 * Fragmentation: fill the pool, free half of the runs at random, then repeat: free
 * a tenth of the held runs at random and allocate as many.  The result is the
 * number of blocks of 2 MiB that are wholly free in the end: blocks without a held
 * page, or, for the kernel's allocator, the free blocks that it has gained since
 * all runs were held.
 */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "bench.h"

#define ROUNDS		100

static void count_room(const struct bench_layout *l, struct bench_sum *sum)
{
	struct bench_room room;
	unsigned long i;

	if (!bench_room_begin(&room, l->subject, l->pool, l->pages))
		return;
	for (i = 0; i < l->held; i++)
		bench_room_hold(&room, l->where[i], l->run);
	bench_room_end(&room, sum);
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
	/* The pages that a backing could take back depend on its granule. */
	const struct bench_subject coarse = bench_coarse(subject);
	struct bench_spec empty = *spec;
	struct bench_layout l;
	u64 chunks = 0;
	int i, ret;

	empty.occupancy = 0;
	ret = bench_layout_init(&l, &empty, &coarse);
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
	sum->fails = l.fails;
	count_room(&l, sum);
	chunks = subject->free_chunks ? subject->free_chunks(l.pool) - chunks :
					sum->released / BENCH_BLOCK;
	sum->value = chunks * 1000;
	return bench_layout_exit(&l);
}
