/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_BULK_H
#define PAGEALLOC_POOL_BULK_H

#include "pool/state.h"

unsigned long pga_bulk_alloc(struct pagealloc_pool *pool, enum pga_which which,
			     bool may_populate, unsigned long *pfns, unsigned long nr,
			     bool *low);
int pga_bulk_free(struct pagealloc_pool *pool, const unsigned long *pfns,
		  unsigned long nr);

#endif
