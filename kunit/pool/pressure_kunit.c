// SPDX-License-Identifier: GPL-2.0
/* Tests of pressure.c: what the kernel gets from a pool when it is short of memory. */

#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/shrinker.h>

#include "lib/testpool.h"

#define BASE	(1UL << 20)
#define PAGES	(8 * PGA_CHUNK_PAGES)

/* The strict backing, with memory that goes to the kernel. */
static struct pagealloc_backing_ops lending;

static int pressure_init(struct kunit *test)
{
	lending = pgat_backing_ops;
	lending.lends = true;
	test->priv = pgat_pool(test);
	return 0;
}

static void pressure_exit(struct kunit *test)
{
	pgat_pool_close(test->priv);
}

/* Open a pool without a worker, all of whose pages are free and ready. */
static struct pgat_pool *open(struct kunit *test, unsigned long granule, bool cached)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	p->cached = cached;
	p->backing = (struct pgat_backing) { .test = test, .granule = granule };
	spin_lock_init(&p->backing.lock);
	pgat_pool_open_on(p, &lending, &p->backing, 0);
	pgat_pool_region(p, BASE, PAGES);
	/* Without huge pages the figures are exact. */
	p->pool->huge = 0;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, PAGES, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, pfn, PAGES));
	KUNIT_ASSERT_NOT_NULL(test, p->pool->shrinker);
	return p;
}

static unsigned long count(struct pgat_pool *p, int nid)
{
	struct shrink_control sc = { .gfp_mask = GFP_KERNEL, .nid = nid };
	struct shrinker *s = p->pool->shrinker;

	return s->count_objects(s, &sc);
}

/* Have the kernel ask for @nr pages; @scanned is set to what counts as scanned. */
static unsigned long ask(struct pgat_pool *p, unsigned long nr, unsigned long *scanned)
{
	struct shrink_control sc = {
		.gfp_mask = GFP_KERNEL,
		.nr_to_scan = nr,
		.nr_scanned = nr,
	};
	struct shrinker *s = p->pool->shrinker;
	const unsigned long got = s->scan_objects(s, &sc);

	*scanned = sc.nr_scanned;
	return got;
}

/* A batch is a granule; less is asked for as a whole one, and counted so. */
static void granules(struct kunit *test)
{
	struct pgat_pool *p = open(test, 64, false);
	unsigned long scanned;

	KUNIT_EXPECT_EQ(test, 64L, p->pool->shrinker->batch);
	KUNIT_EXPECT_EQ(test, PAGES, count(p, 0));
	KUNIT_EXPECT_EQ(test, 64UL, ask(p, 1, &scanned));
	KUNIT_EXPECT_EQ(test, 64UL, scanned);
	KUNIT_EXPECT_EQ(test, 128UL, ask(p, 128, &scanned));
	KUNIT_EXPECT_EQ(test, 128UL, scanned);
	KUNIT_EXPECT_EQ(test, PAGES - 192, count(p, 0));
	KUNIT_EXPECT_EQ(test, PAGES - 192, ask(p, 2 * PAGES, &scanned));
	KUNIT_EXPECT_EQ(test, 2 * PAGES, scanned);
	KUNIT_EXPECT_EQ(test, 0UL, count(p, 0));
	KUNIT_EXPECT_EQ(test, SHRINK_STOP, ask(p, 64, &scanned));
	KUNIT_EXPECT_EQ(test, 192 + (u64)PAGES - 192,
			pgat_stat(p, PAGEALLOC_SCAVENGED_PRESSURE) / PAGE_SIZE);
	pgat_sound(p);
}

/* The floor stays. */
static void floor_stays(struct kunit *test)
{
	struct pgat_pool *p = open(test, 16, false);
	struct pagealloc_tuning tuning;
	unsigned long scanned;

	pagealloc_get_tuning(p->pool, &tuning);
	tuning.min_ready = 1024;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_set_tuning(p->pool, &tuning));
	KUNIT_EXPECT_EQ(test, PAGES - 1024, count(p, 0));
	KUNIT_EXPECT_EQ(test, PAGES - 1024, ask(p, PAGES, &scanned));
	KUNIT_EXPECT_EQ(test, 0UL, count(p, 0));
	KUNIT_EXPECT_EQ(test, 1024UL, pgat_pages(p, PAGEALLOC_RETAINED));
}

/* A pool has nothing for the nodes that its memory is not on. */
static void nodes(struct kunit *test)
{
	struct pgat_pool *p = open(test, 16, false);

	KUNIT_EXPECT_EQ(test, NUMA_NO_NODE, p->pool->nid);
	KUNIT_EXPECT_EQ(test, PAGES, count(p, 1));
	WRITE_ONCE(p->pool->nid, 1);
	KUNIT_EXPECT_EQ(test, 0UL, count(p, 0));
	KUNIT_EXPECT_EQ(test, PAGES, count(p, 1));
	WRITE_ONCE(p->pool->nid, NUMA_NO_NODE);
}

/* Cached pages stay where they are as long as there are others. */
static void caches(struct kunit *test)
{
	struct pgat_pool *p = open(test, 1, true);
	unsigned long pfn, cached, scanned;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 1, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, pfn, 1));
	cached = pgat_pages(p, PAGEALLOC_CACHED);
	KUNIT_ASSERT_GT(test, cached, 0UL);
	KUNIT_EXPECT_EQ(test, PAGES - cached, count(p, 0));
	KUNIT_EXPECT_EQ(test, PAGES - cached, ask(p, PAGES - cached, &scanned));
	KUNIT_EXPECT_EQ(test, cached, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, cached, ask(p, PAGES, &scanned));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	pgat_sound(p);
}

static struct kunit_case pressure_cases[] = {
	KUNIT_CASE(granules),
	KUNIT_CASE(floor_stays),
	KUNIT_CASE(nodes),
	KUNIT_CASE(caches),
	{}
};

static struct kunit_suite pressure_suite = {
	.name = "pagealloc_pressure",
	.init = pressure_init,
	.exit = pressure_exit,
	.test_cases = pressure_cases,
};
kunit_test_suite(pressure_suite);

MODULE_DESCRIPTION("Tests of a pagealloc pool under memory pressure");
MODULE_LICENSE("GPL");
