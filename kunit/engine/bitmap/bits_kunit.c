// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of engine/bitmap/bits.c and engine/word.h.
 *
 * The naive functions here look at one bit after another.  Faults are likely
 * next to the border of a word, so exhaustive tests use lengths and places
 * there.
 */

#include <linux/module.h>

#include "lib/testlib.h"

#define CHUNK	PGA_CHUNK_PAGES

/* Numbers on both sides of each border, in order. */
static const unsigned int edges[] = {
	0, 1, 2, 3, 31, 32, 33, 61, 62, 63, 64, 65, 66, 126, 127, 128, 129, 130,
	191, 192, 193, 255, 256, 257, 319, 320, 321, 383, 384, 385, 447, 448,
	449, 510, 511, 512,
};

#define EDGES_END	(edges + ARRAY_SIZE(edges))

/* A chunk that is busy but for a few runs of free pages. */
struct chunk_case {
	const char *name;
	struct pga_candidate run[5];
	unsigned int nr;
	unsigned int page;
	unsigned int first_free;
	struct pga_sum sum;
};

static const struct chunk_case chunk_cases[] = {
	{ "nothing free", {}, 1, 512, 512, { 0, 0, 0 } },
	{ "all free, one page", { { 0, 512 } }, 1, 0, 0, { 512, 512, 512 } },
	{ "all free, all pages", { { 0, 512 } }, 512, 0, 0, { 512, 512, 512 } },
	{ "the first page", { { 0, 1 } }, 1, 0, 0, { 1, 1, 0 } },
	{ "the last page", { { 511, 1 } }, 1, 511, 511, { 0, 1, 1 } },
	{ "all but the first page", { { 1, 511 } }, 511, 1, 1, { 0, 511, 511 } },
	{ "all but the last page", { { 0, 511 } }, 511, 0, 0, { 511, 511, 0 } },
	{ "one short of the whole chunk", { { 0, 511 } }, 512, 512, 0, { 511, 511, 0 } },
	{ "exactly a word", { { 64, 64 } }, 64, 64, 64, { 0, 64, 0 } },
	{ "a page too few in a word", { { 64, 63 } }, 64, 512, 64, { 0, 63, 0 } },
	{ "a word long, half a word late", { { 96, 64 } }, 64, 96, 96, { 0, 64, 0 } },
	{ "two pages, one on each side of a border", { { 63, 2 } }, 2, 63, 63, { 0, 2, 0 } },
	{ "63 pages, all but the last in a word", { { 66, 63 } }, 63, 66, 66, { 0, 63, 0 } },
	{ "62 pages inside a word", { { 65, 62 } }, 62, 65, 65, { 0, 62, 0 } },
	{ "over three words", { { 60, 136 } }, 136, 60, 60, { 0, 136, 0 } },
	{ "over three words, a page too few", { { 60, 136 } }, 137, 512, 60, { 0, 136, 0 } },
	{ "the first run is too short",
	  { { 10, 3 }, { 20, 4 } }, 4, 20, 10, { 0, 4, 0 } },
	{ "the first of two that fit",
	  { { 10, 3 }, { 20, 4 }, { 30, 9 }, { 200, 4 } }, 4, 20, 10, { 0, 9, 0 } },
	{ "the run at the end of a word fails, the next word begins anew",
	  { { 60, 4 }, { 65, 6 } }, 5, 65, 60, { 0, 6, 0 } },
	{ "a run within a word before one across its border",
	  { { 70, 8 }, { 120, 16 } }, 8, 70, 70, { 0, 16, 0 } },
	{ "a longer run across a border after shorter ones",
	  { { 70, 8 }, { 120, 16 } }, 9, 120, 70, { 0, 16, 0 } },
	{ "a busy word between two runs that would do together",
	  { { 60, 4 }, { 128, 4 } }, 8, 512, 60, { 0, 4, 0 } },
	{ "a busy page between two words",
	  { { 0, 63 }, { 64, 64 } }, 127, 512, 0, { 63, 64, 0 } },
	{ "both ends, neither long enough",
	  { { 0, 100 }, { 400, 112 } }, 113, 512, 0, { 100, 112, 112 } },
	{ "the longest run is at neither end",
	  { { 0, 5 }, { 100, 70 }, { 509, 3 } }, 64, 100, 0, { 5, 70, 3 } },
	{ "61 pages, and 62 inside a word",
	  { { 0, 61 }, { 129, 62 } }, 62, 129, 0, { 61, 62, 0 } },
	{ "62 pages inside each of two words, and 63",
	  { { 1, 62 }, { 65, 62 }, { 193, 63 } }, 63, 193, 1, { 0, 63, 0 } },
	{ "runs in the last word alone",
	  { { 448, 1 }, { 450, 2 }, { 453, 59 } }, 3, 453, 448, { 0, 59, 59 } },
};

PGAT_ARRAY_PARAM(chunk, chunk_cases);

static void make_chunk(unsigned long *busy, const struct chunk_case *c)
{
	unsigned int i;

	bitmap_fill(busy, CHUNK);
	for (i = 0; i < ARRAY_SIZE(c->run); i++)
		bitmap_clear(busy, c->run[i].start, c->run[i].nr);
}

/* A chunk all busy but for one run, or all free but for one busy run. */
static void make_run(unsigned long *busy, unsigned int start, unsigned int nr,
		     bool free)
{
	if (free)
		bitmap_fill(busy, CHUNK);
	else
		bitmap_zero(busy, CHUNK);
	if (free)
		bitmap_clear(busy, start, nr);
	else
		bitmap_set(busy, start, nr);
}

static unsigned int naive_word(unsigned long word, unsigned int nr)
{
	unsigned int bit, run = 0;

	for (bit = 0; bit < BITS_PER_LONG; bit++) {
		run = test_bit(bit, &word) ? run + 1 : 0;
		if (run == nr)
			return bit + 1 - nr;
	}
	return BITS_PER_LONG;
}

static unsigned int naive_find(const unsigned long *busy, unsigned int nr)
{
	unsigned int page, run = 0;

	for (page = 0; page < CHUNK; page++) {
		run = test_bit(page, busy) ? 0 : run + 1;
		if (run == nr)
			return page + 1 - nr;
	}
	return CHUNK;
}

static struct pga_sum naive_sum(const unsigned long *busy)
{
	struct pga_sum s = {};
	unsigned long page, run = 0;

	for (page = 0; page < CHUNK; page++) {
		run = test_bit(page, busy) ? 0 : run + 1;
		s.max = max(s.max, run);
		if (run == page + 1)
			s.start = run;
	}
	s.end = run;
	return s;
}

/*
 * A find returns the result of the naive one and the first free page, from any
 * hint that is not above that page.
 */
static void check_find(struct kunit *test, const unsigned long *busy,
		       unsigned int nr)
{
	const unsigned int want = naive_find(busy, nr);
	const unsigned int lowest = naive_find(busy, 1);
	unsigned int hint, got, first_free;

	for (hint = 0; hint <= min_t(unsigned int, lowest, CHUNK - 1); hint++) {
		got = pga_bits_find(busy, nr, hint, &first_free);
		KUNIT_ASSERT_EQ_MSG(test, got, want, "%u pages, hint %u", nr, hint);
		KUNIT_ASSERT_EQ_MSG(test, first_free, lowest,
				    "first free for %u pages, hint %u", nr, hint);
	}
}

/* Described words: where the first run of some length begins. */
static void word_cases(struct kunit *test)
{
	static const struct {
		unsigned long word;
		unsigned int nr;
		unsigned int bit;
		const char *name;
	} cases[] = {
		{ 0, 1, 64, "nothing" },
		{ ~0UL, 1, 0, "all, one" },
		{ ~0UL, 64, 0, "all, all" },
		{ ~0UL >> 1, 64, 64, "all but the highest" },
		{ ~0UL << 1, 64, 64, "all but the lowest" },
		{ ~0UL >> 1, 63, 0, "63 at the low end" },
		{ ~0UL << 1, 63, 1, "63 at the high end" },
		{ BIT(63), 1, 63, "the highest" },
		{ BIT(63), 2, 64, "nothing follows the highest" },
		{ BIT(63) | BIT(0), 2, 64, "the ends do not meet" },
		{ 0x3UL << 62, 2, 62, "two at the high end" },
		{ 0x0777, 4, 64, "three, again and again" },
		{ 0xf777, 4, 12, "four after three" },
		{ 0x5555555555555555, 1, 0, "every other, one" },
		{ 0xaaaaaaaaaaaaaaaa, 1, 1, "every other from the second, one" },
		{ 0xaaaaaaaaaaaaaaaa, 2, 64, "every other, two" },
		{ 0x00fffffff0ffff00, 17, 28, "the second is long enough" },
		{ 0x00fffffff0ffff00, 28, 28, "exactly" },
		{ 0x00fffffff0ffff00, 29, 64, "one too many" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    pga_word_find_run(cases[i].word, cases[i].nr),
				    cases[i].bit, "%s", cases[i].name);
}

/* One run of each length at each place of a word is found there, and no more. */
static void word_every_run(struct kunit *test)
{
	unsigned int bit, nr;
	unsigned long word;

	for (nr = 1; nr <= BITS_PER_LONG; nr++) {
		for (bit = 0; bit + nr <= BITS_PER_LONG; bit++) {
			word = GENMASK(bit + nr - 1, bit);
			KUNIT_ASSERT_EQ_MSG(test, pga_word_find_run(word, nr),
					    bit, "%u bits", nr);
			if (nr == BITS_PER_LONG)
				continue;
			KUNIT_ASSERT_EQ_MSG(test, pga_word_find_run(word, nr + 1),
					    BITS_PER_LONG, "%u bits at %u", nr, bit);
		}
	}
}

/* Random words, every length, against a look at each bit. */
static void word_random(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	unsigned int trial, nr;
	unsigned long word;

	for (trial = 0; trial < 500; trial++) {
		pgat_random_map(&random, &word, BITS_PER_LONG);
		for (nr = 1; nr <= BITS_PER_LONG; nr++)
			KUNIT_ASSERT_EQ_MSG(test, pga_word_find_run(word, nr),
					    naive_word(word, nr),
					    "%u bits in %016lx", nr, word);
	}
}

/* Described chunks: where a number of pages fits, and the first free page. */
static void find_cases(struct kunit *test)
{
	const struct chunk_case *c = test->param_value;
	DECLARE_BITMAP(busy, CHUNK);
	unsigned int first_free;

	make_chunk(busy, c);
	KUNIT_EXPECT_EQ(test, pga_bits_find(busy, c->nr, 0, &first_free), c->page);
	KUNIT_EXPECT_EQ(test, first_free, c->first_free);
}

/* One free run, its ends next to borders: it is found, a longer one is not. */
static void find_every_run(struct kunit *test)
{
	const unsigned int *start, *end;
	DECLARE_BITMAP(busy, CHUNK);
	unsigned int nr;

	for (start = edges; start < EDGES_END; start++) {
		for (end = start + 1; end < EDGES_END; end++) {
			nr = *end - *start;
			make_run(busy, *start, nr, true);
			check_find(test, busy, nr);
			check_find(test, busy, min_t(unsigned int, nr + 1, CHUNK));
			check_find(test, busy, (nr + 1) / 2);
		}
	}
}

/* One busy run, its ends next to borders: what fits before and after it. */
static void find_every_gap(struct kunit *test)
{
	const unsigned int *start, *end;
	DECLARE_BITMAP(busy, CHUNK);
	unsigned int after;

	for (start = edges; start < EDGES_END; start++) {
		for (end = start + 1; end < EDGES_END; end++) {
			after = CHUNK - *end;
			make_run(busy, *start, *end - *start, false);
			check_find(test, busy, max(*start, 1U));
			check_find(test, busy, *start + 1);
			check_find(test, busy, max(after, 1U));
			check_find(test, busy, after + 1);
		}
	}
}

/* Random chunks and lengths, from every hint that is not too high. */
static void find_random(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	DECLARE_BITMAP(busy, CHUNK);
	unsigned int trial, i;

	for (trial = 0; trial < 500; trial++) {
		pgat_random_map(&random, busy, CHUNK);
		for (i = 0; i < 10; i++)
			check_find(test, busy, pgat_length(&random, CHUNK));
	}
}

/* Described chunks: their summaries. */
static void summarize_cases(struct kunit *test)
{
	const struct chunk_case *c = test->param_value;
	DECLARE_BITMAP(busy, CHUNK);

	make_chunk(busy, c);
	pgat_check_sum(test, pga_bits_summarize(busy), c->sum, 0, 0);
}

/* One free or one busy run from each page on to each border. */
static void summarize_every_run(struct kunit *test)
{
	DECLARE_BITMAP(busy, CHUNK);
	const unsigned int *end;
	unsigned int start;

	for (start = 0; start < CHUNK; start++) {
		for (end = edges; end < EDGES_END; end++) {
			if (*end <= start)
				continue;
			make_run(busy, start, *end - start, true);
			pgat_check_sum(test, pga_bits_summarize(busy),
				       naive_sum(busy), *end, start);
			make_run(busy, start, *end - start, false);
			pgat_check_sum(test, pga_bits_summarize(busy),
				       naive_sum(busy), *end, start);
		}
	}
}

/*
 * A run of almost a word, then one of any length at each place inside a word:
 * the second must be seen wherever it is the longer one.
 */
static void summarize_inside_word(struct kunit *test)
{
	DECLARE_BITMAP(busy, CHUNK);
	unsigned int first, nr, at;

	for (first = 55; first <= 63; first++) {
		for (nr = 1; nr < 63; nr++) {
			for (at = 1; at + nr < 64; at++) {
				make_run(busy, 64, first, true);
				bitmap_clear(busy, 256 + at, nr);
				pgat_check_sum(test, pga_bits_summarize(busy),
					       (struct pga_sum) { 0, max(first, nr), 0 },
					       nr, at);
			}
		}
	}
}

/* Random chunks, against a look at each page. */
static void summarize_random(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	DECLARE_BITMAP(busy, CHUNK);
	unsigned int trial;

	for (trial = 0; trial < 10000; trial++) {
		pgat_random_map(&random, busy, CHUNK);
		pgat_check_sum(test, pga_bits_summarize(busy), naive_sum(busy),
			       0, trial);
	}
}

/*
 * Random pages of a word of a random chunk become free: the summary follows
 * from the one before.  Where it is said to stay as it is, there and back, it
 * does.
 */
static void grow_random(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	unsigned int trial, w, stays = 0;
	DECLARE_BITMAP(busy, CHUNK);
	struct pga_sum was, is;
	unsigned long some;

	for (trial = 0; trial < 20000; trial++) {
		pgat_random_map(&random, busy, CHUNK);
		w = pgat_below(&random, CHUNK / BITS_PER_LONG);
		pgat_random_map(&random, &some, BITS_PER_LONG);
		some &= busy[w];
		if (pgat_below(&random, 2))
			some &= -some;
		if (!some)
			continue;
		was = naive_sum(busy);
		busy[w] &= ~some;
		is = naive_sum(busy);
		pgat_check_sum(test, pga_bits_grow(busy, was, w), is, w, trial);
		if (pga_word_within(busy[w], some, was.max)) {
			pgat_check_sum(test, was, is, w, trial);
			stays++;
		}
		if (pga_word_within(busy[w], some, is.max - 1))
			pgat_check_sum(test, is, was, w, trial);
	}
	KUNIT_EXPECT_GT(test, stays, 100);
}

/* The ones of a random map in every range with ends next to borders. */
static void weight_every_range(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	const unsigned int *start, *end;
	DECLARE_BITMAP(map, CHUNK);
	unsigned int trial, page, want;

	for (trial = 0; trial < 20; trial++) {
		pgat_random_map(&random, map, CHUNK);
		for (start = edges; start < EDGES_END; start++) {
			for (end = start + 1; end < EDGES_END; end++) {
				want = 0;
				for (page = *start; page < *end; page++)
					want += test_bit(page, map);
				KUNIT_ASSERT_EQ_MSG(test,
						    pga_bits_weight(map, *start,
								    *end - *start),
						    want, "from %u to %u",
						    *start, *end);
			}
		}
	}
}

/* All ones: the weight of every single range is its length. */
static void weight_of_ones(struct kunit *test)
{
	DECLARE_BITMAP(map, CHUNK);
	unsigned int start, nr;

	bitmap_fill(map, CHUNK);
	for (start = 0; start < CHUNK; start++)
		for (nr = 1; start + nr <= CHUNK; nr++)
			KUNIT_ASSERT_EQ_MSG(test, pga_bits_weight(map, start, nr),
					    nr, "from %u", start);
}

static struct kunit_case bits_cases[] = {
	KUNIT_CASE(word_cases),
	KUNIT_CASE(word_every_run),
	KUNIT_CASE(word_random),
	KUNIT_CASE_PARAM(find_cases, chunk_gen_params),
	KUNIT_CASE(find_every_run),
	KUNIT_CASE(find_every_gap),
	KUNIT_CASE(find_random),
	KUNIT_CASE_PARAM(summarize_cases, chunk_gen_params),
	KUNIT_CASE(summarize_every_run),
	KUNIT_CASE(summarize_inside_word),
	KUNIT_CASE(summarize_random),
	KUNIT_CASE(grow_random),
	KUNIT_CASE(weight_every_range),
	KUNIT_CASE(weight_of_ones),
	{}
};

static struct kunit_suite bits_suite = {
	.name = "pagealloc_bits",
	.test_cases = bits_cases,
};

kunit_test_suite(bits_suite);

MODULE_DESCRIPTION("Tests of pagealloc's bit ranges");
MODULE_LICENSE("GPL");
