/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_UNITS_H
#define PAGEALLOC_ENGINE_UNITS_H

/*
 * Units.  An engine counts pages from the start of the pool's index space.
 *
 *	chunk	512 pages, the unit of growth and of the bitmaps
 *	slice	2^15 pages
 *	block	2^18 pages; growth by one step lies within one
 *	super	2^24 pages
 *
 * Summaries are in levels.  A summary of level k sums up 512 * 8^k pages.
 */

#include <linux/align.h>
#include <linux/build_bug.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/types.h>

#include <asm/page.h>

#if BITS_PER_LONG != 64
#error "pagealloc needs a 64-bit kernel: an index space has up to 2^34 pages"
#endif

#define PGA_CHUNK_SHIFT		9
#define PGA_CHUNK_PAGES		(1UL << PGA_CHUNK_SHIFT)
#define PGA_CHUNK_WORDS		(PGA_CHUNK_PAGES / BITS_PER_LONG)

#define PGA_FANOUT_SHIFT	3
#define PGA_FANOUT		(1UL << PGA_FANOUT_SHIFT)

#define PGA_INDEX_SHIFT		34
#define PGA_INDEX_PAGES		(1UL << PGA_INDEX_SHIFT)

#define PGA_SLICE_SHIFT		15
#define PGA_BLOCK_SHIFT		18
#define PGA_SUPER_SHIFT		24

/*
 * Granules up to so many pages are given back several at a time, and do not split
 * a huge page.  Larger ones are given back one by one.
 */
#define PGA_SMALL_GRANULE	64

/* No such page: larger than any index. */
#define PGA_NONE		(~0UL)

static inline unsigned int pga_level_shift(unsigned int level)
{
	return PGA_CHUNK_SHIFT + PGA_FANOUT_SHIFT * level;
}

/* Pages that one summary of @level sums up. */
static inline unsigned long pga_level_pages(unsigned int level)
{
	return 1UL << pga_level_shift(level);
}

static inline unsigned long pga_chunk_of(unsigned long page)
{
	return page >> PGA_CHUNK_SHIFT;
}

static inline unsigned long pga_chunk_start(unsigned long chunk)
{
	return chunk << PGA_CHUNK_SHIFT;
}

/*
 * The pool allocates pieces of memory up to this size by kmalloc(), which may
 * round up to a power of two, and larger ones by vmalloc(), in whole pages.
 */
#define PGA_KMALLOC_MAX		(2 * PAGE_SIZE)

/* Bytes of memory that a piece of @size bytes takes. */
static inline size_t pga_memory_size(size_t size)
{
	return size > PGA_KMALLOC_MAX ? round_up(size, PAGE_SIZE) :
					roundup_pow_of_two(size);
}

/**
 * struct pga_extent - consecutive pages
 * @start: first page
 * @nr: pages
 */
struct pga_extent {
	unsigned long start;
	unsigned long nr;
};

static inline unsigned long pga_extent_end(struct pga_extent e)
{
	return e.start + e.nr;
}

#endif
