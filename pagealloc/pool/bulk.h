/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_BULK_H
#define PAGEALLOC_POOL_BULK_H

#include "pool/state.h"

unsigned long pga_pool_take_pages(struct pagealloc_pool *pool,
				  enum pga_which which, unsigned long *pfns,
				  unsigned long nr, bool *low);
int pga_pool_free_pages(struct pagealloc_pool *pool, const unsigned long *pfns,
			unsigned long nr);
int pga_pool_trim(struct pagealloc_pool *pool, unsigned long pfn,
		  unsigned long old_nr, unsigned long new_nr);

#endif
