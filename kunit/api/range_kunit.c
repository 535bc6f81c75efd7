// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of range.c, place.c and bulk.c: requests with a constraint, single pages in
 * bulk, and trims.
 *
 * The last test makes a million random requests to a pool and to a model, which finds
 * the place of each run page by page.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "pool/deferred.h"
#include "pool/region.h"
#include "pool/scavenger.h"
#include "lib/testpool.h"

/* Aligned to 2^20, but not to 2^21. */
#define BASE	(2 * PGA_INDEX_PAGES + BIT(20))

#define RF	PAGEALLOC_READY_FIRST
#define FIXED	PAGEALLOC_FIXED
#define LOWEST	PAGEALLOC_LOWEST
#define READY	PAGEALLOC_PREFER_READY
#define KERNEL	(GFP_KERNEL | __GFP_NOWARN)

static int range_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

/* Open a pool of one region with the states of @text, one letter a page. */
static void setup(struct pgat_pool *p, unsigned long granule, unsigned int flags,
		  const char *text)
{
	pgat_pool_open(p, granule, flags);
	pgat_pool_region(p, BASE, strlen(text));
	pgat_arrange(p, BASE, 1, text);
	pgat_forget_calls(p);
}

/* A request with a window counted from BASE; 0 is no limit. */
static struct pagealloc_request request_at(unsigned long nr, unsigned long align,
					   unsigned long boundary, unsigned long low,
					   unsigned long high, unsigned int flags)
{
	return (struct pagealloc_request) {
		.nr_pages = nr,
		.align = align,
		.boundary = boundary,
		.low = low || flags & FIXED ? BASE + low : 0,
		.high = high ? BASE + high : 0,
		.flags = flags,
	};
}

/* Make a request; returns the place counted from BASE, or an errno. */
static long ask_for(struct pgat_pool *p, const struct pagealloc_request *request,
		    gfp_t gfp)
{
	unsigned long pfn = 12345;
	const int ret = pagealloc_alloc_range(p->pool, request, gfp, &pfn);

	if (ret)
		KUNIT_EXPECT_EQ(p->test, pfn, 12345);
	return ret ?: pfn - BASE;
}

/* Requests that no pool can serve, and their errno. */
static const struct bad_case {
	const char *name;
	struct pagealloc_request rq;
	gfp_t gfp;
	int want;
} bad_cases[] = {
	{ "no pages", { 0, 8 }, KERNEL, -EINVAL },
	{ "no pages, fixed", { 0, 0, 0, BASE, 0, FIXED }, KERNEL, -EINVAL },
	{ "alignment 3", { 1, 3 }, KERNEL, -EINVAL },
	{ "alignment of all bits", { 1, ~0UL }, KERNEL, -EINVAL },
	{ "boundary 48", { 1, 0, 48 }, KERNEL, -EINVAL },
	{ "boundary smaller than the run", { 9, 0, 8 }, KERNEL, -EINVAL },
	{ "boundary of half the run", { 16, 0, 8 }, GFP_ATOMIC, -EINVAL },
	{ "window smaller than the run", { 9, 0, 0, BASE, BASE + 8 }, KERNEL, -EINVAL },
	{ "window smaller than the run, at 0", { 9, 0, 0, 0, 8 }, KERNEL, -EINVAL },
	{ "empty window", { 1, 0, 0, BASE, BASE }, KERNEL, -EINVAL },
	{ "window that ends before it begins", { 1, 0, 0, BASE + 8, BASE }, KERNEL, -EINVAL },
	{ "window at the end of all pfns", { 2, 0, 0, ~0UL - 1 }, KERNEL, -EINVAL },
	{ "no aligned page in the window", { 1, 8, 0, BASE + 1, BASE + 8 }, KERNEL, -EINVAL },
	{ "aligned page too late", { 2, 8, 0, BASE + 1, BASE + 9 }, KERNEL, -EINVAL },
	{ "boundary in the window", { 8, 0, 8, BASE + 1, BASE + 15 }, KERNEL, -EINVAL },
	{ "fixed, not aligned", { 1, 8, 0, BASE + 4, 0, FIXED }, KERNEL, -EINVAL },
	{ "fixed, over the boundary", { 4, 0, 8, BASE + 6, 0, FIXED }, KERNEL, -EINVAL },
	{ "fixed, not in the window", { 4, 0, 0, BASE, BASE + 3, FIXED }, KERNEL, -EINVAL },
	{ "fixed, wraps", { 2, 0, 0, ~0UL, 0, FIXED }, KERNEL, -EINVAL },
	{ "the longest run, not at 0", { ~0UL, 0, 0, 1 }, KERNEL, -EINVAL },
	{ "an unknown flag", { 1, 0, 0, 0, 0, 0x40 }, KERNEL, -EINVAL },
	{ "all flags", { 1, 0, 0, 0, 0, ~0U }, KERNEL, -EINVAL },
	{ "lowest and ready first", { 1, 0, 0, 0, 0, LOWEST | READY }, KERNEL, -EINVAL },
	{ "best fit", { 1, 0, 0, 0, 0, PAGEALLOC_BEST_FIT }, KERNEL, -EOPNOTSUPP },
	{ "best fit, aligned", { 1, 8, 0, 0, 0, PAGEALLOC_BEST_FIT }, GFP_ATOMIC, -EOPNOTSUPP },
	{ "best fit, alignment 3", { 1, 3, 0, 0, 0, PAGEALLOC_BEST_FIT }, KERNEL, -EINVAL },
	{ "NOIO by flag", { 1, 8 }, GFP_NOIO, -EINVAL },
	{ "no gfp flags", { 1, 8 }, 0, -EINVAL },
};
PGAT_ARRAY_PARAM(bad, bad_cases);

/* A bad request gets an errno, is counted once, and changes nothing. */
static void bad_request(struct kunit *test)
{
	const struct pgat_moved moved = { PAGEALLOC_BAD_REQUEST, 1 };
	const struct bad_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;

	/* The span engine does not refuse best fit. */
	pgat_first_fit(p);
	setup(p, 4, 0, "uuuuDDDDrrrrrrrr");
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, c->want, ask_for(p, &c->rq, c->gfp));
	pgat_moved(p, &before, &moved, 1);
	KUNIT_EXPECT_EQ(test, p->backing.nr_log, 0);
	pgat_looks_like(p, BASE, 1, "uuuuDDDDrrrrrrrr");
	pgat_sound(p);
}

/* A null pointer is -EINVAL. */
static void null_arguments(struct kunit *test)
{
	const struct pagealloc_request rq = { 1 };
	struct pgat_pool *p = test->priv;
	unsigned long pfn = BASE;

	setup(p, 1, 0, "rrrr");
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_alloc_range(NULL, &rq, KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_alloc_range(p->pool, NULL, KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_alloc_range(p->pool, &rq, KERNEL, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_alloc_bulk(NULL, 1, KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_alloc_bulk(p->pool, 1, KERNEL, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free_bulk(NULL, 1, &pfn));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free_bulk(p->pool, 1, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_trim(NULL, pfn, 2, 1));
	pgat_looks_like(p, BASE, 1, "rrrr");
}

/*
 * A request to a pool with granules of four pages that has grown to its end.  @want is
 * its place or an errno, @after the states afterwards.
 */
static const struct place_case {
	const char *name;
	const char *before;
	unsigned long nr, align, boundary, low, high;
	unsigned int flags;
	unsigned int pool_flags;
	gfp_t gfp;
	long want;
	const char *after;
} place_cases[] = {
	{ "no constraint", "uurrrrrr", 3, 0, 0, 0, 0, 0, 0, KERNEL, 2, "uuuuurrr" },
	{ "aligned", "urrrrrrr", 2, 4, 0, 0, 0, 0, 0, KERNEL, 4, "urrruurr" },
	{ "aligned, into discarded pages", "urrrDDDD", 2, 4, 0, 0, 0, 0, 0, KERNEL, 4,
	  "urrruurr" },
	{ "boundary", "uuurrrrr", 3, 0, 4, 0, 0, 0, 0, KERNEL, 4, "uuuruuur" },
	{ "low", "rrrrrrrr", 2, 0, 0, 3, 0, 0, 0, KERNEL, 3, "rrruurrr" },
	{ "high", "rrrrrrrr", 2, 0, 0, 0, 2, 0, 0, KERNEL, 0, "uurrrrrr" },
	{ "window full", "ruuuurrr", 1, 0, 0, 1, 5, 0, 0, KERNEL, -ENOMEM, "ruuuurrr" },
	{ "window before the pool", "rrrr", 1, 0, 0, -8UL, -4UL, 0, 0, KERNEL, -ENOMEM, "rrrr" },
	{ "window behind the pool", "rrrr", 1, 0, 0, 4, 0, 0, 0, KERNEL, -ENOMEM, "rrrr" },
	{ "alignment that the pool has once", "urrr", 1, BIT(20), 0, 0, 0, 0, 0, KERNEL,
	  -ENOMEM, "urrr" },
	{ "alignment that it lacks", "rrrr", 1, BIT(21), 0, 0, 0, 0, 0, KERNEL, -ENOMEM,
	  "rrrr" },
	{ "alignment beyond the index space", "rrrr", 1, BIT(35), 0, 0, 0, 0, 0, KERNEL,
	  -ENOMEM, "rrrr" },
	{ "boundary beyond the index space", "urrr", 2, 0, BIT(40), 0, 0, 0, 0, KERNEL, 1,
	  "uuur" },
	{ "the longest run", "rrrr", ~0UL, 8, 0, 0, 0, 0, 0, KERNEL, -ENOMEM, "rrrr" },
	{ "longer than any pool", "rrrr", BIT(35), 8, 0, 0, 0, 0, 0, KERNEL, -ENOMEM, "rrrr" },
	{ "lowest", "DDDDrrrr", 1, 2, 0, 0, 0, 0, 0, KERNEL, 0, "urrrrrrr" },
	{ "ready first by the pool", "DDDDrrrr", 1, 2, 0, 0, 0, 0, RF, KERNEL, 4, "DDDDurrr" },
	{ "ready first by flag", "DDDDrrrr", 1, 2, 0, 0, 0, READY, 0, KERNEL, 4, "DDDDurrr" },
	{ "ready first by flag, anywhere", "DDDDrrrr", 1, 0, 0, 0, 0, READY, 0, KERNEL, 4,
	  "DDDDurrr" },
	{ "lowest by flag", "DDDDrrrr", 1, 2, 0, 0, 0, LOWEST, RF, KERNEL, 0, "urrrrrrr" },
	{ "lowest by flag, anywhere", "DDDDrrrr", 1, 0, 0, 0, 0, LOWEST, RF, KERNEL, 0,
	  "urrrrrrr" },
	{ "ready first, none in the window", "DDDDrrrr", 1, 0, 0, 1, 4, 0, RF, KERNEL, 1,
	  "rurrrrrr" },
	{ "ready first, none aligned", "DDDDrurr", 2, 4, 0, 0, 0, 0, RF, KERNEL, 0, "uurrrurr" },
	{ "atomic", "DDDDrrrr", 2, 2, 0, 0, 0, 0, 0, GFP_ATOMIC, 4, "DDDDuurr" },
	{ "atomic, none ready", "DDDDrrrr", 1, 0, 0, 0, 4, 0, 0, GFP_ATOMIC, -ENOMEM,
	  "DDDDrrrr" },
	{ "fixed", "rrrrrrrr", 3, 0, 0, 2, 0, FIXED, 0, KERNEL, 2, "rruuurrr" },
	{ "fixed, the first page", "rrrr", 1, 0, 0, 0, 0, FIXED, 0, KERNEL, 0, "urrr" },
	{ "fixed, discarded", "rrrrDDDDDDDD", 3, 0, 0, 6, 0, FIXED, 0, KERNEL, 6,
	  "rrrrrruuurrr" },
	{ "fixed, discarded, atomic", "rrrrDDDD", 1, 0, 0, 4, 0, FIXED, 0, GFP_ATOMIC, -ENOMEM,
	  "rrrrDDDD" },
	{ "fixed, in use", "rruurrrr", 1, 0, 0, 2, 0, FIXED, 0, KERNEL, -EBUSY, "rruurrrr" },
	{ "fixed, the first page in use", "rrurrrrr", 3, 0, 0, 2, 0, FIXED, 0, KERNEL,
	  -EBUSY, "rrurrrrr" },
	{ "fixed, the last page in use", "rrrrurrr", 3, 0, 0, 2, 0, FIXED, 0, GFP_ATOMIC, -EBUSY,
	  "rrrrurrr" },
	{ "fixed, in use and discarded", "uuuuDDDD", 8, 0, 0, 0, 0, FIXED, 0, GFP_ATOMIC,
	  -EBUSY, "uuuuDDDD" },
	{ "fixed, behind the pool", "rrrr", 1, 0, 0, 4, 0, FIXED, 0, KERNEL, -ERANGE, "rrrr" },
	{ "fixed, over the end", "rrrr", 2, 0, 0, 3, 0, FIXED, 0, GFP_ATOMIC, -ERANGE,
	  "rrrr" },
	{ "fixed, before the pool", "rrrr", 2, 0, 0, -1UL, 0, FIXED, 0, KERNEL, -ERANGE, "rrrr" },
	{ "fixed, before the index space", "rrrr", 1, 0, 0, -BIT(33), 0, FIXED, 0, KERNEL,
	  -ERANGE, "rrrr" },
	{ "fixed, the last pfn but one", "rrrr", 1, 0, 0, ~0UL - 1 - BASE, 0, FIXED, 0,
	  KERNEL, -ERANGE, "rrrr" },
	{ "fixed, meets all conditions", "rrrrrrrr", 2, 4, 4, 4, 6, FIXED, 0, KERNEL, 4,
	  "rrrruurr" },
};
PGAT_ARRAY_PARAM(place, place_cases);

/* A run is placed as its constraint and the policy say. */
static void place(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	const struct pagealloc_request rq =
		request_at(c->nr, c->align, c->boundary, c->low, c->high, c->flags);
	const bool atomic = !gfpflags_allow_blocking(c->gfp);
	struct pgat_pool *p = test->priv;

	setup(p, 4, c->pool_flags, c->before);
	KUNIT_EXPECT_EQ(test, c->want, ask_for(p, &rq, c->gfp));
	pgat_looks_like(p, BASE, 1, c->after);
	KUNIT_EXPECT_EQ(test, c->want < 0, pgat_stat(p, PAGEALLOC_ALLOC_FAIL));
	KUNIT_EXPECT_EQ(test, c->want < 0 && atomic, pgat_stat(p, PAGEALLOC_ATOMIC_FAIL));
	KUNIT_EXPECT_EQ(test, 0, pgat_stat(p, PAGEALLOC_BAD_REQUEST));
	pgat_sound(p);
}

/* Two adjacent regions, and two behind holes; the pool has grown into none of them. */
#define A	0UL
#define B	1500UL
#define C	8192UL
#define D	(BIT(20) - 512)

static void open_regions(struct pgat_pool *p)
{
	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE + A, 1500);
	pgat_pool_region(p, BASE + B, 1000);
	pgat_pool_region(p, BASE + C, 2 * 512);
	pgat_pool_region(p, BASE + D, 5 * 512);
}

static const struct growth_case {
	const char *name;
	unsigned long nr, align, boundary, low, high;
	unsigned int flags;
	gfp_t gfp;
	long want;
	unsigned long grown[4];	/* in each region, afterwards */
} growth_cases[] = {
	{ "anywhere", 3, 0, 0, 0, 0, 0, KERNEL, 0, { 512 } },
	{ "aligned", 3, 512, 0, 1, 0, 0, KERNEL, 512, { 1024 } },
	{ "not further than needed", 1, 1024, 0, 1, 0, 0, KERNEL, 1024, { 1500 } },
	{ "window in a region", 3, 0, 0, 600, 700, 0, KERNEL, 600, { 1024 } },
	{ "window in the second region", 3, 0, 0, 1600, 1700, 0, KERNEL, 1600, { 0, 548 } },
	{ "window over both regions", 300, 0, 0, 1400, 1700, 0, KERNEL, 1400, { 1500, 548 } },
	{ "fixed over both regions", 1100, 0, 0, 1000, 0, FIXED, KERNEL, 1000, { 1500, 1000 } },
	{ "window behind a hole", 3, 0, 0, 2500, 0, 0, KERNEL, C, { 0, 0, 512 } },
	{ "fixed, the last page", 1, 0, 0, D + 2559, 0, FIXED, KERNEL, D + 2559, { 0, 0, 0,
	  2560 } },
	{ "alignment only in the last region", 1, BIT(20), 0, 1, 0, 0, KERNEL, BIT(20), { 0, 0,
	  0, 1024 } },
	{ "longer than all but one region", 2501, 2, 0, 0, 0, 0, KERNEL, D, { 0, 0, 0, 2560 } },
	{ "too long, aligned", 2560, 1024, 0, 0, 0, 0, KERNEL, -ENOMEM, {} },
	{ "window in the hole", 1, 0, 0, 2500, C, 0, KERNEL, -ENOMEM, {} },
	{ "alignment that no region has", 1, BIT(22), 0, 0, 0, 0, KERNEL, -ENOMEM, {} },
	{ "boundary leaves no place", 1100, 0, 2048, 1000, C + 1024, 0, KERNEL, -ENOMEM, {} },
	{ "fixed in the hole", 1, 0, 0, 2500, 0, FIXED, KERNEL, -ERANGE, {} },
	{ "fixed into the hole", 2, 0, 0, 2499, 0, FIXED, KERNEL, -ERANGE, {} },
	{ "fixed over the hole", C, 0, 0, 2499, 0, FIXED, KERNEL, -ERANGE, {} },
	{ "atomic", 1, 4, 0, 0, 0, 0, GFP_ATOMIC, -ENOMEM, {} },
	{ "fixed, atomic", 1, 0, 0, 4, 0, FIXED, GFP_ATOMIC, -ENOMEM, {} },
	{ "fixed in the hole, atomic", 1, 0, 0, 2500, 0, FIXED, GFP_ATOMIC, -ERANGE, {} },
};
PGAT_ARRAY_PARAM(growth, growth_cases);

/* A pool grows only by pages that the request can use, and only as far as needed. */
static void growth(struct kunit *test)
{
	const struct growth_case *c = test->param_value;
	const struct pagealloc_request rq =
		request_at(c->nr, c->align, c->boundary, c->low, c->high, c->flags);
	struct pgat_pool *p = test->priv;
	const struct pga_region *region;
	unsigned int i = 0;

	open_regions(p);
	KUNIT_EXPECT_EQ(test, c->want, ask_for(p, &rq, c->gfp));
	pga_for_each_region(region, p->pool) {
		KUNIT_EXPECT_EQ_MSG(test, region->grown - region->start, c->grown[i],
				    "region %u", i);
		i++;
	}
	pgat_sound(p);
}

/* Requests fill a window, and only that, until it is full. */
static void fill_a_window(struct kunit *test)
{
	const struct pagealloc_request rq = request_at(7, 8, 0, 1000, 2000, 0);
	struct pgat_pool *p = test->priv;
	unsigned int i;

	open_regions(p);
	for (i = 0; i < 125; i++)
		KUNIT_ASSERT_EQ(test, 1000 + 8 * i, ask_for(p, &rq, KERNEL));
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask_for(p, &rq, KERNEL));
	KUNIT_EXPECT_EQ(test, 2048, pgat_pages(p, PAGEALLOC_GROWN));
	pgat_sound(p);
}

/* 40 granules of 16 pages, and a run aligned to four of them that takes ten. */
#define SHAPE	"DrDDrDDDrDDDrDuDDDDDrDDrDrDDDDDrDDDDDDDu"
#define RUN	(10 * 16 - 3)

/* Allocate with some calls failing; false if there were not enough calls to fail. */
static bool fail_at(struct pgat_pool *p, const struct pagealloc_request *rq,
		    struct pgat_fault fault)
{
	const unsigned long all = strlen(SHAPE) * 16;
	unsigned long pfn, calls;
	long ret;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, all);
	pgat_arrange(p, BASE, 16, SHAPE);
	pgat_forget_calls(p);
	p->backing.fault[PGAT_POPULATE] = fault;
	ret = ask_for(p, rq, KERNEL);
	calls = p->backing.count[PGAT_POPULATE];
	if (calls < fault.at)
		KUNIT_EXPECT_GE(p->test, ret, 0);
	if (ret < 0)
		KUNIT_EXPECT_EQ(p->test, ret, fault.error);
	else
		KUNIT_EXPECT_EQ(p->test, ret % 64, 0);
	pgat_sound(p);
	KUNIT_ASSERT_EQ(p->test, pgat_pages(p, PAGEALLOC_IN_USE),
			2 * 16 + (ret < 0 ? 0 : RUN));
	/* No page is lost. */
	memset(p->backing.fault, 0, sizeof(p->backing.fault));
	p->pool->broken = false;
	pgat_free_all(p);
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc(p->pool, all, GFP_KERNEL, &pfn));
	pgat_sound(p);
	pgat_pool_close(p);
	return calls >= fault.at;
}

/* If any populate fails, once or from then on, no page is lost. */
static void populate_fails(struct kunit *test)
{
	static const int errors[] = { -ENOMEM, -EBUSY, -EINTR, -EIO };
	static const struct { unsigned long low; unsigned int flags; } kinds[] = {
		{ 0, 0 }, { 0, READY }, { 16 * 16, FIXED },
	};
	struct pgat_fault fault = {};
	struct pagealloc_request rq;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(errors) * ARRAY_SIZE(kinds) * 2; i++) {
		k = i / 2 % ARRAY_SIZE(kinds);
		rq = request_at(RUN, 64, 0, kinds[k].low, 0, kinds[k].flags);
		fault = (struct pgat_fault) {
			.times = i % 2 ? 1 : ~0UL,
			.error = errors[i / 2 / ARRAY_SIZE(kinds)],
		};
		while (++fault.at < 100 && fail_at(test->priv, &rq, fault))
			;
		KUNIT_EXPECT_GE(test, fault.at, 4);
		KUNIT_EXPECT_LT(test, fault.at, 100);
	}
}

/* A granule that cannot be populated is held; the next place is aligned too. */
static void another_place(struct kunit *test)
{
	const struct pagealloc_request rq = request_at(6, 8, 0, 0, 0, 0);
	struct pgat_pool *p = test->priv;

	setup(p, 4, 0, "DDDDDDDDDDDDrrrrDDDDDDDDrrrr");
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 3, -EBUSY };
	KUNIT_EXPECT_EQ(test, 16, ask_for(p, &rq, KERNEL));
	pgat_looks_like(p, BASE, 1, "HHHHDDDDHHHHrrrruuuuuurrrrrr");
	pgat_sound(p);
}

/* A request with one place gets the errno of the backing. */
static void fixed_fails(struct kunit *test)
{
	const struct pagealloc_request rq = request_at(2, 0, 0, 5, 0, FIXED);
	static const int errors[] = { -ENOMEM, -EBUSY, -EINTR };
	struct pgat_pool *p = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		setup(p, 4, 0, "rrrrDDDDrrrr");
		p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1, errors[i] };
		KUNIT_EXPECT_EQ(test, errors[i], ask_for(p, &rq, KERNEL));
		KUNIT_EXPECT_EQ(test, 1, p->backing.count[PGAT_POPULATE]);
		pgat_looks_like(p, BASE, 1, errors[i] == -EBUSY ? "rrrrHHHHrrrr" :
								  "rrrrDDDDrrrr");
		KUNIT_EXPECT_EQ(test, 5, ask_for(p, &rq, KERNEL));
		pgat_sound(p);
		pgat_pool_close(p);
	}
}

/* A request that would fail drains the queue of frees first. */
static void deferred(struct kunit *test)
{
	const struct pagealloc_request rq = request_at(2, 2, 0, 2, 0, FIXED);
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d[2];
	gfp_t gfp[2] = { KERNEL, GFP_ATOMIC };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gfp); i++) {
		setup(p, 1, 0, "uuuurrrr");
		d[0] = (struct pagealloc_deferred) { .pfn = BASE + 2, .nr_pages = 2 };
		pga_deferred_add(p->pool, &d[0]);
		KUNIT_EXPECT_EQ(test, 2, ask_for(p, &rq, gfp[i]));
		KUNIT_EXPECT_EQ(test, -EBUSY, ask_for(p, &rq, gfp[i]));
		KUNIT_EXPECT_EQ(test, 0, pgat_stat(p, PAGEALLOC_DEFERRED_SERVED));
		pgat_sound(p);
		pgat_pool_close(p);
	}
}

/* A run in the queue serves only a request without a constraint. */
static void queue_does_not_serve(struct kunit *test)
{
	const struct pagealloc_request aligned = request_at(1, 2, 0, 0, 0, 0);
	const struct pagealloc_request lowest = request_at(1, 0, 0, 0, 0, LOWEST);
	const struct pagealloc_request any = request_at(1, 0, 0, 0, 0, 0);
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d;

	setup(p, 1, RF, "uuuuurrr");
	d = (struct pagealloc_deferred) { .pfn = BASE + 3, .nr_pages = 1 };
	pga_deferred_add(p->pool, &d);
	KUNIT_EXPECT_EQ(test, 6, ask_for(p, &aligned, KERNEL));
	KUNIT_EXPECT_EQ(test, 5, ask_for(p, &lowest, KERNEL));
	KUNIT_EXPECT_EQ(test, 3, ask_for(p, &any, KERNEL));
	pgat_sound(p);
}

/* For __GFP_ZERO the backing zeroes exactly the run. */
static void zero(struct kunit *test)
{
	const struct pagealloc_request rq = request_at(3, 4, 0, 0, 0, 0);
	struct pgat_pool *p = test->priv;

	setup(p, 1, 0, "urrrrrrrr");
	KUNIT_EXPECT_EQ(test, 4, ask_for(p, &rq, GFP_ATOMIC | __GFP_ZERO));
	KUNIT_ASSERT_EQ(test, p->backing.nr_log, 1);
	KUNIT_EXPECT_EQ(test, p->backing.log[0].what, PGAT_ZERO);
	KUNIT_EXPECT_EQ(test, p->backing.log[0].pfn, BASE + 4);
	KUNIT_EXPECT_EQ(test, p->backing.log[0].nr, 3);
}

/* A request in a thread of its own; its populate waits until the test completes @go. */
struct request_thread {
	struct pgat_thread thread;
	struct pgat_pool *p;
	struct pagealloc_request rq;
	struct completion inside, go;
	bool held, done;
	int fail;
};

static int stop_populate(struct pgat_backing *b, const struct pgat_call *call)
{
	struct request_thread *a = b->arg;

	if (call->what != PGAT_POPULATE || a->held)
		return 0;
	a->held = true;
	complete(&a->inside);
	wait_for_completion(&a->go);
	return a->fail;
}

static int ask(void *arg)
{
	struct request_thread *a = arg;
	const long ret = ask_for(a->p, &a->rq, KERNEL);

	WRITE_ONCE(a->done, true);
	return ret;
}

static int ask_for_six(void *arg)
{
	struct request_thread *a = arg;
	unsigned long pfn;

	return pagealloc_alloc(a->p->pool, 6, KERNEL, &pfn);
}

/*
 * During a populate of the first eight pages, a request for one of these waits.  A
 * request for a page in use does not wait, and neither does an atomic one.
 */
static void wait_for_fixed(struct kunit *test, int fail, int waiter_gets)
{
	const struct pagealloc_request used = request_at(1, 0, 0, 9, 0, FIXED);
	const struct pagealloc_request held = request_at(1, 0, 0, 2, 0, FIXED);
	const struct pagealloc_request free = request_at(1, 2, 0, 9, 0, 0);
	struct pgat_pool *p = test->priv;
	struct request_thread a = { .p = p, .fail = fail }, b = { .p = p, .rq = held };

	setup(p, 4, 0, "DDDDDDDDuurr");
	init_completion(&a.inside);
	init_completion(&a.go);
	p->backing.hook = stop_populate;
	p->backing.arg = &a;
	pgat_thread_start(test, &a.thread, ask_for_six, &a);
	wait_for_completion(&a.inside);
	KUNIT_EXPECT_EQ(test, -EBUSY, ask_for(p, &used, KERNEL));
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask_for(p, &held, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, 10, ask_for(p, &free, KERNEL));
	pgat_thread_start(test, &b.thread, ask, &b);
	msleep(30);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(b.done));

	complete(&a.go);
	KUNIT_EXPECT_EQ(test, fail, pgat_thread_join(&a.thread));
	KUNIT_EXPECT_EQ(test, waiter_gets, pgat_thread_join(&b.thread));
	pgat_sound(p);
	pgat_pool_close(p);
}

/* A request with one place waits for a populate there, and gets it if that fails. */
static void wait_for_populate(struct kunit *test)
{
	wait_for_fixed(test, 0, -EBUSY);
	wait_for_fixed(test, -EINTR, 2);
}

/* A fatal signal ends the wait. */
static void killed_while_waiting(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct request_thread a = { .p = p }, b = { .p = p };

	setup(p, 4, 0, "DDDDDDDDuurr");
	b.rq = request_at(1, 4, 0, 0, 8, 0);
	init_completion(&a.inside);
	init_completion(&a.go);
	p->backing.hook = stop_populate;
	p->backing.arg = &a;
	pgat_thread_start(test, &a.thread, ask_for_six, &a);
	wait_for_completion(&a.inside);
	pgat_thread_start(test, &b.thread, ask, &b);
	msleep(30);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(b.done));
	pgat_thread_kill(&b.thread);
	KUNIT_EXPECT_EQ(test, -EINTR, pgat_thread_join(&b.thread));
	complete(&a.go);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&a.thread));
	pgat_sound(p);
}

/* 512 chunks with every other page in use, so that a search visits each of them. */
#define LONG	(512 * PGA_CHUNK_PAGES)

static void setup_long(struct pgat_pool *p)
{
	unsigned long pfn, i;

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, LONG);
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc(p->pool, LONG, GFP_KERNEL, &pfn));
	for (i = 1; i < LONG; i += 2) {
		KUNIT_ASSERT_EQ(p->test, 0, pagealloc_free(p->pool, pfn + i, 1));
		pgat_alive();
	}
}

static bool stop_thread;

static int alloc_and_free(void *arg)
{
	struct pgat_pool *p = arg;
	unsigned long pfn;
	int n = 0;

	do {
		if (!pagealloc_alloc(p->pool, 1, GFP_ATOMIC, &pfn))
			pagealloc_free(p->pool, pfn, 1);
		n++;
		cond_resched();
	} while (!READ_ONCE(stop_thread));
	return n;
}

/* A search of many critical sections ends, also while another task uses the pool. */
static void long_search(struct kunit *test)
{
	const struct pagealloc_request even = request_at(1, 2, 0, 0, 0, 0);
	const struct pagealloc_request ready = request_at(1, 2, 0, 0, 0, READY);
	const struct pagealloc_request two = request_at(2, 1, 2, 0, 0, 0);
	const unsigned long start = jiffies;
	struct pgat_pool *p = test->priv;
	struct pgat_thread thread;
	unsigned int round;
	int n;

	setup_long(p);
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask_for(p, &even, KERNEL));
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask_for(p, &even, GFP_ATOMIC));
	/* This searches ready pages first, then all. */
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask_for(p, &ready, KERNEL));
	WRITE_ONCE(stop_thread, false);
	pgat_thread_start(test, &thread, alloc_and_free, p);
	for (round = 0; round < 20 && pgat_go_on(start); round++) {
		KUNIT_EXPECT_EQ(test, -ENOMEM, ask_for(p, &even, KERNEL));
		KUNIT_EXPECT_EQ(test, -ENOMEM, ask_for(p, &even, GFP_ATOMIC));
	}
	/* One place, in the last chunk. */
	pagealloc_free(p->pool, BASE + LONG - 2, 1);
	for (round = 0; round < 20 && pgat_go_on(start); round++) {
		KUNIT_EXPECT_EQ(test, LONG - 2, ask_for(p, &even, KERNEL));
		pagealloc_free(p->pool, BASE + LONG - 2, 1);
		KUNIT_EXPECT_EQ(test, LONG - 2, ask_for(p, &two, GFP_ATOMIC));
		pagealloc_free(p->pool, BASE + LONG - 2, 2);
	}
	WRITE_ONCE(stop_thread, true);
	n = pgat_thread_join(&thread);
	kunit_info(test, "meanwhile: %d allocations\n", n);
	pgat_sound(p);
}

/* Make a request in a thread that has been killed. */
static int search_killed(void *arg)
{
	const struct pagealloc_request even = request_at(1, 2, 0, 0, 0, 0);
	struct pgat_pool *p = arg;

	send_sig(SIGKILL, current, 1);
	return ask_for(p, &even, KERNEL);
}

/* A fatal signal ends a long search. */
static void killed_while_searching(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pgat_thread thread;

	setup_long(p);
	pgat_thread_start(test, &thread, search_killed, p);
	KUNIT_EXPECT_EQ(test, -EINTR, pgat_thread_join(&thread));
	KUNIT_EXPECT_EQ(test, 1, pgat_stat(p, PAGEALLOC_ALLOC_FAIL));
	pgat_sound(p);
}

/* A pool without regions serves no request. */
static void no_regions(struct kunit *test)
{
	const struct pagealloc_request aligned = request_at(1, 2, 0, 0, 0, 0);
	const struct pagealloc_request fixed = request_at(1, 0, 0, 0, 0, FIXED);
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 1, 0);
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask_for(p, &aligned, KERNEL));
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask_for(p, &aligned, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, -ERANGE, ask_for(p, &fixed, KERNEL));
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc_bulk(p->pool, 1, KERNEL, &pfn));
}

/* With an alignment of more than the index space, the only place is page 0. */
static void large_alignment(struct kunit *test)
{
	struct pagealloc_request rq = { .nr_pages = 1, .align = PGA_INDEX_PAGES };
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, PGA_INDEX_PAGES, 1024);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_range(p->pool, &rq, KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, PGA_INDEX_PAGES);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, 1));
	rq.align *= 2;
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc_range(p->pool, &rq, KERNEL, &pfn));
	pgat_pool_close(p);

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, 2 * PGA_INDEX_PAGES, 1024);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_range(p->pool, &rq, KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, 2 * PGA_INDEX_PAGES);
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc_range(p->pool, &rq, KERNEL, &pfn));
}

/* A bulk request, and the states before and after it. */
static const struct bulk_case {
	const char *name;
	const char *before;
	unsigned long nr;
	unsigned int flags;
	gfp_t gfp;
	int want;
	const char *after;
	unsigned int calls;
	bool first_fit;
} bulk_cases[] = {
	{ "one page", "urrrrrrr", 1, 0, KERNEL, 0, "uurrrrrr", 0 },
	{ "in several places", "rurururr", 4, 0, KERNEL, 0, "uuuuuuur", 0 },
	{ "all pages", "rurururr", 5, 0, KERNEL, 0, "uuuuuuuu", 0 },
	{ "one too many", "rurururr", 6, 0, KERNEL, -ENOMEM, "rurururr", 0 },
	{ "more than the pool has", "rrrr", 20, 0, GFP_ATOMIC, -ENOMEM, "rrrr", 0 },
	{ "discarded pages are lower", "DDDDrrrr", 3, 0, KERNEL, 0, "uuurrrrr", 1, true },
	{ "ready pages first", "DDDDrrrr", 3, RF, KERNEL, 0, "DDDDuuur", 0 },
	{ "ready pages first, then others", "DDDDrrrr", 6, RF, KERNEL, 0, "uurruuuu", 1 },
	{ "mixed", "rurrDDDDrrrrDDDD", 12, 0, KERNEL, 0, "uuuuuuuuuuuuurrr", 2 },
	{ "atomic", "DDDDrurr", 3, 0, GFP_ATOMIC, 0, "DDDDuuuu", 0 },
	{ "atomic, one too many", "DDDDrurr", 4, 0, GFP_ATOMIC, -ENOMEM, "DDDDrurr", 0 },
	{ "one too many, populated on the way", "DDDDrurr", 8, 0, KERNEL, -ENOMEM,
	  "DDDDrurr", 1 },
	{ "no pages", "rrrr", 0, 0, KERNEL, -EINVAL, "rrrr", 0 },
	{ "no pages, atomic", "rrrr", 0, 0, GFP_ATOMIC, -EINVAL, "rrrr", 0 },
	{ "other flags", "rrrr", 1, 0, GFP_NOIO, -EINVAL, "rrrr", 0 },
};
PGAT_ARRAY_PARAM(bulk, bulk_cases);

/* Single pages in bulk are those that as many requests would get, all or none. */
static void bulk(struct kunit *test)
{
	const struct bulk_case *c = test->param_value;
	unsigned long pfns[20], pfn, i;
	struct pgat_pool *p = test->priv;

	if (c->first_fit)
		pgat_first_fit(p);
	setup(p, 4, c->flags, c->before);
	KUNIT_EXPECT_EQ(test, c->want,
			pagealloc_alloc_bulk(p->pool, c->nr, c->gfp, pfns));
	pgat_looks_like(p, BASE, 1, c->after);
	KUNIT_EXPECT_EQ(test, c->calls, p->backing.count[PGAT_POPULATE]);
	KUNIT_EXPECT_EQ(test, c->want == -ENOMEM, pgat_stat(p, PAGEALLOC_ALLOC_FAIL));
	KUNIT_EXPECT_EQ(test, c->want == -EINVAL, pgat_stat(p, PAGEALLOC_BAD_REQUEST));
	pgat_sound(p);
	pgat_pool_close(p);
	if (c->want)
		return;

	/* As many requests for one page each. */
	setup(p, 4, c->flags, c->before);
	for (i = 0; i < c->nr; i++) {
		KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 1, c->gfp, &pfn));
		KUNIT_EXPECT_EQ(test, pfn, pfns[i]);
	}
	pgat_looks_like(p, BASE, 1, c->after);
}

#define MANY	4000UL

static void expect_many(struct kunit *test, const unsigned long *pfns)
{
	unsigned long i;

	for (i = 0; i < MANY; i++)
		KUNIT_ASSERT_EQ(test, pfns[i], BASE + i +
				(i < 2500 ? 0 : i < 3524 ? C - 2500 : D - 3524));
}

/* A bulk request of many critical sections, over chunks and holes, and its free. */
static void bulk_many(struct kunit *test)
{
	unsigned long *pfns = kunit_kcalloc(test, MANY + 1, sizeof(*pfns), GFP_KERNEL);
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;

	KUNIT_ASSERT_NOT_NULL(test, pfns);
	pgat_first_fit(p);
	open_regions(p);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc_bulk(p->pool, MANY, GFP_KERNEL, pfns));
	expect_many(test, pfns);
	KUNIT_EXPECT_EQ(test, MANY, pgat_stat(p, PAGEALLOC_ALLOC));
	KUNIT_EXPECT_EQ(test, MANY, pgat_pages(p, PAGEALLOC_IN_USE));
	pgat_sound(p);

	pfns[MANY] = pfns[7];
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free_bulk(p->pool, MANY + 1, pfns));
	KUNIT_EXPECT_EQ(test, 1, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	KUNIT_EXPECT_EQ(test, MANY, pgat_stat(p, PAGEALLOC_FREE));
	KUNIT_EXPECT_EQ(test, 0, pgat_pages(p, PAGEALLOC_IN_USE));

	/* Again, now that all pages are ready and many are taken in one step. */
	pgat_forget_calls(p);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc_bulk(p->pool, MANY, GFP_KERNEL, pfns));
	KUNIT_EXPECT_EQ(test, 0, p->backing.count[PGAT_POPULATE]);
	expect_many(test, pfns);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free_bulk(p->pool, MANY, pfns));

	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free_bulk(p->pool, 0, pfns));
	pgat_moved(p, &before, &(struct pgat_moved) { PAGEALLOC_BAD_FREE, 1 }, 1);
	pgat_sound(p);
}

/* If some pages of a bulk free cannot be freed, the others are. */
static void bulk_free_wrong(struct kunit *test)
{
	const unsigned long pfns[] = { BASE + 7, BASE + 99, BASE + 2, BASE + 3, BASE + 7, 0 };
	struct pgat_pool *p = test->priv;

	setup(p, 1, 0, "uuuruuuu");
	KUNIT_EXPECT_EQ(test, -ERANGE,
			pagealloc_free_bulk(p->pool, ARRAY_SIZE(pfns), pfns));
	pgat_looks_like(p, BASE, 1, "uurruuur");
	KUNIT_EXPECT_EQ(test, 2, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	KUNIT_EXPECT_EQ(test, 2, pgat_stat(p, PAGEALLOC_BAD_FREE));
	pgat_sound(p);
}

/* Exactly the pages of a bulk request are zeroed. */
static void bulk_zero(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	const struct pgat_call *call = p->backing.log;
	unsigned long pfns[10], zeroed = 0, i;

	setup(p, 4, 0, "rrurDDDDrurr");
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc_bulk(p->pool, 9, GFP_KERNEL | __GFP_ZERO,
						      pfns));
	for (; call < p->backing.log + p->backing.nr_log; call++)
		for (i = 0; call->what == PGAT_ZERO && i < call->nr; i++)
			zeroed ^= BIT(call->pfn - BASE + i);
	for (i = 0; i < 9; i++)
		zeroed ^= BIT(pfns[i] - BASE);
	KUNIT_EXPECT_EQ(test, zeroed, 0);
}

/* If any populate of a bulk request fails, no page is in use afterwards. */
static void bulk_fails(struct kunit *test)
{
	static const int errors[] = { -EINTR, -EIO };
	struct pgat_pool *p = test->priv;
	unsigned long pfns[40];
	unsigned int i, at;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		for (at = 1; at <= 4; at++) {
			setup(p, 4, 0, "rrrrDDDDrrrrDDDDDDDDrrrrDDDD");
			p->backing.fault[PGAT_POPULATE] =
				(struct pgat_fault) { at, 1, errors[i] };
			KUNIT_EXPECT_EQ(test, errors[i],
					pagealloc_alloc_bulk(p->pool, 28, KERNEL, pfns));
			KUNIT_EXPECT_EQ(test, 0, pgat_pages(p, PAGEALLOC_IN_USE));
			pgat_sound(p);
			pgat_pool_close(p);
		}
	}
}

/* A bulk request that leaves less ready memory than the floor kicks the worker. */
static void bulk_floor(struct kunit *test)
{
	struct pga_scavenger *worker = kunit_kzalloc(test, sizeof(*worker), GFP_KERNEL);
	struct pgat_pool *p = test->priv;
	unsigned long pfns[2];

	KUNIT_ASSERT_NOT_NULL(test, worker);
	setup(p, 1, 0, "rrrrrrrr");
	p->pool->scavenger = worker;
	p->pool->tuning.min_ready = 6;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_bulk(p->pool, 2, GFP_ATOMIC, pfns));
	KUNIT_EXPECT_FALSE(test, worker->kicked);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_bulk(p->pool, 1, GFP_ATOMIC, pfns));
	KUNIT_EXPECT_TRUE(test, worker->kicked);
	p->pool->scavenger = NULL;
}

static const struct trim_case {
	const char *name;
	unsigned long start, old_nr, new_nr;
	int want;
	enum pagealloc_stat counter;
	const char *after;
} trim_cases[] = {
	{ "to half", 2, 4, 2, 0, PAGEALLOC_FREE, "rruurrrrrr" },
	{ "to a page", 2, 4, 1, 0, PAGEALLOC_FREE, "rrurrrrrrr" },
	{ "by a page", 2, 4, 3, 0, PAGEALLOC_FREE, "rruuurrrrr" },
	{ "not at all", 2, 4, 4, 0, PAGEALLOC_NR_STATS, "rruuuurrrr" },
	{ "to no pages", 2, 4, 0, -EINVAL, PAGEALLOC_BAD_FREE, "rruuuurrrr" },
	{ "to more", 2, 4, 5, -EINVAL, PAGEALLOC_BAD_FREE, "rruuuurrrr" },
	{ "a run of no pages", 2, 0, 0, -EINVAL, PAGEALLOC_BAD_FREE, "rruuuurrrr" },
	{ "wraps", 2, ~0UL, 1, -EINVAL, PAGEALLOC_BAD_FREE, "rruuuurrrr" },
	{ "its first page is free", 1, 4, 2, -EINVAL, PAGEALLOC_DOUBLE_FREE, "rruuuurrrr" },
	{ "its last page is free", 2, 5, 2, -EINVAL, PAGEALLOC_DOUBLE_FREE, "rruuuurrrr" },
	{ "all of it is free", 7, 3, 2, -EINVAL, PAGEALLOC_DOUBLE_FREE, "rruuuurrrr" },
	{ "partly outside the pool", 2, 9, 2, -ERANGE, PAGEALLOC_BAD_FREE, "rruuuurrrr" },
	{ "behind the pool", 10, 4, 2, -ERANGE, PAGEALLOC_BAD_FREE, "rruuuurrrr" },
	{ "before the pool", -4UL, 4, 2, -ERANGE, PAGEALLOC_BAD_FREE, "rruuuurrrr" },
};
PGAT_ARRAY_PARAM(trim, trim_cases);

/* A trim frees the end of a run, or is refused and counted. */
static void trim(struct kunit *test)
{
	const struct trim_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	enum pagealloc_stat stat;
	u64 before[PAGEALLOC_NR_STATS];

	setup(p, 1, 0, "rruuuurrrr");
	for (stat = PAGEALLOC_NR_GAUGES; stat < PAGEALLOC_NR_STATS; stat++)
		before[stat] = pgat_stat(p, stat);
	KUNIT_EXPECT_EQ(test, c->want, pagealloc_trim(p->pool, BASE + c->start,
						      c->old_nr, c->new_nr));
	for (stat = PAGEALLOC_NR_GAUGES; stat < PAGEALLOC_NR_STATS; stat++)
		KUNIT_EXPECT_EQ_MSG(test, pgat_stat(p, stat),
				    before[stat] + (stat == c->counter), "%s",
				    pagealloc_stat_name(stat));
	pgat_looks_like(p, BASE, 1, c->after);
	pgat_sound(p);
}

/*
 * The number of requests.  A kernel with KASAN is ten times as slow, and the searches
 * of the span engine are slow, since they visit one span after another.
 */
#define REQUESTS	(PGAT_SLOW ? 50000 : 1000000)
#define SPAN_REQUESTS	(REQUESTS / 5)

/* Requests to one pool. */
#define LIFE		2000

/* The pages that the regions are in, and the first of them. */
#define PAGES		2048
#define ORIGIN		(BASE + BIT(18) - 700)

/**
 * struct page_model - a pool, and the state of each page
 * @p: the pool
 * @random: the random numbers
 * @granule: the granule of the pool
 * @flags: the flags of the pool
 * @pool: pages in regions
 * @grown: pages among these that the pool has grown by
 * @free: pages among these that are free
 * @ready: pages among these that are ready
 * @count: the counters that the pool should have
 */
struct page_model {
	struct pgat_pool *p;
	struct rnd_state random;
	unsigned long granule;
	unsigned int flags;
	DECLARE_BITMAP(pool, PAGES);
	DECLARE_BITMAP(grown, PAGES);
	DECLARE_BITMAP(free, PAGES);
	DECLARE_BITMAP(ready, PAGES);
	u64 count[PAGEALLOC_NR_STATS];
};

/* The first place from @page to @end that a request allows; PGA_NONE if none. */
static unsigned long allowed_in(const struct pagealloc_request *rq,
				unsigned long page, unsigned long end)
{
	const unsigned long align = rq->align ?: 1, nr = rq->nr_pages;

	/* There is no multiple of the alignment. */
	if (max(page, rq->low) > PGA_NONE - align)
		return PGA_NONE;
	if (rq->high)
		end = min(end, rq->high);
	if (rq->flags & FIXED)
		end = min(end, rq->low + nr);
	page = DIV_ROUND_UP(max(page, rq->low), align) * align;
	for (; page < end && end - page >= nr; page += align)
		if (!rq->boundary ||
		    page / rq->boundary == (page + nr - 1) / rq->boundary)
			return page;
	return PGA_NONE;
}

/* The first place in the pages that are set in @map. */
static unsigned long model_find(const unsigned long *map,
				const struct pagealloc_request *rq)
{
	unsigned long start, end, page;

	for (start = find_first_bit(map, PAGES); start < PAGES;
	     start = find_next_bit(map, PAGES, end)) {
		end = find_next_zero_bit(map, PAGES, start);
		if (end - start < rq->nr_pages)
			continue;
		page = allowed_in(rq, ORIGIN + start, ORIGIN + end);
		if (page != PGA_NONE)
			return page;
	}
	return PGA_NONE;
}

static bool power_of_2_or_0(unsigned long n)
{
	return !(n & (n - 1));
}

/* The errno of a request that no pool can serve, or 0. */
static int model_refuse(const struct pagealloc_request *rq, gfp_t gfp)
{
	if (gfp == GFP_NOIO || !rq->nr_pages ||
	    (gfp == GFP_ATOMIC && rq->nr_pages > PAGEALLOC_ATOMIC_MAX) ||
	    rq->flags & ~0xf ||
	    (rq->flags & (LOWEST | READY)) == (LOWEST | READY) ||
	    !power_of_2_or_0(rq->align) || !power_of_2_or_0(rq->boundary) ||
	    (rq->boundary && rq->boundary < rq->nr_pages) ||
	    allowed_in(rq, 0, PGA_NONE) == PGA_NONE)
		return -EINVAL;
	return rq->flags & PAGEALLOC_BEST_FIT ? -EOPNOTSUPP : 0;
}

/* The place of a request without growth. */
static unsigned long model_place(const struct page_model *f,
				 const struct pagealloc_request *rq, bool atomic)
{
	unsigned long page = PGA_NONE;

	if (atomic || rq->flags & READY || (f->flags & RF && !(rq->flags & LOWEST)))
		page = model_find(f->ready, rq);
	if (page == PGA_NONE && !atomic)
		page = model_find(f->free, rq);
	return page;
}

/* The errno of a request that has no place. */
static int model_error(const struct page_model *f, const struct pagealloc_request *rq)
{
	DECLARE_BITMAP(used, PAGES);

	if (!(rq->flags & FIXED))
		return -ENOMEM;
	if (model_find(f->pool, rq) == PGA_NONE)
		return -ERANGE;
	bitmap_andnot(used, f->grown, f->free, PAGES);
	return find_next_bit(used, PAGES, rq->low - ORIGIN) <
	       rq->low - ORIGIN + rq->nr_pages ? -EBUSY : -ENOMEM;
}

/* Would there be a place if the pool had grown to its end? */
static bool model_could_grow(const struct page_model *f, const struct pagealloc_request *rq)
{
	DECLARE_BITMAP(map, PAGES);

	bitmap_andnot(map, f->pool, f->grown, PAGES);
	bitmap_or(map, map, f->free, PAGES);
	return model_find(map, rq) != PGA_NONE;
}

/* Grow the model as far as the pool has grown; returns whether it has. */
static bool model_sync_growth(struct page_model *f)
{
	const struct pagealloc_pool *pool = f->p->pool;
	const struct pga_region *region;
	unsigned long i, page;
	bool grown = false;

	pga_for_each_region(region, pool) {
		for (page = region->start; page < region->grown; page++) {
			i = pool->base + page - ORIGIN;
			if (test_bit(i, f->grown))
				continue;
			grown = true;
			__set_bit(i, f->grown);
			__set_bit(i, f->free);
			if (page < ALIGN(region->start, f->granule) ||
			    page >= ALIGN_DOWN(region->end, f->granule))
				__set_bit(i, f->ready);
		}
	}
	return grown;
}

/* Allocate a run in the model. */
static void model_alloc(struct page_model *f, unsigned long pfn, unsigned long nr)
{
	const unsigned long i = pfn - ORIGIN, end = i + nr;
	unsigned long first = i, last = end;

	/* Discarded pages are populated in whole granules. */
	while ((first + ORIGIN) % f->granule && first &&
	       test_bit(first - 1, f->free) && !test_bit(i, f->ready))
		first--;
	while ((last + ORIGIN) % f->granule && last < PAGES &&
	       test_bit(last, f->free) && !test_bit(end - 1, f->ready))
		last++;
	bitmap_set(f->ready, first, last - first);
	bitmap_clear(f->ready, i, nr);
	bitmap_clear(f->free, i, nr);
}

static struct pagealloc_request random_request(struct page_model *f)
{
	struct rnd_state *r = &f->random;
	struct pagealloc_request rq = {};

	rq.nr_pages = pgat_length(r, pgat_below(r, 8) ? 40 : 900);
	if (pgat_below(r, 3))
		rq.align = BIT(pgat_below(r, pgat_below(r, 4) ? 7 : 21));
	if (!pgat_below(r, 3))
		rq.boundary = roundup_pow_of_two(rq.nr_pages) << pgat_below(r, 4);
	if (pgat_below(r, 2))
		rq.low = ORIGIN - 20 + pgat_below(r, PAGES + 40);
	if (!pgat_below(r, 3))
		rq.high = (rq.low ?: ORIGIN) + rq.nr_pages + pgat_below(r, 300) - 2;
	if (!pgat_below(r, 4)) {
		rq.flags |= FIXED;
		rq.low = ORIGIN - 20 + pgat_below(r, PAGES + 40);
		rq.low = ALIGN(rq.low, rq.align ?: 1);
		if (pgat_below(r, 20))
			rq.high = 0;
	}
	switch (pgat_below(r, 100)) {
	case 0 ... 9:
		rq.flags |= LOWEST;
		break;
	case 10 ... 19:
		rq.flags |= READY;
		break;
	case 20:
		/* The flags 0x10 and 0x20 are the suite place's. */
		rq.flags |= BIT(pgat_below(r, 32)) & ~0x30;
		break;
	case 21:
		rq.align = pgat_below(r, 100);
		break;
	case 22:
		rq.boundary = pgat_below(r, 100);
		break;
	case 23:
		rq.nr_pages = pgat_below(r, 2) ? 0 : ~0UL >> pgat_below(r, 64);
		break;
	case 24:
		rq.low = ~0UL >> pgat_below(r, 64);
		break;
	case 25:
		rq.high = ~0UL >> pgat_below(r, 64);
		break;
	}
	/* The span engine uses the lowest place only for a request with a constraint. */
	if (pgat_is_span(f->p) && !rq.low)
		rq.low = 1;
	return rq;
}

static gfp_t random_gfp(struct page_model *f)
{
	const unsigned long n = pgat_below(&f->random, 200);

	return n == 0 ? GFP_NOIO : n < 60 ? GFP_ATOMIC : KERNEL;
}

/* A request gets the same place from the pool and the model, or the same errno. */
static void random_alloc(struct page_model *f)
{
	const struct pagealloc_request rq = random_request(f);
	const gfp_t gfp = random_gfp(f);
	const bool atomic = gfp == GFP_ATOMIC;
	unsigned long pfn = 0, want = PGA_NONE;
	int error = model_refuse(&rq, gfp), ret;

	/* A worker would free parked pages. */
	KUNIT_ASSERT_EQ(f->p->test, 0, pga_reserve_fill(f->p->pool));
	f->count[PAGEALLOC_BAD_REQUEST] += !!error;
	if (!error) {
		want = model_place(f, &rq, atomic);
		if (want == PGA_NONE)
			error = model_error(f, &rq);
	}
	ret = pagealloc_alloc_range(f->p->pool, &rq, gfp, &pfn);
	if (model_sync_growth(f)) {
		KUNIT_EXPECT_TRUE(f->p->test, want == PGA_NONE && error == -ENOMEM &&
				  !atomic);
		want = model_place(f, &rq, false);
	}
	if (want != PGA_NONE)
		error = 0;
	else if (!atomic && error == -ENOMEM)
		KUNIT_EXPECT_FALSE(f->p->test, model_could_grow(f, &rq));
	KUNIT_ASSERT_TRUE_MSG(f->p->test, ret == error && (ret || pfn == want),
			      "%lu pages, align %lu, boundary %lu, [%lu, %lu), flags %#x, %s: got %d %lu, want %d %lu",
			      rq.nr_pages, rq.align, rq.boundary, rq.low, rq.high,
			      rq.flags, atomic ? "atomic" : "kernel", ret, pfn,
			      error, want);
	if (!ret)
		model_alloc(f, pfn, rq.nr_pages);
	f->count[PAGEALLOC_ALLOC] += !ret;
	if (ret && ret != -EINVAL && ret != -EOPNOTSUPP) {
		f->count[PAGEALLOC_ALLOC_FAIL]++;
		f->count[PAGEALLOC_ATOMIC_FAIL] += atomic;
	}
}

/* Free pages in use that follow one another, or trim a run by them. */
static void random_free(struct page_model *f)
{
	const unsigned long i = pgat_below(&f->random, PAGES);
	unsigned long nr;
	int ret;

	if (!test_bit(i, f->grown) || test_bit(i, f->free))
		return;
	nr = find_next_bit(f->free, PAGES, i);
	nr = min(nr, find_next_zero_bit(f->grown, PAGES, i)) - i;
	nr = pgat_length(&f->random, nr);
	if (i && pgat_below(&f->random, 2) && test_bit(i - 1, f->grown) &&
	    !test_bit(i - 1, f->free))
		ret = pagealloc_trim(f->p->pool, ORIGIN + i - 1, nr + 1, 1);
	else
		ret = pagealloc_free(f->p->pool, ORIGIN + i, nr);
	KUNIT_ASSERT_EQ(f->p->test, ret, 0);
	f->count[PAGEALLOC_FREE]++;
	bitmap_set(f->free, i, nr);
	bitmap_set(f->ready, i, nr);
}

/* Discard some pages; the model takes over which. */
static void random_scavenge(struct page_model *f)
{
	unsigned long released, i;

	KUNIT_ASSERT_EQ(f->p->test, 0,
			pagealloc_scavenge(f->p->pool, 1 + pgat_below(&f->random, PAGES),
					   &released));
	for_each_set_bit(i, f->ready, PAGES)
		if (pgat_letter(f->p, ORIGIN + i, 1) == 'D')
			__clear_bit(i, f->ready);
}

/* Open a pool with regions at random places, adjacent or with holes between them. */
static void random_pool(struct page_model *f)
{
	unsigned long start = pgat_below(&f->random, 64), nr;
	struct pgat_pool *p = f->p;

	f->granule = BIT(2 * pgat_below(&f->random, 4));
	f->flags = pgat_below(&f->random, 2) ? RF : 0;
	bitmap_zero(f->pool, PAGES);
	bitmap_zero(f->grown, PAGES);
	bitmap_zero(f->free, PAGES);
	bitmap_zero(f->ready, PAGES);
	memset(f->count, 0, sizeof(f->count));
	pgat_pool_open(p, f->granule, f->flags);
	while (start < PAGES && p->backing.nr_regions < 4) {
		nr = min(PAGES - start, 20 + pgat_length(&f->random, 1000));
		/* No granule is in two regions. */
		if (pgat_below(&f->random, 2))
			nr = ALIGN_DOWN(ORIGIN + start + nr, f->granule) - ORIGIN - start;
		if (!nr || nr > PAGES)
			continue;
		pgat_pool_region(p, ORIGIN + start, nr);
		bitmap_set(f->pool, start, nr);
		start += nr;
		if (!IS_ALIGNED(ORIGIN + start, f->granule))
			start = ALIGN(ORIGIN + start + 1, f->granule) - ORIGIN;
		else if (pgat_below(&f->random, 2))
			start += pgat_length(&f->random, 100);
	}
}

/* Compare the states of all pages, and the counters, with the model. */
static void compare(struct page_model *f)
{
	enum pagealloc_stat stat;
	unsigned long i;
	char want;

	pgat_sound(f->p);
	for_each_set_bit(i, f->grown, PAGES) {
		want = !test_bit(i, f->free) ? 'u' : test_bit(i, f->ready) ? 'r' : 'D';
		KUNIT_ASSERT_EQ_MSG(f->p->test, pgat_letter(f->p, ORIGIN + i, 1), want,
				    "pfn %lu", ORIGIN + i);
	}
	for (stat = PAGEALLOC_ALLOC; stat <= PAGEALLOC_BAD_REQUEST; stat++)
		KUNIT_ASSERT_EQ_MSG(f->p->test, pgat_stat(f->p, stat), f->count[stat],
				    "%s", pagealloc_stat_name(stat));
}

/* Random requests, some of them bad, have the same results in pool and model. */
static void fuzz(struct kunit *test)
{
	struct page_model *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	const unsigned long requests = strcmp(pgat_engine(), "span") ? REQUESTS :
								       SPAN_REQUESTS;
	const unsigned long start = jiffies;
	unsigned long n, i, got = 0, refused = 0;

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->p = test->priv;
	f->random = pgat_random(test);
	for (n = 0; n < requests && pgat_go_on(start); n++) {
		if (n % LIFE == 0) {
			pgat_pool_close(f->p);
			random_pool(f);
		}
		random_alloc(f);
		for (i = pgat_below(&f->random, 5); i; i--)
			random_free(f);
		if (!pgat_below(&f->random, 100))
			random_scavenge(f);
		if (n % (LIFE / 4) == LIFE / 4 - 1)
			compare(f);
		if (n % LIFE == LIFE - 1) {
			got += f->count[PAGEALLOC_ALLOC];
			refused += f->count[PAGEALLOC_BAD_REQUEST];
		}
	}
	kunit_info(test, "%lu requests: %lu got a run, %lu were bad\n", n, got, refused);
}

static struct kunit_case range_cases[] = {
	KUNIT_CASE_PARAM(bad_request, bad_gen_params),
	KUNIT_CASE(null_arguments),
	KUNIT_CASE_PARAM(place, place_gen_params),
	KUNIT_CASE_PARAM(growth, growth_gen_params),
	KUNIT_CASE(fill_a_window),
	KUNIT_CASE(populate_fails),
	KUNIT_CASE(another_place),
	KUNIT_CASE(fixed_fails),
	KUNIT_CASE(deferred),
	KUNIT_CASE(queue_does_not_serve),
	KUNIT_CASE(zero),
	KUNIT_CASE(wait_for_populate),
	KUNIT_CASE(killed_while_waiting),
	KUNIT_CASE(long_search),
	KUNIT_CASE(killed_while_searching),
	KUNIT_CASE(no_regions),
	KUNIT_CASE(large_alignment),
	KUNIT_CASE_PARAM(bulk, bulk_gen_params),
	KUNIT_CASE(bulk_many),
	KUNIT_CASE(bulk_free_wrong),
	KUNIT_CASE(bulk_zero),
	KUNIT_CASE(bulk_fails),
	KUNIT_CASE(bulk_floor),
	KUNIT_CASE_PARAM(trim, trim_gen_params),
	KUNIT_CASE(fuzz),
	{}
};

static struct kunit_suite range_suite = {
	.name = "pagealloc_range",
	.init = range_init,
	.test_cases = range_cases,
};
kunit_test_suite(range_suite);

MODULE_DESCRIPTION("Tests of pagealloc's requests that say where, bulk and trim");
MODULE_LICENSE("GPL");
