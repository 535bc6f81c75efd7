/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_ISOLATION_H
#define PAGEALLOC_POOL_ISOLATION_H

#include "pool/state.h"

/**
 * struct pga_isolated - pages that one operation holds
 * @node: L: in the pool's tree
 * @pages: L: the pages; the maps have them as allocated
 */
struct pga_isolated {
	struct rb_node node;
	struct pga_extent pages;
};

/* The first entry with a page from @page on; NULL if there is none. */
static inline struct pga_isolated *
pga_isolated_from(const struct pagealloc_pool *pool, unsigned long page)
{
	struct pga_isolated *iso, *first = NULL;
	struct rb_node *node = pool->isolated.rb_node;

	lockdep_assert_held(&pool->lock);
	while (node) {
		iso = rb_entry(node, struct pga_isolated, node);
		if (pga_extent_end(iso->pages) > page) {
			first = iso;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return first;
}

/* The next entry by address; NULL if there is none. */
static inline struct pga_isolated *pga_isolated_next(struct pga_isolated *iso)
{
	return rb_entry_safe(rb_next(&iso->node), struct pga_isolated, node);
}

/* Is a page of the range, which is not empty, isolated?  The pool is locked. */
static inline bool pga_is_isolated(const struct pagealloc_pool *pool,
				   unsigned long page, unsigned long nr)
{
	const struct pga_isolated *iso = pga_isolated_from(pool, page);

	return iso && iso->pages.start < page + nr;
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
