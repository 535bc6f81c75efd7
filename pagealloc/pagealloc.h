/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_H
#define PAGEALLOC_H

/**
 * DOC: pagealloc
 *
 * A page allocator for memory that is reserved, or borrowed from the kernel.  A
 * client creates a pool on a backing and adds one or more regions.  From then on
 * it allocates and frees runs of pages of any length, by address-ordered first
 * fit.
 *
 * A free page is either ready, which means that memory is behind it, or
 * discarded, which means that the backing has taken the memory away.  A request
 * that may sleep populates the discarded pages it needs.  A request that may not
 * sleep gets ready pages only.
 *
 * Lengths are in pages of PAGE_SIZE bytes and addresses are pfns.  The gauges of
 * struct pagealloc_stats are in bytes.
 */

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/llist.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

struct device;
struct device_node;
struct module;
struct page;
struct pagealloc_pool;

/* The version of all modules; scripts/install.sh reads it here. */
#define PAGEALLOC_VERSION	"0.1.0"

/* Longest name of a pool, with the terminating NUL. */
#define PAGEALLOC_NAME_MAX	32

/*
 * Pages of the longest run that is allocated or freed where the caller may not
 * sleep.  A deferred free takes any length anywhere.
 */
#define PAGEALLOC_ATOMIC_MAX	4096UL

/* No limit, for pagealloc_tuning.limit. */
#define PAGEALLOC_NO_LIMIT	(~0UL)

/* For pagealloc_scavenge(): all pages that can be discarded. */
#define PAGEALLOC_ALL		(~0UL)

/* Largest granule of a backing, in pages. */
#define PAGEALLOC_GRANULE_MAX	(1UL << 18)

/**
 * struct pagealloc_backing_ops - how the pages of a pool get and lose memory
 * @name: name of the backing, for the log and debugfs
 * @owner: THIS_MODULE.  The module stays loaded while others have a reference to a pool
 *	by its name, though not on account of the pool itself, which the module destroys
 *	when it goes.  NULL if the functions never go
 * @no_memory: the pages are only numbers, so two pools may have the same range
 * @stays: memory is behind the pages at all times.  A region is ready as soon as it is
 *	added, also for requests that may not sleep, and nothing is ever discarded.
 *	@populate and @discard are not called, and may be NULL
 * @lends: discarded memory belongs to the kernel, so the pool scavenges when the
 *	kernel runs short of memory
 * @has_pages: returns whether each page has a page struct as long as it is ready, so
 *	that the pool finds the pages that the kernel marks as bad memory; NULL means
 *	no.  Called once, when the pool is created.
 * @granule: returns the smallest run that @populate and @discard take, in pages:
 *	a power of two, at most PAGEALLOC_GRANULE_MAX.  Called once, when the
 *	pool is created.  Granules are aligned to their size in pfns.
 * @reserve: a range is about to become a region.  None to Reserved.
 * @release: the pool gives the range up.  Any state to None.  The pages are
 *	discarded, except those outside whole granules.
 * @populate: put memory behind a range.  Prepared to Ready.
 * @discard: take the memory away again.  Ready to Prepared.
 * @abandon: as @discard for a pool that must end, of which nobody owns the range, though
 *	@discard has refused it: Ready to Prepared, as soon as nobody else refers to the
 *	pages.  Cannot fail.  May be NULL: these pages are lost then
 * @protect: make any access to a free range fault; may be NULL
 * @forgets: returns whether ready pages lose their content when the machine hibernates,
 *	so that it must not while some are in use; NULL means no
 * @may_pin: returns whether the kernel takes long-term pins of ready pages: they have
 *	page structs and are in no CMA area; of pages in ZONE_MOVABLE the pool knows
 *	that it does not.  NULL means no.  Called once, when the pool is created.
 * @populates_zero: returns whether the memory that @populate has just provided
 *	is all zeroes; NULL means that it may not be
 * @virt: returns the kernel's address of a page of a region, NULL if it has none; NULL
 *	means that pages have one by their page structs, if at all.  Called in any
 *	context; must not sleep
 * @zero: clear a range of ready pages; if NULL, the pool refuses __GFP_ZERO, unless all
 *	of its regions were added with an address.  Called in any context but NMI; must
 *	not sleep.
 *
 * A range is a first pfn and a number of pages.  It consists of whole granules,
 * with one exception: when a region grows, the pool populates the pages of the
 * region outside whole granules once.  A range may extend from a region into an
 * adjacent one.
 *
 * All calls except @zero, @populates_zero and @granule may sleep, and the pool holds
 * no lock during them.  Each call is all or nothing.  It returns 0 or an errno
 * (a value above 0 is a broken backing):
 *
 * * -ENOMEM: there is no memory now
 * * -EDQUOT: @populate only: there is memory, but the backing leaves it to others;
 *   to a request this is -ENOMEM
 * * -EBUSY: another user holds the frames
 * * -EHWPOISON: @populate only: the range has bad memory
 * * -EINTR: the caller has a fatal signal pending
 *
 * Any other errno from @populate means that the backing is broken, and the pool
 * populates no more.
 */
struct pagealloc_backing_ops {
	const char *name;
	struct module *owner;
	bool no_memory;
	bool stays;
	bool lends;
	bool (*has_pages)(void *ctx);
	unsigned long (*granule)(void *ctx);
	int (*reserve)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	void (*release)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	int (*populate)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	int (*discard)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	void (*abandon)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	int (*protect)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	bool (*forgets)(void *ctx);
	bool (*may_pin)(void *ctx);
	bool (*populates_zero)(void *ctx);
	void *(*virt)(void *ctx, unsigned long pfn);
	void (*zero)(void *ctx, unsigned long pfn, unsigned long nr_pages);
};

/* Flag of struct pagealloc_config: prefer ready pages to discarded ones. */
#define PAGEALLOC_READY_FIRST	0x1

/*
 * Flag of struct pagealloc_config: no worker.  The pool discards on request and, if the
 * backing lends, when the kernel is short of memory.
 */
#define PAGEALLOC_NO_WORKER	0x2

/* Flag of struct pagealloc_config: no per-CPU caches; every run is placed exactly. */
#define PAGEALLOC_NO_CACHE	0x4

/*
 * Flag: track the runs that clients hold, and refuse to free anything but a whole
 * run as it was allocated.  Costs two more bits a page.
 */
#define PAGEALLOC_TRACK		0x8

/* Flag: also record the stack of each allocation.  Costs four more bytes a page. */
#define PAGEALLOC_TRACK_STACKS	0x10

/**
 * struct pagealloc_config - the configuration of a pool
 * @name: 1 to PAGEALLOC_NAME_MAX - 1 letters, digits, '-', '_' or '.', not
 *	beginning with a '.'; copied
 * @ops: the backing; must outlive the pool
 * @ctx: first argument of all calls in @ops
 * @flags: PAGEALLOC_READY_FIRST, PAGEALLOC_NO_WORKER, PAGEALLOC_NO_CACHE,
 *	PAGEALLOC_TRACK, PAGEALLOC_TRACK_STACKS; the last one implies
 *	PAGEALLOC_TRACK
 * @engine: the pool's data structure, "bitmap" or "span"; NULL is "bitmap"
 * @dev: the device that the pool belongs to, or NULL; see pagealloc_pool_get_device().
 *	The pool has a reference to it
 * @node: its device-tree node, or NULL for that of @dev; likewise
 *
 * By default the pool places a run at the lowest address at which it fits.  With
 * PAGEALLOC_READY_FIRST it uses the lowest address at which the run fits into
 * ready pages.  Only if there is none does it use the lowest address of all.
 *
 * The engine "span" places a run in the shortest span of ready pages that has
 * room for it, else in the shortest span of discarded pages that has.  If there
 * is neither, it uses the lowest address at which the run fits.
 *
 * Runs of up to 15 pages go through per-CPU caches, unless PAGEALLOC_NO_CACHE is
 * set.  Such a run lies in the pages that were freed last, or in the lowest ready
 * pages.
 */
struct pagealloc_config {
	const char *name;
	const struct pagealloc_backing_ops *ops;
	void *ctx;
	unsigned int flags;
	const char *engine;
	struct device *dev;
	struct device_node *node;
};

struct pagealloc_pool * __must_check
pagealloc_pool_create(const struct pagealloc_config *config);
int __must_check pagealloc_pool_destroy(struct pagealloc_pool *pool);
struct pagealloc_pool * __must_check pagealloc_pool_get(const char *name);
struct pagealloc_pool * __must_check
pagealloc_pool_get_device(const struct device *dev, const char *name);
struct pagealloc_pool * __must_check
pagealloc_pool_get_node(const struct device_node *node);
void pagealloc_pool_put(struct pagealloc_pool *pool);

struct pagealloc_pool * __must_check
devm_pagealloc_pool_create(struct device *dev, const struct pagealloc_config *config);

/* For struct pagealloc_info: pages of several zones, or of none. */
#define PAGEALLOC_NO_ZONE	(-1)

/**
 * struct pagealloc_info - what the memory of a pool is like
 * @name: the name of the pool; valid as long as the pool
 * @backing: the name of its backing, likewise
 * @granule: pages that are populated and discarded together
 * @nr_pages: pages of all regions
 * @node: the node that all regions are on; NUMA_NO_NODE if they are on several, if
 *	it is not known, or if there is no region yet
 * @zone: the zone (&enum zone_type) that all regions are in; PAGEALLOC_NO_ZONE if they
 *	are in several, if the pages have no page structs, or if there is no region yet
 * @has_memory: the pages are more than numbers
 * @can_zero: __GFP_ZERO is possible
 * @has_pages: each page has a page struct as long as it is in use
 * @may_pin: pages in use may be pinned for long: they have page structs, all in one
 *	zone other than ZONE_MOVABLE, and are in no CMA area
 *
 * A region that is added later can change @nr_pages, @node, @zone and @may_pin, the first
 * one also @can_zero.
 */
struct pagealloc_info {
	const char *name;
	const char *backing;
	unsigned long granule;
	unsigned long nr_pages;
	int node;
	int zone;
	bool has_memory;
	bool can_zero;
	bool has_pages;
	bool may_pin;
};

int pagealloc_pool_info(struct pagealloc_pool *pool, struct pagealloc_info *info);

int __must_check pagealloc_add_region(struct pagealloc_pool *pool,
				      unsigned long pfn, unsigned long nr_pages);

/**
 * struct pagealloc_region - a region of a pool
 * @pfn: its first page, which is its physical address: PFN_PHYS(@pfn)
 * @nr_pages: its length
 * @virt: the kernel's address of the first page, or NULL; the region is contiguous
 *	there too.  If the first region of a pool has one and the backing cannot zero,
 *	all others must have one
 * @owner: for the client; the pool does not use it
 */
struct pagealloc_region {
	unsigned long pfn;
	unsigned long nr_pages;
	void *virt;
	void *owner;
};

int __must_check pagealloc_add_owned_region(struct pagealloc_pool *pool,
					    const struct pagealloc_region *region);
int pagealloc_find_region(struct pagealloc_pool *pool, unsigned long pfn,
			  struct pagealloc_region *region);
void *pagealloc_virt(struct pagealloc_pool *pool, unsigned long pfn);

int __must_check pagealloc_alloc(struct pagealloc_pool *pool,
				 unsigned long nr_pages, gfp_t gfp,
				 unsigned long *pfn);
int pagealloc_free(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long nr_pages);

struct page * __must_check pagealloc_alloc_pages(struct pagealloc_pool *pool,
						 unsigned long nr_pages, gfp_t gfp);
int pagealloc_free_pages(struct pagealloc_pool *pool, struct page *page,
			 unsigned long nr_pages);

/* Flag of struct pagealloc_request: place the run at @low and nowhere else. */
#define PAGEALLOC_FIXED		0x1

/* Flag: use the lowest address, ready or not, whatever the pool prefers. */
#define PAGEALLOC_LOWEST	0x2

/* Flag: use ready pages if the run fits into any, whatever the pool prefers. */
#define PAGEALLOC_PREFER_READY	0x4

/* Flag: use the shortest free run that is long enough; engine "span" only. */
#define PAGEALLOC_BEST_FIT	0x8

/* Flag: no run across the border of two regions, even if they are adjacent. */
#define PAGEALLOC_ONE_REGION	0x10

/* Flag: align the run to its length, rounded up to a power of two. */
#define PAGEALLOC_NATURAL	0x20

/**
 * struct pagealloc_request - a run and where it may be placed
 * @nr_pages: length of the run, in pages
 * @align: the first pfn is a multiple of this power of two; 0 is 1
 * @boundary: the run crosses no multiple of this power of two, which is at least
 *	@nr_pages; 0 is no boundary
 * @low: no page of the run is below this pfn; with PAGEALLOC_FIXED the first page
 * @high: all pages of the run are below this pfn; 0 is no limit
 * @flags: PAGEALLOC_FIXED, PAGEALLOC_LOWEST, PAGEALLOC_PREFER_READY, PAGEALLOC_BEST_FIT,
 *	PAGEALLOC_ONE_REGION or PAGEALLOC_NATURAL
 *
 * A member that is 0 sets no condition.  The run meets all conditions, also with
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
 * struct pagealloc_tuning - when a pool discards pages by itself
 * @generation_ms: length of a generation, milliseconds, 1 to an hour.  The worker
 *	discards ready pages until the pool retains at most 1.1 times its peak in
 *	use of the last generation.
 * @delay_ms: the worker skips a chunk in which pages were freed less than this
 *	long ago, milliseconds, up to an hour
 * @cpu_percent: share of one CPU that the worker may take, 1 to 100
 * @limit: the pool discards at once what it retains beyond 95 % of this, in
 *	pages; PAGEALLOC_NO_LIMIT for no limit
 * @min_ready: pages that are kept free and ready, by the worker and by requests that may
 *	sleep, which populate others before they take of these; for requests that may
 *	not sleep
 * @max: pages in use at most, those in per-CPU caches included; an allocation that
 *	would exceed it fails.  0 for no maximum.
 */
struct pagealloc_tuning {
	unsigned int generation_ms;
	unsigned int delay_ms;
	unsigned int cpu_percent;
	unsigned long limit;
	unsigned long min_ready;
	unsigned long max;
};

void pagealloc_get_tuning(struct pagealloc_pool *pool,
			  struct pagealloc_tuning *tuning);
int __must_check pagealloc_set_tuning(struct pagealloc_pool *pool,
				      const struct pagealloc_tuning *tuning);

/**
 * struct pagealloc_deferred - a deferred free
 * @node: in the queue
 * @pfn: first page
 * @nr_pages: pages
 *
 * The caller provides the memory of this structure.  It belongs to the pool from
 * pagealloc_free_deferred() until the pages are free.  It may lie in the pages to
 * be freed.
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
 * enum pagealloc_stat - the statistics of a pool
 * @PAGEALLOC_PAGE_SIZE: bytes in a page
 * @PAGEALLOC_GRANULE: bytes in a granule
 * @PAGEALLOC_SYS: bytes in all regions
 * @PAGEALLOC_GROWN: bytes the pool has grown by; the rest is only reserved
 * @PAGEALLOC_IN_USE: bytes that clients hold
 * @PAGEALLOC_IDLE: bytes that are free, ready or discarded, and in no cache
 * @PAGEALLOC_AVAILABLE: bytes that can be had: idle, and what the pool has not grown by
 *	yet; bytes in caches and in the queue of deferred frees can be had besides
 * @PAGEALLOC_LARGEST_AVAILABLE: bytes in the longest run of these
 * @PAGEALLOC_RETAINED: bytes with memory behind them: grown less released
 * @PAGEALLOC_RELEASED: bytes without memory behind them: discarded, held, or in
 *	granules that were retired as a whole
 * @PAGEALLOC_CACHED: free bytes in per-CPU caches
 * @PAGEALLOC_PARKED: free bytes that cannot be allocated until the engine has
 *	memory for their metadata
 * @PAGEALLOC_DEFERRED: bytes in use that are queued to be freed
 * @PAGEALLOC_HELD: bytes of granules that another user held when the pool last tried
 *	to populate them, and that it does not try yet
 * @PAGEALLOC_RETIRED: bytes that are out of use: for good since their memory is bad, or
 *	for now since somebody still refers to their pages
 * @PAGEALLOC_REFERRED: of these, bytes that somebody still refers to
 * @PAGEALLOC_IN_TRANSITION: bytes that change from discarded to ready or back, or
 *	belong to long runs that change from free to in use or back
 * @PAGEALLOC_LARGEST_FREE_RUN: bytes in the longest run of free pages
 * @PAGEALLOC_FRAGMENTATION: 1 - largest_free_run / idle, in thousandths
 * @PAGEALLOC_GOAL: bytes that the worker lets the pool retain; all ones if it has
 *	no goal
 * @PAGEALLOC_LIMIT: the limit in bytes; the pool discards at once what it retains
 *	beyond 95 % of it; all ones if there is no limit
 * @PAGEALLOC_MAX: bytes in use at most; all ones if there is no maximum
 * @PAGEALLOC_METADATA: bytes of the maps and summaries, and of tracking
 * @PAGEALLOC_NR_GAUGES: the values above are gauges, those below are counters
 * @PAGEALLOC_ALLOC: allocations that succeeded
 * @PAGEALLOC_ALLOC_FAIL: allocations that failed, atomic or not
 * @PAGEALLOC_ATOMIC_FAIL: of these, allocations that were not allowed to populate
 * @PAGEALLOC_ALLOC_FAIL_MAX: of these, allocations that would have taken more than
 *	the maximum
 * @PAGEALLOC_FREE: calls of pagealloc_free() that succeeded
 * @PAGEALLOC_BAD_REQUEST: allocations refused for their arguments
 * @PAGEALLOC_BAD_FREE: frees refused: no pages, not in the pool, or in a hole
 * @PAGEALLOC_DOUBLE_FREE: frees refused because a page of the run was free, plus
 *	pages that two per-CPU caches had
 * @PAGEALLOC_BAD_TRANSITION: ranges refused because they were in the wrong state:
 *	to protect pages that are not discarded, to add pages of a region
 * @PAGEALLOC_GROW: times the pool grew
 * @PAGEALLOC_POPULATE: populate calls that succeeded
 * @PAGEALLOC_POPULATE_PAGES: pages they populated
 * @PAGEALLOC_POPULATE_FAIL_NOMEM: populate calls that returned -ENOMEM
 * @PAGEALLOC_POPULATE_FAIL_MARGIN: populate calls that returned -EDQUOT
 * @PAGEALLOC_POPULATE_FAIL_BUSY: populate calls that returned -EBUSY or -EHWPOISON
 * @PAGEALLOC_POPULATE_FAIL_INTR: populate calls that returned -EINTR
 * @PAGEALLOC_POPULATE_FAIL_BROKEN: populate calls that returned another errno
 * @PAGEALLOC_DISCARD: discard calls that succeeded
 * @PAGEALLOC_DISCARD_PAGES: pages they discarded
 * @PAGEALLOC_DISCARD_FAIL: discard calls that failed
 * @PAGEALLOC_SCAVENGED_BACKGROUND: bytes the worker released to reach the goal
 * @PAGEALLOC_SCAVENGED_GROWTH: bytes that requests released to keep to the goal
 *	when they populated other pages, or since they failed
 * @PAGEALLOC_SCAVENGED_LIMIT: bytes released to keep to the limit
 * @PAGEALLOC_SCAVENGED_PRESSURE: bytes released because the kernel was short of
 *	memory
 * @PAGEALLOC_SCAVENGED_REQUEST: bytes released by pagealloc_scavenge()
 * @PAGEALLOC_GENERATIONS: generations that have ended
 * @PAGEALLOC_DEFERRED_SERVED: allocations served from the queue of deferred frees
 * @PAGEALLOC_CACHE_ALLOC: allocations served from per-CPU caches
 * @PAGEALLOC_CACHE_FREE: frees that went into per-CPU caches
 * @PAGEALLOC_CACHE_REFILL: times a cache took pages from the maps, or found none
 * @PAGEALLOC_CACHE_FLUSH: times a cache returned pages to the maps
 * @PAGEALLOC_WRONG_LENGTH: frees refused because the pages, all in use, are not
 *	exactly one run; tracked pools only
 * @PAGEALLOC_OWNER_LOST: allocations whose stack could not be stored
 * @PAGEALLOC_NR_STATS: number of statistics
 */
enum pagealloc_stat {
	PAGEALLOC_PAGE_SIZE,
	PAGEALLOC_GRANULE,
	PAGEALLOC_SYS,
	PAGEALLOC_GROWN,
	PAGEALLOC_IN_USE,
	PAGEALLOC_IDLE,
	PAGEALLOC_AVAILABLE,
	PAGEALLOC_LARGEST_AVAILABLE,
	PAGEALLOC_RETAINED,
	PAGEALLOC_RELEASED,
	PAGEALLOC_CACHED,
	PAGEALLOC_PARKED,
	PAGEALLOC_DEFERRED,
	PAGEALLOC_HELD,
	PAGEALLOC_RETIRED,
	PAGEALLOC_REFERRED,
	PAGEALLOC_IN_TRANSITION,
	PAGEALLOC_LARGEST_FREE_RUN,
	PAGEALLOC_FRAGMENTATION,
	PAGEALLOC_GOAL,
	PAGEALLOC_LIMIT,
	PAGEALLOC_MAX,
	PAGEALLOC_METADATA,
	PAGEALLOC_NR_GAUGES,
	PAGEALLOC_ALLOC = PAGEALLOC_NR_GAUGES,
	PAGEALLOC_ALLOC_FAIL,
	PAGEALLOC_ATOMIC_FAIL,
	PAGEALLOC_ALLOC_FAIL_MAX,
	PAGEALLOC_FREE,
	PAGEALLOC_BAD_REQUEST,
	PAGEALLOC_BAD_FREE,
	PAGEALLOC_DOUBLE_FREE,
	PAGEALLOC_BAD_TRANSITION,
	PAGEALLOC_GROW,
	PAGEALLOC_POPULATE,
	PAGEALLOC_POPULATE_PAGES,
	PAGEALLOC_POPULATE_FAIL_NOMEM,
	PAGEALLOC_POPULATE_FAIL_MARGIN,
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
 * struct pagealloc_stats - all statistics of a pool at one moment
 * @value: one for each &enum pagealloc_stat
 */
struct pagealloc_stats {
	u64 value[PAGEALLOC_NR_STATS];
};

void pagealloc_stats(struct pagealloc_pool *pool, struct pagealloc_stats *stats);
u64 pagealloc_read_stat(struct pagealloc_pool *pool, enum pagealloc_stat stat);
const char *pagealloc_stat_name(enum pagealloc_stat stat);

/**
 * struct pagealloc_mismatch - an inconsistency that pagealloc_check() found
 * @what: the statistic, map, rule or part of a summary
 * @level: level of the summary, -1 if @what is no summary
 * @pfn: where; 0 for a statistic of the whole pool
 * @got: the value the pool has
 * @want: the value a recount gives
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

/*
 * The "memory" backing: memory that is simply there, such as on-chip memory or a range
 * that the client has mapped.  The context is NULL.  With the second one all pages have
 * a page struct.
 */
extern const struct pagealloc_backing_ops pagealloc_memory_ops;
extern const struct pagealloc_backing_ops pagealloc_memory_pages_ops;

/**
 * struct pagealloc_sim - the "sim" backing: pages without memory
 * @granule_pages: granule, 0 is 1
 * @fail_populate: each populate call counts this down; the call that takes it to
 *	0 fails, and so do the @fail_times - 1 calls after it.  0: no call fails.
 * @fail_discard: the same for discard
 * @fail_times: how many calls fail, 0 is 1
 * @fail_errno: the errno of these calls, negative; 0 is -ENOMEM
 * @delay_ms: how long each populate call sleeps first, milliseconds.  A fatal
 *	signal ends the sleep, and the call returns -EINTR.
 * @populates: successful populate calls
 * @discards: successful discard calls
 * @ready_pages: pages populated less pages discarded
 * @lock: protects all fields of this structure
 *
 * The client owns this structure, and it must outlive the pool.  The client calls
 * pagealloc_sim_init() and passes the structure as ctx with &pagealloc_sim_ops.
 * Once the pool is in use the client takes @lock to change a field.
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

/* For pagealloc_loan_open(): any frames will do. */
#define PAGEALLOC_ANY_PFN	(~0UL)

/* Flag of pagealloc_loan_open(): all frames in one range, or none. */
#define PAGEALLOC_ONE_RANGE	0x1

/**
 * struct pagealloc_range - a range of pages
 * @pfn: the first
 * @nr_pages: how many
 */
struct pagealloc_range {
	unsigned long pfn;
	unsigned long nr_pages;
};

extern const struct pagealloc_backing_ops pagealloc_loan_ops;
struct pagealloc_loan * __must_check
pagealloc_loan_open(unsigned long nr_pages, unsigned long pfn, unsigned int flags);
struct pagealloc_loan * __must_check
pagealloc_loan_open_node(unsigned long nr_pages, int node, unsigned int flags);
struct pagealloc_loan * __must_check
devm_pagealloc_loan_open(struct device *dev, unsigned long nr_pages, int node,
			 unsigned int flags);
int pagealloc_loan_close(struct pagealloc_loan *loan);
struct pagealloc_range pagealloc_loan_range(const struct pagealloc_loan *loan,
					    unsigned int i);

/**
 * struct pagealloc_carveout_hooks - how a platform discards and populates memory
 * @discard: take the memory of ready pages away; the kernel does not touch it
 *	until @populate has returned
 * @populate: put memory behind the pages again
 * @populates_zero: the memory that @populate provides is all zeroes
 * @keeps: the platform keeps the memory when the machine hibernates
 *
 * Both hooks may sleep, are all or nothing, and return the errnos of &struct
 * pagealloc_backing_ops.  They get whole granules; when a region grows,
 * @populate also gets its pages outside whole granules.  The first call for a
 * page is @populate: the pool does not discard a page that it has never used.
 * When a pool is destroyed its discarded pages stay with the platform.
 */
struct pagealloc_carveout_hooks {
	int (*discard)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	int (*populate)(void *ctx, unsigned long pfn, unsigned long nr_pages);
	bool populates_zero;
	bool keeps;
};

/* Flag of struct pagealloc_carveout_config: every page has a struct page. */
#define PAGEALLOC_CARVEOUT_PAGES	0x1

/*
 * Flag: discarded pages are mapped uncached.  This works on x86 only.  With PAT
 * it works for System RAM only.
 */
#define PAGEALLOC_CARVEOUT_UNCACHED	0x2

/* Flag: discarded pages stay mapped, even on a kernel that can unmap them. */
#define PAGEALLOC_CARVEOUT_MAPPED	0x4

/* Flag: the client has an entry for the range in /proc/iomem. */
#define PAGEALLOC_CARVEOUT_CLAIMED	0x8

/* Flag: the range is System RAM that was reserved for the client. */
#define PAGEALLOC_CARVEOUT_RAM		0x10

/*
 * Flag: the client's word that all of a reserved range is memory that nobody uses.  A
 * range that the firmware does not call RAM needs it, and on a kernel on which the
 * firmware's map cannot be asked (from 6.13 on, and other architectures than x86) any
 * range that is merely reserved.
 */
#define PAGEALLOC_CARVEOUT_MEMORY	0x20

/**
 * struct pagealloc_carveout_config - the range of a carve-out
 * @base: physical address of the first page
 * @size: bytes, whole pages
 * @reserve_mem: instead of @base and @size: the name that reserve_mem= gave the
 *	range
 * @node: instead of these: a child of /reserved-memory, or a node whose
 *	memory-region refers to one
 * @granule: pages that are populated and discarded together, a power of two up
 *	to PAGEALLOC_GRANULE_MAX; 0 is 1
 * @flags: PAGEALLOC_CARVEOUT_PAGES and those after it
 * @hooks: hooks of the platform, or NULL; must outlive the carve-out
 * @hooks_ctx: first argument of @hooks
 *
 * Without @hooks the carve-out detects stray accesses to discarded memory.  A
 * kernel that exports the functions for it unmaps the memory.  On any other
 * kernel the memory is filled with poison, which is verified when the page is
 * populated again.
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
struct pagealloc_carveout * __must_check
devm_pagealloc_carveout_open(struct device *dev,
			     const struct pagealloc_carveout_config *config);
int pagealloc_carveout_close(struct pagealloc_carveout *carveout);
unsigned long pagealloc_carveout_pfn(const struct pagealloc_carveout *carveout);
unsigned long pagealloc_carveout_pages(const struct pagealloc_carveout *carveout);
void *pagealloc_carveout_virt(const struct pagealloc_carveout *carveout,
			      unsigned long pfn);
unsigned long
pagealloc_carveout_strays(const struct pagealloc_carveout *carveout);

#endif
