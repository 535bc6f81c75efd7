/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_BACKOFF_H
#define PAGEALLOC_POOL_BACKOFF_H

/* When to try again what has failed: after 100 ms at first, doubling to a minute. */

#include <linux/minmax.h>
#include <linux/time64.h>
#include <linux/types.h>

#define PGA_BACKOFF_MIN_MS	100U
#define PGA_BACKOFF_MAX_MS	(60U * 1000)

/**
 * struct pga_backoff - when to try again
 * @delay_ms: the present delay; 0 if it has not failed since it last succeeded
 * @due: the end of the delay, by the pool's clock
 * @number: which of the pool's failures was the last one of this
 */
struct pga_backoff {
	unsigned int delay_ms;
	u64 due;
	u64 number;
};

/* It has failed, once more or for the first time. */
static inline void pga_backoff_fail(struct pga_backoff *b, u64 now)
{
	b->delay_ms = clamp(2 * b->delay_ms, PGA_BACKOFF_MIN_MS, PGA_BACKOFF_MAX_MS);
	b->due = now + b->delay_ms * (u64)NSEC_PER_MSEC;
}

#endif
