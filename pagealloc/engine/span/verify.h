/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_VERIFY_H
#define PAGEALLOC_SPAN_VERIFY_H

#include "engine/span/span.h"

/**
 * struct pga_span_fault - something that pga_spans_verify() found wrong
 * @what: which rule
 * @page: where
 * @got: what is there
 * @want: what should be
 */
struct pga_span_fault {
	const char *what;
	unsigned long page;
	unsigned long got;
	unsigned long want;
};

bool pga_spans_verify(const struct pga_spans *s, unsigned long *page,
		      unsigned int budget, struct pga_span_fault *fault);

#endif
