// SPDX-License-Identifier: GPL-2.0
/*
 * Growth: a pool takes pages of its regions into its maps.
 *
 * Regions grow one after the other from the lowest, each from its low end, in
 * whole chunks and granules, as far as a request needs.  What is grown by is
 * free and discarded; only the pages of a region outside whole granules, at
 * its two ends, are populated first and are free and ready.
 *
 * Memory for the maps is allocated, and those pages populated, without the
 * lock.  Meanwhile the region is marked, so that nobody else grows it, and
 * whoever needs more pages waits as for any other thing in flight.  A step is
 * a portion at most, or a granule, which bounds the time under the lock; a large
 * request takes many steps.  An engine for which the length does not matter takes
 * longer ones, but each lies within one block of the store.
 *
 * Pages outside whole granules have to be populated, and that can fail.  The
 * region is passed by then, for the rest of the request: there may be others
 * above it.
 *
 * A request that cannot be just anywhere grows only regions that have a place for
 * it with pages that are not grown, each as far as the lowest such place needs.
 */

#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "pool/track.h"

/* A step lies within one block. */
static_assert(PGA_PORTION_PAGES <= 1UL << PGA_BLOCK_SHIFT);
static_assert(PAGEALLOC_GRANULE_MAX <= 1UL << PGA_BLOCK_SHIFT);

/**
 * struct step - growth of one region by pages of one kind
 * @region: which
 * @pages: which of its pages
 * @made: ready for those outside whole granules, otherwise discarded
 * @parts: memory for the maps
 * @refused: what the backing said when it could not populate @pages now
 */
struct step {
	struct pga_region *region;
	struct pga_extent pages;
	enum pga_made made;
	struct pga_parts parts;
	int refused;
};

/* A step ends at a multiple of so many pages. */
static unsigned long step_pages(const struct pagealloc_pool *pool)
{
	return max(pool->granule, pool->map.ops->grow_max);
}

/* How far a region grows in one step that should be @nr pages. */
static void plan(const struct pagealloc_pool *pool, struct step *step,
		 unsigned long nr)
{
	const unsigned long unit = max(pool->granule, PGA_CHUNK_PAGES);
	const unsigned long start = step->region->grown;
	const unsigned long limit = min(step->region->end,
					ALIGN(start + 1, step_pages(pool)));
	const unsigned long first = ALIGN(start, pool->granule);
	const unsigned long last = ALIGN_DOWN(step->region->end, pool->granule);
	unsigned long end;

	nr = min(nr, limit - start);
	end = min(ALIGN(start + nr, unit), limit);
	step->made = PGA_MADE_READY;
	if (start != first) {
		end = min(end, first);
	} else if (start < last) {
		step->made = PGA_MADE_DISCARDED;
		end = min(end, last);
	}
	step->pages = (struct pga_extent) { start, end - start };
}

/*
 * The lowest region with pages left that nobody is working on and that may help;
 * @nr is set to how many it should grow by.
 */
static struct pga_region *region_to_grow(struct pagealloc_pool *pool,
					 const struct pga_want *want,
					 unsigned long *nr)
{
	struct pga_constraint where;
	struct pga_region *region;

	lockdep_assert_held(&pool->lock);
	if (want->where)
		where = pga_place_in_pages(pool, want->where);
	list_for_each_entry(region, &pool->regions, node) {
		if (region->start < want->grow_from || !region->reserved ||
		    region->growing || region->grown == region->end)
			continue;
		*nr = want->where ? pga_place_to_grow(pool, region, &where) :
				    want->to_grow;
		if (*nr)
			return region;
	}
	return NULL;
}

/* Pages in the longest row of regions that have no hole between them. */
static unsigned long longest_row(const struct pagealloc_pool *pool)
{
	unsigned long end = PGA_NONE, nr = 0, longest = 0;
	const struct pga_region *region;

	list_for_each_entry(region, &pool->regions, node) {
		if (region->start != end)
			nr = 0;
		nr += region->end - region->start;
		end = region->end;
		longest = max(longest, nr);
	}
	return longest;
}

/* Whether the pool could ever have such a run. */
static bool is_possible(const struct pagealloc_pool *pool,
			const struct pga_want *want)
{
	struct pga_constraint where;

	if (!want->where)
		return want->nr <= longest_row(pool);
	where = pga_place_in_pages(pool, want->where);
	return pga_place_is_possible(pool, &where);
}

/*
 * -EAGAIN if the pool has grown since the request looked, -ENOMEM if it can
 * never grow enough, -ENOSPC if there is nothing to grow by.  In the last case
 * somebody may have begun to since the request looked, and is worth waiting for.
 */
static int step_begin(struct pagealloc_pool *pool, struct step *step,
		      struct pga_want *want)
{
	unsigned long flags, nr;
	int ret = 0;

	flags = pga_pool_lock(pool);
	step->region = region_to_grow(pool, want, &nr);
	if (pool->map.pages != want->pages) {
		ret = -EAGAIN;
	} else if (!is_possible(pool, want)) {
		ret = -ENOMEM;
	} else if (!step->region) {
		ret = -ENOSPC;
		want->in_flight = max(want->in_flight, pool->in_flight);
	} else {
		plan(pool, step, nr);
		pga_map_missing(&pool->map, step->pages.start, step->pages.nr,
				&step->parts);
		step->region->growing = true;
		pga_flight_begin(pool);
	}
	pga_pool_unlock(pool, flags);
	return ret;
}

/*
 * Maps are never given back while the pool lives, so a request for too many pages
 * is to fail before it has taken all there is.  As much is left to others as the
 * kernel leaves a user where it does not overcommit (vm.user_reserve_kbytes); what
 * lies below the watermarks, which rise with the machine, comes on top of that.
 */
static bool memory_is_short(const struct pga_parts *parts)
{
	const unsigned long left = min(totalram_pages() / 32,
				       PHYS_PFN(SZ_128M));
	unsigned long bytes = 0;
	unsigned int i;

	for (i = 0; i < PGA_PARTS; i++)
		bytes += parts->size[i];
	return bytes && si_mem_available() < (long)(PFN_UP(bytes) + left);
}

/* As pga_memory_size() says; and nobody is to be killed for it. */
static void *get_part(size_t size)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_RETRY_MAYFAIL;

	return size > PGA_KMALLOC_MAX ? __vmalloc(size, gfp) : kvmalloc(size, gfp);
}

static int get_parts(struct pga_parts *parts)
{
	unsigned int i;

	if (memory_is_short(parts))
		return -ENOMEM;
	for (i = 0; i < PGA_PARTS; i++) {
		if (!parts->size[i])
			continue;
		parts->memory[i] = get_part(parts->size[i]);
		if (!parts->memory[i])
			return -ENOMEM;
	}
	return 0;
}

static void put_parts(struct pga_parts *parts)
{
	unsigned int i;

	for (i = 0; i < PGA_PARTS; i++)
		kvfree(parts->memory[i]);
}

static int step_prepare(struct pagealloc_pool *pool, struct step *step)
{
	unsigned long done;
	int ret;

	ret = get_parts(&step->parts) ?: pga_reserve_fill(pool) ?:
	      pga_track_supply(pool, step->pages);
	if (!ret && step->made == PGA_MADE_READY) {
		ret = pga_populate(pool, step->pages, &done);
		if (ret == -ENOMEM || ret == -EBUSY)
			step->refused = ret;
	}
	if (!ret)
		pga_track_open(pool, step->pages);
	return ret;
}

static int step_end(struct pagealloc_pool *pool, struct step *step,
		    struct pga_want *want, int ret)
{
	const struct pga_extent pages = step->pages;
	unsigned long flags;

	flags = pga_pool_lock(pool);
	if (!ret && !pga_map_grow(&pool->map, pages.start, pages.nr, step->made,
				  &step->parts)) {
		pga_pool_corrupt(pool, "maps missing after growth", pages.start);
		ret = -EIO;
	}
	pga_mind_damage(pool);
	if (!ret) {
		pool->changes++;
		pool->stat[PAGEALLOC_GROW]++;
		step->region->grown = pga_extent_end(pages);
		want->to_grow -= min(want->to_grow, pages.nr);
		if (!want->to_grow)
			want->to_grow = want->nr;
	}
	if (step->refused)
		want->grow_from = step->region->end;
	step->region->growing = false;
	pga_flight_end(pool);
	pga_pool_unlock(pool, flags);

	pga_flight_wake(pool);
	put_parts(&step->parts);
	return ret;
}

/**
 * pga_pool_grow() - grow a pool by a step, for a request that found no place
 * @pool: the pool
 * @want: the request; what it saw of the pool when it found none
 *
 * Context: may sleep.
 * Return: -EAGAIN if the pool has grown and it should look again, -ENOSPC if
 * there are no pages left that nobody is working on, or another errno.
 */
int pga_pool_grow(struct pagealloc_pool *pool, struct pga_want *want)
{
	int ret, refused = 0;
	struct step step;

	do {
		step = (struct step) {};
		ret = step_begin(pool, &step, want);
		if (ret)
			return ret == -ENOSPC && refused ? refused : ret;
		ret = step_prepare(pool, &step);
		ret = step_end(pool, &step, want, ret);
		refused = step.refused;
	} while (refused);
	return ret ?: -EAGAIN;
}
