/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_READY_H
#define PAGEALLOC_POOL_READY_H

#include "pool/state.h"

int pga_make_ready(struct pagealloc_pool *pool, unsigned long *from,
		   unsigned long *populated);

/* Pages that are free and ready, beyond the floor; the pool is locked. */
static inline unsigned long pga_above_floor(const struct pagealloc_pool *pool)
{
	const unsigned long ready = pool->map.free - pool->map.discarded;

	lockdep_assert_held(&pool->lock);
	return ready - min(ready, pool->tuning.min_ready);
}

/*
 * Should a request that may sleep populate others before it takes @nr ready pages, since
 * some of these are from the floor?  The pool is locked.
 */
static inline bool pga_takes_floor(const struct pagealloc_pool *pool, unsigned long nr)
{
	return pool->tuning.min_ready && nr > pga_above_floor(pool) &&
	       (pool->map.discarded || pool->reserved) &&
	       (!pool->floor.delay_ms || pga_now(pool) >= pool->floor.due);
}

#endif
