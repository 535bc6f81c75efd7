// SPDX-License-Identifier: GPL-2.0
/* Claims: places that are isolated for a run, and populated. */

#include <linux/sched.h>

#include "pool/claim.h"
#include "pool/flight.h"

/* One more discarded part, or more of the last one. */
static void note_part(struct claim *claim, struct pga_extent e)
{
	const unsigned int nr = claim->nr_parts;

	if (nr && pga_extent_end(claim->part[nr - 1]) == e.start)
		claim->part[nr - 1].nr += e.nr;
	else
		claim->part[claim->nr_parts++] = e;
}

/*
 * Note the discarded parts of the run from @page to @end, and return where to go
 * on: there, or behind the last part there is room for.
 */
static unsigned long note_parts(struct pagealloc_pool *pool, struct claim *claim,
				unsigned long page, unsigned long end)
{
	const unsigned long run_end = pga_extent_end(claim->run);
	const unsigned long granule = pool->granule;
	struct pga_extent e;
	unsigned long stop;

	for (; claim->nr_parts < CLAIM_PARTS; page = stop) {
		if (page >= end || !pool->map.discarded ||
		    !pga_map_next_discarded(&pool->map, page, end, &e))
			return max(page, end);
		stop = ALIGN(pga_extent_end(e), granule);
		claim->discarded += min(stop, run_end) -
				    max(e.start, claim->run.start);
		e.start = ALIGN_DOWN(e.start, granule);
		e.nr = stop - e.start;
		note_part(claim, e);
	}
	return page;
}

/* Isolate a portion; false if somebody has got into it. */
bool pga_claim_portion(struct pagealloc_pool *pool, struct claim *claim)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);
	unsigned long end = pga_extent_end(claim->run);

	lockdep_assert_held(&pool->lock);
	if (!claim->at_once)
		end = pga_portion_end(page, end);
	if (pool->corrupt || !pga_map_test(&pool->map, page, end - page, false))
		return false;
	end = note_parts(pool, claim, page, end);
	if (claim->ready_only && claim->nr_parts)
		return false;
	pga_isolate_free(pool, &claim->iso, end - page);
	return true;
}

bool pga_claimed_all(const struct claim *claim)
{
	return pga_extent_end(claim->iso.pages) >= pga_extent_end(claim->run);
}

/* A claim that begins at @start and covers nothing; some of @run comes next. */
void pga_claim_open(struct pagealloc_pool *pool, struct claim *claim,
		       unsigned long start, struct pga_extent run)
{
	claim->run = run;
	claim->ready_only = false;
	claim->at_once = false;
	claim->nr_parts = 0;
	claim->done = start;
	claim->discarded = 0;
	claim->won = false;
	claim->aside = NULL;
	pga_flight_begin(pool);
	pga_isolate(pool, &claim->iso, start);
}

/* Nothing is claimed any more. */
void pga_claim_close(struct pagealloc_pool *pool, struct claim *claim)
{
	pga_isolate_end(pool, &claim->iso);
	pga_flight_end(pool);
}

/*
 * Claim a free run that is long or has discarded pages in it, the first portion of
 * it; false if the books do not add up.
 */
bool pga_claim_begin(struct pagealloc_pool *pool, struct claim *claim,
			struct pga_extent run, bool ready_only, bool at_once)
{
	unsigned long start = run.start;
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pga_map_next_discarded(&pool->map, start, start + 1, &e))
		start = ALIGN_DOWN(start, pool->granule);
	pga_claim_open(pool, claim, start, run);
	claim->ready_only = ready_only;
	claim->at_once = at_once;
	if (pga_claim_portion(pool, claim))
		return true;
	pga_pool_corrupt(pool, "a free run that is not free", run.start);
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

/* What becomes of the first page, and up to where of the others, too? */
static enum fate fate_of(const struct pagealloc_pool *pool,
			 const struct claim *claim, unsigned long *end)
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

/* Settle the first pages of a claim, as far as they are alike, up to @stop. */
static void settle_some(struct pagealloc_pool *pool, struct claim *claim,
			unsigned long stop)
{
	const unsigned long page = claim->iso.pages.start;
	unsigned long end, nr;
	enum fate fate;

	fate = fate_of(pool, claim, &end);
	/* No granule is discarded by half while the lock is not held. */
	if (fate == FATE_DISCARDED)
		stop = ALIGN(stop, pool->granule);
	if (fate != FATE_ASIDE)
		end = min(end, stop);
	nr = end - page;
	pga_isolate_less(pool, &claim->iso, nr);
	switch (fate) {
	case FATE_USED:
		pga_map_use(&pool->map, page, nr);
		break;
	case FATE_READY:
		pga_make_free(pool, page, nr, PGA_MADE_READY);
		if (!claim->won)
			pga_map_offer(&pool->map, page, nr);
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

/* Settle a portion of a claim; whether that was all. */
static bool settle_portion(struct pagealloc_pool *pool, struct claim *claim)
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
		pga_note_peak(pool);
	}
	return true;
}

/* Others run in between, if that can be. */
static void pause(bool may_sleep)
{
	if (may_sleep)
		cond_resched();
}

/*
 * A claim is over: the run comes into use if it is won, what else was claimed
 * becomes free, ready as far as it was populated, and @aside stays isolated.
 * Returns whether less is left free and ready then than should be.
 */
bool pga_claim_settle(struct pagealloc_pool *pool, struct claim *claim,
		   bool may_sleep)
{
	unsigned long flags;
	bool over, low;

	for (;;) {
		flags = pga_pool_lock(pool);
		over = settle_portion(pool, claim);
		low = pga_pool_is_low(pool);
		pga_pool_unlock(pool, flags);
		if (over)
			break;
		pause(may_sleep);
	}
	if (may_sleep)
		pga_flight_wake(pool);
	else
		pga_flight_wake_later(pool);
	return low;
}

/* Claim pages that are discarded, whole granules, which follow what is claimed. */
void pga_claim_granules(struct pagealloc_pool *pool, struct claim *claim,
			   unsigned long nr)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);

	note_part(claim, (struct pga_extent) { page, nr });
	pga_isolate_free(pool, &claim->iso, nr);
}
