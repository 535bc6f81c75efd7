/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_CACHE_H
#define PAGEALLOC_ENGINE_CACHE_H

#include "engine/bitmap.h"

#define PGA_CACHE_PAGES		64

/**
 * struct pga_cache - a block of 64 pages, some of them taken out of the maps
 * @base: its first page, a multiple of 64
 * @owned: bit i: page @base + i is in the cache, free
 * @discarded: those of the owned pages that are discarded
 *
 * Who protects it is the owner's affair; the engine handed to refill and flush
 * is protected by the lock of the pool.
 */
struct pga_cache {
	unsigned long base;
	u64 owned;
	u64 discarded;
};

bool pga_cache_refill(struct pga_cache *cache, struct pga_bitmap *map,
		      enum pga_which which);
unsigned long pga_cache_alloc(struct pga_cache *cache, unsigned int nr,
			      unsigned int *discarded);
void pga_cache_flush(struct pga_cache *cache, struct pga_bitmap *map);

#endif
