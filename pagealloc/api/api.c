// SPDX-License-Identifier: GPL-2.0
/*
 * The exported calls for pools and runs.
 *
 * Arguments are checked here, and nowhere below; then one function of the pool does
 * the work.  A wrong argument is an errno and a counter.  pagealloc.h explains the
 * terms.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>

#include "api/api.h"
#include "pool/check.h"
#include "pool/dispatch.h"
#include "pool/life.h"
#include "pool/protect.h"
#include "pool/registry.h"
#include "pool/scavenger.h"
#include "pool/stats.h"

#define CONFIG_FLAGS	(PAGEALLOC_READY_FIRST | PAGEALLOC_NO_WORKER | \
			 PAGEALLOC_NO_CACHE | PAGEALLOC_TRACK | \
			 PAGEALLOC_TRACK_STACKS)

/**
 * pga_name_ok() - is this a name for a pool?
 * @name: the name, which is used for a directory as well
 *
 * Return: whether it is.
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
	if (!config || !pga_name_ok(config->name) || !ops_ok(config->ops) ||
	    config->flags & ~CONFIG_FLAGS || !pga_engine(config->engine))
		return ERR_PTR(-EINVAL);
	return pga_pool_create(config);
}
EXPORT_SYMBOL_GPL(pagealloc_pool_create);

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
	return pga_pool_destroy(pool, false);
}
EXPORT_SYMBOL_GPL(pagealloc_pool_destroy);

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
 * pga_request_ok() - is this a length and a gfp that a pool can serve?
 * @pool: the pool
 * @nr_pages: pages
 * @gfp: flags
 *
 * Return: false for no pages, for flags that are not supported, and for a run of
 * more than PAGEALLOC_ATOMIC_MAX pages where populating is not allowed.
 */
bool pga_request_ok(struct pagealloc_pool *pool, unsigned long nr_pages,
		    gfp_t gfp)
{
	if (!nr_pages || !gfp_ok(gfp) || (gfp & __GFP_ZERO && !pool->ops->zero))
		return false;
	return nr_pages <= PAGEALLOC_ATOMIC_MAX || pga_may_populate(gfp);
}

/* Allocate where the cache of this CPU does not do. */
static noinline int alloc_slow(struct pagealloc_pool *pool,
			       unsigned long nr_pages, gfp_t gfp,
			       unsigned long *pfn)
{
	struct pga_request rq = { .nr = nr_pages, .may_cache = true };

	if (!pool || !pfn)
		return -EINVAL;
	if (!pga_request_ok(pool, nr_pages, gfp)) {
		pga_pool_count(pool, PAGEALLOC_BAD_REQUEST);
		return -EINVAL;
	}
	rq.ready_first = pool->flags & PAGEALLOC_READY_FIRST;
	rq.may_populate = pga_may_populate(gfp);
	return pga_alloc(pool, &rq, gfp, pfn);
}

/* May a request be served from a cache?  Cached pages are not zeroed. */
static __always_inline bool may_be_cached(gfp_t gfp)
{
	return likely(gfp == GFP_KERNEL) || (gfp_ok(gfp) && !(gfp & __GFP_ZERO));
}

static __always_inline int alloc_run(struct pagealloc_pool *pool,
				     unsigned long nr_pages, gfp_t gfp,
				     unsigned long *pfn)
{
	if (likely(pool && pfn) && may_be_cached(gfp) &&
	    pga_alloc_cached(pool, nr_pages, pfn))
		return 0;
	return alloc_slow(pool, nr_pages, gfp, pfn);
}

/* The same while latencies are measured. */
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
 * Return: 0; -EINVAL for no pages, other flags, __GFP_ZERO with a backing that
 * cannot zero, or more than PAGEALLOC_ATOMIC_MAX pages for a request that may not
 * populate; -ENOMEM if no run fits, or without memory for it now;
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

/* Free where the cache of this CPU does not take the pages. */
static noinline int free_slow(struct pagealloc_pool *pool, unsigned long pfn,
			      unsigned long nr_pages)
{
	unsigned long end;

	if (!pool)
		return -EINVAL;
	if (!nr_pages || check_add_overflow(pfn, nr_pages, &end)) {
		pga_pool_count(pool, PAGEALLOC_BAD_FREE);
		return -EINVAL;
	}
	might_sleep_if(nr_pages > PAGEALLOC_ATOMIC_MAX);
	return pga_free(pool, pfn, nr_pages);
}

static __always_inline int free_run(struct pagealloc_pool *pool,
				    unsigned long pfn, unsigned long nr_pages)
{
	if (likely(pool) && pga_free_cached(pool, pfn, nr_pages))
		return 0;
	return free_slow(pool, pfn, nr_pages);
}

/* The same while latencies are measured. */
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
 * Context: any but NMI; may sleep if @nr_pages is more than PAGEALLOC_ATOMIC_MAX.
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

	if (!pool || !deferred || !nr_pages ||
	    check_add_overflow(pfn, nr_pages, &end))
		return -EINVAL;
	return pga_free_deferred(pool, deferred, pfn, nr_pages);
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
	if (pool)
		pga_drain(pool);
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
	might_sleep();
	if (!pool || !nr_pages || !released)
		return -EINVAL;
	return pga_scavenge_now(pool, nr_pages, released);
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
				 pga_protect(pool, pfn, nr_pages));
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
	pga_stats_read(pool, &stats);
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
	pga_stats_read(pool, stats);
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
	found = pga_check(pool, list, len);
	len -= min(len, found);
	return found + pga_cpu_cache_check(pool, list + found, len);
}
EXPORT_SYMBOL_GPL(pagealloc_check);
