/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_GOAL_H
#define PAGEALLOC_ENGINE_GOAL_H

/*
 * How much memory a pool should retain: pure arithmetic, in pages.  The
 * percentages are the Go runtime's (src/runtime/mgcscavenge.go).
 */

#include <linux/math.h>
#include <linux/minmax.h>

#include "engine/units.h"

/* Retained beyond the peak, so that the next peak finds memory. */
#define PGA_GOAL_EXTRA_PERCENT		10

/*
 * Retained under a limit, so that giving back begins before the limit is
 * reached.
 */
#define PGA_LIMIT_PERCENT		95

/* Pages to retain after a generation with @peak pages in use, whole granules. */
static inline unsigned long pga_goal(unsigned long peak, unsigned long granule)
{
	return ALIGN(peak + DIV_ROUND_UP(peak * PGA_GOAL_EXTRA_PERCENT, 100),
		     granule);
}

/* Pages to retain under a limit; PGA_NONE for no limit. */
static inline unsigned long pga_limit_goal(unsigned long limit)
{
	return limit > PGA_INDEX_PAGES ? PGA_NONE :
					 limit * PGA_LIMIT_PERCENT / 100;
}

/**
 * pga_overage() - how many pages to give back
 * @retained: pages with memory behind them
 * @goal: pages to retain, PGA_NONE for all
 * @ready: free pages among the retained ones
 * @floor: pages to keep free and ready
 * @unit: the caller may round the result up to this
 *
 * Return: pages; never so many that fewer than @floor are left, also when
 * rounded up.
 */
static inline unsigned long pga_overage(unsigned long retained,
					unsigned long goal, unsigned long ready,
					unsigned long floor, unsigned long unit)
{
	unsigned long spare;

	if (retained <= goal || ready <= floor)
		return 0;
	spare = ready - floor;
	if (floor)
		spare = ALIGN_DOWN(spare, unit);
	return min(retained - goal, spare);
}

#endif
