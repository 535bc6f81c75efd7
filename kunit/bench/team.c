// SPDX-License-Identifier: GPL-2.0
/*
 * Cases for one or more CPUs that use one pool at the same time, with a thread for
 * each CPU.
 *
 * bulk: allocate half the pool, run after run, and free the runs in the same order.
 *
 * rand: fill an empty pool up to the occupancy of the measurement, shuffle all runs
 * across the threads, and free them.
 *
 * repeat: each thread allocates and frees one run over and over, in a pool with
 * runs in use.
 *
 * A thread times its batches, and the slowest thread counts.  The cost is its time
 * divided by the operations of one thread.  So it is the same for any number of
 * CPUs if they do not slow each other down.
 */

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "batch.h"
#include "layout.h"
#include "team.h"

#define MAX_CPUS	8U

/* Operations of each thread in repeat. */
#define REPEATS		16384UL

struct team;

/**
 * struct worker - a thread of a team
 * @team: the team
 * @where: the runs of this thread
 * @nr: number of runs
 * @ticks: time spent
 * @fails: allocations that failed
 */
struct worker {
	struct team *team;
	unsigned long *where;
	unsigned long nr;
	u64 ticks;
	u64 fails;
};

/**
 * struct team - threads that use one pool
 * @subject: the subject of the pool
 * @pool: the pool
 * @run: pages in a run
 * @cpus: number of threads, and of CPUs
 * @work: performs a batch of operations in a thread
 * @where: the runs, BENCH_NONE for an allocation that failed
 * @nr: number of runs
 * @waiting: threads that have not started
 * @working: threads that have not ended
 * @done: all threads have ended
 * @worker: the threads
 */
struct team {
	const struct bench_subject *subject;
	void *pool;
	unsigned long run;
	unsigned int cpus;
	void (*work)(struct worker *w, unsigned long *where, unsigned long nr);
	unsigned long *where;
	unsigned long nr;
	atomic_t waiting;
	atomic_t working;
	struct completion done;
	struct worker worker[MAX_CPUS];
};

static void alloc_batch(struct worker *w, unsigned long *where, unsigned long nr)
{
	const struct team *t = w->team;

	for (; nr; nr--, where++) {
		if (t->subject->alloc(t->pool, t->run, where)) {
			*where = BENCH_NONE;
			w->fails++;
		}
	}
}

static void free_batch(struct worker *w, unsigned long *where, unsigned long nr)
{
	const struct team *t = w->team;

	for (; nr; nr--, where++)
		if (*where != BENCH_NONE)
			t->subject->free(t->pool, *where, t->run);
}

static void repeat_batch(struct worker *w, unsigned long *where,
			 unsigned long nr)
{
	const struct team *t = w->team;

	for (; nr; nr--) {
		if (t->subject->alloc(t->pool, t->run, where))
			w->fails++;
		else
			t->subject->free(t->pool, *where, t->run);
	}
}

/* Wait until all threads have started, then work batch by batch. */
static int work(void *data)
{
	struct worker *w = data;
	struct team *t = w->team;
	unsigned long flags, i, nr;
	u64 start;

	atomic_dec(&t->waiting);
	while (atomic_read(&t->waiting))
		cpu_relax();
	for (i = 0; i < w->nr; i += nr) {
		nr = min(BENCH_BATCH, w->nr - i);
		flags = bench_begin(t->subject);
		start = bench_now();
		t->work(w, w->where + i, nr);
		w->ticks += bench_now() - start;
		bench_end(t->subject, flags);
		cond_resched();
	}
	if (atomic_dec_and_test(&t->working))
		complete(&t->done);
	return 0;
}

static int start_threads(struct team *t, struct task_struct **task)
{
	unsigned int i;

	for (i = 0; i < t->cpus; i++) {
		task[i] = kthread_create(work, &t->worker[i], "bench/%u", i);
		if (IS_ERR(task[i]))
			break;
		kthread_bind(task[i], i);
	}
	if (i == t->cpus)
		return 0;
	while (i--)
		kthread_stop(task[i]);
	return -ENOMEM;
}

/* Run @batch in all threads; adds the time of the slowest to @sum. */
static int run_phase(struct team *t, struct bench_sum *sum,
		     void (*batch)(struct worker *, unsigned long *, unsigned long))
{
	struct task_struct *task[MAX_CPUS];
	const unsigned long share = t->nr / t->cpus;
	unsigned int i;
	u64 ticks = 0;
	int ret;

	for (i = 0; i < t->cpus; i++)
		t->worker[i] = (struct worker) {
			.team = t,
			.where = t->where + i * share,
			.nr = share,
		};
	t->work = batch;
	atomic_set(&t->waiting, t->cpus);
	atomic_set(&t->working, t->cpus);
	init_completion(&t->done);
	ret = start_threads(t, task);
	if (ret)
		return ret;
	for (i = 0; i < t->cpus; i++)
		wake_up_process(task[i]);
	wait_for_completion(&t->done);
	for (i = 0; i < t->cpus; i++) {
		ticks = max(ticks, t->worker[i].ticks);
		sum->fails += t->worker[i].fails;
	}
	sum->ticks += ticks;
	return 0;
}

/* Create an empty pool with all pages ready, and an array for @nr runs. */
static int team_init(struct team *t, const struct bench_spec *spec,
		     const struct bench_subject *subject, unsigned long nr)
{
	t->subject = subject;
	t->run = spec->run;
	t->cpus = spec->cpus;
	t->nr = rounddown(nr, spec->cpus);
	if (spec->cpus > MAX_CPUS)
		return -EINVAL;
	t->where = kvmalloc_array(t->nr, sizeof(*t->where), GFP_KERNEL);
	if (!t->where)
		return -ENOMEM;
	t->pool = subject->create(subject, spec->pages);
	if (!t->pool) {
		kvfree(t->where);
		return -ENOMEM;
	}
	bench_make_ready(subject, t->pool, spec->pages);
	return 0;
}

static int team_exit(struct team *t)
{
	kvfree(t->where);
	return t->subject->destroy(t->pool) ? 0 : -EIO;
}

static void shuffle(struct team *t)
{
	u64 random = BENCH_SEED;
	unsigned long i, other;

	for (i = t->nr; i > 1; i--) {
		other = bench_below(&random, i);
		swap(t->where[i - 1], t->where[other]);
	}
}

static u64 locks_now(const struct team *t)
{
	return t->subject->locks ? t->subject->locks(t->pool) : 0;
}

/**
 * struct phases - the phases of a case
 * @alloc: the allocations are measured
 * @shuffle: the runs are shuffled between the allocations and the frees
 * @free: the frees are measured
 */
struct phases {
	bool alloc;
	bool shuffle;
	bool free;
};

static int alloc_and_free(const struct bench_spec *spec,
			  const struct bench_subject *subject,
			  unsigned long pages, struct phases phases,
			  struct bench_sum *sum)
{
	struct bench_sum ignored = {};
	struct team *t;
	u64 locks, ticks;
	int ret;

	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	ret = team_init(t, spec, subject, pages / spec->run);
	if (ret)
		goto out_free;
	sum->ops = t->nr / t->cpus;
	sum->calls = t->nr * (phases.alloc + phases.free);

	locks = locks_now(t);
	ret = run_phase(t, phases.alloc ? sum : &ignored, alloc_batch);
	if (ret)
		goto out_exit;
	sum->locks += phases.alloc ? locks_now(t) - locks : 0;
	if (phases.shuffle)
		shuffle(t);
	locks = locks_now(t);
	ticks = sum->ticks;
	ret = run_phase(t, phases.free ? sum : &ignored, free_batch);
	sum->free_ticks = sum->ticks - ticks;
	sum->locks += phases.free ? locks_now(t) - locks : 0;
	sum->fails += ignored.fails;
out_exit:
	ret = team_exit(t) ?: ret;
out_free:
	kfree(t);
	return ret;
}

/**
 * bench_rand() - the case rand
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_rand(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum)
{
	const struct phases phases = { true, true, true };

	return alloc_and_free(spec, subject, spec->pages * spec->occupancy / 100,
			      phases, sum);
}

/**
 * bench_bulk_alloc() - the case bulk-alloc
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_bulk_alloc(const struct bench_spec *spec,
		     const struct bench_subject *subject, struct bench_sum *sum)
{
	const struct phases phases = { .alloc = true };

	return alloc_and_free(spec, subject, spec->pages / 2, phases, sum);
}

/**
 * bench_bulk_free() - the case bulk-free
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_bulk_free(const struct bench_spec *spec,
		    const struct bench_subject *subject, struct bench_sum *sum)
{
	const struct phases phases = { .free = true };

	return alloc_and_free(spec, subject, spec->pages / 2, phases, sum);
}

/**
 * bench_repeat() - the case repeat
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_repeat(const struct bench_spec *spec,
		 const struct bench_subject *subject, struct bench_sum *sum)
{
	struct bench_layout l;
	struct team *t;
	u64 locks;
	int ret;

	if (spec->cpus > MAX_CPUS)
		return -EINVAL;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	ret = bench_layout_init(&l, spec, subject);
	if (ret)
		goto out_free;
	bench_layout_punch(&l, bench_layout_holes(&l, spec));
	t->subject = subject;
	t->pool = l.pool;
	t->run = spec->run;
	t->cpus = spec->cpus;
	t->nr = REPEATS * t->cpus;
	t->where = kvmalloc_array(t->nr, sizeof(*t->where), GFP_KERNEL);
	ret = -ENOMEM;
	if (!t->where)
		goto out_exit;
	sum->ops = REPEATS;
	sum->calls = 2 * t->nr;
	locks = locks_now(t);
	ret = run_phase(t, sum, repeat_batch);
	sum->locks = locks_now(t) - locks;
	kvfree(t->where);
out_exit:
	ret = bench_layout_exit(&l) ?: ret;
out_free:
	kfree(t);
	return ret;
}
