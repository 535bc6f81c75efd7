/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_SUMMARY_H
#define PAGEALLOC_BITMAP_SUMMARY_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/minmax.h>

#include "engine/units.h"

/**
 * struct pga_sum - the free pages of a stretch, in three numbers
 * @start: free pages at its start
 * @max: longest run of free pages
 * @end: free pages at its end
 *
 * If all of a stretch is free, all three are its length.  This is the form to
 * compute with; the trees store the packed forms below.
 */
struct pga_sum {
	unsigned long start;
	unsigned long max;
	unsigned long end;
};

/* Level 0, one chunk: three fields of ten bits, in which 512 fits. */
typedef u32 pga_leaf_t;

#define PGA_LEAF_START	GENMASK(9, 0)
#define PGA_LEAF_MAX	GENMASK(19, 10)
#define PGA_LEAF_END	GENMASK(29, 20)

static inline pga_leaf_t pga_leaf_pack(struct pga_sum s)
{
	return s.start | s.max << __bf_shf(PGA_LEAF_MAX) |
	       s.end << __bf_shf(PGA_LEAF_END);
}

static inline struct pga_sum pga_leaf_unpack(pga_leaf_t leaf)
{
	return (struct pga_sum) {
		.start = FIELD_GET(PGA_LEAF_START, leaf),
		.max = FIELD_GET(PGA_LEAF_MAX, leaf),
		.end = FIELD_GET(PGA_LEAF_END, leaf),
	};
}

/*
 * Levels 1 to 4, up to 2^21 pages: three fields of 21 bits.  2^21 itself does
 * not fit.  It can only mean that all is free, for which bit 63 stands.
 */
typedef u64 pga_mid_t;

#define PGA_MID_START	GENMASK_ULL(20, 0)
#define PGA_MID_MAX	GENMASK_ULL(41, 21)
#define PGA_MID_END	GENMASK_ULL(62, 42)
#define PGA_MID_ALL	BIT_ULL(63)
#define PGA_MID_PAGES	(1UL << 21)

static inline pga_mid_t pga_mid_pack(struct pga_sum s)
{
	if (s.max == PGA_MID_PAGES)
		return PGA_MID_ALL;
	return s.start | s.max << __bf_shf(PGA_MID_MAX) |
	       s.end << __bf_shf(PGA_MID_END);
}

static inline struct pga_sum pga_mid_unpack(pga_mid_t mid)
{
	if (mid & PGA_MID_ALL)
		return (struct pga_sum) { PGA_MID_PAGES, PGA_MID_PAGES,
					  PGA_MID_PAGES };
	return (struct pga_sum) {
		.start = FIELD_GET(PGA_MID_START, mid),
		.max = FIELD_GET(PGA_MID_MAX, mid),
		.end = FIELD_GET(PGA_MID_END, mid),
	};
}

/* Levels 5 and up: sixteen bytes, 42 bits for each end and 44 for @max. */
struct pga_wide {
	u64 start_max;
	u64 end_max;
};

#define PGA_WIDE_EDGE	GENMASK_ULL(41, 0)
#define PGA_WIDE_MAX	GENMASK_ULL(63, 42)
#define PGA_WIDE_MAX_BITS	22

static inline struct pga_wide pga_wide_pack(struct pga_sum s)
{
	const unsigned int shift = __bf_shf(PGA_WIDE_MAX);

	/* The shift drops the high bits of @max from the first word. */
	return (struct pga_wide) {
		.start_max = s.start | s.max << shift,
		.end_max = s.end | s.max >> PGA_WIDE_MAX_BITS << shift,
	};
}

static inline struct pga_sum pga_wide_unpack(struct pga_wide wide)
{
	return (struct pga_sum) {
		.start = FIELD_GET(PGA_WIDE_EDGE, wide.start_max),
		.max = FIELD_GET(PGA_WIDE_MAX, wide.start_max) |
		       FIELD_GET(PGA_WIDE_MAX, wide.end_max) << PGA_WIDE_MAX_BITS,
		.end = FIELD_GET(PGA_WIDE_EDGE, wide.end_max),
	};
}

static inline bool pga_sum_equal(struct pga_sum a, struct pga_sum b)
{
	return a.start == b.start && a.max == b.max && a.end == b.end;
}

/* The summary of @pages pages that are all free, or all busy. */
static inline struct pga_sum pga_sum_whole(unsigned long pages, bool free)
{
	const unsigned long n = free ? pages : 0;

	return (struct pga_sum) { n, n, n };
}

/* Unpack one of the eight parts of a stretch, which are in address order. */
typedef struct pga_sum (*pga_part_fn)(const void *eight, unsigned int i);

static __always_inline struct pga_sum pga_leaf_at(const void *eight, unsigned int i)
{
	return pga_leaf_unpack(((const pga_leaf_t *)eight)[i]);
}

static __always_inline struct pga_sum pga_mid_at(const void *eight, unsigned int i)
{
	return pga_mid_unpack(((const pga_mid_t *)eight)[i]);
}

static __always_inline struct pga_sum pga_wide_at(const void *eight, unsigned int i)
{
	return pga_wide_unpack(((const struct pga_wide *)eight)[i]);
}

/* Free pages in a row right before part @i; a part has @pages pages. */
static __always_inline unsigned long pga_free_before(pga_part_fn at,
						     const void *eight,
						     unsigned int i,
						     unsigned long pages)
{
	unsigned long end = pages, run = 0;

	while (i && end == pages) {
		end = at(eight, --i).end;
		run += end;
	}
	return run;
}

/* Free pages in a row from part @i on. */
static __always_inline unsigned long pga_free_from(pga_part_fn at,
						   const void *eight,
						   unsigned int i,
						   unsigned long pages)
{
	unsigned long start = pages, run = 0;

	for (; i < PGA_FANOUT && start == pages; i++) {
		start = at(eight, i).start;
		run += start;
	}
	return run;
}

/* The summary of a stretch from those of its eight parts. */
static __always_inline struct pga_sum pga_sum_merge(pga_part_fn at,
						    const void *eight,
						    unsigned long pages)
{
	struct pga_sum sum = {
		.start = pga_free_from(at, eight, 0, pages),
	}, part;
	unsigned long run = 0;
	unsigned int i;

	for (i = 0; i < PGA_FANOUT; i++) {
		part = at(eight, i);
		/* In a full pool most parts have nothing free. */
		if (!part.max) {
			run = 0;
			continue;
		}
		run += part.start;
		sum.max = max3(sum.max, run, part.max);
		if (part.start != pages)
			run = part.end;
	}
	sum.end = run;
	return sum;
}

/*
 * The summary of a stretch after its part @i has grown to @is: runs through the
 * part have become longer, and no others.  @sum is the summary before.
 */
static __always_inline struct pga_sum pga_sum_grow(struct pga_sum sum,
						   pga_part_fn at,
						   const void *eight,
						   unsigned int i,
						   unsigned long pages,
						   struct pga_sum is)
{
	unsigned long start = is.start, end = is.end;

	if (start)
		start += pga_free_before(at, eight, i, pages);
	if (end)
		end += pga_free_from(at, eight, i + 1, pages);
	if (is.start == pages) {
		start += end - pages;
		end = start;
	}
	/* An edge changes only if all between it and the part is free. */
	if (sum.start >= i * pages)
		sum.start = max(sum.start, start);
	if (sum.end >= (PGA_FANOUT - 1 - i) * pages)
		sum.end = max(sum.end, end);
	sum.max = max(sum.max, max3(start, end, is.max));
	return sum;
}

/*
 * Does the summary of a stretch stay the same when a part shrinks from @was to
 * @is?  It does if no run across the part's edges has changed, and the longest
 * run lies elsewhere.
 */
static __always_inline bool pga_sum_stays(const struct pga_sum *sum,
					  struct pga_sum was, struct pga_sum is)
{
	return was.start == is.start && was.end == is.end && was.max < sum->max;
}

/*
 * Is the longest run longer than half of the stretch, so that it is the only
 * one of its length?  Then pga_mid_shrink() mostly has less to look at than
 * pga_mid_merge().
 */
static __always_inline bool pga_sum_is_long(struct pga_sum sum, unsigned long pages)
{
	return sum.max > PGA_FANOUT / 2 * pages;
}

/* Is nothing free in any of eight parts?  In a full pool that is common. */
static __always_inline bool pga_leaf_none(const pga_leaf_t *eight)
{
	return !(eight[0] | eight[1] | eight[2] | eight[3] |
		 eight[4] | eight[5] | eight[6] | eight[7]);
}

static __always_inline bool pga_mid_none(const pga_mid_t *eight)
{
	return !(eight[0] | eight[1] | eight[2] | eight[3] |
		 eight[4] | eight[5] | eight[6] | eight[7]);
}

struct pga_sum pga_leaf_merge(const pga_leaf_t *eight);
struct pga_sum pga_mid_merge(const pga_mid_t *eight, unsigned long pages);
struct pga_sum pga_wide_merge(const struct pga_wide *eight, unsigned long pages);
struct pga_sum pga_leaf_shrink(struct pga_sum sum, const pga_leaf_t *eight,
			       unsigned int i, struct pga_sum is);
struct pga_sum pga_mid_shrink(struct pga_sum sum, const pga_mid_t *eight,
			      unsigned int i, unsigned long pages,
			      struct pga_sum is);
struct pga_sum pga_wide_shrink(struct pga_sum sum, const struct pga_wide *eight,
			       unsigned int i, unsigned long pages,
			       struct pga_sum is);

#endif
