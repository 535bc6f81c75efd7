/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_H
#define PAGEALLOC_BENCH_H

#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/timex.h>
#include <linux/types.h>

/* No such run. */
#define BENCH_NONE	(~0UL)

/*
 * Pools with more pages than BENCH_SPARSE have BENCH_PIECES regions spread over
 * them, each of BENCH_PIECE pages, instead of one.
 */
#define BENCH_SPARSE	(1UL << 30)
#define BENCH_PIECES	8UL
#define BENCH_PIECE	8192UL

/* Pages of 2 MiB. */
#define BENCH_BLOCK	(2UL << 20 >> PAGE_SHIFT)

/* Operations in a batch, measured together with interrupts off. */
#define BENCH_BATCH	64UL

struct bench_layout;

/**
 * struct bench_subject - an allocator to measure
 * @name: in the results
 * @flags: for @create
 * @engine: for @create, NULL for the usual one
 * @granule: for @create, pages; 0 is 1
 * @max_pages: in a pool at most, 0 for any number
 * @max_run: pages in a run at most, 0 for any number
 * @rounds: rounds runs up to a power of two
 * @one_run: only one run at a time
 * @stride: from one page to the next, in what @alloc gives; 0 if a part of a run
 *	cannot be freed by itself
 * @sleeps: operations must have interrupts on
 * @create: create a pool of so many pages; NULL if it cannot
 * @destroy: destroy it after all runs were freed; false if a free was wrong
 * @alloc: allocate a run; 0, or -errno
 * @free: free what @alloc gave
 * @page: the first page of a run, counted from 0; NULL if that means nothing
 * @locks: acquisitions of the pool's lock so far; NULL if they are not counted
 * @free_chunks: wholly free blocks of 2 MiB; NULL to count them from the held runs
 * @has_room: check the length of the longest free run, and the pages that a full
 *	scavenge gives back; NULL if the subject cannot
 * @metadata: bytes of metadata; NULL if unknown
 */
struct bench_subject {
	const char *name;
	unsigned int flags;
	const char *engine;
	unsigned long granule;
	unsigned long max_pages;
	unsigned long max_run;
	unsigned long stride;
	bool rounds;
	bool one_run;
	bool sleeps;
	void *(*create)(const struct bench_subject *s, unsigned long pages);
	bool (*destroy)(void *pool);
	int (*alloc)(void *pool, unsigned long nr, unsigned long *where);
	void (*free)(void *pool, unsigned long where, unsigned long nr);
	unsigned long (*page)(void *pool, unsigned long where);
	u64 (*locks)(void *pool);
	unsigned long (*free_chunks)(void *pool);
	bool (*has_room)(void *pool, unsigned long longest, unsigned long released);
	u64 (*metadata)(void *pool);
};

/**
 * struct bench_spec - what to measure
 * @name: of the case
 * @subject: on which subject
 * @pages: in the pool
 * @occupancy: percent of it that are in use; 100: all but one run
 * @run: pages in a run
 * @cpus: CPUs that work at the same time
 */
struct bench_spec {
	const char *name;
	const struct bench_subject *subject;
	unsigned long pages;
	unsigned int occupancy;
	unsigned long run;
	unsigned int cpus;
};

/**
 * struct bench_sum - what was measured
 * @ticks: spent in all
 * @ops: in so many operations
 * @calls: allocations and frees; for @locks
 * @fails: allocations that failed
 * @locks: of the pool, in the same time
 * @value: result of a case with a metric of its own, in thousandths
 * @has_room: the next two have been counted
 * @largest_run: pages in the longest free run
 * @released: pages that could be given back in blocks of 2 MiB
 */
struct bench_sum {
	u64 ticks;
	u64 ops;
	u64 calls;
	u64 fails;
	u64 locks;
	u64 value;
	bool has_room;
	unsigned long largest_run;
	unsigned long released;
};

/* Instructions in a guest that counts them, nanoseconds elsewhere. */
static inline u64 bench_now(void)
{
#ifdef CONFIG_UML
	return ktime_get_ns();
#else
	return get_cycles();
#endif
}

#ifdef CONFIG_UML
#define BENCH_UNIT	"ns"
#define BENCH_FAIL	"ns_fail"
#else
#define BENCH_UNIT	"insns"
#define BENCH_FAIL	"fail"
#endif

/* xorshift64: a few instructions, and the same numbers every time. */
static inline u64 bench_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#define BENCH_SEED	0x2545f4914f6cdd1dULL

/* A number below @n, which is at most 2^32; no division. */
static inline unsigned long bench_below(u64 *state, unsigned long n)
{
	return (bench_random(state) >> 32) * n >> 32;
}

/**
 * struct bench_layout - a pool with runs in use
 * @subject: whose
 * @pool: the pool
 * @pages: in it
 * @run: pages in a run
 * @slots: runs that fit, where there is room for any
 * @held: how many of them are in use
 * @where: these
 * @full: @all is an allocation of all pages, the runs are parts of it
 * @all: see @full
 * @random: state of the generator
 * @fails: allocations that failed
 */
struct bench_layout {
	const struct bench_subject *subject;
	void *pool;
	unsigned long pages;
	unsigned long run;
	unsigned long slots;
	unsigned long held;
	unsigned long *where;
	bool full;
	unsigned long all;
	u64 random;
	u64 fails;
};

/* layout.c */
int bench_layout_init(struct bench_layout *l, const struct bench_spec *spec,
		      const struct bench_subject *subject);
int bench_layout_exit(struct bench_layout *l);
void bench_layout_punch(struct bench_layout *l, unsigned long holes);
void bench_layout_refill(struct bench_layout *l);
unsigned long bench_layout_holes(const struct bench_layout *l,
				 const struct bench_spec *spec);
void bench_make_ready(const struct bench_subject *s, void *pool,
		      unsigned long pages);

/* main.c */
void bench_batch_begins(void);
void bench_batch_ends(void);

/* Interrupts are off while measuring, unless the subject sleeps. */
static inline unsigned long bench_begin(const struct bench_subject *s)
{
	unsigned long flags = 0;

	if (!s->sleeps)
		local_irq_save(flags);
	bench_batch_begins();
	return flags;
}

static inline void bench_end(const struct bench_subject *s, unsigned long flags)
{
	bench_batch_ends();
	if (!s->sleeps)
		local_irq_restore(flags);
}

/**
 * struct bench_case - a way to use an allocator
 * @name: in the results; if @mixed, how it begins there
 * @measure: measure a subject, or the empty one; 0 or -errno
 * @metric: name of @value in &struct bench_sum; NULL for the cost of an operation
 * @unit: unit of @metric
 * @ours: for pagealloc only
 * @mixed: runs of any length; the run length of the specification is 0
 *
 * The cost of the empty subject is subtracted from instructions and nanoseconds.
 */
struct bench_case {
	const char *name;
	int (*measure)(const struct bench_spec *spec,
		       const struct bench_subject *subject,
		       struct bench_sum *sum);
	const char *metric;
	const char *unit;
	bool ours;
	bool mixed;
};

/* the subjects, a file each */
extern const struct bench_subject bench_empty;
extern const struct bench_subject bench_pagealloc;
extern const struct bench_subject bench_pagealloc_nocache;
extern const struct bench_subject bench_pagealloc_span;
extern const struct bench_subject bench_buddy;
extern const struct bench_subject bench_genpool;
extern const struct bench_subject bench_genpool_best;
extern const struct bench_subject bench_gpu_buddy;
extern const struct bench_subject bench_bitmap;
extern const struct bench_subject bench_contig;

/* pagealloc.c */
struct pagealloc_pool *bench_pagealloc_pool(void *pool);
void bench_pagealloc_drop(void);

/* cases.c */
void bench_pairs(struct bench_layout *l, const struct bench_spec *spec,
		 struct bench_sum *sum);
int bench_pair(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum);
int bench_churn(const struct bench_spec *spec,
		const struct bench_subject *subject, struct bench_sum *sum);
int bench_max(const struct bench_spec *spec,
	      const struct bench_subject *subject, struct bench_sum *sum);

/* team.c */
int bench_rand(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum);
int bench_repeat(const struct bench_spec *spec,
		 const struct bench_subject *subject, struct bench_sum *sum);
int bench_bulk_alloc(const struct bench_spec *spec,
		     const struct bench_subject *subject, struct bench_sum *sum);
int bench_bulk_free(const struct bench_spec *spec,
		    const struct bench_subject *subject, struct bench_sum *sum);

/* The same subject with a granule of 2 MiB; only pagealloc looks at it. */
static inline struct bench_subject bench_coarse(const struct bench_subject *s)
{
	struct bench_subject coarse = *s;

	coarse.granule = BENCH_BLOCK;
	return coarse;
}

/**
 * struct bench_room - a count of what a pool has room for
 * @subject: whose pool
 * @pool: the pool
 * @pages: in it
 * @held: held pages, a bit a page
 */
struct bench_room {
	const struct bench_subject *subject;
	void *pool;
	unsigned long pages;
	unsigned long *held;
};

/* room.c */
bool bench_room_begin(struct bench_room *room, const struct bench_subject *subject,
		      void *pool, unsigned long pages);
void bench_room_hold(struct bench_room *room, unsigned long where, unsigned long nr);
void bench_room_end(struct bench_room *room, struct bench_sum *sum);

/* frag.c */
int bench_frag(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum);

/* workload.c */
int bench_workload(const struct bench_spec *spec,
		   const struct bench_subject *subject, struct bench_sum *sum);
int bench_workload_write(const char __user *from, size_t len, loff_t *pos);
void bench_workload_drop(void);

/* ours.c */
int bench_partly(const struct bench_spec *spec,
		 const struct bench_subject *subject, struct bench_sum *sum);
int bench_scavenge(const struct bench_spec *spec,
		   const struct bench_subject *subject, struct bench_sum *sum);
int bench_metadata(const struct bench_spec *spec,
		   const struct bench_subject *subject, struct bench_sum *sum);

/* irqoff.c */
int bench_irqoff(const struct bench_spec *spec,
		 const struct bench_subject *subject, struct bench_sum *sum);

#endif
