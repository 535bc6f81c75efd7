/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_DEFERRED_H
#define PAGEALLOC_POOL_DEFERRED_H

#include "pool/request.h"

int pga_deferred_start(void);
void pga_deferred_stop(void);
void pga_deferred_init(struct pagealloc_pool *pool);
void pga_deferred_begin_drain(struct pagealloc_pool *pool);
bool pga_deferred_add(struct pagealloc_pool *pool,
		      struct pagealloc_deferred *deferred);
bool pga_deferred_serve(struct pagealloc_pool *pool, struct pga_request *rq);
bool pga_deferred_drain_batch(struct pagealloc_pool *pool);
bool pga_deferred_drain(struct pagealloc_pool *pool);

/* Is anything queued?  A hint: the answer may be late. */
static inline bool pga_deferred_any(const struct pagealloc_pool *pool)
{
	return atomic_long_read(&pool->nr_deferred);
}

#endif
