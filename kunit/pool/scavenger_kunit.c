// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of scavenger.c: when the worker discards and populates pages.
 *
 * The worker has no thread here: a test calls its step.  The pool has a clock of its
 * own, which only the test and the calls of the backing move.
 */

#include <linux/module.h>
#include <linux/time64.h>

#include "engine/goal.h"
#include "pool/scavenge.h"
#include "pool/scavenger.h"
#include "lib/testpool.h"

#define BASE		(1UL << 20)
#define PAGES		(8 * PGA_CHUNK_PAGES)
#define SECOND		((u64)NSEC_PER_SEC)
#define MSEC		((u64)NSEC_PER_MSEC)
#define HALF		(1LL << (PGA_PACE_SHIFT - 1))

/**
 * struct world - a pool, its worker, and their clock
 * @p: the pool
 * @s: the worker
 * @clock: the clock of both
 * @now: the time, nanoseconds
 * @discard_ns: time that a discard takes, for each granule
 * @populate_ns: time that a populate takes, for each granule
 * @wait_ns: time for which a discard waits for a CPU
 * @stolen_ns: time for which the CPU does not run, though the thread seems to
 * @stolen_every: how many discards there are to one of these times; 0: none
 * @waited_ns: time for which all discards have waited
 * @worked_ns: time that all discards have taken
 * @stuck: discards and populates take no time
 * @ops: the backing's operations, for a test that changes them
 */
struct world {
	struct pgat_pool *p;
	struct pga_scavenger s;
	struct pga_clock clock;
	u64 now;
	u64 discard_ns;
	u64 populate_ns;
	u64 wait_ns;
	u64 stolen_ns;
	unsigned int stolen_every;
	u64 waited_ns;
	u64 worked_ns;
	bool stuck;
	struct pagealloc_backing_ops ops;
};

static u64 world_now(const struct pga_clock *clock)
{
	return container_of(clock, struct world, clock)->now;
}

static u64 world_runtime(const struct pga_clock *clock)
{
	const struct world *w = container_of(clock, struct world, clock);

	return w->now - w->waited_ns;
}

static void spend_on_discard(struct world *w, unsigned long granules)
{
	w->now += granules * w->discard_ns + w->wait_ns;
	w->worked_ns += granules * w->discard_ns;
	w->waited_ns += w->wait_ns;
	if (w->stolen_every &&
	    pgat_stat(w->p, PAGEALLOC_DISCARD) % w->stolen_every == 0)
		w->now += w->stolen_ns;
}

static int spend_time(struct pgat_backing *backing, const struct pgat_call *call)
{
	struct world *w = backing->arg;
	const unsigned long granules = DIV_ROUND_UP(call->nr, backing->granule);

	if (w->stuck)
		return 0;
	if (call->what == PGAT_DISCARD)
		spend_on_discard(w, granules);
	else if (call->what == PGAT_POPULATE)
		w->now += granules * w->populate_ns;
	return 0;
}

static int scavenger_init(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	w->p = pgat_pool(test);
	w->clock = (struct pga_clock) {
		.now = world_now,
		.coarse = world_now,
		.runtime = world_runtime,
	};
	/* An arbitrary time that is not 0. */
	w->now = 1000 * SECOND;
	test->priv = w;
	return 0;
}

/* Open a pool and initialise its worker. */
static void setup(struct world *w, unsigned long granule, unsigned long pages,
		  const struct pagealloc_tuning *tuning)
{
	struct pgat_pool *p = w->p;

	pgat_pool_open(p, granule, 0);
	pgat_pool_region(p, BASE, pages);
	p->pool->clock = &w->clock;
	/* Without huge pages the figures are exact; huge_test() sets this. */
	p->pool->huge = 0;
	p->backing.hook = spend_time;
	p->backing.arg = w;
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_set_tuning(p->pool, tuning));
	pga_scavenger_init(&w->s, p->pool);
}

/* Allocate @nr pages and free them again. */
static void use(struct world *w, unsigned long nr)
{
	unsigned long pfn;

	KUNIT_ASSERT_EQ(w->p->test, 0,
			pagealloc_alloc(w->p->pool, nr, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(w->p->test, 0, pagealloc_free(w->p->pool, pfn, nr));
}

/* Call the step whenever it is due, for @ns nanoseconds; returns the calls. */
static unsigned int run_for(struct world *w, u64 ns)
{
	const u64 end = w->now + ns;
	unsigned int calls = 0;
	u64 next;

	while (w->now < end) {
		next = pga_scavenger_step(&w->s);
		calls++;
		w->now = max(w->now, min(next, end));
		if (next == PGA_NEVER)
			w->now = end;
	}
	return calls;
}

static const struct pagealloc_tuning brisk = {
	.generation_ms = 1000,
	.cpu_percent = 1,
	.limit = PAGEALLOC_NO_LIMIT,
};

/* The goal is 1.1 times the peak, in whole granules. */
static void goal_test(struct kunit *test)
{
	static const struct {
		unsigned long peak, granule, goal;
	} cases[] = {
		{ 0, 1, 0 }, { 1, 1, 2 }, { 9, 1, 10 }, { 10, 1, 11 },
		{ 100, 1, 110 }, { 100, 16, 112 }, { 1000, 512, 1536 },
		{ 930, 1, 1023 }, { 1UL << 34, 1, (1UL << 34) + 1717986919 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].goal,
				    pga_goal(cases[i].peak, cases[i].granule),
				    "peak %lu granule %lu", cases[i].peak,
				    cases[i].granule);
}

/* The overage is what is retained above the goal, less the floor. */
static void overage_test(struct kunit *test)
{
	static const struct {
		unsigned long retained, goal, ready, floor, unit, over;
	} cases[] = {
		{ 100, 100, 50, 0, 1, 0 }, { 100, 99, 50, 0, 1, 1 },
		{ 100, 0, 50, 0, 1, 50 }, { 100, 0, 50, 20, 1, 30 },
		{ 100, 90, 50, 45, 1, 5 }, { 100, 0, 50, 50, 1, 0 },
		{ 100, 0, 50, 60, 1, 0 }, { 100, PGA_NONE, 50, 0, 1, 0 },
		{ 0, 0, 0, 0, 1, 0 },
		/* Rounding up must not break the floor; without one it may. */
		{ 812, 0, 812, 512, 512, 0 }, { 1100, 0, 1024, 512, 512, 512 },
		{ 812, 0, 812, 0, 512, 812 }, { 1030, 1000, 1024, 500, 512, 30 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].over,
				    pga_overage(cases[i].retained, cases[i].goal,
						cases[i].ready, cases[i].floor,
						cases[i].unit),
				    "case %u", i);
	KUNIT_EXPECT_EQ(test, 950UL, pga_limit_goal(1000));
	KUNIT_EXPECT_EQ(test, PGA_NONE, pga_limit_goal(PAGEALLOC_NO_LIMIT));
}

/*
 * Nothing is discarded in the generation of the peak, nor in the next one, whose goal
 * comes from the peak.  After a generation with nothing in use all is discarded.
 */
static void generations_test(struct kunit *test)
{
	struct world *w = test->priv;

	setup(w, 1, PAGES, &brisk);
	w->discard_ns = MSEC / 100;
	use(w, 2000);
	run_for(w, SECOND - 1);
	KUNIT_EXPECT_EQ(test, 2000UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, U64_MAX, pgat_stat(w->p, PAGEALLOC_GOAL));
	run_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, 2200UL, pgat_pages(w->p, PAGEALLOC_GOAL));
	KUNIT_EXPECT_EQ(test, 2000UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	run_for(w, 100 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_GOAL));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, 2UL, pgat_stat(w->p, PAGEALLOC_GENERATIONS));
	pgat_sound(w->p);
}

/* The pool retains the pages in use, and a tenth more. */
static void keeps_goal_test(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned long pfn;

	setup(w, 1, PAGES, &brisk);
	w->discard_ns = MSEC / 100;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, 1000, GFP_KERNEL, &pfn));
	use(w, 2000);
	run_for(w, 200 * SECOND);
	KUNIT_EXPECT_EQ(test, 1100UL, pgat_pages(w->p, PAGEALLOC_GOAL));
	KUNIT_EXPECT_EQ(test, 1100UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	pgat_sound(w->p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, pfn, 1000));
}

/* The worker of an idle pool that has met its goal waits for an operation. */
static void idle_test(struct kunit *test)
{
	struct world *w = test->priv;

	setup(w, 1, PAGES, &brisk);
	w->discard_ns = MSEC / 100;
	KUNIT_EXPECT_EQ(test, PGA_NEVER, pga_scavenger_step(&w->s));
	use(w, 1000);
	KUNIT_EXPECT_EQ(test, w->now + SECOND, pga_scavenger_step(&w->s));
	run_for(w, 100 * SECOND);
	KUNIT_EXPECT_EQ(test, PGA_NEVER, pga_scavenger_step(&w->s));
	/* After an operation a generation begins. */
	use(w, 1);
	KUNIT_EXPECT_EQ(test, w->now + SECOND, pga_scavenger_step(&w->s));
}

/* Pages freed less than the delay ago are not discarded. */
static void age_test(struct kunit *test)
{
	struct pagealloc_tuning slow = brisk;
	struct world *w = test->priv;
	u64 freed;

	slow.delay_ms = 60000;
	setup(w, 1, PAGES, &slow);
	w->discard_ns = MSEC / 100;
	use(w, 1000);
	freed = w->now;
	run_for(w, 60 * SECOND - MSEC);
	KUNIT_EXPECT_EQ(test, 1000UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	run_for(w, freed + 240 * SECOND - w->now);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
}

/*
 * A new, longer delay is kept, and not a multiple of it.  The span engine keeps it also
 * for pages freed before; the bitmap engine has their age in ticks of the old delay.
 */
static void longer_delay_test(struct kunit *test)
{
	struct pagealloc_tuning slow = brisk;
	struct world *w = test->priv;

	slow.delay_ms = 1000;
	setup(w, 1, PAGES, &slow);
	w->discard_ns = MSEC / 100;
	use(w, 1000);
	w->now += SECOND / 2;
	slow.delay_ms = 60000;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_set_tuning(w->p->pool, &slow));
	run_for(w, 59 * SECOND);
	if (pgat_is_span(w->p))
		KUNIT_EXPECT_EQ(test, 1000UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	run_for(w, 240 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
}

/* A dense chunk is not discarded; with one page less in use it is not dense. */
static void density_test(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned long pfn;

	/* The span engine does not know the density of chunks. */
	pgat_first_fit(w->p);
	setup(w, 1, PGA_CHUNK_PAGES, &brisk);
	w->discard_ns = MSEC / 100;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, PGA_CHUNK_PAGES,
						 GFP_KERNEL, &pfn));
	/* The goal would be above the pool. */
	w->p->pool->goal = 0;
	pga_scavenger_step(&w->s);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(w->p->pool, pfn + 496, 16));
	run_for(w, 100 * SECOND);
	w->p->pool->goal = 0;
	w->s.work_at = w->now;
	run_for(w, 100 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RELEASED));

	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(w->p->pool, pfn + 495, 1));
	run_for(w, 5 * SECOND);
	w->p->pool->goal = 0;
	w->s.work_at = w->now;
	run_for(w, 100 * SECOND);
	KUNIT_EXPECT_EQ(test, 17UL, pgat_pages(w->p, PAGEALLOC_RELEASED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, pfn, 495));
}

/* Memory over the limit is discarded at once, ten granules a step. */
static void limit_test(struct kunit *test)
{
	struct pagealloc_tuning limited = brisk;
	struct world *w = test->priv;
	unsigned int calls = 0;

	limited.limit = 1000;
	setup(w, 16, PAGES, &brisk);
	use(w, 2000);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_set_tuning(w->p->pool, &limited));
	while (pga_scavenger_step(&w->s) == w->now)
		calls++;
	KUNIT_EXPECT_LE(test, pgat_pages(w->p, PAGEALLOC_RETAINED), 950UL);
	KUNIT_EXPECT_GT(test, pgat_pages(w->p, PAGEALLOC_RETAINED), 950UL - 16);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_UP(2000 - 950, 160), calls);
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(w->p, PAGEALLOC_SCAVENGED_BACKGROUND));
	pgat_sound(w->p);
}

/* A huge page that is all free and ready is discarded as a whole, or not at all. */
static void huge_test(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned long pfn;

	setup(w, 1, PAGES, &brisk);
	w->p->pool->huge = PGA_CHUNK_PAGES;
	w->discard_ns = MSEC / 100;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, 1000, GFP_KERNEL, &pfn));
	use(w, 1048);
	run_for(w, 200 * SECOND);
	/* Of the pages 1024 to 1099, which the goal allows, none stays. */
	KUNIT_EXPECT_EQ(test, 1024UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, pfn, 1000));
}

/* A request that populates pages over the goal discards as many, up to ten granules. */
static void growth_test(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned long low, middle, high;

	setup(w, 16, PAGES, &brisk);
	w->p->pool->scavenger = &w->s;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, 512, GFP_KERNEL, &low));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, 1, GFP_KERNEL, &middle));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(w->p->pool, low, 512));
	pga_scavenger_end_generation(w->p->pool);
	pga_scavenger_step(&w->s);
	w->p->pool->goal = 512;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, 1024, GFP_KERNEL, &high));
	KUNIT_EXPECT_EQ(test, 160UL, pgat_pages(w->p, PAGEALLOC_SCAVENGED_GROWTH));
	w->p->pool->scavenger = NULL;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, middle, 1));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, high, 1024));
	pgat_sound(w->p);
}

/* The worker grows the pool to fill the floor, refills it, and does not discard it. */
static void floor_test(struct kunit *test)
{
	struct pagealloc_tuning floor = brisk;
	struct world *w = test->priv;
	unsigned long pfn;

	floor.min_ready = 1000;
	setup(w, 16, PAGES, &floor);
	run_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, 1008UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(w->p->pool, 1000, GFP_ATOMIC, &pfn));
	run_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, 2000UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, pfn, 1000));
	run_for(w, 1000 * SECOND);
	KUNIT_EXPECT_GE(test, pgat_pages(w->p, PAGEALLOC_RETAINED), 1000UL);
	KUNIT_EXPECT_LT(test, pgat_pages(w->p, PAGEALLOC_RETAINED), 1000UL + 16);
	pgat_sound(w->p);
}

/* With a limit below the floor, the worker does not populate and discard in turns. */
static void floor_and_limit_test(struct kunit *test)
{
	struct pagealloc_tuning tuning = brisk;
	struct world *w = test->priv;
	unsigned long pfn;

	setup(w, 512, PAGES, &tuning);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, 212, GFP_KERNEL, &pfn));
	use(w, 512);
	tuning.min_ready = 512;
	tuning.limit = 512;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_set_tuning(w->p->pool, &tuning));
	KUNIT_EXPECT_LT(test, run_for(w, 60 * SECOND), 100U);
	KUNIT_EXPECT_EQ(test, 1024UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, pfn, 212));
}

/* Pages that were populated for a request that failed are discarded, too. */
static void failed_request_test(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned long pfn;

	setup(w, 16, PAGES, &brisk);
	w->p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) {
		.at = 2, .times = 1000, .error = -EINTR,
	};
	use(w, 16);
	KUNIT_ASSERT_EQ(test, -EINTR, pagealloc_alloc(w->p->pool, 512, GFP_KERNEL, &pfn));
	run_for(w, 10 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
}

/* If somebody holds all granules, the worker tries each of them by the back-off. */
static void floor_held_test(struct kunit *test)
{
	static const unsigned int most = 20;
	struct pagealloc_tuning floor = brisk;
	struct world *w = test->priv;

	floor.min_ready = 48;
	setup(w, 16, 4 * 16, &floor);
	w->p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) {
		.at = 1, .times = 4 * 4, .error = -EBUSY,
	};
	/* After 0, 100, 300 and 700 ms. */
	KUNIT_EXPECT_LE(test, run_for(w, SECOND), 4 * most);
	KUNIT_EXPECT_TRUE(test, w->s.floor_fails);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, 16ULL, pgat_stat(w->p, PAGEALLOC_POPULATE_FAIL_BUSY));
	pgat_sound(w->p);
	run_for(w, SECOND);
	KUNIT_EXPECT_FALSE(test, w->s.floor_fails);
	KUNIT_EXPECT_EQ(test, 48UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	pgat_sound(w->p);
}

/* A floor that cannot be had costs a few steps a minute; operations do not wake it up. */
static void floor_fails_test(struct kunit *test)
{
	struct pagealloc_tuning floor = brisk;
	struct world *w = test->priv;
	unsigned long pfn;

	floor.min_ready = 16;
	setup(w, 16, 4 * 16, &floor);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, 64, GFP_KERNEL, &pfn));
	run_for(w, 102 * SECOND);
	KUNIT_EXPECT_TRUE(test, w->s.floor_fails);
	KUNIT_EXPECT_LE(test, run_for(w, 600 * SECOND), 60U);
	w->s.kicked = false;
	w->p->pool->scavenger = &w->s;
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			pagealloc_alloc(w->p->pool, 1, GFP_ATOMIC | __GFP_NOWARN, &pfn));
	w->p->pool->scavenger = NULL;
	KUNIT_EXPECT_FALSE(test, w->s.kicked);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, BASE, 64));
	pga_scavenger_step(&w->s);
	KUNIT_EXPECT_FALSE(test, w->s.floor_fails);
}

/*
 * The worker offers what the backing has refused again by a back-off, as long as the
 * pool is above its goal.  Once nobody holds it, it goes back.
 */
static void refused_discard_test(struct kunit *test)
{
	struct world *w = test->priv;

	setup(w, 16, PAGES, &brisk);
	use(w, 512);
	w->p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) {
		.at = 1, .times = 1000000, .error = -EBUSY,
	};
	run_for(w, 102 * SECOND);
	/* 32 granules, each about ten times; and in halves at first. */
	KUNIT_EXPECT_LE(test, pgat_stat(w->p, PAGEALLOC_DISCARD_FAIL), 32 * 12ULL);
	KUNIT_EXPECT_GE(test, pgat_stat(w->p, PAGEALLOC_DISCARD_FAIL), 32 * 8ULL);
	KUNIT_EXPECT_EQ(test, 512UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_NE(test, PGA_NEVER, pga_scavenger_step(&w->s));
	pgat_sound(w->p);
	w->p->backing.fault[PGAT_DISCARD].at = 0;
	run_for(w, 61 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, PGA_NEVER, pga_scavenger_step(&w->s));
	pgat_sound(w->p);
}

/* The worker of a corrupt pool offers nothing, and does not wait for anything. */
static void refused_corrupt_test(struct kunit *test)
{
	struct world *w = test->priv;

	setup(w, 16, PAGES, &brisk);
	use(w, 16);
	w->p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) {
		.at = 1, .times = 1000000, .error = -EBUSY,
	};
	run_for(w, 3 * SECOND);
	w->p->pool->corrupt = true;
	KUNIT_EXPECT_LE(test, run_for(w, 100 * SECOND), 20U);
	w->p->pool->corrupt = false;
	w->p->backing.fault[PGAT_DISCARD].at = 0;
}

/* A refused granule that is in use when it is due is not offered. */
static void refused_in_use_test(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned long pfn;

	setup(w, 16, PAGES, &brisk);
	use(w, 16);
	w->p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) {
		.at = 1, .times = 1000000, .error = -EBUSY,
	};
	run_for(w, 3 * SECOND);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(w->p->pool, 1, GFP_KERNEL, &pfn));
	w->p->backing.fault[PGAT_DISCARD].at = 0;
	run_for(w, 100 * SECOND);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, pfn, 1));
	run_for(w, 100 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	pgat_sound(w->p);
}

/**
 * struct cost_case - the cost of work, and how long the worker works
 * @name: description
 * @discard_ns: time to discard a granule
 * @granule: pages in a granule
 * @percent: share of a CPU
 * @seconds: how long the worker works, by the test's clock
 * @slow_seconds: the same where each access is checked
 */
struct cost_case {
	const char *name;
	u64 discard_ns;
	unsigned long granule;
	unsigned int percent;
	unsigned int seconds;
	unsigned int slow_seconds;
};

/*
 * The cheapest case takes the most calls: with granules of one page, 16 of them a call,
 * an hour at 1 us is more than two million calls.
 */
static const struct cost_case cost_cases[] = {
	{ "1 us, 1 %", NSEC_PER_USEC, 1, 1, 3600, 60 },
	{ "10 us, 1 %", 10 * NSEC_PER_USEC, 1, 1, 3600, 600 },
	{ "100 us, 1 %", 100 * NSEC_PER_USEC, 1, 1, 3600, 3600 },
	{ "1 ms, 1 %", NSEC_PER_MSEC, 1, 1, 3600, 3600 },
	{ "10 ms, 1 %", 10 * NSEC_PER_MSEC, 1, 1, 3600, 3600 },
	{ "1 us, a granule a call, 1 %", NSEC_PER_USEC, 64, 1, 20, 20 },
	{ "10 us, a granule a call, 1 %", 10 * NSEC_PER_USEC, 64, 1, 200, 200 },
	{ "100 us, a granule a call, 1 %", 100 * NSEC_PER_USEC, 64, 1, 1000, 1000 },
	{ "1 ms, a granule a call, 1 %", NSEC_PER_MSEC, 64, 1, 3600, 3600 },
	{ "10 ms, a granule a call, 1 %", 10 * NSEC_PER_MSEC, 64, 1, 3600, 3600 },
	{ "1 ms, a granule a call, 5 %", NSEC_PER_MSEC, 64, 5, 600, 600 },
};
PGAT_ARRAY_PARAM(cost, cost_cases);

/* Calls that only take time: there are too many to verify each of them. */
static int quick_populate(void *ctx, unsigned long pfn, unsigned long nr)
{
	return spend_time(ctx, &(struct pgat_call) { PGAT_POPULATE, pfn, nr });
}

static int quick_discard(void *ctx, unsigned long pfn, unsigned long nr)
{
	return spend_time(ctx, &(struct pgat_call) { PGAT_DISCARD, pfn, nr });
}

/*
 * The worker has work all the time.  The share of a CPU that it takes is the one it is
 * allowed, within half a percent.  Where each call takes very long, as in a guest that
 * spends its time on the interrupts of a slow timer, the worker works for less time.
 */
static void share_test(struct kunit *test)
{
	const struct cost_case *c = test->param_value;
	const unsigned long pages = 256 * PGA_CHUNK_PAGES;
	const unsigned long begun = jiffies;
	struct pagealloc_tuning tuning = brisk;
	struct world *w = test->priv;
	u64 start, least, end, next;

	tuning.cpu_percent = c->percent;
	tuning.generation_ms = 3600000;
	setup(w, c->granule, pages, &tuning);
	w->ops = *w->p->pool->ops;
	w->ops.populate = quick_populate;
	w->ops.discard = quick_discard;
	w->p->pool->ops = &w->ops;
	w->discard_ns = c->discard_ns;
	use(w, pages);
	start = w->now;
	least = start + min(c->seconds, 60U) * SECOND;
	end = start + (PGAT_SLOW ? c->slow_seconds : c->seconds) * SECOND;
	while (w->now < end && (pgat_go_on(begun) || w->now < least)) {
		if (w->s.work_at == PGA_NEVER) {
			/* All is discarded: make more work, in a new generation. */
			use(w, pages);
			w->s.generation_over = true;
			pga_scavenger_step(&w->s);
			w->s.work_at = w->now;
		}
		w->p->pool->goal = 0;
		next = pga_scavenger_step(&w->s);
		if (w->s.work_at != PGA_NEVER)
			w->now = max(w->now, min(next, end));
	}
	kunit_info(test, "%llu calls, %llu ns of %llu s\n",
		   pgat_stat(w->p, PAGEALLOC_DISCARD), w->worked_ns,
		   (w->now - start) / SECOND);
	KUNIT_EXPECT_GE(test, w->worked_ns * 1000,
			(w->now - start) * (10 * c->percent - 5));
	KUNIT_EXPECT_LE(test, w->worked_ns * 1000,
			(w->now - start) * (10 * c->percent + 5));
}

/* A share that is set later takes effect with the next step. */
static void new_share_test(struct kunit *test)
{
	struct pagealloc_tuning tuning = brisk;
	struct world *w = test->priv;

	setup(w, 16, PAGES, &tuning);
	pga_scavenger_step(&w->s);
	KUNIT_EXPECT_EQ(test, 10LL, (1000 * w->s.pace.setpoint + HALF) >> PGA_PACE_SHIFT);
	tuning.cpu_percent = 50;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_set_tuning(w->p->pool, &tuning));
	pga_scavenger_step(&w->s);
	KUNIT_EXPECT_EQ(test, 500LL, (1000 * w->s.pace.setpoint + HALF) >> PGA_PACE_SHIFT);
}

/* If discards take no time by the clock, all is discarded nevertheless. */
static void stuck_clock_test(struct kunit *test)
{
	struct world *w = test->priv;

	setup(w, 16, PAGES, &brisk);
	w->stuck = true;
	use(w, 4000);
	run_for(w, 1000 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
}

/* If the clock jumps ahead by a day during a sleep, the work goes on. */
static void jumping_clock_test(struct kunit *test)
{
	struct world *w = test->priv;

	setup(w, 16, PAGES, &brisk);
	w->discard_ns = MSEC;
	use(w, 4000);
	run_for(w, 3 * SECOND);
	w->now += 86400 * SECOND;
	run_for(w, SECOND);
	use(w, 4000);
	run_for(w, 1000 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
}

/* After a call that takes 400 ms the worker keeps to its share again. */
static void slow_call_test(struct kunit *test)
{
	struct world *w = test->priv;
	u64 start;

	setup(w, 16, PAGES, &brisk);
	w->discard_ns = 100 * MSEC;
	use(w, 64);
	run_for(w, 100 * SECOND);
	start = w->now;
	w->worked_ns = 0;
	w->discard_ns = MSEC / 10;
	use(w, 4000);
	run_for(w, 300 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_LE(test, w->worked_ns * 1000, (w->now - start) * 15);
}

/* Call the step when it is due, until @retained pages are left, or for @ns. */
static void run_until(struct world *w, unsigned long retained, u64 ns)
{
	const u64 end = w->now + ns;

	while (w->now < end && pgat_pages(w->p, PAGEALLOC_RETAINED) > retained)
		w->now = max(w->now, min(pga_scavenger_step(&w->s), end));
}

/**
 * struct busy_case - a machine that does other things as well
 * @name: description
 * @wait_ns: as in struct world
 * @stolen_ns: likewise
 * @stolen_every: likewise
 */
struct busy_case {
	const char *name;
	u64 wait_ns;
	u64 stolen_ns;
	unsigned int stolen_every;
};

static const struct busy_case busy_cases[] = {
	{ "at rest", 0, 0, 0 },
	{ "waits for a CPU", 5 * MSEC, 0, 0 },
	{ "a virtual CPU stops", 0, 20 * MSEC, 23 },
	{ "both", 3 * MSEC, 30 * MSEC, 17 },
};
PGAT_ARRAY_PARAM(busy, busy_cases);

/* The share is one of CPU time, whatever else the machine does. */
static void busy_test(struct kunit *test)
{
	const struct busy_case *c = test->param_value;
	struct world *w = test->priv;
	u64 from;

	setup(w, 16, PAGES, &brisk);
	w->discard_ns = MSEC / 5;
	use(w, PAGES);
	/* By then the worker knows the usual cost and has found its pace. */
	run_until(w, PAGES * 3 / 4, 1000 * SECOND);
	w->wait_ns = c->wait_ns;
	w->stolen_ns = c->stolen_ns;
	w->stolen_every = c->stolen_every;
	from = w->now;
	w->worked_ns = 0;
	run_until(w, 0, 1000 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_GE(test, w->worked_ns * 1000, (w->now - from) * 5);
	KUNIT_EXPECT_LE(test, w->worked_ns * 1000, (w->now - from) * 15);
}

/* A cost that has grown for good is believed soon. */
static void dear_test(struct kunit *test)
{
	struct world *w = test->priv;
	u64 from;

	setup(w, 16, PAGES, &brisk);
	w->discard_ns = MSEC / 10;
	use(w, PAGES);
	run_until(w, PAGES * 3 / 4, 1000 * SECOND);
	w->discard_ns = 10 * MSEC;
	run_until(w, PAGES / 2, 1000 * SECOND);
	from = w->now;
	w->worked_ns = 0;
	run_until(w, 0, 10000 * SECOND);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(w->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_GE(test, w->worked_ns * 1000, (w->now - from) * 5);
	KUNIT_EXPECT_LE(test, w->worked_ns * 1000, (w->now - from) * 15);
}

/**
 * struct forecast_case - the cost of the work that is forecast
 * @name: description
 * @discard_ns: time to discard a granule
 * @populate_ns: time to populate a granule
 * @granule: pages in a granule
 * @percent: share of a CPU
 */
struct forecast_case {
	const char *name;
	u64 discard_ns;
	u64 populate_ns;
	unsigned long granule;
	unsigned int percent;
};

static const struct forecast_case forecast_cases[] = {
	{ "2 ms, 1 %", 2 * MSEC, 0, 16, 1 },
	{ "2 ms, 5 %", 2 * MSEC, 0, 16, 5 },
	{ "1 ms, and 3 ms to populate", MSEC, 3 * MSEC, 16, 1 },
	{ "50 ms, 1 %", 50 * MSEC, 0, 64, 1 },
	{ "20 us a page, and 5 us to populate", MSEC / 50, MSEC / 200, 1, 1 },
};
PGAT_ARRAY_PARAM(forecast, forecast_cases);

/*
 * The forecast has the costs of the backing.  After a quarter of the work, when the
 * controller has found its pace, it predicts the time for the rest within a tenth.
 */
static void forecast_test(struct kunit *test)
{
	const struct forecast_case *c = test->param_value;
	struct pagealloc_tuning tuning = brisk;
	struct world *w = test->priv;
	struct pga_forecast f;
	u64 from, took;

	tuning.cpu_percent = c->percent;
	setup(w, c->granule, PAGES, &tuning);
	w->discard_ns = c->discard_ns;
	w->populate_ns = c->populate_ns;
	use(w, PAGES);
	pga_scavenger_forecast(&w->s, &f);
	KUNIT_EXPECT_EQ(test, 0ULL, f.granule_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, f.goal_ns);

	run_until(w, PAGES * 3 / 4, 10000 * SECOND);
	from = w->now;
	pga_scavenger_forecast(&w->s, &f);
	KUNIT_EXPECT_EQ(test, c->discard_ns, f.granule_ns);
	KUNIT_EXPECT_EQ(test, c->populate_ns, f.reuse_ns);
	run_until(w, 0, 10000 * SECOND);
	took = w->now - from;
	kunit_info(test, "forecast %llu ms, took %llu ms\n", f.goal_ns / MSEC, took / MSEC);
	KUNIT_EXPECT_LE(test, f.goal_ns * 9 / 10, took);
	KUNIT_EXPECT_GE(test, f.goal_ns * 11 / 10, took);
	pga_scavenger_forecast(&w->s, &f);
	KUNIT_EXPECT_EQ(test, 0ULL, f.goal_ns);
}

/* There is no forecast without a known cost, or if nothing more can be discarded. */
static void no_forecast_test(struct kunit *test)
{
	struct world *w = test->priv;
	struct pga_forecast f;

	setup(w, 16, PAGES, &brisk);
	w->discard_ns = MSEC;
	use(w, 512);
	w->p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) {
		.at = 2, .times = 1000000, .error = -EBUSY,
	};
	w->p->pool->goal = 0;
	pga_scavenger_forecast(&w->s, &f);
	KUNIT_EXPECT_EQ(test, 0ULL, f.granule_ns);
	KUNIT_EXPECT_EQ(test, PGA_NEVER, f.goal_ns);
	run_for(w, 100 * SECOND);
	pga_scavenger_forecast(&w->s, &f);
	KUNIT_EXPECT_GT(test, f.granule_ns, 0ULL);
	KUNIT_EXPECT_EQ(test, PGA_NEVER, f.goal_ns);
	w->p->backing.fault[PGAT_DISCARD].at = 0;
}

/* The cost of a granule in the forecast is that of recent discards. */
static void cost_changes_test(struct kunit *test)
{
	struct world *w = test->priv;
	struct pga_forecast f;
	unsigned int i;

	setup(w, 512, PAGES, &brisk);
	for (i = 0; i < 40; i++) {
		w->discard_ns = i < 10 ? 400 * MSEC : 200 * MSEC;
		use(w, PAGES);
		run_for(w, 400 * SECOND);
	}
	pga_scavenger_forecast(&w->s, &f);
	KUNIT_EXPECT_GE(test, f.granule_ns, 200 * MSEC);
	KUNIT_EXPECT_LT(test, f.granule_ns, 210 * MSEC);
}

/* Parameters outside their range are refused, and nothing changes. */
static void tuning_test(struct kunit *test)
{
	static const struct {
		const char *name;
		struct pagealloc_tuning tuning;
		int ret;
	} cases[] = {
		{ "no generation", { 0, 0, 1, 100, 0 }, -EINVAL },
		{ "a generation of more than an hour", { 3600001, 0, 1, 100, 0 }, -EINVAL },
		{ "a delay of more than an hour", { 1, 3600001, 1, 100, 0 }, -EINVAL },
		{ "no share", { 1, 0, 0, 100, 0 }, -EINVAL },
		{ "more than a CPU", { 1, 0, 101, 100, 0 }, -EINVAL },
		{ "a limit above the pool", { 1, 0, 1, PAGES + 1, 0 }, -ERANGE },
		{ "a limit below the pages in use", { 1, 0, 1, 99, 0 }, -ERANGE },
		{ "a floor above the pool", { 1, 0, 1, 100, PAGES + 1 }, -ERANGE },
		{ "a maximum above the pool", { 1, 0, 1, 100, 0, PAGES + 1 }, -ERANGE },
		{ "a maximum below the pages in use", { 1, 0, 1, 100, 0, 1 }, 0 },
		{ "the lowest values", { 1, 0, 1, 100, 0 }, 0 },
		{ "the highest values", { 3600000, 3600000, 100, PAGES, PAGES, PAGES }, 0 },
		{ "no limit", { 1, 0, 1, PAGEALLOC_NO_LIMIT, 0 }, 0 },
	};
	struct pagealloc_tuning before, after;
	struct world *w = test->priv;
	unsigned long pfn;
	unsigned int i;

	setup(w, 1, PAGES, &brisk);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, 100, GFP_KERNEL, &pfn));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct pagealloc_tuning *want = &cases[i].tuning;

		pagealloc_get_tuning(w->p->pool, &before);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].ret,
				    pagealloc_set_tuning(w->p->pool, want), "%s",
				    cases[i].name);
		pagealloc_get_tuning(w->p->pool, &after);
		if (cases[i].ret)
			want = &before;
		KUNIT_EXPECT_EQ_MSG(test, 0, memcmp(&after, want, sizeof(after)),
				    "%s", cases[i].name);
	}
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, pfn, 100));
}

/* Setting the limit alone changes no other parameter. */
static void limit_alone_test(struct kunit *test)
{
	struct pagealloc_tuning tuning;
	struct world *w = test->priv;
	unsigned long pfn;

	setup(w, 1, PAGES, &brisk);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(w->p->pool, 100, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, -ERANGE, pga_scavenger_limit(w->p->pool, 99));
	pagealloc_get_tuning(w->p->pool, &tuning);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&tuning, &brisk, sizeof(brisk)));
	KUNIT_EXPECT_EQ(test, PGA_NONE, w->p->pool->limit_goal);

	KUNIT_EXPECT_EQ(test, 0, pga_scavenger_limit(w->p->pool, 100));
	pagealloc_get_tuning(w->p->pool, &tuning);
	KUNIT_EXPECT_EQ(test, 100UL, tuning.limit);
	KUNIT_EXPECT_EQ(test, 95UL, w->p->pool->limit_goal);
	tuning.limit = brisk.limit;
	KUNIT_EXPECT_EQ(test, 0, memcmp(&tuning, &brisk, sizeof(brisk)));
	KUNIT_EXPECT_EQ(test, 0, pga_scavenger_limit(w->p->pool, PAGEALLOC_NO_LIMIT));
	KUNIT_EXPECT_EQ(test, PGA_NONE, w->p->pool->limit_goal);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(w->p->pool, pfn, 100));
}

/*
 * A pool whose tuning nobody has set has the documented one, and its engine and its
 * worker go by that.
 */
static void default_tuning_test(struct kunit *test)
{
	static const struct pagealloc_tuning want = {
		.generation_ms = 10000,
		.delay_ms = 1000,
		.cpu_percent = 1,
		.limit = PAGEALLOC_NO_LIMIT,
	};
	struct world *w = test->priv;
	struct pgat_backing *b = &w->p->backing;
	const struct pagealloc_config config = {
		.name = "default", .ops = &pgat_backing_ops, .ctx = b,
	};
	struct pagealloc_tuning tuning;
	struct pagealloc_pool *pool;

	*b = (struct pgat_backing) { .test = test, .granule = 1 };
	spin_lock_init(&b->lock);
	pool = pagealloc_pool_create(&config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	pagealloc_get_tuning(pool, &tuning);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&tuning, &want, sizeof(want)));
	KUNIT_EXPECT_EQ(test, pool->map.delay, SECOND);
	KUNIT_EXPECT_EQ(test, pool->limit_goal, PGA_NONE);
	KUNIT_EXPECT_NOT_NULL(test, pool->scavenger);
	if (pool->scavenger)
		KUNIT_EXPECT_EQ(test, pool->scavenger->pace.setpoint,
				(1LL << PGA_PACE_SHIFT) / 100);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(pool));
}

static struct kunit_case scavenger_cases[] = {
	KUNIT_CASE(goal_test),
	KUNIT_CASE(overage_test),
	KUNIT_CASE(generations_test),
	KUNIT_CASE(keeps_goal_test),
	KUNIT_CASE(idle_test),
	KUNIT_CASE(age_test),
	KUNIT_CASE(longer_delay_test),
	KUNIT_CASE(density_test),
	KUNIT_CASE(limit_test),
	KUNIT_CASE(huge_test),
	KUNIT_CASE(growth_test),
	KUNIT_CASE(floor_test),
	KUNIT_CASE(floor_and_limit_test),
	KUNIT_CASE(failed_request_test),
	KUNIT_CASE(floor_held_test),
	KUNIT_CASE(floor_fails_test),
	KUNIT_CASE(refused_corrupt_test),
	KUNIT_CASE(refused_in_use_test),
	KUNIT_CASE(refused_discard_test),
	KUNIT_CASE_PARAM(share_test, cost_gen_params),
	KUNIT_CASE(new_share_test),
	KUNIT_CASE(stuck_clock_test),
	KUNIT_CASE(jumping_clock_test),
	KUNIT_CASE(slow_call_test),
	KUNIT_CASE_PARAM(busy_test, busy_gen_params),
	KUNIT_CASE(dear_test),
	KUNIT_CASE_PARAM(forecast_test, forecast_gen_params),
	KUNIT_CASE(no_forecast_test),
	KUNIT_CASE(cost_changes_test),
	KUNIT_CASE(tuning_test),
	KUNIT_CASE(limit_alone_test),
	KUNIT_CASE(default_tuning_test),
	{}
};

static struct kunit_suite scavenger_suite = {
	.name = "pagealloc_scavenger",
	.init = scavenger_init,
	.test_cases = scavenger_cases,
};
kunit_test_suite(scavenger_suite);

MODULE_DESCRIPTION("KUnit suite of pagealloc: the scavenger");
MODULE_LICENSE("GPL");
