// SPDX-License-Identifier: GPL-2.0
/* Regions: the ranges of pages that a pool grows into. */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>
#include <linux/slab.h>

#include "pool/region.h"

/* Insert by address; false if it overlaps a region that is there. */
static bool insert_region(struct pagealloc_pool *pool, struct pga_region *new)
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
 * pga_pool_place_region() - enter a range of pages among a pool's regions
 * @pool: the pool
 * @pfn: first page
 * @nr: pages
 * @region: set to the new region, into which the pool does not grow as yet
 *
 * The first region decides which 2^34 of all pfns the pool can have.
 *
 * Return: 0; -ERANGE if it is too far from the pool's other regions, -EEXIST if
 * it overlaps one, -ENOMEM.
 */
int pga_pool_place_region(struct pagealloc_pool *pool, unsigned long pfn,
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
	else if (!insert_region(pool, new))
		ret = -EEXIST;
	pga_pool_unlock(pool, flags);

	if (ret)
		kfree(new);
	else
		*region = new;
	return ret;
}

/**
 * pga_pool_reserve_region() - have the backing reserve what was placed
 * @pool: the pool
 * @region: from pga_pool_place_region(); gone if this fails
 *
 * Return: what the backing's reserve() says.
 */
int pga_pool_reserve_region(struct pagealloc_pool *pool, struct pga_region *region)
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
 * pga_pool_covers() - is a range all of pages that the pool has grown by?
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1
 *
 * Return: false if any of it is outside, in a hole, or only reserved.
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
 * pga_pool_around() - pages that the pool has grown by, in one region
 * @pool: the pool, locked
 * @page: one of them
 *
 * Return: the pages of the region with @page, none if it is not the pool's.
 */
struct pga_extent pga_pool_around(const struct pagealloc_pool *pool,
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
 * Give up what of a region is discarded or was never grown; the rest, which a
 * client still holds or the backing would not take, is left as it is.
 */
static void release_region(struct pagealloc_pool *pool, struct pga_region *region)
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

/* Whether pages of @region are neither discarded nor outside whole granules. */
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
 * reported and kept out of everybody's hands.
 */
void pga_region_release_all(struct pagealloc_pool *pool)
{
	struct pga_region *region, *next;

	list_for_each_entry_safe(region, next, &pool->regions, node) {
		if (!kept_pages(pool, region)) {
			pool->ops->release(pool->ctx, pga_pfn_of(pool, region->start),
					   region->end - region->start);
		} else {
			pr_err("%s: frames of region %lu+%lu stay out of use\n",
			       pool->name, pga_pfn_of(pool, region->start),
			       region->end - region->start);
			release_region(pool, region);
		}
		list_del(&region->node);
		kfree(region);
	}
}
