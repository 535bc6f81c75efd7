/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_TICK_H
#define PAGEALLOC_ENGINE_TICK_H

/*
 * Time in one byte.
 *
 * Ticks are numbered from 1 to 255 and then from 1 again; 0 is no tick.  Two
 * numbers tell how much time lies between them, up to a whole round.  A tick is
 * 2^shift nanoseconds, with the smallest shift for which the delay that matters
 * is less than half a round.
 */

#include <linux/types.h>

#define PGA_TICKS	255

/* The shift for a delay. */
static inline unsigned int pga_tick_shift(u64 delay_ns)
{
	unsigned int shift = 20;

	while (delay_ns >> shift > PGA_TICKS / 2 - 1)
		shift++;
	return shift;
}

/* The number of the tick at a time. */
static inline u8 pga_tick_at(u64 time_ns, unsigned int shift)
{
	return 1 + (time_ns >> shift) % PGA_TICKS;
}

/* Ticks from one to the other, in a round. */
static inline unsigned int pga_ticks_between(u8 from, u8 to)
{
	return (to - from + PGA_TICKS) % PGA_TICKS;
}

#endif
