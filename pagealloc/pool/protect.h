/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_PROTECT_H
#define PAGEALLOC_POOL_PROTECT_H

#include "pool/state.h"

int pga_protect(struct pagealloc_pool *pool, unsigned long pfn, unsigned long nr);

#endif
