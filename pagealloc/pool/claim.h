/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_CLAIM_H
#define PAGEALLOC_POOL_CLAIM_H

#include "pool/isolation.h"

/* Discarded parts that a claim can note, in one window. */
#define CLAIM_PARTS	16

/**
 * struct claim - a place for a run that is not all ready, or long
 * @iso: the claim, from its first page to where it has got; when it is over, to
 *	 where it has not been settled
 * @run: what the request gets if all goes well
 * @ready_only: no page may be discarded
 * @at_once: all that can be is claimed in one hold
 * @nr_parts: how many of @part are in use
 * @part: the discarded parts of this window, whole granules, by address
 * @done: pages of the claim below this one are ready
 * @discarded: pages of @run that were discarded, in this window and before
 * @won: the run is the client's
 * @aside: the granule at @done is to be set aside here, unless NULL
 */
struct claim {
	struct pga_isolated iso;
	struct pga_extent run;
	bool ready_only;
	bool at_once;
	unsigned int nr_parts;
	struct pga_extent part[CLAIM_PARTS];
	unsigned long done;
	unsigned long discarded;
	bool won;
	struct pga_isolated *aside;
};

bool pga_claim_begin(struct pagealloc_pool *pool, struct claim *claim,
		     struct pga_extent run, bool ready_only, bool at_once);
bool pga_claim_portion(struct pagealloc_pool *pool, struct claim *claim);
bool pga_claimed_all(const struct claim *claim);
void pga_claim_open(struct pagealloc_pool *pool, struct claim *claim,
		    unsigned long start, struct pga_extent run);
void pga_claim_close(struct pagealloc_pool *pool, struct claim *claim);
void pga_claim_granules(struct pagealloc_pool *pool, struct claim *claim,
			unsigned long nr);
bool pga_claim_settle(struct pagealloc_pool *pool, struct claim *claim,
		      bool may_sleep);

#endif
