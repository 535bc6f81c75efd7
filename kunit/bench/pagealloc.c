// SPDX-License-Identifier: GPL-2.0
/*
 * The subjects pagealloc, pagealloc-nocache and pagealloc-span: pools on the sim
 * backing, without a worker, so that only requests change them.
 */

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "pagealloc.h"
#include "subjects.h"

/**
 * struct our_pool - a pool to measure
 * @pool: the pool
 * @sim: its backing
 * @flags: flags of its subject
 * @granule: granule of its subject
 * @pages: pages in the pool
 * @stats: a buffer for its statistics
 */
struct our_pool {
	struct pagealloc_pool *pool;
	struct pagealloc_sim sim;
	unsigned int flags;
	unsigned long granule;
	unsigned long pages;
	struct pagealloc_stats stats;
};

/* A pool of this size is kept for the next measurement, since it grows slowly. */
#define LARGE	(1UL << 24)

static struct our_pool *kept;

static bool destroy_pool(struct our_pool *our)
{
	if (pagealloc_pool_destroy(our->pool))
		return false;
	kfree(our);
	return true;
}

/**
 * bench_pagealloc_drop() - destroy the pool that was kept, if any
 */
void bench_pagealloc_drop(void)
{
	if (kept && !destroy_pool(kept))
		pr_err("destroying a pool failed\n");
	kept = NULL;
}

static bool our_destroy(void *pool)
{
	struct our_pool *our = pool;

	pagealloc_stats(our->pool, &our->stats);
	if (our->stats.value[PAGEALLOC_DOUBLE_FREE] ||
	    our->stats.value[PAGEALLOC_BAD_FREE])
		return false;
	if (our->pages < LARGE)
		return destroy_pool(our);
	kept = our;
	return true;
}

/* Add one region, or in a sparse pool several. */
static int add_regions(struct our_pool *our)
{
	const unsigned long part = our->pages / BENCH_PIECES;
	unsigned long i;
	int ret = 0;

	if (our->pages <= BENCH_SPARSE)
		return pagealloc_add_region(our->pool, 0, our->pages);
	for (i = 0; i < BENCH_PIECES && !ret; i++)
		ret = pagealloc_add_region(our->pool, i * part + part / 2,
					   BENCH_PIECE);
	return ret;
}

static void *our_create(const struct bench_subject *s, unsigned long pages)
{
	struct pagealloc_config config = {
		.name = "bench",
		.ops = &pagealloc_sim_ops,
		.flags = s->flags,
		.engine = s->engine,
	};
	struct our_pool *our = kept;

	if (our && our->flags == s->flags && our->granule == s->granule &&
	    our->pages == pages) {
		kept = NULL;
		return our;
	}
	bench_pagealloc_drop();
	our = kzalloc(sizeof(*our), GFP_KERNEL);
	if (!our)
		return NULL;
	our->flags = s->flags;
	our->granule = s->granule;
	our->pages = pages;
	pagealloc_sim_init(&our->sim, s->granule ?: 1);
	config.ctx = &our->sim;
	our->pool = pagealloc_pool_create(&config);
	if (IS_ERR(our->pool)) {
		kfree(our);
		return NULL;
	}
	if (add_regions(our)) {
		destroy_pool(our);
		return NULL;
	}
	return our;
}

static int our_alloc(void *pool, unsigned long nr, unsigned long *where)
{
	struct our_pool *our = pool;

	return pagealloc_alloc(our->pool, nr, GFP_KERNEL, where);
}

static int our_alloc_aligned(void *pool, unsigned long nr, unsigned long align,
			     unsigned long *where)
{
	const struct pagealloc_request request = { .nr_pages = nr, .align = align };
	struct our_pool *our = pool;

	return pagealloc_alloc_range(our->pool, &request, GFP_KERNEL, where);
}

static void our_free(void *pool, unsigned long where, unsigned long nr)
{
	struct our_pool *our = pool;

	pagealloc_free(our->pool, where, nr);
}

static unsigned long our_page(void *pool, unsigned long where)
{
	return where;
}

/* The calls that bypassed the caches, plus the refills and flushes of caches. */
static u64 our_locks(void *pool)
{
	struct our_pool *our = pool;
	const u64 *value = our->stats.value;

	pagealloc_stats(our->pool, &our->stats);
	return value[PAGEALLOC_ALLOC] + value[PAGEALLOC_FREE] -
	       value[PAGEALLOC_CACHE_ALLOC] - value[PAGEALLOC_CACHE_FREE] +
	       value[PAGEALLOC_CACHE_REFILL] + value[PAGEALLOC_CACHE_FLUSH];
}

/* This discards all free pages of the pool. */
static bool our_has_room(void *pool, unsigned long longest, unsigned long released)
{
	struct our_pool *our = pool;
	unsigned long back;

	if (pagealloc_scavenge(our->pool, PAGEALLOC_ALL, &back))
		return false;
	pagealloc_stats(our->pool, &our->stats);
	return back == released &&
	       our->stats.value[PAGEALLOC_LARGEST_FREE_RUN] == longest * PAGE_SIZE;
}

static u64 our_metadata(void *pool)
{
	struct our_pool *our = pool;

	pagealloc_stats(our->pool, &our->stats);
	return our->stats.value[PAGEALLOC_METADATA];
}

/**
 * bench_pagealloc_pool() - the pagealloc pool of a subject's pool
 * @pool: from @create of a pagealloc subject
 */
struct pagealloc_pool *bench_pagealloc_pool(void *pool)
{
	struct our_pool *our = pool;

	return our->pool;
}

#define OUR_OPERATIONS			\
	.stride = 1,			\
	.create = our_create,		\
	.destroy = our_destroy,		\
	.alloc = our_alloc,		\
	.alloc_aligned = our_alloc_aligned,	\
	.free = our_free,		\
	.page = our_page,		\
	.locks = our_locks,		\
	.has_room = our_has_room,	\
	.metadata = our_metadata

const struct bench_subject bench_pagealloc = {
	.name = "pagealloc",
	.flags = PAGEALLOC_NO_WORKER,
	OUR_OPERATIONS,
};

const struct bench_subject bench_pagealloc_nocache = {
	.name = "pagealloc-nocache",
	.flags = PAGEALLOC_NO_WORKER | PAGEALLOC_NO_CACHE,
	OUR_OPERATIONS,
};

/* Without caches, so that the comparison is between the engines. */
const struct bench_subject bench_pagealloc_span = {
	.name = "pagealloc-span",
	.max_pages = 1UL << 20,
	.flags = PAGEALLOC_NO_WORKER | PAGEALLOC_NO_CACHE,
	.engine = "span",
	OUR_OPERATIONS,
};
