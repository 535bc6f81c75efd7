/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_SPANS_H
#define PAGEALLOC_SPAN_SPANS_H

#include <linux/container_of.h>

#include "engine/map.h"
#include "engine/span/node.h"
#include "engine/span/tract.h"

/**
 * struct pga_spans - the span engine
 * @map: what all engines begin with
 * @ready: ready spans, by length
 * @gone: discarded spans, by length
 * @by_address: the spans of both
 * @tracts: what it has grown by
 * @granule: pages in a granule, 1 if a granule is no larger than a page
 * @sweeps: how many sweeps for everything there have been
 *
 * Protected by the pool's lock.
 */
struct pga_spans {
	struct pga_map map;
	struct rb_root ready;
	struct rb_root gone;
	struct rb_root by_address;
	struct pga_tracts tracts;
	unsigned long granule;
	unsigned int sweeps;
};

static_assert(sizeof(struct pga_spans) <= PGA_MAP_SIZE);

static __always_inline struct pga_spans *pga_spans_of(const struct pga_map *map)
{
	return container_of(map, struct pga_spans, map);
}

#endif
