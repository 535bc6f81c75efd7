/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_ENGINE_H
#define PAGEALLOC_SPAN_ENGINE_H

/*
 * engine/span/ is the predecessor of the default engine: free spans in trees.
 */

#include "engine/map.h"

extern const struct pga_engine_ops pga_span_engine;

#endif
