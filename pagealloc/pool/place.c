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
 */

#include "pool/isolation.h"
#include "pool/place.h"

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

/* The row of a region. */
static struct pga_extent row_of(const struct pagealloc_pool *pool,
				const struct pga_region *region)
{
	const struct pga_region *r = region;
	unsigned long start = region->start, end = region->end;

	while (!list_is_first(&r->node, &pool->regions) &&
	       list_prev_entry(r, node)->end == start) {
		r = list_prev_entry(r, node);
		start = r->start;
	}
	r = region;
	while (!list_is_last(&r->node, &pool->regions) &&
	       list_next_entry(r, node)->start == end) {
		r = list_next_entry(r, node);
		end = r->end;
	}
	return (struct pga_extent) { start, end - start };
}

/**
 * pga_place_is_possible() - can a request ever succeed?
 * @pool: the pool, locked
 * @where: the constraint, in pages
 *
 * Return: false if no row has a place for the run.
 */
bool pga_place_is_possible(const struct pagealloc_pool *pool,
			   const struct pga_constraint *where)
{
	const struct pga_region *region;
	struct pga_extent row;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(region, &pool->regions, node) {
		row = row_of(pool, region);
		if (pga_fit_in_run(where, row.start, pga_extent_end(row)) !=
		    PGA_NONE)
			return true;
	}
	return false;
}

/**
 * pga_place_to_grow() - by how much must a region grow to have a place?
 * @pool: the pool, locked
 * @region: the region
 * @where: the constraint, in pages
 *
 * Return: pages; 0 if no place has a page that the region can grow by.
 */
unsigned long pga_place_to_grow(const struct pagealloc_pool *pool,
				const struct pga_region *region,
				const struct pga_constraint *where)
{
	const struct pga_extent row = row_of(pool, region);
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
 * @seen: pages of the place examined so far; raised by up to a portion
 *
 * Return: -ERANGE if the place is not in a row, -EBUSY if a client holds a page
 * of the portion that was examined, otherwise 0.
 */
int pga_place_refused(const struct pagealloc_pool *pool,
		      const struct pga_constraint *where, unsigned long *seen)
{
	const unsigned long page = where->low + *seen;
	const unsigned long end = pga_portion_end(page, where->low + where->nr);
	unsigned long busy = 0;
	const struct pga_region *region;

	if (!pga_place_is_possible(pool, where))
		return -ERANGE;
	list_for_each_entry(region, &pool->regions, node)
		busy += pga_map_busy(&pool->map, max(page, region->start),
					min(end, region->grown));
	*seen += end - page;
	return busy > pga_isolated_in(pool, page, end) ? -EBUSY : 0;
}
