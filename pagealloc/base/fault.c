// SPDX-License-Identifier: GPL-2.0
/* Which point fails; see fault.h.  Only test builds have this file. */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/spinlock.h>

#include "base/fault.h"
#include "base/kunit_export.h"

static DEFINE_RAW_SPINLOCK(fault_lock);
static struct pga_fault fault;		/* protected by fault_lock */
static bool armed;			/* written under fault_lock */

/**
 * pga_fault_arm() - have points counted, and some fail
 * @at: the first point that fails, 1 is the next one; 0 is none
 * @times: how many fail from there on, up to PGA_FAULT_FOREVER
 * @task: the task whose points count, or NULL for all
 *
 * Context: any but NMI.
 */
void pga_fault_arm(unsigned long at, unsigned long times,
		   const struct task_struct *task)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&fault_lock, flags);
	fault = (struct pga_fault) { .at = at, .times = times, .task = task };
	/* Pairs with READ_ONCE() in pga_fault_point(). */
	WRITE_ONCE(armed, true);
	raw_spin_unlock_irqrestore(&fault_lock, flags);
}
PGA_EXPORT_FOR_KUNIT(pga_fault_arm);

/**
 * pga_fault_disarm() - have no further point fail
 *
 * Context: any but NMI.
 * Return: what has happened since pga_fault_arm().
 */
struct pga_fault pga_fault_disarm(void)
{
	struct pga_fault result;
	unsigned long flags;

	raw_spin_lock_irqsave(&fault_lock, flags);
	WRITE_ONCE(armed, false);
	result = fault;
	raw_spin_unlock_irqrestore(&fault_lock, flags);
	return result;
}
PGA_EXPORT_FOR_KUNIT(pga_fault_disarm);

/**
 * pga_fault_state() - what has happened since pga_fault_arm()
 *
 * Context: any but NMI.
 */
struct pga_fault pga_fault_state(void)
{
	struct pga_fault result;
	unsigned long flags;

	raw_spin_lock_irqsave(&fault_lock, flags);
	result = fault;
	raw_spin_unlock_irqrestore(&fault_lock, flags);
	return result;
}

/* Count a point; whether it has to fail. */
static bool count(int error, const char *what, const char *where)
{
	lockdep_assert_held(&fault_lock);
	fault.points++;
	if (!fault.at || fault.points < fault.at ||
	    fault.points - fault.at >= fault.times)
		return false;
	if (!fault.fired++) {
		fault.error = error;
		fault.what = what;
		fault.where = where;
	}
	fault.last = error;
	return true;
}

/**
 * pga_fault_point() - whether a call of the kernel has to fail
 * @error: the errno that it fails with
 * @what: the function of the kernel
 * @where: the function that calls it
 *
 * Context: any but NMI.  Points in interrupts do not count.
 * Return: @error, or 0 if the call is to be made.
 */
int pga_fault_point(int error, const char *what, const char *where)
{
	unsigned long flags;
	bool fails = false, log = false;

	/* Pairs with WRITE_ONCE() in pga_fault_arm(). */
	if (!READ_ONCE(armed) || !in_task())
		return 0;
	raw_spin_lock_irqsave(&fault_lock, flags);
	if (armed && (!fault.task || fault.task == current)) {
		fails = count(error, what, where);
		log = fails && !fault.task;
	}
	raw_spin_unlock_irqrestore(&fault_lock, flags);
	if (log)
		pr_info("fault: %s() in %s()\n", what, where);
	return fails ? error : 0;
}
PGA_EXPORT_FOR_KUNIT(pga_fault_point);
