/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BASE_SIZE_H
#define PAGEALLOC_BASE_SIZE_H

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/overflow.h>
#include <linux/string.h>

/**
 * pga_parse_size() - parse a number with at most one suffix
 * @text: a decimal number, or 0x and hexadecimal, with at most one of K, M, G, T
 * @value: set to the number
 *
 * Unlike memparse(), this refuses what is not a number, and one that is too large.
 *
 * Return: 0 or -EINVAL.
 */
static inline int pga_parse_size(const char *text, unsigned long *value)
{
	static const char suffixes[] = "KMGT";
	const size_t len = strlen(text);
	unsigned int shift = 0;
	const char *suffix;
	char digits[24];

	if (!len || len >= sizeof(digits) || !isdigit(*text))
		return -EINVAL;
	strscpy(digits, text, sizeof(digits));
	suffix = strchr(suffixes, toupper(digits[len - 1]));
	if (suffix) {
		shift = 10 * (suffix - suffixes + 1);
		digits[len - 1] = '\0';
	}
	/* Not base 0: a leading zero does not make the number octal. */
	if (kstrtoul(digits, strncasecmp(digits, "0x", 2) ? 10 : 16, value))
		return -EINVAL;
	return check_shl_overflow(*value, shift, value) ? -EINVAL : 0;
}

#endif
