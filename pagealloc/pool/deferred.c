// SPDX-License-Identifier: GPL-2.0
/*
 * Deferred free: a free that takes no lock of the pool.
 *
 * A free from any context is queued, on a lock-free list, by a node that the
 * caller owns; it may lie in the very pages that are freed, since nobody gets
 * these before the node has been read for the last time.  A work item frees
 * what is queued, in batches of 64, and lets others run in between.
 *
 *	deferred    c -> b -> a	     latest first, any CPU adds
 *	   |  all at once, when the others have run out
 *	turning	    c -> b -> a	     latest first, under the pool's lock
 *	   |  one by one, up to 256 at a time
 *	draining    a -> b -> c	     oldest first, under the pool's lock
 *	   |  up to 64 at a time
 *	free
 *
 * A long run is freed a portion at a time (free.c), each in a hold of its own, and
 * counts as one of the 64 for each.  It has been taken out by then, as the entry may
 * lie in the first page that is freed; how far it has got is in the pool.
 *
 * Taking the whole list is one step, whatever its length; turning it round is
 * not, so the lock is let go in between.  Nobody who does it has a part of the
 * queue to himself, nor a long run: whoever comes next, be it an interrupt, goes on
 * where it stopped.  So nobody waits for anybody, a drain that has found all three
 * lists empty and no long run has seen the end of everything queued before it, and
 * the order is that of the frees.  Nothing leaves draining while anything is turning.
 *
 * An allocation can be served from the queue: the oldest run, if it has just the
 * length, and that is no more than a portion, changes hands as it is, and never
 * becomes free.  And a request that
 * would fail has the queue drained first: all of it if it may sleep, a batch if
 * not.
 *
 * The pages are a client's until they are drained, so what is wrong with a free
 * comes out only then, and is counted then.
 */

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "pool/deferred.h"
#include "pool/flight.h"
#include "pool/free.h"
#include "pool/scavenger.h"
#include "base/kunit_export.h"

#define BATCH	64

/* Entries to turn round before the lock is let go. */
#define TURN	256

static void drain_work(struct work_struct *work)
{
	struct pagealloc_pool *pool = container_of(work, struct pagealloc_pool,
						   drain_work);

	pga_deferred_drain(pool);
	pga_flight_wake(pool);
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
	bool first;

	/* Pairs with synchronize_rcu() in check.c: there is an end to being in between. */
	rcu_read_lock();
	atomic_long_add(deferred->nr_pages, &pool->nr_deferred);
	first = llist_add(&deferred->node, &pool->deferred);
	rcu_read_unlock();
	return first;
}
PGA_EXPORT_FOR_KUNIT(pga_deferred_add);

/* Turn some of the queue round; false if there is nothing to turn. */
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

/* The oldest entry, NULL if there is none, or none that is known as yet. */
static struct pagealloc_deferred *oldest(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	return !pool->turning && pool->draining ?
		llist_entry(pool->draining, struct pagealloc_deferred, node) : NULL;
}

/*
 * Take the oldest entry out; its memory is not the pool's any more.  Its pages are
 * to be counted out as well.
 */
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
	return pages;
}

/**
 * pga_deferred_serve() - allocate the oldest run of the queue, if it fits
 * @pool: the pool
 * @nr: pages wanted
 * @got: set to the run
 *
 * Context: any but NMI.
 * Return: false if it has another length, is long, or is not what it should be.
 */
bool pga_deferred_serve(struct pagealloc_pool *pool, unsigned long nr,
			struct pga_got *got)
{
	struct pagealloc_deferred *d;
	struct pga_extent pages;
	unsigned long flags;
	bool served = false;

	flags = pga_pool_lock(pool);
	turn(pool);
	d = pool->corrupt ? NULL : oldest(pool);
	if (d && d->nr_pages == nr && nr <= PGA_PORTION_PAGES &&
	    pga_pool_is_used(pool, d->pfn - pool->base, nr)) {
		pages = take(pool, d);
		atomic_long_sub(pages.nr, &pool->nr_deferred);
		*got = (struct pga_got) { .pfn = pool->base + pages.start };
		pool->stat[PAGEALLOC_FREE]++;
		pool->stat[PAGEALLOC_ALLOC]++;
		pool->stat[PAGEALLOC_DEFERRED_SERVED]++;
		served = true;
	}
	pga_pool_unlock(pool, flags);
	return served;
}

/* Go on with a long run, and count it out when it is over. */
static void free_more(struct pagealloc_pool *pool)
{
	if (pga_free_step(pool, &pool->freeing) != -EAGAIN)
		atomic_long_sub(pool->freeing.nr, &pool->nr_deferred);
}

/*
 * Free the oldest run of the queue, a portion of it if it is long.  Nobody is left
 * to be told of an error; it is counted.
 */
static void free_oldest(struct pagealloc_pool *pool, struct pga_extent pages)
{
	if (pages.nr > PGA_PORTION_PAGES &&
	    !pga_free_begin(pool, &pool->freeing, pages, 0)) {
		free_more(pool);
		return;
	}
	if (pages.nr <= PGA_PORTION_PAGES)
		pga_free_locked(pool, pages.start, pages.nr);
	atomic_long_sub(pages.nr, &pool->nr_deferred);
}

/* Free in one hold what can be, @left runs at most; whether there was anything. */
static bool drain_some(struct pagealloc_pool *pool, unsigned int *left)
{
	struct pagealloc_deferred *d;
	bool any;

	lockdep_assert_held(&pool->lock);
	if (pool->freeing.end) {
		--*left;
		free_more(pool);
		return true;
	}
	any = turn(pool) || pool->draining;
	while (*left && !pool->freeing.end) {
		d = oldest(pool);
		if (!d)
			break;
		--*left;
		free_oldest(pool, take(pool, d));
	}
	return any;
}

/**
 * pga_deferred_drain_batch() - free up to 64 runs of the queue
 * @pool: the pool
 *
 * Of a queue that has grown long, the first batches free nothing: it takes some
 * until its oldest entry is known.
 *
 * Context: any but NMI.
 * Return: whether there was anything in it.
 */
bool pga_deferred_drain_batch(struct pagealloc_pool *pool)
{
	unsigned int left = BATCH;
	bool any = false, was_long, is_long, landed = false;
	unsigned long flags;

	do {
		flags = pga_pool_lock(pool);
		was_long = pool->freeing.end;
		any |= drain_some(pool, &left);
		is_long = pool->freeing.end;
		pga_pool_unlock(pool, flags);
		landed |= was_long && !is_long;
	} while (left && (was_long || is_long));
	if (landed)
		pga_flight_wake_later(pool);
	pga_pool_complain(pool);
	return any;
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
