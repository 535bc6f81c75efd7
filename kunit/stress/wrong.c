// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that must be refused, whatever else is going on.
 *
 * Each has one errno that it must return, and a counter of the pool that it must
 * move; at the end the pool's counters must be what was counted here.
 */

#include "chance.h"
#include "count.h"
#include "target.h"
#include "wrong.h"

/**
 * struct wrong - a call that must be refused
 * @what: what is wrong
 * @want: what it must return
 * @counter: of struct stress_target, that it moves; NULL if the pool counts nothing
 * @call: makes it
 */
struct wrong {
	const char *what;
	int want;
	int (*call)(struct stress_target *target);
	atomic_long_t *(*counter)(struct stress_target *target);
};

static atomic_long_t *bad_request(struct stress_target *target)
{
	return &target->bad_request;
}

static atomic_long_t *bad_free(struct stress_target *target)
{
	return &target->bad_free;
}

static int alloc_nothing(struct stress_target *target)
{
	unsigned long pfn;

	return pagealloc_alloc(target->pool, 0, GFP_KERNEL, &pfn);
}

static int alloc_other_gfp(struct stress_target *target)
{
	unsigned long pfn;

	return pagealloc_alloc(target->pool, 1, GFP_KERNEL | __GFP_NOFAIL, &pfn);
}

static int alloc_range(struct stress_target *target,
		       const struct pagealloc_request *rq)
{
	unsigned long pfn;

	return pagealloc_alloc_range(target->pool, rq, GFP_KERNEL, &pfn);
}

static int alloc_align_3(struct stress_target *target)
{
	const struct pagealloc_request rq = { .nr_pages = 1, .align = 3 };

	return alloc_range(target, &rq);
}

static int alloc_small_boundary(struct stress_target *target)
{
	const struct pagealloc_request rq = { .nr_pages = 17, .boundary = 16 };

	return alloc_range(target, &rq);
}

static int alloc_small_window(struct stress_target *target)
{
	const struct pagealloc_request rq = {
		.nr_pages = 9,
		.low = target->account.base,
		.high = target->account.base + 8,
	};

	return alloc_range(target, &rq);
}

static int alloc_contradiction(struct stress_target *target)
{
	const struct pagealloc_request rq = {
		.nr_pages = 1,
		.flags = PAGEALLOC_LOWEST | PAGEALLOC_PREFER_READY,
	};

	return alloc_range(target, &rq);
}

static int alloc_unknown_flag(struct stress_target *target)
{
	const struct pagealloc_request rq = { .nr_pages = 1, .flags = 0x1000 };

	return alloc_range(target, &rq);
}

static int bulk_of_nothing(struct stress_target *target)
{
	unsigned long pfn;

	return pagealloc_alloc_bulk(target->pool, 0, GFP_KERNEL, &pfn);
}

static int free_nothing(struct stress_target *target)
{
	return pagealloc_free(target->pool, target->account.base, 0);
}

static int free_wrapping(struct stress_target *target)
{
	return pagealloc_free(target->pool, ~0UL, 2);
}

static int free_outside(struct stress_target *target)
{
	return pagealloc_free(target->pool, target->account.base - 1, 1);
}

static int trim_to_nothing(struct stress_target *target)
{
	return pagealloc_trim(target->pool, target->account.base, 1, 0);
}

static int trim_to_more(struct stress_target *target)
{
	return pagealloc_trim(target->pool, target->account.base, 1, 2);
}

static int scavenge_nothing(struct stress_target *target)
{
	unsigned long released;

	return pagealloc_scavenge(target->pool, 0, &released);
}

static int protect(struct stress_target *target)
{
	const unsigned long granule = target->account.granule;

	return pagealloc_protect(target->pool,
				 round_up(target->account.base, granule), granule);
}

/* With tuning of the pool's but for one field, which nobody may set like that. */
static int tune(struct stress_target *target, unsigned int cpu_percent,
		unsigned int generation_ms, unsigned long min_ready)
{
	struct pagealloc_tuning tuning;

	pagealloc_get_tuning(target->pool, &tuning);
	tuning.cpu_percent = cpu_percent;
	tuning.generation_ms = generation_ms;
	tuning.min_ready = min_ready;
	return pagealloc_set_tuning(target->pool, &tuning);
}

static int tune_no_share(struct stress_target *target)
{
	return tune(target, 0, 1000, 0);
}

static int tune_large_share(struct stress_target *target)
{
	return tune(target, 101, 1000, 0);
}

static int tune_no_generation(struct stress_target *target)
{
	return tune(target, 1, 0, 0);
}

static int tune_large_floor(struct stress_target *target)
{
	return tune(target, 1, 1000, target->account.span + 1);
}

static const struct wrong wrongs[] = {
	{ "alloc of nothing", -EINVAL, alloc_nothing, bad_request },
	{ "alloc by __GFP_NOFAIL", -EINVAL, alloc_other_gfp, bad_request },
	{ "alloc with align 3", -EINVAL, alloc_align_3, bad_request },
	{ "alloc in a small boundary", -EINVAL, alloc_small_boundary, bad_request },
	{ "alloc in a small window", -EINVAL, alloc_small_window, bad_request },
	{ "alloc lowest and ready first", -EINVAL, alloc_contradiction, bad_request },
	{ "alloc with an unknown flag", -EINVAL, alloc_unknown_flag, bad_request },
	{ "bulk of nothing", -EINVAL, bulk_of_nothing, bad_request },
	{ "free of nothing", -EINVAL, free_nothing, bad_free },
	{ "free of what wraps", -EINVAL, free_wrapping, bad_free },
	{ "free outside", -ERANGE, free_outside, bad_free },
	{ "trim to nothing", -EINVAL, trim_to_nothing, bad_free },
	{ "trim to more", -EINVAL, trim_to_more, bad_free },
	{ "scavenge of nothing", -EINVAL, scavenge_nothing },
	{ "protect", -EOPNOTSUPP, protect },
	{ "tuning without a share", -EINVAL, tune_no_share },
	{ "tuning with a large share", -EINVAL, tune_large_share },
	{ "tuning without a generation", -EINVAL, tune_no_generation },
	{ "tuning with a large floor", -ERANGE, tune_large_floor },
};

/**
 * stress_call_wrongly() - make a call that must be refused
 * @target: on this pool
 * @random: says which
 *
 * Context: may sleep.
 */
void stress_call_wrongly(struct stress_target *target, struct rnd_state *random)
{
	const struct wrong *wrong = &wrongs[stress_below(random, ARRAY_SIZE(wrongs))];
	int ret;

	if (wrong->counter)
		atomic_long_inc(wrong->counter(target));
	ret = wrong->call(target);
	if (ret != wrong->want)
		stress_fault(target->spec.name, "%s: %d, not %d", wrong->what,
			     ret, wrong->want);
	stress_count(STRESS_REFUSED);
}
