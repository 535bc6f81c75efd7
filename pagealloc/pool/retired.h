/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_RETIRED_H
#define PAGEALLOC_POOL_RETIRED_H

#include <linux/bits.h>

#include "pool/isolation.h"

/* Pages that are looked at where they are freed, with the pool locked. */
#define PGA_LOOK_NOW	16UL

/**
 * struct pga_retired - pages that are retired
 * @iso: L: the pages, among the isolated ones: a page, or a granule if @lost
 * @node: L: in the pool's tree of these
 * @next: L: in the pool's list of spare records, or of those that have no name yet
 * @lost: I: no memory of the pool's is behind them
 */
struct pga_retired {
	struct pga_isolated iso;
	struct rb_node node;
	struct pga_retired *next;
	bool lost;
};

struct pga_retired *pga_retired_from(const struct pagealloc_pool *pool,
				     unsigned long page);
unsigned long pga_retired_in(const struct pagealloc_pool *pool, unsigned long page,
			     unsigned long end);
u64 pga_look(const struct pagealloc_pool *pool, unsigned long page, u64 mask);
bool pga_look_run(const struct pagealloc_pool *pool, unsigned long page,
		  unsigned long nr);
void pga_look_at_free(struct pagealloc_pool *pool, unsigned long page,
		      unsigned long nr);
void pga_look_around(struct pagealloc_pool *pool, unsigned long *from,
		     unsigned long nr);
void pga_retire(struct pagealloc_pool *pool, unsigned long page, u64 bad);
bool pga_retire_granule(struct pagealloc_pool *pool, unsigned long page);
int pga_retired_fill(struct pagealloc_pool *pool);
void pga_retired_name(struct pagealloc_pool *pool);
void pga_retired_end(struct pagealloc_pool *pool);

/* The next record by address; NULL if there is none. */
static inline struct pga_retired *pga_retired_next(struct pga_retired *retired)
{
	return rb_entry_safe(rb_next(&retired->node), struct pga_retired, node);
}

/*
 * Retire the bad ones of some pages: bit i of @mask is page @page + i.  The pool is
 * locked.  Pages that are not free and ready are left alone.
 */
static __always_inline void pga_retire_bad(struct pagealloc_pool *pool,
					   unsigned long page, u64 mask)
{
	u64 bad;

	if (likely(!pool->looks))
		return;
	bad = pga_look(pool, page, mask);
	if (unlikely(bad))
		pga_retire(pool, page, bad);
}

/* Is a page of a run bad?  As pga_look_run(), for any pool. */
static inline bool pga_look_any(const struct pagealloc_pool *pool, unsigned long page,
				unsigned long nr)
{
	return unlikely(pool->looks) && pga_look_run(pool, page, nr);
}

/* Name retired pages in the log that have no name yet; the pool is not locked. */
static inline void pga_report_retired(struct pagealloc_pool *pool)
{
	/* Pairs with WRITE_ONCE() in add(). */
	if (unlikely(READ_ONCE(pool->unnamed)))
		pga_retired_name(pool);
}

#endif
