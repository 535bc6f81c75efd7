/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_MAP_H
#define PAGEALLOC_ENGINE_MAP_H

/*
 * engine/ has the contract between a pool and its engine, and what all engines
 * share.
 *
 * An engine knows which pages of a pool are free, and which of those have
 * memory behind them.  A page is in one of four states:
 *
 *	hole		the pool has not grown by it; reads as allocated
 *	allocated	used by a client, or held for an operation of the pool
 *	ready		free, with memory behind it
 *	discarded	free, without memory
 *
 *	           grow                     hold, alloc
 *	   hole --------->  ready          ------------->  allocated
 *	                    or discarded   <-------------
 *	                                     put, free
 *
 * An operation that populates or discards free pages holds them, works without
 * the pool's lock, and puts them back in their new state.  Held pages are not
 * in use; they come into use by pga_map_use() if they were held for a client.
 * pga_map_alloc() is hold and use in one step, pga_map_free() puts pages that
 * were in use.
 *
 * The pool calls the functions pga_map_* below, and does not know which engine
 * it has.  The engine decides where a run is placed and what is given back
 * first.  Whether there is room for a run, and all counts, are the same in any
 * engine.
 *
 * An engine allocates no memory, takes no lock and reads no clock.  The caller
 * holds the pool's lock, hands in memory and tells the time.  Some engines need
 * memory for a free.  They take it from a reserve of nodes of equal size that
 * the pool fills in advance.  Pages freed while the reserve is empty are
 * parked: they count as allocated and cannot be freed again, and become free by
 * pga_map_unpark().
 */

#include <linux/compiler.h>
#include <linux/types.h>

#include "engine/chunk.h"
#include "engine/constraint.h"
#include "engine/parts.h"
#include "engine/tick.h"
#include "engine/units.h"
#include "engine/words.h"

struct pga_map;

/* Nodes that a reserve should have.  Twice as many are kept. */
#define PGA_RESERVE_NODES	128

/**
 * struct pga_count - what the pages of a range are
 * @allocated: how many are allocated
 * @free: how many are free; a parked page is neither
 */
struct pga_count {
	unsigned long allocated;
	unsigned long free;
};

/**
 * struct pga_sweep - a search for pages to give back; all zero at first but
 * @idle
 * @idle: only pages that are unlikely to be wanted soon, as the engine judges
 *	  it
 * @over: nothing is left to find
 * @state: the engine's own
 */
struct pga_sweep {
	bool idle;
	bool over;
	unsigned long state[5];
};

/**
 * struct pga_piece - what a sweep finds at a time
 * @granule: whole granules of so many pages
 * @max: pages wanted, rounded up to granules
 * @huge: pages of a huge page that small granules should not split
 */
struct pga_piece {
	unsigned long granule;
	unsigned long max;
	unsigned long huge;
};

/* For @idle of struct pga_span_state: no time. */
#define PGA_NEVER_IDLE		(~0UL)

/**
 * struct pga_span_state - a span, as the pool can see it
 * @pages: its pages
 * @discarded: all of them are discarded; otherwise all of them are ready
 * @idle: nanoseconds for which they have been idle, PGA_NEVER_IDLE if none of
 *	  them
 *	  can be given back
 */
struct pga_span_state {
	struct pga_extent pages;
	bool discarded;
	unsigned long idle;
};

/**
 * struct pga_verify - an examination of an engine; all zero at first but
 * @report
 * @stage: the engine's own
 * @page: the engine's own
 * @count: the engine's own
 * @parked: parked pages found so far
 * @report: called for each fault: the rule, the level of a summary or -1, the
 *	    page,
 *	    the value there and the value that should be
 */
struct pga_verify {
	unsigned int stage;
	unsigned long page;
	unsigned long count;
	unsigned long parked;
	void (*report)(struct pga_verify *v, const char *what, int level,
		       unsigned long page, u64 got, u64 want);
};

/*
 * An engine.  What a function does is said at the function pga_map_* of its
 * name.  Those marked as optional may be NULL.
 */
struct pga_engine_ops {
	const char *name;
	/*
	 * Bytes of its struct, which begins with a struct pga_map: PGA_MAP_SIZE
	 * at most.
	 */
	size_t size;
	/* Bytes of a node of the reserve, 0 if it needs none. */
	size_t node_size;
	/* Pages that growth can add in one critical section. */
	unsigned long grow_max;
	/* It places a run where it fits best, not at the lowest place. */
	bool best_fit;

	/* Memory and growth. */
	void (*init)(struct pga_map *map, unsigned long page_bytes,
		     unsigned long granule_bytes);
	void (*drain)(struct pga_map *map, void (*release)(const void *memory));
	void (*missing)(const struct pga_map *map, unsigned long page,
			unsigned long nr, struct pga_parts *parts);
	bool (*grow)(struct pga_map *map, unsigned long page, unsigned long nr,
		     enum pga_made made, struct pga_parts *parts);

	/* Searching and reading. */
	unsigned long (*find)(struct pga_map *map, enum pga_which which,
			      unsigned long nr);
	bool (*fit)(struct pga_map *map, struct pga_fit *fit,
		    unsigned int budget, unsigned long *page);
	unsigned long (*longest)(const struct pga_map *map);
	struct pga_count (*count)(const struct pga_map *map, unsigned long page,
				  unsigned long nr);
	bool (*next_discarded)(const struct pga_map *map, unsigned long page,
			       unsigned long end, struct pga_extent *extent);
	unsigned long (*read)(const struct pga_map *map, unsigned long page,
			      struct pga_chunk *chunk);
	bool (*next_span)(const struct pga_map *map, unsigned long page,
			  struct pga_span_state *state);	/* optional */

	/* Changing the state of pages. */
	bool (*hold)(struct pga_map *map, unsigned long page, unsigned long nr,
		     bool use);
	void (*use)(struct pga_map *map, unsigned long page,
		    unsigned long nr);				/* optional */
	bool (*put)(struct pga_map *map, unsigned long page, unsigned long nr,
		    enum pga_made made, bool used);
	unsigned long (*unpark)(struct pga_map *map,
				unsigned int budget);		/* optional */

	/* The same for 64 pages at a time, for caches. */
	const struct pga_words *(*words)(const struct pga_map *map,
					 unsigned long page);	/* optional */
	unsigned long (*allocated)(const struct pga_map *map, unsigned long page);
	unsigned int (*take_words)(struct pga_map *map, unsigned long page,
				   enum pga_which which, unsigned int words,
				   unsigned int pages, struct pga_cache *taken);
	u64 (*put_word)(struct pga_map *map, unsigned long page, u64 owned,
			u64 discarded);
	unsigned int (*put_words)(struct pga_map *map, struct pga_word *word,
				  unsigned int nr, struct pga_put *put);

	/* Giving memory back. */
	bool (*next_idle)(struct pga_map *map, struct pga_sweep *sweep,
			  unsigned int budget, const struct pga_piece *piece,
			  struct pga_extent *extent);
	void (*pass_by)(struct pga_map *map, const struct pga_sweep *sweep,
			unsigned long page, unsigned long nr);
	bool (*too_young)(const struct pga_map *map);
	void (*next_generation)(struct pga_map *map);		/* optional */

	bool (*verify)(const struct pga_map *map, struct pga_verify *v);
};

/**
 * struct pga_map - an engine in use
 * @ops: its functions
 * @pages: pages the pool has grown by
 * @free: free pages among them
 * @discarded: discarded pages among the free ones
 * @parked: pages that are free, but count as allocated for want of a node
 * @work: what pga_map_take_words(), pga_map_put_word() and pga_map_put_words() have
 *	  cost so far: grows by about one for each summary or span that they had to
 *	  change
 * @bytes: memory handed in
 * @delay: nanoseconds for which free pages are left alone by a sweep for idle
 *	   ones,
 *	   0 for none
 * @now: the time, in nanoseconds, as it was told last
 * @tick_shift: the length of a tick, by @delay
 * @tick: number of the tick at @now; 0 as long as no time has been told
 * @spare: nodes of the reserve, each pointing at the next one
 * @nr_spare: how many there are
 * @damage: two discarded extents that were found to meet inside a granule, so
 *	    that one
 *	    of them cannot be discarded; no pages as long as none were
 *
 * Protected by the pool's lock.  @parked, @pages and @nr_spare are also read
 * without it, so they are written by WRITE_ONCE().
 */
struct pga_map {
	const struct pga_engine_ops *ops;
	size_t bytes;
	u64 delay;
	u64 now;
	void *spare;
	struct pga_extent damage[2];
	unsigned int nr_spare;
	/* PGA_MAP_HOT: what changes with the pages. */
	unsigned long pages;
	unsigned long free;
	unsigned long discarded;
	unsigned long parked;
	unsigned int work;
	u8 tick_shift;
	u8 tick;
};

/*
 * Where the fields begin that change with the pages.  Those of an engine that do so
 * follow at the end; the pool has all of them in one cache line.
 */
#define PGA_MAP_HOT	offsetof(struct pga_map, pages)

/* Room for the struct of any engine. */
#define PGA_MAP_SIZE	640UL

void pga_map_init(struct pga_map *map, const struct pga_engine_ops *ops,
		  unsigned long page_bytes, unsigned long granule_bytes);
void pga_map_drain(struct pga_map *map, void (*release)(const void *memory));
bool pga_map_grow(struct pga_map *map, unsigned long page, unsigned long nr,
		  enum pga_made made, struct pga_parts *parts);
void pga_map_set_delay(struct pga_map *map, u64 delay_ns);
unsigned int pga_map_wants(const struct pga_map *map);
void pga_map_feed(struct pga_map *map, void *node);
void *pga_map_surplus(struct pga_map *map);
void *pga_map_take_node(struct pga_map *map);
void pga_map_give_node(struct pga_map *map, void *node);
unsigned int pga_map_put_each(struct pga_map *map, struct pga_word *word,
			      unsigned int nr, struct pga_put *put);

/* The memory that growth by these pages, all in one block of 2^18, needs. */
static inline void pga_map_missing(const struct pga_map *map, unsigned long page,
				   unsigned long nr, struct pga_parts *parts)
{
	map->ops->missing(map, page, nr, parts);
}

/* A place for @nr pages; PGA_NONE only if there are not so many in a row. */
static inline unsigned long pga_map_find(struct pga_map *map, enum pga_which which,
					 unsigned long nr)
{
	return map->ops->find(map, which, nr);
}

/*
 * The lowest place that a constraint allows, PGA_NONE if there is none.  False
 * if the search has looked at @budget nodes and does not know yet; then call
 * again, after pga_fit_resume() if the lock was dropped.
 */
static inline bool pga_map_fit(struct pga_map *map, struct pga_fit *fit,
			       unsigned int budget, unsigned long *page)
{
	return map->ops->fit(map, fit, budget, page);
}

/* Length of the longest free run. */
static inline unsigned long pga_map_longest(const struct pga_map *map)
{
	return map->ops->longest(map);
}

/* How many pages of a range are allocated, and how many are free? */
static inline struct pga_count pga_map_count(const struct pga_map *map,
					     unsigned long page, unsigned long nr)
{
	return map->ops->count(map, page, nr);
}

/* Are the pages all allocated, or all free? */
static inline bool pga_map_test(const struct pga_map *map, unsigned long page,
				unsigned long nr, bool allocated)
{
	const struct pga_count count = pga_map_count(map, page, nr);

	return (allocated ? count.allocated : count.free) == nr;
}

/* How many pages of a range are allocated?  The range may be empty. */
static inline unsigned long pga_map_busy(const struct pga_map *map,
					 unsigned long page, unsigned long end)
{
	return page < end ? pga_map_count(map, page, end - page).allocated : 0;
}

/*
 * The first discarded pages of a range of the pool, as many as follow one
 * another.
 */
static inline bool pga_map_next_discarded(const struct pga_map *map,
					  unsigned long page, unsigned long end,
					  struct pga_extent *extent)
{
	return map->ops->next_discarded(map, page, end, extent);
}

/*
 * Copy the state of pages to their places in @chunk: from @page on, a multiple of
 * BITS_PER_LONG, to the end of the chunk, or as far as the engine reads at a time.
 * Holes and parked pages read as allocated.  Returns the next page, also a multiple.
 */
static inline unsigned long pga_map_read(const struct pga_map *map, unsigned long page,
					 struct pga_chunk *chunk)
{
	return map->ops->read(map, page, chunk);
}

/* Copy the state of the whole chunk @i. */
static inline void pga_map_read_chunk(const struct pga_map *map, unsigned long i,
				      struct pga_chunk *chunk)
{
	unsigned long page = pga_chunk_start(i);

	do
		page = pga_map_read(map, page, chunk);
	while (page % PGA_CHUNK_PAGES);
}

/* Does the engine keep spans that can be looked at?  Needs no lock. */
static inline bool pga_map_has_spans(const struct pga_map *map)
{
	return map->ops->next_span;
}

/* The span with @page, or the next one; false if there is none. */
static inline bool pga_map_next_span(const struct pga_map *map, unsigned long page,
				     struct pga_span_state *state)
{
	return pga_map_has_spans(map) && map->ops->next_span(map, page, state);
}

/* Free pages become allocated, for an operation; false if one was not free. */
static inline bool pga_map_hold(struct pga_map *map, unsigned long page,
				unsigned long nr)
{
	return map->ops->hold(map, page, nr, false);
}

/* Free pages become allocated, for a client; false if one was not free. */
static inline bool pga_map_alloc(struct pga_map *map, unsigned long page,
				 unsigned long nr)
{
	return map->ops->hold(map, page, nr, true);
}

/* Held pages come into use. */
static inline void pga_map_use(struct pga_map *map, unsigned long page,
			       unsigned long nr)
{
	if (map->ops->use)
		map->ops->use(map, page, nr);
}

/* Held pages become free; false, and nothing is done, if one was free. */
static inline bool pga_map_put(struct pga_map *map, unsigned long page,
			       unsigned long nr, enum pga_made made)
{
	return map->ops->put(map, page, nr, made, false);
}

/*
 * Pages in use become free and ready; false, and nothing is done, if one was
 * free.
 */
static inline bool pga_map_free(struct pga_map *map, unsigned long page,
				unsigned long nr)
{
	return map->ops->put(map, page, nr, PGA_MADE_READY, true);
}

/*
 * Free up to @budget runs of parked pages; returns how many pages are still
 * parked.
 */
static inline unsigned long pga_map_unpark(struct pga_map *map, unsigned int budget)
{
	return map->ops->unpark ? map->ops->unpark(map, budget) : 0;
}

/*
 * Where the allocated maps of the 2^24 pages around @page can be read without
 * the lock; NULL if they cannot.
 */
static inline const struct pga_words *pga_map_words(const struct pga_map *map,
						    unsigned long page)
{
	return map->ops->words ? map->ops->words(map, page) : NULL;
}

/* Which of 64 pages of the pool are allocated, and may be freed? */
static inline unsigned long pga_map_allocated(const struct pga_map *map,
					      unsigned long page)
{
	return map->ops->allocated(map, page);
}

/*
 * Bring free pages into use, blocks of 64 as a whole: from the block of @page
 * on, up to
 * @words blocks, no further than the end of the chunk, and until @pages pages
 * have been taken.  Returns how many of @taken were set.
 */
static inline unsigned int pga_map_take_words(struct pga_map *map,
					      unsigned long page,
					      enum pga_which which,
					      unsigned int words,
					      unsigned int pages,
					      struct pga_cache *taken)
{
	return map->ops->take_words(map, page, which, words, pages, taken);
}

/*
 * Pages in use among the 64 from @page on, bits of @owned and not none, become
 * free; those of them in @discarded become discarded.  Returns the pages that
 * were free already.
 */
static inline u64 pga_map_put_word(struct pga_map *map, unsigned long page,
				   u64 owned, u64 discarded)
{
	return map->ops->put_word(map, page, owned, discarded);
}

/*
 * The pages of up to @nr words, in use, become free and ready, and the words lose them.
 * Returns how many words are done: all, or as many as @put asks for.
 */
static inline unsigned int pga_map_put_words(struct pga_map *map, struct pga_word *word,
					     unsigned int nr, struct pga_put *put)
{
	return map->ops->put_words(map, word, nr, put);
}

/*
 * Find free and ready pages to give back; if false, call again unless
 * @sweep->over.
 */
static inline bool pga_map_next_idle(struct pga_map *map, struct pga_sweep *sweep,
				     unsigned int budget,
				     const struct pga_piece *piece,
				     struct pga_extent *extent)
{
	return map->ops->next_idle(map, sweep, budget, piece, extent);
}

/*
 * Pages that a sweep had found could not be given back, and are free and ready
 * again.  The sweep does not find them any more, nor does one for idle pages
 * until pages are freed there.
 */
static inline void pga_map_pass_by(struct pga_map *map,
				   const struct pga_sweep *sweep,
				   unsigned long page, unsigned long nr)
{
	map->ops->pass_by(map, sweep, page, nr);
}

/* Tell the time; it matters only while there is a delay. */
static inline void pga_map_tell_time(struct pga_map *map, u64 now_ns)
{
	map->now = now_ns;
	map->tick = pga_tick_at(now_ns, map->tick_shift);
}

/*
 * May a later sweep for idle pages find some that the last one left for their
 * age?
 */
static inline bool pga_map_too_young(const struct pga_map *map)
{
	return map->ops->too_young(map);
}

/* A generation is over. */
static inline void pga_map_next_generation(struct pga_map *map)
{
	if (map->ops->next_generation)
		map->ops->next_generation(map);
}

/* Examine some of the engine's data; false when all has been examined. */
static inline bool pga_map_verify(const struct pga_map *map, struct pga_verify *v)
{
	return map->ops->verify(map, v);
}

#endif
