/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_CLAIM_H
#define PAGEALLOC_BACKING_CLAIM_H

#include <linux/types.h>

/**
 * struct pga_claim - a physical range claimed for a carve-out
 * @base: first byte
 * @size: bytes
 * @name: name of our entry in /proc/iomem; NULL if there is none
 * @is_ram: the range is reserved System RAM
 */
struct pga_claim {
	phys_addr_t base;
	u64 size;
	char *name;
	bool is_ram;
};

int pga_claim(struct pga_claim *claim, unsigned int flags);
bool pga_claim_can_ask(void);
void pga_unclaim(struct pga_claim *claim);

#endif
