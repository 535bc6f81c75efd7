// SPDX-License-Identifier: GPL-2.0
/*
 * The scavenge index: which chunk to look into for pages to give back.
 *
 * Pages that are given back and wanted again at once cost twice, so the index
 * judges a chunk by its use.  A chunk is dense if at least 496 of its 512 pages
 * are in use.  A background search passes by a chunk
 *
 *  - that is dense;
 *  - that changed in this generation and was dense when the generation began,
 *    since it is likely to fill up again;
 *  - that is too young: pages of it were freed less than the delay ago.
 *
 * A forced search passes by none of them.  A generation is a period of the
 * pool's life; the pool says when it is over.
 *
 * A search goes downwards from a cursor, and need not look above it.  There is
 * one cursor for background searches and one for forced ones.  Pages freed
 * above a cursor raise it: the forced one at once, the background one when the
 * next generation begins, to the highest page freed in the last.  A raised
 * cursor is marked until a search has found something in a lower chunk.  A
 * search that finds nothing clears the cursor unless it is marked.
 *
 * A background search remembers the highest chunk that it passed by as too
 * young.  pga_index_resume() puts the cursor back there.
 *
 * A forced search may miss a chunk that a background search found empty.  So
 * the pool, when it needs memory, does not go by the index.  Forced searches
 * are there for the traces.
 *
 * The rules follow the Go runtime (src/runtime/mgcscavenge.go, scavengeIndex)
 * exactly, and its traces prove it.  A record is half as large here, since it
 * has the generation as a tag of eleven bits, to compare with the present one.
 * A tag must not come around while a record still has it.  So each new
 * generation looks at every 1024th block and clears the tags in it that are not
 * the present one.
 *
 * The caller holds the pool's lock.
 */

#include <linux/minmax.h>

#include "engine/bitmap/index.h"
#include "base/kunit_export.h"

/* A generation clears old tags in one of so many blocks. */
#define OLD_STRIDE	1024

static_assert(OLD_STRIDE < PGA_GENERATION_TAGS);

static struct pga_block *block_of(const struct pga_store *store,
				  unsigned long chunk)
{
	return pga_store_block(store, pga_chunk_start(chunk));
}

static void change_range(const struct pga_index *index, struct pga_store *store,
			 unsigned long page, unsigned long nr, int sign,
			 u8 tick)
{
	const unsigned long end = page + nr;
	unsigned long next;

	for (; page < end; page = next) {
		next = min(end, ALIGN(page + 1, PGA_CHUNK_PAGES));
		pga_index_change(index, block_of(store, pga_chunk_of(page)),
				 pga_chunk_of(page), sign * (int)(next - page), tick);
	}
}

/**
 * pga_index_alloc() - pages have come into use
 * @index: the index
 * @store: where its records are
 * @page: first page
 * @nr: pages
 */
void pga_index_alloc(struct pga_index *index, struct pga_store *store,
		     unsigned long page, unsigned long nr)
{
	change_range(index, store, page, nr, 1, 0);
}
PGA_EXPORT_FOR_KUNIT(pga_index_alloc);

/**
 * pga_index_free() - pages have gone out of use
 * @index: the index
 * @store: where its records are
 * @page: first page
 * @nr: pages
 * @tick: the present tick, 0 if there is no delay
 */
void pga_index_free(struct pga_index *index, struct pga_store *store,
		    unsigned long page, unsigned long nr, u8 tick)
{
	change_range(index, store, page, nr, -1, tick);
	pga_index_raise(index, page + nr);
}
PGA_EXPORT_FOR_KUNIT(pga_index_free);

/* Records that have not changed in this generation get the tag of no generation. */
static void clear_old_tags(struct pga_block *block, unsigned int tag)
{
	unsigned int i;

	for (i = 0; i < PGA_BLOCK_CHUNKS; i++)
		if (FIELD_GET(PGA_USAGE_TAG, block->usage[i]) != tag)
			block->usage[i] &= ~PGA_USAGE_TAG;
}

/**
 * pga_index_next_generation() - a generation is over
 * @index: the index
 * @store: where its records are
 */
void pga_index_next_generation(struct pga_index *index, struct pga_store *store)
{
	unsigned long i = index->generation % OLD_STRIDE;
	struct pga_block *block;

	for (; i << PGA_BLOCK_SHIFT < PGA_INDEX_PAGES; i += OLD_STRIDE) {
		block = pga_store_block(store, i << PGA_BLOCK_SHIFT);
		if (block)
			clear_old_tags(block, pga_index_tag(index));
	}
	index->generation++;
	index->turn = (index->turn + 1) % PGA_GENERATION_TAGS;
	if (index->background.next < index->high)
		index->background = (struct pga_cursor) { index->high, true };
	index->high = 0;
}
PGA_EXPORT_FOR_KUNIT(pga_index_next_generation);

/**
 * pga_index_touch() - pages that were not in use are free and ready
 * @index: the index
 * @store: where its records are
 * @page: first page
 * @nr: pages
 */
void pga_index_touch(struct pga_index *index, struct pga_store *store,
		     unsigned long page, unsigned long nr)
{
	unsigned long i;

	for (i = pga_chunk_of(page); i <= pga_chunk_of(page + nr - 1); i++)
		block_of(store, i)->usage[i % PGA_BLOCK_CHUNKS] |=
			PGA_USAGE_HAS_FREE;
	pga_index_raise(index, page + nr);
}
PGA_EXPORT_FOR_KUNIT(pga_index_touch);

/**
 * pga_index_resume() - search again where chunks were too young
 * @index: the index
 */
void pga_index_resume(struct pga_index *index)
{
	if (index->background.next < index->skipped)
		index->background = (struct pga_cursor) { index->skipped, false };
	index->skipped = 0;
}
PGA_EXPORT_FOR_KUNIT(pga_index_resume);

/**
 * pga_index_empty() - a chunk has nothing to give back
 * @store: where the records are
 * @chunk: the chunk; searches pass it by until pages of it are freed
 */
void pga_index_empty(struct pga_store *store, unsigned long chunk)
{
	struct pga_block *block = block_of(store, chunk);

	if (block)
		block->usage[chunk % PGA_BLOCK_CHUNKS] &= ~PGA_USAGE_HAS_FREE;
}
PGA_EXPORT_FOR_KUNIT(pga_index_empty);

static bool is_young(const struct pga_search *search, u8 freed_at)
{
	return search->young && freed_at &&
	       pga_ticks_between(freed_at, search->now) < search->young;
}

static bool worth_a_look(const struct pga_index *index, pga_usage_t packed,
			 bool forced)
{
	const struct pga_usage u = pga_usage_unpack(packed);

	if (!u.has_free || forced)
		return u.has_free;
	return u.in_use < PGA_DENSE_PAGES &&
	       (u.tag != pga_index_tag(index) ||
		u.last_in_use < PGA_DENSE_PAGES);
}

/*
 * Look for the highest chunk below @search->below that is worth a look, at up
 * to @budget records.  @search->below goes down with it, to the chunk found.
 */
static bool look_below(struct pga_index *index, const struct pga_store *store,
		       bool forced, struct pga_search *search,
		       unsigned int budget)
{
	for (; search->below && budget; budget--) {
		const unsigned long i = search->below - 1;
		const struct pga_block *block = block_of(store, i);
		const unsigned long at = i % PGA_BLOCK_CHUNKS;

		search->below = block ? i : ALIGN_DOWN(i, PGA_BLOCK_CHUNKS);
		if (!block || !worth_a_look(index, block->usage[at], forced))
			continue;
		if (forced || !is_young(search, block->freed_at[at]))
			return true;
		index->skipped = max(index->skipped, pga_chunk_start(i + 1));
	}
	return false;
}

/**
 * pga_index_find() - find a chunk to look into
 * @index: the index
 * @store: where its records are
 * @forced: the search is forced; otherwise it is a background search
 * @search: how far it has got; the lock may be dropped between calls
 * @budget: look at this many records at most
 * @page: set to the page to look from, downwards in its chunk
 *
 * A cursor that was raised since the search began is left alone.
 *
 * Return: whether a chunk was found.  If not, and @search->from is not 0, call
 * again; otherwise there is none.
 */
bool pga_index_find(struct pga_index *index, const struct pga_store *store,
		    bool forced, struct pga_search *search,
		    unsigned int budget, unsigned long *page)
{
	struct pga_cursor *cursor = forced ? &index->forced : &index->background;
	unsigned long start;
	bool found, same;

	if (!search->from) {
		if (!cursor->next)
			return false;
		search->from = cursor->next;
		search->below = pga_chunk_of(cursor->next - 1) + 1;
	}
	found = look_below(index, store, forced, search, budget);
	if (!found && search->below)
		return false;

	same = cursor->next == search->from;
	start = pga_chunk_of(search->from - 1);
	*page = search->from - 1;
	if (found && search->below != start) {
		*page = pga_chunk_start(search->below + 1) - 1;
		if (same)
			*cursor = (struct pga_cursor) { *page + 1, false };
	} else if (!found && same && !cursor->marked) {
		cursor->next = 0;
	}
	search->from = 0;
	return found;
}
PGA_EXPORT_FOR_KUNIT(pga_index_find);
