/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_TAKE_H
#define PAGEALLOC_BACKING_TAKE_H

struct zone;

int pga_take(struct zone *zone, unsigned long granule, unsigned long pfn,
	     unsigned long nr);

#endif
