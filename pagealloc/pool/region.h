/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_REGION_H
#define PAGEALLOC_POOL_REGION_H

#include "pool/state.h"

/**
 * struct pga_region - consecutive pages that a pool may grow into
 * @node: L: in the pool's list, by address
 * @start: I: first page
 * @end: I: the page after the last
 * @grown: L: the page after the last that the pool has grown by
 * @reserved: L: the backing has reserved the range
 * @growing: L: a growth of the pages after @grown is under way
 * @backoff: L: when to populate pages outside whole granules that somebody held
 */
struct pga_region {
	struct list_head node;
	unsigned long start;
	unsigned long end;
	unsigned long grown;
	bool reserved;
	bool growing;
	struct pga_backoff backoff;
};

int pga_region_insert(struct pagealloc_pool *pool, unsigned long pfn,
		      unsigned long nr, struct pga_region **region);
int pga_region_reserve(struct pagealloc_pool *pool, struct pga_region *region);
bool pga_pool_covers(const struct pagealloc_pool *pool, unsigned long page,
		     unsigned long nr);
struct pga_extent pga_region_around(const struct pagealloc_pool *pool,
				    unsigned long page);
void pga_region_release_all(struct pagealloc_pool *pool);

#endif
