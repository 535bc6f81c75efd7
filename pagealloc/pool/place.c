// SPDX-License-Identifier: GPL-2.0
/*
 * Where a request may go, as far as that depends on the pool's regions.
 *
 * A client says in pfns where a run may be, the engine counts pages from the
 * pool's base, which is known once the pool has a region.  The base being a
 * multiple of 2^34, alignments and boundaries of up to that are the same in
 * both.
 *
 * A run may cross from a region into the next if there is no hole between them,
 * so what counts is the row of regions that a place lies in.  A place that no row
 * has is asked for in vain, however much is freed or grown.
 */

#include "pool/isolation.h"
#include "pool/place.h"

/**
 * pga_place_in_pages() - what was said in pfns, in pages of the index space
 * @pool: the pool, locked
 * @pfns: where a run may be, in pfns
 *
 * Return: the same in pages.
 */
struct pga_constraint pga_place_in_pages(const struct pagealloc_pool *pool,
					 const struct pga_constraint *pfns)
{
	struct pga_constraint pages = *pfns;

	lockdep_assert_held(&pool->lock);
	pages.low -= min(pages.low, pool->base);
	if (pages.high != PGA_NO_END)
		pages.high -= min(pages.high, pool->base);
	/* Page 0 alone can be a multiple of more than the index space. */
	if (!IS_ALIGNED(pool->base, pages.align))
		pages.high = 0;
	return pages;
}

/* The row of regions without a hole between them that @region is in. */
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
 * pga_place_is_possible() - could such a run ever be had?
 * @pool: the pool, locked
 * @where: where it may be, in pages
 *
 * Return: false if no row of regions has a place for it.
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
 * pga_place_to_grow() - by how much should a region grow to make such a place?
 * @pool: the pool, locked
 * @region: the region
 * @where: where the run may be, in pages
 *
 * Return: pages; 0 if no place has any page that the region can grow by.
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
	/* Rather a place that takes no other pages, since those may be in use. */
	next = pga_fit_in_run(where, grown, end);
	if (next < region->end)
		page = next;
	return page + where->nr - grown;
}

/* Pages of [@page, @end) that are isolated. */
static unsigned long isolated_in(const struct pagealloc_pool *pool,
				 unsigned long page, unsigned long end)
{
	const struct pga_isolated *iso;
	unsigned long first, last, nr = 0;

	list_for_each_entry(iso, &pool->isolated, node) {
		first = max(iso->pages.start, page);
		last = min(pga_extent_end(iso->pages), end);
		if (first < last)
			nr += last - first;
	}
	return nr;
}

/**
 * pga_place_refused() - why a run cannot be at just one address
 * @pool: the pool, locked, that has no free run there
 * @where: where it should be, in pages: one place
 * @seen: so many of its pages have been looked at; a portion more are
 *
 * Return: -ERANGE if not all of it is in a row of regions, -EBUSY if a client
 * holds some of what was looked at now; 0 if neither.
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
	return busy > isolated_in(pool, page, end) ? -EBUSY : 0;
}
