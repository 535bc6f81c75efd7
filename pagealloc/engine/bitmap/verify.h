/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_VERIFY_H
#define PAGEALLOC_BITMAP_VERIFY_H

#include "engine/map.h"

bool pga_bitmap_verify(const struct pga_map *map, struct pga_verify *v);

#endif
