/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_H
#define PAGEALLOC_POOL_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/lockdep.h>
#include <linux/percpu-defs.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "engine/constraint.h"
#include "engine/map.h"
#include "pool/latency.h"
#include "pagealloc.h"

/*
 * Inside, pages are counted from the start of the pool's index space: page =
 * pfn - base.  The base is a multiple of the index space's size, so what is
 * aligned as a pfn is aligned as a page.
 *
 * Who protects a field:
 *
 * I: set when the object is made, constant from then on
 * L: pool->lock
 * R: the registry's mutex
 * W: written under pool->lock, may be read without it through READ_ONCE()
 */

/**
 * struct pga_region - consecutive pages of a pool
 * @node: L: in the pool's list, by address
 * @start: I: first page
 * @end: I: the page after the last
 * @grown: L: the page after the last that the pool has grown by
 * @reserved: L: the backing has reserved the range
 * @growing: L: somebody is working on the pages after @grown
 */
struct pga_region {
	struct list_head node;
	unsigned long start;
	unsigned long end;
	unsigned long grown;
	bool reserved;
	bool growing;
};

/*
 * What is done to each page of a run takes time, and interrupts are off while the
 * pool's lock is held.  So a longer run than this is dealt with in portions, that
 * end at multiples of it, each in a hold of its own.
 */
#define PGA_PORTION_PAGES	(8 * PGA_CHUNK_PAGES)

/* Where the portion with @page ends, of what ends at @end. */
static inline unsigned long pga_portion_end(unsigned long page, unsigned long end)
{
	return min(end, ALIGN(page + 1, PGA_PORTION_PAGES));
}

/**
 * struct pga_isolated - pages that nobody else may touch for now
 * @node: L: in the pool's list
 * @pages: L: which; they count as allocated in the maps
 */
struct pga_isolated {
	struct list_head node;
	struct pga_extent pages;
};

/**
 * struct pga_freeing - the free of a long run, under way
 * @iso: L: what of it has been found in use, and is not free as yet
 * @nr: L: pages of the run
 * @end: L: where the run ends, 0 if there is none
 * @keep: L: pages at its start that stay in use
 * @looking: L: what follows @iso has not been looked at
 */
struct pga_freeing {
	struct pga_isolated iso;
	unsigned long nr;
	unsigned long end;
	unsigned long keep;
	bool looking;
};

struct pga_cpu_cache;
struct pga_scavenger;
struct pga_track;

/**
 * struct pga_clock - where a pool has the time from
 * @now: nanoseconds, monotonic
 * @coarse: the same, cheaper, and some milliseconds late; under the pool's lock
 */
struct pga_clock {
	u64 (*now)(const struct pga_clock *clock);
	u64 (*coarse)(const struct pga_clock *clock);
};

/**
 * struct pagealloc_pool - a pool
 * @name: I: its name
 * @ops: I: the backing
 * @ctx: I: for the backing
 * @flags: I: from struct pagealloc_config
 * @granule: I: pages
 * @huge: I: pages of a huge page, not to be split when pages are given back
 * @pools: R: in the registry
 * @users: R: references taken by name
 * @lock: protects what is marked L; taken with interrupts off, in any context
 *	but NMI, and nothing under it allocates, sleeps or wakes anybody up
 * @map: L: the engine
 * @map_room: the memory that it is in
 * @base: W: pfn of page 0, set with the first region
 * @regions: L: struct pga_region
 * @isolated: L: struct pga_isolated
 * @nr_isolated: W: pages in them
 * @in_flight: W: calls of the backing, and growths, that will end by themselves
 * @settled: W: how many have ended
 * @settled_wq: woken up then, after @lock was dropped
 * @stat: L: the counters among enum pagealloc_stat; gauges are computed
 * @changes: L: how often the maps have changed, for the check
 * @peak: L: the most pages in use in this generation
 * @goal: L: pages to retain, PGA_NONE for all
 * @limit_goal: L: pages to retain under the limit, PGA_NONE for all
 * @over_limit: W: more was retained after the last free
 * @populate_ns: L: time that populates which succeeded have taken, nanoseconds
 * @tuning: L: when memory goes back by itself
 * @get_node: I: memory for the reserve, as kmalloc(); a test may set another one
 * @clock: I: the time; a test may set another one before it uses the pool
 * @scavenger: I: the worker, NULL if there is none
 * @cpu_caches: I: the caches of all CPUs, NULL if there are none
 * @caches: W: the same, but NULL once they must not be used any more
 * @in_need: L: requests that have drained the caches; these are not refilled
 * @free_caches: W: the same, and NULL while anything is isolated, too: then only
 *	the pool's lock tells what may be freed
 * @cpu_node: I: for being told of CPUs that are gone
 * @deferred: without lock: frees that are put off, latest first
 * @nr_deferred: without lock: pages in @deferred, @turning, @draining, @freeing
 * @turning: L: frees taken out of @deferred, latest first
 * @draining: L: frees taken out of @turning, oldest first once that is empty
 * @freeing: L: the last one taken out of @draining, if that is a long run
 * @drain_work: frees what is put off, and wakes up for those who may not sleep
 * @broken: W: the backing is not to be asked to populate any more
 * @corrupt: W: the books do not add up; the pool refuses all work
 * @damage: L: what does not, constant once @corrupt is set
 * @damage_page: L: where
 * @damage_spans: L: two discarded spans that it is about, if they have pages
 * @latency: how long things take, see there
 * @track: I: which runs clients hold, NULL if the pool is not tracked
 * @observer: R: whatever layer 5 keeps for this pool
 */
struct pagealloc_pool {
	char name[PAGEALLOC_NAME_MAX];
	const struct pagealloc_backing_ops *ops;
	void *ctx;
	unsigned int flags;
	unsigned long granule;
	unsigned long huge;

	struct list_head pools;
	unsigned int users;

	raw_spinlock_t lock;
	union {
		struct pga_map map;
		char map_room[PGA_MAP_SIZE];
	};
	unsigned long base;
	struct list_head regions;
	struct list_head isolated;
	unsigned long nr_isolated;
	unsigned int in_flight;
	unsigned long settled;
	wait_queue_head_t settled_wq;
	u64 stat[PAGEALLOC_NR_STATS];
	u64 changes;
	unsigned long peak;
	unsigned long goal;
	unsigned long limit_goal;
	bool over_limit;
	u64 populate_ns;
	struct pagealloc_tuning tuning;
	void *(*get_node)(size_t size, gfp_t gfp);
	const struct pga_clock *clock;
	struct pga_scavenger *scavenger;

	struct pga_cpu_cache __percpu *cpu_caches;
	struct pga_cpu_cache __percpu *caches;
	struct pga_cpu_cache __percpu *free_caches;
	unsigned int in_need;
	struct hlist_node cpu_node;

	struct llist_head deferred;
	atomic_long_t nr_deferred;
	struct llist_node *turning;
	struct llist_node *draining;
	struct pga_freeing freeing;
	struct work_struct drain_work;
	bool broken;
	bool corrupt;
	const char *damage;
	unsigned long damage_page;
	struct pga_extent damage_spans[2];
	struct pga_latency latency;
	struct pga_track *track;

	void *observer;
};

/* What is below the base wraps to far above all pages. */
static inline unsigned long pga_page_of(const struct pagealloc_pool *pool,
					unsigned long pfn)
{
	return pfn - READ_ONCE(pool->base);
}

/* Take the lock of a pool; what it returns goes to pga_pool_unlock(). */
static inline unsigned long pga_pool_lock(struct pagealloc_pool *pool)
	__acquires(&pool->lock)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	if (static_branch_unlikely(&pga_latency_key))
		pool->latency.locked_at = pga_latency_now(pool);
	return flags;
}

/* Let go of it. */
static inline void pga_pool_unlock(struct pagealloc_pool *pool,
				   unsigned long flags)
	__releases(&pool->lock)
{
	pga_timed_end(pool, PGA_TIMED_LOCK_HOLD, pool->latency.locked_at);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* pool.c */
const struct pga_engine_ops *pga_engine(const char *name);
struct pagealloc_pool *pga_pool_new(const struct pagealloc_config *config);
void pga_pool_delete(struct pagealloc_pool *pool);
int pga_pool_place_region(struct pagealloc_pool *pool, unsigned long pfn,
			  unsigned long nr, struct pga_region **region);
int pga_pool_reserve_region(struct pagealloc_pool *pool,
			    struct pga_region *region);
bool pga_pool_first_in_use(struct pagealloc_pool *pool,
			   struct pga_extent *first);
static inline u64 pga_now(const struct pagealloc_pool *pool)
{
	return pool->clock->now(pool->clock);
}

/* Is less left free and ready than should be? */
static inline bool pga_pool_is_low(const struct pagealloc_pool *pool)
{
	return pool->map.free - pool->map.discarded < pool->tuning.min_ready;
}

/* Tell the engine the time, if the age of chunks matters; the pool is locked. */
static inline void pga_note_time(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (pool->map.delay)
		pga_map_tell_time(&pool->map, pool->clock->coarse(pool->clock));
}

/* How many pages clients hold; the pool is locked. */
static inline unsigned long pga_in_use(const struct pagealloc_pool *pool)
{
	return pool->map.pages - pool->map.free - pool->map.parked -
	       pool->nr_isolated;
}

/* Pages have come into use; the pool is locked. */
static inline void pga_note_peak(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	pool->peak = max(pool->peak, pga_in_use(pool));
}

unsigned long pga_pool_in_use(struct pagealloc_pool *pool);
void pga_pool_stats(struct pagealloc_pool *pool, struct pagealloc_stats *stats);
void pga_pool_count(struct pagealloc_pool *pool, enum pagealloc_stat stat);
bool pga_pool_covers(const struct pagealloc_pool *pool, unsigned long page,
		     unsigned long nr);
struct pga_extent pga_pool_around(const struct pagealloc_pool *pool,
				  unsigned long page);
void pga_pool_corrupt(struct pagealloc_pool *pool, const char *what,
		      unsigned long page);
void pga_mind_damage(struct pagealloc_pool *pool);
void pga_pool_say_corrupt(const struct pagealloc_pool *pool);

/* Warn, once, if the books of a pool do not add up; it is not locked. */
static inline void pga_pool_complain(const struct pagealloc_pool *pool)
{
	/* Pairs with the store in pga_pool_corrupt(). */
	if (unlikely(smp_load_acquire(&pool->corrupt)))
		pga_pool_say_corrupt(pool);
}

void pga_pool_set_caches(struct pagealloc_pool *pool,
			 struct pga_cpu_cache __percpu *caches);
void pga_isolate(struct pagealloc_pool *pool, struct pga_isolated *iso,
		 unsigned long page);
void pga_isolate_free(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr);
void pga_isolate_held(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr);
void pga_isolate_less(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr);
void pga_isolate_end(struct pagealloc_pool *pool, struct pga_isolated *iso);
void pga_make_free(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long nr, enum pga_made made);
void pga_flight_begin(struct pagealloc_pool *pool);
void pga_flight_end(struct pagealloc_pool *pool);
void pga_flight_wake(struct pagealloc_pool *pool);
void pga_flight_wake_later(struct pagealloc_pool *pool);
int pga_populate(struct pagealloc_pool *pool, struct pga_extent pages,
		 unsigned long *done);
bool pga_pool_read_chunk(struct pagealloc_pool *pool, unsigned long *pfn,
			 struct pga_chunk *chunk, unsigned long *pages);

unsigned int pga_pool_read_spans(struct pagealloc_pool *pool, unsigned long pfn,
				 struct pga_span_state *list, unsigned int len);

/**
 * struct pga_need - what a request is for
 * @nr: pages
 * @where: where they may be, in pfns; NULL for anywhere
 * @fixed: @where leaves one place
 * @ready_first: ready pages come before lower ones
 * @may_cache: it may be placed where a cache has pages
 */
struct pga_need {
	unsigned long nr;
	const struct pga_constraint *where;
	bool fixed;
	bool ready_first;
	bool may_cache;
};

/**
 * struct pga_want - what a request that found no place knows of the pool then
 * @nr: pages wanted
 * @where: where they may be, in pfns; NULL for anywhere
 * @pages: pages the pool had
 * @settled: pool->settled
 * @in_flight: pool->in_flight
 * @to_grow: pages still to grow by
 * @grow_from: regions below this page cannot be grown now
 */
struct pga_want {
	unsigned long nr;
	const struct pga_constraint *where;
	unsigned long pages;
	unsigned long settled;
	unsigned int in_flight;
	unsigned long to_grow;
	unsigned long grow_from;
};

/* place.c */
struct pga_constraint pga_place_in_pages(const struct pagealloc_pool *pool,
					 const struct pga_constraint *pfns);
bool pga_place_is_possible(const struct pagealloc_pool *pool,
			   const struct pga_constraint *where);
unsigned long pga_place_to_grow(const struct pagealloc_pool *pool,
				const struct pga_region *region,
				const struct pga_constraint *where);
int pga_place_refused(const struct pagealloc_pool *pool,
		      const struct pga_constraint *where, unsigned long *seen);

/* grow.c */
int pga_pool_grow(struct pagealloc_pool *pool, struct pga_want *want);

/* reserve.c */
int pga_reserve_fill(struct pagealloc_pool *pool);
bool pga_reserve_is_half(const struct pagealloc_pool *pool);

/* Should somebody fill the reserve?  Any context. */
static inline bool pga_reserve_is_low(const struct pagealloc_pool *pool)
{
	return pool->map.ops->node_size && pga_reserve_is_half(pool);
}

/* request.c */

/**
 * struct pga_got - what an allocation has got
 * @pfn: first page of the run
 * @populated: pages populated for it
 * @fresh: all of the run was just populated
 * @low: less is left free and ready than should be
 */
struct pga_got {
	unsigned long pfn;
	unsigned long populated;
	bool fresh;
	bool low;
};

int pga_pool_alloc(struct pagealloc_pool *pool, const struct pga_need *need,
		   bool may_populate, struct pga_got *got);
bool pga_take_ready(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr);
int pga_pool_make_ready(struct pagealloc_pool *pool, unsigned long *from);
int pga_pool_protect(struct pagealloc_pool *pool, unsigned long pfn,
		     unsigned long nr);
void pga_note_over_limit(struct pagealloc_pool *pool);
void pga_free_word(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long owned);
int pga_free_locked(struct pagealloc_pool *pool, unsigned long page,
		    unsigned long nr);
int pga_free_short(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long nr);
bool pga_pool_is_used(const struct pagealloc_pool *pool, unsigned long page,
		      unsigned long nr);

/* free.c */
int pga_free_begin(struct pagealloc_pool *pool, struct pga_freeing *f,
		   struct pga_extent run, unsigned long keep);
int pga_free_step(struct pagealloc_pool *pool, struct pga_freeing *f);
int pga_free_long(struct pagealloc_pool *pool, struct pga_extent run,
		  unsigned long keep);

/**
 * pga_pool_free() - free pages
 * @pool: the pool
 * @pfn: first page
 * @nr: pages, at least 1
 *
 * Context: any but NMI.
 * Return: 0; -ERANGE if a page is not one the pool has grown by, -EINVAL if one
 * is free: nothing was done then; -EIO if the pool is corrupt.
 */
static inline int pga_pool_free(struct pagealloc_pool *pool, unsigned long pfn,
				unsigned long nr)
{
	struct pga_extent run;

	if (likely(nr <= PGA_PORTION_PAGES))
		return pga_free_short(pool, pfn, nr);
	run = (struct pga_extent) { pga_page_of(pool, pfn), nr };
	return pga_free_long(pool, run, 0);
}

/* bulk.c */
unsigned long pga_pool_take_pages(struct pagealloc_pool *pool,
				  enum pga_which which, unsigned long *pfns,
				  unsigned long nr, bool *low);
int pga_pool_free_pages(struct pagealloc_pool *pool, const unsigned long *pfns,
			unsigned long nr);
int pga_pool_trim(struct pagealloc_pool *pool, unsigned long pfn,
		  unsigned long old_nr, unsigned long new_nr);

/* api.c */
void pga_pool_stop(struct pagealloc_pool *pool);
void pga_pool_destroy_anyway(struct pagealloc_pool *pool);

/* check.c */
int pga_pool_check(struct pagealloc_pool *pool, struct pagealloc_mismatch *list,
		   unsigned int len);

/* registry.c */

/**
 * struct pga_observer - told of pools that come and go
 * @added: a pool can be found by its name now; returns 0 or -errno
 * @removed: a pool is about to go; drop whatever @added made
 *
 * @scavenged: memory has been given back, this many pages; the share of a CPU is
 *	       the worker's so far
 *
 * The first two are called with the registry's mutex held, the last without.
 */
struct pga_observer {
	int (*added)(struct pagealloc_pool *pool);
	void (*removed)(struct pagealloc_pool *pool);
	void (*scavenged)(struct pagealloc_pool *pool, enum pagealloc_stat cause,
			  unsigned long released, unsigned int cpu_permille);
};

void pga_registry_observe(const struct pga_observer *observer);
int pga_registry_add(struct pagealloc_pool *pool);
int pga_registry_remove(struct pagealloc_pool *pool, bool force);
struct pagealloc_pool *pga_registry_get(const char *name);
void pga_registry_put(struct pagealloc_pool *pool);
int pga_registry_add_region(struct pagealloc_pool *pool, unsigned long pfn,
			    unsigned long nr);
void pga_registry_report(void (*stop)(struct pagealloc_pool *pool));
void pga_registry_scavenged(struct pagealloc_pool *pool,
			    enum pagealloc_stat cause, unsigned long released,
			    unsigned int cpu_permille);

#endif
