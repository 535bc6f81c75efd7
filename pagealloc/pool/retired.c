// SPDX-License-Identifier: GPL-2.0
/*
 * Retired pages: they are free, but unfit for being handed out.
 *
 * A page is unfit if its memory is bad: the kernel marks its frame as poisoned, in its
 * page struct, and tells no module.  It is also unfit as long as somebody refers to it
 * although it was freed (get_page(), a mapping by page, a pipe): he would read what the
 * next owner writes.  So a pool whose pages have page structs looks at mark and
 * reference count:
 *
 *	flush, refill	of a CPU's cache: each page
 *	free		past the caches: each page, those of longer runs once they are
 *			free
 *	allocation	past the caches: each page of the run that was found
 *	discard		each page, before the backing is called
 *	worker		some of the free and ready pages, at the end of a generation
 *
 * A page that is free, ready and unfit is *retired*.  The pool isolates it: the maps
 * have it as allocated, so no search of an engine meets it, and a free of it is
 * refused.  The other pages of its granule stay as they are.  The granule is not wholly
 * free, so no scavenge finds it.  Its pages do not count when the pool is compared with
 * its goal or its limit, since nobody can discard them.
 *
 *	         look		                  populate: -EHWPOISON
 *	ready ----------> retired	discarded -----------------------> retired,
 *	      <----------				   (a granule)		   lost
 *	      nobody refers
 *	      to it any more
 *
 * If a discarded granule has bad memory, its populate fails with -EHWPOISON.  The
 * granule is retired as a whole then, so that no request populates it in vain again.
 * Its memory is not the pool's: it is *lost*.
 *
 * A record is needed where nothing can be allocated, so a pool has some in advance.  If
 * none is left, an unfit page stays free until it is looked at again.  An allocation
 * that may sleep gets new records then.
 *
 * The worker looks again at pages that were referred to, after 100 ms at first and then
 * by a back-off.  So do a drain, a scavenge, and a request that finds no other place.
 *
 * Bad memory is bad for good: the kernel can be told that a page is not bad after all,
 * but the pool does not hear of that.  When the pool ends all its pages become free
 * again, and go back, unless somebody refers to them.  The kernel keeps a poisoned frame
 * out of its free lists.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/page_ref.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "base/kunit_export.h"
#include "pool/region.h"
#include "pool/retired.h"

/* Records kept in advance. */
#define SPARES		32

/* Pages that are looked at in a critical section. */
#define PAGES_A_HOLD	64UL

/* Pages to look at between two calls of cond_resched(). */
#define PAGES_A_ROUND	4096UL

/* Records that are looked at again in a critical section. */
#define RECORDS_A_HOLD	16

static bool page_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct pga_retired, node)->iso.pages.start <
	       rb_entry(b, struct pga_retired, node)->iso.pages.start;
}

/**
 * pga_retired_from() - find the first retired pages from a page on
 * @pool: the pool, locked
 * @page: the page
 *
 * Return: the record, NULL if there is none.
 */
struct pga_retired *pga_retired_from(const struct pagealloc_pool *pool,
				     unsigned long page)
{
	struct pga_retired *r, *first = NULL;
	struct rb_node *node = pool->retired.rb_node;

	lockdep_assert_held(&pool->lock);
	while (node) {
		r = rb_entry(node, struct pga_retired, node);
		if (pga_extent_end(r->iso.pages) > page) {
			first = r;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return first;
}
PGA_EXPORT_FOR_KUNIT(pga_retired_from);

/**
 * pga_retired_in() - count the retired pages of a range
 * @pool: the pool, locked
 * @page: first page of the range
 * @end: the page after its last; the range is a slice at most
 *
 * Return: pages.
 */
unsigned long pga_retired_in(const struct pagealloc_pool *pool, unsigned long page,
			     unsigned long end)
{
	struct pga_retired *r = pga_retired_from(pool, page);
	unsigned long nr = 0;

	for (; r && r->iso.pages.start < end; r = pga_retired_next(r))
		nr += min(pga_extent_end(r->iso.pages), end) -
		      max(r->iso.pages.start, page);
	return nr;
}
PGA_EXPORT_FOR_KUNIT(pga_retired_in);

static u64 find_bad(const struct pagealloc_pool *pool, unsigned long pfn, u64 mask)
{
	u64 bad = 0;

	if (unlikely(pool->is_bad))
		return pool->is_bad(pool, pfn, mask);
	for (; mask; mask &= mask - 1)
		if (PageHWPoison(pfn_to_page(pfn + __ffs64(mask))))
			bad |= mask & -mask;
	return bad;
}

/* A page of a client's has one reference, or none if it is part of a larger one. */
static u64 find_referred(const struct pagealloc_pool *pool, unsigned long pfn, u64 mask)
{
	u64 referred = 0;

	if (unlikely(pool->is_bad))
		return pool->is_referred ? pool->is_referred(pool, pfn, mask) : 0;
	for (; mask; mask &= mask - 1)
		if (page_ref_count(pfn_to_page(pfn + __ffs64(mask))) > 1)
			referred |= mask & -mask;
	return referred;
}

/**
 * pga_look() - find the unfit ones among some pages
 * @pool: the pool, which looks; locked, or the caller keeps the pages from being
 *	  discarded
 * @page: first page
 * @mask: bit i: look at page @page + i, which has a page struct
 *
 * Context: any.
 * Return: the pages of @mask that are bad, or that somebody else refers to.
 */
u64 pga_look(const struct pagealloc_pool *pool, unsigned long page, u64 mask)
{
	const unsigned long pfn = pga_pfn_of(pool, page);

	return find_bad(pool, pfn, mask) | find_referred(pool, pfn, mask);
}

/**
 * pga_look_run() - is a page of a run unfit?
 * @pool: the pool, which looks; not locked
 * @page: first page; the caller holds the pages, with memory behind them
 * @nr: pages
 *
 * Context: any; may sleep if @nr is more than a portion.
 */
bool pga_look_run(const struct pagealloc_pool *pool, unsigned long page,
		  unsigned long nr)
{
	unsigned long i, n;

	for (i = 0; i < nr; i += n) {
		n = min(nr - i, PAGES_A_HOLD);
		if (pga_look(pool, page + i, GENMASK_ULL(n - 1, 0)))
			return true;
		if (nr > PGA_PORTION_PAGES && (i + n) % PAGES_A_ROUND == 0)
			cond_resched();
	}
	return false;
}

/* Is the whole granule of a page in its region?  That never changes. */
static bool has_granule(const struct pagealloc_pool *pool, unsigned long page)
{
	const unsigned long granule = ALIGN_DOWN(page, pool->granule);
	const struct pga_region *region = pga_region_from(pool, page);

	return region->start <= granule && granule + pool->granule <= region->end;
}

/*
 * The pages that cannot be discarded while @page, which is ready, is retired, and that
 * could be by the other records.  Pages outside whole granules are never discarded.
 */
static unsigned long stuck_by(const struct pagealloc_pool *pool, unsigned long page)
{
	const unsigned long granule = ALIGN_DOWN(page, pool->granule);

	if (!has_granule(pool, page))
		return 1;
	return pga_retired_in(pool, granule, granule + pool->granule) ?
		0 : pool->granule;
}

static void count_referred(struct pagealloc_pool *pool, long nr)
{
	lockdep_assert_held(&pool->lock);
	/* Pairs with READ_ONCE() in pga_retired_any_referred(). */
	WRITE_ONCE(pool->nr_referred, pool->nr_referred + nr);
}

/* Put a record into the list of those that have no name yet. */
static void add_unnamed(struct pagealloc_pool *pool, struct pga_retired *r)
{
	lockdep_assert_held(&pool->lock);
	r->named = false;
	r->next = pool->unnamed;
	/* Pairs with READ_ONCE() in pga_report_retired(). */
	WRITE_ONCE(pool->unnamed, r);
}

/* Pages are isolated from now on: take a spare record for them. */
static struct pga_retired *take_spare(struct pagealloc_pool *pool, unsigned long page,
				      enum pga_retired_why why)
{
	struct pga_retired *r = pool->spares;

	lockdep_assert_held(&pool->lock);
	pool->spares = r->next;
	/* Pairs with READ_ONCE() in pga_retired_fill(). */
	WRITE_ONCE(pool->nr_spares, pool->nr_spares - 1);
	*r = (struct pga_retired) { .why = why };
	add_unnamed(pool, r);
	pga_isolate(pool, &r->iso, page);
	return r;
}

static void put_spare(struct pagealloc_pool *pool, struct pga_retired *r)
{
	lockdep_assert_held(&pool->lock);
	r->next = pool->spares;
	pool->spares = r;
	WRITE_ONCE(pool->nr_spares, pool->nr_spares + 1);
}

static void enter(struct pagealloc_pool *pool, struct pga_retired *r)
{
	rb_add(&r->node, &pool->retired, page_before);
	WRITE_ONCE(pool->nr_retired, pool->nr_retired + r->iso.pages.nr);
	if (r->why == PGA_RETIRED_REFERRED)
		count_referred(pool, r->iso.pages.nr);
}

/* Undo enter(), and make the pages free. */
static void leave(struct pagealloc_pool *pool, struct pga_retired *r)
{
	const struct pga_extent pages = r->iso.pages;

	rb_erase(&r->node, &pool->retired);
	WRITE_ONCE(pool->nr_retired, pool->nr_retired - pages.nr);
	if (r->why == PGA_RETIRED_REFERRED)
		count_referred(pool, -(long)pages.nr);
	pga_isolate_end(pool, &r->iso);
	pga_make_free(pool, pages.start, pages.nr,
		      r->why == PGA_RETIRED_LOST ? PGA_MADE_DISCARDED : PGA_MADE_READY);
}

/* Is a page free and ready?  One that is parked is not. */
static bool is_ready(const struct pagealloc_pool *pool, unsigned long page)
{
	struct pga_extent e;

	return pga_map_test(&pool->map, page, 1, false) &&
	       !pga_map_next_discarded(&pool->map, page, page + 1, &e);
}

static void retire_page(struct pagealloc_pool *pool, unsigned long page)
{
	enum pga_retired_why why;
	struct pga_retired *r;

	if (!pool->spares || !is_ready(pool, page))
		return;
	pool->nr_stuck += stuck_by(pool, page);
	why = find_bad(pool, pga_pfn_of(pool, page), 1) ? PGA_RETIRED_BAD :
							  PGA_RETIRED_REFERRED;
	r = take_spare(pool, page, why);
	pga_isolate_free(pool, &r->iso, 1);
	enter(pool, r);
	pga_update_over_limit(pool);
}

/**
 * pga_retire() - retire pages
 * @pool: the pool, locked
 * @page: a page
 * @unfit: bit i: page @page + i is unfit; it is left alone if it is not free and ready,
 *	   or if there is no record for it
 */
noinline void pga_retire(struct pagealloc_pool *pool, unsigned long page, u64 unfit)
{
	lockdep_assert_held(&pool->lock);
	for (; unfit && !pool->corrupt; unfit &= unfit - 1)
		retire_page(pool, page + __ffs64(unfit));
}

/* Look again at a page that was referred to. */
static void look_again(struct pagealloc_pool *pool, struct pga_retired *r)
{
	const unsigned long page = r->iso.pages.start;
	const unsigned long pfn = pga_pfn_of(pool, page);

	if (find_bad(pool, pfn, 1)) {
		count_referred(pool, -1);
		r->why = PGA_RETIRED_BAD;
		add_unnamed(pool, r);
	} else if (!find_referred(pool, pfn, 1)) {
		leave(pool, r);
		pool->nr_stuck -= stuck_by(pool, page);
		pga_update_over_limit(pool);
		put_spare(pool, r);
	}
}

/* Look again at the next records from a page on; returns the page to go on from. */
static unsigned long look_again_from(struct pagealloc_pool *pool, unsigned long page)
{
	struct pga_retired *r, *next;
	unsigned int n;

	lockdep_assert_held(&pool->lock);
	r = pga_retired_from(pool, page);
	for (n = 0; r && n < RECORDS_A_HOLD && !pool->corrupt; n++, r = next) {
		next = pga_retired_next(r);
		if (r->why == PGA_RETIRED_REFERRED && r->named)
			look_again(pool, r);
	}
	return r && !pool->corrupt ? r->iso.pages.start : PGA_NONE;
}

/**
 * pga_retired_look_again() - look again at pages that somebody referred to
 * @pool: the pool, not locked
 *
 * Those that nobody refers to any more become free and ready.
 *
 * Context: may sleep.
 */
void pga_retired_look_again(struct pagealloc_pool *pool)
{
	unsigned long flags, page = 0;

	if (!pool->looks || !pga_retired_any_referred(pool))
		return;
	pga_report_retired(pool);
	do {
		flags = pga_pool_lock(pool);
		page = look_again_from(pool, page);
		pga_pool_unlock(pool, flags);
		cond_resched();
	} while (page != PGA_NONE);
	pga_report_retired(pool);
}

/**
 * pga_retire_granule() - retire a discarded granule
 * @pool: the pool, locked
 * @page: its first page; the maps have its pages as allocated, and no entry of isolated
 *	  pages covers them
 *
 * Return: false if there is no record for it; nothing has changed then.
 */
bool pga_retire_granule(struct pagealloc_pool *pool, unsigned long page)
{
	struct pga_retired *r;

	lockdep_assert_held(&pool->lock);
	if (!pool->spares)
		return false;
	r = take_spare(pool, page, PGA_RETIRED_LOST);
	pga_isolate_held(pool, &r->iso, pool->granule);
	enter(pool, r);
	pool->nr_lost += pool->granule;
	return true;
}

/* The free and ready ones of the 64 pages from @page on, a multiple of 64. */
static u64 ready_pages(const struct pagealloc_pool *pool, unsigned long page)
{
	const unsigned int word = page % PGA_CHUNK_PAGES / BITS_PER_LONG;
	struct pga_chunk chunk;

	pga_map_read(&pool->map, page, &chunk);
	return ~(chunk.allocated[word] | chunk.discarded[word]);
}

/**
 * pga_look_at_free() - retire the unfit ones among the free and ready pages of a range
 * @pool: the pool, not locked
 * @page: first page of the range
 * @nr: pages
 *
 * Pages that are in use, isolated or discarded are not looked at: the page struct of a
 * discarded page can go away.
 *
 * Context: any but NMI; may sleep if @nr is more than a portion.
 */
void pga_look_at_free(struct pagealloc_pool *pool, unsigned long page,
		      unsigned long nr)
{
	const unsigned long end = page + nr;
	unsigned long flags, first;
	u64 mask;

	if (!pool->looks)
		return;
	for (; page < end; page = first + PAGES_A_HOLD) {
		first = ALIGN_DOWN(page, PAGES_A_HOLD);
		mask = GENMASK_ULL(min(end - first, PAGES_A_HOLD) - 1, page - first);
		flags = pga_pool_lock(pool);
		pga_retire_unfit(pool, first, mask & ready_pages(pool, first));
		pga_pool_unlock(pool, flags);
		if (nr > PGA_PORTION_PAGES)
			cond_resched();
	}
}
PGA_EXPORT_FOR_KUNIT(pga_look_at_free);

/* The grown pages from @page on that follow one another; none at the end of the pool. */
static struct pga_extent next_grown(struct pagealloc_pool *pool, unsigned long page)
{
	struct pga_extent found = {};
	struct pga_region *region;
	unsigned long flags;

	flags = pga_pool_lock(pool);
	region = pga_region_from(pool, page);
	while (region && region->grown <= max(page, region->start))
		region = pga_region_next(region);
	if (region) {
		found.start = max(page, region->start);
		found.nr = region->grown - found.start;
	}
	pga_pool_unlock(pool, flags);
	return found;
}

/**
 * pga_look_around() - look at the next free pages of a pool
 * @pool: the pool, not locked
 * @from: where to go on; moves up, to 0 at the end of the pool
 * @nr: pages of the pool to pass, free or not
 *
 * Context: may sleep.
 */
void pga_look_around(struct pagealloc_pool *pool, unsigned long *from,
		     unsigned long nr)
{
	struct pga_extent e;
	unsigned long n;

	while (pool->looks && nr) {
		e = next_grown(pool, *from);
		n = min3(e.nr, nr, PGA_PORTION_PAGES);
		*from = n ? e.start + n : 0;
		if (!n)
			break;
		pga_look_at_free(pool, e.start, n);
		nr -= n;
		cond_resched();
	}
}

static void give_spare(struct pagealloc_pool *pool, struct pga_retired *r)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	put_spare(pool, r);
	pga_pool_unlock(pool, flags);
}

/**
 * pga_retired_fill() - allocate records in advance
 * @pool: the pool, not locked
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM if there are fewer than there should be.
 */
int pga_retired_fill(struct pagealloc_pool *pool)
{
	struct pga_retired *r;

	/* Pairs with WRITE_ONCE() in take_spare() and put_spare(). */
	while (pool->looks && READ_ONCE(pool->nr_spares) < SPARES) {
		r = pool->get_node(sizeof(*r), GFP_KERNEL | __GFP_NOWARN);
		if (!r)
			return -ENOMEM;
		give_spare(pool, r);
	}
	return 0;
}
PGA_EXPORT_FOR_KUNIT(pga_retired_fill);

/**
 * pga_retired_name() - name retired pages in the log, each once
 * @pool: the pool, not locked
 *
 * Context: any but NMI.
 */
void pga_retired_name(struct pagealloc_pool *pool)
{
	struct pga_retired *r, found = {};
	unsigned long flags;

	do {
		flags = pga_pool_lock(pool);
		r = pool->unnamed;
		if (r) {
			WRITE_ONCE(pool->unnamed, r->next);
			r->next = NULL;
			r->named = true;
			found = *r;
		}
		pga_pool_unlock(pool, flags);
		if (!r)
			break;
		if (found.why == PGA_RETIRED_REFERRED)
			pr_warn_ratelimited("%s: pfn %lu was freed but still has references\n",
					    pool->name,
					    pga_pfn_of(pool, found.iso.pages.start));
		else
			pr_err("%s: %lu pages at pfn %lu have bad memory and are retired\n",
			       pool->name, found.iso.pages.nr,
			       pga_pfn_of(pool, found.iso.pages.start));
	} while (r);
}

/* Make retired pages free; returns their record. */
static struct pga_retired *end_first(struct pagealloc_pool *pool)
{
	struct pga_retired *r = pga_retired_from(pool, 0);

	if (r)
		leave(pool, r);
	return r;
}

/**
 * pga_retired_end() - make all retired pages free, and look at no page any more
 * @pool: the pool, which ends; no other call on it is under way
 *
 * Context: may sleep.
 */
void pga_retired_end(struct pagealloc_pool *pool)
{
	struct pga_retired *r;
	unsigned long flags;

	pga_report_retired(pool);
	pool->looks = false;
	do {
		flags = pga_pool_lock(pool);
		r = end_first(pool);
		pga_pool_unlock(pool, flags);
		kfree(r);
		cond_resched();
	} while (r);
	pool->nr_lost = 0;
	pool->nr_stuck = 0;
	while (pool->spares) {
		r = pool->spares;
		pool->spares = r->next;
		kfree(r);
	}
	pool->nr_spares = 0;
}
