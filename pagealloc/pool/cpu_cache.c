// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU caches: short runs allocated and freed without the pool's lock.
 *
 * A cache is a stack of blocks.  A block stands for 64 pages, aligned to that,
 * and says which of them the cache owns: pages that are free, and ready, but
 * that the maps have as allocated.
 *
 *	top ->		pfn 640		. x . . . . . .		freed here
 *			pfn 4480	. . . x . . . .
 *	bottom ->	pfn 128		x x x x . . x x		what is left of a refill
 *
 *	alloc	takes the lowest page of the top block; a longer run is looked for
 *		in the first few.  An empty block goes when it is met.
 *	free	sets bits in the block of the run, or pushes one for it.  It does
 *		not matter which CPU had allocated the run.
 *	refill	takes all ready pages of the 64 with the lowest one out of the
 *		maps, of several such blocks if they are sparse, in one hold of
 *		the pool's lock.
 *	flush	puts blocks back, from the bottom, in one hold: half of them when
 *		the cache is full; all, in as many holds as it takes, when somebody
 *		drains it: since its CPU is dead, since pages are needed elsewhere,
 *		or since nothing happened in a whole generation.
 *
 * So what is freed last is allocated first, while it is hot, and the lock is
 * taken once for some 30 to 64 pages.  What is oldest goes back first: that is cold,
 * and has had the most time to gather pages, so that more of them go in one step.
 * Therefore the blocks lie in a ring.
 *
 * A call must not take long because it was its lot to refill or to flush.  Most
 * pages change no summary of the engine's, others change one on each level of its
 * trees, which is far dearer; the engine counts (struct pga_map, @work).  A hold
 * ends after so many blocks, and as soon as it has made so much work.  A free that
 * finds no room even after such a piece goes to the pool directly.
 *
 * For pages, the limit is when to begin no other block, or add to one below the top.
 * The top block is filled whatever comes, which is one check less for most frees;
 * it is one, so the cache has less than twice the limit in the end.
 *
 * Most frees are for no block that is there.  To know that without a search the
 * blocks below the top are counted by a hash of their pfn.
 *
 * A free is checked as far as can be without the lock: all its pages lie in a
 * range known to be the pool's, are allocated in the maps, and not in this very
 * cache; and the caller has seen that nothing is in transition.  (Holes read as
 * allocated.  A block that is wholly the pool's has none; for any other the range is
 * looked at each time.)
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

#include "pool/cpu_cache.h"
#include "base/kunit_export.h"

/* A refill ends with this many pages, or after that many blocks. */
#define REFILL_PAGES	64
#define REFILL_BLOCKS	10

/* A flush ends with half of the cache, or after that many blocks. */
#define FLUSH_BLOCKS	(PGA_CPU_BLOCKS / 2)

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

static struct pga_cpu_block *below(struct pga_cpu_cache *c, struct pga_cpu_block *b)
{
	return b == c->block ? &c->block[PGA_CPU_BLOCKS - 1] : b - 1;
}

static bool is_empty(const struct pga_cpu_cache *c)
{
	return c->top == c->bottom && !c->top->owned;
}

/* Is there no room for another block? */
static bool is_full(struct pga_cpu_cache *c)
{
	return c->top->owned && pga_cpu_cache_above(c, c->top) == c->bottom;
}

/* A block that is not there as yet, on top; there is room for one. */
static struct pga_cpu_block *push(struct pga_cpu_cache *c, unsigned long pfn,
				  const unsigned long *allocated)
{
	if (c->top->owned) {
		++*pga_cpu_cache_hash(c, c->top->pfn);
		c->top = pga_cpu_cache_above(c, c->top);
	}
	*c->top = (struct pga_cpu_block) {
		.pfn = ALIGN_DOWN(pfn, PGA_CACHE_PAGES),
		.allocated = allocated,
	};
	return c->top;
}

/* The top block has no pages, and is not the only one. */
static void pop(struct pga_cpu_cache *c)
{
	c->top = below(c, c->top);
	--*pga_cpu_cache_hash(c, c->top->pfn);
}

/* The block with page @pfn, NULL if there is none. */
static struct pga_cpu_block *block_of(struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long first = ALIGN_DOWN(pfn, PGA_CACHE_PAGES);
	struct pga_cpu_block *b = c->top;

	if (b->pfn != first && !*pga_cpu_cache_hash(c, pfn))
		return NULL;
	while (b->pfn != first && b != c->bottom)
		b = below(c, b);
	return b->pfn == first ? b : NULL;
}

/* The oldest block goes back into the maps; returns how many pages that was. */
static unsigned int put_oldest(struct pga_cpu_cache *c)
{
	struct pga_cpu_block *b = c->bottom;
	const unsigned long owned = b->owned;

	if (b != c->top) {
		--*pga_cpu_cache_hash(c, b->pfn);
		c->bottom = pga_cpu_cache_above(c, b);
	}
	if (!owned)
		return 0;
	b->owned = 0;
	pga_free_word(c->pool, b->pfn - c->pool->base, owned);
	/* Of many blocks most have but one. */
	return owned & (owned - 1) ? hweight_long(owned) : 1;
}

static unsigned int nr_blocks(const struct pga_cpu_cache *c)
{
	return 1 + (c->top - c->bottom + PGA_CPU_BLOCKS) % PGA_CPU_BLOCKS;
}

/*
 * Some of a cache goes back into the maps, the oldest blocks, in one hold of the
 * pool's lock: until half of it is left or, if it goes @all, nothing, or until that
 * is enough for now.
 */
static noinline void flush(struct pga_cpu_cache *c, bool all)
{
	const unsigned long pages = pga_cpu_cache_pages(c);
	const unsigned int blocks = nr_blocks(c);
	struct pagealloc_pool *pool = c->pool;
	unsigned long pool_flags, work, put = 0;
	unsigned int n = 0;

	lockdep_assert_held(&c->lock);
	pool_flags = pga_pool_lock(pool);
	pga_note_time(pool);
	work = pool->map.work;
	do {
		put += put_oldest(c);
		n++;
	} while (n < FLUSH_BLOCKS && pool->map.work - work < PGA_CPU_WORK &&
		 (all ? !is_empty(c) : pages - put > PGA_CPU_PAGES / 2 ||
				       blocks - n > PGA_CPU_BLOCKS / 2));
	pga_note_over_limit(pool);
	pga_pool_unlock(pool, pool_flags);
	c->others -= put;
	c->flushes++;
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
	return pfn - c->whole < c->nr_whole;
}

/* Nothing is known any more, so that the next free takes the pool's lock. */
static void forget(struct pga_cpu_cache *c)
{
	c->nr_known = 0;
	c->nr_whole = 0;
}

/* Find out which pages around @pfn are the pool's, in the same super. */
static noinline void learn(struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long super_pages = 1UL << PGA_SUPER_SHIFT;
	struct pagealloc_pool *pool = c->pool;
	const unsigned long page = pfn - pool->base;
	const unsigned long start = ALIGN_DOWN(page, super_pages);
	unsigned long pool_flags, end;
	struct pga_extent known;

	lockdep_assert_held(&c->lock);
	pool_flags = pga_pool_lock(pool);
	known = pga_pool_around(pool, page);
	c->words = pga_map_words(&pool->map, page);
	pga_pool_unlock(pool, pool_flags);
	c->known = pool->base + max(known.start, start);
	forget(c);
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
	struct pga_cpu_block *b;
	unsigned int at, n;

	lockdep_assert_held(&c->lock);
	while (!c->top->owned && c->top != c->bottom)
		pop(c);
	for (b = c->top, n = 0; n < SEARCH_BLOCKS; b = below(c, b), n++) {
		at = pga_word_find_run(b->owned, nr);
		if (at < PGA_CACHE_PAGES) {
			b->owned &= ~((BIT(nr) - 1) << at);
			c->others -= nr - 1;
			c->allocs++;
			*pfn = b->pfn + at;
			return true;
		}
		if (b == c->bottom)
			break;
	}
	return false;
}

/* Which of the 64 pages with @pfn have the maps as allocated? */
static unsigned long allocated_now(const struct pga_cpu_cache *c, unsigned long pfn)
{
	const unsigned long page = ALIGN_DOWN(pfn - c->pool->base, PGA_CACHE_PAGES);
	unsigned long allocated, pool_flags;

	if (c->words)
		return READ_ONCE(*pga_word_at(c->words, pfn));
	pool_flags = pga_pool_lock(c->pool);
	allocated = pga_map_allocated(&c->pool->map, page);
	pga_pool_unlock(c->pool, pool_flags);
	return allocated;
}

/* May pages go to a block, or to a new one if it is NULL? */
static bool has_room(struct pga_cpu_cache *c, const struct pga_cpu_block *b)
{
	return b == c->top ||
	       (pga_cpu_cache_pages(c) < PGA_CPU_PAGES && (b || !is_full(c)));
}

/**
 * pga_cpu_cache_push() - free to a cache where that is not simple
 * @c: the cache of this CPU, locked
 * @pfn: first page
 * @nr: pages, up to PGA_CPU_RUN_MAX, in one block
 *
 * Return: PGA_CPU_NOT if the pool's lock is needed to judge the free, or there is
 * no room.
 */
enum pga_cpu_freed pga_cpu_cache_push(struct pga_cpu_cache *c, unsigned long pfn,
				      unsigned long nr)
{
	struct pga_cpu_block *b = block_of(c, pfn);
	enum pga_cpu_freed ret = PGA_CPU_FREED;
	const unsigned long run = pga_cpu_cache_bits(pfn, nr);

	lockdep_assert_held(&c->lock);
	if (!is_known(c, pfn, nr)) {
		learn(c, pfn);
		if (!is_known(c, pfn, nr))
			return PGA_CPU_NOT;
		ret = PGA_CPU_FREED_NOTE;
	}
	if ((b && run & b->owned) || run & ~allocated_now(c, pfn)) {
		forget(c);
		return PGA_CPU_NOT;
	}
	if (!has_room(c, b)) {
		flush(c, false);
		ret = PGA_CPU_FREED_NOTE;
		b = block_of(c, pfn);
		if (!has_room(c, b))
			return PGA_CPU_NOT;
	}
	if (!b)
		b = push(c, pfn, is_whole(c, pfn) ? pga_word_at(c->words, pfn) :
						    &none_allocated);
	b->owned |= run;
	c->others += nr - 1;
	c->frees++;
	return ret;
}

/* The word of the maps with a page of the pool, for reading without the lock. */
static const unsigned long *word_of(const struct pga_cpu_cache *c,
				    unsigned long page)
{
	const struct pga_words *words = pga_map_words(&c->pool->map, page);

	lockdep_assert_held(&c->pool->lock);
	if (!words || !pga_pool_covers(c->pool, page, PGA_CACHE_PAGES))
		return &none_allocated;
	return pga_word_at(words, page);
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
	c->others += hweight64(taken->owned) - twice;
	b->owned |= taken->owned;
}

/* Take single pages, of as many blocks as it takes; the lowest is on top. */
static void refill_singles(struct pga_cpu_cache *c)
{
	struct pga_map *map = &c->pool->map;
	const unsigned long work = map->work;
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
	} while (n < REFILL_BLOCKS && pages < REFILL_PAGES &&
		 map->work - work < PGA_CPU_WORK);
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

/* Is there room for all of another block? */
static bool has_room_for_64(struct pga_cpu_cache *c)
{
	return pga_cpu_cache_pages(c) <= PGA_CPU_PAGES - PGA_CACHE_PAGES &&
	       !is_full(c);
}

/* Take pages out of the maps, a run of @nr among them if that can be. */
static void refill(struct pga_cpu_cache *c, unsigned long nr, struct pga_got *got)
{
	struct pagealloc_pool *pool = c->pool;
	unsigned long pool_flags;

	lockdep_assert_held(&c->lock);
	if (!has_room_for_64(c))
		flush(c, false);
	if (!has_room_for_64(c))
		return;
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
	unsigned long flags, first, end;
	struct pga_cpu_block *b;
	struct pga_cpu_cache *c;
	bool has = false;

	if (!caches)
		return false;
	local_irq_save(flags);
	c = this_cpu_ptr(caches);
	raw_spin_lock(&c->lock);
	for (b = c->top; !has; b = below(c, b)) {
		first = max(pfn, b->pfn);
		end = min(pfn + nr, b->pfn + PGA_CACHE_PAGES);
		has = b->owned && first < end &&
		      b->owned & GENMASK(end - 1 - b->pfn, first - b->pfn);
		if (b == c->bottom)
			break;
	}
	raw_spin_unlock(&c->lock);
	local_irq_restore(flags);
	return has;
}

/* A cache is for no pages, as it begins and when it was drained. */
static void begin(struct pga_cpu_cache *c)
{
	forget(c);
	*c->top = (struct pga_cpu_block) {
		.pfn = PGA_NONE,
		.allocated = &none_allocated,
	};
}

/*
 * All of it goes back, in as many holds of the pool's lock as it takes; nobody gets
 * at the cache meanwhile, so nothing is overlooked.
 */
static void drain(struct pga_cpu_cache *c)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&c->lock, flags);
	while (!is_empty(c))
		flush(c, true);
	begin(c);
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
	/* Read one after the other, while they change, they may not add up. */
	return max(0L, (long)(READ_ONCE(c->frees) - READ_ONCE(c->allocs) +
			      READ_ONCE(c->others)));
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

/* Pages of a block that are free in the maps. */
static unsigned long amiss_in(const struct pga_cpu_cache *c,
			      const struct pga_cpu_block *b)
{
	if (!b->owned)
		return 0;
	return b->owned & ~pga_map_allocated(&c->pool->map,
					     b->pfn - c->pool->base);
}

/* Where mismatches are noted, as far as there is room; returns how many by now. */
static unsigned int mismatch(struct pagealloc_mismatch *list, unsigned int len,
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

/* Recount a cache: how many pages and blocks; are they allocated in the maps? */
static unsigned int check(struct pga_cpu_cache *c,
			  struct pagealloc_mismatch *list, unsigned int len)
{
	unsigned int found = 0, pages = 0, blocks = 0, i;
	unsigned long flags, pool_flags, amiss;
	struct pga_cpu_block *b;

	raw_spin_lock_irqsave(&c->lock, flags);
	pool_flags = pga_pool_lock(c->pool);
	for (b = c->bottom;; b = pga_cpu_cache_above(c, b)) {
		pages += hweight64(b->owned);
		amiss = amiss_in(c, b);
		if (amiss)
			found = mismatch(list, len, found, "cached but free",
					 b->pfn + __ffs(amiss), hweight64(amiss), 0);
		if (b == c->top)
			break;
	}
	pga_pool_unlock(c->pool, pool_flags);
	if (pages != pages_of(c))
		found = mismatch(list, len, found, "cached", 0, pages_of(c), pages);
	for (i = 0; i < PGA_CPU_HASHES; i++)
		blocks += c->blocks[i];
	if (blocks != nr_blocks(c) - 1)
		found = mismatch(list, len, found, "cached blocks", 0, blocks,
				 nr_blocks(c) - 1);
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
		c->bottom = c->block;
		c->top = c->bottom;
		begin(c);
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
