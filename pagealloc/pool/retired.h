/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_RETIRED_H
#define PAGEALLOC_POOL_RETIRED_H

#include <linux/bits.h>

#include "pool/isolation.h"

/* Pages that are looked at where they are freed, with the pool locked. */
#define PGA_LOOK_NOW	16UL

/**
 * enum pga_retired_why - why pages are retired
 * @PGA_RETIRED_BAD: the memory of a page is bad
 * @PGA_RETIRED_LOST: so is that of a granule, and no memory of the pool's is behind it
 * @PGA_RETIRED_REFERRED: somebody refers to a page that was freed
 */
enum pga_retired_why {
	PGA_RETIRED_BAD,
	PGA_RETIRED_LOST,
	PGA_RETIRED_REFERRED,
};

/**
 * struct pga_retired - pages that are retired
 * @iso: L: the pages, among the isolated ones: a page, or a granule if it is lost
 * @node: L: in the pool's tree of these
 * @next: L: in the pool's list of spare records, or of those that have no name yet
 * @why: L: why; a page that is referred to can turn out to be bad
 * @named: L: the record is not in the list of those that have no name yet
 */
struct pga_retired {
	struct pga_isolated iso;
	struct rb_node node;
	struct pga_retired *next;
	enum pga_retired_why why;
	bool named;
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
void pga_retire(struct pagealloc_pool *pool, unsigned long page, u64 unfit);
bool pga_retire_granule(struct pagealloc_pool *pool, unsigned long page);
void pga_retired_look_again(struct pagealloc_pool *pool);
int pga_retired_fill(struct pagealloc_pool *pool);
void pga_retired_name(struct pagealloc_pool *pool);
void pga_retired_end(struct pagealloc_pool *pool);

/* The next record by address; NULL if there is none. */
static inline struct pga_retired *pga_retired_next(struct pga_retired *retired)
{
	return rb_entry_safe(rb_next(&retired->node), struct pga_retired, node);
}

/*
 * Retire the unfit ones of some pages: bit i of @mask is page @page + i.  The pool is
 * locked.  Pages that are not free and ready are left alone.
 */
static __always_inline void pga_retire_unfit(struct pagealloc_pool *pool,
					     unsigned long page, u64 mask)
{
	u64 unfit;

	if (likely(!pool->looks))
		return;
	unfit = pga_look(pool, page, mask);
	if (unlikely(unfit))
		pga_retire(pool, page, unfit);
}

/* Is a page of a run unfit?  As pga_look_run(), for any pool. */
static inline bool pga_look_any(const struct pagealloc_pool *pool, unsigned long page,
				unsigned long nr)
{
	return unlikely(pool->looks) && pga_look_run(pool, page, nr);
}

/* Has the pool freed pages that somebody still refers to? */
static inline bool pga_retired_any_referred(const struct pagealloc_pool *pool)
{
	/* Pairs with WRITE_ONCE() in count_referred(). */
	return unlikely(READ_ONCE(pool->nr_referred));
}

/*
 * Name retired pages in the log that have no name yet; the pool is not locked.  Returns
 * whether there were some.
 */
static inline bool pga_report_retired(struct pagealloc_pool *pool)
{
	/* Pairs with WRITE_ONCE() in add_unnamed(). */
	if (likely(!READ_ONCE(pool->unnamed)))
		return false;
	pga_retired_name(pool);
	return true;
}

#endif
