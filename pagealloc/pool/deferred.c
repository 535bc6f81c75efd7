// SPDX-License-Identifier: GPL-2.0
/*
 * Deferred free: a free that takes no lock of the pool.
 *
 * A free from any context is queued on a lock-free list.  The node belongs to the
 * caller and may lie in the very pages that are freed: nothing else uses these
 * before the node has been read for the last time.  A work item frees what is
 * queued, in batches of 64, and reschedules in between.
 *
 *	deferred    c -> b -> a	     latest first, any CPU adds
 *	   |  all at once, when the other lists are empty
 *	turning	    c -> b -> a	     latest first, under the pool's lock
 *	   |  one by one, up to 256 in a critical section
 *	draining    a -> b -> c	     oldest first, under the pool's lock
 *	   |  up to 64 in a critical section
 *	free
 *
 * Taking the whole list is one step, whatever its length; reversing it is not, so
 * the lock is dropped in between.  Any context may go on where another one
 * stopped, so none waits for another, and the order is that of the frees.  Entries
 * leave draining only while turning is empty.
 *
 * A run that is longer than a portion is freed where the drain may sleep; a drain
 * that may not stops at it.  Drains that may sleep take turns by a mutex, so when one
 * ends, everything that was queued before it began has been freed.
 *
 * An allocation can be served from the queue: if the oldest run has just the
 * length that is asked for, it changes hands and never becomes free.  And a
 * request that would fail drains the queue first: all of it if it may sleep, a
 * batch if not.
 *
 * The pages are in use until they are drained.  A wrong free is found, and
 * counted, only then.
 */

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "base/fault.h"
#include "base/kunit_export.h"
#include "pool/deferred.h"
#include "pool/free.h"
#include "pool/retired.h"
#include "pool/scavenger.h"

/* Has a rescuer, since a drain makes memory available. */
static struct workqueue_struct *queue;

/* Runs freed in one critical section. */
#define BATCH	64

/* Entries reversed in one critical section. */
#define TURN	256

static void drain_work(struct work_struct *work)
{
	struct pagealloc_pool *pool = container_of(work, struct pagealloc_pool,
						   drain_work);

	if (pga_deferred_drain(pool))
		pga_deferred_begin_drain(pool);
	/* Where there is no worker this is done here, after pages were retired. */
	pga_retired_fill(pool);
	pga_retired_look_again(pool);
	if (pga_report_retired(pool))
		pga_scavenger_kick(pool);
	pga_scavenger_notify(pool);
}

/**
 * pga_deferred_start() - prepare for pools
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int pga_deferred_start(void)
{
	queue = alloc_workqueue("pagealloc", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

/**
 * pga_deferred_stop() - undo pga_deferred_start()
 *
 * Context: may sleep; there is no pool any more whose work may be queued.
 */
void pga_deferred_stop(void)
{
	destroy_workqueue(queue);
}

/**
 * pga_deferred_begin_drain() - have the queue of a pool drained soon
 * @pool: the pool
 *
 * Context: any but NMI.
 */
void pga_deferred_begin_drain(struct pagealloc_pool *pool)
{
	queue_work(queue, &pool->drain_work);
}

/**
 * pga_deferred_init() - initialise the queue of a pool
 * @pool: the pool
 */
void pga_deferred_init(struct pagealloc_pool *pool)
{
	init_llist_head(&pool->deferred);
	mutex_init(&pool->drain_mutex);
	INIT_WORK(&pool->drain_work, drain_work);
}

/**
 * pga_deferred_add() - queue a free
 * @pool: the pool
 * @deferred: the entry, the pool's until it is drained
 *
 * Context: any but NMI, also with the pool's lock held.
 * Return: whether the queue was empty, so that a drain must be started.
 */
bool pga_deferred_add(struct pagealloc_pool *pool,
		      struct pagealloc_deferred *deferred)
{
	bool first;

	/* Pairs with synchronize_rcu() in check.c, which waits until both are done. */
	rcu_read_lock();
	atomic_long_add(deferred->nr_pages, &pool->nr_deferred);
	first = llist_add(&deferred->node, &pool->deferred);
	rcu_read_unlock();
	return first;
}
PGA_EXPORT_FOR_KUNIT(pga_deferred_add);

/* Reverse some of the queue; false if there is nothing to reverse. */
static bool turn(struct pagealloc_pool *pool)
{
	struct llist_node *node;
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	if (!pool->turning && !pool->draining)
		pool->turning = llist_del_all(&pool->deferred);
	if (!pool->turning)
		return false;
	for (i = 0; i < TURN && pool->turning; i++) {
		node = pool->turning;
		pool->turning = node->next;
		node->next = pool->draining;
		pool->draining = node;
	}
	pool->changes++;
	return true;
}

/* The oldest entry; NULL if there is none, or if it is not known yet. */
static struct pagealloc_deferred *oldest(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	return !pool->turning && pool->draining ?
		llist_entry(pool->draining, struct pagealloc_deferred, node) : NULL;
}

/* Take the oldest entry out; its memory is not the pool's any more. */
static struct pga_extent take(struct pagealloc_pool *pool,
			      struct pagealloc_deferred *deferred)
{
	const struct pga_extent pages = {
		.start = deferred->pfn - pool->base,
		.nr = deferred->nr_pages,
	};

	lockdep_assert_held(&pool->lock);
	pool->changes++;
	pool->draining = deferred->node.next;
	/* Pairs with READ_ONCE() in pga_deferred_drain(). */
	WRITE_ONCE(pool->drained, pool->drained + pages.nr);
	return pages;
}

/**
 * pga_deferred_serve() - allocate the oldest run of the queue, if it fits
 * @pool: the pool
 * @rq: the request; @rq->pfn is set
 *
 * Context: any but NMI.
 * Return: false if the run has another length, is longer than a portion, or is not
 * in use.
 */
bool pga_deferred_serve(struct pagealloc_pool *pool, struct pga_request *rq)
{
	struct pagealloc_deferred *d;
	struct pga_extent pages;
	unsigned long flags;
	bool served = false;

	flags = pga_pool_lock(pool);
	turn(pool);
	d = pool->corrupt ? NULL : oldest(pool);
	if (d && d->nr_pages == rq->nr && rq->nr <= PGA_PORTION_PAGES &&
	    pga_is_used(pool, d->pfn - pool->base, rq->nr)) {
		pages = take(pool, d);
		atomic_long_sub(pages.nr, &pool->nr_deferred);
		rq->pfn = pga_pfn_of(pool, pages.start);
		pool->stat[PAGEALLOC_FREE]++;
		pool->stat[PAGEALLOC_ALLOC]++;
		pool->alloc_pages += pages.nr;
		pool->stat[PAGEALLOC_DEFERRED_SERVED]++;
		served = true;
	}
	pga_pool_unlock(pool, flags);
	return served;
}

/* Free the oldest runs, up to a batch or a long run.  Errors are counted. */
static bool drain_some(struct pagealloc_pool *pool)
{
	unsigned int left = BATCH;
	struct pagealloc_deferred *d;
	struct pga_extent pages;
	bool any;

	lockdep_assert_held(&pool->lock);
	any = turn(pool);
	while (left--) {
		d = oldest(pool);
		if (!d || d->nr_pages > PGA_PORTION_PAGES)
			break;
		pages = take(pool, d);
		pga_free_locked(pool, pages.start, pages.nr);
		atomic_long_sub(pages.nr, &pool->nr_deferred);
		any = true;
	}
	return any;
}

/**
 * pga_deferred_drain_batch() - free up to 64 runs of the queue
 * @pool: the pool
 *
 * It stops at a run that is longer than a portion.  The first batches of a queue
 * that has grown long free nothing: they reverse it until its oldest entry is
 * known.
 *
 * Context: any but NMI.
 * Return: whether there was anything to do.
 */
bool pga_deferred_drain_batch(struct pagealloc_pool *pool)
{
	unsigned long flags;
	bool any;

	flags = pga_pool_lock(pool);
	any = drain_some(pool);
	pga_pool_unlock(pool, flags);
	pga_report_corruption(pool);
	return any;
}
PGA_EXPORT_FOR_KUNIT(pga_deferred_drain_batch);

/* Free the oldest run if it is longer than a portion; false if it is not. */
static bool drain_long(struct pagealloc_pool *pool)
{
	struct pga_extent pages = {};
	struct pagealloc_deferred *d;
	unsigned long flags;

	lockdep_assert_held(&pool->drain_mutex);
	flags = pga_pool_lock(pool);
	d = oldest(pool);
	if (d && d->nr_pages > PGA_PORTION_PAGES)
		pages = take(pool, d);
	pga_pool_unlock(pool, flags);
	if (!pages.nr)
		return false;
	pga_free_long(pool, pages, 0);
	atomic_long_sub(pages.nr, &pool->nr_deferred);
	return true;
}

/**
 * pga_deferred_drain() - free all that is queued now
 * @pool: the pool
 *
 * Frees that are queued during the call may be left to the work item.
 *
 * Context: may sleep.
 * Return: whether something is left.
 */
bool pga_deferred_drain(struct pagealloc_pool *pool)
{
	unsigned long start, nr;
	bool any;

	mutex_lock(&pool->drain_mutex);
	/* The oldest come first.  Pairs with WRITE_ONCE() in take(). */
	start = READ_ONCE(pool->drained);
	nr = atomic_long_read(&pool->nr_deferred);
	do {
		any = pga_deferred_drain_batch(pool);
		any |= drain_long(pool);
		cond_resched();
	} while (any && READ_ONCE(pool->drained) - start < nr);
	mutex_unlock(&pool->drain_mutex);
	return any;
}
