// SPDX-License-Identifier: GPL-2.0
/*
 * The scavenger: who gives memory back by itself, and when.
 *
 * A pool should retain what it needs and no more.  What it needs is judged by
 * generations: after each, the goal is 1.1 times the most that was in use in
 * it.  What is ready beyond the goal goes back in the background, chosen by the
 * scavenge index, at a pace that costs 1 % of a CPU.  The cost of a page is the
 * time to discard it and the time that populating one has taken so far on the
 * average, since that is what it costs if it is needed again.
 *
 * Besides the goal there are
 *
 *	limit	beyond 95 % of it memory goes back at once, whatever it is: by
 *		the request that needed more, if that may sleep, and as much as
 *		it may be held up for; by the worker otherwise
 *	growth	a request that populated pages while the pool was over its goal
 *		gives back as many elsewhere, by the index
 *	reserve	what the engine needs so that no free fails is kept there
 *	floor	min_ready pages are populated in advance, and kept
 *	pressure  a shrinker gives back what is ready when the kernel asks
 *
 * The worker's life is pga_scavenger_step(): it does what is due and says when
 * it wants to be called again.  It takes the time from the pool's clock, so a
 * test can drive hours of it in no time.  Timers are one-shot: a generation
 * without an operation is the last one, and with nothing left to do the step
 * asks for no time at all.  Then the thread sleeps until an operation on the
 * pool finds @asleep set.
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
#include "pool/cpu_cache.h"
#include "engine/goal.h"
#include "base/kunit_export.h"
#include "pool/scavenge.h"
#include "pool/scavenger.h"

/*
 * Work at least this long before sleeping, as far as there is work.  What took
 * longer is slept for in pieces of it: the controller is made for such, and
 * swings between its bounds when fed with ten times as much at once.
 */
#define MIN_WORK_NS	((u64)NSEC_PER_MSEC)

/* A call is for so many pages, or a granule. */
#define WORK_PAGES	max(SZ_64K >> PAGE_SHIFT, 1UL)

/* ... but no longer than so many calls, should the clock not move. */
#define MAX_WORK_CALLS	64

/* What a call is taken to cost if the clock says nothing. */
#define UNMEASURED_NS	(10 * NSEC_PER_USEC)

/* How long to leave the floor alone after a populate failed. */
#define FLOOR_RETRY_NS	NSEC_PER_SEC

/* The same for the reserve, if there was no memory for it. */
#define RESERVE_RETRY_NS	NSEC_PER_SEC

#define NICE		19

/**
 * struct figures - what the worker goes by, all at one moment
 * @retained: pages with memory behind them
 * @ready: those of them that are free
 * @operations: allocations, frees and populates so far
 * @reuse_ns: what populating a page has cost, on the average
 * @goal: pages to retain for the goal
 * @limit_goal: pages to retain for the limit
 * @unit: the most that what is discarded can be rounded up to
 * @skipped: something idle was passed by for being too young
 * @tuning: the parameters
 */
struct figures {
	unsigned long retained;
	unsigned long ready;
	u64 operations;
	u64 reuse_ns;
	unsigned long goal;
	unsigned long limit_goal;
	unsigned long unit;
	bool skipped;
	struct pagealloc_tuning tuning;
};

static struct figures look(struct pagealloc_pool *pool)
{
	const struct pga_map *map = &pool->map;
	struct figures f;
	unsigned long flags;

	flags = pga_pool_lock(pool);
	f = (struct figures) {
		.retained = map->pages - map->discarded,
		.ready = map->free - map->discarded,
		.operations = pool->stat[PAGEALLOC_ALLOC] +
			      pool->stat[PAGEALLOC_FREE] +
			      pool->stat[PAGEALLOC_POPULATE],
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

static unsigned long over(const struct figures *f, unsigned long goal)
{
	return pga_overage(f->retained, goal, f->ready, f->tuning.min_ready,
			   f->unit);
}

/**
 * pga_scavenger_init() - a worker without a thread
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
		.reserve_at = PGA_NEVER,
		.started_at = pga_now(pool),
	};
	pga_pace_init(&s->pace, pool->tuning.cpu_percent);
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_init);

/**
 * pga_scavenger_permille() - share of a CPU that the worker has had
 * @s: the worker
 *
 * Return: thousandths.
 */
unsigned int pga_scavenger_permille(const struct pga_scavenger *s)
{
	const u64 lived = pga_now(s->pool) - s->started_at;

	return lived ? div64_u64(s->total_ns, div64_u64(lived, 1000) ?: 1) : 0;
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_permille);

static void report(struct pga_scavenger *s, enum pagealloc_stat cause,
		   unsigned long released)
{
	pga_registry_scavenged(s->pool, cause, released,
			       pga_scavenger_permille(s));
}

/* Time has gone by: what was too young may have grown older. */
static void tell_time(struct pagealloc_pool *pool)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pga_note_time(pool);
	pga_pool_unlock(pool, flags);
}

static u64 generation_ns(const struct figures *f)
{
	return f->tuning.generation_ms * (u64)NSEC_PER_MSEC;
}

/*
 * A generation is over: a new goal, and the index starts anew.  In one that
 * nothing happened in, what caches hold was not in use.
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
	pga_note_peak(pool);
	pool->goal = pga_goal(pool->peak, pool->granule);
	pool->peak = 0;
	pga_note_peak(pool);
	pga_map_next_generation(&pool->map);
	pool->stat[PAGEALLOC_GENERATIONS]++;
	pga_pool_unlock(pool, flags);

	s->generation_at = PGA_NEVER;
	if (!idle)
		s->generation_at = now + generation_ns(f);
	s->operations = f->operations;
	/* A sleep for work done is not cut short. */
	if (s->work_at == PGA_NEVER)
		s->work_at = now;
}

/* A generation begins with the first operation after a rest; has one ended? */
static bool mind_generation(struct pga_scavenger *s, u64 now, bool asked,
			    const struct figures *f)
{
	if (asked || now >= s->generation_at) {
		end_generation(s, now, f);
		return true;
	}
	if (s->generation_at == PGA_NEVER && f->operations != s->operations)
		s->generation_at = now + generation_ns(f);
	return false;
}

/* Populate for the floor, a granule a step. */
static void mind_floor(struct pga_scavenger *s, u64 now, const struct figures *f)
{
	struct pagealloc_pool *pool = s->pool;
	struct pga_want want = { .nr = pool->granule, .to_grow = pool->granule };
	int ret;

	if (f->ready >= f->tuning.min_ready) {
		s->floor_at = PGA_NEVER;
		s->floor_from = 0;
		return;
	}
	if (s->floor_at != PGA_NEVER && now < s->floor_at)
		return;
	ret = pga_pool_make_ready(pool, &s->floor_from);
	if (!ret && s->floor_from == PGA_NONE) {
		s->floor_from = 0;
		want.pages = READ_ONCE(pool->map.pages);
		ret = pga_pool_grow(pool, &want);
	}
	if (ret == -EIO)
		s->floor_at = PGA_NEVER;
	else
		s->floor_at = !ret || ret == -EAGAIN ? now : now + FLOOR_RETRY_NS;
}

/* Fill the reserve, and free what was parked for want of it. */
static void mind_reserve(struct pga_scavenger *s, u64 now)
{
	bool starved = false;

	if (pga_reserve_is_low(s->pool)) {
		if (s->reserve_at != PGA_NEVER && now < s->reserve_at)
			return;
		starved = pga_reserve_fill(s->pool);
	}
	WRITE_ONCE(s->starved, starved);
	s->reserve_at = starved ? now + RESERVE_RETRY_NS : PGA_NEVER;
}

/* Give back what is over the limit, as much as one may in a step. */
static bool mind_limit(struct pga_scavenger *s, const struct figures *f)
{
	const unsigned long most = PGA_CALLER_GRANULES * s->pool->granule;
	const unsigned long nr = min(over(f, f->limit_goal), most);
	unsigned long released;

	if (!nr) {
		WRITE_ONCE(s->pool->over_limit, false);
		return false;
	}
	released = pga_scavenge_for(s->pool, PAGEALLOC_SCAVENGED_LIMIT, false, nr);
	report(s, PAGEALLOC_SCAVENGED_LIMIT, released);
	return released;
}

/* Sleep for the next piece of the work done. */
static void sleep_for_work(struct pga_scavenger *s, u64 now)
{
	s->slept_from = now;
	s->work_at = now + pga_pace_sleep(&s->pace, min(s->worked_ns, MIN_WORK_NS));
}

/* A sleep is over: what does that say about the pace? */
static void learn(struct pga_scavenger *s, u64 now)
{
	const u64 piece = min(s->worked_ns, MIN_WORK_NS);

	if (!piece)
		return;
	pga_pace_update(&s->pace, piece, now - s->slept_from, 1);
	s->worked_ns -= piece;
}

/* Work for a while; -ENOENT if nothing was left to do. */
static int work(struct pga_scavenger *s, unsigned long nr,
		const struct figures *f)
{
	struct pagealloc_pool *pool = s->pool;
	struct pga_scavenge how = {
		.cause = PAGEALLOC_SCAVENGED_BACKGROUND,
		.nr = nr,
		.sweep.idle = true,
	};
	const u64 start = pga_now(pool);
	unsigned int calls = 0;
	u64 took = 0;
	int ret;

	do {
		how.nr = min(nr, how.released + max(pool->granule, WORK_PAGES));
		ret = pga_scavenge_step(pool, &how);
		took = pga_now(pool) - start;
	} while (ret != -ENOENT && how.released < nr && took < MIN_WORK_NS &&
		 ++calls < MAX_WORK_CALLS);

	s->run_released += how.released;
	s->worked_ns = took ?: (calls + 1) * UNMEASURED_NS;
	s->worked_ns += how.released * f->reuse_ns;
	s->total_ns += s->worked_ns;
	return ret;
}

/* Nothing to do for the goal, until a chunk is old enough or things change. */
static void rest(struct pga_scavenger *s, u64 now)
{
	const struct figures f = look(s->pool);

	report(s, PAGEALLOC_SCAVENGED_BACKGROUND, s->run_released);
	s->run_released = 0;
	/* A rest is not the sleep that was asked for, and says nothing. */
	s->worked_ns = 0;
	s->work_at = PGA_NEVER;
	if (f.skipped && over(&f, f.goal))
		s->work_at = now + f.tuning.delay_ms * (u64)NSEC_PER_MSEC;
}

/* Work for the goal if it is time to, and decide when it is next. */
static void mind_goal(struct pga_scavenger *s, u64 now, const struct figures *f)
{
	const unsigned long nr = over(f, f->goal);
	int ret;

	if (now < s->work_at)
		return;
	learn(s, now);
	if (s->worked_ns) {
		sleep_for_work(s, now);
		return;
	}
	tell_time(s->pool);
	if (!nr) {
		rest(s, now);
		return;
	}
	ret = work(s, nr, f);
	if (ret == -ENOENT) {
		rest(s, now);
		return;
	}
	sleep_for_work(s, pga_now(s->pool));
}

/**
 * pga_scavenger_step() - do what is due
 * @s: the worker
 *
 * Context: may sleep; one caller at a time.
 * Return: when to call again, by the pool's clock; PGA_NEVER: when something
 * has happened.
 */
u64 pga_scavenger_step(struct pga_scavenger *s)
{
	const bool asked = xchg(&s->generation_over, false);
	const u64 now = pga_now(s->pool);
	struct figures f = look(s->pool);

	if (mind_generation(s, now, asked, &f))
		f = look(s->pool);
	if (xchg(&s->retry, false) && s->work_at == PGA_NEVER)
		s->work_at = now;
	pga_pace_set(&s->pace, f.tuning.cpu_percent);
	mind_reserve(s, now);
	mind_floor(s, now, &f);
	if (mind_limit(s, &f))
		return now;
	mind_goal(s, now, &f);
	return min3(min(s->generation_at, s->reserve_at), s->work_at, s->floor_at);
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_step);

/* Sleep until a time, or until somebody wakes us up. */
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
	if (!READ_ONCE(s->kicked) && !kthread_should_stop())
		schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
}

static int thread(void *data)
{
	struct pga_scavenger *s = data;
	u64 next;

	set_user_nice(current, NICE);
	set_freezable();
	while (!kthread_should_stop()) {
		WRITE_ONCE(s->kicked, false);
		next = pga_scavenger_step(s);
		if (next == PGA_NEVER) {
			WRITE_ONCE(s->asleep, true);
			/*
			 * Pairs with the barrier in pga_scavenger_note(): either
			 * that sees us asleep, or the operation is counted here.
			 */
			smp_mb();
			if (look(s->pool).operations != s->operations)
				next = 0;
		}
		sleep_until(s, next);
		WRITE_ONCE(s->asleep, false);
		try_to_freeze();
	}
	return 0;
}

/**
 * pga_scavenger_kick() - have the worker look again
 * @pool: the pool
 *
 * Context: any but NMI.
 */
void pga_scavenger_kick(struct pagealloc_pool *pool)
{
	struct pga_scavenger *s = pool->scavenger;

	if (!s)
		return;
	WRITE_ONCE(s->kicked, true);
	if (s->task)
		wake_up_process(s->task);
}

/**
 * pga_scavenger_end_generation() - do not wait for the generation to end
 * @pool: the pool
 */
void pga_scavenger_end_generation(struct pagealloc_pool *pool)
{
	if (!pool->scavenger)
		return;
	WRITE_ONCE(pool->scavenger->generation_over, true);
	pga_scavenger_kick(pool);
}
PGA_EXPORT_FOR_KUNIT(pga_scavenger_end_generation);

/* Whoever rests for the goal should see whether it is met. */
static void retry_goal(struct pagealloc_pool *pool)
{
	if (!pool->scavenger)
		return;
	WRITE_ONCE(pool->scavenger->retry, true);
	pga_scavenger_kick(pool);
}

/**
 * pga_scavenger_populated() - a request has populated pages
 * @pool: the pool
 * @nr: how many
 *
 * The request gives back as many elsewhere if the pool is over its goal, and
 * what is over the limit, as far as it can be held up for that.
 *
 * Context: may sleep.
 */
void pga_scavenger_populated(struct pagealloc_pool *pool, unsigned long nr)
{
	const unsigned long most = PGA_CALLER_GRANULES * pool->granule;
	struct figures f = look(pool);
	unsigned long released;

	if (!pool->scavenger)
		return;
	released = pga_scavenge_for(pool, PAGEALLOC_SCAVENGED_GROWTH, true,
				    min3(over(&f, f.goal), nr, most));
	report(pool->scavenger, PAGEALLOC_SCAVENGED_GROWTH, released);

	f = look(pool);
	if (!over(&f, f.limit_goal))
		return;
	released = pga_scavenge_for(pool, PAGEALLOC_SCAVENGED_LIMIT, false,
				    min(over(&f, f.limit_goal), most - min(most, released)));
	report(pool->scavenger, PAGEALLOC_SCAVENGED_LIMIT, released);
	pga_scavenger_kick(pool);
}

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
 * Return: 0; -ERANGE if it is less than is in use.
 */
int pga_scavenger_limit(struct pagealloc_pool *pool, unsigned long limit)
{
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	ret = set_limit(pool, limit);
	pga_pool_unlock(pool, flags);
	/* What is retained now may be too much by the new limit. */
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
 * Return: 0; -ERANGE if the limit is less than is in use.
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
	/* What is retained now may be too much by the new parameters. */
	if (!ret)
		retry_goal(pool);
	return ret;
}

/* What the kernel can have: all that is ready, but for the floor. */
static unsigned long shrink_count(struct shrinker *shrinker,
				  struct shrink_control *sc)
{
	const struct figures f = look(pga_shrinker_data(shrinker));

	return over(&f, 0) ?: SHRINK_EMPTY;
}

static unsigned long shrink_scan(struct shrinker *shrinker,
				 struct shrink_control *sc)
{
	struct pagealloc_pool *pool = pga_shrinker_data(shrinker);
	unsigned long released;
	struct figures f;

	pga_cpu_cache_drain(pool);
	f = look(pool);
	released = pga_scavenge_for(pool, PAGEALLOC_SCAVENGED_PRESSURE, false,
				    min(over(&f, 0), sc->nr_to_scan));
	report(pool->scavenger, PAGEALLOC_SCAVENGED_PRESSURE, released);
	return released ?: SHRINK_STOP;
}

/**
 * pga_scavenger_start() - give a pool its worker
 * @pool: the pool
 *
 * Return: 0 or -ENOMEM.
 */
int pga_scavenger_start(struct pagealloc_pool *pool)
{
	struct pga_scavenger *s = kzalloc(sizeof(*s), GFP_KERNEL);
	const struct pagealloc_tuning tuning = pool->tuning;
	struct task_struct *task;
	int ret;

	if (!s)
		return -ENOMEM;
	/* What the pool has by default takes effect; without a limit it cannot fail. */
	pga_scavenger_tune(pool, &tuning);
	pga_scavenger_init(s, pool);
	pool->scavenger = s;
	if (pool->ops->lends) {
		s->shrinker = pga_shrinker_register(pool->name, shrink_count,
						    shrink_scan, pool);
		ret = PTR_ERR_OR_ZERO(s->shrinker);
		if (ret)
			goto err_free;
	}
	task = kthread_create(thread, s, "pagealloc/%s", pool->name);
	ret = PTR_ERR_OR_ZERO(task);
	if (ret)
		goto err_shrinker;
	s->task = task;
	wake_up_process(task);
	return 0;

err_shrinker:
	if (s->shrinker)
		pga_shrinker_unregister(s->shrinker);
err_free:
	pool->scavenger = NULL;
	kfree(s);
	return ret;
}

/**
 * pga_scavenger_stop() - end the worker of a pool
 * @pool: the pool; nobody uses it any more
 *
 * What it is in the middle of is brought to its end.
 */
void pga_scavenger_stop(struct pagealloc_pool *pool)
{
	struct pga_scavenger *s = pool->scavenger;

	if (!s)
		return;
	kthread_stop(s->task);
	if (s->shrinker)
		pga_shrinker_unregister(s->shrinker);
	pool->scavenger = NULL;
	kfree(s);
}
