// SPDX-License-Identifier: GPL-2.0
/*
 * Claims: a place is isolated, populated, and then settled.
 *
 * A place that is not wholly ready is claimed by a request that may sleep:
 *
 *	   page:      r  r  D  D  D  D  r  r  D  D  D  D
 *	   granules: |           |           |           |
 *	   run:               <--------------->
 *	   claim:             <------------------------>
 *
 * The claim isolates the run and the rest of each discarded granule that the run
 * reaches into, and lists the discarded parts.  Then, without the lock, the backing
 * populates these one by one.  If all goes well the run becomes the client's, and
 * the rest of the claim free and ready.  If a populate fails, the ready pages
 * become free and stay ready; the granule that failed is set aside: it stays
 * isolated until the request ends, so that the request looks elsewhere.
 *
 * A claim has room for a few discarded parts.  A run with more is claimed and
 * populated in windows from left to right.
 *
 * A run that is longer than a portion is claimed in any case, ready or not, and
 * settled as well: a portion in each critical section, since interrupts must not
 * wait until all of it is marked.
 *
 *	run:	 |-----------------------------------------------|
 *	claim:	 [iiiiiiii|iiiiiiii|iiiiiiii]
 *			    portion	     ^ the part not yet claimed
 *
 * Another request may take pages of the part that is not yet claimed.  Then the
 * claim is given back, and its request searches again.  A request to which that
 * happens several times claims as much as it can at once.
 *
 * Claimed pages are out of reach of all other requests.  One that may sleep waits
 * for them, since a claim is in flight; one that may not can fail.
 */

#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "pool/claim.h"
#include "pool/flight.h"
#include "pool/populate.h"

/* Append a discarded part, or extend the last one. */
static void add_part(struct pga_claim *claim, struct pga_extent e)
{
	const unsigned int nr = claim->nr_parts;

	if (nr && pga_extent_end(claim->part[nr - 1]) == e.start)
		claim->part[nr - 1].nr += e.nr;
	else
		claim->part[claim->nr_parts++] = e;
}

/*
 * List the discarded parts from @page to @end, and return the end of what was
 * examined: @end, or behind the last part that there is room for.
 */
static unsigned long list_parts(struct pagealloc_pool *pool,
				struct pga_claim *claim, unsigned long page,
				unsigned long end)
{
	const unsigned long run_end = pga_extent_end(claim->run);
	const unsigned long granule = pool->granule;
	struct pga_extent e;
	unsigned long stop;

	for (; claim->nr_parts < PGA_CLAIM_PARTS; page = stop) {
		if (page >= end || !pool->map.discarded ||
		    !pga_map_next_discarded(&pool->map, page, end, &e))
			return max(page, end);
		stop = ALIGN(pga_extent_end(e), granule);
		claim->discarded += min(stop, run_end) -
				    max(e.start, claim->run.start);
		e.start = ALIGN_DOWN(e.start, granule);
		e.nr = stop - e.start;
		add_part(claim, e);
	}
	return page;
}

/* Isolate a portion; false if a page of it is not free any more. */
static bool claim_portion(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);
	unsigned long end = pga_extent_end(claim->run);

	lockdep_assert_held(&pool->lock);
	if (!claim->at_once)
		end = pga_portion_end(page, end);
	if (pool->corrupt || !pga_map_test(&pool->map, page, end - page, false))
		return false;
	end = list_parts(pool, claim, page, end);
	pga_isolate_free(pool, &claim->iso, end - page);
	return true;
}

static bool claimed_all(const struct pga_claim *claim)
{
	return pga_extent_end(claim->iso.pages) >= pga_extent_end(claim->run);
}

/* Set the pages of the run that are claimed and not in use. */
static void count_claimed(struct pagealloc_pool *pool, struct pga_claim *claim,
			  unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	pool->claimed += nr - claim->counted;
	claim->counted = nr;
}

/**
 * pga_claim_open() - begin a claim that covers no page yet
 * @pool: the pool, locked
 * @claim: the claim; pages of @run are added before the lock is dropped, or
 *	   pga_claim_close() is called
 * @start: where it begins
 * @run: what it is for
 */
void pga_claim_open(struct pagealloc_pool *pool, struct pga_claim *claim,
		    unsigned long start, struct pga_extent run)
{
	lockdep_assert_held(&pool->lock);
	claim->run = run;
	claim->at_once = false;
	claim->counted = 0;
	claim->nr_parts = 0;
	claim->done = start;
	claim->discarded = 0;
	claim->populated = 0;
	claim->won = false;
	claim->low = false;
	claim->aside = NULL;
	pga_flight_begin(pool);
	pga_isolate(pool, &claim->iso, start);
}

/**
 * pga_claim_close() - end a claim
 * @pool: the pool, locked
 * @claim: the claim, which covers no page; pga_flight_wake() follows
 */
void pga_claim_close(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	lockdep_assert_held(&pool->lock);
	count_claimed(pool, claim, 0);
	pga_isolate_end(pool, &claim->iso);
	pga_flight_end(pool);
}

/**
 * pga_claim_granules() - add discarded granules to a claim
 * @pool: the pool, locked
 * @claim: the claim
 * @nr: pages behind those it covers: whole granules, all discarded
 */
void pga_claim_granules(struct pagealloc_pool *pool, struct pga_claim *claim,
			unsigned long nr)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);

	add_part(claim, (struct pga_extent) { page, nr });
	pga_isolate_free(pool, &claim->iso, nr);
}

/**
 * pga_claim_begin() - claim the first portion of a free run
 * @pool: the pool, locked
 * @claim: the claim; pga_claim_finish() follows when the lock is dropped
 * @run: the run, all free
 * @at_once: claim as much as fits a window in one critical section
 *
 * Return: false if a page is not free; the pool is corrupt then, and there is
 * no claim.
 */
bool pga_claim_begin(struct pagealloc_pool *pool, struct pga_claim *claim,
		     struct pga_extent run, bool at_once)
{
	unsigned long start = run.start;
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pga_map_next_discarded(&pool->map, start, start + 1, &e))
		start = ALIGN_DOWN(start, pool->granule);
	pga_claim_open(pool, claim, start, run);
	claim->at_once = at_once;
	count_claimed(pool, claim, run.nr);
	if (claim_portion(pool, claim))
		return true;
	pga_pool_set_corrupt(pool, "a free run that is not free", run.start);
	pga_claim_close(pool, claim);
	return false;
}

/* What becomes of pages of a claim. */
enum fate {
	FATE_USED,
	FATE_READY,
	FATE_DISCARDED,
	FATE_ASIDE,
};

/* What becomes of the first page; @end is set to the end of the pages like it. */
static enum fate fate_of(const struct pagealloc_pool *pool,
			 const struct pga_claim *claim, unsigned long *end)
{
	const unsigned long page = claim->iso.pages.start;
	const struct pga_extent *part = claim->part;

	if (page < claim->done) {
		*end = claim->done;
		if (!claim->won || page >= pga_extent_end(claim->run))
			return FATE_READY;
		*end = page < claim->run.start ? claim->run.start :
						 pga_extent_end(claim->run);
		return page < claim->run.start ? FATE_READY : FATE_USED;
	}
	if (claim->aside && page == claim->done) {
		*end = page + pool->granule;
		return FATE_ASIDE;
	}
	while (part < claim->part + claim->nr_parts && pga_extent_end(*part) <= page)
		part++;
	*end = pga_extent_end(claim->iso.pages);
	if (part == claim->part + claim->nr_parts)
		return FATE_READY;
	*end = page < part->start ? part->start : pga_extent_end(*part);
	return page < part->start ? FATE_READY : FATE_DISCARDED;
}

/* Settle the first pages of a claim that share a fate, up to @stop. */
static void settle_some(struct pagealloc_pool *pool, struct pga_claim *claim,
			unsigned long stop)
{
	const unsigned long page = claim->iso.pages.start;
	unsigned long end, nr;
	enum fate fate;

	fate = fate_of(pool, claim, &end);
	/* Whenever the lock is dropped, a granule is discarded as a whole. */
	if (fate == FATE_DISCARDED)
		stop = ALIGN(stop, pool->granule);
	if (fate != FATE_ASIDE)
		end = min(end, stop);
	nr = end - page;
	pga_isolate_less(pool, &claim->iso, nr);
	switch (fate) {
	case FATE_USED:
		count_claimed(pool, claim, claim->counted - nr);
		pga_map_use(&pool->map, page, nr);
		break;
	case FATE_READY:
		pga_make_free(pool, page, nr, PGA_MADE_READY);
		break;
	case FATE_DISCARDED:
		pga_make_free(pool, page, nr, PGA_MADE_DISCARDED);
		break;
	case FATE_ASIDE:
		pga_flight_begin(pool);
		pga_isolate(pool, claim->aside, page);
		pga_isolate_held(pool, claim->aside, nr);
		break;
	}
}

/* Settle a portion of a claim; true if that was the last one. */
static bool settle_portion(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	const struct pga_extent *left = &claim->iso.pages;
	const unsigned long stop = pga_portion_end(left->start,
						   pga_extent_end(*left));

	lockdep_assert_held(&pool->lock);
	while (left->start < stop)
		settle_some(pool, claim, stop);
	if (left->nr)
		return false;
	pga_claim_close(pool, claim);
	if (claim->won) {
		pool->stat[PAGEALLOC_ALLOC]++;
		pga_update_peak(pool);
	}
	return true;
}

/**
 * pga_claim_settle() - end a claim
 * @pool: the pool, not locked
 * @claim: the claim; if it is won the run is in use from now on.  Its other pages
 *	   become free, ready as far as they are populated.
 *
 * Context: may sleep.
 */
void pga_claim_settle(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	unsigned long flags;
	bool over;

	do {
		cond_resched();
		flags = pga_pool_lock(pool);
		over = settle_portion(pool, claim);
		claim->low = pga_pool_is_low(pool);
		pga_pool_unlock(pool, flags);
	} while (!over);
	pga_flight_wake(pool);
}

/* Claim the rest of a window; -EAGAIN if a page of it is not free any more. */
static int claim_window(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	unsigned long flags;
	bool good = true;

	while (good && !claimed_all(claim) && claim->nr_parts < PGA_CLAIM_PARTS) {
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		flags = pga_pool_lock(pool);
		good = claim_portion(pool, claim);
		pga_pool_unlock(pool, flags);
	}
	return good ? 0 : -EAGAIN;
}

/* Populate a window, so that all claimed pages are ready. */
static int populate_window(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	unsigned int i;
	int ret;

	for (i = 0; i < claim->nr_parts; i++) {
		ret = pga_populate(pool, claim->part[i], &claim->done);
		claim->populated += claim->done - claim->part[i].start;
		if (ret)
			return ret;
	}
	claim->nr_parts = 0;
	claim->done = pga_extent_end(claim->iso.pages);
	return 0;
}

/**
 * pga_claim_finish() - claim the rest of a run, populate it, and settle
 * @pool: the pool, not locked
 * @claim: from pga_claim_begin()
 * @aside: keeps the granule isolated that could not be populated, if the result is
 *	   -ENOMEM or -EBUSY; it counts as in flight
 *
 * Context: may sleep.
 * Return: 0 if the run is the caller's; -EAGAIN if another request has taken pages
 * of it; -EINTR on a fatal signal; or why a populate failed.
 */
int pga_claim_finish(struct pagealloc_pool *pool, struct pga_claim *claim,
		     struct pga_isolated *aside)
{
	int ret;

	do {
		ret = claim_window(pool, claim) ?: populate_window(pool, claim);
	} while (!ret && !claimed_all(claim));

	claim->won = !ret;
	if (ret == -ENOMEM || ret == -EBUSY)
		claim->aside = aside;
	pga_claim_settle(pool, claim);
	return ret;
}
