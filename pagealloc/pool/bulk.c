// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk: many single pages in one call.
 *
 * The call takes the same pages as one request for each page would.  Pages that
 * follow one another in a chunk are taken in one step, and the lock is dropped after
 * a few steps.  Only ready pages are taken here.  If a page must be populated, or if
 * the pool must grow, the caller makes a request for one page.
 */

#include <linux/bitmap.h>

#include "pool/bulk.h"
#include "pool/free.h"
#include "pool/ready.h"
#include "pool/region.h"
#include "pool/request.h"

/* Ranges taken in one critical section; each takes one search and one change. */
#define RANGES_A_HOLD	7

/* Pages freed in one critical section. */
#define FREES_A_HOLD	64

/* The lowest pages to take, up to @nr in one chunk; none if these are discarded. */
static struct pga_extent lowest(struct pagealloc_pool *pool, enum pga_which which,
				unsigned long nr)
{
	const unsigned long page = pga_map_find(&pool->map, which, 1);
	const unsigned int bit = page % PGA_CHUNK_PAGES;
	unsigned long buf[PGA_CHUNK_WORDS];
	struct pga_chunk chunk;
	unsigned int end;

	if (page == PGA_NONE)
		return (struct pga_extent) { page, 0 };
	pga_map_read_chunk(&pool->map, pga_chunk_of(page), &chunk);
	if (test_bit(bit, chunk.discarded))
		return (struct pga_extent) { page, 0 };
	/* Ready pages may be followed by discarded ones. */
	end = find_next_bit(pga_chunk_busy(&chunk, PGA_READY, buf),
			    min(bit + nr, PGA_CHUNK_PAGES), bit);
	return (struct pga_extent) { page, end - bit };
}

/* Pages that may be taken under the maximum, and above the floor. */
static unsigned long allowed(const struct pagealloc_pool *pool, bool may_populate)
{
	const unsigned long room = pga_room(pool);

	return may_populate && pga_takes_floor(pool, room) ?
		min(room, pga_above_floor(pool)) : room;
}

/**
 * pga_bulk_alloc() - allocate single pages that are ready
 * @pool: the pool
 * @which: PGA_FREE to stop at a discarded page, PGA_READY to skip discarded pages
 * @may_populate: the caller can populate others: leave the floor alone
 * @pfns: filled in
 * @nr: pages wanted
 * @low: set if less is free and ready than the floor asks for
 *
 * Context: any but NMI.
 * Return: pages allocated; 0 if the next page needs a request of its own, or if as much
 * is in use as the maximum or the floor allows.
 */
unsigned long pga_bulk_alloc(struct pagealloc_pool *pool, enum pga_which which,
			     bool may_populate, unsigned long *pfns, unsigned long nr,
			     bool *low)
{
	unsigned long flags, done = 0, i;
	struct pga_extent e;
	unsigned int n;

	flags = pga_pool_lock(pool);
	for (n = 0; n < RANGES_A_HOLD && done < nr && !pool->corrupt; n++) {
		e = lowest(pool, which, min(nr - done, allowed(pool, may_populate)));
		if (!e.nr || !pga_take_ready(pool, e.start, e.nr))
			break;
		pool->stat[PAGEALLOC_ALLOC] += e.nr - 1;
		for (i = 0; i < e.nr; i++)
			pfns[done++] = pool->base + e.start + i;
	}
	*low = pga_pool_is_low(pool);
	pga_pool_unlock(pool, flags);
	return done;
}

/**
 * pga_bulk_free() - free single pages
 * @pool: the pool
 * @pfns: the pages
 * @nr: how many
 *
 * Context: any but NMI.
 * Return: 0, or the errno of the first page that could not be freed; all others are
 * free.
 */
int pga_bulk_free(struct pagealloc_pool *pool, const unsigned long *pfns,
		  unsigned long nr)
{
	const unsigned long *end = pfns + nr, *stop;
	unsigned long flags;
	int error = 0, ret;

	while (pfns < end) {
		stop = min(end, pfns + FREES_A_HOLD);
		flags = pga_pool_lock(pool);
		for (; pfns < stop; pfns++) {
			ret = pga_free_locked(pool, *pfns - pool->base, 1);
			error = error ?: ret;
		}
		pga_pool_unlock(pool, flags);
	}
	return error;
}
