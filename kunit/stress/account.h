/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_ACCOUNT_H
#define PAGEALLOC_STRESS_ACCOUNT_H

/*
 * Which run each page of a pool belongs to, and which pages have memory.
 */

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * struct stress_run - pages that a client has got
 * @pfn: the first
 * @nr: how many; 0: no run
 * @id: number of the run, from stress_account_id()
 */
struct stress_run {
	unsigned long pfn;
	unsigned long nr;
	u32 id;
};

/* Bits of a number of a run; see struct stress_target.slot. */
#define STRESS_ID_BITS		20

/**
 * struct stress_account - what is known of each page of a pool
 * @name: of the pool
 * @base: first pfn
 * @span: pages
 * @granule: of the pool; 0 while it is not known
 * @ragged: there are pages outside whole granules
 * @frames: each pfn is a frame that can be written to
 * @owner: for each page the number of the run it belongs to, or 0; whoever has
 *	the run changes it, by compare and exchange
 * @next_id: the last number of a run that was given out
 * @backed: for each page, whether the backing has put memory behind it; written by
 *	the call of the backing that the pool has made for the page
 */
struct stress_account {
	const char *name;
	unsigned long base;
	unsigned long span;
	unsigned long granule;
	bool ragged;
	bool frames;
	u32 *owner;
	atomic_t next_id;
	u8 *backed;
};

int stress_account_begin(struct stress_account *account);
void stress_account_end(struct stress_account *account);

u32 stress_account_id(struct stress_account *account);
void stress_account_take(struct stress_account *account,
			 const struct stress_run *run, bool zeroed);
void stress_account_give(struct stress_account *account,
			 const struct stress_run *run);
unsigned long stress_account_owned(const struct stress_account *account);

void stress_account_populating(struct stress_account *account,
			       unsigned long pfn, unsigned long nr);
void stress_account_populated(struct stress_account *account,
			      unsigned long pfn, unsigned long nr);
void stress_account_discarding(struct stress_account *account,
			       unsigned long pfn, unsigned long nr);
unsigned long stress_account_backed(const struct stress_account *account);

#endif
