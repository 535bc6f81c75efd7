/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_COUNT_H
#define PAGEALLOC_STRESS_COUNT_H

/*
 * What has been done, by kind, and what was found wrong.
 */

#include <linux/atomic.h>
#include <linux/seq_file.h>

/**
 * enum stress_kind - what is counted
 * @STRESS_ALLOC: pagealloc_alloc() that may sleep
 * @STRESS_ALLOC_LONG: the same for more than STRESS_LONG pages
 * @STRESS_ALLOC_ATOMIC: pagealloc_alloc() that may not sleep
 * @STRESS_ALLOC_ZERO: either, with __GFP_ZERO
 * @STRESS_ALLOC_IRQ: from a timer's interrupt
 * @STRESS_ALLOC_RANGE: pagealloc_alloc_range() aligned, in a window, in a boundary
 * @STRESS_ALLOC_FIXED: at one address
 * @STRESS_ALLOC_BEST: by best fit
 * @STRESS_ALLOC_BULK: pagealloc_alloc_bulk()
 * @STRESS_NO_ROOM: any of these that failed as it may
 * @STRESS_FREE: pagealloc_free() of a run
 * @STRESS_FREE_LONG: the same for more than STRESS_LONG pages
 * @STRESS_FREE_IRQS_OFF: with interrupts disabled
 * @STRESS_FREE_IRQ: from a hard interrupt
 * @STRESS_FREE_REMOTE: from a hard interrupt of another CPU
 * @STRESS_FREE_PART: a part of a run, and the rest later
 * @STRESS_FREE_BULK: pagealloc_free_bulk()
 * @STRESS_FREE_DEFERRED: pagealloc_free_deferred()
 * @STRESS_TRIM: pagealloc_trim()
 * @STRESS_DRAIN: pagealloc_drain()
 * @STRESS_SCAVENGE: pagealloc_scavenge()
 * @STRESS_TUNE: pagealloc_set_tuning(), limits among them
 * @STRESS_STATS: pagealloc_stats()
 * @STRESS_CHECK: pagealloc_check()
 * @STRESS_REGION: pagealloc_add_region()
 * @STRESS_INJECT: a backing was told to fail, or to take its time
 * @STRESS_REFUSED: wrong calls, each refused as it should be
 * @STRESS_POOL: pools that were made and destroyed again
 * @STRESS_NR_OPERATIONS: the ones above are operations on pools, those below
 *	are not
 * @STRESS_POPULATE: calls of a backing that succeeded
 * @STRESS_DISCARD: the same
 * @STRESS_BACKING_FAIL: calls of a backing that failed
 * @STRESS_FRAMES: frames that were taken from the kernel and given back
 * @STRESS_NR_KINDS: how many there are
 */
enum stress_kind {
	STRESS_ALLOC,
	STRESS_ALLOC_LONG,
	STRESS_ALLOC_ATOMIC,
	STRESS_ALLOC_ZERO,
	STRESS_ALLOC_IRQ,
	STRESS_ALLOC_RANGE,
	STRESS_ALLOC_FIXED,
	STRESS_ALLOC_BEST,
	STRESS_ALLOC_BULK,
	STRESS_NO_ROOM,
	STRESS_FREE,
	STRESS_FREE_LONG,
	STRESS_FREE_IRQS_OFF,
	STRESS_FREE_IRQ,
	STRESS_FREE_REMOTE,
	STRESS_FREE_PART,
	STRESS_FREE_BULK,
	STRESS_FREE_DEFERRED,
	STRESS_TRIM,
	STRESS_DRAIN,
	STRESS_SCAVENGE,
	STRESS_TUNE,
	STRESS_STATS,
	STRESS_CHECK,
	STRESS_REGION,
	STRESS_INJECT,
	STRESS_REFUSED,
	STRESS_POOL,
	STRESS_NR_OPERATIONS,
	STRESS_POPULATE = STRESS_NR_OPERATIONS,
	STRESS_DISCARD,
	STRESS_BACKING_FAIL,
	STRESS_FRAMES,
	STRESS_NR_KINDS,
};

void stress_count(enum stress_kind kind);
unsigned long stress_counted(enum stress_kind kind);
unsigned long stress_operations(void);
void stress_show_counts(struct seq_file *m);

/* Context: any. */
__printf(2, 3)
void stress_fault(const char *pool, const char *format, ...);
unsigned long stress_faults(void);

/* Context: may sleep; one at a time. */
__printf(4, 5)
void stress_judge(bool good, const char *pool, const char *test,
		  const char *format, ...);
void stress_show_judgements(struct seq_file *m);
void stress_forget_judgements(void);

#endif
