/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_VERIFY_H
#define PAGEALLOC_SPAN_VERIFY_H

#include "engine/map.h"

bool pga_spans_verify(const struct pga_map *map, struct pga_verify *v);

#endif
