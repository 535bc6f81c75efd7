// SPDX-License-Identifier: GPL-2.0
/*
 * Pools with runs in use.
 *
 * A layout is a pool full of runs of one length, some of which, chosen at random,
 * are free again.  The choice depends only on the numbers in the specification, so
 * all subjects that place runs in address order have the same holes.
 *
 * If the subject can free any part of a run, one allocation fills the pool, and the
 * runs are parts of that allocation.  So it is cheap to fill even the largest pool.
 * In a pool with more than DENSE pages, only the runs in windows spread over the
 * pool take part, SAMPLE pages in all.  A search still covers the whole pool; only
 * the number of holes is that of a smaller one.
 *
 * The largest pools consist of such windows only.  The pages between them are not
 * part of the pool, which is the same as pages in use to a search.
 */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "bench.h"

#define DENSE		(1UL << 18)
#define SAMPLE		(1UL << 16)

/* Pages in a window, or one run if that is longer. */
#define WINDOW		512UL

/* Runs that are held in an otherwise empty pool. */
#define FEW		64

/**
 * bench_make_ready() - populate all pages of an empty pool
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

/* Record the runs of the windows, each window at random in its part of the pool. */
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

/* Fill the pieces of a sparse pool, all runs of which are recorded. */
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

/* Fill the pool by one allocation, the parts of which are the runs. */
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
 * bench_layout_init() - create a pool and fill it
 * @l: the layout
 * @spec: the size and the runs; with an occupancy of 0 the pool stays empty, all
 *	ready, with room in the layout for a few runs
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
 * bench_layout_exit() - free all runs and destroy the pool
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
 * bench_layout_holes() - the number of free runs at the occupancy of @spec
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
 * @holes: how many, at most as many as are held
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
 * bench_layout_refill() - allocate runs in all holes
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
