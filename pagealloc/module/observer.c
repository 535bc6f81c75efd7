// SPDX-License-Identifier: GPL-2.0
/*
 * What can be seen of pools from outside: a directory in debugfs, for people and tests,
 * and a device in sysfs, for operators.  Both come and go with the pool's name.
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "base/fault.h"
#include "module/debugfs.h"
#include "module/observer.h"
#include "module/scavenge_log.h"
#include "module/sysfs.h"
#include "pool/registry.h"

/**
 * struct seen - what there is of a pool
 * @debugfs: its directory
 * @sysfs: its device
 */
struct seen {
	struct pga_debugfs *debugfs;
	struct device *sysfs;
};

static int added(struct pagealloc_pool *pool)
{
	struct seen *seen = kzalloc(sizeof(*seen), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!seen)
		return ret;
	seen->debugfs = pga_debugfs_add(pool);
	if (!seen->debugfs)
		goto err_free;
	seen->sysfs = pga_sysfs_add(pool);
	if (IS_ERR(seen->sysfs)) {
		ret = PTR_ERR(seen->sysfs);
		goto err_debugfs;
	}
	pool->observer = seen;
	return 0;

err_debugfs:
	pga_debugfs_remove(seen->debugfs);
err_free:
	kfree(seen);
	return ret;
}

static void removed(struct pagealloc_pool *pool)
{
	struct seen *seen = pool->observer;

	/* added() has failed after a destroy that was refused. */
	if (!seen)
		return;
	pga_sysfs_remove(seen->sysfs);
	pga_debugfs_remove(seen->debugfs);
	kfree(seen);
	pool->observer = NULL;
}

static const struct pga_observer observer = {
	.added = added,
	.removed = removed,
	.scavenged = pga_log_scavenge,
};

/**
 * pga_observer_init() - from now on, show each pool
 *
 * Return: 0 or -errno.
 */
int pga_observer_init(void)
{
	const int ret = pga_sysfs_init();

	if (ret)
		return ret;
	pga_debugfs_init();
	pga_registry_set_observer(&observer);
	return 0;
}

/**
 * pga_observer_exit() - show no more pools, of which there are none left
 */
void pga_observer_exit(void)
{
	pga_registry_set_observer(NULL);
	pga_debugfs_exit();
	pga_sysfs_exit();
}
