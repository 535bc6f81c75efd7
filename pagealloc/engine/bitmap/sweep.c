// SPDX-License-Identifier: GPL-2.0
/*
 * Finding pages to give back.
 */

#include <linux/bitmap.h>
#include <linux/minmax.h>

#include "engine/bitmap/bits.h"
#include "engine/bitmap/candidate.h"
#include "engine/bitmap/search.h"
#include "engine/bitmap/sweep.h"
#include "base/kunit_export.h"

/* The highest ready group of @granule pages, 128 or 256, in one chunk. */
static struct pga_candidate half_chunk(const unsigned long *busy,
				       unsigned int granule)
{
	int start;

	for (start = PGA_CHUNK_PAGES - granule; start >= 0; start -= granule)
		if (!pga_bits_weight(busy, start, granule))
			return (struct pga_candidate) { start, granule };
	return (struct pga_candidate) {};
}

/* pga_candidate_find(), from page @from of chunk @i, in its ready pages below @end. */
static noinline struct pga_candidate find_candidate(const struct pga_bitmap *map,
						    unsigned long i,
						    unsigned int from,
						    unsigned int end,
						    unsigned int granule,
						    unsigned long max,
						    unsigned int huge)
{
	const struct pga_chunk *chunk = pga_store_chunk(&map->tree.store, i);
	unsigned long busy[PGA_CHUNK_WORDS];

	pga_chunk_busy(chunk, PGA_READY, busy);
	bitmap_set(busy, end, PGA_CHUNK_PAGES - end);
	if (granule > PGA_CANDIDATE_GRANULE_MAX)
		return half_chunk(busy, granule);
	return pga_candidate_find(busy, from, granule, max, huge);
}

/*
 * A candidate of granules smaller than a chunk, in chunk @i.  That is the chunk if
 * all of it is ready and it goes as a whole, which its summary tells.
 */
static bool group_in_chunk(const struct pga_bitmap *map, unsigned long i,
			   unsigned int from, unsigned int end,
			   unsigned long granule, unsigned long max,
			   unsigned long huge, struct pga_extent *group)
{
	struct pga_block *block = pga_store_block(&map->tree.store,
						  pga_chunk_start(i));
	struct pga_candidate c = { .nr = PGA_CHUNK_PAGES };
	const pga_leaf_t leaf = *pga_block_leaf(block, PGA_READY, i);

	if (FIELD_GET(PGA_LEAF_MAX, leaf) < PGA_CHUNK_PAGES ||
	    granule > PGA_CANDIDATE_GRANULE_MAX ||
	    (max < PGA_CHUNK_PAGES && huge != PGA_CHUNK_PAGES) ||
	    from < PGA_CHUNK_PAGES - BITS_PER_LONG || end < PGA_CHUNK_PAGES)
		c = find_candidate(map, i, from, end, granule, max, huge);
	*group = (struct pga_extent) { pga_chunk_start(i) + c.start, c.nr };
	return c.nr;
}

/* The granule of whole chunks that ends with chunk @i, if all of it is ready. */
static bool group_of_chunks(const struct pga_bitmap *map, unsigned long i,
			    unsigned long granule, struct pga_extent *group)
{
	unsigned long nr = pga_chunk_of(granule);

	if ((i + 1) % nr)
		return false;
	*group = (struct pga_extent) { pga_chunk_start(i + 1) - granule, granule };
	for (; nr; nr--, i--)
		if (pga_tree_get(&map->tree, PGA_READY, 0, i).max < PGA_CHUNK_PAGES)
			return false;
	return true;
}

/**
 * pga_bitmap_find_group() - find free and ready granules, highest first
 * @map: the engine
 * @granule: pages, a power of two
 * @max: pages wanted; granules of less than a chunk come several at a time
 * @huge: pages of a huge page that should not be split, or 0
 * @below: search below this page; out: where to go on, 0 when nothing is left
 * @budget: look at about this many summaries at most, at least PGA_NR_LEVELS
 * @group: what was found: whole granules, within a chunk unless one granule
 *	   is longer than that
 *
 * Return: whether @group was set.  If not and @below is not 0, call again.
 */
bool pga_bitmap_find_group(const struct pga_bitmap *map, unsigned long granule,
			   unsigned long max, unsigned long huge,
			   unsigned long *below, unsigned int budget,
			   struct pga_extent *group)
{
	const unsigned long last = pga_chunk_of(*below - 1);
	unsigned long i = last + 1;
	bool found;

	if (!pga_tree_prev(&map->tree, PGA_READY, granule, &i, budget)) {
		*below = pga_chunk_start(i);
		return false;
	}
	if (i != last)
		*below = pga_chunk_start(i + 1);
	if (granule < PGA_CHUNK_PAGES) {
		found = group_in_chunk(map, i, *below - pga_chunk_start(i) - 1,
				       *below - pga_chunk_start(i), granule, max,
				       huge, group);
		*below = found ? group->start : pga_chunk_start(i);
	} else {
		found = group_of_chunks(map, i, granule, group);
		*below = ALIGN_DOWN(pga_chunk_start(i), granule);
	}
	return found;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_find_group);

/* What of chunk @i, or the granule it is in, could be discarded. */
static bool candidate_at(const struct pga_bitmap *map, unsigned long page,
			 unsigned long granule, unsigned long max,
			 unsigned long huge, struct pga_extent *candidate)
{
	const unsigned long i = pga_chunk_of(page);

	if (pga_tree_get(&map->tree, PGA_FREE, 0, i).max <
	    min(granule, PGA_CHUNK_PAGES))
		return false;
	if (granule >= PGA_CHUNK_PAGES)
		return group_of_chunks(map, ALIGN(i + 1, pga_chunk_of(granule)) - 1,
				       granule, candidate);
	return group_in_chunk(map, i, page % PGA_CHUNK_PAGES, PGA_CHUNK_PAGES,
			      granule, max, huge, candidate);
}

/**
 * pga_bitmap_next_candidate() - find pages to discard by the scavenge index
 * @map: the engine
 * @forced: mind neither generation nor density nor age
 * @search: the search, as pga_index_find() has it
 * @budget: look at this many records at most
 * @granule: pages, a power of two
 * @max: pages wanted
 * @huge: pages of a huge page, as pga_candidate_find() has it
 * @candidate: set to whole granules, or to no pages: call again.  The chunk
 *	       looked into had nothing, and will be passed by from now on; or no
 *	       chunk to look into has been found as yet.
 *
 * Return: false if no chunk is left to look into.
 */
bool pga_bitmap_next_candidate(struct pga_bitmap *map, bool forced,
			       struct pga_search *search, unsigned int budget,
			       unsigned long granule, unsigned long max,
			       unsigned long huge, struct pga_extent *candidate)
{
	unsigned long page;

	candidate->nr = 0;
	if (!pga_index_find(&map->index, &map->tree.store, forced, search, budget,
			    &page))
		return search->from;
	if (!candidate_at(map, page, granule, max, huge, candidate)) {
		pga_index_empty(&map->tree.store, pga_chunk_of(page));
		candidate->nr = 0;
	}
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_next_candidate);
