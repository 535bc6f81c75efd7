// SPDX-License-Identifier: GPL-2.0
/*
 * The summary trees: where in a large index space a run of pages fits.
 *
 * Level 0 has a summary a chunk, and each level above one for eight of the
 * level below:
 *
 *	level 2   |                      2^15 pages                      |
 *	level 1   | 2^12 | 2^12 | 2^12 | 2^12 | 2^12 | 2^12 | 2^12 | 2^12 |
 *	level 0   | 2^9 ...
 *
 * There are two trees over the same pages: one sums up all free pages, the
 * other only those that are free and ready.  Where nothing is discarded they
 * are equal.
 *
 * The root is no higher than it must be: the smallest stretch of 512 * 8^k
 * pages, aligned to its size, that has all pages of the pool in it.  A search
 * starts there and goes down one node a level.  It need never go back up: a
 * child is entered only if its @max says that the run fits within, and a run
 * across a border of children is found at their parent, before the child on
 * the right is looked at.  So the first fit it finds is exact, and its cost is
 * eight summaries a level.
 *
 * An update knows what a whole range of pages has become.  Summaries that lie
 * in the range are written without looking, those at its two ends are merged
 * anew, and where a level did not change in either tree the ones above it
 * cannot have either.
 *
 * No locks here: the caller holds the pool's.  The tree and the search follow
 * the Go runtime (src/runtime/mpagealloc.go); the root that grows, the second
 * tree and the store are ours.
 */

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "engine/tree.h"
#include "kunit_export.h"

static const struct pga_sum nothing_free;

/**
 * pga_tree_get() - read a summary
 * @tree: the trees
 * @which: which one
 * @level: level below the root
 * @i: number of the summary in its level
 *
 * Return: the summary; nothing free where the pool has no pages.
 */
struct pga_sum pga_tree_get(const struct pga_tree *tree, enum pga_which which,
			    unsigned int level, unsigned long i)
{
	const struct pga_store *store = &tree->store;
	const struct pga_wide *wide;
	const pga_leaf_t *leaf;
	const pga_mid_t *mid;

	if (level < PGA_FIRST_MID) {
		leaf = pga_store_leaf(store, which, i);
		return leaf ? pga_leaf_unpack(*leaf) : nothing_free;
	}
	if (level < PGA_FIRST_WIDE) {
		mid = pga_store_mid(store, which, level, i);
		return mid ? pga_mid_unpack(*mid) : nothing_free;
	}
	wide = pga_store_wide(store, which, level, i);
	return wide ? pga_wide_unpack(*wide) : nothing_free;
}
PGA_EXPORT_FOR_KUNIT(pga_tree_get);

/* Write a summary in a part that exists; return whether it was another. */
static bool set(struct pga_tree *tree, enum pga_which which, unsigned int level,
		unsigned long i, struct pga_sum sum)
{
	struct pga_store *store = &tree->store;
	struct pga_wide *wide;
	pga_leaf_t *leaf, new_leaf;
	pga_mid_t *mid, new_mid;

	if (level < PGA_FIRST_MID) {
		leaf = pga_store_leaf(store, which, i);
		new_leaf = pga_leaf_pack(sum);
		swap(*leaf, new_leaf);
		return *leaf != new_leaf;
	}
	if (level < PGA_FIRST_WIDE) {
		mid = pga_store_mid(store, which, level, i);
		new_mid = pga_mid_pack(sum);
		swap(*mid, new_mid);
		return *mid != new_mid;
	}
	wide = pga_store_wide(store, which, level, i);
	if (pga_sum_equal(pga_wide_unpack(*wide), sum))
		return false;
	*wide = pga_wide_pack(sum);
	return true;
}

/**
 * pga_tree_merge() - compute a summary from those of its eight children
 * @tree: the trees
 * @which: which one
 * @level: level of the summary, at least 1
 * @i: number of the summary in its level
 *
 * Return: what pga_tree_get() should say.
 */
struct pga_sum pga_tree_merge(const struct pga_tree *tree, enum pga_which which,
			      unsigned int level, unsigned long i)
{
	const struct pga_store *store = &tree->store;
	const unsigned long first = i << PGA_FANOUT_SHIFT;
	const unsigned int below = level - 1;
	const struct pga_wide *wide;
	const pga_leaf_t *leaf;
	const pga_mid_t *mid;

	if (below < PGA_FIRST_MID) {
		leaf = pga_store_leaf(store, which, first);
		return leaf ? pga_leaf_merge(leaf) : nothing_free;
	}
	if (below < PGA_FIRST_WIDE) {
		mid = pga_store_mid(store, which, below, first);
		return mid ? pga_mid_merge(mid, pga_level_pages(below)) :
			     nothing_free;
	}
	wide = pga_store_wide(store, which, below, first);
	return wide ? pga_wide_merge(wide, pga_level_pages(below)) : nothing_free;
}
PGA_EXPORT_FOR_KUNIT(pga_tree_merge);

/**
 * pga_tree_root() - summary of the whole pool
 * @tree: the trees
 * @which: which one
 *
 * Its @max is the longest run there is.  The other two are those of the
 * stretch under the root, of which the pool may be a part.
 *
 * Return: the summary.
 */
struct pga_sum pga_tree_root(const struct pga_tree *tree, enum pga_which which)
{
	if (!tree->root_level)
		return nothing_free;
	return pga_tree_merge(tree, which, tree->root_level, tree->root);
}
PGA_EXPORT_FOR_KUNIT(pga_tree_root);

/* Merge summary @i of @level anew in both trees. */
static bool refresh(struct pga_tree *tree, unsigned int level, unsigned long i)
{
	bool changed;

	changed = set(tree, PGA_FREE, level, i,
		      pga_tree_merge(tree, PGA_FREE, level, i));
	changed |= set(tree, PGA_READY, level, i,
		       pga_tree_merge(tree, PGA_READY, level, i));
	return changed;
}

/**
 * pga_tree_extend() - make room under the root for pages to be added
 * @tree: the trees
 * @page: first page
 * @nr: pages, which the store can hold already
 *
 * To be followed by pga_tree_update().
 */
void pga_tree_extend(struct pga_tree *tree, unsigned long page, unsigned long nr)
{
	const unsigned int old_level = tree->root_level;
	const unsigned long old_root = tree->root;
	const unsigned long end = ALIGN(page + nr, PGA_CHUNK_PAGES);
	unsigned int level;

	page = ALIGN_DOWN(page, PGA_CHUNK_PAGES);
	tree->first = old_level ? min(tree->first, page) : page;
	tree->end = max(tree->end, end);

	for (level = 1; tree->first >> pga_level_shift(level) !=
			(tree->end - 1) >> pga_level_shift(level); level++)
		;
	tree->root_level = level;
	tree->root = tree->first >> pga_level_shift(level);

	/* What was the root, and what came between, is kept from now on. */
	if (old_level)
		for (level = old_level; level < tree->root_level; level++)
			refresh(tree, level, old_root >> PGA_FANOUT_SHIFT *
					     (level - old_level));
}
PGA_EXPORT_FOR_KUNIT(pga_tree_extend);

/* Sum up chunk @i from its maps in both trees. */
static bool refresh_chunk(struct pga_tree *tree, unsigned long i)
{
	const struct pga_chunk *chunk = pga_store_chunk(&tree->store, i);
	bool changed;

	changed = set(tree, PGA_FREE, 0, i, pga_chunk_summarize(chunk, PGA_FREE));
	changed |= set(tree, PGA_READY, 0, i,
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

/**
 * struct part - how a part of a stretch has changed
 * @i: which of the eight parts it is
 * @pages: pages in it
 * @before: free pages right before it, in the stretch
 * @after: free pages right after it
 * @was: its summary
 * @is: its summary now
 */
struct part {
	unsigned int i;
	unsigned long pages;
	unsigned long before;
	unsigned long after;
	struct pga_sum was;
	struct pga_sum is;
};

/*
 * What becomes of the summary of a stretch of which a part has more free pages
 * than before: runs that go through the part have grown, and no others.
 */
static __always_inline struct pga_sum grown(struct pga_sum sum,
					    const struct part *p)
{
	unsigned long start = p->before + p->is.start;
	unsigned long end = p->is.end + p->after;

	if (p->is.start == p->pages) {
		start += p->after;
		end = start;
	}
	if (p->before == p->i * p->pages)
		sum.start = start;
	if (p->after == (PGA_FANOUT - 1 - p->i) * p->pages)
		sum.end = end;
	sum.max = max(sum.max, max3(start, end, p->is.max));
	return sum;
}

static struct pga_sum leaves_grown(struct pga_sum sum, const pga_leaf_t *eight,
				   struct part *p)
{
	pga_leaf_t other;
	unsigned int i;

	for (i = p->i; i; i--) {
		other = eight[i - 1];
		p->before += FIELD_GET(PGA_LEAF_END, other);
		if (FIELD_GET(PGA_LEAF_END, other) < PGA_CHUNK_PAGES)
			break;
	}
	for (i = p->i + 1; i < PGA_FANOUT; i++) {
		other = eight[i];
		p->after += FIELD_GET(PGA_LEAF_START, other);
		if (FIELD_GET(PGA_LEAF_START, other) < PGA_CHUNK_PAGES)
			break;
	}
	return grown(sum, p);
}

static struct pga_sum mids_grown(struct pga_sum sum, const pga_mid_t *eight,
				 struct part *p)
{
	struct pga_sum other;
	unsigned int i;

	for (i = p->i; i && eight[i - 1]; i--) {
		other = pga_mid_unpack(eight[i - 1]);
		p->before += other.end;
		if (other.end < p->pages)
			break;
	}
	for (i = p->i + 1; i < PGA_FANOUT && eight[i]; i++) {
		other = pga_mid_unpack(eight[i]);
		p->after += other.start;
		if (other.start < p->pages)
			break;
	}
	return grown(sum, p);
}

/* The summary of @level above the page, that was @sum, after a part changed. */
static __always_inline struct pga_sum sum_above(const struct pga_spot *a,
						enum pga_which which,
						unsigned int level,
						struct pga_sum sum,
						struct part *p, bool grows)
{
	const pga_leaf_t *leaves;
	const pga_mid_t *mids;

	if (pga_sum_follow(&sum, p->was, p->is))
		return sum;
	p->i = a->page >> pga_level_shift(level - 1) & (PGA_FANOUT - 1);
	p->pages = pga_level_pages(level - 1);
	p->before = 0;
	p->after = 0;
	if (level == 1) {
		leaves = a->block->leaves[a->page >> pga_level_shift(1) & 63].leaf[which];
		return grows ? leaves_grown(sum, leaves, p) : pga_leaf_merge(leaves);
	}
	mids = eight_below(a, which, level);
	return grows ? mids_grown(sum, mids, p) : pga_mid_merge(mids, p->pages);
}

/* Bring one summary up to date, in the tree @which or in @both; has it changed? */
static __always_inline bool climb_one(const struct pga_spot *a, enum pga_which which,
				      bool both, unsigned int level,
				      struct part *p, bool grows)
{
	pga_mid_t *mid = mid_above(a, which, level), packed;
	const struct pga_sum old = pga_mid_unpack(*mid);
	const struct pga_sum new = sum_above(a, which, level, old, p, grows);

	packed = pga_mid_pack(new);
	if (packed == *mid)
		return false;
	*mid = packed;
	if (both)
		*mid_above(a, PGA_READY, level) = packed;
	p->was = old;
	p->is = new;
	return true;
}

/*
 * Bring the summaries above a page up to date after that of its chunk went from
 * @was to @is, in the tree @which or in @both.
 */
static void climb(struct pga_tree *tree, const struct pga_spot *a,
		  enum pga_which which, bool both, struct pga_sum was,
		  struct pga_sum is, bool grows)
{
	struct part p = { .was = was, .is = is };
	unsigned int level;

	tree->work++;
	if (tree->root_level == 1 || !climb_one(a, which, both, 1, &p, grows))
		return;
	tree->work++;
	for (level = 2; level < PGA_FIRST_WIDE; level++) {
		if (level == tree->root_level ||
		    !climb_one(a, which, both, level, &p, grows))
			return;
		tree->work++;
	}
	for (; level < tree->root_level; level++) {
		if (!refresh(tree, level, a->page >> pga_level_shift(level)))
			return;
		tree->work++;
	}
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

/* Are pages free for a tree now, all of them? */
static __always_inline bool made_free(enum pga_which which, enum pga_made made)
{
	return made == PGA_MADE_READY ||
	       (made == PGA_MADE_DISCARDED && which == PGA_FREE);
}

/* The summary of a chunk after the pages [@start, @start + @nr) became @made. */
static struct pga_sum sum_after(const struct pga_chunk *chunk,
				enum pga_which which, struct pga_sum was,
				unsigned int start, unsigned int nr,
				enum pga_made made)
{
	const bool frees = made_free(which, made);
	unsigned long buf[PGA_CHUNK_WORDS];
	const unsigned long *busy;

	if (nr == PGA_CHUNK_PAGES && made != PGA_MADE_MIXED)
		return pga_sum_whole(PGA_CHUNK_PAGES, frees);
	busy = pga_chunk_busy(chunk, which, buf);
	if (made == PGA_MADE_MIXED)
		return pga_bits_summarize(busy);
	return frees ? sum_with(was, busy, start, nr) :
		       sum_without(was, busy, start, nr);
}

/* A chunk's summary in a tree, or in both, goes from one to another. */
static __always_inline void change_leaf(struct pga_tree *tree,
					const struct pga_spot *spot,
					enum pga_which which, bool both,
					struct pga_sum is, bool grows)
{
	struct pga_leaves *leaves = pga_spot_leaves(spot);
	const unsigned int i = pga_chunk_of(spot->page) % PGA_FANOUT;
	const pga_leaf_t was = leaves->leaf[which][i];
	const pga_leaf_t packed = pga_leaf_pack(is);

	if (packed == was)
		return;
	leaves->leaf[which][i] = packed;
	if (both)
		leaves->leaf[PGA_READY][i] = packed;
	climb(tree, spot, which, both, pga_leaf_unpack(was), is, grows);
}

static __always_inline struct pga_sum leaf_of(const struct pga_spot *spot,
					      enum pga_which which)
{
	const unsigned int i = pga_chunk_of(spot->page) % PGA_FANOUT;

	return pga_leaf_unpack(pga_spot_leaves(spot)->leaf[which][i]);
}

/*
 * Does what became of a few pages leave the summary of their chunk as it is?  The
 * free run that they are, or were, part of must not reach out of their word, and
 * be no longer than another one.
 */
static __always_inline bool changes_nothing(const struct pga_spot *spot,
					    unsigned int start, unsigned int nr,
					    enum pga_made made)
{
	const unsigned int first = start % BITS_PER_LONG, end = first + nr;
	const unsigned int i = pga_chunk_of(spot->page) % PGA_FANOUT;
	const pga_leaf_t leaf = pga_spot_leaves(spot)->leaf[PGA_FREE][i];
	unsigned long word, below, above, run;

	if (end >= BITS_PER_LONG || made == PGA_MADE_MIXED)
		return false;
	word = spot->chunk->allocated[BIT_WORD(start)];
	below = word & (BIT(first) - 1);
	above = word >> end;
	if (!below || !above)
		return false;
	run = end + __ffs(above) - __fls(below) - 1;
	return run + (made == PGA_MADE_BUSY) <= FIELD_GET(PGA_LEAF_MAX, leaf);
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
	const bool frees = made_free(PGA_FREE, made);
	const unsigned int start = spot->page % PGA_CHUNK_PAGES;

	if (alike && changes_nothing(spot, start, nr, made))
		return;
	if (nr == PGA_CHUNK_PAGES && alike) {
		change_leaf(tree, spot, PGA_FREE, true,
			    pga_sum_whole(PGA_CHUNK_PAGES, frees), frees);
		return;
	}
	change_leaf(tree, spot, PGA_FREE, alike,
		    sum_after(spot->chunk, PGA_FREE, leaf_of(spot, PGA_FREE),
			      start, nr, made), frees);
	if (!alike)
		change_leaf(tree, spot, PGA_READY, false,
			    sum_after(spot->chunk, PGA_READY,
				      leaf_of(spot, PGA_READY), start, nr, made),
			    made_free(PGA_READY, made));
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
			changed |= set(tree, PGA_FREE, level, i,
				       pga_sum_whole(pages, made != PGA_MADE_BUSY));
			changed |= set(tree, PGA_READY, level, i,
				       pga_sum_whole(pages, made == PGA_MADE_READY));
		} else if (level) {
			changed |= refresh(tree, level, i);
		} else {
			changed |= refresh_chunk(tree, i);
		}
	}
	return changed;
}

/**
 * pga_tree_update() - bring the summaries up to date with the maps
 * @tree: the trees
 * @page: first page that has changed
 * @nr: pages
 * @made: what all of them are now, in the maps; PGA_MADE_MIXED for pages of one
 *	  chunk only
 * @alike: no page of the pool is discarded, nor was before, so that both trees are
 *	   equal; it is safe to say no
 */
void pga_tree_update(struct pga_tree *tree, unsigned long page,
		     unsigned long nr, enum pga_made made, bool alike)
{
	struct pga_spot spot;
	unsigned int level;

	if (pga_chunk_of(page) == pga_chunk_of(page + nr - 1)) {
		if (pga_store_spot(&tree->store, page, &spot))
			pga_tree_update_spot(tree, &spot, nr, made, alike);
		return;
	}
	for (level = 0; level < tree->root_level; level++)
		if (!update_level(tree, level, page, page + nr, made))
			break;
}
PGA_EXPORT_FOR_KUNIT(pga_tree_update);

/* First fit in chunk @i, where the summary says that @nr pages fit. */
static unsigned long find_in_chunk(const struct pga_tree *tree,
				   enum pga_which which, unsigned long i,
				   unsigned long nr)
{
	const struct pga_chunk *chunk = pga_store_chunk(&tree->store, i);
	unsigned long buf[PGA_CHUNK_WORDS];
	unsigned int pos, first_free;

	pos = pga_bits_find(pga_chunk_busy(chunk, which, buf), nr, 0, &first_free);
	return pos < PGA_CHUNK_PAGES ? pga_chunk_start(i) + pos : PGA_NONE;
}

/**
 * struct scan - first fit among eight siblings
 * @nr: pages wanted
 * @pages: pages that each of them speaks for
 * @run: free pages right before the next one
 * @within: the run fits within the last one looked at, and not before
 */
struct scan {
	unsigned long nr;
	unsigned long pages;
	unsigned long run;
	bool within;
};

/* Look at the next sibling; true if the run fits. */
static __always_inline bool scan_next(struct scan *scan, struct pga_sum sum)
{
	if (scan->run + sum.start >= scan->nr)
		return true;
	if (sum.max >= scan->nr) {
		scan->within = true;
		return true;
	}
	scan->run = sum.start == scan->pages ? scan->run + sum.start : sum.end;
	return false;
}

/* Each of these returns which of the eight it is, PGA_FANOUT if none. */
static unsigned int scan_leaves(struct scan *scan, const pga_leaf_t *eight)
{
	unsigned int i;

	for (i = 0; i < PGA_FANOUT; i++) {
		if (!eight[i])
			scan->run = 0;
		else if (scan_next(scan, pga_leaf_unpack(eight[i])))
			break;
	}
	return i;
}

static unsigned int scan_mids(struct scan *scan, const pga_mid_t *eight)
{
	unsigned int i;

	for (i = 0; i < PGA_FANOUT; i++) {
		if (!eight[i])
			scan->run = 0;
		else if (scan_next(scan, pga_mid_unpack(eight[i])))
			break;
	}
	return i;
}

static unsigned int scan_wides(struct scan *scan, const struct pga_wide *eight)
{
	unsigned int i;

	for (i = 0; i < PGA_FANOUT; i++)
		if (scan_next(scan, pga_wide_unpack(eight[i])))
			break;
	return i;
}

static unsigned int scan_eight(const struct pga_tree *tree, enum pga_which which,
			       unsigned int level, unsigned long first,
			       struct scan *scan)
{
	const struct pga_store *store = &tree->store;
	const struct pga_wide *wide;
	const pga_leaf_t *leaf;
	const pga_mid_t *mid;

	if (level < PGA_FIRST_MID) {
		leaf = pga_store_leaf(store, which, first);
		return leaf ? scan_leaves(scan, leaf) : PGA_FANOUT;
	}
	if (level < PGA_FIRST_WIDE) {
		mid = pga_store_mid(store, which, level, first);
		return mid ? scan_mids(scan, mid) : PGA_FANOUT;
	}
	wide = pga_store_wide(store, which, level, first);
	return wide ? scan_wides(scan, wide) : PGA_FANOUT;
}

/**
 * pga_tree_find() - exact first fit
 * @tree: the trees
 * @which: free pages, or only ready ones
 * @nr: pages wanted, at least 1
 *
 * Return: the lowest page at which @nr such pages begin, PGA_NONE when there
 * are none, or when maps and summaries do not agree.
 */
unsigned long pga_tree_find(const struct pga_tree *tree, enum pga_which which,
			    unsigned long nr)
{
	unsigned long first = tree->root;
	unsigned int i, level = tree->root_level;

	if (!level)
		return PGA_NONE;
	do {
		struct scan scan = { .nr = nr };

		level--;
		first <<= PGA_FANOUT_SHIFT;
		scan.pages = pga_level_pages(level);
		i = scan_eight(tree, which, level, first, &scan);
		if (i == PGA_FANOUT)
			return PGA_NONE;
		first += i;
		if (!scan.within)
			return (first << pga_level_shift(level)) - scan.run;
	} while (level);

	return find_in_chunk(tree, which, first, nr);
}
PGA_EXPORT_FOR_KUNIT(pga_tree_find);

/**
 * pga_tree_prev() - the next chunk downwards that has a run of some length
 * @tree: the trees
 * @which: free pages, or only ready ones
 * @pages: length of an aligned run, a power of two.  A chunk, and any stretch
 *	   of up to @pages pages, must be such pages as a whole if @pages is
 *	   longer than it.
 * @chunk: in: search below this chunk; out: the chunk found, or where to go on
 * @budget: look at this many summaries at most
 *
 * A stretch without such a run is skipped as a whole, the largest that ends at
 * the place reached so far first.
 *
 * Return: true if a chunk was found.  If not, @chunk is 0 when there is none.
 */
bool pga_tree_prev(const struct pga_tree *tree, enum pga_which which,
		   unsigned long pages, unsigned long *chunk,
		   unsigned int budget)
{
	unsigned long below = min(*chunk, pga_chunk_of(tree->end));
	const unsigned long first = pga_chunk_of(tree->first);
	struct pga_sum sum;
	int level;

	while (below > first && budget) {
		const unsigned int align = __ffs(below) / PGA_FANOUT_SHIFT;

		level = min(align, tree->root_level - 1);
		for (; level >= 0 && budget; level--) {
			const unsigned int shift = PGA_FANOUT_SHIFT * level;
			const unsigned long i = (below - 1) >> shift;

			budget--;
			sum = pga_tree_get(tree, which, level, i);
			if (sum.max < min(pages, pga_level_pages(level))) {
				below = i << shift;
				break;
			}
		}
		if (level < 0) {
			*chunk = below - 1;
			return true;
		}
	}
	*chunk = below > first ? below : 0;
	return false;
}
PGA_EXPORT_FOR_KUNIT(pga_tree_prev);
