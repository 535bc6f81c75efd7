// SPDX-License-Identifier: GPL-2.0
/*
 * What other modules call: arguments are checked here, and nowhere below.
 *
 * A wrong argument is an errno and a counter.  See pagealloc.h for the words.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>

#include "api/api.h"
#include "pool/cpu_cache.h"
#include "pool/check.h"
#include "pool/deferred.h"
#include "pool/free.h"
#include "pool/life.h"
#include "pool/protect.h"
#include "pool/registry.h"
#include "pool/scavenge.h"
#include "pool/scavenger.h"
#include "pool/stats.h"
#include "pool/track.h"

#define CONFIG_FLAGS	(PAGEALLOC_READY_FIRST | PAGEALLOC_NO_WORKER | \
			 PAGEALLOC_NO_CACHE | PAGEALLOC_TRACK | \
			 PAGEALLOC_TRACK_STACKS)

/**
 * pga_name_ok() - may a pool be called that?
 * @name: the name
 *
 * It is that of a directory, too.
 *
 * Return: whether it may.
 */
bool pga_name_ok(const char *name)
{
	const char *c;

	if (!name || !*name || *name == '.' ||
	    strnlen(name, PAGEALLOC_NAME_MAX) == PAGEALLOC_NAME_MAX)
		return false;
	for (c = name; *c; c++)
		if (!isalnum(*c) && *c != '-' && *c != '_' && *c != '.')
			return false;
	return true;
}

static bool ops_ok(const struct pagealloc_backing_ops *ops)
{
	return ops && ops->name && ops->granule && ops->reserve && ops->release &&
	       ops->populate && ops->discard;
}

/**
 * pagealloc_pool_create() - make a pool
 * @config: what to make it from; not needed afterwards
 *
 * The pool has no pages until it is given a region.
 *
 * Context: may sleep.
 * Return: the pool, or an ERR_PTR(): -EINVAL for a bad name, incomplete
 * operations, an unknown flag or engine, or a granule that is none, -EEXIST if there is a
 * pool of that name, -ENOMEM.
 */
struct pagealloc_pool *
pagealloc_pool_create(const struct pagealloc_config *config)
{
	struct pagealloc_pool *pool;
	int ret;

	if (!config || !pga_name_ok(config->name) || !ops_ok(config->ops) ||
	    config->flags & ~CONFIG_FLAGS || !pga_engine(config->engine))
		return ERR_PTR(-EINVAL);
	pool = pga_pool_new(config);
	if (IS_ERR(pool))
		return pool;
	pga_deferred_init(pool);
	ret = pga_reserve_fill(pool);
	if (ret)
		goto err_delete;
	/* A cache takes a page back without asking whose it is. */
	if (!(config->flags & (PAGEALLOC_NO_CACHE | PAGEALLOC_TRACK |
			       PAGEALLOC_TRACK_STACKS))) {
		ret = pga_cpu_cache_start(pool);
		if (ret)
			goto err_delete;
	}
	if (!(config->flags & PAGEALLOC_NO_WORKER)) {
		ret = pga_scavenger_start(pool);
		if (ret)
			goto err_cache;
	}
	ret = pga_registry_add(pool);
	if (ret)
		goto err_stop;
	return pool;

err_stop:
	pga_scavenger_stop(pool);
err_cache:
	pga_cpu_cache_stop(pool);
err_delete:
	pga_pool_delete(pool);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(pagealloc_pool_create);

/**
 * pga_pool_stop() - end what a pool does by itself
 * @pool: the pool; nobody uses it any more
 *
 * Context: may sleep.
 */
void pga_pool_stop(struct pagealloc_pool *pool)
{
	cancel_work_sync(&pool->drain_work);
	pga_scavenger_stop(pool);
	pga_cpu_cache_stop(pool);
}

static int destroy(struct pagealloc_pool *pool, bool anyway)
{
	int ret;

	flush_work(&pool->drain_work);
	pga_deferred_drain(pool);
	pga_cpu_cache_drain(pool);
	pga_reserve_fill(pool);
	ret = pga_registry_remove(pool, anyway);
	if (ret)
		return ret;
	pga_pool_stop(pool);
	pga_pool_delete(pool);
	return 0;
}

/**
 * pagealloc_pool_destroy() - end a pool
 * @pool: from pagealloc_pool_create()
 *
 * All memory goes back through the backing, and the regions are released.  No
 * other call on the pool may be under way or follow.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if the pool is referenced by name or if pages are in use,
 * and it lives on then.  Pages in use are reported in the log; what had been
 * allocated through debugfs is not among them, but has been freed.
 */
int pagealloc_pool_destroy(struct pagealloc_pool *pool)
{
	if (IS_ERR_OR_NULL(pool))
		return -EINVAL;
	return destroy(pool, false);
}
EXPORT_SYMBOL_GPL(pagealloc_pool_destroy);

/**
 * pga_pool_destroy_anyway() - end a pool whether or not somebody uses it
 * @pool: the pool
 *
 * For the end of the module, when nothing can refuse.
 */
void pga_pool_destroy_anyway(struct pagealloc_pool *pool)
{
	destroy(pool, true);
}

/**
 * pagealloc_pool_get() - find a pool by name
 * @name: the name
 *
 * Context: may sleep.
 * Return: the pool, which stays, and this module with it, until
 * pagealloc_pool_put(); NULL if there is none of that name.
 */
struct pagealloc_pool *pagealloc_pool_get(const char *name)
{
	return name ? pga_registry_get(name) : NULL;
}
EXPORT_SYMBOL_GPL(pagealloc_pool_get);

/**
 * pagealloc_pool_put() - drop the reference of pagealloc_pool_get()
 * @pool: the pool, or NULL
 *
 * Context: may sleep.
 */
void pagealloc_pool_put(struct pagealloc_pool *pool)
{
	if (pool)
		pga_registry_put(pool);
}
EXPORT_SYMBOL_GPL(pagealloc_pool_put);

/* Count and tell that a range was not in the state that the call takes. */
static int report_transition(struct pagealloc_pool *pool, const char *what,
			     unsigned long pfn, unsigned long nr_pages, int ret)
{
	if (ret != -EEXIST && ret != -EBUSY)
		return ret;
	pga_pool_count(pool, PAGEALLOC_BAD_TRANSITION);
	pr_warn_ratelimited("%s: cannot %s pfn %lu+%lu, not all of it is in the state for that (%d)\n",
			    pool->name, what, pfn, nr_pages, ret);
	return ret;
}

/**
 * pagealloc_add_region() - give a pool pages to grow into
 * @pool: the pool
 * @pfn: first page; need not be aligned, but pages outside whole granules stay
 *	 populated once the pool has grown by them
 * @nr_pages: pages
 *
 * A region takes next to no memory until requests make the pool grow into it.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for no pages or a range that wraps, -EEXIST if some of it
 * is in this or another pool, -ERANGE if not all of it is in the same 2^34 pages,
 * aligned to that, as the pool's other regions, -ENOMEM, or what the backing's
 * reserve() said.
 */
int pagealloc_add_region(struct pagealloc_pool *pool, unsigned long pfn,
			 unsigned long nr_pages)
{
	unsigned long end;

	if (!pool || !nr_pages || check_add_overflow(pfn, nr_pages, &end))
		return -EINVAL;
	if (nr_pages > PGA_INDEX_PAGES)
		return -ERANGE;
	return report_transition(pool, "add", pfn, nr_pages,
				 pga_registry_add_region(pool, pfn, nr_pages));
}
EXPORT_SYMBOL_GPL(pagealloc_add_region);

/* What a request may ask for besides a kind of waiting. */
#define GFP_EXTRA	(__GFP_ZERO | __GFP_NOWARN)

static bool gfp_ok(gfp_t gfp)
{
	gfp &= ~GFP_EXTRA;
	return gfp == GFP_KERNEL || gfp == (GFP_NOWAIT & ~GFP_EXTRA) ||
	       gfp == GFP_ATOMIC;
}

/**
 * pga_request_ok() - are these things that can be asked for?
 * @pool: of this pool
 * @nr_pages: pages
 * @gfp: flags
 *
 * Return: false for no pages or flags that are not supported.
 */
bool pga_request_ok(struct pagealloc_pool *pool, unsigned long nr_pages,
		    gfp_t gfp)
{
	return nr_pages && gfp_ok(gfp) && (!(gfp & __GFP_ZERO) || pool->ops->zero);
}

/**
 * pga_zero_run() - zero a run that is the caller's already
 * @pool: the pool
 * @pfn: first page
 * @nr_pages: pages
 * @gfp: whether there can be a pause now and then
 */
void pga_zero_run(struct pagealloc_pool *pool, unsigned long pfn,
		  unsigned long nr_pages, gfp_t gfp)
{
	unsigned long nr;

	for (; nr_pages; pfn += nr, nr_pages -= nr) {
		nr = min(nr_pages, PGA_CHUNK_PAGES);
		pool->ops->zero(pool->ctx, pfn, nr);
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
}

/* Does a run that was just populated need no zeroing? */
static bool is_zero(const struct pagealloc_pool *pool)
{
	return pool->ops->populates_zero && pool->ops->populates_zero(pool->ctx);
}

/* There is no run, unless what is put off or cached makes one. */
static noinline int find_after_drain(struct pagealloc_pool *pool,
				     const struct pga_need *need, bool populate,
				     struct pga_got *got, bool deferred, int error)
{
	int ret;

	/* Somebody else may have drained the queue since we looked at the maps. */
	if (error == -EINTR ||
	    (!pool->cpu_caches && !deferred && !pga_deferred_any(pool)))
		return error;
	if (populate)
		pga_deferred_drain(pool);
	else
		pga_deferred_drain_batch(pool);
	pga_cpu_cache_need(pool);
	ret = pga_pool_alloc(pool, need, populate, got);
	pga_cpu_cache_had_need(pool);
	return ret;
}

/*
 * Find a run; in the queue of frees, or in the caches, if that makes it easier,
 * or possible.
 */
static __always_inline int find_run(struct pagealloc_pool *pool,
				    const struct pga_need *need, bool populate,
				    struct pga_got *got)
{
	const bool deferred = pga_deferred_any(pool);
	int ret;

	if (deferred && need->ready_first && !need->where &&
	    pga_deferred_serve(pool, need->nr, got))
		return 0;
	if (need->may_cache && need->nr <= PGA_CPU_RUN_MAX &&
	    pga_cpu_cache_refill(pool, need->nr, got))
		return 0;
	ret = pga_pool_alloc(pool, need, populate, got);
	return likely(!ret) ? 0 :
	       find_after_drain(pool, need, populate, got, deferred, ret);
}

static void report_failure(struct pagealloc_pool *pool, unsigned long nr_pages,
			   gfp_t gfp, int error)
{
	pga_pool_count(pool, PAGEALLOC_ALLOC_FAIL);
	if (!pga_may_populate(gfp))
		pga_pool_count(pool, PAGEALLOC_ATOMIC_FAIL);
	if (gfpflags_allow_blocking(gfp) && !(gfp & __GFP_NOWARN))
		pr_warn_ratelimited("%s: %s: no run of %lu pages (%d)\n",
				    pool->name, current->comm, nr_pages, error);
}

static __always_inline int allocate(struct pagealloc_pool *pool,
				    const struct pga_need *need, gfp_t gfp,
				    unsigned long *pfn)
{
	struct pga_got got = {};
	int ret;

	ret = find_run(pool, need, pga_may_populate(gfp), &got);
	pga_pool_complain(pool);
	if (got.populated)
		pga_scavenger_populated(pool, got.populated);
	if (got.low)
		pga_scavenger_kick(pool);
	pga_scavenger_note(pool);
	if (ret) {
		report_failure(pool, need->nr, gfp, ret);
		return ret;
	}
	pga_note_alloc(pool, pga_page_of(pool, got.pfn), need->nr, gfp);
	if (gfp & __GFP_ZERO && !(got.fresh && is_zero(pool)))
		pga_zero_run(pool, got.pfn, need->nr, gfp);
	*pfn = got.pfn;
	return 0;
}

/**
 * pga_allocate() - allocate a run, with all that goes with it
 * @pool: the pool
 * @need: what is asked for, checked
 * @gfp: flags, checked
 * @pfn: set to the first page
 *
 * Context: any but NMI; may sleep if @gfp says so.
 * Return: 0, or as pga_pool_alloc(); that has been counted and told then.
 */
int pga_allocate(struct pagealloc_pool *pool, const struct pga_need *need,
		 gfp_t gfp, unsigned long *pfn)
{
	return allocate(pool, need, gfp, pfn);
}

/* Allocate where the cache of this CPU would not do. */
static noinline int alloc_slow(struct pagealloc_pool *pool,
			       unsigned long nr_pages, gfp_t gfp,
			       unsigned long *pfn)
{
	struct pga_need need = { .nr = nr_pages, .may_cache = true };

	if (!pool || !pfn)
		return -EINVAL;
	if (!pga_request_ok(pool, nr_pages, gfp)) {
		pga_pool_count(pool, PAGEALLOC_BAD_REQUEST);
		return -EINVAL;
	}
	need.ready_first = pool->flags & PAGEALLOC_READY_FIRST;
	return allocate(pool, &need, gfp, pfn);
}

/* May a request go through a cache?  One for zeroed pages does the slow way. */
static __always_inline bool may_be_cached(gfp_t gfp)
{
	return gfp_ok(gfp) && !(gfp & __GFP_ZERO);
}

/* The cache has no page at its top. */
static noinline int alloc_one_slow(struct pga_cpu_cache *c, unsigned long flags,
				   gfp_t gfp, unsigned long *pfn)
	__releases(&c->lock)
{
	const bool found = pga_cpu_cache_search(c, 1, pfn);

	pga_cpu_cache_unlock(c, flags);
	return found ? 0 : alloc_slow(c->pool, 1, gfp, pfn);
}

/* One page by GFP_KERNEL, which most requests are for. */
static __always_inline int alloc_one(struct pga_cpu_cache __percpu *caches,
				     unsigned long *pfn)
{
	unsigned long flags;
	struct pga_cpu_cache *c = pga_cpu_cache_lock(caches, &flags);

	if (unlikely(!pga_cpu_cache_take(c, pfn)))
		return alloc_one_slow(c, flags, GFP_KERNEL, pfn);
	pga_cpu_cache_unlock(c, flags);
	return 0;
}

/* Up to PGA_CPU_RUN_MAX pages. */
static noinline int alloc_some(struct pga_cpu_cache __percpu *caches,
			       unsigned long nr_pages, gfp_t gfp,
			       unsigned long *pfn)
{
	unsigned long flags;
	struct pga_cpu_cache *c = pga_cpu_cache_lock(caches, &flags);
	const bool found = pga_cpu_cache_search(c, nr_pages, pfn);

	pga_cpu_cache_unlock(c, flags);
	return likely(found) ? 0 : alloc_slow(c->pool, nr_pages, gfp, pfn);
}

static __always_inline int alloc_run(struct pagealloc_pool *pool,
				     unsigned long nr_pages, gfp_t gfp,
				     unsigned long *pfn)
{
	struct pga_cpu_cache __percpu *caches;

	if (likely(pool && pfn)) {
		caches = READ_ONCE(pool->caches);
		if (likely(caches && nr_pages == 1 && gfp == GFP_KERNEL))
			return alloc_one(caches, pfn);
		if (caches && nr_pages - 1 < PGA_CPU_RUN_MAX &&
		    may_be_cached(gfp))
			return alloc_some(caches, nr_pages, gfp, pfn);
	}
	return alloc_slow(pool, nr_pages, gfp, pfn);
}

/* The same while somebody wants to know how long things take. */
static noinline int alloc_timed(struct pagealloc_pool *pool,
				unsigned long nr_pages, gfp_t gfp,
				unsigned long *pfn)
{
	const enum pga_timed what = gfpflags_allow_blocking(gfp) ?
				    PGA_TIMED_ALLOC : PGA_TIMED_ALLOC_ATOMIC;
	u64 start;
	int ret;

	if (!pool)
		return -EINVAL;
	start = pga_timed_begin(pool);
	ret = alloc_run(pool, nr_pages, gfp, pfn);
	pga_timed_end(pool, what, start);
	return ret;
}

/**
 * pagealloc_alloc() - allocate a run of pages
 * @pool: the pool
 * @nr_pages: length of the run, in pages
 * @gfp: GFP_KERNEL, GFP_NOWAIT or GFP_ATOMIC, and with it __GFP_ZERO and
 *	 __GFP_NOWARN.  Discarded pages are populated only for GFP_KERNEL, and
 *	 not inside a NOIO or NOFS scope or for PF_MEMALLOC tasks; other requests
 *	 get ready pages.
 * @pfn: set to the first page
 *
 * The pages are the caller's until pagealloc_free().  What they contain is
 * undefined without __GFP_ZERO.
 *
 * Context: any but NMI; GFP_KERNEL may sleep.
 * Return: 0; -EINVAL for no pages, other flags, or __GFP_ZERO with a backing
 * that cannot zero; -ENOMEM if no run fits, or without memory for it now;
 * -EBUSY if the memory is held by somebody else; -EINTR on a fatal signal;
 * -EIO if the backing or the pool is broken.  @pfn is untouched then.
 */
int pagealloc_alloc(struct pagealloc_pool *pool, unsigned long nr_pages,
		    gfp_t gfp, unsigned long *pfn)
{
	might_sleep_if(gfpflags_allow_blocking(gfp));
	if (static_branch_unlikely(&pga_latency_key))
		return alloc_timed(pool, nr_pages, gfp, pfn);
	return alloc_run(pool, nr_pages, gfp, pfn);
}
EXPORT_SYMBOL_GPL(pagealloc_alloc);

/* Free what is not for the cache of this CPU. */
static noinline int free_slow(struct pagealloc_pool *pool, unsigned long pfn,
			      unsigned long nr_pages)
{
	unsigned long end;
	int ret;

	if (!pool)
		return -EINVAL;
	if (!nr_pages || check_add_overflow(pfn, nr_pages, &end)) {
		pga_pool_count(pool, PAGEALLOC_BAD_FREE);
		return -EINVAL;
	}
	if (pga_cpu_cache_has(pool, pfn, nr_pages)) {
		pga_pool_count(pool, PAGEALLOC_DOUBLE_FREE);
		return -EINVAL;
	}
	ret = pga_take_free(pool, pga_page_of(pool, pfn), nr_pages) ?:
	      pga_pool_free(pool, pfn, nr_pages);
	pga_pool_complain(pool);
	pga_scavenger_note(pool);
	return ret;
}

/* What the cache did not simply take. */
static noinline int free_rest(struct pagealloc_pool *pool, unsigned long pfn,
			      unsigned long nr_pages, enum pga_cpu_freed freed)
{
	if (freed == PGA_CPU_NOT)
		return free_slow(pool, pfn, nr_pages);
	/* It was flushed, or this was the first operation after a rest. */
	pga_pool_complain(pool);
	pga_scavenger_note(pool);
	return 0;
}

/* The cache does not take it just like that. */
static noinline int free_push(struct pga_cpu_cache *c, unsigned long flags,
			      unsigned long pfn, unsigned long nr_pages)
	__releases(&c->lock)
{
	const enum pga_cpu_freed freed = pga_cpu_cache_push(c, pfn, nr_pages);

	pga_cpu_cache_unlock(c, flags);
	if (likely(freed == PGA_CPU_FREED))
		return 0;
	return free_rest(c->pool, pfn, nr_pages, freed);
}

/* Up to PGA_CPU_RUN_MAX pages, in one block. */
static __always_inline int free_cached(struct pga_cpu_cache __percpu *caches,
				       unsigned long pfn, unsigned long nr_pages)
{
	unsigned long flags;
	struct pga_cpu_cache *c = pga_cpu_cache_lock(caches, &flags);

	if (unlikely(!pga_cpu_cache_give(c, pfn, nr_pages)))
		return free_push(c, flags, pfn, nr_pages);
	pga_cpu_cache_unlock(c, flags);
	return 0;
}

/* The same for several: a single page is to pay for none of it. */
static noinline int free_some(struct pga_cpu_cache __percpu *caches,
			      unsigned long pfn, unsigned long nr_pages)
{
	return free_cached(caches, pfn, nr_pages);
}

static __always_inline int free_run(struct pagealloc_pool *pool,
				    unsigned long pfn, unsigned long nr_pages)
{
	struct pga_cpu_cache __percpu *caches;

	if (likely(pool)) {
		caches = READ_ONCE(pool->free_caches);
		if (likely(caches && nr_pages == 1))
			return free_cached(caches, pfn, 1);
		if (caches && nr_pages - 2 < PGA_CPU_RUN_MAX - 1 &&
		    pfn % PGA_CACHE_PAGES + nr_pages <= PGA_CACHE_PAGES)
			return free_some(caches, pfn, nr_pages);
	}
	return free_slow(pool, pfn, nr_pages);
}

static noinline int free_timed(struct pagealloc_pool *pool, unsigned long pfn,
			       unsigned long nr_pages)
{
	u64 start;
	int ret;

	if (!pool)
		return -EINVAL;
	start = pga_timed_begin(pool);
	ret = free_run(pool, pfn, nr_pages);
	pga_timed_end(pool, PGA_TIMED_FREE, start);
	return ret;
}

/**
 * pagealloc_free() - free pages
 * @pool: the pool
 * @pfn: first page
 * @nr_pages: how many; any part of what was allocated, or neighbouring runs.  If
 *	      the pool was made with PAGEALLOC_TRACK: all of one run.
 *
 * Context: any but NMI; does not sleep.
 * Return: 0; -EINVAL for no pages, a range that wraps, if a page of it is free,
 * or if the pool is tracked and it is not just one run; -ERANGE if a page of it
 * is not one the pool has grown by; -EIO if the pool is corrupt.  Nothing was
 * freed then.  That a page is in the cache of another CPU is not seen at once, but
 * counted later.
 */
int pagealloc_free(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long nr_pages)
{
	if (static_branch_unlikely(&pga_latency_key))
		return free_timed(pool, pfn, nr_pages);
	return free_run(pool, pfn, nr_pages);
}
EXPORT_SYMBOL_GPL(pagealloc_free);

/**
 * pagealloc_free_deferred() - free pages later, whatever context this is
 * @pool: the pool
 * @deferred: memory for the queue, the pool's until the pages are free; may lie
 *	      in them
 * @pfn: first page
 * @nr_pages: how many
 *
 * Takes no lock of the pool and allocates nothing.  What is wrong with the
 * pages, a double free say, is counted when the queue is drained: by a worker
 * soon, by an allocation that needs them, or by pagealloc_drain().  A pool that
 * was made with PAGEALLOC_TRACK finds it at once, and queues nothing.
 *
 * Context: any but NMI.
 * Return: 0; -EINVAL for no pages or a range that wraps; if the pool is tracked,
 * also what pagealloc_free() would return.
 */
int pagealloc_free_deferred(struct pagealloc_pool *pool,
			    struct pagealloc_deferred *deferred,
			    unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end;
	int ret;

	if (!pool || !deferred || !nr_pages ||
	    check_add_overflow(pfn, nr_pages, &end))
		return -EINVAL;
	ret = pga_take_free(pool, pga_page_of(pool, pfn), nr_pages);
	if (ret)
		return ret;
	deferred->pfn = pfn;
	deferred->nr_pages = nr_pages;
	if (pga_deferred_add(pool, deferred))
		queue_work(system_unbound_wq, &pool->drain_work);
	return 0;
}
EXPORT_SYMBOL_GPL(pagealloc_free_deferred);

/**
 * pagealloc_drain() - free what was deferred, and what caches hold, now
 * @pool: the pool
 *
 * Context: may sleep.
 */
void pagealloc_drain(struct pagealloc_pool *pool)
{
	might_sleep();
	if (!pool)
		return;
	pga_deferred_drain(pool);
	pga_cpu_cache_drain(pool);
	pga_reserve_fill(pool);
	pga_scavenger_note(pool);
}
EXPORT_SYMBOL_GPL(pagealloc_drain);

/**
 * pagealloc_scavenge() - give memory behind free pages back, now
 * @pool: the pool
 * @nr_pages: how many, or PAGEALLOC_ALL
 * @released: set to how many were: whole granules, so it may be more than
 *	      asked for, and less if there are no more; also if it ended early
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for no pages; -EINTR on a fatal signal; -EIO if the pool is
 * corrupt; or why the backing did not take back some granule that was tried.
 */
int pagealloc_scavenge(struct pagealloc_pool *pool, unsigned long nr_pages,
		       unsigned long *released)
{
	struct pga_scavenge how = {
		.cause = PAGEALLOC_SCAVENGED_REQUEST,
		.nr = nr_pages,
		.killable = true,
	};
	int ret;

	might_sleep();
	if (!pool || !nr_pages || !released)
		return -EINVAL;
	pga_cpu_cache_drain(pool);
	pga_reserve_fill(pool);
	ret = pga_scavenge(pool, &how);
	pga_pool_complain(pool);
	*released = how.released;
	pga_registry_scavenged(pool, how.cause, how.released,
			       pool->scavenger ?
			       pga_scavenger_permille(pool->scavenger) : 0);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_scavenge);

/**
 * pagealloc_protect() - make any access to discarded pages fault
 * @pool: the pool
 * @pfn: first page, on a granule
 * @nr_pages: whole granules, all of them free and discarded
 *
 * Until they are populated again.
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP if the backing cannot; -EINVAL for no pages, or no
 * whole granules; -ERANGE for a page that the pool has not grown by; -EBUSY for
 * one that is in use or ready; or what the backing says.
 */
int pagealloc_protect(struct pagealloc_pool *pool, unsigned long pfn,
		      unsigned long nr_pages)
{
	unsigned long end;

	might_sleep();
	if (!pool || !nr_pages || check_add_overflow(pfn, nr_pages, &end) ||
	    !IS_ALIGNED(pfn | nr_pages, pool->granule))
		return -EINVAL;
	if (!pool->ops->protect)
		return -EOPNOTSUPP;
	return report_transition(pool, "protect", pfn, nr_pages,
				 pga_pool_protect(pool, pfn, nr_pages));
}
EXPORT_SYMBOL_GPL(pagealloc_protect);

/**
 * pagealloc_get_tuning() - when does a pool give memory back by itself?
 * @pool: the pool
 * @tuning: filled in
 *
 * Context: any but NMI.
 */
void pagealloc_get_tuning(struct pagealloc_pool *pool,
			  struct pagealloc_tuning *tuning)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	*tuning = pool->tuning;
	pga_pool_unlock(pool, flags);
}
EXPORT_SYMBOL_GPL(pagealloc_get_tuning);

/* An hour is more than anybody can want. */
#define TUNING_MS_MAX	(3600 * MSEC_PER_SEC)

/**
 * pagealloc_set_tuning() - say when a pool gives memory back by itself
 * @pool: the pool
 * @tuning: all of it; begin with pagealloc_get_tuning()
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a time or share that &struct pagealloc_tuning does not
 * allow; -ERANGE for a limit below what is in use, or a limit or floor above
 * what all regions have.  Nothing was changed then.
 */
int pagealloc_set_tuning(struct pagealloc_pool *pool,
			 const struct pagealloc_tuning *tuning)
{
	struct pagealloc_stats stats;
	u64 sys;

	if (!pool || !tuning || !tuning->generation_ms ||
	    tuning->generation_ms > TUNING_MS_MAX ||
	    tuning->delay_ms > TUNING_MS_MAX || !tuning->cpu_percent ||
	    tuning->cpu_percent > 100)
		return -EINVAL;
	/* What is cached would count as in use. */
	pga_cpu_cache_drain(pool);
	pga_pool_stats(pool, &stats);
	sys = stats.value[PAGEALLOC_SYS] / PAGE_SIZE;
	if (tuning->min_ready > sys ||
	    (tuning->limit > sys && tuning->limit != PAGEALLOC_NO_LIMIT))
		return -ERANGE;
	return pga_scavenger_tune(pool, tuning);
}
EXPORT_SYMBOL_GPL(pagealloc_set_tuning);

/**
 * pagealloc_stats() - all figures of a pool at one moment
 * @pool: the pool
 * @stats: filled in
 *
 * Those of caches may be a little later than the others while CPUs use them.
 *
 * Context: any but NMI; does not sleep.
 */
void pagealloc_stats(struct pagealloc_pool *pool, struct pagealloc_stats *stats)
{
	pga_pool_stats(pool, stats);
	pga_cpu_cache_stats(pool, stats);
}
EXPORT_SYMBOL_GPL(pagealloc_stats);

/**
 * pagealloc_check() - recount every figure and verify every summary
 * @pool: the pool
 * @list: filled with what does not agree, as far as there is room
 * @len: room in @list, in entries
 *
 * For tests and debugging: it costs time in proportion to the size of the pool,
 * and on a pool that never rests holds its lock that long.
 *
 * Context: may sleep.
 * Return: 0 if all is well, otherwise how many mismatches were found.
 */
int pagealloc_check(struct pagealloc_pool *pool, struct pagealloc_mismatch *list,
		    unsigned int len)
{
	unsigned int found;

	might_sleep();
	found = pga_pool_check(pool, list, len);
	len -= min(len, found);
	return found + pga_cpu_cache_check(pool, list + found, len);
}
EXPORT_SYMBOL_GPL(pagealloc_check);
