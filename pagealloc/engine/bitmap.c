// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmap engine: which pages are free, and which of those are ready.
 *
 * Two bits a page say it all (struct pga_chunk); the trees only find places
 * faster.  What can happen to pages is here:
 *
 *	grow	a hole becomes free: discarded, or ready at once
 *	alloc	free pages, ready or discarded, come into use
 *	free	pages in use become free and ready
 *	hold	free pages become allocated, but they are not in use
 *	use	pages that are held come into use
 *	put	pages that are held become free: ready, or discarded
 *
 * There is no operation for a page that goes from ready to discarded or back.
 * Whoever does that takes time and must keep others away meanwhile, so it is a
 * hold, the work, and a put.  The scavenge index knows only of alloc and free:
 * what the scavenger itself does to pages says nothing of how they are used.
 *
 * A hint a kind of search is kept, below which nothing is: alloc raises it only
 * when it knows the first such page, free and grow lower it.  It saves the
 * descent for the run that fits into the first chunk with such a page, which is
 * most runs that are short.  Only time depends on it, never a place.
 *
 * The engine knows neither granules nor backings, and takes no lock: the caller
 * holds the pool's.  Ranges are checked by the caller; what the maps say
 * otherwise is reported as false and means that somebody's books are wrong.
 */

#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/minmax.h>

#include "engine/bitmap.h"
#include "engine/candidate.h"
#include "kunit_export.h"

/* The part of a range that lies in one chunk. */
struct part {
	unsigned long chunk;
	unsigned int start;
	unsigned int nr;
};

static struct part part_at(unsigned long page, unsigned long end)
{
	const unsigned int start = page % PGA_CHUNK_PAGES;

	return (struct part) {
		.chunk = pga_chunk_of(page),
		.start = start,
		.nr = min(end - page, PGA_CHUNK_PAGES - start),
	};
}

static struct pga_chunk *chunk_of_part(const struct pga_bitmap *map, struct part p)
{
	return pga_store_chunk(&map->tree.store, p.chunk);
}

/**
 * pga_bitmap_init() - an engine without pages
 * @map: the engine
 */
void pga_bitmap_init(struct pga_bitmap *map)
{
	*map = (struct pga_bitmap) {
		.hint = { PGA_NONE, PGA_NONE },
	};
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_init);

/* Free what is marked allocated, without a look at what it was. */
static void mark_free(struct pga_bitmap *map, unsigned long page,
		      unsigned long nr, enum pga_made made)
{
	const unsigned long end = page + nr;
	struct pga_chunk *chunk;
	unsigned long at;
	struct part p;

	for (at = page; at < end; at += p.nr) {
		p = part_at(at, end);
		chunk = chunk_of_part(map, p);
		bitmap_clear(chunk->allocated, p.start, p.nr);
		if (made == PGA_MADE_DISCARDED)
			bitmap_set(chunk->discarded, p.start, p.nr);
	}
	pga_tree_update(&map->tree, page, nr, made);

	map->free += nr;
	map->hint[PGA_FREE] = min(map->hint[PGA_FREE], page);
	if (made == PGA_MADE_DISCARDED)
		map->discarded += nr;
	else
		map->hint[PGA_READY] = min(map->hint[PGA_READY], page);
}

/**
 * pga_bitmap_grow() - add pages
 * @map: the engine
 * @page: first page, never added before
 * @nr: pages; the range lies within one block of the store
 * @made: PGA_MADE_DISCARDED as a rule, PGA_MADE_READY
 * @supply: memory for what pga_store_missing() names
 *
 * Return: false if something was not supplied; nothing has been added then.
 */
bool pga_bitmap_grow(struct pga_bitmap *map, unsigned long page,
		     unsigned long nr, enum pga_made made,
		     struct pga_supply *supply)
{
	if (!pga_store_install(&map->tree.store, page, nr, supply))
		return false;
	pga_tree_extend(&map->tree, page, nr);
	mark_free(map, page, nr, made);
	map->pages += nr;
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_grow);

/* First fit inside the chunk with the hint; the hint moves up to what is met. */
static unsigned long find_at_hint(struct pga_bitmap *map, enum pga_which which,
				  unsigned long nr)
{
	const unsigned long hint = map->hint[which];
	const unsigned long i = pga_chunk_of(hint);
	unsigned long buf[PGA_CHUNK_WORDS];
	const struct pga_chunk *chunk;
	unsigned int pos, first_free;

	chunk = pga_store_chunk(&map->tree.store, i);
	if (!chunk || pga_tree_get(&map->tree, which, 0, i).max < nr)
		return PGA_NONE;
	pos = pga_bits_find(pga_chunk_busy(chunk, which, buf), nr,
			    hint % PGA_CHUNK_PAGES, &first_free);
	if (pos == PGA_CHUNK_PAGES)
		return PGA_NONE;
	map->hint[which] = pga_chunk_start(i) + first_free;
	return pga_chunk_start(i) + pos;
}

/**
 * pga_bitmap_find() - exact first fit
 * @map: the engine
 * @which: free pages, or only ready ones
 * @nr: pages wanted, at least 1
 *
 * Return: the lowest page at which @nr such pages begin, or PGA_NONE.
 */
unsigned long pga_bitmap_find(struct pga_bitmap *map, enum pga_which which,
			      unsigned long nr)
{
	unsigned long page;

	if (map->hint[which] == PGA_NONE)
		return PGA_NONE;
	page = find_at_hint(map, which, nr);
	if (page != PGA_NONE)
		return page;
	page = pga_tree_find(&map->tree, which, nr);
	if (nr == 1)
		map->hint[which] = page;
	return page;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_find);

/* What of [@page, @page + @nr) a search begins at moves up behind it. */
static void raise_hint(struct pga_bitmap *map, enum pga_which which,
		       unsigned long page, unsigned long nr)
{
	if (map->hint[which] - page < nr)
		map->hint[which] = page + nr;
}

/**
 * pga_bitmap_hold() - mark free pages as allocated
 * @map: the engine
 * @page: first page
 * @nr: pages, all of them of the pool
 *
 * Discarded pages among them lose that mark; look before.
 *
 * Return: false, and part of it done, if a page was not free.
 */
bool pga_bitmap_hold(struct pga_bitmap *map, unsigned long page,
		     unsigned long nr)
{
	const unsigned long end = page + nr;
	unsigned long at, discarded = 0;
	struct pga_chunk *chunk;
	struct part p;

	for (at = page; at < end; at += p.nr) {
		p = part_at(at, end);
		chunk = chunk_of_part(map, p);
		if (!chunk || pga_bits_weight(chunk->allocated, p.start, p.nr))
			return false;
		discarded += pga_bits_weight(chunk->discarded, p.start, p.nr);
		bitmap_set(chunk->allocated, p.start, p.nr);
		bitmap_clear(chunk->discarded, p.start, p.nr);
	}
	pga_tree_update(&map->tree, page, nr, PGA_MADE_BUSY);

	map->free -= nr;
	map->discarded -= discarded;
	raise_hint(map, PGA_FREE, page, nr);
	raise_hint(map, PGA_READY, page, nr);
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_hold);

/**
 * pga_bitmap_put() - mark allocated pages as free
 * @map: the engine
 * @page: first page
 * @nr: pages, all of them of the pool
 * @made: PGA_MADE_READY or PGA_MADE_DISCARDED
 *
 * Return: false, and nothing done, if a page was free already.
 */
bool pga_bitmap_put(struct pga_bitmap *map, unsigned long page,
		    unsigned long nr, enum pga_made made)
{
	if (!pga_bitmap_test(map, page, nr, true))
		return false;
	mark_free(map, page, nr, made);
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_put);

/**
 * pga_bitmap_use() - pages that are held come into use
 * @map: the engine
 * @page: first page
 * @nr: pages
 */
void pga_bitmap_use(struct pga_bitmap *map, unsigned long page,
		    unsigned long nr)
{
	pga_index_alloc(&map->index, &map->tree.store, page, nr);
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_use);

/**
 * pga_bitmap_offer() - the index should know of pages that are ready
 * @map: the engine
 * @page: first page
 * @nr: pages, free and ready, though nobody has freed them
 */
void pga_bitmap_offer(struct pga_bitmap *map, unsigned long page,
		      unsigned long nr)
{
	pga_index_touch(&map->index, &map->tree.store, page, nr);
}

/**
 * pga_bitmap_pass_by() - the index should forget pages that cannot be discarded
 * @map: the engine
 * @page: first page
 * @nr: pages; their chunks are passed by until pages of them are freed
 */
void pga_bitmap_pass_by(struct pga_bitmap *map, unsigned long page,
			unsigned long nr)
{
	unsigned long i;

	for (i = pga_chunk_of(page); i <= pga_chunk_of(page + nr - 1); i++)
		pga_index_empty(&map->tree.store, i);
}

/**
 * pga_bitmap_alloc() - free pages come into use
 * @map: the engine
 * @page: first page
 * @nr: pages, all of them of the pool
 *
 * Return: as pga_bitmap_hold().
 */
bool pga_bitmap_alloc(struct pga_bitmap *map, unsigned long page,
		      unsigned long nr)
{
	if (!pga_bitmap_hold(map, page, nr))
		return false;
	pga_bitmap_use(map, page, nr);
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_alloc);

/**
 * pga_bitmap_free() - pages go out of use, and are free and ready
 * @map: the engine
 * @page: first page
 * @nr: pages, all of them of the pool
 *
 * Return: as pga_bitmap_put().
 */
bool pga_bitmap_free(struct pga_bitmap *map, unsigned long page,
		     unsigned long nr)
{
	if (!pga_bitmap_put(map, page, nr, PGA_MADE_READY))
		return false;
	pga_index_free(&map->index, &map->tree.store, page, nr);
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_free);

/**
 * pga_bitmap_take_word() - bring all free pages of 64 into use
 * @map: the engine
 * @page: first page, a multiple of 64
 * @which: PGA_FREE, or PGA_READY to take ready pages only
 * @owned: set to those taken, a bit a page
 * @discarded: set to those of them that were discarded
 */
void pga_bitmap_take_word(struct pga_bitmap *map, unsigned long page,
			  enum pga_which which, u64 *owned, u64 *discarded)
{
	struct pga_chunk *chunk = pga_store_chunk(&map->tree.store,
						  pga_chunk_of(page));
	const unsigned int w = page % PGA_CHUNK_PAGES / BITS_PER_LONG;

	*owned = ~chunk->allocated[w];
	if (which == PGA_READY)
		*owned &= ~chunk->discarded[w];
	*discarded = *owned & chunk->discarded[w];
	chunk->allocated[w] |= *owned;
	chunk->discarded[w] &= ~*owned;
	pga_tree_update(&map->tree, page, BITS_PER_LONG, PGA_MADE_BUSY);

	map->free -= hweight64(*owned);
	map->discarded -= hweight64(*discarded);
	raise_hint(map, which, page, BITS_PER_LONG);
	pga_index_alloc(&map->index, &map->tree.store, page, hweight64(*owned));
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_take_word);

/**
 * pga_bitmap_put_word() - what pga_bitmap_take_word() took goes out of use
 * @map: the engine
 * @page: first page, a multiple of 64
 * @owned: those of its 64 pages that are meant, a bit a page, not none
 * @discarded: those of them to be discarded again; the others are ready
 */
void pga_bitmap_put_word(struct pga_bitmap *map, unsigned long page,
			 u64 owned, u64 discarded)
{
	struct pga_chunk *chunk = pga_store_chunk(&map->tree.store,
						  pga_chunk_of(page));
	const unsigned int w = page % PGA_CHUNK_PAGES / BITS_PER_LONG;
	unsigned long first = page + __ffs64(owned);
	unsigned long last = page + fls64(owned) - 1;

	chunk->allocated[w] &= ~owned;
	chunk->discarded[w] |= discarded;
	pga_tree_update(&map->tree, page, BITS_PER_LONG, PGA_MADE_READY);

	map->free += hweight64(owned);
	map->discarded += hweight64(discarded);
	map->hint[PGA_FREE] = min(map->hint[PGA_FREE], first);
	map->hint[PGA_READY] = min(map->hint[PGA_READY], first);
	pga_index_free_some(&map->index, &map->tree.store, last,
			    hweight64(owned));
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_put_word);

/**
 * pga_bitmap_test() - are these pages all allocated, or all free?
 * @map: the engine
 * @page: first page
 * @nr: pages
 * @allocated: what they should be
 *
 * Holes read as allocated.
 *
 * Return: whether every page is.
 */
bool pga_bitmap_test(const struct pga_bitmap *map, unsigned long page,
		     unsigned long nr, bool allocated)
{
	const unsigned long end = page + nr;
	const struct pga_chunk *chunk;
	struct part p;

	for (; page < end; page += p.nr) {
		p = part_at(page, end);
		chunk = chunk_of_part(map, p);
		if (!chunk)
			return false;
		if (pga_bits_weight(chunk->allocated, p.start, p.nr) !=
		    (allocated ? p.nr : 0))
			return false;
	}
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_test);

/**
 * pga_bitmap_busy() - how many pages are allocated?
 * @map: the engine
 * @page: first page
 * @end: the page after the last; all of the range is of the pool
 *
 * Return: pages; 0 if the range is none.
 */
unsigned long pga_bitmap_busy(const struct pga_bitmap *map, unsigned long page,
			      unsigned long end)
{
	unsigned long nr = 0;
	struct part p;

	for (; page < end; page += p.nr) {
		p = part_at(page, end);
		nr += pga_bits_weight(chunk_of_part(map, p)->allocated, p.start,
				      p.nr);
	}
	return nr;
}

/**
 * pga_bitmap_next_discarded() - find the next discarded pages of a range
 * @map: the engine
 * @page: first page of the range
 * @end: the page after its last; all of the range is of the pool
 * @extent: set to the lowest discarded pages in it, as many as follow one
 *	    another within the range
 *
 * Return: false if there are none.
 */
bool pga_bitmap_next_discarded(const struct pga_bitmap *map, unsigned long page,
			       unsigned long end, struct pga_extent *extent)
{
	const struct pga_chunk *chunk;
	unsigned int first, last;
	struct part p;

	extent->nr = 0;
	for (; page < end; page += p.nr) {
		p = part_at(page, end);
		chunk = chunk_of_part(map, p);
		first = find_next_bit(chunk->discarded, p.start + p.nr, p.start);
		if (extent->nr && first != p.start)
			break;
		if (first == p.start + p.nr)
			continue;
		last = find_next_zero_bit(chunk->discarded, p.start + p.nr, first);
		if (!extent->nr)
			extent->start = pga_chunk_start(p.chunk) + first;
		extent->nr += last - first;
		if (last < p.start + p.nr)
			break;
	}
	return extent->nr;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_next_discarded);

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

/* A candidate of granules smaller than a chunk, in the chunk that ends above @below. */
static bool group_in_chunk(const struct pga_bitmap *map, unsigned long below,
			   unsigned long granule, unsigned long max,
			   unsigned long huge, struct pga_extent *group)
{
	const unsigned long i = pga_chunk_of(below - 1);
	const unsigned int end = below - pga_chunk_start(i);
	const struct pga_chunk *chunk = pga_store_chunk(&map->tree.store, i);
	unsigned long busy[PGA_CHUNK_WORDS];
	struct pga_candidate c;

	pga_chunk_busy(chunk, PGA_READY, busy);
	bitmap_set(busy, end, PGA_CHUNK_PAGES - end);
	if (granule > PGA_CANDIDATE_GRANULE_MAX)
		c = half_chunk(busy, granule);
	else
		c = pga_candidate_find(busy, end - 1, granule, max, huge);
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
		found = group_in_chunk(map, *below, granule, max, huge, group);
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
	const struct pga_store *store = &map->tree.store;
	const unsigned long i = pga_chunk_of(page);
	unsigned long buf[PGA_CHUNK_WORDS];
	const unsigned long *busy;
	struct pga_candidate c;

	if (pga_tree_get(&map->tree, PGA_FREE, 0, i).max <
	    min(granule, PGA_CHUNK_PAGES))
		return false;
	if (granule >= PGA_CHUNK_PAGES)
		return group_of_chunks(map, ALIGN(i + 1, pga_chunk_of(granule)) - 1,
				       granule, candidate);
	busy = pga_chunk_busy(pga_store_chunk(store, i), PGA_READY, buf);
	if (granule > PGA_CANDIDATE_GRANULE_MAX)
		c = half_chunk(busy, granule);
	else
		c = pga_candidate_find(busy, page % PGA_CHUNK_PAGES, granule, max,
				       huge);
	*candidate = (struct pga_extent) { pga_chunk_start(i) + c.start, c.nr };
	return c.nr;
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
