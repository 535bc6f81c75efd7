// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of grow.c: how far a pool grows for a request, into which region, and what
 * happens to pages outside whole granules.
 *
 * The states of pages are written as text, see pgat_arrange().
 */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "engine/span/span.h"
#include "lib/testpool.h"

#define SPACE	PGA_INDEX_PAGES
#define BASE	(2 * SPACE + (1UL << 20))

static int grow_init(struct kunit *test)
{
	test->priv = pgat_pool(test);
	return 0;
}

static int ask(struct pgat_pool *p, unsigned long nr, unsigned long *pfn)
{
	return pagealloc_alloc(p->pool, nr, GFP_KERNEL | __GFP_NOWARN, pfn);
}

/* The first request to a pool of one region, and how far the pool grows. */
struct extent_case {
	const char *name;
	unsigned long granule;
	unsigned long offset;	/* of the region from BASE */
	unsigned long pages;	/* in the region */
	unsigned long nr;
	unsigned long grown;
	unsigned long populated;
};

static const struct extent_case extent_cases[] = {
	{ "a page", 1, 0, 8192, 1, 512, 1 },
	{ "a chunk", 1, 0, 8192, 512, 512, 512 },
	{ "a page more than a chunk", 1, 0, 8192, 513, 1024, 513 },
	{ "all", 1, 0, 8192, 8192, 8192, 8192 },
	{ "granule of half a chunk", 256, 0, 8192, 257, 512, 512 },
	{ "granule of a chunk", 512, 0, 8192, 1, 512, 512 },
	{ "granule of two chunks", 1024, 0, 8192, 1, 1024, 1024 },
	{ "granule of 16 chunks", 8192, 0, 3 * 8192, 8193, 2 * 8192, 2 * 8192 },
	{ "region shorter than a chunk", 16, 0, 96, 1, 96, 16 },
	{ "region ends in a chunk", 16, 0, 608, 513, 608, 528 },
	{ "region starts in a chunk", 16, 32, 8192, 1, 480, 16 },
	{ "region starts at the last page", 1, 511, 8192, 1, 1, 1 },
	{ "the rest of a chunk is not enough", 16, 32, 8192, 481, 992, 496 },
	{ "head outside granules is enough", 16, 8, 8192, 8, 8, 8 },
	{ "head outside granules is not enough", 16, 8, 8192, 9, 504, 24 },
	{ "tail outside granules is not needed", 16, 0, 24, 16, 16, 16 },
	{ "tail outside granules is needed", 16, 0, 24, 17, 24, 24 },
	{ "head only", 16, 8, 4, 1, 4, 4 },
	{ "tail only", 16, 0, 4, 1, 4, 4 },
	{ "head and tail only", 16, 8, 16, 16, 16, 16 },
	{ "head, granules and tail", 16, 15, 50, 50, 50, 50 },
	{ "less than a granule of 16 chunks", 8192, 100, 200, 200, 200, 200 },
};
PGAT_ARRAY_PARAM(extent, extent_cases);

/* A pool grows by whole chunks and granules, as far as a request needs, not further. */
static void extent(struct kunit *test)
{
	const struct extent_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, c->granule, 0);
	pgat_pool_region(p, BASE + c->offset, c->pages);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_SYS), c->pages);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), 0);
	KUNIT_EXPECT_EQ(test, p->backing.count[PGAT_POPULATE], 0);

	KUNIT_ASSERT_EQ(test, 0, ask(p, c->nr, &pfn));
	if (!pgat_is_span(p))
		KUNIT_EXPECT_EQ(test, pfn, BASE + c->offset);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), c->grown);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_RETAINED), c->populated);
	pgat_sound(p);

	pgat_free_all(p);
	KUNIT_EXPECT_EQ(test, 0, ask(p, c->pages, &pfn));
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), c->pages);
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(p, 1, &pfn));
	pgat_sound(p);
}

/* A pool that has room does not grow. */
static void no_needless_growth(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn, i;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 8192);
	for (i = 0; i < 512; i++)
		KUNIT_ASSERT_EQ(test, 0, ask(p, 1, &pfn));
	KUNIT_EXPECT_EQ(test, pgat_stat(p, PAGEALLOC_GROW), 1);
	KUNIT_ASSERT_EQ(test, 0, ask(p, 1, &pfn));
	KUNIT_EXPECT_EQ(test, pgat_stat(p, PAGEALLOC_GROW), 2);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), 1024);
	pgat_sound(p);
}

/* Pages outside whole granules are not discarded as long as the pool exists. */
static void edges_stay_ready(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn, released;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE + 8, 64);
	KUNIT_ASSERT_EQ(test, 0, ask(p, 64, &pfn));
	pgat_free_all(p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, 48);
	pgat_looks_like(p, BASE + 8, 8, "rDDDDDDr");
	pgat_sound(p);
}

/* If pages outside whole granules cannot be populated, the pool does not grow by them. */
struct edge_case {
	const char *name;
	unsigned long offset;
	unsigned long call;
	int error;
	unsigned long grown;
};

static const struct edge_case edge_cases[] = {
	{ "head, no memory", 8, 1, -ENOMEM, 0 },
	{ "head, busy", 8, 1, -EBUSY, 0 },
	{ "head, interrupted", 8, 1, -EINTR, 0 },
	{ "tail, no memory", 0, 1, -ENOMEM, 64 },
	{ "tail, busy", 0, 1, -EBUSY, 64 },
	{ "tail after head, busy", 8, 2, -EBUSY, 56 },
};
PGAT_ARRAY_PARAM(edge, edge_cases);

static void edge_fails(struct kunit *test)
{
	const struct edge_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE + c->offset, 72 - c->offset);
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { c->call, 1, c->error };
	KUNIT_EXPECT_EQ(test, c->error, ask(p, 72 - c->offset, &pfn));
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), c->grown);
	pgat_sound(p);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 72 - c->offset, &pfn));
	pgat_sound(p);
}

/*
 * If somebody holds the first pages of a region, the request tries the next region, and
 * fails if there is none left.  @times regions fail with @error.
 */
struct pass_case {
	const char *name;
	unsigned long nr;
	int error;
	unsigned int times;
	int want;
	unsigned long offset;
};

static const struct pass_case pass_cases[] = {
	{ "one, no memory", 16, -ENOMEM, 1, -ENOMEM },
	{ "one, busy", 16, -EBUSY, 1, 0, 1024 },
	{ "two", 16, -EBUSY, 2, 0, 2048 },
	{ "two, for a run of many steps", 1024, -EBUSY, 2, 0, 2048 },
	{ "all, busy", 16, -EBUSY, 3, -EBUSY },
	{ "one, interrupted", 16, -EINTR, 1, -EINTR },
};
PGAT_ARRAY_PARAM(pass, pass_cases);

/* Count the attempts to populate the pages at @pfn. */
static unsigned int count_tries(struct pgat_pool *p, unsigned long pfn)
{
	const struct pgat_call *call = p->backing.log;
	unsigned int nr = 0;

	for (; call < p->backing.log + p->backing.nr_log; call++)
		nr += call->what == PGAT_POPULATE && call->pfn == pfn;
	return nr;
}

static void skip_region(struct kunit *test)
{
	const struct pass_case *c = test->param_value;
	struct pgat_pool *p = test->priv;
	unsigned long pfn = 0;
	unsigned int i;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE + 8, 64);
	pgat_pool_region(p, BASE + 1024 + 8, 64);
	pgat_pool_region(p, BASE + 2048 + 8, 1024 + 8);
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, c->times, c->error };
	KUNIT_EXPECT_EQ(test, c->want, ask(p, c->nr, &pfn));
	if (!c->want && !pgat_is_span(p))
		KUNIT_EXPECT_EQ(test, BASE + 8 + c->offset, pfn);
	KUNIT_EXPECT_EQ(test, 1U, count_tries(p, BASE + 8));
	pgat_sound(p);
	/* A request that finds no other place tries the lowest region again. */
	for (i = 0; i < 20 && count_tries(p, BASE + 8) < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, ask(p, 64, &pfn));
	KUNIT_EXPECT_EQ(test, 2U, count_tries(p, BASE + 8));
	pgat_sound(p);
}

/* A backing that breaks at the first pages of a region is not called again. */
static void edge_breaks(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE + 8, 64);
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1, -ENXIO };
	KUNIT_EXPECT_NE(test, 0, ask(p, 1, &pfn));
	KUNIT_EXPECT_EQ(test, -EIO, ask(p, 1, &pfn));
	KUNIT_EXPECT_EQ(test, p->backing.count[PGAT_POPULATE], 1);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), 0);
	pgat_sound(p);
}

/* The lowest region grows first, in whatever order they were added. */
static void lowest_first(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE + 8192, 512);
	pgat_pool_region(p, BASE + 16384, 512);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 16, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 8192);
	pgat_pool_region(p, BASE, 512);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 512, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), 1024);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 512, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 16384);
	pgat_sound(p);
}

/* A pool grows downwards and into holes; then all of it is one free run. */
static void downwards_and_into_holes(struct kunit *test)
{
	static const unsigned long order[] = { 6, 2, 4, 0, 3, 1, 7, 5 };
	struct pgat_pool *p = test->priv;
	unsigned long pfn;
	unsigned int i;

	pgat_pool_open(p, 16, 0);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		pgat_pool_region(p, BASE + order[i] * 512, 512);
		KUNIT_EXPECT_EQ(test, 0, ask(p, 512, &pfn));
		KUNIT_EXPECT_EQ(test, pfn, BASE + order[i] * 512);
		pgat_sound(p);
	}
	pgat_free_all(p);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 8 * 512, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	pgat_sound(p);
}

/* A run may cross from one region into the next, but not a hole. */
static void across_regions(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 512);
	pgat_pool_region(p, BASE + 512, 256);
	pgat_pool_region(p, BASE + 784, 512);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 768, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE, 768));
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(p, 769, &pfn));
	KUNIT_EXPECT_EQ(test, 0, ask(p, 513, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 512, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 784);
	pgat_sound(p);
}

/* A granule in two regions is populated by two calls and discarded by one. */
static void shared_granule(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn, released;

	pgat_pool_open(p, 16, 0);
	pgat_pool_region(p, BASE, 24);
	pgat_pool_region(p, BASE + 24, 24);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 48, &pfn));
	pgat_looks_like(p, BASE, 8, "uuuuuu");
	pgat_free_all(p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, 48);
	pgat_looks_like(p, BASE, 8, "DDDDDD");
	pgat_sound(p);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 17, &pfn));
	pgat_looks_like(p, BASE, 8, "uu?rDD");
	pgat_sound(p);
}

/* The pool does not grow for a request that no row of regions can ever serve. */
static void impossible(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;
	u64 bytes;

	pgat_pool_open_sim(p, 16, 0);
	bytes = pgat_stat(p, PAGEALLOC_METADATA);
	pgat_pool_region(p, 2 * SPACE, SPACE / 2);
	pgat_pool_region(p, 2 * SPACE + SPACE / 2 + 16, SPACE / 2 - 16);
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(p, SPACE / 2 + 1, &pfn));
	KUNIT_EXPECT_EQ(test, -ENOMEM, ask(p, ~0UL, &pfn));
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), 0);
	KUNIT_EXPECT_EQ(test, pgat_stat(p, PAGEALLOC_METADATA), bytes);
}

/* Growth for a long run takes one step for each portion, or one with the span engine. */
static void long_run(struct kunit *test)
{
	const unsigned long nr = 8 * PGA_PORTION_PAGES;
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open_sim(p, 512, 0);
	pgat_pool_region(p, 2 * SPACE, SPACE);
	KUNIT_EXPECT_EQ(test, 0, ask(p, nr + 1, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, 2 * SPACE);
	KUNIT_EXPECT_EQ(test, pgat_stat(p, PAGEALLOC_GROW), pgat_is_span(p) ? 1 : 9);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), nr + 512);
	KUNIT_EXPECT_EQ(test, p->sim.ready_pages, nr + 512);
	pgat_sound(p);
}

/*
 * The bytes that the span engine counts for a tract are those that the kernel allocates
 * for it, whether kmalloc() rounds up to a power of two or not.
 */
static void tract_bytes(struct kunit *test)
{
	static const unsigned long nr[] = { 512, 4096, 1UL << 15, 3UL << 14,
					    1UL << PGA_BLOCK_SHIFT };
	struct pgat_pool *p = test->priv;
	const struct pga_tract *tract;
	unsigned long pfn, size, i;

	p->engine = "span";
	pgat_pool_open_sim(p, 1, 0);
	for (i = 0; i < ARRAY_SIZE(nr); i++) {
		pgat_pool_region(p, 2 * SPACE + (i << PGA_BLOCK_SHIFT), nr[i]);
		KUNIT_ASSERT_EQ(test, 0, ask(p, nr[i], &pfn));
		tract = pga_tracts_at(&pga_spans_of(&p->pool->map)->tracts,
				      i << PGA_BLOCK_SHIFT);
		size = pga_tract_size(nr[i]);
		if (size > PGA_KMALLOC_MAX)
			KUNIT_EXPECT_TRUE_MSG(test, is_vmalloc_addr(tract) &&
					      PAGE_ALIGNED(size), "%lu pages", nr[i]);
		else
			KUNIT_EXPECT_EQ_MSG(test, ksize(tract), size, "%lu pages",
					    nr[i]);
	}
	pgat_sound(p);
}

/* Regions at both ends of an index space of 64 TiB, and in its middle. */
static void far_apart(struct kunit *test)
{
	static const unsigned long at[] = { SPACE - 1024, 0, SPACE / 2 - 512, SPACE / 8 };
	struct pgat_pool *p = test->priv;
	unsigned long pfn, released;
	unsigned int i;

	pgat_pool_open_sim(p, 64, 0);
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		pgat_pool_region(p, 2 * SPACE + at[i], 1024);
		KUNIT_EXPECT_EQ(test, 0, ask(p, 1024, &pfn));
		KUNIT_EXPECT_EQ(test, pfn, 2 * SPACE + at[i]);
		KUNIT_EXPECT_EQ(test, -ENOMEM, ask(p, 1, &pfn));
	}
	pgat_sound(p);
	pgat_free_all(p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_scavenge(p->pool, 1024, &released));
	KUNIT_EXPECT_EQ(test, released, 1024);
	KUNIT_EXPECT_EQ(test, 0, ask(p, 1024, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, 2 * SPACE);
	pgat_looks_like(p, 2 * SPACE + SPACE - 1024, 512, "DD");
	pgat_looks_like(p, 2 * SPACE + SPACE / 8, 512, "rr");
	pgat_sound(p);
	kunit_info(test, "%llu bytes of metadata\n", pgat_stat(p, PAGEALLOC_METADATA));
}

static struct kunit_case grow_cases[] = {
	KUNIT_CASE_PARAM(extent, extent_gen_params),
	KUNIT_CASE(no_needless_growth),
	KUNIT_CASE(edges_stay_ready),
	KUNIT_CASE_PARAM(edge_fails, edge_gen_params),
	KUNIT_CASE_PARAM(skip_region, pass_gen_params),
	KUNIT_CASE(edge_breaks),
	KUNIT_CASE(lowest_first),
	KUNIT_CASE(downwards_and_into_holes),
	KUNIT_CASE(across_regions),
	KUNIT_CASE(shared_granule),
	KUNIT_CASE(impossible),
	KUNIT_CASE(long_run),
	KUNIT_CASE(tract_bytes),
	KUNIT_CASE(far_apart),
	{}
};

static struct kunit_suite grow_suite = {
	.name = "pagealloc_grow",
	.init = grow_init,
	.test_cases = grow_cases,
};
kunit_test_suite(grow_suite);

MODULE_DESCRIPTION("Tests of pagealloc's growth");
MODULE_LICENSE("GPL");
