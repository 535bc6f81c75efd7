// SPDX-License-Identifier: GPL-2.0
/*
 * Hibernation: the kernel writes its own memory to disk, not that of carve-outs.
 *
 * So hibernation is refused while pages are in use that would lose their content.  What
 * is free may lose it; only the poison in discarded pages must not be expected any more.
 */

#include <linux/notifier.h>
#include <linux/suspend.h>

#include "backing/carveout.h"
#include "base/fault.h"
#include "module/hibernate.h"
#include "pool/registry.h"

static int pm_event(struct notifier_block *block, unsigned long event, void *unused)
{
	int ret;

	if (event != PM_HIBERNATION_PREPARE)
		return NOTIFY_DONE;
	ret = pga_registry_hibernate();
	if (!ret)
		pga_carveout_forget_poison();
	return notifier_from_errno(ret);
}

static struct notifier_block pm_notifier = { .notifier_call = pm_event };

/**
 * pga_hibernate_init() - be told before the machine hibernates
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int pga_hibernate_init(void)
{
	return register_pm_notifier(&pm_notifier);
}

/**
 * pga_hibernate_exit() - undo pga_hibernate_init()
 *
 * Context: may sleep.
 */
void pga_hibernate_exit(void)
{
	unregister_pm_notifier(&pm_notifier);
}
