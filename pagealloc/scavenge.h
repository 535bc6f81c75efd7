/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SCAVENGE_H
#define PAGEALLOC_SCAVENGE_H

#include "pool.h"

/**
 * struct pga_scavenge - how to give memory back
 * @cause: the PAGEALLOC_SCAVENGED_* it counts as
 * @nr: pages wanted
 * @by_index: only where the scavenge index says so; otherwise highest first,
 *	      whatever it is
 * @killable: stop on a fatal signal
 * @below: search below this page; starts at PGA_NONE, moves down
 * @search: for @by_index, where the index is being searched
 * @released: pages discarded so far
 */
struct pga_scavenge {
	enum pagealloc_stat cause;
	unsigned long nr;
	bool by_index;
	bool killable;
	unsigned long below;
	struct pga_search search;
	unsigned long released;
};

/* Granules that a caller who wanted something else is held up for at most. */
#define PGA_CALLER_GRANULES	10

int pga_scavenge_step(struct pagealloc_pool *pool, struct pga_scavenge *how);
int pga_scavenge(struct pagealloc_pool *pool, struct pga_scavenge *how);
unsigned long pga_scavenge_for(struct pagealloc_pool *pool,
			       enum pagealloc_stat cause, bool by_index,
			       unsigned long nr);

#endif
