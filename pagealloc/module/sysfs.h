/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SYSFS_H
#define PAGEALLOC_SYSFS_H

struct device;
struct pagealloc_pool;

struct device *pga_sysfs_add(struct pagealloc_pool *pool);
void pga_sysfs_remove(struct device *dev);
int pga_sysfs_init(void);
void pga_sysfs_exit(void);

#endif
