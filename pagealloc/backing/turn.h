/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_TURN_H
#define PAGEALLOC_BACKING_TURN_H

#include <linux/list.h>

/**
 * struct pga_turn - a range of frames that a take works on, or waits for
 * @node: in the list of all turns
 * @start: first frame, a multiple of the unit
 * @end: behind the last frame, a multiple of the unit
 */
struct pga_turn {
	struct list_head node;
	unsigned long start;
	unsigned long end;
};

int pga_turn_begin(struct pga_turn *turn, unsigned long pfn, unsigned long nr);
void pga_turn_end(struct pga_turn *turn);
unsigned long pga_turn_unit(void);

#endif
