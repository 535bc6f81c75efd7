// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of a pool that is corrupt (state.c): it warns once and refuses all work.
 *
 * A test damages the pool by hand, and repairs it before the pool ends.
 */

#include <linux/module.h>

#include "lib/testpool.h"
#include "pool/track.h"

#define BASE	(2 * PGA_INDEX_PAGES + (1UL << 20))

static struct pga_chunk *chunk_of(struct pgat_pool *p, unsigned long pfn)
{
	return pga_store_chunk(&pga_bitmap_of(&p->pool->map)->tree.store,
			       pga_chunk_of(pfn - p->pool->base));
}

/* All work is refused with -EIO, and nothing changes. */
static void expect_refused(struct pgat_pool *p)
{
	struct pagealloc_stats before;
	unsigned long value;

	pgat_forget_calls(p);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(p->test, -EIO,
			pagealloc_alloc(p->pool, 1, GFP_KERNEL | __GFP_NOWARN, &value));
	KUNIT_EXPECT_EQ(p->test, -EIO, pagealloc_alloc(p->pool, 1, GFP_ATOMIC, &value));
	KUNIT_EXPECT_EQ(p->test, -EIO, pagealloc_free(p->pool, BASE, 1));
	KUNIT_EXPECT_EQ(p->test, -EIO,
			pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &value));
	KUNIT_EXPECT_EQ(p->test, p->backing.nr_log, 0);
	before.value[PAGEALLOC_ALLOC_FAIL] = pgat_stat(p, PAGEALLOC_ALLOC_FAIL);
	before.value[PAGEALLOC_ATOMIC_FAIL] = pgat_stat(p, PAGEALLOC_ATOMIC_FAIL);
	pgat_moved(p, &before, NULL, 0);
}

/*
 * A granule is discarded in two parts, which must not happen.  The log has both spans
 * and a warning, each once.
 */
static void half_granules(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);
	struct pga_map *map;
	unsigned long pfn, page;

	pr_info("pagealloc-test: expect 1 warnings\n");
	pr_info("pagealloc-test: expect once: discarded spans %lu+5 and %lu+27\n",
		BASE + 16, BASE + 21);
	pr_info("pagealloc-test: expect once: two discarded spans meet inside a granule at pfn %lu\n",
		BASE + 21);
	p->engine = "span";
	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 64);
	pgat_arrange(p, BASE, 16, "uDDr");
	map = &p->pool->map;
	page = BASE + 16 - p->pool->base;
	KUNIT_ASSERT_TRUE(test, pga_map_hold(map, page, 32));
	KUNIT_ASSERT_TRUE(test, pga_map_put(map, page, 5, PGA_MADE_DISCARDED));
	KUNIT_ASSERT_TRUE(test, pga_map_put(map, page + 5, 27, PGA_MADE_DISCARDED));
	KUNIT_EXPECT_FALSE(test, p->pool->corrupt);
	/* The pool notices it when the next pages are discarded. */
	KUNIT_EXPECT_EQ(test, -EIO, pagealloc_scavenge(p->pool, 16, &pfn));
	KUNIT_EXPECT_TRUE(test, p->pool->corrupt);
	KUNIT_EXPECT_EQ(test, p->pool->damage_spans[0].start, page);
	KUNIT_EXPECT_EQ(test, p->pool->damage_spans[0].nr, 5);
	KUNIT_EXPECT_EQ(test, p->pool->damage_spans[1].start, page + 5);
	KUNIT_EXPECT_EQ(test, p->pool->damage_spans[1].nr, 27);
	expect_refused(p);

	memset(map->damage, 0, sizeof(map->damage));
	p->pool->corrupt = false;
	pgat_sound(p);
}

/*
 * A page is allocated that is free by a summary: the first request to find it makes the
 * pool corrupt.  There is no second warning after the one in half_granules().
 */
static void corrupt(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);
	unsigned long pfn;
	int i;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 2048);
	pgat_arrange(p, BASE, 512, "urrr");

	for (i = 0; i < 2; i++) {
		__set_bit(0, chunk_of(p, BASE + 1024)->allocated);
		KUNIT_EXPECT_EQ(test, -EIO,
				pagealloc_alloc(p->pool, 1024,
						GFP_KERNEL | __GFP_NOWARN, &pfn));
		KUNIT_EXPECT_TRUE(test, p->pool->corrupt);
		KUNIT_EXPECT_GT(test, pagealloc_check(p->pool, NULL, 0), 0);
		expect_refused(p);

		/* The first chunk of the run was taken, and no summary was changed. */
		bitmap_clear(chunk_of(p, BASE + 512)->allocated, 0, 512);
		__clear_bit(0, chunk_of(p, BASE + 1024)->allocated);
		p->pool->corrupt = false;
		pgat_sound(p);
	}
}

/* A corrupt pool does not use its caches any more. */
static void corrupt_cached(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);
	unsigned long pfn;

	p->cached = true;
	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 2048);
	pgat_arrange(p, BASE, 512, "urrr");
	pgat_on_cpu(test, 0);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, BASE, 10));
	KUNIT_ASSERT_EQ(test, 10UL, pgat_pages(p, PAGEALLOC_CACHED));

	__set_bit(0, chunk_of(p, BASE + 1024)->allocated);
	KUNIT_EXPECT_EQ(test, -EIO,
			pagealloc_alloc(p->pool, 1024,
					GFP_KERNEL | __GFP_NOWARN, &pfn));
	KUNIT_EXPECT_TRUE(test, p->pool->corrupt);
	KUNIT_EXPECT_EQ(test, -EIO, pagealloc_alloc(p->pool, 2, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, -EIO, pagealloc_free(p->pool, BASE + 20, 2));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_ALLOC));
	expect_refused(p);

	/* As above; pages that were in a cache stay in use. */
	bitmap_clear(chunk_of(p, BASE + 512)->allocated, 0, 512);
	__clear_bit(0, chunk_of(p, BASE + 1024)->allocated);
	p->pool->corrupt = false;
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	pgat_sound(p);
}

/* A pool is corrupt if it allocates a page that a client holds. */
static void allocated_twice(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);
	unsigned long pfn;

	pgat_pool_open(p, 1, PAGEALLOC_TRACK);
	pgat_pool_region(p, BASE, 2048);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 10, GFP_KERNEL, &pfn));
	pga_tracked_alloc(p->pool, pga_page_of(p->pool, pfn + 9), 1, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, p->pool->corrupt);
	expect_refused(p);
	p->pool->corrupt = false;
	pgat_sound(p);
}

static struct kunit_case pool_warn_cases[] = {
	KUNIT_CASE(half_granules),
	KUNIT_CASE(corrupt),
	KUNIT_CASE(corrupt_cached),
	KUNIT_CASE(allocated_twice),
	{}
};

static struct kunit_suite pool_warn_suite = {
	.name = "pagealloc_pool_warn",
	.test_cases = pool_warn_cases,
};
kunit_test_suite(pool_warn_suite);

MODULE_DESCRIPTION("Tests of what pagealloc does when a pool is corrupt");
MODULE_LICENSE("GPL");
