/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_DEVICE_H
#define PAGEALLOC_HEAP_DEVICE_H

#include "heap.h"

int pgh_device_init(void);
void pgh_device_exit(void);

struct pgh_heap *pgh_device_alloc(void);
int pgh_device_add(struct pgh_heap *heap);
void pgh_device_remove(struct pgh_heap *heap);

#endif
