/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_GROW_H
#define PAGEALLOC_POOL_GROW_H

#include "pool/state.h"

/**
 * struct pga_want - what a request that found no place knows of the pool then
 * @nr: pages wanted
 * @where: where they may be, in pfns; NULL for anywhere
 * @pages: pages the pool had
 * @settled: pool->settled
 * @in_flight: pool->in_flight
 * @to_grow: pages still to grow by
 * @grow_from: regions below this page cannot be grown now
 */
struct pga_want {
	unsigned long nr;
	const struct pga_constraint *where;
	unsigned long pages;
	unsigned long settled;
	unsigned int in_flight;
	unsigned long to_grow;
	unsigned long grow_from;
};

int pga_pool_grow(struct pagealloc_pool *pool, struct pga_want *want);

#endif
