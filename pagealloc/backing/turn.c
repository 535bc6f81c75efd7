// SPDX-License-Identifier: GPL-2.0
/*
 * Turns: who may ask the kernel for which frames.
 *
 * To take frames, the kernel isolates their pageblocks for a moment, and refuses
 * other frames of an isolated pageblock.  On some kernels isolated pageblocks also
 * merge up to the largest block of the buddy allocator, and a take beside them
 * fails.  So takes that share such a unit, a pageblock or a block of the largest
 * order, whichever is larger, take turns.  All other takes run side by side, and a
 * take that is stuck in the kernel holds up only those that share a unit with it.
 * These wait for a second at most.
 *
 * The turns are in one list, the earliest first.  A turn has come when no earlier
 * one shares a unit with it.
 */

#include <linux/align.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "backing/turn.h"
#include "base/kunit_export.h"

/* How long a take waits for its turn. */
#define PATIENCE_JIFFIES	HZ

static DEFINE_SPINLOCK(turns_lock);
static LIST_HEAD(turns);		/* protected by turns_lock */
static DECLARE_WAIT_QUEUE_HEAD(turns_wq);

/**
 * pga_turn_unit() - frames that only one take at a time may touch
 *
 * Return: pages, a power of two.
 */
unsigned long pga_turn_unit(void)
{
	return max_t(unsigned long, pageblock_nr_pages, MAX_ORDER_NR_PAGES);
}
PGA_EXPORT_FOR_KUNIT(pga_turn_unit);

static bool has_come(const struct pga_turn *turn)
{
	const struct pga_turn *earlier;
	bool come = true;

	spin_lock(&turns_lock);
	list_for_each_entry(earlier, &turns, node) {
		if (earlier == turn)
			break;
		if (earlier->start < turn->end && turn->start < earlier->end) {
			come = false;
			break;
		}
	}
	spin_unlock(&turns_lock);
	return come;
}

/**
 * pga_turn_begin() - wait until no other take works on the same units
 * @turn: the turn
 * @pfn: first frame
 * @nr: frames, at least 1
 *
 * Context: may sleep.
 * Return: 0, and pga_turn_end() follows; -EBUSY if the turn has not come for a
 * second; -EINTR on a fatal signal.
 */
int pga_turn_begin(struct pga_turn *turn, unsigned long pfn, unsigned long nr)
{
	long left;

	turn->start = ALIGN_DOWN(pfn, pga_turn_unit());
	turn->end = ALIGN(pfn + nr, pga_turn_unit());
	spin_lock(&turns_lock);
	list_add_tail(&turn->node, &turns);
	spin_unlock(&turns_lock);
	left = wait_event_killable_timeout(turns_wq, has_come(turn),
					   PATIENCE_JIFFIES);
	if (left > 0)
		return 0;
	pga_turn_end(turn);
	return left ? -EINTR : -EBUSY;
}
PGA_EXPORT_FOR_KUNIT(pga_turn_begin);

/**
 * pga_turn_end() - let those take their turn who have waited for this one
 * @turn: the turn
 *
 * Context: any process context.
 */
void pga_turn_end(struct pga_turn *turn)
{
	spin_lock(&turns_lock);
	list_del(&turn->node);
	spin_unlock(&turns_lock);
	wake_up_all(&turns_wq);
}
PGA_EXPORT_FOR_KUNIT(pga_turn_end);
