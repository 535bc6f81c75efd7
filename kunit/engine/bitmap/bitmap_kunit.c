// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of bitmap.c, read.c and sweep.c of the bitmap engine.
 *
 * Most of them change an engine and the model beside it at random, and then ask
 * both the same questions.
 */

#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "engine/bitmap/search.h"
#include "engine/bitmap/sweep.h"
#include "lib/testlib.h"

#define CHUNK	PGA_CHUNK_PAGES
#define BLOCK	BIT(PGA_BLOCK_SHIFT)

/* Pools whose pages are added bit by bit while they are in use. */
static const struct pgat_layout layouts[] = {
	{ "one chunk", { { 0, CHUNK } } },
	{ "one region", { { 0, 20 * CHUNK } } },
	{ "one region, no border aligned", { { 1234, 9000 } } },
	{ "adjacent regions", { { 0, 3000 }, { 3000, 96 }, { 3096, 5000 } } },
	{ "small regions with holes between them",
	  { { 100, 700 }, { 1024, 512 }, { 2000, 40 }, { 2048, 3000 }, { 6000, 9 } } },
	{ "across 2^18", { { BIT(18) - 4000, 8000 } } },
	{ "across 2^21", { { BIT(21) - 4000, 4000 }, { BIT(21), 4000 } } },
	{ "across 2^24", { { BIT(24) - 4000, 8000 } } },
	{ "across 2^33", { { BIT(33) - 4000, 8000 } } },
	{ "far apart",
	  { { 0, 2000 }, { BIT(20), 2000 }, { BIT(27), 2000 },
	    { PGA_INDEX_PAGES - 2000, 2000 } } },
};

PGAT_ARRAY_PARAM(layout, layouts);

static void bitmap_exit(struct kunit *test)
{
	if (test->priv)
		pgat_pair_free(test->priv);
}

static struct pgat_pair *new_pair(struct kunit *test, unsigned int shift)
{
	test->priv = pgat_pair_create(test, shift);
	return test->priv;
}

/* A pair with one region, all of it ready. */
static struct pgat_pair *ready_pair(struct kunit *test, unsigned long start,
				    unsigned long nr)
{
	struct pgat_pair *pair = new_pair(test, 0);

	pgat_model_window(test, pair->model, start, nr);
	pgat_pair_grow(test, pair, start, nr, PGA_MADE_READY);
	return pair;
}

static bool is_busy(const struct pgat_model *model, unsigned long page)
{
	return pgat_model_get(model, page) == PGAT_BUSY;
}

/* Allocate what is free of a range of the pool, so that all of it is in use. */
static void take(struct kunit *test, struct pgat_pair *pair, unsigned long page,
		 unsigned long nr)
{
	const unsigned long end = page + nr, cell = 1UL << pair->model->shift;
	unsigned long first;
	bool done;

	while (page < end) {
		first = page;
		while (page < end && !is_busy(pair->model, page))
			page += cell;
		if (page > first) {
			done = pga_map_alloc(pair->map, first, page - first);
			KUNIT_ASSERT_TRUE_MSG(test, done, "alloc at %lu", first);
			pgat_model_set(pair->model, first, page - first, PGAT_BUSY);
		}
		while (page < end && is_busy(pair->model, page))
			page += cell;
	}
}

/* Free pages in use, all of them. */
static void give(struct kunit *test, struct pgat_pair *pair, unsigned long page,
		 unsigned long nr)
{
	const bool done = pga_map_free(pair->map, page, nr);

	KUNIT_ASSERT_TRUE_MSG(test, done, "free of %lu at %lu", nr, page);
	pgat_model_set(pair->model, page, nr, PGAT_READY);
}

/* Discard free pages, ready or not: hold them and put them back. */
static void discard(struct kunit *test, struct pgat_pair *pair,
		    struct pga_extent range)
{
	struct pga_map *map = pair->map;

	KUNIT_ASSERT_TRUE(test, pga_map_hold(map, range.start, range.nr));
	KUNIT_ASSERT_TRUE(test, pga_map_put(map, range.start, range.nr,
					    PGA_MADE_DISCARDED));
	pgat_model_set(pair->model, range.start, range.nr, PGAT_DISCARDED);
}

/* The pages of a range go from any state to @state. */
static void become(struct kunit *test, struct pgat_pair *pair,
		   struct pga_extent range, enum pgat_state state)
{
	take(test, pair, range.start, range.nr);
	if (state != PGAT_BUSY)
		give(test, pair, range.start, range.nr);
	if (state == PGAT_DISCARDED)
		discard(test, pair, range);
}

static void check_find(struct kunit *test, struct pgat_pair *pair,
		       enum pga_which which, unsigned long nr)
{
	KUNIT_ASSERT_EQ_MSG(test, pga_map_find(pair->map, which, nr),
			    pgat_model_find(pair->model, which, nr),
			    "%lu pages, tree %d", nr, which);
}

/* No page that a search looks for lies below its hint. */
static void check_hints(struct kunit *test, const struct pgat_pair *pair)
{
	int which;

	for (which = 0; which < PGA_NR_WHICH; which++)
		KUNIT_ASSERT_LE_MSG(test, pair->bitmap.hint[which],
				    pgat_model_find(pair->model, which, 1),
				    "hint of tree %d", which);
}

static void check_counts(struct kunit *test, const struct pgat_pair *pair)
{
	const unsigned long busy = pgat_model_count(pair->model, PGAT_BUSY);
	const unsigned long ready = pgat_model_count(pair->model, PGAT_READY);
	const unsigned long discarded = pgat_model_count(pair->model, PGAT_DISCARDED);

	KUNIT_ASSERT_EQ(test, pair->map->pages, busy + ready + discarded);
	KUNIT_ASSERT_EQ(test, pair->map->free, ready + discarded);
	KUNIT_ASSERT_EQ(test, pair->map->discarded, discarded);
}

/*
 * Counts, hints, and first fit for several lengths, in random order since a
 * find may move a hint.
 */
static void check_answers(struct kunit *test, struct pgat_pair *pair,
			  struct rnd_state *random)
{
	unsigned long nr, longest[PGA_NR_WHICH];
	int i, which;

	longest[PGA_FREE] = pgat_model_longest(pair->model, PGA_FREE);
	longest[PGA_READY] = pgat_model_longest(pair->model, PGA_READY);
	check_counts(test, pair);
	check_hints(test, pair);
	for (i = 0; i < 8; i++) {
		which = pgat_below(random, PGA_NR_WHICH);
		switch (pgat_below(random, 4)) {
		case 0:
			nr = 1;
			break;
		case 1:
			nr = longest[which] + pgat_below(random, 2);
			break;
		default:
			nr = pgat_length(random, longest[which] + 1);
		}
		check_find(test, pair, which, max(nr, 1UL));
		check_hints(test, pair);
	}
}

static unsigned int busy_in_chunk(const struct pgat_model *model,
				  unsigned long chunk)
{
	const unsigned long start = pga_chunk_start(chunk);
	unsigned int i, nr = 0;

	for (i = 0; i < CHUNK; i++)
		nr += is_busy(model, start + i);
	return nr;
}

/* The index knows how many pages of each chunk are in use; none is held. */
static void check_in_use(struct kunit *test, const struct pgat_pair *pair)
{
	const struct pgat_window *w = pair->model->window;
	const struct pga_store *store = &pair->bitmap.tree.store;
	const struct pga_block *block;
	struct pga_usage usage;
	unsigned long i;

	for (; w < pair->model->window + pair->model->nr_windows; w++) {
		for (i = pga_chunk_of(w->start); i <= pga_chunk_of(w->end - 1); i++) {
			block = pga_store_block(store, pga_chunk_start(i));
			if (!block)
				continue;
			usage = pga_usage_unpack(block->usage[i % PGA_BLOCK_CHUNKS]);
			KUNIT_ASSERT_EQ_MSG(test, usage.in_use,
					    busy_in_chunk(pair->model, i),
					    "in use in chunk %lu", i);
		}
	}
}

static void check_all(struct kunit *test, struct pgat_pair *pair,
		      struct rnd_state *random)
{
	check_answers(test, pair, random);
	check_in_use(test, pair);
	pgat_check_maps(test, pair);
	pgat_check_sums(test, pair);
}

/* Allocate by first fit. */
static void step_alloc(struct kunit *test, struct pgat_pair *pair,
		       struct rnd_state *random)
{
	const enum pga_which which = pgat_below(random, PGA_NR_WHICH);
	const unsigned long longest = pgat_model_longest(pair->model, which);
	const unsigned long nr = pgat_length(random, longest + 1);
	const unsigned long page = pga_map_find(pair->map, which, nr);

	KUNIT_ASSERT_EQ(test, page, pgat_model_find(pair->model, which, nr));
	if (page != PGA_NONE)
		take(test, pair, page, nr);
}

/* Some hole of a random range becomes part of the pool. */
static void step_grow(struct kunit *test, struct pgat_pair *pair,
		      struct rnd_state *random)
{
	const struct pga_extent range = pgat_random_range(random, pair->model);
	unsigned long first = range.start, end;

	while (first < pga_extent_end(range) &&
	       pgat_model_get(pair->model, first) != PGAT_HOLE)
		first++;
	for (end = first; end < pga_extent_end(range); end++)
		if (pgat_model_get(pair->model, end) != PGAT_HOLE)
			break;
	if (first < end)
		pgat_pair_grow(test, pair, first, end - first,
			       PGA_MADE_READY + pgat_below(random, 2));
}

/* The part of a random range up to its first hole is freed, taken, discarded. */
static void step_become(struct kunit *test, struct pgat_pair *pair,
			struct rnd_state *random)
{
	struct pga_extent range = pgat_random_range(random, pair->model);
	unsigned long nr = 0;

	while (nr < range.nr &&
	       pgat_model_get(pair->model, range.start + nr) != PGAT_HOLE)
		nr++;
	range.nr = nr;
	if (nr)
		become(test, pair, range, PGAT_BUSY + pgat_below(random, 3));
}

/* A free of pages that are not all allocated is refused. */
static void step_bad_free(struct kunit *test, struct pgat_pair *pair,
			  struct rnd_state *random)
{
	const struct pga_extent range = pgat_random_range(random, pair->model);
	unsigned long page;

	for (page = range.start; page < pga_extent_end(range); page++)
		if (pgat_model_get(pair->model, page) >= PGAT_READY)
			break;
	if (page < pga_extent_end(range))
		KUNIT_ASSERT_FALSE(test, pga_map_free(pair->map,
						      range.start, range.nr));
}

static void random_step(struct kunit *test, struct pgat_pair *pair,
			struct rnd_state *random)
{
	switch (pgat_below(random, 8)) {
	case 0:
		step_grow(test, pair, random);
		break;
	case 1:
		step_bad_free(test, pair, random);
		break;
	case 2:
	case 3:
	case 4:
		step_alloc(test, pair, random);
		break;
	default:
		step_become(test, pair, random);
	}
}

/*
 * Growth, first fit, frees, discards and bad frees in random order: after each
 * the counts, the hints and both searches are right, and in the end each bit
 * and each summary.
 */
static void random_run(struct kunit *test)
{
	const struct pgat_layout *layout = test->param_value;
	struct pgat_pair *pair = new_pair(test, 0);
	struct rnd_state random = pgat_random(test);
	const struct pga_extent *r = layout->region;
	int step;

	for (; r < layout->region + PGAT_WINDOWS_MAX && r->nr; r++)
		pgat_model_window(test, pair->model, r->start, r->nr);
	for (step = 0; step < 200; step++) {
		random_step(test, pair, &random);
		check_answers(test, pair, &random);
		if (step % 25 == 0)
			check_all(test, pair, &random);
	}
	check_all(test, pair, &random);
}

/* A pool of 2^20 pages handled by the chunk: long runs, many nodes. */
static void random_run_large(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, PGA_CHUNK_SHIFT);
	const unsigned long start = BIT(21) - BIT(19);
	struct rnd_state random = pgat_random(test);
	int step;

	pgat_model_window(test, pair->model, start, BIT(20));
	pgat_pair_grow(test, pair, start, BIT(20), PGA_MADE_DISCARDED);
	for (step = 0; step < 100; step++) {
		become(test, pair, pgat_random_range(&random, pair->model),
		       PGAT_BUSY + pgat_below(&random, 3));
		check_answers(test, pair, &random);
	}
	pgat_check_sums(test, pair);
}

/* An engine without pages finds nothing. */
static void empty(struct kunit *test)
{
	struct pga_map *map = new_pair(test, 0)->map;

	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_FREE, 1), PGA_NONE);
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_READY, 1), PGA_NONE);
}

/* A pool can be allocated as one run, page by page, and again as one run. */
static void whole_pool(struct kunit *test)
{
	const unsigned long start = 4000, nr = 3 * CHUNK + 100;
	struct pgat_pair *pair = ready_pair(test, start, nr);
	struct pga_map *map = pair->map;
	unsigned long i;

	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_FREE, nr + 1), PGA_NONE);
	KUNIT_ASSERT_EQ(test, pga_map_find(map, PGA_READY, nr), start);
	KUNIT_ASSERT_TRUE(test, pga_map_alloc(map, start, nr));
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_FREE, 1), PGA_NONE);
	KUNIT_EXPECT_EQ(test, map->free, 0);
	KUNIT_ASSERT_TRUE(test, pga_map_free(map, start, nr));
	for (i = 0; i < nr; i++) {
		KUNIT_ASSERT_EQ(test, pga_map_find(map, PGA_FREE, 1), start + i);
		KUNIT_ASSERT_TRUE(test, pga_map_alloc(map, start + i, 1));
	}
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_FREE, 1), PGA_NONE);
	for (i = nr; i--; )
		KUNIT_ASSERT_TRUE(test, pga_map_free(map, start + i, 1));
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_READY, nr), start);
	KUNIT_EXPECT_EQ(test, map->free, nr);
}

/* Every length from each side of a chunk and of a node fits where it should. */
static void lengths_around_borders(struct kunit *test)
{
	static const unsigned long lengths[] = {
		1, 63, 64, 65, 511, 512, 513, 1023, 1024, 1025, 4095, 4096, 4097,
		8000, 8191, 8192, 8193, 9000,
	};
	struct pgat_pair *pair = ready_pair(test, 300, 9000);
	struct pga_map *map = pair->map;
	unsigned long page;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		page = pga_map_find(map, PGA_READY, lengths[i]);
		KUNIT_ASSERT_EQ_MSG(test, page, 300, "%lu pages", lengths[i]);
		KUNIT_ASSERT_TRUE(test, pga_map_alloc(map, page, lengths[i]));
		KUNIT_EXPECT_EQ_MSG(test, pga_map_find(map, PGA_READY, 1),
				    lengths[i] == 9000 ? PGA_NONE : 300 + lengths[i],
				    "after %lu pages", lengths[i]);
		KUNIT_ASSERT_TRUE(test, pga_map_free(map, page, lengths[i]));
	}
}

/* A run may reach from one region into the next, but not across a hole. */
static void adjacent_regions(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 0);

	pgat_model_window(test, pair->model, 1000, 2000);
	pgat_pair_grow(test, pair, 1000, 500, PGA_MADE_READY);
	pgat_pair_grow(test, pair, 1501, 1499, PGA_MADE_READY);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_READY, 1500), PGA_NONE);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_READY, 501), 1501);
	pgat_pair_grow(test, pair, 1500, 1, PGA_MADE_DISCARDED);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_FREE, 2000), 1000);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_READY, 501), 1501);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_READY, 500), 1000);
}

/* Pages that are allocated lose the mark of the discarded, and are counted so. */
static void alloc_discarded(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 0);
	struct pga_map *map = pair->map;

	pgat_model_window(test, pair->model, 0, 2 * CHUNK);
	pgat_pair_grow(test, pair, 0, 2 * CHUNK, PGA_MADE_DISCARDED);
	KUNIT_EXPECT_EQ(test, map->discarded, 2 * CHUNK);
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_READY, 1), PGA_NONE);
	KUNIT_ASSERT_TRUE(test, pga_map_alloc(map, 500, 24));
	KUNIT_EXPECT_EQ(test, map->discarded, 2 * CHUNK - 24);
	KUNIT_ASSERT_TRUE(test, pga_map_free(map, 500, 24));
	KUNIT_EXPECT_EQ(test, map->discarded, 2 * CHUNK - 24);
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_READY, 24), 500);
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_FREE, 24), 0);
}

/* An alloc fails if any one of the pages is not free. */
static void alloc_of_busy(struct kunit *test)
{
	static const unsigned long busy[] = { 0, 63, 64, 300, 511, 512, 1023 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(busy); i++) {
		struct pgat_pair *pair = ready_pair(test, 0, 2 * CHUNK);

		KUNIT_ASSERT_TRUE(test, pga_map_alloc(pair->map, busy[i], 1));
		KUNIT_EXPECT_FALSE(test, pga_map_alloc(pair->map, 0, 2 * CHUNK));
		pgat_pair_free(pair);
	}
}

/* A free of pages that are not all allocated changes nothing at all. */
static void free_of_free(struct kunit *test)
{
	static const unsigned long free[] = { 100, 127, 128, 511, 512, 1099 };
	struct pgat_pair *pair = ready_pair(test, 0, 3 * CHUNK);
	struct rnd_state random = pgat_random(test);
	unsigned int i;

	take(test, pair, 100, 1000);
	for (i = 0; i < ARRAY_SIZE(free); i++) {
		give(test, pair, free[i], 1);
		KUNIT_EXPECT_FALSE(test, pga_map_free(pair->map, 100, 1000));
		check_all(test, pair, &random);
		take(test, pair, free[i], 1);
	}
	KUNIT_EXPECT_FALSE(test, pga_map_free(pair->map, 99, 1001));
	KUNIT_EXPECT_FALSE(test, pga_map_free(pair->map, 100, 1001));
	KUNIT_EXPECT_TRUE(test, pga_map_free(pair->map, 100, 1000));
}

/*
 * Pages of chunks that the store does not have can be neither allocated nor
 * freed.
 */
static void outside(struct kunit *test)
{
	static const unsigned long pages[] = {
		BLOCK, BIT(24), BIT(30), PGA_INDEX_PAGES - 1,
	};
	struct pgat_pair *pair = ready_pair(test, 0, 3 * CHUNK);
	struct rnd_state random = pgat_random(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		KUNIT_EXPECT_FALSE(test, pga_map_alloc(pair->map, pages[i], 1));
		KUNIT_EXPECT_FALSE(test, pga_map_free(pair->map, pages[i], 1));
		KUNIT_EXPECT_FALSE(test, pga_map_test(pair->map, pages[i], 1, false));
	}
	/* A hole beside the pages of the pool reads as allocated. */
	KUNIT_EXPECT_TRUE(test, pga_map_test(pair->map, 3 * CHUNK, 1, true));
	KUNIT_EXPECT_FALSE(test, pga_map_alloc(pair->map, 3 * CHUNK, 1));
	check_all(test, pair, &random);
}

/* Growth that lacks a part of its memory adds nothing, and works later on. */
static void grow_without_memory(struct kunit *test)
{
	const unsigned long page = BIT(24) + 1000, nr = 2 * BIT(PGA_SLICE_SHIFT);
	struct pgat_pair *pair = ready_pair(test, 0, CHUNK);
	struct rnd_state random = pgat_random(test);
	struct pga_parts parts;
	int lacking, i;

	pgat_model_window(test, pair->model, page, nr);
	for (lacking = 0; lacking < 5; lacking++) {
		pga_map_missing(pair->map, page, nr, &parts);
		pgat_parts_get(test, &parts);
		for (i = lacking; i < PGA_PARTS; i++)
			kvfree(pga_parts_take(&parts, i));
		KUNIT_EXPECT_FALSE(test, pga_map_grow(pair->map, page, nr,
						      PGA_MADE_READY, &parts));
		pgat_parts_put(&parts);
		check_all(test, pair, &random);
	}
	pgat_pair_grow(test, pair, page, nr, PGA_MADE_READY);
	check_all(test, pair, &random);
}

/* Described changes: where the hint of the free tree may and must be. */
static void hint(struct kunit *test)
{
	struct pgat_pair *pair = ready_pair(test, 100, 3000);
	struct pga_map *map = pair->map;

	KUNIT_EXPECT_EQ(test, pga_bitmap_of(map)->hint[PGA_FREE], 100);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(map, 100, 20));
	KUNIT_EXPECT_EQ(test, pga_bitmap_of(map)->hint[PGA_FREE], 120);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(map, 200, 20));
	KUNIT_EXPECT_EQ(test, pga_bitmap_of(map)->hint[PGA_FREE], 120);
	KUNIT_ASSERT_TRUE(test, pga_map_put(map, 110, 5, PGA_MADE_DISCARDED));
	KUNIT_EXPECT_EQ(test, pga_bitmap_of(map)->hint[PGA_FREE], 110);
	KUNIT_EXPECT_EQ(test, pga_bitmap_of(map)->hint[PGA_READY], 120);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(map, 110, 5));
	KUNIT_ASSERT_TRUE(test, pga_map_hold(map, 120, 80));
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_FREE, 1), 220);
	KUNIT_EXPECT_EQ(test, pga_bitmap_of(map)->hint[PGA_FREE], 220);
	KUNIT_ASSERT_TRUE(test, pga_map_hold(map, 220, 2880));
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_FREE, 1), PGA_NONE);
	KUNIT_EXPECT_EQ(test, pga_bitmap_of(map)->hint[PGA_FREE], PGA_NONE);
	KUNIT_ASSERT_TRUE(test, pga_map_put(map, 3000, 100, PGA_MADE_READY));
	KUNIT_EXPECT_EQ(test, pga_map_find(map, PGA_READY, 1), 3000);
}

/* Pages are held and put back; the index does not see them in use. */
static void hold(struct kunit *test)
{
	struct pgat_pair *pair = ready_pair(test, 0, 3 * CHUNK);
	struct rnd_state random = pgat_random(test);

	KUNIT_ASSERT_TRUE(test, pga_map_hold(pair->map, 500, 600));
	pgat_model_set(pair->model, 500, 600, PGAT_BUSY);
	check_answers(test, pair, &random);
	KUNIT_EXPECT_FALSE(test, pga_map_hold(pair->map, 1099, 2));
	KUNIT_EXPECT_FALSE(test, pga_map_put(pair->map, 500, 601, PGA_MADE_READY));
	KUNIT_ASSERT_TRUE(test, pga_map_put(pair->map, 500, 300, PGA_MADE_READY));
	KUNIT_ASSERT_TRUE(test, pga_map_put(pair->map, 800, 300,
					    PGA_MADE_DISCARDED));
	pgat_model_set(pair->model, 500, 300, PGAT_READY);
	pgat_model_set(pair->model, 800, 300, PGAT_DISCARDED);
	check_all(test, pair, &random);
}

/* The pages of a block of 64 in the model: those of a kind, and the discarded. */
static void model_word(const struct pgat_model *model, unsigned long page,
		       enum pga_which which, u64 *owned, u64 *discarded)
{
	enum pgat_state state;
	int i;

	*owned = 0;
	*discarded = 0;
	for (i = 0; i < 64; i++) {
		state = pgat_model_get(model, page + i);
		if (state == PGAT_READY || (state == PGAT_DISCARDED && which == PGA_FREE))
			*owned |= BIT_ULL(i);
		if (state == PGAT_DISCARDED && which == PGA_FREE)
			*discarded |= BIT_ULL(i);
	}
}

static void model_put_word(struct pgat_model *model, unsigned long page,
			   u64 owned, u64 discarded, bool busy)
{
	int i;

	for (i = 0; i < 64; i++)
		if (owned & BIT_ULL(i))
			pgat_model_set(model, page + i, 1, busy ? PGAT_BUSY :
				       discarded & BIT_ULL(i) ? PGAT_DISCARDED :
				       PGAT_READY);
}

/* Words are taken, in part given back, in any mixture of ready and discarded. */
/* Compare the taken blocks with the model, and take them in the model, too. */
static void expect_taken(struct kunit *test, struct pgat_pair *pair,
			 unsigned long page, enum pga_which which,
			 unsigned int words, unsigned int pages,
			 const struct pga_cache *taken, unsigned int nr)
{
	const unsigned long end = min(page + 64 * words, ALIGN(page + 1, CHUNK));
	unsigned int n = 0, got = 0;
	u64 owned, discarded;

	for (; page < end && got < pages; page += 64) {
		model_word(pair->model, page, which, &owned, &discarded);
		if (!owned)
			continue;
		KUNIT_ASSERT_LT(test, n, nr);
		KUNIT_ASSERT_EQ(test, taken[n].base, page);
		KUNIT_ASSERT_EQ(test, taken[n].owned, owned);
		KUNIT_ASSERT_EQ(test, taken[n].discarded, discarded);
		model_put_word(pair->model, page, owned, discarded, true);
		got += hweight64(owned);
		n++;
	}
	KUNIT_ASSERT_EQ(test, n, nr);
}

/* Put a part of the taken pages back; a second time is refused. */
static void put_some(struct kunit *test, struct pgat_pair *pair,
		     struct rnd_state *random, const struct pga_cache *taken)
{
	u64 owned, discarded;

	pgat_random_map(random, (unsigned long *)&owned, 64);
	pgat_random_map(random, (unsigned long *)&discarded, 64);
	owned &= taken->owned;
	discarded &= owned;
	if (!owned)
		return;
	KUNIT_ASSERT_EQ(test, 0ULL, pga_map_put_word(pair->map, taken->base,
						     owned, discarded));
	model_put_word(pair->model, taken->base, owned, discarded, false);
	KUNIT_ASSERT_EQ(test, owned, pga_map_put_word(pair->map, taken->base,
						      owned, 0));
}

static void words_random(struct kunit *test)
{
	struct pgat_pair *pair = ready_pair(test, 1000, 10 * CHUNK);
	struct rnd_state random = pgat_random(test);
	struct pga_cache taken[PGA_CHUNK_WORDS];
	unsigned int nr, words, pages, i;
	enum pga_which which;
	unsigned long page;
	int step;

	for (step = 0; step < 100; step++) {
		become(test, pair, pgat_random_range(&random, pair->model),
		       PGAT_BUSY + pgat_below(&random, 3));
		which = pgat_below(&random, PGA_NR_WHICH);
		page = pga_map_find(pair->map, which, 1);
		if (page == PGA_NONE || step % 2)
			page = 1024 + pgat_below(&random, 64 * 150);
		words = 1 + pgat_below(&random, PGA_CHUNK_WORDS);
		pages = 1 + pgat_below(&random, 200);
		nr = pga_map_take_words(pair->map, page, which, words, pages,
					taken);
		expect_taken(test, pair, ALIGN_DOWN(page, 64), which, words, pages,
			     taken, nr);
		check_answers(test, pair, &random);
		for (i = 0; i < nr; i++)
			put_some(test, pair, &random, &taken[i]);
		check_all(test, pair, &random);
	}
}

/* The lowest free pages are taken again and again, in a pool of fragments. */
static void lowest_random(struct kunit *test)
{
	struct pgat_pair *pair = ready_pair(test, 64, 20 * CHUNK);
	struct rnd_state random = pgat_random(test);
	struct pga_extent range;
	unsigned long page, nr;
	int step;

	for (step = 0; step < 300; step++) {
		if (!(step % 20)) {
			range = (struct pga_extent) { 64, 20 * CHUNK };
			become(test, pair, range, step % 40 ? PGAT_BUSY : PGAT_READY);
		}
		if (pgat_below(&random, 3)) {
			range = pgat_random_range(&random, pair->model);
			range.nr = min(range.nr, 100UL);
			become(test, pair, range, PGAT_BUSY + pgat_below(&random, 2));
		}
		nr = 1 + pgat_below(&random, pgat_below(&random, 2) ? 4 : 64);
		page = pga_map_find(pair->map, PGA_FREE, nr);
		KUNIT_ASSERT_EQ(test, page, pgat_model_find(pair->model, PGA_FREE, nr));
		if (page != PGA_NONE) {
			KUNIT_ASSERT_TRUE(test, pga_map_alloc(pair->map, page, nr));
			pgat_model_set(pair->model, page, nr, PGAT_BUSY);
		}
		check_all(test, pair, &random);
	}
}

/* Whole nodes of eight chunks are taken, used, held and put, and refused if in part free. */
static void nodes(struct kunit *test)
{
	const unsigned long node = 8 * CHUNK, pages = 18 * node;
	struct pgat_pair *pair = ready_pair(test, 0, pages);
	struct rnd_state random = pgat_random(test);
	unsigned long page;
	bool use;
	int step;

	for (step = 0; step < 200; step++) {
		page = node * pgat_below(&random, pages / node);
		use = pgat_below(&random, 2);
		if (!pgat_below(&random, 8)) {
			become(test, pair, (struct pga_extent) { page + 5 * CHUNK + 7, 3 },
			       PGAT_BUSY + pgat_below(&random, 2));
		} else if (pga_map_test(pair->map, page, node, false)) {
			KUNIT_ASSERT_FALSE(test, pga_map_free(pair->map, page, node));
			if (use) {
				KUNIT_ASSERT_TRUE(test, pga_map_alloc(pair->map, page, node));
			} else {
				KUNIT_ASSERT_TRUE(test, pga_map_hold(pair->map, page, node));
				pga_map_use(pair->map, page, node);
			}
			pgat_model_set(pair->model, page, node, PGAT_BUSY);
		} else if (pga_map_test(pair->map, page, node, true)) {
			KUNIT_ASSERT_FALSE(test, pga_map_alloc(pair->map, page, node));
			KUNIT_ASSERT_TRUE(test, pga_map_free(pair->map, page, node));
			pgat_model_set(pair->model, page, node, PGAT_READY);
		} else {
			KUNIT_ASSERT_FALSE(test, pga_map_free(pair->map, page, node));
			become(test, pair, (struct pga_extent) { page, node }, PGAT_BUSY);
		}
		check_all(test, pair, &random);
	}
}

/* Random ranges of random pools: all allocated, all free, or neither. */
static void test_random(struct kunit *test)
{
	struct pgat_pair *pair = ready_pair(test, 777, 12 * CHUNK);
	struct rnd_state random = pgat_random(test);
	struct pga_extent range;
	unsigned long page, busy;
	int step;

	for (step = 0; step < 3000; step++) {
		range = pgat_random_range(&random, pair->model);
		if (step % 4 == 0)
			become(test, pair, range, PGAT_BUSY + pgat_below(&random, 3));
		range = pgat_random_range(&random, pair->model);
		busy = 0;
		for (page = range.start; page < pga_extent_end(range); page++)
			busy += is_busy(pair->model, page);
		KUNIT_ASSERT_EQ(test, pga_map_test(pair->map, range.start,
						   range.nr, true),
				busy == range.nr);
		KUNIT_ASSERT_EQ(test, pga_map_test(pair->map, range.start,
						   range.nr, false),
				busy == 0);
	}
}

/* The first discarded pages of a range, as many as follow one another. */
static struct pga_extent naive_discarded(const struct pgat_model *model,
					 unsigned long page, unsigned long end)
{
	struct pga_extent e = {};

	for (; page < end; page++) {
		if (pgat_model_get(model, page) != PGAT_DISCARDED) {
			if (e.nr)
				break;
			continue;
		}
		if (!e.nr)
			e.start = page;
		e.nr++;
	}
	return e;
}

static void check_discarded(struct kunit *test, const struct pgat_pair *pair,
			    unsigned long page, unsigned long end)
{
	struct pga_extent got, want;
	bool found;

	do {
		want = naive_discarded(pair->model, page, end);
		found = pga_map_next_discarded(pair->map, page, end, &got);
		KUNIT_ASSERT_EQ(test, found, want.nr != 0);
		KUNIT_ASSERT_EQ(test, got.nr, want.nr);
		if (found)
			KUNIT_ASSERT_EQ(test, got.start, want.start);
		page = pga_extent_end(got);
	} while (found && page < end);
}

/* Random ranges of random pools: each run of discarded pages, one by one. */
static void discarded_random(struct kunit *test)
{
	struct pgat_pair *pair = ready_pair(test, 777, 12 * CHUNK);
	struct rnd_state random = pgat_random(test);
	struct pga_extent range;
	int step;

	for (step = 0; step < 400; step++) {
		range = pgat_random_range(&random, pair->model);
		become(test, pair, range, PGAT_BUSY + pgat_below(&random, 3));
		range = pgat_random_range(&random, pair->model);
		check_discarded(test, pair, range.start, pga_extent_end(range));
	}
}

/* Described ranges: runs that end with a chunk, go over chunks, are cut. */
static void discarded_cases(struct kunit *test)
{
	struct pgat_pair *pair = ready_pair(test, 0, 4 * CHUNK);
	struct pga_extent e;

	KUNIT_EXPECT_FALSE(test, pga_map_next_discarded(pair->map, 0, 4 * CHUNK, &e));
	become(test, pair, (struct pga_extent) { 510, 2 }, PGAT_DISCARDED);
	become(test, pair, (struct pga_extent) { 513, 1 }, PGAT_DISCARDED);
	become(test, pair, (struct pga_extent) { 1000, 600 }, PGAT_DISCARDED);
	check_discarded(test, pair, 0, 4 * CHUNK);
	KUNIT_ASSERT_TRUE(test, pga_map_next_discarded(pair->map, 512, 4 * CHUNK, &e));
	KUNIT_EXPECT_EQ(test, e.start, 513);
	KUNIT_EXPECT_EQ(test, e.nr, 1);
	KUNIT_ASSERT_TRUE(test, pga_map_next_discarded(pair->map, 600, 4 * CHUNK, &e));
	KUNIT_EXPECT_EQ(test, e.start, 1000);
	KUNIT_EXPECT_EQ(test, e.nr, 600);
	KUNIT_ASSERT_TRUE(test, pga_map_next_discarded(pair->map, 1100, 1536, &e));
	KUNIT_EXPECT_EQ(test, e.start, 1100);
	KUNIT_EXPECT_EQ(test, e.nr, 436);
	KUNIT_EXPECT_FALSE(test, pga_map_next_discarded(pair->map, 1600, 2048, &e));
}

/* Granules at which groups are looked for, with a pool of 80 chunks. */
static const struct group_case {
	const char *name;
	unsigned long granule;
} group_cases[] = {
	{ "1", 1 }, { "2", 2 }, { "16", 16 }, { "64", 64 }, { "128", 128 },
	{ "256", 256 }, { "512", 512 }, { "1024", 1024 }, { "8192", 8192 },
};

PGAT_ARRAY_PARAM(group, group_cases);

/* Those of them that the search inside a chunk can handle. */
static const struct group_case small_cases[] = {
	{ "1", 1 }, { "4", 4 }, { "16", 16 }, { "64", 64 },
};

PGAT_ARRAY_PARAM(small, small_cases);

static unsigned long granule_of(struct kunit *test)
{
	const struct group_case *c = test->param_value;

	return c->granule;
}

#define GROUP_START	(5 * 8192UL - 6 * CHUNK)
#define GROUP_NR	(80 * CHUNK)

/* The candidate in the chunk with the page before @below. */
static struct pga_extent naive_in_chunk(const struct pgat_model *model,
					unsigned long granule, unsigned long max,
					unsigned long huge, unsigned long below)
{
	const unsigned long start = ALIGN_DOWN(below - 1, CHUNK);
	DECLARE_BITMAP(busy, CHUNK);
	struct pga_candidate c;
	unsigned long page;

	bitmap_fill(busy, CHUNK);
	for (page = start; page < below; page++)
		if (pgat_model_get(model, page) == PGAT_READY)
			bitmap_clear(busy, page - start, 1);
	c = pgat_candidate(busy, CHUNK - 1, granule, max, huge > granule ? huge : 0);
	return (struct pga_extent) { start + c.start, c.nr };
}

/* The next group below a page; no pages if there is none. */
static struct pga_extent naive_group(const struct pgat_model *model,
				     unsigned long granule, unsigned long max,
				     unsigned long huge, unsigned long below)
{
	struct pga_extent group = {};

	below = min(below, GROUP_START + GROUP_NR);
	while (!group.nr && below > GROUP_START) {
		if (granule <= PGA_SMALL_GRANULE) {
			group = naive_in_chunk(model, granule, max, huge, below);
			below = ALIGN_DOWN(below - 1, CHUNK);
			continue;
		}
		below = ALIGN_DOWN(below, granule) - granule;
		if (pgat_model_is(model, below, granule, PGAT_READY))
			group = (struct pga_extent) { below, granule };
	}
	return group;
}

/* Ask again until there is an answer. */
static struct pga_extent next_group(struct kunit *test,
				    const struct pga_map *map,
				    unsigned long granule, unsigned long max,
				    unsigned long huge, unsigned long *below,
				    unsigned int budget)
{
	const struct pga_piece piece = { granule, max, huge };
	struct pga_extent group;
	unsigned long before;

	while (*below) {
		before = *below;
		if (pga_bitmap_find_group(pga_bitmap_of(map), &piece, below, budget,
					  &group)) {
			KUNIT_ASSERT_LE(test, *below, group.start);
			KUNIT_ASSERT_LE(test, pga_extent_end(group), before);
			return group;
		}
		KUNIT_ASSERT_LT(test, *below, before);
	}
	return (struct pga_extent) {};
}

/* All groups of a pool, or the highest hundred, against the slow search. */
static void check_groups(struct kunit *test, const struct pgat_pair *pair,
			 struct rnd_state *random, unsigned long granule)
{
	const unsigned int budget = PGA_NR_LEVELS + pgat_below(random, 40);
	const unsigned long huge = BIT(pgat_below(random, 10)) & ~1UL;
	const unsigned long max = pgat_length(random, 2 * CHUNK);
	unsigned long below = GROUP_START + GROUP_NR, from;
	struct pga_extent got, want;
	int nr = 0;

	do {
		from = below;
		want = naive_group(pair->model, granule, max, huge, from);
		got = next_group(test, pair->map, granule, max, huge, &below, budget);
		KUNIT_ASSERT_EQ_MSG(test, got.nr, want.nr,
				    "below %lu, max %lu, huge %lu", from, max, huge);
		if (want.nr)
			KUNIT_ASSERT_EQ_MSG(test, got.start, want.start,
					    "below %lu, max %lu, huge %lu",
					    from, max, huge);
	} while (got.nr && ++nr < 100);
}

/* Random pools, for each granule: the groups, highest first, with any budget. */
static void groups_random(struct kunit *test)
{
	const struct group_case *c = test->param_value;
	struct pgat_pair *pair = ready_pair(test, GROUP_START, GROUP_NR);
	struct rnd_state random = pgat_random(test);
	struct pga_extent range;
	int step;

	for (step = 0; step < 60; step++) {
		check_groups(test, pair, &random, c->granule);
		range = pgat_random_range(&random, pair->model);
		become(test, pair, range, pgat_below(&random, 2) ?
		       PGAT_READY : PGAT_BUSY + pgat_below(&random, 3));
	}
}

/* A granule alone in the pool is found; without any one of its pages it is not. */
static void groups_alone(struct kunit *test)
{
	const unsigned long granule = granule_of(test);
	const unsigned long start = ALIGN(GROUP_START, 8192) + 8192 + 3 * granule % 8192;
	const unsigned long missing[] = {
		start, start + granule / 3, start + granule / 2, start + granule - 1,
	};
	struct pgat_pair *pair = ready_pair(test, GROUP_START, GROUP_NR);
	unsigned long below = PGA_NONE;
	struct pga_extent group;
	unsigned int i;

	take(test, pair, GROUP_START, GROUP_NR);
	give(test, pair, start, granule);
	group = next_group(test, pair->map, granule, 1, 0, &below, 100);
	KUNIT_EXPECT_EQ(test, group.start, start);
	KUNIT_EXPECT_EQ(test, group.nr, granule);
	group = next_group(test, pair->map, granule, 1, 0, &below, 100);
	KUNIT_EXPECT_EQ(test, group.nr, 0);

	for (i = 0; i < ARRAY_SIZE(missing); i++) {
		take(test, pair, missing[i], 1);
		below = PGA_NONE;
		group = next_group(test, pair->map, granule, 1, 0, &below, 100);
		KUNIT_EXPECT_EQ_MSG(test, group.nr, 0, "without page %lu", missing[i]);
		give(test, pair, missing[i], 1);
	}
}

/* No granule is idle and ready. */
static void check_drained(struct kunit *test, const struct pgat_pair *pair,
			  unsigned long granule)
{
	unsigned long page = ALIGN(GROUP_START, granule);

	for (; page + granule <= GROUP_START + GROUP_NR; page += granule)
		KUNIT_ASSERT_FALSE_MSG(test, pgat_model_is(pair->model, page,
							   granule, PGAT_READY),
				       "page %lu", page);
}

/* Discard group after group until none is left: no idle granule is left. */
static void groups_drain(struct kunit *test)
{
	const unsigned long granule = granule_of(test);
	struct pgat_pair *pair = ready_pair(test, GROUP_START, GROUP_NR);
	struct rnd_state random = pgat_random(test);
	struct pga_extent group;
	unsigned long below = GROUP_START + GROUP_NR;
	int i;

	for (i = 0; i < 50; i++) {
		group = pgat_random_range(&random, pair->model);
		become(test, pair, group, PGAT_BUSY + pgat_below(&random, 3));
	}
	for (;;) {
		group = next_group(test, pair->map, granule, CHUNK, 0, &below, 30);
		if (!group.nr)
			break;
		KUNIT_ASSERT_EQ(test, (group.start | group.nr) % granule, 0);
		KUNIT_ASSERT_TRUE(test, pgat_model_is(pair->model, group.start,
						      group.nr, PGAT_READY));
		discard(test, pair, group);
	}
	check_drained(test, pair, granule);
	check_all(test, pair, &random);
}

static void drain_by_index(struct kunit *test, struct pgat_pair *pair,
			   unsigned long granule)
{
	const struct pga_piece piece = { granule, CHUNK, 0 };
	struct pga_search search = {};
	struct pga_extent c;

	while (pga_bitmap_next_candidate(&pair->bitmap, &piece, true, &search, 7,
					 &c)) {
		if (!c.nr)
			continue;
		KUNIT_ASSERT_EQ(test, (c.start | c.nr) % granule, 0);
		KUNIT_ASSERT_TRUE(test, pgat_model_is(pair->model, c.start, c.nr,
						      PGAT_READY));
		discard(test, pair, c);
	}
}

/*
 * The same by the index, forced, for the granules it is good for.  Once all is
 * discarded, pages that are used and freed are found again.
 */
static void candidates_drain(struct kunit *test)
{
	const unsigned long granule = granule_of(test);
	struct pgat_pair *pair = ready_pair(test, GROUP_START, GROUP_NR);
	struct rnd_state random = pgat_random(test);
	int round, i;

	take(test, pair, GROUP_START, GROUP_NR);
	give(test, pair, GROUP_START, GROUP_NR);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 30; i++)
			become(test, pair, pgat_random_range(&random, pair->model),
			       PGAT_BUSY + pgat_below(&random, 3));
		drain_by_index(test, pair, granule);
		check_drained(test, pair, granule);
		check_all(test, pair, &random);
	}
}

/* One page is free, the last that was freed: the index leads to it, wherever it is. */
static void candidate_of_a_page(struct kunit *test)
{
	const struct pga_piece piece = { 1, CHUNK, 0 };
	struct pgat_pair *pair = ready_pair(test, CHUNK, CHUNK);
	unsigned long page;
	struct pga_extent c;

	take(test, pair, CHUNK, CHUNK);
	for (page = CHUNK; page < 2 * CHUNK; page++) {
		struct pga_search search = {};

		give(test, pair, page, 1);
		KUNIT_ASSERT_TRUE(test, pga_bitmap_next_candidate(&pair->bitmap, &piece,
								  true, &search, 7, &c));
		KUNIT_ASSERT_EQ(test, c.start, page);
		KUNIT_ASSERT_EQ(test, c.nr, 1);
		take(test, pair, page, 1);
	}
}

static struct kunit_case bitmap_cases[] = {
	KUNIT_CASE(empty),
	KUNIT_CASE(whole_pool),
	KUNIT_CASE(lengths_around_borders),
	KUNIT_CASE(adjacent_regions),
	KUNIT_CASE(alloc_discarded),
	KUNIT_CASE(alloc_of_busy),
	KUNIT_CASE(free_of_free),
	KUNIT_CASE(outside),
	KUNIT_CASE(grow_without_memory),
	KUNIT_CASE(hint),
	KUNIT_CASE(hold),
	KUNIT_CASE(lowest_random),
	KUNIT_CASE(nodes),
	KUNIT_CASE(words_random),
	KUNIT_CASE_PARAM(random_run, layout_gen_params),
	KUNIT_CASE(random_run_large),
	KUNIT_CASE(test_random),
	KUNIT_CASE(discarded_cases),
	KUNIT_CASE(discarded_random),
	KUNIT_CASE_PARAM(groups_random, group_gen_params),
	KUNIT_CASE_PARAM(groups_alone, group_gen_params),
	KUNIT_CASE_PARAM(groups_drain, group_gen_params),
	KUNIT_CASE_PARAM(candidates_drain, small_gen_params),
	KUNIT_CASE(candidate_of_a_page),
	{}
};

static struct kunit_suite bitmap_suite = {
	.name = "pagealloc_bitmap",
	.exit = bitmap_exit,
	.test_cases = bitmap_cases,
};

kunit_test_suite(bitmap_suite);

MODULE_DESCRIPTION("Tests of pagealloc's bitmap engine");
MODULE_LICENSE("GPL");
