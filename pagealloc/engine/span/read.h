/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_READ_H
#define PAGEALLOC_SPAN_READ_H

#include "engine/map.h"

unsigned long pga_spans_find(struct pga_map *map, enum pga_which which,
			     unsigned long nr);
bool pga_spans_fit(struct pga_map *map, struct pga_fit *fit,
		   unsigned int budget, unsigned long *page);
unsigned long pga_spans_longest(const struct pga_map *map);
struct pga_count pga_spans_count(const struct pga_map *map, unsigned long page,
				 unsigned long nr);
bool pga_spans_next_discarded(const struct pga_map *map, unsigned long page,
			      unsigned long end, struct pga_extent *extent);
unsigned long pga_spans_read(const struct pga_map *map, unsigned long page,
			     struct pga_chunk *chunk);
unsigned long pga_spans_allocated(const struct pga_map *map, unsigned long page);
bool pga_spans_next(const struct pga_map *map, unsigned long page,
		    struct pga_span_state *state);

#endif
