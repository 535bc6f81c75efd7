// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of engine/map.c and of the contract, on each engine.
 *
 * What one engine does with its trees and maps is tested in its own suites, and
 * that both grant the same requests in engines_kunit.c.  Here are the promises that
 * the pool relies on and that both must keep in the same way.
 */

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "engine/bitmap/engine.h"
#include "engine/span/engine.h"
#include "lib/testlib.h"

#define CHUNK	PGA_CHUNK_PAGES

/* An engine that is emptied with its test. */
union fixture {
	struct pga_map map;
	char room[PGA_MAP_SIZE];
};

static const struct engine {
	const char *name;
	const struct pga_engine_ops *ops;
} engines[] = {
	{ "bitmap", &pga_bitmap_engine },
	{ "span", &pga_span_engine },
};

PGAT_ARRAY_PARAM(engine, engines);

static void map_exit(struct kunit *test)
{
	if (test->priv)
		pga_map_drain(test->priv, pgat_release);
}

static struct pga_map *new_map(struct kunit *test)
{
	const struct engine *engine = test->param_value;
	union fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	pga_map_init(&f->map, engine->ops, PAGE_SIZE, PAGE_SIZE);
	test->priv = &f->map;
	return &f->map;
}

/* Fill the reserve. */
static void feed(struct kunit *test, struct pga_map *map)
{
	void *node;

	while (pga_map_wants(map)) {
		node = kzalloc(map->ops->node_size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, node);
		pga_map_feed(map, node);
	}
}

static void grow(struct kunit *test, struct pga_map *map, unsigned long page,
		 unsigned long nr, enum pga_made made)
{
	struct pga_parts parts;
	bool grown;

	pga_map_missing(map, page, nr, &parts);
	pgat_parts_get(test, &parts);
	grown = pga_map_grow(map, page, nr, made, &parts);
	pgat_parts_put(&parts);
	KUNIT_ASSERT_TRUE(test, grown);
}

/* An engine with two ready chunks, a hole, and a discarded chunk. */
static struct pga_map *grown_map(struct kunit *test)
{
	struct pga_map *map = new_map(test);

	feed(test, map);
	grow(test, map, 0, 2 * CHUNK, PGA_MADE_READY);
	grow(test, map, 3 * CHUNK, CHUNK, PGA_MADE_DISCARDED);
	return map;
}

static void expect_count(struct kunit *test, const struct pga_map *map,
			 unsigned long page, unsigned long nr,
			 unsigned long allocated, unsigned long free)
{
	const struct pga_count count = pga_map_count(map, page, nr);

	KUNIT_EXPECT_EQ_MSG(test, count.allocated, allocated, "%lu+%lu", page, nr);
	KUNIT_EXPECT_EQ_MSG(test, count.free, free, "%lu+%lu", page, nr);
}

/* Counts of ranges, holes among them, and the tests and gauges made of them. */
static void counts(struct kunit *test)
{
	struct pga_map *map = grown_map(test);

	KUNIT_ASSERT_TRUE(test, pga_map_alloc(map, 100, 50));
	KUNIT_ASSERT_TRUE(test, pga_map_hold(map, 3 * CHUNK, 10));
	expect_count(test, map, 0, 2 * CHUNK, 50, 2 * CHUNK - 50);
	expect_count(test, map, 120, 60, 30, 30);
	expect_count(test, map, CHUNK, 3 * CHUNK, CHUNK + 10, 2 * CHUNK - 10);
	KUNIT_EXPECT_TRUE(test, pga_map_test(map, 100, 50, true));
	KUNIT_EXPECT_FALSE(test, pga_map_test(map, 99, 50, true));
	KUNIT_EXPECT_TRUE(test, pga_map_test(map, 150, 500, false));
	KUNIT_EXPECT_FALSE(test, pga_map_test(map, 149, 500, false));
	KUNIT_EXPECT_EQ(test, pga_map_busy(map, 90, 110), 10);
	KUNIT_EXPECT_EQ(test, pga_map_busy(map, 110, 90), 0);
	KUNIT_EXPECT_EQ(test, map->pages, 3 * CHUNK);
	KUNIT_EXPECT_EQ(test, map->free, 3 * CHUNK - 60);
	KUNIT_EXPECT_EQ(test, map->discarded, CHUNK - 10);
}

/* Memory counts once the engine has taken it, also if the growth failed then. */
static void bytes(struct kunit *test)
{
	struct pga_map *map = new_map(test);
	size_t before, taken = 0;
	struct pga_parts parts;
	unsigned int i, last = 0;
	void *withheld;

	feed(test, map);
	before = map->bytes;
	pga_map_missing(map, 0, CHUNK, &parts);
	pgat_parts_get(test, &parts);
	for (i = 0; i < PGA_PARTS; i++)
		if (parts.size[i])
			last = i;
	withheld = pga_parts_take(&parts, last);
	KUNIT_EXPECT_FALSE(test, pga_map_grow(map, 0, CHUNK, PGA_MADE_READY, &parts));
	for (i = 0; i < PGA_PARTS; i++)
		if (i != last && !parts.memory[i])
			taken += parts.size[i];
	KUNIT_EXPECT_EQ(test, map->bytes, before + taken);
	KUNIT_EXPECT_EQ(test, map->pages, 0);
	parts.memory[last] = withheld;
	KUNIT_EXPECT_TRUE(test, pga_map_grow(map, 0, CHUNK, PGA_MADE_READY, &parts));
	taken = 0;
	for (i = 0; i < PGA_PARTS; i++)
		taken += parts.size[i];
	KUNIT_EXPECT_EQ(test, pga_parts_bytes(&parts), 0);
	KUNIT_EXPECT_EQ(test, map->bytes, before + taken);
	pgat_parts_put(&parts);
}

/* The reserve asks for nodes up to a number, and gives back what is above twice it. */
static void reserve(struct kunit *test)
{
	struct pga_map *map = new_map(test);
	const size_t size = map->ops->node_size;
	unsigned int i;
	void *node;

	KUNIT_EXPECT_EQ(test, pga_map_wants(map), size ? PGA_RESERVE_NODES : 0);
	KUNIT_EXPECT_NULL(test, pga_map_surplus(map));
	KUNIT_EXPECT_NULL(test, pga_map_take_node(map));
	if (!size)
		return;
	for (i = 1; i <= 2 * PGA_RESERVE_NODES + 3; i++) {
		node = kzalloc(size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, node);
		pga_map_feed(map, node);
		KUNIT_EXPECT_EQ(test, map->bytes, i * size);
		KUNIT_EXPECT_EQ(test, pga_map_wants(map), i < PGA_RESERVE_NODES ?
				PGA_RESERVE_NODES - i : 0);
	}
	for (i = 0; (node = pga_map_surplus(map)); i++)
		kfree(node);
	KUNIT_EXPECT_EQ(test, i, 3);
	KUNIT_EXPECT_EQ(test, map->bytes, 2 * PGA_RESERVE_NODES * size);
	node = pga_map_take_node(map);
	KUNIT_ASSERT_NOT_NULL(test, node);
	pga_map_give_node(map, node);
	KUNIT_EXPECT_PTR_EQ(test, pga_map_take_node(map), node);
	kfree(node);
}

/* Ticks: no more than half a round for a delay, in the shortest possible ticks. */
static void ticks(struct kunit *test)
{
	static const u64 delays[] = { 1, 1000000, 126ULL << 20, 127ULL << 20,
				      10000000000ULL, 3600000000000ULL };
	struct pga_map *map = new_map(test);
	unsigned int i, age, shift;
	u64 now;

	KUNIT_EXPECT_EQ(test, map->tick, 0);
	for (i = 0; i < ARRAY_SIZE(delays); i++) {
		pga_map_set_delay(map, delays[i]);
		shift = map->tick_shift;
		KUNIT_EXPECT_LT(test, delays[i] >> shift, PGA_TICKS / 2);
		KUNIT_EXPECT_TRUE(test, shift == 20 ||
				  delays[i] >> (shift - 1) >= PGA_TICKS / 2);
		for (age = 0; age < PGA_TICKS; age++) {
			now = (u64)(1000 + age) << shift;
			pga_map_tell_time(map, now + 1);
			KUNIT_ASSERT_NE(test, map->tick, 0);
			KUNIT_ASSERT_EQ(test, map->now, now + 1);
			KUNIT_ASSERT_EQ(test, pga_ticks_between(pga_tick_at(1000ULL << shift,
									    shift),
								map->tick), age);
		}
	}
	pga_map_set_delay(map, 0);
	KUNIT_EXPECT_EQ(test, map->tick, 0);
}

static bool next_idle(struct pga_map *map, struct pga_extent *e)
{
	const struct pga_piece piece = { 1, PGA_NONE, 0 };
	struct pga_sweep sweep = { .idle = true };
	bool found;

	do {
		found = pga_map_next_idle(map, &sweep, 8, &piece, e);
	} while (!found && !sweep.over);
	return found;
}

/* Pages that were held and come back ready can be given back. */
static void put_offers(struct kunit *test)
{
	struct pga_map *map = new_map(test);
	struct pga_extent e;

	feed(test, map);
	grow(test, map, 0, CHUNK, PGA_MADE_DISCARDED);
	KUNIT_EXPECT_FALSE(test, next_idle(map, &e));
	KUNIT_ASSERT_TRUE(test, pga_map_hold(map, 64, 20));
	KUNIT_ASSERT_TRUE(test, pga_map_put(map, 64, 20, PGA_MADE_READY));
	pga_map_next_generation(map);
	KUNIT_ASSERT_TRUE(test, next_idle(map, &e));
	KUNIT_EXPECT_EQ(test, e.start, 64);
	KUNIT_EXPECT_EQ(test, e.nr, 20);
}

/* A sweep leaves young pages alone, and one that begins later finds them. */
static void later_sweep(struct kunit *test)
{
	const u64 delay = 1000000000, start = 5000000000;
	struct pga_map *map = grown_map(test);
	struct pga_extent e;

	pga_map_set_delay(map, delay);
	pga_map_tell_time(map, start);
	KUNIT_ASSERT_TRUE(test, pga_map_alloc(map, 0, 2 * CHUNK));
	KUNIT_EXPECT_FALSE(test, next_idle(map, &e));
	KUNIT_EXPECT_FALSE(test, pga_map_too_young(map));
	KUNIT_ASSERT_TRUE(test, pga_map_free(map, CHUNK, CHUNK));
	pga_map_next_generation(map);
	pga_map_tell_time(map, start + delay / 2);
	KUNIT_EXPECT_FALSE(test, next_idle(map, &e));
	KUNIT_EXPECT_TRUE(test, pga_map_too_young(map));
	pga_map_tell_time(map, start + delay + (1ULL << map->tick_shift));
	KUNIT_ASSERT_TRUE(test, next_idle(map, &e));
	KUNIT_EXPECT_EQ(test, e.start, CHUNK);
	KUNIT_EXPECT_EQ(test, e.nr, CHUNK);
}

/* What an engine does without is answered for it. */
static void optional(struct kunit *test)
{
	struct pga_map *map = grown_map(test);
	const struct pga_words *words = pga_map_words(map, 0);
	struct pga_span_state span;

	KUNIT_EXPECT_EQ(test, !words, !map->ops->words);
	KUNIT_ASSERT_TRUE(test, pga_map_alloc(map, 64, 3));
	KUNIT_EXPECT_EQ(test, pga_map_allocated(map, 64), 7);
	if (words)
		KUNIT_EXPECT_EQ(test, *pga_word_at(words, 70), 7);
	KUNIT_EXPECT_EQ(test, pga_map_next_span(map, 0, &span),
			pga_map_has_spans(map));
	KUNIT_EXPECT_EQ(test, pga_map_unpark(map, 10), 0);
}

static struct kunit_case map_cases[] = {
	KUNIT_CASE_PARAM(counts, engine_gen_params),
	KUNIT_CASE_PARAM(bytes, engine_gen_params),
	KUNIT_CASE_PARAM(reserve, engine_gen_params),
	KUNIT_CASE_PARAM(ticks, engine_gen_params),
	KUNIT_CASE_PARAM(put_offers, engine_gen_params),
	KUNIT_CASE_PARAM(later_sweep, engine_gen_params),
	KUNIT_CASE_PARAM(optional, engine_gen_params),
	{}
};

static struct kunit_suite map_suite = {
	.name = "pagealloc_map",
	.exit = map_exit,
	.test_cases = map_cases,
};

kunit_test_suite(map_suite);

MODULE_DESCRIPTION("Tests of the contract of pagealloc's engines");
MODULE_LICENSE("GPL");
