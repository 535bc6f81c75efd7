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

/* Chains of blocks: as many as there can be blocks. */
#define PGA_CPU_CHAINS		64

/**
 * struct pga_cpu_block - the cached ones among 64 pages
 * @pfn: the first of the 64, a multiple of 64
 * @owned: bit i: page @pfn + i is in the cache, free
 * @allocated: the word of the maps for the 64; has all of @owned, since the maps
 *	       know nothing of caches.  Read without the pool's lock.  Without any
 *	       page if the engine has no such word.
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
 * @top: the latest block; @block[0], which is no block, if there is none
 * @known: first pfn of a range that is known to be the pool's
 * @nr_known: pages in that range
 * @allocs: allocations served
 * @frees: frees taken
 * @refills: times it took pages out of the maps
 * @flushes: times it put pages back
 * @chain: for each hash of a pfn, number of the latest such block
 * @block: a stack, from 1 on
 */
struct pga_cpu_cache {
	raw_spinlock_t lock;
	int room;
	struct pga_cpu_block *top;
	unsigned long known;
	unsigned long nr_known;
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
enum pga_cpu_freed pga_cpu_cache_push(struct pagealloc_pool *pool,
				      struct pga_cpu_cache *c, unsigned long pfn,
				      unsigned long nr);
bool pga_cpu_cache_refill(struct pagealloc_pool *pool, unsigned long nr,
			  struct pga_got *got);
bool pga_cpu_cache_has(struct pagealloc_pool *pool, unsigned long pfn,
		       unsigned long nr);
void pga_cpu_cache_drain(struct pagealloc_pool *pool);
u64 pga_cpu_cache_operations(const struct pagealloc_pool *pool);
void pga_cpu_cache_stats(const struct pagealloc_pool *pool,
			 struct pagealloc_stats *stats);
int pga_cpu_cache_check(struct pagealloc_pool *pool,
			struct pagealloc_mismatch *list, unsigned int len);

/**
 * pga_cpu_cache_alloc() - allocate from the cache of this CPU
 * @pool: the pool
 * @nr: pages, 1 to PGA_CPU_RUN_MAX
 * @pfn: set to the first page
 *
 * Context: any but NMI.
 * Return: false if the cache has no such run.
 */
static __always_inline bool pga_cpu_cache_alloc(struct pagealloc_pool *pool,
						unsigned long nr,
						unsigned long *pfn)
{
	struct pga_cpu_cache __percpu *caches = READ_ONCE(pool->caches);
	struct pga_cpu_block *b;
	struct pga_cpu_cache *c;
	unsigned long flags;
	bool found = true;

	if (unlikely(!caches))
		return false;
	local_irq_save(flags);
	c = this_cpu_ptr(caches);
	raw_spin_lock(&c->lock);
	b = c->top;
	if (likely(nr == 1 && b->owned)) {
		*pfn = b->pfn + __ffs(b->owned);
		b->owned &= b->owned - 1;
		c->room++;
		c->allocs++;
	} else {
		found = pga_cpu_cache_search(c, nr, pfn);
	}
	raw_spin_unlock(&c->lock);
	local_irq_restore(flags);
	return found;
}

static __always_inline unsigned int pga_cpu_chain_of(unsigned long pfn)
{
	return pfn / PGA_CACHE_PAGES % PGA_CPU_CHAINS;
}

/* The block with page @pfn, or @block[0]. */
static __always_inline struct pga_cpu_block *
pga_cpu_block_of(struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long first = ALIGN_DOWN(pfn, PGA_CACHE_PAGES);
	struct pga_cpu_block *b = c->top;

	if (b->pfn == first)
		return b;
	b = &c->block[c->chain[pga_cpu_chain_of(pfn)]];
	while (b->next && b->pfn != first)
		b = &c->block[b->next];
	return b->pfn == first ? b : &c->block[0];
}

/**
 * pga_cpu_cache_free() - free to the cache of this CPU
 * @pool: the pool
 * @pfn: first page
 * @nr: pages, 1 to PGA_CPU_RUN_MAX
 *
 * Context: any but NMI.
 * Return: PGA_CPU_NOT if the run crosses blocks, if something is
 * wrong with it, or nobody can say so without the pool's lock.
 */
static __always_inline enum pga_cpu_freed
pga_cpu_cache_free(struct pagealloc_pool *pool, unsigned long pfn,
		   unsigned long nr)
{
	struct pga_cpu_cache __percpu *caches = READ_ONCE(pool->caches);
	enum pga_cpu_freed ret = PGA_CPU_FREED;
	struct pga_cpu_block *b;
	struct pga_cpu_cache *c;
	unsigned long flags, run;

	if (unlikely(!caches || pfn % PGA_CACHE_PAGES + nr > PGA_CACHE_PAGES))
		return PGA_CPU_NOT;
	run = (BIT(nr) - 1) << pfn % PGA_CACHE_PAGES;
	local_irq_save(flags);
	c = this_cpu_ptr(caches);
	raw_spin_lock(&c->lock);
	b = pga_cpu_block_of(c, pfn);
	if (likely(b->pfn != PGA_NONE && c->room >= (int)nr &&
		   !(run & (b->owned | ~READ_ONCE(*b->allocated))) &&
		   !READ_ONCE(pool->nr_isolated))) {
		b->owned |= run;
		c->room -= nr;
		c->frees++;
	} else {
		ret = pga_cpu_cache_push(pool, c, pfn, nr);
	}
	raw_spin_unlock(&c->lock);
	local_irq_restore(flags);
	return ret;
}

#endif
