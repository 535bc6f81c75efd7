// SPDX-License-Identifier: GPL-2.0
/*
 * The floor: free pages are populated that no request has asked for, so that requests
 * that may not sleep find some.  The worker does so after the pool has fallen below the
 * floor, and a request that may sleep does so before it takes pages from the floor.
 */

#include "pool/claim.h"
#include "pool/grow.h"
#include "pool/ready.h"
#include "pool/region.h"

/*
 * Claim the lowest discarded granule from *@from on.  Each call examines a slice at
 * most, since the lock must not be held for long; *@from moves up.
 */
static bool claim_discarded(struct pagealloc_pool *pool, struct pga_claim *claim,
			    unsigned long *from)
{
	const unsigned long granule = pool->granule;
	struct pga_region *region;
	struct pga_extent e;
	unsigned long end, start;

	lockdep_assert_held(&pool->lock);
	if (!pool->map.discarded) {
		*from = PGA_NONE;
		return false;
	}
	for (region = pga_region_from(pool, *from); region;
	     region = pga_region_next(region)) {
		*from = max(*from, region->start);
		end = min(region->grown, *from + (1UL << PGA_SLICE_SHIFT));
		if (*from >= end)
			continue;
		if (!pga_map_next_discarded(&pool->map, *from, end, &e)) {
			*from = end;
			return false;
		}
		start = ALIGN_DOWN(e.start, granule);
		pga_claim_open(pool, claim, start,
			       (struct pga_extent) { start, granule });
		pga_claim_granules(pool, claim, granule);
		return true;
	}
	*from = PGA_NONE;
	return false;
}

/* Populate the next discarded granule from *@from on; *@from moves up. */
static int populate_next(struct pagealloc_pool *pool, unsigned long *from,
			 unsigned long *populated)
{
	struct pga_claim claim;
	unsigned long flags;
	bool found, refused;
	int ret;

	flags = pga_pool_lock(pool);
	refused = pool->corrupt || pool->broken;
	found = !refused && claim_discarded(pool, &claim, from);
	pga_pool_unlock(pool, flags);
	if (!found)
		return refused ? -EIO : 0;

	*from = pga_extent_end(claim.iso.pages);
	ret = pga_claim_populate(pool, &claim);
	pga_claim_settle(pool, &claim);
	*populated += claim.populated;
	return ret;
}

/**
 * pga_make_ready() - populate a discarded granule, or grow if there is none
 * @pool: the pool
 * @from: search from this page on; moves up, and starts at 0 again after a growth
 * @populated: raised by the pages that were populated
 *
 * Each call does a part of the work; the caller looks whether more is to be done.
 *
 * Context: may sleep.
 * Return: 0; -EIO if the pool is corrupt or its backing broken; why a populate failed,
 * unless the pool keeps that granule out of the way now; or why it cannot grow.
 */
int pga_make_ready(struct pagealloc_pool *pool, unsigned long *from,
		   unsigned long *populated)
{
	struct pga_growth growth = {
		.nr = pool->granule,
		.to_grow = pool->granule,
	};
	int ret;

	ret = populate_next(pool, from, populated);
	if (ret == -EBUSY || ret == -EHWPOISON)
		return 0;
	if (ret || *from != PGA_NONE)
		return ret;
	*from = 0;
	/* Pairs with WRITE_ONCE() in pga_map_grow(). */
	growth.pages = READ_ONCE(pool->map.pages);
	ret = pga_grow(pool, &growth);
	return ret == -EAGAIN ? 0 : ret;
}
