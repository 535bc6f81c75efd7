// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of registry.c: pools by name, references, and that no page of memory is in two
 * pools.
 */

#include <linux/err.h>
#include <linux/module.h>

#include "lib/testpool.h"

#define BASE	(1UL << 20)

static int registry_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

/* The strict backing without @no_memory: its pages count as memory. */
static struct pagealloc_backing_ops memory_ops;

static struct pagealloc_pool *create(struct kunit *test, const char *name,
				     const struct pagealloc_backing_ops *ops)
{
	struct pgat_backing *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	struct pagealloc_config config = {
		.name = name,
		.ops = ops,
		.ctx = b,
		.engine = pgat_engine(),
	};
	struct pagealloc_pool *pool;

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->test = test;
	b->granule = 1;
	spin_lock_init(&b->lock);
	pool = pagealloc_pool_create(&config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	return pool;
}

static void destroy(struct kunit *test, struct pagealloc_pool *pool)
{
	struct pgat_backing *b = pool->ctx;

	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(pool));
	while (b->nr_regions)
		kvfree(b->region[--b->nr_regions].granule);
}

/* A pool is found by its exact name, as long as it exists. */
static void by_name(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	KUNIT_EXPECT_NULL(test, pagealloc_pool_get("test"));
	pgat_pool_open(p, 1, 0);
	KUNIT_EXPECT_NULL(test, pagealloc_pool_get(NULL));
	KUNIT_EXPECT_NULL(test, pagealloc_pool_get(""));
	KUNIT_EXPECT_NULL(test, pagealloc_pool_get("tes"));
	KUNIT_EXPECT_NULL(test, pagealloc_pool_get("test2"));
	KUNIT_EXPECT_NULL(test, pagealloc_pool_get("Test"));
	KUNIT_EXPECT_PTR_EQ(test, p->pool, pagealloc_pool_get("test"));
	pagealloc_pool_put(p->pool);
	pgat_pool_close(p);
	KUNIT_EXPECT_NULL(test, pagealloc_pool_get("test"));
}

/* A pool cannot be destroyed as long as there is a reference to it. */
static void references(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned int i;

	pgat_pool_open(p, 1, 0);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_PTR_EQ(test, p->pool, pagealloc_pool_get("test"));
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(p->pool));
		pagealloc_pool_put(p->pool);
	}
	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(p->pool));
	pgat_pool_forget(p);
}

/* Of many pools each is found by its name. */
static void many_pools(struct kunit *test)
{
	struct pagealloc_pool *pool[50];
	char name[PAGEALLOC_NAME_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pool); i++) {
		snprintf(name, sizeof(name), "many-%u", i);
		pool[i] = create(test, name, &pgat_backing_ops);
	}
	for (i = 0; i < ARRAY_SIZE(pool); i++) {
		snprintf(name, sizeof(name), "many-%u", i);
		KUNIT_EXPECT_PTR_EQ(test, pool[i], pagealloc_pool_get(name));
		pagealloc_pool_put(pool[i]);
		destroy(test, pool[i]);
		KUNIT_EXPECT_NULL(test, pagealloc_pool_get(name));
	}
}

/* Ranges that overlap the regions of another pool, or do not. */
struct overlap_case {
	const char *name;
	unsigned long pfn;
	unsigned long nr;
	int want;
};

static const struct overlap_case overlap_cases[] = {
	{ "the same range", BASE, 100, -EEXIST },
	{ "its first page", BASE, 1, -EEXIST },
	{ "its last page", BASE + 99, 1, -EEXIST },
	{ "inside it", BASE + 10, 10, -EEXIST },
	{ "around it", BASE - 10, 120, -EEXIST },
	{ "over its start", BASE - 10, 11, -EEXIST },
	{ "over its end", BASE + 99, 10, -EEXIST },
	{ "its second region", BASE + 299, 2, -EEXIST },
	{ "right before it", BASE - 10, 10, 0 },
	{ "right behind it", BASE + 100, 10, 0 },
	{ "between its regions", BASE + 100, 100, 0 },
	{ "far away", BASE << 10, 100, 0 },
};
PGAT_ARRAY_PARAM(overlap, overlap_cases);

/* No page of memory can be in two pools. */
static void overlap(struct kunit *test)
{
	const struct overlap_case *c = test->param_value;
	struct pagealloc_pool *one, *two;

	memory_ops = pgat_backing_ops;
	memory_ops.no_memory = false;
	one = create(test, "one", &memory_ops);
	two = create(test, "two", &memory_ops);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(one, BASE, 100));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(one, BASE + 200, 100));
	KUNIT_EXPECT_EQ(test, c->want, pagealloc_add_region(two, c->pfn, c->nr));
	destroy(test, one);
	if (c->want)
		KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(two, c->pfn, c->nr));
	destroy(test, two);
}

/* Pages without memory can be in several pools. */
static void no_memory(struct kunit *test)
{
	struct pagealloc_pool *one, *two;

	memory_ops = pgat_backing_ops;
	memory_ops.no_memory = false;
	one = create(test, "one", &memory_ops);
	two = create(test, "two", &pgat_backing_ops);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(one, BASE, 100));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(two, BASE, 100));
	destroy(test, one);
	destroy(test, two);
}

/* The module of the backing stays while somebody has the pool by name. */
static void owner(struct kunit *test)
{
	struct pagealloc_pool *pool;
	int before;

	memory_ops = pgat_backing_ops;
	memory_ops.owner = THIS_MODULE;
	before = module_refcount(THIS_MODULE);
	pool = create(test, "owned", &memory_ops);
	/* The module that makes a pool must be able to go, and to destroy it. */
	KUNIT_EXPECT_EQ(test, before, module_refcount(THIS_MODULE));
	KUNIT_EXPECT_PTR_EQ(test, pool, pagealloc_pool_get("owned"));
	KUNIT_EXPECT_EQ(test, before + 1, module_refcount(THIS_MODULE));
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(pool));
	pagealloc_pool_put(pool);
	KUNIT_EXPECT_EQ(test, before, module_refcount(THIS_MODULE));
	destroy(test, pool);
}

#define ROUNDS	150

static int create_and_destroy(void *arg)
{
	struct kunit *test = arg;
	struct pagealloc_pool *pool;
	unsigned int i;
	int ret;

	for (i = 0; i < ROUNDS; i++) {
		pool = create(test, "volatile", &pgat_backing_ops);
		do {
			ret = pagealloc_pool_destroy(pool);
			cond_resched();
		} while (ret == -EBUSY);
		KUNIT_EXPECT_EQ(test, ret, 0);
	}
	return 0;
}

static int get_and_put(void *arg)
{
	struct pagealloc_pool *pool;
	unsigned int i;
	int found = 0;

	for (i = 0; i < 10 * ROUNDS; i++) {
		pool = pagealloc_pool_get("volatile");
		if (pool) {
			found++;
			cond_resched();
			pagealloc_pool_put(pool);
		}
		cond_resched();
	}
	return found;
}

/* A pool that another task has found exists until that task drops its reference. */
static void destroy_while_used(struct kunit *test)
{
	struct pgat_thread maker, user;
	int found;

	pgat_thread_start(test, &maker, create_and_destroy, test);
	pgat_thread_start(test, &user, get_and_put, test);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&maker));
	found = pgat_thread_join(&user);
	kunit_info(test, "found %d times\n", found);
	KUNIT_EXPECT_NULL(test, pagealloc_pool_get("volatile"));
}

static struct kunit_case registry_cases[] = {
	KUNIT_CASE(by_name),
	KUNIT_CASE(references),
	KUNIT_CASE(many_pools),
	KUNIT_CASE_PARAM(overlap, overlap_gen_params),
	KUNIT_CASE(owner),
	KUNIT_CASE(no_memory),
	KUNIT_CASE(destroy_while_used),
	{}
};

static struct kunit_suite registry_suite = {
	.name = "pagealloc_registry",
	.init = registry_init,
	.test_cases = registry_cases,
};
kunit_test_suite(registry_suite);

MODULE_DESCRIPTION("Tests of pagealloc's registry of pools");
MODULE_LICENSE("GPL");
