// SPDX-License-Identifier: GPL-2.0
/*
 * Making and destroying a pool, in four steps:
 *
 *	new	sets up the fields, the engine and the table of tracked runs.  No
 *		other task can reach the pool yet.
 *	start	sets up reserve, caches and worker, and registers the name.
 *	stop	undoes start, in reverse order.
 *	delete	gives ready memory back, releases the regions, frees the maps.
 *
 * If a step fails, the steps before it are undone in reverse order.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "base/fault.h"
#include "engine/bitmap/engine.h"
#include "engine/span/engine.h"
#include "base/kunit_export.h"
#include "pool/calls.h"
#include "pool/cpu_cache.h"
#include "pool/deferred.h"
#include "pool/held.h"
#include "pool/life.h"
#include "pool/pressure.h"
#include "pool/region.h"
#include "pool/registry.h"
#include "pool/reserve.h"
#include "pool/retired.h"
#include "pool/scavenge.h"
#include "pool/scavenger.h"
#include "pool/stats.h"
#include "pool/track.h"

/* How often, and how far apart, a pool that ends offers what the backing refuses. */
#define GIVE_BACK_TRIES	5
#define GIVE_BACK_MS	20

static u64 real_now(const struct pga_clock *clock)
{
	return ktime_get_ns();
}

static u64 real_coarse(const struct pga_clock *clock)
{
	return get_jiffies_64() * TICK_NSEC;
}

/* The scheduler adds the time for which a thread has run when it leaves the CPU. */
static u64 real_runtime(const struct pga_clock *clock)
{
	schedule();
	return current->se.sum_exec_runtime;
}

static const struct pga_clock real_clock = {
	.now = real_now,
	.coarse = real_coarse,
	.runtime = real_runtime,
};

static void *get_node(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp);
}

/* Generations of ten seconds, 1 % of a CPU, a delay of a second, no limit. */
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

/* The answer of a backing that may have no function for it. */
static bool ask(bool (*function)(void *ctx), void *ctx)
{
	return function && function(ctx);
}

/* A pool that no other task knows of; an ERR_PTR() if it cannot be. */
static struct pagealloc_pool *new_pool(const struct pagealloc_config *config)
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
	/* There is nothing to do for a worker where nothing is discarded. */
	if (pool->ops->stays)
		pool->flags |= PAGEALLOC_NO_WORKER;
	pool->granule = granule;
	pool->huge = PMD_SIZE / PAGE_SIZE;
	INIT_LIST_HEAD(&pool->pools);
	raw_spin_lock_init(&pool->lock);
	pga_map_init(&pool->map, pga_engine(config->engine), PAGE_SIZE,
		     granule * PAGE_SIZE);
	pool->get_node = get_node;
	pool->nid = NUMA_NO_NODE;
	pool->zone = PAGEALLOC_NO_ZONE;
	pool->regions = RB_ROOT;
	pool->room = RB_ROOT;
	pool->rows = RB_ROOT;
	pool->isolated = RB_ROOT;
	pool->held = RB_ROOT;
	pool->held_due = RB_ROOT_CACHED;
	pool->refused_due = RB_ROOT_CACHED;
	pool->retired = RB_ROOT;
	pool->has_pages = ask(config->ops->has_pages, config->ctx);
	pool->may_pin = pool->has_pages && ask(config->ops->may_pin, config->ctx);
	/* They tell whether memory is bad, and who refers to it. */
	pool->looks = pool->has_pages;
	init_waitqueue_head(&pool->settled_wq);
	pool->goal = PGA_NONE;
	pool->limit_goal = PGA_NONE;
	pool->tuning = default_tuning;
	pool->clock = &real_clock;
	pga_deferred_init(pool);
	if (pga_calls_init(pool))
		goto err_free;
	if (pga_track_begin(pool))
		goto err_calls;
	pool->dev = get_device(config->dev);
	pool->node = of_node_get(config->node);
	return pool;

err_calls:
	pga_calls_exit(pool);
err_free:
	kfree(pool);
	return ERR_PTR(-ENOMEM);
}

/* Have the backing take back all ready memory; returns why it refuses some. */
static int give_back(struct pagealloc_pool *pool)
{
	struct pga_scavenge everything;
	unsigned int tries = GIVE_BACK_TRIES;
	int ret;

	for (;;) {
		everything = (struct pga_scavenge) {
			.cause = PAGEALLOC_SCAVENGED_REQUEST,
			.nr = PAGEALLOC_ALL,
		};
		pga_retired_look_again(pool);
		ret = pga_scavenge(pool, &everything);
		if ((ret != -EBUSY && ret != -ENOMEM) || !--tries)
			return ret;
		/* Somebody may refer to a page for a moment. */
		msleep(GIVE_BACK_MS);
	}
}

/* Give ready memory back, release the regions, and free the pool. */
static void delete_pool(struct pagealloc_pool *pool)
{
	/* Pages that stay parked are reported with those that are in use. */
	pga_reserve_fill(pool);
	pga_held_end(pool);
	pga_retired_end(pool);
	if (give_back(pool))
		pr_err("%s: not all memory could be given back\n", pool->name);
	pga_report_corruption(pool);

	pga_held_end(pool);
	pga_region_release_all(pool);
	pga_map_drain(&pool->map, kvfree);
	pga_latency_end(&pool->latency);
	pga_track_end(pool);
	pga_calls_exit(pool);
	of_node_put(pool->node);
	put_device(pool->dev);
	kfree(pool);
}

/* A cache takes pages back without asking which run they are of. */
static bool may_cache(const struct pagealloc_pool *pool)
{
	return !(pool->flags & (PAGEALLOC_NO_CACHE | PAGEALLOC_TRACK |
				PAGEALLOC_TRACK_STACKS));
}

/**
 * pga_pool_create() - make a pool, and enter it in the registry
 * @config: checked by the caller
 *
 * Context: may sleep.
 * Return: the pool, or an ERR_PTR(): -EINVAL if the granule of the backing is not
 * a power of two or too large, -EEXIST if the name is taken, -ENOMEM, -EINTR if a
 * fatal signal keeps the worker from being started.
 */
struct pagealloc_pool *pga_pool_create(const struct pagealloc_config *config)
{
	struct pagealloc_pool *pool = new_pool(config);
	int ret;

	if (IS_ERR(pool))
		return pool;
	ret = pga_reserve_fill(pool) ?: pga_retired_fill(pool);
	if (ret)
		goto err_delete;
	if (may_cache(pool)) {
		ret = pga_cpu_cache_start(pool);
		if (ret)
			goto err_delete;
	}
	if (!(pool->flags & PAGEALLOC_NO_WORKER)) {
		ret = pga_scavenger_start(pool);
		if (ret)
			goto err_cache;
	}
	ret = pga_pressure_start(pool);
	if (ret)
		goto err_scavenger;
	ret = pga_registry_add(pool);
	if (ret)
		goto err_pressure;
	return pool;

err_pressure:
	pga_pressure_stop(pool);
err_scavenger:
	pga_scavenger_stop(pool);
err_cache:
	pga_cpu_cache_stop(pool);
err_delete:
	delete_pool(pool);
	return ERR_PTR(ret);
}

/**
 * pga_pool_stop() - stop the work that is done for a pool
 * @pool: the pool; nobody uses it any more
 *
 * Context: may sleep.
 */
void pga_pool_stop(struct pagealloc_pool *pool)
{
	cancel_work_sync(&pool->drain_work);
	pga_pressure_stop(pool);
	pga_scavenger_stop(pool);
	pga_cpu_cache_stop(pool);
}

/* May the pool go?  Not with pages in use, or if the backing refuses to take some. */
static int empty_pool(struct pagealloc_pool *pool)
{
	int ret;

	if (pga_stats_in_use(pool))
		return 0;
	ret = give_back(pool);
	/* A corrupt pool gives nothing back. */
	if (!ret || READ_ONCE(pool->corrupt))
		return 0;
	pr_err("%s: the backing does not take all memory back (%d)\n", pool->name, ret);
	return ret;
}

/**
 * pga_pool_destroy() - end a pool
 * @pool: the pool
 * @force: even if pages are in use; their frames stay out of use
 *
 * New calls are refused, and those under way are waited for.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if the pool is referenced by name, if another task destroys it, or
 * if pages are in use; or the errno of a discard, unless @force is set.  The pool
 * accepts calls again then.
 */
int pga_pool_destroy(struct pagealloc_pool *pool, bool force)
{
	int ret;

	ret = pga_registry_hide(pool);
	if (ret)
		return ret;
	pga_calls_stop(pool);
	flush_work(&pool->drain_work);
	pga_deferred_drain(pool);
	pga_cpu_cache_drain(pool);
	pga_reserve_fill(pool);
	/* The maps have held pages as allocated. */
	pga_held_end(pool);
	ret = force ? 0 : empty_pool(pool);
	ret = ret ?: pga_registry_remove(pool, force);
	if (ret) {
		pga_calls_resume(pool);
		pga_registry_unhide(pool);
		return ret;
	}
	pga_pool_stop(pool);
	delete_pool(pool);
	return 0;
}
PGA_EXPORT_FOR_KUNIT(pga_pool_destroy);
