// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of long runs, which are allocated and freed a portion at a time, where the
 * caller may sleep: claim.c, request.c, free.c and deferred.c.
 *
 * A hook in a critical section does the work of another task, so that the two meet at
 * the same point in each run of the test.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "engine/bitmap/bitmap.h"
#include "pool/deferred.h"
#include "pool/free.h"
#include "pool/isolation.h"
#include "pool/scavenger.h"
#include "lib/testpool.h"

#define BASE	(2 * PGA_INDEX_PAGES + (1UL << 20))
#define P	PGA_PORTION_PAGES
#define HALF	(P / 2)

static int long_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

/* Open a pool of one region with its pages in the states of @text. */
static void setup(struct pgat_pool *p, unsigned long pfn, unsigned long granule,
		  unsigned int flags, unsigned long cell, const char *text)
{
	pgat_pool_open(p, granule, flags);
	pgat_pool_region(p, pfn, strlen(text) * cell);
	pgat_arrange(p, pfn, cell, text);
	pgat_forget_calls(p);
}

/*
 * A request for @nr cells and @more pages.  @want is its first cell, or an errno, and
 * @after the states of the cells afterwards; '?' is a cell in use in part.  @calls is
 * the number of populate calls.
 */
struct place_case {
	const char *name;
	const char *before;
	unsigned int nr;
	long more;
	unsigned int flags;
	gfp_t gfp;
	int want;
	const char *after;
	unsigned int calls;
	bool first_fit;
};

#define RF	PAGEALLOC_READY_FIRST
#define K	GFP_KERNEL
#define A	GFP_ATOMIC

static const struct place_case place_cases[] = {
	{ "less than a portion", "rrrrrr", 2, -1, 0, K, 0, "u?rrrr" },
	{ "a portion", "rrrrrr", 2, 0, 0, K, 0, "uurrrr" },
	{ "a page more", "rrrrrr", 2, 1, 0, K, 0, "uu?rrr" },
	{ "a page less than two portions", "rrrrrr", 4, -1, 0, K, 0, "uuu?rr" },
	{ "two portions", "rrrrrr", 4, 0, 0, K, 0, "uuuurr" },
	{ "atomic, a portion", "rrrrrr", 2, 0, 0, A, 0, "uurrrr" },
	{ "atomic, a page more", "rrrrrr", 2, 1, 0, A, -EINVAL, "rrrrrr" },
	{ "many portions", "rrrrrrrrrrrrrrrr", 15, 7, 0, K, 0, "uuuuuuuuuuuuuuu?" },
	{ "all", "rrrrrrrr", 8, 0, 0, K, 0, "uuuuuuuu" },
	{ "too long", "rrrrrrrr", 8, 1, 0, K, -ENOMEM, "rrrrrrrr" },
	{ "no place", "rrrurrrr", 5, 0, 0, K, -ENOMEM, "rrrurrrr" },
	{ "above pages in use", "rrurrrrrr", 5, 0, 0, K, 3, "rruuuuuur" },
	{ "discarded", "DDDDDDDD", 7, 0, 0, K, 0, "uuuuuuuD", 1 },
	{ "discarded parts", "rDDrrDrDDr", 10, 0, 0, K, 0, "uuuuuuuuuu", 3 },
	{ "half of a discarded part", "rrrrDDDD", 6, 0, 0, K, 0, "uuuuuuDD", 1, true },
	{ "lowest", "DrrrDrrrrrr", 5, 0, 0, K, 0, "uuuuurrrrrr", 2, true },
	{ "ready first", "DrrrDrrrrrr", 5, 0, RF, K, 5, "DrrrDuuuuur" },
	{ "ready first, none fits", "DrrrDrrr", 5, 0, RF, K, 0, "uuuuurrr", 2 },
};

/* The start of the region, and the pages of a granule and of a cell. */
static const struct shape {
	const char *name;
	unsigned long offset;
	unsigned long granule;
	unsigned long cell;
} shapes[] = {
	{ "aligned", 0, 1, HALF },
	{ "a page off", 1, 1, HALF },
	{ "a page before", P - 1, 1, HALF },
	{ "half a portion and some", HALF + 257, 1, HALF },
	{ "granule 512", 512, 512, HALF },
	{ "granule of a portion", 0, P, P },
	{ "granule of two portions", 0, 2 * P, 2 * P },
};
PGAT_ARRAY_PARAM(shape, shapes);

/* Compare the states of cells with @after, in which '?' is a cell in use in part. */
static void expect_states(struct pgat_pool *p, unsigned long pfn,
			  unsigned long cell, const char *after)
{
	const char *partial = strchr(after, '?');
	char text[PGAT_TEXT_MAX];

	pgat_describe(p, pfn, cell, strlen(after), text);
	if (partial)
		KUNIT_EXPECT_EQ(p->test, text[partial - after], '?');
	KUNIT_EXPECT_STREQ(p->test, text, after);
}

/* The scavenge index has the number of pages in use of each chunk. */
static void expect_index(struct pgat_pool *p, unsigned long pfn, unsigned long nr)
{
	const struct pga_store *store = &pga_bitmap_of(&p->pool->map)->tree.store;
	unsigned long page = pga_page_of(p->pool, pfn), end = page + nr, stop, i;
	const struct pga_block *block;
	struct pga_usage usage;

	for (; page < end && !pgat_is_span(p); page = stop) {
		stop = min(end, ALIGN(page + 1, PGA_CHUNK_PAGES));
		i = pga_chunk_of(page);
		block = pga_store_block(store, page);
		usage = pga_usage_unpack(block->usage[i % PGA_BLOCK_CHUNKS]);
		KUNIT_ASSERT_EQ(p->test, usage.in_use,
				pga_bits_weight(pga_store_chunk(store, i)->allocated,
						page % PGA_CHUNK_PAGES, stop - page));
	}
}

static void place_one(struct pgat_pool *p, const struct place_case *c,
		      const struct shape *s)
{
	const unsigned long base = BASE + s->offset;
	const unsigned long nr = c->nr * s->cell + c->more;
	struct pagealloc_stats before;
	struct pgat_moved moved[] = {
		{ PAGEALLOC_ALLOC, 1 }, { PAGEALLOC_FREE, 1 },
	};
	struct pgat_holds holds = {};
	unsigned long pfn = 0;
	unsigned int i;
	int ret;

	/* A larger cell is more than a portion. */
	if (c->gfp == A && s->cell > HALF)
		return;
	/* Pages populated beside the run would make a second cell differ. */
	if (s->granule > 1 && c->more && strchr(c->before, 'D'))
		return;
	p->engine = NULL;
	if (c->first_fit)
		pgat_first_fit(p);
	setup(p, base, s->granule, c->flags, s->cell, c->before);
	pgat_holds_begin(p, &holds);
	ret = pagealloc_alloc(p->pool, nr, c->gfp | __GFP_NOWARN, &pfn);
	pgat_holds_end(&holds);
	KUNIT_EXPECT_EQ_MSG(p->test, ret, min(c->want, 0), "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(p->test, c->calls, p->backing.count[PGAT_POPULATE],
			    "%s", c->name);
	KUNIT_EXPECT_LE_MSG(p->test, holds.most, max(P, s->granule), "%s", c->name);
	expect_states(p, base, s->cell, c->after);
	expect_index(p, base, strlen(c->before) * s->cell);
	pgat_sound(p);
	if (!ret) {
		KUNIT_EXPECT_EQ_MSG(p->test, pfn, base + c->want * s->cell, "%s",
				    c->name);
		pagealloc_stats(p->pool, &before);
		pgat_holds_begin(p, &holds);
		KUNIT_EXPECT_EQ(p->test, 0, pagealloc_free(p->pool, pfn, nr));
		pgat_holds_end(&holds);
		KUNIT_EXPECT_LE_MSG(p->test, holds.most, P, "%s", c->name);
		for (i = 0; i < nr; i += 4095)
			KUNIT_ASSERT_EQ(p->test, pgat_letter(p, pfn + i, 1), 'r');
		KUNIT_EXPECT_EQ(p->test, before.value[PAGEALLOC_FREE] + 1,
				pgat_stat(p, PAGEALLOC_FREE));
		KUNIT_EXPECT_EQ(p->test, before.value[PAGEALLOC_IN_USE] - nr * PAGE_SIZE,
				pgat_stat(p, PAGEALLOC_IN_USE));
		pgat_sound(p);
		pagealloc_stats(p->pool, &before);
		/* Allocate and free it again, now that all of it is ready. */
		KUNIT_EXPECT_EQ(p->test, 0, pagealloc_alloc(p->pool, nr, K, &pfn));
		KUNIT_EXPECT_EQ(p->test, 0, pagealloc_free(p->pool, pfn, nr));
		pgat_moved(p, &before, moved, ARRAY_SIZE(moved));
	}
	pgat_pool_close(p);
}

/* A long run has the same place as if it were allocated in one critical section. */
static void placement(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(place_cases); i++)
		place_one(test->priv, &place_cases[i], test->param_value);
}

/* Open a pool with all pages ready. */
static void setup_ready(struct pgat_pool *p, unsigned int portions)
{
	unsigned long pfn;

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, portions * P);
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc(p->pool, portions * P, K, &pfn));
	KUNIT_ASSERT_EQ(p->test, pfn, BASE);
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_free(p->pool, pfn, portions * P));
}

/**
 * struct intruder - a task that allocates a page during a claim
 * @at: pages that are isolated when it does
 * @page: the page, counted from BASE
 * @times: how often it does
 */
struct intruder {
	unsigned long at;
	unsigned long page;
	unsigned int times;
};

/* Allocate a page inside a critical section. */
static void alloc_page_in(struct pgat_holds *h, unsigned long page)
{
	struct pagealloc_pool *pool = h->p->pool;

	KUNIT_EXPECT_TRUE(h->p->test, pga_map_alloc(&pool->map, page, 1));
	pool->changes++;
}

static void intrude(struct pgat_holds *h)
{
	struct intruder *i = h->arg;

	if (!i->times || h->p->pool->nr_isolated != i->at)
		return;
	i->times--;
	alloc_page_in(h, pga_page_of(h->p->pool, BASE + i->page));
}

/* Another task takes a page that is not claimed yet: the run is placed above it. */
static void crossed_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct intruder intruder = { 3 * P, 4 * P + 5, 1 };
	struct pgat_holds holds = { .hook = intrude, .arg = &intruder };
	unsigned long pfn = 0;
	u64 allocs;

	setup_ready(p, 16);
	allocs = pgat_stat(p, PAGEALLOC_ALLOC);
	pgat_holds_begin(p, &holds);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 6 * P, K, &pfn));
	pgat_holds_end(&holds);
	KUNIT_EXPECT_EQ(test, 0U, intruder.times);
	KUNIT_EXPECT_EQ(test, pfn, BASE + 4 * P + 6);
	KUNIT_EXPECT_EQ(test, allocs + 1, pgat_stat(p, PAGEALLOC_ALLOC));
	KUNIT_EXPECT_EQ(test, 6 * P + 1, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_LE(test, holds.most, P);
	pgat_looks_like(p, BASE, P, "rrrr");
	KUNIT_EXPECT_EQ(test, 'r', pgat_letter(p, BASE + 4 * P, 5));
	KUNIT_EXPECT_EQ(test, 'u', pgat_letter(p, BASE + 4 * P + 5, 1));
	pgat_sound(p);
	pgat_pool_close(p);
}

/* When the lock is dropped no granule is discarded in part. */
static void expect_whole_granules(struct pgat_holds *h)
{
	const struct pagealloc_pool *pool = h->p->pool;
	const unsigned long page = pga_page_of(pool, BASE);
	struct pga_extent e;

	if (pga_map_next_discarded(&pool->map, page, page + 2 * P, &e))
		KUNIT_EXPECT_TRUE(h->p->test, IS_ALIGNED(e.start | e.nr, pool->granule));
}

/* Discarded pages of a claim that is given back are discarded, in whole granules. */
static void crossed_discarded_test(struct kunit *test)
{
	static const struct {
		unsigned long granule;
		const char *before;
	} cases[] = {
		{ 1, "rDDrrDrDrrrrrrrrrr" },
		{ 512, "rDDrrDrDrrrrrrrrrr" },
		{ 2 * P, "DDrrDDDDDDDDrrDDDDrr" },
	};
	struct pgat_pool *p = test->priv;
	struct intruder intruder;
	struct pgat_holds holds = {
		.hook = intrude, .leave = expect_whole_granules, .arg = &intruder,
	};
	unsigned long pfn;
	unsigned int i;

	pgat_first_fit(p);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		setup(p, BASE, cases[i].granule, 0, P, cases[i].before);
		/* The page is ready, since the hook cannot populate one. */
		intruder = (struct intruder) { 2 * P, 3 * P + 100, 1 };
		pgat_holds_begin(p, &holds);
		KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 8 * P, K, &pfn));
		pgat_holds_end(&holds);
		KUNIT_EXPECT_EQ(test, 0U, intruder.times);
		KUNIT_EXPECT_EQ(test, pfn, BASE + 3 * P + 101);
		/* The pages below have their old states. */
		KUNIT_EXPECT_EQ(test, cases[i].before[0], pgat_letter(p, BASE, P));
		KUNIT_EXPECT_EQ(test, cases[i].before[1], pgat_letter(p, BASE + P, P));
		KUNIT_EXPECT_EQ(test, cases[i].before[2],
				pgat_letter(p, BASE + 2 * P, P));
		KUNIT_EXPECT_EQ(test, 'r', pgat_letter(p, BASE + 3 * P, 100));
		pgat_sound(p);
		pgat_pool_close(p);
	}
}

/**
 * struct repeat_intruder - a task that takes the page behind each claimed portion
 * @nr: pages of the run that is claimed
 * @isolated: pages isolated in the last critical section
 * @times: pages taken
 */
struct repeat_intruder {
	unsigned long nr;
	unsigned long isolated;
	unsigned int times;
};

static void intrude_again(struct pgat_holds *h)
{
	struct pagealloc_pool *pool = h->p->pool;
	const unsigned long isolated = pool->nr_isolated;
	const struct pga_isolated *iso;
	struct repeat_intruder *i = h->arg;

	if (isolated > i->isolated && isolated < i->nr) {
		iso = rb_entry(rb_first(&pool->isolated), struct pga_isolated, node);
		alloc_page_in(h, pga_extent_end(iso->pages));
		i->times++;
	}
	i->isolated = isolated;
}

/* After four such claims the request claims the whole run in one critical section. */
static void repeated_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct repeat_intruder intruder = { 4 * P };
	struct pgat_holds holds = { .hook = intrude_again, .arg = &intruder };
	unsigned long pfn;

	setup_ready(p, 16);
	pgat_holds_begin(p, &holds);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 4 * P, K, &pfn));
	pgat_holds_end(&holds);
	KUNIT_EXPECT_EQ(test, 4U, intruder.times);
	KUNIT_EXPECT_EQ(test, 4 * P, holds.most);
	KUNIT_EXPECT_EQ(test, 4 * P + 4, pgat_pages(p, PAGEALLOC_IN_USE));
	pgat_sound(p);
	pgat_pool_close(p);
}

/* Discard pages that are not claimed yet. */
static void discard_ahead(struct pgat_holds *h)
{
	struct pagealloc_pool *pool = h->p->pool;
	struct intruder *i = h->arg;
	const unsigned long page = BASE - pool->base + i->page;

	if (!i->times || pool->nr_isolated != i->at)
		return;
	i->times--;
	KUNIT_EXPECT_TRUE(h->p->test, pga_map_hold(&pool->map, page, 512));
	KUNIT_EXPECT_TRUE(h->p->test, pga_map_put(&pool->map, page, 512,
						  PGA_MADE_DISCARDED));
	pool->changes++;
}

/* Pages that are discarded before they are claimed are populated. */
static void discarded_meanwhile_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct intruder intruder = { 2 * P, 3 * P, 1 };
	struct pgat_holds holds = { .hook = discard_ahead, .arg = &intruder };
	unsigned long pfn, released;

	pgat_pool_open_sim(p, 512, 0);
	pgat_pool_region(p, BASE, 16 * P);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 16 * P, K, &pfn));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, pfn, 16 * P));
	pgat_holds_begin(p, &holds);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 5 * P, K, &pfn));
	pgat_holds_end(&holds);
	KUNIT_EXPECT_EQ(test, 0U, intruder.times);
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_RELEASED));
	pgat_sound(p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, 5 * P));
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	pgat_pool_close(p);
}

/* A long run that leaves less ready memory than the floor kicks the worker. */
static void floor_test(struct kunit *test)
{
	struct pga_scavenger *worker = kunit_kzalloc(test, sizeof(*worker), GFP_KERNEL);
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	KUNIT_ASSERT_NOT_NULL(test, worker);
	setup_ready(p, 8);
	p->pool->scavenger = worker;
	p->pool->tuning.min_ready = 2 * P;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 4 * P, K, &pfn));
	KUNIT_EXPECT_FALSE(test, worker->kicked);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 3 * P, K, &pfn));
	KUNIT_EXPECT_TRUE(test, worker->kicked);
	p->pool->scavenger = NULL;
}

/*
 * A request with one place is refused if a page in any portion of it is in use, or if
 * the place is not in the pool.
 */
static void one_place_test(struct kunit *test)
{
	struct pagealloc_request request = {
		.nr_pages = 5 * P + 3,
		.low = BASE + 7,
		.flags = PAGEALLOC_FIXED,
	};
	static const unsigned long blocked[] = { 7, P, 3 * P - 1, 5 * P + 9 };
	struct pgat_pool *p = test->priv;
	struct pgat_holds holds = {};
	unsigned long pfn;
	unsigned int i;

	setup_ready(p, 8);
	for (i = 0; i < ARRAY_SIZE(blocked); i++) {
		struct pagealloc_request one = {
			.nr_pages = 1,
			.low = BASE + blocked[i],
			.flags = PAGEALLOC_FIXED,
		};

		KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc_range(p->pool, &one, K, &pfn));
		KUNIT_EXPECT_EQ(test, -EBUSY,
				pagealloc_alloc_range(p->pool, &request,
						      K | __GFP_NOWARN, &pfn));
		KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, one.low, 1));
		pgat_sound(p);
	}
	pgat_holds_begin(p, &holds);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_range(p->pool, &request, K, &pfn));
	pgat_holds_end(&holds);
	KUNIT_EXPECT_EQ(test, pfn, BASE + 7);
	KUNIT_EXPECT_LE(test, holds.most, P);
	request.low += 7 * P;
	KUNIT_EXPECT_EQ(test, -ERANGE,
			pagealloc_alloc_range(p->pool, &request, K | __GFP_NOWARN,
					      &pfn));
	pgat_sound(p);
}

#define RUN	(6 * P)

/* Open a pool of eight portions, of which six are an allocated run at an offset. */
static unsigned long setup_run(struct pgat_pool *p, unsigned long offset)
{
	const struct pagealloc_request request = {
		.nr_pages = RUN,
		.low = BASE + offset,
		.flags = PAGEALLOC_FIXED,
	};
	unsigned long pfn = 0;

	setup_ready(p, 8);
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc_range(p->pool, &request, K, &pfn));
	return pfn;
}

/* Parts of a run of any length and at any offset can be freed. */
static void parts_test(struct kunit *test)
{
	static const unsigned long offsets[] = { 0, 1, P - 1, 300 };
	static const struct pga_extent parts[] = {
		{ 0, P - 1 }, { 0, P }, { 0, P + 1 }, { 1, 2 * P }, { 5, 3 * P + 7 },
		{ P - 1, 2 * P + 2 }, { P, 5 * P }, { 2 * P + 77, 3 * P }, { 0, RUN },
	};
	struct pgat_pool *p = test->priv;
	unsigned long pfn, got;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		pfn = setup_run(p, offsets[i]);
		for (j = 0; j < ARRAY_SIZE(parts); j++) {
			const struct pga_extent e = parts[j];
			const struct pagealloc_request again = {
				.nr_pages = e.nr,
				.low = pfn + e.start,
				.flags = PAGEALLOC_FIXED,
			};

			KUNIT_ASSERT_EQ(test, 0,
					pagealloc_free(p->pool, pfn + e.start, e.nr));
			KUNIT_ASSERT_EQ(test, RUN - e.nr, pgat_pages(p, PAGEALLOC_IN_USE));
			KUNIT_ASSERT_EQ(test, 'r', pgat_letter(p, pfn + e.start, e.nr));
			KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc_range(p->pool, &again, K,
								       &got));
			pgat_sound(p);
		}
		pgat_pool_close(p);
	}
}

/*
 * If any page of a long free is not in use, nothing is freed, and the error is counted
 * once.
 */
static void wrong_test(struct kunit *test)
{
	static const struct {
		const char *name;
		unsigned long free;		/* a free page; PGA_NONE: none */
		unsigned long start, nr;
		int want;
		enum pagealloc_stat counter;
	} cases[] = {
		{ "first page", 0, 0, RUN, -EINVAL, PAGEALLOC_DOUBLE_FREE },
		{ "last page", RUN - 1, 0, RUN, -EINVAL, PAGEALLOC_DOUBLE_FREE },
		{ "last page of a portion", 2 * P - 1, 0, RUN, -EINVAL, PAGEALLOC_DOUBLE_FREE },
		{ "first page of a portion", 3 * P, 7, RUN - 9, -EINVAL, PAGEALLOC_DOUBLE_FREE },
		{ "page before", PGA_NONE, -1UL, RUN, -EINVAL, PAGEALLOC_DOUBLE_FREE },
		{ "page behind", PGA_NONE, 0, RUN + 1, -EINVAL, PAGEALLOC_DOUBLE_FREE },
		{ "below the region", PGA_NONE, -10UL, RUN, -ERANGE, PAGEALLOC_BAD_FREE },
		{ "above the region", PGA_NONE, 0, 8 * P, -ERANGE, PAGEALLOC_BAD_FREE },
		{ "half of all page numbers", 5, 0, ~0UL >> 1, -ERANGE, PAGEALLOC_BAD_FREE },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;
	unsigned long pfn;
	unsigned int i;

	pfn = setup_run(p, 3);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct pgat_moved moved[] = { { cases[i].counter, 1 } };
		const struct pagealloc_request hole = {
			.nr_pages = 1,
			.low = pfn + cases[i].free,
			.flags = PAGEALLOC_FIXED,
		};
		unsigned long got;

		if (cases[i].free != PGA_NONE)
			KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, hole.low, 1));
		pagealloc_stats(p->pool, &before);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].want,
				    pagealloc_free(p->pool, pfn + cases[i].start,
						   cases[i].nr), "%s", cases[i].name);
		pgat_moved(p, &before, moved, ARRAY_SIZE(moved));
		if (cases[i].free != PGA_NONE)
			KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc_range(p->pool, &hole, A,
								       &got));
		KUNIT_EXPECT_EQ(test, 'u', pgat_letter(p, pfn, RUN));
		pgat_sound(p);
	}
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, RUN));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, pfn, RUN));
	pgat_sound(p);
}

/**
 * struct meddler - a task that frees pages during a long free
 * @hold: number of the critical section in which it does
 * @page: the first of its pages, counted from BASE
 * @nr: how many
 * @ret: the result of its free
 * @done: it has freed
 */
struct meddler {
	unsigned int hold;
	unsigned long page;
	unsigned long nr;
	int ret;
	bool done;
};

static void meddle(struct pgat_holds *h)
{
	struct pagealloc_pool *pool = h->p->pool;
	struct meddler *m = h->arg;

	if (m->done || h->nr != m->hold)
		return;
	m->done = true;
	m->ret = pga_free_locked(pool, pga_page_of(pool, BASE + m->page), m->nr);
}

/*
 * Two tasks free the same pages: one of them is refused, and counted.  The long free
 * examines six portions, and then frees them.
 */
static void both_free_test(struct kunit *test)
{
	static const struct {
		const char *name;
		struct meddler m;
		int other, want;
		unsigned long left;
	} cases[] = {
		{ "not examined yet", { 2, 3 * P, 1 }, 0, -EINVAL, RUN - 1 },
		{ "the last page", { 5, RUN - 1, 1 }, 0, -EINVAL, RUN - 1 },
		{ "first portion, examined", { 3, 0, 1 }, 0, -EINVAL, RUN - 1 },
		{ "examined, not freed yet", { 3, P, 1 }, 0, -EINVAL, RUN - P - 1 },
		{ "about to be freed", { 8, 3 * P, 5 }, 0, -EINVAL, RUN - 3 * P - 5 },
		{ "freed", { 8, 0, 1 }, -EINVAL, 0, 0 },
		{ "one freed, one not yet", { 9, 3 * P - 1, 2 }, -EINVAL, 0, 0 },
	};
	struct pgat_pool *p = test->priv;
	struct meddler m;
	struct pgat_holds holds = { .hook = meddle, .arg = &m };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		setup_run(p, 0);
		m = cases[i].m;
		pgat_holds_begin(p, &holds);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].want,
				    pagealloc_free(p->pool, BASE, RUN), "%s",
				    cases[i].name);
		pgat_holds_end(&holds);
		KUNIT_EXPECT_TRUE_MSG(test, m.done, "%s", cases[i].name);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].other, m.ret, "%s", cases[i].name);
		KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
		KUNIT_EXPECT_EQ_MSG(test, cases[i].left, pgat_pages(p, PAGEALLOC_IN_USE),
				    "%s", cases[i].name);
		pgat_sound(p);
		pgat_pool_close(p);
	}
}

/* Allocate a page as soon as one is ready. */
static void take_one(struct pgat_holds *h)
{
	struct pagealloc_pool *pool = h->p->pool;
	unsigned long *page = h->arg;

	if (*page != PGA_NONE)
		return;
	*page = pga_map_find(&pool->map, PGA_READY, 1);
	if (*page != PGA_NONE)
		alloc_page_in(h, *page);
}

/* Pages that a long free has freed can be allocated before it ends. */
static void taken_meanwhile_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long page = PGA_NONE, pfn;
	struct pgat_holds holds = { .hook = take_one, .arg = &page };

	setup_ready(p, 8);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 8 * P, K, &pfn));
	pgat_holds_begin(p, &holds);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 8 * P));
	pgat_holds_end(&holds);
	KUNIT_EXPECT_EQ(test, page, pga_page_of(p->pool, BASE));
	KUNIT_EXPECT_EQ(test, 1UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 8 * P - 1, pgat_pages(p, PAGEALLOC_LARGEST_FREE_RUN));
	pgat_sound(p);
}

/* Make the pool corrupt in one critical section. */
static void set_corrupt(struct pgat_holds *h)
{
	struct pagealloc_pool *pool = h->p->pool;
	const unsigned long *when = h->arg;

	pool->corrupt = h->nr == *when;
}

/* Undo this when the lock is dropped, so that no warning is printed. */
static void clear_corrupt(struct pgat_holds *h)
{
	h->p->pool->corrupt = false;
}

/* A pool that is found corrupt during a long call: no page stays isolated. */
static void corrupt_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long when, pfn;
	struct pgat_holds holds = {
		.hook = set_corrupt, .leave = clear_corrupt, .arg = &when,
	};

	for (when = 0; when < 12; when++) {
		setup_run(p, 0);
		pgat_holds_begin(p, &holds);
		KUNIT_EXPECT_EQ_MSG(test, -EIO, pagealloc_free(p->pool, BASE, RUN),
				    "hold %lu", when);
		pgat_holds_end(&holds);
		KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&p->pool->isolated));
		pgat_sound(p);
		pgat_pool_close(p);
	}
	for (when = 2; when < 7; when++) {
		setup_ready(p, 8);
		pgat_holds_begin(p, &holds);
		/* The pool is not corrupt when the request searches again. */
		KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, RUN, K, &pfn));
		pgat_holds_end(&holds);
		KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&p->pool->isolated));
		pgat_sound(p);
		pgat_pool_close(p);
	}
}

/* A long run can be trimmed to any length if all of it is in use. */
static void trim_test(struct kunit *test)
{
	static const unsigned long keep[] = {
		1, P - 1, P, P + 1, 3 * P + 5, RUN - P, RUN - 1, RUN,
	};
	static const unsigned long bad[] = { 0, P, 3 * P + 7, RUN - 1 };
	struct pgat_pool *p = test->priv;
	struct pgat_holds holds = {};
	unsigned int i, j;
	u64 frees;

	for (i = 0; i < ARRAY_SIZE(keep); i++) {
		setup_run(p, 0);
		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			const struct pagealloc_request one = {
				.nr_pages = 1,
				.low = BASE + bad[j],
				.flags = PAGEALLOC_FIXED,
			};
			unsigned long pfn;

			KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, one.low, 1));
			KUNIT_EXPECT_EQ(test, -EINVAL,
					pagealloc_trim(p->pool, BASE, RUN, keep[i]));
			KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc_range(p->pool, &one, K,
								       &pfn));
			KUNIT_EXPECT_EQ(test, 'u', pgat_letter(p, BASE, RUN));
		}
		KUNIT_EXPECT_EQ(test, -ERANGE,
				pagealloc_trim(p->pool, BASE, 9 * P, keep[i]));
		frees = pgat_stat(p, PAGEALLOC_FREE);
		pgat_holds_begin(p, &holds);
		KUNIT_EXPECT_EQ(test, 0, pagealloc_trim(p->pool, BASE, RUN, keep[i]));
		pgat_holds_end(&holds);
		KUNIT_EXPECT_LE(test, holds.most, P);
		KUNIT_EXPECT_EQ(test, frees + (keep[i] < RUN), pgat_stat(p, PAGEALLOC_FREE));
		KUNIT_EXPECT_EQ(test, keep[i], pgat_pages(p, PAGEALLOC_IN_USE));
		KUNIT_EXPECT_EQ(test, 'u', pgat_letter(p, BASE, keep[i]));
		pgat_sound(p);
		pgat_pool_close(p);
	}
}

/* Queue a free that only the test drains. */
static void defer(struct pgat_pool *p, struct pagealloc_deferred *d,
		  unsigned long pfn, unsigned long nr)
{
	*d = (struct pagealloc_deferred) { .pfn = pfn, .nr_pages = nr };
	pga_deferred_add(p->pool, d);
}

/* Long and short runs in the queue are freed in order, and wrong frees are counted. */
static void deferred_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d[6];
	struct pgat_holds holds = {};

	setup_run(p, 0);
	defer(p, &d[0], BASE, 10);
	defer(p, &d[1], BASE + 10, 2 * P);
	defer(p, &d[2], BASE + 2 * P, 2 * P);		/* ten of them are free */
	defer(p, &d[3], BASE + 2 * P + 10, 2 * P);
	defer(p, &d[4], BASE + 7 * P, 2 * P);		/* not in the pool */
	defer(p, &d[5], BASE + 4 * P + 10, 2 * P - 10);
	pgat_holds_begin(p, &holds);
	pagealloc_drain(p->pool);
	pgat_holds_end(&holds);
	KUNIT_EXPECT_LE(test, holds.most, P + 10);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_DEFERRED));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_BAD_FREE));
	KUNIT_EXPECT_EQ(test, 1ULL + 4, pgat_stat(p, PAGEALLOC_FREE));
	pgat_sound(p);
}

/* A long run in the queue does not serve a request. */
static void not_served_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d[2];
	unsigned long pfn;

	pgat_pool_open(p, 1, RF);
	pgat_pool_region(p, BASE, 2 * P + 1);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 2 * P + 1, K, &pfn));
	defer(p, &d[0], pfn, P + 1);
	defer(p, &d[1], pfn + P + 1, P);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, P + 1, K, &pfn));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_DEFERRED_SERVED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, P + 1));
	defer(p, &d[1], pfn, P);
	KUNIT_EXPECT_NE(test, 0, pagealloc_alloc(p->pool, 2 * P + 2,
						 K | __GFP_NOWARN, &pfn));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, P, K, &pfn));
	defer(p, &d[1], pfn, P);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, P, K, &pfn));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DEFERRED_SERVED));
	pgat_free_all(p);
	pgat_sound(p);
}

/* A drain that may not sleep stops at a long run; one that may goes on. */
static void batch_stops_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d[3];
	unsigned long pfn;

	setup_run(p, 0);
	defer(p, &d[0], BASE, 10);
	defer(p, &d[1], BASE + 10, P + 1);
	defer(p, &d[2], BASE + P + 11, 10);
	while (pga_deferred_drain_batch(p->pool))
		;
	KUNIT_EXPECT_EQ(test, P + 11, pgat_pages(p, PAGEALLOC_DEFERRED));
	KUNIT_EXPECT_EQ(test, RUN - 10, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, NULL, 0));
	/* A run of 2 * P fits behind the six portions; one of P + 21 fits after a drain. */
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 2 * P, K, &pfn));
	KUNIT_EXPECT_TRUE(test, pga_deferred_any(p->pool));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, P + 21, K, &pfn));
	KUNIT_EXPECT_EQ(test, BASE, pfn);
	KUNIT_EXPECT_FALSE(test, pga_deferred_any(p->pool));
	pgat_sound(p);
}

/* A pool can be destroyed while a long run is queued. */
static void destroy_queued_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d;

	setup_run(p, 0);
	defer(p, &d, BASE, RUN);
	pgat_pool_destroy(p);
	KUNIT_EXPECT_NULL(test, p->pool);
}

static int allow(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	return 0;
}

/* A long range is protected only if all of it is discarded. */
static void protect_test(struct kunit *test)
{
	static const struct {
		const char *name;
		unsigned long start, nr;
		int want;
	} cases[] = {
		{ "a portion", 0, 2, 0 },
		{ "all discarded pages", 0, 9, 0 },
		{ "across ends of portions", 1, 7, 0 },
		{ "ready pages at the end", 0, 10, -EBUSY },
		{ "ready pages at the start", 9, 4, -EBUSY },
		{ "pages in use", 10, 6, -EBUSY },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_backing_ops ops;
	struct pgat_holds holds = {};
	unsigned int i;

	setup(p, BASE, 512, 0, HALF, "DDDDDDDDDrDDDDuD");
	ops = *p->pool->ops;
	ops.protect = allow;
	p->pool->ops = &ops;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		pgat_holds_begin(p, &holds);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].want,
				    pagealloc_protect(p->pool,
						      BASE + cases[i].start * HALF,
						      cases[i].nr * HALF),
				    "%s", cases[i].name);
		pgat_holds_end(&holds);
		KUNIT_EXPECT_LE(test, holds.most, P);
		KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_TRANSITION));
		pgat_looks_like(p, BASE, HALF, "DDDDDDDDDrDDDDuD");
	}
	p->pool->ops = &pgat_backing_ops;
	pgat_free_all(p);
	pgat_sound(p);
}

#define RACERS		3
#define ROUNDS		300
#define RACE_PAGES	(24 * P)

/**
 * struct race - threads that allocate and free runs of all lengths
 * @p: the pool
 * @owned: bit i: page i is allocated; only pages that mark() visits
 */
struct race {
	struct pgat_pool *p;
	unsigned long *owned;
};

struct racer {
	struct pgat_thread thread;
	struct race *race;
	struct rnd_state random;
	unsigned int got[2];
	unsigned int wrong;
};

/* Mark every 61st page of a run, and the last one; returns how many were wrong. */
static unsigned int mark(struct race *race, unsigned long pfn, unsigned long nr,
			 bool take)
{
	const unsigned long first = pfn - BASE, last = first + nr - 1;
	unsigned int wrong = 0;
	unsigned long at;

	for (at = first; at <= last; at = at < last ? min(at + 61, last) : at + 1)
		wrong += take ? test_and_set_bit(at, race->owned) :
				!test_and_clear_bit(at, race->owned);
	return wrong;
}

static int run_race(void *arg)
{
	struct racer *r = arg;
	struct pgat_pool *p = r->race->p;
	unsigned long pfn[4], nr[4] = {};
	unsigned int round, i;
	gfp_t gfp;

	for (round = 0; round < ROUNDS + 4; round++) {
		i = round % ARRAY_SIZE(nr);
		if (nr[i]) {
			r->wrong += mark(r->race, pfn[i], nr[i], false);
			r->wrong += !!pagealloc_free(p->pool, pfn[i], nr[i]);
			nr[i] = 0;
		}
		if (round >= ROUNDS)
			continue;
		nr[i] = 1 + pgat_below(&r->random, pgat_below(&r->random, 2) ? 4 * P : 600);
		gfp = nr[i] > P || pgat_below(&r->random, 2) ? K : A;
		gfp |= __GFP_NOWARN;
		if (pagealloc_alloc(p->pool, nr[i], gfp, &pfn[i])) {
			nr[i] = 0;
			continue;
		}
		r->got[nr[i] > P]++;
		r->wrong += mark(r->race, pfn[i], nr[i], true);
		cond_resched();
	}
	return 0;
}

/* Long and short runs on several CPUs: no page has two owners, and none is lost. */
static void race_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct race race = { .p = p };
	struct rnd_state random = pgat_random(test);
	struct racer *r;
	unsigned long pfn;
	unsigned int i;

	r = kunit_kcalloc(test, RACERS, sizeof(*r), GFP_KERNEL);
	race.owned = kvcalloc(BITS_TO_LONGS(RACE_PAGES), sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, r && race.owned);
	p->cached = true;
	pgat_pool_open_sim(p, 64, 0);
	pgat_pool_region(p, BASE, RACE_PAGES);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, RACE_PAGES, K, &pfn));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, pfn, RACE_PAGES));
	for (i = 0; i < RACERS; i++) {
		r[i].race = &race;
		prandom_seed_state(&r[i].random, prandom_u32_state(&random));
		pgat_thread_start(test, &r[i].thread, run_race, &r[i]);
	}
	for (i = 0; i < RACERS; i++) {
		KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&r[i].thread));
		KUNIT_EXPECT_EQ(test, 0U, r[i].wrong);
		kunit_info(test, "%u short runs, %u long ones\n", r[i].got[0],
			   r[i].got[1]);
		KUNIT_EXPECT_GT(test, r[i].got[1], 10U);
	}
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, RACE_PAGES, pgat_pages(p, PAGEALLOC_LARGEST_FREE_RUN));
	pgat_sound(p);
	kvfree(race.owned);
}

/**
 * struct killed_case - a request of a task that has been killed
 * @name: name of the case
 * @before: states of cells of half a portion; the pool can grow behind them
 * @nr: cells of the request
 * @gfp: its flags
 * @want: its result
 */
struct killed_case {
	const char *name;
	const char *before;
	unsigned int nr;
	gfp_t gfp;
	int want;
};

static const struct killed_case killed_cases[] = {
	{ "short", "rrrr", 1, K, 0 },
	{ "long", "rrrrrrrr", 7, K, -EINTR },
	{ "long, discarded", "DDDDDDDD", 7, K, -EINTR },
	{ "a portion, may not sleep", "rrrrrrrr", 2, A, 0 },
	{ "needs growth", "rr", 3, K, -EINTR },
};
PGAT_ARRAY_PARAM(killed, killed_cases);

struct killed_task {
	const struct killed_case *c;
	struct pgat_pool *p;
};

static int ask_killed(void *arg)
{
	const struct killed_task *v = arg;
	unsigned long pfn;

	send_sig(SIGKILL, current, 1);
	return pagealloc_alloc(v->p->pool, v->c->nr * HALF, v->c->gfp | __GFP_NOWARN,
			       &pfn);
}

/* A killed task does not claim a long run, and does not grow the pool. */
static void killed_test(struct kunit *test)
{
	struct killed_task v = { .c = test->param_value, .p = test->priv };
	struct pgat_pool *p = v.p;
	struct pgat_thread thread;

	setup(p, BASE, 16, 0, HALF, v.c->before);
	pgat_pool_region(p, BASE + strlen(v.c->before) * HALF, 8 * P);
	pgat_thread_start(test, &thread, ask_killed, &v);
	KUNIT_EXPECT_EQ(test, v.c->want, pgat_thread_join(&thread));
	KUNIT_EXPECT_EQ(test, strlen(v.c->before) * HALF, pgat_pages(p, PAGEALLOC_GROWN));
	KUNIT_EXPECT_EQ(test, v.c->want ? 0 : v.c->nr * HALF,
			pgat_pages(p, PAGEALLOC_IN_USE));
	if (v.c->want)
		pgat_looks_like(p, BASE, HALF, v.c->before);
	pgat_sound(p);
}

static struct kunit_case long_cases[] = {
	KUNIT_CASE_PARAM(placement, shape_gen_params),
	KUNIT_CASE(crossed_test),
	KUNIT_CASE(crossed_discarded_test),
	KUNIT_CASE(repeated_test),
	KUNIT_CASE(discarded_meanwhile_test),
	KUNIT_CASE(floor_test),
	KUNIT_CASE(one_place_test),
	KUNIT_CASE(parts_test),
	KUNIT_CASE(wrong_test),
	KUNIT_CASE(both_free_test),
	KUNIT_CASE(taken_meanwhile_test),
	KUNIT_CASE(corrupt_test),
	KUNIT_CASE(trim_test),
	KUNIT_CASE(deferred_test),
	KUNIT_CASE(not_served_test),
	KUNIT_CASE(batch_stops_test),
	KUNIT_CASE(destroy_queued_test),
	KUNIT_CASE(protect_test),
	KUNIT_CASE_PARAM(killed_test, killed_gen_params),
	KUNIT_CASE(race_test),
	{}
};

static struct kunit_suite long_suite = {
	.name = "pagealloc_long",
	.init = long_init,
	.test_cases = long_cases,
};
kunit_test_suite(long_suite);

MODULE_DESCRIPTION("Tests of pagealloc's long runs");
MODULE_LICENSE("GPL");
