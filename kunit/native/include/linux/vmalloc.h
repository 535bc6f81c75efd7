/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_VMALLOC_H
#define NATIVE_LINUX_VMALLOC_H

#include <linux/slab.h>

static inline void *vmalloc(unsigned long size)
{
	return native_alloc(size);
}

static inline void *vzalloc(unsigned long size)
{
	return native_alloc(size);
}

static inline void vfree(const void *memory)
{
	native_free(memory);
}

#endif
