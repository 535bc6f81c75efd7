// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of info.c: a pool says what its memory is like, also where regions differ.
 */

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "lib/testpool.h"

/* What a backing of this suite says of its pages. */
struct pages {
	bool has_pages;
	bool may_pin;
};

static bool has_pages(void *ctx)
{
	const struct pages *pages = ctx;

	return pages->has_pages;
}

static bool may_pin(void *ctx)
{
	const struct pages *pages = ctx;

	return pages->may_pin;
}

static unsigned long one_page(void *ctx)
{
	return 1;
}

static int accept(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	return 0;
}

static void forget(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
}

/* No test allocates of these pages, which the kernel uses. */
static const struct pagealloc_backing_ops ops = {
	.name = "info",
	.has_pages = has_pages,
	.may_pin = may_pin,
	.granule = one_page,
	.reserve = accept,
	.release = forget,
	.populate = accept,
	.discard = accept,
};

/* A frame of the kernel. */
static unsigned long a_frame(struct kunit *test)
{
	void *memory = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	return page_to_pfn(virt_to_page(memory));
}

static int info_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

static struct pagealloc_info read_info(struct pgat_pool *p)
{
	struct pagealloc_info info;

	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_pool_info(p->pool, &info));
	KUNIT_EXPECT_STREQ(p->test, info.name, p->pool->name);
	return info;
}

/* Pages that are only numbers are in no zone and on no node. */
static void numbers(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_info info;

	pgat_pool_open_sim(p, 8, 0);
	info = read_info(p);
	KUNIT_EXPECT_STREQ(test, info.backing, "sim");
	KUNIT_EXPECT_EQ(test, info.nr_pages, 0);
	pgat_pool_region(p, 0, 64);
	pgat_pool_region(p, 128, 32);
	info = read_info(p);
	KUNIT_EXPECT_EQ(test, info.nr_pages, 96);
	KUNIT_EXPECT_EQ(test, info.granule, 8);
	KUNIT_EXPECT_EQ(test, info.node, NUMA_NO_NODE);
	KUNIT_EXPECT_EQ(test, info.zone, PAGEALLOC_NO_ZONE);
	KUNIT_EXPECT_FALSE(test, info.has_memory || info.has_pages || info.may_pin);
}

/* What a backing says, and what the pool says then. */
struct pages_case {
	const char *name;
	struct pages says;
	bool has_pages;
	bool may_pin;
};

static const struct pages_case pages_cases[] = {
	{ "no page structs", { false, false }, false, false },
	{ "pins without page structs", { false, true }, false, false },
	{ "no pins", { true, false }, true, false },
	{ "pins", { true, true }, true, true },
};
PGAT_ARRAY_PARAM(pages, pages_cases);

/* The zone is that of the page structs, and there are no pins without these. */
static void page_structs(struct kunit *test)
{
	const struct pages_case *c = test->param_value;
	struct pages says = c->says;
	struct pgat_pool *p = test->priv;
	const unsigned long pfn = a_frame(test);
	struct page *page = pfn_to_page(pfn);
	struct pagealloc_info info;

	pgat_pool_open_on(p, &ops, &says, 0);
	info = read_info(p);
	KUNIT_EXPECT_TRUE(test, info.has_memory);
	KUNIT_EXPECT_EQ(test, info.has_pages, c->has_pages);
	KUNIT_EXPECT_EQ(test, info.zone, PAGEALLOC_NO_ZONE);
	KUNIT_EXPECT_FALSE(test, info.may_pin);
	pgat_pool_region(p, pfn, 1);
	info = read_info(p);
	KUNIT_EXPECT_EQ(test, info.node, page_to_nid(page));
	KUNIT_EXPECT_EQ(test, info.zone,
			c->has_pages ? (int)page_zonenum(page) : PAGEALLOC_NO_ZONE);
	KUNIT_EXPECT_EQ(test, info.may_pin, c->may_pin);
	pgat_pool_destroy(p);
}

/* With regions in two zones, or in none, the pool has no zone, and takes no pins. */
static void two_zones(struct kunit *test)
{
	const unsigned long pfn = a_frame(test), none = 1UL << 33;
	struct pages says = { true, true };
	struct pgat_pool *p = test->priv;
	struct pagealloc_info info;

	KUNIT_ASSERT_FALSE(test, pfn_valid(none));
	pgat_pool_open_on(p, &ops, &says, 0);
	pgat_pool_region(p, pfn, 1);
	info = read_info(p);
	KUNIT_EXPECT_EQ(test, info.zone, page_zonenum(pfn_to_page(pfn)));
	KUNIT_EXPECT_TRUE(test, info.may_pin);
	pgat_pool_region(p, none, 1);
	info = read_info(p);
	KUNIT_EXPECT_EQ(test, info.zone, PAGEALLOC_NO_ZONE);
	KUNIT_EXPECT_EQ(test, info.node, NUMA_NO_NODE);
	KUNIT_EXPECT_FALSE(test, info.may_pin);
	/* A later region does not bring the zone back. */
	pgat_pool_region(p, none + 8, 1);
	KUNIT_EXPECT_EQ(test, read_info(p).zone, PAGEALLOC_NO_ZONE);
	pgat_pool_region(p, pfn + 1, 1);
	KUNIT_EXPECT_EQ(test, read_info(p).zone, PAGEALLOC_NO_ZONE);
	pgat_pool_destroy(p);
}

/* A loan has page structs in the zone of its frames. */
static void loan(struct kunit *test)
{
	struct pagealloc_loan *l = pagealloc_loan_open(pageblock_nr_pages,
						       PAGEALLOC_ANY_PFN, 0);
	struct pgat_pool *p = test->priv;
	struct pagealloc_range range;
	struct pagealloc_info info;
	struct page *page;

	KUNIT_ASSERT_FALSE(test, IS_ERR(l));
	range = pagealloc_loan_range(l, 0);
	page = pfn_to_page(range.pfn);
	pgat_pool_open_on(p, &pagealloc_loan_ops, l, 0);
	pgat_pool_region(p, range.pfn, range.nr_pages);
	info = read_info(p);
	KUNIT_EXPECT_EQ(test, info.node, page_to_nid(page));
	KUNIT_EXPECT_EQ(test, info.zone, page_zonenum(page));
	KUNIT_EXPECT_TRUE(test, info.has_memory && info.has_pages);
	KUNIT_EXPECT_EQ(test, info.may_pin, page_zonenum(page) != ZONE_MOVABLE);
	pgat_pool_destroy(p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_loan_close(l));
}

/* Without a pool or a place for the answer there is an errno. */
static void null_arguments(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_info info;

	pgat_pool_open_sim(p, 1, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_pool_info(NULL, &info));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_pool_info(ERR_PTR(-ENOENT), &info));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_pool_info(p->pool, NULL));
}

static struct kunit_case info_cases[] = {
	KUNIT_CASE(numbers),
	KUNIT_CASE_PARAM(page_structs, pages_gen_params),
	KUNIT_CASE(two_zones),
	KUNIT_CASE(loan),
	KUNIT_CASE(null_arguments),
	{}
};

static struct kunit_suite info_suite = {
	.name = "pagealloc_info",
	.init = info_init,
	.test_cases = info_cases,
};
kunit_test_suite(info_suite);

MODULE_DESCRIPTION("Tests of what a pool says of its memory");
MODULE_LICENSE("GPL");
