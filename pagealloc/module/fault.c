// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter "fault" of test builds: the number of the point that fails, for all
 * tasks, from the load or from the write on.  Reading it gives the points so far and
 * how many of them have failed.  0 ends it.
 */

#include <linux/kstrtox.h>
#include <linux/moduleparam.h>
#include <linux/sysfs.h>

#include "base/fault.h"

static int set_fault(const char *text, const struct kernel_param *param)
{
	unsigned long at;
	int ret;

	ret = kstrtoul(text, 10, &at);
	if (ret)
		return ret;
	if (at)
		pga_fault_arm(at, 1, NULL);
	else
		pga_fault_disarm();
	return 0;
}

static int get_fault(char *text, const struct kernel_param *param)
{
	const struct pga_fault fault = pga_fault_state();

	return sysfs_emit(text, "%lu %lu\n", fault.points, fault.fired);
}

static const struct kernel_param_ops ops = {
	.set = set_fault,
	.get = get_fault,
};

module_param_cb(fault, &ops, NULL, 0600);
