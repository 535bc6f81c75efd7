// SPDX-License-Identifier: GPL-2.0
/*
 * Where the maps and summaries of a pool are kept.
 *
 *	upper   2^34 pages   wide summaries, levels 5 to 8; 1024 supers
 *	super   2^24 pages   summaries of levels 3 and 4; 64 blocks
 *	block   2^18 pages   summaries of levels 0, 1 and 2; 8 slices
 *	slice   2^15 pages   maps of 64 chunks
 *
 * The index space may be large and mostly holes, so each of these exists only
 * where the pool has grown, and the upper part only for a pool that has pages
 * in two supers; a pool below that size and alignment does without.  Neighbours
 * in the tree stay neighbours in memory: the eight level 0 summaries of a node
 * are half a cache line, the ready tree's eight are the other half, and the
 * eight of a level from 1 to 4 are one line.
 *
 * A slice is 8 KiB and a block fits in as much, which is 2.25 bits a page for a
 * block with its slices, whatever rounding to powers of two an allocator does.
 * The figure the store keeps (@bytes) is what memory is handed out for it.
 *
 * The store allocates nothing.  It says what is missing, and takes what it is
 * handed.  It knows no lock; its caller has one.
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

/**
 * pga_store_missing() - what must be supplied before a range can be held
 * @store: the store
 * @page: first page
 * @nr: pages; the range lies within one block
 *
 * Return: the parts to supply to pga_store_install().
 */
struct pga_missing pga_store_missing(const struct pga_store *store,
				     unsigned long page, unsigned long nr)
{
	struct pga_super **slot = super_slot(store, page);
	struct pga_block *block = pga_store_block(store, page);
	struct pga_missing missing = {
		.upper = !slot && store->nr_supers,
		.super = !slot || !*slot,
		.block = !block,
	};
	unsigned long i;

	for (i = slice_of(page); i <= slice_of(page + nr - 1); i++)
		if (!block || !block->maps.slice[i])
			missing.slices |= BIT(i);
	return missing;
}
PGA_EXPORT_FOR_KUNIT(pga_store_missing);

/* The first super is pointed at; with the second one, upper comes in. */
static bool install_super(struct pga_store *store, unsigned long page,
			  struct pga_supply *supply)
{
	const unsigned long number = page >> PGA_SUPER_SHIFT;

	if (!supply->super)
		return false;
	if (!store->nr_supers) {
		store->only = supply->super;
		store->super = &store->only;
		store->first_super = number;
		store->nr_supers = 1;
	} else {
		if (!store->upper) {
			if (!supply->upper)
				return false;
			store->upper = supply->upper;
			supply->upper = NULL;
			store->bytes += pga_memory_size(sizeof(*store->upper));
			store->upper->super[store->first_super] = store->only;
			store->super = store->upper->super;
			store->first_super = 0;
			store->nr_supers = PGA_NR_SUPERS;
		}
		store->super[number] = supply->super;
	}
	store->bytes += pga_memory_size(sizeof(*supply->super));
	supply->super = NULL;
	return true;
}

/* Pages are holes until the pool grows by them: allocated, as all see it. */
static void install_slice(struct pga_store *store, struct pga_slice **slot,
			  struct pga_slice *slice)
{
	unsigned long i;

	for (i = 0; i < PGA_SLICE_CHUNKS; i++)
		bitmap_fill(slice->chunk[i].allocated, PGA_CHUNK_PAGES);
	*slot = slice;
	store->bytes += sizeof(*slice);
}

/**
 * pga_store_install() - put supplied memory where a range needs it
 * @store: the store
 * @page: first page
 * @nr: pages; the range lies within one block
 * @supply: at least what pga_store_missing() named.  What is used is taken
 *	    out; the rest stays the caller's.
 *
 * The new pages read as allocated, and no summary changes.
 *
 * Return: false if something was not supplied; what went in stays in.
 */
bool pga_store_install(struct pga_store *store, unsigned long page,
		       unsigned long nr, struct pga_supply *supply)
{
	struct pga_super **slot = super_slot(store, page);
	struct pga_slices **maps;
	unsigned long i;

	if ((!slot || !*slot) && !install_super(store, page, supply))
		return false;
	maps = &(*super_slot(store, page))->words.block[block_of(page)];
	if (!*maps) {
		if (!supply->block)
			return false;
		*maps = &supply->block->maps;
		supply->block = NULL;
		store->bytes += pga_memory_size(sizeof(struct pga_block));
	}
	for (i = slice_of(page); i <= slice_of(page + nr - 1); i++) {
		if ((*maps)->slice[i])
			continue;
		if (!supply->slice[i])
			return false;
		install_slice(store, &(*maps)->slice[i], supply->slice[i]);
		supply->slice[i] = NULL;
	}
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
	struct pga_super **slot;
	struct pga_block *block;

	if (level <= 2) {
		block = pga_store_block(store, page);
		if (!block)
			return NULL;
		return level == 1 ? &block->level1[which][i % 64] :
				    &block->level2[which][i % 8];
	}
	slot = super_slot(store, page);
	if (!slot || !*slot)
		return NULL;
	return level == 3 ? &(*slot)->level3[which][i % 64] :
			    &(*slot)->level4[which][i % 8];
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
