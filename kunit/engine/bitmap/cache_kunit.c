// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of taking blocks of 64 pages out of the maps and putting them back, by
 * the page cache of the traces (lib/cache.h).
 *
 * The model of a cache has a state of the flat model for each of its 64 pages:
 * a hole if the page is not in the cache.
 */

#include <linux/module.h>

#include "lib/cache.h"
#include "lib/testlib.h"

#define CHUNK	PGA_CHUNK_PAGES
#define CACHE	PGA_CACHE_PAGES

static void cache_exit(struct kunit *test)
{
	if (test->priv)
		pgat_pair_free(test->priv);
}

/* An engine with chunks 0 to @chunks - 1, and one more after a hole. */
static struct pgat_pair *new_pair(struct kunit *test, unsigned int chunks,
				  enum pga_made made)
{
	struct pgat_pair *pair = pgat_pair_create(test, 0);

	test->priv = pair;
	pgat_model_window(test, pair->model, 0, chunks * CHUNK);
	pgat_pair_grow(test, pair, 0, chunks * CHUNK, made);
	pgat_model_window(test, pair->model, (chunks + 1) * CHUNK, CHUNK);
	pgat_pair_grow(test, pair, (chunks + 1) * CHUNK, CHUNK, made);
	return pair;
}

/* Allocate free pages. */
static void take(struct kunit *test, struct pgat_pair *pair, unsigned long page,
		 unsigned long nr)
{
	KUNIT_ASSERT_TRUE(test, pga_map_alloc(pair->map, page, nr));
	pgat_model_set(pair->model, page, nr, PGAT_BUSY);
}

/* Free pages in use. */
static void give(struct kunit *test, struct pgat_pair *pair, unsigned long page,
		 unsigned long nr)
{
	KUNIT_ASSERT_TRUE(test, pga_map_free(pair->map, page, nr));
	pgat_model_set(pair->model, page, nr, PGAT_READY);
}

/* Discard free pages. */
static void discard(struct kunit *test, struct pgat_pair *pair,
		    unsigned long page, unsigned long nr)
{
	KUNIT_ASSERT_TRUE(test, pga_map_hold(pair->map, page, nr));
	KUNIT_ASSERT_TRUE(test, pga_map_put(pair->map, page, nr,
					    PGA_MADE_DISCARDED));
	pgat_model_set(pair->model, page, nr, PGAT_DISCARDED);
}

static void check_counts(struct kunit *test, const struct pgat_pair *pair)
{
	const unsigned long ready = pgat_model_count(pair->model, PGAT_READY);
	const unsigned long discarded = pgat_model_count(pair->model, PGAT_DISCARDED);

	KUNIT_ASSERT_EQ(test, pair->map->free, ready + discarded);
	KUNIT_ASSERT_EQ(test, pair->map->discarded, discarded);
}

static void check_all(struct kunit *test, const struct pgat_pair *pair)
{
	check_counts(test, pair);
	pgat_check_maps(test, pair);
	pgat_check_sums(test, pair);
}

/* The cache is empty, in all its fields. */
static void check_empty(struct kunit *test, const struct pga_cache *cache)
{
	KUNIT_EXPECT_EQ(test, cache->base, 0);
	KUNIT_EXPECT_EQ(test, cache->owned, 0);
	KUNIT_EXPECT_EQ(test, cache->discarded, 0);
}

static unsigned int in_use(const struct pgat_pair *pair, unsigned long chunk)
{
	const struct pga_block *block =
		pga_store_block(&pair->bitmap.tree.store, pga_chunk_start(chunk));

	return pga_usage_unpack(block->usage[chunk % PGA_BLOCK_CHUNKS]).in_use;
}

/* A whole block is taken, and the maps have it as allocated and in use. */
static void refill_whole(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 2, PGA_MADE_READY);
	struct pga_cache cache = {};

	KUNIT_EXPECT_TRUE(test, pgat_cache_refill(&cache, pair->map, PGA_FREE));
	KUNIT_EXPECT_EQ(test, cache.base, 0);
	KUNIT_EXPECT_EQ(test, cache.owned, ~0ULL);
	KUNIT_EXPECT_EQ(test, cache.discarded, 0);
	KUNIT_EXPECT_EQ(test, in_use(pair, 0), CACHE);
	pgat_model_set(pair->model, 0, CACHE, PGAT_BUSY);
	check_all(test, pair);
}

/* Of the block with the lowest free page exactly the free pages are taken. */
static void refill_part(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 2, PGA_MADE_READY);
	struct pga_cache cache = {};

	take(test, pair, 0, CHUNK + 3 * CACHE);
	give(test, pair, CHUNK + 64 + 1, 1);
	give(test, pair, CHUNK + 64 + 9, 7);
	give(test, pair, CHUNK + 64 + 63, 1);
	discard(test, pair, CHUNK + 64 + 10, 2);
	KUNIT_EXPECT_TRUE(test, pgat_cache_refill(&cache, pair->map, PGA_FREE));
	KUNIT_EXPECT_EQ(test, cache.base, CHUNK + 64);
	KUNIT_EXPECT_EQ(test, cache.owned, BIT_ULL(63) | GENMASK_ULL(15, 9) | BIT_ULL(1));
	KUNIT_EXPECT_EQ(test, cache.discarded, GENMASK_ULL(11, 10));
	KUNIT_EXPECT_EQ(test, in_use(pair, 1), 3 * CACHE);
	pgat_model_set(pair->model, CHUNK + 64, CACHE, PGAT_BUSY);
	check_all(test, pair);
}

/* A refill of ready pages takes the block of the lowest one, and leaves others. */
static void refill_ready(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 2, PGA_MADE_DISCARDED);
	struct pga_cache cache = {};

	take(test, pair, CHUNK + 128 + 20, 30);
	give(test, pair, CHUNK + 128 + 25, 10);
	KUNIT_EXPECT_TRUE(test, pgat_cache_refill(&cache, pair->map, PGA_READY));
	KUNIT_EXPECT_EQ(test, cache.base, CHUNK + 128);
	KUNIT_EXPECT_EQ(test, cache.owned, GENMASK_ULL(34, 25));
	KUNIT_EXPECT_EQ(test, cache.discarded, 0);
	pgat_model_set(pair->model, CHUNK + 128 + 25, 10, PGAT_BUSY);
	check_all(test, pair);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_FREE, 1), 0);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_READY, 1), PGA_NONE);
}

/* Without such a page a refill fails and changes nothing. */
static void refill_in_vain(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 1, PGA_MADE_DISCARDED);
	struct pga_cache cache = {};

	KUNIT_EXPECT_FALSE(test, pgat_cache_refill(&cache, pair->map, PGA_READY));
	check_empty(test, &cache);
	take(test, pair, 0, CHUNK);
	take(test, pair, 2 * CHUNK, CHUNK);
	KUNIT_EXPECT_FALSE(test, pgat_cache_refill(&cache, pair->map, PGA_FREE));
	check_empty(test, &cache);
	check_all(test, pair);
}

/* The pages of a cache, a request, and its result. */
static const struct alloc_case {
	const char *name;
	u64 owned;
	u64 discarded;
	unsigned int nr;
	unsigned int at;
	unsigned int found;
} alloc_cases[] = {
	{ "all of it", ~0ULL, 0, 64, 0, 0 },
	{ "all of it, all discarded", ~0ULL, ~0ULL, 64, 0, 64 },
	{ "63 of 64", ~0ULL, BIT_ULL(63), 63, 0, 0 },
	{ "63 of the upper 63", ~1ULL, BIT_ULL(63), 63, 1, 1 },
	{ "64 of the upper 63", ~1ULL, 0, 64, 64, 0 },
	{ "one, the first", ~0ULL, 1, 1, 0, 1 },
	{ "one, the last", BIT_ULL(63), BIT_ULL(63), 1, 63, 1 },
	{ "one of none", 0, 0, 1, 64, 0 },
	{ "the first that fits, not the best", 0xf0f700ULL, 0x300ULL, 3, 8, 2 },
	{ "past what is too short", 0xf0f700ULL, 0x300ULL, 4, 12, 0 },
	{ "too many in a row", 0xf0f700ULL, 0, 5, 64, 0 },
	{ "every other page", 0xaaaaaaaaaaaaaaaaULL, 0x2, 1, 1, 1 },
	{ "two of every other page", 0xaaaaaaaaaaaaaaaaULL, 0, 2, 64, 0 },
	{ "at the upper end", 0xfffe000000000000ULL, BIT_ULL(49), 15, 49, 1 },
};

PGAT_ARRAY_PARAM(alloc, alloc_cases);

/* A run is taken out of the cache, or nothing of it changes. */
static void alloc(struct kunit *test)
{
	const struct alloc_case *c = test->param_value;
	struct pga_cache cache = { 640, c->owned, c->discarded };
	const bool fits = c->at < CACHE;
	unsigned int discarded = 77;
	unsigned long page;
	u64 left;

	page = pgat_cache_alloc(&cache, c->nr, &discarded);
	KUNIT_EXPECT_EQ(test, page, fits ? 640 + c->at : PGA_NONE);
	left = fits ? ~((c->nr < 64 ? BIT_ULL(c->nr) - 1 : ~0ULL) << c->at) : ~0ULL;
	KUNIT_EXPECT_EQ(test, cache.owned, c->owned & left);
	KUNIT_EXPECT_EQ(test, cache.discarded, c->discarded & left);
	if (fits)
		KUNIT_EXPECT_EQ(test, discarded, c->found);
}

/* A flush at once restores all: maps, marks, summaries, and what is in use. */
static void flush_at_once(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 2, PGA_MADE_DISCARDED);
	struct pga_cache cache = {};

	take(test, pair, 0, 50);
	give(test, pair, 20, 10);
	KUNIT_ASSERT_TRUE(test, pgat_cache_refill(&cache, pair->map, PGA_FREE));
	KUNIT_EXPECT_EQ(test, cache.discarded, GENMASK_ULL(63, 50));
	pgat_cache_flush(&cache, pair->map);
	check_empty(test, &cache);
	check_all(test, pair);
	KUNIT_EXPECT_EQ(test, in_use(pair, 0), 40);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_FREE, 1), 20);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_READY, 1), 20);
}

/* A flush gives back what was not allocated, each page as it was. */
static void flush_the_rest(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 1, PGA_MADE_DISCARDED);
	struct pga_cache cache = {};
	unsigned int discarded;

	take(test, pair, 0, 30);
	give(test, pair, 0, 30);
	KUNIT_ASSERT_TRUE(test, pgat_cache_refill(&cache, pair->map, PGA_FREE));
	KUNIT_EXPECT_EQ(test, pgat_cache_alloc(&cache, 10, &discarded), 0);
	KUNIT_EXPECT_EQ(test, discarded, 0);
	KUNIT_EXPECT_EQ(test, pgat_cache_alloc(&cache, 30, &discarded), 10);
	KUNIT_EXPECT_EQ(test, discarded, 10);
	pgat_cache_flush(&cache, pair->map);
	pgat_model_set(pair->model, 0, 40, PGAT_BUSY);
	check_all(test, pair);
	KUNIT_EXPECT_EQ(test, in_use(pair, 0), 40);
}

/* Flushing an empty cache changes nothing, be it new or flushed already. */
static void flush_empty(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 1, PGA_MADE_READY);
	struct pga_cache cache = {};

	pgat_cache_flush(&cache, pair->map);
	check_empty(test, &cache);
	check_all(test, pair);
	KUNIT_EXPECT_EQ(test, pair->bitmap.index.high, 0);
	KUNIT_ASSERT_TRUE(test, pgat_cache_refill(&cache, pair->map, PGA_FREE));
	pgat_cache_flush(&cache, pair->map);
	take(test, pair, 0, CACHE);
	pgat_cache_flush(&cache, pair->map);
	check_all(test, pair);
	KUNIT_EXPECT_EQ(test, in_use(pair, 0), CACHE);
}

/* Flushing a cache whose pages were all allocated does not touch them. */
static void flush_used_up(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 1, PGA_MADE_DISCARDED);
	struct pga_cache cache = {};
	unsigned int discarded;

	KUNIT_ASSERT_TRUE(test, pgat_cache_refill(&cache, pair->map, PGA_FREE));
	KUNIT_EXPECT_EQ(test, pgat_cache_alloc(&cache, CACHE, &discarded), 0);
	KUNIT_EXPECT_EQ(test, discarded, CACHE);
	pgat_cache_flush(&cache, pair->map);
	pgat_model_set(pair->model, 0, CACHE, PGAT_BUSY);
	check_all(test, pair);
	KUNIT_EXPECT_EQ(test, pair->bitmap.index.high, 0);
}

/* Pages freed into the block of a cache are in the maps, and a second cache's. */
static void two_of_a_block(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 1, PGA_MADE_READY);
	struct pga_cache first = {}, second = {};
	unsigned int discarded;

	KUNIT_ASSERT_TRUE(test, pgat_cache_refill(&first, pair->map, PGA_FREE));
	KUNIT_EXPECT_EQ(test, pgat_cache_alloc(&first, 8, &discarded), 0);
	pgat_model_set(pair->model, 0, CACHE, PGAT_BUSY);
	give(test, pair, 2, 4);
	KUNIT_ASSERT_TRUE(test, pgat_cache_refill(&second, pair->map, PGA_FREE));
	KUNIT_EXPECT_EQ(test, second.base, 0);
	KUNIT_EXPECT_EQ(test, second.owned, GENMASK_ULL(5, 2));
	pgat_cache_flush(&first, pair->map);
	pgat_cache_flush(&second, pair->map);
	pgat_model_set(pair->model, 2, 4, PGAT_READY);
	pgat_model_set(pair->model, 8, CACHE - 8, PGAT_READY);
	check_all(test, pair);
}

#define CACHES	4

/* A cache and what is in it, page by page. */
struct pair_cache {
	struct pga_cache cache;
	u8 page[CACHE];
};

static bool model_empty(const struct pair_cache *c)
{
	unsigned int i;

	for (i = 0; i < CACHE; i++)
		if (c->page[i] != PGAT_HOLE)
			return false;
	return true;
}

static void check_cache(struct kunit *test, const struct pair_cache *c)
{
	u64 owned = 0, discarded = 0;
	unsigned int i;

	for (i = 0; i < CACHE; i++) {
		owned |= (u64)(c->page[i] != PGAT_HOLE) << i;
		discarded |= (u64)(c->page[i] == PGAT_DISCARDED) << i;
	}
	KUNIT_ASSERT_EQ(test, c->cache.owned, owned);
	KUNIT_ASSERT_EQ(test, c->cache.discarded, discarded);
}

static void step_refill(struct kunit *test, struct pgat_pair *pair,
			struct pair_cache *c, enum pga_which which)
{
	const unsigned long page = pgat_model_find(pair->model, which, 1);
	const unsigned long base = ALIGN_DOWN(page, CACHE);
	enum pgat_state state;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, pgat_cache_refill(&c->cache, pair->map, which),
			page != PGA_NONE);
	if (page == PGA_NONE)
		return;
	KUNIT_ASSERT_EQ(test, c->cache.base, base);
	for (i = 0; i < CACHE; i++) {
		state = pgat_model_get(pair->model, base + i);
		if (state != PGAT_READY &&
		    (state != PGAT_DISCARDED || which == PGA_READY))
			continue;
		c->page[i] = state;
		pgat_model_set(pair->model, base + i, 1, PGAT_BUSY);
	}
}

static bool all_there(const struct pair_cache *c, unsigned int at,
		      unsigned int nr)
{
	while (nr && c->page[at + nr - 1] != PGAT_HOLE)
		nr--;
	return !nr;
}

static void step_alloc(struct kunit *test, struct pair_cache *c, unsigned int nr)
{
	unsigned int at, i, discarded = 0, got_discarded = 0;
	unsigned long page;

	for (at = 0; at + nr <= CACHE && !all_there(c, at, nr); at++)
		;
	page = pgat_cache_alloc(&c->cache, nr, &got_discarded);
	if (at + nr > CACHE) {
		KUNIT_ASSERT_EQ(test, page, PGA_NONE);
		return;
	}
	for (i = at; i < at + nr; i++) {
		discarded += c->page[i] == PGAT_DISCARDED;
		c->page[i] = PGAT_HOLE;
	}
	KUNIT_ASSERT_EQ(test, page, c->cache.base + at);
	KUNIT_ASSERT_EQ(test, got_discarded, discarded);
}

static void step_flush(struct pgat_pair *pair, struct pair_cache *c)
{
	unsigned int i;

	for (i = 0; i < CACHE; i++) {
		if (c->page[i] != PGAT_HOLE)
			pgat_model_set(pair->model, c->cache.base + i, 1, c->page[i]);
		c->page[i] = PGAT_HOLE;
	}
	pgat_cache_flush(&c->cache, pair->map);
}

static bool cached(const struct pair_cache *caches, unsigned long page)
{
	const struct pair_cache *c;

	for (c = caches; c < caches + CACHES; c++)
		if (!model_empty(c) && page - c->cache.base < CACHE &&
		    c->page[page - c->cache.base] != PGAT_HOLE)
			return true;
	return false;
}

/* The first part of a random range that is all in one state becomes another. */
static void step_map(struct kunit *test, struct pgat_pair *pair,
		     const struct pair_cache *caches, struct rnd_state *random)
{
	const struct pga_extent range = pgat_random_range(random, pair->model);
	const enum pgat_state state = pgat_model_get(pair->model, range.start);
	unsigned long nr = 0;

	while (nr < range.nr && !cached(caches, range.start + nr) &&
	       pgat_model_get(pair->model, range.start + nr) == state)
		nr++;
	if (!nr)
		return;
	if (state == PGAT_BUSY)
		give(test, pair, range.start, nr);
	else if (pgat_below(random, 3))
		take(test, pair, range.start, nr);
	else
		discard(test, pair, range.start, nr);
}

static void random_step(struct kunit *test, struct pgat_pair *pair,
			struct pair_cache *caches, struct rnd_state *random)
{
	struct pair_cache *c = &caches[pgat_below(random, CACHES)];

	switch (pgat_below(random, 8)) {
	case 0:
		step_flush(pair, c);
		break;
	case 1 ... 3:
		step_map(test, pair, caches, random);
		break;
	default:
		if (model_empty(c))
			step_refill(test, pair, c, pgat_below(random, PGA_NR_WHICH));
		step_alloc(test, c, pgat_length(random, CACHE));
	}
	check_cache(test, c);
}

/*
 * Four caches over few pages, refilled, used and flushed among allocations,
 * frees and discards past them, at random: after each step the cache holds what
 * the model says and the counts are right, and every so often each bit, each
 * summary and the first fits are.
 */
static void random_run(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 2, PGA_MADE_DISCARDED);
	struct pair_cache *caches = kunit_kcalloc(test, CACHES, sizeof(*caches), GFP_KERNEL);
	struct rnd_state random = pgat_random(test);
	unsigned int step, i;

	KUNIT_ASSERT_NOT_NULL(test, caches);
	for (step = 0; step < 20000; step++) {
		random_step(test, pair, caches, &random);
		if (step % 8 == 0)
			check_counts(test, pair);
		if (step % 500 == 0)
			check_all(test, pair);
		for (i = 0; i < PGA_NR_WHICH && step % 50 == 0; i++)
			KUNIT_ASSERT_EQ(test, pga_map_find(pair->map, i, 3),
					pgat_model_find(pair->model, i, 3));
	}
	for (i = 0; i < CACHES; i++)
		step_flush(pair, &caches[i]);
	check_all(test, pair);
	KUNIT_EXPECT_EQ(test, in_use(pair, 0) + in_use(pair, 1) + in_use(pair, 3),
			pgat_model_count(pair->model, PGAT_BUSY));
}

/* Of a word, pages that are free already stay ready, though they are to be discarded. */
static void discard_free_pages(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 1, PGA_MADE_READY);

	take(test, pair, 0, 8);
	KUNIT_EXPECT_EQ(test, pga_map_put_word(pair->map, 0, 0xfff, 0xff0), 0xf00);
	pgat_model_set(pair->model, 0, 4, PGAT_READY);
	pgat_model_set(pair->model, 4, 4, PGAT_DISCARDED);
	check_all(test, pair);
}

#define WORDS	9

/*
 * Words are put back in one call: single pages and runs, two words of one chunk, an empty
 * word, one that is not known to be whole, and pages that are free already.
 */
static void put_words(struct kunit *test)
{
	static const u64 owned[WORDS] = {
		1, 0xff0, 0, 0x8001, 3ULL << 62, ~0ULL, 0xf, 0xff, 1ULL << 63,
	};
	const unsigned long base = PGA_INDEX_PAGES;
	struct pgat_pair *pair = new_pair(test, 3, PGA_MADE_READY);
	struct pga_put put = { .base = base, .work = 1000, .words = WORDS };
	struct pga_word word[WORDS];
	unsigned long none = 0;
	unsigned int i, bit;

	take(test, pair, 0, 3 * PGA_CHUNK_PAGES);
	for (i = 0; i < WORDS; i++) {
		word[i] = (struct pga_word) { base + 128 * i, owned[i],
			pga_word_at(pga_map_words(pair->map, 0), 128 * i) };
		for (bit = 0; bit < CACHE; bit++)
			if (owned[i] & BIT_ULL(bit))
				pgat_model_set(pair->model, 128 * i + bit, 1, PGAT_READY);
	}
	word[6].allocated = &none;
	give(test, pair, 7 * 128 + 4, 1);
	KUNIT_EXPECT_EQ(test, pga_map_put_words(pair->map, word, WORDS, &put), WORDS);
	KUNIT_EXPECT_EQ(test, put.put, 1 + 8 + 2 + 2 + 64 + 4 + 7 + 1);
	KUNIT_EXPECT_EQ(test, put.twice, 1);
	for (i = 0; i < WORDS; i++)
		KUNIT_EXPECT_EQ(test, word[i].owned, 0);
	KUNIT_EXPECT_EQ(test, pga_map_find(pair->map, PGA_FREE, 1), 0);
	KUNIT_EXPECT_EQ(test, pair->bitmap.index.high, 8 * 128 + 64);
	check_all(test, pair);
}

/* It ends when enough pages and words are done, or when it has changed enough. */
static void put_words_enough(struct kunit *test)
{
	struct pgat_pair *pair = new_pair(test, 4, PGA_MADE_READY);
	struct pga_put put = { .work = 1000, .words = 2, .pages = 3 };
	struct pga_word word[4];
	unsigned int i;

	take(test, pair, 0, 4 * PGA_CHUNK_PAGES);
	for (i = 0; i < 4; i++)
		word[i] = (struct pga_word) { PGA_CHUNK_PAGES * i, 1,
			pga_word_at(pga_map_words(pair->map, 0), PGA_CHUNK_PAGES * i) };
	KUNIT_EXPECT_EQ(test, pga_map_put_words(pair->map, word, 4, &put), 3);
	KUNIT_EXPECT_EQ(test, word[3].owned, 1);
	put.work = 1;
	put.words = 4;
	word[2].pfn = word[3].pfn;
	word[2].allocated = word[3].allocated;
	word[2].owned = 2;
	KUNIT_EXPECT_EQ(test, pga_map_put_words(pair->map, &word[2], 2, &put), 1);
	KUNIT_EXPECT_EQ(test, word[3].owned, 1);
	KUNIT_EXPECT_EQ(test, put.put, 4);
	for (i = 0; i < 3; i++)
		pgat_model_set(pair->model, PGA_CHUNK_PAGES * i, 1, PGAT_READY);
	pgat_model_set(pair->model, PGA_CHUNK_PAGES * 3 + 1, 1, PGAT_READY);
	check_all(test, pair);
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(put_words),
	KUNIT_CASE(put_words_enough),
	KUNIT_CASE(refill_whole),
	KUNIT_CASE(refill_part),
	KUNIT_CASE(refill_ready),
	KUNIT_CASE(refill_in_vain),
	KUNIT_CASE_PARAM(alloc, alloc_gen_params),
	KUNIT_CASE(flush_at_once),
	KUNIT_CASE(flush_the_rest),
	KUNIT_CASE(flush_empty),
	KUNIT_CASE(flush_used_up),
	KUNIT_CASE(two_of_a_block),
	KUNIT_CASE(discard_free_pages),
	KUNIT_CASE(random_run),
	{}
};

static struct kunit_suite cache_suite = {
	.name = "pagealloc_cache",
	.exit = cache_exit,
	.test_cases = cache_cases,
};

kunit_test_suite(cache_suite);

MODULE_DESCRIPTION("Tests of pagealloc's cache of a block of pages");
MODULE_LICENSE("GPL");
