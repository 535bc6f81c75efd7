// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of engine/bitmap/verify.c: the examination reports each fault, at its
 * place, and nothing else.
 */

#include <linux/module.h>

#include "engine/bitmap/bitmap.h"
#include "lib/testlib.h"

#define CHUNK	PGA_CHUNK_PAGES

/**
 * struct examination - what an examination has found
 * @v: the examination
 * @faults: how many
 * @levels: a bit for each level at which there was one
 * @trees: a bit for each tree in which there was one
 * @page: page of the first
 */
struct examination {
	struct pga_verify v;
	unsigned int faults;
	unsigned long levels;
	unsigned long trees;
	unsigned long page;
};

static void note(struct pga_verify *v, const char *what, int level, unsigned long page,
		 u64 got, u64 want)
{
	struct examination *e = container_of(v, struct examination, v);

	if (!e->faults++)
		e->page = page;
	e->levels |= BIT(level);
	e->trees |= BIT(strncmp(what, "free", 4) ? PGA_READY : PGA_FREE);
}

static struct examination examine(const struct pga_map *map)
{
	struct examination e = { .v.report = note };

	while (pga_map_verify(map, &e.v))
		;
	return e;
}

static void verify_exit(struct kunit *test)
{
	if (test->priv)
		pgat_pair_free(test->priv);
}

static void add(struct kunit *test, struct pgat_pair *pair, unsigned long page,
		unsigned long nr)
{
	pgat_model_window(test, pair->model, page, nr);
	pgat_pair_grow(test, pair, page, nr, PGA_MADE_READY);
}

/* A pool with some levels below its root; parts of the first chunk are in use. */
static struct pgat_pair *new_pair(struct kunit *test, unsigned int levels)
{
	struct pgat_pair *pair = pgat_pair_create(test, 0);

	test->priv = pair;
	add(test, pair, 0, 2 * CHUNK);
	add(test, pair, pga_level_pages(levels) - CHUNK, CHUNK);
	KUNIT_ASSERT_TRUE(test, pga_map_alloc(pair->map, 10, 20));
	KUNIT_ASSERT_TRUE(test, pga_map_hold(pair->map, 100, 20));
	KUNIT_ASSERT_TRUE(test, pga_map_put(pair->map, 100, 20, PGA_MADE_DISCARDED));
	KUNIT_ASSERT_EQ(test, pair->bitmap.tree.root_level, levels);
	return pair;
}

/* The levels that a kernel with KASAN goes through in some seconds. */
#define LEVELS	7

/*
 * A summary is wrong in each of its fields, in each tree and on each level below
 * the root.  It is reported on its level, and on the one above, which is no longer
 * the sum of its parts.
 */
static void wrong_summary(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, LEVELS);
	struct pga_tree *tree = &pair->bitmap.tree;
	unsigned int level, which, field;
	struct examination e;
	struct pga_sum sum, bad;

	KUNIT_EXPECT_EQ(test, examine(pair->map).faults, 0);
	for (level = 0; level < LEVELS; level++) {
		for (which = 0; which < PGA_NR_WHICH; which++) {
			sum = pga_tree_get(tree, which, level, 0);
			for (field = 0; field < 3; field++) {
				bad = sum;
				bad.start -= field == 0;
				bad.max -= field == 1;
				bad.end += field == 2;
				pga_tree_set(tree, which, level, 0, bad);
				e = examine(pair->map);
				KUNIT_EXPECT_TRUE_MSG(test, e.levels & BIT(level),
						      "level %u, field %u", level, field);
				KUNIT_EXPECT_EQ(test, e.trees, BIT(which));
				KUNIT_EXPECT_EQ(test, e.page, 0);
			}
			pga_tree_set(tree, which, level, 0, sum);
		}
	}
	KUNIT_EXPECT_EQ(test, examine(pair->map).faults, 0);
}

/* A page of the last chunk is not what its summaries say. */
static void wrong_map(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 4);
	const unsigned long page = pga_level_pages(4) - CHUNK;
	struct pga_chunk *chunk = pga_store_chunk(&pair->bitmap.tree.store,
						  pga_chunk_of(page));
	struct examination e;

	__set_bit(7, chunk->allocated);
	e = examine(pair->map);
	KUNIT_EXPECT_EQ(test, e.levels, BIT(0));
	KUNIT_EXPECT_EQ(test, e.trees, BIT(PGA_FREE) | BIT(PGA_READY));
	KUNIT_EXPECT_EQ(test, e.page, page);
	__clear_bit(7, chunk->allocated);
	__set_bit(7, chunk->discarded);
	e = examine(pair->map);
	KUNIT_EXPECT_EQ(test, e.levels, BIT(0));
	KUNIT_EXPECT_EQ(test, e.trees, BIT(PGA_READY));
}

/* A step looks at four chunks, or at one summary of a level from 3 on. */
static void steps(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 5);
	struct examination e = { .v.report = note };
	unsigned long page = 0, nr = 0;

	while (pga_map_verify(pair->map, &e.v) && !e.v.stage) {
		KUNIT_ASSERT_GT(test, e.v.page, page);
		KUNIT_ASSERT_EQ(test, e.v.page % (4 * CHUNK), 0);
		page = e.v.page;
		nr++;
	}
	/* Both blocks that it has memory for. */
	KUNIT_EXPECT_EQ(test, nr, 2 * BIT(PGA_BLOCK_SHIFT) / (4 * CHUNK));
	for (nr = 0; pga_map_verify(pair->map, &e.v); nr++)
		;
	/* Each of level 3 and 4, and the end of each level. */
	KUNIT_EXPECT_EQ(test, nr, 64 + 1 + 8 + 1);
	KUNIT_EXPECT_EQ(test, e.faults, 0);
}

static struct kunit_case verify_cases[] = {
	KUNIT_CASE(wrong_summary),
	KUNIT_CASE(wrong_map),
	KUNIT_CASE(steps),
	{}
};

static struct kunit_suite verify_suite = {
	.name = "pagealloc_verify",
	.exit = verify_exit,
	.test_cases = verify_cases,
};

kunit_test_suite(verify_suite);

MODULE_DESCRIPTION("Tests of the examination of pagealloc's bitmap engine");
MODULE_LICENSE("GPL");
