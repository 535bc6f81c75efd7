// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody else who has frames of a loan: while they are lent, the kernel gives
 * them to anybody.  Frames allocated here cannot be moved, whatever block they lie
 * in, so a pool that wants its own back does not get them until they are freed.
 */

#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mm.h>

#include "chance.h"
#include "count.h"
#include "holder.h"
#include "thread.h"

/* What is left to others, in pages. */
#define SPARE		(SZ_128M >> PAGE_SHIFT)

/* For how long frames are held. */
#define HOLD_MS		1500

/* Both kinds: the kernel's own, and what it would put where it can be moved. */
static struct page *get_frame(struct rnd_state *random)
{
	const gfp_t gfp = stress_one_in(random, 2) ? GFP_KERNEL :
						      GFP_HIGHUSER_MOVABLE;

	if (si_mem_available() < SPARE)
		return NULL;
	return alloc_page(gfp | __GFP_NORETRY | __GFP_NOWARN);
}

static void let_go(struct list_head *frames)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, frames, lru) {
		list_del(&page->lru);
		__free_page(page);
		stress_count(STRESS_FRAMES);
		cond_resched();
	}
}

/**
 * stress_hold() - take frames from the kernel, and give them back after a while
 * @me: the thread
 */
void stress_hold(struct stress_thread *me)
{
	const unsigned int *most = me->data;
	unsigned long nr = stress_below(&me->random, *most);
	struct page *page;
	LIST_HEAD(frames);

	WRITE_ONCE(me->where, "the kernel");
	while (nr-- && !stress_threads_stopping()) {
		page = get_frame(&me->random);
		if (!page)
			break;
		list_add(&page->lru, &frames);
		cond_resched();
	}
	msleep(stress_below(&me->random, HOLD_MS));
	let_go(&frames);
	msleep(stress_below(&me->random, HOLD_MS));
}
