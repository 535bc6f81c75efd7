/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_LIFE_H
#define PAGEALLOC_POOL_LIFE_H

#include "pool/state.h"

const struct pga_engine_ops *pga_engine(const char *name);
struct pagealloc_pool *pga_pool_new(const struct pagealloc_config *config);
void pga_pool_delete(struct pagealloc_pool *pool);

#endif
