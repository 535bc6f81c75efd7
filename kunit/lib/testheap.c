// SPDX-License-Identifier: GPL-2.0
/* A pool on loan for the suites of heap/. */

#include <linux/err.h>
#include <linux/mm.h>

#include "lib/testheap.h"

/**
 * pgat_heap_open() - make the pool; test->priv is a &struct pgat_heap then
 * @test: the test
 * @granules: length of the pool
 */
void pgat_heap_open(struct kunit *test, unsigned long granules)
{
	struct pgat_heap *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	struct pagealloc_range range;

	KUNIT_ASSERT_NOT_NULL(test, h);
	test->priv = h;
	h->p = pgat_pool(test);
	h->p->name = PGAT_HEAP;
	h->pages = granules * pageblock_nr_pages;
	h->loan = pagealloc_loan_open(h->pages, PAGEALLOC_ANY_PFN, PAGEALLOC_ONE_RANGE);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(h->loan), "%ld", PTR_ERR(h->loan));
	range = pagealloc_loan_range(h->loan, 0);
	h->pfn = range.pfn;
	pgat_pool_open_on(h->p, &pagealloc_loan_ops, h->loan, PAGEALLOC_READY_FIRST);
	pgat_pool_region(h->p, range.pfn, range.nr_pages);
}
EXPORT_SYMBOL_GPL(pgat_heap_open);

/**
 * pgat_heap_close() - destroy the pool, in which nothing is in use
 * @test: the test
 */
void pgat_heap_close(struct kunit *test)
{
	struct pgat_heap *h = test->priv;

	if (!h)
		return;
	if (h->p->pool)
		KUNIT_EXPECT_EQ(test, 0, pgat_stat(h->p, PAGEALLOC_IN_USE));
	pgat_pool_close(h->p);
	if (!IS_ERR_OR_NULL(h->loan))
		pagealloc_loan_close(h->loan);
}
EXPORT_SYMBOL_GPL(pgat_heap_close);

/**
 * pgat_heap_gone() - count that an offer is over; for struct pagealloc_heap_config
 * @arg: the &struct pgat_heap
 */
void pgat_heap_gone(void *arg)
{
	struct pgat_heap *h = arg;

	atomic_inc(&h->gone);
}
EXPORT_SYMBOL_GPL(pgat_heap_gone);
