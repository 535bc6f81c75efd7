/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_REGION_H
#define PAGEALLOC_POOL_REGION_H

#include "pool/state.h"

/**
 * struct pga_region - consecutive pages that a pool may grow into
 * @node: L: in the pool's tree of regions, by address
 * @by_room: L: in the tree of those that can grow, by address
 * @by_row: L: in the tree of rows, by address, if it is the first of its row
 * @longest_below: L: pages of the longest region in the subtree of @node
 * @start: I: first page
 * @end: I: the page after the last
 * @virt: I: the kernel's address of the first page, or NULL
 * @owner: I: the client's
 * @row_end: L: if it is the first of its row: the page after the row
 * @longest: L: likewise: pages of the longest row in the subtree of @by_row
 * @grown: L: the page after the last that the pool has grown by
 * @reserved: L: the backing has reserved the range
 * @growing: L: a growth of the pages after @grown is under way
 * @backoff: L: when to populate pages outside whole granules that somebody held
 */
struct pga_region {
	struct rb_node node;
	struct rb_node by_room;
	struct rb_node by_row;
	unsigned long longest_below;
	unsigned long start;
	unsigned long end;
	void *virt;
	void *owner;
	unsigned long row_end;
	unsigned long longest;
	unsigned long grown;
	bool reserved;
	bool growing;
	struct pga_backoff backoff;
};

int pga_region_insert(struct pagealloc_pool *pool, const struct pagealloc_region *what,
		      struct pga_region **region);
int pga_region_reserve(struct pagealloc_pool *pool, struct pga_region *region);
void pga_region_update_node(struct pagealloc_pool *pool, const struct pga_region *region);
void pga_region_undo(struct pagealloc_pool *pool, struct pga_region *region);
void *pga_region_virt(struct pagealloc_pool *pool, unsigned long pfn, unsigned long nr,
		      unsigned long *here);
void pga_region_grow(struct pagealloc_pool *pool, struct pga_region *region,
		     unsigned long end);
struct pga_region *pga_region_from(const struct pagealloc_pool *pool,
				   unsigned long page);
struct pga_region *pga_region_long(const struct pagealloc_pool *pool,
				   unsigned long page, unsigned long nr);
struct pga_region *pga_region_next(const struct pga_region *region);
struct pga_region *pga_region_with_room(const struct pagealloc_pool *pool,
					unsigned long page);
struct pga_extent pga_region_row(const struct pagealloc_pool *pool,
				 const struct pga_region *region);
struct pga_extent pga_row_from(const struct pagealloc_pool *pool, unsigned long page,
			       unsigned long nr);
bool pga_pool_covers(const struct pagealloc_pool *pool, unsigned long page,
		     unsigned long nr);
struct pga_extent pga_region_around(const struct pagealloc_pool *pool,
				    unsigned long page);
void pga_region_release_all(struct pagealloc_pool *pool);

/* All regions by address; the pool is locked, or nobody adds one. */
#define pga_for_each_region(region, pool)					\
	for ((region) = rb_entry_safe(rb_first(&(pool)->regions),		\
				      struct pga_region, node);			\
	     region; (region) = pga_region_next(region))

#endif
