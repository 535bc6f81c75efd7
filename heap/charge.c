// SPDX-License-Identifier: GPL-2.0
/*
 * Charging users for the memory of their buffers.
 *
 * Buffers cannot be swapped out, and they are in no process's RSS.  So what a user has
 * of them counts against RLIMIT_MEMLOCK, beside what else the kernel charges to
 * user_struct.locked_vm.  The charge belongs to the user and not to an address space:
 * neither a fork nor the end of the process that made the buffer changes it.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/resource.h>
#include <linux/sched/signal.h>
#include <linux/sched/user.h>

#include "charge.h"

/* May the user of the calling task have so many pages? */
static bool allowed(unsigned long nr_pages)
{
	return nr_pages <= rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT ||
	       capable(CAP_IPC_LOCK);
}

/**
 * pgh_charge() - charge the user of the calling task
 * @charge: filled in; all zeroes before
 * @nr_pages: pages
 *
 * A task with CAP_IPC_LOCK is charged as well, but has no limit.
 *
 * Context: process context.
 * Return: 0; -ENOMEM if the user would have more than RLIMIT_MEMLOCK allows.
 */
int pgh_charge(struct pgh_charge *charge, unsigned long nr_pages)
{
	struct user_struct *user = current_user();
	long had = atomic_long_read(&user->locked_vm), has;

	do {
		if (nr_pages > LONG_MAX || check_add_overflow(had, (long)nr_pages, &has) ||
		    !allowed(has))
			return -ENOMEM;
	} while (!atomic_long_try_cmpxchg(&user->locked_vm, &had, has));
	charge->user = get_uid(user);
	charge->nr_pages = nr_pages;
	return 0;
}

/**
 * pgh_uncharge() - undo pgh_charge()
 * @charge: all zeroes, or as pgh_charge() left it; may be passed again
 *
 * Context: any task's, may not be in an interrupt.
 */
void pgh_uncharge(struct pgh_charge *charge)
{
	if (!charge->user)
		return;
	atomic_long_sub(charge->nr_pages, &charge->user->locked_vm);
	free_uid(charge->user);
	charge->user = NULL;
}
