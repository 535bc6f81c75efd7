/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_H
#define PAGEALLOC_HEAP_H

/**
 * DOC: pagealloc_heap
 *
 * Pools for user space.  A pool that is offered has a character device
 * /dev/dma_heap/NAME, which hands out buffers of contiguous memory as dma-bufs.  A
 * buffer is freed when nobody refers to it any more: no descriptor, no mapping, no
 * importer.
 */

#include <linux/gfp.h>
#include <linux/types.h>

struct dma_buf;
struct module;
struct pagealloc_request;

/**
 * enum pagealloc_heap_mapping - how the buffers of a pool are mapped into user space
 * @PAGEALLOC_HEAP_PFN: by page frame number.  Nobody can take a reference to a page by
 *	its mapping.
 * @PAGEALLOC_HEAP_PAGES: by page, for O_DIRECT, io_uring, RDMA and VFIO.  Only for
 *	pages that have a page struct and are neither in ZONE_MOVABLE nor in a CMA area.
 */
enum pagealloc_heap_mapping {
	PAGEALLOC_HEAP_PFN,
	PAGEALLOC_HEAP_PAGES,
};

/* Flag: buffers are not charged to RLIMIT_MEMLOCK of the user that asks for them. */
#define PAGEALLOC_HEAP_NO_MEMLOCK	0x1

/**
 * struct pagealloc_heap_config - how a pool is offered
 * @mapping: how its buffers are mapped
 * @mode: permissions of the device node, at most 0666; 0 is 0600
 * @flags: PAGEALLOC_HEAP_NO_MEMLOCK
 * @gone: called once when the pool was withdrawn and its last buffer is gone, and the
 *	reference to the pool has been dropped; may be NULL.  May sleep, and may destroy
 *	the pool.  Runs on a workqueue, possibly before pagealloc_heap_withdraw() has
 *	returned.  Not called if the pool could not be offered.
 * @arg: argument of @gone
 * @owner: THIS_MODULE of @gone.  It stays loaded until @gone has returned
 */
struct pagealloc_heap_config {
	enum pagealloc_heap_mapping mapping;
	umode_t mode;
	unsigned int flags;
	void (*gone)(void *arg);
	void *arg;
	struct module *owner;
};

int __must_check pagealloc_heap_offer(const char *pool,
				      const struct pagealloc_heap_config *config);
int pagealloc_heap_withdraw(const char *pool);
struct dma_buf * __must_check
pagealloc_heap_export(const char *pool, const struct pagealloc_request *request,
		      gfp_t gfp);

#endif
