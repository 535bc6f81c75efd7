// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of track.c: the account has the runs that clients hold, and only these can be
 * freed.
 */

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/kmsg_dump.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "pool/deferred.h"
#include "lib/testpool.h"
#include "lib/wait.h"
#include "pool/track.h"

#define BASE	(1UL << 20)
#define PAGES	(4 * PGA_CHUNK_PAGES)

static int track_init(struct kunit *test)
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

static unsigned long page_of(struct pgat_pool *p, unsigned long pfn)
{
	return pga_page_of(p->pool, pfn);
}

/* Trim a run: its end becomes a run of its own, and is freed. */
static int trim(struct pgat_pool *p, unsigned long pfn, unsigned long old,
		unsigned long nr)
{
	const int ret = pga_tracked_trim(p->pool, page_of(p, pfn), old, nr);

	if (ret)
		return ret;
	pga_tracked_alloc(p->pool, page_of(p, pfn + nr), old - nr, GFP_KERNEL);
	return pagealloc_free(p->pool, pfn + nr, old - nr);
}

/* Compare the runs that are held with a text of "START+PAGES ", counted from BASE. */
static void expect_runs(struct pgat_pool *p, const char *want)
{
	struct pga_extent run = {};
	char got[128] = "";
	size_t len = 0;

	while (pga_track_next(p->pool, pga_extent_end(run), &run))
		len += scnprintf(got + len, sizeof(got) - len, "%lu+%lu ",
				 p->pool->base + run.start - BASE, run.nr);
	KUNIT_EXPECT_STREQ(p->test, want, got);
}

/**
 * struct free_case - a free in a pool of setup_runs()
 * @name: name of the case
 * @pfn: first page, counted from BASE
 * @nr: pages
 * @ret: the result
 * @counter: the counter that it raises
 */
struct free_case {
	const char *name;
	unsigned long pfn;
	unsigned long nr;
	int ret;
	enum pagealloc_stat counter;
};

static const struct free_case free_cases[] = {
	{ "a run", 0, 10, 0, PAGEALLOC_FREE },
	{ "a run of one", 10, 1, 0, PAGEALLOC_FREE },
	{ "another run of one", 11, 1, 0, PAGEALLOC_FREE },
	{ "a run across words", 12, 60, 0, PAGEALLOC_FREE },
	{ "a run of whole words", 72, 128, 0, PAGEALLOC_FREE },
	{ "the last run", 240, 20, 0, PAGEALLOC_FREE },
	{ "too short", 0, 9, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "too short by all but one page", 12, 1, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "too short, to the end of a word", 12, 20, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "too short by a page of the next word", 72, 127, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "too long by a run", 0, 11, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "two runs of one", 10, 2, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "too long by part of a run", 12, 61, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "too long by a free page", 72, 129, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "the middle of a run", 3, 4, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "the end of a run", 3, 7, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "the end of a run, from a new word on", 32, 40, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "the end of a run and the next run", 9, 2, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "everything in use", 0, 200, -EINVAL, PAGEALLOC_WRONG_LENGTH },
	{ "a run that is free", 200, 40, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "part of a run that is free", 210, 5, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "from a free page into a run", 239, 21, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "never allocated", 300, 10, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "a run and a page never allocated", 240, 21, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "not grown by", PGA_CHUNK_PAGES, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "partly not grown by", 240, PGA_CHUNK_PAGES, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "behind all regions", PAGES, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "far behind", 1UL << 33, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "behind all page numbers", 1UL << 50, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "below the region", -1UL, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "from below the region into a run", -1UL, 11, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "from below the base to far above", -BASE, 1UL << 40, -ERANGE, PAGEALLOC_BAD_FREE },
};
PGAT_ARRAY_PARAM(free, free_cases);

#define ALL_RUNS	"0+10 10+1 11+1 12+60 72+128 240+20 "

/* Open a pool with runs of these lengths, and free the sixth. */
static void setup_runs(struct pgat_pool *p)
{
	static const unsigned long nr[] = { 10, 1, 1, 60, 128, 40, 20 };
	unsigned int i;

	setup(p, PAGEALLOC_TRACK);
	for (i = 0; i < ARRAY_SIZE(nr); i++)
		get(p, nr[i]);
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_free(p->pool, BASE + 200, 40));
	expect_runs(p, ALL_RUNS);
}

/* A free succeeds only if its pages are exactly one run; otherwise nothing changes. */
static void free_test(struct kunit *test)
{
	const struct free_case *c = test->param_value;
	const struct pgat_moved refused = { c->counter, 1 };
	const struct pgat_moved freed[] = {
		{ PAGEALLOC_FREE, 1 },
		{ PAGEALLOC_IN_USE, -c->nr * PAGE_SIZE },
		{ PAGEALLOC_IDLE, c->nr * PAGE_SIZE },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;

	setup_runs(p);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, c->ret, pagealloc_free(p->pool, BASE + c->pfn, c->nr));
	if (c->ret) {
		pgat_moved(p, &before, &refused, 1);
		expect_runs(p, ALL_RUNS);
	} else {
		KUNIT_EXPECT_EQ(test, -EINVAL,
				pagealloc_free(p->pool, BASE + c->pfn, c->nr));
		before.value[PAGEALLOC_DOUBLE_FREE]++;
		before.value[PAGEALLOC_LARGEST_FREE_RUN] =
			pgat_stat(p, PAGEALLOC_LARGEST_FREE_RUN);
		before.value[PAGEALLOC_FRAGMENTATION] =
			pgat_stat(p, PAGEALLOC_FRAGMENTATION);
		pgat_moved(p, &before, freed, ARRAY_SIZE(freed));
	}
	pgat_sound(p);
}

/* A deferred free is refused at the call, and not queued. */
static void deferred_test(struct kunit *test)
{
	const struct free_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d, again;
	const u64 *counted;
	struct pagealloc_stats s;

	setup_runs(p);
	KUNIT_EXPECT_EQ(test, c->ret,
			pagealloc_free_deferred(p->pool, &d, BASE + c->pfn, c->nr));
	/* Whether queued or drained by now, the run cannot be freed again. */
	KUNIT_EXPECT_NE(test, 0, pagealloc_free_deferred(p->pool, &again,
							 BASE + c->pfn, c->nr));
	KUNIT_EXPECT_NE(test, 0, pagealloc_free(p->pool, BASE + c->pfn, c->nr));
	flush_work(&p->pool->drain_work);
	pagealloc_drain(p->pool);
	pagealloc_stats(p->pool, &s);
	counted = &s.value[c->counter];
	if (c->ret) {
		KUNIT_EXPECT_EQ(test, 3ULL, *counted);
		KUNIT_EXPECT_EQ(test, 1ULL, s.value[PAGEALLOC_FREE]);
		expect_runs(p, ALL_RUNS);
	} else {
		KUNIT_EXPECT_EQ(test, 2ULL, s.value[PAGEALLOC_FREE]);
		KUNIT_EXPECT_EQ(test, 2ULL, s.value[PAGEALLOC_DOUBLE_FREE]);
	}
	KUNIT_EXPECT_EQ(test, 0ULL, s.value[PAGEALLOC_DEFERRED]);
	pgat_sound(p);
}

/* A pool without the flag has no account, and any part of a run can be freed. */
static void untracked_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats s;

	setup(p, 0);
	get(p, 100);
	KUNIT_EXPECT_PTR_EQ(test, NULL, p->pool->track);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&pga_track_key));
	pagealloc_stats(p->pool, &s);
	KUNIT_EXPECT_EQ(test, (u64)p->pool->map.bytes,
			s.value[PAGEALLOC_METADATA]);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 10, 5));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 10));
	pgat_free_all(p);
	pgat_sound(p);
}

/* A tracked pool and another that is not do not affect each other. */
static void pools_test(struct kunit *test)
{
	struct pgat_pool *other = pgat_pool(test);
	struct pgat_pool *p = test->priv;

	setup(p, 0);
	pagealloc_sim_init(&other->sim, 1);
	other->pool = pagealloc_pool_create(&(struct pagealloc_config) {
		.name = "other",
		.ops = &pagealloc_sim_ops,
		.ctx = &other->sim,
		.flags = PAGEALLOC_NO_WORKER | PAGEALLOC_TRACK,
	});
	KUNIT_ASSERT_FALSE(test, IS_ERR(other->pool));
	pgat_pool_region(other, BASE + PAGES, PAGES);
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&pga_track_key));
	get(p, 10);
	get(other, 10);
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_free(other->pool, BASE, 10));
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_free(p->pool, BASE + PAGES, 10));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 3));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(other->pool, BASE + PAGES, 3));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 3, 7));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(other->pool, BASE + PAGES, 10));
	pgat_pool_close(other);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&pga_track_key));
}

/* The rest of a run after a trim is a run. */
static void trim_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	setup(p, PAGEALLOC_TRACK);
	get(p, 100);
	get(p, 10);
	KUNIT_EXPECT_EQ(test, -EINVAL, trim(p, BASE, 99, 40));
	KUNIT_EXPECT_EQ(test, -EINVAL, trim(p, BASE, 110, 40));
	KUNIT_EXPECT_EQ(test, -EINVAL, trim(p, BASE + 1, 99, 40));
	expect_runs(p, "0+100 100+10 ");
	KUNIT_EXPECT_EQ(test, 0, trim(p, BASE, 100, 70));
	expect_runs(p, "0+70 100+10 ");
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE, 100));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE + 70, 30));
	KUNIT_EXPECT_EQ(test, 0, trim(p, BASE, 70, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE, 70));
	KUNIT_EXPECT_EQ(test, BASE + 1, get(p, 99));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 1));
	expect_runs(p, "1+99 100+10 ");
	pgat_sound(p);
}

/* Runs end where slices do, and cross from one slice into the next. */
static void slices_test(struct kunit *test)
{
	const unsigned long slice = 1UL << PGA_SLICE_SHIFT;
	struct pgat_pool *p = test->priv;

	pgat_pool_open_sim(p, 1, PAGEALLOC_TRACK);
	pgat_pool_region(p, BASE - 100, 2 * slice + 200);
	get(p, 100);
	get(p, slice);
	get(p, slice + 50);
	expect_runs(p, "18446744073709551516+100 0+32768 32768+32818 ");
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE, 2 * slice));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE + slice, slice));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE - 100, 101));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, slice));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + slice, slice + 50));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE - 100, 100));
	expect_runs(p, "");
	pgat_sound(p);
}

/* A run from the queue of frees that serves a request is recorded again. */
static void serve_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred d;

	setup(p, PAGEALLOC_TRACK | PAGEALLOC_READY_FIRST);
	get(p, 40);
	cancel_work_sync(&p->pool->drain_work);
	KUNIT_ASSERT_EQ(test, 0, pga_tracked_free(p->pool, page_of(p, BASE), 40));
	d = (struct pagealloc_deferred) { .pfn = BASE, .nr_pages = 40 };
	pga_deferred_add(p->pool, &d);
	expect_runs(p, "");
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE, 40));
	KUNIT_EXPECT_EQ(test, BASE, get(p, 40));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DEFERRED_SERVED));
	expect_runs(p, "0+40 ");
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 40));
	pgat_sound(p);
}

/* If growth fails the pages stay holes in the account. */
static void growth_fails_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 512, PAGEALLOC_TRACK);
	/* The first pages of the region are populated when the pool grows by them. */
	pgat_pool_region(p, BASE + 100, PAGES);
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1, -ENOMEM };
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc(p->pool, 10,
						       GFP_KERNEL | __GFP_NOWARN, &pfn));
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_free(p->pool, BASE + 100, 10));
	KUNIT_EXPECT_EQ(test, BASE + 100, get(p, 10));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 100, 10));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE + 100, 10));
	pgat_sound(p);
}

/* An allocation that fails is not recorded. */
static void alloc_fails_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	setup(p, PAGEALLOC_TRACK);
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1000, -ENOMEM };
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc(p->pool, 10,
						       GFP_KERNEL | __GFP_NOWARN, &pfn));
	expect_runs(p, "");
	pgat_sound(p);
}

#define RUNS	512

/* A table of the runs that are allocated. */
struct model {
	struct pga_extent run[RUNS];
	unsigned int nr;
};

static bool model_has(const struct model *m, struct pga_extent e, unsigned int *at)
{
	for (*at = 0; *at < m->nr; ++*at)
		if (m->run[*at].start == e.start && m->run[*at].nr == e.nr)
			return true;
	return false;
}

static void model_free(struct pgat_pool *p, struct model *m, struct pga_extent e)
{
	unsigned int at;
	const bool has = model_has(m, e, &at);

	KUNIT_ASSERT_EQ_MSG(p->test, has, !pagealloc_free(p->pool, e.start, e.nr),
			    "pfn %lu+%lu", e.start, e.nr);
	if (has)
		m->run[at] = m->run[--m->nr];
}

static void model_alloc(struct pgat_pool *p, struct model *m, unsigned long nr)
{
	struct pga_extent e = { .nr = nr };

	if (m->nr == RUNS ||
	    pagealloc_alloc(p->pool, nr, GFP_KERNEL | __GFP_NOWARN, &e.start))
		return;
	m->run[m->nr++] = e;
}

static void model_trim(struct pgat_pool *p, struct model *m, unsigned int at,
		       unsigned long nr)
{
	struct pga_extent *e = &m->run[at];

	if (nr == e->nr)
		return;
	KUNIT_ASSERT_EQ(p->test, 0, trim(p, e->start, e->nr, nr));
	e->nr = nr;
}

/* The account and the model have the same runs. */
static void model_check(struct pgat_pool *p, const struct model *m)
{
	struct pga_extent run = {};
	unsigned int nr = 0, at;

	while (pga_track_next(p->pool, pga_extent_end(run), &run)) {
		struct pga_extent e = { run.start + p->pool->base, run.nr };

		KUNIT_ASSERT_TRUE_MSG(p->test, model_has(m, e, &at), "pfn %lu+%lu",
				      e.start, e.nr);
		nr++;
	}
	KUNIT_ASSERT_EQ(p->test, m->nr, nr);
}

/* Random allocations, trims and frees, of runs and of ranges that are almost runs. */
static void random_test(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	struct pgat_pool *p = test->priv;
	struct pga_extent e;
	struct model *m;
	unsigned int i;

	m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m);
	setup(p, PAGEALLOC_TRACK);
	for (i = 0; i < 30000; i++) {
		switch (pgat_below(&random, 8)) {
		case 0 ... 2:
			model_alloc(p, m, pgat_length(&random, 100) ?: 1);
			break;
		case 3 ... 4:
			if (m->nr)
				model_free(p, m, m->run[pgat_below(&random, m->nr)]);
			break;
		case 5:
			if (!m->nr)
				break;
			e = m->run[pgat_below(&random, m->nr)];
			e.start += pgat_below(&random, 3) - 1;
			e.nr += pgat_below(&random, 3) - 1;
			if (e.nr)
				model_free(p, m, e);
			break;
		case 6:
			e.start = BASE + pgat_below(&random, PAGES);
			e.nr = 1 + pgat_below(&random, 100);
			model_free(p, m, e);
			break;
		default:
			if (m->nr) {
				unsigned int at = pgat_below(&random, m->nr);

				model_trim(p, m, at,
					   1 + pgat_below(&random, m->run[at].nr));
			}
		}
		if (!(i % 1000))
			model_check(p, m);
	}
	while (m->nr)
		model_free(p, m, m->run[0]);
	expect_runs(p, "");
	pgat_sound(p);
}

#define ROUNDS	5000

/**
 * struct race - two threads that free the same run
 * @p: the pool
 * @at: how often a thread has reached a meeting point
 * @won: frees of this round that succeeded
 * @pfn: the run
 * @nr: its length
 * @deferred: memory for frees that the first thread defers, or NULL
 * @bad: rounds in which not exactly one free succeeded
 */
struct race {
	struct pgat_pool *p;
	atomic_t at;
	atomic_t won;
	unsigned long pfn;
	unsigned long nr;
	struct pagealloc_deferred *deferred;
	unsigned int bad;
};

/* Wait until both threads are here; false if that takes too long. */
static bool wait_for_all(struct race *r, int goal)
{
	const unsigned long end = jiffies + PGAT_PATIENCE;

	atomic_inc(&r->at);
	while (atomic_read(&r->at) < goal) {
		if (time_after(jiffies, end))
			return false;
		cond_resched();
	}
	return true;
}

static int race_free(void *arg)
{
	struct race *r = arg;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		if (!wait_for_all(r, 4 * i + 2))
			return -ETIME;
		if (!pagealloc_free(r->p->pool, r->pfn, r->nr))
			atomic_inc(&r->won);
		if (!wait_for_all(r, 4 * i + 4))
			return -ETIME;
	}
	return 0;
}

/* The first thread, which also allocates the run of each round. */
static int race_alloc_and_free(struct race *r)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ROUNDS; i++) {
		r->nr = 1 + i % 200;
		/* An assertion here would not wait for the other thread. */
		ret = pagealloc_alloc(r->p->pool, r->nr, GFP_KERNEL, &r->pfn);
		if (ret)
			return ret;
		atomic_set(&r->won, 0);
		if (!wait_for_all(r, 4 * i + 2))
			return -ETIME;
		ret = r->deferred ?
			pagealloc_free_deferred(r->p->pool, &r->deferred[i], r->pfn,
						r->nr) :
			pagealloc_free(r->p->pool, r->pfn, r->nr);
		if (!ret)
			atomic_inc(&r->won);
		if (!wait_for_all(r, 4 * i + 4))
			return -ETIME;
		if (atomic_read(&r->won) != 1)
			r->bad++;
	}
	return 0;
}

static void race(struct kunit *test, bool deferred)
{
	struct pgat_thread thread;
	struct race *r;

	r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, r);
	r->p = test->priv;
	if (deferred) {
		r->deferred = kvcalloc(ROUNDS, sizeof(*r->deferred), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, r->deferred);
	}
	setup(r->p, PAGEALLOC_TRACK);
	pgat_thread_start(test, &thread, race_free, r);
	KUNIT_EXPECT_EQ(test, 0, race_alloc_and_free(r));
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&thread));
	KUNIT_EXPECT_EQ(test, 0U, r->bad);
	flush_work(&r->p->pool->drain_work);
	pagealloc_drain(r->p->pool);
	KUNIT_EXPECT_EQ(test, (u64)ROUNDS, pgat_stat(r->p, PAGEALLOC_FREE));
	KUNIT_EXPECT_EQ(test, (u64)ROUNDS, pgat_stat(r->p, PAGEALLOC_DOUBLE_FREE));
	expect_runs(r->p, "");
	pgat_sound(r->p);
	kvfree(r->deferred);
}

/* If two threads free the same run at the same time, exactly one succeeds. */
static void race_test(struct kunit *test)
{
	race(test, false);
}

/* The same if one of them defers its free. */
static void race_deferred_test(struct kunit *test)
{
	race(test, true);
}

/* Free the run at BASE, of one or the other length, whenever there is one. */
static int free_any_run(void *arg)
{
	struct pgat_pool *p = arg;
	unsigned int i;
	int freed = 0;

	for (i = 0; i < 8 * ROUNDS; i++) {
		freed += !pagealloc_free(p->pool, BASE, i % 2 ? 40 : 100);
		if (!(i % 64))
			cond_resched();
	}
	return freed;
}

/*
 * One task allocates and frees runs of two lengths at the same place, and another frees
 * them, too.  Each run is freed by exactly one of them, and none is lost half changed.
 */
static void same_place_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned int i, freed = 0, got = 0;
	struct pgat_thread thread;
	unsigned long pfn;

	setup(p, PAGEALLOC_TRACK);
	pgat_thread_start(test, &thread, free_any_run, p);
	for (i = 0; i < 8 * ROUNDS; i++) {
		const unsigned long nr = i % 2 ? 100 : 40;

		if (pagealloc_alloc(p->pool, nr, GFP_KERNEL | __GFP_NOWARN, &pfn))
			break;
		got++;
		freed += !pagealloc_free(p->pool, pfn, nr);
		if (!(i % 64))
			cond_resched();
	}
	freed += pgat_thread_join(&thread);
	/* A free may have been refused while the other task was changing the run. */
	for (i = 0; got - freed && i < got; i++) {
		struct pga_extent run;

		if (!pga_track_next(p->pool, 0, &run))
			break;
		freed += !pagealloc_free(p->pool, p->pool->base + run.start, run.nr);
	}
	KUNIT_EXPECT_EQ(test, got, freed);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	expect_runs(p, "");
	pgat_sound(p);
}

/* Allocate and free short runs, next to those of other threads. */
static int use_neighbours(void *arg)
{
	struct pgat_pool *p = arg;
	unsigned long pfn;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < 4 * ROUNDS && !ret; i++) {
		ret = pagealloc_alloc(p->pool, 1 + i % 5, GFP_KERNEL, &pfn);
		if (!ret)
			ret = pagealloc_free(p->pool, pfn, 1 + i % 5);
		if (!(i % 64))
			cond_resched();
	}
	return ret;
}

/* No free is refused because of what happens to adjacent runs. */
static void neighbours_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pgat_thread thread[4];
	unsigned int i;

	setup(p, PAGEALLOC_TRACK_STACKS);
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		pgat_thread_start(test, &thread[i], use_neighbours, p);
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&thread[i]));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_WRONG_LENGTH));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_OWNER_LOST));
	expect_runs(p, "");
	pgat_sound(p);
}

/* Tracking works with interrupts off. */
static void atomic_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long flags, pfn;
	int got, freed, again;

	setup(p, PAGEALLOC_TRACK_STACKS);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, get(p, 64), 64));
	local_irq_save(flags);
	got = pagealloc_alloc(p->pool, 20, GFP_ATOMIC, &pfn);
	freed = pagealloc_free(p->pool, pfn, 20);
	again = pagealloc_free(p->pool, pfn, 20);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, 0, got);
	KUNIT_EXPECT_EQ(test, 0, freed);
	KUNIT_EXPECT_EQ(test, -EINVAL, again);
	pgat_sound(p);
}

static bool is_held(struct pgat_pool *p, unsigned long pfn, unsigned long nr)
{
	return pga_track_held(p->pool, (struct pga_extent) { page_of(p, pfn), nr });
}

/* The check finds a page that is free in the maps and held in the account. */
static void check_test(struct kunit *test)
{
	struct pagealloc_mismatch list[4] = {};
	struct pgat_pool *p = test->priv;

	setup(p, PAGEALLOC_TRACK);
	get(p, 10);
	KUNIT_EXPECT_TRUE(test, is_held(p, BASE, 1));
	KUNIT_EXPECT_TRUE(test, is_held(p, BASE + 9, 100));
	KUNIT_EXPECT_FALSE(test, is_held(p, BASE + 10, 100));
	KUNIT_EXPECT_FALSE(test, is_held(p, BASE + PAGES - 1, 100));
	pga_tracked_alloc(p->pool, page_of(p, BASE + 100), 5, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 1, pagealloc_check(p->pool, list, ARRAY_SIZE(list)));
	KUNIT_EXPECT_STREQ(test, "held but free", list[0].what);
	/* The check reports the word. */
	KUNIT_EXPECT_EQ(test, BASE + 64, list[0].pfn);
	KUNIT_ASSERT_EQ(test, 0, pga_tracked_free(p->pool, page_of(p, BASE + 100), 5));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, list, ARRAY_SIZE(list)));
	pgat_sound(p);
}

/* Does the log have a line with this text? */
static bool logged(const char *text)
{
	struct kmsg_dump_iter iter;
	static char line[512];
	size_t len;

	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &len)) {
		line[len] = '\0';
		if (strstr(line, text))
			return true;
	}
	return false;
}

static bool run_logged(unsigned long pfn, unsigned long nr)
{
	char text[64];

	snprintf(text, sizeof(text), "test: in use: pfn %lu+%lu\n", pfn, nr);
	return logged(text);
}

#define LEAKS	18

/* Not inlined, so that its name is in the stacks. */
static noinline void leak_some(struct pgat_pool *p)
{
	unsigned int i;

	for (i = 0; i < LEAKS; i++)
		get(p, 100 + i);
	OPTIMIZER_HIDE_VAR(i);
}

/* If a pool is destroyed with runs in use, the runs and their stacks are logged. */
static void leak_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn = BASE;
	unsigned int i;

	setup(p, PAGEALLOC_TRACK_STACKS);
	leak_some(p);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(p->pool));
	for (i = 0; i < LEAKS; i++) {
		KUNIT_EXPECT_EQ_MSG(test, i < 16, run_logged(pfn, 100 + i), "run %u", i);
		pfn += 100 + i;
	}
	KUNIT_EXPECT_TRUE(test, logged("test: more runs are in use"));
	KUNIT_EXPECT_TRUE(test, logged(" leak_some+"));
	KUNIT_EXPECT_EQ(test, 0ULL, pgat_stat(p, PAGEALLOC_OWNER_LOST));
	pgat_free_all(p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, get(p, 10), 10));
}

/* The metadata include the account: two bits a page, and four bytes more for stacks. */
static void metadata_test(struct kunit *test)
{
	const u64 slice = 1UL << PGA_SLICE_SHIFT;
	struct pgat_pool *p = test->priv;
	u64 maps;

	setup(p, PAGEALLOC_TRACK);
	get(p, 1);
	maps = p->pool->map.bytes;
	KUNIT_EXPECT_EQ(test, maps + slice / 4, pgat_stat(p, PAGEALLOC_METADATA));
	pgat_free_all(p);
	pgat_pool_close(p);
	setup(p, PAGEALLOC_TRACK_STACKS);
	get(p, 1);
	KUNIT_EXPECT_EQ(test, maps + slice / 4 + slice * 4,
			pgat_stat(p, PAGEALLOC_METADATA));
	pgat_free_all(p);
}

static struct kunit_case track_cases[] = {
	KUNIT_CASE_PARAM(free_test, free_gen_params),
	KUNIT_CASE_PARAM(deferred_test, free_gen_params),
	KUNIT_CASE(untracked_test),
	KUNIT_CASE(pools_test),
	KUNIT_CASE(trim_test),
	KUNIT_CASE(slices_test),
	KUNIT_CASE(serve_test),
	KUNIT_CASE(growth_fails_test),
	KUNIT_CASE(alloc_fails_test),
	KUNIT_CASE(random_test),
	KUNIT_CASE(race_test),
	KUNIT_CASE(race_deferred_test),
	KUNIT_CASE(same_place_test),
	KUNIT_CASE(neighbours_test),
	KUNIT_CASE(atomic_test),
	KUNIT_CASE(check_test),
	KUNIT_CASE(leak_test),
	KUNIT_CASE(metadata_test),
	{}
};

static struct kunit_suite track_suite = {
	.name = "pagealloc_track",
	.init = track_init,
	.test_cases = track_cases,
};
kunit_test_suite(track_suite);

MODULE_DESCRIPTION("KUnit suite of pagealloc: which runs are in use");
MODULE_LICENSE("GPL");
