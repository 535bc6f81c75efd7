/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_TESTLIB_H
#define PAGEALLOC_KUNIT_TESTLIB_H

/*
 * What the suites share: random numbers that a log lets one repeat, a slow
 * and obvious model of an allocator, and the memory an engine grows by.
 */

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/prandom.h>

#include "engine/bitmap/bitmap.h"
#include "engine/candidate.h"

/* Parameters from an array whose elements have a name; 6.1 lacks the macro. */
#define PGAT_ARRAY_PARAM(prefix, array)					\
	static void prefix##_desc(typeof(&(array)[0]) p, char *desc)	\
	{								\
		strscpy(desc, p->name, KUNIT_PARAM_DESC_SIZE);		\
	}								\
	KUNIT_ARRAY_PARAM(prefix, array, prefix##_desc)

/* The engine of the pools under test, for struct pagealloc_config. */
const char *pgat_engine(void);

/* Random numbers.  The seed stands in the log of each test that asks. */
struct rnd_state pgat_random(struct kunit *test);
unsigned long pgat_below(struct rnd_state *random, unsigned long limit);
unsigned long pgat_length(struct rnd_state *random, unsigned long limit);
void pgat_random_map(struct rnd_state *random, unsigned long *map,
		     unsigned int nr);

void pgat_alive(void);
bool pgat_go_on(unsigned long start);

/* On the slowest machine what must happen does so in less than that. */
#define PGAT_PATIENCE	(100UL * HZ)

/* Wait until something is so; is it? */
#define pgat_wait_for(condition) ({					\
	const unsigned long end_ = jiffies + PGAT_PATIENCE;		\
									\
	while (!(condition) && time_before(jiffies, end_)) {		\
		pgat_alive();						\
		usleep_range(500, 1500);				\
	}								\
	!!(condition);							\
})

/* What a page of the model is.  Everything outside its windows is a hole. */
enum pgat_state {
	PGAT_HOLE,
	PGAT_BUSY,
	PGAT_READY,
	PGAT_DISCARDED,
};

/**
 * struct pgat_window - a stretch of pages a model knows about
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
 * struct pgat_model - what each page is, and nothing else
 * @shift: a cell is 1 << @shift pages, all in one state: 0, or more for a
 *	   model of a large pool
 * @nr_windows: windows in use
 * @window: the windows in address order; neighbours may touch
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

/* The candidate rules, page by page. */
struct pga_candidate pgat_candidate(const unsigned long *busy,
				    unsigned int from, unsigned int granule,
				    unsigned long max, unsigned int huge);

/* Memory for the growth of an engine. */
void pgat_supply(struct kunit *test, const struct pga_store *store,
		 unsigned long page, unsigned long nr,
		 struct pga_supply *supply);
void pgat_supply_free(struct pga_supply *supply);
void pgat_release(const void *memory);

/* An engine beside its model; growth and checks do both. */
struct pgat_pair {
	struct pga_bitmap map;
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

/* A random range that lies in one window. */
struct pga_extent pgat_random_range(struct rnd_state *random,
				    const struct pgat_model *model);

/* A pool's regions as tables have them, in the order in which it grows. */
struct pgat_layout {
	const char *name;
	struct pga_extent region[PGAT_WINDOWS_MAX];
};

#endif
