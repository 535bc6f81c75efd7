// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of backing/find.c, with frames of the kernel that runs them.
 *
 * A test lets the search see a window of memory that is free, and of it only the
 * pageblocks that a pattern has.
 */

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "backing/find.h"
#include "lib/testpool.h"
#include "pagealloc.h"

#define BLOCK		pageblock_nr_pages

/* Pageblocks in the window. */
#define WINDOW		15

/* The window of the test that runs; the search has no argument for it. */
static unsigned long window;
static const char *pattern;

static bool is_taken(unsigned long pfn, unsigned long nr)
{
	const unsigned long block = (pfn - window) / BLOCK;

	return pfn < window || block >= strlen(pattern) || pattern[block] != 'm';
}

static int find_init(struct kunit *test)
{
	struct pagealloc_loan *loan;

	loan = pagealloc_loan_open(WINDOW * BLOCK, PAGEALLOC_ANY_PFN,
				   PAGEALLOC_ONE_RANGE);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(loan), "%ld", PTR_ERR(loan));
	window = pagealloc_loan_range(loan, 0).pfn;
	pagealloc_loan_close(loan);
	return 0;
}

/**
 * struct find_case - a search
 * @name: of the case
 * @pattern: 'm' for a pageblock that can be had
 * @nr: frames wanted, in pageblocks
 * @contiguous: as one range
 * @want: what is found, in the form of @pattern; NULL if it is not enough
 */
struct find_case {
	const char *name;
	const char *pattern;
	unsigned int nr;
	bool contiguous;
	const char *want;
};

static const struct find_case find_cases[] = {
	{ "the end of the longest", "mm.mmmm.m.mmmmm", 3, false, "............mmm" },
	{ "all of the longest", "mm.mmmm.m.mmmmm", 5, false, "..........mmmmm" },
	{ "the two longest", "mm.mmmm.m.mmmmm", 7, false, ".....mm...mmmmm" },
	{ "three, by address", "mm.mmmm.m.mmmmm", 10, false, ".m.mmmm...mmmmm" },
	{ "all", "mm.mmmm.m.mmmmm", 12, false, "mm.mmmm.m.mmmmm" },
	{ "one more", "mm.mmmm.m.mmmmm", 13, false, NULL },
	{ "one range", "mm.mmmm.m.mmmmm", 5, true, "..........mmmmm" },
	{ "one range, too long", "mm.mmmm.m.mmmmm", 6, true, NULL },
	{ "the longest is below", "mmmmmm.mm", 6, false, "mmmmmm..." },
	{ "of two as long the upper", "mmm..mmm", 2, false, "......mm" },
	{ "every second", "m.m.m.m", 3, false, "..m.m.m" },
	{ "one", "m", 1, true, "m" },
	{ "none", "...", 1, false, NULL },
	{ "none, one range", "", 1, true, NULL },
	{ "more than a machine has", "mmm", 1U << 31, false, NULL },
};
PGAT_ARRAY_PARAM(find, find_cases);

/* Draw what was found; each range must be as long as it can be. */
static void draw(struct kunit *test, const struct pga_find *find, char *text)
{
	unsigned long end = 0;
	unsigned int i;

	memset(text, '.', strlen(pattern));
	for (i = 0; i < find->nr; i++) {
		const struct pagealloc_range *range = &find->range[i];

		KUNIT_ASSERT_TRUE(test, IS_ALIGNED(range->pfn | range->nr_pages, BLOCK));
		KUNIT_ASSERT_GE(test, range->pfn, window);
		KUNIT_ASSERT_LE(test, range->pfn + range->nr_pages,
				window + strlen(pattern) * BLOCK);
		KUNIT_EXPECT_GT(test, range->pfn, end);
		memset(text + (range->pfn - window) / BLOCK, 'm',
		       range->nr_pages / BLOCK);
		end = range->pfn + range->nr_pages;
	}
}

/* The search uses the longest rows first, and no more than it needs. */
static void find(struct kunit *test)
{
	const struct find_case *c = test->param_value;
	struct pga_find find = {
		.node = NUMA_NO_NODE,
		.nr_pages = c->nr * BLOCK,
		.contiguous = c->contiguous,
		.is_taken = is_taken,
	};
	char text[WINDOW + 1] = "";
	int ret;

	pattern = c->pattern;
	ret = pga_find(&find);
	KUNIT_EXPECT_EQ(test, ret, c->want ? 0 : -ENOMEM);
	if (ret) {
		KUNIT_EXPECT_NULL(test, find.range);
		return;
	}
	KUNIT_EXPECT_PTR_EQ(test, find.zone, page_zone(pfn_to_page(window)));
	draw(test, &find, text);
	if (c->want)
		KUNIT_EXPECT_STREQ(test, text, c->want);
	kvfree(find.range);
}

/* Outside ZONE_MOVABLE a loan has whole pageblocks. */
static void whole_granules(struct kunit *test)
{
	struct pga_find find = {
		.nr_pages = BLOCK + 1,
		.node = NUMA_NO_NODE,
		.is_taken = is_taken,
	};

	pattern = "mmm";
	KUNIT_EXPECT_EQ(test, -EINVAL, pga_find(&find));
	KUNIT_EXPECT_NULL(test, find.range);
}

static int find_when_killed(void *unused)
{
	struct pga_find find = {
		.nr_pages = BLOCK,
		.node = NUMA_NO_NODE,
		.is_taken = is_taken,
	};
	int ret;

	while (!fatal_signal_pending(current))
		schedule_timeout_interruptible(1);
	ret = pga_find(&find);
	kvfree(find.range);
	return ret;
}

/* A killed task does not search. */
static void killed(struct kunit *test)
{
	struct pgat_thread thread;

	pattern = "mmm";
	pgat_thread_start(test, &thread, find_when_killed, NULL);
	pgat_thread_kill(&thread);
	KUNIT_EXPECT_EQ(test, -EINTR, pgat_thread_join(&thread));
}

static struct kunit_case find_kunit_cases[] = {
	KUNIT_CASE_PARAM(find, find_gen_params),
	KUNIT_CASE(whole_granules),
	KUNIT_CASE(killed),
	{}
};

static struct kunit_suite find_suite = {
	.name = "pagealloc_find",
	.init = find_init,
	.test_cases = find_kunit_cases,
};
kunit_test_suite(find_suite);

MODULE_DESCRIPTION("Tests of how pagealloc finds frames to borrow");
MODULE_LICENSE("GPL");
