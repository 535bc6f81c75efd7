// SPDX-License-Identifier: GPL-2.0
/*
 * Pools with runs in use.
 *
 * A layout is a pool that is full of runs of one length, some of which, chosen
 * at random, have been freed again.  The choice depends on nothing but the
 * numbers in the specification, so all subjects whose runs lie in order of
 * address have the same holes.
 *
 * Where any part of a run can be freed, the pool is filled by one allocation,
 * and what is then called a run is a part of that.  So it is cheap to fill even
 * the largest.  Of a pool with more than DENSE pages, only the runs in windows
 * that are spread over it take part, with SAMPLE pages in all.  What has to be
 * searched is as large as ever; only the number of holes is that of a smaller
 * pool.
 *
 * The largest pools have no pages but such windows: what lies between them is no
 * part of the pool, which to a search is the same as pages in use.
 */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "batch.h"
#include "layout.h"

#define DENSE		(1UL << 18)
#define SAMPLE		(1UL << 16)

/* Pages in a window, or one run if that is longer. */
#define WINDOW		512UL

/* Runs that are held in a pool that is to be empty otherwise. */
#define FEW		64

/**
 * bench_make_ready() - have memory behind all pages of an empty pool
 * @s: the subject
 * @pool: its pool
 * @pages: in it
 */
void bench_make_ready(const struct bench_subject *s, void *pool,
		      unsigned long pages)
{
	unsigned long where;

	if (s->stride && !s->alloc(pool, pages, &where))
		s->free(pool, where, pages);
}

/* All runs of the window that begins at @page are in use. */
static void note_window(struct bench_layout *l, unsigned long page,
			unsigned long pages)
{
	const unsigned long end = page + pages;

	for (; page + l->run <= end && l->held < l->slots; page += l->run)
		l->where[l->held++] = l->all + page * l->subject->stride;
}

/* Note the runs of windows, each somewhere in its part of the pool. */
static void note_windows(struct bench_layout *l)
{
	const unsigned long window = max(WINDOW, l->run);
	const unsigned long part = l->pages / (SAMPLE / window);
	unsigned long page;

	for (page = 0; page + part <= l->pages; page += part)
		note_window(l, page + window * bench_below(&l->random,
							   part / window),
			    window);
}

/* Fill the pieces of a sparse pool, the runs of which are all noted. */
static void fill_pieces(struct bench_layout *l)
{
	unsigned long where, i;

	for (i = 0; i < BENCH_PIECES; i++) {
		if (l->subject->alloc(l->pool, BENCH_PIECE, &where))
			l->fails++;
		else
			note_window(l, where, BENCH_PIECE);
	}
}

/* Fill the pool; what is called a run from now on is part of it. */
static void fill(struct bench_layout *l)
{
	if (!l->subject->stride) {
		bench_layout_refill(l);
		return;
	}
	if (l->pages > BENCH_SPARSE) {
		fill_pieces(l);
		return;
	}
	if (l->subject->alloc(l->pool, l->pages, &l->all)) {
		l->fails++;
		return;
	}
	l->full = true;
	if (l->pages > DENSE)
		note_windows(l);
	else
		note_window(l, 0, l->pages);
}

/**
 * bench_layout_init() - make a pool and fill it
 * @l: the layout
 * @spec: of what size, with which runs; with an occupancy of 0 it stays empty,
 *	all ready, with room for a few runs
 * @subject: whose pool, that of @spec or the empty one
 *
 * Return: 0, or -ENOMEM.
 */
int bench_layout_init(struct bench_layout *l, const struct bench_spec *spec,
		      const struct bench_subject *subject)
{
	const bool empty = !spec->occupancy || subject->one_run;

	*l = (struct bench_layout) {
		.subject = subject,
		.pages = spec->pages,
		.run = spec->run,
		.random = BENCH_SEED,
	};
	l->slots = (l->pages > DENSE ? SAMPLE : l->pages) / l->run;
	if (empty)
		l->slots = min_t(unsigned long, l->slots,
				 subject->one_run ? 1 : FEW);
	l->where = kvmalloc_array(l->slots, sizeof(*l->where), GFP_KERNEL);
	if (!l->where)
		return -ENOMEM;
	l->pool = subject->create(subject, l->pages);
	if (!l->pool) {
		kvfree(l->where);
		return -ENOMEM;
	}
	if (empty)
		bench_make_ready(subject, l->pool, l->pages);
	else
		fill(l);
	return 0;
}

static void free_all(struct bench_layout *l)
{
	unsigned long i;

	if (l->full) {
		bench_layout_refill(l);
		l->subject->free(l->pool, l->all, l->pages);
		return;
	}
	for (i = 0; i < l->held; i++)
		l->subject->free(l->pool, l->where[i], l->run);
}

/**
 * bench_layout_exit() - free all and end the pool
 * @l: the layout
 *
 * Return: 0, or -EIO if something was wrong with the frees.
 */
int bench_layout_exit(struct bench_layout *l)
{
	bool fine;

	free_all(l);
	fine = l->subject->destroy(l->pool);
	kvfree(l->where);
	return fine ? 0 : -EIO;
}

/**
 * bench_layout_holes() - how many runs are free at the occupancy asked for
 * @l: the layout
 * @spec: with the occupancy
 */
unsigned long bench_layout_holes(const struct bench_layout *l,
				 const struct bench_spec *spec)
{
	return max(l->slots * (100 - spec->occupancy) / 100, 1UL);
}

/**
 * bench_layout_punch() - free runs chosen at random
 * @l: the layout
 * @holes: how many, if there are so many
 */
void bench_layout_punch(struct bench_layout *l, unsigned long holes)
{
	unsigned long i;

	for (; holes && l->held; holes--) {
		i = bench_below(&l->random, l->held);
		l->subject->free(l->pool, l->where[i], l->run);
		l->where[i] = l->where[--l->held];
		if (!(holes % BENCH_BATCH))
			cond_resched();
	}
}

/**
 * bench_layout_refill() - allocate runs in all that is free
 * @l: the layout
 */
void bench_layout_refill(struct bench_layout *l)
{
	while (l->held < l->slots) {
		if (l->subject->alloc(l->pool, l->run, &l->where[l->held])) {
			l->fails++;
			return;
		}
		if (!(++l->held % BENCH_BATCH))
			cond_resched();
	}
}
