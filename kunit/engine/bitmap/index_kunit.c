// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of engine/bitmap/index.c and of the packing in index.h.
 *
 * The reference keeps for each chunk what the engine packs into 32 bits, with
 * generations that are counted and never come around, and searches by looking
 * at each chunk from the cursor down.
 */

#include <linux/module.h>
#include <linux/sched.h>

#include "engine/bitmap/index.h"
#include "lib/testlib.h"
#include "lib/usage.h"

#define CHUNK	PGA_CHUNK_PAGES
#define BLOCK	PGA_BLOCK_CHUNKS

/* An index over a store; nothing is in use at first. */
struct fixture {
	struct pga_store store;
	struct pga_index index;
	u8 now;
	u8 young;
};

/* The number of a tick, given how many there have been. */
static u8 tick_tag(u64 tick)
{
	return pga_tick_at(tick, 0);
}

static void index_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (f)
		pga_store_drain(&f->store, pgat_release);
}

/* Let the store hold the block of @chunk. */
static void add_block(struct kunit *test, struct fixture *f, unsigned long chunk)
{
	struct pga_parts parts;
	bool done;

	pga_store_missing(&f->store, pga_chunk_start(chunk), 1, &parts);
	pgat_parts_get(test, &parts);
	done = pga_store_install(&f->store, pga_chunk_start(chunk), 1, &parts);
	pgat_parts_put(&parts);
	KUNIT_ASSERT_TRUE(test, done);
}

/* An index that knows the blocks of chunks 0 and @chunk, and maybe no others. */
static struct fixture *new_fixture(struct kunit *test, unsigned long chunk)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	add_block(test, f, 0);
	add_block(test, f, chunk);
	return f;
}

/* The first @nr pages of a chunk come into use, or the last @nr out of it. */
static void use(struct fixture *f, unsigned long chunk, unsigned int nr)
{
	pga_index_alloc(&f->index, &f->store, pga_chunk_start(chunk), nr);
}

static void unuse(struct fixture *f, unsigned long chunk, unsigned int nr)
{
	pga_index_free(&f->index, &f->store, pga_chunk_start(chunk + 1) - nr, nr, f->now);
}

static void next_generation(struct fixture *f)
{
	pga_index_next_generation(&f->index, &f->store);
	cond_resched();
}

/* Let @nr pages of a chunk be in use as the present generation begins. */
static void begin_with(struct fixture *f, unsigned long chunk, unsigned int nr)
{
	use(f, chunk, CHUNK);
	unuse(f, chunk, CHUNK - nr);
	next_generation(f);
}

/* Change how many pages of a chunk are in use, or change it and back. */
static void change_to(struct fixture *f, unsigned long chunk, unsigned int from,
		      unsigned int to)
{
	unuse(f, chunk, 1);
	use(f, chunk, 1);
	if (to > from)
		use(f, chunk, to - from);
	else if (to < from)
		unuse(f, chunk, from - to);
}

/* Search in pieces of a few records, which must make no difference. */
static unsigned long found(struct fixture *f, bool forced)
{
	struct pga_search search = { .now = f->now, .young = f->young };
	unsigned long page;

	do {
		if (pga_index_find(&f->index, &f->store, forced, &search, 5, &page))
			return page;
	} while (search.from);
	return PGA_NONE;
}

#define EXPECT_FOUND(f, forced, page)	\
	KUNIT_EXPECT_EQ(test, found(f, forced), (unsigned long)(page))
#define EXPECT_NONE(f, forced)	\
	KUNIT_EXPECT_EQ(test, found(f, forced), PGA_NONE)

/* Each field keeps its border values, with any values of the others. */
static void packing(struct kunit *test)
{
	static const unsigned int uses[] = { 0, 1, 255, 495, 496, 511, 512 };
	static const unsigned int tags[] = { 0, 1, 1023, 1024, 2046, 2047 };
	struct pga_usage u, got;
	unsigned int i, j, k;

	for (i = 0; i < ARRAY_SIZE(uses) * ARRAY_SIZE(uses); i++) {
		for (j = 0; j < ARRAY_SIZE(tags); j++) {
			for (k = 0; k < 2; k++) {
				u = (struct pga_usage) {
					uses[i / ARRAY_SIZE(uses)],
					uses[i % ARRAY_SIZE(uses)], tags[j], k,
				};
				got = pga_usage_unpack(pgat_usage_pack(u));
				KUNIT_EXPECT_EQ(test, got.in_use, u.in_use);
				KUNIT_EXPECT_EQ(test, got.last_in_use, u.last_in_use);
				KUNIT_EXPECT_EQ(test, got.tag, u.tag);
				KUNIT_EXPECT_EQ(test, got.has_free, u.has_free);
			}
		}
	}
}

/* Memory full of zeroes, as it is supplied, has nothing in use or to discard. */
static void zero_is_unused(struct kunit *test)
{
	const struct pga_usage u = pga_usage_unpack(0);

	KUNIT_EXPECT_EQ(test, u.in_use, 0);
	KUNIT_EXPECT_EQ(test, u.last_in_use, 0);
	KUNIT_EXPECT_EQ(test, u.tag, 0);
	KUNIT_EXPECT_FALSE(test, u.has_free);
}

/* Pages in use before and now, and whether a search looks into that chunk. */
static const struct density_case {
	const char *name;
	unsigned int before;
	unsigned int now;
	bool touched;
	bool background;
	bool forced;
} density_cases[] = {
	{ "495 now, 495 before", 495, 495, true, true, true },
	{ "495 now, 496 before", 496, 495, true, false, true },
	{ "495 now, 497 before", 497, 495, true, false, true },
	{ "496 now, 495 before", 495, 496, true, false, true },
	{ "497 now, 495 before", 495, 497, true, false, true },
	{ "496 now and before", 496, 496, true, false, true },
	{ "497 now and before", 497, 497, true, false, true },
	{ "none now, 495 before", 495, 0, true, true, true },
	{ "none now, 496 before", 496, 0, true, false, true },
	{ "none now, 512 before", 512, 0, true, false, true },
	{ "511 now, none before", 0, 511, true, false, true },
	{ "512 now, none before", 0, 512, true, false, false },
	{ "495 all the time", 495, 495, false, true, true },
	{ "496 all the time", 496, 496, false, false, true },
	{ "497 all the time", 497, 497, false, false, true },
	{ "none all the time", 0, 0, false, true, true },
	{ "512 all the time", 512, 512, false, false, false },
};

PGAT_ARRAY_PARAM(density, density_cases);

/* Chunks that are dense, or were so as the generation began, are passed by. */
static void density(struct kunit *test)
{
	const struct density_case *c = test->param_value;
	struct fixture *f = new_fixture(test, 0);

	begin_with(f, 5, c->before);
	if (c->touched && c->before)
		change_to(f, 5, c->before, c->now);
	else if (c->touched)
		use(f, 5, c->now);
	EXPECT_FOUND(f, false, c->background ? 6 * CHUNK - 1 : PGA_NONE);
	EXPECT_FOUND(f, true, c->forced ? 6 * CHUNK - 1 : PGA_NONE);
}

/* The number of pages as the generation began counts, not the peak since. */
static void density_of_a_peak(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);

	begin_with(f, 0, 100);
	use(f, 0, 412);
	EXPECT_NONE(f, false);
	unuse(f, 0, 412);
	EXPECT_FOUND(f, false, CHUNK - 1);
}

/* Chunks of blocks whose tags are cleared first, second and last. */
static const struct pgat_layout age_layouts[] = {
	{ "block 0", { { 0 } } },
	{ "block 1", { { 1 * BLOCK } } },
	{ "block 1023", { { 1023 * BLOCK + 511 } } },
	{ "block 1024", { { 1024 * BLOCK + 7 } } },
	{ "block 1025", { { 1025 * BLOCK } } },
	{ "block 65535", { { 65535 * BLOCK + 511 } } },
};

PGAT_ARRAY_PARAM(age, age_layouts);

/*
 * A chunk that was dense and has not changed for any number of generations
 * reads as old, also when the tags come around, three times here.
 */
static void untouched_for_long(struct kunit *test)
{
	const struct pgat_layout *layout = test->param_value;
	const unsigned long chunk = layout->region[0].start;
	struct fixture *f = new_fixture(test, chunk);
	unsigned int i;

	begin_with(f, chunk, 500);
	unuse(f, chunk, 100);
	EXPECT_NONE(f, false);
	for (i = 1; i <= 3 * PGA_GENERATION_TAGS + 2; i++) {
		next_generation(f);
		KUNIT_ASSERT_EQ_MSG(test, found(f, false),
				    pga_chunk_start(chunk + 1) - 1,
				    "after %u generations", i);
	}
}

/*
 * A chunk that changes again after any number of generations, 1024 and 2047
 * among them, is judged by its pages in use as this generation began.
 */
static void touched_after_long(struct kunit *test)
{
	static const unsigned int pauses[] = {
		1, 2, 1023, 1024, 1025, 2046, 2047, 2048, 3 * 1024, 2 * 2047, 4 * 1024,
	};
	const struct pgat_layout *layout = test->param_value;
	const unsigned long chunk = layout->region[0].start;
	struct fixture *f = new_fixture(test, chunk);
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(pauses); i++) {
		begin_with(f, chunk, 500);
		unuse(f, chunk, 100);
		EXPECT_NONE(f, false);
		for (j = 0; j < pauses[i]; j++)
			next_generation(f);
		change_to(f, chunk, 400, 400);
		KUNIT_EXPECT_EQ_MSG(test, found(f, false),
				    pga_chunk_start(chunk + 1) - 1,
				    "after %u generations", pauses[i]);
		unuse(f, chunk, 400);
	}
}

/* A chunk touched in each generation is never taken for old. */
static void touched_each_time(struct kunit *test)
{
	const struct pgat_layout *layout = test->param_value;
	const unsigned long chunk = layout->region[0].start;
	struct fixture *f = new_fixture(test, chunk);
	unsigned int i;

	begin_with(f, chunk, 500);
	for (i = 0; i < 2 * PGA_GENERATION_TAGS + 2; i++) {
		unuse(f, chunk, 100);
		KUNIT_ASSERT_EQ_MSG(test, found(f, false), PGA_NONE,
				    "generation %u", i);
		use(f, chunk, 100);
		next_generation(f);
	}
}

/* An index with chunks of which nothing was ever freed finds nothing. */
static void nothing_freed(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);

	EXPECT_NONE(f, false);
	EXPECT_NONE(f, true);
	use(f, 3, 7);
	next_generation(f);
	EXPECT_NONE(f, false);
	EXPECT_NONE(f, true);
}

/*
 * A free raises the forced cursor to its last page at once, the background one
 * with the next generation; a free below it changes neither.
 */
static void cursors_are_raised(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);

	use(f, 4, CHUNK);
	pga_index_free(&f->index, &f->store, 4 * CHUNK + 10, 20, f->now);
	EXPECT_FOUND(f, true, 4 * CHUNK + 29);
	EXPECT_NONE(f, false);
	pga_index_free(&f->index, &f->store, 4 * CHUNK, 2, f->now);
	EXPECT_FOUND(f, true, 4 * CHUNK + 29);
	next_generation(f);
	EXPECT_FOUND(f, false, 4 * CHUNK + 29);
	pga_index_free(&f->index, &f->store, 4 * CHUNK + 100, 1, f->now);
	EXPECT_FOUND(f, true, 4 * CHUNK + 100);
	EXPECT_FOUND(f, false, 4 * CHUNK + 29);
	next_generation(f);
	EXPECT_FOUND(f, false, 4 * CHUNK + 100);
}

/* Pages freed in the last generation do not raise a cursor in the next. */
static void high_is_of_one_generation(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);

	use(f, 1, 100);
	use(f, 6, 100);
	unuse(f, 6, 50);
	next_generation(f);
	pga_index_empty(&f->store, 6);
	use(f, 1, 1);
	unuse(f, 1, 1);
	EXPECT_FOUND(f, false, 2 * CHUNK - 1);
	next_generation(f);
	KUNIT_EXPECT_EQ(test, f->index.background.next, 2 * CHUNK);
}

/* The chunk of the cursor is looked into from there, those below from the end. */
static void page_to_look_from(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);
	int forced;

	use(f, 2, CHUNK);
	use(f, 4, CHUNK);
	pga_index_free(&f->index, &f->store, 2 * CHUNK + 3, 100, f->now);
	pga_index_free(&f->index, &f->store, 4 * CHUNK + 7, 100, f->now);
	next_generation(f);
	next_generation(f);
	for (forced = 0; forced < 2; forced++)
		EXPECT_FOUND(f, forced, 4 * CHUNK + 106);
	pga_index_empty(&f->store, 4);
	for (forced = 0; forced < 2; forced++)
		EXPECT_FOUND(f, forced, 3 * CHUNK - 1);
	pga_index_free(&f->index, &f->store, 2 * CHUNK + 200, 1, f->now);
	for (forced = 0; forced < 2; forced++)
		EXPECT_FOUND(f, forced, 3 * CHUNK - 1);
}

/*
 * A raised cursor keeps its mark, and so its place, until something was found
 * in a lower chunk; after that a search in vain clears it.
 */
static void marks(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);
	int forced;

	use(f, 2, 100);
	use(f, 4, 100);
	unuse(f, 2, 50);
	unuse(f, 4, 50);
	next_generation(f);
	for (forced = 0; forced < 2; forced++) {
		struct pga_cursor *c = forced ? &f->index.forced : &f->index.background;

		use(f, 2, 1);
		unuse(f, 2, 1);
		use(f, 4, 1);
		unuse(f, 4, 1);
		EXPECT_FOUND(f, forced, 5 * CHUNK - 1);
		KUNIT_EXPECT_TRUE(test, c->marked);
		pga_index_empty(&f->store, 4);
		pga_index_empty(&f->store, 2);
		EXPECT_NONE(f, forced);
		KUNIT_EXPECT_EQ(test, c->next, 5 * CHUNK);
		use(f, 2, 1);
		unuse(f, 2, 1);
		EXPECT_FOUND(f, forced, 3 * CHUNK - 1);
		KUNIT_EXPECT_FALSE(test, c->marked);
		pga_index_empty(&f->store, 2);
		EXPECT_NONE(f, forced);
		KUNIT_EXPECT_EQ(test, c->next, 0);
	}
}

/* A background cursor that was cleared finds nothing until it is raised again. */
static void cleared_cursor(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);

	use(f, 1, 100);
	use(f, 2, 100);
	unuse(f, 2, 50);
	unuse(f, 1, 50);
	next_generation(f);
	pga_index_empty(&f->store, 2);
	EXPECT_FOUND(f, false, 2 * CHUNK - 1);
	pga_index_empty(&f->store, 1);
	EXPECT_NONE(f, false);
	unuse(f, 1, 1);
	EXPECT_NONE(f, false);
	EXPECT_FOUND(f, true, 2 * CHUNK - 1);
	next_generation(f);
	EXPECT_FOUND(f, false, 2 * CHUNK - 1);
}

/* A chunk marked as empty is passed by until pages of it are freed. */
static void empty(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);

	use(f, 3, 100);
	unuse(f, 3, 10);
	EXPECT_FOUND(f, true, 4 * CHUNK - 1);
	pga_index_empty(&f->store, 3);
	EXPECT_NONE(f, true);
	use(f, 3, 10);
	EXPECT_NONE(f, true);
	unuse(f, 3, 1);
	EXPECT_FOUND(f, true, 4 * CHUNK - 1);
}

/* Marking a chunk that the store does not have does nothing. */
static void empty_hole(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);

	use(f, 3, 100);
	unuse(f, 3, 10);
	pga_index_empty(&f->store, 3 + BLOCK);
	pga_index_empty(&f->store, 3 + BIT(PGA_SUPER_SHIFT - PGA_CHUNK_SHIFT));
	EXPECT_FOUND(f, true, 4 * CHUNK - 1);
}

/* A touch makes chunks known as a free does, and leaves the pages in use. */
static void touch(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);
	const struct pga_block *block = pga_store_block(&f->store, 0);
	unsigned int i;

	pga_index_touch(&f->index, &f->store, 2 * CHUNK + 500, 600);
	for (i = 0; i < 6; i++) {
		const struct pga_usage u = pga_usage_unpack(block->usage[i]);

		KUNIT_EXPECT_EQ(test, u.in_use, 0);
		KUNIT_EXPECT_EQ(test, u.has_free, i >= 2 && i <= 4);
	}
	EXPECT_FOUND(f, true, 4 * CHUNK + 75);
	EXPECT_NONE(f, false);
	next_generation(f);
	EXPECT_FOUND(f, false, 4 * CHUNK + 75);
}

/* Searches go past blocks, and past whole supers, that are not there. */
static void missing_blocks(struct kunit *test)
{
	const unsigned long far = 40000 * BLOCK + 100;
	struct fixture *f = new_fixture(test, far);
	int forced;

	add_block(test, f, 70 * BLOCK);
	use(f, 0, 10);
	unuse(f, 0, 5);
	use(f, 70 * BLOCK + 511, 10);
	unuse(f, 70 * BLOCK + 511, 5);
	use(f, far, 10);
	unuse(f, far, 5);
	next_generation(f);
	for (forced = 0; forced < 2; forced++)
		EXPECT_FOUND(f, forced, pga_chunk_start(far + 1) - 1);
	pga_index_empty(&f->store, far);
	for (forced = 0; forced < 2; forced++)
		EXPECT_FOUND(f, forced, pga_chunk_start(71 * BLOCK) - 1);
	pga_index_empty(&f->store, 70 * BLOCK + 511);
	for (forced = 0; forced < 2; forced++)
		EXPECT_FOUND(f, forced, CHUNK - 1);
}

static unsigned int in_use(const struct fixture *f, unsigned long chunk)
{
	const struct pga_block *block =
		pga_store_block(&f->store, pga_chunk_start(chunk));

	return pga_usage_unpack(block->usage[chunk % BLOCK]).in_use;
}

/* Ranges across two blocks count in both, each page in its own chunk. */
static void across_blocks(struct kunit *test)
{
	static const unsigned int left[] = { 100, 0, 0, 200 };
	struct fixture *f = new_fixture(test, BLOCK);
	const unsigned long border = pga_chunk_start(BLOCK);
	unsigned int i;

	pga_index_alloc(&f->index, &f->store, border - 700, 1500);
	pga_index_free(&f->index, &f->store, border - 600, 1200, f->now);
	for (i = 0; i < ARRAY_SIZE(left); i++)
		KUNIT_EXPECT_EQ_MSG(test, in_use(f, BLOCK - 2 + i), left[i],
				    "chunk %u", i);
	EXPECT_FOUND(f, true, border + 599);
	pga_index_empty(&f->store, BLOCK + 1);
	EXPECT_FOUND(f, true, border + 511);
	pga_index_empty(&f->store, BLOCK);
	EXPECT_FOUND(f, true, border - 1);
	pga_index_empty(&f->store, BLOCK - 1);
	EXPECT_FOUND(f, true, border - 513);
}

/*
 * A background search passes by a chunk for some ticks after pages of it were
 * freed, also when the ticks come around; a forced search does not.
 */
static void young(struct kunit *test)
{
	const unsigned int last = 2 * PGA_TICKS + 3;
	struct fixture *f = new_fixture(test, 0);
	unsigned int tick, age;

	f->young = 3;
	use(f, 2, 100);
	for (tick = PGA_TICKS - 5; tick < last; tick++) {
		f->now = tick_tag(tick);
		unuse(f, 2, 1);
		use(f, 2, 1);
		next_generation(f);
		for (age = 0; age < 5; age++) {
			f->now = tick_tag(tick + age);
			KUNIT_ASSERT_EQ_MSG(test, found(f, false),
					    age < 3 ? PGA_NONE : 3 * CHUNK - 1,
					    "tick %u, age %u", tick, age);
			EXPECT_FOUND(f, true, 3 * CHUNK - 1);
		}
	}
}

/* Without a delay no chunk is too young. */
static void young_without_time(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);

	use(f, 2, 100);
	unuse(f, 2, 1);
	next_generation(f);
	f->young = 3;
	EXPECT_FOUND(f, false, 3 * CHUNK - 1);
	f->young = 0;
	f->now = 1;
	use(f, 2, 1);
	unuse(f, 2, 1);
	EXPECT_FOUND(f, false, 3 * CHUNK - 1);
}

/*
 * A resume puts the cursor back to the highest chunk passed by as too young,
 * once; without it the cursor stays below.
 */
static void resume(struct kunit *test)
{
	struct fixture *f = new_fixture(test, 0);

	f->young = 3;
	f->now = 1;
	use(f, 1, 100);
	use(f, 3, 100);
	use(f, 5, 100);
	unuse(f, 1, 1);
	f->now = 9;
	unuse(f, 3, 1);
	unuse(f, 5, 1);
	next_generation(f);
	EXPECT_FOUND(f, false, 2 * CHUNK - 1);
	pga_index_empty(&f->store, 1);
	f->now = 12;
	EXPECT_NONE(f, false);
	KUNIT_EXPECT_EQ(test, f->index.skipped, 6 * CHUNK);
	pga_index_resume(&f->index);
	EXPECT_FOUND(f, false, 6 * CHUNK - 1);
	KUNIT_EXPECT_EQ(test, f->index.skipped, 0);
	pga_index_empty(&f->store, 5);
	EXPECT_FOUND(f, false, 4 * CHUNK - 1);
	pga_index_resume(&f->index);
	EXPECT_FOUND(f, false, 4 * CHUNK - 1);
}

/*
 * The reference.  Numbers of generations and ticks are never reduced, except
 * where a tick is compared: the ages of 0 and 255 ticks are one to the engine.
 */
struct ref_chunk {
	unsigned long number;
	unsigned int in_use;
	unsigned int began_with;
	u64 touched;
	u64 freed;
	bool has_free;
};

struct ref_cursor {
	unsigned long next;
	bool fresh;
};

#define REF_CHUNKS_MAX	40

struct ref {
	u64 generation;
	u64 tick;
	unsigned int young;
	unsigned long high;
	unsigned long skipped;
	struct ref_cursor cursor[2];
	unsigned int nr;
	struct ref_chunk chunk[REF_CHUNKS_MAX];
};

/* Chunks in use by a random run, in address order: [start, start + nr) each. */
static const struct pgat_layout shapes[] = {
	{ "one chunk", { { 0, 1 } } },
	{ "one chunk far up", { { 65535 * BLOCK + 511, 1 } } },
	{ "nine chunks", { { 3, 9 } } },
	{ "odd ones with holes", { { 1, 3 }, { 9, 1 }, { 31, 5 }, { 100, 7 } } },
	{ "across blocks", { { BLOCK - 5, 11 } } },
	{ "across supers", { { 64 * BLOCK - 3, 7 } } },
	{ "blocks missing between",
	  { { 0, 2 }, { 3 * BLOCK - 1, 1 }, { 63 * BLOCK, 5 }, { 64 * BLOCK, 2 },
	    { 1023 * BLOCK + 7, 3 }, { 1024 * BLOCK, 3 }, { 40000 * BLOCK, 4 } } },
};

PGAT_ARRAY_PARAM(shape, shapes);

static void ref_change(struct ref *ref, struct ref_chunk *c, int nr)
{
	if (c->touched != ref->generation)
		c->began_with = c->in_use;
	c->touched = ref->generation;
	c->in_use += nr;
	if (c->in_use == CHUNK)
		c->has_free = false;
	if (nr < 0) {
		c->has_free = true;
		c->freed = ref->tick;
	}
}

static void ref_raise(struct ref *ref, unsigned long end)
{
	ref->high = max(ref->high, end);
	if (ref->cursor[1].next < end)
		ref->cursor[1] = (struct ref_cursor) { end, true };
}

static bool ref_looks_into(struct ref *ref, const struct ref_chunk *c,
			   bool forced)
{
	if (!c->has_free)
		return false;
	if (forced)
		return true;
	if (c->in_use >= 496)
		return false;
	if (c->touched == ref->generation && c->began_with >= 496)
		return false;
	if (c->freed && (ref->tick - c->freed) % 255 < ref->young) {
		ref->skipped = max(ref->skipped, pga_chunk_start(c->number + 1));
		return false;
	}
	return true;
}

static unsigned long ref_find(struct ref *ref, bool forced)
{
	struct ref_cursor *cursor = &ref->cursor[forced];
	const struct ref_chunk *c;

	if (!cursor->next)
		return PGA_NONE;
	for (c = ref->chunk + ref->nr - 1; c >= ref->chunk; c--) {
		if (pga_chunk_start(c->number) >= cursor->next ||
		    !ref_looks_into(ref, c, forced))
			continue;
		if ((cursor->next - 1) / CHUNK != c->number)
			*cursor = (struct ref_cursor) {
				pga_chunk_start(c->number + 1), false };
		return cursor->next - 1;
	}
	if (!cursor->fresh)
		cursor->next = 0;
	return PGA_NONE;
}

static void ref_next_generation(struct ref *ref)
{
	ref->generation++;
	if (ref->cursor[0].next < ref->high)
		ref->cursor[0] = (struct ref_cursor) { ref->high, true };
	ref->high = 0;
}

static void ref_resume(struct ref *ref)
{
	if (ref->cursor[0].next < ref->skipped)
		ref->cursor[0] = (struct ref_cursor) { ref->skipped, false };
	ref->skipped = 0;
}

/* Some pages of a chunk are freed, which need not be consecutive. */
static void free_at(struct fixture *f, unsigned long page, unsigned int nr,
		    unsigned long end)
{
	const struct pga_spot spot = {
		.page = page,
		.block = pga_store_block(&f->store, page),
	};

	pga_index_free_at(&f->index, &spot, nr, end, f->now);
}

/* Pages of a random chunk come into use or go out of it, mostly near 496. */
static void step_change(struct rnd_state *random, struct fixture *f,
			struct ref *ref)
{
	struct ref_chunk *c = &ref->chunk[pgat_below(random, ref->nr)];
	const unsigned int want = pgat_below(random, 3) ?
		490 + pgat_below(random, 23) : pgat_below(random, CHUNK + 1);
	const unsigned long page = pga_chunk_start(c->number);
	unsigned int nr, at;

	if (want > c->in_use) {
		nr = want - c->in_use;
		pga_index_alloc(&f->index, &f->store, page, nr);
		ref_change(ref, c, nr);
	} else if (want < c->in_use) {
		nr = c->in_use - want;
		at = pgat_below(random, CHUNK - nr + 1);
		ref_change(ref, c, -nr);
		ref_raise(ref, page + at + nr);
		if (pgat_below(random, 2))
			pga_index_free(&f->index, &f->store, page + at, nr, f->now);
		else
			free_at(f, page, nr, page + at + nr);
	}
}

/* A generation, or now and then as many as a tag takes to come around. */
static void step_generation(struct rnd_state *random, struct fixture *f,
			    struct ref *ref)
{
	static const unsigned int many[] = { 1023, 1024, 1025, 2046, 2047, 2048 };
	unsigned int nr = 1;

	if (!pgat_below(random, 40))
		nr = many[pgat_below(random, ARRAY_SIZE(many))];
	while (nr--) {
		next_generation(f);
		ref_next_generation(ref);
	}
}

static void step_time(struct rnd_state *random, struct fixture *f,
		      struct ref *ref)
{
	if (pgat_below(random, 2)) {
		pga_index_resume(&f->index);
		ref_resume(ref);
		return;
	}
	ref->tick += pgat_length(random, 20);
	ref->young = pgat_below(random, 8);
	f->now = tick_tag(ref->tick);
	f->young = ref->young;
}

static void step_mark(struct rnd_state *random, struct fixture *f,
		      struct ref *ref)
{
	struct ref_chunk *c = &ref->chunk[pgat_below(random, ref->nr)];
	const unsigned long page = pga_chunk_start(c->number) +
				   pgat_below(random, CHUNK);

	if (pgat_below(random, 4)) {
		pga_index_empty(&f->store, c->number);
		c->has_free = false;
	} else {
		pga_index_touch(&f->index, &f->store, page, 1);
		c->has_free = true;
		ref_raise(ref, page + 1);
	}
}

static void step_find(struct kunit *test, struct rnd_state *random,
		      struct fixture *f, struct ref *ref)
{
	const bool forced = pgat_below(random, 3) == 0;
	const unsigned long want = ref_find(ref, forced);
	const unsigned long got = found(f, forced);
	unsigned int i;

	KUNIT_ASSERT_EQ_MSG(test, got, want, "forced %d, generation %llu, tick %llu",
			    forced, ref->generation, ref->tick);
	if (got != PGA_NONE && pgat_below(random, 2)) {
		pga_index_empty(&f->store, pga_chunk_of(got));
		for (i = 0; i < ref->nr; i++)
			if (ref->chunk[i].number == pga_chunk_of(got))
				ref->chunk[i].has_free = false;
	}
}

/* Compare all of the index with the reference. */
static void check_ref(struct kunit *test, const struct fixture *f,
		      const struct ref *ref)
{
	const struct pga_cursor *got[] = { &f->index.background, &f->index.forced };
	int i;

	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, got[i]->next, ref->cursor[i].next);
		KUNIT_ASSERT_TRUE(test, !got[i]->next ||
				  got[i]->marked == ref->cursor[i].fresh);
	}
	for (i = 0; i < ref->nr; i++) {
		const struct ref_chunk *c = &ref->chunk[i];
		const struct pga_block *block =
			pga_store_block(&f->store, pga_chunk_start(c->number));
		const struct pga_usage u =
			pga_usage_unpack(block->usage[c->number % BLOCK]);

		KUNIT_ASSERT_EQ_MSG(test, u.in_use, c->in_use, "chunk %lu", c->number);
		KUNIT_ASSERT_EQ_MSG(test, u.has_free, c->has_free, "chunk %lu",
				    c->number);
	}
}

static struct ref *new_ref(struct kunit *test, const struct pgat_layout *shape,
			   struct fixture *f)
{
	struct ref *ref = kunit_kzalloc(test, sizeof(*ref), GFP_KERNEL);
	const struct pga_extent *r = shape->region;
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, ref);
	ref->tick = 1;
	ref->generation = 1;
	f->now = tick_tag(ref->tick);
	for (; r < shape->region + PGAT_WINDOWS_MAX && r->nr; r++) {
		for (i = r->start; i < pga_extent_end(*r); i++) {
			add_block(test, f, i);
			ref->chunk[ref->nr++].number = i;
		}
	}
	return ref;
}

/*
 * Uses, frees, thousands of generations, ticks, finds, empty chunks and touches
 * in random order: each answer is the reference's.  20000 steps a shape, 140000
 * in all.
 */
static void random_run(struct kunit *test)
{
	const struct pgat_layout *shape = test->param_value;
	struct fixture *f = new_fixture(test, shape->region[0].start);
	struct rnd_state random = pgat_random(test);
	struct ref *ref = new_ref(test, shape, f);
	unsigned int step;

	for (step = 0; step < 20000; step++) {
		switch (pgat_below(&random, 16)) {
		case 0:
			step_generation(&random, f, ref);
			break;
		case 1:
			step_time(&random, f, ref);
			break;
		case 2:
			step_mark(&random, f, ref);
			break;
		case 3 ... 8:
			step_change(&random, f, ref);
			break;
		default:
			step_find(test, &random, f, ref);
		}
		if (step % 16 == 0)
			check_ref(test, f, ref);
	}
	KUNIT_EXPECT_GT(test, ref->generation, 2ULL * PGA_GENERATION_TAGS);
}

static struct kunit_case index_cases[] = {
	KUNIT_CASE(packing),
	KUNIT_CASE(zero_is_unused),
	KUNIT_CASE_PARAM(density, density_gen_params),
	KUNIT_CASE(density_of_a_peak),
	KUNIT_CASE_PARAM(untouched_for_long, age_gen_params),
	KUNIT_CASE_PARAM(touched_after_long, age_gen_params),
	KUNIT_CASE_PARAM(touched_each_time, age_gen_params),
	KUNIT_CASE(nothing_freed),
	KUNIT_CASE(cursors_are_raised),
	KUNIT_CASE(high_is_of_one_generation),
	KUNIT_CASE(page_to_look_from),
	KUNIT_CASE(marks),
	KUNIT_CASE(cleared_cursor),
	KUNIT_CASE(empty),
	KUNIT_CASE(empty_hole),
	KUNIT_CASE(touch),
	KUNIT_CASE(missing_blocks),
	KUNIT_CASE(across_blocks),
	KUNIT_CASE(young),
	KUNIT_CASE(young_without_time),
	KUNIT_CASE(resume),
	KUNIT_CASE_PARAM(random_run, shape_gen_params),
	{}
};

static struct kunit_suite index_suite = {
	.name = "pagealloc_index",
	.exit = index_exit,
	.test_cases = index_cases,
};

kunit_test_suite(index_suite);

MODULE_DESCRIPTION("Tests of pagealloc's scavenge index");
MODULE_LICENSE("GPL");
