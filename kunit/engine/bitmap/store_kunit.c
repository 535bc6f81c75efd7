// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of engine/bitmap/store.c.
 */

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "lib/testlib.h"

#define SLICE	BIT(PGA_SLICE_SHIFT)
#define BLOCK	BIT(PGA_BLOCK_SHIFT)
#define SUPER	BIT(PGA_SUPER_SHIFT)

/* Memory that the store of a test has taken. */
static size_t bytes_taken;

static int store_init(struct kunit *test)
{
	bytes_taken = 0;
	test->priv = kunit_kzalloc(test, sizeof(struct pga_store), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void store_exit(struct kunit *test)
{
	if (test->priv)
		pga_store_drain(test->priv, pgat_release);
}

/* Offer memory to the store, and free what it does not take. */
static bool offer(struct pga_store *store, unsigned long page, unsigned long nr,
		  struct pga_parts *parts)
{
	const size_t offered = pga_parts_bytes(parts);
	const bool done = pga_store_install(store, page, nr, parts);

	bytes_taken += offered - pga_parts_bytes(parts);
	pgat_parts_put(parts);
	return done;
}

/* Make the store hold a range of any length. */
static void install(struct kunit *test, struct pga_store *store,
		    unsigned long page, unsigned long nr)
{
	const unsigned long end = page + nr;
	struct pga_parts parts;

	for (; page < end; page += nr) {
		nr = min(end, ALIGN(page + 1, BLOCK)) - page;
		pga_store_missing(store, page, nr, &parts);
		pgat_parts_get(test, &parts);
		KUNIT_ASSERT_TRUE_MSG(test, offer(store, page, nr, &parts),
				      "%lu pages at %lu", nr, page);
	}
}

/* Pieces of memory, a bit each. */
#define UPPER		BIT(0)
#define SUPER_PART	BIT(1)
#define BLOCK_PART	BIT(2)
#define SLICES(mask)	((mask) << 3)

static void check_missing(struct kunit *test, const struct pga_store *store,
			  unsigned long page, unsigned long nr,
			  unsigned long want)
{
	struct pga_parts parts;
	unsigned long got = 0;
	unsigned int i;

	pga_store_missing(store, page, nr, &parts);
	for (i = 0; i < PGA_PARTS; i++)
		got |= parts.size[i] ? BIT(i) : 0;
	KUNIT_EXPECT_EQ_MSG(test, got, want, "for %lu+%lu", page, nr);
}

/* Described ranges: what an empty store is missing for them. */
static void missing_when_empty(struct kunit *test)
{
	static const struct {
		unsigned long page, nr, slices;
	} cases[] = {
		{ 0, 1, BIT(0) },			/* the first page */
		{ 0, SLICE, BIT(0) },			/* one slice */
		{ 0, SLICE + 1, BIT(0) | BIT(1) },	/* a page of the next */
		{ SLICE - 1, 2, BIT(0) | BIT(1) },	/* a page of each */
		{ SLICE, SLICE, BIT(1) },
		{ 3 * SLICE + 9, 2 * SLICE, BIT(3) | BIT(4) | BIT(5) },
		{ 0, BLOCK, 0xff },			/* a whole block */
		{ BLOCK - 1, 1, BIT(7) },
		{ BLOCK, 1, BIT(0) },
		{ SUPER - 1, 1, BIT(7) },
		{ PGA_INDEX_PAGES - 1, 1, BIT(7) },	/* the last page */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check_missing(test, test->priv, cases[i].page, cases[i].nr,
			      SUPER_PART | BLOCK_PART | SLICES(cases[i].slices));
}

/* Parts that the store has are not missing: slice, block, super, upper. */
static void missing_when_grown(struct kunit *test)
{
	struct pga_store *store = test->priv;

	install(test, store, 2 * SLICE, SLICE);
	check_missing(test, store, 2 * SLICE, SLICE, 0);
	check_missing(test, store, SLICE, 3 * SLICE,
		      SLICES(BIT(1) | BIT(3)));
	check_missing(test, store, BLOCK, 1, BLOCK_PART | SLICES(BIT(0)));
	check_missing(test, store, SUPER, 1,
		      UPPER | SUPER_PART | BLOCK_PART | SLICES(BIT(0)));
	install(test, store, SUPER, 1);
	check_missing(test, store, SUPER, 1, 0);
	check_missing(test, store, 5 * SUPER, 1,
		      SUPER_PART | BLOCK_PART | SLICES(BIT(0)));
}

/* Of more memory than needed, only the missing pieces are taken. */
static void install_takes_what_it_needs(struct kunit *test)
{
	struct pga_store empty = {}, *store = test->priv;
	struct pga_parts parts;
	unsigned long left = 0;
	unsigned int i;
	bool done;

	install(test, store, 0, SLICE);
	pga_store_missing(&empty, 0, 3 * SLICE, &parts);
	pgat_parts_get(test, &parts);
	done = pga_store_install(store, 0, 2 * SLICE, &parts);
	for (i = 0; i < PGA_PARTS; i++)
		left |= parts.memory[i] ? BIT(i) : 0;
	pgat_parts_put(&parts);
	KUNIT_EXPECT_TRUE(test, done);
	KUNIT_EXPECT_EQ(test, left, SUPER_PART | BLOCK_PART | SLICES(BIT(0) | BIT(2)));
	check_missing(test, store, 0, 2 * SLICE, 0);
}

/*
 * With any one piece withheld the growth fails, the others stay, and it works
 * once the piece is there.
 */
static void install_partial(struct kunit *test)
{
	struct pga_store *store = test->priv;
	struct pga_parts parts;
	void *withheld;
	unsigned int i;
	bool done;

	for (i = 0; i < 5; i++) {
		pga_store_drain(store, pgat_release);
		install(test, store, 0, 1);
		pga_store_missing(store, SUPER, 2 * SLICE, &parts);
		pgat_parts_get(test, &parts);
		withheld = pga_parts_take(&parts, i);
		done = pga_store_install(store, SUPER, 2 * SLICE, &parts);
		KUNIT_EXPECT_FALSE_MSG(test, done, "without piece %u", i);
		parts.memory[i] = withheld;
		done = pga_store_install(store, SUPER, 2 * SLICE, &parts);
		KUNIT_EXPECT_TRUE_MSG(test, done, "with piece %u", i);
		KUNIT_EXPECT_NULL(test, parts.memory[i]);
		pgat_parts_put(&parts);
		check_missing(test, store, SUPER, 2 * SLICE, 0);
	}
}

/* Pages that have just been installed are allocated, not discarded. */
static void holes_are_allocated(struct kunit *test)
{
	struct pga_store *store = test->priv;
	const struct pga_chunk *chunk;
	unsigned long i;

	install(test, store, BLOCK + SLICE, SLICE);
	for (i = 0; i < PGA_SLICE_CHUNKS; i++) {
		chunk = pga_store_chunk(store, pga_chunk_of(BLOCK + SLICE) + i);
		KUNIT_ASSERT_NOT_NULL(test, chunk);
		KUNIT_EXPECT_TRUE(test, bitmap_full(chunk->allocated, PGA_CHUNK_PAGES));
		KUNIT_EXPECT_TRUE(test, bitmap_empty(chunk->discarded, PGA_CHUNK_PAGES));
	}
}

/* Nothing is found where nothing was installed, also right beside a part. */
static void nothing_elsewhere(struct kunit *test)
{
	static const unsigned long elsewhere[] = {
		0, SUPER - 1, SUPER, SUPER + BLOCK - 1, SUPER + 2 * BLOCK,
		2 * SUPER - 1, 2 * SUPER, PGA_INDEX_PAGES - 1,
	};
	struct pga_store *store = test->priv;
	unsigned long page;
	unsigned int i;

	KUNIT_EXPECT_NULL(test, pga_store_block(store, 0));
	install(test, store, SUPER + BLOCK + SLICE, SLICE);
	for (i = 0; i < ARRAY_SIZE(elsewhere); i++) {
		page = elsewhere[i];
		KUNIT_EXPECT_NULL_MSG(test, pga_store_block(store, page), "%lu", page);
		KUNIT_EXPECT_NULL_MSG(test, pga_store_chunk(store, pga_chunk_of(page)),
				      "%lu", page);
		KUNIT_EXPECT_NULL_MSG(test, pga_store_leaf(store, PGA_FREE,
							   pga_chunk_of(page)),
				      "%lu", page);
		KUNIT_EXPECT_NULL_MSG(test, pga_store_mid(store, PGA_FREE, 2,
							  page >> pga_level_shift(2)),
				      "%lu", page);
	}
	/* Beside the slice, in the block: no maps, but summaries. */
	page = SUPER + BLOCK;
	KUNIT_EXPECT_NULL(test, pga_store_chunk(store, pga_chunk_of(page)));
	KUNIT_EXPECT_NULL(test, pga_store_chunk(store, pga_chunk_of(page + 2 * SLICE)));
	KUNIT_EXPECT_NOT_NULL(test, pga_store_leaf(store, PGA_READY, pga_chunk_of(page)));
	KUNIT_EXPECT_NULL(test, pga_store_mid(store, PGA_FREE, 4, 0));
	KUNIT_EXPECT_NOT_NULL(test, pga_store_mid(store, PGA_FREE, 4, 15));
	KUNIT_EXPECT_NULL(test, pga_store_wide(store, PGA_FREE, 5, 1));
}

/* Write, or read back, a number of its own for each summary of a level. */
static void number_level(struct kunit *test, struct pga_store *store,
			 unsigned int level, unsigned long page,
			 unsigned long end, bool write)
{
	const unsigned int shift = pga_level_shift(level);
	unsigned long i, n;
	u64 *mid;
	u32 *leaf;
	int which;

	for (which = 0; which < PGA_NR_WHICH; which++) {
		for (i = page >> shift; i <= (end - 1) >> shift; i++) {
			n = 1 + i + (level << 27) + ((unsigned long)which << 31);
			leaf = level ? NULL : pga_store_leaf(store, which, i);
			mid = level < 1 ? NULL : level < 5 ?
				pga_store_mid(store, which, level, i) :
				&pga_store_wide(store, which, level, i)->start_max;
			KUNIT_ASSERT_TRUE_MSG(test, leaf || mid, "level %u, %lu",
					      level, i);
			if (write && leaf)
				*leaf = n;
			else if (write)
				*mid = n;
			else
				KUNIT_ASSERT_EQ_MSG(test, leaf ? *leaf : *mid, n,
						    "level %u, %lu", level, i);
		}
	}
}

static void number_all(struct kunit *test, struct pga_store *store, bool write)
{
	const unsigned long super[] = { 0, 3 * SUPER, PGA_INDEX_PAGES - SUPER };
	unsigned int i, level;

	for (level = 5; level < PGA_NR_LEVELS; level++)
		number_level(test, store, level, 0, PGA_INDEX_PAGES, write);
	for (i = 0; i < ARRAY_SIZE(super); i++) {
		number_level(test, store, 4, super[i], super[i] + SUPER, write);
		number_level(test, store, 3, super[i], super[i] + SUPER, write);
		for (level = 0; level <= 2; level++)
			number_level(test, store, level, super[i] + BLOCK,
				     super[i] + 3 * BLOCK, write);
	}
}

/* Every summary of every level has a place that it shares with no other. */
static void places_are_distinct(struct kunit *test)
{
	struct pga_store *store = test->priv;

	install(test, store, 1 * BLOCK, 2 * BLOCK);
	install(test, store, 3 * SUPER + BLOCK, 2 * BLOCK);
	install(test, store, PGA_INDEX_PAGES - SUPER + BLOCK, 2 * BLOCK);
	number_all(test, store, true);
	number_all(test, store, false);
	KUNIT_EXPECT_TRUE(test, bitmap_full(pga_store_chunk(store, pga_chunk_of(BLOCK))->allocated,
					    PGA_CHUNK_PAGES));
}

/* The eight summaries of a node follow one another in memory. */
static void siblings_are_neighbours(struct kunit *test)
{
	struct pga_store *store = test->priv;
	unsigned long i;
	int level;

	install(test, store, SUPER, 1);
	install(test, store, 0, 1);
	for (i = 0; i < PGA_FANOUT; i++) {
		KUNIT_EXPECT_PTR_EQ(test, pga_store_leaf(store, PGA_READY, 8) + i,
				    pga_store_leaf(store, PGA_READY, 8 + i));
		for (level = 1; level <= 4; level++)
			KUNIT_EXPECT_PTR_EQ(test,
					    pga_store_mid(store, PGA_READY, level, 0) + i,
					    pga_store_mid(store, PGA_READY, level, i));
		for (level = 5; level <= 8; level++)
			KUNIT_EXPECT_PTR_EQ(test,
					    pga_store_wide(store, PGA_READY, level, 0) + i,
					    pga_store_wide(store, PGA_READY, level, i));
	}
}

static void check_second_super(struct kunit *test, unsigned long first,
			       unsigned long second)
{
	struct pga_store *store = test->priv;
	const struct pga_chunk *chunk;

	install(test, store, first, 1);
	KUNIT_EXPECT_NULL(test, store->upper);
	chunk = pga_store_chunk(store, pga_chunk_of(first));
	install(test, store, second, 1);
	KUNIT_EXPECT_NOT_NULL(test, store->upper);
	KUNIT_EXPECT_PTR_EQ(test, chunk, pga_store_chunk(store, pga_chunk_of(first)));
	KUNIT_EXPECT_NOT_NULL(test, pga_store_chunk(store, pga_chunk_of(second)));
	KUNIT_EXPECT_NOT_NULL(test, pga_store_wide(store, PGA_FREE, 8, 0));
	pga_store_drain(store, pgat_release);
}

/* The upper part comes with the second super, above or below, near or far. */
static void upper_with_second_super(struct kunit *test)
{
	check_second_super(test, 0, SUPER);
	check_second_super(test, SUPER, 0);
	check_second_super(test, 5 * SUPER - 1, 5 * SUPER);
	check_second_super(test, 0, PGA_INDEX_PAGES - 1);
	check_second_super(test, PGA_INDEX_PAGES - 1, PGA_INDEX_PAGES / 2);
}

/* A walk over blocks meets each block in order, and no other. */
static void next_block(struct kunit *test)
{
	static const unsigned long block[] = {
		0, 1, 7, 63, 64, 200, 201, 65535,
	};
	struct pga_store *store = test->priv;
	unsigned long page = 0;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, pga_store_next_block(store, 0), PGA_NONE);
	for (i = 0; i < ARRAY_SIZE(block); i++)
		install(test, store, block[i] * BLOCK + 5, 1);
	for (i = 0; i < ARRAY_SIZE(block); i++) {
		page = pga_store_next_block(store, page);
		KUNIT_ASSERT_EQ(test, page, block[i] * BLOCK);
		KUNIT_EXPECT_EQ(test, pga_store_next_block(store, page + 77), page + 77);
		page += BLOCK;
	}
	KUNIT_EXPECT_EQ(test, pga_store_next_block(store, page), PGA_NONE);
}

/* The same where there is only one super, and not the first. */
static void next_block_one_super(struct kunit *test)
{
	struct pga_store *store = test->priv;
	const unsigned long page = 9 * SUPER + 3 * BLOCK;

	install(test, store, page, 1);
	KUNIT_EXPECT_EQ(test, pga_store_next_block(store, 0), page);
	KUNIT_EXPECT_EQ(test, pga_store_next_block(store, page), page);
	KUNIT_EXPECT_EQ(test, pga_store_next_block(store, page + BLOCK), PGA_NONE);
	KUNIT_EXPECT_EQ(test, pga_store_next_block(store, PGA_INDEX_PAGES - 1), PGA_NONE);
}

static unsigned long released;

static void count_and_release(const void *memory)
{
	released++;
	pgat_release(memory);
}

/* A drain hands back each part once and leaves a store that works again. */
static void drain(struct kunit *test)
{
	struct pga_store *store = test->priv;
	unsigned int round;

	for (round = 0; round < 2; round++) {
		install(test, store, 0, 2 * SLICE);
		install(test, store, BLOCK, SLICE);
		install(test, store, 700 * SUPER, SLICE);
		released = 0;
		pga_store_drain(store, count_and_release);
		/* One upper, two supers, three blocks, four slices. */
		KUNIT_EXPECT_EQ(test, released, 1 + 2 + 3 + 4);
		KUNIT_EXPECT_NULL(test, pga_store_block(store, 0));
	}
	released = 0;
	pga_store_drain(store, count_and_release);
	KUNIT_EXPECT_EQ(test, released, 0);
}

/* The pieces are as large as the memory that is handed out for them. */
static void bytes(struct kunit *test)
{
	const size_t super = roundup_pow_of_two(sizeof(struct pga_super));
	const size_t block = roundup_pow_of_two(sizeof(struct pga_block));
	const size_t slice = roundup_pow_of_two(sizeof(struct pga_slice));
	const size_t upper = PAGE_ALIGN(sizeof(struct pga_upper));
	struct pga_store *store = test->priv;

	install(test, store, 0, 1);
	KUNIT_EXPECT_EQ(test, bytes_taken, super + block + slice);
	install(test, store, 1, SLICE);
	KUNIT_EXPECT_EQ(test, bytes_taken, super + block + 2 * slice);
	install(test, store, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, bytes_taken, super + block + 8 * slice);
	install(test, store, SUPER, 1);
	KUNIT_EXPECT_EQ(test, bytes_taken, upper + 2 * super + 2 * block + 9 * slice);
	install(test, store, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, bytes_taken, upper + 2 * super + 2 * block + 9 * slice);
}

static const struct metadata_case {
	const char *name;
	unsigned long page;
	unsigned long nr;
	unsigned int limit;	/* hundredths of a bit a page */
} metadata_cases[] = {
	{ "1 GiB", 0, BLOCK, 260 },
	{ "1 GiB across two blocks", BLOCK - SLICE, BLOCK, 260 },
	{ "64 GiB", 0, SUPER, 235 },
	{ "64 GiB across two supers", SUPER - BLOCK / 2, SUPER, 235 },
	{ "1 TiB", 0, 16 * SUPER, 235 },
};

PGAT_ARRAY_PARAM(metadata, metadata_cases);

/* The memory for a pool of some size, in bits a page (4 KiB pages). */
static void metadata(struct kunit *test)
{
	const struct metadata_case *c = test->param_value;
	struct pga_store *store = test->priv;
	unsigned long thousandths;

	install(test, store, c->page, c->nr);
	thousandths = bytes_taken * 8 * 1000 / c->nr;
	kunit_info(test, "%s: %zu bytes, %lu.%03lu bits a page\n", c->name,
		   bytes_taken, thousandths / 1000, thousandths % 1000);
	KUNIT_EXPECT_LE(test, thousandths, c->limit * 10);
	KUNIT_EXPECT_GE(test, thousandths, 2000);
}

static struct kunit_case store_cases[] = {
	KUNIT_CASE(missing_when_empty),
	KUNIT_CASE(missing_when_grown),
	KUNIT_CASE(install_takes_what_it_needs),
	KUNIT_CASE(install_partial),
	KUNIT_CASE(holes_are_allocated),
	KUNIT_CASE(nothing_elsewhere),
	KUNIT_CASE(places_are_distinct),
	KUNIT_CASE(siblings_are_neighbours),
	KUNIT_CASE(upper_with_second_super),
	KUNIT_CASE(next_block),
	KUNIT_CASE(next_block_one_super),
	KUNIT_CASE(drain),
	KUNIT_CASE(bytes),
	KUNIT_CASE_PARAM(metadata, metadata_gen_params),
	{}
};

static struct kunit_suite store_suite = {
	.name = "pagealloc_store",
	.init = store_init,
	.exit = store_exit,
	.test_cases = store_cases,
};

kunit_test_suite(store_suite);

MODULE_DESCRIPTION("Tests of pagealloc's store of maps and summaries");
MODULE_LICENSE("GPL");
