// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's gen_pool, for kernels that are configured without it, such as UML.
 * The source is that of the kernel on which the benchmark runs.
 */

#include <linux/module.h>

#include <lib/genalloc.c>

MODULE_DESCRIPTION("gen_pool for a kernel that was built without it");
MODULE_LICENSE("GPL");
