/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_MAP_H
#define PAGEALLOC_ENGINE_MAP_H

/*
 * The contract of the engines: which pages of a pool are free, and which of
 * those are ready.  A page is one of
 *
 *	hole		not of the engine; reads as allocated
 *	allocated	in use, or held by somebody at work on it
 *	ready		free, with memory behind it
 *	discarded	free, without
 *
 * and goes from one to the other by
 *
 *	grow	a hole becomes discarded, or ready
 *	hold	free pages become allocated, not in use as yet
 *	use	pages that are held come into use
 *	put	pages that are held become free, ready or discarded
 *	alloc	hold and use
 *	free	pages in use become free and ready
 *
 * There are two engines, "bitmap" and "span".  Whoever uses one calls the
 * functions pga_map_* and does not know which it is.  Where a run is placed and
 * what is given back first is for the engine to decide; whether there is room
 * for a run, and all counts, are the same in both.
 *
 * An engine allocates nothing, takes no lock and has no clock: the caller holds
 * the pool's lock, hands in memory, and tells the time in ticks.  A free needs no
 * memory in the one engine; in the other one it takes a node from a reserve, and
 * should there be none the pages are parked: free, but counted as allocated until
 * pga_map_unpark() has found nodes for them.
 */

#include "engine/bitmap/bitmap.h"
#include "engine/constraint.h"
#include "engine/span/read.h"
#include "engine/span/sweep.h"

struct pga_map;

/* Pieces of memory that growth may take. */
#define PGA_PARTS	(3 + PGA_BLOCK_SLICES)

/**
 * struct pga_parts - memory for growth
 * @size: bytes of each piece, 0 if it is not needed
 * @memory: the pieces, zeroed; what the engine has taken is NULL
 */
struct pga_parts {
	size_t size[PGA_PARTS];
	void *memory[PGA_PARTS];
};

/**
 * struct pga_sweep - a search for pages to give back, zero but for @idle at first
 * @idle: only where the engine thinks that they will not be missed
 * @over: nothing is left
 * @below: bitmap, everything: search below this page
 * @search: bitmap, idle only: where its index is being searched
 * @span: span
 */
struct pga_sweep {
	bool idle;
	bool over;
	unsigned long below;
	struct pga_search search;
	struct pga_span_sweep span;
};

/**
 * struct pga_piece - what to give back at a time
 * @granule: whole granules of so many pages
 * @max: pages wanted; rounded up to granules
 * @huge: pages of a huge page that should not be split
 */
struct pga_piece {
	unsigned long granule;
	unsigned long max;
	unsigned long huge;
};

/**
 * struct pga_verify - an examination of an engine's books; zero but for @report
 *	at first
 * @stage: what is looked at
 * @page: from where on
 * @parked: parked pages met so far
 * @report: called with what is wrong: which rule, level of the summary or -1,
 *	    where, what is there and what should be
 */
struct pga_verify {
	unsigned int stage;
	unsigned long page;
	unsigned long parked;
	void (*report)(struct pga_verify *v, const char *what, int level,
		       unsigned long page, u64 got, u64 want);
};

/*
 * An engine.  The functions below say what each of these does; those that one of
 * the engines has no use for may be NULL.
 */
struct pga_engine_ops {
	const char *name;
	/* Bytes of a node of the reserve, 0 if it needs none. */
	size_t node_size;
	/* It places runs where they fit best, not as low as can be. */
	bool best_fit;
	/* Growth by many pages takes it no longer than by few. */
	bool grows_at_once;

	void (*init)(struct pga_map *map, unsigned long page_bytes,
		     unsigned long granule_bytes);
	void (*missing)(const struct pga_map *map, unsigned long page,
			unsigned long nr, struct pga_parts *parts);
	bool (*grow)(struct pga_map *map, unsigned long page, unsigned long nr,
		     enum pga_made made, struct pga_parts *parts);
	void (*drain)(struct pga_map *map, void (*release)(const void *memory));
	size_t (*bytes)(const struct pga_map *map);

	unsigned long (*find)(struct pga_map *map, enum pga_which which,
			      unsigned long nr);
	bool (*fit)(const struct pga_map *map, struct pga_fit *fit,
		    unsigned int budget, unsigned long *page);
	unsigned long (*longest)(const struct pga_map *map);
	bool (*test)(const struct pga_map *map, unsigned long page,
		     unsigned long nr, bool allocated);
	unsigned long (*busy)(const struct pga_map *map, unsigned long page,
			      unsigned long end);
	bool (*next_discarded)(const struct pga_map *map, unsigned long page,
			       unsigned long end, struct pga_extent *extent);
	void (*read_chunk)(const struct pga_map *map, unsigned long i,
			   struct pga_chunk *chunk);
	unsigned long (*next_slice)(const struct pga_map *map, unsigned long page);

	bool (*hold)(struct pga_map *map, unsigned long page, unsigned long nr);
	bool (*put)(struct pga_map *map, unsigned long page, unsigned long nr,
		    enum pga_made made);
	void (*used)(struct pga_map *map, unsigned long page, unsigned long nr);
	/* What goes with it can be done at once here; NULL: hold and used, put. */
	bool (*alloc)(struct pga_map *map, unsigned long page, unsigned long nr);
	bool (*free)(struct pga_map *map, unsigned long page, unsigned long nr);

	unsigned int (*take_words)(struct pga_map *map, unsigned long page,
				   enum pga_which which, unsigned int words,
				   unsigned int pages, struct pga_cache *taken);
	u64 (*put_word)(struct pga_map *map, unsigned long page, u64 owned,
			u64 discarded);
	unsigned long (*allocated)(const struct pga_map *map, unsigned long page);
	const struct pga_words *(*words)(const struct pga_map *map,
					 unsigned long page);

	bool (*next_idle)(struct pga_map *map, struct pga_sweep *sweep,
			  unsigned int budget, const struct pga_piece *piece,
			  struct pga_extent *extent);
	void (*offer)(struct pga_map *map, unsigned long page, unsigned long nr);
	void (*pass_by)(struct pga_map *map, const struct pga_sweep *sweep,
			unsigned long page, unsigned long nr);
	void (*tell_time)(struct pga_map *map, u64 tick);
	void (*set_delay)(struct pga_map *map, unsigned int ticks,
			  unsigned int shift);
	bool (*too_young)(const struct pga_map *map);
	void (*resume)(struct pga_map *map);
	void (*next_generation)(struct pga_map *map);

	unsigned int (*wants)(const struct pga_map *map);
	void (*feed)(struct pga_map *map, void *node);
	void *(*surplus)(struct pga_map *map);
	unsigned long (*unpark)(struct pga_map *map, unsigned int budget);
	bool (*damage)(const struct pga_map *map, struct pga_extent *a,
		       struct pga_extent *b);
	bool (*next_span)(const struct pga_map *map, unsigned long page,
			  struct pga_span_state *state);

	bool (*verify)(const struct pga_map *map, struct pga_verify *v);
};

extern const struct pga_engine_ops pga_bitmap_engine;
extern const struct pga_engine_ops pga_span_engine;

/**
 * struct pga_map - an engine in use
 * @ops: which
 * @delay: ticks that idle pages are left alone, 0 if time does not matter
 * @pages: pages it has grown by
 * @free: those of them that are free
 * @discarded: those of the free ones without memory behind them
 * @parked: pages that are free, but count as allocated for want of memory
 * @work: grows by about one for each summary, or span, that had to be changed for
 *	  pages of one chunk or two: that is what makes some changes dearer than others
 * @bitmap: the one engine
 * @spans: the other
 *
 * Protected by the lock of the pool.
 */
struct pga_map {
	const struct pga_engine_ops *ops;
	unsigned int delay;
	union {
		/* Both engines begin with these. */
		struct {
			unsigned long pages;
			unsigned long free;
			unsigned long discarded;
			unsigned long parked;
			unsigned long work;
		};
		struct pga_bitmap bitmap;
		struct pga_spans spans;
	};
};

#define PGA_SAME_PLACE(field)						\
	static_assert(offsetof(struct pga_bitmap, field) ==		\
		      offsetof(struct pga_spans, field) &&		\
		      offsetof(struct pga_map, field) ==		\
		      offsetof(struct pga_map, spans.field))
PGA_SAME_PLACE(pages);
PGA_SAME_PLACE(free);
PGA_SAME_PLACE(discarded);
PGA_SAME_PLACE(parked);
static_assert(offsetof(struct pga_map, work) ==
	      offsetof(struct pga_map, bitmap.tree.work) &&
	      offsetof(struct pga_map, work) == offsetof(struct pga_map, spans.work));

/* An engine without pages; sizes in bytes, powers of two. */
static inline void pga_map_init(struct pga_map *map,
				const struct pga_engine_ops *ops,
				unsigned long page_bytes,
				unsigned long granule_bytes)
{
	map->ops = ops;
	map->delay = 0;
	ops->init(map, page_bytes, granule_bytes);
}

/* What memory growth by these pages, all in one block of 2^18, would take. */
static inline void pga_map_missing(const struct pga_map *map, unsigned long page,
				   unsigned long nr, struct pga_parts *parts)
{
	map->ops->missing(map, page, nr, parts);
}

/* Add pages; false, and nothing done, if memory is missing. */
static inline bool pga_map_grow(struct pga_map *map, unsigned long page,
				unsigned long nr, enum pga_made made,
				struct pga_parts *parts)
{
	return map->ops->grow(map, page, nr, made, parts);
}

/* Give all memory back, by @release. */
static inline void pga_map_drain(struct pga_map *map,
				 void (*release)(const void *memory))
{
	map->ops->drain(map, release);
}

/* Bytes of all memory handed in. */
static inline size_t pga_map_bytes(const struct pga_map *map)
{
	return map->ops->bytes(map);
}

/* A place for @nr pages; PGA_NONE only if there are not so many in a row. */
static inline unsigned long pga_map_find(struct pga_map *map, enum pga_which which,
					 unsigned long nr)
{
	return map->ops->find(map, which, nr);
}

/*
 * The lowest place that a constraint allows, as pga_fit_find(): false if that is
 * not known as yet.
 */
static inline bool pga_map_fit(const struct pga_map *map, struct pga_fit *fit,
			       unsigned int budget, unsigned long *page)
{
	return map->ops->fit(map, fit, budget, page);
}

/* Pages in the longest row of free ones. */
static inline unsigned long pga_map_longest(const struct pga_map *map)
{
	return map->ops->longest(map);
}

/* Are the pages, all of the pool, all allocated, or all free? */
static inline bool pga_map_test(const struct pga_map *map, unsigned long page,
				unsigned long nr, bool allocated)
{
	return map->ops->test(map, page, nr, allocated);
}

/* How many pages of a range of the pool, or of none, are allocated? */
static inline unsigned long pga_map_busy(const struct pga_map *map,
					 unsigned long page, unsigned long end)
{
	return map->ops->busy(map, page, end);
}

/* The lowest discarded pages of a range of the pool that follow one another. */
static inline bool pga_map_next_discarded(const struct pga_map *map,
					  unsigned long page, unsigned long end,
					  struct pga_extent *extent)
{
	return map->ops->next_discarded(map, page, end, extent);
}

/* What the pages of a chunk are. */
static inline void pga_map_read_chunk(const struct pga_map *map, unsigned long i,
				      struct pga_chunk *chunk)
{
	map->ops->read_chunk(map, i, chunk);
}

/* The next slice, from the one that begins at @page on, that may have pages. */
static inline unsigned long pga_map_next_slice(const struct pga_map *map,
					       unsigned long page)
{
	return map->ops->next_slice(map, page);
}

/* Free pages become allocated; false if one was not free. */
static inline bool pga_map_hold(struct pga_map *map, unsigned long page,
				unsigned long nr)
{
	return map->ops->hold(map, page, nr);
}

/* Allocated pages become free; false, and nothing done, if one was free. */
static inline bool pga_map_put(struct pga_map *map, unsigned long page,
			       unsigned long nr, enum pga_made made)
{
	return map->ops->put(map, page, nr, made);
}

/* Pages that are held come into use. */
static inline void pga_map_use(struct pga_map *map, unsigned long page,
			       unsigned long nr)
{
	if (map->ops->used)
		map->ops->used(map, page, nr);
}

/* Free pages come into use; as pga_map_hold(). */
static inline bool pga_map_alloc(struct pga_map *map, unsigned long page,
				 unsigned long nr)
{
	if (map->ops->alloc)
		return map->ops->alloc(map, page, nr);
	if (!pga_map_hold(map, page, nr))
		return false;
	pga_map_use(map, page, nr);
	return true;
}

/* Pages in use become free and ready; as pga_map_put(). */
static inline bool pga_map_free(struct pga_map *map, unsigned long page,
				unsigned long nr)
{
	if (map->ops->free)
		return map->ops->free(map, page, nr);
	return pga_map_put(map, page, nr, PGA_MADE_READY);
}

/*
 * Free pages come into use, all such of 64, from the 64 with @page on, as far as
 * they are in its chunk: so many times 64, until so many have been taken.  For how
 * many 64 was @taken set?
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
 * Some of 64 pages in use, not none, become free, some of them discarded.  Which
 * of them were free already, and are left alone?
 */
static inline u64 pga_map_put_word(struct pga_map *map, unsigned long page,
				   u64 owned, u64 discarded)
{
	return map->ops->put_word(map, page, owned, discarded);
}

/* Which of 64 pages of the pool are allocated, and may be put? */
static inline unsigned long pga_map_allocated(const struct pga_map *map,
					      unsigned long page)
{
	return map->ops->allocated(map, page);
}

/*
 * Where that can be read without the lock, by pga_word_at(), for all pages of
 * the 2^24 around a page of the pool.  NULL if it cannot.
 */
static inline const struct pga_words *pga_map_words(const struct pga_map *map,
						    unsigned long page)
{
	return map->ops->words ? map->ops->words(map, page) : NULL;
}

/* Pages to give back, free and ready; if false call again unless @sweep->over. */
static inline bool pga_map_next_idle(struct pga_map *map, struct pga_sweep *sweep,
				     unsigned int budget,
				     const struct pga_piece *piece,
				     struct pga_extent *extent)
{
	return map->ops->next_idle(map, sweep, budget, piece, extent);
}

/* Pages are free and ready, and idle, though nobody has freed them. */
static inline void pga_map_offer(struct pga_map *map, unsigned long page,
				 unsigned long nr)
{
	if (map->ops->offer)
		map->ops->offer(map, page, nr);
}

/*
 * Pages that a sweep had found cannot be given back, and are free and ready
 * again.  It does not look there any more, nor does one for what is idle until
 * pages are freed there.
 */
static inline void pga_map_pass_by(struct pga_map *map,
				   const struct pga_sweep *sweep,
				   unsigned long page, unsigned long nr)
{
	map->ops->pass_by(map, sweep, page, nr);
}

/* How many ticks there have been. */
static inline void pga_map_tell_time(struct pga_map *map, u64 tick)
{
	map->ops->tell_time(map, tick);
}

/*
 * How many ticks idle pages are left alone, less than PGA_TICK_TAGS.  A tick is
 * 2^@shift nanoseconds from now on.
 */
static inline void pga_map_set_delay(struct pga_map *map, unsigned int ticks,
				     unsigned int shift)
{
	map->delay = ticks;
	map->ops->set_delay(map, ticks, shift);
}

/* Has a sweep for what is idle passed by something for being too young? */
static inline bool pga_map_too_young(const struct pga_map *map)
{
	return map->ops->too_young(map);
}

/* What was too young may have grown older. */
static inline void pga_map_resume(struct pga_map *map)
{
	if (map->ops->resume)
		map->ops->resume(map);
}

/* A generation is over. */
static inline void pga_map_next_generation(struct pga_map *map)
{
	if (map->ops->next_generation)
		map->ops->next_generation(map);
}

/* How many nodes the reserve lacks; may be asked without the lock. */
static inline unsigned int pga_map_wants(const struct pga_map *map)
{
	return map->ops->wants ? map->ops->wants(map) : 0;
}

/* A node for the reserve. */
static inline void pga_map_feed(struct pga_map *map, void *node)
{
	map->ops->feed(map, node);
}

/* A node that the reserve can do without, or NULL. */
static inline void *pga_map_surplus(struct pga_map *map)
{
	return map->ops->surplus ? map->ops->surplus(map) : NULL;
}

/* Free what is parked, so many runs of it; how many pages are parked still? */
static inline unsigned long pga_map_unpark(struct pga_map *map, unsigned int budget)
{
	return map->ops->unpark ? map->ops->unpark(map, budget) : 0;
}

/* Have the books been found not to add up?  If so, which pages are about it? */
static inline bool pga_map_damage(const struct pga_map *map, struct pga_extent *a,
				  struct pga_extent *b)
{
	return map->ops->damage && map->ops->damage(map, a, b);
}

/* Does the engine keep its books as spans?  Needs no lock. */
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

/* Examine some of the books; false if that was the last of it. */
static inline bool pga_map_verify(const struct pga_map *map, struct pga_verify *v)
{
	return map->ops->verify(map, v);
}

#endif
