// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of check.c: the check finds each kind of damage to a pool's maps and gauges,
 * and reports its place, the value found and the value wanted.
 *
 * A test damages the pool by hand, and repairs it before the pool ends.
 */

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "engine/bitmap/bitmap.h"
#include "pool/deferred.h"
#include "pool/isolation.h"
#include "lib/testpool.h"
#include "lib/wait.h"

#define BASE	(2 * PGA_INDEX_PAGES + (1UL << 20))
#define CHUNK	PGA_CHUNK_PAGES
#define GRANULE	16

/*
 * Chunk 0 is in use, 1 free and ready, 2 free and discarded, 3 is a hole, and
 * 4 is reserved only.
 */
static int check_init(struct kunit *test)
{
	struct pgat_pool *p = pgat_pool(test);

	test->priv = p;
	/* The tests damage the maps of the bitmap engine. */
	pgat_first_fit(p);
	pgat_pool_open(p, GRANULE, 0);
	pgat_pool_region(p, BASE, 3 * CHUNK);
	pgat_arrange(p, BASE, CHUNK, "urD");
	pgat_pool_region(p, BASE + 4 * CHUNK, CHUNK);
	pgat_sound(p);
	return 0;
}

static unsigned long page_of(struct pgat_pool *p, unsigned long offset)
{
	return BASE + offset - p->pool->base;
}

static struct pga_chunk *chunk_of(struct pgat_pool *p, unsigned long offset)
{
	return pga_store_chunk(&pga_bitmap_of(&p->pool->map)->tree.store,
			       pga_chunk_of(page_of(p, offset)));
}

/* Damages a pool if @by is 1, and repairs it if @by is -1. */
struct damage;
typedef void (*damage_fn)(struct pgat_pool *p, const struct damage *d, int by);

/**
 * struct damage - a damage, and mismatches that report it
 * @name: description
 * @change: does the damage and repairs it
 * @offset: for @change, a page counted from BASE
 * @want: some of the mismatches; if @at is set, @pfn is counted from BASE too
 */
struct damage {
	const char *name;
	damage_fn change;
	unsigned long offset;
	struct {
		const char *what;
		int level;
		bool at;
		unsigned long pfn;
		u64 got;
		u64 want;
	} want[3];
};

static void allocated_bit(struct pgat_pool *p, const struct damage *d, int by)
{
	change_bit(d->offset % CHUNK, chunk_of(p, d->offset)->allocated);
}

static void discarded_bit(struct pgat_pool *p, const struct damage *d, int by)
{
	change_bit(d->offset % CHUNK, chunk_of(p, d->offset)->discarded);
}

static void free_gauge(struct pgat_pool *p, const struct damage *d, int by)
{
	p->pool->map.free += by;
}

static void discarded_gauge(struct pgat_pool *p, const struct damage *d, int by)
{
	p->pool->map.discarded -= by;
}

static void pages_gauge(struct pgat_pool *p, const struct damage *d, int by)
{
	p->pool->map.pages += by;
}

static void isolated_gauge(struct pgat_pool *p, const struct damage *d, int by)
{
	p->pool->nr_isolated += by;
}

static void deferred_gauge(struct pgat_pool *p, const struct damage *d, int by)
{
	atomic_long_add(by, &p->pool->nr_deferred);
}

static void region_grown(struct pgat_pool *p, const struct damage *d, int by)
{
	struct pga_region *region = rb_entry(rb_last(&p->pool->regions),
					     struct pga_region, node);

	region->grown += by * 8;
}

static void leaf(struct pgat_pool *p, enum pga_which which, unsigned long offset,
		 struct pga_sum sum)
{
	*pga_store_leaf(&pga_bitmap_of(&p->pool->map)->tree.store, which,
			pga_chunk_of(page_of(p, offset))) = pga_leaf_pack(sum);
}

static void free_leaf(struct pgat_pool *p, const struct damage *d, int by)
{
	const struct pga_sum good = pga_chunk_summarize(chunk_of(p, d->offset), PGA_FREE);
	const struct pga_sum bad = { 1, 3, 2 };

	leaf(p, PGA_FREE, d->offset, by > 0 ? bad : good);
}

static void ready_leaf(struct pgat_pool *p, const struct damage *d, int by)
{
	const struct pga_sum good = pga_chunk_summarize(chunk_of(p, d->offset), PGA_READY);
	const struct pga_sum bad = { 1, 3, 2 };

	leaf(p, PGA_READY, d->offset, by > 0 ? bad : good);
}

static struct pga_isolated stray;

static void isolated_pages(struct pgat_pool *p, const struct damage *d, int by)
{
	if (by < 0) {
		rb_erase(&stray.node, &p->pool->isolated);
		return;
	}
	stray.pages = (struct pga_extent) { page_of(p, d->offset), GRANULE };
	rb_link_node(&stray.node, NULL, &p->pool->isolated.rb_node);
	rb_insert_color(&stray.node, &p->pool->isolated);
}

static const struct damage damages[] = {
	{ "free page marked as allocated", allocated_bit, CHUNK + 100, {
		{ "free start", 0, true, CHUNK, 512, 100 },
		{ "ready max", 0, true, CHUNK, 512, 411 },
		{ "idle", -1, false, 0, 1024, 1023 } } },
	{ "allocated page marked as free", allocated_bit, CHUNK - 1, {
		{ "free end", 0, true, 0, 0, 1 },
		{ "ready end", 0, true, 0, 0, 1 },
		{ "idle", -1, false, 0, 1024, 1025 } } },
	{ "longest run is shorter", allocated_bit, 2 * CHUNK + 10, {
		{ "largest_free_run", -1, false, 0, 1024, 522 } } },
	{ "allocated page marked as discarded", discarded_bit, 5, {
		{ "I1 allocated and discarded", -1, true, 5, 1, 0 },
		{ "released", -1, false, 0, 512, 513 } } },
	{ "ready page marked as discarded", discarded_bit, CHUNK + 5, {
		{ "I2 granule", -1, true, CHUNK + 5, 5, 0 },
		{ "I2 granule", -1, true, CHUNK + 6, 6, 0 },
		{ "ready start", 0, true, CHUNK, 512, 5 } } },
	{ "discarded page marked as ready", discarded_bit, 2 * CHUNK + 40, {
		{ "I2 granule", -1, true, 2 * CHUNK + 40, 8, 0 },
		{ "I2 granule", -1, true, 2 * CHUNK + 41, 9, 0 },
		{ "released", -1, false, 0, 512, 511 } } },
	{ "first page of a chunk marked as ready", discarded_bit, 2 * CHUNK, {
		{ "I2 granule", -1, true, 2 * CHUNK + 1, 1, 0 },
		{ "ready start", 0, true, 2 * CHUNK, 0, 1 } } },
	{ "page of a hole marked as free", allocated_bit, 3 * CHUNK, {
		{ "hole free", -1, true, 3 * CHUNK, 1, 0 },
		{ "free start", 0, true, 3 * CHUNK, 0, 1 } } },
	{ "page that is not grown marked as free", allocated_bit, 5 * CHUNK - 1, {
		{ "hole free", -1, true, 5 * CHUNK - 1, 1, 0 } } },
	{ "free pages miscounted", free_gauge, 0, {
		{ "idle", -1, false, 0, 1025, 1024 } } },
	{ "discarded pages miscounted", discarded_gauge, 0, {
		{ "released", -1, false, 0, 511, 512 } } },
	{ "pages miscounted", pages_gauge, 0, {
		{ "grown", -1, false, 0, 1537, 1536 } } },
	{ "isolated pages miscounted", isolated_gauge, 0, {
		{ "in_transition", -1, false, 0, 1, 0 } } },
	{ "deferred pages miscounted", deferred_gauge, 0, {
		{ "deferred", -1, false, 0, 1, 0 } } },
	{ "isolated pages that are free", isolated_pages, CHUNK + 32, {
		{ "isolated but free", -1, true, CHUNK + 32, 1, 0 },
		{ "in_transition", -1, false, 0, 0, GRANULE } } },
	{ "region grown further than the maps", region_grown, 0, {
		{ "grown", -1, false, 0, 1536, 1544 } } },
	{ "summary of free pages wrong", free_leaf, CHUNK, {
		{ "free start", 0, true, CHUNK, 1, 512 },
		{ "free max", 0, true, CHUNK, 3, 512 },
		{ "free end", 0, true, CHUNK, 2, 512 } } },
	{ "summary of ready pages wrong", ready_leaf, 2 * CHUNK, {
		{ "ready start", 0, true, 2 * CHUNK, 1, 0 },
		{ "ready max", 0, true, 2 * CHUNK, 3, 0 },
		{ "ready end", 0, true, 2 * CHUNK, 2, 0 } } },
};
PGAT_ARRAY_PARAM(damage, damages);

#define LIST_LEN	32

static bool listed(const struct pagealloc_mismatch *list, unsigned int nr,
		   const char *what, int level, unsigned long pfn, u64 got, u64 want)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(list[i].what, what) && list[i].level == level &&
		    list[i].pfn == pfn && list[i].got == got && list[i].want == want)
			return true;
	return false;
}

static void expect_listed(struct kunit *test, const struct damage *d,
			  const struct pagealloc_mismatch *list, unsigned int nr)
{
	const unsigned int max = ARRAY_SIZE(d->want);
	unsigned int i;

	for (i = 0; i < max && d->want[i].what; i++) {
		const unsigned long pfn = d->want[i].at ? BASE + d->want[i].pfn : 0;

		KUNIT_EXPECT_TRUE_MSG(test,
				      listed(list, nr, d->want[i].what,
					     d->want[i].level, pfn,
					     d->want[i].got, d->want[i].want),
				      "'%s' is not listed", d->want[i].what);
	}
}

/* The check finds a damage and describes it; after the repair it finds nothing. */
static void damage(struct kunit *test)
{
	const struct damage *d = test->param_value;
	struct pagealloc_mismatch *list;
	struct pgat_pool *p = test->priv;
	int found, i;

	list = kunit_kcalloc(test, LIST_LEN, sizeof(*list), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, list);
	d->change(p, d, 1);
	found = pagealloc_check(p->pool, list, LIST_LEN);
	d->change(p, d, -1);

	for (i = 0; i < min(found, LIST_LEN); i++)
		kunit_info(test, "%s level %d pfn %lu got %llu want %llu\n",
			   list[i].what, list[i].level, list[i].pfn, list[i].got,
			   list[i].want);
	KUNIT_EXPECT_GT(test, found, 0);
	KUNIT_EXPECT_LE(test, found, LIST_LEN);
	expect_listed(test, d, list, min(found, LIST_LEN));
	pgat_sound(p);
}

#define FREES	(3 * CHUNK)

/* Queue all pages of a pool in frees of two pages; only the test drains them. */
static struct pagealloc_deferred *fill_queue(struct pgat_pool *p)
{
	struct pagealloc_deferred *d;
	unsigned long pfn;
	unsigned int i;

	pgat_pool_close(p);
	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, 2 * FREES);
	KUNIT_ASSERT_EQ(p->test, 0,
			pagealloc_alloc(p->pool, 2 * FREES, GFP_KERNEL, &pfn));
	d = kunit_kcalloc(p->test, FREES, sizeof(*d), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(p->test, d);
	for (i = 0; i < FREES; i++) {
		d[i] = (struct pagealloc_deferred) { .pfn = pfn + 2 * i, .nr_pages = 2 };
		pga_deferred_add(p->pool, &d[i]);
	}
	return d;
}

/* The check finds a gauge of deferred pages that is wrong by @by, unless @by is 0. */
static void check_with_gauge(struct pgat_pool *p, long by)
{
	const unsigned long right = atomic_long_read(&p->pool->nr_deferred);
	struct pagealloc_mismatch list[4];
	int found;

	atomic_long_add(by, &p->pool->nr_deferred);
	found = pagealloc_check(p->pool, list, ARRAY_SIZE(list));
	atomic_long_sub(by, &p->pool->nr_deferred);
	KUNIT_ASSERT_EQ(p->test, !!by, found);
	if (by)
		KUNIT_EXPECT_TRUE(p->test, listed(list, found, "deferred", -1, 0,
						  right + by, right));
}

/* Deferred frees are recounted in each of the three lists of the queue. */
static void deferred_recount(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pagealloc_deferred *d = fill_queue(p);
	unsigned int turning = 0;

	do {
		check_with_gauge(p, 0);
		check_with_gauge(p, 1);
		check_with_gauge(p, -1);
		turning += p->pool->turning && p->pool->draining;
		/* Queue a free after the others were taken from the first list. */
		if (pgat_pages(p, PAGEALLOC_DEFERRED) == 2 * (FREES - 64)) {
			d[0].nr_pages = 2;
			pga_deferred_add(p->pool, &d[0]);
		}
	} while (pga_deferred_drain_batch(p->pool));
	KUNIT_EXPECT_GE(test, turning, 3);
	KUNIT_EXPECT_EQ(test, 0UL, pgat_pages(p, PAGEALLOC_IN_USE));
	KUNIT_EXPECT_EQ(test, 1ULL, pgat_stat(p, PAGEALLOC_DOUBLE_FREE));
	pgat_sound(p);
}

/**
 * struct queuer - a thread that defers frees
 * @thread: the thread
 * @p: the pool
 * @d: frees of pages of the pool
 * @half_done: the thread has counted a free but not queued it yet
 * @stop: the thread should end
 */
struct queuer {
	struct pgat_thread thread;
	struct pgat_pool *p;
	struct pagealloc_deferred *d;
	bool half_done;
	bool stop;
};

/* Queue all frees and drain them, until the test stops the thread. */
static int keep_queueing(void *arg)
{
	struct queuer *q = arg;
	unsigned int i;

	while (!READ_ONCE(q->stop)) {
		for (i = 0; i < FREES; i++)
			pga_deferred_add(q->p->pool, &q->d[i]);
		cond_resched();
		pagealloc_drain(q->p->pool);
	}
	return 0;
}

/* Frees that are queued and drained while the check counts are no mismatch. */
static void queue_changes(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct queuer q = { .p = p, .d = fill_queue(p) };
	unsigned int i;
	int ret;

	pagealloc_drain(p->pool);
	pgat_thread_start(test, &q.thread, keep_queueing, &q);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_TRUE(test, pgat_wait_for(atomic_long_read(&p->pool->nr_deferred)));
		ret = pagealloc_check(p->pool, NULL, 0);
		KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -EBUSY, "%d", ret);
	}
	WRITE_ONCE(q.stop, true);
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&q.thread));
	pgat_sound(p);
}

/* Do the two steps of pga_deferred_add() with a long time between them. */
static int add_slowly(void *arg)
{
	struct queuer *q = arg;

	rcu_read_lock();
	atomic_long_add(q->d->nr_pages, &q->p->pool->nr_deferred);
	WRITE_ONCE(q->half_done, true);
	mdelay(100);
	llist_add(&q->d->node, &q->p->pool->deferred);
	rcu_read_unlock();
	return 0;
}

/* A free that is counted but not queued yet is no mismatch. */
static void half_queued(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct queuer q = { .p = p, .d = fill_queue(p) };

	pagealloc_drain(p->pool);
	pgat_thread_start(test, &q.thread, add_slowly, &q);
	while (!READ_ONCE(q.half_done))
		cond_resched();
	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, NULL, 0));
	KUNIT_EXPECT_EQ(test, 0, pgat_thread_join(&q.thread));
	KUNIT_EXPECT_EQ(test, 2UL, pgat_pages(p, PAGEALLOC_DEFERRED));
	pagealloc_drain(p->pool);
	pgat_sound(p);
}

/* A pool whose trees have the greatest height, with summaries on all levels. */
static struct pgat_pool *tall_pool(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	unsigned long pfn;

	pgat_pool_close(p);
	pgat_pool_open_sim(p, 1, 0);
	pgat_pool_region(p, 2 * PGA_INDEX_PAGES, 1024);
	pgat_pool_region(p, 3 * PGA_INDEX_PAGES - 1024, 1024);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 1024, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, 1024, GFP_KERNEL, &pfn));
	KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, pfn + 600, 100));
	KUNIT_ASSERT_EQ(test, pga_bitmap_of(&p->pool->map)->tree.root_level, PGA_NR_LEVELS);
	pgat_sound(p);
	return p;
}

/* Change the longest run in a summary of level 1 or above. */
static void change_max(struct pga_store *store, enum pga_which which,
		       unsigned int level, unsigned long i, int by)
{
	struct pga_wide *wide;
	struct pga_sum sum;
	pga_mid_t *mid;

	if (level < PGA_FIRST_WIDE) {
		mid = pga_store_mid(store, which, level, i);
		sum = pga_mid_unpack(*mid);
		sum.max += by;
		*mid = pga_mid_pack(sum);
	} else {
		wide = pga_store_wide(store, which, level, i);
		sum = pga_wide_unpack(*wide);
		sum.max += by;
		*wide = pga_wide_pack(sum);
	}
}

/* The check finds a wrong summary on each level of both trees, and its place. */
static void every_level(struct kunit *test)
{
	static const char * const what[] = { "free max", "ready max" };
	struct pgat_pool *p = tall_pool(test);
	struct pga_store *store = &pga_bitmap_of(&p->pool->map)->tree.store;
	struct pagealloc_mismatch list[8];
	const unsigned long last = PGA_INDEX_PAGES - 1;
	unsigned int level, which;
	unsigned long i, at;
	int found;

	for (level = 1; level < PGA_NR_LEVELS; level++) {
		i = last >> pga_level_shift(level);
		for (which = 0; which < PGA_NR_WHICH; which++) {
			change_max(store, which, level, i, 1);
			found = pagealloc_check(p->pool, list, ARRAY_SIZE(list));
			change_max(store, which, level, i, -1);
			KUNIT_EXPECT_LE(test, found, 3);
			at = p->pool->base + (i << pga_level_shift(level));
			KUNIT_EXPECT_TRUE_MSG(test,
					      listed(list, found, what[which],
						     level, at, 101, 100),
					      "level %u", level);
		}
	}
	pgat_sound(p);
}

#define CHUNKS	300
#define LEN	128

/* All mismatches are counted, but only those for which there is room are listed. */
static void more_than_fits(struct kunit *test)
{
	const struct pga_sum none = {};
	struct pgat_pool *p = test->priv;
	struct pagealloc_mismatch *list;
	unsigned long pfn, i;

	pgat_pool_close(p);
	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, CHUNKS * CHUNK);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, CHUNKS * CHUNK, GFP_KERNEL, &pfn));
	pgat_free_all(p);
	list = kunit_kcalloc(test, LEN + 1, sizeof(*list), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, list);

	for (i = 0; i < CHUNKS; i++)
		leaf(p, PGA_FREE, i * CHUNK, none);
	KUNIT_EXPECT_GE(test, pagealloc_check(p->pool, list, LEN), 3 * CHUNKS);
	KUNIT_EXPECT_NOT_NULL(test, list[LEN - 1].what);
	KUNIT_EXPECT_NULL(test, list[LEN].what);
	KUNIT_EXPECT_GE(test, pagealloc_check(p->pool, NULL, 0), 3 * CHUNKS);
	for (i = 0; i < CHUNKS; i++)
		leaf(p, PGA_FREE, i * CHUNK, (struct pga_sum) { CHUNK, CHUNK, CHUNK });
	pgat_sound(p);
}

/* A pool without pages, and one without regions, are sound. */
static void empty(struct kunit *test)
{
	struct pgat_pool *p = test->priv;

	pgat_pool_close(p);
	pgat_pool_open(p, 1, 0);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, NULL, 0));
	pgat_pool_region(p, BASE, CHUNK);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, NULL, 0));
}

static void change(struct pgat_holds *holds)
{
	holds->p->pool->changes++;
}

/* On a pool that never rests the check verifies all but the gauges, and says so. */
static void restless(struct kunit *test)
{
	struct pgat_holds holds = { .hook = change };
	struct pgat_pool *p = test->priv;

	pgat_holds_begin(p, &holds);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_check(p->pool, NULL, 0));
	free_gauge(p, NULL, 1);
	KUNIT_EXPECT_EQ(test, -EBUSY, pagealloc_check(p->pool, NULL, 0));
	free_gauge(p, NULL, -1);
	change_bit(7, chunk_of(p, CHUNK)->allocated);
	KUNIT_EXPECT_GT(test, pagealloc_check(p->pool, NULL, 0), 0);
	change_bit(7, chunk_of(p, CHUNK)->allocated);
	holds.hook = NULL;
	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, NULL, 0));
	pgat_holds_end(&holds);
	pgat_sound(p);
}

static int check_killed(void *arg)
{
	struct pgat_pool *p = arg;

	send_sig(SIGKILL, current, 1);
	return pagealloc_check(p->pool, NULL, 0);
}

/* A fatal signal ends the check after the critical section it is in. */
static void killed(struct kunit *test)
{
	struct pgat_pool *p = test->priv;
	struct pgat_holds holds = {};
	struct pgat_thread thread;

	pgat_holds_begin(p, &holds);
	pgat_thread_start(test, &thread, check_killed, p);
	KUNIT_EXPECT_EQ(test, -EINTR, pgat_thread_join(&thread));
	KUNIT_EXPECT_LE(test, holds.nr, 4UL);
	pgat_holds_end(&holds);
}

/*
 * The lock is held for a few runs only: with every other page free, for so many words
 * that there are no more than 16 runs and words in them, and those of the last one.
 */
static void short_holds(struct kunit *test)
{
	const unsigned long pages = 8 * CHUNK;
	struct pgat_pool *p = test->priv;
	struct pgat_holds holds = {};
	unsigned long pfn, i, whole;

	pgat_pool_close(p);
	pgat_pool_open(p, 1, 0);
	pgat_pool_region(p, BASE, pages);
	KUNIT_ASSERT_EQ(test, 0, pagealloc_alloc(p->pool, pages, GFP_KERNEL, &pfn));
	pgat_holds_begin(p, &holds);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, NULL, 0));
	whole = holds.nr;
	pgat_holds_end(&holds);
	for (i = 0; i < pages; i += 2)
		KUNIT_ASSERT_EQ(test, 0, pagealloc_free(p->pool, pfn + i, 1));
	pgat_holds_begin(p, &holds);
	KUNIT_EXPECT_EQ(test, 0, pagealloc_check(p->pool, NULL, 0));
	KUNIT_EXPECT_GE(test, holds.nr - whole, pages / 2 / (16 + 33) - 1);
	pgat_holds_end(&holds);
	pgat_sound(p);
}

static struct kunit_case check_cases[] = {
	KUNIT_CASE_PARAM(damage, damage_gen_params),
	KUNIT_CASE(deferred_recount),
	KUNIT_CASE(queue_changes),
	KUNIT_CASE(half_queued),
	KUNIT_CASE(every_level),
	KUNIT_CASE(more_than_fits),
	KUNIT_CASE(empty),
	KUNIT_CASE(restless),
	KUNIT_CASE(killed),
	KUNIT_CASE(short_holds),
	{}
};

static struct kunit_suite check_suite = {
	.name = "pagealloc_check",
	.init = check_init,
	.test_cases = check_cases,
};
kunit_test_suite(check_suite);

MODULE_DESCRIPTION("Tests of pagealloc's check");
MODULE_LICENSE("GPL");
