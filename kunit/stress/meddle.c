// SPDX-License-Identifier: GPL-2.0
/*
 * What an operator does to a pool, and what goes wrong below it: scavenging,
 * limits and other tuning, drains, checks, figures, regions that are added, and
 * backings that fail or take their time.
 */

#include <linux/spinlock.h>

#include "chance.h"
#include "count.h"
#include "meddle.h"
#include "target.h"
#include "wrong.h"

#define MISMATCHES	4

static void give_back(struct stress_target *target, struct rnd_state *random)
{
	unsigned long nr = PAGEALLOC_ALL, released;
	int ret;

	if (!stress_one_in(random, 3))
		nr = 1 + stress_below(random, 4096);
	ret = pagealloc_scavenge(target->pool, nr, &released);
	if (ret && ret != -EBUSY && ret != -ENOMEM &&
	    !(ret == -EINTR && READ_ONCE(target->interrupted)))
		stress_fault(target->spec.name, "scavenge of %lu: %d", nr, ret);
	stress_count(STRESS_SCAVENGE);
}

static void tune(struct stress_target *target, struct rnd_state *random)
{
	const unsigned long pages = target->spec.pages;
	struct pagealloc_tuning tuning;
	int ret;

	pagealloc_get_tuning(target->pool, &tuning);
	tuning.generation_ms = 20 + stress_below(random, 500);
	tuning.delay_ms = stress_below(random, 50);
	tuning.cpu_percent = 1 + stress_below(random, 100);
	tuning.min_ready = stress_below(random, pages / 16);
	tuning.limit = PAGEALLOC_NO_LIMIT;
	if (stress_one_in(random, 2))
		tuning.limit = pages / (1 + stress_below(random, 4));
	ret = pagealloc_set_tuning(target->pool, &tuning);
	/* More may be in use. */
	if (ret && !(ret == -ERANGE && tuning.limit != PAGEALLOC_NO_LIMIT))
		stress_fault(target->spec.name, "tuning: %d, limit %lu floor %lu",
			     ret, tuning.limit, tuning.min_ready);
	stress_count(STRESS_TUNE);
}

/* What must be so at any moment. */
static void read_stats(struct stress_target *target)
{
	struct pagealloc_stats stats;
	const u64 *v = stats.value;

	pagealloc_stats(target->pool, &stats);
	if (v[PAGEALLOC_RETAINED] + v[PAGEALLOC_RELEASED] != v[PAGEALLOC_GROWN] ||
	    v[PAGEALLOC_GROWN] > v[PAGEALLOC_SYS] ||
	    v[PAGEALLOC_IN_USE] > v[PAGEALLOC_GROWN] ||
	    v[PAGEALLOC_IDLE] > v[PAGEALLOC_GROWN] ||
	    v[PAGEALLOC_LARGEST_FREE_RUN] > v[PAGEALLOC_IDLE] ||
	    v[PAGEALLOC_IN_TRANSITION] > v[PAGEALLOC_GROWN])
		stress_fault(target->spec.name,
			     "sys %llu grown %llu in use %llu idle %llu retained %llu released %llu longest %llu in transition %llu",
			     v[PAGEALLOC_SYS], v[PAGEALLOC_GROWN],
			     v[PAGEALLOC_IN_USE], v[PAGEALLOC_IDLE],
			     v[PAGEALLOC_RETAINED], v[PAGEALLOC_RELEASED],
			     v[PAGEALLOC_LARGEST_FREE_RUN],
			     v[PAGEALLOC_IN_TRANSITION]);
	stress_count(STRESS_STATS);
}

static void verify(struct stress_target *target)
{
	struct pagealloc_mismatch list[MISMATCHES] = {};
	int found, i;

	found = pagealloc_check(target->pool, list, MISMATCHES);
	for (i = 0; i < found && i < MISMATCHES; i++)
		stress_fault(target->spec.name,
			     "check: %s level %d pfn %lu got %llu want %llu",
			     list[i].what, list[i].level, list[i].pfn,
			     list[i].got, list[i].want);
	stress_count(STRESS_CHECK);
}

/* The next calls of the backing fail, or take some milliseconds. */
static void inject(struct stress_target *target, struct rnd_state *random)
{
	static const int errors[] = { -ENOMEM, -EBUSY, -EINTR };
	struct pagealloc_sim *sim = &target->sim;
	const int error = errors[stress_below(random, ARRAY_SIZE(errors))];

	if (target->spec.loan)
		return;
	if (error == -EINTR)
		WRITE_ONCE(target->interrupted, true);
	spin_lock(&sim->lock);
	sim->fail_errno = error;
	sim->fail_times = 1 + stress_below(random, 12);
	switch (stress_below(random, 4)) {
	case 0:
		sim->fail_populate = 1 + stress_below(random, 4);
		break;
	case 1:
		sim->fail_discard = 1 + stress_below(random, 4);
		break;
	case 2:
		sim->delay_ms = 1 + stress_below(random, 20);
		break;
	default:
		sim->delay_ms = 0;
	}
	spin_unlock(&sim->lock);
	stress_count(STRESS_INJECT);
}

static void add_region(struct stress_target *target)
{
	if (stress_target_add_region(target))
		stress_count(STRESS_REGION);
}

static void drain(struct stress_target *target)
{
	pagealloc_drain(target->pool);
	stress_count(STRESS_DRAIN);
}

/* Somebody else has the pool by its name for a moment. */
static void refer(struct stress_target *target)
{
	struct pagealloc_pool *pool = pagealloc_pool_get(target->spec.name);

	if (pool != target->pool)
		stress_fault(target->spec.name, "another pool has this name");
	pagealloc_pool_put(pool);
}

/**
 * stress_meddle() - do something to a pool that its clients do not
 * @target: the pool
 * @random: says what
 *
 * Context: may sleep.
 */
void stress_meddle(struct stress_target *target, struct rnd_state *random)
{
	switch (stress_below(random, 16)) {
	case 0 ... 3:
		give_back(target, random);
		break;
	case 4 ... 6:
		tune(target, random);
		break;
	case 7 ... 9:
		inject(target, random);
		break;
	case 10:
		drain(target);
		break;
	case 11:
		read_stats(target);
		refer(target);
		break;
	case 12:
		if (stress_one_in(random, 4))
			add_region(target);
		break;
	case 13:
		if (stress_one_in(random, 4))
			verify(target);
		break;
	default:
		stress_call_wrongly(target, random);
	}
}

/**
 * stress_calm() - end all that stress_meddle() has begun
 * @target: the pool
 *
 * Its backing does not fail any more, and its worker has no reason to do anything.
 *
 * Context: may sleep.
 */
void stress_calm(struct stress_target *target)
{
	const struct pagealloc_tuning tuning = {
		.generation_ms = 3600000,
		.delay_ms = 0,
		.cpu_percent = 1,
		.limit = PAGEALLOC_NO_LIMIT,
	};
	struct pagealloc_sim *sim = &target->sim;
	int ret;

	if (!target->spec.loan) {
		spin_lock(&sim->lock);
		sim->fail_populate = 0;
		sim->fail_discard = 0;
		sim->delay_ms = 0;
		spin_unlock(&sim->lock);
	}
	ret = pagealloc_set_tuning(target->pool, &tuning);
	if (ret)
		stress_fault(target->spec.name, "tuning in the end: %d", ret);
}
