/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_API_H
#define PAGEALLOC_API_H

/* api/ has the exported calls: it checks arguments and calls the pool. */

#include "pool/state.h"

bool pga_name_ok(const char *name);
bool pga_request_ok(struct pagealloc_pool *pool, unsigned long nr_pages,
		    gfp_t gfp);

#endif
