// SPDX-License-Identifier: GPL-2.0
/*
 * The "memory" backing: memory that is simply there.
 *
 * The pool populates and discards nothing, so there is nothing to do here.  Whether the
 * pages can be zeroed depends on the addresses with which the client adds regions.
 */

#include <linux/export.h>

#include "pagealloc.h"

static unsigned long memory_granule(void *ctx)
{
	return 1;
}

static int memory_reserve(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	return 0;
}

static void memory_release(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
}

static bool memory_has_pages(void *ctx)
{
	return true;
}

/* Operations of memory that is simply there; no context. */
const struct pagealloc_backing_ops pagealloc_memory_ops = {
	.name = "memory",
	.stays = true,
	.granule = memory_granule,
	.reserve = memory_reserve,
	.release = memory_release,
};
EXPORT_SYMBOL_GPL(pagealloc_memory_ops);

/* The same for memory of which each page has a page struct. */
const struct pagealloc_backing_ops pagealloc_memory_pages_ops = {
	.name = "memory",
	.stays = true,
	.has_pages = memory_has_pages,
	.granule = memory_granule,
	.reserve = memory_reserve,
	.release = memory_release,
};
EXPORT_SYMBOL_GPL(pagealloc_memory_pages_ops);
