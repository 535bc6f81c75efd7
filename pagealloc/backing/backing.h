/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_BACKING_H
#define PAGEALLOC_BACKING_BACKING_H

/*
 * The folder backing/ holds the backings: where the pages of a pool get their
 * memory.  Each is one file: loan.c, carveout.c and sim.c.
 *
 * This file holds what the backings share.
 */

#include <linux/types.h>

/* Whether @nr pages from @pfn on are all among @len pages from @start on. */
static inline bool pga_range_has(unsigned long start, unsigned long len,
				 unsigned long pfn, unsigned long nr)
{
	return pfn >= start && nr <= len && pfn - start <= len - nr;
}

#endif
