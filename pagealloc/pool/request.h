/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_REQUEST_H
#define PAGEALLOC_POOL_REQUEST_H

#include "pool/state.h"

/**
 * struct pga_request - an allocation: what is asked for, and what it got
 * @nr: pages
 * @where: the constraint, in pfns; NULL for anywhere
 * @fixed: @where leaves one place
 * @one_region: the run must lie within one region; @where is set then
 * @ready_first: ready pages come before lower ones
 * @may_cache: the run may be placed where a cache has pages
 * @may_populate: the caller may sleep, and discarded pages may be populated
 * @last_resort: nothing else has helped: try held granules before they are due
 * @no_memory: the backing has no memory: only ready pages are of use
 * @began: a search has begun, and @since is known
 * @since: pool->failures when it began: what has failed since is not tried again
 * @stops_refills: it is counted in pool->no_refill until its next search is over
 * @settled: pool->settled when its last search began
 * @give_up_at: when to stop waiting, 0 if it has found nothing to wait for yet
 * @held_until: when to stop trying held granules, 0 if it has not tried any yet
 * @error: errno of the last populate that failed
 * @nr_unfit: runs with unfit pages that were found and could not be retired
 * @fresh: result: all pages of the run were discarded before
 * @low: result: less is free and ready than the floor asks for
 * @pfn: result: first page of the run
 * @populated: result: pages populated, also by a request that failed
 */
struct pga_request {
	unsigned long nr;
	const struct pga_constraint *where;
	bool fixed;
	bool one_region;
	bool ready_first;
	bool may_cache;
	bool may_populate;
	bool last_resort;
	bool no_memory;
	bool began;
	bool stops_refills;
	u64 since;
	unsigned long settled;
	u64 give_up_at;
	u64 held_until;
	int error;
	unsigned int nr_unfit;
	bool fresh;
	bool low;
	unsigned long pfn;
	unsigned long populated;
};

bool pga_take_at_once(struct pagealloc_pool *pool, unsigned long nr, bool ready_first,
		      unsigned long *pfn);
int pga_pool_alloc(struct pagealloc_pool *pool, struct pga_request *rq);
int pga_request_wait(struct pagealloc_pool *pool, const struct pga_request *rq);
bool pga_take_ready(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr);

/* Other requests may refill their caches again; the pool is locked. */
static inline void pga_request_allow_refills(struct pagealloc_pool *pool,
					     struct pga_request *rq)
{
	lockdep_assert_held(&pool->lock);
	pool->no_refill -= rq->stops_refills;
	rq->stops_refills = false;
}

#endif
