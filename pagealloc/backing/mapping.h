/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_MAPPING_H
#define PAGEALLOC_BACKING_MAPPING_H

#include "backing/claim.h"

struct dev_pagemap;

/* How discarded pages are hidden. */
enum pga_hide {
	PGA_HIDE_NOT,
	PGA_HIDE_UNCACHED,
	PGA_HIDE_UNMAPPED,
};

/**
 * struct pga_mapping - where a physical range is mapped
 * @virt: address of the first byte
 * @pfn: first page
 * @nr_pages: pages
 * @pagemap: the page structs created for the range; NULL if it has none, or had
 *	them before
 * @hide: how pga_mapping_hide() hides pages
 */
struct pga_mapping {
	void *virt;
	unsigned long pfn;
	unsigned long nr_pages;
	struct dev_pagemap *pagemap;
	enum pga_hide hide;
};

int pga_mapping_open(struct pga_mapping *map, const struct pga_claim *claim,
		     unsigned int flags);
bool pga_mapping_referenced(unsigned long pfn);
bool pga_mapping_close(struct pga_mapping *map);
int pga_mapping_hide(const struct pga_mapping *map, unsigned long pfn,
		     unsigned long nr);
void pga_mapping_flush(const struct pga_mapping *map, unsigned long pfn,
		       unsigned long nr);
int pga_mapping_show(const struct pga_mapping *map, unsigned long pfn,
		     unsigned long nr);

static inline void *pga_mapping_virt(const struct pga_mapping *map,
				     unsigned long pfn)
{
	return map->virt + ((pfn - map->pfn) << PAGE_SHIFT);
}

#endif
