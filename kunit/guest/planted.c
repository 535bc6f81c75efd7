// SPDX-License-Identifier: GPL-2.0
/*
 * Planted bugs, to check that a debug kernel reports them.
 *
 * Silence of a debug kernel is a result only if it would have reported a bug.  At
 * insmod this module executes the bug that bug= names:
 *
 *	oob	read one byte beyond an object of kmalloc()
 *	sleep	call a function that may sleep while holding the lock of a pool
 *	leak	lose the only pointer to an object of kmalloc()
 *	race	write a word on two CPUs, without a lock
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "pool/state.h"

static char *bug = "";
module_param(bug, charp, 0400);
MODULE_PARM_DESC(bug, "The bug to execute: oob, sleep, leak or race");

#define OBJECT_SIZE	100

static int plant_oob(void)
{
	u8 *object = kzalloc(OBJECT_SIZE, GFP_KERNEL);
	size_t beyond = OBJECT_SIZE;

	if (!object)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(beyond);
	pr_info("the byte beyond the object is %u\n", READ_ONCE(object[beyond]));
	kfree(object);
	return 0;
}

/* pagealloc_scavenge() may sleep; for 0 pages it returns -EINVAL. */
static int sleep_under_lock(struct pagealloc_pool *pool)
{
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	ret = pagealloc_scavenge(pool, 0, NULL);
	pga_pool_unlock(pool, flags);
	return ret == -EINVAL ? 0 : -EIO;
}

static int plant_sleep(void)
{
	static struct pagealloc_sim sim;
	const struct pagealloc_config config = {
		.name = "planted",
		.ops = &pagealloc_sim_ops,
		.ctx = &sim,
	};
	struct pagealloc_pool *pool;
	int ret;

	pagealloc_sim_init(&sim, 1);
	pool = pagealloc_pool_create(&config);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	ret = sleep_under_lock(pool);
	return pagealloc_pool_destroy(pool) ?: ret;
}

/* The only pointer to the object is in this stack frame. */
static noinline int plant_leak(void)
{
	u8 *object = kzalloc(OBJECT_SIZE, GFP_KERNEL);

	if (!object)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(object);
	return 0;
}

/* KCSAN watches one access in some thousands for some 80 us. */
#define RACE_JIFFIES	(10 * HZ)

static unsigned long race_word;
static unsigned long race_end;

static void race_write(struct work_struct *unused)
{
	while (time_before(jiffies, race_end)) {
		race_word++;
		/* Otherwise the compiler keeps the word in a register. */
		barrier();
		cond_resched();
	}
}

static int plant_race(void)
{
	static struct work_struct work[2];
	unsigned int cpu, n = 0;

	race_end = jiffies + RACE_JIFFIES;
	for_each_online_cpu(cpu) {
		if (n == ARRAY_SIZE(work))
			break;
		INIT_WORK(&work[n], race_write);
		schedule_work_on(cpu, &work[n++]);
	}
	while (n)
		flush_work(&work[--n]);
	return 0;
}

static int __init planted_init(void)
{
	if (!strcmp(bug, "oob"))
		return plant_oob();
	if (!strcmp(bug, "sleep"))
		return plant_sleep();
	if (!strcmp(bug, "leak"))
		return plant_leak();
	if (!strcmp(bug, "race"))
		return plant_race();
	pr_err("parameter bug=%s refused: it takes oob, sleep, leak or race\n", bug);
	return -EINVAL;
}
module_init(planted_init);

static void __exit planted_exit(void)
{
}
module_exit(planted_exit);

MODULE_DESCRIPTION("Planted bugs, to check that a debug kernel reports them");
MODULE_LICENSE("GPL");
