// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of deferred.c: frees that are queued and done later.
 */

#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "pool/deferred.h"
#include "lib/testpool.h"

#define BASE	(1UL << 20)
#define PAGES	(4 * PGA_CHUNK_PAGES)

static int deferred_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

static void setup(struct pgat_pool *p, unsigned int flags)
{
	pgat_pool_open(p, 1, flags);
	pgat_pool_region(p, BASE, PAGES);
}

static unsigned long get(struct pgat_pool *p, unsigned long nr)
{
	unsigned long pfn = 0;

	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc(p->pool, nr, GFP_KERNEL, &pfn));
	return pfn;
}

/* Queue a free that only the test drains. */
static void defer(struct pgat_pool *p, struct pagealloc_deferred *d,
		  unsigned long pfn, unsigned long nr)
{
	*d = (struct pagealloc_deferred) { .pfn = pfn, .nr_pages = nr };
	pga_deferred_add(p->pool, d);
}

/* Queued pages are in use until they are drained, and count as deferred. */
static void drain_test(struct kunit *test)
{
	struct pagealloc_deferred d[3];
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	setup(p, 0);
	pfn = get(p, 60);
	defer(p, &d[0], pfn, 10);
	defer(p, &d[1], pfn + 30, 30);
	defer(p, &d[2], pfn + 10, 20);
	KUNIT_EXPECT_EQ(test, 60UL, pgat_pages(p, PAGEALLOC_DEFERRED));
	KUNIT_EXPECT_EQ(test, 60UL, pgat_pages(p, PAGEALLOC_IN_USE));
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_DEFERRED));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 3ULL, pgat_stat(p, PAGEALLOC_FREE));
	pgat_sound(p);
}

/* A batch is 64 frees, the oldest first. */
static void batch_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred *d;
	unsigned long pfn;
	unsigned int i;

	d = kunit_kcalloc(test, 150, sizeof(*d), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, d);
	setup(p, 0);
	pfn = get(p, 150);
	for (i = 0; i < 150; i++)
		defer(p, &d[i], pfn + i, 1);
	KUNIT_EXPECT_TRUE(test, pga_deferred_drain_batch(p->pool));
	KUNIT_EXPECT_EQ(test, 86UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, pfn + 63, 1));
	KUNIT_EXPECT_TRUE(test, pga_deferred_drain_batch(p->pool));
	KUNIT_EXPECT_TRUE(test, pga_deferred_drain_batch(p->pool));
	KUNIT_EXPECT_FALSE(test, pga_deferred_drain_batch(p->pool));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	pgat_sound(p);
}

#define MANY	100000

/* Queue the pages of a long run one by one; only the test drains them. */
static unsigned long defer_many(struct pgat_pool *p)
{
	struct pagealloc_deferred *d;
	unsigned long pfn;
	unsigned int i;

	d = kunit_kcalloc(p->test, MANY, sizeof(*d), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(p->test, d);
	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, MANY);
	pfn = get(p, MANY);
	for (i = 0; i < MANY; i++)
		defer(p, &d[i], pfn + i, 1);
	return pfn;
}

static unsigned long list_length(const struct llist_node *node)
{
	unsigned long nr = 0;

	for (; node; node = node->next)
		nr++;
	return nr;
}

/*
 * A batch reverses at most 256 entries, however long the queue is.  The oldest entries
 * are freed first, and those queued meanwhile come last.
 */
static void long_queue_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	const unsigned long pfn = defer_many(p);
	unsigned long turned = 0, last, batches = 0;
	struct pagealloc_deferred late;

	KUNIT_ASSERT_TRUE(test, pga_deferred_drain_batch(p->pool));
	defer(p, &late, pfn, 1);
	while (p->pool->turning) {
		last = turned;
		turned = list_length(p->pool->draining);
		KUNIT_ASSERT_LE(test, turned - last, 256UL);
		KUNIT_ASSERT_EQ(test, MANY, turned + list_length(p->pool->turning));
		KUNIT_ASSERT_EQ(test, (unsigned long)MANY, pgat_pages(p, PAGEALLOC_IN_USE));
		pga_deferred_drain_batch(p->pool);
		batches++;
	}
	KUNIT_EXPECT_EQ(test, MANY / 256UL, batches);
	for (last = MANY - 64; last; last -= min(last, 64UL)) {
		KUNIT_ASSERT_EQ(test, last, pgat_pages(p, PAGEALLOC_IN_USE));
		KUNIT_ASSERT_FALSE(test, pga_map_test(&p->pool->map,
						      pfn + MANY - last - 1 - p->pool->base,
						      1, true));
		pga_deferred_drain_batch(p->pool);
	}
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
}

static int drain_all(void *arg)
{
	pagealloc_drain(arg);
	return 0;
}

/* Several tasks drain a long queue: each returns when all of it is free. */
static void drainers_test(struct kunit *test)
{
	struct pgat_thread threads[3];
	struct pgat_pool *p = test->priv;
	unsigned long pfn;
	unsigned int i;

	defer_many(p);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pgat_thread_start(test, &threads[i], drain_all, p->pool);
	/* Meanwhile requests that may not sleep drain batches. */
	for (i = 0; i < 10; i++)
		if (!pagealloc_alloc(p->pool, 1, GFP_ATOMIC, &pfn))
			KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, 1));
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_DEFERRED));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&threads[i]));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
}

/* A free is queued with interrupts off, and the work item drains it. */
static void irq_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d;
	unsigned long flags, pfn;
	int ret;

	setup(p, 0);
	pfn = get(p, 10);
	local_irq_save(flags);
	ret = pagealloc_free_deferred(p->pool, &d, pfn, 10);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, 0, ret);
	flush_work(&p->pool->drain_work);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
}

/* A wrong free is refused and counted when it is drained. */
static void wrong_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d[3];
	unsigned long pfn;

	setup(p, 0);
	pfn = get(p, 10);
	defer(p, &d[0], pfn, 10);
	defer(p, &d[1], pfn, 10);
	defer(p, &d[2], BASE + PAGES, 1);
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_FREE));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_BAD_FREE));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_DEFERRED));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_free_deferred(p->pool, &d[0], pfn, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_free_deferred(p->pool, &d[0], ~0UL, 2));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_free_deferred(p->pool, NULL, pfn, 1));
	pgat_sound(p);
}

/* The oldest run in the queue serves a request if it has just the length. */
static void serve_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d[2];
	unsigned long pfn, other;

	setup(p, PAGEALLOC_READY_FIRST);
	pfn = get(p, 40);
	defer(p, &d[0], pfn + 10, 20);
	other = get(p, 10);
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_DEFERRED_SERVED));
	KUNIT_EXPECT_EQ(test, pfn + 10, get(p, 20));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DEFERRED_SERVED));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_DEFERRED));
	KUNIT_EXPECT_EQ(test, 50UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, 40));
	/* Queued pages that are free do not serve a request. */
	defer(p, &d[1], pfn, 7);
	KUNIT_EXPECT_EQ(test, pfn, get(p, 7));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DEFERRED_SERVED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, 7));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, other, 10));
	pagealloc_drain(p->pool);
	pgat_sound(p);
}

/* A request that would fail drains the queue and searches again. */
static void last_resort_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d;
	unsigned long pfn;

	setup(p, 0);
	pfn = get(p, PAGES);
	defer(p, &d, pfn + 100, 50);
	KUNIT_EXPECT_EQ(test, pfn + 100, get(p, 20));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_ALLOC_FAIL));
	defer(p, &d, pfn + 200, 10);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn + 100, 20));
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			pagealloc_alloc(p->pool, 51, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_ALLOC_FAIL));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_ATOMIC_FAIL));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_DEFERRED));
	pgat_free_all(p);
	pgat_sound(p);
}

/* Make each populate fail, and drain the queue meanwhile. */
static int fail_and_drain(struct pgat_backing *backing,
			  const struct pgat_call *call)
{
	if (call->what != PGAT_POPULATE)
		return 0;
	pagealloc_drain(backing->arg);
	return -ENOMEM;
}

/* A request that is about to fail finds the pages that another task has drained. */
static void drained_meanwhile_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d;
	unsigned long pfn, released;

	setup(p, PAGEALLOC_READY_FIRST);
	pfn = get(p, PAGES);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, pfn, 100));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_scavenge(p->pool, 100, &released));
	KUNIT_ASSERT_EQ(test, 100UL, released);
	defer(p, &d, pfn + 200, 50);
	pgat_forget_calls(p);
	p->backing.arg = p->pool;
	p->backing.hook = fail_and_drain;
	KUNIT_EXPECT_EQ(test, pfn + 200, get(p, 1));
	KUNIT_EXPECT_EQ(test, 1UL, p->backing.count[PGAT_POPULATE]);
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_ALLOC_FAIL));
	p->backing.hook = NULL;
	pgat_free_all(p);
	pgat_sound(p);
}

/* Destroying a pool drains its queue. */
static void destroy_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d;

	setup(p, 0);
	defer(p, &d, get(p, 10), 10);
	pgat_pool_close(p);
}

#define IRQ_FREES	500

/**
 * struct irq_freer - frees from hard interrupts
 * @work: raises an interrupt
 * @p: the pool
 * @d: the next entry to queue
 * @pfn: its page
 * @left: entries left
 * @wrong: calls outside of a hard interrupt, and frees that failed
 */
struct irq_freer {
	struct irq_work work;
	struct pgat_pool *p;
	struct pagealloc_deferred *d;
	unsigned long pfn;
	unsigned int left;
	unsigned int wrong;
};

static void free_from_irq(struct irq_work *work)
{
	struct irq_freer *g = container_of(work, struct irq_freer, work);
	unsigned int i;

	g->wrong += !in_hardirq();
	for (i = 0; i < IRQ_FREES && g->left; i++, g->left--)
		g->wrong += !!pagealloc_free_deferred(g->p->pool, g->d++, g->pfn++, 1);
}

/* Free all pages of a pool from hard interrupts; returns the pages still queued. */
static unsigned long free_all_from_irq(struct pgat_pool *p, struct pagealloc_deferred *d)
{
	struct irq_freer g = {
		.work = IRQ_WORK_INIT_HARD(free_from_irq),
		.p = p,
		.d = d,
		.left = MANY,
	};

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, MANY);
	g.pfn = get(p, MANY);
	while (g.left) {
		irq_work_queue(&g.work);
		irq_work_sync(&g.work);
	}
	KUNIT_EXPECT_EQ(p->test, 0U, g.wrong);
	return pgat_pages(p, PAGEALLOC_DEFERRED);
}

/*
 * A pool is destroyed while its work item drains the queue.  The call waits until the
 * queue is empty, no longer, and succeeds.  A round in which the work item has finished
 * before the call proves nothing, and is repeated.
 */
static void destroy_while_draining_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned int round, hits = 0;
	struct pagealloc_deferred *d;
	ktime_t start, queued;
	unsigned long left;
	s64 took, limit;

	d = kunit_kcalloc(test, MANY, sizeof(*d), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, d);
	for (round = 0; round < 20 && hits < 3; round++) {
		start = ktime_get();
		left = free_all_from_irq(p, d);
		hits += left && work_busy(&p->pool->drain_work);
		queued = ktime_get();
		pgat_pool_destroy(p);
		took = ktime_ms_delta(ktime_get(), queued);
		/* The machine may be slow, but then the first half was so, too. */
		limit = 10000 + 10 * ktime_ms_delta(queued, start);
		kunit_info(test, "%lu of %u queued, destroyed in %lld ms\n", left,
			   MANY, took);
		KUNIT_EXPECT_LT(test, took, limit);
		KUNIT_ASSERT_NULL(test, p->pool);
	}
	KUNIT_EXPECT_EQ(test, 3U, hits);
}

#define ADDERS	4
#define EACH	2000

struct adder {
	struct pgat_thread thread;
	struct pgat_pool *p;
	struct pagealloc_deferred *d;
	unsigned long pfn;
};

static int add_many(void *arg)
{
	struct adder *a = arg;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < EACH && !ret; i++)
		ret = pagealloc_free_deferred(a->p->pool, &a->d[i], a->pfn + i, 1);
	return ret;
}

/* Several threads queue frees while the work item drains: no free is lost. */
static void threads_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct adder *adders;
	unsigned int i;

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, ADDERS * EACH);
	adders = kunit_kcalloc(test, ADDERS, sizeof(*adders), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, adders);
	for (i = 0; i < ADDERS; i++) {
		adders[i].p = p;
		adders[i].pfn = get(p, EACH);
		adders[i].d = kunit_kcalloc(test, EACH, sizeof(*adders[i].d),
					    GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, adders[i].d);
	}
	for (i = 0; i < ADDERS; i++)
		pgat_thread_start(test, &adders[i].thread, add_many, &adders[i]);
	for (i = 0; i < ADDERS; i++)
		KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&adders[i].thread));
	pagealloc_drain(p->pool);
	flush_work(&p->pool->drain_work);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	KUNIT_EXPECT_EQ(test, (u64)ADDERS * EACH, pgat_stat(p, PAGEALLOC_FREE));
	pgat_sound(p);
}

/**
 * struct refiller - a clock that queues another free whenever a page is freed
 * @clock: the clock
 * @old: the pool's own
 * @p: the pool
 * @d: entries
 * @pfn: the run whose pages are freed one by one
 * @next: the next page of it
 * @end: no free is queued from this one on
 */
struct refiller {
	struct pga_clock clock;
	const struct pga_clock *old;
	struct pgat_pool *p;
	struct pagealloc_deferred *d;
	unsigned long pfn;
	unsigned long next;
	unsigned long end;
};

static void defer_next(struct refiller *r)
{
	if (r->next == r->end)
		return;
	defer(r->p, &r->d[r->next], r->pfn + r->next, 1);
	r->next++;
}

static u64 refill_coarse(const struct pga_clock *clock)
{
	struct refiller *r = container_of(clock, struct refiller, clock);

	defer_next(r);
	return r->old->coarse(r->old);
}

/* A drain ends although others go on deferring; it frees what was queued before. */
static void endless_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct refiller r = { .clock = { .coarse = refill_coarse }, .p = p, .end = MANY };
	struct pagealloc_tuning tuning;
	unsigned int i;

	r.d = kunit_kcalloc(test, MANY, sizeof(*r.d), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, r.d);
	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, MANY);
	/* With a delay each free reads the clock. */
	pagealloc_get_tuning(p->pool, &tuning);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_set_tuning(p->pool, &tuning));
	r.pfn = get(p, MANY);
	for (i = 0; i < 1000; i++)
		defer_next(&r);
	r.old = p->pool->clock;
	r.clock.now = r.old->now;
	p->pool->clock = &r.clock;
	pagealloc_drain(p->pool);
	p->pool->clock = r.old;
	KUNIT_EXPECT_GE(test, pgat_stat(p, PAGEALLOC_FREE), 1000ULL);
	KUNIT_EXPECT_GT(test, pgat_pages(p, PAGEALLOC_DEFERRED), 0UL);
	KUNIT_EXPECT_LT(test, r.next, (unsigned long)MANY);
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_DEFERRED));
	KUNIT_EXPECT_EQ(test, MANY - r.next, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, r.pfn + r.next, MANY - r.next));
	pgat_sound(p);
}

static struct kunit_case deferred_cases[] = {
	KUNIT_CASE(drain_test),
	KUNIT_CASE(batch_test),
	KUNIT_CASE(long_queue_test),
	KUNIT_CASE(drainers_test),
	KUNIT_CASE(irq_test),
	KUNIT_CASE(wrong_test),
	KUNIT_CASE(serve_test),
	KUNIT_CASE(last_resort_test),
	KUNIT_CASE(drained_meanwhile_test),
	KUNIT_CASE(endless_test),
	KUNIT_CASE(destroy_test),
	KUNIT_CASE(destroy_while_draining_test),
	KUNIT_CASE(threads_test),
	{}
};

static struct kunit_suite deferred_suite = {
	.name = "pagealloc_deferred",
	.init = deferred_init,
	.test_cases = deferred_cases,
};
kunit_test_suite(deferred_suite);

MODULE_DESCRIPTION("KUnit suite of pagealloc: deferred frees");
MODULE_LICENSE("GPL");
