/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_SWEEP_H
#define PAGEALLOC_SPAN_SWEEP_H

#include "engine/map.h"

/* Sweeps are told apart by so many numbers, from 1 up and around. */
#define PGA_SPAN_SWEEPS		((1U << 23) - 1)

bool pga_spans_next_idle(struct pga_map *map, struct pga_sweep *sweep,
			 unsigned int budget, const struct pga_piece *piece,
			 struct pga_extent *extent);
void pga_spans_pass_by(struct pga_map *map, const struct pga_sweep *sweep,
		       unsigned long page, unsigned long nr);
bool pga_spans_any_idle(const struct pga_map *map);

#endif
