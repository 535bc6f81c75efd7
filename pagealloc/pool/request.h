/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_REQUEST_H
#define PAGEALLOC_POOL_REQUEST_H

#include "pool/state.h"

/**
 * struct pga_need - what a request is for
 * @nr: pages
 * @where: where they may be, in pfns; NULL for anywhere
 * @fixed: @where leaves one place
 * @ready_first: ready pages come before lower ones
 * @may_cache: it may be placed where a cache has pages
 */
struct pga_need {
	unsigned long nr;
	const struct pga_constraint *where;
	bool fixed;
	bool ready_first;
	bool may_cache;
};

/**
 * struct pga_got - what an allocation has got
 * @pfn: first page of the run
 * @populated: pages populated for it
 * @fresh: all of the run was just populated
 * @low: less is left free and ready than should be
 */
struct pga_got {
	unsigned long pfn;
	unsigned long populated;
	bool fresh;
	bool low;
};

int pga_pool_alloc(struct pagealloc_pool *pool, const struct pga_need *need,
		   bool may_populate, struct pga_got *got);
bool pga_take_ready(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr);

#endif
