// SPDX-License-Identifier: GPL-2.0
/*
 * The examination of the spans.
 */

#include <linux/bitmap.h>
#include <linux/minmax.h>

#include "engine/span/by_address.h"
#include "engine/span/by_length.h"
#include "engine/span/verify.h"
#include "base/kunit_export.h"

static bool wrong(struct pga_span_fault *fault, const char *what,
		  unsigned long page, unsigned long got, unsigned long want)
{
	*fault = (struct pga_span_fault) { what, page, got, want };
	return false;
}

/* A span and the next one by address: order, coalescing, the boundary rule. */
static bool neighbours_right(const struct pga_spans *s, const struct pga_span *a,
			     const struct pga_span *b,
			     struct pga_span_fault *fault)
{
	const unsigned long end = pga_span_end(a);

	if (b->start < end)
		return wrong(fault, "span order", b->start, b->start, end);
	if (b->start > end)
		return true;
	if (a->discarded == b->discarded)
		return wrong(fault, "span not coalesced", end, b->nr, 0);
	if (!IS_ALIGNED(end, s->granule))
		return wrong(fault, "span boundary", end, end,
			     ALIGN(end, s->granule));
	return true;
}

static bool span_right(const struct pga_spans *s, const struct pga_span *span,
		       struct pga_span_fault *fault)
{
	const struct pga_span *next = pga_span_next(span);
	const struct pga_tract *tract = pga_tracts_at(&s->tracts, span->start);

	if (!span->nr)
		return wrong(fault, "span empty", span->start, 0, 1);
	if (!tract || tract->start > span->start)
		return wrong(fault, "span in a hole", span->start, span->nr, 0);
	if (!pga_by_length_right(span->discarded ? &s->gone : &s->ready,
				 span))
		return wrong(fault, "span by length", span->start, span->nr, 0);
	if (!pga_by_address_right(span))
		return wrong(fault, "span by address", span->start,
			     span->all.longest, 0);
	if (pga_tracts_parked(&s->tracts, span->start, pga_span_end(span)))
		return wrong(fault, "span parked", span->start, span->nr, 0);
	return !next || neighbours_right(s, span, next, fault);
}

/**
 * pga_spans_verify() - are the trees and the spans in order?
 * @s: the engine
 * @page: look at spans from this page on; out: where to go on, PGA_NONE at the
 *	  end
 * @budget: look at so many at most
 * @fault: set if something is wrong
 *
 * Return: false if something is; the next call goes on behind it.
 */
bool pga_spans_verify(const struct pga_spans *s, unsigned long *page,
		      unsigned int budget, struct pga_span_fault *fault)
{
	const struct pga_span *span = pga_by_address_at(&s->by_address, *page);
	bool right = true;

	for (; span && budget && right; budget--) {
		right = span_right(s, span, fault);
		*page = pga_span_end(span);
		span = pga_span_next(span);
	}
	if (!span)
		*page = PGA_NONE;
	return right;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_verify);
