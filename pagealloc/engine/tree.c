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

#include <linux/bitops.h>
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
 * @made: what all of them are now, in the maps
 */
void pga_tree_update(struct pga_tree *tree, unsigned long page,
		     unsigned long nr, enum pga_made made)
{
	unsigned int level;

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
	unsigned long i, first = tree->root;
	unsigned int level = tree->root_level;

	if (!level)
		return PGA_NONE;
	do {
		unsigned long run = 0;
		struct pga_sum sum;

		level--;
		first <<= PGA_FANOUT_SHIFT;
		for (i = first; i < first + PGA_FANOUT; i++) {
			sum = pga_tree_get(tree, which, level, i);
			if (run + sum.start >= nr)
				return (i << pga_level_shift(level)) - run;
			if (sum.max >= nr)
				break;
			run = sum.start == pga_level_pages(level) ?
				run + sum.start : sum.end;
		}
		if (i == first + PGA_FANOUT)
			return PGA_NONE;
		first = i;
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
