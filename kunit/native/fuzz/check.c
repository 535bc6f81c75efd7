// SPDX-License-Identifier: GPL-2.0
/*
 * An engine against its model.
 *
 * After each operation: the chunks that have changed, and all counts.  On
 * request and at the end: every chunk, the spans, and the engine's own
 * examination.
 */

#include <linux/minmax.h>

#include "native/fuzz/fuzz.h"

static void check_chunk(struct fuzz_side *s, unsigned long i)
{
	const unsigned long first = pga_chunk_start(i);
	struct pga_chunk got, want = {};
	unsigned int bit;

	for (bit = 0; bit < PGA_CHUNK_PAGES; bit++) {
		const enum pgat_state state = fuzz_at(s, first + bit);

		if (state == PGAT_DISCARDED)
			__set_bit(bit, want.discarded);
		else if (state != PGAT_READY)
			__set_bit(bit, want.allocated);
	}
	pga_map_read_chunk(&s->map, i, &got);
	for (bit = 0; bit < PGA_CHUNK_PAGES; bit += BITS_PER_LONG) {
		KUNIT_ASSERT_EQ_MSG(s->test, got.allocated[bit / BITS_PER_LONG],
				    want.allocated[bit / BITS_PER_LONG],
				    "page %lu", first + bit);
		KUNIT_ASSERT_EQ_MSG(s->test, got.discarded[bit / BITS_PER_LONG],
				    want.discarded[bit / BITS_PER_LONG],
				    "page %lu", first + bit);
	}
}

static unsigned long count(const struct fuzz_side *s, enum pgat_state state)
{
	return pgat_model_count(s->model, state);
}

static void check_counts(struct fuzz_side *s)
{
	const struct pga_map *map = &s->map;
	const unsigned long discarded = count(s, PGAT_DISCARDED);
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i < s->nr_regions; i++)
		pages += s->region[i].grown;
	KUNIT_ASSERT_EQ(s->test, map->pages, pages);
	KUNIT_ASSERT_EQ(s->test, map->free, count(s, PGAT_READY) + discarded);
	KUNIT_ASSERT_EQ(s->test, map->discarded, discarded);
	KUNIT_ASSERT_EQ(s->test, map->parked, count(s, PGAT_PARKED_READY) +
			count(s, PGAT_PARKED_DISCARDED));
	KUNIT_ASSERT_EQ(s->test, map->bytes, s->bytes);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(s->test, map->damage[i].start, s->damage[i].start);
		KUNIT_ASSERT_EQ(s->test, map->damage[i].nr, s->damage[i].nr);
	}
	if (fuzz_is_span(s))
		KUNIT_ASSERT_EQ(s->test, map->nr_spare, s->nodes - fuzz_spans(s));
	KUNIT_ASSERT_EQ(s->test, pga_map_longest(map),
			pgat_model_longest(s->model, PGA_FREE));
}

/* The chunks of all windows, as far as they have pages in [@low, @high). */
static void check_chunks(struct fuzz_side *s, unsigned long low, unsigned long high)
{
	const struct pgat_window *w = s->model->window;
	unsigned long i, end;

	for (; w < s->model->window + s->model->nr_windows; w++) {
		end = min(high, w->end);
		i = pga_chunk_of(max(low, w->start));
		for (; pga_chunk_start(i) < end; i++)
			check_chunk(s, i);
	}
}

/**
 * fuzz_check() - compare what an operation has changed, and the counts
 * @s: the side
 */
void fuzz_check(struct fuzz_side *s)
{
	check_chunks(s, s->low, s->high);
	s->low = PGA_NONE;
	s->high = 0;
	check_counts(s);
}

/* Since when is a span idle, if any of it can be given back? */
static unsigned long idle_of(const struct fuzz_side *s, struct pga_extent e,
			     bool discarded)
{
	if (discarded || ALIGN(e.start, s->granule) >=
			 ALIGN_DOWN(pga_extent_end(e), s->granule))
		return PGA_NEVER_IDLE;
	return s->map.now - s->since[fuzz_index(s, e.start)];
}

/* The spans that can be looked at are the runs of the model. */
static void check_spans(struct fuzz_side *s)
{
	struct pga_span_state got;
	unsigned long page = 0, nr = 0;

	while (pga_map_next_span(&s->map, page, &got)) {
		const struct pga_extent want = fuzz_span_at(s, got.pages.start);

		KUNIT_ASSERT_EQ(s->test, got.pages.start, want.start);
		KUNIT_ASSERT_EQ(s->test, got.pages.nr, want.nr);
		KUNIT_ASSERT_EQ(s->test, fuzz_at(s, want.start),
				got.discarded ? PGAT_DISCARDED : PGAT_READY);
		if (!s->refused)
			KUNIT_ASSERT_EQ(s->test, got.idle,
					idle_of(s, want, got.discarded));
		page = pga_extent_end(want);
		nr++;
	}
	if (pga_map_has_spans(&s->map))
		KUNIT_ASSERT_EQ(s->test, nr, fuzz_spans(s));
}

/**
 * fuzz_check_all() - compare every page, and the spans
 * @s: the side
 */
void fuzz_check_all(struct fuzz_side *s)
{
	check_chunks(s, 0, PGA_NONE);
	check_counts(s);
	check_spans(s);
}

static struct fuzz_side *verified;

static void report(struct pga_verify *v, const char *what, int level,
		   unsigned long page, u64 got, u64 want)
{
	KUNIT_FAIL(verified->test, "%s, level %d, page %lu: %llu, not %llu", what,
		   level, page, got, want);
}

/* It takes a step for each 2^18 pages from the first to the last. */
#define VERIFY_MAX	BIT(28)

/**
 * fuzz_verify() - let the engine examine itself
 * @s: the side, which is left alone if its regions are far apart
 */
void fuzz_verify(struct fuzz_side *s)
{
	const struct pgat_window *w = s->model->window;
	struct pga_verify v = { .report = report };

	if (w[s->model->nr_windows - 1].end - w->start > VERIFY_MAX)
		return;
	verified = s;
	while (pga_map_verify(&s->map, &v))
		;
	KUNIT_ASSERT_FALSE(s->test, s->test->failed);
	KUNIT_ASSERT_EQ(s->test, v.parked, s->map.parked);
}
