/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_DEBUGFS_CONTROL_H
#define PAGEALLOC_DEBUGFS_CONTROL_H

struct dentry;
struct pagealloc_pool;
struct pga_controls;

struct pga_controls *pga_controls_create(struct pagealloc_pool *pool,
					 struct dentry *dir);
void pga_controls_destroy(struct pga_controls *controls);

#endif
