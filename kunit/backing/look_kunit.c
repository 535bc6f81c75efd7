// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of backing/look.c, with frames of the kernel that runs them.
 *
 * Each test has a pageblock of its own.  It takes all frames, so that only the test
 * changes them.
 */

#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>

#include "backing/look.h"
#include "base/compat.h"
#include "lib/testpool.h"
#include "pagealloc.h"

#define BLOCK		pageblock_nr_pages

/* A frame in the middle of the block. */
#define MIDDLE		(BLOCK / 2 + 3)

/**
 * struct fixture - a pageblock
 * @pfn: its first frame
 * @taken: the test has its frames
 */
struct fixture {
	unsigned long pfn;
	bool taken;
};

static int take(struct fixture *f)
{
	const int ret = pga_alloc_contig_range(f->pfn, f->pfn + BLOCK, GFP_KERNEL);

	f->taken = !ret;
	return ret;
}

static void give(struct fixture *f)
{
	if (f->taken)
		free_contig_range(f->pfn, BLOCK);
	f->taken = false;
}

static int look_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct pagealloc_loan *loan;

	KUNIT_ASSERT_NOT_NULL(test, f);
	loan = pagealloc_loan_open(BLOCK, PAGEALLOC_ANY_PFN, PAGEALLOC_ONE_RANGE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(loan));
	f->pfn = pagealloc_loan_range(loan, 0).pfn;
	pagealloc_loan_close(loan);
	KUNIT_ASSERT_EQ(test, 0, take(f));
	test->priv = f;
	return 0;
}

static void look_exit(struct kunit *test)
{
	if (test->priv)
		give(test->priv);
}

static struct page *middle(struct fixture *f)
{
	return pfn_to_page(f->pfn + MIDDLE);
}

static bool lendable(struct fixture *f)
{
	return pga_look_lendable(page_zone(middle(f)), f->pfn, BLOCK);
}

static int takable(struct fixture *f)
{
	unsigned long nr_free;

	return pga_look_takable(f->pfn, BLOCK, &nr_free);
}

/* Free frames can be had, at once and for a loan. */
static void free_block(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long nr_free;

	give(f);
	KUNIT_EXPECT_TRUE(test, lendable(f));
	KUNIT_EXPECT_EQ(test, 0, pga_look_takable(f->pfn, BLOCK, &nr_free));
	/* The kernel may have used some at once. */
	KUNIT_EXPECT_LE(test, nr_free, BLOCK);
	KUNIT_EXPECT_GE(test, nr_free, BLOCK / 2);
}

/* A free block of the buddy allocator counts only as far as it is looked at. */
static void part_of_free_block(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long nr_free;

	give(f);
	KUNIT_EXPECT_EQ(test, 0, pga_look_takable(f->pfn, 7, &nr_free));
	KUNIT_EXPECT_LE(test, nr_free, 7);
}

/* One page that belongs to the kernel makes a pageblock useless for a loan. */
static void one_kernel_page(struct kunit *test)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_FALSE(test, lendable(f));
	free_contig_range(f->pfn, MIDDLE);
	free_contig_range(f->pfn + MIDDLE + 1, BLOCK - MIDDLE - 1);
	KUNIT_EXPECT_FALSE(test, lendable(f));
	f->taken = false;
	__free_page(middle(f));
	KUNIT_EXPECT_TRUE(test, lendable(f));
}

/* What marks a page as held. */
static void lock_it(struct page *page, bool on)
{
	if (on)
		lock_page(page);
	else
		unlock_page(page);
}

static void write_it(struct page *page, bool on)
{
	if (on)
		folio_test_set_writeback(page_folio(page));
	else
		folio_test_clear_writeback(page_folio(page));
}

static void pin_it(struct page *page, bool on)
{
	page_ref_add(page, on ? GUP_PIN_COUNTING_BIAS : -GUP_PIN_COUNTING_BIAS);
}

static void offline_it(struct page *page, bool on)
{
	if (on)
		__SetPageOffline(page);
	else
		__ClearPageOffline(page);
}

/**
 * struct held_case - a way to hold a page
 * @name: of the case
 * @set: begins and ends it
 */
struct held_case {
	const char *name;
	void (*set)(struct page *page, bool on);
};

static const struct held_case held_cases[] = {
	{ "locked", lock_it },
	{ "under writeback", write_it },
	{ "pinned", pin_it },
	{ "offline", offline_it },
};
PGAT_ARRAY_PARAM(held, held_cases);

/* A take does not ask the kernel for a page that is held. */
static void held(struct kunit *test)
{
	const struct held_case *c = test->param_value;
	struct fixture *f = test->priv;
	unsigned long nr_free;

	KUNIT_EXPECT_EQ(test, 0, takable(f));
	c->set(middle(f), true);
	KUNIT_EXPECT_EQ(test, -EBUSY, takable(f));
	KUNIT_EXPECT_EQ(test, 0, pga_look_takable(f->pfn, MIDDLE, &nr_free));
	KUNIT_EXPECT_EQ(test, 0, pga_look_takable(f->pfn + MIDDLE + 1,
						  BLOCK - MIDDLE - 1, &nr_free));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pga_look_takable(f->pfn + MIDDLE, 1, &nr_free));
	c->set(middle(f), false);
	KUNIT_EXPECT_EQ(test, 0, takable(f));
}

/* A page on an LRU list can be moved, unlike one that is not. */
static void lru_page(struct kunit *test)
{
	struct fixture *f = test->priv;

	SetPageLRU(middle(f));
	KUNIT_EXPECT_TRUE(test, pga_look_lendable(page_zone(middle(f)),
						  f->pfn + MIDDLE, 1));
	KUNIT_EXPECT_FALSE(test, lendable(f));
	ClearPageLRU(middle(f));
	KUNIT_EXPECT_FALSE(test, pga_look_lendable(page_zone(middle(f)),
						   f->pfn + MIDDLE, 1));
}

/* A reserved page is never lent, on no LRU list or on one. */
static void reserved_page(struct kunit *test)
{
	struct fixture *f = test->priv;

	SetPageLRU(middle(f));
	SetPageReserved(middle(f));
	KUNIT_EXPECT_FALSE(test, pga_look_lendable(page_zone(middle(f)),
						   f->pfn + MIDDLE, 1));
	ClearPageReserved(middle(f));
	ClearPageLRU(middle(f));
}

/* A compound page that is on no LRU list cannot be moved, at its head or behind. */
static void compound_page(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);
	unsigned long pfn;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_FALSE(test, pga_look_lendable(page_zone(page), pfn + i, 1));
	SetPageLRU(page);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_TRUE(test, pga_look_lendable(page_zone(page), pfn + i, 8 - i));
	ClearPageLRU(page);
	__free_pages(page, 3);
}

/* No frame of a CMA area is lent.  The test kernel has an area. */
static void cma_area(struct kunit *test)
{
	struct zone *zone = page_zone(middle(test->priv));
	unsigned long pfn, nr = 0;

	for (pfn = ALIGN(zone->zone_start_pfn, BLOCK); pfn < zone_end_pfn(zone);
	     pfn += BLOCK) {
		struct page *page = pfn_to_online_page(pfn);

		if (!page || !pga_is_cma(page))
			continue;
		nr += BLOCK;
		KUNIT_EXPECT_FALSE(test, pga_look_lendable(zone, pfn, BLOCK));
	}
	KUNIT_EXPECT_GE(test, nr, zone_page_state(zone, NR_FREE_CMA_PAGES));
}

/* A range in another zone, or not online, is not lent. */
static void elsewhere(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct zone *zone = page_zone(middle(f));
	struct zone *other = zone_idx(zone) ? zone - 1 : zone + 1;

	give(f);
	KUNIT_EXPECT_TRUE(test, pga_look_lendable(zone, f->pfn, BLOCK));
	KUNIT_EXPECT_FALSE(test, pga_look_lendable(other, f->pfn, BLOCK));
	KUNIT_EXPECT_FALSE(test, pga_look_lendable(zone, 1UL << 30, BLOCK));
}

/* Bad memory is told from what somebody holds; on a kernel that marks it. */
static void bad_page(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long nr_free;

	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		return;
	SetPageHWPoison(middle(f));
	KUNIT_EXPECT_EQ(test, -EHWPOISON, takable(f));
	KUNIT_EXPECT_EQ(test, 0, pga_look_takable(f->pfn, MIDDLE, &nr_free));
	ClearPageHWPoison(middle(f));
	KUNIT_EXPECT_EQ(test, 0, takable(f));
}

static struct kunit_case look_cases[] = {
	KUNIT_CASE(free_block),
	KUNIT_CASE(part_of_free_block),
	KUNIT_CASE(one_kernel_page),
	KUNIT_CASE_PARAM(held, held_gen_params),
	KUNIT_CASE(bad_page),
	KUNIT_CASE(lru_page),
	KUNIT_CASE(reserved_page),
	KUNIT_CASE(compound_page),
	KUNIT_CASE(cma_area),
	KUNIT_CASE(elsewhere),
	{}
};

static struct kunit_suite look_suite = {
	.name = "pagealloc_look",
	.init = look_init,
	.exit = look_exit,
	.test_cases = look_cases,
};
kunit_test_suite(look_suite);

MODULE_DESCRIPTION("Tests of how pagealloc looks at frames of the kernel");
MODULE_LICENSE("GPL");
