// SPDX-License-Identifier: GPL-2.0
/*
 * Frees of long runs, a portion at a time.
 *
 * To mark a run free takes time in proportion to its length, and an interrupt must
 * not have to wait for that.  So a run longer than a portion is freed with the lock
 * let go of after each.  It is all or nothing nevertheless:
 *
 *	1. Portion by portion, from the lowest up, its pages are looked at, and
 *	   those that were found in use are isolated: nobody else can free them.
 *	   If a page is free, or in somebody else's hands, the list forgets them
 *	   and nothing has changed.
 *	2. Portion by portion they become free, and can be had at once.
 *
 *	run		 |-------------------------------------------|
 *	looking		 iiiiiiiiiiii? u  u  u  u  u  u  u  u  u  u
 *	freeing		 f  f  f  f  f  iiiiiiiiiiiiiiiiiiiiiiiiiiiiii
 *
 * Isolating pages that are in use is but an entry in the list, and takes no time.
 * Of two frees of one run, or of runs that overlap, each meets what the other has
 * isolated or freed, so one of them is refused, or both; none of them is done by
 * half.  What belongs to neither goes on meanwhile, but that the list has to be
 * looked at, so frees do not go through the caches of CPUs.
 *
 * It ends by itself, so it is in flight, and whoever finds no memory can wait for
 * it.  Whoever frees may be in any context; so those who wait are woken up by a
 * work item.
 *
 * Where a free has got to is in struct pga_freeing and not on somebody's stack, so
 * anybody can go on with one that was put off.
 */

#include "base/kunit_export.h"
#include "pool/flight.h"
#include "pool/free.h"
#include "pool/isolation.h"
#include "pool/region.h"

/**
 * pga_pool_is_used() - are these pages all a client's?
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1
 *
 * Return: false if a page is free, isolated, or not of the pool.
 */
bool pga_pool_is_used(const struct pagealloc_pool *pool, unsigned long page,
		      unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	return pga_pool_covers(pool, page, nr) && !pga_is_isolated(pool, page, nr) &&
	       pga_map_test(&pool->map, page, nr, true);
}

/**
 * pga_note_over_limit() - pages were freed; is more retained than should be?
 * @pool: the pool, locked
 */
void pga_note_over_limit(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->over_limit, pool->map.pages - pool->map.discarded >
				     pool->limit_goal);
}

/* Those of 64 pages that are isolated. */
static noinline unsigned long
isolated_of(const struct pagealloc_pool *pool, unsigned long page,
	    unsigned long owned)
{
	unsigned long isolated = 0;
	unsigned int bit;

	for_each_set_bit(bit, &owned, BITS_PER_LONG)
		if (pga_is_isolated(pool, page + bit, 1))
			isolated |= BIT(bit);
	return isolated;
}

static noinline void count_twice(struct pagealloc_pool *pool, unsigned long pages)
{
	pool->stat[PAGEALLOC_DOUBLE_FREE] += hweight64(pages);
}

/**
 * pga_free_word() - free pages that a cache had, among 64
 * @pool: the pool, locked
 * @page: the first of the 64
 * @owned: bit i: page @page + i; not none
 *
 * A page that is free already was freed twice, on two CPUs; it is counted.
 */
void pga_free_word(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long owned)
{
	unsigned long amiss;

	lockdep_assert_held(&pool->lock);
	if (unlikely(pool->corrupt))
		return;
	pool->changes++;
	if (unlikely(pool->nr_isolated)) {
		amiss = isolated_of(pool, page, owned);
		count_twice(pool, amiss);
		owned &= ~amiss;
		if (!owned)
			return;
	}
	amiss = pga_map_put_word(&pool->map, page, owned, 0);
	if (unlikely(amiss))
		count_twice(pool, amiss);
}

static __always_inline int free_locked(struct pagealloc_pool *pool,
				       unsigned long page, unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return -EIO;
	/* What is freed now is young for a while. */
	pga_note_time(pool);
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
	pool->stat[PAGEALLOC_FREE]++;
	pga_note_over_limit(pool);
	return 0;
}

/**
 * pga_free_locked() - free pages
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
	/* What is below the base wraps to far above all regions. */
	ret = free_locked(pool, pfn - pool->base, nr);
	pga_pool_unlock(pool, flags);
	return ret;
}

/**
 * pga_free_begin() - begin to free a run
 * @pool: the pool, locked
 * @f: the free, the caller's until pga_free_step() says that it is over
 * @run: the run, not empty
 * @keep: pages at its start that are to be in use, and stay so
 *
 * Return: 0, and pga_free_step() comes next, before the lock is dropped; otherwise
 * as pga_pool_free().
 */
int pga_free_begin(struct pagealloc_pool *pool, struct pga_freeing *f,
		   struct pga_extent run, unsigned long keep)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return -EIO;
	if (!pga_pool_covers(pool, run.start, run.nr)) {
		pool->stat[PAGEALLOC_BAD_FREE]++;
		return -ERANGE;
	}
	f->nr = run.nr;
	f->end = pga_extent_end(run);
	f->keep = keep;
	f->looking = true;
	pga_flight_begin(pool);
	pga_isolate(pool, &f->iso, run.start);
	return 0;
}

/* Look at a portion, and isolate it; false if not all of it is a client's. */
static bool look_at_portion(struct pagealloc_pool *pool, struct pga_freeing *f)
{
	const unsigned long page = pga_extent_end(f->iso.pages);
	const unsigned long nr = pga_portion_end(page, f->end) - page;

	if (!pga_pool_is_used(pool, page, nr))
		return false;
	pga_isolate_held(pool, &f->iso, nr);
	if (page + nr == f->end) {
		f->looking = false;
		pga_isolate_less(pool, &f->iso, f->keep);
	}
	return true;
}

static void free_portion(struct pagealloc_pool *pool, struct pga_freeing *f)
{
	const unsigned long page = f->iso.pages.start;
	const unsigned long nr = pga_portion_end(page, f->end) - page;

	/* What is freed now is young for a while. */
	pga_note_time(pool);
	pga_isolate_less(pool, &f->iso, nr);
	if (!pga_map_free(&pool->map, page, nr))
		pga_pool_corrupt(pool, "isolated pages that were free", page);
}

/* It is over; what is isolated still is a client's as before. */
static int end(struct pagealloc_pool *pool, struct pga_freeing *f, int ret)
{
	pga_isolate_end(pool, &f->iso);
	pga_note_peak(pool);
	pga_note_over_limit(pool);
	pga_flight_end(pool);
	f->end = 0;
	return ret;
}

/**
 * pga_free_step() - go on with a free, by a portion
 * @pool: the pool, locked
 * @f: the free
 *
 * Return: -EAGAIN if it is not over; otherwise as pga_pool_free(), and
 * pga_flight_wake_later() is to be called once the lock has been dropped.
 */
int pga_free_step(struct pagealloc_pool *pool, struct pga_freeing *f)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return end(pool, f, -EIO);
	if (!f->looking) {
		free_portion(pool, f);
		if (!f->iso.pages.nr)
			pool->stat[PAGEALLOC_FREE]++;
	} else if (!look_at_portion(pool, f)) {
		pool->stat[PAGEALLOC_DOUBLE_FREE]++;
		return end(pool, f, -EINVAL);
	}
	return f->looking || f->iso.pages.nr ? -EAGAIN : end(pool, f, 0);
}

/**
 * pga_free_long() - free a run, of any length
 * @pool: the pool, not locked
 * @run: the run, not empty
 * @keep: pages at its start that are to be in use, and stay so
 *
 * Context: any but NMI.
 * Return: as pga_pool_free().
 */
int pga_free_long(struct pagealloc_pool *pool, struct pga_extent run,
		  unsigned long keep)
{
	struct pga_freeing f = {};
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	ret = pga_free_begin(pool, &f, run, keep) ?: pga_free_step(pool, &f);
	pga_pool_unlock(pool, flags);
	while (ret == -EAGAIN) {
		flags = pga_pool_lock(pool);
		ret = pga_free_step(pool, &f);
		pga_pool_unlock(pool, flags);
	}
	pga_flight_wake_later(pool);
	return ret;
}
