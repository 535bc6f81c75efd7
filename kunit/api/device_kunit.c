// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of device.c: a pool is found by its device or its node, and what belongs to a
 * device ends with its driver, in the right order, or stays if it is in use.
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>

#include "lib/testpool.h"

#define BASE	(1UL << 33)

/**
 * struct fixture - two devices, of which the first one has pools
 * @dev: the devices
 * @sim: a backing
 * @node: a node of no device
 */
struct fixture {
	struct device *dev[2];
	struct pagealloc_sim sim;
	struct device_node node;
};

static int device_init(struct kunit *test)
{
	static const char * const names[] = { "pagealloc-test-0", "pagealloc-test-1" };
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	for (i = 0; i < ARRAY_SIZE(f->dev); i++) {
		/* On 6.1 tests run before this module has anything to link to. */
		struct device *dev = __root_device_register(names[i], NULL);

		KUNIT_ASSERT_FALSE(test, IS_ERR(dev));
		f->dev[i] = dev;
	}
	pagealloc_sim_init(&f->sim, 1);
	return 0;
}

static void device_exit(struct kunit *test)
{
	struct fixture *f = test->priv;
	int i;

	for (i = 0; f && i < ARRAY_SIZE(f->dev); i++)
		if (f->dev[i])
			root_device_unregister(f->dev[i]);
}

static struct pagealloc_config config_of(struct fixture *f, const char *name)
{
	return (struct pagealloc_config) {
		.name = name,
		.ops = &pagealloc_sim_ops,
		.ctx = &f->sim,
		.engine = pgat_engine(),
		.flags = PAGEALLOC_NO_WORKER,
	};
}

static struct pagealloc_pool *create(struct kunit *test, const struct pagealloc_config *c)
{
	struct pagealloc_pool *pool = pagealloc_pool_create(c);

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	return pool;
}

/* What was found is as expected, and is dropped again. */
static void expect(struct kunit *test, struct pagealloc_pool *got,
		   struct pagealloc_pool *want)
{
	KUNIT_EXPECT_PTR_EQ(test, got, want);
	pagealloc_pool_put(got);
}

/* A pool is found by its device, and by its name among the pools of the device. */
static void by_device(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pagealloc_config config = config_of(f, "a");
	struct pagealloc_pool *a, *b, *c;

	a = create(test, &config);
	config.name = "b";
	config.dev = f->dev[0];
	b = create(test, &config);
	config.name = "c";
	c = create(test, &config);
	expect(test, pagealloc_pool_get_device(f->dev[0], NULL), b);
	expect(test, pagealloc_pool_get_device(f->dev[0], "c"), c);
	expect(test, pagealloc_pool_get_device(f->dev[0], "a"), NULL);
	expect(test, pagealloc_pool_get_device(f->dev[1], NULL), NULL);
	expect(test, pagealloc_pool_get_device(NULL, "a"), NULL);
	expect(test, pagealloc_pool_get("a"), a);
	expect(test, pagealloc_pool_get("c"), c);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(a));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(b));
	expect(test, pagealloc_pool_get_device(f->dev[0], NULL), c);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(c));
	expect(test, pagealloc_pool_get_device(f->dev[0], NULL), NULL);
}

/* A pool has the node that it was created with, or else that of its device. */
static void by_node(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pagealloc_config config = config_of(f, "a");
	struct device_node of_device = {};
	struct pagealloc_pool *a, *b;

	if (IS_ENABLED(CONFIG_OF_DYNAMIC))
		kunit_skip(test, "nodes that are counted cannot be made up");
	f->dev[0]->of_node = &of_device;
	config.dev = f->dev[0];
	a = create(test, &config);
	config.name = "b";
	config.node = &f->node;
	b = create(test, &config);
	expect(test, pagealloc_pool_get_node(&of_device), a);
	expect(test, pagealloc_pool_get_node(&f->node), b);
	expect(test, pagealloc_pool_get_node(NULL), NULL);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(a));
	expect(test, pagealloc_pool_get_node(&of_device), NULL);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(b));
	f->dev[0]->of_node = NULL;
}

/* The reference of a pool that was found keeps it. */
static void reference(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pagealloc_config config = config_of(f, "a");
	struct pagealloc_pool *pool, *found;

	config.dev = f->dev[1];
	pool = create(test, &config);
	found = pagealloc_pool_get_device(f->dev[1], NULL);
	KUNIT_EXPECT_PTR_EQ(test, found, pool);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(pool));
	pagealloc_pool_put(found);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(pool));
}

/* Pool and loan end with the driver, the loan last. */
static void ends_with_driver(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pagealloc_config config = config_of(f, "a");
	struct pagealloc_loan *loan, *again;
	struct pagealloc_pool *pool;
	struct pagealloc_range range;
	unsigned long pfn;

	loan = devm_pagealloc_loan_open(f->dev[0], pageblock_nr_pages, NUMA_NO_NODE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(loan));
	range = pagealloc_loan_range(loan, 0);
	config.ops = &pagealloc_loan_ops;
	config.ctx = loan;
	pool = devm_pagealloc_pool_create(f->dev[0], &config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	expect(test, pagealloc_pool_get_device(f->dev[0], NULL), pool);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(pool, range.pfn, range.nr_pages));
	if (!pagealloc_alloc(pool, 1, GFP_KERNEL, &pfn))
		KUNIT_EXPECT_EQ(test, 0, pagealloc_free(pool, pfn, 1));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			PTR_ERR(pagealloc_loan_open(range.nr_pages, range.pfn, 0)));
	root_device_unregister(f->dev[0]);
	f->dev[0] = NULL;
	expect(test, pagealloc_pool_get("a"), NULL);
	/* Nobody has the frames any more. */
	again = pagealloc_loan_open(range.nr_pages, range.pfn, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(again));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_loan_close(again));
}

/* A pool with pages in use outlives the driver, and still works. */
static void outlives_driver(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct pagealloc_config config = config_of(f, "a");
	struct pagealloc_pool *pool;
	unsigned long pfn;

	pool = devm_pagealloc_pool_create(f->dev[0], &config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(pool, BASE, 16));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(pool, 16, GFP_KERNEL, &pfn));
	root_device_unregister(f->dev[0]);
	f->dev[0] = NULL;
	expect(test, pagealloc_pool_get("a"), pool);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(pool, pfn, 16));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(pool));
}

/* Errors are those of the calls without a device, and nothing is left behind. */
static void refused(struct kunit *test)
{
	const struct pagealloc_carveout_config nowhere = {};
	struct fixture *f = test->priv;
	struct pagealloc_config config = config_of(f, "bad/name");

	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(devm_pagealloc_pool_create(f->dev[0], &config)));
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(devm_pagealloc_pool_create(f->dev[0], NULL)));
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(devm_pagealloc_pool_create(NULL, &config)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(devm_pagealloc_loan_open(f->dev[0], 0, NUMA_NO_NODE, 0)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(devm_pagealloc_loan_open(NULL, 512, NUMA_NO_NODE, 0)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(devm_pagealloc_carveout_open(f->dev[0], &nowhere)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(devm_pagealloc_carveout_open(NULL, &nowhere)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(devm_pagealloc_carveout_open(f->dev[0], NULL)));
}

static struct kunit_case device_cases[] = {
	KUNIT_CASE(by_device),
	KUNIT_CASE(by_node),
	KUNIT_CASE(reference),
	KUNIT_CASE(ends_with_driver),
	KUNIT_CASE(outlives_driver),
	KUNIT_CASE(refused),
	{}
};

static struct kunit_suite device_suite = {
	.name = "pagealloc_device",
	.init = device_init,
	.exit = device_exit,
	.test_cases = device_cases,
};
kunit_test_suite(device_suite);

MODULE_DESCRIPTION("Tests of pools of devices");
MODULE_LICENSE("GPL");
