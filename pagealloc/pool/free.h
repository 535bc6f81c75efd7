/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_FREE_H
#define PAGEALLOC_POOL_FREE_H

#include "pool/state.h"

void pga_note_over_limit(struct pagealloc_pool *pool);
void pga_free_word(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long owned);
int pga_free_locked(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr);
int pga_free_short(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long nr);
bool pga_pool_is_used(const struct pagealloc_pool *pool, unsigned long page,
		      unsigned long nr);
int pga_free_begin(struct pagealloc_pool *pool, struct pga_freeing *f,
		   struct pga_extent run, unsigned long keep);
int pga_free_step(struct pagealloc_pool *pool, struct pga_freeing *f);
int pga_free_long(struct pagealloc_pool *pool, struct pga_extent run,
		  unsigned long keep);

/**
 * pga_pool_free() - free pages
 * @pool: the pool
 * @pfn: first page
 * @nr: pages, at least 1
 *
 * Context: any but NMI.
 * Return: 0; -ERANGE if a page is not one the pool has grown by, -EINVAL if one
 * is free: nothing was done then; -EIO if the pool is corrupt.
 */
static inline int pga_pool_free(struct pagealloc_pool *pool, unsigned long pfn,
				unsigned long nr)
{
	struct pga_extent run;

	if (likely(nr <= PGA_PORTION_PAGES))
		return pga_free_short(pool, pfn, nr);
	run = (struct pga_extent) { pga_page_of(pool, pfn), nr };
	return pga_free_long(pool, run, 0);
}

#endif
