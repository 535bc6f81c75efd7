// SPDX-License-Identifier: GPL-2.0
/*
 * What must be true of a pool when all is over: nobody has a page, no gauge says
 * otherwise, all pages can be had again, and all memory goes back.
 */

#include <linux/delay.h>
#include <linux/kernel.h>

#include "count.h"
#include "judge.h"
#include "meddle.h"
#include "target.h"

/*
 * Some memory may be held for a moment, and the worker may be at work.  Where a
 * fault has been found, things may never be as they should.
 */
#define TRIES		100
#define TRIES_IN_VAIN	3
#define TRY_MS		100

/**
 * struct judgement - a pool that is judged
 * @target: the pool
 * @quiet: a test that passes is not told, and one that fails is a fault
 * @stats: figures of the pool, when they were last read
 */
struct judgement {
	struct stress_target *target;
	bool quiet;
	struct pagealloc_stats stats;
};

__printf(4, 5)
static void judge(const struct judgement *j, bool good, const char *test,
		  const char *format, ...)
{
	const char *name = j->target->spec.name;
	struct va_format vaf;
	va_list args;

	va_start(args, format);
	vaf.fmt = format;
	vaf.va = &args;
	if (!j->quiet)
		stress_judge(good, name, test, "%pV", &vaf);
	else if (!good)
		stress_fault(name, "%s: %pV", test, &vaf);
	va_end(args);
}

/* A figure that is in bytes, in pages. */
static unsigned long pages(const struct judgement *j, enum pagealloc_stat stat)
{
	return j->stats.value[stat] / PAGE_SIZE;
}

/* Is something so, or will it be soon? */
static bool soon(struct judgement *j, bool (*is_so)(struct judgement *j))
{
	unsigned int tries = stress_faults() ? TRIES_IN_VAIN : TRIES;

	for (; tries; tries--) {
		if (is_so(j))
			return true;
		msleep(TRY_MS);
	}
	return false;
}

static void judge_owners(const struct judgement *j)
{
	const unsigned long owned = stress_account_owned(&j->target->account);

	judge(j, !owned, "owners", "%lu pages have an owner", owned);
}

static bool is_settled(struct judgement *j)
{
	pagealloc_drain(j->target->pool);
	pagealloc_stats(j->target->pool, &j->stats);
	return !pages(j, PAGEALLOC_IN_USE) && !pages(j, PAGEALLOC_CACHED) &&
	       !pages(j, PAGEALLOC_PARKED) && !pages(j, PAGEALLOC_DEFERRED) &&
	       !pages(j, PAGEALLOC_IN_TRANSITION) &&
	       pages(j, PAGEALLOC_IDLE) + pages(j, PAGEALLOC_HELD) +
	       pages(j, PAGEALLOC_RETIRED) ==
	       pages(j, PAGEALLOC_GROWN);
}

static void judge_gauges(struct judgement *j)
{
	const bool settled = soon(j, is_settled);

	judge(j, settled, "gauges",
	      "pages: %lu grown, %lu in use, %lu cached, %lu parked, %lu deferred, %lu in transition, %lu idle, %lu held",
	      pages(j, PAGEALLOC_GROWN), pages(j, PAGEALLOC_IN_USE),
	      pages(j, PAGEALLOC_CACHED), pages(j, PAGEALLOC_PARKED),
	      pages(j, PAGEALLOC_DEFERRED), pages(j, PAGEALLOC_IN_TRANSITION),
	      pages(j, PAGEALLOC_IDLE), pages(j, PAGEALLOC_HELD));
}

/* The pool has refused what was wrong and nothing else. */
static void judge_counters(const struct judgement *j)
{
	const struct stress_target *target = j->target;
	const u64 *v = j->stats.value;
	const u64 bad_request = atomic_long_read(&target->bad_request);
	const u64 bad_free = atomic_long_read(&target->bad_free);
	const u64 wrong_length = atomic_long_read(&target->wrong_length);
	const bool agree = v[PAGEALLOC_BAD_REQUEST] == bad_request &&
			   v[PAGEALLOC_BAD_FREE] == bad_free &&
			   v[PAGEALLOC_WRONG_LENGTH] == wrong_length &&
			   !v[PAGEALLOC_DOUBLE_FREE];

	judge(j, agree, "counters",
	      "bad_request %llu not %llu, bad_free %llu not %llu, wrong_length %llu not %llu, double_free %llu",
	      v[PAGEALLOC_BAD_REQUEST], bad_request, v[PAGEALLOC_BAD_FREE],
	      bad_free, v[PAGEALLOC_WRONG_LENGTH], wrong_length,
	      v[PAGEALLOC_DOUBLE_FREE]);
}

static void judge_check(const struct judgement *j, const char *test)
{
	struct pagealloc_mismatch first = { .what = "" };
	int found;

	/* Workers may not have come to rest yet. */
	do {
		found = pagealloc_check(j->target->pool, &first, 1);
	} while (found == -EBUSY);
	judge(j, !found, test,
	      "%d mismatches, the first: %s level %d pfn %lu got %llu want %llu",
	      found, first.what, first.level, first.pfn, first.got, first.want);
}

/*
 * All pages of a pool on sim can be had by one client, as far as they adjoin: held
 * granules as well, since its backing does not fail any more.
 */
static void judge_whole(struct judgement *j)
{
	struct stress_target *target = j->target;
	struct stress_run run = {
		.nr = pages(j, target->spec.regions > 1 ?
			       PAGEALLOC_LARGEST_FREE_RUN : PAGEALLOC_GROWN),
		.id = stress_account_id(&target->account),
	};
	int ret = 0;

	if (run.nr) {
		ret = pagealloc_alloc(target->pool, run.nr, GFP_KERNEL, &run.pfn);
		if (!ret) {
			stress_account_take(&target->account, &run, false);
			stress_account_give(&target->account, &run);
			ret = pagealloc_free(target->pool, run.pfn, run.nr);
		}
	}
	judge(j, !ret, "whole", "%lu pages of %lu in one run: %d", run.nr,
	      pages(j, PAGEALLOC_GROWN), ret);
}

/* What may stay ready: pages outside whole granules. */
static unsigned long pages_that_stay(const struct stress_target *target)
{
	return target->account.ragged ?
		2 * target->account.granule * target->spec.regions : 0;
}

static bool is_given_back(struct judgement *j)
{
	unsigned long released;
	int ret;

	ret = pagealloc_scavenge(j->target->pool, PAGEALLOC_ALL, &released);
	pagealloc_stats(j->target->pool, &j->stats);
	return !ret && pages(j, PAGEALLOC_RETAINED) <= pages_that_stay(j->target);
}

static void judge_given_back(struct judgement *j)
{
	struct stress_target *target = j->target;
	const bool given = soon(j, is_given_back);
	unsigned long backed;
	bool agree;

	backed = stress_account_backed(&target->account);
	agree = pages(j, PAGEALLOC_RETAINED) == backed &&
		(target->spec.loan || target->sim.ready_pages == backed);
	judge(j, given && agree, "given_back",
	      "%lu pages are retained, %lu have memory", pages(j, PAGEALLOC_RETAINED),
	      backed);
}

/**
 * stress_judge_target() - test a pool that is at rest
 * @target: the pool; no client has a run in it, and none comes
 * @quiet: a test that passes is not told, and one that fails is a fault
 *
 * Context: may sleep.
 */
void stress_judge_target(struct stress_target *target, bool quiet)
{
	struct judgement j = { .target = target, .quiet = quiet };

	stress_calm(target);
	judge_owners(&j);
	judge_gauges(&j);
	judge_counters(&j);
	judge_check(&j, "check");
	if (!target->spec.loan)
		judge_whole(&j);
	judge_given_back(&j);
	judge_check(&j, "last_check");
}
