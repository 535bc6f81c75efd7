// SPDX-License-Identifier: GPL-2.0
/*
 * The "loan" backing: frames borrowed from the running kernel.
 *
 * Opening a loan searches for a contiguous range of frames that the kernel can
 * free.  The search takes each pageblock once, which moves its content elsewhere,
 * and gives it back at once, so that never more than one pageblock is missing.
 * Afterwards the kernel uses the frames.  A populate takes these frames back from
 * the kernel, and a discard frees them to the kernel again.  A populate fails with
 * -EBUSY if the kernel cannot move what is in the frames.  This is normal.
 *
 * Outside ZONE_MOVABLE the kernel frees a range only if none of its pageblocks has
 * an unmovable page.  If a populate took part of a pageblock, the rest of it might
 * hold one.  So the granule is a pageblock.  In ZONE_MOVABLE all pages are movable,
 * and the granule is a page.
 *
 * A memory notifier refuses to offline the range: the kernel cannot offline frames
 * that the loan has taken, and other frames of the range would not come back.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": loan: " fmt

#include <linux/err.h>
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/pageblock-flags.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "backing/backing.h"
#include "backing/loan.h"
#include "base/compat.h"
#include "base/fault.h"
#include "pagealloc.h"

/**
 * struct pagealloc_loan - a range of frames on loan
 * @pfn: I: first frame
 * @nr_pages: I: frames
 * @granule: I: frames
 * @offline: I: the memory notifier that keeps the range online
 * @loans: M: in the list of all loans
 *
 * I: set by pagealloc_loan_open(), constant from then on
 * M: protected by loans_mutex
 */
struct pagealloc_loan {
	unsigned long pfn;
	unsigned long nr_pages;
	unsigned long granule;
	struct notifier_block offline;
	struct list_head loans;
};

/*
 * All loans.  A free frame does not show that it is on loan, so a search skips the
 * ranges in this list.  It holds the mutex from start to end.
 */
static DEFINE_MUTEX(loans_mutex);
static LIST_HEAD(all_loans);

/*
 * Taking frames isolates their pageblock for a moment.  Meanwhile the kernel would
 * refuse other frames of this pageblock with -EBUSY.
 */
static DEFINE_MUTEX(take_mutex);

static int take(unsigned long pfn, unsigned long nr_pages)
{
	int ret;

	if (mutex_lock_killable(&take_mutex))
		return -EINTR;
	ret = pga_alloc_contig_range(pfn, pfn + nr_pages,
				     GFP_KERNEL | __GFP_NOWARN);
	mutex_unlock(&take_mutex);
	return ret;
}

/* Whether the kernel can free these frames: 0 or -errno. */
static int try_take(unsigned long pfn, unsigned long nr_pages)
{
	const int ret = take(pfn, nr_pages);

	if (!ret)
		free_contig_range(pfn, nr_pages);
	return ret;
}

static bool overlaps(const struct pagealloc_loan *loan, unsigned long pfn,
		     unsigned long nr_pages)
{
	return pfn < loan->pfn + loan->nr_pages && loan->pfn < pfn + nr_pages;
}

static bool on_loan(unsigned long pfn, unsigned long nr_pages)
{
	const struct pagealloc_loan *loan;

	lockdep_assert_held(&loans_mutex);
	list_for_each_entry(loan, &all_loans, loans)
		if (overlaps(loan, pfn, nr_pages))
			return true;
	return false;
}

static int refuse_offline(struct notifier_block *nb, unsigned long action,
			  void *data)
{
	struct pagealloc_loan *loan = container_of(nb, struct pagealloc_loan,
						   offline);
	const struct memory_notify *range = data;

	if (action != MEM_GOING_OFFLINE ||
	    !overlaps(loan, range->start_pfn, range->nr_pages))
		return NOTIFY_OK;
	pr_warn("pfn %lu+%lu must stay online, some of its frames are on loan\n",
		range->start_pfn, range->nr_pages);
	return NOTIFY_BAD;
}

/* The zone of @pfn, or NULL if the frame is not ordinary online memory. */
static struct zone *zone_of(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	return page && !PageReserved(page) ? page_zone(page) : NULL;
}

/* A range within a pageblock is in a zone if its first and last frames are. */
static bool in_zone(unsigned long pfn, unsigned long nr_pages, struct zone *zone)
{
	return zone_of(pfn) == zone && zone_of(pfn + nr_pages - 1) == zone;
}

static unsigned long granule_in(struct zone *zone)
{
	return zone_idx(zone) == ZONE_MOVABLE ? 1 : pageblock_nr_pages;
}

/* Whether the kernel can free a range, pageblock by pageblock: 0 or -errno. */
static int try_range(unsigned long pfn, unsigned long nr_pages,
		     struct zone *zone)
{
	unsigned long end = pfn + nr_pages, next;
	int ret;

	for (; pfn < end; pfn = next) {
		next = min(end, ALIGN(pfn + 1, pageblock_nr_pages));
		if (!in_zone(pfn, next - pfn, zone))
			return -EINVAL;
		ret = try_take(pfn, next - pfn);
		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

/* Search a zone, from its top, for a range that the kernel can free. */
static int search_zone(struct zone *zone, unsigned long nr_pages,
		       unsigned long *found)
{
	const unsigned long step = pageblock_nr_pages;
	const unsigned long first = ALIGN(zone->zone_start_pfn, step);
	unsigned long pfn = ALIGN_DOWN(zone_end_pfn(zone), step);
	unsigned long run = 0;

	if (nr_pages > zone_managed_pages(zone))
		return -ENOMEM;
	while (pfn > first) {
		pfn -= step;
		if (in_zone(pfn, step, zone) && !on_loan(pfn, step) &&
		    !try_take(pfn, step))
			run += step;
		else
			run = 0;
		if (run >= nr_pages) {
			*found = pfn;
			return 0;
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return -ENOMEM;
}

/* Search the zones of a type, on all nodes with memory. */
static int search_zones(enum zone_type type, unsigned long nr_pages,
			unsigned long *found, struct zone **in)
{
	int nid, ret = -ENOMEM;

	for_each_node_state(nid, N_MEMORY) {
		struct zone *zone = &NODE_DATA(nid)->node_zones[type];

		if (!populated_zone(zone))
			continue;
		if (nr_pages % granule_in(zone)) {
			ret = -EINVAL;
			continue;
		}
		ret = search_zone(zone, nr_pages, found);
		if (ret != -ENOMEM) {
			*in = zone;
			break;
		}
	}
	return ret;
}

/* ZONE_MOVABLE comes first: its granule is smallest and all its pages can move. */
static int search(unsigned long nr_pages, unsigned long *found, struct zone **in)
{
	int type, ret;

	ret = search_zones(ZONE_MOVABLE, nr_pages, found, in);
	for (type = ZONE_NORMAL; type >= 0 && ret == -ENOMEM; type--)
		ret = search_zones(type, nr_pages, found, in);
	return ret;
}

static int open_at(unsigned long pfn, unsigned long nr_pages, struct zone **in)
{
	struct zone *zone;

	if (pfn + nr_pages < pfn)
		return -EINVAL;
	zone = zone_of(pfn);
	if (!zone || !IS_ALIGNED(pfn | nr_pages, granule_in(zone)))
		return -EINVAL;
	if (on_loan(pfn, nr_pages))
		return -EBUSY;
	*in = zone;
	return try_range(pfn, nr_pages, zone);
}

/**
 * pagealloc_loan_open() - find a range of frames to borrow, and keep it online
 * @nr_pages: length of the range
 * @pfn: its first frame, or PAGEALLOC_ANY_PFN
 *
 * The result is the context of &pagealloc_loan_ops for one pool.  The client adds
 * the range, or parts of it in whole granules, to that pool as regions.
 *
 * Context: may sleep.
 * Return: the loan, or an ERR_PTR(): -EINVAL if a given range is not ordinary
 * memory of one zone in whole granules; -EBUSY if the kernel cannot move a part
 * of it, or another loan has one; -ENOMEM if no range is long enough; -EINTR on a
 * fatal signal.
 */
struct pagealloc_loan *pagealloc_loan_open(unsigned long nr_pages,
					   unsigned long pfn)
{
	struct pagealloc_loan *loan;
	struct zone *zone;
	int ret;

	if (!nr_pages)
		return ERR_PTR(-EINVAL);
	loan = kzalloc(sizeof(*loan), GFP_KERNEL);
	if (!loan)
		return ERR_PTR(-ENOMEM);

	mutex_lock(&loans_mutex);
	if (pfn == PAGEALLOC_ANY_PFN)
		ret = search(nr_pages, &pfn, &zone);
	else
		ret = open_at(pfn, nr_pages, &zone);
	if (ret)
		goto err_unlock;

	loan->pfn = pfn;
	loan->nr_pages = nr_pages;
	loan->granule = granule_in(zone);
	loan->offline.notifier_call = refuse_offline;
	ret = register_memory_notifier(&loan->offline);
	if (ret)
		goto err_unlock;
	list_add(&loan->loans, &all_loans);
	mutex_unlock(&loans_mutex);
	pr_info("%lu pages at pfn %lu, node %d zone %s, granule %lu pages\n",
		nr_pages, pfn, zone_to_nid(zone), zone->name, loan->granule);
	return loan;

err_unlock:
	mutex_unlock(&loans_mutex);
	kfree(loan);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(pagealloc_loan_open);

/**
 * pagealloc_loan_close() - close a loan
 * @loan: from pagealloc_loan_open(); its pool has been destroyed
 *
 * Context: may sleep.
 */
void pagealloc_loan_close(struct pagealloc_loan *loan)
{
	mutex_lock(&loans_mutex);
	list_del(&loan->loans);
	mutex_unlock(&loans_mutex);
	unregister_memory_notifier(&loan->offline);
	kfree(loan);
}
EXPORT_SYMBOL_GPL(pagealloc_loan_close);

/**
 * pga_loan_exit() - close the loans that are still open
 *
 * Called at the end of the module.  The frames that their pools hold are lost.
 */
void pga_loan_exit(void)
{
	struct pagealloc_loan *loan, *next;

	list_for_each_entry_safe(loan, next, &all_loans, loans) {
		pr_err("pfn %lu+%lu was never closed\n", loan->pfn, loan->nr_pages);
		pagealloc_loan_close(loan);
	}
}

/**
 * pagealloc_loan_pfn() - the start of a loan
 * @loan: the loan
 *
 * Return: pfn of its first frame.
 */
unsigned long pagealloc_loan_pfn(const struct pagealloc_loan *loan)
{
	return loan->pfn;
}
EXPORT_SYMBOL_GPL(pagealloc_loan_pfn);

/**
 * pagealloc_loan_pages() - the length of a loan
 * @loan: the loan
 *
 * Return: frames.
 */
unsigned long pagealloc_loan_pages(const struct pagealloc_loan *loan)
{
	return loan->nr_pages;
}
EXPORT_SYMBOL_GPL(pagealloc_loan_pages);

static unsigned long loan_granule(void *ctx)
{
	const struct pagealloc_loan *loan = ctx;

	return loan->granule;
}

static int loan_reserve(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	const struct pagealloc_loan *loan = ctx;

	return pga_range_has(loan->pfn, loan->nr_pages, pfn, nr_pages) &&
	       IS_ALIGNED(pfn | nr_pages, loan->granule) ? 0 : -EINVAL;
}

/* Nothing to do: the kernel has the frames already, since they are discarded. */
static void loan_release(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
}

/*
 * alloc_contig_range() respects no watermark.  Without this check it would take
 * the last free frames, and the next allocation would invoke the OOM killer.
 */
static int loan_populate(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	if (si_mem_available() < (long)nr_pages)
		return -ENOMEM;
	return take(pfn, nr_pages);
}

/* A frame must not be freed while it has references besides ours. */
static int loan_discard(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		if (page_count(pfn_to_page(pfn + i)) != 1) {
			pr_warn_ratelimited("pfn %lu was freed but still has references\n",
					    pfn + i);
			return -EBUSY;
		}
	free_contig_range(pfn, nr_pages);
	return 0;
}

/* With either option the kernel has zeroed the frames that it hands over. */
static bool loan_populates_zero(void *ctx)
{
	return want_init_on_alloc(0) || want_init_on_free();
}

static void loan_zero(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		clear_highpage(pfn_to_page(pfn + i));
}

/* Operations of the loan backing; the context is a &struct pagealloc_loan. */
const struct pagealloc_backing_ops pagealloc_loan_ops = {
	.name = "loan",
	.lends = true,
	.granule = loan_granule,
	.reserve = loan_reserve,
	.release = loan_release,
	.populate = loan_populate,
	.discard = loan_discard,
	.populates_zero = loan_populates_zero,
	.zero = loan_zero,
};
EXPORT_SYMBOL_GPL(pagealloc_loan_ops);
