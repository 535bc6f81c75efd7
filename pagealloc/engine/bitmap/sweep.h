/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_SWEEP_H
#define PAGEALLOC_ENGINE_SWEEP_H

#include "engine/bitmap/bitmap.h"

bool pga_bitmap_find_group(const struct pga_bitmap *map, unsigned long granule,
			   unsigned long max, unsigned long huge,
			   unsigned long *below, unsigned int budget,
			   struct pga_extent *group);
bool pga_bitmap_next_candidate(struct pga_bitmap *map, bool forced,
			       struct pga_search *search, unsigned int budget,
			       unsigned long granule, unsigned long max,
			       unsigned long huge, struct pga_extent *candidate);

#endif
