/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_SLAB_H
#define NATIVE_LINUX_SLAB_H

/* All memory is the program's heap, so that a sanitizer sees each object. */

#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/types.h>

/* Zeroed always. */
void *native_alloc(size_t size);
void native_free(const void *memory);

static inline void *kmalloc(size_t size, gfp_t gfp)
{
	return native_alloc(size);
}

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return native_alloc(size);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return native_alloc(array_size(n, size));
}

static inline void *kvmalloc(size_t size, gfp_t gfp)
{
	return native_alloc(size);
}

static inline void *kvzalloc(size_t size, gfp_t gfp)
{
	return native_alloc(size);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	return native_alloc(array_size(n, size));
}

static inline void kfree(const void *memory)
{
	native_free(memory);
}

static inline void kvfree(const void *memory)
{
	native_free(memory);
}

#endif
