/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_FIND_H
#define PAGEALLOC_BACKING_FIND_H

#include <linux/types.h>

struct pagealloc_range;
struct zone;

/**
 * struct pga_find - a search for frames to borrow
 * @nr_pages: frames wanted
 * @node: the node that they must be on, or NUMA_NO_NODE
 * @contiguous: they must be one range
 * @is_taken: returns whether a pageblock is not for this loan
 * @zone: the zone that was found
 * @nr: ranges that were found
 * @range: the ranges, by address; the caller frees them with kvfree()
 */
struct pga_find {
	unsigned long nr_pages;
	int node;
	bool contiguous;
	bool (*is_taken)(unsigned long pfn, unsigned long nr);
	struct zone *zone;
	unsigned int nr;
	struct pagealloc_range *range;
};

int pga_find(struct pga_find *find);
unsigned long pga_find_granule(struct zone *zone);

#endif
