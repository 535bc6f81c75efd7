// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that do something over and over until all are told to stop.
 *
 * A thread notes when a turn begins.  One that has been in the same turn for much
 * longer than any may take waits for something that does not come; it is named,
 * with the pool that it is at, and it is the job's to end the guest then: nothing
 * in the kernel can.
 */

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "thread.h"

#define THREADS_MAX	64

/* Filled by the module's init, then only read. */
static struct stress_thread *threads[THREADS_MAX];
static unsigned int nr_threads;

static bool stopping;
static atomic_t running;
static DECLARE_COMPLETION(all_stopped);

/**
 * stress_threads_stopping() - should a long turn come to its end?
 *
 * Return: whether it should.
 */
bool stress_threads_stopping(void)
{
	return READ_ONCE(stopping);
}

static int run(void *data)
{
	struct stress_thread *me = data;

	while (!stress_threads_stopping()) {
		WRITE_ONCE(me->since, jiffies);
		me->turn(me);
		cond_resched();
	}
	/* Since now it is in no turn. */
	WRITE_ONCE(me->where, NULL);
	if (atomic_dec_and_test(&running))
		complete(&all_stopped);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/**
 * stress_thread_start() - start a thread
 * @name: what it is called
 * @seed: of its random numbers
 * @turn: what it does over and over
 * @data: for @turn
 *
 * Context: may sleep; from init.
 * Return: 0 or -errno.
 */
int stress_thread_start(const char *name, u64 seed,
			void (*turn)(struct stress_thread *me), void *data)
{
	struct stress_thread *me;
	struct task_struct *task;

	if (nr_threads == THREADS_MAX)
		return -ENOSPC;
	me = kzalloc(sizeof(*me), GFP_KERNEL);
	if (!me)
		return -ENOMEM;
	prandom_seed_state(&me->random, seed);
	me->turn = turn;
	me->data = data;
	me->since = jiffies;
	me->where = "none";
	task = kthread_create(run, me, "stress_%s", name);
	if (IS_ERR(task)) {
		kfree(me);
		return PTR_ERR(task);
	}
	me->task = get_task_struct(task);
	threads[nr_threads++] = me;
	atomic_inc(&running);
	wake_up_process(task);
	return 0;
}

static bool is_stuck(const struct stress_thread *t, unsigned int seconds)
{
	return READ_ONCE(t->where) &&
	       time_after(jiffies, READ_ONCE(t->since) + seconds * HZ);
}

/**
 * stress_threads_stuck() - how many do not get on?
 * @seconds: for which they have been in the same turn
 *
 * Return: the number.
 */
unsigned int stress_threads_stuck(unsigned int seconds)
{
	unsigned int i, stuck = 0;

	for (i = 0; i < nr_threads; i++)
		stuck += is_stuck(threads[i], seconds);
	return stuck;
}

/**
 * stress_threads_show_stuck() - a line for each that does not get on
 * @m: where
 * @seconds: for which it has been in the same turn
 */
void stress_threads_show_stuck(struct seq_file *m, unsigned int seconds)
{
	const struct stress_thread *t;
	unsigned int i;

	for (i = 0; i < nr_threads; i++) {
		t = threads[i];
		if (is_stuck(t, seconds))
			seq_printf(m, "%s %d at %s for %lu s\n", t->task->comm,
				   t->task->pid, READ_ONCE(t->where),
				   (jiffies - READ_ONCE(t->since)) / HZ);
	}
}

/**
 * stress_threads_stop() - have all threads come to the end of their turn
 * @seconds: to wait for them
 *
 * Context: may sleep.
 * Return: how many have not; then stress_threads_end() must not be called.
 */
unsigned int stress_threads_stop(unsigned int seconds)
{
	WRITE_ONCE(stopping, true);
	if (nr_threads)
		wait_for_completion_timeout(&all_stopped, seconds * HZ);
	return atomic_read(&running);
}

/**
 * stress_threads_end() - end all threads, which have stopped
 *
 * Context: may sleep.
 */
void stress_threads_end(void)
{
	while (nr_threads) {
		struct stress_thread *t = threads[--nr_threads];

		kthread_stop(t->task);
		put_task_struct(t->task);
		kfree(t);
	}
}
