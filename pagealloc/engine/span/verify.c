// SPDX-License-Identifier: GPL-2.0
/*
 * The examination of the spans, of both trees, and of what is parked.
 */

#include <linux/bitmap.h>
#include <linux/minmax.h>

#include "engine/span/by_address.h"
#include "engine/span/by_length.h"
#include "engine/span/spans.h"
#include "engine/span/verify.h"

/* Spans to look at in one step. */
#define BUDGET	32

/* Pages whose bits are counted in one step. */
#define PARKED_A_STEP	(1UL << 13)

/* Report a fault; always false. */
static bool wrong(struct pga_verify *v, const char *what, unsigned long page,
		  unsigned long got, unsigned long want)
{
	v->report(v, what, -1, page, got, want);
	return false;
}

/* A span and the next one by address: order, coalescing, the boundary rule. */
static bool neighbours_right(const struct pga_spans *s, const struct pga_span *a,
			     const struct pga_span *b, struct pga_verify *v)
{
	const unsigned long end = pga_span_end(a);

	if (b->start < end)
		return wrong(v, "span order", b->start, b->start, end);
	if (b->start > end)
		return true;
	if (a->discarded == b->discarded)
		return wrong(v, "span not coalesced", end, b->nr, 0);
	if (!IS_ALIGNED(end, s->granule))
		return wrong(v, "span boundary", end, end, ALIGN(end, s->granule));
	return true;
}

static bool span_right(const struct pga_spans *s, const struct pga_span *span,
		       struct pga_verify *v)
{
	const struct pga_span *next = pga_span_next(span);
	const struct pga_tract *tract = pga_tracts_at(&s->tracts, span->start);

	if (!span->nr)
		return wrong(v, "span empty", span->start, 0, 1);
	if (!tract || tract->start > span->start)
		return wrong(v, "span in a hole", span->start, span->nr, 0);
	if (!pga_by_length_right(span->discarded ? &s->gone : &s->ready, span))
		return wrong(v, "span by length", span->start, span->nr, 0);
	if (!pga_by_address_right(span))
		return wrong(v, "span by address", span->start, span->all.longest, 0);
	if (pga_tracts_parked(&s->tracts, span->start, pga_span_end(span)))
		return wrong(v, "span parked", span->start, span->nr, 0);
	return !next || neighbours_right(s, span, next, v);
}

/* Some spans; after one that is wrong the next step goes on behind it. */
static void verify_spans(const struct pga_spans *s, struct pga_verify *v)
{
	const struct pga_span *span = pga_by_address_at(&s->by_address, v->page);
	unsigned int budget = BUDGET;
	bool right = true;

	for (; span && budget && right; budget--) {
		right = span_right(s, span, v);
		v->page = max(v->page + 1, pga_span_end(span));
		span = pga_span_next(span);
	}
	if (!span) {
		v->stage = 1;
		v->page = 0;
	}
}

/* Some of the parked pages of a tract; false if there is no other. */
static bool verify_tract(const struct pga_spans *s, struct pga_verify *v)
{
	const struct pga_tract *tract = pga_tracts_at(&s->tracts, v->page);
	unsigned long from, nr;

	if (!tract)
		return false;
	from = max(v->page, tract->start) - tract->start;
	nr = min(tract->nr - from, PARKED_A_STEP);
	v->count += bitmap_weight(tract->parked + BIT_WORD(from), nr);
	v->page = tract->start + from + nr;
	if (from + nr < tract->nr)
		return true;
	if (v->count != tract->nr_parked)
		wrong(v, "span parked in tract", tract->start, tract->nr_parked, v->count);
	v->parked += v->count;
	v->count = 0;
	return true;
}

/* See pga_map_verify().  Stage 0 is the spans, stage 1 the tracts. */
bool pga_spans_verify(const struct pga_map *map, struct pga_verify *v)
{
	const struct pga_spans *s = pga_spans_of(map);

	if (v->stage)
		return verify_tract(s, v);
	verify_spans(s, v);
	return true;
}
