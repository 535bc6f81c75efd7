/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_RESERVE_H
#define PAGEALLOC_POOL_RESERVE_H

#include "pool/state.h"

int pga_reserve_fill(struct pagealloc_pool *pool);
bool pga_reserve_is_half(const struct pagealloc_pool *pool);

/* Should the reserve be filled?  Any context. */
static inline bool pga_reserve_is_low(const struct pagealloc_pool *pool)
{
	return pool->map.ops->node_size && pga_reserve_is_half(pool);
}

#endif
