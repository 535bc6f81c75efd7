// SPDX-License-Identifier: GPL-2.0
/*
 * The two engines against each other.
 *
 * Two pools, one on each, get the same random requests and have the same
 * backing failures.  The engines may place a run differently, but each must
 * grant a run that its longest free run has room for, and refuse a longer one.
 * If only one has room, since their free pages differ, it frees the run again,
 * so that both always hold the same runs.
 *
 * Each page has a word that stands for its contents.  Populating a page clears
 * its word, discarding it destroys the word.  The test writes the number of a
 * run to all of its pages, and finds it there until the run is freed.  So no
 * pool hands out a page that another run has or that has no memory, and none
 * gives back a page in use.  The figures of a pool are recounted from these
 * words, which no pool knows of.
 */

#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "lib/testpool.h"
#include "pool/held.h"

#define BASE	(1UL << 20)
#define HELD	1000

/* For each granule; the instrumented kernels are an order slower. */
#define OPERATIONS	(PGAT_SLOW ? 50000 : 1000000)

/* Contents of a page: the number of a run, or one of these. */
#define NOBODYS		0U
#define NO_MEMORY	(~0U)

/**
 * struct side - one of the pools
 * @p: the pool
 * @contents: of each page
 * @pfn: first page of each run that is held
 * @want: values that its counters must have
 */
struct side {
	struct pgat_pool *p;
	u32 *contents;
	unsigned long pfn[HELD];
	u64 want[PAGEALLOC_NR_STATS];
};

#define SIDES	2

/**
 * struct both - both of them
 * @test: the test
 * @random: random numbers
 * @side: the bitmap engine, the span engine
 * @granule: of both
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
	unsigned long granule;
	unsigned long pages;
	unsigned int nr_held;
	unsigned long nr[HELD];
	u32 id[HELD];
	u32 last_id;
	unsigned long failures;
	unsigned long apart;
};

/* Pages have these contents, and get others. */
static void change(struct both *b, struct side *s, unsigned long pfn,
		   unsigned long nr, u32 from, u32 to)
{
	u32 *page = s->contents + (pfn - BASE), *end = page + nr;

	KUNIT_ASSERT_TRUE(b->test, pfn >= BASE && pfn + nr <= BASE + b->pages);
	for (; page < end; page++) {
		if (*page != from)
			KUNIT_FAIL(b->test, "%s: pfn %lu contains %u, not %u",
				   s->p->name, BASE + (page - s->contents), *page,
				   from);
		*page = to;
	}
}

/* Called only if the backing does not fail: a failure changes nothing. */
static int watch(struct pgat_backing *backing, const struct pgat_call *call)
{
	struct both *b = backing->test->priv;
	struct side *s = backing->arg;

	if (call->what == PGAT_DISCARD) {
		change(b, s, call->pfn, call->nr, NOBODYS, NO_MEMORY);
		s->want[PAGEALLOC_DISCARD_PAGES] += call->nr;
	} else if (call->what == PGAT_POPULATE) {
		change(b, s, call->pfn, call->nr, NO_MEMORY, NOBODYS);
		s->want[PAGEALLOC_POPULATE_PAGES] += call->nr;
	}
	return 0;
}

static void open_side(struct both *b, struct side *s, const char *engine)
{
	s->contents = vmalloc(array_size(b->pages, sizeof(*s->contents)));
	KUNIT_ASSERT_NOT_NULL(b->test, s->contents);
	memset32(s->contents, NO_MEMORY, b->pages);
	s->p = pgat_pool(b->test);
	s->p->engine = engine;
	s->p->name = engine;
	pgat_pool_open(s->p, b->granule, 0);
	pgat_pool_region(s->p, BASE, b->pages);
	s->p->backing.hook = watch;
	s->p->backing.arg = s;
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
		vfree(b->side[i].contents);
	}
	vfree(b);
}

/* Has a call failed since the faults were set? */
static bool has_failed(const struct side *s, enum pgat_what what,
		       const struct pgat_fault *before)
{
	const struct pgat_fault *now = &s->p->backing.fault[what];

	return before->at && (!now->at || now->times != before->times);
}

/*
 * Fill the reserve; the pool has no worker.  The two sides have different granules held,
 * so these become free.
 */
static void unpark(struct side *s)
{
	pga_held_end(s->p->pool);
	if (pgat_pages(s->p, PAGEALLOC_PARKED))
		pagealloc_drain(s->p->pool);
}

/* Check the answer to a request, which is known unless the backing failed. */
static void check_answer(struct both *b, const struct side *s, unsigned long nr,
			 unsigned long longest, bool certain, int ret)
{
	if (certain || nr > longest)
		KUNIT_ASSERT_EQ_MSG(b->test, ret, nr <= longest ? 0 : -ENOMEM,
				    "%s: %lu pages, longest %lu", s->p->name, nr,
				    longest);
	else
		KUNIT_ASSERT_TRUE_MSG(b->test, !ret || ret == -ENOMEM ||
				      ret == -EBUSY || ret == -EINTR,
				      "%s: %lu pages: %d", s->p->name, nr, ret);
}

static int ask_side(struct both *b, struct side *s, unsigned long nr, bool *certain)
{
	const unsigned long longest = pgat_pages(s->p, PAGEALLOC_LARGEST_FREE_RUN);
	const unsigned long idle = pgat_pages(s->p, PAGEALLOC_IDLE);
	const struct pgat_fault before = s->p->backing.fault[PGAT_POPULATE];
	unsigned long pfn;
	int ret;

	KUNIT_ASSERT_LE(b->test, longest, idle);
	ret = pagealloc_alloc(s->p->pool, nr, GFP_KERNEL | __GFP_NOWARN, &pfn);
	*certain = !has_failed(s, PGAT_POPULATE, &before);
	check_answer(b, s, nr, longest, *certain, ret);
	s->want[ret ? PAGEALLOC_ALLOC_FAIL : PAGEALLOC_ALLOC]++;
	if (ret)
		return ret;
	change(b, s, pfn, nr, NOBODYS, b->last_id);
	s->pfn[b->nr_held] = pfn;
	return 0;
}

static void give_back(struct both *b, struct side *s, unsigned long pfn,
		      unsigned long nr, u32 id)
{
	change(b, s, pfn, nr, id, NOBODYS);
	KUNIT_ASSERT_EQ(b->test, 0, pagealloc_free(s->p->pool, pfn, nr));
	s->want[PAGEALLOC_FREE]++;
}

/* Give the run to both or to none. */
static void operation_alloc(struct both *b)
{
	const unsigned long most = pgat_below(&b->random, 8) ? 32 :
		pgat_below(&b->random, 4) ? 600 : b->pages / 2;
	const unsigned long nr = pgat_length(&b->random, most);
	bool certain[SIDES];
	int ret[SIDES], i;

	if (b->nr_held == HELD)
		return;
	b->last_id++;
	for (i = 0; i < SIDES; i++) {
		unpark(&b->side[i]);
		ret[i] = ask_side(b, &b->side[i], nr, &certain[i]);
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

static bool is_free(u32 contents)
{
	return contents == NOBODYS || contents == NO_MEMORY;
}

static void refused(struct both *b, struct side *s, unsigned long pfn,
		    unsigned long nr)
{
	KUNIT_ASSERT_EQ(b->test, -EINVAL, pagealloc_free(s->p->pool, pfn, nr));
	s->want[PAGEALLOC_DOUBLE_FREE]++;
}

/* Free pages are refused by both, and so is a run with a free page behind it. */
static void operation_double_free(struct both *b)
{
	const unsigned long at = pgat_below(&b->random, b->pages);
	const unsigned int i = b->nr_held ? pgat_below(&b->random, b->nr_held) : 0;
	unsigned long end;
	struct side *s;

	for (s = b->side; s < b->side + SIDES; s++) {
		if (is_free(s->contents[at]))
			refused(b, s, BASE + at, 1);
		end = s->pfn[i] + b->nr[i] - BASE;
		if (b->nr_held && end < b->pages && is_free(s->contents[end]))
			refused(b, s, s->pfn[i], b->nr[i] + 1);
	}
}

/* Pages in granules that are wholly free and have memory. */
static unsigned long count_idle_granules(const struct both *b, const struct side *s)
{
	const u32 *granule = s->contents;
	unsigned long i, nr = 0;

	for (; granule < s->contents + b->pages; granule += b->granule) {
		for (i = 0; i < b->granule && granule[i] == NOBODYS; i++)
			;
		if (i == b->granule)
			nr += i;
	}
	return nr;
}

/* Give back as much as was asked for, or all if there is less. */
static void scavenge_side(struct both *b, struct side *s, unsigned long nr)
{
	const struct pgat_fault before = s->p->backing.fault[PGAT_DISCARD];
	const unsigned long idle = count_idle_granules(b, s);
	const unsigned long least = min(nr, idle);
	unsigned long released;
	int ret;

	ret = pagealloc_scavenge(s->p->pool, nr, &released);
	s->want[PAGEALLOC_SCAVENGED_REQUEST] += released * PAGE_SIZE;
	KUNIT_ASSERT_LE(b->test, released, idle);
	if (has_failed(s, PGAT_DISCARD, &before)) {
		KUNIT_ASSERT_TRUE(b->test, !ret || ret == -EBUSY);
		return;
	}
	KUNIT_ASSERT_EQ(b->test, ret, 0);
	KUNIT_ASSERT_GE_MSG(b->test, released, least, "%s: of %lu, %lu idle",
			    s->p->name, nr, idle);
}

static void operation_scavenge(struct both *b)
{
	const unsigned long nr = pgat_length(&b->random, b->pages);
	struct side *s;

	for (s = b->side; s < b->side + SIDES; s++) {
		unpark(s);
		scavenge_side(b, s, nr);
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

/**
 * struct count - a recount from the contents of all pages
 * @in_use: pages that belong to runs
 * @released: pages without memory
 * @longest: the longest run of free pages
 * @longest_ready: the longest run of free pages with memory
 */
struct count {
	unsigned long in_use;
	unsigned long released;
	unsigned long longest;
	unsigned long longest_ready;
};

static struct count count(const struct both *b, const struct side *s)
{
	unsigned long free = 0, ready = 0;
	struct count c = {};
	const u32 *page;

	for (page = s->contents; page < s->contents + b->pages; page++) {
		free = is_free(*page) ? free + 1 : 0;
		ready = *page == NOBODYS ? ready + 1 : 0;
		c.in_use += !is_free(*page);
		c.released += *page == NO_MEMORY;
		c.longest = max(c.longest, free);
		c.longest_ready = max(c.longest_ready, ready);
	}
	return c;
}

/* A request that may not populate gets a ready run, and no longer one. */
static void ask_atomically(struct both *b, struct side *s, unsigned long longest)
{
	const unsigned long nr = min(longest, PAGEALLOC_ATOMIC_MAX);
	unsigned long pfn;

	if (nr < PAGEALLOC_ATOMIC_MAX) {
		KUNIT_ASSERT_EQ(b->test, -ENOMEM,
				pagealloc_alloc(s->p->pool, nr + 1,
						GFP_ATOMIC | __GFP_NOWARN, &pfn));
		s->want[PAGEALLOC_ALLOC_FAIL]++;
		s->want[PAGEALLOC_ATOMIC_FAIL]++;
	}
	if (!nr)
		return;
	KUNIT_ASSERT_EQ(b->test, 0, pagealloc_alloc(s->p->pool, nr, GFP_ATOMIC,
						    &pfn));
	s->want[PAGEALLOC_ALLOC]++;
	change(b, s, pfn, nr, NOBODYS, b->last_id + 1);
	give_back(b, s, pfn, nr, b->last_id + 1);
}

/* Compare the figures of a pool with the recount. */
static void compare_side(struct both *b, struct side *s)
{
	static const enum pagealloc_stat counted[] = {
		PAGEALLOC_ALLOC, PAGEALLOC_ALLOC_FAIL, PAGEALLOC_ATOMIC_FAIL,
		PAGEALLOC_FREE, PAGEALLOC_DOUBLE_FREE, PAGEALLOC_POPULATE_PAGES,
		PAGEALLOC_DISCARD_PAGES, PAGEALLOC_SCAVENGED_REQUEST,
	};
	const struct count c = count(b, s);
	unsigned int i;

	KUNIT_ASSERT_EQ(b->test, pgat_pages(s->p, PAGEALLOC_IN_USE), c.in_use);
	KUNIT_ASSERT_EQ(b->test, pgat_pages(s->p, PAGEALLOC_IDLE),
			b->pages - c.in_use);
	KUNIT_ASSERT_EQ(b->test, pgat_pages(s->p, PAGEALLOC_RELEASED), c.released);
	KUNIT_ASSERT_EQ(b->test, pgat_pages(s->p, PAGEALLOC_RETAINED),
			b->pages - c.released);
	KUNIT_ASSERT_EQ(b->test, pgat_pages(s->p, PAGEALLOC_LARGEST_FREE_RUN),
			c.longest);
	for (i = 0; i < ARRAY_SIZE(counted); i++)
		KUNIT_ASSERT_EQ_MSG(b->test, pgat_stat(s->p, counted[i]),
				    s->want[counted[i]], "%s: %s", s->p->name,
				    pagealloc_stat_name(counted[i]));
	ask_atomically(b, s, c.longest_ready);
}

/* Figures that must be equal wherever the engines have placed runs. */
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
		compare_side(b, &b->side[i]);
		unpark(&b->side[i]);
		pagealloc_stats(b->side[i].p->pool, &stats[i]);
		KUNIT_ASSERT_EQ(b->test, stats[i].value[PAGEALLOC_IN_USE],
				held * PAGE_SIZE);
	}
	for (i = 0; i < ARRAY_SIZE(same); i++)
		KUNIT_ASSERT_EQ_MSG(b->test, stats[0].value[same[i]],
				    stats[1].value[same[i]], "%s",
				    pagealloc_stat_name(same[i]));
}

/* All is freed and given back: both pools are equal now. */
static void empty(struct both *b)
{
	struct pagealloc_stats stats;
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
		scavenge_side(b, s, PAGEALLOC_ALL);
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
	{ "granule 64", 64 },
	{ "granule 512", 512 },
	{ "granule 1024", 1024 },
	{ "granule 8192", 8192 },
};

PGAT_ARRAY_PARAM(granule, granule_cases);

/* Grow both by all of their regions, so that they do not differ in growth. */
static void grow(struct both *b)
{
	unsigned long pfn;
	struct side *s;

	for (s = b->side; s < b->side + SIDES; s++) {
		KUNIT_ASSERT_EQ(b->test, 0, pagealloc_alloc(s->p->pool, b->pages,
							    GFP_KERNEL, &pfn));
		s->want[PAGEALLOC_ALLOC]++;
		change(b, s, pfn, b->pages, NOBODYS, 1);
		give_back(b, s, pfn, b->pages, 1);
	}
}

static void report(struct both *b, unsigned long operations)
{
	struct side *s;

	kunit_info(b->test, "%lu operations, %lu failed for the backing, %lu fitted into one only\n",
		   operations, b->failures, b->apart);
	for (s = b->side; s < b->side + SIDES; s++)
		kunit_info(b->test, "%s: %llu allocations, %llu failed; populated %llu pages, failed %llu times; discarded %llu, %llu\n",
			   s->p->name, s->want[PAGEALLOC_ALLOC],
			   s->want[PAGEALLOC_ALLOC_FAIL],
			   s->want[PAGEALLOC_POPULATE_PAGES],
			   pgat_stat(s->p, PAGEALLOC_POPULATE_FAIL_NOMEM) +
			   pgat_stat(s->p, PAGEALLOC_POPULATE_FAIL_BUSY) +
			   pgat_stat(s->p, PAGEALLOC_POPULATE_FAIL_INTR),
			   s->want[PAGEALLOC_DISCARD_PAGES],
			   pgat_stat(s->p, PAGEALLOC_DISCARD_FAIL));
}

/* The two engines for a million operations. */
static void differential(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct both *b = vzalloc(sizeof(*b));
	const unsigned long start = jiffies;
	unsigned int fullness = 4;
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	test->priv = b;
	b->test = test;
	b->random = pgat_random(test);
	b->granule = g->pages;
	b->pages = max(4096UL, 16 * g->pages);
	open_side(b, &b->side[0], "bitmap");
	open_side(b, &b->side[1], "span");
	grow(b);
	for (i = 0; i < OPERATIONS && pgat_go_on(start); i++) {
		if (!pgat_below(&b->random, 1000))
			fullness = 2 + pgat_below(&b->random, 5);
		operation(b, fullness);
		if (!(i % 1000))
			compare(b);
		if (!(i % 20000))
			empty(b);
	}
	empty(b);
	report(b, i);
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
