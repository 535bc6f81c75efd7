// SPDX-License-Identifier: GPL-2.0
/*
 * Poison: the pattern that fills discarded memory which stays mapped.
 *
 * Each word of eight bytes has a value of its own, computed from its physical
 * address.  A stray write is detected unless it writes exactly this value.  A page
 * of poison that is copied to another page is detected too.  A pointer read from
 * poison is invalid, since no processor accepts its upper bits in an address.
 *
 * Reads of discarded memory are not detected.
 */

#include <linux/bug.h>
#include <linux/limits.h>

#include "backing/poison.h"
#include "base/kunit_export.h"

/* Not a canonical address on any architecture, and not a common bit pattern. */
#define POISON	0x6b9ad15ca2dead17ULL

/**
 * pga_poison_word() - the poison of a word
 * @phys: physical address of the word
 *
 * Return: the value.
 */
u64 pga_poison_word(phys_addr_t phys)
{
	return POISON ^ (u64)phys;
}
PGA_EXPORT_FOR_KUNIT(pga_poison_word);

/**
 * pga_poison() - fill memory with poison
 * @memory: where the memory is mapped
 * @phys: its physical address
 * @len: bytes, whole words
 */
void pga_poison(void *memory, phys_addr_t phys, size_t len)
{
	u64 *word = memory;
	size_t i;

	for (i = 0; i < len / sizeof(*word); i++)
		word[i] = pga_poison_word(phys + i * sizeof(*word));
}
PGA_EXPORT_FOR_KUNIT(pga_poison);

/**
 * pga_poison_intact() - verify poison
 * @memory: where the memory is mapped
 * @phys: its physical address
 * @len: bytes, whole words
 *
 * Return: bytes before the first word that has lost its poison, @len if none has.
 */
size_t pga_poison_intact(const void *memory, phys_addr_t phys, size_t len)
{
	const u64 *word = memory;
	size_t i;

	for (i = 0; i < len / sizeof(*word); i++)
		if (word[i] != pga_poison_word(phys + i * sizeof(*word)))
			return i * sizeof(*word);
	return len;
}
PGA_EXPORT_FOR_KUNIT(pga_poison_intact);
