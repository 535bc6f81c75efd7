// SPDX-License-Identifier: GPL-2.0
/*
 * Questions about the pages of a bitmap engine.
 */

#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/minmax.h>

#include "engine/bitmap/bitmap.h"
#include "engine/bitmap/bits.h"
#include "engine/bitmap/read.h"

/* See pga_map_longest(). */
unsigned long pga_bitmap_longest(const struct pga_map *map)
{
	return pga_tree_root(&pga_bitmap_of(map)->tree, PGA_FREE).max;
}

/* How many of @nr pages of one chunk are allocated?  The summary may tell. */
static unsigned long allocated_in_chunk(const struct pga_store *store,
					unsigned long page, unsigned long nr)
{
	const struct pga_spot spot = pga_store_spot(store, page, nr);
	unsigned int longest;

	if (!spot.chunk)
		return nr;
	if (nr == PGA_CHUNK_PAGES) {
		longest = pga_leaf_unpack(*pga_block_leaf(spot.block, PGA_FREE,
							  pga_chunk_of(page))).max;
		if (!longest || longest == PGA_CHUNK_PAGES)
			return nr - longest;
	}
	return pga_bits_weight(spot.chunk->allocated, page % PGA_CHUNK_PAGES, nr);
}

/*
 * Is a whole node of level 1 allocated, or free?  Then set how many of its pages are
 * allocated.
 */
static bool count_node(const struct pga_tree *tree, unsigned long page,
		       unsigned long *allocated)
{
	const unsigned long pages = pga_level_pages(1);
	unsigned long longest;

	if (tree->root_level == 1)
		return false;
	longest = pga_tree_get(tree, PGA_FREE, 1, page / pages).max;
	*allocated = pages - longest;
	return !longest || longest == pages;
}

/* See pga_map_count(); pages in holes count as allocated. */
struct pga_count pga_bitmap_count(const struct pga_map *map, unsigned long page,
				  unsigned long nr)
{
	const struct pga_tree *tree = &pga_bitmap_of(map)->tree;
	const struct pga_store *store = &tree->store;
	const unsigned long node = pga_level_pages(1), end = page + nr;
	struct pga_count count = {};
	unsigned long next, busy;

	for (; page < end; page = next) {
		next = page + node;
		if (IS_ALIGNED(page, node) && next <= end &&
		    count_node(tree, page, &busy)) {
			count.allocated += busy;
			continue;
		}
		next = min(end, ALIGN(page + 1, PGA_CHUNK_PAGES));
		count.allocated += allocated_in_chunk(store, page, next - page);
	}
	count.free = nr - count.allocated;
	return count;
}

/* See pga_map_next_discarded(). */
bool pga_bitmap_next_discarded(const struct pga_map *map, unsigned long page,
			       unsigned long end, struct pga_extent *extent)
{
	const struct pga_store *store = &pga_bitmap_of(map)->tree.store;
	const struct pga_chunk *chunk;
	unsigned int start, stop, first, last;

	extent->nr = 0;
	for (; page < end; page += stop - start) {
		start = page % PGA_CHUNK_PAGES;
		stop = min(end - page + start, PGA_CHUNK_PAGES);
		chunk = pga_store_chunk(store, pga_chunk_of(page));
		first = find_next_bit(chunk->discarded, stop, start);
		if (extent->nr && first != start)
			break;
		if (first == stop)
			continue;
		last = find_next_zero_bit(chunk->discarded, stop, first);
		if (!extent->nr)
			extent->start = page + first - start;
		extent->nr += last - first;
		if (last < stop)
			break;
	}
	return extent->nr;
}

/* See pga_map_read(); always to the end of the chunk. */
unsigned long pga_bitmap_read(const struct pga_map *map, unsigned long page,
			      struct pga_chunk *chunk)
{
	const unsigned long i = pga_chunk_of(page);
	const struct pga_chunk *from =
		pga_store_chunk(&pga_bitmap_of(map)->tree.store, i);

	if (from) {
		*chunk = *from;
	} else {
		bitmap_fill(chunk->allocated, PGA_CHUNK_PAGES);
		bitmap_zero(chunk->discarded, PGA_CHUNK_PAGES);
	}
	return pga_chunk_start(i + 1);
}

/* See pga_map_words(). */
const struct pga_words *pga_bitmap_words(const struct pga_map *map,
					 unsigned long page)
{
	const struct pga_super *super =
		pga_store_super(&pga_bitmap_of(map)->tree.store, page);

	return super ? &super->words : NULL;
}

/* See pga_map_allocated(). */
unsigned long pga_bitmap_allocated(const struct pga_map *map, unsigned long page)
{
	return *pga_word_at(pga_bitmap_words(map, page), page);
}
