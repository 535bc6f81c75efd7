/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_API_H
#define PAGEALLOC_API_H

/* What the files with the exported functions share. */

#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "pool/request.h"

/* May a request have memory found for it, whatever that takes?  Or ready pages only? */
static inline bool pga_may_populate(gfp_t gfp)
{
	const gfp_t io_fs = __GFP_IO | __GFP_FS;

	return gfpflags_allow_blocking(gfp) &&
	       (current_gfp_context(gfp) & io_fs) == io_fs &&
	       !(current->flags & PF_MEMALLOC);
}

bool pga_name_ok(const char *name);
bool pga_request_ok(struct pagealloc_pool *pool, unsigned long nr_pages,
		    gfp_t gfp);
void pga_zero_run(struct pagealloc_pool *pool, unsigned long pfn,
		  unsigned long nr_pages, gfp_t gfp);
int pga_allocate(struct pagealloc_pool *pool, const struct pga_need *need,
		 gfp_t gfp, unsigned long *pfn);

void pga_pool_stop(struct pagealloc_pool *pool);
void pga_pool_destroy_anyway(struct pagealloc_pool *pool);

#endif
