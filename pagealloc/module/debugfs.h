/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_DEBUGFS_H
#define PAGEALLOC_DEBUGFS_H

/*
 * The folder module/ is the module's outside: loading and unloading, parameters,
 * debugfs and the trace event.
 */

struct pagealloc_pool;
struct pga_debugfs;

struct pga_debugfs *pga_debugfs_add(struct pagealloc_pool *pool);
void pga_debugfs_remove(struct pga_debugfs *dir);
void pga_debugfs_init(void);
void pga_debugfs_exit(void);

#endif
