/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_ISOLATION_H
#define PAGEALLOC_POOL_ISOLATION_H

#include "pool/state.h"

/**
 * struct pga_isolated - pages that one operation holds
 * @node: L: in the pool's list
 * @pages: L: the pages; the maps have them as allocated
 */
struct pga_isolated {
	struct list_head node;
	struct pga_extent pages;
};

/* Is a page of the range isolated?  The pool is locked. */
static inline bool pga_is_isolated(const struct pagealloc_pool *pool,
				   unsigned long page, unsigned long nr)
{
	const struct pga_isolated *iso;

	list_for_each_entry(iso, &pool->isolated, node)
		if (page < pga_extent_end(iso->pages) &&
		    iso->pages.start < page + nr)
			return true;
	return false;
}

unsigned long pga_isolated_in(const struct pagealloc_pool *pool,
			      unsigned long page, unsigned long end);
void pga_isolate(struct pagealloc_pool *pool, struct pga_isolated *iso,
		 unsigned long page);
void pga_isolate_free(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr);
void pga_isolate_held(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr);
void pga_isolate_less(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr);
void pga_isolate_end(struct pagealloc_pool *pool, struct pga_isolated *iso);
void pga_make_free(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long nr, enum pga_made made);

#endif
