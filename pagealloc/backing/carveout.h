/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_CARVEOUT_H
#define PAGEALLOC_BACKING_CARVEOUT_H

void pga_carveout_forget_poison(void);
void pga_carveout_exit(void);

#endif
