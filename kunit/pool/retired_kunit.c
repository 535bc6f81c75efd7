// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of retired.c and of what all operations do with bad memory, and with pages that
 * somebody still refers to: they are not handed out, the rest can be had, and nobody
 * tries them again, or not before it is time.
 *
 * Pages are bad, or referred to, if a bitmap says so; the pool asks it instead of page
 * structs.  The backing refuses to populate bad pages, and to discard both.
 */

#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "lib/testpool.h"
#include "pool/cpu_cache.h"
#include "pool/held.h"
#include "pool/retired.h"
#include "pool/scavenger.h"

#define BASE		(2 * PGA_INDEX_PAGES + (1UL << 20))
#define SEC		((u64)NSEC_PER_SEC)
#define GRANULES	16
#define GRANULE_MAX	512
#define PAGES_MAX	(GRANULES * GRANULE_MAX)
#define NOWARN		(GFP_KERNEL | __GFP_NOWARN)

static const struct granule_case {
	const char *name;
	unsigned long pages;
} granule_cases[] = {
	{ "granule 1", 1 },
	{ "granule 16", 16 },
	{ "granule 64", 64 },
	{ "granule 512", 512 },
};
PGAT_ARRAY_PARAM(granule, granule_cases);

/**
 * struct memory - the memory of a pool
 * @p: the pool
 * @clock: its clock
 * @now: the time, nanoseconds
 * @pages: pages of the pool
 * @refused: populate calls that met bad memory
 * @bad: the bad pages
 * @referred: those that somebody refers to
 */
struct memory {
	struct pgat_pool *p;
	struct pga_clock clock;
	u64 now;
	unsigned long pages;
	unsigned long refused;
	DECLARE_BITMAP(bad, PAGES_MAX);
	DECLARE_BITMAP(referred, PAGES_MAX);
};

static u64 memory_now(const struct pga_clock *clock)
{
	return container_of(clock, struct memory, clock)->now;
}

/* The pages of @mask, from @pfn on, that are in a bitmap. */
static u64 pages_of(const unsigned long *bitmap, unsigned long pfn, u64 mask)
{
	u64 found = 0;

	for (; mask; mask &= mask - 1)
		if (test_bit(pfn - BASE + __ffs64(mask), bitmap))
			found |= mask & -mask;
	return found;
}

static u64 is_bad(const struct pagealloc_pool *pool, unsigned long pfn, u64 mask)
{
	const struct pgat_backing *b = pool->ctx;
	const struct memory *m = b->arg;

	return pages_of(m->bad, pfn, mask);
}

static u64 is_referred(const struct pagealloc_pool *pool, unsigned long pfn, u64 mask)
{
	const struct pgat_backing *b = pool->ctx;
	const struct memory *m = b->arg;

	return pages_of(m->referred, pfn, mask);
}

static int refuse(struct pgat_backing *b, const struct pgat_call *call)
{
	const unsigned long page = call->pfn - BASE, end = page + call->nr;
	struct memory *m = b->arg;

	if (call->what == PGAT_DISCARD && find_next_bit(m->referred, end, page) < end) {
		KUNIT_FAIL(b->test, "discard of a page with references, %lu+%lu", page,
			   call->nr);
		return -EBUSY;
	}
	if (find_next_bit(m->bad, end, page) >= end)
		return 0;
	if (call->what == PGAT_DISCARD) {
		KUNIT_FAIL(b->test, "discard of bad memory, %lu+%lu", page, call->nr);
		return -EBUSY;
	}
	m->refused++;
	return -EHWPOISON;
}

static int retired_init(struct kunit *test)
{
	struct memory *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->p = pgat_pool(test);
	m->clock = (struct pga_clock) { .now = memory_now, .coarse = memory_now };
	m->now = 1000 * SEC;
	test->priv = m;
	return 0;
}

/* Open a pool of GRANULES granules, all of them free, ready or discarded. */
static void setup(struct memory *m, unsigned long granule, bool cached, bool ready)
{
	struct pgat_pool *p = m->p;
	unsigned long pfn, released;

	p->cached = cached;
	m->pages = GRANULES * granule;
	m->refused = 0;
	bitmap_zero(m->bad, PAGES_MAX);
	bitmap_zero(m->referred, PAGES_MAX);
	pgat_pool_open(p, granule, 0);
	p->pool->clock = &m->clock;
	p->backing.hook = refuse;
	p->backing.arg = m;
	p->pool->is_bad = is_bad;
	p->pool->is_referred = is_referred;
	p->pool->looks = true;
	KUNIT_ASSERT_EQ(p->test, 0, pga_retired_fill(p->pool));
	pgat_pool_region(p, BASE, m->pages);
	KUNIT_ASSERT_EQ(p->test, 0,
			pagealloc_alloc(p->pool, m->pages, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_free(p->pool, pfn, m->pages));
	if (!ready)
		KUNIT_ASSERT_EQ(p->test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL,
							       &released));
}

static int ask(struct memory *m, unsigned long nr, unsigned long *pfn)
{
	const int ret = pagealloc_alloc(m->p->pool, nr, NOWARN, pfn);
	const unsigned long page = *pfn - BASE;

	if (ret)
		return ret;
	KUNIT_EXPECT_GE_MSG(m->p->test, find_next_bit(m->bad, page + nr, page), page + nr,
			    "%lu+%lu is bad", page, nr);
	KUNIT_EXPECT_GE_MSG(m->p->test, find_next_bit(m->referred, page + nr, page),
			    page + nr, "%lu+%lu is referred to", page, nr);
	return 0;
}

static void give(struct memory *m, unsigned long pfn, unsigned long nr)
{
	KUNIT_ASSERT_EQ(m->p->test, 0, pagealloc_free(m->p->pool, pfn, nr));
}

static void expect_retired(struct memory *m, unsigned long nr)
{
	KUNIT_EXPECT_EQ(m->p->test, nr, pgat_pages(m->p, PAGEALLOC_RETIRED));
	pgat_sound(m->p);
}

/* All pages that are not retired can be had one by one; they are free afterwards. */
static void rest_is_had(struct memory *m, unsigned long nr)
{
	unsigned long pfn, had;

	for (had = 0; !ask(m, 1, &pfn); had++)
		;
	KUNIT_EXPECT_EQ(m->p->test, had, m->pages - nr);
	expect_retired(m, nr);
	pgat_free_all(m->p);
}

/* Runs that are freed: a bad page is retired at once, and cannot be freed again. */
static void freed(struct kunit *test)
{
	static const unsigned long lengths[] = { 1, 2, 15, 16, 17, 64, 65, 130, 4096 };
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	unsigned long pfn, nr, nr_bad;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		setup(m, g->pages, false, true);
		nr = min(lengths[i], m->pages);
		KUNIT_ASSERT_EQ(test, 0, ask(m, nr, &pfn));
		set_bit(pfn - BASE + nr - 1, m->bad);
		set_bit(pfn - BASE + nr / 2, m->bad);
		give(m, pfn, nr);
		nr_bad = bitmap_weight(m->bad, m->pages);
		expect_retired(m, nr_bad);
		KUNIT_EXPECT_EQ(test, 'X', pgat_letter(m->p, pfn + nr / 2, 1));
		KUNIT_EXPECT_EQ(test, -EINVAL,
				pagealloc_free(m->p->pool, pfn + nr / 2, 1));
		KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(m->p->pool, pfn, nr));
		rest_is_had(m, nr_bad);
		pgat_pool_close(m->p);
	}
}

static void expect_referred(struct memory *m, unsigned long nr, unsigned long bad)
{
	KUNIT_EXPECT_EQ(m->p->test, nr, pgat_pages(m->p, PAGEALLOC_REFERRED));
	expect_retired(m, nr + bad);
}

/* Have the worker do what is due, until the time @end or until it has nothing to do. */
static void work_until(struct memory *m, struct pga_scavenger *s, u64 end)
{
	u64 next = 0;

	while (next != PGA_NEVER && m->now <= end) {
		next = pga_scavenger_step(s);
		if (next != PGA_NEVER)
			m->now = max(next, m->now + 1);
	}
}

/* The calls and the thread that look again at pages that were referred to. */
static const struct again_case {
	const char *name;
	unsigned long granule;
	enum { DRAIN, SCAVENGE, REQUEST, WORKER } who;
} again_cases[] = {
	{ "drain", 16, DRAIN },
	{ "scavenge", 64, SCAVENGE },
	{ "request", 512, REQUEST },
	{ "worker", 16, WORKER },
	{ "drain, granule 1", 1, DRAIN },
	{ "scavenge, granule 1", 1, SCAVENGE },
	{ "worker, granule 512", 512, WORKER },
};
PGAT_ARRAY_PARAM(again, again_cases);

static void have_looked_again(struct memory *m, struct pga_scavenger *s,
			      const struct again_case *c)
{
	struct pagealloc_pool *pool = m->p->pool;
	unsigned long pfn, released;

	switch (c->who) {
	case DRAIN:
		pagealloc_drain(pool);
		break;
	case SCAVENGE:
		KUNIT_EXPECT_LE(m->p->test,
				pagealloc_scavenge(pool, PAGEALLOC_ALL, &released), 0);
		break;
	case REQUEST:
		/* There is no place for it, even with the page that comes back. */
		KUNIT_EXPECT_EQ(m->p->test, -ENOMEM, ask(m, m->pages, &pfn));
		break;
	case WORKER:
		work_until(m, s, m->now + 70 * SEC);
		break;
	}
}

/*
 * Pages that are freed while somebody refers to them: nobody gets them, nobody
 * discards them, and they are back when he is done.  One of them is bad then.
 */
static void referred(struct kunit *test)
{
	const struct again_case *c = test->param_value;
	const unsigned long nr = min(20UL, GRANULES * c->granule / 2);
	struct memory *m = test->priv;
	struct pga_scavenger s;
	unsigned long pfn;

	setup(m, c->granule, false, true);
	pga_scavenger_init(&s, m->p->pool);
	KUNIT_ASSERT_EQ(test, 0, ask(m, nr, &pfn));
	set_bit(pfn - BASE, m->referred);
	set_bit(pfn - BASE + nr - 1, m->referred);
	set_bit(pfn - BASE + 2, m->referred);
	set_bit(pfn - BASE + 2, m->bad);
	give(m, pfn, nr);
	expect_referred(m, 2, 1);
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(m->p->pool, pfn, 1));
	have_looked_again(m, &s, c);
	expect_referred(m, 2, 1);
	rest_is_had(m, 3);

	clear_bit(pfn - BASE, m->referred);
	clear_bit(pfn - BASE + 2, m->bad);
	have_looked_again(m, &s, c);
	expect_referred(m, 1, 1);
	set_bit(pfn - BASE + nr - 1, m->bad);
	clear_bit(pfn - BASE + nr - 1, m->referred);
	have_looked_again(m, &s, c);
	expect_referred(m, 0, 2);
	rest_is_had(m, 2);
}

/* When all is back, all can be discarded again. */
static void referred_and_discarded(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	unsigned long released;

	setup(m, g->pages, false, true);
	bitmap_set(m->referred, 2 * g->pages, g->pages > 1 ? 2 : 1);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pagealloc_scavenge(m->p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, (GRANULES - 1) * g->pages, released);
	KUNIT_EXPECT_EQ(test, g->pages, m->p->pool->nr_stuck);
	expect_referred(m, g->pages > 1 ? 2 : 1, 0);
	clear_bit(2 * g->pages, m->referred);
	KUNIT_EXPECT_EQ(test, g->pages > 1 ? -EBUSY : 0,
			pagealloc_scavenge(m->p->pool, PAGEALLOC_ALL, &released));
	if (g->pages > 1) {
		KUNIT_EXPECT_EQ(test, 0UL, released);
		KUNIT_EXPECT_EQ(test, g->pages, m->p->pool->nr_stuck);
		expect_referred(m, 1, 0);
		clear_bit(2 * g->pages + 1, m->referred);
		KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(m->p->pool, PAGEALLOC_ALL,
							    &released));
	}
	KUNIT_EXPECT_EQ(test, g->pages, released);
	KUNIT_EXPECT_EQ(test, 0UL, m->p->pool->nr_stuck);
	expect_referred(m, 0, 0);
}

/* The worker looks again after 100 ms, then by a back-off, and sooner for new ones. */
static void referred_backoff(struct kunit *test)
{
	static const unsigned int due_ms[] = { 100, 300, 700, 1500, 3100 };
	struct memory *m = test->priv;
	struct pga_scavenger s;
	unsigned long pfn;
	unsigned int i;
	u64 start;

	setup(m, 16, false, true);
	pga_scavenger_init(&s, m->p->pool);
	KUNIT_ASSERT_EQ(test, 0, ask(m, 2, &pfn));
	bitmap_set(m->referred, pfn - BASE, 2);
	give(m, pfn, 1);
	/* It looks again, too, in a pool without a worker of its own. */
	flush_work(&m->p->pool->drain_work);
	start = m->now;
	pga_scavenger_step(&s);
	for (i = 0; i < ARRAY_SIZE(due_ms); i++) {
		KUNIT_EXPECT_EQ(test, start + due_ms[i] * NSEC_PER_MSEC, s.again_at);
		m->now = s.again_at - 1;
		clear_bit(pfn - BASE, m->referred);
		pga_scavenger_step(&s);
		set_bit(pfn - BASE, m->referred);
		m->now = s.again_at;
		pga_scavenger_step(&s);
		expect_referred(m, 1, 0);
	}
	give(m, pfn + 1, 1);
	flush_work(&m->p->pool->drain_work);
	pga_scavenger_step(&s);
	KUNIT_EXPECT_EQ(test, m->now + 100 * NSEC_PER_MSEC, s.again_at);
	bitmap_zero(m->referred, PAGES_MAX);
	m->now = s.again_at;
	pga_scavenger_step(&s);
	KUNIT_EXPECT_EQ(test, PGA_NEVER, s.again_at);
	expect_referred(m, 0, 0);
}

/* More pages than there are records are not handed out either. */
static void referred_without_records(struct kunit *test)
{
	struct memory *m = test->priv;
	unsigned long pfn;

	setup(m, 16, false, true);
	KUNIT_ASSERT_EQ(test, 0, ask(m, 100, &pfn));
	bitmap_set(m->referred, pfn - BASE, 100);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(m->p->pool, pfn, 100));
	KUNIT_EXPECT_LT(test, pgat_pages(m->p, PAGEALLOC_REFERRED), 100UL);
	rest_is_had(m, 100);
	bitmap_zero(m->referred, PAGES_MAX);
	pagealloc_drain(m->p->pool);
	expect_referred(m, 0, 0);
	rest_is_had(m, 0);
}

/* Without a worker the queue's work item gets new records, for atomic requests too. */
static void referred_and_atomic(struct kunit *test)
{
	struct memory *m = test->priv;
	unsigned long pfn, got;
	unsigned int i;

	setup(m, 16, false, true);
	KUNIT_ASSERT_EQ(test, 0, ask(m, 100, &pfn));
	bitmap_set(m->referred, pfn - BASE, 100);
	for (i = 0; i < 100; i++) {
		KUNIT_ASSERT_EQ(test, 0, pagealloc_free(m->p->pool, pfn + i, 1));
		flush_work(&m->p->pool->drain_work);
	}
	expect_referred(m, 100, 0);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(m->p->pool, 3, GFP_ATOMIC, &got));
	KUNIT_EXPECT_EQ(test, got, pfn + 100);
	give(m, got, 3);
	bitmap_zero(m->referred, PAGES_MAX);
}

/* A pool does not end as long as somebody refers to a page. */
static void referred_at_the_end(struct kunit *test)
{
	struct memory *m = test->priv;
	unsigned long pfn;

	setup(m, 16, false, true);
	KUNIT_ASSERT_EQ(test, 0, ask(m, 2, &pfn));
	bitmap_set(m->referred, pfn - BASE, 1);
	give(m, pfn, 2);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(m->p->pool));
	expect_referred(m, 1, 0);
	bitmap_zero(m->referred, PAGES_MAX);
	pgat_pool_destroy(m->p);
}

/* The end of a run that is trimmed, and single pages in bulk. */
static void trimmed(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	unsigned long pfns[4], pfn;
	unsigned int i;

	setup(m, g->pages, false, true);
	KUNIT_ASSERT_EQ(test, 0, ask(m, 8, &pfn));
	set_bit(pfn - BASE + 6, m->bad);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_trim(m->p->pool, pfn, 8, 4));
	expect_retired(m, 1);
	give(m, pfn, 4);

	/* One of those that are found is bad, and one of those that are freed. */
	set_bit(2, m->bad);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc_bulk(m->p->pool, 4, NOWARN, pfns));
	for (i = 0; i < ARRAY_SIZE(pfns); i++)
		KUNIT_EXPECT_FALSE(test, test_bit(pfns[i] - BASE, m->bad));
	set_bit(pfns[3] - BASE, m->bad);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free_bulk(m->p->pool, 4, pfns));
	rest_is_had(m, 3);
}

/* Ready pages go bad: no request gets them, and none fails that has another place. */
static void found(struct kunit *test)
{
	static const unsigned long lengths[] = { 1, 3, 16, 64, 100, 4097 };
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	unsigned long pfn, nr;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		setup(m, g->pages, false, true);
		nr = min(lengths[i], m->pages / 4);
		set_bit(0, m->bad);
		set_bit(nr + 1, m->bad);
		KUNIT_EXPECT_EQ(test, 0, ask(m, nr, &pfn));
		KUNIT_EXPECT_EQ(test, 0, ask(m, nr, &pfn));
		KUNIT_EXPECT_LE(test, pgat_pages(m->p, PAGEALLOC_RETIRED), 2UL);
		pgat_sound(m->p);
		pgat_free_all(m->p);
		rest_is_had(m, 2);
		pgat_pool_close(m->p);
	}
}

/* A request with one place fails if that has bad memory, and harms no other page. */
static void fixed(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	const struct pagealloc_request rq = {
		.nr_pages = 8,
		.low = BASE + 4,
		.flags = PAGEALLOC_FIXED,
	};
	struct memory *m = test->priv;
	unsigned long pfn;

	setup(m, g->pages, false, true);
	set_bit(7, m->bad);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pagealloc_alloc_range(m->p->pool, &rq, NOWARN, &pfn));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pagealloc_alloc_range(m->p->pool, &rq, NOWARN, &pfn));
	rest_is_had(m, 1);
}

/* Through the caches: what is bad is seen when they are flushed, and refilled. */
static void cached(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	unsigned long pfn[8];
	unsigned int i;

	pgat_on_cpu(test, 0);
	setup(m, g->pages, true, true);
	pagealloc_drain(m->p->pool);
	for (i = 0; i < ARRAY_SIZE(pfn); i++)
		KUNIT_ASSERT_EQ(test, 0, ask(m, 1, &pfn[i]));
	set_bit(pfn[3] - BASE, m->bad);
	for (i = 0; i < ARRAY_SIZE(pfn); i++)
		give(m, pfn[i], 1);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(m->p, PAGEALLOC_RETIRED));
	pagealloc_drain(m->p->pool);
	expect_retired(m, 1);
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(m->p->pool, pfn[3], 1));

	set_bit(pfn[5] - BASE, m->bad);
	for (i = 0; i < ARRAY_SIZE(pfn); i++)
		KUNIT_ASSERT_EQ(test, 0, ask(m, 1, &pfn[i]));
	expect_retired(m, 2);
	for (i = 0; i < ARRAY_SIZE(pfn); i++)
		give(m, pfn[i], 1);
	pagealloc_drain(m->p->pool);
	/* A run of several pages is refilled by another way. */
	KUNIT_ASSERT_EQ(test, 0, ask(m, 4, &pfn[0]));
	give(m, pfn[0], 4);
	pagealloc_drain(m->p->pool);
	set_bit(pfn[0] - BASE + 1, m->bad);
	KUNIT_ASSERT_EQ(test, 0, ask(m, 4, &pfn[0]));
	expect_retired(m, 3);
	give(m, pfn[0], 4);
	rest_is_had(m, 3);
}

/* If all that a refill takes is bad, the request is served from the maps. */
static void refill_of_bad(struct kunit *test)
{
	struct memory *m = test->priv;
	unsigned long pfn;

	pgat_on_cpu(test, 0);
	setup(m, 16, true, true);
	pagealloc_drain(m->p->pool);
	bitmap_set(m->bad, 0, 20);
	KUNIT_EXPECT_EQ(test, 0, ask(m, 1, &pfn));
	KUNIT_EXPECT_EQ(test, 20UL, pgat_pages(m->p, PAGEALLOC_RETIRED));
	give(m, pfn, 1);
	rest_is_had(m, 20);
}

/*
 * A scavenge leaves a granule with bad memory as it is: its healthy pages are ready, the
 * goal does not count them, and the scavenge succeeds.
 */
static void not_discarded(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	unsigned long pfn, released;

	setup(m, g->pages, false, true);
	set_bit(3 * g->pages, m->bad);
	set_bit(4 * g->pages - 1, m->bad);
	set_bit(9 * g->pages, m->bad);
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_scavenge(m->p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, (GRANULES - 2) * g->pages);
	expect_retired(m, g->pages > 1 ? 3 : 2);
	KUNIT_EXPECT_EQ(test, 2 * g->pages, pgat_pages(m->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, 2 * g->pages, m->p->pool->nr_stuck);
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(m->p, PAGEALLOC_DISCARD_FAIL));
	pgat_forget_calls(m->p);
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_scavenge(m->p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, 0UL, released);
	KUNIT_EXPECT_EQ(test, 0UL, m->p->backing.count[PGAT_DISCARD]);
	if (g->pages > 2) {
		/* Ready, without a populate. */
		KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(m->p->pool, 1, GFP_NOWAIT, &pfn));
		KUNIT_EXPECT_EQ(test, 0UL, m->p->backing.count[PGAT_POPULATE]);
		give(m, pfn, 1);
	}
	rest_is_had(m, g->pages > 1 ? 3 : 2);
}

/* The worker finds bad pages, and has nothing to do for the rest of their granules. */
static void worker(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	struct pga_scavenger s;
	unsigned int steps;
	unsigned long pfn;
	u64 next = 0;

	setup(m, g->pages, false, true);
	pga_scavenger_init(&s, m->p->pool);
	bitmap_set(m->bad, 5 * g->pages, 1);
	bitmap_set(m->bad, 8 * g->pages, 1);
	for (steps = 0; next != PGA_NEVER && steps < 10000; steps++) {
		next = pga_scavenger_step(&s);
		if (next != PGA_NEVER)
			m->now = max(next, m->now + 1);
	}
	KUNIT_EXPECT_EQ(test, PGA_NEVER, next);
	expect_retired(m, 2);
	/* All is back but what cannot go back. */
	KUNIT_EXPECT_EQ(test, 2 * g->pages, pgat_pages(m->p, PAGEALLOC_RETAINED));
	/* After an operation a generation passes, in a few steps. */
	KUNIT_EXPECT_EQ(test, 0, ask(m, 1, &pfn));
	give(m, pfn, 1);
	next = 0;
	for (steps = 0; next != PGA_NEVER && steps < 10000; steps++) {
		next = pga_scavenger_step(&s);
		if (next != PGA_NEVER)
			m->now = max(next, m->now + 1);
	}
	KUNIT_EXPECT_LT(test, steps, 40U);
	expect_retired(m, 2);
}

/* Neither the limit counts what cannot be discarded. */
static void over_limit(struct kunit *test)
{
	struct memory *m = test->priv;
	unsigned long released;

	setup(m, 64, false, true);
	set_bit(0, m->bad);
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_scavenge(m->p->pool, PAGEALLOC_ALL, &released));
	m->p->pool->limit_goal = 32;
	pga_look_at_free(m->p->pool, pga_page_of(m->p->pool, BASE), 64);
	set_bit(1, m->bad);
	pga_look_at_free(m->p->pool, pga_page_of(m->p->pool, BASE), 64);
	KUNIT_EXPECT_FALSE(test, m->p->pool->over_limit);
	expect_retired(m, 2);
	m->p->pool->limit_goal = PGA_NONE;
}

/* A discarded granule with bad memory is retired whole, and never populated again. */
static void lost(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	unsigned long pfn, refused, nr;

	setup(m, g->pages, false, false);
	set_bit(2 * g->pages, m->bad);
	set_bit(7 * g->pages + g->pages / 2, m->bad);
	for (nr = 0; !ask(m, g->pages, &pfn); nr++)
		;
	KUNIT_EXPECT_EQ(test, GRANULES - 2UL, nr);
	expect_retired(m, 2 * g->pages);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(m->p, PAGEALLOC_HELD));
	KUNIT_EXPECT_EQ(test, 2 * g->pages, pgat_pages(m->p, PAGEALLOC_RELEASED));
	KUNIT_EXPECT_EQ(test, 'X', pgat_letter(m->p, BASE + 2 * g->pages, g->pages));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(m->p, PAGEALLOC_AVAILABLE));
	refused = m->refused;
	m->now += 1000 * SEC;
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(m, 1, &pfn));
	KUNIT_EXPECT_EQ(test, refused, m->refused);
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(m->p->pool, BASE + 2 * g->pages, 1));
	pgat_free_all(m->p);
	rest_is_had(m, 2 * g->pages);
}

/* A granule that was held and then has bad memory is retired. */
static void held_and_lost(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	struct pgat_pool *p = m->p;
	unsigned long pfn, nr;

	setup(m, g->pages, false, false);
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1, -EBUSY };
	KUNIT_EXPECT_EQ(test, 0, ask(m, g->pages, &pfn));
	KUNIT_EXPECT_EQ(test, g->pages, pgat_pages(p, PAGEALLOC_HELD));
	for (nr = 0; nr < GRANULES; nr++)
		if (pgat_letter(p, BASE + nr * g->pages, g->pages) == 'H')
			set_bit(nr * g->pages, m->bad);
	while (!ask(m, g->pages, &pfn))
		;
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_HELD));
	expect_retired(m, g->pages);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&p->pool->held));
}

/* The floor is filled with what is not bad. */
static void floor_beside(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	struct pga_scavenger s;
	unsigned int steps;

	setup(m, g->pages, false, false);
	bitmap_set(m->bad, 0, 3 * g->pages);
	pga_scavenger_init(&s, m->p->pool);
	m->p->pool->tuning.min_ready = 4 * g->pages;
	for (steps = 0; steps < 20; steps++) {
		pga_scavenger_step(&s);
		m->now++;
	}
	KUNIT_EXPECT_EQ(test, 4 * g->pages, pgat_pages(m->p, PAGEALLOC_RETAINED));
	expect_retired(m, 3 * g->pages);
}

static void *get_node(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp);
}

static void *no_record(size_t size, gfp_t gfp)
{
	return size == sizeof(struct pga_retired) ? NULL : kmalloc(size, gfp);
}

/* Without a record a bad page is not handed out either; with one it is retired. */
static void records(struct kunit *test)
{
	struct memory *m = test->priv;
	unsigned long pfn;
	unsigned int i;

	setup(m, 16, false, true);
	m->p->pool->get_node = no_record;
	/* More than there are records. */
	for (i = 0; i < 64; i++)
		set_bit(2 * i, m->bad);
	pga_look_at_free(m->p->pool, pga_page_of(m->p->pool, BASE), 256);
	KUNIT_EXPECT_EQ(test, 0U, m->p->pool->nr_spares);
	KUNIT_EXPECT_LT(test, pgat_pages(m->p, PAGEALLOC_RETIRED), 64UL);
	pgat_sound(m->p);
	/* A run behind the bad pages, or none. */
	for (i = 0; i < 8; i++)
		ask(m, 1, &pfn);
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(m, 256 - 64, &pfn));
	pgat_free_all(m->p);
	m->p->pool->get_node = get_node;
	KUNIT_EXPECT_EQ(test, 0, pga_retired_fill(m->p->pool));
	rest_is_had(m, 64);
}

/* A pool with retired pages ends like any other, and refuses if pages are in use. */
static void end_of_pool(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct memory *m = test->priv;
	unsigned long pfn;

	setup(m, g->pages, false, false);
	set_bit(0, m->bad);
	KUNIT_EXPECT_EQ(test, 0, ask(m, 3 * g->pages, &pfn));
	set_bit(pfn - BASE + g->pages, m->bad);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(m->p->pool));
	give(m, pfn, 3 * g->pages);
	expect_retired(m, g->pages + 1);
	/* Discards of bad memory are right at the end. */
	m->p->backing.hook = NULL;
	pgat_pool_destroy(m->p);
}

/**
 * struct churn - random requests, and memory that goes bad
 * @m: the pool and its memory
 * @random: random numbers
 * @used: pages in use
 * @start: pages of the runs in use
 * @nr: their lengths
 * @runs: how many there are
 */
struct churn {
	struct memory *m;
	struct rnd_state random;
	DECLARE_BITMAP(used, PAGES_MAX);
	unsigned long start[64];
	unsigned long nr[64];
	unsigned int runs;
};

/* Is there a place for @nr pages that are not bad, and not beside bad ones that are lost? */
static bool has_place(struct churn *c, unsigned long nr)
{
	unsigned long page, run = 0;
	struct memory *m = c->m;
	char letter;

	for (page = 0; page < m->pages; page++) {
		letter = pgat_letter(m->p, BASE + page, 1);
		run = letter == 'u' || letter == 'X' || letter == 'H' ||
		      test_bit(page, m->bad) || test_bit(page, m->referred) ? 0 : run + 1;
		if (run == nr)
			return true;
	}
	return false;
}

static void churn_alloc(struct churn *c, unsigned long granule)
{
	const unsigned long nr = 1 + pgat_below(&c->random, 3 * granule);
	struct kunit *test = c->m->p->test;
	unsigned long pfn;
	int ret;

	if (c->runs == ARRAY_SIZE(c->nr))
		return;
	ret = ask(c->m, nr, &pfn);
	if (ret) {
		KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
		KUNIT_EXPECT_FALSE_MSG(test, has_place(c, nr), "%lu pages", nr);
		return;
	}
	pfn -= BASE;
	KUNIT_ASSERT_GE(test, find_next_bit(c->used, pfn + nr, pfn), pfn + nr);
	bitmap_set(c->used, pfn, nr);
	c->start[c->runs] = pfn;
	c->nr[c->runs++] = nr;
}

static void churn_free(struct churn *c)
{
	unsigned int i;

	if (!c->runs)
		return;
	i = pgat_below(&c->random, c->runs--);
	give(c->m, BASE + c->start[i], c->nr[i]);
	bitmap_clear(c->used, c->start[i], c->nr[i]);
	c->start[i] = c->start[c->runs];
	c->nr[i] = c->nr[c->runs];
}

static void churn_step(struct churn *c, unsigned long granule)
{
	unsigned long released, page;
	int ret;

	switch (pgat_below(&c->random, 18)) {
	case 0:
		/* Some of them in use, some ready, some discarded. */
		set_bit(pgat_below(&c->random, c->m->pages), c->m->bad);
		break;
	case 10:
		/* Only of memory that is there. */
		page = pgat_below(&c->random, c->m->pages);
		if (test_bit(page, c->used))
			set_bit(page, c->m->referred);
		break;
	case 11:
		bitmap_zero(c->m->referred, PAGES_MAX);
		break;
	case 1:
	case 2:
		ret = pagealloc_scavenge(c->m->p->pool, pgat_length(&c->random, 4 * granule),
					 &released);
		if (!pgat_pages(c->m->p, PAGEALLOC_REFERRED))
			KUNIT_EXPECT_EQ(c->m->p->test, 0, ret);
		break;
	case 3:
		pga_look_at_free(c->m->p->pool, pga_page_of(c->m->p->pool, BASE),
				 c->m->pages);
		break;
	case 4:
		pagealloc_drain(c->m->p->pool);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
	case 9:
		churn_free(c);
		break;
	default:
		churn_alloc(c, granule);
		break;
	}
}

/* Every bad page is retired in the end, and nothing else but lost granules. */
static void judge_end(struct churn *c, unsigned long granule)
{
	struct memory *m = c->m;
	unsigned long page, start, released;
	char letter;

	pgat_free_all(m->p);
	bitmap_zero(m->referred, PAGES_MAX);
	pga_look_at_free(m->p->pool, pga_page_of(m->p->pool, BASE), m->pages);
	KUNIT_EXPECT_EQ(m->p->test, 0,
			pagealloc_scavenge(m->p->pool, PAGEALLOC_ALL, &released));
	for (page = 0; page < m->pages; page++) {
		letter = pgat_letter(m->p, BASE + page, 1);
		start = ALIGN_DOWN(page, granule);
		if (letter == 'X')
			KUNIT_EXPECT_LT(m->p->test,
					find_next_bit(m->bad, start + granule, start),
					start + granule);
		else if (test_bit(page, m->bad))
			KUNIT_EXPECT_EQ_MSG(m->p->test, 'D', letter, "%lu", page);
	}
	KUNIT_EXPECT_EQ(m->p->test, 0UL, pgat_pages(m->p, PAGEALLOC_REFERRED));
	pgat_sound(m->p);
}

/*
 * Bad pages appear at random, and others refer to pages for a time.  A request gets none
 * of these, and fails only if there is no place beside them.
 */
static void churn(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct churn *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct memory *m = test->priv;
	unsigned int round, i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->m = m;
	c->random = pgat_random(test);
	for (round = 0; round < (g->pages > 64 ? 2 : 12); round++) {
		setup(m, g->pages, false, round % 2);
		bitmap_zero(c->used, PAGES_MAX);
		c->runs = 0;
		for (i = 0; i < 300; i++) {
			churn_step(c, g->pages);
			if (!(i % 50))
				pgat_sound(m->p);
		}
		judge_end(c, g->pages);
		pgat_pool_close(m->p);
		pgat_alive();
	}
}

static struct kunit_case retired_cases[] = {
	KUNIT_CASE_PARAM(freed, granule_gen_params),
	KUNIT_CASE_PARAM(referred, again_gen_params),
	KUNIT_CASE_PARAM(referred_and_discarded, granule_gen_params),
	KUNIT_CASE(referred_backoff),
	KUNIT_CASE(referred_without_records),
	KUNIT_CASE(referred_and_atomic),
	KUNIT_CASE(referred_at_the_end),
	KUNIT_CASE_PARAM(trimmed, granule_gen_params),
	KUNIT_CASE_PARAM(found, granule_gen_params),
	KUNIT_CASE_PARAM(fixed, granule_gen_params),
	KUNIT_CASE_PARAM(cached, granule_gen_params),
	KUNIT_CASE(refill_of_bad),
	KUNIT_CASE_PARAM(not_discarded, granule_gen_params),
	KUNIT_CASE_PARAM(worker, granule_gen_params),
	KUNIT_CASE(over_limit),
	KUNIT_CASE_PARAM(lost, granule_gen_params),
	KUNIT_CASE_PARAM(held_and_lost, granule_gen_params),
	KUNIT_CASE_PARAM(floor_beside, granule_gen_params),
	KUNIT_CASE(records),
	KUNIT_CASE_PARAM(end_of_pool, granule_gen_params),
	KUNIT_CASE_PARAM(churn, granule_gen_params),
	{}
};

static struct kunit_suite retired_suite = {
	.name = "pagealloc_retired",
	.init = retired_init,
	.test_cases = retired_cases,
};
kunit_test_suite(retired_suite);

MODULE_DESCRIPTION("Tests of pagealloc's retired pages");
MODULE_LICENSE("GPL");
