// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmap engine by the contract of engine/map.h.
 */

#include "engine/bitmap/bitmap.h"
#include "engine/bitmap/engine.h"
#include "engine/bitmap/fit.h"
#include "engine/bitmap/read.h"
#include "engine/bitmap/sweep.h"
#include "engine/bitmap/verify.h"
#include "base/kunit_export.h"

static void drain(struct pga_map *map, void (*release)(const void *memory))
{
	pga_store_drain(&pga_bitmap_of(map)->tree.store, release);
}

static void missing(const struct pga_map *map, unsigned long page,
		    unsigned long nr, struct pga_parts *parts)
{
	pga_store_missing(&pga_bitmap_of(map)->tree.store, page, nr, parts);
}

static bool fit(struct pga_map *map, struct pga_fit *fit, unsigned int budget,
		unsigned long *page)
{
	struct pga_bitmap *b = pga_bitmap_of(map);

	if (!fit->begun) {
		pga_aligned_begin(&b->aligned, fit);
		if (pga_fit_near(&b->tree, fit, page)) {
			pga_aligned_end(&b->aligned, fit, *page);
			return true;
		}
	}
	if (!pga_fit_find(&b->tree, fit, budget, page))
		return false;
	pga_aligned_end(&b->aligned, fit, *page);
	return true;
}

const struct pga_engine_ops pga_bitmap_engine = {
	.name = "bitmap",
	.size = sizeof(struct pga_bitmap),
	.grow_max = 8 * PGA_CHUNK_PAGES,
	.init = pga_bitmap_init,
	.drain = drain,
	.missing = missing,
	.grow = pga_bitmap_grow,
	.find = pga_bitmap_find,
	.fit = fit,
	.longest = pga_bitmap_longest,
	.count = pga_bitmap_count,
	.next_discarded = pga_bitmap_next_discarded,
	.read = pga_bitmap_read,
	.hold = pga_bitmap_hold,
	.use = pga_bitmap_use,
	.put = pga_bitmap_put,
	.words = pga_bitmap_words,
	.allocated = pga_bitmap_allocated,
	.take_words = pga_bitmap_take_words,
	.put_word = pga_bitmap_put_word,
	.put_words = pga_bitmap_put_words,
	.next_idle = pga_bitmap_next_idle,
	.pass_by = pga_bitmap_pass_by,
	.too_young = pga_bitmap_too_young,
	.next_generation = pga_bitmap_next_generation,
	.verify = pga_bitmap_verify,
};
PGA_EXPORT_FOR_KUNIT(pga_bitmap_engine);
