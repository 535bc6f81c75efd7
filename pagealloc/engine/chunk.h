/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_CHUNK_H
#define PAGEALLOC_ENGINE_CHUNK_H

#include <linux/bitmap.h>
#include <linux/string.h>

#include "engine/units.h"

/**
 * struct pga_chunk - the state of 512 pages, two bits each
 * @allocated: pages in use, held in a transition, or not part of the pool
 * @discarded: free pages without memory behind them
 *
 * Invariant I1: no page is in both.  A page in neither is free and ready.
 */
struct pga_chunk {
	unsigned long allocated[PGA_CHUNK_WORDS];
	unsigned long discarded[PGA_CHUNK_WORDS];
};

/* Which pages a search is after; also names the two trees. */
enum pga_which {
	PGA_FREE,	/* free, ready or discarded */
	PGA_READY,	/* free and ready */
	PGA_NR_WHICH,
};

/**
 * enum pga_made - what a range of pages has become, all of it or some
 * @PGA_MADE_BUSY: allocated
 * @PGA_MADE_READY: free and ready
 * @PGA_MADE_DISCARDED: free and discarded
 * @PGA_MADE_LESS: some that were free are allocated, no others are free; or none of
 *	those that were ready are
 * @PGA_MADE_MORE: some of the 64 around the first, allocated before, are free; the
 *	maps know which
 */
enum pga_made {
	PGA_MADE_BUSY,
	PGA_MADE_READY,
	PGA_MADE_DISCARDED,
	PGA_MADE_LESS,
	PGA_MADE_MORE,
};

#define PGA_CACHE_PAGES		64

/**
 * struct pga_cache - a block of 64 pages, some of them taken out of the maps
 * @base: its first page, a multiple of 64
 * @owned: bit i: page @base + i is in the cache, free
 * @discarded: those of the owned pages that are discarded
 *
 * Who protects it is the owner's affair; the engine is protected by the lock of
 * the pool.
 */
struct pga_cache {
	unsigned long base;
	u64 owned;
	u64 discarded;
};

/* The map in which @which pages are the zeroes; @buf serves if it takes one. */
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
