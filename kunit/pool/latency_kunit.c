// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of latency.c: histograms of how long operations take.
 *
 * The test has a clock of its own.  Calls of the backing move it, and each reading
 * moves it by a fixed step, so every latency is known.
 */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "lib/testpool.h"

#define BASE		(1UL << 20)
#define PAGES		(4 * PGA_CHUNK_PAGES)
#define POPULATE_NS	5000
#define DISCARD_NS	700

/**
 * struct world - a pool and its clock
 * @p: the pool
 * @clock: the clock
 * @now: the time, nanoseconds
 * @step: nanoseconds that each reading takes
 */
struct world {
	struct pgat_pool *p;
	struct pga_clock clock;
	u64 now;
	u64 step;
};

static u64 world_now(const struct pga_clock *clock)
{
	struct world *w = container_of(clock, struct world, clock);

	return w->now += w->step;
}

static int spend_time(struct pgat_backing *backing, const struct pgat_call *call)
{
	struct world *w = backing->arg;

	if (call->what == PGAT_POPULATE)
		w->now += POPULATE_NS;
	else if (call->what == PGAT_DISCARD)
		w->now += DISCARD_NS;
	return 0;
}

static int latency_init(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	w->p = pgat_pool(test);
	w->clock = (struct pga_clock) { .now = world_now, .coarse = world_now };
	w->now = NSEC_PER_SEC;
	test->priv = w;
	return 0;
}

static void setup(struct world *w)
{
	pgat_pool_open(w->p, 1, 0);
	pgat_pool_region(w->p, BASE, PAGES);
	w->p->pool->clock = &w->clock;
	w->p->backing.hook = spend_time;
	w->p->backing.arg = w;
}

static void set_histograms(struct pgat_pool *p, bool on)
{
	KUNIT_ASSERT_EQ(p->test, 0, pga_latency_set(&p->pool->latency, on,
						    pga_now(p->pool)));
}

static u64 count_of(struct pgat_pool *p, enum pga_timed what)
{
	struct pga_histogram h;
	unsigned int i;
	u64 sum = 0;

	pga_latency_read(&p->pool->latency, what, &h);
	for (i = 0; i < PGA_LATENCY_BUCKETS; i++)
		sum += h.count[i];
	return sum;
}

static u64 max_of(struct pgat_pool *p, enum pga_timed what)
{
	struct pga_histogram h;

	pga_latency_read(&p->pool->latency, what, &h);
	return h.max;
}

static void expect_empty(struct pgat_pool *p)
{
	enum pga_timed i;

	for (i = 0; i < PGA_NR_TIMED; i++) {
		KUNIT_EXPECT_EQ_MSG(p->test, 0ULL, count_of(p, i), "%s",
				    pga_latency_name(i));
		KUNIT_EXPECT_EQ_MSG(p->test, 0ULL, max_of(p, i), "%s",
				    pga_latency_name(i));
	}
}

/* Do each kind of operation: an allocation that populates, an atomic one, and so on. */
static void exercise(struct pgat_pool *p)
{
	unsigned long pfn, other, released;

	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc(p->pool, 8, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_free(p->pool, pfn, 8));
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc(p->pool, 8, GFP_ATOMIC, &other));
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_free(p->pool, other, 8));
	KUNIT_ASSERT_EQ(p->test, 0,
			pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
}

/* The bucket of a time. */
struct bucket_case {
	const char *name;
	u64 ns;
	unsigned int bucket;
};

static const struct bucket_case bucket_cases[] = {
	{ "0 ns", 0, 0 },
	{ "1 ns", 1, 0 },
	{ "2 ns", 2, 1 },
	{ "3 ns", 3, 1 },
	{ "4 ns", 4, 2 },
	{ "1023 ns", 1023, 9 },
	{ "1024 ns", 1024, 10 },
	{ "a second", NSEC_PER_SEC, 29 },
	{ "the longest of bucket 34", (1ULL << 35) - 1, 34 },
	{ "the shortest of bucket 35", 1ULL << 35, 35 },
	{ "twice that", 1ULL << 36, 35 },
	{ "the longest time", U64_MAX - 1, 35 },
};
PGAT_ARRAY_PARAM(bucket, bucket_cases);

/* A time is counted once, in its bucket, and is the maximum. */
static void bucket_test(struct kunit *test)
{
	const struct bucket_case *c = test->param_value;
	struct world *w = test->priv;
	struct pga_histogram h;
	unsigned int i;

	setup(w);
	w->now = 0;
	set_histograms(w->p, true);
	w->now = U64_MAX;
	pga_timed_end(w->p->pool, PGA_TIMED_FREE, w->now - c->ns);
	KUNIT_EXPECT_TRUE(test, pga_latency_read(&w->p->pool->latency, PGA_TIMED_FREE, &h));
	KUNIT_EXPECT_EQ(test, c->ns, h.max);
	for (i = 0; i < PGA_LATENCY_BUCKETS; i++)
		KUNIT_EXPECT_EQ_MSG(test, i == c->bucket, h.count[i], "bucket %u", i);
}

/* The maximum does not change when shorter times follow. */
static void max_test(struct kunit *test)
{
	static const u64 ns[] = { 5, 3, 900, 0, 899, 901, 17 };
	struct world *w = test->priv;
	unsigned int i;
	u64 max = 0;

	setup(w);
	set_histograms(w->p, true);
	w->now += 1000;
	for (i = 0; i < ARRAY_SIZE(ns); i++) {
		pga_timed_end(w->p->pool, PGA_TIMED_ALLOC, w->now - ns[i]);
		max = max(max, ns[i]);
		KUNIT_EXPECT_EQ(test, max, max_of(w->p, PGA_TIMED_ALLOC));
	}
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(ns), count_of(w->p, PGA_TIMED_ALLOC));
	KUNIT_EXPECT_EQ(test, 0ULL, count_of(w->p, PGA_TIMED_ALLOC_ATOMIC));
}

/* Histograms are off at first: nothing is counted, and the clock is not read. */
static void off_test(struct kunit *test)
{
	struct world *w = test->priv;
	struct pga_histogram h;

	setup(w);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&pga_latency_key));
	exercise(w->p);
	expect_empty(w->p);
	KUNIT_EXPECT_FALSE(test, pga_latency_read(&w->p->pool->latency, PGA_TIMED_FREE, &h));
	KUNIT_EXPECT_EQ(test, 0ULL, pga_timed_begin(w->p->pool));
	set_histograms(w->p, false);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&pga_latency_key));
}

/* Each kind of operation is counted with its latency. */
static void kinds_test(struct kunit *test)
{
	struct world *w = test->priv;
	struct pgat_pool *p = w->p;

	setup(w);
	set_histograms(p, true);
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&pga_latency_key));
	exercise(p);
	KUNIT_EXPECT_EQ(test, 1ULL, count_of(p, PGA_TIMED_ALLOC));
	KUNIT_EXPECT_EQ(test, (u64)POPULATE_NS, max_of(p, PGA_TIMED_ALLOC));
	KUNIT_EXPECT_EQ(test, 1ULL, count_of(p, PGA_TIMED_ALLOC_ATOMIC));
	KUNIT_EXPECT_EQ(test, 0ULL, max_of(p, PGA_TIMED_ALLOC_ATOMIC));
	KUNIT_EXPECT_EQ(test, 2ULL, count_of(p, PGA_TIMED_FREE));
	KUNIT_EXPECT_EQ(test, 0ULL, max_of(p, PGA_TIMED_FREE));
	KUNIT_EXPECT_EQ(test, 1ULL, count_of(p, PGA_TIMED_POPULATE));
	KUNIT_EXPECT_EQ(test, (u64)POPULATE_NS, max_of(p, PGA_TIMED_POPULATE));
	KUNIT_EXPECT_EQ(test, (u64)p->backing.count[PGAT_DISCARD],
			count_of(p, PGA_TIMED_DISCARD));
	KUNIT_EXPECT_EQ(test, (u64)DISCARD_NS, max_of(p, PGA_TIMED_DISCARD));
	KUNIT_EXPECT_NE(test, 0ULL, count_of(p, PGA_TIMED_LOCK_HOLD));
	KUNIT_EXPECT_EQ(test, 0ULL, max_of(p, PGA_TIMED_LOCK_HOLD));
	pgat_sound(p);
}

/* Operations that fail or are refused are counted, too. */
static void failures_test(struct kunit *test)
{
	struct world *w = test->priv;
	struct pgat_pool *p = w->p;
	unsigned long pfn = 0;

	setup(w);
	set_histograms(p, true);
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1000, -ENOMEM };
	w->step = 1;
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			pagealloc_alloc(p->pool, 1, GFP_KERNEL | __GFP_NOWARN, &pfn));
	KUNIT_EXPECT_EQ(test, 1ULL, count_of(p, PGA_TIMED_ALLOC));
	KUNIT_EXPECT_NE(test, 0ULL, count_of(p, PGA_TIMED_POPULATE));
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc(p->pool, 1, GFP_NOWAIT, &pfn));
	KUNIT_EXPECT_EQ(test, 1ULL, count_of(p, PGA_TIMED_ALLOC_ATOMIC));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE, 1));
	KUNIT_EXPECT_EQ(test, 1ULL, count_of(p, PGA_TIMED_FREE));

	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_alloc(p->pool, 0, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE, 0));
	KUNIT_EXPECT_EQ(test, 2ULL, count_of(p, PGA_TIMED_ALLOC));
	KUNIT_EXPECT_EQ(test, 2ULL, count_of(p, PGA_TIMED_FREE));
	p->backing.fault[PGAT_POPULATE].at = 0;
	pgat_sound(p);
}

/* Each critical section of the lock is counted once, with its length. */
static void lock_hold_test(struct kunit *test)
{
	struct world *w = test->priv;
	struct pagealloc_pool *pool;
	struct pga_histogram h;
	unsigned long flags;

	setup(w);
	pool = w->p->pool;
	set_histograms(w->p, true);
	flags = pga_pool_lock(pool);
	w->now += 300;
	pga_pool_unlock(pool, flags);
	w->now += 100000;
	flags = pga_pool_lock(pool);
	w->now += 70;
	pga_pool_unlock(pool, flags);
	pga_latency_read(&pool->latency, PGA_TIMED_LOCK_HOLD, &h);
	KUNIT_EXPECT_EQ(test, 300ULL, h.max);
	KUNIT_EXPECT_EQ(test, 1ULL, h.count[8]);
	KUNIT_EXPECT_EQ(test, 1ULL, h.count[6]);
	KUNIT_EXPECT_EQ(test, 2ULL, count_of(w->p, PGA_TIMED_LOCK_HOLD));
	/* A critical section is not counted with the start of an earlier one. */
	set_histograms(w->p, false);
	flags = pga_pool_lock(pool);
	w->now += 5000;
	pga_pool_unlock(pool, flags);
	set_histograms(w->p, true);
	KUNIT_EXPECT_EQ(test, 0ULL, max_of(w->p, PGA_TIMED_LOCK_HOLD));
	flags = pga_pool_lock(pool);
	pga_pool_unlock(pool, flags);
	KUNIT_EXPECT_EQ(test, 0ULL, max_of(w->p, PGA_TIMED_LOCK_HOLD));
	KUNIT_EXPECT_EQ(test, 1ULL, count_of(w->p, PGA_TIMED_LOCK_HOLD));
}

/* Turned off, histograms keep their figures; turned on, they begin at zero. */
static void reset_test(struct kunit *test)
{
	struct world *w = test->priv;
	struct pga_histogram h;

	setup(w);
	set_histograms(w->p, true);
	exercise(w->p);
	set_histograms(w->p, false);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&pga_latency_key));
	exercise(w->p);
	KUNIT_EXPECT_FALSE(test, pga_latency_read(&w->p->pool->latency, PGA_TIMED_FREE, &h));
	KUNIT_EXPECT_EQ(test, 2ULL, count_of(w->p, PGA_TIMED_FREE));
	KUNIT_EXPECT_EQ(test, (u64)POPULATE_NS, max_of(w->p, PGA_TIMED_ALLOC));
	set_histograms(w->p, true);
	expect_empty(w->p);
	exercise(w->p);
	KUNIT_EXPECT_EQ(test, 2ULL, count_of(w->p, PGA_TIMED_FREE));
	set_histograms(w->p, true);
	expect_empty(w->p);
	set_histograms(w->p, false);
	set_histograms(w->p, false);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&pga_latency_key));
}

/* An operation that begins or ends while histograms are off is not counted. */
static void half_measured_test(struct kunit *test)
{
	struct world *w = test->priv;
	u64 start;

	setup(w);
	static_branch_inc(&pga_latency_key);
	start = pga_timed_begin(w->p->pool);
	set_histograms(w->p, true);
	pga_timed_end(w->p->pool, PGA_TIMED_FREE, start);
	KUNIT_EXPECT_EQ(test, 0ULL, count_of(w->p, PGA_TIMED_FREE));
	start = pga_timed_begin(w->p->pool);
	set_histograms(w->p, false);
	pga_timed_end(w->p->pool, PGA_TIMED_FREE, start);
	KUNIT_EXPECT_EQ(test, 0ULL, count_of(w->p, PGA_TIMED_FREE));
	static_branch_dec(&pga_latency_key);
}

/* Each pool has its own histograms; the key is set as long as those of any are on. */
static void pools_test(struct kunit *test)
{
	struct pgat_pool *other = pgat_pool(test);
	struct world *w = test->priv;

	setup(w);
	pagealloc_sim_init(&other->sim, 1);
	other->pool = pagealloc_pool_create(&(struct pagealloc_config) {
		.name = "other",
		.ops = &pagealloc_sim_ops,
		.ctx = &other->sim,
		.flags = PAGEALLOC_NO_WORKER,
	});
	KUNIT_ASSERT_FALSE(test, IS_ERR(other->pool));
	pgat_pool_region(other, BASE + PAGES, PAGES);
	set_histograms(other, true);
	exercise(w->p);
	expect_empty(w->p);
	set_histograms(w->p, true);
	set_histograms(other, false);
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&pga_latency_key));
	exercise(w->p);
	exercise(other);
	KUNIT_EXPECT_EQ(test, 2ULL, count_of(w->p, PGA_TIMED_FREE));
	KUNIT_EXPECT_EQ(test, 0ULL, count_of(other, PGA_TIMED_FREE));
	pgat_pool_close(w->p);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&pga_latency_key));
}

#define COUNTS	20000

/* Count a time in an interrupt, while threads count others. */
static void count_some(void *arg)
{
	struct world *w = arg;

	pga_timed_end(w->p->pool, PGA_TIMED_POPULATE, w->now - 1000);
}

static int count_many(void *arg)
{
	struct world *w = arg;
	unsigned int i;

	for (i = 0; i < COUNTS; i++)
		pga_timed_end(w->p->pool, PGA_TIMED_POPULATE, w->now - i);
	return 0;
}

/* No count is lost if an interrupt counts while a task does. */
static void interrupts_test(struct kunit *test)
{
	struct pgat_thread thread[2];
	struct world *w = test->priv;
	u64 sent = 0;
	int cpu;

	setup(w);
	set_histograms(w->p, true);
	w->now += 2 * COUNTS;
	pgat_thread_start(test, &thread[0], count_many, w);
	pgat_thread_start(test, &thread[1], count_many, w);
	while (sent < COUNTS) {
		for_each_online_cpu(cpu) {
			smp_call_function_single(cpu, count_some, w, true);
			sent++;
		}
		cond_resched();
	}
	pgat_thread_join(&thread[0]);
	pgat_thread_join(&thread[1]);
	KUNIT_EXPECT_EQ(test, 2 * COUNTS + sent, count_of(w->p, PGA_TIMED_POPULATE));
	KUNIT_EXPECT_EQ(test, COUNTS - 1ULL, max_of(w->p, PGA_TIMED_POPULATE));
}

#define TURNS	50

static int alloc_and_free(void *arg)
{
	struct pgat_pool *p = arg;
	unsigned long pfn;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < COUNTS && !ret; i++) {
		ret = pagealloc_alloc(p->pool, 1, GFP_KERNEL, &pfn) ?:
		      pagealloc_free(p->pool, pfn, 1);
		if (!(i % 256))
			cond_resched();
	}
	return ret;
}

/* Histograms can be turned on and off while tasks use the pool. */
static void toggle_test(struct kunit *test)
{
	struct pgat_thread thread[2];
	struct world *w = test->priv;
	const u64 start = ktime_get_ns();
	unsigned int i;

	pgat_pool_open(w->p, 1, 0);
	pgat_pool_region(w->p, BASE, PAGES);
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		pgat_thread_start(test, &thread[i], alloc_and_free, w->p);
	for (i = 0; i < TURNS; i++) {
		set_histograms(w->p, i % 3);
		schedule_timeout_uninterruptible(1);
	}
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&thread[i]));
	set_histograms(w->p, false);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&pga_latency_key));
	/* A longer critical section would have the start of an earlier one. */
	KUNIT_EXPECT_LT(test, max_of(w->p, PGA_TIMED_LOCK_HOLD),
			ktime_get_ns() - start);
	pgat_sound(w->p);
}

static struct kunit_case latency_cases[] = {
	KUNIT_CASE_PARAM(bucket_test, bucket_gen_params),
	KUNIT_CASE(max_test),
	KUNIT_CASE(off_test),
	KUNIT_CASE(kinds_test),
	KUNIT_CASE(failures_test),
	KUNIT_CASE(lock_hold_test),
	KUNIT_CASE(reset_test),
	KUNIT_CASE(half_measured_test),
	KUNIT_CASE(pools_test),
	KUNIT_CASE(interrupts_test),
	KUNIT_CASE(toggle_test),
	{}
};

static struct kunit_suite latency_suite = {
	.name = "pagealloc_latency",
	.init = latency_init,
	.test_cases = latency_cases,
};
kunit_test_suite(latency_suite);

MODULE_DESCRIPTION("KUnit suite of pagealloc: histograms of latency");
MODULE_LICENSE("GPL");
