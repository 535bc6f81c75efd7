// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the span engine.
 *
 * Small pools are written as text, a letter a page.  The random tests have an
 * array with the state of each page beside the engine, and compare all of it
 * after each operation.
 */

#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "engine/span/by_address.h"
#include "engine/span/engine.h"
#include "engine/span/span.h"
#include "lib/testlib.h"

/* An engine that is emptied with its test. */
struct fixture {
	struct pga_spans s;
	struct pga_map *map;
	/* Nodes may run out. */
	bool hungry;
};

static void span_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f)
		return;
	pga_map_drain(f->map, pgat_release);
	kfree(f);
}

static struct fixture *new_engine(struct kunit *test, unsigned long page_bytes,
				  unsigned long granule_bytes)
{
	struct fixture *f = kzalloc(sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	f->map = &f->s.map;
	pga_map_init(f->map, &pga_span_engine, page_bytes, granule_bytes);
	return f;
}

static void feed_one(struct kunit *test, struct fixture *f)
{
	struct pga_span *span = kmalloc(sizeof(*span), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, span);
	pga_map_feed(f->map, span);
}

/* Fill the reserve with more nodes than one operation takes. */
static void feed(struct kunit *test, struct fixture *f)
{
	while (!f->hungry && f->map->nr_spare < 40)
		feed_one(test, f);
}

static void grow(struct kunit *test, struct fixture *f, unsigned long page,
		 unsigned long nr, enum pga_made made)
{
	struct pga_parts parts;
	bool grown;

	pga_map_missing(f->map, page, nr, &parts);
	pgat_parts_get(test, &parts);
	grown = pga_map_grow(f->map, page, nr, made, &parts);
	pgat_parts_put(&parts);
	KUNIT_ASSERT_TRUE(test, grown);
}

/* The last fault that an examination has found. */
struct fault {
	struct pga_verify v;
	const char *what;
	unsigned long page;
	u64 got;
	u64 want;
};

static void note_fault(struct pga_verify *v, const char *what, int level,
		       unsigned long page, u64 got, u64 want)
{
	struct fault *fault = container_of(v, struct fault, v);

	fault->what = what;
	fault->page = page;
	fault->got = got;
	fault->want = want;
}

static struct fault examine(const struct pga_map *map)
{
	struct fault fault = { .v.report = note_fault };

	while (pga_map_verify(map, &fault.v))
		;
	return fault;
}

static void verify(struct kunit *test, const struct pga_map *map)
{
	const struct fault fault = examine(map);

	KUNIT_ASSERT_NULL_MSG(test, fault.what, "%s at %lu: %llu, not %llu", fault.what,
			      fault.page, fault.got, fault.want);
	KUNIT_ASSERT_EQ(test, fault.v.parked, map->parked);
}

/* Pages as text: u allocated, r ready, D discarded. */
static void describe(const struct pga_map *map, unsigned int nr, char *text)
{
	struct pga_chunk chunk;
	unsigned int i;

	pga_map_read_chunk(map, 0, &chunk);
	for (i = 0; i < nr; i++)
		text[i] = test_bit(i, chunk.allocated) ? 'u' :
			  test_bit(i, chunk.discarded) ? 'D' : 'r';
	text[nr] = '\0';
}

static void looks_like(struct kunit *test, const struct pga_map *map,
		       const char *want)
{
	char got[PGA_CHUNK_PAGES];

	describe(map, strlen(want), got);
	KUNIT_EXPECT_STREQ(test, got, want);
	verify(test, map);
}

/* Put back all pages with a letter, a run at a time. */
static void put_letters(struct kunit *test, struct fixture *f, const char *text,
			char letter, enum pga_made made)
{
	const unsigned int nr = strlen(text);
	unsigned int first, end;

	for (first = 0; first < nr; first = end + 1) {
		for (end = first; end < nr && text[end] == letter; end++)
			;
		feed(test, f);
		if (end > first)
			KUNIT_ASSERT_TRUE(test, pga_map_put(f->map, first,
							    end - first, made));
	}
}

/* Bring new pages from page 0 on into these states, discarded ones first. */
static void arrange(struct kunit *test, struct fixture *f, const char *text)
{
	feed(test, f);
	grow(test, f, 0, strlen(text), PGA_MADE_READY);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(f->map, 0, strlen(text)));
	put_letters(test, f, text, 'D', PGA_MADE_DISCARDED);
	put_letters(test, f, text, 'r', PGA_MADE_READY);
	looks_like(test, f->map, text);
}

enum kind { SMALLER, EQUAL, LARGER, NR_KINDS };

/*
 * The boundary rule: the states of pages after some of them, marked ^, were put
 * back. A granule is four pages, one page, or less.
 */
struct boundary_case {
	const char *name;
	const char *before;
	const char *pages;
	enum pga_made made;
	const char *larger;
	const char *other;
	struct pga_extent damage[2];
};

static const struct boundary_case boundary_cases[] = {
	{ "ready, discarded above on a granule",
	  "uuuuDDDD", "^^^^    ", PGA_MADE_READY, "rrrrDDDD", "rrrrDDDD" },
	{ "ready, discarded above from inside a granule",
	  "uuDDDDDD", "^^      ", PGA_MADE_READY, "rrrrDDDD", "rrDDDDDD" },
	{ "ready, a page of the granule is discarded",
	  "uuuDDDDD", "^^^     ", PGA_MADE_READY, "rrrrDDDD", "rrrDDDDD" },
	{ "ready, all but a page of the granule is discarded",
	  "uDDDDDDD", "^       ", PGA_MADE_READY, "rrrrDDDD", "rDDDDDDD" },
	{ "ready, discarded below on a granule",
	  "DDDDuuuu", "    ^^^^", PGA_MADE_READY, "DDDDrrrr", "DDDDrrrr" },
	{ "ready, discarded below up to inside a granule",
	  "DDDDDDuu", "      ^^", PGA_MADE_READY, "DDDDrrrr", "DDDDDDrr" },
	{ "ready, discarded below, a page of the granule",
	  "DDDDDuuu", "     ^^^", PGA_MADE_READY, "DDDDrrrr", "DDDDDrrr" },
	{ "ready, discarded on both sides in the same granule",
	  "DDDDDuuDDDDD", "     ^^     ", PGA_MADE_READY,
	  "DDDDrrrrDDDD", "DDDDDrrDDDDD" },
	{ "ready, discarded on both sides in two granules",
	  "DDDuuuDDDDDD", "   ^^^      ", PGA_MADE_READY,
	  "rrrrrrrrDDDD", "DDDrrrDDDDDD" },
	{ "ready, less than a granule discarded below",
	  "uuDuuuuu", "   ^    ", PGA_MADE_READY, "uurruuuu", "uuDruuuu" },
	{ "ready, the discarded rest vanishes, and ready follows",
	  "uDDDrrrr", "^       ", PGA_MADE_READY, "rrrrrrrr", "rDDDrrrr" },
	{ "ready, the discarded rest vanishes, and ready comes before",
	  "rrrrDDDu", "       ^", PGA_MADE_READY, "rrrrrrrr", "rrrrDDDr" },
	{ "ready, allocated on both sides",
	  "uuuuuuuu", " ^^^^^  ", PGA_MADE_READY, "urrrrruu", "urrrrruu" },
	{ "ready, no discarded page touches",
	  "DuuuuuuD", "  ^^^^  ", PGA_MADE_READY, "DurrrruD", "DurrrruD" },
	{ "discarded, ready above on a granule",
	  "uuuurrrr", "^^^^    ", PGA_MADE_DISCARDED, "DDDDrrrr", "DDDDrrrr" },
	{ "discarded, ready above from inside a granule",
	  "uuuuuurr", "^^^^^^  ", PGA_MADE_DISCARDED, "DDDDrrrr", "DDDDDDrr" },
	{ "discarded, ready below up to inside a granule",
	  "rruuuuuu", "  ^^^^^^", PGA_MADE_DISCARDED, "rrrrDDDD", "rrDDDDDD" },
	{ "discarded, ready below on a granule",
	  "rrrruuuu", "    ^^^^", PGA_MADE_DISCARDED, "rrrrDDDD", "rrrrDDDD" },
	{ "discarded, ready on both sides",
	  "ruuuuuuuuuur", " ^^^^^^^^^^ ", PGA_MADE_DISCARDED,
	  "rrrrDDDDrrrr", "rDDDDDDDDDDr" },
	{ "discarded, no whole granule beside ready",
	  "rruuuuuu", "  ^^    ", PGA_MADE_DISCARDED, "rrrruuuu", "rrDDuuuu" },
	{ "discarded, no whole granule, ready on both sides",
	  "uruuuuru", "  ^^^^  ", PGA_MADE_DISCARDED, "urrrrrru", "urDDDDru" },
	{ "discarded, a part of a granule beside allocated ones",
	  "uuuuuuuu", " ^^^^^^ ", PGA_MADE_DISCARDED, "uDDDDDDu", "uDDDDDDu" },
	{ "discarded meets discarded on a granule",
	  "DDDDuuuu", "    ^^^^", PGA_MADE_DISCARDED, "DDDDDDDD", "DDDDDDDD" },
	{ "discarded meets discarded inside a granule",
	  "DDuuuuuu", "  ^^^^^^", PGA_MADE_DISCARDED, "DDDDDDDD", "DDDDDDDD",
	  { { 0, 2 }, { 2, 6 } } },
	{ "discarded meets discarded above inside a granule",
	  "uuuuuDDD", "^^^^^   ", PGA_MADE_DISCARDED, "DDDDDDDD", "DDDDDDDD",
	  { { 0, 5 }, { 5, 3 } } },
	{ "discarded meets discarded on both sides on granules",
	  "DDDDuuuuDDDD", "    ^^^^    ", PGA_MADE_DISCARDED,
	  "DDDDDDDDDDDD", "DDDDDDDDDDDD" },
};

PGAT_ARRAY_PARAM(boundary, boundary_cases);

static void check_boundary(struct kunit *test, const struct boundary_case *c,
			   enum kind kind)
{
	static const unsigned long granules[NR_KINDS] = { 4096, 16384, 65536 };
	const struct pga_extent none[2] = {};
	const unsigned int first = strchr(c->pages, '^') - c->pages;
	const unsigned int nr = strrchr(c->pages, '^') - c->pages + 1 - first;
	const bool larger = kind == LARGER;
	struct fixture *f = new_engine(test, 16384, granules[kind]);

	arrange(test, f, c->before);
	feed(test, f);
	KUNIT_ASSERT_TRUE(test, pga_map_put(f->map, first, nr, c->made));
	looks_like(test, f->map, larger ? c->larger : c->other);
	KUNIT_EXPECT_EQ(test, 0, memcmp(f->map->damage, larger ? c->damage : none,
					sizeof(f->map->damage)));
	span_exit(test);
	test->priv = NULL;
}

/* Boundaries move only if a granule is larger than a page. */
static void boundary(struct kunit *test)
{
	enum kind kind;

	for (kind = SMALLER; kind < NR_KINDS; kind++)
		check_boundary(test, test->param_value, kind);
}

/**
 * struct fit_case - where a request is placed
 * @name: of the case
 * @text: pages
 * @nr: how many are wanted
 * @free: the place for a request of free pages, -1 for none
 * @ready: the place for a request of ready pages
 */
struct fit_case {
	const char *name;
	const char *text;
	unsigned int nr;
	long free;
	long ready;
};

static const struct fit_case fit_cases[] = {
	{ "nothing free", "uuuuuuuu", 1, -1, -1 },
	{ "the shortest that is long enough", "rrrrurrurrru", 2, 5, 5 },
	{ "the lowest of equals", "urrurrurru", 2, 1, 1 },
	{ "a longer one if there is none", "rrurrrrurr", 3, 3, 3 },
	{ "ready before discarded, though longer", "DDurrrrr", 2, 3, 3 },
	{ "discarded if no ready one fits", "rrurruDDDD", 3, 6, -1 },
	{ "best fit among discarded", "DDDDDuDDDu", 3, 6, -1 },
	{ "no single span but neighbours", "urrDDuru", 3, 1, -1 },
	{ "the lowest row of neighbours", "rDurrDDDruDDrr", 5, 3, -1 },
	{ "neighbours from the first page to the last", "rDrDrDrD", 8, 0, -1 },
	{ "more than there is", "rDrDrDrD", 9, -1, -1 },
	{ "all of a span", "uurrrruu", 4, 2, 2 },
	{ "one more than a span", "uurrrruu", 5, -1, -1 },
};

PGAT_ARRAY_PARAM(fit, fit_cases);

/* Best fit among ready spans, then discarded ones, then rows of neighbours. */
static void fit(struct kunit *test)
{
	const struct fit_case *c = test->param_value;
	struct fixture *f = new_engine(test, 4096, 4096);

	arrange(test, f, c->text);
	KUNIT_EXPECT_EQ(test, (long)pga_map_find(f->map, PGA_FREE, c->nr), c->free);
	KUNIT_EXPECT_EQ(test, (long)pga_map_find(f->map, PGA_READY, c->nr), c->ready);
}

/* The pages that a sweep finds, in order. */
struct sweep_case {
	const char *name;
	const char *text;
	unsigned int granule;
	unsigned long max;
	unsigned long huge;
	struct pga_extent want[8];
};

static const struct sweep_case sweep_cases[] = {
	{ "nothing ready", "uuuuDDDD", 1, PGA_NONE, 0, {} },
	{ "the longest first", "rrurrrrurrr", 1, PGA_NONE, 0,
	  { { 3, 4 }, { 8, 3 }, { 0, 2 } } },
	{ "the highest of equals first", "rrurrurr", 1, PGA_NONE, 0,
	  { { 6, 2 }, { 3, 2 }, { 0, 2 } } },
	{ "from the end of a span, in pieces", "rrrrr", 1, 2, 0,
	  { { 3, 2 }, { 1, 2 }, { 0, 1 } } },
	{ "whole granules", "urrrrrrrrrru", 4, 1, 0, { { 4, 4 } } },
	{ "several granules", "rrrrrrrrrrrr", 4, 5, 0, { { 4, 8 }, { 0, 4 } } },
	{ "a long span without a granule", "urrrrrru", 4, PGA_NONE, 0, {} },
	{ "a shorter span with a granule", "urrrrrrurrrr", 4, PGA_NONE, 0,
	  { { 8, 4 } } },
	{ "a huge page is not split", "rrrrrrrr", 1, 1, 4,
	  { { 4, 4 }, { 0, 4 } } },
	{ "a huge page with a page in use is", "rrrrrrru", 1, 2, 4,
	  { { 5, 2 }, { 0, 5 } } },
	{ "a huge page that is not all ready is", "uurrrrrr", 1, 3, 4,
	  { { 4, 4 }, { 2, 2 } } },
	{ "a huge page no larger than a granule", "rrrrrrrr", 4, 1, 4,
	  { { 4, 4 }, { 0, 4 } } },
};

PGAT_ARRAY_PARAM(sweep, sweep_cases);

static void sweep(struct kunit *test)
{
	const struct sweep_case *c = test->param_value;
	struct fixture *f = new_engine(test, 4096, 4096 * c->granule);
	const struct pga_extent *want = c->want;
	const struct pga_piece piece = { c->granule, c->max, c->huge };
	struct pga_sweep sweep = {};
	struct pga_extent e;

	arrange(test, f, c->text);
	while (!sweep.over) {
		if (!pga_map_next_idle(f->map, &sweep, 1, &piece, &e))
			continue;
		KUNIT_EXPECT_EQ(test, e.start, want->start);
		KUNIT_EXPECT_EQ(test, e.nr, want->nr);
		want++;
	}
	KUNIT_EXPECT_EQ(test, want->nr, 0);
}

static bool next_aged(struct fixture *f, struct pga_extent *e)
{
	const struct pga_piece piece = { f->s.granule, PGA_NONE, 0 };
	struct pga_sweep sweep = { .idle = true };

	return pga_map_next_idle(f->map, &sweep, 100, &piece, e);
}

/* A sweep for idle pages finds a span once it has been idle for the delay. */
static void age(struct kunit *test)
{
	struct fixture *f = new_engine(test, 4096, 4096);
	struct pga_extent e;

	f->map->delay = 10;
	f->map->now = 100;
	arrange(test, f, "rrrruuuurruu");
	f->map->now = 105;
	KUNIT_EXPECT_TRUE(test, pga_map_put(f->map, 4, 1, PGA_MADE_READY));
	KUNIT_EXPECT_FALSE(test, next_aged(f, &e));
	KUNIT_EXPECT_TRUE(test, pga_map_too_young(f->map));
	f->map->now = 109;
	KUNIT_EXPECT_FALSE(test, next_aged(f, &e));
	/* The shorter of the two is the older one. */
	f->map->now = 110;
	KUNIT_ASSERT_TRUE(test, next_aged(f, &e));
	KUNIT_EXPECT_EQ(test, e.start, 8);
	f->map->now = 114;
	KUNIT_ASSERT_TRUE(test, next_aged(f, &e));
	KUNIT_EXPECT_EQ(test, e.start, 8);
	f->map->now = 115;
	KUNIT_ASSERT_TRUE(test, next_aged(f, &e));
	KUNIT_EXPECT_EQ(test, e.start, 0);
	KUNIT_EXPECT_EQ(test, e.nr, 5);
	/* What is left of a span is as old as it was. */
	KUNIT_EXPECT_TRUE(test, pga_map_hold(f->map, 2, 1));
	KUNIT_ASSERT_TRUE(test, next_aged(f, &e));
	KUNIT_EXPECT_EQ(test, e.start, 8);
	KUNIT_EXPECT_TRUE(test, pga_map_hold(f->map, 8, 2));
	KUNIT_ASSERT_TRUE(test, next_aged(f, &e));
	KUNIT_EXPECT_EQ(test, e.start, 3);
	verify(test, f->map);
}

/* The backing refuses to discard pages that a sweep has found. */
static void refuse(struct kunit *test, struct fixture *f,
		   const struct pga_sweep *sweep, struct pga_extent e)
{
	feed(test, f);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(f->map, e.start, e.nr));
	KUNIT_ASSERT_TRUE(test, pga_map_put(f->map, e.start, e.nr, PGA_MADE_READY));
	pga_map_pass_by(f->map, sweep, e.start, e.nr);
	verify(test, f->map);
}

/* Refused pages and their chunk are passed by until pages come to the span. */
static void refused(struct kunit *test)
{
	const struct pga_sweep sweep = {};
	struct fixture *f = new_engine(test, 4096, 2 * 4096);
	struct pga_extent e;

	feed(test, f);
	grow(test, f, 0, 1200, PGA_MADE_READY);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(f->map, 1190, 10));
	refuse(test, f, &sweep, (struct pga_extent) { 600, 2 });
	KUNIT_ASSERT_TRUE(test, next_aged(f, &e));
	KUNIT_EXPECT_EQ(test, e.start, 0);
	KUNIT_EXPECT_EQ(test, e.nr, 512);
	refuse(test, f, &sweep, (struct pga_extent) { 100, 2 });
	KUNIT_EXPECT_FALSE(test, next_aged(f, &e));
	KUNIT_EXPECT_FALSE(test, pga_map_too_young(f->map));
	KUNIT_ASSERT_TRUE(test, pga_map_put(f->map, 1190, 1, PGA_MADE_READY));
	KUNIT_ASSERT_TRUE(test, next_aged(f, &e));
	KUNIT_EXPECT_EQ(test, e.start, 1024);
}

/* A sweep for everything tries each granule once, if none can be given back. */
static void refused_once(struct kunit *test)
{
	struct fixture *f = new_engine(test, 4096, 4 * 4096);
	DECLARE_BITMAP(tried, 2000);
	struct pga_extent e = {};
	unsigned int i;

	feed(test, f);
	grow(test, f, 0, 2000, PGA_MADE_READY);
	for (i = 3; i < 2000; i += i) {
		feed(test, f);
		KUNIT_ASSERT_TRUE(test, pga_map_hold(f->map, i, 1));
	}
	for (i = 0; i < 3; i++) {
		const struct pga_piece piece = { 4, 9, 0 };
		struct pga_sweep sweep = {};

		bitmap_zero(tried, 2000);
		while (!sweep.over) {
			if (!pga_map_next_idle(f->map, &sweep, 3, &piece, &e))
				continue;
			KUNIT_ASSERT_EQ(test, find_next_bit(tried, pga_extent_end(e),
							    e.start),
					pga_extent_end(e));
			bitmap_set(tried, e.start, e.nr);
			refuse(test, f, &sweep, e);
		}
		/* 3 to 1536 are ten pages in use, each in a granule of its own. */
		KUNIT_EXPECT_EQ(test, bitmap_weight(tried, 2000), 2000 - 10 * 4);
	}
}

/* Without a node, freed pages are parked; they cannot be freed again. */
static void parked(struct kunit *test)
{
	struct fixture *f = new_engine(test, 4096, 4096);
	unsigned int i;

	f->hungry = true;
	grow(test, f, 0, 100, PGA_MADE_READY);
	grow(test, f, 100, 100, PGA_MADE_READY);
	/* A node came with each, and one span is all there is. */
	kfree(pga_map_take_node(f->map));
	KUNIT_ASSERT_EQ(test, f->map->nr_spare, 0);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(f->map, 0, 200));
	KUNIT_ASSERT_EQ(test, f->map->nr_spare, 1);

	for (i = 0; i < 200; i += 2)
		KUNIT_ASSERT_TRUE(test, pga_map_put(f->map, i, 1, i & 2 ?
						      PGA_MADE_READY : PGA_MADE_DISCARDED));
	KUNIT_EXPECT_EQ(test, f->map->parked, 99);
	KUNIT_EXPECT_EQ(test, f->map->free, 1);
	for (i = 0; i < 200; i += 2)
		KUNIT_ASSERT_FALSE(test, pga_map_put(f->map, i, 1, PGA_MADE_READY));
	KUNIT_EXPECT_FALSE(test, pga_map_put(f->map, 97, 5, PGA_MADE_READY));
	KUNIT_EXPECT_EQ(test, pga_map_find(f->map, PGA_FREE, 2), PGA_NONE);
	/* No node is needed next to what is in the same state. */
	KUNIT_EXPECT_TRUE(test, pga_map_put(f->map, 1, 1, PGA_MADE_DISCARDED));
	KUNIT_EXPECT_EQ(test, f->map->free, 2);

	KUNIT_EXPECT_EQ(test, pga_map_unpark(f->map, 10), 99);
	for (i = 0; i < 30; i++)
		feed_one(test, f);
	KUNIT_EXPECT_EQ(test, pga_map_unpark(f->map, 10), 89);
	KUNIT_EXPECT_EQ(test, pga_map_unpark(f->map, 1000), 69);
	verify(test, f->map);
	f->hungry = false;
	for (i = 0; i < 70; i++)
		feed_one(test, f);
	KUNIT_EXPECT_EQ(test, pga_map_unpark(f->map, 1000), 0);
	KUNIT_EXPECT_EQ(test, f->map->free, 101);
	KUNIT_EXPECT_EQ(test, f->map->discarded, 51);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->s.tracts.parked_in));
	verify(test, f->map);
	for (i = 3; i < 200; i += 2)
		KUNIT_ASSERT_TRUE(test, pga_map_put(f->map, i, 1, PGA_MADE_READY));
	KUNIT_EXPECT_EQ(test, pga_map_longest(f->map), 200);
}

/* Without a node, the upper rest of a span is parked, too. */
static void parked_rest(struct kunit *test)
{
	struct fixture *f = new_engine(test, 4096, 4096);

	f->hungry = true;
	grow(test, f, 0, 10, PGA_MADE_DISCARDED);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(f->map, 3, 2));
	looks_like(test, f->map, "DDDuuuuuuu");
	KUNIT_EXPECT_EQ(test, f->map->parked, 5);
	KUNIT_EXPECT_FALSE(test, pga_map_hold(f->map, 6, 1));
	KUNIT_EXPECT_FALSE(test, pga_map_test(f->map, 3, 3, true));
	feed_one(test, f);
	KUNIT_EXPECT_EQ(test, pga_map_unpark(f->map, 1), 0);
	looks_like(test, f->map, "DDDuuDDDDD");
	KUNIT_EXPECT_EQ(test, f->map->bytes,
			pga_tract_size(10) + 2 * sizeof(struct pga_span));
}

/* More nodes than the reserve needs can be taken out again. */
static void surplus(struct kunit *test)
{
	struct fixture *f = new_engine(test, 4096, 4096);
	struct pga_span *span;
	unsigned int i, nr = 0;

	for (i = 0; i < 2 * PGA_RESERVE_NODES + 7; i++)
		feed_one(test, f);
	while ((span = pga_map_surplus(f->map))) {
		kfree(span);
		nr++;
	}
	KUNIT_EXPECT_EQ(test, nr, 7);
	KUNIT_EXPECT_EQ(test, f->map->bytes,
			2 * PGA_RESERVE_NODES * sizeof(struct pga_span));
}

static struct pga_span *first_span(struct fixture *f)
{
	return pga_by_address_at(&f->s.by_address, 0);
}

static void spoil_length(struct fixture *f)
{
	first_span(f)->nr = 1;
}

static void spoil_order(struct fixture *f)
{
	pga_span_next(first_span(f))->start -= 5;
}

static void spoil_state(struct fixture *f)
{
	first_span(f)->discarded = true;
}

static void spoil_age(struct fixture *f)
{
	first_span(f)->oldest++;
}

static void spoil_stretch(struct fixture *f)
{
	first_span(f)->all.longest++;
}

static void spoil_granule(struct fixture *f)
{
	f->s.granule = 8;
}

static void spoil_parked(struct fixture *f)
{
	struct pga_tract *tract = rb_entry(f->s.tracts.by_address.rb_node, struct pga_tract,
					   node);

	tract->nr_parked = 1;
	set_bit(1, tract->parked);
	list_add(&tract->list, &f->s.tracts.parked_in);
}

static void spoil_nr_parked(struct fixture *f)
{
	rb_entry(f->s.tracts.by_address.rb_node, struct pga_tract, node)->nr_parked++;
}

static void spoil_empty(struct fixture *f)
{
	first_span(f)->nr = 0;
}

static void spoil_tract(struct fixture *f)
{
	rb_entry(f->s.tracts.by_address.rb_node, struct pga_tract, node)->nr = 2;
}

struct spoil_case {
	const char *name;
	void (*spoil)(struct fixture *f);
};

static const struct spoil_case spoil_cases[] = {
	{ "length", spoil_length },
	{ "order", spoil_order },
	{ "state", spoil_state },
	{ "age", spoil_age },
	{ "stretch", spoil_stretch },
	{ "boundary rule", spoil_granule },
	{ "parked", spoil_parked },
	{ "number of parked pages", spoil_nr_parked },
	{ "empty", spoil_empty },
	{ "hole", spoil_tract },
};

PGAT_ARRAY_PARAM(spoil, spoil_cases);

/* An examination finds each fault. */
static void found_wrong(struct kunit *test)
{
	const struct spoil_case *c = test->param_value;
	struct fixture *f = new_engine(test, 4096, 4096);

	arrange(test, f, "rrrrDDDDuuuurrDDuuuurruurruuDDDD");
	c->spoil(f);
	KUNIT_EXPECT_NOT_NULL(test, examine(f->map).what);
}

/* A step of an examination looks at 32 spans, and then at one tract. */
static void examined_in_steps(struct kunit *test)
{
	struct fixture *f = new_engine(test, 4096, 4096);
	struct fault fault = { .v.report = note_fault };
	unsigned int i, nr = 0;

	feed(test, f);
	for (i = 0; i < 4; i++)
		grow(test, f, i * 250, 250, PGA_MADE_READY);
	for (i = 1; i < 1000; i += 2) {
		feed(test, f);
		KUNIT_ASSERT_TRUE(test, pga_map_hold(f->map, i, 1));
	}
	/* 500 spans of a page. */
	KUNIT_EXPECT_TRUE(test, pga_map_verify(f->map, &fault.v));
	KUNIT_EXPECT_EQ(test, fault.v.stage, 0);
	KUNIT_EXPECT_EQ(test, fault.v.page, 2 * 32 - 1);
	for (i = 1; !fault.v.stage; i++)
		KUNIT_ASSERT_TRUE(test, pga_map_verify(f->map, &fault.v));
	KUNIT_EXPECT_EQ(test, i, DIV_ROUND_UP(500, 32));
	while (pga_map_verify(f->map, &fault.v))
		nr++;
	KUNIT_EXPECT_EQ(test, nr, 4);
	KUNIT_EXPECT_NULL(test, fault.what);
}

/* A long tract is counted 8192 pages a step. */
static void examined_in_parts(struct kunit *test)
{
	struct fixture *f = new_engine(test, 4096, 4096);
	struct fault fault = { .v.report = note_fault };
	struct pga_tract *tract;
	unsigned int nr = 0;

	feed(test, f);
	grow(test, f, 0, 20000, PGA_MADE_READY);
	tract = pga_tracts_at(&f->s.tracts, 0);
	fault.v.stage = 1;
	while (pga_map_verify(f->map, &fault.v))
		nr++;
	KUNIT_EXPECT_EQ(test, nr, 3);
	KUNIT_EXPECT_NULL(test, fault.what);
	/* A parked page in the last part, and in none. */
	__set_bit(19999, tract->parked);
	KUNIT_EXPECT_NOT_NULL(test, examine(f->map).what);
	tract->nr_parked = 1;
	fault = (struct fault) { .v = { .report = note_fault, .stage = 1 } };
	while (pga_map_verify(f->map, &fault.v))
		;
	KUNIT_EXPECT_NULL(test, fault.what);
	KUNIT_EXPECT_EQ(test, fault.v.parked, 1UL);
}

static const struct pattern_case {
	const char *name;
	const char *text;
} pattern_cases[] = {
	{ "single pages", "ru" },
	{ "ready and discarded pages in turn", "rD" },
	{ "both, and gaps", "rDu" },
	{ "few", "uuDr" },
};
PGAT_ARRAY_PARAM(pattern, pattern_cases);

/* A chunk is read in pieces of some 66 spans. */
static void read_in_pieces(struct kunit *test)
{
	const char *pattern = ((const struct pattern_case *)test->param_value)->text;
	struct fixture *f = new_engine(test, 4096, 4096);
	char text[PGA_CHUNK_PAGES];
	unsigned long page, next;
	struct pga_chunk chunk;
	unsigned int i;

	for (i = 0; i < PGA_CHUNK_PAGES - 1; i++)
		text[i] = pattern[i % strlen(pattern)];
	text[i] = '\0';
	arrange(test, f, text);
	for (page = 0; page < PGA_CHUNK_PAGES; page = next) {
		next = pga_map_read(f->map, page, &chunk);
		KUNIT_ASSERT_GE(test, next, page + BITS_PER_LONG);
		KUNIT_EXPECT_LE(test, next, page + 3 * BITS_PER_LONG);
		for (i = page; i < min(next, PGA_CHUNK_PAGES - 1); i++) {
			KUNIT_EXPECT_EQ(test, text[i] == 'u', test_bit(i, chunk.allocated));
			KUNIT_EXPECT_EQ(test, text[i] == 'D', test_bit(i, chunk.discarded));
		}
	}
	KUNIT_EXPECT_EQ(test, PGA_CHUNK_PAGES, page);
}

/* Blocks of 64 pages: where taking them ends. */
static const struct words_case {
	const char *name;
	unsigned long page;
	unsigned int words;
	unsigned int pages;
	unsigned long first;
	unsigned int nr;
} words_cases[] = {
	{ "one", 64, 1, 1000, 64, 1 },
	{ "from inside a block", 127, 1, 1000, 64, 1 },
	{ "as many as wanted", 0, 3, 1000, 0, 3 },
	{ "until there are enough pages", 0, 8, 65, 0, 2 },
	{ "until there are just enough", 0, 8, 128, 0, 2 },
	{ "no further than the chunk", 448, 8, 1000, 448, 1 },
	{ "the last page of a chunk", 511, 8, 1000, 448, 1 },
	{ "no pages", 0, 8, 0, 0, 0 },
	{ "no words", 0, 0, 1000, 0, 0 },
};

PGAT_ARRAY_PARAM(words, words_cases);

/* Whole blocks are taken, and no page behind them. */
static void words(struct kunit *test)
{
	const struct words_case *c = test->param_value;
	struct fixture *f = new_engine(test, 4096, 4096);
	struct pga_cache taken[9] = {};
	const unsigned long nr = c->nr * PGA_CACHE_PAGES;
	unsigned int i;

	feed(test, f);
	grow(test, f, 0, 2 * PGA_CHUNK_PAGES, PGA_MADE_READY);
	KUNIT_ASSERT_EQ(test, c->nr, pga_map_take_words(f->map, c->page, PGA_FREE,
							c->words, c->pages, taken));
	for (i = 0; i < c->nr; i++) {
		KUNIT_EXPECT_EQ(test, taken[i].base, c->first + i * PGA_CACHE_PAGES);
		KUNIT_EXPECT_EQ(test, taken[i].owned, ~0ULL);
	}
	KUNIT_EXPECT_EQ(test, f->map->free, 2 * PGA_CHUNK_PAGES - nr);
	KUNIT_EXPECT_TRUE(test, !nr || pga_map_test(f->map, c->first, nr, true));
	KUNIT_EXPECT_EQ(test, pga_map_busy(f->map, 0, 2 * PGA_CHUNK_PAGES), nr);
	verify(test, f->map);
}

#define PAGES_MAX	6144
#define OPERATIONS	(PGAT_SLOW ? 10000 : 100000)

/* What a page is. */
enum state { HOLE, USED, READY, GONE };

/**
 * struct model - what each page is, and since when it has been idle
 * @state: for each page
 * @since: the time at which pages last came to its run
 * @end: pages that there may be
 */
struct model {
	u8 state[PAGES_MAX + 1];
	unsigned int since[PAGES_MAX];
	unsigned int end;
};

struct life {
	struct fixture *f;
	struct model m;
	struct rnd_state random;
	unsigned int granule;
};

static unsigned int run_end(const struct model *m, unsigned int page,
			    enum state what)
{
	while (page < m->end && m->state[page] == what)
		page++;
	return page;
}

/* The best fit among runs in one state. */
static unsigned long model_best(const struct model *m, enum state what,
				unsigned int nr)
{
	unsigned int page, end, best = PAGES_MAX + 1;
	unsigned long at = PGA_NONE;

	for (page = 0; page < m->end; page = max(end, page + 1)) {
		end = run_end(m, page, what);
		if (end - page >= nr && end - page < best) {
			best = end - page;
			at = page;
		}
	}
	return at;
}

/* The longest run of free pages, and the lowest one of @nr. */
static unsigned int model_longest(const struct model *m, unsigned int nr,
				  unsigned long *at)
{
	unsigned int page, run = 0, longest = 0;

	*at = PGA_NONE;
	for (page = 0; page < m->end; page++) {
		run = m->state[page] >= READY ? run + 1 : 0;
		longest = max(longest, run);
		if (run == nr && *at == PGA_NONE)
			*at = page + 1 - nr;
	}
	return longest;
}

static unsigned long model_find(const struct model *m, enum pga_which which,
				unsigned int nr)
{
	unsigned long at = model_best(m, READY, nr), lowest;

	if (at != PGA_NONE || which == PGA_READY)
		return at;
	at = model_best(m, GONE, nr);
	if (at != PGA_NONE)
		return at;
	model_longest(m, nr, &lowest);
	return lowest;
}

static void set_state(struct model *m, unsigned int page, unsigned int end,
		      enum state state)
{
	memset(m->state + page, state, end - page);
}

static bool is(const struct model *m, unsigned int page, enum state state)
{
	return page < m->end && m->state[page] == state;
}

/* All pages of the run that a page is in are as young as can be. */
static void touch(struct model *m, unsigned int page, unsigned int now)
{
	const enum state state = m->state[page];

	while (page && m->state[page - 1] == state)
		page--;
	for (; is(m, page, state); page++)
		m->since[page] = now;
}

/* Ready pages come back, and the rest of their granules becomes ready. */
static void model_put_ready(struct life *l, unsigned int page, unsigned int end)
{
	struct model *m = &l->m;

	while (page % l->granule && is(m, page - 1, GONE))
		page--;
	while (end % l->granule && is(m, end, GONE))
		end++;
	set_state(m, page, end, READY);
	touch(m, page, l->f->map->now);
}

static void model_put(struct life *l, unsigned int page, unsigned int end,
		      enum state state)
{
	unsigned int first = page, last = end;
	struct model *m = &l->m;

	if (state == GONE) {
		if (page && is(m, page - 1, READY))
			first = ALIGN(page, l->granule);
		if (is(m, end, READY))
			last = ALIGN_DOWN(end, l->granule);
	}
	if (state == READY || first >= last) {
		model_put_ready(l, page, end);
		return;
	}
	set_state(m, first, last, GONE);
	if (first > page) {
		set_state(m, page, first, READY);
		touch(m, page, l->f->map->now);
	}
	if (last < end) {
		set_state(m, last, end, READY);
		touch(m, last, l->f->map->now);
	}
}

/* Is every page what the model says, and has the engine counted right? */
static void compare(struct kunit *test, struct life *l)
{
	const struct pga_map *map = l->f->map;
	unsigned long free = 0, gone = 0, pages = 0, at;
	unsigned int page;
	struct pga_chunk chunk;

	for (page = 0; page < l->m.end; page++) {
		const unsigned int bit = page % PGA_CHUNK_PAGES;
		const enum state state = l->m.state[page];
		const bool free_state = state >= READY, gone_state = state == GONE;

		if (!bit)
			pga_map_read_chunk(map, page / PGA_CHUNK_PAGES, &chunk);
		if (test_bit(bit, chunk.allocated) == free_state ||
		    test_bit(bit, chunk.discarded) == !gone_state)
			KUNIT_FAIL(test, "page %u: %lx %lx, want %d", page,
				   chunk.allocated[bit / 64], chunk.discarded[bit / 64],
				   state);
		pages += state != HOLE;
		free += free_state;
		gone += gone_state;
	}
	KUNIT_ASSERT_EQ(test, map->pages, pages);
	KUNIT_ASSERT_EQ(test, map->free, free);
	KUNIT_ASSERT_EQ(test, map->discarded, gone);
	KUNIT_ASSERT_EQ(test, map->parked, 0);
	KUNIT_ASSERT_EQ(test, map->damage[0].nr, 0);
	KUNIT_ASSERT_EQ(test, pga_map_longest(map), model_longest(&l->m, 1, &at));
	verify(test, map);
}

static bool is_free(const struct model *m, unsigned int page)
{
	return m->state[page] >= READY;
}

/* Some pages in a row that are all in use or all free. */
static bool some_pages(struct life *l, bool free, unsigned int *page,
		       unsigned int *end)
{
	const struct model *m = &l->m;
	unsigned int last;

	*page = pgat_below(&l->random, m->end);
	for (last = *page; last < m->end && m->state[last] != HOLE &&
	     is_free(m, last) == free; last++)
		;
	if (last == *page)
		return false;
	*end = *page + pgat_length(&l->random, last - *page);
	return true;
}

/*
 * Take a place as a pool does: of granules that are discarded the rest becomes
 * ready, so that what is left of them is whole.
 */
static void take(struct kunit *test, struct life *l, unsigned int page,
		 unsigned int end)
{
	unsigned int first = page, last = end;

	if (is(&l->m, page, GONE))
		while (first % l->granule && is(&l->m, first - 1, GONE))
			first--;
	if (is(&l->m, end - 1, GONE))
		while (last % l->granule && is(&l->m, last, GONE))
			last++;
	feed(test, l->f);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(l->f->map, first, last - first));
	set_state(&l->m, first, last, USED);
	if (first < page) {
		KUNIT_ASSERT_TRUE(test, pga_map_put(l->f->map, first, page - first,
						    PGA_MADE_READY));
		model_put(l, first, page, READY);
	}
	if (last > end) {
		KUNIT_ASSERT_TRUE(test, pga_map_put(l->f->map, end, last - end,
						    PGA_MADE_READY));
		model_put(l, end, last, READY);
	}
}

static void operation_alloc(struct kunit *test, struct life *l)
{
	const enum pga_which which = pgat_below(&l->random, PGA_NR_WHICH);
	const unsigned int nr = pgat_below(&l->random, 2) ?
		pgat_length(&l->random, 8) :
		pgat_length(&l->random, pga_map_longest(l->f->map) + 1);
	const unsigned long at = pga_map_find(l->f->map, which, nr);

	KUNIT_ASSERT_EQ_MSG(test, at, model_find(&l->m, which, nr),
			    "%u pages, kind %d", nr, which);
	if (at != PGA_NONE)
		take(test, l, at, at + nr);
}

static void operation_take(struct kunit *test, struct life *l)
{
	unsigned int page, end;

	if (some_pages(l, true, &page, &end))
		take(test, l, page, end);
}

static void operation_free(struct kunit *test, struct life *l)
{
	unsigned int page, end;

	if (!some_pages(l, false, &page, &end))
		return;
	feed(test, l->f);
	KUNIT_ASSERT_TRUE(test, pga_map_put(l->f->map, page, end - page,
					    PGA_MADE_READY));
	model_put(l, page, end, READY);
}

/* Discard pages in use: whole granules, but for one end at random. */
static void operation_discard(struct kunit *test, struct life *l)
{
	unsigned int page, end;

	if (!some_pages(l, false, &page, &end))
		return;
	if (page && is(&l->m, page - 1, GONE))
		page = ALIGN(page, l->granule);
	if (page < end && is(&l->m, end, GONE))
		end = ALIGN_DOWN(end, l->granule);
	if (page >= end)
		return;
	feed(test, l->f);
	KUNIT_ASSERT_TRUE(test, pga_map_put(l->f->map, page, end - page,
					    PGA_MADE_DISCARDED));
	model_put(l, page, end, GONE);
}

/* Refused operations change nothing. */
static void operation_refused(struct kunit *test, struct life *l)
{
	const unsigned int page = pgat_below(&l->random, l->m.end);
	const unsigned int nr = pgat_length(&l->random, min(l->m.end - page, 100U));
	bool any_free = false, any_used = false;
	unsigned int i;

	for (i = page; i < page + nr; i++) {
		any_free |= l->m.state[i] >= READY;
		any_used |= l->m.state[i] < READY;
	}
	KUNIT_ASSERT_EQ(test, pga_map_test(l->f->map, page, nr, true), !any_free);
	KUNIT_ASSERT_EQ(test, pga_map_test(l->f->map, page, nr, false), !any_used);
	if (any_free)
		KUNIT_ASSERT_FALSE(test, pga_map_put(l->f->map, page, nr,
						     PGA_MADE_READY));
	if (any_used)
		KUNIT_ASSERT_FALSE(test, pga_map_hold(l->f->map, page, nr));
}

static void operation_next_discarded(struct kunit *test, struct life *l)
{
	const unsigned int page = pgat_below(&l->random, l->m.end);
	const unsigned int end = page + pgat_length(&l->random, l->m.end - page);
	unsigned int first = page, last;
	struct pga_extent e;

	while (first < end && !is(&l->m, first, GONE))
		first++;
	last = min(end, run_end(&l->m, first, GONE));
	KUNIT_ASSERT_EQ(test, first < end,
			pga_map_next_discarded(l->f->map, page, end, &e));
	if (first < end) {
		KUNIT_ASSERT_EQ(test, e.start, first);
		KUNIT_ASSERT_EQ(test, e.nr, last - first);
	}
}

/* Is there a place for a run, of free pages or of ready ones only? */
static bool has_place(const struct model *m, enum pga_which which,
		      const struct pga_constraint *where, unsigned int page)
{
	unsigned int i;

	if (page % where->align || page < where->low || page + where->nr > where->high ||
	    (where->boundary && page / where->boundary !=
				(page + where->nr - 1) / where->boundary))
		return false;
	for (i = page; i < page + where->nr; i++)
		if (!is(m, i, READY) && (which == PGA_READY || !is(m, i, GONE)))
			return false;
	return true;
}

/* The lowest place that a constraint allows, in rows of spans, however it is asked for. */
static void operation_fit(struct kunit *test, struct life *l)
{
	const enum pga_which which = pgat_below(&l->random, PGA_NR_WHICH);
	struct pga_constraint where = {
		.nr = pgat_length(&l->random, pga_map_longest(l->f->map) + 1),
		.align = BIT(pgat_below(&l->random, 6)),
		.low = pgat_below(&l->random, 2) * pgat_below(&l->random, l->m.end),
		.high = PGA_NO_END,
	};
	unsigned long at, page;
	struct pga_fit fit;

	if (pgat_below(&l->random, 2))
		where.boundary = roundup_pow_of_two(where.nr) << pgat_below(&l->random, 3);
	if (pgat_below(&l->random, 2))
		where.high = pgat_below(&l->random, l->m.end) + 1;
	for (at = 0; at < l->m.end && !has_place(&l->m, which, &where, at); at++)
		;
	pga_fit_begin(&fit, which, &where);
	while (!pga_map_fit(l->f->map, &fit, pgat_length(&l->random, 20), &page))
		;
	KUNIT_ASSERT_EQ(test, page, at < l->m.end ? at : PGA_NONE);
}

/* Take a block of 64 pages and put it back; only for granules of a page. */
static void operation_word(struct kunit *test, struct life *l)
{
	const unsigned int page = ALIGN_DOWN(pgat_below(&l->random, l->m.end), 64);
	const enum pga_which which = pgat_below(&l->random, PGA_NR_WHICH);
	struct pga_cache taken = {};
	u64 want = 0, want_gone = 0;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		if (is(&l->m, page + i, READY) ||
		    (which == PGA_FREE && is(&l->m, page + i, GONE)))
			want |= BIT_ULL(i);
		if (which == PGA_FREE && is(&l->m, page + i, GONE))
			want_gone |= BIT_ULL(i);
	}
	feed(test, l->f);
	KUNIT_ASSERT_EQ(test, !!want, pga_map_take_words(l->f->map, page, which, 1, 64,
							 &taken));
	KUNIT_ASSERT_EQ(test, taken.owned, want);
	KUNIT_ASSERT_EQ(test, taken.discarded, want_gone);
	if (want && pgat_below(&l->random, 2)) {
		verify(test, l->f->map);
		feed(test, l->f);
		KUNIT_ASSERT_EQ(test, 0, pga_map_put_word(l->f->map, page, want,
							  want_gone));
		KUNIT_ASSERT_EQ(test, want, pga_map_put_word(l->f->map, page, want, 0));
		for (i = 0; i < 64; i++)
			if (want & BIT_ULL(i))
				touch(&l->m, page + i, l->f->map->now);
		return;
	}
	for (i = 0; i < 64; i++)
		if (want & BIT_ULL(i))
			set_state(&l->m, page + i, page + i + 1, USED);
}

/* Is all of it ready, and old enough? */
static void check_found(struct kunit *test, struct life *l, bool aged,
			struct pga_extent e)
{
	unsigned int page;

	KUNIT_ASSERT_TRUE(test, IS_ALIGNED(e.start | e.nr, l->granule));
	for (page = e.start; page < pga_extent_end(e); page++) {
		KUNIT_ASSERT_TRUE(test, is(&l->m, page, READY));
		if (aged && l->f->map->delay)
			KUNIT_ASSERT_LE(test, l->m.since[page] + l->f->map->delay,
					l->f->map->now);
	}
}

/* Granules that a sweep should have found. */
static unsigned int granules_left(struct life *l, bool aged)
{
	unsigned int page, i, nr = 0;

	for (page = 0; page + l->granule <= l->m.end; page += l->granule) {
		for (i = page; i < page + l->granule && is(&l->m, i, READY); i++)
			if (aged && l->m.since[i] + l->f->map->delay > l->f->map->now)
				break;
		nr += i == page + l->granule;
	}
	return nr;
}

/* Pages in the ready run that a page is in. */
static unsigned int run_length(const struct model *m, unsigned int page)
{
	unsigned int start = page;

	while (start && m->state[start - 1] == READY)
		start--;
	return run_end(m, page, READY) - start;
}

/* A sweep finds all idle pages and no others. */
static void operation_sweep(struct kunit *test, struct life *l)
{
	const bool aged = pgat_below(&l->random, 4);
	struct pga_piece piece = { l->granule, 0, 512 };
	struct pga_sweep sweep = { .idle = aged };
	unsigned int last = UINT_MAX, nr;
	struct pga_extent e = {};

	l->f->map->delay = pgat_below(&l->random, 40);
	while (!sweep.over) {
		const unsigned long before = e.start;

		piece.max = pgat_length(&l->random, 700);
		if (!pga_map_next_idle(l->f->map, &sweep, 2, &piece, &e))
			continue;
		/* From the longest span to the shortest. */
		nr = run_length(&l->m, e.start);
		if (pga_extent_end(e) != before) {
			KUNIT_ASSERT_LE(test, nr, last);
			last = nr;
		}
		check_found(test, l, aged, e);
		feed(test, l->f);
		KUNIT_ASSERT_TRUE(test, pga_map_hold(l->f->map, e.start, e.nr));
		KUNIT_ASSERT_TRUE(test, pga_map_put(l->f->map, e.start, e.nr,
						    PGA_MADE_DISCARDED));
		set_state(&l->m, e.start, pga_extent_end(e), GONE);
	}
	KUNIT_ASSERT_EQ(test, granules_left(l, aged && l->f->map->delay), 0);
}

static void operation(struct kunit *test, struct life *l)
{
	l->f->map->now += !pgat_below(&l->random, 8);
	switch (pgat_below(&l->random, 25)) {
	case 0 ... 8:
		operation_alloc(test, l);
		break;
	case 9 ... 10:
		operation_take(test, l);
		break;
	case 11 ... 18:
		operation_free(test, l);
		break;
	case 19:
		operation_discard(test, l);
		break;
	case 20:
		operation_refused(test, l);
		break;
	case 21:
		operation_next_discarded(test, l);
		break;
	case 22:
		if (l->granule == 1)
			operation_word(test, l);
		break;
	case 23:
		operation_fit(test, l);
		break;
	default:
		if (!pgat_below(&l->random, 20))
			operation_sweep(test, l);
	}
}

struct shape {
	const char *name;
	unsigned int granule;
	struct pga_extent region[4];
};

static const struct shape shapes[] = {
	{ "granule 1", 1, { { 0, 1500 } } },
	{ "granule 1, regions with and without holes", 1,
	  { { 512, 700 }, { 13, 300 }, { 1212, 100 }, { 1400, 9 } } },
	{ "granule 4", 4, { { 0, 1024 } } },
	{ "granule 16", 16, { { 0, 1024 }, { 1040, 512 } } },
	{ "granule 64", 64, { { 1024, 1024 }, { 0, 512 }, { 512, 512 } } },
	{ "granule 512", 512, { { 0, PAGES_MAX } } },
};

PGAT_ARRAY_PARAM(shape, shapes);

static void grow_to(struct kunit *test, struct life *l, struct pga_extent e)
{
	const bool ready = pgat_below(&l->random, 2);

	feed(test, l->f);
	grow(test, l->f, e.start, e.nr,
	     ready ? PGA_MADE_READY : PGA_MADE_DISCARDED);
	l->m.end = max_t(unsigned int, l->m.end, pga_extent_end(e));
	model_put(l, e.start, pga_extent_end(e), ready ? READY : GONE);
}

/* Free all, and all is one free run again, as far as there are no holes. */
static void free_all(struct kunit *test, struct life *l)
{
	unsigned int page, end;
	unsigned long at;

	for (page = 0; page < l->m.end; page = end + 1) {
		end = run_end(&l->m, page, USED);
		feed(test, l->f);
		if (end > page) {
			KUNIT_ASSERT_TRUE(test, pga_map_put(l->f->map, page, end - page,
							    PGA_MADE_READY));
			model_put(l, page, end, READY);
		}
	}
	compare(test, l);
	KUNIT_ASSERT_EQ(test, l->f->map->free, l->f->map->pages);
	KUNIT_ASSERT_EQ(test, pga_map_longest(l->f->map),
			model_longest(&l->m, 1, &at));
}

/* A hundred thousand operations, each compared with the model. */
static void random_life(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct life *l = vzalloc(sizeof(*l));
	const unsigned long start = jiffies;
	unsigned int i, regions = 0;

	KUNIT_ASSERT_NOT_NULL(test, l);
	l->f = new_engine(test, 4096, 4096 * shape->granule);
	l->random = pgat_random(test);
	l->granule = shape->granule;
	l->f->map->now = 100;
	for (i = 0; i < OPERATIONS && pgat_go_on(start); i++) {
		if (!regions || (regions < ARRAY_SIZE(shape->region) &&
				 shape->region[regions].nr &&
				 !pgat_below(&l->random, 100)))
			grow_to(test, l, shape->region[regions++]);
		operation(test, l);
		if (!pgat_below(&l->random, shape->granule > 64 ? 40 : 4))
			compare(test, l);
		if (!pgat_below(&l->random, 5000))
			free_all(test, l);
	}
	kunit_info(test, "%u operations\n", i);
	free_all(test, l);
	vfree(l);
}

/* The same with few nodes: parked pages and others add up. */
static void hungry_life(struct kunit *test)
{
	struct fixture *f = new_engine(test, 4096, 4096);
	struct rnd_state random = pgat_random(test);
	unsigned long *used = bitmap_zalloc(1000, GFP_KERNEL);
	const unsigned long start = jiffies;
	unsigned long page, nr;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, used);
	f->hungry = true;
	for (i = 0; i < 5; i++)
		feed_one(test, f);
	grow(test, f, 0, 600, PGA_MADE_READY);
	grow(test, f, 600, 400, PGA_MADE_DISCARDED);
	for (i = 0; i < OPERATIONS && pgat_go_on(start); i++) {
		nr = pgat_length(&random, 40);
		page = pgat_below(&random, 1000 - nr);
		if (pgat_below(&random, 2)) {
			if (pga_map_hold(f->map, page, nr))
				bitmap_set(used, page, nr);
		} else if (find_next_zero_bit(used, page + nr, page) == page + nr) {
			KUNIT_ASSERT_TRUE(test, pga_map_put(f->map, page, nr,
							    pgat_below(&random, 2) ?
							      PGA_MADE_READY :
							      PGA_MADE_DISCARDED));
			bitmap_clear(used, page, nr);
		} else if (find_next_bit(used, page + nr, page) == page + nr) {
			KUNIT_ASSERT_FALSE(test, pga_map_put(f->map, page, nr,
							     PGA_MADE_READY));
		}
		if (!pgat_below(&random, 50))
			pga_map_unpark(f->map, 3);
		KUNIT_ASSERT_EQ(test, f->map->free + f->map->parked +
				bitmap_weight(used, 1000), 1000);
		if (!(i % 100))
			verify(test, f->map);
	}
	kunit_info(test, "%u operations\n", i);
	for (i = 0; i < 1000; i++)
		feed_one(test, f);
	KUNIT_EXPECT_EQ(test, pga_map_unpark(f->map, 1000), 0);
	for_each_set_bit(page, used, 1000)
		KUNIT_ASSERT_TRUE(test, pga_map_put(f->map, page, 1, PGA_MADE_READY));
	KUNIT_EXPECT_EQ(test, pga_map_longest(f->map), 1000);
	verify(test, f->map);
	bitmap_free(used);
}

static struct kunit_case span_cases[] = {
	KUNIT_CASE_PARAM(boundary, boundary_gen_params),
	KUNIT_CASE_PARAM(fit, fit_gen_params),
	KUNIT_CASE_PARAM(sweep, sweep_gen_params),
	KUNIT_CASE(age),
	KUNIT_CASE(refused),
	KUNIT_CASE(refused_once),
	KUNIT_CASE(parked),
	KUNIT_CASE(parked_rest),
	KUNIT_CASE(surplus),
	KUNIT_CASE_PARAM(found_wrong, spoil_gen_params),
	KUNIT_CASE(examined_in_steps),
	KUNIT_CASE(examined_in_parts),
	KUNIT_CASE_PARAM(read_in_pieces, pattern_gen_params),
	KUNIT_CASE_PARAM(words, words_gen_params),
	KUNIT_CASE_PARAM(random_life, shape_gen_params),
	KUNIT_CASE(hungry_life),
	{}
};

static struct kunit_suite span_suite = {
	.name = "pagealloc_span",
	.exit = span_exit,
	.test_cases = span_cases,
};

kunit_test_suite(span_suite);

MODULE_DESCRIPTION("Tests of pagealloc's span engine");
MODULE_LICENSE("GPL");
