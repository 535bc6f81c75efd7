/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_TESTLIB_H
#define PAGEALLOC_KUNIT_TESTLIB_H

/*
 * The folder lib/ holds what several suites use.
 *
 * This file: random numbers with a seed in the log, a slow and simple model of an
 * allocator, and memory for the growth of an engine.
 */

#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/prandom.h>

#include "engine/bitmap/bitmap.h"
#include "engine/bitmap/bits.h"
#include "engine/bitmap/candidate.h"
#include "engine/bitmap/engine.h"
#include "engine/word.h"

/* Test parameters from an array whose elements have a name; 6.1 lacks the macro. */
#define PGAT_ARRAY_PARAM(prefix, array)					\
	static void prefix##_desc(typeof(&(array)[0]) p, char *desc)	\
	{								\
		strscpy(desc, p->name, KUNIT_PARAM_DESC_SIZE);		\
	}								\
	KUNIT_ARRAY_PARAM(prefix, array, prefix##_desc)

/* Each access to memory is checked: what repeats something often does so less often. */
#define PGAT_SLOW	(IS_ENABLED(CONFIG_KASAN) || IS_ENABLED(CONFIG_KCSAN))

/* The engine of pools under test, for struct pagealloc_config. */
const char *pgat_engine(void);

/* Random numbers.  pgat_random() writes the seed to the test's log. */
struct rnd_state pgat_random(struct kunit *test);
unsigned long pgat_below(struct rnd_state *random, unsigned long limit);
unsigned long pgat_length(struct rnd_state *random, unsigned long limit);
void pgat_random_map(struct rnd_state *random, unsigned long *map,
		     unsigned int nr);

/* The longest time to wait for an event, or to loop; in jiffies. */
#define PGAT_PATIENCE	(100UL * HZ)

void pgat_alive(void);
bool pgat_go_on(unsigned long start);

/* The state of a page of the model.  All pages outside its windows are holes. */
enum pgat_state {
	PGAT_HOLE,
	PGAT_BUSY,
	PGAT_READY,
	PGAT_DISCARDED,
	/* Only where a test tells these from pages that are busy. */
	PGAT_HELD,
	PGAT_PARKED_READY,
	PGAT_PARKED_DISCARDED,
};

/**
 * struct pgat_window - a range of pages in a model
 * @start: first page
 * @end: the page after the last
 * @cell: an enum pgat_state for each cell
 */
struct pgat_window {
	unsigned long start;
	unsigned long end;
	u8 *cell;
};

#define PGAT_WINDOWS_MAX	8

/**
 * struct pgat_model - the state of each page
 * @shift: a cell is 1 << @shift pages in the same state; more than 0 for a model of
 *	   a large pool
 * @nr_windows: windows in use
 * @window: the windows in address order; they may be adjacent
 */
struct pgat_model {
	unsigned int shift;
	unsigned int nr_windows;
	struct pgat_window window[PGAT_WINDOWS_MAX];
};

struct pgat_model *pgat_model_create(struct kunit *test, unsigned int shift);
void pgat_model_window(struct kunit *test, struct pgat_model *model,
		       unsigned long start, unsigned long nr);
enum pgat_state pgat_model_get(const struct pgat_model *model,
			       unsigned long page);
void pgat_model_set(struct pgat_model *model, unsigned long page,
		    unsigned long nr, enum pgat_state state);
bool pgat_model_is(const struct pgat_model *model, unsigned long page,
		   unsigned long nr, enum pgat_state state);
unsigned long pgat_model_count(const struct pgat_model *model,
			       enum pgat_state state);
unsigned long pgat_model_longest(const struct pgat_model *model,
				 enum pga_which which);
bool pgat_model_run(const struct pgat_model *model, enum pga_which which,
		    unsigned long from, unsigned long end,
		    struct pga_extent *run);
unsigned long pgat_model_find(const struct pgat_model *model,
			      enum pga_which which, unsigned long nr);
struct pga_sum pgat_model_sum(const struct pgat_model *model,
			      enum pga_which which, unsigned long start,
			      unsigned long nr);

/* The rules for a candidate, page by page. */
struct pga_candidate pgat_candidate(const unsigned long *busy,
				    unsigned int from, unsigned int granule,
				    unsigned long max, unsigned int huge);

/* Memory for the growth of an engine. */
void pgat_parts_get(struct kunit *test, struct pga_parts *parts);
void pgat_parts_put(struct pga_parts *parts);
void pgat_release(const void *memory);

/* An engine and its model; a growth changes both, a check compares them. */
struct pgat_pair {
	struct pga_bitmap bitmap;
	struct pga_map *map;
	struct pgat_model *model;
};

struct pgat_pair *pgat_pair_create(struct kunit *test, unsigned int shift);
void pgat_pair_free(struct pgat_pair *pair);
void pgat_pair_grow(struct kunit *test, struct pgat_pair *pair,
		    unsigned long page, unsigned long nr, enum pga_made made);

void pgat_check_sum(struct kunit *test, struct pga_sum got, struct pga_sum want,
		    unsigned int level, unsigned long at);
void pgat_check_maps(struct kunit *test, const struct pgat_pair *pair);
void pgat_check_sums(struct kunit *test, const struct pgat_pair *pair);

/* A random range inside one window. */
struct pga_extent pgat_random_range(struct rnd_state *random,
				    const struct pgat_model *model);

/* The regions of a pool, for tables, in the order in which it grows. */
struct pgat_layout {
	const char *name;
	struct pga_extent region[PGAT_WINDOWS_MAX];
};

#endif
