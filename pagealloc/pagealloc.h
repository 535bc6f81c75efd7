/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_H
#define PAGEALLOC_H

/**
 * DOC: pagealloc
 *
 * A page allocator for memory that somebody has set aside.  A client makes a
 * pool, tells it by which backing its pages get memory and lose it, adds one or
 * more regions, and from then on allocates and frees runs of pages of any
 * length, by address-ordered first fit.  A free page either is ready, with
 * memory behind it, or discarded: its memory has been given back.  A request
 * that may sleep has discarded pages populated as it needs them; one that may
 * not gets ready pages only.
 *
 * Everything is counted in pages of PAGE_SIZE bytes and addressed by pfn; the
 * gauges of struct pagealloc_stats are in bytes.
 */

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/llist.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

struct device_node;
struct module;
struct pagealloc_pool;

/* Longest name of a pool, with the terminating NUL. */
#define PAGEALLOC_NAME_MAX	32

/*
 * Pages of the longest run that is allocated or freed where the caller may not
 * sleep.  A deferred free takes any length anywhere.
 */
#define PAGEALLOC_ATOMIC_MAX	4096UL

/* No limit, for pagealloc_tuning.limit. */
#define PAGEALLOC_NO_LIMIT	(~0UL)

/* For pagealloc_scavenge(): everything that can be discarded. */
#define PAGEALLOC_ALL		(~0UL)

/* Largest granule of a backing, in pages. */
#define PAGEALLOC_GRANULE_MAX	(1UL << 18)

/**
 * struct pagealloc_backing_ops - how the pages of a pool get memory
 * @name: name of the backing, for the log and debugfs
 * @no_memory: the pages are numbers only, so that a range may be in two pools
 * @lends: discarded memory goes to the kernel, so the pool gives memory back
 *	when the kernel runs short of it
 * @granule: smallest run that @populate and @discard are called for, in pages:
 *	a power of two, at most PAGEALLOC_GRANULE_MAX; asked once, when the pool
 *	is made.  Granules are aligned to their size in pfns.
 * @reserve: a range is about to become a region.  None to Reserved.
 * @release: the range is given up.  Any state to None.  Its pages are
 *	discarded, but for those outside whole granules.
 * @populate: put memory behind a range.  Prepared to Ready.
 * @discard: take it away again.  Ready to Prepared.
 * @protect: make any access to a free range fault; may be NULL
 * @populates_zero: whether what @populate has just provided is all zeroes; may
 *	be NULL, then it is not known to be
 * @zero: clear a range of ready pages; may be NULL, then __GFP_ZERO is refused.
 *	Called in any context but NMI, and must not sleep.
 *
 * Ranges are given as first pfn and number of pages: whole granules, or, once,
 * when a region grows, its pages outside whole granules.  A range may cross
 * from a region into an adjacent one.
 *
 * All but @zero, @populates_zero and @granule may sleep and are called without any lock held.
 * Each call is all or nothing and returns 0 or
 *
 * * -ENOMEM: there is no memory now
 * * -EBUSY: the frames are held by somebody else
 * * -EINTR: a fatal signal in the caller
 *
 * Anything else from @populate means that the backing is broken: the pool
 * calls it no more.
 */
struct pagealloc_backing_ops {
	const char *name;
	bool no_memory;
	bool lends;
	unsigned long (*granule)(void *ctx);
	int (*reserve)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	void (*release)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	int (*populate)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	int (*discard)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	int (*protect)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	bool (*populates_zero)(void *ctx);
	void (*zero)(void *ctx, unsigned long pfn, unsigned long nr_pages);
};

/* Flag of struct pagealloc_config: take ready pages before discarded ones. */
#define PAGEALLOC_READY_FIRST	0x1

/* Flag of struct pagealloc_config: no worker, memory goes back on request only. */
#define PAGEALLOC_NO_WORKER	0x2

/* Flag of struct pagealloc_config: no per-CPU caches, exact placement for all. */
#define PAGEALLOC_NO_CACHE	0x4

/*
 * Flag: know which runs clients hold, and take back nothing but one of them, as
 * it was allocated.  Costs two more bits a page.
 */
#define PAGEALLOC_TRACK		0x8

/* Flag: and by which calls they got them.  Costs four more bytes a page. */
#define PAGEALLOC_TRACK_STACKS	0x10

/**
 * struct pagealloc_config - what a pool is made from
 * @name: 1 to PAGEALLOC_NAME_MAX - 1 letters, digits, '-', '_' or '.', not
 *	beginning with a '.'; copied
 * @ops: the backing; must outlive the pool
 * @ctx: first argument of all calls in @ops
 * @flags: PAGEALLOC_READY_FIRST, PAGEALLOC_NO_WORKER, PAGEALLOC_NO_CACHE,
 *	PAGEALLOC_TRACK, PAGEALLOC_TRACK_STACKS, which implies the one before
 * @engine: how the pool keeps its books, "bitmap" or "span"; NULL is "bitmap"
 *
 * By default a run is placed at the lowest address at which it fits.  With
 * PAGEALLOC_READY_FIRST it is placed at the lowest address at which it fits
 * into ready pages, and only if it does not fit into any, at the lowest of all.
 *
 * With the engine "span" a run is placed in the shortest row of ready pages that
 * has room for it, in the shortest one of discarded pages only if there is none,
 * and at the lowest address at which it fits only if there is neither.
 *
 * Runs of up to 15 pages go through per-CPU caches, unless PAGEALLOC_NO_CACHE:
 * they are placed where pages were freed last, or ready ones are the lowest.
 */
struct pagealloc_config {
	const char *name;
	const struct pagealloc_backing_ops *ops;
	void *ctx;
	unsigned int flags;
	const char *engine;
};

struct pagealloc_pool * __must_check
pagealloc_pool_create(const struct pagealloc_config *config);
int __must_check pagealloc_pool_destroy(struct pagealloc_pool *pool);
struct pagealloc_pool * __must_check pagealloc_pool_get(const char *name);
void pagealloc_pool_put(struct pagealloc_pool *pool);

int __must_check pagealloc_add_region(struct pagealloc_pool *pool,
				      unsigned long pfn, unsigned long nr_pages);

int __must_check pagealloc_alloc(struct pagealloc_pool *pool,
				 unsigned long nr_pages, gfp_t gfp,
				 unsigned long *pfn);
int pagealloc_free(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long nr_pages);

/* Flag of struct pagealloc_request: at @low and nowhere else. */
#define PAGEALLOC_FIXED		0x1

/* Flag: at the lowest address, ready or not, whatever the pool's rule. */
#define PAGEALLOC_LOWEST	0x2

/* Flag: in ready pages if it fits into any, whatever the pool's rule. */
#define PAGEALLOC_PREFER_READY	0x4

/* Flag: in the shortest free run that will do; the engine "span" has that. */
#define PAGEALLOC_BEST_FIT	0x8

/**
 * struct pagealloc_request - a run that may not be just anywhere
 * @nr_pages: length of the run, in pages
 * @align: a power of two that the first pfn is to be a multiple of; 0 is 1
 * @boundary: a power of two, at least @nr_pages, of which the run crosses no
 *	multiple: its pfns are the same when divided by it; 0: none
 * @low: no page of the run is below this pfn; with PAGEALLOC_FIXED the first page
 * @high: all pages of the run are below this pfn; 0: no limit
 * @flags: PAGEALLOC_FIXED, PAGEALLOC_LOWEST or PAGEALLOC_PREFER_READY
 *
 * What is 0 does not matter.  All that is not, matters, also together with
 * PAGEALLOC_FIXED.
 */
struct pagealloc_request {
	unsigned long nr_pages;
	unsigned long align;
	unsigned long boundary;
	unsigned long low;
	unsigned long high;
	unsigned int flags;
};

int __must_check pagealloc_alloc_range(struct pagealloc_pool *pool,
				       const struct pagealloc_request *request,
				       gfp_t gfp, unsigned long *pfn);
int __must_check pagealloc_alloc_bulk(struct pagealloc_pool *pool,
				      unsigned long nr_pages, gfp_t gfp,
				      unsigned long *pfns);
int pagealloc_free_bulk(struct pagealloc_pool *pool, unsigned long nr_pages,
			const unsigned long *pfns);
int pagealloc_trim(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long old_nr, unsigned long new_nr);

int __must_check pagealloc_scavenge(struct pagealloc_pool *pool,
				    unsigned long nr_pages,
				    unsigned long *released);

int __must_check pagealloc_protect(struct pagealloc_pool *pool,
				   unsigned long pfn, unsigned long nr_pages);

/**
 * struct pagealloc_tuning - when a pool gives memory back by itself
 * @generation_ms: length of a generation, milliseconds, 1 to an hour.  What is
 *	ready beyond 1.1 times the most that was in use in the last one is given
 *	back.
 * @delay_ms: a chunk that pages were freed in less than so long ago is left
 *	alone, milliseconds, up to an hour
 * @cpu_percent: share of one CPU that the worker may take, 1 to 100
 * @limit: the pool gives back at once what it retains beyond 95 % of this, in
 *	pages; PAGEALLOC_NO_LIMIT
 * @min_ready: pages that the worker keeps free and ready, for requests that may
 *	not sleep
 */
struct pagealloc_tuning {
	unsigned int generation_ms;
	unsigned int delay_ms;
	unsigned int cpu_percent;
	unsigned long limit;
	unsigned long min_ready;
};

void pagealloc_get_tuning(struct pagealloc_pool *pool,
			  struct pagealloc_tuning *tuning);
int __must_check pagealloc_set_tuning(struct pagealloc_pool *pool,
				      const struct pagealloc_tuning *tuning);

/**
 * struct pagealloc_deferred - a free that is put off
 * @node: for the queue
 * @pfn: first page
 * @nr_pages: pages
 *
 * The caller's memory, and the pool's from pagealloc_free_deferred() until the
 * pages are free; it may lie in the very pages.
 */
struct pagealloc_deferred {
	struct llist_node node;
	unsigned long pfn;
	unsigned long nr_pages;
};

int pagealloc_free_deferred(struct pagealloc_pool *pool,
			    struct pagealloc_deferred *deferred,
			    unsigned long pfn, unsigned long nr_pages);
void pagealloc_drain(struct pagealloc_pool *pool);

/**
 * enum pagealloc_stat - the figures of a pool
 * @PAGEALLOC_PAGE_SIZE: bytes in a page
 * @PAGEALLOC_GRANULE: bytes in a granule
 * @PAGEALLOC_SYS: bytes in all regions
 * @PAGEALLOC_GROWN: bytes the pool has grown by; the rest is only reserved
 * @PAGEALLOC_IN_USE: bytes that clients hold
 * @PAGEALLOC_IDLE: bytes that are free, ready or discarded, and in no cache
 * @PAGEALLOC_RETAINED: bytes with memory behind them: grown less released
 * @PAGEALLOC_RELEASED: bytes that are discarded
 * @PAGEALLOC_CACHED: bytes that are free, and in the caches of CPUs
 * @PAGEALLOC_PARKED: bytes that are free, but cannot be had before there is memory
 *	for the engine's books
 * @PAGEALLOC_DEFERRED: bytes in use that are queued to be freed
 * @PAGEALLOC_IN_TRANSITION: bytes on their way from discarded to ready or back, or
 *	of long runs from free to in use or back
 * @PAGEALLOC_LARGEST_FREE_RUN: bytes in the longest run of free pages
 * @PAGEALLOC_FRAGMENTATION: 1 - largest_free_run / idle, in thousandths
 * @PAGEALLOC_GOAL: bytes that the worker wants the pool to retain at most; all
 *	ones if it does not care
 * @PAGEALLOC_LIMIT: bytes beyond 95 % of which memory goes back at once; all
 *	ones if there is no limit
 * @PAGEALLOC_METADATA: bytes of the maps and summaries, and of tracking
 * @PAGEALLOC_NR_GAUGES: the ones above are gauges, those below count up
 * @PAGEALLOC_ALLOC: allocations that succeeded
 * @PAGEALLOC_ALLOC_FAIL: those that did not, atomic or not
 * @PAGEALLOC_ATOMIC_FAIL: those of them that were not allowed to populate
 * @PAGEALLOC_FREE: calls of pagealloc_free() that succeeded
 * @PAGEALLOC_BAD_REQUEST: allocations refused for their arguments
 * @PAGEALLOC_BAD_FREE: frees refused: nothing, not in the pool, or in a hole
 * @PAGEALLOC_DOUBLE_FREE: frees refused: a page of the run was free; and pages
 *	that the caches of two CPUs had
 * @PAGEALLOC_BAD_TRANSITION: ranges refused because they were not in the state
 *	that the call takes: to protect what is not discarded, to add what is in a
 *	region
 * @PAGEALLOC_GROW: times the pool grew
 * @PAGEALLOC_POPULATE: populate calls that succeeded
 * @PAGEALLOC_POPULATE_PAGES: pages they populated
 * @PAGEALLOC_POPULATE_FAIL_NOMEM: populate calls that returned -ENOMEM
 * @PAGEALLOC_POPULATE_FAIL_BUSY: -EBUSY
 * @PAGEALLOC_POPULATE_FAIL_INTR: -EINTR
 * @PAGEALLOC_POPULATE_FAIL_BROKEN: anything else
 * @PAGEALLOC_DISCARD: discard calls that succeeded
 * @PAGEALLOC_DISCARD_PAGES: pages they discarded
 * @PAGEALLOC_DISCARD_FAIL: discard calls that failed
 * @PAGEALLOC_SCAVENGED_BACKGROUND: bytes released by the worker, for the goal
 * @PAGEALLOC_SCAVENGED_GROWTH: bytes released by a request that populated
 *	others, for the goal
 * @PAGEALLOC_SCAVENGED_LIMIT: bytes released for the limit
 * @PAGEALLOC_SCAVENGED_PRESSURE: bytes released for a kernel short of memory
 * @PAGEALLOC_SCAVENGED_REQUEST: bytes released because somebody asked
 * @PAGEALLOC_GENERATIONS: generations that have ended
 * @PAGEALLOC_DEFERRED_SERVED: allocations served from the queue of frees
 * @PAGEALLOC_CACHE_ALLOC: allocations served from the caches of CPUs
 * @PAGEALLOC_CACHE_FREE: frees that went into them
 * @PAGEALLOC_CACHE_REFILL: times a cache took pages out of the maps, or found none
 * @PAGEALLOC_CACHE_FLUSH: times a cache put pages back
 * @PAGEALLOC_WRONG_LENGTH: frees refused: pages that clients hold, but not just
 *	one run; tracked pools only
 * @PAGEALLOC_OWNER_LOST: allocations whose stack could not be kept
 * @PAGEALLOC_NR_STATS: how many there are
 */
enum pagealloc_stat {
	PAGEALLOC_PAGE_SIZE,
	PAGEALLOC_GRANULE,
	PAGEALLOC_SYS,
	PAGEALLOC_GROWN,
	PAGEALLOC_IN_USE,
	PAGEALLOC_IDLE,
	PAGEALLOC_RETAINED,
	PAGEALLOC_RELEASED,
	PAGEALLOC_CACHED,
	PAGEALLOC_PARKED,
	PAGEALLOC_DEFERRED,
	PAGEALLOC_IN_TRANSITION,
	PAGEALLOC_LARGEST_FREE_RUN,
	PAGEALLOC_FRAGMENTATION,
	PAGEALLOC_GOAL,
	PAGEALLOC_LIMIT,
	PAGEALLOC_METADATA,
	PAGEALLOC_NR_GAUGES,
	PAGEALLOC_ALLOC = PAGEALLOC_NR_GAUGES,
	PAGEALLOC_ALLOC_FAIL,
	PAGEALLOC_ATOMIC_FAIL,
	PAGEALLOC_FREE,
	PAGEALLOC_BAD_REQUEST,
	PAGEALLOC_BAD_FREE,
	PAGEALLOC_DOUBLE_FREE,
	PAGEALLOC_BAD_TRANSITION,
	PAGEALLOC_GROW,
	PAGEALLOC_POPULATE,
	PAGEALLOC_POPULATE_PAGES,
	PAGEALLOC_POPULATE_FAIL_NOMEM,
	PAGEALLOC_POPULATE_FAIL_BUSY,
	PAGEALLOC_POPULATE_FAIL_INTR,
	PAGEALLOC_POPULATE_FAIL_BROKEN,
	PAGEALLOC_DISCARD,
	PAGEALLOC_DISCARD_PAGES,
	PAGEALLOC_DISCARD_FAIL,
	PAGEALLOC_SCAVENGED_BACKGROUND,
	PAGEALLOC_SCAVENGED_GROWTH,
	PAGEALLOC_SCAVENGED_LIMIT,
	PAGEALLOC_SCAVENGED_PRESSURE,
	PAGEALLOC_SCAVENGED_REQUEST,
	PAGEALLOC_GENERATIONS,
	PAGEALLOC_DEFERRED_SERVED,
	PAGEALLOC_CACHE_ALLOC,
	PAGEALLOC_CACHE_FREE,
	PAGEALLOC_CACHE_REFILL,
	PAGEALLOC_CACHE_FLUSH,
	PAGEALLOC_WRONG_LENGTH,
	PAGEALLOC_OWNER_LOST,
	PAGEALLOC_NR_STATS,
};

/**
 * struct pagealloc_stats - all figures of a pool at one moment
 * @value: one for each &enum pagealloc_stat
 */
struct pagealloc_stats {
	u64 value[PAGEALLOC_NR_STATS];
};

void pagealloc_stats(struct pagealloc_pool *pool, struct pagealloc_stats *stats);
const char *pagealloc_stat_name(enum pagealloc_stat stat);

/**
 * struct pagealloc_mismatch - something that pagealloc_check() found wrong
 * @what: which figure, map, rule or part of a summary
 * @level: level of the summary, -1 if it is not about one
 * @pfn: where; 0 for a figure of the whole pool
 * @got: what the pool says
 * @want: what a recount says
 */
struct pagealloc_mismatch {
	const char *what;
	int level;
	unsigned long pfn;
	u64 got;
	u64 want;
};

int __must_check pagealloc_check(struct pagealloc_pool *pool,
				 struct pagealloc_mismatch *list,
				 unsigned int len);

/**
 * struct pagealloc_sim - the "sim" backing: pages without memory
 * @granule_pages: granule, 0 is 1
 * @fail_populate: countdown; the populate call that takes it to 0 fails, as do
 *	the @fail_times - 1 after it.  0: none fails.
 * @fail_discard: the same for discard
 * @fail_times: how many calls fail, 0 is 1
 * @fail_errno: what they return, negative; 0 is -ENOMEM
 * @delay_ms: how long a populate sleeps first, milliseconds.  A fatal signal
 *	ends the sleep and the call with -EINTR.
 * @populates: successful populate calls
 * @discards: successful discard calls
 * @ready_pages: pages populated less pages discarded and released
 * @lock: protects all fields of this structure against calls in flight
 *
 * Belongs to the client and must outlive the pool.  Initialise with
 * pagealloc_sim_init() and pass as ctx with &pagealloc_sim_ops.  Take @lock to
 * change a field once the pool is in use.
 */
struct pagealloc_sim {
	unsigned long granule_pages;
	unsigned long fail_populate;
	unsigned long fail_discard;
	unsigned long fail_times;
	int fail_errno;
	unsigned int delay_ms;
	unsigned long populates;
	unsigned long discards;
	long ready_pages;
	spinlock_t lock;
};

extern const struct pagealloc_backing_ops pagealloc_sim_ops;
void pagealloc_sim_init(struct pagealloc_sim *sim, unsigned long granule_pages);

struct pagealloc_loan;

extern const struct pagealloc_backing_ops pagealloc_loan_ops;
struct pagealloc_loan * __must_check
pagealloc_loan_open(unsigned long nr_pages, unsigned long pfn);
void pagealloc_loan_close(struct pagealloc_loan *loan);
unsigned long pagealloc_loan_pfn(const struct pagealloc_loan *loan);
unsigned long pagealloc_loan_pages(const struct pagealloc_loan *loan);

/* For pagealloc_loan_open(): take any range that can be had. */
#define PAGEALLOC_ANY_PFN	(~0UL)

/**
 * struct pagealloc_carveout_hooks - what a platform does about discarded memory
 * @discard: take the memory of ready pages away; the kernel does not touch it
 *	until it has been populated
 * @populate: bring it back
 * @populates_zero: what @populate brings is all zeroes
 *
 * Both may sleep, get whole granules (@populate also, when a region grows, pages
 * outside of them), are all or nothing and return what &struct
 * pagealloc_backing_ops asks for.  @populate comes first: for pages that a pool
 * uses for the first time there was no @discard.  Discarded pages of a pool that
 * ends stay with the platform.
 */
struct pagealloc_carveout_hooks {
	int (*discard)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	int (*populate)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	bool populates_zero;
};

/* Flag of struct pagealloc_carveout_config: every page has a struct page. */
#define PAGEALLOC_CARVEOUT_PAGES	0x1

/*
 * Flag: discarded pages are mapped uncached.  Refused where that cannot be: on
 * x86 with PAT for anything but System RAM, on other architectures always.
 */
#define PAGEALLOC_CARVEOUT_UNCACHED	0x2

/* Flag: discarded pages stay mapped, even if the kernel lets us unmap them. */
#define PAGEALLOC_CARVEOUT_MAPPED	0x4

/* Flag: the client has the range in /proc/iomem already. */
#define PAGEALLOC_CARVEOUT_CLAIMED	0x8

/* Flag: it is System RAM that was reserved for the client. */
#define PAGEALLOC_CARVEOUT_RAM		0x10

/**
 * struct pagealloc_carveout_config - a range that was set aside
 * @base: physical address of its first page
 * @size: bytes, whole pages
 * @reserve_mem: instead of @base and @size: the name that reserve_mem= gave it
 * @node: instead of these: a child of /reserved-memory, or a node whose
 *	memory-region is one
 * @granule: pages that are populated and discarded together, a power of two up
 *	to PAGEALLOC_GRANULE_MAX; 0 is 1
 * @flags: PAGEALLOC_CARVEOUT_ and so on
 * @hooks: the platform's, or NULL; must outlive the carve-out
 * @hooks_ctx: first argument of @hooks
 *
 * Without @hooks discarded memory is poisoned, and looked at when it is populated
 * again; or it is unmapped, on a kernel that exports what that takes.
 */
struct pagealloc_carveout_config {
	phys_addr_t base;
	u64 size;
	const char *reserve_mem;
	struct device_node *node;
	unsigned long granule;
	unsigned int flags;
	const struct pagealloc_carveout_hooks *hooks;
	void *hooks_ctx;
};

struct pagealloc_carveout;

extern const struct pagealloc_backing_ops pagealloc_carveout_ops;
struct pagealloc_carveout * __must_check
pagealloc_carveout_open(const struct pagealloc_carveout_config *config);
void pagealloc_carveout_close(struct pagealloc_carveout *carveout);
unsigned long pagealloc_carveout_pfn(const struct pagealloc_carveout *carveout);
unsigned long pagealloc_carveout_pages(const struct pagealloc_carveout *carveout);
void *pagealloc_carveout_virt(const struct pagealloc_carveout *carveout,
			      unsigned long pfn);
unsigned long
pagealloc_carveout_strays(const struct pagealloc_carveout *carveout);

#endif
