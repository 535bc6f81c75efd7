/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SCAVENGE_H
#define PAGEALLOC_SCAVENGE_H

#include "pool/state.h"

/**
 * struct pga_scavenge - how to give memory back
 * @cause: the PAGEALLOC_SCAVENGED_* it counts as
 * @nr: pages wanted
 * @killable: stop on a fatal signal
 * @sweep: how far the search has got; @sweep.idle: only what will not be missed,
 *	   otherwise whatever there is
 * @released: pages discarded so far
 */
struct pga_scavenge {
	enum pagealloc_stat cause;
	unsigned long nr;
	bool killable;
	struct pga_sweep sweep;
	unsigned long released;
};

/* Granules that a caller who wanted something else is held up for at most. */
#define PGA_CALLER_GRANULES	10

int pga_scavenge_step(struct pagealloc_pool *pool, struct pga_scavenge *how);
int pga_scavenge(struct pagealloc_pool *pool, struct pga_scavenge *how);
unsigned long pga_scavenge_for(struct pagealloc_pool *pool,
			       enum pagealloc_stat cause, bool idle,
			       unsigned long nr);

#endif
