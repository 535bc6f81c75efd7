// SPDX-License-Identifier: GPL-2.0
/*
 * Pressure: give memory back when the kernel is short of it.
 *
 * A pool whose discarded memory belongs to the kernel has a shrinker, whether it has a
 * worker or not.  An object is a page.  The kernel asks for a granule at a time, since
 * less than that cannot go, and the pool has nothing for a node that is not its own.
 *
 * The floor stays.  Pages in the caches of CPUs do not count.  The caches are drained
 * when the others do not suffice, which is once in a pass over all shrinkers.
 */

#include <linux/err.h>
#include <linux/nodemask.h>
#include <linux/shrinker.h>

#include "base/compat.h"
#include "base/fault.h"
#include "engine/goal.h"
#include "pool/cpu_cache.h"
#include "pool/pressure.h"
#include "pool/registry.h"
#include "pool/scavenge.h"
#include "pool/scavenger.h"

/* The pages that the kernel can have: the ready ones above the floor. */
static unsigned long spare_pages(struct pagealloc_pool *pool)
{
	const struct pga_map *map = &pool->map;
	const unsigned long unit = max(pool->granule, min(pool->huge, PGA_CHUNK_PAGES));
	unsigned long flags, nr;

	flags = pga_pool_lock(pool);
	nr = pga_overage(pga_retained_for_goal(pool), 0, map->free - map->discarded,
			 pool->tuning.min_ready, unit);
	pga_pool_unlock(pool, flags);
	return nr;
}

static unsigned long count(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct pagealloc_pool *pool = pga_shrinker_data(shrinker);
	/* Pairs with WRITE_ONCE() in update_node(). */
	const int nid = READ_ONCE(pool->nid);

	if (nid != NUMA_NO_NODE && nid != sc->nid)
		return 0;
	return spare_pages(pool);
}

static unsigned long scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct pagealloc_pool *pool = pga_shrinker_data(shrinker);
	unsigned long released, spare = spare_pages(pool);

	if (spare < sc->nr_to_scan) {
		pga_cpu_cache_drain(pool);
		spare = spare_pages(pool);
	}
	released = pga_scavenge_for(pool, PAGEALLOC_SCAVENGED_PRESSURE, false,
				    min(spare, sc->nr_to_scan));
	pga_registry_scavenged(pool, PAGEALLOC_SCAVENGED_PRESSURE, released,
			       pool->scavenger ?
			       pga_scavenger_permille(pool->scavenger) : 0);
	sc->nr_scanned = max(released, sc->nr_to_scan);
	return released ?: SHRINK_STOP;
}

/**
 * pga_pressure_start() - have the kernel ask a pool for memory
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int pga_pressure_start(struct pagealloc_pool *pool)
{
	struct shrinker *shrinker;

	if (!pool->ops->lends)
		return 0;
	shrinker = pga_shrinker_register(pool->name, count, scan, pool->granule, pool);
	if (IS_ERR(shrinker))
		return PTR_ERR(shrinker);
	pool->shrinker = shrinker;
	return 0;
}

/**
 * pga_pressure_stop() - have it ask no more
 * @pool: the pool; this waits for a call that is under way
 *
 * Context: may sleep.
 */
void pga_pressure_stop(struct pagealloc_pool *pool)
{
	if (pool->shrinker)
		pga_shrinker_unregister(pool->shrinker);
	pool->shrinker = NULL;
}
