// SPDX-License-Identifier: GPL-2.0
/* Numbers and words in attributes.  Each is strict: a text is one value and no more. */

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/string.h>

#include "base/size.h"
#include "parse.h"

/**
 * pga_parse_pages() - parse a number of bytes in whole pages
 * @text: a decimal number, or 0x and hexadecimal, with at most one of K, M, G, T
 * @nr: set to the pages
 *
 * Return: 0 or -EINVAL.
 */
int pga_parse_pages(const char *text, unsigned long *nr)
{
	unsigned long bytes;

	if (pga_parse_size(text, &bytes) || !PAGE_ALIGNED(bytes))
		return -EINVAL;
	*nr = PHYS_PFN(bytes);
	return 0;
}

/**
 * pga_parse_number() - parse a number in a range
 * @text: digits and nothing else
 * @base: 8 or 10
 * @min: the least
 * @max: the greatest
 * @value: set to the number
 *
 * Return: 0 or -EINVAL.
 */
int pga_parse_number(const char *text, unsigned int base, unsigned long min,
		     unsigned long max, unsigned long *value)
{
	unsigned long number;

	if (!isdigit(*text) || kstrtoul(text, base, &number) || number < min ||
	    number > max)
		return -EINVAL;
	*value = number;
	return 0;
}

/**
 * pga_parse_word() - find a word
 * @text: the word
 * @words: the words there are, NULL after the last one
 *
 * Return: its number, or -EINVAL.
 */
int pga_parse_word(const char *text, const char * const *words)
{
	int i;

	for (i = 0; words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	return -EINVAL;
}
