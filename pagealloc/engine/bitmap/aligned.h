/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_ALIGNED_H
#define PAGEALLOC_BITMAP_ALIGNED_H

#include <linux/minmax.h>

#include "engine/constraint.h"

/* Kinds of aligned runs whose lowest place is remembered. */
#define PGA_ALIGNED_KINDS	8

/**
 * struct pga_aligned_hint - where the lowest place of a kind of runs may be
 * @align: alignment, a power of two; 0 if the hint is not used
 * @nr: pages of the run
 * @page: no such run can begin below this page
 * @which: in free pages, or only in ready ones
 */
struct pga_aligned_hint {
	unsigned long align;
	unsigned long nr;
	unsigned long page;
	enum pga_which which;
};

/**
 * struct pga_aligned - what searches under a constraint have ruled out
 * @freed: the lowest page that became free since the hints were lowered last, PGA_NONE if
 *	   none did
 * @lowered: how often the hints were lowered
 * @oldest: the hint to be replaced next
 * @hint: the hints
 *
 * Protected by the pool's lock.
 */
struct pga_aligned {
	unsigned long freed;
	unsigned int lowered;
	unsigned int oldest;
	struct pga_aligned_hint hint[PGA_ALIGNED_KINDS];
};

void pga_aligned_begin(struct pga_aligned *aligned, struct pga_fit *fit);
void pga_aligned_end(struct pga_aligned *aligned, const struct pga_fit *fit,
		     unsigned long page);

/* Pages from @page on have become free. */
static __always_inline void pga_aligned_free(struct pga_aligned *aligned,
					     unsigned long page)
{
	if (page < aligned->freed)
		aligned->freed = page;
}

#endif
