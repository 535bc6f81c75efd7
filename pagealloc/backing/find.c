// SPDX-License-Identifier: GPL-2.0
/*
 * Find frames to borrow.
 *
 * A machine that has been up for long has an unmovable page here and there.  So a
 * loan is a set of ranges, all in one zone:
 *
 *	pageblocks:	m m U m m m m U m U m m m m m		U has an unmovable page
 *	3 are wanted:				    [     ]
 *	7 are wanted:	      [     ]	    [         ]
 *
 * The search looks at each pageblock of a zone without taking it (look.c).  Then it
 * takes the longest rows of pageblocks until they are enough, and the upper end of
 * the last one.  It tries ZONE_MOVABLE first, since its granule is smallest and all
 * its pages can move.
 *
 * A look can be wrong, and is out of date at once.  Frames that cannot be had after
 * all are held by others when the pool populates them, and cost nobody anything
 * else.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": loan: " fmt

#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "backing/find.h"
#include "backing/look.h"
#include "base/fault.h"
#include "base/kunit_export.h"
#include "pagealloc.h"

/**
 * struct survey - the pageblocks of a zone
 * @first: pfn of the first pageblock
 * @nr: pageblocks
 * @lendable: a bit for each: it can be borrowed
 */
struct survey {
	unsigned long first;
	unsigned long nr;
	unsigned long *lendable;
};

/**
 * pga_find_granule() - the granule of a loan
 * @zone: its zone
 *
 * Return: pages.
 */
unsigned long pga_find_granule(struct zone *zone)
{
	return zone_idx(zone) == ZONE_MOVABLE ? 1 : pageblock_nr_pages;
}

static int look_at_zone(const struct pga_find *find, struct survey *s)
{
	unsigned long i, pfn;

	for (i = 0, pfn = s->first; i < s->nr; i++, pfn += pageblock_nr_pages) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (!find->is_taken(pfn, pageblock_nr_pages) &&
		    pga_look_lendable(find->zone, pfn, pageblock_nr_pages))
			__set_bit(i, s->lendable);
		cond_resched();
	}
	return 0;
}

/* The row of pageblocks at @i or behind it; @i is set to its end. */
static bool next_row(const struct survey *s, unsigned long *i,
		     struct pagealloc_range *row)
{
	const unsigned long start = find_next_bit(s->lendable, s->nr, *i);

	if (start >= s->nr)
		return false;
	*i = find_next_zero_bit(s->lendable, s->nr, start);
	row->pfn = s->first + start * pageblock_nr_pages;
	row->nr_pages = (*i - start) * pageblock_nr_pages;
	return true;
}

/* The longest first; of two that are as long, the one with the higher address. */
static int by_length(const void *a, const void *b)
{
	const struct pagealloc_range *x = a, *y = b;

	if (x->nr_pages != y->nr_pages)
		return x->nr_pages > y->nr_pages ? -1 : 1;
	return x->pfn > y->pfn ? -1 : 1;
}

static int by_address(const void *a, const void *b)
{
	const struct pagealloc_range *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : 1;
}

/* List all rows, the longest first. */
static int list_rows(const struct survey *s, struct pga_find *find)
{
	struct pagealloc_range row;
	unsigned long i;

	for (i = 0, find->nr = 0; next_row(s, &i, &row); find->nr++)
		cond_resched();
	find->range = kvcalloc(find->nr ?: 1, sizeof(*find->range), GFP_KERNEL);
	if (!find->range)
		return -ENOMEM;
	for (i = 0, find->nr = 0; next_row(s, &i, &row); find->nr++)
		find->range[find->nr] = row;
	sort(find->range, find->nr, sizeof(*find->range), by_length, NULL);
	return 0;
}

/* Keep as many rows as are needed, and the upper end of the last one. */
static int keep_longest(struct pga_find *find)
{
	const unsigned int most = find->contiguous ? min(find->nr, 1U) : find->nr;
	struct pagealloc_range *range = find->range;
	unsigned long total = 0;
	unsigned int i;

	for (i = 0; i < most && total < find->nr_pages; i++)
		total += range[i].nr_pages;
	if (total < find->nr_pages) {
		pr_info("node %d zone %s has %lu of %lu pages to lend in %u ranges%s\n",
			zone_to_nid(find->zone), find->zone->name, total,
			find->nr_pages, most,
			find->contiguous ? ", as one range is wanted" : "");
		return -ENOMEM;
	}
	find->nr = i;
	range[i - 1].pfn += total - find->nr_pages;
	range[i - 1].nr_pages -= total - find->nr_pages;
	sort(range, find->nr, sizeof(*range), by_address, NULL);
	return 0;
}

static int search_survey(struct pga_find *find, struct survey *s)
{
	int ret;

	ret = look_at_zone(find, s) ?: list_rows(s, find);
	if (ret)
		return ret;
	ret = keep_longest(find);
	if (ret) {
		kvfree(find->range);
		find->range = NULL;
	}
	return ret;
}

static int search_zone(struct pga_find *find, struct zone *zone)
{
	struct survey s = { .first = ALIGN(zone->zone_start_pfn, pageblock_nr_pages) };
	const unsigned long end = ALIGN_DOWN(zone_end_pfn(zone), pageblock_nr_pages);
	int ret;

	if (find->nr_pages % pga_find_granule(zone))
		return -EINVAL;
	if (find->nr_pages > zone_managed_pages(zone) || end <= s.first)
		return -ENOMEM;
	find->zone = zone;
	s.nr = (end - s.first) / pageblock_nr_pages;
	s.lendable = kvcalloc(BITS_TO_LONGS(s.nr), sizeof(long), GFP_KERNEL);
	if (!s.lendable)
		return -ENOMEM;
	ret = search_survey(find, &s);
	kvfree(s.lendable);
	return ret;
}

/* Search the zones of a type, on all nodes with memory. */
static int search_zones(struct pga_find *find, enum zone_type type)
{
	int nid, ret = -ENOMEM;

	for_each_node_state(nid, N_MEMORY) {
		struct zone *zone = &NODE_DATA(nid)->node_zones[type];

		if (!populated_zone(zone) ||
		    (find->node != NUMA_NO_NODE && find->node != nid))
			continue;
		ret = search_zone(find, zone);
		if (ret != -ENOMEM && ret != -EINVAL)
			break;
	}
	return ret;
}

/**
 * pga_find() - find frames to borrow
 * @find: what is wanted; filled in
 *
 * The caller keeps memory from being removed.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if the frames wanted are not whole granules; -ENOMEM if no zone
 * has enough; -EINTR on a fatal signal.
 */
int pga_find(struct pga_find *find)
{
	int type, ret;

	ret = search_zones(find, ZONE_MOVABLE);
	for (type = ZONE_NORMAL; type >= 0 && ret == -ENOMEM; type--)
		ret = search_zones(find, type);
	return ret;
}
PGA_EXPORT_FOR_KUNIT(pga_find);
