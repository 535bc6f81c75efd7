// SPDX-License-Identifier: GPL-2.0
/*
 * The span engine as one of two: see engine/map.h.
 *
 * What it has no use for is not there: it does not care whether pages are held
 * or in use, nor for generations, and no word of it can be read without the
 * lock.
 */

#include <linux/bitmap.h>

#include "engine/map.h"
#include "engine/span/verify.h"
#include "base/kunit_export.h"

/* Spans to look at in one step of an examination. */
#define VERIFY_BUDGET	256

static void init(struct pga_map *map, unsigned long page_bytes,
		 unsigned long granule_bytes)
{
	pga_spans_init(&map->spans, page_bytes, granule_bytes);
}

/* Growth adds one span, and must not depend on the reserve. */
enum part { TRACT, NODE };

static void missing(const struct pga_map *map, unsigned long page,
		    unsigned long nr, struct pga_parts *parts)
{
	*parts = (struct pga_parts) {};
	parts->size[TRACT] = pga_tract_size(nr);
	parts->size[NODE] = sizeof(struct pga_span);
}

static bool grow(struct pga_map *map, unsigned long page, unsigned long nr,
		 enum pga_made made, struct pga_parts *parts)
{
	if (!parts->memory[TRACT] || !parts->memory[NODE])
		return false;
	pga_spans_feed(&map->spans, parts->memory[NODE]);
	pga_spans_grow(&map->spans, page, nr, made, parts->memory[TRACT]);
	*parts = (struct pga_parts) {};
	return true;
}

static void drain(struct pga_map *map, void (*release)(const void *memory))
{
	pga_spans_drain(&map->spans, release);
}

static size_t bytes(const struct pga_map *map)
{
	return pga_spans_bytes(&map->spans);
}

static unsigned long find(struct pga_map *map, enum pga_which which,
			  unsigned long nr)
{
	return pga_spans_find(&map->spans, which, nr);
}

static bool fit(const struct pga_map *map, struct pga_fit *fit,
		unsigned int budget, unsigned long *page)
{
	return pga_spans_fit(&map->spans, fit, budget, page);
}

static unsigned long longest(const struct pga_map *map)
{
	return pga_spans_longest(&map->spans);
}

static bool test(const struct pga_map *map, unsigned long page, unsigned long nr,
		 bool allocated)
{
	return pga_spans_test(&map->spans, page, nr, allocated);
}

static unsigned long busy(const struct pga_map *map, unsigned long page,
			  unsigned long end)
{
	return pga_spans_busy(&map->spans, page, end);
}

static bool next_discarded(const struct pga_map *map, unsigned long page,
			   unsigned long end, struct pga_extent *extent)
{
	return pga_spans_next_discarded(&map->spans, page, end, extent);
}

static void read_chunk(const struct pga_map *map, unsigned long i,
		       struct pga_chunk *chunk)
{
	pga_spans_read_chunk(&map->spans, i, chunk);
}

static unsigned long next_slice(const struct pga_map *map, unsigned long page)
{
	const struct pga_tract *tract =
		pga_tracts_at(&map->spans.tracts, page);

	if (!tract)
		return PGA_NONE;
	return max(page, ALIGN_DOWN(tract->start, 1UL << PGA_SLICE_SHIFT));
}

static bool hold(struct pga_map *map, unsigned long page, unsigned long nr)
{
	return pga_spans_hold(&map->spans, page, nr);
}

static bool put(struct pga_map *map, unsigned long page, unsigned long nr,
		enum pga_made made)
{
	return pga_spans_put(&map->spans, page, nr, made);
}

static unsigned int take_words(struct pga_map *map, unsigned long page,
			       enum pga_which which, unsigned int words,
			       unsigned int pages, struct pga_cache *taken)
{
	return pga_spans_take_words(&map->spans, page, which, words, pages, taken);
}

static u64 put_word(struct pga_map *map, unsigned long page, u64 owned,
		    u64 discarded)
{
	return pga_spans_put_word(&map->spans, page, owned, discarded);
}

static unsigned long allocated(const struct pga_map *map, unsigned long page)
{
	return pga_spans_allocated(&map->spans, page);
}

static bool next_idle(struct pga_map *map, struct pga_sweep *sweep,
		      unsigned int budget, const struct pga_piece *piece,
		      struct pga_extent *extent)
{
	const bool found = pga_spans_next_idle(&map->spans, sweep->idle, &sweep->span,
					       budget, piece->max, piece->huge,
					       extent);

	sweep->over = sweep->span.over;
	return found;
}

static void pass_by(struct pga_map *map, const struct pga_sweep *sweep,
		    unsigned long page, unsigned long nr)
{
	pga_spans_pass_by(&map->spans, &sweep->span, page);
}

static void tell_time(struct pga_map *map, u64 tick)
{
	struct pga_spans *s = &map->spans;

	/* The first one of longer ticks may have begun before. */
	s->now = max_t(u64, s->now, tick << s->tick_shift);
}

static void set_delay(struct pga_map *map, unsigned int ticks,
		      unsigned int shift)
{
	map->spans.young = (unsigned long)ticks << shift;
	map->spans.tick_shift = shift;
}

static bool too_young(const struct pga_map *map)
{
	return pga_spans_any_idle(&map->spans);
}

/* May be asked without the lock. */
static unsigned int wants(const struct pga_map *map)
{
	const unsigned int spare = READ_ONCE(map->spans.nr_spare);

	return spare < PGA_SPAN_RESERVE ? PGA_SPAN_RESERVE - spare : 0;
}

static void feed(struct pga_map *map, void *node)
{
	pga_spans_feed(&map->spans, node);
}

static void *surplus(struct pga_map *map)
{
	return pga_spans_surplus(&map->spans);
}

static unsigned long unpark(struct pga_map *map, unsigned int budget)
{
	return pga_spans_unpark(&map->spans, budget);
}

static bool damage(const struct pga_map *map, struct pga_extent *a,
		   struct pga_extent *b)
{
	*a = map->spans.damage[0];
	*b = map->spans.damage[1];
	return a->nr;
}

static bool next_span(const struct pga_map *map, unsigned long page,
		      struct pga_span_state *state)
{
	return pga_spans_next(&map->spans, page, state);
}

/* What is parked in a tract; false if there is no other. */
static bool verify_tract(const struct pga_map *map, struct pga_verify *v)
{
	const struct pga_tract *tract =
		pga_tracts_at(&map->spans.tracts, v->page);
	unsigned long nr;

	if (!tract)
		return false;
	nr = bitmap_weight(tract->parked, tract->nr);
	if (nr != tract->nr_parked)
		v->report(v, "span parked in tract", -1, tract->start,
			  tract->nr_parked, nr);
	v->parked += nr;
	v->page = tract->start + tract->nr;
	return true;
}

/* Stage 0 is the spans, stage 1 the tracts. */
static bool verify(const struct pga_map *map, struct pga_verify *v)
{
	struct pga_span_fault fault;

	if (v->stage)
		return verify_tract(map, v);
	if (!pga_spans_verify(&map->spans, &v->page, VERIFY_BUDGET, &fault))
		v->report(v, fault.what, -1, fault.page, fault.got, fault.want);
	if (v->page == PGA_NONE) {
		v->stage = 1;
		v->page = 0;
	}
	return true;
}

const struct pga_engine_ops pga_span_engine = {
	.name = "span",
	.node_size = sizeof(struct pga_span),
	.best_fit = true,
	.grows_at_once = true,
	.init = init,
	.missing = missing,
	.grow = grow,
	.drain = drain,
	.bytes = bytes,
	.find = find,
	.fit = fit,
	.longest = longest,
	.test = test,
	.busy = busy,
	.next_discarded = next_discarded,
	.read_chunk = read_chunk,
	.next_slice = next_slice,
	.hold = hold,
	.put = put,
	.take_words = take_words,
	.put_word = put_word,
	.allocated = allocated,
	.next_idle = next_idle,
	.pass_by = pass_by,
	.tell_time = tell_time,
	.set_delay = set_delay,
	.too_young = too_young,
	.wants = wants,
	.feed = feed,
	.surplus = surplus,
	.unpark = unpark,
	.damage = damage,
	.next_span = next_span,
	.verify = verify,
};
PGA_EXPORT_FOR_KUNIT(pga_span_engine);
