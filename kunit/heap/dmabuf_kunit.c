// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of heap/dmabuf.c, and with it of buffer.c and quarantine.c: what a driver can
 * do with a buffer, and that a page to which somebody refers has no second owner.
 */

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>

#include "../heap/compat.h"
#include "../heap/pagealloc_heap.h"
#include "lib/faults.h"
#include "lib/testheap.h"
#include "lib/wait.h"

PGH_IMPORT_DMA_BUF;

static int dmabuf_init(struct kunit *test)
{
	const struct pagealloc_heap_config config = {
		.mapping = PAGEALLOC_HEAP_PAGES,
		.gone = pgat_heap_gone,
		.owner = THIS_MODULE,
	};
	struct pagealloc_heap_config mine = config;

	pgat_heap_open(test, 4);
	mine.arg = test->priv;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_heap_offer(PGAT_HEAP, &mine));
	return 0;
}

static void dmabuf_exit(struct kunit *test)
{
	struct pgat_heap *h = test->priv;

	if (!pagealloc_heap_withdraw(PGAT_HEAP))
		KUNIT_EXPECT_TRUE(test, pgat_wait_for(atomic_read(&h->gone)));
	pgat_heap_close(test);
}

static struct dma_buf *export(struct kunit *test, unsigned long nr)
{
	const struct pagealloc_request request = { .nr_pages = nr };
	struct dma_buf *dmabuf = pagealloc_heap_export(PGAT_HEAP, &request, GFP_KERNEL);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(dmabuf), "%ld", PTR_ERR(dmabuf));
	return dmabuf;
}

/* The memory of a buffer; it stays mapped, as is the direct map. */
static void *memory(struct kunit *test, struct dma_buf *dmabuf)
{
	struct iosys_map map;

	KUNIT_ASSERT_EQ(test, 0, dma_buf_vmap(dmabuf, &map));
	KUNIT_EXPECT_FALSE(test, map.is_iomem);
	dma_buf_vunmap(dmabuf, &map);
	return map.vaddr;
}

static unsigned long in_use(struct kunit *test)
{
	struct pgat_heap *h = test->priv;

	return pgat_pages(h->p, PAGEALLOC_IN_USE);
}

/* A file that a thread of the kernel puts is closed a little later. */
static void settles(struct kunit *test, unsigned long pages)
{
	KUNIT_EXPECT_TRUE_MSG(test, pgat_wait_for(in_use(test) == pages),
			      "%lu pages in use, not %lu", in_use(test), pages);
}

/* A buffer is as long as it was asked for, of the pool, and zero, also the second time. */
static void zeroed(struct kunit *test)
{
	static const unsigned long lens[] = { 1, 2, 15, 16, 511, 512, 513 };
	struct pgat_heap *h = test->priv;
	struct dma_buf *dmabuf;
	int i, round;
	void *p;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_SIZE(lens); i++) {
			dmabuf = export(test, lens[i]);
			KUNIT_EXPECT_EQ(test, dmabuf->size, lens[i] * PAGE_SIZE);
			KUNIT_EXPECT_STREQ(test, dmabuf->exp_name, PGAT_HEAP);
			settles(test, lens[i]);
			p = memory(test, dmabuf);
			KUNIT_EXPECT_GE(test, page_to_pfn(virt_to_page(p)), h->pfn);
			KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, dmabuf->size));
			memset(p, 0x5a, dmabuf->size);
			dma_buf_put(dmabuf);
			settles(test, 0);
		}
	}
}

/* A request, and what comes of it. */
struct request_case {
	const char *name;
	struct pagealloc_request request;
	gfp_t gfp;
	int want;
};

static const struct request_case request_cases[] = {
	{ "a page", { .nr_pages = 1 }, GFP_KERNEL, 0 },
	{ "aligned", { .nr_pages = 1, .align = 64 }, GFP_KERNEL, 0 },
	{ "no pages", { }, GFP_KERNEL, -EINVAL },
	{ "all pages", { .nr_pages = ~0UL }, GFP_KERNEL, -EINVAL },
	{ "a length in bytes that wraps", { .nr_pages = 1UL << 52 }, GFP_KERNEL, -EINVAL },
	{ "more than the pool", { .nr_pages = 1UL << 30 }, GFP_KERNEL, -ENOMEM },
	{ "no power of two", { .nr_pages = 1, .align = 3 }, GFP_KERNEL, -EINVAL },
	{ "unknown flag", { .nr_pages = 1, .flags = 1U << 31 }, GFP_KERNEL, -EINVAL },
	{ "movable", { .nr_pages = 1 }, GFP_KERNEL | __GFP_MOVABLE, -EINVAL },
	{ "too long to be had at once", { .nr_pages = 4097 }, GFP_NOWAIT, -EINVAL },
};

PGAT_ARRAY_PARAM(request_case, request_cases);

static void requests(struct kunit *test)
{
	const struct request_case *c = test->param_value;
	struct dma_buf *dmabuf;

	dmabuf = pagealloc_heap_export(PGAT_HEAP, &c->request, c->gfp);
	if (!c->want) {
		KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(dmabuf), "%ld", PTR_ERR(dmabuf));
		dma_buf_put(dmabuf);
	} else {
		KUNIT_EXPECT_EQ(test, c->want, PTR_ERR(dmabuf));
	}
	settles(test, 0);
}

static void no_arguments(struct kunit *test)
{
	const struct pagealloc_request request = { .nr_pages = 1 };

	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(pagealloc_heap_export(NULL, &request, GFP_KERNEL)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(pagealloc_heap_export(PGAT_HEAP, NULL, GFP_KERNEL)));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			PTR_ERR(pagealloc_heap_export("nobody", &request, GFP_KERNEL)));
}

/* A device gets the pages of the buffer, all of them and in order. */
static void attached(struct kunit *test)
{
	struct platform_device *device =
		platform_device_register_simple("pagealloc_test", -1, NULL, 0);
	struct dma_buf *dmabuf = export(test, 700);
	struct dma_buf_attachment *attachment;
	unsigned long pfn = page_to_pfn(virt_to_page(memory(test, dmabuf)));
	struct scatterlist *entry;
	struct sg_table *table;
	int i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(device));
	KUNIT_ASSERT_EQ(test, 0, dma_coerce_mask_and_coherent(&device->dev,
							      DMA_BIT_MASK(64)));
	attachment = dma_buf_attach(dmabuf, &device->dev);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(attachment), "%ld", PTR_ERR(attachment));
	table = dma_buf_map_attachment_unlocked(attachment, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(table), "%ld", PTR_ERR(table));
	for_each_sgtable_sg(table, entry, i) {
		KUNIT_EXPECT_EQ(test, page_to_pfn(sg_page(entry)), pfn);
		pfn += entry->length >> PAGE_SHIFT;
	}
	KUNIT_EXPECT_EQ(test, pfn, page_to_pfn(virt_to_page(memory(test, dmabuf))) + 700);
	KUNIT_EXPECT_EQ(test, 0, dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, dma_buf_end_cpu_access(dmabuf, DMA_TO_DEVICE));
	dma_buf_unmap_attachment_unlocked(attachment, table, DMA_BIDIRECTIONAL);
	dma_buf_detach(dmabuf, attachment);
	dma_buf_put(dmabuf);
	platform_device_unregister(device);
}

/* Pages with another reference wait, and the next owner gets others. */
static void quarantined(struct kunit *test)
{
	struct dma_buf *dmabuf = export(test, 512), *next[4];
	struct page *page = virt_to_page(memory(test, dmabuf)) + 77;
	unsigned long pfn = page_to_pfn(page), at;
	const struct pagealloc_request request = { .nr_pages = 512 };
	int n;

	get_page(page);
	dma_buf_put(dmabuf);
	settles(test, 512);
	for (n = 0; n < ARRAY_SIZE(next); n++) {
		next[n] = pagealloc_heap_export(PGAT_HEAP, &request, GFP_KERNEL);
		if (IS_ERR(next[n]))
			break;
		at = page_to_pfn(virt_to_page(memory(test, next[n])));
		KUNIT_EXPECT_FALSE(test, at <= pfn && pfn < at + 512);
	}
	KUNIT_EXPECT_GT(test, n, 0);
	while (n--)
		dma_buf_put(next[n]);
	settles(test, 512);
	put_page(page);
	settles(test, 0);
}

/* The pool goes after what is in quarantine. */
static void withdrawn(struct kunit *test)
{
	struct pgat_heap *h = test->priv;
	struct dma_buf *dmabuf = export(test, 1), *other = export(test, 2);
	struct page *page = virt_to_page(memory(test, dmabuf));

	get_page(page);
	dma_buf_put(dmabuf);
	dma_buf_put(other);
	settles(test, 1);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_heap_withdraw(PGAT_HEAP));
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(h->p->pool));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&h->gone));
	put_page(page);
	KUNIT_EXPECT_TRUE(test, pgat_wait_for(atomic_read(&h->gone) == 1));
	settles(test, 0);
}

#define SLOTS	16

/*
 * Random buffers, of some of which a page is kept beyond their end.  A page that is kept
 * holds what its owner wrote, whoever has the rest of the pool.
 */
static void random_owners(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	struct dma_buf *dmabuf[SLOTS] = { };
	struct page *kept[SLOTS] = { };
	u64 mark[SLOTS] = { };
	struct pagealloc_request request = { };
	unsigned long i, slot, at;
	u64 *p;

	for (i = 0; i < 2000; i++) {
		slot = pgat_below(&random, SLOTS);
		if (kept[slot]) {
			p = page_address(kept[slot]);
			KUNIT_ASSERT_EQ(test, *p, mark[slot]);
		}
		if (dmabuf[slot]) {
			dma_buf_put(dmabuf[slot]);
			dmabuf[slot] = NULL;
			continue;
		}
		if (kept[slot]) {
			put_page(kept[slot]);
			kept[slot] = NULL;
		}
		request.nr_pages = 1 + pgat_below(&random, 200);
		dmabuf[slot] = pagealloc_heap_export(PGAT_HEAP, &request, GFP_KERNEL);
		if (IS_ERR(dmabuf[slot])) {
			dmabuf[slot] = NULL;
			continue;
		}
		p = memory(test, dmabuf[slot]);
		KUNIT_ASSERT_NULL(test, memchr_inv(p, 0, dmabuf[slot]->size));
		memset(p, 0xee, dmabuf[slot]->size);
		if (!pgat_below(&random, 3)) {
			at = pgat_below(&random, request.nr_pages);
			kept[slot] = virt_to_page(p) + at;
			get_page(kept[slot]);
			mark[slot] = i + 1;
			*(u64 *)page_address(kept[slot]) = mark[slot];
		}
		if (!(i % 256))
			pgat_alive();
	}
	for (slot = 0; slot < SLOTS; slot++) {
		if (dmabuf[slot])
			dma_buf_put(dmabuf[slot]);
		if (kept[slot])
			put_page(kept[slot]);
	}
	settles(test, 0);
}

static struct dma_buf *faulty;

static int run_export(struct kunit *test)
{
	const struct pagealloc_request request = { .nr_pages = 512 };

	faulty = pagealloc_heap_export(PGAT_HEAP, &request, GFP_KERNEL);
	return PTR_ERR_OR_ZERO(faulty);
}

static void verify_export(struct kunit *test, bool done)
{
	settles(test, done ? 512 : 0);
}

static void undo_export(struct kunit *test)
{
	struct pgat_heap *h = test->priv;
	unsigned long released;

	dma_buf_put(faulty);
	settles(test, 0);
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_scavenge(h->p->pool, PAGEALLOC_ALL, &released));
}

/* At whichever point an allocation fails, an export leaves nothing behind. */
static void faults(struct kunit *test)
{
	static const struct pgat_operation op = {
		.run = run_export,
		.verify = verify_export,
		.undo = undo_export,
		/* There may be another place. */
		.survives = "alloc_contig_range",
	};

	pgat_fail_each(test, &op, 1);
}

static struct kunit_case dmabuf_test_cases[] = {
	KUNIT_CASE(zeroed),
	KUNIT_CASE_PARAM(requests, request_case_gen_params),
	KUNIT_CASE(no_arguments),
	KUNIT_CASE(attached),
	KUNIT_CASE(quarantined),
	KUNIT_CASE(withdrawn),
	KUNIT_CASE(random_owners),
	KUNIT_CASE(faults),
	{}
};

static struct kunit_suite dmabuf_suite = {
	.name = "pagealloc_dmabuf",
	.init = dmabuf_init,
	.exit = dmabuf_exit,
	.test_cases = dmabuf_test_cases,
};

kunit_test_suite(dmabuf_suite);

MODULE_DESCRIPTION("KUnit tests of heap/dmabuf.c");
MODULE_LICENSE("GPL");
