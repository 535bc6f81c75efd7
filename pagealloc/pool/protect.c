// SPDX-License-Identifier: GPL-2.0
/* Protect: have the backing make any access to discarded pages fault. */

#include <linux/sched.h>

#include "pool/claim.h"
#include "pool/protect.h"
#include "pool/region.h"

/* Claim a portion of the range; -EBUSY if not all of it is discarded. */
static int protect_portion(struct pagealloc_pool *pool, struct pga_claim *claim)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);
	const unsigned long end = pga_portion_end(page, pga_extent_end(claim->run));
	const unsigned long nr = ALIGN(end, pool->granule) - page;
	struct pga_extent e;

	if (!pga_map_next_discarded(&pool->map, page, page + nr, &e) ||
	    e.start != page || e.nr != nr)
		return -EBUSY;
	pga_claim_granules(pool, claim, nr);
	return 0;
}

static int protect_begin(struct pagealloc_pool *pool, struct pga_claim *claim,
			 struct pga_extent run)
{
	int ret;

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return -EIO;
	if (!pga_pool_covers(pool, run.start, run.nr))
		return -ERANGE;
	pga_claim_open(pool, claim, run.start, run);
	ret = protect_portion(pool, claim);
	if (ret)
		pga_claim_close(pool, claim);
	return ret;
}

/**
 * pga_protect() - have the backing protect discarded pages
 * @pool: the pool
 * @pfn: first page, on a granule
 * @nr: pages, whole granules
 *
 * Context: may sleep.
 * Return: 0; -EIO if the pool is corrupt; -ERANGE for a page that the pool has
 * not grown by; -EBUSY for one that is not discarded; or the result of the
 * backing's protect().
 */
int pga_protect(struct pagealloc_pool *pool, unsigned long pfn, unsigned long nr)
{
	const struct pga_extent run = { pga_page_of(pool, pfn), nr };
	struct pga_claim claim;
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	ret = protect_begin(pool, &claim, run);
	pga_pool_unlock(pool, flags);
	if (ret)
		return ret;
	while (!ret && pga_extent_end(claim.iso.pages) < pga_extent_end(run)) {
		cond_resched();
		flags = pga_pool_lock(pool);
		ret = protect_portion(pool, &claim);
		pga_pool_unlock(pool, flags);
	}
	if (!ret)
		ret = pga_backing_error(pool, "protect",
					pool->ops->protect(pool->ctx, pfn, nr));
	pga_claim_settle(pool, &claim);
	return ret;
}
