/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_MAPPING_H
#define PAGEALLOC_HEAP_MAPPING_H

#include "buffer.h"

struct vm_area_struct;

int pgh_map(struct pgh_buffer *buffer, struct vm_area_struct *vma);

#endif
