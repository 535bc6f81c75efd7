// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of memory that is simply there: backing/memory.c, the addresses and owners of
 * regions, and growth by a whole region.
 */

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>

#include "base/fault.h"
#include "lib/testpool.h"

#define PAGES	64UL
#define BASE	(1UL << 33)

/**
 * struct fixture - a pool of memory, and some memory
 * @p: the pool
 * @virt: memory of PAGES pages
 */
struct fixture {
	struct pgat_pool *p;
	void *virt;
};

static int memory_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->p = pgat_pool(test);
	pgat_first_fit(f->p);
	f->virt = kunit_kmalloc(test, PAGES * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->virt);
	test->priv = f;
	return 0;
}

static void add(struct fixture *f, unsigned long pfn, unsigned long nr, void *virt,
		void *owner)
{
	const struct pagealloc_region region = {
		.pfn = pfn,
		.nr_pages = nr,
		.virt = virt,
		.owner = owner,
	};

	KUNIT_ASSERT_EQ(f->p->test, 0, pagealloc_add_owned_region(f->p->pool, &region));
}

/* The first request of all is served though it may not sleep; nothing is discarded. */
static void ready_at_once(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pgat_pool *p = f->p;
	unsigned long pfn, released = 7;

	pgat_pool_open_on(p, &pagealloc_memory_ops, NULL, 0);
	add(f, BASE, PAGES, NULL, NULL);
	KUNIT_EXPECT_EQ(test, PAGES, pgat_pages(p, PAGEALLOC_GROWN));
	KUNIT_EXPECT_EQ(test, PAGES, pgat_pages(p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, PAGES, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, PAGES));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, 0);
	KUNIT_EXPECT_EQ(test, 0, pgat_pages(p, PAGEALLOC_RELEASED));
	pgat_sound(p);
}

/* Regions that cross blocks of the engine's memory, aligned to nothing. */
static void large(struct kunit *test)
{
	const unsigned long block = 1UL << PGA_BLOCK_SHIFT, nr = 2 * block + 77;
	struct fixture *f = test->priv;
	struct pgat_pool *p = f->p;
	unsigned long pfn;

	pgat_pool_open_on(p, &pagealloc_memory_ops, NULL, 0);
	add(f, BASE + block - 5, nr, NULL, NULL);
	add(f, BASE + block - 15, 10, NULL, NULL);
	KUNIT_EXPECT_EQ(test, nr + 10, pgat_pages(p, PAGEALLOC_GROWN));
	KUNIT_EXPECT_EQ(test, nr + 10, pgat_pages(p, PAGEALLOC_LARGEST_FREE_RUN));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, nr + 10, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + block - 15);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, nr + 10));
	pgat_sound(p);
}

/* Without memory for the maps there is no region, and the pool is as before. */
static void no_memory_for_maps(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pgat_pool *p = f->p;
	const struct pagealloc_region region = { .pfn = BASE, .nr_pages = 1UL << 20 };
	struct pagealloc_region found;
	struct pga_fault fault;
	unsigned int at;
	int ret = 0;

	pgat_pool_open_on(p, &pagealloc_memory_ops, NULL, 0);
	for (at = 1; at < 200; at++) {
		pga_fault_arm(at, 1, current);
		ret = pagealloc_add_owned_region(p->pool, &region);
		fault = pga_fault_disarm();
		if (!fault.fired)
			break;
		KUNIT_ASSERT_EQ(test, -ENOMEM, ret);
		KUNIT_EXPECT_EQ(test, 0, pgat_pages(p, PAGEALLOC_SYS));
		KUNIT_EXPECT_EQ(test, 0, pgat_pages(p, PAGEALLOC_GROWN));
		KUNIT_EXPECT_EQ(test, -ERANGE,
				pagealloc_find_region(p->pool, BASE, &found));
	}
	KUNIT_EXPECT_GT(test, at, 3);
	KUNIT_EXPECT_EQ(test, 0, ret);
	pgat_sound(p);
}

/* Each page is in the region that it was added with, or in none. */
static void regions(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pagealloc_region found = { .nr_pages = 3 };
	struct pgat_pool *p = f->p;
	int one, other;

	pgat_pool_open_on(p, &pagealloc_memory_ops, NULL, 0);
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_find_region(p->pool, 0, &found));
	/* The first one decides that memory is not zeroed by address. */
	add(f, BASE + 8, 8, NULL, &other);
	add(f, BASE, 8, f->virt, &one);
	add(f, BASE + 32, 8, f->virt + 8 * PAGE_SIZE, NULL);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_find_region(p->pool, BASE + 7, &found));
	KUNIT_EXPECT_EQ(test, found.pfn, BASE);
	KUNIT_EXPECT_EQ(test, found.nr_pages, 8);
	KUNIT_EXPECT_PTR_EQ(test, found.virt, f->virt);
	KUNIT_EXPECT_PTR_EQ(test, found.owner, (void *)&one);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_find_region(p->pool, BASE + 8, &found));
	KUNIT_EXPECT_PTR_EQ(test, found.owner, (void *)&other);
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_find_region(p->pool, BASE + 16, &found));
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_find_region(p->pool, BASE + 31, &found));
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_find_region(p->pool, BASE - 1, &found));
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_find_region(p->pool, 0, &found));
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_find_region(p->pool, ~0UL, &found));
	KUNIT_EXPECT_PTR_EQ(test, found.owner, (void *)&other);
	KUNIT_EXPECT_PTR_EQ(test, pagealloc_virt(p->pool, BASE + 3),
			    f->virt + 3 * PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, pagealloc_virt(p->pool, BASE + 8));
	KUNIT_EXPECT_NULL(test, pagealloc_virt(p->pool, BASE + 31));
	KUNIT_EXPECT_PTR_EQ(test, pagealloc_virt(p->pool, BASE + 33),
			    f->virt + 9 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_find_region(p->pool, BASE, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_find_region(NULL, BASE, &found));
	KUNIT_EXPECT_NULL(test, pagealloc_virt(NULL, BASE));
	pgat_sound(p);
}

/* Are these bytes of the memory all @byte? */
static bool is_all(const struct fixture *f, unsigned long page, unsigned long nr, int byte)
{
	return !memchr_inv(f->virt + page * PAGE_SIZE, byte, nr * PAGE_SIZE);
}

/* A run in regions with addresses is zeroed, and nothing else, across a border too. */
static void zero(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pgat_pool *p = f->p;
	unsigned long pfn;

	memset(f->virt, 0xa5, PAGES * PAGE_SIZE);
	pgat_pool_open_on(p, &pagealloc_memory_ops, NULL, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_alloc(p->pool, 1, GFP_KERNEL | __GFP_ZERO, &pfn));
	/* The regions are adjacent, their memory is not. */
	add(f, BASE, 8, f->virt, NULL);
	add(f, BASE + 8, 8, f->virt + 32 * PAGE_SIZE, NULL);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 12, GFP_ATOMIC | __GFP_ZERO,
						 &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	KUNIT_EXPECT_TRUE(test, is_all(f, 0, 8, 0));
	KUNIT_EXPECT_TRUE(test, is_all(f, 8, 24, 0xa5));
	KUNIT_EXPECT_TRUE(test, is_all(f, 32, 4, 0));
	KUNIT_EXPECT_TRUE(test, is_all(f, 36, 28, 0xa5));
	/* A region without an address would end that. */
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_add_region(p->pool, BASE + 16, 8));
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_alloc(p->pool, 1, GFP_KERNEL | __GFP_ZERO, &pfn));
	pgat_sound(p);
}

/* The pool knows of page structs only if it is told. */
static void page_structs(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pgat_pool *p = f->p;
	const unsigned long pfn = page_to_pfn(virt_to_page(f->virt));
	struct pagealloc_info info;

	pgat_pool_open_on(p, &pagealloc_memory_pages_ops, NULL, 0);
	add(f, pfn, PAGES, NULL, NULL);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_pool_info(p->pool, &info));
	KUNIT_EXPECT_TRUE(test, info.has_pages);
	KUNIT_EXPECT_FALSE(test, info.may_pin);
	KUNIT_EXPECT_PTR_EQ(test, pagealloc_virt(p->pool, pfn + 1), f->virt + PAGE_SIZE);
	pgat_pool_destroy(p);
	pgat_pool_open_on(p, &pagealloc_memory_ops, NULL, 0);
	add(f, pfn, PAGES, NULL, NULL);
	KUNIT_EXPECT_NULL(test, pagealloc_virt(p->pool, pfn + 1));
	pgat_sound(p);
}

/* Runs by their page structs, where there are such. */
static void by_page_struct(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pgat_pool *p = f->p;
	struct page *first = virt_to_page(f->virt), *page;

	pgat_pool_open_on(p, &pagealloc_memory_pages_ops, NULL, 0);
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			PTR_ERR(pagealloc_alloc_pages(p->pool, 1, GFP_ATOMIC)));
	add(f, page_to_pfn(first), PAGES, f->virt, NULL);
	page = pagealloc_alloc_pages(p->pool, 3, GFP_ATOMIC | __GFP_ZERO);
	KUNIT_ASSERT_PTR_EQ(test, page, first);
	KUNIT_EXPECT_TRUE(test, is_all(f, 0, 3, 0));
	KUNIT_EXPECT_EQ(test, pagealloc_read_stat(p->pool, PAGEALLOC_IN_USE), 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(pagealloc_alloc_pages(p->pool, 0, GFP_ATOMIC)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(pagealloc_alloc_pages(NULL, 1, GFP_ATOMIC)));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free_pages(p->pool, NULL, 3));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free_pages(NULL, page, 3));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free_pages(p->pool, page, 0));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free_pages(p->pool, page, 3));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free_pages(p->pool, page, 3));
	KUNIT_EXPECT_EQ(test, pagealloc_read_stat(p->pool, PAGEALLOC_IN_USE), 0);
	KUNIT_EXPECT_EQ(test, pagealloc_read_stat(p->pool, PAGEALLOC_DOUBLE_FREE), 1);
	KUNIT_EXPECT_EQ(test, pagealloc_read_stat(p->pool, PAGEALLOC_NR_STATS), 0);
	KUNIT_EXPECT_EQ(test, pagealloc_read_stat(NULL, PAGEALLOC_SYS), 0);
	pgat_pool_destroy(p);
	pgat_pool_open_on(p, &pagealloc_memory_ops, NULL, 0);
	add(f, page_to_pfn(first), PAGES, NULL, NULL);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR(pagealloc_alloc_pages(p->pool, 1, GFP_ATOMIC)));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, pagealloc_free_pages(p->pool, first, 1));
	pgat_sound(p);
}

/* Such memory is exclusive, as any other. */
static void exclusive(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pgat_pool *p = f->p, *q = pgat_pool(test);

	q->name = "other";
	pgat_pool_open_on(p, &pagealloc_memory_ops, NULL, 0);
	pgat_pool_open_on(q, &pagealloc_memory_ops, NULL, 0);
	add(f, BASE, PAGES, NULL, NULL);
	KUNIT_EXPECT_EQ(test, -EEXIST, pagealloc_add_region(q->pool, BASE + PAGES - 1, 2));
	KUNIT_EXPECT_EQ(test, -EEXIST, pagealloc_add_region(p->pool, BASE + PAGES - 1, 2));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(q->pool, BASE + PAGES, 2));
	pgat_sound(p);
	pgat_sound(q);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(ready_at_once),
	KUNIT_CASE(large),
	KUNIT_CASE(no_memory_for_maps),
	KUNIT_CASE(regions),
	KUNIT_CASE(zero),
	KUNIT_CASE(page_structs),
	KUNIT_CASE(by_page_struct),
	KUNIT_CASE(exclusive),
	{}
};

static struct kunit_suite memory_suite = {
	.name = "pagealloc_memory",
	.init = memory_init,
	.test_cases = memory_cases,
};
kunit_test_suite(memory_suite);

MODULE_DESCRIPTION("Tests of memory that is simply there");
MODULE_LICENSE("GPL");
