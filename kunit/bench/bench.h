/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_H
#define PAGEALLOC_BENCH_H

#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/timex.h>
#include <linux/types.h>

/*
 * What all files of the benchmark use: the struct of an allocator to measure, the
 * struct of a case, and the clock.
 */

/* No run. */
#define BENCH_NONE	(~0UL)

/*
 * A pool with more than BENCH_SPARSE pages is not one region.  It has BENCH_PIECES
 * regions of BENCH_PIECE pages, spread over its index space.
 */
#define BENCH_SPARSE	(1UL << 30)
#define BENCH_PIECES	8UL
#define BENCH_PIECE	8192UL

/* Pages in 2 MiB. */
#define BENCH_BLOCK	(2UL << 20 >> PAGE_SHIFT)

/**
 * struct bench_subject - an allocator to measure
 * @name: name in the results
 * @flags: for @create
 * @engine: for @create, NULL for the default
 * @granule: for @create, pages; 0 is 1
 * @max_pages: most pages in a pool, 0 for any number
 * @max_run: most pages in a run, 0 for any number
 * @stride: the difference of @where between two adjacent pages of a run; 0 if a
 *	part of a run cannot be freed
 * @rounds: the length of a run is rounded up to a power of two
 * @one_run: only one run can be allocated at a time
 * @sleeps: operations may sleep, so interrupts stay on
 * @create: create a pool; NULL if that fails
 * @destroy: destroy a pool without runs in use; false if one of its frees failed
 * @alloc: allocate a run, and set @where to it; 0 or -errno
 * @alloc_aligned: the same at a multiple of @align pages; NULL if it cannot do that
 * @free: free the run at @where
 * @page: the index of a run's first page; NULL if the subject has no such index
 * @locks: how often the pool's lock has been taken; NULL if unknown
 * @free_chunks: number of free blocks of 2 MiB; if NULL, they are counted from the
 *	runs in use
 * @has_room: whether the longest free run has @longest pages, and scavenging all
 *	releases @released pages; NULL if unknown
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
	int (*alloc_aligned)(void *pool, unsigned long nr, unsigned long align,
			     unsigned long *where);
	void (*free)(void *pool, unsigned long where, unsigned long nr);
	unsigned long (*page)(void *pool, unsigned long where);
	u64 (*locks)(void *pool);
	unsigned long (*free_chunks)(void *pool);
	bool (*has_room)(void *pool, unsigned long longest, unsigned long released);
	u64 (*metadata)(void *pool);
};

/**
 * struct bench_spec - a measurement
 * @name: name of the case
 * @subject: the subject
 * @pages: pages in the pool
 * @occupancy: percent of the pages in use; 100: all but one run
 * @run: pages in a run
 * @cpus: CPUs that use the pool at the same time
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
 * struct bench_sum - the result of a measurement
 * @ticks: time spent
 * @ops: operations in this time
 * @free_ticks: part of @ticks that was spent in frees, of a case that is @split
 * @calls: allocations and frees in this time
 * @fails: allocations that failed
 * @locks: how often the pool's lock was taken in this time
 * @value: the value of a case with a metric of its own, in thousandths
 * @has_room: @largest_run and @released are valid
 * @largest_run: pages in the longest free run
 * @released: pages in free blocks of 2 MiB
 */
struct bench_sum {
	u64 ticks;
	u64 ops;
	u64 free_ticks;
	u64 calls;
	u64 fails;
	u64 locks;
	u64 value;
	bool has_room;
	unsigned long largest_run;
	unsigned long released;
};

/* The time in ticks: instructions in a guest of QEMU's icount, else nanoseconds. */
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

/* xorshift64: few instructions, and the same numbers in each run. */
static inline u64 bench_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#define BENCH_SEED	0x2545f4914f6cdd1dULL

/* A random number below @n, without a division; @n is at most 2^32. */
static inline unsigned long bench_below(u64 *state, unsigned long n)
{
	return (bench_random(state) >> 32) * n >> 32;
}

/**
 * struct bench_case - a way to use an allocator
 * @name: name in the results; if @mixed, the prefix of the name
 * @measure: measure a subject or the empty subject; 0 or -errno
 * @metric: name of @value in &struct bench_sum; NULL: the cost of an operation
 * @unit: unit of @metric
 * @ours: the case is for pagealloc only
 * @aligned: the case is for subjects with @alloc_aligned
 * @split: the frees are also reported alone
 * @mixed: runs have different lengths, and @run of the measurement is 0
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
	bool aligned;
	bool split;
};

/* A copy of a subject with a granule of 2 MiB. */
static inline struct bench_subject bench_coarse(const struct bench_subject *s)
{
	struct bench_subject coarse = *s;

	coarse.granule = BENCH_BLOCK;
	return coarse;
}

#endif
