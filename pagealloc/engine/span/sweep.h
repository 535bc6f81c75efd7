/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_SWEEP_H
#define PAGEALLOC_SPAN_SWEEP_H

#include "engine/span/span.h"

/**
 * struct pga_span_sweep - a search for spans to give back; zero at first
 * @over: nothing is left
 * @number: of the sweep, if it is for everything
 * @nr: length of the span that it has got to, 0 before the first
 * @start: where that span began then
 * @below: look below this page in it, then for the next shorter span
 */
struct pga_span_sweep {
	bool over;
	unsigned int number;
	unsigned long nr;
	unsigned long start;
	unsigned long below;
};

/* Sweeps are told apart by so many numbers, from 1 up and around. */
#define PGA_SPAN_SWEEPS		((1U << 23) - 1)

bool pga_spans_next_idle(struct pga_spans *s, bool aged,
			 struct pga_span_sweep *sweep, unsigned int budget,
			 unsigned long max, unsigned long huge,
			 struct pga_extent *extent);
void pga_spans_pass_by(struct pga_spans *s, const struct pga_span_sweep *sweep,
		       unsigned long page);
bool pga_spans_any_idle(const struct pga_spans *s);

#endif
