/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_PLACE_H
#define PAGEALLOC_POOL_PLACE_H

#include "pool/held.h"
#include "pool/region.h"

struct pga_constraint pga_place_in_pages(const struct pagealloc_pool *pool,
					 const struct pga_constraint *pfns);
bool pga_place_is_possible(const struct pagealloc_pool *pool,
			   const struct pga_constraint *where, bool one_region);
unsigned long pga_place_to_grow(const struct pagealloc_pool *pool,
				const struct pga_region *region,
				const struct pga_constraint *where, bool one_region);
int pga_place_refused(const struct pagealloc_pool *pool,
		      const struct pga_constraint *where, bool one_region,
		      unsigned long *seen);
int pga_place_with_held(struct pagealloc_pool *pool,
			const struct pga_constraint *where, bool one_region,
			u64 since, u64 due, struct pga_held_walk *walk,
			unsigned long *page);

#endif
