// SPDX-License-Identifier: GPL-2.0
/*
 * Where the maps and summaries of a pool are kept.
 *
 *	upper   2^34 pages   wide summaries, levels 5 to 8; 1024 supers
 *	super   2^24 pages   summaries of levels 3 and 4; 64 blocks
 *	block   2^18 pages   summaries of levels 0 to 2, records of the index; 8 slices
 *	slice   2^15 pages   maps of 64 chunks
 *
 * The index space may be large and mostly holes.  So each of these exists only
 * where the pool has grown, and the upper part only if the pool has pages in
 * two supers.  Neighbours in the tree are neighbours in memory: the eight
 * summaries of a node on level 0 are half a cache line, those of the ready tree
 * are the other half, and the eight of a node on levels 1 to 4 are one line.
 *
 * A slice is 8 KiB and a block fits in 8 KiB.  That is 2.25 bits a page for a
 * block with its slices, also where memory comes in powers of two.
 *
 * The store allocates nothing.  It says what is missing and takes the pieces it
 * is handed.  What it has once stays until the pool ends, so a word of a map can
 * be read without a lock after it was found under the lock (engine/words.h).
 */

#include <linux/bitops.h>
#include <linux/minmax.h>

#include "engine/bitmap/store.h"
#include "base/kunit_export.h"

static_assert(sizeof(struct pga_chunk) == 128);
static_assert(sizeof(struct pga_leaves) == 64);
static_assert(sizeof(struct pga_slice) == 8192);
static_assert(sizeof(struct pga_block) <= 8192);
static_assert(sizeof(struct pga_super) <= 2048);

static unsigned long slice_of(unsigned long page)
{
	return (page >> PGA_SLICE_SHIFT) % PGA_BLOCK_SLICES;
}

static unsigned long block_of(unsigned long page)
{
	return (page >> PGA_BLOCK_SHIFT) % PGA_SUPER_BLOCKS;
}

/* The slot for the super of @page, NULL when the store has none as yet. */
static struct pga_super **super_slot(const struct pga_store *store,
				     unsigned long page)
{
	const unsigned long i = (page >> PGA_SUPER_SHIFT) - store->first_super;

	return i < store->nr_supers ? &store->super[i] : NULL;
}

/* The pieces of memory that growth needs; one for each slice of a block. */
enum piece { UPPER, SUPER, BLOCK, SLICE };

static_assert(SLICE + PGA_BLOCK_SLICES == PGA_PARTS);

/**
 * pga_store_missing() - say what memory a store needs to hold a range
 * @store: the store
 * @page: first page
 * @nr: pages; the range lies within one block
 * @parts: the sizes are set
 */
void pga_store_missing(const struct pga_store *store, unsigned long page,
		       unsigned long nr, struct pga_parts *parts)
{
	struct pga_super **slot = super_slot(store, page);
	struct pga_block *block = pga_store_block(store, page);
	unsigned long i;

	*parts = (struct pga_parts) {};
	if (!slot && store->nr_supers)
		parts->size[UPPER] = pga_memory_size(sizeof(struct pga_upper));
	if (!slot || !*slot)
		parts->size[SUPER] = pga_memory_size(sizeof(struct pga_super));
	if (!block)
		parts->size[BLOCK] = pga_memory_size(sizeof(struct pga_block));
	for (i = slice_of(page); i <= slice_of(page + nr - 1); i++)
		if (!block || !block->maps.slice[i])
			parts->size[SLICE + i] = sizeof(struct pga_slice);
}
PGA_EXPORT_FOR_KUNIT(pga_store_missing);

/*
 * With the second super the upper part comes in, and the first super moves
 * there.
 */
static bool install_upper(struct pga_store *store, struct pga_upper *upper)
{
	if (!upper)
		return false;
	store->upper = upper;
	upper->super[store->first_super] = store->only;
	store->super = upper->super;
	store->first_super = 0;
	store->nr_supers = PGA_NR_SUPERS;
	return true;
}

static bool install_super(struct pga_store *store, unsigned long page,
			  struct pga_parts *parts)
{
	const unsigned long number = page >> PGA_SUPER_SHIFT;

	if (!parts->memory[SUPER])
		return false;
	if (!store->nr_supers) {
		store->super = &store->only;
		store->first_super = number;
		store->nr_supers = 1;
	} else if (!store->upper &&
		   !install_upper(store, pga_parts_take(parts, UPPER))) {
		return false;
	}
	*super_slot(store, page) = pga_parts_take(parts, SUPER);
	return true;
}

static bool install_block(struct pga_slices **maps, struct pga_block *block)
{
	if (!block)
		return false;
	*maps = &block->maps;
	return true;
}

/* Pages are holes, which read as allocated, until the pool grows by them. */
static bool install_slice(struct pga_slice **slot, struct pga_slice *slice)
{
	unsigned long i;

	if (!slice)
		return false;
	for (i = 0; i < PGA_SLICE_CHUNKS; i++)
		bitmap_fill(slice->chunk[i].allocated, PGA_CHUNK_PAGES);
	*slot = slice;
	return true;
}

/**
 * pga_store_install() - put memory where a range needs it
 * @store: the store
 * @page: first page
 * @nr: pages; the range lies within one block
 * @parts: memory for what pga_store_missing() has named; what is used is taken
 *
 * The new pages read as allocated, and no summary changes.
 *
 * Return: false if a piece is missing; those taken before that stay.
 */
bool pga_store_install(struct pga_store *store, unsigned long page,
		       unsigned long nr, struct pga_parts *parts)
{
	struct pga_super **slot = super_slot(store, page);
	struct pga_slices **maps;
	unsigned long i;

	if ((!slot || !*slot) && !install_super(store, page, parts))
		return false;
	maps = &(*super_slot(store, page))->words.block[block_of(page)];
	if (!*maps && !install_block(maps, pga_parts_take(parts, BLOCK)))
		return false;
	for (i = slice_of(page); i <= slice_of(page + nr - 1); i++)
		if (!(*maps)->slice[i] &&
		    !install_slice(&(*maps)->slice[i], pga_parts_take(parts, SLICE + i)))
			return false;
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_store_install);

/**
 * pga_store_next_block() - walk the blocks that a store has
 * @store: the store
 * @page: where to look from
 *
 * Return: the first page at or above @page that lies in such a block, or
 * PGA_NONE.
 */
unsigned long pga_store_next_block(const struct pga_store *store,
				   unsigned long page)
{
	struct pga_super **slot;
	unsigned int shift;

	page = max(page, store->first_super << PGA_SUPER_SHIFT);
	for (;;) {
		slot = super_slot(store, page);
		if (!slot)
			return PGA_NONE;
		if (*slot && pga_super_block(*slot, page))
			return page;
		shift = *slot ? PGA_BLOCK_SHIFT : PGA_SUPER_SHIFT;
		page = ((page >> shift) + 1) << shift;
	}
}
PGA_EXPORT_FOR_KUNIT(pga_store_next_block);

static void drain_block(struct pga_block *block, void (*release)(const void *memory))
{
	unsigned long i;

	for (i = 0; i < PGA_BLOCK_SLICES; i++)
		if (block->maps.slice[i])
			release(block->maps.slice[i]);
	release(block);
}

/**
 * pga_store_drain() - hand every part of a store back and leave it empty
 * @store: the store
 * @release: called with each part that was ever supplied
 */
void pga_store_drain(struct pga_store *store, void (*release)(const void *memory))
{
	struct pga_super *super;
	struct pga_block *block;
	unsigned long i, j;

	for (i = 0; i < store->nr_supers; i++) {
		super = store->super[i];
		if (!super)
			continue;
		for (j = 0; j < PGA_SUPER_BLOCKS; j++) {
			block = pga_super_block(super, j << PGA_BLOCK_SHIFT);
			if (block)
				drain_block(block, release);
		}
		release(super);
	}
	if (store->upper)
		release(store->upper);
	*store = (struct pga_store) {};
}
PGA_EXPORT_FOR_KUNIT(pga_store_drain);

/**
 * pga_store_mid() - where a summary of a level from 1 to 4 is
 * @store: the store
 * @which: tree
 * @level: the level
 * @i: number of the summary in its level
 *
 * Return: the place, NULL where the store holds nothing.
 */
pga_mid_t *pga_store_mid(const struct pga_store *store, enum pga_which which,
			 unsigned int level, unsigned long i)
{
	const unsigned long page = i << pga_level_shift(level);
	struct pga_super *super;
	struct pga_block *block;

	if (level <= 2) {
		block = pga_store_block(store, page);
		if (!block)
			return NULL;
		return level == 1 ? &block->level1[which][i % 64] :
				    &block->level2[which][i % 8];
	}
	super = pga_store_super(store, page);
	if (!super)
		return NULL;
	return level == 3 ? &super->level3[which][i % 64] :
			    &super->level4[which][i % 8];
}
PGA_EXPORT_FOR_KUNIT(pga_store_mid);

/**
 * pga_store_wide() - where a summary of level 5 or higher is
 * @store: the store
 * @which: tree
 * @level: the level
 * @i: number of the summary in its level
 *
 * Return: the place, NULL as long as there is one super only.
 */
struct pga_wide *pga_store_wide(const struct pga_store *store,
				enum pga_which which, unsigned int level,
				unsigned long i)
{
	struct pga_upper *upper = store->upper;

	if (!upper)
		return NULL;
	switch (level) {
	case 5:
		return &upper->level5[which][i];
	case 6:
		return &upper->level6[which][i];
	case 7:
		return &upper->level7[which][i];
	default:
		return &upper->level8[which][i];
	}
}
PGA_EXPORT_FOR_KUNIT(pga_store_wide);
