/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_NODE_H
#define PAGEALLOC_SPAN_NODE_H

#include <linux/rbtree.h>

#include "engine/map.h"

/**
 * struct pga_stretch - spans that follow one another by address, in summary
 * @first: first page of the first of them
 * @end: the page after the last one's last
 * @head: pages without a hole between them from @first on
 * @tail: the same up to @end
 * @longest: the most pages without a hole between them
 * @discarded: one of the spans at least is discarded
 */
struct pga_stretch {
	unsigned long first;
	unsigned long end;
	unsigned long head;
	unsigned long tail;
	unsigned long longest : 63;
	unsigned long discarded : 1;
};

/**
 * struct pga_span - consecutive free pages in the same state
 * @start: first page
 * @nr: pages
 * @seen: the last sweep for everything that has looked at them
 * @discarded: all of them are; otherwise all of them are ready
 * @since: the tick since when they have been idle, PGA_NEVER_IDLE if nothing of
 *	   them can be given back
 * @below: from this page on the backing would not take them back
 * @by_length: in the tree of its state, by length, then by address
 * @oldest: the lowest @since of the subtree there
 * @by_address: in the tree of all spans, by address
 * @all: summary of the subtree there
 */
struct pga_span {
	unsigned long start;
	unsigned long nr : 40;
	unsigned long seen : 23;
	unsigned long discarded : 1;
	unsigned long since;
	unsigned long below;
	struct rb_node by_length;
	unsigned long oldest;
	struct rb_node by_address;
	struct pga_stretch all;
};

/* Two cache lines, and as much as the kernel hands out for it. */
static_assert(sizeof(struct pga_span) == 128);

static inline unsigned long pga_span_end(const struct pga_span *span)
{
	return span->start + span->nr;
}

static inline struct pga_extent pga_span_extent(const struct pga_span *span)
{
	return (struct pga_extent) { span->start, span->nr };
}

#endif
