/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_DEBUGFS_H
#define PAGEALLOC_DEBUGFS_H

/*
 * The folder module/ is the module's outside: loading and unloading, parameters,
 * debugfs and the trace event.
 */

void pga_debugfs_init(void);
void pga_debugfs_exit(void);

#endif
