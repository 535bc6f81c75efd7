// SPDX-License-Identifier: GPL-2.0
/*
 * Scavenging: give the memory behind free pages back.
 *
 * Granules that are free and ready are taken from the highest address down,
 * one call of the backing after the other: isolated, discarded with the lock
 * dropped, and freed again, as discarded pages or, if the backing would not,
 * as ready ones.  A pass meets each page once, so a granule that the backing
 * does not take back is passed by.
 */

#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "pool.h"

/* Summaries to look at before the lock is let go. */
#define SEARCH_BUDGET	64

/* Isolate the next granules below *@below, at most about @max pages. */
static bool isolate_group(struct pagealloc_pool *pool, struct pga_isolated *iso,
			  unsigned long *below, unsigned long max)
{
	struct pga_extent group;
	unsigned long flags;
	bool found = false;

	while (!found && *below) {
		raw_spin_lock_irqsave(&pool->lock, flags);
		found = !pool->corrupt &&
			pga_bitmap_find_group(&pool->map, pool->granule, max,
					      pool->huge, below, SEARCH_BUDGET,
					      &group);
		if (pool->corrupt)
			*below = 0;
		if (found) {
			pga_flight_begin(pool);
			pga_isolate(pool, iso, group.start);
			pga_isolate_free(pool, iso, group.nr);
		}
		raw_spin_unlock_irqrestore(&pool->lock, flags);
		cond_resched();
	}
	return found;
}

/* Discard isolated pages and free them. */
static int discard_group(struct pagealloc_pool *pool, struct pga_isolated *iso)
{
	const struct pga_extent pages = iso->pages;
	unsigned long flags;
	int ret;

	ret = pool->ops->discard(pool->ctx, pool->base + pages.start, pages.nr);

	raw_spin_lock_irqsave(&pool->lock, flags);
	pga_isolate_end(pool, iso);
	pga_make_free(pool, pages.start, pages.nr,
		      ret ? PGA_MADE_READY : PGA_MADE_DISCARDED);
	if (ret) {
		pool->stat[PAGEALLOC_DISCARD_FAIL]++;
	} else {
		pool->stat[PAGEALLOC_DISCARD]++;
		pool->stat[PAGEALLOC_DISCARD_PAGES] += pages.nr;
		pool->stat[PAGEALLOC_SCAVENGED_REQUEST] += pages.nr * PAGE_SIZE;
	}
	pga_flight_end(pool);
	raw_spin_unlock_irqrestore(&pool->lock, flags);

	pga_flight_wake(pool);
	return ret;
}

/**
 * pga_pool_scavenge() - discard free pages
 * @pool: the pool
 * @nr: pages wanted, or PAGEALLOC_ALL
 * @killable: stop on a fatal signal
 * @released: set to the pages discarded: rounded up to granules, less if there
 *	      are no more, or on error
 *
 * Context: may sleep.
 * Return: 0, -EINTR on a fatal signal, -EIO if the pool is corrupt, or what the
 * backing said of the last granule that it did not take back.
 */
int pga_pool_scavenge(struct pagealloc_pool *pool, unsigned long nr,
		      bool killable, unsigned long *released)
{
	unsigned long below = PGA_NONE;
	struct pga_isolated iso;
	int ret, error = 0;

	*released = 0;
	while (*released < nr &&
	       isolate_group(pool, &iso, &below, nr - *released)) {
		const unsigned long pages = iso.pages.nr;

		ret = discard_group(pool, &iso);
		if (ret)
			error = ret;
		else
			*released += pages;
		if (killable && fatal_signal_pending(current))
			return -EINTR;
	}
	return READ_ONCE(pool->corrupt) ? -EIO : error;
}
