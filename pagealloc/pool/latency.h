/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_LATENCY_H
#define PAGEALLOC_POOL_LATENCY_H

#include <linux/jump_label.h>
#include <linux/types.h>

/* The operations that are measured. */
enum pga_timed {
	PGA_TIMED_ALLOC,	/* an allocation that may sleep */
	PGA_TIMED_ALLOC_ATOMIC,	/* an allocation that may not */
	PGA_TIMED_FREE,		/* a free */
	PGA_TIMED_POPULATE,	/* a call of the backing's populate */
	PGA_TIMED_DISCARD,	/* a call of the backing's discard */
	PGA_TIMED_LOCK_HOLD,	/* a critical section under the pool's lock */
	PGA_NR_TIMED,
};

/* Bucket i counts what took 2^i ns or more, but less than 2^(i + 1). */
#define PGA_LATENCY_BUCKETS	36

/**
 * struct pga_histogram - how long operations of one kind took
 * @max: the longest, nanoseconds
 * @count: how many there are in each bucket; the first has 0 ns as well, the
 *	   last everything longer
 */
struct pga_histogram {
	u64 max;
	u64 count[PGA_LATENCY_BUCKETS];
};

/**
 * struct pga_latency - histograms
 * @on: operations are counted; written under the mutex of latency.c
 * @since: when they were turned on, nanoseconds; as @on
 * @of: one for each &enum pga_timed and CPU; NULL until they are turned on for
 *	the first time.  Set under the same mutex; counted into without a lock.
 */
struct pga_latency {
	bool on;
	u64 since;
	struct pga_histogram __percpu *of;
};

/* Set as long as any histograms are on. */
DECLARE_STATIC_KEY_FALSE(pga_latency_key);

int pga_latency_set(struct pga_latency *l, bool on, u64 now);
void pga_latency_end(struct pga_latency *l);
bool pga_latency_read(struct pga_latency *l, enum pga_timed what,
		      struct pga_histogram *sum);
const char *pga_latency_name(enum pga_timed what);
void pga_latency_count(struct pga_latency *l, enum pga_timed what, u64 start,
		       u64 end);

#endif
