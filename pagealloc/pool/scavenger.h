/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_SCAVENGER_H
#define PAGEALLOC_POOL_SCAVENGER_H

#include "engine/pace.h"
#include "pool/reserve.h"

struct task_struct;

/* For a time: never. */
#define PGA_NEVER	U64_MAX

/**
 * struct pga_scavenger - the worker of a pool
 * @pool: I: the pool
 * @task: I: its thread, NULL if a test calls pga_scavenger_step() instead
 * @asleep: the thread waits for an operation.  Set by the thread; cleared by it and
 *	    by the operation that wakes it up.
 * @kicked: the next step is due now.  Set by any task; cleared by the thread.
 * @generation_over: the generation ends with the next step.  Set by any task; cleared
 *		     by the worker.
 * @retry: the next step compares the pool with the goal.  As @generation_over.
 * @starved: there is no memory for the reserve now; written by the worker
 * @floor_fails: the floor cannot be had now; written by the worker
 *
 * Only the worker writes the fields below.  Other tasks may read them without a lock
 * and get values that are late: WRITE_ONCE() in scavenger.c pairs with READ_ONCE() in
 * pga_scavenger_permille(), pga_scavenger_forecast() and debugfs_show.c.
 *
 * @generation_at: when the generation ends, PGA_NEVER without a generation
 * @operations: allocations, frees and populates before this generation
 * @work_at: when to discard for the goal, PGA_NEVER if there is nothing to discard
 * @floor_at: when to populate for the floor
 * @floor_backoff: how long to wait before that
 * @reserve_at: when to fill the reserve, if it is low
 * @floor_from: page from which the search for discarded pages goes on
 * @look_from: page from which it goes on to look for unfit pages
 * @again_at: when to look again at pages that somebody referred to
 * @again_backoff: how long to wait before that
 * @referred: how many of these there were last time
 * @pace: how long to sleep for the work done
 * @worked_ns: work for which the worker has not slept yet, nanoseconds
 * @slept_from: when the present sleep began
 * @unreported: pages discarded that the observer does not know of
 * @discard_ns: time of recent discards, nanoseconds
 * @discarded: pages of these discards
 * @far_off: pieces of work in a row that have cost far more than these
 * @total_ns: the cost of all work so far, nanoseconds
 * @started_at: when the worker was started
 */
struct pga_scavenger {
	struct pagealloc_pool *pool;
	struct task_struct *task;
	bool asleep;
	bool kicked;
	bool generation_over;
	bool retry;
	bool starved;
	bool floor_fails;

	u64 generation_at;
	u64 operations;
	u64 work_at;
	u64 floor_at;
	struct pga_backoff floor_backoff;
	u64 reserve_at;
	unsigned long floor_from;
	unsigned long look_from;
	u64 again_at;
	struct pga_backoff again_backoff;
	unsigned long referred;
	struct pga_pace pace;
	u64 worked_ns;
	u64 slept_from;
	unsigned long unreported;
	u64 discard_ns;
	u64 discarded;
	unsigned int far_off;
	u64 total_ns;
	u64 started_at;
};

/**
 * struct pga_forecast - the work left for the goal
 * @granule_ns: recent cost of discarding a granule; 0 if none has been discarded
 * @reuse_ns: average cost of populating a granule, which is added to that
 * @goal_ns: time until the goal is met, 0 if it is; PGA_NEVER if nothing more can be
 *	     discarded, or if the cost is not known
 */
struct pga_forecast {
	u64 granule_ns;
	u64 reuse_ns;
	u64 goal_ns;
};

void pga_scavenger_init(struct pga_scavenger *s, struct pagealloc_pool *pool);
u64 pga_scavenger_step(struct pga_scavenger *s);
unsigned int pga_scavenger_permille(const struct pga_scavenger *s);
void pga_scavenger_forecast(const struct pga_scavenger *s,
			    struct pga_forecast *forecast);

int pga_scavenger_start(struct pagealloc_pool *pool);
void pga_scavenger_stop(struct pagealloc_pool *pool);
void pga_scavenger_end_generation(struct pagealloc_pool *pool);
int pga_scavenger_limit(struct pagealloc_pool *pool, unsigned long limit);
int pga_scavenger_tune(struct pagealloc_pool *pool,
		       const struct pagealloc_tuning *tuning);
void pga_scavenger_populated(struct pagealloc_pool *pool, unsigned long nr);
void pga_scavenger_kick(struct pagealloc_pool *pool);

/* Wake the worker after an operation, if it waits for one or has work to do. */
static inline void pga_scavenger_notify(struct pagealloc_pool *pool)
{
	struct pga_scavenger *s = pool->scavenger;

	if (!s)
		return;
	/*
	 * Pairs with the barrier in thread().  The loads pair with WRITE_ONCE() in
	 * thread(), pga_update_over_limit() and fill_reserve().
	 */
	smp_mb();
	if (READ_ONCE(s->asleep) || READ_ONCE(pool->over_limit) ||
	    (pga_reserve_is_low(pool) && !READ_ONCE(s->starved))) {
		WRITE_ONCE(s->asleep, false);
		pga_scavenger_kick(pool);
	}
}

/* Wake the worker since less is ready than the floor asks for, unless it waits. */
static inline void pga_scavenger_low(struct pagealloc_pool *pool)
{
	/* Pairs with WRITE_ONCE() in fill_floor(). */
	if (pool->scavenger && !READ_ONCE(pool->scavenger->floor_fails))
		pga_scavenger_kick(pool);
}

#endif
