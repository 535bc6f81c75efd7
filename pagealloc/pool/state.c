// SPDX-License-Identifier: GPL-2.0
/*
 * The state of a pool.
 *
 *	None ---add---> Reserved ---grow---> Prepared <---> Ready
 *	     region                          discarded
 *
 * A region is a range of pfns that the backing has reserved.  The pool grows
 * into it from its low end, and only grown pages are in the maps.  From then on a
 * page is in exactly one of these states:
 *
 *	free, discarded		no memory stands behind it
 *	free, ready
 *	isolated		an operation holds it: a populate, a discard, a
 *				request that claims it; or the pool, since its
 *				granule is held by somebody else (held.c)
 *	in use			a client or the cache of a CPU holds it
 *
 * The maps say "allocated" for the last two; the tree of isolated pages
 * tells them apart.
 *
 * Invariant I2: every run of discarded pages starts and ends on a granule, so a
 * granule is discarded as a whole or not at all.  Pages of a region outside whole
 * granules are populated when the pool grows by them, and stay ready.
 *
 * A call of the backing may sleep, so no lock is held meanwhile.  The caller
 * isolates the pages, counts itself in flight, calls the backing, and then settles
 * the pages under the lock and wakes the tasks that wait for them.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>

#include "pool/state.h"

/**
 * pga_pool_count() - add one to a counter
 * @pool: the pool, not locked
 * @stat: the counter
 *
 * Context: any but NMI.
 */
void pga_pool_count(struct pagealloc_pool *pool, enum pagealloc_stat stat)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pool->stat[stat]++;
	pga_pool_unlock(pool, flags);
}

/**
 * pga_backing_broken() - a function of the backing has returned a value above 0
 * @pool: the pool, not locked
 * @what: the function
 * @ret: the value, which might be taken for a number of bytes
 *
 * The pool populates no more.
 *
 * Context: may sleep.
 * Return: -EIO.
 */
int pga_backing_broken(struct pagealloc_pool *pool, const char *what, int ret)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	/* Pairs with READ_ONCE() where a request would populate. */
	WRITE_ONCE(pool->broken, true);
	pga_pool_unlock(pool, flags);
	pr_err_ratelimited("%s: backing %s is broken, %s returned %d\n", pool->name,
			   pool->ops->name, what, ret);
	return -EIO;
}

/**
 * pga_pool_set_corrupt() - have a pool refuse all further work
 * @pool: the pool, locked
 * @what: what does not add up
 * @page: where
 *
 * The console has locks that must not be taken under a raw spinlock, so
 * pga_report_corruption() prints the message later.
 */
void pga_pool_set_corrupt(struct pagealloc_pool *pool, const char *what,
			  unsigned long page)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return;
	pool->damage = what;
	pool->damage_page = page;
	pga_pool_set_caches(pool, NULL);
	/* Pairs with the load in pga_report_corruption(). */
	smp_store_release(&pool->corrupt, true);
}

/**
 * pga_pool_set_damage() - mark a pool as corrupt because of what the engine found
 * @pool: the pool, locked
 */
void pga_pool_set_damage(struct pagealloc_pool *pool)
{
	const struct pga_extent *damage = pool->map.damage;

	if (pool->corrupt)
		return;
	pool->damage_spans[0] = damage[0];
	pool->damage_spans[1] = damage[1];
	pga_pool_set_corrupt(pool, "two discarded spans meet inside a granule",
			     damage[1].start);
}

/**
 * pga_warn_corrupt() - warn, once, that a pool is corrupt
 * @pool: the pool, corrupt and not locked
 */
void pga_warn_corrupt(const struct pagealloc_pool *pool)
{
	const struct pga_extent *spans = pool->damage_spans;

	if (spans[0].nr)
		pr_err_once("%s: discarded spans %lu+%lu and %lu+%lu\n", pool->name,
			    pga_pfn_of(pool, spans[0].start), spans[0].nr,
			    pga_pfn_of(pool, spans[1].start), spans[1].nr);
	WARN_ONCE(1, "%s: %s at pfn %lu; the pool refuses further work\n",
		  pool->name, pool->damage, pga_pfn_of(pool, pool->damage_page));
}
