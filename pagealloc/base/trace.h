/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pagealloc

#if !defined(PAGEALLOC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PAGEALLOC_TRACE_H

#include <linux/tracepoint.h>

#include "base/compat.h"
#include "pagealloc.h"

/* A scavenge for @cause has released @now bytes; @stats is the pool after it. */
TRACE_EVENT(pagealloc_scavenge,
	TP_PROTO(const char *pool, const char *cause, u64 now,
		 const struct pagealloc_stats *stats, unsigned int cpu_permille),
	TP_ARGS(pool, cause, now, stats, cpu_permille),
	TP_STRUCT__entry(
		__string(pool, pool)
		__string(cause, cause)
		__field(u64, now)
		__field(u64, in_use)
		__field(u64, idle)
		__field(u64, sys)
		__field(u64, released)
		__field(u64, retained)
		__field(unsigned int, cpu_permille)
	),
	TP_fast_assign(
		pga_assign_str(pool, pool);
		pga_assign_str(cause, cause);
		__entry->now = now;
		__entry->in_use = stats->value[PAGEALLOC_IN_USE];
		__entry->idle = stats->value[PAGEALLOC_IDLE];
		__entry->sys = stats->value[PAGEALLOC_SYS];
		__entry->released = stats->value[PAGEALLOC_RELEASED];
		__entry->retained = stats->value[PAGEALLOC_RETAINED];
		__entry->cpu_permille = cpu_permille;
	),
	TP_printk("pool=%s cause=%s now=%llu in_use=%llu idle=%llu sys=%llu released=%llu retained=%llu cpu_permille=%u",
		  __get_str(pool), __get_str(cause), __entry->now,
		  __entry->in_use, __entry->idle, __entry->sys,
		  __entry->released, __entry->retained, __entry->cpu_permille)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH base
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
