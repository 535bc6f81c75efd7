/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_NODE_H
#define PAGEALLOC_SPAN_NODE_H

#include <linux/rbtree.h>

#include "engine/map.h"

/**
 * struct pga_stretch - summary of all spans of a subtree by address
 * @first: first page of the first span
 * @end: the page after the last page of the last span
 * @head: pages in a row from @first on, across spans
 * @tail: pages in a row up to @end
 * @longest: the most pages in a row
 * @discarded: at least one of the spans is discarded
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
 * @seen: number of the last sweep for everything that has been through it
 * @discarded: all pages are discarded; otherwise all are ready
 * @since: when pages last came to it, PGA_NEVER_IDLE if none of it can be given
 *	   back
 * @below: the backing has refused to take back pages from this one on
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

/* Two cache lines, and a size that kmalloc() does not round up. */
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
