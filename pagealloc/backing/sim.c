// SPDX-License-Identifier: GPL-2.0
/*
 * The "sim" backing: pfns without memory.
 *
 * Its operations count their calls, and can be made to sleep or to fail.  Tests
 * use it, and pools that are larger than the machine's memory.
 */

#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

#include "pagealloc.h"

/**
 * pagealloc_sim_init() - initialise a sim backing that does not fail
 * @sim: the context of the backing
 * @granule_pages: granule in pages, a power of two; 0 is 1
 */
void pagealloc_sim_init(struct pagealloc_sim *sim, unsigned long granule_pages)
{
	*sim = (struct pagealloc_sim) { .granule_pages = granule_pages };
	spin_lock_init(&sim->lock);
}
EXPORT_SYMBOL_GPL(pagealloc_sim_init);

/* The return value of a call; it fails if @countdown is at 1. */
static int count_down(struct pagealloc_sim *sim, unsigned long *countdown)
{
	lockdep_assert_held(&sim->lock);
	if (!*countdown)
		return 0;
	if (*countdown > 1) {
		--*countdown;
		return 0;
	}
	if (sim->fail_times > 1)
		sim->fail_times--;
	else
		*countdown = 0;
	return sim->fail_errno ?: -ENOMEM;
}

static unsigned long sim_granule(void *ctx)
{
	const struct pagealloc_sim *sim = ctx;

	return sim->granule_pages ?: 1;
}

static int sim_reserve(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	return 0;
}

static void sim_release(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
}

static int sim_populate(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_sim *sim = ctx;
	unsigned int delay_ms;
	int ret;

	spin_lock(&sim->lock);
	delay_ms = sim->delay_ms;
	spin_unlock(&sim->lock);
	if (delay_ms)
		schedule_timeout_killable(msecs_to_jiffies(delay_ms));
	if (fatal_signal_pending(current))
		return -EINTR;

	spin_lock(&sim->lock);
	ret = count_down(sim, &sim->fail_populate);
	if (!ret) {
		sim->populates++;
		sim->ready_pages += nr_pages;
	}
	spin_unlock(&sim->lock);
	return ret;
}

static int sim_discard(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_sim *sim = ctx;
	int ret;

	spin_lock(&sim->lock);
	ret = count_down(sim, &sim->fail_discard);
	if (!ret) {
		sim->discards++;
		sim->ready_pages -= nr_pages;
	}
	spin_unlock(&sim->lock);
	return ret;
}

static void sim_zero(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
}

/* Operations of the sim backing; the context is a &struct pagealloc_sim. */
const struct pagealloc_backing_ops pagealloc_sim_ops = {
	.name = "sim",
	.no_memory = true,
	.granule = sim_granule,
	.reserve = sim_reserve,
	.release = sim_release,
	.populate = sim_populate,
	.discard = sim_discard,
	.zero = sim_zero,
};
EXPORT_SYMBOL_GPL(pagealloc_sim_ops);
