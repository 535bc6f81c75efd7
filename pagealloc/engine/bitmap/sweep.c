// SPDX-License-Identifier: GPL-2.0
/*
 * Finding pages to give back.
 *
 * A sweep for all pages walks down the tree of ready pages and visits each granule
 * that is entirely free and ready once.  A sweep for idle pages takes the next
 * chunk from the scavenge index and searches it.
 *
 * A granule of up to 64 pages is found by the candidate search in the maps of a
 * chunk, a larger one by the summaries of the chunks it consists of, or by
 * counting if it is half a chunk or a quarter.
 */

#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <linux/stddef.h>

#include "engine/bitmap/bits.h"
#include "engine/bitmap/candidate.h"
#include "engine/bitmap/search.h"
#include "engine/bitmap/sweep.h"
#include "base/kunit_export.h"

/**
 * struct state - the position of a sweep, kept in struct pga_sweep
 * @begun: whether the sweep has begun
 * @below: a sweep for all pages: it has searched everything from this page on
 * @search: a sweep for idle pages: the search in the scavenge index
 */
struct state {
	bool begun;
	unsigned long below;
	struct pga_search search;
};

static_assert(sizeof(struct state) <= sizeof_field(struct pga_sweep, state));

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

/* The highest candidate of chunk @i below page @end of it. */
static noinline struct pga_candidate find_candidate(const struct pga_bitmap *b,
						    const struct pga_piece *piece,
						    unsigned long i,
						    unsigned int end)
{
	const struct pga_chunk *chunk = pga_store_chunk(&b->tree.store, i);
	unsigned long busy[PGA_CHUNK_WORDS];

	pga_chunk_busy(chunk, PGA_READY, busy);
	bitmap_set(busy, end, PGA_CHUNK_PAGES - end);
	if (piece->granule > PGA_SMALL_GRANULE)
		return half_chunk(busy, piece->granule);
	return pga_candidate_find(busy, end - 1, piece->granule, piece->max,
				  piece->huge);
}

/*
 * Set @group to the highest candidate of chunk @i below page @end of it.  If the
 * whole chunk is ready and wanted, its summary is enough, and the maps are not read.
 */
static bool group_in_chunk(const struct pga_bitmap *b, const struct pga_piece *piece,
			   unsigned long i, unsigned int end,
			   struct pga_extent *group)
{
	struct pga_candidate c = { .nr = PGA_CHUNK_PAGES };

	if (end < PGA_CHUNK_PAGES ||
	    pga_tree_get(&b->tree, PGA_READY, 0, i).max < PGA_CHUNK_PAGES ||
	    piece->granule > PGA_SMALL_GRANULE ||
	    (piece->max < PGA_CHUNK_PAGES && piece->huge != PGA_CHUNK_PAGES))
		c = find_candidate(b, piece, i, end);
	*group = (struct pga_extent) { pga_chunk_start(i) + c.start, c.nr };
	return c.nr;
}

/* Set @group to the granule whose last chunk is @i, if all of it is ready. */
static bool group_of_chunks(const struct pga_bitmap *b, unsigned long i,
			    unsigned long granule, struct pga_extent *group)
{
	unsigned long nr = pga_chunk_of(granule);

	if ((i + 1) % nr)
		return false;
	*group = (struct pga_extent) { pga_chunk_start(i + 1) - granule, granule };
	for (; nr; nr--, i--)
		if (pga_tree_get(&b->tree, PGA_READY, 0, i).max < PGA_CHUNK_PAGES)
			return false;
	return true;
}

/**
 * pga_bitmap_find_group() - find free and ready granules, highest first
 * @b: the engine
 * @piece: how many pages to return at a time, in whole granules
 * @below: search below this page; out: where the next call continues, 0 at the end
 * @budget: read about this many summaries, at least PGA_NR_LEVELS
 * @group: set to whole granules, within a chunk unless a granule is longer
 *
 * Return: whether @group was set.  If not and @below is not 0, call again.
 */
bool pga_bitmap_find_group(const struct pga_bitmap *b,
			   const struct pga_piece *piece, unsigned long *below,
			   unsigned int budget, struct pga_extent *group)
{
	const unsigned long last = pga_chunk_of(*below - 1);
	unsigned long i = last + 1;
	bool found;

	if (!pga_tree_prev(&b->tree, PGA_READY, piece->granule, &i, budget)) {
		*below = pga_chunk_start(i);
		return false;
	}
	if (i != last)
		*below = pga_chunk_start(i + 1);
	if (piece->granule < PGA_CHUNK_PAGES) {
		found = group_in_chunk(b, piece, i, *below - pga_chunk_start(i), group);
		*below = found ? group->start : pga_chunk_start(i);
	} else {
		found = group_of_chunks(b, i, piece->granule, group);
		*below = ALIGN_DOWN(pga_chunk_start(i), piece->granule);
	}
	return found;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_find_group);

/*
 * Set @candidate to the highest candidate at or below @page in its chunk, or to the
 * granule that contains the chunk if a granule is longer.
 */
static bool candidate_at(const struct pga_bitmap *b, const struct pga_piece *piece,
			 unsigned long page, struct pga_extent *candidate)
{
	const unsigned long i = pga_chunk_of(page), granule = piece->granule;
	const unsigned int end = ALIGN(page % PGA_CHUNK_PAGES + 1,
				       max_t(unsigned int, granule, BITS_PER_LONG));

	if (pga_tree_get(&b->tree, PGA_FREE, 0, i).max < min(granule, PGA_CHUNK_PAGES))
		return false;
	if (granule >= PGA_CHUNK_PAGES)
		return group_of_chunks(b, ALIGN(i + 1, pga_chunk_of(granule)) - 1,
				       granule, candidate);
	return group_in_chunk(b, piece, i, end, candidate);
}

/**
 * pga_bitmap_next_candidate() - find pages to give back by the scavenge index
 * @b: the engine
 * @piece: how many pages
 * @forced: regardless of generation, density and age
 * @search: the search, as pga_index_find() has it
 * @budget: look at this many records at most
 * @candidate: set to whole granules.  It has no pages if the budget ran out, or if
 *	       the chunk had no candidate; further searches skip that chunk
 *
 * Return: false if no chunk is left to look into.
 */
bool pga_bitmap_next_candidate(struct pga_bitmap *b,
			       const struct pga_piece *piece, bool forced,
			       struct pga_search *search, unsigned int budget,
			       struct pga_extent *candidate)
{
	unsigned long page;

	candidate->nr = 0;
	if (!pga_index_find(&b->index, &b->tree.store, forced, search, budget, &page))
		return search->from;
	if (!candidate_at(b, piece, page, candidate)) {
		pga_index_empty(&b->tree.store, pga_chunk_of(page));
		candidate->nr = 0;
	}
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_next_candidate);

static bool next_any(const struct pga_bitmap *b, struct state *state,
		     unsigned int budget, const struct pga_piece *piece,
		     struct pga_extent *extent)
{
	if (!state->begun)
		state->below = PGA_NONE;
	state->begun = true;
	return pga_bitmap_find_group(b, piece, &state->below, budget, extent);
}

/* Chunks that an earlier sweep found too young may be old enough by now. */
static void begin_idle(struct pga_bitmap *b, struct state *state)
{
	const struct pga_map *map = &b->map;

	if (map->delay)
		state->search.young = ((map->delay - 1) >> map->tick_shift) + 1;
	state->search.now = map->tick;
	state->begun = true;
	pga_index_resume(&b->index);
}

/* See pga_map_next_idle().  The budget counts summaries, or index records. */
bool pga_bitmap_next_idle(struct pga_map *map, struct pga_sweep *sweep,
			  unsigned int budget, const struct pga_piece *piece,
			  struct pga_extent *extent)
{
	struct state *state = (struct state *)sweep->state;
	struct pga_bitmap *b = pga_bitmap_of(map);
	bool found;

	if (!sweep->idle) {
		found = next_any(b, state, budget, piece, extent);
		sweep->over = !state->below;
		return found;
	}
	if (!state->begun)
		begin_idle(b, state);
	sweep->over = !pga_bitmap_next_candidate(b, piece, false, &state->search,
						 budget, extent);
	return !sweep->over && extent->nr;
}

/* See pga_map_pass_by().  A sweep for all pages never returns to a page. */
void pga_bitmap_pass_by(struct pga_map *map, const struct pga_sweep *sweep,
			unsigned long page, unsigned long nr)
{
	struct pga_bitmap *b = pga_bitmap_of(map);
	unsigned long i;

	for (i = pga_chunk_of(page); i <= pga_chunk_of(page + nr - 1); i++)
		pga_index_empty(&b->tree.store, i);
}

/* See pga_map_too_young(). */
bool pga_bitmap_too_young(const struct pga_map *map)
{
	return pga_bitmap_of(map)->index.skipped;
}

/* See pga_map_next_generation(). */
void pga_bitmap_next_generation(struct pga_map *map)
{
	struct pga_bitmap *b = pga_bitmap_of(map);

	pga_index_next_generation(&b->index, &b->tree.store);
}
