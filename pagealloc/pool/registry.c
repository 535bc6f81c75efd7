// SPDX-License-Identifier: GPL-2.0
/*
 * The registry: the list of all pools.
 *
 * One mutex protects the list, the references taken by name, and the rules that names
 * are unique and that no page of memory is in two pools.  No allocation and no free
 * takes it.
 *
 * The registry tells one observer when a pool is added, removed or scavenged.  It
 * does not know what the observer does; in the module it is debugfs.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>

#include "base/kunit_export.h"
#include "pool/cpu_cache.h"
#include "pool/grow.h"
#include "pool/region.h"
#include "pool/registry.h"
#include "pool/stats.h"
#include "pool/track.h"

static DEFINE_MUTEX(registry_mutex);
static LIST_HEAD(pools);			/* protected by registry_mutex */
static const struct pga_observer *observer;	/* written under registry_mutex */

/**
 * pga_registry_set_observer() - set the observer of all pools
 * @new: the observer, or NULL
 *
 * The old observer is told that the pools which are left are removed.
 *
 * Context: may sleep.
 */
void pga_registry_set_observer(const struct pga_observer *new)
{
	struct pagealloc_pool *pool;

	mutex_lock(&registry_mutex);
	list_for_each_entry(pool, &pools, pools)
		if (observer && !pool->hidden)
			observer->removed(pool);
	/* Pairs with READ_ONCE() in pga_registry_scavenged(). */
	WRITE_ONCE(observer, new);
	mutex_unlock(&registry_mutex);
}

static struct pagealloc_pool *find(const char *name)
{
	struct pagealloc_pool *pool;

	lockdep_assert_held(&registry_mutex);
	list_for_each_entry(pool, &pools, pools)
		if (!strcmp(pool->name, name))
			return pool;
	return NULL;
}

/**
 * pga_registry_add() - add a pool
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: 0; -EEXIST if another pool has the name; or the errno of the observer.
 */
int pga_registry_add(struct pagealloc_pool *pool)
{
	int ret = 0;

	mutex_lock(&registry_mutex);
	if (find(pool->name))
		ret = -EEXIST;
	else if (observer)
		ret = observer->added(pool);
	if (!ret)
		list_add_tail(&pool->pools, &pools);
	mutex_unlock(&registry_mutex);
	return ret;
}

/* Log the pages that clients have not freed. */
static void report_leak(struct pagealloc_pool *pool, unsigned long nr)
{
	struct pga_extent first = {};

	pga_stats_first_in_use(pool, &first);
	pr_err("%s: %lu pages are still in use, the first run is pfn %lu+%lu\n",
	       pool->name, nr, pool->base + first.start, first.nr);
	pga_track_report(pool);
}

/**
 * pga_registry_hide() - hide a pool that may end: it has no name and no observer
 * @pool: the pool; pga_registry_remove() or pga_registry_unhide() follows
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if the pool is referenced by name, or hidden already.
 */
int pga_registry_hide(struct pagealloc_pool *pool)
{
	int ret = 0;

	mutex_lock(&registry_mutex);
	if (pool->users || pool->hidden)
		ret = -EBUSY;
	else
		pool->hidden = true;
	if (!ret && observer)
		observer->removed(pool);
	mutex_unlock(&registry_mutex);
	return ret;
}

/**
 * pga_registry_unhide() - undo pga_registry_hide()
 * @pool: the pool
 *
 * Context: may sleep.
 */
void pga_registry_unhide(struct pagealloc_pool *pool)
{
	mutex_lock(&registry_mutex);
	pool->hidden = false;
	if (observer && observer->added(pool))
		pr_warn("%s: no longer in debugfs\n", pool->name);
	mutex_unlock(&registry_mutex);
}

/**
 * pga_registry_remove() - remove a pool
 * @pool: the pool, hidden
 * @force: remove it even if pages are in use
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if pages are in use, which are logged.
 */
int pga_registry_remove(struct pagealloc_pool *pool, bool force)
{
	const unsigned long in_use = pga_stats_in_use(pool);

	if (in_use) {
		report_leak(pool, in_use);
		if (!force)
			return -EBUSY;
	}
	mutex_lock(&registry_mutex);
	list_del_init(&pool->pools);
	mutex_unlock(&registry_mutex);
	return 0;
}

/* Keep this module, and the one that has the backing's functions. */
static bool hold_modules(const struct pagealloc_pool *pool)
{
	if (!try_module_get(THIS_MODULE))
		return false;
	if (try_module_get(pool->ops->owner))
		return true;
	module_put(THIS_MODULE);
	return false;
}

static bool matches(const struct pagealloc_pool *pool, const struct pga_wanted *wanted)
{
	if (wanted->name && strcmp(pool->name, wanted->name))
		return false;
	if (wanted->dev && pool->dev != wanted->dev)
		return false;
	return !wanted->node || pool->node == wanted->node ||
	       (!pool->node && pool->dev && pool->dev->of_node == wanted->node);
}

/**
 * pga_registry_get() - find a pool and take a reference
 * @wanted: what it must be like
 *
 * Context: may sleep.
 * Return: the first such pool, with a reference to it, to this module and to that of its
 * backing; NULL if there is none.
 */
struct pagealloc_pool *pga_registry_get(const struct pga_wanted *wanted)
{
	struct pagealloc_pool *pool, *found = NULL;

	mutex_lock(&registry_mutex);
	list_for_each_entry(pool, &pools, pools) {
		if (pool->hidden || !matches(pool, wanted) || !hold_modules(pool))
			continue;
		pool->users++;
		found = pool;
		break;
	}
	mutex_unlock(&registry_mutex);
	return found;
}

/**
 * pga_registry_put() - drop the reference of pga_registry_get()
 * @pool: the pool
 *
 * Context: may sleep.
 */
void pga_registry_put(struct pagealloc_pool *pool)
{
	struct module *owner;

	mutex_lock(&registry_mutex);
	owner = pool->ops->owner;
	pool->users--;
	mutex_unlock(&registry_mutex);
	module_put(owner);
	module_put(THIS_MODULE);
}

/* Does a region of @pool overlap [@pfn, @pfn + @nr)? */
static bool overlaps(struct pagealloc_pool *pool, unsigned long pfn,
		     unsigned long nr)
{
	const struct pga_region *region;
	unsigned long flags;
	bool found;

	flags = pga_pool_lock(pool);
	region = pga_region_from(pool, pfn - min(pfn, pool->base));
	found = region && pga_pfn_of(pool, region->start) < pfn + nr;
	pga_pool_unlock(pool, flags);
	return found;
}

/**
 * pga_registry_add_region() - add a region that no other pool has
 * @pool: the pool
 * @what: the region
 *
 * If its memory stays the pool grows by all of it.
 *
 * Context: may sleep.
 * Return: 0; -EEXIST if a pool has a page of it; or the errno of pga_region_insert(),
 * pga_region_reserve() or pga_grow_whole().
 */
int pga_registry_add_region(struct pagealloc_pool *pool,
			    const struct pagealloc_region *what)
{
	struct pga_region *region = NULL;
	struct pagealloc_pool *other;
	int ret = 0;

	mutex_lock(&registry_mutex);
	list_for_each_entry(other, &pools, pools)
		if (other != pool && !other->ops->no_memory &&
		    !pool->ops->no_memory &&
		    overlaps(other, what->pfn, what->nr_pages))
			ret = -EEXIST;
	if (!ret)
		ret = pga_region_insert(pool, what, &region);
	mutex_unlock(&registry_mutex);

	ret = ret ?: pga_region_reserve(pool, region);
	if (ret || !pool->ops->stays)
		return ret;
	ret = pga_grow_whole(pool, region);
	if (ret == -ENOMEM)
		pga_region_undo(pool, region);
	return ret;
}

/* Pages whose content would be lost if the machine hibernated. */
static unsigned long would_lose(struct pagealloc_pool *pool)
{
	if (!pool->ops->forgets || !pool->ops->forgets(pool->ctx))
		return 0;
	pga_cpu_cache_drain(pool);
	return pga_stats_in_use(pool);
}

/**
 * pga_registry_hibernate() - may the machine hibernate?
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if a pool has pages in use that would lose their content, which is
 * logged.
 */
int pga_registry_hibernate(void)
{
	struct pagealloc_pool *pool;
	unsigned long nr;
	int ret = 0;

	mutex_lock(&registry_mutex);
	list_for_each_entry(pool, &pools, pools) {
		nr = would_lose(pool);
		if (!nr)
			continue;
		pr_err("%s: no hibernation, %lu pages in use would lose their content\n",
		       pool->name, nr);
		ret = -EBUSY;
	}
	mutex_unlock(&registry_mutex);
	return ret;
}
PGA_EXPORT_FOR_KUNIT(pga_registry_hibernate);

/**
 * pga_registry_scavenged() - tell the observer that pages were discarded
 * @pool: the pool
 * @cause: the PAGEALLOC_SCAVENGED_* that counts them
 * @released: pages; the observer is not told of 0
 * @cpu_permille: share of a CPU that the pool's worker has taken so far
 *
 * Context: may sleep.
 */
void pga_registry_scavenged(struct pagealloc_pool *pool,
			    enum pagealloc_stat cause, unsigned long released,
			    unsigned int cpu_permille)
{
	/*
	 * Pairs with WRITE_ONCE() in pga_registry_set_observer().  The observer is
	 * set before there are pools, and reset when there are none left.
	 */
	const struct pga_observer *o = READ_ONCE(observer);

	if (o && o->scavenged && released)
		o->scavenged(pool, cause, released, cpu_permille);
}

/**
 * pga_registry_report() - log the pools that were not destroyed
 * @stop: called for each of them
 *
 * For the exit of the module.  The memory of these pools is lost: the backing belongs
 * to a client that may be gone, so it cannot be called.
 *
 * Context: may sleep.
 */
void pga_registry_report(void (*stop)(struct pagealloc_pool *pool))
{
	struct pagealloc_pool *pool;

	mutex_lock(&registry_mutex);
	list_for_each_entry(pool, &pools, pools) {
		pr_err("%s: never destroyed, its memory is lost\n", pool->name);
		stop(pool);
	}
	mutex_unlock(&registry_mutex);
}
