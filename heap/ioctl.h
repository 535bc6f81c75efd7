/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_IOCTL_H
#define PAGEALLOC_HEAP_IOCTL_H

#include "heap.h"

long pgh_ioctl(struct pgh_heap *heap, unsigned int cmd, unsigned long arg);

#endif
