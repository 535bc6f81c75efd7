/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_DISPATCH_H
#define PAGEALLOC_POOL_DISPATCH_H

#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "pool/cpu_cache.h"

/* May a request populate pages?  It must be allowed to sleep, and to start I/O. */
static inline bool pga_may_populate(gfp_t gfp)
{
	const gfp_t io_fs = __GFP_IO | __GFP_FS;

	return gfpflags_allow_blocking(gfp) &&
	       (current_gfp_context(gfp) & io_fs) == io_fs &&
	       !(current->flags & PF_MEMALLOC);
}

int pga_alloc(struct pagealloc_pool *pool, struct pga_request *rq, gfp_t gfp,
	      unsigned long *pfn);
int pga_free_deferred(struct pagealloc_pool *pool,
		      struct pagealloc_deferred *deferred, unsigned long pfn,
		      unsigned long nr);
int pga_trim(struct pagealloc_pool *pool, unsigned long pfn,
	     unsigned long old_nr, unsigned long new_nr);
int pga_alloc_singles(struct pagealloc_pool *pool, unsigned long nr, gfp_t gfp,
		      unsigned long *pfns);
int pga_free_singles(struct pagealloc_pool *pool, const unsigned long *pfns,
		     unsigned long nr);
void pga_drain(struct pagealloc_pool *pool);
int pga_scavenge_now(struct pagealloc_pool *pool, unsigned long nr,
		     unsigned long *released);

/* Through the cache of this CPU.  If that does not serve, through the maps. */
int pga_alloc_cached(struct pagealloc_pool *pool, unsigned long nr, gfp_t gfp,
		     unsigned long *pfn);
int pga_free_cached(struct pagealloc_pool *pool, unsigned long pfn,
		    unsigned long nr);

int pga_alloc_run(struct pagealloc_pool *pool, unsigned long nr, gfp_t gfp,
		  unsigned long *pfn);
int pga_free_run(struct pagealloc_pool *pool, unsigned long pfn,
		 unsigned long nr);

/* The parts of the functions below that are not inlined. */
int pga_alloc_page_slow(struct pga_cpu_cache *c, unsigned long flags,
			unsigned long *pfn)
	__releases(&c->lock);
int pga_free_beside(struct pagealloc_pool *pool, unsigned long pfn,
		    unsigned long nr);
int pga_free_push(struct pga_cpu_cache *c, unsigned long flags,
		  unsigned long pfn, unsigned long nr)
	__releases(&c->lock);

/**
 * pga_alloc_page() - allocate a page with GFP_KERNEL
 * @pool: the pool
 * @pfn: set to the page
 *
 * Context: may sleep.
 * Return: as pga_alloc_cached().
 */
static __always_inline int pga_alloc_page(struct pagealloc_pool *pool,
					  unsigned long *pfn)
{
	struct pga_cpu_cache *c;
	unsigned long flags;

	if (unlikely(!pga_cpu_cache_get(&pool->caches, &c, &flags)))
		return pga_alloc_cached(pool, 1, GFP_KERNEL, pfn);
	raw_spin_lock(&c->lock);
	if (unlikely(!pga_cpu_cache_take(c, pfn)))
		return pga_alloc_page_slow(c, flags, pfn);
	pga_cpu_cache_unlock(c, flags);
	return 0;
}

/**
 * pga_free_in_block() - free pages of one block
 * @pool: the pool
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX
 *
 * Context: any but NMI.
 * Return: as pga_free_cached().
 */
static __always_inline int
pga_free_in_block(struct pagealloc_pool *pool, unsigned long pfn, unsigned long nr)
{
	struct pga_cpu_cache *c;
	unsigned long flags;

	if (unlikely(!pga_cpu_cache_get(&pool->free_caches, &c, &flags)))
		return pga_free_beside(pool, pfn, nr);
	raw_spin_lock(&c->lock);
	if (unlikely(!pga_cpu_cache_give(c, pfn, nr)))
		return pga_free_push(c, flags, pfn, nr);
	pga_cpu_cache_unlock(c, flags);
	return 0;
}

#endif
