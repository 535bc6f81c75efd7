// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's gen_pool, for kernels that are configured without it: on UML no
 * option selects it.  This includes the source of the kernel under measurement.
 */

#include <linux/module.h>

#include <lib/genalloc.c>

MODULE_DESCRIPTION("gen_pool for a kernel that was built without");
MODULE_LICENSE("GPL");
