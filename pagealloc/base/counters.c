// SPDX-License-Identifier: GPL-2.0
/* The names of a pool's statistics, in one table for enum pagealloc_stat. */

#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/kernel.h>

#include "pagealloc.h"

static const char * const names[] = {
	[PAGEALLOC_PAGE_SIZE]			= "page_size",
	[PAGEALLOC_GRANULE]			= "granule",
	[PAGEALLOC_SYS]				= "sys",
	[PAGEALLOC_GROWN]			= "grown",
	[PAGEALLOC_IN_USE]			= "in_use",
	[PAGEALLOC_IDLE]			= "idle",
	[PAGEALLOC_AVAILABLE]			= "available",
	[PAGEALLOC_LARGEST_AVAILABLE]		= "largest_available",
	[PAGEALLOC_RETAINED]			= "retained",
	[PAGEALLOC_RELEASED]			= "released",
	[PAGEALLOC_CACHED]			= "cached",
	[PAGEALLOC_PARKED]			= "parked",
	[PAGEALLOC_DEFERRED]			= "deferred",
	[PAGEALLOC_HELD]			= "held",
	[PAGEALLOC_RETIRED]			= "retired",
	[PAGEALLOC_REFERRED]			= "referred",
	[PAGEALLOC_IN_TRANSITION]		= "in_transition",
	[PAGEALLOC_LARGEST_FREE_RUN]		= "largest_free_run",
	[PAGEALLOC_FRAGMENTATION]		= "fragmentation",
	[PAGEALLOC_GOAL]			= "goal",
	[PAGEALLOC_LIMIT]			= "limit",
	[PAGEALLOC_MAX]				= "max",
	[PAGEALLOC_METADATA]			= "metadata",
	[PAGEALLOC_ALLOC]			= "alloc",
	[PAGEALLOC_ALLOC_FAIL]			= "alloc_fail",
	[PAGEALLOC_ATOMIC_FAIL]			= "atomic_fail",
	[PAGEALLOC_ALLOC_FAIL_MAX]		= "alloc_fail_max",
	[PAGEALLOC_FREE]			= "free",
	[PAGEALLOC_BAD_REQUEST]			= "bad_request",
	[PAGEALLOC_BAD_FREE]			= "bad_free",
	[PAGEALLOC_DOUBLE_FREE]			= "double_free",
	[PAGEALLOC_BAD_TRANSITION]		= "bad_transition",
	[PAGEALLOC_GROW]			= "grow",
	[PAGEALLOC_POPULATE]			= "populate",
	[PAGEALLOC_POPULATE_PAGES]		= "populate_pages",
	[PAGEALLOC_POPULATE_FAIL_NOMEM]		= "populate_fail_nomem",
	[PAGEALLOC_POPULATE_FAIL_MARGIN]	= "populate_fail_margin",
	[PAGEALLOC_POPULATE_FAIL_BUSY]		= "populate_fail_busy",
	[PAGEALLOC_POPULATE_FAIL_INTR]		= "populate_fail_intr",
	[PAGEALLOC_POPULATE_FAIL_BROKEN]	= "populate_fail_broken",
	[PAGEALLOC_DISCARD]			= "discard",
	[PAGEALLOC_DISCARD_PAGES]		= "discard_pages",
	[PAGEALLOC_DISCARD_FAIL]		= "discard_fail",
	[PAGEALLOC_SCAVENGED_BACKGROUND]	= "scavenged_background",
	[PAGEALLOC_SCAVENGED_GROWTH]		= "scavenged_growth",
	[PAGEALLOC_SCAVENGED_LIMIT]		= "scavenged_limit",
	[PAGEALLOC_SCAVENGED_PRESSURE]		= "scavenged_pressure",
	[PAGEALLOC_SCAVENGED_REQUEST]		= "scavenged_request",
	[PAGEALLOC_GENERATIONS]			= "generations",
	[PAGEALLOC_DEFERRED_SERVED]		= "deferred_served",
	[PAGEALLOC_CACHE_ALLOC]			= "cache_alloc",
	[PAGEALLOC_CACHE_FREE]			= "cache_free",
	[PAGEALLOC_CACHE_REFILL]		= "cache_refill",
	[PAGEALLOC_CACHE_FLUSH]			= "cache_flush",
	[PAGEALLOC_WRONG_LENGTH]		= "wrong_length",
	[PAGEALLOC_OWNER_LOST]			= "owner_lost",
};
static_assert(ARRAY_SIZE(names) == PAGEALLOC_NR_STATS);

/**
 * pagealloc_stat_name() - the name of a statistic
 * @stat: the statistic
 *
 * Context: any.
 * Return: the name that debugfs shows, or NULL if there is no such statistic.
 */
const char *pagealloc_stat_name(enum pagealloc_stat stat)
{
	return stat < ARRAY_SIZE(names) ? names[stat] : NULL;
}
EXPORT_SYMBOL_GPL(pagealloc_stat_name);
