/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_FREE_H
#define PAGEALLOC_POOL_FREE_H

#include "pool/state.h"

bool pga_is_used(const struct pagealloc_pool *pool, unsigned long page,
		 unsigned long nr);
void pga_free_word(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long owned);
int pga_free_locked(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr);
int pga_free_short(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long nr);
int pga_free_long(struct pagealloc_pool *pool, struct pga_extent run,
		  unsigned long keep);
int pga_pool_trim(struct pagealloc_pool *pool, unsigned long pfn,
		  unsigned long old_nr, unsigned long new_nr);

/**
 * pga_pool_free() - free pages
 * @pool: the pool
 * @pfn: first page
 * @nr: pages, at least 1
 *
 * Context: any but NMI; may sleep if @nr is more than a portion.
 * Return: 0; -ERANGE if the pool has not grown by a page, -EINVAL if a page is free,
 * -EIO if the pool is corrupt.
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
