/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_SCHED_H
#define NATIVE_LINUX_SCHED_H

#include <linux/kernel.h>

#define cond_resched()	do { } while (0)

#endif
