// SPDX-License-Identifier: GPL-2.0
/*
 * Summaries: the free pages of a stretch in three numbers.
 *
 *	  | free |  busy  | free     |  busy  | free |
 *	  <start->        <---max---->        <-end-->
 *
 * They are what lets a search skip a stretch without looking into it: a run
 * fits inside when it is at most @max, and a run across a border fits when the
 * @end on the left and the @start on the right add up to it.  Both ends of a
 * free run that touches a border are therefore never lost, however often
 * stretches are joined to larger ones: pga_sum_merge() carries the open run
 * from one part to the next.
 *
 * When a part of a stretch has changed, what is known of the stretch already says
 * most of what it is now: pga_sum_grow() looks at the part's neighbours only, and
 * pga_sum_shrink() says whether anything needs to be looked at.
 *
 * The idea, the three numbers and the 21-bit packing are those of the Go
 * runtime (src/runtime/mpagealloc.go, pallocSum).  Two more packings are ours:
 * ten bits a field for chunks, where no number exceeds 512, and sixteen bytes
 * for the levels above 2^21 pages.
 *
 * Pure functions: no locks, no allocation.
 */

#include "engine/summary.h"
#include "kunit_export.h"

/* The mask of the lowest field is the greatest number a field can hold. */
static_assert(PGA_CHUNK_PAGES <= PGA_LEAF_START);
static_assert(PGA_MID_PAGES - 1 <= PGA_MID_START);
static_assert(PGA_INDEX_PAGES <= PGA_WIDE_EDGE);

/**
 * pga_leaf_merge() - join the summaries of eight neighbouring chunks
 * @eight: packed summaries in address order
 *
 * Return: the summary of all eight.
 */
struct pga_sum pga_leaf_merge(const pga_leaf_t *eight)
{
	if (pga_leaf_none(eight))
		return (struct pga_sum) {};
	return pga_sum_merge(pga_leaf_at, eight, PGA_CHUNK_PAGES);
}
PGA_EXPORT_FOR_KUNIT(pga_leaf_merge);

/**
 * pga_mid_merge() - join eight neighbouring summaries of a level from 1 to 4
 * @eight: packed summaries in address order
 * @pages: pages each of them speaks for
 *
 * Return: the summary of all eight.
 */
struct pga_sum pga_mid_merge(const pga_mid_t *eight, unsigned long pages)
{
	if (pga_mid_none(eight))
		return (struct pga_sum) {};
	return pga_sum_merge(pga_mid_at, eight, pages);
}
PGA_EXPORT_FOR_KUNIT(pga_mid_merge);

/**
 * pga_wide_merge() - join eight neighbouring summaries of level 5 or higher
 * @eight: packed summaries in address order
 * @pages: pages each of them speaks for
 *
 * Return: the summary of all eight.
 */
struct pga_sum pga_wide_merge(const struct pga_wide *eight, unsigned long pages)
{
	return pga_sum_merge(pga_wide_at, eight, pages);
}
PGA_EXPORT_FOR_KUNIT(pga_wide_merge);
