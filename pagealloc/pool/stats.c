// SPDX-License-Identifier: GPL-2.0
/* The statistics of a pool, and copies of its maps. */

#include <linux/bitmap.h>
#include <linux/math64.h>

#include "base/kunit_export.h"
#include "pool/held.h"
#include "pool/region.h"
#include "pool/retired.h"
#include "pool/stats.h"
#include "pool/track.h"

/**
 * pga_stats_in_use() - count the pages that clients and caches hold
 * @pool: the pool
 *
 * Context: any but NMI.
 * Return: pages.
 */
unsigned long pga_stats_in_use(struct pagealloc_pool *pool)
{
	unsigned long flags, nr;

	flags = pga_pool_lock(pool);
	nr = pga_in_use(pool);
	pga_pool_unlock(pool, flags);
	return nr;
}

/* Are these pages free?  Any number is as good. */
static bool all_free(struct pagealloc_pool *pool, unsigned long page,
		     unsigned long nr)
{
	const struct pga_constraint where = {
		.nr = nr,
		.align = 1,
		.low = page,
		.high = page + nr,
	};
	unsigned long found = PGA_NONE;
	struct pga_fit fit;

	pga_fit_begin(&fit, PGA_FREE, &where);
	while (!pga_map_fit(&pool->map, &fit, UINT_MAX, &found))
		;
	return found == page;
}

/* The number of free pages right behind @page, or right before it; @most at most. */
static unsigned long free_beside(struct pagealloc_pool *pool,
				 unsigned long page, unsigned long most, bool before)
{
	unsigned long least = 0, nr;

	while (least < most) {
		nr = most - (most - least) / 2;
		if (all_free(pool, before ? page - nr : page, nr))
			least = nr;
		else
			most = nr - 1;
	}
	return least;
}

/* Regions that longest_available() looks at in one critical section. */
#define REGIONS_A_HOLD	16

/**
 * struct available - a run of pages that are free or that the pool can grow by
 * @end: the page after the last region; the next one begins there, or there is a hole
 * @run: pages of the run that ends there
 * @longest: pages of the longest run so far
 */
struct available {
	unsigned long end;
	unsigned long run;
	unsigned long longest;
};

/* Add the pages of the next region. */
static void add_available(struct pagealloc_pool *pool, struct available *a,
			  const struct pga_region *r)
{
	const unsigned long nr = r->grown - r->start;

	if (r->start != a->end)
		a->run = 0;
	a->end = r->end;
	/* What lies between grown pages only is part of a free run. */
	if (a->run && nr)
		a->longest = max(a->longest, a->run +
				 free_beside(pool, r->start, nr, false));
	if (a->run && nr && all_free(pool, r->start, nr))
		a->run += nr;
	else if (nr)
		a->run = free_beside(pool, r->grown, nr, true);
	if (r->reserved)
		a->run += r->end - r->grown;
	a->longest = max(a->longest, a->run);
}

/*
 * The longest run of pages that are free or that the pool has not grown by yet; @free
 * is the longest free run.  Regions that follow one another without a hole are one.
 */
static unsigned long longest_available(struct pagealloc_pool *pool, unsigned long free)
{
	struct available a = { .longest = free };
	const struct pga_region *r;
	unsigned long flags;
	unsigned int n;

	do {
		flags = pga_pool_lock(pool);
		r = pga_region_from(pool, a.end);
		for (n = 0; r && n < REGIONS_A_HOLD; n++) {
			add_available(pool, &a, r);
			r = pga_region_next(r);
		}
		pga_pool_unlock(pool, flags);
	} while (r);
	return a.longest;
}

/**
 * pga_stats_read() - read all statistics of a pool
 * @pool: the pool
 * @stats: filled in; pages in caches count as in use.  The statistics are those of one
 *	   moment, except for the largest run that can be had, if the pool has many
 *	   regions.
 *
 * Context: any but NMI.
 */
void pga_stats_read(struct pagealloc_pool *pool, struct pagealloc_stats *stats)
{
	const struct pga_map *map = &pool->map;
	unsigned long flags, largest, room, goal, limit, max;
	u64 *v = stats->value;
	unsigned int i;

	flags = pga_pool_lock(pool);
	memcpy(v, pool->stat, sizeof(pool->stat));
	largest = pga_map_longest(map);

	v[PAGEALLOC_SYS] = pool->sys;
	v[PAGEALLOC_GROWN] = map->pages;
	v[PAGEALLOC_IN_USE] = pga_in_use(pool);
	v[PAGEALLOC_IDLE] = map->free;
	room = pga_room(pool);
	v[PAGEALLOC_AVAILABLE] = min(map->free + pool->reserved, room);
	v[PAGEALLOC_RETAINED] = pga_retained(pool);
	v[PAGEALLOC_RELEASED] = map->discarded + pool->nr_held + pool->nr_lost;
	v[PAGEALLOC_CACHED] = 0;
	v[PAGEALLOC_PARKED] = map->parked;
	v[PAGEALLOC_HELD] = pool->nr_held;
	v[PAGEALLOC_RETIRED] = pool->nr_retired;
	v[PAGEALLOC_REFERRED] = pool->nr_referred;
	v[PAGEALLOC_IN_TRANSITION] = pool->nr_isolated - pool->nr_held -
				     pool->nr_retired;
	v[PAGEALLOC_LARGEST_FREE_RUN] = largest;
	v[PAGEALLOC_DEFERRED] = atomic_long_read(&pool->nr_deferred);
	v[PAGEALLOC_METADATA] = map->bytes;
	goal = pool->goal;
	limit = pool->tuning.limit;
	max = pool->tuning.max;
	pga_pool_unlock(pool, flags);
	v[PAGEALLOC_LARGEST_AVAILABLE] = min(longest_available(pool, largest), room);
	pga_track_stats(pool, v);

	v[PAGEALLOC_FRAGMENTATION] = 0;
	if (v[PAGEALLOC_IDLE])
		v[PAGEALLOC_FRAGMENTATION] =
			div64_u64(1000 * (v[PAGEALLOC_IDLE] - largest),
				  v[PAGEALLOC_IDLE]);
	for (i = PAGEALLOC_SYS; i <= PAGEALLOC_LARGEST_FREE_RUN; i++)
		v[i] *= PAGE_SIZE;
	v[PAGEALLOC_GOAL] = goal == PGA_NONE ? U64_MAX : goal * PAGE_SIZE;
	v[PAGEALLOC_LIMIT] = limit == PAGEALLOC_NO_LIMIT ? U64_MAX :
							   limit * PAGE_SIZE;
	v[PAGEALLOC_MAX] = max ? max * PAGE_SIZE : U64_MAX;
	v[PAGEALLOC_PAGE_SIZE] = PAGE_SIZE;
	v[PAGEALLOC_GRANULE] = pool->granule * PAGE_SIZE;
}

/* Read a chunk, with its retired pages as free. */
static void read_in_use(struct pagealloc_pool *pool, unsigned long page,
			struct pga_chunk *chunk)
{
	const unsigned long end = page + PGA_CHUNK_PAGES;
	struct pga_retired *r;
	unsigned long flags, start, stop;

	flags = pga_pool_lock(pool);
	pga_map_read_chunk(&pool->map, pga_chunk_of(page), chunk);
	r = pga_retired_from(pool, page);
	for (; r && r->iso.pages.start < end; r = pga_retired_next(r)) {
		start = max(r->iso.pages.start, page);
		stop = min(pga_extent_end(r->iso.pages), end);
		bitmap_clear(chunk->allocated, start - page, stop - start);
	}
	pga_pool_unlock(pool, flags);
}

/**
 * pga_stats_first_in_use() - find the lowest pages in use
 * @pool: the pool; no page is isolated unless it is retired, and it does not grow
 * @first: set to the lowest pages in use that follow one another in one chunk
 *
 * Context: any but NMI.
 * Return: false if no page is in use.
 */
bool pga_stats_first_in_use(struct pagealloc_pool *pool, struct pga_extent *first)
{
	struct pga_region *region;
	struct pga_chunk chunk;
	unsigned long page, end;

	pga_for_each_region(region, pool) {
		for (page = region->start; page < region->grown;
		     page = ALIGN(page + 1, PGA_CHUNK_PAGES)) {
			const unsigned int bit = page % PGA_CHUNK_PAGES;

			read_in_use(pool, ALIGN_DOWN(page, PGA_CHUNK_PAGES), &chunk);
			end = min(region->grown - ALIGN_DOWN(page, PGA_CHUNK_PAGES),
				  PGA_CHUNK_PAGES);
			first->start = find_next_bit(chunk.allocated, end, bit);
			if (first->start == end)
				continue;
			first->nr = find_next_zero_bit(chunk.allocated, end,
						       first->start) - first->start;
			first->start += ALIGN_DOWN(page, PGA_CHUNK_PAGES);
			return true;
		}
	}
	return false;
}

/* Count the grown pages of [@page, @end); set @first to the first one. */
static unsigned long grown_in(const struct pagealloc_pool *pool,
			      unsigned long page, unsigned long end,
			      unsigned long *first)
{
	const struct pga_region *region;
	unsigned long start, stop, nr = 0;

	for (region = pga_region_from(pool, page); region && region->start < end;
	     region = pga_region_next(region)) {
		start = max(region->start, page);
		stop = min(region->grown, end);
		if (start >= stop)
			continue;
		if (!nr)
			*first = start;
		nr += stop - start;
	}
	return nr;
}

/**
 * pga_stats_read_chunk() - copy the maps of the next chunk with grown pages
 * @pool: the pool
 * @pfn: a pfn of the first chunk to consider; set to the start of the chunk found
 * @chunk: filled in; holes read as allocated
 * @pages: set to the number of grown pages in it; may be NULL
 * @held: set to the number of held pages in it; may be NULL
 * @retired: set to the number of retired pages in it; may be NULL
 *
 * Context: any but NMI.
 * Return: false if there is no such chunk.
 */
bool pga_stats_read_chunk(struct pagealloc_pool *pool, unsigned long *pfn,
			  struct pga_chunk *chunk, unsigned long *pages,
			  unsigned long *held, unsigned long *retired)
{
	unsigned long flags, page, first;
	bool found;

	flags = pga_pool_lock(pool);
	page = *pfn > pool->base ?
		ALIGN_DOWN(*pfn - pool->base, PGA_CHUNK_PAGES) : 0;
	found = grown_in(pool, page, PGA_NONE, &first);
	if (found) {
		page = ALIGN_DOWN(first, PGA_CHUNK_PAGES);
		*pfn = pga_pfn_of(pool, page);
		pga_map_read_chunk(&pool->map, pga_chunk_of(page), chunk);
		if (pages)
			*pages = grown_in(pool, page, page + PGA_CHUNK_PAGES, &first);
		if (held)
			*held = pga_held_pages(pool, page, page + PGA_CHUNK_PAGES);
		if (retired)
			*retired = pga_retired_in(pool, page, page + PGA_CHUNK_PAGES);
	}
	pga_pool_unlock(pool, flags);
	return found;
}

/**
 * pga_stats_read_spans() - copy the next spans of a pool
 * @pool: the pool
 * @pfn: begin with the span that has this page, or with the next one
 * @list: filled in, with pfns
 * @len: room in @list; the spans are copied in one critical section
 *
 * To go on, call again with the end of the last span.
 *
 * Context: any but NMI.
 * Return: spans copied; 0 also if the engine has no spans.
 */
unsigned int pga_stats_read_spans(struct pagealloc_pool *pool, unsigned long pfn,
				  struct pga_span_state *list, unsigned int len)
{
	unsigned long flags, page;
	unsigned int nr;

	flags = pga_pool_lock(pool);
	pga_update_time(pool);
	page = pfn > pool->base ? pfn - pool->base : 0;
	for (nr = 0; nr < len; nr++) {
		if (!pga_map_next_span(&pool->map, page, &list[nr]))
			break;
		page = pga_extent_end(list[nr].pages);
		list[nr].pages.start = pga_pfn_of(pool, list[nr].pages.start);
	}
	pga_pool_unlock(pool, flags);
	return nr;
}
PGA_EXPORT_FOR_KUNIT(pga_stats_read_spans);
