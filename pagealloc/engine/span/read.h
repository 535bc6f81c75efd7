/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_READ_H
#define PAGEALLOC_SPAN_READ_H

#include "engine/constraint.h"
#include "engine/span/span.h"

/**
 * struct pga_span_state - a span, for whoever wants to see it
 * @pages: which
 * @discarded: all of them are; otherwise all of them are ready
 * @idle: nanoseconds for which they have been idle, as far as ticks tell;
 *	  PGA_NEVER_IDLE if nothing of them is waiting to be given back
 */
struct pga_span_state {
	struct pga_extent pages;
	bool discarded;
	unsigned long idle;
};

unsigned long pga_spans_find(const struct pga_spans *s, enum pga_which which,
			     unsigned long nr);
bool pga_spans_fit(const struct pga_spans *s, struct pga_fit *fit,
		   unsigned int budget, unsigned long *page);
unsigned long pga_spans_longest(const struct pga_spans *s);
bool pga_spans_test(const struct pga_spans *s, unsigned long page,
		    unsigned long nr, bool allocated);
unsigned long pga_spans_busy(const struct pga_spans *s, unsigned long page,
			     unsigned long end);
bool pga_spans_next_discarded(const struct pga_spans *s, unsigned long page,
			      unsigned long end, struct pga_extent *extent);
unsigned long pga_spans_allocated(const struct pga_spans *s, unsigned long page);
void pga_spans_read_chunk(const struct pga_spans *s, unsigned long i,
			  struct pga_chunk *chunk);
bool pga_spans_next(const struct pga_spans *s, unsigned long page,
		    struct pga_span_state *state);

#endif
