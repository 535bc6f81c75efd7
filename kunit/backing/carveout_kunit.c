// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of backing/carveout.c and of the files it uses: claim.c, mapping.c and
 * poison.c.
 *
 * The range of these tests is kernel memory whose pages are marked as reserved, so
 * they need no boot argument.  carveout_range_kunit.c tests ranges that are not
 * RAM.
 */

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/pfn.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <asm/pgtable_types.h>

#include "backing/poison.h"
#include "base/fault.h"
#include "lib/faults.h"
#include "lib/testpool.h"

#define ORDER	6
#define PAGES	(1UL << ORDER)

/**
 * struct platform - the context of hooks that record their calls
 * @populates: populate calls that succeeded
 * @discards: discard calls that succeeded
 * @fail_populate: errno that populate calls return, or 0
 * @fail_discard: errno that discard calls return, or 0
 * @pfn: first page of the last call
 * @nr: pages of the last call
 * @fill: value that a populate call writes to each byte, or 0 to write nothing
 * @has: the platform has the memory, for tests with faults
 */
struct platform {
	unsigned int populates;
	unsigned int discards;
	int fail_populate;
	int fail_discard;
	unsigned long pfn;
	unsigned long nr;
	u8 fill;
	bool has;
};

/**
 * struct fixture - a range, a carve-out on it and a pool on the carve-out
 * @p: the pool, closed before the carve-out is
 * @page: the first page of the range
 * @c: the carve-out
 * @platform: for tests with hooks
 * @row: for tests with faults
 * @hides: discarded pages are unmapped or uncached
 */
struct fixture {
	struct pgat_pool *p;
	struct page *page;
	struct pagealloc_carveout *c;
	struct platform platform;
	const struct row *row;
	bool hides;
};

static int record(struct platform *platform, unsigned long pfn, unsigned long nr,
		  int ret, unsigned int *count)
{
	platform->pfn = pfn;
	platform->nr = nr;
	if (!ret)
		++*count;
	return ret;
}

static int platform_populate(void *ctx, unsigned long pfn, unsigned long nr)
{
	struct platform *platform = ctx;
	int ret = record(platform, pfn, nr, platform->fail_populate,
			 &platform->populates);

	if (!ret && platform->fill)
		memset(page_address(pfn_to_page(pfn)), platform->fill,
		       nr << PAGE_SHIFT);
	return ret;
}

static int platform_discard(void *ctx, unsigned long pfn, unsigned long nr)
{
	struct platform *platform = ctx;

	return record(platform, pfn, nr, platform->fail_discard,
		      &platform->discards);
}

static const struct pagealloc_carveout_hooks hooks = {
	.discard = platform_discard,
	.populate = platform_populate,
};

static const struct pagealloc_carveout_hooks zeroing_hooks = {
	.discard = platform_discard,
	.populate = platform_populate,
	.populates_zero = true,
};

static void set_reserved(struct page *page, bool reserved)
{
	unsigned long i;

	for (i = 0; i < PAGES; i++) {
		if (reserved)
			SetPageReserved(page + i);
		else
			ClearPageReserved(page + i);
	}
}

static int carveout_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->p = pgat_pool(test);
	f->p->cached = true;
	f->page = alloc_pages(GFP_KERNEL | __GFP_ZERO, ORDER);
	KUNIT_ASSERT_NOT_NULL(test, f->page);
	set_reserved(f->page, true);
	test->priv = f;
	return 0;
}

static void close_all(struct fixture *f)
{
	pgat_pool_close(f->p);
	if (f->c)
		pagealloc_carveout_close(f->c);
	f->c = NULL;
}

static void carveout_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	/* KUnit calls this even if init failed. */
	if (!f)
		return;
	close_all(f);
	set_reserved(f->page, false);
	__free_pages(f->page, ORDER);
}

static unsigned long first(struct kunit *test)
{
	const struct fixture *f = test->priv;

	return page_to_pfn(f->page);
}

static void *virt(struct kunit *test, unsigned long page)
{
	const struct fixture *f = test->priv;

	return page_address(f->page + page);
}

/* Open the range as a carve-out; @config has further options. */
static void open_range(struct kunit *test, struct pagealloc_carveout_config config)
{
	struct fixture *f = test->priv;

	config.base = PFN_PHYS(first(test));
	config.size = PAGES << PAGE_SHIFT;
	config.flags |= PAGEALLOC_CARVEOUT_RAM;
	config.hooks_ctx = &f->platform;
	f->c = pagealloc_carveout_open(&config);
	if (IS_ERR(f->c)) {
		const long error = PTR_ERR(f->c);

		f->c = NULL;
		KUNIT_ASSERT_EQ(test, error, 0);
	}
}

/* The same, with a pool that has all of the range. */
static void open_pool(struct kunit *test, struct pagealloc_carveout_config config)
{
	struct fixture *f = test->priv;

	open_range(test, config);
	pgat_pool_open_on(f->p, &pagealloc_carveout_ops, f->c, 0);
	pgat_pool_region(f->p, first(test), PAGES);
}

/* Allocate the first @nr pages. */
static void take(struct kunit *test, unsigned long nr, gfp_t gfp)
{
	const struct fixture *f = test->priv;
	unsigned long pfn;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, nr, gfp, &pfn));
	KUNIT_ASSERT_EQ(test, pfn, first(test));
}

/* Free the first @nr pages and discard all free pages. */
static void free_and_discard(struct kunit *test, unsigned long nr)
{
	const struct fixture *f = test->priv;
	unsigned long released;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, first(test), nr));
	KUNIT_ASSERT_EQ(test, 0,
			pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
}

static unsigned long strays(struct kunit *test)
{
	const struct fixture *f = test->priv;

	return pagealloc_carveout_strays(f->c);
}

/* A write to any byte is detected, and of two writes the first is located. */
static void poison(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	u8 *memory = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	phys_addr_t phys = 0x123456789000;
	unsigned int round;

	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_EXPECT_EQ(test, 0, pga_poison_intact(memory, phys, PAGE_SIZE));
	pga_poison(memory, phys, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, pga_poison_intact(memory, phys, PAGE_SIZE));
	for (round = 0; round < 1000; round++) {
		const unsigned long a = pgat_below(&random, PAGE_SIZE);
		const unsigned long b = pgat_below(&random, PAGE_SIZE);

		memory[a] ^= 1 << pgat_below(&random, 8);
		if (a != b)
			memory[b] ^= 1 << pgat_below(&random, 8);
		KUNIT_ASSERT_EQ(test, ALIGN_DOWN(min(a, b), 8),
				pga_poison_intact(memory, phys, PAGE_SIZE));
		pga_poison(memory, phys, PAGE_SIZE);
	}
}

/* Poison depends on the address: a copy of it at another address is detected. */
static void poison_elsewhere(struct kunit *test)
{
	u8 *memory = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	pga_poison(memory, PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0, pga_poison_intact(memory, 0, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, 0,
			pga_poison_intact(memory, 2 * PAGE_SIZE, PAGE_SIZE));
	memmove(memory, memory + 8, PAGE_SIZE - 8);
	KUNIT_EXPECT_EQ(test, 0, pga_poison_intact(memory, PAGE_SIZE, PAGE_SIZE));
}

/* The address of a page of reserved RAM is that in the direct map. */
static void location(struct kunit *test)
{
	const struct fixture *f = test->priv;
	const unsigned long pfn = first(test);

	open_range(test, (struct pagealloc_carveout_config) {});
	KUNIT_EXPECT_EQ(test, pagealloc_carveout_pfn(f->c), pfn);
	KUNIT_EXPECT_EQ(test, pagealloc_carveout_pages(f->c), PAGES);
	KUNIT_EXPECT_PTR_EQ(test, pagealloc_carveout_virt(f->c, pfn), virt(test, 0));
	KUNIT_EXPECT_PTR_EQ(test, pagealloc_carveout_virt(f->c, pfn + PAGES - 1),
			    virt(test, PAGES - 1));
	KUNIT_EXPECT_NULL(test, pagealloc_carveout_virt(f->c, pfn - 1));
	KUNIT_EXPECT_NULL(test, pagealloc_carveout_virt(f->c, pfn + PAGES));
}

/* A pool accepts only regions inside its carve-out. */
static void regions(struct kunit *test)
{
	const struct fixture *f = test->priv;
	const unsigned long pfn = first(test);

	open_pool(test, (struct pagealloc_carveout_config) {});
	KUNIT_EXPECT_EQ(test, -EEXIST, pagealloc_add_region(f->p->pool, pfn, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_add_region(f->p->pool, pfn - 1, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_add_region(f->p->pool, pfn + PAGES, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_add_region(f->p->pool, pfn + PAGES, 1UL << 33));
}

/* Granules for a pool of 64 pages, with and without uncached pages. */
static const struct mode {
	const char *name;
	unsigned long granule;
	unsigned int flags;
} modes[] = {
	{ "page", 1, 0 },
	{ "four_pages", 4, 0 },
	{ "all_pages", PAGES, 0 },
	{ "page_uncached", 1, PAGEALLOC_CARVEOUT_UNCACHED },
	{ "four_pages_uncached", 4, PAGEALLOC_CARVEOUT_UNCACHED },
};

PGAT_ARRAY_PARAM(mode, modes);

static struct pagealloc_carveout_config poisoned(const struct mode *mode)
{
	return (struct pagealloc_carveout_config) {
		.granule = mode->granule,
		.flags = mode->flags | PAGEALLOC_CARVEOUT_MAPPED,
	};
}

/*
 * A write to a discarded page is counted when the page is populated, and the
 * populate succeeds.  Writes to pages in use are not counted.
 */
static void stray(struct kunit *test)
{
	const struct fixture *f = test->priv;
	u8 *memory = virt(test, 0);

	open_pool(test, poisoned(test->param_value));
	take(test, PAGES, GFP_KERNEL);
	memset(memory, 0x55, PAGES << PAGE_SHIFT);
	free_and_discard(test, PAGES);
	KUNIT_EXPECT_EQ(test, 0, pgat_pages(f->p, PAGEALLOC_RETAINED));
	KUNIT_EXPECT_EQ(test, PAGES << PAGE_SHIFT,
			pga_poison_intact(memory, PFN_PHYS(first(test)),
					  PAGES << PAGE_SHIFT));
	take(test, PAGES, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 0, strays(test));

	free_and_discard(test, PAGES);
	memory[5 * PAGE_SIZE + 100] ^= 1;
	memory[5 * PAGE_SIZE + 200] ^= 1;
	memory[PAGES * PAGE_SIZE - 1] ^= 1;
	take(test, PAGES, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 2, strays(test));
	pgat_sound(f->p);
	free_and_discard(test, PAGES);
	take(test, PAGES, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 2, strays(test));
}

/* A stray write is detected even if no request populates the page again. */
static void stray_at_end(struct kunit *test)
{
	const struct fixture *f = test->priv;

	open_pool(test, poisoned(&modes[0]));
	take(test, PAGES, GFP_KERNEL);
	free_and_discard(test, PAGES);
	*(u8 *)virt(test, 9) = 1;
	pgat_pool_close(f->p);
	KUNIT_EXPECT_EQ(test, 1, strays(test));
}

/* The first content of a page stays until a client uses it: no stray write. */
static void first_content(struct kunit *test)
{
	const struct fixture *f = test->priv;

	memset(virt(test, 0), 0xa7, PAGES << PAGE_SHIFT);
	open_pool(test, poisoned(&modes[0]));
	take(test, PAGES / 2, GFP_KERNEL);
	KUNIT_EXPECT_NULL(test, memchr_inv(virt(test, 0), 0xa7,
					   PAGES << PAGE_SHIFT));
	pgat_pool_close(f->p);
	KUNIT_EXPECT_NULL(test, memchr_inv(virt(test, PAGES / 2), 0xa7,
					   (PAGES / 2) << PAGE_SHIFT));
	KUNIT_EXPECT_EQ(test, 0, strays(test));
}

/* __GFP_ZERO clears poison and the first content. */
static void zero(struct kunit *test)
{
	unsigned int round;

	memset(virt(test, 0), 0xa7, PAGES << PAGE_SHIFT);
	open_pool(test, poisoned(&modes[0]));
	for (round = 0; round < 3; round++) {
		take(test, PAGES, GFP_KERNEL | __GFP_ZERO);
		KUNIT_EXPECT_NULL(test, memchr_inv(virt(test, 0), 0,
						   PAGES << PAGE_SHIFT));
		free_and_discard(test, PAGES);
	}
}

/* The hooks get whole granules, and the memory of the platform is not changed. */
static void platform(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct platform *platform = &f->platform;

	open_pool(test, (struct pagealloc_carveout_config) {
		.granule = 4, .hooks = &hooks,
		.flags = PAGEALLOC_CARVEOUT_MAPPED,
	});
	KUNIT_EXPECT_EQ(test, 0, platform->populates);
	take(test, 6, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 1, platform->populates);
	KUNIT_EXPECT_EQ(test, first(test), platform->pfn);
	KUNIT_EXPECT_EQ(test, 8, platform->nr);
	memset(virt(test, 0), 0x33, 8 << PAGE_SHIFT);
	free_and_discard(test, 6);
	KUNIT_EXPECT_GE(test, platform->discards, 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(virt(test, 0), 0x33, 8 << PAGE_SHIFT));
	take(test, 8, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 2, platform->populates);
	KUNIT_EXPECT_EQ(test, 0, strays(test));
	pgat_sound(f->p);
}

/* The errno of a hook is returned, and no page is lost. */
static void platform_fails(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long pfn, released;

	open_pool(test, (struct pagealloc_carveout_config) { .hooks = &hooks });
	f->platform.fail_populate = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			pagealloc_alloc(f->p->pool, 4, GFP_KERNEL | __GFP_NOWARN, &pfn));
	pgat_sound(f->p);
	f->platform.fail_populate = 0;
	take(test, PAGES, GFP_KERNEL);

	f->platform.fail_discard = -EBUSY;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, first(test), PAGES));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, 0, released);
	pgat_sound(f->p);
	take(test, PAGES, GFP_KERNEL);
	memset(virt(test, 0), 1, PAGES << PAGE_SHIFT);
	f->platform.fail_discard = 0;
	free_and_discard(test, PAGES);
	KUNIT_EXPECT_EQ(test, 0, pgat_pages(f->p, PAGEALLOC_RETAINED));
}

/* Memory that the hook has zeroed is not cleared again; any other memory is. */
static void platform_zero(struct kunit *test)
{
	struct fixture *f = test->priv;

	/* The hook does not zero the memory, which shows whether the pool does. */
	f->platform.fill = 0x77;
	open_pool(test, (struct pagealloc_carveout_config) {
		.hooks = &zeroing_hooks,
	});
	take(test, 4, GFP_KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_NULL(test, memchr_inv(virt(test, 0), 0x77, 4 << PAGE_SHIFT));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, first(test), 4));
	take(test, 4, GFP_KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_NULL(test, memchr_inv(virt(test, 0), 0, 4 << PAGE_SHIFT));
}

static int touch(struct kunit *test, unsigned long page)
{
	u8 byte;

	return copy_from_kernel_nofault(&byte, virt(test, page), 1);
}

/*
 * If the kernel can unmap pages, an access to a discarded page faults and one to
 * its neighbours does not, and all pages are mapped again in the end.  On other
 * kernels pagealloc_protect() is refused.
 */
static void unmapped(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pagealloc_pool *pool;
	unsigned long pfn, released;
	int ret;

	open_pool(test, (struct pagealloc_carveout_config) {});
	pool = f->p->pool;
	take(test, 16, GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(pool, first(test) + 4, 4));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_scavenge(pool, PAGEALLOC_ALL, &released));
	ret = pagealloc_protect(pool, first(test) + 4, 4);
	kunit_info(test, "protect: %d\n", ret);
	if (ret) {
		KUNIT_EXPECT_EQ(test, ret, -EOPNOTSUPP);
		KUNIT_EXPECT_EQ(test, 0, touch(test, 4));
		return;
	}
	KUNIT_EXPECT_EQ(test, -EFAULT, touch(test, 4));
	KUNIT_EXPECT_EQ(test, -EFAULT, touch(test, 7));
	KUNIT_EXPECT_EQ(test, 0, touch(test, 3));
	KUNIT_EXPECT_EQ(test, 0, touch(test, 8));
	/* This page was never used, so it stays mapped until it is protected. */
	KUNIT_EXPECT_EQ(test, 0, touch(test, 40));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_protect(pool, first(test) + 40, 2));
	KUNIT_EXPECT_EQ(test, -EFAULT, touch(test, 40));
	KUNIT_EXPECT_EQ(test, 0, touch(test, 42));

	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(pool, 4, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, first(test) + 4);
	memset(virt(test, 4), 1, 4 << PAGE_SHIFT);
	pgat_pool_close(f->p);
	KUNIT_EXPECT_EQ(test, 0, touch(test, 40));
	memset(virt(test, 0), 2, PAGES << PAGE_SHIFT);
}

/* With PAGEALLOC_CARVEOUT_MAPPED discarded pages stay mapped on every kernel. */
static void mapped(struct kunit *test)
{
	const struct fixture *f = test->priv;

	open_pool(test, poisoned(&modes[0]));
	take(test, 16, GFP_KERNEL);
	free_and_discard(test, 16);
	KUNIT_EXPECT_EQ(test, 0, touch(test, 4));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			pagealloc_protect(f->p->pool, first(test) + 4, 4));
}

/* A fault at any point of a call of the backing, which must do all or nothing. */

/**
 * struct row - an operation on a carve-out
 * @name: of the case
 * @op: the operation
 * @flags: of the carve-out
 * @hooks: the platform has hooks, which may fail too
 * @least: points of the operation at the least
 */
struct row {
	const char *name;
	const struct pgat_operation *op;
	unsigned int flags;
	const struct pagealloc_carveout_hooks *hooks;
	unsigned int least;
};

static bool is_hidden(struct kunit *test, unsigned long page)
{
	unsigned int level;
	const pte_t *pte = lookup_address((unsigned long)virt(test, page), &level);

	return !pte || touch(test, page) || pte_flags(*pte) & _PAGE_PCD;
}

/* The first @nr pages are hidden, and no others. */
static void expect_hidden(struct kunit *test, unsigned long nr)
{
	unsigned long i, wrong = 0;

	for (i = 0; i < PAGES; i++)
		wrong += is_hidden(test, i) != (i < nr);
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "%lu pages should be hidden", nr);
}

/* Whether the platform has the memory while its hook is called. */
static int hook(void *ctx, unsigned long pfn, unsigned long nr, bool populate)
{
	struct platform *platform = ctx;
	const int ret = pga_fault_point(-EBUSY, "hook", "the carve-out");

	if (!ret)
		platform->has = !populate;
	return ret;
}

static int hook_populate(void *ctx, unsigned long pfn, unsigned long nr)
{
	return hook(ctx, pfn, nr, true);
}

static int hook_discard(void *ctx, unsigned long pfn, unsigned long nr)
{
	return hook(ctx, pfn, nr, false);
}

static const struct pagealloc_carveout_hooks fault_hooks = {
	.discard = hook_discard,
	.populate = hook_populate,
};

static int fault_open_run(struct kunit *test)
{
	struct fixture *f = test->priv;
	const struct pagealloc_carveout_config config = {
		.base = PFN_PHYS(first(test)),
		.size = PAGES << PAGE_SHIFT,
		.granule = 4,
		.flags = f->row->flags | PAGEALLOC_CARVEOUT_RAM,
		.hooks = f->row->hooks,
		.hooks_ctx = &f->platform,
	};
	struct pagealloc_carveout *c = pagealloc_carveout_open(&config);

	f->c = IS_ERR(c) ? NULL : c;
	return PTR_ERR_OR_ZERO(c);
}

static void fault_open_verify(struct kunit *test, bool done)
{
	const struct fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, done, !!f->c);
}

static void fault_close(struct kunit *test)
{
	close_all(test->priv);
	expect_hidden(test, 0);
}

/* All pages of the range have memory. */
static void fault_ready(struct kunit *test)
{
	const struct pagealloc_backing_ops *ops = &pagealloc_carveout_ops;
	struct fixture *f = test->priv;

	KUNIT_ASSERT_EQ(test, 0, fault_open_run(test));
	KUNIT_ASSERT_EQ(test, 0, ops->reserve(f->c, first(test), PAGES));
	KUNIT_ASSERT_EQ(test, 0, ops->populate(f->c, first(test), PAGES));
	f->platform.has = false;
}

static int fault_discard_run(struct kunit *test)
{
	const struct fixture *f = test->priv;

	return pagealloc_carveout_ops.discard(f->c, first(test), PAGES);
}

static int fault_populate_run(struct kunit *test)
{
	const struct fixture *f = test->priv;

	return pagealloc_carveout_ops.populate(f->c, first(test), PAGES);
}

/* None of the pages has memory. */
static void fault_discarded(struct kunit *test)
{
	struct fixture *f = test->priv;

	fault_ready(test);
	KUNIT_ASSERT_EQ(test, 0, fault_discard_run(test));
	f->hides = is_hidden(test, 0);
	if (f->row->flags & PAGEALLOC_CARVEOUT_UNCACHED)
		KUNIT_EXPECT_TRUE(test, f->hides);
}

static void expect_discarded(struct kunit *test, bool discarded)
{
	const struct fixture *f = test->priv;

	if (f->row->hooks)
		KUNIT_EXPECT_EQ(test, f->platform.has, discarded);
	expect_hidden(test, discarded && f->hides ? PAGES : 0);
	KUNIT_EXPECT_EQ(test, 0, strays(test));
}

static void fault_discard_prepare(struct kunit *test)
{
	/* To learn whether it hides pages. */
	fault_discarded(test);
	KUNIT_ASSERT_EQ(test, 0, fault_populate_run(test));
}

static void fault_discard_verify(struct kunit *test, bool done)
{
	expect_discarded(test, done);
}

static void fault_populate_verify(struct kunit *test, bool done)
{
	expect_discarded(test, !done);
}

static void fault_release(struct kunit *test)
{
	const struct fixture *f = test->priv;

	pagealloc_carveout_ops.release(f->c, first(test), PAGES);
	fault_close(test);
}

/* Half of the pages are discarded; the others were never used, and so not hidden. */
static void fault_protect_prepare(struct kunit *test)
{
	const struct pagealloc_backing_ops *ops = &pagealloc_carveout_ops;
	struct fixture *f = test->priv;

	KUNIT_ASSERT_EQ(test, 0, fault_open_run(test));
	KUNIT_ASSERT_EQ(test, 0, ops->reserve(f->c, first(test), PAGES));
	KUNIT_ASSERT_EQ(test, 0, ops->populate(f->c, first(test), PAGES / 2));
	KUNIT_ASSERT_EQ(test, 0, ops->discard(f->c, first(test), PAGES / 2));
	f->hides = is_hidden(test, 0);
}

static int fault_protect_run(struct kunit *test)
{
	const struct fixture *f = test->priv;
	const int ret = pagealloc_carveout_ops.protect(f->c, first(test), PAGES);

	/* Most kernels cannot. */
	return ret == -EOPNOTSUPP ? 0 : ret;
}

static void fault_protect_verify(struct kunit *test, bool done)
{
	const struct fixture *f = test->priv;

	expect_hidden(test, !f->hides ? 0 : done ? PAGES : PAGES / 2);
}

static const struct pgat_operation fault_open = {
	.run = fault_open_run,
	.verify = fault_open_verify,
	.undo = fault_close,
};

static const struct pgat_operation fault_discard = {
	.prepare = fault_discard_prepare,
	.run = fault_discard_run,
	.verify = fault_discard_verify,
	.undo = fault_release,
	.once = true,
};

static const struct pgat_operation fault_populate = {
	.prepare = fault_discarded,
	.run = fault_populate_run,
	.verify = fault_populate_verify,
	.undo = fault_release,
	.once = true,
};

static const struct pgat_operation fault_protect = {
	.prepare = fault_protect_prepare,
	.run = fault_protect_run,
	.verify = fault_protect_verify,
	.undo = fault_release,
	.once = true,
};

#define UNCACHED	PAGEALLOC_CARVEOUT_UNCACHED

static const struct row rows[] = {
	{ "open", &fault_open, 0, NULL, 3 },
	{ "open, uncached", &fault_open, UNCACHED, NULL, 5 },
	{ "discard, hooks", &fault_discard, 0, &fault_hooks, 1 },
	{ "discard, uncached", &fault_discard, UNCACHED, NULL, 16 },
	{ "discard, uncached, hooks", &fault_discard, UNCACHED, &fault_hooks, 17 },
	{ "populate, hooks", &fault_populate, 0, &fault_hooks, 1 },
	{ "populate, uncached", &fault_populate, UNCACHED, NULL, 16 },
	{ "populate, uncached, hooks", &fault_populate, UNCACHED, &fault_hooks, 17 },
	{ "protect", &fault_protect, 0, NULL, 0 },
};
PGAT_ARRAY_PARAM(row, rows);

static void faults(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->row = test->param_value;
	pgat_fail_each(test, f->row->op, f->row->least);
}

/**
 * struct refusal - a configuration that is refused
 * @name: of the case
 * @config: the configuration
 * @in_range: @config.base is the index of a page in the test's range
 * @want: the errno
 */
struct refusal {
	const char *name;
	struct pagealloc_carveout_config config;
	bool in_range;
	int want;
};

#define RAM	PAGEALLOC_CARVEOUT_RAM
#define ANODE	((struct device_node *)8)

static const struct pagealloc_carveout_hooks half_hooks = {
	.discard = platform_discard,
};

static const struct refusal refusals[] = {
	{ "nothing", { .flags = RAM }, false, -EINVAL },
	{ "no_size", { .base = 1, .flags = RAM }, true, -EINVAL },
	{ "size_of_half_a_page", { .size = 2048, .flags = RAM }, true, -EINVAL },
	{ "base_within_a_page", { .base = 2048, .size = 4096 }, false, -EINVAL },
	{ "name_and_numbers", { .size = 4096, .reserve_mem = "x" }, true, -EINVAL },
	{ "name_and_node", { .reserve_mem = "x", .node = ANODE }, false, -EINVAL },
	{ "wraps", { .base = -4096ULL, .size = 8192 }, false, -EINVAL },
	{ "wraps_far", { .base = 8192, .size = -4096ULL }, false, -EINVAL },
	{ "beyond", { .base = 1ULL << 62, .size = 4096 }, false, -EINVAL },
	{ "granule_3", { .size = 4096, .granule = 3, .flags = RAM }, true, -EINVAL },
	{ "granule_huge",
	  { .size = 4096, .granule = 2 * PAGEALLOC_GRANULE_MAX, .flags = RAM },
	  true, -EINVAL },
	{ "flags", { .size = 4096, .flags = RAM | 0x80000000 }, true, -EINVAL },
	{ "half_the_hooks",
	  { .size = 4096, .hooks = &half_hooks, .flags = RAM }, true, -EINVAL },
	{ "ram", { .base = 8, .size = 4096 }, true, -EBUSY },
	{ "claimed_ram",
	  { .base = 8, .size = 4096, .flags = PAGEALLOC_CARVEOUT_CLAIMED },
	  true, -EBUSY },
	{ "ram_not_reserved", { .base = 40, .size = 2 * 4096, .flags = RAM },
	  true, -EBUSY },
	{ "overlap", { .base = 2, .size = 4096, .flags = RAM }, true, -EEXIST },
	{ "device", { .base = 0xfee00000, .size = 4096 }, false, -ENXIO },
	{ "device_as_ram", { .base = 0xfee00000, .size = 4096, .flags = RAM },
	  false, -ENXIO },
	{ "hole", { .base = 0x7000000000, .size = 4096 }, false, -ENXIO },
};

PGAT_ARRAY_PARAM(refusal, refusals);

/* The configuration is refused, and afterwards the whole range can be opened. */
static void refused(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct pagealloc_carveout_config config = r->config;
	struct pagealloc_carveout_config other = {
		.base = PFN_PHYS(first(test)),
		.size = 4 * PAGE_SIZE,
		.flags = RAM,
	};
	struct fixture *f = test->priv;
	struct pagealloc_carveout *c;

	f->c = pagealloc_carveout_open(&other);
	KUNIT_ASSERT_FALSE(test, IS_ERR(f->c));
	ClearPageReserved(f->page + 41);
	if (r->in_range)
		config.base = PFN_PHYS(first(test) + config.base);
	c = pagealloc_carveout_open(&config);
	KUNIT_EXPECT_TRUE(test, IS_ERR(c));
	if (!IS_ERR(c))
		pagealloc_carveout_close(c);
	else
		KUNIT_EXPECT_EQ(test, r->want, PTR_ERR(c));
	SetPageReserved(f->page + 41);
	pagealloc_carveout_close(f->c);
	f->c = NULL;
	open_range(test, (struct pagealloc_carveout_config) {});
}

/* Nodes of qemu/reserved.dts, and the errno for each. */
static const struct node_case {
	const char *path;
	int want;
} node_cases[] = {
	{ "/reserved-memory/pool@30000000", 0 },
	{ "/device", 0 },
	{ "/reserved-memory", -ENOENT },
	{ "/other", -ENOENT },
	{ "/reserved-memory/disabled@32000000", -ENOENT },
};

#define NODE_BASE	0x30000000ULL
#define NODE_SIZE	SZ_16M

/* A pool on reserved memory of a node can use all of it. */
static void use_node(struct kunit *test, struct pagealloc_carveout *c)
{
	const unsigned long nr = NODE_SIZE >> PAGE_SHIFT;
	struct fixture *f = test->priv;
	unsigned long pfn, released;

	f->c = c;
	pgat_pool_open_on(f->p, &pagealloc_carveout_ops, c, 0);
	pgat_pool_region(f->p, PHYS_PFN(NODE_BASE), nr);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, nr,
						 GFP_KERNEL | __GFP_ZERO, &pfn));
	KUNIT_EXPECT_NULL(test, memchr_inv(pagealloc_carveout_virt(c, pfn), 0,
					   NODE_SIZE));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, pfn, nr));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL,
						    &released));
	KUNIT_EXPECT_EQ(test, nr, released);
	pgat_sound(f->p);
	close_all(f);
}

/* Without device trees no node is reserved memory, and the pointer is not used. */
static void no_node(struct kunit *test)
{
	const struct pagealloc_carveout_config config = { .node = ANODE };

	KUNIT_EXPECT_PTR_EQ(test, pagealloc_carveout_open(&config),
			    (struct pagealloc_carveout *)ERR_PTR(-ENOENT));
}

/* Reserved memory of a device tree, which the boot `exports' of test.sh has. */
static void node(struct kunit *test)
{
	struct pagealloc_carveout_config config = {};
	struct pagealloc_carveout *c;
	unsigned int i;

	if (!IS_ENABLED(CONFIG_OF_RESERVED_MEM)) {
		no_node(test);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(node_cases); i++) {
		config.node = of_find_node_by_path(node_cases[i].path);
		KUNIT_ASSERT_NOT_NULL_MSG(test, config.node, "%s", node_cases[i].path);
		c = pagealloc_carveout_open(&config);
		of_node_put(config.node);
		KUNIT_EXPECT_EQ_MSG(test, node_cases[i].want, PTR_ERR_OR_ZERO(c),
				    "%s", node_cases[i].path);
		if (!IS_ERR(c))
			use_node(test, c);
	}
}

/*
 * Pages with bad memory are retired, and neither written to nor verified; on a kernel
 * that marks them.
 */
static void bad_memory(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long pfn, released;
	u64 *bad = virt(test, 9);

	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		return;
	open_pool(test, (struct pagealloc_carveout_config) {
		.granule = 4, .flags = PAGEALLOC_CARVEOUT_MAPPED,
	});
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, 32, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, pfn, first(test));
	*bad = 0x1234;
	SetPageHWPoison(f->page + 9);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, pfn, 32));
	KUNIT_EXPECT_EQ(test, 1UL, pgat_pages(f->p, PAGEALLOC_RETIRED));
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, 28UL, released);
	/* A discarded granule goes bad, and one that was never used. */
	SetPageHWPoison(f->page + 20);
	*(u64 *)virt(test, 20) = 0x1234;
	SetPageHWPoison(f->page + 50);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(f->p->pool, 12, GFP_KERNEL, &pfn));
	while (!pagealloc_alloc(f->p->pool, 1, GFP_KERNEL | __GFP_NOWARN, &pfn))
		KUNIT_EXPECT_FALSE(test, PageHWPoison(pfn_to_page(pfn)));
	KUNIT_EXPECT_EQ(test, 9UL, pgat_pages(f->p, PAGEALLOC_RETIRED));
	pgat_sound(f->p);
	KUNIT_EXPECT_EQ(test, 0UL, pagealloc_carveout_strays(f->c));
	pgat_pool_close(f->p);
	KUNIT_EXPECT_EQ(test, 0x1234ULL, *bad);
	KUNIT_EXPECT_EQ(test, 0UL, pagealloc_carveout_strays(f->c));
	close_all(f);
	ClearPageHWPoison(f->page + 9);
	ClearPageHWPoison(f->page + 20);
	ClearPageHWPoison(f->page + 50);
}

static struct kunit_case carveout_cases[] = {
	KUNIT_CASE(poison),
	KUNIT_CASE(poison_elsewhere),
	KUNIT_CASE(location),
	KUNIT_CASE(regions),
	KUNIT_CASE_PARAM(stray, mode_gen_params),
	KUNIT_CASE(stray_at_end),
	KUNIT_CASE(first_content),
	KUNIT_CASE(zero),
	KUNIT_CASE(platform),
	KUNIT_CASE(platform_fails),
	KUNIT_CASE(platform_zero),
	KUNIT_CASE(unmapped),
	KUNIT_CASE(mapped),
	KUNIT_CASE_PARAM(faults, row_gen_params),
	KUNIT_CASE_PARAM(refused, refusal_gen_params),
	KUNIT_CASE(node),
	KUNIT_CASE(bad_memory),
	{}
};

static struct kunit_suite carveout_suite = {
	.name = "pagealloc_carveout",
	.init = carveout_init,
	.exit = carveout_exit,
	.test_cases = carveout_cases,
};
kunit_test_suite(carveout_suite);

MODULE_DESCRIPTION("Tests of pagealloc's carve-out backing");
MODULE_LICENSE("GPL");
