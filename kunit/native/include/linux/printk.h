/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_PRINTK_H
#define NATIVE_LINUX_PRINTK_H

/* The log is the program's output. */

#include <linux/compiler.h>

__printf(1, 2) void native_print(const char *fmt, ...);

#define pr_info(...)	native_print(__VA_ARGS__)

#endif
