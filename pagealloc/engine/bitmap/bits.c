// SPDX-License-Identifier: GPL-2.0
/*
 * Runs and counts in the maps of one chunk.
 *
 * A map has 512 bits.  A one is a busy page: allocated for the free tree,
 * allocated or discarded for the ready tree.  A free run is a row of zeroes.
 *
 * Everything here works on whole words.  A run that touches the end of a word
 * is carried on into the next one; runs inside a word are found by folding
 * (engine/word.h).
 *
 * The words of a chunk are to the chunk what eight chunks are to the stretch
 * above them.  So when pages of one word have become free, the neighbours of
 * the word tell the new summary of the chunk (pga_sum_grow()).
 *
 * Pure functions: no locks, no allocation.  The ideas are the Go runtime's
 * (src/runtime/mpallocbits.go).
 */

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/find.h>

#include "engine/bitmap/bits.h"
#include "engine/word.h"
#include "base/kunit_export.h"

/* The page after the last busy one below the word of @page, 0 if there is none. */
static unsigned int last_before(const unsigned long *busy, unsigned int page)
{
	unsigned int w = BIT_WORD(page);

	while (w--)
		if (busy[w])
			return w * BITS_PER_LONG + __fls(busy[w]) + 1;
	return 0;
}

/* Ones at the low end of @word, and at its high end. */
static __always_inline unsigned int low_run(unsigned long word)
{
	return word == ~0UL ? BITS_PER_LONG : ffz(word);
}

static __always_inline unsigned int high_run(unsigned long word)
{
	return word == ~0UL ? BITS_PER_LONG : BITS_PER_LONG - 1 - __fls(~word);
}

/**
 * pga_bits_find() - first fit in one chunk
 * @busy: map of the chunk, 1 is busy
 * @nr: pages wanted, 1 to 512
 * @from: a page that is not above the first free one, a hint
 * @first_free: set to the first free page, 512 if there is none before the
 *		result was known
 *
 * Return: the lowest page at which @nr free pages begin, 512 when none do.
 */
unsigned int pga_bits_find(const unsigned long *busy, unsigned int nr,
			   unsigned int from, unsigned int *first_free)
{
	unsigned int w, page, pos, run = 0;

	*first_free = PGA_CHUNK_PAGES;
	for (w = from / BITS_PER_LONG; w < PGA_CHUNK_WORDS; w++) {
		const unsigned long free = ~busy[w];

		page = w * BITS_PER_LONG;
		if (!free) {
			run = 0;
			continue;
		}
		if (*first_free == PGA_CHUNK_PAGES)
			*first_free = page + __ffs(free);
		if (run + low_run(free) >= nr)
			return page - run;
		if (free == ~0UL) {
			run += BITS_PER_LONG;
			continue;
		}
		if (nr < BITS_PER_LONG) {
			pos = pga_word_find_run(free, nr);
			if (pos < BITS_PER_LONG)
				return page + pos;
		}
		run = high_run(free);
	}
	return PGA_CHUNK_PAGES;
}
PGA_EXPORT_FOR_KUNIT(pga_bits_find);

/* The longest run in @free if it is longer than @max, otherwise @max. */
static unsigned int longer_run(unsigned long free, unsigned int max)
{
	free = pga_word_fold(free, max + 1);
	while (free) {
		free &= free >> 1;
		max++;
	}
	return max;
}

/**
 * pga_bits_summarize() - summary of a chunk from its map
 * @busy: map of the chunk, 1 is busy
 *
 * Return: its free pages at the start, longest run, and at the end.
 */
struct pga_sum pga_bits_summarize(const unsigned long *busy)
{
	struct pga_sum s = {};
	unsigned int w, run = 0;
	bool broken = false;

	for (w = 0; w < PGA_CHUNK_WORDS; w++) {
		const unsigned long free = ~busy[w];

		if (!free && !run) {
			broken = true;
			continue;
		}
		run += low_run(free);
		if (free == ~0UL)
			continue;
		if (!broken) {
			broken = true;
			s.start = run;
		}
		s.max = max_t(unsigned long, s.max, run);
		run = high_run(free);
		/* Not worth a look unless more than max fits in the word. */
		if (s.max < BITS_PER_LONG - 2)
			s.max = longer_run(free, s.max);
	}
	if (!broken)
		s.start = run;
	s.max = max_t(unsigned long, s.max, run);
	s.end = run;
	return s;
}
PGA_EXPORT_FOR_KUNIT(pga_bits_summarize);

/* A word as a part of its chunk, but for its longest run. */
static __always_inline struct pga_sum word_at(const void *busy, unsigned int w)
{
	const unsigned long free = ~((const unsigned long *)busy)[w];

	return (struct pga_sum) { .start = low_run(free), .end = high_run(free) };
}

/**
 * pga_bits_grow() - summary of a chunk after pages of one word of it became
 * free
 * @busy: map of the chunk, 1 is busy
 * @sum: the summary before
 * @w: the word
 *
 * Return: the summary now.
 */
struct pga_sum pga_bits_grow(const unsigned long *busy, struct pga_sum sum,
			     unsigned int w)
{
	struct pga_sum is = word_at(busy, w);

	is.max = sum.max < BITS_PER_LONG ? longer_run(~busy[w], sum.max) : 0;
	return pga_sum_grow(sum, word_at, busy, w, BITS_PER_LONG, is);
}
PGA_EXPORT_FOR_KUNIT(pga_bits_grow);

/**
 * pga_bits_around() - the free run around a part of a chunk that is free
 * @busy: map of the chunk, 1 is busy
 * @start: first page of the part
 * @nr: its pages
 * @first: set to the first page of the run
 *
 * What the map says of the part itself does not matter.
 *
 * Return: pages in the run.
 */
unsigned int pga_bits_around(const unsigned long *busy, unsigned int start,
			     unsigned int nr, unsigned int *first)
{
	unsigned int end = start + nr;
	unsigned long word;

	/* Most runs do not get out of their words. */
	word = busy[BIT_WORD(start)] & (BIT_MASK(start) - 1);
	if (word)
		*first = ALIGN_DOWN(start, BITS_PER_LONG) + __fls(word) + 1;
	else
		*first = start < BITS_PER_LONG ? 0 : last_before(busy, start);
	if (end < PGA_CHUNK_PAGES)
		end = find_next_bit(busy, PGA_CHUNK_PAGES, end);
	return end - *first;
}
PGA_EXPORT_FOR_KUNIT(pga_bits_around);

/**
 * pga_bits_weight() - count the ones in a part of a map
 * @map: map of a chunk
 * @start: first page
 * @nr: pages, at least 1; @start + @nr is at most 512
 *
 * Return: how many of the @nr bits are set.
 */
unsigned int pga_bits_weight(const unsigned long *map, unsigned int start,
			     unsigned int nr)
{
	const unsigned int last = start + nr - 1;
	const unsigned int first_word = BIT_WORD(start), last_word = BIT_WORD(last);
	const unsigned long low = BITMAP_FIRST_WORD_MASK(start);
	const unsigned long high = BITMAP_LAST_WORD_MASK(last + 1);
	unsigned int w, weight;

	if (first_word == last_word)
		return hweight_long(map[first_word] & low & high);
	weight = hweight_long(map[first_word] & low);
	for (w = first_word + 1; w < last_word; w++)
		weight += hweight_long(map[w]);
	return weight + hweight_long(map[last_word] & high);
}
PGA_EXPORT_FOR_KUNIT(pga_bits_weight);
