// SPDX-License-Identifier: GPL-2.0
/*
 * Tracking: an account of the runs that clients hold.
 *
 * The maps of a pool know allocated pages, but not runs.  So a client can free any
 * part of any allocated run.  And an allocated page may be isolated, queued to be
 * freed, or in a cache.  A pool created with PAGEALLOC_TRACK has an account of runs.
 * It frees only whole runs, as they were allocated or trimmed.
 *
 *	page:	. B o o o B . B B o .
 *		  `run--' |   | `run	a run of four, two of one, one of two
 *
 * A page has one of four states, in two bits:
 *
 *	UNHELD	.	no client holds it
 *	FIRST	B	the first page of a run
 *	REST	o	another page of a run
 *	HOLE		the pool has not grown by it
 *
 * No lock protects the account.  32 pages share a word.  A word is changed by compare
 * and exchange, and the two bits of a page are read together.  So the first page of a
 * run never looks like a page of the run before it.  A free
 *
 *	1. reads the states of the run: FIRST, REST to the end, and behind it anything
 *	   but REST.  If they differ it is refused, and has changed nothing.
 *	2. changes the run to UNHELD, word by word.
 *
 * If two tasks free the same run, the second one finds the first word changed and
 * is refused.  The task that has changed the first word owns the run.  If a later
 * word has changed, another task has freed the run between 1 and 2, and has then
 * allocated a different run there; the first task restores the words it has
 * changed.  Only after such a double free can a third, correct free find a run half
 * changed and be refused.
 *
 * Because it takes no lock, the account is examined at the call in any context, even
 * if the free itself is deferred.
 *
 * With PAGEALLOC_TRACK_STACKS the account has a handle of the stack depot for the
 * first page of each run.  The depot takes locks and may allocate memory.  So it is
 * called without the pool's lock, with the gfp of the caller.  If there is no memory
 * for a stack, this is counted, and the run is listed without a stack.
 *
 * The account consists of slices of 2^15 pages, which are allocated as the pool grows
 * and freed when it ends.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "base/compat.h"
#include "base/fault.h"
#include "base/kunit_export.h"
#include "pool/track.h"

/* The state of a page. */
#define UNHELD		0UL
#define FIRST		1UL
#define REST		2UL
#define HOLE		3UL

#define PAGE_BITS	2
#define WORD_PAGES	(BITS_PER_LONG / PAGE_BITS)
#define SLICE_PAGES	(1UL << PGA_SLICE_SHIFT)
#define SLICE_WORDS	(SLICE_PAGES / WORD_PAGES)

/* The lower bit of every page of a word. */
#define LOW		(~0UL / 3)

/* Runs that are listed when a pool ends with pages in use. */
#define MAX_LISTED	16

/**
 * struct slice - the account of 2^15 pages
 * @word: two bits a page; changed by change(), read by READ_ONCE()
 * @owner: stack handles of first pages; allocated only if stacks are recorded
 */
struct slice {
	unsigned long word[SLICE_WORDS];
	u32 owner[];
};

/* The result of examining a free. */
enum fault {
	FINE,
	NOT_OF_POOL,
	NOT_HELD,
	NOT_A_RUN,
	NR_FAULTS,
};

/**
 * struct pga_track - the account of a pool
 * @slices: struct slice, by page >> PGA_SLICE_SHIFT; read without a lock
 * @stacks: I: stacks are recorded
 * @bytes: memory of @slices
 * @refused: frees refused, for each fault
 * @lost: allocations whose stack could not be stored
 */
struct pga_track {
	struct xarray slices;
	bool stacks;
	atomic_long_t bytes;
	atomic_long_t refused[NR_FAULTS];
	atomic_long_t lost;
};

DEFINE_STATIC_KEY_FALSE(pga_track_key);
PGA_EXPORT_FOR_KUNIT(pga_track_key);

/**
 * pga_track_begin() - start to track a pool, if its flags ask for it
 * @pool: the pool, which has no pages yet
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int pga_track_begin(struct pagealloc_pool *pool)
{
	struct pga_track *track;

	if (!(pool->flags & (PAGEALLOC_TRACK | PAGEALLOC_TRACK_STACKS)))
		return 0;
	track = kzalloc(sizeof(*track), GFP_KERNEL);
	if (!track)
		return -ENOMEM;
	xa_init(&track->slices);
	if (pool->flags & PAGEALLOC_TRACK_STACKS) {
		track->stacks = !pga_stacks_init();
		if (!track->stacks)
			pr_warn("%s: stacks are not recorded, the kernel has no stack depot\n",
				pool->name);
	}
	pool->track = track;
	static_branch_inc(&pga_track_key);
	return 0;
}

/**
 * pga_track_end() - free the account of a pool
 * @pool: the pool; no other call on it is under way
 *
 * Context: may sleep.
 */
void pga_track_end(struct pagealloc_pool *pool)
{
	struct pga_track *track = pool->track;
	struct slice *slice;
	unsigned long i;

	if (!track)
		return;
	static_branch_dec(&pga_track_key);
	xa_for_each(&track->slices, i, slice)
		kvfree(slice);
	xa_destroy(&track->slices);
	kfree(track);
}

/* Allocate a slice unless it exists. */
static int add_slice(struct pga_track *track, unsigned long i)
{
	size_t bytes = sizeof(struct slice);
	struct slice *slice;
	int ret;

	if (xa_load(&track->slices, i))
		return 0;
	if (track->stacks)
		bytes += SLICE_PAGES * sizeof(slice->owner[0]);
	slice = kvzalloc(bytes, GFP_KERNEL | __GFP_RETRY_MAYFAIL);
	if (!slice)
		return -ENOMEM;
	memset(slice->word, 0xff, sizeof(slice->word));
	ret = xa_insert(&track->slices, i, slice, GFP_KERNEL);
	if (!ret)
		atomic_long_add(bytes, &track->bytes);
	else
		kvfree(slice);
	/* The growth of another region may have added the slice meanwhile. */
	return ret == -EBUSY ? 0 : ret;
}

/**
 * pga_track_supply() - allocate the account of pages to grow by
 * @pool: the pool, not locked
 * @pages: the pages, which stay holes
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int pga_track_supply(struct pagealloc_pool *pool, struct pga_extent pages)
{
	unsigned long page;
	int ret = 0;

	if (!pool->track)
		return 0;
	for (page = ALIGN_DOWN(pages.start, SLICE_PAGES);
	     page < pga_extent_end(pages) && !ret; page += SLICE_PAGES)
		ret = add_slice(pool->track, page >> PGA_SLICE_SHIFT);
	return ret;
}

/**
 * struct part - the part of a range of pages that lies in one word
 * @word: the word; NULL if there is no slice, so that all pages are holes
 * @mask: the bits of these pages in the word
 * @run: the value of these bits if the range is a run
 */
struct part {
	unsigned long *word;
	unsigned long mask;
	unsigned long run;
};

static struct slice *slice_of(struct pga_track *track, unsigned long page)
{
	return xa_load(&track->slices, page >> PGA_SLICE_SHIFT);
}

static unsigned int shift_of(unsigned long page)
{
	return page % WORD_PAGES * PAGE_BITS;
}

/* Set @part to the part behind the first @done pages; returns its number of pages. */
static unsigned long next_part(struct pga_track *track,
			       struct pga_extent e, unsigned long done,
			       struct part *part)
{
	const unsigned long page = e.start + done;
	const unsigned long nr = min(e.nr - done, WORD_PAGES - page % WORD_PAGES);
	struct slice *slice = slice_of(track, page);

	part->word = slice ? &slice->word[page % SLICE_PAGES / WORD_PAGES] : NULL;
	part->mask = GENMASK(nr * PAGE_BITS - 1, 0) << shift_of(page);
	part->run = REST * LOW & part->mask;
	if (!done)
		part->run ^= (REST ^ FIRST) << shift_of(page);
	return nr;
}

/* The state of one page. */
static unsigned long state_of(struct pga_track *track, unsigned long page)
{
	const struct slice *slice = slice_of(track, page);

	if (!slice)
		return HOLE;
	/* Pairs with try_cmpxchg() in change(). */
	return READ_ONCE(slice->word[page % SLICE_PAGES / WORD_PAGES]) >>
		shift_of(page) & HOLE;
}

/* Change pages in a word from one state to another; all, or none and false. */
static bool change(unsigned long *word, unsigned long mask, unsigned long from,
		   unsigned long to)
{
	/* Pairs with try_cmpxchg() below, on another CPU. */
	unsigned long old = READ_ONCE(*word);

	do {
		if ((old & mask) != from)
			return false;
	} while (!try_cmpxchg(word, &old, (old & ~mask) | to));
	return true;
}

/* Change a run to unheld pages if @take, or back; returns the pages changed. */
static unsigned long change_run(struct pga_track *track, struct pga_extent run,
				bool take)
{
	unsigned long done, nr;
	struct part part;

	for (done = 0; done < run.nr; done += nr) {
		nr = next_part(track, run, done, &part);
		if (!part.word ||
		    !change(part.word, part.mask, take ? part.run : UNHELD,
			    take ? UNHELD : part.run))
			break;
	}
	return done;
}

/**
 * pga_track_open() - change holes to unheld pages, before the pool grows by them
 * @pool: the pool, not locked
 * @pages: from pga_track_supply(), all holes
 *
 * Context: any but NMI.
 */
void pga_track_open(struct pagealloc_pool *pool, struct pga_extent pages)
{
	unsigned long done, nr;
	struct part part;

	if (!pool->track)
		return;
	for (done = 0; done < pages.nr; done += nr) {
		nr = next_part(pool->track, pages, done, &part);
		change(part.word, part.mask, part.mask, UNHELD);
	}
}

/* Record the stack of an allocation. */
static void store_stack(struct pga_track *track, unsigned long page, gfp_t gfp)
{
	struct slice *slice = slice_of(track, page);
	const u32 owner = pga_stack_save(gfp);

	/* Read by pga_track_report(), when no other call on the pool is under way. */
	WRITE_ONCE(slice->owner[page % SLICE_PAGES], owner);
	if (!owner)
		atomic_long_inc(&track->lost);
}

/* A page was allocated that a client holds already: the pool is corrupt. */
static void report_double_alloc(struct pagealloc_pool *pool, unsigned long page)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pga_pool_set_corrupt(pool, "allocated pages that a client holds", page);
	pga_pool_unlock(pool, flags);
	pga_report_corruption(pool);
}

/**
 * pga_track_alloc() - record a run that a client has got
 * @pool: the pool, tracked, not locked
 * @run: the run
 * @gfp: the flags for memory for a stack
 *
 * Context: any but NMI; may sleep if @gfp says so.
 */
void pga_track_alloc(struct pagealloc_pool *pool, struct pga_extent run, gfp_t gfp)
{
	struct pga_track *track = pool->track;
	unsigned long done;

	done = change_run(track, run, false);
	if (done < run.nr)
		report_double_alloc(pool, run.start + done);
	else if (track->stacks)
		store_stack(track, run.start, gfp);
}
PGA_EXPORT_FOR_KUNIT(pga_track_alloc);

/* Examine the free of a run, without changing anything. */
static enum fault find_fault(struct pga_track *track, struct pga_extent run)
{
	unsigned long done, nr, bits, low, high;
	enum fault fault = FINE;
	struct part part;

	for (done = 0; done < run.nr; done += nr) {
		nr = next_part(track, run, done, &part);
		if (!part.word)
			return NOT_OF_POOL;
		/* Pairs with try_cmpxchg() in change(). */
		bits = READ_ONCE(*part.word) & part.mask;
		low = bits & LOW;
		high = bits >> 1 & LOW;
		if (low & high)
			return NOT_OF_POOL;
		if ((low | high) != (part.mask & LOW))
			fault = NOT_HELD;
		else if (bits != part.run && fault == FINE)
			fault = NOT_A_RUN;
	}
	if (fault == FINE && state_of(track, pga_extent_end(run)) == REST)
		fault = NOT_A_RUN;
	return fault;
}

/* Change a run to unheld pages; false, and no change, if it is not a run any more. */
static bool take_run(struct pga_track *track, struct pga_extent run)
{
	const unsigned long taken = change_run(track, run, true);

	if (taken == run.nr && state_of(track, pga_extent_end(run)) != REST)
		return true;
	change_run(track, (struct pga_extent) { run.start, taken }, false);
	return false;
}

/**
 * pga_track_free() - remove a run that a client frees
 * @pool: the pool, tracked
 * @run: the run
 *
 * A free that is refused is counted.
 *
 * Context: any but NMI, with any lock held.
 * Return: 0; -ERANGE if the pool has not grown by a page; -EINVAL if no client holds
 * a page, or if the pages are not exactly one run; -EIO if the pool is corrupt.
 */
int pga_track_free(struct pagealloc_pool *pool, struct pga_extent run)
{
	struct pga_track *track = pool->track;
	enum fault fault;

	/* Pairs with the store in pga_pool_set_corrupt(). */
	if (READ_ONCE(pool->corrupt))
		return -EIO;
	fault = find_fault(track, run);
	if (fault == FINE && take_run(track, run))
		return 0;
	/* Another free of the run was faster. */
	if (fault == FINE)
		fault = NOT_HELD;
	atomic_long_inc(&track->refused[fault]);
	return fault == NOT_OF_POOL ? -ERANGE : -EINVAL;
}
PGA_EXPORT_FOR_KUNIT(pga_track_free);

/**
 * pga_track_trim() - shorten a run
 * @pool: the pool, tracked
 * @run: the run
 * @nr: pages that the run keeps, at least 1; its stack stays
 *
 * Context: any but NMI, with any lock held.
 * Return: as pga_track_free().
 */
int pga_track_trim(struct pagealloc_pool *pool, struct pga_extent run,
		   unsigned long nr)
{
	const int ret = pga_track_free(pool, run);

	if (!ret)
		change_run(pool->track, (struct pga_extent) { run.start, nr }, false);
	return ret;
}
PGA_EXPORT_FOR_KUNIT(pga_track_trim);

/**
 * pga_track_held() - does a client hold any of these pages?
 * @pool: the pool, tracked or not
 * @pages: the pages
 *
 * Context: any but NMI.
 * Return: false if the pool is not tracked.
 */
bool pga_track_held(const struct pagealloc_pool *pool, struct pga_extent pages)
{
	unsigned long done, nr, bits;
	struct part part;

	if (!pool->track)
		return false;
	for (done = 0; done < pages.nr; done += nr) {
		nr = next_part(pool->track, pages, done, &part);
		/* Pairs with try_cmpxchg() in change(). */
		bits = part.word ? READ_ONCE(*part.word) & part.mask : 0;
		if ((bits ^ bits >> 1) & LOW)
			return true;
	}
	return false;
}
PGA_EXPORT_FOR_KUNIT(pga_track_held);

/* The start of the first run in a slice from @page on; PGA_NONE if there is none. */
static unsigned long next_begin(const struct slice *slice, unsigned long page,
				unsigned long start)
{
	unsigned long i, bits, first;

	for (i = (page - start) / WORD_PAGES; i < SLICE_WORDS; i++) {
		/* Pairs with try_cmpxchg() in change(). */
		bits = READ_ONCE(slice->word[i]);
		first = bits & ~(bits >> 1) & LOW;
		if (page > start + i * WORD_PAGES)
			first &= ~0UL << shift_of(page);
		if (first)
			return start + i * WORD_PAGES + __ffs(first) / PAGE_BITS;
	}
	return PGA_NONE;
}

/**
 * pga_track_next() - find the next run that a client holds
 * @pool: the pool, tracked
 * @page: the first page at which the run may begin
 * @run: set to the run
 *
 * A run that is allocated or freed meanwhile may be missed, or found too short.
 *
 * Context: any but NMI.
 * Return: false if there is none.
 */
bool pga_track_next(const struct pagealloc_pool *pool, unsigned long page,
		    struct pga_extent *run)
{
	struct pga_track *track = pool->track;
	unsigned long i = page >> PGA_SLICE_SHIFT, start;
	struct slice *slice;

	xa_for_each_start(&track->slices, i, slice, i) {
		start = i << PGA_SLICE_SHIFT;
		run->start = next_begin(slice, max(page, start), start);
		if (run->start == PGA_NONE)
			continue;
		run->nr = 1;
		while (state_of(track, pga_extent_end(*run)) == REST)
			run->nr++;
		return true;
	}
	return false;
}
PGA_EXPORT_FOR_KUNIT(pga_track_next);

/**
 * pga_track_report() - log the runs that clients hold
 * @pool: the pool, tracked or not; no other call on it is under way
 *
 * Context: may sleep.
 */
void pga_track_report(const struct pagealloc_pool *pool)
{
	struct pga_track *track = pool->track;
	struct pga_extent run = {};
	unsigned int i;
	u32 owner;

	for (i = 0; track && pga_track_next(pool, pga_extent_end(run), &run); i++) {
		if (i == MAX_LISTED) {
			pr_err("%s: more runs are in use\n", pool->name);
			return;
		}
		pr_err("%s: in use: pfn %lu+%lu\n", pool->name,
		       pool->base + run.start, run.nr);
		if (!track->stacks)
			continue;
		owner = slice_of(track, run.start)->owner[run.start % SLICE_PAGES];
		if (owner)
			pga_stack_print(owner);
	}
}

/**
 * pga_track_stats() - add the counters of the account to a pool's statistics
 * @pool: the pool, tracked or not
 * @value: the statistics, by &enum pagealloc_stat
 */
void pga_track_stats(const struct pagealloc_pool *pool, u64 *value)
{
	struct pga_track *track = pool->track;

	if (!track)
		return;
	value[PAGEALLOC_METADATA] += atomic_long_read(&track->bytes);
	value[PAGEALLOC_BAD_FREE] += atomic_long_read(&track->refused[NOT_OF_POOL]);
	value[PAGEALLOC_DOUBLE_FREE] += atomic_long_read(&track->refused[NOT_HELD]);
	value[PAGEALLOC_WRONG_LENGTH] = atomic_long_read(&track->refused[NOT_A_RUN]);
	value[PAGEALLOC_OWNER_LOST] = atomic_long_read(&track->lost);
}
