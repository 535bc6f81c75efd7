/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_STATE_H
#define PAGEALLOC_POOL_STATE_H

/*
 * pool/ is one pool under one lock; this file is its ground floor: the fields of
 * a pool, the lock, and the figures that every other file needs.
 *
 *	state, calls, isolation, held, flight, region, place, retired
 *							what a pool is made of
 *	latency, track, reserve, populate		what it uses
 *	free, scavenge, check, claim, ready, protect	operations on pages
 *	grow, request, bulk				allocations
 *	registry, cpu_cache, deferred, scavenger, pressure
 *							work for a pool as a whole
 *	stats, dispatch, life				the entries for api/
 *
 * Inside a pool pages are counted from the start of its index space: page =
 * pfn - base.  The base is a multiple of the size of the index space, so what is
 * aligned as a pfn is aligned as a page.
 */

#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/percpu-defs.h>
#include <linux/percpu-refcount.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "engine/map.h"
#include "pool/backoff.h"
#include "pool/latency.h"
#include "pagealloc.h"

/*
 * The most pages that change hands in one critical section: interrupts are off
 * meanwhile.  A longer run is handled in portions, which end at multiples of this.
 */
#define PGA_PORTION_PAGES	PAGEALLOC_ATOMIC_MAX

static_assert(PGA_PORTION_PAGES % PGA_CHUNK_PAGES == 0);

/* The end of the portion with @page, of a range that ends at @end. */
static inline unsigned long pga_portion_end(unsigned long page, unsigned long end)
{
	return min(end, ALIGN(page + 1, PGA_PORTION_PAGES));
}

/* Counters of isolated pages, by chunk; a pool of 1 GiB has 512 chunks. */
#define PGA_ISOLATED_IN		256

struct pga_cpu_cache;
struct pga_retired;
struct pga_scavenger;
struct pga_track;
struct shrinker;

/**
 * struct pga_clock - the source of a pool's time
 * @now: nanoseconds, monotonic
 * @coarse: the same at the cost of a load, some milliseconds late
 * @runtime: CPU time of the calling thread, nanoseconds; may sleep; NULL: as @now
 */
struct pga_clock {
	u64 (*now)(const struct pga_clock *clock);
	u64 (*coarse)(const struct pga_clock *clock);
	u64 (*runtime)(const struct pga_clock *clock);
};

/*
 * Who protects a field:
 *
 * I: set when the object is made, constant from then on
 * L: pool->lock
 * R: the registry's mutex
 * W: written under pool->lock, read without it through READ_ONCE()
 */

/**
 * struct pagealloc_pool - a pool
 * @name: I: its name
 * @ops: I: the backing
 * @ctx: I: for the backing
 * @flags: I: from struct pagealloc_config
 * @dev: I: likewise; the pool has a reference
 * @node: I: likewise
 * @granule: I: pages
 * @has_pages: I: each page has a page struct as long as it is ready
 * @may_pin: I: and the backing says that it may be pinned for long
 * @huge: I: pages of a huge page, which a discard does not split
 * @pools: R: in the registry
 * @users: R: references taken by name
 * @hidden: R: it may end, and cannot be found by name
 * @calls: the calls that are under way, see calls.c
 * @calls_ended: when the last one has ended, of a pool that ends
 * @lock: protects what is marked L.  Taken with interrupts off, in any context
 *	but NMI; nothing allocates, sleeps or wakes a task under it.
 * @map: L: the engine
 * @map_room: the memory that it is in
 * @base: W: pfn of page 0, set with the first region
 * @nid: W: the node that all regions are on, or NUMA_NO_NODE
 * @zone: L: the zone that all regions are in, or PAGEALLOC_NO_ZONE
 * @shrinker: I: registered if the backing lends memory
 * @regions: L: struct pga_region, by address
 * @room: L: those that can grow, by address
 * @rows: L: the first ones of rows, by address
 * @has_virt: W: all regions, of which there are some, have an address; the first one
 *	decides that if the backing cannot zero
 * @has_node: L: @nid and @zone are those of a region
 * @sys: L: pages of all regions
 * @reserved: L: pages that the pool can grow by
 * @isolated: L: struct pga_isolated, by address
 * @nr_isolated: W: pages in them, held granules and retired pages among these
 * @held: L: struct pga_held, by address
 * @nr_records: W: how many there are in it
 * @held_due: L: those that are held, by the time when they are due
 * @refused_due: L: those whose discard was refused, likewise
 * @nr_held: W: pages of held granules
 * @failures: L: how often a populate or a discard of a granule has failed
 * @looks: I: pages can be found to be unfit, see retired.c; false when the pool ends
 * @is_bad: I: returns which of some pages are bad, instead of their page structs; tests
 *	set it.  Called in any context, with the lock held or not.
 * @is_referred: I: likewise, which of some pages somebody else refers to; only with
 *	@is_bad
 * @retired: L: struct pga_retired, by address
 * @nr_retired: W: pages in them
 * @nr_referred: W: pages in them that somebody still refers to
 * @nr_lost: L: pages in them that have no memory of the pool's
 * @nr_stuck: L: pages that have memory and cannot be discarded: retired ones, and the
 *	other pages of their granules
 * @spares: L: records for pages to be retired
 * @nr_spares: W: how many these are
 * @unnamed: W: records of pages that the log has not named yet
 * @in_flight: W: operations that will end by themselves, see flight.c
 * @settled: W: how many of them have ended
 * @settled_wq: woken up then, after @lock was dropped
 * @stat: L: the counters among enum pagealloc_stat; gauges are computed
 * @alloc_pages: L: pages of all allocations but those from caches
 * @fail_pages: L: pages of all allocations that failed
 * @changes: L: grows with each change of the maps, for the check
 * @claimed: L: pages of runs that are claimed and not yet in use
 * @peak: L: the most pages in use in this generation
 * @goal: L: pages to retain, PGA_NONE for all
 * @limit_goal: L: pages to retain under the limit, PGA_NONE for all
 * @over_limit: W: more than that was retained after the last free
 * @populate_ns: L: nanoseconds that successful populates have taken
 * @tuning: L: when memory goes back by itself
 * @floor: L: when requests may populate for the floor again
 * @get_node: I: allocates a node of the reserve, as kmalloc(); tests set another
 * @clock: I: the time; tests set another one before they use the pool
 * @locked_at: L: when @lock was taken, for the histograms; 0: not known
 * @scavenger: I: the worker, NULL if there is none
 * @cpu_caches: I: the caches of all CPUs, NULL if there are none
 * @caches: W: the same, but NULL once the pool is corrupt or ends
 * @free_caches: W: @caches, but NULL while pages are isolated: then @isolated_in tells
 *	whether a page may be freed to a cache
 * @isolated_in: W: isolated pages by chunk, the chunks' numbers modulo its length
 * @no_refill: L: requests that keep the caches from being refilled
 * @drain_from: L: the first cache to be drained for the next request that may not sleep
 * @cpu_node: I: for the callback when a CPU has gone
 * @deferred: deferred frees, latest first; without a lock
 * @nr_deferred: pages in @deferred, @turning and @draining, and in a run that is
 *	being drained; without a lock
 * @turning: L: entries taken out of @deferred, latest first
 * @draining: L: entries taken out of @turning, oldest first
 * @drain_mutex: serialises the drains that may sleep
 * @drained: W: pages taken out of the queue so far
 * @drain_work: drains
 * @broken: W: the backing has failed; it populates no more
 * @corrupt: W: the books do not add up; the pool refuses all work
 * @damage: L: what does not add up, constant once @corrupt is set
 * @damage_page: L: where
 * @damage_spans: L: the two discarded spans it is about, if they have pages
 * @latency: histograms of how long operations take
 * @track: I: the runs that clients hold, NULL if the pool is not tracked
 * @observer: R: data of the observer, see registry.h
 */
struct pagealloc_pool {
	char name[PAGEALLOC_NAME_MAX];
	const struct pagealloc_backing_ops *ops;
	void *ctx;
	unsigned int flags;
	struct device *dev;
	struct device_node *node;
	unsigned long granule;
	bool has_pages;
	bool may_pin;
	unsigned long huge;

	struct list_head pools;
	unsigned int users;
	bool hidden;
	struct percpu_ref calls;
	struct completion calls_ended;

	/* What each critical section touches: two cache lines, see the assertions below. */
	raw_spinlock_t lock ____cacheline_aligned;
	unsigned int no_refill;
	u64 changes;
	unsigned long peak;
	unsigned long nr_isolated;
	unsigned long limit_goal;
	bool over_limit;
	bool corrupt;
	bool looks;
	union {
		struct pga_map map;
		char map_room[PGA_MAP_SIZE];
	};

	unsigned long base;
	int nid;
	int zone;
	struct shrinker *shrinker;
	struct rb_root regions;
	struct rb_root room;
	struct rb_root rows;
	bool has_virt;
	bool has_node;
	unsigned long sys;
	unsigned long reserved;
	struct rb_root isolated;
	struct rb_root held;
	unsigned long nr_records;
	struct rb_root_cached held_due;
	struct rb_root_cached refused_due;
	unsigned long nr_held;
	u64 failures;
	u64 (*is_bad)(const struct pagealloc_pool *pool, unsigned long pfn, u64 mask);
	u64 (*is_referred)(const struct pagealloc_pool *pool, unsigned long pfn, u64 mask);
	struct rb_root retired;
	unsigned long nr_retired;
	unsigned long nr_referred;
	unsigned long nr_lost;
	unsigned long nr_stuck;
	struct pga_retired *spares;
	unsigned int nr_spares;
	struct pga_retired *unnamed;
	unsigned int in_flight;
	unsigned long settled;
	wait_queue_head_t settled_wq;
	u64 stat[PAGEALLOC_NR_STATS];
	u64 alloc_pages;
	u64 fail_pages;
	unsigned long claimed;
	unsigned long goal;
	u64 populate_ns;
	struct pagealloc_tuning tuning;
	struct pga_backoff floor;
	void *(*get_node)(size_t size, gfp_t gfp);
	const struct pga_clock *clock;
	u64 locked_at;
	struct pga_scavenger *scavenger;

	struct pga_cpu_cache __percpu *cpu_caches;
	struct pga_cpu_cache __percpu *caches;
	struct pga_cpu_cache __percpu *free_caches;
	unsigned int isolated_in[PGA_ISOLATED_IN];
	unsigned int drain_from;
	struct hlist_node cpu_node;

	struct llist_head deferred;
	atomic_long_t nr_deferred;
	struct llist_node *turning;
	struct llist_node *draining;
	struct mutex drain_mutex;
	unsigned long drained;
	struct work_struct drain_work;
	bool broken;
	const char *damage;
	unsigned long damage_page;
	struct pga_extent damage_spans[2];
	struct pga_latency latency;
	struct pga_track *track;

	void *observer;
};

/*
 * The lock and the fields around it are in one cache line, the counters of the engine and
 * what else it writes at each change in another one (PGA_MAP_HOT).  A lock that is
 * debugged is larger.
 */
#define PGA_POOL_AT(field) \
	(offsetof(struct pagealloc_pool, field) - offsetof(struct pagealloc_pool, lock))

static_assert(sizeof(raw_spinlock_t) > sizeof(u32) ||
	      PGA_POOL_AT(looks) < 64);
static_assert(sizeof(raw_spinlock_t) > sizeof(u32) ||
	      (PGA_POOL_AT(map) + PGA_MAP_HOT) % 64 == 0);

/* The page of a pfn; a pfn below the base becomes a page far above all others. */
static inline unsigned long pga_page_of(const struct pagealloc_pool *pool,
					unsigned long pfn)
{
	return pfn - READ_ONCE(pool->base);
}

/* The pfn of a page. */
static inline unsigned long pga_pfn_of(const struct pagealloc_pool *pool,
				       unsigned long page)
{
	return pool->base + page;
}

/* The time in nanoseconds. */
static inline u64 pga_now(const struct pagealloc_pool *pool)
{
	return pool->clock->now(pool->clock);
}

/* The CPU time of the calling thread in nanoseconds; may sleep. */
static inline u64 pga_runtime(const struct pagealloc_pool *pool)
{
	return pool->clock->runtime ? pool->clock->runtime(pool->clock) : pga_now(pool);
}

/* Start a measurement; the result goes to pga_timed_end(). */
static inline u64 pga_timed_begin(const struct pagealloc_pool *pool)
{
	if (static_branch_unlikely(&pga_latency_key) &&
	    READ_ONCE(pool->latency.on))
		return pga_now(pool);
	return 0;
}

/* End a measurement. */
static inline void pga_timed_end(struct pagealloc_pool *pool,
				 enum pga_timed what, u64 start)
{
	if (static_branch_unlikely(&pga_latency_key) && start)
		pga_latency_count(&pool->latency, what, start, pga_now(pool));
}

/* Take the lock of a pool; the result goes to pga_pool_unlock(). */
static inline unsigned long pga_pool_lock(struct pagealloc_pool *pool)
	__acquires(&pool->lock)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	if (static_branch_unlikely(&pga_latency_key))
		pool->locked_at = pga_timed_begin(pool);
	return flags;
}

/* Drop the lock of a pool. */
static inline void pga_pool_unlock(struct pagealloc_pool *pool,
				   unsigned long flags)
	__releases(&pool->lock)
{
	pga_timed_end(pool, PGA_TIMED_LOCK_HOLD, pool->locked_at);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* Is less memory free and ready than the floor asks for? */
static inline bool pga_pool_is_low(const struct pagealloc_pool *pool)
{
	return pool->map.free - pool->map.discarded < pool->tuning.min_ready;
}

/* Tell the engine the time, if it cares for the age of free pages. */
static inline void pga_update_time(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (pool->map.delay)
		pga_map_tell_time(&pool->map, pool->clock->coarse(pool->clock));
}

/* Pages that clients and caches hold; the pool is locked. */
static inline unsigned long pga_in_use(const struct pagealloc_pool *pool)
{
	return pool->map.pages - pool->map.free - pool->map.parked -
	       pool->nr_isolated;
}

/* Pages that may still be allocated under the maximum; the pool is locked. */
static inline unsigned long pga_room(const struct pagealloc_pool *pool)
{
	const unsigned long used = pga_in_use(pool) + pool->claimed;

	if (!pool->tuning.max)
		return PGA_NONE;
	return pool->tuning.max > used ? pool->tuning.max - used : 0;
}

/* Pages that have memory behind them, or are about to get it; the pool is locked. */
static inline unsigned long pga_retained(const struct pagealloc_pool *pool)
{
	return pool->map.pages - pool->map.discarded - pool->nr_held - pool->nr_lost;
}

/* Those of them that count in goals: a discard could be of use. */
static inline unsigned long pga_retained_for_goal(const struct pagealloc_pool *pool)
{
	return pga_retained(pool) - pool->nr_stuck;
}

/* Raise the peak after an allocation. */
static inline void pga_update_peak(struct pagealloc_pool *pool)
{
	const unsigned long in_use = pga_in_use(pool);

	lockdep_assert_held(&pool->lock);
	if (pool->peak < in_use)
		pool->peak = in_use;
}

/* Find out after a free whether more is retained than the limit allows. */
static inline void pga_update_over_limit(struct pagealloc_pool *pool)
{
	const bool over = pga_retained_for_goal(pool) > pool->limit_goal;

	lockdep_assert_held(&pool->lock);
	if (unlikely(over != pool->over_limit))
		WRITE_ONCE(pool->over_limit, over);
}

/**
 * pga_pool_set_caches() - set which caches allocations and frees use
 * @pool: the pool, locked unless it is being made
 * @caches: the caches, NULL for none
 */
static inline void pga_pool_set_caches(struct pagealloc_pool *pool,
				       struct pga_cpu_cache __percpu *caches)
{
	WRITE_ONCE(pool->caches, caches);
	WRITE_ONCE(pool->free_caches, pool->nr_isolated ? NULL : caches);
}

/* Can the pages of the pool be zeroed?  A later region may change that. */
static inline bool pga_can_zero(const struct pagealloc_pool *pool)
{
	return pool->ops->zero || READ_ONCE(pool->has_virt);
}

int pga_backing_broken(struct pagealloc_pool *pool, const char *what, int ret);
void pga_pool_count(struct pagealloc_pool *pool, enum pagealloc_stat stat);
void pga_pool_set_corrupt(struct pagealloc_pool *pool, const char *what,
			  unsigned long page);
void pga_pool_set_damage(struct pagealloc_pool *pool);
void pga_warn_corrupt(const struct pagealloc_pool *pool);

/* What a function of the backing has returned, as 0 or an errno. */
static inline int pga_backing_error(struct pagealloc_pool *pool, const char *what,
				    int ret)
{
	return unlikely(ret > 0) ? pga_backing_broken(pool, what, ret) : ret;
}

/* Mark the pool as corrupt if the engine has found damage; discarded pages came back. */
static inline void pga_check_damage(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (unlikely(pool->map.damage[0].nr))
		pga_pool_set_damage(pool);
}

/* Warn, once, if the pool is corrupt; it is not locked. */
static inline void pga_report_corruption(const struct pagealloc_pool *pool)
{
	/* Pairs with the store in pga_pool_set_corrupt(). */
	if (unlikely(smp_load_acquire(&pool->corrupt)))
		pga_warn_corrupt(pool);
}

#endif
