/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_CPU_CACHE_H
#define PAGEALLOC_POOL_CPU_CACHE_H

#include <linux/percpu.h>

#include "engine/word.h"
#include "engine/words.h"
#include "pool/request.h"

/* Pages of the longest run that is cached. */
#define PGA_CPU_RUN_MAX		15UL

/* The most blocks in a cache. */
#define PGA_CPU_BLOCKS		64

/* Pages of a refill: at first, and at most. */
#define PGA_CPU_BATCH		64UL
#define PGA_CPU_BATCH_MAX	PGA_CHUNK_PAGES

/* A refill or a flush ends when it has raised @work of struct pga_map by this. */
#define PGA_CPU_WORK		4

/* Caches of other CPUs that a request drains that may not sleep. */
#define PGA_CPU_ATOMIC_DRAINS	8U

/* Hash values of blocks: many more than blocks, so that collisions are rare. */
#define PGA_CPU_HASHES		1024

/**
 * struct pga_cpu_cache - the cache of a CPU for a pool
 * @lock: protects the cache; taken with interrupts off, before the pool's lock
 * @pool: I: the pool
 * @top: the latest block
 * @bottom: the oldest block, which may also be the top one; there is always one
 * @known: first pfn of a range that the pool is known to have grown by, within 2^24
 *	   pages
 * @nr_known: pages in that range
 * @whole: first pfn of the whole blocks in that range
 * @nr_whole: pages in these blocks; 0 if the maps cannot be read without the lock
 * @words: the maps of the range, NULL if they cannot be read without the lock
 * @allocs: allocations served
 * @more: pages of these allocations, without the first of each
 * @frees: frees taken
 * @adjust: the cache has @frees - @allocs + @adjust pages: refills, flushes and runs
 *	    of several pages add to or subtract from this
 * @refills: times the cache took pages out of the maps
 * @flushes: times it put pages back
 * @batch: pages of the next refill
 * @most: a cache with this many pages takes more only for its top block
 * @refilled: @flushes at the last refill
 * @blocks: for each hash value, how many blocks below the top have it
 * @block: a ring, from @bottom up to @top
 *
 * The counters are also read without @lock, while they change.
 */
struct pga_cpu_cache {
	raw_spinlock_t lock;
	struct pagealloc_pool *pool;
	struct pga_word *top;
	struct pga_word *bottom;
	unsigned long known;
	unsigned long nr_known;
	unsigned long whole;
	unsigned long nr_whole;
	const struct pga_words *words;
	u64 allocs;
	u64 more;
	u64 frees;
	long adjust;
	u64 refills;
	u64 flushes;
	unsigned long batch;
	unsigned long most;
	u64 refilled;
	u8 blocks[PGA_CPU_HASHES];
	struct pga_word block[PGA_CPU_BLOCKS];
};

/*
 * Add to a counter of a cache.  Pairs with READ_ONCE() in pga_cpu_cache_stats() and
 * pga_cpu_cache_operations().  WRITE_ONCE() would make three instructions of one.
 */
#define pga_cpu_count(counter, n)	data_race((counter) += (n))

/**
 * enum pga_cpu_freed - the result of a free
 * @PGA_CPU_NOT: the cache does not take the pages
 * @PGA_CPU_FREED: the cache has taken them
 * @PGA_CPU_FREED_NOTIFY: the cache has taken them, and the pool's lock was taken: the
 *	caller tells the worker
 */
enum pga_cpu_freed {
	PGA_CPU_NOT,
	PGA_CPU_FREED,
	PGA_CPU_FREED_NOTIFY,
};

int pga_cpu_cache_init(void);
void pga_cpu_cache_exit(void);
int pga_cpu_cache_start(struct pagealloc_pool *pool);
void pga_cpu_cache_stop(struct pagealloc_pool *pool);
bool pga_cpu_cache_search(struct pga_cpu_cache *c, unsigned long nr,
			  unsigned long *pfn);
enum pga_cpu_freed pga_cpu_cache_push(struct pga_cpu_cache *c, unsigned long pfn,
				      unsigned long nr);
bool pga_cpu_cache_refill(struct pagealloc_pool *pool, struct pga_request *rq);
bool pga_cpu_cache_owns(struct pagealloc_pool *pool, unsigned long pfn,
			unsigned long nr);
void pga_cpu_cache_drain(struct pagealloc_pool *pool);
void pga_cpu_cache_drain_few(struct pagealloc_pool *pool, unsigned int from,
			     unsigned int nr);
void pga_cpu_cache_stop_refills(struct pagealloc_pool *pool, struct pga_request *rq);
void pga_cpu_cache_allow_refills(struct pagealloc_pool *pool, struct pga_request *rq);
u64 pga_cpu_cache_operations(const struct pagealloc_pool *pool);
u64 pga_cpu_cache_alloc_pages(const struct pagealloc_pool *pool);
void pga_cpu_cache_stats(const struct pagealloc_pool *pool,
			 struct pagealloc_stats *stats);
int pga_cpu_cache_check(struct pagealloc_pool *pool,
			struct pagealloc_mismatch *list, unsigned int len);

/* The number of pages in a cache that may not be locked: may be late, or below 0. */
static __always_inline long pga_cpu_cache_pages_now(const struct pga_cpu_cache *c)
{
	return READ_ONCE(c->frees) - READ_ONCE(c->allocs) + READ_ONCE(c->adjust);
}

/*
 * Is a page of a run in the cache of this CPU, if the pool has caches?  An empty cache
 * needs no lock: only a free at this very moment could put a page into it.
 */
static inline bool pga_cpu_cache_has(struct pagealloc_pool *pool, unsigned long pfn,
				     unsigned long nr)
{
	return pool->cpu_caches && pga_cpu_cache_pages_now(raw_cpu_ptr(pool->cpu_caches)) &&
	       pga_cpu_cache_owns(pool, pfn, nr);
}

/**
 * pga_cpu_cache_get() - find the cache of this CPU, and turn interrupts off
 * @from: the pointer to the caches, in the pool
 * @c: set to the cache
 * @flags: for pga_cpu_cache_unlock()
 *
 * The caller locks the cache, and stays on this CPU until the unlock.  The pointer is
 * read with interrupts off: a pool that ends clears it, and then waits until each CPU
 * has had interrupts enabled.
 *
 * Return: false, with interrupts as they were, if the pool does not use its caches.
 */
static __always_inline bool
pga_cpu_cache_get(struct pga_cpu_cache __percpu *const *from, struct pga_cpu_cache **c,
		  unsigned long *flags)
{
	struct pga_cpu_cache __percpu *caches;

	local_irq_save(*flags);
	/* Pairs with WRITE_ONCE() in pga_pool_set_caches(). */
	caches = READ_ONCE(*from);
	if (unlikely(!caches)) {
		local_irq_restore(*flags);
		return false;
	}
	*c = this_cpu_ptr(caches);
	return true;
}

/* Undo pga_cpu_cache_get(), and unlock the cache. */
static __always_inline void pga_cpu_cache_unlock(struct pga_cpu_cache *c,
						 unsigned long flags)
{
	raw_spin_unlock(&c->lock);
	local_irq_restore(flags);
}

/**
 * pga_cpu_cache_take() - allocate a page from the top block
 * @c: the cache, locked
 * @pfn: set to the page
 *
 * Return: false if the top block has no page.
 */
static __always_inline bool pga_cpu_cache_take(struct pga_cpu_cache *c,
					       unsigned long *pfn)
{
	struct pga_word *b = c->top;
	const unsigned long owned = b->owned;
	unsigned long bit;

	if (unlikely(!owned))
		return false;
	bit = __ffs(owned);
	b->owned = owned & ~BIT(bit);
	*pfn = b->pfn + bit;
	pga_cpu_count(c->allocs, 1);
	return true;
}

/* The bits of a run in the word of its block. */
static __always_inline unsigned long pga_cpu_cache_bits(unsigned long pfn,
							unsigned long nr)
{
	return (BIT(nr) - 1) << pfn % PGA_CACHE_PAGES;
}

/* The number of pages in a cache. */
static __always_inline unsigned long
pga_cpu_cache_pages(const struct pga_cpu_cache *c)
{
	return c->frees - c->allocs + c->adjust;
}

/* The counter of blocks below the top that have the hash value of @pfn. */
static __always_inline u8 *pga_cpu_cache_hash(struct pga_cpu_cache *c,
					      unsigned long pfn)
{
	return &c->blocks[pfn / PGA_CACHE_PAGES % PGA_CPU_HASHES];
}

/* The next younger block in the ring. */
static __always_inline struct pga_word *
pga_cpu_cache_above(struct pga_cpu_cache *c, struct pga_word *b)
{
	return b == &c->block[PGA_CPU_BLOCKS - 1] ? c->block : b + 1;
}

/*
 * Make the block of a page the top block.  This succeeds if it is the top block
 * already; or if the cache has no block of this hash value, the block is known to be
 * whole, and there is room for it.
 */
static __always_inline bool pga_cpu_cache_open_block(struct pga_cpu_cache *c,
						     unsigned long pfn)
{
	struct pga_word *b = c->top;

	if (likely((b->pfn ^ pfn) < PGA_CACHE_PAGES))
		return true;
	if (unlikely(*pga_cpu_cache_hash(c, pfn) || pfn - c->whole >= c->nr_whole))
		return false;
	if (unlikely(b->owned)) {
		b = pga_cpu_cache_above(c, b);
		if (unlikely(b == c->bottom || pga_cpu_cache_pages(c) >= c->most))
			return false;
		++*pga_cpu_cache_hash(c, c->top->pfn);
		b->owned = 0;
		c->top = b;
	}
	b->pfn = ALIGN_DOWN(pfn, PGA_CACHE_PAGES);
	b->allocated = pga_word_at(c->words, pfn);
	return true;
}

/**
 * pga_cpu_cache_give() - free a run to the top block
 * @c: the cache of this CPU, locked
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX, in one block
 *
 * Return: false if the block cannot be the top block, or if a page is free or in
 * the cache; pga_cpu_cache_push() decides then.
 */
static __always_inline bool pga_cpu_cache_give(struct pga_cpu_cache *c,
					       unsigned long pfn, unsigned long nr)
{
	const unsigned long run = pga_cpu_cache_bits(pfn, nr);
	struct pga_word *b;

	if (unlikely(!pga_cpu_cache_open_block(c, pfn)))
		return false;
	b = c->top;
	/* Pairs with WRITE_ONCE() in engine/bitmap. */
	if (unlikely(run & (~READ_ONCE(*b->allocated) | b->owned)))
		return false;
	b->owned |= run;
	pga_cpu_count(c->adjust, nr - 1);
	pga_cpu_count(c->frees, 1);
	return true;
}

#endif
