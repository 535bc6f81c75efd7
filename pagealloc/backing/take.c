// SPDX-License-Identifier: GPL-2.0
/*
 * Take frames from the kernel.
 *
 * alloc_contig_range() moves what is in the frames elsewhere, and takes the frames.
 * Three things go before it:
 *
 *	a look		Frames that cannot be had now are refused (look.c).
 *	the margin	alloc_contig_range() respects no watermark.  A take that
 *			would leave less than a margin to others is refused.  All
 *			loans share the margin, and frames that a take was granted
 *			but does not have yet count as taken.
 *	a turn		Takes that share a pageblock exclude each other (turn.c).
 *
 * A long range is taken in pieces, so that a turn is short.  If a piece fails, the
 * pieces before it go back to the kernel.
 */

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/vmstat.h>

#include "backing/look.h"
#include "backing/take.h"
#include "backing/turn.h"
#include "base/compat.h"

/* How often, and how far apart, to look for pages that are held for a moment only. */
#define LOOKS			3
#define LOOK_JIFFIES		msecs_to_jiffies(10)

/* The longest piece, if a granule is not longer. */
#define PIECE_PAGES		PHYS_PFN(SZ_64M)

static DEFINE_SPINLOCK(margin_lock);

/* Frames that were granted and are not yet taken; protected by margin_lock. */
static unsigned long granted;

/* Frames to leave to others: the default of vm.user_reserve_kbytes. */
static unsigned long margin(void)
{
	return min(totalram_pages() / 32, PHYS_PFN(SZ_128M));
}

/*
 * Would a zone stay above its high watermark without @nr of its free frames?  The
 * kernel can reclaim the page cache.  What ZONE_MOVABLE lacks, any other zone can
 * provide.
 */
static bool zone_spares(struct zone *zone, unsigned long nr)
{
	return zone_idx(zone) == ZONE_MOVABLE ||
	       zone_page_state(zone, NR_FREE_PAGES) +
	       zone_page_state(zone, NR_ZONE_ACTIVE_FILE) +
	       zone_page_state(zone, NR_ZONE_INACTIVE_FILE) >
	       high_wmark_pages(zone) + nr;
}

/*
 * Grant @nr frames, @nr_free of them free, unless that leaves too little to others.
 * The frames granted to takes in other zones are taken for frames of this zone, too.
 */
static bool grant(struct zone *zone, unsigned long nr, unsigned long nr_free)
{
	bool good;

	spin_lock(&margin_lock);
	good = si_mem_available() >= (long)(granted + nr + margin()) &&
	       zone_spares(zone, granted + nr_free);
	if (good)
		granted += nr;
	spin_unlock(&margin_lock);
	return good;
}

static void end_grant(unsigned long nr)
{
	spin_lock(&margin_lock);
	granted -= nr;
	spin_unlock(&margin_lock);
}

/* Look at frames, and again a little later if some are held. */
static int look(unsigned long pfn, unsigned long nr, unsigned long *nr_free)
{
	unsigned int i;
	int ret;

	for (i = 1; ; i++) {
		ret = pga_look_takable(pfn, nr, nr_free);
		if (ret != -EBUSY || i == LOOKS)
			return ret;
		schedule_timeout_killable(LOOK_JIFFIES);
		if (fatal_signal_pending(current))
			return -EINTR;
	}
}

static int take_piece(unsigned long pfn, unsigned long nr)
{
	struct pga_turn turn;
	int ret;

	if (fatal_signal_pending(current))
		return -EINTR;
	ret = pga_turn_begin(&turn, pfn, nr);
	if (ret)
		return ret;
	ret = pga_alloc_contig_range(pfn, pfn + nr, GFP_KERNEL | __GFP_NOWARN);
	pga_turn_end(&turn);
	return ret;
}

/**
 * pga_take() - take frames from the kernel, all or none
 * @zone: the zone that they are in
 * @granule: the granule of the loan, in pages
 * @pfn: first frame
 * @nr: frames
 *
 * The caller keeps the memory from going offline.  The frames are returned with
 * free_contig_range(), all at once or in parts.
 *
 * Context: may sleep.
 * Return: 0; -EDQUOT if too little would be left to others; -EBUSY if the kernel
 * cannot move what is in the frames; -EHWPOISON if a frame is bad memory; -EINTR on a
 * fatal signal; -ENOMEM.
 */
int pga_take(struct zone *zone, unsigned long granule, unsigned long pfn,
	     unsigned long nr)
{
	unsigned long done, piece, nr_free;
	int ret;

	ret = look(pfn, nr, &nr_free);
	if (ret)
		return ret;
	if (!grant(zone, nr, nr_free))
		return -EDQUOT;
	for (done = 0; done < nr; done += piece) {
		piece = min(nr - done, max(PIECE_PAGES, granule));
		ret = take_piece(pfn + done, piece);
		if (ret)
			break;
		end_grant(piece);
	}
	if (!ret)
		return 0;
	end_grant(nr - done);
	if (done)
		free_contig_range(pfn, done);
	return ret;
}
