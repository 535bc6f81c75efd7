// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages of a chunk to give back.
 *
 * First fit fills a pool from below, so pages at the top stay idle longest.
 * The search goes from high to low addresses.  It sees the chunk in groups of a
 * granule; a group is busy if any page in it is allocated or discarded.  The
 * candidate is the highest run of groups that are not busy, cut at its low side
 * to the number of pages wanted.
 *
 * A cut may fall inside a huge page that is wholly free and ready.  Giving back
 * half of it would cost the huge mapping for a few pages, so the candidate is
 * extended downwards to the start of the huge page.
 *
 * Pure functions: no locks, no allocation.  The rules are the Go runtime's
 * (src/runtime/mgcscavenge.go, findScavengeCandidate), as the replay of its
 * traces proves.
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

/* Pages in free groups in a row right below page @end. */
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

/* The end of the highest free group in word @w or below; 0 if there is none. */
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
 * @granule: pages, a power of two up to PGA_SMALL_GRANULE
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
