// SPDX-License-Identifier: GPL-2.0
/*
 * The subjects genpool and genpool-best: the kernel's gen_pool with first fit and
 * with best fit.  Its addresses do not start at 0, which means a failure.
 */

#include <linux/genalloc.h>
#include <linux/mm.h>

#include "subjects.h"

#define BASE	(1UL << 40)

static void *genpool_create(const struct bench_subject *s, unsigned long pages)
{
	struct gen_pool *pool = gen_pool_create(PAGE_SHIFT, -1);

	if (!pool)
		return NULL;
	if (gen_pool_add(pool, BASE, pages << PAGE_SHIFT, -1)) {
		gen_pool_destroy(pool);
		return NULL;
	}
	if (s->flags)
		gen_pool_set_algo(pool, gen_pool_best_fit, NULL);
	return pool;
}

static bool genpool_destroy(void *pool)
{
	gen_pool_destroy(pool);
	return true;
}

static int genpool_alloc(void *pool, unsigned long nr, unsigned long *where)
{
	*where = gen_pool_alloc(pool, nr << PAGE_SHIFT);
	return *where ? 0 : -ENOMEM;
}

static void genpool_free(void *pool, unsigned long where, unsigned long nr)
{
	gen_pool_free(pool, where, nr << PAGE_SHIFT);
}

static unsigned long genpool_page(void *pool, unsigned long where)
{
	return (where - BASE) >> PAGE_SHIFT;
}

const struct bench_subject bench_genpool = {
	.name = "genpool",
	.stride = PAGE_SIZE,
	.max_pages = 1UL << 24,
	.create = genpool_create,
	.destroy = genpool_destroy,
	.alloc = genpool_alloc,
	.free = genpool_free,
	.page = genpool_page,
};

const struct bench_subject bench_genpool_best = {
	.name = "genpool-best",
	.stride = PAGE_SIZE,
	.flags = 1,
	.max_pages = 1UL << 18,
	.create = genpool_create,
	.destroy = genpool_destroy,
	.alloc = genpool_alloc,
	.free = genpool_free,
	.page = genpool_page,
};
