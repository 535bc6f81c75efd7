/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_BY_ADDRESS_H
#define PAGEALLOC_SPAN_BY_ADDRESS_H

#include "engine/span/node.h"

static inline struct pga_span *pga_span_next(const struct pga_span *span)
{
	return rb_entry_safe(rb_next(&span->by_address), struct pga_span,
			     by_address);
}

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
