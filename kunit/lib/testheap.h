/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_TESTHEAP_H
#define PAGEALLOC_KUNIT_TESTHEAP_H

/* For the suites of heap/: a pool on loan, which can be offered. */

#include "lib/testpool.h"

/* The name of the pool. */
#define PGAT_HEAP	"heaptest"

/**
 * struct pgat_heap - a pool on loan that may be offered
 * @p: the pool
 * @loan: its backing
 * @pages: its pages
 * @pfn: the first one
 * @gone: calls of its function gone() so far
 */
struct pgat_heap {
	struct pgat_pool *p;
	struct pagealloc_loan *loan;
	unsigned long pages;
	unsigned long pfn;
	atomic_t gone;
};

void pgat_heap_open(struct kunit *test, unsigned long granules);
void pgat_heap_close(struct kunit *test);
void pgat_heap_gone(void *arg);

#endif
