// SPDX-License-Identifier: GPL-2.0
/*
 * The subject buddy: the kernel's page allocator.  Its pool is the memory of the
 * machine.  Runs are rounded up to a power of two.
 */

#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "subjects.h"

/* The order of 2 MiB, and the largest run that all supported kernels allocate. */
#define CHUNK_ORDER	(21 - PAGE_SHIFT)
#define MAX_RUN		1024

static void *buddy_create(const struct bench_subject *s, unsigned long pages)
{
	return (void *)s;
}

static bool buddy_destroy(void *pool)
{
	return true;
}

static int buddy_alloc(void *pool, unsigned long nr, unsigned long *where)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN,
					order_base_2(nr));

	*where = (unsigned long)page;
	return page ? 0 : -ENOMEM;
}

/* A block is aligned to its length, which is a power of two. */
static int buddy_alloc_aligned(void *pool, unsigned long nr, unsigned long align,
			       unsigned long *where)
{
	return buddy_alloc(pool, max(nr, align), where);
}

static void buddy_free(void *pool, unsigned long where, unsigned long nr)
{
	__free_pages((struct page *)where, order_base_2(nr));
}

/* The number of free blocks of 2 MiB in the machine. */
static unsigned long buddy_free_chunks(void *pool)
{
	unsigned long nr = 0;
	struct zone *zone;
	int nid, i, order;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			zone = &NODE_DATA(nid)->node_zones[i];
			for (order = CHUNK_ORDER; (1UL << order) <= MAX_RUN; order++)
				nr += READ_ONCE(zone->free_area[order].nr_free) <<
				      (order - CHUNK_ORDER);
		}
	}
	return nr;
}

const struct bench_subject bench_buddy = {
	.name = "buddy",
	.max_pages = 1UL << 18,
	.max_run = MAX_RUN,
	.create = buddy_create,
	.destroy = buddy_destroy,
	.alloc = buddy_alloc,
	.alloc_aligned = buddy_alloc_aligned,
	.free = buddy_free,
	.free_chunks = buddy_free_chunks,
};
