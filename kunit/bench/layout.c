// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts: pools with runs in use.
 *
 * A layout is a pool full of runs of one length, some of which are freed again to
 * make holes.  The holes are random, but depend on nothing except the measurement.
 * So all subjects that place their runs in order of address have the same holes.
 *
 * If a subject can free any part of a run, one allocation fills the pool, and the
 * parts of this allocation count as runs.  This fills even the largest pool fast.
 * In a pool with more than DENSE pages the layout uses only windows, spread over
 * the pool, with SAMPLE pages in total.  The allocator has to search the whole
 * pool, which has the number of holes of a smaller one.
 *
 * The largest pools have no other pages than these windows.  The space between them
 * does not belong to the pool, which for a search is the same as pages in use.
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

/* Most runs in use in a pool that is otherwise empty. */
#define FEW		64

/**
 * bench_make_ready() - populate all pages of an empty pool
 * @s: the subject
 * @pool: its pool
 * @pages: pages in the pool
 */
void bench_make_ready(const struct bench_subject *s, void *pool,
		      unsigned long pages)
{
	unsigned long where;

	if (s->stride && !s->alloc(pool, pages, &where))
		s->free(pool, where, pages);
}

/* Add the runs of a window to the runs in use. */
static void add_window(struct bench_layout *l, unsigned long page,
		       unsigned long pages)
{
	const unsigned long end = page + pages;

	for (; page + l->run <= end && l->held < l->slots; page += l->run)
		l->where[l->held++] = l->all + page * l->subject->stride;
}

/* Add windows, each at a random place in its part of the pool. */
static void add_windows(struct bench_layout *l)
{
	const unsigned long window = max(WINDOW, l->run);
	const unsigned long part = l->pages / (SAMPLE / window);
	unsigned long page;

	for (page = 0; page + part <= l->pages; page += part)
		add_window(l, page + window * bench_below(&l->random,
							  part / window),
			   window);
}

/* Fill the regions of a sparse pool. */
static void fill_pieces(struct bench_layout *l)
{
	unsigned long where, i;

	for (i = 0; i < BENCH_PIECES; i++) {
		if (l->subject->alloc(l->pool, BENCH_PIECE, &where))
			l->fails++;
		else
			add_window(l, where, BENCH_PIECE);
	}
}

/* Fill the pool, with one allocation if its parts can be freed. */
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
		add_windows(l);
	else
		add_window(l, 0, l->pages);
}

/**
 * bench_layout_init() - create a pool and fill it
 * @l: the layout
 * @spec: size of the pool and its runs; with an occupancy of 0 the pool stays empty
 *	and ready, and the layout has room for a few runs
 * @subject: the subject of @spec, or the empty one
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
 * Return: 0, or -EIO if a free failed.
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
 * bench_layout_holes() - the number of free runs at the occupancy of a measurement
 * @l: the layout
 * @spec: the measurement
 */
unsigned long bench_layout_holes(const struct bench_layout *l,
				 const struct bench_spec *spec)
{
	return max(l->slots * (100 - spec->occupancy) / 100, 1UL);
}

/**
 * bench_layout_punch() - free random runs
 * @l: the layout
 * @holes: number of runs; fewer if there are fewer
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
 * bench_layout_refill() - allocate runs until the layout is full
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
