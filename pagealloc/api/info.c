// SPDX-License-Identifier: GPL-2.0
/* The exported calls that say what a pool is like. */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "api/api.h"
#include "pool/calls.h"
#include "pool/region.h"

static void read_info(struct pagealloc_pool *pool, struct pagealloc_info *info)
{
	unsigned long flags;

	*info = (struct pagealloc_info) {
		.name = pool->name,
		.backing = pool->ops->name,
		.granule = pool->granule,
		.has_memory = !pool->ops->no_memory,
		.can_zero = pga_can_zero(pool),
		.has_pages = pool->has_pages,
	};
	flags = pga_pool_lock(pool);
	info->nr_pages = pool->sys;
	info->node = pool->nid;
	info->zone = pool->zone;
	pga_pool_unlock(pool, flags);
	info->may_pin = pool->may_pin && info->zone != PAGEALLOC_NO_ZONE &&
			info->zone != ZONE_MOVABLE;
}

/**
 * pagealloc_pool_info() - say what the memory of a pool is like
 * @pool: the pool
 * @info: filled in
 *
 * Context: any but NMI.
 * Return: 0; -EINVAL without a pool or @info; -ENODEV if the pool ends.  On error @info
 * is not changed.
 */
int pagealloc_pool_info(struct pagealloc_pool *pool, struct pagealloc_info *info)
{
	if (IS_ERR_OR_NULL(pool) || !info)
		return -EINVAL;
	if (!pga_call_begin(pool))
		return -ENODEV;
	read_info(pool, info);
	pga_call_end(pool);
	return 0;
}
EXPORT_SYMBOL_GPL(pagealloc_pool_info);

/**
 * pagealloc_find_region() - find the region that has a page
 * @pool: the pool
 * @pfn: the page
 * @region: filled in
 *
 * Context: any but NMI.
 * Return: 0; -EINVAL without a pool or @region; -ERANGE if no region has the page;
 * -ENODEV if the pool ends.  On error @region is not changed.
 */
int pagealloc_find_region(struct pagealloc_pool *pool, unsigned long pfn,
			  struct pagealloc_region *region)
{
	const struct pga_region *found;
	unsigned long flags, page;
	int ret = -ERANGE;

	if (IS_ERR_OR_NULL(pool) || !region)
		return -EINVAL;
	if (!pga_call_begin(pool))
		return -ENODEV;
	flags = pga_pool_lock(pool);
	page = pga_page_of(pool, pfn);
	found = pga_region_from(pool, page);
	if (found && found->start <= page) {
		*region = (struct pagealloc_region) {
			.pfn = pga_pfn_of(pool, found->start),
			.nr_pages = found->end - found->start,
			.virt = found->virt,
			.owner = found->owner,
		};
		ret = 0;
	}
	pga_pool_unlock(pool, flags);
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_find_region);

/* The address by the backing, or by the page struct. */
static void *virt_of_page(const struct pagealloc_pool *pool, unsigned long pfn)
{
	if (pool->ops->virt)
		return pool->ops->virt(pool->ctx, pfn);
	return pool->has_pages && pfn_valid(pfn) ? page_address(pfn_to_page(pfn)) : NULL;
}

/**
 * pagealloc_virt() - the kernel's address of a page
 * @pool: the pool
 * @pfn: the page
 *
 * The pages of a run that lies in one region are contiguous there too.  The client may
 * access the memory while the page is allocated.
 *
 * Context: any but NMI.
 * Return: the address; NULL if the page has none, if it is in no region, or if the
 * pool ends.
 */
void *pagealloc_virt(struct pagealloc_pool *pool, unsigned long pfn)
{
	struct pagealloc_region region;
	void *virt = NULL;

	if (pagealloc_find_region(pool, pfn, &region))
		return NULL;
	if (region.virt)
		return region.virt + (pfn - region.pfn) * PAGE_SIZE;
	if (!pga_free_begin(pool))
		return NULL;
	virt = virt_of_page(pool, pfn);
	pga_call_end(pool);
	return virt;
}
EXPORT_SYMBOL_GPL(pagealloc_virt);
