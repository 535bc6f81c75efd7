// SPDX-License-Identifier: GPL-2.0
/*
 * The exported calls for pools and runs.
 *
 * A call checks its arguments, and then calls one function of the pool, which does
 * not check them again.  For a wrong argument the call returns an errno, and most
 * calls count it.  pagealloc.h explains the terms.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>

#include "api/api.h"
#include "pool/calls.h"
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
 * pga_name_ok() - may a pool have this name?
 * @name: the name, which is also the name of a directory; may be NULL
 *
 * Return: true for names as &struct pagealloc_config describes them.
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
	       (ops->stays || (ops->populate && ops->discard));
}

/**
 * pagealloc_pool_create() - create a pool
 * @config: the configuration; not needed after the call
 *
 * The pool has no pages until it has a region.
 *
 * Context: may sleep.
 * Return: the pool, or an ERR_PTR(): -EINVAL for a bad name, incomplete operations,
 * an unknown flag or engine, or a granule that is too large or no power of two;
 * -EEXIST if another pool has the name; -ENOMEM; -EINTR on a fatal signal.
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
 * pagealloc_pool_destroy() - destroy a pool
 * @pool: from pagealloc_pool_create()
 *
 * The backing takes all memory back and the regions are released.  Calls that are under
 * way are waited for, and new ones fail with -ENODEV; none may begin any more when this
 * has succeeded.  Runs that were allocated through debugfs are freed first.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if the pool is referenced by name, if pages are in use, or if
 * another task destroys it; or the errno of the backing if it does not take all memory
 * back.  The pool continues to exist then, and the log says why.  The call can be
 * repeated.
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
 * The pool cannot be destroyed, and neither this module nor that of the pool's backing
 * can be unloaded, until pagealloc_pool_put().
 *
 * Context: may sleep.
 * Return: the pool; NULL if no pool has the name.
 */
struct pagealloc_pool *pagealloc_pool_get(const char *name)
{
	const struct pga_wanted wanted = { .name = name };

	return name ? pga_registry_get(&wanted) : NULL;
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

/* Count and log that some pages of a range are in the wrong state for a call. */
static int report_transition(struct pagealloc_pool *pool, const char *what,
			     unsigned long pfn, unsigned long nr_pages, int ret)
{
	if (ret != -EEXIST && ret != -EBUSY)
		return ret;
	pga_pool_count(pool, PAGEALLOC_BAD_TRANSITION);
	pr_warn_ratelimited("%s: cannot %s pfn %lu+%lu: some pages are in the wrong state (%d)\n",
			    pool->name, what, pfn, nr_pages, ret);
	return ret;
}

/**
 * pagealloc_add_region() - add a range of pages that a pool may grow into
 * @pool: the pool
 * @pfn: first page; need not be aligned, but once the pool has grown by the pages
 *	 outside whole granules, these stay populated
 * @nr_pages: pages
 *
 * A region takes very little memory until requests make the pool grow into it.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for no pages or a range that wraps; -EEXIST if a page belongs to
 * this or another pool; -ERANGE if the range is not in the same aligned 2^34 pages as
 * the pool's other regions; -ENOMEM; or the errno of the backing's reserve().
 */
int pagealloc_add_region(struct pagealloc_pool *pool, unsigned long pfn,
			 unsigned long nr_pages)
{
	const struct pagealloc_region region = { .pfn = pfn, .nr_pages = nr_pages };

	return pagealloc_add_owned_region(pool, &region);
}
EXPORT_SYMBOL_GPL(pagealloc_add_region);

/**
 * pagealloc_add_owned_region() - add a region with its address and its owner
 * @pool: the pool
 * @region: the region; copied
 *
 * As pagealloc_add_region().  If memory is behind the pages at all times (@stays of
 * &struct pagealloc_backing_ops) all of them are free and ready when the call returns.
 *
 * Context: may sleep.
 * Return: as pagealloc_add_region(); -EINVAL also for a region without an address in a
 * pool whose first region has one, unless the backing can zero.
 */
int pagealloc_add_owned_region(struct pagealloc_pool *pool,
			       const struct pagealloc_region *region)
{
	unsigned long end;
	int ret;

	if (!pool || !region || !region->nr_pages ||
	    check_add_overflow(region->pfn, region->nr_pages, &end))
		return -EINVAL;
	if (region->nr_pages > PGA_INDEX_PAGES)
		return -ERANGE;
	if (!pga_call_begin(pool))
		return -ENODEV;
	ret = report_transition(pool, "add", region->pfn, region->nr_pages,
				pga_registry_add_region(pool, region));
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_add_owned_region);

/* Flags that are allowed in addition to GFP_KERNEL, GFP_NOWAIT or GFP_ATOMIC. */
#define GFP_EXTRA	(__GFP_ZERO | __GFP_NOWARN)

static bool gfp_ok(gfp_t gfp)
{
	gfp &= ~GFP_EXTRA;
	return gfp == GFP_KERNEL || gfp == (GFP_NOWAIT & ~GFP_EXTRA) ||
	       gfp == GFP_ATOMIC;
}

/*
 * May a request have this length and these flags?  A run of more than
 * PAGEALLOC_ATOMIC_MAX pages is for requests that may populate.
 */
static __always_inline bool request_ok(struct pagealloc_pool *pool,
				       unsigned long nr_pages, gfp_t gfp)
{
	if (!nr_pages || !gfp_ok(gfp) || (gfp & __GFP_ZERO && !pga_can_zero(pool)))
		return false;
	return nr_pages <= PAGEALLOC_ATOMIC_MAX || pga_may_populate(gfp);
}

/**
 * pga_request_ok() - are length and flags of a request supported?
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
	return request_ok(pool, nr_pages, gfp);
}

static noinline int alloc_checked(struct pagealloc_pool *pool,
				  unsigned long nr_pages, gfp_t gfp,
				  unsigned long *pfn)
{
	int ret = -EINVAL;

	if (!pool || !pfn)
		return -EINVAL;
	if (!pga_call_begin(pool))
		return -ENODEV;
	if (request_ok(pool, nr_pages, gfp))
		ret = pga_alloc_run(pool, nr_pages, gfp, pfn);
	else
		pga_pool_count(pool, PAGEALLOC_BAD_REQUEST);
	pga_call_end(pool);
	return ret;
}

/*
 * May a cache serve a request with these flags?  Cached pages are not zeroed.  The
 * length of such a request needs no check.
 */
static __always_inline bool may_be_cached(gfp_t gfp)
{
	return likely(gfp == GFP_KERNEL) || (gfp_ok(gfp) && !(gfp & __GFP_ZERO));
}

static __always_inline int alloc_run(struct pagealloc_pool *pool,
				     unsigned long nr_pages, gfp_t gfp,
				     unsigned long *pfn)
{
	if (likely(pool && pfn)) {
		if (likely(nr_pages == 1 && gfp == GFP_KERNEL))
			return pga_alloc_page(pool, pfn);
		if (nr_pages - 1 < PGA_CPU_RUN_MAX && may_be_cached(gfp))
			return pga_alloc_cached(pool, nr_pages, gfp, pfn);
	}
	return alloc_checked(pool, nr_pages, gfp, pfn);
}

/* As alloc_run(), and measure the latency. */
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
	if (!pga_call_begin(pool))
		return -ENODEV;
	start = pga_timed_begin(pool);
	ret = alloc_run(pool, nr_pages, gfp, pfn);
	pga_timed_end(pool, what, start);
	pga_call_end(pool);
	return ret;
}

/**
 * pagealloc_alloc() - allocate a run of pages
 * @pool: the pool
 * @nr_pages: length of the run, in pages
 * @gfp: GFP_KERNEL, GFP_NOWAIT or GFP_ATOMIC, with __GFP_ZERO and __GFP_NOWARN if
 *	 wanted.  Only GFP_KERNEL requests populate discarded pages, outside NOIO and
 *	 NOFS scopes and not of PF_MEMALLOC tasks; all others get ready pages.
 * @pfn: set to the first page
 *
 * The pages belong to the caller until it frees them.  Without __GFP_ZERO their
 * contents are undefined.  A request that may not populate is for up to
 * PAGEALLOC_ATOMIC_MAX pages.
 *
 * Context: any but NMI; GFP_KERNEL may sleep.
 * Return: 0; -EINVAL for no pages, too many pages, other flags, or __GFP_ZERO with a
 * backing that cannot zero; -ENOMEM if no run fits, or if there is no memory for it
 * now; -EBUSY if another user holds the memory; -EINTR on a fatal signal; -EIO if the
 * backing or the pool is broken.  On error @pfn is not set.
 */
int pagealloc_alloc(struct pagealloc_pool *pool, unsigned long nr_pages,
		    gfp_t gfp, unsigned long *pfn)
{
	might_alloc(gfp);
	if (static_branch_unlikely(&pga_latency_key))
		return alloc_timed(pool, nr_pages, gfp, pfn);
	return alloc_run(pool, nr_pages, gfp, pfn);
}
EXPORT_SYMBOL_GPL(pagealloc_alloc);

static noinline int free_checked(struct pagealloc_pool *pool, unsigned long pfn,
				 unsigned long nr_pages)
{
	int ret = -EINVAL;

	if (!pool)
		return -EINVAL;
	might_sleep_if(nr_pages > PAGEALLOC_ATOMIC_MAX);
	if (!pga_free_begin(pool))
		return -ENODEV;
	if (nr_pages)
		ret = pga_free_run(pool, pfn, nr_pages);
	else
		pga_pool_count(pool, PAGEALLOC_BAD_FREE);
	pga_call_end(pool);
	return ret;
}

/* Not inlined: a free of a single page then saves one register less. */
static noinline int free_pages_of(struct pagealloc_pool *pool, unsigned long pfn,
				  unsigned long nr_pages)
{
	if (pool && nr_pages - 1 < PGA_CPU_RUN_MAX &&
	    pfn % PGA_CACHE_PAGES + nr_pages <= PGA_CACHE_PAGES)
		return pga_free_cached(pool, pfn, nr_pages);
	return free_checked(pool, pfn, nr_pages);
}

/* The cache, or else the pool, finds out whether these are pages of the pool. */
static __always_inline int free_run(struct pagealloc_pool *pool,
				    unsigned long pfn, unsigned long nr_pages)
{
	if (likely(pool && nr_pages == 1))
		return pga_free_in_block(pool, pfn, 1);
	return free_pages_of(pool, pfn, nr_pages);
}

/* As free_run(), and measure the latency. */
static noinline int free_timed(struct pagealloc_pool *pool, unsigned long pfn,
			       unsigned long nr_pages)
{
	u64 start;
	int ret;

	if (!pool)
		return -EINVAL;
	if (!pga_free_begin(pool))
		return -ENODEV;
	start = pga_timed_begin(pool);
	ret = free_run(pool, pfn, nr_pages);
	pga_timed_end(pool, PGA_TIMED_FREE, start);
	pga_call_end(pool);
	return ret;
}

/**
 * pagealloc_free() - free pages
 * @pool: the pool
 * @pfn: first page
 * @nr_pages: pages: a part of a run, or several adjacent runs.  A pool created with
 *	      PAGEALLOC_TRACK frees exactly one run.
 *
 * If a page is free because it is in the cache of another CPU, the call may succeed;
 * the double free is then counted later.
 *
 * Context: any but NMI; may sleep if @nr_pages is more than PAGEALLOC_ATOMIC_MAX.
 * Return: 0; -EINVAL for no pages, a range that wraps, a page that is free, or, if
 * the pool is tracked, pages that are not exactly one run; -ERANGE for a page that
 * the pool has not grown by; -EIO if the pool is corrupt.  On error nothing is
 * freed, except that a long run may be freed in part if another task frees some of
 * its pages at the same time.
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
 * pagealloc_free_deferred() - free pages later, from any context
 * @pool: the pool
 * @deferred: memory for the queue; belongs to the pool until the pages are free, and
 *	      may lie in these pages
 * @pfn: first page
 * @nr_pages: pages, of any number
 *
 * The call takes no lock of the pool and allocates no memory.  The pages become
 * free when the queue is drained: soon by a work item, or before by an allocation
 * that needs them or by pagealloc_drain().  An error, for example a double free, is
 * counted then.  A pool created with PAGEALLOC_TRACK finds it at the call, and does
 * not queue the free.
 *
 * Context: any but NMI; does not sleep.
 * Return: 0; -EINVAL for no pages or a range that wraps; if the pool is tracked, also
 * the errnos of pagealloc_free().
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
	if (!pga_free_begin(pool))
		return -ENODEV;
	ret = pga_free_deferred(pool, deferred, pfn, nr_pages);
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_free_deferred);

/**
 * pagealloc_drain() - free all deferred frees and the pages in caches now
 * @pool: the pool
 *
 * Context: may sleep.
 */
void pagealloc_drain(struct pagealloc_pool *pool)
{
	might_sleep();
	if (!pool || !pga_call_begin(pool))
		return;
	pga_drain(pool);
	pga_call_end(pool);
}
EXPORT_SYMBOL_GPL(pagealloc_drain);

/**
 * pagealloc_scavenge() - discard free pages now
 * @pool: the pool
 * @nr_pages: pages wanted, or PAGEALLOC_ALL
 * @released: set to the pages discarded, also on error: whole granules, so it may be
 *	      more than @nr_pages, or less if there are no more
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for no pages; -EINTR on a fatal signal; -EIO if the pool is
 * corrupt; -EBUSY if there was not enough since somebody refers to free pages; or the
 * errno of the backing for a granule that it refused.
 */
int pagealloc_scavenge(struct pagealloc_pool *pool, unsigned long nr_pages,
		       unsigned long *released)
{
	int ret;

	might_sleep();
	if (!pool || !nr_pages || !released)
		return -EINVAL;
	if (!pga_call_begin(pool))
		return -ENODEV;
	ret = pga_scavenge_now(pool, nr_pages, released);
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_scavenge);

/**
 * pagealloc_protect() - make any access to discarded pages fault
 * @pool: the pool
 * @pfn: first page, on a granule
 * @nr_pages: pages, whole granules, all of them discarded
 *
 * The protection ends when the pages are populated again.
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP if the backing cannot protect; -EINVAL for no pages, or
 * not whole granules; -ERANGE for a page that the pool has not grown by; -EBUSY for
 * a page that is not discarded; -EIO if the pool is corrupt; or the errno of the
 * backing.
 */
int pagealloc_protect(struct pagealloc_pool *pool, unsigned long pfn,
		      unsigned long nr_pages)
{
	unsigned long end;
	int ret;

	might_sleep();
	if (!pool || !nr_pages || check_add_overflow(pfn, nr_pages, &end) ||
	    !IS_ALIGNED(pfn | nr_pages, pool->granule))
		return -EINVAL;
	if (!pool->ops->protect)
		return -EOPNOTSUPP;
	if (!pga_call_begin(pool))
		return -ENODEV;
	ret = report_transition(pool, "protect", pfn, nr_pages,
				pga_protect(pool, pfn, nr_pages));
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_protect);

/**
 * pagealloc_get_tuning() - read the tuning of a pool
 * @pool: the pool
 * @tuning: filled in
 *
 * Context: any but NMI.
 */
void pagealloc_get_tuning(struct pagealloc_pool *pool,
			  struct pagealloc_tuning *tuning)
{
	unsigned long flags;

	*tuning = (struct pagealloc_tuning) {};
	if (!pga_call_begin(pool))
		return;
	flags = pga_pool_lock(pool);
	*tuning = pool->tuning;
	pga_pool_unlock(pool, flags);
	pga_call_end(pool);
}
EXPORT_SYMBOL_GPL(pagealloc_get_tuning);

/* The longest generation or delay: an hour. */
#define TUNING_MS_MAX	(3600 * MSEC_PER_SEC)

/* Set a tuning that is right in itself. */
static int set_tuning(struct pagealloc_pool *pool, const struct pagealloc_tuning *tuning)
{
	struct pagealloc_stats stats;
	u64 sys;

	/* Cached pages would count as in use. */
	pga_cpu_cache_drain(pool);
	pga_stats_read(pool, &stats);
	sys = stats.value[PAGEALLOC_SYS] / PAGE_SIZE;
	if (tuning->min_ready > sys || tuning->max > sys ||
	    (tuning->limit > sys && tuning->limit != PAGEALLOC_NO_LIMIT))
		return -ERANGE;
	return pga_scavenger_tune(pool, tuning);
}

/**
 * pagealloc_set_tuning() - set the tuning of a pool
 * @pool: the pool
 * @tuning: all parameters; begin with those that pagealloc_get_tuning() reads
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a time or share that &struct pagealloc_tuning does not
 * allow; -ERANGE for a limit below the pages in use, or a limit, floor or
 * maximum above the pages of all regions.  A maximum below the pages in use is no
 * error.  On error nothing is changed.
 */
int pagealloc_set_tuning(struct pagealloc_pool *pool,
			 const struct pagealloc_tuning *tuning)
{
	int ret;

	if (!pool || !tuning || !tuning->generation_ms ||
	    tuning->generation_ms > TUNING_MS_MAX ||
	    tuning->delay_ms > TUNING_MS_MAX || !tuning->cpu_percent ||
	    tuning->cpu_percent > 100)
		return -EINVAL;
	if (!pga_call_begin(pool))
		return -ENODEV;
	ret = set_tuning(pool, tuning);
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_set_tuning);

/**
 * pagealloc_stats() - read all statistics of a pool at one moment
 * @pool: the pool
 * @stats: filled in
 *
 * The statistics of caches are read after the others, while CPUs use the caches.
 *
 * Context: any but NMI; does not sleep.
 */
void pagealloc_stats(struct pagealloc_pool *pool, struct pagealloc_stats *stats)
{
	*stats = (struct pagealloc_stats) {};
	if (!pga_call_begin(pool))
		return;
	pga_stats_read(pool, stats);
	pga_cpu_cache_stats(pool, stats);
	pga_call_end(pool);
}
EXPORT_SYMBOL_GPL(pagealloc_stats);

/**
 * pagealloc_read_stat() - read one statistic of a pool
 * @pool: the pool
 * @stat: which one
 *
 * The call takes as long as pagealloc_stats().
 *
 * Context: any but NMI; does not sleep.
 * Return: the value; 0 without a pool, for an unknown statistic, and if the pool ends.
 */
u64 pagealloc_read_stat(struct pagealloc_pool *pool, enum pagealloc_stat stat)
{
	struct pagealloc_stats stats;

	if (!pool || (unsigned int)stat >= PAGEALLOC_NR_STATS)
		return 0;
	pagealloc_stats(pool, &stats);
	return stats.value[stat];
}
EXPORT_SYMBOL_GPL(pagealloc_read_stat);

/**
 * pagealloc_check() - recount all gauges and verify all maps and summaries
 * @pool: the pool
 * @list: filled with mismatches, as far as there is room
 * @len: room in @list, in entries
 *
 * This is for tests and debugging.  It takes time in proportion to the size of the
 * pool, but holds no lock longer than a request does.  A fatal signal ends it.
 *
 * Context: may sleep.
 * Return: 0 if all is well; the number of mismatches; -EBUSY if there is none and the
 * pool never rested, so that maps, summaries and rules were verified, but gauges could
 * not be compared; -EINTR on a fatal signal; -ENODEV if the pool ends.
 */
int pagealloc_check(struct pagealloc_pool *pool, struct pagealloc_mismatch *list,
		    unsigned int len)
{
	unsigned int filled;
	int ret, cached = 0;

	might_sleep();
	if (!pga_call_begin(pool))
		return -ENODEV;
	ret = pga_check(pool, list, len);
	if (ret != -EINTR) {
		filled = clamp(ret, 0, (int)len);
		cached = pga_cpu_cache_check(pool, list + filled, len - filled);
	}
	pga_call_end(pool);
	return cached ? max(ret, 0) + cached : ret;
}
EXPORT_SYMBOL_GPL(pagealloc_check);
