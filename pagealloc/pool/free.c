// SPDX-License-Identifier: GPL-2.0
/*
 * Free: pages in use become free and ready.
 *
 * A free is refused, and nothing has changed, if a page is not in use: if the maps
 * have it as free, or if it is isolated.
 *
 * Marking a run takes time in proportion to its length, with interrupts off.  So a
 * run longer than a portion is freed where the caller may sleep: all of it is
 * examined first, and then freed, both a portion in each critical section.  Two
 * frees of one run at the same time are told apart by its first portion.  Only if
 * somebody frees a page further back at that very moment is the run freed up to
 * there; the caller gets the error.
 *
 * A page with bad memory is retired when it is free (retired.c): at once if the run is
 * short.  A longer run is looked at when it is free, a few pages in each critical
 * section.  Another request may get a bad page in between, and looks at it as well.
 */

#include <linux/sched.h>

#include "base/kunit_export.h"
#include "pool/free.h"
#include "pool/isolation.h"
#include "pool/region.h"
#include "pool/retired.h"

/**
 * pga_is_used() - are these pages all in use?
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1
 *
 * Return: false if a page is free, isolated, or not one that the pool has grown by.
 */
bool pga_is_used(const struct pagealloc_pool *pool, unsigned long page,
		 unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	return pga_pool_covers(pool, page, nr) &&
	       !pga_is_isolated(pool, page, nr) &&
	       pga_map_test(&pool->map, page, nr, true);
}

/* The pages in @owned, of the 64 that begin at @page, that are isolated. */
static noinline unsigned long
isolated_of(const struct pagealloc_pool *pool, unsigned long page,
	    unsigned long owned)
{
	const unsigned long end = page + BITS_PER_LONG;
	struct pga_isolated *iso = pga_isolated_from(pool, page);
	unsigned long isolated = 0, first, last;

	for (; iso && iso->pages.start < end; iso = pga_isolated_next(iso)) {
		first = max(iso->pages.start, page);
		last = min(pga_extent_end(iso->pages), end) - 1;
		isolated |= GENMASK(last - page, first - page);
	}
	return isolated & owned;
}

static noinline void count_double_free(struct pagealloc_pool *pool,
				       unsigned long pages)
{
	pool->stat[PAGEALLOC_DOUBLE_FREE] += hweight64(pages);
}

/**
 * pga_free_word() - free pages that a cache had, among 64
 * @pool: the pool, locked
 * @page: the first of the 64
 * @owned: bit i: page @page + i; not none
 *
 * A page that is free already was freed twice, on two CPUs; it is counted.  Bad pages
 * are retired.
 */
void pga_free_word(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long owned)
{
	unsigned long free;

	lockdep_assert_held(&pool->lock);
	if (unlikely(pool->corrupt))
		return;
	pool->changes++;
	if (unlikely(pool->nr_isolated)) {
		free = isolated_of(pool, page, owned);
		count_double_free(pool, free);
		owned &= ~free;
		if (!owned)
			return;
	}
	free = pga_map_put_word(&pool->map, page, owned, 0);
	if (unlikely(free))
		count_double_free(pool, free);
	pga_retire_unfit(pool, page, owned & ~free);
}

/* Free pages without counting an operation. */
static __always_inline int free_pages_of(struct pagealloc_pool *pool,
					 unsigned long page, unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return -EIO;
	/* The engine takes freed pages for young until the delay is over. */
	pga_update_time(pool);
	if (!pga_pool_covers(pool, page, nr)) {
		pool->stat[PAGEALLOC_BAD_FREE]++;
		return -ERANGE;
	}
	if (pga_is_isolated(pool, page, nr) ||
	    !pga_map_free(&pool->map, page, nr)) {
		pool->stat[PAGEALLOC_DOUBLE_FREE]++;
		return -EINVAL;
	}
	pool->changes++;
	pga_update_over_limit(pool);
	if (unlikely(pool->looks) && nr <= PGA_LOOK_NOW)
		pga_retire_unfit(pool, page, GENMASK_ULL(nr - 1, 0));
	return 0;
}

/* Look at freed pages, unless that has been done; the pool is not locked. */
static __always_inline void look_later(struct pagealloc_pool *pool,
				       unsigned long page, unsigned long nr)
{
	if (unlikely(pool->looks) && nr > PGA_LOOK_NOW)
		pga_look_at_free(pool, page, nr);
}

static __always_inline int free_locked(struct pagealloc_pool *pool,
				       unsigned long page, unsigned long nr)
{
	const int ret = free_pages_of(pool, page, nr);

	if (!ret)
		pool->stat[PAGEALLOC_FREE]++;
	return ret;
}

/**
 * pga_free_locked() - free pages, the lock being held
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1, no more than a portion
 *
 * Return: as pga_pool_free().
 */
int pga_free_locked(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr)
{
	return free_locked(pool, page, nr);
}
PGA_EXPORT_FOR_KUNIT(pga_free_locked);

/**
 * pga_free_short() - free pages, no more than a portion
 * @pool: the pool
 * @pfn: first page
 * @nr: pages, at least 1
 *
 * Context: any but NMI.
 * Return: as pga_pool_free().
 */
int pga_free_short(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long nr)
{
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	ret = free_locked(pool, pfn - pool->base, nr);
	pga_pool_unlock(pool, flags);
	if (!ret)
		look_later(pool, pga_page_of(pool, pfn), nr);
	return ret;
}

/* May [@page, @page + @nr) of @run be freed?  Counts if it may not. */
static int examine(struct pagealloc_pool *pool, struct pga_extent run,
		   unsigned long page, unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return -EIO;
	if (!pga_pool_covers(pool, run.start, run.nr)) {
		pool->stat[PAGEALLOC_BAD_FREE]++;
		return -ERANGE;
	}
	if (!pga_is_used(pool, page, nr)) {
		pool->stat[PAGEALLOC_DOUBLE_FREE]++;
		return -EINVAL;
	}
	return 0;
}

static int examine_long(struct pagealloc_pool *pool, struct pga_extent run)
{
	const unsigned long end = pga_extent_end(run);
	unsigned long page, stop, flags;
	int ret = 0;

	for (page = run.start; !ret && page < end; page = stop) {
		cond_resched();
		stop = pga_portion_end(page, end);
		flags = pga_pool_lock(pool);
		ret = examine(pool, run, page, stop - page);
		pga_pool_unlock(pool, flags);
	}
	return ret;
}

/**
 * pga_free_long() - free a run of any length
 * @pool: the pool
 * @run: the run, not empty
 * @keep: pages at its start that stay in use
 *
 * Context: may sleep.
 * Return: as pga_pool_free().
 */
int pga_free_long(struct pagealloc_pool *pool, struct pga_extent run,
		  unsigned long keep)
{
	const unsigned long end = pga_extent_end(run);
	unsigned long page, stop, flags;
	int ret;

	ret = examine_long(pool, run);
	for (page = run.start + keep; !ret && page < end; page = stop) {
		cond_resched();
		stop = pga_portion_end(page, end);
		flags = pga_pool_lock(pool);
		ret = free_pages_of(pool, page, stop - page);
		if (!ret && stop == end)
			pool->stat[PAGEALLOC_FREE]++;
		pga_pool_unlock(pool, flags);
		if (!ret)
			look_later(pool, page, stop - page);
	}
	return ret;
}
PGA_EXPORT_FOR_KUNIT(pga_free_long);

static int trim_short(struct pagealloc_pool *pool, struct pga_extent run,
		      unsigned long keep)
{
	int ret;

	lockdep_assert_held(&pool->lock);
	ret = examine(pool, run, run.start, keep);
	if (ret || keep == run.nr)
		return ret;
	return free_locked(pool, run.start + keep, run.nr - keep);
}

/**
 * pga_pool_trim() - free the end of a run
 * @pool: the pool
 * @pfn: first page of the run
 * @old_nr: its pages
 * @new_nr: pages that stay in use, at least 1, at most @old_nr
 *
 * Context: any but NMI; may sleep if @old_nr is more than a portion.
 * Return: as pga_pool_free(), for all of the run.
 */
int pga_pool_trim(struct pagealloc_pool *pool, unsigned long pfn,
		  unsigned long old_nr, unsigned long new_nr)
{
	const struct pga_extent run = { pga_page_of(pool, pfn), old_nr };
	unsigned long flags;
	int ret;

	if (old_nr > PGA_PORTION_PAGES)
		return pga_free_long(pool, run, new_nr);
	flags = pga_pool_lock(pool);
	ret = trim_short(pool, run, new_nr);
	pga_pool_unlock(pool, flags);
	if (!ret)
		look_later(pool, run.start + new_nr, old_nr - new_nr);
	return ret;
}
