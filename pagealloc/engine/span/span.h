/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_SPAN_H
#define PAGEALLOC_ENGINE_SPAN_H

#include <linux/list.h>

#include "engine/chunk.h"
#include "engine/bitmap/fit.h"
#include "engine/span/tree.h"

/* Nodes that the reserve should have. */
#define PGA_SPAN_RESERVE	128

/**
 * struct pga_tract - pages that the engine has grown by in one step
 * @node: in the tree of tracts, by address
 * @list: among the tracts with parked pages, if it has any
 * @start: first page
 * @nr: pages
 * @nr_parked: pages that are free, but for which there was no node
 * @discarded: which of them are; behind @parked
 * @parked: which they are, a bit a page
 */
struct pga_tract {
	struct rb_node node;
	struct list_head list;
	unsigned long start;
	unsigned long nr;
	unsigned long nr_parked;
	unsigned long *discarded;
	unsigned long parked[];
};

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
 * @tracts: struct pga_tract, by address
 * @parked_in: those of them with parked pages
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
	struct rb_root tracts;
	struct list_head parked_in;
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

/**
 * struct pga_span_sweep - a search for spans to give back; zero at first
 * @over: nothing is left
 * @number: of the sweep, if it is for everything
 * @nr: length of the span that it has got to, 0 before the first
 * @start: where that span began then
 * @below: look below this page in it, then for the next shorter span
 */
struct pga_span_sweep {
	bool over;
	unsigned int number;
	unsigned long nr;
	unsigned long start;
	unsigned long below;
};

/* Sweeps are told apart by so many numbers, from 1 up and around. */
#define PGA_SPAN_SWEEPS		((1U << 23) - 1)

void pga_spans_init(struct pga_spans *s, unsigned long page_bytes,
		    unsigned long granule_bytes);
size_t pga_spans_tract_size(unsigned long nr);
void pga_spans_grow(struct pga_spans *s, unsigned long page, unsigned long nr,
		    enum pga_made made, struct pga_tract *tract);
void pga_spans_feed(struct pga_spans *s, struct pga_span *span);
struct pga_span *pga_spans_surplus(struct pga_spans *s);
unsigned long pga_spans_unpark(struct pga_spans *s, unsigned int budget);
void pga_spans_drain(struct pga_spans *s, void (*release)(const void *memory));
size_t pga_spans_bytes(const struct pga_spans *s);

unsigned long pga_spans_find(const struct pga_spans *s, enum pga_which which,
			     unsigned long nr);
bool pga_spans_fit(const struct pga_spans *s, struct pga_fit *fit,
		   unsigned int budget, unsigned long *page);
unsigned long pga_spans_longest(const struct pga_spans *s);
bool pga_spans_test(const struct pga_spans *s, unsigned long page,
		    unsigned long nr, bool allocated);
unsigned long pga_spans_busy(const struct pga_spans *s, unsigned long page,
			     unsigned long end);
bool pga_spans_next_discarded(const struct pga_spans *s, unsigned long page,
			      unsigned long end, struct pga_extent *extent);
const struct pga_tract *pga_spans_tract(const struct pga_spans *s,
					unsigned long page);
unsigned long pga_spans_allocated(const struct pga_spans *s, unsigned long page);
void pga_spans_read_chunk(const struct pga_spans *s, unsigned long i,
			  struct pga_chunk *chunk);

bool pga_spans_hold(struct pga_spans *s, unsigned long page, unsigned long nr);
bool pga_spans_put(struct pga_spans *s, unsigned long page, unsigned long nr,
		   enum pga_made made);
unsigned int pga_spans_take_words(struct pga_spans *s, unsigned long page,
				  enum pga_which which, unsigned int words,
				  unsigned int pages, struct pga_cache *taken);
u64 pga_spans_put_word(struct pga_spans *s, unsigned long page, u64 owned,
		       u64 discarded);

bool pga_spans_next_idle(struct pga_spans *s, bool aged,
			 struct pga_span_sweep *sweep, unsigned int budget,
			 unsigned long max, unsigned long huge,
			 struct pga_extent *extent);
/**
 * struct pga_span_state - a span, for whoever wants to see it
 * @pages: which
 * @discarded: all of them are; otherwise all of them are ready
 * @idle: nanoseconds for which they have been idle, as far as ticks tell;
 *	  PGA_NEVER_IDLE if nothing of them is waiting to be given back
 */
struct pga_span_state {
	struct pga_extent pages;
	bool discarded;
	unsigned long idle;
};

bool pga_spans_next(const struct pga_spans *s, unsigned long page,
		    struct pga_span_state *state);

void pga_spans_pass_by(struct pga_spans *s, const struct pga_span_sweep *sweep,
		       unsigned long page);
bool pga_spans_any_idle(const struct pga_spans *s);

/**
 * struct pga_span_fault - something that pga_spans_verify() found wrong
 * @what: which rule
 * @page: where
 * @got: what is there
 * @want: what should be
 */
struct pga_span_fault {
	const char *what;
	unsigned long page;
	unsigned long got;
	unsigned long want;
};

bool pga_spans_verify(const struct pga_spans *s, unsigned long *page,
		      unsigned int budget, struct pga_span_fault *fault);

#endif
