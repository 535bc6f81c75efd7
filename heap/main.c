// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading, and the parameters, by which root offers and withdraws pools.
 *
 * Heaps exist between the init and the exit of this module.  A buffer is a reference
 * to the module, so there is none at exit.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/fault.h"
#include "device.h"
#include "heap.h"
#include "offer.h"
#include "quarantine.h"
#include "pagealloc.h"

static char *pool;
module_param(pool, charp, 0400);
MODULE_PARM_DESC(pool, "Names of pools to offer at load, with commas in between (default: none)");

static char *mapping = "pfn";
module_param(mapping, charp, 0600);
MODULE_PARM_DESC(mapping, "How buffers of pools that are offered from now on are mapped: pfn (default), so that nobody can take hold of a page, or pages");

static ushort mode = 0600;
module_param(mode, ushort, 0600);
MODULE_PARM_DESC(mode, "Permissions of the nodes of pools that are offered from now on, with a leading 0 (default: 0600)");

static bool memlock = true;
module_param(memlock, bool, 0600);
MODULE_PARM_DESC(memlock, "Charge the users of pools that are offered from now on to RLIMIT_MEMLOCK (default: yes)");

/*
 * Whether the module can offer: parameters can be set before its init and after its
 * exit.  Protected by the lock of the parameters.
 */
static bool ready;

/* Offer a pool as the parameters say; those that can change are locked. */
static int offer_pool(const char *name)
{
	struct pagealloc_heap_config config = {
		.mode = mode,
		.flags = memlock ? 0 : PAGEALLOC_HEAP_NO_MEMLOCK,
	};
	int ret;

	if (mode & ~0666 || !mode) {
		pr_err("parameter mode=0%o refused: it takes 01 to 0666 without bits to execute\n",
		       mode);
		return -EINVAL;
	}
	if (sysfs_streq(mapping, "pages")) {
		config.mapping = PAGEALLOC_HEAP_PAGES;
	} else if (!sysfs_streq(mapping, "pfn")) {
		pr_err("parameter mapping=%s refused: it takes pfn or pages\n", mapping);
		return -EINVAL;
	}
	ret = pagealloc_heap_offer(name, &config);
	if (ret)
		pr_err("pool %s not offered (%d)\n", name, ret);
	return ret;
}

/* Call @function for the name that was written to a parameter. */
static int with_name(const char *value, int (*function)(const char *name))
{
	char name[PAGEALLOC_NAME_MAX + 1], *trimmed;

	if (!ready)
		return -EBUSY;
	if (strscpy(name, value, sizeof(name)) < 0)
		return -ENAMETOOLONG;
	trimmed = strim(name);
	return *trimmed ? function(trimmed) : -EINVAL;
}

static int set_offer(const char *value, const struct kernel_param *param)
{
	return with_name(value, offer_pool);
}

static int set_withdraw(const char *value, const struct kernel_param *param)
{
	return with_name(value, pagealloc_heap_withdraw);
}

static const struct kernel_param_ops offer_ops = { .set = set_offer };
module_param_cb(offer, &offer_ops, NULL, 0200);
MODULE_PARM_DESC(offer, "Write the name of a pool here to offer it");

static const struct kernel_param_ops withdraw_ops = { .set = set_withdraw };
module_param_cb(withdraw, &withdraw_ops, NULL, 0200);
MODULE_PARM_DESC(withdraw, "Write the name of a pool here to withdraw it: no new buffers from then on");

/*
 * Offer the pools that the parameter names.  Programs may use the first one at once, so
 * from then on loading must not fail: what else cannot be offered is only logged.
 */
static int offer_pools(void)
{
	char *names, *rest, *name;
	bool offered = false;
	int ret = 0;

	if (!pool)
		return 0;
	names = kstrdup(pool, GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	rest = names;
	while ((!ret || offered) && (name = strsep(&rest, ","))) {
		ret = offer_pool(name);
		offered |= !ret;
	}
	kfree(names);
	return offered ? 0 : ret;
}

static int __init pagealloc_heap_init(void)
{
	int ret;

	ret = pgh_heap_init();
	if (ret)
		return ret;
	ret = pgh_device_init();
	if (ret)
		goto err_heap;
	/* The files of the parameters are there already. */
	kernel_param_lock(THIS_MODULE);
	ret = offer_pools();
	ready = !ret;
	kernel_param_unlock(THIS_MODULE);
	if (ret)
		goto err_offer;
	return 0;

err_offer:
	pgh_offer_exit();
	pgh_quarantine_exit();
	pgh_heap_exit();
	pgh_device_exit();
	return ret;
err_heap:
	pgh_heap_exit();
	return ret;
}

static void __exit pagealloc_heap_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	ready = false;
	kernel_param_unlock(THIS_MODULE);
	pgh_offer_exit();
	pgh_quarantine_exit();
	/* Heaps end in the workqueue, and their devices with them. */
	pgh_heap_exit();
	pgh_device_exit();
}

module_init(pagealloc_heap_init);
module_exit(pagealloc_heap_exit);

MODULE_DESCRIPTION("Contiguous memory of pagealloc pools for user space, as dma-bufs");
MODULE_LICENSE("GPL");
MODULE_VERSION(PAGEALLOC_VERSION);
