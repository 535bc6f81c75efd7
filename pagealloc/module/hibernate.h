/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_MODULE_HIBERNATE_H
#define PAGEALLOC_MODULE_HIBERNATE_H

int pga_hibernate_init(void);
void pga_hibernate_exit(void);

#endif
