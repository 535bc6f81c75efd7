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
 * cache, and nothing is in transition.  (Holes read as allocated.  A block that is
 * wholly the pool's has none; for any other the range is looked at each time.)
 * Words of the maps do not go away as long as the pool is there, and the bits of a
 * page change only in the hands of whoever owns it, so for a free that is right the
 * answer is right; one that is wrong may be taken if the page is in the cache of
 * another CPU, and then the flush of the later one finds the page free and counts
 * it.  An engine without such words is asked under the pool's lock.
 *
 * A request that finds nothing drains the caches of all CPUs and looks again.
 * Until it has, no cache takes more out of the maps than is asked for, or another
 * CPU could have all there is, time and again, and use one page of it.
 *
 * A range is known until the cache is drained, or did not take a free.  The first
 * operation after that therefore takes the pool's lock, and finds out whether to
 * wake the scavenger: a pool at rest is not left with pages in caches that nobody
 * drains.
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

/*
 * What the maps seem to say of a block that is not wholly the pool's, or of any if
 * the engine has nothing to be read without the lock.
 */
static const unsigned long none_allocated;

/* Bits of the pages of a run among the 64 it lies in. */
static unsigned long bits_of(unsigned long pfn, unsigned long nr)
{
	return (BIT(nr) - 1) << pfn % PGA_CACHE_PAGES;
}

static unsigned int chain_of(unsigned long pfn)
{
	return pfn / PGA_CACHE_PAGES % PGA_CPU_CHAINS;
}

static bool is_empty(const struct pga_cpu_cache *c)
{
	return c->top == &c->block[0];
}

/* Is there no room for another block? */
static bool is_full(const struct pga_cpu_cache *c)
{
	return c->top == &c->block[PGA_CPU_BLOCKS];
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

	c->chain[chain_of(b->pfn)] = b->next;
}

/* A block that is not there as yet; there is room for one. */
static struct pga_cpu_block *push(struct pga_cpu_cache *c, unsigned long pfn,
				  const unsigned long *allocated)
{
	u8 *chain = &c->chain[chain_of(pfn)];
	struct pga_cpu_block *b;

	b = ++c->top;
	b->pfn = ALIGN_DOWN(pfn, PGA_CACHE_PAGES);
	b->owned = 0;
	b->allocated = allocated;
	b->next = *chain;
	*chain = b - c->block;
	return b;
}

/* The block with page @pfn, NULL if there is none. */
static struct pga_cpu_block *block_of(struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long first = ALIGN_DOWN(pfn, PGA_CACHE_PAGES);
	unsigned int i = c->chain[chain_of(pfn)];

	while (i && c->block[i].pfn != first)
		i = c->block[i].next;
	return i ? &c->block[i] : NULL;
}

/* All of the cache goes back into the maps. */
static noinline void flush(struct pga_cpu_cache *c)
{
	struct pagealloc_pool *pool = c->pool;
	const struct pga_cpu_block *b;
	unsigned long pool_flags;

	lockdep_assert_held(&c->lock);
	if (c->room < PGA_CPU_PAGES) {
		pool_flags = pga_pool_lock(pool);
		pga_note_time(pool);
		for (b = c->top; b > c->block; b--)
			pga_free_word(pool, b->pfn - pool->base, b->owned);
		pga_note_over_limit(pool);
		pga_pool_unlock(pool, pool_flags);
		c->flushes++;
	}
	reset(c);
}

/* Is all of a run known to be the pool's? */
static bool is_known(const struct pga_cpu_cache *c, unsigned long pfn,
		     unsigned long nr)
{
	return pfn - c->known < c->nr_known && pfn - c->known + nr <= c->nr_known;
}

/* Is all of the block with @pfn, and does the engine have a word for it? */
static bool is_whole(const struct pga_cpu_cache *c, unsigned long pfn)
{
	return c->super && is_known(c, ALIGN_DOWN(pfn, PGA_CACHE_PAGES), PGA_CACHE_PAGES);
}

/* Find out which pages around @pfn are the pool's, in the same super. */
static noinline void learn(struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long super_pages = 1UL << PGA_SUPER_SHIFT;
	struct pagealloc_pool *pool = c->pool;
	const unsigned long page = pfn - pool->base;
	const unsigned long start = ALIGN_DOWN(page, super_pages);
	unsigned long pool_flags;
	struct pga_extent known;

	lockdep_assert_held(&c->lock);
	pool_flags = pga_pool_lock(pool);
	known = pga_pool_around(pool, page);
	c->super = pga_map_super(&pool->map, page);
	pga_pool_unlock(pool, pool_flags);
	c->known = pool->base + max(known.start, start);
	c->nr_known = 0;
	if (known.nr)
		c->nr_known = pool->base - c->known +
			      min(pga_extent_end(known), start + super_pages);
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
	while (!c->top->owned && !is_empty(c))
		pop(c);
	last = max(&c->block[0], c->top - SEARCH_BLOCKS);
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

/* Which of the 64 pages with @pfn have the maps as allocated? */
static unsigned long allocated_now(const struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long page = ALIGN_DOWN(pfn - c->pool->base, PGA_CACHE_PAGES);
	unsigned long allocated, pool_flags;

	if (c->super)
		return READ_ONCE(*pga_super_word(c->super, pfn));
	pool_flags = pga_pool_lock(c->pool);
	allocated = pga_map_allocated(&c->pool->map, page);
	pga_pool_unlock(c->pool, pool_flags);
	return allocated;
}

/* Could these pages be free already, as far as can be seen without the lock? */
static bool is_doubtful(const struct pga_cpu_cache *c,
			unsigned long allocated, unsigned long run)
{
	return run & ~allocated || READ_ONCE(c->pool->nr_isolated);
}

/* Free what can be freed, to a block, or a new one if @b is NULL. */
static __always_inline void free_to(struct pga_cpu_cache *c,
				    struct pga_cpu_block *b, unsigned long pfn,
				    unsigned long nr,
				    const unsigned long *allocated)
{
	if (!b) {
		if (!c->top->owned && !is_empty(c))
			pop(c);
		b = push(c, pfn, allocated);
	}
	b->owned |= bits_of(pfn, nr);
	c->room -= nr;
	c->frees++;
}

/* The same as below, for all cases. */
static noinline enum pga_cpu_freed push_slow(struct pga_cpu_cache *c,
					     unsigned long pfn, unsigned long nr)
{
	struct pga_cpu_block *b = block_of(c, pfn);
	enum pga_cpu_freed ret = PGA_CPU_FREED;
	const unsigned long run = bits_of(pfn, nr);
	const unsigned long *allocated = &none_allocated;

	if (!is_known(c, pfn, nr)) {
		learn(c, pfn);
		if (!is_known(c, pfn, nr))
			return PGA_CPU_NOT;
		ret = PGA_CPU_FREED_NOTE;
	}
	if ((b && run & b->owned) || is_doubtful(c, allocated_now(c, pfn), run)) {
		c->nr_known = 0;
		return PGA_CPU_NOT;
	}
	if (c->room < nr || (!b && is_full(c))) {
		flush(c);
		ret = PGA_CPU_FREED_NOTE;
		b = NULL;
	}
	if (is_whole(c, pfn))
		allocated = pga_super_word(c->super, pfn);
	free_to(c, b, pfn, nr, allocated);
	return ret;
}

/**
 * pga_cpu_cache_push() - free to a cache, but not to its top block
 * @c: the cache of this CPU, locked
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX, in one block
 *
 * Here for a run that no block in the cache can be for, which is most; this
 * calls nothing and saves no register.
 *
 * Return: PGA_CPU_NOT if the pool's lock is needed to judge the free.
 */
enum pga_cpu_freed pga_cpu_cache_push(struct pga_cpu_cache *c, unsigned long pfn,
				      unsigned long nr)
{
	const unsigned long *allocated;

	lockdep_assert_held(&c->lock);
	if (unlikely(c->chain[chain_of(pfn)] || is_full(c) || c->room < nr ||
		     !is_whole(c, pfn)))
		return push_slow(c, pfn, nr);
	allocated = pga_super_word(c->super, pfn);
	if (unlikely(is_doubtful(c, READ_ONCE(*allocated), bits_of(pfn, nr))))
		return PGA_CPU_NOT;
	free_to(c, NULL, pfn, nr, allocated);
	return PGA_CPU_FREED;
}

/* The word of the maps with a page of the pool, for reading without the lock. */
static const unsigned long *word_of(const struct pga_cpu_cache *c,
				    unsigned long page)
{
	const struct pga_super *super = pga_map_super(&c->pool->map, page);

	lockdep_assert_held(&c->pool->lock);
	if (!super || !pga_pool_covers(c->pool, page, PGA_CACHE_PAGES))
		return &none_allocated;
	return pga_super_word(super, page);
}

/*
 * Pages that were taken out of the maps become the cache's.  One that it has had
 * was freed twice, and put back by the other CPU.
 */
static void add_block(struct pga_cpu_cache *c, const struct pga_cache *taken)
{
	const unsigned long pfn = c->pool->base + taken->base;
	struct pga_cpu_block *b = block_of(c, pfn);
	unsigned int twice;

	if (!b)
		b = push(c, pfn, word_of(c, taken->base));
	twice = hweight64(taken->owned & b->owned);
	c->pool->stat[PAGEALLOC_DOUBLE_FREE] += twice;
	c->room -= hweight64(taken->owned) - twice;
	b->owned |= taken->owned;
}

/* Take single pages, of as many blocks as it takes; the lowest is on top. */
static void refill_singles(struct pga_cpu_cache *c)
{
	struct pga_map *map = &c->pool->map;
	struct pga_cache taken[REFILL_BLOCKS];
	unsigned int n = 0, end, pages = 0;
	unsigned long page;

	do {
		page = pga_map_find(map, PGA_READY, 1);
		if (page == PGA_NONE)
			break;
		end = n + pga_map_take_words(map, page, PGA_READY,
					     REFILL_BLOCKS - n,
					     REFILL_PAGES - pages, &taken[n]);
		while (n < end)
			pages += hweight64(taken[n++].owned);
	} while (n < REFILL_BLOCKS && pages < REFILL_PAGES);
	while (n)
		add_block(c, &taken[--n]);
}

/* Take the 64 pages with the lowest run, unless it reaches into the next 64. */
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

/* Take pages out of the maps, a run of @nr among them if that can be. */
static void refill(struct pga_cpu_cache *c, unsigned long nr, struct pga_got *got)
{
	struct pagealloc_pool *pool = c->pool;
	unsigned long pool_flags;

	lockdep_assert_held(&c->lock);
	if (c->room < PGA_CACHE_PAGES || is_full(c))
		flush(c);
	pool_flags = pga_pool_lock(pool);
	if (!pool->corrupt && !pool->in_need) {
		if (nr == 1 && is_empty(c))
			refill_singles(c);
		else
			refill_run(c, nr);
		pool->changes++;
		pga_note_peak(pool);
	}
	got->low = pga_pool_is_low(pool);
	pga_pool_unlock(pool, pool_flags);
	c->refills++;
}

/**
 * pga_cpu_cache_refill() - allocate from the cache of this CPU, filled if need be
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
	c = pga_cpu_cache_lock(caches, &flags);
	/* Nobody has looked for a request for zeroes, or on another CPU. */
	found = pga_cpu_cache_search(c, nr, &got->pfn);
	if (!found) {
		refill(c, nr, got);
		found = pga_cpu_cache_search(c, nr, &got->pfn);
	}
	pga_cpu_cache_unlock(c, flags);
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
static void drain(struct pga_cpu_cache *c)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&c->lock, flags);
	flush(c);
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
		drain(per_cpu_ptr(pool->cpu_caches, cpu));
}
PGA_EXPORT_FOR_KUNIT(pga_cpu_cache_drain);

/**
 * pga_cpu_cache_need() - a request has found nothing in the maps
 * @pool: the pool
 *
 * All caches are drained, and not refilled until pga_cpu_cache_had_need(), so that
 * nobody takes more than he uses before the request has looked again.
 *
 * Context: any but NMI.
 */
void pga_cpu_cache_need(struct pagealloc_pool *pool)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pool->in_need++;
	pga_pool_unlock(pool, flags);
	pga_cpu_cache_drain(pool);
}

/**
 * pga_cpu_cache_had_need() - it has looked again
 * @pool: the pool
 */
void pga_cpu_cache_had_need(struct pagealloc_pool *pool)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pool->in_need--;
	pga_pool_unlock(pool, flags);
}

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
static unsigned int check(struct pga_cpu_cache *c,
			  struct pagealloc_mismatch *list, unsigned int len)
{
	unsigned int found = 0, pages = 0;
	const struct pga_cpu_block *b;
	unsigned long flags, pool_flags, amiss;

	raw_spin_lock_irqsave(&c->lock, flags);
	pool_flags = pga_pool_lock(c->pool);
	for (b = c->top; b > c->block; b--) {
		pages += hweight64(b->owned);
		amiss = b->owned & ~pga_map_allocated(&c->pool->map,
						       b->pfn - c->pool->base);
		if (amiss && found++ < len)
			list[found - 1] = (struct pagealloc_mismatch) {
				.what = "cached but free",
				.level = -1,
				.pfn = b->pfn + __ffs(amiss),
				.got = hweight64(amiss),
			};
	}
	pga_pool_unlock(c->pool, pool_flags);
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
		found += check(per_cpu_ptr(pool->cpu_caches, cpu),
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
		c->pool = pool;
		c->block[0].pfn = PGA_NONE;
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
 * pga_cpu_cache_stop() - take the caches of a pool away
 * @pool: the pool; nobody uses it any more
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
