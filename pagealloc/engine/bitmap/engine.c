// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmap engine as one of two: see engine/map.h.
 *
 * Everything here hands on to the engine.
 */

#include <linux/bitmap.h>
#include <linux/minmax.h>

#include "engine/bitmap/bits.h"
#include "engine/bitmap/fit.h"
#include "engine/bitmap/sweep.h"
#include "engine/bitmap/verify.h"
#include "engine/map.h"
#include "base/kunit_export.h"

static void init(struct pga_map *map, unsigned long page_bytes,
		 unsigned long granule_bytes)
{
	pga_bitmap_init(&map->bitmap);
}

/* The pieces: upper, super, block, and the slices of a block. */
enum part { UPPER, SUPER, BLOCK, SLICES };

static void missing(const struct pga_map *map, unsigned long page,
		    unsigned long nr, struct pga_parts *parts)
{
	const struct pga_missing m =
		pga_store_missing(&map->bitmap.tree.store, page, nr);
	unsigned int i;

	*parts = (struct pga_parts) {};
	if (m.upper)
		parts->size[UPPER] = sizeof(struct pga_upper);
	if (m.super)
		parts->size[SUPER] = sizeof(struct pga_super);
	if (m.block)
		parts->size[BLOCK] = sizeof(struct pga_block);
	for (i = 0; i < PGA_BLOCK_SLICES; i++)
		if (m.slices & BIT(i))
			parts->size[SLICES + i] = sizeof(struct pga_slice);
}

static bool grow(struct pga_map *map, unsigned long page, unsigned long nr,
		 enum pga_made made, struct pga_parts *parts)
{
	struct pga_supply supply = {
		.upper = parts->memory[UPPER],
		.super = parts->memory[SUPER],
		.block = parts->memory[BLOCK],
	};
	unsigned int i;
	bool grown;

	for (i = 0; i < PGA_BLOCK_SLICES; i++)
		supply.slice[i] = parts->memory[SLICES + i];
	grown = pga_bitmap_grow(&map->bitmap, page, nr, made, &supply);
	parts->memory[UPPER] = supply.upper;
	parts->memory[SUPER] = supply.super;
	parts->memory[BLOCK] = supply.block;
	for (i = 0; i < PGA_BLOCK_SLICES; i++)
		parts->memory[SLICES + i] = supply.slice[i];
	return grown;
}

static void drain(struct pga_map *map, void (*release)(const void *memory))
{
	pga_store_drain(&map->bitmap.tree.store, release);
}

static size_t bytes(const struct pga_map *map)
{
	return map->bitmap.tree.store.bytes;
}

static unsigned long find(struct pga_map *map, enum pga_which which,
			  unsigned long nr)
{
	return pga_bitmap_find(&map->bitmap, which, nr);
}

static bool fit(const struct pga_map *map, struct pga_fit *fit,
		unsigned int budget, unsigned long *page)
{
	return pga_fit_find(&map->bitmap.tree, fit, budget, page);
}

static unsigned long longest(const struct pga_map *map)
{
	return pga_tree_root(&map->bitmap.tree, PGA_FREE).max;
}

static bool test(const struct pga_map *map, unsigned long page, unsigned long nr,
		 bool allocated)
{
	return pga_bitmap_test(&map->bitmap, page, nr, allocated);
}

static unsigned long busy(const struct pga_map *map, unsigned long page,
			  unsigned long end)
{
	return pga_bitmap_busy(&map->bitmap, page, end);
}

static bool next_discarded(const struct pga_map *map, unsigned long page,
			   unsigned long end, struct pga_extent *extent)
{
	return pga_bitmap_next_discarded(&map->bitmap, page, end, extent);
}

static void read_chunk(const struct pga_map *map, unsigned long i,
		       struct pga_chunk *chunk)
{
	const struct pga_chunk *from = pga_store_chunk(&map->bitmap.tree.store, i);

	if (from) {
		*chunk = *from;
		return;
	}
	bitmap_fill(chunk->allocated, PGA_CHUNK_PAGES);
	bitmap_zero(chunk->discarded, PGA_CHUNK_PAGES);
}

static unsigned long next_slice(const struct pga_map *map, unsigned long page)
{
	return pga_store_next_block(&map->bitmap.tree.store, page);
}

static bool hold(struct pga_map *map, unsigned long page, unsigned long nr)
{
	return pga_bitmap_hold(&map->bitmap, page, nr);
}

static bool put(struct pga_map *map, unsigned long page, unsigned long nr,
		enum pga_made made)
{
	return pga_bitmap_put(&map->bitmap, page, nr, made);
}

static void used(struct pga_map *map, unsigned long page, unsigned long nr)
{
	pga_bitmap_use(&map->bitmap, page, nr);
}

static bool alloc(struct pga_map *map, unsigned long page, unsigned long nr)
{
	return pga_bitmap_alloc(&map->bitmap, page, nr);
}

static bool free_run(struct pga_map *map, unsigned long page, unsigned long nr)
{
	return pga_bitmap_free(&map->bitmap, page, nr);
}

static unsigned int take_words(struct pga_map *map, unsigned long page,
			       enum pga_which which, unsigned int words,
			       unsigned int pages, struct pga_cache *taken)
{
	return pga_bitmap_take_words(&map->bitmap, page, which, words, pages, taken);
}

static u64 put_word(struct pga_map *map, unsigned long page, u64 owned,
		    u64 discarded)
{
	return pga_bitmap_put_word(&map->bitmap, page, owned, discarded);
}

static const struct pga_words *words(const struct pga_map *map, unsigned long page)
{
	const struct pga_super *super =
		pga_store_super(&map->bitmap.tree.store, page);

	return super ? &super->words : NULL;
}

static unsigned long allocated(const struct pga_map *map, unsigned long page)
{
	return *pga_word_at(words(map, page), page);
}

/* Whatever is there, from the top. */
static bool next_any(struct pga_map *map, struct pga_sweep *sweep,
		     unsigned int budget, const struct pga_piece *piece,
		     struct pga_extent *extent)
{
	bool found;

	/* Nothing is found below page 0, so that stands for the beginning. */
	if (!sweep->below)
		sweep->below = PGA_NONE;
	found = pga_bitmap_find_group(&map->bitmap, piece->granule, piece->max,
				      piece->huge, &sweep->below, budget, extent);
	sweep->over = !sweep->below;
	return found;
}

static bool next_idle(struct pga_map *map, struct pga_sweep *sweep,
		      unsigned int budget, const struct pga_piece *piece,
		      struct pga_extent *extent)
{
	if (!sweep->idle)
		return next_any(map, sweep, budget, piece, extent);
	sweep->over = !pga_bitmap_next_candidate(&map->bitmap, false, &sweep->search,
						 budget, piece->granule, piece->max,
						 piece->huge, extent);
	return !sweep->over && extent->nr;
}

static void offer(struct pga_map *map, unsigned long page, unsigned long nr)
{
	pga_bitmap_offer(&map->bitmap, page, nr);
}

static void pass_by(struct pga_map *map, const struct pga_sweep *sweep,
		    unsigned long page, unsigned long nr)
{
	pga_bitmap_pass_by(&map->bitmap, page, nr);
}

static void tell_time(struct pga_map *map, u64 tick)
{
	map->bitmap.index.now = pga_tick_tag(tick);
}

static void set_delay(struct pga_map *map, unsigned int ticks,
		      unsigned int shift)
{
	map->bitmap.index.young = ticks;
}

static bool too_young(const struct pga_map *map)
{
	return map->bitmap.index.skipped;
}

static void resume(struct pga_map *map)
{
	pga_index_resume(&map->bitmap.index);
}

static void next_generation(struct pga_map *map)
{
	pga_index_next_generation(&map->bitmap.index, &map->bitmap.tree.store);
}

const struct pga_engine_ops pga_bitmap_engine = {
	.name = "bitmap",
	.init = init,
	.missing = missing,
	.grow = grow,
	.drain = drain,
	.bytes = bytes,
	.find = find,
	.fit = fit,
	.longest = longest,
	.test = test,
	.busy = busy,
	.next_discarded = next_discarded,
	.read_chunk = read_chunk,
	.next_slice = next_slice,
	.hold = hold,
	.put = put,
	.used = used,
	.alloc = alloc,
	.free = free_run,
	.take_words = take_words,
	.put_word = put_word,
	.allocated = allocated,
	.words = words,
	.next_idle = next_idle,
	.offer = offer,
	.pass_by = pass_by,
	.tell_time = tell_time,
	.set_delay = set_delay,
	.too_young = too_young,
	.resume = resume,
	.next_generation = next_generation,
	.verify = pga_bitmap_verify,
};
PGA_EXPORT_FOR_KUNIT(pga_bitmap_engine);
