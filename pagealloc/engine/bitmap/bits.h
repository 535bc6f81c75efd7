/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_BITS_H
#define PAGEALLOC_BITMAP_BITS_H

#include "engine/bitmap/summary.h"
#include "engine/chunk.h"

unsigned int pga_bits_find(const unsigned long *busy, unsigned int nr,
			   unsigned int from, unsigned int *first_free);
struct pga_sum pga_bits_grow(const unsigned long *busy, struct pga_sum sum,
			     unsigned int w);
struct pga_sum pga_bits_summarize(const unsigned long *busy);
unsigned int pga_bits_around(const unsigned long *busy, unsigned int start,
			     unsigned int nr, unsigned int *first);
unsigned int pga_bits_weight(const unsigned long *map, unsigned int start,
			     unsigned int nr);

static inline struct pga_sum
pga_chunk_summarize(const struct pga_chunk *chunk, enum pga_which which)
{
	unsigned long buf[PGA_CHUNK_WORDS];

	return pga_bits_summarize(pga_chunk_busy(chunk, which, buf));
}

#endif
