// SPDX-License-Identifier: GPL-2.0
/*
 * Dispatch: which way an allocation or a free takes.
 *
 *	allocation	the cache of this CPU		pga_alloc_page(), pga_alloc_cached()
 *			the queue of deferred frees	if the pool prefers ready pages
 *			a refill of the cache		up to 15 pages
 *			the maps			request.c
 *			the maps again, after the queue and the caches are drained,
 *			as often as an operation in flight ends meanwhile
 *			held granules, too
 *
 *	free		the cache of this CPU		pga_free_in_block()
 *			the account of runs		if the pool is tracked
 *			the maps			free.c
 *			the queue			if the caller asks for that
 *
 * Each way ends here with what goes with it: the account of runs, zeroing, counting
 * and logging a failure, and a notice to the worker.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>

#include "base/kunit_export.h"
#include "pool/bulk.h"
#include "pool/calls.h"
#include "pool/deferred.h"
#include "pool/dispatch.h"
#include "pool/free.h"
#include "pool/held.h"
#include "pool/region.h"
#include "pool/registry.h"
#include "pool/reserve.h"
#include "pool/retired.h"
#include "pool/scavenge.h"
#include "pool/scavenger.h"
#include "pool/track.h"

/* Runs with unfit pages that a request finds and that cannot be retired. */
#define MAX_UNFIT		8

/* No run was found: drain the queue and the caches, and search again. */
static noinline int alloc_after_drain(struct pagealloc_pool *pool,
				      struct pga_request *rq, bool deferred,
				      int error)
{
	int ret;

	/* Another task may have drained the queue since the search. */
	if (error == -EINTR ||
	    (!pool->cpu_caches && !deferred && !pga_deferred_any(pool) &&
	     !pga_retired_any_referred(pool)))
		return error;
	if (rq->may_populate) {
		pga_deferred_drain(pool);
		pga_retired_look_again(pool);
	} else {
		pga_deferred_drain_batch(pool);
	}
	pga_cpu_cache_stop_refills(pool, rq);
	ret = pga_pool_alloc(pool, rq);
	pga_cpu_cache_allow_refills(pool, rq);
	return ret;
}

/* As long as operations are in flight, wait for one, and search again after a drain. */
static int alloc_patiently(struct pagealloc_pool *pool, struct pga_request *rq, int ret)
{
	while (ret == -ESTALE)
		ret = pga_request_wait(pool, rq) ?:
		      alloc_after_drain(pool, rq, true, ret);
	return ret;
}

/* No run was found: search again after a drain, and then for held granules, too. */
static noinline int alloc_at_last(struct pagealloc_pool *pool,
				  struct pga_request *rq, bool deferred, int error)
{
	const int ret = alloc_patiently(pool, rq,
					alloc_after_drain(pool, rq, deferred, error));

	if ((ret != -ENOMEM && ret != -EBUSY) || !rq->may_populate || rq->no_memory)
		return ret;
	/* Pairs with WRITE_ONCE() in pga_held_move(). */
	if (rq->error != -EBUSY && !READ_ONCE(pool->nr_held))
		return ret;
	rq->last_resort = true;
	return alloc_patiently(pool, rq, pga_pool_alloc(pool, rq));
}

/* Find a run: in the queue or a cache if that is easier, or the only way. */
static __always_inline int find_run(struct pagealloc_pool *pool,
				    struct pga_request *rq)
{
	const bool deferred = pga_deferred_any(pool);
	int ret;

	if (deferred && rq->ready_first && !rq->where &&
	    pga_deferred_serve(pool, rq))
		return 0;
	if (rq->may_cache && rq->nr <= PGA_CPU_RUN_MAX &&
	    pga_cpu_cache_refill(pool, rq))
		return 0;
	ret = pga_pool_alloc(pool, rq);
	return likely(!ret) ? 0 : alloc_at_last(pool, rq, deferred, ret);
}

/* Have the unfit pages of a run retired, and its other pages free. */
static int retire_run(struct pagealloc_pool *pool, struct pga_request *rq)
{
	/* Pairs with WRITE_ONCE() in pool/retired.c. */
	const unsigned long before = READ_ONCE(pool->nr_retired);

	if (rq->may_populate)
		pga_retired_fill(pool);
	pga_pool_free(pool, rq->pfn, rq->nr);
	rq->fresh = false;
	if (READ_ONCE(pool->nr_retired) == before && ++rq->nr_unfit == MAX_UNFIT)
		return -ENOMEM;
	return 0;
}

/*
 * After pages were retired, new records are needed soon, and a look again at those that
 * somebody refers to: by the worker, or by the queue's work item.
 */
static void report_retired(struct pagealloc_pool *pool)
{
	if (likely(!pga_report_retired(pool)))
		return;
	if (pool->scavenger)
		pga_scavenger_kick(pool);
	else
		pga_deferred_begin_drain(pool);
}

/* If a run was found, find another one as long as a page of it is unfit. */
static noinline int avoid_unfit(struct pagealloc_pool *pool, struct pga_request *rq,
				int ret)
{
	while (!ret && pga_look_any(pool, pga_page_of(pool, rq->pfn), rq->nr))
		ret = retire_run(pool, rq) ?: find_run(pool, rq);
	report_retired(pool);
	return ret;
}

/* Count and log that there is no run. */
static void report_failure(struct pagealloc_pool *pool,
			   const struct pga_request *rq, gfp_t gfp, int error)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pool->stat[PAGEALLOC_ALLOC_FAIL]++;
	pool->fail_pages += rq->nr;
	pga_pool_unlock(pool, flags);
	if (error == -EDQUOT)
		pga_pool_count(pool, PAGEALLOC_ALLOC_FAIL_MAX);
	if (!rq->may_populate)
		pga_pool_count(pool, PAGEALLOC_ATOMIC_FAIL);
	if (gfpflags_allow_blocking(gfp) && !(gfp & __GFP_NOWARN))
		pr_warn_ratelimited("%s: %s: no run of %lu pages (%d)\n",
				    pool->name, current->comm, rq->nr, error);
	if (rq->error == -EBUSY)
		pga_held_name(pool, rq->since);
}

/* Zero up to a chunk of pages. */
static void zero_pages(struct pagealloc_pool *pool, unsigned long pfn, unsigned long nr)
{
	unsigned long here;
	void *virt;

	if (pool->ops->zero) {
		pool->ops->zero(pool->ctx, pfn, nr);
		return;
	}
	for (; nr; pfn += here, nr -= here) {
		virt = pga_region_virt(pool, pfn, nr, &here);
		memset(virt, 0, here * PAGE_SIZE);
	}
}

/* Zero a run. */
static void zero_run(struct pagealloc_pool *pool, unsigned long pfn,
		     unsigned long nr_pages, gfp_t gfp)
{
	unsigned long nr;

	for (; nr_pages; pfn += nr, nr_pages -= nr) {
		nr = min(nr_pages, PGA_CHUNK_PAGES);
		zero_pages(pool, pfn, nr);
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
}

/* Are pages zero that were just populated? */
static bool populates_zero(const struct pagealloc_pool *pool)
{
	return pool->ops->populates_zero && pool->ops->populates_zero(pool->ctx);
}

/* The worker has to know of an operation that took the pool's lock. */
static void after_operation(struct pagealloc_pool *pool)
{
	pga_report_corruption(pool);
	report_retired(pool);
	pga_scavenger_notify(pool);
}

static __always_inline int alloc(struct pagealloc_pool *pool, struct pga_request *rq,
				 gfp_t gfp, unsigned long *pfn)
{
	int ret;

	ret = find_run(pool, rq);
	if (unlikely(pool->looks))
		ret = avoid_unfit(pool, rq, ret);
	pga_report_corruption(pool);
	if (unlikely(ret))
		pga_scavenge_back(pool, rq->populated);
	else if (unlikely(rq->populated))
		pga_scavenger_populated(pool, rq->populated);
	if (unlikely(rq->low))
		pga_scavenger_low(pool);
	pga_scavenger_notify(pool);
	if (unlikely(ret)) {
		report_failure(pool, rq, gfp, ret);
		return ret == -EDQUOT ? -ENOMEM : ret;
	}
	pga_tracked_alloc(pool, pga_page_of(pool, rq->pfn), rq->nr, gfp);
	if (gfp & __GFP_ZERO && !(rq->fresh && populates_zero(pool)))
		zero_run(pool, rq->pfn, rq->nr, gfp);
	*pfn = rq->pfn;
	return 0;
}

/**
 * pga_alloc() - allocate a run that the cache of this CPU does not have
 * @pool: the pool
 * @rq: the request, checked by the caller
 * @gfp: flags, checked by the caller
 * @pfn: set to the first page
 *
 * Context: any but NMI; may sleep if @gfp says so.
 * Return: 0, or as pga_pool_alloc(), but -ENOMEM for -EDQUOT; a failure is counted
 * and logged.
 */
int pga_alloc(struct pagealloc_pool *pool, struct pga_request *rq, gfp_t gfp,
	      unsigned long *pfn)
{
	return alloc(pool, rq, gfp, pfn);
}

/* A request that takes a search, or that a refill may serve. */
static noinline int alloc_by_request(struct pagealloc_pool *pool, unsigned long nr,
				     gfp_t gfp, unsigned long *pfn)
{
	struct pga_request rq = {
		.nr = nr,
		.may_cache = true,
		.ready_first = pool->flags & PAGEALLOC_READY_FIRST,
		.may_populate = pga_may_populate(gfp),
	};

	return alloc(pool, &rq, gfp, pfn);
}

/* May the request be served from the maps at once, without a look at queue and caches? */
static __always_inline bool may_take_at_once(struct pagealloc_pool *pool,
					     unsigned long nr)
{
	/* Pairs with WRITE_ONCE() in pga_pool_set_caches(). */
	return (nr > PGA_CPU_RUN_MAX || !READ_ONCE(pool->caches)) &&
	       nr <= PGA_PORTION_PAGES && !pool->looks && !pga_deferred_any(pool);
}

/**
 * pga_alloc_run() - allocate a run that the cache of this CPU does not have
 * @pool: the pool; the call has begun
 * @nr: pages, checked by the caller
 * @gfp: flags, checked by the caller
 * @pfn: set to the first page
 *
 * Context: any but NMI; may sleep if @gfp says so.
 * Return: as pga_alloc().
 */
int pga_alloc_run(struct pagealloc_pool *pool, unsigned long nr, gfp_t gfp,
		  unsigned long *pfn)
{
	if (!may_take_at_once(pool, nr) ||
	    !pga_take_at_once(pool, nr, pool->flags & PAGEALLOC_READY_FIRST, pfn))
		return alloc_by_request(pool, nr, gfp, pfn);
	pga_scavenger_notify(pool);
	pga_tracked_alloc(pool, pga_page_of(pool, *pfn), nr, gfp);
	if (unlikely(gfp & __GFP_ZERO))
		zero_run(pool, *pfn, nr, gfp);
	return 0;
}

/* As pga_alloc_run(), if the call has begun; ends it. */
static int alloc_begun(struct pagealloc_pool *pool, bool begun, unsigned long nr,
		       gfp_t gfp, unsigned long *pfn)
{
	int ret;

	if (!begun)
		return -ENODEV;
	ret = pga_alloc_run(pool, nr, gfp, pfn);
	pga_call_end(pool);
	return ret;
}

/*
 * Search the cache, which is locked, and go on without it if need be.  The call begins
 * before the unlock: until then a pool that ends waits.
 */
static __always_inline int alloc_short(struct pga_cpu_cache *c, unsigned long flags,
				       unsigned long nr, gfp_t gfp, unsigned long *pfn)
	__releases(&c->lock)
{
	struct pagealloc_pool *pool = c->pool;
	bool begun;

	if (likely(pga_cpu_cache_search(c, nr, pfn))) {
		pga_cpu_cache_unlock(c, flags);
		return 0;
	}
	begun = pga_call_begin(pool);
	pga_cpu_cache_unlock(c, flags);
	return alloc_begun(pool, begun, nr, gfp, pfn);
}

/**
 * pga_alloc_cached() - allocate a short run from the cache of this CPU if possible
 * @pool: the pool
 * @nr: pages, up to PGA_CPU_RUN_MAX
 * @gfp: flags, checked by the caller, without __GFP_ZERO
 * @pfn: set to the first page
 *
 * Context: any but NMI; may sleep if @gfp says so.
 * Return: as pga_alloc(), or -ENODEV if the pool ends.
 */
int pga_alloc_cached(struct pagealloc_pool *pool, unsigned long nr, gfp_t gfp,
		     unsigned long *pfn)
{
	struct pga_cpu_cache *c;
	unsigned long flags;

	if (unlikely(!pga_cpu_cache_get(&pool->caches, &c, &flags)))
		return alloc_begun(pool, pga_call_begin(pool), nr, gfp, pfn);
	raw_spin_lock(&c->lock);
	return alloc_short(c, flags, nr, gfp, pfn);
}

/**
 * pga_alloc_page_slow() - allocate a page that the top block does not have
 * @c: the cache, locked; unlocked afterwards
 * @flags: from pga_cpu_cache_get()
 * @pfn: set to the page
 *
 * Return: as pga_alloc_cached().
 */
noinline int pga_alloc_page_slow(struct pga_cpu_cache *c, unsigned long flags,
				 unsigned long *pfn)
	__releases(&c->lock)
{
	return alloc_short(c, flags, 1, GFP_KERNEL, pfn);
}
PGA_EXPORT_FOR_KUNIT(pga_alloc_page_slow);

/* Free pages that the cache of this CPU does not take, in a call that has begun. */
static noinline int free_uncached(struct pagealloc_pool *pool, unsigned long pfn,
				  unsigned long nr)
{
	unsigned long end;
	int ret = -EINVAL;

	/* A single page comes here unchecked. */
	if (check_add_overflow(pfn, nr, &end)) {
		pga_pool_count(pool, PAGEALLOC_BAD_FREE);
	} else if (pga_cpu_cache_has(pool, pfn, nr)) {
		pga_pool_count(pool, PAGEALLOC_DOUBLE_FREE);
	} else {
		ret = pga_tracked_free(pool, pga_page_of(pool, pfn), nr) ?:
		      pga_pool_free(pool, pfn, nr);
		after_operation(pool);
	}
	return ret;
}

/*
 * May a page of the chunk be isolated?  If not, no lock is needed to know that.  No page
 * that a client has becomes isolated.
 */
static bool may_be_isolated(const struct pagealloc_pool *pool, unsigned long pfn)
{
	const unsigned long chunk = pga_chunk_of(pga_page_of(pool, pfn));

	/* Pairs with WRITE_ONCE() in count_isolated(). */
	return READ_ONCE(pool->isolated_in[chunk % PGA_ISOLATED_IN]);
}

/* Is a page of a run isolated? */
static bool is_isolated(struct pagealloc_pool *pool, unsigned long pfn,
			unsigned long nr)
{
	unsigned long flags;
	bool ret;

	flags = pga_pool_lock(pool);
	ret = pga_is_isolated(pool, pga_page_of(pool, pfn), nr);
	pga_pool_unlock(pool, flags);
	return ret;
}

/**
 * pga_free_run() - free pages that the cache of this CPU may not take unseen
 * @pool: the pool; the call has begun
 * @pfn: first page
 * @nr: pages, at least 1
 *
 * While pages are isolated, frees use the caches only for pages that are surely not
 * among these: no client has an isolated page.
 *
 * Context: any but NMI; may sleep if @nr is more than a portion.
 * Return: as pga_pool_free(), or why a tracked pool refuses the run.
 */
int pga_free_run(struct pagealloc_pool *pool, unsigned long pfn, unsigned long nr)
{
	struct pga_cpu_cache *c;
	unsigned long flags;

	/* Pairs with WRITE_ONCE() in count_isolated(). */
	if (likely(!READ_ONCE(pool->nr_isolated)) || nr > PGA_CPU_RUN_MAX ||
	    pfn % PGA_CACHE_PAGES + nr > PGA_CACHE_PAGES || !pool->cpu_caches ||
	    is_isolated(pool, pfn, nr) ||
	    !pga_cpu_cache_get(&pool->caches, &c, &flags))
		return free_uncached(pool, pfn, nr);
	raw_spin_lock(&c->lock);
	return pga_free_push(c, flags, pfn, nr);
}

/**
 * pga_free_beside() - free pages of one block while pages are isolated
 * @pool: the pool, which may also have no caches, or not use them
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX
 *
 * Context: any but NMI.
 * Return: as pga_free_run(), or -ENODEV if the pool ends.
 */
noinline int pga_free_beside(struct pagealloc_pool *pool, unsigned long pfn,
			     unsigned long nr)
{
	struct pga_cpu_cache *c;
	unsigned long flags;
	int ret;

	if (likely(!may_be_isolated(pool, pfn)) &&
	    pga_cpu_cache_get(&pool->caches, &c, &flags)) {
		raw_spin_lock(&c->lock);
		if (unlikely(!pga_cpu_cache_give(c, pfn, nr)))
			return pga_free_push(c, flags, pfn, nr);
		pga_cpu_cache_unlock(c, flags);
		return 0;
	}
	if (!pga_free_begin(pool))
		return -ENODEV;
	ret = pga_free_run(pool, pfn, nr);
	pga_call_end(pool);
	return ret;
}

/**
 * pga_free_push() - free to a cache where the top block does not take the pages
 * @c: the cache, locked; unlocked afterwards
 * @flags: from pga_cpu_cache_get()
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX, in one block
 *
 * The call begins before the unlock if the cache does not take the pages, or if the
 * worker may have to know.
 *
 * Return: as pga_free_run().
 */
noinline int pga_free_push(struct pga_cpu_cache *c, unsigned long flags,
			   unsigned long pfn, unsigned long nr)
	__releases(&c->lock)
{
	struct pagealloc_pool *pool = c->pool;
	const enum pga_cpu_freed freed = pga_cpu_cache_push(c, pfn, nr);
	const bool begun = freed != PGA_CPU_FREED && pga_free_begin(pool);
	int ret = 0;

	pga_cpu_cache_unlock(c, flags);
	if (likely(freed == PGA_CPU_FREED))
		return 0;
	if (!begun)
		return freed == PGA_CPU_NOT ? -ENODEV : 0;
	if (freed == PGA_CPU_NOT)
		ret = free_uncached(pool, pfn, nr);
	else
		after_operation(pool);
	pga_call_end(pool);
	return ret;
}
PGA_EXPORT_FOR_KUNIT(pga_free_push);

/**
 * pga_free_cached() - free pages of one block to the cache of this CPU if possible
 * @pool: the pool
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX
 *
 * Context: any but NMI.
 * Return: as pga_free_run(), or -ENODEV if the pool ends.
 */
int pga_free_cached(struct pagealloc_pool *pool, unsigned long pfn,
		    unsigned long nr)
{
	return pga_free_in_block(pool, pfn, nr);
}

/**
 * pga_free_deferred() - queue a free
 * @pool: the pool
 * @deferred: memory for the queue
 * @pfn: first page
 * @nr: pages, at least 1
 *
 * Context: any but NMI.
 * Return: 0, or why a tracked pool refuses the run.
 */
int pga_free_deferred(struct pagealloc_pool *pool,
		      struct pagealloc_deferred *deferred, unsigned long pfn,
		      unsigned long nr)
{
	const int ret = pga_tracked_free(pool, pga_page_of(pool, pfn), nr);

	if (ret)
		return ret;
	deferred->pfn = pfn;
	deferred->nr_pages = nr;
	if (pga_deferred_add(pool, deferred))
		pga_deferred_begin_drain(pool);
	return 0;
}

/**
 * pga_trim() - free the end of a run
 * @pool: the pool
 * @pfn: first page of the run
 * @old_nr: its pages
 * @new_nr: pages that stay in use, at least 1, at most @old_nr
 *
 * Context: any but NMI; may sleep if @old_nr is more than a portion.
 * Return: as pga_free_run().
 */
int pga_trim(struct pagealloc_pool *pool, unsigned long pfn,
	     unsigned long old_nr, unsigned long new_nr)
{
	int ret;

	if (pga_cpu_cache_has(pool, pfn, old_nr)) {
		pga_pool_count(pool, PAGEALLOC_DOUBLE_FREE);
		return -EINVAL;
	}
	ret = pga_tracked_trim(pool, pga_page_of(pool, pfn), old_nr, new_nr) ?:
	      pga_pool_trim(pool, pfn, old_nr, new_nr);
	after_operation(pool);
	return ret;
}

/* Free the unfit ones of single pages, which retires them; returns how many are left. */
static unsigned long drop_unfit(struct pagealloc_pool *pool, unsigned long *pfns,
				unsigned long nr)
{
	unsigned long i, fit = 0;

	for (i = 0; i < nr; i++) {
		if (unlikely(pga_look_any(pool, pga_page_of(pool, pfns[i]), 1)))
			pga_free_short(pool, pfns[i], 1);
		else
			pfns[fit++] = pfns[i];
	}
	return fit;
}

/* Enter pages in the account of runs, and zero them. */
static void finish_singles(struct pagealloc_pool *pool, const unsigned long *pfns,
			   unsigned long nr, gfp_t gfp)
{
	unsigned long i, run;

	for (i = 0; i < nr; i++)
		pga_tracked_alloc(pool, pga_page_of(pool, pfns[i]), 1, gfp);
	if (!(gfp & __GFP_ZERO))
		return;
	for (; nr; pfns += run, nr -= run) {
		for (run = 1; run < nr && pfns[run] == pfns[0] + run; run++)
			;
		zero_run(pool, pfns[0], run, gfp);
	}
}

/*
 * Allocate @nr pages, or as many as there are; @done counts them, and @populated what
 * was populated for them.
 */
static int alloc_singles(struct pagealloc_pool *pool, unsigned long nr, gfp_t gfp,
			 unsigned long *pfns, unsigned long *done,
			 unsigned long *populated)
{
	const bool may_populate = pga_may_populate(gfp);
	const bool ready_first = pool->flags & PAGEALLOC_READY_FIRST;
	const enum pga_which which = ready_first || !may_populate ? PGA_READY :
								    PGA_FREE;
	unsigned long taken;
	bool low;
	int ret;

	*populated = 0;
	for (*done = 0; *done < nr; *done += taken) {
		taken = pga_bulk_alloc(pool, which, may_populate, pfns + *done,
				       nr - *done, &low);
		if (unlikely(pool->looks))
			taken = drop_unfit(pool, pfns + *done, taken);
		if (low)
			pga_scavenger_low(pool);
		finish_singles(pool, pfns + *done, taken, gfp);
		if (!taken) {
			struct pga_request rq = {
				.nr = 1,
				.ready_first = ready_first,
				.may_populate = may_populate,
			};

			ret = pga_alloc(pool, &rq, gfp, pfns + *done);
			if (ret)
				return ret;
			*populated += rq.populated;
			taken = 1;
		}
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
	return 0;
}

/* Free pages in bulk, or one by one where a cache or the account needs each. */
static int free_singles(struct pagealloc_pool *pool, const unsigned long *pfns,
			unsigned long nr)
{
	int error = 0, ret;

	if (!pool->cpu_caches && !pga_tracked(pool))
		return pga_bulk_free(pool, pfns, nr);
	for (; nr; nr--, pfns++) {
		ret = pga_free_in_block(pool, *pfns, 1);
		error = error ?: ret;
	}
	return error;
}

/**
 * pga_alloc_singles() - allocate single pages, all or none
 * @pool: the pool
 * @nr: how many
 * @gfp: flags, checked by the caller
 * @pfns: set to the pages
 *
 * Context: any but NMI; may sleep if @gfp says so.
 * Return: 0, or as pga_alloc().
 */
int pga_alloc_singles(struct pagealloc_pool *pool, unsigned long nr, gfp_t gfp,
		      unsigned long *pfns)
{
	unsigned long done, populated;
	const int ret = alloc_singles(pool, nr, gfp, pfns, &done, &populated);

	if (ret)
		free_singles(pool, pfns, done);
	if (ret && populated) {
		pga_cpu_cache_drain(pool);
		pga_scavenge_back(pool, populated);
	}
	after_operation(pool);
	return ret;
}

/**
 * pga_free_singles() - free single pages
 * @pool: the pool
 * @pfns: the pages
 * @nr: how many
 *
 * Context: any but NMI.
 * Return: 0, or the errno of the first page that could not be freed; all others
 * are free.
 */
int pga_free_singles(struct pagealloc_pool *pool, const unsigned long *pfns,
		     unsigned long nr)
{
	const int ret = free_singles(pool, pfns, nr);

	after_operation(pool);
	return ret;
}

/**
 * pga_drain() - free what is queued and what caches hold
 * @pool: the pool
 *
 * Context: may sleep.
 */
void pga_drain(struct pagealloc_pool *pool)
{
	pga_deferred_drain(pool);
	pga_cpu_cache_drain(pool);
	pga_reserve_fill(pool);
	pga_retired_fill(pool);
	report_retired(pool);
	pga_retired_look_again(pool);
	pga_scavenger_notify(pool);
}

/**
 * pga_scavenge_now() - discard free pages because a client asks for it
 * @pool: the pool
 * @nr: pages wanted, or PAGEALLOC_ALL
 * @released: set to the pages discarded
 *
 * Context: may sleep.
 * Return: as pga_scavenge().
 */
int pga_scavenge_now(struct pagealloc_pool *pool, unsigned long nr,
		     unsigned long *released)
{
	struct pga_scavenge how = {
		.cause = PAGEALLOC_SCAVENGED_REQUEST,
		.nr = nr,
		.killable = true,
	};
	int ret;

	pga_cpu_cache_drain(pool);
	pga_reserve_fill(pool);
	pga_retired_look_again(pool);
	ret = pga_scavenge(pool, &how);
	pga_report_corruption(pool);
	report_retired(pool);
	*released = how.released;
	pga_registry_scavenged(pool, how.cause, how.released,
			       pool->scavenger ?
			       pga_scavenger_permille(pool->scavenger) : 0);
	return ret;
}
