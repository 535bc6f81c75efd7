/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_ENGINE_H
#define PAGEALLOC_BITMAP_ENGINE_H

/*
 * engine/bitmap/ is the default engine: bitmaps, and trees of summaries over
 * them.
 */

#include "engine/map.h"

extern const struct pga_engine_ops pga_bitmap_engine;

#endif
