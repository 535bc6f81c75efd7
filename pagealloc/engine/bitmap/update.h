/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_UPDATE_H
#define PAGEALLOC_ENGINE_UPDATE_H

#include "engine/bitmap/tree.h"
#include "engine/word.h"

void pga_tree_update(struct pga_tree *tree, unsigned long page,
		     unsigned long nr, enum pga_made made, bool alike);
void pga_tree_update_spot(struct pga_tree *tree, const struct pga_spot *spot,
			  unsigned int nr, enum pga_made made, bool alike);
void pga_tree_update_chunk(struct pga_tree *tree, const struct pga_spot *spot,
			   bool free, bool both);

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
