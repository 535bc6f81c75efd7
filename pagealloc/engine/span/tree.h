/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_SPAN_TREE_H
#define PAGEALLOC_ENGINE_SPAN_TREE_H

#include <linux/rbtree.h>

#include "engine/units.h"

/* A tick that does not come: for what is not waiting to be given back. */
#define PGA_NEVER_IDLE		(~0UL)

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
 * @next_spare: in the reserve instead
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
	union {
		struct rb_node by_length;
		struct pga_span *next_spare;
	};
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

static inline struct pga_span *pga_span_next(const struct pga_span *span)
{
	return rb_entry_safe(rb_next(&span->by_address), struct pga_span,
			     by_address);
}

void pga_by_length_insert(struct rb_root *root, struct pga_span *span);
void pga_by_length_erase(struct rb_root *root, struct pga_span *span);
void pga_by_length_aged(struct pga_span *span);
struct pga_span *pga_by_length_fit(const struct rb_root *root, unsigned long nr);
struct pga_span *pga_by_length_before(const struct rb_root *root,
				      unsigned long nr, unsigned long start,
				      unsigned long since);
bool pga_by_length_right(const struct rb_root *root, const struct pga_span *span);

void pga_by_address_insert(struct rb_root *root, struct pga_span *span);
void pga_by_address_erase(struct rb_root *root, struct pga_span *span);
void pga_by_address_moved(struct pga_span *span);
struct pga_span *pga_by_address_at(const struct rb_root *root,
				   unsigned long page);
struct pga_span *pga_by_address_discarded(const struct rb_root *root,
					  unsigned long page);
struct pga_span *pga_by_address_fit(const struct rb_root *root,
				    unsigned long nr, unsigned long *page);
unsigned long pga_by_address_row_end(const struct pga_span *span);
unsigned long pga_by_address_longest(const struct rb_root *root);
bool pga_by_address_right(const struct pga_span *span);

#endif
