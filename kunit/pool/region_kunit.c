// SPDX-License-Identifier: GPL-2.0
/* Tests of region.c: the trees of regions and rows, against a slow model. */

#include <linux/module.h>
#include <linux/prandom.h>

#include "lib/testlib.h"
#include "lib/usage.h"
#include "pagealloc.h"
#include "pool/region.h"

#define BASE		(1UL << 20)
#define SPACE		600UL
#define MOST		24UL

/**
 * struct place - pages of the space that are a region, or a hole of one page
 * @nr: pages of the region that begins here, 0 if none does
 * @grown: how many of them the pool has grown by
 */
struct place {
	unsigned long nr;
	unsigned long grown;
};

/**
 * struct regions - a pool whose backing does nothing, and a model of its regions
 * @test: the test
 * @pool: the pool
 * @refuse: the backing refuses to reserve
 * @at: the regions, by their first page
 */
struct regions {
	struct kunit *test;
	struct pagealloc_pool *pool;
	bool refuse;
	struct place at[SPACE];
};

static unsigned long granule(void *ctx)
{
	return 1;
}

static int reserve(void *ctx, unsigned long pfn, unsigned long nr)
{
	struct regions *r = ctx;

	return r->refuse ? -ENOMEM : 0;
}

static void release(void *ctx, unsigned long pfn, unsigned long nr)
{
}

static int succeed(void *ctx, unsigned long pfn, unsigned long nr)
{
	return 0;
}

static const struct pagealloc_backing_ops ops = {
	.name = "none",
	.no_memory = true,
	.granule = granule,
	.reserve = reserve,
	.release = release,
	.populate = succeed,
	.discard = succeed,
};

static int region_init(struct kunit *test)
{
	struct regions *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	struct pagealloc_config config = {
		.name = "regions",
		.ops = &ops,
		.ctx = r,
		.flags = PAGEALLOC_NO_CACHE | PAGEALLOC_NO_WORKER,
	};

	if (!r)
		return -ENOMEM;
	r->test = test;
	r->pool = pagealloc_pool_create(&config);
	test->priv = r;
	return PTR_ERR_OR_ZERO(r->pool);
}

static void region_exit(struct kunit *test)
{
	struct regions *r = test->priv;

	KUNIT_EXPECT_EQ(test, 0, pagealloc_pool_destroy(r->pool));
}

/* The first page of the model's region that has @page; SPACE if none has. */
static unsigned long region_of(const struct regions *r, unsigned long page)
{
	unsigned long first;

	for (first = 0; first <= page; first++)
		if (r->at[first].nr && page < first + r->at[first].nr)
			return first;
	return SPACE;
}

static bool overlaps(const struct regions *r, unsigned long page, unsigned long nr)
{
	unsigned long i;

	for (i = page; i < page + nr; i++)
		if (region_of(r, i) != SPACE)
			return true;
	return false;
}

/* Add a region, which the backing may refuse. */
static void add(struct regions *r, unsigned long page, unsigned long nr, bool refuse)
{
	const bool there = overlaps(r, page, nr);
	int ret;

	r->refuse = refuse;
	ret = pagealloc_add_region(r->pool, BASE + page, nr);
	KUNIT_EXPECT_EQ(r->test, ret, there ? -EEXIST : refuse ? -ENOMEM : 0);
	if (!ret)
		r->at[page].nr = nr;
}

/* Where the pool has grown is the first pages of each region, up to a point. */
static void grow(struct regions *r, unsigned long nr)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;
	const struct pga_region *region;
	unsigned long pfn, flags;

	if (pagealloc_alloc(r->pool, nr, gfp, &pfn))
		return;
	flags = pga_pool_lock(r->pool);
	pga_for_each_region(region, r->pool)
		r->at[region->start - (BASE - r->pool->base)].grown =
			region->grown - region->start;
	pga_pool_unlock(r->pool, flags);
	KUNIT_EXPECT_EQ(r->test, 0, pagealloc_free(r->pool, pfn, nr));
}

/* The row with a region, by looking at each page. */
static struct pga_extent row_of(const struct regions *r, unsigned long page)
{
	unsigned long start = page, end = page;

	while (start && region_of(r, start - 1) != SPACE)
		start--;
	while (end < SPACE && region_of(r, end) != SPACE)
		end++;
	return (struct pga_extent) { start, end - start };
}

static bool covers(const struct regions *r, unsigned long page, unsigned long nr)
{
	unsigned long i, first;

	for (i = page; i < page + nr; i++) {
		first = i < SPACE ? region_of(r, i) : SPACE;
		if (first == SPACE || i >= first + r->at[first].grown)
			return false;
	}
	return true;
}

static unsigned long first_row(const struct regions *r, unsigned long page,
			       unsigned long nr)
{
	for (; page < SPACE; page++)
		if (region_of(r, page) != SPACE && row_of(r, page).nr >= nr)
			return row_of(r, page).start;
	return SPACE;
}

static unsigned long first_with_room(const struct regions *r, unsigned long page)
{
	while (page < SPACE && r->at[page].nr == r->at[page].grown)
		page++;
	return page;
}

static unsigned long start_of(const struct pga_region *region, unsigned long offset)
{
	return region ? region->start - offset : SPACE;
}

/* Compare what the trees say of a random place with what the model says. */
static void compare(struct regions *r, unsigned long page, unsigned long nr)
{
	const unsigned long offset = BASE - r->pool->base;
	struct pga_extent row, want;
	struct pga_region *region;
	unsigned long flags, from;

	for (from = page; from < SPACE && region_of(r, from) == SPACE;)
		from++;
	if (from < SPACE)
		from = region_of(r, from);
	flags = pga_pool_lock(r->pool);
	region = pga_region_from(r->pool, offset + page);
	KUNIT_EXPECT_EQ(r->test, start_of(region, offset), from);
	if (region) {
		row = pga_region_row(r->pool, region);
		want = row_of(r, from);
		KUNIT_EXPECT_EQ(r->test, row.start - offset, want.start);
		KUNIT_EXPECT_EQ(r->test, row.nr, want.nr);
	}
	row = pga_row_from(r->pool, offset + page, nr);
	KUNIT_EXPECT_EQ(r->test, row.nr ? row.start - offset : SPACE,
			first_row(r, page, nr));
	KUNIT_EXPECT_EQ(r->test, pga_pool_covers(r->pool, offset + page, nr),
			covers(r, page, nr));
	region = pga_region_with_room(r->pool, offset + page);
	KUNIT_EXPECT_EQ(r->test, start_of(region, offset), first_with_room(r, page));
	pga_pool_unlock(r->pool, flags);
}

/* The sums, and all regions in order. */
static void compare_all(struct regions *r)
{
	const unsigned long offset = BASE - r->pool->base;
	unsigned long page, flags, sys = 0, reserved = 0;
	struct pga_region *region;

	flags = pga_pool_lock(r->pool);
	region = pga_region_from(r->pool, 0);
	for (page = 0; page < SPACE; page++) {
		if (!r->at[page].nr)
			continue;
		sys += r->at[page].nr;
		reserved += r->at[page].nr - r->at[page].grown;
		KUNIT_EXPECT_EQ(r->test, start_of(region, offset), page);
		if (!region)
			break;
		KUNIT_EXPECT_EQ(r->test, region->end - region->start, r->at[page].nr);
		region = pga_region_next(region);
	}
	KUNIT_EXPECT_NULL(r->test, region);
	KUNIT_EXPECT_EQ(r->test, r->pool->sys, sys);
	KUNIT_EXPECT_EQ(r->test, r->pool->reserved, reserved);
	pga_pool_unlock(r->pool, flags);
}

/* Regions by chance; a fifth of them the backing refuses, which takes them out. */
static void random(struct kunit *test)
{
	struct rnd_state rnd = pgat_random(test);
	struct regions *r = test->priv;
	unsigned int i, n;

	/* The first region decides which pages the pool can have. */
	add(r, SPACE / 2, 1, false);
	for (i = 0; i < 120; i++) {
		add(r, prandom_u32_state(&rnd) % (SPACE - MOST),
		    1 + prandom_u32_state(&rnd) % MOST,
		    prandom_u32_state(&rnd) % 5 == 0);
		if (prandom_u32_state(&rnd) % 3 == 0)
			grow(r, 1 + prandom_u32_state(&rnd) % MOST);
		for (n = 0; n < 8; n++)
			compare(r, prandom_u32_state(&rnd) % SPACE,
				1 + prandom_u32_state(&rnd) % (2 * MOST));
		compare_all(r);
		if (test->status == KUNIT_FAILURE)
			break;
	}
}

/* A refused region between two others was the bridge of their row. */
static void bridge(struct kunit *test)
{
	struct regions *r = test->priv;

	add(r, 10, 10, false);
	add(r, 30, 10, false);
	add(r, 20, 10, true);
	compare(r, 10, 11);
	compare(r, 30, 10);
	add(r, 20, 10, false);
	compare(r, 30, 30);
	add(r, 0, 10, true);
	compare(r, 0, 31);
	compare_all(r);
}

static struct kunit_case region_cases[] = {
	KUNIT_CASE(random),
	KUNIT_CASE(bridge),
	{}
};

static struct kunit_suite region_suite = {
	.name = "pagealloc_region",
	.init = region_init,
	.exit = region_exit,
	.test_cases = region_cases,
};
kunit_test_suite(region_suite);

MODULE_DESCRIPTION("Tests of the regions of a pagealloc pool");
MODULE_LICENSE("GPL");
