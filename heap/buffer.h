/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_BUFFER_H
#define PAGEALLOC_HEAP_BUFFER_H

#include <linux/list.h>
#include <linux/mutex.h>

#include "charge.h"
#include "heap.h"
#include "quarantine.h"

/**
 * struct pgh_buffer - a run of pages for user space
 * @heap: where it comes from
 * @pfn: first page
 * @nr_pages: pages
 * @has_pages: each page has a page struct
 * @charge: who pays for it
 * @quarantined: its part of the quarantine
 * @lock: protects @attachments, and what they say of themselves
 * @attachments: the devices that it is attached to
 */
struct pgh_buffer {
	struct pgh_heap *heap;
	unsigned long pfn;
	unsigned long nr_pages;
	bool has_pages;
	struct pgh_charge charge;
	struct pgh_quarantined quarantined;
	struct mutex lock;
	struct list_head attachments;
};

struct pgh_buffer *pgh_buffer_create(struct pgh_heap *heap,
				     const struct pagealloc_request *request,
				     gfp_t gfp, bool charged);
void pgh_buffer_free(struct pgh_buffer *buffer);
int pgh_check_pool(const struct pagealloc_info *info,
		   enum pagealloc_heap_mapping mapping);

#endif
