/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_PARTS_H
#define PAGEALLOC_ENGINE_PARTS_H

#include <linux/types.h>

/* Pieces of memory that growth may need. */
#define PGA_PARTS	11

/**
 * struct pga_parts - memory for growth
 * @size: bytes of each piece, as pga_memory_size() rounds them; 0 if it is not
 *	  needed
 * @memory: the pieces, zeroed; NULL once the engine has taken them
 */
struct pga_parts {
	size_t size[PGA_PARTS];
	void *memory[PGA_PARTS];
};

/* Take a piece, if it is there. */
static inline void *pga_parts_take(struct pga_parts *parts, unsigned int i)
{
	void *memory = parts->memory[i];

	parts->memory[i] = NULL;
	return memory;
}

/* Bytes of the pieces that are there. */
static inline size_t pga_parts_bytes(const struct pga_parts *parts)
{
	size_t bytes = 0;
	unsigned int i;

	for (i = 0; i < PGA_PARTS; i++)
		if (parts->memory[i])
			bytes += parts->size[i];
	return bytes;
}

#endif
