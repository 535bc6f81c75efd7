/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_READ_H
#define PAGEALLOC_BITMAP_READ_H

#include "engine/map.h"

unsigned long pga_bitmap_longest(const struct pga_map *map);
struct pga_count pga_bitmap_count(const struct pga_map *map, unsigned long page,
				  unsigned long nr);
bool pga_bitmap_next_discarded(const struct pga_map *map, unsigned long page,
			       unsigned long end, struct pga_extent *extent);
unsigned long pga_bitmap_read(const struct pga_map *map, unsigned long page,
			      struct pga_chunk *chunk);
const struct pga_words *pga_bitmap_words(const struct pga_map *map,
					 unsigned long page);
unsigned long pga_bitmap_allocated(const struct pga_map *map, unsigned long page);

#endif
