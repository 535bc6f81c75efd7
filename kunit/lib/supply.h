/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_SUPPLY_H
#define PAGEALLOC_KUNIT_SUPPLY_H

/* Memory for the growth of a store. */

#include <linux/mm.h>
#include <linux/slab.h>

#include "engine/bitmap/store.h"

static inline void *pgat_supply_part(bool missing, size_t size)
{
	return missing ? kvzalloc(size, GFP_KERNEL) : NULL;
}

/* Allocate the parts that @store lacks for a range; false without enough memory. */
static inline bool pgat_supply_alloc(const struct pga_store *store,
				     unsigned long page, unsigned long nr,
				     struct pga_supply *supply)
{
	const struct pga_missing missing = pga_store_missing(store, page, nr);
	bool complete, slice;
	unsigned int i;

	*supply = (struct pga_supply) {
		.upper = pgat_supply_part(missing.upper, sizeof(*supply->upper)),
		.super = pgat_supply_part(missing.super, sizeof(*supply->super)),
		.block = pgat_supply_part(missing.block, sizeof(*supply->block)),
	};
	complete = !!supply->upper == missing.upper &&
		   !!supply->super == missing.super &&
		   !!supply->block == missing.block;
	for (i = 0; i < PGA_BLOCK_SLICES; i++) {
		slice = missing.slices & BIT(i);
		supply->slice[i] = pgat_supply_part(slice, sizeof(*supply->slice[i]));
		complete &= !!supply->slice[i] == slice;
	}
	return complete;
}

/* Free the parts that the store has not taken. */
static inline void pgat_supply_free(struct pga_supply *supply)
{
	unsigned int i;

	kvfree(supply->upper);
	kvfree(supply->super);
	kvfree(supply->block);
	for (i = 0; i < PGA_BLOCK_SLICES; i++)
		kvfree(supply->slice[i]);
	*supply = (struct pga_supply) {};
}

#endif
