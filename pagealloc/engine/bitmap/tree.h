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
	unsigned long work;
	struct pga_store store;
	unsigned long first;
	unsigned long end;
	unsigned int root_level;
	unsigned long root;
};

struct pga_sum pga_tree_get(const struct pga_tree *tree, enum pga_which which,
			    unsigned int level, unsigned long i);
struct pga_sum pga_tree_merge(const struct pga_tree *tree, enum pga_which which,
			      unsigned int level, unsigned long i);
struct pga_sum pga_tree_root(const struct pga_tree *tree, enum pga_which which);
void pga_tree_extend(struct pga_tree *tree, unsigned long page,
		     unsigned long nr);
bool pga_tree_set(struct pga_tree *tree, enum pga_which which,
		  unsigned int level, unsigned long i, struct pga_sum sum);
bool pga_tree_refresh(struct pga_tree *tree, unsigned int level, unsigned long i);

#endif
