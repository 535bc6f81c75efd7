// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of engine/bitmap/candidate.c.
 *
 * pgat_candidate() is the search page by page.  The described cases were worked
 * out by hand; both searches must agree with them.
 */

#include <linux/module.h>

#include "lib/testlib.h"

#define CHUNK	PGA_CHUNK_PAGES
#define ALL	(~0UL)

struct candidate_case {
	const char *name;
	struct pga_candidate idle[4];
	unsigned int from;
	unsigned int granule;
	unsigned long max;
	unsigned int huge;
	struct pga_candidate want;
};

static const struct candidate_case candidate_cases[] = {
	{ "nothing idle", {}, 511, 1, ALL, 0, { 0, 0 } },
	{ "all idle, all wanted", { { 0, 512 } }, 511, 1, ALL, 0, { 0, 512 } },
	{ "all idle, one page", { { 0, 512 } }, 511, 1, 1, 0, { 511, 1 } },
	{ "all idle, none wanted is one granule",
	  { { 0, 512 } }, 511, 8, 0, 0, { 504, 8 } },
	{ "only the first page", { { 0, 1 } }, 511, 1, ALL, 0, { 0, 1 } },
	{ "only the last page", { { 511, 1 } }, 511, 1, ALL, 0, { 511, 1 } },
	{ "the highest run, not the longest",
	  { { 0, 200 }, { 300, 5 } }, 511, 1, ALL, 0, { 300, 5 } },
	{ "the upper part of a run",
	  { { 100, 50 } }, 511, 1, 20, 0, { 130, 20 } },
	{ "a run over several words",
	  { { 100, 300 } }, 511, 1, ALL, 0, { 100, 300 } },
	{ "a run that ends with a word",
	  { { 120, 8 } }, 511, 1, ALL, 0, { 120, 8 } },
	{ "a run that begins with a word",
	  { { 128, 8 } }, 511, 1, ALL, 0, { 128, 8 } },
	{ "down to the word that holds the page",
	  { { 10, 5 }, { 64, 64 }, { 200, 9 } }, 70, 1, ALL, 0, { 64, 64 } },
	{ "the rest of the word above the page counts",
	  { { 120, 4 } }, 64, 1, ALL, 0, { 120, 4 } },
	{ "a run that goes on above the word is cut",
	  { { 100, 100 } }, 130, 1, ALL, 0, { 100, 92 } },
	{ "nothing below", { { 64, 64 } }, 63, 1, ALL, 0, { 0, 0 } },
	{ "groups of which a page is busy do not count",
	  { { 1, 511 } }, 511, 4, ALL, 0, { 4, 508 } },
	{ "a group short of a page",
	  { { 65, 15 } }, 511, 16, ALL, 0, { 0, 0 } },
	{ "exactly a group", { { 64, 16 } }, 511, 16, ALL, 0, { 64, 16 } },
	{ "long enough but not aligned",
	  { { 8, 16 } }, 511, 16, ALL, 0, { 0, 0 } },
	{ "what is wanted is rounded up to groups",
	  { { 0, 512 } }, 511, 16, 17, 0, { 480, 32 } },
	{ "groups of a word", { { 63, 66 } }, 511, 64, ALL, 0, { 64, 64 } },
	{ "groups of a word, two of three wanted",
	  { { 64, 192 } }, 511, 64, 65, 0, { 128, 128 } },
	{ "groups of half a word on both sides of a border",
	  { { 32, 64 } }, 511, 32, ALL, 0, { 32, 64 } },
	{ "an idle huge page is taken as a whole",
	  { { 0, 512 } }, 511, 1, 10, 64, { 448, 64 } },
	{ "no more than the huge page the cut falls into",
	  { { 0, 512 } }, 511, 1, 70, 64, { 384, 128 } },
	{ "a cut at the border of huge pages stays",
	  { { 0, 512 } }, 511, 1, 64, 64, { 448, 64 } },
	{ "a huge page that is busy below may be split",
	  { { 449, 63 } }, 511, 1, 10, 64, { 502, 10 } },
	{ "a huge page that is busy above may be split",
	  { { 384, 127 } }, 511, 1, 10, 128, { 501, 10 } },
	{ "the whole chunk is one huge page",
	  { { 0, 512 } }, 511, 1, 1, 512, { 0, 512 } },
	{ "the whole chunk but its first page",
	  { { 1, 511 } }, 511, 1, 1, 512, { 511, 1 } },
	{ "huge pages of two", { { 10, 4 } }, 511, 1, 1, 2, { 12, 2 } },
	{ "a huge page below a part of one",
	  { { 64, 70 } }, 511, 1, 10, 64, { 64, 70 } },
	{ "a huge page of no more than a group is of no account",
	  { { 0, 512 } }, 511, 64, 1, 32, { 448, 64 } },
};

PGAT_ARRAY_PARAM(candidate, candidate_cases);

static void check_candidate(struct kunit *test, struct pga_candidate got,
			    struct pga_candidate want, const char *what)
{
	KUNIT_ASSERT_EQ_MSG(test, got.nr, want.nr, "%s: pages", what);
	if (want.nr)
		KUNIT_ASSERT_EQ_MSG(test, got.start, want.start, "%s: start", what);
}

static unsigned long naive_fill(unsigned long word, unsigned int group)
{
	unsigned long filled = 0;
	unsigned int bit, i;

	for (bit = 0; bit < BITS_PER_LONG; bit++)
		for (i = bit / group * group; i < bit / group * group + group; i++)
			if (test_bit(i, &word))
				__set_bit(bit, &filled);
	return filled;
}

/* A single bit, at each place, fills its group and nothing else. */
static void fill_single_bits(struct kunit *test)
{
	unsigned int group, bit;

	for (group = 1; group <= BITS_PER_LONG; group *= 2)
		for (bit = 0; bit < BITS_PER_LONG; bit++)
			KUNIT_EXPECT_EQ_MSG(test,
					    pga_fill_aligned(BIT(bit), group),
					    naive_fill(BIT(bit), group),
					    "bit %u, groups of %u", bit, group);
}

/* Described words and what becomes of them. */
static void fill_cases(struct kunit *test)
{
	static const struct {
		unsigned long word;
		unsigned int group;
		unsigned long want;
	} cases[] = {
		{ 0, 1, 0 },
		{ 0, 64, 0 },
		{ ~0UL, 1, ~0UL },
		{ ~0UL, 32, ~0UL },
		{ 0x123456789abcdef0, 1, 0x123456789abcdef0 },
		{ 0x8000000000000001, 2, 0xc000000000000003 },
		{ 0x0102030400000000, 4, 0x0f0f0f0f00000000 },
		{ 0x0102030400000000, 8, 0xffffffff00000000 },
		{ 0x0000000100010000, 16, 0x0000ffffffff0000 },
		{ 0x0000000100000000, 32, 0xffffffff00000000 },
		{ 0x0000000100000000, 64, ~0UL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    pga_fill_aligned(cases[i].word, cases[i].group),
				    cases[i].want, "%016lx in groups of %u",
				    cases[i].word, cases[i].group);
}

/* Random words, every size of group, against a look at each bit. */
static void fill_random(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	unsigned int trial, group;
	unsigned long word;

	for (trial = 0; trial < 1000; trial++) {
		pgat_random_map(&random, &word, BITS_PER_LONG);
		for (group = 1; group <= BITS_PER_LONG; group *= 2)
			KUNIT_ASSERT_EQ_MSG(test, pga_fill_aligned(word, group),
					    naive_fill(word, group),
					    "%016lx in groups of %u", word, group);
	}
}

/* Described chunks; the slow search must agree with the table as well. */
static void find_cases(struct kunit *test)
{
	const struct candidate_case *c = test->param_value;
	DECLARE_BITMAP(busy, CHUNK);
	unsigned int i;

	bitmap_fill(busy, CHUNK);
	for (i = 0; i < ARRAY_SIZE(c->idle); i++)
		bitmap_clear(busy, c->idle[i].start, c->idle[i].nr);
	check_candidate(test, pga_candidate_find(busy, c->from, c->granule,
						 c->max, c->huge),
			c->want, "engine");
	check_candidate(test, pgat_candidate(busy, c->from, c->granule, c->max,
					     c->huge),
			c->want, "slow search");
}

/* A number of pages to ask for: any, numbers next to borders more often. */
static unsigned long random_max(struct rnd_state *random)
{
	switch (pgat_below(random, 8)) {
	case 0:
		return 0;
	case 1:
		return ALL;
	case 2:
		return CHUNK;
	default:
		return pgat_length(random, CHUNK);
	}
}

static void try_candidate(struct kunit *test, struct rnd_state *random,
			  const unsigned long *busy)
{
	const unsigned int granule = BIT(pgat_below(random, 7));
	const unsigned int huge = BIT(pgat_below(random, 10)) & ~1UL;
	const unsigned int from = pgat_below(random, CHUNK);
	const unsigned long max = random_max(random);
	char what[64];

	snprintf(what, sizeof(what), "from %u, granule %u, max %lu, huge %u",
		 from, granule, max, huge);
	check_candidate(test, pga_candidate_find(busy, from, granule, max, huge),
			pgat_candidate(busy, from, granule, max, huge), what);
}

/* Random chunks, places, granules, numbers and huge pages. */
static void find_random(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	DECLARE_BITMAP(busy, CHUNK);
	unsigned int trial, i;

	for (trial = 0; trial < 1500; trial++) {
		pgat_random_map(&random, busy, CHUNK);
		if (trial % 2)
			bitmap_complement(busy, busy, CHUNK);
		for (i = 0; i < 20; i++)
			try_candidate(test, &random, busy);
	}
}

/*
 * Whatever is found is whole groups without a busy page, at most as many as
 * are wanted unless a huge page comes with them.
 */
static void find_is_idle(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	DECLARE_BITMAP(busy, CHUNK);
	struct pga_candidate c;
	unsigned int trial, granule;
	unsigned long max;

	for (trial = 0; trial < 10000; trial++) {
		pgat_random_map(&random, busy, CHUNK);
		granule = BIT(pgat_below(&random, 7));
		max = pgat_length(&random, CHUNK);
		c = pga_candidate_find(busy, CHUNK - 1, granule, max, 0);
		KUNIT_ASSERT_EQ(test, (c.start | c.nr) % granule, 0);
		KUNIT_ASSERT_LE(test, c.nr, ALIGN(max, granule));
		KUNIT_ASSERT_GE_MSG(test, find_next_bit(busy, c.start + c.nr, c.start),
				    c.start + c.nr, "%u pages at %u", c.nr, c.start);
	}
}

static struct kunit_case candidate_suite_cases[] = {
	KUNIT_CASE(fill_single_bits),
	KUNIT_CASE(fill_cases),
	KUNIT_CASE(fill_random),
	KUNIT_CASE_PARAM(find_cases, candidate_gen_params),
	KUNIT_CASE(find_random),
	KUNIT_CASE(find_is_idle),
	{}
};

static struct kunit_suite candidate_suite = {
	.name = "pagealloc_candidate",
	.test_cases = candidate_suite_cases,
};

kunit_test_suite(candidate_suite);

MODULE_DESCRIPTION("Tests of pagealloc's search for pages to discard");
MODULE_LICENSE("GPL");
