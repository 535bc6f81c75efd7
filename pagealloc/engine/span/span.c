// SPDX-License-Identifier: GPL-2.0
/*
 * The span engine: changes of what pages are.
 *
 * The predecessor of the bitmap engine, with the same contract.  Free pages are
 * kept as spans, each of consecutive pages in one state, in the trees of
 * by_length.c and by_address.c.  A page that the engine has grown by and that
 * is in no span is allocated.  Spans coalesce with neighbours of the same state.
 * So two spans that touch differ in state, and a run of ready pages is one
 * span.
 *
 * The boundary rule.  A backing takes memory back in whole granules.  If a
 * granule is larger than a page, a discarded span must not end inside a granule
 * where a ready span begins:
 *
 *	granules   |       |       |       |
 *	before      DDDDDDDDDDrrrrrrrr		D: discarded, r: ready
 *	after       DDDDDDDrrrrrrrrrrr		the granule has memory after all
 *
 * Next to allocated pages a discarded span may end inside a granule.  Whether
 * the rest of the granule has memory shows when those pages come back.  Two
 * discarded spans cannot meet inside a granule, since no part of a granule is
 * given back alone.  If they do, the engine is damaged, and remembers the two
 * (@damage of struct pga_map).
 *
 * A free needs a node if it touches no span of its state, but it must neither
 * fail nor allocate memory.  So nodes come from the reserve.  If that is empty,
 * the pages are parked in their tract (tract.c) and become a span once there
 * are nodes.  The upper rest of a span is parked in the same way if pages in
 * the middle are taken and no node is left.
 *
 * A span remembers when pages last came to it, and where the backing has
 * refused to take pages back.  Both are forgotten when more pages come.
 *
 * Pure data structures: no locks, no allocation, no clock.  The caller has
 * checked that the pages are of the pool.
 */

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/find.h>
#include <linux/math.h>
#include <linux/minmax.h>

#include "engine/span/by_address.h"
#include "engine/span/by_length.h"
#include "engine/span/read.h"
#include "engine/span/span.h"

/* See pga_map_init(). */
void pga_spans_init(struct pga_map *map, unsigned long page_bytes,
		    unsigned long granule_bytes)
{
	struct pga_spans *s = pga_spans_of(map);

	s->granule = 1;
	/* Otherwise each page is of whole granules, and so is each span. */
	if (granule_bytes > page_bytes)
		s->granule = granule_bytes / page_bytes;
	pga_tracts_init(&s->tracts);
}

static struct rb_root *tree_of(struct pga_spans *s, bool discarded)
{
	return discarded ? &s->gone : &s->ready;
}

static void count_in(struct pga_spans *s, const struct pga_span *span)
{
	s->map.free += span->nr;
	if (span->discarded)
		s->map.discarded += span->nr;
}

static void count_out(struct pga_spans *s, const struct pga_span *span)
{
	s->map.free -= span->nr;
	if (span->discarded)
		s->map.discarded -= span->nr;
}

/**
 * pga_spans_set_age() - set since when a span is idle
 * @s: the engine
 * @span: the span
 * @since: the time; it counts only if some of the span can be given back
 */
void pga_spans_set_age(const struct pga_spans *s, struct pga_span *span,
		       unsigned long since)
{
	const unsigned long end = min(pga_span_end(span), span->below);

	span->since = PGA_NEVER_IDLE;
	if (!span->discarded &&
	    ALIGN(span->start, s->granule) < ALIGN_DOWN(end, s->granule))
		span->since = since;
}

static void insert_span(struct pga_spans *s, struct pga_span *span)
{
	pga_by_length_insert(tree_of(s, span->discarded), span);
	pga_by_address_insert(&s->by_address, span);
	count_in(s, span);
}

static void remove_span(struct pga_spans *s, struct pga_span *span)
{
	pga_by_length_erase(tree_of(s, span->discarded), span);
	pga_by_address_erase(&s->by_address, span);
	count_out(s, span);
	pga_map_give_node(&s->map, span);
}

/* A span becomes longer or shorter, between the same neighbours. */
static void resize(struct pga_spans *s, struct pga_span *span,
		   unsigned long start, unsigned long end, unsigned long since)
{
	pga_by_length_erase(tree_of(s, span->discarded), span);
	count_out(s, span);
	span->start = start;
	span->nr = end - start;
	count_in(s, span);
	pga_spans_set_age(s, span, since);
	pga_by_length_insert(tree_of(s, span->discarded), span);
	pga_by_address_moved(span);
}

/* A span becomes longer, and young. */
static void extend(struct pga_spans *s, struct pga_span *span,
		   unsigned long start, unsigned long end)
{
	span->below = PGA_NONE;
	span->seen = 0;
	resize(s, span, start, end, s->map.now);
}

/*
 * Change how many pages are parked.  Pairs with READ_ONCE() in
 * pga_reserve_is_half().
 */
static void count_parked(struct pga_spans *s, long nr)
{
	WRITE_ONCE(s->map.parked, s->map.parked + nr);
}

/* Park free pages for which there is no node. */
static void park(struct pga_spans *s, unsigned long page, unsigned long end,
		 bool discarded)
{
	count_parked(s, end - page);
	pga_tracts_park(&s->tracts, (struct pga_extent) { page, end - page },
			discarded);
}

/**
 * struct neighbours - the neighbours of pages that are in no span
 * @prev: the span that ends where they begin, or NULL
 * @next: the span that begins where they end, or NULL
 */
struct neighbours {
	struct pga_span *prev;
	struct pga_span *next;
};

static struct pga_span *ending_at(const struct pga_spans *s, unsigned long page)
{
	struct pga_span *span = page ? pga_by_address_at(&s->by_address, page - 1) :
				       NULL;

	return span && pga_span_end(span) == page ? span : NULL;
}

static struct pga_span *starting_at(const struct pga_spans *s, unsigned long page)
{
	struct pga_span *span = pga_by_address_at(&s->by_address, page);

	return span && span->start == page ? span : NULL;
}

static struct neighbours neighbours_of(const struct pga_spans *s, unsigned long page,
				       unsigned long end)
{
	return (struct neighbours) { ending_at(s, page), starting_at(s, end) };
}

static bool in_state(const struct pga_span *span, bool discarded)
{
	return span && span->discarded == discarded;
}

/* Discarded pages came back: do they meet discarded neighbours inside a granule? */
static void check_boundary(struct pga_spans *s, struct neighbours a,
			   struct pga_extent pages)
{
	if (s->map.damage[0].nr)
		return;
	if (in_state(a.prev, true) && !IS_ALIGNED(pages.start, s->granule)) {
		s->map.damage[0] = pga_span_extent(a.prev);
		s->map.damage[1] = pages;
	} else if (in_state(a.next, true) &&
		   !IS_ALIGNED(pga_extent_end(pages), s->granule)) {
		s->map.damage[0] = pages;
		s->map.damage[1] = pga_span_extent(a.next);
	}
}

/* Make pages a span, or add them to neighbours in the same state. */
static void coalesce(struct pga_spans *s, unsigned long start, unsigned long end,
		     bool discarded)
{
	const struct neighbours a = neighbours_of(s, start, end);
	struct pga_span *span;

	if (in_state(a.next, discarded))
		end = pga_span_end(a.next);
	if (in_state(a.prev, discarded)) {
		if (in_state(a.next, discarded))
			remove_span(s, a.next);
		extend(s, a.prev, a.prev->start, end);
		return;
	}
	if (in_state(a.next, discarded)) {
		extend(s, a.next, start, end);
		return;
	}
	span = pga_map_take_node(&s->map);
	span->start = start;
	span->nr = end - start;
	span->discarded = discarded;
	span->below = PGA_NONE;
	span->seen = 0;
	pga_spans_set_age(s, span, s->map.now);
	insert_span(s, span);
}

/* A span keeps [@start, @end) only, or goes if that is empty. */
static void shrink_to(struct pga_spans *s, struct pga_span *span,
		      unsigned long start, unsigned long end)
{
	if (start < end)
		resize(s, span, start, end, span->since);
	else
		remove_span(s, span);
}

/*
 * Place ready pages, with the parts of their granules that discarded neighbours
 * have.
 */
static void place_ready(struct pga_spans *s, struct neighbours a, unsigned long start,
			unsigned long end)
{
	unsigned long border;

	if (in_state(a.prev, true)) {
		border = max(ALIGN_DOWN(start, s->granule), a.prev->start);
		if (border < start)
			shrink_to(s, a.prev, a.prev->start, border);
		start = border;
	}
	if (in_state(a.next, true)) {
		const unsigned long last = pga_span_end(a.next);

		border = min(ALIGN(end, s->granule), last);
		if (border > end)
			shrink_to(s, a.next, border, last);
		end = border;
	}
	coalesce(s, start, end, false);
}

/*
 * Place discarded pages, without the granules that they share with ready
 * neighbours.
 */
static void place_discarded(struct pga_spans *s, struct neighbours a,
			    unsigned long start, unsigned long end)
{
	unsigned long first = start, last = end;

	check_boundary(s, a, (struct pga_extent) { start, end - start });
	if (in_state(a.prev, false))
		first = ALIGN(start, s->granule);
	if (in_state(a.next, false))
		last = ALIGN_DOWN(end, s->granule);
	if (first >= last) {
		/* They have no whole granule of their own. */
		place_ready(s, a, start, end);
		return;
	}
	if (first > start)
		extend(s, a.prev, a.prev->start, first);
	if (last < end)
		extend(s, a.next, last, pga_span_end(a.next));
	coalesce(s, first, last, true);
}

/* Place pages that are in no span; false if a node is missing. */
static bool place(struct pga_spans *s, unsigned long page, unsigned long end,
		  bool discarded)
{
	const struct neighbours a = neighbours_of(s, page, end);

	if (!s->map.spare && !in_state(a.prev, discarded) &&
	    !in_state(a.next, discarded))
		return false;
	s->map.work++;
	if (discarded)
		place_discarded(s, a, page, end);
	else
		place_ready(s, a, page, end);
	return true;
}

static void place_or_park(struct pga_spans *s, unsigned long page,
			  unsigned long end, bool discarded)
{
	if (!place(s, page, end, discarded))
		park(s, page, end, discarded);
}

/* See pga_map_put() and pga_map_free(). */
bool pga_spans_put(struct pga_map *map, unsigned long page, unsigned long nr,
		   enum pga_made made, bool used)
{
	if (pga_spans_count(map, page, nr).allocated != nr)
		return false;
	place_or_park(pga_spans_of(map), page, page + nr, made == PGA_MADE_DISCARDED);
	return true;
}

/* Take [@from, @to) out of a span; the rest above may have to be parked. */
static void cut(struct pga_spans *s, struct pga_span *span, unsigned long from,
		unsigned long to)
{
	const unsigned long start = span->start, end = pga_span_end(span);
	const unsigned long since = span->since;
	struct pga_span *rest;

	s->map.work++;
	if (start == from && end == to) {
		remove_span(s, span);
		return;
	}
	if (start == from) {
		resize(s, span, to, end, since);
		return;
	}
	resize(s, span, start, from, since);
	if (end == to)
		return;
	rest = pga_map_take_node(&s->map);
	if (!rest) {
		park(s, to, end, span->discarded);
		return;
	}
	rest->start = to;
	rest->nr = end - to;
	rest->discarded = span->discarded;
	rest->below = span->below;
	rest->seen = span->seen;
	pga_spans_set_age(s, rest, since);
	insert_span(s, rest);
}

/* See pga_map_hold() and pga_map_alloc(). */
bool pga_spans_hold(struct pga_map *map, unsigned long page, unsigned long nr,
		    bool use)
{
	struct pga_spans *s = pga_spans_of(map);
	const unsigned long end = page + nr;
	struct pga_span *span;
	unsigned long to;

	if (pga_spans_count(map, page, nr).free != nr)
		return false;
	for (; page < end; page = to) {
		span = pga_by_address_at(&s->by_address, page);
		to = min(end, pga_span_end(span));
		cut(s, span, page, to);
	}
	return true;
}

/* Take all @which pages of a block of 64. */
static void take_word(struct pga_spans *s, unsigned long page,
		      enum pga_which which, struct pga_cache *taken)
{
	const unsigned long end = page + PGA_CACHE_PAGES;
	struct pga_span *span;
	unsigned long from;
	u64 bits;

	*taken = (struct pga_cache) { .base = page };
	while (page < end) {
		span = pga_by_address_at(&s->by_address, page);
		if (!span || span->start >= end)
			break;
		from = max(page, span->start);
		page = min(end, pga_span_end(span));
		if (which == PGA_READY && span->discarded)
			continue;
		bits = GENMASK_ULL(page - taken->base - 1, from - taken->base);
		taken->owned |= bits;
		if (span->discarded)
			taken->discarded |= bits;
		cut(s, span, from, page);
	}
}

/* See pga_map_take_words(). */
unsigned int pga_spans_take_words(struct pga_map *map, unsigned long page,
				  enum pga_which which, unsigned int words,
				  unsigned int pages, struct pga_cache *taken)
{
	const unsigned long end = ALIGN(page + 1, PGA_CHUNK_PAGES);
	unsigned int n = 0, nr = 0;

	page = ALIGN_DOWN(page, PGA_CACHE_PAGES);
	for (; words && page < end && nr < pages; words--, page += PGA_CACHE_PAGES) {
		take_word(pga_spans_of(map), page, which, &taken[n]);
		nr += hweight64(taken[n].owned);
		n += !!taken[n].owned;
	}
	return n;
}

/* See pga_map_put_word(). */
u64 pga_spans_put_word(struct pga_map *map, unsigned long page, u64 owned,
		       u64 discarded)
{
	const u64 amiss = owned & ~pga_spans_allocated(map, page);
	const unsigned long put = owned & ~amiss;
	const unsigned long gone = put & discarded, ready = put & ~discarded;
	unsigned long start, end = 0;

	for (;;) {
		start = find_next_bit(&put, PGA_CACHE_PAGES, end);
		if (start == PGA_CACHE_PAGES)
			break;
		end = find_next_zero_bit(gone & BIT(start) ? &gone : &ready,
					 PGA_CACHE_PAGES, start);
		place_or_park(pga_spans_of(map), page + start, page + end,
			      gone & BIT(start));
	}
	return amiss;
}

/* Growth adds a tract and a span, and must not depend on the reserve. */
enum piece { TRACT, NODE };

/* See pga_map_missing(). */
void pga_spans_missing(const struct pga_map *map, unsigned long page,
		       unsigned long nr, struct pga_parts *parts)
{
	*parts = (struct pga_parts) {};
	parts->size[TRACT] = pga_tract_size(nr);
	parts->size[NODE] = sizeof(struct pga_span);
}

/* See pga_map_grow(). */
bool pga_spans_grow(struct pga_map *map, unsigned long page, unsigned long nr,
		    enum pga_made made, struct pga_parts *parts)
{
	struct pga_spans *s = pga_spans_of(map);

	if (!parts->memory[TRACT] || !parts->memory[NODE])
		return false;
	pga_tracts_add(&s->tracts, pga_parts_take(parts, TRACT),
		       (struct pga_extent) { page, nr });
	pga_map_give_node(map, pga_parts_take(parts, NODE));
	place_or_park(s, page, page + nr, made == PGA_MADE_DISCARDED);
	return true;
}

/*
 * Make a span of the first parked run; false if there is none, or a node is
 * missing.
 */
static bool unpark_run(struct pga_spans *s)
{
	struct pga_extent run;
	bool discarded;

	if (!pga_tracts_first_parked(&s->tracts, &run, &discarded) ||
	    !place(s, run.start, pga_extent_end(run), discarded))
		return false;
	pga_tracts_unpark(&s->tracts, run);
	count_parked(s, -(long)run.nr);
	return true;
}

/* See pga_map_unpark(). */
unsigned long pga_spans_unpark(struct pga_map *map, unsigned int budget)
{
	while (budget-- && unpark_run(pga_spans_of(map)))
		;
	return map->parked;
}

/* See pga_map_drain(). */
void pga_spans_drain(struct pga_map *map, void (*release)(const void *memory))
{
	struct pga_spans *s = pga_spans_of(map);
	struct pga_span *span, *next;

	rbtree_postorder_for_each_entry_safe(span, next, &s->by_address, by_address)
		release(span);
	pga_tracts_drain(&s->tracts, release);
}
