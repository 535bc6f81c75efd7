// SPDX-License-Identifier: GPL-2.0
/*
 * The summary trees: how much is free where, in a large index space.
 *
 * Level 0 has a summary for each chunk.  Each level above has one for eight
 * summaries of the level below:
 *
 *	level 2   |                      2^15 pages                      |
 *	level 1   | 2^12 | 2^12 | 2^12 | 2^12 | 2^12 | 2^12 | 2^12 | 2^12 |
 *	level 0   | 2^9 ...
 *
 * There are two trees over the same pages.  One sums up all free pages, the
 * other only those that are free and ready.  Where no page is discarded they
 * are equal.
 *
 * The root is the smallest stretch of 512 * 8^k pages, aligned to its size,
 * that holds all pages of the pool.  It rises as the pool grows.  Its own
 * summary is not kept.
 *
 * This file reads, writes and merges single summaries.  update.c brings the
 * trees up to date with the maps, search.c and fit.c find places in them.
 *
 * The tree follows the Go runtime (src/runtime/mpagealloc.go).  The root that
 * rises, the second tree and the store are our own.  The caller holds the
 * pool's lock.
 */

#include <linux/align.h>
#include <linux/minmax.h>

#include "engine/bitmap/tree.h"
#include "base/kunit_export.h"

static const struct pga_sum nothing_free;

/**
 * pga_tree_set() - write a summary
 * @tree: the trees
 * @which: which one
 * @level: level below the root
 * @i: number of the summary in its level; the store has a place for it
 * @sum: the summary
 *
 * Return: whether it has changed.
 */
bool pga_tree_set(struct pga_tree *tree, enum pga_which which,
		  unsigned int level, unsigned long i, struct pga_sum sum)
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
PGA_EXPORT_FOR_KUNIT(pga_tree_set);

/**
 * pga_tree_merge() - compute a summary from those of its eight children
 * @tree: the trees
 * @which: which one
 * @level: level of the summary, at least 1
 * @i: number of the summary in its level
 *
 * Return: the summary that pga_tree_get() should return.
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
 * Its @max is the longest run of the pool.  The edges are those of the stretch
 * under the root, of which the pool may be a part.
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

/**
 * pga_tree_refresh() - merge a summary in both trees
 * @tree: the trees
 * @level: its level, at least 1
 * @i: its number
 *
 * Return: whether one of them has changed.
 */
bool pga_tree_refresh(struct pga_tree *tree, unsigned int level, unsigned long i)
{
	bool changed;

	changed = pga_tree_set(tree, PGA_FREE, level, i,
			       pga_tree_merge(tree, PGA_FREE, level, i));
	changed |= pga_tree_set(tree, PGA_READY, level, i,
				pga_tree_merge(tree, PGA_READY, level, i));
	return changed;
}

/**
 * pga_tree_extend() - make room under the root for pages to be added
 * @tree: the trees
 * @page: first page
 * @nr: pages; the store has room for them
 *
 * The caller updates the trees for these pages next.
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

	/*
	 * The summaries of the old root, and of those between, are kept from
	 * now on.
	 */
	if (old_level)
		for (level = old_level; level < tree->root_level; level++)
			pga_tree_refresh(tree, level,
					 old_root >> PGA_FANOUT_SHIFT *
					 (level - old_level));
}
PGA_EXPORT_FOR_KUNIT(pga_tree_extend);
