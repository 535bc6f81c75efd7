/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_TREE_H
#define PAGEALLOC_ENGINE_TREE_H

#include "engine/bitmap/store.h"

/**
 * struct pga_tree - the two summary trees of a pool over one store
 * @work: about as many as there are summaries that updates for pages of one chunk or two
 *	  have changed so far
 * @store: maps and summaries
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
void pga_tree_update(struct pga_tree *tree, unsigned long page,
		     unsigned long nr, enum pga_made made, bool alike);
void pga_tree_update_spot(struct pga_tree *tree, const struct pga_spot *spot,
			  unsigned int nr, enum pga_made made, bool alike);
void pga_tree_update_chunk(struct pga_tree *tree, const struct pga_spot *spot,
			   bool free, bool both);
unsigned long pga_tree_find(const struct pga_tree *tree, enum pga_which which,
			    unsigned long nr, unsigned long *hint);
unsigned long pga_tree_find_in_chunk(const struct pga_tree *tree,
				     enum pga_which which, unsigned long i,
				     unsigned long nr, unsigned long *hint);
bool pga_tree_prev(const struct pga_tree *tree, enum pga_which which,
		   unsigned long pages, unsigned long *chunk,
		   unsigned int budget);

/*
 * Are the summaries right as they are after the pages @some of a word of a chunk
 * became free, or came into use, while both trees are equal?  That is when the free
 * runs that they are part of, or were, do not reach out of the word and are no longer
 * than another one.  @busy are those of the word that were and are allocated.
 */
static __always_inline bool pga_tree_stays(const struct pga_spot *spot,
					   unsigned long busy,
					   unsigned long some, bool free)
{
	const pga_leaf_t leaf = *pga_block_leaf(spot->block, PGA_FREE,
						pga_chunk_of(spot->page));

	/* The longest run may have been the only one of its length. */
	return pga_word_within(busy, some, FIELD_GET(PGA_LEAF_MAX, leaf) - !free);
}

#endif
