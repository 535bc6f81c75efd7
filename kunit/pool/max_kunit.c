// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the maximum of pages in use, which several files of pool/ observe.
 */

#include <linux/module.h>

#include "base/kunit_export.h"
#include "lib/testpool.h"
#include "pagealloc.h"

#define BASE		(1UL << 20)
#define PAGES		16384UL

static void set_max(struct pgat_pool *p, unsigned long max)
{
	struct pagealloc_tuning tuning;

	pagealloc_get_tuning(p->pool, &tuning);
	tuning.max = max;
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_set_tuning(p->pool, &tuning));
}

/* Open a pool that may have @max pages in use; 0 for any number. */
static struct pgat_pool *open(struct kunit *test, unsigned long granule,
			      unsigned int flags, unsigned long max)
{
	struct pgat_pool *p = test->priv;

	pgat_pool_open(p, granule, flags);
	pgat_pool_region(p, BASE, PAGES);
	set_max(p, max);
	return p;
}

static int max_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

static void max_exit(struct kunit *test)
{
	pgat_pool_close(test->priv);
}

static int alloc(struct pgat_pool *p, unsigned long nr)
{
	unsigned long pfn;

	return pagealloc_alloc(p->pool, nr, GFP_KERNEL | __GFP_NOWARN, &pfn);
}

/**
 * struct run_case - runs up to a maximum
 * @name: of the case
 * @granule: of the pool
 * @flags: of the pool
 * @nr: pages in a run
 */
struct run_case {
	const char *name;
	unsigned long granule;
	unsigned int flags;
	unsigned long nr;
};

static const struct run_case run_cases[] = {
	{ "single pages", 1, PAGEALLOC_NO_CACHE, 1 },
	{ "single pages, with caches", 1, 0, 1 },
	{ "short runs, with caches", 16, 0, 7 },
	{ "ready first", 16, PAGEALLOC_READY_FIRST, 16 },
	{ "a granule", 512, 0, 512 },
	{ "part of a granule", 512, 0, 100 },
	{ "longer than a portion", 16, 0, 5000 },
	{ "tracked", 16, PAGEALLOC_TRACK, 20 },
};
PGAT_ARRAY_PARAM(run, run_cases);

/* Exactly as many runs as fit are allocated, populated or ready; more are refused. */
static void runs(struct kunit *test)
{
	const struct run_case *c = test->param_value;
	const unsigned long times = c->nr > 1000 ? 2 : 12;
	const unsigned long max = times * c->nr + c->nr - 1;
	struct pgat_pool *p = test->priv;
	unsigned long i, round;

	p->cached = true;
	open(test, c->granule, c->flags, max);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < times; i++)
			KUNIT_ASSERT_EQ(test, 0, alloc(p, c->nr));
		KUNIT_EXPECT_EQ(test, -ENOMEM, alloc(p, c->nr));
		KUNIT_EXPECT_EQ(test, round + 1, pgat_stat(p, PAGEALLOC_ALLOC_FAIL_MAX));
		KUNIT_EXPECT_EQ(test, round + 1, pgat_stat(p, PAGEALLOC_ALLOC_FAIL));
		KUNIT_EXPECT_LE(test, pgat_pages(p, PAGEALLOC_IN_USE), max);
		KUNIT_EXPECT_EQ(test, 0, p->pool->claimed);
		pgat_sound(p);
		pgat_free_all(p);
	}
	KUNIT_EXPECT_EQ(test, max * PAGE_SIZE, pgat_stat(p, PAGEALLOC_MAX));
}

/* A run that is refused does not make the pool grow, nor populate anything. */
static void refused_at_once(struct kunit *test)
{
	struct pgat_pool *p = open(test, 16, 0, 100);

	KUNIT_EXPECT_EQ(test, -ENOMEM, alloc(p, 101));
	KUNIT_EXPECT_EQ(test, -ENOMEM, alloc(p, PAGES));
	KUNIT_EXPECT_EQ(test, 0, pgat_stat(p, PAGEALLOC_GROWN));
	KUNIT_EXPECT_EQ(test, 0, pgat_stat(p, PAGEALLOC_POPULATE));
	KUNIT_EXPECT_EQ(test, 0, alloc(p, 100));
}

/* A fixed place and an atomic request are refused, too. */
static void other_requests(struct kunit *test)
{
	struct pgat_pool *p = open(test, 1, 0, 64);
	const struct pagealloc_request fixed = {
		.nr_pages = 33, .low = BASE + 100, .flags = PAGEALLOC_FIXED,
	};
	unsigned long pfn;

	KUNIT_ASSERT_EQ(test, 0, alloc(p, 64));
	pgat_free_all(p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 32, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc(p->pool, 33, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			pagealloc_alloc_range(p->pool, &fixed, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, 2, pgat_stat(p, PAGEALLOC_ALLOC_FAIL_MAX));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 32, GFP_ATOMIC, &pfn));
}

/* Populate pages, and free them. */
static void make_ready(struct pgat_pool *p, unsigned long nr)
{
	KUNIT_ASSERT_EQ(p->test, 0, alloc(p, nr));
	pgat_free_all(p);
}

/* Caches are refilled from ready pages, and never beyond the maximum. */
static void refill(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long i;

	p->cached = true;
	open(test, 1, 0, 0);
	make_ready(p, 4096);
	set_max(p, 300);
	for (i = 0; i < 300; i++) {
		KUNIT_ASSERT_EQ(test, 0, alloc(p, 1));
		KUNIT_ASSERT_LE(test, pgat_pages(p, PAGEALLOC_IN_USE) +
				      pgat_pages(p, PAGEALLOC_CACHED), 300);
	}
	KUNIT_EXPECT_EQ(test, -ENOMEM, alloc(p, 1));
	KUNIT_EXPECT_GT(test, pgat_stat(p, PAGEALLOC_CACHE_ALLOC), 0);
	pgat_sound(p);
}

/* A bulk allocation gets all of its pages or none, ready or not. */
static void bulk(struct kunit *test)
{
	struct pgat_pool *p = open(test, 1, PAGEALLOC_NO_CACHE, 0);
	unsigned long pfns[41];

	make_ready(p, 100);
	set_max(p, 40);
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			pagealloc_alloc_bulk(p->pool, 41, GFP_KERNEL | __GFP_NOWARN, pfns));
	KUNIT_EXPECT_EQ(test, 0, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_bulk(p->pool, 40, GFP_KERNEL, pfns));
	KUNIT_EXPECT_EQ(test, 40, pgat_pages(p, PAGEALLOC_IN_USE));
	pgat_sound(p);
}

/* Pages that lie in a cache or in the queue make no request fail. */
static void cached_and_deferred(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred deferred;
	unsigned long pfn;

	p->cached = true;
	open(test, 1, 0, 300);
	KUNIT_ASSERT_EQ(test, 0, alloc(p, 1));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 299, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, -ENOMEM, alloc(p, 1));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free_deferred(p->pool, &deferred, pfn, 299));
	KUNIT_EXPECT_EQ(test, 0, alloc(p, 298));
	pgat_sound(p);
}

/* Two populating requests count against the maximum before they have their pages. */
static int second_request(struct pgat_backing *backing, const struct pgat_call *call)
{
	struct pgat_pool *p = backing->arg;

	if (call->what != PGAT_POPULATE)
		return 0;
	backing->hook = NULL;
	KUNIT_EXPECT_EQ(backing->test, 60, p->pool->claimed);
	KUNIT_EXPECT_EQ(backing->test, -ENOMEM, alloc(p, 41));
	KUNIT_EXPECT_EQ(backing->test, 0, alloc(p, 40));
	return 0;
}

static void during_populate(struct kunit *test)
{
	struct pgat_pool *p = open(test, 16, 0, 100);

	p->backing.arg = p;
	p->backing.hook = second_request;
	KUNIT_EXPECT_EQ(test, 0, alloc(p, 60));
	KUNIT_EXPECT_EQ(test, 100, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 0, p->pool->claimed);
	KUNIT_EXPECT_EQ(test, 1, pgat_stat(p, PAGEALLOC_ALLOC_FAIL_MAX));
}

/* A request that fails to populate gives its part of the maximum back. */
static void failed_populate(struct kunit *test)
{
	struct pgat_pool *p = open(test, 16, 0, 100);

	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1000, -ENOMEM };
	KUNIT_EXPECT_EQ(test, -ENOMEM, alloc(p, 100));
	KUNIT_EXPECT_EQ(test, 0, pgat_stat(p, PAGEALLOC_ALLOC_FAIL_MAX));
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) {};
	KUNIT_EXPECT_EQ(test, 0, p->pool->claimed);
	KUNIT_EXPECT_EQ(test, 0, alloc(p, 100));
}

/* A lower maximum takes nothing away, and a higher one is of use at once. */
static void changed(struct kunit *test)
{
	struct pgat_pool *p = open(test, 1, 0, 100);

	KUNIT_ASSERT_EQ(test, 0, alloc(p, 100));
	set_max(p, 50);
	KUNIT_EXPECT_EQ(test, -ENOMEM, alloc(p, 1));
	set_max(p, 101);
	KUNIT_EXPECT_EQ(test, 0, alloc(p, 1));
	KUNIT_EXPECT_EQ(test, -ENOMEM, alloc(p, 1));
	set_max(p, 0);
	KUNIT_EXPECT_EQ(test, 0, alloc(p, 5000));
	KUNIT_EXPECT_EQ(test, U64_MAX, pgat_stat(p, PAGEALLOC_MAX));
}

static struct kunit_case max_cases[] = {
	KUNIT_CASE_PARAM(runs, run_gen_params),
	KUNIT_CASE(refused_at_once),
	KUNIT_CASE(other_requests),
	KUNIT_CASE(refill),
	KUNIT_CASE(bulk),
	KUNIT_CASE(cached_and_deferred),
	KUNIT_CASE(during_populate),
	KUNIT_CASE(failed_populate),
	KUNIT_CASE(changed),
	{}
};

static struct kunit_suite max_suite = {
	.name = "pagealloc_max",
	.init = max_init,
	.exit = max_exit,
	.test_cases = max_cases,
};
kunit_test_suite(max_suite);

MODULE_DESCRIPTION("Tests of the maximum of a pagealloc pool");
MODULE_LICENSE("GPL");
