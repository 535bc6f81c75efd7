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
 * windows from left to right.
 *
 * A run that is longer than a portion is claimed as well, ready or not, since no
 * interrupt should have to wait until all of it is marked: a portion in each hold
 * of the lock, and in the end a portion comes into use in each, or is given back.
 *
 *	run:	 |-----------------------------------------------|
 *	claim:	 [iiiiiiii|iiiiiiii|iiiiiiii]
 *			    portion	     ^ somebody may get in here
 *
 * Should somebody else get into what is not yet claimed, the claim is given back
 * and the search begins anew.  That is the lowest place for him, too, if nothing
 * else is free below, but he has room there then: the next place is above him, and
 * what was given back is below.  After some such tries what can be is claimed in
 * one hold, so that nobody is kept from his run for ever.  (If he was in the way of
 * another window, there is more ready memory than before; that ends as well.)
 *
 * What others see of it meanwhile: nobody gets what is claimed, as nobody would
 * if all of it had been taken at once.  But should it be given back, it was out of
 * reach for a while in vain, and a request that may not sleep and finds nothing just
 * then fails for it.  One that may sleep waits, for a claim is in flight.  And as
 * long as anything is isolated, frees take the pool's lock.
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

#include "base/kunit_export.h"
#include "pool/pool.h"

/* Discarded parts that a claim can note, in one window. */
#define CLAIM_PARTS	16

/* Granules that may fail before the request does. */
#define MAX_ASIDE	8

/* How often somebody may get into a run that is claimed in portions. */
#define MAX_IN_PORTIONS	4

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
 * @seen: pages of the one place it can have in which no client is
 * @nr_crossed: how often somebody else has got into what it had begun to claim
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
	unsigned long seen;
	unsigned int nr_crossed;
	unsigned int nr_failed;
	unsigned int nr_aside;
	struct pga_isolated aside[MAX_ASIDE];
};

/**
 * struct claim - a place for a run that is not all ready, or long
 * @iso: the claim, from its first page to where it has got; when it is over, to
 *	 where it has not been settled
 * @run: what the request gets if all goes well
 * @ready_only: no page may be discarded
 * @at_once: all that can be is claimed in one hold
 * @nr_parts: how many of @part are in use
 * @part: the discarded parts of this window, whole granules, by address
 * @done: pages of the claim below this one are ready
 * @discarded: pages of @run that were discarded, in this window and before
 * @won: the run is the client's
 * @aside: the granule at @done is to be set aside here, unless NULL
 */
struct claim {
	struct pga_isolated iso;
	struct pga_extent run;
	bool ready_only;
	bool at_once;
	unsigned int nr_parts;
	struct pga_extent part[CLAIM_PARTS];
	unsigned long done;
	unsigned long discarded;
	bool won;
	struct pga_isolated *aside;
};

/* One more discarded part, or more of the last one. */
static void note_part(struct claim *claim, struct pga_extent e)
{
	const unsigned int nr = claim->nr_parts;

	if (nr && pga_extent_end(claim->part[nr - 1]) == e.start)
		claim->part[nr - 1].nr += e.nr;
	else
		claim->part[claim->nr_parts++] = e;
}

/*
 * Note the discarded parts of the run from @page to @end, and return where to go
 * on: there, or behind the last part there is room for.
 */
static unsigned long note_parts(struct pagealloc_pool *pool, struct claim *claim,
				unsigned long page, unsigned long end)
{
	const unsigned long run_end = pga_extent_end(claim->run);
	const unsigned long granule = pool->granule;
	struct pga_extent e;
	unsigned long stop;

	for (; claim->nr_parts < CLAIM_PARTS; page = stop) {
		if (page >= end || !pool->map.discarded ||
		    !pga_map_next_discarded(&pool->map, page, end, &e))
			return max(page, end);
		stop = ALIGN(pga_extent_end(e), granule);
		claim->discarded += min(stop, run_end) -
				    max(e.start, claim->run.start);
		e.start = ALIGN_DOWN(e.start, granule);
		e.nr = stop - e.start;
		note_part(claim, e);
	}
	return page;
}

/* Isolate a portion; false if somebody has got into it. */
static bool claim_portion(struct pagealloc_pool *pool, struct claim *claim)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);
	unsigned long end = pga_extent_end(claim->run);

	lockdep_assert_held(&pool->lock);
	if (!claim->at_once)
		end = pga_portion_end(page, end);
	if (pool->corrupt || !pga_map_test(&pool->map, page, end - page, false))
		return false;
	end = note_parts(pool, claim, page, end);
	if (claim->ready_only && claim->nr_parts)
		return false;
	pga_isolate_free(pool, &claim->iso, end - page);
	return true;
}

static bool claimed_all(const struct claim *claim)
{
	return pga_extent_end(claim->iso.pages) >= pga_extent_end(claim->run);
}

/* A claim that begins at @start and covers nothing; some of @run comes next. */
static void claim_open(struct pagealloc_pool *pool, struct claim *claim,
		       unsigned long start, struct pga_extent run)
{
	claim->run = run;
	claim->ready_only = false;
	claim->at_once = false;
	claim->nr_parts = 0;
	claim->done = start;
	claim->discarded = 0;
	claim->won = false;
	claim->aside = NULL;
	pga_flight_begin(pool);
	pga_isolate(pool, &claim->iso, start);
}

/* Nothing is claimed any more. */
static void claim_close(struct pagealloc_pool *pool, struct claim *claim)
{
	pga_isolate_end(pool, &claim->iso);
	pga_flight_end(pool);
}

/*
 * Claim a free run that is long or has discarded pages in it, the first portion of
 * it; false if the books do not add up.
 */
static bool claim_begin(struct pagealloc_pool *pool, struct claim *claim,
			struct pga_extent run, bool ready_only, bool at_once)
{
	unsigned long start = run.start;
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pga_map_next_discarded(&pool->map, start, start + 1, &e))
		start = ALIGN_DOWN(start, pool->granule);
	claim_open(pool, claim, start, run);
	claim->ready_only = ready_only;
	claim->at_once = at_once;
	if (claim_portion(pool, claim))
		return true;
	pga_pool_corrupt(pool, "a free run that is not free", run.start);
	claim_close(pool, claim);
	return false;
}

/* What becomes of pages of a claim. */
enum fate {
	FATE_USED,
	FATE_READY,
	FATE_DISCARDED,
	FATE_ASIDE,
};

/* What becomes of the first page, and up to where of the others, too? */
static enum fate fate_of(const struct pagealloc_pool *pool,
			 const struct claim *claim, unsigned long *end)
{
	const unsigned long page = claim->iso.pages.start;
	const struct pga_extent *part = claim->part;

	if (page < claim->done) {
		*end = claim->done;
		if (!claim->won || page >= pga_extent_end(claim->run))
			return FATE_READY;
		*end = page < claim->run.start ? claim->run.start :
						 pga_extent_end(claim->run);
		return page < claim->run.start ? FATE_READY : FATE_USED;
	}
	if (claim->aside && page == claim->done) {
		*end = page + pool->granule;
		return FATE_ASIDE;
	}
	while (part < claim->part + claim->nr_parts && pga_extent_end(*part) <= page)
		part++;
	*end = pga_extent_end(claim->iso.pages);
	if (part == claim->part + claim->nr_parts)
		return FATE_READY;
	*end = page < part->start ? part->start : pga_extent_end(*part);
	return page < part->start ? FATE_READY : FATE_DISCARDED;
}

/* Settle the first pages of a claim, as far as they are alike, up to @stop. */
static void settle_some(struct pagealloc_pool *pool, struct claim *claim,
			unsigned long stop)
{
	const unsigned long page = claim->iso.pages.start;
	unsigned long end, nr;
	enum fate fate;

	fate = fate_of(pool, claim, &end);
	/* No granule is discarded by half while the lock is not held. */
	if (fate == FATE_DISCARDED)
		stop = ALIGN(stop, pool->granule);
	if (fate != FATE_ASIDE)
		end = min(end, stop);
	nr = end - page;
	pga_isolate_less(pool, &claim->iso, nr);
	switch (fate) {
	case FATE_USED:
		pga_map_use(&pool->map, page, nr);
		break;
	case FATE_READY:
		pga_make_free(pool, page, nr, PGA_MADE_READY);
		break;
	case FATE_DISCARDED:
		pga_make_free(pool, page, nr, PGA_MADE_DISCARDED);
		break;
	case FATE_ASIDE:
		pga_flight_begin(pool);
		pga_isolate(pool, claim->aside, page);
		pga_isolate_held(pool, claim->aside, nr);
		break;
	}
}

/* Settle a portion of a claim; whether that was all. */
static bool settle_portion(struct pagealloc_pool *pool, struct claim *claim)
{
	const struct pga_extent *left = &claim->iso.pages;
	const unsigned long stop = pga_portion_end(left->start,
						   pga_extent_end(*left));

	lockdep_assert_held(&pool->lock);
	while (left->start < stop)
		settle_some(pool, claim, stop);
	if (left->nr)
		return false;
	claim_close(pool, claim);
	if (claim->won) {
		pool->stat[PAGEALLOC_ALLOC]++;
		pga_note_peak(pool);
	}
	return true;
}

/* Others run in between, if that can be. */
static void pause(bool may_sleep)
{
	if (may_sleep)
		cond_resched();
}

/*
 * A claim is over: the run comes into use if it is won, what else was claimed
 * becomes free, ready as far as it was populated, and @aside stays isolated.
 * Returns whether less is left free and ready then than should be.
 */
static bool settle(struct pagealloc_pool *pool, struct claim *claim,
		   bool may_sleep)
{
	unsigned long flags;
	bool over, low;

	for (;;) {
		flags = pga_pool_lock(pool);
		over = settle_portion(pool, claim);
		low = pga_pool_is_low(pool);
		pga_pool_unlock(pool, flags);
		if (over)
			break;
		pause(may_sleep);
	}
	if (may_sleep)
		pga_flight_wake(pool);
	else
		pga_flight_wake_later(pool);
	return low;
}

/* Between two holds of the lock: false if the request should end here. */
static bool go_on(const struct request *rq)
{
	pause(rq->may_populate);
	return !rq->may_populate || !fatal_signal_pending(current);
}

/*
 * Claim the rest of the window; -EAGAIN if somebody has got into it, -EINTR if the
 * caller is to end.
 */
static int claim_window(struct pagealloc_pool *pool, struct request *rq,
			struct claim *claim)
{
	unsigned long flags;
	bool good = true;

	while (good && !claimed_all(claim) && claim->nr_parts < CLAIM_PARTS) {
		if (!go_on(rq))
			return -EINTR;
		flags = pga_pool_lock(pool);
		good = claim_portion(pool, claim);
		pga_pool_unlock(pool, flags);
	}
	return good ? 0 : -EAGAIN;
}

/* Populate the window that is claimed, so that all of the claim is ready. */
static int populate_window(struct pagealloc_pool *pool, struct request *rq,
			   struct claim *claim)
{
	unsigned int i;
	int ret;

	for (i = 0; i < claim->nr_parts; i++) {
		ret = pga_populate(pool, claim->part[i], &claim->done);
		rq->populated += claim->done - claim->part[i].start;
		if (ret)
			return ret;
	}
	claim->nr_parts = 0;
	claim->done = pga_extent_end(claim->iso.pages);
	return 0;
}

/* Whether the request should look for another place after this. */
static bool worth_another_try(struct request *rq, int error)
{
	if (error == -EAGAIN) {
		rq->nr_crossed++;
		return true;
	}
	rq->error = error;
	return (error == -ENOMEM || error == -EBUSY) && ++rq->nr_failed < MAX_ASIDE;
}

/*
 * Claim what is not claimed as yet, populate it, window by window, and settle.
 * Returns -EAGAIN to look elsewhere.
 */
static int claim_finish(struct pagealloc_pool *pool, struct request *rq,
			struct claim *claim)
{
	int ret;

	do {
		ret = claim_window(pool, rq, claim) ?:
		      populate_window(pool, rq, claim);
	} while (!ret && !claimed_all(claim));

	claim->won = !ret;
	if (ret == -ENOMEM || ret == -EBUSY)
		claim->aside = &rq->aside[rq->nr_aside++];
	rq->fresh = claim->won && claim->discarded == claim->run.nr;
	rq->low = settle(pool, claim, rq->may_populate);
	return ret && worth_another_try(rq, ret) ? -EAGAIN : ret;
}

static __always_inline bool take_ready(struct pagealloc_pool *pool,
				       unsigned long page, unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	pool->changes++;
	pool->stat[PAGEALLOC_ALLOC]++;
	if (likely(pga_map_alloc(&pool->map, page, nr))) {
		pga_note_peak(pool);
		return true;
	}
	pga_pool_corrupt(pool, "a ready run that is not free", page);
	return false;
}

/**
 * pga_take_ready() - allocate a place that is ready as it is
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, all of them free and ready, no more than a portion
 *
 * Return: false if they are not; the pool is corrupt then.
 */
bool pga_take_ready(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr)
{
	return take_ready(pool, page, nr);
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
	rq->refused = pga_place_refused(pool, &where, &rq->seen);
	if (rq->refused)
		return FOUND_REFUSED;
	return rq->seen < where.nr ? FOUND_NOT_YET : FOUND_NOTHING;
}

/*
 * Should what can be of a run be claimed in one hold?  Where others are always in
 * the way; and where the engine has no node left for what lies behind a portion: it
 * would be parked, though there is no need for one if all of the run is taken.
 */
static bool at_once(const struct pagealloc_pool *pool, const struct request *rq)
{
	return rq->nr_crossed >= MAX_IN_PORTIONS ||
	       pga_map_wants(&pool->map) >= PGA_RESERVE_NODES;
}

static bool has_discarded(const struct pagealloc_pool *pool, unsigned long page,
			  unsigned long nr)
{
	struct pga_extent e;

	return pool->map.discarded &&
	       pga_map_next_discarded(&pool->map, page, page + nr, &e);
}

/* Look for a place by the request's policy, and take or claim it. */
static enum found look(struct pagealloc_pool *pool, struct request *rq,
		       struct claim *claim, unsigned long *page)
{
	const bool may_populate = rq->may_populate && !pool->broken;
	const bool seen_ready = rq->searching && rq->fit.which == PGA_FREE;
	const unsigned long nr = rq->need->nr;
	bool claimed = nr > PGA_PORTION_PAGES;

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
		if (*page != PGA_NONE && !claimed)
			claimed = has_discarded(pool, *page, nr);
	}
	if (*page == PGA_NONE)
		return nothing(pool, rq);
	if (claimed)
		return claim_begin(pool, claim, (struct pga_extent) { *page, nr },
				   !may_populate, at_once(pool, rq)) ?
			FOUND_CLAIMED : FOUND_CORRUPT;
	return pga_take_ready(pool, *page, nr) ? FOUND_READY : FOUND_CORRUPT;
}

/* Let go of what was set aside. */
static void put_aside(struct pagealloc_pool *pool, struct request *rq)
{
	struct pga_isolated *aside = rq->aside;
	unsigned long flags;

	for (; rq->nr_aside; rq->nr_aside--, aside++) {
		flags = pga_pool_lock(pool);
		pga_isolate_end(pool, aside);
		pga_make_free(pool, aside->pages.start, aside->pages.nr,
			      PGA_MADE_DISCARDED);
		pga_flight_end(pool);
		pga_pool_unlock(pool, flags);
	}
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
	if (!go_on(rq))
		return -EINTR;
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

static int attempt(struct pagealloc_pool *pool, struct request *rq,
		   unsigned long *page)
{
	struct claim claim;
	bool first = true;
	unsigned long flags;
	enum found found;

	rq->seen = 0;
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
		return claim_finish(pool, rq, &claim);
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

/* Where a short run would be placed, and is ready as it is; PGA_NONE otherwise. */
static unsigned long ready_place(struct pagealloc_pool *pool,
				 const struct pga_need *need, bool may_populate)
{
	unsigned long page;
	struct pga_extent e;

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt || need->where || need->nr > PGA_PORTION_PAGES)
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
	if (page != PGA_NONE && !take_ready(pool, page, need->nr))
		page = PGA_NONE;
	got->low = pga_pool_is_low(pool);
	pga_pool_unlock(pool, flags);

	if (unlikely(page == PGA_NONE))
		return alloc_otherwise(pool, need, may_populate, got);
	got->pfn = pool->base + page;
	return 0;
}

/* Claim pages that are discarded, whole granules, which follow what is claimed. */
static void claim_granules(struct pagealloc_pool *pool, struct claim *claim,
			   unsigned long nr)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);

	note_part(claim, (struct pga_extent) { page, nr });
	pga_isolate_free(pool, &claim->iso, nr);
}

/* Claim the lowest discarded pages from *@from on, a granule at most. */
static bool claim_discarded(struct pagealloc_pool *pool, struct claim *claim,
			    unsigned long *from)
{
	const unsigned long granule = pool->granule;
	struct pga_region *region;
	struct pga_extent e;
	unsigned long end, start;

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
		start = ALIGN_DOWN(e.start, granule);
		claim_open(pool, claim, start, (struct pga_extent) { start, granule });
		claim_granules(pool, claim, granule);
		return true;
	}
	*from = PGA_NONE;
	return false;
}

/**
 * pga_pool_make_ready() - populate free pages that nobody has asked for
 * @pool: the pool
 * @from: look from this page on; moves up, to PGA_NONE when there are no more
 *
 * A granule, so that the caller can pause.
 *
 * Context: may sleep.
 * Return: 0, -EIO if the pool is corrupt or its backing broken, or why memory
 * could not be had.
 */
int pga_pool_make_ready(struct pagealloc_pool *pool, unsigned long *from)
{
	struct claim claim;
	unsigned long flags;
	bool found, refused;
	int ret;

	flags = pga_pool_lock(pool);
	refused = pool->corrupt || pool->broken;
	found = !refused && claim_discarded(pool, &claim, from);
	pga_pool_unlock(pool, flags);
	if (!found)
		return refused ? -EIO : 0;

	*from = pga_extent_end(claim.iso.pages);
	ret = pga_populate(pool, claim.part[0], &claim.done);
	settle(pool, &claim, true);
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

/* Claim a portion of what is to be protected; -EBUSY if not all is discarded. */
static int protect_portion(struct pagealloc_pool *pool, struct claim *claim)
{
	const unsigned long page = pga_extent_end(claim->iso.pages);
	const unsigned long end = pga_portion_end(page, pga_extent_end(claim->run));
	const unsigned long nr = ALIGN(end, pool->granule) - page;
	struct pga_extent e;

	if (!pga_map_next_discarded(&pool->map, page, page + nr, &e) ||
	    e.start != page || e.nr != nr)
		return -EBUSY;
	claim_granules(pool, claim, nr);
	return 0;
}

static int protect_begin(struct pagealloc_pool *pool, struct claim *claim,
			 struct pga_extent run)
{
	int ret;

	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return -EIO;
	if (!pga_pool_covers(pool, run.start, run.nr))
		return -ERANGE;
	claim_open(pool, claim, run.start, run);
	ret = protect_portion(pool, claim);
	if (ret)
		claim_close(pool, claim);
	return ret;
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
	const struct pga_extent run = { pga_page_of(pool, pfn), nr };
	struct claim claim;
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	ret = protect_begin(pool, &claim, run);
	pga_pool_unlock(pool, flags);
	if (ret)
		return ret;
	while (!ret && !claimed_all(&claim)) {
		cond_resched();
		flags = pga_pool_lock(pool);
		ret = protect_portion(pool, &claim);
		pga_pool_unlock(pool, flags);
	}
	if (!ret)
		ret = pool->ops->protect(pool->ctx, pfn, nr);
	settle(pool, &claim, true);
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
static noinline unsigned long
isolated_of(const struct pagealloc_pool *pool, unsigned long page,
	    unsigned long owned)
{
	unsigned long isolated = 0;
	unsigned int bit;

	for_each_set_bit(bit, &owned, BITS_PER_LONG)
		if (is_isolated(pool, page + bit, 1))
			isolated |= BIT(bit);
	return isolated;
}

static noinline void count_twice(struct pagealloc_pool *pool, unsigned long pages)
{
	pool->stat[PAGEALLOC_DOUBLE_FREE] += hweight64(pages);
}

/**
 * pga_free_word() - free pages that a cache had, among 64
 * @pool: the pool, locked
 * @page: the first of the 64
 * @owned: bit i: page @page + i; not none
 *
 * A page that is free already was freed twice, on two CPUs; it is counted.
 */
void pga_free_word(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long owned)
{
	unsigned long amiss;

	lockdep_assert_held(&pool->lock);
	if (unlikely(pool->corrupt))
		return;
	pool->changes++;
	if (unlikely(pool->nr_isolated)) {
		amiss = isolated_of(pool, page, owned);
		count_twice(pool, amiss);
		owned &= ~amiss;
		if (!owned)
			return;
	}
	amiss = pga_map_put_word(&pool->map, page, owned, 0);
	if (unlikely(amiss))
		count_twice(pool, amiss);
}

static __always_inline int free_locked(struct pagealloc_pool *pool,
				       unsigned long page, unsigned long nr)
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
 * pga_free_locked() - free pages
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1, no more than a portion
 *
 * Return: as pga_pool_free().
 */
int pga_free_locked(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr)
{
	return free_locked(pool, page, nr);
}
PGA_EXPORT_FOR_KUNIT(pga_free_locked);

/**
 * pga_free_short() - free pages, no more than a portion
 * @pool: the pool
 * @pfn: first page
 * @nr: pages, at least 1
 *
 * Context: any but NMI.
 * Return: as pga_pool_free().
 */
int pga_free_short(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long nr)
{
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	/* What is below the base wraps to far above all regions. */
	ret = free_locked(pool, pfn - pool->base, nr);
	pga_pool_unlock(pool, flags);
	return ret;
}
