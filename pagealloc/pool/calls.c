// SPDX-License-Identifier: GPL-2.0
/*
 * Calls under way: a pool that ends refuses new ones, and waits for the others.
 *
 * Calls that reach the pool itself are counted by a percpu_ref.  Those that a cache
 * serves are not: they read the pointer to the caches, and use the cache of their CPU,
 * with interrupts off.  One that goes on to the pool itself is counted before they are
 * on again.  When the pool ends, the pointer is cleared first.  Killing the percpu_ref
 * takes a grace period, which waits for all CPUs that have interrupts off.  So nobody
 * uses a cache any more when the caches are drained.
 *
 * A call that begins when the pool is gone is not protected.  A client that cannot stop
 * its own calls takes a reference (pagealloc_pool_get()).
 */

#include "base/fault.h"
#include "base/kunit_export.h"
#include "pool/calls.h"

static void all_ended(struct percpu_ref *ref)
{
	struct pagealloc_pool *pool = container_of(ref, struct pagealloc_pool, calls);

	complete(&pool->calls_ended);
}

/**
 * pga_calls_init() - initialise the count of calls
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int pga_calls_init(struct pagealloc_pool *pool)
{
	init_completion(&pool->calls_ended);
	return percpu_ref_init(&pool->calls, all_ended, PERCPU_REF_ALLOW_REINIT, GFP_KERNEL);
}

/**
 * pga_calls_exit() - undo pga_calls_init()
 * @pool: the pool
 *
 * Context: may sleep.
 */
void pga_calls_exit(struct pagealloc_pool *pool)
{
	percpu_ref_exit(&pool->calls);
}

/**
 * pga_calls_stop() - refuse new calls, and wait for those that are under way
 * @pool: the pool; no other task does the same
 *
 * Context: may sleep.
 */
void pga_calls_stop(struct pagealloc_pool *pool)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pga_pool_set_caches(pool, NULL);
	pga_pool_unlock(pool, flags);
	reinit_completion(&pool->calls_ended);
	percpu_ref_kill(&pool->calls);
	wait_for_completion(&pool->calls_ended);
}
PGA_EXPORT_FOR_KUNIT(pga_calls_stop);

/**
 * pga_calls_resume() - accept calls again
 * @pool: the pool, stopped
 *
 * Context: may sleep.
 */
void pga_calls_resume(struct pagealloc_pool *pool)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	if (!pool->corrupt)
		pga_pool_set_caches(pool, pool->cpu_caches);
	pga_pool_unlock(pool, flags);
	percpu_ref_reinit(&pool->calls);
}
PGA_EXPORT_FOR_KUNIT(pga_calls_resume);
