// SPDX-License-Identifier: GPL-2.0
/*
 * Tracking: which runs do clients hold, and who got them?
 *
 * The maps of a pool know which pages are not free, and nothing of runs, so
 * any part of what is allocated can be freed, by anybody; and a page that is
 * allocated there need not be a client's: it may be isolated, or queued to be
 * freed, or lie in a cache.  A pool that is made with PAGEALLOC_TRACK keeps an
 * account of its own, and takes back nothing but a run just as it was given
 * out, or what is left of it after a trim.
 *
 *	page:	. B o o o B . B B o .
 *		  `run--' |   | `run	a run of four, two of one, one of two
 *
 * A page is one of four things, two bits:
 *
 *	NOBODYS	.	no client's, whatever else it may be
 *	BEGINS	B	the first page of a run
 *	GOES_ON	o	another one
 *	HOLE		not one that the pool has grown by
 *
 * One bit would not do: without the maps, which cannot be asked here, there are
 * more than 2.6^n ways to lay out runs in n pages, since each page but those
 * after a free one can be any of three things.  The fourth tells a page that
 * was never there from one that is free.
 *
 * No lock protects the account.  32 pages share a word and a page's two bits
 * are read in one piece, so whatever a run's neighbours go through, its first
 * page never looks like one more page of the run before it.  A free
 *
 *	1. looks whether the run is just that: BEGINS, GOES_ON all along, and not
 *	   GOES_ON behind it.  If not, it is refused, and has touched nothing.
 *	2. makes it nobody's, word by word, each by compare and exchange.
 *
 * Of two that free the same run, one finds the first word changed and is
 * refused.  Whoever has changed that word has the run to itself.  If the rest
 * is then not what it was, somebody has freed the run and got another one
 * there between 1 and 2; what was changed is restored.  Only then, after two
 * frees of one run, can a third one that is right meet a run half taken, and be
 * refused.
 *
 * So the account can be asked in any context, at the call: also for a free
 * that is put off.
 *
 * With PAGEALLOC_TRACK_STACKS there is a handle of the stack depot for the first
 * page of each run.  The depot has locks and may allocate, so it is called when
 * the pool's lock has been let go of, with the caller's gfp.  A stack that could
 * not be kept is counted, and the run is listed without one.
 *
 * The account is in slices of 2^15 pages, allocated as the pool grows and kept
 * until it ends.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "base/compat.h"
#include "base/kunit_export.h"
#include "pool/track.h"

/* What a page is, in two bits. */
#define NOBODYS		0UL
#define BEGINS		1UL
#define GOES_ON		2UL
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
 * @word: two bits a page
 * @owner: handles of stacks, for first pages; only there if stacks are kept
 */
struct slice {
	unsigned long word[SLICE_WORDS];
	u32 owner[];
};

/* What can be wrong with a free. */
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
 * @stacks: stacks are kept
 * @bytes: memory of @slices
 * @refused: frees refused, for each fault
 * @lost: allocations whose stack could not be kept
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
 * pga_track_begin() - have a pool tracked, if its flags say so
 * @pool: the pool, just made
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
			pr_warn("%s: no stacks, this kernel has no room for them\n",
				pool->name);
	}
	pool->track = track;
	static_branch_inc(&pga_track_key);
	return 0;
}

/**
 * pga_track_end() - end of a pool, and of its account
 * @pool: the pool; nobody uses it any more
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
	/* Another region may have grown here at the same time. */
	return ret == -EBUSY ? 0 : ret;
}

/**
 * pga_track_supply() - memory for the account of pages to grow by
 * @pool: the pool, not locked
 * @pages: the pages
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; the pages are holes still.
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
 * @word: the word, NULL if there is none: all holes
 * @mask: the bits of these pages in it
 * @run: what they are if the range is a run
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

/* The part of a range that follows its first @done pages; how many are in it. */
static unsigned long next_part(struct pga_track *track,
			       struct pga_extent e, unsigned long done,
			       struct part *part)
{
	const unsigned long page = e.start + done;
	const unsigned long nr = min(e.nr - done, WORD_PAGES - page % WORD_PAGES);
	struct slice *slice = slice_of(track, page);

	part->word = slice ? &slice->word[page % SLICE_PAGES / WORD_PAGES] : NULL;
	part->mask = GENMASK(nr * PAGE_BITS - 1, 0) << shift_of(page);
	part->run = GOES_ON * LOW & part->mask;
	if (!done)
		part->run ^= (GOES_ON ^ BEGINS) << shift_of(page);
	return nr;
}

/* What one page is. */
static unsigned long what_is(struct pga_track *track, unsigned long page)
{
	const struct slice *slice = slice_of(track, page);

	if (!slice)
		return HOLE;
	return READ_ONCE(slice->word[page % SLICE_PAGES / WORD_PAGES]) >>
		shift_of(page) & HOLE;
}

/* Change pages of a word, all or none; false if they are not what they were. */
static bool change(unsigned long *word, unsigned long mask, unsigned long from,
		   unsigned long to)
{
	unsigned long old = READ_ONCE(*word);

	do {
		if ((old & mask) != from)
			return false;
	} while (!try_cmpxchg(word, &old, (old & ~mask) | to));
	return true;
}

/* A run becomes nobody's, or the other way round; how many pages could. */
static unsigned long change_run(struct pga_track *track, struct pga_extent run,
				bool take)
{
	unsigned long done, nr;
	struct part part;

	for (done = 0; done < run.nr; done += nr) {
		nr = next_part(track, run, done, &part);
		if (!part.word ||
		    !change(part.word, part.mask, take ? part.run : NOBODYS,
			    take ? NOBODYS : part.run))
			break;
	}
	return done;
}

/**
 * pga_track_open() - the pool is about to grow by these pages
 * @pool: the pool, not locked
 * @pages: from pga_track_supply(), all holes; nobody's from now on
 */
void pga_track_open(struct pagealloc_pool *pool, struct pga_extent pages)
{
	unsigned long done, nr;
	struct part part;

	if (!pool->track)
		return;
	for (done = 0; done < pages.nr; done += nr) {
		nr = next_part(pool->track, pages, done, &part);
		change(part.word, part.mask, part.mask, NOBODYS);
	}
}

static void keep_stack(struct pga_track *track, unsigned long page, gfp_t gfp)
{
	struct slice *slice = slice_of(track, page);
	const u32 owner = pga_stack_save(gfp);

	WRITE_ONCE(slice->owner[page % SLICE_PAGES], owner);
	if (!owner)
		atomic_long_inc(&track->lost);
}

static void double_allocation(struct pagealloc_pool *pool, unsigned long page)
{
	unsigned long flags;

	flags = pga_pool_lock(pool);
	pga_pool_set_corrupt(pool, "allocated pages that a client holds", page);
	pga_pool_unlock(pool, flags);
	pga_report_corruption(pool);
}

/**
 * pga_track_alloc() - a run becomes a client's
 * @pool: the pool, tracked, not locked
 * @run: the run
 * @gfp: by which a stack may be kept
 *
 * Context: any but NMI; may sleep if @gfp says so.
 */
void pga_track_alloc(struct pagealloc_pool *pool, struct pga_extent run, gfp_t gfp)
{
	struct pga_track *track = pool->track;
	unsigned long done;

	done = change_run(track, run, false);
	if (done < run.nr)
		double_allocation(pool, run.start + done);
	else if (track->stacks)
		keep_stack(track, run.start, gfp);
}
PGA_EXPORT_FOR_KUNIT(pga_track_alloc);

/* What is wrong with the free of a run?  Changes nothing. */
static enum fault judge(struct pga_track *track, struct pga_extent run)
{
	unsigned long done, nr, is, low, high;
	enum fault fault = FINE;
	struct part part;

	for (done = 0; done < run.nr; done += nr) {
		nr = next_part(track, run, done, &part);
		if (!part.word)
			return NOT_OF_POOL;
		is = READ_ONCE(*part.word) & part.mask;
		low = is & LOW;
		high = is >> 1 & LOW;
		if (low & high)
			return NOT_OF_POOL;
		if ((low | high) != (part.mask & LOW))
			fault = NOT_HELD;
		else if (is != part.run && fault == FINE)
			fault = NOT_A_RUN;
	}
	if (fault == FINE && what_is(track, pga_extent_end(run)) == GOES_ON)
		fault = NOT_A_RUN;
	return fault;
}

/* Take a run that has just looked like one. */
static bool take(struct pga_track *track, struct pga_extent run)
{
	const unsigned long taken = change_run(track, run, true);

	if (taken == run.nr && what_is(track, pga_extent_end(run)) != GOES_ON)
		return true;
	change_run(track, (struct pga_extent) { run.start, taken }, false);
	return false;
}

/**
 * pga_track_free() - a client gives a run back
 * @pool: the pool, tracked
 * @run: the run
 *
 * Refused, it is counted.
 *
 * Context: any but NMI, with any lock held.
 * Return: 0; -ERANGE if a page is not one that the pool has grown by, -EINVAL if
 * no client holds it, or if it is not a run from one end to the other; -EIO if
 * the pool is corrupt.
 */
int pga_track_free(struct pagealloc_pool *pool, struct pga_extent run)
{
	struct pga_track *track = pool->track;
	enum fault fault;

	if (READ_ONCE(pool->corrupt))
		return -EIO;
	fault = judge(track, run);
	if (fault == FINE && take(track, run))
		return 0;
	/* If somebody else was faster, it is a second free. */
	if (fault == FINE)
		fault = NOT_HELD;
	atomic_long_inc(&track->refused[fault]);
	return fault == NOT_OF_POOL ? -ERANGE : -EINVAL;
}
PGA_EXPORT_FOR_KUNIT(pga_track_free);

/**
 * pga_track_trim() - a client gives back all but the first pages of a run
 * @pool: the pool, tracked
 * @run: the run
 * @nr: pages that it keeps, at least 1; whose stack is kept does not change
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
	unsigned long done, nr, is;
	struct part part;

	if (!pool->track)
		return false;
	for (done = 0; done < pages.nr; done += nr) {
		nr = next_part(pool->track, pages, done, &part);
		is = part.word ? READ_ONCE(*part.word) & part.mask : 0;
		if ((is ^ is >> 1) & LOW)
			return true;
	}
	return false;
}
PGA_EXPORT_FOR_KUNIT(pga_track_held);

/* The first run of a slice that begins at @page or behind it; PGA_NONE. */
static unsigned long next_begin(const struct slice *slice, unsigned long page,
				unsigned long start)
{
	unsigned long i, is, begins;

	for (i = (page - start) / WORD_PAGES; i < SLICE_WORDS; i++) {
		is = READ_ONCE(slice->word[i]);
		begins = is & ~(is >> 1) & LOW;
		if (page > start + i * WORD_PAGES)
			begins &= ~0UL << shift_of(page);
		if (begins)
			return start + i * WORD_PAGES + __ffs(begins) / PAGE_BITS;
	}
	return PGA_NONE;
}

/**
 * pga_track_next() - find the next run that a client holds
 * @pool: the pool, tracked; what changes meanwhile may be missed or cut short
 * @page: begins here or behind it
 * @run: set to the run
 *
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
		while (what_is(track, pga_extent_end(*run)) == GOES_ON)
			run->nr++;
		return true;
	}
	return false;
}
PGA_EXPORT_FOR_KUNIT(pga_track_next);

/**
 * pga_track_report() - list in the log what clients hold
 * @pool: the pool, tracked or not; nobody uses it
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
			pr_err("%s: and more\n", pool->name);
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
 * pga_track_stats() - add what tracking has counted to a pool's figures
 * @pool: the pool, tracked or not
 * @value: the figures, by &enum pagealloc_stat
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
