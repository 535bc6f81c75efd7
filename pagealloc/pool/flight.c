// SPDX-License-Identifier: GPL-2.0
/*
 * Operations in flight: they hold pages that may become free when they end.
 *
 * A request that finds no place waits for them before it fails.  So an operation
 * in flight must end by itself, without waiting for another one.
 */

#include <linux/sched.h>

#include "pool/flight.h"

/**
 * pga_flight_begin() - an operation begins
 * @pool: the pool, locked
 */
void pga_flight_begin(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->in_flight, pool->in_flight + 1);
}

/**
 * pga_flight_end() - an operation ends
 * @pool: the pool, locked; pga_flight_wake() follows when the lock is dropped
 */
void pga_flight_end(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->in_flight, pool->in_flight - 1);
	WRITE_ONCE(pool->settled, pool->settled + 1);
}

/**
 * pga_flight_wake() - wake the requests that wait for an operation
 * @pool: the pool, not locked: a waitqueue has a sleeping lock on PREEMPT_RT
 *
 * Context: may sleep.
 */
void pga_flight_wake(struct pagealloc_pool *pool)
{
	pga_report_corruption(pool);
	if (wq_has_sleeper(&pool->settled_wq))
		wake_up_all(&pool->settled_wq);
}
