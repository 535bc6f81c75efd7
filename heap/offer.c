// SPDX-License-Identifier: GPL-2.0
/*
 * The exported calls: to offer a pool, to withdraw it, and to export memory of one.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dma-buf.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/fcntl.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "device.h"
#include "dmabuf.h"
#include "offer.h"

#define MODE	0666

static LIST_HEAD(heaps);		/* protected by heaps_mutex */
static DEFINE_MUTEX(heaps_mutex);

/* Find the heap that is offered by this name. */
static struct pgh_heap *find_heap(const char *name)
{
	struct pgh_heap *heap;

	lockdep_assert_held(&heaps_mutex);
	list_for_each_entry(heap, &heaps, node)
		if (!strcmp(heap->name, name))
			return heap;
	return NULL;
}

static const char *why_not(const struct pagealloc_info *info)
{
	if (!info->has_memory)
		return "its pages are only numbers";
	if (!info->can_zero)
		return "its memory cannot be zeroed";
	if (!info->has_pages)
		return "its pages have no page structs to be mapped by";
	return "its pages may not be pinned (ZONE_MOVABLE, CMA, or several zones)";
}

static int check_offer(const char *name, struct pagealloc_pool *pool,
		       enum pagealloc_heap_mapping mapping)
{
	struct pagealloc_info info;
	int ret;

	ret = pagealloc_pool_info(pool, &info);
	if (ret)
		return ret;
	ret = pgh_check_pool(&info, mapping);
	if (ret)
		pr_err("%s: not offered: %s\n", name, why_not(&info));
	return ret;
}

/* Add a heap for a pool.  The references to pool and owner are the heap's then. */
static int add_heap(const char *name, struct pagealloc_pool *pool,
		    const struct pagealloc_heap_config *config)
{
	struct pgh_heap *heap;
	int ret;

	heap = pgh_device_alloc();
	if (!heap)
		return -ENOMEM;
	pgh_heap_setup(heap, name, pool, config);
	if (!heap->config.mode)
		heap->config.mode = 0600;
	mutex_lock(&heaps_mutex);
	ret = find_heap(name) ? -EEXIST : pgh_device_add(heap);
	if (!ret)
		list_add_tail(&heap->node, &heaps);
	mutex_unlock(&heaps_mutex);
	if (ret)
		put_device(&heap->dev);
	return ret;
}

static bool config_ok(const struct pagealloc_heap_config *config)
{
	return config && !(config->mode & ~MODE) &&
	       !(config->flags & ~PAGEALLOC_HEAP_NO_MEMLOCK) &&
	       (config->mapping == PAGEALLOC_HEAP_PFN ||
		config->mapping == PAGEALLOC_HEAP_PAGES);
}

/**
 * pagealloc_heap_offer() - offer a pool to user space
 * @pool: name of the pool
 * @config: how; not needed after the call
 *
 * The pool cannot be destroyed until it was withdrawn and its last buffer is gone.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a bad @config; -ENOENT if there is no such pool; -EEXIST if it
 * is offered already, or if /dev/dma_heap has another node of its name; -EOPNOTSUPP if
 * it cannot be offered so, and the log says why; -ENODEV if it ends; -ENOSPC if there
 * are 256 heaps; -ENOMEM.
 */
int pagealloc_heap_offer(const char *pool, const struct pagealloc_heap_config *config)
{
	struct pagealloc_pool *p;
	int ret = -ENODEV;

	if (!pool || !config_ok(config))
		return -EINVAL;
	p = pagealloc_pool_get(pool);
	if (!p)
		return -ENOENT;
	if (!try_module_get(config->owner))
		goto err_put_pool;
	ret = check_offer(pool, p, config->mapping) ?: add_heap(pool, p, config);
	if (!ret)
		return 0;

	module_put(config->owner);
err_put_pool:
	pagealloc_pool_put(p);
	return ret;
}
EXPORT_SYMBOL_GPL(pagealloc_heap_offer);

static void withdraw(struct pgh_heap *heap)
{
	lockdep_assert_held(&heaps_mutex);
	list_del(&heap->node);
	pgh_device_remove(heap);
	pgh_heap_withdraw(heap);
}

/**
 * pagealloc_heap_withdraw() - end an offer
 * @pool: name of the pool
 *
 * There are no new buffers from now on.  Those that exist are not touched.
 *
 * Context: may sleep.
 * Return: 0; -ENOENT if no pool of this name is offered.
 */
int pagealloc_heap_withdraw(const char *pool)
{
	struct pgh_heap *heap;

	if (!pool)
		return -ENOENT;
	mutex_lock(&heaps_mutex);
	heap = find_heap(pool);
	if (heap)
		withdraw(heap);
	mutex_unlock(&heaps_mutex);
	return heap ? 0 : -ENOENT;
}
EXPORT_SYMBOL_GPL(pagealloc_heap_withdraw);

/**
 * pagealloc_heap_export() - make a buffer for a driver
 * @pool: name of a pool that is offered
 * @request: length of the buffer and where it may lie
 * @gfp: GFP_KERNEL; GFP_NOWAIT for memory that is ready, up to 4096 pages
 *
 * The buffer is like one that a program gets, but nobody is charged for it.  It is
 * freed after dma_buf_put(), when nobody else refers to it.
 *
 * Context: may sleep, also with GFP_NOWAIT.
 * Return: the dma-buf; ERR_PTR(-ENOENT) if no pool of this name is offered;
 * ERR_PTR(-ENODEV) if it was withdrawn meanwhile; ERR_PTR(-EINVAL) for a request or
 * flags that are not allowed; ERR_PTR(-ENOMEM); ERR_PTR(-EBUSY) or ERR_PTR(-EINTR) as
 * pagealloc_alloc_range() returns them.
 */
struct dma_buf *pagealloc_heap_export(const char *pool,
				      const struct pagealloc_request *request,
				      gfp_t gfp)
{
	struct dma_buf *dmabuf;
	struct pgh_heap *heap;

	if (!pool || !request || !request->nr_pages ||
	    request->nr_pages > LONG_MAX >> PAGE_SHIFT)
		return ERR_PTR(-EINVAL);
	mutex_lock(&heaps_mutex);
	heap = find_heap(pool);
	if (heap && !pgh_heap_use(heap))
		heap = NULL;
	mutex_unlock(&heaps_mutex);
	if (!heap)
		return ERR_PTR(-ENOENT);
	dmabuf = pgh_dmabuf_create(heap, request, gfp, false, O_RDWR | O_CLOEXEC);
	pgh_heap_unuse(heap);
	return dmabuf;
}
EXPORT_SYMBOL_GPL(pagealloc_heap_export);

/* Withdraw all that is offered. */
void pgh_offer_exit(void)
{
	struct pgh_heap *heap, *next;

	mutex_lock(&heaps_mutex);
	list_for_each_entry_safe(heap, next, &heaps, node)
		withdraw(heap);
	mutex_unlock(&heaps_mutex);
}
