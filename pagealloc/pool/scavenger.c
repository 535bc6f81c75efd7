// SPDX-License-Identifier: GPL-2.0
/*
 * The scavenger: a worker that gives back the memory of a pool.
 *
 * A pool should retain the memory that it needs and no more.  At the end of each
 * generation, a period of some seconds, the worker sets the goal: 1.1 times the most
 * memory that was in use in it.  If the pool retains more, the worker discards idle
 * pages until the goal is met.  It takes a share of a CPU, 1 % by default.  The cost
 * of a page is the CPU time that the worker takes to discard it, plus the average time
 * to populate a page, which is the price if the page is needed again.
 *
 * Besides the goal there are
 *
 *	limit	Beyond 95 % of the limit, free pages are discarded at once, idle or
 *		not: up to ten granules by a request that has populated pages, the
 *		rest by the worker.
 *	growth	A request that has populated pages, while the pool is over its goal,
 *		discards as many idle pages.  The ten granules include these.
 *	reserve	The worker fills the engine's reserve, so that no free needs memory.
 *	floor	The worker keeps min_ready pages free and ready.  If it cannot, it tries
 *		again by a back-off.
 *	bad memory  The worker looks at some free pages at the end of each generation,
 *		and keeps records in advance for those it retires (retired.c).
 *
 * pga_scavenger_step() does the work that is due and returns when its next call is
 * due.  It reads the pool's clock, so a test can simulate hours.  After a generation
 * without an operation none begins until the next operation.  If nothing is left to
 * do, the step returns PGA_NEVER.  Then the thread sets @asleep, and the next
 * operation on the pool wakes it up.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "base/compat.h"
#include "base/fault.h"
#include "pool/cpu_cache.h"
#include "engine/goal.h"
#include "base/kunit_export.h"
#include "pool/held.h"
#include "pool/ready.h"
#include "pool/registry.h"
#include "pool/retired.h"
#include "pool/scavenge.h"
#include "pool/scavenger.h"

/*
 * Work for this long before a sleep.  If the work took longer, the worker sleeps for
 * it in steps of this length.  The controller of the pace is made for such steps; if
 * they are ten times as long it swings between its bounds.
 */
#define MIN_WORK_NS	((u64)NSEC_PER_MSEC)

/* Pages discarded by one call, or a granule if that is more. */
#define WORK_PAGES	max(SZ_64K >> PAGE_SHIFT, 1UL)

/* The most calls before a sleep, in case the clock stands still. */
#define MAX_WORK_CALLS	64

/* The cost of a call if the clock has not moved. */
#define UNMEASURED_NS	(10 * NSEC_PER_USEC)

/* When the recorded time of discards exceeds this, the record is halved. */
#define COST_WINDOW_NS	(10 * (u64)NSEC_PER_SEC)

/* How long to wait after there was no memory for the reserve. */
#define RESERVE_RETRY_NS	NSEC_PER_SEC

/*
 * A piece of work that has cost so many times the usual was probably interrupted, for
 * instance since a virtual CPU did not run.  After a few of them in a row the cost is
 * believed.
 */
#define FAR_OFF		8
#define FAR_OFF_IN_A_ROW 4

/* Pages to pass at the end of a generation, looking for bad memory. */
#define LOOK_PAGES	(SZ_256M >> PAGE_SHIFT)

/**
 * struct figures - the figures of a pool that the worker needs, all at one moment
 * @retained: pages with memory behind them, without those that cannot be discarded
 * @ready: free pages with memory
 * @operations: allocations, frees and populates so far
 * @changes: changes of the maps so far
 * @reuse_ns: average time to populate a page
 * @goal: pages to retain for the goal
 * @limit_goal: pages to retain for the limit
 * @unit: the most pages to which a discard is rounded up
 * @skipped: the engine has left free pages alone because they are too young
 * @tuning: the parameters
 */
struct figures {
	unsigned long retained;
	unsigned long ready;
	u64 operations;
	u64 changes;
	u64 reuse_ns;
	unsigned long goal;
	unsigned long limit_goal;
	unsigned long unit;
	bool skipped;
	struct pagealloc_tuning tuning;
};

/* Read the figures of a pool. */
static struct figures snapshot(struct pagealloc_pool *pool)
{
	const struct pga_map *map = &pool->map;
	struct figures f;
	unsigned long flags;

	flags = pga_pool_lock(pool);
	f = (struct figures) {
		.retained = pga_retained_for_goal(pool),
		.ready = map->free - map->discarded,
		.operations = pool->stat[PAGEALLOC_ALLOC] +
			      pool->stat[PAGEALLOC_FREE] +
			      pool->stat[PAGEALLOC_POPULATE],
		.changes = pool->changes,
		.reuse_ns = div64_u64(pool->populate_ns,
				      pool->stat[PAGEALLOC_POPULATE_PAGES] ?: 1),
		.goal = pool->goal,
		.limit_goal = pool->limit_goal,
		.unit = max(pool->granule, min(pool->huge, PGA_CHUNK_PAGES)),
		.skipped = pga_map_too_young(map),
		.tuning = pool->tuning,
	};
	pga_pool_unlock(pool, flags);
	f.operations += pga_cpu_cache_operations(pool);
	return f;
}

/* Pages to discard so that the pool retains no more than @goal. */
static unsigned long overage(const struct figures *f, unsigned long goal)
{
	return pga_overage(f->retained, goal, f->ready, f->tuning.min_ready,
			   f->unit);
}

/**
 * pga_scavenger_init() - initialise a worker without a thread
 * @s: the worker
 * @pool: its pool
 */
void pga_scavenger_init(struct pga_scavenger *s, struct pagealloc_pool *pool)
{
	*s = (struct pga_scavenger) {
		.pool = pool,
		.generation_at = PGA_NEVER,
		.work_at = PGA_NEVER,
		.floor_at = PGA_NEVER,
		.again_at = PGA_NEVER,
		.reserve_at = PGA_NEVER,
		.started_at = pga_now(pool),
	};
	pga_pace_init(&s->pace, pool->tuning.cpu_percent);
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_init);

/**
 * pga_scavenger_permille() - compute the share of a CPU that the worker has taken
 * @s: the worker
 *
 * Return: thousandths.
 */
unsigned int pga_scavenger_permille(const struct pga_scavenger *s)
{
	const u64 lived = pga_now(s->pool) - s->started_at;

	return lived ? div64_u64(READ_ONCE(s->total_ns), div64_u64(lived, 1000) ?: 1) : 0;
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_permille);

/* The time that the worker has to sleep for the work it has done. */
static u64 sleep_left(const struct pga_scavenger *s, u64 now,
		      unsigned int percent)
{
	/* The worker stores these in plan_sleep(), discard_idle() and update_pace(). */
	const u64 work_at = READ_ONCE(s->work_at);
	const u64 worked = READ_ONCE(s->worked_ns);

	/* The present sleep is for the first MIN_WORK_NS. */
	return (work_at > now ? work_at - now : 0) +
	       mul_u64_u64_div_u64(worked - min(worked, MIN_WORK_NS), 100, percent);
}

/**
 * pga_scavenger_forecast() - estimate the work left for the goal
 * @s: the worker
 * @forecast: filled in
 *
 * The time until the goal is met is the cost of the work, as measured, divided by the
 * worker's share of a CPU.
 *
 * Context: any but NMI.
 */
void pga_scavenger_forecast(const struct pga_scavenger *s,
			    struct pga_forecast *forecast)
{
	const struct figures f = snapshot(s->pool);
	const unsigned long nr = overage(&f, f.goal);
	/* The worker stores these in add_cost(). */
	const u64 discarded = READ_ONCE(s->discarded);
	const u64 discard_ns = READ_ONCE(s->discard_ns);
	u64 cost, work_at;

	*forecast = (struct pga_forecast) {
		.reuse_ns = f.reuse_ns * s->pool->granule,
		.goal_ns = nr ? PGA_NEVER : 0,
	};
	if (!discarded)
		return;
	forecast->granule_ns = mul_u64_u64_div_u64(discard_ns, s->pool->granule,
						   discarded);
	work_at = READ_ONCE(s->work_at);
	/* Nobody knows when somebody lets go of what is refused. */
	if (!nr || work_at == PGA_NEVER || work_at == pga_held_refused_at(s->pool))
		return;
	cost = mul_u64_u64_div_u64(discard_ns, nr, discarded) + nr * f.reuse_ns;
	forecast->goal_ns = sleep_left(s, pga_now(s->pool), f.tuning.cpu_percent) +
			    mul_u64_u64_div_u64(cost, 100, f.tuning.cpu_percent);
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_forecast);

/* Tell the observer how many pages were discarded. */
static void report_released(struct pga_scavenger *s, enum pagealloc_stat cause,
			    unsigned long released)
{
	pga_registry_scavenged(s->pool, cause, released,
			       pga_scavenger_permille(s));
}

/* Tell the engine the time, since free pages may be old enough now. */
static void update_time(struct pagealloc_pool *pool)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pga_update_time(pool);
	pga_pool_unlock(pool, flags);
}

static u64 generation_ns(const struct figures *f)
{
	return f->tuning.generation_ms * (u64)NSEC_PER_MSEC;
}

/*
 * End a generation: set the goal, and have the engine begin a new generation.  If
 * there was no operation, the pages in caches were not in use.
 */
static void end_generation(struct pga_scavenger *s, u64 now,
			   const struct figures *f)
{
	const bool idle = f->operations == s->operations;
	struct pagealloc_pool *pool = s->pool;
	unsigned long flags;

	if (idle)
		pga_cpu_cache_drain(pool);
	flags = pga_pool_lock(pool);
	if (idle)
		pool->peak = 0;
	pga_update_peak(pool);
	pool->goal = pga_goal(pool->peak, pool->granule);
	pool->peak = 0;
	pga_update_peak(pool);
	pga_map_next_generation(&pool->map);
	pool->stat[PAGEALLOC_GENERATIONS]++;
	pga_pool_unlock(pool, flags);

	WRITE_ONCE(s->generation_at, PGA_NEVER);
	if (!idle)
		WRITE_ONCE(s->generation_at, now + generation_ns(f));
	s->operations = f->operations;
	/* Work now, unless the worker still sleeps for the work it has done. */
	if (s->work_at == PGA_NEVER)
		WRITE_ONCE(s->work_at, now);
}

/*
 * End the generation if it is time to, or if @asked.  After a generation without an
 * operation, begin one with the first operation.  Returns whether one has ended.
 */
static bool update_generation(struct pga_scavenger *s, u64 now, bool asked,
			      const struct figures *f)
{
	if (asked || now >= s->generation_at) {
		end_generation(s, now, f);
		pga_look_around(s->pool, &s->look_from, LOOK_PAGES);
		return true;
	}
	if (s->generation_at == PGA_NEVER && f->operations != s->operations)
		WRITE_ONCE(s->generation_at, now + generation_ns(f));
	return false;
}

/* Enter, and log, whether the floor cannot be had for now. */
static void set_floor_fails(struct pga_scavenger *s, bool fails,
			    const struct figures *f, int error)
{
	if (s->floor_fails == fails)
		return;
	/* Pairs with READ_ONCE() in pga_scavenger_low(). */
	WRITE_ONCE(s->floor_fails, fails);
	if (fails)
		pr_info("%s: min_ready: %lu of %lu pages cannot be had ready now (%d)\n",
			s->pool->name, f->tuning.min_ready - f->ready,
			f->tuning.min_ready, error);
	else
		pr_info("%s: min_ready: %lu pages are ready again\n", s->pool->name,
			f->tuning.min_ready);
}

/* Populate one granule if less memory is ready than the floor asks for. */
static void fill_floor(struct pga_scavenger *s, u64 now, const struct figures *f)
{
	unsigned long populated = 0;
	int ret;

	if (f->ready >= f->tuning.min_ready) {
		set_floor_fails(s, false, f, 0);
		s->floor_backoff = (struct pga_backoff) {};
		WRITE_ONCE(s->floor_at, PGA_NEVER);
		s->floor_from = 0;
		return;
	}
	if (s->floor_at != PGA_NEVER && now < s->floor_at)
		return;
	if (pga_held_release(s->pool))
		s->floor_from = 0;
	ret = pga_make_ready(s->pool, &s->floor_from, &populated);
	if (!ret) {
		WRITE_ONCE(s->floor_at, now);
		return;
	}
	s->floor_from = 0;
	pga_backoff_fail(&s->floor_backoff, now);
	WRITE_ONCE(s->floor_at, ret == -EIO ? PGA_NEVER : s->floor_backoff.due);
	set_floor_fails(s, true, f, ret);
}

/* Look again at pages that somebody referred to; sooner if there are more, or fewer. */
static void look_again(struct pga_scavenger *s, u64 now)
{
	/* Pairs with WRITE_ONCE() in count_referred(). */
	const unsigned long before = READ_ONCE(s->pool->nr_referred);

	if (before > s->referred) {
		s->again_backoff = (struct pga_backoff) {};
		pga_backoff_fail(&s->again_backoff, now);
		s->again_at = min(s->again_at, s->again_backoff.due);
	}
	s->referred = before;
	if (now < s->again_at)
		return;
	pga_retired_look_again(s->pool);
	s->referred = READ_ONCE(s->pool->nr_referred);
	if (s->referred < before)
		s->again_backoff = (struct pga_backoff) {};
	pga_backoff_fail(&s->again_backoff, now);
	s->again_at = s->referred ? s->again_backoff.due : PGA_NEVER;
}

/* Fill the reserve, and free the pages that are parked. */
static void fill_reserve(struct pga_scavenger *s, u64 now)
{
	bool starved = false;

	if (pga_reserve_is_low(s->pool)) {
		if (s->reserve_at != PGA_NEVER && now < s->reserve_at)
			return;
		starved = pga_reserve_fill(s->pool);
	}
	/* Pairs with READ_ONCE() in pga_scavenger_notify(). */
	WRITE_ONCE(s->starved, starved);
	s->reserve_at = starved ? now + RESERVE_RETRY_NS : PGA_NEVER;
}

/*
 * There was nothing to discard for the limit.  If the pool has changed since, whoever
 * did so may have set the flag and kicks the worker.
 */
static void clear_over_limit(struct pagealloc_pool *pool, const struct figures *f)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	/* Pairs with READ_ONCE() in pga_scavenger_notify(). */
	if (pool->changes == f->changes)
		WRITE_ONCE(pool->over_limit, false);
	pga_pool_unlock(pool, flags);
}

/* Discard up to ten granules of the memory above the limit; false if none went. */
static bool enforce_limit(struct pga_scavenger *s, const struct figures *f)
{
	const unsigned long most = PGA_CALLER_GRANULES * s->pool->granule;
	const unsigned long nr = min(overage(f, f->limit_goal), most);
	unsigned long released;

	if (!nr) {
		if (READ_ONCE(s->pool->over_limit))
			clear_over_limit(s->pool, f);
		return false;
	}
	released = pga_scavenge_for(s->pool, PAGEALLOC_SCAVENGED_LIMIT, false, nr);
	report_released(s, PAGEALLOC_SCAVENGED_LIMIT, released);
	return released;
}

/* Plan a sleep for the work done, up to MIN_WORK_NS of it. */
static void plan_sleep(struct pga_scavenger *s, u64 now)
{
	s->slept_from = now;
	WRITE_ONCE(s->work_at, now + pga_pace_sleep(&s->pace, min(s->worked_ns, MIN_WORK_NS)));
}

/* After a sleep, adjust the pace to how long it really took. */
static void update_pace(struct pga_scavenger *s, u64 now)
{
	const u64 piece = min(s->worked_ns, MIN_WORK_NS);

	if (!piece)
		return;
	pga_pace_update(&s->pace, piece, now - s->slept_from, 1);
	WRITE_ONCE(s->worked_ns, s->worked_ns - piece);
}

/* Record the time that discards have taken. */
static void add_cost(struct pga_scavenger *s, u64 ns, unsigned long released)
{
	if (s->discard_ns > COST_WINDOW_NS) {
		WRITE_ONCE(s->discard_ns, s->discard_ns / 2);
		WRITE_ONCE(s->discarded, s->discarded / 2);
	}
	WRITE_ONCE(s->discard_ns, s->discard_ns + ns);
	WRITE_ONCE(s->discarded, s->discarded + released);
}

/* What a piece of work counts that has taken @ns: the usual cost if that is far off. */
static u64 plausible_cost(struct pga_scavenger *s, u64 ns, unsigned long released)
{
	u64 usual;

	if (!s->discarded || !released)
		return ns;
	usual = mul_u64_u64_div_u64(s->discard_ns, released, s->discarded);
	if (ns / FAR_OFF <= usual) {
		s->far_off = 0;
		return ns;
	}
	if (s->far_off == FAR_OFF_IN_A_ROW)
		return ns;
	s->far_off++;
	return usual;
}

/* Discard a refused granule that is due, or a group of idle pages. */
static int discard_next(struct pagealloc_pool *pool, struct pga_scavenge *how,
			u64 now)
{
	const int ret = pga_scavenge_refused(pool, how, now);

	return ret == -ENOENT ? pga_scavenge_step(pool, how) : ret;
}

/* Discard up to @nr idle pages, for MIN_WORK_NS; -ENOENT if there are no more. */
static int discard_idle(struct pga_scavenger *s, unsigned long nr,
			const struct figures *f)
{
	struct pagealloc_pool *pool = s->pool;
	struct pga_scavenge how = {
		.cause = PAGEALLOC_SCAVENGED_BACKGROUND,
		.nr = nr,
		.sweep.idle = true,
	};
	const u64 start = pga_now(pool);
	const u64 ran = pga_runtime(pool);
	unsigned int calls = 0;
	u64 took;
	int ret;

	do {
		how.nr = min(nr, how.released + max(pool->granule, WORK_PAGES));
		ret = discard_next(pool, &how, start);
	} while (ret != -ENOENT && how.released < nr &&
		 pga_now(pool) - start < MIN_WORK_NS && ++calls < MAX_WORK_CALLS);

	s->unreported += how.released;
	took = plausible_cost(s, pga_runtime(pool) - ran, how.released);
	WRITE_ONCE(s->worked_ns, took ?: (calls + 1) * UNMEASURED_NS);
	add_cost(s, s->worked_ns, how.released);
	WRITE_ONCE(s->worked_ns, s->worked_ns + how.released * f->reuse_ns);
	WRITE_ONCE(s->total_ns, s->total_ns + s->worked_ns);
	return ret;
}

/*
 * Stop work for the goal until free pages are old enough, a refused granule is due, or
 * something changes.
 */
static void suspend_work(struct pga_scavenger *s, u64 now)
{
	const struct figures f = snapshot(s->pool);

	report_released(s, PAGEALLOC_SCAVENGED_BACKGROUND, s->unreported);
	s->unreported = 0;
	/* The pause is longer than the planned sleep, so it must not change the pace. */
	WRITE_ONCE(s->worked_ns, 0);
	WRITE_ONCE(s->work_at, PGA_NEVER);
	if (!overage(&f, f.goal))
		return;
	WRITE_ONCE(s->work_at, pga_held_refused_at(s->pool));
	if (f.skipped)
		WRITE_ONCE(s->work_at, min(s->work_at,
					   now + f.tuning.delay_ms * (u64)NSEC_PER_MSEC));
}

/* Discard for the goal if it is time to, and set the time of the next work. */
static void work_for_goal(struct pga_scavenger *s, u64 now, const struct figures *f)
{
	const unsigned long nr = overage(f, f->goal);
	int ret;

	if (now < s->work_at)
		return;
	update_pace(s, now);
	if (s->worked_ns) {
		plan_sleep(s, now);
		return;
	}
	update_time(s->pool);
	if (!nr) {
		suspend_work(s, now);
		return;
	}
	ret = discard_idle(s, nr, f);
	if (ret == -ENOENT) {
		suspend_work(s, now);
		return;
	}
	plan_sleep(s, pga_now(s->pool));
}

/**
 * pga_scavenger_step() - do the work that is due
 * @s: the worker
 *
 * Context: may sleep; one caller at a time.
 * Return: when the next call is due, by the pool's clock; PGA_NEVER: after the next
 * operation.
 */
u64 pga_scavenger_step(struct pga_scavenger *s)
{
	/* Pairs with WRITE_ONCE() in pga_scavenger_end_generation(). */
	const bool asked = xchg(&s->generation_over, false);
	const u64 now = pga_now(s->pool);
	struct figures f = snapshot(s->pool);

	if (update_generation(s, now, asked, &f))
		f = snapshot(s->pool);
	/* Pairs with WRITE_ONCE() in retry_goal(). */
	if (xchg(&s->retry, false) && s->work_at == PGA_NEVER)
		WRITE_ONCE(s->work_at, now);
	pga_pace_set(&s->pace, f.tuning.cpu_percent);
	fill_reserve(s, now);
	/* Without memory the next step tries again. */
	pga_retired_fill(s->pool);
	pga_report_retired(s->pool);
	look_again(s, now);
	fill_floor(s, now, &f);
	if (enforce_limit(s, &f))
		return now;
	work_for_goal(s, now, &f);
	return min3(min(s->generation_at, s->reserve_at), s->work_at,
		    min(s->floor_at, s->again_at));
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_step);

/* Sleep until a time, or until the thread is kicked. */
static void sleep_until(struct pga_scavenger *s, u64 next)
{
	const u64 now = pga_now(s->pool);
	long timeout = MAX_SCHEDULE_TIMEOUT;

	if (next != PGA_NEVER)
		timeout = next > now ? nsecs_to_jiffies(next - now) + 1 : 0;
	if (!timeout) {
		cond_resched();
		return;
	}
	set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
	/* Pairs with WRITE_ONCE() in pga_scavenger_kick(). */
	if (!READ_ONCE(s->kicked) && !kthread_should_stop())
		schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
}

/* The thread of a worker. */
static int thread(void *data)
{
	struct pga_scavenger *s = data;
	u64 next;

	set_freezable();
	while (!kthread_should_stop()) {
		WRITE_ONCE(s->kicked, false);
		next = pga_scavenger_step(s);
		if (next == PGA_NEVER) {
			WRITE_ONCE(s->asleep, true);
			/*
			 * Pairs with the barrier in pga_scavenger_notify().  Either
			 * the operation sees @asleep, or this thread sees that the
			 * operation was counted.
			 */
			smp_mb();
			if (snapshot(s->pool).operations != s->operations)
				next = 0;
		}
		sleep_until(s, next);
		WRITE_ONCE(s->asleep, false);
		try_to_freeze();
	}
	return 0;
}

/**
 * pga_scavenger_kick() - have the worker do a step now
 * @pool: the pool
 *
 * Context: any but NMI.
 */
void pga_scavenger_kick(struct pagealloc_pool *pool)
{
	struct pga_scavenger *s = pool->scavenger;

	if (!s)
		return;
	/* Pairs with READ_ONCE() in sleep_until(). */
	WRITE_ONCE(s->kicked, true);
	if (s->task)
		wake_up_process(s->task);
}

/**
 * pga_scavenger_end_generation() - have the worker end the generation now
 * @pool: the pool
 *
 * Context: any but NMI.
 */
void pga_scavenger_end_generation(struct pagealloc_pool *pool)
{
	if (!pool->scavenger)
		return;
	/* Pairs with xchg() in pga_scavenger_step(). */
	WRITE_ONCE(pool->scavenger->generation_over, true);
	pga_scavenger_kick(pool);
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_end_generation);

/* Have the worker compare the pool with the goal, even if it had no work left. */
static void retry_goal(struct pagealloc_pool *pool)
{
	if (!pool->scavenger)
		return;
	/* Pairs with xchg() in pga_scavenger_step(). */
	WRITE_ONCE(pool->scavenger->retry, true);
	pga_scavenger_kick(pool);
}

/**
 * pga_scavenger_populated() - discard pages after a request has populated some
 * @pool: the pool
 * @nr: pages populated
 *
 * If the pool is over its goal, this discards as many idle pages.  If it is over the
 * limit, this discards free pages.  Both together are at most ten granules.
 *
 * Context: may sleep.
 */
void pga_scavenger_populated(struct pagealloc_pool *pool, unsigned long nr)
{
	const unsigned long most = PGA_CALLER_GRANULES * pool->granule;
	struct figures f = snapshot(pool);
	unsigned long released;

	if (!pool->scavenger)
		return;
	released = pga_scavenge_for(pool, PAGEALLOC_SCAVENGED_GROWTH, true,
				    min3(overage(&f, f.goal), nr, most));
	report_released(pool->scavenger, PAGEALLOC_SCAVENGED_GROWTH, released);

	f = snapshot(pool);
	if (!overage(&f, f.limit_goal))
		return;
	released = pga_scavenge_for(pool, PAGEALLOC_SCAVENGED_LIMIT, false,
				    min(overage(&f, f.limit_goal), most - min(most, released)));
	report_released(pool->scavenger, PAGEALLOC_SCAVENGED_LIMIT, released);
	pga_scavenger_kick(pool);
}

/* Set the limit; -ERANGE if more is in use. */
static int set_limit(struct pagealloc_pool *pool, unsigned long limit)
{
	const struct pga_map *map = &pool->map;

	lockdep_assert_held(&pool->lock);
	if (limit < map->pages - map->free - pool->nr_isolated)
		return -ERANGE;
	pool->tuning.limit = limit;
	pool->limit_goal = pga_limit_goal(limit);
	return 0;
}

/**
 * pga_scavenger_limit() - set the limit of a pool, and no other parameter
 * @pool: the pool
 * @limit: pages, no more than the pool has, or PAGEALLOC_NO_LIMIT
 *
 * Context: any but NMI.
 * Return: 0; -ERANGE if more pages are in use.
 */
int pga_scavenger_limit(struct pagealloc_pool *pool, unsigned long limit)
{
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	ret = set_limit(pool, limit);
	pga_pool_unlock(pool, flags);
	/* The pool may be over the new limit. */
	if (!ret)
		retry_goal(pool);
	return ret;
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_limit);

/**
 * pga_scavenger_tune() - set the parameters of a pool
 * @pool: the pool
 * @tuning: checked by the caller
 *
 * Context: any but NMI.
 * Return: 0; -ERANGE if more pages are in use than the limit allows.
 */
int pga_scavenger_tune(struct pagealloc_pool *pool,
		       const struct pagealloc_tuning *tuning)
{
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	ret = set_limit(pool, tuning->limit);
	if (!ret) {
		pool->tuning = *tuning;
		pga_map_set_delay(&pool->map,
				  tuning->delay_ms * (u64)NSEC_PER_MSEC);
	}
	pga_pool_unlock(pool, flags);
	/* The pool may be over its goal or limit by the new parameters. */
	if (!ret)
		retry_goal(pool);
	return ret;
}

/**
 * pga_scavenger_start() - start the worker of a pool
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int pga_scavenger_start(struct pagealloc_pool *pool)
{
	struct pga_scavenger *s = kzalloc(sizeof(*s), GFP_KERNEL);
	const struct pagealloc_tuning tuning = pool->tuning;
	struct task_struct *task;

	if (!s)
		return -ENOMEM;
	/* Have the default parameters take effect; this cannot fail without a limit. */
	pga_scavenger_tune(pool, &tuning);
	pga_scavenger_init(s, pool);
	pool->scavenger = s;
	task = kthread_create(thread, s, "pagealloc/%s", pool->name);
	if (IS_ERR(task)) {
		pool->scavenger = NULL;
		kfree(s);
		return PTR_ERR(task);
	}
	s->task = task;
	wake_up_process(task);
	return 0;
}

/**
 * pga_scavenger_stop() - stop the worker of a pool
 * @pool: the pool; no other call on it is under way
 *
 * This waits until the worker has finished its present step.
 *
 * Context: may sleep.
 */
void pga_scavenger_stop(struct pagealloc_pool *pool)
{
	struct pga_scavenger *s = pool->scavenger;

	if (!s)
		return;
	kthread_stop(s->task);
	pool->scavenger = NULL;
	kfree(s);
}
