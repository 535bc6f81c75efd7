// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's gen_pool, for kernels configured without: on UML nothing selects
 * it.  This is the source of the very kernel that is measured on.
 */

#include <linux/module.h>

#include <lib/genalloc.c>

MODULE_DESCRIPTION("gen_pool for a kernel that was built without");
MODULE_LICENSE("GPL");
