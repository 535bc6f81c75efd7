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
 * become free and stay ready.  If somebody else holds a granule, the pool keeps that
 * one isolated (held.c), so that the request looks elsewhere; so it does with one whose
 * memory is bad (retired.c).
 *
 * A request that finds no place claims one with held granules in it.  A granule
 * that was held before is a part of its own, so that it is tried once.
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
#include <linux/slab.h>

#include "pool/claim.h"
#include "pool/flight.h"
#include "pool/populate.h"
#include "pool/retired.h"

/* Append a discarded part, or extend the last one unless one of the two is alone. */
static void add_part(struct pga_claim *claim, struct pga_extent e, bool alone)
{
	const unsigned int nr = claim->nr_parts;

	if (nr && !alone && !claim->alone &&
	    pga_extent_end(claim->part[nr - 1]) == e.start)
		claim->part[nr - 1].nr += e.nr;
	else
		claim->part[claim->nr_parts++] = e;
	claim->alone = alone;
}

/* Add whole granules to the parts; some pages of them may be outside of the run. */
static void add_granules(struct pga_claim *claim, struct pga_extent e, bool alone)
{
	claim->discarded += min(pga_extent_end(e), pga_extent_end(claim->run)) -
			    max(e.start, claim->run.start);
	add_part(claim, e, alone);
}

/*
 * List the discarded parts from @page to @end, and return the end of what was
 * examined: @end, or behind the last part that there is room for.
 */
static unsigned long list_parts(struct pagealloc_pool *pool,
				struct pga_claim *claim, unsigned long page,
				unsigned long end)
{
	const unsigned long granule = pool->granule;
	const struct pga_held *held;
	struct pga_extent e;
	unsigned long stop;
	bool alone;

	for (; claim->nr_parts < PGA_CLAIM_PARTS; page = stop) {
		if (page >= end || !pool->map.discarded ||
		    !pga_map_next_discarded(&pool->map, page, end, &e))
			return max(page, end);
		stop = ALIGN(pga_extent_end(e), granule);
		e.start = ALIGN_DOWN(e.start, granule);
		held = pga_held_any_in(pool, e.start, stop);
		alone = held && held->page == e.start;
		if (held)
			stop = alone ? e.start + granule : held->page;
		e.nr = stop - e.start;
		add_granules(claim, e, alone);
	}
	return page;
}

/* Take a held granule, right behind the pages of the claim. */
static void claim_held(struct pagealloc_pool *pool, struct pga_claim *claim,
		       struct pga_held *held)
{
	add_granules(claim, (struct pga_extent) { held->page, pool->granule }, true);
	pga_held_move(pool, held, PGA_HELD_TAKEN);
	pga_isolate_held(pool, &claim->iso, pool->granule);
}

/* Isolate free pages up to @end, or to where there is no room for more parts. */
static bool claim_free(struct pagealloc_pool *pool, struct pga_claim *claim,
		       unsigned long end)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);

	if (!pga_map_test(&pool->map, page, end - page, false))
		return false;
	end = list_parts(pool, claim, page, end);
	pga_isolate_free(pool, &claim->iso, end - page);
	return true;
}

/* Isolate a portion; false if a page of it is not free any more. */
static bool claim_portion(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	unsigned long page = pga_extent_end(claim->iso.pages);
	unsigned long end = pga_extent_end(claim->run);
	struct pga_held *held;
	bool good = !pool->corrupt;

	lockdep_assert_held(&pool->lock);
	if (!claim->at_once)
		end = pga_portion_end(page, end);
	while (good && page < end && claim->nr_parts < PGA_CLAIM_PARTS) {
		held = claim->with_held ? pga_held_in(pool, page, end, PGA_HELD) : NULL;
		if (held && held->page == page)
			claim_held(pool, claim, held);
		else
			good = claim_free(pool, claim, held ? held->page : end);
		page = pga_extent_end(claim->iso.pages);
	}
	return good;
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
	claim->with_held = false;
	claim->alone = false;
	claim->nr_parts = 0;
	claim->done = start;
	claim->discarded = 0;
	claim->populated = 0;
	claim->won = false;
	claim->low = false;
	claim->bad = false;
	claim->room = NULL;
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

	add_part(claim, (struct pga_extent) { page, nr }, false);
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

/**
 * pga_claim_begin_held() - claim the first portion of a run of free and held pages
 * @pool: the pool, locked
 * @claim: the claim; pga_claim_finish() follows when the lock is dropped
 * @run: the run
 *
 * Return: false if a page is neither free nor held; there is no claim then, but
 * pga_claim_settle() follows when the lock is dropped.
 */
bool pga_claim_begin_held(struct pagealloc_pool *pool, struct pga_claim *claim,
			  struct pga_extent run)
{
	unsigned long start = run.start;
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pga_held_in(pool, start, start + 1, PGA_HELD) ||
	    pga_map_next_discarded(&pool->map, start, start + 1, &e))
		start = ALIGN_DOWN(start, pool->granule);
	pga_claim_open(pool, claim, start, run);
	claim->with_held = true;
	return claim_portion(pool, claim);
}

/* What becomes of pages of a claim. */
enum fate {
	FATE_USED,
	FATE_READY,
	FATE_DISCARDED,
	FATE_HELD,
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
	if (claim->room && page == claim->done) {
		*end = page + pool->granule;
		return FATE_HELD;
	}
	while (part < claim->part + claim->nr_parts && pga_extent_end(*part) <= page)
		part++;
	*end = pga_extent_end(claim->iso.pages);
	if (part == claim->part + claim->nr_parts)
		return FATE_READY;
	*end = page < part->start ? part->start : pga_extent_end(*part);
	return page < part->start ? FATE_READY : FATE_DISCARDED;
}

/* Make discarded granules free, or a single one held again that was taken as held. */
static void put_discarded(struct pagealloc_pool *pool, unsigned long page,
			  unsigned long nr)
{
	struct pga_held *held = pga_held_any_in(pool, page, page + 1);

	if (held && held->state == PGA_HELD_TAKEN)
		pga_held_move(pool, held, PGA_HELD);
	else
		pga_make_free(pool, page, nr, PGA_MADE_DISCARDED);
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
	if (fate != FATE_HELD)
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
		put_discarded(pool, page, nr);
		break;
	case FATE_HELD:
		claim->bad = claim->bad && pga_retire_granule(pool, page);
		if (!claim->bad)
			pga_held_fail(pool, page, PGA_HELD, claim->failed_at,
				      &claim->room);
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
		pool->alloc_pages += claim->run.nr;
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
	if (claim->bad)
		pga_held_forget(pool, (struct pga_extent) { claim->done, pool->granule });
	kfree(claim->room);
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

/*
 * Somebody holds the granule at @claim->done, or its memory is bad: get memory to
 * remember that.  It becomes held as well if there is no record to retire it.
 */
static int remember(struct pagealloc_pool *pool, struct pga_claim *claim, int error)
{
	claim->failed_at = pga_now(pool);
	claim->room = pga_held_new(pool, GFP_KERNEL);
	if (!claim->room)
		return -ENOMEM;
	claim->bad = error == -EHWPOISON;
	if (claim->bad)
		pga_retired_fill(pool);
	return error;
}

/**
 * pga_claim_populate() - populate the discarded parts of a window
 * @pool: the pool, not locked
 * @claim: the claim; all of its pages are ready if this succeeds
 *
 * Context: may sleep.
 * Return: 0 or why a populate failed; -EBUSY: pga_claim_settle() makes the granule
 * held that failed; -EHWPOISON: retired; -ENOMEM also if there is no memory for that.
 */
int pga_claim_populate(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	struct pga_extent done;
	unsigned int i;
	int ret;

	for (i = 0; i < claim->nr_parts; i++) {
		ret = pga_populate(pool, claim->part[i], &claim->done);
		done = claim->part[i];
		done.nr = claim->done - done.start;
		claim->populated += done.nr;
		pga_held_forget(pool, done);
		if (ret)
			return ret == -EBUSY || ret == -EHWPOISON ?
				remember(pool, claim, ret) : ret;
	}
	claim->nr_parts = 0;
	claim->alone = false;
	claim->done = pga_extent_end(claim->iso.pages);
	return 0;
}

/**
 * pga_claim_finish() - claim the rest of a run, populate it, and settle
 * @pool: the pool, not locked
 * @claim: from pga_claim_begin() or pga_claim_begin_held()
 *
 * Context: may sleep.
 * Return: 0 if the run is the caller's; -EAGAIN if another request has taken pages
 * of it; -EINTR on a fatal signal; or why a populate failed.
 */
int pga_claim_finish(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	int ret;

	do {
		ret = claim_window(pool, claim) ?: pga_claim_populate(pool, claim);
	} while (!ret && !claimed_all(claim));

	claim->won = !ret;
	pga_claim_settle(pool, claim);
	return ret;
}
