/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_UPDATE_H
#define PAGEALLOC_BITMAP_UPDATE_H

#include "engine/bitmap/tree.h"
#include "engine/word.h"

/**
 * enum pga_change - what has become of pages
 * @PGA_ALL_ALLOCATED: all of them are allocated
 * @PGA_ALL_READY: all of them are free and ready
 * @PGA_ALL_DISCARDED: all of them, allocated before, are free and discarded
 * @PGA_SOME_TAKEN: free ones among them are allocated, no others are free
 * @PGA_SOME_PUT: allocated ones among them, 64 of one word, are free
 */
enum pga_change {
	PGA_ALL_ALLOCATED,
	PGA_ALL_READY,
	PGA_ALL_DISCARDED,
	PGA_SOME_TAKEN,
	PGA_SOME_PUT,
};

void pga_tree_update(struct pga_tree *tree, unsigned long page,
		     unsigned long nr, enum pga_change change, bool alike);
void pga_tree_update_spot(struct pga_tree *tree, const struct pga_spot *spot,
			  enum pga_change change, bool alike);
void pga_tree_discard_chunk(struct pga_tree *tree, const struct pga_spot *spot);
void pga_tree_update_chunk(struct pga_tree *tree, const struct pga_spot *spot, bool free);
void pga_tree_put_node(struct pga_tree *tree, const struct pga_spot *spot);
void pga_tree_take_node(struct pga_tree *tree, const struct pga_spot *spot, bool lowest);
void pga_tree_put_in_word(struct pga_tree *tree, const struct pga_spot *spot);
void pga_tree_take_lowest(struct pga_tree *tree, const struct pga_spot *spot);

/*
 * Do all summaries stay the same when the pages @some of a word become free, or
 * allocated, while both trees are equal?  They do if the free runs around the
 * pages do not reach out of the word, and are no longer than another run of the
 * chunk.  @busy are the pages of the word that were and are allocated.
 */
static __always_inline bool pga_tree_stays(const struct pga_spot *spot,
					   unsigned long busy,
					   unsigned long some, bool free)
{
	const pga_leaf_t leaf = *pga_block_leaf(spot->block, PGA_FREE,
						pga_chunk_of(spot->page));

	/* A run as long as the longest may be the only one of that length. */
	return pga_word_within(busy, some, FIELD_GET(PGA_LEAF_MAX, leaf) - !free);
}

#endif
