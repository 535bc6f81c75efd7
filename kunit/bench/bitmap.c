// SPDX-License-Identifier: GPL-2.0
/*
 * The subject bitmap: bitmap_find_next_zero_area() under a lock, as in drivers.
 */

#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "subjects.h"

struct bitmap_pool {
	raw_spinlock_t lock;
	unsigned long nr;
	unsigned long *bits;
};

static void *bitmap_create(const struct bench_subject *s, unsigned long pages)
{
	struct bitmap_pool *map = kmalloc(sizeof(*map), GFP_KERNEL);

	if (!map)
		return NULL;
	raw_spin_lock_init(&map->lock);
	map->nr = pages;
	map->bits = kvcalloc(BITS_TO_LONGS(pages), sizeof(long), GFP_KERNEL);
	if (!map->bits) {
		kfree(map);
		return NULL;
	}
	return map;
}

static bool bitmap_destroy(void *pool)
{
	struct bitmap_pool *map = pool;

	kvfree(map->bits);
	kfree(map);
	return true;
}

static int bitmap_alloc_run(void *pool, unsigned long nr, unsigned long *where)
{
	struct bitmap_pool *map = pool;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&map->lock, flags);
	*where = bitmap_find_next_zero_area(map->bits, map->nr, 0, nr, 0);
	found = *where < map->nr;
	if (found)
		bitmap_set(map->bits, *where, nr);
	raw_spin_unlock_irqrestore(&map->lock, flags);
	return found ? 0 : -ENOMEM;
}

static void bitmap_free_run(void *pool, unsigned long where, unsigned long nr)
{
	struct bitmap_pool *map = pool;
	unsigned long flags;

	raw_spin_lock_irqsave(&map->lock, flags);
	bitmap_clear(map->bits, where, nr);
	raw_spin_unlock_irqrestore(&map->lock, flags);
}

static unsigned long bitmap_page(void *pool, unsigned long where)
{
	return where;
}

const struct bench_subject bench_bitmap = {
	.name = "bitmap",
	.stride = 1,
	.max_pages = 1UL << 24,
	.create = bitmap_create,
	.destroy = bitmap_destroy,
	.alloc = bitmap_alloc_run,
	.free = bitmap_free_run,
	.page = bitmap_page,
};
