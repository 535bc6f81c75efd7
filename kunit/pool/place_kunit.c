// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of place.c and of the flags that choose a place: runs that must not cross from
 * a region into the next, and runs that are aligned to their length.
 */

#include <linux/log2.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "lib/testpool.h"

#define BASE	(1UL << 20)

static int place_init(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);

	test->priv = p;
	pgat_first_fit(p);
	return 0;
}

static int alloc_with(struct pgat_pool *p, unsigned long nr, unsigned int flags,
		      unsigned long *pfn)
{
	const struct pagealloc_request request = { .nr_pages = nr, .flags = flags };

	return pagealloc_alloc_range(p->pool, &request, GFP_KERNEL | __GFP_NOWARN, pfn);
}

/* A pool of adjacent regions of these lengths, and some more behind a hole. */
static void open_regions(struct pgat_pool *p, unsigned long granule,
			 const unsigned long *nr, unsigned int len)
{
	unsigned long pfn = BASE;
	unsigned int i;

	pgat_pool_open(p, granule, 0);
	for (i = 0; i < len; pfn += nr[i++])
		pgat_pool_region(p, pfn, nr[i]);
}

/* Without the flag a run may cross a border; with it, it lies behind the border. */
static void border(struct kunit *test)
{
	static const unsigned long lengths[] = { 24, 8, 40, 64 };
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	open_regions(p, 8, lengths, ARRAY_SIZE(lengths));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 20, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	KUNIT_ASSERT_EQ(test, 0, alloc_with(p, 8, PAGEALLOC_ONE_REGION, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 24);
	KUNIT_ASSERT_EQ(test, 0, alloc_with(p, 4, PAGEALLOC_ONE_REGION, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 20);
	KUNIT_ASSERT_EQ(test, 0, alloc_with(p, 41, PAGEALLOC_ONE_REGION, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 72);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 40, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 32);
	pgat_sound(p);
}

/* A run longer than each region fails at once, though all of them together fit it. */
static void longer_than_a_region(struct kunit *test)
{
	static const unsigned long lengths[] = { 32, 64, 32 };
	struct pgat_pool *p = test->priv;
	unsigned long pfn = 7;

	open_regions(p, 1, lengths, ARRAY_SIZE(lengths));
	KUNIT_EXPECT_EQ(test, -ENOMEM, alloc_with(p, 65, PAGEALLOC_ONE_REGION, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, 7);
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_GROWN), 0);
	KUNIT_EXPECT_EQ(test, 0, alloc_with(p, 64, PAGEALLOC_ONE_REGION, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 32);
	KUNIT_EXPECT_EQ(test, -ENOMEM, alloc_with(p, 64, PAGEALLOC_ONE_REGION, &pfn));
	pgat_sound(p);
}

/* A place that crosses a border is no place at all, also where it is the only one. */
static void fixed_across(struct kunit *test)
{
	static const unsigned long lengths[] = { 32, 32 };
	struct pgat_pool *p = test->priv;
	struct pagealloc_request request = {
		.nr_pages = 16,
		.low = BASE + 24,
		.flags = PAGEALLOC_FIXED | PAGEALLOC_ONE_REGION,
	};
	unsigned long pfn;

	open_regions(p, 1, lengths, ARRAY_SIZE(lengths));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			pagealloc_alloc_range(p->pool, &request, GFP_KERNEL, &pfn));
	request.low = BASE + 32;
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_alloc_range(p->pool, &request, GFP_KERNEL, &pfn));
	request.low = BASE + 24;
	request.flags = PAGEALLOC_FIXED;
	request.nr_pages = 8;
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_alloc_range(p->pool, &request, GFP_KERNEL, &pfn));
	pgat_sound(p);
}

/* The flag holds where the only free granule is one that somebody else held. */
static void held_granule(struct kunit *test)
{
	static const unsigned long lengths[] = { 16, 16, 16 };
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	open_regions(p, 8, lengths, ARRAY_SIZE(lengths));
	/* The first populate fails, and its granule becomes held. */
	p->backing.fault[PGAT_POPULATE] = (struct pgat_fault) { 1, 1, -EBUSY };
	KUNIT_EXPECT_EQ(test, 0, alloc_with(p, 8, PAGEALLOC_ONE_REGION, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 8);
	KUNIT_EXPECT_EQ(test, 8, pgat_pages(p, PAGEALLOC_HELD));
	KUNIT_EXPECT_EQ(test, 0, alloc_with(p, 16, PAGEALLOC_ONE_REGION, &pfn));
	KUNIT_EXPECT_EQ(test, 0, alloc_with(p, 16, PAGEALLOC_ONE_REGION, &pfn));
	KUNIT_EXPECT_EQ(test, 0, alloc_with(p, 8, PAGEALLOC_ONE_REGION, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	pgat_sound(p);
}

struct natural_case {
	const char *name;
	unsigned long nr;
	unsigned long align;
	unsigned long want;
};

static const struct natural_case natural_cases[] = {
	{ "one page", 1, 0, 1 },
	{ "a power of two", 16, 0, 16 },
	{ "a page more", 17, 0, 32 },
	{ "a page less", 31, 0, 32 },
	{ "a larger alignment", 4, 64, 64 },
	{ "a smaller alignment", 64, 4, 64 },
	{ "a chunk and a page", 513, 0, 1024 },
};
PGAT_ARRAY_PARAM(natural, natural_cases);

/* The lowest place is one that is aligned to the length of the run. */
static void natural(struct kunit *test)
{
	const struct natural_case *c = test->param_value;
	const struct pagealloc_request request = {
		.nr_pages = c->nr,
		.align = c->align,
		.flags = PAGEALLOC_NATURAL,
	};
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE + 1, 1UL << 13);
	KUNIT_ASSERT_EQ(test, 0,
			pagealloc_alloc_range(p->pool, &request, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, ALIGN(BASE + 1, c->want));
	pgat_sound(p);
}

/* What no pool can have is refused as without the flags. */
static void refused(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_request request = {
		.nr_pages = ~0UL,
		.flags = PAGEALLOC_NATURAL | PAGEALLOC_ONE_REGION,
	};
	unsigned long pfn;

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, 64);
	KUNIT_EXPECT_NE(test, 0, pagealloc_alloc_range(p->pool, &request,
						       GFP_KERNEL | __GFP_NOWARN, &pfn));
	request.nr_pages = 4;
	request.align = 3;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_alloc_range(p->pool, &request, GFP_KERNEL, &pfn));
	request.align = 0;
	request.flags |= 0x40;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pagealloc_alloc_range(p->pool, &request, GFP_KERNEL, &pfn));
	pgat_sound(p);
}

#define MODEL_REGIONS	6
#define MODEL_PAGES	512UL
#define MODEL_STEPS	2000

/* Pages in use and borders, for the slow search of the random test. */
struct model {
	bool used[MODEL_PAGES];
	bool border[MODEL_PAGES];
	unsigned long end;
};

static unsigned long model_find(const struct model *m, unsigned long nr, unsigned int flags)
{
	const unsigned long align = flags & PAGEALLOC_NATURAL ? roundup_pow_of_two(nr) : 1;
	unsigned long start, i;

	for (start = 0; start + nr <= m->end; start += align) {
		for (i = 0; i < nr; i++)
			if (m->used[start + i] ||
			    (i && flags & PAGEALLOC_ONE_REGION && m->border[start + i]))
				break;
		if (i == nr)
			return start;
	}
	return ~0UL;
}

/* Random requests and frees are where a search page by page says. */
static void random_places(struct kunit *test)
{
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct rnd_state random = pgat_random(test);
	struct pgat_pool *p = test->priv;
	unsigned long start, nr, pfn;
	unsigned int i, flags;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, m);
	pgat_pool_open(p, 1, 0);
	for (i = 0; i < MODEL_REGIONS; i++) {
		nr = 1 + prandom_u32_state(&random) % (MODEL_PAGES / MODEL_REGIONS);
		m->border[m->end] = true;
		pgat_pool_region(p, BASE + m->end, nr);
		m->end += nr;
	}
	/* A pool that still grows prefers places of new pages. */
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, m->end, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, pfn, m->end));
	for (i = 0; i < MODEL_STEPS; i++) {
		nr = 1 + prandom_u32_state(&random) % 24;
		flags = prandom_u32_state(&random) % 4 * PAGEALLOC_ONE_REGION;
		start = model_find(m, nr, flags);
		ret = alloc_with(p, nr, flags, &pfn);
		KUNIT_ASSERT_EQ(test, start == ~0UL ? -ENOMEM : 0, ret);
		if (!ret) {
			KUNIT_ASSERT_EQ_MSG(test, start, pfn - BASE, "%lu pages, flags %x", nr,
					    flags);
			memset(m->used + start, true, nr);
		}
		start = prandom_u32_state(&random) % m->end;
		for (nr = 0; nr < 16 && start + nr < m->end && m->used[start + nr]; nr++)
			;
		if (!nr)
			continue;
		KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, BASE + start, nr));
		memset(m->used + start, false, nr);
	}
	pgat_sound(p);
}

static struct kunit_case place_cases[] = {
	KUNIT_CASE(border),
	KUNIT_CASE(longer_than_a_region),
	KUNIT_CASE(fixed_across),
	KUNIT_CASE(held_granule),
	KUNIT_CASE_PARAM(natural, natural_gen_params),
	KUNIT_CASE(refused),
	KUNIT_CASE(random_places),
	{}
};

static struct kunit_suite place_suite = {
	.name = "pagealloc_place",
	.init = place_init,
	.test_cases = place_cases,
};
kunit_test_suite(place_suite);

MODULE_DESCRIPTION("Tests of the places of runs in regions");
MODULE_LICENSE("GPL");
