// SPDX-License-Identifier: GPL-2.0
/*
 * The trace event of a scavenge, and a line in the log if log_scavenge is set.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include "module/scavenge_log.h"
#include "pool/state.h"

#define CREATE_TRACE_POINTS
#include "base/trace.h"

static bool log_scavenge;
module_param(log_scavenge, bool, 0600);
MODULE_PARM_DESC(log_scavenge, "Log a line for each scavenge that released memory (default: no)");

static noinline void log_and_trace(struct pagealloc_pool *pool,
				   enum pagealloc_stat cause,
				   unsigned long released,
				   unsigned int cpu_permille)
{
	struct pagealloc_stats stats;

	pagealloc_stats(pool, &stats);
	trace_pagealloc_scavenge(pool->name, pagealloc_stat_name(cause),
				 (u64)released * PAGE_SIZE, &stats, cpu_permille);
	if (log_scavenge)
		pr_info("%s: %s: released now %lu, in use %llu, idle %llu, sys %llu, released %llu, retained %llu, cpu %u/1000\n",
			pool->name, pagealloc_stat_name(cause),
			released * PAGE_SIZE, stats.value[PAGEALLOC_IN_USE],
			stats.value[PAGEALLOC_IDLE], stats.value[PAGEALLOC_SYS],
			stats.value[PAGEALLOC_RELEASED],
			stats.value[PAGEALLOC_RETAINED], cpu_permille);
}

/**
 * pga_log_scavenge() - log and trace a scavenge
 * @pool: the pool
 * @cause: the counter of what the scavenge was for
 * @released: pages
 * @cpu_permille: share of a CPU that the pool's worker has used so far
 *
 * Collects the statistics of the pool only if the log or a tracer wants them.
 */
void pga_log_scavenge(struct pagealloc_pool *pool, enum pagealloc_stat cause,
		      unsigned long released, unsigned int cpu_permille)
{
	if (log_scavenge || trace_pagealloc_scavenge_enabled())
		log_and_trace(pool, cause, released, cpu_permille);
}
