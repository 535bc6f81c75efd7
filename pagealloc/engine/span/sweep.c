// SPDX-License-Identifier: GPL-2.0
/*
 * Finding pages to give back.
 */

#include <linux/bitmap.h>
#include <linux/minmax.h>

#include "engine/span/by_address.h"
#include "engine/span/by_length.h"
#include "engine/span/sweep.h"
#include "base/kunit_export.h"

/*
 * The highest whole granules of a span below a page: of one chunk, or a granule,
 * and no more than @max pages, but where that would split a huge page.
 */
static bool granules_below(const struct pga_spans *s, const struct pga_span *span,
			   unsigned long below, unsigned long max,
			   unsigned long huge, struct pga_extent *extent)
{
	const unsigned long granule = s->granule;
	const unsigned long unit = max(granule, PGA_CHUNK_PAGES);
	const unsigned long end = ALIGN_DOWN(min(pga_span_end(span), below), granule);
	unsigned long first = ALIGN(span->start, granule), start;

	if (first >= end)
		return false;
	first = max(first, ALIGN_DOWN(end - 1, unit));
	max = ALIGN(clamp(max, 1UL, unit), granule);
	start = end - min(end - first, max);
	if (huge > granule && granule <= 64 &&
	    ALIGN(start, huge) <= end && ALIGN_DOWN(start, huge) >= first)
		start = ALIGN_DOWN(start, huge);
	*extent = (struct pga_extent) { start, end - start };
	return true;
}

/* Spans that have been idle since this tick at least are old enough. */
static unsigned long old_enough(const struct pga_spans *s, bool aged)
{
	if (!aged)
		return PGA_NEVER_IDLE;
	/* Without a delay all are, but those with nothing to give back. */
	if (!s->young)
		return PGA_NEVER_IDLE - 1;
	return s->now >= s->young ? s->now - s->young : 0;
}

/* More of the span that the sweep is in, or in what has become of it. */
static bool more_of_span(const struct pga_spans *s, bool aged,
			 struct pga_span_sweep *sweep, unsigned long max,
			 unsigned long huge, struct pga_extent *extent)
{
	const struct pga_span *span;
	bool found;

	if (!sweep->below)
		return false;
	span = pga_by_address_at(&s->by_address, sweep->below - 1);
	if (!span || span->start >= sweep->below || span->discarded ||
	    span->since > old_enough(s, aged))
		return false;
	found = granules_below(s, span, aged ? min(sweep->below, span->below) :
				  sweep->below, max, huge, extent);
	sweep->below = found ? extent->start : 0;
	return found;
}

/* The next shorter span; nothing below if the sweep has been through it. */
static bool next_span(struct pga_spans *s, bool aged, struct pga_span_sweep *sweep)
{
	const bool begun = sweep->nr;
	struct pga_span *span;

	span = pga_by_length_before(&s->ready, begun ? sweep->nr : PGA_NONE,
				    sweep->start, old_enough(s, aged));
	if (!span || span->nr < s->granule)
		return false;
	sweep->nr = span->nr;
	sweep->start = span->start;
	sweep->below = pga_span_end(span);
	if (aged)
		return true;
	if (span->seen == sweep->number)
		sweep->below = 0;
	span->seen = sweep->number;
	return true;
}

/**
 * pga_spans_next_idle() - find pages to give back, the longest spans first
 * @s: the engine
 * @aged: only what has been idle for as long as @s->young says, and was not
 *	  refused before
 * @sweep: how far one has got
 * @budget: look at so many spans at most
 * @max: pages wanted
 * @huge: pages of a huge page that should not be split, or 0
 * @extent: set to whole granules, free and ready
 *
 * Return: whether @extent was set.  If not, call again unless @sweep->over.
 */
bool pga_spans_next_idle(struct pga_spans *s, bool aged,
			 struct pga_span_sweep *sweep, unsigned int budget,
			 unsigned long max, unsigned long huge,
			 struct pga_extent *extent)
{
	if (!aged && !sweep->number) {
		s->sweeps = s->sweeps % PGA_SPAN_SWEEPS + 1;
		sweep->number = s->sweeps;
	}
	for (; budget; budget--) {
		if (more_of_span(s, aged, sweep, max, huge, extent))
			return true;
		if (!next_span(s, aged, sweep)) {
			sweep->over = true;
			return false;
		}
	}
	return false;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_next_idle);

/**
 * pga_spans_pass_by() - the backing would not take pages back
 * @s: the engine
 * @sweep: which had found them
 * @page: first of them, free and ready.  An aged sweep looks at nothing of their
 *	  chunk, and above in their span, until more pages come to the span.
 */
void pga_spans_pass_by(struct pga_spans *s, const struct pga_span_sweep *sweep,
		       unsigned long page)
{
	struct pga_span *span = pga_by_address_at(&s->by_address, page);

	if (!span || span->start > page || span->discarded)
		return;
	page = ALIGN_DOWN(page, max(s->granule, PGA_CHUNK_PAGES));
	span->below = min(span->below, page);
	span->seen = sweep->number;
	pga_spans_set_age(s, span, span->since);
	pga_by_length_aged(span);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_pass_by);

/**
 * pga_spans_any_idle() - may there be something to give back, sooner or later?
 * @s: the engine
 *
 * Return: false if no aged sweep will find anything unless pages are freed.
 */
bool pga_spans_any_idle(const struct pga_spans *s)
{
	const struct rb_node *root = s->ready.rb_node;

	return root && rb_entry(root, struct pga_span, by_length)->oldest !=
		       PGA_NEVER_IDLE;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_any_idle);
