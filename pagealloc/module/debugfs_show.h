/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_DEBUGFS_SHOW_H
#define PAGEALLOC_DEBUGFS_SHOW_H

struct dentry;
struct pagealloc_pool;

void pga_debugfs_show(struct pagealloc_pool *pool, struct dentry *dir);

#endif
