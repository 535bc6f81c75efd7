/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_WORDS_H
#define PAGEALLOC_ENGINE_WORDS_H

/*
 * Where the words of an engine's allocated maps are, to be read without the
 * pool's lock.
 *
 * An engine that has such maps keeps them in slices of 2^15 pages, and has a
 * directory of slices for each 2^24 pages.  A slice that is there once stays
 * until the pool ends.  So after a page was found to be of the pool under the
 * lock, its word can be read by READ_ONCE() at any time.
 */

#include "engine/chunk.h"
#include "engine/units.h"

#define PGA_SLICE_CHUNKS	(1UL << (PGA_SLICE_SHIFT - PGA_CHUNK_SHIFT))
#define PGA_BLOCK_SLICES	(1UL << (PGA_BLOCK_SHIFT - PGA_SLICE_SHIFT))
#define PGA_SUPER_BLOCKS	(1UL << (PGA_SUPER_SHIFT - PGA_BLOCK_SHIFT))

/* The maps of 64 chunks: 8 KiB. */
struct pga_slice {
	struct pga_chunk chunk[PGA_SLICE_CHUNKS];
};

/* The slices of 2^18 pages. */
struct pga_slices {
	struct pga_slice *slice[PGA_BLOCK_SLICES];
};

/* The slices of 2^24 pages. */
struct pga_words {
	struct pga_slices *block[PGA_SUPER_BLOCKS];
};

/**
 * struct pga_word - 64 pages, some of them in a cache
 * @pfn: the first of the 64, a multiple of 64; PGA_NONE for no pages at all
 * @owned: bit i: page @pfn + i is in the cache, and free
 * @allocated: the word of the engine's allocated map for the 64 pages, if the pool
 *	       has grown by all of them; otherwise a word of zeroes, so that a cache
 *	       takes no page without a closer look.  The maps do not know caches: the
 *	       word has all bits of @owned, except those of pages that were freed
 *	       twice.  Read without the pool's lock; pairs with WRITE_ONCE() in
 *	       engine/bitmap.
 */
struct pga_word {
	unsigned long pfn;
	unsigned long owned;
	unsigned long *allocated;
};

/**
 * struct pga_put - words to be put back
 * @base: pfn of page 0
 * @work: stop when so many summaries or spans have changed
 * @words: stop when so many words and @pages pages have been put
 * @pages: see @words
 * @put: raised by the pages that have become free
 * @twice: raised by the pages that were free already
 */
struct pga_put {
	unsigned long base;
	unsigned int work;
	unsigned int words;
	unsigned long pages;
	unsigned long put;
	unsigned long twice;
};

/* The word of the allocated map with @page, a page of the pool. */
static inline unsigned long *pga_word_at(const struct pga_words *words,
					 unsigned long page)
{
	const struct pga_slices *block =
		words->block[(page >> PGA_BLOCK_SHIFT) % PGA_SUPER_BLOCKS];
	struct pga_slice *slice =
		block->slice[(page >> PGA_SLICE_SHIFT) % PGA_BLOCK_SLICES];
	/* Behind the allocated map of a chunk comes its discarded map. */
	const unsigned long word = page % (1UL << PGA_SLICE_SHIFT) / BITS_PER_LONG;

	return (unsigned long *)slice->chunk + word + ALIGN_DOWN(word, PGA_CHUNK_WORDS);
}

#endif
