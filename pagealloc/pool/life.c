// SPDX-License-Identifier: GPL-2.0
/* The life of a pool: it is made, and it ends. */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "pool/life.h"
#include "pool/region.h"
#include "pool/reserve.h"
#include "pool/scavenge.h"
#include "pool/track.h"

static u64 real_now(const struct pga_clock *clock)
{
	return ktime_get_ns();
}

static u64 real_coarse(const struct pga_clock *clock)
{
	return get_jiffies_64() * TICK_NSEC;
}

static const struct pga_clock real_clock = {
	.now = real_now,
	.coarse = real_coarse,
};

static void *get_node(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp);
}

/* Generations of ten seconds, 1 % of a CPU, a second's grace, no limit. */
static const struct pagealloc_tuning default_tuning = {
	.generation_ms = 10000,
	.delay_ms = 1000,
	.cpu_percent = 1,
	.limit = PAGEALLOC_NO_LIMIT,
};

/**
 * pga_engine() - find an engine
 * @name: its name, NULL for the default
 *
 * Return: the engine, or NULL.
 */
const struct pga_engine_ops *pga_engine(const char *name)
{
	static const struct pga_engine_ops * const engines[] = {
		&pga_bitmap_engine,
		&pga_span_engine,
	};
	unsigned int i;

	if (!name)
		return &pga_bitmap_engine;
	for (i = 0; i < ARRAY_SIZE(engines); i++)
		if (!strcmp(name, engines[i]->name))
			return engines[i];
	return NULL;
}

/**
 * pga_pool_new() - a pool that nobody knows of as yet
 * @config: checked by the caller
 *
 * Return: the pool, or an ERR_PTR(): -EINVAL for a granule that is none.
 */
struct pagealloc_pool *pga_pool_new(const struct pagealloc_config *config)
{
	const unsigned long granule = config->ops->granule(config->ctx);
	struct pagealloc_pool *pool;

	if (!is_power_of_2(granule) || granule > PAGEALLOC_GRANULE_MAX)
		return ERR_PTR(-EINVAL);
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	strscpy(pool->name, config->name, sizeof(pool->name));
	pool->ops = config->ops;
	pool->ctx = config->ctx;
	pool->flags = config->flags;
	pool->granule = granule;
	pool->huge = PMD_SIZE / PAGE_SIZE;
	INIT_LIST_HEAD(&pool->pools);
	raw_spin_lock_init(&pool->lock);
	pga_map_init(&pool->map, pga_engine(config->engine), PAGE_SIZE,
		     granule * PAGE_SIZE);
	pool->get_node = get_node;
	INIT_LIST_HEAD(&pool->regions);
	INIT_LIST_HEAD(&pool->isolated);
	init_waitqueue_head(&pool->settled_wq);
	pool->goal = PGA_NONE;
	pool->limit_goal = PGA_NONE;
	pool->tuning = default_tuning;
	pool->clock = &real_clock;
	init_llist_head(&pool->deferred);
	if (pga_track_begin(pool)) {
		kfree(pool);
		return ERR_PTR(-ENOMEM);
	}
	return pool;
}

/**
 * pga_pool_delete() - end a pool that nobody knows of any more
 * @pool: the pool; no call into it is under way
 *
 * Ready memory goes back first.  Pages that are still in use, or that the
 * backing does not take back, are reported and kept out of everybody's hands.
 */
void pga_pool_delete(struct pagealloc_pool *pool)
{
	struct pga_scavenge everything = {
		.cause = PAGEALLOC_SCAVENGED_REQUEST,
		.nr = PAGEALLOC_ALL,
	};

	/* What is still parked then stays out of use, and is reported. */
	pga_reserve_fill(pool);
	if (pga_scavenge(pool, &everything))
		pr_err("%s: not all memory could be given back\n", pool->name);
	pga_pool_complain(pool);

	pga_region_release_all(pool);
	pga_map_drain(&pool->map, kvfree);
	pga_latency_end(pool);
	pga_track_end(pool);
	kfree(pool);
}
