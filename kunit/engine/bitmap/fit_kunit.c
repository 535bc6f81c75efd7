// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of engine/constraint.c and engine/bitmap/fit.c.
 *
 * The reference goes over the free runs of the model and tries one multiple of
 * the alignment after the other.  Each search is done in one go and in pieces,
 * down to a node at a time.
 */

#include <linux/log2.h>
#include <linux/module.h>

#include "engine/bitmap/fit.h"
#include "lib/testlib.h"

#define CHUNK	PGA_CHUNK_PAGES
#define NONE	PGA_NONE
#define NB	0
#define END	PGA_NO_END

static const struct pgat_layout layouts[] = {
	{ "one chunk", { { 0, CHUNK } } },
	{ "part of one chunk", { { 700, 100 } } },
	{ "one region", { { 0, 16 * CHUNK } } },
	{ "one region, no border aligned", { { 1234, 7000 } } },
	{ "one node of level 2 and more", { { 3 * 4096 - 77, 5 * 4096 } } },
	{ "upwards, adjacent", { { 0, 3000 }, { 3000, 3000 }, { 6000, 4000 } } },
	{ "downwards, adjacent", { { 9000, 3000 }, { 5000, 4000 }, { 0, 5000 } } },
	{ "into a hole",
	  { { 0, 2 * CHUNK }, { 30 * CHUNK, 2 * CHUNK }, { 10 * CHUNK, 9 * CHUNK } } },
	{ "holes of a few pages",
	  { { 70, 300 }, { 371, 600 }, { 1000, 2000 }, { 3064, 100 }, { 4096, 4000 } } },
	{ "across 2^15", { { BIT(15) - 3 * CHUNK, 6 * CHUNK } } },
	{ "across 2^18", { { BIT(18) - 9 * CHUNK, 14 * CHUNK } } },
	{ "across 2^21", { { BIT(21) - 3000, 6000 } } },
	{ "across 2^24", { { BIT(24) - 3000, 6000 } } },
	{ "across 2^33", { { BIT(33) - 3000, 6000 } } },
	{ "up to 2^34", { { PGA_INDEX_PAGES - 6000, 6000 } } },
	{ "far apart, upwards",
	  { { 0, 1000 }, { BIT(22), 1000 }, { BIT(25), 1000 }, { BIT(28), 1000 },
	    { BIT(31), 1000 }, { BIT(33) + BIT(32), 1000 } } },
	{ "far apart, downwards",
	  { { PGA_INDEX_PAGES - CHUNK, CHUNK }, { BIT(33), 1000 },
	    { BIT(33) - 2000, 2000 }, { BIT(26), 1000 }, { BIT(12), 1000 } } },
};

PGAT_ARRAY_PARAM(layout, layouts);

static void fit_exit(struct kunit *test)
{
	if (test->priv)
		pgat_pair_free(test->priv);
}

static struct pgat_pair *new_pair(struct kunit *test, unsigned int shift)
{
	test->priv = pgat_pair_create(test, shift);
	return test->priv;
}

/* All regions of a layout, grown and ready. */
static struct pgat_pair *grown_pair(struct kunit *test,
				    const struct pgat_layout *layout)
{
	struct pgat_pair *pair = new_pair(test, 0);
	const struct pga_extent *r = layout->region;

	for (; r < layout->region + PGAT_WINDOWS_MAX && r->nr; r++) {
		pgat_model_window(test, pair->model, r->start, r->nr);
		pgat_pair_grow(test, pair, r->start, r->nr, PGA_MADE_READY);
	}
	return pair;
}

/* Pages of one window go from any state to @state. */
static void make(struct pgat_pair *pair, unsigned long page, unsigned long nr,
		 enum pgat_state state)
{
	struct pga_extent run = { page, 0 };

	while (pgat_model_run(pair->model, PGA_FREE, pga_extent_end(run),
			      page + nr, &run))
		pga_map_hold(pair->map, run.start, run.nr);
	if (state != PGAT_BUSY)
		pga_map_put(pair->map, page, nr, state == PGAT_READY ?
			    PGA_MADE_READY : PGA_MADE_DISCARDED);
	pgat_model_set(pair->model, page, nr, state);
}

/* Does the constraint allow a run at @page, free or not? */
static bool is_allowed(const struct pga_constraint *c, unsigned long page)
{
	if (c->boundary && page / c->boundary != (page + c->nr - 1) / c->boundary)
		return false;
	return page % c->align == 0 && page >= c->low && page + c->nr <= c->high;
}

/* Try each multiple of the alignment in a free run. */
static unsigned long naive_in_run(const struct pga_constraint *c,
				  unsigned long start, unsigned long end)
{
	unsigned long page = DIV_ROUND_UP(start, c->align) * c->align;

	for (; page + c->nr <= end; page += c->align)
		if (is_allowed(c, page))
			return page;
	return NONE;
}

static unsigned long naive_find(const struct pgat_model *model,
				enum pga_which which,
				const struct pga_constraint *c)
{
	struct pga_extent run = {};
	unsigned long page;

	while (pgat_model_run(model, which, pga_extent_end(run), NONE, &run)) {
		page = naive_in_run(c, run.start, pga_extent_end(run));
		if (page != NONE)
			return page;
	}
	return NONE;
}

/* Search in pieces of @budget nodes; @pieces, if not NULL, counts them. */
static unsigned long find(const struct pga_tree *tree, enum pga_which which,
			  const struct pga_constraint *c, unsigned int budget,
			  unsigned long *pieces)
{
	unsigned long page, n = 1;
	struct pga_fit fit;

	pga_fit_begin(&fit, which, c);
	while (!pga_fit_find(tree, &fit, budget, &page))
		n++;
	if (pieces)
		*pieces = n;
	return page;
}

/* A constraint, for the log of a test that fails. */
static const char *show(const struct pga_constraint *c)
{
	static char text[128];

	scnprintf(text, sizeof(text), "%lu pages, align %lu, boundary %lu, [%lu, %lu)",
		  c->nr, c->align, c->boundary, c->low, c->high);
	return text;
}

static void check_find(struct kunit *test, const struct pgat_pair *pair,
		       enum pga_which which, const struct pga_constraint *c)
{
	static const unsigned int budgets[] = { 1, 3, 64, ~0U };
	const unsigned long want = naive_find(pair->model, which, c);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(budgets); i++)
		KUNIT_ASSERT_EQ_MSG(test, find(&pair->bitmap.tree, which, c, budgets[i], NULL),
				    want, "%s, tree %d, budget %u", show(c),
				    which, budgets[i]);
}

/* One free run, and where in it a run may be. */
static const struct in_run_case {
	const char *name;
	struct pga_constraint c;	/* nr, align, boundary, low, high */
	unsigned long start, end;
	unsigned long want;
} in_run_cases[] = {
	{ "anywhere", { 5, 1, NB, 0, END }, 7, 12, 7 },
	{ "too short", { 6, 1, NB, 0, END }, 7, 12, NONE },
	{ "aligned already", { 5, 4, NB, 0, END }, 8, 13, 8 },
	{ "aligned later", { 5, 4, NB, 0, END }, 9, 17, 12 },
	{ "one page short of aligned", { 5, 4, NB, 0, END }, 9, 16, NONE },
	{ "up to the boundary", { 4, 1, 16, 0, END }, 12, 16, 12 },
	{ "over the boundary by a page", { 4, 1, 16, 0, END }, 13, 20, 16 },
	{ "behind the boundary is no room", { 4, 1, 16, 0, END }, 13, 19, NONE },
	{ "as long as the boundary", { 16, 1, 16, 0, END }, 1, 32, 16 },
	{ "alignment larger than the boundary", { 4, 32, 8, 0, END }, 1, 40, 32 },
	{ "alignment, then boundary", { 6, 4, 8, 0, END }, 1, 30, 8 },
	{ "low inside", { 2, 1, NB, 10, END }, 7, 12, 10 },
	{ "low too high", { 2, 1, NB, 11, END }, 7, 12, NONE },
	{ "low and alignment", { 2, 8, NB, 9, END }, 0, 18, 16 },
	{ "high is not of it", { 2, 1, NB, 0, 9 }, 7, 12, 7 },
	{ "high leaves one page", { 2, 1, NB, 0, 8 }, 7, 12, NONE },
	{ "window of just the run", { 3, 1, NB, 8, 11 }, 0, 100, 8 },
	{ "window smaller", { 3, 1, NB, 8, 10 }, 0, 100, NONE },
	{ "window upside down", { 3, 1, NB, 10, 8 }, 0, 100, NONE },
	{ "the last pages there can be", { 2, 1, NB, 0, END }, END - 2, END, END - 2 },
	{ "no aligned page behind", { 1, 4096, NB, END - 3, END }, 0, END, NONE },
	{ "no next boundary", { 4, 1, 4096, END - 4097, END }, END - 4097, END, END - 4095 },
	{ "longer than anything", { END, 1, NB, 0, END }, 0, END - 1, NONE },
	{ "longest of all", { BIT(63), 1, NB, 0, END }, 0, END, 0 },
	{ "the highest alignment", { 1, BIT(63), NB, 0, END }, 0, 10, 0 },
	{ "the highest alignment, not at 0", { 1, BIT(63), NB, 0, END }, 1, 10, NONE },
};

PGAT_ARRAY_PARAM(in_run, in_run_cases);

static void in_run(struct kunit *test)
{
	const struct in_run_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, pga_fit_in_run(&c->c, c->start, c->end), c->want);
}

/* Numbers so small that they often exclude each other. */
static void in_run_random(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	struct pga_constraint c;
	unsigned long start, end;
	int i;

	for (i = 0; i < 100000; i++) {
		c.nr = 1 + pgat_below(&random, 20);
		c.align = BIT(pgat_below(&random, 6));
		c.boundary = roundup_pow_of_two(c.nr) << pgat_below(&random, 3);
		c.low = pgat_below(&random, 100);
		c.high = pgat_below(&random, 200);
		start = pgat_below(&random, 100);
		end = start + pgat_below(&random, 100);
		KUNIT_ASSERT_EQ_MSG(test, pga_fit_in_run(&c, start, end),
				    naive_in_run(&c, start, end),
				    "%s in [%lu, %lu)", show(&c), start, end);
	}
}

/* In a pool of two nodes of level 1: what is free, and where the run goes. */
static const struct place_case {
	const char *name;
	struct pga_extent free[4];
	struct pga_constraint c;
	unsigned long want;
} place_cases[] = {
	{ "nothing", {}, { 1, 1, NB, 0, END }, NONE },
	{ "no constraint", { { 100, 9 } }, { 9, 1, NB, 0, END }, 100 },
	{ "aligned in a word", { { 65, 30 } }, { 4, 8, NB, 0, END }, 72 },
	{ "aligned across a word", { { 121, 20 } }, { 16, 4, NB, 0, END }, 124 },
	{ "aligned to a word", { { 65, 300 } }, { 100, 64, NB, 0, END }, 128 },
	{ "aligned to half a chunk", { { 1, 511 } }, { 256, 256, NB, 0, END }, 256 },
	{ "aligned to a chunk", { { 1, 1100 } }, { 10, 512, NB, 0, END }, 512 },
	{ "aligned to a node", { { 1, 5000 } }, { 10, 4096, NB, 0, END }, 4096 },
	{ "aligned to more than the pool, at 0", { { 0, 5 } }, { 5, BIT(20), NB, 0, END }, 0 },
	{ "aligned to more than the pool", { { 1, 8191 } }, { 5, BIT(20), NB, 0, END }, NONE },
	{ "the long run is not aligned, a short one is",
	  { { 1, 63 }, { 128, 8 } }, { 8, 64, NB, 0, END }, 128 },
	{ "aligned at the end of a chunk, into the next",
	  { { 500, 100 } }, { 40, 8, NB, 0, END }, 504 },
	{ "aligned at the end of a node, into the next",
	  { { 4000, 200 } }, { 100, 32, NB, 0, END }, 4000 },
	{ "the run from the left, the aligned page in the next chunk",
	  { { 510, 30 } }, { 20, 16, NB, 0, END }, 512 },
	{ "a chunk between, aligned before it",
	  { { 450, 1200 } }, { 1000, 64, NB, 0, END }, 512 },
	{ "boundary inside a word", { { 30, 6 } }, { 4, 1, 32, 0, END }, 32 },
	{ "boundary of a word", { { 60, 20 } }, { 8, 1, 64, 0, END }, 64 },
	{ "up to a boundary", { { 56, 20 } }, { 8, 1, 64, 0, END }, 56 },
	{ "boundary of a chunk", { { 500, 100 } }, { 20, 1, 512, 0, END }, 512 },
	{ "over a chunk, boundary of a node", { { 500, 100 } }, { 20, 1, 4096, 0, END }, 500 },
	{ "boundary of a node", { { 4090, 60 } }, { 20, 1, 4096, 0, END }, 4096 },
	{ "boundary leaves no room",
	  { { 4090, 25 }, { 5000, 20 } }, { 20, 1, 4096, 0, END }, 5000 },
	{ "just a boundary long", { { 100, 1000 } }, { 512, 1, 512, 0, END }, 512 },
	{ "pages at one side of many boundaries",
	  { { 7, 2 }, { 15, 2 }, { 23, 2 }, { 26, 2 } }, { 2, 1, 8, 0, END }, 26 },
	{ "low in a run", { { 100, 100 } }, { 10, 1, NB, 150, END }, 150 },
	{ "low passes a run by", { { 100, 60 }, { 700, 10 } }, { 10, 1, NB, 151, END }, 700 },
	{ "low in another chunk", { { 100, 8000 } }, { 10, 1, NB, 3000, END }, 3000 },
	{ "low in another node", { { 100, 8000 } }, { 10, 1, NB, 5001, END }, 5001 },
	{ "high after a run", { { 100, 10 } }, { 10, 1, NB, 0, 110 }, 100 },
	{ "high in a run", { { 100, 10 } }, { 10, 1, NB, 0, 109 }, NONE },
	{ "high at a chunk", { { 500, 24 } }, { 12, 1, NB, 0, 512 }, 500 },
	{ "high at a chunk, one more", { { 500, 24 } }, { 13, 1, NB, 0, 512 }, NONE },
	{ "high in the next chunk", { { 500, 24 } }, { 13, 1, NB, 0, 513 }, 500 },
	{ "one place, free", { { 1000, 1000 } }, { 600, 1, NB, 1100, 1700 }, 1100 },
	{ "one place, its first page is busy",
	  { { 1101, 900 } }, { 600, 1, NB, 1100, 1700 }, NONE },
	{ "one place, its last page is busy", { { 1000, 699 } }, { 600, 1, NB, 1100, 1700 }, NONE },
	{ "one place, one in the middle is busy",
	  { { 1000, 500 }, { 1501, 500 } }, { 600, 1, NB, 1100, 1700 }, NONE },
	{ "one place, the last there is", { { 8191, 1 } }, { 1, 1, NB, 8191, 8192 }, 8191 },
	{ "a window behind the pool", { { 0, 8192 } }, { 1, 1, NB, 8192, END }, NONE },
	{ "all at once", { { 34, 40 }, { 550, 200 } }, { 30, 16, 64, 20, 700 }, 576 },
	{ "the whole pool", { { 0, 8192 } }, { 8192, 8192, 8192, 0, 8192 }, 0 },
};

PGAT_ARRAY_PARAM(place, place_cases);

/* Described pools: where the run goes; discarded pages are not ready. */
static void place(struct kunit *test)
{
	static const unsigned int budgets[] = { 1, 2, ~0U };
	const struct place_case *c = test->param_value;
	struct pgat_pair *pair = new_pair(test, 0);
	const struct pga_extent *e;
	unsigned int i;

	pgat_model_window(test, pair->model, 0, 8192);
	pgat_pair_grow(test, pair, 0, 8192, PGA_MADE_READY);
	make(pair, 0, 8192, PGAT_BUSY);
	for (e = c->free; e < c->free + ARRAY_SIZE(c->free) && e->nr; e++)
		make(pair, e->start, e->nr, PGAT_READY);
	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		KUNIT_EXPECT_EQ(test, c->want,
				find(&pair->bitmap.tree, PGA_READY, &c->c, budgets[i], NULL));
		KUNIT_EXPECT_EQ(test, c->want,
				find(&pair->bitmap.tree, PGA_FREE, &c->c, budgets[i], NULL));
	}
	for (e = c->free; e < c->free + ARRAY_SIZE(c->free) && e->nr; e++)
		make(pair, e->start, e->nr, PGAT_DISCARDED);
	KUNIT_EXPECT_EQ(test, c->want, find(&pair->bitmap.tree, PGA_FREE, &c->c, 1, NULL));
	KUNIT_EXPECT_EQ(test, NONE, find(&pair->bitmap.tree, PGA_READY, &c->c, 1, NULL));
}

/* Without pages there is no place. */
static void empty(struct kunit *test)
{
	const struct pga_constraint c = { 1, 1, NB, 0, END };
	struct pgat_pair *pair = new_pair(test, 0);

	KUNIT_EXPECT_EQ(test, NONE, find(&pair->bitmap.tree, PGA_FREE, &c, 1, NULL));
}

/* Any length, alignment, boundary and window, some of them none. */
static struct pga_constraint random_constraint(struct rnd_state *random,
					       const struct pgat_pair *pair,
					       enum pga_which which)
{
	const unsigned long longest = pgat_model_longest(pair->model, which);
	const struct pga_extent range = pgat_random_range(random, pair->model);
	struct pga_constraint c = { 1, 1, NB, 0, END };

	c.nr = pgat_length(random, min(longest + 1, pgat_below(random, 2) ? ~0UL : 80));
	if (pgat_below(random, 3))
		c.align = BIT(pgat_below(random, pgat_below(random, 3) ? 8 : 14));
	if (pgat_below(random, 2))
		c.boundary = roundup_pow_of_two(c.nr) << pgat_below(random, 4);
	if (pgat_below(random, 2))
		c.low = range.start;
	if (pgat_below(random, 2))
		c.high = c.low + c.nr + pgat_length(random, 2000) - 1;
	return c;
}

/*
 * After each of many random changes, both trees give the place of the model,
 * with any budget.
 */
static void random_places(struct kunit *test)
{
	struct pgat_pair *pair = grown_pair(test, test->param_value);
	struct rnd_state random = pgat_random(test);
	struct pga_constraint c;
	struct pga_extent range;
	int step, i;

	for (step = 0; step < 150; step++) {
		range = pgat_random_range(&random, pair->model);
		make(pair, range.start, range.nr, PGAT_BUSY + pgat_below(&random, 3));
		for (i = 0; i < 8; i++) {
			c = random_constraint(&random, pair, i % 2);
			check_find(test, pair, i % 2, &c);
		}
		cond_resched();
	}
}

/* Short runs all over the place, in which alignment and boundary decide. */
static void random_crumbs(struct kunit *test)
{
	struct pgat_pair *pair = grown_pair(test, test->param_value);
	struct rnd_state random = pgat_random(test);
	struct pga_constraint c;
	struct pga_extent range;
	int step, i;

	for (step = 0; step < 1200; step++) {
		range = pgat_random_range(&random, pair->model);
		range.nr = min(range.nr, 1 + pgat_below(&random, 12));
		make(pair, range.start, range.nr, step % 2 ? PGAT_BUSY :
		     PGAT_READY + pgat_below(&random, 2));
		if (step % 16)
			continue;
		for (i = 0; i < 4; i++) {
			c = random_constraint(&random, pair, i % 2);
			check_find(test, pair, i % 2, &c);
		}
		cond_resched();
	}
}

/*
 * Take some pages, preferably one of the run that reaches to the position of a
 * search; to a search for ready pages, discarding them is taking them.
 */
static void take_some(struct pgat_pair *pair, const struct pga_fit *fit,
		      struct rnd_state *random)
{
	const enum pgat_state state = pgat_below(random, 2) ? PGAT_BUSY :
							   PGAT_DISCARDED;
	struct pga_extent range = pgat_random_range(random, pair->model);
	unsigned long page;

	range.nr = min(range.nr, 100UL);
	if (fit->run != fit->page && pgat_below(random, 3)) {
		page = fit->run + pgat_below(random, fit->page - fit->run);
		if (pgat_model_is(pair->model, page, 1, PGAT_READY))
			range = (struct pga_extent) { page, 1 };
	}
	make(pair, range.start, range.nr, state);
}

/*
 * Pages are taken between two calls of a search, and none are freed: the search
 * finds the first fit of the last moment.
 */
static void taken_meanwhile(struct kunit *test)
{
	struct pgat_pair *pair = grown_pair(test, test->param_value);
	struct rnd_state random = pgat_random(test);
	const struct pgat_window *w = pair->model->window;
	unsigned long page, resumed = 0;
	struct pga_constraint c;
	struct pga_extent range;
	unsigned int budget;
	struct pga_fit fit;
	int step, i;

	for (step = 0; step < 150; step++) {
		for (i = 0; i < pair->model->nr_windows; i++)
			make(pair, w[i].start, w[i].end - w[i].start, PGAT_READY);
		for (i = pgat_length(&random, 150); i; i--) {
			range = pgat_random_range(&random, pair->model);
			make(pair, range.start, min(range.nr, 9UL),
			     PGAT_BUSY + pgat_below(&random, 2));
		}
		c = random_constraint(&random, pair, PGA_READY);
		/*
		 * Mostly one of the longest runs, since the search is short
		 * otherwise.
		 */
		if (pgat_below(&random, 4)) {
			const unsigned long longest =
				pgat_model_longest(pair->model, PGA_READY);

			c = (struct pga_constraint) { 1, 1, NB, 0, END };
			c.nr = max(longest, 2UL) - pgat_below(&random, longest / 2 + 1);
			c.align = BIT(pgat_below(&random, 6));
		}
		pga_fit_begin(&fit, PGA_READY, &c);
		/* From the second call on, enough to make progress. */
		budget = 1 + pgat_below(&random, 5);
		while (!pga_fit_find(&pair->bitmap.tree, &fit, budget, &page)) {
			take_some(pair, &fit, &random);
			pga_fit_resume(&fit);
			budget = 30 + pgat_below(&random, 4);
			resumed++;
		}
		KUNIT_ASSERT_EQ_MSG(test, page, naive_find(pair->model, PGA_READY, &c),
				    "%s", show(&c));
		cond_resched();
	}
	kunit_info(test, "resumed %lu times\n", resumed);
}

/* A search is inside a long run, and any one of its pages is taken. */
static void a_run_is_broken(struct kunit *test)
{
	const unsigned long start = 3 * CHUNK - 100, nr = 70 * CHUNK;
	struct pgat_pair *pair = new_pair(test, 0);
	struct pga_constraint c = { nr - CHUNK, 1, NB, 0, END };
	unsigned int budget, i;
	struct pga_fit fit;
	unsigned long page;

	pgat_model_window(test, pair->model, start, nr);
	pgat_pair_grow(test, pair, start, nr, PGA_MADE_READY);
	make(pair, start + 300, 1, PGAT_BUSY);
	for (budget = 1; budget < 12; budget++) {
		for (i = 0; i < 4; i++) {
			const unsigned long at[] = {
				start + 301, start + 301 + CHUNK, start + 12 * CHUNK,
				start + 20 * CHUNK,
			};

			pga_fit_begin(&fit, PGA_FREE, &c);
			if (pga_fit_find(&pair->bitmap.tree, &fit, budget, &page))
				continue;
			make(pair, at[i], 1, PGAT_BUSY);
			pga_fit_resume(&fit);
			KUNIT_ASSERT_TRUE(test, pga_fit_find(&pair->bitmap.tree, &fit, ~0U, &page));
			KUNIT_EXPECT_EQ_MSG(test, page, naive_find(pair->model, PGA_FREE, &c),
					    "budget %u, page %lu", budget, at[i]);
			make(pair, at[i], 1, PGAT_READY);
		}
	}
}

/* 2^19 pages of which the first of each eight is busy: nothing longer than 7. */
static struct pgat_pair *comb(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 0);
	unsigned long page;

	pgat_model_window(test, pair->model, BIT(20), BIT(19));
	pgat_pair_grow(test, pair, BIT(20), BIT(19), PGA_MADE_READY);
	for (page = BIT(20); page < BIT(20) + BIT(19); page += 8)
		KUNIT_ASSERT_TRUE(test, pga_map_hold(pair->map, page, 1));
	return pair;
}

/* The cost of a search in nodes: no more chunks than it must look into. */
static void what_it_costs(struct kunit *test)
{
	static const struct {
		const char *name;
		struct pga_constraint c;
		unsigned long want, least, most;
	} cases[] = {
		{ "too long", { 8, 2, NB, 0, END }, NONE, 1, 3 },
		{ "found at once", { 7, 1, NB, 0, END }, BIT(20) + 1, 2, 6 },
		{ "one chunk of a window",
		  { 1, 8, NB, BIT(20) + 70000, BIT(20) + 70400 }, NONE, 2, 9 },
		{ "one place",
		  { 3, 1, NB, BIT(20) + 70001, BIT(20) + 70004 }, BIT(20) + 70001, 2, 9 },
		{ "every chunk", { 1, 8, NB, 0, END }, NONE, 1024, 2400 },
		{ "aligned to a chunk", { 1, 512, NB, 0, END }, NONE, 128, 300 },
		{ "aligned to a node of eight", { 1, 4096, NB, 0, END }, NONE, 16, 40 },
		{ "aligned to 64 chunks", { 1, BIT(15), NB, 0, END }, NONE, 2, 10 },
		{ "aligned to half of it", { 1, BIT(18), NB, 0, END }, NONE, 1, 4 },
	};
	struct pgat_pair *pair = comb(test);
	unsigned long pieces, page;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		page = find(&pair->bitmap.tree, PGA_FREE, &cases[i].c, 1, &pieces);
		KUNIT_EXPECT_EQ_MSG(test, page, cases[i].want, "%s", cases[i].name);
		KUNIT_EXPECT_GE_MSG(test, pieces, cases[i].least, "%s", cases[i].name);
		KUNIT_EXPECT_LE_MSG(test, pieces, cases[i].most, "%s", cases[i].name);
		kunit_info(test, "%s: %lu looked at\n", cases[i].name, pieces);
	}
}

/*
 * A resumed search looks at the run right before its position again.  However
 * long the run is, that leaves some of 64 nodes to go on with.
 */
static void resumed_in_a_long_run(struct kunit *test)
{
	const unsigned long start = BIT(24) - 3 * BIT(18) - CHUNK;
	const unsigned long nr = BIT(24) + 6 * BIT(18) + 3 * CHUNK;
	struct pgat_pair *pair = new_pair(test, PGA_CHUNK_SHIFT);
	struct pga_constraint c = { nr - 1, 1, NB, 0, END };
	unsigned long page, calls;
	struct pga_fit fit;

	pgat_model_window(test, pair->model, start, nr);
	pgat_pair_grow(test, pair, start, nr, PGA_MADE_READY);
	for (c.align = 1; c.align <= 2; c.align++) {
		pga_fit_begin(&fit, PGA_FREE, &c);
		for (calls = 1; !pga_fit_find(&pair->bitmap.tree, &fit, 32, &page); calls++) {
			KUNIT_ASSERT_LT(test, calls, 10);
			pga_fit_resume(&fit);
		}
		KUNIT_EXPECT_EQ(test, page, start);
	}
}

/* Runs over borders of each level, in a pool that fills some of the upper ones. */
static void large(struct kunit *test)
{
	const unsigned long start = BIT(24) - 3 * BIT(18), nr = BIT(24) + 6 * BIT(18);
	struct pgat_pair *pair = new_pair(test, PGA_CHUNK_SHIFT);
	struct rnd_state random = pgat_random(test);
	struct pga_constraint c;
	struct pga_extent range;
	int step, i;

	pgat_model_window(test, pair->model, start, nr);
	pgat_pair_grow(test, pair, start, nr, PGA_MADE_READY);
	for (step = 0; step < 40; step++) {
		range = pgat_random_range(&random, pair->model);
		make(pair, range.start, range.nr, PGAT_BUSY + pgat_below(&random, 3));
		for (i = 0; i < 6; i++) {
			c = (struct pga_constraint) { 1, 1, NB, 0, END };
			c.nr = pgat_length(&random, nr);
			c.align = CHUNK << pgat_below(&random, 16);
			if (pgat_below(&random, 2))
				c.boundary = roundup_pow_of_two(c.nr) << pgat_below(&random, 3);
			if (pgat_below(&random, 2))
				c.low = start + pgat_below(&random, nr);
			if (pgat_below(&random, 2))
				c.high = start + pgat_below(&random, nr);
			check_find(test, pair, i % 2, &c);
		}
		cond_resched();
	}
}

/* A kind of run that is searched for again and again. */
static struct pga_constraint random_kind(struct rnd_state *random)
{
	struct pga_constraint c = { 1 + pgat_below(random, 70), 1, NB, 0, END };

	c.align = BIT(pgat_below(random, 8));
	if (!pgat_below(random, 4))
		c = (struct pga_constraint) { CHUNK, CHUNK, NB, 0, END };
	return c;
}

/* Search by way of the hints, in pieces, with a change now and then in between. */
static unsigned long find_by_hint(struct pgat_pair *pair, enum pga_which which,
				  const struct pga_constraint *c,
				  struct rnd_state *random, bool *changed)
{
	const struct pga_constraint elsewhere = { 600, 1, NB, 0, END };
	struct pga_fit fit, other;
	struct pga_extent range;
	unsigned long page;

	*changed = false;
	pga_fit_begin(&fit, which, c);
	while (!pga_map_fit(pair->map, &fit, 1 + pgat_below(random, 40), &page)) {
		if (pgat_below(random, 8))
			continue;
		range = pgat_random_range(random, pair->model);
		make(pair, range.start, min(range.nr, 40UL),
		     PGAT_BUSY + pgat_below(random, 3));
		/* Another search may lower the hints by what was freed just now. */
		pga_fit_begin(&other, which, &elsewhere);
		while (!pga_map_fit(pair->map, &other, 100, &page))
			;
		pga_fit_resume(&fit);
		*changed = true;
	}
	return page;
}

/*
 * Searches for a few kinds of runs, each of which is taken, between changes of any sort:
 * what earlier searches have ruled out makes no difference to a result.
 */
static void hints(struct kunit *test)
{
	struct pgat_pair *pair = grown_pair(test, test->param_value);
	struct rnd_state random = pgat_random(test);
	struct pga_constraint kind[2 * PGA_ALIGNED_KINDS], c;
	struct pga_extent range;
	unsigned long page;
	enum pga_which which;
	unsigned int i, step;
	bool changed;

	for (i = 0; i < ARRAY_SIZE(kind); i++)
		kind[i] = random_kind(&random);
	for (step = 0; step < 600; step++) {
		/* A few kinds at a time, so that their hints are kept for a while. */
		c = kind[(step / 100 + pgat_below(&random, 4)) % ARRAY_SIZE(kind)];
		which = pgat_below(&random, PGA_NR_WHICH);
		if (!pgat_below(&random, 8))
			c.low = pgat_random_range(&random, pair->model).start;
		page = find_by_hint(pair, which, &c, &random, &changed);
		if (!changed)
			KUNIT_ASSERT_EQ_MSG(test, page, naive_find(pair->model, which, &c),
					    "step %u, %s", step, show(&c));
		if (page != NONE && pgat_below(&random, 8))
			make(pair, page, c.nr, PGAT_BUSY);
		if (pgat_below(&random, 3))
			continue;
		range = pgat_random_range(&random, pair->model);
		make(pair, range.start, min(range.nr, 100UL),
		     PGAT_BUSY + pgat_below(&random, 3));
	}
}

/* A pool is filled with aligned runs: each search looks at a few nodes. */
static void fill_by_hint(struct kunit *test)
{
	const unsigned long nr = 200 * CHUNK;
	const struct pga_constraint c = { 2, 16, NB, 0, END };
	struct pgat_pair *pair = new_pair(test, 0);
	unsigned long page, i, most = 0, pieces;
	struct pga_fit fit;

	pgat_model_window(test, pair->model, 0, nr);
	pgat_pair_grow(test, pair, 0, nr, PGA_MADE_READY);
	for (i = 0; i < nr; i += 16) {
		pga_fit_begin(&fit, PGA_FREE, &c);
		for (pieces = 1; !pga_map_fit(pair->map, &fit, 1, &page); pieces++)
			;
		most = max(most, pieces);
		KUNIT_ASSERT_EQ(test, page, i);
		KUNIT_ASSERT_TRUE(test, pga_map_alloc(pair->map, page, 2));
	}
	pga_fit_begin(&fit, PGA_FREE, &c);
	while (!pga_map_fit(pair->map, &fit, 1000, &page))
		;
	KUNIT_EXPECT_EQ(test, page, NONE);
	kunit_info(test, "at most %lu nodes\n", most);
	KUNIT_EXPECT_LE(test, most, 2UL * PGA_NR_LEVELS);
	/* A search finds a freed run, also if only its second page was freed. */
	KUNIT_ASSERT_TRUE(test, pga_map_free(pair->map, 32 * 7, 1));
	pga_fit_begin(&fit, PGA_FREE, &c);
	KUNIT_EXPECT_TRUE(test, pga_map_fit(pair->map, &fit, 1000, &page));
	KUNIT_EXPECT_EQ(test, page, NONE);
	KUNIT_ASSERT_TRUE(test, pga_map_free(pair->map, 32 * 7 + 1, 1));
	pga_fit_begin(&fit, PGA_FREE, &c);
	KUNIT_EXPECT_TRUE(test, pga_map_fit(pair->map, &fit, 1000, &page));
	KUNIT_EXPECT_EQ(test, page, 32 * 7);
}

static struct kunit_case fit_cases[] = {
	KUNIT_CASE_PARAM(hints, layout_gen_params),
	KUNIT_CASE(fill_by_hint),
	KUNIT_CASE_PARAM(in_run, in_run_gen_params),
	KUNIT_CASE(in_run_random),
	KUNIT_CASE_PARAM(place, place_gen_params),
	KUNIT_CASE(empty),
	KUNIT_CASE_PARAM(random_places, layout_gen_params),
	KUNIT_CASE_PARAM(random_crumbs, layout_gen_params),
	KUNIT_CASE_PARAM(taken_meanwhile, layout_gen_params),
	KUNIT_CASE(a_run_is_broken),
	KUNIT_CASE(what_it_costs),
	KUNIT_CASE(resumed_in_a_long_run),
	KUNIT_CASE(large),
	{}
};

static struct kunit_suite fit_suite = {
	.name = "pagealloc_fit",
	.exit = fit_exit,
	.test_cases = fit_cases,
};

kunit_test_suite(fit_suite);

MODULE_DESCRIPTION("Tests of pagealloc's first fit under constraints");
MODULE_LICENSE("GPL");
