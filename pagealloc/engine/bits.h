/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_BITS_H
#define PAGEALLOC_ENGINE_BITS_H

#include "engine/summary.h"
#include "engine/units.h"

unsigned int pga_word_find_run(unsigned long word, unsigned int nr);
unsigned int pga_bits_find(const unsigned long *busy, unsigned int nr,
			   unsigned int from, unsigned int *first_free);
struct pga_sum pga_bits_summarize(const unsigned long *busy);
unsigned int pga_bits_around(const unsigned long *busy, unsigned int start,
			     unsigned int nr, unsigned int *first);
unsigned int pga_bits_weight(const unsigned long *map, unsigned int start,
			     unsigned int nr);

#endif
