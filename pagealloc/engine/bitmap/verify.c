// SPDX-License-Identifier: GPL-2.0
/*
 * The examination of the summaries.
 *
 * Each is computed anew from what is below it: those of a few chunks, with those of
 * levels 1 and 2 that begin there, then, from level 3 on, one at a time.
 */

#include <linux/minmax.h>

#include "engine/bitmap/bitmap.h"
#include "engine/bitmap/bits.h"
#include "engine/bitmap/verify.h"

/* Chunks examined in one step. */
#define CHUNKS_A_STEP	4

static_assert((1UL << PGA_SLICE_SHIFT) % (CHUNKS_A_STEP * PGA_CHUNK_PAGES) == 0);

static void compare(struct pga_verify *v, const char *what, int level,
		    unsigned long page, u64 got, u64 want)
{
	if (got != want)
		v->report(v, what, level, page, got, want);
}

static void compare_sums(const struct pga_map *map, struct pga_verify *v,
			 enum pga_which which, int level, unsigned long i,
			 struct pga_sum want)
{
	static const char * const what[PGA_NR_WHICH][3] = {
		[PGA_FREE] = { "free start", "free max", "free end" },
		[PGA_READY] = { "ready start", "ready max", "ready end" },
	};
	const struct pga_sum got = pga_tree_get(&pga_bitmap_of(map)->tree, which, level, i);
	const unsigned long page = i << pga_level_shift(level);

	compare(v, what[which][0], level, page, got.start, want.start);
	compare(v, what[which][1], level, page, got.max, want.max);
	compare(v, what[which][2], level, page, got.end, want.end);
}

static void verify_chunk(const struct pga_map *map, struct pga_verify *v,
			 unsigned long i)
{
	const struct pga_chunk *chunk = pga_store_chunk(&pga_bitmap_of(map)->tree.store, i);
	struct pga_sum free = {}, ready = {};

	if (chunk) {
		free = pga_chunk_summarize(chunk, PGA_FREE);
		ready = pga_chunk_summarize(chunk, PGA_READY);
	}
	compare_sums(map, v, PGA_FREE, 0, i, free);
	compare_sums(map, v, PGA_READY, 0, i, ready);
}

/* Summaries from level 1 on that begin in [@page, @end). */
static void verify_level(const struct pga_map *map, struct pga_verify *v,
			 unsigned int level, unsigned long page,
			 unsigned long end)
{
	const struct pga_tree *tree = &pga_bitmap_of(map)->tree;
	const unsigned int shift = pga_level_shift(level);
	unsigned long i;

	for (i = (page + pga_level_pages(level) - 1) >> shift; i << shift < end; i++) {
		compare_sums(map, v, PGA_FREE, level, i,
			     pga_tree_merge(tree, PGA_FREE, level, i));
		compare_sums(map, v, PGA_READY, level, i,
			     pga_tree_merge(tree, PGA_READY, level, i));
	}
}

/* Some chunks, and what begins there up to level 2. */
static void verify_chunks(const struct pga_map *map, struct pga_verify *v)
{
	const unsigned long end = v->page + CHUNKS_A_STEP * PGA_CHUNK_PAGES;
	const unsigned int top = min(pga_bitmap_of(map)->tree.root_level, 3U);
	unsigned int level;
	unsigned long i;

	for (i = pga_chunk_of(v->page); i < pga_chunk_of(end); i++)
		verify_chunk(map, v, i);
	for (level = 1; level < top; level++)
		verify_level(map, v, level, v->page, end);
	v->page = end;
}

/* One summary of a level from 3 on; false if there is none left. */
static bool verify_summary(const struct pga_map *map, struct pga_verify *v)
{
	const struct pga_tree *tree = &pga_bitmap_of(map)->tree;
	const unsigned long pages = pga_level_pages(v->stage);

	if (v->stage >= tree->root_level)
		return false;
	v->page = max(v->page, ALIGN_DOWN(tree->first, pages));
	if (v->page < tree->end) {
		verify_level(map, v, v->stage, v->page, v->page + 1);
		v->page += pages;
	} else {
		v->stage++;
		v->page = 0;
	}
	return true;
}

/* See pga_map_verify().  Stage 0 is the chunks, a stage from 3 on is a level. */
bool pga_bitmap_verify(const struct pga_map *map, struct pga_verify *v)
{
	if (v->stage)
		return verify_summary(map, v);
	v->page = pga_store_next_block(&pga_bitmap_of(map)->tree.store, v->page);
	if (v->page != PGA_NONE) {
		verify_chunks(map, v);
	} else {
		v->stage = 3;
		v->page = 0;
	}
	return true;
}
