// SPDX-License-Identifier: GPL-2.0
/*
 * The engine against the slow model, after every operation.
 *
 * A million random operations on pools of shapes that no trace has.  After each
 * operation these are compared with the model: the maps of the chunks it
 * touched; the summaries above them, in both trees and on each level up to the
 * root; the counts; and first fit in both trees for several lengths.  No page
 * is both allocated and discarded, and no hint is too high.
 *
 * So the model must be cheap to ask.  It is a list of free runs, made from two
 * bits a cell after each operation: a summary is these runs clipped to a
 * stretch.  A cell is a page, or many pages where the pool is to fill the upper
 * levels.
 */

#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "lib/cache.h"
#include "engine/bitmap/search.h"
#include "lib/testlib.h"

#define CELLS_MAX	(20 * 512)
#define REGIONS_MAX	8

/* Operations in all; the instrumented kernels are an order slower. */
#define OPERATIONS	(PGAT_SLOW ? 100000 : 1000000)

/* Runs of cells, as they lie in the index space, in address order. */
struct runs {
	unsigned int nr;
	unsigned long longest;
	struct pga_extent run[CELLS_MAX / 2];
};

/**
 * struct stretch - consecutive cells of the model, none of them in another
 * @start: first page
 * @nr: pages
 * @at: number of its first cell
 */
struct stretch {
	unsigned long start;
	unsigned long nr;
	unsigned int at;
};

/**
 * struct model - what each cell is
 * @shift: a cell is 1 << @shift pages
 * @nr: stretches that the pool has grown by, in address order
 * @stretch: these
 * @cells: cells in them; those of neighbours follow one another
 * @free: cells that are free
 * @ready: cells that are free and ready
 * @runs: runs of both kinds
 */
struct model {
	unsigned int shift;
	unsigned int nr;
	struct stretch stretch[REGIONS_MAX];
	unsigned int cells;
	DECLARE_BITMAP(free, CELLS_MAX);
	DECLARE_BITMAP(ready, CELLS_MAX);
	struct runs runs[PGA_NR_WHICH];
};

/**
 * struct shape - a pool
 * @name: its name
 * @shift: a cell is 1 << @shift pages
 * @weight: how much more than others an operation costs on it
 * @region: in the order of growth
 */
struct shape {
	const char *name;
	unsigned int shift;
	unsigned int weight;
	struct pga_extent region[REGIONS_MAX];
};

#define CHUNKS(first, nr)	{ 512UL * (first), 512UL * (nr) }

static const struct shape shapes[] = {
	{ "one chunk", 0, 1, { CHUNKS(0, 1) } },
	{ "one chunk, far up", 0, 1, { CHUNKS(BIT(25) - 1, 1) } },
	{ "less than a chunk", 0, 1, { { 512 * 9 + 37, 400 } } },
	{ "one page, and two", 0, 1, { { 5, 1 }, { 63, 2 } } },
	{ "three chunks", 0, 1, { CHUNKS(5, 3) } },
	{ "five chunks, holes at both ends", 0, 1, { { 512 + 100, 5 * 512 - 200 } } },
	{ "thirteen chunks across nodes", 0, 1, { CHUNKS(59, 13) } },
	{ "regions with holes", 0, 1,
	  { { 70, 300 }, { 512, 512 }, { 1100, 800 }, { 2048, 65 }, { 4000, 200 } } },
	{ "adjacent regions", 0, 1,
	  { { 100, 412 }, { 512, 100 }, { 612, 1000 }, { 1612, 9 } } },
	{ "growth downwards", 0, 1,
	  { CHUNKS(64, 1), CHUNKS(63, 1), CHUNKS(61, 2), CHUNKS(8, 1), CHUNKS(7, 1) } },
	{ "growth downwards, unaligned", 0, 1,
	  { { 40000, 700 }, { 39000, 1000 }, { 32768, 500 }, { 32700, 68 } } },
	{ "growth on both sides", 0, 1,
	  { CHUNKS(512, 1), CHUNKS(513, 1), CHUNKS(511, 1), CHUNKS(515, 1), CHUNKS(509, 1) } },
	{ "across 2^18", 0, 1, { { BIT(18) - 600, 1200 } } },
	{ "across 2^21", 0, 1, { { BIT(21) - 600, 1200 } } },
	{ "across 2^21, downwards", 0, 1, { { BIT(21), 600 }, { BIT(21) - 600, 600 } } },
	{ "across 2^22 with a hole", 0, 1,
	  { { BIT(22) - 700, 650 }, { BIT(22) + 50, 600 } } },
	{ "across 2^24", 0, 1, { { BIT(24) - 600, 1200 } } },
	{ "across 2^24, downwards", 0, 1, { { BIT(24), 500 }, { BIT(24) - 500, 500 } } },
	{ "across 2^27", 0, 1, { { BIT(27) - 300, 900 } } },
	{ "across 2^33", 0, 1, { { BIT(33) - 500, 1000 } } },
	{ "across 2^33, downwards", 0, 1, { { BIT(33), 500 }, { BIT(33) - 500, 500 } } },
	{ "the upper end", 0, 1, { { BIT(34) - 1000, 1000 } } },
	{ "both ends", 0, 1, { CHUNKS(0, 1), CHUNKS(BIT(25) - 1, 1) } },
	{ "both ends, downwards", 0, 1, { CHUNKS(BIT(25) - 1, 1), CHUNKS(0, 1) } },
	{ "more than 2^24 apart", 0, 1,
	  { { 100, 500 }, { BIT(24) + BIT(23), 400 }, { BIT(26) - 300, 300 } } },
	{ "each level its chunk", 0, 1,
	  { CHUNKS(0, 1), CHUNKS(8, 1), { BIT(18) - 1, 300 }, { BIT(21) - 10, 300 },
	    { BIT(24) - 10, 300 }, { BIT(27) - 10, 300 }, { BIT(30) - 10, 300 },
	    { BIT(33) - 10, 300 } } },
	{ "each level its chunk, downwards", 0, 1,
	  { { BIT(33) - 10, 300 }, { BIT(30) - 10, 300 }, { BIT(27) - 10, 300 },
	    { BIT(24) - 10, 300 }, { BIT(21) - 10, 300 }, { BIT(18) - 1, 300 },
	    CHUNKS(8, 1), CHUNKS(0, 1) } },
	{ "blocks of 64", 6, 1, { { 0, BIT(16) }, { BIT(18) - BIT(12), BIT(13) } } },
	{ "chunks, 2^21 and more", 9, 4, { { BIT(21) - BIT(12), BIT(21) + BIT(13) } } },
	{ "slices, across 2^24", 15, 100,
	  { { BIT(24) - BIT(22), BIT(23) }, { BIT(27) - BIT(20), BIT(21) } } },
	{ "slices, across 2^33, downwards", 15, 100,
	  { { BIT(33), BIT(22) }, { BIT(33) - BIT(22), BIT(22) } } },
};

PGAT_ARRAY_PARAM(shape, shapes);

/* An engine, its model, and the state of the test. */
struct run {
	struct pga_bitmap bitmap;
	struct model model;
	struct rnd_state random;
	const struct shape *shape;
	unsigned long start;
	unsigned int regions;
	unsigned long operations;
	unsigned int fullness;
};

static void model_exit(struct kunit *test)
{
	struct run *run = test->priv;

	if (run)
		pga_store_drain(&run->bitmap.tree.store, pgat_release);
	kvfree(run);
}

/* Pages after all others: a run, or more of the last one. */
static void add_run(struct runs *runs, unsigned long page, unsigned long nr)
{
	struct pga_extent *e;

	if (!runs->nr || pga_extent_end(runs->run[runs->nr - 1]) != page)
		runs->run[runs->nr++] = (struct pga_extent) { page };
	e = &runs->run[runs->nr - 1];
	e->nr += nr;
	runs->longest = max(runs->longest, e->nr);
}

/* The ones of a part of a bitmap go to a list of runs, @start being the first. */
static void list_part(struct runs *runs, const unsigned long *bits,
		      const struct stretch *s, unsigned int shift)
{
	const unsigned int end = s->at + (s->nr >> shift);
	unsigned int first = find_next_bit(bits, end, s->at), last;

	for (; first < end; first = find_next_bit(bits, end, last)) {
		last = find_next_zero_bit(bits, end, first);
		add_run(runs, s->start + ((unsigned long)(first - s->at) << shift),
			(unsigned long)(last - first) << shift);
	}
}

static void list_runs(struct model *m, enum pga_which which)
{
	struct runs *runs = &m->runs[which];
	unsigned int i;

	runs->nr = 0;
	runs->longest = 0;
	for (i = 0; i < m->nr; i++)
		list_part(runs, which == PGA_FREE ? m->free : m->ready,
			  &m->stretch[i], m->shift);
}

/* The first run that ends after @page. */
static unsigned int first_run(const struct runs *runs, unsigned long page)
{
	unsigned int low = 0, high = runs->nr, i;

	while (low < high) {
		i = (low + high) / 2;
		if (pga_extent_end(runs->run[i]) <= page)
			low = i + 1;
		else
			high = i;
	}
	return low;
}

/* The summary of a stretch in which all runs lie. */
static struct pga_sum sum_of_all(const struct runs *runs, unsigned long from,
				 unsigned long end)
{
	const struct pga_extent first = runs->run[0], last = runs->run[runs->nr - 1];

	return (struct pga_sum) {
		.start = first.start == from ? first.nr : 0,
		.max = runs->longest,
		.end = pga_extent_end(last) == end ? last.nr : 0,
	};
}

/* The summary of the pages from @from to @end: the runs, clipped. */
static struct pga_sum model_sum(const struct runs *runs, unsigned long from,
				unsigned long end)
{
	unsigned int i = first_run(runs, from);
	struct pga_sum sum = {};

	if (i < runs->nr && from <= runs->run[0].start &&
	    end >= pga_extent_end(runs->run[runs->nr - 1]))
		return sum_of_all(runs, from, end);
	for (; i < runs->nr && runs->run[i].start < end; i++) {
		const unsigned long first = max(runs->run[i].start, from);
		const unsigned long last = min(pga_extent_end(runs->run[i]), end);

		if (first == from)
			sum.start = last - first;
		if (last == end)
			sum.end = last - first;
		sum.max = max(sum.max, last - first);
	}
	return sum;
}

static unsigned long model_find(const struct runs *runs, unsigned long nr)
{
	unsigned int i;

	for (i = 0; i < runs->nr; i++)
		if (runs->run[i].nr >= nr)
			return runs->run[i].start;
	return PGA_NONE;
}

/* The cell of a page of the pool. */
static unsigned int cell_of(const struct model *m, unsigned long page)
{
	const struct stretch *s = m->stretch;

	while (page - s->start >= s->nr)
		s++;
	return s->at + ((page - s->start) >> m->shift);
}

/* The page of a cell. */
static unsigned long page_of(const struct model *m, unsigned int cell)
{
	const struct stretch *s = m->stretch;

	while (cell - s->at >= s->nr >> m->shift)
		s++;
	return s->start + ((unsigned long)(cell - s->at) << m->shift);
}

/* The cells of a range; those of neighbouring stretches follow one another. */
static void model_set(struct model *m, unsigned long page, unsigned long nr,
		      bool free, bool ready)
{
	const unsigned int cell = cell_of(m, page), cells = nr >> m->shift;

	bitmap_clear(m->free, cell, cells);
	bitmap_clear(m->ready, cell, cells);
	if (free)
		bitmap_set(m->free, cell, cells);
	if (ready)
		bitmap_set(m->ready, cell, cells);
}

static void move_cells(unsigned long *bits, unsigned int from, unsigned int nr,
		       unsigned int by)
{
	while (nr--)
		__assign_bit(from + nr + by, bits, test_bit(from + nr, bits));
}

/* Add a stretch; the cells of those above it move up. */
static void model_grow(struct model *m, unsigned long page, unsigned long nr)
{
	const unsigned int cells = nr >> m->shift;
	unsigned int at = m->cells, i;

	for (i = m->nr++; i && m->stretch[i - 1].start > page; i--) {
		m->stretch[i] = m->stretch[i - 1];
		at = m->stretch[i].at;
		m->stretch[i].at += cells;
	}
	m->stretch[i] = (struct stretch) { page, nr, at };
	move_cells(m->free, at, m->cells - at, cells);
	move_cells(m->ready, at, m->cells - at, cells);
	m->cells += cells;
}

/* The 512 bits from @page on, ones where a run is. */
static void runs_to_bits(const struct runs *runs, unsigned long page,
			 unsigned long *bits)
{
	unsigned int i = first_run(runs, page);

	bitmap_zero(bits, PGA_CHUNK_PAGES);
	for (; i < runs->nr && runs->run[i].start < page + PGA_CHUNK_PAGES; i++) {
		const unsigned long first = max(runs->run[i].start, page);
		const unsigned long last = min(pga_extent_end(runs->run[i]),
					       page + PGA_CHUNK_PAGES);

		bitmap_set(bits, first - page, last - first);
	}
}

/* The maps of one chunk against the model, and I1; holes are allocated. */
static bool chunk_right(const struct run *run, unsigned long i)
{
	const struct pga_chunk *chunk = pga_store_chunk(&run->bitmap.tree.store, i);
	DECLARE_BITMAP(free, PGA_CHUNK_PAGES);
	DECLARE_BITMAP(ready, PGA_CHUNK_PAGES);

	if (bitmap_intersects(chunk->allocated, chunk->discarded, PGA_CHUNK_PAGES))
		return false;
	runs_to_bits(&run->model.runs[PGA_FREE], pga_chunk_start(i), free);
	runs_to_bits(&run->model.runs[PGA_READY], pga_chunk_start(i), ready);
	bitmap_andnot(ready, free, ready, PGA_CHUNK_PAGES);
	bitmap_complement(free, free, PGA_CHUNK_PAGES);
	return bitmap_equal(chunk->allocated, free, PGA_CHUNK_PAGES) &&
	       bitmap_equal(chunk->discarded, ready, PGA_CHUNK_PAGES);
}

/* One summary, of both trees. */
static void check_sum(struct kunit *test, const struct run *run,
		      unsigned int level, unsigned long i)
{
	const struct pga_tree *tree = &run->bitmap.tree;
	const unsigned long start = i << pga_level_shift(level);
	struct pga_sum got;
	int which;

	for (which = 0; which < PGA_NR_WHICH; which++) {
		if (level == tree->root_level)
			got = pga_tree_root(tree, which);
		else
			got = pga_tree_get(tree, which, level, i);
		pgat_check_sum(test, got,
			       model_sum(&run->model.runs[which], start,
					 start + pga_level_pages(level)), level, i);
	}
}

/* Summaries to look at, at each end of the pages touched. */
#define AT_EACH_END	6

static unsigned long skip_middle(unsigned long i, unsigned long first,
				 unsigned long last)
{
	if (i == first + AT_EACH_END && last - first > 2 * AT_EACH_END)
		return last - AT_EACH_END;
	return i;
}

static void check_path(struct kunit *test, const struct run *run,
		       unsigned long page, unsigned long nr)
{
	unsigned int level, shift;
	unsigned long i, last;

	for (level = 0; level <= run->bitmap.tree.root_level; level++) {
		shift = pga_level_shift(level);
		last = (page + nr - 1) >> shift;
		for (i = page >> shift; i <= last; i++) {
			i = skip_middle(i, page >> shift, last);
			check_sum(test, run, level, i);
		}
	}
	KUNIT_ASSERT_EQ(test, page >> shift, run->bitmap.tree.root);
}

static void check_chunks(struct kunit *test, const struct run *run,
			 unsigned long page, unsigned long nr)
{
	const unsigned long first = pga_chunk_of(page);
	const unsigned long last = pga_chunk_of(page + nr - 1);
	unsigned long i;

	for (i = first; i <= last; i++) {
		i = skip_middle(i, first, last);
		KUNIT_ASSERT_TRUE_MSG(test, chunk_right(run, i), "maps of chunk %lu", i);
	}
}

static void check_counts(struct kunit *test, const struct run *run)
{
	const struct model *m = &run->model;
	const unsigned long free = bitmap_weight(m->free, m->cells);
	const unsigned long ready = bitmap_weight(m->ready, m->cells);

	KUNIT_ASSERT_EQ(test, run->bitmap.map.pages, (unsigned long)m->cells << m->shift);
	KUNIT_ASSERT_EQ(test, run->bitmap.map.free, free << m->shift);
	KUNIT_ASSERT_EQ(test, run->bitmap.map.discarded, (free - ready) << m->shift);
}

static void check_find(struct kunit *test, struct run *run, enum pga_which which,
		       unsigned long nr)
{
	const unsigned long want = model_find(&run->model.runs[which], nr);

	unsigned long hint = 0;

	KUNIT_ASSERT_EQ_MSG(test, pga_tree_find(&run->bitmap.tree, which, nr, &hint),
			    want, "%lu pages, tree %d", nr, which);
	KUNIT_ASSERT_EQ_MSG(test, pga_map_find(&run->bitmap.map, which, nr), want,
			    "%lu pages, tree %d, from the hint", nr, which);
}

/* One page, any number, the longest run and one more: a few of these each time. */
static void check_finds(struct kunit *test, struct run *run)
{
	int which;

	for (which = 0; which < PGA_NR_WHICH; which++) {
		const unsigned long longest = run->model.runs[which].longest;

		KUNIT_ASSERT_LE(test, run->bitmap.hint[which],
				model_find(&run->model.runs[which], 1));
		check_find(test, run, which, pgat_length(&run->random, longest + 1));
		check_find(test, run, which, longest + (run->operations & 1 || !longest));
		if (!pgat_below(&run->random, 4))
			check_find(test, run, which, 1);
	}
}

/* Compare everything after an operation on these pages. */
static void done(struct kunit *test, struct run *run, unsigned long page,
		 unsigned long nr)
{
	run->operations++;
	list_runs(&run->model, PGA_FREE);
	list_runs(&run->model, PGA_READY);
	check_path(test, run, page, nr);
	check_chunks(test, run, page, nr);
	check_counts(test, run);
	check_finds(test, run);
}

static void operation_grow(struct kunit *test, struct run *run)
{
	const struct pga_extent r = run->shape->region[run->regions++];
	const bool ready = pgat_below(&run->random, 2);
	const unsigned long end = pga_extent_end(r);
	struct pga_parts parts;
	unsigned long page, next;

	model_grow(&run->model, r.start, r.nr);
	for (page = r.start; page < end; page = next) {
		next = min(end, ALIGN(page + 1, BIT(PGA_BLOCK_SHIFT)));
		pga_map_missing(&run->bitmap.map, page, next - page, &parts);
		pgat_parts_get(test, &parts);
		KUNIT_ASSERT_TRUE(test, pga_map_grow(&run->bitmap.map, page, next - page,
						     ready ? PGA_MADE_READY :
							PGA_MADE_DISCARDED, &parts));
		pgat_parts_put(&parts);
	}
	model_set(&run->model, r.start, r.nr, true, ready);
	done(test, run, r.start, r.nr);
}

/* First fit of a random length; half the time it is a short one. */
static void operation_alloc(struct kunit *test, struct run *run)
{
	const enum pga_which which = pgat_below(&run->random, PGA_NR_WHICH);
	const unsigned long most = run->model.runs[which].longest >> run->model.shift;
	unsigned long nr, page;

	if (!most)
		return;
	nr = pgat_below(&run->random, 2) ? pgat_length(&run->random, most) :
					   pgat_length(&run->random, min(most, 8UL));
	nr <<= run->model.shift;
	page = pga_map_find(&run->bitmap.map, which, nr);
	KUNIT_ASSERT_TRUE(test, pga_map_alloc(&run->bitmap.map, page, nr));
	model_set(&run->model, page, nr, false, false);
	done(test, run, page, nr);
}

/*
 * Some cells in a row, of one region's, that are all allocated or all free as
 * the random first of them is; false if the other was asked for.
 */
static bool some_cells(struct run *run, bool free, struct pga_extent *e)
{
	struct model *m = &run->model;
	const unsigned int cell = pgat_below(&run->random, m->cells);
	const struct stretch *s = m->stretch;
	unsigned int end, most;

	if (test_bit(cell, m->free) != free)
		return false;
	while (cell - s->at >= s->nr >> m->shift)
		s++;
	most = s->at + (s->nr >> m->shift);
	end = free ? find_next_zero_bit(m->free, most, cell) :
		     find_next_bit(m->free, most, cell);
	e->start = page_of(m, cell);
	e->nr = pgat_length(&run->random, end - cell) << m->shift;
	return true;
}

static void operation_free(struct kunit *test, struct run *run)
{
	struct pga_extent e;

	if (!some_cells(run, false, &e))
		return;
	KUNIT_ASSERT_TRUE(test, pga_map_free(&run->bitmap.map, e.start, e.nr));
	model_set(&run->model, e.start, e.nr, true, true);
	done(test, run, e.start, e.nr);
}

/* Free pages are held, which is one operation, and put back, which is another. */
static void operation_hold_and_put(struct kunit *test, struct run *run)
{
	const bool ready = pgat_below(&run->random, 3) == 0;
	struct pga_extent e;

	if (!some_cells(run, true, &e))
		return;
	KUNIT_ASSERT_TRUE(test, pga_map_hold(&run->bitmap.map, e.start, e.nr));
	model_set(&run->model, e.start, e.nr, false, false);
	done(test, run, e.start, e.nr);
	KUNIT_ASSERT_TRUE(test, pga_map_put(&run->bitmap.map, e.start, e.nr,
					    ready ? PGA_MADE_READY :
					       PGA_MADE_DISCARDED));
	model_set(&run->model, e.start, e.nr, true, ready);
	done(test, run, e.start, e.nr);
}

/* Set the state of the pages of a cache in the model. */
static void model_set_word(struct model *m, const struct pga_cache *cache,
			   bool free)
{
	unsigned int i;

	for (i = 0; i < PGA_CACHE_PAGES; i++)
		if (cache->owned & BIT_ULL(i))
			model_set(m, cache->base + i, 1, free,
				  free && !(cache->discarded & BIT_ULL(i)));
}

/* A cache is filled, something is allocated from it, and it is flushed. */
static void operation_cache(struct kunit *test, struct run *run)
{
	const enum pga_which which = pgat_below(&run->random, PGA_NR_WHICH);
	const unsigned long first = model_find(&run->model.runs[which], 1);
	struct pga_cache cache = {}, left;
	unsigned int discarded;

	KUNIT_ASSERT_EQ(test, pgat_cache_refill(&cache, &run->bitmap.map, which),
			first != PGA_NONE);
	if (first == PGA_NONE)
		return;
	KUNIT_ASSERT_EQ(test, cache.base, ALIGN_DOWN(first, PGA_CACHE_PAGES));
	model_set_word(&run->model, &cache, false);
	done(test, run, cache.base, PGA_CACHE_PAGES);
	pgat_cache_alloc(&cache, pgat_length(&run->random, 16), &discarded);
	left = cache;
	pgat_cache_flush(&cache, &run->bitmap.map);
	model_set_word(&run->model, &left, true);
	done(test, run, left.base, PGA_CACHE_PAGES);
}

/* Allocate for a while until the pool is full, free for a while. */
static void operation(struct kunit *test, struct run *run)
{
	if (!pgat_below(&run->random, 200))
		run->fullness = pgat_below(&run->random, 7);
	switch (pgat_below(&run->random, 12)) {
	case 0 ... 1:
		operation_hold_and_put(test, run);
		break;
	case 2:
		if (!run->shape->shift)
			operation_cache(test, run);
		break;
	default:
		if (pgat_below(&run->random, 7) <= run->fullness)
			operation_alloc(test, run);
		else
			operation_free(test, run);
	}
}

static bool can_grow(const struct run *run)
{
	return run->regions < REGIONS_MAX && run->shape->region[run->regions].nr;
}

/* A pool's life: it grows to its shape while it is used, and goes. */
static void life(struct kunit *test, struct run *run, unsigned long operations)
{
	const unsigned long end = run->operations + operations;

	pga_store_drain(&run->bitmap.tree.store, pgat_release);
	pga_map_init(&run->bitmap.map, &pga_bitmap_engine, PAGE_SIZE, PAGE_SIZE);
	memset(&run->model, 0, sizeof(run->model));
	run->model.shift = run->shape->shift;
	run->regions = 0;
	while (run->operations < end && pgat_go_on(run->start)) {
		if (!run->regions ||
		    (can_grow(run) && !pgat_below(&run->random, 100)))
			operation_grow(test, run);
		operation(test, run);
	}
}

static unsigned long share_of(const struct shape *shape)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++)
		sum += 1000 / shapes[i].weight;
	return OPERATIONS * (1000 / shape->weight) / sum + 1;
}

/* A million operations on all shapes, each compared with the model. */
static void every_operation(struct kunit *test)
{
	struct run *run = kvzalloc(sizeof(*run), GFP_KERNEL);
	const struct shape *shape = test->param_value;
	const unsigned long operations = share_of(shape);

	KUNIT_ASSERT_NOT_NULL(test, run);
	test->priv = run;
	run->shape = shape;
	run->start = jiffies;
	run->random = pgat_random(test);
	while (run->operations < operations && pgat_go_on(run->start))
		life(test, run, min(operations, 4000UL));
	kunit_info(test, "%lu operations\n", run->operations);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE_PARAM(every_operation, shape_gen_params),
	{}
};

static struct kunit_suite model_suite = {
	.name = "pagealloc_model",
	.exit = model_exit,
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);

MODULE_DESCRIPTION("pagealloc's engine against a slow model after every operation");
MODULE_LICENSE("GPL");
