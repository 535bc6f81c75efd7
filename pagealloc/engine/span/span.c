// SPDX-License-Identifier: GPL-2.0
/*
 * The span engine: which pages are free, and which of those are ready.
 *
 * The predecessor of the bitmap engine, and another implementation of the same
 * contract.  What is free is kept as spans, each of pages that follow one
 * another in one state, in the trees of by_length.c and by_address.c; what the engine has grown
 * by and is in no span is allocated.  A request is placed in the shortest ready
 * span that is long enough, or else in such a discarded one, or else at the
 * lowest place where neighbouring spans make up the room together.
 *
 * Spans coalesce with neighbours of the same state.  So two that touch differ in
 * state, and a run of ready pages is a span.
 *
 * The boundary rule.  A backing takes memory away by whole granules.  If these
 * are larger than a page, a discarded span may not end inside of one where a
 * ready one begins:
 *
 *	granules   |       |       |       |
 *	before      DDDDDDDDDDrrrrrrrr		D: discarded, r: ready
 *	after       DDDDDDDrrrrrrrrrrr		the granule has memory after all
 *
 * Next to allocated pages it may: somebody took a part of a granule, and what
 * becomes of the rest shows when it comes back.  Two discarded spans that meet
 * inside of a granule cannot be: one of them said that a part of a granule was
 * given back.  The engine remembers the two; its books are not to be trusted.
 *
 * A free needs a node if it does not touch a span of its state, and must neither
 * fail nor allocate.  Nodes are taken out of a reserve that others feed.  Should
 * it run out, the pages are parked: marked in a bitmap of their tract, which the
 * engine has got when it grew.  They count as allocated, but cannot be freed
 * again; they become a span once there are nodes.  The same happens to what is
 * left above when pages in the midst of a span are taken.
 *
 * What is idle is given back from the longest span to the shortest, each from
 * its end downwards.  A span remembers the tick in which pages last came to it,
 * and where the backing refused to take pages back; both are forgotten when more
 * pages come.  What is left of a span that a sweep has been through is shorter,
 * and would be met again: so it bears the number of the sweep.
 *
 * Pure data structures: no locks, no allocation, no clock.  Ranges are checked
 * by the caller.
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
#include "base/kunit_export.h"

/**
 * pga_spans_init() - an engine without pages
 * @s: the engine
 * @page_bytes: bytes in a page
 * @granule_bytes: bytes that the backing gives back together; both are powers of
 *		   two
 */
void pga_spans_init(struct pga_spans *s, unsigned long page_bytes,
		    unsigned long granule_bytes)
{
	*s = (struct pga_spans) { .granule = 1 };
	/* Otherwise each page is of whole granules, and so is each span. */
	if (granule_bytes > page_bytes)
		s->granule = granule_bytes / page_bytes;
	pga_tracts_init(&s->tracts);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_init);

/**
 * pga_spans_feed() - add a node to the reserve
 * @s: the engine
 * @span: memory for it
 */
void pga_spans_feed(struct pga_spans *s, struct pga_span *span)
{
	span->next_spare = s->spare;
	s->spare = span;
	s->nr_spare++;
	s->nr_nodes++;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_feed);

/* A node out of the reserve, NULL if there is none. */
static struct pga_span *get_spare(struct pga_spans *s)
{
	struct pga_span *span = s->spare;

	if (!span)
		return NULL;
	s->spare = span->next_spare;
	s->nr_spare--;
	return span;
}

static void put_spare(struct pga_spans *s, struct pga_span *span)
{
	span->next_spare = s->spare;
	s->spare = span;
	s->nr_spare++;
}

/**
 * pga_spans_surplus() - take a node that the reserve can do without
 * @s: the engine
 *
 * Return: the node, whose memory the caller can free; NULL if there is none.
 */
struct pga_span *pga_spans_surplus(struct pga_spans *s)
{
	if (s->nr_spare <= 2 * PGA_SPAN_RESERVE)
		return NULL;
	s->nr_nodes--;
	return get_spare(s);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_surplus);

static struct rb_root *tree_of(struct pga_spans *s, bool discarded)
{
	return discarded ? &s->gone : &s->ready;
}

static void count_in(struct pga_spans *s, const struct pga_span *span)
{
	s->free += span->nr;
	if (span->discarded)
		s->discarded += span->nr;
}

static void count_out(struct pga_spans *s, const struct pga_span *span)
{
	s->free -= span->nr;
	if (span->discarded)
		s->discarded -= span->nr;
}

/**
 * pga_spans_set_age() - say since when a span has been idle
 * @s: the engine
 * @span: the span
 * @since: since then, if there is anything of it to give back
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

static void enter(struct pga_spans *s, struct pga_span *span)
{
	pga_by_length_insert(tree_of(s, span->discarded), span);
	pga_by_address_insert(&s->by_address, span);
	count_in(s, span);
}

static void leave(struct pga_spans *s, struct pga_span *span)
{
	pga_by_length_erase(tree_of(s, span->discarded), span);
	pga_by_address_erase(&s->by_address, span);
	count_out(s, span);
	put_spare(s, span);
}

/* A span becomes longer or shorter, in the place that it has. */
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

/* Pages come to a span: it is young again. */
static void extend(struct pga_spans *s, struct pga_span *span,
		   unsigned long start, unsigned long end)
{
	span->below = PGA_NONE;
	span->seen = 0;
	resize(s, span, start, end, s->now);
}

/* Pages that are free, but for which there is no node. */
static void park(struct pga_spans *s, unsigned long page, unsigned long end,
		 bool discarded)
{
	s->parked += end - page;
	pga_tracts_park(&s->tracts, (struct pga_extent) { page, end - page },
			discarded);
}

/**
 * struct around - the neighbours of pages that are in no span
 * @prev: the span that ends where they begin, or NULL
 * @next: the span that begins where they end, or NULL
 */
struct around {
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

static struct around look_around(const struct pga_spans *s, unsigned long page,
				 unsigned long end)
{
	return (struct around) { ending_at(s, page), starting_at(s, end) };
}

static bool in_state(const struct pga_span *span, bool discarded)
{
	return span && span->discarded == discarded;
}

/* Pages that came back as discarded meet discarded ones: on a granule only. */
static void check_meeting(struct pga_spans *s, struct around a,
			  struct pga_extent pages)
{
	if (s->damage[0].nr)
		return;
	if (in_state(a.prev, true) && !IS_ALIGNED(pages.start, s->granule)) {
		s->damage[0] = pga_span_extent(a.prev);
		s->damage[1] = pages;
	} else if (in_state(a.next, true) &&
		   !IS_ALIGNED(pga_extent_end(pages), s->granule)) {
		s->damage[0] = pages;
		s->damage[1] = pga_span_extent(a.next);
	}
}

/* Enter pages as a span, or as more of those around it in the same state. */
static void coalesce(struct pga_spans *s, unsigned long start, unsigned long end,
		     bool discarded)
{
	const struct around a = look_around(s, start, end);
	struct pga_span *span;

	if (in_state(a.next, discarded))
		end = pga_span_end(a.next);
	if (in_state(a.prev, discarded)) {
		if (in_state(a.next, discarded))
			leave(s, a.next);
		extend(s, a.prev, a.prev->start, end);
		return;
	}
	if (in_state(a.next, discarded)) {
		extend(s, a.next, start, end);
		return;
	}
	span = get_spare(s);
	span->start = start;
	span->nr = end - start;
	span->discarded = discarded;
	span->below = PGA_NONE;
	span->seen = 0;
	pga_spans_set_age(s, span, s->now);
	enter(s, span);
}

/* A discarded neighbour keeps [@start, @end) only, or nothing. */
static void give_way(struct pga_spans *s, struct pga_span *span,
		     unsigned long start, unsigned long end)
{
	if (start < end)
		resize(s, span, start, end, span->since);
	else
		leave(s, span);
}

/* Ready pages take what discarded neighbours have of granules they share. */
static void place_ready(struct pga_spans *s, struct around a, unsigned long start,
			unsigned long end)
{
	unsigned long border;

	if (in_state(a.prev, true)) {
		border = max(ALIGN_DOWN(start, s->granule), a.prev->start);
		if (border < start)
			give_way(s, a.prev, a.prev->start, border);
		start = border;
	}
	if (in_state(a.next, true)) {
		const unsigned long last = pga_span_end(a.next);

		border = min(ALIGN(end, s->granule), last);
		if (border > end)
			give_way(s, a.next, border, last);
		end = border;
	}
	coalesce(s, start, end, false);
}

/* Discarded pages leave granules that they share to ready neighbours. */
static void place_discarded(struct pga_spans *s, struct around a,
			    unsigned long start, unsigned long end)
{
	unsigned long first = start, last = end;

	check_meeting(s, a, (struct pga_extent) { start, end - start });
	if (in_state(a.prev, false))
		first = ALIGN(start, s->granule);
	if (in_state(a.next, false))
		last = ALIGN_DOWN(end, s->granule);
	if (first >= last) {
		/* None of it is a whole granule beside what is ready. */
		place_ready(s, a, start, end);
		return;
	}
	if (first > start)
		extend(s, a.prev, a.prev->start, first);
	if (last < end)
		extend(s, a.next, last, pga_span_end(a.next));
	coalesce(s, first, last, true);
}

/* Pages that are in no span become free; false if there is no node for it. */
static bool place(struct pga_spans *s, unsigned long page, unsigned long end,
		  bool discarded)
{
	const struct around a = look_around(s, page, end);

	if (!s->spare && !in_state(a.prev, discarded) &&
	    !in_state(a.next, discarded))
		return false;
	s->work++;
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

/**
 * pga_spans_put() - mark allocated pages as free
 * @s: the engine
 * @page: first page
 * @nr: pages, all of them of the pool
 * @made: PGA_MADE_READY or PGA_MADE_DISCARDED
 *
 * Return: false, and nothing done, if a page was free already.
 */
bool pga_spans_put(struct pga_spans *s, unsigned long page, unsigned long nr,
		   enum pga_made made)
{
	if (!pga_spans_test(s, page, nr, true))
		return false;
	place_or_park(s, page, page + nr, made == PGA_MADE_DISCARDED);
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_put);

/* Take [@from, @to) out of a span. */
static void cut(struct pga_spans *s, struct pga_span *span, unsigned long from,
		unsigned long to)
{
	const unsigned long start = span->start, end = pga_span_end(span);
	const unsigned long since = span->since;
	struct pga_span *rest;

	s->work++;
	if (start == from && end == to) {
		leave(s, span);
		return;
	}
	if (start == from) {
		resize(s, span, to, end, since);
		return;
	}
	resize(s, span, start, from, since);
	if (end == to)
		return;
	rest = get_spare(s);
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
	enter(s, rest);
}

/**
 * pga_spans_hold() - mark free pages as allocated
 * @s: the engine
 * @page: first page
 * @nr: pages, all of them of the pool
 *
 * Return: false, and nothing done, if a page was not free.
 */
bool pga_spans_hold(struct pga_spans *s, unsigned long page, unsigned long nr)
{
	const unsigned long end = page + nr;
	struct pga_span *span;
	unsigned long to;

	if (!pga_spans_test(s, page, nr, false))
		return false;
	for (; page < end; page = to) {
		span = pga_by_address_at(&s->by_address, page);
		to = min(end, pga_span_end(span));
		cut(s, span, page, to);
	}
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_hold);

/* Take all such pages of 64. */
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

/**
 * pga_spans_take_words() - bring free pages of a chunk into use, 64 by 64
 * @s: the engine
 * @page: a page of the first 64
 * @which: PGA_FREE, or PGA_READY to take ready pages only
 * @words: look at so many times 64 pages, as far as they are in the chunk
 * @pages: go no further when so many pages have been taken
 * @taken: set for each 64 of which some were taken; all such pages are
 *
 * Return: for how many 64 that was.
 */
unsigned int pga_spans_take_words(struct pga_spans *s, unsigned long page,
				  enum pga_which which, unsigned int words,
				  unsigned int pages, struct pga_cache *taken)
{
	const unsigned long end = ALIGN(page + 1, PGA_CHUNK_PAGES);
	unsigned int n = 0, nr = 0;

	page = ALIGN_DOWN(page, PGA_CACHE_PAGES);
	for (; words && page < end && nr < pages; words--, page += PGA_CACHE_PAGES) {
		take_word(s, page, which, &taken[n]);
		nr += hweight64(taken[n].owned);
		n += !!taken[n].owned;
	}
	return n;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_take_words);

/**
 * pga_spans_put_word() - pages of pga_spans_take_words() become free
 * @s: the engine
 * @page: first page, a multiple of 64
 * @owned: those of its 64 pages that are meant, a bit a page
 * @discarded: those of them to be discarded again; the others are ready
 *
 * Return: those that were free already, which nothing was done about.
 */
u64 pga_spans_put_word(struct pga_spans *s, unsigned long page, u64 owned,
		       u64 discarded)
{
	const u64 amiss = owned & ~pga_spans_allocated(s, page);
	const unsigned long put = owned & ~amiss;
	const unsigned long gone = put & discarded, ready = put & ~discarded;
	unsigned long start, end = 0;

	for (;;) {
		start = find_next_bit(&put, PGA_CACHE_PAGES, end);
		if (start == PGA_CACHE_PAGES)
			break;
		end = find_next_zero_bit(gone & BIT(start) ? &gone : &ready,
					 PGA_CACHE_PAGES, start);
		place_or_park(s, page + start, page + end, gone & BIT(start));
	}
	return amiss;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_put_word);

/**
 * pga_spans_grow() - add pages
 * @s: the engine
 * @page: first page, never added before
 * @nr: pages
 * @made: PGA_MADE_DISCARDED as a rule, PGA_MADE_READY
 * @tract: as much zeroed memory as pga_spans_tract_size() says, the engine's now
 */
void pga_spans_grow(struct pga_spans *s, unsigned long page, unsigned long nr,
		    enum pga_made made, struct pga_tract *tract)
{
	pga_tracts_add(&s->tracts, tract, (struct pga_extent) { page, nr });
	s->tract_bytes += pga_tract_size(nr);
	s->pages += nr;
	place_or_park(s, page, page + nr, made == PGA_MADE_DISCARDED);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_grow);

/* Make a span of the first parked pages; false without a node, or any. */
static bool unpark_run(struct pga_spans *s)
{
	struct pga_extent run;
	bool discarded;

	if (!pga_tracts_first_parked(&s->tracts, &run, &discarded) ||
	    !place(s, run.start, pga_extent_end(run), discarded))
		return false;
	pga_tracts_unpark(&s->tracts, run);
	s->parked -= run.nr;
	return true;
}

/**
 * pga_spans_unpark() - make spans of what is parked
 * @s: the engine
 * @budget: of so many runs at most
 *
 * Return: pages that are parked still, because of that, or for want of nodes.
 */
unsigned long pga_spans_unpark(struct pga_spans *s, unsigned int budget)
{
	while (budget-- && unpark_run(s))
		;
	return s->parked;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_unpark);

/**
 * pga_spans_drain() - give up all memory of an engine
 * @s: the engine, not to be used any more
 * @release: frees what was handed in
 */
void pga_spans_drain(struct pga_spans *s, void (*release)(const void *memory))
{
	struct pga_span *span, *next;

	rbtree_postorder_for_each_entry_safe(span, next, &s->by_address, by_address)
		release(span);
	while ((span = get_spare(s)))
		release(span);
	pga_tracts_drain(&s->tracts, release);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_drain);

/**
 * pga_spans_bytes() - memory that has been handed in
 * @s: the engine
 *
 * Return: bytes.
 */
size_t pga_spans_bytes(const struct pga_spans *s)
{
	return s->tract_bytes + s->nr_nodes * sizeof(struct pga_span);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_bytes);
