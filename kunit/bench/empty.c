// SPDX-License-Identifier: GPL-2.0
/*
 * The empty subject: calls with the signatures of an allocator, to functions that
 * do nothing.  Its cost is that of the measurement.
 */

#include <linux/gfp.h>

#include "subjects.h"

static noinline int nothing_alloc(void *pool, unsigned long nr, gfp_t gfp,
				  unsigned long *where)
{
	*where = nr;
	return 0;
}

static noinline int nothing_free(void *pool, unsigned long where,
				 unsigned long nr)
{
	barrier();
	return 0;
}

static void *empty_create(const struct bench_subject *s, unsigned long pages)
{
	return (void *)s;
}

static bool empty_destroy(void *pool)
{
	return true;
}

static int empty_alloc(void *pool, unsigned long nr, unsigned long *where)
{
	return nothing_alloc(pool, nr, GFP_KERNEL, where);
}

static int empty_alloc_aligned(void *pool, unsigned long nr, unsigned long align,
			       unsigned long *where)
{
	return nothing_alloc(pool, nr, GFP_KERNEL, where);
}

static void empty_free(void *pool, unsigned long where, unsigned long nr)
{
	nothing_free(pool, where, nr);
}

const struct bench_subject bench_empty = {
	.name = "empty",
	.stride = 1,
	.create = empty_create,
	.destroy = empty_destroy,
	.alloc = empty_alloc,
	.alloc_aligned = empty_alloc_aligned,
	.free = empty_free,
};
