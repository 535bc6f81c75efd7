// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of cpu_cache.c: short runs without the pool's lock.
 *
 * A test moves from one CPU to another with pgat_on_cpu().  So all steps happen in the
 * order in which they are written, except in tests with threads or interrupts.
 */

#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/time64.h>

#include "pool/cpu_cache.h"
#include "pool/scavenger.h"
#include "lib/testpool.h"
#include "lib/wait.h"

#define BASE		(3 * PGA_INDEX_PAGES + (1UL << 20))
#define PAGES		(16 * PGA_CHUNK_PAGES)
#define BLOCK		PGA_CACHE_PAGES
#define GFP_QUIET	(GFP_KERNEL | __GFP_NOWARN)

static int cpu_cache_init(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);

	if (num_online_cpus() < 2)
		return -ENODEV;
	p->cached = true;
	test->priv = p;
	pgat_on_cpu(test, 0);
	return 0;
}

static unsigned long get(struct pgat_pool *p, unsigned long nr)
{
	unsigned long pfn = 0;

	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc(p->pool, nr, GFP_KERNEL, &pfn));
	return pfn;
}

static void put(struct pgat_pool *p, unsigned long pfn, unsigned long nr)
{
	KUNIT_ASSERT_EQ_MSG(p->test, 0, pagealloc_free(p->pool, pfn, nr),
			    "pfn %lu+%lu", pfn, nr);
}

/* Free pages one by one. */
static void put_each(struct pgat_pool *p, unsigned long pfn, unsigned long nr)
{
	for (; nr; nr--)
		put(p, pfn++, 1);
}

/* Open a pool of one region. */
static void open_pool(struct pgat_pool *p, unsigned long granule, unsigned long nr)
{
	pgat_pool_open(p, granule, 0);
	pgat_pool_region(p, BASE, nr);
}

/* Open a pool with all pages in use. */
static void open_used(struct pgat_pool *p, unsigned long nr)
{
	open_pool(p, 1, nr);
	KUNIT_ASSERT_EQ(p->test, BASE, get(p, nr));
}

/*
 * Open a pool with one free run in each chunk, longer than those in caches.  So putting
 * a page back into the maps changes no summary.
 */
static void open_cheap(struct pgat_pool *p, unsigned long nr)
{
	unsigned long page;

	open_used(p, nr);
	for (page = 0; page + PGA_CHUNK_PAGES <= nr; page += PGA_CHUNK_PAGES)
		put(p, BASE + page + PGA_CHUNK_PAGES - 24, 16);
}

/* Open a pool with all pages free and ready, and none in a cache. */
static void open_ready(struct pgat_pool *p, unsigned long nr)
{
	open_used(p, nr);
	put(p, BASE, nr);
}

/* All pages are free, in one run. */
static void expect_all_free(struct pgat_pool *p, unsigned long nr)
{
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(p->test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(p->test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(p->test, nr, pgat_pages(p, PAGEALLOC_LARGEST_FREE_RUN));
	pgat_sound(p);
}

struct step {
	enum { GET, ZEROED, ATOMIC, PUT, PUT_ALL, PAIR } what;
	unsigned long at;
	unsigned long nr;
	unsigned int times;
	unsigned long by;
};

struct count_case {
	const char *name;
	enum { READY, USED, CHEAP } pool;
	struct step step[3];
	u64 allocs, frees, refills, flushes, cached;
};

static const struct count_case count_cases[] = {
	{ "a page", READY, { { GET, 0, 1, 1 } }, 1, 0, 1, 0, 63 },
	{ "64 pages", READY, { { GET, 0, 1, 64 } }, 64, 0, 1, 0, 0 },
	{ "65 pages", READY, { { GET, 0, 1, 65 } }, 65, 0, 2, 0, 63 },
	{ "a run of 15", READY, { { GET, 0, 15, 1 } }, 1, 0, 1, 0, 49 },
	{ "a run of 16", READY, { { GET, 0, 16, 1 } }, 0, 0, 0, 0, 0 },
	{ "four runs of 15", READY, { { GET, 0, 15, 4 } }, 4, 0, 1, 0, 4 },
	{ "an atomic page", READY, { { ATOMIC, 0, 1, 1 } }, 1, 0, 1, 0, 63 },
	{ "64 zeroed pages", READY, { { ZEROED, 0, 1, 64 } }, 64, 0, 1, 0, 0 },
	{ "zeroed and other pages", READY,
	  { { ZEROED, 0, 1, 20 }, { GET, 0, 1, 24 }, { ZEROED, 0, 4, 5 } },
	  49, 0, 1, 0, 0 },
	{ "1000 pairs", READY, { { PAIR, 0, 1, 1000 } }, 1000, 1000, 1, 0, 64 },
	{ "1000 pairs of 15", READY, { { PAIR, 0, 15, 1000 } }, 1000, 1000, 1, 0, 64 },
	{ "128 frees", USED, { { PUT, 0, 1, 128, 1 } }, 0, 128, 0, 0, 128 },
	{ "129 frees", USED, { { PUT, 0, 1, 129, 1 } }, 0, 129, 0, 1, 65 },
	{ "the top block is filled beyond the limit", USED,
	  { { PUT, 60, 4, 32, 64 }, { PUT, 31 * 64, 15, 4, 15 } },
	  0, 36, 0, 0, 188 },
	{ "128 frees backwards", USED, { { PUT, 127, 1, 128, -1UL } }, 0, 128, 0, 0, 128 },
	{ "100 frees, then as many allocations", USED,
	  { { PUT, 0, 1, 100, 1 }, { GET, 0, 1, 100 } }, 100, 100, 0, 0, 0 },
	{ "a flush, then more allocations than cached", USED,
	  { { PUT, 0, 1, 129, 1 }, { GET, 0, 1, 65 }, { GET, 0, 1, 1 } },
	  66, 129, 1, 1, 63 },
	{ "frees of 15", USED, { { PUT, 0, 15, 8, 64 } }, 0, 8, 0, 0, 120 },
	{ "a ninth free of 15", USED, { { PUT, 0, 15, 9, 64 } }, 0, 9, 0, 0, 135 },
	{ "a tenth free of 15", USED, { { PUT, 0, 15, 10, 64 } }, 0, 10, 0, 1, 75 },
	{ "a free of 16", USED, { { PUT, 0, 16, 1 } }, 0, 0, 0, 0, 0 },
	{ "a free across blocks", USED, { { PUT, 60, 8, 1 } }, 0, 0, 0, 0, 0 },
	{ "a page of each of 64 blocks", USED, { { PUT, 5, 1, 64, 64 } }, 0, 64, 0, 0, 64 },
	{ "a page of each of 65 blocks", CHEAP, { { PUT, 5, 1, 65, 64 } }, 0, 65, 0, 1, 33 },
	{ "a page of each of 96 blocks", CHEAP, { { PUT, 5, 1, 96, 64 } }, 0, 96, 0, 1, 64 },
	{ "10 blocks of one page each", USED,
	  { { PUT, 5, 1, 12, 64 }, { PUT_ALL }, { GET, 0, 1, 1 } },
	  1, 12, 1, 1, 9 },
};
PGAT_ARRAY_PARAM(count, count_cases);

static void do_step(struct pgat_pool *p, const struct step *s)
{
	const gfp_t gfp = s->what == ATOMIC ? GFP_ATOMIC :
			  s->what == ZEROED ? GFP_KERNEL | __GFP_ZERO : GFP_KERNEL;
	unsigned long pfn = BASE + s->at;
	unsigned int i;

	if (s->what == PUT_ALL)
		pga_cpu_cache_drain(p->pool);
	for (i = 0; i < s->times; i++, pfn += s->by) {
		if (s->what == PUT) {
			put(p, pfn, s->nr);
			continue;
		}
		KUNIT_ASSERT_EQ(p->test, 0,
				pagealloc_alloc(p->pool, s->nr, gfp, &pfn));
		if (s->what == PAIR)
			put(p, pfn, s->nr);
	}
}

/* A cache counts what it serves, and when it is refilled and flushed. */
static void counts_test(struct kunit *test)
{
	const struct count_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats s;
	unsigned int i;

	/* The length of a flush depends on what it costs the engine. */
	if (c->flushes)
		pgat_first_fit(p);
	if (c->pool == READY)
		open_ready(p, PAGES);
	else if (c->pool == USED)
		open_used(p, PAGES);
	else
		open_cheap(p, PAGES);
	for (i = 0; i < ARRAY_SIZE(c->step); i++)
		do_step(p, &c->step[i]);
	pagealloc_stats(p->pool, &s);
	KUNIT_EXPECT_EQ(test, c->allocs, s.value[PAGEALLOC_CACHE_ALLOC]);
	KUNIT_EXPECT_EQ(test, c->frees, s.value[PAGEALLOC_CACHE_FREE]);
	KUNIT_EXPECT_EQ(test, c->refills, s.value[PAGEALLOC_CACHE_REFILL]);
	KUNIT_EXPECT_EQ(test, c->flushes, s.value[PAGEALLOC_CACHE_FLUSH]);
	KUNIT_EXPECT_EQ(test, c->cached * PAGE_SIZE, s.value[PAGEALLOC_CACHED]);
	pgat_sound(p);
}

/* Without caches each run is at the lowest address, and no cache counts anything. */
static void no_cache_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	p->cached = false;
	pgat_first_fit(p);
	open_used(p, PAGES);
	put(p, BASE + 700, 10);
	put(p, BASE + 900, 3);
	put(p, BASE + 5, 2);
	KUNIT_EXPECT_EQ(test, BASE + 700, get(p, 3));
	KUNIT_EXPECT_EQ(test, BASE + 5, get(p, 1));
	KUNIT_EXPECT_EQ(test, BASE + 6, get(p, 1));
	KUNIT_EXPECT_EQ(test, BASE + 703, get(p, 1));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_ALLOC));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_FREE));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_REFILL));
}

/* Free a run of a pool that is all in use: an allocation gets the same run. */
static void free_and_alloc(struct pgat_pool *p, unsigned long pfn,
			   unsigned long nr, bool drained)
{
	const bool one_block = pfn % BLOCK + nr <= BLOCK;

	put(p, pfn, nr);
	KUNIT_ASSERT_EQ(p->test, nr < 16 && one_block ? nr : 0,
			pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_ASSERT_EQ(p->test, -EINVAL, pagealloc_free(p->pool, pfn + nr - 1, 1));
	KUNIT_ASSERT_EQ(p->test, -EINVAL, pagealloc_free(p->pool, pfn, nr));
	if (drained)
		pga_cpu_cache_drain(p->pool);
	KUNIT_ASSERT_EQ(p->test, -EINVAL, pagealloc_free(p->pool, pfn, 1));
	KUNIT_ASSERT_EQ(p->test, pfn, get(p, nr));
	KUNIT_ASSERT_EQ(p->test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
}

/* Runs of 1 to 16 pages that begin anywhere in a block. */
static void lengths_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long nr, at;

	open_used(p, 4 * BLOCK);
	for (nr = 1; nr <= 16; nr++)
		for (at = 0; at < BLOCK; at++) {
			free_and_alloc(p, BASE + BLOCK + at, nr, false);
			free_and_alloc(p, BASE + BLOCK + at, nr, true);
		}
	KUNIT_EXPECT_EQ(test, 4 * BLOCK, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 2 * 16ULL * BLOCK, pgat_stat(p, PAGEALLOC_FREE));
	KUNIT_EXPECT_EQ(test, 3 * 2 * 16ULL * BLOCK,
			pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
}

/* A run is found in one of the top blocks. */
static void search_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	open_used(p, PAGES);
	put(p, BASE + 5 * BLOCK + 50, 9);
	put(p, BASE + 3 * BLOCK + 7, 4);
	put(p, BASE + 3 * BLOCK + 12, 5);
	put(p, BASE + 9 * BLOCK, 2);
	KUNIT_EXPECT_EQ(test, BASE + 5 * BLOCK + 50, get(p, 8));
	KUNIT_EXPECT_EQ(test, BASE + 3 * BLOCK + 12, get(p, 5));
	KUNIT_EXPECT_EQ(test, BASE + 9 * BLOCK, get(p, 1));
	KUNIT_EXPECT_EQ(test, BASE + 9 * BLOCK + 1, get(p, 1));
	KUNIT_EXPECT_EQ(test, BASE + 3 * BLOCK + 7, get(p, 4));
	KUNIT_EXPECT_EQ(test, BASE + 5 * BLOCK + 58, get(p, 1));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_REFILL));
	KUNIT_EXPECT_EQ(test, 6ULL, pgat_stat(p, PAGEALLOC_CACHE_ALLOC));
	KUNIT_EXPECT_EQ(test, PAGES, pgat_pages(p, PAGEALLOC_IN_USE));
	pgat_sound(p);
}

/* Blocks with the same hash value are each found and removed. */
static void hash_test(struct kunit *test)
{
	const unsigned long apart = PGA_CPU_HASHES * BLOCK;
	struct pgat_pool *p = test->priv;
	unsigned long i;

	open_used(p, 5 * apart);
	for (i = 0; i < 5; i++)
		put(p, BASE + i * apart + 3 * i, 2);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, -EINVAL,
				pagealloc_free(p->pool, BASE + i * apart + 3 * i, 1));
		put(p, BASE + i * apart + 3 * i + 2, 1);
	}
	KUNIT_EXPECT_EQ(test, 15UL, pgat_pages(p, PAGEALLOC_CACHED));
	pgat_sound(p);
	for (i = 5; i--; ) {
		KUNIT_EXPECT_EQ(test, BASE + i * apart + 3 * i, get(p, 3));
		put(p, BASE + i * apart + 40, 1);
		KUNIT_EXPECT_EQ(test, BASE + i * apart + 40, get(p, 1));
	}
	for (i = 0; i < 5; i++)
		put(p, BASE + i * apart + 9, 1);
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	KUNIT_EXPECT_EQ(test, 5ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
	pgat_free_all(p);
	expect_all_free(p, 5 * apart);
}

/* Pages freed on a CPU that did not allocate them are allocated there next. */
static void free_elsewhere_test(struct kunit *test)
{
	unsigned long pfn[100];
	struct pgat_pool *p = test->priv;
	unsigned int i;

	open_ready(p, PAGES);
	for (i = 0; i < ARRAY_SIZE(pfn); i++)
		pfn[i] = get(p, 1);
	pgat_on_cpu(test, 1);
	for (i = 0; i < ARRAY_SIZE(pfn); i++)
		put(p, pfn[i], 1);
	KUNIT_EXPECT_EQ(test, 100UL + 28, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 2ULL, pgat_stat(p, PAGEALLOC_CACHE_REFILL));
	for (i = 0; i < ARRAY_SIZE(pfn); i++)
		get(p, 1);
	KUNIT_EXPECT_EQ(test, 2ULL, pgat_stat(p, PAGEALLOC_CACHE_REFILL));
	KUNIT_EXPECT_EQ(test, 28UL, pgat_pages(p, PAGEALLOC_CACHED));
	pgat_sound(p);
	pgat_free_all(p);
	expect_all_free(p, PAGES);
}

/* The oldest block is flushed first, the latest serves first, all around the ring. */
static void ring_test(struct kunit *test)
{
	const unsigned int nr = PGA_CPU_BLOCKS + 1, left = PGA_CPU_BLOCKS / 2 + 1;
	struct pgat_pool *p = test->priv;
	unsigned long pfn = BASE + 5;
	unsigned int turn, i;

	pgat_first_fit(p);
	open_cheap(p, 3 * nr * BLOCK);
	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < nr; i++, pfn += BLOCK)
			put(p, pfn, 1);
		KUNIT_EXPECT_EQ(test, left, pgat_pages(p, PAGEALLOC_CACHED));
		for (i = 1; i <= nr; i++) {
			KUNIT_EXPECT_EQ(test, i > left ? 'r' : 'u',
					pgat_letter(p, pfn - i * BLOCK, 1));
			KUNIT_EXPECT_EQ(test, -EINVAL,
					pagealloc_free(p->pool, pfn - i * BLOCK, 1));
		}
		pgat_sound(p);
		for (i = 1; i <= left; i++)
			KUNIT_EXPECT_EQ(test, pfn - i * BLOCK, get(p, 1));
		KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	}
	KUNIT_EXPECT_EQ(test, 3ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_REFILL));
	pgat_sound(p);
}

/* A second region far away makes the trees this many levels high. */
#define FAR		(1UL << 27)
#define LEVELS		7UL

/* Pages of each of the two regions of a pool that is all in use. */
#define TALL_PAGES	(32 * PGA_CHUNK_PAGES)

static void open_tall(struct pgat_pool *p)
{
	pgat_first_fit(p);
	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, TALL_PAGES);
	pgat_pool_region(p, BASE + FAR, TALL_PAGES);
	KUNIT_ASSERT_EQ(p->test, BASE, get(p, TALL_PAGES));
	KUNIT_ASSERT_EQ(p->test, BASE + FAR, get(p, TALL_PAGES));
	KUNIT_ASSERT_EQ(p->test, LEVELS, pga_bitmap_of(&p->pool->map)->tree.root_level);
}

/*
 * The place of a run in a chunk of its own.  If it is the longest of the pool, putting
 * it into the maps changes a summary on each level.
 */
static unsigned long costly_pfn(unsigned long nr)
{
	return BASE + nr * PGA_CHUNK_PAGES + 7;
}

/* A drain drops the pool's lock after each block that is costly to put back. */
static void costly_drain_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long nr, work;

	open_tall(p);
	for (nr = 1; nr <= PGA_CPU_RUN_MAX; nr++)
		put(p, costly_pfn(nr), nr);
	work = p->pool->map.work;
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, PGA_CPU_RUN_MAX * LEVELS, p->pool->map.work - work);
	KUNIT_EXPECT_EQ(test, 15ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 120UL, pgat_pages(p, PAGEALLOC_IDLE));
	pgat_sound(p);
}

/* A drain of cheap blocks drops the pool's lock after a number of blocks. */
static void cheap_drain_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long i;

	pgat_first_fit(p);
	open_cheap(p, PAGES);
	for (i = 0; i < PGA_CPU_BLOCKS; i++)
		put(p, BASE + i * BLOCK + 5, 1);
	i = p->pool->map.work;
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, i, p->pool->map.work);
	KUNIT_EXPECT_EQ(test, 2ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 16UL * 16 + PGA_CPU_BLOCKS,
			pgat_pages(p, PAGEALLOC_IDLE));
	pgat_sound(p);
}

/* A full cache flushes one block if that is costly, and takes the pages freed. */
static void costly_flush_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long i, nr;

	open_tall(p);
	for (nr = 1; nr <= 2; nr++)
		put(p, costly_pfn(nr), nr);
	for (i = 2; i < PGA_CPU_BLOCKS; i++)
		put(p, BASE + FAR + i * BLOCK, 1);
	for (nr = 1; nr <= 2; nr++) {
		put(p, BASE + FAR + TALL_PAGES / 2 + nr * BLOCK, 1);
		KUNIT_EXPECT_EQ(test, (u64)nr, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
		KUNIT_EXPECT_EQ(test, nr * (nr + 1) / 2, pgat_pages(p, PAGEALLOC_IDLE));
	}
	KUNIT_EXPECT_EQ(test, (unsigned long)PGA_CPU_BLOCKS,
			pgat_pages(p, PAGEALLOC_CACHED));
	pgat_sound(p);
}

/* If there is no room even after a flush, the free goes to the maps. */
static void no_room_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long i;

	open_tall(p);
	/* The first of these is costly to put back. */
	for (i = 0; i < 40; i++)
		put(p, BASE + i * BLOCK + 9, 1);
	put_each(p, BASE + FAR, 2 * BLOCK);
	KUNIT_ASSERT_EQ(test, 40 + 2 * BLOCK, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_ASSERT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IDLE));

	put(p, BASE + FAR + 5 * BLOCK, 3);
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	KUNIT_EXPECT_EQ(test, 39 + 2 * BLOCK, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 1UL + 3, pgat_pages(p, PAGEALLOC_IDLE));
	KUNIT_EXPECT_EQ(test, 41 + 2 * BLOCK, pgat_stat(p, PAGEALLOC_FREE));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_free(p->pool, BASE + FAR + 5 * BLOCK + 2, 1));
	/* A block below the top does not take more pages either. */
	put(p, BASE + 39 * BLOCK, 1);
	KUNIT_EXPECT_EQ(test, 2ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	KUNIT_EXPECT_EQ(test, 7 + 2 * BLOCK, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 1UL + 3 + 32 + 1, pgat_pages(p, PAGEALLOC_IDLE));
	pgat_sound(p);
	pgat_free_all(p);
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 2 * TALL_PAGES, pgat_pages(p, PAGEALLOC_IDLE));
	pgat_sound(p);
}

/* A full cache does not have the run: it is flushed by half, and refilled. */
static void no_room_for_run_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long i;

	open_tall(p);
	put(p, BASE + 8 * PGA_CHUNK_PAGES, 12);
	pagealloc_drain(p->pool);
	for (i = 1; i < 2 * BLOCK; i += 2)
		put(p, BASE + i, 1);
	for (i = 1; i < 2 * BLOCK; i += 2)
		put(p, BASE + FAR + i, 1);
	KUNIT_ASSERT_EQ(test, 2 * BLOCK, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, BASE + 8 * PGA_CHUNK_PAGES, get(p, 5));
	KUNIT_EXPECT_EQ(test, 2ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	/* So there was room for the other pages of the run's block. */
	KUNIT_EXPECT_EQ(test, BLOCK + 7, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_CACHE_REFILL));
	pgat_sound(p);
}

/* A full cache does not have the run, and a flush makes too little room: no refill. */
static void no_room_for_rest_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long i;

	open_tall(p);
	put(p, BASE + 20 * PGA_CHUNK_PAGES, 16);
	for (i = 0; i < 40; i++)
		put(p, BASE + i * BLOCK + 9, 1);
	for (i = 0; i < 3 * BLOCK; i += 2)
		put(p, BASE + FAR + i, 1);
	KUNIT_ASSERT_EQ(test, 40UL + 96, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, BASE + 20 * PGA_CHUNK_PAGES, get(p, 15));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	KUNIT_EXPECT_LT(test, pgat_pages(p, PAGEALLOC_CACHED), 40UL + 96);
	KUNIT_EXPECT_GT(test, pgat_pages(p, PAGEALLOC_CACHED), BLOCK);
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_ALLOC));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_REFILL));
	pgat_sound(p);
}

/* A refill ends after the first block that is costly to take. */
static void costly_refill_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long nr;

	open_tall(p);
	for (nr = 1; nr <= 10; nr++)
		put(p, costly_pfn(11 - nr), nr);
	pagealloc_drain(p->pool);
	for (nr = 10; nr; nr--) {
		KUNIT_EXPECT_EQ(test, costly_pfn(11 - nr), get(p, 1));
		KUNIT_EXPECT_EQ(test, nr - 1, pgat_pages(p, PAGEALLOC_CACHED));
		while (pgat_pages(p, PAGEALLOC_CACHED))
			get(p, 1);
	}
	KUNIT_EXPECT_EQ(test, 10ULL, pgat_stat(p, PAGEALLOC_CACHE_REFILL));
	pgat_sound(p);
}

/*
 * No call costs the engine more than a refill or a flush with its last step, which may
 * change all levels.  No free puts more than a piece of the cache back.
 */
static void work_test(struct kunit *test)
{
	const unsigned long piece = PGA_CPU_WORK - 1 + LEVELS;
	struct rnd_state random = pgat_random(test);
	struct pgat_pool *p = test->priv;
	struct pga_map *map;
	unsigned long *held, nr, work, idle, i, pfn, most = 0;

	open_tall(p);
	map = &p->pool->map;
	held = kunit_kcalloc(test, 2 * TALL_PAGES, sizeof(*held), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, held);
	for (i = 0; i < 2 * TALL_PAGES; i++)
		held[i] = BASE + i + (i < TALL_PAGES ? 0 : FAR - TALL_PAGES);
	for (nr = 2 * TALL_PAGES; nr > TALL_PAGES; ) {
		work = map->work;
		idle = map->free;
		if (pgat_below(&random, 3)) {
			i = pgat_below(&random, nr);
			put(p, held[i], 1);
			held[i] = held[--nr];
			KUNIT_ASSERT_LE(test, map->free - idle,
					PGA_CPU_BLOCKS / 2 + BLOCK);
		} else if (!pagealloc_alloc(p->pool, 1, GFP_QUIET, &pfn)) {
			held[nr++] = pfn;
		}
		most = max(most, map->work - work);
		if (!(nr % 256))
			cond_resched();
	}
	kunit_info(test, "at most %lu summaries in a call", most);
	KUNIT_EXPECT_LE(test, most, piece);
	KUNIT_EXPECT_GT(test, pgat_stat(p, PAGEALLOC_CACHE_FLUSH), 100ULL);
	pgat_sound(p);
}

struct twice_case {
	const char *name;
	unsigned long pfn;
	unsigned long nr;
};

/* Pages 100 to 109 are in the cache of this CPU, pages 200 to 209 free in the maps. */
static const struct twice_case twice_cases[] = {
	{ "the cached run", 100, 10 },
	{ "its first page", 100, 1 },
	{ "its last page", 109, 1 },
	{ "a run that ends in it", 96, 5 },
	{ "a run that begins in it", 109, 5 },
	{ "a run around it", 98, 14 },
	{ "a long run that ends in it", 64, 37 },
	{ "a long run that begins in it", 109, 64 },
	{ "a long run around it", 60, 64 },
	{ "the free run", 200, 10 },
	{ "first page of the free run", 200, 1 },
	{ "last page of the free run", 209, 1 },
	{ "a run that begins in the free run", 209, 5 },
	{ "a long run around the free run", 190, 64 },
	{ "a long run around both", 90, 150 },
};
PGAT_ARRAY_PARAM(twice, twice_cases);

/* A double free is refused at the call, counted once, and nothing is freed. */
static void twice_test(struct kunit *test)
{
	const struct twice_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	const struct pgat_moved moved[] = { { PAGEALLOC_DOUBLE_FREE, 1 } };
	struct pagealloc_stats before;

	open_used(p, 512);
	put(p, BASE + 200, 10);
	pga_cpu_cache_drain(p->pool);
	put(p, BASE + 100, 10);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE + c->pfn, c->nr));
	pgat_moved(p, &before, moved, ARRAY_SIZE(moved));
	pgat_sound(p);
}

/* Each page of a pool is allocated once, and then there are no more. */
static void expect_each_once(struct pgat_pool *p, unsigned long nr, gfp_t gfp)
{
	unsigned long *seen = bitmap_zalloc(nr, GFP_KERNEL);
	unsigned long pfn, i;
	int ret = 0;

	KUNIT_ASSERT_NOT_NULL(p->test, seen);
	for (i = 0; !ret; i++) {
		ret = pagealloc_alloc(p->pool, 1, gfp | __GFP_NOWARN, &pfn);
		if (ret)
			break;
		if (pfn < BASE || pfn >= BASE + nr || __test_and_set_bit(pfn - BASE, seen)) {
			KUNIT_FAIL(p->test, "pfn %lu is wrong, or allocated twice", pfn);
			break;
		}
	}
	bitmap_free(seen);
	KUNIT_EXPECT_EQ(p->test, -ENOMEM, ret);
	KUNIT_EXPECT_EQ(p->test, nr, i);
	KUNIT_EXPECT_EQ(p->test, nr, pgat_pages(p, PAGEALLOC_IN_USE));
}

/*
 * A double free on two CPUs is counted when the second of the two caches is flushed.
 * From then on each page has one owner.
 */
static void twice_elsewhere_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	open_used(p, 512);
	put(p, BASE + 100, 7);
	pgat_on_cpu(test, 1);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 103, 9));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 4ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	KUNIT_EXPECT_EQ(test, 12UL, pgat_pages(p, PAGEALLOC_IDLE));
	pgat_sound(p);
	pgat_free_all(p);
	expect_each_once(p, 512, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 4ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
}

/* Pages freed on two CPUs, flushed by one, and taken by a refill of the other. */
static void twice_refilled_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	open_used(p, PAGES);
	pgat_on_cpu(test, 1);
	put(p, BASE + 100, 3);
	pgat_on_cpu(test, 0);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 98, 10));
	/* Two blocks and a page more make this cache flush. */
	put_each(p, BASE + 1024, 2 * BLOCK + 1);
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	pgat_on_cpu(test, 1);
	KUNIT_EXPECT_EQ(test, BASE + 98, get(p, 10));
	KUNIT_EXPECT_EQ(test, 3ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
	pgat_free_all(p);
	expect_each_once(p, PAGES, GFP_KERNEL);
	pgat_sound(p);
}

struct bad_case {
	const char *name;
	unsigned long pfn;
	unsigned long nr;
	int ret;
	enum pagealloc_stat stat;
};

/*
 * The regions of the pool are 96 to 163, 170 to 199, 200 to 299, and 2048 to 4095.  It
 * has grown by all of them, but only by 512 pages of the last, and all is in use.
 */
static const struct bad_case bad_cases[] = {
	{ "the highest pfn", ~0UL, 1, -EINVAL, PAGEALLOC_BAD_FREE },
	{ "a run up to it", ~0UL - 3, 4, -EINVAL, PAGEALLOC_BAD_FREE },
	{ "pfn 0", -BASE, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "before the pool", 95, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "from before the pool into it", 90, 10, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "the hole", 164, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "all of the hole", 164, 6, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "into the hole", 163, 2, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "out of the hole", 169, 2, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "across the hole", 160, 12, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "behind a region", 300, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "out of a region", 295, 10, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "not grown by", 2560, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "not grown by, long", 2560, 100, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "behind the pool", 4096, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "from a region into the next", 195, 10, 0, PAGEALLOC_FREE },
	{ "up to the hole", 160, 4, 0, PAGEALLOC_FREE },
	{ "from the hole on", 170, 4, 0, PAGEALLOC_FREE },
	{ "grown by", 2559, 1, 0, PAGEALLOC_FREE },
};
PGAT_ARRAY_PARAM(bad, bad_cases);

static void open_with_holes(struct pgat_pool *p)
{
	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE + 96, 68);
	pgat_pool_region(p, BASE + 170, 30);
	pgat_pool_region(p, BASE + 200, 100);
	pgat_pool_region(p, BASE + 2048, 2048);
	KUNIT_ASSERT_EQ(p->test, BASE + 2048, get(p, 512));
	KUNIT_ASSERT_EQ(p->test, BASE + 170, get(p, 130));
	KUNIT_ASSERT_EQ(p->test, BASE + 96, get(p, 68));
	KUNIT_ASSERT_EQ(p->test, 710UL, pgat_pages(p, PAGEALLOC_GROWN));
}

static void expect_bad_free(struct pgat_pool *p, const struct bad_case *c)
{
	const unsigned long pfn = c->pfn > ~0UL - 64 ? c->pfn : BASE + c->pfn;
	const u64 before = pgat_stat(p, c->stat);

	KUNIT_EXPECT_EQ(p->test, c->ret, pagealloc_free(p->pool, pfn, c->nr));
	KUNIT_EXPECT_EQ(p->test, before + 1, pgat_stat(p, c->stat));
	if (!c->ret)
		KUNIT_EXPECT_EQ(p->test, -EINVAL, pagealloc_free(p->pool, pfn, c->nr));
	pgat_sound(p);
}

/*
 * A free of pages that the pool has not grown by is refused by a cache that knows no
 * range, that has blocks of frees, or that has blocks of a refill.
 */
static void bad_test(struct kunit *test)
{
	static const unsigned long near[] = { 100, 150, 180, 190, 210, 290, 2550 };
	const struct bad_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	unsigned long pfn;
	unsigned int i;

	open_with_holes(p);
	if (c->ret)
		expect_bad_free(p, c);
	for (i = 0; i < ARRAY_SIZE(near); i++)
		put(p, BASE + near[i], 1);
	if (c->ret)
		expect_bad_free(p, c);
	pga_cpu_cache_drain(p->pool);
	pfn = get(p, 1);
	KUNIT_EXPECT_EQ(test, BASE + near[0], pfn);
	/* The span engine ends the refill before the last page, in another chunk. */
	KUNIT_EXPECT_EQ(test, pgat_is_span(p) ? 5UL : 6UL,
			pgat_pages(p, PAGEALLOC_CACHED));
	expect_bad_free(p, c);
	pgat_free_all(p);
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 710UL, pgat_pages(p, PAGEALLOC_IDLE));
	pgat_sound(p);
}

static int free_in_transition(struct pgat_backing *backing,
			      const struct pgat_call *call)
{
	struct pgat_pool *p = backing->arg;

	KUNIT_EXPECT_EQ(p->test, -EINVAL, pagealloc_free(p->pool, call->pfn + 3, 1));
	KUNIT_EXPECT_EQ(p->test, -EINVAL,
			pagealloc_free(p->pool, call->pfn + call->nr - 1, 1));
	/* A correct free succeeds. */
	KUNIT_EXPECT_EQ(p->test, 0, pagealloc_free(p->pool, call->pfn ^ 16, 1));
	return 0;
}

/* Pages that the backing populates or discards cannot be freed. */
static void transition_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long released;

	open_pool(p, 16, BLOCK);
	pgat_arrange(p, BASE, 16, "uDru");
	/* The cache of this CPU has other pages of the block. */
	put(p, BASE + 5, 2);
	p->backing.arg = p;
	p->backing.hook = free_in_transition;
	/* The cache cannot serve a run of this length. */
	KUNIT_EXPECT_EQ(test, BASE + 16, get(p, 20));
	KUNIT_EXPECT_EQ(test, 2ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	p->backing.hook = NULL;
	put(p, BASE + 16, 20);
	p->backing.hook = free_in_transition;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, 16, &released));
	KUNIT_EXPECT_EQ(test, 16UL, released);
	KUNIT_EXPECT_EQ(test, 4ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	p->backing.hook = NULL;
	pgat_sound(p);
}

static int drain_in_transition(struct pgat_backing *backing,
			       const struct pgat_call *call)
{
	struct pgat_pool *p = backing->arg;

	if (BASE + 12 - call->pfn < call->nr)
		pga_cpu_cache_drain(p->pool);
	return 0;
}

/* A page freed on two CPUs is isolated when the second cache is flushed. */
static void twice_in_transition_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pga_scavenger s;
	unsigned int i;

	open_used(p, 1024);
	pga_scavenger_init(&s, p->pool);
	pgat_on_cpu(test, 1);
	put(p, BASE + 10, 4);
	pgat_on_cpu(test, 0);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 12, 1));
	put_each(p, BASE + 512, 129);
	KUNIT_EXPECT_EQ(test, 4UL + BLOCK + 1, pgat_pages(p, PAGEALLOC_CACHED));
	/* Enforcing the limit does not drain caches, and discards down to the last page. */
	p->pool->limit_goal = 0;
	p->backing.arg = p;
	p->backing.hook = drain_in_transition;
	for (i = 0; i < 100 && pgat_letter(p, BASE + 12, 1) != 'D'; i++)
		pga_scavenger_step(&s);
	p->backing.hook = NULL;
	KUNIT_EXPECT_EQ(test, 'D', pgat_letter(p, BASE + 12, 1));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	KUNIT_EXPECT_EQ(test, 3 + 1 + 129UL, pgat_pages(p, PAGEALLOC_IDLE));
	pgat_sound(p);
	pgat_free_all(p);
	expect_each_once(p, 1024, GFP_KERNEL);
}

static void by_drain(struct pgat_pool *p)
{
	pagealloc_drain(p->pool);
}

static void by_scavenge(struct pgat_pool *p)
{
	unsigned long released;

	KUNIT_EXPECT_EQ(p->test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(p->test, 30UL, released);
}

/* Set the limit to the pages in use. */
static void by_limit(struct pgat_pool *p)
{
	struct pagealloc_tuning tuning;

	pagealloc_get_tuning(p->pool, &tuning);
	tuning.limit = 512 - 30;
	KUNIT_EXPECT_EQ(p->test, 0, pagealloc_set_tuning(p->pool, &tuning));
	tuning.limit--;
	KUNIT_EXPECT_EQ(p->test, -ERANGE, pagealloc_set_tuning(p->pool, &tuning));
}

static void by_need(struct pgat_pool *p)
{
	unsigned long pfn;

	KUNIT_EXPECT_EQ(p->test, -ENOMEM, pagealloc_alloc(p->pool, 31, GFP_QUIET, &pfn));
}

static void by_atomic_need(struct pgat_pool *p)
{
	unsigned long pfn;

	KUNIT_EXPECT_EQ(p->test, -ENOMEM, pagealloc_alloc(p->pool, 31, GFP_ATOMIC, &pfn));
}

/* Let generations end until the worker waits for an operation. */
static void run_until_idle(struct pga_scavenger *s)
{
	while (pga_scavenger_step(s) != PGA_NEVER)
		s->generation_over = true;
}

static void by_idleness(struct pgat_pool *p)
{
	struct pga_scavenger s;

	/* The floor keeps the pages from being discarded. */
	p->pool->tuning.min_ready = 30;
	pga_scavenger_init(&s, p->pool);
	run_until_idle(&s);
}

struct drain_case {
	const char *name;
	void (*drain)(struct pgat_pool *p);
};

static const struct drain_case drain_cases[] = {
	{ "pagealloc_drain()", by_drain },
	{ "pagealloc_scavenge()", by_scavenge },
	{ "a limit", by_limit },
	{ "a request that needs more", by_need },
	{ "an atomic request that needs more", by_atomic_need },
	{ "an idle generation", by_idleness },
};
PGAT_ARRAY_PARAM(drain, drain_cases);

/* Each way to drain empties the caches of all CPUs; they work afterwards. */
static void drain_test(struct kunit *test)
{
	const struct drain_case *c = test->param_value;
	struct pgat_pool *p = test->priv;

	open_used(p, 512);
	put(p, BASE + 3, 10);
	pgat_on_cpu(test, 1);
	put(p, BASE + 200, 10);
	put(p, BASE + 300, 10);
	KUNIT_EXPECT_EQ(test, 30UL, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IDLE));
	c->drain(p);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 30UL, pgat_pages(p, PAGEALLOC_IDLE));
	KUNIT_EXPECT_EQ(test, 2ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	pgat_sound(p);
	/* An empty cache is not flushed. */
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 2ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	put(p, BASE + 400, 1);
	KUNIT_EXPECT_EQ(test, BASE + 400, get(p, 1));
	pgat_free_all(p);
	expect_all_free(p, 512);
}

static int alloc_with_refill(struct pgat_backing *backing,
			     const struct pgat_call *call)
{
	struct pgat_pool *p = backing->arg;
	unsigned long pfn;

	backing->hook = NULL;
	KUNIT_EXPECT_EQ(p->test, 0, pagealloc_alloc(p->pool, 1, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(p->test, BASE + 48, pfn);
	KUNIT_EXPECT_EQ(p->test, 15UL, pgat_pages(p, PAGEALLOC_CACHED));
	/* A free beside the isolated pages, in the same chunk. */
	put(p, pfn, 1);
	KUNIT_EXPECT_EQ(p->test, 16UL, pgat_pages(p, PAGEALLOC_CACHED));
	return 0;
}

/* While a request populates that has drained the caches, these are in use. */
static void need_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	open_pool(p, 16, BLOCK);
	pgat_arrange(p, BASE, 16, "uDur");
	put_each(p, BASE, 16);
	KUNIT_ASSERT_EQ(test, 16UL, pgat_pages(p, PAGEALLOC_CACHED));
	p->backing.arg = p;
	p->backing.hook = alloc_with_refill;
	KUNIT_EXPECT_EQ(test, BASE, get(p, 32));
	KUNIT_EXPECT_TRUE(test, !p->backing.hook);
	KUNIT_EXPECT_EQ(test, 0U, p->pool->no_refill);
	pgat_sound(p);
}

/* From the drain for a request until its next search, no cache is refilled. */
static void no_refill_test(struct kunit *test)
{
	struct pga_request rq = { .nr = 16, .may_populate = true };
	struct pgat_pool *p = test->priv;

	open_ready(p, BLOCK);
	pga_cpu_cache_stop_refills(p->pool, &rq);
	KUNIT_EXPECT_EQ(test, BASE, get(p, 1));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	pga_cpu_cache_allow_refills(p->pool, &rq);
	KUNIT_EXPECT_EQ(test, 0U, p->pool->no_refill);
	KUNIT_EXPECT_EQ(test, BASE + 1, get(p, 1));
	KUNIT_EXPECT_EQ(test, BLOCK - 2, pgat_pages(p, PAGEALLOC_CACHED));
	/* Twice does no harm. */
	pga_cpu_cache_allow_refills(p->pool, &rq);
	KUNIT_EXPECT_EQ(test, 0U, p->pool->no_refill);
	pgat_sound(p);
}

/* A request that waits for one that populates. */
struct waiter {
	struct pgat_pool *p;
	struct completion entered;
	struct completion go_on;
	struct pgat_thread thread[2];
	unsigned long pfn[2];
};

static int stop_in_populate(struct pgat_backing *backing, const struct pgat_call *call)
{
	struct waiter *w = backing->arg;

	complete(&w->entered);
	wait_for_completion(&w->go_on);
	return 0;
}

static int first_request(void *arg)
{
	struct waiter *w = arg;

	return pagealloc_alloc(w->p->pool, 16, GFP_KERNEL, &w->pfn[0]);
}

static int second_request(void *arg)
{
	struct waiter *w = arg;

	return pagealloc_alloc(w->p->pool, 16, GFP_KERNEL, &w->pfn[1]);
}

/* A request that has waited drains the caches again, also of pages freed meanwhile. */
static void wait_test(struct kunit *test)
{
	struct waiter w = { .p = test->priv };
	struct pgat_pool *p = w.p;

	init_completion(&w.entered);
	init_completion(&w.go_on);
	open_pool(p, 16, 32);
	pgat_arrange(p, BASE, 16, "uD");
	p->backing.arg = &w;
	p->backing.hook = stop_in_populate;
	pgat_thread_start(test, &w.thread[0], first_request, &w);
	wait_for_completion(&w.entered);
	pgat_thread_start(test, &w.thread[1], second_request, &w);
	KUNIT_EXPECT_TRUE(test, pgat_wait_for(wq_has_sleeper(&p->pool->settled_wq)));
	put_each(p, BASE, 16);
	KUNIT_EXPECT_EQ(test, 16UL, pgat_pages(p, PAGEALLOC_CACHED));
	complete(&w.go_on);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&w.thread[0]));
	KUNIT_EXPECT_EQ(test, BASE + 16, w.pfn[0]);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&w.thread[1]));
	KUNIT_EXPECT_EQ(test, BASE, w.pfn[1]);
	p->backing.hook = NULL;
	pgat_sound(p);
}

/* A request that may not sleep drains the cache of its CPU, and those of few others. */
static void few_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned int i;

	open_used(p, 512);
	for (i = 0; i < 2; i++) {
		pgat_on_cpu(test, 1);
		put(p, BASE + 200 + i, 1);
		pgat_on_cpu(test, 0);
		put(p, BASE + 3 + i, 1);
		pga_cpu_cache_drain_few(p->pool, i, 0);
		KUNIT_EXPECT_EQ(test, 1UL, pgat_pages(p, PAGEALLOC_CACHED));
		put(p, BASE + 8 + i, 1);
		pga_cpu_cache_drain_few(p->pool, i, 1);
		KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	}
	by_atomic_need(p);
	KUNIT_EXPECT_EQ(test, PGA_CPU_ATOMIC_DRAINS, p->pool->drain_from);
	by_need(p);
	KUNIT_EXPECT_EQ(test, PGA_CPU_ATOMIC_DRAINS, p->pool->drain_from);
	pgat_sound(p);
}

/* The cache of a dead CPU is drained, and works again when the CPU is back. */
static void dead_cpu_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	open_used(p, 512);
	put(p, BASE + 3, 10);
	pgat_on_cpu(test, 1);
	put(p, BASE + 200, 10);
	pgat_on_cpu(test, 0);
	KUNIT_EXPECT_EQ(test, 0, remove_cpu(1));
	KUNIT_EXPECT_EQ(test, 10UL, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 10UL, pgat_pages(p, PAGEALLOC_IDLE));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	KUNIT_EXPECT_EQ(test, 0, add_cpu(1));
	pgat_sound(p);
	pgat_on_cpu(test, 1);
	put(p, BASE + 300, 10);
	KUNIT_EXPECT_EQ(test, 20UL, pgat_pages(p, PAGEALLOC_CACHED));
	pgat_sound(p);
}

enum wake { WAKE_ALLOC, WAKE_ZEROED, WAKE_FREE, WAKE_AFTER_WRONG };

struct wake_case {
	const char *name;
	enum wake what;
};

static const struct wake_case wake_cases[] = {
	{ "an allocation", WAKE_ALLOC },
	{ "an allocation of zeroed pages", WAKE_ZEROED },
	{ "a free", WAKE_FREE },
	{ "a free after a refused one", WAKE_AFTER_WRONG },
};
PGAT_ARRAY_PARAM(wake, wake_cases);

/* Does an operation wake the worker? */
static bool wakes(struct pgat_pool *p, struct pga_scavenger *s, enum wake what)
{
	unsigned long pfn;
	int ret;

	s->asleep = true;
	s->kicked = false;
	p->pool->scavenger = s;
	if (what == WAKE_FREE)
		ret = pagealloc_free(p->pool, BASE, 1);
	else
		ret = pagealloc_alloc(p->pool, 1, what == WAKE_ZEROED ?
				      GFP_KERNEL | __GFP_ZERO : GFP_KERNEL, &pfn);
	p->pool->scavenger = NULL;
	KUNIT_EXPECT_EQ(p->test, 0, ret);
	return s->kicked;
}

/*
 * After a generation without an operation the worker drains the caches and sleeps.  The
 * first operation after that wakes it up.
 */
static void wake_test(struct kunit *test)
{
	const struct wake_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	struct pga_scavenger s;

	open_used(p, 512);
	put(p, BASE + 1, 100);
	put(p, BASE + 200, 1);
	pga_scavenger_init(&s, p->pool);
	run_until_idle(&s);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));

	if (c->what == WAKE_AFTER_WRONG) {
		KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE + 50, 1));
		KUNIT_EXPECT_EQ(test, PGA_NEVER, pga_scavenger_step(&s));
	}
	KUNIT_EXPECT_TRUE(test, wakes(p, &s, c->what == WAKE_AFTER_WRONG ?
				      WAKE_FREE : c->what));
	KUNIT_EXPECT_NE(test, PGA_NEVER, pga_scavenger_step(&s));
	run_until_idle(&s);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	pgat_sound(p);
}

struct last_case {
	const char *name;
	gfp_t gfp;
};

static const struct last_case last_cases[] = {
	{ "GFP_KERNEL", GFP_KERNEL },
	{ "GFP_NOWAIT", GFP_NOWAIT },
	{ "GFP_ATOMIC", GFP_ATOMIC },
	{ "zeroed", GFP_KERNEL | __GFP_ZERO },
};
PGAT_ARRAY_PARAM(last, last_cases);

/* A CPU can allocate all pages, also those in the full cache of another CPU. */
static void last_page_test(struct kunit *test)
{
	const struct last_case *c = test->param_value;
	struct pgat_pool *p = test->priv;

	open_used(p, 1024);
	pgat_on_cpu(test, 1);
	put_each(p, BASE + 800, 128);
	pgat_on_cpu(test, 0);
	put_each(p, BASE, 128);
	KUNIT_EXPECT_EQ(test, 256UL, pgat_pages(p, PAGEALLOC_CACHED));
	put(p, BASE + 128, 672);
	put(p, BASE + 928, 96);
	expect_each_once(p, 1024, c->gfp);
	pgat_sound(p);
	pgat_free_all(p);
	expect_all_free(p, 1024);
}

/* A run of all pages of a pool can be allocated while caches are full. */
static void last_run_test(struct kunit *test)
{
	const struct last_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	open_used(p, 512);
	pgat_on_cpu(test, 1);
	put_each(p, BASE + 300, 128);
	pgat_on_cpu(test, 0);
	put_each(p, BASE, 128);
	put(p, BASE + 128, 172);
	put(p, BASE + 428, 84);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 512, c->gfp, &pfn));
	KUNIT_EXPECT_EQ(test, BASE, pfn);
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_ALLOC_FAIL));
	pgat_sound(p);
}

static unsigned long cached_on(struct pgat_pool *p, unsigned int cpu)
{
	return pga_cpu_cache_pages(per_cpu_ptr(p->pool->cpu_caches, cpu));
}

/* Frees of any order and length: no cache has more pages than it may have. */
static void bounds_test(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	struct pgat_pool *p = test->priv;
	unsigned long nr, page = 0;
	unsigned int cpu;

	open_used(p, PAGES);
	for (page = 0; page + 40 < PAGES; page += nr + pgat_below(&random, 40)) {
		cpu = pgat_below(&random, 2);
		if (!pgat_below(&random, 16))
			pgat_on_cpu(test, cpu);
		nr = 1 + pgat_below(&random, 15);
		put(p, BASE + page, nr);
		for (cpu = 0; cpu < 2; cpu++)
			KUNIT_ASSERT_LT(test, cached_on(p, cpu),
					PGA_CPU_BATCH + 2 * BLOCK + PGA_CPU_RUN_MAX);
	}
	pgat_sound(p);
	pgat_free_all(p);
	expect_all_free(p, PAGES);
}

struct batch_case {
	const char *name;
	unsigned long share;
	unsigned long cached[6];
};

static const struct batch_case batch_cases[] = {
	{ "a small pool", 1, { 64, 64, 64, 64, 64, 64 } },
	{ "a share of 64", 64, { 64, 64, 64, 64, 64, 64 } },
	{ "a share of 192", 192, { 64, 128, 192, 192, 192, 192 } },
	{ "a large pool", 1024, { 64, 128, 256, 512, 512, 512 } },
};

PGAT_ARRAY_PARAM(batch, batch_cases);

/*
 * Refills that follow one another take twice as many pages each, up to a chunk, and up to
 * a share of the pool; after a flush they take fewer again.
 */
static void batch_test(struct kunit *test)
{
	const struct batch_case *c = test->param_value;
	const unsigned long nr = 64 * num_online_cpus() * c->share;
	struct pgat_pool *p = test->priv;
	unsigned long pfn, i, left, expect;

	pgat_pool_open_sim(p, 1, 0);
	pgat_pool_region(p, BASE, nr);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, nr, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, pfn, nr));
	for (i = 0, expect = BASE; i < ARRAY_SIZE(c->cached) && expect < BASE + nr; i++) {
		/* A refill ends at the end of a chunk if it has changed enough by then. */
		left = min3(c->cached[i], BASE + nr - expect,
			    PGA_CHUNK_PAGES - expect % PGA_CHUNK_PAGES);
		KUNIT_EXPECT_EQ(test, expect, get(p, 1));
		KUNIT_EXPECT_GE(test, pgat_pages(p, PAGEALLOC_CACHED), left - 1);
		KUNIT_EXPECT_LE(test, pgat_pages(p, PAGEALLOC_CACHED), c->cached[i] - 1);
		KUNIT_EXPECT_EQ(test, i + 1, pgat_stat(p, PAGEALLOC_CACHE_REFILL));
		for (expect++; pgat_pages(p, PAGEALLOC_CACHED); expect++)
			KUNIT_EXPECT_EQ(test, expect, get(p, 1));
	}
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_CACHE_FLUSH));
	pgat_sound(p);
	pagealloc_drain(p->pool);
	put_each(p, BASE, expect - BASE);
	KUNIT_EXPECT_LE(test, pgat_pages(p, PAGEALLOC_CACHED),
			max(c->cached[5] + BLOCK, 2UL * BLOCK));
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, BASE, get(p, 1));
	KUNIT_EXPECT_EQ(test, 63UL, pgat_pages(p, PAGEALLOC_CACHED));
	pgat_sound(p);
}

static void expect_mismatch(struct pgat_pool *p, const char *what,
			    unsigned long pfn, u64 got, u64 want)
{
	struct pagealloc_mismatch list[2] = {};

	KUNIT_EXPECT_EQ(p->test, 1, pagealloc_check(p->pool, list, 2));
	KUNIT_EXPECT_EQ(p->test, 1, pagealloc_check(p->pool, NULL, 0));
	KUNIT_ASSERT_NOT_NULL(p->test, list[0].what);
	KUNIT_EXPECT_STREQ(p->test, what, list[0].what);
	KUNIT_EXPECT_EQ(p->test, pfn, list[0].pfn);
	KUNIT_EXPECT_EQ(p->test, got, list[0].got);
	KUNIT_EXPECT_EQ(p->test, want, list[0].want);
}

/* The check finds wrong counts, and a page that is cached and free. */
static void check_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pga_cpu_cache *c;

	open_used(p, 512);
	pgat_on_cpu(test, 1);
	put(p, BASE + 100, 10);
	c = per_cpu_ptr(p->pool->cpu_caches, 1);
	pgat_sound(p);
	c->adjust--;
	expect_mismatch(p, "cached", 0, 9, 10);
	c->adjust++;
	c->blocks[PGA_CPU_HASHES - 1]++;
	expect_mismatch(p, "cached blocks", 0, 1, 0);
	c->blocks[PGA_CPU_HASHES - 1]--;
	pgat_sound(p);

	/* Free three of the pages on the other CPU too, and have them flushed there. */
	pgat_on_cpu(test, 0);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 105, 3));
	put_each(p, BASE + 300, 20 + 2 * BLOCK + 1);
	expect_mismatch(p, "cached but free", BASE + 105, 3, 0);
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 3ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
}

/* A pool with pages in use cannot be destroyed; one with cached pages can. */
static void destroy_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	open_used(p, 512);
	put_each(p, BASE, 100);
	pgat_on_cpu(test, 1);
	put_each(p, BASE + 100, 100);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(p->pool));
	KUNIT_EXPECT_EQ(test, 312UL, pgat_pages(p, PAGEALLOC_IN_USE));
	put(p, BASE + 200, 301);
	put_each(p, BASE + 501, 10);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(p->pool));
	put(p, BASE + 511, 1);
	pgat_on_cpu(test, 0);
	KUNIT_EXPECT_EQ(test, BASE, get(p, 1));
	put(p, BASE, 1);
	KUNIT_EXPECT_GT(test, pgat_pages(p, PAGEALLOC_CACHED), 0UL);
	pgat_pool_close(p);
}

/**
 * struct crowd - two CPUs that use a pool at the same time
 * @p: the pool
 * @pages: pages it has
 * @owned: bit i: page i is allocated
 * @wrong: pages that were allocated or freed twice
 * @failed: calls that failed
 * @calls: interrupts, or allocations of the other CPU
 * @pfn: first page of the run that the interrupt holds
 * @nr: pages of this run
 * @stop: the other CPU should stop
 */
struct crowd {
	struct pgat_pool *p;
	unsigned long pages;
	unsigned long *owned;
	atomic_t wrong;
	atomic_t failed;
	atomic_t calls;
	unsigned long pfn;
	unsigned long nr;
	bool stop;
};

static struct crowd *crowd_create(struct pgat_pool *p, unsigned long pages)
{
	struct crowd *crowd = kunit_kzalloc(p->test, sizeof(*crowd), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(p->test, crowd);
	crowd->p = p;
	crowd->pages = pages;
	crowd->owned = kunit_kcalloc(p->test, BITS_TO_LONGS(pages), sizeof(long),
				     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(p->test, crowd->owned);
	return crowd;
}

static bool crowd_get(struct crowd *crowd, unsigned long nr, unsigned long *pfn)
{
	unsigned long i;

	if (pagealloc_alloc(crowd->p->pool, nr, GFP_ATOMIC, pfn)) {
		atomic_inc(&crowd->failed);
		return false;
	}
	for (i = 0; i < nr; i++)
		if (test_and_set_bit(*pfn + i - BASE, crowd->owned))
			atomic_inc(&crowd->wrong);
	return true;
}

static void crowd_put(struct crowd *crowd, unsigned long pfn, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		if (!test_and_clear_bit(pfn + i - BASE, crowd->owned))
			atomic_inc(&crowd->wrong);
	if (pagealloc_free(crowd->p->pool, pfn, nr))
		atomic_inc(&crowd->failed);
}

static void interrupt(void *arg)
{
	struct crowd *crowd = arg;

	atomic_inc(&crowd->calls);
	if (crowd->nr)
		crowd_put(crowd, crowd->pfn, crowd->nr);
	crowd->nr = 1 + atomic_read(&crowd->calls) % 12;
	if (!crowd_get(crowd, crowd->nr, &crowd->pfn))
		crowd->nr = 0;
}

static int interrupt_cpu0(void *arg)
{
	struct crowd *crowd = arg;

	set_cpus_allowed_ptr(current, cpumask_of(1));
	while (!READ_ONCE(crowd->stop)) {
		smp_call_function_single(0, interrupt, crowd, 1);
		cond_resched();
	}
	while (!kthread_should_stop())
		usleep_range(500, 1500);
	return 0;
}

/* Allocate and free a few runs at a time. */
static void crowd_work(struct crowd *crowd, unsigned int rounds)
{
	unsigned long pfn[8];
	unsigned int i, n;

	for (i = 0; i < rounds; i++) {
		for (n = 0; n < ARRAY_SIZE(pfn); n++)
			if (!crowd_get(crowd, 1 + (i + n) % 5, &pfn[n]))
				break;
		while (n--)
			crowd_put(crowd, pfn[n], 1 + (i + n) % 5);
		if (!(i % 64))
			cond_resched();
	}
}

/* Hard interrupts allocate and free while a task on the same CPU does. */
static void interrupt_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pgat_thread thread;
	struct crowd *crowd;

	open_ready(p, PAGES);
	crowd = crowd_create(p, PAGES);
	pgat_thread_start(test, &thread, interrupt_cpu0, crowd);
	while (atomic_read(&crowd->calls) < 300)
		crowd_work(crowd, 20);
	WRITE_ONCE(crowd->stop, true);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&thread));
	if (crowd->nr)
		crowd_put(crowd, crowd->pfn, crowd->nr);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&crowd->wrong));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&crowd->failed));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	expect_all_free(p, PAGES);
}

static int alloc_and_free(void *arg)
{
	struct crowd *crowd = arg;
	unsigned long pfn;

	set_cpus_allowed_ptr(current, cpumask_of(1));
	while (!READ_ONCE(crowd->stop)) {
		if (crowd_get(crowd, 1, &pfn))
			crowd_put(crowd, pfn, 1);
		if (!(atomic_inc_return(&crowd->calls) % 64))
			cond_resched();
	}
	while (!kthread_should_stop())
		usleep_range(500, 1500);
	return 0;
}

/* Two CPUs share four pages, one each at a time: no allocation fails. */
static void short_of_pages_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pgat_thread thread;
	struct crowd *crowd;
	unsigned long pfn;
	unsigned int i;

	open_used(p, 512);
	put_each(p, BASE + 64, 4);
	crowd = crowd_create(p, 512);
	pgat_thread_start(test, &thread, alloc_and_free, crowd);
	for (i = 0; i < 60000 || atomic_read(&crowd->calls) < 20000; i++) {
		if (crowd_get(crowd, 1, &pfn))
			crowd_put(crowd, pfn, 1);
		/* The other CPU takes all pages into its cache again and again. */
		pga_cpu_cache_drain(p->pool);
		if (!(i % 64))
			cond_resched();
	}
	WRITE_ONCE(crowd->stop, true);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&thread));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&crowd->wrong));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&crowd->failed));
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 4UL, pgat_pages(p, PAGEALLOC_IDLE));
	pgat_sound(p);
}

static bool is_at_rest(struct pagealloc_pool *pool)
{
	struct pagealloc_stats s;

	pagealloc_stats(pool, &s);
	return !s.value[PAGEALLOC_RETAINED] && READ_ONCE(pool->scavenger->asleep);
}

/* A worker with a thread drains the caches after an idle generation or two. */
static void worker_test(struct kunit *test)
{
	struct pagealloc_config config = {
		.name = "worker",
		.ops = &pagealloc_sim_ops,
	};
	struct pagealloc_tuning tuning;
	struct pagealloc_pool *pool;
	struct pagealloc_sim *sim;
	unsigned long pfn;
	bool rested = true;
	unsigned int i;

	sim = kunit_kzalloc(test, sizeof(*sim), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sim);
	pagealloc_sim_init(sim, 1);
	config.ctx = sim;
	pool = pagealloc_pool_create(&config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	pagealloc_get_tuning(pool, &tuning);
	tuning.generation_ms = 5;
	tuning.delay_ms = 0;
	tuning.cpu_percent = 100;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_set_tuning(pool, &tuning));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(pool, BASE, 512));
	for (i = 0; i < 20 && rested; i++) {
		KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(pool, 1, GFP_KERNEL, &pfn));
		KUNIT_EXPECT_EQ(test, 0, pagealloc_free(pool, pfn, 1));
		rested = pgat_wait_for(is_at_rest(pool));
		KUNIT_EXPECT_TRUE(test, rested);
	}
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(pool));
}

#define MAX_RUNS	1024
#define RANDOM_PAGES	(8 * PGA_CHUNK_PAGES)
#define RANDOM_OPS	100000

/**
 * struct account - what the random test has allocated
 * @p: the pool
 * @random: the random numbers
 * @owned: a byte for each page: it is allocated
 * @nr_runs: runs that are allocated
 * @run: these runs
 * @allocs: allocations that succeeded
 * @frees: frees that succeeded
 */
struct account {
	struct pgat_pool *p;
	struct rnd_state random;
	u8 owned[RANDOM_PAGES];
	unsigned int nr_runs;
	struct pga_extent run[MAX_RUNS];
	u64 allocs;
	u64 frees;
};

/* The longest run that is not allocated. */
static unsigned long longest_free(const struct account *a)
{
	unsigned long page, run = 0, longest = 0;

	for (page = 0; page < RANDOM_PAGES; page++) {
		run = a->owned[page] ? 0 : run + 1;
		longest = max(longest, run);
	}
	return longest;
}

static void random_alloc(struct account *a)
{
	static const gfp_t gfps[] = {
		GFP_KERNEL, GFP_KERNEL, GFP_KERNEL | __GFP_ZERO, GFP_ATOMIC,
	};
	const unsigned long nr = 1 + pgat_below(&a->random, 20);
	const gfp_t gfp = gfps[pgat_below(&a->random, ARRAY_SIZE(gfps))];
	struct kunit *test = a->p->test;
	unsigned long pfn, i;
	int ret;

	ret = pagealloc_alloc(a->p->pool, nr, gfp | __GFP_NOWARN, &pfn);
	if (ret) {
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		if (gfp != GFP_ATOMIC)
			KUNIT_ASSERT_LT(test, longest_free(a), nr);
		return;
	}
	KUNIT_ASSERT_TRUE(test, pfn >= BASE && pfn + nr <= BASE + RANDOM_PAGES);
	for (i = pfn - BASE; i < pfn - BASE + nr; i++) {
		if (a->owned[i])
			KUNIT_FAIL(test, "page %lu has two owners", i);
		a->owned[i] = 1;
	}
	a->run[a->nr_runs++] = (struct pga_extent) { pfn, nr };
	a->allocs++;
}

/* Free a run, or a part at one of its ends. */
static void random_free(struct account *a)
{
	struct pga_extent *run = &a->run[pgat_below(&a->random, a->nr_runs)];
	const unsigned long nr = pgat_below(&a->random, 4) ? run->nr :
				 1 + pgat_below(&a->random, run->nr);
	const bool front = pgat_below(&a->random, 2);
	const unsigned long pfn = front ? run->start : run->start + run->nr - nr;

	memset(&a->owned[pfn - BASE], 0, nr);
	put(a->p, pfn, nr);
	a->frees++;
	run->nr -= nr;
	if (front)
		run->start += nr;
	if (!run->nr)
		*run = a->run[--a->nr_runs];
}

/* A free of a page that is free in the maps is refused. */
static void random_double_free(struct account *a)
{
	const unsigned long pfn = BASE + pgat_below(&a->random, RANDOM_PAGES);
	const char letter = pgat_letter(a->p, pfn, 1);

	if (letter != 'r' && letter != 'D')
		return;
	KUNIT_ASSERT_EQ(a->p->test, -EINVAL, pagealloc_free(a->p->pool, pfn, 1));
}

static void random_other_op(struct account *a)
{
	unsigned long nr;

	switch (pgat_below(&a->random, 8)) {
	case 0:
		pagealloc_drain(a->p->pool);
		break;
	case 1:
		nr = 1 + pgat_below(&a->random, RANDOM_PAGES);
		KUNIT_ASSERT_EQ(a->p->test, 0,
				pagealloc_scavenge(a->p->pool, nr, &nr));
		break;
	case 2:
		random_double_free(a);
		break;
	default:
		pgat_on_cpu(a->p->test, pgat_below(&a->random, 2));
		break;
	}
}

static void random_op(struct account *a, bool filling)
{
	const bool more = pgat_below(&a->random, 100) < (filling ? 53 : 47);

	if (!pgat_below(&a->random, 100))
		random_other_op(a);
	if (!a->nr_runs || (more && a->nr_runs < MAX_RUNS))
		random_alloc(a);
	else
		random_free(a);
}

struct random_case {
	const char *name;
	unsigned long granule;
	unsigned int flags;
};

static const struct random_case random_cases[] = {
	{ "granule 1", 1, 0 },
	{ "granule 16, ready first", 16, PAGEALLOC_READY_FIRST },
	{ "granule 512", 512, 0 },
};
PGAT_ARRAY_PARAM(random, random_cases);

/* Random operations on two CPUs: no page has two owners, and all statistics agree. */
static void random_test(struct kunit *test)
{
	const struct random_case *c = test->param_value;
	struct account *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, a);
	a->p = test->priv;
	a->random = pgat_random(test);
	pgat_pool_open(a->p, c->granule, c->flags);
	pgat_pool_region(a->p, BASE, RANDOM_PAGES);
	for (i = 0; i < RANDOM_OPS; i++) {
		random_op(a, i / 10000 % 2);
		if (!(i % 5000))
			pgat_sound(a->p);
		pgat_alive();
	}
	while (a->nr_runs)
		random_free(a);
	KUNIT_EXPECT_EQ(test, a->allocs, pgat_stat(a->p, PAGEALLOC_ALLOC));
	KUNIT_EXPECT_EQ(test, a->frees, pgat_stat(a->p, PAGEALLOC_FREE));
	KUNIT_EXPECT_GT(test, pgat_stat(a->p, PAGEALLOC_CACHE_ALLOC), a->allocs / 4);
	KUNIT_EXPECT_GT(test, pgat_stat(a->p, PAGEALLOC_CACHE_FREE), a->frees / 2);
	expect_all_free(a->p, pgat_pages(a->p, PAGEALLOC_GROWN));
}

/* 99 % of a pool page by page: none is allocated twice, and all frees succeed. */
static void all_singles(struct kunit *test)
{
	const unsigned long pages = 1UL << 16, nr = pages / 100 * 99;
	struct rnd_state random = pgat_random(test);
	struct pgat_pool *p = pgat_pool(test);
	unsigned long *pfns, *seen, i, j;

	pfns = kvmalloc_array(nr, sizeof(*pfns), GFP_KERNEL);
	seen = bitmap_zalloc(pages, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, pfns && seen);
	p->cached = true;
	pgat_pool_open_sim(p, 1, 0);
	pgat_pool_region(p, BASE, pages);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, pages, GFP_KERNEL, &i));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, i, pages));

	for (i = 0; i < nr; i++) {
		KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 1, GFP_KERNEL,
							 &pfns[i]));
		KUNIT_ASSERT_FALSE(test, __test_and_set_bit(pfns[i] - BASE, seen));
	}
	for (i = nr; i > 1; i--) {
		j = pgat_below(&random, i);
		swap(pfns[i - 1], pfns[j]);
	}
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ_MSG(test, 0, pagealloc_free(p->pool, pfns[i], 1),
				    "free %lu of pfn %lu", i, pfns[i]);
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
	bitmap_free(seen);
	kvfree(pfns);
}

static struct kunit_case cpu_cache_cases[] = {
	KUNIT_CASE(all_singles),
	KUNIT_CASE_PARAM(counts_test, count_gen_params),
	KUNIT_CASE(no_cache_test),
	KUNIT_CASE(lengths_test),
	KUNIT_CASE(search_test),
	KUNIT_CASE(hash_test),
	KUNIT_CASE(ring_test),
	KUNIT_CASE(costly_drain_test),
	KUNIT_CASE(cheap_drain_test),
	KUNIT_CASE(costly_flush_test),
	KUNIT_CASE(no_room_test),
	KUNIT_CASE(no_room_for_run_test),
	KUNIT_CASE(no_room_for_rest_test),
	KUNIT_CASE(costly_refill_test),
	KUNIT_CASE(work_test),
	KUNIT_CASE(free_elsewhere_test),
	KUNIT_CASE_PARAM(twice_test, twice_gen_params),
	KUNIT_CASE(twice_elsewhere_test),
	KUNIT_CASE(twice_refilled_test),
	KUNIT_CASE_PARAM(bad_test, bad_gen_params),
	KUNIT_CASE(transition_test),
	KUNIT_CASE(twice_in_transition_test),
	KUNIT_CASE_PARAM(drain_test, drain_gen_params),
	KUNIT_CASE(need_test),
	KUNIT_CASE(no_refill_test),
	KUNIT_CASE(wait_test),
	KUNIT_CASE(few_test),
	KUNIT_CASE(dead_cpu_test),
	KUNIT_CASE_PARAM(wake_test, wake_gen_params),
	KUNIT_CASE_PARAM(last_page_test, last_gen_params),
	KUNIT_CASE_PARAM(last_run_test, last_gen_params),
	KUNIT_CASE(bounds_test),
	KUNIT_CASE_PARAM(batch_test, batch_gen_params),
	KUNIT_CASE(check_test),
	KUNIT_CASE(destroy_test),
	KUNIT_CASE(interrupt_test),
	KUNIT_CASE(short_of_pages_test),
	KUNIT_CASE(worker_test),
	KUNIT_CASE_PARAM(random_test, random_gen_params),
	{}
};

static struct kunit_suite cpu_cache_suite = {
	.name = "pagealloc_cpu_cache",
	.init = cpu_cache_init,
	.test_cases = cpu_cache_cases,
};
kunit_test_suite(cpu_cache_suite);

MODULE_DESCRIPTION("KUnit suite of pagealloc: per-CPU caches");
MODULE_LICENSE("GPL");
