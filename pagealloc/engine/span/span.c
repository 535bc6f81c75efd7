// SPDX-License-Identifier: GPL-2.0
/*
 * The span engine: which pages are free, and which of those are ready.
 *
 * The predecessor of the bitmap engine, and another implementation of the same
 * contract.  What is free is kept as spans, each of pages that follow one
 * another in one state, in the trees of span_tree.c; what the engine has grown
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

#include "engine/candidate.h"
#include "engine/span/span.h"
#include "base/kunit_export.h"

/* The tract with @page, or the next one. */
static struct pga_tract *tract_at(const struct pga_spans *s, unsigned long page)
{
	struct rb_node *node = s->tracts.rb_node;
	struct pga_tract *at = NULL, *tract;

	while (node) {
		tract = rb_entry(node, struct pga_tract, node);
		if (tract->start + tract->nr > page) {
			at = tract;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return at;
}

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
	INIT_LIST_HEAD(&s->parked_in);
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

/* Idle since then, if there is anything to give back. */
static void set_age(const struct pga_spans *s, struct pga_span *span,
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
	set_age(s, span, since);
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
	struct pga_tract *tract;
	unsigned long nr;

	s->parked += end - page;
	for (; page < end; page += nr) {
		tract = tract_at(s, page);
		nr = min(end, tract->start + tract->nr) - page;
		if (!tract->nr_parked)
			list_add_tail(&tract->list, &s->parked_in);
		tract->nr_parked += nr;
		bitmap_set(tract->parked, page - tract->start, nr);
		if (discarded)
			bitmap_set(tract->discarded, page - tract->start, nr);
	}
}

/* How many pages of the range are parked? */
static unsigned long parked_in(const struct pga_spans *s, unsigned long page,
			       unsigned long end)
{
	const struct pga_tract *tract;
	unsigned long bit, last, nr = 0;

	while (s->parked && page < end) {
		tract = tract_at(s, page);
		if (!tract || tract->start >= end)
			break;
		page = max(page, tract->start);
		last = min(end, tract->start + tract->nr) - tract->start;
		bit = page - tract->start;
		for_each_set_bit_from(bit, tract->parked, last)
			nr++;
		page = tract->start + last;
	}
	return nr;
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

static struct pga_extent extent_of(const struct pga_span *span)
{
	return (struct pga_extent) { span->start, span->nr };
}

/* Pages that came back as discarded meet discarded ones: on a granule only. */
static void check_meeting(struct pga_spans *s, struct around a,
			  struct pga_extent pages)
{
	if (s->damage[0].nr)
		return;
	if (in_state(a.prev, true) && !IS_ALIGNED(pages.start, s->granule)) {
		s->damage[0] = extent_of(a.prev);
		s->damage[1] = pages;
	} else if (in_state(a.next, true) &&
		   !IS_ALIGNED(pga_extent_end(pages), s->granule)) {
		s->damage[0] = pages;
		s->damage[1] = extent_of(a.next);
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
	set_age(s, span, s->now);
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
	set_age(s, rest, since);
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
 * pga_spans_tract_size() - memory that growth takes
 * @nr: pages to grow by
 *
 * Return: bytes of a struct pga_tract, rounded as memory is handed out.
 */
size_t pga_spans_tract_size(unsigned long nr)
{
	return pga_memory_size(sizeof(struct pga_tract) +
			       2 * BITS_TO_LONGS(nr) * sizeof(unsigned long));
}
PGA_EXPORT_FOR_KUNIT(pga_spans_tract_size);

static void enter_tract(struct pga_spans *s, struct pga_tract *tract)
{
	struct rb_node **link = &s->tracts.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = rb_entry(parent, struct pga_tract, node)->start > tract->start ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&tract->node, parent, link);
	rb_insert_color(&tract->node, &s->tracts);
}

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
	tract->start = page;
	tract->nr = nr;
	tract->discarded = tract->parked + BITS_TO_LONGS(nr);
	enter_tract(s, tract);
	s->tract_bytes += pga_spans_tract_size(nr);
	s->pages += nr;
	place_or_park(s, page, page + nr, made == PGA_MADE_DISCARDED);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_grow);

/* The first parked pages of a tract that are in one state, from @start to @end. */
static bool parked_run(const struct pga_tract *tract, unsigned long *start,
		       unsigned long *end)
{
	const unsigned long first = find_first_bit(tract->parked, tract->nr);
	const bool discarded = test_bit(first, tract->discarded);
	const unsigned long last = find_next_zero_bit(tract->parked, tract->nr, first);

	*start = first;
	*end = discarded ? find_next_zero_bit(tract->discarded, last, first) :
			   find_next_bit(tract->discarded, last, first);
	return discarded;
}

/* Make a span of the first parked pages of a tract; false without a node. */
static bool unpark_run(struct pga_spans *s, struct pga_tract *tract)
{
	unsigned long start, end;
	const bool discarded = parked_run(tract, &start, &end);

	if (!place(s, tract->start + start, tract->start + end, discarded))
		return false;
	bitmap_clear(tract->parked, start, end - start);
	bitmap_clear(tract->discarded, start, end - start);
	tract->nr_parked -= end - start;
	s->parked -= end - start;
	if (!tract->nr_parked)
		list_del(&tract->list);
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
	while (budget-- && s->parked &&
	       unpark_run(s, list_first_entry(&s->parked_in, struct pga_tract, list)))
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
	struct pga_tract *tract, *next_tract;
	struct pga_span *span, *next;

	rbtree_postorder_for_each_entry_safe(span, next, &s->by_address, by_address)
		release(span);
	while ((span = get_spare(s)))
		release(span);
	rbtree_postorder_for_each_entry_safe(tract, next_tract, &s->tracts, node)
		release(tract);
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

/**
 * pga_spans_find() - find a place
 * @s: the engine
 * @which: free pages, or only ready ones
 * @nr: pages wanted, at least 1
 *
 * Return: the page at which the best fit begins, or PGA_NONE if there are not so
 * many such pages in a row.
 */
unsigned long pga_spans_find(const struct pga_spans *s, enum pga_which which,
			     unsigned long nr)
{
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
PGA_EXPORT_FOR_KUNIT(pga_spans_find);

/**
 * pga_spans_fit() - find the lowest place that a constraint allows
 * @s: the engine
 * @fit: the search, from pga_fit_begin() or from a call that returned false
 * @budget: look at so many rows of spans at most
 * @page: set to the first page of the place, PGA_NONE if there is none
 *
 * Return: whether that is known.  If not, call again.
 */
bool pga_spans_fit(const struct pga_spans *s, struct pga_fit *fit,
		   unsigned int budget, unsigned long *page)
{
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
	/* There is no run that the search is in the midst of. */
	fit->run = fit->page;
	return false;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_fit);

/**
 * pga_spans_longest() - length of the longest free run
 * @s: the engine
 *
 * Return: pages.
 */
unsigned long pga_spans_longest(const struct pga_spans *s)
{
	return pga_by_address_longest(&s->by_address);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_longest);

/**
 * pga_spans_test() - are these pages all allocated, or all free?
 * @s: the engine
 * @page: first page
 * @nr: pages
 * @allocated: what they should be
 *
 * Holes read as allocated.  What is parked is neither.
 *
 * Return: whether every page is.
 */
bool pga_spans_test(const struct pga_spans *s, unsigned long page,
		    unsigned long nr, bool allocated)
{
	const struct pga_span *span = pga_by_address_at(&s->by_address, page);
	const unsigned long end = page + nr;

	if (allocated)
		return (!span || span->start >= end) && !parked_in(s, page, end);
	while (page < end && span && span->start <= page) {
		page = pga_span_end(span);
		span = pga_span_next(span);
	}
	return page >= end;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_test);

/**
 * pga_spans_busy() - how many pages are allocated?
 * @s: the engine
 * @page: first page
 * @end: the page after the last; all of the range is of the pool
 *
 * Return: pages, without parked ones; 0 if the range is none.
 */
unsigned long pga_spans_busy(const struct pga_spans *s, unsigned long page,
			     unsigned long end)
{
	const struct pga_span *span = pga_by_address_at(&s->by_address, page);
	unsigned long nr = end - page;

	if (page >= end)
		return 0;
	for (; span && span->start < end; span = pga_span_next(span))
		nr -= min(end, pga_span_end(span)) - max(page, span->start);
	return nr - parked_in(s, page, end);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_busy);

/**
 * pga_spans_next_discarded() - find the next discarded pages of a range
 * @s: the engine
 * @page: first page of the range
 * @end: the page after its last
 * @extent: set to the lowest discarded pages in it, as many as follow one
 *	    another within the range
 *
 * Return: false if there are none.
 */
bool pga_spans_next_discarded(const struct pga_spans *s, unsigned long page,
			      unsigned long end, struct pga_extent *extent)
{
	const struct pga_span *span;

	span = pga_by_address_discarded(&s->by_address, page);
	extent->nr = 0;
	if (!span || span->start >= end)
		return false;
	extent->start = max(page, span->start);
	extent->nr = min(end, pga_span_end(span)) - extent->start;
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_next_discarded);

/**
 * pga_spans_read_chunk() - the state of a chunk, as the other engine has it
 * @s: the engine
 * @i: number of the chunk
 * @chunk: filled in; what is in a hole, or parked, reads as allocated
 */
void pga_spans_read_chunk(const struct pga_spans *s, unsigned long i,
			  struct pga_chunk *chunk)
{
	const unsigned long first = pga_chunk_start(i);
	const unsigned long end = first + PGA_CHUNK_PAGES;
	const struct pga_span *span;
	unsigned long page, nr;

	bitmap_fill(chunk->allocated, PGA_CHUNK_PAGES);
	bitmap_zero(chunk->discarded, PGA_CHUNK_PAGES);
	span = pga_by_address_at(&s->by_address, first);
	for (; span && span->start < end; span = pga_span_next(span)) {
		page = max(first, span->start);
		nr = min(end, pga_span_end(span)) - page;
		bitmap_clear(chunk->allocated, page - first, nr);
		if (span->discarded)
			bitmap_set(chunk->discarded, page - first, nr);
	}
}
PGA_EXPORT_FOR_KUNIT(pga_spans_read_chunk);

/**
 * pga_spans_tract() - find a tract
 * @s: the engine
 * @page: the page
 *
 * Return: the tract with @page, or the next one; NULL if there is none.
 */
const struct pga_tract *pga_spans_tract(const struct pga_spans *s,
					unsigned long page)
{
	return tract_at(s, page);
}
PGA_EXPORT_FOR_KUNIT(pga_spans_tract);

/**
 * pga_spans_allocated() - which of 64 pages are allocated?
 * @s: the engine
 * @page: first page, a multiple of 64
 *
 * Return: a bit a page; not set for what is free or parked.
 */
unsigned long pga_spans_allocated(const struct pga_spans *s, unsigned long page)
{
	const struct pga_span *span = pga_by_address_at(&s->by_address, page);
	const unsigned long end = page + BITS_PER_LONG;
	unsigned long word = ~0UL;
	unsigned int bit;

	for (; span && span->start < end; span = pga_span_next(span))
		word &= ~GENMASK(min(end, pga_span_end(span)) - 1 - page,
				 max(page, span->start) - page);
	if (parked_in(s, page, page + BITS_PER_LONG))
		for (bit = 0; bit < BITS_PER_LONG; bit++)
			if (parked_in(s, page + bit, page + bit + 1))
				word &= ~BIT(bit);
	return word;
}
PGA_EXPORT_FOR_KUNIT(pga_spans_allocated);

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
	if (huge > granule && granule <= PGA_CANDIDATE_GRANULE_MAX &&
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
	set_age(s, span, span->since);
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

/**
 * pga_spans_next() - look at the spans one after the other
 * @s: the engine
 * @page: from this page on
 * @state: set to the span with @page, or the next one
 *
 * Return: false if there is none.
 */
bool pga_spans_next(const struct pga_spans *s, unsigned long page,
		    struct pga_span_state *state)
{
	const struct pga_span *span = pga_by_address_at(&s->by_address, page);

	if (!span)
		return false;
	*state = (struct pga_span_state) {
		.pages = extent_of(span),
		.discarded = span->discarded,
		.idle = span->since == PGA_NEVER_IDLE ? PGA_NEVER_IDLE :
							s->now - span->since,
	};
	return true;
}

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
	const struct pga_tract *tract = tract_at(s, span->start);

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
	if (parked_in(s, span->start, pga_span_end(span)))
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
