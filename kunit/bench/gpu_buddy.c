// SPDX-License-Identifier: GPL-2.0
/*
 * The subject gpu_buddy: the kernel's buddy allocator for graphics memory, which
 * was called drm_buddy before.  It allocates memory, so its users protect it with a
 * mutex.  Runs are rounded up to a power of two.
 */

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/version.h>

#if KERNEL_VERSION(7, 0, 0) <= LINUX_VERSION_CODE
#include <linux/gpu_buddy.h>
#else
#include <drm/drm_buddy.h>
#define gpu_buddy		drm_buddy
#define gpu_buddy_block		drm_buddy_block
#define gpu_buddy_init		drm_buddy_init
#define gpu_buddy_fini		drm_buddy_fini
#define gpu_buddy_alloc_blocks	drm_buddy_alloc_blocks
#define gpu_buddy_free_block	drm_buddy_free_block
#define gpu_buddy_block_offset	drm_buddy_block_offset
#endif

#include "subjects.h"

struct gpu_pool {
	struct gpu_buddy mm;
	struct mutex mutex;
	u64 size;
};

static void *gpu_create(const struct bench_subject *s, unsigned long pages)
{
	struct gpu_pool *gpu = kzalloc(sizeof(*gpu), GFP_KERNEL);

	if (!gpu)
		return NULL;
	mutex_init(&gpu->mutex);
	gpu->size = (u64)pages << PAGE_SHIFT;
	if (gpu_buddy_init(&gpu->mm, gpu->size, SZ_4K)) {
		kfree(gpu);
		return NULL;
	}
	return gpu;
}

static bool gpu_destroy(void *pool)
{
	struct gpu_pool *gpu = pool;

	gpu_buddy_fini(&gpu->mm);
	kfree(gpu);
	return true;
}

static int gpu_alloc(void *pool, unsigned long nr, unsigned long *where)
{
	const u64 size = (u64)PAGE_SIZE << order_base_2(nr);
	struct gpu_pool *gpu = pool;
	struct gpu_buddy_block *block;
	LIST_HEAD(blocks);
	int ret;

	mutex_lock(&gpu->mutex);
	ret = gpu_buddy_alloc_blocks(&gpu->mm, 0, gpu->size, size, size, &blocks,
				     0);
	mutex_unlock(&gpu->mutex);
	if (ret)
		return ret;
	block = list_first_entry(&blocks, struct gpu_buddy_block, link);
	*where = (unsigned long)block;
	return 0;
}

static void gpu_free(void *pool, unsigned long where, unsigned long nr)
{
	struct gpu_pool *gpu = pool;

	mutex_lock(&gpu->mutex);
	gpu_buddy_free_block(&gpu->mm, (struct gpu_buddy_block *)where);
	mutex_unlock(&gpu->mutex);
}

static unsigned long gpu_page(void *pool, unsigned long where)
{
	return gpu_buddy_block_offset((struct gpu_buddy_block *)where) >> PAGE_SHIFT;
}

const struct bench_subject bench_gpu_buddy = {
	.name = "gpu_buddy",
	.rounds = true,
	.max_pages = 1UL << 18,
	.create = gpu_create,
	.destroy = gpu_destroy,
	.alloc = gpu_alloc,
	.free = gpu_free,
	.page = gpu_page,
};
