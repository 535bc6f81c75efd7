// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: a client of pagealloc that has many pools of all kinds, and
 * does to them whatever its public interface allows, on all CPUs and in interrupts.
 *
 *	workers		allocate and free, in all ways (requests.c, frees.c)
 *	timers		the same in hard interrupts (timer.c)
 *	meddlers	scavenge, tune, check, add regions, let backings fail (meddle.c)
 *	visitors	make pools, use them and destroy them (visitor.c)
 *	holders		have frames that are lent (holder.c)
 *
 * The rest is done by the guest's job: CPU hotplug, debugfs, memory pressure, other
 * clients.  What must be true at any time is in account.c, and in judge.c what must
 * be true in the end.
 *
 * It begins at insmod.  In debugfs, pagealloc_stress/ has
 *
 *	state	operations so far, faults found, threads that do not get on
 *	counts	operations by kind
 *	stop	a write of anything ends it; the write returns when all pools have
 *		been judged and destroyed
 *	tests	the result, a line "ok TEST" or "not ok TEST: why" for each test
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>

#include "backing.h"
#include "chance.h"
#include "count.h"
#include "frees.h"
#include "holder.h"
#include "judge.h"
#include "meddle.h"
#include "requests.h"
#include "target.h"
#include "thread.h"
#include "timer.h"
#include "visitor.h"

static unsigned int seed = 1;
module_param(seed, uint, 0400);
MODULE_PARM_DESC(seed, "Of all random numbers");

static unsigned int workers = 4;
module_param(workers, uint, 0400);
MODULE_PARM_DESC(workers, "Threads that allocate and free");

static unsigned int meddlers = 2;
module_param(meddlers, uint, 0400);
MODULE_PARM_DESC(meddlers, "Threads that scavenge, tune and so on");

static unsigned int timers = 2;
module_param(timers, uint, 0400);
MODULE_PARM_DESC(timers, "Timers that allocate and free in interrupts");

static unsigned int period_us = 20000;
module_param(period_us, uint, 0400);
MODULE_PARM_DESC(period_us, "Microseconds between two interrupts of a timer");

static unsigned int loan_pages = 32768;
module_param(loan_pages, uint, 0400);
MODULE_PARM_DESC(loan_pages, "Pages in the largest loan; others have a half of it");

static unsigned int hold_pages = 32768;
module_param(hold_pages, uint, 0400);
MODULE_PARM_DESC(hold_pages, "Frames that others have at a time, at most");

static unsigned int stuck_s = 120;
module_param(stuck_s, uint, 0400);
MODULE_PARM_DESC(stuck_s, "Seconds after which a thread counts as stuck");

static struct stress_target targets[] = {
	{ .spec = { .name = "loan", .loan = true,
		    .flags = PAGEALLOC_READY_FIRST } },
	{ .spec = { .name = "loan_span", .loan = true, .engine = "span" } },
	{ .spec = { .name = "loan_track", .loan = true,
		    .flags = PAGEALLOC_TRACK_STACKS } },
	{ .spec = { .name = "sim_1", .granule = 1, .pages = 16384, .regions = 3,
		    .hole = 5000 } },
	{ .spec = { .name = "sim_16", .granule = 16, .pages = 16384, .regions = 2,
		    .offset = 7 } },
	{ .spec = { .name = "sim_64", .granule = 64, .pages = 12288, .regions = 1,
		    .flags = PAGEALLOC_NO_CACHE | PAGEALLOC_NO_WORKER } },
	{ .spec = { .name = "sim_512", .granule = 512, .pages = 16384,
		    .regions = 2, .flags = PAGEALLOC_READY_FIRST } },
	{ .spec = { .name = "sim_1024", .granule = 1024, .pages = 16384,
		    .regions = 1, .flags = PAGEALLOC_TRACK } },
	{ .spec = { .name = "sim_8192", .granule = 8192, .pages = 32768,
		    .regions = 2, .hole = 8192 } },
	{ .spec = { .name = "span_1", .engine = "span", .granule = 1,
		    .pages = 16384, .regions = 2, .hole = 1000,
		    .flags = PAGEALLOC_NO_CACHE } },
	{ .spec = { .name = "span_8", .engine = "span", .granule = 8,
		    .pages = 16384, .regions = 3, .offset = 3, .hole = 8 } },
	{ .spec = { .name = "span_512", .engine = "span", .granule = 512,
		    .pages = 16384, .regions = 2,
		    .flags = PAGEALLOC_READY_FIRST | PAGEALLOC_TRACK_STACKS } },
	{ .spec = { .name = "span_8192", .engine = "span", .granule = 8192,
		    .pages = 32768, .regions = 2 } },
};

/* Ending it; @stopped by @stop_mutex. */
static DEFINE_MUTEX(stop_mutex);
static bool stopped;
static struct dentry *dir;

static struct stress_target *draw_target(struct stress_thread *me)
{
	struct stress_target *target;

	target = &targets[stress_below(&me->random, ARRAY_SIZE(targets))];
	WRITE_ONCE(me->where, target->spec.name);
	return target;
}

static void work(struct stress_thread *me)
{
	stress_request(draw_target(me), &me->random, me->pfns);
}

static void meddle(struct stress_thread *me)
{
	stress_meddle(draw_target(me), &me->random);
	msleep(1 + stress_below(&me->random, 8));
}

static int start_threads(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < workers && !ret; i++)
		ret = stress_thread_start("worker", seed * 1000ULL + i, work, NULL);
	for (i = 0; i < meddlers && !ret; i++)
		ret = stress_thread_start("meddler", seed * 1000ULL + 100 + i,
					  meddle, NULL);
	ret = ret ?: stress_thread_start("visitor", seed * 1000ULL + 200,
					 stress_visit, "visitor_a");
	ret = ret ?: stress_thread_start("visitor", seed * 1000ULL + 201,
					 stress_visit, "visitor_b");
	if (hold_pages)
		ret = ret ?: stress_thread_start("holder", seed * 1000ULL + 300,
						 stress_hold, &hold_pages);
	return ret;
}

static void destroy_target(struct stress_target *target, bool quiet)
{
	const char *name = target->spec.name;
	int ret;

	if (!target->pool)
		return;
	ret = stress_target_destroy(target);
	if (!quiet)
		stress_judge(!ret, name, "destroyed", "%d", ret);
	/* The pool calls its backing here as long as it is there. */
	if (ret)
		__module_get(THIS_MODULE);
}

static void destroy_all(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(targets); i++)
		destroy_target(&targets[i], true);
}

static void judge_all(void)
{
	struct rnd_state random;
	unsigned int i;

	prandom_seed_state(&random, seed);
	for (i = 0; i < ARRAY_SIZE(targets); i++)
		stress_free_all(&targets[i], &random);
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		stress_judge_target(&targets[i], false);
		destroy_target(&targets[i], false);
	}
	stress_judge(!stress_faults(), "all", "no_fault",
		     "%lu faults, see the log", stress_faults());
}

/* Threads that are stuck stay, and what they may use with them. */
static int stop(void)
{
	unsigned int left;

	lockdep_assert_held(&stop_mutex);
	if (stopped)
		return 0;
	left = stress_threads_stop(stuck_s);
	stress_judge(!left, "all", "threads_stop", "%u threads are stuck", left);
	if (left)
		return -ETIMEDOUT;
	stress_timers_stop();
	judge_all();
	stopped = true;
	return 0;
}

static ssize_t stop_write(struct file *file, const char __user *from, size_t len,
			  loff_t *pos)
{
	int ret;

	mutex_lock(&stop_mutex);
	ret = stop();
	mutex_unlock(&stop_mutex);
	return ret ?: len;
}

static const struct file_operations stop_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = stop_write,
	.llseek = noop_llseek,
};

static int state_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "operations %lu\n", stress_operations());
	seq_printf(m, "faults %lu\n", stress_faults());
	seq_printf(m, "stuck %u\n", stress_threads_stuck(stuck_s));
	stress_threads_show_stuck(m, stuck_s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static int counts_show(struct seq_file *m, void *unused)
{
	stress_show_counts(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counts);

static int tests_show(struct seq_file *m, void *unused)
{
	mutex_lock(&stop_mutex);
	stress_show_judgements(m);
	mutex_unlock(&stop_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(tests);

static void make_files(void)
{
	dir = debugfs_create_dir("pagealloc_stress", NULL);
	debugfs_create_file("state", 0400, dir, NULL, &state_fops);
	debugfs_create_file("counts", 0400, dir, NULL, &counts_fops);
	debugfs_create_file("tests", 0400, dir, NULL, &tests_fops);
	debugfs_create_file("stop", 0200, dir, NULL, &stop_fops);
}

static int make_targets(void)
{
	struct stress_target *target;
	int ret;

	for (target = targets; target < targets + ARRAY_SIZE(targets); target++) {
		if (target->spec.loan)
			target->spec.pages = target == targets ? loan_pages :
								 loan_pages / 2;
		ret = stress_target_make(target);
		if (ret) {
			pr_err("%s: no pool: %d\n", target->spec.name, ret);
			return ret;
		}
	}
	return 0;
}

static int __init stress_init(void)
{
	int ret;

	stress_backing_init();
	ret = make_targets();
	if (ret)
		goto err_targets;
	ret = stress_timers_start(timers, period_us, seed, targets,
				  ARRAY_SIZE(targets));
	if (ret)
		goto err_targets;
	ret = start_threads();
	if (ret)
		goto err_threads;
	make_files();
	return 0;

err_threads:
	stress_threads_stop(stuck_s);
	stress_threads_end();
	stress_timers_stop();
	judge_all();
err_targets:
	destroy_all();
	stress_forget_judgements();
	return ret;
}
module_init(stress_init);

static void __exit stress_exit(void)
{
	debugfs_remove_recursive(dir);
	mutex_lock(&stop_mutex);
	stop();
	mutex_unlock(&stop_mutex);
	stress_threads_end();
	stress_forget_judgements();
}
module_exit(stress_exit);

MODULE_DESCRIPTION("Everything at once: all that clients can do to pools of all kinds");
MODULE_LICENSE("GPL");
