// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU caches: short runs allocated and freed without the pool's lock.
 *
 * A cache is a stack of blocks.  A block stands for 64 pages, aligned to that,
 * and says which of them the cache owns: pages that are free, and ready, but
 * that the maps have as allocated.
 *
 *	top ->	pfn 640		. x . . . . . .		freed here
 *		pfn 128		x x x x . . x x		what is left of a refill
 *		(block 0)	nothing
 *
 *	alloc	takes the lowest page of the top block; a longer run is looked for
 *		in the first few.  An empty block goes when it is met.
 *	free	sets bits in the block of the run, or pushes one for it.  It does
 *		not matter which CPU had allocated the run.
 *	refill	takes all ready pages of the 64 with the lowest one out of the
 *		maps, of several such blocks if they are sparse, in one hold of
 *		the pool's lock.
 *	flush	puts all back, in one hold.  When the cache is full, and when
 *		somebody drains it: since its CPU is dead, since pages are needed
 *		elsewhere, or since nothing happened in a whole generation.
 *
 * So what is freed last is allocated first, while it is hot, and the lock is
 * taken once for some 64 pages.  A chain of blocks for each hash of a pfn finds
 * the block of a page; since blocks come and go at the top only, the top one is
 * the first of its chain, and neither needs a search to be taken out.
 *
 * A free is checked as far as can be without the lock: all its pages lie in a
 * range known to be the pool's, are allocated in the maps, are not in this very
 * cache, and nothing is in transition.  Words of the maps do not go away as long
 * as the pool is there, and the bits of a page change only in the hands of whoever
 * owns it, so for a free that is right the answer is right; one that is wrong may
 * be taken if the page is in the cache of another CPU, and then the flush of the
 * later one finds the page free and counts it.  An engine that has no such words
 * is asked under the pool's lock instead.
 *
 * A range is known until the cache is drained.  The first operation after that
 * therefore takes the pool's lock, and finds out whether to wake the scavenger: a
 * pool at rest is not left with pages in caches that nobody drains.
 */

#include <linux/bitops.h>
#include <linux/cpuhotplug.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "cpu_cache.h"
#include "kunit_export.h"

/* A refill ends with this many pages, or after that many blocks. */
#define REFILL_PAGES	64
#define REFILL_BLOCKS	10

/* Blocks from the top in which a run of several pages is looked for. */
#define SEARCH_BLOCKS	4

static_assert(REFILL_PAGES - 1 + PGA_CACHE_PAGES <= PGA_CPU_PAGES);
static_assert(REFILL_BLOCKS <= PGA_CPU_BLOCKS);
static_assert(PGA_CPU_BLOCKS <= U8_MAX);

/* The dynamic state for CPUs that are gone, set at init only. */
static int hotplug_state;

static bool is_empty(const struct pga_cpu_cache *c)
{
	return c->top == &c->block[0];
}

static void reset(struct pga_cpu_cache *c)
{
	memset(c->chain, 0, sizeof(c->chain));
	c->top = &c->block[0];
	c->room = PGA_CPU_PAGES;
}

static void pop(struct pga_cpu_cache *c)
{
	struct pga_cpu_block *b = c->top--;

	c->chain[pga_cpu_chain_of(b->pfn)] = b->next;
}

/* A block that is not there as yet; there is room for one. */
static struct pga_cpu_block *push(struct pga_cpu_cache *c, unsigned long pfn,
				  const unsigned long *allocated)
{
	u8 *chain = &c->chain[pga_cpu_chain_of(pfn)];
	struct pga_cpu_block *b;

	b = ++c->top;
	b->pfn = ALIGN_DOWN(pfn, PGA_CACHE_PAGES);
	b->owned = 0;
	b->allocated = allocated;
	b->next = *chain;
	*chain = b - c->block;
	return b;
}

/* Where an engine has nothing that can be read without the lock: no page is. */
static const unsigned long no_word;

static const unsigned long *word_of(const struct pagealloc_pool *pool,
				    unsigned long page)
{
	return pga_map_word(&pool->map, page) ?: &no_word;
}

/* Which of the 64 pages with @pfn are allocated in the maps? */
static unsigned long allocated_now(struct pagealloc_pool *pool, unsigned long pfn,
				   const unsigned long *word)
{
	const unsigned long page = ALIGN_DOWN(pfn - pool->base, PGA_CACHE_PAGES);
	unsigned long allocated;

	if (word != &no_word)
		return READ_ONCE(*word);
	raw_spin_lock(&pool->lock);
	allocated = pga_map_allocated(&pool->map, page);
	raw_spin_unlock(&pool->lock);
	return allocated;
}

/* The cached pages of a block go back into the maps. */
static void put_block(struct pagealloc_pool *pool, const struct pga_cpu_block *b)
{
	if (b->owned)
		pga_free_word(pool, b->pfn - pool->base, b->owned);
}

/* All of the cache goes back into the maps. */
static void flush(struct pagealloc_pool *pool, struct pga_cpu_cache *c)
{
	struct pga_cpu_block *b;

	lockdep_assert_held(&c->lock);
	if (c->room < PGA_CPU_PAGES) {
		raw_spin_lock(&pool->lock);
		pga_note_time(pool);
		for (b = c->top; b > c->block; b--)
			put_block(pool, b);
		pga_note_over_limit(pool);
		raw_spin_unlock(&pool->lock);
		c->flushes++;
	}
	reset(c);
}

/* Find out which pages around a run are the pool's; false if not all of it is. */
static bool learn(struct pagealloc_pool *pool, struct pga_cpu_cache *c,
		  unsigned long pfn, unsigned long nr)
{
	const unsigned long page = pfn - pool->base;
	struct pga_extent known;

	lockdep_assert_held(&c->lock);
	raw_spin_lock(&pool->lock);
	known = pga_pool_around(pool, page);
	raw_spin_unlock(&pool->lock);
	c->known = pool->base + known.start;
	c->nr_known = known.nr;
	return pfn + nr <= c->known + c->nr_known;
}

/**
 * pga_cpu_cache_search() - allocate from a cache where the top block will not do
 * @c: the cache, locked
 * @nr: pages, 1 to PGA_CPU_RUN_MAX
 * @pfn: set to the first page
 *
 * Return: false if no such run was found.
 */
bool pga_cpu_cache_search(struct pga_cpu_cache *c, unsigned long nr,
			  unsigned long *pfn)
{
	struct pga_cpu_block *b, *last;
	unsigned int at;

	lockdep_assert_held(&c->lock);
	while (!is_empty(c) && !c->top->owned)
		pop(c);
	last = max(c->block, c->top - SEARCH_BLOCKS);
	for (b = c->top; b > last; b--) {
		at = pga_word_find_run(b->owned, nr);
		if (at == PGA_CACHE_PAGES)
			continue;
		b->owned &= ~((BIT(nr) - 1) << at);
		c->room += nr;
		c->allocs++;
		*pfn = b->pfn + at;
		return true;
	}
	return false;
}

/**
 * pga_cpu_cache_push() - free to a cache that is full, or has no such block
 * @pool: the pool
 * @c: the cache of this CPU, locked
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX, in one block
 *
 * Return: PGA_CPU_NOT if the pool's lock is needed to judge the free.
 */
enum pga_cpu_freed pga_cpu_cache_push(struct pagealloc_pool *pool,
				      struct pga_cpu_cache *c, unsigned long pfn,
				      unsigned long nr)
{
	const unsigned long run = (BIT(nr) - 1) << pfn % PGA_CACHE_PAGES;
	struct pga_cpu_block *b = pga_cpu_block_of(c, pfn);
	enum pga_cpu_freed ret = PGA_CPU_FREED;
	const unsigned long *allocated;

	lockdep_assert_held(&c->lock);
	if (unlikely(pfn - c->known + nr > c->nr_known ||
		     pfn - c->known >= c->nr_known)) {
		if (!learn(pool, c, pfn, nr))
			return PGA_CPU_NOT;
		ret = PGA_CPU_FREED_NOTE;
	}
	allocated = word_of(pool, pfn - pool->base);
	if (b->pfn != PGA_NONE && b->owned & run)
		return PGA_CPU_NOT;
	if (run & ~allocated_now(pool, pfn, allocated) ||
	    READ_ONCE(pool->nr_isolated))
		return PGA_CPU_NOT;

	if (b->pfn == PGA_NONE) {
		if (!c->top->owned && !is_empty(c))
			pop(c);
		if (c->top == &c->block[PGA_CPU_BLOCKS] || c->room < (int)nr) {
			flush(pool, c);
			ret = PGA_CPU_FREED_NOTE;
		}
		b = push(c, pfn, allocated);
	} else if (c->room < (int)nr) {
		flush(pool, c);
		ret = PGA_CPU_FREED_NOTE;
		b = push(c, pfn, allocated);
	}
	b->owned |= run;
	c->room -= nr;
	c->frees++;
	return ret;
}

/* Pages that were taken out of the maps become the cache's. */
static void add_block(struct pagealloc_pool *pool, struct pga_cpu_cache *c,
		      const struct pga_cache *taken)
{
	const unsigned long pfn = pool->base + taken->base;
	struct pga_cpu_block *b = pga_cpu_block_of(c, pfn);

	if (b->pfn == PGA_NONE)
		b = push(c, pfn, word_of(pool, taken->base));
	b->owned |= taken->owned;
	c->room -= hweight64(taken->owned);
}

/* Take the ready pages of the 64 with @page out of the maps. */
static bool take_block(struct pagealloc_pool *pool, unsigned long page,
		       struct pga_cache *taken)
{
	if (page == PGA_NONE)
		return false;
	taken->base = ALIGN_DOWN(page, PGA_CACHE_PAGES);
	pga_map_take_word(&pool->map, taken->base, PGA_READY, &taken->owned,
			  &taken->discarded);
	return true;
}

/* Take single pages, of as many blocks as it takes; the lowest is on top. */
static void refill_singles(struct pagealloc_pool *pool, struct pga_cpu_cache *c)
{
	struct pga_cache taken[REFILL_BLOCKS];
	unsigned int n = 0, pages = 0;

	while (n < REFILL_BLOCKS && pages < REFILL_PAGES &&
	       take_block(pool, pga_map_find(&pool->map, PGA_READY, 1), &taken[n]))
		pages += hweight64(taken[n++].owned);
	while (n)
		add_block(pool, c, &taken[--n]);
}

/* Take the 64 pages with the lowest run, unless it reaches into the next 64. */
static void refill_run(struct pagealloc_pool *pool, struct pga_cpu_cache *c,
		       unsigned long nr)
{
	const unsigned long page = pga_map_find(&pool->map, PGA_READY, nr);
	struct pga_cache taken;

	if (page % PGA_CACHE_PAGES + nr <= PGA_CACHE_PAGES &&
	    take_block(pool, page, &taken))
		add_block(pool, c, &taken);
}

/**
 * pga_cpu_cache_refill() - fill the cache of this CPU, and allocate from it
 * @pool: the pool
 * @nr: pages
 * @got: set to the run
 *
 * Context: any but NMI.
 * Return: false if there was nothing to fill it with, or the run is not one for
 * the caches.
 */
bool pga_cpu_cache_refill(struct pagealloc_pool *pool, unsigned long nr,
			  struct pga_got *got)
{
	struct pga_cpu_cache __percpu *caches = READ_ONCE(pool->caches);
	struct pga_cpu_cache *c;
	unsigned long flags;
	bool found;

	if (!caches || nr > PGA_CPU_RUN_MAX)
		return false;
	local_irq_save(flags);
	c = this_cpu_ptr(caches);
	raw_spin_lock(&c->lock);
	if (c->room < PGA_CACHE_PAGES || c->top == &c->block[PGA_CPU_BLOCKS])
		flush(pool, c);
	raw_spin_lock(&pool->lock);
	if (!pool->corrupt) {
		if (nr == 1 && is_empty(c))
			refill_singles(pool, c);
		else
			refill_run(pool, c, nr);
		pool->changes++;
		pga_note_peak(pool);
	}
	got->low = pga_pool_is_low(pool);
	raw_spin_unlock(&pool->lock);
	c->refills++;
	found = pga_cpu_cache_search(c, nr, &got->pfn);
	raw_spin_unlock(&c->lock);
	local_irq_restore(flags);
	return found;
}

/**
 * pga_cpu_cache_has() - is a page of a run in the cache of this CPU?
 * @pool: the pool
 * @pfn: first page
 * @nr: pages
 *
 * Context: any but NMI.
 */
bool pga_cpu_cache_has(struct pagealloc_pool *pool, unsigned long pfn,
		       unsigned long nr)
{
	struct pga_cpu_cache __percpu *caches = READ_ONCE(pool->caches);
	const struct pga_cpu_block *b;
	unsigned long flags, first, end;
	struct pga_cpu_cache *c;
	bool has = false;

	if (!caches)
		return false;
	local_irq_save(flags);
	c = this_cpu_ptr(caches);
	raw_spin_lock(&c->lock);
	for (b = c->top; b > c->block && !has; b--) {
		first = max(pfn, b->pfn);
		end = min(pfn + nr, b->pfn + PGA_CACHE_PAGES);
		has = first < end &&
		      b->owned & GENMASK(end - 1 - b->pfn, first - b->pfn);
	}
	raw_spin_unlock(&c->lock);
	local_irq_restore(flags);
	return has;
}

/* Nothing is known afterwards, so that the next operation takes the lock. */
static void drain(struct pagealloc_pool *pool, struct pga_cpu_cache *c)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&c->lock, flags);
	flush(pool, c);
	c->nr_known = 0;
	raw_spin_unlock_irqrestore(&c->lock, flags);
}

/**
 * pga_cpu_cache_drain() - put what is in the caches of all CPUs into the maps
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
		drain(pool, per_cpu_ptr(pool->cpu_caches, cpu));
}
PGA_EXPORT_FOR_KUNIT(pga_cpu_cache_drain);

static unsigned long pages_of(const struct pga_cpu_cache *c)
{
	return PGA_CPU_PAGES - READ_ONCE(c->room);
}

/**
 * pga_cpu_cache_operations() - allocations and frees that caches have served
 * @pool: the pool
 *
 * Return: how many so far.
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
 * pga_cpu_cache_stats() - add what the caches hold and have done to the figures
 * @pool: the pool
 * @stats: from pga_pool_stats(), to which cached pages are in use
 *
 * A figure can be late while other CPUs are at work.
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

/* Recount a cache: how many pages, and are they allocated in the maps? */
static unsigned int check(struct pagealloc_pool *pool, struct pga_cpu_cache *c,
			  struct pagealloc_mismatch *list, unsigned int len)
{
	unsigned int found = 0, pages = 0;
	const struct pga_cpu_block *b;
	unsigned long flags, amiss;

	raw_spin_lock_irqsave(&c->lock, flags);
	for (b = c->top; b > c->block; b--) {
		pages += hweight64(b->owned);
		amiss = b->owned & ~allocated_now(pool, b->pfn, b->allocated);
		if (amiss && found++ < len)
			list[found - 1] = (struct pagealloc_mismatch) {
				.what = "cached but free",
				.level = -1,
				.pfn = b->pfn + __ffs(amiss),
				.got = hweight64(amiss),
			};
	}
	if (pages != pages_of(c) && found++ < len)
		list[found - 1] = (struct pagealloc_mismatch) {
			.what = "cached",
			.level = -1,
			.got = pages_of(c),
			.want = pages,
		};
	raw_spin_unlock_irqrestore(&c->lock, flags);
	return found;
}

/**
 * pga_cpu_cache_check() - recount what is in the caches
 * @pool: the pool
 * @list: filled with what does not agree
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
		found += check(pool, per_cpu_ptr(pool->cpu_caches, cpu),
			       list + len - room, room);
	}
	return found;
}

/**
 * pga_cpu_cache_start() - give a pool its caches
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
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
		c->block[0].pfn = PGA_NONE;
		reset(c);
	}
	ret = cpuhp_state_add_instance_nocalls(hotplug_state, &pool->cpu_node);
	if (ret) {
		free_percpu(pool->cpu_caches);
		pool->cpu_caches = NULL;
		return ret;
	}
	pool->caches = pool->cpu_caches;
	return 0;
}

/**
 * pga_cpu_cache_stop() - take the caches of a pool away
 * @pool: the pool; nobody uses it any more
 */
void pga_cpu_cache_stop(struct pagealloc_pool *pool)
{
	if (!pool->cpu_caches)
		return;
	cpuhp_state_remove_instance_nocalls(hotplug_state, &pool->cpu_node);
	pga_cpu_cache_drain(pool);
	WRITE_ONCE(pool->caches, NULL);
	free_percpu(pool->cpu_caches);
	pool->cpu_caches = NULL;
}

static int cpu_dead(unsigned int cpu, struct hlist_node *node)
{
	struct pagealloc_pool *pool = hlist_entry(node, struct pagealloc_pool,
						  cpu_node);

	drain(pool, per_cpu_ptr(pool->cpu_caches, cpu));
	return 0;
}

/**
 * pga_cpu_cache_init() - be told of CPUs that are gone
 *
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
 * pga_cpu_cache_exit() - no longer be told of them
 */
void pga_cpu_cache_exit(void)
{
	cpuhp_remove_multi_state(hotplug_state);
}
