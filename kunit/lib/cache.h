/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_CACHE_H
#define PAGEALLOC_KUNIT_CACHE_H

/*
 * The page cache of the Go runtime (src/runtime/mpagecache.go), as its traces
 * have it.
 *
 * A cache takes the free pages of one block of 64 out of the maps in one step
 * and hands them out one word operation each.  The block is the one with the
 * lowest free page.
 *
 *	maps:   . a . . a a . .   -> refill ->   a a a a a a a a
 *	cache:                                   x   x x     x x   owned
 *
 * Its free pages need not be consecutive, so a run of several pages may not fit
 * although as many are there.  The maps have cached pages as allocated.  The
 * cache remembers which are discarded, and a flush restores that.
 */

#include "engine/map.h"
#include "engine/word.h"

/* Fill an empty cache with the block that has the lowest free, or ready, page. */
static inline bool pgat_cache_refill(struct pga_cache *cache, struct pga_map *map,
				     enum pga_which which)
{
	const unsigned long page = pga_map_find(map, which, 1);

	if (page == PGA_NONE)
		return false;
	return pga_map_take_words(map, page, which, 1, PGA_CACHE_PAGES, cache);
}

/* Allocate a run of 1 to 64 pages from a cache; PGA_NONE if it has none. */
static inline unsigned long pgat_cache_alloc(struct pga_cache *cache, unsigned int nr,
					     unsigned int *discarded)
{
	const unsigned int i = pga_word_find_run(cache->owned, nr);
	u64 run;

	if (i == PGA_CACHE_PAGES)
		return PGA_NONE;
	run = GENMASK_ULL(i + nr - 1, i);
	*discarded = hweight64(cache->discarded & run);
	cache->owned &= ~run;
	cache->discarded &= ~run;
	return cache->base + i;
}

/* Put the pages of a cache back, which is empty then. */
static inline void pgat_cache_flush(struct pga_cache *cache, struct pga_map *map)
{
	if (cache->owned)
		pga_map_put_word(map, cache->base, cache->owned, cache->discarded);
	*cache = (struct pga_cache) {};
}

#endif
