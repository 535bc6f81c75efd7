/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_API_H
#define PAGEALLOC_API_H

/* What the files with the exported functions share. */

#include "pool.h"

bool pga_may_populate(gfp_t gfp);
bool pga_request_ok(struct pagealloc_pool *pool, unsigned long nr_pages,
		    gfp_t gfp);
void pga_zero_run(struct pagealloc_pool *pool, unsigned long pfn,
		  unsigned long nr_pages, gfp_t gfp);
int pga_allocate(struct pagealloc_pool *pool, const struct pga_need *need,
		 gfp_t gfp, unsigned long *pfn);

#endif
