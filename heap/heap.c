// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a heap: a pool that is or was offered.
 *
 * A heap counts its users.  Being offered is one, each buffer is one, and each call
 * that is under way.  A heap that is withdrawn gets no new ones.  With the last user
 * the reference to the pool goes, on a workqueue: the last user may hold locks that
 * those who wait for the end of the pool want.
 *
 * The structure itself goes with the last reference to its device.  The users have one
 * together, and each open file of the node has one, which does not keep the pool.
 */

#include <linux/module.h>

#include "base/fault.h"
#include "heap.h"

/* For ends of heaps, and for the quarantine. */
struct workqueue_struct *pgh_workqueue;

/**
 * pgh_heap_init() - prepare for heaps
 *
 * Return: 0 or -ENOMEM.
 */
int pgh_heap_init(void)
{
	pgh_workqueue = alloc_workqueue("pagealloc_heap", WQ_UNBOUND, 0);
	return pgh_workqueue ? 0 : -ENOMEM;
}

/* Wait for the heaps that have been withdrawn; all have, and none has a user. */
void pgh_heap_exit(void)
{
	destroy_workqueue(pgh_workqueue);
}

static void end_work(struct work_struct *work)
{
	struct pgh_heap *heap = container_of(work, struct pgh_heap, end);

	pagealloc_pool_put(heap->pool);
	if (heap->config.gone)
		heap->config.gone(heap->config.arg);
	module_put(heap->config.owner);
	put_device(&heap->dev);
}

/**
 * pgh_heap_setup() - fill in a heap that has one user: that it is offered
 * @heap: the heap; its device is initialized, and the reference to it becomes that of
 *	  the users
 * @name: the name of the pool
 * @pool: the pool, with a reference that belongs to the heap now
 * @config: how it is offered; @config->owner with a reference that belongs to the heap
 */
void pgh_heap_setup(struct pgh_heap *heap, const char *name,
		    struct pagealloc_pool *pool,
		    const struct pagealloc_heap_config *config)
{
	strscpy(heap->name, name, sizeof(heap->name));
	heap->pool = pool;
	heap->config = *config;
	heap->users = 1;
	INIT_LIST_HEAD(&heap->node);
	INIT_WORK(&heap->end, end_work);
	spin_lock_init(&heap->lock);
}

/**
 * pgh_heap_use() - become a user of a heap
 * @heap: a heap that is in the list, or of which the caller has a file
 *
 * Context: may not be in an interrupt.
 * Return: false if the heap is withdrawn; otherwise the caller calls pgh_heap_unuse().
 */
bool pgh_heap_use(struct pgh_heap *heap)
{
	bool ok;

	spin_lock(&heap->lock);
	ok = !heap->withdrawn;
	heap->users += ok;
	spin_unlock(&heap->lock);
	return ok;
}

/**
 * pgh_heap_unuse() - undo pgh_heap_use()
 * @heap: the heap, which may be gone afterwards
 *
 * Context: may not be in an interrupt.
 */
void pgh_heap_unuse(struct pgh_heap *heap)
{
	bool last;

	spin_lock(&heap->lock);
	last = !--heap->users;
	spin_unlock(&heap->lock);
	/* If it is not the last one the heap may be gone. */
	if (last)
		queue_work(pgh_workqueue, &heap->end);
}

/**
 * pgh_heap_add_buffer() - count a buffer, which is a user
 * @heap: a heap that the caller uses
 *
 * Context: may not be in an interrupt.
 * Return: false if the heap was withdrawn meanwhile.
 */
bool pgh_heap_add_buffer(struct pgh_heap *heap)
{
	bool ok;

	spin_lock(&heap->lock);
	ok = !heap->withdrawn;
	heap->users += ok;
	heap->buffers += ok;
	spin_unlock(&heap->lock);
	return ok;
}

/**
 * pgh_heap_remove_buffer() - undo pgh_heap_add_buffer()
 * @heap: the heap, which may be gone afterwards
 *
 * Context: may not be in an interrupt.
 */
void pgh_heap_remove_buffer(struct pgh_heap *heap)
{
	spin_lock(&heap->lock);
	heap->buffers--;
	spin_unlock(&heap->lock);
	pgh_heap_unuse(heap);
}

/**
 * pgh_heap_quarantine() - count pages that go into quarantine or leave it
 * @heap: the heap
 * @nr_pages: pages, negative if they leave it
 *
 * Context: may not be in an interrupt.
 */
void pgh_heap_quarantine(struct pgh_heap *heap, long nr_pages)
{
	spin_lock(&heap->lock);
	heap->quarantined += nr_pages;
	spin_unlock(&heap->lock);
}

/* Count a request that RLIMIT_MEMLOCK did not allow. */
void pgh_heap_count_refused(struct pgh_heap *heap)
{
	spin_lock(&heap->lock);
	heap->refused++;
	spin_unlock(&heap->lock);
}

/**
 * pgh_heap_withdraw() - no new users from now on
 * @heap: a heap that is offered, and for which this is called once
 *
 * Context: may not be in an interrupt.
 */
void pgh_heap_withdraw(struct pgh_heap *heap)
{
	spin_lock(&heap->lock);
	heap->withdrawn = true;
	spin_unlock(&heap->lock);
	pgh_heap_unuse(heap);
}
