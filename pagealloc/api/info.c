// SPDX-License-Identifier: GPL-2.0
/* The exported calls that say what a pool is like. */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/mmzone.h>

#include "api/api.h"
#include "pool/calls.h"

static void read_info(struct pagealloc_pool *pool, struct pagealloc_info *info)
{
	unsigned long flags;

	*info = (struct pagealloc_info) {
		.name = pool->name,
		.backing = pool->ops->name,
		.granule = pool->granule,
		.has_memory = !pool->ops->no_memory,
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
