// SPDX-License-Identifier: GPL-2.0
/*
 * Requests: allocate and free.
 *
 * An allocation looks for a place; where it looks first is the pool's policy.
 * A place that is ready is taken, and that is all for most requests.  One that
 * is not can only be had by a request that may sleep:
 *
 *	   page:      r  r  D  D  D  D  r  r  D  D  D  D
 *	   granules: |           |           |           |
 *	   run:               <--------------->
 *	   claim:             <------------------------>
 *
 * The run is claimed: isolated, together with the rest of each discarded
 * granule that it reaches into, and its discarded parts are noted.  Then, with
 * the lock dropped, the backing populates these one by one.  If all goes well
 * the run becomes the client's, and the rest of the claim free and ready.  If
 * not, what is ready stays ready, and free; the granule that failed is set
 * aside, which means it stays isolated until the end of the request, and the
 * search begins anew without it.
 *
 * A claim notes a few discarded parts only.  A run with more is claimed in
 * windows from left to right, and should somebody else get into what is not
 * yet claimed, the claim is given back and the search begins anew, with more
 * ready memory than before.
 *
 * A request that finds no place grows the pool; if it cannot, it waits for what
 * is in flight, since that may be about to free what it needs; and when nothing
 * is, there is no memory.  What is in flight ends by itself, but there may always
 * be something else: a request that still finds no place when it has waited for
 * ten seconds gives up.  It does not turn away from what it is waiting for, but
 * waits for nothing that comes after that.
 *
 * The search for a run that may not be just anywhere can be long.  It lets the
 * lock go now and then, and what it last saw of the pool is what it saw in the
 * beginning: if anything has grown or landed meanwhile it looks again.
 */

#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "pool.h"

/* Discarded parts that a claim can note, in one window. */
#define CLAIM_PARTS	16

/* Granules that may fail before the request does. */
#define MAX_ASIDE	8

/*
 * How long a request goes on waiting for one thing in flight after the other.
 * Time, and not what was in flight when it first looked: a pass that discards
 * granule after granule has one in flight at each look, and a long run fits
 * once it is over.
 */
#define PATIENCE_NS	(10 * (u64)NSEC_PER_SEC)

/* Nodes that a search looks at before it lets the lock go. */
#define NODES_A_HOLD	64

/**
 * struct request - an allocation on its way
 * @need: what it is for
 * @want: what it last saw of the pool
 * @fit: a search for a place that may not be anywhere
 * @searching: @fit is under way, the lock having been dropped
 * @refused: why the one place it can have is not to be had, -errno
 * @may_populate: it may sleep, and have memory found for it
 * @error: what the last populate that failed said
 * @populated: pages populated so far
 * @fresh: all of the run it got was discarded before
 * @low: less is ready than should be
 * @give_up_at: when not to wait any more, 0 if it has not waited
 * @nr_failed: how many granules have failed
 * @nr_aside: how many of @aside are in use
 * @aside: granules whose populate failed, isolated till the end
 */
struct request {
	const struct pga_need *need;
	struct pga_want want;
	struct pga_fit fit;
	bool searching;
	int refused;
	bool may_populate;
	int error;
	unsigned long populated;
	bool fresh;
	bool low;
	u64 give_up_at;
	unsigned int nr_failed;
	unsigned int nr_aside;
	struct pga_isolated aside[MAX_ASIDE];
};

/**
 * struct claim - a place for a run that is not all ready
 * @iso: the claim, from its first page to where this window ends
 * @run: what the request gets if all goes well
 * @nr_parts: how many of @part are in use
 * @part: the discarded parts of this window, whole granules, by address
 * @done: pages of @part below this one are ready
 * @discarded: pages of @run that were discarded, in this window and before
 */
struct claim {
	struct pga_isolated iso;
	struct pga_extent run;
	unsigned int nr_parts;
	struct pga_extent part[CLAIM_PARTS];
	unsigned long done;
	unsigned long discarded;
};

/*
 * Note the discarded parts of the run from @page on, and return where the
 * window ends: behind the run, or behind the last part there is room for.
 */
static unsigned long note_parts(struct pagealloc_pool *pool, struct claim *claim,
				unsigned long page)
{
	const unsigned long end = pga_extent_end(claim->run);
	const unsigned long granule = pool->granule;
	struct pga_extent e;
	unsigned long stop;

	for (claim->nr_parts = 0; claim->nr_parts < CLAIM_PARTS; page = stop) {
		if (page >= end ||
		    !pga_map_next_discarded(&pool->map, page, end, &e))
			return max(page, end);
		stop = ALIGN(pga_extent_end(e), granule);
		claim->discarded += min(stop, end) - max(e.start, claim->run.start);
		e.start = ALIGN_DOWN(e.start, granule);
		e.nr = stop - e.start;
		claim->part[claim->nr_parts++] = e;
	}
	return page;
}

/* Isolate the next window; false if somebody has got into it. */
static bool claim_window(struct pagealloc_pool *pool, struct claim *claim)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);
	unsigned long end;

	lockdep_assert_held(&pool->lock);
	claim->done = page;
	if (!pga_map_test(&pool->map, page, pga_extent_end(claim->run) - page,
			  false))
		return false;
	end = note_parts(pool, claim, page);
	pga_isolate_free(pool, &claim->iso, end - page);
	return true;
}

static bool claimed_all(const struct claim *claim)
{
	return pga_extent_end(claim->iso.pages) >= pga_extent_end(claim->run);
}

/*
 * Claim a free run that has discarded pages in it, the first window of it; false
 * if the books do not add up.
 */
static bool claim_begin(struct pagealloc_pool *pool, struct claim *claim,
			unsigned long page, unsigned long nr)
{
	unsigned long start = page;
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pga_map_next_discarded(&pool->map, page, page + 1, &e))
		start = ALIGN_DOWN(page, pool->granule);
	claim->run = (struct pga_extent) { page, nr };
	claim->discarded = 0;
	pga_flight_begin(pool);
	pga_isolate(pool, &claim->iso, start);
	if (claim_window(pool, claim))
		return true;
	pga_pool_corrupt(pool, "a free run that is not free", page);
	pga_isolate_end(pool, &claim->iso);
	pga_flight_end(pool);
	return false;
}

/* The run becomes the client's, what else was claimed free and ready. */
static void claim_succeed(struct pagealloc_pool *pool, struct claim *claim)
{
	const struct pga_extent all = claim->iso.pages, run = claim->run;

	lockdep_assert_held(&pool->lock);
	pga_isolate_end(pool, &claim->iso);
	pga_make_free(pool, all.start, run.start - all.start, PGA_MADE_READY);
	pga_make_free(pool, pga_extent_end(run),
		      pga_extent_end(all) - pga_extent_end(run), PGA_MADE_READY);
	pga_map_use(&pool->map, run.start, run.nr);
	pool->stat[PAGEALLOC_ALLOC]++;
	pga_note_peak(pool);
	pga_flight_end(pool);
}

/* All becomes free, ready as far as it was populated; @aside stays isolated. */
static void claim_give_back(struct pagealloc_pool *pool, struct claim *claim,
			    struct pga_isolated *aside)
{
	const struct pga_extent all = claim->iso.pages;
	unsigned long page = all.start, start, end;
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	pga_isolate_end(pool, &claim->iso);
	for (i = 0; i < claim->nr_parts; i++) {
		start = max(claim->part[i].start, claim->done);
		end = pga_extent_end(claim->part[i]);
		if (start >= end)
			continue;
		pga_make_free(pool, page, start - page, PGA_MADE_READY);
		if (aside && start == claim->done) {
			pga_flight_begin(pool);
			pga_isolate(pool, aside, start);
			pga_isolate_held(pool, aside, pool->granule);
			start += pool->granule;
		}
		pga_make_free(pool, start, end - start, PGA_MADE_DISCARDED);
		page = end;
	}
	pga_make_free(pool, page, pga_extent_end(all) - page, PGA_MADE_READY);
	pga_map_offer(&pool->map, all.start, all.nr);
	pga_flight_end(pool);
}

static int populate_window(struct pagealloc_pool *pool, struct request *rq,
			   struct claim *claim)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < claim->nr_parts && !ret; i++) {
		ret = pga_populate(pool, claim->part[i], &claim->done);
		rq->populated += claim->done - claim->part[i].start;
	}
	return ret;
}

/* Whether the request should look for another place after this. */
static bool worth_another_try(struct request *rq, int error)
{
	rq->error = error;
	return (error == -ENOMEM || error == -EBUSY) && ++rq->nr_failed < MAX_ASIDE;
}

/* The claim has failed with @error: its errno, or -EAGAIN to look elsewhere. */
static int claim_fail(struct pagealloc_pool *pool, struct request *rq,
		      struct claim *claim, int error)
{
	struct pga_isolated *aside = NULL;
	int ret = error;

	lockdep_assert_held(&pool->lock);
	if (error == -ENOMEM || error == -EBUSY)
		aside = &rq->aside[rq->nr_aside++];
	claim_give_back(pool, claim, aside);
	if (error != -EAGAIN && worth_another_try(rq, error))
		ret = -EAGAIN;
	return ret;
}

/* Populate what is claimed, window by window, and settle. */
static int claim_populate(struct pagealloc_pool *pool, struct request *rq,
			  struct claim *claim)
{
	unsigned long flags;
	bool all = false;
	int ret;

	do {
		ret = populate_window(pool, rq, claim);
		flags = pga_pool_lock(pool);
		if (ret) {
			ret = claim_fail(pool, rq, claim, ret);
		} else if (claimed_all(claim)) {
			all = true;
			rq->fresh = claim->discarded == claim->run.nr;
			claim_succeed(pool, claim);
		} else if (!claim_window(pool, claim)) {
			claim->nr_parts = 0;
			ret = claim_fail(pool, rq, claim, -EAGAIN);
		}
		pga_pool_unlock(pool, flags);
	} while (!ret && !all);

	pga_flight_wake(pool);
	return ret;
}

/**
 * pga_take_ready() - allocate a place that is ready as it is
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, all of them free and ready
 *
 * Return: false if they are not; the pool is corrupt then.
 */
bool pga_take_ready(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	pool->changes++;
	pool->stat[PAGEALLOC_ALLOC]++;
	if (pga_map_alloc(&pool->map, page, nr)) {
		pga_note_peak(pool);
		return true;
	}
	pga_pool_corrupt(pool, "a ready run that is not free", page);
	return false;
}

enum found {
	FOUND_NOTHING,
	FOUND_NOT_YET,
	FOUND_READY,
	FOUND_CLAIMED,
	FOUND_REFUSED,
	FOUND_CORRUPT,
};

/* Search for the lowest place; false if that takes another hold of the lock. */
static bool search(struct pagealloc_pool *pool, struct request *rq,
		   enum pga_which which, unsigned long *page)
{
	struct pga_constraint where;

	if (!rq->need->where) {
		*page = pga_map_find(&pool->map, which, rq->need->nr);
		return true;
	}
	if (rq->searching && rq->fit.which == which) {
		pga_fit_resume(&rq->fit);
	} else {
		where = pga_place_in_pages(pool, rq->need->where);
		pga_fit_begin(&rq->fit, which, &where);
	}
	rq->searching = !pga_map_fit(&pool->map, &rq->fit, NODES_A_HOLD, page);
	return !rq->searching;
}

/* There is no place; if it can be but one, is there any point in waiting? */
static enum found nothing(struct pagealloc_pool *pool, struct request *rq)
{
	struct pga_constraint where;

	if (!rq->need->fixed)
		return FOUND_NOTHING;
	where = pga_place_in_pages(pool, rq->need->where);
	rq->refused = pga_place_refused(pool, &where);
	return rq->refused ? FOUND_REFUSED : FOUND_NOTHING;
}

/* Look for a place by the request's policy, and take or claim it. */
static enum found look(struct pagealloc_pool *pool, struct request *rq,
		       struct claim *claim, unsigned long *page)
{
	const bool may_populate = rq->may_populate && !pool->broken;
	const bool seen_ready = rq->searching && rq->fit.which == PGA_FREE;
	const unsigned long nr = rq->need->nr;
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return FOUND_CORRUPT;

	*page = PGA_NONE;
	if ((!may_populate || (rq->need->ready_first && !seen_ready)) &&
	    !search(pool, rq, PGA_READY, page))
		return FOUND_NOT_YET;
	if (*page == PGA_NONE && may_populate) {
		if (!search(pool, rq, PGA_FREE, page))
			return FOUND_NOT_YET;
		if (*page != PGA_NONE && pool->map.discarded &&
		    pga_map_next_discarded(&pool->map, *page, *page + nr, &e)) {
			return claim_begin(pool, claim, *page, nr) ?
				FOUND_CLAIMED : FOUND_CORRUPT;
		}
	}
	if (*page == PGA_NONE)
		return nothing(pool, rq);
	return pga_take_ready(pool, *page, nr) ? FOUND_READY : FOUND_CORRUPT;
}

/* Let go of what was set aside. */
static void put_aside(struct pagealloc_pool *pool, struct request *rq)
{
	struct pga_isolated *aside = rq->aside;
	unsigned long flags;

	flags = pga_pool_lock(pool);
	for (; rq->nr_aside; rq->nr_aside--, aside++) {
		pga_isolate_end(pool, aside);
		pga_make_free(pool, aside->pages.start, aside->pages.nr,
			      PGA_MADE_DISCARDED);
		pga_flight_end(pool);
	}
	pga_pool_unlock(pool, flags);
	pga_flight_wake(pool);
}

/* What a search sees of the pool when it begins, and what it may wait for. */
static void note_pool(const struct pagealloc_pool *pool, struct pga_want *want,
		      bool first)
{
	if (first) {
		want->pages = pool->map.pages;
		want->settled = pool->settled;
		want->in_flight = 0;
	}
	want->in_flight = max(want->in_flight, pool->in_flight);
}

/* Whether the request has waited for long enough. */
static bool out_of_patience(const struct pagealloc_pool *pool, struct request *rq)
{
	const u64 now = pga_now(pool);

	if (!rq->give_up_at)
		rq->give_up_at = now + PATIENCE_NS;
	return now >= rq->give_up_at;
}

/* Nothing fits: grow, or wait for what is in flight. */
static int make_room(struct pagealloc_pool *pool, struct request *rq)
{
	int ret;

	if (!rq->may_populate)
		return -ENOMEM;
	if (READ_ONCE(pool->broken))
		return -EIO;
	ret = pga_pool_grow(pool, &rq->want);
	if (ret != -ENOSPC)
		return ret;
	if (rq->want.in_flight <= rq->nr_aside || out_of_patience(pool, rq))
		return rq->error ?: -ENOMEM;
	/* Others may wait for what is set aside, so do not wait with it. */
	if (rq->nr_aside) {
		put_aside(pool, rq);
		rq->want.settled = READ_ONCE(pool->settled);
	}
	ret = wait_event_killable(pool->settled_wq, !READ_ONCE(pool->in_flight) ||
				  READ_ONCE(pool->settled) != rq->want.settled);
	return ret ? -EINTR : -EAGAIN;
}

/* Between two holds of the lock: false if the search should end here. */
static bool go_on(const struct request *rq)
{
	if (!rq->may_populate)
		return true;
	cond_resched();
	return !fatal_signal_pending(current);
}

static int attempt(struct pagealloc_pool *pool, struct request *rq,
		   unsigned long *page)
{
	struct claim claim;
	bool first = true;
	unsigned long flags;
	enum found found;

	do {
		flags = pga_pool_lock(pool);
		found = look(pool, rq, &claim, page);
		note_pool(pool, &rq->want, first);
		rq->low = pga_pool_is_low(pool);
		pga_pool_unlock(pool, flags);
		first = false;
	} while (found == FOUND_NOT_YET && go_on(rq));

	switch (found) {
	case FOUND_NOT_YET:
		return -EINTR;
	case FOUND_READY:
		return 0;
	case FOUND_CLAIMED:
		return claim_populate(pool, rq, &claim);
	case FOUND_NOTHING:
		return make_room(pool, rq);
	case FOUND_REFUSED:
		return rq->refused;
	default:
		pga_flight_wake(pool);
		return -EIO;
	}
}

/* A run that is not ready as it is, or not there at once. */
static noinline int alloc_otherwise(struct pagealloc_pool *pool,
				    const struct pga_need *need,
				    bool may_populate, struct pga_got *got)
{
	struct request rq = {
		.need = need,
		.want = {
			.nr = need->nr,
			.where = need->where,
			.to_grow = need->nr,
		},
		.may_populate = may_populate,
	};
	unsigned long page;
	int ret;

	do {
		ret = attempt(pool, &rq, &page);
	} while (ret == -EAGAIN);

	if (rq.nr_aside)
		put_aside(pool, &rq);
	got->populated += rq.populated;
	got->fresh = rq.fresh;
	got->low = rq.low;
	if (!ret)
		got->pfn = pool->base + page;
	return ret;
}

/* Where a run would be placed, and is ready as it is; PGA_NONE otherwise. */
static unsigned long ready_place(struct pagealloc_pool *pool,
				 const struct pga_need *need, bool may_populate)
{
	unsigned long page;
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt || need->where)
		return PGA_NONE;
	if (!may_populate || !pool->map.discarded || need->ready_first)
		return pga_map_find(&pool->map, PGA_READY, need->nr);
	page = pga_map_find(&pool->map, PGA_FREE, need->nr);
	if (page != PGA_NONE &&
	    pga_map_next_discarded(&pool->map, page, page + need->nr, &e))
		return PGA_NONE;
	return page;
}

/**
 * pga_pool_alloc() - allocate a run of pages
 * @pool: the pool
 * @need: what is asked for
 * @may_populate: the caller may sleep, and discarded pages may be populated
 * @got: set to what was allocated; in any case @got->populated is added to
 *
 * A failure is not counted: the caller may know what else to try.
 *
 * Context: may sleep if @may_populate, any but NMI otherwise.
 * Return: 0; -ENOMEM, or what the backing said when it could not populate;
 * -EIO if the pool is corrupt, or its backing broken and no ready run fits; for
 * one place -ERANGE if it is not in the pool, -EBUSY if some of it is in use.
 */
int pga_pool_alloc(struct pagealloc_pool *pool, const struct pga_need *need,
		   bool may_populate, struct pga_got *got)
{
	unsigned long flags, page;

	if (may_populate && unlikely(pga_reserve_is_low(pool)))
		pga_reserve_fill(pool);
	flags = pga_pool_lock(pool);
	page = ready_place(pool, need, may_populate);
	if (page != PGA_NONE && !pga_take_ready(pool, page, need->nr))
		page = PGA_NONE;
	got->low = pga_pool_is_low(pool);
	pga_pool_unlock(pool, flags);

	if (unlikely(page == PGA_NONE))
		return alloc_otherwise(pool, need, may_populate, got);
	got->pfn = pool->base + page;
	return 0;
}

/* Isolate the lowest discarded pages from *@from on, @nr of them or less. */
static bool isolate_discarded(struct pagealloc_pool *pool,
			      struct pga_isolated *iso, unsigned long *from,
			      unsigned long nr)
{
	struct pga_region *region;
	struct pga_extent e;
	unsigned long end;

	lockdep_assert_held(&pool->lock);
	if (!pool->map.discarded) {
		*from = PGA_NONE;
		return false;
	}
	list_for_each_entry(region, &pool->regions, node) {
		*from = max(*from, region->start);
		/* A slice at a time: the lock must not be held for long. */
		end = min(region->grown, *from + (1UL << PGA_SLICE_SHIFT));
		if (*from >= end)
			continue;
		if (!pga_map_next_discarded(&pool->map, *from, end, &e)) {
			*from = end;
			return false;
		}
		pga_flight_begin(pool);
		pga_isolate(pool, iso, ALIGN_DOWN(e.start, pool->granule));
		nr = min(ALIGN(nr, pool->granule),
			 ALIGN(pga_extent_end(e), pool->granule) - iso->pages.start);
		pga_isolate_free(pool, iso, nr);
		return true;
	}
	*from = PGA_NONE;
	return false;
}

/**
 * pga_pool_make_ready() - populate free pages that nobody has asked for
 * @pool: the pool
 * @from: look from this page on; moves up, to PGA_NONE when there are no more
 * @nr: pages wanted
 *
 * One call of the backing, as a rule, so that the caller can pause.
 *
 * Context: may sleep.
 * Return: 0, -EIO if the pool is corrupt or its backing broken, or why memory
 * could not be had.
 */
int pga_pool_make_ready(struct pagealloc_pool *pool, unsigned long *from,
			unsigned long nr)
{
	struct pga_isolated iso;
	unsigned long flags, done;
	struct pga_extent e;
	bool found, refused;
	int ret;

	flags = pga_pool_lock(pool);
	refused = pool->corrupt || pool->broken;
	found = !refused && isolate_discarded(pool, &iso, from, nr);
	pga_pool_unlock(pool, flags);
	if (!found)
		return refused ? -EIO : 0;

	e = iso.pages;
	ret = pga_populate(pool, e, &done);

	flags = pga_pool_lock(pool);
	pga_isolate_end(pool, &iso);
	pga_make_free(pool, e.start, done - e.start, PGA_MADE_READY);
	pga_make_free(pool, done, pga_extent_end(e) - done, PGA_MADE_DISCARDED);
	if (done > e.start)
		pga_map_offer(&pool->map, e.start, done - e.start);
	pga_flight_end(pool);
	pga_pool_unlock(pool, flags);
	pga_flight_wake(pool);

	*from = pga_extent_end(e);
	return ret;
}

static bool is_isolated(const struct pagealloc_pool *pool, unsigned long page,
			unsigned long nr)
{
	const struct pga_isolated *iso;

	list_for_each_entry(iso, &pool->isolated, node)
		if (page < pga_extent_end(iso->pages) &&
		    iso->pages.start < page + nr)
			return true;
	return false;
}

/* Isolate pages that are all discarded. */
static int isolate_for_protect(struct pagealloc_pool *pool,
			       struct pga_isolated *iso, unsigned long page,
			       unsigned long nr)
{
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return -EIO;
	if (!pga_pool_covers(pool, page, nr))
		return -ERANGE;
	if (!pga_map_next_discarded(&pool->map, page, page + nr, &e) ||
	    e.start != page || e.nr != nr)
		return -EBUSY;
	pga_flight_begin(pool);
	pga_isolate(pool, iso, page);
	pga_isolate_free(pool, iso, nr);
	return 0;
}

/**
 * pga_pool_protect() - have the backing protect discarded pages
 * @pool: the pool
 * @pfn: first page, on a granule
 * @nr: pages, whole granules
 *
 * Context: may sleep.
 * Return: 0, -EIO, -ERANGE, -EBUSY, or what the backing says.
 */
int pga_pool_protect(struct pagealloc_pool *pool, unsigned long pfn,
		     unsigned long nr)
{
	struct pga_isolated iso;
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	ret = isolate_for_protect(pool, &iso, pfn - pool->base, nr);
	pga_pool_unlock(pool, flags);
	if (ret)
		return ret;

	ret = pool->ops->protect(pool->ctx, pfn, nr);

	flags = pga_pool_lock(pool);
	pga_isolate_end(pool, &iso);
	pga_make_free(pool, iso.pages.start, nr, PGA_MADE_DISCARDED);
	pga_flight_end(pool);
	pga_pool_unlock(pool, flags);
	pga_flight_wake(pool);
	return ret;
}

/**
 * pga_pool_is_used() - are these pages all a client's?
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1
 *
 * Return: false if a page is free, isolated, or not of the pool.
 */
bool pga_pool_is_used(const struct pagealloc_pool *pool, unsigned long page,
		      unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	return pga_pool_covers(pool, page, nr) && !is_isolated(pool, page, nr) &&
	       pga_map_test(&pool->map, page, nr, true);
}

/**
 * pga_note_over_limit() - pages were freed; is more retained than should be?
 * @pool: the pool, locked
 */
void pga_note_over_limit(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->over_limit, pool->map.pages - pool->map.discarded >
				     pool->limit_goal);
}

/* Those of 64 pages that are isolated. */
static unsigned long isolated_of(const struct pagealloc_pool *pool,
				 unsigned long page, unsigned long owned)
{
	unsigned long isolated = 0;
	unsigned int bit;

	for_each_set_bit(bit, &owned, BITS_PER_LONG)
		if (is_isolated(pool, page + bit, 1))
			isolated |= BIT(bit);
	return isolated;
}

/**
 * pga_free_word() - free pages that a cache had, among 64
 * @pool: the pool, locked
 * @page: the first of the 64
 * @owned: bit i: page @page + i
 *
 * A page that is free already was freed twice, on two CPUs; it is counted.
 */
void pga_free_word(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long owned)
{
	unsigned long amiss = 0;

	lockdep_assert_held(&pool->lock);
	if (unlikely(pool->corrupt))
		return;
	if (unlikely(pool->nr_isolated))
		amiss = isolated_of(pool, page, owned);
	owned &= ~amiss;
	pool->changes++;
	if (owned)
		amiss |= pga_map_put_word(&pool->map, page, owned, 0);
	if (unlikely(amiss))
		pool->stat[PAGEALLOC_DOUBLE_FREE] += hweight64(amiss);
}

/**
 * pga_free_locked() - free pages
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1
 *
 * Return: as pga_pool_free().
 */
int pga_free_locked(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return -EIO;
	/* What is freed now is young for a while. */
	pga_note_time(pool);
	if (!pga_pool_covers(pool, page, nr)) {
		pool->stat[PAGEALLOC_BAD_FREE]++;
		return -ERANGE;
	}
	if (is_isolated(pool, page, nr) ||
	    !pga_map_free(&pool->map, page, nr)) {
		pool->stat[PAGEALLOC_DOUBLE_FREE]++;
		return -EINVAL;
	}
	pool->changes++;
	pool->stat[PAGEALLOC_FREE]++;
	pga_note_over_limit(pool);
	return 0;
}

/**
 * pga_pool_free() - free pages
 * @pool: the pool
 * @pfn: first page
 * @nr: pages, at least 1
 *
 * Context: any but NMI.
 * Return: 0; -ERANGE if a page is not one the pool has grown by, -EINVAL if one
 * is free: nothing was done then; -EIO if the pool is corrupt.
 */
int pga_pool_free(struct pagealloc_pool *pool, unsigned long pfn,
		  unsigned long nr)
{
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	/* What is below the base wraps to far above all regions. */
	ret = pga_free_locked(pool, pfn - pool->base, nr);
	pga_pool_unlock(pool, flags);
	return ret;
}
