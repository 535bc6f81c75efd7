// SPDX-License-Identifier: GPL-2.0
/*
 * The "loan" backing: frames borrowed from the running kernel.
 *
 * A loan is a set of ranges in one zone, which find.c finds by looking at pages.
 * Opening a loan takes no frame, and the kernel goes on using them.  A populate
 * takes frames from the kernel (take.c), and a discard frees them to the kernel
 * again.  A populate fails with -EBUSY if the kernel cannot move what is in the
 * frames.  This is normal.
 *
 * Outside ZONE_MOVABLE the kernel frees a range only if none of its pageblocks has
 * an unmovable page.  If a populate took part of a pageblock, the rest of it might
 * hold one.  So the granule is a pageblock.  In ZONE_MOVABLE all pages are movable,
 * and the granule is a page.
 *
 * Memory may go offline while a loan has it, and its page structs with it.  A loan
 * counts, for each section of memory, the frames that it has taken or is taking:
 *
 *	frames > 0		a memory notifier refuses to offline the section
 *	frames == 0		the section may go offline; the notifier marks it as
 *				away first, and a populate there fails with -EBUSY
 *				until the section is online again, in the same zone
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
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/pageblock-flags.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "backing/backing.h"
#include "backing/find.h"
#include "backing/loan.h"
#include "backing/look.h"
#include "backing/take.h"
#include "base/compat.h"
#include "base/fault.h"
#include "base/kunit_export.h"
#include "pagealloc.h"

/**
 * struct section - a section of memory with frames of a loan
 * @frames: L: frames that the loan has taken, or is taking
 * @away: L: the section is offline, or about to be
 */
struct section {
	unsigned long frames;
	bool away;
};

/**
 * struct pagealloc_loan - frames on loan
 * @loans: M: in the list of all loans
 * @zone: I: where the frames are
 * @granule: I: frames
 * @reserved: pages in regions of a pool; atomic
 * @lock: protects what is marked L
 * @first_section: I: number of the first section
 * @nr_sections: I: sections from the first to the last range
 * @section: these sections
 * @nr: I: ranges
 * @range: I: the ranges, by address
 *
 * I: set by pagealloc_loan_open(), constant from then on
 * M: protected by loans_mutex
 */
struct pagealloc_loan {
	struct list_head loans;
	struct zone *zone;
	unsigned long granule;
	atomic_long_t reserved;
	spinlock_t lock;
	unsigned long first_section;
	unsigned long nr_sections;
	struct section *section;
	unsigned int nr;
	struct pagealloc_range range[];
};

/*
 * All loans.  A free frame does not show that it is on loan, so a search skips the
 * ranges in this list.  It holds the mutex from start to end.  The notifier takes
 * the mutex, too, so that no memory can be removed under a search.
 */
static DEFINE_MUTEX(loans_mutex);
static LIST_HEAD(all_loans);

/* The memory that is going offline; the kernel offlines one range at a time. */
static struct pagealloc_range leaving;		/* protected by loans_mutex */

static bool overlaps(const struct pagealloc_range *range, unsigned long pfn,
		     unsigned long nr_pages)
{
	return pfn < range->pfn + range->nr_pages && range->pfn < pfn + nr_pages;
}

/* The first range that ends behind @pfn, NULL if there is none. */
static const struct pagealloc_range *range_behind(const struct pagealloc_loan *loan,
						  unsigned long pfn)
{
	unsigned int low = 0, high = loan->nr, middle;
	const struct pagealloc_range *range;

	while (low < high) {
		middle = low + (high - low) / 2;
		range = &loan->range[middle];
		if (range->pfn + range->nr_pages > pfn)
			high = middle;
		else
			low = middle + 1;
	}
	return low < loan->nr ? &loan->range[low] : NULL;
}

static bool lends(const struct pagealloc_loan *loan, unsigned long pfn,
		  unsigned long nr_pages)
{
	const struct pagealloc_range *range = range_behind(loan, pfn);

	return range && overlaps(range, pfn, nr_pages);
}

/* Is a part of the range on loan, or about to go offline? */
static bool is_taken(unsigned long pfn, unsigned long nr_pages)
{
	const struct pagealloc_loan *loan;

	lockdep_assert_held(&loans_mutex);
	if (overlaps(&leaving, pfn, nr_pages))
		return true;
	list_for_each_entry(loan, &all_loans, loans)
		if (lends(loan, pfn, nr_pages))
			return true;
	return false;
}

/* The section with a frame; every frame of the loan has one. */
static struct section *section_of(struct pagealloc_loan *loan, unsigned long pfn)
{
	return &loan->section[pfn / PGA_SECTION_PAGES - loan->first_section];
}

/* The end of the frames in the section with @pfn, of a range that ends at @end. */
static unsigned long section_end(unsigned long pfn, unsigned long end)
{
	return min(end, ALIGN(pfn + 1, PGA_SECTION_PAGES));
}

/* Count frames that are taken, or @sign = -1 no longer are. */
static void count_frames(struct pagealloc_loan *loan, unsigned long pfn,
			 unsigned long nr_pages, int sign)
{
	const unsigned long end = pfn + nr_pages;
	unsigned long next;

	lockdep_assert_held(&loan->lock);
	for (; pfn < end; pfn = next) {
		next = section_end(pfn, end);
		section_of(loan, pfn)->frames += sign * (next - pfn);
	}
}

/* Keep frames of the loan online; -EBUSY if some are away. */
static int keep_online(struct pagealloc_loan *loan, unsigned long pfn,
		       unsigned long nr_pages)
{
	const unsigned long end = pfn + nr_pages;
	unsigned long at;
	bool away = false;

	spin_lock(&loan->lock);
	for (at = pfn; at < end; at = section_end(at, end))
		away |= section_of(loan, at)->away;
	if (!away)
		count_frames(loan, pfn, nr_pages, 1);
	spin_unlock(&loan->lock);
	return away ? -EBUSY : 0;
}

static void end_keep_online(struct pagealloc_loan *loan, unsigned long pfn,
			    unsigned long nr_pages)
{
	spin_lock(&loan->lock);
	count_frames(loan, pfn, nr_pages, -1);
	spin_unlock(&loan->lock);
}

/* The frames from the first to the last section of a loan that are in @range. */
static void clip_to_sections(const struct pagealloc_loan *loan,
			     const struct pagealloc_range *range,
			     unsigned long *pfn, unsigned long *end)
{
	const unsigned long first = loan->first_section * PGA_SECTION_PAGES;

	*pfn = max(range->pfn, first);
	*end = min(range->pfn + range->nr_pages,
		   first + loan->nr_sections * PGA_SECTION_PAGES);
}

static void mark_away(struct pagealloc_loan *loan, unsigned long pfn,
		      unsigned long end, bool away)
{
	lockdep_assert_held(&loan->lock);
	for (; pfn < end; pfn = section_end(pfn, end))
		section_of(loan, pfn)->away = away;
}

/* Let memory go offline, and mark it, unless the loan has taken frames of it. */
static bool may_leave(struct pagealloc_loan *loan,
		      const struct pagealloc_range *range)
{
	unsigned long frames = 0, pfn, end, at;

	clip_to_sections(loan, range, &pfn, &end);
	spin_lock(&loan->lock);
	for (at = pfn; at < end; at = section_end(at, end))
		frames += section_of(loan, at)->frames;
	if (!frames)
		mark_away(loan, pfn, end, true);
	spin_unlock(&loan->lock);
	return !frames;
}

/* Memory is online, or stays online.  In another zone it is not that of the loan. */
static void come_back(struct pagealloc_loan *loan,
		      const struct pagealloc_range *range)
{
	unsigned long pfn, end;

	if (page_zone(pfn_to_page(range->pfn)) != loan->zone)
		return;
	clip_to_sections(loan, range, &pfn, &end);
	spin_lock(&loan->lock);
	mark_away(loan, pfn, end, false);
	spin_unlock(&loan->lock);
}

static bool all_may_leave(const struct pagealloc_range *range)
{
	struct pagealloc_loan *loan;

	list_for_each_entry(loan, &all_loans, loans)
		if (!may_leave(loan, range))
			return false;
	return true;
}

static void all_come_back(const struct pagealloc_range *range)
{
	struct pagealloc_loan *loan;

	list_for_each_entry(loan, &all_loans, loans)
		come_back(loan, range);
}

/**
 * pga_loan_memory_event() - memory goes offline or comes online
 * @action: of a memory notifier
 * @pfn: first frame
 * @nr_pages: frames
 *
 * Context: may sleep.
 * Return: false if the memory must stay online.
 */
bool pga_loan_memory_event(unsigned long action, unsigned long pfn,
			   unsigned long nr_pages)
{
	const struct pagealloc_range range = { pfn, nr_pages };
	bool good = true;

	mutex_lock(&loans_mutex);
	switch (action) {
	case MEM_GOING_OFFLINE:
		leaving = range;
		good = all_may_leave(&range);
		break;
	case MEM_CANCEL_OFFLINE:
	case MEM_ONLINE:
		all_come_back(&range);
		fallthrough;
	case MEM_OFFLINE:
		leaving.nr_pages = 0;
		break;
	}
	mutex_unlock(&loans_mutex);
	if (!good)
		pr_warn_ratelimited("pfn %lu+%lu must stay online, a loan has taken frames of it\n",
				    pfn, nr_pages);
	return good;
}
PGA_EXPORT_FOR_KUNIT(pga_loan_memory_event);

static int memory_event(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct memory_notify *range = data;

	return pga_loan_memory_event(action, range->start_pfn, range->nr_pages) ?
		NOTIFY_OK : NOTIFY_BAD;
}

static struct notifier_block memory_notifier = { .notifier_call = memory_event };

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

/* Whether the kernel can free a range, pageblock by pageblock: 0 or -errno. */
static int look_at_range(struct zone *zone, unsigned long pfn,
			 unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages, next;

	for (; pfn < end; pfn = next) {
		next = min(end, ALIGN(pfn + 1, pageblock_nr_pages));
		if (!in_zone(pfn, next - pfn, zone))
			return -EINVAL;
		if (!pga_look_lendable(zone, pfn, next - pfn))
			return -EBUSY;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* Use the range at @pfn. */
static int find_at(struct pga_find *find, unsigned long pfn)
{
	if (pfn + find->nr_pages < pfn)
		return -EINVAL;
	find->zone = zone_of(pfn);
	if (!find->zone ||
	    !IS_ALIGNED(pfn | find->nr_pages, pga_find_granule(find->zone)))
		return -EINVAL;
	if (is_taken(pfn, find->nr_pages))
		return -EBUSY;
	find->range = kvmalloc(sizeof(*find->range), GFP_KERNEL);
	if (!find->range)
		return -ENOMEM;
	find->nr = 1;
	find->range[0] = (struct pagealloc_range) { pfn, find->nr_pages };
	return look_at_range(find->zone, pfn, find->nr_pages);
}

static void free_loan(struct pagealloc_loan *loan)
{
	kvfree(loan->section);
	kvfree(loan);
}

static struct pagealloc_loan *make_loan(const struct pga_find *find)
{
	const struct pagealloc_range *last = &find->range[find->nr - 1];
	struct pagealloc_loan *loan;

	loan = kvzalloc(struct_size(loan, range, find->nr), GFP_KERNEL);
	if (!loan)
		return NULL;
	spin_lock_init(&loan->lock);
	loan->zone = find->zone;
	loan->granule = pga_find_granule(find->zone);
	loan->nr = find->nr;
	memcpy(loan->range, find->range, array_size(find->nr, sizeof(*last)));
	loan->first_section = find->range[0].pfn / PGA_SECTION_PAGES;
	loan->nr_sections = (last->pfn + last->nr_pages - 1) / PGA_SECTION_PAGES -
			    loan->first_section + 1;
	loan->section = kvcalloc(loan->nr_sections, sizeof(*loan->section),
				 GFP_KERNEL);
	if (loan->section)
		return loan;
	free_loan(loan);
	return NULL;
}

/* Say what a loan has. */
static void report(const struct pagealloc_loan *loan, unsigned long nr_pages)
{
	const struct pagealloc_range *longest = loan->range;
	unsigned int i;

	for (i = 1; i < loan->nr; i++)
		if (loan->range[i].nr_pages > longest->nr_pages)
			longest = &loan->range[i];
	if (loan->nr == 1)
		pr_info("%lu pages at pfn %lu, node %d zone %s, granule %lu pages\n",
			nr_pages, longest->pfn, zone_to_nid(loan->zone),
			loan->zone->name, loan->granule);
	else
		pr_info("%lu pages in %u ranges from pfn %lu, the longest %lu pages at pfn %lu, node %d zone %s, granule %lu pages\n",
			nr_pages, loan->nr, loan->range[0].pfn, longest->nr_pages,
			longest->pfn, zone_to_nid(loan->zone), loan->zone->name,
			loan->granule);
}

static struct pagealloc_loan *open_loan(unsigned long nr_pages, unsigned long pfn,
					int node, unsigned int flags)
{
	struct pga_find find = {
		.nr_pages = nr_pages,
		.node = node,
		.contiguous = flags & PAGEALLOC_ONE_RANGE,
		.is_taken = is_taken,
	};
	struct pagealloc_loan *loan;
	int ret;

	if (!nr_pages || flags & ~PAGEALLOC_ONE_RANGE)
		return ERR_PTR(-EINVAL);
	mutex_lock(&loans_mutex);
	ret = pfn == PAGEALLOC_ANY_PFN ? pga_find(&find) : find_at(&find, pfn);
	loan = ret ? NULL : make_loan(&find);
	if (loan)
		list_add(&loan->loans, &all_loans);
	mutex_unlock(&loans_mutex);
	kvfree(find.range);
	if (!loan)
		return ERR_PTR(ret ?: -ENOMEM);
	report(loan, nr_pages);
	return loan;
}

/**
 * pagealloc_loan_open() - find frames to borrow
 * @nr_pages: how many
 * @pfn: the first frame of one range, or PAGEALLOC_ANY_PFN
 * @flags: PAGEALLOC_ONE_RANGE or 0
 *
 * With PAGEALLOC_ANY_PFN the loan consists of as many ranges of one zone as it takes,
 * unless PAGEALLOC_ONE_RANGE is set.  No frame is taken.  The result is the context
 * of &pagealloc_loan_ops for one pool.  The client adds the ranges, or parts of them
 * in whole granules, to that pool as regions, see pagealloc_loan_range().
 *
 * Context: may sleep.
 * Return: the loan, or an ERR_PTR(): -EINVAL for unknown flags, or if a given range
 * is not ordinary memory of one zone in whole granules; -EBUSY if the kernel cannot
 * move a part of it, or another loan has one; -ENOMEM if no zone has enough; -EINTR
 * on a fatal signal.
 */
struct pagealloc_loan *pagealloc_loan_open(unsigned long nr_pages,
					   unsigned long pfn, unsigned int flags)
{
	return open_loan(nr_pages, pfn, NUMA_NO_NODE, flags);
}
EXPORT_SYMBOL_GPL(pagealloc_loan_open);

/**
 * pagealloc_loan_open_node() - find frames to borrow on a node
 * @nr_pages: how many
 * @node: the node, or NUMA_NO_NODE for any
 * @flags: as for pagealloc_loan_open()
 *
 * As pagealloc_loan_open() with PAGEALLOC_ANY_PFN.
 *
 * Context: may sleep.
 * Return: as pagealloc_loan_open(); -EINVAL also for a node without memory; -ENOMEM if
 * no zone of the node has enough.
 */
struct pagealloc_loan *pagealloc_loan_open_node(unsigned long nr_pages, int node,
						unsigned int flags)
{
	if (node != NUMA_NO_NODE &&
	    (node < 0 || node >= MAX_NUMNODES || !node_state(node, N_MEMORY)))
		return ERR_PTR(-EINVAL);
	return open_loan(nr_pages, PAGEALLOC_ANY_PFN, node, flags);
}
EXPORT_SYMBOL_GPL(pagealloc_loan_open_node);

/* Frames that are taken stay so. */
static void end_loan(struct pagealloc_loan *loan)
{
	mutex_lock(&loans_mutex);
	list_del(&loan->loans);
	mutex_unlock(&loans_mutex);
	free_loan(loan);
}

/**
 * pagealloc_loan_close() - close a loan
 * @loan: from pagealloc_loan_open(); its pool has been destroyed
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if regions of a pool still have pages of it.  The loan stays open
 * then, and the call can be repeated.
 */
int pagealloc_loan_close(struct pagealloc_loan *loan)
{
	const long reserved = atomic_long_read(&loan->reserved);

	if (reserved) {
		pr_err("the loan from pfn %lu stays open: %ld pages are in regions of a pool\n",
		       loan->range[0].pfn, reserved);
		return -EBUSY;
	}
	end_loan(loan);
	return 0;
}
EXPORT_SYMBOL_GPL(pagealloc_loan_close);

/**
 * pga_loan_init() - prepare for loans
 *
 * Called at the start of the module, before any loan is searched for.
 *
 * Return: 0 or -errno.
 */
int pga_loan_init(void)
{
	return register_memory_notifier(&memory_notifier);
}

/**
 * pga_loan_exit() - close the loans that are still open
 *
 * Called at the end of the module.  The frames that their pools hold are lost.
 */
void pga_loan_exit(void)
{
	struct pagealloc_loan *loan, *next;

	list_for_each_entry_safe(loan, next, &all_loans, loans) {
		pr_err("the loan from pfn %lu was never closed\n",
		       loan->range[0].pfn);
		end_loan(loan);
	}
	unregister_memory_notifier(&memory_notifier);
}

/**
 * pagealloc_loan_range() - a range of a loan
 * @loan: the loan
 * @i: number of the range, from 0; the ranges are in order of their addresses
 *
 * Context: any.
 * Return: the range; one without pages if the loan has no such range.
 */
struct pagealloc_range pagealloc_loan_range(const struct pagealloc_loan *loan,
					    unsigned int i)
{
	return i < loan->nr ? loan->range[i] : (struct pagealloc_range) {};
}
EXPORT_SYMBOL_GPL(pagealloc_loan_range);

static unsigned long loan_granule(void *ctx)
{
	const struct pagealloc_loan *loan = ctx;

	return loan->granule;
}

static int loan_reserve(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_loan *loan = ctx;
	const struct pagealloc_range *range = range_behind(loan, pfn);

	if (!range || !pga_range_has(range->pfn, range->nr_pages, pfn, nr_pages) ||
	    !IS_ALIGNED(pfn | nr_pages, loan->granule))
		return -EINVAL;
	atomic_long_add(nr_pages, &loan->reserved);
	return 0;
}

/* The kernel has the frames already, since they are discarded. */
static void loan_release(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_loan *loan = ctx;

	atomic_long_sub(nr_pages, &loan->reserved);
}

static int loan_populate(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_loan *loan = ctx;
	int ret;

	ret = keep_online(loan, pfn, nr_pages);
	if (ret)
		return ret;
	ret = pga_take(loan->zone, loan->granule, pfn, nr_pages);
	if (ret)
		end_keep_online(loan, pfn, nr_pages);
	return ret;
}

static bool is_bad(unsigned long pfn)
{
	return PageHWPoison(pfn_to_page(pfn));
}

/*
 * Free frames to the kernel.  It takes a bad one, alone, and keeps it out of its free
 * lists; it may have references to it.
 */
static void free_frames(unsigned long pfn, unsigned long nr_pages)
{
	const unsigned long end = pfn + nr_pages;
	unsigned long next;

	for (; pfn < end; pfn = next) {
		for (next = pfn; next < end && !is_bad(next); next++)
			;
		if (next > pfn)
			free_contig_range(pfn, next - pfn);
		if (next < end)
			__free_page(pfn_to_page(next++));
	}
}

static bool loan_has_pages(void *ctx)
{
	return true;
}

/* A loan has no frames of CMA areas, and the pool knows of ZONE_MOVABLE. */
static bool loan_may_pin(void *ctx)
{
	return true;
}

/* A frame must not be freed while it has references besides ours. */
static int loan_discard(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_loan *loan = ctx;
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		if (page_count(pfn_to_page(pfn + i)) != 1 && !is_bad(pfn + i)) {
			pr_warn_ratelimited("pfn %lu was freed but still has references\n",
					    pfn + i);
			return -EBUSY;
		}
	free_frames(pfn, nr_pages);
	end_keep_online(loan, pfn, nr_pages);
	return 0;
}

/* The kernel has the frames back when the last one who refers to them is done. */
static void loan_abandon(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_loan *loan = ctx;
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		__free_page(pfn_to_page(pfn + i));
	end_keep_online(loan, pfn, nr_pages);
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
	.has_pages = loan_has_pages,
	.granule = loan_granule,
	.reserve = loan_reserve,
	.release = loan_release,
	.populate = loan_populate,
	.discard = loan_discard,
	.abandon = loan_abandon,
	.may_pin = loan_may_pin,
	.populates_zero = loan_populates_zero,
	.zero = loan_zero,
};
EXPORT_SYMBOL_GPL(pagealloc_loan_ops);
