/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_SUMMARY_H
#define PAGEALLOC_ENGINE_SUMMARY_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/minmax.h>

#include "engine/units.h"

/**
 * struct pga_sum - what is free in a stretch of pages, in three numbers
 * @start: free pages at its start
 * @max: longest run of free pages in it
 * @end: free pages at its end
 *
 * A stretch wholly free has all three equal to its length.  This is the form
 * to compute with; trees store the packed forms below.
 */
struct pga_sum {
	unsigned long start;
	unsigned long max;
	unsigned long end;
};

/* Level 0, one chunk: three fields of ten bits, since 512 must fit. */
typedef u32 pga_leaf_t;

#define PGA_LEAF_START	GENMASK(9, 0)
#define PGA_LEAF_MAX	GENMASK(19, 10)
#define PGA_LEAF_END	GENMASK(29, 20)

static inline pga_leaf_t pga_leaf_pack(struct pga_sum s)
{
	return FIELD_PREP(PGA_LEAF_START, s.start) |
	       FIELD_PREP(PGA_LEAF_MAX, s.max) |
	       FIELD_PREP(PGA_LEAF_END, s.end);
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
 * not fit; it can only mean "all free", which bit 63 alone stands for.
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
	return FIELD_PREP(PGA_MID_START, s.start) |
	       FIELD_PREP(PGA_MID_MAX, s.max) |
	       FIELD_PREP(PGA_MID_END, s.end);
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
	const u64 low = s.max & GENMASK_ULL(PGA_WIDE_MAX_BITS - 1, 0);

	return (struct pga_wide) {
		.start_max = FIELD_PREP(PGA_WIDE_EDGE, s.start) |
			     FIELD_PREP(PGA_WIDE_MAX, low),
		.end_max = FIELD_PREP(PGA_WIDE_EDGE, s.end) |
			   FIELD_PREP(PGA_WIDE_MAX, s.max >> PGA_WIDE_MAX_BITS),
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

/*
 * What becomes of the summary of a stretch when a part of it goes from @was to
 * @is; false if the other parts must be looked at for that.  As long as the edges
 * of the part do not change, no run across them does.
 */
static __always_inline bool pga_sum_follow(struct pga_sum *sum, struct pga_sum was,
					   struct pga_sum is)
{
	if (was.start != is.start || was.end != is.end)
		return false;
	if (is.max < was.max)
		return was.max < sum->max;
	sum->max = max(sum->max, is.max);
	return true;
}

/**
 * struct pga_merge - the state of joining siblings from left to right
 * @sum: the result, complete after pga_merge_end()
 * @run: free pages right before the next sibling
 * @broken: whether a busy page has been seen, so that @sum.start stands
 */
struct pga_merge {
	struct pga_sum sum;
	unsigned long run;
	bool broken;
};

/* Join @s, which speaks for @pages pages, to the right of what was joined. */
static __always_inline void pga_merge_add(struct pga_merge *m, struct pga_sum s,
					  unsigned long pages)
{
	m->run += s.start;
	if (s.start == pages)
		return;
	if (!m->broken) {
		m->broken = true;
		m->sum.start = m->run;
	}
	m->sum.max = max3(m->sum.max, m->run, s.max);
	m->run = s.end;
}

/* The same for one with nothing free, which in a full pool most are. */
static __always_inline void pga_merge_busy(struct pga_merge *m)
{
	if (!m->run) {
		m->broken = true;
		return;
	}
	pga_merge_add(m, (struct pga_sum) {}, 1);
}

static __always_inline struct pga_sum pga_merge_end(struct pga_merge *m)
{
	if (!m->broken)
		m->sum.start = m->run;
	m->sum.max = max(m->sum.max, m->run);
	m->sum.end = m->run;
	return m->sum;
}

struct pga_sum pga_leaf_merge(const pga_leaf_t *eight);
struct pga_sum pga_mid_merge(const pga_mid_t *eight, unsigned long pages);
struct pga_sum pga_wide_merge(const struct pga_wide *eight, unsigned long pages);

#endif
