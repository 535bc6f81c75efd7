// SPDX-License-Identifier: GPL-2.0
/*
 * Regions: the ranges of pages that a pool may grow into.
 *
 * A region costs nothing but an entry in a tree until the pool grows into it.  Regions
 * do not overlap, and there may be holes between them.  Those without a hole between
 * them are a row.
 *
 * A loan may have thousands of regions, and the pool's lock is held while they are
 * looked up.  So there are three trees by address: of all regions, of those that can
 * still grow, and of the rows.  A row is in its tree by its first region, and each
 * subtree knows its longest row.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/rbtree_augmented.h>
#include <linux/slab.h>

#include "base/fault.h"
#include "base/kunit_export.h"
#include "pool/region.h"

/* Pages of the row that begins with a region. */
static unsigned long row_pages(const struct pga_region *first)
{
	return first->row_end - first->start;
}

RB_DECLARE_CALLBACKS_MAX(static, longest_row, struct pga_region, by_row, unsigned long,
			 longest, row_pages)

/* Pages of a region. */
static unsigned long region_pages(const struct pga_region *region)
{
	return region->end - region->start;
}

RB_DECLARE_CALLBACKS_MAX(static, longest_region, struct pga_region, node, unsigned long,
			 longest_below, region_pages)

static struct pga_region *of_node(const struct rb_node *node)
{
	return rb_entry_safe(node, struct pga_region, node);
}

static struct pga_region *of_row(const struct rb_node *node)
{
	return rb_entry_safe(node, struct pga_region, by_row);
}

static bool room_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct pga_region, by_room)->start <
	       rb_entry(b, struct pga_region, by_room)->start;
}

/* The first region of the row that @page is in, or else of the last one before it. */
static struct pga_region *first_of_row(const struct pagealloc_pool *pool,
				       unsigned long page)
{
	struct rb_node *node = pool->rows.rb_node;
	struct pga_region *first = NULL;

	lockdep_assert_held(&pool->lock);
	while (node) {
		if (of_row(node)->start <= page) {
			first = of_row(node);
			node = node->rb_right;
		} else {
			node = node->rb_left;
		}
	}
	return first;
}

/* Begin a row with a region. */
static void add_row(struct pagealloc_pool *pool, struct pga_region *first,
		    unsigned long end)
{
	struct rb_node **link = &pool->rows.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = first->start < of_row(parent)->start ? &parent->rb_left :
							      &parent->rb_right;
	}
	first->row_end = end;
	first->longest = row_pages(first);
	rb_link_node(&first->by_row, parent, link);
	longest_row_propagate(parent, NULL);
	rb_insert_augmented(&first->by_row, &pool->rows, &longest_row);
}

static void set_row_end(struct pga_region *first, unsigned long end)
{
	first->row_end = end;
	longest_row_propagate(&first->by_row, NULL);
}

static void remove_row(struct pagealloc_pool *pool, struct pga_region *first)
{
	rb_erase_augmented(&first->by_row, &pool->rows, &longest_row);
}

/* Add a region to the tree by address. */
static void add_node(struct pagealloc_pool *pool, struct pga_region *new)
{
	struct rb_node **link = &pool->regions.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = new->start < of_node(parent)->start ? &parent->rb_left :
							     &parent->rb_right;
	}
	new->longest_below = region_pages(new);
	rb_link_node(&new->node, parent, link);
	longest_region_propagate(parent, NULL);
	rb_insert_augmented(&new->node, &pool->regions, &longest_region);
}

/* Insert by address; false if it overlaps a region that is there. */
static bool insert(struct pagealloc_pool *pool, struct pga_region *new)
{
	struct pga_region *next = pga_region_from(pool, new->start);
	struct pga_region *first = first_of_row(pool, new->start);

	lockdep_assert_held(&pool->lock);
	if (next && next->start < new->end)
		return false;
	add_node(pool, new);
	pool->sys += new->end - new->start;
	if (first && first->row_end == new->start) {
		set_row_end(first, new->end);
	} else {
		first = new;
		add_row(pool, new, new->end);
	}
	if (next && next->start == new->end) {
		remove_row(pool, next);
		set_row_end(first, next->row_end);
	}
	return true;
}

/* Take out a region that the backing did not reserve. */
static void take_out(struct pagealloc_pool *pool, struct pga_region *old)
{
	struct pga_region *next = pga_region_next(old);
	struct pga_region *first = first_of_row(pool, old->start);
	const unsigned long end = first->row_end;

	lockdep_assert_held(&pool->lock);
	if (first == old)
		remove_row(pool, old);
	else
		set_row_end(first, old->start);
	if (end > old->end)
		add_row(pool, next, end);
	rb_erase_augmented(&old->node, &pool->regions, &longest_region);
	pool->sys -= old->end - old->start;
}

/* Count a region that can grow as one that can. */
static void add_room(struct pagealloc_pool *pool, struct pga_region *region)
{
	rb_add(&region->by_room, &pool->room, room_before);
	pool->reserved += region->end - region->grown;
}

/**
 * pga_region_insert() - add a region to a pool
 * @pool: the pool
 * @what: the region
 * @region: set to it; the pool does not grow into it yet
 *
 * The first region decides which 2^34 of all pfns the pool can have, and whether its
 * memory can be zeroed by address: if so, all others must have one.
 *
 * Context: may sleep.
 * Return: 0; -ERANGE if it is too far from the pool's other regions, -EINVAL if it has
 * no address and they have, -EEXIST if it overlaps one, -ENOMEM.
 */
int pga_region_insert(struct pagealloc_pool *pool, const struct pagealloc_region *what,
		      struct pga_region **region)
{
	const unsigned long pfn = what->pfn;
	struct pga_region *new;
	unsigned long flags;
	int ret = 0;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;

	flags = pga_pool_lock(pool);
	if (RB_EMPTY_ROOT(&pool->regions)) {
		WRITE_ONCE(pool->base, ALIGN_DOWN(pfn, PGA_INDEX_PAGES));
		/* Pairs with READ_ONCE() in pga_can_zero(). */
		WRITE_ONCE(pool->has_virt, !!what->virt);
	}
	new->start = pfn - pool->base;
	new->end = new->start + what->nr_pages;
	new->grown = new->start;
	new->virt = what->virt;
	new->owner = what->owner;
	if (pfn < pool->base || new->end > PGA_INDEX_PAGES)
		ret = -ERANGE;
	else if (pool->has_virt && !what->virt && !pool->ops->zero)
		ret = -EINVAL;
	else if (!insert(pool, new))
		ret = -EEXIST;
	pga_pool_unlock(pool, flags);

	if (ret)
		kfree(new);
	else
		*region = new;
	return ret;
}

/* The zone of a page that has a page struct, if the pool's pages have such. */
static int zone_of(const struct pagealloc_pool *pool, unsigned long pfn)
{
	if (!pool->has_pages || !pfn_valid(pfn))
		return PAGEALLOC_NO_ZONE;
	return page_zonenum(pfn_to_page(pfn));
}

/**
 * pga_region_update_node() - a region is added for good: where is all memory now?
 * @pool: the pool, locked
 * @region: the region
 */
void pga_region_update_node(struct pagealloc_pool *pool, const struct pga_region *region)
{
	const unsigned long pfn = pga_pfn_of(pool, region->start);
	const unsigned long last = pga_pfn_of(pool, region->end - 1);
	const bool first = !pool->has_node;
	int nid = NUMA_NO_NODE, zone = zone_of(pool, pfn);

	lockdep_assert_held(&pool->lock);
	if (!pool->ops->no_memory && pfn_valid(pfn))
		nid = page_to_nid(pfn_to_page(pfn));
	if (!first && nid != pool->nid)
		nid = NUMA_NO_NODE;
	/* Zones are ranges of pfns, and a region is one range. */
	if (zone != zone_of(pool, last) || (!first && zone != pool->zone))
		zone = PAGEALLOC_NO_ZONE;
	pool->has_node = true;
	pool->zone = zone;
	/* Pairs with READ_ONCE() in pool/pressure.c. */
	WRITE_ONCE(pool->nid, nid);
}

/**
 * pga_region_reserve() - have the backing reserve a region
 * @pool: the pool
 * @region: from pga_region_insert(); it is gone if this fails
 *
 * Context: may sleep.
 * Return: the result of the backing's reserve().
 */
int pga_region_reserve(struct pagealloc_pool *pool, struct pga_region *region)
{
	unsigned long flags;
	int ret;

	ret = pool->ops->reserve(pool->ctx, pga_pfn_of(pool, region->start),
				 region->end - region->start);
	ret = pga_backing_error(pool, "reserve", ret);

	flags = pga_pool_lock(pool);
	region->reserved = !ret;
	if (ret) {
		take_out(pool, region);
	} else {
		/* Of memory that stays the pool grows by all at once, or not at all. */
		region->growing = pool->ops->stays;
		add_room(pool, region);
		if (!pool->ops->stays)
			pga_region_update_node(pool, region);
	}
	pga_pool_unlock(pool, flags);

	if (ret)
		kfree(region);
	return ret;
}

/**
 * pga_region_undo() - take out a region by which the pool could not grow
 * @pool: the pool
 * @region: from pga_region_reserve(), with nothing grown; it is gone then
 *
 * Context: may sleep.
 */
void pga_region_undo(struct pagealloc_pool *pool, struct pga_region *region)
{
	const unsigned long pfn = pga_pfn_of(pool, region->start);
	const unsigned long nr = region_pages(region);
	unsigned long flags;

	flags = pga_pool_lock(pool);
	rb_erase(&region->by_room, &pool->room);
	pool->reserved -= nr;
	take_out(pool, region);
	pga_pool_unlock(pool, flags);
	pool->ops->release(pool->ctx, pfn, nr);
	kfree(region);
}

/**
 * pga_region_virt() - the address of pages of a region that was added with one
 * @pool: the pool
 * @pfn: first page
 * @nr: pages
 * @here: set to the pages of these that are in the same region
 *
 * Context: any but NMI.
 * Return: the address, or NULL.
 */
void *pga_region_virt(struct pagealloc_pool *pool, unsigned long pfn, unsigned long nr,
		      unsigned long *here)
{
	const unsigned long page = pga_page_of(pool, pfn);
	const struct pga_region *region;
	unsigned long flags;
	void *virt = NULL;

	flags = pga_pool_lock(pool);
	region = pga_region_from(pool, page);
	if (region && region->start <= page && region->virt) {
		virt = region->virt + (page - region->start) * PAGE_SIZE;
		*here = min(nr, region->end - page);
	}
	pga_pool_unlock(pool, flags);
	return virt;
}

/**
 * pga_region_grow() - the pool has grown into a region
 * @pool: the pool, locked
 * @region: the region
 * @end: the page after the last that the pool has grown by
 */
void pga_region_grow(struct pagealloc_pool *pool, struct pga_region *region,
		     unsigned long end)
{
	lockdep_assert_held(&pool->lock);
	pool->reserved -= end - region->grown;
	region->grown = end;
	if (end == region->end)
		rb_erase(&region->by_room, &pool->room);
}

/**
 * pga_region_from() - find the first region with a page from a given one on
 * @pool: the pool, locked
 * @page: the page
 *
 * Return: the region that has the page, or the next one; NULL if there is none.
 */
struct pga_region *pga_region_from(const struct pagealloc_pool *pool,
				   unsigned long page)
{
	struct rb_node *node = pool->regions.rb_node;
	struct pga_region *region, *first = NULL;

	lockdep_assert_held(&pool->lock);
	while (node) {
		region = rb_entry(node, struct pga_region, node);
		if (region->end > page) {
			first = region;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return first;
}
PGA_EXPORT_FOR_KUNIT(pga_region_from);

/* The first region of a subtree that starts at @page or behind it and is long enough. */
static struct pga_region *find_long(const struct rb_node *node, unsigned long page,
				    unsigned long nr)
{
	struct pga_region *region, *found;

	/* The right subtree comes last, so only the left one needs a call. */
	for (; node && of_node(node)->longest_below >= nr; node = node->rb_right) {
		region = of_node(node);
		if (region->start < page)
			continue;
		found = find_long(node->rb_left, page, nr);
		if (found || region_pages(region) >= nr)
			return found ?: region;
	}
	return NULL;
}

/**
 * pga_region_long() - find the first region that is long enough
 * @pool: the pool, locked
 * @page: the region has a page from there on
 * @nr: pages that it must have
 *
 * Return: the region, NULL if there is none.
 */
struct pga_region *pga_region_long(const struct pagealloc_pool *pool,
				   unsigned long page, unsigned long nr)
{
	struct pga_region *region = pga_region_from(pool, page);

	if (region && region_pages(region) < nr)
		region = find_long(pool->regions.rb_node, region->end, nr);
	return region;
}
PGA_EXPORT_FOR_KUNIT(pga_region_long);

/**
 * pga_region_next() - find the next region by address
 * @region: a region; its pool is locked
 *
 * Return: the region, NULL if there is none.
 */
struct pga_region *pga_region_next(const struct pga_region *region)
{
	return rb_entry_safe(rb_next(&region->node), struct pga_region, node);
}
PGA_EXPORT_FOR_KUNIT(pga_region_next);

/**
 * pga_region_with_room() - find the first region that can grow
 * @pool: the pool, locked
 * @page: the region starts there or behind it
 *
 * Return: the region, which may be growing; NULL if there is none.
 */
struct pga_region *pga_region_with_room(const struct pagealloc_pool *pool,
					unsigned long page)
{
	struct rb_node *node = pool->room.rb_node;
	struct pga_region *region, *first = NULL;

	lockdep_assert_held(&pool->lock);
	while (node) {
		region = rb_entry(node, struct pga_region, by_room);
		if (region->start >= page) {
			first = region;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return first;
}
PGA_EXPORT_FOR_KUNIT(pga_region_with_room);

/**
 * pga_region_row() - find the row of a region
 * @pool: the pool, locked
 * @region: the region
 *
 * Return: the pages of all regions of the row, which have no hole between them.
 */
struct pga_extent pga_region_row(const struct pagealloc_pool *pool,
				 const struct pga_region *region)
{
	const struct pga_region *first = first_of_row(pool, region->start);

	return (struct pga_extent) { first->start, row_pages(first) };
}
PGA_EXPORT_FOR_KUNIT(pga_region_row);

/* The first row of a subtree that starts at @page or behind it and is long enough. */
static struct pga_region *find_row(const struct rb_node *node, unsigned long page,
				   unsigned long nr)
{
	struct pga_region *row, *found;

	/* The right subtree comes last, so only the left one needs a call. */
	for (; node && of_row(node)->longest >= nr; node = node->rb_right) {
		row = of_row(node);
		if (row->start < page)
			continue;
		found = find_row(node->rb_left, page, nr);
		if (found || row_pages(row) >= nr)
			return found ?: row;
	}
	return NULL;
}

/**
 * pga_row_from() - find the first row that is long enough
 * @pool: the pool, locked
 * @page: the row has a page from there on
 * @nr: pages that it must have
 *
 * Return: the row; one of no pages if there is none.
 */
struct pga_extent pga_row_from(const struct pagealloc_pool *pool, unsigned long page,
			       unsigned long nr)
{
	struct pga_region *row = first_of_row(pool, page);

	lockdep_assert_held(&pool->lock);
	if (!row || row->row_end <= page || row_pages(row) < nr)
		row = find_row(pool->rows.rb_node, page, nr);
	return row ? (struct pga_extent) { row->start, row_pages(row) } :
		     (struct pga_extent) {};
}
PGA_EXPORT_FOR_KUNIT(pga_row_from);

/**
 * pga_pool_covers() - has the pool grown by all pages of a range?
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages, at least 1
 *
 * Return: false if a page is outside of all regions, in a hole, or only reserved.
 */
bool pga_pool_covers(const struct pagealloc_pool *pool, unsigned long page,
		     unsigned long nr)
{
	const struct pga_region *region = pga_region_from(pool, page);
	const unsigned long end = page + nr;

	while (region && region->start <= page && page < region->grown) {
		if (end <= region->grown)
			return true;
		page = region->grown;
		region = pga_region_next(region);
	}
	return false;
}
PGA_EXPORT_FOR_KUNIT(pga_pool_covers);

/**
 * pga_region_around() - find the grown pages of a region
 * @pool: the pool, locked
 * @page: one of them
 *
 * Return: the grown pages of the region with @page, none if the pool has not grown
 * by @page.
 */
struct pga_extent pga_region_around(const struct pagealloc_pool *pool,
				    unsigned long page)
{
	const struct pga_region *region = pga_region_from(pool, page);

	if (!region || page < region->start || page >= region->grown)
		return (struct pga_extent) { .start = page };
	return (struct pga_extent) { region->start, region->grown - region->start };
}

/*
 * Abandon the free granules of a region that are ready, since the backing has refused
 * to discard them, and release them.
 */
static void abandon_ready(struct pagealloc_pool *pool, struct pga_region *region)
{
	const unsigned long granule = pool->granule;
	const unsigned long end = ALIGN_DOWN(region->grown, granule);
	unsigned long page = ALIGN(region->start, granule);
	struct pga_extent e;

	for (; page < end; page += granule) {
		if (!pga_map_test(&pool->map, page, granule, false) ||
		    pga_map_next_discarded(&pool->map, page, page + granule, &e))
			continue;
		pool->ops->abandon(pool->ctx, pga_pfn_of(pool, page), granule);
		pool->ops->release(pool->ctx, pga_pfn_of(pool, page), granule);
		cond_resched();
	}
}

/*
 * Release the discarded and the reserved pages of a region.  Pages that a client
 * holds, or that the backing did not take back, stay as they are.
 */
static void release_part(struct pagealloc_pool *pool, struct pga_region *region)
{
	const unsigned long grown = region->grown;
	struct pga_extent e;
	unsigned long page;

	for (page = region->start; page < grown; page = pga_extent_end(e)) {
		if (!pga_map_next_discarded(&pool->map, page, grown, &e))
			break;
		pool->ops->release(pool->ctx, pga_pfn_of(pool, e.start), e.nr);
	}
	if (region->end > grown)
		pool->ops->release(pool->ctx, pga_pfn_of(pool, grown),
				   region->end - grown);
}

/* Count the pages in whole granules of a region that are not discarded. */
static unsigned long kept_pages(struct pagealloc_pool *pool,
				struct pga_region *region)
{
	unsigned long first = ALIGN(region->start, pool->granule);
	unsigned long last = ALIGN_DOWN(region->grown, pool->granule);
	unsigned long kept = 0;
	struct pga_extent e;

	if (!pga_map_test(&pool->map, region->start,
			  region->grown - region->start, false))
		return region->grown - region->start;
	if (pool->ops->stays)
		return 0;
	while (first < last) {
		if (!pga_map_next_discarded(&pool->map, first, last, &e))
			e = (struct pga_extent) { last, 0 };
		kept += e.start - first;
		first = pga_extent_end(e);
	}
	return kept;
}

/**
 * pga_region_release_all() - release the regions of a pool that ends
 * @pool: the pool; no call into it is under way
 *
 * Pages that are still in use, or that the backing does not take back, are
 * reported and not released; or, if it can do that, abandoned.
 *
 * Context: may sleep.
 */
void pga_region_release_all(struct pagealloc_pool *pool)
{
	struct pga_region *region, *next;

	rbtree_postorder_for_each_entry_safe(region, next, &pool->regions, node) {
		if (!kept_pages(pool, region)) {
			pool->ops->release(pool->ctx,
					   pga_pfn_of(pool, region->start),
					   region->end - region->start);
		} else {
			pr_err("%s: frames of region %lu+%lu stay out of use%s\n",
			       pool->name, pga_pfn_of(pool, region->start),
			       region->end - region->start, pool->ops->abandon ?
			       " as long as others refer to them" : "");
			if (pool->ops->abandon)
				abandon_ready(pool, region);
			release_part(pool, region);
		}
		kfree(region);
	}
}
