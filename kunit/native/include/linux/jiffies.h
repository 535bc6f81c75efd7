/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_JIFFIES_H
#define NATIVE_LINUX_JIFFIES_H

/* The time stands still. */
#define HZ			100
#define INITIAL_JIFFIES		0UL
#define jiffies			0UL
#define time_before(a, b)	((long)((a) - (b)) < 0)

#endif
