// SPDX-License-Identifier: GPL-2.0
/*
 * Calls under way: a pool that ends refuses new ones, and waits for the others.
 *
 * Calls that reach the pool itself are counted by a percpu_ref.  Those that a cache
 * serves are not: they run with interrupts off, and find the cache through a pointer
 * of the pool.  When the pool ends, the pointer is cleared first.  Killing the
 * percpu_ref takes a grace period.  On a kernel without preemption, a call that has
 * read the old pointer ends before that.  The caches are drained after that, and take
 * no page any more.
 *
 * Two kinds of calls are not protected: one that begins when the pool is gone, and, on
 * a kernel with preemption, one that is preempted between reading the pointer and
 * disabling interrupts.  A client that cannot stop its own calls takes a reference
 * (pagealloc_pool_get()).
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
