/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_CHECK_H
#define PAGEALLOC_POOL_CHECK_H

#include "pool/state.h"

int pga_check(struct pagealloc_pool *pool, struct pagealloc_mismatch *list,
	      unsigned int len);

#endif
