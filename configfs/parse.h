/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_CONFIGFS_PARSE_H
#define PAGEALLOC_CONFIGFS_PARSE_H

int pga_parse_pages(const char *text, unsigned long *nr);
int pga_parse_number(const char *text, unsigned int base, unsigned long min,
		     unsigned long max, unsigned long *value);
int pga_parse_word(const char *text, const char * const *words);

#endif
