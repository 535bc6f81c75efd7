// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of request.c, claim.c and protect.c: where a run is placed, what is populated
 * for it, the state after a failure, and which requests wait for others.
 *
 * The states of pages are written as text, see pgat_arrange().  A letter is half a
 * granule or a whole one, or a page if the granule is a page.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/module.h>

#include "lib/testpool.h"
#include "lib/wait.h"

#define BASE	(2 * PGA_INDEX_PAGES + (1UL << 20))

#define RF	PAGEALLOC_READY_FIRST

static const struct granule_case {
	const char *name;
	unsigned long pages;
} granule_cases[] = {
	{ "granule 1", 1 },
	{ "granule 2", 2 },
	{ "granule 16", 16 },
	{ "granule 64", 64 },
	{ "granule 512", 512 },
	{ "granule 1024", 1024 },
	{ "granule 8192", 8192 },
};
PGAT_ARRAY_PARAM(granule, granule_cases);

static int request_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

/* Open a pool of one region with its pages in the states of @text. */
static void setup(struct pgat_pool *p, unsigned long granule, unsigned int flags,
		  unsigned long cell, const char *text)
{
	pgat_pool_open(p, granule, flags);
	pgat_pool_region(p, BASE, strlen(text) * cell);
	pgat_arrange(p, BASE, cell, text);
	pgat_forget_calls(p);
}

/*
 * A request for @nr half granules.  @want is the first one that it gets, or -ENOMEM;
 * @after and @after_pages are the states afterwards with granules of two cells and of
 * one page, and @calls the populate calls.
 */
struct place_case {
	const char *name;
	const char *before;
	unsigned int nr;
	unsigned int flags;
	gfp_t gfp;
	int want;
	const char *after;
	const char *after_pages;
	unsigned int calls;
	bool first_fit;
};

static const struct place_case place_cases[] = {
	{ "lowest, discarded", "DDrr", 1, 0, GFP_KERNEL, 0, "urrr", "uDrr", 1, true },
	{ "ready first", "DDrr", 1, RF, GFP_KERNEL, 2, "DDur", NULL, 0 },
	{ "ready first, none fits", "DDrrDD", 3, RF, GFP_KERNEL, 0, "uuurDD", NULL, 1 },
	{ "ready first, higher", "urDDrr", 2, RF, GFP_KERNEL, 4, "urDDuu", NULL, 0 },
	{ "ready first, exact", "rruurrrr", 2, RF, GFP_KERNEL, 0, "uuuurrrr", NULL, 0 },
	{ "lowest, mixed", "uuDDrr", 3, 0, GFP_KERNEL, 2, "uuuuur", NULL, 1 },
	{ "lowest, ready", "rrDD", 1, 0, GFP_KERNEL, 0, "urDD", NULL, 0 },
	{ "rounded at the end", "urDDrr", 2, 0, GFP_KERNEL, 1, "uuurrr", "uuuDrr", 1, true },
	{ "exact", "urDDru", 4, 0, GFP_KERNEL, 1, "uuuuuu", NULL, 1 },
	{ "too long", "urDDru", 5, 0, GFP_KERNEL, -ENOMEM, "urDDru", NULL, 0 },
	{ "two parts", "DDrrDDrr", 5, 0, GFP_KERNEL, 0, "uuuuurrr", "uuuuuDrr", 2 },
	{ "neighbours at once", "DDDDDDDD", 7, 0, GFP_KERNEL, 0, "uuuuuuur", "uuuuuuuD", 1 },
	{ "all", "DDDDDDDD", 8, 0, GFP_KERNEL, 0, "uuuuuuuu", NULL, 1 },
	{ "full", "uuuu", 1, 0, GFP_KERNEL, -ENOMEM, "uuuu", NULL, 0 },
	{ "second place", "DDuuDDrr", 3, 0, GFP_KERNEL, 4, "DDuuuuur", NULL, 1 },
	{ "atomic", "DDrrDD", 2, 0, GFP_ATOMIC, 2, "DDuuDD", NULL, 0 },
	{ "atomic, none ready", "DDDD", 1, 0, GFP_ATOMIC, -ENOMEM, "DDDD", NULL, 0 },
	{ "atomic, not enough ready", "DDrrDD", 3, 0, GFP_ATOMIC, -ENOMEM, "DDrrDD", NULL, 0 },
	{ "atomic, higher", "DDrurrrr", 3, 0, GFP_NOWAIT, 4, "DDruuuur", NULL, 0 },
	{ "atomic, full", "uuuuDD", 1, 0, GFP_NOWAIT, -ENOMEM, "uuuuDD", NULL, 0 },
};

static void place_one(struct pgat_pool *p, const struct place_case *c,
		      unsigned long granule)
{
	const unsigned long cell = max(granule / 2, 1UL);
	const char *after = granule == 1 && c->after_pages ? c->after_pages : c->after;
	const int want = min(c->want, 0);
	unsigned long pfn = 0;
	int ret;

	if (!gfpflags_allow_blocking(c->gfp) && c->nr * cell > PAGEALLOC_ATOMIC_MAX)
		return;
	p->engine = NULL;
	if (c->first_fit)
		pgat_first_fit(p);
	setup(p, granule, c->flags, cell, c->before);
	ret = pagealloc_alloc(p->pool, c->nr * cell, c->gfp | __GFP_NOWARN, &pfn);
	KUNIT_EXPECT_EQ_MSG(p->test, ret, want, "%s", c->name);
	if (!ret)
		KUNIT_EXPECT_EQ_MSG(p->test, pfn, BASE + c->want * cell, "%s", c->name);
	pgat_looks_like(p, BASE, cell, after);
	KUNIT_EXPECT_EQ_MSG(p->test, c->calls, p->backing.count[PGAT_POPULATE],
			    "%s", c->name);
	pgat_sound(p);
	pgat_pool_close(p);
}

/* A run is placed by the policy, and only the granules that it needs are populated. */
static void placement(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(place_cases); i++)
		place_one(test->priv, &place_cases[i], g->pages);
}

/* Two places of seven granules, with discarded parts of one to four granules. */
#define SHAPE	"DDrDrDDuDDDDrDDDur"
#define RUN	7

/* No page is lost: the right number is in use, and all others can be allocated. */
static void expect_nothing_lost(struct pgat_pool *p, unsigned long granule, bool got)
{
	const unsigned long all = strlen(SHAPE) * granule;
	unsigned long pfn;

	pgat_sound(p);
	KUNIT_ASSERT_EQ(p->test, pgat_pages(p, PAGEALLOC_IN_USE),
			(2 + (got ? RUN : 0)) * granule);
	KUNIT_ASSERT_EQ(p->test, pgat_pages(p, PAGEALLOC_GROWN), all);
	pgat_free_all(p);
	p->pool->broken = false;
	memset(p->backing.fault, 0, sizeof(p->backing.fault));
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc(p->pool, all, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(p->test, pfn, BASE);
	pgat_sound(p);
}

/* Allocate with some calls failing; false if there were not enough calls to fail. */
static bool fail_at(struct pgat_pool *p, unsigned long granule,
		    struct pgat_fault fault)
{
	const unsigned long *count = &p->backing.count[PGAT_POPULATE];
	unsigned long pfn = 0;
	int ret;

	setup(p, granule, 0, granule, SHAPE);
	p->backing.fault[PGAT_POPULATE] = fault;
	ret = pagealloc_alloc(p->pool, RUN * granule, GFP_KERNEL | __GFP_NOWARN, &pfn);
	if (*count < fault.at)
		KUNIT_EXPECT_EQ(p->test, ret, 0);
	else if (fault.error != -ENOMEM && fault.error != -EBUSY)
		KUNIT_EXPECT_EQ(p->test, *count, fault.at);
	if (ret)
		KUNIT_EXPECT_EQ(p->test, ret, fault.error);
	expect_nothing_lost(p, granule, !ret);
	pgat_pool_close(p);
	return *count >= fault.at;
}

static void fail_everywhere(struct kunit *test, unsigned long times, int error)
{
	const struct granule_case *g = test->param_value;
	struct pgat_fault fault = { .times = times, .error = error };
	unsigned int points = 0;

	while (++fault.at < 100 && fail_at(test->priv, g->pages, fault))
		points++;
	kunit_info(test, "%d, %s: %u points\n", error,
		   times == 1 ? "once" : "from there on", points);
	KUNIT_EXPECT_GE(test, points, 4);
	KUNIT_EXPECT_LT(test, points, 99);
}

/* If any one populate of an allocation fails, no page is lost. */
static void failing_once(struct kunit *test)
{
	fail_everywhere(test, 1, -ENOMEM);
	fail_everywhere(test, 1, -EBUSY);
	fail_everywhere(test, 1, -EINTR);
	fail_everywhere(test, 1, -EIO);
}

/* If all populates from any one on fail, no page is lost. */
static void failing_from_then_on(struct kunit *test)
{
	fail_everywhere(test, ~0UL, -ENOMEM);
	fail_everywhere(test, ~0UL, -EBUSY);
	fail_everywhere(test, ~0UL, -EINTR);
}

/* If a populate fails but another place can be populated, the request succeeds. */
static void another_place(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	setup(p, 16, 0, 16, SHAPE);
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 2, 2, -EBUSY };
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, RUN * 16, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 8 * 16);
	pgat_looks_like(p, BASE, 16, "rrrHrDDuuuuuuuuDur");
	pgat_sound(p);
}

/* A backing that populates up to @limit granules in one call. */
struct halving_case {
	const char *name;
	unsigned long granules;
	unsigned long limit;
	const char *calls;	/* granules of each; '!' after those that fail */
};

static const struct halving_case halving_cases[] = {
	{ "all at once", 8, 8, "8" },
	{ "a half", 8, 7, "8!44" },
	{ "a quarter", 8, 3, "8!4!2222" },
	{ "an eighth", 8, 1, "8!4!2!11111111" },
	{ "an odd number", 7, 3, "7!4!2221" },
	{ "three", 3, 2, "3!21" },
	{ "three by one", 3, 1, "3!2!111" },
	{ "two", 2, 1, "2!11" },
};
PGAT_ARRAY_PARAM(halving, halving_cases);

static int fail_above_limit(struct pgat_backing *b, const struct pgat_call *call)
{
	const struct halving_case *c = b->arg;

	return call->nr > c->limit * b->granule ? -EBUSY : 0;
}

/* Granules that cannot be populated in one call are populated in halves. */
static void halving(struct kunit *test)
{
	const struct halving_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	char calls[2 * PGAT_TEXT_MAX];
	unsigned long pfn;

	setup(p, 64, 0, 64, "DDDDDDDDDD");
	p->backing.hook = fail_above_limit;
	p->backing.arg = (void *)c;
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_alloc(p->pool, c->granules * 64, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	pgat_describe_calls(p, calls);
	KUNIT_EXPECT_STREQ(test, calls, c->calls);
	pgat_sound(p);
}

/* An errno of the backing, its counter, and whether the backing is broken. */
struct error_case {
	const char *name;
	int error;
	enum pagealloc_stat counter;
	bool broken;
};

static const struct error_case error_cases[] = {
	{ "interrupted", -EINTR, PAGEALLOC_POPULATE_FAIL_INTR, false },
	{ "I/O error", -EIO, PAGEALLOC_POPULATE_FAIL_BROKEN, true },
	{ "invalid", -EINVAL, PAGEALLOC_POPULATE_FAIL_BROKEN, true },
	{ "again", -EAGAIN, PAGEALLOC_POPULATE_FAIL_BROKEN, true },
	{ "no space", -ENOSPC, PAGEALLOC_POPULATE_FAIL_BROKEN, true },
};
PGAT_ARRAY_PARAM(error, error_cases);

/*
 * After such an errno the request makes no second call.  A broken backing is not called
 * again, but ready pages are still allocated.
 */
static void errors(struct kunit *test)
{
	const struct error_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	const struct pgat_moved moved[] = {
		{ c->counter, 1 }, { PAGEALLOC_ALLOC_FAIL, 1 },
	};
	struct pagealloc_stats before;
	unsigned long pfn;
	int ret;

	setup(p, 16, 0, 16, "DDDDrD");
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1, c->error };
	pagealloc_stats(p->pool, &before);
	ret = pagealloc_alloc(p->pool, 64, GFP_KERNEL | __GFP_NOWARN, &pfn);
	KUNIT_EXPECT_TRUE_MSG(test, ret == (c->broken ? -EIO : c->error),
			      "%d", ret);
	pgat_moved(p, &before, moved, ARRAY_SIZE(moved));
	pgat_looks_like(p, BASE, 16, "DDDDrD");

	KUNIT_EXPECT_EQ(test, c->broken ? -EIO : 0,
			pagealloc_alloc(p->pool, 64, GFP_KERNEL | __GFP_NOWARN, &pfn));
	KUNIT_EXPECT_EQ(test, p->backing.count[PGAT_POPULATE], c->broken ? 1 : 2);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 16, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 64);
	pgat_sound(p);
}

/* 18 discarded parts, which is more than a claim has room for, and a second place. */
#define PARTS	"rDrDrDrDrDrDrDrDrDrDrDrDrDrDrDrDrDrD"
#define READY36	"rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
#define USED36	"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"

static int check_windows(struct pgat_backing *b, const struct pgat_call *call)
{
	struct pgat_pool *p = b->arg;
	const unsigned long claimed = b->count[PGAT_POPULATE] <= 16 ? 32 : 36;

	KUNIT_EXPECT_EQ(b->test, pgat_pages(p, PAGEALLOC_IN_TRANSITION),
			claimed * b->granule);
	return 0;
}

/* A run with many discarded parts is claimed and populated in windows. */
static void windows(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_first_fit(p);
	setup(p, 16, 0, 16, PARTS "u" READY36);
	p->backing.hook = check_windows;
	p->backing.arg = p;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 36 * 16, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	KUNIT_EXPECT_EQ(test, p->backing.count[PGAT_POPULATE], 18);
	pgat_looks_like(p, BASE, 16, USED36 "u" READY36);
	pgat_sound(p);
}

static int alloc_from_tail(struct pgat_backing *b, const struct pgat_call *call)
{
	struct pgat_pool *p = b->arg;
	unsigned long pfn;

	if (b->count[PGAT_POPULATE] == 5) {
		KUNIT_EXPECT_EQ(b->test, 0,
				pagealloc_alloc(p->pool, 16, GFP_ATOMIC, &pfn));
		KUNIT_EXPECT_EQ(b->test, pfn, BASE + 32 * 16);
	}
	return 0;
}

/* If another request takes pages not claimed yet, the request searches again. */
static void tail_taken(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_first_fit(p);
	setup(p, 16, 0, 16, PARTS "u" READY36);
	p->backing.hook = alloc_from_tail;
	p->backing.arg = p;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 36 * 16, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 37 * 16);
	KUNIT_EXPECT_EQ(test, p->backing.count[PGAT_POPULATE], 16);
	pgat_looks_like(p, BASE, 16,
			"rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrruDrDu" USED36);
	pgat_sound(p);
}

/* If a populate in the second window fails, the pages of the first stay ready. */
static void second_window_fails(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	setup(p, 16, 0, 16, PARTS);
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 17, 1, -EINTR };
	KUNIT_EXPECT_EQ(test, -EINTR,
			pagealloc_alloc(p->pool, 36 * 16, GFP_KERNEL | __GFP_NOWARN, &pfn));
	/* As much as was ready before. */
	KUNIT_EXPECT_EQ(test, 18 * 16UL, pgat_pages(p, PAGEALLOC_RETAINED));
	pgat_sound(p);
}

static int work_inside(struct pgat_backing *b, const struct pgat_call *call)
{
	struct pagealloc_mismatch mismatch;
	struct pgat_pool *p = b->arg;
	unsigned long pfn, released;

	if (call->what != PGAT_POPULATE || call->pfn != BASE)
		return 0;
	KUNIT_EXPECT_EQ(b->test, 0, pagealloc_check(p->pool, &mismatch, 1));
	KUNIT_EXPECT_EQ(b->test, 32, pgat_pages(p, PAGEALLOC_IN_TRANSITION));
	KUNIT_EXPECT_EQ(b->test, -EINVAL, pagealloc_free(p->pool, BASE, 1));
	KUNIT_EXPECT_EQ(b->test, -EINVAL, pagealloc_free(p->pool, BASE + 31, 2));
	KUNIT_EXPECT_EQ(b->test, 0, pagealloc_free(p->pool, BASE + 32, 16));
	KUNIT_EXPECT_EQ(b->test, 0, pagealloc_alloc(p->pool, 8, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(b->test, pfn, BASE + 32);
	KUNIT_EXPECT_EQ(b->test, 0, pagealloc_alloc(p->pool, 16, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(b->test, pfn, BASE + 40);
	KUNIT_EXPECT_EQ(b->test, 0, pagealloc_scavenge(p->pool, 1, &released));
	KUNIT_EXPECT_EQ(b->test, released, 16);
	return 0;
}

/* During a populate the pool can be checked, and can serve other calls. */
static void inside_populate(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_first_fit(p);
	setup(p, 16, 0, 16, "DDuDrr");
	p->backing.hook = work_inside;
	p->backing.arg = p;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 30, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	pgat_looks_like(p, BASE, 8, "uuu?uuurrrDD");
	KUNIT_EXPECT_EQ(test, 2, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
}

/* A call of the backing that waits until the test completes @go. */
struct gate {
	struct completion inside;
	struct completion go;
	enum pgat_what what;
	int ret;
	bool used;
};

static int stop_at_gate(struct pgat_backing *b, const struct pgat_call *call)
{
	struct gate *gate = b->arg;

	if (gate->used || call->what != gate->what)
		return 0;
	gate->used = true;
	complete(&gate->inside);
	wait_for_completion(&gate->go);
	return gate->ret;
}

static void close_gate(struct pgat_pool *p, struct gate *gate)
{
	init_completion(&gate->inside);
	init_completion(&gate->go);
	p->backing.hook = stop_at_gate;
	p->backing.arg = gate;
}

/* A request in a thread of its own, and its result. */
struct request {
	struct pgat_thread thread;
	struct pgat_pool *p;
	unsigned long nr;
	unsigned long pfn;
	const bool *go;
	bool done;
};

static int ask(void *arg)
{
	struct request *a = arg;
	const int ret = pagealloc_alloc(a->p->pool, a->nr,
					GFP_KERNEL | __GFP_NOWARN, &a->pfn);

	WRITE_ONCE(a->done, true);
	return ret;
}

static int scavenge(void *arg)
{
	struct request *a = arg;
	unsigned long released;

	return pagealloc_scavenge(a->p->pool, a->nr, &released);
}

/* The request still waits after a time in which it could have finished. */
static void expect_waiting(struct kunit *test, struct request *a)
{
	msleep(30);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(a->done));
}

/* A request that finds no place waits for a populate, and gets its pages. */
static void wait_for_populate(struct kunit *test)
{
	struct gate gate = { .what = PGAT_POPULATE, .ret = -EINTR };
	struct pgat_pool *p = test->priv;
	struct request a = { .p = p, .nr = 48 }, b = { .p = p, .nr = 32 };
	unsigned long pfn;

	setup(p, 16, 0, 16, "DDDD");
	close_gate(p, &gate);
	pgat_thread_start(test, &a.thread, ask, &a);
	wait_for_completion(&gate.inside);
	pgat_thread_start(test, &b.thread, ask, &b);
	expect_waiting(test, &b);
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc(p->pool, 1, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, 1, pgat_stat(p, PAGEALLOC_ATOMIC_FAIL));

	complete(&gate.go);
	KUNIT_EXPECT_EQ(test, -EINTR, pgat_thread_join(&a.thread));
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&b.thread));
	KUNIT_EXPECT_EQ(test, b.pfn, BASE);
	pgat_looks_like(p, BASE, 16, "uuDD");
	pgat_sound(p);
}

/* A request that finds no place waits for a discard. */
static void wait_for_discard(struct kunit *test)
{
	struct gate gate = { .what = PGAT_DISCARD };
	struct pgat_pool *p = test->priv;
	struct request a = { .p = p, .nr = PAGEALLOC_ALL }, b = { .p = p, .nr = 10 };

	setup(p, 16, 0, 16, "rrrr");
	close_gate(p, &gate);
	pgat_thread_start(test, &a.thread, scavenge, &a);
	wait_for_completion(&gate.inside);
	pgat_thread_start(test, &b.thread, ask, &b);
	expect_waiting(test, &b);

	complete(&gate.go);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&a.thread));
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&b.thread));
	KUNIT_EXPECT_EQ(test, b.pfn, BASE);
	pgat_free_all(p);
	pgat_looks_like(p, BASE, 16, "rDDD");
	pgat_sound(p);
}

/* A request that finds no place waits for the growth by another request. */
static void wait_for_growth(struct kunit *test)
{
	struct gate gate = { .what = PGAT_POPULATE };
	struct pgat_pool *p = test->priv;
	struct request a = { .p = p, .nr = 3 }, b = { .p = p, .nr = 5 };

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE + 8, 8 + 64);
	close_gate(p, &gate);
	pgat_thread_start(test, &a.thread, ask, &a);
	wait_for_completion(&gate.inside);
	pgat_thread_start(test, &b.thread, ask, &b);
	expect_waiting(test, &b);

	complete(&gate.go);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&a.thread));
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&b.thread));
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_IN_USE), 8);
	pgat_sound(p);
}

/* A fatal signal ends the wait of a request, and does not affect others. */
static void killed_while_waiting(struct kunit *test)
{
	struct gate gate = { .what = PGAT_POPULATE };
	struct pgat_pool *p = test->priv;
	struct request a = { .p = p, .nr = 48 }, b = { .p = p, .nr = 32 };

	setup(p, 16, 0, 16, "DDDD");
	close_gate(p, &gate);
	pgat_thread_start(test, &a.thread, ask, &a);
	wait_for_completion(&gate.inside);
	pgat_thread_start(test, &b.thread, ask, &b);
	expect_waiting(test, &b);
	pgat_thread_kill(&b.thread);
	KUNIT_EXPECT_EQ(test, -EINTR, pgat_thread_join(&b.thread));
	KUNIT_EXPECT_EQ(test, 0, pgat_stat(p, PAGEALLOC_POPULATE_FAIL_INTR));

	complete(&gate.go);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&a.thread));
	pgat_looks_like(p, BASE, 16, "uuuD");
	pgat_sound(p);
}

/**
 * struct relay - two threads, of which one always has an operation in flight
 * @p: the pool
 * @clock: its clock
 * @now: the time in seconds; each reading adds one
 * @entered: calls of the backing by each thread
 * @stop: the threads should end
 */
struct relay {
	struct pgat_pool *p;
	struct pga_clock clock;
	atomic64_t now;
	unsigned int entered[2];
	bool stop;
};

struct relay_task {
	struct pgat_thread thread;
	struct relay *relay;
	unsigned int nr;
};

static u64 relay_now(const struct pga_clock *clock)
{
	struct relay *r = container_of(clock, struct relay, clock);

	return atomic64_inc_return(&r->now) * NSEC_PER_SEC;
}

/* A call ends when the other thread is in a call that began later. */
static int relay_protect(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pgat_backing *b = ctx;
	struct relay *r = b->arg;
	const unsigned int i = pfn != BASE;
	const unsigned int turn = ++r->entered[i] + i;

	while (READ_ONCE(r->entered[!i]) < turn && !READ_ONCE(r->stop))
		usleep_range(10, 50);
	return 0;
}

static int run_relay(void *arg)
{
	struct relay_task *task = arg;
	struct relay *r = task->relay;
	int ret = 0;

	while (!READ_ONCE(r->stop) && !ret)
		ret = pagealloc_protect(r->p->pool, BASE + 32 * task->nr, 16);
	return ret;
}

/* A request stops waiting even if useless operations are always in flight. */
static void wait_limited(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct relay r = { .p = p, .clock = { relay_now, relay_now } };
	struct relay_task task[2] = { { .relay = &r, .nr = 0 }, { .relay = &r, .nr = 1 } };
	struct request a = { .p = p, .nr = 32 };
	struct pagealloc_backing_ops ops;
	const struct pga_clock *clock;
	unsigned int i;

	setup(p, 16, 0, 16, "DuDu");
	clock = p->pool->clock;
	ops = *p->pool->ops;
	ops.protect = relay_protect;
	p->pool->ops = &ops;
	p->pool->clock = &r.clock;
	p->backing.arg = &r;
	for (i = 0; i < 2; i++)
		pgat_thread_start(test, &task[i].thread, run_relay, &task[i]);
	while (READ_ONCE(r.entered[1]) < 2)
		usleep_range(10, 50);

	pgat_thread_start(test, &a.thread, ask, &a);
	KUNIT_EXPECT_TRUE(test, pgat_wait_for(READ_ONCE(a.done)));
	/* The request has read the clock once a second for ten seconds. */
	KUNIT_EXPECT_EQ(test, 11LL, atomic64_read(&r.now));
	WRITE_ONCE(r.stop, true);
	KUNIT_EXPECT_EQ(test, -ENOMEM, pgat_thread_join(&a.thread));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&task[i].thread));
	p->pool->ops = &pgat_backing_ops;
	p->pool->clock = clock;
	p->backing.arg = NULL;
	pgat_looks_like(p, BASE, 16, "DuDu");
	pgat_sound(p);
}

/* A request that has waited too long still searches again before it gives up. */
static void wait_long(struct kunit *test)
{
	struct gate gate = { .what = PGAT_DISCARD };
	struct pgat_pool *p = test->priv;
	struct relay r = { .p = p, .clock = { relay_now, relay_now } };
	struct request a = { .p = p, .nr = PAGEALLOC_ALL }, b = { .p = p, .nr = 10 };
	const struct pga_clock *clock;

	setup(p, 16, 0, 16, "rrrr");
	clock = p->pool->clock;
	p->pool->clock = &r.clock;
	close_gate(p, &gate);
	pgat_thread_start(test, &a.thread, scavenge, &a);
	wait_for_completion(&gate.inside);
	pgat_thread_start(test, &b.thread, ask, &b);
	expect_waiting(test, &b);
	atomic64_add(3600, &r.now);
	complete(&gate.go);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&a.thread));
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&b.thread));
	p->pool->clock = clock;
	pgat_free_all(p);
	pgat_sound(p);
}

/* A request stops waiting for an operation that is stuck. */
static void wait_for_stuck(struct kunit *test)
{
	struct gate gate = { .what = PGAT_POPULATE };
	struct pgat_pool *p = test->priv;
	struct relay r = { .p = p, .clock = { relay_now, relay_now } };
	struct request a = { .p = p, .nr = 48 }, b = { .p = p, .nr = 32 };
	const struct pga_clock *clock;

	setup(p, 16, 0, 16, "DDDD");
	clock = p->pool->clock;
	p->pool->clock = &r.clock;
	close_gate(p, &gate);
	pgat_thread_start(test, &a.thread, ask, &a);
	wait_for_completion(&gate.inside);
	pgat_thread_start(test, &b.thread, ask, &b);
	expect_waiting(test, &b);
	atomic64_add(3600, &r.now);
	KUNIT_EXPECT_TRUE(test, pgat_wait_for(READ_ONCE(b.done)));
	complete(&gate.go);
	KUNIT_EXPECT_EQ(test, -ENOMEM, pgat_thread_join(&b.thread));
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&a.thread));
	p->pool->clock = clock;
	pgat_looks_like(p, BASE, 16, "uuuD");
	pgat_sound(p);
}

/* Two requests populate different granules at the same time. */
static void populate_at_once(struct kunit *test)
{
	struct gate gate = { .what = PGAT_POPULATE };
	struct pgat_pool *p = test->priv;
	struct request a = { .p = p, .nr = 16 };
	unsigned long pfn;

	setup(p, 16, 0, 16, "DDDD");
	close_gate(p, &gate);
	pgat_thread_start(test, &a.thread, ask, &a);
	wait_for_completion(&gate.inside);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 32, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 16);
	complete(&gate.go);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&a.thread));
	pgat_looks_like(p, BASE, 16, "uuuD");
	pgat_sound(p);
}

/* Make a request at the same moment as the other threads. */
static int ask_together(void *arg)
{
	struct request *a = arg;

	while (!READ_ONCE(*a->go))
		cond_resched();
	return ask(a);
}

#define RACES	200
#define RACERS	2

/* A request that needs growth does not fail because another request grows the pool. */
static void growth_race(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct request a[RACERS];
	unsigned int round, i;
	bool go;

	for (round = 0; round < RACES; round++) {
		pgat_pool_open(p, 16, 0);
		pgat_pool_region(p, BASE, RACERS * 16);
		go = false;
		for (i = 0; i < RACERS; i++) {
			a[i] = (struct request) { .p = p, .nr = 16, .go = &go };
			pgat_thread_start(test, &a[i].thread, ask_together, &a[i]);
		}
		WRITE_ONCE(go, true);
		for (i = 0; i < RACERS; i++)
			KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&a[i].thread));
		pgat_looks_like(p, BASE, 16, "uu");
		pgat_pool_close(p);
	}
}

static bool always(void *ctx)
{
	return true;
}

static int allow(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	return 0;
}

/*
 * If the backing populates zeroed pages, a run is not zeroed if all of it has just been
 * populated.  Pages that were ready may have been used before.
 */
static void known_zero(struct kunit *test)
{
	static const struct {
		const char *name;
		const char *before;
		unsigned int nr;
		bool zeroed;
	} cases[] = {
		{ "all discarded", "DDDD", 3, false },
		{ "all ready", "rrrr", 3, true },
		{ "ready, then discarded", "rDDD", 4, true },
		{ "discarded, then ready", "DDrr", 4, true },
		{ "discarded, ready, discarded", "DrDD", 4, true },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_backing_ops ops;
	unsigned long pfn;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		setup(p, 1, 0, 1, cases[i].before);
		ops = *p->pool->ops;
		ops.populates_zero = always;
		p->pool->ops = &ops;
		KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, cases[i].nr,
							 GFP_KERNEL | __GFP_ZERO, &pfn));
		KUNIT_EXPECT_EQ_MSG(test, p->backing.count[PGAT_ZERO],
				    cases[i].zeroed, "%s", cases[i].name);
		p->pool->ops = &pgat_backing_ops;
		pgat_free_all(p);
		pgat_pool_close(p);
	}
}

/* Only discarded pages can be protected; for others the call is refused and counted. */
static void protect(struct kunit *test)
{
	static const struct {
		const char *name;
		unsigned long start, nr;
		int want;
		unsigned int bad;
	} cases[] = {
		{ "a discarded granule", 0, 16, 0, 0 },
		{ "two discarded granules", 0, 32, 0, 0 },
		{ "a granule in use", 32, 16, -EBUSY, 1 },
		{ "a ready granule", 48, 16, -EBUSY, 1 },
		{ "discarded and in use", 16, 32, -EBUSY, 1 },
		{ "half a granule", 0, 8, -EINVAL, 0 },
		{ "not on a granule", 8, 16, -EINVAL, 0 },
		{ "no pages", 0, 0, -EINVAL, 0 },
		{ "outside the pool", 1UL << 20, 16, -ERANGE, 0 },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_backing_ops ops;
	unsigned int i;
	u64 bad;

	setup(p, 16, 0, 16, "DDur");
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, pagealloc_protect(p->pool, BASE, 16));
	ops = *p->pool->ops;
	ops.protect = allow;
	p->pool->ops = &ops;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bad = pgat_stat(p, PAGEALLOC_BAD_TRANSITION);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].want,
				    pagealloc_protect(p->pool, BASE + cases[i].start,
						      cases[i].nr),
				    "%s", cases[i].name);
		KUNIT_EXPECT_EQ_MSG(test, bad + cases[i].bad,
				    pgat_stat(p, PAGEALLOC_BAD_TRANSITION), "%s",
				    cases[i].name);
		pgat_looks_like(p, BASE, 16, "DDur");
	}
	p->pool->ops = &pgat_backing_ops;
	pgat_free_all(p);
	pgat_sound(p);
}

/* Pages populated beside a run do not count as populated for the run. */
static void known_zero_beside(struct kunit *test)
{
	static const struct {
		const char *name;
		const char *before;
		unsigned long low;
		bool zeroed;
	} cases[] = {
		{ "as many before as are ready", "DDDDrr", 1, true },
		{ "all discarded, and one before", "DDDDDD", 1, false },
		{ "all discarded, and one behind", "DDDDDD", 0, false },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_backing_ops ops;
	unsigned long pfn;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct pagealloc_request request = {
			.nr_pages = 4 - !cases[i].zeroed,
			.low = BASE + cases[i].low,
			.flags = PAGEALLOC_FIXED,
		};

		setup(p, 2, 0, 1, cases[i].before);
		ops = *p->pool->ops;
		ops.populates_zero = always;
		p->pool->ops = &ops;
		KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc_range(p->pool, &request,
							       GFP_KERNEL | __GFP_ZERO,
							       &pfn));
		KUNIT_EXPECT_EQ_MSG(test, p->backing.count[PGAT_ZERO],
				    cases[i].zeroed, "%s", cases[i].name);
		p->pool->ops = &pgat_backing_ops;
		pgat_free_all(p);
		pgat_pool_close(p);
	}
}

/* Pages populated at another place do not count as populated for the run either. */
static void known_zero_elsewhere(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_backing_ops ops;
	unsigned long pfn;

	pgat_first_fit(p);
	setup(p, 1, 0, 1, "DDDurrrr");
	ops = *p->pool->ops;
	ops.populates_zero = always;
	p->pool->ops = &ops;
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 2, -EBUSY };
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 3, GFP_KERNEL | __GFP_ZERO,
						 &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 4);
	KUNIT_EXPECT_EQ(test, p->backing.count[PGAT_ZERO], 1);
	p->pool->ops = &pgat_backing_ops;
	pgat_sound(p);
}

/* A request that may sleep, and leaves the floor alone. */
struct floor_case {
	const char *name;
	const char *before;
	unsigned int nr;	/* cells, as all figures */
	unsigned int flags;
	const char *after;
	unsigned int floor;
	unsigned int populates;
};

static const struct floor_case floor_cases[] = {
	{ "above the floor", "rrrDDD", 1, 0, "urrDDD", 2, 0 },
	{ "lowest, ready", "rrDDDD", 2, 0, "uurrDD", 2, 2 },
	{ "ready first", "DDDDrr", 1, RF, "uDDDrr", 2, 1 },
	{ "partly ready", "rDDDDD", 3, 0, "uuurDD", 1, 3 },
	{ "all discarded", "uDDDrr", 3, 0, "uuuurr", 2, 1 },
	{ "below the floor", "rDDDDD", 1, 0, "urrrDD", 3, 3 },
	{ "not to be had", "rruuuu", 1, 0, "uruuuu", 2, 0 },
	{ "not all to be had", "rrDuuu", 2, 0, "uuruuu", 2, 1 },
};
PGAT_ARRAY_PARAM(floor, floor_cases);

/* In each populate, requests that may not sleep have the floor. */
static int take_floor(struct pgat_backing *backing, const struct pgat_call *call)
{
	const unsigned long *floor = backing->arg;
	struct pgat_pool *p = container_of(backing, struct pgat_pool, backing);
	unsigned long *pfns;

	if (call->what != PGAT_POPULATE)
		return 0;
	pfns = kunit_kcalloc(p->test, *floor, sizeof(*pfns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(p->test, pfns);
	KUNIT_EXPECT_EQ(p->test, 0,
			pagealloc_alloc_bulk(p->pool, *floor, GFP_ATOMIC, pfns));
	KUNIT_EXPECT_EQ(p->test, 0, pagealloc_free_bulk(p->pool, *floor, pfns));
	return 0;
}

static unsigned long ready_pages(struct pgat_pool *p)
{
	return pgat_pages(p, PAGEALLOC_IDLE) - pgat_pages(p, PAGEALLOC_RELEASED);
}

/* Open a pool with a floor; *@ready is how much of it atomic requests must find. */
static void setup_floor(struct pgat_pool *p, const struct floor_case *c,
			unsigned long *ready)
{
	pgat_first_fit(p);
	setup(p, 64, c->flags, 64, c->before);
	p->pool->tuning.min_ready = c->floor * 64UL;
	*ready = min(ready_pages(p), c->floor * 64UL);
	p->backing.arg = ready;
	p->backing.hook = take_floor;
}

/* Before a request takes pages from the floor, it populates as much elsewhere. */
static void keep_floor(struct kunit *test)
{
	const struct floor_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	unsigned long ready, pfn;

	setup_floor(p, c, &ready);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, c->nr * 64UL, GFP_KERNEL, &pfn));
	p->backing.hook = NULL;
	pgat_looks_like(p, BASE, 64, c->after);
	KUNIT_EXPECT_EQ(test, (unsigned long)c->populates,
			p->backing.count[PGAT_POPULATE]);
	pgat_sound(p);
}

/* The same for many single pages. */
static void keep_floor_singles(struct kunit *test)
{
	const struct floor_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	unsigned long ready, *pfns;

	pfns = kunit_kcalloc(test, c->nr * 64, sizeof(*pfns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pfns);
	setup_floor(p, c, &ready);
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_alloc_bulk(p->pool, c->nr * 64UL, GFP_KERNEL, pfns));
	p->backing.hook = NULL;
	KUNIT_EXPECT_GE(test, ready_pages(p),
			strchr(c->after, 'D') ? c->floor * 64UL : ready - 64);
	pgat_sound(p);
}

/* If nothing can be populated, the request takes the floor; others do not try at once. */
static void floor_fails(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_first_fit(p);
	setup(p, 64, 0, 64, "rrrDD");
	p->pool->tuning.min_ready = 3 * 64;
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1, -ENOMEM };
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 64, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, BASE, pfn);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 64, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, BASE + 64, pfn);
	KUNIT_EXPECT_EQ(test, 1UL, p->backing.count[PGAT_POPULATE]);
	/* The back-off is over. */
	p->pool->floor.due = 0;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 64, GFP_KERNEL, &pfn));
	pgat_looks_like(p, BASE, 64, "uuurr");
	KUNIT_EXPECT_EQ(test, 3UL, p->backing.count[PGAT_POPULATE]);
	pgat_sound(p);
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE_PARAM(placement, granule_gen_params),
	KUNIT_CASE_PARAM(failing_once, granule_gen_params),
	KUNIT_CASE_PARAM(failing_from_then_on, granule_gen_params),
	KUNIT_CASE(another_place),
	KUNIT_CASE_PARAM(halving, halving_gen_params),
	KUNIT_CASE_PARAM(errors, error_gen_params),
	KUNIT_CASE(windows),
	KUNIT_CASE(tail_taken),
	KUNIT_CASE(second_window_fails),
	KUNIT_CASE(inside_populate),
	KUNIT_CASE(wait_for_populate),
	KUNIT_CASE(wait_for_discard),
	KUNIT_CASE(wait_for_growth),
	KUNIT_CASE(killed_while_waiting),
	KUNIT_CASE(wait_limited),
	KUNIT_CASE(wait_long),
	KUNIT_CASE(wait_for_stuck),
	KUNIT_CASE(populate_at_once),
	KUNIT_CASE(growth_race),
	KUNIT_CASE(known_zero),
	KUNIT_CASE(known_zero_beside),
	KUNIT_CASE(known_zero_elsewhere),
	KUNIT_CASE_PARAM(keep_floor, floor_gen_params),
	KUNIT_CASE_PARAM(keep_floor_singles, floor_gen_params),
	KUNIT_CASE(floor_fails),
	KUNIT_CASE(protect),
	{}
};

static struct kunit_suite request_suite = {
	.name = "pagealloc_request",
	.init = request_init,
	.test_cases = request_cases,
};
kunit_test_suite(request_suite);

MODULE_DESCRIPTION("Tests of pagealloc's requests");
MODULE_LICENSE("GPL");
