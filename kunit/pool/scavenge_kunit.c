// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of scavenge.c: which pages a scavenge discards, in which order, and what it
 * does when the backing refuses some of them.
 *
 * The states of pages are written as text, see pgat_arrange().
 */

#include <linux/module.h>

#include "lib/testpool.h"

#define BASE	(2 * PGA_INDEX_PAGES + (1UL << 20))

static const struct granule_case {
	const char *name;
	unsigned long pages;
} granule_cases[] = {
	{ "granule 1", 1 },
	{ "granule 2", 2 },
	{ "granule 16", 16 },
	{ "granule 64", 64 },
	{ "granule 128", 128 },
	{ "granule 256", 256 },
	{ "granule 512", 512 },
	{ "granule 1024", 1024 },
	{ "granule 8192", 8192 },
};
PGAT_ARRAY_PARAM(granule, granule_cases);

static int scavenge_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

/* Open a pool of one region with its pages in the states of @text. */
static void setup(struct pgat_pool *p, unsigned long granule, unsigned long cell,
		  const char *text)
{
	pgat_pool_open(p, granule, 0);
	pgat_pool_region(p, BASE, strlen(text) * cell);
	pgat_arrange(p, BASE, cell, text);
	pgat_forget_calls(p);
}

/* The states before and after a scavenge of some granules; a cell is half a granule. */
struct amount_case {
	const char *name;
	const char *before;
	unsigned int granules;	/* 0: all */
	unsigned int released;
	const char *after;
	const char *after_span;	/* for the span engine, if different */
};

static const struct amount_case amount_cases[] = {
	{ "one", "rrrrrrrr", 1, 1, "rrrrrrDD" },
	{ "two", "rrrrrrrr", 2, 2, "rrrrDDDD" },
	{ "as many as there are", "rrrrrrrr", 4, 4, "DDDDDDDD" },
	{ "more than there are", "rrrrrrrr", 9, 4, "DDDDDDDD" },
	{ "all", "rrrrrrrr", 0, 4, "DDDDDDDD" },
	{ "used pages in between", "rrrruurr", 2, 2, "rrDDuuDD", "DDDDuurr" },
	{ "discarded pages in between", "rrrrDDrr", 2, 2, "rrDDDDDD", "DDDDDDrr" },
	{ "half granules stay", "rrrurrurrr", 0, 3, "DDruDDurDD" },
	{ "only half granules", "ururruur", 0, 0, "ururruur" },
	{ "all in use", "uuuuuu", 0, 0, "uuuuuu" },
	{ "all discarded", "DDDDDD", 0, 0, "DDDDDD" },
	{ "only the lowest is ready", "rruuuuDD", 1, 1, "DDuuuuDD" },
};

static void amount_one(struct pgat_pool *p, const struct amount_case *c,
		       unsigned long granule)
{
	unsigned long released = 12345;
	const struct pgat_moved moved[] = {
		{ PAGEALLOC_RETAINED, -(s64)(c->released * granule * PAGE_SIZE) },
		{ PAGEALLOC_RELEASED, c->released * granule * PAGE_SIZE },
		{ PAGEALLOC_SCAVENGED_REQUEST, c->released * granule * PAGE_SIZE },
		{ PAGEALLOC_DISCARD_PAGES, c->released * granule },
	};
	struct pagealloc_stats before;

	setup(p, granule, granule / 2, c->before);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(p->test, 0,
			pagealloc_scavenge(p->pool, c->granules ?
					   c->granules * granule : PAGEALLOC_ALL,
					   &released));
	KUNIT_EXPECT_EQ_MSG(p->test, released, c->released * granule, "%s", c->name);
	pgat_looks_like(p, BASE, granule / 2,
			pgat_is_span(p) && c->after_span ? c->after_span : c->after);
	before.value[PAGEALLOC_DISCARD] += p->backing.count[PGAT_DISCARD];
	pgat_moved(p, &before, moved, ARRAY_SIZE(moved));
	pgat_sound(p);
	pgat_pool_close(p);
}

/* The highest granules that are free and ready are discarded, as many as wanted. */
static void amounts(struct kunit *test)
{
	const struct granule_case *g = test->param_value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(amount_cases) && g->pages > 1; i++)
		amount_one(test->priv, &amount_cases[i], g->pages);
}

/* The pages wanted are rounded up to a granule. */
static void rounding(struct kunit *test)
{
	const unsigned long granule = ((struct granule_case *)test->param_value)->pages;
	struct pgat_pool *p = test->priv;
	unsigned long released;

	setup(p, granule, granule, "urrrrrrr");
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, 1, &released));
	KUNIT_EXPECT_EQ(test, released, granule);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, granule + 1, &released));
	KUNIT_EXPECT_EQ(test, released, 2 * granule);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, granule, &released));
	KUNIT_EXPECT_EQ(test, released, granule);
	pgat_looks_like(p, BASE, granule, "urrrDDDD");
	pgat_sound(p);
}

#define CELLS	6

/* Write the states of six granules: the digits of @n with base 3. */
static void nth_text(unsigned int n, char *text)
{
	unsigned int i;

	for (i = 0; i < CELLS; i++, n /= 3)
		text[i] = "urD"[n % 3];
	text[CELLS] = '\0';
}

/* The first cell of the highest row of ready cells, or of the longest row. */
static int next_row(const char *text, bool longest, unsigned int *nr)
{
	unsigned int i, run = 0, at = CELLS;

	for (i = 0, *nr = 0; i < CELLS; i++) {
		run = text[i] == 'r' ? run + 1 : 0;
		if (!run || (longest && run < *nr))
			continue;
		*nr = run;
		at = i + 1 - run;
	}
	return at;
}

/*
 * Predict the states after a scavenge of @nr granules; returns the granules discarded.
 * The bitmap engine takes the highest row first, the span engine the longest.
 */
static unsigned int predict(char *text, unsigned int nr, bool longest)
{
	unsigned int done = 0, at, run, i;

	while (done < nr) {
		at = next_row(text, longest, &run);
		if (at == CELLS)
			break;
		for (i = at + run; i > at && done < nr; i--, done++)
			text[i - 1] = 'D';
	}
	return done;
}

/* A scavenge of any amount, on any arrangement of six granules, is as predicted. */
static void exhaustive(struct kunit *test)
{
	static const unsigned long granules[] = { 16, 512 };
	struct pgat_pool *p = test->priv;
	unsigned long released, granule;
	unsigned int i, n, nr, want;
	char text[CELLS + 1];

	for (i = 0; i < ARRAY_SIZE(granules); i++) {
		granule = granules[i];
		setup(p, granule, granule, "rrrrrr");
		for (n = 0; n < 729; n++) {
			for (nr = 1; nr <= CELLS; nr++) {
				nth_text(n, text);
				pgat_free_all(p);
				pgat_arrange(p, BASE, granule, text);
				KUNIT_EXPECT_EQ(test, 0,
						pagealloc_scavenge(p->pool, nr * granule,
								   &released));
				want = predict(text, nr, pgat_is_span(p));
				KUNIT_EXPECT_EQ(test, released, want * granule);
				pgat_looks_like(p, BASE, granule, text);
			}
			pgat_sound(p);
		}
		pgat_pool_close(p);
	}
}

/* Adjacent granules of a chunk are discarded by one call; a call is for one chunk. */
static void calls(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	const struct pgat_call *call = p->backing.log;
	unsigned long released;

	pgat_first_fit(p);
	setup(p, 64, 64, "rrrrrrrrrrrurrrr");
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, 9 * 64, &released));
	KUNIT_EXPECT_EQ(test, released, 15 * 64);
	KUNIT_ASSERT_EQ(test, p->backing.nr_log, 3);
	KUNIT_EXPECT_EQ(test, call[0].pfn, BASE + 12 * 64);
	KUNIT_EXPECT_EQ(test, call[0].nr, 4 * 64);
	KUNIT_EXPECT_EQ(test, call[1].pfn, BASE + 8 * 64);
	KUNIT_EXPECT_EQ(test, call[1].nr, 3 * 64);
	KUNIT_EXPECT_EQ(test, call[2].nr, 8 * 64);
	pgat_sound(p);
}

/* A huge page that is all free and ready is discarded as a whole, others in parts. */
static void huge_pages(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long released;

	pgat_first_fit(p);
	setup(p, 16, 256, "rrurrr");
	KUNIT_ASSERT_EQ(test, p->pool->huge, 512);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, 16, &released));
	KUNIT_EXPECT_EQ(test, released, 512);
	pgat_looks_like(p, BASE, 256, "rrurDD");
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, 16, &released));
	KUNIT_EXPECT_EQ(test, released, 16);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, 241, &released));
	KUNIT_EXPECT_EQ(test, released, 240 + 512);
	pgat_looks_like(p, BASE, 256, "DDuDDD");
	pgat_sound(p);
}

/* A discard fails, each one in turn: the scavenge goes on, and returns the errno. */
static void failing(struct kunit *test)
{
	const unsigned long granule = 512;
	struct pgat_pool *p = test->priv;
	unsigned long released, n;
	char text[] = "DDDDDD";

	for (n = 1; n <= 6; n++) {
		setup(p, granule, granule, "rrrrrr");
		p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) { n, 1, -EBUSY };
		KUNIT_EXPECT_EQ(test, -EBUSY,
				pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
		KUNIT_EXPECT_EQ(test, released, 5 * granule);
		KUNIT_EXPECT_EQ(test, 1, pgat_stat(p, PAGEALLOC_DISCARD_FAIL));
		text[6 - n] = 'r';
		pgat_looks_like(p, BASE, granule, text);
		text[6 - n] = 'D';
		pgat_sound(p);
		pgat_pool_close(p);
	}
}

/* In place of granules that cannot be discarded, as many others are. */
static void failing_takes_others(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long released;

	setup(p, 512, 512, "rrrrrr");
	p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) { 1, 2, -EIO };
	KUNIT_EXPECT_EQ(test, -EIO, pagealloc_scavenge(p->pool, 1024, &released));
	KUNIT_EXPECT_EQ(test, released, 1024);
	pgat_looks_like(p, BASE, 512, "rrDDrr");
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, 1024, &released));
	pgat_looks_like(p, BASE, 512, "rrDDDD");
	pgat_sound(p);
}

/* If all discards fail, each granule is tried once, and nothing changes. */
static void failing_always(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long released;

	setup(p, 1024, 1024, "rrrrrr");
	p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) { 1, ~0UL, -EBUSY };
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, 0);
	KUNIT_EXPECT_EQ(test, p->backing.count[PGAT_DISCARD], 6);
	pgat_looks_like(p, BASE, 1024, "rrrrrr");
	pgat_sound(p);
}

/* Eight granules, some of which the backing refuses because another user holds them. */
struct held_case {
	const char *name;
	unsigned int held;	/* bit i: granule i */
	int error;
	int want;
	const char *calls;	/* granules of each; '!' after those that fail */
	const char *after;
};

static const struct held_case held_cases[] = {
	{ "none", 0, -EBUSY, 0, "8", "DDDDDDDD" },
	{ "the first", 0x01, -EBUSY, -EBUSY, "8!4!2!1!124", "rDDDDDDD" },
	{ "the last", 0x80, -ENOMEM, -ENOMEM, "8!44!22!11!", "DDDDDDDr" },
	{ "one between", 0x08, -EBUSY, -EBUSY, "8!4!24!2!12!1!121", "DDDrDDDD" },
	{ "two", 0x81, -EBUSY, -EBUSY, "8!4!2!1!124!22!11!", "rDDDDDDr" },
	{ "all", 0xff, -EBUSY, -EBUSY, "8!4!2!1!1!1!1!1!1!1!1!", "rrrrrrrr" },
	{ "broken", 0x01, -EIO, -EIO, "8!", "rrrrrrrr" },
};
PGAT_ARRAY_PARAM(held, held_cases);

static int refuse_held(struct pgat_backing *b, const struct pgat_call *call)
{
	const unsigned long first = (call->pfn - BASE) / b->granule;
	const struct held_case *c = b->arg;

	return GENMASK(first + call->nr / b->granule - 1, first) & c->held ? c->error : 0;
}

/* A group that the backing refuses is discarded in halves, except the held granules. */
static void held(struct kunit *test)
{
	const struct held_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	char calls[2 * PGAT_TEXT_MAX];
	unsigned long released;

	setup(p, 16, 16, "rrrrrrrr");
	pgat_forget_calls(p);
	p->backing.hook = refuse_held;
	p->backing.arg = (void *)c;
	KUNIT_EXPECT_EQ(test, c->want, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	pgat_describe_calls(p, calls);
	KUNIT_EXPECT_STREQ(test, calls, c->calls);
	pgat_looks_like(p, BASE, 16, c->after);
	KUNIT_EXPECT_EQ(test, released, pgat_pages(p, PAGEALLOC_RELEASED));
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_TRANSITION));
	pgat_sound(p);
}

/* If the granules are no longer held when the halves are tried, there is no error. */
static void held_for_a_moment(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long released;

	setup(p, 16, 16, "rrrrrrrr");
	p->backing.fault[PGAT_DISCARD] = (struct pgat_fault) { 1, 1, -EBUSY };
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, 8 * 16);
	KUNIT_EXPECT_EQ(test, 1, pgat_stat(p, PAGEALLOC_DISCARD_FAIL));
	pgat_looks_like(p, BASE, 16, "DDDDDDDD");
	pgat_sound(p);
}

static int work_inside(struct pgat_backing *b, const struct pgat_call *call)
{
	struct pagealloc_mismatch mismatch;
	struct pgat_pool *p = b->arg;
	unsigned long pfn;

	if (call->what != PGAT_DISCARD)
		return 0;
	KUNIT_EXPECT_EQ(b->test, 0, pagealloc_check(p->pool, &mismatch, 1));
	KUNIT_EXPECT_EQ(b->test, call->nr, pgat_pages(p, PAGEALLOC_IN_TRANSITION));
	KUNIT_EXPECT_EQ(b->test, -EINVAL, pagealloc_free(p->pool, call->pfn, 1));
	if (call->pfn == BASE + 5 * 512) {
		KUNIT_EXPECT_EQ(b->test, 0, pagealloc_free(p->pool, BASE, 512));
		KUNIT_EXPECT_EQ(b->test, 0, pagealloc_alloc(p->pool, 1024, GFP_ATOMIC, &pfn));
		KUNIT_EXPECT_EQ(b->test, pfn, BASE);
	}
	return 0;
}

/* During a discard the pool can be checked, and pages can be allocated and freed. */
static void inside_discard(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long released;

	setup(p, 512, 512, "ururrr");
	p->backing.hook = work_inside;
	p->backing.arg = p;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, 3 * 512);
	pgat_looks_like(p, BASE, 512, "uuuDDD");
	pgat_sound(p);
}

static int free_above(struct pgat_backing *b, const struct pgat_call *call)
{
	struct pgat_pool *p = b->arg;

	if (call->what == PGAT_DISCARD && call->pfn == BASE)
		KUNIT_EXPECT_EQ(b->test, 0, pagealloc_free(p->pool, BASE + 512, 512));
	return 0;
}

/* A scavenge ends: it does not discard pages freed above the point it has reached. */
static void one_pass(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long released;

	setup(p, 512, 512, "ru");
	p->backing.hook = free_above;
	p->backing.arg = p;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, 512);
	pgat_looks_like(p, BASE, 512, "Dr");
	pgat_sound(p);
}

/* A task that is killed while it scavenges. */
struct killed {
	struct pgat_thread thread;
	struct pgat_pool *p;
	unsigned long released;
	struct completion inside;
	struct completion go;
};

static int wait_inside(struct pgat_backing *b, const struct pgat_call *call)
{
	struct killed *k = b->arg;

	if (b->count[PGAT_DISCARD] == 2) {
		complete(&k->inside);
		wait_for_completion(&k->go);
	}
	return 0;
}

static int scavenge_all(void *arg)
{
	struct killed *k = arg;

	return pagealloc_scavenge(k->p->pool, PAGEALLOC_ALL, &k->released);
}

/* A fatal signal ends a scavenge between two groups; no page stays isolated. */
static void killed(struct kunit *test)
{
	struct killed k = { .p = test->priv };
	struct pgat_pool *p = test->priv;

	setup(p, 512, 512, "rrrrrr");
	init_completion(&k.inside);
	init_completion(&k.go);
	p->backing.hook = wait_inside;
	p->backing.arg = &k;
	pgat_thread_start(test, &k.thread, scavenge_all, &k);
	wait_for_completion(&k.inside);
	pgat_thread_kill(&k.thread);
	complete(&k.go);
	KUNIT_EXPECT_EQ(test, -EINTR, pgat_thread_join(&k.thread));
	KUNIT_EXPECT_EQ(test, k.released, 1024);
	pgat_looks_like(p, BASE, 512, "rrrrDD");
	pgat_sound(p);
}

/* A pool without pages has nothing to discard. */
static void empty(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long released = 12345;

	pgat_pool_open(p, 16, 0);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, 0);
	pgat_pool_region(p, BASE, 1024);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, 1, &released));
	KUNIT_EXPECT_EQ(test, released, 0);
	pgat_sound(p);
}

static struct kunit_case scavenge_cases[] = {
	KUNIT_CASE_PARAM(amounts, granule_gen_params),
	KUNIT_CASE_PARAM(rounding, granule_gen_params),
	KUNIT_CASE(exhaustive),
	KUNIT_CASE(calls),
	KUNIT_CASE(huge_pages),
	KUNIT_CASE(failing),
	KUNIT_CASE(failing_takes_others),
	KUNIT_CASE(failing_always),
	KUNIT_CASE_PARAM(held, held_gen_params),
	KUNIT_CASE(held_for_a_moment),
	KUNIT_CASE(inside_discard),
	KUNIT_CASE(one_pass),
	KUNIT_CASE(killed),
	KUNIT_CASE(empty),
	{}
};

static struct kunit_suite scavenge_suite = {
	.name = "pagealloc_scavenge",
	.init = scavenge_init,
	.test_cases = scavenge_cases,
};
kunit_test_suite(scavenge_suite);

MODULE_DESCRIPTION("Tests of pagealloc's scavenging");
MODULE_LICENSE("GPL");
