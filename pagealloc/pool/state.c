// SPDX-License-Identifier: GPL-2.0
/*
 * The pool: regions, the lock, and what all work on pages has in common.
 *
 *	None ---add---> Reserved ---grow---> Prepared <---> Ready
 *	     region                          discarded
 *
 * A region is a range of pfns that the backing has reserved.  The pool grows
 * into it from its low end, and only what it has grown by is in the maps.  From
 * then on a page is in exactly one of these hands:
 *
 *	free, discarded		nobody's, no memory behind it
 *	free, ready		nobody's
 *	isolated		a populate's or a discard's that is under way, or
 *				set aside for a while because its populate failed;
 *				or of a long run that is being allocated, or freed
 *	in use			a client's
 *
 * The maps say "allocated" for the last two; the list of isolated ranges tells
 * them apart.  It is as long as there are calls of the backing under way, and
 * long runs on their way from one to the other.
 *
 * Invariant I2: every run of discarded pages starts and ends on a granule.  So
 * a granule is discarded as a whole or not at all; pages of a region outside
 * whole granules are made ready as the pool grows by them, and stay so.
 *
 * The backing may sleep and is called with no lock held.  Whoever calls it
 * isolates the pages first, counts itself in flight, and when the call is over
 * settles the pages under the lock and wakes up those who wait for them.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/printk.h>

#include "pool/state.h"

/**
 * pga_pool_count() - count something
 * @pool: the pool, not locked
 * @stat: a counter
 */
void pga_pool_count(struct pagealloc_pool *pool, enum pagealloc_stat stat)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pool->stat[stat]++;
	pga_pool_unlock(pool, flags);
}

/**
 * pga_pool_corrupt() - the books of a pool do not add up
 * @pool: the pool, locked
 * @what: what does not
 * @page: where
 *
 * The pool refuses all work from now on.  Consoles have locks that must not be
 * taken under a raw one, so it is left to pga_pool_complain() to say so.
 */
void pga_pool_corrupt(struct pagealloc_pool *pool, const char *what,
		      unsigned long page)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return;
	pool->damage = what;
	pool->damage_page = page;
	pga_pool_set_caches(pool, NULL);
	/* Pairs with the load in pga_pool_complain(). */
	smp_store_release(&pool->corrupt, true);
}

static noinline void mind_damage(struct pagealloc_pool *pool)
{
	struct pga_extent a, b;

	if (pool->corrupt || !pga_map_damage(&pool->map, &a, &b))
		return;
	pool->damage_spans[0] = a;
	pool->damage_spans[1] = b;
	pga_pool_corrupt(pool, "two discarded spans meet inside a granule", b.start);
}

/**
 * pga_mind_damage() - discarded pages came back; do the engine's books add up?
 * @pool: the pool, locked
 */
void pga_mind_damage(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (pool->map.ops->damage)
		mind_damage(pool);
}

/**
 * pga_pool_say_corrupt() - warn, once, that the books of a pool do not add up
 * @pool: the pool, corrupt and not locked
 */
void pga_pool_say_corrupt(const struct pagealloc_pool *pool)
{
	const struct pga_extent *spans = pool->damage_spans;

	if (spans[0].nr)
		pr_err_once("%s: discarded spans %lu+%lu and %lu+%lu\n", pool->name,
			    pga_pfn_of(pool, spans[0].start), spans[0].nr,
			    pga_pfn_of(pool, spans[1].start), spans[1].nr);
	WARN_ONCE(1, "%s: %s at pfn %lu; the pool refuses further work\n",
		  pool->name, pool->damage, pga_pfn_of(pool, pool->damage_page));
}

/**
 * pga_pool_set_caches() - say which caches are to be used
 * @pool: the pool, locked unless nobody knows of it
 * @caches: the caches, NULL for none
 */
void pga_pool_set_caches(struct pagealloc_pool *pool,
			 struct pga_cpu_cache __percpu *caches)
{
	WRITE_ONCE(pool->caches, caches);
	WRITE_ONCE(pool->free_caches, pool->nr_isolated ? NULL : caches);
}
