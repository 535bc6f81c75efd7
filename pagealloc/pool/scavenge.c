// SPDX-License-Identifier: GPL-2.0
/*
 * Scavenging: give back the memory behind free pages.
 *
 * The engine finds groups of granules that are free and ready.  A group is isolated,
 * discarded by the backing without the pool's lock, and made free again: discarded
 * or, if the backing refuses it, ready.
 *
 * There are two kinds of search.  A search for idle pages finds the pages that, as
 * the engine judges, are not needed again soon.  It serves the goal.  A search for
 * any pages finds all that are free and ready.  It serves the limit, the kernel
 * under memory pressure, and the client.  It visits each page once, so it does not
 * find a granule again that the backing has refused.
 *
 * The backing refuses a group if another user holds part of it.  The group is then
 * offered in halves, down to a granule, and after each success in pieces of twice the
 * size.  So a held granule costs a few calls, and only this granule stays ready.
 */

#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "pool/flight.h"
#include "pool/isolation.h"
#include "pool/scavenge.h"

/* Summaries or spans that a search examines in one critical section. */
#define SEARCH_BUDGET	64

/* Find the next group; if false, call again unless @how->sweep.over. */
static bool find_group(struct pagealloc_pool *pool, struct pga_scavenge *how,
		       struct pga_extent *group)
{
	const struct pga_piece piece = {
		.granule = pool->granule,
		.max = how->nr - how->released,
		.huge = pool->huge,
	};

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt) {
		how->sweep.over = true;
		return false;
	}
	return pga_map_next_idle(&pool->map, &how->sweep, SEARCH_BUDGET, &piece,
				 group);
}

/* Find the next group and isolate it; false if there is none. */
static bool isolate_group(struct pagealloc_pool *pool, struct pga_isolated *iso,
			  struct pga_scavenge *how)
{
	struct pga_extent group;
	unsigned long flags;
	bool found = false;

	while (!found && !how->sweep.over) {
		flags = pga_pool_lock(pool);
		found = find_group(pool, how, &group);
		if (found) {
			pga_flight_begin(pool);
			pga_isolate(pool, iso, group.start);
			pga_isolate_free(pool, iso, group.nr);
		}
		pga_pool_unlock(pool, flags);
		cond_resched();
	}
	return found;
}

/* Make the first pages of @iso free, ready if @refused, otherwise discarded. */
static void settle(struct pagealloc_pool *pool, struct pga_isolated *iso,
		   unsigned long nr, bool refused, const struct pga_scavenge *how)
{
	const unsigned long page = iso->pages.start;

	lockdep_assert_held(&pool->lock);
	pga_isolate_less(pool, iso, nr);
	pga_make_free(pool, page, nr, refused ? PGA_MADE_READY : PGA_MADE_DISCARDED);
	if (refused) {
		pga_map_pass_by(&pool->map, &how->sweep, page, nr);
		return;
	}
	pool->stat[PAGEALLOC_DISCARD]++;
	pool->stat[PAGEALLOC_DISCARD_PAGES] += nr;
	pool->stat[how->cause] += nr * PAGE_SIZE;
}

/* May the backing take half of the pages that it has refused? */
static bool may_halve(const struct pagealloc_pool *pool, unsigned long nr, int ret)
{
	return nr > pool->granule && (ret == -ENOMEM || ret == -EBUSY);
}

/* Discard the first pages of @iso, and settle them unless half of them is next. */
static int discard_some(struct pagealloc_pool *pool, struct pga_isolated *iso,
			unsigned long nr, const struct pga_scavenge *how)
{
	u64 start;
	unsigned long flags;
	int ret;

	start = pga_timed_begin(pool);
	ret = pool->ops->discard(pool->ctx, pool->base + iso->pages.start, nr);
	pga_timed_end(pool, PGA_TIMED_DISCARD, start);

	flags = pga_pool_lock(pool);
	pool->stat[PAGEALLOC_DISCARD_FAIL] += !!ret;
	if (!may_halve(pool, nr, ret))
		settle(pool, iso, nr, ret, how);
	/* An entry that covers no page must not stay in the tree. */
	if (!iso->pages.nr) {
		pga_isolate_end(pool, iso);
		pga_flight_end(pool);
	}
	pga_pool_unlock(pool, flags);
	return ret;
}

/* Discard a group, except for the granules that the backing refuses. */
static int discard_group(struct pagealloc_pool *pool, struct pga_isolated *iso,
			 struct pga_scavenge *how)
{
	unsigned long nr = iso->pages.nr;
	int ret, error = 0;

	while (iso->pages.nr) {
		nr = min(nr, iso->pages.nr);
		ret = discard_some(pool, iso, nr, how);
		if (!ret) {
			how->released += nr;
			nr *= 2;
			continue;
		}
		if (may_halve(pool, nr, ret))
			nr = ALIGN(nr / 2, pool->granule);
		else
			error = ret;
		cond_resched();
	}

	pga_flight_wake(pool);
	return error;
}

/**
 * pga_scavenge_step() - discard one group of free pages
 * @pool: the pool
 * @how: the scavenge
 *
 * Context: may sleep.
 * Return: 0; -ENOENT if there is no group; or the errno of the backing for a granule
 * of the group that it refused.
 */
int pga_scavenge_step(struct pagealloc_pool *pool, struct pga_scavenge *how)
{
	struct pga_isolated iso;

	if (!isolate_group(pool, &iso, how))
		return -ENOENT;
	return discard_group(pool, &iso, how);
}

/**
 * pga_scavenge() - discard free pages
 * @pool: the pool
 * @how: the scavenge; @how->released is set to the pages discarded: whole granules,
 *	 fewer than wanted if there are no more, or on error
 *
 * Context: may sleep.
 * Return: 0; -EINTR on a fatal signal; -EIO if the pool is corrupt; or the errno of
 * the backing for the last granule that it refused.
 */
int pga_scavenge(struct pagealloc_pool *pool, struct pga_scavenge *how)
{
	int ret, error = 0;

	while (how->released < how->nr) {
		ret = pga_scavenge_step(pool, how);
		if (ret == -ENOENT)
			break;
		if (ret)
			error = ret;
		if (how->killable && fatal_signal_pending(current))
			return -EINTR;
	}
	/* Pairs with the store in pga_pool_set_corrupt(). */
	return READ_ONCE(pool->corrupt) ? -EIO : error;
}

/**
 * pga_scavenge_for() - discard free pages for a given cause
 * @pool: the pool
 * @cause: the cause, one of PAGEALLOC_SCAVENGED_*
 * @idle: only idle pages
 * @nr: pages wanted
 *
 * Context: may sleep.
 * Return: pages discarded.
 */
unsigned long pga_scavenge_for(struct pagealloc_pool *pool,
			       enum pagealloc_stat cause, bool idle,
			       unsigned long nr)
{
	struct pga_scavenge how = {
		.cause = cause,
		.nr = nr,
		.sweep.idle = idle,
	};

	/* An error needs no action here: a refusal of the backing is counted. */
	pga_scavenge(pool, &how);
	return how.released;
}
