// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU caches: short runs are allocated and freed without the pool's lock.
 *
 * A cache is a stack of blocks.  A block stands for 64 aligned pages and has a bit
 * for each of them that the cache owns.  These pages are free and ready, but the
 * maps have them as allocated.
 *
 *	top ->		pfn 640		. x . . . . . .		freed on this CPU
 *			pfn 4480	. . . x . . . .
 *	bottom ->	pfn 128		x x x x . . x x		the rest of a refill
 *
 *	alloc	takes the lowest page of the top block.  A longer run is searched
 *		for in the four top blocks.  Empty blocks at the top are removed.
 *	free	sets bits in the block of the run, or pushes a block for it.  Any
 *		CPU may have allocated the run.
 *	refill	finds the lowest ready page and takes all ready pages of its 64 out
 *		of the maps.  If these are few it takes more blocks.  It is one
 *		critical section of the pool's lock.
 *	flush	puts blocks back into the maps, from the bottom, in one critical
 *		section.  A full cache is flushed by half.
 *	drain	flushes until the cache is empty: when the CPU is dead, when a request
 *		needs the pages, or when a generation has passed without an operation.
 *
 * So the pages freed last are allocated first, while the CPU's data cache has them,
 * and the pool's lock is taken once for 30 to 64 pages.  The oldest block goes back
 * first.  It has had the most time to gather pages, so a flush puts more of them
 * back in one step.  Because blocks leave at the bottom, they lie in a ring.
 *
 * A refill or a flush must not make one call slow.  Most pages change no summary of
 * the engine, but some change one on each level of its trees, which costs far more.
 * The engine counts these changes (@work of struct pga_map).  A critical section ends
 * after a number of blocks, or as soon as it has caused PGA_CPU_WORK changes.  If
 * there is no room even after a flush, the free goes to the maps.
 *
 * A cache that has PGA_CPU_PAGES pages takes more only for its top block.  It can
 * fill that block, so it has less than twice as many pages at most.  This saves most
 * frees a comparison.
 *
 * The cache has no block for most frees.  To know that without a search, it counts
 * the blocks below the top by a hash of their pfn.
 *
 * A cache checks a free without the pool's lock.  All pages must be in a range that
 * the pool is known to have grown by, allocated in the maps, and not in this cache.
 * In addition the caller has seen that no page of its chunk is isolated.  (Holes read as
 * allocated.  A whole block has no holes; for a page of any other block the range is
 * compared each time.)  The words of the maps stay as long as the pool does, and the
 * bit of an allocated page changes only when its owner frees it.  So a correct free
 * always passes.  A second free of a page may pass if the page is in the cache of
 * another CPU; then the later flush of the two finds the page free and counts it.
 * The words of some engines cannot be read without the lock; then the check takes it.
 *
 * A page is looked at for bad memory when it is refilled and when it is flushed
 * (retired.c), not when it is allocated from a cache or freed to it.  So a page that goes
 * bad in between may be handed out once more.
 *
 * A request that finds no place drains the caches of all CPUs, or of a few if it may
 * not sleep, and searches again.  Until that search is over no cache is refilled.
 * Otherwise another CPU could take all free pages into its cache again and again, to
 * use one of them.  While the request populates what it has found, or waits for other
 * operations, the caches are in use.
 *
 * A cache forgets its known range when it is drained, or when it refuses a free.  So
 * the first operation after that takes the pool's lock and wakes the worker if it is
 * asleep.  The worker drains the caches after a generation without an operation, so
 * no page stays in the cache of an idle pool.
 */

#include <linux/bitops.h>
#include <linux/cpuhotplug.h>
#include <linux/minmax.h>
#include <linux/prefetch.h>
#include <linux/string.h>

#include "base/fault.h"
#include "pool/cpu_cache.h"
#include "pool/free.h"
#include "pool/isolation.h"
#include "pool/ready.h"
#include "pool/region.h"
#include "pool/retired.h"
#include "base/kunit_export.h"

/* A refill ends with a number of pages, or after that many blocks. */
#define REFILL_BLOCKS	10

/* A flush ends with half of the cache, or after that many blocks. */
#define FLUSH_BLOCKS	(PGA_CPU_BLOCKS / 2)

/* Blocks from the top in which a run is searched for. */
#define SEARCH_BLOCKS	4

static_assert(PGA_CPU_BATCH_MAX / PGA_CACHE_PAGES < REFILL_BLOCKS);
static_assert(REFILL_BLOCKS <= PGA_CPU_BLOCKS);
static_assert(PGA_CPU_BLOCKS <= U8_MAX);

/* The hotplug state whose callback runs when a CPU is dead; set at init only. */
static int hotplug_state;

/*
 * For @allocated of a block that is not whole, or of any block if the maps cannot be
 * read without the lock.
 */
static unsigned long none_allocated;

/* The next older block in the ring. */
static struct pga_word *below(struct pga_cpu_cache *c, struct pga_word *b)
{
	return b == c->block ? &c->block[PGA_CPU_BLOCKS - 1] : b - 1;
}

static bool is_empty(const struct pga_cpu_cache *c)
{
	return c->top == c->bottom && !c->top->owned;
}

/* Has the cache no room for another block? */
static bool is_full(struct pga_cpu_cache *c)
{
	return c->top->owned && pga_cpu_cache_above(c, c->top) == c->bottom;
}

/* Push a block that the cache does not have; there must be room for it. */
static struct pga_word *push(struct pga_cpu_cache *c, unsigned long pfn,
			     unsigned long *allocated)
{
	if (c->top->owned) {
		++*pga_cpu_cache_hash(c, c->top->pfn);
		c->top = pga_cpu_cache_above(c, c->top);
	}
	*c->top = (struct pga_word) {
		.pfn = ALIGN_DOWN(pfn, PGA_CACHE_PAGES),
		.allocated = allocated,
	};
	return c->top;
}

/* Remove the top block, which has no pages and is not the only one. */
static void pop(struct pga_cpu_cache *c)
{
	c->top = below(c, c->top);
	--*pga_cpu_cache_hash(c, c->top->pfn);
}

/* Find the block of a page; NULL if there is none. */
static struct pga_word *block_of(struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long first = ALIGN_DOWN(pfn, PGA_CACHE_PAGES);
	struct pga_word *b = c->top, *lowest = c->bottom <= b ? c->bottom : c->block;

	if (b->pfn == first)
		return b;
	if (!*pga_cpu_cache_hash(c, pfn))
		return NULL;
	while (b-- > lowest)
		if (b->pfn == first)
			return b;
	/* The other end of the ring, if it goes around. */
	for (b = c->block + PGA_CPU_BLOCKS; c->top < c->bottom && b-- > c->bottom; )
		if (b->pfn == first)
			return b;
	return NULL;
}

static unsigned int nr_blocks(const struct pga_cpu_cache *c)
{
	return 1 + (c->top - c->bottom + PGA_CPU_BLOCKS) % PGA_CPU_BLOCKS;
}

/* Set how many pages the next refill takes; a cache may have a block more. */
static void set_batch(struct pga_cpu_cache *c, unsigned long batch)
{
	c->batch = batch;
	c->most = batch + PGA_CACHE_PAGES;
}

/* Have what a flush writes to in this CPU's data cache before the lock is taken. */
static __always_inline void prefetch_blocks(const struct pga_cpu_cache *c, unsigned int nr)
{
	const struct pga_word *const end = c->block + PGA_CPU_BLOCKS;
	const struct pga_word *b = c->bottom, *stop = b + nr;

	for (; b < min(stop, end); b++)
		prefetchw(b->allocated);
	for (b = c->block; b + PGA_CPU_BLOCKS < stop; b++)
		prefetchw(b->allocated);
	prefetchw(&c->pool->map.free);
}

/* Put @nr blocks from @b on, in one piece of the ring, into the maps; how many are done? */
static unsigned int put_blocks(struct pagealloc_pool *pool, struct pga_word *b,
			       unsigned int nr, struct pga_put *put)
{
	const unsigned int work = pool->map.work;
	unsigned int n;

	if (likely(!pool->nr_isolated && !pool->looks && !pool->corrupt))
		return pga_map_put_words(&pool->map, b, nr, put);
	for (n = 0; n < nr && pool->map.work - work < put->work; n++, b++) {
		if (n >= put->words && put->put + put->twice >= put->pages)
			break;
		if (b->owned)
			pga_free_word(pool, b->pfn - pool->base, b->owned);
		put->put += hweight_long(b->owned);
		b->owned = 0;
	}
	return n;
}

/* Put up to @nr blocks from the bottom on into the maps; returns how many are done. */
static unsigned int put_oldest(struct pga_cpu_cache *c, unsigned int nr,
			       struct pga_put *put)
{
	const unsigned int first = min_t(unsigned int, nr,
					 c->block + PGA_CPU_BLOCKS - c->bottom);
	struct pagealloc_pool *pool = c->pool;
	const unsigned int work = pool->map.work;
	unsigned int done;

	lockdep_assert_held(&pool->lock);
	done = put_blocks(pool, c->bottom, first, put);
	if (done < first || first == nr || pool->map.work - work >= put->work)
		return done;
	put->work -= pool->map.work - work;
	put->words -= min(put->words, done);
	return done + put_blocks(pool, c->block, nr - first, put);
}

/* The oldest blocks, @nr of them, have no pages any more, and leave the cache. */
static __always_inline void drop_oldest(struct pga_cpu_cache *c, unsigned int nr)
{
	struct pga_word *b = c->bottom, *end = c->block + PGA_CPU_BLOCKS;
	const struct pga_word *stop;

	/* The top block stays. */
	nr = min(nr, nr_blocks(c) - 1);
	stop = b + nr;
	for (; b < min_t(const struct pga_word *, stop, end); b++)
		--*pga_cpu_cache_hash(c, b->pfn);
	if (unlikely(b == end))
		for (b = c->block; b + PGA_CPU_BLOCKS < stop; b++)
			--*pga_cpu_cache_hash(c, b->pfn);
	c->bottom = b;
}

/*
 * Put the oldest blocks into the maps, in one critical section of the pool's lock:
 * half of the cache, or as much as possible if @all is set.
 */
static noinline void flush(struct pga_cpu_cache *c, bool all)
{
	const unsigned int blocks = nr_blocks(c);
	const unsigned int nr = min_t(unsigned int, blocks, FLUSH_BLOCKS);
	const unsigned long pages = pga_cpu_cache_pages(c);
	struct pagealloc_pool *pool = c->pool;
	struct pga_put put = {
		.base = pool->base,
		.work = PGA_CPU_WORK,
		.words = all ? nr : max(blocks, FLUSH_BLOCKS) - FLUSH_BLOCKS,
	};
	unsigned long pool_flags;
	unsigned int done;

	lockdep_assert_held(&c->lock);
	/* It was full, so the next refill need not be as large as the last one was. */
	set_batch(c, max(c->batch / 2, PGA_CPU_BATCH));
	put.pages = pages - min(pages, c->most / 2);
	prefetch_blocks(c, nr);
	pool_flags = pga_pool_lock(pool);
	pga_update_time(pool);
	done = put_oldest(c, nr, &put);
	if (unlikely(put.twice))
		pool->stat[PAGEALLOC_DOUBLE_FREE] += put.twice;
	pool->changes++;
	pga_update_over_limit(pool);
	pga_pool_unlock(pool, pool_flags);
	drop_oldest(c, done);
	pga_cpu_count(c->adjust, -(put.put + put.twice));
	pga_cpu_count(c->flushes, 1);
}

/* Is the pool known to have grown by all pages of a run? */
static bool is_known(const struct pga_cpu_cache *c, unsigned long pfn,
		     unsigned long nr)
{
	return pfn - c->known < c->nr_known && pfn - c->known + nr <= c->nr_known;
}

/* Is this known of the whole block, and can its word be read without the lock? */
static bool is_whole(const struct pga_cpu_cache *c, unsigned long pfn)
{
	return pfn - c->whole < c->nr_whole;
}

/* Forget the known range, so that the next free takes the pool's lock. */
static void reset_known(struct pga_cpu_cache *c)
{
	c->nr_known = 0;
	c->nr_whole = 0;
}

/* Set the known range to the grown pages around @pfn, within 2^24 pages. */
static noinline void update_known(struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long super_pages = 1UL << PGA_SUPER_SHIFT;
	struct pagealloc_pool *pool = c->pool;
	const unsigned long page = pfn - pool->base;
	const unsigned long start = ALIGN_DOWN(page, super_pages);
	unsigned long pool_flags, end;
	struct pga_extent known;

	lockdep_assert_held(&c->lock);
	pool_flags = pga_pool_lock(pool);
	known = pga_region_around(pool, page);
	c->words = pga_map_words(&pool->map, page);
	pga_pool_unlock(pool, pool_flags);
	c->known = pool->base + max(known.start, start);
	reset_known(c);
	if (!known.nr)
		return;
	end = pool->base + min(pga_extent_end(known), start + super_pages);
	c->nr_known = end - c->known;
	c->whole = ALIGN(c->known, PGA_CACHE_PAGES);
	end = ALIGN_DOWN(end, PGA_CACHE_PAGES);
	if (c->words && end > c->whole)
		c->nr_whole = end - c->whole;
}

/**
 * pga_cpu_cache_search() - allocate a run from the first few blocks
 * @c: the cache, locked
 * @nr: pages, 1 to PGA_CPU_RUN_MAX
 * @pfn: set to the first page
 *
 * Return: false if no run was found.
 */
bool pga_cpu_cache_search(struct pga_cpu_cache *c, unsigned long nr,
			  unsigned long *pfn)
{
	struct pga_word *b;
	unsigned int at, n;

	lockdep_assert_held(&c->lock);
	while (!c->top->owned && c->top != c->bottom)
		pop(c);
	for (b = c->top, n = 0; n < SEARCH_BLOCKS; b = below(c, b), n++) {
		at = pga_word_find_run(b->owned, nr);
		if (at < PGA_CACHE_PAGES) {
			b->owned &= ~((BIT(nr) - 1) << at);
			pga_cpu_count(c->adjust, 1 - nr);
			pga_cpu_count(c->more, nr - 1);
			pga_cpu_count(c->allocs, 1);
			*pfn = b->pfn + at;
			return true;
		}
		if (b == c->bottom)
			break;
	}
	return false;
}

/* Read from the maps which pages of the block of @pfn are allocated. */
static unsigned long allocated_now(const struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long page = ALIGN_DOWN(pfn - c->pool->base, PGA_CACHE_PAGES);
	unsigned long allocated, pool_flags;

	/* Pairs with WRITE_ONCE() in engine/bitmap. */
	if (c->words)
		return READ_ONCE(*pga_word_at(c->words, pfn));
	pool_flags = pga_pool_lock(c->pool);
	allocated = pga_map_allocated(&c->pool->map, page);
	pga_pool_unlock(c->pool, pool_flags);
	return allocated;
}

/* May pages be added to a block, or to a new block if it is NULL? */
static bool has_room(struct pga_cpu_cache *c, const struct pga_word *b)
{
	return b == c->top ||
	       (pga_cpu_cache_pages(c) < c->most && (b || !is_full(c)));
}

/**
 * pga_cpu_cache_push() - free a run to any block, old or new
 * @c: the cache of this CPU, locked
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX, in one block
 *
 * Return: PGA_CPU_NOT if a page is not known to be in use, or if there is no room.
 */
enum pga_cpu_freed pga_cpu_cache_push(struct pga_cpu_cache *c, unsigned long pfn,
				      unsigned long nr)
{
	struct pga_word *b = block_of(c, pfn);
	enum pga_cpu_freed ret = PGA_CPU_FREED;
	const unsigned long run = pga_cpu_cache_bits(pfn, nr);

	lockdep_assert_held(&c->lock);
	if (!is_known(c, pfn, nr)) {
		update_known(c, pfn);
		if (!is_known(c, pfn, nr))
			return PGA_CPU_NOT;
		ret = PGA_CPU_FREED_NOTIFY;
	}
	if ((b && run & b->owned) || run & ~allocated_now(c, pfn)) {
		reset_known(c);
		return PGA_CPU_NOT;
	}
	if (!has_room(c, b)) {
		flush(c, false);
		ret = PGA_CPU_FREED_NOTIFY;
		b = block_of(c, pfn);
		if (!has_room(c, b))
			return PGA_CPU_NOT;
	}
	if (!b)
		b = push(c, pfn, is_whole(c, pfn) ? pga_word_at(c->words, pfn) :
						    &none_allocated);
	b->owned |= run;
	pga_cpu_count(c->adjust, nr - 1);
	pga_cpu_count(c->frees, 1);
	return ret;
}

/* The word of the allocated map with @page, for reading without the lock. */
static unsigned long *word_of(const struct pga_cpu_cache *c, unsigned long page)
{
	const struct pga_words *words = pga_map_words(&c->pool->map, page);

	lockdep_assert_held(&c->pool->lock);
	if (!words || !pga_pool_covers(c->pool, page, PGA_CACHE_PAGES))
		return &none_allocated;
	return pga_word_at(words, page);
}

/* Retire the unfit ones of pages that were taken out of the maps; returns the others. */
static u64 without_unfit(struct pagealloc_pool *pool, const struct pga_cache *taken)
{
	const u64 unfit = pool->looks ? pga_look(pool, taken->base, taken->owned) : 0;

	if (unlikely(unfit)) {
		pga_map_put_word(&pool->map, taken->base, unfit, 0);
		pga_retire(pool, taken->base, unfit);
	}
	return taken->owned & ~unfit;
}

/*
 * Add pages that were taken out of the maps.  A page that the cache has already was
 * freed twice, and another CPU has put it into the maps.
 */
static void add_block(struct pga_cpu_cache *c, const struct pga_cache *taken)
{
	const unsigned long pfn = c->pool->base + taken->base;
	const u64 owned = without_unfit(c->pool, taken);
	struct pga_word *b = block_of(c, pfn);
	unsigned int twice;

	if (unlikely(!owned))
		return;
	if (!b)
		b = push(c, pfn, word_of(c, taken->base));
	twice = hweight64(owned & b->owned);
	c->pool->stat[PAGEALLOC_DOUBLE_FREE] += twice;
	pga_cpu_count(c->adjust, hweight64(owned) - twice);
	b->owned |= owned;
}

/*
 * Take single pages out of the maps, from several blocks; the lowest is on top.  Two
 * searches take about as long as the change of a summary.
 */
static void refill_singles(struct pga_cpu_cache *c, unsigned long batch)
{
	struct pga_map *map = &c->pool->map;
	const unsigned int work = map->work;
	struct pga_cache taken[REFILL_BLOCKS];
	unsigned int n = 0, end, pages = 0, searches = 0;
	unsigned long page;

	do {
		page = pga_map_find(map, PGA_READY, 1);
		if (page == PGA_NONE)
			break;
		searches++;
		end = n + pga_map_take_words(map, page, PGA_READY,
					     REFILL_BLOCKS - n,
					     batch - pages, &taken[n]);
		while (n < end)
			pages += hweight64(taken[n++].owned);
	} while (n < REFILL_BLOCKS && pages < batch &&
		 map->work - work + searches / 2 < PGA_CPU_WORK);
	while (n)
		add_block(c, &taken[--n]);
}

/* Take the block of the lowest run, unless the run crosses into the next block. */
static void refill_run(struct pga_cpu_cache *c, unsigned long nr)
{
	struct pga_map *map = &c->pool->map;
	const unsigned long page = pga_map_find(map, PGA_READY, nr);
	struct pga_cache taken;

	if (page == PGA_NONE || page % PGA_CACHE_PAGES + nr > PGA_CACHE_PAGES)
		return;
	if (pga_map_take_words(map, page, PGA_READY, 1, PGA_CACHE_PAGES, &taken))
		add_block(c, &taken);
}

/* Is there room for another block with all 64 pages? */
static bool has_room_for_64(struct pga_cpu_cache *c)
{
	return pga_cpu_cache_pages(c) <= c->most - PGA_CACHE_PAGES && !is_full(c);
}

/*
 * A refill that follows on a refill, with no flush in between, takes twice as many pages,
 * up to a share of the pool: the caches of all CPUs have a small part of it at most.
 */
static void adapt_batch(struct pga_cpu_cache *c)
{
	const unsigned long share = c->pool->map.pages / (PGA_CPU_BATCH * num_online_cpus());

	/* Pages that are looked at are not many at a time: that takes a cache miss each. */
	if (!c->pool->looks && c->refilled == c->flushes && c->refills &&
	    c->batch < min(share, PGA_CPU_BATCH_MAX))
		set_batch(c, min3(2 * c->batch, share, PGA_CPU_BATCH_MAX));
	c->refilled = c->flushes;
}

/*
 * May so many pages be taken into a cache?  Near the maximum, and the floor, each request
 * takes just what it needs.
 */
static bool may_refill(const struct pagealloc_pool *pool, const struct pga_request *rq,
		       unsigned long batch)
{
	const unsigned long most = batch - 1 + PGA_CACHE_PAGES;

	return pga_room(pool) >= most &&
	       !(rq->may_populate && pga_takes_floor(pool, most));
}

/* Take pages out of the maps, a run for the request among them if possible. */
static void refill(struct pga_cpu_cache *c, struct pga_request *rq)
{
	struct pagealloc_pool *pool = c->pool;
	unsigned long pool_flags;

	lockdep_assert_held(&c->lock);
	if (!has_room_for_64(c))
		flush(c, false);
	if (!has_room_for_64(c))
		return;
	pool_flags = pga_pool_lock(pool);
	if (!pool->corrupt && !pool->no_refill && may_refill(pool, rq, PGA_CPU_BATCH)) {
		if (rq->nr == 1 && is_empty(c)) {
			adapt_batch(c);
			refill_singles(c, may_refill(pool, rq, c->batch) ?
					  c->batch : PGA_CPU_BATCH);
		} else {
			refill_run(c, rq->nr);
		}
		pool->changes++;
		pga_update_peak(pool);
	}
	rq->low = pga_pool_is_low(pool);
	pga_pool_unlock(pool, pool_flags);
	pga_cpu_count(c->refills, 1);
}

/**
 * pga_cpu_cache_refill() - allocate from the cache of this CPU, refill it if needed
 * @pool: the pool
 * @rq: the request; @rq->pfn is set
 *
 * Context: any but NMI.
 * Return: false if a refill finds no such run, or if the run is too long to be
 * cached.
 */
bool pga_cpu_cache_refill(struct pagealloc_pool *pool, struct pga_request *rq)
{
	struct pga_cpu_cache *c;
	unsigned long flags;
	bool found;

	if (rq->nr > PGA_CPU_RUN_MAX)
		return false;
	if (!pga_cpu_cache_get(&pool->caches, &c, &flags))
		return false;
	raw_spin_lock(&c->lock);
	/* A request for zeroed pages, or a task that has moved, did not search yet. */
	found = pga_cpu_cache_search(c, rq->nr, &rq->pfn);
	if (!found) {
		refill(c, rq);
		found = pga_cpu_cache_search(c, rq->nr, &rq->pfn);
	}
	pga_cpu_cache_unlock(c, flags);
	return found;
}

/**
 * pga_cpu_cache_owns() - is a page of a run in the cache of this CPU?
 * @pool: the pool
 * @pfn: first page
 * @nr: pages
 *
 * Context: any but NMI.
 */
bool pga_cpu_cache_owns(struct pagealloc_pool *pool, unsigned long pfn,
			unsigned long nr)
{
	unsigned long flags, first, end;
	struct pga_word *b;
	struct pga_cpu_cache *c;
	bool has = false;

	if (!pga_cpu_cache_get(&pool->caches, &c, &flags))
		return false;
	raw_spin_lock(&c->lock);
	for (b = c->top; !has; b = below(c, b)) {
		first = max(pfn, b->pfn);
		end = min(pfn + nr, b->pfn + PGA_CACHE_PAGES);
		has = b->owned && first < end &&
		      b->owned & GENMASK(end - 1 - b->pfn, first - b->pfn);
		if (b == c->bottom)
			break;
	}
	pga_cpu_cache_unlock(c, flags);
	return has;
}

/* Reset an empty cache: no known range, and one block of no pages. */
static void reset(struct pga_cpu_cache *c)
{
	reset_known(c);
	set_batch(c, PGA_CPU_BATCH);
	*c->top = (struct pga_word) {
		.pfn = PGA_NONE,
		.allocated = &none_allocated,
	};
}

/* Flush until the cache is empty.  It stays locked, so it gets no page meanwhile. */
static void drain(struct pga_cpu_cache *c)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&c->lock, flags);
	while (!is_empty(c))
		flush(c, true);
	reset(c);
	raw_spin_unlock_irqrestore(&c->lock, flags);
}

/**
 * pga_cpu_cache_drain() - put the pages in the caches of all CPUs into the maps
 * @pool: the pool
 *
 * Context: any but NMI.
 */
void pga_cpu_cache_drain(struct pagealloc_pool *pool)
{
	unsigned int cpu;

	if (!pool->cpu_caches)
		return;
	for_each_possible_cpu(cpu)
		drain(per_cpu_ptr(pool->cpu_caches, cpu));
}
PGA_EXPORT_FOR_KUNIT(pga_cpu_cache_drain);

/**
 * pga_cpu_cache_drain_few() - drain the cache of this CPU and those of some others
 * @pool: the pool, with caches
 * @from: the first of these, modulo the number of CPUs
 * @nr: how many
 *
 * Context: any but NMI.
 */
void pga_cpu_cache_drain_few(struct pagealloc_pool *pool, unsigned int from,
			     unsigned int nr)
{
	const unsigned int self = raw_smp_processor_id();
	unsigned int cpu;

	drain(per_cpu_ptr(pool->cpu_caches, self));
	for_each_cpu_wrap(cpu, cpu_possible_mask, from % nr_cpu_ids) {
		if (cpu == self)
			continue;
		if (!nr--)
			break;
		drain(per_cpu_ptr(pool->cpu_caches, cpu));
	}
}
PGA_EXPORT_FOR_KUNIT(pga_cpu_cache_drain_few);

/**
 * pga_cpu_cache_stop_refills() - drain caches, and keep all from being refilled
 * @pool: the pool
 * @rq: a request that has found no place and is about to search again
 *
 * Caches are refilled again when @rq has searched, or after
 * pga_cpu_cache_allow_refills().  A request that may not sleep drains the cache of
 * this CPU and a few others, in turn, so that its time does not grow with the number
 * of CPUs.
 *
 * Context: any but NMI.
 */
void pga_cpu_cache_stop_refills(struct pagealloc_pool *pool, struct pga_request *rq)
{
	unsigned long flags;
	unsigned int from;

	if (!pool->cpu_caches)
		return;
	flags = pga_pool_lock(pool);
	pool->no_refill++;
	rq->stops_refills = true;
	from = pool->drain_from;
	if (!rq->may_populate)
		pool->drain_from += PGA_CPU_ATOMIC_DRAINS;
	pga_pool_unlock(pool, flags);
	if (rq->may_populate)
		pga_cpu_cache_drain(pool);
	else
		pga_cpu_cache_drain_few(pool, from, PGA_CPU_ATOMIC_DRAINS);
}
PGA_EXPORT_FOR_KUNIT(pga_cpu_cache_stop_refills);

/**
 * pga_cpu_cache_allow_refills() - undo pga_cpu_cache_stop_refills()
 * @pool: the pool
 * @rq: the request
 *
 * Context: any but NMI.
 */
void pga_cpu_cache_allow_refills(struct pagealloc_pool *pool, struct pga_request *rq)
{
	unsigned long flags;

	if (!rq->stops_refills)
		return;
	flags = pga_pool_lock(pool);
	pga_request_allow_refills(pool, rq);
	pga_pool_unlock(pool, flags);
}
PGA_EXPORT_FOR_KUNIT(pga_cpu_cache_allow_refills);

/* The number of pages in a cache that may not be locked. */
static unsigned long pages_of(const struct pga_cpu_cache *c)
{
	/* The counters may change between the reads. */
	return max(0L, pga_cpu_cache_pages_now(c));
}

/**
 * pga_cpu_cache_operations() - count the operations that the caches have served
 * @pool: the pool
 *
 * Return: allocations and frees so far.
 */
u64 pga_cpu_cache_operations(const struct pagealloc_pool *pool)
{
	const struct pga_cpu_cache *c;
	unsigned int cpu;
	u64 n = 0;

	if (!pool->cpu_caches)
		return 0;
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->cpu_caches, cpu);
		n += READ_ONCE(c->allocs) + READ_ONCE(c->frees);
	}
	return n;
}

/**
 * pga_cpu_cache_stats() - add the caches' figures to the statistics of a pool
 * @pool: the pool
 * @stats: from pga_stats_read(), which counts cached pages as in use
 *
 * The figures can be late while other CPUs use their caches.
 */
void pga_cpu_cache_stats(const struct pagealloc_pool *pool,
			 struct pagealloc_stats *stats)
{
	const struct pga_cpu_cache *c;
	u64 *v = stats->value;
	unsigned int cpu;

	if (!pool->cpu_caches)
		return;
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->cpu_caches, cpu);
		v[PAGEALLOC_CACHED] += pages_of(c) * PAGE_SIZE;
		v[PAGEALLOC_CACHE_ALLOC] += READ_ONCE(c->allocs);
		v[PAGEALLOC_CACHE_FREE] += READ_ONCE(c->frees);
		v[PAGEALLOC_CACHE_REFILL] += READ_ONCE(c->refills);
		v[PAGEALLOC_CACHE_FLUSH] += READ_ONCE(c->flushes);
	}
	v[PAGEALLOC_ALLOC] += v[PAGEALLOC_CACHE_ALLOC];
	v[PAGEALLOC_FREE] += v[PAGEALLOC_CACHE_FREE];
	v[PAGEALLOC_IN_USE] -= min(v[PAGEALLOC_IN_USE], v[PAGEALLOC_CACHED]);
}

/**
 * pga_cpu_cache_alloc_pages() - count the pages that caches have given out
 * @pool: the pool
 *
 * Context: any but NMI.
 * Return: pages of all allocations so far that caches have served.
 */
u64 pga_cpu_cache_alloc_pages(const struct pagealloc_pool *pool)
{
	const struct pga_cpu_cache *c;
	unsigned int cpu;
	u64 nr = 0;

	if (!pool->cpu_caches)
		return 0;
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->cpu_caches, cpu);
		nr += READ_ONCE(c->allocs) + READ_ONCE(c->more);
	}
	return nr;
}

/* The pages of a block that are free in the maps, which is a mismatch. */
static unsigned long free_in_maps(const struct pga_cpu_cache *c,
				  const struct pga_word *b)
{
	if (!b->owned)
		return 0;
	return b->owned & ~pga_map_allocated(&c->pool->map,
					     b->pfn - c->pool->base);
}

/* Add a mismatch to the list if there is room; returns how many there are now. */
static unsigned int add_mismatch(struct pagealloc_mismatch *list, unsigned int len,
				 unsigned int found, const char *what,
				 unsigned long pfn, u64 got, u64 want)
{
	if (found < len)
		list[found] = (struct pagealloc_mismatch) {
			.what = what,
			.level = -1,
			.pfn = pfn,
			.got = got,
			.want = want,
		};
	return found + 1;
}

/* Recount the pages and blocks of a cache, and look its pages up in the maps. */
static unsigned int check_cache(struct pga_cpu_cache *c,
				struct pagealloc_mismatch *list, unsigned int len)
{
	unsigned int found = 0, pages = 0, blocks = 0, i;
	unsigned long flags, pool_flags, free;
	struct pga_word *b;

	raw_spin_lock_irqsave(&c->lock, flags);
	pool_flags = pga_pool_lock(c->pool);
	for (b = c->bottom;; b = pga_cpu_cache_above(c, b)) {
		pages += hweight64(b->owned);
		free = free_in_maps(c, b);
		if (free)
			found = add_mismatch(list, len, found, "cached but free",
					     b->pfn + __ffs(free), hweight64(free), 0);
		if (b == c->top)
			break;
	}
	pga_pool_unlock(c->pool, pool_flags);
	if (pages != pages_of(c))
		found = add_mismatch(list, len, found, "cached", 0, pages_of(c),
				     pages);
	for (i = 0; i < PGA_CPU_HASHES; i++)
		blocks += c->blocks[i];
	if (blocks != nr_blocks(c) - 1)
		found = add_mismatch(list, len, found, "cached blocks", 0, blocks,
				     nr_blocks(c) - 1);
	raw_spin_unlock_irqrestore(&c->lock, flags);
	return found;
}

/**
 * pga_cpu_cache_check() - verify the caches of all CPUs
 * @pool: the pool
 * @list: filled with mismatches
 * @len: room in @list
 *
 * Return: how many mismatches there are, @len or more if @list is full.
 */
int pga_cpu_cache_check(struct pagealloc_pool *pool,
			struct pagealloc_mismatch *list, unsigned int len)
{
	unsigned int cpu, room, found = 0;

	if (!pool->cpu_caches)
		return 0;
	for_each_possible_cpu(cpu) {
		room = len - min(len, found);
		found += check_cache(per_cpu_ptr(pool->cpu_caches, cpu),
				     list + len - room, room);
	}
	return found;
}

/**
 * pga_cpu_cache_start() - allocate the caches of a pool
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int pga_cpu_cache_start(struct pagealloc_pool *pool)
{
	struct pga_cpu_cache *c;
	unsigned int cpu;
	int ret;

	pool->cpu_caches = alloc_percpu(struct pga_cpu_cache);
	if (!pool->cpu_caches)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->cpu_caches, cpu);
		raw_spin_lock_init(&c->lock);
		c->pool = pool;
		c->bottom = c->block;
		c->top = c->bottom;
		reset(c);
	}
	ret = cpuhp_state_add_instance_nocalls(hotplug_state, &pool->cpu_node);
	if (ret) {
		free_percpu(pool->cpu_caches);
		pool->cpu_caches = NULL;
		return ret;
	}
	pga_pool_set_caches(pool, pool->cpu_caches);
	return 0;
}

/**
 * pga_cpu_cache_stop() - drain and free the caches of a pool
 * @pool: the pool; no other call on it is under way
 *
 * Context: may sleep.
 */
void pga_cpu_cache_stop(struct pagealloc_pool *pool)
{
	if (!pool->cpu_caches)
		return;
	cpuhp_state_remove_instance_nocalls(hotplug_state, &pool->cpu_node);
	pga_cpu_cache_drain(pool);
	pga_pool_set_caches(pool, NULL);
	free_percpu(pool->cpu_caches);
	pool->cpu_caches = NULL;
}

static int cpu_dead(unsigned int cpu, struct hlist_node *node)
{
	struct pagealloc_pool *pool = hlist_entry(node, struct pagealloc_pool,
						  cpu_node);

	drain(per_cpu_ptr(pool->cpu_caches, cpu));
	return 0;
}

/**
 * pga_cpu_cache_init() - have caches drained when their CPU is dead
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int pga_cpu_cache_init(void)
{
	int ret = cpuhp_setup_state_multi(CPUHP_BP_PREPARE_DYN, "pagealloc:dead",
					  NULL, cpu_dead);

	if (ret < 0)
		return ret;
	hotplug_state = ret;
	return 0;
}

/**
 * pga_cpu_cache_exit() - undo pga_cpu_cache_init()
 *
 * Context: may sleep.
 */
void pga_cpu_cache_exit(void)
{
	cpuhp_remove_multi_state(hotplug_state);
}
