/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_BITMAP_H
#define PAGEALLOC_ENGINE_BITMAP_H

#include "engine/bitmap/index.h"
#include "engine/bitmap/tree.h"

/**
 * struct pga_bitmap - the bitmap engine
 * @pages: pages the pool has grown by
 * @free: those of them that are not allocated
 * @discarded: those of the free ones without memory behind them
 * @parked: 0: here a free needs no memory
 * @tree: maps and summaries
 * @index: which chunks to look into for something to discard
 * @hint: for each kind of search, no such page is below this one
 *
 * Protected by the lock of the pool.
 */
struct pga_bitmap {
	unsigned long pages;
	unsigned long free;
	unsigned long discarded;
	unsigned long parked;
	struct pga_tree tree;
	struct pga_index index;
	unsigned long hint[PGA_NR_WHICH];
};

void pga_bitmap_init(struct pga_bitmap *map);
bool pga_bitmap_grow(struct pga_bitmap *map, unsigned long page,
		     unsigned long nr, enum pga_made made,
		     struct pga_supply *supply);
unsigned long pga_bitmap_find(struct pga_bitmap *map, enum pga_which which,
			      unsigned long nr);
bool pga_bitmap_alloc(struct pga_bitmap *map, unsigned long page,
		      unsigned long nr);
bool pga_bitmap_free(struct pga_bitmap *map, unsigned long page,
		     unsigned long nr);
bool pga_bitmap_hold(struct pga_bitmap *map, unsigned long page,
		     unsigned long nr);
bool pga_bitmap_put(struct pga_bitmap *map, unsigned long page,
		    unsigned long nr, enum pga_made made);
void pga_bitmap_offer(struct pga_bitmap *map, unsigned long page,
		      unsigned long nr);
void pga_bitmap_pass_by(struct pga_bitmap *map, unsigned long page,
			unsigned long nr);
void pga_bitmap_use(struct pga_bitmap *map, unsigned long page,
		    unsigned long nr);
unsigned int pga_bitmap_take_words(struct pga_bitmap *map, unsigned long page,
				   enum pga_which which, unsigned int words,
				   unsigned int pages, struct pga_cache *taken);
u64 pga_bitmap_put_word(struct pga_bitmap *map, unsigned long page,
			u64 owned, u64 discarded);
bool pga_bitmap_test(const struct pga_bitmap *map, unsigned long page,
		     unsigned long nr, bool allocated);
unsigned long pga_bitmap_busy(const struct pga_bitmap *map, unsigned long page,
			      unsigned long end);
bool pga_bitmap_next_discarded(const struct pga_bitmap *map, unsigned long page,
			       unsigned long end, struct pga_extent *extent);

#endif
