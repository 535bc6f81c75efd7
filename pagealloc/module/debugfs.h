/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_DEBUGFS_H
#define PAGEALLOC_DEBUGFS_H

void pga_debugfs_init(void);
void pga_debugfs_exit(void);

#endif
