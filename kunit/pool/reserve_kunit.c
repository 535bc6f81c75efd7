// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of reserve.c: no free fails for want of memory, and parked pages become free.
 *
 * All pools here have the span engine, because the bitmap engine needs no reserve.
 */

#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "engine/span/by_address.h"
#include "engine/span/span.h"
#include "pool/scavenger.h"
#include "lib/testpool.h"

#define BASE	(1UL << 20)
#define PAGES	2048UL

/* Nodes that can still be allocated. */
static unsigned int nodes_left;

static void *limited_node(size_t size, gfp_t gfp)
{
	if (!nodes_left)
		return NULL;
	nodes_left--;
	return kmalloc(size, gfp);
}

static int reserve_init(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);

	test->priv = p;
	p->engine = "span";
	return 0;
}

/* Open a pool with all pages in use, and limit the nodes that can be allocated. */
static void setup(struct pgat_pool *p, unsigned int nodes)
{
	unsigned long pfn;

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, PAGES);
	KUNIT_ASSERT_EQ(p->test, 0, pagealloc_alloc(p->pool, PAGES, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(p->test, 0, pga_reserve_fill(p->pool));
	nodes_left = nodes;
	p->pool->get_node = limited_node;
}

/* Every other page is freed in hard interrupt context. */
struct irq_free {
	struct irq_work work;
	struct pgat_pool *p;
	unsigned int failed;
	bool hard;
};

static void free_alternate(struct irq_work *work)
{
	struct irq_free *i = container_of(work, struct irq_free, work);
	unsigned long page;

	i->hard = in_hardirq();
	for (page = 0; page < PAGES; page += 2)
		if (pagealloc_free(i->p->pool, BASE + page, 1))
			i->failed++;
}

static void free_in_interrupt(struct pgat_pool *p)
{
	struct irq_free i = { .work = IRQ_WORK_INIT_HARD(free_alternate), .p = p };

	irq_work_queue(&i.work);
	irq_work_sync(&i.work);
	KUNIT_EXPECT_TRUE(p->test, i.hard);
	KUNIT_EXPECT_EQ(p->test, i.failed, 0);
}

/* Half of the pages are free: some as spans, the others parked. */
static void expect_half(struct pgat_pool *p, unsigned long parked)
{
	KUNIT_EXPECT_EQ(p->test, pgat_pages(p, PAGEALLOC_IN_USE), PAGES / 2);
	KUNIT_EXPECT_EQ(p->test, pgat_pages(p, PAGEALLOC_PARKED), parked);
	KUNIT_EXPECT_EQ(p->test, pgat_pages(p, PAGEALLOC_IDLE), PAGES / 2 - parked);
	KUNIT_EXPECT_EQ(p->test, pagealloc_check(p->pool, NULL, 0), 0);
}

/* Free the other half: all pages become one free run. */
static void expect_whole(struct pgat_pool *p)
{
	unsigned long page;

	for (page = 1; page < PAGES; page += 2)
		KUNIT_ASSERT_EQ(p->test, 0, pagealloc_free(p->pool, BASE + page, 1));
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_EQ(p->test, pgat_pages(p, PAGEALLOC_LARGEST_FREE_RUN), PAGES);
	pgat_sound(p);
}

/*
 * Frees in hard interrupts succeed without memory.  Pages without a node are parked:
 * they are not allocated, cannot be freed again, and become free when the worker gets
 * memory.  Until then it tries once a second.
 */
static void interrupt_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn, page, spans;
	struct pga_scavenger s;
	u64 next;

	setup(p, 0);
	free_in_interrupt(p);
	spans = pgat_pages(p, PAGEALLOC_IDLE);
	KUNIT_EXPECT_GE(test, spans, PGA_RESERVE_NODES);
	KUNIT_EXPECT_LT(test, spans, PAGES / 2);
	expect_half(p, PAGES / 2 - spans);
	for (page = 0; page < PAGES; page += 2)
		KUNIT_ASSERT_EQ(test, -EINVAL, pagealloc_free(p->pool, BASE + page, 1));
	KUNIT_EXPECT_EQ(test, -ENOMEM, pagealloc_alloc(p->pool, 2, GFP_ATOMIC, &pfn));

	pga_scavenger_init(&s, p->pool);
	next = pga_scavenger_step(&s);
	KUNIT_EXPECT_TRUE(test, s.starved);
	KUNIT_EXPECT_GT(test, next, pga_now(p->pool));
	KUNIT_EXPECT_LE(test, next, pga_now(p->pool) + NSEC_PER_SEC);
	expect_half(p, PAGES / 2 - spans);

	nodes_left = PAGES;
	pga_scavenger_step(&s);
	expect_half(p, PAGES / 2 - spans);
	s.reserve_at = 0;
	pga_scavenger_step(&s);
	KUNIT_EXPECT_FALSE(test, s.starved);
	expect_half(p, 0);
	expect_whole(p);
}

/* If there is memory for some nodes only, as many parked pages become free. */
static void few_nodes_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long parked;

	setup(p, 0);
	free_in_interrupt(p);
	parked = pgat_pages(p, PAGEALLOC_PARKED);
	nodes_left = 100;
	KUNIT_EXPECT_EQ(test, -ENOMEM, pga_reserve_fill(p->pool));
	expect_half(p, parked - 100);
	nodes_left = PAGES;
	KUNIT_EXPECT_EQ(test, 0, pga_reserve_fill(p->pool));
	expect_half(p, 0);
	expect_whole(p);
}

/* A request that may sleep fills the reserve, too. */
static void refill_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	setup(p, 0);
	free_in_interrupt(p);
	nodes_left = PAGES;
	KUNIT_EXPECT_TRUE(test, pga_reserve_is_low(p->pool));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc(p->pool, 1, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_FALSE(test, pga_reserve_is_low(p->pool));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, pfn, 1));
	expect_half(p, 0);
	expect_whole(p);
}

/* Destroying a pool frees its parked pages first. */
static void destroy_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	setup(p, 0);
	free_in_interrupt(p);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, BASE + 1, 1));
	KUNIT_EXPECT_GT(test, pgat_pages(p, PAGEALLOC_PARKED), 0);
	nodes_left = PAGES;
	pgat_pool_close(p);
}

/* Nodes that are no longer needed are freed. */
static void surplus_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	u64 bytes;

	setup(p, 2 * PAGES);
	bytes = pgat_stat(p, PAGEALLOC_METADATA);
	free_in_interrupt(p);
	pagealloc_drain(p->pool);
	KUNIT_EXPECT_GE(test, pgat_stat(p, PAGEALLOC_METADATA),
			bytes + (PAGES / 2 - PGA_RESERVE_NODES) * sizeof(struct pga_span));
	expect_whole(p);
	KUNIT_EXPECT_LE(test, pgat_stat(p, PAGEALLOC_METADATA),
			bytes + 2 * PGA_RESERVE_NODES * sizeof(struct pga_span));
}

/*
 * A long run at the end of a span needs no node, neither when it is allocated nor when
 * it is freed, a portion at a time.
 */
static void long_test(struct kunit *test)
{
	struct pagealloc_request request = {
		.nr_pages = 4 * PGA_PORTION_PAGES - 100,
		.low = BASE + PAGES + 100,
		.flags = PAGEALLOC_FIXED,
	};
	struct pgat_pool *p = test->priv;
	unsigned long pfn, parked;

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, PAGES + 4 * PGA_PORTION_PAGES);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, PAGES + 4 * PGA_PORTION_PAGES,
						 GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, 0, pga_reserve_fill(p->pool));
	nodes_left = 0;
	p->pool->get_node = limited_node;
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, BASE + PAGES,
						4 * PGA_PORTION_PAGES));
	free_in_interrupt(p);
	parked = pgat_pages(p, PAGEALLOC_PARKED);
	KUNIT_ASSERT_GT(test, parked, 0);

	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_range(p->pool, &request, GFP_KERNEL,
						       &pfn));
	KUNIT_EXPECT_EQ(test, parked, pgat_pages(p, PAGEALLOC_PARKED));
	KUNIT_EXPECT_EQ(test, 0, pagealloc_free(p->pool, request.low, request.nr_pages));
	KUNIT_EXPECT_EQ(test, parked, pgat_pages(p, PAGEALLOC_PARKED));
	KUNIT_EXPECT_EQ(test, pgat_pages(p, PAGEALLOC_LARGEST_FREE_RUN),
			4 * PGA_PORTION_PAGES);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, NULL, 0));
	nodes_left = PAGES;
	pgat_free_all(p);
	pgat_sound(p);
}

/* The check counts the parked pages, and verifies the spans. */
static void check_test(struct kunit *test)
{
	struct pagealloc_mismatch m = {};
	struct pgat_pool *p = test->priv;
	struct pga_span *span;

	setup(p, 0);
	free_in_interrupt(p);
	p->pool->map.parked++;
	KUNIT_EXPECT_EQ(test, 1, pagealloc_check(p->pool, &m, 1));
	KUNIT_EXPECT_STREQ(test, m.what, "parked");
	KUNIT_EXPECT_EQ(test, m.got, m.want + 1);
	p->pool->map.parked--;

	span = pga_by_address_at(&pga_spans_of(&p->pool->map)->by_address, 0);
	span->oldest++;
	KUNIT_EXPECT_EQ(test, 1, pagealloc_check(p->pool, &m, 1));
	KUNIT_EXPECT_STREQ(test, m.what, "span by length");
	KUNIT_EXPECT_EQ(test, m.pfn, BASE);
	span->oldest--;

	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, &m, 1));
	nodes_left = PAGES;
	expect_whole(p);
}

/* The span engine places by best fit, and at the lowest address if a flag says so. */
static void flags_test(struct kunit *test)
{
	struct pagealloc_request rq = { .nr_pages = 2, .flags = PAGEALLOC_BEST_FIT };
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, 16);
	pgat_arrange(p, BASE, 1, "DDDDurrrurruuuuu");
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_range(p->pool, &rq, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE + 9);
	rq.flags = PAGEALLOC_LOWEST;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_alloc_range(p->pool, &rq, GFP_KERNEL, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, BASE);
	rq.flags = PAGEALLOC_BEST_FIT;
	rq.align = 2;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			pagealloc_alloc_range(p->pool, &rq, GFP_KERNEL, &pfn));
	pgat_sound(p);
}

static void lose_node(struct pga_map *map)
{
	kfree(pga_map_take_node(map));
	map->bytes -= map->ops->node_size;
}

/*
 * The reserve is low if pages are parked, or if more than half of it is gone; either is
 * enough.  It is filled to the last node even if nothing is parked.
 */
static void low_test(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pga_map *map;

	setup(p, PAGES);
	map = &p->pool->map;
	KUNIT_EXPECT_EQ(test, 0, pga_map_wants(map));
	KUNIT_EXPECT_FALSE(test, pga_reserve_is_low(p->pool));
	/* Only this test knows of these: nothing is parked in fact. */
	map->parked = 1;
	KUNIT_EXPECT_TRUE(test, pga_reserve_is_low(p->pool));
	map->parked = 0;
	while (map->nr_spare > PGA_RESERVE_NODES / 2)
		lose_node(map);
	KUNIT_EXPECT_FALSE(test, pga_reserve_is_low(p->pool));
	lose_node(map);
	KUNIT_EXPECT_TRUE(test, pga_reserve_is_low(p->pool));
	KUNIT_EXPECT_EQ(test, 0, pga_reserve_fill(p->pool));
	KUNIT_EXPECT_EQ(test, 0, pga_map_wants(map));
	KUNIT_EXPECT_FALSE(test, pga_reserve_is_low(p->pool));
	pgat_free_all(p);
	pgat_sound(p);
}

static struct kunit_case reserve_cases[] = {
	KUNIT_CASE(interrupt_test),
	KUNIT_CASE(few_nodes_test),
	KUNIT_CASE(refill_test),
	KUNIT_CASE(destroy_test),
	KUNIT_CASE(surplus_test),
	KUNIT_CASE(long_test),
	KUNIT_CASE(check_test),
	KUNIT_CASE(flags_test),
	KUNIT_CASE(low_test),
	{}
};

static struct kunit_suite reserve_suite = {
	.name = "pagealloc_reserve",
	.init = reserve_init,
	.test_cases = reserve_cases,
};

kunit_test_suite(reserve_suite);

MODULE_DESCRIPTION("Tests of pagealloc's reserve");
MODULE_LICENSE("GPL");
