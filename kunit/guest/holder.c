// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody who has pages that are lent to the kernel, and whose pages cannot be moved.
 *
 * The module takes one page at @first and at every @step pages from there on, @nr in
 * all, and keeps them until it is removed.  Outside of ZONE_MOVABLE the kernel gives
 * out a range of @unit pages only as a whole; all but the page go back then.  With
 * @offline it marks them like a driver that has unplugged them, as virtio-mem does.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/align.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/vmalloc.h>

#include "base/compat.h"

static unsigned long first;
module_param(first, ulong, 0400);
MODULE_PARM_DESC(first, "First pfn");

static unsigned long step = 512;
module_param(step, ulong, 0400);
MODULE_PARM_DESC(step, "Pages from one to the next (default: 512)");

static unsigned long unit = 512;
module_param(unit, ulong, 0400);
MODULE_PARM_DESC(unit, "Pages that are taken together (default: 512)");

static unsigned long nr;
module_param(nr, ulong, 0400);
MODULE_PARM_DESC(nr, "How many pages to keep");

static bool offline;
module_param(offline, bool, 0400);
MODULE_PARM_DESC(offline, "Mark the pages as unplugged (default: no)");

static unsigned long taken;
module_param(taken, ulong, 0400);
MODULE_PARM_DESC(taken, "How many it has, read only");

static unsigned long *pages;

/* Take a page; false if the kernel cannot give it. */
static bool take(unsigned long pfn)
{
	const unsigned long start = ALIGN_DOWN(pfn, unit), end = start + unit;

	if (pga_alloc_contig_range(start, end, GFP_KERNEL | __GFP_NOWARN))
		return false;
	if (pfn > start)
		free_contig_range(start, pfn - start);
	if (end > pfn + 1)
		free_contig_range(pfn + 1, end - pfn - 1);
	if (offline)
		__SetPageOffline(pfn_to_page(pfn));
	return true;
}

static int __init holder_init(void)
{
	unsigned long i;

	pages = vmalloc(array_size(nr, sizeof(*pages)));
	if (!pages)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		if (take(first + i * step))
			pages[taken++] = first + i * step;
	pr_info("%lu of %lu pages\n", taken, nr);
	return 0;
}

static void __exit holder_exit(void)
{
	while (taken) {
		if (offline)
			__ClearPageOffline(pfn_to_page(pages[taken - 1]));
		free_contig_range(pages[--taken], 1);
	}
	vfree(pages);
}

module_init(holder_init);
module_exit(holder_exit);
MODULE_DESCRIPTION("Holds pages of a loan");
MODULE_LICENSE("GPL");
