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
 * most of what it is now.  pga_sum_grow() looks at the part's neighbours only.  With
 * less free than before that can be done as well, but for one question: if it was the
 * longest run that has become shorter, which is the longest now?  What is left of it,
 * unless the rest of the stretch has room for a longer one.
 *
 * The idea, the three numbers and the 21-bit packing are those of the Go
 * runtime (src/runtime/mpagealloc.go, pallocSum).  Two more packings are ours:
 * ten bits a field for chunks, where no number exceeds 512, and sixteen bytes
 * for the levels above 2^21 pages.
 *
 * Pure functions: no locks, no allocation.
 */

#include "engine/bitmap/summary.h"
#include "base/kunit_export.h"

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

/*
 * The summary @sum of a stretch with a long run, when its part @i becomes @is, which has
 * less free pages than it had: runs that go through the part have become shorter, and no
 * others.  False if the longest was one of those, and all parts must be looked at for the
 * next.
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
	/* Others lie in what the run through the part leaves on either side. */
	rest = max(left - before, right - after);
	if (has >= rest)
		sum->max = has;
	else if (sum->max >= rest)
		return false;
	/* Otherwise the longest is on one side, and is so long that it is the only one. */
	if (sum->start > left)
		sum->start = left + is.start;
	if (sum->end > right)
		sum->end = right + is.end;
	return true;
}

/**
 * pga_leaf_shrink() - sum up eight chunks, one of which has less free pages now
 * @sum: the summary of all eight until now, with a long run, see pga_sum_is_long()
 * @eight: packed summaries in address order
 * @i: which of them it is
 * @is: what it is, which is not what it was
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
 * pga_mid_shrink() - the same for eight of a level from 1 to 4
 * @sum: the summary of all eight until now, with a long run, see pga_sum_is_long()
 * @eight: packed summaries in address order
 * @i: which of them has less free pages now
 * @pages: pages each of them speaks for
 * @is: what it is, which is not what it was
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
 * pga_wide_shrink() - the same for eight of level 5 or higher
 * @sum: the summary of all eight until now, with a long run, see pga_sum_is_long()
 * @eight: packed summaries in address order
 * @i: which of them has less free pages now
 * @pages: pages each of them speaks for
 * @is: what it is, which is not what it was
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
