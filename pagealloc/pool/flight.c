// SPDX-License-Identifier: GPL-2.0
/* What is in flight: operations that end by themselves, and that a request can wait for. */

#include <linux/sched.h>

#include "pool/flight.h"

/**
 * pga_flight_begin() - something that others may wait for is under way
 * @pool: the pool, locked
 *
 * It must end by itself, without waiting for another one.
 */
void pga_flight_begin(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->in_flight, pool->in_flight + 1);
}

/**
 * pga_flight_end() - it is over
 * @pool: the pool, locked; call pga_flight_wake() when it no longer is
 */
void pga_flight_end(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->in_flight, pool->in_flight - 1);
	WRITE_ONCE(pool->settled, pool->settled + 1);
}

/**
 * pga_flight_wake() - wake up who waits for something to be over
 * @pool: the pool, not locked: a waitqueue has a sleeping lock on PREEMPT_RT
 */
void pga_flight_wake(struct pagealloc_pool *pool)
{
	pga_pool_complain(pool);
	if (wq_has_sleeper(&pool->settled_wq))
		wake_up_all(&pool->settled_wq);
}

/**
 * pga_flight_wake_later() - the same for who may not sleep
 * @pool: the pool, not locked
 *
 * Context: any but NMI.
 */
void pga_flight_wake_later(struct pagealloc_pool *pool)
{
	if (wq_has_sleeper(&pool->settled_wq))
		queue_work(system_unbound_wq, &pool->drain_work);
}
