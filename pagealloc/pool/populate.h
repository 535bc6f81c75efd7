/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_POPULATE_H
#define PAGEALLOC_POOL_POPULATE_H

#include "pool/state.h"

int pga_populate(struct pagealloc_pool *pool, struct pga_extent pages,
		 unsigned long *done);

#endif
