/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_INDEX_H
#define PAGEALLOC_ENGINE_INDEX_H

#include <linux/bitfield.h>

#include "engine/bitmap/store.h"

/* A chunk with this many pages in use is dense: not worth breaking up. */
#define PGA_DENSE_PAGES		496

/*
 * Generations are told apart by tags of eleven bits, from 1 up and around; 0 is
 * a generation long gone.
 */
#define PGA_GENERATION_TAGS	2047

/**
 * struct pga_usage - how a chunk was used of late
 * @in_use: pages in use now
 * @last_in_use: pages in use when the generation of @tag began
 * @tag: generation of the last change
 * @has_free: something may be found in it to discard
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
 * struct pga_cursor - where a search for something to discard begins
 * @next: the page after the one to begin at; 0 when nothing is left
 * @marked: it has been raised, and nobody has found anything from there as yet
 */
struct pga_cursor {
	unsigned long next;
	bool marked;
};

/*
 * Time goes by in ticks, which are told apart by tags of eight bits in the same
 * way.  How long a tick is, and that there are ticks at all, is for the owner.
 */
#define PGA_TICK_TAGS		255

/**
 * struct pga_search - a search under way, all zero before it begins
 * @from: where the cursor was when it began; 0 when it is over
 * @below: all chunks from this one on have been looked at
 */
struct pga_search {
	unsigned long from;
	unsigned long below;
};

/**
 * struct pga_index - which chunks to look into for something to discard
 * @background: cursor of searches that mind generation and density
 * @forced: cursor of searches that do not
 * @high: the page after the highest one freed in this generation
 * @generation: how many generations there have been
 * @turn: the same, by PGA_GENERATION_TAGS: what is left over
 * @now: tag of the present tick; 0 if time does not matter
 * @young: ticks for which a chunk that pages were freed in is left alone by
 *	   background searches, less than PGA_TICK_TAGS; 0 is none
 * @skipped: the page after the highest chunk that was passed by for that
 *
 * Protected by the lock of the pool, like the records in the store.
 */
struct pga_index {
	struct pga_cursor background;
	struct pga_cursor forced;
	unsigned long high;
	unsigned long generation;
	unsigned int turn;
	u8 now;
	u8 young;
	unsigned long skipped;
};

/* Tag of a tick, given how many there have been. */
static inline u8 pga_tick_tag(u64 tick)
{
	return 1 + tick % PGA_TICK_TAGS;
}

void pga_index_alloc(struct pga_index *index, struct pga_store *store,
		     unsigned long page, unsigned long nr);
void pga_index_free(struct pga_index *index, struct pga_store *store,
		    unsigned long page, unsigned long nr);
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

/* Pages of chunk @chunk came into use, or went out of it if @nr is negative. */
static __always_inline void pga_index_change(const struct pga_index *index,
					     struct pga_block *block,
					     unsigned long chunk, int nr)
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
	/* The pages in use are the lowest field, and never more than it holds. */
	u += nr;
	if (nr < 0) {
		u |= PGA_USAGE_HAS_FREE;
		block->freed_at[chunk % PGA_BLOCK_CHUNKS] = index->now;
	} else if (FIELD_GET(PGA_USAGE_IN_USE, u) == PGA_CHUNK_PAGES) {
		u &= ~PGA_USAGE_HAS_FREE;
	}
	*usage = u;
}

/* Pages below @end were freed, so there may be something to discard. */
static __always_inline void pga_index_raise(struct pga_index *index,
					    unsigned long end)
{
	index->high = max(index->high, end);
	if (index->forced.next < end)
		index->forced = (struct pga_cursor) { end, true };
}

/* So many pages of a chunk have come into use. */
static __always_inline void pga_index_alloc_at(const struct pga_index *index,
					       const struct pga_spot *spot,
					       unsigned int nr)
{
	pga_index_change(index, spot->block, pga_chunk_of(spot->page), nr);
}

/* So many have gone out of use, @end is the page after the highest of them. */
static __always_inline void pga_index_free_at(struct pga_index *index,
					      const struct pga_spot *spot,
					      unsigned int nr, unsigned long end)
{
	pga_index_change(index, spot->block, pga_chunk_of(spot->page), -(int)nr);
	pga_index_raise(index, end);
}

#endif
