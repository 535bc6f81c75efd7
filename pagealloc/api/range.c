// SPDX-License-Identifier: GPL-2.0
/*
 * The exported calls for requests with a constraint, for single pages in bulk, and to
 * shorten runs.  As in api.c, a call checks its arguments and calls the pool.
 */

#include <linux/export.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>

#include "api/api.h"
#include "pool/calls.h"
#include "pool/dispatch.h"

#define REQUEST_FLAGS	(PAGEALLOC_FIXED | PAGEALLOC_LOWEST |	\
			 PAGEALLOC_PREFER_READY | PAGEALLOC_BEST_FIT |	\
			 PAGEALLOC_ONE_REGION | PAGEALLOC_NATURAL)

static bool flags_ok(unsigned int flags)
{
	const unsigned int both = PAGEALLOC_LOWEST | PAGEALLOC_PREFER_READY;

	return !(flags & ~REQUEST_FLAGS) && (flags & both) != both;
}

/* May the run be anywhere? */
static bool is_anywhere(const struct pagealloc_request *request)
{
	const unsigned int flags = PAGEALLOC_FIXED | PAGEALLOC_ONE_REGION |
				   PAGEALLOC_NATURAL;

	return request->align <= 1 && !request->boundary && !request->low &&
	       !request->high && !(request->flags & flags);
}

/* The alignment of a request; of a run that no pool can have any is as good. */
static unsigned long alignment(const struct pagealloc_request *request)
{
	const unsigned long align = request->align ?: 1;

	if (!(request->flags & PAGEALLOC_NATURAL) || request->nr_pages > PGA_INDEX_PAGES)
		return align;
	return max(align, roundup_pow_of_two(request->nr_pages));
}

/* Set the constraint of a request; -EINVAL if no pool can have a place for it. */
static int to_constraint(const struct pagealloc_request *request,
			 struct pga_constraint *where)
{
	unsigned long end;

	*where = (struct pga_constraint) {
		.nr = request->nr_pages,
		.align = alignment(request),
		.boundary = request->boundary,
		.low = request->low,
		.high = request->high ?: PGA_NO_END,
	};
	if (!is_power_of_2(request->align ?: 1))
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
		.one_region = flags & PAGEALLOC_ONE_REGION,
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
 * pagealloc_alloc_range() - allocate a run of pages with a constraint
 * @pool: the pool
 * @request: the length of the run, and its constraint
 * @gfp: as for pagealloc_alloc()
 * @pfn: set to the first page
 *
 * The run is placed at the lowest address that the constraint allows.  If ready pages
 * are preferred, by the flags of @request or else of the pool, it is the lowest address
 * in ready pages, or, if there is none, the lowest of all.  A long search drops the
 * pool's lock now and then, and does not see pages that are freed below the point it
 * has reached.
 *
 * Context: any but NMI; GFP_KERNEL may sleep.
 * Return: 0; -EINVAL for an argument that pagealloc_alloc() refuses, for flags that
 * are unknown or contradict each other, for an alignment or boundary that is no
 * power of two, and for a request that no pool can serve: a boundary or window
 * smaller than the run, or no aligned page in the window; -EOPNOTSUPP for
 * PAGEALLOC_BEST_FIT with another constraint, or without the engine "span";
 * otherwise as pagealloc_alloc().  With PAGEALLOC_FIXED also -ERANGE if the place
 * is not in regions of the pool without a hole between them, and -EBUSY if a page
 * of it is in use.  On error @pfn is not set.
 */
int pagealloc_alloc_range(struct pagealloc_pool *pool,
			  const struct pagealloc_request *request, gfp_t gfp,
			  unsigned long *pfn)
{
	struct pga_constraint where;
	struct pga_request rq;
	int ret;

	might_alloc(gfp);
	if (!pool || !request || !pfn)
		return -EINVAL;
	if (!pga_call_begin(pool))
		return -ENODEV;
	ret = pga_request_ok(pool, request->nr_pages, gfp) ?
		to_request(pool, request, &where, &rq) : -EINVAL;
	if (ret) {
		pga_pool_count(pool, PAGEALLOC_BAD_REQUEST);
	} else {
		rq.may_populate = pga_may_populate(gfp);
		ret = pga_alloc(pool, &rq, gfp, pfn);
	}
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_alloc_range);

/**
 * pagealloc_alloc_bulk() - allocate many single pages
 * @pool: the pool
 * @nr_pages: how many
 * @gfp: as for pagealloc_alloc()
 * @pfns: set to the pages; room for @nr_pages
 *
 * The call is as many calls of pagealloc_alloc() for one page, but faster.  If one
 * of them fails, the pages allocated before it are freed again, and the contents of
 * @pfns are undefined.
 *
 * Context: any but NMI; GFP_KERNEL may sleep.
 * Return: 0, or as pagealloc_alloc().
 */
int pagealloc_alloc_bulk(struct pagealloc_pool *pool, unsigned long nr_pages,
			 gfp_t gfp, unsigned long *pfns)
{
	int ret = -EINVAL;

	might_alloc(gfp);
	if (!pool || !pfns)
		return -EINVAL;
	if (!pga_call_begin(pool))
		return -ENODEV;
	if (nr_pages && pga_request_ok(pool, 1, gfp))
		ret = pga_alloc_singles(pool, nr_pages, gfp, pfns);
	else
		pga_pool_count(pool, PAGEALLOC_BAD_REQUEST);
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_alloc_bulk);

/**
 * pagealloc_free_bulk() - free many single pages
 * @pool: the pool
 * @nr_pages: how many
 * @pfns: the pages, in any order
 *
 * The call is as a call of pagealloc_free() for each page, but faster.  A page that
 * cannot be freed is counted, and the next page is freed.
 *
 * Context: any but NMI; does not sleep.
 * Return: 0; -EINVAL for no pages; or the errno of pagealloc_free() for the first
 * page that was not freed.
 */
int pagealloc_free_bulk(struct pagealloc_pool *pool, unsigned long nr_pages,
			const unsigned long *pfns)
{
	int ret = -EINVAL;

	if (!pool || !pfns)
		return -EINVAL;
	if (!pga_free_begin(pool))
		return -ENODEV;
	if (nr_pages)
		ret = pga_free_singles(pool, pfns, nr_pages);
	else
		pga_pool_count(pool, PAGEALLOC_BAD_FREE);
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_free_bulk);

/**
 * pagealloc_trim() - free the end of a run
 * @pool: the pool
 * @pfn: first page of the run
 * @old_nr: its pages
 * @new_nr: pages that stay in use, from 1 to @old_nr
 *
 * Unlike pagealloc_free(), this is also possible in a pool created with
 * PAGEALLOC_TRACK.
 *
 * Context: any but NMI; may sleep if @old_nr is more than PAGEALLOC_ATOMIC_MAX.
 * Return: 0; -EINVAL for a wrong @new_nr, a range that wraps, a page of the run
 * that is free, or, if the pool is tracked, pages that are not exactly one run;
 * -ERANGE for a page that the pool has not grown by; -EIO if the pool is corrupt.
 * On error nothing is freed, except as for pagealloc_free().
 */
int pagealloc_trim(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long old_nr, unsigned long new_nr)
{
	unsigned long end;
	int ret = -EINVAL;

	if (!pool)
		return -EINVAL;
	if (!pga_free_begin(pool))
		return -ENODEV;
	if (!new_nr || new_nr > old_nr || check_add_overflow(pfn, old_nr, &end)) {
		pga_pool_count(pool, PAGEALLOC_BAD_FREE);
	} else {
		might_sleep_if(old_nr > PAGEALLOC_ATOMIC_MAX);
		ret = pga_trim(pool, pfn, old_nr, new_nr);
	}
	pga_call_end(pool);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_trim);
