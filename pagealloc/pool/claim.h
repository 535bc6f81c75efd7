/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_CLAIM_H
#define PAGEALLOC_POOL_CLAIM_H

#include "pool/held.h"

/* Discarded parts that a claim has room for, in one window. */
#define PGA_CLAIM_PARTS	16

/**
 * struct pga_claim - a place that is being prepared for a run
 * @iso: the claimed pages; they are settled from the first one on
 * @run: what the request gets if all goes well
 * @at_once: claim all that fits a window in one critical section
 * @counted: pages of @run that are in the pool's @claimed
 * @with_held: take held granules like free ones
 * @alone: the last part is a granule with a record, to be populated alone
 * @nr_parts: how many of @part are used
 * @part: the discarded parts of this window, whole granules, by address
 * @done: pages of the claim below this one are ready
 * @discarded: pages of @run that were discarded, in this window and before
 * @populated: pages populated for the claim
 * @won: the run is the client's
 * @low: less is free and ready than the floor asks for; set when it is settled
 * @bad: the granule at @done has bad memory, and is retired
 * @failed_at: when the granule at @done could not be populated
 * @room: memory to remember that granule as held; NULL if there is none to remember
 */
struct pga_claim {
	struct pga_isolated iso;
	struct pga_extent run;
	bool at_once;
	unsigned long counted;
	bool with_held;
	bool alone;
	unsigned int nr_parts;
	struct pga_extent part[PGA_CLAIM_PARTS];
	unsigned long done;
	unsigned long discarded;
	unsigned long populated;
	bool won;
	bool low;
	bool bad;
	u64 failed_at;
	struct pga_held *room;
};

bool pga_claim_begin(struct pagealloc_pool *pool, struct pga_claim *claim,
		     struct pga_extent run, bool at_once);
bool pga_claim_begin_held(struct pagealloc_pool *pool, struct pga_claim *claim,
			  struct pga_extent run);
int pga_claim_finish(struct pagealloc_pool *pool, struct pga_claim *claim);

void pga_claim_open(struct pagealloc_pool *pool, struct pga_claim *claim,
		    unsigned long start, struct pga_extent run);
void pga_claim_granules(struct pagealloc_pool *pool, struct pga_claim *claim,
			unsigned long nr);
void pga_claim_close(struct pagealloc_pool *pool, struct pga_claim *claim);
int pga_claim_populate(struct pagealloc_pool *pool, struct pga_claim *claim);
void pga_claim_settle(struct pagealloc_pool *pool, struct pga_claim *claim);

#endif
