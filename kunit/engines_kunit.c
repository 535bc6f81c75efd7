// SPDX-License-Identifier: GPL-2.0
/*
 * The two engines against each other.
 *
 * Two pools, one on each, get the same random requests and have the same backing
 * failures.  Where they place a run is their affair.  Whether there is room for
 * one is not: each must grant what its longest free run has room for, and refuse
 * what is longer.  Where one has room and the other has not, since their free
 * pages are not the same, the one gives the run back, so that both always hold as
 * much.
 *
 * Each page has a word that stands for its contents: whose it is, 0 if nobody's.
 * It is looked at when a page is handed out, when it comes back, and when the
 * backing is told to discard it.
 */

#include <linux/module.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "testpool.h"

#define BASE	(1UL << 20)
#define HELD	1000

/* For each granule; the instrumented kernels are an order slower. */
#define OPERATIONS	(IS_ENABLED(CONFIG_KASAN) ? 50000 : 1000000)

/**
 * struct side - one of the pools
 * @p: the pool
 * @owner: for each page, number of the run that it belongs to
 * @pfn: first page of each run that is held
 */
struct side {
	struct pgat_pool *p;
	u32 *owner;
	unsigned long pfn[HELD];
};

#define SIDES	2

/**
 * struct both - both of them
 * @test: the test
 * @random: random numbers
 * @side: the bitmap engine, the span engine
 * @pages: pages in each
 * @nr_held: runs held
 * @nr: pages of each run
 * @id: its number
 * @last_id: the last number given
 * @failures: requests that backing failures made fail
 * @apart: requests that only one had room for
 */
struct both {
	struct kunit *test;
	struct rnd_state random;
	struct side side[SIDES];
	unsigned long pages;
	unsigned int nr_held;
	unsigned long nr[HELD];
	u32 id[HELD];
	u32 last_id;
	unsigned long failures;
	unsigned long apart;
};

static void change_owner(struct both *b, struct side *s, unsigned long pfn,
			 unsigned long nr, u32 from, u32 to)
{
	u32 *owner = s->owner + (pfn - BASE);

	KUNIT_ASSERT_TRUE(b->test, pfn >= BASE && pfn + nr <= BASE + b->pages);
	for (; nr; nr--, owner++, pfn++) {
		if (*owner != from)
			KUNIT_FAIL(b->test, "%s: pfn %lu belongs to run %u, not %u",
				   s->p->name, pfn, *owner, from);
		*owner = to;
	}
}

/* Nobody's pages are discarded, whoever may fail to do so. */
static int watch(struct pgat_backing *backing, const struct pgat_call *call)
{
	struct both *b = backing->test->priv;
	struct side *s = backing->arg;

	if (call->what == PGAT_DISCARD)
		change_owner(b, s, call->pfn, call->nr, 0, 0);
	return 0;
}

static void open_side(struct both *b, struct side *s, const char *engine,
		      unsigned long granule)
{
	s->p = pgat_pool(b->test);
	s->p->engine = engine;
	s->p->name = engine;
	pgat_pool_open(s->p, granule, 0);
	pgat_pool_region(s->p, BASE, b->pages);
	s->p->backing.hook = watch;
	s->p->backing.arg = s;
	s->owner = vzalloc(array_size(b->pages, sizeof(*s->owner)));
	KUNIT_ASSERT_NOT_NULL(b->test, s->owner);
}

static void engines_exit(struct kunit *test)
{
	struct both *b = test->priv;
	unsigned int i;

	if (!b)
		return;
	for (i = 0; i < SIDES; i++) {
		if (b->side[i].p)
			pgat_pool_close(b->side[i].p);
		vfree(b->side[i].owner);
	}
	vfree(b);
}

/* Has a call failed since the faults were as they were? */
static bool has_failed(const struct side *s, const struct pgat_fault *before)
{
	const struct pgat_fault *now = &s->p->backing.fault[PGAT_POPULATE];

	return before->at && (!now->at || now->times != before->times);
}

/* There is no worker that would do it. */
static void unpark(struct side *s)
{
	if (pgat_pages(s->p, PAGEALLOC_PARKED))
		pagealloc_drain(s->p->pool);
}

static int ask_side(struct both *b, struct side *s, unsigned long nr, bool *certain)
{
	const unsigned long longest = pgat_pages(s->p, PAGEALLOC_LARGEST_FREE_RUN);
	const struct pgat_fault before = s->p->backing.fault[PGAT_POPULATE];
	unsigned long pfn;
	int ret;

	ret = pagealloc_alloc(s->p->pool, nr, GFP_KERNEL | __GFP_NOWARN, &pfn);
	*certain = !has_failed(s, &before);
	if (*certain)
		KUNIT_ASSERT_EQ_MSG(b->test, ret, nr <= longest ? 0 : -ENOMEM,
				    "%s: %lu pages, longest %lu", s->p->name, nr,
				    longest);
	if (ret)
		return ret;
	change_owner(b, s, pfn, nr, 0, b->last_id);
	s->pfn[b->nr_held] = pfn;
	return 0;
}

static void give_back(struct both *b, struct side *s, unsigned long pfn,
		      unsigned long nr, u32 id)
{
	change_owner(b, s, pfn, nr, id, 0);
	KUNIT_ASSERT_EQ(b->test, 0, pagealloc_free(s->p->pool, pfn, nr));
}

/* Both or none get it. */
static void operation_alloc(struct both *b)
{
	const unsigned long most = pgat_below(&b->random, 8) ? 32 :
		pgat_below(&b->random, 4) ? 600 : b->pages / 2;
	const unsigned long nr = pgat_length(&b->random, most);
	unsigned long idle;
	bool certain[SIDES];
	int ret[SIDES], i;

	if (b->nr_held == HELD)
		return;
	b->last_id++;
	for (i = 0; i < SIDES; i++) {
		unpark(&b->side[i]);
		idle = pgat_pages(b->side[i].p, PAGEALLOC_IDLE);
		ret[i] = ask_side(b, &b->side[i], nr, &certain[i]);
		if (nr > idle)
			KUNIT_ASSERT_EQ(b->test, ret[i], -ENOMEM);
	}
	if (!ret[0] && !ret[1]) {
		b->nr[b->nr_held] = nr;
		b->id[b->nr_held++] = b->last_id;
		return;
	}
	b->failures += !certain[0] || !certain[1];
	b->apart += certain[0] && certain[1] && ret[0] != ret[1];
	for (i = 0; i < SIDES; i++)
		if (!ret[i])
			give_back(b, &b->side[i], b->side[i].pfn[b->nr_held], nr,
				  b->last_id);
}

/* All of a run, or its upper part. */
static void operation_free(struct both *b)
{
	unsigned int at, i;
	unsigned long nr;

	if (!b->nr_held)
		return;
	at = pgat_below(&b->random, b->nr_held);
	nr = pgat_below(&b->random, 4) ? b->nr[at] : pgat_length(&b->random, b->nr[at]);
	b->nr[at] -= nr;
	for (i = 0; i < SIDES; i++)
		give_back(b, &b->side[i], b->side[i].pfn[at] + b->nr[at], nr, b->id[at]);
	if (b->nr[at])
		return;
	b->nr_held--;
	b->nr[at] = b->nr[b->nr_held];
	b->id[at] = b->id[b->nr_held];
	for (i = 0; i < SIDES; i++)
		b->side[i].pfn[at] = b->side[i].pfn[b->nr_held];
}

/* Free pages are refused by both. */
static void operation_double_free(struct both *b)
{
	const unsigned long at = pgat_below(&b->random, b->pages);
	struct side *s;

	for (s = b->side; s < b->side + SIDES; s++)
		if (!s->owner[at])
			KUNIT_ASSERT_EQ(b->test, -EINVAL,
					pagealloc_free(s->p->pool, BASE + at, 1));
}

static void operation_scavenge(struct both *b)
{
	const unsigned long nr = pgat_length(&b->random, b->pages);
	unsigned long released;
	struct side *s;
	int ret;

	for (s = b->side; s < b->side + SIDES; s++) {
		ret = pagealloc_scavenge(s->p->pool, nr, &released);
		KUNIT_ASSERT_TRUE(b->test, !ret || ret == -EBUSY);
	}
}

/* Some of the next calls of the backing fail, the same ones of both. */
static void operation_fault(struct both *b)
{
	const int errors[] = { -ENOMEM, -EBUSY, -EINTR };
	const enum pgat_what what = pgat_below(&b->random, 3) ? PGAT_POPULATE :
								PGAT_DISCARD;
	const struct pgat_fault fault = {
		.at = pgat_length(&b->random, 4),
		.times = pgat_length(&b->random, 4),
		.error = what == PGAT_DISCARD ? -EBUSY :
			 errors[pgat_below(&b->random, ARRAY_SIZE(errors))],
	};
	struct side *s;

	for (s = b->side; s < b->side + SIDES; s++)
		s->p->backing.fault[what] = fault;
}

static void no_faults(struct both *b)
{
	struct side *s;

	for (s = b->side; s < b->side + SIDES; s++)
		memset(s->p->backing.fault, 0, sizeof(s->p->backing.fault));
}

/* What both must agree on whatever they have placed where. */
static void compare(struct both *b)
{
	static const enum pagealloc_stat same[] = {
		PAGEALLOC_SYS, PAGEALLOC_GROWN, PAGEALLOC_IN_USE, PAGEALLOC_IDLE,
		PAGEALLOC_CACHED, PAGEALLOC_PARKED, PAGEALLOC_DEFERRED,
		PAGEALLOC_IN_TRANSITION, PAGEALLOC_BAD_FREE,
	};
	struct pagealloc_stats stats[SIDES];
	unsigned long held = 0;
	unsigned int i;

	for (i = 0; i < b->nr_held; i++)
		held += b->nr[i];
	for (i = 0; i < SIDES; i++) {
		unpark(&b->side[i]);
		pagealloc_stats(b->side[i].p->pool, &stats[i]);
		KUNIT_ASSERT_EQ(b->test, stats[i].value[PAGEALLOC_IN_USE],
				held * PAGE_SIZE);
		KUNIT_ASSERT_EQ(b->test, stats[i].value[PAGEALLOC_GROWN],
				stats[i].value[PAGEALLOC_RETAINED] +
				stats[i].value[PAGEALLOC_RELEASED]);
	}
	for (i = 0; i < ARRAY_SIZE(same); i++)
		KUNIT_ASSERT_EQ_MSG(b->test, stats[0].value[same[i]],
				    stats[1].value[same[i]], "%s",
				    pagealloc_stat_name(same[i]));
}

/* All is freed and given back: nothing can tell the two apart. */
static void empty(struct both *b)
{
	struct pagealloc_stats stats;
	unsigned long released;
	struct side *s;

	no_faults(b);
	while (b->nr_held)
		operation_free(b);
	compare(b);
	for (s = b->side; s < b->side + SIDES; s++) {
		pagealloc_stats(s->p->pool, &stats);
		KUNIT_ASSERT_EQ(b->test, stats.value[PAGEALLOC_LARGEST_FREE_RUN],
				b->pages * PAGE_SIZE);
		KUNIT_ASSERT_EQ(b->test, stats.value[PAGEALLOC_FRAGMENTATION], 0);
		KUNIT_ASSERT_EQ(b->test, 0, pagealloc_scavenge(s->p->pool, PAGEALLOC_ALL,
							       &released));
		KUNIT_ASSERT_EQ(b->test, b->pages,
				pgat_pages(s->p, PAGEALLOC_RELEASED));
		pgat_sound(s->p);
	}
}

static void operation(struct both *b, unsigned int fullness)
{
	switch (pgat_below(&b->random, 64)) {
	case 0:
		operation_fault(b);
		break;
	case 1:
		no_faults(b);
		break;
	case 2 ... 3:
		operation_scavenge(b);
		break;
	case 4:
		operation_double_free(b);
		break;
	default:
		if (pgat_below(&b->random, 8) < fullness)
			operation_alloc(b);
		else
			operation_free(b);
	}
}

struct granule_case {
	const char *name;
	unsigned long pages;
};

static const struct granule_case granule_cases[] = {
	{ "granule 1", 1 },
	{ "granule 16", 16 },
	{ "granule 512", 512 },
};

PGAT_ARRAY_PARAM(granule, granule_cases);

/* All of both is grown by, so that growth is nothing that could differ. */
static void grow(struct both *b)
{
	unsigned long pfn;
	struct side *s;

	for (s = b->side; s < b->side + SIDES; s++) {
		KUNIT_ASSERT_EQ(b->test, 0, pagealloc_alloc(s->p->pool, b->pages,
							    GFP_KERNEL, &pfn));
		KUNIT_ASSERT_EQ(b->test, 0, pagealloc_free(s->p->pool, pfn, b->pages));
	}
}

/* The two engines for a million operations. */
static void differential(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct both *b = vzalloc(sizeof(*b));
	unsigned int fullness = 4;
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	test->priv = b;
	b->test = test;
	b->random = pgat_random(test);
	b->pages = max(4096UL, 16 * g->pages);
	open_side(b, &b->side[0], "bitmap", g->pages);
	open_side(b, &b->side[1], "span", g->pages);
	grow(b);
	for (i = 0; i < OPERATIONS; i++) {
		if (!pgat_below(&b->random, 1000))
			fullness = 2 + pgat_below(&b->random, 5);
		operation(b, fullness);
		if (!(i % 1000))
			compare(b);
		if (!(i % 20000))
			empty(b);
		cond_resched();
	}
	empty(b);
	kunit_info(test, "%lu operations, %lu failed for the backing, %lu fitted into one only\n",
		   i, b->failures, b->apart);
}

static struct kunit_case engines_cases[] = {
	KUNIT_CASE_PARAM(differential, granule_gen_params),
	{}
};

static struct kunit_suite engines_suite = {
	.name = "pagealloc_engines",
	.exit = engines_exit,
	.test_cases = engines_cases,
};

kunit_test_suite(engines_suite);

MODULE_DESCRIPTION("The engines of pagealloc against each other");
MODULE_LICENSE("GPL");
