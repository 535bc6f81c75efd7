/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_LOOK_H
#define PAGEALLOC_BACKING_LOOK_H

#include <linux/types.h>

struct zone;

bool pga_look_lendable(struct zone *zone, unsigned long pfn, unsigned long nr);
int pga_look_takable(unsigned long pfn, unsigned long nr, unsigned long *nr_free);

#endif
