// SPDX-License-Identifier: GPL-2.0
/* Tests of counters.c: the names of the statistics. */

#include <linux/ctype.h>
#include <linux/module.h>

#include "lib/testlib.h"
#include "pagealloc.h"

/* Each statistic has a name that fits into a "name value" line. */
static void names_are_words(struct kunit *test)
{
	const char *c;
	int i;

	for (i = 0; i < PAGEALLOC_NR_STATS; i++) {
		c = pagealloc_stat_name(i);
		KUNIT_ASSERT_NOT_NULL_MSG(test, c, "%d", i);
		KUNIT_EXPECT_TRUE(test, islower(*c));
		for (; *c; c++)
			KUNIT_EXPECT_TRUE_MSG(test, islower(*c) || *c == '_',
					      "%s", pagealloc_stat_name(i));
	}
}

/* No two statistics have the same name. */
static void names_differ(struct kunit *test)
{
	int i, j;

	for (i = 0; i < PAGEALLOC_NR_STATS; i++)
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, pagealloc_stat_name(i),
					    pagealloc_stat_name(j));
}

/* Names that scripts and documents use belong to the right statistics. */
static void names_in_use(struct kunit *test)
{
	static const struct {
		enum pagealloc_stat stat;
		const char *name;
	} cases[] = {
		{ PAGEALLOC_PAGE_SIZE, "page_size" },
		{ PAGEALLOC_GRANULE, "granule" },
		{ PAGEALLOC_SYS, "sys" },
		{ PAGEALLOC_GROWN, "grown" },
		{ PAGEALLOC_IN_USE, "in_use" },
		{ PAGEALLOC_IDLE, "idle" },
		{ PAGEALLOC_RETAINED, "retained" },
		{ PAGEALLOC_RELEASED, "released" },
		{ PAGEALLOC_IN_TRANSITION, "in_transition" },
		{ PAGEALLOC_LARGEST_FREE_RUN, "largest_free_run" },
		{ PAGEALLOC_ALLOC_FAIL, "alloc_fail" },
		{ PAGEALLOC_ATOMIC_FAIL, "atomic_fail" },
		{ PAGEALLOC_BAD_FREE, "bad_free" },
		{ PAGEALLOC_DOUBLE_FREE, "double_free" },
		{ PAGEALLOC_POPULATE_FAIL_BUSY, "populate_fail_busy" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_STREQ(test, cases[i].name,
				   pagealloc_stat_name(cases[i].stat));
}

/* A value outside the enum has no name. */
static void no_name(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, pagealloc_stat_name(PAGEALLOC_NR_STATS));
	KUNIT_EXPECT_NULL(test, pagealloc_stat_name((enum pagealloc_stat)~0U));
}

static struct kunit_case counters_cases[] = {
	KUNIT_CASE(names_are_words),
	KUNIT_CASE(names_differ),
	KUNIT_CASE(names_in_use),
	KUNIT_CASE(no_name),
	{}
};

static struct kunit_suite counters_suite = {
	.name = "pagealloc_counters",
	.test_cases = counters_cases,
};
kunit_test_suite(counters_suite);

MODULE_DESCRIPTION("Tests of the names of pagealloc's statistics");
MODULE_LICENSE("GPL");
