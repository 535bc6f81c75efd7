// SPDX-License-Identifier: GPL-2.0
/*
 * What the contract of engine/map.h says, page by page.
 *
 * The bitmap engine places a run at the lowest place and never lacks memory for
 * a free.  The span engine places it where it fits best, has the boundary rule
 * (engine/span/span.c), and parks pages for which there is no node.  It has a
 * node for each span, so the model knows how many are left: all it was given,
 * less the spans that the model counts.
 */

#include <linux/bitops.h>
#include <linux/minmax.h>

#include "native/fuzz/fuzz.h"

/**
 * fuzz_index() - number of a page among those of all windows
 * @s: the side
 * @page: a page of the pool
 *
 * Return: the number.
 */
unsigned long fuzz_index(const struct fuzz_side *s, unsigned long page)
{
	const struct pgat_window *w = s->model->window;
	unsigned long before = 0;

	for (; page < w->start || page >= w->end; w++)
		before += w->end - w->start;
	return before + page - w->start;
}

static bool is_in(const struct fuzz_side *s, unsigned long page, unsigned long states)
{
	return states & BIT(fuzz_at(s, page));
}

/**
 * fuzz_row_start() - the first of pages in a row in some states
 * @s: the side
 * @page: the last one
 * @states: a bit for each state
 *
 * Return: the page, @page itself if the one before is in no such state.
 */
unsigned long fuzz_row_start(const struct fuzz_side *s, unsigned long page,
			     unsigned long states)
{
	while (is_in(s, page - 1, states))
		page--;
	return page;
}

/**
 * fuzz_row_end() - the end of pages in a row in some states
 * @s: the side
 * @page: the first one
 * @states: a bit for each state, none for holes
 *
 * Return: the page after the last, @page itself if there is none.
 */
unsigned long fuzz_row_end(const struct fuzz_side *s, unsigned long page,
			   unsigned long states)
{
	while (is_in(s, page, states))
		page++;
	return page;
}

/**
 * fuzz_span_at() - the pages around one that are in its state
 * @s: the side
 * @page: the page, not a hole
 *
 * Return: the pages.
 */
struct pga_extent fuzz_span_at(const struct fuzz_side *s, unsigned long page)
{
	const unsigned long state = BIT(fuzz_at(s, page));
	const unsigned long start = fuzz_row_start(s, page, state);

	return (struct pga_extent) { start, fuzz_row_end(s, page, state) - start };
}

/**
 * fuzz_spans() - how many runs of free pages in one state are there?
 * @s: the side
 *
 * Return: their number.
 */
unsigned long fuzz_spans(const struct fuzz_side *s)
{
	const struct pgat_window *w = s->model->window;
	const struct pgat_window *last = w + s->model->nr_windows;
	unsigned long i, nr = 0, end = 0;
	u8 before = PGAT_HOLE;

	for (; w < last; w++) {
		if (w->start != end)
			before = PGAT_HOLE;
		for (i = 0; i < w->end - w->start; before = w->cell[i++])
			nr += fuzz_is_free(w->cell[i]) && w->cell[i] != before;
		end = w->end;
	}
	return nr;
}

/* Is there a node for one more span? */
static bool has_node(const struct fuzz_side *s)
{
	return !fuzz_is_span(s) || s->nodes > fuzz_spans(s);
}

/* The granule whose borders the boundary rule minds. */
static unsigned long border_granule(const struct fuzz_side *s)
{
	return fuzz_is_span(s) ? s->granule : 1;
}

static void set(struct fuzz_side *s, unsigned long page, unsigned long end,
		enum pgat_state state)
{
	if (page >= end)
		return;
	pgat_model_set(s->model, page, end - page, state);
	s->low = min(s->low, page);
	s->high = max(s->high, end);
	s->changed = true;
}

/* Pages came to the span with @page. */
static void came(struct fuzz_side *s, unsigned long page)
{
	const struct pga_extent e = fuzz_span_at(s, page);

	for (page = e.start; page < pga_extent_end(e); page++)
		s->since[fuzz_index(s, page)] = s->map.now;
}

static void make_ready(struct fuzz_side *s, unsigned long page, unsigned long end)
{
	const unsigned long granule = border_granule(s);

	while (page % granule && fuzz_at(s, page - 1) == PGAT_DISCARDED)
		page--;
	while (end % granule && fuzz_at(s, end) == PGAT_DISCARDED)
		end++;
	set(s, page, end, PGAT_READY);
	if (fuzz_is_span(s))
		came(s, page);
}

/* Two discarded extents meet inside a granule. */
static void damage(struct fuzz_side *s, struct pga_extent a, struct pga_extent b)
{
	if (s->damage[0].nr)
		return;
	s->damage[0] = a;
	s->damage[1] = b;
}

static void make_discarded(struct fuzz_side *s, unsigned long page, unsigned long end)
{
	const unsigned long granule = border_granule(s);
	const struct pga_extent e = { page, end - page };
	unsigned long first = page, last = end;

	if (fuzz_at(s, page - 1) == PGAT_DISCARDED && page % granule)
		damage(s, fuzz_span_at(s, page - 1), e);
	else if (fuzz_at(s, end) == PGAT_DISCARDED && end % granule)
		damage(s, e, fuzz_span_at(s, end));
	if (fuzz_at(s, page - 1) == PGAT_READY)
		first = ALIGN(page, granule);
	if (fuzz_at(s, end) == PGAT_READY)
		last = ALIGN_DOWN(end, granule);
	if (first >= last) {
		make_ready(s, page, end);
		return;
	}
	set(s, first, last, PGAT_DISCARDED);
	set(s, page, first, PGAT_READY);
	set(s, last, end, PGAT_READY);
	if (page < first)
		came(s, page);
	if (last < end)
		came(s, last);
}

/* Make pages free; false if a node is missing. */
static bool place(struct fuzz_side *s, unsigned long page, unsigned long end,
		  bool discarded)
{
	const enum pgat_state state = discarded ? PGAT_DISCARDED : PGAT_READY;

	if (!has_node(s) && fuzz_at(s, page - 1) != state && fuzz_at(s, end) != state)
		return false;
	if (discarded)
		make_discarded(s, page, end);
	else
		make_ready(s, page, end);
	return true;
}

static struct fuzz_tract *tract_of(struct fuzz_side *s, unsigned long page)
{
	struct fuzz_tract *t = s->tract;

	while (page - t->pages.start >= t->pages.nr)
		t++;
	return t;
}

static void park(struct fuzz_side *s, unsigned long page, unsigned long end,
		 bool discarded)
{
	set(s, page, end, discarded ? PGAT_PARKED_DISCARDED : PGAT_PARKED_READY);
	for (; page < end; page++) {
		struct fuzz_tract *t = tract_of(s, page);

		if (!t->turn)
			t->turn = ++s->turn;
	}
}

static void place_or_park(struct fuzz_side *s, unsigned long page, unsigned long end,
			  bool discarded)
{
	if (!place(s, page, end, discarded))
		park(s, page, end, discarded);
}

/* Take pages out of one span, whose upper rest may need a node. */
static void cut(struct fuzz_side *s, unsigned long page, unsigned long end,
		enum pgat_state state)
{
	const struct pga_extent span = fuzz_span_at(s, page);
	const bool discarded = fuzz_at(s, page) == PGAT_DISCARDED;

	if (span.start < page && end < pga_extent_end(span) && !has_node(s))
		park(s, end, pga_extent_end(span), discarded);
	set(s, page, end, state);
}

/**
 * fuzz_hold() - free pages become allocated
 * @s: the side
 * @e: the pages
 * @state: PGAT_HELD or PGAT_BUSY
 */
void fuzz_hold(struct fuzz_side *s, struct pga_extent e, enum pgat_state state)
{
	unsigned long page = e.start, to;

	for (; page < pga_extent_end(e); page = to) {
		to = min(pga_extent_end(e), pga_extent_end(fuzz_span_at(s, page)));
		cut(s, page, to, state);
	}
}

/**
 * fuzz_use() - held pages come into use
 * @s: the side
 * @e: the pages
 */
void fuzz_use(struct fuzz_side *s, struct pga_extent e)
{
	set(s, e.start, pga_extent_end(e), PGAT_BUSY);
}

/* Pages in use were freed: the bitmap engine knows when, for each chunk. */
static void freed(struct fuzz_side *s, unsigned long page, unsigned long end)
{
	const struct pgat_window *w = s->model->window;
	unsigned long at;

	if (fuzz_is_span(s))
		return;
	page = ALIGN_DOWN(page, PGA_CHUNK_PAGES);
	end = ALIGN(end, PGA_CHUNK_PAGES);
	for (; w < s->model->window + s->model->nr_windows; w++)
		for (at = max(page, w->start); at < min(end, w->end); at++)
			s->since[fuzz_index(s, at)] = s->map.now;
}

/**
 * fuzz_put() - allocated pages become free
 * @s: the side
 * @e: the pages
 * @discarded: and discarded
 * @used: they were in use
 */
void fuzz_put(struct fuzz_side *s, struct pga_extent e, bool discarded, bool used)
{
	place_or_park(s, e.start, pga_extent_end(e), discarded);
	if (used)
		freed(s, e.start, pga_extent_end(e));
}

/* The tract whose pages were parked first. */
static struct fuzz_tract *first_parked(struct fuzz_side *s)
{
	struct fuzz_tract *t, *first = NULL;

	for (t = s->tract; t < s->tract + s->nr_tracts; t++)
		if (t->turn && (!first || t->turn < first->turn))
			first = t;
	return first;
}

/* Place the first parked run of a tract; false if a node is missing. */
static bool unpark_run(struct fuzz_side *s, struct fuzz_tract *t)
{
	const unsigned long last = pga_extent_end(t->pages);
	unsigned long page = t->pages.start, end;
	bool discarded;

	while (!fuzz_is_parked(fuzz_at(s, page)))
		page++;
	discarded = fuzz_at(s, page) == PGAT_PARKED_DISCARDED;
	end = min(last, pga_extent_end(fuzz_span_at(s, page)));
	if (!place(s, page, end, discarded))
		return false;
	while (end < last && !fuzz_is_parked(fuzz_at(s, end)))
		end++;
	if (end == last)
		t->turn = 0;
	return true;
}

/**
 * fuzz_unpark() - free up to @budget runs of parked pages
 * @s: the side
 * @budget: runs
 *
 * Return: pages that are still parked.
 */
unsigned long fuzz_unpark(struct fuzz_side *s, unsigned int budget)
{
	struct fuzz_tract *t;

	while (budget--) {
		t = first_parked(s);
		if (!t || !unpark_run(s, t))
			break;
	}
	return pgat_model_count(s->model, PGAT_PARKED_READY) +
	       pgat_model_count(s->model, PGAT_PARKED_DISCARDED);
}

/* Take one block of 64. */
static struct pga_cache take_word(struct fuzz_side *s, unsigned long base,
				  enum pga_which which)
{
	const unsigned long end = base + PGA_CACHE_PAGES;
	struct pga_cache taken = { .base = base };
	unsigned long page, to;

	for (page = base; page < end; page = to) {
		const enum pgat_state state = fuzz_at(s, page);
		u64 bits;

		to = page + 1;
		if (state != PGAT_READY && (state != PGAT_DISCARDED || which == PGA_READY))
			continue;
		to = min(end, pga_extent_end(fuzz_span_at(s, page)));
		bits = GENMASK_ULL(to - 1 - base, page - base);
		taken.owned |= bits;
		if (state == PGAT_DISCARDED)
			taken.discarded |= bits;
		cut(s, page, to, PGAT_BUSY);
	}
	return taken;
}

/**
 * fuzz_take_words() - bring free pages into use, blocks of 64 as a whole
 * @s: the side
 * @page: a page of the first block
 * @which: which pages
 * @words: blocks to look at, no further than the end of the chunk
 * @pages: stop after so many pages
 * @taken: set to what was taken
 *
 * Return: how many of @taken were set.
 */
unsigned int fuzz_take_words(struct fuzz_side *s, unsigned long page,
			     enum pga_which which, unsigned int words,
			     unsigned int pages, struct pga_cache *taken)
{
	const unsigned long end = ALIGN_DOWN(page, PGA_CHUNK_PAGES) + PGA_CHUNK_PAGES;
	unsigned int n = 0, nr = 0;

	page = ALIGN_DOWN(page, PGA_CACHE_PAGES);
	for (; words-- && page < end && nr < pages; page += PGA_CACHE_PAGES) {
		taken[n] = take_word(s, page, which);
		nr += hweight64(taken[n].owned);
		n += taken[n].owned != 0;
	}
	return n;
}

/**
 * fuzz_put_word() - pages in use among 64 become free
 * @s: the side
 * @page: the first of the 64
 * @owned: which, a bit a page
 * @discarded: those among them that become discarded
 *
 * Return: those of @owned that were free.
 */
u64 fuzz_put_word(struct fuzz_side *s, unsigned long page, u64 owned, u64 discarded)
{
	unsigned int first, end;
	u64 amiss = 0;

	for (first = 0; first < PGA_CACHE_PAGES; first++)
		if (owned & BIT_ULL(first) && fuzz_at(s, page + first) != PGAT_BUSY)
			amiss |= BIT_ULL(first);
	owned &= ~amiss;
	for (first = 0; first < PGA_CACHE_PAGES; first = end) {
		const bool gone = discarded & BIT_ULL(first);

		end = first + 1;
		if (!(owned & BIT_ULL(first)))
			continue;
		while (end < PGA_CACHE_PAGES && owned & BIT_ULL(end) &&
		       !!(discarded & BIT_ULL(end)) == gone)
			end++;
		place_or_park(s, page + first, page + end, gone);
		freed(s, page + first, page + end);
	}
	return amiss;
}

/* The lowest of the shortest runs in one state that are long enough. */
static unsigned long best_fit(const struct fuzz_side *s, enum pgat_state state,
			      unsigned long nr)
{
	const struct pgat_window *w = s->model->window;
	unsigned long best = PGA_NONE, at = PGA_NONE, page, run;

	for (; w < s->model->window + s->model->nr_windows; w++) {
		for (page = w->start; page < w->end; page += run ?: 1) {
			run = fuzz_row_end(s, page, BIT(state)) - page;
			/* It may have begun in the window before. */
			if (run < nr || run >= best || fuzz_at(s, page - 1) == state)
				continue;
			best = run;
			at = page;
		}
	}
	return at;
}

/**
 * fuzz_find() - where a run is placed
 * @s: the side
 * @which: free pages, or only ready ones
 * @nr: pages
 *
 * Return: the first page, PGA_NONE if there is no place.
 */
unsigned long fuzz_find(const struct fuzz_side *s, enum pga_which which,
			unsigned long nr)
{
	unsigned long page = PGA_NONE;

	if (fuzz_is_span(s))
		page = best_fit(s, PGAT_READY, nr);
	if (fuzz_is_span(s) && page == PGA_NONE && which == PGA_FREE)
		page = best_fit(s, PGAT_DISCARDED, nr);
	return page != PGA_NONE ? page : pgat_model_find(s->model, which, nr);
}

/**
 * fuzz_allows() - is this a place that a constraint allows?
 * @where: the constraint
 * @page: first page of the run
 *
 * Return: whether it is.
 */
bool fuzz_allows(const struct pga_constraint *where, unsigned long page)
{
	const unsigned long last = page + where->nr - 1;

	return page % where->align == 0 && page >= where->low && last < where->high &&
	       (!where->boundary ||
		page / where->boundary == last / where->boundary);
}

/**
 * fuzz_fit() - the lowest place that a constraint allows
 * @s: the side
 * @which: free pages, or only ready ones
 * @where: the constraint
 *
 * Return: the first page, PGA_NONE if there is no place.
 */
unsigned long fuzz_fit(const struct fuzz_side *s, enum pga_which which,
		       const struct pga_constraint *where)
{
	struct pga_extent run = {};
	unsigned long page;

	while (pgat_model_run(s->model, which, pga_extent_end(run), PGA_NONE, &run))
		for (page = run.start; page + where->nr <= pga_extent_end(run); page++)
			if (fuzz_allows(where, page))
				return page;
	return PGA_NONE;
}
