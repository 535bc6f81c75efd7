/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_PRESSURE_H
#define PAGEALLOC_POOL_PRESSURE_H

#include "pool/state.h"

int pga_pressure_start(struct pagealloc_pool *pool);
void pga_pressure_stop(struct pagealloc_pool *pool);

#endif
