/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_TREE_H
#define PAGEALLOC_BITMAP_TREE_H

#include "engine/bitmap/store.h"

/**
 * struct pga_tree - the two summary trees of a pool
 * @work: about as many as updates for one chunk or two have changed summaries
 *	  so far
 * @store: the maps and the summaries
 * @first: lowest page ever added, rounded down to a chunk
 * @end: end of the highest page ever added, rounded up to a chunk
 * @root_level: level of the root, at least 1; its own summary is not kept
 * @root: number of the root in its level
 *
 * Protected by the lock of the pool.
 */
struct pga_tree {
	unsigned int work;
	struct pga_store store;
	unsigned long first;
	unsigned long end;
	unsigned int root_level;
	unsigned long root;
};

/**
 * pga_tree_get() - read a summary
 * @tree: the trees
 * @which: which one
 * @level: level below the root
 * @i: number of the summary in its level
 *
 * Return: the summary; nothing is free where the pool has no pages.
 */
static inline struct pga_sum pga_tree_get(const struct pga_tree *tree,
					  enum pga_which which,
					  unsigned int level, unsigned long i)
{
	const struct pga_sum nothing_free = {};
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

struct pga_sum pga_tree_merge(const struct pga_tree *tree, enum pga_which which,
			      unsigned int level, unsigned long i);
struct pga_sum pga_tree_root(const struct pga_tree *tree, enum pga_which which);
void pga_tree_extend(struct pga_tree *tree, unsigned long page,
		     unsigned long nr);
bool pga_tree_set(struct pga_tree *tree, enum pga_which which,
		  unsigned int level, unsigned long i, struct pga_sum sum);
bool pga_tree_refresh(struct pga_tree *tree, unsigned int level, unsigned long i);

#endif
