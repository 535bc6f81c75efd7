// SPDX-License-Identifier: GPL-2.0
/*
 * Functions for all suites: random numbers, a model of an allocator, and memory
 * for the growth of an engine.
 *
 * The model is an array with one byte for each cell, the state of its pages.  Each
 * question is answered by a walk over the array from one end to the other.  That
 * is slow and simple, so the model is easy to trust.  A pool with holes of
 * terabytes has a model of several windows; a pool of terabytes has cells of more
 * than a page.
 *
 * The seed is a parameter of this module and not of the suites: on 6.1 the tests
 * of a suite run before the parameters of its module are parsed.
 */

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/mm.h>

#include "lib/testlib.h"

static char *seed = "";
module_param(seed, charp, 0444);
MODULE_PARM_DESC(seed, "Seed of the random tests, a number (default: random)");

static char *engine = "";
module_param(engine, charp, 0444);
MODULE_PARM_DESC(engine, "Engine of the pools under test (default: bitmap)");

static u64 seed_value;

/**
 * pgat_engine() - the engine of pools under test
 *
 * Return: the name of the engine.
 */
const char *pgat_engine(void)
{
	return *engine ? engine : "bitmap";
}
EXPORT_SYMBOL_GPL(pgat_engine);

/**
 * pgat_alive() - let other tasks run, and log every ten seconds that the test does
 *
 * For long loops: the host kills a guest that is silent for minutes.
 *
 * Context: a task.
 */
void pgat_alive(void)
{
	static unsigned long logged_at = INITIAL_JIFFIES;

	cond_resched();
	/* Several threads may be here. */
	if (time_before(jiffies, READ_ONCE(logged_at) + 10 * HZ))
		return;
	WRITE_ONCE(logged_at, jiffies);
	pr_info("pagealloc-test: alive\n");
}
EXPORT_SYMBOL_GPL(pgat_alive);

/**
 * pgat_go_on() - is there time for another round of a loop?
 * @start: when the test began, in jiffies
 *
 * KUnit ends a test after five minutes.  A test with a million rounds does fewer of
 * them on a slow machine, and logs how many.
 *
 * Context: a task.
 * Return: false after PGAT_PATIENCE.
 */
bool pgat_go_on(unsigned long start)
{
	pgat_alive();
	return time_before(jiffies, start + PGAT_PATIENCE);
}
EXPORT_SYMBOL_GPL(pgat_go_on);

/**
 * pgat_random() - create a generator for a test, and log the seed
 * @test: the test
 *
 * Each test starts with the same seed, so it gets the same numbers when it runs
 * alone.
 *
 * Return: a generator.
 */
struct rnd_state pgat_random(struct kunit *test)
{
	struct rnd_state random;

	kunit_info(test, "seed=%llu\n", seed_value);
	prandom_seed_state(&random, seed_value);
	return random;
}
EXPORT_SYMBOL_GPL(pgat_random);

/**
 * pgat_below() - a random number below a limit
 * @random: the generator
 * @limit: at least 1
 *
 * Return: the number.
 */
unsigned long pgat_below(struct rnd_state *random, unsigned long limit)
{
	const unsigned long high = prandom_u32_state(random);

	return (high << 32 | prandom_u32_state(random)) % limit;
}
EXPORT_SYMBOL_GPL(pgat_below);

/**
 * pgat_length() - a random length
 * @random: the generator
 * @limit: greatest length, at least 1
 *
 * Most lengths are short: each power of two is as likely as the next.
 *
 * Return: a number from 1 to @limit.
 */
unsigned long pgat_length(struct rnd_state *random, unsigned long limit)
{
	const unsigned int bits = pgat_below(random, __fls(limit) + 1);
	const unsigned long nr = BIT(bits) + pgat_below(random, BIT(bits));

	return min(nr, limit);
}
EXPORT_SYMBOL_GPL(pgat_length);

/**
 * pgat_random_map() - fill a bitmap with runs of random lengths
 * @random: the generator
 * @map: the bitmap
 * @nr: bits
 */
void pgat_random_map(struct rnd_state *random, unsigned long *map,
		     unsigned int nr)
{
	const unsigned long ones = pgat_length(random, nr);
	const unsigned long zeroes = pgat_length(random, nr);
	unsigned int at = 0, run;

	bitmap_zero(map, nr);
	if (pgat_below(random, 2))
		at = min_t(unsigned int, nr, pgat_length(random, zeroes));
	while (at < nr) {
		run = min_t(unsigned int, nr - at, pgat_length(random, ones));
		bitmap_set(map, at, run);
		at += run + pgat_length(random, zeroes);
	}
}
EXPORT_SYMBOL_GPL(pgat_random_map);

/**
 * pgat_model_create() - create a model without windows
 * @test: the test; its end frees the model
 * @shift: a cell is 1 << @shift pages
 *
 * Return: the model.
 */
struct pgat_model *pgat_model_create(struct kunit *test, unsigned int shift)
{
	struct pgat_model *model = kunit_kzalloc(test, sizeof(*model), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, model);
	model->shift = shift;
	return model;
}
EXPORT_SYMBOL_GPL(pgat_model_create);

/**
 * pgat_model_window() - add a window to a model; its pages are holes
 * @test: the test
 * @model: the model
 * @start: first page, whole cells
 * @nr: pages, whole cells
 */
void pgat_model_window(struct kunit *test, struct pgat_model *model,
		       unsigned long start, unsigned long nr)
{
	struct pgat_window *w = model->window;
	unsigned int i = model->nr_windows;
	u8 *cell;

	KUNIT_ASSERT_LT(test, i, PGAT_WINDOWS_MAX);
	cell = kunit_kzalloc(test, nr >> model->shift, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cell);
	for (; i && w[i - 1].start > start; i--)
		w[i] = w[i - 1];
	w[i] = (struct pgat_window) { start, start + nr, cell };
	model->nr_windows++;
}
EXPORT_SYMBOL_GPL(pgat_model_window);

static u8 *cell_of(const struct pgat_model *model, unsigned long page)
{
	const struct pgat_window *w = model->window;
	unsigned int i;

	for (i = 0; i < model->nr_windows; i++)
		if (page >= w[i].start && page < w[i].end)
			return &w[i].cell[(page - w[i].start) >> model->shift];
	return NULL;
}

/**
 * pgat_model_get() - the state of a page
 * @model: the model
 * @page: the page
 *
 * Return: its state.
 */
enum pgat_state pgat_model_get(const struct pgat_model *model,
			       unsigned long page)
{
	const u8 *cell = cell_of(model, page);

	return cell ? *cell : PGAT_HOLE;
}
EXPORT_SYMBOL_GPL(pgat_model_get);

/**
 * pgat_model_set() - set the state of pages
 * @model: the model
 * @page: first page, whole cells
 * @nr: pages, whole cells; all of them are in windows
 * @state: the state
 */
void pgat_model_set(struct pgat_model *model, unsigned long page,
		    unsigned long nr, enum pgat_state state)
{
	const unsigned long end = page + nr;

	for (; page < end; page += 1UL << model->shift)
		*cell_of(model, page) = state;
}
EXPORT_SYMBOL_GPL(pgat_model_set);

/**
 * pgat_model_is() - whether all pages are in a state
 * @model: the model
 * @page: first page, whole cells
 * @nr: pages, whole cells
 * @state: the state
 *
 * Return: whether they are.
 */
bool pgat_model_is(const struct pgat_model *model, unsigned long page,
		   unsigned long nr, enum pgat_state state)
{
	const unsigned long end = page + nr;

	for (; page < end; page += 1UL << model->shift)
		if (pgat_model_get(model, page) != state)
			return false;
	return true;
}
EXPORT_SYMBOL_GPL(pgat_model_is);

/**
 * pgat_model_count() - the number of pages in a state
 * @model: the model
 * @state: the state; holes outside windows do not count
 *
 * Return: the number.
 */
unsigned long pgat_model_count(const struct pgat_model *model,
			       enum pgat_state state)
{
	const struct pgat_window *w = model->window;
	unsigned long i, nr = 0;

	for (; w < model->window + model->nr_windows; w++)
		for (i = 0; i < (w->end - w->start) >> model->shift; i++)
			nr += w->cell[i] == state;
	return nr << model->shift;
}
EXPORT_SYMBOL_GPL(pgat_model_count);

static bool is_free(enum pgat_state state, enum pga_which which)
{
	return state == PGAT_READY ||
	       (state == PGAT_DISCARDED && which == PGA_FREE);
}

/*
 * Find a run, or continue one, in a window.  Returns true if the run ends there,
 * false if there is none yet or if it extends to the end of the window.
 */
static bool run_in_window(const struct pgat_window *w, unsigned int shift,
			  enum pga_which which, unsigned long page,
			  unsigned long end, struct pga_extent *run)
{
	const unsigned long cell = 1UL << shift;

	if (run->nr && page != pga_extent_end(*run))
		return true;
	for (; page < end; page += cell) {
		if (!is_free(w->cell[(page - w->start) >> shift], which)) {
			if (run->nr)
				return true;
			continue;
		}
		if (!run->nr)
			run->start = page;
		run->nr += cell;
	}
	return false;
}

/**
 * pgat_model_run() - the first run of free or ready pages in a range
 * @model: the model
 * @which: free pages, or only ready ones
 * @from: first page of the range, whole cells
 * @end: the page after its last
 * @run: set to all pages of the run that lie in the range
 *
 * Return: whether there is one.
 */
bool pgat_model_run(const struct pgat_model *model, enum pga_which which,
		    unsigned long from, unsigned long end,
		    struct pga_extent *run)
{
	const struct pgat_window *w = model->window;

	run->nr = 0;
	for (; w < model->window + model->nr_windows; w++) {
		const unsigned long first = max(from, w->start);
		const unsigned long last = min(end, w->end);

		if (first < last &&
		    run_in_window(w, model->shift, which, first, last, run))
			break;
	}
	return run->nr;
}
EXPORT_SYMBOL_GPL(pgat_model_run);

/**
 * pgat_model_find() - first fit
 * @model: the model
 * @which: free pages, or only ready ones
 * @nr: length of the run
 *
 * Return: the lowest page at which such a run fits, or PGA_NONE.
 */
unsigned long pgat_model_find(const struct pgat_model *model,
			      enum pga_which which, unsigned long nr)
{
	struct pga_extent run = {};

	while (pgat_model_run(model, which, pga_extent_end(run), PGA_NONE, &run))
		if (run.nr >= nr)
			return run.start;
	return PGA_NONE;
}
EXPORT_SYMBOL_GPL(pgat_model_find);

/**
 * pgat_model_longest() - the longest run of free or ready pages
 * @model: the model
 * @which: free pages, or only ready ones
 *
 * Return: its length.
 */
unsigned long pgat_model_longest(const struct pgat_model *model,
				 enum pga_which which)
{
	return pgat_model_sum(model, which, 0, PGA_NONE).max;
}
EXPORT_SYMBOL_GPL(pgat_model_longest);

/**
 * pgat_random_range() - a random range of pages
 * @random: the generator
 * @model: the model
 *
 * Most ranges are short.  A range starts or ends with its window more often than by
 * chance.
 *
 * Return: the range, whole cells within one window.
 */
struct pga_extent pgat_random_range(struct rnd_state *random,
				    const struct pgat_model *model)
{
	const struct pgat_window *w =
		&model->window[pgat_below(random, model->nr_windows)];
	const unsigned long cells = (w->end - w->start) >> model->shift;
	unsigned long nr = pgat_length(random, cells), at;

	switch (pgat_below(random, 8)) {
	case 0:
		at = 0;
		break;
	case 1:
		at = cells - nr;
		break;
	default:
		at = pgat_below(random, cells);
	}
	nr = min(nr, cells - at);
	return (struct pga_extent) { w->start + (at << model->shift),
				     nr << model->shift };
}
EXPORT_SYMBOL_GPL(pgat_random_range);

/**
 * pgat_model_sum() - the summary of a range
 * @model: the model
 * @which: free pages, or only ready ones
 * @start: first page, whole cells
 * @nr: pages, whole cells
 *
 * Return: the summary.
 */
struct pga_sum pgat_model_sum(const struct pgat_model *model,
			      enum pga_which which, unsigned long start,
			      unsigned long nr)
{
	const unsigned long end = start + nr;
	struct pga_extent run = { start, 0 };
	struct pga_sum sum = {};

	while (pgat_model_run(model, which, pga_extent_end(run), end, &run)) {
		if (run.start == start)
			sum.start = run.nr;
		if (pga_extent_end(run) == end)
			sum.end = run.nr;
		sum.max = max(sum.max, run.nr);
	}
	return sum;
}
EXPORT_SYMBOL_GPL(pgat_model_sum);

/* Whether none of the @granule pages from @page on is busy. */
static bool group_idle(const unsigned long *busy, int page, int granule)
{
	int i;

	for (i = page; i < page + granule; i++)
		if (test_bit(i, busy))
			return false;
	return true;
}

/**
 * pgat_candidate() - find the pages of a chunk to discard, page by page
 * @busy: map of the chunk
 * @from: a page in the highest word to search
 * @granule: pages of a granule
 * @max: pages to discard
 * @huge: pages of a huge page, or 0
 *
 * The candidate lies in the highest run of idle granules: its upper granules up to
 * @max pages.  If the candidate starts inside a huge page that is all idle, it is
 * extended to the start of the huge page.
 *
 * Return: the pages.
 */
struct pga_candidate pgat_candidate(const unsigned long *busy,
				    unsigned int from, unsigned int granule,
				    unsigned long max, unsigned int huge)
{
	int end = (from / 64 + 1) * 64, low, start, page;

	while (end && !group_idle(busy, end - granule, granule))
		end -= granule;
	low = end;
	while (low && group_idle(busy, low - granule, granule))
		low -= granule;
	start = end;
	while (start > low && (start == end || end - start < max))
		start -= granule;
	for (page = 0; huge && page < PGA_CHUNK_PAGES; page += huge)
		if (page < start && start < page + huge &&
		    low <= page && page + huge <= end)
			start = page;
	return (struct pga_candidate) { end == low ? 0 : start, end - start };
}
EXPORT_SYMBOL_GPL(pgat_candidate);

/**
 * pgat_parts_get() - allocate the memory for a growth
 * @test: the test
 * @parts: the sizes are set; the memory is set to zeroed pieces
 */
void pgat_parts_get(struct kunit *test, struct pga_parts *parts)
{
	bool complete = true;
	unsigned int i;

	for (i = 0; i < PGA_PARTS; i++) {
		if (!parts->size[i])
			continue;
		parts->memory[i] = kvzalloc(parts->size[i], GFP_KERNEL);
		complete &= !!parts->memory[i];
	}
	if (!complete)
		pgat_parts_put(parts);
	KUNIT_ASSERT_TRUE_MSG(test, complete, "no memory");
}
EXPORT_SYMBOL_GPL(pgat_parts_get);

/**
 * pgat_parts_put() - free the pieces that were not taken
 * @parts: the pieces
 */
void pgat_parts_put(struct pga_parts *parts)
{
	unsigned int i;

	for (i = 0; i < PGA_PARTS; i++)
		kvfree(parts->memory[i]);
	*parts = (struct pga_parts) {};
}
EXPORT_SYMBOL_GPL(pgat_parts_put);

/**
 * pgat_release() - free a part of a store, for pga_store_drain()
 * @memory: the part
 */
void pgat_release(const void *memory)
{
	kvfree(memory);
}
EXPORT_SYMBOL_GPL(pgat_release);

/**
 * pgat_pair_create() - create an engine and its model, both without pages
 * @test: the test; the suite's exit calls pgat_pair_free()
 * @shift: a cell of the model is 1 << @shift pages
 *
 * Return: the pair.
 */
struct pgat_pair *pgat_pair_create(struct kunit *test, unsigned int shift)
{
	struct pgat_pair *pair = kunit_kzalloc(test, sizeof(*pair), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pair);
	pair->map = &pair->bitmap.map;
	pga_map_init(pair->map, &pga_bitmap_engine, PAGE_SIZE, PAGE_SIZE);
	pair->model = pgat_model_create(test, shift);
	return pair;
}
EXPORT_SYMBOL_GPL(pgat_pair_create);

/**
 * pgat_pair_free() - free the memory of an engine
 * @pair: the engine and its model
 */
void pgat_pair_free(struct pgat_pair *pair)
{
	pga_store_drain(&pair->bitmap.tree.store, pgat_release);
}
EXPORT_SYMBOL_GPL(pgat_pair_free);

/**
 * pgat_pair_grow() - add pages to an engine and its model
 * @test: the test
 * @pair: the engine and its model
 * @page: first page; all of the range is a hole in a window of the model
 * @nr: pages
 * @made: PGA_MADE_READY or PGA_MADE_DISCARDED
 */
void pgat_pair_grow(struct kunit *test, struct pgat_pair *pair,
		    unsigned long page, unsigned long nr, enum pga_made made)
{
	const unsigned long end = page + nr;
	struct pga_parts parts;
	bool grown;

	KUNIT_ASSERT_TRUE(test, pgat_model_is(pair->model, page, nr, PGAT_HOLE));
	pgat_model_set(pair->model, page, nr,
		       made == PGA_MADE_READY ? PGAT_READY : PGAT_DISCARDED);
	for (; page < end; page += nr) {
		nr = min(end, ALIGN(page + 1, BIT(PGA_BLOCK_SHIFT))) - page;
		pga_map_missing(pair->map, page, nr, &parts);
		pgat_parts_get(test, &parts);
		grown = pga_map_grow(pair->map, page, nr, made, &parts);
		pgat_parts_put(&parts);
		KUNIT_ASSERT_TRUE_MSG(test, grown, "growth by %lu at %lu", nr, page);
	}
}
EXPORT_SYMBOL_GPL(pgat_pair_grow);

/**
 * pgat_check_sum() - compare two summaries
 * @test: the test, which ends if they differ
 * @got: the engine's summary
 * @want: the model's summary
 * @level: level of the summary
 * @at: index of the summary in its level
 */
void pgat_check_sum(struct kunit *test, struct pga_sum got, struct pga_sum want,
		    unsigned int level, unsigned long at)
{
	KUNIT_ASSERT_TRUE_MSG(test, pga_sum_equal(got, want),
			      "level %u, %lu: got %lu %lu %lu, want %lu %lu %lu",
			      level, at, got.start, got.max, got.end,
			      want.start, want.max, want.end);
}
EXPORT_SYMBOL_GPL(pgat_check_sum);

static void check_page(struct kunit *test, const struct pgat_pair *pair,
		       unsigned long page)
{
	const enum pgat_state want = pgat_model_get(pair->model, page);
	const struct pga_chunk *chunk =
		pga_store_chunk(&pair->bitmap.tree.store, pga_chunk_of(page));
	bool allocated, discarded;

	if (!chunk) {
		KUNIT_ASSERT_EQ_MSG(test, want, PGAT_HOLE, "page %lu", page);
		return;
	}
	allocated = test_bit(page % PGA_CHUNK_PAGES, chunk->allocated);
	discarded = test_bit(page % PGA_CHUNK_PAGES, chunk->discarded);
	KUNIT_ASSERT_EQ_MSG(test, allocated,
			    want == PGAT_BUSY || want == PGAT_HOLE,
			    "page %lu allocated", page);
	KUNIT_ASSERT_EQ_MSG(test, discarded, want == PGAT_DISCARDED,
			    "page %lu discarded", page);
}

/**
 * pgat_check_maps() - compare the maps with the model, page by page
 * @test: the test, which ends if they differ
 * @pair: the engine and its model
 */
void pgat_check_maps(struct kunit *test, const struct pgat_pair *pair)
{
	const struct pgat_model *model = pair->model;
	const struct pgat_window *w = model->window;
	unsigned long page;

	for (; w < model->window + model->nr_windows; w++)
		for (page = w->start; page < w->end; page++)
			check_page(test, pair, page);
}
EXPORT_SYMBOL_GPL(pgat_check_maps);

/* Check a summary in each tree: as stored, and as merged from its children. */
static void check_node(struct kunit *test, const struct pgat_pair *pair,
		       unsigned int level, unsigned long i)
{
	const struct pga_tree *tree = &pair->bitmap.tree;
	const unsigned long pages = pga_level_pages(level);
	struct pga_sum want;
	int which;

	for (which = 0; which < PGA_NR_WHICH; which++) {
		want = pgat_model_sum(pair->model, which, i * pages, pages);
		if (level == tree->root_level && i == tree->root)
			pgat_check_sum(test, pga_tree_root(tree, which), want,
				       level, i);
		else if (level < tree->root_level)
			pgat_check_sum(test, pga_tree_get(tree, which, level, i),
				       want, level, i);
		if (level)
			pgat_check_sum(test, pga_tree_merge(tree, which, level, i),
				       want, level, i);
	}
}

/**
 * pgat_check_sums() - compare the summaries of all levels with the model
 * @test: the test, which ends if they differ
 * @pair: the engine and its model, with cells of a chunk at most
 */
void pgat_check_sums(struct kunit *test, const struct pgat_pair *pair)
{
	const struct pgat_model *model = pair->model;
	const struct pgat_window *w = model->window;
	unsigned int level, shift;
	unsigned long i;

	for (; w < model->window + model->nr_windows; w++) {
		for (level = 0; level <= pair->bitmap.tree.root_level; level++) {
			shift = pga_level_shift(level);
			for (i = w->start >> shift; i <= (w->end - 1) >> shift; i++)
				check_node(test, pair, level, i);
		}
	}
}
EXPORT_SYMBOL_GPL(pgat_check_sums);

static int __init testlib_init(void)
{
	if (!*seed)
		seed_value = get_random_u64();
	else if (kstrtou64(seed, 0, &seed_value))
		return -EINVAL;
	return 0;
}
module_init(testlib_init);

static void __exit testlib_exit(void)
{
}
module_exit(testlib_exit);

MODULE_DESCRIPTION("Functions for the test suites of pagealloc");
MODULE_LICENSE("GPL");
