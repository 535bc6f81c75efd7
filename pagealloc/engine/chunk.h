/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_CHUNK_H
#define PAGEALLOC_ENGINE_CHUNK_H

#include <linux/bitmap.h>
#include <linux/string.h>

#include "engine/units.h"

/**
 * struct pga_chunk - the state of 512 pages, two bits each
 * @allocated: pages in use, held for an operation, or not of the pool
 * @discarded: free pages without memory behind them
 *
 * Invariant I1: no page is in both.  A page in neither is free and ready.
 */
struct pga_chunk {
	unsigned long allocated[PGA_CHUNK_WORDS];
	unsigned long discarded[PGA_CHUNK_WORDS];
};

/* Kinds of free pages. */
enum pga_which {
	PGA_FREE,	/* free, ready or discarded */
	PGA_READY,	/* free and ready */
	PGA_NR_WHICH,
};

/* What pages become that are put, or grown. */
enum pga_made {
	PGA_MADE_READY,		/* free and ready */
	PGA_MADE_DISCARDED,	/* free and discarded */
};

#define PGA_CACHE_PAGES		64

/**
 * struct pga_cache - a block of 64 pages, some of them taken out of the maps
 * @base: its first page, a multiple of 64
 * @owned: bit i: page @base + i was taken
 * @discarded: the discarded pages among the taken ones
 */
struct pga_cache {
	unsigned long base;
	u64 owned;
	u64 discarded;
};

/* The map in which @which pages are zeroes; it may be made in @buf. */
static inline const unsigned long *
pga_chunk_busy(const struct pga_chunk *chunk, enum pga_which which,
	       unsigned long *buf)
{
	if (which == PGA_FREE)
		return chunk->allocated;
	bitmap_or(buf, chunk->allocated, chunk->discarded, PGA_CHUNK_PAGES);
	return buf;
}

#endif
