/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_TESTPOOL_H
#define PAGEALLOC_KUNIT_TESTPOOL_H

/*
 * Functions for the suites of the pool: a strict backing that can be made to fail,
 * a pool on it, page states as text, and threads.
 */

#include "pool/region.h"
#include "pool/reserve.h"
#include "pool/stats.h"
#include "engine/span/engine.h"
#include "lib/testlib.h"

/* A function of a backing. */
enum pgat_what {
	PGAT_RESERVE,
	PGAT_RELEASE,
	PGAT_POPULATE,
	PGAT_DISCARD,
	PGAT_ZERO,
	PGAT_NR_WHAT,
};

/**
 * struct pgat_call - a call of a backing
 * @what: the function
 * @pfn: first page
 * @nr: pages
 * @ret: its return value
 */
struct pgat_call {
	enum pgat_what what;
	unsigned long pfn;
	unsigned long nr;
	int ret;
};

/**
 * struct pgat_fault - which calls of a function fail
 * @at: the first call that fails, 1 is the next one; 0: none
 * @times: how many calls fail from there on, 0 is 1
 * @error: the errno they return
 */
struct pgat_fault {
	unsigned long at;
	unsigned long times;
	int error;
};

#define PGAT_REGIONS_MAX	8
#define PGAT_LOG_MAX		256

/* The state of a granule, or of the part of it that lies in the region. */
enum pgat_backed {
	PGAT_NONE,
	PGAT_PREPARED,
	PGAT_MOVING,
	PGAT_BACKED,
};

struct pgat_region {
	unsigned long pfn;
	unsigned long end;
	u8 *granule;
};

/**
 * struct pgat_backing - a strict backing, which fails the test on a wrong call
 * @test: the test
 * @granule: pages in a granule
 * @hook: called in the middle of each populate and discard, without a lock held; if
 *	  it does not return 0, the call fails with that errno
 * @arg: for @hook
 * @fault: L: which calls fail, for each function
 * @count: L: calls so far, for each function
 * @nr_log: L: calls in @log
 * @log: L: the first calls, in the order in which they ended
 * @lock: protects what is marked L
 * @nr_regions: L: reserved regions
 * @region: L: the reserved regions
 */
struct pgat_backing {
	struct kunit *test;
	unsigned long granule;
	int (*hook)(struct pgat_backing *backing, const struct pgat_call *call);
	void *arg;
	struct pgat_fault fault[PGAT_NR_WHAT];
	unsigned long count[PGAT_NR_WHAT];
	unsigned int nr_log;
	struct pgat_call log[PGAT_LOG_MAX];
	spinlock_t lock;
	unsigned int nr_regions;
	struct pgat_region region[PGAT_REGIONS_MAX];
};

extern const struct pagealloc_backing_ops pgat_backing_ops;

/**
 * struct pgat_pool - a pool under test
 * @test: the test
 * @pool: the pool, NULL while it is closed
 * @cached: whether pgat_pool_open() makes a pool with per-CPU caches
 * @backing: the strict backing
 * @sim: the backing of pgat_pool_open_sim()
 * @engine: the engine, NULL for pgat_engine()
 * @name: the name, NULL for "test"
 */
struct pgat_pool {
	struct kunit *test;
	struct pagealloc_pool *pool;
	bool cached;
	struct pgat_backing backing;
	struct pagealloc_sim sim;
	const char *engine;
	const char *name;
};

struct pgat_pool *pgat_pool(struct kunit *test);
void pgat_first_fit(struct pgat_pool *p);
bool pgat_is_span(const struct pgat_pool *p);
void pgat_pool_open_on(struct pgat_pool *p, const struct pagealloc_backing_ops *ops,
		       void *ctx, unsigned int flags);
void pgat_pool_open(struct pgat_pool *p, unsigned long granule,
		    unsigned int flags);
void pgat_pool_open_sim(struct pgat_pool *p, unsigned long granule,
			unsigned int flags);
void pgat_pool_destroy(struct pgat_pool *p);
void pgat_pool_close(struct pgat_pool *p);
void pgat_pool_forget(struct pgat_pool *p);
void pgat_pool_region(struct pgat_pool *p, unsigned long pfn, unsigned long nr);

u64 pgat_stat(struct pgat_pool *p, enum pagealloc_stat stat);
unsigned long pgat_pages(struct pgat_pool *p, enum pagealloc_stat stat);
void pgat_free_all(struct pgat_pool *p);
void pgat_sound(struct pgat_pool *p);
void pgat_forget_calls(struct pgat_pool *p);

/**
 * struct pgat_moved - the expected change of a statistic
 * @stat: the statistic
 * @by: the difference
 */
struct pgat_moved {
	enum pagealloc_stat stat;
	s64 by;
};

void pgat_moved(struct pgat_pool *p, const struct pagealloc_stats *before,
		const struct pgat_moved *moved, unsigned int nr);

/* Longest text that has a letter for each cell of pages, with the NUL. */
#define PGAT_TEXT_MAX	128

void pgat_arrange(struct pgat_pool *p, unsigned long pfn, unsigned long cell,
		  const char *text);
char pgat_letter(struct pgat_pool *p, unsigned long pfn, unsigned long nr);
void pgat_describe(struct pgat_pool *p, unsigned long pfn, unsigned long cell,
		   unsigned int nr, char *text);
void pgat_describe_calls(const struct pgat_pool *p, char *text);
void pgat_looks_like(struct pgat_pool *p, unsigned long pfn, unsigned long cell,
		     const char *text);

/**
 * struct pgat_holds - observes the critical sections of a pool's lock
 * @p: the pool; no other thread uses it meanwhile
 * @hook: called after the lock was taken, or NULL
 * @leave: called before the lock is released, or NULL
 * @arg: for @hook and @leave
 * @nr: critical sections so far
 * @most: the largest change of the number of free pages in one critical section
 * @clock: the clock of the pool meanwhile, which the pool reads at the start and at
 *	   the end of each critical section
 * @old: the pool's own clock
 * @now: the time, which advances by one at each read
 * @free: free pages when the lock was taken
 * @inside: in a critical section
 */
struct pgat_holds {
	struct pgat_pool *p;
	void (*hook)(struct pgat_holds *holds);
	void (*leave)(struct pgat_holds *holds);
	void *arg;
	unsigned long nr;
	unsigned long most;
	struct pga_clock clock;
	const struct pga_clock *old;
	u64 now;
	unsigned long free;
	bool inside;
};

void pgat_holds_begin(struct pgat_pool *p, struct pgat_holds *holds);
void pgat_holds_end(struct pgat_holds *holds);

/**
 * struct pgat_thread - a thread that calls one function
 * @task: the thread
 * @started: completed when the thread runs
 * @run: the function
 * @arg: its argument
 */
struct pgat_thread {
	struct task_struct *task;
	struct completion started;
	int (*run)(void *arg);
	void *arg;
};

void pgat_on_cpu(struct kunit *test, unsigned int cpu);
void pgat_thread_start(struct kunit *test, struct pgat_thread *thread,
		       int (*run)(void *arg), void *arg);
void pgat_thread_kill(struct pgat_thread *thread);
int pgat_thread_join(struct pgat_thread *thread);

#endif
