/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_H
#define PAGEALLOC_BENCH_H

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

/**
 * struct bench_subject - an allocator to measure
 * @name: in the results
 * @flags: for @create
 * @engine: for @create, NULL for the usual one
 * @granule: for @create, pages; 0 is 1
 * @max_pages: in a pool at most, 0 for any number
 * @max_run: pages in a run at most, 0 for any number
 * @rounds: a run takes a power of two
 * @one_run: only one run at a time
 * @stride: from one page to the next, in what @alloc gives; 0 if a part of a run
 *	cannot be freed by itself
 * @sleeps: operations must have interrupts on
 * @create: make a pool of so many pages; NULL if that cannot be
 * @destroy: end it, all runs have been freed; false if something was wrong with
 *	the frees
 * @alloc: allocate a run; 0, or -errno
 * @free: free what @alloc gave
 * @page: which page, counted from 0, a run begins at; NULL if that means nothing
 * @locks: times that the pool's lock was taken so far; NULL if nobody counts
 * @free_chunks: wholly free blocks of 2 MiB; NULL to have them counted from what
 *	is held
 * @has_room: are so many pages free in the longest run, and does so much go back in
 *	whole granules when all is asked for?  NULL if it cannot tell
 * @metadata: bytes of bookkeeping; NULL if unknown
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
 * @cpus: how many work at the same time
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
 * @value: what a case of its own has found, in thousandths
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
 * struct bench_case - a way to use an allocator
 * @name: in the results; if @mixed, how it begins there
 * @measure: do it on a subject, or on the empty one; 0 or -errno
 * @metric: name of @value in &struct bench_sum; NULL: what an operation takes
 * @unit: of that
 * @ours: for pagealloc only
 * @mixed: runs of any length; that of the specification is 0
 *
 * What is in instructions or nanoseconds is less what the empty subject takes.
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

/* The same with memory that goes back in blocks only, where that is known. */
static inline struct bench_subject bench_coarse(const struct bench_subject *s)
{
	struct bench_subject coarse = *s;

	coarse.granule = BENCH_BLOCK;
	return coarse;
}

#endif
