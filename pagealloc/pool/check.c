// SPDX-License-Identifier: GPL-2.0
/*
 * The check: does a pool still know the truth about itself?
 *
 * Every gauge is counted anew from the maps, the engine verifies its own books,
 * and these rules are looked at:
 *
 *	I1	no page is both allocated and discarded
 *	I2	discarded runs start and end on granules
 *	holes	no page is free that the pool has not grown by
 *	held	no page is free that a client holds, if the pool is tracked
 *
 * The lock is held for a slice of 2^15 pages at a time.  Maps, summaries and
 * rules agree whenever it is dropped, so they can be looked at while the pool
 * works.  A recount of the gauges is only worth something if nothing changed
 * from its beginning to its end; if something did, all is done again.  On a pool
 * that does not rest, the last attempt holds the lock throughout: the one place
 * where it is held for long, and a reason to not check such a pool in
 * production.
 *
 * Deferred frees are counted last, and never with the lock held for long, since
 * they can be many.  Whoever takes one out of the queue, or moves it, does so
 * under the lock and counts a change; so as long as that count stands still,
 * what is queued stays where it is while the lock is let go.  Adding takes no
 * lock: the gauge goes up first, then comes the entry.  A gauge that is too
 * high proves nothing until everybody who was in between must have got through,
 * which is what synchronize_rcu() is for, and if nobody has begun to add since.
 * A queue in which something moves at each attempt is not judged.
 */

#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "pool/track.h"

#define MAX_TRIES	8

/* ... and how often the queue of deferred frees, which costs a grace period. */
#define QUEUE_TRIES	3

/* Deferred frees to count before the lock is let go. */
#define COUNT_DEFERRED	256

/**
 * struct check - a check under way
 * @pool: of what
 * @list: where mismatches go
 * @len: room in it
 * @found: mismatches found, also those there was no room for
 * @hold: keep the lock throughout
 * @flags: for the lock
 * @free: free pages counted
 * @discarded: discarded pages counted
 * @run: free pages right before the chunk to be looked at
 * @longest: longest run of free pages so far
 * @next: page after the last chunk looked at
 * @verify: the engine's part
 */
struct check {
	struct pagealloc_pool *pool;
	struct pagealloc_mismatch *list;
	unsigned int len;
	unsigned int found;
	bool hold;
	unsigned long flags;
	unsigned long free;
	unsigned long discarded;
	unsigned long run;
	unsigned long longest;
	unsigned long next;
	struct pga_verify verify;
};

static void lock(struct check *c) __acquires(&c->pool->lock)
{
	if (c->hold)
		__acquire(&c->pool->lock);
	else
		c->flags = pga_pool_lock(c->pool);
}

static void unlock(struct check *c) __releases(&c->pool->lock)
{
	if (c->hold) {
		__release(&c->pool->lock);
	} else {
		pga_pool_unlock(c->pool, c->flags);
		cond_resched();
	}
}

static void mismatch(struct check *c, const char *what, int level,
		     unsigned long pfn, u64 got, u64 want)
{
	if (c->found < c->len)
		c->list[c->found] = (struct pagealloc_mismatch) {
			.what = what,
			.level = level,
			.pfn = pfn,
			.got = got,
			.want = want,
		};
	c->found++;
}

static void compare(struct check *c, const char *what, int level,
		    unsigned long pfn, u64 got, u64 want)
{
	if (got != want)
		mismatch(c, what, level, pfn, got, want);
}

static bool page_discarded(const struct check *c, unsigned long page)
{
	struct pga_chunk chunk;

	pga_map_read_chunk(&c->pool->map, pga_chunk_of(page), &chunk);
	return test_bit(page % PGA_CHUNK_PAGES, chunk.discarded);
}

/* Rule I2: the state changes only where a granule begins. */
static void check_granules(struct check *c, const struct pga_chunk *chunk,
			   unsigned long page)
{
	bool discarded = page && page_discarded(c, page - 1);
	unsigned int bit = 0;

	for (;;) {
		bit = discarded ?
			find_next_zero_bit(chunk->discarded, PGA_CHUNK_PAGES, bit) :
			find_next_bit(chunk->discarded, PGA_CHUNK_PAGES, bit);
		if (bit == PGA_CHUNK_PAGES)
			break;
		compare(c, "I2 granule", -1, c->pool->base + page + bit,
			(page + bit) % c->pool->granule, 0);
		discarded = !discarded;
	}
}

/* Free runs: what they add up to, and that each is in a region. */
static void check_free_runs(struct check *c, const struct pga_chunk *chunk,
			    unsigned long page)
{
	struct pga_extent run;
	unsigned int start, end;

	if (page != c->next)
		c->run = 0;
	for (start = 0; start < PGA_CHUNK_PAGES; start = end) {
		end = find_next_bit(chunk->allocated, PGA_CHUNK_PAGES, start);
		if (start == end) {
			c->run = 0;
			end = find_next_zero_bit(chunk->allocated,
						 PGA_CHUNK_PAGES, start);
			continue;
		}
		c->free += end - start;
		c->run += end - start;
		c->longest = max(c->longest, c->run);
		compare(c, "hole free", -1, c->pool->base + page + start,
			!pga_pool_covers(c->pool, page + start, end - start), 0);
		run = (struct pga_extent) { page + start, end - start };
		compare(c, "held but free", -1, c->pool->base + run.start,
			pga_track_held(c->pool, run), 0);
	}
	c->next = page + PGA_CHUNK_PAGES;
}

static void check_chunk(struct check *c, unsigned long i)
{
	const unsigned long page = pga_chunk_start(i);
	DECLARE_BITMAP(both, PGA_CHUNK_PAGES);
	struct pga_chunk chunk;

	pga_map_read_chunk(&c->pool->map, i, &chunk);
	if (bitmap_and(both, chunk.allocated, chunk.discarded, PGA_CHUNK_PAGES))
		mismatch(c, "I1 allocated and discarded", -1,
			 c->pool->base + page +
			 find_first_bit(both, PGA_CHUNK_PAGES),
			 bitmap_weight(both, PGA_CHUNK_PAGES), 0);
	c->discarded += bitmap_weight(chunk.discarded, PGA_CHUNK_PAGES);
	check_granules(c, &chunk, page);
	check_free_runs(c, &chunk, page);
}

static void check_slice(struct check *c, unsigned long page)
{
	const unsigned long end = page + (1UL << PGA_SLICE_SHIFT);
	unsigned long i;

	for (i = pga_chunk_of(page); i < pga_chunk_of(end); i++)
		check_chunk(c, i);
}

/* The next slice from @page on in which the pool has pages; PGA_NONE: there is none. */
static unsigned long next_slice(const struct pagealloc_pool *pool,
				unsigned long page)
{
	const struct pga_region *region;

	list_for_each_entry(region, &pool->regions, node)
		if (region->grown > max(page, region->start))
			return max(page, ALIGN_DOWN(region->start,
						    1UL << PGA_SLICE_SHIFT));
	return PGA_NONE;
}

static void check_maps(struct check *c)
{
	unsigned long page = 0;

	for (;; page += 1UL << PGA_SLICE_SHIFT) {
		lock(c);
		page = next_slice(c->pool, page);
		if (page != PGA_NONE)
			check_slice(c, page);
		unlock(c);
		if (page == PGA_NONE)
			break;
	}
}

static void report(struct pga_verify *v, const char *what, int level,
		   unsigned long page, u64 got, u64 want)
{
	struct check *c = container_of(v, struct check, verify);

	mismatch(c, what, level, c->pool->base + page, got, want);
}

static void check_engine(struct check *c)
{
	bool more;

	c->verify.report = report;
	do {
		lock(c);
		more = pga_map_verify(&c->pool->map, &c->verify);
		unlock(c);
	} while (more);
}

static void check_gauges(struct check *c)
{
	const struct pagealloc_pool *pool = c->pool;
	const struct pga_map *map = &pool->map;
	const struct pga_region *region;
	const struct pga_isolated *iso;
	unsigned long pages = 0, isolated = 0;

	list_for_each_entry(region, &pool->regions, node)
		pages += region->grown - region->start;
	list_for_each_entry(iso, &pool->isolated, node) {
		isolated += iso->pages.nr;
		compare(c, "isolated but free", -1, pool->base + iso->pages.start,
			!pga_map_test(map, iso->pages.start, iso->pages.nr, true), 0);
	}
	compare(c, "grown", -1, 0, map->pages, pages);
	compare(c, "idle", -1, 0, map->free, c->free);
	compare(c, "released", -1, 0, map->discarded, c->discarded);
	compare(c, "parked", -1, 0, map->parked, c->verify.parked);
	compare(c, "in_transition", -1, 0, pool->nr_isolated, isolated);
	compare(c, "largest_free_run", -1, 0,
		pga_map_longest(map), c->longest);
}

/* One attempt; false if the pool changed too much for the gauges to count. */
static bool check_once(struct check *c)
{
	const struct pagealloc_pool *pool = c->pool;
	u64 changes;
	bool still;

	lock(c);
	changes = pool->changes;
	unlock(c);

	check_maps(c);
	check_engine(c);

	lock(c);
	still = pool->changes == changes;
	if (still)
		check_gauges(c);
	unlock(c);
	return still;
}

/**
 * struct queue_count - a recount of what is deferred
 * @changes: pool->changes when it began
 * @gauge: pages queued by the gauge then
 * @pages: pages counted so far
 */
struct queue_count {
	u64 changes;
	unsigned long gauge;
	unsigned long pages;
};

/* Count what hangs on @node, all of which stays put; false if it has moved. */
static bool count_list(struct check *c, struct queue_count *count,
		       struct llist_node *node)
{
	unsigned int i;
	bool still;

	do {
		lock(c);
		still = c->pool->changes == count->changes;
		for (i = 0; still && node && i < COUNT_DEFERRED; i++) {
			count->pages += llist_entry(node, struct pagealloc_deferred,
						    node)->nr_pages;
			node = node->next;
		}
		unlock(c);
	} while (still && node);
	return still;
}

/* Count all three lists; false if something has moved, or been added. */
static bool count_queue(struct check *c, struct queue_count *count)
{
	struct pagealloc_pool *pool = c->pool;
	struct llist_node *deferred, *turning, *draining;

	lock(c);
	*count = (struct queue_count) {
		.changes = pool->changes,
		.gauge = atomic_long_read(&pool->nr_deferred),
	};
	unlock(c);
	/* Pairs with the read side in pga_deferred_add().  0 is not too high. */
	if (count->gauge)
		synchronize_rcu();

	lock(c);
	deferred = READ_ONCE(pool->deferred.first);
	turning = pool->turning;
	draining = pool->draining;
	if (pool->freeing.end)
		count->pages = pool->freeing.nr;
	unlock(c);
	return count_list(c, count, deferred) && count_list(c, count, turning) &&
	       count_list(c, count, draining) &&
	       atomic_long_read(&pool->nr_deferred) == count->gauge;
}

static void check_deferred(struct check *c)
{
	struct queue_count count;
	unsigned int try;

	for (try = 0; try < QUEUE_TRIES; try++)
		if (count_queue(c, &count)) {
			compare(c, "deferred", -1, 0, count.gauge, count.pages);
			return;
		}
}

/**
 * pga_pool_check() - recount and verify everything
 * @pool: the pool
 * @list: filled with what does not agree
 * @len: room in @list
 *
 * Context: may sleep.
 * Return: how many mismatches there are, @len or more if @list is full.
 */
int pga_pool_check(struct pagealloc_pool *pool, struct pagealloc_mismatch *list,
		   unsigned int len)
{
	struct check c;
	unsigned long flags;
	unsigned int try;
	bool done = false;

	for (try = 1; !done && try < MAX_TRIES; try++) {
		c = (struct check) { .pool = pool, .list = list, .len = len };
		done = check_once(&c);
	}
	if (!done) {
		c = (struct check) { .pool = pool, .list = list, .len = len,
				     .hold = true };
		flags = pga_pool_lock(pool);
		check_once(&c);
		pga_pool_unlock(pool, flags);
		c.hold = false;
	}
	check_deferred(&c);
	return c.found;
}
