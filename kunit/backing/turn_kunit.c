// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of backing/turn.c.
 */

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>

#include "backing/turn.h"
#include "lib/testpool.h"

/* Where the tests have their frames: nobody looks at them. */
#define FIRST		(1UL << 40)

/**
 * struct pair_case - two turns, the first of which does not end
 * @name: of the case
 * @a: first frame of the first one, in quarters of a unit behind FIRST
 * @a_nr: its frames, in quarters of a unit
 * @b: the same for the second one
 * @b_nr: the same for the second one
 * @shares: whether the second one has to wait
 */
struct pair_case {
	const char *name;
	unsigned int a;
	unsigned int a_nr;
	unsigned int b;
	unsigned int b_nr;
	bool shares;
};

static const struct pair_case pair_cases[] = {
	{ "the same", 4, 4, 4, 4, true },
	{ "two parts of a unit", 4, 1, 7, 1, true },
	{ "the unit below", 4, 4, 0, 4, false },
	{ "the unit above", 4, 4, 8, 4, false },
	{ "up to the middle of a unit", 4, 4, 0, 5, true },
	{ "from the middle of a unit on", 4, 5, 8, 4, true },
	{ "across it", 4, 4, 0, 12, true },
	{ "inside it", 0, 12, 4, 4, true },
	{ "far away", 4, 4, 4000, 4, false },
};
PGAT_ARRAY_PARAM(pair, pair_cases);

static unsigned long at(unsigned int quarters)
{
	return FIRST + quarters * pga_turn_unit() / 4;
}

/* Turns that share a unit exclude each other, and no others. */
static void pair(struct kunit *test)
{
	const struct pair_case *c = test->param_value;
	const unsigned long quarter = pga_turn_unit() / 4;
	struct pga_turn a, b;

	KUNIT_ASSERT_EQ(test, 0, pga_turn_begin(&a, at(c->a), c->a_nr * quarter));
	KUNIT_EXPECT_EQ(test, c->shares ? -EBUSY : 0,
			pga_turn_begin(&b, at(c->b), c->b_nr * quarter));
	if (!c->shares)
		pga_turn_end(&b);
	pga_turn_end(&a);
	/* The one that gave up has left nothing behind. */
	KUNIT_ASSERT_EQ(test, 0, pga_turn_begin(&b, at(c->b), c->b_nr * quarter));
	pga_turn_end(&b);
}

/* A part of a unit is a unit. */
static void units(struct kunit *test)
{
	struct pga_turn turn;

	KUNIT_EXPECT_TRUE(test, is_power_of_2(pga_turn_unit()));
	KUNIT_EXPECT_GE(test, pga_turn_unit(), pageblock_nr_pages);
	KUNIT_EXPECT_GE(test, pga_turn_unit(), MAX_ORDER_NR_PAGES);
	KUNIT_ASSERT_EQ(test, 0, pga_turn_begin(&turn, at(5), 1));
	KUNIT_EXPECT_EQ(test, turn.start, at(4));
	KUNIT_EXPECT_EQ(test, turn.end, at(8));
	pga_turn_end(&turn);
}

/**
 * struct racer - a thread that takes turns
 * @inside: threads that have their turn
 * @wrong: how often there was another one
 * @refused: how often the turn did not come
 */
struct racer {
	atomic_t inside;
	atomic_t wrong;
	atomic_t refused;
};

#define ROUNDS		200
#define THREADS		4

static int race(void *arg)
{
	struct racer *racer = arg;
	struct pga_turn turn;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (pga_turn_begin(&turn, at(i % 3), 1)) {
			atomic_inc(&racer->refused);
			continue;
		}
		if (atomic_inc_return(&racer->inside) != 1)
			atomic_inc(&racer->wrong);
		cond_resched();
		atomic_dec(&racer->inside);
		pga_turn_end(&turn);
	}
	return 0;
}

/* Many threads, and never two at a time.  Each one waits until its turn has come. */
static void many(struct kunit *test)
{
	struct racer racer = {};
	struct pgat_thread thread[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		pgat_thread_start(test, &thread[i], race, &racer);
	for (i = 0; i < THREADS; i++)
		pgat_thread_join(&thread[i]);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&racer.wrong));
	/* A host that stops the guest for a second may make a few give up. */
	KUNIT_EXPECT_LT(test, atomic_read(&racer.refused), THREADS * ROUNDS / 2);
}

static int begin_when_killed(void *arg)
{
	struct pga_turn turn;
	int ret;

	while (!fatal_signal_pending(current))
		schedule_timeout_interruptible(1);
	ret = pga_turn_begin(&turn, at(4), 1);
	if (!ret)
		pga_turn_end(&turn);
	return ret;
}

/* A killed task does not wait. */
static void killed(struct kunit *test)
{
	struct pgat_thread thread;
	struct pga_turn turn;

	KUNIT_ASSERT_EQ(test, 0, pga_turn_begin(&turn, at(4), 1));
	pgat_thread_start(test, &thread, begin_when_killed, NULL);
	pgat_thread_kill(&thread);
	KUNIT_EXPECT_EQ(test, -EINTR, pgat_thread_join(&thread));
	pga_turn_end(&turn);
}

static struct kunit_case turn_cases[] = {
	KUNIT_CASE_PARAM(pair, pair_gen_params),
	KUNIT_CASE(units),
	KUNIT_CASE(many),
	KUNIT_CASE(killed),
	{}
};

static struct kunit_suite turn_suite = {
	.name = "pagealloc_turn",
	.test_cases = turn_cases,
};
kunit_test_suite(turn_suite);

MODULE_DESCRIPTION("Tests of how pagealloc's loans take turns");
MODULE_LICENSE("GPL");
