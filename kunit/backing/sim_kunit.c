// SPDX-License-Identifier: GPL-2.0
/* Tests of backing/sim.c: it counts calls, and fails those it is told to fail. */

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>

#include "lib/testpool.h"

#define OPS	(&pagealloc_sim_ops)

static int sim_init(struct kunit *test)
{
	struct pagealloc_sim *sim = kunit_kzalloc(test, sizeof(*sim), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sim);
	pagealloc_sim_init(sim, 16);
	test->priv = sim;
	return 0;
}

/* The granule is the argument of pagealloc_sim_init(), 1 for 0. */
static void granule(struct kunit *test)
{
	struct pagealloc_sim *sim = test->priv;

	KUNIT_EXPECT_EQ(test, OPS->granule(sim), 16);
	pagealloc_sim_init(sim, 0);
	KUNIT_EXPECT_EQ(test, OPS->granule(sim), 1);
	KUNIT_EXPECT_TRUE(test, OPS->no_memory);
}

/* Successful calls and ready pages are counted. */
static void counts(struct kunit *test)
{
	struct pagealloc_sim *sim = test->priv;

	KUNIT_EXPECT_EQ(test, 0, OPS->reserve(sim, 0, 1UL << 34));
	KUNIT_EXPECT_EQ(test, 0, OPS->populate(sim, 0, 64));
	KUNIT_EXPECT_EQ(test, 0, OPS->populate(sim, 1UL << 33, 16));
	KUNIT_EXPECT_EQ(test, 0, OPS->discard(sim, 32, 32));
	OPS->zero(sim, 0, 16);
	OPS->release(sim, 0, 1UL << 34);
	KUNIT_EXPECT_EQ(test, sim->populates, 2);
	KUNIT_EXPECT_EQ(test, sim->discards, 1);
	KUNIT_EXPECT_EQ(test, sim->ready_pages, 48);
}

/**
 * struct fault_case - which of six calls fail
 * @name: of the case
 * @at: for @fail_populate or @fail_discard of &struct pagealloc_sim
 * @times: for @fail_times
 * @error: for @fail_errno
 * @want: what the calls return
 */
struct fault_case {
	const char *name;
	unsigned long at;
	unsigned long times;
	int error;
	int want[6];
};

static const struct fault_case fault_cases[] = {
	{ "none", 0, 0, 0, {} },
	{ "first", 1, 0, 0, { -ENOMEM } },
	{ "third", 3, 0, 0, { 0, 0, -ENOMEM } },
	{ "third, busy", 3, 1, -EBUSY, { 0, 0, -EBUSY } },
	{ "second and third", 2, 2, -EIO, { 0, -EIO, -EIO } },
	{ "from the fifth on", 5, 99, -EBUSY, { 0, 0, 0, 0, -EBUSY, -EBUSY } },
	{ "later than that", 7, 1, -EBUSY, {} },
};
PGAT_ARRAY_PARAM(fault, fault_cases);

/* The chosen populate calls fail with the chosen errno, and no other call fails. */
static void populate_fails(struct kunit *test)
{
	const struct fault_case *c = test->param_value;
	struct pagealloc_sim *sim = test->priv;
	unsigned int i, good = 0;

	sim->fail_populate = c->at;
	sim->fail_times = c->times;
	sim->fail_errno = c->error;
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ_MSG(test, c->want[i],
				    OPS->populate(sim, 16 * i, 16), "call %u", i);
		KUNIT_EXPECT_EQ(test, 0, OPS->discard(sim, 16 * i, 16));
		good += !c->want[i];
	}
	KUNIT_EXPECT_EQ(test, sim->populates, good);
	KUNIT_EXPECT_EQ(test, sim->discards, 6);
}

/* The same for discard. */
static void discard_fails(struct kunit *test)
{
	const struct fault_case *c = test->param_value;
	struct pagealloc_sim *sim = test->priv;
	unsigned int i, good = 0;

	sim->fail_discard = c->at;
	sim->fail_times = c->times;
	sim->fail_errno = c->error;
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, 0, OPS->populate(sim, 16 * i, 16));
		KUNIT_EXPECT_EQ_MSG(test, c->want[i],
				    OPS->discard(sim, 16 * i, 16), "call %u", i);
		good += !c->want[i];
	}
	KUNIT_EXPECT_EQ(test, sim->populates, 6);
	KUNIT_EXPECT_EQ(test, sim->discards, good);
	KUNIT_EXPECT_EQ(test, sim->ready_pages, 16 * (6 - good));
}

/*
 * A populate call sleeps as long as it is told to.  The test measures in ticks: on
 * a busy host they lag behind the time and catch up later.
 */
static void delay(struct kunit *test)
{
	struct pagealloc_sim *sim = test->priv;
	const unsigned long start = jiffies;

	sim->delay_ms = 50;
	KUNIT_EXPECT_EQ(test, 0, OPS->populate(sim, 0, 16));
	KUNIT_EXPECT_GE(test, jiffies - start, msecs_to_jiffies(50));
}

static int populate(void *arg)
{
	return OPS->populate(arg, 0, 16);
}

/* A fatal signal ends the sleep, and the call populates nothing. */
static void delay_killed(struct kunit *test)
{
	struct pagealloc_sim *sim = test->priv;
	const ktime_t start = ktime_get();
	struct pgat_thread thread;

	sim->delay_ms = 60000;
	pgat_thread_start(test, &thread, populate, sim);
	pgat_thread_kill(&thread);
	KUNIT_EXPECT_EQ(test, -EINTR, pgat_thread_join(&thread));
	/* The call has returned before the end of its sleep. */
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start), sim->delay_ms);
	KUNIT_EXPECT_EQ(test, sim->ready_pages, 0);
}

static struct kunit_case sim_cases[] = {
	KUNIT_CASE(granule),
	KUNIT_CASE(counts),
	KUNIT_CASE_PARAM(populate_fails, fault_gen_params),
	KUNIT_CASE_PARAM(discard_fails, fault_gen_params),
	KUNIT_CASE(delay),
	KUNIT_CASE(delay_killed),
	{}
};

static struct kunit_suite sim_suite = {
	.name = "pagealloc_sim",
	.init = sim_init,
	.test_cases = sim_cases,
};
kunit_test_suite(sim_suite);

MODULE_DESCRIPTION("Tests of pagealloc's sim backing");
MODULE_LICENSE("GPL");
