// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of backing/loan.c, with frames of the kernel that runs them.
 */

#include <linux/err.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>

#include "backing/loan.h"
#include "base/compat.h"
#include "lib/testpool.h"

#define GRANULE		pageblock_nr_pages
#define GRANULES	4
#define PAGES		(GRANULES * GRANULE)

/* The kernel updates MemFree in batches, so it may be off by this many frames. */
#define SLACK		1024UL

static unsigned long free_frames(void)
{
	struct sysinfo info;

	si_meminfo(&info);
	return info.freeram;
}

static void expect_near(struct kunit *test, unsigned long a, unsigned long b)
{
	KUNIT_EXPECT_LE_MSG(test, a > b ? a - b : b - a, SLACK, "%lu and %lu", a, b);
}

/**
 * struct fixture - a loan, and a pool on it
 * @loan: the loan
 * @p: the pool, closed before the loan is
 */
struct fixture {
	struct pagealloc_loan *loan;
	struct pgat_pool *p;
};

static int loan_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->p = pgat_pool(test);
	f->p->cached = true;
	test->priv = f;
	return 0;
}

static void loan_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	pgat_pool_close(f->p);
	if (f->loan)
		pagealloc_loan_close(f->loan);
}

/* Open a loan; the test ends if that fails. */
static unsigned long borrow(struct kunit *test, unsigned long nr, unsigned long pfn)
{
	struct fixture *f = test->priv;
	struct pagealloc_loan *loan = pagealloc_loan_open(nr, pfn, PAGEALLOC_ONE_RANGE);
	struct pagealloc_range range;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(loan), "%ld", PTR_ERR(loan));
	f->loan = loan;
	range = pagealloc_loan_range(loan, 0);
	KUNIT_EXPECT_EQ(test, range.nr_pages, nr);
	KUNIT_EXPECT_EQ(test, pagealloc_loan_range(loan, 1).nr_pages, 0);
	KUNIT_ASSERT_EQ_MSG(test, pagealloc_loan_ops.granule(loan), GRANULE,
			    "the loan is in ZONE_MOVABLE");
	return range.pfn;
}

/* The same, with a pool whose region is all of the loan. */
static unsigned long borrow_for_pool(struct kunit *test)
{
	const unsigned long pfn = borrow(test, PAGES, PAGEALLOC_ANY_PFN);
	struct fixture *f = test->priv;

	pgat_pool_open_on(f->p, &pagealloc_loan_ops, f->loan, 0);
	pgat_pool_region(f->p, pfn, PAGES);
	return pfn;
}

/* An open loan is aligned ordinary memory, and takes nothing from MemFree. */
static void open_any(struct kunit *test)
{
	const unsigned long before = free_frames();
	const unsigned long pfn = borrow(test, PAGES, PAGEALLOC_ANY_PFN);
	unsigned long i;

	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(pfn, GRANULE));
	for (i = 0; i < PAGES; i++) {
		KUNIT_ASSERT_TRUE(test, pfn_valid(pfn + i));
		KUNIT_EXPECT_FALSE(test, PageReserved(pfn_to_page(pfn + i)));
	}
	expect_near(test, before, free_frames());
}

/* A loan on a node has frames of that node; a node without memory has none. */
static void open_on_node(struct kunit *test)
{
	const int node = first_node(node_states[N_MEMORY]);
	static const int none[] = { -2, MAX_NUMNODES, INT_MAX, INT_MIN };
	struct fixture *f = test->priv;
	struct pagealloc_range range;
	unsigned int i;

	f->loan = pagealloc_loan_open_node(PAGES, node, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(f->loan));
	for (i = 0; (range = pagealloc_loan_range(f->loan, i)).nr_pages; i++)
		KUNIT_EXPECT_EQ(test, node, page_to_nid(pfn_to_page(range.pfn)));
	pagealloc_loan_close(f->loan);
	f->loan = pagealloc_loan_open_node(PAGES, NUMA_NO_NODE, PAGEALLOC_ONE_RANGE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(f->loan));
	for (i = 0; i < ARRAY_SIZE(none); i++)
		KUNIT_EXPECT_EQ(test, -EINVAL,
				PTR_ERR(pagealloc_loan_open_node(PAGES, none[i], 0)));
	for (i = 0; i < MAX_NUMNODES; i++)
		if (!node_state(i, N_MEMORY))
			KUNIT_EXPECT_EQ(test, -EINVAL,
					PTR_ERR(pagealloc_loan_open_node(PAGES, i, 0)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(pagealloc_loan_open_node(PAGES, node, 0x80)));
}

/* A loan can be opened again at the address of a former one. */
static void open_at(struct kunit *test)
{
	struct fixture *f = test->priv;
	const unsigned long pfn = borrow(test, PAGES, PAGEALLOC_ANY_PFN);

	pagealloc_loan_close(f->loan);
	f->loan = NULL;
	KUNIT_EXPECT_EQ(test, pfn, borrow(test, PAGES, pfn));
}

/* Two open loans have no frame in common. */
static void open_two(struct kunit *test)
{
	const unsigned long pfn = borrow(test, PAGES, PAGEALLOC_ANY_PFN);
	struct pagealloc_loan *loan;
	unsigned long other;

	loan = pagealloc_loan_open(PAGES, PAGEALLOC_ANY_PFN, PAGEALLOC_ONE_RANGE);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(loan), "%ld", PTR_ERR(loan));
	other = pagealloc_loan_range(loan, 0).pfn;
	pagealloc_loan_close(loan);
	KUNIT_EXPECT_TRUE_MSG(test, other + PAGES <= pfn || pfn + PAGES <= other,
			      "%lu and %lu", pfn, other);

	loan = pagealloc_loan_open(PAGES, pfn, 0);
	KUNIT_EXPECT_PTR_EQ(test, loan, ERR_PTR(-EBUSY));
	if (!IS_ERR(loan))
		pagealloc_loan_close(loan);
}

/**
 * struct refused_case - a range that a loan refuses
 * @name: of the case
 * @offset: @pfn is relative to the start of a range that a loan accepts
 * @pfn: first frame
 * @nr: frames
 * @want: the errno
 * @flags: flags
 */
struct refused_case {
	const char *name;
	bool offset;
	unsigned long pfn;
	unsigned long nr;
	int want;
	unsigned int flags;
};

static const struct refused_case refused_cases[] = {
	{ "no pages", false, PAGEALLOC_ANY_PFN, 0, -EINVAL },
	{ "no pages at a place", true, 0, 0, -EINVAL },
	{ "not aligned", true, 1, PAGES, -EINVAL },
	{ "half a granule off", true, GRANULE / 2, GRANULE, -EINVAL },
	{ "part of a granule", true, 0, GRANULE / 2, -EINVAL },
	{ "a page more than a granule", true, 0, GRANULE + 1, -EINVAL },
	{ "wraps", true, 0, ~0UL - GRANULE + 1, -EINVAL },
	{ "the first frame", false, 0, GRANULE, -EINVAL },
	{ "no RAM", false, 1UL << 30, GRANULE, -EINVAL },
	{ "the last pfns", false, ~0UL - 2 * GRANULE + 1, GRANULE, -EINVAL },
	{ "more than a machine has", false, PAGEALLOC_ANY_PFN, 1UL << 34, -ENOMEM },
	{ "beyond the end of RAM", true, 0, 1UL << 34, -EINVAL },
	{ "an unknown flag", false, PAGEALLOC_ANY_PFN, GRANULE, -EINVAL, 0x2 },
};
PGAT_ARRAY_PARAM(refused, refused_cases);

/* The loan refuses the range and takes no frame. */
static void refused(struct kunit *test)
{
	const struct refused_case *c = test->param_value;
	struct fixture *f = test->priv;
	unsigned long pfn = c->pfn, before;
	struct pagealloc_loan *loan;

	if (c->offset) {
		pfn += borrow(test, PAGES, PAGEALLOC_ANY_PFN);
		pagealloc_loan_close(f->loan);
		f->loan = NULL;
	}
	before = free_frames();
	loan = pagealloc_loan_open(c->nr, pfn, c->flags);
	KUNIT_EXPECT_TRUE(test, IS_ERR(loan));
	if (!IS_ERR(loan))
		pagealloc_loan_close(loan);
	else if (c->want != -EINVAL || PTR_ERR(loan) != -EBUSY)
		KUNIT_EXPECT_EQ(test, c->want, PTR_ERR(loan));
	expect_near(test, before, free_frames());
}

/* A pool accepts only regions of whole granules inside its loan. */
static void regions(struct kunit *test)
{
	const unsigned long pfn = borrow_for_pool(test);
	struct fixture *f = test->priv;
	struct pagealloc_pool *pool = f->p->pool;

	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_add_region(pool, pfn - GRANULE, GRANULE));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_add_region(pool, pfn + PAGES, GRANULE));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_add_region(pool, pfn + PAGES, 1UL << 33));
	KUNIT_EXPECT_EQ(test, -EEXIST, pagealloc_add_region(pool, pfn, GRANULE));
	pgat_pool_close(f->p);

	pgat_pool_open_on(f->p, &pagealloc_loan_ops, f->loan, 0);
	pool = f->p->pool;
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_add_region(pool, pfn + 1, GRANULE));
	KUNIT_EXPECT_EQ(test, -EINVAL, pagealloc_add_region(pool, pfn, GRANULE + 1));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_add_region(pool, pfn + GRANULE, GRANULE));
}

/* MemFree falls by the populated frames, and rises by the discarded ones. */
static void mem_free(struct kunit *test)
{
	const unsigned long pfn = borrow_for_pool(test);
	struct fixture *f = test->priv;
	const unsigned long before = free_frames();
	unsigned long got, released;

	KUNIT_ASSERT_EQ(test, 0,
			pagealloc_alloc(f->p->pool, PAGES, GFP_KERNEL, &got));
	KUNIT_EXPECT_EQ(test, got, pfn);
	expect_near(test, before - PAGES, free_frames());
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, pfn, PAGES));
	expect_near(test, before - PAGES, free_frames());
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_scavenge(f->p->pool, 2 * GRANULE, &released));
	expect_near(test, before - 2 * GRANULE, free_frames());
	pgat_sound(f->p);
	pgat_pool_close(f->p);
	expect_near(test, before, free_frames());
}

static void fill(unsigned long pfn, unsigned long nr)
{
	for (; nr; nr--, pfn++)
		memset(page_address(pfn_to_page(pfn)), 0xa5, PAGE_SIZE);
}

static bool is_zero(unsigned long pfn, unsigned long nr)
{
	for (; nr; nr--, pfn++)
		if (memchr_inv(page_address(pfn_to_page(pfn)), 0, PAGE_SIZE))
			return false;
	return true;
}

/* __GFP_ZERO clears the pages of the run, ready or populated, and no others. */
static void zero(struct kunit *test)
{
	const unsigned long pfn = borrow_for_pool(test);
	struct fixture *f = test->priv;
	unsigned long got, released, round;

	for (round = 0; round < 2; round++) {
		KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, PAGES, GFP_KERNEL, &got));
		fill(pfn, PAGES);
		KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, pfn, PAGES));
		if (round)
			KUNIT_ASSERT_EQ(test, 0,
					pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
		KUNIT_ASSERT_EQ(test, 0,
				pagealloc_alloc(f->p->pool, 700, GFP_KERNEL | __GFP_ZERO, &got));
		KUNIT_EXPECT_EQ(test, got, pfn);
		KUNIT_EXPECT_TRUE(test, is_zero(pfn, 700));
		if (!round)
			KUNIT_EXPECT_FALSE(test, is_zero(pfn + 700, 1));
		pgat_free_all(f->p);
	}
}

/* Allocated frames have one reference and are on no LRU list. */
static void frames(struct kunit *test)
{
	const unsigned long pfn = borrow_for_pool(test);
	struct fixture *f = test->priv;
	unsigned long got, i;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, PAGES, GFP_KERNEL, &got));
	for (i = 0; i < PAGES; i++) {
		KUNIT_EXPECT_EQ(test, 1, page_count(pfn_to_page(pfn + i)));
		KUNIT_EXPECT_FALSE(test, PageLRU(pfn_to_page(pfn + i)));
	}
}

/* A frame with another reference is not discarded, nor handed out, until that is dropped. */
static void referenced_frame(struct kunit *test)
{
	const unsigned long pfn = borrow_for_pool(test);
	struct fixture *f = test->priv;
	struct page *page = pfn_to_page(pfn + GRANULE + 100);
	unsigned long got, released;

	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, PAGES, GFP_KERNEL, &got));
	get_page(page);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, pfn, PAGES));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, PAGES - GRANULE);
	KUNIT_EXPECT_EQ(test, 1UL, pgat_pages(f->p, PAGEALLOC_REFERRED));
	KUNIT_EXPECT_EQ(test, 'X', pgat_letter(f->p, page_to_pfn(page), 1));
	KUNIT_EXPECT_EQ(test, 'r', pgat_letter(f->p, page_to_pfn(page) + 1, 1));
	KUNIT_EXPECT_EQ(test, 2, page_count(page));

	put_page(page);
	KUNIT_EXPECT_EQ(test, 0,
			pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released));
	KUNIT_EXPECT_EQ(test, released, GRANULE);
	pgat_sound(f->p);
}

/* A request skips a granule that the kernel uses; a later one gets it. */
static void taken_frames(struct kunit *test)
{
	const unsigned long pfn = borrow_for_pool(test);
	struct fixture *f = test->priv;
	unsigned long got;
	int ret;

	KUNIT_ASSERT_EQ(test, 0, pga_alloc_contig_range(pfn, pfn + GRANULE, GFP_KERNEL));
	ret = pagealloc_alloc(f->p->pool, 1, GFP_KERNEL, &got);
	free_contig_range(pfn, GRANULE);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, got, pfn + GRANULE);
	KUNIT_EXPECT_GE(test, pgat_stat(f->p, PAGEALLOC_POPULATE_FAIL_BUSY), 1);
	pgat_looks_like(f->p, pfn, GRANULE, "H?");
	pgat_sound(f->p);

	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(f->p->pool, got, 1));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(f->p->pool, PAGES, GFP_KERNEL, &got));
	KUNIT_EXPECT_EQ(test, got, pfn);
	pgat_sound(f->p);
}

static int alloc_when_killed(void *arg)
{
	struct pgat_pool *p = arg;
	unsigned long pfn;

	while (!fatal_signal_pending(current))
		schedule_timeout_interruptible(1);
	return pagealloc_alloc(p->pool, PAGES, GFP_KERNEL | __GFP_NOWARN, &pfn);
}

/* A killed task gets its pages or -EINTR, and no frame is lost. */
static void killed(struct kunit *test)
{
	const unsigned long pfn = borrow_for_pool(test);
	const unsigned long before = free_frames();
	struct fixture *f = test->priv;
	struct pgat_thread thread;
	unsigned long got;
	int ret;

	/* Grow the pool first: a request of a killed task does not grow it. */
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(f->p->pool, PAGES, GFP_KERNEL, &got));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, got, PAGES));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &got));

	pgat_thread_start(test, &thread, alloc_when_killed, f->p);
	pgat_thread_kill(&thread);
	ret = pgat_thread_join(&thread);
	KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -EINTR, "%d", ret);
	KUNIT_EXPECT_EQ(test, pgat_pages(f->p, PAGEALLOC_IN_USE), ret ? 0 : PAGES);
	pgat_sound(f->p);
	pgat_free_all(f->p);
	KUNIT_EXPECT_EQ(test, pgat_letter(f->p, pfn, PAGES), ret ? 'D' : 'r');
	pgat_pool_close(f->p);
	expect_near(test, before, free_frames());
}

/* Begin or end what is needed to offline the loan's memory. */
static bool event(struct kunit *test, unsigned long action)
{
	struct fixture *f = test->priv;
	const unsigned long pfn = pagealloc_loan_range(f->loan, 0).pfn;
	const unsigned long start = ALIGN_DOWN(pfn, PGA_SECTION_PAGES);

	return pga_loan_memory_event(action, start,
				     ALIGN(pfn + PAGES, PGA_SECTION_PAGES) - start);
}

static int populate(struct kunit *test, unsigned long granule)
{
	struct fixture *f = test->priv;

	return pagealloc_loan_ops.populate(f->loan,
					   pagealloc_loan_range(f->loan, 0).pfn +
					   granule * GRANULE, GRANULE);
}

static int discard(struct kunit *test, unsigned long granule)
{
	struct fixture *f = test->priv;

	return pagealloc_loan_ops.discard(f->loan,
					  pagealloc_loan_range(f->loan, 0).pfn +
					  granule * GRANULE, GRANULE);
}

/* Memory goes offline only while the loan has no frame of it. */
static void offline_refused(struct kunit *test)
{
	borrow(test, PAGES, PAGEALLOC_ANY_PFN);
	KUNIT_ASSERT_EQ(test, 0, populate(test, 0));
	KUNIT_ASSERT_EQ(test, 0, populate(test, 3));
	KUNIT_EXPECT_FALSE(test, event(test, MEM_GOING_OFFLINE));
	event(test, MEM_CANCEL_OFFLINE);
	KUNIT_EXPECT_EQ(test, 0, discard(test, 0));
	KUNIT_EXPECT_FALSE(test, event(test, MEM_GOING_OFFLINE));
	event(test, MEM_CANCEL_OFFLINE);
	KUNIT_EXPECT_EQ(test, 0, populate(test, 1));
	KUNIT_EXPECT_EQ(test, 0, discard(test, 1));
	KUNIT_EXPECT_EQ(test, 0, discard(test, 3));
	KUNIT_EXPECT_TRUE(test, event(test, MEM_GOING_OFFLINE));
	event(test, MEM_CANCEL_OFFLINE);
}

/* Frames that are away are not taken until they are back. */
static void offline_and_back(struct kunit *test)
{
	struct pagealloc_loan *loan;
	struct fixture *f = test->priv;
	unsigned long pfn;

	pfn = borrow(test, PAGES, PAGEALLOC_ANY_PFN);
	KUNIT_EXPECT_TRUE(test, event(test, MEM_GOING_OFFLINE));
	KUNIT_EXPECT_EQ(test, -EBUSY, populate(test, 0));
	event(test, MEM_CANCEL_OFFLINE);
	KUNIT_EXPECT_EQ(test, 0, populate(test, 0));
	KUNIT_EXPECT_EQ(test, 0, discard(test, 0));

	KUNIT_EXPECT_TRUE(test, event(test, MEM_GOING_OFFLINE));
	event(test, MEM_OFFLINE);
	KUNIT_EXPECT_EQ(test, -EBUSY, populate(test, 0));
	event(test, MEM_ONLINE);
	KUNIT_EXPECT_EQ(test, 0, populate(test, 0));
	KUNIT_EXPECT_EQ(test, 0, discard(test, 0));

	/* A loan is not opened where memory is about to go. */
	pagealloc_loan_close(f->loan);
	f->loan = NULL;
	KUNIT_EXPECT_TRUE(test, pga_loan_memory_event(MEM_GOING_OFFLINE, pfn, PAGES));
	loan = pagealloc_loan_open(PAGES, pfn, 0);
	KUNIT_EXPECT_PTR_EQ(test, loan, ERR_PTR(-EBUSY));
	pga_loan_memory_event(MEM_CANCEL_OFFLINE, pfn, PAGES);
	KUNIT_EXPECT_EQ(test, pfn, borrow(test, PAGES, pfn));
}

/* Memory beside the loan may go, and the loan does not mind. */
static void offline_beside(struct kunit *test)
{
	const unsigned long pfn = borrow(test, PAGES, PAGEALLOC_ANY_PFN);
	const unsigned long first = ALIGN_DOWN(pfn, PGA_SECTION_PAGES);
	const unsigned long end = ALIGN(pfn + PAGES, PGA_SECTION_PAGES);

	KUNIT_ASSERT_EQ(test, 0, populate(test, 0));
	KUNIT_ASSERT_EQ(test, 0, populate(test, GRANULES - 1));
	KUNIT_EXPECT_TRUE(test, pga_loan_memory_event(MEM_GOING_OFFLINE,
						      first - PGA_SECTION_PAGES,
						      PGA_SECTION_PAGES));
	pga_loan_memory_event(MEM_CANCEL_OFFLINE, first - PGA_SECTION_PAGES,
			      PGA_SECTION_PAGES);
	KUNIT_EXPECT_TRUE(test, pga_loan_memory_event(MEM_GOING_OFFLINE, end,
						      PGA_SECTION_PAGES));
	KUNIT_EXPECT_EQ(test, 0, populate(test, 1));
	KUNIT_EXPECT_EQ(test, 0, discard(test, 1));
	pga_loan_memory_event(MEM_OFFLINE, end, PGA_SECTION_PAGES);
	KUNIT_EXPECT_EQ(test, 0, discard(test, GRANULES - 1));
	KUNIT_EXPECT_EQ(test, 0, discard(test, 0));
}

/* Order of the blocks that fill the memory. */
#define FILL_ORDER	6

static void empty_memory(struct list_head *blocks)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, blocks, lru) {
		list_del(&page->lru);
		__free_pages(page, FILL_ORDER);
		cond_resched();
	}
}

/* Allocate frames, but none of the loan's, until only @left pages are available. */
static void fill_memory(unsigned long pfn, unsigned long left,
			struct list_head *blocks)
{
	const unsigned long nr = 1UL << FILL_ORDER;
	unsigned long nr_loan = 0;
	struct page *page;
	LIST_HEAD(of_loan);

	while (si_mem_available() + nr_loan > left) {
		page = alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
				   FILL_ORDER);
		if (!page)
			break;
		if (page_to_pfn(page) - pfn < PAGES) {
			list_add(&page->lru, &of_loan);
			nr_loan += nr;
		} else {
			list_add(&page->lru, blocks);
		}
		cond_resched();
	}
	empty_memory(&of_loan);
}

/* A populate that would leave less than the margin to others fails, and is counted. */
static void margin(struct kunit *test)
{
	const unsigned long left = min(totalram_pages() / 32, PHYS_PFN(SZ_128M));
	const unsigned long pfn = borrow_for_pool(test);
	struct fixture *f = test->priv;
	LIST_HEAD(blocks);
	unsigned long got;
	int ret;

	fill_memory(pfn, left + PAGES / 2, &blocks);
	KUNIT_EXPECT_GT(test, si_mem_available(), left);
	ret = pagealloc_alloc(f->p->pool, PAGES, GFP_KERNEL | __GFP_NOWARN, &got);
	KUNIT_EXPECT_GT(test, si_mem_available(), left);
	empty_memory(&blocks);
	KUNIT_EXPECT_EQ(test, ret, -ENOMEM);
	KUNIT_EXPECT_GE(test, pgat_stat(f->p, PAGEALLOC_POPULATE_FAIL_MARGIN), 1);
	KUNIT_EXPECT_EQ(test, 0, pgat_stat(f->p, PAGEALLOC_POPULATE_FAIL_NOMEM));
	KUNIT_EXPECT_EQ(test, 0, pgat_stat(f->p, PAGEALLOC_POPULATE_FAIL_BROKEN));
	pgat_sound(f->p);

	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(f->p->pool, PAGES, GFP_KERNEL, &got));
	KUNIT_EXPECT_EQ(test, got, pfn);
}

static struct kunit_case loan_cases[] = {
	KUNIT_CASE(open_any),
	KUNIT_CASE(open_at),
	KUNIT_CASE(open_on_node),
	KUNIT_CASE(open_two),
	KUNIT_CASE_PARAM(refused, refused_gen_params),
	KUNIT_CASE(regions),
	KUNIT_CASE(mem_free),
	KUNIT_CASE(zero),
	KUNIT_CASE(frames),
	KUNIT_CASE(referenced_frame),
	KUNIT_CASE(taken_frames),
	KUNIT_CASE(killed),
	KUNIT_CASE(offline_refused),
	KUNIT_CASE(offline_and_back),
	KUNIT_CASE(offline_beside),
	KUNIT_CASE(margin),
	{}
};

static struct kunit_suite loan_suite = {
	.name = "pagealloc_loan",
	.init = loan_init,
	.exit = loan_exit,
	.test_cases = loan_cases,
};
kunit_test_suite(loan_suite);

MODULE_DESCRIPTION("Tests of pagealloc's loan backing");
MODULE_LICENSE("GPL");
