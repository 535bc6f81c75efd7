/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_SPAN_H
#define PAGEALLOC_ENGINE_SPAN_H

#include "engine/chunk.h"
#include "engine/span/node.h"
#include "engine/span/tract.h"

/* Nodes that the reserve should have. */
#define PGA_SPAN_RESERVE	128

/**
 * struct pga_spans - the span engine
 * @pages: pages the engine has grown by
 * @free: those of them that are in spans
 * @discarded: those of the free ones without memory behind them
 * @parked: pages that are free, but count as allocated for want of a node
 * @work: spans that were placed, or that something was cut out of, so far
 * @ready: ready spans, by length
 * @gone: discarded spans, by length
 * @by_address: the spans of both
 * @tracts: what it has grown by
 * @spare: nodes for spans to come, the reserve
 * @nr_spare: how many
 * @nr_nodes: nodes in all, spare or not
 * @tract_bytes: memory of the tracts
 * @granule: pages in a granule, 1 if a granule is no larger than a page
 * @now: the time, at the beginning of the present tick
 * @tick_shift: a tick is 2^this of the units in which time is kept here, since one
 *		may be longer or shorter than the one before
 * @sweeps: how many sweeps for everything there have been
 * @young: time for which a span must have been idle to be given back by itself
 * @damage: two discarded spans that met where no granule ends; no pages as long
 *	    as that has not happened
 *
 * Protected by the lock of the pool.
 */
struct pga_spans {
	unsigned long pages;
	unsigned long free;
	unsigned long discarded;
	unsigned long parked;
	unsigned long work;
	struct rb_root ready;
	struct rb_root gone;
	struct rb_root by_address;
	struct pga_tracts tracts;
	struct pga_span *spare;
	unsigned int nr_spare;
	unsigned long nr_nodes;
	size_t tract_bytes;
	unsigned long granule;
	unsigned long now;
	unsigned long young;
	unsigned int tick_shift;
	unsigned int sweeps;
	struct pga_extent damage[2];
};

void pga_spans_init(struct pga_spans *s, unsigned long page_bytes,
		    unsigned long granule_bytes);
void pga_spans_grow(struct pga_spans *s, unsigned long page, unsigned long nr,
		    enum pga_made made, struct pga_tract *tract);
void pga_spans_feed(struct pga_spans *s, struct pga_span *span);
struct pga_span *pga_spans_surplus(struct pga_spans *s);
unsigned long pga_spans_unpark(struct pga_spans *s, unsigned int budget);
void pga_spans_drain(struct pga_spans *s, void (*release)(const void *memory));
size_t pga_spans_bytes(const struct pga_spans *s);

bool pga_spans_hold(struct pga_spans *s, unsigned long page, unsigned long nr);
bool pga_spans_put(struct pga_spans *s, unsigned long page, unsigned long nr,
		   enum pga_made made);
unsigned int pga_spans_take_words(struct pga_spans *s, unsigned long page,
				  enum pga_which which, unsigned int words,
				  unsigned int pages, struct pga_cache *taken);
u64 pga_spans_put_word(struct pga_spans *s, unsigned long page, u64 owned,
		       u64 discarded);
void pga_spans_set_age(const struct pga_spans *s, struct pga_span *span,
		       unsigned long since);

#endif
