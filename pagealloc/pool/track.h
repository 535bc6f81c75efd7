/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_TRACK_H
#define PAGEALLOC_POOL_TRACK_H

#include <linux/jump_label.h>

#include "pool/state.h"

/* Set as long as a tracked pool exists. */
DECLARE_STATIC_KEY_FALSE(pga_track_key);

int pga_track_begin(struct pagealloc_pool *pool);
void pga_track_end(struct pagealloc_pool *pool);
int pga_track_supply(struct pagealloc_pool *pool, struct pga_extent pages);
void pga_track_open(struct pagealloc_pool *pool, struct pga_extent pages);
void pga_track_alloc(struct pagealloc_pool *pool, struct pga_extent run,
		     gfp_t gfp);
int pga_track_free(struct pagealloc_pool *pool, struct pga_extent run);
int pga_track_trim(struct pagealloc_pool *pool, struct pga_extent run,
		   unsigned long nr);
bool pga_track_held(const struct pagealloc_pool *pool, struct pga_extent pages);
bool pga_track_next(const struct pagealloc_pool *pool, unsigned long page,
		    struct pga_extent *run);
void pga_track_report(const struct pagealloc_pool *pool);
void pga_track_stats(const struct pagealloc_pool *pool, u64 *value);

/* Is the pool tracked? */
static inline bool pga_tracked(const struct pagealloc_pool *pool)
{
	return static_branch_unlikely(&pga_track_key) && pool->track;
}

/*
 * Record a run that a client has got.  Context: any but NMI, the pool's lock not
 * held; may sleep if @gfp says so.
 */
static inline void pga_tracked_alloc(struct pagealloc_pool *pool,
				     unsigned long page, unsigned long nr,
				     gfp_t gfp)
{
	if (pga_tracked(pool))
		pga_track_alloc(pool, (struct pga_extent) { page, nr }, gfp);
}

/*
 * Remove a run that a client frees.  Returns 0, or the errno with which the free is
 * refused; only one of several calls for a run returns 0.  Context: any but NMI, with
 * any lock held.
 */
static inline int pga_tracked_free(struct pagealloc_pool *pool, unsigned long page,
				   unsigned long nr)
{
	return pga_tracked(pool) ?
		pga_track_free(pool, (struct pga_extent) { page, nr }) : 0;
}

/*
 * Shorten a run from @old to @nr pages, at least one.  Returns and context: as for
 * pga_tracked_free().
 */
static inline int pga_tracked_trim(struct pagealloc_pool *pool, unsigned long page,
				   unsigned long old, unsigned long nr)
{
	return pga_tracked(pool) ?
		pga_track_trim(pool, (struct pga_extent) { page, old }, nr) : 0;
}

#endif
