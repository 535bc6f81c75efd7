/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_BITS_H
#define PAGEALLOC_ENGINE_BITS_H

#include <linux/bitops.h>

#include "engine/bitmap/summary.h"
#include "engine/units.h"

unsigned int pga_word_find_run(unsigned long word, unsigned int nr);
unsigned int pga_bits_find(const unsigned long *busy, unsigned int nr,
			   unsigned int from, unsigned int *first_free);
struct pga_sum pga_bits_grow(const unsigned long *busy, struct pga_sum sum,
			     unsigned int w);
struct pga_sum pga_bits_summarize(const unsigned long *busy);
unsigned int pga_bits_around(const unsigned long *busy, unsigned int start,
			     unsigned int nr, unsigned int *first);
unsigned int pga_bits_weight(const unsigned long *map, unsigned int start,
			     unsigned int nr);

/*
 * Are the pages @some of a word, none of them among its @busy ones, between two busy
 * ones that are no more than @max free pages apart?
 */
static __always_inline bool pga_word_within(unsigned long busy, unsigned long some,
					    unsigned long max)
{
	const unsigned int first = __ffs(some), last = __fls(some);
	const unsigned long below = busy & (BIT(first) - 1), above = busy >> last;

	return below && above && last + __ffs(above) - __fls(below) - 1 <= max;
}

#endif
