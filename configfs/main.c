// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/config/pagealloc/: pools at run time.
 *
 * A directory is a pool.  Its attributes are settings, which can be changed until 1 is
 * written to "enable": then the pool is made (made.c).  With 0, or when the directory is
 * removed, the pool ends as soon as nobody uses it.
 * Documentation/ABI/testing/configfs-pagealloc describes the attributes.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/configfs.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "base/fault.h"
#include "made.h"
#include "pagealloc.h"
#include "settings.h"

/**
 * struct item - a directory
 * @item: of configfs
 * @mutex: protects what follows
 * @settings: what the attributes say; frozen while the pool is enabled
 * @made: the pool, NULL unless it is enabled
 */
struct item {
	struct config_item item;
	struct mutex mutex;
	struct pga_settings settings;
	struct pga_made *made;
};

static struct item *to_item(struct config_item *item)
{
	return container_of(item, struct item, item);
}

/* Longest value of an attribute, with the terminating NUL. */
#define VALUE_MAX	80

/* Copy a value without the newline at its end; -EINVAL if it is too long. */
static int get_value(const char *page, size_t count, char *value)
{
	if (count && page[count - 1] == '\n')
		count--;
	if (count >= VALUE_MAX || memchr(page, '\0', count))
		return -EINVAL;
	memcpy(value, page, count);
	value[count] = '\0';
	return 0;
}

static ssize_t show(struct config_item *item, enum pga_setting which, char *page)
{
	struct item *i = to_item(item);
	ssize_t ret;

	mutex_lock(&i->mutex);
	ret = pga_settings_show(&i->settings, which, page);
	mutex_unlock(&i->mutex);
	return ret;
}

static int change(struct item *i, enum pga_setting which, const char *value)
{
	const char *name = config_item_name(&i->item);
	int ret;

	lockdep_assert_held(&i->mutex);
	if (i->made)
		return pga_refuse(name, which, value, -EBUSY,
				  "a value while enable is 0 only");
	ret = pga_settings_parse(&i->settings, which, value);
	return ret ? pga_refuse(name, which, value, ret, pga_setting_takes(which)) : 0;
}

static ssize_t store(struct config_item *item, enum pga_setting which, const char *page,
		     size_t count)
{
	struct item *i = to_item(item);
	char value[VALUE_MAX];
	int ret;

	ret = get_value(page, count, value);
	if (ret)
		return pga_refuse(config_item_name(item), which, "...", ret,
				  pga_setting_takes(which));
	mutex_lock(&i->mutex);
	ret = change(i, which, value);
	mutex_unlock(&i->mutex);
	return ret ?: count;
}

#define SETTING(name, which)							\
	static ssize_t name##_show(struct config_item *item, char *page)	\
	{									\
		return show(item, which, page);					\
	}									\
	static ssize_t name##_store(struct config_item *item, const char *page,	\
				    size_t count)				\
	{									\
		return store(item, which, page, count);				\
	}									\
	CONFIGFS_ATTR(, name)

SETTING(backing, PGA_SET_BACKING);
SETTING(size, PGA_SET_SIZE);
SETTING(base, PGA_SET_BASE);
SETTING(reserve_mem, PGA_SET_RESERVE_MEM);
SETTING(numa_node, PGA_SET_NUMA_NODE);
SETTING(granule, PGA_SET_GRANULE);
SETTING(engine, PGA_SET_ENGINE);
SETTING(cache, PGA_SET_CACHE);
SETTING(track, PGA_SET_TRACK);
SETTING(limit, PGA_SET_LIMIT);
SETTING(min_ready, PGA_SET_MIN_READY);
SETTING(heap, PGA_SET_HEAP);
SETTING(mode, PGA_SET_MODE);

static ssize_t enable_show(struct config_item *item, char *page)
{
	struct item *i = to_item(item);
	bool enabled;

	mutex_lock(&i->mutex);
	enabled = i->made;
	mutex_unlock(&i->mutex);
	return sysfs_emit(page, "%d\n", enabled);
}

static int make(struct item *i)
{
	const char *name = config_item_name(&i->item);
	struct pga_made *made;
	int ret;

	lockdep_assert_held(&i->mutex);
	if (i->made)
		return 0;
	ret = pga_settings_check(&i->settings, name);
	if (ret)
		return ret;
	made = pga_make(name, &i->settings);
	if (IS_ERR(made))
		return PTR_ERR(made);
	i->made = made;
	return 0;
}

static void unmake(struct item *i)
{
	lockdep_assert_held(&i->mutex);
	if (i->made)
		pga_unmake(i->made);
	i->made = NULL;
}

static ssize_t enable_store(struct config_item *item, const char *page, size_t count)
{
	struct item *i = to_item(item);
	char value[VALUE_MAX];
	int ret;

	ret = get_value(page, count, value);
	if (ret || (strcmp(value, "0") && strcmp(value, "1"))) {
		pr_err("%s: enable refused (%d): it takes 0 or 1\n",
		       config_item_name(item), -EINVAL);
		return -EINVAL;
	}
	mutex_lock(&i->mutex);
	if (value[0] == '1')
		ret = make(i);
	else
		unmake(i);
	mutex_unlock(&i->mutex);
	return ret ?: count;
}
CONFIGFS_ATTR(, enable);

static struct configfs_attribute *item_attrs[] = {
	&attr_backing,
	&attr_size,
	&attr_base,
	&attr_reserve_mem,
	&attr_numa_node,
	&attr_granule,
	&attr_engine,
	&attr_cache,
	&attr_track,
	&attr_limit,
	&attr_min_ready,
	&attr_heap,
	&attr_mode,
	&attr_enable,
	NULL
};

static void release_item(struct config_item *item)
{
	kfree(to_item(item));
}

static struct configfs_item_operations item_ops = {
	.release = release_item,
};

static const struct config_item_type item_type = {
	.ct_item_ops = &item_ops,
	.ct_attrs = item_attrs,
	.ct_owner = THIS_MODULE,
};

/* May a pool have this name?  As struct pagealloc_config describes it. */
static bool name_ok(const char *name)
{
	const size_t len = strlen(name);
	size_t i;

	if (!len || len >= PAGEALLOC_NAME_MAX || *name == '.')
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum(name[i]) && !strchr("-_.", name[i]))
			return false;
	return true;
}

static struct config_item *make_item(struct config_group *group, const char *name)
{
	struct item *i;

	if (!name_ok(name)) {
		pr_err("%s refused (%d): a pool has a name of 1 to 31 letters, digits, '-', '_' or '.'\n",
		       name, -EINVAL);
		return ERR_PTR(-EINVAL);
	}
	i = kzalloc(sizeof(*i), GFP_KERNEL);
	if (!i)
		return ERR_PTR(-ENOMEM);
	mutex_init(&i->mutex);
	pga_settings_init(&i->settings);
	config_item_init_type_name(&i->item, name, &item_type);
	return &i->item;
}

/* rmdir: this cannot be refused. */
static void drop_item(struct config_group *group, struct config_item *item)
{
	struct item *i = to_item(item);

	mutex_lock(&i->mutex);
	unmake(i);
	mutex_unlock(&i->mutex);
	config_item_put(item);
}

static struct configfs_group_operations root_ops = {
	.make_item = make_item,
	.drop_item = drop_item,
};

static const struct config_item_type root_type = {
	.ct_group_ops = &root_ops,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem subsystem = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "pagealloc",
			.ci_type = &root_type,
		},
	},
};

static int __init pagealloc_configfs_init(void)
{
	int ret;

	ret = pga_made_init();
	if (ret)
		return ret;
	config_group_init(&subsystem.su_group);
	mutex_init(&subsystem.su_mutex);
	ret = configfs_register_subsystem(&subsystem);
	if (ret)
		pga_made_exit();
	return ret;
}

static void __exit pagealloc_configfs_exit(void)
{
	configfs_unregister_subsystem(&subsystem);
	pga_made_exit();
}

module_init(pagealloc_configfs_init);
module_exit(pagealloc_configfs_exit);

MODULE_DESCRIPTION("Pools of pagealloc at run time");
MODULE_LICENSE("GPL");
MODULE_VERSION(PAGEALLOC_VERSION);
