// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of engine/pace.c.
 *
 * A simulated worker does units of work until a millisecond has passed and then
 * sleeps, longer or shorter than it was told to; the clock is a sum.  Shares of
 * the CPU are in thousandths of a percent.  The reference computes the
 * controller's formulas as fractions, with a long division of its own.
 */

#include <linux/limits.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "engine/pace.h"
#include "lib/testlib.h"

#define USEC		1000ULL
#define MSEC		1000000ULL
#define SECOND		1000000000ULL
#define MINUTE		(60 * SECOND)
#define HOUR		(60 * MINUTE)

#define ONE		BIT_ULL(PGA_PACE_SHIFT)
#define POINT		1000	/* a percent */

/* What happens to a sleep. */
enum sleep {
	SLEEP_AS_ASKED,
	SLEEP_A_BIT_LONGER,
	SLEEP_TWICE,
	SLEEP_HALF,
	SLEEP_TO_A_TICK,
	SLEEP_ANYTHING,
};

/* A worker and the time it has had. */
struct worker {
	struct pga_pace pace;
	struct rnd_state random;
	u64 unit_ns;
	enum sleep sleep;
	u64 worked;
	u64 slept;
};

static u64 sleep_really(struct worker *w, u64 asked)
{
	switch (w->sleep) {
	case SLEEP_A_BIT_LONGER:
		return asked + 50 * USEC;
	case SLEEP_TWICE:
		return 2 * asked;
	case SLEEP_HALF:
		return asked / 2;
	case SLEEP_TO_A_TICK:
		return (asked / (4 * MSEC) + 1) * 4 * MSEC;
	case SLEEP_ANYTHING:
		return asked / 2 + pgat_below(&w->random, asked + 1);
	default:
		return asked;
	}
}

/* Work for @work, sleep, and tell the controller. */
static void once(struct worker *w, u64 work)
{
	const u64 slept = sleep_really(w, pga_pace_sleep(&w->pace, work));

	pga_pace_update(&w->pace, work, slept, 1);
	w->worked += work;
	w->slept += slept;
}

/* Go on for @time; return the share of it that was work. */
static unsigned int share_in(struct worker *w, u64 time)
{
	const u64 work = DIV_ROUND_UP_ULL(MSEC, w->unit_ns) * w->unit_ns;

	w->worked = 0;
	w->slept = 0;
	while (w->worked + w->slept < time) {
		once(w, work);
		cond_resched();
	}
	return div64_u64(w->worked * 100 * POINT, w->worked + w->slept);
}

static struct worker new_worker(struct kunit *test, unsigned int percent,
				u64 unit_ns, enum sleep sleep)
{
	struct worker w = { .unit_ns = unit_ns, .sleep = sleep };

	pga_pace_init(&w.pace, percent);
	prandom_seed_state(&w.random, 1);
	return w;
}

/* Compare a share with a range; @what goes to the log. */
static void expect_near(struct kunit *test, u64 got, u64 want, u64 tolerance,
			const char *what, u64 number)
{
	KUNIT_EXPECT_GE_MSG(test, got + tolerance, want, "%s %llu", what, number);
	KUNIT_EXPECT_LE_MSG(test, got, want + tolerance, "%s %llu", what, number);
}

/* How a worker sleeps, and how near its share comes to what it should be. */
static const struct sleep_case {
	const char *name;
	enum sleep sleep;
	unsigned int percent;
} sleep_cases[] = {
	{ "1 %, as asked", SLEEP_AS_ASKED, 1 },
	{ "1 %, a bit longer", SLEEP_A_BIT_LONGER, 1 },
	{ "1 %, twice", SLEEP_TWICE, 1 },
	{ "1 %, half", SLEEP_HALF, 1 },
	{ "1 %, to the next tick", SLEEP_TO_A_TICK, 1 },
	{ "1 %, anything", SLEEP_ANYTHING, 1 },
	{ "2 %, as asked", SLEEP_AS_ASKED, 2 },
	{ "2 %, anything", SLEEP_ANYTHING, 2 },
	{ "5 %, as asked", SLEEP_AS_ASKED, 5 },
	{ "5 %, twice", SLEEP_TWICE, 5 },
	{ "10 %, half", SLEEP_HALF, 10 },
	{ "10 %, to the next tick", SLEEP_TO_A_TICK, 10 },
	{ "25 %, as asked", SLEEP_AS_ASKED, 25 },
	{ "50 %, as asked", SLEEP_AS_ASKED, 50 },
};

PGAT_ARRAY_PARAM(sleep, sleep_cases);

/*
 * In an hour the share is what was asked for, within half a percent, whatever a
 * unit of work costs: from a microsecond, which makes many to a piece of work,
 * to five milliseconds.
 */
static void converges(struct kunit *test)
{
	static const u64 costs[] = {
		USEC, 30 * USEC, 700 * USEC, MSEC, 1700 * USEC, 5 * MSEC,
	};
	const struct sleep_case *c = test->param_value;
	struct worker w;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(costs); i++) {
		w = new_worker(test, c->percent, costs[i], c->sleep);
		expect_near(test, share_in(&w, HOUR), c->percent * POINT, POINT / 2,
			    "ns a unit:", costs[i]);
	}
}

/*
 * Units of ten milliseconds, the largest, make the sleeps a second long, which
 * is more than the controller's constants are made for: it swings, and the
 * share is too large by up to 0.65 percent.  So it is in the Go runtime.
 */
static void converges_large_units(struct kunit *test)
{
	const struct sleep_case *c = test->param_value;
	struct worker w = new_worker(test, c->percent, 10 * MSEC, c->sleep);

	expect_near(test, share_in(&w, HOUR), c->percent * POINT,
		    POINT * 65 / 100, "percent:", c->percent);
}

/* An upset, and for how long it may have an effect. */
static const struct upset_case {
	const char *name;
	u64 worked;
	u64 slept;
} upset_cases[] = {
	{ "a step of 400 ms, slept for", 400 * MSEC, 40 * SECOND },
	{ "a step of 400 ms, not slept for", 400 * MSEC, 0 },
	{ "a sleep of a minute", MSEC, MINUTE },
	{ "a sleep of an hour", MSEC, HOUR },
	{ "the clock jumps during sleep", MSEC, U64_MAX },
	{ "the clock jumps during work", U64_MAX, 0 },
	{ "the clock jumps during work, sleep as asked", U64_MAX, HOUR },
	{ "the clock stands still", 0, 0 },
	{ "no work, long sleep", 0, HOUR },
};

PGAT_ARRAY_PARAM(upset, upset_cases);

/*
 * After an upset the share is right again within a minute, from any state, and
 * stays right.
 */
static void recovers(struct kunit *test)
{
	static const unsigned int percents[] = { 1, 2, 5, 10 };
	const struct upset_case *c = test->param_value;
	unsigned int i, minute;
	struct worker w;

	for (i = 0; i < ARRAY_SIZE(percents); i++) {
		w = new_worker(test, percents[i], MSEC, SLEEP_AS_ASKED);
		share_in(&w, MINUTE);
		pga_pace_update(&w.pace, c->worked, c->slept, 1);
		share_in(&w, MINUTE);
		for (minute = 1; minute < 6; minute++)
			expect_near(test, share_in(&w, MINUTE), percents[i] * POINT,
				    POINT / 2, "percent:", percents[i]);
	}
}

/* With the same ratio more work means a sleep that is as long or longer. */
static void more_work_more_sleep(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	struct pga_pace pace;
	unsigned int i;

	pga_pace_init(&pace, 1);
	for (i = 0; i < 20000; i++) {
		const u64 work = pgat_length(&random, U64_MAX);
		const u64 more = work + min(pgat_length(&random, U64_MAX), U64_MAX - work);

		pace.ratio = ONE / 1000 + pgat_below(&random, 1000 * ONE - ONE / 1000);
		KUNIT_ASSERT_LE(test, pga_pace_sleep(&pace, work),
				pga_pace_sleep(&pace, more));
	}
}

/* With the same work a higher ratio means a sleep that is as long or shorter. */
static void higher_ratio_less_sleep(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	struct pga_pace low, high;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		const u64 work = pgat_length(&random, U64_MAX);

		low.ratio = ONE / 1000 + pgat_below(&random, 500 * ONE);
		high.ratio = low.ratio + pgat_below(&random, 400 * ONE);
		KUNIT_ASSERT_GE(test, pga_pace_sleep(&low, work),
				pga_pace_sleep(&high, work));
	}
}

/* A share that is always higher gives a ratio that is never higher. */
static void higher_share_lower_ratio(struct kunit *test)
{
	static const u64 worked[] = {
		0, 1, 10 * USEC, 100 * USEC, 500 * USEC, MSEC, 2 * MSEC, 10 * MSEC,
		50 * MSEC, 99 * MSEC, 100 * MSEC,
	};
	struct pga_pace pace[ARRAY_SIZE(worked)];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(worked); i++)
		pga_pace_init(&pace[i], 1);
	for (j = 0; j < 10000; j++) {
		for (i = 0; i < ARRAY_SIZE(worked); i++) {
			pga_pace_update(&pace[i], worked[i], 100 * MSEC - worked[i], 1);
			KUNIT_ASSERT_LE(test, pace[i].ratio,
					pace[i ? i - 1 : 0].ratio);
		}
	}
	KUNIT_EXPECT_EQ(test, pace[0].ratio, 1000 * ONE);
	KUNIT_EXPECT_EQ(test, pace[ARRAY_SIZE(worked) - 1].ratio, ONE / 1000);
}

/* More CPUs make the same work a smaller share, so the ratio is never lower. */
static void more_cpus_higher_ratio(struct kunit *test)
{
	static const unsigned int cpus[] = { 1, 2, 3, 8, 64, 8192 };
	struct pga_pace pace[ARRAY_SIZE(cpus)];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(cpus); i++)
		pga_pace_init(&pace[i], 1);
	for (j = 0; j < 500; j++) {
		for (i = 0; i < ARRAY_SIZE(cpus); i++) {
			pga_pace_update(&pace[i], MSEC, 19 * MSEC, cpus[i]);
			KUNIT_ASSERT_GE(test, pace[i].ratio,
					pace[i ? i - 1 : 0].ratio);
		}
	}
	KUNIT_EXPECT_GT(test, pace[ARRAY_SIZE(cpus) - 1].ratio, pace[0].ratio);
}

/* The first sleep is a thousand times the work, and no sleep is a year long. */
static void sleeps(struct kunit *test)
{
	struct pga_pace pace;

	pga_pace_init(&pace, 1);
	KUNIT_EXPECT_EQ(test, pga_pace_sleep(&pace, 0), 0);
	expect_near(test, pga_pace_sleep(&pace, MSEC), SECOND, USEC, "ms:", 1);
	KUNIT_EXPECT_LT(test, pga_pace_sleep(&pace, U64_MAX), 365 * 24 * HOUR);
	KUNIT_EXPECT_GT(test, pga_pace_sleep(&pace, U64_MAX), 24 * HOUR);
}

/*
 * With any numbers the controller stays within its bounds and does not divide
 * by zero: all combinations of extremes, then long runs of them.
 */
static void extremes(struct kunit *test)
{
	static const u64 times[] = {
		0, 1, 2, 999, MSEC, SECOND, HOUR, BIT_ULL(39) - 1, BIT_ULL(39),
		BIT_ULL(40) - 1, BIT_ULL(40), BIT_ULL(40) + 1, BIT_ULL(63),
		U64_MAX - 1, U64_MAX,
	};
	static const unsigned int cpus[] = {
		0, 1, 2, 3, 64, 8192, BIT(23), BIT(24), BIT(24) + 1, BIT(25),
		BIT(31), UINT_MAX,
	};
	struct rnd_state random = pgat_random(test);
	const u64 longest = 365 * 24 * HOUR;
	struct pga_pace pace;
	unsigned int i;

	for (i = 0; i < 60000; i++) {
		const unsigned int a = i % ARRAY_SIZE(times);
		const unsigned int b = i / ARRAY_SIZE(times) % ARRAY_SIZE(times);
		const unsigned int n = pgat_below(&random, ARRAY_SIZE(cpus));

		if (i % 1000 == 0)
			pga_pace_init(&pace, 1 + pgat_below(&random, 100));
		if (pgat_below(&random, 2))
			pga_pace_update(&pace, times[a], times[b], cpus[n]);
		else
			pga_pace_update(&pace, pgat_length(&random, U64_MAX),
					pgat_length(&random, U64_MAX), cpus[n]);
		KUNIT_ASSERT_GE(test, pace.ratio, ONE / 1000);
		KUNIT_ASSERT_LE(test, pace.ratio, 1000 * ONE);
		KUNIT_ASSERT_LT(test, pga_pace_sleep(&pace, times[b]), longest);
	}
}

/* An update without work and sleep changes nothing. */
static void nothing_to_learn(struct kunit *test)
{
	struct pga_pace pace, before;

	pga_pace_init(&pace, 1);
	pga_pace_update(&pace, MSEC, SECOND, 1);
	before = pace;
	pga_pace_update(&pace, 0, 0, 1);
	pga_pace_update(&pace, MSEC, SECOND, 0);
	pga_pace_update(&pace, U64_MAX, U64_MAX, 0);
	KUNIT_EXPECT_EQ(test, pace.ratio, before.ratio);
	KUNIT_EXPECT_EQ(test, pace.integral, before.integral);
	KUNIT_EXPECT_EQ(test, pace.setpoint, before.setpoint);
}

/* The reference: numbers are in 2^-48, products and quotients exact to that. */
#define REF_SHIFT	48
#define REF_ONE		((__int128)1 << REF_SHIFT)

struct ref {
	__int128 setpoint;
	__int128 ratio;
	__int128 integral;
};

/* @a / @b as done on paper, in binary; there is no such function in the kernel. */
static __int128 divide(__int128 a, u64 b)
{
	unsigned __int128 left = a < 0 ? -a : a, rest = 0, quotient = 0;
	int i;

	for (i = 127; i >= 0; i--) {
		rest = rest << 1 | (left >> i & 1);
		quotient <<= 1;
		if (rest >= b) {
			rest -= b;
			quotient |= 1;
		}
	}
	return a < 0 ? -(__int128)quotient : quotient;
}

/* A factor of @n / @d. */
static __int128 times(__int128 a, u64 n, u64 d)
{
	return divide(a * n, d);
}

/*
 * Gain 0.3375, an integral time of 3.2 ms, and a second for what the clamp
 * takes off.
 */
static void ref_update(struct ref *ref, u64 worked, u64 slept, unsigned int cpus)
{
	const u64 period = worked + slept;
	const __int128 share = divide(divide(worked * REF_ONE, period), cpus);
	const __int128 error = ref->setpoint - share;
	const __int128 raw = times(error, 3375, 10000) + ref->integral;

	ref->ratio = raw;
	if (raw < times(REF_ONE, 1, 1000))
		ref->ratio = times(REF_ONE, 1, 1000);
	if (raw > 1000 * REF_ONE)
		ref->ratio = 1000 * REF_ONE;
	ref->integral += times(times(error, 3375, 10000), period, 3200000);
	ref->integral += times(ref->ratio - raw, period, SECOND);
}

static u64 distance(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/*
 * Random work and sleeps around the right ones, and some that are far off: the
 * ratio is that of the reference within 0.1 %.
 */
static void reference(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	struct pga_pace pace;
	unsigned int i, cpus;
	struct ref ref = {};
	u64 want, worked, slept;

	for (i = 0; i < 4000; i++) {
		if (i % 400 == 0) {
			pga_pace_init(&pace, 1 + i / 400);
			ref = (struct ref) {
				.setpoint = times(REF_ONE, 1 + i / 400, 100),
			};
		}
		worked = 1 + pgat_below(&random, 2 * MSEC);
		slept = pgat_below(&random, 2 * pga_pace_sleep(&pace, worked) + 2);
		if (!pgat_below(&random, 30))
			slept = pgat_length(&random, MINUTE);
		cpus = 1 + pgat_below(&random, 8);
		pga_pace_update(&pace, worked, slept, cpus);
		ref_update(&ref, worked, slept, cpus);
		want = ref.ratio >> (REF_SHIFT - PGA_PACE_SHIFT);
		KUNIT_ASSERT_LE_MSG(test, distance(pace.ratio, want), want / 1000,
				    "step %u: %llu, not %llu", i, pace.ratio, want);
	}
}

static u64 magnitude(__int128 a)
{
	return (a < 0 ? -a : a) >> (REF_SHIFT - PGA_PACE_SHIFT);
}

/* Nothing to do until the ratio can rise no more, then work without a rest, ... */
static const struct phase {
	u64 worked;
	u64 slept;
	unsigned int steps;
} phases[] = {
	{ 0, SECOND / 2, 200 },
	{ SECOND / 10, 0, 600 },
	{ MSEC, 10 * MSEC, 200 },
	{ 0, SECOND / 2, 200 },
	{ MSEC, 3 * MSEC, 2000 },
};

/*
 * Where the ratio is clamped, the integral is drawn back as in the reference: to
 * within 0.1 %, and so the ratio leaves the clamp in the same step.
 */
static void clamped(struct kunit *test)
{
	const struct phase *p;
	unsigned int i, low = 0, high = 0;
	struct pga_pace pace;
	struct ref ref = { .setpoint = REF_ONE / 2 };
	u64 want;

	pga_pace_init(&pace, 50);
	for (p = phases; p < phases + ARRAY_SIZE(phases); p++) {
		for (i = 0; i < p->steps; i++) {
			pga_pace_update(&pace, p->worked, p->slept, 1);
			ref_update(&ref, p->worked, p->slept, 1);
			want = magnitude(ref.ratio);
			KUNIT_ASSERT_LE_MSG(test, distance(pace.ratio, want), want / 1000,
					    "step %u: %llu, not %llu", i, pace.ratio, want);
			want = magnitude(ref.integral);
			KUNIT_ASSERT_EQ(test, pace.integral < -(s64)ONE / 1000,
					ref.integral < -REF_ONE / 1000);
			KUNIT_ASSERT_LE_MSG(test,
					    distance(abs(pace.integral), want),
					    want / 1000 + ONE / 1000,
					    "step %u: %lld, not %llu", i, pace.integral,
					    want);
			low += pace.ratio == ONE / 1000;
			high += pace.ratio == 1000 * ONE;
		}
	}
	KUNIT_EXPECT_GT(test, low, 100);
	KUNIT_EXPECT_GT(test, high, 100);
}

static struct kunit_case pace_cases[] = {
	KUNIT_CASE_PARAM(converges, sleep_gen_params),
	KUNIT_CASE_PARAM(converges_large_units, sleep_gen_params),
	KUNIT_CASE_PARAM(recovers, upset_gen_params),
	KUNIT_CASE(more_work_more_sleep),
	KUNIT_CASE(higher_ratio_less_sleep),
	KUNIT_CASE(higher_share_lower_ratio),
	KUNIT_CASE(more_cpus_higher_ratio),
	KUNIT_CASE(sleeps),
	KUNIT_CASE(extremes),
	KUNIT_CASE(nothing_to_learn),
	KUNIT_CASE(reference),
	KUNIT_CASE(clamped),
	{}
};

static struct kunit_suite pace_suite = {
	.name = "pagealloc_pace",
	.test_cases = pace_cases,
};

kunit_test_suite(pace_suite);

MODULE_DESCRIPTION("Tests of pagealloc's sleep controller");
MODULE_LICENSE("GPL");
