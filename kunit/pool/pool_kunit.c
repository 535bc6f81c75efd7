// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of a pool as a whole: its statistics, the memory of its maps, and its end
 * (stats.c, life.c, region.c).  Random operations of the public interface are compared
 * with a model that has the state of each page, and are done by several threads.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "pool/calls.h"
#include "pool/dispatch.h"
#include "pool/life.h"
#include "lib/testpool.h"
#include "lib/wait.h"

#define SPACE	PGA_INDEX_PAGES
#define BASE	(2 * SPACE + (1UL << 20))

static int pool_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

static int ask(struct pgat_pool *p, unsigned long nr, unsigned long *pfn)
{
	return pagealloc_alloc(p->pool, nr, GFP_KERNEL | __GFP_NOWARN, pfn);
}

/* The states of pages as text, 16 pages a letter, and the gauges they should give. */
struct gauge_case {
	const char *name;
	const char *text;
	unsigned int in_use, idle, retained, released, largest;
	unsigned int fragmentation;
};

static const struct gauge_case gauge_cases[] = {
	{ "all in use", "uuuu", 4, 0, 4, 0, 0, 0 },
	{ "all ready", "rrrr", 0, 4, 4, 0, 4, 0 },
	{ "all discarded", "DDDD", 0, 4, 0, 4, 4, 0 },
	{ "half in use", "uruDuruD", 4, 4, 6, 2, 1, 750 },
	{ "runs of ready and discarded pages", "urDDuDrru", 3, 6, 6, 3, 3, 500 },
	{ "fragmentation of a third", "ruDDu", 2, 3, 3, 2, 2, 333 },
};
PGAT_ARRAY_PARAM(gauge, gauge_cases);

/* Each gauge is correct for pages in known states. */
static void gauges(struct kunit *test)
{
	const struct gauge_case *c = test->param_value;
	const unsigned int nr = strlen(c->text);
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, nr * 16);
	KUNIT_ASSERT_EQ(test, 0, ask(p, nr * 16, &pfn));
	pgat_pool_region(p, BASE + SPACE / 2, 4096);
	pgat_free_all(p);
	pgat_arrange(p, BASE, 16, c->text);

	KUNIT_EXPECT_EQ(test, pgat_stat(p, PAGEALLOC_PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, pgat_stat(p, PAGEALLOC_GRANULE), 16 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_SYS), 16 * nr + 4096);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), 16 * nr);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_IN_USE), 16 * c->in_use);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_IDLE), 16 * c->idle);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_RETAINED), 16 * c->retained);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_RELEASED), 16 * c->released);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_IN_TRANSITION), 0);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_LARGEST_FREE_RUN), 16 * c->largest);
	KUNIT_EXPECT_EQ(test, pgat_stat(p, PAGEALLOC_FRAGMENTATION), c->fragmentation);
	pgat_sound(p);
}

/* Each operation changes the counters for it, and no others. */
static void counters(struct kunit *test)
{
	const struct pgat_moved moved[] = {
		{ PAGEALLOC_GROWN, 512 * PAGE_SIZE },
		{ PAGEALLOC_IDLE, 512 * PAGE_SIZE },
		{ PAGEALLOC_RELEASED, 512 * PAGE_SIZE },
		{ PAGEALLOC_LARGEST_FREE_RUN, 512 * PAGE_SIZE },
		{ PAGEALLOC_ALLOC, 2 },
		{ PAGEALLOC_FREE, 3 },
		{ PAGEALLOC_GROW, 1 },
		{ PAGEALLOC_POPULATE, 2 },
		{ PAGEALLOC_POPULATE_PAGES, 64 },
		{ PAGEALLOC_DISCARD, 1 },
		{ PAGEALLOC_DISCARD_PAGES, 64 },
		{ PAGEALLOC_SCAVENGED_REQUEST, 64 * PAGE_SIZE },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;
	unsigned long pfn, released;

	pgat_first_fit(p);
	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 4096);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 40, &pfn));
	KUNIT_EXPECT_EQ(test, 0, ask(p, 20, &pfn));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 30));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 50, 10));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 30, 20));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	before.value[PAGEALLOC_METADATA] = pgat_stat(p, PAGEALLOC_METADATA);
	pgat_moved(p, &before, moved, ARRAY_SIZE(moved));
}

/* The most bits for each page that all maps and summaries of a grown pool may take. */
struct metadata_case {
	const char *name;
	unsigned long offset;
	unsigned long pages;
	unsigned int limit;	/* thousandths of a bit */
	unsigned int more_on_span;	/* for the reserve, in a small pool */
};

static const struct metadata_case metadata_cases[] = {
	{ "1 GiB", 0, 1UL << 18, 2600, 50 },
	{ "64 GiB", 0, 1UL << 24, 2350 },
	{ "64 GiB, not aligned", (1UL << 23) + 512, 1UL << 24, 2350 },
	{ "1 TiB", 0, 1UL << 28, 2350 },
};
PGAT_ARRAY_PARAM(metadata, metadata_cases);

/*
 * The metadata of a pool that has grown to its end stays within the limit.  A request
 * for all pages makes it grow, and fails, since a populate of all would take long.
 */
static void metadata(struct kunit *test)
{
	const struct metadata_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	unsigned long pfn, thousandths;
	u64 bytes;

	pgat_pool_open_sim(p, 1, 0);
	pgat_pool_region(p, 2 * SPACE + c->offset, c->pages);
	p->sim.fail_populate = 1;
	p->sim.fail_errno = -EINTR;
	KUNIT_ASSERT_EQ(test, -EINTR, ask(p, c->pages, &pfn));
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), c->pages);
	bytes = pgat_stat(p, PAGEALLOC_METADATA);
	thousandths = bytes * 8 * 1000 / c->pages;
	kunit_info(test, "%s: %llu bytes, %lu.%03lu bits a page\n", c->name, bytes,
		   thousandths / 1000, thousandths % 1000);
	KUNIT_EXPECT_LE(test, thousandths,
			c->limit + (pgat_is_span(p) ? c->more_on_span : 0));
	KUNIT_EXPECT_GE(test, thousandths, 2000);
}

static int destroy_killed(void *arg)
{
	struct pgat_pool *p = arg;

	while (!fatal_signal_pending(current))
		schedule_timeout_interruptible(1);
	return pagealloc_pool_destroy(p->pool);
}

/* Destroying a pool discards all ready pages, also with a fatal signal pending. */
static void destroy_when_killed(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pgat_thread thread;
	unsigned int i;

	pgat_pool_open(p, 512, 0);
	pgat_pool_region(p, BASE, 8 * 512);
	pgat_arrange(p, BASE, 512, "rDrrDDrr");
	pgat_thread_start(test, &thread, destroy_killed, p);
	pgat_thread_kill(&thread);
	KUNIT_ASSERT_EQ(test, 0, pgat_thread_join(&thread));
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ_MSG(test, p->backing.region[0].granule[i],
				    PGAT_NONE, "granule %u", i);
	pgat_pool_forget(p);
}

static void expect_nothing_backed(struct pgat_pool *p)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ_MSG(p->test, p->backing.region[0].granule[i], PGAT_NONE,
				    "granule %u", i);
}

/* A granule that the backing refuses to discard at the end is offered again. */
static void destroy_when_discard_fails(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	pgat_pool_open(p, 512, 0);
	pgat_pool_region(p, BASE, 8 * 512);
	pgat_arrange(p, BASE, 512, "rDrrDDrr");
	p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) { 3, 1, -EBUSY };
	KUNIT_ASSERT_EQ(test, 0, pagealloc_pool_destroy(p->pool));
	expect_nothing_backed(p);
	pgat_pool_forget(p);
}

static const struct refusal_case {
	const char *name;
	int error;
	int want;
} refusal_cases[] = {
	{ "busy", -EBUSY, -EBUSY },
	{ "no memory", -ENOMEM, -ENOMEM },
	{ "broken", -ENXIO, -ENXIO },
	{ "a number of bytes", 4096, -EIO },
};
PGAT_ARRAY_PARAM(refusal, refusal_cases);

/* If it is refused all the time the pool stays, and can be destroyed later. */
static void destroy_refused(struct kunit *test)
{
	const struct refusal_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	struct pagealloc_pool *same;
	unsigned long pfn;

	pgat_pool_open(p, 512, 0);
	pgat_pool_region(p, BASE, 8 * 512);
	pgat_arrange(p, BASE, 512, "rDrrDDrr");
	p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) { 3, 1000, c->error };
	KUNIT_ASSERT_EQ(test, c->want, pagealloc_pool_destroy(p->pool));
	same = pagealloc_pool_get("test");
	KUNIT_EXPECT_PTR_EQ(test, p->pool, same);
	pagealloc_pool_put(same);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 512, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(p->pool));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, 512));
	p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) {};
	KUNIT_ASSERT_EQ(test, 0, pagealloc_pool_destroy(p->pool));
	expect_nothing_backed(p);
	pgat_pool_forget(p);
}

static void count_abandoned(void *ctx, unsigned long pfn, unsigned long nr)
{
	struct pgat_backing *b = ctx;

	KUNIT_EXPECT_EQ(b->test, 512UL, nr);
	b->region[0].granule[(pfn - BASE) / 512] = PGAT_PREPARED;
}

/* A pool that must end abandons what is refused, but not what a client has. */
static void destroy_by_force(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_backing_ops ops;
	unsigned int i;

	pgat_pool_open(p, 512, 0);
	pgat_pool_region(p, BASE, 8 * 512);
	pgat_arrange(p, BASE, 512, "rDruDDrr");
	ops = *p->pool->ops;
	ops.abandon = count_abandoned;
	p->pool->ops = &ops;
	p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) { 2, 1000, -EBUSY };
	KUNIT_ASSERT_EQ(test, 0, pga_pool_destroy(p->pool, true));
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ_MSG(test, p->backing.region[0].granule[i],
				    i == 3 ? PGAT_BACKED : PGAT_NONE, "granule %u", i);
	pgat_pool_forget(p);
}

/* A value above 0 is none of the errnos: the backing is broken. */
static void positive_values(struct kunit *test)
{
	static const struct pgat_fault positive = { 1, 1, 4096 };
	struct pgat_pool *p = test->priv;
	unsigned long pfn, released;

	pgat_pool_open(p, 512, 0);
	p->backing.fault[PGAT_RESERVE] = positive;
	KUNIT_EXPECT_EQ(test, -EIO, pagealloc_add_region(p->pool, BASE, 512));
	KUNIT_EXPECT_TRUE(test, p->pool->broken);
	p->pool->broken = false;
	pgat_pool_region(p, BASE, 2 * 512);
	pgat_arrange(p, BASE, 512, "rD");
	p->backing.fault[PGAT_DISCARD] = positive;
	KUNIT_EXPECT_EQ(test, -EIO, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, 0UL, released);
	KUNIT_EXPECT_TRUE(test, p->pool->broken);
	p->pool->broken = false;
	p->backing.fault[PGAT_POPULATE] = positive;
	KUNIT_EXPECT_EQ(test, -EIO, ask(p, 2 * 512, &pfn));
	KUNIT_EXPECT_TRUE(test, p->pool->broken);
	pgat_sound(p);
}

/* A request that waits in the backing, and a destroy that waits for it. */
struct under_way {
	struct pgat_pool *p;
	struct completion entered;
	struct completion go_on;
	struct pgat_thread request;
	struct pgat_thread destroy;
	struct pagealloc_deferred deferred;
	int error;
	unsigned long pfn;
	bool destroyed;
};

static int wait_in_populate(struct pgat_backing *backing, const struct pgat_call *call)
{
	struct under_way *w = backing->arg;

	if (call->what != PGAT_POPULATE)
		return 0;
	complete(&w->entered);
	wait_for_completion(&w->go_on);
	return w->error;
}

static int request_all(void *arg)
{
	struct under_way *w = arg;

	return ask(w->p, 4 * 64, &w->pfn);
}

static int destroy_pool(void *arg)
{
	struct under_way *w = arg;
	const int ret = pagealloc_pool_destroy(w->p->pool);

	WRITE_ONCE(w->destroyed, true);
	return ret;
}

/* No new call begins on a pool that ends; pages can be freed as long as others run. */
static void expect_refusals(struct pgat_pool *p, struct under_way *w)
{
	struct pagealloc_request request = { .nr_pages = 1 };
	struct pagealloc_tuning tuning;
	struct pagealloc_stats stats;
	struct kunit *test = p->test;
	unsigned long pfn, released;

	KUNIT_EXPECT_NULL(test, pagealloc_pool_get("test"));
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(p->pool));
	KUNIT_EXPECT_EQ(test, -ENODEV, pagealloc_alloc(p->pool, 1, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, -ENODEV, pagealloc_alloc(p->pool, 20, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, -ENODEV, pagealloc_alloc_range(p->pool, &request, GFP_KERNEL,
							     &pfn));
	KUNIT_EXPECT_EQ(test, -ENODEV, pagealloc_alloc_bulk(p->pool, 1, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, -ENODEV, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, -ENODEV, pagealloc_add_region(p->pool, BASE + SPACE / 2, 64));
	KUNIT_EXPECT_EQ(test, -ENODEV, pagealloc_check(p->pool, NULL, 0));
	pagealloc_get_tuning(p->pool, &tuning);
	KUNIT_EXPECT_EQ(test, 0U, tuning.generation_ms);
	tuning.generation_ms = 1;
	tuning.cpu_percent = 1;
	KUNIT_EXPECT_EQ(test, -ENODEV, pagealloc_set_tuning(p->pool, &tuning));
	pagealloc_stats(p->pool, &stats);
	KUNIT_EXPECT_EQ(test, 0ULL, stats.value[PAGEALLOC_SYS]);
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 1));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_trim(p->pool, BASE + 1, 2, 1));
	pfn = BASE + 3;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free_bulk(p->pool, 1, &pfn));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free_deferred(p->pool, &w->deferred, BASE + 4, 60));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 1, 1));
}

/* A pool that is destroyed waits for the call that is under way, and refuses others. */
static void destroy_beside_call(struct kunit *test, bool cached, int error)
{
	struct under_way w = { .p = test->priv, .error = error };
	struct pgat_pool *p = w.p;

	init_completion(&w.entered);
	init_completion(&w.go_on);
	p->cached = cached;
	pgat_first_fit(p);
	pgat_pool_open(p, 64, 0);
	pgat_pool_region(p, BASE, 5 * 64);
	pgat_arrange(p, BASE, 64, "uDDDD");
	p->backing.arg = &w;
	p->backing.hook = wait_in_populate;
	pgat_thread_start(test, &w.request, request_all, &w);
	wait_for_completion(&w.entered);
	pgat_thread_start(test, &w.destroy, destroy_pool, &w);
	KUNIT_EXPECT_TRUE(test, pgat_wait_for(percpu_ref_is_dying(&p->pool->calls)));
	expect_refusals(p, &w);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(w.destroyed));
	complete(&w.go_on);
	KUNIT_EXPECT_EQ(test, error, pgat_thread_join(&w.request));
	KUNIT_ASSERT_EQ(test, error ? 0 : -EBUSY, pgat_thread_join(&w.destroy));
	p->backing.hook = NULL;
	if (!error) {
		pgat_sound(p);
		KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, w.pfn, 4 * 64));
		KUNIT_ASSERT_EQ(test, 0, pagealloc_pool_destroy(p->pool));
	}
	pgat_pool_forget(p);
}

static void destroy_beside_success(struct kunit *test)
{
	destroy_beside_call(test, false, 0);
}

static void destroy_beside_failure(struct kunit *test)
{
	destroy_beside_call(test, false, -ENOMEM);
}

static void destroy_beside_caches(struct kunit *test)
{
	destroy_beside_call(test, true, 0);
}

/* A call that has read the pointer to the caches before the pool clears it. */
struct late_call {
	struct pgat_pool *p;
	struct pga_cpu_cache __percpu *caches;
	int ret;
	bool entered;
	bool stopped;
	bool stopped_early;
};

/* In an interrupt of another CPU; the pool has 50 ms to go on too early. */
static void free_late(void *arg)
{
	struct late_call *l = arg;
	struct pga_cpu_cache *c;
	unsigned long flags;

	if (!pga_cpu_cache_get(&l->caches, &c, &flags))
		return;
	raw_spin_lock(&c->lock);
	WRITE_ONCE(l->entered, true);
	mdelay(50);
	l->stopped_early = READ_ONCE(l->stopped);
	l->ret = pga_free_push(c, flags, BASE + 7, 1);
}

/* A pool that ends waits for a CPU that uses its cache, and finds the pages there. */
static void stopped_caches(struct kunit *test)
{
	struct late_call late = { .p = test->priv };
	struct pgat_pool *p = late.p;
	unsigned int cpu;

	p->cached = true;
	pgat_pool_open(p, 64, 0);
	pgat_pool_region(p, BASE, 64);
	pgat_arrange(p, BASE, 64, "u");
	late.caches = READ_ONCE(p->pool->caches);
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)late.caches);
	cpu = cpumask_any_but(cpu_online_mask, get_cpu());
	KUNIT_EXPECT_EQ(test, 0, smp_call_function_single(cpu % nr_cpu_ids, free_late,
							  &late, false));
	put_cpu();
	KUNIT_ASSERT_TRUE(test, pgat_wait_for(READ_ONCE(late.entered)));
	pga_calls_stop(p->pool);
	WRITE_ONCE(late.stopped, true);
	KUNIT_EXPECT_FALSE(test, late.stopped_early);
	KUNIT_EXPECT_EQ(test, 0, late.ret);
	pga_cpu_cache_drain(p->pool);
	pga_calls_resume(p->pool);
	KUNIT_EXPECT_EQ(test, 63UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_CACHED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 8, 1));
	KUNIT_EXPECT_EQ(test, 1UL, pgat_pages(p, PAGEALLOC_CACHED));
	pgat_sound(p);
}

/*
 * A clock that has the pool destroyed when the task reads it for the @reads-th time
 * outside of the pool's locks.
 */
static struct {
	struct under_way w;
	struct task_struct *task;
	int reads;
	bool destroyed_early;
} fatal;

static u64 fatal_now(const struct pga_clock *clock)
{
	if (current == fatal.task && !irqs_disabled() && !--fatal.reads) {
		pgat_thread_start(fatal.w.p->test, &fatal.w.destroy, destroy_pool, &fatal.w);
		msleep(50);
		fatal.destroyed_early = READ_ONCE(fatal.w.destroyed);
	}
	return ktime_get_ns();
}

static const struct pga_clock fatal_clock = { .now = fatal_now, .coarse = fatal_now };

/* A call whose time is measured is under way until that is written down. */
static void destroy_beside_timed(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	p->cached = true;
	pgat_pool_open(p, 64, 0);
	pgat_pool_region(p, BASE, 64);
	pgat_arrange(p, BASE, 1, "u");
	KUNIT_ASSERT_EQ(test, 0, pga_latency_set(&p->pool->latency, true, ktime_get_ns()));
	fatal.w = (struct under_way) { .p = p };
	fatal.destroyed_early = false;
	fatal.reads = 2;
	fatal.task = current;
	p->pool->clock = &fatal_clock;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 1));
	fatal.task = NULL;
	KUNIT_ASSERT_EQ(test, 0, fatal.reads);
	KUNIT_ASSERT_EQ(test, 0, pgat_thread_join(&fatal.w.destroy));
	KUNIT_EXPECT_FALSE(test, fatal.destroyed_early);
	pgat_pool_forget(p);
}

/* A region that the pool has not grown into is released as a whole. */
static void destroy_when_empty(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	const struct pgat_call *call = p->backing.log;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE + 3, 1000);
	pgat_forget_calls(p);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_pool_destroy(p->pool));
	KUNIT_ASSERT_EQ(test, p->backing.nr_log, 1);
	KUNIT_EXPECT_EQ(test, call->what, PGAT_RELEASE);
	KUNIT_EXPECT_EQ(test, call->pfn, BASE + 3);
	KUNIT_EXPECT_EQ(test, call->nr, 1000);
	pgat_pool_forget(p);
}

/*
 * Random operations, compared with a model.  A cell of the model is a page, or 64 pages
 * if granules are long, and all lengths are multiples of a cell.
 */

#define HELD_MAX	256

/**
 * struct random_test - a pool and its model
 * @test: the test
 * @p: the pool
 * @model: the model, in pfns
 * @random: the random numbers
 * @unit: pages of a cell
 * @total: pages in all regions
 * @nr_held: runs in use
 * @held: these runs
 */
struct random_test {
	struct kunit *test;
	struct pgat_pool *p;
	struct pgat_model *model;
	struct rnd_state random;
	unsigned long unit;
	unsigned long total;
	unsigned int nr_held;
	struct pga_extent held[HELD_MAX];
};

static bool chance(struct random_test *r, unsigned int percent)
{
	return pgat_below(&r->random, 100) < percent;
}

static unsigned long length(struct random_test *r, unsigned long limit)
{
	return pgat_length(&r->random, max(limit / r->unit, 1UL)) * r->unit;
}

/* Grow the model as the pool has grown: the lowest pages first. */
static void model_grow(struct random_test *r, unsigned long nr)
{
	const unsigned long granule = r->p->backing.granule;
	struct pgat_window *w = r->model->window;
	unsigned long pfn, first, last;

	for (; w < r->model->window + r->model->nr_windows; w++) {
		first = ALIGN(w->start, granule);
		last = ALIGN_DOWN(w->end, granule);
		for (pfn = w->start; pfn < w->end && nr; pfn += r->unit) {
			if (pgat_model_get(r->model, pfn) != PGAT_HOLE)
				continue;
			pgat_model_set(r->model, pfn, r->unit,
				       pfn < first || pfn >= last ?
				       PGAT_READY : PGAT_DISCARDED);
			nr -= r->unit;
		}
	}
	KUNIT_ASSERT_EQ(r->test, nr, 0);
}

/* The shortest run in one state that is long enough, and the lowest of these. */
static unsigned long best_fit(struct random_test *r, enum pgat_state state, unsigned long nr)
{
	unsigned long best = PGA_NONE, shortest = PGA_NONE, from = 0, at, end;
	struct pga_extent run;

	while (pgat_model_run(r->model, PGA_FREE, from, PGA_NONE, &run)) {
		from = pga_extent_end(run);
		for (at = run.start; at < from; at = end) {
			const enum pgat_state now = pgat_model_get(r->model, at);

			for (end = at + r->unit; end < from; end += r->unit)
				if (pgat_model_get(r->model, end) != now)
					break;
			if (now == state && end - at >= nr && end - at < shortest) {
				shortest = end - at;
				best = at;
			}
		}
	}
	return best;
}

/* The span engine takes ready pages, then discarded ones, then both. */
static unsigned long predict_span(struct random_test *r, unsigned long nr,
				  bool may_populate)
{
	unsigned long pfn = best_fit(r, PGAT_READY, nr);

	if (pfn == PGA_NONE && may_populate)
		pfn = best_fit(r, PGAT_DISCARDED, nr);
	if (pfn == PGA_NONE && may_populate)
		pfn = pgat_model_find(r->model, PGA_FREE, nr);
	return pfn;
}

/* The place of a run by the policy of the engine; PGA_NONE if there is none. */
static unsigned long predict(struct random_test *r, unsigned long nr, bool may_populate)
{
	unsigned long pfn = PGA_NONE;

	if (pgat_is_span(r->p))
		return predict_span(r, nr, may_populate);
	if (!may_populate || r->p->pool->flags & PAGEALLOC_READY_FIRST)
		pfn = pgat_model_find(r->model, PGA_READY, nr);
	if (pfn == PGA_NONE && may_populate)
		pfn = pgat_model_find(r->model, PGA_FREE, nr);
	return pfn;
}

/* Allocate a run in the model: the granules that it reaches into become ready. */
static void model_alloc(struct random_test *r, unsigned long pfn, unsigned long nr)
{
	const unsigned long granule = r->p->backing.granule;
	const unsigned long end = ALIGN(pfn + nr, granule);
	unsigned long at;

	for (at = ALIGN_DOWN(pfn, granule); at < end; at += r->unit)
		if (pgat_model_get(r->model, at) == PGAT_DISCARDED)
			pgat_model_set(r->model, at, r->unit, PGAT_READY);
	pgat_model_set(r->model, pfn, nr, PGAT_BUSY);
	r->held[r->nr_held++] = (struct pga_extent) { pfn, nr };
}

static void random_alloc(struct random_test *r)
{
	const unsigned long nr = length(r, r->total / 4);
	const bool may = nr > PAGEALLOC_ATOMIC_MAX || chance(r, 75);
	unsigned long pfn = PGA_NONE, grown, want;
	int ret;

	if (r->nr_held == HELD_MAX)
		return;
	want = predict(r, nr, may);
	grown = pgat_pages(r->p, PAGEALLOC_GROWN);
	ret = pagealloc_alloc(r->p->pool, nr,
			      (may ? GFP_KERNEL : GFP_ATOMIC) | __GFP_NOWARN, &pfn);
	grown = pgat_pages(r->p, PAGEALLOC_GROWN) - grown;
	if (grown) {
		KUNIT_ASSERT_EQ(r->test, want, PGA_NONE);
		KUNIT_ASSERT_TRUE(r->test, may);
		model_grow(r, grown);
		want = predict(r, nr, may);
	}
	KUNIT_ASSERT_EQ(r->test, pfn, want);
	KUNIT_ASSERT_EQ(r->test, ret, want == PGA_NONE ? -ENOMEM : 0);
	if (!ret)
		model_alloc(r, pfn, nr);
	else if (may && nr <= r->total / 8)
		KUNIT_ASSERT_EQ(r->test, r->total, pgat_pages(r->p, PAGEALLOC_GROWN));
}

/* Free a run, or its upper part. */
static void random_free(struct random_test *r)
{
	const unsigned int i = r->nr_held ? pgat_below(&r->random, r->nr_held) : 0;
	struct pga_extent *held = &r->held[i];
	unsigned long nr, pfn;

	if (!r->nr_held)
		return;
	nr = chance(r, 70) ? held->nr : length(r, held->nr);
	pfn = pga_extent_end(*held) - nr;
	KUNIT_ASSERT_EQ(r->test, 0, pagealloc_free(r->p->pool, pfn, nr));
	pgat_model_set(r->model, pfn, nr, PGAT_READY);
	held->nr -= nr;
	if (!held->nr)
		*held = r->held[--r->nr_held];
}

/* A free of pages that are not all in use is refused. */
static void random_bad_free(struct random_test *r)
{
	const struct pgat_window *w = &r->model->window[0];
	const unsigned long last = r->model->window[r->model->nr_windows - 1].end;
	const unsigned long span = last - w->start + 1024;
	const unsigned long pfn = w->start - 512 + pgat_below(&r->random, span);
	const unsigned long nr = pgat_length(&r->random, 512);
	unsigned long at;
	int want = 0;

	for (at = pfn; at < pfn + nr && want != -ERANGE; at++) {
		const enum pgat_state state = pgat_model_get(r->model, at);

		if (state == PGAT_HOLE)
			want = -ERANGE;
		else if (state != PGAT_BUSY)
			want = -EINVAL;
	}
	if (want)
		KUNIT_ASSERT_EQ(r->test, want, pagealloc_free(r->p->pool, pfn, nr));
}

/* The next granule from @pfn on that is ready in the model. */
static unsigned long next_ready_granule(struct random_test *r, unsigned long pfn)
{
	const unsigned long granule = r->p->backing.granule;
	struct pga_extent run;

	while (pgat_model_run(r->model, PGA_READY, pfn, PGA_NONE, &run)) {
		pfn = ALIGN(run.start, granule);
		if (pfn + granule <= pga_extent_end(run))
			return pfn;
		pfn = pga_extent_end(run);
	}
	return PGA_NONE;
}

/*
 * The call returns the number of discarded pages.  They are the highest ready granules,
 * unless the engine begins with the longest run.
 */
static void random_scavenge(struct random_test *r)
{
	const unsigned long granule = r->p->backing.granule;
	const unsigned long nr = chance(r, 20) ? PAGEALLOC_ALL : length(r, r->total / 4);
	unsigned long released, pfn, kept = 0, gone = 0;

	KUNIT_ASSERT_EQ(r->test, 0, pagealloc_scavenge(r->p->pool, nr, &released));
	for (pfn = next_ready_granule(r, 0); pfn != PGA_NONE;
	     pfn = next_ready_granule(r, pfn + granule)) {
		if (pgat_letter(r->p, pfn, granule) == 'D') {
			gone += granule;
			pgat_model_set(r->model, pfn, granule, PGAT_DISCARDED);
		} else {
			if (!pgat_is_span(r->p))
				KUNIT_ASSERT_EQ_MSG(r->test, gone, 0, "pfn %lu", pfn);
			kept += granule;
		}
	}
	KUNIT_ASSERT_EQ(r->test, released, gone);
	if (kept)
		KUNIT_ASSERT_GE(r->test, gone, nr);
	if (gone > nr)
		KUNIT_ASSERT_LT(r->test, gone - nr, max(granule, 512UL));
}

/* Compare the state of each page, and the gauges, with the model. */
static void compare(struct random_test *r)
{
	static const char letters[] = {
		[PGAT_BUSY] = 'u', [PGAT_READY] = 'r', [PGAT_DISCARDED] = 'D',
	};
	const struct pgat_window *w = r->model->window;
	enum pgat_state state;
	unsigned long pfn;

	pgat_sound(r->p);
	for (; w < r->model->window + r->model->nr_windows; w++)
		for (pfn = w->start; pfn < w->end; pfn += r->unit) {
			state = pgat_model_get(r->model, pfn);
			if (state != PGAT_HOLE)
				KUNIT_ASSERT_EQ_MSG(r->test, letters[state],
						    pgat_letter(r->p, pfn, r->unit),
						    "pfn %lu", pfn);
		}
	KUNIT_ASSERT_EQ(r->test, pgat_model_count(r->model, PGAT_BUSY),
			pgat_pages(r->p, PAGEALLOC_IN_USE));
	KUNIT_ASSERT_EQ(r->test, pgat_model_count(r->model, PGAT_DISCARDED),
			pgat_pages(r->p, PAGEALLOC_RELEASED));
}

static void region(struct random_test *r, unsigned long pfn, unsigned long nr)
{
	pgat_pool_region(r->p, pfn, nr);
	pgat_model_window(r->test, r->model, pfn, nr);
	r->total += nr;
}

/* Add regions with a head and a tail, two that are adjacent, and one below a hole. */
static void regions(struct random_test *r)
{
	const unsigned long granule = r->p->backing.granule;
	const unsigned long size = max(2 * granule, 512UL);
	const unsigned long odd = granule / 2 / r->unit * r->unit;

	region(r, BASE + 8 * size + odd, size);
	region(r, BASE + 9 * size + odd, size);
	region(r, BASE + 12 * size, 2 * size + odd);
	region(r, BASE, size);
}

struct random_case {
	const char *name;
	unsigned long granule;
	unsigned int flags;
};

static const struct random_case random_cases[] = {
	{ "granule 1", 1, 0 },
	{ "granule 1, ready first", 1, PAGEALLOC_READY_FIRST },
	{ "granule 16", 16, 0 },
	{ "granule 16, ready first", 16, PAGEALLOC_READY_FIRST },
	{ "granule 64", 64, 0 },
	{ "granule 64, ready first", 64, PAGEALLOC_READY_FIRST },
	{ "granule 512", 512, 0 },
	{ "granule 512, ready first", 512, PAGEALLOC_READY_FIRST },
	{ "granule 1024", 1024, 0 },
	{ "granule 1024, ready first", 1024, PAGEALLOC_READY_FIRST },
	{ "granule 8192", 8192, 0 },
	{ "granule 8192, ready first", 8192, PAGEALLOC_READY_FIRST },
};
PGAT_ARRAY_PARAM(random, random_cases);

#define RANDOM_OPS	10000

/* After random operations the pool is in the same state as the model. */
static void random_ops(struct kunit *test)
{
	const struct random_case *c = test->param_value;
	struct random_test *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	unsigned int i, what;

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->test = test;
	r->p = test->priv;
	r->random = pgat_random(test);
	r->unit = c->granule >= 512 ? 64 : 1;
	r->model = pgat_model_create(test, __ffs(r->unit));
	pgat_pool_open(r->p, c->granule, c->flags);
	regions(r);
	for (i = 0; i < RANDOM_OPS; i++) {
		what = pgat_below(&r->random, 100);
		if (what < 45)
			random_alloc(r);
		else if (what < 83)
			random_free(r);
		else if (what < 90)
			random_bad_free(r);
		else
			random_scavenge(r);
		if (i % 256 == 0) {
			compare(r);
			pgat_alive();
		}
	}
	compare(r);
	KUNIT_EXPECT_EQ(test, r->total, pgat_pages(r->p, PAGEALLOC_GROWN));
}

/* Random operations by several threads, on a backing that fails now and then. */

#define THREADS		4
#define THREAD_OPS	4000
#define SHARED_PAGES	4096UL

/**
 * struct shared - the data that the threads share
 * @p: the pool
 * @owned: bit i: page i is allocated
 */
struct shared {
	struct pgat_pool *p;
	DECLARE_BITMAP(owned, SHARED_PAGES);
};

struct worker {
	struct pgat_thread thread;
	struct shared *shared;
	struct rnd_state random;
	unsigned int nr_held;
	struct pga_extent held[64];
};

static void own(struct worker *w, struct pga_extent e, bool owned)
{
	unsigned long i;

	for (i = e.start - BASE; i < pga_extent_end(e) - BASE; i++) {
		const bool was = owned ? test_and_set_bit(i, w->shared->owned) :
					 !test_and_clear_bit(i, w->shared->owned);

		KUNIT_EXPECT_FALSE_MSG(w->shared->p->test, was, "page %lu", i);
	}
}

static void worker_alloc(struct worker *w)
{
	const gfp_t gfp = pgat_below(&w->random, 3) ? GFP_KERNEL : GFP_ATOMIC;
	struct pgat_pool *p = w->shared->p;
	struct pga_extent e;
	int ret;

	if (w->nr_held == ARRAY_SIZE(w->held))
		return;
	e.nr = pgat_length(&w->random, 256);
	ret = pagealloc_alloc(p->pool, e.nr, gfp | __GFP_NOWARN, &e.start);
	KUNIT_EXPECT_TRUE_MSG(p->test, !ret || ret == -ENOMEM || ret == -EBUSY,
			      "%d", ret);
	if (ret)
		return;
	own(w, e, true);
	w->held[w->nr_held++] = e;
}

static void worker_free(struct worker *w)
{
	struct pga_extent *e = &w->held[pgat_below(&w->random, ARRAY_SIZE(w->held))];

	if (e >= w->held + w->nr_held)
		return;
	own(w, *e, false);
	KUNIT_EXPECT_EQ(w->shared->p->test, 0,
			pagealloc_free(w->shared->p->pool, e->start, e->nr));
	*e = w->held[--w->nr_held];
}

static void worker_other_op(struct worker *w)
{
	struct pgat_pool *p = w->shared->p;
	struct pagealloc_stats stats;
	unsigned long released;
	int ret;

	if (pgat_below(&w->random, 8)) {
		ret = pagealloc_scavenge(p->pool, pgat_length(&w->random, 512),
					 &released);
		KUNIT_EXPECT_TRUE_MSG(p->test, !ret || ret == -EBUSY, "%d", ret);
	} else {
		/* Other threads go on. */
		ret = pagealloc_check(p->pool, NULL, 0);
		KUNIT_EXPECT_TRUE_MSG(p->test, !ret || ret == -EBUSY, "%d", ret);
		pagealloc_stats(p->pool, &stats);
		KUNIT_EXPECT_EQ(p->test, stats.value[PAGEALLOC_GROWN],
				stats.value[PAGEALLOC_IN_USE] +
				stats.value[PAGEALLOC_IDLE] +
				stats.value[PAGEALLOC_HELD] +
				stats.value[PAGEALLOC_IN_TRANSITION]);
	}
}

static int work(void *arg)
{
	struct worker *w = arg;
	unsigned int i, what;

	for (i = 0; i < THREAD_OPS; i++) {
		what = pgat_below(&w->random, 16);
		if (what < 7)
			worker_alloc(w);
		else if (what < 15)
			worker_free(w);
		else
			worker_other_op(w);
		cond_resched();
	}
	return 0;
}

/* One call in 16 fails, and one in 16 sleeps. */
static int fail_or_sleep(struct pgat_backing *b, const struct pgat_call *call)
{
	const unsigned long chance = b->count[PGAT_POPULATE] + b->count[PGAT_DISCARD];

	if (chance % 16 == 7)
		return -EBUSY;
	if (chance % 16 == 11)
		usleep_range(50, 200);
	return 0;
}

struct shared_case {
	const char *name;
	unsigned long granule;
	unsigned int flags;
};

static const struct shared_case shared_cases[] = {
	{ "granule 1", 1, 0 },
	{ "granule 16, ready first", 16, PAGEALLOC_READY_FIRST },
	{ "granule 64", 64, 0 },
	{ "granule 1024, ready first", 1024, PAGEALLOC_READY_FIRST },
};
PGAT_ARRAY_PARAM(shared, shared_cases);

/* With several threads no page has two owners, and no page is lost. */
static void threads(struct kunit *test)
{
	const struct shared_case *c = test->param_value;
	struct worker *w = kunit_kcalloc(test, THREADS, sizeof(*w), GFP_KERNEL);
	struct shared *shared = kunit_kzalloc(test, sizeof(*shared), GFP_KERNEL);
	struct rnd_state random = pgat_random(test);
	struct pgat_pool *p = test->priv;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	KUNIT_ASSERT_NOT_NULL(test, shared);
	shared->p = p;
	pgat_pool_open(p, c->granule, c->flags);
	pgat_pool_region(p, BASE, SHARED_PAGES);
	p->backing.hook = fail_or_sleep;
	for (i = 0; i < THREADS; i++) {
		w[i].shared = shared;
		prandom_seed_state(&w[i].random, pgat_below(&random, ~0UL));
		pgat_thread_start(test, &w[i].thread, work, &w[i]);
	}
	for (i = 0; i < THREADS; i++)
		KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&w[i].thread));
	KUNIT_EXPECT_EQ(test, bitmap_weight(shared->owned, SHARED_PAGES),
			pgat_pages(p, PAGEALLOC_IN_USE));
	pgat_sound(p);
}

/* A clock that only the test moves. */
static u64 stopped_at;

static u64 stopped_now(const struct pga_clock *clock)
{
	return stopped_at;
}

static const struct pga_clock stopped_clock = {
	.now = stopped_now,
	.coarse = stopped_now,
};

/* Open a pool with this clock, and a delay of a second. */
static void open_stopped(struct pgat_pool *p)
{
	const struct pagealloc_tuning tuning = {
		.generation_ms = 1000,
		.delay_ms = 1000,
		.cpu_percent = 1,
		.limit = PAGEALLOC_NO_LIMIT,
	};

	stopped_at = 1000 * NSEC_PER_SEC;
	p->engine = "span";
	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 8 * 16);
	p->pool->clock = &stopped_clock;
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_set_tuning(p->pool, &tuning));
}

/* A span of 8 pages a cell; ready granules of it have been idle for half a second. */
static void expect_span(struct pgat_pool *p, const struct pga_span_state *span,
			unsigned int cell, unsigned int cells, char letter)
{
	KUNIT_EXPECT_EQ(p->test, span->pages.start, BASE + 8 * cell);
	KUNIT_EXPECT_EQ(p->test, span->pages.nr, 8 * cells);
	KUNIT_EXPECT_EQ(p->test, span->discarded, letter == 'D');
	if (letter != 'r' || cells < 2) {
		KUNIT_EXPECT_EQ(p->test, span->idle, PGA_NEVER_IDLE);
		return;
	}
	KUNIT_EXPECT_EQ(p->test, span->idle, NSEC_PER_SEC / 2);
}

static const struct {
	unsigned int cell, cells;
	char letter;
} listed[] = {
	{ 1, 1, 'r' }, { 4, 4, 'D' }, { 8, 3, 'r' }, { 14, 2, 'D' },
};

/* All spans are listed, up to @len at a time. */
static void expect_listed(struct pgat_pool *p, unsigned int len)
{
	struct pga_span_state list[ARRAY_SIZE(listed) + 1];
	unsigned int i, at = 0, nr = 0;
	unsigned long pfn = 0;

	for (i = 0; i < ARRAY_SIZE(listed); i++, at++) {
		if (at == nr) {
			at = 0;
			nr = pga_stats_read_spans(p->pool, pfn, list, len);
			KUNIT_ASSERT_EQ(p->test, nr,
					min_t(size_t, len, ARRAY_SIZE(listed) - i));
		}
		expect_span(p, &list[at], listed[i].cell, listed[i].cells,
			    listed[i].letter);
		pfn = pga_extent_end(list[at].pages);
	}
	KUNIT_EXPECT_EQ(p->test, 0, pga_stats_read_spans(p->pool, pfn, list, len));
}

/* The spans of a pool are listed by address, any number at a time. */
static void spans(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pga_span_state span;
	unsigned int len;

	open_stopped(p);
	pgat_arrange(p, BASE, 8, "uruuDDDDrrruuuDD");
	stopped_at += NSEC_PER_SEC / 2;
	for (len = 1; len <= ARRAY_SIZE(listed) + 1; len++)
		expect_listed(p, len);
	/* Begin inside a span, and inside pages in use. */
	KUNIT_EXPECT_EQ(test, 1, pga_stats_read_spans(p->pool, BASE + 8 * 10 + 3,
						      &span, 1));
	expect_span(p, &span, 8, 3, 'r');
	KUNIT_EXPECT_EQ(test, 1, pga_stats_read_spans(p->pool, BASE + 8 * 12,
						      &span, 1));
	expect_span(p, &span, 14, 2, 'D');
}

/* The bitmap engine lists no spans. */
static void no_spans(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pga_span_state span;

	p->engine = "bitmap";
	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 64);
	pgat_arrange(p, BASE, 16, "rDrD");
	KUNIT_EXPECT_FALSE(test, pga_map_has_spans(&p->pool->map));
	KUNIT_EXPECT_EQ(test, 0, pga_stats_read_spans(p->pool, 0, &span, 1));
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE_PARAM(gauges, gauge_gen_params),
	KUNIT_CASE(counters),
	KUNIT_CASE_PARAM(metadata, metadata_gen_params),
	KUNIT_CASE(destroy_when_killed),
	KUNIT_CASE(destroy_when_discard_fails),
	KUNIT_CASE_PARAM(destroy_refused, refusal_gen_params),
	KUNIT_CASE(destroy_by_force),
	KUNIT_CASE(positive_values),
	KUNIT_CASE(destroy_beside_success),
	KUNIT_CASE(destroy_beside_failure),
	KUNIT_CASE(destroy_beside_caches),
	KUNIT_CASE(stopped_caches),
	KUNIT_CASE(destroy_beside_timed),
	KUNIT_CASE(destroy_when_empty),
	KUNIT_CASE(spans),
	KUNIT_CASE(no_spans),
	KUNIT_CASE_PARAM(random_ops, random_gen_params),
	KUNIT_CASE_PARAM(threads, shared_gen_params),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "pagealloc_pool",
	.init = pool_init,
	.test_cases = pool_cases,
};
kunit_test_suite(pool_suite);

MODULE_DESCRIPTION("Tests of pagealloc's pool as a whole");
MODULE_LICENSE("GPL");
