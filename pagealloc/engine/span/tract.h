/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_TRACT_H
#define PAGEALLOC_SPAN_TRACT_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "engine/units.h"

/**
 * struct pga_tract - pages that the engine has grown by in one step
 * @node: in the tree of tracts, by address
 * @list: among the tracts with parked pages, if it has any
 * @start: first page
 * @nr: pages
 * @nr_parked: pages that are free, but for which there was no node
 * @discarded: which of them are; behind @parked
 * @parked: which they are, a bit a page
 */
struct pga_tract {
	struct rb_node node;
	struct list_head list;
	unsigned long start;
	unsigned long nr;
	unsigned long nr_parked;
	unsigned long *discarded;
	unsigned long parked[];
};

/**
 * struct pga_tracts - all tracts of an engine
 * @by_address: struct pga_tract
 * @parked_in: those of them with parked pages
 */
struct pga_tracts {
	struct rb_root by_address;
	struct list_head parked_in;
};

size_t pga_tract_size(unsigned long nr);
void pga_tracts_init(struct pga_tracts *tracts);
void pga_tracts_add(struct pga_tracts *tracts, struct pga_tract *tract,
		    struct pga_extent pages);
struct pga_tract *pga_tracts_at(const struct pga_tracts *tracts,
				unsigned long page);
void pga_tracts_park(struct pga_tracts *tracts, struct pga_extent pages,
		     bool discarded);
unsigned long pga_tracts_parked(const struct pga_tracts *tracts,
				unsigned long page, unsigned long end);
bool pga_tracts_first_parked(const struct pga_tracts *tracts,
			     struct pga_extent *run, bool *discarded);
void pga_tracts_unpark(struct pga_tracts *tracts, struct pga_extent run);
void pga_tracts_drain(struct pga_tracts *tracts,
		      void (*release)(const void *memory));

#endif
