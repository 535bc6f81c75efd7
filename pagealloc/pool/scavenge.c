// SPDX-License-Identifier: GPL-2.0
/*
 * Scavenging: give the memory behind free pages back.
 *
 * Granules that are free and ready are taken from the highest address down,
 * one call of the backing after the other: isolated, discarded with the lock
 * dropped, and put back, as discarded pages or, if the backing would not, as
 * ready ones.
 *
 * There are two ways to choose them.  By the index: what generation, density
 * and age let go; for the worker, and for whoever helps it.  Or by the ready
 * tree: whatever is there; for those who need memory now.  Such a pass goes
 * down once and meets each page once, so that a granule that the backing does
 * not take back is passed by; it sweeps what the index hides, too.
 *
 * What the backing does not take back as a whole, since somebody holds part of
 * it, is offered again in halves, down to a granule; after one that it does take
 * in twice as much again.  So a held granule costs a few calls, and nothing but
 * itself stays ready.
 */

#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "pool/flight.h"
#include "pool/isolation.h"
#include "pool/scavenge.h"

/* Summaries, or spans, to look at before the lock is let go. */
#define SEARCH_BUDGET	64

/* Find the next pages to discard; false with @how->sweep.over if there are none. */
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

/* Isolate the next pages to discard. */
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

/* The first pages of @iso are free again, as discarded ones unless refused. */
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

/* Whether less of what was refused may be taken. */
static bool may_halve(const struct pagealloc_pool *pool, unsigned long nr, int ret)
{
	return nr > pool->granule && (ret == -ENOMEM || ret == -EBUSY);
}

/* Discard the first pages of @iso and put them back, unless half may do. */
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
	/* What covers nothing must not be seen among the isolated. */
	if (!iso->pages.nr) {
		pga_isolate_end(pool, iso);
		pga_flight_end(pool);
	}
	pga_pool_unlock(pool, flags);
	return ret;
}

/* Discard isolated pages, all but granules that the backing does not take back. */
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
 * pga_scavenge_step() - one call of the backing's discard, more if it is refused
 * @pool: the pool
 * @how: what, why, and how far one has got
 *
 * Context: may sleep if the backing does.
 * Return: 0 if pages were discarded, -ENOENT if nothing is left to, or what the
 * backing said of a part that it did not take back.
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
 * @how: what and why; @how->released is set to the pages discarded: rounded up
 *	 to granules, less if there are no more, or on error
 *
 * Context: may sleep.
 * Return: 0, -EINTR on a fatal signal, -EIO if the pool is corrupt, or what the
 * backing said of the last granule that it did not take back.
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
	return READ_ONCE(pool->corrupt) ? -EIO : error;
}

/**
 * pga_scavenge_for() - discard free pages on behalf of something else
 * @pool: the pool
 * @cause: what for
 * @idle: only what will not be missed, as the engine judges it
 * @nr: pages wanted; the caller decides how long it can be held up
 *
 * Context: may sleep if the backing's discard does.
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

	/* A refusal of the backing is counted; there is nothing else to do. */
	pga_scavenge(pool, &how);
	return how.released;
}
