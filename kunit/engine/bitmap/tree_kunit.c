// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of tree.c, update.c and search.c of the bitmap engine.
 *
 * The tests write the maps and update the trees.  Then every summary of every
 * level must be the model's, and a search must find the place that a walk over
 * the model finds.
 */

#include <linux/bitmap.h>
#include <linux/module.h>

#include "engine/bitmap/search.h"
#include "engine/bitmap/update.h"
#include "lib/testlib.h"

#define CHUNK	PGA_CHUNK_PAGES
#define BLOCK	BIT(PGA_BLOCK_SHIFT)

static const struct pgat_layout layouts[] = {
	{ "one chunk", { { 0, CHUNK } } },
	{ "part of one chunk", { { 700, 100 } } },
	{ "one region", { { 0, 16 * CHUNK } } },
	{ "one region, no border aligned", { { 1234, 7000 } } },
	{ "upwards, adjacent", { { 0, 3000 }, { 3000, 3000 }, { 6000, 4000 } } },
	{ "downwards, adjacent", { { 9000, 3000 }, { 5000, 4000 }, { 0, 5000 } } },
	{ "into a hole",
	  { { 0, 2 * CHUNK }, { 30 * CHUNK, 2 * CHUNK }, { 10 * CHUNK, 9 * CHUNK } } },
	{ "a hole filled in the end",
	  { { 0, 8 * CHUNK }, { 16 * CHUNK, 4 * CHUNK }, { 8 * CHUNK, 8 * CHUNK } } },
	{ "across 2^15", { { BIT(15) - 3 * CHUNK, 6 * CHUNK } } },
	{ "across 2^18", { { BIT(18) - 9 * CHUNK, 14 * CHUNK } } },
	{ "across 2^21", { { BIT(21) - 3000, 6000 } } },
	{ "up to 2^21, then across", { { BIT(21) - 3000, 3000 }, { BIT(21), 3000 } } },
	{ "from 2^21, then down across", { { BIT(21), 3000 }, { BIT(21) - 3000, 3000 } } },
	{ "across 2^24", { { BIT(24) - 3000, 6000 } } },
	{ "across 2^30", { { BIT(30) - 3000, 6000 } } },
	{ "across 2^33", { { BIT(33) - 3000, 6000 } } },
	{ "up to 2^34", { { PGA_INDEX_PAGES - 6000, 6000 } } },
	{ "one super, each block",
	  { { 5 * BLOCK, 1000 }, { 63 * BLOCK, 1000 }, { 0, 1000 }, { 8 * BLOCK, 1000 } } },
	{ "far apart, upwards",
	  { { 0, 1000 }, { BIT(22), 1000 }, { BIT(25), 1000 }, { BIT(28), 1000 },
	    { BIT(31), 1000 }, { BIT(33) + BIT(32), 1000 } } },
	{ "far apart, downwards",
	  { { PGA_INDEX_PAGES - CHUNK, CHUNK }, { BIT(33), 1000 },
	    { BIT(33) - 2000, 2000 }, { BIT(26), 1000 }, { BIT(12), 1000 } } },
};

PGAT_ARRAY_PARAM(layout, layouts);

static void tree_exit(struct kunit *test)
{
	if (test->priv)
		pgat_pair_free(test->priv);
}

static struct pgat_pair *new_pair(struct kunit *test, unsigned int shift)
{
	test->priv = pgat_pair_create(test, shift);
	return test->priv;
}

/* Write the maps, and update the trees and the model. */
static void make(struct pgat_pair *pair, unsigned long page, unsigned long nr,
		 enum pgat_state state)
{
	static const enum pga_change change[] = {
		[PGAT_BUSY] = PGA_ALL_ALLOCATED,
		[PGAT_READY] = PGA_ALL_READY,
		[PGAT_DISCARDED] = PGA_ALL_DISCARDED,
	};
	struct pga_tree *tree = &pair->bitmap.tree;
	const unsigned long end = page + nr;
	unsigned long at, part, start;
	struct pga_chunk *chunk;

	/* Only allocated pages become discarded. */
	if (state == PGAT_DISCARDED)
		make(pair, page, nr, PGAT_BUSY);
	for (at = page; at < end; at += part) {
		start = at % CHUNK;
		part = min(end - at, CHUNK - start);
		chunk = pga_store_chunk(&tree->store, pga_chunk_of(at));
		bitmap_clear(chunk->allocated, start, part);
		bitmap_clear(chunk->discarded, start, part);
		if (state == PGAT_BUSY)
			bitmap_set(chunk->allocated, start, part);
		else if (state == PGAT_DISCARDED)
			bitmap_set(chunk->discarded, start, part);
	}
	pga_tree_update(tree, page, nr, change[state], false);
	pgat_model_set(pair->model, page, nr, state);
}

static void grow(struct kunit *test, struct pgat_pair *pair, unsigned long page,
		 unsigned long nr, enum pgat_state state)
{
	struct pga_tree *tree = &pair->bitmap.tree;
	const unsigned long end = page + nr;
	struct pga_parts parts;
	bool done;

	for (; page < end; page += nr) {
		nr = min(end, ALIGN(page + 1, BLOCK)) - page;
		pga_store_missing(&tree->store, page, nr, &parts);
	pgat_parts_get(test, &parts);
		done = pga_store_install(&tree->store, page, nr, &parts);
		pgat_parts_put(&parts);
		KUNIT_ASSERT_TRUE(test, done);
		pga_tree_extend(tree, page, nr);
		make(pair, page, nr, state);
	}
}

/* A pair with all regions of a layout as windows, none of them grown. */
static struct pgat_pair *layout_pair(struct kunit *test,
				     const struct pgat_layout *layout)
{
	struct pgat_pair *pair = new_pair(test, 0);
	const struct pga_extent *r = layout->region;

	for (; r < layout->region + PGAT_WINDOWS_MAX && r->nr; r++)
		pgat_model_window(test, pair->model, r->start, r->nr);
	return pair;
}

static struct pgat_pair *grown_pair(struct kunit *test,
				    const struct pgat_layout *layout)
{
	struct pgat_pair *pair = layout_pair(test, layout);
	const struct pga_extent *r = layout->region;

	for (; r < layout->region + PGAT_WINDOWS_MAX && r->nr; r++)
		grow(test, pair, r->start, r->nr, PGAT_READY);
	return pair;
}

/* The root is the smallest aligned stretch with all pages of the pool in it. */
static void check_root(struct kunit *test, const struct pga_tree *tree,
		       unsigned long first, unsigned long end)
{
	const unsigned int level = tree->root_level;
	const unsigned int shift = pga_level_shift(level);

	KUNIT_ASSERT_GE(test, level, 1);
	KUNIT_ASSERT_EQ(test, tree->first, ALIGN_DOWN(first, CHUNK));
	KUNIT_ASSERT_EQ(test, tree->end, ALIGN(end, CHUNK));
	KUNIT_ASSERT_EQ(test, tree->root, first >> shift);
	KUNIT_ASSERT_EQ(test, tree->root, (end - 1) >> shift);
	if (level > 1)
		KUNIT_ASSERT_NE_MSG(test, first >> (shift - PGA_FANOUT_SHIFT),
				    (end - 1) >> (shift - PGA_FANOUT_SHIFT),
				    "a root at level %u would do", level - 1);
}

static unsigned long find(const struct pgat_pair *pair, enum pga_which which,
			  unsigned long nr, unsigned long *hint)
{
	return pga_tree_find(&pair->bitmap.tree, which, nr, hint);
}

static unsigned long find_from_0(const struct pgat_pair *pair,
				 enum pga_which which, unsigned long nr)
{
	unsigned long hint = 0;

	return find(pair, which, nr, &hint);
}

static void check_find(struct kunit *test, const struct pgat_pair *pair,
		       enum pga_which which, unsigned long nr)
{
	const unsigned long want = pgat_model_find(pair->model, which, nr);
	const unsigned long first = pgat_model_find(pair->model, which, 1);
	unsigned long hint = 0;

	KUNIT_ASSERT_EQ_MSG(test, find(pair, which, nr, &hint), want,
			    "%lu pages, tree %d", nr, which);
	/* It is not too high now; after a search for one page it is exact. */
	if (nr == 1)
		KUNIT_ASSERT_EQ(test, hint, first);
	KUNIT_ASSERT_LE(test, hint, first);
	KUNIT_ASSERT_EQ_MSG(test, find(pair, which, nr, &hint), want,
			    "%lu pages, tree %d, from %lu", nr, which, hint);
	KUNIT_ASSERT_LE(test, hint, first);
}

static void check_finds(struct kunit *test, const struct pgat_pair *pair,
			struct rnd_state *random)
{
	unsigned long longest;
	int which, i;

	for (which = 0; which < PGA_NR_WHICH; which++) {
		longest = pgat_model_longest(pair->model, which);
		check_find(test, pair, which, 1);
		check_find(test, pair, which, longest + 1);
		check_find(test, pair, which, PGA_INDEX_PAGES);
		for (i = 0; longest && i < 4; i++)
			check_find(test, pair, which, pgat_length(random, longest));
		if (longest)
			check_find(test, pair, which, longest);
	}
}

/* Trees without pages have nothing to find. */
static void empty(struct kunit *test)
{
	const struct pgat_pair *pair = new_pair(test, 0);
	const struct pga_tree *tree = &pair->bitmap.tree;
	unsigned long chunk = PGA_NONE;

	pgat_check_sum(test, pga_tree_root(tree, PGA_FREE), (struct pga_sum) {}, 0, 0);
	KUNIT_EXPECT_EQ(test, find_from_0(pair, PGA_FREE, 1), PGA_NONE);
	KUNIT_EXPECT_FALSE(test, pga_tree_prev(tree, PGA_FREE, 1, &chunk, 100));
	KUNIT_EXPECT_EQ(test, chunk, 0);
}

/*
 * After each region of a layout, the first ones ready, the others discarded:
 * the root is where it should be and each summary right.
 */
static void growth(struct kunit *test)
{
	const struct pgat_layout *layout = test->param_value;
	struct pgat_pair *pair = layout_pair(test, layout);
	unsigned long first = PGA_NONE, end = 0;
	const struct pga_extent *r = layout->region;
	struct rnd_state random = pgat_random(test);

	for (; r < layout->region + PGAT_WINDOWS_MAX && r->nr; r++) {
		first = min(first, r->start);
		end = max(end, pga_extent_end(*r));
		grow(test, pair, r->start, r->nr, r < layout->region + 2 ?
		     PGAT_READY : PGAT_DISCARDED);
		check_root(test, &pair->bitmap.tree, first, end);
		pgat_check_sums(test, pair);
		check_finds(test, pair, &random);
	}
}

/* The same while a part of the earlier regions is in use. */
static void growth_while_used(struct kunit *test)
{
	const struct pgat_layout *layout = test->param_value;
	struct pgat_pair *pair = layout_pair(test, layout);
	const struct pga_extent *r = layout->region;
	struct rnd_state random = pgat_random(test);
	struct pga_extent hole;
	int i;

	for (; r < layout->region + PGAT_WINDOWS_MAX && r->nr; r++) {
		grow(test, pair, r->start, r->nr, PGAT_READY);
		for (i = 0; i < 4; i++) {
			hole.nr = pgat_length(&random, (r->nr + 1) / 2);
			hole.start = r->start + pgat_below(&random, r->nr - hole.nr + 1);
			make(pair, hole.start, hole.nr, PGAT_BUSY);
		}
		pgat_check_sums(test, pair);
		check_finds(test, pair, &random);
	}
}

/* After each of many random changes every summary and every find is right. */
static void updates_random(struct kunit *test)
{
	struct pgat_pair *pair = grown_pair(test, test->param_value);
	struct rnd_state random = pgat_random(test);
	struct pga_extent range;
	int step;

	for (step = 0; step < 60; step++) {
		range = pgat_random_range(&random, pair->model);
		make(pair, range.start, range.nr, PGAT_BUSY + pgat_below(&random, 3));
		pgat_check_sums(test, pair);
		check_finds(test, pair, &random);
	}
}

/* Make a range and check, then all of the pool busy again. */
static void make_two(struct kunit *test, struct pgat_pair *pair,
		     struct pga_extent first, struct pga_extent second,
		     enum pgat_state before, enum pgat_state after)
{
	const struct pgat_window *w = pair->model->window;

	make(pair, first.start, first.nr, before);
	pgat_check_sums(test, pair);
	make(pair, second.start, second.nr, after);
	pgat_check_sums(test, pair);
	make(pair, w->start, w->end - w->start, PGAT_BUSY);
	pgat_check_sums(test, pair);
}

/*
 * Updates across a border between nodes of some level that change only the left
 * or only the right side, in both trees or in one.
 */
static void updates_of_one_side(struct kunit *test)
{
	unsigned long border;
	unsigned int level, i;

	for (level = 0; level < PGA_NR_LEVELS; level++) {
		struct pgat_pair *pair = new_pair(test, 0);

		border = pga_level_pages(level);
		pgat_model_window(test, pair->model, border - 500, 1000);
		grow(test, pair, border - 500, 1000, PGAT_BUSY);
		for (i = 0; i < 4; i++) {
			const enum pgat_state before = PGAT_READY + i / 2;
			const enum pgat_state after = PGAT_READY + i % 2;
			const struct pga_extent both = { border - 100, 200 };

			make_two(test, pair, (struct pga_extent) { border, 200 },
				 both, before, after);
			make_two(test, pair, (struct pga_extent) { border - 200, 200 },
				 both, before, after);
			make_two(test, pair, (struct pga_extent) { border - 100, 200 },
				 both, before, after);
		}
		pgat_pair_free(pair);
	}
}

/* In a pool of two nodes of level 1: what is ready, and where runs fit. */
static const struct find_case {
	const char *name;
	struct pga_extent ready[4];
	unsigned long nr;
	unsigned long page;
} find_cases[] = {
	{ "nothing", {}, 1, PGA_NONE },
	{ "the first page", { { 0, 1 } }, 1, 0 },
	{ "the last page", { { 8191, 1 } }, 1, 8191 },
	{ "everything", { { 0, 8192 } }, 8192, 0 },
	{ "all but the first page", { { 1, 8191 } }, 8191, 1 },
	{ "one more than there is", { { 1, 8191 } }, 8192, PGA_NONE },
	{ "across a border of chunks", { { 510, 4 } }, 4, 510 },
	{ "across a border of nodes", { { 4094, 4 } }, 4, 4094 },
	{ "a chunk between two parts", { { 511, 514 } }, 514, 511 },
	{ "a border before the inside of the chunk on its right",
	  { { 510, 4 }, { 600, 9 } }, 4, 510 },
	{ "the inside of a chunk before its right border",
	  { { 100, 4 }, { 510, 4 } }, 4, 100 },
	{ "the inside of a chunk is too short, its right border not",
	  { { 100, 3 }, { 510, 4 } }, 4, 510 },
	{ "a border is too short, the chunk on its right not",
	  { { 510, 4 }, { 600, 9 } }, 5, 600 },
	{ "the border of nodes before the inside of the second",
	  { { 4095, 2 }, { 5000, 2 } }, 2, 4095 },
	{ "the end of one chunk does not join the start of the next but one",
	  { { 511, 1 }, { 1024, 1 } }, 2, PGA_NONE },
	{ "the ends of a node do not join", { { 0, 5 }, { 4091, 5 } }, 6, PGA_NONE },
	{ "a chunk that is free but for its last page breaks the run",
	  { { 512, 511 }, { 1024, 300 } }, 600, PGA_NONE },
	{ "a chunk that is free but for its first page breaks the run",
	  { { 300, 212 }, { 513, 600 } }, 600, 513 },
};

PGAT_ARRAY_PARAM(find, find_cases);

/* Described pools: where the run goes; discarded pages are not ready. */
static void find_places(struct kunit *test)
{
	const struct find_case *c = test->param_value;
	struct pgat_pair *pair = new_pair(test, 0);
	unsigned int i;

	pgat_model_window(test, pair->model, 0, 8192);
	grow(test, pair, 0, 8192, PGAT_BUSY);
	for (i = 0; i < ARRAY_SIZE(c->ready) && c->ready[i].nr; i++)
		make(pair, c->ready[i].start, c->ready[i].nr, PGAT_READY);
	KUNIT_EXPECT_EQ(test, find_from_0(pair, PGA_READY, c->nr), c->page);
	KUNIT_EXPECT_EQ(test, find_from_0(pair, PGA_FREE, c->nr), c->page);

	for (i = 0; i < ARRAY_SIZE(c->ready) && c->ready[i].nr; i++)
		make(pair, c->ready[i].start, c->ready[i].nr, PGAT_DISCARDED);
	KUNIT_EXPECT_EQ(test, find_from_0(pair, PGA_READY, c->nr), PGA_NONE);
	KUNIT_EXPECT_EQ(test, find_from_0(pair, PGA_FREE, c->nr), c->page);
}

/* A map that is fuller than its summary: nothing is found. */
static void find_in_broken_books(struct kunit *test)
{
	struct pgat_pair *pair = grown_pair(test, &layouts[2]);
	struct pga_chunk *chunk = pga_store_chunk(&pair->bitmap.tree.store, 0);

	make(pair, 100, 16 * CHUNK - 100, PGAT_BUSY);
	make(pair, 0, 1, PGAT_BUSY);
	bitmap_set(chunk->allocated, 50, 1);
	KUNIT_EXPECT_EQ(test, find_from_0(pair, PGA_FREE, 99), PGA_NONE);
}

/*
 * A pool of more than 2^24 pages, so that stretches of every level up to 5 are
 * wholly free: its model has a cell a chunk.
 */
static struct pgat_pair *large_pair(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, PGA_CHUNK_SHIFT);
	const unsigned long start = BIT(24) - 3 * BLOCK, nr = BIT(24) + 6 * BLOCK;

	pgat_model_window(test, pair->model, start, nr);
	grow(test, pair, start, nr, PGAT_READY);
	return pair;
}

/* Whole stretches of level 4, which have a packing of their own, and wide ones. */
static void large(struct kunit *test)
{
	struct pgat_pair *pair = large_pair(test);
	struct rnd_state random = pgat_random(test);
	const struct pga_tree *tree = &pair->bitmap.tree;
	struct pga_extent range;
	int step;

	pgat_check_sum(test, pga_tree_get(tree, PGA_FREE, 4, 9),
		       pga_sum_whole(BIT(21), true), 4, 9);
	pgat_check_sum(test, pga_tree_get(tree, PGA_FREE, 5, 1),
		       pga_sum_whole(BIT(24), true), 5, 1);
	for (step = 0; step < 12; step++) {
		pgat_check_sums(test, pair);
		check_finds(test, pair, &random);
		range = pgat_random_range(&random, pair->model);
		make(pair, range.start, range.nr, PGAT_BUSY + pgat_below(&random, 3));
	}
}

/* In such a pool: a run and its end next to the border of each level. */
static void large_borders(struct kunit *test)
{
	struct pgat_pair *pair = large_pair(test);
	const struct pga_tree *tree = &pair->bitmap.tree;
	const unsigned long start = tree->first, nr = tree->end - tree->first;
	unsigned long run;
	unsigned int level;

	make(pair, start, nr, PGAT_BUSY);
	for (level = 1; level <= 5; level++) {
		run = pga_level_pages(level) + CHUNK;
		make(pair, BIT(24) - CHUNK, run, PGAT_READY);
		pgat_check_sums(test, pair);
		check_find(test, pair, PGA_FREE, run);
		check_find(test, pair, PGA_READY, run);
		check_find(test, pair, PGA_READY, run + 1);
		make(pair, BIT(24) - CHUNK, run, PGAT_DISCARDED);
		check_find(test, pair, PGA_FREE, run);
		check_find(test, pair, PGA_READY, 1);
	}
}

/* Each summary above a page is the merge of its parts. */
static void check_above(struct kunit *test, const struct pgat_pair *pair,
			unsigned long page)
{
	const struct pga_tree *tree = &pair->bitmap.tree;
	unsigned int level;
	unsigned long i;
	int which;

	for (which = 0; which < PGA_NR_WHICH; which++) {
		for (level = 1; level < tree->root_level; level++) {
			i = page >> pga_level_shift(level);
			pgat_check_sum(test, pga_tree_get(tree, which, level, i),
				       pga_tree_merge(tree, which, level, i), level, i);
		}
	}
}

/*
 * A pool so large that most of a stretch of level 6 is one run.  The run
 * becomes shorter at its ends, breaks in two and in more, and is whole again.
 */
static void largest_breaks(struct kunit *test)
{
	static const struct {
		unsigned long from;
		unsigned long nr;
	} cases[] = {
		{ 6 * BIT(24), CHUNK },	/* the first chunk */
		{ CHUNK, CHUNK },	/* the last of a stretch of level 6 */
		{ CHUNK, 2 * CHUNK },	/* two, and its border */
		{ BIT(24) + CHUNK, 2 * CHUNK },	/* the border of its last part */
		{ BIT(21) + CHUNK, 2 * CHUNK },	/* the border of a part of a part */
		{ 2 * BIT(24) + BIT(18) + CHUNK, 2 * CHUNK },	/* who meet on level 4 */
		{ 2 * BIT(24) + BIT(15) + CHUNK, 2 * CHUNK },	/* on level 3 */
		{ 3 * BIT(24), CHUNK },	/* in the middle */
		{ 3 * BIT(24) + CHUNK, CHUNK },	/* beside that */
		{ 4 * BIT(24) + BIT(23), 4 * CHUNK },	/* some in the middle of a part */
	};
	static const enum pgat_state course[] = {
		PGAT_BUSY, PGAT_DISCARDED, PGAT_READY, PGAT_BUSY,
	};
	struct pgat_pair *pair = new_pair(test, PGA_CHUNK_SHIFT);
	const unsigned long end = BIT(27), start = end - 6 * BIT(24);
	unsigned long page;
	unsigned int i, j;

	pgat_model_window(test, pair->model, start, end + BLOCK - start);
	grow(test, pair, start, end + BLOCK - start, PGAT_READY);
	KUNIT_ASSERT_EQ(test, pair->bitmap.tree.root_level, 7);
	for (j = 0; j < ARRAY_SIZE(course); j++) {
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			page = end - cases[i].from;
			make(pair, page, cases[i].nr, course[j]);
			check_above(test, pair, page);
			check_above(test, pair, page + cases[i].nr - 1);
		}
		check_find(test, pair, PGA_FREE, BIT(24));
		check_find(test, pair, PGA_READY, BIT(24));
	}
	make(pair, start, end + BLOCK - start, PGAT_READY);
	check_find(test, pair, PGA_FREE, end + BLOCK - start);
}

/*
 * A change on level 4 that level 5 passes on to level 6, both wide.  Of a stretch of
 * level 5, the first two parts and the last are free.  Then a chunk at the start of
 * the second part is taken: on level 5 the first run becomes half as long and now has
 * the length that the part had.
 */
static void shrinks_two_wide_levels(struct kunit *test)
{
	static const enum pgat_state states[] = { PGAT_BUSY, PGAT_DISCARDED };
	struct pgat_pair *pair = new_pair(test, PGA_CHUNK_SHIFT);
	const unsigned long part = pga_level_pages(4);
	unsigned int i;

	pgat_model_window(test, pair->model, 0, 2 * part);
	pgat_model_window(test, pair->model, 7 * part, part);
	pgat_model_window(test, pair->model, pga_level_pages(6), CHUNK);
	grow(test, pair, 0, 2 * part, PGAT_READY);
	grow(test, pair, 7 * part, part, PGAT_READY);
	grow(test, pair, pga_level_pages(6), CHUNK, PGAT_READY);
	KUNIT_ASSERT_EQ(test, pair->bitmap.tree.root_level, 7);
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		make(pair, part, CHUNK, states[i]);
		check_above(test, pair, part);
		check_find(test, pair, PGA_READY, part + 1);
		make(pair, part, CHUNK, PGAT_READY);
		check_above(test, pair, part);
		check_find(test, pair, PGA_READY, 2 * part);
	}
}

/* The chunk next below @below with a run of @pages in it; PGA_NONE if none. */
static unsigned long naive_prev(const struct pgat_model *model,
				enum pga_which which, unsigned long pages,
				unsigned long below)
{
	int i;

	for (i = model->nr_windows - 1; i >= 0; i--) {
		const struct pgat_window *w = &model->window[i];
		unsigned long chunk = min(below, pga_chunk_of(w->end - 1) + 1);

		while (chunk-- > pga_chunk_of(w->start))
			if (pgat_model_sum(model, which, pga_chunk_start(chunk),
					   CHUNK).max >= min(pages, CHUNK))
				return chunk;
	}
	return PGA_NONE;
}

/* Ask again until there is an answer. */
static unsigned long prev(struct kunit *test, const struct pga_tree *tree,
			  enum pga_which which, unsigned long pages,
			  unsigned long below, unsigned int budget)
{
	unsigned long chunk = below, before;

	do {
		before = chunk;
		if (pga_tree_prev(tree, which, pages, &chunk, budget)) {
			KUNIT_ASSERT_LT(test, chunk, before);
			return chunk;
		}
		KUNIT_ASSERT_LT_MSG(test, chunk, before, "budget %u", budget);
	} while (chunk);
	return PGA_NONE;
}

static void check_prev(struct kunit *test, const struct pgat_pair *pair,
		       enum pga_which which, unsigned long pages)
{
	static const unsigned int budgets[] = { PGA_NR_LEVELS, 20, 1000000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		unsigned long below = PGA_NONE, got, want;

		do {
			want = naive_prev(pair->model, which, pages, below);
			got = prev(test, &pair->bitmap.tree, which, pages, below,
				   budgets[i]);
			KUNIT_ASSERT_EQ_MSG(test, got, want,
					    "%lu pages below %lu", pages, below);
			below = got;
		} while (below && below != PGA_NONE);
	}
}

/*
 * Downwards over random pools, for runs of up to a chunk: each chunk that has
 * such a run is met, and no other, whatever the budget.
 */
static void prev_random(struct kunit *test)
{
	struct pgat_pair *pair = grown_pair(test, test->param_value);
	struct rnd_state random = pgat_random(test);
	struct pga_extent range;
	int step;

	for (step = 0; step < 8; step++) {
		range = pgat_random_range(&random, pair->model);
		make(pair, range.start, range.nr, PGAT_BUSY + pgat_below(&random, 3));
		check_prev(test, pair, PGA_READY, BIT(pgat_below(&random, 10)));
		check_prev(test, pair, PGA_FREE, BIT(pgat_below(&random, 10)));
	}
}

/*
 * For runs of more than a chunk: a chunk that is met is wholly free, and no
 * chunk of an aligned free run below the start is passed over.
 */
static void prev_long_runs(struct kunit *test)
{
	const unsigned long start = 5 * 8192, nr = 8 * 8192;
	struct pgat_pair *pair = new_pair(test, 0);
	struct rnd_state random = pgat_random(test);
	unsigned long pages, below, run, got;
	struct pga_extent range;
	int step;

	pgat_model_window(test, pair->model, start, nr);
	grow(test, pair, start, nr, PGAT_READY);
	for (step = 0; step < 40; step++) {
		range = pgat_random_range(&random, pair->model);
		make(pair, range.start, min(range.nr, 3000UL), PGAT_BUSY + pgat_below(&random, 3));
		pages = CHUNK << (1 + pgat_below(&random, 4));
		for (run = start + nr - pages; run >= start; run -= pages)
			if (pgat_model_is(pair->model, run, pages, PGAT_READY))
				break;
		below = pga_chunk_of(start + nr);
		do {
			got = prev(test, &pair->bitmap.tree, PGA_READY, pages, below, 50);
			if (got == PGA_NONE)
				break;
			KUNIT_ASSERT_TRUE(test, pgat_model_is(pair->model,
							      pga_chunk_start(got),
							      CHUNK, PGAT_READY));
			below = got;
		} while (pga_chunk_start(got) >= run + pages);
		if (run >= start)
			KUNIT_ASSERT_EQ(test, pga_chunk_start(got), run + pages - CHUNK);
	}
}

/*
 * A budget counts each summary looked at, also those skipped over: with two,
 * the search sees that a node has a run and that its last chunk has none.
 */
static void prev_budget(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 0);
	unsigned long chunk = 64;

	pgat_model_window(test, pair->model, 0, 64 * CHUNK);
	grow(test, pair, 0, 64 * CHUNK, PGAT_BUSY);
	make(pair, 56 * CHUNK, 1, PGAT_READY);
	KUNIT_EXPECT_FALSE(test, pga_tree_prev(&pair->bitmap.tree, PGA_READY, 1, &chunk, 2));
	KUNIT_EXPECT_EQ(test, chunk, 63);
	KUNIT_EXPECT_FALSE(test, pga_tree_prev(&pair->bitmap.tree, PGA_READY, 1, &chunk, 6));
	KUNIT_EXPECT_EQ(test, chunk, 57);
	KUNIT_EXPECT_TRUE(test, pga_tree_prev(&pair->bitmap.tree, PGA_READY, 1, &chunk, 1));
	KUNIT_EXPECT_EQ(test, chunk, 56);
	KUNIT_EXPECT_FALSE(test, pga_tree_prev(&pair->bitmap.tree, PGA_READY, 1, &chunk, 6));
	KUNIT_EXPECT_EQ(test, chunk, 8);
}

/* Chunks that the store does not have are passed over. */
static void prev_skips_holes(struct kunit *test)
{
	struct pgat_pair *pair = grown_pair(test, &layouts[ARRAY_SIZE(layouts) - 1]);
	unsigned long chunk = pga_chunk_of(BIT(33) - 2000);

	KUNIT_EXPECT_TRUE(test, pga_tree_prev(&pair->bitmap.tree, PGA_READY, 1, &chunk, 200));
	KUNIT_EXPECT_EQ(test, chunk, pga_chunk_of(BIT(26) + 999));
}

static struct kunit_case tree_cases[] = {
	KUNIT_CASE(empty),
	KUNIT_CASE_PARAM(growth, layout_gen_params),
	KUNIT_CASE_PARAM(growth_while_used, layout_gen_params),
	KUNIT_CASE_PARAM(updates_random, layout_gen_params),
	KUNIT_CASE(updates_of_one_side),
	KUNIT_CASE_PARAM(find_places, find_gen_params),
	KUNIT_CASE(find_in_broken_books),
	KUNIT_CASE(large),
	KUNIT_CASE(large_borders),
	KUNIT_CASE(largest_breaks),
	KUNIT_CASE(shrinks_two_wide_levels),
	KUNIT_CASE_PARAM(prev_random, layout_gen_params),
	KUNIT_CASE(prev_long_runs),
	KUNIT_CASE(prev_budget),
	KUNIT_CASE(prev_skips_holes),
	{}
};

static struct kunit_suite tree_suite = {
	.name = "pagealloc_tree",
	.exit = tree_exit,
	.test_cases = tree_cases,
};

kunit_test_suite(tree_suite);

MODULE_DESCRIPTION("Tests of pagealloc's summary trees");
MODULE_LICENSE("GPL");
