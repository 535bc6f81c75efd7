/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_BITMAP_H
#define PAGEALLOC_BITMAP_BITMAP_H

#include <linux/container_of.h>
#include <linux/stddef.h>

#include "engine/bitmap/aligned.h"
#include "engine/bitmap/index.h"
#include "engine/bitmap/tree.h"
#include "engine/map.h"

/**
 * struct pga_bitmap - the bitmap engine
 * @map: what all engines begin with
 * @hint: for free pages and for ready pages: none is below this page
 * @tree: maps and summaries
 * @index: which chunks to look into for pages to give back
 * @aligned: what searches under a constraint have ruled out
 *
 * Protected by the pool's lock.
 */
struct pga_bitmap {
	struct pga_map map;
	unsigned long hint[PGA_NR_WHICH];
	struct pga_tree tree;
	struct pga_index index;
	struct pga_aligned aligned;
};

static_assert(sizeof(struct pga_bitmap) <= PGA_MAP_SIZE);

/* What a change of some pages writes is in one cache line with the map's own. */
static_assert(offsetofend(struct pga_bitmap, tree.work) - PGA_MAP_HOT <= 64);

static __always_inline struct pga_bitmap *pga_bitmap_of(const struct pga_map *map)
{
	return container_of(map, struct pga_bitmap, map);
}

void pga_bitmap_init(struct pga_map *map, unsigned long page_bytes,
		     unsigned long granule_bytes);
bool pga_bitmap_grow(struct pga_map *map, unsigned long page, unsigned long nr,
		     enum pga_made made, struct pga_parts *parts);
unsigned long pga_bitmap_find(struct pga_map *map, enum pga_which which,
			      unsigned long nr);
bool pga_bitmap_hold(struct pga_map *map, unsigned long page, unsigned long nr,
		     bool use);
void pga_bitmap_use(struct pga_map *map, unsigned long page, unsigned long nr);
bool pga_bitmap_put(struct pga_map *map, unsigned long page, unsigned long nr,
		    enum pga_made made, bool used);
unsigned int pga_bitmap_take_words(struct pga_map *map, unsigned long page,
				   enum pga_which which, unsigned int words,
				   unsigned int pages, struct pga_cache *taken);
u64 pga_bitmap_put_word(struct pga_map *map, unsigned long page, u64 owned,
			u64 discarded);
unsigned int pga_bitmap_put_words(struct pga_map *map, struct pga_word *word,
				  unsigned int nr, struct pga_put *put);

#endif
