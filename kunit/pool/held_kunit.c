// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of held.c and of what populate.c, place.c, claim.c and request.c do with held
 * granules: what can be had beside them, when they are tried again, and what a request
 * that fails leaves behind.
 *
 * A holder is a bitmap of granules: the backing refuses each call for one of them.  The
 * clock stands still unless a test moves it.
 */

#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "lib/testpool.h"
#include "pool/held.h"

#define BASE		(2 * PGA_INDEX_PAGES + (1UL << 20))
#define MSEC		((u64)NSEC_PER_MSEC)
#define GRANULES	128
#define NOWARN		(GFP_KERNEL | __GFP_NOWARN)

static const struct granule_case {
	const char *name;
	unsigned long pages;
} granule_cases[] = {
	{ "granule 1", 1 },
	{ "granule 16", 16 },
	{ "granule 512", 512 },
	{ "granule 1024", 1024 },
	{ "granule 8192", 8192 },
};
PGAT_ARRAY_PARAM(granule, granule_cases);

/**
 * struct holder - somebody who holds granules
 * @p: the pool
 * @clock: its clock
 * @now: the time, nanoseconds
 * @populate_ns: time that a populate call takes
 * @held: the granules
 * @refused: for each granule, populate or discard calls that failed
 */
struct holder {
	struct pgat_pool *p;
	struct pga_clock clock;
	u64 now;
	u64 populate_ns;
	DECLARE_BITMAP(held, GRANULES);
	unsigned int refused[GRANULES];
};

static u64 holder_now(const struct pga_clock *clock)
{
	return container_of(clock, struct holder, clock)->now;
}

static int refuse(struct pgat_backing *b, const struct pgat_call *call)
{
	const unsigned long first = (call->pfn - BASE) / b->granule;
	const unsigned long nr = DIV_ROUND_UP(call->nr, b->granule);
	struct holder *h = b->arg;
	unsigned long i;
	int ret = 0;

	if (call->what == PGAT_POPULATE)
		h->now += h->populate_ns;
	for (i = first; i < first + nr; i++)
		if (test_bit(i, h->held)) {
			h->refused[i]++;
			ret = -EBUSY;
		}
	return ret;
}

static int held_init(struct kunit *test)
{
	struct holder *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	if (!h)
		return -ENOMEM;
	h->p = pgat_pool(test);
	h->clock = (struct pga_clock) { .now = holder_now, .coarse = holder_now };
	h->now = 1000 * (u64)NSEC_PER_SEC;
	test->priv = h;
	return 0;
}

/* Open a pool of @nr granules, all of them discarded. */
static void setup(struct holder *h, unsigned long granule, unsigned long nr,
		  unsigned int flags)
{
	struct pgat_pool *p = h->p;
	unsigned long pfn, released;

	pgat_pool_open(p, granule, flags);
	pgat_pool_region(p, BASE, nr * granule);
	KUNIT_ASSERT_EQ(p->test, 0,
			pagealloc_alloc(p->pool, nr * granule, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_free(p->pool, pfn, nr * granule));
	KUNIT_ASSERT_EQ(p->test, 0,
			pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	p->pool->clock = &h->clock;
	p->backing.hook = refuse;
	p->backing.arg = h;
	bitmap_zero(h->held, GRANULES);
	memset(h->refused, 0, sizeof(h->refused));
	pgat_forget_calls(p);
}

static int ask(struct holder *h, unsigned long nr, unsigned long *pfn)
{
	return pagealloc_alloc(h->p->pool, nr, NOWARN, pfn);
}

/* Runs of @nr pages in the granules that nobody holds. */
static unsigned long runs_beside(const struct holder *h, unsigned long granule,
				 unsigned long nr)
{
	unsigned long start, end = 0, runs = 0;

	for (;;) {
		start = find_next_zero_bit(h->held, GRANULES, end);
		if (start >= GRANULES)
			return runs;
		end = find_next_bit(h->held, GRANULES, start);
		runs += (end - start) * granule / nr;
	}
}

/* Does a run avoid all granules that are held? */
static bool is_beside(const struct holder *h, unsigned long pfn, unsigned long nr)
{
	const unsigned long granule = h->p->backing.granule;
	const unsigned long first = (pfn - BASE) / granule;

	return find_next_bit(h->held, (pfn - BASE + nr - 1) / granule + 1, first) >
	       (pfn - BASE + nr - 1) / granule;
}

/* Which granules are held: @nr of them, the lowest eight among these. */
static void hold_some(struct holder *h, unsigned int nr, struct rnd_state *random)
{
	unsigned int i;

	bitmap_zero(h->held, GRANULES);
	for (i = 0; i < nr; i++)
		if (i < 8)
			set_bit(i, h->held);
		else
			while (test_and_set_bit(pgat_below(random, GRANULES), h->held))
				;
}

/* With 8, and 100, of 128 granules held every run that fits into the rest is had. */
static void rest_is_had(struct kunit *test)
{
	static const unsigned int holds[] = { 8, 100 };
	const struct granule_case *g = test->param_value;
	const unsigned long lengths[] = { max(g->pages / 2, 1UL), g->pages, 2 * g->pages,
					  3 * g->pages };
	struct rnd_state random = pgat_random(test);
	unsigned long pfn, want, got, nr;
	struct holder *h = test->priv;
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(lengths); i++) {
		nr = lengths[i / 2];
		setup(h, g->pages, GRANULES, 0);
		hold_some(h, holds[i % 2], &random);
		want = runs_beside(h, g->pages, nr);
		for (got = 0; !ask(h, nr, &pfn); got++)
			KUNIT_ASSERT_TRUE(test, is_beside(h, pfn, nr));
		KUNIT_EXPECT_EQ_MSG(test, want, got, "%lu pages", nr);
		KUNIT_EXPECT_EQ(test, -EBUSY, ask(h, nr, &pfn));
		pgat_sound(h->p);
		/* All of it again when the holder lets go. */
		bitmap_zero(h->held, GRANULES);
		while (!ask(h, g->pages, &pfn))
			;
		KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(h->p, PAGEALLOC_HELD));
		KUNIT_EXPECT_LT(test, pgat_pages(h->p, PAGEALLOC_LARGEST_AVAILABLE),
				g->pages);
		pgat_sound(h->p);
		pgat_pool_close(h->p);
	}
}

/* Allocate and free a page each millisecond, up to the given time. */
static void use_until(struct holder *h, u64 until)
{
	unsigned long pfn;

	for (; h->now < until; h->now += MSEC) {
		KUNIT_ASSERT_EQ(h->p->test, 0, ask(h, 1, &pfn));
		KUNIT_ASSERT_EQ(h->p->test, 0, pagealloc_free(h->p->pool, pfn, 1));
	}
}

/*
 * A granule that is held is tried after 100 ms, then after twice as long each time, up
 * to a minute: four times in the first second.  A success begins anew.
 */
static void backoff(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct holder *h = test->priv;
	unsigned long released, pfn;
	u64 start;

	/* The other engine serves such requests from what is ready. */
	pgat_first_fit(h->p);
	setup(h, g->pages, GRANULES, 0);
	set_bit(0, h->held);
	start = h->now;
	use_until(h, start + 1);
	KUNIT_EXPECT_EQ(test, 1U, h->refused[0]);
	KUNIT_EXPECT_EQ(test, g->pages, pgat_pages(h->p, PAGEALLOC_HELD));
	KUNIT_EXPECT_EQ(test, 'H', pgat_letter(h->p, BASE, g->pages));
	use_until(h, start + 100 * MSEC);
	KUNIT_EXPECT_EQ(test, 1U, h->refused[0]);
	use_until(h, start + 101 * MSEC);
	KUNIT_EXPECT_EQ(test, 2U, h->refused[0]);
	use_until(h, start + 1000 * MSEC);
	KUNIT_EXPECT_EQ(test, 4U, h->refused[0]);
	use_until(h, start + 7000 * MSEC);
	KUNIT_EXPECT_EQ(test, 7U, h->refused[0]);
	pgat_sound(h->p);

	/* 60 s after the tenth: 0.1 to 51.2 s, then a minute each. */
	use_until(h, start + 52000 * MSEC);
	KUNIT_EXPECT_EQ(test, 10U, h->refused[0]);
	h->now = start + 102300 * MSEC;
	use_until(h, h->now + 10 * MSEC);
	KUNIT_EXPECT_EQ(test, 11U, h->refused[0]);
	use_until(h, h->now + 59 * 1000 * MSEC);
	KUNIT_EXPECT_EQ(test, 11U, h->refused[0]);

	clear_bit(0, h->held);
	use_until(h, h->now + 1001 * MSEC);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(h->p, PAGEALLOC_HELD));
	KUNIT_ASSERT_EQ(test, 0, ask(h, 1, &pfn));
	KUNIT_EXPECT_EQ(test, BASE, pfn);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(h->p->pool, pfn, 1));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_scavenge(h->p->pool, PAGEALLOC_ALL, &released));

	h->refused[0] = 0;
	set_bit(0, h->held);
	start = h->now;
	use_until(h, start + 1000 * MSEC);
	KUNIT_EXPECT_EQ(test, 4U, h->refused[0]);
	pgat_sound(h->p);
}

/* A request that finds no other place takes granules that are held no more at once. */
static void last_resort(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct holder *h = test->priv;
	unsigned long pfn;
	unsigned int i;

	setup(h, g->pages, GRANULES, 0);
	bitmap_set(h->held, 10, 20);
	KUNIT_EXPECT_EQ(test, -EBUSY, ask(h, 120 * g->pages, &pfn));
	for (i = 10; i < 30; i++)
		KUNIT_EXPECT_LE(test, h->refused[i], 8U);
	KUNIT_EXPECT_NE(test, 0UL, pgat_pages(h->p, PAGEALLOC_HELD));
	pgat_sound(h->p);
	bitmap_zero(h->held, GRANULES);
	KUNIT_EXPECT_EQ(test, 0, ask(h, GRANULES * g->pages, &pfn));
	KUNIT_EXPECT_EQ(test, BASE, pfn);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(h->p, PAGEALLOC_HELD));
	pgat_sound(h->p);
}

/* Hold granules, and have the pool find that out: each is tried once. */
static void find_out(struct holder *h, unsigned long granule)
{
	unsigned long pfn, nr;

	for (nr = 0; !ask(h, granule, &pfn); nr++)
		;
	memset(h->refused, 0, sizeof(h->refused));
	KUNIT_ASSERT_EQ(h->p->test, pgat_pages(h->p, PAGEALLOC_HELD),
			bitmap_weight(h->held, GRANULES) * granule);
}

/* Each held granule that could make the run is tried once, and no other one. */
static void tried_once(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct holder *h = test->priv;
	unsigned long pfn;
	unsigned int i;

	setup(h, g->pages, GRANULES, 0);
	set_bit(3, h->held);
	set_bit(4, h->held);
	bitmap_set(h->held, 50, 3);
	set_bit(100, h->held);
	find_out(h, g->pages);
	KUNIT_EXPECT_EQ(test, -EBUSY, ask(h, g->pages, &pfn));
	for (i = 0; i < GRANULES; i++)
		KUNIT_EXPECT_EQ_MSG(test, h->refused[i], test_bit(i, h->held), "%u", i);
	/* Two granules in a row are at two places, three at one. */
	memset(h->refused, 0, sizeof(h->refused));
	KUNIT_EXPECT_EQ(test, -EBUSY, ask(h, 2 * g->pages, &pfn));
	KUNIT_EXPECT_EQ(test, 1U, h->refused[3] + h->refused[4]);
	KUNIT_EXPECT_EQ(test, 0U, h->refused[100]);
	memset(h->refused, 0, sizeof(h->refused));
	KUNIT_EXPECT_EQ(test, -EBUSY, ask(h, 3 * g->pages, &pfn));
	KUNIT_EXPECT_EQ(test, 0U, h->refused[3] + h->refused[4]);
	KUNIT_EXPECT_EQ(test, 1U, h->refused[50] + h->refused[51] + h->refused[52]);
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(h, 4 * g->pages, &pfn));
	/* What was not tried is held again. */
	KUNIT_EXPECT_EQ(test, 6 * g->pages, pgat_pages(h->p, PAGEALLOC_HELD));
	pgat_sound(h->p);
}

/* If the place on one side of a held granule fails, that on the other side is tried. */
static void both_sides(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct holder *h = test->priv;
	unsigned long pfn, released;

	setup(h, g->pages, GRANULES, 0);
	set_bit(3, h->held);
	find_out(h, g->pages);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(h->p->pool, BASE + g->pages, 2 * g->pages));
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_free(h->p->pool, BASE + 4 * g->pages, 2 * g->pages));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(h->p->pool, PAGEALLOC_ALL, &released));
	clear_bit(3, h->held);
	set_bit(2, h->held);
	KUNIT_EXPECT_EQ(test, 0, ask(h, 3 * g->pages, &pfn));
	KUNIT_EXPECT_EQ(test, BASE + 3 * g->pages, pfn);
	pgat_sound(h->p);
}

/* A request with one place tries that place, once. */
static void fixed_once(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	const struct pagealloc_request rq = {
		.nr_pages = 4 * g->pages,
		.low = BASE + 8 * g->pages,
		.flags = PAGEALLOC_FIXED,
	};
	struct holder *h = test->priv;
	unsigned long pfn;
	unsigned int i;

	setup(h, g->pages, GRANULES, 0);
	set_bit(9, h->held);
	set_bit(20, h->held);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pagealloc_alloc_range(h->p->pool, &rq, NOWARN, &pfn));
	/* In halves, until it is found. */
	KUNIT_EXPECT_LE(test, h->refused[9], 3U);
	for (i = 1; i < 4; i++) {
		h->refused[9] = 0;
		KUNIT_EXPECT_EQ(test, -EBUSY,
				pagealloc_alloc_range(h->p->pool, &rq, NOWARN, &pfn));
		KUNIT_EXPECT_EQ(test, 1U, h->refused[9]);
	}
	KUNIT_EXPECT_EQ(test, 0U, h->refused[20]);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(h->p, PAGEALLOC_RETAINED));
	clear_bit(9, h->held);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_range(h->p->pool, &rq, NOWARN, &pfn));
	KUNIT_EXPECT_EQ(test, BASE + 8 * g->pages, pfn);
	pgat_sound(h->p);
}

/* A request tries held granules for two seconds, those first that are due first. */
static void order_and_limit(struct kunit *test)
{
	struct holder *h = test->priv;
	unsigned int i, tried = 0;
	unsigned long pfn;

	setup(h, 16, GRANULES, 0);
	bitmap_set(h->held, 40, 20);
	find_out(h, 16);
	/* Each of them has failed twice, and is due. */
	h->now += 250 * MSEC;
	clear_bit(55, h->held);
	h->populate_ns = 300 * MSEC;
	KUNIT_EXPECT_EQ(test, -EBUSY, ask(h, 16, &pfn));
	for (i = 40; i < 60; i++)
		tried += h->refused[i];
	/* Four were free again before the search, the others within two seconds. */
	KUNIT_EXPECT_LE(test, tried, 4U + 7);
	KUNIT_EXPECT_GE(test, tried, 4U + 6);
	h->populate_ns = 0;
	/* The others were tried later, and are due later. */
	for (i = 40; i < 60; i++)
		h->refused[i] = 0;
	KUNIT_EXPECT_EQ(test, 0, ask(h, 16, &pfn));
	KUNIT_EXPECT_EQ(test, BASE + 55 * 16, pfn);
	for (i = 40, tried = 0; i < 60; i++)
		tried += h->refused[i];
	KUNIT_EXPECT_LE(test, tried, 9U);
	pgat_sound(h->p);
}

static void *no_node(size_t size, gfp_t gfp)
{
	return size == sizeof(struct pga_held) ? NULL : kmalloc(size, gfp);
}

/* Without memory to remember a held granule the request fails, and nothing is held. */
static void no_record(struct kunit *test)
{
	struct holder *h = test->priv;
	unsigned long pfn;

	setup(h, 16, GRANULES, 0);
	h->p->pool->get_node = no_node;
	set_bit(0, h->held);
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(h, 32, &pfn));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(h->p, PAGEALLOC_HELD));
	pgat_looks_like(h->p, BASE, 16, "DDDDDDDD");
	pgat_sound(h->p);
}

static int no_memory(struct pgat_backing *b, const struct pgat_call *call)
{
	return call->what == PGAT_POPULATE && b->count[PGAT_POPULATE] >= 3 ? -ENOMEM : 0;
}

/*
 * If the backing has no memory the request ends: nothing is halved and nothing is held,
 * and what it had populated goes back.  What was ready before stays so, and serves it
 * if it has room.
 */
static void memory_ends(struct kunit *test)
{
	struct holder *h = test->priv;
	struct pgat_pool *p = h->p;
	unsigned long pfn;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 16 * 16);
	pgat_arrange(p, BASE, 16, "DDrDDrDDDDuDuuru");
	p->backing.hook = no_memory;
	pgat_forget_calls(p);
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(h, 10 * 16, &pfn));
	KUNIT_EXPECT_EQ(test, 3UL, p->backing.count[PGAT_POPULATE]);
	KUNIT_EXPECT_EQ(test, 3 * 16UL, pgat_pages(p, PAGEALLOC_IDLE) -
			pgat_pages(p, PAGEALLOC_RELEASED));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_HELD));
	pgat_sound(p);
	KUNIT_EXPECT_EQ(test, 0, ask(h, 16, &pfn));
	KUNIT_EXPECT_EQ(test, 0, ask(h, 16, &pfn));
	KUNIT_EXPECT_EQ(test, 0, ask(h, 16, &pfn));
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(h, 16, &pfn));
	pgat_sound(p);
}

/* A request that fails gives back what it has populated, also in many parts. */
static void goes_back(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct holder *h = test->priv;
	unsigned long pfn, ready;
	char text[65];
	unsigned int i;

	for (i = 0; i < 64; i++)
		text[i] = i % 2 ? 'D' : 'r';
	text[64] = '\0';
	pgat_pool_open(h->p, g->pages, 0);
	pgat_pool_region(h->p, BASE, 64 * g->pages);
	pgat_arrange(h->p, BASE, g->pages, text);
	h->p->backing.hook = refuse;
	h->p->backing.arg = h;
	set_bit(61, h->held);
	ready = pgat_pages(h->p, PAGEALLOC_RETAINED);
	KUNIT_EXPECT_EQ(test, -EBUSY, ask(h, 64 * g->pages, &pfn));
	KUNIT_EXPECT_GT(test, h->p->backing.count[PGAT_POPULATE], 30UL);
	KUNIT_EXPECT_EQ(test, ready, pgat_pages(h->p, PAGEALLOC_RETAINED));
	pgat_sound(h->p);
}

/* A pool with held granules ends like any other, and refuses if pages are in use. */
static void end_of_pool(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	struct holder *h = test->priv;
	unsigned long pfn;

	setup(h, g->pages, GRANULES, 0);
	bitmap_set(h->held, 0, 9);
	KUNIT_EXPECT_EQ(test, 0, ask(h, 1, &pfn));
	KUNIT_EXPECT_EQ(test, 9 * g->pages, pgat_pages(h->p, PAGEALLOC_HELD));
	/* No client has these. */
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(h->p->pool, BASE, 1));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(h->p, PAGEALLOC_DOUBLE_FREE));
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(h->p->pool));
	pgat_sound(h->p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(h->p->pool, pfn, 1));
	KUNIT_EXPECT_EQ(test, 0, ask(h, 1, &pfn));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(h->p->pool, pfn, 1));
	pgat_pool_destroy(h->p);
}

/* How much can be had, and in one piece. */
static void available(struct kunit *test)
{
	struct holder *h = test->priv;
	struct pgat_pool *p = h->p;
	unsigned long pfn[3];

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 1024);
	pgat_pool_region(p, BASE + 1024, 512);
	pgat_pool_region(p, BASE + 4096, 1024);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IDLE));
	KUNIT_EXPECT_EQ(test, 2560UL, pgat_pages(p, PAGEALLOC_AVAILABLE));
	KUNIT_EXPECT_EQ(test, 1536UL, pgat_pages(p, PAGEALLOC_LARGEST_AVAILABLE));
	KUNIT_EXPECT_EQ(test, 0, ask(h, 100, &pfn[0]));
	KUNIT_EXPECT_EQ(test, 2460UL, pgat_pages(p, PAGEALLOC_AVAILABLE));
	KUNIT_EXPECT_EQ(test, 1436UL, pgat_pages(p, PAGEALLOC_LARGEST_AVAILABLE));
	KUNIT_EXPECT_EQ(test, 0, ask(h, 500, &pfn[1]));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn[0], 100));
	KUNIT_EXPECT_EQ(test, 2060UL, pgat_pages(p, PAGEALLOC_AVAILABLE));
	KUNIT_EXPECT_EQ(test, 1024UL, pgat_pages(p, PAGEALLOC_LARGEST_AVAILABLE));

	p->backing.hook = refuse;
	p->backing.arg = h;
	p->pool->clock = &h->clock;
	set_bit(64, h->held);
	KUNIT_EXPECT_EQ(test, 0, ask(h, 900, &pfn[2]));
	KUNIT_EXPECT_EQ(test, BASE + 4096, pfn[2]);
	KUNIT_EXPECT_EQ(test, 16UL, pgat_pages(p, PAGEALLOC_HELD));
	KUNIT_EXPECT_EQ(test, 2044UL - 900, pgat_pages(p, PAGEALLOC_AVAILABLE));
	KUNIT_EXPECT_EQ(test, 496UL, pgat_pages(p, PAGEALLOC_LARGEST_AVAILABLE));
	pgat_sound(p);
}

/**
 * struct churn - random requests, and holders that come and go
 * @h: the pool and its holder
 * @granule: in pages
 * @random: random numbers
 * @used: pages in use
 * @start: pages of the runs in use
 * @nr: their lengths
 * @runs: how many there are
 */
struct churn {
	struct holder *h;
	unsigned long granule;
	struct rnd_state random;
	unsigned long *used;
	unsigned long start[64];
	unsigned long nr[64];
	unsigned int runs;
};

/* Is there a place for @nr pages of which nobody holds one? */
static bool has_place(const struct churn *c, unsigned long nr)
{
	unsigned long page, run = 0, g;
	bool good = false;

	for (page = 0; page < GRANULES * c->granule; page++) {
		g = page / c->granule;
		if (!(page % c->granule))
			good = !test_bit(g, c->h->held);
		/* A ready page is had, also if the holder came later. */
		run = test_bit(page, c->used) ||
		      (!good && pgat_letter(c->h->p, BASE + page, 1) != 'r') ?
			0 : run + 1;
		if (run == nr)
			return true;
	}
	return false;
}

static void churn_alloc(struct churn *c)
{
	const unsigned long most = (pgat_below(&c->random, 8) ? 4 : 40) * c->granule;
	const unsigned long nr = 1 + pgat_below(&c->random, most);
	struct kunit *test = c->h->p->test;
	unsigned long pfn;
	int ret;

	if (c->runs == ARRAY_SIZE(c->nr))
		return;
	ret = ask(c->h, nr, &pfn);
	if (ret) {
		KUNIT_EXPECT_TRUE(test, ret == -EBUSY || ret == -ENOMEM);
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
	KUNIT_ASSERT_EQ(c->h->p->test, 0,
			pagealloc_free(c->h->p->pool, BASE + c->start[i], c->nr[i]));
	bitmap_clear(c->used, c->start[i], c->nr[i]);
	c->start[i] = c->start[c->runs];
	c->nr[i] = c->nr[c->runs];
}

static void churn_step(struct churn *c)
{
	unsigned long g, released;

	switch (pgat_below(&c->random, 8)) {
	case 0:
		g = pgat_below(&c->random, GRANULES);
		/* Somebody can only get frames that are not the pool's. */
		if (pgat_letter(c->h->p, BASE + g * c->granule, c->granule) == 'D')
			set_bit(g, c->h->held);
		break;
	case 1:
		clear_bit(pgat_below(&c->random, GRANULES), c->h->held);
		break;
	case 2:
		c->h->now += pgat_below(&c->random, 1000) * MSEC;
		break;
	case 3:
		KUNIT_EXPECT_EQ(c->h->p->test, 0,
				pagealloc_scavenge(c->h->p->pool,
						   pgat_length(&c->random, 20 * c->granule),
						   &released));
		break;
	case 4:
		churn_free(c);
		break;
	default:
		churn_alloc(c);
		break;
	}
}

/* A request fails only if there is no place for it that nobody holds. */
static void churn(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	const unsigned long nr = GRANULES * min(g->pages, 1024UL);
	struct churn *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct holder *h = test->priv;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	/* The model looks at each page. */
	if (g->pages > 1024)
		return;
	c->h = h;
	c->granule = g->pages;
	c->used = kunit_kzalloc(test, BITS_TO_LONGS(nr) * sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->used);
	c->random = pgat_random(test);
	setup(h, g->pages, GRANULES, 0);
	for (i = 0; i < (g->pages > 16 ? 400 : 4000); i++) {
		churn_step(c);
		if (!(i % 100)) {
			pgat_sound(h->p);
			pgat_alive();
		}
	}
	pgat_sound(h->p);
}

/* Thousands of held granules: all of the rest is had. */
static void thousands(struct kunit *test)
{
	struct holder *h = test->priv;
	struct pgat_pool *p = h->p;
	unsigned long pfn, nr = 0;

	pgat_pool_open_sim(p, 1, 0);
	pgat_pool_region(p, BASE, 8192);
	p->pool->clock = &h->clock;
	p->sim.fail_populate = 1;
	p->sim.fail_times = 4096;
	p->sim.fail_errno = -EBUSY;
	KUNIT_ASSERT_EQ(test, 0, ask(h, 1, &pfn));
	KUNIT_EXPECT_EQ(test, 4096UL, pgat_pages(p, PAGEALLOC_HELD));
	if (!pgat_is_span(p))
		KUNIT_EXPECT_EQ(test, BASE + 4096, pfn);
	while (!ask(h, 64, &pfn))
		nr++;
	pgat_sound(p);
	KUNIT_EXPECT_GE(test, nr, 8192UL / 64 - 1);
	KUNIT_EXPECT_LE(test, pgat_pages(p, PAGEALLOC_HELD), 64UL);
}

static struct kunit_case held_cases[] = {
	KUNIT_CASE_PARAM(rest_is_had, granule_gen_params),
	KUNIT_CASE_PARAM(backoff, granule_gen_params),
	KUNIT_CASE_PARAM(last_resort, granule_gen_params),
	KUNIT_CASE_PARAM(tried_once, granule_gen_params),
	KUNIT_CASE_PARAM(both_sides, granule_gen_params),
	KUNIT_CASE_PARAM(fixed_once, granule_gen_params),
	KUNIT_CASE(order_and_limit),
	KUNIT_CASE(no_record),
	KUNIT_CASE(memory_ends),
	KUNIT_CASE_PARAM(goes_back, granule_gen_params),
	KUNIT_CASE_PARAM(end_of_pool, granule_gen_params),
	KUNIT_CASE(available),
	KUNIT_CASE_PARAM(churn, granule_gen_params),
	KUNIT_CASE(thousands),
	{}
};

static struct kunit_suite held_suite = {
	.name = "pagealloc_held",
	.init = held_init,
	.test_cases = held_cases,
};
kunit_test_suite(held_suite);

MODULE_DESCRIPTION("Tests of pagealloc's held granules");
MODULE_LICENSE("GPL");
