// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers: memory of a pool that is charged to a user, zeroed, and not freed before
 * nobody refers to it.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "base/fault.h"
#include "buffer.h"

/**
 * pgh_check_pool() - may memory of this kind be mapped so?
 * @info: what the pool is like
 * @mapping: how it is to be mapped
 *
 * A long-term pin of a page that must stay movable makes the kernel try to move it
 * again and again.
 *
 * Return: 0; -EOPNOTSUPP if not.
 */
int pgh_check_pool(const struct pagealloc_info *info,
		   enum pagealloc_heap_mapping mapping)
{
	if (!info->has_memory || !info->can_zero)
		return -EOPNOTSUPP;
	if (mapping == PAGEALLOC_HEAP_PAGES && !info->may_pin)
		return -EOPNOTSUPP;
	return 0;
}

/* A pool can get regions of another kind while it is offered. */
static int check_pool(struct pgh_buffer *buffer)
{
	struct pagealloc_info info;
	int ret;

	ret = pagealloc_pool_info(buffer->heap->pool, &info);
	if (ret)
		return ret;
	buffer->has_pages = info.has_pages;
	return pgh_check_pool(&info, buffer->heap->config.mapping);
}

static int charge(struct pgh_buffer *buffer)
{
	struct pgh_heap *heap = buffer->heap;
	int ret;

	if (heap->config.flags & PAGEALLOC_HEAP_NO_MEMLOCK)
		return 0;
	ret = pgh_charge(&buffer->charge, buffer->nr_pages);
	if (ret)
		pgh_heap_count_refused(heap);
	return ret;
}

/*
 * Allocate, in memory that huge pages can map if the request leaves that open and there
 * is such a place.
 */
static int allocate(struct pgh_buffer *buffer, const struct pagealloc_request *request,
		    gfp_t gfp)
{
	struct pagealloc_request huge = *request;
	struct pagealloc_pool *pool = buffer->heap->pool;
	int ret;

	gfp |= __GFP_ZERO | __GFP_NOWARN;
	if (!request->align && !request->low &&
	    !(request->flags & (PAGEALLOC_FIXED | PAGEALLOC_BEST_FIT)) &&
	    request->nr_pages >= PMD_SIZE >> PAGE_SHIFT) {
		huge.align = PMD_SIZE >> PAGE_SHIFT;
		ret = pagealloc_alloc_range(pool, &huge, gfp, &buffer->pfn);
		if (ret != -ENOMEM && ret != -EBUSY)
			return ret;
	}
	return pagealloc_alloc_range(pool, request, gfp, &buffer->pfn);
}

/**
 * pgh_buffer_create() - make a buffer
 * @heap: a heap that the caller uses
 * @request: its length and where it may lie
 * @gfp: GFP_KERNEL, or GFP_NOWAIT for memory that is ready
 * @charged: charge the user of the calling task, unless the heap charges nobody
 *
 * Context: may sleep.
 * Return: the buffer; ERR_PTR(-ENOMEM) also if the user may not have so much,
 * ERR_PTR(-ENODEV) if the heap was withdrawn, ERR_PTR(-EOPNOTSUPP) if the pool is not
 * what it was when it was offered, or what pagealloc_alloc_range() returns.
 */
struct pgh_buffer *pgh_buffer_create(struct pgh_heap *heap,
				     const struct pagealloc_request *request,
				     gfp_t gfp, bool charged)
{
	struct pgh_buffer *buffer;
	int ret;

	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return ERR_PTR(-ENOMEM);
	buffer->heap = heap;
	buffer->nr_pages = request->nr_pages;
	mutex_init(&buffer->lock);
	INIT_LIST_HEAD(&buffer->attachments);
	ret = check_pool(buffer);
	if (!ret && charged)
		ret = charge(buffer);
	if (ret)
		goto err_free;
	ret = allocate(buffer, request, gfp);
	if (ret)
		goto err_uncharge;
	if (pgh_heap_add_buffer(heap))
		return buffer;

	ret = -ENODEV;
	pagealloc_free(heap->pool, buffer->pfn, buffer->nr_pages);
err_uncharge:
	pgh_uncharge(&buffer->charge);
err_free:
	kfree(buffer);
	return ERR_PTR(ret);
}

/* Nobody refers to the pages any more. */
static void free_now(struct pgh_buffer *buffer)
{
	struct pgh_heap *heap = buffer->heap;
	int ret;

	ret = pagealloc_free(heap->pool, buffer->pfn, buffer->nr_pages);
	if (ret)
		pr_err("%s: cannot free pfn %lu+%lu (%d)\n", heap->name, buffer->pfn,
		       buffer->nr_pages, ret);
	pgh_uncharge(&buffer->charge);
	pgh_heap_remove_buffer(heap);
	kfree(buffer);
}

static void leave_quarantine(struct pgh_quarantined *entry)
{
	struct pgh_buffer *buffer = container_of(entry, struct pgh_buffer, quarantined);

	pgh_heap_quarantine(buffer->heap, -(long)buffer->nr_pages);
	free_now(buffer);
}

/**
 * pgh_buffer_free() - free a buffer, now or when nobody refers to its pages
 * @buffer: the buffer; nothing maps it any more
 *
 * The user is charged until then.
 *
 * Context: may sleep; the caller holds a reference to this module.
 */
void pgh_buffer_free(struct pgh_buffer *buffer)
{
	struct pgh_quarantined *entry = &buffer->quarantined;

	entry->pfn = buffer->pfn;
	entry->end = buffer->pfn + buffer->nr_pages;
	entry->release = leave_quarantine;
	if (!buffer->has_pages || pgh_quarantine_clears(entry)) {
		free_now(buffer);
		return;
	}
	pgh_heap_quarantine(buffer->heap, buffer->nr_pages);
	pgh_quarantine_add(entry);
}
