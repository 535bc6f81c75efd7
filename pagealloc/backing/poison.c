// SPDX-License-Identifier: GPL-2.0
/*
 * Poison: what discarded memory is filled with where it cannot be taken away.
 *
 * Each word of eight bytes gets a value of its own, made from its physical
 * address.  So a stray write is seen whatever it writes, unless it happens to
 * write the very poison of that word; a page of poison copied to another place
 * is seen too; and a pointer or a length read from poison is absurd: the upper
 * bits are those of no address that a processor takes.
 *
 * Memory that is read while discarded goes unnoticed.
 */

#include <linux/bug.h>
#include <linux/limits.h>

#include "backing/poison.h"
#include "base/kunit_export.h"

/* Not canonical on any architecture, and no bit pattern that is common. */
#define POISON	0x6b9ad15ca2dead17ULL

/**
 * pga_poison_word() - what a word of discarded memory contains
 * @phys: its address
 *
 * Return: the poison of that word and no other.
 */
u64 pga_poison_word(phys_addr_t phys)
{
	return POISON ^ (u64)phys;
}
PGA_EXPORT_FOR_KUNIT(pga_poison_word);

/**
 * pga_poison() - fill memory with poison
 * @memory: where it is mapped
 * @phys: its address
 * @len: bytes; it begins and ends on a word
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
 * pga_poison_intact() - how much of the poison is still there?
 * @memory: where it is mapped
 * @phys: its address
 * @len: bytes; it begins and ends on a word
 *
 * Return: bytes before the first word that is not poison, @len if all are.
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
