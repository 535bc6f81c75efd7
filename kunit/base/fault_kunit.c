// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of fault.c, and of what depends on it: each operation on a pool or a loan is
 * performed with a fault at each of its points.  Those on a carve-out are in
 * carveout_kunit.c and carveout_range_kunit.c, and qemu/tests/fault.sh has those of
 * the whole module.
 */

#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "base/fault.h"
#include "lib/faults.h"
#include "lib/testpool.h"
#include "pool/latency.h"

#define NAME	"fault"
#define GRANULE	16UL

/* The region begins and ends within granules, and in two slices and blocks. */
#define BASE	((1UL << 20) - 8 * 512 - 3)
#define PAGES	(1UL << 15)

/* Pages of a run in most operations, and of the one that grows a pool. */
#define RUN	(4 * GRANULE + 1)
#define LONG	(9000UL)

#define LOANED	(4 * pageblock_nr_pages)

/**
 * struct row - an operation on a pool
 * @name: of the case
 * @op: the operation
 * @flags: of the pool
 * @least: points of the operation at the least, on the bitmap and the span engine
 * @lent: the pool is on a loan, otherwise on the strict backing
 */
struct row {
	const char *name;
	const struct pgat_operation *op;
	unsigned int flags;
	unsigned int least[2];
	bool lent;
};

/**
 * struct fixture - what the operations work on
 * @row: the case
 * @p: the pool
 * @loan: the loan of a pool that is lent, NULL before it is open
 * @pfn: the first page of the run, or of the loan
 * @pfns: single pages
 * @deferred: a deferred free
 */
struct fixture {
	const struct row *row;
	struct pgat_pool *p;
	struct pagealloc_loan *loan;
	unsigned long pfn;
	unsigned long pfns[RUN];
	struct pagealloc_deferred deferred;
};

static int fault_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->p = pgat_pool(test);
	test->priv = f;
	return 0;
}

static void fault_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	pga_fault_disarm();
	if (!f)
		return;
	pgat_pool_close(f->p);
	if (f->loan)
		pagealloc_loan_close(f->loan);
}

/* Is there a directory in debugfs for the pool? */
static bool in_debugfs(void)
{
	struct dentry *root = debugfs_lookup("pagealloc", NULL), *dir;
	bool found;

	dir = root ? debugfs_lookup(NAME, root) : NULL;
	found = dir;
	dput(dir);
	dput(root);
	return found;
}

/* Make a pool. */

static void make_prepare(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->p->backing = (struct pgat_backing) { .test = test, .granule = GRANULE };
	spin_lock_init(&f->p->backing.lock);
}

static int make_run(struct kunit *test)
{
	struct fixture *f = test->priv;
	const struct pagealloc_config config = {
		.name = NAME,
		.ops = f->row->lent ? &pagealloc_loan_ops : &pgat_backing_ops,
		.ctx = f->row->lent ? (void *)f->loan : &f->p->backing,
		.engine = pgat_engine(),
		.flags = f->row->flags,
	};
	struct pagealloc_pool *pool = pagealloc_pool_create(&config);

	f->p->pool = IS_ERR(pool) ? NULL : pool;
	return PTR_ERR_OR_ZERO(pool);
}

static void make_verify(struct kunit *test, bool done)
{
	struct pagealloc_pool *pool = pagealloc_pool_get(NAME);
	struct fixture *f = test->priv;

	KUNIT_EXPECT_PTR_EQ(test, pool, f->p->pool);
	pagealloc_pool_put(pool);
	if (done)
		pgat_sound(f->p);
	else
		KUNIT_EXPECT_FALSE(test, in_debugfs());
}

static void close_pool(struct kunit *test)
{
	struct fixture *f = test->priv;

	pgat_pool_close(f->p);
	KUNIT_EXPECT_FALSE(test, in_debugfs());
}

static const struct pgat_operation make = {
	.prepare = make_prepare,
	.run = make_run,
	.verify = make_verify,
	.undo = close_pool,
	.survives = "debugfs_create_dir stack_depot_init",
};

/* Add a region. */

static void make_pool(struct kunit *test)
{
	make_prepare(test);
	KUNIT_ASSERT_EQ(test, 0, make_run(test));
}

static unsigned long region_pages(const struct fixture *f)
{
	return f->row->lent ? LOANED : PAGES;
}

static int region_run(struct kunit *test)
{
	struct fixture *f = test->priv;

	return pagealloc_add_region(f->p->pool, f->row->lent ?
				    pagealloc_loan_range(f->loan, 0).pfn : BASE,
				    region_pages(f));
}

static void region_verify(struct kunit *test, bool done)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, pgat_pages(f->p, PAGEALLOC_SYS),
			done ? region_pages(f) : 0);
	KUNIT_EXPECT_EQ(test, f->p->backing.nr_regions, done && !f->row->lent);
	pgat_sound(f->p);
}

static const struct pgat_operation region = {
	.prepare = make_pool,
	.run = region_run,
	.verify = region_verify,
	.undo = close_pool,
};

/* Allocate a run in a pool that has to grow. */

static void make_region(struct kunit *test)
{
	make_pool(test);
	KUNIT_ASSERT_EQ(test, 0, region_run(test));
}

static int alloc_pages_of(struct fixture *f, unsigned long nr)
{
	return pagealloc_alloc(f->p->pool, nr, GFP_KERNEL | __GFP_NOWARN, &f->pfn);
}

static void expect_in_use(struct kunit *test, unsigned long nr)
{
	struct fixture *f = test->priv;

	pgat_sound(f->p);
	KUNIT_EXPECT_EQ(test, pgat_pages(f->p, PAGEALLOC_IN_USE), nr);
}

static int grow_run(struct kunit *test)
{
	return alloc_pages_of(test->priv, LONG);
}

static void grow_verify(struct kunit *test, bool done)
{
	expect_in_use(test, done ? LONG : 0);
}

static const struct pgat_operation grow = {
	.prepare = make_region,
	.run = grow_run,
	.verify = grow_verify,
	.undo = close_pool,
	.survives = "populate stack_depot_save",
};

/* With caches, a request that finds no memory drains them, and tries again. */
static const struct pgat_operation grow_cached = {
	.prepare = make_region,
	.run = grow_run,
	.verify = grow_verify,
	.undo = close_pool,
	.survives = "populate kvmalloc kmalloc",
};

/* On a loan, a granule that cannot be had is set aside, and another one used. */

static int lent_run(struct kunit *test)
{
	return alloc_pages_of(test->priv, pageblock_nr_pages + 1);
}

static void lent_verify(struct kunit *test, bool done)
{
	expect_in_use(test, done ? pageblock_nr_pages + 1 : 0);
}

static const struct pgat_operation grow_lent = {
	.prepare = make_region,
	.run = lent_run,
	.verify = lent_verify,
	.undo = close_pool,
	.survives = "alloc_contig_range",
};

/* Allocate a run of discarded pages; the pool has grown. */

static void make_discarded(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long released;

	make_region(test);
	KUNIT_ASSERT_EQ(test, 0, alloc_pages_of(f, region_pages(f)));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, f->pfn, region_pages(f)));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL,
						    &released));
	KUNIT_ASSERT_GT(test, released, region_pages(f) - 2 * GRANULE);
}

static int run_run(struct kunit *test)
{
	return alloc_pages_of(test->priv, RUN);
}

static void run_verify(struct kunit *test, bool done)
{
	expect_in_use(test, done ? RUN : 0);
}

static const struct pgat_operation populate = {
	.prepare = make_discarded,
	.run = run_run,
	.verify = run_verify,
	.undo = close_pool,
	.survives = "populate kmalloc stack_depot_save",
};

static const struct pgat_operation populate_lent = {
	.prepare = make_discarded,
	.run = lent_run,
	.verify = lent_verify,
	.undo = close_pool,
	.survives = "alloc_contig_range kmalloc",
};

/* Allocate single pages. */

static int bulk_run(struct kunit *test)
{
	struct fixture *f = test->priv;

	return pagealloc_alloc_bulk(f->p->pool, RUN, GFP_KERNEL | __GFP_NOWARN,
				    f->pfns);
}

static const struct pgat_operation bulk = {
	.prepare = make_region,
	.run = bulk_run,
	.verify = run_verify,
	.undo = close_pool,
	.survives = "populate kmalloc stack_depot_save",
};

/* Allocate a run at one place. */

static int range_run(struct kunit *test)
{
	const struct pagealloc_request request = {
		.nr_pages = RUN,
		.low = BASE + PAGES / 2,
		.flags = PAGEALLOC_FIXED,
	};
	struct fixture *f = test->priv;

	return pagealloc_alloc_range(f->p->pool, &request, GFP_KERNEL | __GFP_NOWARN,
				     &f->pfn);
}

static const struct pgat_operation range = {
	.prepare = make_region,
	.run = range_run,
	.verify = run_verify,
	.undo = close_pool,
	.survives = "populate stack_depot_save",
};

/* Free a run in any context, and drain. */

static void make_deferred(struct kunit *test)
{
	make_region(test);
	KUNIT_ASSERT_EQ(test, 0, grow_run(test));
}

static int deferred_run(struct kunit *test)
{
	struct fixture *f = test->priv;
	int ret;

	ret = pagealloc_free_deferred(f->p->pool, &f->deferred, f->pfn, LONG);
	if (!ret)
		pagealloc_drain(f->p->pool);
	return ret;
}

static void deferred_verify(struct kunit *test, bool done)
{
	expect_in_use(test, 0);
}

static const struct pgat_operation deferred = {
	.prepare = make_deferred,
	.run = deferred_run,
	.verify = deferred_verify,
	.undo = close_pool,
	.survives = "kmalloc",
};

/* Discard all that is free. */

static void make_ready(struct kunit *test)
{
	struct fixture *f = test->priv;

	make_deferred(test);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, f->pfn, LONG));
}

static int scavenge_run(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long released;

	return pagealloc_scavenge(f->p->pool, PAGEALLOC_ALL, &released);
}

static const struct pgat_operation scavenge = {
	.prepare = make_ready,
	.run = scavenge_run,
	.verify = deferred_verify,
	.undo = close_pool,
	.survives = "discard kmalloc",
};

/* Turn on the histograms of latencies. */

static int latency_run(struct kunit *test)
{
	struct fixture *f = test->priv;

	return pga_latency_set(&f->p->pool->latency, true, 0);
}

static void latency_verify(struct kunit *test, bool done)
{
	struct fixture *f = test->priv;
	struct pga_histogram sum;

	KUNIT_EXPECT_EQ(test, done, pga_latency_read(&f->p->pool->latency,
						     PGA_TIMED_ALLOC, &sum));
}

static const struct pgat_operation latency = {
	.prepare = make_pool,
	.run = latency_run,
	.verify = latency_verify,
	.undo = close_pool,
};

/* Destroy a pool with free pages, ready and discarded.  It cannot fail. */

static void make_sim(struct kunit *test)
{
	struct fixture *f = test->priv;

	pgat_pool_open_sim(f->p, GRANULE, f->row->flags);
	KUNIT_ASSERT_EQ(test, 0, region_run(test));
	KUNIT_ASSERT_EQ(test, 0, grow_run(test));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(f->p->pool, f->pfn, LONG));
}

static int destroy_run(struct kunit *test)
{
	struct fixture *f = test->priv;
	const int ret = pagealloc_pool_destroy(f->p->pool);

	if (!ret)
		f->p->pool = NULL;
	return ret;
}

static void destroy_verify(struct kunit *test, bool done)
{
	struct pagealloc_pool *pool = pagealloc_pool_get("test");
	struct fixture *f = test->priv;

	KUNIT_EXPECT_NULL(test, pool);
	pagealloc_pool_put(pool);
	/* Pages outside whole granules stay ready. */
	KUNIT_EXPECT_EQ(test, f->p->sim.ready_pages, ALIGN(BASE, GRANULE) - BASE);
}

static const struct pgat_operation destroy = {
	.prepare = make_sim,
	.run = destroy_run,
	.verify = destroy_verify,
	.undo = close_pool,
	.survives = "kmalloc",
};

#define NO_WORKER	(PAGEALLOC_NO_WORKER)
#define PLAIN		(PAGEALLOC_NO_WORKER | PAGEALLOC_NO_CACHE)
#define TRACK		(PAGEALLOC_NO_WORKER | PAGEALLOC_TRACK)
#define STACKS		(PAGEALLOC_NO_WORKER | PAGEALLOC_TRACK_STACKS)

static const struct row rows[] = {
	{ "make a pool", &make, 0, { 8, 136 } },
	{ "make a pool, no worker", &make, NO_WORKER, { 6, 134 } },
	{ "make a pool, no cache", &make, PAGEALLOC_NO_CACHE, { 6, 134 } },
	{ "make a pool, plain", &make, PLAIN, { 4, 132 } },
	{ "make a pool, ready first", &make, PAGEALLOC_READY_FIRST, { 8, 136 } },
	{ "make a pool, tracked", &make, PAGEALLOC_TRACK, { 7, 135 } },
	{ "make a pool, tracked with stacks", &make, PAGEALLOC_TRACK_STACKS, { 8, 136 } },
	{ "make a pool, on loan", &make, 0, { 10, 138 }, true },
	{ "add a region", &region, PLAIN, { 2, 2 } },
	{ "add a region, on loan", &region, PLAIN, { 1, 1 }, true },
	{ "grow", &grow, PLAIN, { 7, 8 } },
	{ "grow, cached", &grow_cached, NO_WORKER, { 7, 8 } },
	{ "grow, tracked", &grow, TRACK, { 11, 12 } },
	{ "grow, tracked with stacks", &grow, STACKS, { 12, 13 } },
	{ "grow, on loan", &grow_lent, PLAIN, { 4, 3 }, true },
	{ "populate", &populate, PLAIN, { 1, 1 } },
	{ "populate, tracked with stacks", &populate, STACKS, { 2, 2 } },
	{ "populate, on loan", &populate_lent, PLAIN, { 1, 1 }, true },
	{ "bulk", &bulk, PLAIN, { 8, 9 } },
	{ "bulk, tracked with stacks", &bulk, STACKS, { 75, 76 } },
	{ "one place", &range, PLAIN, { 7, 8 } },
	{ "one place, tracked with stacks", &range, STACKS, { 12, 13 } },
	{ "deferred free", &deferred, PLAIN, { 0, 0 } },
	{ "deferred free, tracked", &deferred, TRACK, { 0, 0 } },
	{ "scavenge", &scavenge, PLAIN, { 18, 18 } },
	{ "latency", &latency, PLAIN, { 1, 1 } },
	{ "destroy", &destroy, PLAIN, { 0, 0 } },
};
PGAT_ARRAY_PARAM(row, rows);

static void open_loan(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->loan = pagealloc_loan_open(LOANED, PAGEALLOC_ANY_PFN,
				      PAGEALLOC_ONE_RANGE);
	if (IS_ERR(f->loan))
		f->loan = NULL;
	KUNIT_ASSERT_NOT_NULL(test, f->loan);
}

/* A fault at any point of an operation on a pool. */
static void on_a_pool(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->row = test->param_value;
	if (f->row->lent)
		open_loan(test);
	pgat_fail_each(test, f->row->op,
		       f->row->least[!strcmp(pgat_engine(), "span")]);
}

/* Open a loan, anywhere and at a place. */

static int loan_run_at(struct kunit *test, unsigned long pfn)
{
	struct pagealloc_loan *loan = pagealloc_loan_open(LOANED, pfn,
							  PAGEALLOC_ONE_RANGE);
	struct fixture *f = test->priv;

	f->loan = IS_ERR(loan) ? NULL : loan;
	return PTR_ERR_OR_ZERO(loan);
}

static int loan_run_any(struct kunit *test)
{
	return loan_run_at(test, PAGEALLOC_ANY_PFN);
}

static int loan_run_there(struct kunit *test)
{
	struct fixture *f = test->priv;

	return loan_run_at(test, f->pfn);
}

/* A loan that was not opened is in nobody's way; see also the next attempt. */
static void loan_verify(struct kunit *test, bool done)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, done, !!f->loan);
	if (done)
		KUNIT_EXPECT_EQ(test, LOANED, pagealloc_loan_range(f->loan, 0).nr_pages);
}

static void loan_undo(struct kunit *test)
{
	struct fixture *f = test->priv;

	pagealloc_loan_close(f->loan);
	f->loan = NULL;
}

static const struct pgat_operation loan_any = {
	.run = loan_run_any,
	.verify = loan_verify,
	.undo = loan_undo,
	.survives = "alloc_contig_range",
	/* There is no range, if no frame can be had. */
	.instead = -ENOMEM,
};

static const struct pgat_operation loan_there = {
	.run = loan_run_there,
	.verify = loan_verify,
	.undo = loan_undo,
};

static void on_a_loan(struct kunit *test)
{
	struct fixture *f = test->priv;

	pgat_fail_each(test, &loan_any, 4);
	open_loan(test);
	f->pfn = pagealloc_loan_range(f->loan, 0).pfn;
	loan_undo(test);
	pgat_fail_each(test, &loan_there, 3);
}

/* A pool that is refused its end, and its directory, goes on and can be ended. */
static void refused_end(struct kunit *test)
{
	static const struct row row = { .flags = PLAIN };
	struct fixture *f = test->priv;

	f->row = &row;
	make_deferred(test);
	KUNIT_EXPECT_TRUE(test, in_debugfs());
	pga_fault_arm(1, PGA_FAULT_FOREVER, current);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(f->p->pool));
	KUNIT_EXPECT_GT(test, pga_fault_disarm().fired, 0);
	KUNIT_EXPECT_FALSE(test, in_debugfs());
	expect_in_use(test, LONG);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_pool_destroy(f->p->pool));
	KUNIT_EXPECT_TRUE(test, in_debugfs());
	close_pool(test);
}

/* Points counted from @at on fail, @times of them. */
static const struct hook_case {
	const char *name;
	unsigned long at;
	unsigned long times;
	const char *fails;
} hook_cases[] = {
	{ "none", 0, 1, "......" },
	{ "the first", 1, 1, "x....." },
	{ "the third", 3, 1, "..x..." },
	{ "two from the second", 2, 2, ".xx..." },
	{ "all from the fourth", 4, PGA_FAULT_FOREVER, "...xxx" },
	{ "all", 1, PGA_FAULT_FOREVER, "xxxxxx" },
	{ "not yet", 7, 1, "......" },
};
PGAT_ARRAY_PARAM(hook, hook_cases);

static void count_points(struct kunit *test)
{
	const struct hook_case *c = test->param_value;
	unsigned long fired = 0;
	struct pga_fault f;
	const char *want;

	pga_fault_arm(c->at, c->times, current);
	for (want = c->fails; *want; want++) {
		KUNIT_EXPECT_EQ(test, *want == 'x' ? -ENXIO : 0,
				pga_fault_point(-ENXIO, "what", "where"));
		fired += *want == 'x';
	}
	f = pga_fault_disarm();
	KUNIT_EXPECT_EQ(test, f.points, strlen(c->fails));
	KUNIT_EXPECT_EQ(test, f.fired, fired);
	KUNIT_EXPECT_EQ(test, f.error, fired ? -ENXIO : 0);
	KUNIT_EXPECT_EQ(test, 0, pga_fault_point(-ENXIO, "what", "where"));
}

static int one_point(void *arg)
{
	return pga_fault_point(-ENXIO, "what", "where");
}

/* Only points of the task count, if one is given. */
static void count_tasks(struct kunit *test)
{
	struct pgat_thread thread;

	pga_fault_arm(1, PGA_FAULT_FOREVER, current);
	pgat_thread_start(test, &thread, one_point, NULL);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&thread));
	KUNIT_EXPECT_EQ(test, -ENXIO, one_point(NULL));

	pga_fault_arm(1, PGA_FAULT_FOREVER, NULL);
	pgat_thread_start(test, &thread, one_point, NULL);
	KUNIT_EXPECT_EQ(test, -ENXIO, pgat_thread_join(&thread));
	KUNIT_EXPECT_EQ(test, -ENXIO, one_point(NULL));
	KUNIT_EXPECT_EQ(test, 2, pga_fault_disarm().points);
}

static struct kunit_case fault_cases[] = {
	KUNIT_CASE_PARAM(count_points, hook_gen_params),
	KUNIT_CASE(count_tasks),
	KUNIT_CASE_PARAM(on_a_pool, row_gen_params),
	KUNIT_CASE(on_a_loan),
	KUNIT_CASE(refused_end),
	{}
};

static struct kunit_suite fault_suite = {
	.name = "pagealloc_fault",
	.init = fault_init,
	.exit = fault_exit,
	.test_cases = fault_cases,
};
kunit_test_suite(fault_suite);

MODULE_DESCRIPTION("Tests of pagealloc with faults at each point");
MODULE_LICENSE("GPL");
