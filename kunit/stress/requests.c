// SPDX-License-Identifier: GPL-2.0
/*
 * Asking for runs, in all ways that there are.
 *
 * What is got goes into a slot of the pool, and what was there is freed.  Since a
 * pool has fewer pages than its slots would hold, it is full most of the time: then
 * requests wait, drain, populate and fail.
 */

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "chance.h"
#include "count.h"
#include "frees.h"
#include "requests.h"
#include "target.h"

/* A length: short ones most of the time, and now and then a very long one. */
static unsigned long length(struct rnd_state *random)
{
	switch (stress_below(random, 16)) {
	case 0 ... 6:
		return 1 + stress_below(random, 3);
	case 7 ... 10:
		return 1 + stress_below(random, 15);
	case 11:
		return 16 + stress_below(random, 48);
	case 12:
		return 64 + stress_below(random, 600);
	case 13:
		return 16UL << stress_below(random, 9);
	case 14:
		return 1 + stress_below(random, 1500);
	default:
		if (stress_one_in(random, 4))
			return STRESS_LONG + 1 + stress_below(random, 5000);
		return 1;
	}
}

static gfp_t gfp_for(unsigned long nr, struct rnd_state *random)
{
	static const gfp_t kinds[] = { GFP_KERNEL, GFP_KERNEL, GFP_NOWAIT, GFP_ATOMIC };
	gfp_t gfp = kinds[stress_below(random, ARRAY_SIZE(kinds))];

	if (nr > STRESS_LONG)
		gfp = GFP_KERNEL;
	if (stress_one_in(random, 4))
		gfp |= __GFP_ZERO;
	return gfp | __GFP_NOWARN;
}

/* Has a request failed as it may? */
static bool may_fail(const struct stress_target *target, int ret)
{
	return ret == -ENOMEM || ret == -EBUSY ||
	       (ret == -EINTR && READ_ONCE(target->interrupted));
}

static void no_room(struct stress_target *target, const char *call,
		    unsigned long nr, gfp_t gfp, int ret)
{
	if (!may_fail(target, ret))
		stress_fault(target->spec.name, "%s of %lu pages, gfp %#x: %d",
			     call, nr, (__force unsigned int)gfp, ret);
	stress_count(STRESS_NO_ROOM);
}

/* A client has got a run, and gives another one back for it. */
static void keep(struct stress_target *target, unsigned long pfn,
		 unsigned long nr, bool zeroed, struct rnd_state *random,
		 bool may_sleep)
{
	const struct stress_run run = {
		.pfn = pfn,
		.nr = nr,
		.id = stress_account_id(&target->account),
	};
	struct stress_run old;

	stress_account_take(&target->account, &run, zeroed);
	old = stress_target_swap(target, stress_below(random, STRESS_SLOTS), &run);
	if (old.nr)
		stress_free(target, old, random, may_sleep);
}

static enum stress_kind kind_of(unsigned long nr, gfp_t gfp)
{
	if (nr > STRESS_LONG)
		return STRESS_ALLOC_LONG;
	if (gfp & __GFP_ZERO)
		return STRESS_ALLOC_ZERO;
	return gfpflags_allow_blocking(gfp) ? STRESS_ALLOC : STRESS_ALLOC_ATOMIC;
}

static void alloc(struct stress_target *target, struct rnd_state *random)
{
	const unsigned long nr = length(random);
	const gfp_t gfp = gfp_for(nr, random);
	unsigned long pfn;
	int ret;

	ret = pagealloc_alloc(target->pool, nr, gfp, &pfn);
	if (ret) {
		no_room(target, "alloc", nr, gfp, ret);
		return;
	}
	stress_count(kind_of(nr, gfp));
	keep(target, pfn, nr, gfp & __GFP_ZERO, random, true);
}

/* Where it may be: possible in some pool, if not in this one. */
static struct pagealloc_request draw_range(const struct stress_target *target,
					   struct rnd_state *random)
{
	const struct stress_account *account = &target->account;
	struct pagealloc_request rq = {
		.nr_pages = length(random),
		.align = 1UL << stress_below(random, 11),
	};

	if (stress_one_in(random, 2))
		rq.boundary = roundup_pow_of_two(rq.nr_pages) <<
			      stress_below(random, 3);
	if (stress_one_in(random, 2))
		rq.low = account->base + stress_below(random, account->span);
	/* Room for the run wherever the first place for it is. */
	if (stress_one_in(random, 2))
		rq.high = max(rq.low, account->base) +
			  max(rq.align, rq.boundary) + rq.nr_pages +
			  stress_below(random, account->span);
	if (stress_one_in(random, 3))
		rq.flags = PAGEALLOC_PREFER_READY;
	else if (stress_one_in(random, 3))
		rq.flags = PAGEALLOC_LOWEST;
	return rq;
}

static void expect_place(const struct stress_target *target,
			 const struct pagealloc_request *rq, unsigned long pfn)
{
	const unsigned long last = pfn + rq->nr_pages - 1;

	if ((rq->align && pfn % rq->align) || pfn < rq->low ||
	    (rq->high && last >= rq->high) ||
	    (rq->boundary && pfn / rq->boundary != last / rq->boundary) ||
	    (rq->flags & PAGEALLOC_FIXED && pfn != rq->low))
		stress_fault(target->spec.name,
			     "pfn %lu+%lu for align %lu boundary %lu low %lu high %lu flags %#x",
			     pfn, rq->nr_pages, rq->align, rq->boundary, rq->low,
			     rq->high, rq->flags);
}

static int alloc_at(struct stress_target *target,
		    const struct pagealloc_request *rq, enum stress_kind kind,
		    struct rnd_state *random)
{
	const gfp_t gfp = gfp_for(rq->nr_pages, random);
	unsigned long pfn;
	int ret;

	ret = pagealloc_alloc_range(target->pool, rq, gfp, &pfn);
	if (ret)
		return ret;
	expect_place(target, rq, pfn);
	stress_count(kind);
	keep(target, pfn, rq->nr_pages, gfp & __GFP_ZERO, random, true);
	return 0;
}

static void alloc_range(struct stress_target *target, struct rnd_state *random)
{
	const struct pagealloc_request rq = draw_range(target, random);
	int ret;

	ret = alloc_at(target, &rq, STRESS_ALLOC_RANGE, random);
	if (ret)
		no_room(target, "range", rq.nr_pages, 0, ret);
}

/* Where something is, or was, or where the pool has a hole. */
static void alloc_fixed(struct stress_target *target, struct rnd_state *random)
{
	const struct stress_account *account = &target->account;
	const struct pagealloc_request rq = {
		.nr_pages = length(random),
		.low = account->base + stress_below(random, account->span),
		.flags = PAGEALLOC_FIXED,
	};
	int ret;

	ret = alloc_at(target, &rq, STRESS_ALLOC_FIXED, random);
	if (ret == -ERANGE)
		stress_count(STRESS_NO_ROOM);
	else if (ret)
		no_room(target, "fixed", rq.nr_pages, 0, ret);
}

/* One engine has that, the other one says so. */
static void alloc_best(struct stress_target *target, struct rnd_state *random)
{
	const struct pagealloc_request rq = {
		.nr_pages = length(random),
		.flags = PAGEALLOC_BEST_FIT,
	};
	int ret;

	ret = alloc_at(target, &rq, STRESS_ALLOC_BEST, random);
	if (!target->spec.engine && ret == -EOPNOTSUPP) {
		atomic_long_inc(&target->bad_request);
		stress_count(STRESS_REFUSED);
	} else if (ret) {
		no_room(target, "best fit", rq.nr_pages, 0, ret);
	}
}

/* Pages that are given back soon, in another order and together. */
static void alloc_bulk(struct stress_target *target, struct rnd_state *random,
		       unsigned long *pfns)
{
	const unsigned long nr = 1 + stress_below(random, STRESS_BULK);
	const gfp_t gfp = gfp_for(1, random);
	struct stress_run run = { .nr = 1 };
	unsigned long i, other;
	int ret;

	ret = pagealloc_alloc_bulk(target->pool, nr, gfp, pfns);
	if (ret) {
		no_room(target, "bulk", nr, gfp, ret);
		return;
	}
	stress_count(STRESS_ALLOC_BULK);
	run.id = stress_account_id(&target->account);
	for (i = 0; i < nr; i++) {
		run.pfn = pfns[i];
		stress_account_take(&target->account, &run, gfp & __GFP_ZERO);
	}
	other = stress_below(random, nr);
	swap(pfns[0], pfns[other]);
	cond_resched();
	for (i = 0; i < nr; i++) {
		run.pfn = pfns[i];
		stress_account_give(&target->account, &run);
	}
	ret = pagealloc_free_bulk(target->pool, nr, pfns);
	if (ret)
		stress_fault(target->spec.name, "free of %lu pages in bulk: %d",
			     nr, ret);
	stress_count(STRESS_FREE_BULK);
}

/**
 * stress_request() - one operation of a client
 * @target: on this pool
 * @random: says which
 * @pfns: room for STRESS_BULK pfns
 *
 * Context: may sleep.
 */
void stress_request(struct stress_target *target, struct rnd_state *random,
		    unsigned long *pfns)
{
	struct stress_run run;

	switch (stress_below(random, 16)) {
	case 0 ... 8:
		alloc(target, random);
		break;
	case 9 ... 10:
		alloc_range(target, random);
		break;
	case 11:
		alloc_fixed(target, random);
		break;
	case 12:
		if (stress_one_in(random, 4))
			alloc_best(target, random);
		else
			alloc_bulk(target, random, pfns);
		break;
	default:
		run = stress_target_swap(target,
					 stress_below(random, STRESS_SLOTS), NULL);
		if (run.nr)
			stress_free(target, run, random, true);
	}
}

/**
 * stress_request_in_irq() - one operation of an interrupt
 * @target: on this pool
 * @random: says which
 *
 * Context: hard interrupt.
 */
void stress_request_in_irq(struct stress_target *target,
			   struct rnd_state *random)
{
	const unsigned long nr = 1 + stress_below(random, stress_one_in(random, 8) ?
						  200 : 15);
	const gfp_t gfp = (stress_one_in(random, 2) ? GFP_ATOMIC : GFP_NOWAIT) |
			  __GFP_NOWARN;
	struct stress_run run;
	unsigned long pfn;
	int ret;

	run = stress_target_swap(target, stress_below(random, STRESS_SLOTS), NULL);
	if (run.nr)
		stress_free(target, run, random, false);
	ret = pagealloc_alloc(target->pool, nr, gfp, &pfn);
	if (ret) {
		no_room(target, "alloc in an interrupt", nr, gfp, ret);
		return;
	}
	stress_count(STRESS_ALLOC_IRQ);
	keep(target, pfn, nr, false, random, false);
}
