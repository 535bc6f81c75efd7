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
 * size.  So a held granule costs a few calls, and only this granule stays ready.  It is
 * recorded as refused (held.c).  The worker offers it again by a back-off, as long as
 * the pool is over its goal (pga_scavenge_refused()).  A search for idle pages does not
 * come back to the chunk of a refused granule, so the worker then also offers the
 * granules below it, once.
 *
 * A granule with bad memory is not offered to the backing.  It stays ready, and its bad
 * pages are retired (retired.c).
 */

#include <linux/bitmap.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "pool/flight.h"
#include "pool/held.h"
#include "pool/retired.h"
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
		.huge = how->exact ? 0 : pool->huge,
	};

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt) {
		how->sweep.over = true;
		return false;
	}
	return pga_map_next_idle(&pool->map, &how->sweep, SEARCH_BUDGET, &piece,
				 group);
}

static void isolate(struct pagealloc_pool *pool, struct pga_isolated *iso,
		    struct pga_extent group)
{
	pga_flight_begin(pool);
	pga_isolate(pool, iso, group.start);
	pga_isolate_free(pool, iso, group.nr);
}

/* Find the next group and isolate it; false if there is none. */
static inline bool isolate_group(struct pagealloc_pool *pool,
				 struct pga_isolated *iso,
				 struct pga_scavenge *how)
{
	struct pga_extent group;
	unsigned long flags;
	bool found = false;

	while (!found && !how->sweep.over) {
		flags = pga_pool_lock(pool);
		found = find_group(pool, how, &group);
		if (found)
			isolate(pool, iso, group);
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
	return nr > pool->granule &&
	       (ret == -ENOMEM || ret == -EBUSY || ret == -EHWPOISON);
}

/* Call the backing, unless the pages have bad memory. */
static int call_backing(struct pagealloc_pool *pool, struct pga_extent pages)
{
	u64 start;
	int ret;

	if (pga_look_any(pool, pages.start, pages.nr))
		return -EHWPOISON;
	start = pga_timed_begin(pool);
	ret = pool->ops->discard(pool->ctx, pool->base + pages.start, pages.nr);
	pga_timed_end(pool, PGA_TIMED_DISCARD, start);
	return pga_backing_error(pool, "discard", ret);
}

/* Discard the first pages of @iso, and settle them unless half of them is next. */
static int discard_some(struct pagealloc_pool *pool, struct pga_isolated *iso,
			unsigned long nr, const struct pga_scavenge *how)
{
	const struct pga_extent pages = { iso->pages.start, nr };
	struct pga_held *room = NULL, *held = NULL;
	unsigned long flags;
	bool refused;
	u64 start;
	int ret;

	ret = call_backing(pool, pages);
	if (!ret)
		pga_held_forget(pool, pages);
	refused = nr == pool->granule && (ret == -ENOMEM || ret == -EBUSY);
	if (refused) {
		/* The caller may be the shrinker. */
		room = pga_held_new(pool, GFP_NOWAIT | __GFP_NOMEMALLOC);
		start = pga_now(pool);
	}

	flags = pga_pool_lock(pool);
	pool->stat[PAGEALLOC_DISCARD_FAIL] += ret && ret != -EHWPOISON;
	if (!may_halve(pool, nr, ret))
		settle(pool, iso, nr, ret, how);
	if (refused)
		held = pga_held_fail(pool, pages.start, PGA_HELD_REFUSED, start,
				     &room);
	if (held && held->backoff.delay_ms == PGA_BACKOFF_MIN_MS)
		held->rest = how->sweep.idle;
	/* An entry that covers no page must not stay in the tree. */
	if (!iso->pages.nr) {
		pga_isolate_end(pool, iso);
		pga_flight_end(pool);
	}
	pga_pool_unlock(pool, flags);
	if (refused)
		kfree(room);
	if (ret == -EHWPOISON && !may_halve(pool, nr, ret))
		pga_look_at_free(pool, pages.start, nr);
	return ret;
}

/* Discard a group, except for the granules that the backing refuses. */
static inline int discard_group(struct pagealloc_pool *pool,
				struct pga_isolated *iso,
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
		else if (ret != -EHWPOISON)
			error = ret;
		cond_resched();
	}

	pga_flight_wake(pool);
	return error;
}

/* May a refused granule be offered again: is it free and ready? */
static bool may_offer(const struct pagealloc_pool *pool, struct pga_extent granule)
{
	const unsigned long end = pga_extent_end(granule);
	struct pga_extent e;

	return pga_map_test(&pool->map, granule.start, granule.nr, false) &&
	       !pga_map_next_discarded(&pool->map, granule.start, end, &e);
}

/*
 * The highest free and ready granules below a refused one in its chunk; those that have
 * a record are offered when they are due themselves.
 */
static bool find_rest(const struct pagealloc_pool *pool, const struct pga_held *held,
		      unsigned long max, struct pga_extent *group)
{
	const unsigned long first = ALIGN_DOWN(held->page, PGA_CHUNK_PAGES);
	const unsigned long granule = pool->granule;
	DECLARE_BITMAP(busy, PGA_CHUNK_PAGES);
	const struct pga_held *other;
	struct pga_chunk chunk;
	unsigned long bit;

	group->nr = 0;
	pga_map_read_chunk(&pool->map, pga_chunk_of(first), &chunk);
	bitmap_or(busy, chunk.allocated, chunk.discarded, PGA_CHUNK_PAGES);
	for (bit = first; bit < held->page; bit = other->page + granule) {
		other = pga_held_any_in(pool, bit, held->page);
		if (!other)
			break;
		bitmap_set(busy, other->page - first, granule);
	}
	for (bit = held->page - first; bit >= granule; bit -= granule) {
		if (find_next_bit(busy, bit, bit - granule) < bit) {
			if (group->nr)
				break;
			continue;
		}
		group->start = first + bit - granule;
		group->nr += granule;
		if (group->nr >= max)
			break;
	}
	return group->nr;
}

/* What to offer for a refused granule that is due; false if there is nothing. */
static bool find_refused(const struct pagealloc_pool *pool, struct pga_held *held,
			 unsigned long max, struct pga_extent *group)
{
	if (held->rest && find_rest(pool, held, max, group))
		return true;
	held->rest = false;
	*group = (struct pga_extent) { held->page, pool->granule };
	return may_offer(pool, *group);
}

/**
 * pga_scavenge_refused() - offer a refused granule again, or granules below it
 * @pool: the pool
 * @how: the scavenge
 * @now: the time; the granule is due by then
 *
 * Context: may sleep.
 * Return: 0; -EAGAIN to call again, since the granule that was due is in use or was
 * discarded; -ENOENT if none is due; or the errno of the backing.
 */
int pga_scavenge_refused(struct pagealloc_pool *pool, struct pga_scavenge *how,
			 u64 now)
{
	struct pga_isolated iso;
	struct pga_extent group;
	struct pga_held *held;
	unsigned long flags;
	bool offer = false;

	flags = pga_pool_lock(pool);
	held = pool->corrupt ? NULL : pga_held_first_refused(pool);
	if (held && held->backoff.due > now)
		held = NULL;
	if (held)
		offer = find_refused(pool, held, how->nr - how->released, &group);
	if (offer)
		isolate(pool, &iso, group);
	pga_pool_unlock(pool, flags);
	if (!held)
		return -ENOENT;
	if (offer)
		return discard_group(pool, &iso, how);
	pga_held_forget(pool, group);
	return -EAGAIN;
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
 *	 fewer than wanted if there are no more, or on error; none if memory stays
 *
 * Context: may sleep.
 * Return: 0; -EINTR on a fatal signal; -EIO if the pool is corrupt; -EBUSY if there was
 * not enough since somebody refers to free pages; or the errno of the backing for the
 * last granule that it refused.
 */
int pga_scavenge(struct pagealloc_pool *pool, struct pga_scavenge *how)
{
	int ret, error = 0;

	while (how->released < how->nr && !pool->ops->stays) {
		ret = pga_scavenge_step(pool, how);
		if (ret == -ENOENT)
			break;
		if (ret)
			error = ret;
		if (how->killable && fatal_signal_pending(current))
			return -EINTR;
	}
	/* Pairs with the store in pga_pool_set_corrupt(). */
	if (READ_ONCE(pool->corrupt))
		return -EIO;
	if (!error && how->released < how->nr && pga_retired_any_referred(pool))
		return -EBUSY;
	return error;
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

/**
 * pga_scavenge_back() - give back what a request has populated that fails
 * @pool: the pool
 * @nr: pages
 *
 * As many free pages are discarded.
 *
 * Context: may sleep.
 */
void pga_scavenge_back(struct pagealloc_pool *pool, unsigned long nr)
{
	struct pga_scavenge how = {
		.cause = PAGEALLOC_SCAVENGED_GROWTH,
		.nr = nr,
		.exact = true,
	};

	if (nr)
		pga_scavenge(pool, &how);
}
