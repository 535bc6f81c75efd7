// SPDX-License-Identifier: GPL-2.0
/*
 * Functions for the suites of the pool.
 *
 * The strict backing keeps its own state of every granule and checks each call
 * against it.  These calls fail the test: populating a ready granule, discarding
 * one that is not ready, half a granule, a page outside the regions, and two calls
 * for a page at the same time.  A hook runs in the middle of each populate and
 * discard, so a test can make other operations happen at this moment.
 */

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "base/fault.h"
#include "pool/cpu_cache.h"
#include "lib/testpool.h"
#include "pool/held.h"
#include "pool/region.h"
#include "pool/retired.h"
#include "pool/track.h"

static const char * const what_names[PGAT_NR_WHAT] = {
	[PGAT_RESERVE] = "reserve",
	[PGAT_RELEASE] = "release",
	[PGAT_POPULATE] = "populate",
	[PGAT_DISCARD] = "discard",
	[PGAT_ZERO] = "zero",
};

static struct pgat_region *region_of(struct pgat_backing *b, unsigned long pfn)
{
	struct pgat_region *r;

	for (r = b->region; r < b->region + b->nr_regions; r++)
		if (pfn >= r->pfn && pfn < r->end)
			return r;
	return NULL;
}

static unsigned long granules_before(const struct pgat_backing *b,
				     const struct pgat_region *r,
				     unsigned long pfn)
{
	return pfn / b->granule - r->pfn / b->granule;
}

/* The state of the granule with @pfn; sets *end to its end in the region. */
static u8 *granule_at(struct pgat_backing *b, unsigned long pfn,
		      unsigned long *end)
{
	struct pgat_region *r = region_of(b, pfn);

	if (!r)
		return NULL;
	*end = min(r->end, ALIGN(pfn + 1, b->granule));
	return &r->granule[granules_before(b, r, pfn)];
}

/* Whether a call is for whole granules, or for a region's pages outside them. */
static bool shape_ok(struct pgat_backing *b, const struct pgat_call *call)
{
	const unsigned long last = call->pfn + call->nr - 1;
	const struct pgat_region *r = region_of(b, call->pfn);

	if (call->what == PGAT_RELEASE)
		return true;
	if (IS_ALIGNED(call->pfn | call->nr, b->granule))
		return true;
	return r && call->what == PGAT_POPULATE &&
	       call->pfn / b->granule == last / b->granule &&
	       call->pfn == max(r->pfn, ALIGN_DOWN(call->pfn, b->granule)) &&
	       last + 1 == min(r->end, ALIGN(last + 1, b->granule));
}

/* Change all granules of a call from one state to another, or fail the test. */
static bool move(struct pgat_backing *b, const struct pgat_call *call,
		 enum pgat_backed from, enum pgat_backed to)
{
	const unsigned long stop = call->pfn + call->nr;
	unsigned long pfn, end;
	bool good = true;
	u8 *state;

	spin_lock(&b->lock);
	for (pfn = call->pfn; pfn < stop && good; pfn = end) {
		state = granule_at(b, pfn, &end);
		good = state && *state == from && end <= stop;
		if (good)
			*state = to;
	}
	spin_unlock(&b->lock);
	if (!good)
		KUNIT_FAIL(b->test, "%s of %lu+%lu: pfn %lu is not in state %d",
			   what_names[call->what], call->pfn, call->nr, pfn, from);
	return good;
}

static void count_call(struct pgat_backing *b, enum pgat_what what)
{
	spin_lock(&b->lock);
	b->count[what]++;
	spin_unlock(&b->lock);
}

/* Count a call; returns the errno if it has to fail.  It is a point, too. */
static int begin(struct pgat_backing *b, enum pgat_what what)
{
	struct pgat_fault *fault = &b->fault[what];
	int ret = 0;

	spin_lock(&b->lock);
	b->count[what]++;
	if (fault->at == 1) {
		ret = fault->error;
		if (fault->times > 1)
			fault->times--;
		else
			fault->at = 0;
	} else if (fault->at) {
		fault->at--;
	}
	spin_unlock(&b->lock);
	return ret ?: pga_fault_point(-EBUSY, what_names[what], "the pool");
}

/* Log a call; returns its return value. */
static int end(struct pgat_backing *b, const struct pgat_call *call)
{
	spin_lock(&b->lock);
	if (b->nr_log < PGAT_LOG_MAX)
		b->log[b->nr_log++] = *call;
	spin_unlock(&b->lock);
	return call->ret;
}

static int transition(struct pgat_backing *b, enum pgat_what what,
		      unsigned long pfn, unsigned long nr)
{
	const enum pgat_backed from = what == PGAT_POPULATE ?
				      PGAT_PREPARED : PGAT_BACKED;
	const enum pgat_backed to = what == PGAT_POPULATE ?
				    PGAT_BACKED : PGAT_PREPARED;
	struct pgat_call call = { what, pfn, nr };

	might_sleep();
	if (!nr || !shape_ok(b, &call))
		KUNIT_FAIL(b->test, "%s of %lu+%lu: not whole granules",
			   what_names[what], pfn, nr);
	if (!move(b, &call, from, PGAT_MOVING))
		return -EIO;
	call.ret = begin(b, what);
	if (!call.ret && b->hook)
		call.ret = b->hook(b, &call);
	move(b, &call, PGAT_MOVING, call.ret ? from : to);
	return end(b, &call);
}

static int backing_populate(void *ctx, unsigned long pfn, unsigned long nr)
{
	return transition(ctx, PGAT_POPULATE, pfn, nr);
}

static int backing_discard(void *ctx, unsigned long pfn, unsigned long nr)
{
	return transition(ctx, PGAT_DISCARD, pfn, nr);
}

static int backing_reserve(void *ctx, unsigned long pfn, unsigned long nr)
{
	struct pgat_backing *b = ctx;
	struct pgat_call call = { PGAT_RESERVE, pfn, nr };
	struct pgat_region r = { .pfn = pfn, .end = pfn + nr };
	const unsigned long granules = granules_before(b, &r, r.end - 1) + 1;

	might_sleep();
	call.ret = begin(b, PGAT_RESERVE);
	if (call.ret)
		return end(b, &call);
	KUNIT_EXPECT_LT(b->test, b->nr_regions, PGAT_REGIONS_MAX);
	r.granule = kvmalloc(granules, GFP_KERNEL);
	if (!r.granule || b->nr_regions == PGAT_REGIONS_MAX)
		return -ENOMEM;
	memset(r.granule, PGAT_PREPARED, granules);
	spin_lock(&b->lock);
	b->region[b->nr_regions++] = r;
	spin_unlock(&b->lock);
	return end(b, &call);
}

/* The pages are discarded, or ready if the region has only a part of the granule. */
static void backing_release(void *ctx, unsigned long pfn, unsigned long nr)
{
	struct pgat_backing *b = ctx;
	struct pgat_call call = { PGAT_RELEASE, pfn, nr };
	const unsigned long stop = pfn + nr;
	unsigned long stop_granule;
	u8 *state;

	might_sleep();
	count_call(b, PGAT_RELEASE);
	for (; pfn < stop; pfn = stop_granule) {
		state = granule_at(b, pfn, &stop_granule);
		if (!state) {
			KUNIT_FAIL(b->test, "release of pfn %lu", pfn);
			break;
		}
		if (*state != PGAT_PREPARED)
			KUNIT_EXPECT_TRUE_MSG(b->test, *state == PGAT_BACKED &&
					      !IS_ALIGNED(pfn | stop_granule, b->granule),
					      "release of pfn %lu in state %u",
					      pfn, *state);
		*state = PGAT_NONE;
	}
	end(b, &call);
}

static void backing_zero(void *ctx, unsigned long pfn, unsigned long nr)
{
	struct pgat_backing *b = ctx;
	struct pgat_call call = { PGAT_ZERO, pfn, nr };
	const unsigned long stop = pfn + nr;
	unsigned long stop_granule;
	const u8 *state;

	count_call(b, PGAT_ZERO);
	for (; pfn < stop; pfn = stop_granule) {
		state = granule_at(b, pfn, &stop_granule);
		KUNIT_EXPECT_TRUE_MSG(b->test, state && *state == PGAT_BACKED,
				      "zero of pfn %lu", pfn);
		if (!state)
			break;
	}
	end(b, &call);
}

static unsigned long backing_granule(void *ctx)
{
	const struct pgat_backing *b = ctx;

	return b->granule;
}

/* The pages have no memory, so a test may use any range. */
const struct pagealloc_backing_ops pgat_backing_ops = {
	.name = "strict",
	.no_memory = true,
	.granule = backing_granule,
	.reserve = backing_reserve,
	.release = backing_release,
	.populate = backing_populate,
	.discard = backing_discard,
	.zero = backing_zero,
};
EXPORT_SYMBOL_GPL(pgat_backing_ops);

static void free_pool(struct kunit_resource *res)
{
	pgat_pool_close(res->data);
	kfree(res->data);
}

static int init_pool(struct kunit_resource *res, void *context)
{
	res->data = context;
	return 0;
}

/**
 * pgat_pool() - allocate a pool under test
 * @test: the test; its end closes the pool
 *
 * Return: the pool.
 */
struct pgat_pool *pgat_pool(struct kunit *test)
{
	struct pgat_pool *p = kzalloc(sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->test = test;
	kunit_alloc_resource(test, init_pool, free_pool, GFP_KERNEL, p);
	return p;
}
EXPORT_SYMBOL_GPL(pgat_pool);

/**
 * pgat_first_fit() - use the bitmap engine, which places by first fit
 * @p: the pool, closed
 */
void pgat_first_fit(struct pgat_pool *p)
{
	p->engine = "bitmap";
}
EXPORT_SYMBOL_GPL(pgat_first_fit);

/**
 * pgat_is_span() - whether a pool has the span engine
 * @p: the pool, open
 */
bool pgat_is_span(const struct pgat_pool *p)
{
	return p->pool->map.ops == &pga_span_engine;
}
EXPORT_SYMBOL_GPL(pgat_is_span);

/**
 * pgat_pool_open_on() - make a pool on a given backing, without regions
 * @p: what pgat_pool() gave, closed
 * @ops: the backing
 * @ctx: its context
 * @flags: of struct pagealloc_config
 */
void pgat_pool_open_on(struct pgat_pool *p, const struct pagealloc_backing_ops *ops,
		       void *ctx, unsigned int flags)
{
	const struct pagealloc_config config = {
		.name = p->name ?: "test",
		.ops = ops,
		.ctx = ctx,
		.engine = p->engine ?: pgat_engine(),
		.flags = flags | PAGEALLOC_NO_WORKER |
			 (p->cached ? 0 : PAGEALLOC_NO_CACHE),
	};
	struct pagealloc_pool *pool;

	KUNIT_ASSERT_NULL(p->test, p->pool);
	pool = pagealloc_pool_create(&config);
	KUNIT_ASSERT_FALSE_MSG(p->test, IS_ERR(pool), "create: %ld", PTR_ERR(pool));
	p->pool = pool;
}
EXPORT_SYMBOL_GPL(pgat_pool_open_on);

/**
 * pgat_pool_open() - make a pool on the strict backing, without regions
 * @p: what pgat_pool() gave, closed
 * @granule: in pages
 * @flags: of struct pagealloc_config
 */
void pgat_pool_open(struct pgat_pool *p, unsigned long granule,
		    unsigned int flags)
{
	p->backing = (struct pgat_backing) { .test = p->test, .granule = granule };
	spin_lock_init(&p->backing.lock);
	pgat_pool_open_on(p, &pgat_backing_ops, &p->backing, flags);
}
EXPORT_SYMBOL_GPL(pgat_pool_open);

/**
 * pgat_pool_open_sim() - make a pool on the sim backing, without regions
 * @p: what pgat_pool() gave, closed
 * @granule: in pages
 * @flags: of struct pagealloc_config
 */
void pgat_pool_open_sim(struct pgat_pool *p, unsigned long granule,
			unsigned int flags)
{
	pagealloc_sim_init(&p->sim, granule);
	pgat_pool_open_on(p, &pagealloc_sim_ops, &p->sim, flags);
}
EXPORT_SYMBOL_GPL(pgat_pool_open_sim);

/* The pool must have released all its regions. */
static void close_backing(struct pgat_backing *b)
{
	struct pgat_region *r = b->region;
	unsigned long i;

	for (; r < b->region + b->nr_regions; r++) {
		for (i = 0; i <= granules_before(b, r, r->end - 1); i++)
			if (r->granule[i] != PGAT_NONE) {
				KUNIT_FAIL(b->test, "region %lu: granule %lu still is in state %u",
					   r->pfn, i, r->granule[i]);
				break;
			}
	}
}

/**
 * pgat_pool_forget() - drop a pool that has been destroyed, and its backing's state
 * @p: the pool
 */
void pgat_pool_forget(struct pgat_pool *p)
{
	struct pgat_backing *b = &p->backing;

	while (b->nr_regions)
		kvfree(b->region[--b->nr_regions].granule);
	p->pool = NULL;
}
EXPORT_SYMBOL_GPL(pgat_pool_forget);

/**
 * pgat_pool_destroy() - destroy a pool
 * @p: the pool; all pages in use have a deferred free
 */
void pgat_pool_destroy(struct pgat_pool *p)
{
	const int ret = pagealloc_pool_destroy(p->pool);

	KUNIT_EXPECT_EQ(p->test, ret, 0);
	if (!ret) {
		close_backing(&p->backing);
		pgat_pool_forget(p);
	}
}
EXPORT_SYMBOL_GPL(pgat_pool_destroy);

/**
 * pgat_pool_close() - free all pages in use, and destroy a pool
 * @p: the pool; it may be closed
 */
void pgat_pool_close(struct pgat_pool *p)
{
	if (!p->pool)
		return;
	p->backing.hook = NULL;
	memset(p->backing.fault, 0, sizeof(p->backing.fault));
	pgat_free_all(p);
	pgat_pool_destroy(p);
}
EXPORT_SYMBOL_GPL(pgat_pool_close);

/**
 * pgat_pool_region() - add a region
 * @p: the pool
 * @pfn: first page
 * @nr: pages
 */
void pgat_pool_region(struct pgat_pool *p, unsigned long pfn, unsigned long nr)
{
	KUNIT_ASSERT_EQ(p->test, pagealloc_add_region(p->pool, pfn, nr), 0);
}
EXPORT_SYMBOL_GPL(pgat_pool_region);

/**
 * pgat_stat() - a statistic of a pool
 * @p: the pool
 * @stat: the statistic
 *
 * Return: the value.
 */
u64 pgat_stat(struct pgat_pool *p, enum pagealloc_stat stat)
{
	struct pagealloc_stats stats;

	pagealloc_stats(p->pool, &stats);
	return stats.value[stat];
}
EXPORT_SYMBOL_GPL(pgat_stat);

/**
 * pgat_pages() - a statistic of a pool, in pages
 * @p: the pool
 * @stat: the statistic, in bytes
 *
 * Return: pages.
 */
unsigned long pgat_pages(struct pgat_pool *p, enum pagealloc_stat stat)
{
	return pgat_stat(p, stat) / PAGE_SIZE;
}
EXPORT_SYMBOL_GPL(pgat_pages);

/* A copy of the chunk with @page. */
static struct pga_chunk chunk_with(const struct pgat_pool *p, unsigned long page)
{
	struct pga_chunk chunk;

	pga_map_read_chunk(&p->pool->map, pga_chunk_of(page), &chunk);
	return chunk;
}

/* The number of retired pages from @page to @end - 1; of lost granules alone. */
static unsigned long retired_in(const struct pgat_pool *p, unsigned long page,
				unsigned long end, bool lost)
{
	const unsigned long flags = pga_pool_lock(p->pool);
	struct pga_retired *r = pga_retired_from(p->pool, page);
	unsigned long nr = 0;

	for (; r && r->iso.pages.start < end; r = pga_retired_next(r))
		if (r->why == PGA_RETIRED_LOST || !lost)
			nr += min(pga_extent_end(r->iso.pages), end) -
			      max(r->iso.pages.start, page);
	pga_pool_unlock(p->pool, flags);
	return nr;
}

/* Read a chunk, with its retired pages as free. */
static struct pga_chunk in_use_with(const struct pgat_pool *p, unsigned long page)
{
	struct pga_chunk chunk = chunk_with(p, page);
	unsigned int bit;

	page = ALIGN_DOWN(page, PGA_CHUNK_PAGES);
	for (bit = 0; p->pool->nr_retired && bit < PGA_CHUNK_PAGES; bit++)
		if (retired_in(p, page + bit, page + bit + 1, false))
			clear_bit(bit, chunk.allocated);
	return chunk;
}

/* The length of the run at @page, up to @end, that is or is not allocated. */
static unsigned long run_at(const struct pgat_pool *p, unsigned long page,
			    unsigned long end, bool allocated)
{
	unsigned long stop, at = page;
	struct pga_chunk chunk;
	unsigned int bit, last;

	while (at < end) {
		stop = min(end, ALIGN(at + 1, PGA_CHUNK_PAGES));
		chunk = in_use_with(p, at);
		bit = at % PGA_CHUNK_PAGES;
		last = bit + stop - at;
		at += (allocated ? find_next_zero_bit(chunk.allocated, last, bit) :
				   find_next_bit(chunk.allocated, last, bit)) - bit;
		if (at < stop)
			break;
	}
	return at - page;
}

static void free_in_region(struct pgat_pool *p, const struct pga_region *region)
{
	unsigned long page = region->start, nr;

	while (page < region->grown) {
		page += run_at(p, page, region->grown, false);
		nr = run_at(p, page, region->grown, true);
		if (nr)
			KUNIT_EXPECT_EQ(p->test, 0,
					pagealloc_free(p->pool, p->pool->base + page, nr));
		page += nr;
		pgat_alive();
	}
}

static void free_tracked(struct pgat_pool *p)
{
	struct pga_extent run = {};

	while (pga_track_next(p->pool, pga_extent_end(run), &run)) {
		KUNIT_EXPECT_EQ(p->test, 0,
				pagealloc_free(p->pool, p->pool->base + run.start,
					       run.nr));
		pgat_alive();
	}
}

/**
 * pgat_free_all() - free all pages in use
 * @p: the pool; no other thread uses it
 */
void pgat_free_all(struct pgat_pool *p)
{
	const struct pga_region *region;

	/* Without this, cached, parked and held pages would count as in use here. */
	pagealloc_drain(p->pool);
	pga_held_end(p->pool);
	if (p->pool->track) {
		free_tracked(p);
		return;
	}
	pga_for_each_region(region, p->pool)
		free_in_region(p, region);
}
EXPORT_SYMBOL_GPL(pgat_free_all);

/* The number of discarded pages from @page to @end - 1. */
static unsigned long discarded_in(const struct pgat_pool *p, unsigned long page,
				  unsigned long end)
{
	unsigned long nr = 0, stop;
	struct pga_chunk chunk;

	for (; page < end; page = stop) {
		stop = min(end, ALIGN(page + 1, PGA_CHUNK_PAGES));
		chunk = chunk_with(p, page);
		nr += pga_bits_weight(chunk.discarded, page % PGA_CHUNK_PAGES,
				      stop - page);
	}
	return nr;
}

/* The number of held pages from @page to @end - 1. */
static unsigned long held_in(const struct pgat_pool *p, unsigned long page,
			     unsigned long end)
{
	const unsigned long flags = pga_pool_lock(p->pool);
	const unsigned long nr = pga_held_pages(p->pool, page, end);

	pga_pool_unlock(p->pool, flags);
	return nr;
}

/* Compare the maps with the state that the backing has, granule by granule. */
static void check_region(struct pgat_pool *p, const struct pga_region *region)
{
	const unsigned long base = p->pool->base;
	unsigned long page, end, discarded;
	enum pgat_backed want;
	const u8 *state;

	for (page = region->start; page < region->end; page = end) {
		state = granule_at(&p->backing, base + page, &end);
		KUNIT_ASSERT_NOT_NULL_MSG(p->test, state, "page %lu", page);
		end -= base;
		want = PGAT_PREPARED;
		if (page < region->grown) {
			discarded = discarded_in(p, page, end) +
				    held_in(p, page, end) +
				    retired_in(p, page, end, true);
			if (discarded)
				KUNIT_EXPECT_EQ(p->test, discarded, end - page);
			else
				want = PGAT_BACKED;
		}
		KUNIT_ASSERT_EQ_MSG(p->test, *state, want, "pfn %lu", base + page);
	}
}

static void expect_no_mismatch(struct pgat_pool *p)
{
	struct pagealloc_mismatch list[8] = {};
	const int found = pagealloc_check(p->pool, list, ARRAY_SIZE(list));
	int i;

	for (i = 0; i < min_t(int, found, ARRAY_SIZE(list)); i++)
		kunit_err(p->test, "%s level %d pfn %lu got %llu want %llu\n",
			  list[i].what, list[i].level, list[i].pfn, list[i].got,
			  list[i].want);
	KUNIT_ASSERT_EQ(p->test, found, 0);
}

/**
 * pgat_sound() - check a pool in itself and against its backing
 * @p: the pool; no operation is in progress
 *
 * The test ends if they do not agree.
 */
void pgat_sound(struct pgat_pool *p)
{
	const struct pga_region *region;
	struct pagealloc_stats s;

	/* With a full reserve no page stays parked. */
	KUNIT_ASSERT_EQ(p->test, 0, pga_reserve_fill(p->pool));
	expect_no_mismatch(p);
	pagealloc_stats(p->pool, &s);
	KUNIT_ASSERT_EQ(p->test, s.value[PAGEALLOC_IN_TRANSITION], 0);
	KUNIT_ASSERT_EQ(p->test, s.value[PAGEALLOC_GROWN],
			s.value[PAGEALLOC_IN_USE] + s.value[PAGEALLOC_IDLE] +
			s.value[PAGEALLOC_CACHED] + s.value[PAGEALLOC_HELD] +
			s.value[PAGEALLOC_RETIRED]);
	KUNIT_ASSERT_EQ(p->test, s.value[PAGEALLOC_GROWN],
			s.value[PAGEALLOC_RETAINED] + s.value[PAGEALLOC_RELEASED]);
	if (p->pool->ops != &pgat_backing_ops)
		return;
	pga_for_each_region(region, p->pool)
		check_region(p, region);
}
EXPORT_SYMBOL_GPL(pgat_sound);

/**
 * pgat_forget_calls() - reset the count and the log of the backing's calls
 * @p: the pool
 */
void pgat_forget_calls(struct pgat_pool *p)
{
	memset(p->backing.count, 0, sizeof(p->backing.count));
	p->backing.nr_log = 0;
}
EXPORT_SYMBOL_GPL(pgat_forget_calls);

/**
 * pgat_moved() - expect some statistics to have changed, and no others
 * @p: the pool
 * @before: the statistics before
 * @moved: the expected changes
 * @nr: number of expected changes
 */
void pgat_moved(struct pgat_pool *p, const struct pagealloc_stats *before,
		const struct pgat_moved *moved, unsigned int nr)
{
	struct pagealloc_stats now, want = *before;
	unsigned int i;

	for (i = 0; i < nr; i++)
		want.value[moved[i].stat] += moved[i].by;
	pagealloc_stats(p->pool, &now);
	/* These follow from the others. */
	want.value[PAGEALLOC_AVAILABLE] += want.value[PAGEALLOC_IDLE] -
					   before->value[PAGEALLOC_IDLE] -
					   (want.value[PAGEALLOC_GROWN] -
					    before->value[PAGEALLOC_GROWN]);
	if (want.value[PAGEALLOC_IDLE] != before->value[PAGEALLOC_IDLE])
		want.value[PAGEALLOC_LARGEST_AVAILABLE] =
			now.value[PAGEALLOC_LARGEST_AVAILABLE];
	/* The worker may fill the reserve at any time. */
	if (pgat_is_span(p))
		want.value[PAGEALLOC_METADATA] = now.value[PAGEALLOC_METADATA];
	for (i = 0; i < PAGEALLOC_NR_STATS; i++)
		KUNIT_EXPECT_EQ_MSG(p->test, now.value[i], want.value[i], "%s",
				    pagealloc_stat_name(i));
}
EXPORT_SYMBOL_GPL(pgat_moved);

static void free_cells(struct pgat_pool *p, unsigned long pfn, unsigned long cell,
		       const char *text, char letter)
{
	for (; *text; text++, pfn += cell)
		if (*text == letter)
			KUNIT_ASSERT_EQ(p->test, 0,
					pagealloc_free(p->pool, pfn, cell));
}

/**
 * pgat_arrange() - bring all pages of a pool into given states
 * @p: the pool; it has one region and has not been used
 * @pfn: first page of the region
 * @cell: pages for each letter
 * @text: a letter for each cell of the region: 'u' in use, 'r' free and ready, 'D'
 *	  free and discarded; discarded cells are whole granules
 */
void pgat_arrange(struct pgat_pool *p, unsigned long pfn, unsigned long cell,
		  const char *text)
{
	unsigned long got, released;

	KUNIT_ASSERT_EQ(p->test, 0,
			pagealloc_alloc(p->pool, strlen(text) * cell,
					GFP_KERNEL, &got));
	KUNIT_ASSERT_EQ(p->test, got, pfn);
	free_cells(p, pfn, cell, text, 'D');
	KUNIT_ASSERT_EQ(p->test, 0,
			pagealloc_scavenge(p->pool, PAGEALLOC_ALL, &released));
	free_cells(p, pfn, cell, text, 'r');
	pgat_looks_like(p, pfn, cell, text);
}
EXPORT_SYMBOL_GPL(pgat_arrange);

/* The bit that all @nr pages have in @map, or -1 if they differ. */
static int common_bit(const unsigned long *map, unsigned int bit, unsigned long nr)
{
	const unsigned int ones = pga_bits_weight(map, bit, nr);

	return ones == nr ? 1 : ones ? -1 : 0;
}

/* Whether the pool has grown by a page of the slice with @page. */
static bool is_mapped(const struct pgat_pool *p, unsigned long page)
{
	const unsigned long first = ALIGN_DOWN(page, 1UL << PGA_SLICE_SHIFT);
	const struct pga_region *region;

	pga_for_each_region(region, p->pool)
		if (region->start < first + (1UL << PGA_SLICE_SHIFT) &&
		    region->grown > max(first, region->start))
			return true;
	return false;
}

static char letter_in_chunk(const struct pgat_pool *p, unsigned long page,
			    unsigned long nr)
{
	const struct pga_chunk chunk = chunk_with(p, page);
	const unsigned int bit = page % PGA_CHUNK_PAGES;
	int allocated, discarded;

	if (!is_mapped(p, page))
		return '-';
	allocated = common_bit(chunk.allocated, bit, nr);
	discarded = common_bit(chunk.discarded, bit, nr);
	if (allocated < 0 || discarded < 0 || (allocated && discarded))
		return '?';
	if (allocated && retired_in(p, page, page + nr, false) == nr)
		return 'X';
	if (allocated)
		return held_in(p, page, page + nr) == nr ? 'H' : 'u';
	return discarded ? 'D' : 'r';
}

/**
 * pgat_letter() - the state of pages
 * @p: the pool
 * @pfn: first page
 * @nr: pages
 *
 * Return: a letter as for pgat_arrange(), or '?' if the states differ, or '-' if the
 * pool has no maps there; 'H' for held pages, 'X' for retired ones.  Isolated and cached
 * pages are 'u'.
 */
char pgat_letter(struct pgat_pool *p, unsigned long pfn, unsigned long nr)
{
	unsigned long page = pfn - p->pool->base, end = page + nr, stop;
	char letter = 0, part;

	for (; page < end; page = stop) {
		stop = min(end, ALIGN(page + 1, PGA_CHUNK_PAGES));
		part = letter_in_chunk(p, page, stop - page);
		letter = letter && letter != part ? '?' : part;
	}
	return letter;
}
EXPORT_SYMBOL_GPL(pgat_letter);

/**
 * pgat_describe() - the states of pages as text
 * @p: the pool
 * @pfn: first page
 * @cell: pages for each letter
 * @nr: cells, less than PGAT_TEXT_MAX
 * @text: set to a pgat_letter() for each cell
 */
void pgat_describe(struct pgat_pool *p, unsigned long pfn, unsigned long cell,
		   unsigned int nr, char *text)
{
	for (; nr; nr--, pfn += cell)
		*text++ = pgat_letter(p, pfn, cell);
	*text = '\0';
}
EXPORT_SYMBOL_GPL(pgat_describe);

/**
 * pgat_describe_calls() - the calls of the backing as text
 * @p: the pool
 * @text: set to the number of granules of each call, at most 9, with a '!' after a
 *	  call that failed; has room for twice PGAT_TEXT_MAX
 */
void pgat_describe_calls(const struct pgat_pool *p, char *text)
{
	const struct pgat_backing *b = &p->backing;
	const struct pgat_call *call = b->log;

	KUNIT_ASSERT_LT(p->test, b->nr_log, PGAT_TEXT_MAX);
	for (; call < b->log + b->nr_log; call++) {
		*text++ = '0' + call->nr / b->granule;
		if (call->ret)
			*text++ = '!';
	}
	*text = '\0';
}
EXPORT_SYMBOL_GPL(pgat_describe_calls);

/**
 * pgat_looks_like() - expect pages to be in given states
 * @p: the pool
 * @pfn: first page
 * @cell: pages for each letter
 * @text: a pgat_letter() for each cell
 */
void pgat_looks_like(struct pgat_pool *p, unsigned long pfn, unsigned long cell,
		     const char *text)
{
	char now[PGAT_TEXT_MAX];

	KUNIT_ASSERT_LT(p->test, strlen(text), sizeof(now));
	pgat_describe(p, pfn, cell, strlen(text), now);
	KUNIT_EXPECT_STREQ(p->test, now, text);
}
EXPORT_SYMBOL_GPL(pgat_looks_like);

/* The pool reads this after it takes its lock and before it releases it. */
static u64 holds_now(const struct pga_clock *clock)
{
	struct pgat_holds *h = container_of(clock, struct pgat_holds, clock);
	struct pagealloc_pool *pool = h->p->pool;
	unsigned long free = pool->map.free;

	if (!raw_spin_is_locked(&pool->lock))
		return ++h->now;
	h->inside = !h->inside;
	if (h->inside) {
		if (h->hook)
			h->hook(h);
		h->free = pool->map.free;
		h->nr++;
	} else {
		h->most = max(h->most, max(free, h->free) - min(free, h->free));
		if (h->leave)
			h->leave(h);
	}
	return ++h->now;
}

static u64 holds_coarse(const struct pga_clock *clock)
{
	return container_of(clock, struct pgat_holds, clock)->now;
}

/**
 * pgat_holds_begin() - start to observe the critical sections of a pool's lock
 * @p: the pool
 * @holds: the caller has set @hook, @leave and @arg
 */
void pgat_holds_begin(struct pgat_pool *p, struct pgat_holds *holds)
{
	KUNIT_ASSERT_EQ(p->test, 0, pga_latency_set(&p->pool->latency, true,
						    pga_now(p->pool)));
	holds->p = p;
	holds->nr = 0;
	holds->most = 0;
	holds->inside = false;
	holds->clock = (struct pga_clock) { holds_now, holds_coarse };
	holds->old = p->pool->clock;
	p->pool->clock = &holds->clock;
}
EXPORT_SYMBOL_GPL(pgat_holds_begin);

/**
 * pgat_holds_end() - stop to observe them
 * @holds: from pgat_holds_begin()
 */
void pgat_holds_end(struct pgat_holds *holds)
{
	struct pgat_pool *p = holds->p;

	p->pool->clock = holds->old;
	KUNIT_EXPECT_FALSE(p->test, holds->inside);
	KUNIT_EXPECT_EQ(p->test, 0, pga_latency_set(&p->pool->latency, false, 0));
}
EXPORT_SYMBOL_GPL(pgat_holds_end);

static int run_thread(void *data)
{
	struct pgat_thread *thread = data;

	allow_signal(SIGKILL);
	complete(&thread->started);
	return thread->run(thread->arg);
}

/**
 * pgat_on_cpu() - move the current thread to a CPU
 * @test: the test
 * @cpu: number of the CPU
 */
void pgat_on_cpu(struct kunit *test, unsigned int cpu)
{
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(current, cpumask_of(cpu)));
}
EXPORT_SYMBOL_GPL(pgat_on_cpu);

/**
 * pgat_thread_start() - call a function in a new thread
 * @test: the test
 * @thread: the thread
 * @run: the function
 * @arg: its argument
 */
void pgat_thread_start(struct kunit *test, struct pgat_thread *thread,
		       int (*run)(void *arg), void *arg)
{
	thread->run = run;
	thread->arg = arg;
	init_completion(&thread->started);
	thread->task = kthread_create(run_thread, thread, "pagealloc_test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread->task));
	get_task_struct(thread->task);
	wake_up_process(thread->task);
	wait_for_completion(&thread->started);
}
EXPORT_SYMBOL_GPL(pgat_thread_start);

/**
 * pgat_thread_kill() - send SIGKILL to a thread
 * @thread: the thread
 */
void pgat_thread_kill(struct pgat_thread *thread)
{
	send_sig(SIGKILL, thread->task, 1);
}
EXPORT_SYMBOL_GPL(pgat_thread_kill);

/**
 * pgat_thread_join() - wait for a thread to end
 * @thread: the thread
 *
 * Return: the return value of its function.
 */
int pgat_thread_join(struct pgat_thread *thread)
{
	const int ret = kthread_stop(thread->task);

	put_task_struct(thread->task);
	return ret;
}
EXPORT_SYMBOL_GPL(pgat_thread_join);
