/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_TESTPOOL_H
#define PAGEALLOC_KUNIT_TESTPOOL_H

/*
 * What the suites of the pool share: a pool on a backing that tolerates no
 * mistake and fails when told, states of pages as text, and threads.
 */

#include "pool/pool.h"
#include "engine/span/engine.h"
#include "lib/testlib.h"

/* A call of a backing. */
enum pgat_what {
	PGAT_RESERVE,
	PGAT_RELEASE,
	PGAT_POPULATE,
	PGAT_DISCARD,
	PGAT_ZERO,
	PGAT_NR_WHAT,
};

/**
 * struct pgat_call - one call of a backing
 * @what: which function
 * @pfn: first page
 * @nr: pages
 * @ret: what it returned
 */
struct pgat_call {
	enum pgat_what what;
	unsigned long pfn;
	unsigned long nr;
	int ret;
};

/**
 * struct pgat_fault - which calls of a function fail
 * @at: the first that fails, 1 is the next one; 0: none
 * @times: how many do from then on, 0 is 1
 * @error: what they return
 */
struct pgat_fault {
	unsigned long at;
	unsigned long times;
	int error;
};

#define PGAT_REGIONS_MAX	8
#define PGAT_LOG_MAX		256

/* A granule of a region, or what of it lies in the region. */
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
 * struct pgat_backing - a backing that fails the test on a wrong call
 * @test: the test
 * @granule: its granule
 * @hook: called in the midst of each call, without a lock held; what it returns,
 *	  unless 0, is what the call returns
 * @arg: for @hook
 * @fault: for each function
 * @count: calls so far of each function
 * @nr_log: calls logged
 * @log: the first calls, in the order in which they ended
 * @lock: protects the fields below and those from @fault on
 * @nr_regions: regions reserved
 * @region: these
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
 * @pool: the pool, NULL when it is closed
 * @cached: it is opened with per-CPU caches; set before
 * @backing: its backing, or else
 * @sim: this one
 * @engine: its engine, NULL for pgat_engine()
 * @name: its name, NULL for "test"
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
 * struct pgat_moved - a figure that should have changed, and by how much
 * @stat: which one
 * @by: how much
 */
struct pgat_moved {
	enum pagealloc_stat stat;
	s64 by;
};

void pgat_moved(struct pgat_pool *p, const struct pagealloc_stats *before,
		const struct pgat_moved *moved, unsigned int nr);

/* Pages as text: a letter for each cell of so many pages. */
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
 * struct pgat_holds - the holds of a pool's lock, watched
 * @p: the pool, on which nobody else works meanwhile
 * @hook: called in each, right after the lock was taken; or NULL
 * @leave: called in each, right before it is let go of; or NULL
 * @arg: for them
 * @nr: holds so far
 * @most: the most pages that became free, or ceased to be, in one of them
 * @clock: the pool's as long as it is watched: it is asked in each hold
 * @old: its own
 * @now: the time, one more at each look
 * @free: free pages when the lock was taken
 * @inside: in a hold
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
 * struct pgat_thread - a thread that does one thing
 * @task: the thread
 * @started: it has begun
 * @run: what it does
 * @arg: for @run
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
