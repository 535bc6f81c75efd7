// SPDX-License-Identifier: GPL-2.0
/*
 * Growth: a pool takes pages of its regions into its maps.
 *
 * Regions grow one after the other from the lowest, each from its low end, in
 * whole chunks and granules, as far as a request needs.  Grown pages are free and
 * discarded.  Only the pages of a region outside whole granules, at its two ends,
 * are populated first, and become free and ready.
 *
 * The memory of the maps is allocated, and these pages are populated, without the
 * lock.  Meanwhile the region is marked as growing, so that no other request grows
 * it.  Other requests that need pages wait for the growth, since it is in flight.
 *
 * A request grows the pool in steps.  The engine limits the length of a step
 * (@grow_max of struct pga_engine_ops), because it is one critical section; a step
 * can always add a granule.  Each step lies within one block of the engine's
 * memory.
 *
 * If somebody else holds pages outside whole granules, or their memory is bad, the
 * request tries the regions above.  It tries such a region again by the back-off of
 * held granules (held.c), or as its last resort.
 *
 * A request with a constraint grows only regions that have a place for it with
 * pages that are not grown, each as far as the lowest such place needs.
 */

#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "base/fault.h"
#include "pool/flight.h"
#include "pool/grow.h"
#include "pool/place.h"
#include "pool/populate.h"
#include "pool/region.h"
#include "pool/reserve.h"
#include "pool/track.h"

/* A step lies within one block. */
static_assert(PGA_PORTION_PAGES <= 1UL << PGA_BLOCK_SHIFT);
static_assert(PAGEALLOC_GRANULE_MAX <= 1UL << PGA_BLOCK_SHIFT);

/**
 * struct step - growth of one region by pages of one kind
 * @region: the region
 * @pages: the pages it grows by
 * @made: ready for pages outside whole granules, otherwise discarded
 * @parts: memory for the maps
 * @refused: somebody else holds frames of @pages, or memory of them is bad
 */
struct step {
	struct pga_region *region;
	struct pga_extent pages;
	enum pga_made made;
	struct pga_parts parts;
	bool refused;
};

/* Steps end at multiples of this many pages. */
static unsigned long step_pages(const struct pagealloc_pool *pool)
{
	return max(pool->granule, pool->map.ops->grow_max);
}

/* Set the pages of a step that should grow a region by @nr. */
static void plan_step(const struct pagealloc_pool *pool, struct step *step,
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

/* May a region be tried?  Pages of it outside whole granules may have been held. */
static bool may_try(const struct pagealloc_pool *pool,
		    const struct pga_region *region, const struct pga_growth *growth)
{
	const struct pga_backoff *b = &region->backoff;

	return !b->delay_ms || pga_now(pool) >= b->due ||
	       (growth->last_resort && b->number <= growth->since);
}

/*
 * Find the lowest region that can grow and that has a place for the request; @nr is
 * set to the pages it should grow by.
 */
static struct pga_region *region_to_grow(struct pagealloc_pool *pool,
					 struct pga_growth *growth,
					 unsigned long *nr)
{
	struct pga_constraint where;
	struct pga_region *region;

	lockdep_assert_held(&pool->lock);
	if (growth->where)
		where = pga_place_in_pages(pool, growth->where);
	for (region = pga_region_with_room(pool, growth->grow_from); region;
	     region = pga_region_with_room(pool, region->end)) {
		if (region->growing)
			continue;
		*nr = growth->where ? pga_place_to_grow(pool, region, &where,
							growth->one_region) :
				    growth->to_grow;
		if (*nr && may_try(pool, region, growth))
			return region;
		growth->busy |= *nr > 0;
	}
	return NULL;
}

/* Can the pool ever have the run? */
static bool is_possible(const struct pagealloc_pool *pool,
			const struct pga_growth *growth)
{
	struct pga_constraint where;

	if (!growth->where)
		return pga_row_from(pool, 0, growth->nr).nr;
	where = pga_place_in_pages(pool, growth->where);
	return pga_place_is_possible(pool, &where, growth->one_region);
}

/*
 * Begin a step.  -EAGAIN: the pool has grown since the request searched; -ENOMEM: it
 * can never grow enough; -ENOSPC: it cannot grow now, but the request can wait for
 * another growth if @growth->in_flight says so.
 */
static int step_begin(struct pagealloc_pool *pool, struct step *step,
		      struct pga_growth *growth)
{
	unsigned long flags, nr;
	int ret = 0;

	flags = pga_pool_lock(pool);
	step->region = region_to_grow(pool, growth, &nr);
	if (pool->map.pages != growth->pages) {
		ret = -EAGAIN;
	} else if (!is_possible(pool, growth)) {
		ret = -ENOMEM;
	} else if (!step->region) {
		ret = -ENOSPC;
		growth->in_flight = max(growth->in_flight, pool->in_flight);
	} else {
		plan_step(pool, step, nr);
		pga_map_missing(&pool->map, step->pages.start, step->pages.nr,
				&step->parts);
		step->region->growing = true;
		pga_flight_begin(pool);
	}
	pga_pool_unlock(pool, flags);
	return ret;
}

/*
 * Is too little memory left for the maps?  Maps are freed only when the pool ends, so
 * a request that needs too many of them must fail before they fill the memory.  The
 * margin is the default of vm.user_reserve_kbytes; si_mem_available() subtracts the
 * watermarks of the zones.
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

/* Allocate as pga_memory_size() says, without waking the OOM killer. */
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

/* Get memory for a step, and populate pages outside whole granules. */
static int step_prepare(struct pagealloc_pool *pool, struct step *step)
{
	unsigned long done;
	int ret;

	ret = get_parts(&step->parts) ?: pga_reserve_fill(pool) ?:
	      pga_track_supply(pool, step->pages);
	if (!ret && step->made == PGA_MADE_READY) {
		ret = pga_populate(pool, step->pages, &done);
		step->refused = ret == -EBUSY || ret == -EHWPOISON;
	}
	if (!ret)
		pga_track_open(pool, step->pages);
	return ret;
}

/* End a step: the pool has grown by its pages unless @ret is an errno. */
static int step_end(struct pagealloc_pool *pool, struct step *step,
		    struct pga_growth *growth, int ret)
{
	const struct pga_extent pages = step->pages;
	unsigned long flags;

	flags = pga_pool_lock(pool);
	if (!ret && !pga_map_grow(&pool->map, pages.start, pages.nr, step->made,
				  &step->parts)) {
		pga_pool_set_corrupt(pool, "maps missing after growth", pages.start);
		ret = -EIO;
	}
	pga_check_damage(pool);
	if (!ret) {
		pool->changes++;
		pool->stat[PAGEALLOC_GROW]++;
		pga_region_grow(pool, step->region, pga_extent_end(pages));
		growth->to_grow -= min(growth->to_grow, pages.nr);
		if (!growth->to_grow)
			growth->to_grow = growth->nr;
		step->region->backoff = (struct pga_backoff) {};
	}
	if (step->refused) {
		pga_backoff_fail(&step->region->backoff, pga_now(pool));
		step->region->backoff.number = ++pool->failures;
		growth->grow_from = step->region->end;
		growth->busy = true;
	}
	step->region->growing = false;
	pga_flight_end(pool);
	pga_pool_unlock(pool, flags);

	pga_flight_wake(pool);
	put_parts(&step->parts);
	return ret;
}

/**
 * pga_grow() - grow a pool by a step, for a request that found no place
 * @pool: the pool
 * @growth: the request, and the state of the pool when it searched
 *
 * Context: may sleep.
 * Return: -EAGAIN if the pool has grown, so that the request searches again;
 * -ENOSPC if it cannot grow now; or another errno.
 */
int pga_grow(struct pagealloc_pool *pool, struct pga_growth *growth)
{
	struct step step;
	int ret;

	do {
		step = (struct step) {};
		ret = step_begin(pool, &step, growth);
		if (ret)
			return ret;
		ret = step_prepare(pool, &step);
		ret = step_end(pool, &step, growth, ret);
	} while (step.refused);
	return ret ?: -EAGAIN;
}

/* The pages of a region in the @i-th of the engine's blocks that it has pages in. */
static struct pga_extent in_block(const struct pga_region *region, unsigned long i)
{
	const unsigned long block = 1UL << PGA_BLOCK_SHIFT;
	const unsigned long first = ALIGN_DOWN(region->start, block) + i * block;
	const unsigned long start = max(region->start, first);

	return (struct pga_extent) { start, min(region->end, first + block) - start };
}

/* Get all memory that the maps of some pages need, all in one block. */
static int supply(struct pagealloc_pool *pool, struct pga_extent pages,
		  struct pga_parts *parts)
{
	unsigned long flags;
	int ret;

	flags = pga_pool_lock(pool);
	pga_map_missing(&pool->map, pages.start, pages.nr, parts);
	pga_pool_unlock(pool, flags);
	ret = get_parts(parts) ?: pga_track_supply(pool, pages);
	if (!ret)
		pga_track_open(pool, pages);
	return ret;
}

/* Grow by ready pages whose maps have memory. */
static int grow_ready(struct pagealloc_pool *pool, struct pga_region *region,
		      struct pga_extent pages, struct pga_parts *parts)
{
	const unsigned long end = pga_extent_end(pages);
	unsigned long page, next, flags;
	bool grown = true;

	for (page = pages.start; grown && page < end; page = next) {
		next = min(end, ALIGN(page + 1, pool->map.ops->grow_max));
		flags = pga_pool_lock(pool);
		grown = pga_map_grow(&pool->map, page, next - page, PGA_MADE_READY,
				     parts);
		if (grown) {
			pool->changes++;
			pool->stat[PAGEALLOC_GROW]++;
			pga_region_grow(pool, region, next);
		} else {
			pga_pool_set_corrupt(pool, "maps missing for a region", page);
		}
		pga_pool_unlock(pool, flags);
		cond_resched();
	}
	return grown ? 0 : -EIO;
}

/**
 * pga_grow_whole() - grow a pool by all pages of a region whose memory stays
 * @pool: the pool
 * @region: the region, marked as growing
 *
 * The memory of all maps is allocated first, so that the pool grows by all or nothing.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM, the pool has not grown, and the region stays marked; -EIO if the
 * pool is corrupt, which keeps what it has grown by.
 */
int pga_grow_whole(struct pagealloc_pool *pool, struct pga_region *region)
{
	const unsigned long nr = ((region->end - 1) >> PGA_BLOCK_SHIFT) -
				 (region->start >> PGA_BLOCK_SHIFT) + 1;
	struct pga_parts *parts = kvcalloc(nr, sizeof(*parts), GFP_KERNEL);
	unsigned long i, flags;
	int ret = 0;

	if (!parts)
		return -ENOMEM;
	flags = pga_pool_lock(pool);
	pga_flight_begin(pool);
	pga_pool_unlock(pool, flags);
	for (i = 0; !ret && i < nr; i++)
		ret = supply(pool, in_block(region, i), &parts[i]);
	for (i = 0; !ret && i < nr; i++)
		ret = grow_ready(pool, region, in_block(region, i), &parts[i]);
	flags = pga_pool_lock(pool);
	/* The caller takes it out: nobody else may grow it until then. */
	region->growing = ret == -ENOMEM;
	if (!ret)
		pga_region_update_node(pool, region);
	pga_flight_end(pool);
	pga_pool_unlock(pool, flags);

	pga_flight_wake(pool);
	for (i = 0; i < nr; i++)
		put_parts(&parts[i]);
	kvfree(parts);
	return ret;
}
