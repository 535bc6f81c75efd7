// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/pagealloc/: a device for each pool, with figures for operators and the few
 * settings that they need.
 *
 * Unlike files in debugfs these can be written under lockdown, and are there to stay.
 * Each has one value, in pages where nothing else is said.
 * Documentation/ABI/testing/sysfs-class-pagealloc describes them.
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/kdev_t.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "base/fault.h"
#include "module/sysfs.h"
#include "pool/cpu_cache.h"
#include "pool/state.h"

/* Serialises changes of a pool's tuning, which are read, changed and written. */
static DEFINE_MUTEX(tuning_mutex);

/**
 * struct figure - a file with one of the pool's statistics
 * @attr: the file
 * @stat: the statistic
 */
struct figure {
	struct device_attribute attr;
	enum pagealloc_stat stat;
};

static ssize_t show_pages(char *buf, u64 pages)
{
	return sysfs_emit(buf, "%llu\n", pages);
}

static ssize_t show_figure(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct figure *figure = container_of(attr, struct figure, attr);
	struct pagealloc_pool *pool = dev_get_drvdata(dev);

	return show_pages(buf, pagealloc_read_stat(pool, figure->stat) / PAGE_SIZE);
}

#define FIGURE(name, stat)						\
	static struct figure figure_##name = {				\
		__ATTR(name, 0444, show_figure, NULL), stat		\
	}

FIGURE(total_pages, PAGEALLOC_SYS);
FIGURE(available_pages, PAGEALLOC_AVAILABLE);
FIGURE(largest_available, PAGEALLOC_LARGEST_AVAILABLE);
FIGURE(in_use, PAGEALLOC_IN_USE);
FIGURE(retained, PAGEALLOC_RETAINED);
FIGURE(released, PAGEALLOC_RELEASED);
FIGURE(held, PAGEALLOC_HELD);
FIGURE(retired, PAGEALLOC_RETIRED);

/* Pages that clients have got, from the maps and from caches. */
static u64 pages_allocated(struct pagealloc_pool *pool)
{
	unsigned long flags;
	u64 nr;

	flags = pga_pool_lock(pool);
	nr = pool->alloc_pages;
	pga_pool_unlock(pool, flags);
	return nr + pga_cpu_cache_alloc_pages(pool);
}

static ssize_t alloc_pages_success_show(struct device *dev,
					struct device_attribute *attr, char *buf)
{
	return show_pages(buf, pages_allocated(dev_get_drvdata(dev)));
}
static DEVICE_ATTR_RO(alloc_pages_success);

static ssize_t alloc_pages_fail_show(struct device *dev, struct device_attribute *attr,
				     char *buf)
{
	struct pagealloc_pool *pool = dev_get_drvdata(dev);
	unsigned long flags;
	u64 nr;

	flags = pga_pool_lock(pool);
	nr = pool->fail_pages;
	pga_pool_unlock(pool, flags);
	return show_pages(buf, nr);
}
static DEVICE_ATTR_RO(alloc_pages_fail);

/* What clients have got and no longer have; figures of caches may be late. */
static ssize_t release_pages_success_show(struct device *dev,
					  struct device_attribute *attr, char *buf)
{
	struct pagealloc_pool *pool = dev_get_drvdata(dev);
	const u64 in_use = pagealloc_read_stat(pool, PAGEALLOC_IN_USE) / PAGE_SIZE;
	const u64 allocated = pages_allocated(pool);

	return show_pages(buf, allocated - min(allocated, in_use));
}
static DEVICE_ATTR_RO(release_pages_success);

static ssize_t numa_node_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct pagealloc_info info;
	const int ret = pagealloc_pool_info(dev_get_drvdata(dev), &info);

	return ret ?: sysfs_emit(buf, "%d\n", info.node);
}
static DEVICE_ATTR_RO(numa_node);

/* Parse a decimal number of pages, or the word that stands for @word_is. */
static int parse_pages(const char *buf, const char *word, unsigned long word_is,
		       unsigned long *pages)
{
	if (word && sysfs_streq(buf, word)) {
		*pages = word_is;
		return 0;
	}
	/* kstrtoul() takes a sign. */
	return buf[0] == '+' ? -EINVAL : kstrtoul(buf, 10, pages);
}

/**
 * struct setting - a file with a part of the pool's tuning
 * @attr: the file
 * @offset: of the part
 * @none: the value that reads and is written as "none"
 * @has_none: there is such a value
 */
struct setting {
	struct device_attribute attr;
	size_t offset;
	unsigned long none;
	bool has_none;
};

static unsigned long *part_of(struct pagealloc_tuning *tuning, const struct setting *s)
{
	return (void *)tuning + s->offset;
}

static ssize_t show_setting(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct setting *s = container_of(attr, struct setting, attr);
	struct pagealloc_tuning tuning;
	unsigned long pages;

	pagealloc_get_tuning(dev_get_drvdata(dev), &tuning);
	pages = *part_of(&tuning, s);
	if (s->has_none && pages == s->none)
		return sysfs_emit(buf, "none\n");
	return show_pages(buf, pages);
}

static ssize_t store_setting(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	const struct setting *s = container_of(attr, struct setting, attr);
	struct pagealloc_pool *pool = dev_get_drvdata(dev);
	struct pagealloc_tuning tuning;
	unsigned long pages;
	int ret;

	ret = parse_pages(buf, s->has_none ? "none" : NULL, s->none, &pages);
	if (ret)
		return ret;
	mutex_lock(&tuning_mutex);
	pagealloc_get_tuning(pool, &tuning);
	*part_of(&tuning, s) = pages;
	/* Of a pool that ends nothing can be read, and the result is -EINVAL or -ENODEV. */
	ret = pagealloc_set_tuning(pool, &tuning);
	mutex_unlock(&tuning_mutex);
	return ret ?: count;
}

#define SETTING(name, ...)						\
	static struct setting setting_##name = {			\
		__ATTR(name, 0644, show_setting, store_setting),	\
		offsetof(struct pagealloc_tuning, name), __VA_ARGS__	\
	}

SETTING(limit, PAGEALLOC_NO_LIMIT, true);
SETTING(max, 0, true);
SETTING(min_ready, 0, false);

/* Discard so many pages, or all. */
static ssize_t scavenge_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t count)
{
	unsigned long pages, released;
	int ret;

	ret = parse_pages(buf, "all", PAGEALLOC_ALL, &pages) ?:
	      pagealloc_scavenge(dev_get_drvdata(dev), pages, &released);
	return ret ?: count;
}
static DEVICE_ATTR_WO(scavenge);

static struct attribute *pool_attrs[] = {
	&figure_total_pages.attr.attr,
	&figure_available_pages.attr.attr,
	&figure_largest_available.attr.attr,
	&figure_in_use.attr.attr,
	&figure_retained.attr.attr,
	&figure_released.attr.attr,
	&figure_held.attr.attr,
	&figure_retired.attr.attr,
	&dev_attr_alloc_pages_success.attr,
	&dev_attr_alloc_pages_fail.attr,
	&dev_attr_release_pages_success.attr,
	&dev_attr_numa_node.attr,
	&setting_limit.attr.attr,
	&setting_max.attr.attr,
	&setting_min_ready.attr.attr,
	&dev_attr_scavenge.attr,
	NULL
};
ATTRIBUTE_GROUPS(pool);

static struct class pool_class = {
	.name = "pagealloc",
	.dev_groups = pool_groups,
};

/**
 * pga_sysfs_add() - create the device of a pool; a uevent tells
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: the device, or an ERR_PTR().
 */
struct device *pga_sysfs_add(struct pagealloc_pool *pool)
{
	return device_create(&pool_class, NULL, MKDEV(0, 0), pool, "%s", pool->name);
}

/**
 * pga_sysfs_remove() - remove the device of a pool; a uevent tells
 * @dev: the device; nobody reads or writes a file of it afterwards
 *
 * Context: may sleep.
 */
void pga_sysfs_remove(struct device *dev)
{
	device_unregister(dev);
}

/**
 * pga_sysfs_init() - create the class of all pools
 *
 * Return: 0 or -errno.
 */
int pga_sysfs_init(void)
{
	return class_register(&pool_class);
}

/**
 * pga_sysfs_exit() - remove the class
 */
void pga_sysfs_exit(void)
{
	class_unregister(&pool_class);
}
