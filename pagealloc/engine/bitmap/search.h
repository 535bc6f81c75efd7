/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_SEARCH_H
#define PAGEALLOC_BITMAP_SEARCH_H

#include "engine/bitmap/tree.h"

unsigned long pga_tree_find(const struct pga_tree *tree, enum pga_which which,
			    unsigned long nr, unsigned long *hint);
unsigned long pga_tree_find_in_chunk(const struct pga_tree *tree,
				     enum pga_which which, unsigned long i,
				     unsigned long nr, unsigned long *hint);
bool pga_tree_prev(const struct pga_tree *tree, enum pga_which which,
		   unsigned long pages, unsigned long *chunk,
		   unsigned int budget);

#endif
