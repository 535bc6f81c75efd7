// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of backing/carveout.c on a range that is not RAM.
 *
 * These tests need a guest of 2 GiB with the boot arguments memmap=64M$0x20000000,
 * memmap=128K$0x7ffc0000, which adjoins what the firmware has at the end of memory,
 * and memmap=1M$0x90000000, where there is nothing.  And they need a kernel without
 * PAT, which would refuse uncached pages.
 */

#include <linux/err.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pfn.h>
#include <linux/sizes.h>

#include "backing/carveout.h"
#include "backing/claim.h"
#include "base/fault.h"
#include "pool/registry.h"
#include "lib/faults.h"
#include "lib/testpool.h"

/* The client's word, except where a test is about that. */
static unsigned int sure = PAGEALLOC_CARVEOUT_MEMORY;

#define BASE	0x20000000ULL
#define SIZE	SZ_64M

/**
 * struct fixture - carve-outs on parts of the range, and a pool on the first
 * @p: the pool, closed before the carve-outs are
 * @c: the carve-outs, NULL if closed
 */
struct fixture {
	struct pgat_pool *p;
	struct pagealloc_carveout *c[2];
};

static int range_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->p = pgat_pool(test);
	f->p->cached = true;
	sure = PAGEALLOC_CARVEOUT_MEMORY;
	test->priv = f;
	return 0;
}

static void close_one(struct fixture *f, unsigned int i)
{
	if (f->c[i])
		pagealloc_carveout_close(f->c[i]);
	f->c[i] = NULL;
}

static void range_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	pgat_pool_close(f->p);
	close_one(f, 0);
	close_one(f, 1);
}

static struct pagealloc_carveout *try_open(u64 base, u64 size, unsigned int flags)
{
	const struct pagealloc_carveout_config config = {
		.base = base, .size = size, .flags = flags | sure,
	};

	return pagealloc_carveout_open(&config);
}

static struct pagealloc_carveout *open_one(struct kunit *test, unsigned int i,
					   u64 base, u64 size, unsigned int flags)
{
	struct fixture *f = test->priv;
	struct pagealloc_carveout *c = try_open(base, size, flags);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(c), "%ld", PTR_ERR(c));
	f->c[i] = c;
	return c;
}

static void expect_refused(struct kunit *test, int want, u64 base, u64 size,
			   unsigned int flags)
{
	struct pagealloc_carveout *c = try_open(base, size, flags);

	KUNIT_EXPECT_TRUE(test, IS_ERR(c));
	if (IS_ERR(c))
		KUNIT_EXPECT_EQ(test, want, PTR_ERR(c));
	else
		pagealloc_carveout_close(c);
}

/* Without page structs: a write is visible through another mapping. */
static void plain(struct kunit *test)
{
	struct pagealloc_carveout *c = open_one(test, 0, BASE, SIZE,
						PAGEALLOC_CARVEOUT_MAPPED);
	u64 *last = pagealloc_carveout_virt(c, PHYS_PFN(BASE + SIZE) - 1);
	u64 *alias = memremap(BASE + SIZE - PAGE_SIZE, PAGE_SIZE, MEMREMAP_WB);

	KUNIT_ASSERT_NOT_NULL(test, alias);
	*last = 0x1234567890abcdef;
	KUNIT_EXPECT_EQ(test, *alias, 0x1234567890abcdef);
	KUNIT_EXPECT_FALSE(test, virt_addr_valid(last));
	memunmap(alias);
}

/* With page structs: they exist and lead to the memory. */
static void pages(struct kunit *test)
{
	const unsigned long pfn = PHYS_PFN(BASE);
	struct pagealloc_carveout *c = open_one(test, 0, BASE, SIZE,
						PAGEALLOC_CARVEOUT_PAGES);

	KUNIT_ASSERT_TRUE(test, pfn_valid(pfn));
	KUNIT_EXPECT_TRUE(test, is_zone_device_page(pfn_to_page(pfn)));
	KUNIT_EXPECT_EQ(test, 1, page_count(pfn_to_page(pfn)));
	KUNIT_EXPECT_PTR_EQ(test, page_address(pfn_to_page(pfn)),
			    pagealloc_carveout_virt(c, pfn));
}

/* Page structs require whole subsections; a mapping without them does not. */
static void part_of_a_subsection(struct kunit *test)
{
	expect_refused(test, -EINVAL, BASE + PAGE_SIZE, SZ_2M,
		       PAGEALLOC_CARVEOUT_PAGES);
	expect_refused(test, -EINVAL, BASE, SZ_2M - PAGE_SIZE,
		       PAGEALLOC_CARVEOUT_UNCACHED);
	open_one(test, 0, BASE + PAGE_SIZE, PAGE_SIZE, 0);
}

/* A carve-out excludes other carve-outs and other drivers, and they exclude it. */
static void exclusive(struct kunit *test)
{
	struct fixture *f = test->priv;
	const u64 half = SIZE / 2;

	open_one(test, 0, BASE, half, 0);
	KUNIT_EXPECT_NULL(test, request_mem_region(BASE + half - PAGE_SIZE,
						   PAGE_SIZE, "test"));
	expect_refused(test, -EEXIST, BASE + half - PAGE_SIZE, half, 0);
	open_one(test, 1, BASE + half, half, 0);
	close_one(f, 0);
	close_one(f, 1);

	KUNIT_ASSERT_NOT_NULL(test, request_mem_region(BASE, half, "test"));
	expect_refused(test, -EBUSY, BASE, SIZE, 0);
	open_one(test, 0, BASE, half, PAGEALLOC_CARVEOUT_CLAIMED);
	close_one(f, 0);
	release_mem_region(BASE, half);
	expect_refused(test, -EBUSY, BASE + half, SIZE, 0);
	open_one(test, 0, BASE, SIZE, 0);
}

static const struct place {
	const char *name;
	u64 base;
	u64 size;
	int want;
} places[] = {
	{ "set aside", BASE, SZ_1M, 0 },
	{ "set aside, the last page", 0x7ffc0000, SZ_128K, 0 },
	{ "and more", 0x7ffc0000, SZ_128K + SZ_4K, -ENXIO },
	{ "the firmware's tables", 0x7ffe0000, SZ_128K, -ENXIO },
	{ "its flash", 0xfffc0000, SZ_256K, -ENXIO },
	{ "nothing", 0x90000000, SZ_1M, -ENXIO },
};

/* A reserved range is accepted only if the firmware's map has all of it as RAM. */
static void surely_memory(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i;

	sure = 0;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (places[i].want || !pga_claim_can_ask()) {
			expect_refused(test, -ENXIO, places[i].base, places[i].size, 0);
		} else {
			open_one(test, 0, places[i].base, places[i].size, 0);
			close_one(f, 0);
		}
		/* With the client's word it is the client's affair. */
		open_one(test, 0, places[i].base, places[i].size,
			 PAGEALLOC_CARVEOUT_MEMORY);
		close_one(f, 0);
	}
	/* Not so for what is not even reserved. */
	expect_refused(test, -ENXIO, 0xa0000000, SZ_1M, PAGEALLOC_CARVEOUT_MEMORY);
}

static bool keeps_or_not(struct kunit *test, const struct pagealloc_carveout_hooks *h)
{
	const struct pagealloc_carveout_config config = {
		.base = BASE, .size = SZ_1M, .hooks = h, .flags = sure,
	};
	struct pagealloc_carveout *c = pagealloc_carveout_open(&config);
	bool forgets;

	KUNIT_ASSERT_FALSE(test, IS_ERR(c));
	forgets = pagealloc_carveout_ops.forgets(c);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_carveout_close(c));
	return !forgets;
}

static int no_hook(void *ctx, unsigned long pfn, unsigned long nr)
{
	return 0;
}

/* The machine must not hibernate with pages in use, unless the platform keeps them. */
static void hibernate(struct kunit *test)
{
	static const struct pagealloc_carveout_hooks keep = { no_hook, no_hook, false, true };
	static const struct pagealloc_carveout_hooks lose = { no_hook, no_hook };
	struct fixture *f = test->priv;
	unsigned long pfn, released;

	KUNIT_EXPECT_TRUE(test, keeps_or_not(test, &keep));
	KUNIT_EXPECT_FALSE(test, keeps_or_not(test, &lose));
	KUNIT_EXPECT_FALSE(test, keeps_or_not(test, NULL));
	open_one(test, 0, BASE, SIZE, PAGEALLOC_CARVEOUT_MAPPED);
	pgat_pool_open_on(f->p, &pagealloc_carveout_ops, f->c[0], 0);
	pgat_pool_region(f->p, PHYS_PFN(BASE), 64);
	KUNIT_EXPECT_EQ(test, 0, pga_registry_hibernate());
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, 64, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, -EBUSY, pga_registry_hibernate());
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, pfn, 60));
	KUNIT_EXPECT_EQ(test, -EBUSY, pga_registry_hibernate());
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, pfn + 60, 4));
	KUNIT_EXPECT_EQ(test, 0, pga_registry_hibernate());
	KUNIT_ASSERT_EQ(test, 0,
			pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
	/* Pages that were discarded before have another content after the hibernation. */
	pga_carveout_forget_poison();
	memset(pagealloc_carveout_virt(f->c[0], pfn), 0x55, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, 64, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, 0UL, pagealloc_carveout_strays(f->c[0]));
	/* Pages that are discarded after that are verified again. */
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, pfn, 64));
	KUNIT_ASSERT_EQ(test, 0,
			pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
	memset(pagealloc_carveout_virt(f->c[0], pfn), 0x55, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, 64, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, 1UL, pagealloc_carveout_strays(f->c[0]));
	pgat_free_all(f->p);
}

/* A page that somebody refers to is not discarded, not even when its pool ends. */
static void referenced(struct kunit *test)
{
	struct page *page = pfn_to_page(PHYS_PFN(BASE) + 21);
	struct fixture *f = test->priv;
	unsigned long pfn, released;
	u64 *memory;

	open_one(test, 0, BASE, SIZE, PAGEALLOC_CARVEOUT_PAGES);
	pgat_pool_open_on(f->p, &pagealloc_carveout_ops, f->c[0], 0);
	pgat_pool_region(f->p, PHYS_PFN(BASE), 64);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, 64, GFP_KERNEL, &pfn));
	memory = pagealloc_carveout_virt(f->c[0], page_to_pfn(page));
	*memory = 0x1234;
	get_page(page);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, pfn, 64));
	KUNIT_EXPECT_EQ(test, 1UL, pgat_pages(f->p, PAGEALLOC_REFERRED));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, 63UL, released);
	KUNIT_EXPECT_EQ(test, 0x1234ULL, *memory);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(f->p->pool));
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_carveout_close(f->c[0]));
	KUNIT_EXPECT_EQ(test, 0x1234ULL, *memory);
	put_page(page);
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, 1UL, released);
	pgat_sound(f->p);
}

static const struct kind {
	const char *name;
	unsigned int flags;
	/* Points at which opening can fail, at the least. */
	unsigned int least;
} kinds[] = {
	{ "default", 0, 5 },
	{ "mapped", PAGEALLOC_CARVEOUT_MAPPED, 5 },
	{ "pages", PAGEALLOC_CARVEOUT_PAGES, 6 },
	{ "pages_mapped", PAGEALLOC_CARVEOUT_PAGES | PAGEALLOC_CARVEOUT_MAPPED, 6 },
	{ "uncached", PAGEALLOC_CARVEOUT_UNCACHED, 8 },
};

PGAT_ARRAY_PARAM(kind, kinds);

/* Pages of a pool; each granule that becomes uncached interrupts all CPUs. */
static unsigned long pool_pages(const struct kind *kind)
{
	return PHYS_PFN(kind->flags & PAGEALLOC_CARVEOUT_UNCACHED ? SZ_4M : SIZE);
}

/* A pool on each kind of mapping can allocate all its memory, zeroed, twice. */
static void cycle(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct pagealloc_carveout *c = open_one(test, 0, BASE, SIZE, kind->flags);
	const unsigned long nr = pool_pages(kind);
	struct fixture *f = test->priv;
	unsigned long pfn, released, round;

	pgat_pool_open_on(f->p, &pagealloc_carveout_ops, c, 0);
	pgat_pool_region(f->p, PHYS_PFN(BASE), nr);
	for (round = 0; round < 2; round++) {
		KUNIT_ASSERT_EQ(test, 0,
				pagealloc_alloc(f->p->pool, nr,
						GFP_KERNEL | __GFP_ZERO, &pfn));
		KUNIT_EXPECT_NULL(test, memchr_inv(pagealloc_carveout_virt(c, pfn),
						   0, nr << PAGE_SHIFT));
		memset(pagealloc_carveout_virt(c, pfn), 0x99, nr << PAGE_SHIFT);
		KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, pfn, nr));
		KUNIT_ASSERT_EQ(test, 0,
				pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL,
						   &released));
		KUNIT_EXPECT_EQ(test, released, nr);
		pgat_sound(f->p);
	}
	KUNIT_EXPECT_EQ(test, 0, pagealloc_carveout_strays(c));
}

/* A fault at any point of opening a carve-out: the range is nobody's then. */

static int open_run(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct pagealloc_carveout *c = try_open(BASE, SIZE, kind->flags);
	struct fixture *f = test->priv;

	f->c[0] = IS_ERR(c) ? NULL : c;
	return PTR_ERR_OR_ZERO(c);
}

static void open_verify(struct kunit *test, bool done)
{
	const bool is_free = request_mem_region(BASE, SIZE, "test");

	KUNIT_EXPECT_EQ(test, done, !is_free);
	if (is_free)
		release_mem_region(BASE, SIZE);
}

static void open_undo(struct kunit *test)
{
	close_one(test->priv, 0);
}

static void faults(struct kunit *test)
{
	static const struct pgat_operation open = {
		.run = open_run,
		.verify = open_verify,
		.undo = open_undo,
	};
	const struct kind *kind = test->param_value;

	pgat_fail_each(test, &open, kind->least);
}

/*
 * If a page has references, closing the carve-out returns at once, and the mapping
 * and the claim stay.  It can be closed later.
 */
static void held_page(struct kunit *test)
{
	const u64 base = BASE + SIZE - SZ_2M;
	struct page *page = pfn_to_page(PHYS_PFN(base) + 17);
	struct fixture *f = test->priv;

	open_one(test, 0, base, SZ_2M, PAGEALLOC_CARVEOUT_PAGES);
	get_page(page);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_carveout_close(f->c[0]));
	KUNIT_EXPECT_EQ(test, 2, page_count(page));
	expect_refused(test, -EEXIST, base, SZ_2M, 0);
	put_page(page);
	KUNIT_EXPECT_EQ(test, 1, page_count(page));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_carveout_close(f->c[0]));
	f->c[0] = NULL;
	open_one(test, 0, BASE, SIZE, 0);
}

/* A page that was freed while somebody has a reference is not handed out until then. */
static void referred_page(struct kunit *test)
{
	const unsigned long pfn = PHYS_PFN(BASE) + 5;
	struct page *page = pfn_to_page(pfn);
	struct fixture *f = test->priv;
	unsigned long run, low, high;

	open_one(test, 0, BASE, SIZE, PAGEALLOC_CARVEOUT_PAGES | PAGEALLOC_CARVEOUT_MAPPED);
	pgat_pool_open_on(f->p, &pagealloc_carveout_ops, f->c[0], 0);
	pgat_pool_region(f->p, PHYS_PFN(BASE), 16);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, 16, GFP_KERNEL, &run));
	get_page(page);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, run, 16));
	KUNIT_EXPECT_EQ(test, 1UL, pgat_pages(f->p, PAGEALLOC_REFERRED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(f->p->pool, 5, GFP_KERNEL, &low));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(f->p->pool, 10, GFP_KERNEL, &high));
	KUNIT_EXPECT_EQ(test, pfn + 1, high);
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc(f->p->pool, 1,
						       GFP_KERNEL | __GFP_NOWARN, &run));
	put_page(page);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(f->p->pool, 1, GFP_KERNEL, &run));
	KUNIT_EXPECT_EQ(test, pfn, run);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, low, 16));
	pgat_sound(f->p);
}

#ifdef CONFIG_MEMORY_FAILURE
/* The memory of a page goes bad: the kernel tells the carve-out, and the page is retired. */
static void bad_memory(struct kunit *test)
{
	const unsigned long pfn = PHYS_PFN(BASE) + 5;
	struct fixture *f = test->priv;
	unsigned long run;

	open_one(test, 0, BASE, SIZE, PAGEALLOC_CARVEOUT_PAGES | PAGEALLOC_CARVEOUT_MAPPED);
	pgat_pool_open_on(f->p, &pagealloc_carveout_ops, f->c[0], 0);
	pgat_pool_region(f->p, PHYS_PFN(BASE), 16);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, 16, GFP_KERNEL, &run));
	KUNIT_EXPECT_EQ(test, 0, memory_failure(pfn, MF_SW_SIMULATED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, run, 16));
	KUNIT_EXPECT_EQ(test, 1UL, pgat_pages(f->p, PAGEALLOC_RETIRED));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(f->p->pool, pfn, 1));
	pgat_sound(f->p);
}
#endif

static struct kunit_case range_cases[] = {
	KUNIT_CASE(plain),
	KUNIT_CASE(pages),
	KUNIT_CASE(part_of_a_subsection),
	KUNIT_CASE(exclusive),
	KUNIT_CASE(surely_memory),
	KUNIT_CASE(referenced),
	KUNIT_CASE(hibernate),
	KUNIT_CASE_PARAM(cycle, kind_gen_params),
	KUNIT_CASE_PARAM(faults, kind_gen_params),
#ifdef CONFIG_MEMORY_FAILURE
	KUNIT_CASE(bad_memory),
#endif
	KUNIT_CASE(held_page),
	KUNIT_CASE(referred_page),
	{}
};

static struct kunit_suite range_suite = {
	.name = "pagealloc_carveout_range",
	.init = range_init,
	.exit = range_exit,
	.test_cases = range_cases,
};
kunit_test_suite(range_suite);

MODULE_DESCRIPTION("Tests of pagealloc's carve-out backing on a range that is not RAM");
MODULE_LICENSE("GPL");
