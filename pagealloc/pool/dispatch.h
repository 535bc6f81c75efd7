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
int pga_free(struct pagealloc_pool *pool, unsigned long pfn, unsigned long nr);
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

/* The parts of the functions below that are not inlined. */
bool pga_cached_search(struct pga_cpu_cache *c, unsigned long flags,
		       unsigned long nr, unsigned long *pfn)
	__releases(&c->lock);
bool pga_cached_push(struct pga_cpu_cache *c, unsigned long flags,
		     unsigned long pfn, unsigned long nr)
	__releases(&c->lock);
bool pga_cached_alloc_run(struct pga_cpu_cache __percpu *caches,
			  unsigned long nr, unsigned long *pfn);
bool pga_cached_free_run(struct pga_cpu_cache __percpu *caches,
			 unsigned long pfn, unsigned long nr);

/**
 * pga_alloc_cached() - allocate from the cache of this CPU
 * @pool: the pool
 * @nr: pages
 * @pfn: set to the first page
 *
 * Context: any but NMI.
 * Return: false if the cache has no such run, and for runs that are not cached.
 */
static __always_inline bool pga_alloc_cached(struct pagealloc_pool *pool,
					     unsigned long nr, unsigned long *pfn)
{
	struct pga_cpu_cache __percpu *caches = READ_ONCE(pool->caches);
	struct pga_cpu_cache *c;
	unsigned long flags;

	if (likely(caches && nr == 1)) {
		c = pga_cpu_cache_lock(caches, &flags);
		if (unlikely(!pga_cpu_cache_take(c, pfn)))
			return pga_cached_search(c, flags, 1, pfn);
		pga_cpu_cache_unlock(c, flags);
		return true;
	}
	return caches && nr - 1 < PGA_CPU_RUN_MAX &&
	       pga_cached_alloc_run(caches, nr, pfn);
}

/**
 * pga_free_cached() - free to the cache of this CPU
 * @pool: the pool
 * @pfn: first page
 * @nr: pages
 *
 * Context: any but NMI.
 * Return: false if the cache does not take the pages: pga_free() has to judge.
 */
static __always_inline bool pga_free_cached(struct pagealloc_pool *pool,
					    unsigned long pfn, unsigned long nr)
{
	struct pga_cpu_cache __percpu *caches = READ_ONCE(pool->free_caches);
	struct pga_cpu_cache *c;
	unsigned long flags;

	if (unlikely(!caches))
		caches = pga_cpu_cache_beside(pool, pfn);
	if (likely(caches && nr == 1)) {
		c = pga_cpu_cache_lock(caches, &flags);
		if (unlikely(!pga_cpu_cache_give(c, pfn, 1)))
			return pga_cached_push(c, flags, pfn, 1);
		pga_cpu_cache_unlock(c, flags);
		return true;
	}
	return caches && nr - 2 < PGA_CPU_RUN_MAX - 1 &&
	       pfn % PGA_CACHE_PAGES + nr <= PGA_CACHE_PAGES &&
	       pga_cached_free_run(caches, pfn, nr);
}

#endif
