/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_CANDIDATE_H
#define PAGEALLOC_BITMAP_CANDIDATE_H

#include "engine/units.h"

/**
 * struct pga_candidate - free and ready pages of one chunk that may be
 * discarded
 * @start: first page, within the chunk
 * @nr: pages, 0 when there is no candidate
 */
struct pga_candidate {
	unsigned int start;
	unsigned int nr;
};

unsigned long pga_fill_aligned(unsigned long word, unsigned int group);
struct pga_candidate pga_candidate_find(const unsigned long *busy,
					unsigned int from, unsigned int granule,
					unsigned long max, unsigned int huge);

#endif
