/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_CACHE_H
#define PAGEALLOC_ENGINE_CACHE_H

#include "engine/map.h"

bool pga_cache_refill(struct pga_cache *cache, struct pga_map *map,
		      enum pga_which which);
unsigned long pga_cache_alloc(struct pga_cache *cache, unsigned int nr,
			      unsigned int *discarded);
void pga_cache_flush(struct pga_cache *cache, struct pga_map *map);

#endif
