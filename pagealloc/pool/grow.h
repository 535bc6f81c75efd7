/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_GROW_H
#define PAGEALLOC_POOL_GROW_H

#include "pool/state.h"

/**
 * struct pga_growth - growth of a pool on behalf of a request
 * @nr: pages of the run
 * @where: its constraint, in pfns; NULL for anywhere
 * @one_region: the run must lie within one region; @where is set then
 * @pages: pages the pool had when the request searched
 * @in_flight: the most operations in flight that the request has seen
 * @since: as in struct pga_request
 * @last_resort: also try regions before they are due
 * @busy: result: somebody else holds pages of a region that are outside of granules
 * @to_grow: pages still to grow by; @nr at first
 * @grow_from: regions below this page cannot be grown now
 */
struct pga_growth {
	unsigned long nr;
	const struct pga_constraint *where;
	bool one_region;
	unsigned long pages;
	unsigned int in_flight;
	u64 since;
	bool last_resort;
	bool busy;
	unsigned long to_grow;
	unsigned long grow_from;
};

struct pga_region;

int pga_grow(struct pagealloc_pool *pool, struct pga_growth *growth);
int pga_grow_whole(struct pagealloc_pool *pool, struct pga_region *region);

#endif
