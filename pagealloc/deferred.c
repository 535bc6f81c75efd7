// SPDX-License-Identifier: GPL-2.0
/*
 * Deferred free: a free that takes no lock of the pool.
 *
 * A free from any context is queued, on a lock-free list, by a node that the
 * caller owns; it may lie in the very pages that are freed, since nobody gets
 * these before the node has been read for the last time.  A work item frees
 * what is queued, in batches of 64, and lets others run in between.
 *
 *	deferred    c <- b <- a	     latest first, any CPU adds
 *	   |  all at once, when draining has run out
 *	draining    a -> b -> c	     oldest first, under the pool's lock
 *	   |  up to 64 at a time
 *	free
 *
 * An allocation can be served from the queue: the oldest run, if it has just the
 * length, changes hands as it is, and never becomes free.  And a request that
 * would fail has the queue drained first: all of it if it may sleep, a batch if
 * not.
 *
 * The pages are a client's until they are drained, so what is wrong with a free
 * comes out only then, and is counted then.
 */

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/sched.h>

#include "deferred.h"
#include "scavenger.h"
#include "kunit_export.h"

#define BATCH	64

static void drain_work(struct work_struct *work)
{
	struct pagealloc_pool *pool = container_of(work, struct pagealloc_pool,
						   drain_work);

	pga_deferred_drain(pool);
	pga_scavenger_note(pool);
}

/**
 * pga_deferred_init() - an empty queue
 * @pool: the pool
 */
void pga_deferred_init(struct pagealloc_pool *pool)
{
	INIT_WORK(&pool->drain_work, drain_work);
}

/**
 * pga_deferred_add() - queue a free
 * @pool: the pool
 * @deferred: what to free, the pool's from now on
 *
 * Context: any, also where the pool's lock is held.
 * Return: whether the queue was empty, so that somebody should drain it.
 */
bool pga_deferred_add(struct pagealloc_pool *pool,
		      struct pagealloc_deferred *deferred)
{
	atomic_long_add(deferred->nr_pages, &pool->nr_deferred);
	return llist_add(&deferred->node, &pool->deferred);
}
PGA_EXPORT_FOR_KUNIT(pga_deferred_add);

/* The oldest entry, NULL if there is none. */
static struct pagealloc_deferred *oldest(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (!pool->draining)
		pool->draining = llist_reverse_order(llist_del_all(&pool->deferred));
	return pool->draining ? llist_entry(pool->draining,
					    struct pagealloc_deferred, node) : NULL;
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
	pool->draining = deferred->node.next;
	atomic_long_sub(pages.nr, &pool->nr_deferred);
	return pages;
}

/**
 * pga_deferred_serve() - allocate the oldest run of the queue, if it fits
 * @pool: the pool
 * @nr: pages wanted
 * @got: set to the run
 *
 * Context: any but NMI.
 * Return: false if it has another length, or is not what it should be.
 */
bool pga_deferred_serve(struct pagealloc_pool *pool, unsigned long nr,
			struct pga_got *got)
{
	struct pagealloc_deferred *d;
	struct pga_extent pages;
	unsigned long flags;
	bool served = false;

	flags = pga_pool_lock(pool);
	d = pool->corrupt ? NULL : oldest(pool);
	if (d && d->nr_pages == nr &&
	    pga_pool_is_used(pool, d->pfn - pool->base, nr)) {
		pages = take(pool, d);
		*got = (struct pga_got) { .pfn = pool->base + pages.start };
		pool->stat[PAGEALLOC_FREE]++;
		pool->stat[PAGEALLOC_ALLOC]++;
		pool->stat[PAGEALLOC_DEFERRED_SERVED]++;
		served = true;
	}
	pga_pool_unlock(pool, flags);
	return served;
}

/**
 * pga_deferred_drain_batch() - free up to 64 runs of the queue
 * @pool: the pool
 *
 * Context: any but NMI.
 * Return: whether there was anything in it.
 */
bool pga_deferred_drain_batch(struct pagealloc_pool *pool)
{
	struct pagealloc_deferred *d;
	struct pga_extent pages;
	unsigned long flags;
	unsigned int i;

	flags = pga_pool_lock(pool);
	for (i = 0; i < BATCH; i++) {
		d = oldest(pool);
		if (!d)
			break;
		pages = take(pool, d);
		/* Nobody is left to be told of an error; it is counted. */
		pga_free_locked(pool, pages.start, pages.nr);
	}
	pga_pool_unlock(pool, flags);
	pga_pool_complain(pool);
	return i;
}
PGA_EXPORT_FOR_KUNIT(pga_deferred_drain_batch);

/**
 * pga_deferred_drain() - free all that is queued
 * @pool: the pool
 *
 * Context: may sleep.
 */
void pga_deferred_drain(struct pagealloc_pool *pool)
{
	while (pga_deferred_drain_batch(pool))
		cond_resched();
}
