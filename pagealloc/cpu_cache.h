/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_CPU_CACHE_H
#define PAGEALLOC_CPU_CACHE_H

#include <linux/percpu.h>

#include "engine/cache.h"
#include "pool.h"

/* Longer runs pass by the caches. */
#define PGA_CPU_RUN_MAX		15UL

/* Pages and blocks that a cache holds at most. */
#define PGA_CPU_PAGES		128
#define PGA_CPU_BLOCKS		64

/* Chains of blocks: many more than blocks, so that most are empty. */
#define PGA_CPU_CHAINS		256

/**
 * struct pga_cpu_block - the cached ones among 64 pages
 * @pfn: the first of the 64, a multiple of 64
 * @owned: bit i: page @pfn + i is in the cache, free
 * @allocated: the word of the maps for the 64, if all of them are the pool's; has
 *	       all of @owned then, since the maps know nothing of caches, but for
 *	       pages that were freed twice.  Otherwise a word without any, with
 *	       which no free is simple.  Read without the pool's lock.
 * @next: number of the next block in its chain, 0 if there is none
 */
struct pga_cpu_block {
	unsigned long pfn;
	unsigned long owned;
	const unsigned long *allocated;
	u8 next;
};

/**
 * struct pga_cpu_cache - what a CPU has of a pool
 * @lock: protects the cache; taken with interrupts off, before the pool's lock
 * @room: pages it may take up still
 * @pool: I: the pool
 * @top: the latest block; @block[0], which is no block, if there is none
 * @known: first pfn of a range that is known to be the pool's, in one super
 * @nr_known: pages in that range
 * @super: where its maps are; NULL if they cannot be read without the lock
 * @allocs: allocations served
 * @frees: frees taken
 * @refills: times it took pages out of the maps
 * @flushes: times it put pages back
 * @chain: for each hash of a pfn, number of the latest such block
 * @block: a stack, from 1 on
 */
struct pga_cpu_cache {
	raw_spinlock_t lock;
	unsigned int room;
	struct pagealloc_pool *pool;
	struct pga_cpu_block *top;
	unsigned long known;
	unsigned long nr_known;
	const struct pga_super *super;
	u64 allocs;
	u64 frees;
	u64 refills;
	u64 flushes;
	u8 chain[PGA_CPU_CHAINS];
	struct pga_cpu_block block[1 + PGA_CPU_BLOCKS];
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

	if (unlikely(!owned))
		return false;
	*pfn = b->pfn + __ffs(owned);
	b->owned = owned & (owned - 1);
	c->room++;
	c->allocs++;
	return true;
}

/**
 * pga_cpu_cache_give() - free one page to the top of a cache
 * @c: the cache of this CPU, locked
 * @pfn: the page
 *
 * Return: false if it is for another block, or something is wrong with it.
 */
static __always_inline bool pga_cpu_cache_give(struct pga_cpu_cache *c,
					       unsigned long pfn)
{
	const unsigned long page = 1UL << pfn % PGA_CACHE_PAGES;
	struct pga_cpu_block *b = c->top;

	if (unlikely(b->pfn != ALIGN_DOWN(pfn, PGA_CACHE_PAGES) || !c->room ||
		     !(READ_ONCE(*b->allocated) & page) || b->owned & page))
		return false;
	b->owned |= page;
	c->room--;
	c->frees++;
	return true;
}

#endif
