/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_CPU_CACHE_H
#define PAGEALLOC_CPU_CACHE_H

#include <linux/percpu.h>

#include "engine/word.h"
#include "engine/words.h"
#include "pool/pool.h"

/* Longer runs pass by the caches. */
#define PGA_CPU_RUN_MAX		15UL

/*
 * Blocks that a cache holds at most; and pages, with which it begins no other and
 * adds to none but the top one.
 */
#define PGA_CPU_BLOCKS		64
#define PGA_CPU_PAGES		128

/* A refill or a flush ends when the engine has had this much work by it. */
#define PGA_CPU_WORK		4

/* Hashes of blocks: many more than blocks, so that few are met twice. */
#define PGA_CPU_HASHES		1024

/**
 * struct pga_cpu_block - the cached ones among 64 pages
 * @pfn: the first of the 64, a multiple of 64; PGA_NONE if it is for none
 * @owned: bit i: page @pfn + i is in the cache, free
 * @allocated: the word of the maps for the 64, if all of them are the pool's; has
 *	       all of @owned then, since the maps know nothing of caches, but for
 *	       pages that were freed twice.  Otherwise a word without any, with
 *	       which no free is simple.  Read without the pool's lock.
 */
struct pga_cpu_block {
	unsigned long pfn;
	unsigned long owned;
	const unsigned long *allocated;
};

/**
 * struct pga_cpu_cache - what a CPU has of a pool
 * @lock: protects the cache; taken with interrupts off, before the pool's lock
 * @pool: I: the pool
 * @top: the latest block
 * @bottom: the oldest one; may be the same, and is never missing
 * @known: first pfn of a range that is known to be the pool's, in one super
 * @nr_known: pages in that range
 * @whole: first pfn of the blocks that lie in it
 * @nr_whole: pages in these; 0 if the maps cannot be read without the lock
 * @words: where the maps of the range are, NULL if they cannot
 * @allocs: allocations served
 * @frees: frees taken
 * @others: pages that came by other ways than one a free, less those that went by
 *	    other ways than one an allocation
 * @refills: times it took pages out of the maps
 * @flushes: times it put pages back
 * @blocks: for each hash of a pfn, how many blocks below the top have it
 * @block: a ring, from @bottom up to @top
 */
struct pga_cpu_cache {
	raw_spinlock_t lock;
	struct pagealloc_pool *pool;
	struct pga_cpu_block *top;
	struct pga_cpu_block *bottom;
	unsigned long known;
	unsigned long nr_known;
	unsigned long whole;
	unsigned long nr_whole;
	const struct pga_words *words;
	u64 allocs;
	u64 frees;
	long others;
	u64 refills;
	u64 flushes;
	u8 blocks[PGA_CPU_HASHES];
	struct pga_cpu_block block[PGA_CPU_BLOCKS];
};

/**
 * enum pga_cpu_freed - what became of a free
 * @PGA_CPU_NOT: it is not for the cache
 * @PGA_CPU_FREED: the cache has taken it
 * @PGA_CPU_FREED_NOTE: ... and somebody may want to know
 */
enum pga_cpu_freed {
	PGA_CPU_NOT,
	PGA_CPU_FREED,
	PGA_CPU_FREED_NOTE,
};

int pga_cpu_cache_init(void);
void pga_cpu_cache_exit(void);
int pga_cpu_cache_start(struct pagealloc_pool *pool);
void pga_cpu_cache_stop(struct pagealloc_pool *pool);
bool pga_cpu_cache_search(struct pga_cpu_cache *c, unsigned long nr,
			  unsigned long *pfn);
enum pga_cpu_freed pga_cpu_cache_push(struct pga_cpu_cache *c, unsigned long pfn,
				      unsigned long nr);
bool pga_cpu_cache_refill(struct pagealloc_pool *pool, unsigned long nr,
			  struct pga_got *got);
bool pga_cpu_cache_has(struct pagealloc_pool *pool, unsigned long pfn,
		       unsigned long nr);
void pga_cpu_cache_drain(struct pagealloc_pool *pool);
void pga_cpu_cache_need(struct pagealloc_pool *pool);
void pga_cpu_cache_had_need(struct pagealloc_pool *pool);
u64 pga_cpu_cache_operations(const struct pagealloc_pool *pool);
void pga_cpu_cache_stats(const struct pagealloc_pool *pool,
			 struct pagealloc_stats *stats);
int pga_cpu_cache_check(struct pagealloc_pool *pool,
			struct pagealloc_mismatch *list, unsigned int len);

/* Lock the cache of this CPU; the caller stays on it until it is unlocked. */
static __always_inline struct pga_cpu_cache *
pga_cpu_cache_lock(struct pga_cpu_cache __percpu *caches, unsigned long *flags)
{
	struct pga_cpu_cache *c;

	local_irq_save(*flags);
	c = this_cpu_ptr(caches);
	raw_spin_lock(&c->lock);
	return c;
}

static __always_inline void pga_cpu_cache_unlock(struct pga_cpu_cache *c,
						 unsigned long flags)
{
	raw_spin_unlock(&c->lock);
	local_irq_restore(flags);
}

/**
 * pga_cpu_cache_take() - allocate one page from the top of a cache
 * @c: the cache, locked
 * @pfn: set to the page
 *
 * Return: false if it has none there.
 */
static __always_inline bool pga_cpu_cache_take(struct pga_cpu_cache *c,
					       unsigned long *pfn)
{
	struct pga_cpu_block *b = c->top;
	const unsigned long owned = b->owned;
	unsigned long bit;

	if (unlikely(!owned))
		return false;
	bit = __ffs(owned);
	b->owned = owned & ~BIT(bit);
	*pfn = b->pfn + bit;
	c->allocs++;
	return true;
}

/* Bits of the pages of a run among the 64 it lies in. */
static __always_inline unsigned long pga_cpu_cache_bits(unsigned long pfn,
							unsigned long nr)
{
	return (BIT(nr) - 1) << pfn % PGA_CACHE_PAGES;
}

/* Pages in the cache. */
static __always_inline unsigned long
pga_cpu_cache_pages(const struct pga_cpu_cache *c)
{
	return c->frees - c->allocs + c->others;
}

/* Where the number of blocks below the top is that have the hash of a pfn. */
static __always_inline u8 *pga_cpu_cache_hash(struct pga_cpu_cache *c,
					      unsigned long pfn)
{
	return &c->blocks[pfn / PGA_CACHE_PAGES % PGA_CPU_HASHES];
}

/* The block that comes after another one in the ring. */
static __always_inline struct pga_cpu_block *
pga_cpu_cache_above(struct pga_cpu_cache *c, struct pga_cpu_block *b)
{
	return b == &c->block[PGA_CPU_BLOCKS - 1] ? c->block : b + 1;
}

/*
 * Have the block for a page on top.  That is simple if it is there already, or if
 * no block can be for the page as yet, all 64 are known to be the pool's, and there
 * is room; otherwise false.
 */
static __always_inline bool pga_cpu_cache_turn(struct pga_cpu_cache *c,
					       unsigned long pfn)
{
	struct pga_cpu_block *b = c->top;

	if (likely((b->pfn ^ pfn) < PGA_CACHE_PAGES))
		return true;
	if (unlikely(*pga_cpu_cache_hash(c, pfn) || pfn - c->whole >= c->nr_whole))
		return false;
	if (unlikely(b->owned)) {
		b = pga_cpu_cache_above(c, b);
		if (unlikely(b == c->bottom || pga_cpu_cache_pages(c) >= PGA_CPU_PAGES))
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
 * pga_cpu_cache_give() - free a run to the top of a cache, if that is simple
 * @c: the cache of this CPU, locked
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX, in one block
 *
 * Return: false if it is not, or something is wrong with a page.
 */
static __always_inline bool pga_cpu_cache_give(struct pga_cpu_cache *c,
					       unsigned long pfn, unsigned long nr)
{
	const unsigned long run = pga_cpu_cache_bits(pfn, nr);
	struct pga_cpu_block *b;

	if (unlikely(!pga_cpu_cache_turn(c, pfn)))
		return false;
	b = c->top;
	if (unlikely(run & (~READ_ONCE(*b->allocated) | b->owned)))
		return false;
	b->owned |= run;
	c->others += nr - 1;
	c->frees++;
	return true;
}

#endif
