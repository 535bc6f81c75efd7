/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_HEAP_H
#define PAGEALLOC_HEAP_HEAP_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "pagealloc.h"
#include "pagealloc_heap.h"

/**
 * struct pgh_heap - a pool that is or was offered
 * @dev: its device; the references to it keep this structure
 * @cdev: its character device
 * @pool: the pool, referenced as long as there are users
 * @name: the name of the pool and of the device
 * @config: how it is offered
 * @node: M: in the list of offered heaps
 * @lock: protects what is marked L
 * @users: L: one for being offered, one for each buffer and for each call under way;
 *	the reference to @pool is dropped with the last one
 * @withdrawn: L: there are no new users
 * @buffers: L: buffers whose memory is in use, also in quarantine
 * @quarantined: L: pages of those that are in quarantine
 * @refused: L: requests that would have exceeded RLIMIT_MEMLOCK
 * @end: drops the reference to @pool
 *
 * M is the mutex of offer.c.  What is not marked does not change while the heap is
 * offered.
 */
struct pgh_heap {
	struct device dev;
	struct cdev cdev;
	struct pagealloc_pool *pool;
	char name[PAGEALLOC_NAME_MAX];
	struct pagealloc_heap_config config;
	struct list_head node;
	spinlock_t lock;
	unsigned long users;
	bool withdrawn;
	unsigned long buffers;
	unsigned long quarantined;
	unsigned long refused;
	struct work_struct end;
};

extern struct workqueue_struct *pgh_workqueue;

int pgh_heap_init(void);
void pgh_heap_exit(void);

void pgh_heap_setup(struct pgh_heap *heap, const char *name,
		    struct pagealloc_pool *pool,
		    const struct pagealloc_heap_config *config);
bool pgh_heap_use(struct pgh_heap *heap);
void pgh_heap_unuse(struct pgh_heap *heap);
bool pgh_heap_add_buffer(struct pgh_heap *heap);
void pgh_heap_remove_buffer(struct pgh_heap *heap);
void pgh_heap_quarantine(struct pgh_heap *heap, long nr_pages);
void pgh_heap_count_refused(struct pgh_heap *heap);
void pgh_heap_withdraw(struct pgh_heap *heap);

static inline bool pgh_heap_by_pages(const struct pgh_heap *heap)
{
	return heap->config.mapping == PAGEALLOC_HEAP_PAGES;
}

#endif
