// SPDX-License-Identifier: GPL-2.0
/*
 * Finding pages to give back, the longest spans first.
 *
 * A sweep visits spans from the longest to the shortest, and searches each from its
 * end downwards.  The remainder of a visited span is shorter than the span was, so
 * the sweep would find it again later.  To prevent that, each sweep for all pages
 * has a number, and a span stores the number of the last sweep that visited it
 * (@seen).  A sweep for idle pages needs no number: where a discard was refused, the
 * span stores the page (@below), and such sweeps search below it until pages are
 * added to the span.
 */

#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/stddef.h>

#include "engine/span/by_address.h"
#include "engine/span/by_length.h"
#include "engine/span/span.h"
#include "engine/span/sweep.h"

/**
 * struct state - the position of a sweep, kept in struct pga_sweep
 * @number: number of a sweep for all pages
 * @nr: length of the current span when the sweep came to it, 0 before the first
 * @start: first page of that span at that time
 * @below: the sweep continues below this page of the span; 0 if it is done with it
 */
struct state {
	unsigned int number;
	unsigned long nr;
	unsigned long start;
	unsigned long below;
};

static_assert(sizeof(struct state) <= sizeof_field(struct pga_sweep, state));

static struct state *state_of(const struct pga_sweep *sweep)
{
	return (struct state *)sweep->state;
}

/*
 * The highest whole granules of a span below a page: within a chunk or of one
 * granule, and no more pages than wanted unless that would split a huge page.
 */
static bool granules_below(const struct pga_spans *s, const struct pga_span *span,
			   unsigned long below, const struct pga_piece *piece,
			   struct pga_extent *extent)
{
	const unsigned long granule = s->granule;
	const unsigned long unit = max(granule, PGA_CHUNK_PAGES);
	const unsigned long end = ALIGN_DOWN(min(pga_span_end(span), below), granule);
	const unsigned long max = ALIGN(clamp(piece->max, 1UL, unit), granule);
	unsigned long first = ALIGN(span->start, granule), start;

	if (first >= end)
		return false;
	first = max(first, ALIGN_DOWN(end - 1, unit));
	start = end - min(end - first, max);
	if (piece->huge > granule && granule <= PGA_SMALL_GRANULE &&
	    ALIGN(start, piece->huge) <= end &&
	    ALIGN_DOWN(start, piece->huge) >= first)
		start = ALIGN_DOWN(start, piece->huge);
	*extent = (struct pga_extent) { start, end - start };
	return true;
}

/* The latest time since which a span must be idle in order to be discarded. */
static unsigned long old_enough(const struct pga_spans *s, bool idle)
{
	const struct pga_map *map = &s->map;

	if (!idle)
		return PGA_NEVER_IDLE;
	/* Without a delay every span is, unless it has nothing to give back. */
	if (!map->delay)
		return PGA_NEVER_IDLE - 1;
	return map->now >= map->delay ? map->now - map->delay : 0;
}

/* Find granules in the rest of the current span, which may have changed since. */
static bool more_of_span(const struct pga_spans *s, struct pga_sweep *sweep,
			 const struct pga_piece *piece, struct pga_extent *extent)
{
	struct state *state = state_of(sweep);
	unsigned long below = state->below;
	const struct pga_span *span;
	bool found;

	if (!below)
		return false;
	span = pga_by_address_at(&s->by_address, below - 1);
	if (!span || span->start >= below || span->discarded ||
	    span->since > old_enough(s, sweep->idle))
		return false;
	if (sweep->idle)
		below = min(below, span->below);
	found = granules_below(s, span, below, piece, extent);
	state->below = found ? extent->start : 0;
	return found;
}

/* Go to the next shorter span; @below is 0 if the sweep has visited it already. */
static bool next_span(struct pga_spans *s, struct pga_sweep *sweep)
{
	struct state *state = state_of(sweep);
	struct pga_span *span;

	span = pga_by_length_before(&s->ready, state->nr ?: PGA_NONE, state->start,
				    old_enough(s, sweep->idle));
	if (!span || span->nr < s->granule)
		return false;
	state->nr = span->nr;
	state->start = span->start;
	state->below = pga_span_end(span);
	if (sweep->idle)
		return true;
	if (span->seen == state->number)
		state->below = 0;
	span->seen = state->number;
	return true;
}

/* See pga_map_next_idle().  The budget counts spans. */
bool pga_spans_next_idle(struct pga_map *map, struct pga_sweep *sweep,
			 unsigned int budget, const struct pga_piece *piece,
			 struct pga_extent *extent)
{
	struct pga_spans *s = pga_spans_of(map);

	if (!sweep->idle && !state_of(sweep)->number) {
		s->sweeps = s->sweeps % PGA_SPAN_SWEEPS + 1;
		state_of(sweep)->number = s->sweeps;
	}
	for (; budget; budget--) {
		if (more_of_span(s, sweep, piece, extent))
			return true;
		if (!next_span(s, sweep)) {
			sweep->over = true;
			return false;
		}
	}
	return false;
}

/*
 * See pga_map_pass_by().  Sweeps for idle pages skip this chunk of the span and all
 * above it, until pages are added to the span.
 */
void pga_spans_pass_by(struct pga_map *map, const struct pga_sweep *sweep,
		       unsigned long page, unsigned long nr)
{
	struct pga_spans *s = pga_spans_of(map);
	struct pga_span *span = pga_by_address_at(&s->by_address, page);

	if (!span || span->start > page || span->discarded)
		return;
	page = ALIGN_DOWN(page, max(s->granule, PGA_CHUNK_PAGES));
	span->below = min(span->below, page);
	span->seen = state_of(sweep)->number;
	pga_spans_set_age(s, span, span->since);
	pga_by_length_aged(span);
}

/* See pga_map_too_young(): is any span waiting to be old enough? */
bool pga_spans_any_idle(const struct pga_map *map)
{
	return pga_by_length_oldest(&pga_spans_of(map)->ready) != PGA_NEVER_IDLE;
}
