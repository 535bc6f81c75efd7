// SPDX-License-Identifier: GPL-2.0
/*
 * Places: the constraint of a request, applied to the regions of a pool.
 *
 * A client gives a constraint in pfns; the engine counts pages from the pool's base,
 * which is known once the pool has a region.  The base is a multiple of 2^34, so
 * alignments and boundaries up to this size are the same in pfns and in pages.
 *
 * A run may cross from a region into the next if there is no hole between them.
 * So a place lies in a row: regions without a hole between them.  If no row has
 * room for the run, no free and no growth can help, and the request fails at once.
 *
 * Where there is no free place, a held granule may make one together with the free
 * and held pages around it (pga_place_with_held()).  A search for such a place goes
 * over the held granules by due time and looks at the pages to both sides of each, a
 * chunk in each critical section.  The pages can change meanwhile, so the caller
 * examines them again when it claims the place.
 */

#include <linux/bitmap.h>
#include <linux/sched.h>

#include "pool/isolation.h"
#include "pool/place.h"
#include "pool/retired.h"

/* Held granules that are passed over in one critical section. */
#define PASSED_AT_ONCE	64

/**
 * pga_place_in_pages() - convert a constraint from pfns to pages
 * @pool: the pool, locked
 * @pfns: the constraint in pfns
 *
 * Return: the constraint in pages.
 */
struct pga_constraint pga_place_in_pages(const struct pagealloc_pool *pool,
					 const struct pga_constraint *pfns)
{
	struct pga_constraint pages = *pfns;

	lockdep_assert_held(&pool->lock);
	pages.low -= min(pages.low, pool->base);
	if (pages.high != PGA_NO_END)
		pages.high -= min(pages.high, pool->base);
	/* An alignment beyond the index space leaves page 0 at most. */
	if (!IS_ALIGNED(pool->base, pages.align))
		pages.high = 0;
	return pages;
}

static bool any_region_fits(const struct pagealloc_pool *pool,
			    const struct pga_constraint *where)
{
	const struct pga_region *r = pga_region_long(pool, where->low, where->nr);

	for (; r && r->start < where->high; r = pga_region_long(pool, r->end, where->nr))
		if (pga_fit_in_run(where, r->start, r->end) != PGA_NONE)
			return true;
	return false;
}

/**
 * pga_place_is_possible() - can a request ever succeed?
 * @pool: the pool, locked
 * @where: the constraint, in pages
 * @one_region: the run must lie within one region
 *
 * Return: false if no row, or no region, has a place for the run.
 */
bool pga_place_is_possible(const struct pagealloc_pool *pool,
			   const struct pga_constraint *where, bool one_region)
{
	struct pga_extent row;

	if (one_region)
		return any_region_fits(pool, where);
	row = pga_row_from(pool, where->low, where->nr);
	while (row.nr && row.start < where->high) {
		if (pga_fit_in_run(where, row.start, pga_extent_end(row)) !=
		    PGA_NONE)
			return true;
		row = pga_row_from(pool, pga_extent_end(row), where->nr);
	}
	return false;
}

/**
 * pga_place_to_grow() - by how much must a region grow to have a place?
 * @pool: the pool, locked
 * @region: the region
 * @where: the constraint, in pages
 * @one_region: the run must lie within one region
 *
 * Return: pages; 0 if no place has a page that the region can grow by.
 */
unsigned long pga_place_to_grow(const struct pagealloc_pool *pool,
				const struct pga_region *region,
				const struct pga_constraint *where, bool one_region)
{
	const struct pga_extent row = one_region ?
		(struct pga_extent) { region->start, region->end - region->start } :
		pga_region_row(pool, region);
	const unsigned long end = pga_extent_end(row), grown = region->grown;
	const unsigned long before = min(grown - row.start, where->nr - 1);
	unsigned long page, next;

	lockdep_assert_held(&pool->lock);
	page = pga_fit_in_run(where, grown - before, end);
	if (page >= region->end)
		return 0;
	/* Prefer a place of new pages only: those below may be in use. */
	next = pga_fit_in_run(where, grown, end);
	if (next < region->end)
		page = next;
	return page + where->nr - grown;
}

/**
 * pga_place_refused() - find out why a run cannot be at its only place
 * @pool: the pool, locked; it has no free run there
 * @where: the constraint, in pages, which leaves one place
 * @one_region: the run must lie within one region
 * @seen: pages of the place examined so far; raised by up to a portion
 *
 * Return: -ERANGE if the place is not in a row, or region, -EBUSY if a client holds a page
 * of the portion that was examined, or a page is retired; otherwise 0.
 */
int pga_place_refused(const struct pagealloc_pool *pool,
		      const struct pga_constraint *where, bool one_region,
		      unsigned long *seen)
{
	const unsigned long page = where->low + *seen;
	const unsigned long end = pga_portion_end(page, where->low + where->nr);
	unsigned long busy = 0;
	const struct pga_region *region;

	if (!pga_place_is_possible(pool, where, one_region))
		return -ERANGE;
	for (region = pga_region_from(pool, page); region && region->start < end;
	     region = pga_region_next(region))
		busy += pga_map_busy(&pool->map, max(page, region->start),
					min(end, region->grown));
	*seen += end - page;
	busy += pga_retired_in(pool, page, end);
	return busy > pga_isolated_in(pool, page, end) ? -EBUSY : 0;
}

/* Has a held granule failed while the request was under way? */
static bool was_tried(const struct pga_held *held, u64 since)
{
	return held->backoff.number > since;
}

/* Mark the pages of the chunk with @page that are of no use to the request. */
static void read_busy(struct pagealloc_pool *pool, unsigned long page, u64 since,
		      unsigned long *busy)
{
	const unsigned long first = ALIGN_DOWN(page, PGA_CHUNK_PAGES);
	const unsigned long end = first + PGA_CHUNK_PAGES;
	unsigned long flags, start, stop;
	struct pga_chunk chunk;
	struct pga_held *held;

	flags = pga_pool_lock(pool);
	pga_map_read_chunk(&pool->map, pga_chunk_of(page), &chunk);
	bitmap_copy(busy, chunk.allocated, PGA_CHUNK_PAGES);
	for (start = first; start < end; start = stop) {
		held = pga_held_in(pool, start, end, PGA_HELD);
		if (!held)
			break;
		start = max(held->page, first);
		stop = min(held->page + pool->granule, end);
		if (!was_tried(held, since))
			bitmap_clear(busy, start - first, stop - start);
	}
	pga_pool_unlock(pool, flags);
}

/* The end of the useful pages from @page up, no further than @end. */
static unsigned long useful_up(struct pagealloc_pool *pool, unsigned long page,
			       unsigned long end, u64 since)
{
	DECLARE_BITMAP(busy, PGA_CHUNK_PAGES);
	unsigned long stop, bit;

	for (; page < end; page = stop) {
		read_busy(pool, page, since, busy);
		stop = min(ALIGN(page + 1, PGA_CHUNK_PAGES), end);
		bit = find_next_bit(busy, PGA_CHUNK_PAGES, page % PGA_CHUNK_PAGES);
		if (ALIGN_DOWN(page, PGA_CHUNK_PAGES) + bit < stop)
			return ALIGN_DOWN(page, PGA_CHUNK_PAGES) + bit;
		cond_resched();
	}
	return end;
}

/* The first of the useful pages right below @page, no further than @start. */
static unsigned long useful_down(struct pagealloc_pool *pool, unsigned long page,
				 unsigned long start, u64 since)
{
	DECLARE_BITMAP(busy, PGA_CHUNK_PAGES);
	unsigned long first, nr, bit;

	for (; page > start; page = first) {
		first = ALIGN_DOWN(page - 1, PGA_CHUNK_PAGES);
		nr = page - first;
		read_busy(pool, first, since, busy);
		bit = find_last_bit(busy, nr);
		if (bit < nr && first + bit >= start)
			return first + bit + 1;
		cond_resched();
	}
	return start;
}

/* The next held granule that may be of use; see pga_place_with_held(). */
static int next_held(struct pagealloc_pool *pool, const struct pga_constraint *where,
		     u64 since, u64 due, struct pga_held_walk *walk,
		     unsigned long *page)
{
	const struct pga_held *held;
	unsigned int passed;
	int ret = -ENOENT;

	lockdep_assert_held(&pool->lock);
	for (passed = 0; passed < PASSED_AT_ONCE; passed++) {
		held = pga_held_next_due(pool, *walk);
		if (!held || held->backoff.due > due)
			return ret;
		*walk = (struct pga_held_walk) { held->backoff.due, held->page };
		if (held->page + pool->granule <= where->low ||
		    held->page >= where->high)
			continue;
		if (!was_tried(held, since)) {
			*page = held->page;
			return 0;
		}
		ret = -EBUSY;
	}
	return -EAGAIN;
}

/*
 * The lowest place in [@start, @end) that lies within a region with pages of a held
 * granule.
 */
static unsigned long fit_in_region(struct pagealloc_pool *pool,
				   const struct pga_constraint *where,
				   unsigned long held, unsigned long start,
				   unsigned long end)
{
	unsigned long flags, page = PGA_NONE;
	const struct pga_region *r;

	flags = pga_pool_lock(pool);
	for (r = pga_region_from(pool, held);
	     page == PGA_NONE && r && r->start < held + pool->granule;
	     r = pga_region_next(r))
		page = pga_fit_in_run(where, max(start, r->start), min(end, r->end));
	pga_pool_unlock(pool, flags);
	return page;
}

/**
 * pga_place_with_held() - find a place of free pages and held granules
 * @pool: the pool, not locked
 * @where: the constraint, in pages
 * @one_region: the run must lie within one region
 * @since: held granules that failed after this one of pool->failures are of no use
 * @due: the place has a held granule that is due by then
 * @walk: the walk over the held granules, by due time
 * @page: set to the first page of the place
 *
 * Context: may sleep.
 * Return: 0; -EAGAIN to call again; -ENOENT if there is no such place, -EBUSY if one of
 * the granules that were passed over has failed since.
 */
int pga_place_with_held(struct pagealloc_pool *pool,
			const struct pga_constraint *where, bool one_region,
			u64 since, u64 due, struct pga_held_walk *walk,
			unsigned long *page)
{
	unsigned long flags, held, start, end;
	int ret;

	flags = pga_pool_lock(pool);
	ret = next_held(pool, where, since, due, walk, &held);
	pga_pool_unlock(pool, flags);
	if (ret)
		return ret;
	start = held - min(held, where->nr - 1);
	end = min(held + pool->granule + where->nr - 1, PGA_INDEX_PAGES);
	start = useful_down(pool, held, start, since);
	end = useful_up(pool, held, end, since);
	*page = one_region ? fit_in_region(pool, where, held, start, end) :
			     pga_fit_in_run(where, start, end);
	return *page == PGA_NONE ? -EAGAIN : 0;
}
