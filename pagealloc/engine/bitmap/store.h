/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_STORE_H
#define PAGEALLOC_BITMAP_STORE_H

#include <linux/container_of.h>

#include "engine/bitmap/summary.h"
#include "engine/chunk.h"
#include "engine/parts.h"
#include "engine/words.h"

#define PGA_BLOCK_CHUNKS	(1UL << (PGA_BLOCK_SHIFT - PGA_CHUNK_SHIFT))
#define PGA_NR_SUPERS		(1UL << (PGA_INDEX_SHIFT - PGA_SUPER_SHIFT))

/* Levels whose summaries are kept.  The root may be one above the last. */
#define PGA_FIRST_MID		1
#define PGA_FIRST_WIDE		5
#define PGA_NR_LEVELS		9

/* The summaries of eight chunks in both trees: a cache line. */
struct pga_leaves {
	pga_leaf_t leaf[PGA_NR_WHICH][PGA_FANOUT];
};

/* How a chunk is used, packed: see engine/bitmap/index.h. */
typedef u32 pga_usage_t;

/* 2^18 pages: 1 GiB with 4 KiB pages.  The outer index of summaries is the tree. */
struct pga_block {
	struct pga_slices maps;
	pga_usage_t usage[PGA_BLOCK_CHUNKS];
	u8 freed_at[PGA_BLOCK_CHUNKS];
	struct pga_leaves leaves[PGA_BLOCK_CHUNKS / PGA_FANOUT];
	pga_mid_t level1[PGA_NR_WHICH][64];
	pga_mid_t level2[PGA_NR_WHICH][8];
};

/* 2^24 pages. */
struct pga_super {
	struct pga_words words;
	pga_mid_t level3[PGA_NR_WHICH][64];
	pga_mid_t level4[PGA_NR_WHICH][8];
};

/* The block of a super that holds @page, NULL when there is none. */
static inline struct pga_block *pga_super_block(const struct pga_super *super,
						unsigned long page)
{
	static_assert(!offsetof(struct pga_block, maps));
	return container_of(super->words.block[(page >> PGA_BLOCK_SHIFT) %
					       PGA_SUPER_BLOCKS],
			    struct pga_block, maps);
}

/* The chunk of a block that holds @page, NULL when there is none. */
static inline struct pga_chunk *pga_block_chunk(const struct pga_block *block,
						unsigned long page)
{
	struct pga_slice *slice =
		block->maps.slice[(page >> PGA_SLICE_SHIFT) % PGA_BLOCK_SLICES];

	return slice ? &slice->chunk[pga_chunk_of(page) % PGA_SLICE_CHUNKS] : NULL;
}

/* The whole index space; only for a pool that has pages in two supers. */
struct pga_upper {
	struct pga_wide level5[PGA_NR_WHICH][1024];
	struct pga_wide level6[PGA_NR_WHICH][128];
	struct pga_wide level7[PGA_NR_WHICH][16];
	struct pga_wide level8[PGA_NR_WHICH][8];
	struct pga_super *super[PGA_NR_SUPERS];
};

/**
 * struct pga_store - the maps and summaries of a pool
 * @super: the supers, from number @first_super on
 * @first_super: number of the first
 * @nr_supers: entries of @super: 0 in an empty store, then 1, then
 *	       PGA_NR_SUPERS
 * @only: the only super; @super points here as long as there is no second
 * @upper: the upper part; @super points into it once it is there
 *
 * Protected by the lock of the pool.
 */
struct pga_store {
	struct pga_super **super;
	unsigned long first_super;
	unsigned long nr_supers;
	struct pga_super *only;
	struct pga_upper *upper;
};

void pga_store_missing(const struct pga_store *store, unsigned long page,
		       unsigned long nr, struct pga_parts *parts);
bool pga_store_install(struct pga_store *store, unsigned long page,
		       unsigned long nr, struct pga_parts *parts);
unsigned long pga_store_next_block(const struct pga_store *store,
				   unsigned long page);
void pga_store_drain(struct pga_store *store, void (*release)(const void *memory));

/* The super that holds @page, NULL when the store has none there. */
static inline struct pga_super *pga_store_super(const struct pga_store *store,
						unsigned long page)
{
	const unsigned long i = (page >> PGA_SUPER_SHIFT) - store->first_super;

	return i < store->nr_supers ? store->super[i] : NULL;
}

/* The block that holds @page, NULL when the store has none there. */
static inline struct pga_block *pga_store_block(const struct pga_store *store,
						unsigned long page)
{
	const struct pga_super *super = pga_store_super(store, page);

	return super ? pga_super_block(super, page) : NULL;
}

/* The chunk @chunk, NULL when the store has none there. */
static inline struct pga_chunk *pga_store_chunk(const struct pga_store *store,
						unsigned long chunk)
{
	const unsigned long page = pga_chunk_start(chunk);
	struct pga_block *block = pga_store_block(store, page);

	return block ? pga_block_chunk(block, page) : NULL;
}

/**
 * struct pga_spot - pages of one chunk, and where the store has their chunk
 * @page: first page
 * @nr: pages
 * @super: the super of the chunk
 * @block: the block of the chunk
 * @chunk: its maps, NULL when the store has none there
 */
struct pga_spot {
	unsigned long page;
	unsigned int nr;
	struct pga_super *super;
	struct pga_block *block;
	struct pga_chunk *chunk;
};

/* Find the chunk of some pages. */
static __always_inline struct pga_spot pga_store_spot(const struct pga_store *store,
						      unsigned long page,
						      unsigned int nr)
{
	struct pga_super *super = pga_store_super(store, page);
	struct pga_block *block = super ? pga_super_block(super, page) : NULL;

	return (struct pga_spot) {
		.page = page,
		.nr = nr,
		.super = super,
		.block = block,
		.chunk = block ? pga_block_chunk(block, page) : NULL,
	};
}

/* The summary of a chunk of @block, among those of its node. */
static __always_inline pga_leaf_t *pga_block_leaf(struct pga_block *block,
						  enum pga_which which,
						  unsigned long chunk)
{
	const unsigned long i = chunk % PGA_BLOCK_CHUNKS;

	return &block->leaves[i / PGA_FANOUT].leaf[which][i % PGA_FANOUT];
}

/* The summary of a chunk, NULL where the store holds nothing. */
static __always_inline pga_leaf_t *pga_store_leaf(const struct pga_store *store,
						  enum pga_which which,
						  unsigned long chunk)
{
	struct pga_block *block = pga_store_block(store, pga_chunk_start(chunk));

	return block ? pga_block_leaf(block, which, chunk) : NULL;
}

pga_mid_t *pga_store_mid(const struct pga_store *store, enum pga_which which,
			 unsigned int level, unsigned long i);
struct pga_wide *pga_store_wide(const struct pga_store *store,
				enum pga_which which, unsigned int level,
				unsigned long i);

#endif
