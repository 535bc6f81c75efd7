/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_LIFE_H
#define PAGEALLOC_POOL_LIFE_H

#include "pool/state.h"

const struct pga_engine_ops *pga_engine(const char *name);
struct pagealloc_pool *pga_pool_create(const struct pagealloc_config *config);
int pga_pool_destroy(struct pagealloc_pool *pool, bool force);
void pga_pool_stop(struct pagealloc_pool *pool);

#endif
