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
 * The lock is held for a few chunks at a time, or for a word of 64 pages where there
 * are many short runs, and never longer than for a request.  Whenever it is dropped, maps and
 * summaries agree and the rules hold, so these are checked while the pool is in use.
 * The recounted gauges can be compared only if nothing has changed since the recount
 * began; otherwise the check counts again, until the pool has changed in each of a few
 * attempts.  The result says then that the pool is busy.
 *
 * Deferred frees are counted last.  They can be many, so the lock is always dropped
 * in between.  Entries are moved and removed only under the lock, and each such step
 * increments @changes.  So while @changes stays the same, all entries stay in place,
 * even while the lock is dropped.  An entry is added without the lock: the gauge is
 * raised first.  So the gauge may be too high while a CPU adds an entry.
 * synchronize_rcu() waits for these CPUs, and the gauge is compared only if it is the
 * same after that.  If the queue changes during each attempt it is not compared, and
 * the pool is busy.
 */

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/find.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "pool/check.h"
#include "pool/held.h"
#include "pool/region.h"
#include "pool/retired.h"
#include "pool/track.h"

/* Attempts to compare the gauges; the first one checks all else. */
#define MAX_TRIES	8

/*
 * Words or chunks, runs and isolated ranges that are checked in one critical section.
 * The last word can have many more.
 */
#define ITEMS_A_HOLD	16

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
 * @again: all has been checked before, and only the gauges have not been compared
 * @killed: the task was killed
 * @flags: for the lock
 * @changes: pool->changes when the recount began
 * @items: what is left of ITEMS_A_HOLD
 * @grown: grown pages counted
 * @isolated: isolated pages counted
 * @held: pages of held granules counted
 * @retired: retired pages counted
 * @free: free pages counted
 * @discarded: discarded pages counted
 * @run: length of the free run that ends at @next
 * @longest: longest free run so far
 * @next: the page after the last word that was checked
 * @verify: the engine's part
 */
struct check {
	struct pagealloc_pool *pool;
	struct pagealloc_mismatch *list;
	unsigned int len;
	unsigned int found;
	bool again;
	bool killed;
	unsigned long flags;
	u64 changes;
	int items;
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
	c->flags = pga_pool_lock(c->pool);
	c->items = ITEMS_A_HOLD;
}

static void unlock(struct check *c) __releases(&c->pool->lock)
{
	pga_pool_unlock(c->pool, c->flags);
	cond_resched();
	c->killed |= fatal_signal_pending(current);
}

/* Is it of use to go on?  The pool is locked. */
static bool may_go_on(const struct check *c)
{
	return !c->killed && !(c->again && c->pool->changes != c->changes);
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
	struct pga_extent e;

	return pga_pool_covers(c->pool, page, 1) &&
	       pga_map_next_discarded(&c->pool->map, page, page + 1, &e);
}

/**
 * struct piece - pages that are checked at once
 * @page: the first one, a multiple of BITS_PER_LONG
 * @nr: how many: BITS_PER_LONG, or a chunk whose words are all the same
 * @allocated: a word of them: which are allocated
 * @discarded: the same for discarded ones
 * @before: the page before the first one is discarded
 * @covered: the pool has grown by all of them
 */
struct piece {
	unsigned long page;
	unsigned long nr;
	unsigned long allocated;
	unsigned long discarded;
	bool before;
	bool covered;
};

/* Rule I2: discarded runs begin and end where a granule begins. */
static void check_granules(struct check *c, const struct piece *piece)
{
	unsigned long edges = piece->discarded ^ (piece->discarded << 1 | piece->before);
	unsigned long page;

	if (c->pool->granule == 1)
		return;
	for (; edges; edges &= edges - 1) {
		page = piece->page + __ffs(edges);
		compare(c, "I2 granule", -1, c->pool->base + page,
			page % c->pool->granule, 0);
	}
}

static void check_free_run(struct check *c, const struct piece *piece,
			   struct pga_extent run)
{
	const unsigned long pfn = c->pool->base + run.start;

	c->items--;
	c->free += run.nr;
	c->run += run.nr;
	c->longest = max(c->longest, c->run);
	if (!piece->covered && !pga_pool_covers(c->pool, run.start, run.nr))
		add_mismatch(c, "hole free", -1, pfn, 1, 0);
	if (c->pool->track && pga_track_held(c->pool, run))
		add_mismatch(c, "held but free", -1, pfn, 1, 0);
}

/* Count the free runs, and check the rules for them. */
static void check_free_runs(struct check *c, const struct piece *piece)
{
	const unsigned long free = ~piece->allocated;
	unsigned long start, end;

	if (piece->page != c->next)
		c->run = 0;
	for_each_set_bitrange(start, end, &free, BITS_PER_LONG) {
		if (start)
			c->run = 0;
		if (end == BITS_PER_LONG)
			end = piece->nr;
		check_free_run(c, piece, (struct pga_extent) {
			piece->page + start, end - start,
		});
	}
	if (!(free >> (BITS_PER_LONG - 1)))
		c->run = 0;
	c->next = piece->page + piece->nr;
}

/* Count the isolated pages of a piece; the maps must have them as allocated. */
static void check_isolated(struct check *c, unsigned long page, unsigned long end)
{
	const struct pagealloc_pool *pool = c->pool;
	struct pga_isolated *iso = pga_isolated_from(pool, page);
	unsigned long first, nr;

	if (!iso || iso->pages.start >= end)
		return;
	c->held += pga_held_pages(pool, page, end);
	c->retired += pga_retired_in(pool, page, end);
	for (; iso && iso->pages.start < end; iso = pga_isolated_next(iso)) {
		first = max(iso->pages.start, page);
		nr = min(pga_extent_end(iso->pages), end) - first;
		c->isolated += nr;
		compare(c, "isolated but free", -1, pool->base + first,
			!pga_map_test(&pool->map, first, nr, true), 0);
		c->items--;
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

static void check_piece(struct check *c, const struct piece *piece)
{
	const unsigned long both = piece->allocated & piece->discarded;
	const unsigned long words = piece->nr / BITS_PER_LONG;
	const unsigned long end = piece->page + piece->nr;

	c->items--;
	if (both)
		add_mismatch(c, "I1 allocated and discarded", -1,
			     c->pool->base + piece->page + __ffs(both),
			     hweight_long(both) * words, 0);
	c->discarded += hweight_long(piece->discarded) * words;
	check_granules(c, piece);
	check_free_runs(c, piece);
	count_grown(c, piece->page, end);
	check_isolated(c, piece->page, end);
}

/* Is this true of all pages of a chunk, or of none? */
static bool is_uniform(const unsigned long *map)
{
	return bitmap_empty(map, PGA_CHUNK_PAGES) || bitmap_full(map, PGA_CHUNK_PAGES);
}

/*
 * Check pages from @page on, as far as the engine reads them or until there were enough
 * items; returns the next page.
 */
static unsigned long check_some(struct check *c, unsigned long page)
{
	struct piece piece = {
		.page = page,
		.nr = BITS_PER_LONG,
		.before = page && c->pool->granule > 1 && is_discarded(c, page - 1),
	};
	struct pga_chunk chunk;
	unsigned long stop;
	unsigned int word;

	stop = pga_map_read(&c->pool->map, page, &chunk);
	if (stop - page == PGA_CHUNK_PAGES && is_uniform(chunk.allocated) &&
	    is_uniform(chunk.discarded) && !pga_is_isolated(c->pool, page, PGA_CHUNK_PAGES))
		piece.nr = PGA_CHUNK_PAGES;
	do {
		word = piece.page % PGA_CHUNK_PAGES / BITS_PER_LONG;
		piece.allocated = chunk.allocated[word];
		piece.discarded = chunk.discarded[word];
		piece.covered = pga_pool_covers(c->pool, piece.page, piece.nr);
		check_piece(c, &piece);
		piece.before = piece.discarded >> (BITS_PER_LONG - 1);
		piece.page += piece.nr;
	} while (c->items > 0 && piece.page < stop);
	return piece.page;
}

/*
 * Where to go on: at @page in the midst of a slice, otherwise at the next slice with
 * grown pages; PGA_NONE if there is none.
 */
static unsigned long next_to_check(const struct pagealloc_pool *pool, unsigned long page)
{
	const struct pga_region *region;

	if (page & ((1UL << PGA_SLICE_SHIFT) - 1))
		return page;
	region = pga_region_from(pool, page);
	while (region && region->grown <= max(page, region->start))
		region = pga_region_next(region);
	return region ? max(page, ALIGN_DOWN(region->start, 1UL << PGA_SLICE_SHIFT)) :
			PGA_NONE;
}

static void check_maps(struct check *c)
{
	unsigned long page = 0;

	do {
		lock(c);
		do {
			page = next_to_check(c->pool, page);
			if (page != PGA_NONE)
				page = check_some(c, page);
		} while (c->items > 0 && page != PGA_NONE);
		if (!may_go_on(c))
			page = PGA_NONE;
		unlock(c);
	} while (page != PGA_NONE);
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
		more = may_go_on(c) && pga_map_verify(&c->pool->map, &c->verify);
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
	bool unchanged;

	lock(c);
	c->changes = pool->changes;
	unlock(c);

	check_maps(c);
	check_engine(c);

	lock(c);
	unchanged = !c->killed && pool->changes == c->changes;
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

/* Compare the gauge; false if the queue changes all the time. */
static bool check_deferred(struct check *c)
{
	struct queue_count count;
	bool done = false;
	unsigned int try;

	/* The mutex excludes a drain that frees a long run outside of the queue. */
	if (mutex_lock_killable(&c->pool->drain_mutex)) {
		c->killed = true;
		return false;
	}
	for (try = 0; !done && !c->killed && try < QUEUE_TRIES; try++)
		done = count_queue(c, &count);
	if (done)
		compare(c, "deferred", -1, 0, count.gauge, count.pages);
	mutex_unlock(&c->pool->drain_mutex);
	return done;
}

/**
 * pga_check() - recount all gauges of a pool and verify its maps
 * @pool: the pool
 * @list: filled with mismatches
 * @len: room in @list
 *
 * A fatal signal ends it.
 *
 * Context: may sleep.
 * Return: how many mismatches there are, @len or more if @list is full; -EBUSY if there
 * is none, and the pool never rested, so that gauges could not be compared; -EINTR.
 */
int pga_check(struct pagealloc_pool *pool, struct pagealloc_mismatch *list,
	      unsigned int len)
{
	struct check c = {};
	bool done = false;
	unsigned int try;

	for (try = 0; try < MAX_TRIES && !done && !c.found && !c.killed; try++) {
		c = (struct check) {
			.pool = pool, .list = list, .len = len, .again = try,
		};
		done = check_once(&c);
	}
	done &= check_deferred(&c);
	if (c.killed)
		return -EINTR;
	return c.found || done ? c.found : -EBUSY;
}
