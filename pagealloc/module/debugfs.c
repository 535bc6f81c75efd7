// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/pagealloc/: a directory for each pool.
 *
 * This file creates and removes the directories.  debugfs_show.c has the files
 * that show a pool, debugfs_control.c the files that act on it.
 * Documentation/ABI/testing/debugfs-pagealloc describes all of them.
 */

#include <linux/debugfs.h>
#include <linux/slab.h>

#include "base/fault.h"
#include "module/debugfs.h"
#include "module/debugfs_control.h"
#include "module/debugfs_show.h"
#include "module/scavenge_log.h"
#include "pool/registry.h"
#include "pool/state.h"

static struct dentry *root;

/**
 * struct pool_dir - the directory of a pool
 * @dentry: the directory
 * @controls: the files that act on the pool
 */
struct pool_dir {
	struct dentry *dentry;
	struct pga_controls *controls;
};

static int added(struct pagealloc_pool *pool)
{
	struct pool_dir *dir = kzalloc(sizeof(*dir), GFP_KERNEL);

	if (!dir)
		return -ENOMEM;
	dir->dentry = debugfs_create_dir(pool->name, root);
	dir->controls = pga_controls_create(pool, dir->dentry);
	if (!dir->controls) {
		debugfs_remove(dir->dentry);
		kfree(dir);
		return -ENOMEM;
	}
	pga_debugfs_show(pool, dir->dentry);
	pool->observer = dir;
	return 0;
}

static void removed(struct pagealloc_pool *pool)
{
	struct pool_dir *dir = pool->observer;

	/* added() has failed after a destroy that was refused. */
	if (!dir)
		return;
	debugfs_remove_recursive(dir->dentry);
	pga_controls_destroy(dir->controls);
	kfree(dir);
	pool->observer = NULL;
}

static const struct pga_observer observer = {
	.added = added,
	.removed = removed,
	.scavenged = pga_log_scavenge,
};

/**
 * pga_debugfs_init() - create the directory, and from now on one for each pool
 */
void pga_debugfs_init(void)
{
	root = debugfs_create_dir("pagealloc", NULL);
	pga_registry_set_observer(&observer);
}

/**
 * pga_debugfs_exit() - remove the directories
 */
void pga_debugfs_exit(void)
{
	pga_registry_set_observer(NULL);
	debugfs_remove_recursive(root);
}
