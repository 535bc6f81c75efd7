// SPDX-License-Identifier: GPL-2.0
/*
 * Look at frames without taking them.
 *
 * The search for a loan asks whether the kernel can ever free the frames of a
 * pageblock.  It can if none of them is poisoned, and each is free or holds something
 * movable: a page on an LRU list, a page whose driver can move it, or a hugetlb page.
 * These are the criteria of the kernel's own page isolation.  A pageblock of a CMA area
 * does not qualify: the kernel leaves it to the owner of the area.
 *
 * A take asks whether the kernel can free the frames now.  The kernel waits without
 * a limit for a page that is locked or under writeback, and it never moves a page
 * that is pinned, poisoned or offline.  So a take looks for these first, and
 * refuses instead of asking the kernel.  What a hypervisor has unplugged is offline
 * and can come back; what is poisoned stays so.
 *
 * Nothing is locked and no reference is taken, so a page may change while it is
 * looked at, and every answer may be out of date when it is used.  The worst result
 * of a wrong answer is a take that fails with -EBUSY, or one that waits.
 */

#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/sched.h>

#include "backing/look.h"
#include "base/compat.h"
#include "base/kunit_export.h"

/* Pages to look at between two calls of cond_resched(). */
#define PAGES_A_ROUND	4096UL

/* Frames in the free block of the buddy allocator that begins at @page, 0 if none. */
static unsigned long free_block(struct page *page)
{
	unsigned long order;

	if (!PageBuddy(page))
		return 0;
	/* The block may be allocated at this moment, and the order be anything. */
	order = READ_ONCE(page_private(page));
	if (order >= BITS_PER_LONG || 1UL << order > MAX_ORDER_NR_PAGES)
		return 1;
	return 1UL << order;
}

/* Pages from @page to the end of its folio, whose size may be changing. */
static unsigned long rest_of_folio(struct page *page, struct folio *folio)
{
	const unsigned long nr = folio_nr_pages(folio);
	const unsigned long offset = page - folio_page(folio, 0);

	return offset < nr ? nr - offset : 1;
}

/*
 * Can the kernel move or reuse a page of an ordinary zone?  @step is set to the
 * number of pages that the answer is about.
 */
static bool is_movable(struct page *page, unsigned long *step)
{
	*step = 1;
	if (PageCompound(page)) {
		struct folio *folio = page_folio(page);

		*step = rest_of_folio(page, folio);
		if (folio_test_hugetlb(folio))
			return IS_ENABLED(CONFIG_ARCH_ENABLE_HUGEPAGE_MIGRATION);
		return folio_test_lru(folio) || pga_has_movable_ops(page);
	}
	if (!page_ref_count(page)) {
		*step = max(free_block(page), 1UL);
		return true;
	}
	return PageLRU(page) || pga_has_movable_ops(page);
}

/**
 * pga_look_lendable() - can the kernel ever free the frames of a range?
 * @zone: the zone that the range must be in
 * @pfn: first frame
 * @nr: frames, at least 1, all in one pageblock
 *
 * The caller keeps the memory from being removed.
 *
 * Context: any.
 */
bool pga_look_lendable(struct zone *zone, unsigned long pfn, unsigned long nr)
{
	struct page *page = pfn_to_online_page(pfn), *last, *end;
	unsigned long step = 1;

	last = pfn_to_online_page(pfn + nr - 1);
	if (!page || !last || page_zone(page) != zone || page_zone(last) != zone ||
	    pga_is_cma(page))
		return false;
	for (end = page + nr; page < end; page += step) {
		if (PageReserved(page) || PageHWPoison(page))
			return false;
		/* In ZONE_MOVABLE there is nothing else that cannot be moved. */
		if (zone_idx(zone) != ZONE_MOVABLE && !is_movable(page, &step))
			return false;
	}
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_look_lendable);

/* Would the kernel fail to move what is in this frame now, or wait for it? */
static bool is_held(struct page *page)
{
	struct folio *folio;

	if (PageOffline(page))
		return true;
	if (!page_ref_count(page) && !PageCompound(page))
		return false;
	folio = page_folio(page);
	return folio_test_locked(folio) || folio_test_writeback(folio) ||
	       folio_maybe_dma_pinned(folio);
}

/**
 * pga_look_takable() - could the kernel free these frames now?
 * @pfn: first frame
 * @nr: frames
 * @nr_free: set to the number of frames that are in free blocks
 *
 * The caller keeps the memory from going offline.
 *
 * Context: may sleep.
 * Return: 0; -EHWPOISON if a frame is bad memory; or -EBUSY if the kernel could not, or
 * would wait.
 */
int pga_look_takable(unsigned long pfn, unsigned long nr, unsigned long *nr_free)
{
	const unsigned long end = pfn + nr;
	unsigned long step, round = 0;
	struct page *page;

	for (*nr_free = 0; pfn < end; pfn += max(step, 1UL)) {
		if (++round % PAGES_A_ROUND == 0)
			cond_resched();
		page = pfn_to_page(pfn);
		step = min(free_block(page), end - pfn);
		*nr_free += step;
		if (step)
			continue;
		if (PageHWPoison(page))
			return -EHWPOISON;
		if (is_held(page))
			return -EBUSY;
	}
	return 0;
}
PGA_EXPORT_FOR_KUNIT(pga_look_takable);
