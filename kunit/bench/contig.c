// SPDX-License-Identifier: GPL-2.0
/*
 * The subject contig: alloc_contig_range() on a free range, for comparison.  The
 * caller chooses the range, and nothing has to be moved.  The function sleeps, so
 * interrupts stay on, and the result contains their cost.
 */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "base/compat.h"
#include "subjects.h"

/* The order of the block that contains the ranges, the largest of all kernels. */
#define BLOCK_ORDER	10

static void *contig_create(const struct bench_subject *s, unsigned long pages)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, BLOCK_ORDER);

	if (page)
		__free_pages(page, BLOCK_ORDER);
	return page;
}

static bool contig_destroy(void *pool)
{
	return true;
}

static int contig_alloc(void *pool, unsigned long nr, unsigned long *where)
{
	struct page *page = pool;

	*where = page_to_pfn(page);
	return pga_alloc_contig_range(*where, *where + nr, GFP_KERNEL);
}

static void contig_free(void *pool, unsigned long where, unsigned long nr)
{
	free_contig_range(where, nr);
}

const struct bench_subject bench_contig = {
	.name = "contig",
	.max_run = 1UL << BLOCK_ORDER,
	.one_run = true,
	.sleeps = true,
	.create = contig_create,
	.destroy = contig_destroy,
	.alloc = contig_alloc,
	.free = contig_free,
};
