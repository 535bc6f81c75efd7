// SPDX-License-Identifier: GPL-2.0
/*
 * Requests: find a place for a run, and take it.
 *
 * A search finds a place by the pool's policy.  A place that is ready and no longer
 * than a portion is taken at once, which is all for most requests.  Any other place
 * is claimed, populated and settled (claim.c), by a request that may sleep.
 *
 * A granule that somebody else holds becomes held (held.c), and one with bad memory is
 * retired (retired.c).  The search goes on and does not meet this granule again.  If
 * the backing has no memory, nothing more is populated, and only a ready place helps.
 *
 * A request that finds no place tries places with held granules that are due, which
 * are as good as free.  Then it grows the pool.  If the pool cannot grow, an operation
 * that is in flight may free what the request needs.  The caller waits for it then
 * (pga_request_wait()), drains queue and caches, and calls again.  There may always be
 * another operation in flight, or one that is stuck, so a request gives up ten seconds
 * after it could have waited first, or a little later.  The caller sets @last_resort
 * in the end: the request tries held granules that are not due, too.  Each is tried
 * once, for two seconds in all.
 *
 * A request that may sleep leaves the floor (@min_ready) to those that may not.  If its
 * place has ready pages from the floor it first populates as much elsewhere.  If that
 * fails it takes the place all the same, and no request tries again for a while.
 *
 * The search of a request with a constraint can be long.  It drops the lock now and
 * then.  A place that becomes free below the point it has reached is not seen; if
 * the pool has grown, or an operation has ended, since it began, the request
 * searches again before it fails.
 */

#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "pool/claim.h"
#include "pool/flight.h"
#include "pool/grow.h"
#include "pool/place.h"
#include "pool/ready.h"
#include "pool/region.h"
#include "pool/request.h"
#include "pool/reserve.h"

/* Claims in portions that may fail before a request claims all at once. */
#define MAX_IN_PORTIONS	4

/*
 * How long a request waits for operations in flight.  It is limited by time, and
 * not to the operations that were in flight at first: a pass that discards granule
 * after granule always has one in flight, and a long run fits when it is over.
 */
#define PATIENCE_NS	(10 * (u64)NSEC_PER_SEC)

/* How long a request tries held granules. */
#define HELD_NS		(2 * (u64)NSEC_PER_SEC)

/* Nodes that a search examines in one critical section. */
#define NODES_A_HOLD	64

/**
 * struct search - the progress of a request that is not served at once
 * @rq: the request
 * @growth: growth for it, and what it last saw of the pool
 * @fit: the search for a place with a constraint
 * @searching: @fit is under way, the lock having been dropped
 * @refused: why the only place is not to be had, -errno
 * @walk: the held granules that were considered
 * @before: the same without the last one
 * @seen: pages of the only place that were examined and that no client holds
 * @nr_crossed: claims that were given up since a page was taken meanwhile
 * @nr_failed: granules that somebody else held
 * @floor_from: where to search for a granule to be populated for the floor
 * @floor_kept: a place that the request may take as far as the floor is concerned
 */
struct search {
	struct pga_request *rq;
	struct pga_growth growth;
	struct pga_fit fit;
	bool searching;
	int refused;
	struct pga_held_walk walk;
	struct pga_held_walk before;
	unsigned long seen;
	unsigned int nr_crossed;
	unsigned long nr_failed;
	unsigned long floor_from;
	unsigned long floor_kept;
};

/* Between two critical sections: false if the request should end. */
static bool may_go_on(const struct pga_request *rq)
{
	if (!rq->may_populate)
		return true;
	cond_resched();
	return !fatal_signal_pending(current);
}

static __always_inline bool take_ready(struct pagealloc_pool *pool,
				       unsigned long page, unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	pool->changes++;
	pool->stat[PAGEALLOC_ALLOC]++;
	pool->alloc_pages += nr;
	if (likely(pga_map_alloc(&pool->map, page, nr))) {
		pga_update_peak(pool);
		return true;
	}
	pga_pool_set_corrupt(pool, "a ready run that is not free", page);
	return false;
}

/**
 * pga_take_ready() - allocate a place that is ready
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, all of them free and ready, no more than a portion
 *
 * Return: false if a page is not free; the pool is corrupt then.
 */
bool pga_take_ready(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr)
{
	return take_ready(pool, page, nr);
}

/* The result of a search. */
enum found {
	FOUND_NOTHING,
	FOUND_NOT_YET,
	FOUND_READY,
	FOUND_CLAIMED,
	FOUND_REFUSED,
	FOUND_OVER_MAX,
	FOUND_FLOOR,
	FOUND_CORRUPT,
};

/* Does a place that was found cross the border of two regions, and must not? */
static bool crosses_border(const struct pagealloc_pool *pool, const struct pga_request *rq,
			   unsigned long page)
{
	return rq->one_region && page != PGA_NONE &&
	       page + rq->nr > pga_region_from(pool, page)->end;
}

/*
 * All places from this one up to the border cross it.  The search goes on at the next
 * region that is long enough.
 */
static bool skip_border(struct pagealloc_pool *pool, struct search *s, unsigned long *page)
{
	struct pga_constraint where = s->fit.where;
	const struct pga_region *next;

	if (!crosses_border(pool, s->rq, *page))
		return false;
	next = pga_region_long(pool, pga_region_from(pool, *page)->end, where.nr);
	if (!next) {
		*page = PGA_NONE;
		return false;
	}
	where.low = next->start;
	pga_fit_begin(&s->fit, s->fit.which, &where);
	return true;
}

/* Find the lowest place; false if that takes another critical section. */
static bool find_place(struct pagealloc_pool *pool, struct search *s,
		       enum pga_which which, unsigned long *page)
{
	struct pga_constraint where;

	if (!s->rq->where) {
		*page = pga_map_find(&pool->map, which, s->rq->nr);
		return true;
	}
	if (s->searching && s->fit.which == which) {
		pga_fit_resume(&s->fit);
	} else {
		where = pga_place_in_pages(pool, s->rq->where);
		pga_fit_begin(&s->fit, which, &where);
	}
	s->searching = !pga_map_fit(&pool->map, &s->fit, NODES_A_HOLD, page) ||
		       skip_border(pool, s, page);
	return !s->searching;
}

/* There is no place.  If a request has one place only, can waiting help? */
static enum found judge_failure(struct pagealloc_pool *pool, struct search *s)
{
	struct pga_constraint where;

	if (!s->rq->fixed)
		return FOUND_NOTHING;
	where = pga_place_in_pages(pool, s->rq->where);
	s->refused = pga_place_refused(pool, &where, s->rq->one_region, &s->seen);
	if (s->refused)
		return FOUND_REFUSED;
	return s->seen < where.nr ? FOUND_NOT_YET : FOUND_NOTHING;
}

/*
 * Should as much as possible be claimed in one critical section?  Yes, if other
 * requests have got in between before; and if the engine has no node left for the
 * pages behind a portion: these would be parked, though all of them are taken.
 */
static bool claim_at_once(const struct pagealloc_pool *pool,
			  const struct search *s)
{
	return s->nr_crossed >= MAX_IN_PORTIONS ||
	       pga_map_wants(&pool->map) >= PGA_RESERVE_NODES;
}

static bool has_discarded(const struct pagealloc_pool *pool, unsigned long page,
			  unsigned long nr)
{
	struct pga_extent e;

	return pool->map.discarded &&
	       pga_map_next_discarded(&pool->map, page, page + nr, &e);
}

/* Find a place by the request's policy, and take or claim it. */
static enum found find_and_take(struct pagealloc_pool *pool, struct search *s,
				struct pga_claim *claim, unsigned long *page)
{
	const bool may_populate = s->rq->may_populate && !s->rq->no_memory &&
				  !pool->broken;
	const bool seen_ready = s->searching && s->fit.which == PGA_FREE;
	const unsigned long nr = s->rq->nr;
	bool claimed = nr > PGA_PORTION_PAGES;

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return FOUND_CORRUPT;
	if (nr > pga_room(pool))
		return FOUND_OVER_MAX;

	*page = PGA_NONE;
	if ((!may_populate || (s->rq->ready_first && !seen_ready)) &&
	    !find_place(pool, s, PGA_READY, page))
		return FOUND_NOT_YET;
	if (*page == PGA_NONE && may_populate) {
		if (!find_place(pool, s, PGA_FREE, page))
			return FOUND_NOT_YET;
		if (*page != PGA_NONE && !claimed)
			claimed = has_discarded(pool, *page, nr);
	}
	if (*page == PGA_NONE)
		return judge_failure(pool, s);
	if (may_populate && *page != s->floor_kept && unlikely(pga_takes_floor(pool, nr)))
		return FOUND_FLOOR;
	if (claimed)
		return pga_claim_begin(pool, claim,
				       (struct pga_extent) { *page, nr },
				       claim_at_once(pool, s)) ?
			FOUND_CLAIMED : FOUND_CORRUPT;
	return pga_take_ready(pool, *page, nr) ? FOUND_READY : FOUND_CORRUPT;
}

/* Remember what the search sees of the pool: it may wait for a change of that. */
static void remember_pool(const struct pagealloc_pool *pool, struct search *s,
			  bool first)
{
	if (!s->rq->began) {
		s->rq->began = true;
		s->rq->since = pool->failures;
	}
	if (first) {
		s->growth.pages = pool->map.pages;
		s->rq->settled = pool->settled;
		s->growth.in_flight = 0;
	}
	s->growth.in_flight = max(s->growth.in_flight, pool->in_flight);
}

/* Has the time passed that begins with the first call? */
static bool is_over(u64 now, u64 *until, u64 ns)
{
	if (!*until)
		*until = now + ns;
	return now >= *until;
}

/*
 * Should the request search again after a claim failed with @error?  A granule that is
 * due becomes free again while the request goes on.  So it could go on for ever, if
 * it were not to give up once more granules have failed than there are.
 */
static bool worth_another_try(const struct pagealloc_pool *pool, struct search *s,
			      int error)
{
	if (error == -EAGAIN) {
		s->nr_crossed++;
		return true;
	}
	if (error != -EHWPOISON)
		s->rq->error = error;
	if (error == -ENOMEM) {
		s->rq->no_memory = true;
		return true;
	}
	/* Pairs with WRITE_ONCE() in pga_map_grow(). */
	return (error == -EBUSY || error == -EHWPOISON) &&
	       ++s->nr_failed <= READ_ONCE(pool->map.pages) / pool->granule;
}

/* Finish a claim; -EAGAIN to search again. */
static int finish(struct pagealloc_pool *pool, struct search *s,
		  struct pga_claim *claim)
{
	const int ret = pga_claim_finish(pool, claim);

	s->rq->populated += claim->populated;
	s->rq->fresh = claim->won && claim->discarded == claim->run.nr;
	s->rq->low = claim->low;
	return ret && worth_another_try(pool, s, ret) ? -EAGAIN : ret;
}

/*
 * Find the next place with a held granule that was not tried and that is due, or with
 * any.  -ENOENT: there is none; -EINTR on a fatal signal.
 */
static int find_held(struct pagealloc_pool *pool, struct search *s, bool due,
		     unsigned long *page)
{
	struct pga_constraint where = {
		.nr = s->rq->nr,
		.align = 1,
		.high = PGA_NO_END,
	};
	unsigned long flags;
	u64 now;
	int ret;

	flags = pga_pool_lock(pool);
	if (s->rq->where)
		where = pga_place_in_pages(pool, s->rq->where);
	pga_pool_unlock(pool, flags);
	do {
		if (!may_go_on(s->rq))
			return -EINTR;
		now = pga_now(pool);
		if (is_over(now, &s->rq->held_until, HELD_NS)) {
			s->rq->error = -EBUSY;
			return -ENOENT;
		}
		s->before = s->walk;
		ret = pga_place_with_held(pool, &where, s->rq->one_region,
					  s->rq->since, due ? now : U64_MAX,
					  &s->walk, page);
	} while (ret == -EAGAIN);
	if (ret == -EBUSY)
		s->rq->error = ret;
	return ret ? -ENOENT : 0;
}

/* Try the next such place.  -ENOENT: there is none; -EAGAIN to search again. */
static int try_held(struct pagealloc_pool *pool, struct search *s, bool due,
		    unsigned long *page)
{
	struct pga_claim claim;
	unsigned long flags;
	bool claimed;
	int ret;

	/* Pairs with WRITE_ONCE() in pga_held_move(). */
	if (!READ_ONCE(pool->nr_held))
		return -ENOENT;
	ret = find_held(pool, s, due, page);
	if (ret)
		return ret;
	flags = pga_pool_lock(pool);
	claimed = pga_claim_begin_held(pool, &claim,
				       (struct pga_extent) { *page, s->rq->nr });
	pga_pool_unlock(pool, flags);
	ret = -EAGAIN;
	if (claimed) {
		ret = finish(pool, s, &claim);
	} else {
		/* Another request has taken a page of it. */
		pga_claim_settle(pool, &claim);
		s->nr_crossed++;
	}
	/* There may be another place with the same granule, unless that was tried. */
	if (s->nr_crossed < MAX_IN_PORTIONS)
		s->walk = s->before;
	return ret;
}

/*
 * No run fits: try held granules that are due, or grow.  -ESTALE: the caller can wait
 * for what is in flight.
 */
static int make_room(struct pagealloc_pool *pool, struct search *s,
		     unsigned long *page)
{
	int ret;

	if (!s->rq->may_populate || s->rq->no_memory)
		return -ENOMEM;
	if (READ_ONCE(pool->broken))
		return -EIO;
	if (!may_go_on(s->rq))
		return -EINTR;
	ret = try_held(pool, s, true, page);
	if (ret != -ENOENT)
		return ret;
	ret = pga_grow(pool, &s->growth);
	/* Nor can another try grow the pool. */
	s->rq->no_memory |= ret == -ENOMEM;
	if (ret != -ENOSPC)
		return ret;
	if (s->growth.busy)
		s->rq->error = -EBUSY;
	if (!s->growth.in_flight ||
	    is_over(pga_now(pool), &s->rq->give_up_at, PATIENCE_NS)) {
		if (s->rq->last_resort)
			ret = try_held(pool, s, false, page);
		return ret == -ENOENT || ret == -ENOSPC ? s->rq->error ?: -ENOMEM : ret;
	}
	return -ESTALE;
}

/* How many of a run's pages are ready?  They may change meanwhile. */
static unsigned long ready_in(struct pagealloc_pool *pool, struct pga_extent run)
{
	const unsigned long end = pga_extent_end(run);
	unsigned long page, stop, flags, nr = run.nr;
	struct pga_extent e;

	for (page = run.start; page < end; page = stop) {
		stop = pga_portion_end(page, end);
		flags = pga_pool_lock(pool);
		while (page < stop && pga_map_next_discarded(&pool->map, page, stop, &e)) {
			page = min(pga_extent_end(e), stop);
			nr -= page - max(e.start, run.start);
		}
		pga_pool_unlock(pool, flags);
		cond_resched();
	}
	return nr;
}

/* Does it take too much of the floor to take so many ready pages? */
static bool floor_is_short(struct pagealloc_pool *pool, unsigned long nr)
{
	unsigned long flags;
	bool ret;

	flags = pga_pool_lock(pool);
	ret = nr && pga_takes_floor(pool, nr);
	pga_pool_unlock(pool, flags);
	return ret;
}

/* Before a place with ready pages is taken, populate as much elsewhere as it takes. */
static int keep_floor(struct pagealloc_pool *pool, struct search *s, unsigned long page)
{
	const struct pga_extent run = { page, s->rq->nr };
	unsigned long flags;
	int ret = 0;

	while (!ret && floor_is_short(pool, ready_in(pool, run))) {
		if (!may_go_on(s->rq))
			return -EINTR;
		ret = pga_make_ready(pool, &s->floor_from, &s->rq->populated);
	}
	flags = pga_pool_lock(pool);
	if (ret)
		pga_backoff_fail(&pool->floor, pga_now(pool));
	else
		pool->floor = (struct pga_backoff) {};
	pga_pool_unlock(pool, flags);
	s->floor_kept = page;
	return -EAGAIN;
}

/* Search once, and do what the result asks for; -EAGAIN to search again. */
static int attempt(struct pagealloc_pool *pool, struct search *s,
		   unsigned long *page)
{
	struct pga_claim claim;
	bool first = true;
	unsigned long flags;
	enum found found;

	s->seen = 0;
	do {
		flags = pga_pool_lock(pool);
		found = find_and_take(pool, s, &claim, page);
		remember_pool(pool, s, first);
		s->rq->low = pga_pool_is_low(pool);
		if (found != FOUND_NOT_YET)
			pga_request_allow_refills(pool, s->rq);
		pga_pool_unlock(pool, flags);
		first = false;
	} while (found == FOUND_NOT_YET && may_go_on(s->rq));

	switch (found) {
	case FOUND_NOT_YET:
		return -EINTR;
	case FOUND_READY:
		return 0;
	case FOUND_CLAIMED:
		return finish(pool, s, &claim);
	case FOUND_NOTHING:
		return make_room(pool, s, page);
	case FOUND_REFUSED:
		return s->refused;
	case FOUND_OVER_MAX:
		return -EDQUOT;
	case FOUND_FLOOR:
		return keep_floor(pool, s, *page);
	default:
		pga_report_corruption(pool);
		return -EIO;
	}
}

/* Serve a request that no ready place serves at once. */
static noinline int alloc_by_search(struct pagealloc_pool *pool,
				    struct pga_request *rq)
{
	struct search s = {
		.rq = rq,
		.floor_kept = PGA_NONE,
		.growth = {
			.nr = rq->nr,
			.where = rq->where,
			.one_region = rq->one_region,
			.to_grow = rq->nr,
			.since = rq->since,
			.last_resort = rq->last_resort,
		},
	};
	unsigned long page;
	int ret;

	do {
		ret = attempt(pool, &s, &page);
	} while (ret == -EAGAIN);

	if (!ret)
		rq->pfn = pga_pfn_of(pool, page);
	return ret;
}

/* The place for a request if a search of bounded length finds it; PGA_NONE otherwise. */
static unsigned long quick_place(struct pagealloc_pool *pool,
				 const struct pga_request *rq, enum pga_which which)
{
	struct pga_constraint where;
	unsigned long page;
	struct pga_fit fit;

	if (!rq->where)
		return pga_map_find(&pool->map, which, rq->nr);
	where = pga_place_in_pages(pool, rq->where);
	pga_fit_begin(&fit, which, &where);
	if (!pga_map_fit(&pool->map, &fit, NODES_A_HOLD, &page) ||
	    crosses_border(pool, rq, page))
		return PGA_NONE;
	return page;
}

/* The place of a short run if it is ready; PGA_NONE otherwise. */
static unsigned long ready_place(struct pagealloc_pool *pool,
				 const struct pga_request *rq)
{
	unsigned long page;
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt || rq->nr > PGA_PORTION_PAGES || rq->nr > pga_room(pool))
		return PGA_NONE;
	if (!pool->map.discarded)
		return quick_place(pool, rq, PGA_FREE);
	if (!rq->may_populate || rq->ready_first)
		return quick_place(pool, rq, PGA_READY);
	page = quick_place(pool, rq, PGA_FREE);
	if (page != PGA_NONE &&
	    pga_map_next_discarded(&pool->map, page, page + rq->nr, &e))
		return PGA_NONE;
	return page;
}

/**
 * pga_take_at_once() - allocate a ready run if nothing speaks against it
 * @pool: the pool
 * @nr: pages, no more than a portion
 * @ready_first: ready pages come before lower ones
 * @pfn: set to the first page
 *
 * This is what pga_pool_alloc() does first, for most requests and most pools: without a
 * maximum and a floor, held granules, and a reserve that the engine lives on.
 *
 * Context: any but NMI.
 * Return: false, and nothing has changed, if pga_pool_alloc() has to decide.
 */
bool pga_take_at_once(struct pagealloc_pool *pool, unsigned long nr, bool ready_first,
		      unsigned long *pfn)
{
	unsigned long flags, page = PGA_NONE;

	flags = pga_pool_lock(pool);
	if (likely(!pool->corrupt && !pool->tuning.max && !pool->tuning.min_ready &&
		   !pool->nr_held && !pool->map.ops->node_size &&
		   (!pool->map.discarded || ready_first)))
		page = pga_map_find(&pool->map, PGA_READY, nr);
	if (page != PGA_NONE && unlikely(!take_ready(pool, page, nr)))
		page = PGA_NONE;
	pga_pool_unlock(pool, flags);
	if (unlikely(page == PGA_NONE))
		return false;
	*pfn = pga_pfn_of(pool, page);
	return true;
}

/**
 * pga_pool_alloc() - allocate a run of pages
 * @pool: the pool
 * @rq: the request; more than a portion only if it may populate
 *
 * A failure is not counted: the caller may have other ways to try.
 *
 * Context: may sleep if @rq->may_populate, any but NMI otherwise.
 * Return: 0; -EDQUOT if more than the maximum would be in use; -ENOMEM; -ESTALE if a
 * request that may populate can wait for operations in flight; -EBUSY if somebody else
 * holds memory of all places that are left; -EINTR; -EIO if the pool is corrupt, or its
 * backing broken and no ready run fits; for a request with one place -ERANGE if it is
 * not in the pool, -EBUSY also if some of it is in use.
 */
int pga_pool_alloc(struct pagealloc_pool *pool, struct pga_request *rq)
{
	unsigned long flags, page;

	if (rq->may_populate && unlikely(pga_reserve_is_low(pool)))
		pga_reserve_fill(pool);
	/* Pairs with WRITE_ONCE() in pga_held_move(). */
	if (unlikely(READ_ONCE(pool->nr_held)) && rq->may_populate && !rq->began)
		pga_held_release(pool);
	flags = pga_pool_lock(pool);
	page = ready_place(pool, rq);
	if (page != PGA_NONE &&
	    (unlikely(rq->may_populate && pga_takes_floor(pool, rq->nr)) ||
	     !take_ready(pool, page, rq->nr)))
		page = PGA_NONE;
	rq->low = pga_pool_is_low(pool);
	pga_pool_unlock(pool, flags);

	if (unlikely(page == PGA_NONE))
		return alloc_by_search(pool, rq);
	rq->pfn = pga_pfn_of(pool, page);
	return 0;
}

/**
 * pga_request_wait() - wait until an operation has ended that is in flight
 * @pool: the pool
 * @rq: the request, for which pga_pool_alloc() has returned -ESTALE
 *
 * Context: may sleep.
 * Return: 0 if the request should search again, -EINTR on a fatal signal.
 */
int pga_request_wait(struct pagealloc_pool *pool, const struct pga_request *rq)
{
	/* The operation that is in flight may be stuck in the backing. */
	const long ret = wait_event_killable_timeout(pool->settled_wq,
				!READ_ONCE(pool->in_flight) ||
				READ_ONCE(pool->settled) != rq->settled,
				nsecs_to_jiffies(PATIENCE_NS));

	return ret < 0 ? -EINTR : 0;
}
