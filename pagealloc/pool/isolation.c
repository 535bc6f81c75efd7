// SPDX-License-Identifier: GPL-2.0
/*
 * Isolated pages: an operation holds them while it works without the lock.
 *
 * An operation that calls the backing, or that claims a run in portions, takes
 * free pages out of the maps first.  The maps have these pages as allocated, so
 * no search finds them.  An entry in the pool's tree says that no client holds
 * them, so a free of such a page is refused.  When the operation is over its pages
 * come into use, or become free again, ready or discarded.
 *
 * An entry covers one range and lies on the stack of the operation.  The range
 * grows at its end and shrinks at its start, so that portions can be added and
 * settled one by one.  The tree has an entry for each operation under way.  A page
 * is in one entry at most, so the order of the entries by their first page is that
 * by their last page as well, and a lookup is one descent.
 *
 * A free to a cache of a CPU takes no lock and cannot look into the tree.  So there
 * is a small table of counters as well.  If that of a page's chunk is 0, the page is
 * not isolated; otherwise it may be, and its free takes the lock.
 */

#include "pool/isolation.h"

/* Count pages from @page up that are isolated from now on, or not any more. */
static void count_isolated(struct pagealloc_pool *pool, unsigned long page,
			   unsigned long nr, bool isolated)
{
	const unsigned int sign = isolated ? 1 : -1;
	unsigned long end = page + nr, i = pga_chunk_of(page), pages;
	unsigned int *count;

	lockdep_assert_held(&pool->lock);
	for (; nr; nr -= pages, i++) {
		pages = min(PGA_CHUNK_PAGES - (end - nr) % PGA_CHUNK_PAGES, nr);
		count = &pool->isolated_in[i % PGA_ISOLATED_IN];
		/* Pairs with READ_ONCE() in may_be_isolated(). */
		WRITE_ONCE(*count, *count + sign * (unsigned int)pages);
	}
	nr = end - page;
	WRITE_ONCE(pool->nr_isolated, isolated ? pool->nr_isolated + nr :
						 pool->nr_isolated - nr);
	pga_pool_set_caches(pool, pool->caches);
}

/**
 * pga_isolated_in() - count the isolated pages of a range
 * @pool: the pool, locked
 * @page: first page of the range
 * @end: the page after its last; the range is a portion at most, since it may have
 *	 as many entries as granules
 *
 * Return: pages.
 */
unsigned long pga_isolated_in(const struct pagealloc_pool *pool,
			      unsigned long page, unsigned long end)
{
	struct pga_isolated *iso = pga_isolated_from(pool, page);
	unsigned long nr = 0;

	for (; iso && iso->pages.start < end; iso = pga_isolated_next(iso))
		nr += min(pga_extent_end(iso->pages), end) -
		      max(iso->pages.start, page);
	return nr;
}

/**
 * pga_isolate() - begin an entry in the tree of isolated pages
 * @pool: the pool, locked
 * @iso: entry, the caller's until pga_isolate_end(); it covers no page yet
 * @page: where it begins
 */
void pga_isolate(struct pagealloc_pool *pool, struct pga_isolated *iso,
		 unsigned long page)
{
	struct rb_node **link = &pool->isolated.rb_node, *parent = NULL;

	lockdep_assert_held(&pool->lock);
	iso->pages = (struct pga_extent) { .start = page };
	while (*link) {
		parent = *link;
		link = page < rb_entry(parent, struct pga_isolated, node)->pages.start ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&iso->node, parent, link);
	rb_insert_color(&iso->node, &pool->isolated);
}

/**
 * pga_isolate_free() - extend an entry by free pages
 * @pool: the pool, locked
 * @iso: entry
 * @nr: how many of the pages behind it; the maps have them as allocated from now on
 */
void pga_isolate_free(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr)
{
	const unsigned long page = pga_extent_end(iso->pages);

	pga_isolate_held(pool, iso, nr);
	if (!pga_map_hold(&pool->map, page, nr))
		pga_pool_set_corrupt(pool, "isolated pages that were not free", page);
}

/**
 * pga_isolate_held() - extend an entry by pages that the caller holds
 * @pool: the pool, locked
 * @iso: entry
 * @nr: how many of the pages behind it; the maps have them as allocated
 */
void pga_isolate_held(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	count_isolated(pool, pga_extent_end(iso->pages), nr, true);
	iso->pages.nr += nr;
	pool->changes++;
}

/**
 * pga_isolate_less() - take the first pages out of an entry
 * @pool: the pool, locked
 * @iso: entry; if it covers no page any more, pga_isolate_end() has to follow
 *	 before the lock is dropped
 * @nr: how many; they are in use from now on, or pga_make_free() follows
 */
void pga_isolate_less(struct pagealloc_pool *pool, struct pga_isolated *iso,
		      unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	count_isolated(pool, iso->pages.start, nr, false);
	iso->pages.start += nr;
	iso->pages.nr -= nr;
	pool->changes++;
}

/**
 * pga_isolate_end() - remove an entry from the tree
 * @pool: the pool, locked
 * @iso: entry; its pages are in use from now on, or pga_make_free() follows
 */
void pga_isolate_end(struct pagealloc_pool *pool, struct pga_isolated *iso)
{
	lockdep_assert_held(&pool->lock);
	rb_erase(&iso->node, &pool->isolated);
	if (iso->pages.nr)
		count_isolated(pool, iso->pages.start, iso->pages.nr, false);
	pool->changes++;
}

/**
 * pga_make_free() - make pages free that were isolated
 * @pool: the pool, locked
 * @page: first page
 * @nr: pages; nothing happens if 0
 * @made: ready or discarded
 */
void pga_make_free(struct pagealloc_pool *pool, unsigned long page,
		   unsigned long nr, enum pga_made made)
{
	lockdep_assert_held(&pool->lock);
	if (!nr)
		return;
	pool->changes++;
	if (!pga_map_put(&pool->map, page, nr, made))
		pga_pool_set_corrupt(pool, "isolated pages that were free", page);
	pga_check_damage(pool);
}
