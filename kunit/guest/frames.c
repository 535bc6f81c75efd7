// SPDX-License-Identifier: GPL-2.0
/*
 * Another user of frames: it holds them while this module is loaded.
 *
 *	every=N		one page in each N-th pageblock, which makes the pageblock
 *			unmovable, as on a machine that has been up for long
 *	lock=N		locks N pages of the page cache from pfn= on, as a file system
 *			does whose server does not answer
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/pagemap.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "base/compat.h"

static unsigned int every;
module_param(every, uint, 0400);
MODULE_PARM_DESC(every, "Hold a page in each pageblock whose number is a multiple of this");

static unsigned long pfn;
module_param(pfn, ulong, 0400);
MODULE_PARM_DESC(pfn, "The first frame to lock");

static unsigned long nr;
module_param(nr, ulong, 0400);
MODULE_PARM_DESC(nr, "Frames to consider from pfn on");

static unsigned int lock;
module_param(lock, uint, 0400);
MODULE_PARM_DESC(lock, "Pages to lock");

/* A page that is held. */
struct held {
	struct list_head node;
	struct page *page;
	bool locked;
};

static LIST_HEAD(all_held);

static int hold(struct page *page, bool locked)
{
	struct held *held = kmalloc(sizeof(*held), GFP_KERNEL);

	if (!held)
		return -ENOMEM;
	held->page = page;
	held->locked = locked;
	list_add(&held->node, &all_held);
	return 0;
}

static void let_go(void)
{
	struct held *held, *next;

	list_for_each_entry_safe(held, next, &all_held, node) {
		if (held->locked)
			unlock_page(held->page);
		put_page(held->page);
		list_del(&held->node);
		kfree(held);
	}
}

/* Take a pageblock, and keep one page in the middle; false if it cannot be had. */
static bool hold_one_in(unsigned long start)
{
	const unsigned long middle = start + pageblock_nr_pages / 2;
	const unsigned long end = start + pageblock_nr_pages;

	if (!pfn_to_online_page(start) || !pfn_to_online_page(end - 1) ||
	    pga_alloc_contig_range(start, end, GFP_KERNEL | __GFP_NOWARN))
		return false;
	free_contig_range(start, middle - start);
	free_contig_range(middle + 1, end - middle - 1);
	if (!hold(pfn_to_page(middle), false))
		return true;
	__free_page(pfn_to_page(middle));
	return false;
}

static void hold_in_zone(struct zone *zone)
{
	const unsigned long end = zone_end_pfn(zone) - pageblock_nr_pages;
	const unsigned long step = every * pageblock_nr_pages;
	unsigned long at = ALIGN(zone->zone_start_pfn, pageblock_nr_pages);
	unsigned int got = 0, not = 0;

	for (; at <= end; at += step) {
		if (hold_one_in(at))
			got++;
		else
			not++;
		cond_resched();
	}
	pr_info("zone %s: a page in %u pageblocks, %u could not be had\n", zone->name,
		got, not);
}

static void hold_everywhere(void)
{
	int nid, type;

	for_each_node_state(nid, N_MEMORY)
		for (type = 0; type < ZONE_MOVABLE; type++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[type];

			if (populated_zone(zone))
				hold_in_zone(zone);
		}
}

static int lock_some(void)
{
	const unsigned long end = pfn + nr;
	unsigned int locked = 0;
	struct page *page;
	int ret = 0;

	for (; pfn < end && locked < lock && !ret; pfn++) {
		page = pfn_to_online_page(pfn);
		if (!page || PageCompound(page) || !get_page_unless_zero(page))
			continue;
		if (!PageLRU(page) || !trylock_page(page)) {
			put_page(page);
			continue;
		}
		pr_info("pfn %lu is locked\n", pfn);
		locked++;
		ret = hold(page, true);
	}
	return locked == lock ? ret : -ENOENT;
}

static int __init frames_init(void)
{
	int ret = 0;

	if (every)
		hold_everywhere();
	if (lock)
		ret = lock_some();
	if (ret)
		let_go();
	return ret;
}
module_init(frames_init);

static void __exit frames_exit(void)
{
	let_go();
}
module_exit(frames_exit);

MODULE_DESCRIPTION("Another user of frames, for tests of pagealloc's loan");
MODULE_LICENSE("GPL");
