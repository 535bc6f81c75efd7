// SPDX-License-Identifier: GPL-2.0
/*
 * Summaries: the free pages of a stretch in three numbers.
 *
 *	  | free |  busy  | free     |  busy  | free |
 *	  <start->        <---max---->        <-end-->
 *
 * They let a search skip a stretch without looking into it.  A run fits inside
 * a stretch if it is at most @max.  It fits across a border if @end on the left
 * and @start on the right add up to it.  Merging the summaries of the parts of
 * a stretch loses no free run that touches the stretch's edges: pga_sum_merge()
 * carries the open run from one part to the next.
 *
 * When one part of a stretch has changed, the old summary tells most of the new
 * one.  If the part has more free pages, pga_sum_grow() only looks at its
 * neighbours.  If it has fewer, that is enough unless the longest run has
 * become shorter.  Then the new longest run is what is left of it, or some
 * other run if the rest of the stretch has room for a longer one.
 *
 * The idea, the three numbers and the packing in 21 bits are the Go runtime's
 * (src/runtime/mpagealloc.go, pallocSum).  Two more packings are our own: ten
 * bits a field for chunks, where no number exceeds 512, and sixteen bytes for
 * the levels above 2^21 pages.
 *
 * Pure functions: no locks, no allocation.
 */

#include "engine/bitmap/summary.h"
#include "base/kunit_export.h"

/* The mask of the lowest field is the largest number that fits in a field. */
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
 * @pages: pages that each of them sums up
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
 * @pages: pages that each of them sums up
 *
 * Return: the summary of all eight.
 */
struct pga_sum pga_wide_merge(const struct pga_wide *eight, unsigned long pages)
{
	return pga_sum_merge(pga_wide_at, eight, pages);
}
PGA_EXPORT_FOR_KUNIT(pga_wide_merge);

/*
 * Update the summary @sum of a stretch with a long run after its part @i has
 * shrunk to @is: runs through the part have become shorter, and no others.
 * False if the longest run was one of them and the next longest may lie in any
 * part.
 */
static __always_inline bool shrink(struct pga_sum *sum, pga_part_fn at,
				   const void *eight, unsigned int i,
				   unsigned long pages, struct pga_sum is)
{
	const unsigned long left = i * pages, right = (PGA_FANOUT - 1 - i) * pages;
	unsigned long before, after, has, rest;

	before = sum->start >= left ? left : pga_free_before(at, eight, i, pages);
	after = sum->end >= right ? right : pga_free_from(at, eight, i + 1, pages);
	has = max3(before + is.start, is.max, is.end + after);
	/* Other runs lie in the rest of the stretch on either side. */
	rest = max(left - before, right - after);
	if (has >= rest)
		sum->max = has;
	else if (sum->max >= rest)
		return false;
	/*
	 * Otherwise the longest run lies on one side, and is the only one of
	 * its length.
	 */
	if (sum->start > left)
		sum->start = left + is.start;
	if (sum->end > right)
		sum->end = right + is.end;
	return true;
}

/**
 * pga_leaf_shrink() - join eight chunks after one of them has fewer free pages
 * @sum: the summary of all eight before, with a long run as pga_sum_is_long()
 *	 says
 * @eight: packed summaries in address order
 * @i: which of them has changed
 * @is: its summary now
 *
 * Return: as pga_leaf_merge().
 */
struct pga_sum pga_leaf_shrink(struct pga_sum sum, const pga_leaf_t *eight,
			       unsigned int i, struct pga_sum is)
{
	if (!shrink(&sum, pga_leaf_at, eight, i, PGA_CHUNK_PAGES, is))
		return pga_leaf_merge(eight);
	return sum;
}
PGA_EXPORT_FOR_KUNIT(pga_leaf_shrink);

/**
 * pga_mid_shrink() - the same for eight summaries of a level from 1 to 4
 * @sum: the summary of all eight before, with a long run as pga_sum_is_long()
 *	 says
 * @eight: packed summaries in address order
 * @i: which of them has changed
 * @pages: pages that each of them sums up
 * @is: its summary now
 *
 * Return: as pga_mid_merge().
 */
struct pga_sum pga_mid_shrink(struct pga_sum sum, const pga_mid_t *eight,
			      unsigned int i, unsigned long pages,
			      struct pga_sum is)
{
	if (!shrink(&sum, pga_mid_at, eight, i, pages, is))
		return pga_mid_merge(eight, pages);
	return sum;
}
PGA_EXPORT_FOR_KUNIT(pga_mid_shrink);

/**
 * pga_wide_shrink() - the same for eight summaries of level 5 or higher
 * @sum: the summary of all eight before, with a long run as pga_sum_is_long()
 *	 says
 * @eight: packed summaries in address order
 * @i: which of them has changed
 * @pages: pages that each of them sums up
 * @is: its summary now
 *
 * Return: as pga_wide_merge().
 */
struct pga_sum pga_wide_shrink(struct pga_sum sum, const struct pga_wide *eight,
			       unsigned int i, unsigned long pages,
			       struct pga_sum is)
{
	if (!shrink(&sum, pga_wide_at, eight, i, pages, is))
		return pga_wide_merge(eight, pages);
	return sum;
}
PGA_EXPORT_FOR_KUNIT(pga_wide_shrink);
