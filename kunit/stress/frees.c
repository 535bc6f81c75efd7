// SPDX-License-Identifier: GPL-2.0
/*
 * Giving runs back, in all ways that there are.
 *
 * A run may first be trimmed, or lose a part; what is left of it goes back at
 * once or by a deferred free, from this context or another one.  Runs longer than
 * STRESS_LONG are freed at once only where the caller may sleep; a deferred free
 * of them is allowed anywhere.
 *
 * Tracked pools refuse a free of a part, and are asked for one.
 */

#include <linux/mm.h>
#include <linux/sched.h>

#include "chance.h"
#include "context.h"
#include "count.h"
#include "frees.h"
#include "target.h"

static void expect(struct stress_target *target, const char *call,
		   const struct stress_run *run, int ret, int want)
{
	if (ret != want)
		stress_fault(target->spec.name, "%s of pfn %lu+%lu: %d, not %d",
			     call, run->pfn, run->nr, ret, want);
}

/**
 * struct order - a free that is to be made in some context
 * @target: the pool
 * @run: the run
 * @ret: what the pool said
 */
struct order {
	struct stress_target *target;
	struct stress_run run;
	int ret;
};

static void free_order(void *data)
{
	struct order *order = data;

	stress_account_give(&order->target->account, &order->run);
	order->ret = pagealloc_free(order->target->pool, order->run.pfn,
				    order->run.nr);
}

static enum stress_kind kind_of(const struct stress_run *run,
				enum stress_context context)
{
	static const enum stress_kind kinds[STRESS_NR_CONTEXTS] = {
		[STRESS_IN_TASK] = STRESS_FREE,
		[STRESS_IRQS_OFF] = STRESS_FREE_IRQS_OFF,
		[STRESS_IN_IRQ] = STRESS_FREE_IRQ,
		[STRESS_IN_REMOTE_IRQ] = STRESS_FREE_REMOTE,
	};

	return run->nr > STRESS_LONG ? STRESS_FREE_LONG : kinds[context];
}

static enum stress_context choose_context(const struct stress_run *run,
					  struct rnd_state *random,
					  bool may_sleep)
{
	if (!may_sleep || run->nr > STRESS_LONG)
		return STRESS_IN_TASK;
	switch (stress_below(random, 24)) {
	case 0:
		return STRESS_IN_IRQ;
	case 1:
		return STRESS_IN_REMOTE_IRQ;
	case 2 ... 5:
		return STRESS_IRQS_OFF;
	default:
		return STRESS_IN_TASK;
	}
}

static void free_at_once(struct stress_target *target,
			 const struct stress_run *run, struct rnd_state *random,
			 bool may_sleep)
{
	const enum stress_context context = choose_context(run, random, may_sleep);
	struct order order = { .target = target, .run = *run };

	stress_call_in(context, free_order, &order);
	expect(target, "free", run, order.ret, 0);
	/* A caller that may not sleep is an interrupt here. */
	stress_count(may_sleep ? kind_of(run, context) : STRESS_FREE_IRQ);
}

static void free_deferred(struct stress_target *target,
			  const struct stress_run *run)
{
	struct pagealloc_deferred *deferred;
	int ret;

	stress_account_give(&target->account, run);
	if (target->account.frames)
		deferred = page_address(pfn_to_page(run->pfn));
	else
		deferred = &target->deferred[run->pfn - target->account.base];
	ret = pagealloc_free_deferred(target->pool, deferred, run->pfn, run->nr);
	expect(target, "deferred free", run, ret, 0);
	stress_count(STRESS_FREE_DEFERRED);
}

/* All of a run, or what is left of it. */
static void free_rest(struct stress_target *target, const struct stress_run *run,
		      struct rnd_state *random, bool may_sleep)
{
	if (stress_one_in(random, 5) || (run->nr > STRESS_LONG && !may_sleep))
		free_deferred(target, run);
	else
		free_at_once(target, run, random, may_sleep);
}

/* The last pages of a run go. */
static void trim(struct stress_target *target, struct stress_run *run,
		 struct rnd_state *random)
{
	const unsigned long keep = 1 + stress_below(random, run->nr - 1);
	const struct stress_run end = {
		.pfn = run->pfn + keep,
		.nr = run->nr - keep,
		.id = run->id,
	};
	int ret;

	stress_account_give(&target->account, &end);
	ret = pagealloc_trim(target->pool, run->pfn, run->nr, keep);
	expect(target, "trim", run, ret, 0);
	stress_count(STRESS_TRIM);
	run->nr = keep;
}

/* Pages in the middle of a run go, and then those above them. */
static void free_part(struct stress_target *target, struct stress_run *run,
		      struct rnd_state *random, bool may_sleep)
{
	const unsigned long start = stress_below(random, run->nr);
	const unsigned long nr = 1 + stress_below(random, run->nr - start);
	struct stress_run part = { run->pfn + start, nr, run->id };
	const struct stress_run above = {
		.pfn = part.pfn + nr,
		.nr = run->nr - start - nr,
		.id = run->id,
	};

	free_rest(target, &part, random, may_sleep);
	if (above.nr)
		free_rest(target, &above, random, may_sleep);
	stress_count(STRESS_FREE_PART);
	run->nr = start;
}

/* A tracked pool takes back whole runs only. */
static void free_wrong_length(struct stress_target *target,
			      const struct stress_run *run,
			      struct rnd_state *random)
{
	const unsigned long skip = stress_below(random, 2);
	int ret;

	atomic_long_inc(&target->wrong_length);
	ret = pagealloc_free(target->pool, run->pfn + skip, run->nr - 1);
	expect(target, "free of a part", run, ret, -EINVAL);
	stress_count(STRESS_REFUSED);
}

/* What comes before the run is freed as it then is. */
static void cut(struct stress_target *target, struct stress_run *run,
		struct rnd_state *random, bool may_sleep)
{
	const bool may_cut = may_sleep || run->nr <= STRESS_LONG;

	if (run->nr < 2 || !may_cut)
		return;
	if (stress_one_in(random, 10))
		trim(target, run, random);
	if (run->nr < 2 || !stress_one_in(random, 10))
		return;
	if (!stress_target_tracked(target))
		free_part(target, run, random, may_sleep);
	else
		free_wrong_length(target, run, random);
}

/**
 * stress_free() - give a run back, in some way
 * @target: the pool
 * @run: the run, the caller's
 * @random: says how
 * @may_sleep: the caller may sleep; otherwise it is a hard interrupt
 *
 * Context: any but NMI.
 */
void stress_free(struct stress_target *target, struct stress_run run,
		 struct rnd_state *random, bool may_sleep)
{
	cut(target, &run, random, may_sleep);
	if (run.nr)
		free_rest(target, &run, random, may_sleep);
}

/**
 * stress_free_all() - give all runs of a pool back
 * @target: the pool
 * @random: says how
 *
 * Context: may sleep.
 */
void stress_free_all(struct stress_target *target, struct rnd_state *random)
{
	struct stress_run run;
	unsigned int i;

	for (i = 0; i < STRESS_SLOTS; i++) {
		run = stress_target_swap(target, i, NULL);
		if (run.nr)
			stress_free(target, run, random, true);
		cond_resched();
	}
}
