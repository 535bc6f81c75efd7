/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_FUZZ_FUZZ_H
#define PAGEALLOC_FUZZ_FUZZ_H

/*
 * Operations from bytes, performed on both engines and on a flat model of each.
 *
 *	rules.c		what the contract of engine/map.h says, on the model
 *	check.c		an engine against its model
 *	operations.c	the operations
 *	input.c		an input: the pool it makes, and its operations
 *
 * Each engine has a model of its own, since the engines place runs differently.
 * The same bytes pick pages by their state in the model, so an operation is
 * allowed on both, although it may be about other pages.
 */

#include <kunit/test.h>

#include "engine/map.h"
#include "lib/testlib.h"

/* Pages of the largest layout. */
#define FUZZ_PAGES_MAX		8192
#define FUZZ_REGIONS_MAX	8

/**
 * struct fuzz_op - an operation, as its bytes have it
 * @what: which one
 * @where: picks a page
 * @length: picks a number of pages
 * @flags: the operation's own
 */
struct fuzz_op {
	u8 what;
	u8 where[2];
	u8 length;
	u8 flags;
};

/**
 * struct fuzz_region - a region of the pool
 * @pages: its pages
 * @grown: how many of them the engine has grown by
 */
struct fuzz_region {
	struct pga_extent pages;
	unsigned long grown;
};

/**
 * struct fuzz_tract - a growth, as the span engine has it
 * @pages: its pages
 * @turn: when pages of it were parked first, 0 if none are
 */
struct fuzz_tract {
	struct pga_extent pages;
	unsigned long turn;
};

#define FUZZ_TRACTS_MAX		256

/**
 * struct fuzz_side - an engine and what is known of it
 * @map: the engine
 * @room: memory for it
 * @test: the test
 * @model: a state for each page
 * @region: regions of the pool, in the order of the layout
 * @nr_regions: how many
 * @granule: pages of a granule
 * @hungry: nodes are fed by an operation only, otherwise before each one
 * @nodes: nodes that it has been given, span engine only
 * @bytes: memory that it has been given
 * @tract: growths, in their order
 * @nr_tracts: how many
 * @turn: of the last tract that got a parked page
 * @damage: discarded pages that were made to meet inside a granule
 * @since: for each page, when pages came to its run (span engine), or when pages
 *	   of its chunk were freed (bitmap engine)
 * @delay_since: when the delay was set
 * @refused: a backing has refused something
 * @fit: a search under way
 * @fitting: it is under way
 * @sweep: a sweep under way
 * @sweeping: it is under way
 * @changed: pages have changed since @fit went on
 * @low: the lowest page that has changed in this operation
 * @high: the page after the highest one
 */
struct fuzz_side {
	union {
		struct pga_map map;
		u8 room[PGA_MAP_SIZE];
	};
	struct kunit *test;
	struct pgat_model *model;
	struct fuzz_region region[FUZZ_REGIONS_MAX];
	unsigned int nr_regions;
	unsigned long granule;
	bool hungry;
	unsigned long nodes;
	size_t bytes;
	struct fuzz_tract tract[FUZZ_TRACTS_MAX];
	unsigned int nr_tracts;
	unsigned long turn;
	struct pga_extent damage[2];
	u64 since[FUZZ_PAGES_MAX];
	u64 delay_since;
	bool refused;
	struct pga_fit fit;
	bool fitting;
	struct pga_sweep sweep;
	bool sweeping;
	bool changed;
	unsigned long low;
	unsigned long high;
};

/* Does it have the span engine's rules? */
static inline bool fuzz_is_span(const struct fuzz_side *s)
{
	return s->map.ops->best_fit;
}

static inline enum pgat_state fuzz_at(const struct fuzz_side *s, unsigned long page)
{
	return pgat_model_get(s->model, page);
}

static inline bool fuzz_is_free(enum pgat_state state)
{
	return state == PGAT_READY || state == PGAT_DISCARDED;
}

static inline bool fuzz_is_parked(enum pgat_state state)
{
	return state == PGAT_PARKED_READY || state == PGAT_PARKED_DISCARDED;
}

/* The states of pages that may be freed, used or put. */
#define FUZZ_USED		BIT(PGAT_BUSY)
#define FUZZ_HELD		BIT(PGAT_HELD)
#define FUZZ_FREE		(BIT(PGAT_READY) | BIT(PGAT_DISCARDED))

/* rules.c */
unsigned long fuzz_index(const struct fuzz_side *s, unsigned long page);
unsigned long fuzz_row_start(const struct fuzz_side *s, unsigned long page,
			     unsigned long states);
unsigned long fuzz_row_end(const struct fuzz_side *s, unsigned long page,
			   unsigned long states);
struct pga_extent fuzz_span_at(const struct fuzz_side *s, unsigned long page);
unsigned long fuzz_spans(const struct fuzz_side *s);
void fuzz_hold(struct fuzz_side *s, struct pga_extent e, enum pgat_state state);
void fuzz_use(struct fuzz_side *s, struct pga_extent e);
void fuzz_put(struct fuzz_side *s, struct pga_extent e, bool discarded, bool used);
unsigned long fuzz_unpark(struct fuzz_side *s, unsigned int budget);
unsigned int fuzz_take_words(struct fuzz_side *s, unsigned long page,
			     enum pga_which which, unsigned int words,
			     unsigned int pages, struct pga_cache *taken);
u64 fuzz_put_word(struct fuzz_side *s, unsigned long page, u64 owned, u64 discarded);
unsigned long fuzz_find(const struct fuzz_side *s, enum pga_which which,
			unsigned long nr);
bool fuzz_allows(const struct pga_constraint *where, unsigned long page);
unsigned long fuzz_fit(const struct fuzz_side *s, enum pga_which which,
		       const struct pga_constraint *where);

/* check.c */
void fuzz_check(struct fuzz_side *s);
void fuzz_check_all(struct fuzz_side *s);
void fuzz_verify(struct fuzz_side *s);

/* operations.c */
void fuzz_grow(struct fuzz_side *s, struct fuzz_region *r, unsigned long nr,
	       enum pga_made made, unsigned int missing);
void fuzz_feed(struct fuzz_side *s, unsigned int nr);
void fuzz_operation(struct fuzz_side *s, const struct fuzz_op *op);

/* input.c */
__printf(2, 3)
void fuzz_tell(const struct fuzz_side *s, const char *fmt, ...);

#endif
