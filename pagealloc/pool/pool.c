// SPDX-License-Identifier: GPL-2.0
/*
 * The pool: regions, the lock, and what all work on pages has in common.
 *
 *	None ---add---> Reserved ---grow---> Prepared <---> Ready
 *	     region                          discarded
 *
 * A region is a range of pfns that the backing has reserved.  The pool grows
 * into it from its low end, and only what it has grown by is in the maps.  From
 * then on a page is in exactly one of these hands:
 *
 *	free, discarded		nobody's, no memory behind it
 *	free, ready		nobody's
 *	isolated		a populate's or a discard's that is under way, or
 *				set aside for a while because its populate failed;
 *				or of a long run that is being allocated, or freed
 *	in use			a client's
 *
 * The maps say "allocated" for the last two; the list of isolated ranges tells
 * them apart.  It is as long as there are calls of the backing under way, and
 * long runs on their way from one to the other.
 *
 * Invariant I2: every run of discarded pages starts and ends on a granule.  So
 * a granule is discarded as a whole or not at all; pages of a region outside
 * whole granules are made ready as the pool grows by them, and stay so.
 *
 * The backing may sleep and is called with no lock held.  Whoever calls it
 * isolates the pages first, counts itself in flight, and when the call is over
 * settles the pages under the lock and wakes up those who wait for them.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/pgtable.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "base/kunit_export.h"
#include "engine/bitmap/engine.h"
#include "engine/span/engine.h"
#include "pool/scavenge.h"
#include "pool/track.h"

static u64 real_now(const struct pga_clock *clock)
{
	return ktime_get_ns();
}

static u64 real_coarse(const struct pga_clock *clock)
{
	return get_jiffies_64() * TICK_NSEC;
}

static const struct pga_clock real_clock = {
	.now = real_now,
	.coarse = real_coarse,
};

static void *get_node(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp);
}

/* Generations of ten seconds, 1 % of a CPU, a second's grace, no limit. */
static const struct pagealloc_tuning default_tuning = {
	.generation_ms = 10000,
	.delay_ms = 1000,
	.cpu_percent = 1,
	.limit = PAGEALLOC_NO_LIMIT,
};

/**
 * pga_engine() - find an engine
 * @name: its name, NULL for the default
 *
 * Return: the engine, or NULL.
 */
const struct pga_engine_ops *pga_engine(const char *name)
{
	static const struct pga_engine_ops * const engines[] = {
		&pga_bitmap_engine,
		&pga_span_engine,
	};
	unsigned int i;

	if (!name)
		return &pga_bitmap_engine;
	for (i = 0; i < ARRAY_SIZE(engines); i++)
		if (!strcmp(name, engines[i]->name))
			return engines[i];
	return NULL;
}

/**
 * pga_pool_new() - a pool that nobody knows of as yet
 * @config: checked by the caller
 *
 * Return: the pool, or an ERR_PTR(): -EINVAL for a granule that is none.
 */
struct pagealloc_pool *pga_pool_new(const struct pagealloc_config *config)
{
	const unsigned long granule = config->ops->granule(config->ctx);
	struct pagealloc_pool *pool;

	if (!is_power_of_2(granule) || granule > PAGEALLOC_GRANULE_MAX)
		return ERR_PTR(-EINVAL);
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	strscpy(pool->name, config->name, sizeof(pool->name));
	pool->ops = config->ops;
	pool->ctx = config->ctx;
	pool->flags = config->flags;
	pool->granule = granule;
	pool->huge = PMD_SIZE / PAGE_SIZE;
	INIT_LIST_HEAD(&pool->pools);
	raw_spin_lock_init(&pool->lock);
	pga_map_init(&pool->map, pga_engine(config->engine), PAGE_SIZE,
		     granule * PAGE_SIZE);
	pool->get_node = get_node;
	INIT_LIST_HEAD(&pool->regions);
	INIT_LIST_HEAD(&pool->isolated);
	init_waitqueue_head(&pool->settled_wq);
	pool->goal = PGA_NONE;
	pool->limit_goal = PGA_NONE;
	pool->tuning = default_tuning;
	pool->clock = &real_clock;
	init_llist_head(&pool->deferred);
	if (pga_track_begin(pool)) {
		kfree(pool);
		return ERR_PTR(-ENOMEM);
	}
	return pool;
}

static unsigned long pfn_of(const struct pagealloc_pool *pool, unsigned long page)
{
	return pool->base + page;
}

/*
 * Give up what of a region is discarded or was never grown; the rest, which a
 * client still holds or the backing would not take, is left as it is.
 */
static void release_region(struct pagealloc_pool *pool, struct pga_region *region)
{
	const unsigned long grown = region->grown;
	struct pga_extent e;
	unsigned long page;

	for (page = region->start; page < grown; page = pga_extent_end(e)) {
		if (!pga_map_next_discarded(&pool->map, page, grown, &e))
			break;
		pool->ops->release(pool->ctx, pfn_of(pool, e.start), e.nr);
	}
	if (region->end > grown)
		pool->ops->release(pool->ctx, pfn_of(pool, grown),
				   region->end - grown);
}

/* Whether pages of @region are neither discarded nor outside whole granules. */
static unsigned long kept_pages(struct pagealloc_pool *pool,
				struct pga_region *region)
{
	unsigned long first = ALIGN(region->start, pool->granule);
	unsigned long last = ALIGN_DOWN(region->grown, pool->granule);
	unsigned long kept = 0;
	struct pga_extent e;

	if (!pga_map_test(&pool->map, region->start,
			  region->grown - region->start, false))
		return region->grown - region->start;
	while (first < last) {
		if (!pga_map_next_discarded(&pool->map, first, last, &e))
			e = (struct pga_extent) { last, 0 };
		kept += e.start - first;
		first = pga_extent_end(e);
	}
	return kept;
}

/**
 * pga_pool_delete() - end a pool that nobody knows of any more
 * @pool: the pool; no call into it is under way
 *
 * Ready memory goes back first.  Pages that are still in use, or that the
 * backing does not take back, are reported and kept out of everybody's hands.
 */
void pga_pool_delete(struct pagealloc_pool *pool)
{
	struct pga_scavenge everything = {
		.cause = PAGEALLOC_SCAVENGED_REQUEST,
		.nr = PAGEALLOC_ALL,
	};
	struct pga_region *region, *next;

	/* What is still parked then stays out of use, and is reported. */
	pga_reserve_fill(pool);
	if (pga_scavenge(pool, &everything))
		pr_err("%s: not all memory could be given back\n", pool->name);
	pga_pool_complain(pool);

	list_for_each_entry_safe(region, next, &pool->regions, node) {
		if (!kept_pages(pool, region)) {
			pool->ops->release(pool->ctx, pfn_of(pool, region->start),
					   region->end - region->start);
		} else {
			pr_err("%s: frames of region %lu+%lu stay out of use\n",
			       pool->name, pfn_of(pool, region->start),
			       region->end - region->start);
			release_region(pool, region);
		}
		list_del(&region->node);
		kfree(region);
	}
	pga_map_drain(&pool->map, kvfree);
	pga_latency_end(pool);
	pga_track_end(pool);
	kfree(pool);
}

/* Insert by address; false if it overlaps a region that is there. */
static bool insert_region(struct pagealloc_pool *pool, struct pga_region *new)
{
	struct pga_region *region;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(region, &pool->regions, node) {
		if (new->end <= region->start)
			break;
		if (new->start < region->end)
			return false;
	}
	list_add_tail(&new->node, &region->node);
	return true;
}

/**
 * pga_pool_place_region() - enter a range of pages among a pool's regions
 * @pool: the pool
 * @pfn: first page
 * @nr: pages
 * @region: set to the new region, into which the pool does not grow as yet
 *
 * The first region decides which 2^34 of all pfns the pool can have.
 *
 * Return: 0; -ERANGE if it is too far from the pool's other regions, -EEXIST if
 * it overlaps one, -ENOMEM.
 */
int pga_pool_place_region(struct pagealloc_pool *pool, unsigned long pfn,
			  unsigned long nr, struct pga_region **region)
{
	struct pga_region *new;
	unsigned long flags;
	int ret = 0;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;

	flags = pga_pool_lock(pool);
	if (list_empty(&pool->regions))
		WRITE_ONCE(pool->base, ALIGN_DOWN(pfn, PGA_INDEX_PAGES));
	new->start = pfn - pool->base;
	new->end = new->start + nr;
	new->grown = new->start;
	if (pfn < pool->base || new->end > PGA_INDEX_PAGES)
		ret = -ERANGE;
	else if (!insert_region(pool, new))
		ret = -EEXIST;
	pga_pool_unlock(pool, flags);

	if (ret)
		kfree(new);
	else
		*region = new;
	return ret;
}

/**
 * pga_pool_reserve_region() - have the backing reserve what was placed
 * @pool: the pool
 * @region: from pga_pool_place_region(); gone if this fails
 *
 * Return: what the backing's reserve() says.
 */
int pga_pool_reserve_region(struct pagealloc_pool *pool, struct pga_region *region)
{
	unsigned long flags;
	int ret;

	ret = pool->ops->reserve(pool->ctx, pfn_of(pool, region->start),
				 region->end - region->start);

	flags = pga_pool_lock(pool);
	region->reserved = !ret;
	if (ret)
		list_del(&region->node);
	pga_pool_unlock(pool, flags);

	if (ret)
		kfree(region);
	return ret;
}

/**
 * pga_pool_covers() - is a range all of pages that the pool has grown by?
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1
 *
 * Return: false if any of it is outside, in a hole, or only reserved.
 */
bool pga_pool_covers(const struct pagealloc_pool *pool, unsigned long page,
		     unsigned long nr)
{
	const unsigned long end = page + nr;
	const struct pga_region *region;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(region, &pool->regions, node) {
		if (page >= region->grown)
			continue;
		if (page < region->start)
			return false;
		if (end <= region->grown)
			return true;
		page = region->grown;
	}
	return false;
}

/**
 * pga_pool_around() - pages that the pool has grown by, in one region
 * @pool: the pool, locked
 * @page: one of them
 *
 * Return: the pages of the region with @page, none if it is not the pool's.
 */
struct pga_extent pga_pool_around(const struct pagealloc_pool *pool,
				  unsigned long page)
{
	const struct pga_region *region;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(region, &pool->regions, node)
		if (page >= region->start && page < region->grown)
			return (struct pga_extent) {
				.start = region->start,
				.nr = region->grown - region->start,
			};
	return (struct pga_extent) { .start = page };
}

/**
 * pga_pool_corrupt() - the books of a pool do not add up
 * @pool: the pool, locked
 * @what: what does not
 * @page: where
 *
 * The pool refuses all work from now on.  Consoles have locks that must not be
 * taken under a raw one, so it is left to pga_pool_complain() to say so.
 */
void pga_pool_corrupt(struct pagealloc_pool *pool, const char *what,
		      unsigned long page)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return;
	pool->damage = what;
	pool->damage_page = page;
	pga_pool_set_caches(pool, NULL);
	/* Pairs with the load in pga_pool_complain(). */
	smp_store_release(&pool->corrupt, true);
}

static noinline void mind_damage(struct pagealloc_pool *pool)
{
	const struct pga_extent *damage = pool->map.damage;

	if (pool->corrupt)
		return;
	pool->damage_spans[0] = damage[0];
	pool->damage_spans[1] = damage[1];
	pga_pool_corrupt(pool, "two discarded spans meet inside a granule",
			 damage[1].start);
}

/**
 * pga_mind_damage() - discarded pages came back; do the engine's books add up?
 * @pool: the pool, locked
 */
void pga_mind_damage(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (unlikely(pool->map.damage[0].nr))
		mind_damage(pool);
}

/**
 * pga_pool_say_corrupt() - warn, once, that the books of a pool do not add up
 * @pool: the pool, corrupt and not locked
 */
void pga_pool_say_corrupt(const struct pagealloc_pool *pool)
{
	const struct pga_extent *spans = pool->damage_spans;

	if (spans[0].nr)
		pr_err_once("%s: discarded spans %lu+%lu and %lu+%lu\n", pool->name,
			    pfn_of(pool, spans[0].start), spans[0].nr,
			    pfn_of(pool, spans[1].start), spans[1].nr);
	WARN_ONCE(1, "%s: %s at pfn %lu; the pool refuses further work\n",
		  pool->name, pool->damage, pfn_of(pool, pool->damage_page));
}

/**
 * pga_pool_set_caches() - say which caches are to be used
 * @pool: the pool, locked unless nobody knows of it
 * @caches: the caches, NULL for none
 */
void pga_pool_set_caches(struct pagealloc_pool *pool,
			 struct pga_cpu_cache __percpu *caches)
{
	WRITE_ONCE(pool->caches, caches);
	WRITE_ONCE(pool->free_caches, pool->nr_isolated ? NULL : caches);
}

/* So many pages have become isolated, or less if it is negative. */
static void count_isolated(struct pagealloc_pool *pool, long nr)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->nr_isolated, pool->nr_isolated + nr);
	pga_pool_set_caches(pool, pool->caches);
}

/**
 * pga_isolate() - begin an entry in the list of isolated pages
 * @pool: the pool, locked
 * @iso: entry, the caller's until pga_isolate_end(); covers nothing as yet
 * @page: where it begins
 */
void pga_isolate(struct pagealloc_pool *pool, struct pga_isolated *iso,
		 unsigned long page)
{
	lockdep_assert_held(&pool->lock);
	iso->pages = (struct pga_extent) { .start = page };
	list_add(&iso->node, &pool->isolated);
}

/**
 * pga_isolate_free() - take free pages out of everybody's reach
 * @pool: the pool, locked
 * @iso: entry, extended by them
 * @nr: pages that follow those it covers
 */
void pga_isolate_free(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr)
{
	const unsigned long page = pga_extent_end(iso->pages);

	pga_isolate_held(pool, iso, nr);
	if (!pga_map_hold(&pool->map, page, nr))
		pga_pool_corrupt(pool, "isolated pages that were not free", page);
}

/**
 * pga_isolate_held() - the same for pages that are in the caller's hands
 * @pool: the pool, locked
 * @iso: entry, extended by them
 * @nr: pages that follow those it covers, marked allocated
 */
void pga_isolate_held(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	iso->pages.nr += nr;
	count_isolated(pool, nr);
	pool->changes++;
}

/**
 * pga_isolate_less() - the first pages of an entry are settled
 * @pool: the pool, locked
 * @iso: entry, which covers them no more; pga_make_free() follows, and
 *	 pga_isolate_end() before the lock is dropped if it covers nothing
 * @nr: how many
 */
void pga_isolate_less(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	iso->pages.start += nr;
	iso->pages.nr -= nr;
	count_isolated(pool, -nr);
	pool->changes++;
}

/**
 * pga_isolate_end() - the pages of an entry are settled
 * @pool: the pool, locked
 * @iso: entry; its pages are in use from now on, or pga_make_free() follows
 */
void pga_isolate_end(struct pagealloc_pool *pool, struct pga_isolated *iso)
{
	lockdep_assert_held(&pool->lock);
	list_del(&iso->node);
	count_isolated(pool, -iso->pages.nr);
	pool->changes++;
}

/**
 * pga_make_free() - pages that were isolated are free again
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages; nothing happens if 0
 * @made: ready, or discarded
 */
void pga_make_free(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long nr, enum pga_made made)
{
	lockdep_assert_held(&pool->lock);
	if (!nr)
		return;
	pool->changes++;
	if (!pga_map_put(&pool->map, page, nr, made))
		pga_pool_corrupt(pool, "isolated pages that were free", page);
	pga_mind_damage(pool);
}

/**
 * pga_flight_begin() - something that others may wait for is under way
 * @pool: the pool, locked
 *
 * It must end by itself, without waiting for another one.
 */
void pga_flight_begin(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->in_flight, pool->in_flight + 1);
}

/**
 * pga_flight_end() - it is over
 * @pool: the pool, locked; call pga_flight_wake() when it no longer is
 */
void pga_flight_end(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->in_flight, pool->in_flight - 1);
	WRITE_ONCE(pool->settled, pool->settled + 1);
}

/**
 * pga_flight_wake() - wake up who waits for something to be over
 * @pool: the pool, not locked: a waitqueue has a sleeping lock on PREEMPT_RT
 */
void pga_flight_wake(struct pagealloc_pool *pool)
{
	pga_pool_complain(pool);
	if (wq_has_sleeper(&pool->settled_wq))
		wake_up_all(&pool->settled_wq);
}

/**
 * pga_flight_wake_later() - the same for who may not sleep
 * @pool: the pool, not locked
 *
 * Context: any but NMI.
 */
void pga_flight_wake_later(struct pagealloc_pool *pool)
{
	if (wq_has_sleeper(&pool->settled_wq))
		queue_work(system_unbound_wq, &pool->drain_work);
}

static enum pagealloc_stat populate_stat(int ret)
{
	switch (ret) {
	case 0:
		return PAGEALLOC_POPULATE;
	case -ENOMEM:
		return PAGEALLOC_POPULATE_FAIL_NOMEM;
	case -EBUSY:
		return PAGEALLOC_POPULATE_FAIL_BUSY;
	case -EINTR:
		return PAGEALLOC_POPULATE_FAIL_INTR;
	default:
		return PAGEALLOC_POPULATE_FAIL_BROKEN;
	}
}

/* A failure that is normal life; the log has it, but not too often. */
static void tell_failure(const struct pagealloc_pool *pool, unsigned long page,
			 unsigned long nr, int ret)
{
	pr_info_ratelimited("%s: populate of %lu pages at pfn %lu: %s\n",
			    pool->name, nr, pfn_of(pool, page),
			    ret == -ENOMEM ? "no memory now" :
			    ret == -EBUSY ? "held by somebody else" : "interrupted");
}

static int populate_once(struct pagealloc_pool *pool, unsigned long page,
			 unsigned long nr)
{
	const u64 start = pga_now(pool);
	const int ret = pool->ops->populate(pool->ctx, pfn_of(pool, page), nr);
	const u64 took = pga_now(pool) - start;
	const enum pagealloc_stat stat = populate_stat(ret);
	unsigned long flags;

	pga_timed_end(pool, PGA_TIMED_POPULATE, start);
	flags = pga_pool_lock(pool);
	pool->stat[stat]++;
	if (!ret) {
		pool->populate_ns += took;
		pool->stat[PAGEALLOC_POPULATE_PAGES] += nr;
	}
	if (stat == PAGEALLOC_POPULATE_FAIL_BROKEN)
		WRITE_ONCE(pool->broken, true);
	pga_pool_unlock(pool, flags);

	if (stat != PAGEALLOC_POPULATE_FAIL_BROKEN) {
		if (ret)
			tell_failure(pool, page, nr, ret);
		return ret;
	}
	pr_err("%s: backing %s is broken, populate of %lu pages at pfn %lu: %d\n",
	       pool->name, pool->ops->name, nr, pfn_of(pool, page), ret);
	return -EIO;
}

/**
 * pga_populate() - put memory behind isolated pages
 * @pool: the pool, not locked
 * @pages: which: whole granules, or less than one
 * @done: set to the first page that has no memory still
 *
 * What cannot be had at once is tried in halves, down to a granule.
 *
 * Context: may sleep.
 * Return: 0, or the errno of the granule at @done.
 */
int pga_populate(struct pagealloc_pool *pool, struct pga_extent pages,
		 unsigned long *done)
{
	const unsigned long end = pga_extent_end(pages);
	unsigned long nr = pages.nr;
	int ret;

	for (*done = pages.start; *done < end; nr = min(nr, end - *done)) {
		ret = populate_once(pool, *done, nr);
		if (!ret) {
			*done += nr;
			continue;
		}
		if (nr <= pool->granule || (ret != -ENOMEM && ret != -EBUSY))
			return ret;
		nr = ALIGN(nr / 2, pool->granule);
	}
	return 0;
}

/**
 * pga_pool_count() - count something
 * @pool: the pool, not locked
 * @stat: a counter
 */
void pga_pool_count(struct pagealloc_pool *pool, enum pagealloc_stat stat)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pool->stat[stat]++;
	pga_pool_unlock(pool, flags);
}

/**
 * pga_pool_in_use() - how many pages do clients hold?
 * @pool: the pool
 *
 * Return: pages.
 */
unsigned long pga_pool_in_use(struct pagealloc_pool *pool)
{
	unsigned long flags, nr;

	flags = pga_pool_lock(pool);
	nr = pga_in_use(pool);
	pga_pool_unlock(pool, flags);
	return nr;
}

/**
 * pga_pool_stats() - all figures at one moment
 * @pool: the pool
 * @stats: filled in
 */
void pga_pool_stats(struct pagealloc_pool *pool, struct pagealloc_stats *stats)
{
	const struct pga_map *map = &pool->map;
	struct pga_region *region;
	unsigned long flags, sys = 0, largest, goal, limit;
	u64 *v = stats->value;
	unsigned int i;

	flags = pga_pool_lock(pool);
	memcpy(v, pool->stat, sizeof(pool->stat));
	list_for_each_entry(region, &pool->regions, node)
		sys += region->end - region->start;
	largest = pga_map_longest(map);

	v[PAGEALLOC_SYS] = sys;
	v[PAGEALLOC_GROWN] = map->pages;
	v[PAGEALLOC_IN_USE] = pga_in_use(pool);
	v[PAGEALLOC_IDLE] = map->free;
	v[PAGEALLOC_RETAINED] = map->pages - map->discarded;
	v[PAGEALLOC_RELEASED] = map->discarded;
	v[PAGEALLOC_CACHED] = 0;
	v[PAGEALLOC_PARKED] = map->parked;
	v[PAGEALLOC_IN_TRANSITION] = pool->nr_isolated;
	v[PAGEALLOC_LARGEST_FREE_RUN] = largest;
	v[PAGEALLOC_DEFERRED] = atomic_long_read(&pool->nr_deferred);
	v[PAGEALLOC_METADATA] = map->bytes;
	goal = pool->goal;
	limit = pool->tuning.limit;
	pga_pool_unlock(pool, flags);
	pga_track_stats(pool, v);

	v[PAGEALLOC_FRAGMENTATION] = 0;
	if (v[PAGEALLOC_IDLE])
		v[PAGEALLOC_FRAGMENTATION] =
			div64_u64(1000 * (v[PAGEALLOC_IDLE] - largest),
				  v[PAGEALLOC_IDLE]);
	for (i = PAGEALLOC_SYS; i <= PAGEALLOC_LARGEST_FREE_RUN; i++)
		v[i] *= PAGE_SIZE;
	v[PAGEALLOC_GOAL] = goal == PGA_NONE ? U64_MAX : goal * PAGE_SIZE;
	v[PAGEALLOC_LIMIT] = limit == PAGEALLOC_NO_LIMIT ? U64_MAX :
							   limit * PAGE_SIZE;
	v[PAGEALLOC_PAGE_SIZE] = PAGE_SIZE;
	v[PAGEALLOC_GRANULE] = pool->granule * PAGE_SIZE;
}

/**
 * pga_pool_first_in_use() - find the lowest pages that clients hold
 * @pool: the pool; nothing is isolated
 * @first: set to them, as many as follow one another in a chunk
 *
 * Return: false if there are none.
 */
bool pga_pool_first_in_use(struct pagealloc_pool *pool, struct pga_extent *first)
{
	struct pga_region *region;
	struct pga_chunk chunk;
	unsigned long pfn, page, end;

	list_for_each_entry(region, &pool->regions, node) {
		for (page = region->start; page < region->grown;
		     page = ALIGN(page + 1, PGA_CHUNK_PAGES)) {
			const unsigned int bit = page % PGA_CHUNK_PAGES;

			pfn = pfn_of(pool, page);
			pga_pool_read_chunk(pool, &pfn, &chunk, NULL);
			end = min(region->grown - ALIGN_DOWN(page, PGA_CHUNK_PAGES),
				  PGA_CHUNK_PAGES);
			first->start = find_next_bit(chunk.allocated, end, bit);
			if (first->start == end)
				continue;
			first->nr = find_next_zero_bit(chunk.allocated, end,
						       first->start) - first->start;
			first->start += ALIGN_DOWN(page, PGA_CHUNK_PAGES);
			return true;
		}
	}
	return false;
}

/* Pages of [@page, @end) that the pool has grown by; the first of them. */
static unsigned long grown_in(const struct pagealloc_pool *pool,
			      unsigned long page, unsigned long end,
			      unsigned long *first)
{
	const struct pga_region *region;
	unsigned long start, stop, nr = 0;

	list_for_each_entry(region, &pool->regions, node) {
		start = max(region->start, page);
		stop = min(region->grown, end);
		if (start >= stop)
			continue;
		if (!nr)
			*first = start;
		nr += stop - start;
	}
	return nr;
}

/**
 * pga_pool_read_chunk() - copy the maps of the next chunk
 * @pool: the pool
 * @pfn: in: a pfn; out: start of the first chunk, from the one on that @pfn lies
 *	 in, that has pages the pool has grown by
 * @chunk: filled in; pages in holes read as allocated
 * @pages: set to how many of its pages the pool has grown by; may be NULL
 *
 * Return: false if there is none.
 */
bool pga_pool_read_chunk(struct pagealloc_pool *pool, unsigned long *pfn,
			 struct pga_chunk *chunk, unsigned long *pages)
{
	unsigned long flags, page, first;
	bool found;

	flags = pga_pool_lock(pool);
	page = *pfn > pool->base ?
		ALIGN_DOWN(*pfn - pool->base, PGA_CHUNK_PAGES) : 0;
	found = grown_in(pool, page, PGA_NONE, &first);
	if (found) {
		page = ALIGN_DOWN(first, PGA_CHUNK_PAGES);
		*pfn = pfn_of(pool, page);
		pga_map_read_chunk(&pool->map, pga_chunk_of(page), chunk);
		if (pages)
			*pages = grown_in(pool, page, page + PGA_CHUNK_PAGES, &first);
	}
	pga_pool_unlock(pool, flags);
	return found;
}

/**
 * pga_pool_read_spans() - copy some of the spans of an engine that has any
 * @pool: the pool
 * @pfn: from the span with this page on, or the next one
 * @list: filled in; the pages of each are counted as pfns are
 * @len: room in it, for which the lock is held
 *
 * Return: how many there were; to go on, call again with the end of the last.
 */
unsigned int pga_pool_read_spans(struct pagealloc_pool *pool, unsigned long pfn,
				 struct pga_span_state *list, unsigned int len)
{
	unsigned long flags, page;
	unsigned int nr;

	flags = pga_pool_lock(pool);
	pga_note_time(pool);
	page = pfn > pool->base ? pfn - pool->base : 0;
	for (nr = 0; nr < len; nr++) {
		if (!pga_map_next_span(&pool->map, page, &list[nr]))
			break;
		page = pga_extent_end(list[nr].pages);
		list[nr].pages.start = pfn_of(pool, list[nr].pages.start);
	}
	pga_pool_unlock(pool, flags);
	return nr;
}
PGA_EXPORT_FOR_KUNIT(pga_pool_read_spans);
