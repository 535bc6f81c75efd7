/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_COMPAT_H
#define PAGEALLOC_COMPAT_H

/*
 * What differs between the kernels we support, 6.1 to 7.3, and nothing else.
 */

#include <linux/gfp.h>
#include <linux/mmzone.h>
#include <linux/version.h>

/*
 * Take frames away from the kernel.  The third argument has changed from a
 * migrate type to flags; movable is what both say here.
 */
static inline int pga_alloc_contig_range(unsigned long start, unsigned long end,
					 gfp_t gfp)
{
#ifdef ACR_FLAGS_NONE
	return alloc_contig_range(start, end, ACR_FLAGS_NONE, gfp);
#else
	return alloc_contig_range(start, end, MIGRATE_MOVABLE, gfp);
#endif
}

#endif
