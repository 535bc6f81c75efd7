// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of engine/bitmap/summary.c and of the packings in summary.h.
 *
 * The model of a stretch, which may be terabytes long, is the list of its free
 * runs.  Clipped to a part of the stretch, they give the part's summary.
 */

#include <linux/module.h>
#include <linux/sort.h>

#include "lib/testlib.h"

#define RUNS	12

/* Free runs of a stretch, in address order, none touching the next. */
struct stretch {
	unsigned int nr;
	struct pga_extent run[RUNS];
};

static struct pga_sum naive_sum(const struct stretch *s, unsigned long from,
				unsigned long end)
{
	struct pga_sum sum = {};
	unsigned int i;

	for (i = 0; i < s->nr; i++) {
		const unsigned long first = max(s->run[i].start, from);
		const unsigned long last = min(pga_extent_end(s->run[i]), end);

		if (first >= last)
			continue;
		if (first == from)
			sum.start = last - first;
		if (last == end)
			sum.end = last - first;
		sum.max = max(sum.max, last - first);
	}
	return sum;
}

/* A border between two of eight siblings, or a page beside it, or any page. */
static unsigned long random_page(struct rnd_state *random, unsigned long pages)
{
	const unsigned long border = pgat_below(random, PGA_FANOUT + 1) * pages;

	switch (pgat_below(random, 4)) {
	case 0:
		return min(border + 1, PGA_FANOUT * pages);
	case 1:
		return border ? border - 1 : 0;
	case 2:
		return pgat_below(random, PGA_FANOUT * pages + 1);
	default:
		return border;
	}
}

static int compare(const void *a, const void *b)
{
	const unsigned long left = *(unsigned long *)a;
	const unsigned long right = *(unsigned long *)b;

	return left < right ? -1 : left > right;
}

/* Each two random pages are the ends of a free run, unless they are equal. */
static void random_stretch(struct rnd_state *random, struct stretch *s,
			   unsigned long pages)
{
	const unsigned int nr = pgat_below(random, RUNS + 1);
	unsigned long page[2 * RUNS];
	unsigned int i;

	for (i = 0; i < 2 * nr; i++)
		page[i] = random_page(random, pages);
	sort(page, 2 * nr, sizeof(page[0]), compare, NULL);
	s->nr = 0;
	for (i = 0; i < 2 * nr; i += 2) {
		if (page[i] == page[i + 1] || (i && page[i] == page[i - 1]))
			continue;
		s->run[s->nr++] = (struct pga_extent) { page[i], page[i + 1] - page[i] };
	}
}

/* Pack the eight children of a level and merge them. */
static struct pga_sum merge_children(const struct pga_sum *child,
				     unsigned int level)
{
	struct pga_wide wide[PGA_FANOUT];
	pga_leaf_t leaf[PGA_FANOUT];
	pga_mid_t mid[PGA_FANOUT];
	unsigned int i;

	for (i = 0; i < PGA_FANOUT; i++) {
		if (level < 1)
			leaf[i] = pga_leaf_pack(child[i]);
		else if (level < 5)
			mid[i] = pga_mid_pack(child[i]);
		else
			wide[i] = pga_wide_pack(child[i]);
	}
	if (level < 1)
		return pga_leaf_merge(leaf);
	if (level < 5)
		return pga_mid_merge(mid, pga_level_pages(level));
	return pga_wide_merge(wide, pga_level_pages(level));
}

static void check_merge(struct kunit *test, const struct stretch *s,
			unsigned int level)
{
	const unsigned long pages = pga_level_pages(level);
	struct pga_sum child[PGA_FANOUT];
	unsigned int i;

	for (i = 0; i < PGA_FANOUT; i++)
		child[i] = naive_sum(s, i * pages, (i + 1) * pages);
	pgat_check_sum(test, merge_children(child, level),
		       naive_sum(s, 0, PGA_FANOUT * pages), level, 0);
}

/* The @i th of all summaries that can be made of @nr values. */
static struct pga_sum sum_of(const unsigned long *value, unsigned int nr,
			     unsigned int i)
{
	return (struct pga_sum) {
		.start = value[i % nr],
		.max = value[i / nr % nr],
		.end = value[i / nr / nr],
	};
}

/* Level 0: each field keeps 0, 1, 511 and 512 with any values of the others. */
static void leaf_round_trip(struct kunit *test)
{
	static const unsigned long value[] = { 0, 1, 2, 255, 256, 511, 512 };
	const unsigned int nr = ARRAY_SIZE(value);
	struct pga_sum sum;
	unsigned int i;

	for (i = 0; i < nr * nr * nr; i++) {
		sum = sum_of(value, nr, i);
		pgat_check_sum(test, pga_leaf_unpack(pga_leaf_pack(sum)), sum, 0, i);
	}
}

/* Levels 1 to 4: each field keeps what is less than 2^21. */
static void mid_round_trip(struct kunit *test)
{
	static const unsigned long value[] = {
		0, 1, 512, 4096, BIT(20) - 1, BIT(20), BIT(21) - 2, BIT(21) - 1,
	};
	const unsigned int nr = ARRAY_SIZE(value);
	struct pga_sum sum;
	unsigned int i;

	for (i = 0; i < nr * nr * nr; i++) {
		sum = sum_of(value, nr, i);
		pgat_check_sum(test, pga_mid_unpack(pga_mid_pack(sum)), sum, 4, i);
	}
}

/* Level 4: 2^21 free pages are bit 63 and nothing else, and come back. */
static void mid_all_free(struct kunit *test)
{
	const struct pga_sum all = { BIT(21), BIT(21), BIT(21) };

	KUNIT_EXPECT_EQ(test, pga_mid_pack(all), BIT_ULL(63));
	pgat_check_sum(test, pga_mid_unpack(BIT_ULL(63)), all, 4, 0);
}

/* Levels 5 and up: each field keeps anything up to the whole index space. */
static void wide_round_trip(struct kunit *test)
{
	static const unsigned long value[] = {
		0, 1, BIT(21) - 1, BIT(21), BIT(22) - 1, BIT(22), BIT(22) + 1,
		BIT(33) - 1, BIT(33), BIT(33) + 1, BIT(34) - 1, BIT(34),
	};
	const unsigned int nr = ARRAY_SIZE(value);
	struct pga_sum sum;
	unsigned int i;

	for (i = 0; i < nr * nr * nr; i++) {
		sum = sum_of(value, nr, i);
		pgat_check_sum(test, pga_wide_unpack(pga_wide_pack(sum)), sum, 5, i);
	}
}

/* Memory full of zeroes, as it is supplied, says that nothing is free. */
static void zero_is_nothing_free(struct kunit *test)
{
	const struct pga_wide wide = {};

	pgat_check_sum(test, pga_leaf_unpack(0), pga_sum_whole(512, false), 0, 0);
	pgat_check_sum(test, pga_mid_unpack(0), pga_sum_whole(4096, false), 1, 0);
	pgat_check_sum(test, pga_wide_unpack(wide), pga_sum_whole(BIT(24), false), 5, 0);
}

/* Summaries that differ in any one number are not equal. */
static void equality(struct kunit *test)
{
	const struct pga_sum sum = { 1, 2, 3 };

	KUNIT_EXPECT_TRUE(test, pga_sum_equal(sum, (struct pga_sum) { 1, 2, 3 }));
	KUNIT_EXPECT_FALSE(test, pga_sum_equal(sum, (struct pga_sum) { 0, 2, 3 }));
	KUNIT_EXPECT_FALSE(test, pga_sum_equal(sum, (struct pga_sum) { 1, 3, 3 }));
	KUNIT_EXPECT_FALSE(test, pga_sum_equal(sum, (struct pga_sum) { 1, 2, 4 }));
}

/* Of eight siblings, in sixteenths of one: runs and what they must sum up to. */
static const struct merge_case {
	const char *name;
	struct pga_extent run[4];
	struct pga_sum want;
} merge_cases[] = {
	{ "nothing free", {}, { 0, 0, 0 } },
	{ "all free", { { 0, 128 } }, { 128, 128, 128 } },
	{ "the first sibling", { { 0, 16 } }, { 16, 16, 0 } },
	{ "the last sibling", { { 112, 16 } }, { 0, 16, 16 } },
	{ "one in the middle", { { 48, 16 } }, { 0, 16, 0 } },
	{ "all but the end of the last", { { 0, 127 } }, { 127, 127, 0 } },
	{ "all but the start of the first", { { 1, 127 } }, { 0, 127, 127 } },
	{ "across one border", { { 15, 2 } }, { 0, 2, 0 } },
	{ "across two borders", { { 15, 18 } }, { 0, 18, 0 } },
	{ "from the start into the second", { { 0, 17 } }, { 17, 17, 0 } },
	{ "from the seventh to the end", { { 111, 17 } }, { 0, 17, 17 } },
	{ "inside one is longer than across borders",
	  { { 14, 4 }, { 33, 9 }, { 62, 5 } }, { 0, 9, 0 } },
	{ "across a border is longer than inside",
	  { { 14, 4 }, { 33, 3 }, { 62, 5 } }, { 0, 5, 0 } },
	{ "the start, the middle and the end",
	  { { 0, 20 }, { 40, 30 }, { 100, 28 } }, { 20, 30, 28 } },
	{ "the start is the longest", { { 0, 40 }, { 50, 30 } }, { 40, 40, 0 } },
	{ "the end is the longest", { { 20, 30 }, { 80, 48 } }, { 0, 48, 48 } },
};

PGAT_ARRAY_PARAM(merge, merge_cases);

static struct pga_sum scaled(struct pga_sum sum, unsigned long scale)
{
	return (struct pga_sum) { sum.start * scale, sum.max * scale,
				  sum.end * scale };
}

/* Described stretches, merged from their eight children at each level. */
static void merge_described(struct kunit *test)
{
	const struct merge_case *c = test->param_value;
	struct pga_sum child[PGA_FANOUT];
	struct stretch s = { .nr = 4 };
	unsigned int i, level;

	memcpy(s.run, c->run, sizeof(c->run));
	for (i = 0; i < PGA_FANOUT; i++)
		child[i] = naive_sum(&s, 16 * i, 16 * i + 16);
	for (level = 0; level < PGA_NR_LEVELS; level++) {
		const unsigned long scale = pga_level_pages(level) / 16;
		struct pga_sum at_level[PGA_FANOUT];

		for (i = 0; i < PGA_FANOUT; i++)
			at_level[i] = scaled(child[i], scale);
		pgat_check_sum(test, merge_children(at_level, level),
			       scaled(c->want, scale), level, 0);
	}
}

/* The page before, at or after a border: 1 is the first page, 25 the end. */
static unsigned long place(unsigned int i, unsigned long pages)
{
	return i / 3 * pages + i % 3 - 1;
}

/* A single free run between any two borders or their neighbours, each level. */
static void merge_every_run(struct kunit *test)
{
	struct stretch s = { .nr = 1 };
	unsigned int level, first, last;

	for (level = 0; level < PGA_NR_LEVELS; level++) {
		const unsigned long pages = pga_level_pages(level);

		for (first = 1; first < 25; first++) {
			for (last = first + 1; last <= 25; last++) {
				s.run[0].start = place(first, pages);
				s.run[0].nr = place(last, pages) - s.run[0].start;
				check_merge(test, &s, level);
			}
		}
	}
}

/* Random runs with ends at, next to and far from borders, each level. */
static void merge_random(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	unsigned int trial, level;
	struct stretch s;

	for (level = 0; level < PGA_NR_LEVELS; level++) {
		for (trial = 0; trial < 5000; trial++) {
			random_stretch(&random, &s, pga_level_pages(level));
			check_merge(test, &s, level);
		}
	}
}

/* A stretch without its free pages in [@from, @end). */
static void cut(struct stretch *s, unsigned long from, unsigned long end)
{
	const struct stretch old = *s;
	unsigned int i;

	/* No run may touch the next. */
	if (from == end)
		return;
	s->nr = 0;
	for (i = 0; i < old.nr; i++) {
		const unsigned long start = old.run[i].start;
		const unsigned long stop = pga_extent_end(old.run[i]);

		if (start < min(from, stop))
			s->run[s->nr++] = (struct pga_extent) {
				start, min(from, stop) - start };
		if (max(start, end) < stop)
			s->run[s->nr++] = (struct pga_extent) {
				max(start, end), stop - max(start, end) };
	}
}

/* Eight parts as a tree has them. */
struct packed {
	unsigned int level;
	union {
		pga_leaf_t leaf[PGA_FANOUT];
		pga_mid_t mid[PGA_FANOUT];
		struct pga_wide wide[PGA_FANOUT];
	};
};

static void pack(struct packed *p, const struct pga_sum *child, unsigned int level)
{
	unsigned int i;

	p->level = level;
	for (i = 0; i < PGA_FANOUT; i++) {
		if (level < 1)
			p->leaf[i] = pga_leaf_pack(child[i]);
		else if (level < 5)
			p->mid[i] = pga_mid_pack(child[i]);
		else
			p->wide[i] = pga_wide_pack(child[i]);
	}
}

/* Part @i has grown to @is. */
static struct pga_sum grow(struct pga_sum sum, const struct packed *p,
			   unsigned int i, struct pga_sum is)
{
	const unsigned long pages = pga_level_pages(p->level);

	if (p->level < 1)
		return pga_sum_grow(sum, pga_leaf_at, p->leaf, i, pages, is);
	if (p->level < 5)
		return pga_sum_grow(sum, pga_mid_at, p->mid, i, pages, is);
	return pga_sum_grow(sum, pga_wide_at, p->wide, i, pages, is);
}

/* Part @i has shrunk to @is. */
static struct pga_sum shrink(struct pga_sum sum, const struct packed *p,
			     unsigned int i, struct pga_sum is)
{
	const unsigned long pages = pga_level_pages(p->level);

	if (p->level < 1)
		return pga_leaf_shrink(sum, p->leaf, i, is);
	if (p->level < 5)
		return pga_mid_shrink(sum, p->mid, i, pages, is);
	return pga_wide_shrink(sum, p->wide, i, pages, is);
}

/**
 * struct shrunk - how many stretches have shrunk
 * @stay: those that kept their summary
 * @is_long: those that had a long run
 */
struct shrunk {
	unsigned int stay;
	unsigned int is_long;
};

/*
 * Part @i of a stretch goes from the free runs of @less to those of @more, and
 * back: the summary grows and shrinks, or stays the same where pga_sum_stays()
 * says so.
 */
static noinline_for_stack void check_part(struct kunit *test, const struct stretch *less,
					  const struct stretch *more, unsigned int i,
					  unsigned int level, unsigned int trial,
					  struct shrunk *shrunk)
{
	const unsigned long pages = pga_level_pages(level);
	const struct pga_sum was = naive_sum(less, 0, PGA_FANOUT * pages);
	const struct pga_sum is = naive_sum(more, 0, PGA_FANOUT * pages);
	struct pga_sum child[PGA_FANOUT], part_was, part_is;
	struct packed packed;
	unsigned int j;

	for (j = 0; j < PGA_FANOUT; j++)
		child[j] = naive_sum(more, j * pages, (j + 1) * pages);
	part_is = child[i];
	pack(&packed, child, level);
	pgat_check_sum(test, grow(was, &packed, i, part_is), is, level, trial);

	part_was = naive_sum(less, i * pages, (i + 1) * pages);
	if (pga_sum_equal(part_is, part_was))
		return;
	if (pga_sum_stays(&is, part_is, part_was)) {
		pgat_check_sum(test, is, was, level, trial);
		shrunk->stay++;
	}
	if (pga_sum_is_long(is, pages)) {
		child[i] = part_was;
		pack(&packed, child, level);
		pgat_check_sum(test, shrink(is, &packed, i, part_was), was, level,
			       trial);
		shrunk->is_long++;
	}
}

/* Random pages of one part of a random stretch become free, and are taken back. */
static void grow_and_shrink(struct kunit *test)
{
	struct rnd_state random = pgat_random(test);
	struct shrunk shrunk = {};
	unsigned int trial, level, i;
	unsigned long pages, from, end;
	struct stretch more, less;

	for (level = 0; level < PGA_NR_LEVELS; level++) {
		pages = pga_level_pages(level);
		for (trial = 0; trial < 5000; trial++) {
			random_stretch(&random, &more, pages);
			more.nr = min(more.nr, RUNS - 1U);
			i = pgat_below(&random, PGA_FANOUT);
			from = pgat_below(&random, 3) ? 0 : pgat_below(&random, pages);
			end = pgat_below(&random, 3) ? pages :
			      from + pgat_below(&random, pages - from + 1);
			less = more;
			cut(&less, i * pages + from, i * pages + end);
			check_part(test, &less, &more, i, level, trial, &shrunk);
		}
	}
	kunit_info(test, "%u stay, %u had a long run\n", shrunk.stay, shrunk.is_long);
	KUNIT_EXPECT_GT(test, shrunk.stay, 100);
	KUNIT_EXPECT_GT(test, shrunk.is_long, 1000);
}

/* Eight chunks of random pages: the merge against a look at each page. */
static void merge_chunks(struct kunit *test)
{
	const unsigned int nr = PGA_FANOUT * PGA_CHUNK_PAGES;
	struct rnd_state random = pgat_random(test);
	struct pgat_model *model = pgat_model_create(test, 0);
	unsigned long *busy = kunit_kzalloc(test, nr / 8, GFP_KERNEL);
	pga_leaf_t leaf[PGA_FANOUT];
	unsigned int trial, i;

	KUNIT_ASSERT_NOT_NULL(test, busy);
	pgat_model_window(test, model, 0, nr);
	for (trial = 0; trial < 300; trial++) {
		pgat_random_map(&random, busy, nr);
		for (i = 0; i < nr; i++)
			pgat_model_set(model, i, 1, test_bit(i, busy) ?
				       PGAT_BUSY : PGAT_READY);
		for (i = 0; i < PGA_FANOUT; i++)
			leaf[i] = pga_leaf_pack(pga_bits_summarize(busy +
							i * PGA_CHUNK_WORDS));
		pgat_check_sum(test, pga_leaf_merge(leaf),
			       pgat_model_sum(model, PGA_FREE, 0, nr), 1, trial);
	}
}

static struct kunit_case summary_cases[] = {
	KUNIT_CASE(leaf_round_trip),
	KUNIT_CASE(mid_round_trip),
	KUNIT_CASE(mid_all_free),
	KUNIT_CASE(wide_round_trip),
	KUNIT_CASE(zero_is_nothing_free),
	KUNIT_CASE(equality),
	KUNIT_CASE_PARAM(merge_described, merge_gen_params),
	KUNIT_CASE(merge_every_run),
	KUNIT_CASE(merge_random),
	KUNIT_CASE(merge_chunks),
	KUNIT_CASE(grow_and_shrink),
	{}
};

static struct kunit_suite summary_suite = {
	.name = "pagealloc_summary",
	.test_cases = summary_cases,
};

kunit_test_suite(summary_suite);

MODULE_DESCRIPTION("Tests of pagealloc's summaries");
MODULE_LICENSE("GPL");
