/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_POISON_H
#define PAGEALLOC_BACKING_POISON_H

#include <linux/types.h>

void pga_poison(void *memory, phys_addr_t phys, size_t len);
size_t pga_poison_intact(const void *memory, phys_addr_t phys, size_t len);
u64 pga_poison_word(phys_addr_t phys);

#endif
