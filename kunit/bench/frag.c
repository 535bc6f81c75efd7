// SPDX-License-Identifier: GPL-2.0
/*
 * The case frag: fill the pool, free a random half of the runs, and repeat many
 * times: free a random tenth of the runs in use and allocate as many.
 *
 * The result is the number of free blocks of 2 MiB in the end.  For the kernel's
 * page allocator it is their number less that of the full pool.
 */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "frag.h"
#include "layout.h"
#include "room.h"

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
 * bench_frag() - the case frag
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_frag(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum)
{
	/* With this granule pagealloc too releases blocks of 2 MiB only. */
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
