// SPDX-License-Identifier: GPL-2.0
/*
 * The quarantine: pages of buffers that are gone, to which somebody still refers.
 *
 * A user of a buffer that is mapped by page can take references to its pages: by
 * vmsplice(), O_DIRECT, io_uring, RDMA or VFIO.  KVM on 6.1 takes them even of pages
 * that are mapped by page frame number.  Such a reference outlives the mapping and the
 * buffer.  If the next owner got the page then, its former owner could read and write
 * what he has there.  So each page of a buffer that goes must have the one reference
 * of the pool, and otherwise the whole buffer waits here until it has.
 *
 * Nobody can take a new reference meanwhile, since there is no mapping any more.  A
 * page that has been seen with one reference is not looked at again.
 */

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "heap.h"
#include "quarantine.h"

/* How long until the next look, milliseconds: doubles while nothing changes. */
#define FIRST_MS	50U
#define LAST_MS		2000U

static void look_work(struct work_struct *work);

static LIST_HEAD(entries);		/* protected by entries_mutex */
static DEFINE_MUTEX(entries_mutex);
static unsigned int delay_ms;		/* protected by entries_mutex */
static DECLARE_DELAYED_WORK(look, look_work);

/**
 * pgh_quarantine_clears() - does nobody but the pool refer to these pages?
 * @entry: the pages, which have page structs; its member pfn moves past those that are
 *	clear
 *
 * Context: may sleep.
 */
bool pgh_quarantine_clears(struct pgh_quarantined *entry)
{
	for (; entry->pfn < entry->end; entry->pfn++) {
		/* Of pages that were allocated together only the first may have one. */
		if (page_count(pfn_to_page(entry->pfn)) > 1)
			return false;
		if (!(entry->pfn % 512))
			cond_resched();
	}
	return true;
}

static void look_again(unsigned int ms)
{
	lockdep_assert_held(&entries_mutex);
	delay_ms = ms;
	mod_delayed_work(pgh_workqueue, &look, msecs_to_jiffies(ms));
}

static void look_work(struct work_struct *work)
{
	struct pgh_quarantined *entry, *next;
	LIST_HEAD(clear);

	mutex_lock(&entries_mutex);
	list_for_each_entry_safe(entry, next, &entries, node)
		if (pgh_quarantine_clears(entry))
			list_move_tail(&entry->node, &clear);
	if (!list_empty(&entries))
		look_again(list_empty(&clear) ? min(2 * delay_ms, LAST_MS) : FIRST_MS);
	mutex_unlock(&entries_mutex);

	list_for_each_entry_safe(entry, next, &clear, node) {
		entry->release(entry);
		module_put(THIS_MODULE);
	}
}

/**
 * pgh_quarantine_add() - release pages when nobody refers to them any more
 * @entry: the pages and what to call; in use until that is called
 *
 * This module stays loaded until then.
 *
 * Context: may sleep; the caller holds a reference to this module.
 */
void pgh_quarantine_add(struct pgh_quarantined *entry)
{
	__module_get(THIS_MODULE);
	mutex_lock(&entries_mutex);
	list_add_tail(&entry->node, &entries);
	look_again(FIRST_MS);
	mutex_unlock(&entries_mutex);
}

/* Nothing is in quarantine any more, but the work may still be queued. */
void pgh_quarantine_exit(void)
{
	cancel_delayed_work_sync(&look);
}
