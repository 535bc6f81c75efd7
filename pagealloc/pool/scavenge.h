/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_SCAVENGE_H
#define PAGEALLOC_POOL_SCAVENGE_H

#include "pool/state.h"

/**
 * struct pga_scavenge - a scavenge: what to discard, and how much has been
 * @cause: the PAGEALLOC_SCAVENGED_* that counts the bytes
 * @nr: pages wanted
 * @killable: stop on a fatal signal
 * @exact: no more than wanted, even if that splits a huge page
 * @sweep: the progress of the search; @sweep.idle limits it to idle pages
 * @released: pages discarded so far
 */
struct pga_scavenge {
	enum pagealloc_stat cause;
	unsigned long nr;
	bool killable;
	bool exact;
	struct pga_sweep sweep;
	unsigned long released;
};

/* The most granules that a call discards for the goal or the limit. */
#define PGA_CALLER_GRANULES	10

int pga_scavenge_refused(struct pagealloc_pool *pool, struct pga_scavenge *how,
			 u64 now);
int pga_scavenge_step(struct pagealloc_pool *pool, struct pga_scavenge *how);
int pga_scavenge(struct pagealloc_pool *pool, struct pga_scavenge *how);
unsigned long pga_scavenge_for(struct pagealloc_pool *pool,
			       enum pagealloc_stat cause, bool idle,
			       unsigned long nr);
void pga_scavenge_back(struct pagealloc_pool *pool, unsigned long nr);

#endif
