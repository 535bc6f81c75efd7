// SPDX-License-Identifier: GPL-2.0
/*
 * Regions: the ranges of pages that a pool may grow into.
 *
 * A region costs nothing but an entry in a list until the pool grows into it.  The
 * list is sorted by address; regions do not overlap, and there may be holes
 * between them.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>
#include <linux/slab.h>

#include "base/fault.h"
#include "pool/region.h"

/* Insert by address; false if it overlaps a region that is there. */
static bool insert(struct pagealloc_pool *pool, struct pga_region *new)
{
	struct pga_region *region;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(region, &pool->regions, node) {
		if (new->end <= region->start)
			break;
		if (new->start < region->end)
			return false;
	}
	list_add_tail(&new->node, &region->node);
	return true;
}

/**
 * pga_region_insert() - add a region to a pool's list
 * @pool: the pool
 * @pfn: first page
 * @nr: pages
 * @region: set to the region; the pool does not grow into it yet
 *
 * The first region decides which 2^34 of all pfns the pool can have.
 *
 * Context: may sleep.
 * Return: 0; -ERANGE if it is too far from the pool's other regions, -EEXIST if
 * it overlaps one, -ENOMEM.
 */
int pga_region_insert(struct pagealloc_pool *pool, unsigned long pfn,
		      unsigned long nr, struct pga_region **region)
{
	struct pga_region *new;
	unsigned long flags;
	int ret = 0;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;

	flags = pga_pool_lock(pool);
	if (list_empty(&pool->regions))
		WRITE_ONCE(pool->base, ALIGN_DOWN(pfn, PGA_INDEX_PAGES));
	new->start = pfn - pool->base;
	new->end = new->start + nr;
	new->grown = new->start;
	if (pfn < pool->base || new->end > PGA_INDEX_PAGES)
		ret = -ERANGE;
	else if (!insert(pool, new))
		ret = -EEXIST;
	pga_pool_unlock(pool, flags);

	if (ret)
		kfree(new);
	else
		*region = new;
	return ret;
}

/**
 * pga_region_reserve() - have the backing reserve a region
 * @pool: the pool
 * @region: from pga_region_insert(); it is gone if this fails
 *
 * Context: may sleep.
 * Return: the result of the backing's reserve().
 */
int pga_region_reserve(struct pagealloc_pool *pool, struct pga_region *region)
{
	unsigned long flags;
	int ret;

	ret = pool->ops->reserve(pool->ctx, pga_pfn_of(pool, region->start),
				 region->end - region->start);

	flags = pga_pool_lock(pool);
	region->reserved = !ret;
	if (ret)
		list_del(&region->node);
	pga_pool_unlock(pool, flags);

	if (ret)
		kfree(region);
	return ret;
}

/**
 * pga_pool_covers() - has the pool grown by all pages of a range?
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1
 *
 * Return: false if a page is outside of all regions, in a hole, or only reserved.
 */
bool pga_pool_covers(const struct pagealloc_pool *pool, unsigned long page,
		     unsigned long nr)
{
	const unsigned long end = page + nr;
	const struct pga_region *region;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(region, &pool->regions, node) {
		if (page >= region->grown)
			continue;
		if (page < region->start)
			return false;
		if (end <= region->grown)
			return true;
		page = region->grown;
	}
	return false;
}

/**
 * pga_region_around() - find the grown pages of a region
 * @pool: the pool, locked
 * @page: one of them
 *
 * Return: the grown pages of the region with @page, none if the pool has not grown
 * by @page.
 */
struct pga_extent pga_region_around(const struct pagealloc_pool *pool,
				    unsigned long page)
{
	const struct pga_region *region;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(region, &pool->regions, node)
		if (page >= region->start && page < region->grown)
			return (struct pga_extent) {
				.start = region->start,
				.nr = region->grown - region->start,
			};
	return (struct pga_extent) { .start = page };
}

/*
 * Release the discarded and the reserved pages of a region.  Pages that a client
 * holds, or that the backing did not take back, stay as they are.
 */
static void release_part(struct pagealloc_pool *pool, struct pga_region *region)
{
	const unsigned long grown = region->grown;
	struct pga_extent e;
	unsigned long page;

	for (page = region->start; page < grown; page = pga_extent_end(e)) {
		if (!pga_map_next_discarded(&pool->map, page, grown, &e))
			break;
		pool->ops->release(pool->ctx, pga_pfn_of(pool, e.start), e.nr);
	}
	if (region->end > grown)
		pool->ops->release(pool->ctx, pga_pfn_of(pool, grown),
				   region->end - grown);
}

/* Count the pages in whole granules of a region that are not discarded. */
static unsigned long kept_pages(struct pagealloc_pool *pool,
				struct pga_region *region)
{
	unsigned long first = ALIGN(region->start, pool->granule);
	unsigned long last = ALIGN_DOWN(region->grown, pool->granule);
	unsigned long kept = 0;
	struct pga_extent e;

	if (!pga_map_test(&pool->map, region->start,
			  region->grown - region->start, false))
		return region->grown - region->start;
	while (first < last) {
		if (!pga_map_next_discarded(&pool->map, first, last, &e))
			e = (struct pga_extent) { last, 0 };
		kept += e.start - first;
		first = pga_extent_end(e);
	}
	return kept;
}

/**
 * pga_region_release_all() - release the regions of a pool that ends
 * @pool: the pool; no call into it is under way
 *
 * Pages that are still in use, or that the backing does not take back, are
 * reported and not released.
 *
 * Context: may sleep.
 */
void pga_region_release_all(struct pagealloc_pool *pool)
{
	struct pga_region *region, *next;

	list_for_each_entry_safe(region, next, &pool->regions, node) {
		if (!kept_pages(pool, region)) {
			pool->ops->release(pool->ctx,
					   pga_pfn_of(pool, region->start),
					   region->end - region->start);
		} else {
			pr_err("%s: frames of region %lu+%lu stay out of use\n",
			       pool->name, pga_pfn_of(pool, region->start),
			       region->end - region->start);
			release_part(pool, region);
		}
		list_del(&region->node);
		kfree(region);
	}
}
