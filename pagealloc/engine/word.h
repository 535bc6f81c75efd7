/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_WORD_H
#define PAGEALLOC_ENGINE_WORD_H

/*
 * Runs of ones in one word, found by folding.
 *
 * word & word >> 1 leaves a one where two ones in a row begin.  The same with a
 * shift by two leaves one where four begin, and so on.  A run of any length
 * takes six steps at most.
 */

#include <linux/bitops.h>
#include <linux/minmax.h>

/* Leave a one at each place where @nr ones in a row begin. */
static __always_inline unsigned long pga_word_fold(unsigned long word, unsigned int nr)
{
	unsigned int step = 1;

	while (nr > 1) {
		step = min(step, nr - 1);
		word &= word >> step;
		nr -= step;
		step *= 2;
	}
	return word;
}

/**
 * pga_word_find_run() - find the first run of ones in a word
 * @word: the word
 * @nr: length of the run, 1 to 64
 *
 * Return: the bit it starts at, 64 when there is none.
 */
static inline unsigned int pga_word_find_run(unsigned long word, unsigned int nr)
{
	word = pga_word_fold(word, nr);
	return word ? __ffs(word) : BITS_PER_LONG;
}

/*
 * Do two ones of @busy, with @max places between them at most, enclose all of
 * @some?  No place is in both.
 */
static __always_inline bool pga_word_within(unsigned long busy, unsigned long some,
					    unsigned long max)
{
	const unsigned int first = __ffs(some), last = __fls(some);
	const unsigned long below = busy & (BIT(first) - 1), above = busy >> last;

	return below && above && last + __ffs(above) - __fls(below) - 1 <= max;
}

#endif
