/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_SWEEP_H
#define PAGEALLOC_BITMAP_SWEEP_H

#include "engine/bitmap/bitmap.h"

bool pga_bitmap_find_group(const struct pga_bitmap *b,
			   const struct pga_piece *piece, unsigned long *below,
			   unsigned int budget, struct pga_extent *group);
bool pga_bitmap_next_candidate(struct pga_bitmap *b,
			       const struct pga_piece *piece, bool forced,
			       struct pga_search *search, unsigned int budget,
			       struct pga_extent *candidate);
bool pga_bitmap_next_idle(struct pga_map *map, struct pga_sweep *sweep,
			  unsigned int budget, const struct pga_piece *piece,
			  struct pga_extent *extent);
void pga_bitmap_pass_by(struct pga_map *map, const struct pga_sweep *sweep,
			unsigned long page, unsigned long nr);
bool pga_bitmap_too_young(const struct pga_map *map);
void pga_bitmap_next_generation(struct pga_map *map);

#endif
