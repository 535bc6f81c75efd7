/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_REQUEST_H
#define PAGEALLOC_POOL_REQUEST_H

#include "pool/state.h"

/**
 * struct pga_request - an allocation: what is asked for, and what it got
 * @nr: pages
 * @where: the constraint, in pfns; NULL for anywhere
 * @fixed: @where leaves one place
 * @ready_first: ready pages come before lower ones
 * @may_cache: the run may be placed where a cache has pages
 * @may_populate: the caller may sleep, and discarded pages may be populated
 * @last_resort: nothing else has helped: try held granules before they are due
 * @no_memory: the backing has no memory: only ready pages are of use
 * @began: a search has begun, and @since is known
 * @since: pool->failures when it began: what has failed since is not tried again
 * @give_up_at: when to stop waiting, 0 if the request has not waited yet
 * @held_until: when to stop trying held granules, 0 if it has not tried any yet
 * @error: errno of the last populate that failed
 * @nr_bad: runs with bad memory that were found and could not be retired
 * @fresh: result: all pages of the run were discarded before
 * @low: result: less is free and ready than the floor asks for
 * @pfn: result: first page of the run
 * @populated: result: pages populated, also by a request that failed
 */
struct pga_request {
	unsigned long nr;
	const struct pga_constraint *where;
	bool fixed;
	bool ready_first;
	bool may_cache;
	bool may_populate;
	bool last_resort;
	bool no_memory;
	bool began;
	u64 since;
	u64 give_up_at;
	u64 held_until;
	int error;
	unsigned int nr_bad;
	bool fresh;
	bool low;
	unsigned long pfn;
	unsigned long populated;
};

int pga_pool_alloc(struct pagealloc_pool *pool, struct pga_request *rq);
bool pga_take_ready(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr);

#endif
