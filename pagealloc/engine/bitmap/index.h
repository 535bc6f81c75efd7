/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_INDEX_H
#define PAGEALLOC_BITMAP_INDEX_H

#include <linux/bitfield.h>

#include "engine/bitmap/store.h"
#include "engine/tick.h"

/* A chunk with this many pages in use is dense: not worth breaking up. */
#define PGA_DENSE_PAGES		496

/*
 * The tag of a generation has eleven bits: from 1 up, and then from 1 again.  0
 * is the tag of a generation long gone.
 */
#define PGA_GENERATION_TAGS	2047

/**
 * struct pga_usage - how a chunk is used
 * @in_use: pages in use now
 * @last_in_use: pages in use when the generation of @tag began
 * @tag: generation of the last change
 * @has_free: it may have pages to give back
 */
struct pga_usage {
	unsigned int in_use;
	unsigned int last_in_use;
	unsigned int tag;
	bool has_free;
};

#define PGA_USAGE_IN_USE	GENMASK(9, 0)
#define PGA_USAGE_LAST_IN_USE	GENMASK(19, 10)
#define PGA_USAGE_TAG		GENMASK(30, 20)
#define PGA_USAGE_HAS_FREE	BIT(31)

static inline struct pga_usage pga_usage_unpack(pga_usage_t packed)
{
	return (struct pga_usage) {
		.in_use = FIELD_GET(PGA_USAGE_IN_USE, packed),
		.last_in_use = FIELD_GET(PGA_USAGE_LAST_IN_USE, packed),
		.tag = FIELD_GET(PGA_USAGE_TAG, packed),
		.has_free = FIELD_GET(PGA_USAGE_HAS_FREE, packed),
	};
}

/**
 * struct pga_cursor - where a search begins
 * @next: the page after the one to begin at; 0 when nothing is left
 * @marked: it was raised, and no search has found anything in a lower chunk
 *	    since
 */
struct pga_cursor {
	unsigned long next;
	bool marked;
};

/**
 * struct pga_search - a search under way; @from is 0 before it begins
 * @from: where the cursor was when it began; 0 when it is over
 * @below: it has looked at this chunk and all above
 * @now: number of the present tick
 * @young: ticks for which a background search leaves a chunk alone after pages
 *	   of it
 *	   were freed, less than half a round; 0 for none
 */
struct pga_search {
	unsigned long from;
	unsigned long below;
	u8 now;
	u8 young;
};

/**
 * struct pga_index - which chunks to look into for pages to give back
 * @background: cursor of background searches
 * @forced: cursor of forced searches
 * @high: the page after the highest one freed in this generation
 * @generation: how many generations there have been
 * @turn: @generation modulo PGA_GENERATION_TAGS
 * @skipped: the page after the highest chunk passed by as too young; 0 if none
 *	     was
 *
 * Protected by the lock of the pool, like the records in the store.
 */
struct pga_index {
	struct pga_cursor background;
	struct pga_cursor forced;
	unsigned long high;
	unsigned long generation;
	unsigned int turn;
	unsigned long skipped;
};

void pga_index_alloc(struct pga_index *index, struct pga_store *store,
		     unsigned long page, unsigned long nr);
void pga_index_free(struct pga_index *index, struct pga_store *store,
		    unsigned long page, unsigned long nr, u8 tick);
void pga_index_next_generation(struct pga_index *index, struct pga_store *store);
void pga_index_touch(struct pga_index *index, struct pga_store *store,
		     unsigned long page, unsigned long nr);
void pga_index_resume(struct pga_index *index);
void pga_index_empty(struct pga_store *store, unsigned long chunk);
bool pga_index_find(struct pga_index *index, const struct pga_store *store,
		    bool forced, struct pga_search *search,
		    unsigned int budget, unsigned long *page);

/* Tag of the present generation. */
static inline unsigned int pga_index_tag(const struct pga_index *index)
{
	return 1 + index->turn;
}

/*
 * Pages of a chunk came into use, or went out of it, at @tick, if @nr is
 * negative.
 */
static __always_inline void pga_index_change(const struct pga_index *index,
					     struct pga_block *block,
					     unsigned long chunk, int nr, u8 tick)
{
	pga_usage_t *usage = &block->usage[chunk % PGA_BLOCK_CHUNKS];
	const unsigned int tag = pga_index_tag(index);
	pga_usage_t u = *usage;

	if (unlikely(FIELD_GET(PGA_USAGE_TAG, u) != tag)) {
		u &= ~(PGA_USAGE_TAG | PGA_USAGE_LAST_IN_USE);
		u |= FIELD_PREP(PGA_USAGE_TAG, tag) |
		     FIELD_PREP(PGA_USAGE_LAST_IN_USE,
				FIELD_GET(PGA_USAGE_IN_USE, u));
	}
	/* @in_use is the lowest field, and 512 fits in it. */
	u += nr;
	if (nr < 0) {
		u |= PGA_USAGE_HAS_FREE;
		block->freed_at[chunk % PGA_BLOCK_CHUNKS] = tick;
	} else if (FIELD_GET(PGA_USAGE_IN_USE, u) == PGA_CHUNK_PAGES) {
		u &= ~PGA_USAGE_HAS_FREE;
	}
	*usage = u;
}

/* The tag of the present generation, where a record has it. */
static __always_inline pga_usage_t pga_index_packed_tag(const struct pga_index *index)
{
	return FIELD_PREP(PGA_USAGE_TAG, pga_index_tag(index));
}

/*
 * @nr pages of a chunk went out of use at @tick, where @packed_tag is known already.
 * pga_index_raise() follows.
 */
static __always_inline void pga_index_count_freed(const struct pga_index *index,
						  pga_usage_t packed_tag,
						  struct pga_block *block,
						  unsigned int chunk, unsigned int nr,
						  u8 tick)
{
	pga_usage_t *usage = &block->usage[chunk];

	if (unlikely((*usage ^ packed_tag) & PGA_USAGE_TAG)) {
		pga_index_change(index, block, chunk, -(int)nr, tick);
		return;
	}
	*usage = (*usage - nr) | PGA_USAGE_HAS_FREE;
	block->freed_at[chunk] = tick;
}

/* Pages below @end were freed: searches begin no lower. */
static __always_inline void pga_index_raise(struct pga_index *index,
					    unsigned long end)
{
	index->high = max(index->high, end);
	if (index->forced.next < end)
		index->forced = (struct pga_cursor) { end, true };
}

/* So many pages of the chunk of @spot came into use. */
static __always_inline void pga_index_alloc_at(const struct pga_index *index,
					       const struct pga_spot *spot,
					       unsigned int nr)
{
	pga_index_change(index, spot->block, pga_chunk_of(spot->page), nr, 0);
}

/* So many went out of use, at @tick; @end is the page after the highest of them. */
static __always_inline void pga_index_free_at(struct pga_index *index,
					      const struct pga_spot *spot,
					      unsigned int nr, unsigned long end,
					      u8 tick)
{
	pga_index_change(index, spot->block, pga_chunk_of(spot->page), -(int)nr,
			 tick);
	pga_index_raise(index, end);
}

#endif
