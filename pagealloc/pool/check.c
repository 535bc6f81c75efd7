// SPDX-License-Identifier: GPL-2.0
/*
 * The check: recount the gauges of a pool, and verify its maps.
 *
 * All gauges are counted again from the maps, the engine verifies its own data, and
 * these rules are checked:
 *
 *	I1	no page is both allocated and discarded
 *	I2	discarded runs start and end on granules
 *	holes	no page is free that the pool has not grown by
 *	held	no page is free that the account of runs has as held
 *
 * The lock is held for a slice of 2^15 pages at a time.  Whenever it is dropped, maps
 * and summaries agree and the rules hold, so these are checked while the pool is in
 * use.  The recounted gauges can be compared only if nothing has changed since the
 * recount began; otherwise the check starts again.  If the pool changes during each
 * attempt, the last attempt holds the lock throughout.  This is the only critical
 * section that is long, and the reason not to check a busy pool in production.
 *
 * Deferred frees are counted last.  They can be many, so the lock is always dropped
 * in between.  Entries are moved and removed only under the lock, and each such step
 * increments @changes.  So while @changes stays the same, all entries stay in place,
 * even while the lock is dropped.  An entry is added without the lock: the gauge is
 * raised first.  So the gauge may be too high while a CPU adds an entry.
 * synchronize_rcu() waits for these CPUs, and the gauge is compared only if it is the
 * same after that.  If the queue changes during each attempt it is not compared.
 */

#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "pool/check.h"
#include "pool/held.h"
#include "pool/region.h"
#include "pool/retired.h"
#include "pool/track.h"

/* Attempts to check the maps, including the last one, which holds the lock. */
#define MAX_TRIES	8

/* Attempts to count the deferred frees; each costs a grace period. */
#define QUEUE_TRIES	3

/* Deferred frees counted in one critical section. */
#define COUNT_DEFERRED	256

/**
 * struct check - a check under way
 * @pool: the pool
 * @list: filled with mismatches
 * @len: room in @list
 * @found: mismatches found, including those for which there was no room
 * @hold: the lock is held throughout
 * @flags: for the lock
 * @grown: grown pages counted
 * @isolated: isolated pages counted
 * @held: pages of held granules counted
 * @retired: retired pages counted
 * @free: free pages counted
 * @discarded: discarded pages counted
 * @run: length of the free run that ends at @next
 * @longest: longest free run so far
 * @next: the page after the last chunk that was checked
 * @verify: the engine's part
 */
struct check {
	struct pagealloc_pool *pool;
	struct pagealloc_mismatch *list;
	unsigned int len;
	unsigned int found;
	bool hold;
	unsigned long flags;
	unsigned long grown;
	unsigned long isolated;
	unsigned long held;
	unsigned long retired;
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

static void add_mismatch(struct check *c, const char *what, int level,
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
		add_mismatch(c, what, level, pfn, got, want);
}

static bool is_discarded(const struct check *c, unsigned long page)
{
	struct pga_chunk chunk;

	pga_map_read_chunk(&c->pool->map, pga_chunk_of(page), &chunk);
	return test_bit(page % PGA_CHUNK_PAGES, chunk.discarded);
}

/* Rule I2: discarded runs begin and end where a granule begins. */
static void check_granules(struct check *c, const struct pga_chunk *chunk,
			   unsigned long page)
{
	bool discarded = page && is_discarded(c, page - 1);
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

/* Count the free runs, and check the rules for them. */
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
		add_mismatch(c, "I1 allocated and discarded", -1,
			     c->pool->base + page +
			 find_first_bit(both, PGA_CHUNK_PAGES),
			 bitmap_weight(both, PGA_CHUNK_PAGES), 0);
	c->discarded += bitmap_weight(chunk.discarded, PGA_CHUNK_PAGES);
	check_granules(c, &chunk, page);
	check_free_runs(c, &chunk, page);
}

/* Count the isolated pages of a slice; the maps must have them as allocated. */
static void check_isolated(struct check *c, unsigned long page, unsigned long end)
{
	const struct pagealloc_pool *pool = c->pool;
	struct pga_isolated *iso = pga_isolated_from(pool, page);
	unsigned long first, nr;

	c->held += pga_held_pages(pool, page, end);
	c->retired += pga_retired_in(pool, page, end);
	for (; iso && iso->pages.start < end; iso = pga_isolated_next(iso)) {
		first = max(iso->pages.start, page);
		nr = min(pga_extent_end(iso->pages), end) - first;
		c->isolated += nr;
		compare(c, "isolated but free", -1, pool->base + first,
			!pga_map_test(&pool->map, first, nr, true), 0);
	}
}

static void count_grown(struct check *c, unsigned long page, unsigned long end)
{
	const struct pga_region *region = pga_region_from(c->pool, page);
	unsigned long first, last;

	for (; region && region->start < end; region = pga_region_next(region)) {
		first = max(region->start, page);
		last = min(region->grown, end);
		c->grown += last > first ? last - first : 0;
	}
}

static void check_slice(struct check *c, unsigned long page)
{
	const unsigned long end = page + (1UL << PGA_SLICE_SHIFT);
	unsigned long i;

	for (i = pga_chunk_of(page); i < pga_chunk_of(end); i++)
		check_chunk(c, i);
	count_grown(c, page, end);
	check_isolated(c, page, end);
}

/* The next slice with grown pages from @page on; PGA_NONE if there is none. */
static unsigned long next_slice(const struct pagealloc_pool *pool,
				unsigned long page)
{
	const struct pga_region *region = pga_region_from(pool, page);

	while (region && region->grown <= max(page, region->start))
		region = pga_region_next(region);
	return region ? max(page, ALIGN_DOWN(region->start, 1UL << PGA_SLICE_SHIFT)) :
			PGA_NONE;
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

static void report_mismatch(struct pga_verify *v, const char *what, int level,
			    unsigned long page, u64 got, u64 want)
{
	struct check *c = container_of(v, struct check, verify);

	add_mismatch(c, what, level, c->pool->base + page, got, want);
}

static void check_engine(struct check *c)
{
	bool more;

	c->verify.report = report_mismatch;
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

	compare(c, "grown", -1, 0, map->pages, c->grown);
	compare(c, "idle", -1, 0, map->free, c->free);
	compare(c, "released", -1, 0, map->discarded, c->discarded);
	compare(c, "parked", -1, 0, map->parked, c->verify.parked);
	compare(c, "held", -1, 0, pool->nr_held, c->held);
	compare(c, "retired", -1, 0, pool->nr_retired, c->retired);
	compare(c, "in_transition", -1, 0,
		pool->nr_isolated - pool->nr_held - pool->nr_retired,
		c->isolated - c->held - c->retired);
	compare(c, "largest_free_run", -1, 0,
		pga_map_longest(map), c->longest);
}

/* Check once; false if the pool changed meanwhile, so that no gauge was compared. */
static bool check_once(struct check *c)
{
	const struct pagealloc_pool *pool = c->pool;
	u64 changes;
	bool unchanged;

	lock(c);
	changes = pool->changes;
	unlock(c);

	check_maps(c);
	check_engine(c);

	lock(c);
	unchanged = pool->changes == changes;
	if (unchanged)
		check_gauges(c);
	unlock(c);
	return unchanged;
}

/**
 * struct queue_count - a recount of deferred frees
 * @changes: pool->changes when the recount began
 * @gauge: the gauge at that time
 * @pages: pages counted so far
 */
struct queue_count {
	u64 changes;
	unsigned long gauge;
	unsigned long pages;
};

/* Count the entries from @node on; false if the queue has changed. */
static bool count_list(struct check *c, struct queue_count *count,
		       struct llist_node *node)
{
	unsigned int i;
	bool unchanged;

	do {
		lock(c);
		unchanged = c->pool->changes == count->changes;
		for (i = 0; unchanged && node && i < COUNT_DEFERRED; i++) {
			count->pages += llist_entry(node, struct pagealloc_deferred,
						    node)->nr_pages;
			node = node->next;
		}
		unlock(c);
	} while (unchanged && node);
	return unchanged;
}

/* Count all three lists; false if the queue has changed, or the gauge. */
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
	/* Pairs with the read side in pga_deferred_add().  A gauge of 0 is not too high. */
	if (count->gauge)
		synchronize_rcu();

	lock(c);
	/* Pairs with llist_add() in pga_deferred_add(). */
	deferred = READ_ONCE(pool->deferred.first);
	turning = pool->turning;
	draining = pool->draining;
	unlock(c);
	return count_list(c, count, deferred) && count_list(c, count, turning) &&
	       count_list(c, count, draining) &&
	       atomic_long_read(&pool->nr_deferred) == count->gauge;
}

static void check_deferred(struct check *c)
{
	struct queue_count count;
	unsigned int try;

	/* The mutex excludes a drain that frees a long run outside of the queue. */
	mutex_lock(&c->pool->drain_mutex);
	for (try = 0; try < QUEUE_TRIES; try++)
		if (count_queue(c, &count)) {
			compare(c, "deferred", -1, 0, count.gauge, count.pages);
			break;
		}
	mutex_unlock(&c->pool->drain_mutex);
}

/**
 * pga_check() - recount all gauges of a pool and verify its maps
 * @pool: the pool
 * @list: filled with mismatches
 * @len: room in @list
 *
 * Context: may sleep.
 * Return: how many mismatches there are, @len or more if @list is full.
 */
int pga_check(struct pagealloc_pool *pool, struct pagealloc_mismatch *list,
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
