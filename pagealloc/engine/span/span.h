/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_SPAN_H
#define PAGEALLOC_SPAN_SPAN_H

#include "engine/span/spans.h"

void pga_spans_init(struct pga_map *map, unsigned long page_bytes,
		    unsigned long granule_bytes);
void pga_spans_missing(const struct pga_map *map, unsigned long page,
		       unsigned long nr, struct pga_parts *parts);
bool pga_spans_grow(struct pga_map *map, unsigned long page, unsigned long nr,
		    enum pga_made made, struct pga_parts *parts);
void pga_spans_drain(struct pga_map *map, void (*release)(const void *memory));
bool pga_spans_hold(struct pga_map *map, unsigned long page, unsigned long nr,
		    bool use);
bool pga_spans_put(struct pga_map *map, unsigned long page, unsigned long nr,
		   enum pga_made made, bool used);
unsigned long pga_spans_unpark(struct pga_map *map, unsigned int budget);
unsigned int pga_spans_take_words(struct pga_map *map, unsigned long page,
				  enum pga_which which, unsigned int words,
				  unsigned int pages, struct pga_cache *taken);
u64 pga_spans_put_word(struct pga_map *map, unsigned long page, u64 owned,
		       u64 discarded);
void pga_spans_set_age(const struct pga_spans *s, struct pga_span *span,
		       unsigned long since);

#endif
