// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages of a chunk to give back.
 *
 * The search goes from high to low addresses, because first fit fills from
 * below: what is idle at the top stays idle longest.  It sees the chunk through
 * groups of a granule; a group counts as busy when any page in it is allocated
 * or discarded.  The highest run of groups left is the candidate, cut at its
 * low side to the number of pages wanted.
 *
 * A cut may fall inside a huge page that is wholly free and ready.  Giving back
 * half of that would cost the huge mapping for the sake of a few pages, so the
 * candidate is then extended downwards to take the huge page as a whole.
 *
 * Pure functions: no locks, no allocation.  The rules are those of the Go
 * runtime (src/runtime/mgcscavenge.go, findScavengeCandidate); the replay of
 * its traces holds us to them.
 */

#include <linux/bitops.h>
#include <linux/minmax.h>

#include "engine/bitmap/candidate.h"
#include "base/kunit_export.h"

/**
 * pga_fill_aligned() - set every bit of each group that has a bit set
 * @word: the word
 * @group: bits in a group, a power of two up to 64; groups are aligned
 *
 * Return: @word with each group either all ones or all zeroes.
 */
unsigned long pga_fill_aligned(unsigned long word, unsigned int group)
{
	unsigned long ones, firsts;
	unsigned int step;

	if (group == BITS_PER_LONG)
		return word ? ~0UL : 0;
	ones = BIT(group) - 1;
	firsts = ~0UL / ones;	/* one in the lowest bit of each group */
	for (step = 1; step < group; step *= 2)
		word |= word >> step;
	return (word & firsts) * ones;
}
PGA_EXPORT_FOR_KUNIT(pga_fill_aligned);

/* Zeroes at the high end of @word. */
static unsigned int high_zeroes(unsigned long word)
{
	return word ? BITS_PER_LONG - 1 - __fls(word) : BITS_PER_LONG;
}

/* Free groups right below the page @end, downwards over words. */
static unsigned int run_below(const unsigned long *busy, unsigned int end,
			      unsigned int granule)
{
	int w = (end - 1) / BITS_PER_LONG;
	unsigned int below = w * BITS_PER_LONG + BITS_PER_LONG - end;
	unsigned long word = pga_fill_aligned(busy[w], granule) << below;
	unsigned int run = min(high_zeroes(word), BITS_PER_LONG - below);

	if (run < BITS_PER_LONG - below)
		return run;
	while (--w >= 0) {
		word = pga_fill_aligned(busy[w], granule);
		run += high_zeroes(word);
		if (word)
			break;
	}
	return run;
}

/* The page after the highest free group at or below word @w; 0 if none. */
static unsigned int highest_end(const unsigned long *busy, int w,
				unsigned int granule)
{
	for (; w >= 0; w--) {
		const unsigned long word = pga_fill_aligned(busy[w], granule);

		if (word != ~0UL)
			return w * BITS_PER_LONG + __fls(~word) + 1;
	}
	return 0;
}

/**
 * pga_candidate_find() - find pages of a chunk to discard
 * @busy: map of the chunk, 1 is allocated or discarded
 * @from: search downwards from the word that holds this page
 * @granule: pages, a power of two up to PGA_CANDIDATE_GRANULE_MAX
 * @max: pages wanted; rounded up to the granule, 0 is one granule
 * @huge: pages of a huge page, a power of two.  One that is wholly free and
 *	  ready is never split.  0, or one that is no larger than the granule:
 *	  do not care.
 *
 * Return: a range of whole granules, of more than @max pages only where a huge
 * page would otherwise have been split; empty when there is none.
 */
struct pga_candidate pga_candidate_find(const unsigned long *busy,
					unsigned int from, unsigned int granule,
					unsigned long max, unsigned int huge)
{
	unsigned int end, run, start, below;

	end = highest_end(busy, from / BITS_PER_LONG, granule);
	if (!end)
		return (struct pga_candidate) {};
	run = run_below(busy, end, granule);
	max = clamp(max, 1UL, PGA_CHUNK_PAGES);
	start = end - min_t(unsigned int, run, ALIGN(max, granule));
	if (huge > granule) {
		below = ALIGN_DOWN(start, huge);
		if (ALIGN(start, huge) <= end && below >= end - run)
			start = below;
	}
	return (struct pga_candidate) { .start = start, .nr = end - start };
}
PGA_EXPORT_FOR_KUNIT(pga_candidate_find);
