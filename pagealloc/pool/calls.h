/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_CALLS_H
#define PAGEALLOC_POOL_CALLS_H

#include "pool/state.h"

/**
 * pga_call_begin() - begin a call on a pool
 * @pool: the pool
 *
 * Context: any but NMI.
 * Return: false if the pool ends; otherwise pga_call_end() follows.
 */
static inline bool pga_call_begin(struct pagealloc_pool *pool)
{
	return likely(percpu_ref_tryget_live(&pool->calls));
}

/**
 * pga_free_begin() - begin a call that frees pages, or one inside another call
 * @pool: the pool
 *
 * As long as other calls are under way, it begins although the pool ends.
 *
 * Context: any but NMI.
 * Return: as pga_call_begin().
 */
static inline bool pga_free_begin(struct pagealloc_pool *pool)
{
	return likely(percpu_ref_tryget(&pool->calls));
}

/**
 * pga_call_end() - end a call
 * @pool: the pool, which may be gone after that
 *
 * Context: any but NMI.
 */
static inline void pga_call_end(struct pagealloc_pool *pool)
{
	percpu_ref_put(&pool->calls);
}

int pga_calls_init(struct pagealloc_pool *pool);
void pga_calls_exit(struct pagealloc_pool *pool);
void pga_calls_stop(struct pagealloc_pool *pool);
void pga_calls_resume(struct pagealloc_pool *pool);

#endif
