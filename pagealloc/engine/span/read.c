// SPDX-License-Identifier: GPL-2.0
/*
 * Questions about the pages of a span engine, and searches for a place.
 *
 * A request is placed in the shortest ready span that is long enough, or else
 * in such a discarded span, or else at the lowest place where neighbouring
 * spans make up the room together.
 */

#include <linux/bitmap.h>
#include <linux/minmax.h>

#include "engine/span/by_address.h"
#include "engine/span/by_length.h"
#include "engine/span/read.h"
#include "engine/span/spans.h"

/* Spans that are read at a time, with the pool locked. */
#define READ_SPANS	66

/* See pga_map_find(): best fit. */
unsigned long pga_spans_find(struct pga_map *map, enum pga_which which,
			     unsigned long nr)
{
	const struct pga_spans *s = pga_spans_of(map);
	const struct pga_span *span = pga_by_length_fit(&s->ready, nr);
	unsigned long page;

	if (!span && which == PGA_FREE)
		span = pga_by_length_fit(&s->gone, nr);
	if (span)
		return span->start;
	if (which == PGA_FREE && pga_by_address_fit(&s->by_address, nr, &page))
		return page;
	return PGA_NONE;
}

/* See pga_map_fit().  The budget counts rows of spans. */
bool pga_spans_fit(struct pga_map *map, struct pga_fit *fit,
		   unsigned int budget, unsigned long *page)
{
	const struct pga_spans *s = pga_spans_of(map);
	const struct pga_constraint *where = &fit->where;
	const struct pga_span *span;
	unsigned long end;

	*page = PGA_NONE;
	for (; budget; budget--, fit->page = end) {
		fit->page = max(fit->page, where->low);
		span = pga_by_address_at(&s->by_address, fit->page);
		if (!span || span->start >= where->high)
			return true;
		/* Ready pages that follow one another are one span. */
		end = fit->which == PGA_READY ? pga_span_end(span) :
						pga_by_address_row_end(span);
		if (fit->which == PGA_READY && span->discarded)
			continue;
		*page = pga_fit_in_run(where, span->start, end);
		if (*page != PGA_NONE)
			return true;
	}
	/* No free run reaches to the position. */
	fit->run = fit->page;
	return false;
}

/* See pga_map_longest(). */
unsigned long pga_spans_longest(const struct pga_map *map)
{
	const struct pga_spans *s = pga_spans_of(map);

	return pga_by_address_longest(&s->by_address);
}

/* See pga_map_count(); pages in holes count as allocated. */
struct pga_count pga_spans_count(const struct pga_map *map, unsigned long page,
				 unsigned long nr)
{
	const struct pga_spans *s = pga_spans_of(map);
	const struct pga_span *span = pga_by_address_at(&s->by_address, page);
	const unsigned long end = page + nr;
	struct pga_count count = {};

	for (; span && span->start < end; span = pga_span_next(span))
		count.free += min(end, pga_span_end(span)) - max(page, span->start);
	count.allocated = nr - count.free - pga_tracts_parked(&s->tracts, page, end);
	return count;
}

/* See pga_map_next_discarded(). */
bool pga_spans_next_discarded(const struct pga_map *map, unsigned long page,
			      unsigned long end, struct pga_extent *extent)
{
	const struct pga_spans *s = pga_spans_of(map);
	const struct pga_span *span;

	span = pga_by_address_discarded(&s->by_address, page);
	extent->nr = 0;
	if (!span || span->start >= end)
		return false;
	extent->start = max(page, span->start);
	extent->nr = min(end, pga_span_end(span)) - extent->start;
	return true;
}

/*
 * See pga_map_read().  A word of pages has 64 spans at most, and one that begins before
 * it, so READ_SPANS reach beyond the first word.
 */
unsigned long pga_spans_read(const struct pga_map *map, unsigned long page,
			     struct pga_chunk *chunk)
{
	const unsigned long chunk_start = pga_chunk_start(pga_chunk_of(page));
	const struct pga_spans *s = pga_spans_of(map);
	unsigned long end = chunk_start + PGA_CHUNK_PAGES;
	unsigned int nr_spans = 0;
	const struct pga_span *span;
	unsigned long first, nr;

	bitmap_set(chunk->allocated, page - chunk_start, end - page);
	bitmap_clear(chunk->discarded, page - chunk_start, end - page);
	span = pga_by_address_at(&s->by_address, page);
	for (; span && span->start < end; span = pga_span_next(span)) {
		if (nr_spans++ == READ_SPANS) {
			end = ALIGN_DOWN(span->start, BITS_PER_LONG);
			break;
		}
		first = max(page, span->start);
		nr = min(end, pga_span_end(span)) - first;
		bitmap_clear(chunk->allocated, first - chunk_start, nr);
		if (span->discarded)
			bitmap_set(chunk->discarded, first - chunk_start, nr);
	}
	return end;
}

/* See pga_map_allocated(). */
unsigned long pga_spans_allocated(const struct pga_map *map, unsigned long page)
{
	const struct pga_spans *s = pga_spans_of(map);
	const struct pga_span *span = pga_by_address_at(&s->by_address, page);
	const unsigned long end = page + BITS_PER_LONG;
	unsigned long word = ~0UL;
	unsigned int bit;

	for (; span && span->start < end; span = pga_span_next(span))
		word &= ~GENMASK(min(end, pga_span_end(span)) - 1 - page,
				 max(page, span->start) - page);
	if (pga_tracts_parked(&s->tracts, page, page + BITS_PER_LONG))
		for (bit = 0; bit < BITS_PER_LONG; bit++)
			if (pga_tracts_parked(&s->tracts, page + bit, page + bit + 1))
				word &= ~BIT(bit);
	return word;
}

/* See pga_map_next_span(). */
bool pga_spans_next(const struct pga_map *map, unsigned long page,
		    struct pga_span_state *state)
{
	const struct pga_spans *s = pga_spans_of(map);
	const struct pga_span *span = pga_by_address_at(&s->by_address, page);

	if (!span)
		return false;
	*state = (struct pga_span_state) {
		.pages = pga_span_extent(span),
		.discarded = span->discarded,
		.idle = span->since == PGA_NEVER_IDLE ? PGA_NEVER_IDLE :
							map->now - span->since,
	};
	return true;
}
