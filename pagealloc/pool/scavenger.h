/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SCAVENGER_H
#define PAGEALLOC_SCAVENGER_H

#include <linux/shrinker.h>

#include "engine/pace.h"
#include "pool/reserve.h"

struct task_struct;

/* A time that does not come. */
#define PGA_NEVER	U64_MAX

/**
 * struct pga_scavenger - the worker of a pool
 * @pool: I: the pool
 * @task: I: its thread, NULL if somebody else calls pga_scavenger_step()
 * @shrinker: I: registered if the backing lends memory
 * @asleep: it waits for nothing but an operation; written by the worker, and by
 *	    who wakes it up
 * @kicked: it should look again, whatever it waits for; written by who kicks,
 *	    and by the worker
 * @generation_over: the generation should end now; written in the same way
 * @retry: it should see whether the goal is met; written in the same way
 * @starved: the reserve cannot be filled for now; written by the worker
 *
 * The rest is the worker's own; others may read it, and get a figure that is
 * late:
 *
 * @generation_at: when the generation ends, PGA_NEVER while nothing happens
 * @operations: allocations, frees and populates there had been when it began
 * @work_at: when to work for the goal, PGA_NEVER if there is nothing to do
 * @floor_at: when to populate for the floor
 * @reserve_at: when to fill the reserve, if it is low
 * @floor_from: where to look for discarded pages then
 * @pace: how long to sleep between pieces of work
 * @worked_ns: work not yet slept for, nanoseconds
 * @slept_from: since when it has slept for that
 * @run_released: pages released since there was last nothing to do
 * @discard_ns: time that giving back has taken of late, nanoseconds
 * @discarded: pages given back in that time
 * @total_ns: all work so far, and what it may cost later, nanoseconds
 * @started_at: since when
 */
struct pga_scavenger {
	struct pagealloc_pool *pool;
	struct task_struct *task;
	struct shrinker *shrinker;
	bool asleep;
	bool kicked;
	bool generation_over;
	bool retry;
	bool starved;

	u64 generation_at;
	u64 operations;
	u64 work_at;
	u64 floor_at;
	u64 reserve_at;
	unsigned long floor_from;
	struct pga_pace pace;
	u64 worked_ns;
	u64 slept_from;
	unsigned long run_released;
	u64 discard_ns;
	u64 discarded;
	u64 total_ns;
	u64 started_at;
};

/**
 * struct pga_forecast - what is left to do for the goal
 * @granule_ns: what giving back a granule has cost of late; 0 if nothing has been
 *		given back
 * @reuse_ns: what populating a granule has cost so far, which counts as well
 * @goal_ns: time until the goal is met, 0 if it is; PGA_NEVER if nothing more can
 *	     be given back, or nothing is known of what it costs
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

/* Something happened to the pool: wake the worker if it waits for that. */
static inline void pga_scavenger_notify(struct pagealloc_pool *pool)
{
	struct pga_scavenger *s = pool->scavenger;

	if (!s)
		return;
	/* Pairs with the barrier in thread(). */
	smp_mb();
	if (READ_ONCE(s->asleep) || READ_ONCE(pool->over_limit) ||
	    (pga_reserve_is_low(pool) && !READ_ONCE(s->starved))) {
		WRITE_ONCE(s->asleep, false);
		pga_scavenger_kick(pool);
	}
}

#endif
