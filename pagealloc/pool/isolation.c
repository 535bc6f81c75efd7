// SPDX-License-Identifier: GPL-2.0
/* Isolated pages: those that nobody else may touch for now. */

#include "pool/isolation.h"

/* So many pages have become isolated, or less if it is negative. */
static void count_isolated(struct pagealloc_pool *pool, long nr)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->nr_isolated, pool->nr_isolated + nr);
	pga_pool_set_caches(pool, pool->caches);
}

/**
 * pga_isolate() - begin an entry in the list of isolated pages
 * @pool: the pool, locked
 * @iso: entry, the caller's until pga_isolate_end(); covers nothing as yet
 * @page: where it begins
 */
void pga_isolate(struct pagealloc_pool *pool, struct pga_isolated *iso,
		 unsigned long page)
{
	lockdep_assert_held(&pool->lock);
	iso->pages = (struct pga_extent) { .start = page };
	list_add(&iso->node, &pool->isolated);
}

/**
 * pga_isolate_free() - take free pages out of everybody's reach
 * @pool: the pool, locked
 * @iso: entry, extended by them
 * @nr: pages that follow those it covers
 */
void pga_isolate_free(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr)
{
	const unsigned long page = pga_extent_end(iso->pages);

	pga_isolate_held(pool, iso, nr);
	if (!pga_map_hold(&pool->map, page, nr))
		pga_pool_corrupt(pool, "isolated pages that were not free", page);
}

/**
 * pga_isolate_held() - the same for pages that are in the caller's hands
 * @pool: the pool, locked
 * @iso: entry, extended by them
 * @nr: pages that follow those it covers, marked allocated
 */
void pga_isolate_held(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	iso->pages.nr += nr;
	count_isolated(pool, nr);
	pool->changes++;
}

/**
 * pga_isolate_less() - the first pages of an entry are settled
 * @pool: the pool, locked
 * @iso: entry, which covers them no more; pga_make_free() follows, and
 *	 pga_isolate_end() before the lock is dropped if it covers nothing
 * @nr: how many
 */
void pga_isolate_less(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	iso->pages.start += nr;
	iso->pages.nr -= nr;
	count_isolated(pool, -nr);
	pool->changes++;
}

/**
 * pga_isolate_end() - the pages of an entry are settled
 * @pool: the pool, locked
 * @iso: entry; its pages are in use from now on, or pga_make_free() follows
 */
void pga_isolate_end(struct pagealloc_pool *pool, struct pga_isolated *iso)
{
	lockdep_assert_held(&pool->lock);
	list_del(&iso->node);
	count_isolated(pool, -iso->pages.nr);
	pool->changes++;
}

/**
 * pga_make_free() - pages that were isolated are free again
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages; nothing happens if 0
 * @made: ready, or discarded
 */
void pga_make_free(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long nr, enum pga_made made)
{
	lockdep_assert_held(&pool->lock);
	if (!nr)
		return;
	pool->changes++;
	if (!pga_map_put(&pool->map, page, nr, made))
		pga_pool_corrupt(pool, "isolated pages that were free", page);
	pga_mind_damage(pool);
}
