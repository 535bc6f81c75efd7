// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of api.c: each kind of bad argument gives an errno and changes nothing but its
 * counter, and only some requests may populate.
 */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/sched/mm.h>

#include "lib/testpool.h"

#define GRANULE	16

/*
 * The pool of most tests: two regions with a hole between them, and some of the second
 * is not grown.  From BASE on 16 pages are in use, the next 16 are free.
 */
#define SPACE	PGA_INDEX_PAGES
#define BASE	(2 * SPACE + (1UL << 20))
#define FIRST	1024UL
#define HOLE	512UL
#define SECOND	4096UL
#define OTHER	(BASE + FIRST + HOLE)

static int api_init(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);
	unsigned long pfn;

	test->priv = p;
	pgat_pool_open(p, GRANULE, 0);
	pgat_pool_region(p, BASE, FIRST);
	pgat_pool_region(p, OTHER, SECOND);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, FIRST, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, pfn, BASE);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 1, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, pfn, OTHER);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, BASE + 16, 16));
	return 0;
}

/* The counters for a request that fails. */
enum counted { BAD_REQUEST, ALLOC_FAIL, ATOMIC_FAIL };

/* The arguments of an allocation, its result, and its counter. */
struct alloc_case {
	const char *name;
	unsigned long nr;
	gfp_t gfp;
	int want;
	enum counted counted;
};

static const struct alloc_case alloc_cases[] = {
	{ "no pages", 0, GFP_KERNEL, -EINVAL, BAD_REQUEST },
	{ "no pages, atomic", 0, GFP_ATOMIC, -EINVAL, BAD_REQUEST },
	{ "no flags", 1, 0, -EINVAL, BAD_REQUEST },
	{ "NOIO by flag", 1, GFP_NOIO, -EINVAL, BAD_REQUEST },
	{ "NOFS by flag", 1, GFP_NOFS, -EINVAL, BAD_REQUEST },
	{ "user", 1, GFP_USER, -EINVAL, BAD_REQUEST },
	{ "highmem", 1, GFP_KERNEL | __GFP_HIGHMEM, -EINVAL, BAD_REQUEST },
	{ "movable", 1, GFP_KERNEL | __GFP_MOVABLE, -EINVAL, BAD_REQUEST },
	{ "dma", 1, GFP_KERNEL | __GFP_DMA, -EINVAL, BAD_REQUEST },
	{ "compound", 1, GFP_KERNEL | __GFP_COMP, -EINVAL, BAD_REQUEST },
	{ "no fail", 1, GFP_KERNEL | __GFP_NOFAIL, -EINVAL, BAD_REQUEST },
	{ "no retry", 1, GFP_KERNEL | __GFP_NORETRY, -EINVAL, BAD_REQUEST },
	{ "memalloc", 1, GFP_ATOMIC | __GFP_MEMALLOC, -EINVAL, BAD_REQUEST },
	{ "this node", 1, GFP_ATOMIC | __GFP_THISNODE, -EINVAL, BAD_REQUEST },
	{ "every bit", 1, (__force gfp_t)~0U, -EINVAL, BAD_REQUEST },
	{ "more than the pool", FIRST + SECOND + 1, GFP_KERNEL | __GFP_NOWARN,
	  -ENOMEM, ALLOC_FAIL },
	{ "more than the longest region", SECOND + 1, GFP_KERNEL | __GFP_NOWARN,
	  -ENOMEM, ALLOC_FAIL },
	{ "more than the index space", 1UL << 35, GFP_KERNEL | __GFP_NOWARN,
	  -ENOMEM, ALLOC_FAIL },
	{ "all pfns", ~0UL, GFP_KERNEL | __GFP_NOWARN, -ENOMEM, ALLOC_FAIL },
	{ "all pfns, atomic", ~0UL, GFP_ATOMIC, -EINVAL, BAD_REQUEST },
	{ "a page too long, atomic", PAGEALLOC_ATOMIC_MAX + 1, GFP_ATOMIC, -EINVAL,
	  BAD_REQUEST },
	{ "a page too long, no wait", PAGEALLOC_ATOMIC_MAX + 1, GFP_NOWAIT, -EINVAL,
	  BAD_REQUEST },
	{ "the longest run, atomic", PAGEALLOC_ATOMIC_MAX, GFP_ATOMIC, -ENOMEM,
	  ATOMIC_FAIL },
	{ "more than is ready, atomic", 17, GFP_ATOMIC, -ENOMEM, ATOMIC_FAIL },
	{ "more than is ready, no wait", 17, GFP_NOWAIT, -ENOMEM, ATOMIC_FAIL },
};
PGAT_ARRAY_PARAM(alloc, alloc_cases);

/* A bad request gets an errno, is counted once, and changes neither pool nor pfn. */
static void bad_alloc(struct kunit *test)
{
	const struct alloc_case *c = test->param_value;
	const struct pgat_moved moved[] = {
		{ PAGEALLOC_BAD_REQUEST, c->counted == BAD_REQUEST },
		{ PAGEALLOC_ALLOC_FAIL, c->counted != BAD_REQUEST },
		{ PAGEALLOC_ATOMIC_FAIL, c->counted == ATOMIC_FAIL },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;
	unsigned long pfn = 12345;

	pgat_forget_calls(p);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, c->want, pagealloc_alloc(p->pool, c->nr, c->gfp, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, 12345);
	KUNIT_EXPECT_EQ(test, p->backing.nr_log, 0);
	pgat_moved(p, &before, moved, ARRAY_SIZE(moved));
	pgat_sound(p);
}

/* The arguments of a free, its result, and its counter. */
struct free_case {
	const char *name;
	unsigned long pfn;
	unsigned long nr;
	int want;
	enum pagealloc_stat counter;
};

static const struct free_case free_cases[] = {
	{ "no pages", BASE, 0, -EINVAL, PAGEALLOC_BAD_FREE },
	{ "wraps", BASE, ~0UL, -EINVAL, PAGEALLOC_BAD_FREE },
	{ "wraps to zero", ~0UL, 1, -EINVAL, PAGEALLOC_BAD_FREE },
	{ "up to the last pfn", BASE, ~0UL - BASE, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "the last pfn", ~0UL - 1, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "below all regions", BASE - 1, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "below the index space", 2 * SPACE - 1, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "pfn 0", 0, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "into the first region", BASE - 1, 2, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "out of the first region", BASE + FIRST - 1, 2, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "in the hole", BASE + FIRST, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "all of the hole", BASE + FIRST, HOLE, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "across the hole", BASE + FIRST - 1, HOLE + 2, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "out of the hole", OTHER - 1, 2, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "not grown", OTHER + SECOND - 1, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "behind all regions", OTHER + SECOND, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "in the next index space", BASE + SPACE, 1, -ERANGE, PAGEALLOC_BAD_FREE },
	{ "free pages", BASE + 16, 16, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "one page that is free", BASE + 31, 1, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "the first is free", BASE + 31, 2, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "the last is free", BASE + 15, 2, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "some in the middle are free", BASE, 64, -EINVAL, PAGEALLOC_DOUBLE_FREE },
	{ "free and discarded", OTHER + 32, 1, -EINVAL, PAGEALLOC_DOUBLE_FREE },
};
PGAT_ARRAY_PARAM(free, free_cases);

/* A bad free gets an errno, is counted once, and frees nothing, not even a part. */
static void bad_free(struct kunit *test)
{
	const struct free_case *c = test->param_value;
	const struct pgat_moved moved = { c->counter, 1 };
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;

	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, c->want, pagealloc_free(p->pool, c->pfn, c->nr));
	pgat_moved(p, &before, &moved, 1);
	pgat_sound(p);
}

/* In a pool without regions every free is refused. */
static void free_without_regions(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);
	const struct pgat_moved moved = { PAGEALLOC_BAD_FREE, 2 };
	struct pagealloc_stats before;

	pgat_pool_close(test->priv);
	pgat_pool_open(p, 1, 0);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_free(p->pool, 0, 1));
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_free(p->pool, 1UL << 40, 1));
	pgat_moved(p, &before, &moved, 1);
}

/* A free of a range that ends in pages not grown is refused as a whole. */
static void free_into_not_grown(struct kunit *test)
{
	const struct pgat_moved moved = { PAGEALLOC_BAD_FREE, 2 };
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;
	unsigned long pfn;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 511, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, pfn, OTHER + 1);
	KUNIT_ASSERT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), FIRST + 512);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_free(p->pool, OTHER + 511, 2));
	KUNIT_EXPECT_EQ(test, -ERANGE, pagealloc_free(p->pool, OTHER, SECOND));
	pgat_moved(p, &before, &moved, 1);
	pgat_sound(p);
}

/* Freeing the same run again, whole or in part, is refused each time. */
static void double_free(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	const struct pgat_moved moved[] = {
		{ PAGEALLOC_FREE, 1 },
		{ PAGEALLOC_IN_USE, -8 * (s64)PAGE_SIZE },
		{ PAGEALLOC_IDLE, 8 * PAGE_SIZE },
		{ PAGEALLOC_DOUBLE_FREE, 3 },
	};
	struct pagealloc_stats before;

	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 100, 8));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE + 100, 8));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE + 99, 2));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE + 107, 2));
	before.value[PAGEALLOC_FRAGMENTATION] =
		pgat_stat(p, PAGEALLOC_FRAGMENTATION);
	pgat_moved(p, &before, moved, ARRAY_SIZE(moved));
	pgat_sound(p);
}

/* Any part of a run can be freed, and adjacent runs in one call. */
static void partial_free(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 40, 1));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 32, 8));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 41, FIRST - 41));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 16));
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_IN_USE), 1);
	pgat_sound(p);
}

/* A null pointer for pool or result is -EINVAL. */
static void null_arguments(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;
	unsigned long value;

	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_alloc(NULL, 1, GFP_KERNEL, &value));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_alloc(p->pool, 1, GFP_KERNEL, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_free(NULL, BASE, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_scavenge(NULL, 1, &value));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_scavenge(p->pool, 1, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_scavenge(p->pool, 0, &value));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_add_region(NULL, BASE, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_pool_destroy(NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_pool_destroy(ERR_PTR(-ENOMEM)));
	pagealloc_pool_put(NULL);
	pgat_moved(p, &before, NULL, 0);
	pgat_sound(p);
}

/* Arguments that pagealloc_add_region() refuses. */
struct region_case {
	const char *name;
	unsigned long pfn;
	unsigned long nr;
	int want;
};

static const struct region_case region_cases[] = {
	{ "no pages", OTHER + SECOND, 0, -EINVAL },
	{ "wraps", ~0UL - 10, 12, -EINVAL },
	{ "more than any pool can have", OTHER + SECOND, SPACE + 1, -ERANGE },
	{ "the first region again", BASE, FIRST, -EEXIST },
	{ "a part of it", BASE + 16, 16, -EEXIST },
	{ "all of it and more", BASE - 16, FIRST + 32, -EEXIST },
	{ "its last page", BASE + FIRST - 1, 2, -EEXIST },
	{ "its first page", BASE - 1, 2, -EEXIST },
	{ "over the hole", BASE + FIRST - 1, HOLE + 2, -EEXIST },
	{ "a page that is not grown", OTHER + SECOND - 1, 1, -EEXIST },
	{ "too far up", BASE + SPACE, 16, -ERANGE },
	{ "too far down", BASE - SPACE, 16, -ERANGE },
	{ "over the start of the index space", 2 * SPACE - 1, 2, -ERANGE },
	{ "over the end of the index space", 3 * SPACE - 16, 17, -ERANGE },
	{ "all of another index space", SPACE, SPACE, -ERANGE },
};
PGAT_ARRAY_PARAM(region, region_cases);

/* A bad region is refused, and the backing is not called. */
static void bad_region(struct kunit *test)
{
	const struct region_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	const struct pgat_moved moved = { PAGEALLOC_BAD_TRANSITION, 1 };
	struct pagealloc_stats before;

	pgat_forget_calls(p);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, c->want,
			pagealloc_add_region(p->pool, c->pfn, c->nr));
	KUNIT_EXPECT_EQ(test, p->backing.count[PGAT_RESERVE], 0);
	pgat_moved(p, &before, &moved, c->want == -EEXIST);
	pgat_sound(p);
}

/* If the backing refuses a region the call returns its errno, and can be repeated. */
static void region_not_reserved(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;

	pagealloc_stats(p->pool, &before);
	p->backing.fault[PGAT_RESERVE] = (struct pgat_fault) { 1, 1, -ENXIO };
	KUNIT_EXPECT_EQ(test, -ENXIO,
			pagealloc_add_region(p->pool, OTHER + SECOND, 64));
	pgat_moved(p, &before, NULL, 0);
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_add_region(p->pool, OTHER + SECOND, 64));
	pgat_sound(p);
}

static const char * const bad_names[] = {
	"", ".", "..", ".hidden", "a/b", "a b", "tab\t", "new\nline", "dollar$",
	"star*", "\xc3\xa4", "abcdefghijklmnopqrstuvwxyz012345",
};

static const char * const good_names[] = {
	"a", "A-z_0.9", "0", "-", "a.", "abcdefghijklmnopqrstuvwxyz01234",
};

/* A backing for pools that never get a region. */
static struct pgat_backing *backing(struct kunit *test, unsigned long granule)
{
	struct pgat_backing *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->test = test;
	b->granule = granule;
	return b;
}

static int try_create(const struct pagealloc_config *config)
{
	struct pagealloc_pool *pool = pagealloc_pool_create(config);

	return IS_ERR(pool) ? PTR_ERR(pool) : pagealloc_pool_destroy(pool);
}

/* Names are 1 to 31 of some characters and do not begin with a dot. */
static void names(struct kunit *test)
{
	struct pagealloc_config config = {
		.engine = pgat_engine(),
		.ops = &pgat_backing_ops, .ctx = backing(test, 1),
	};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, -EINVAL, try_create(NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, try_create(&config));
	for (i = 0; i < ARRAY_SIZE(bad_names); i++) {
		config.name = bad_names[i];
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, try_create(&config), "'%s'",
				    bad_names[i]);
	}
	for (i = 0; i < ARRAY_SIZE(good_names); i++) {
		config.name = good_names[i];
		KUNIT_EXPECT_EQ_MSG(test, 0, try_create(&config), "'%s'",
				    good_names[i]);
	}
}

/* Two pools cannot have the same name at the same time. */
static void names_are_unique(struct kunit *test)
{
	const struct pagealloc_config config = {
		.name = "test", .ops = &pgat_backing_ops, .ctx = backing(test, 1),
		.engine = pgat_engine(),
	};

	KUNIT_EXPECT_EQ(test, -EEXIST, try_create(&config));
	pgat_pool_close(test->priv);
	KUNIT_EXPECT_EQ(test, 0, try_create(&config));
	KUNIT_EXPECT_EQ(test, 0, try_create(&config));
}

/* All operations of a backing but protect, populates_zero and zero are required. */
static void operations(struct kunit *test)
{
	struct pagealloc_backing_ops ops = pgat_backing_ops;
	struct pagealloc_config config = {
		.name = "ops", .ops = NULL, .ctx = backing(test, 1),
	};

	KUNIT_EXPECT_EQ(test, -EINVAL, try_create(&config));
	config.ops = &ops;
	ops.zero = NULL;
	KUNIT_EXPECT_EQ(test, 0, try_create(&config));

#define WITHOUT(member)							\
	do {								\
		ops = pgat_backing_ops;					\
		ops.member = NULL;					\
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, try_create(&config),	\
				    #member);				\
	} while (0)
	WITHOUT(name);
	WITHOUT(granule);
	WITHOUT(reserve);
	WITHOUT(release);
	WITHOUT(populate);
	WITHOUT(discard);
#undef WITHOUT
}

/* A granule must be a power of two up to a limit, and flags must be known. */
static void granules_and_flags(struct kunit *test)
{
	static const struct {
		unsigned long granule;
		unsigned int flags;
		int want;
	} cases[] = {
		{ 1, 0, 0 },
		{ 1, PAGEALLOC_READY_FIRST | PAGEALLOC_NO_WORKER, 0 },
		{ PAGEALLOC_GRANULE_MAX, 0, 0 },
		{ 0, 0, -EINVAL },
		{ 3, 0, -EINVAL },
		{ 2 * PAGEALLOC_GRANULE_MAX, 0, -EINVAL },
		{ ~0UL, 0, -EINVAL },
		{ 1, PAGEALLOC_NO_CACHE, 0 },
		{ 1, PAGEALLOC_TRACK, 0 },
		{ 1, PAGEALLOC_TRACK_STACKS << 1, -EINVAL },
		{ 1, ~0U, -EINVAL },
	};
	struct pgat_backing *b = backing(test, 1);
	struct pagealloc_config config = {
		.name = "granule", .ops = &pgat_backing_ops, .ctx = b,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		b->granule = cases[i].granule;
		config.flags = cases[i].flags;
		KUNIT_EXPECT_EQ_MSG(test, cases[i].want, try_create(&config),
				    "case %u", i);
	}
}

/* A pool with pages in use, or referenced by name, is not destroyed. */
static void destroy_refused(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;

	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(p->pool));
	pgat_moved(p, &before, NULL, 0);

	pgat_free_all(p);
	KUNIT_ASSERT_PTR_EQ(test, p->pool, pagealloc_pool_get("test"));
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(p->pool));
	pgat_moved(p, &before, NULL, 0);
	pagealloc_pool_put(p->pool);
	pgat_sound(p);
}

/* For __GFP_ZERO the backing zeroes exactly the run; if it cannot, the call fails. */
static void zero(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	const struct pgat_call *call = p->backing.log;
	const struct pagealloc_backing_ops *ops = p->pool->ops;
	struct pagealloc_backing_ops cannot = *ops;
	unsigned long pfn, want;

	pgat_free_all(p);
	pgat_forget_calls(p);
	KUNIT_ASSERT_EQ(test, 0,
			pagealloc_alloc(p->pool, 700, GFP_ATOMIC | __GFP_ZERO, &pfn));
	want = pfn;
	for (; call < p->backing.log + p->backing.nr_log; call++) {
		KUNIT_EXPECT_EQ(test, call->what, PGAT_ZERO);
		KUNIT_EXPECT_EQ(test, call->pfn, want);
		want += call->nr;
	}
	KUNIT_EXPECT_EQ(test, want, pfn + 700);

	cannot.zero = NULL;
	p->pool->ops = &cannot;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_alloc(p->pool, 1, GFP_KERNEL | __GFP_ZERO, &pfn));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 1, GFP_KERNEL, &pfn));
	p->pool->ops = ops;
}

/* Nothing is zeroed for a request that fails, or without __GFP_ZERO. */
static void no_zero(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_forget_calls(p);
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			pagealloc_alloc(p->pool, 17, GFP_ATOMIC | __GFP_ZERO, &pfn));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 16, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, p->backing.count[PGAT_ZERO], 0);
}

/* The flags and the scope of a request, and whether it gets discarded pages. */
enum scope { NO_SCOPE, NOIO, NOFS, MEMALLOC };

struct way_case {
	const char *name;
	gfp_t gfp;
	enum scope scope;
	bool populates;
};

static const struct way_case way_cases[] = {
	{ "kernel", GFP_KERNEL, NO_SCOPE, true },
	{ "kernel, no warning", GFP_KERNEL | __GFP_NOWARN, NO_SCOPE, true },
	{ "kernel, zero", GFP_KERNEL | __GFP_ZERO, NO_SCOPE, true },
	{ "kernel in a NOIO scope", GFP_KERNEL, NOIO, false },
	{ "kernel in a NOFS scope", GFP_KERNEL, NOFS, false },
	{ "kernel while reclaiming", GFP_KERNEL, MEMALLOC, false },
	{ "no wait", GFP_NOWAIT, NO_SCOPE, false },
	{ "no wait, no warning", GFP_NOWAIT | __GFP_NOWARN, NO_SCOPE, false },
	{ "atomic", GFP_ATOMIC, NO_SCOPE, false },
	{ "atomic, zero", GFP_ATOMIC | __GFP_ZERO, NO_SCOPE, false },
};
PGAT_ARRAY_PARAM(way, way_cases);

static unsigned int enter(enum scope scope)
{
	switch (scope) {
	case NOIO:
		return memalloc_noio_save();
	case NOFS:
		return memalloc_nofs_save();
	case MEMALLOC:
		return memalloc_noreclaim_save();
	default:
		return 0;
	}
}

static void leave(enum scope scope, unsigned int flags)
{
	switch (scope) {
	case NOIO:
		return memalloc_noio_restore(flags);
	case NOFS:
		return memalloc_nofs_restore(flags);
	case MEMALLOC:
		return memalloc_noreclaim_restore(flags);
	default:
		return;
	}
}

static int alloc_in_scope(struct pgat_pool *p, const struct way_case *c,
			  unsigned long nr)
{
	const unsigned int flags = enter(c->scope);
	unsigned long pfn;
	int ret;

	ret = pagealloc_alloc(p->pool, nr, c->gfp, &pfn);
	leave(c->scope, flags);
	return ret;
}

/* All requests get ready pages; only those that may sleep and do I/O get others. */
static void ways(struct kunit *test)
{
	const struct way_case *c = test->param_value;
	const struct pgat_moved failed[] = {
		{ PAGEALLOC_ALLOC_FAIL, 1 }, { PAGEALLOC_ATOMIC_FAIL, 1 },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_stats before;

	KUNIT_EXPECT_EQ(test, 0, alloc_in_scope(p, c, 16));
	KUNIT_EXPECT_EQ(test, 0, alloc_in_scope(p, c, 15));
	pgat_forget_calls(p);
	pagealloc_stats(p->pool, &before);
	KUNIT_EXPECT_EQ(test, c->populates ? 0 : -ENOMEM, alloc_in_scope(p, c, 16));
	KUNIT_EXPECT_EQ(test, c->populates, p->backing.count[PGAT_POPULATE]);
	if (!c->populates)
		pgat_moved(p, &before, failed, 2);
	pgat_sound(p);
}

/* An atomic request does not grow a pool. */
static void atomic_does_not_grow(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);
	unsigned long pfn;

	pgat_pool_close(test->priv);
	pgat_pool_open(p, GRANULE, 0);
	pgat_pool_region(p, BASE, FIRST);
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc(p->pool, 1, GFP_ATOMIC, &pfn));
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), 0);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 1, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 15, GFP_ATOMIC, &pfn));
}

/* A share of the CPU is 1 to 100 percent; any other is refused and changes nothing. */
static void shares(struct kunit *test)
{
	static const struct {
		unsigned int percent;
		int want;
	} shares[] = {
		{ 0, -EINVAL }, { 1, 0 }, { 100, 0 }, { 101, -EINVAL }, { UINT_MAX, -EINVAL },
	};
	struct pgat_pool *p = test->priv;
	struct pagealloc_tuning before, tuning;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shares); i++) {
		pagealloc_get_tuning(p->pool, &before);
		tuning = before;
		tuning.cpu_percent = shares[i].percent;
		KUNIT_EXPECT_EQ_MSG(test, shares[i].want,
				    pagealloc_set_tuning(p->pool, &tuning), "%u",
				    shares[i].percent);
		pagealloc_get_tuning(p->pool, &tuning);
		KUNIT_EXPECT_EQ(test, tuning.cpu_percent,
				shares[i].want ? before.cpu_percent : shares[i].percent);
	}
}

static struct kunit_case api_cases[] = {
	KUNIT_CASE_PARAM(bad_alloc, alloc_gen_params),
	KUNIT_CASE_PARAM(bad_free, free_gen_params),
	KUNIT_CASE(free_without_regions),
	KUNIT_CASE(free_into_not_grown),
	KUNIT_CASE(double_free),
	KUNIT_CASE(partial_free),
	KUNIT_CASE(null_arguments),
	KUNIT_CASE_PARAM(bad_region, region_gen_params),
	KUNIT_CASE(region_not_reserved),
	KUNIT_CASE(names),
	KUNIT_CASE(names_are_unique),
	KUNIT_CASE(operations),
	KUNIT_CASE(granules_and_flags),
	KUNIT_CASE(destroy_refused),
	KUNIT_CASE(zero),
	KUNIT_CASE(no_zero),
	KUNIT_CASE_PARAM(ways, way_gen_params),
	KUNIT_CASE(atomic_does_not_grow),
	KUNIT_CASE(shares),
	{}
};

static struct kunit_suite api_suite = {
	.name = "pagealloc_api",
	.init = api_init,
	.test_cases = api_cases,
};
kunit_test_suite(api_suite);

MODULE_DESCRIPTION("Tests of pagealloc's public interface");
MODULE_LICENSE("GPL");
