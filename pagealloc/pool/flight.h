/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_FLIGHT_H
#define PAGEALLOC_POOL_FLIGHT_H

#include "pool/state.h"

void pga_flight_begin(struct pagealloc_pool *pool);
void pga_flight_end(struct pagealloc_pool *pool);
void pga_flight_wake(struct pagealloc_pool *pool);

#endif
