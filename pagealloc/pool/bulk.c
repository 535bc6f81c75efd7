// SPDX-License-Identifier: GPL-2.0
/*
 * Many single pages at a time, and runs that get shorter.
 *
 * Pages in bulk are where as many requests for one page each would have found
 * them.  These are the lowest pages, or wherever the engine would place them, and
 * those that follow one another in a chunk are taken by one operation.  Only ready
 * ones are taken here: what has to be populated, or grown, is a request of its own.
 *
 * The lock is dropped after a few operations, so others may get in between.
 */

#include <linux/bitmap.h>

#include "pool/pool.h"

/* Each is found by one descent at most, that is 64 nodes in all. */
#define EXTENTS_A_HOLD	7

#define FREES_A_HOLD	64

/* The lowest @which pages, no more than @nr, all in one chunk. */
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
	/* What is ready may be followed by what is not. */
	end = find_next_bit(pga_chunk_busy(&chunk, PGA_READY, buf),
			    min(bit + nr, PGA_CHUNK_PAGES), bit);
	return (struct pga_extent) { page, end - bit };
}

/**
 * pga_pool_take_pages() - allocate single pages that are ready
 * @pool: the pool
 * @which: PGA_FREE to stop at a discarded page, PGA_READY to take higher ones
 * @pfns: filled in
 * @nr: pages wanted
 * @low: set to whether less is left free and ready than should be
 *
 * Context: any but NMI.
 * Return: how many were taken; 0 if the next one has to be found otherwise.
 */
unsigned long pga_pool_take_pages(struct pagealloc_pool *pool,
				  enum pga_which which, unsigned long *pfns,
				  unsigned long nr, bool *low)
{
	unsigned long flags, done = 0, i;
	struct pga_extent e;
	unsigned int n;

	flags = pga_pool_lock(pool);
	for (n = 0; n < EXTENTS_A_HOLD && done < nr && !pool->corrupt; n++) {
		e = lowest(pool, which, nr - done);
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
 * pga_pool_free_pages() - free single pages
 * @pool: the pool
 * @pfns: which
 * @nr: how many
 *
 * Context: any but NMI.
 * Return: 0, or the errno of the first that could not be freed; the others were.
 */
int pga_pool_free_pages(struct pagealloc_pool *pool, const unsigned long *pfns,
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

static int trim(struct pagealloc_pool *pool, unsigned long page,
		unsigned long old_nr, unsigned long new_nr)
{
	lockdep_assert_held(&pool->lock);
	if (pool->corrupt)
		return -EIO;
	if (!pga_pool_covers(pool, page, old_nr)) {
		pool->stat[PAGEALLOC_BAD_FREE]++;
		return -ERANGE;
	}
	if (!pga_pool_is_used(pool, page, new_nr)) {
		pool->stat[PAGEALLOC_DOUBLE_FREE]++;
		return -EINVAL;
	}
	if (old_nr == new_nr)
		return 0;
	return pga_free_locked(pool, page + new_nr, old_nr - new_nr);
}

/**
 * pga_pool_trim() - free the end of a run
 * @pool: the pool
 * @pfn: first page of the run
 * @old_nr: its pages
 * @new_nr: those that stay in use, at least 1, at most @old_nr
 *
 * Context: any but NMI.
 * Return: as pga_pool_free(), for all of the run.
 */
int pga_pool_trim(struct pagealloc_pool *pool, unsigned long pfn,
		  unsigned long old_nr, unsigned long new_nr)
{
	const struct pga_extent run = { pga_page_of(pool, pfn), old_nr };
	unsigned long flags;
	int ret;

	if (old_nr > PGA_PORTION_PAGES)
		return pga_free_long(pool, run, new_nr);
	flags = pga_pool_lock(pool);
	ret = trim(pool, run.start, old_nr, new_nr);
	pga_pool_unlock(pool, flags);
	return ret;
}
