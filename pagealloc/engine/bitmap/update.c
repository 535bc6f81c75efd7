// SPDX-License-Identifier: GPL-2.0
/*
 * Bringing the summary trees up to date after pages have changed.
 *
 * Most changes lie in one chunk.  The update climbs from the summary of that
 * chunk to the root, and stops at the first summary that stays the same.  A
 * change in two neighbouring chunks climbs from each of them to the first
 * summary above both, which is merged from its parts, and goes on from there.
 * Where the two trees are equal, one climb writes both.
 *
 * On its way up the update knows which part of a stretch has changed, and
 * whether more of it is free now or less:
 *
 *	more is free	Runs through the part have grown, and no others.  The
 *			part's neighbours tell how far they go.
 *	less is free	If the part's edges are the same and it did not have the
 *			longest run, the summary stays.  Otherwise the parts are
 *			merged, unless most of the stretch was one run.  Then the
 *			longest run is the rest of that one, as the part's
 *			neighbours tell, unless there is room for a longer run
 *			beside it.
 *	nothing else	In a full pool a stretch mostly has nothing free but the
 *	is free		part.  Then the summary is the part's, moved to the
 *			part's place.
 *
 * A longer range is brought up to date level by level.  Summaries inside the
 * range are written without a look at their parts, those at its two ends are
 * merged.  If nothing has changed on a level, nothing changes above it.
 */

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/stddef.h>

#include "engine/bitmap/bits.h"
#include "engine/bitmap/update.h"
#include "base/kunit_export.h"

/* The trees that a climb writes; both, if they are equal. */
enum trees {
	FREE_TREE = PGA_FREE,
	READY_TREE = PGA_READY,
	BOTH_TREES = 2,
};

/* The tree that a climb reads. */
static __always_inline enum pga_which read_from(enum trees trees)
{
	return trees & 1;
}

static_assert((FREE_TREE & 1) == PGA_FREE && (READY_TREE & 1) == PGA_READY &&
	      (BOTH_TREES & 1) == PGA_FREE);

/* The summary of @level, 1 to 4, above the page. */
static __always_inline pga_mid_t *mid_above(const struct pga_spot *spot,
					    enum pga_which which,
					    unsigned int level)
{
	const unsigned long i = spot->page >> pga_level_shift(level);

	switch (level) {
	case 1:
		return &spot->block->level1[which][i % 64];
	case 2:
		return &spot->block->level2[which][i % 8];
	case 3:
		return &spot->super->level3[which][i % 64];
	default:
		return &spot->super->level4[which][i % 8];
	}
}

/* The summary of the chunk with the page. */
static __always_inline pga_leaf_t *leaf_of(const struct pga_spot *spot,
					   enum pga_which which)
{
	return pga_block_leaf(spot->block, which, pga_chunk_of(spot->page));
}

/* The parts of the summary of level 1 above the page. */
static __always_inline pga_leaf_t *leaves_of(const struct pga_spot *spot,
					     enum pga_which which)
{
	return spot->block->leaves[spot->page >> pga_level_shift(1) & 63].leaf[which];
}

/* The parts of the summary of @level, 2 to 4, above the page. */
static __always_inline const pga_mid_t *mids_of(const struct pga_spot *spot,
						enum pga_which which,
						unsigned int level)
{
	const unsigned long i = spot->page >> pga_level_shift(level) &
				(PGA_FANOUT - 1);

	switch (level) {
	case 2:
		return &spot->block->level1[which][PGA_FANOUT * i];
	case 3:
		return spot->block->level2[which];
	default:
		return &spot->super->level3[which][PGA_FANOUT * i];
	}
}

/* Which part of the stretch of @level the page is in. */
static __always_inline unsigned int part_of(const struct pga_spot *spot,
					    unsigned int level)
{
	return spot->page >> pga_level_shift(level - 1) & (PGA_FANOUT - 1);
}

/*
 * Summaries of the ready tree lie right behind those of the free tree, in each
 * array.  So one address is enough to write both.
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

static __always_inline void write_mid(pga_mid_t *mid, enum trees trees,
				      unsigned int level, pga_mid_t sum)
{
	*mid = sum;
	if (trees == BOTH_TREES)
		mid[MID_TO_READY(level)] = sum;
}

static __always_inline void write_leaf(pga_leaf_t *leaf, enum trees trees,
				       pga_leaf_t sum)
{
	*leaf = sum;
	if (trees == BOTH_TREES)
		leaf[LEAF_TO_READY] = sum;
}

/* Write a summary if it has changed, and return whether it has. */
static __always_inline bool change_mid(pga_mid_t *mid, enum trees trees,
				       unsigned int level, struct pga_sum sum)
{
	const pga_mid_t packed = pga_mid_pack(sum);

	if (*mid == packed)
		return false;
	write_mid(mid, trees, level, packed);
	return true;
}

/*
 * A part of the stretch of @level, 1 to 4, has more free pages now and is *@is.
 * Returns false if the summary stays the same; otherwise *@is becomes the
 * summary.
 */
static __always_inline bool grow_mid(const struct pga_spot *spot, enum trees trees,
				     unsigned int level, struct pga_sum *is)
{
	const enum pga_which which = read_from(trees);
	pga_mid_t *mid = mid_above(spot, which, level);
	const struct pga_sum sum = pga_mid_unpack(*mid);
	const unsigned int part = part_of(spot, level);

	if (level == 1)
		*is = pga_sum_grow(sum, pga_leaf_at, leaves_of(spot, which), part,
				   PGA_CHUNK_PAGES, *is);
	else
		*is = pga_sum_grow(sum, pga_mid_at, mids_of(spot, which, level), part,
				   pga_level_pages(level - 1), *is);
	return change_mid(mid, trees, level, *is);
}

/* The summary of @level, 1 to 4, above the page from all its parts. */
static __always_inline struct pga_sum merge_mid(const struct pga_spot *spot,
						enum pga_which which,
						unsigned int level)
{
	if (level == 1)
		return pga_leaf_merge(leaves_of(spot, which));
	return pga_mid_merge(mids_of(spot, which, level), pga_level_pages(level - 1));
}

/*
 * As grow_mid() for fewer free pages; *@was is the part, then the summary,
 * before.
 */
static __always_inline bool shrink_mid(const struct pga_spot *spot, enum trees trees,
				       unsigned int level, struct pga_sum *was,
				       struct pga_sum *is)
{
	const enum pga_which which = read_from(trees);
	pga_mid_t *mid = mid_above(spot, which, level);
	const unsigned long pages = pga_level_pages(level - 1);
	const struct pga_sum sum = pga_mid_unpack(*mid);
	const unsigned int part = part_of(spot, level);

	if (pga_sum_stays(&sum, *was, *is))
		return false;
	if (!pga_sum_is_long(sum, pages))
		*is = merge_mid(spot, which, level);
	else if (level == 1)
		*is = pga_leaf_shrink(sum, leaves_of(spot, which), part, *is);
	else
		*is = pga_mid_shrink(sum, mids_of(spot, which, level), part, pages, *is);
	*was = sum;
	return change_mid(mid, trees, level, *is);
}

/*
 * The summary @sum of @level, 5 or higher, when its part number @part grows to
 * @is.
 */
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

/* The same when the part shrinks. */
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

/* The climb above level 4. */
static noinline void climb_wide(struct pga_tree *tree, unsigned long page,
				enum trees trees, struct pga_sum was,
				struct pga_sum is, bool grows)
{
	const enum pga_which which = read_from(trees);
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
		if (trees == BOTH_TREES)
			*pga_store_wide(store, PGA_READY, level, i) = *wide;
		tree->work++;
		was = sum;
	}
}

/* The summary of a chunk in the form of the levels above. */
static __always_inline pga_mid_t mid_of_leaf(pga_leaf_t leaf)
{
	return pga_mid_pack(pga_leaf_unpack(leaf));
}

/*
 * What of its summary a part keeps as a part of a stretch with nothing else
 * free.
 */
static __always_inline pga_mid_t sole_mask(unsigned int part)
{
	return PGA_MID_MAX | (part ? 0 : PGA_MID_START) |
	       (part < PGA_FANOUT - 1 ? 0 : PGA_MID_END);
}

/*
 * The part *@sum grew in a stretch of @level, 1 to 4, with nothing else free:
 * it becomes the summary.  False if something else is free, or the level is
 * @top.
 */
static __always_inline bool grow_sole(const struct pga_spot *spot, enum trees trees,
				      unsigned int level, unsigned int top,
				      pga_mid_t *sum)
{
	pga_mid_t *mid = mid_above(spot, read_from(trees), level);

	if (level == top || *mid)
		return false;
	*sum &= sole_mask(part_of(spot, level));
	write_mid(mid, trees, level, *sum);
	return true;
}

/* Climb from @level to below @top, the part below @level having grown to @sum. */
static noinline void grow_from(struct pga_tree *tree, const struct pga_spot *spot,
			       enum trees trees, unsigned int level,
			       unsigned int top, pga_mid_t sum)
{
	struct pga_sum is = pga_mid_unpack(sum);

	switch (level) {
	case 1:
		if (top == 1 || !grow_mid(spot, trees, 1, &is))
			return;
		tree->work++;
		fallthrough;
	case 2:
		if (top == 2 || !grow_mid(spot, trees, 2, &is))
			return;
		tree->work++;
		fallthrough;
	case 3:
		if (top == 3 || !grow_mid(spot, trees, 3, &is))
			return;
		tree->work++;
		fallthrough;
	case 4:
		if (top == 4 || !grow_mid(spot, trees, 4, &is))
			return;
		tree->work++;
	}
	climb_wide(tree, spot->page, trees, is, is, true);
}

/*
 * Does the summary above stay the same when a chunk grows from @was to @leaf?  It does
 * if the chunk's edges are the same, and it has not got the longest run.
 */
static __always_inline bool above_stays(const struct pga_spot *spot, enum trees trees,
					pga_leaf_t was, pga_leaf_t leaf)
{
	const pga_mid_t mid = *mid_above(spot, read_from(trees), 1);

	return !((was ^ leaf) & ~PGA_LEAF_MAX) &&
	       FIELD_GET(PGA_LEAF_MAX, leaf) <= FIELD_GET(PGA_MID_MAX, mid);
}

/* The summary of a chunk has grown to @leaf; climb to below @top. */
static __always_inline void climb_grown(struct pga_tree *tree,
					const struct pga_spot *spot,
					enum trees trees, unsigned int top,
					pga_leaf_t leaf)
{
	pga_mid_t sum = mid_of_leaf(leaf);
	unsigned int level;

	level = !grow_sole(spot, trees, 1, top, &sum) ? 1 :
		!grow_sole(spot, trees, 2, top, &sum) ? 2 :
		!grow_sole(spot, trees, 3, top, &sum) ? 3 :
		!grow_sole(spot, trees, 4, top, &sum) ? 4 : 5;
	tree->work += level;
	if (level < top)
		grow_from(tree, spot, trees, level, top, sum);
}

/* The summary of a chunk grows to @leaf; climb to below @top. */
static noinline void grow(struct pga_tree *tree, const struct pga_spot *spot,
			  enum trees trees, unsigned int top, pga_leaf_t leaf)
{
	pga_leaf_t *at = leaf_of(spot, read_from(trees)), was = *at;

	write_leaf(at, trees, leaf);
	if (above_stays(spot, trees, was, leaf))
		tree->work++;
	else
		climb_grown(tree, spot, trees, top, leaf);
}

/*
 * Nothing is free any more in the stretch of @level, 1 to 4: so says its
 * summary now, and *@was is what it said before.  False if something is free,
 * or the level is @top.
 */
static __always_inline bool shrink_sole(const struct pga_spot *spot, enum trees trees,
					unsigned int level, unsigned int top,
					pga_mid_t *was)
{
	const enum pga_which which = read_from(trees);
	pga_mid_t *mid = mid_above(spot, which, level);

	if (level == top || (level == 1 ? !pga_leaf_none(leaves_of(spot, which)) :
			      !pga_mid_none(mids_of(spot, which, level))))
		return false;
	*was = *mid;
	write_mid(mid, trees, level, 0);
	return true;
}

/* As grow_from(), the part below @level having shrunk from @old to @sum. */
static noinline void shrink_from(struct pga_tree *tree, const struct pga_spot *spot,
				 enum trees trees, unsigned int level,
				 unsigned int top, pga_mid_t old, pga_mid_t sum)
{
	struct pga_sum was = pga_mid_unpack(old), is = pga_mid_unpack(sum);

	switch (level) {
	case 1:
		if (top == 1 || !shrink_mid(spot, trees, 1, &was, &is))
			return;
		tree->work++;
		fallthrough;
	case 2:
		if (top == 2 || !shrink_mid(spot, trees, 2, &was, &is))
			return;
		tree->work++;
		fallthrough;
	case 3:
		if (top == 3 || !shrink_mid(spot, trees, 3, &was, &is))
			return;
		tree->work++;
		fallthrough;
	case 4:
		if (top == 4 || !shrink_mid(spot, trees, 4, &was, &is))
			return;
		tree->work++;
	}
	climb_wide(tree, spot->page, trees, was, is, false);
}

/* The summary of a chunk shrinks to @leaf; climb to below @top. */
static __always_inline void shrink_inline(struct pga_tree *tree,
					  const struct pga_spot *spot,
					  enum trees trees, unsigned int top,
					  pga_leaf_t leaf)
{
	pga_leaf_t *at = leaf_of(spot, read_from(trees)), old = *at;
	unsigned int level = 1;
	pga_mid_t was;

	write_leaf(at, trees, leaf);
	if (!leaf)
		level = !shrink_sole(spot, trees, 1, top, &was) ? 1 :
			!shrink_sole(spot, trees, 2, top, &was) ? 2 :
			!shrink_sole(spot, trees, 3, top, &was) ? 3 :
			!shrink_sole(spot, trees, 4, top, &was) ? 4 : 5;
	if (level == 1)
		was = mid_of_leaf(old);
	tree->work += level;
	if (level < top)
		shrink_from(tree, spot, trees, level, top, was, mid_of_leaf(leaf));
}

static noinline void shrink(struct pga_tree *tree, const struct pga_spot *spot,
			    enum trees trees, unsigned int top, pga_leaf_t leaf)
{
	shrink_inline(tree, spot, trees, top, leaf);
}

/**
 * struct head - the free run of which the first pages are taken, the lowest free ones
 * @page: first page
 * @nr: pages taken
 * @run: pages of the run, as far as it lies in the stretch looked at
 * @left: pages from @page to the end of that stretch
 */
struct head {
	unsigned long page;
	unsigned long nr;
	unsigned long run;
	unsigned long left;
};

/*
 * May another run of the stretch be longest when @head is taken, of which the run was as
 * long as any?  It would lie behind the run.
 */
static __always_inline bool other_may_be_longer(const struct head *head)
{
	return head->left - head->run > head->run - head->nr;
}

/* Free pages in a row from the part behind that of the page on, in a stretch of @level. */
static __always_inline unsigned long free_behind(const struct pga_spot *spot,
						 unsigned int level)
{
	const unsigned int part = part_of(spot, level) + 1;

	if (level == 1)
		return pga_free_from(pga_leaf_at, leaves_of(spot, PGA_FREE), part,
				     PGA_CHUNK_PAGES);
	return pga_free_from(pga_mid_at, mids_of(spot, PGA_FREE, level), part,
			     pga_level_pages(level - 1));
}

enum taken { TAKEN_STAYS, TAKEN_CHANGED, TAKEN_UNKNOWN };

/*
 * The summary of @level, 1 to 4, when @head is taken; *@sum becomes the summary.  If the
 * run was longest and another one may be longer now, that is not known.
 */
static __always_inline enum taken take_head(const struct pga_spot *spot,
					    unsigned int level, struct head *head,
					    pga_mid_t *sum)
{
	const unsigned long pages = pga_level_pages(level);
	pga_mid_t *mid = mid_above(spot, PGA_FREE, level), is = *mid;
	const bool reaches = head->run == head->left;

	if (unlikely(is & PGA_MID_ALL))
		return TAKEN_UNKNOWN;
	head->left = pages - (head->page & (pages - 1));
	if (FIELD_GET(PGA_MID_END, is) >= head->left)
		head->run = head->left;
	else if (reaches)
		head->run += free_behind(spot, level);
	if (FIELD_GET(PGA_MID_MAX, is) == head->run) {
		if (unlikely(other_may_be_longer(head)))
			return TAKEN_UNKNOWN;
		is -= head->nr << __bf_shf(PGA_MID_MAX);
	}
	if (head->left == pages)
		is &= ~PGA_MID_START;
	if (head->run == head->left)
		is -= head->nr << __bf_shf(PGA_MID_END);
	*sum = is;
	if (is == *mid)
		return TAKEN_STAYS;
	write_mid(mid, BOTH_TREES, level, is);
	return TAKEN_CHANGED;
}

/*
 * Take @head at @level; true if the climb goes on.  The summary below has changed from
 * *@old to *@is, which become those of @level.
 */
static __always_inline bool take_level(struct pga_tree *tree, const struct pga_spot *spot,
				       struct head *head, unsigned int level,
				       pga_mid_t *old, pga_mid_t *is)
{
	const unsigned int top = tree->root_level;
	enum taken taken;
	pga_mid_t before;

	if (level == top)
		return false;
	before = *mid_above(spot, PGA_FREE, level);
	taken = take_head(spot, level, head, is);
	if (taken == TAKEN_UNKNOWN)
		shrink_from(tree, spot, BOTH_TREES, level, top, *old, *is);
	if (taken != TAKEN_CHANGED)
		return false;
	tree->work++;
	*old = before;
	return true;
}

/* Climb from level @from, 1 or 2, on, where the summary has changed from @old to @is. */
static __always_inline void climb_taken(struct pga_tree *tree,
					const struct pga_spot *spot, struct head *head,
					unsigned int from, pga_mid_t old, pga_mid_t is)
{
	if (from == 1 && !take_level(tree, spot, head, 1, &old, &is))
		return;
	if (!take_level(tree, spot, head, 2, &old, &is) ||
	    !take_level(tree, spot, head, 3, &old, &is) ||
	    !take_level(tree, spot, head, 4, &old, &is))
		return;
	climb_wide(tree, spot->page, BOTH_TREES, pga_mid_unpack(old), pga_mid_unpack(is),
		   false);
}

/**
 * pga_tree_take_lowest() - update the trees after the lowest free pages were allocated
 * @tree: the trees, which are equal
 * @spot: the pages, allocated in the maps; no page below them is free
 *
 * The run that begins with these pages becomes shorter at its start.  Nothing is free
 * below, so little is to be looked at.
 */
void pga_tree_take_lowest(struct pga_tree *tree, const struct pga_spot *spot)
{
	const unsigned int start = spot->page % PGA_CHUNK_PAGES, end = start + spot->nr;
	const unsigned long *busy = spot->chunk->allocated;
	pga_leaf_t *at = leaf_of(spot, PGA_FREE), was = *at, leaf = was;
	struct head head = {
		.page = spot->page,
		.nr = spot->nr,
		.left = PGA_CHUNK_PAGES - start,
	};
	const unsigned long *word = &busy[BIT_WORD(end)];
	unsigned long behind;

	/* How long was the run, in the chunk?  Mostly it ends in the same word. */
	if (FIELD_GET(PGA_LEAF_END, leaf) >= head.left) {
		head.run = head.left;
	} else {
		behind = end % BITS_PER_LONG ? *word >> end % BITS_PER_LONG : 0;
		head.run = spot->nr + (behind ? __ffs(behind) :
				       find_next_bit(busy, PGA_CHUNK_PAGES, end) - end);
	}
	if (FIELD_GET(PGA_LEAF_MAX, leaf) == head.run && other_may_be_longer(&head)) {
		leaf = pga_leaf_pack(pga_bits_summarize(busy));
	} else {
		if (FIELD_GET(PGA_LEAF_MAX, leaf) == head.run)
			leaf -= spot->nr << __bf_shf(PGA_LEAF_MAX);
		if (!start)
			leaf &= ~PGA_LEAF_START;
		if (head.run == head.left)
			leaf -= spot->nr << __bf_shf(PGA_LEAF_END);
	}
	if (leaf == was)
		return;
	write_leaf(at, BOTH_TREES, leaf);
	tree->work++;
	climb_taken(tree, spot, &head, 1, mid_of_leaf(was), mid_of_leaf(leaf));
}

/* Free pages in a row right before the part of the page, in a stretch of @level. */
static __always_inline unsigned long free_ahead(const struct pga_spot *spot,
						unsigned int level)
{
	const unsigned int part = part_of(spot, level);

	if (level == 1)
		return pga_free_before(pga_leaf_at, leaves_of(spot, PGA_FREE), part,
				       PGA_CHUNK_PAGES);
	return pga_free_before(pga_mid_at, mids_of(spot, PGA_FREE, level), part,
			       pga_level_pages(level - 1));
}

/**
 * struct run - a free run that has grown, as far as it lies in the stretch looked at
 * @start: first page
 * @end: the page after the last
 */
struct run {
	unsigned long start;
	unsigned long end;
};

/*
 * The summary of @level, 1 to 4, when @run has grown; true if it changes.  The run may go
 * on to both sides of the part that was looked at before.
 */
static __always_inline bool put_run(const struct pga_spot *spot, unsigned int level,
				    struct run *run, pga_mid_t *sum)
{
	const unsigned long part_pages = pga_level_pages(level - 1);
	const unsigned long pages = pga_level_pages(level);
	const unsigned long start = spot->page & ~(pages - 1);
	const unsigned int part = part_of(spot, level);
	const unsigned long left = part * part_pages, right = left + part_pages;
	pga_mid_t *mid = mid_above(spot, PGA_FREE, level), is = *mid;
	unsigned long nr;

	if (run->start == start + left)
		run->start = FIELD_GET(PGA_MID_START, is) >= left ?
			     start : run->start - free_ahead(spot, level);
	if (run->end == start + right)
		run->end = FIELD_GET(PGA_MID_END, is) >= pages - right ?
			   start + pages : run->end + free_behind(spot, level);
	nr = run->end - run->start;
	if (nr > FIELD_GET(PGA_MID_MAX, is))
		is = (is & ~PGA_MID_MAX) | nr << __bf_shf(PGA_MID_MAX);
	if (run->start == start)
		is = (is & ~PGA_MID_START) | nr;
	if (run->end == start + pages)
		is = (is & ~PGA_MID_END) | nr << __bf_shf(PGA_MID_END);
	if (level == PGA_FIRST_WIDE - 1 && nr == PGA_MID_PAGES)
		is = PGA_MID_ALL;
	*sum = is;
	if (is == *mid)
		return false;
	write_mid(mid, BOTH_TREES, level, is);
	return true;
}

/* Climb from level @from, 1 or 2, on.  @run has grown and changed the summary below. */
static __always_inline void climb_put(struct pga_tree *tree, const struct pga_spot *spot,
				      unsigned int from, struct run *run)
{
	const unsigned int top = tree->root_level;
	struct pga_sum is;
	pga_mid_t sum;

	if (from == 1) {
		if (top == 1 || !put_run(spot, 1, run, &sum))
			return;
		tree->work++;
	}
	if (top == 2 || !put_run(spot, 2, run, &sum))
		return;
	tree->work++;
	if (top == 3 || !put_run(spot, 3, run, &sum))
		return;
	tree->work++;
	if (top == 4 || !put_run(spot, 4, run, &sum))
		return;
	tree->work++;
	is = pga_mid_unpack(sum);
	climb_wide(tree, spot->page, BOTH_TREES, is, is, true);
}

/**
 * pga_tree_put_in_word() - update the trees after a run in one word became free
 * @tree: the trees, which are equal
 * @spot: the run, free in the maps, all of it in one word
 */
void pga_tree_put_in_word(struct pga_tree *tree, const struct pga_spot *spot)
{
	const unsigned int start = spot->page % PGA_CHUNK_PAGES, end = start + spot->nr;
	const unsigned long first = spot->page - start;
	const unsigned long *busy = spot->chunk->allocated;
	const unsigned long word = busy[BIT_WORD(start)];
	const unsigned long below = word & (BIT_MASK(start) - 1);
	const unsigned long above = end % BITS_PER_LONG ? word >> end % BITS_PER_LONG : 0;
	pga_leaf_t *at = leaf_of(spot, PGA_FREE), was = *at, leaf = was;
	unsigned int nr, from, to;
	struct run run;

	/* Most runs do not get out of the word, or reach to an edge of the chunk. */
	if (below)
		from = ALIGN_DOWN(start, BITS_PER_LONG) + __fls(below) + 1;
	else if (FIELD_GET(PGA_LEAF_START, leaf) >= start)
		from = 0;
	else
		pga_bits_around(busy, start, spot->nr, &from);
	if (above)
		to = end + __ffs(above);
	else
		to = FIELD_GET(PGA_LEAF_END, leaf) >= PGA_CHUNK_PAGES - end ?
		     PGA_CHUNK_PAGES : find_next_bit(busy, PGA_CHUNK_PAGES, end);
	nr = to - from;
	if (nr > FIELD_GET(PGA_LEAF_MAX, leaf))
		leaf = (leaf & ~PGA_LEAF_MAX) | nr << __bf_shf(PGA_LEAF_MAX);
	if (!from)
		leaf = (leaf & ~PGA_LEAF_START) | nr;
	if (to == PGA_CHUNK_PAGES)
		leaf = (leaf & ~PGA_LEAF_END) | nr << __bf_shf(PGA_LEAF_END);
	if (leaf == was)
		return;
	write_leaf(at, BOTH_TREES, leaf);
	tree->work++;
	run = (struct run) { first + from, first + to };
	climb_put(tree, spot, 1, &run);
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

/* The summary of a chunk after pages in a range of it came into use. */
static struct pga_sum sum_without(struct pga_sum was, const unsigned long *busy,
				  unsigned int start, unsigned int nr)
{
	unsigned int first;

	/* The free run they were part of was no longer than this. */
	if (pga_bits_around(busy, start, nr, &first) < was.max &&
	    was.start <= first && was.end <= PGA_CHUNK_PAGES - start - nr)
		return was;
	return pga_bits_summarize(busy);
}

/* Is more free after a change?  Otherwise less is. */
static __always_inline bool is_growth(enum pga_change change)
{
	return change == PGA_ALL_READY || change == PGA_ALL_DISCARDED ||
	       change == PGA_SOME_PUT;
}

/*
 * The summary of a chunk after a change, by the map in which free pages are
 * zeroes.
 */
static __always_inline pga_leaf_t leaf_after(const struct pga_spot *spot,
					     const unsigned long *busy,
					     pga_leaf_t leaf,
					     enum pga_change change)
{
	const unsigned int start = spot->page % PGA_CHUNK_PAGES;
	const struct pga_sum was = pga_leaf_unpack(leaf);

	if (change == PGA_SOME_PUT)
		return pga_leaf_pack(pga_bits_grow(busy, was, BIT_WORD(start)));
	return pga_leaf_pack(is_growth(change) ?
			     sum_with(was, busy, start, spot->nr) :
			     sum_without(was, busy, start, spot->nr));
}

static noinline pga_leaf_t ready_leaf_after(const struct pga_spot *spot,
					    pga_leaf_t leaf, enum pga_change change)
{
	unsigned long buf[PGA_CHUNK_WORDS];

	return leaf_after(spot, pga_chunk_busy(spot->chunk, PGA_READY, buf), leaf,
			  change);
}

/* Update the summary of a chunk, and those above it below @top. */
static __always_inline void update_chunk(struct pga_tree *tree,
					 const struct pga_spot *spot,
					 enum trees trees, unsigned int top,
					 enum pga_change change)
{
	const pga_leaf_t was = *leaf_of(spot, read_from(trees));
	pga_leaf_t leaf;

	if (spot->nr == PGA_CHUNK_PAGES && change <= PGA_ALL_DISCARDED)
		leaf = pga_leaf_pack(pga_sum_whole(PGA_CHUNK_PAGES, is_growth(change)));
	else if (trees != READY_TREE)
		leaf = leaf_after(spot, spot->chunk->allocated, was, change);
	else
		leaf = ready_leaf_after(spot, was, change);
	if (leaf == was)
		return;
	if (is_growth(change))
		grow(tree, spot, trees, top, leaf);
	else
		shrink(tree, spot, trees, top, leaf);
}

/**
 * pga_tree_update_spot() - update the trees after a change in one chunk
 * @tree: the trees
 * @spot: the pages
 * @change: what has become of them, in the maps
 * @alike: as pga_tree_update() has it
 */
void pga_tree_update_spot(struct pga_tree *tree, const struct pga_spot *spot,
			  enum pga_change change, bool alike)
{
	const unsigned int root = tree->root_level;

	update_chunk(tree, spot, alike ? BOTH_TREES : FREE_TREE, root, change);
	/* Allocated or discarded is the same to the ready tree. */
	if (!alike && change != PGA_ALL_DISCARDED)
		update_chunk(tree, spot, READY_TREE, root, change);
}

/**
 * pga_tree_discard_chunk() - update the trees after a chunk became free and discarded
 * @tree: the trees
 * @spot: the chunk, allocated before; the ready tree stays as it is
 */
void pga_tree_discard_chunk(struct pga_tree *tree, const struct pga_spot *spot)
{
	grow(tree, spot, FREE_TREE, tree->root_level,
	     pga_leaf_pack(pga_sum_whole(PGA_CHUNK_PAGES, true)));
}

/**
 * pga_tree_update_chunk() - update the trees after a change of a whole chunk
 * @tree: the trees, which are equal
 * @spot: the chunk
 * @free: its pages were allocated and are free now; otherwise the other way
 */
void pga_tree_update_chunk(struct pga_tree *tree, const struct pga_spot *spot, bool free)
{
	const pga_leaf_t all = pga_leaf_pack(pga_sum_whole(PGA_CHUNK_PAGES, true));

	if (!free) {
		shrink_inline(tree, spot, BOTH_TREES, tree->root_level, 0);
		return;
	}
	write_leaf(leaf_of(spot, PGA_FREE), BOTH_TREES, all);
	climb_grown(tree, spot, BOTH_TREES, tree->root_level, all);
}

/* Write the summaries of a whole node of level 1, which is all free or all busy. */
static __always_inline void write_node(struct pga_tree *tree, const struct pga_spot *spot,
				       bool free)
{
	const pga_leaf_t leaf = pga_leaf_pack(pga_sum_whole(PGA_CHUNK_PAGES, free));
	pga_leaf_t *leaves = leaves_of(spot, PGA_FREE);
	unsigned int i;

	tree->work++;
	for (i = 0; i < PGA_FANOUT; i++)
		write_leaf(&leaves[i], BOTH_TREES, leaf);
	write_mid(mid_above(spot, PGA_FREE, 1), BOTH_TREES, 1,
		  pga_mid_pack(pga_sum_whole(pga_level_pages(1), free)));
}

/**
 * pga_tree_put_node() - update the trees after a whole node of level 1 became free
 * @tree: the trees, which are equal; the root is above the node
 * @spot: the first chunk of the node
 */
void pga_tree_put_node(struct pga_tree *tree, const struct pga_spot *spot)
{
	struct run run = { spot->page, spot->page + pga_level_pages(1) };

	write_node(tree, spot, true);
	climb_put(tree, spot, 2, &run);
}

/**
 * pga_tree_take_node() - update the trees after a whole node of level 1 was allocated
 * @tree: the trees, which are equal; the root is above the node
 * @spot: the first chunk of the node
 * @lowest: no page below is free
 */
void pga_tree_take_node(struct pga_tree *tree, const struct pga_spot *spot, bool lowest)
{
	const unsigned long pages = pga_level_pages(1);
	const pga_mid_t was = pga_mid_pack(pga_sum_whole(pages, true));
	struct head head = { spot->page, pages, pages, pages };

	write_node(tree, spot, false);
	if (lowest)
		climb_taken(tree, spot, &head, 2, was, 0);
	else if (tree->root_level > 2)
		shrink_from(tree, spot, BOTH_TREES, 2, tree->root_level, was, 0);
}

/*
 * Summarize chunk @i from its maps in both trees; returns whether one has
 * changed.
 */
static bool refresh_chunk(struct pga_tree *tree, unsigned long i)
{
	const struct pga_chunk *chunk = pga_store_chunk(&tree->store, i);
	bool changed;

	changed = pga_tree_set(tree, PGA_FREE, 0, i,
			       pga_chunk_summarize(chunk, PGA_FREE));
	changed |= pga_tree_set(tree, PGA_READY, 0, i,
				pga_chunk_summarize(chunk, PGA_READY));
	return changed;
}

/*
 * Update a level after a change of [@page, @end); returns whether it has
 * changed.
 */
static bool update_level(struct pga_tree *tree, unsigned int level,
			 unsigned long page, unsigned long end,
			 enum pga_change change)
{
	const unsigned long pages = pga_level_pages(level);
	unsigned long i = page >> pga_level_shift(level);
	bool changed = false;

	for (; i << pga_level_shift(level) < end; i++) {
		const unsigned long start = i << pga_level_shift(level);

		if (page <= start && start + pages <= end) {
			changed |= pga_tree_set(tree, PGA_FREE, level, i,
						pga_sum_whole(pages, is_growth(change)));
			changed |= pga_tree_set(tree, PGA_READY, level, i,
						pga_sum_whole(pages,
							      change == PGA_ALL_READY));
		} else if (level) {
			changed |= pga_tree_refresh(tree, level, i);
		} else {
			changed |= refresh_chunk(tree, i);
		}
	}
	return changed;
}

/*
 * Update after a change at the end of one chunk and the start of the next.
 * Each climbs to below @meet, the level of the first summary above both.  From
 * there one climb goes on, unless @meet is the root.
 */
static void update_two(struct pga_tree *tree, const struct pga_spot *a,
		       const struct pga_spot *b, enum trees trees,
		       unsigned int meet, enum pga_change change)
{
	const unsigned int root = tree->root_level;
	const enum pga_which which = read_from(trees);
	pga_mid_t *mid, old;

	update_chunk(tree, a, trees, meet, change);
	update_chunk(tree, b, trees, meet, change);
	if (meet == root)
		return;
	mid = mid_above(a, which, meet);
	old = *mid;
	if (!change_mid(mid, trees, meet, merge_mid(a, which, meet)))
		return;
	tree->work++;
	if (is_growth(change))
		grow_from(tree, a, trees, meet + 1, root, *mid);
	else
		shrink_from(tree, a, trees, meet + 1, root, old, *mid);
}

/* Update after a change of [@page, @end) in two chunks. */
static void update_across(struct pga_tree *tree, unsigned long page,
			  unsigned long end, enum pga_change change, bool alike)
{
	const unsigned long border = ALIGN(page + 1, PGA_CHUNK_PAGES);
	const struct pga_spot a = pga_store_spot(&tree->store, page, border - page);
	const struct pga_spot b = pga_store_spot(&tree->store, border, end - border);
	unsigned int meet = 1;

	while (page >> pga_level_shift(meet) != border >> pga_level_shift(meet))
		meet++;
	/* Few chunks meet in a wide summary; both climbs go on to the root then. */
	if (meet >= PGA_FIRST_WIDE)
		meet = tree->root_level;
	update_two(tree, &a, &b, alike ? BOTH_TREES : FREE_TREE, meet, change);
	if (!alike && change != PGA_ALL_DISCARDED)
		update_two(tree, &a, &b, READY_TREE, meet, change);
}

/**
 * pga_tree_update() - update the trees after a change
 * @tree: the trees
 * @page: first page
 * @nr: pages, for all of which the store has chunks
 * @change: what has become of them, in the maps, all of them
 * @alike: no page of the pool is discarded, nor was before, so both trees are
 *	   equal;
 *	   false is always right
 */
void pga_tree_update(struct pga_tree *tree, unsigned long page,
		     unsigned long nr, enum pga_change change, bool alike)
{
	const unsigned long first = pga_chunk_of(page);
	const unsigned long last = pga_chunk_of(page + nr - 1);
	unsigned int level;

	if (first == last) {
		const struct pga_spot spot = pga_store_spot(&tree->store, page, nr);

		pga_tree_update_spot(tree, &spot, change, alike);
		return;
	}
	if (first + 1 == last) {
		update_across(tree, page, page + nr, change, alike);
		return;
	}
	for (level = 0; level < tree->root_level; level++)
		if (!update_level(tree, level, page, page + nr, change))
			break;
}
PGA_EXPORT_FOR_KUNIT(pga_tree_update);
