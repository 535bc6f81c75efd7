/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_OBSERVER_H
#define PAGEALLOC_OBSERVER_H

int pga_observer_init(void);
void pga_observer_exit(void);

#endif
