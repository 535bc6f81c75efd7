/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_STATS_H
#define PAGEALLOC_POOL_STATS_H

#include "pool/state.h"

unsigned long pga_stats_in_use(struct pagealloc_pool *pool);
void pga_stats_read(struct pagealloc_pool *pool, struct pagealloc_stats *stats);
bool pga_stats_first_in_use(struct pagealloc_pool *pool,
			    struct pga_extent *first);
bool pga_stats_read_chunk(struct pagealloc_pool *pool, unsigned long *pfn,
			  struct pga_chunk *chunk, unsigned long *pages,
			  unsigned long *held, unsigned long *retired);
unsigned int pga_stats_read_spans(struct pagealloc_pool *pool, unsigned long pfn,
				  struct pga_span_state *list, unsigned int len);

#endif
