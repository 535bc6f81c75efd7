/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_TARGET_H
#define PAGEALLOC_STRESS_TARGET_H

/*
 * The pools under stress, and the runs that clients have in them.
 */

#include "account.h"
#include "backing.h"

struct rnd_state;

/* Runs a pool's clients have at a time, at most. */
#define STRESS_SLOTS		256

/* Longer runs are allocated and freed where the caller may sleep. */
#define STRESS_LONG		4096

#define STRESS_REGIONS_MAX	4

/**
 * struct stress_spec - what a pool is made from
 * @name: of the pool
 * @engine: of the pool; NULL for the default
 * @flags: of struct pagealloc_config
 * @loan: on frames of the kernel; otherwise on sim
 * @pages: in a region of sim, or in the loan
 * @granule: sim: pages
 * @regions: sim: how many
 * @hole: sim: pages between two of them
 * @offset: sim: pages that a region begins behind a granule, and is shorter by
 */
struct stress_spec {
	const char *name;
	const char *engine;
	unsigned int flags;
	bool loan;
	unsigned long pages;
	unsigned long granule;
	unsigned int regions;
	unsigned long hole;
	unsigned int offset;
};

/**
 * struct stress_target - a pool under stress
 * @spec: what it is made from
 * @account: of its pages
 * @backing: context of the pool's backing
 * @sim: what is behind it, unless @loan
 * @loan: what is behind it
 * @pool: the pool; NULL if there is none
 * @regions: how many have been added; by @adding
 * @adding: a region is being added
 * @interrupted: a backing may have returned -EINTR
 * @bad_request: requests that were refused as they should
 * @bad_free: frees of no pages or elsewhere that were refused as they should
 * @wrong_length: frees of a part of a tracked run that were refused as they should
 * @slot: runs that clients have; changed by xchg(), so whoever takes a run out
 *	has it to itself
 * @deferred: for each page, memory for the deferred free of a run that begins
 *	there; NULL where it lies in the frame
 */
struct stress_target {
	struct stress_spec spec;
	struct stress_account account;
	struct stress_backing backing;
	struct pagealloc_sim sim;
	struct pagealloc_loan *loan;
	struct pagealloc_pool *pool;
	unsigned int regions;
	atomic_t adding;
	bool interrupted;
	atomic_long_t bad_request;
	atomic_long_t bad_free;
	atomic_long_t wrong_length;
	u64 slot[STRESS_SLOTS];
	struct pagealloc_deferred *deferred;
};

int stress_target_make(struct stress_target *target);
int stress_target_destroy(struct stress_target *target);
bool stress_target_add_region(struct stress_target *target);

struct stress_run stress_target_swap(struct stress_target *target,
				     unsigned int slot,
				     const struct stress_run *run);

/* Are frees of parts of a run refused? */
static inline bool stress_target_tracked(const struct stress_target *target)
{
	return target->spec.flags & (PAGEALLOC_TRACK | PAGEALLOC_TRACK_STACKS);
}

#endif
