/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_QUARANTINE_H
#define PAGEALLOC_HEAP_QUARANTINE_H

#include <linux/list.h>

/**
 * struct pgh_quarantined - pages that somebody may still refer to
 * @node: in the list of those in quarantine
 * @pfn: the first page that has to be looked at
 * @end: the first page after the last one
 * @release: called when nobody refers to the pages any more; may free this structure
 */
struct pgh_quarantined {
	struct list_head node;
	unsigned long pfn;
	unsigned long end;
	void (*release)(struct pgh_quarantined *entry);
};

bool pgh_quarantine_clears(struct pgh_quarantined *entry);
void pgh_quarantine_add(struct pgh_quarantined *entry);
void pgh_quarantine_exit(void);

#endif
