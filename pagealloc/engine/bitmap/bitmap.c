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
 * A hint a kind of search is kept, below which nothing is: a search raises it to
 * the first such page, or as far as it has seen that there is none, alloc raises it
 * when it takes that page, free and grow lower it.  A search begins at it, and does
 * without the descent if the run fits into the first chunk with such a page, which
 * most runs do.  Only time depends on it, never a place.
 *
 * To alloc is to hold and to use, to free is to put; each comes in three forms: for
 * a whole chunk while nothing is discarded, which needs no masks and no search for
 * what its summary is; for pages of one chunk; and for any.
 *
 * The engine knows neither granules nor backings, and takes no lock: the caller
 * holds the pool's.  Ranges are checked by the caller; what the maps say
 * otherwise is reported as false and means that somebody's books are wrong.
 */

#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/minmax.h>

#include "engine/bitmap/bitmap.h"
#include "engine/bitmap/bits.h"
#include "engine/bitmap/search.h"
#include "engine/bitmap/update.h"
#include "base/kunit_export.h"

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

/**
 * struct words - the words of a chunk that a part lies in
 * @first: the first word
 * @last: the last one, may be the same
 * @low: the part's bits of the first, if it is not the last, too
 * @high: the part's bits of the last
 */
struct words {
	unsigned int first;
	unsigned int last;
	unsigned long low;
	unsigned long high;
};

static __always_inline struct words words_of(struct part p)
{
	const unsigned int end = p.start + p.nr - 1;
	struct words w = {
		.first = BIT_WORD(p.start),
		.last = BIT_WORD(end),
		.low = BITMAP_FIRST_WORD_MASK(p.start),
		.high = ~0UL >> (~end % BITS_PER_LONG),
	};

	if (w.first == w.last)
		w.high &= w.low;
	return w;
}

/* The bits of word @i that are the part's. */
static __always_inline unsigned long mask_of(const struct words *w, unsigned int i)
{
	if (i == w->last)
		return w->high;
	return i == w->first ? w->low : ~0UL;
}

/* What of a whole map is not as @same. */
static __always_inline unsigned long unlike(const unsigned long *map,
					    unsigned long same)
{
	return (map[0] ^ same) | (map[1] ^ same) | (map[2] ^ same) |
	       (map[3] ^ same) | (map[4] ^ same) | (map[5] ^ same) |
	       (map[6] ^ same) | (map[7] ^ same);
}

/* Are the pages of a part all allocated, or all free? */
static __always_inline bool part_is(const struct pga_chunk *chunk, struct part p,
				    bool allocated)
{
	const unsigned long flip = allocated ? ~0UL : 0;
	unsigned long other = 0;
	struct words w;
	unsigned int i;

	if (p.nr == PGA_CHUNK_PAGES)
		return !unlike(chunk->allocated, flip);
	w = words_of(p);
	for (i = w.first; i <= w.last; i++)
		other |= (chunk->allocated[i] ^ flip) & mask_of(&w, i);
	return !other;
}

/* Mark the pages of a part, which are free, allocated; return the discarded. */
static __always_inline unsigned long mark_busy(struct pga_chunk *chunk,
					       struct part p, bool any_discarded)
{
	unsigned long mask, discarded = 0;
	struct words w;
	unsigned int i;

	if (p.nr == PGA_CHUNK_PAGES && !any_discarded) {
		bitmap_fill(chunk->allocated, PGA_CHUNK_PAGES);
		return 0;
	}
	w = words_of(p);
	for (i = w.first; i <= w.last; i++) {
		mask = mask_of(&w, i);
		chunk->allocated[i] |= mask;
		if (unlikely(any_discarded)) {
			discarded += hweight64(chunk->discarded[i] & mask);
			chunk->discarded[i] &= ~mask;
		}
	}
	return discarded;
}

/* Mark the pages of a part, which are allocated, free and ready. */
static __always_inline void mark_ready(struct pga_chunk *chunk, struct part p)
{
	struct words w;
	unsigned int i;

	if (p.nr == PGA_CHUNK_PAGES) {
		bitmap_zero(chunk->allocated, PGA_CHUNK_PAGES);
		return;
	}
	w = words_of(p);
	for (i = w.first; i <= w.last; i++)
		chunk->allocated[i] &= ~mask_of(&w, i);
}

/* The same for free and discarded. */
static __always_inline void mark_discarded(struct pga_chunk *chunk, struct part p)
{
	struct words w;
	unsigned int i;

	mark_ready(chunk, p);
	if (p.nr == PGA_CHUNK_PAGES) {
		bitmap_fill(chunk->discarded, PGA_CHUNK_PAGES);
		return;
	}
	w = words_of(p);
	for (i = w.first; i <= w.last; i++)
		chunk->discarded[i] |= mask_of(&w, i);
}

/* Pages have become free: count them, and begin to search no higher. */
static __always_inline void note_free(struct pga_bitmap *map, unsigned long page,
				      unsigned long nr, bool discards)
{
	map->free += nr;
	map->hint[PGA_FREE] = min(map->hint[PGA_FREE], page);
	if (discards)
		map->discarded += nr;
	else
		map->hint[PGA_READY] = min(map->hint[PGA_READY], page);
}

/* Free what is marked allocated, without a look at what it was. */
static void mark_free(struct pga_bitmap *map, unsigned long page,
		      unsigned long nr, enum pga_made made)
{
	const bool discards = made == PGA_MADE_DISCARDED;
	const unsigned long end = page + nr;
	unsigned long at;
	struct part p;

	for (at = page; at < end; at += p.nr) {
		p = part_at(at, end);
		if (discards)
			mark_discarded(chunk_of_part(map, p), p);
		else
			mark_ready(chunk_of_part(map, p), p);
	}
	pga_tree_update(&map->tree, page, nr, made,
			!map->discarded && !discards);
	note_free(map, page, nr, discards);
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
	struct pga_block *block;
	unsigned long *hint, i;
	struct pga_sum sum;

	/* Then there is no difference, and the free tree needs only one map. */
	if (!map->discarded)
		which = PGA_FREE;
	hint = &map->hint[which];
	if (*hint == PGA_NONE)
		return PGA_NONE;
	block = pga_store_block(&map->tree.store, *hint);
	if (block) {
		i = pga_chunk_of(*hint);
		sum = pga_leaf_unpack(*pga_block_leaf(block, which, i));
		if (sum.start >= nr)
			return pga_chunk_start(i);
		if (sum.max >= nr)
			return pga_tree_find_in_chunk(&map->tree, which, i, nr, hint);
	}
	return pga_tree_find(&map->tree, which, nr, hint);
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_find);

/* What of [@page, @page + @nr) a search begins at moves up behind it. */
static void raise_hint(struct pga_bitmap *map, enum pga_which which,
		       unsigned long page, unsigned long nr)
{
	if (map->hint[which] - page < nr)
		map->hint[which] = page + nr;
}

/* Free pages, ready or discarded, are not free any more: count, and search higher. */
static __always_inline void note_held(struct pga_bitmap *map, unsigned long page,
				      unsigned long nr, unsigned long discarded)
{
	map->free -= nr;
	map->discarded -= discarded;
	raise_hint(map, PGA_FREE, page, nr);
	raise_hint(map, PGA_READY, page, nr);
}

static bool in_one_chunk(unsigned long page, unsigned long nr)
{
	return page % PGA_CHUNK_PAGES + nr <= PGA_CHUNK_PAGES;
}

/* Pages within one word are free now, or allocated; are the summaries as they were? */
static __always_inline bool is_quiet(const struct pga_spot *spot, struct part p,
				     bool free)
{
	const struct words w = words_of(p);

	return w.first == w.last &&
	       pga_tree_stays(spot, spot->chunk->allocated[w.first] & ~w.high,
			      w.high, free);
}

static bool is_chunk(unsigned long page, unsigned long nr)
{
	return nr == PGA_CHUNK_PAGES && !(page % PGA_CHUNK_PAGES);
}

/*
 * Hold a whole chunk, @used from now on or not, while no page of the pool is
 * discarded: there are no masks, and its summary is known.
 */
static noinline bool hold_chunk(struct pga_bitmap *map, unsigned long page, bool used)
{
	const struct pga_spot spot = pga_store_spot(&map->tree.store, page);

	if (!spot.chunk || unlike(spot.chunk->allocated, 0))
		return false;
	bitmap_fill(spot.chunk->allocated, PGA_CHUNK_PAGES);
	pga_tree_update_chunk(&map->tree, &spot, false, true);
	note_held(map, page, PGA_CHUNK_PAGES, 0);
	if (used)
		pga_index_alloc_at(&map->index, &spot, PGA_CHUNK_PAGES);
	return true;
}

/* Hold pages of one chunk, as most runs are. */
static noinline bool hold_in_chunk(struct pga_bitmap *map, unsigned long page,
				   unsigned int nr, bool used)
{
	const struct part p = { .start = page % PGA_CHUNK_PAGES, .nr = nr };
	const struct pga_spot spot = pga_store_spot(&map->tree.store, page);
	unsigned long discarded;

	if (!spot.chunk || !part_is(spot.chunk, p, false))
		return false;
	discarded = mark_busy(spot.chunk, p, map->discarded);
	if (map->discarded || !is_quiet(&spot, p, false))
		pga_tree_update_spot(&map->tree, &spot, nr, PGA_MADE_BUSY,
				     !map->discarded);
	note_held(map, page, nr, discarded);
	if (used)
		pga_index_alloc_at(&map->index, &spot, nr);
	return true;
}

/* Hold any pages. */
static noinline bool hold_long(struct pga_bitmap *map, unsigned long page,
			       unsigned long nr, bool used)
{
	const unsigned long end = page + nr;
	unsigned long at, discarded = 0;
	struct pga_chunk *chunk;
	struct part p;

	for (at = page; at < end; at += p.nr) {
		p = part_at(at, end);
		chunk = chunk_of_part(map, p);
		if (!chunk || !part_is(chunk, p, false))
			return false;
		discarded += mark_busy(chunk, p, map->discarded);
	}
	pga_tree_update(&map->tree, page, nr, PGA_MADE_BUSY, !map->discarded);
	note_held(map, page, nr, discarded);
	if (used)
		pga_index_alloc(&map->index, &map->tree.store, page, nr);
	return true;
}

static __always_inline bool hold(struct pga_bitmap *map, unsigned long page,
				 unsigned long nr, bool used)
{
	if (is_chunk(page, nr) && !map->discarded)
		return hold_chunk(map, page, used);
	if (in_one_chunk(page, nr))
		return hold_in_chunk(map, page, nr, used);
	return hold_long(map, page, nr, used);
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
	return hold(map, page, nr, false);
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_hold);

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
	return hold(map, page, nr, true);
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_alloc);

/*
 * Put a whole chunk, which was @used or not: discarded, so that nothing becomes of
 * the ready tree, or ready while no page of the pool is discarded.
 */
static noinline bool put_chunk(struct pga_bitmap *map, unsigned long page,
			       bool discards, bool used)
{
	const struct pga_spot spot = pga_store_spot(&map->tree.store, page);

	if (!spot.chunk || unlike(spot.chunk->allocated, ~0UL))
		return false;
	bitmap_zero(spot.chunk->allocated, PGA_CHUNK_PAGES);
	if (discards)
		bitmap_fill(spot.chunk->discarded, PGA_CHUNK_PAGES);
	pga_tree_update_chunk(&map->tree, &spot, true, !discards);
	note_free(map, page, PGA_CHUNK_PAGES, discards);
	if (used)
		pga_index_free_at(&map->index, &spot, PGA_CHUNK_PAGES,
				  page + PGA_CHUNK_PAGES);
	return true;
}

/* Put pages of one chunk. */
static noinline bool put_in_chunk(struct pga_bitmap *map, unsigned long page,
				  unsigned int nr, bool discards, bool used)
{
	const struct part p = { .start = page % PGA_CHUNK_PAGES, .nr = nr };
	const struct pga_spot spot = pga_store_spot(&map->tree.store, page);

	if (!spot.chunk || !part_is(spot.chunk, p, true))
		return false;
	if (discards)
		mark_discarded(spot.chunk, p);
	else
		mark_ready(spot.chunk, p);
	if (discards || map->discarded || !is_quiet(&spot, p, true))
		pga_tree_update_spot(&map->tree, &spot, nr,
				     discards ? PGA_MADE_DISCARDED : PGA_MADE_READY,
				     !map->discarded && !discards);
	note_free(map, page, nr, discards);
	if (used)
		pga_index_free_at(&map->index, &spot, nr, page + nr);
	return true;
}

/* Put any pages. */
static noinline bool put_long(struct pga_bitmap *map, unsigned long page,
			      unsigned long nr, bool discards, bool used)
{
	if (!pga_bitmap_test(map, page, nr, true))
		return false;
	mark_free(map, page, nr, discards ? PGA_MADE_DISCARDED : PGA_MADE_READY);
	if (used)
		pga_index_free(&map->index, &map->tree.store, page, nr);
	return true;
}

static __always_inline bool put(struct pga_bitmap *map, unsigned long page,
				unsigned long nr, bool discards, bool used)
{
	if (is_chunk(page, nr) && (discards || !map->discarded))
		return put_chunk(map, page, discards, used);
	if (in_one_chunk(page, nr))
		return put_in_chunk(map, page, nr, discards, used);
	return put_long(map, page, nr, discards, used);
}

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
	return put(map, page, nr, made == PGA_MADE_DISCARDED, false);
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_put);

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
	return put(map, page, nr, false, true);
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_free);

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
 * pga_bitmap_take_words() - bring free pages of a chunk into use, 64 by 64
 * @map: the engine
 * @page: a page of the first 64
 * @which: PGA_FREE, or PGA_READY to take ready pages only
 * @words: look at so many times 64 pages, as far as they are in the chunk
 * @pages: go no further when so many pages have been taken
 * @taken: set for each 64 of which some were taken; all such pages are
 *
 * Return: for how many 64 that was.
 */
unsigned int pga_bitmap_take_words(struct pga_bitmap *map, unsigned long page,
				   enum pga_which which, unsigned int words,
				   unsigned int pages, struct pga_cache *taken)
{
	const unsigned long start = ALIGN_DOWN(page, PGA_CACHE_PAGES);
	const unsigned int first = BIT_WORD(start % PGA_CHUNK_PAGES);
	const unsigned int end = min_t(unsigned int, first + words, PGA_CHUNK_WORDS);
	const struct pga_spot spot = pga_store_spot(&map->tree.store, start);
	unsigned int w, nr = 0, discarded = 0, n = 0;
	u64 owned;

	if (!spot.chunk)
		return 0;
	for (w = first; w < end && nr < pages; w++) {
		owned = ~spot.chunk->allocated[w];
		if (which == PGA_READY)
			owned &= ~spot.chunk->discarded[w];
		if (!owned)
			continue;
		taken[n].base = start + (w - first) * BITS_PER_LONG;
		taken[n].owned = owned;
		taken[n].discarded = owned & spot.chunk->discarded[w];
		spot.chunk->allocated[w] |= owned;
		if (taken[n].discarded) {
			spot.chunk->discarded[w] &= ~owned;
			discarded += hweight64(taken[n].discarded);
		}
		nr += hweight64(owned);
		n++;
	}
	if (!n)
		return 0;
	pga_tree_update_spot(&map->tree, &spot, (w - first) * BITS_PER_LONG,
			     PGA_MADE_LESS, !map->discarded);
	map->free -= nr;
	map->discarded -= discarded;
	raise_hint(map, PGA_READY, start, (w - first) * BITS_PER_LONG);
	if (which == PGA_FREE || !map->discarded)
		raise_hint(map, PGA_FREE, start, (w - first) * BITS_PER_LONG);
	pga_index_alloc_at(&map->index, &spot, nr);
	return n;
}
PGA_EXPORT_FOR_KUNIT(pga_bitmap_take_words);

/**
 * pga_bitmap_put_word() - pages of pga_bitmap_take_words() go out of use
 * @map: the engine
 * @page: first page, a multiple of 64
 * @owned: those of its 64 pages that are meant, a bit a page, not none
 * @discarded: those of them to be discarded again; the others are ready
 *
 * Return: those that were free already, which nothing was done about.
 */
u64 pga_bitmap_put_word(struct pga_bitmap *map, unsigned long page,
			u64 owned, u64 discarded)
{
	const unsigned int w = page % PGA_CHUNK_PAGES / BITS_PER_LONG;
	const struct pga_spot spot = pga_store_spot(&map->tree.store, page);
	const bool alike = !map->discarded && !discarded;
	unsigned long busy;
	unsigned int nr;
	u64 amiss;

	if (!spot.chunk)
		return owned;
	busy = spot.chunk->allocated[w];
	amiss = owned & ~busy;
	owned &= busy;
	if (!owned)
		return amiss;
	busy &= ~owned;
	spot.chunk->allocated[w] = busy;
	if (discarded)
		spot.chunk->discarded[w] |= discarded;
	if (!alike || !pga_tree_stays(&spot, busy, owned, true))
		pga_tree_update_spot(&map->tree, &spot, BITS_PER_LONG,
				     PGA_MADE_MORE, alike);

	nr = owned & (owned - 1) ? hweight64(owned) : 1;
	note_free(map, page + __ffs64(owned), nr, false);
	if (discarded)
		map->discarded += hweight64(discarded);
	pga_index_free_at(&map->index, &spot, nr, page + fls64(owned));
	return amiss;
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
		if (!chunk || !part_is(chunk, p, allocated))
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
