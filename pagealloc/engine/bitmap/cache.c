// SPDX-License-Identifier: GPL-2.0
/*
 * A cache of pages: the free pages of one 64-page block, taken out of the maps
 * in one step and handed out one word operation each.
 *
 *	maps:   . a . . a a . .   -> refill ->   a a a a a a a a
 *	cache:                                   x   x x     x x   owned
 *
 * The block is the one with the lowest free page.  Its free pages need not be
 * consecutive, so a run of several pages may not fit although as many are
 * there.  While they are in the cache the maps have them as allocated; the
 * cache remembers which were discarded, and a flush restores that.
 *
 * No locks here.  The rules are those of the Go runtime
 * (src/runtime/mpagecache.go).
 */

#include <linux/bitops.h>

#include "engine/word.h"
#include "engine/bitmap/cache.h"
#include "base/kunit_export.h"

static_assert(PGA_CACHE_PAGES == BITS_PER_LONG);

/**
 * pga_cache_refill() - take the block with the lowest free page
 * @cache: an empty cache
 * @map: the engine
 * @which: PGA_FREE, or PGA_READY to take ready pages only
 *
 * Return: false if there is no such page.
 */
bool pga_cache_refill(struct pga_cache *cache, struct pga_map *map,
		      enum pga_which which)
{
	const unsigned long page = pga_map_find(map, which, 1);

	if (page == PGA_NONE)
		return false;
	return pga_map_take_words(map, page, which, 1, PGA_CACHE_PAGES, cache);
}
PGA_EXPORT_FOR_KUNIT(pga_cache_refill);

/**
 * pga_cache_alloc() - allocate a run from a cache
 * @cache: the cache
 * @nr: pages, 1 to 64
 * @discarded: set to how many of them are discarded
 *
 * Return: the first page, PGA_NONE if no such run is in the cache.
 */
unsigned long pga_cache_alloc(struct pga_cache *cache, unsigned int nr,
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
PGA_EXPORT_FOR_KUNIT(pga_cache_alloc);

/**
 * pga_cache_flush() - put the pages of a cache back into the maps
 * @cache: the cache; empty afterwards
 * @map: the engine
 */
void pga_cache_flush(struct pga_cache *cache, struct pga_map *map)
{
	if (cache->owned)
		pga_map_put_word(map, cache->base, cache->owned,
				    cache->discarded);
	*cache = (struct pga_cache) {};
}
PGA_EXPORT_FOR_KUNIT(pga_cache_flush);
