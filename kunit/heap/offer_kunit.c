// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of heap/offer.c: what is offered and what is refused, and when a pool that was
 * withdrawn is free to go.
 */

#include <linux/dma-buf.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/stat.h>
#include <linux/version.h>

#include "../heap/compat.h"
#include "../heap/pagealloc_heap.h"
#include "lib/testheap.h"
#include "lib/wait.h"

PGH_IMPORT_DMA_BUF;

static int offer_init(struct kunit *test)
{
	pgat_heap_open(test, 2);
	return 0;
}

static void offer_exit(struct kunit *test)
{
	struct pgat_heap *h = test->priv;

	/* A test that has failed may have left it; its end comes on a workqueue. */
	if (!pagealloc_heap_withdraw(PGAT_HEAP))
		pgat_wait_for(atomic_read(&h->gone));
	pgat_heap_close(test);
}

static struct pagealloc_heap_config config_of(struct kunit *test)
{
	return (struct pagealloc_heap_config) {
		.gone = pgat_heap_gone,
		.arg = test->priv,
		.owner = THIS_MODULE,
	};
}

/* Withdraw the pool, and wait until it is gone. */
static void withdraw(struct kunit *test)
{
	struct pgat_heap *h = test->priv;
	const int gone = atomic_read(&h->gone);

	KUNIT_ASSERT_EQ(test, 0, pagealloc_heap_withdraw(PGAT_HEAP));
	KUNIT_ASSERT_TRUE(test, pgat_wait_for(atomic_read(&h->gone) == gone + 1));
}

/* A configuration, and what comes of it. */
struct offer_case {
	const char *name;
	const char *pool;
	struct pagealloc_heap_config config;
	int want;
};

static const struct offer_case offer_cases[] = {
	{ "default", PGAT_HEAP, { }, 0 },
	{ "pages", PGAT_HEAP, { .mapping = PAGEALLOC_HEAP_PAGES }, 0 },
	{ "all may use it", PGAT_HEAP, { .mode = 0666 }, 0 },
	{ "nobody pays", PGAT_HEAP, { .flags = PAGEALLOC_HEAP_NO_MEMLOCK }, 0 },
	{ "no name", NULL, { }, -EINVAL },
	{ "another name", "nobody", { }, -ENOENT },
	{ "empty name", "", { }, -ENOENT },
	{ "mode with x", PGAT_HEAP, { .mode = 0700 }, -EINVAL },
	{ "mode with suid", PGAT_HEAP, { .mode = S_ISUID | 0600 }, -EINVAL },
	{ "unknown flag", PGAT_HEAP, { .flags = 2 }, -EINVAL },
	{ "unknown mapping", PGAT_HEAP, { .mapping = 2 }, -EINVAL },
	{ "mapping below 0", PGAT_HEAP, { .mapping = -1 }, -EINVAL },
};

PGAT_ARRAY_PARAM(offer_case, offer_cases);

/* Each configuration is good, or an errno and nothing is offered. */
static void offers(struct kunit *test)
{
	const struct offer_case *c = test->param_value;
	struct pagealloc_heap_config config = c->config;
	struct pgat_heap *h = test->priv;

	config.gone = pgat_heap_gone;
	config.arg = h;
	config.owner = THIS_MODULE;
	KUNIT_EXPECT_EQ(test, c->want, pagealloc_heap_offer(c->pool, &config));
	if (c->want) {
		KUNIT_EXPECT_EQ(test, -ENOENT, pagealloc_heap_withdraw(PGAT_HEAP));
		KUNIT_EXPECT_EQ(test, 0, atomic_read(&h->gone));
	} else {
		withdraw(test);
	}
	KUNIT_EXPECT_EQ(test, -ENOENT, pagealloc_heap_withdraw(PGAT_HEAP));
}

/* Without a configuration there is no offer. */
static void no_config(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_heap_offer(PGAT_HEAP, NULL));
	KUNIT_EXPECT_EQ(test, -ENOENT, pagealloc_heap_withdraw(NULL));
	KUNIT_EXPECT_EQ(test, -ENOENT, pagealloc_heap_withdraw("nobody"));
}

/* A name is offered once. */
static void twice(struct kunit *test)
{
	const struct pagealloc_heap_config config = config_of(test);
	struct pgat_heap *h = test->priv;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_heap_offer(PGAT_HEAP, &config));
	KUNIT_EXPECT_EQ(test, -EEXIST, pagealloc_heap_offer(PGAT_HEAP, &config));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&h->gone));
	withdraw(test);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_heap_offer(PGAT_HEAP, &config));
	withdraw(test);
}

/* The pages of a pool on sim are only numbers. */
static void numbers(struct kunit *test)
{
	const struct pagealloc_heap_config config = config_of(test);
	struct pgat_pool *p = pgat_pool(test);

	p->name = "numbers";
	pgat_pool_open_sim(p, 1, 0);
	pgat_pool_region(p, 0, 1024);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, pagealloc_heap_offer("numbers", &config));
	pgat_pool_close(p);
}

/* The pool stays as long as it is offered, and as long as it has a buffer. */
static void keeps_pool(struct kunit *test)
{
	const struct pagealloc_heap_config config = config_of(test);
	const struct pagealloc_request request = { .nr_pages = 3 };
	struct pgat_heap *h = test->priv;
	struct dma_buf *dmabuf;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_heap_offer(PGAT_HEAP, &config));
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(h->p->pool));
	dmabuf = pagealloc_heap_export(PGAT_HEAP, &request, GFP_KERNEL);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(dmabuf), "%ld", PTR_ERR(dmabuf));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_heap_withdraw(PGAT_HEAP));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			PTR_ERR(pagealloc_heap_export(PGAT_HEAP, &request, GFP_KERNEL)));
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(h->p->pool));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&h->gone));
	dma_buf_put(dmabuf);
	KUNIT_EXPECT_TRUE(test, pgat_wait_for(atomic_read(&h->gone) == 1));
	KUNIT_EXPECT_EQ(test, 0, pgat_stat(h->p, PAGEALLOC_IN_USE));
}

/* Offered anew beside a buffer of the first time: each offer has its own end. */
static void again(struct kunit *test)
{
	const struct pagealloc_heap_config config = config_of(test);
	const struct pagealloc_request request = { .nr_pages = 1 };
	struct pgat_heap *h = test->priv;
	struct dma_buf *dmabuf;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_heap_offer(PGAT_HEAP, &config));
	dmabuf = pagealloc_heap_export(PGAT_HEAP, &request, GFP_KERNEL);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(dmabuf), "%ld", PTR_ERR(dmabuf));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_heap_withdraw(PGAT_HEAP));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_heap_offer(PGAT_HEAP, &config));
	withdraw(test);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&h->gone));
	dma_buf_put(dmabuf);
	KUNIT_EXPECT_TRUE(test, pgat_wait_for(atomic_read(&h->gone) == 2));
}

static struct kunit_case offer_test_cases[] = {
	KUNIT_CASE_PARAM(offers, offer_case_gen_params),
	KUNIT_CASE(no_config),
	KUNIT_CASE(twice),
	KUNIT_CASE(numbers),
	KUNIT_CASE(keeps_pool),
	KUNIT_CASE(again),
	{}
};

static struct kunit_suite offer_suite = {
	.name = "pagealloc_offer",
	.init = offer_init,
	.exit = offer_exit,
	.test_cases = offer_test_cases,
};

kunit_test_suite(offer_suite);

MODULE_DESCRIPTION("KUnit tests of heap/offer.c");
MODULE_LICENSE("GPL");
