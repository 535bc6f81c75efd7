// SPDX-License-Identifier: GPL-2.0
/*
 * The exported calls for requests with a constraint, for single pages in bulk, and
 * for runs that get shorter.  As in api.c, arguments are checked here.
 */

#include <linux/export.h>
#include <linux/log2.h>
#include <linux/overflow.h>

#include "api/api.h"
#include "pool/dispatch.h"

#define REQUEST_FLAGS	(PAGEALLOC_FIXED | PAGEALLOC_LOWEST |	\
			 PAGEALLOC_PREFER_READY | PAGEALLOC_BEST_FIT)

static bool flags_ok(unsigned int flags)
{
	const unsigned int both = PAGEALLOC_LOWEST | PAGEALLOC_PREFER_READY;

	return !(flags & ~REQUEST_FLAGS) && (flags & both) != both;
}

/* May the run be anywhere? */
static bool is_anywhere(const struct pagealloc_request *request)
{
	return request->align <= 1 && !request->boundary && !request->low &&
	       !request->high && !(request->flags & PAGEALLOC_FIXED);
}

/* The constraint of a request; -EINVAL if no pool can have such a place. */
static int to_constraint(const struct pagealloc_request *request,
			 struct pga_constraint *where)
{
	unsigned long end;

	*where = (struct pga_constraint) {
		.nr = request->nr_pages,
		.align = request->align ?: 1,
		.boundary = request->boundary,
		.low = request->low,
		.high = request->high ?: PGA_NO_END,
	};
	if (!is_power_of_2(where->align))
		return -EINVAL;
	if (where->boundary && (!is_power_of_2(where->boundary) ||
				where->boundary < where->nr))
		return -EINVAL;
	if (request->flags & PAGEALLOC_FIXED) {
		if (check_add_overflow(where->low, where->nr, &end) ||
		    end > where->high)
			return -EINVAL;
		where->high = end;
	}
	return pga_fit_in_run(where, 0, PGA_NO_END) == PGA_NONE ? -EINVAL : 0;
}

/* Convert a request; @where is memory for its constraint. */
static int to_request(const struct pagealloc_pool *pool,
		      const struct pagealloc_request *request,
		      struct pga_constraint *where, struct pga_request *rq)
{
	const unsigned int flags = request->flags;

	*rq = (struct pga_request) {
		.nr = request->nr_pages,
		.fixed = flags & PAGEALLOC_FIXED,
		.ready_first = flags & PAGEALLOC_PREFER_READY ||
			       (!(flags & PAGEALLOC_LOWEST) &&
				pool->flags & PAGEALLOC_READY_FIRST),
	};
	if (!flags_ok(flags))
		return -EINVAL;
	/* An engine with best fit finds the lowest place only by a constraint. */
	if (!is_anywhere(request) ||
	    (pool->map.ops->best_fit && flags & PAGEALLOC_LOWEST)) {
		rq->where = where;
		if (to_constraint(request, where))
			return -EINVAL;
	}
	if (flags & PAGEALLOC_BEST_FIT && (!pool->map.ops->best_fit || rq->where))
		return -EOPNOTSUPP;
	return 0;
}

/**
 * pagealloc_alloc_range() - allocate a run of pages that may not be just anywhere
 * @pool: the pool
 * @request: how long the run is, and where it may be
 * @gfp: as for pagealloc_alloc()
 * @pfn: set to the first page
 *
 * The run is at the lowest place that meets all that @request says: lowest among
 * ready pages first, or among all, as its flags or else those of the pool have it.
 * A long search drops the pool's lock now and then.  What is freed meanwhile,
 * below where it has got to, it does not see; if nothing is, the place is exact.
 *
 * Context: any but NMI; GFP_KERNEL may sleep.
 * Return: 0; -EINVAL for what pagealloc_alloc() refuses, flags that are unknown
 * or contradict one another, an alignment or boundary that is no power of two, or
 * a request that no pool could fulfil: boundary or window smaller than the run, no
 * aligned page in the window; -EOPNOTSUPP for PAGEALLOC_BEST_FIT, but not for a run
 * that may be anywhere with the engine "span"; otherwise as
 * pagealloc_alloc(), and with PAGEALLOC_FIXED -ERANGE if not all of the place is in
 * regions without a hole between them, -EBUSY also if some of it is in use.  @pfn
 * is untouched then.
 */
int pagealloc_alloc_range(struct pagealloc_pool *pool,
			  const struct pagealloc_request *request, gfp_t gfp,
			  unsigned long *pfn)
{
	struct pga_constraint where;
	struct pga_request rq;
	int ret;

	might_sleep_if(gfpflags_allow_blocking(gfp));
	if (!pool || !request || !pfn)
		return -EINVAL;
	ret = pga_request_ok(pool, request->nr_pages, gfp) ?
		to_request(pool, request, &where, &rq) : -EINVAL;
	if (ret) {
		pga_pool_count(pool, PAGEALLOC_BAD_REQUEST);
		return ret;
	}
	rq.may_populate = pga_may_populate(gfp);
	return pga_alloc(pool, &rq, gfp, pfn);
}
EXPORT_SYMBOL_GPL(pagealloc_alloc_range);

/**
 * pagealloc_alloc_bulk() - allocate many single pages
 * @pool: the pool
 * @nr_pages: how many
 * @gfp: as for pagealloc_alloc()
 * @pfns: set to the pages, room for @nr_pages
 *
 * All or none: the same as that many calls of pagealloc_alloc() for one page, in
 * this order, but faster; if one fails, the pages got so far are freed again and
 * @pfns has nothing that is of use.
 *
 * Context: any but NMI; GFP_KERNEL may sleep.
 * Return: 0, or what pagealloc_alloc() says; -EINVAL also for no pages.
 */
int pagealloc_alloc_bulk(struct pagealloc_pool *pool, unsigned long nr_pages,
			 gfp_t gfp, unsigned long *pfns)
{
	might_sleep_if(gfpflags_allow_blocking(gfp));
	if (!pool || !pfns)
		return -EINVAL;
	if (!nr_pages || !pga_request_ok(pool, 1, gfp)) {
		pga_pool_count(pool, PAGEALLOC_BAD_REQUEST);
		return -EINVAL;
	}
	return pga_alloc_singles(pool, nr_pages, gfp, pfns);
}
EXPORT_SYMBOL_GPL(pagealloc_alloc_bulk);

/**
 * pagealloc_free_bulk() - free many single pages
 * @pool: the pool
 * @nr_pages: how many
 * @pfns: the pages, in any order
 *
 * The same as a call of pagealloc_free() for each, but faster: one that cannot be
 * freed, because it is free already or not of the pool, is counted and passed by.
 *
 * Context: any but NMI; does not sleep.
 * Return: 0; -EINVAL for no pages; or what pagealloc_free() says of the first page
 * that was not freed.
 */
int pagealloc_free_bulk(struct pagealloc_pool *pool, unsigned long nr_pages,
			const unsigned long *pfns)
{
	if (!pool || !pfns)
		return -EINVAL;
	if (!nr_pages) {
		pga_pool_count(pool, PAGEALLOC_BAD_FREE);
		return -EINVAL;
	}
	return pga_free_singles(pool, pfns, nr_pages);
}
EXPORT_SYMBOL_GPL(pagealloc_free_bulk);

/**
 * pagealloc_trim() - shorten a run where it is
 * @pool: the pool
 * @pfn: first page
 * @old_nr: pages it has
 * @new_nr: pages it is to have, the first of them; not more
 *
 * The rest is freed.  Pages at the start, or in the middle, are given back by
 * pagealloc_free(), which takes any part of a run.
 *
 * Context: any but NMI; may sleep if @old_nr is more than PAGEALLOC_ATOMIC_MAX.
 * Return: 0; -EINVAL for no pages, more than there were, a range that wraps, or if
 * a page of the run is free; -ERANGE if a page of it is not one the pool has grown
 * by; -EIO if the pool is corrupt.  Nothing was freed then.
 */
int pagealloc_trim(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long old_nr, unsigned long new_nr)
{
	unsigned long end;

	if (!pool)
		return -EINVAL;
	if (!new_nr || new_nr > old_nr || check_add_overflow(pfn, old_nr, &end)) {
		pga_pool_count(pool, PAGEALLOC_BAD_FREE);
		return -EINVAL;
	}
	might_sleep_if(old_nr > PAGEALLOC_ATOMIC_MAX);
	return pga_trim(pool, pfn, old_nr, new_nr);
}
EXPORT_SYMBOL_GPL(pagealloc_trim);
