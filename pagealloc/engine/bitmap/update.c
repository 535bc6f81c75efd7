// SPDX-License-Identifier: GPL-2.0
/*
 * Bringing the summary trees up to date with the maps.
 */

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/stddef.h>

#include "engine/bitmap/bits.h"
#include "engine/bitmap/update.h"
#include "base/kunit_export.h"

/* Sum up chunk @i from its maps in both trees. */
static bool refresh_chunk(struct pga_tree *tree, unsigned long i)
{
	const struct pga_chunk *chunk = pga_store_chunk(&tree->store, i);
	bool changed;

	changed = pga_tree_set(tree, PGA_FREE, 0, i, pga_chunk_summarize(chunk, PGA_FREE));
	changed |= pga_tree_set(tree, PGA_READY, 0, i,
		       pga_chunk_summarize(chunk, PGA_READY));
	return changed;
}

/* Where the summary of @level, 1 to 4, above the page is. */
static __always_inline pga_mid_t *mid_above(const struct pga_spot *a,
					    enum pga_which which,
					    unsigned int level)
{
	const unsigned long i = a->page >> pga_level_shift(level);

	switch (level) {
	case 1:
		return &a->block->level1[which][i % 64];
	case 2:
		return &a->block->level2[which][i % 8];
	case 3:
		return &a->super->level3[which][i % 64];
	default:
		return &a->super->level4[which][i % 8];
	}
}

/* The summaries of the chunk with the page and its siblings. */
static __always_inline pga_leaf_t *leaves_of(const struct pga_spot *a,
					     enum pga_which which)
{
	return a->block->leaves[a->page >> pga_level_shift(1) & 63].leaf[which];
}

/* The eight that the summary of @level, 2 to 4, above the page is made of. */
static __always_inline const pga_mid_t *eight_below(const struct pga_spot *a,
						    enum pga_which which,
						    unsigned int level)
{
	const unsigned long i = a->page >> pga_level_shift(level) & (PGA_FANOUT - 1);

	switch (level) {
	case 2:
		return &a->block->level1[which][PGA_FANOUT * i];
	case 3:
		return a->block->level2[which];
	default:
		return &a->super->level3[which][PGA_FANOUT * i];
	}
}

/*
 * How far behind a summary in the tree of free pages the same one in the tree of
 * ready pages lies: the arrays of a level for both trees adjoin, in whatever they are
 * in.  So where both trees are written, one address will do.
 */
#define MID_TO_READY(level)	((level) % 2 ? PGA_FANOUT * PGA_FANOUT : PGA_FANOUT)
#define LEAF_TO_READY		PGA_FANOUT

#define TO_READY(type, array)							\
	((offsetof(type, array[PGA_READY]) - offsetof(type, array[PGA_FREE])) /	\
	 sizeof_field(type, array[0][0]))
static_assert(TO_READY(struct pga_block, level1) == MID_TO_READY(1));
static_assert(TO_READY(struct pga_block, level2) == MID_TO_READY(2));
static_assert(TO_READY(struct pga_super, level3) == MID_TO_READY(3));
static_assert(TO_READY(struct pga_super, level4) == MID_TO_READY(4));
static_assert(TO_READY(struct pga_leaves, leaf) == LEAF_TO_READY);

/* Write a summary of @level, 1 to 4, in one tree or, it being PGA_FREE, in both. */
static __always_inline void put_mid(pga_mid_t *mid, bool both, unsigned int level,
				    pga_mid_t sum)
{
	*mid = sum;
	if (both)
		mid[MID_TO_READY(level)] = sum;
}

/* The same if it is another than before; is it? */
static __always_inline bool change_mid(pga_mid_t *mid, bool both, unsigned int level,
				       struct pga_sum sum)
{
	const pga_mid_t packed = pga_mid_pack(sum);

	if (*mid == packed)
		return false;
	put_mid(mid, both, level, packed);
	return true;
}

/* The part of a stretch of @level that the page is in. */
static __always_inline unsigned int part_of(const struct pga_spot *a,
					    unsigned int level)
{
	return a->page >> pga_level_shift(level - 1) & (PGA_FANOUT - 1);
}

/*
 * The summary of @level, 1 to 4, above the page, a part of which has more free
 * pages now and is @is; false if it stays the same, otherwise @is is set to it.
 */
static __always_inline bool grow_mid(const struct pga_spot *a, enum pga_which which,
				     bool both, unsigned int level,
				     struct pga_sum *is)
{
	pga_mid_t *mid = mid_above(a, which, level);
	const struct pga_sum sum = pga_mid_unpack(*mid);
	const unsigned int part = part_of(a, level);

	if (level == 1)
		*is = pga_sum_grow(sum, pga_leaf_at, leaves_of(a, which), part,
				   PGA_CHUNK_PAGES, *is);
	else
		*is = pga_sum_grow(sum, pga_mid_at, eight_below(a, which, level),
				   part, pga_level_pages(level - 1), *is);
	return change_mid(mid, both, level, *is);
}

/* The summary of @level, 1 to 4, above the page from those of all its parts. */
static __always_inline struct pga_sum merge_mid(const struct pga_spot *a,
						enum pga_which which,
						unsigned int level)
{
	if (level == 1)
		return pga_leaf_merge(leaves_of(a, which));
	return pga_mid_merge(eight_below(a, which, level),
			     pga_level_pages(level - 1));
}

/*
 * grow_mid() for less free pages; @was is what the part, and then the summary, used to
 * be.
 */
static __always_inline bool shrink_mid(const struct pga_spot *a, enum pga_which which,
				       bool both, unsigned int level,
				       struct pga_sum *was, struct pga_sum *is)
{
	pga_mid_t *mid = mid_above(a, which, level);
	const unsigned long pages = pga_level_pages(level - 1);
	const struct pga_sum sum = pga_mid_unpack(*mid);
	const unsigned int part = part_of(a, level);

	if (pga_sum_stays(&sum, *was, *is))
		return false;
	if (!pga_sum_is_long(sum, pages))
		*is = merge_mid(a, which, level);
	else if (level == 1)
		*is = pga_leaf_shrink(sum, leaves_of(a, which), part, *is);
	else
		*is = pga_mid_shrink(sum, eight_below(a, which, level), part, pages,
				     *is);
	*was = sum;
	return change_mid(mid, both, level, *is);
}

/* The summary of @level, 5 or higher, a part of which, @part, is @is now and has grown. */
static __always_inline struct pga_sum grow_wide(const struct pga_store *store,
						enum pga_which which,
						unsigned int level,
						unsigned long part,
						struct pga_sum sum,
						struct pga_sum is)
{
	const unsigned int below = level - 1, i = part % PGA_FANOUT;
	const unsigned long pages = pga_level_pages(below);

	if (below < PGA_FIRST_WIDE)
		return pga_sum_grow(sum, pga_mid_at,
				    pga_store_mid(store, which, below, part - i),
				    i, pages, is);
	return pga_sum_grow(sum, pga_wide_at,
			    pga_store_wide(store, which, below, part - i), i,
			    pages, is);
}

/* The same for less free pages. */
static __always_inline struct pga_sum shrink_wide(const struct pga_store *store,
						  enum pga_which which,
						  unsigned int level,
						  unsigned long part,
						  struct pga_sum sum,
						  struct pga_sum is)
{
	const unsigned int below = level - 1, i = part % PGA_FANOUT;
	const unsigned long pages = pga_level_pages(below);
	const bool is_long = pga_sum_is_long(sum, pages);
	const struct pga_wide *wide;
	const pga_mid_t *mid;

	if (below < PGA_FIRST_WIDE) {
		mid = pga_store_mid(store, which, below, part - i);
		return is_long ? pga_mid_shrink(sum, mid, i, pages, is) :
				 pga_mid_merge(mid, pages);
	}
	wide = pga_store_wide(store, which, below, part - i);
	return is_long ? pga_wide_shrink(sum, wide, i, pages, is) :
			 pga_wide_merge(wide, pages);
}

/* The wide summaries above a page follow after the others. */
static noinline void climb_wide(struct pga_tree *tree, unsigned long page,
				enum pga_which which, bool both,
				struct pga_sum was, struct pga_sum is, bool grows)
{
	const struct pga_store *store = &tree->store;
	struct pga_wide *wide;
	unsigned long i, part;
	unsigned int level;
	struct pga_sum sum;

	for (level = PGA_FIRST_WIDE; level < tree->root_level; level++) {
		i = page >> pga_level_shift(level);
		part = page >> pga_level_shift(level - 1);
		wide = pga_store_wide(store, which, level, i);
		sum = pga_wide_unpack(*wide);
		if (!grows && pga_sum_stays(&sum, was, is))
			return;
		is = grows ? grow_wide(store, which, level, part, sum, is) :
			     shrink_wide(store, which, level, part, sum, is);
		if (pga_sum_equal(sum, is))
			return;
		*wide = pga_wide_pack(is);
		if (both)
			*pga_store_wide(store, PGA_READY, level, i) = *wide;
		tree->work++;
		was = sum;
	}
}

/* Write the summary of a chunk, in one tree or, it being PGA_FREE, in both. */
static __always_inline void put_leaf(pga_leaf_t *leaf, bool both, pga_leaf_t packed)
{
	*leaf = packed;
	if (both)
		leaf[LEAF_TO_READY] = packed;
}

/* Where the summary of the chunk with the page is. */
static __always_inline pga_leaf_t *leaf_of(const struct pga_spot *a,
					   enum pga_which which)
{
	return pga_block_leaf(a->block, which, pga_chunk_of(a->page));
}

/* The same numbers, as a summary of a level above has them. */
static __always_inline pga_mid_t mid_of_leaf(pga_leaf_t leaf)
{
	return pga_mid_pack(pga_leaf_unpack(leaf));
}

/* Those of a part are those of a stretch with nothing else free, but for its edges. */
static __always_inline pga_mid_t sole_mask(unsigned int part)
{
	return PGA_MID_MAX | (part ? 0 : PGA_MID_START) |
	       (part < PGA_FANOUT - 1 ? 0 : PGA_MID_END);
}

/*
 * Where nothing was free before, the summary of @level, 1 to 4, is that of the part,
 * *@sum; false if something was, or that is @top.
 */
static __always_inline bool grow_sole(const struct pga_spot *a, enum pga_which which,
				      bool both, unsigned int level,
				      unsigned int top, pga_mid_t *sum)
{
	pga_mid_t *mid = mid_above(a, which, level);

	if (level == top || *mid)
		return false;
	*sum &= sole_mask(part_of(a, level));
	put_mid(mid, both, level, *sum);
	return true;
}

/* From @level on, the part below it having become @sum, up to below @top. */
static noinline void grow_from(struct pga_tree *tree, const struct pga_spot *a,
			       enum pga_which which, bool both, unsigned int level,
			       unsigned int top, pga_mid_t sum)
{
	struct pga_sum is = pga_mid_unpack(sum);

	switch (level) {
	case 1:
		if (top == 1 || !grow_mid(a, which, both, 1, &is))
			return;
		tree->work++;
		fallthrough;
	case 2:
		if (top == 2 || !grow_mid(a, which, both, 2, &is))
			return;
		tree->work++;
		fallthrough;
	case 3:
		if (top == 3 || !grow_mid(a, which, both, 3, &is))
			return;
		tree->work++;
		fallthrough;
	case 4:
		if (top == 4 || !grow_mid(a, which, both, 4, &is))
			return;
		tree->work++;
	}
	climb_wide(tree, a->page, which, both, is, is, true);
}

/*
 * The summary of a chunk becomes @leaf, in one tree or in both, as more of it is
 * free, and those above follow: up to below @top, or to one that stays the same.
 */
static noinline void grow(struct pga_tree *tree, const struct pga_spot *a,
			  enum pga_which which, bool both, unsigned int top,
			  pga_leaf_t leaf)
{
	pga_mid_t sum = mid_of_leaf(leaf);
	unsigned int level;

	put_leaf(leaf_of(a, which), both, leaf);
	level = !grow_sole(a, which, both, 1, top, &sum) ? 1 :
		!grow_sole(a, which, both, 2, top, &sum) ? 2 :
		!grow_sole(a, which, both, 3, top, &sum) ? 3 :
		!grow_sole(a, which, both, 4, top, &sum) ? 4 : 5;
	tree->work += level;
	if (level < top)
		grow_from(tree, a, which, both, level, top, sum);
}

/*
 * Where nothing is free any more, that is the summary of @level, 1 to 4, and *@was
 * what it used to be; false if something is, or that is @top.
 */
static __always_inline bool shrink_sole(const struct pga_spot *a, enum pga_which which,
					bool both, unsigned int level,
					unsigned int top, pga_mid_t *was)
{
	pga_mid_t *mid = mid_above(a, which, level);

	if (level == top || (level == 1 ? !pga_leaf_none(leaves_of(a, which)) :
			      !pga_mid_none(eight_below(a, which, level))))
		return false;
	*was = *mid;
	put_mid(mid, both, level, 0);
	return true;
}

/* From @level on, the part below it having gone from @old to @sum, up to below @top. */
static noinline void shrink_from(struct pga_tree *tree, const struct pga_spot *a,
				 enum pga_which which, bool both, unsigned int level,
				 unsigned int top, pga_mid_t old, pga_mid_t sum)
{
	struct pga_sum was = pga_mid_unpack(old), is = pga_mid_unpack(sum);

	switch (level) {
	case 1:
		if (top == 1 || !shrink_mid(a, which, both, 1, &was, &is))
			return;
		tree->work++;
		fallthrough;
	case 2:
		if (top == 2 || !shrink_mid(a, which, both, 2, &was, &is))
			return;
		tree->work++;
		fallthrough;
	case 3:
		if (top == 3 || !shrink_mid(a, which, both, 3, &was, &is))
			return;
		tree->work++;
		fallthrough;
	case 4:
		if (top == 4 || !shrink_mid(a, which, both, 4, &was, &is))
			return;
		tree->work++;
	}
	climb_wide(tree, a->page, which, both, was, is, false);
}

/* grow() as less of it is free. */
static noinline void shrink(struct pga_tree *tree, const struct pga_spot *a,
			    enum pga_which which, bool both, unsigned int top,
			    pga_leaf_t leaf)
{
	pga_leaf_t *at = leaf_of(a, which), old = *at;
	unsigned int level = 1;
	pga_mid_t was;

	put_leaf(at, both, leaf);
	if (!leaf)
		level = !shrink_sole(a, which, both, 1, top, &was) ? 1 :
			!shrink_sole(a, which, both, 2, top, &was) ? 2 :
			!shrink_sole(a, which, both, 3, top, &was) ? 3 :
			!shrink_sole(a, which, both, 4, top, &was) ? 4 : 5;
	if (level == 1)
		was = mid_of_leaf(old);
	tree->work += level;
	if (level < top)
		shrink_from(tree, a, which, both, level, top, was, mid_of_leaf(leaf));
}

/* The summary of a chunk after a run in it became free. */
static struct pga_sum sum_with(struct pga_sum was, const unsigned long *busy,
			       unsigned int start, unsigned int nr)
{
	unsigned int first, run;

	run = pga_bits_around(busy, start, nr, &first);
	if (!first)
		was.start = run;
	if (first + run == PGA_CHUNK_PAGES)
		was.end = run;
	was.max = max_t(unsigned long, was.max, run);
	return was;
}

/* The summary of a chunk after something in it came into use. */
static struct pga_sum sum_without(struct pga_sum was, const unsigned long *busy,
				  unsigned int start, unsigned int nr)
{
	unsigned int first;

	/* What there was before was no longer than this. */
	if (pga_bits_around(busy, start, nr, &first) < was.max &&
	    was.start <= first && was.end <= PGA_CHUNK_PAGES - start - nr)
		return was;
	return pga_bits_summarize(busy);
}

/* Has a tree more free pages now, or less? */
static __always_inline bool grows(enum pga_which which, enum pga_made made)
{
	return made == PGA_MADE_READY || made == PGA_MADE_MORE ||
	       (made == PGA_MADE_DISCARDED && which == PGA_FREE);
}

/*
 * The summary of a chunk, by the map of what is busy, after part of it became @made:
 * [@start, @start + @nr), which has @more free pages now or less.
 */
static __always_inline pga_leaf_t leaf_after(const unsigned long *busy,
					     pga_leaf_t leaf, unsigned int start,
					     unsigned int nr, enum pga_made made,
					     bool more)
{
	const struct pga_sum was = pga_leaf_unpack(leaf);

	if (made == PGA_MADE_MORE)
		return pga_leaf_pack(pga_bits_grow(busy, was, BIT_WORD(start)));
	return pga_leaf_pack(more ? sum_with(was, busy, start, nr) :
				    sum_without(was, busy, start, nr));
}

static noinline pga_leaf_t ready_leaf_after(const struct pga_chunk *chunk,
					    pga_leaf_t leaf, unsigned int start,
					    unsigned int nr, enum pga_made made)
{
	unsigned long buf[PGA_CHUNK_WORDS];

	return leaf_after(pga_chunk_busy(chunk, PGA_READY, buf), leaf, start, nr,
			  made, grows(PGA_READY, made));
}

/*
 * Bring the summary of a chunk and those above, below @top, up to date, in a tree or in
 * both.
 */
static __always_inline void update_chunk(struct pga_tree *tree,
					 const struct pga_spot *a,
					 enum pga_which which, bool both,
					 unsigned int top, unsigned int nr,
					 enum pga_made made)
{
	const pga_leaf_t was = *leaf_of(a, which);
	const unsigned int start = a->page % PGA_CHUNK_PAGES;
	const bool more = grows(which, made);
	pga_leaf_t leaf;

	if (nr == PGA_CHUNK_PAGES && made <= PGA_MADE_DISCARDED)
		leaf = pga_leaf_pack(pga_sum_whole(PGA_CHUNK_PAGES, more));
	else if (which == PGA_FREE)
		leaf = leaf_after(a->chunk->allocated, was, start, nr, made, more);
	else
		leaf = ready_leaf_after(a->chunk, was, start, nr, made);
	if (leaf == was)
		return;
	if (more)
		grow(tree, a, which, both, top, leaf);
	else
		shrink(tree, a, which, both, top, leaf);
}

/**
 * pga_tree_update_spot() - pga_tree_update() for pages of one chunk
 * @tree: the trees
 * @spot: the chunk and the first page
 * @nr: pages
 * @made: what they are now
 * @alike: as there
 */
void pga_tree_update_spot(struct pga_tree *tree, const struct pga_spot *spot,
			  unsigned int nr, enum pga_made made, bool alike)
{
	const unsigned int root = tree->root_level;

	update_chunk(tree, spot, PGA_FREE, alike, root, nr, made);
	if (!alike)
		update_chunk(tree, spot, PGA_READY, false, root, nr, made);
}

/**
 * pga_tree_update_chunk() - pga_tree_update() for a whole chunk
 * @tree: the trees
 * @spot: the chunk
 * @free: its pages were allocated and are free now; or the other way
 * @both: ready, and no page of the pool is discarded, nor was before; if not, the
 *	  ready tree stays as it is
 */
void pga_tree_update_chunk(struct pga_tree *tree, const struct pga_spot *spot,
			   bool free, bool both)
{
	if (free)
		grow(tree, spot, PGA_FREE, both, tree->root_level,
		     pga_leaf_pack(pga_sum_whole(PGA_CHUNK_PAGES, true)));
	else
		shrink(tree, spot, PGA_FREE, both, tree->root_level, 0);
}

/* Bring level @level up to date after the pages [@page, @end) became @made. */
static bool update_level(struct pga_tree *tree, unsigned int level,
			 unsigned long page, unsigned long end,
			 enum pga_made made)
{
	const unsigned long pages = pga_level_pages(level);
	unsigned long i = page >> pga_level_shift(level);
	bool changed = false;

	for (; i << pga_level_shift(level) < end; i++) {
		const unsigned long start = i << pga_level_shift(level);

		if (page <= start && start + pages <= end) {
			changed |= pga_tree_set(tree, PGA_FREE, level, i,
				       pga_sum_whole(pages, made != PGA_MADE_BUSY));
			changed |= pga_tree_set(tree, PGA_READY, level, i,
				       pga_sum_whole(pages, made == PGA_MADE_READY));
		} else if (level) {
			changed |= pga_tree_refresh(tree, level, i);
		} else {
			changed |= refresh_chunk(tree, i);
		}
	}
	return changed;
}

/*
 * A run across the border between two chunks: pages from that of @a on, and from that
 * of @b on.  Each leads up to below @meet: the level of the first summary above both,
 * from which one way leads on; or the root, and they do not join.
 */
static void update_two(struct pga_tree *tree, const struct pga_spot *a,
		       unsigned int nr_a, const struct pga_spot *b,
		       unsigned int nr_b, enum pga_which which, bool both,
		       unsigned int meet, enum pga_made made)
{
	const unsigned int root = tree->root_level;
	pga_mid_t *mid, old;

	update_chunk(tree, a, which, both, meet, nr_a, made);
	update_chunk(tree, b, which, both, meet, nr_b, made);
	if (meet == root)
		return;
	mid = mid_above(a, which, meet);
	old = *mid;
	if (!change_mid(mid, both, meet, merge_mid(a, which, meet)))
		return;
	tree->work++;
	if (grows(which, made))
		grow_from(tree, a, which, both, meet + 1, root, *mid);
	else
		shrink_from(tree, a, which, both, meet + 1, root, old, *mid);
}

/* pga_tree_update() of pages in two chunks. */
static void update_across(struct pga_tree *tree, const struct pga_spot *a,
			  unsigned long nr, enum pga_made made, bool alike)
{
	const unsigned long border = ALIGN(a->page + 1, PGA_CHUNK_PAGES);
	const unsigned int nr_a = border - a->page, nr_b = nr - nr_a;
	const struct pga_spot b = pga_store_spot(&tree->store, border);
	unsigned int meet = 1;

	while (a->page >> pga_level_shift(meet) != border >> pga_level_shift(meet))
		meet++;
	/* Few meet in a wide summary: they go on to the root. */
	if (meet >= PGA_FIRST_WIDE)
		meet = tree->root_level;
	update_two(tree, a, nr_a, &b, nr_b, PGA_FREE, alike, meet, made);
	if (!alike)
		update_two(tree, a, nr_a, &b, nr_b, PGA_READY, false, meet, made);
}

/**
 * pga_tree_update() - bring the summaries up to date with the maps
 * @tree: the trees
 * @page: first page that has changed
 * @nr: pages, for all of which the store has chunks
 * @made: what they are now, in the maps; PGA_MADE_LESS and PGA_MADE_MORE for pages
 *	  of one chunk only
 * @alike: no page of the pool is discarded, nor was before, so that both trees are
 *	   equal; it is safe to say no
 */
void pga_tree_update(struct pga_tree *tree, unsigned long page,
		     unsigned long nr, enum pga_made made, bool alike)
{
	const unsigned long first = pga_chunk_of(page);
	const unsigned long last = pga_chunk_of(page + nr - 1);
	const struct pga_spot spot = pga_store_spot(&tree->store, page);
	unsigned int level;

	if (first == last) {
		pga_tree_update_spot(tree, &spot, nr, made, alike);
		return;
	}
	if (first + 1 == last) {
		update_across(tree, &spot, nr, made, alike);
		return;
	}
	for (level = 0; level < tree->root_level; level++)
		if (!update_level(tree, level, page, page + nr, made))
			break;
}
PGA_EXPORT_FOR_KUNIT(pga_tree_update);
