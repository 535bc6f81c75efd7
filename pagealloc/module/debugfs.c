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
#include "pool/state.h"

static struct dentry *root;

/**
 * struct pga_debugfs - the directory of a pool
 * @dentry: the directory
 * @controls: the files that act on the pool
 */
struct pga_debugfs {
	struct dentry *dentry;
	struct pga_controls *controls;
};

/**
 * pga_debugfs_add() - create the directory of a pool
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: the directory, NULL without memory.
 */
struct pga_debugfs *pga_debugfs_add(struct pagealloc_pool *pool)
{
	struct pga_debugfs *dir = kzalloc(sizeof(*dir), GFP_KERNEL);

	if (!dir)
		return NULL;
	dir->dentry = debugfs_create_dir(pool->name, root);
	dir->controls = pga_controls_create(pool, dir->dentry);
	if (!dir->controls) {
		debugfs_remove(dir->dentry);
		kfree(dir);
		return NULL;
	}
	pga_debugfs_show(pool, dir->dentry);
	return dir;
}

/**
 * pga_debugfs_remove() - remove the directory of a pool
 * @dir: the directory
 *
 * Context: may sleep.
 */
void pga_debugfs_remove(struct pga_debugfs *dir)
{
	debugfs_remove_recursive(dir->dentry);
	pga_controls_destroy(dir->controls);
	kfree(dir);
}

/**
 * pga_debugfs_init() - create the directory of all pools
 */
void pga_debugfs_init(void)
{
	root = debugfs_create_dir("pagealloc", NULL);
}

/**
 * pga_debugfs_exit() - remove the directory
 */
void pga_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
