// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmap engine: changes of what pages are.
 *
 * Two bits a page hold the state (struct pga_chunk).  The summary trees and the
 * scavenge index are derived from them, so that searches are fast.  Each change
 * here writes the bits, brings the trees up to date, counts, and tells the
 * index if pages came into use or went out of it.
 *
 * The index hears nothing of pages that are held and put back: what the
 * scavenger does to pages says nothing about how they are used.  Pages put back
 * as ready are the exception.  Nobody used them, so the index must offer them.
 *
 * A hold or a put has four forms.  Most ranges lie in one chunk, whose parts
 * of maps, summaries and index are found once.  A whole chunk needs no masks,
 * and its summary is known, before and after.  So does a whole node of eight
 * chunks, and one climb is enough for it.  Any other range goes chunk by chunk.
 *
 * For each kind of search a hint is kept: no page of that kind is below it.  A
 * search begins there.  It raises the hint to the first such page, alloc raises
 * it when it takes that page, free and growth lower it.  If the run fits into
 * the chunk of the hint, the search needs no descent of the tree.  Only time
 * depends on a hint, never the result.
 *
 * CPU caches read words of the allocated map without the pool's lock
 * (engine/words.h), so these are written by WRITE_ONCE(), each of them once in
 * a change.
 *
 * The caller holds the pool's lock and has checked that the pages are of the
 * pool.
 */

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "engine/bitmap/bitmap.h"
#include "engine/bitmap/search.h"
#include "engine/bitmap/update.h"

/* The part of [@page, @end) that lies in the chunk of @page. */
static __always_inline struct pga_spot part_at(const struct pga_bitmap *b,
					       unsigned long page,
					       unsigned long end)
{
	return pga_store_spot(&b->tree.store, page,
			      min(end - page,
				  PGA_CHUNK_PAGES - page % PGA_CHUNK_PAGES));
}

/**
 * struct words - the words of a chunk that pages lie in
 * @first: the first word
 * @last: the last one, may be the same
 * @low: bits of the pages in the first word, if that is not the last one
 * @high: bits of the pages in the last word
 */
struct words {
	unsigned int first;
	unsigned int last;
	unsigned long low;
	unsigned long high;
};

static __always_inline struct words words_of(const struct pga_spot *spot)
{
	const unsigned int start = spot->page % PGA_CHUNK_PAGES;
	const unsigned int end = start + spot->nr - 1;
	struct words w = {
		.first = BIT_WORD(start),
		.last = BIT_WORD(end),
		.low = BITMAP_FIRST_WORD_MASK(start),
		.high = ~0UL >> (~end % BITS_PER_LONG),
	};

	if (w.first == w.last)
		w.high &= w.low;
	return w;
}

/* The bits of the pages in word @i. */
static __always_inline unsigned long mask_of(const struct words *w, unsigned int i)
{
	if (i == w->last)
		return w->high;
	return i == w->first ? w->low : ~0UL;
}

/* Does any word of a whole map differ from @word? */
static __always_inline bool differs(const unsigned long *map, unsigned long word)
{
	return (map[0] ^ word) | (map[1] ^ word) | (map[2] ^ word) |
	       (map[3] ^ word) | (map[4] ^ word) | (map[5] ^ word) |
	       (map[6] ^ word) | (map[7] ^ word);
}

/* Are the pages all allocated, or all free?  A page in a hole is neither. */
static __always_inline bool spot_is(const struct pga_spot *spot, bool allocated)
{
	const unsigned long word = allocated ? ~0UL : 0;
	unsigned long other = 0;
	struct words w;
	unsigned int i;

	if (!spot->chunk)
		return false;
	if (spot->nr == PGA_CHUNK_PAGES)
		return !differs(spot->chunk->allocated, word);
	w = words_of(spot);
	for (i = w.first; i <= w.last; i++)
		other |= (spot->chunk->allocated[i] ^ word) & mask_of(&w, i);
	return !other;
}

/* Write a word of the allocated map.  Pairs with READ_ONCE() in pool/cpu_cache. */
static __always_inline void set_allocated(struct pga_chunk *chunk, unsigned int i,
					  unsigned long word)
{
	WRITE_ONCE(chunk->allocated[i], word);
}

static __always_inline void set_all_allocated(struct pga_chunk *chunk,
					      unsigned long word)
{
	unsigned int i;

	for (i = 0; i < PGA_CHUNK_WORDS; i++)
		set_allocated(chunk, i, word);
}

/* Mark free pages allocated; returns how many of them were discarded. */
static __always_inline unsigned long mark_allocated(const struct pga_spot *spot,
						    bool any_discarded)
{
	struct pga_chunk *chunk = spot->chunk;
	unsigned long mask, discarded = 0;
	struct words w;
	unsigned int i;

	if (spot->nr == PGA_CHUNK_PAGES && !any_discarded) {
		set_all_allocated(chunk, ~0UL);
		return 0;
	}
	w = words_of(spot);
	for (i = w.first; i <= w.last; i++) {
		mask = mask_of(&w, i);
		set_allocated(chunk, i, chunk->allocated[i] | mask);
		if (unlikely(any_discarded)) {
			discarded += hweight64(chunk->discarded[i] & mask);
			chunk->discarded[i] &= ~mask;
		}
	}
	return discarded;
}

/* Mark allocated pages free, and ready or discarded. */
static __always_inline void mark_free(const struct pga_spot *spot, bool discards)
{
	struct pga_chunk *chunk = spot->chunk;
	struct words w;
	unsigned int i;

	if (spot->nr == PGA_CHUNK_PAGES) {
		set_all_allocated(chunk, 0);
		if (discards)
			bitmap_fill(chunk->discarded, PGA_CHUNK_PAGES);
		return;
	}
	w = words_of(spot);
	for (i = w.first; i <= w.last; i++)
		set_allocated(chunk, i, chunk->allocated[i] & ~mask_of(&w, i));
	if (!discards)
		return;
	for (i = w.first; i <= w.last; i++)
		chunk->discarded[i] |= mask_of(&w, i);
}

/* Pages have become free: count them and lower the hints. */
static __always_inline void count_free(struct pga_bitmap *b, unsigned long page,
				       unsigned long nr, bool discards)
{
	b->map.free += nr;
	b->hint[PGA_FREE] = min(b->hint[PGA_FREE], page);
	pga_aligned_free(&b->aligned, page);
	if (discards)
		b->map.discarded += nr;
	else
		b->hint[PGA_READY] = min(b->hint[PGA_READY], page);
}

/* A hint among pages that are not free any more moves up behind them. */
static void raise_hint(struct pga_bitmap *b, enum pga_which which,
		       unsigned long page, unsigned long nr)
{
	if (b->hint[which] - page < nr)
		b->hint[which] = page + nr;
}

/*
 * Free pages have become allocated, all of these: count them and raise the
 * hints.
 */
static __always_inline void count_held(struct pga_bitmap *b, unsigned long page,
				       unsigned long nr, unsigned long discarded)
{
	b->map.free -= nr;
	b->map.discarded -= discarded;
	raise_hint(b, PGA_FREE, page, nr);
	raise_hint(b, PGA_READY, page, nr);
}

static enum pga_change change_of(bool discards)
{
	return discards ? PGA_ALL_DISCARDED : PGA_ALL_READY;
}

/* Free any allocated pages. */
static void make_free(struct pga_bitmap *b, unsigned long page, unsigned long nr,
		      bool discards)
{
	const unsigned long end = page + nr;
	struct pga_spot spot;
	unsigned long at;

	for (at = page; at < end; at += spot.nr) {
		spot = part_at(b, at, end);
		mark_free(&spot, discards);
	}
	pga_tree_update(&b->tree, page, nr, change_of(discards),
			!b->map.discarded && !discards);
	count_free(b, page, nr, discards);
}

/* See pga_map_init(); the sizes of pages and granules do not matter here. */
void pga_bitmap_init(struct pga_map *map, unsigned long page_bytes,
		     unsigned long granule_bytes)
{
	struct pga_bitmap *b = pga_bitmap_of(map);

	b->hint[PGA_FREE] = PGA_NONE;
	b->hint[PGA_READY] = PGA_NONE;
	b->aligned.freed = PGA_NONE;
}

/* See pga_map_grow(). */
bool pga_bitmap_grow(struct pga_map *map, unsigned long page, unsigned long nr,
		     enum pga_made made, struct pga_parts *parts)
{
	struct pga_bitmap *b = pga_bitmap_of(map);

	if (!pga_store_install(&b->tree.store, page, nr, parts))
		return false;
	pga_tree_extend(&b->tree, page, nr);
	make_free(b, page, nr, made == PGA_MADE_DISCARDED);
	return true;
}

/* How many free pages are in a row from @page on, in its word? */
static __always_inline unsigned long free_at(const struct pga_block *block,
					     unsigned long page)
{
	const struct pga_chunk *chunk = pga_block_chunk(block, page);
	const unsigned int w = page % PGA_CHUNK_PAGES / BITS_PER_LONG;
	const unsigned long bit = page % BITS_PER_LONG;
	unsigned long busy;

	if (unlikely(!chunk))
		return 0;
	busy = chunk->allocated[w] >> bit;
	return busy ? __ffs(busy) : BITS_PER_LONG - bit;
}

/* See pga_map_find(): exact first fit. */
unsigned long pga_bitmap_find(struct pga_map *map, enum pga_which which,
			      unsigned long nr)
{
	struct pga_bitmap *b = pga_bitmap_of(map);
	struct pga_block *block;
	unsigned long *hint, i;
	struct pga_sum sum;

	/*
	 * Then both kinds are the same, and a search of the free tree reads one
	 * map.
	 */
	if (!map->discarded)
		which = PGA_FREE;
	hint = &b->hint[which];
	if (*hint == PGA_NONE)
		return PGA_NONE;
	block = pga_store_block(&b->tree.store, *hint);
	if (block) {
		if (nr <= BITS_PER_LONG && which == PGA_FREE &&
		    free_at(block, *hint) >= nr)
			return *hint;
		i = pga_chunk_of(*hint);
		sum = pga_leaf_unpack(*pga_block_leaf(block, which, i));
		if (sum.start >= nr)
			return pga_chunk_start(i);
		if (sum.max >= nr)
			return pga_tree_find_in_chunk(&b->tree, which, i, nr, hint);
	}
	return pga_tree_find(&b->tree, which, nr, hint);
}

static bool in_one_chunk(unsigned long page, unsigned long nr)
{
	return page % PGA_CHUNK_PAGES + nr <= PGA_CHUNK_PAGES;
}

static bool is_chunk(unsigned long page, unsigned long nr)
{
	return nr == PGA_CHUNK_PAGES && !(page % PGA_CHUNK_PAGES);
}

/* The pages became free, or allocated: do all summaries stay the same? */
static __always_inline bool sums_stay(const struct pga_spot *spot, bool free)
{
	const struct words w = words_of(spot);

	return w.first == w.last &&
	       pga_tree_stays(spot, spot->chunk->allocated[w.first] & ~w.high,
			      w.high, free);
}

/* Is all of a chunk allocated, or free?  Its summary tells, without a look at its maps. */
static __always_inline bool chunk_is(const struct pga_spot *spot, bool allocated)
{
	return spot->chunk &&
	       *pga_block_leaf(spot->block, PGA_FREE, pga_chunk_of(spot->page)) ==
	       pga_leaf_pack(pga_sum_whole(PGA_CHUNK_PAGES, !allocated));
}

#define NODE_PAGES	(PGA_FANOUT * PGA_CHUNK_PAGES)

/* Count a node of pages in the index: in use, or out of use. */
static __always_inline void index_node(struct pga_bitmap *b, const struct pga_spot *spot,
				       bool free)
{
	const pga_usage_t tag = pga_index_packed_tag(&b->index);
	const unsigned int first = pga_chunk_of(spot->page) % PGA_BLOCK_CHUNKS;
	unsigned int i;

	for (i = first; i < first + PGA_FANOUT; i++) {
		if (free)
			pga_index_count_freed(&b->index, tag, spot->block, i,
					      PGA_CHUNK_PAGES, b->map.tick);
		else
			pga_index_change(&b->index, spot->block, i, PGA_CHUNK_PAGES, 0);
	}
}

/* Are the eight chunks of a node all allocated, or all free?  Their summaries tell. */
static __always_inline bool node_is(const struct pga_spot *spot, bool allocated)
{
	const pga_leaf_t want = pga_leaf_pack(pga_sum_whole(PGA_CHUNK_PAGES, !allocated));
	const pga_leaf_t *leaf;
	pga_leaf_t other = 0;
	unsigned int i;

	if (!spot->chunk)
		return false;
	leaf = pga_block_leaf(spot->block, PGA_FREE, pga_chunk_of(spot->page));
	for (i = 0; i < PGA_FANOUT; i++)
		other |= leaf[i] ^ want;
	return !other;
}

/*
 * May a node be changed at once?  Its chunks lie in one slice.  No page of the pool is
 * discarded, so both trees are equal, and the node's own summary is kept.
 */
static bool is_node(const struct pga_bitmap *b, unsigned long page, unsigned long nr)
{
	return nr == NODE_PAGES && !(page % NODE_PAGES) && !b->map.discarded &&
	       b->tree.root_level > 1;
}

static noinline bool hold_node(struct pga_bitmap *b, unsigned long page, bool use)
{
	const struct pga_spot spot = pga_store_spot(&b->tree.store, page, NODE_PAGES);
	unsigned int i;

	if (!node_is(&spot, false))
		return false;
	for (i = 0; i < PGA_FANOUT; i++)
		set_all_allocated(spot.chunk + i, ~0UL);
	pga_tree_take_node(&b->tree, &spot, b->hint[PGA_FREE] == page);
	count_held(b, page, NODE_PAGES, 0);
	if (use)
		index_node(b, &spot, false);
	return true;
}

/* The pages become ready. */
static noinline bool put_node(struct pga_bitmap *b, unsigned long page, bool used)
{
	const struct pga_spot spot = pga_store_spot(&b->tree.store, page, NODE_PAGES);
	unsigned int i;

	if (!node_is(&spot, true))
		return false;
	for (i = 0; i < PGA_FANOUT; i++)
		set_all_allocated(spot.chunk + i, 0);
	pga_tree_put_node(&b->tree, &spot);
	count_free(b, page, NODE_PAGES, false);
	if (used) {
		index_node(b, &spot, true);
		pga_index_raise(&b->index, page + NODE_PAGES);
	}
	return true;
}

/* Hold a whole chunk while no page of the pool is discarded. */
static noinline bool hold_chunk(struct pga_bitmap *b, unsigned long page, bool use)
{
	const struct pga_spot spot = pga_store_spot(&b->tree.store, page,
						    PGA_CHUNK_PAGES);

	if (!chunk_is(&spot, false))
		return false;
	set_all_allocated(spot.chunk, ~0UL);
	pga_tree_update_chunk(&b->tree, &spot, false);
	count_held(b, page, PGA_CHUNK_PAGES, 0);
	if (use)
		pga_index_alloc_at(&b->index, &spot, PGA_CHUNK_PAGES);
	return true;
}

/* The bits of @nr pages of one word. */
static __always_inline unsigned long bits_of(unsigned long page, unsigned int nr)
{
	return (~0UL >> (BITS_PER_LONG - nr)) << page % BITS_PER_LONG;
}

/* Hold pages of one word, the lowest free ones, while no page of the pool is discarded. */
static noinline bool hold_lowest(struct pga_bitmap *b, unsigned long page,
				 unsigned int nr, bool use)
{
	const struct pga_spot spot = pga_store_spot(&b->tree.store, page, nr);
	const unsigned int w = page % PGA_CHUNK_PAGES / BITS_PER_LONG;
	const unsigned long bits = bits_of(page, nr);

	if (!spot.chunk || spot.chunk->allocated[w] & bits)
		return false;
	set_allocated(spot.chunk, w, spot.chunk->allocated[w] | bits);
	pga_tree_take_lowest(&b->tree, &spot);
	b->map.free -= nr;
	b->hint[PGA_FREE] = page + nr;
	raise_hint(b, PGA_READY, page, nr);
	if (use)
		pga_index_alloc_at(&b->index, &spot, nr);
	return true;
}

/* Hold pages of one chunk. */
static noinline bool hold_in_chunk(struct pga_bitmap *b, unsigned long page,
				   unsigned int nr, bool use)
{
	const struct pga_spot spot = pga_store_spot(&b->tree.store, page, nr);
	unsigned long discarded;

	if (!spot_is(&spot, false))
		return false;
	discarded = mark_allocated(&spot, b->map.discarded);
	if (b->map.discarded || !sums_stay(&spot, false))
		pga_tree_update_spot(&b->tree, &spot, PGA_ALL_ALLOCATED,
				     !b->map.discarded);
	count_held(b, page, nr, discarded);
	if (use)
		pga_index_alloc_at(&b->index, &spot, nr);
	return true;
}

/* Hold any pages. */
static noinline bool hold_any(struct pga_bitmap *b, unsigned long page,
			      unsigned long nr, bool use)
{
	const unsigned long end = page + nr;
	unsigned long at, discarded = 0;
	struct pga_spot spot;

	for (at = page; at < end; at += spot.nr) {
		spot = part_at(b, at, end);
		if (!spot_is(&spot, false))
			return false;
		discarded += mark_allocated(&spot, b->map.discarded);
	}
	pga_tree_update(&b->tree, page, nr, PGA_ALL_ALLOCATED, !b->map.discarded);
	count_held(b, page, nr, discarded);
	if (use)
		pga_index_alloc(&b->index, &b->tree.store, page, nr);
	return true;
}

/*
 * See pga_map_hold() and pga_map_alloc().  Discarded pages lose that mark.  If a
 * page was not free, part of the range may have been marked.
 */
bool pga_bitmap_hold(struct pga_map *map, unsigned long page, unsigned long nr,
		     bool use)
{
	struct pga_bitmap *b = pga_bitmap_of(map);

	if (is_chunk(page, nr) && !map->discarded)
		return hold_chunk(b, page, use);
	if (page == b->hint[PGA_FREE] && page % BITS_PER_LONG + nr <= BITS_PER_LONG &&
	    !map->discarded)
		return hold_lowest(b, page, nr, use);
	if (is_node(b, page, nr))
		return hold_node(b, page, use);
	if (in_one_chunk(page, nr))
		return hold_in_chunk(b, page, nr, use);
	return hold_any(b, page, nr, use);
}

/* See pga_map_use(). */
void pga_bitmap_use(struct pga_map *map, unsigned long page, unsigned long nr)
{
	struct pga_bitmap *b = pga_bitmap_of(map);
	struct pga_spot spot;

	if (nr == NODE_PAGES && !(page % NODE_PAGES)) {
		spot = pga_store_spot(&b->tree.store, page, NODE_PAGES);
		index_node(b, &spot, false);
		return;
	}
	pga_index_alloc(&b->index, &b->tree.store, page, nr);
}

/*
 * Put a whole chunk: as discarded, which leaves the ready tree as it is, or as
 * ready while no page of the pool is discarded.
 */
static noinline bool put_chunk(struct pga_bitmap *b, unsigned long page,
			       bool discards, bool used)
{
	const struct pga_spot spot = pga_store_spot(&b->tree.store, page,
						    PGA_CHUNK_PAGES);

	if (!chunk_is(&spot, true))
		return false;
	set_all_allocated(spot.chunk, 0);
	if (discards)
		bitmap_fill(spot.chunk->discarded, PGA_CHUNK_PAGES);
	if (discards)
		pga_tree_discard_chunk(&b->tree, &spot);
	else
		pga_tree_update_chunk(&b->tree, &spot, true);
	count_free(b, page, PGA_CHUNK_PAGES, discards);
	if (used)
		pga_index_free_at(&b->index, &spot, PGA_CHUNK_PAGES,
				  page + PGA_CHUNK_PAGES, b->map.tick);
	return true;
}

/* Put pages of one word as ready, while no page of the pool is discarded. */
static noinline bool put_in_word(struct pga_bitmap *b, unsigned long page,
				 unsigned int nr, bool used)
{
	const struct pga_spot spot = pga_store_spot(&b->tree.store, page, nr);
	const unsigned int w = page % PGA_CHUNK_PAGES / BITS_PER_LONG;
	const unsigned long bits = bits_of(page, nr);

	if (!spot.chunk || bits & ~spot.chunk->allocated[w])
		return false;
	set_allocated(spot.chunk, w, spot.chunk->allocated[w] & ~bits);
	pga_tree_put_in_word(&b->tree, &spot);
	count_free(b, page, nr, false);
	if (used)
		pga_index_free_at(&b->index, &spot, nr, page + nr, b->map.tick);
	return true;
}

/* Put pages of one chunk. */
static noinline bool put_in_chunk(struct pga_bitmap *b, unsigned long page,
				  unsigned int nr, bool discards, bool used)
{
	const struct pga_spot spot = pga_store_spot(&b->tree.store, page, nr);

	if (!spot_is(&spot, true))
		return false;
	mark_free(&spot, discards);
	if (discards || b->map.discarded || !sums_stay(&spot, true))
		pga_tree_update_spot(&b->tree, &spot, change_of(discards),
				     !b->map.discarded && !discards);
	count_free(b, page, nr, discards);
	if (used)
		pga_index_free_at(&b->index, &spot, nr, page + nr, b->map.tick);
	return true;
}

/* Put any pages. */
static noinline bool put_any(struct pga_bitmap *b, unsigned long page,
			     unsigned long nr, bool discards, bool used)
{
	const unsigned long end = page + nr;
	struct pga_spot spot;
	unsigned long at;

	for (at = page; at < end; at += spot.nr) {
		spot = part_at(b, at, end);
		if (!spot_is(&spot, true))
			return false;
	}
	make_free(b, page, nr, discards);
	if (used)
		pga_index_free(&b->index, &b->tree.store, page, nr, b->map.tick);
	return true;
}

static __always_inline bool put(struct pga_bitmap *b, unsigned long page,
				unsigned long nr, bool discards, bool used)
{
	if (is_chunk(page, nr) && (discards || !b->map.discarded))
		return put_chunk(b, page, discards, used);
	if (page % BITS_PER_LONG + nr <= BITS_PER_LONG && !discards && !b->map.discarded)
		return put_in_word(b, page, nr, used);
	if (in_one_chunk(page, nr))
		return put_in_chunk(b, page, nr, discards, used);
	if (!discards && is_node(b, page, nr))
		return put_node(b, page, used);
	return put_any(b, page, nr, discards, used);
}

/* Put pages that were held and are ready; they may be idle from now on. */
static noinline bool put_ready(struct pga_bitmap *b, unsigned long page,
			       unsigned long nr)
{
	if (!put(b, page, nr, false, false))
		return false;
	pga_index_touch(&b->index, &b->tree.store, page, nr);
	return true;
}

/* See pga_map_put() and pga_map_free(). */
bool pga_bitmap_put(struct pga_map *map, unsigned long page, unsigned long nr,
		    enum pga_made made, bool used)
{
	struct pga_bitmap *b = pga_bitmap_of(map);

	if (likely(used))
		return put(b, page, nr, false, true);
	if (made == PGA_MADE_DISCARDED)
		return put(b, page, nr, true, false);
	return put_ready(b, page, nr);
}

/* Update the trees for a cache, which is told the cost. */
static __always_inline void update_words(struct pga_bitmap *b,
					 const struct pga_spot *spot,
					 enum pga_change change, bool alike)
{
	const unsigned int work = b->tree.work;

	pga_tree_update_spot(&b->tree, spot, change, alike);
	b->map.work += b->tree.work - work;
}

/* See pga_map_take_words(). */
unsigned int pga_bitmap_take_words(struct pga_map *map, unsigned long page,
				   enum pga_which which, unsigned int words,
				   unsigned int pages, struct pga_cache *taken)
{
	struct pga_bitmap *b = pga_bitmap_of(map);
	const unsigned long start = ALIGN_DOWN(page, PGA_CACHE_PAGES);
	const unsigned int first = BIT_WORD(start % PGA_CHUNK_PAGES);
	const unsigned int end = min_t(unsigned int, first + words, PGA_CHUNK_WORDS);
	struct pga_spot spot = pga_store_spot(&b->tree.store, start, 0);
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
		set_allocated(spot.chunk, w, spot.chunk->allocated[w] | owned);
		if (taken[n].discarded) {
			spot.chunk->discarded[w] &= ~owned;
			discarded += hweight64(taken[n].discarded);
		}
		nr += hweight64(owned);
		n++;
	}
	if (!n)
		return 0;
	spot.nr = (w - first) * BITS_PER_LONG;
	update_words(b, &spot, PGA_SOME_TAKEN, !map->discarded);
	map->free -= nr;
	map->discarded -= discarded;
	raise_hint(b, PGA_READY, start, spot.nr);
	if (which == PGA_FREE || !map->discarded)
		raise_hint(b, PGA_FREE, start, spot.nr);
	pga_index_alloc_at(&b->index, &spot, nr);
	return n;
}

/* See pga_map_put_word(). */
u64 pga_bitmap_put_word(struct pga_map *map, unsigned long page, u64 owned,
			u64 discarded)
{
	struct pga_bitmap *b = pga_bitmap_of(map);
	const unsigned int w = page % PGA_CHUNK_PAGES / BITS_PER_LONG;
	const struct pga_spot spot = pga_store_spot(&b->tree.store, page,
						    BITS_PER_LONG);
	unsigned long busy;
	unsigned int nr;
	bool alike;
	u64 amiss;

	if (!spot.chunk)
		return owned;
	busy = spot.chunk->allocated[w];
	amiss = owned & ~busy;
	owned &= busy;
	if (!owned)
		return amiss;
	discarded &= owned;
	alike = !map->discarded && !discarded;
	busy &= ~owned;
	set_allocated(spot.chunk, w, busy);
	if (discarded)
		spot.chunk->discarded[w] |= discarded;
	if (!alike || !pga_tree_stays(&spot, busy, owned, true))
		update_words(b, &spot, PGA_SOME_PUT, alike);

	nr = owned & (owned - 1) ? hweight64(owned) : 1;
	count_free(b, page + __ffs64(owned), nr, false);
	if (discarded)
		map->discarded += hweight64(discarded);
	pga_index_free_at(&b->index, &spot, nr, page + fls64(owned), map->tick);
	return amiss;
}

/* The trees change: @owned of a word, which is written already, have become free. */
static noinline void grow_word(struct pga_bitmap *b, unsigned long page,
			       unsigned long owned)
{
	struct pga_spot spot = pga_store_spot(&b->tree.store, page, BITS_PER_LONG);
	const unsigned int w = page % PGA_CHUNK_PAGES / BITS_PER_LONG;
	const unsigned long busy = spot.chunk->allocated[w];
	enum pga_change change = PGA_SOME_PUT;
	const pga_leaf_t *leaf;
	unsigned int work;

	if (b->map.discarded) {
		leaf = pga_block_leaf(spot.block, PGA_READY, pga_chunk_of(page));
		if (pga_tree_stays(&spot, busy, owned, true) &&
		    pga_word_within(busy | spot.chunk->discarded[w], owned,
				    FIELD_GET(PGA_LEAF_MAX, *leaf)))
			return;
	}
	/* If they are one run, their neighbours tell all. */
	if (!(owned & (owned + (owned & -owned)))) {
		spot.page += __ffs(owned);
		spot.nr = __fls(owned) - __ffs(owned) + 1;
		change = PGA_ALL_READY;
	}
	if (b->map.discarded || change != PGA_ALL_READY) {
		update_words(b, &spot, change, !b->map.discarded);
		return;
	}
	work = b->tree.work;
	pga_tree_put_in_word(&b->tree, &spot);
	b->map.work += b->tree.work - work;
}

/* A word that is not of whole pages of the pool, or has a page that is free already. */
static noinline void put_odd_word(struct pga_map *map, unsigned long page,
				  unsigned long owned, struct pga_put *put)
{
	const u64 twice = pga_bitmap_put_word(map, page, owned, 0);

	put->put += hweight64(owned & ~twice);
	put->twice += hweight64(twice);
}

/*
 * See pga_map_put_words().  What is the same for all words is done once, at the end.
 * A word whose neighbours enclose the pages, with no more places in between than the
 * longest run of the chunk has, changes no summary.
 */
unsigned int pga_bitmap_put_words(struct pga_map *map, struct pga_word *word,
				  unsigned int nr, struct pga_put *put)
{
	struct pga_bitmap *b = pga_bitmap_of(map);
	const struct pga_word *const first = word, *const end = word + nr;
	const struct pga_word *stop = min(first + put->words, end);
	const unsigned long raise = min(b->index.high, b->index.forced.next);
	const pga_usage_t tag = pga_index_packed_tag(&b->index);
	unsigned long lowest = PGA_NONE, highest = 0, pages = 0;
	const unsigned int until = map->work + put->work;
	unsigned long owned, busy, page, start = PGA_NONE;
	struct pga_block *block = NULL;
	const pga_leaf_t *leaf;
	unsigned int chunk, n;

	for (;; word++) {
		if (unlikely(word >= stop)) {
			if (word == end ||
			    put->put + put->twice + pages >= put->pages)
				break;
			stop = word + 1;
		}
		owned = word->owned;
		if (unlikely(!owned))
			continue;
		page = word->pfn - put->base;
		word->owned = 0;
		busy = *word->allocated;
		if (unlikely(owned & ~busy)) {
			put_odd_word(map, page, owned, put);
			if ((int)(map->work - until) < 0)
				continue;
			word++;
			break;
		}
		busy ^= owned;
		WRITE_ONCE(*word->allocated, busy);
		n = owned & (owned - 1) ? hweight_long(owned) : 1;
		pages += n;
		lowest = min(lowest, page + __ffs(owned));
		if (unlikely(page + BITS_PER_LONG > raise))
			highest = max(highest, page + __fls(owned) + 1);

		if (unlikely((page ^ start) >> PGA_BLOCK_SHIFT)) {
			start = page;
			block = pga_store_block(&b->tree.store, page);
		}
		chunk = pga_chunk_of(page) % PGA_BLOCK_CHUNKS;
		pga_index_count_freed(&b->index, tag, block, chunk, n, map->tick);
		leaf = pga_block_leaf(block, PGA_FREE, chunk);
		if (likely(pga_word_within(busy, owned, FIELD_GET(PGA_LEAF_MAX, *leaf)) &&
			   !map->discarded))
			continue;
		grow_word(b, page, owned);
		if ((int)(map->work - until) >= 0) {
			word++;
			break;
		}
	}
	put->put += pages;
	if (pages)
		count_free(b, lowest, pages, false);
	if (highest)
		pga_index_raise(&b->index, highest);
	return word - first;
}
