/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_READY_H
#define PAGEALLOC_POOL_READY_H

#include "pool/state.h"

int pga_make_ready(struct pagealloc_pool *pool, unsigned long *from);

#endif
