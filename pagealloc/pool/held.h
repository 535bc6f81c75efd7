/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_HELD_H
#define PAGEALLOC_POOL_HELD_H

#include "pool/isolation.h"

/**
 * enum pga_held_state - where a granule is that somebody held when it was last tried
 * @PGA_HELD_FREE: it is free again, or a claim found it free
 * @PGA_HELD_TAKEN: a claim has taken it although it was held
 * @PGA_HELD: the pool has it isolated, and no search meets it
 * @PGA_HELD_REFUSED: it is ready, since its discard was refused
 */
enum pga_held_state {
	PGA_HELD_FREE,
	PGA_HELD_TAKEN,
	PGA_HELD,
	PGA_HELD_REFUSED,
};

/**
 * struct pga_held - a granule that somebody held when it was last tried
 * @iso: L: its entry among the isolated pages, in state PGA_HELD
 * @node: L: in the pool's tree of these granules
 * @by_due: L: in the tree by due time of its state, if that has one
 * @page: I: its first page
 * @state: L: where it is
 * @named: L: the log has named it
 * @rest: L: refused: granules below it in its chunk have not been offered
 * @backoff: L: when it is due
 */
struct pga_held {
	struct pga_isolated iso;
	struct rb_node node;
	struct rb_node by_due;
	unsigned long page;
	enum pga_held_state state;
	bool named;
	bool rest;
	struct pga_backoff backoff;
};

/**
 * struct pga_held_walk - a walk by due time, which may drop the lock in between
 * @due: due time of the last granule
 * @page: its first page; both 0 at first
 */
struct pga_held_walk {
	u64 due;
	unsigned long page;
};

struct pga_held *pga_held_new(struct pagealloc_pool *pool, gfp_t gfp);
struct pga_held *pga_held_in(const struct pagealloc_pool *pool, unsigned long page,
			     unsigned long end, enum pga_held_state state);
struct pga_held *pga_held_any_in(const struct pagealloc_pool *pool,
				 unsigned long page, unsigned long end);
unsigned long pga_held_pages(const struct pagealloc_pool *pool, unsigned long page,
			     unsigned long end);
struct pga_held *pga_held_next_due(const struct pagealloc_pool *pool,
				   struct pga_held_walk after);
u64 pga_held_refused_at(struct pagealloc_pool *pool);
struct pga_held *pga_held_fail(struct pagealloc_pool *pool, unsigned long page,
			       enum pga_held_state state, u64 now,
			       struct pga_held **room);
void pga_held_move(struct pagealloc_pool *pool, struct pga_held *held,
		   enum pga_held_state state);
struct pga_held *pga_held_first_refused(const struct pagealloc_pool *pool);
void pga_held_forget_any(struct pagealloc_pool *pool, struct pga_extent pages);
bool pga_held_release(struct pagealloc_pool *pool);
void pga_held_name(struct pagealloc_pool *pool, u64 since);
void pga_held_end(struct pagealloc_pool *pool);

/**
 * pga_held_forget() - forget granules that were populated or discarded
 * @pool: the pool, not locked
 * @pages: the granules, isolated by the caller; none of them is held
 *
 * Context: may sleep.
 */
static inline void pga_held_forget(struct pagealloc_pool *pool,
				   struct pga_extent pages)
{
	/*
	 * Pairs with WRITE_ONCE() in held.c.  The caller has had the lock since a
	 * record of one of these pages was made, and no other one is made meanwhile.
	 */
	if (unlikely(READ_ONCE(pool->nr_records)))
		pga_held_forget_any(pool, pages);
}

#endif
