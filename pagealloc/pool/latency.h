/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_LATENCY_H
#define PAGEALLOC_LATENCY_H

#include <linux/jump_label.h>
#include <linux/types.h>

struct pagealloc_pool;

/* What is timed. */
enum pga_timed {
	PGA_TIMED_ALLOC,	/* an allocation that may sleep */
	PGA_TIMED_ALLOC_ATOMIC,	/* one that may not */
	PGA_TIMED_FREE,		/* a free */
	PGA_TIMED_POPULATE,	/* a call of the backing */
	PGA_TIMED_DISCARD,	/* the same */
	PGA_TIMED_LOCK_HOLD,	/* from taking the pool's lock to letting it go */
	PGA_NR_TIMED,
};

/* Bucket i counts what took 2^i ns or more, but less than 2^(i + 1). */
#define PGA_LATENCY_BUCKETS	36

/**
 * struct pga_histogram - how long things of one kind took
 * @max: the longest, nanoseconds
 * @count: how many there are in each bucket; the first has 0 ns as well, the
 *	   last all that took longer
 */
struct pga_histogram {
	u64 max;
	u64 count[PGA_LATENCY_BUCKETS];
};

/**
 * struct pga_latency - a pool's histograms
 * @on: they are being added to; by the mutex of latency.c, read without it
 * @of: one for each &enum pga_timed and CPU; NULL until they are turned on for
 *	the first time.  By the same mutex; added to without a lock.
 * @locked_at: when the pool's lock was taken, 0 if that is not to be known; by
 *	       that lock
 */
struct pga_latency {
	bool on;
	struct pga_histogram __percpu *of;
	u64 locked_at;
};

/* Set as long as any pool's histograms are on. */
DECLARE_STATIC_KEY_FALSE(pga_latency_key);

int pga_latency_set(struct pagealloc_pool *pool, bool on);
void pga_latency_end(struct pagealloc_pool *pool);
bool pga_latency_read(struct pagealloc_pool *pool, enum pga_timed what,
		      struct pga_histogram *sum);
const char *pga_latency_name(enum pga_timed what);

/* The slow halves of what follows. */
u64 pga_latency_now(struct pagealloc_pool *pool);
void pga_latency_count(struct pagealloc_pool *pool, enum pga_timed what,
		       u64 start);

/* Something begins; what it returns goes to pga_timed_end(). */
static inline u64 pga_timed_begin(struct pagealloc_pool *pool)
{
	return static_branch_unlikely(&pga_latency_key) ? pga_latency_now(pool) : 0;
}

/* It is over. */
static inline void pga_timed_end(struct pagealloc_pool *pool,
				 enum pga_timed what, u64 start)
{
	if (static_branch_unlikely(&pga_latency_key))
		pga_latency_count(pool, what, start);
}

#endif
