// SPDX-License-Identifier: GPL-2.0
/*
 * The longest time with interrupts off, as an interrupt sees it.
 *
 * A timer is set to expire a number of instructions after a call began.  If
 * interrupts are off then, the timer is late by the rest of that critical section.
 * The call is repeated with the timer a step later each time, so some timer expires
 * within the first step of the longest critical section.  The delay of that timer
 * plus a step is an upper bound.  The delay with interrupts on is measured first
 * and subtracted.
 *
 * A tick at the same time would add to the delay.  Therefore each measurement is
 * done twice, and the lower figure counts.
 *
 * The timer and the call need a common clock that counts instructions.
 */

#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "bench.h"

/* Steps in a call, the length of the smallest step, and tries for each step. */
#define STEPS	100
#define STEP	250UL
#define TRIES	2

/* Time from setting the timer to the call, so that even the first timer is in time. */
#define LEAD	20000

/* The run begins this many pages after an aligned page. */
static const unsigned long offsets[] = { 0, 1, 63, 511, 32768 + 257 };

/**
 * struct probe - a timer and the time at which it fired
 * @timer: the timer
 * @fired: the time at which its interrupt ran, 0 if it has not
 */
struct probe {
	struct hrtimer timer;
	u64 fired;
};

static enum hrtimer_restart fire(struct hrtimer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);

	WRITE_ONCE(probe->fired, bench_now());
	return HRTIMER_NORESTART;
}

static void probe_init(struct probe *probe)
{
#if KERNEL_VERSION(6, 13, 0) <= LINUX_VERSION_CODE
	hrtimer_setup(&probe->timer, fire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(&probe->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	probe->timer.function = fire;
#endif
}

/* Let time pass without reading the clock, which takes an emulator long. */
static void spin(void)
{
	int i;

	for (i = 0; i < 50; i++)
		barrier();
}

/* Set the timer; returns the time at which the call has to begin. */
static u64 probe_start(struct probe *probe, unsigned long delay)
{
	unsigned long flags;
	u64 start;

	probe->fired = 0;
	local_irq_save(flags);
	start = bench_now();
	hrtimer_start(&probe->timer, ns_to_ktime(LEAD + delay),
		      HRTIMER_MODE_REL_PINNED_HARD);
	local_irq_restore(flags);
	while (bench_now() < start + LEAD)
		spin();
	return start + LEAD;
}

/* The delay of the timer that was set for @when. */
static s64 probe_end(struct probe *probe, u64 when)
{
	while (!READ_ONCE(probe->fired))
		spin();
	return probe->fired - when;
}

/**
 * struct watch - a pool that a large run is allocated from
 * @subject: whose
 * @pool: the pool
 * @run: pages in the run
 * @where: the run
 * @fails: allocations that failed
 * @probe: the timer
 */
struct watch {
	const struct bench_subject *subject;
	void *pool;
	unsigned long run;
	unsigned long where;
	u64 fails;
	struct probe probe;
};

static void watch_alloc(struct watch *w)
{
	if (w->subject->alloc(w->pool, w->run, &w->where))
		w->fails++;
}

static void watch_free(struct watch *w)
{
	w->subject->free(w->pool, w->where, w->run);
}

static void watch_nothing(struct watch *w)
{
}

/* The delay of a timer that is set for @delay after a call of @what began. */
static s64 late(struct watch *w, void (*what)(struct watch *w),
		void (*undo)(struct watch *w), unsigned long delay)
{
	s64 least = S64_MAX;
	u64 begin;
	int i;

	for (i = 0; i < TRIES; i++) {
		begin = probe_start(&w->probe, delay);
		what(w);
		least = min(least, probe_end(&w->probe, begin + delay));
		undo(w);
		cond_resched();
	}
	return least;
}

/* The time of a whole call. */
static u64 duration(struct watch *w, void (*what)(struct watch *w))
{
	unsigned long flags;
	u64 ticks;

	local_irq_save(flags);
	ticks = bench_now();
	what(w);
	ticks = bench_now() - ticks;
	local_irq_restore(flags);
	return ticks;
}

/* The smallest and the largest delay of a timer with interrupts on. */
static void baseline(struct watch *w, s64 *least, s64 *most)
{
	unsigned long delay;
	s64 ticks;

	*least = S64_MAX;
	*most = 0;
	for (delay = 0; delay < 100 * STEP; delay += STEP) {
		ticks = late(w, watch_nothing, watch_nothing, delay);
		*least = min(*least, ticks);
		*most = max(*most, ticks);
	}
}

/* The largest delay of a timer that expires at any time in a call. */
static s64 latest(struct watch *w)
{
	unsigned long delay, end, step;
	s64 most = 0;

	end = duration(w, watch_alloc);
	end = max_t(u64, end, duration(w, watch_free));
	step = max(end / STEPS, STEP);
	for (delay = 0; delay < end; delay += step) {
		most = max(most, late(w, watch_alloc, watch_free, delay));
		watch_alloc(w);
		most = max(most, late(w, watch_free, watch_alloc, delay));
		watch_free(w);
	}
	return most + step;
}

static s64 latest_at(struct watch *w, unsigned long offset)
{
	unsigned long where = 0;
	s64 most;

	if (offset && w->subject->alloc(w->pool, offset, &where)) {
		w->fails++;
		return 0;
	}
	most = latest(w);
	if (offset)
		w->subject->free(w->pool, where, offset);
	return most;
}

/**
 * bench_irqoff() - the longest time with interrupts off
 * @spec: what to measure; two runs have to fit into the pool
 * @subject: pagealloc, or the empty one, for which there is none
 * @sum: set
 *
 * Return: 0, -EOPNOTSUPP without such a clock, -ENOMEM, or -EIO if something was
 * wrong with the frees.
 */
int bench_irqoff(const struct bench_spec *spec,
		 const struct bench_subject *subject, struct bench_sum *sum)
{
	struct watch *w;
	s64 least, noise, most = 0;
	unsigned int i;
	int ret;

	if (IS_ENABLED(CONFIG_UML))
		return -EOPNOTSUPP;
	if (subject == &bench_empty)
		return 0;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->subject = subject;
	w->run = spec->run;
	w->pool = subject->create(subject, spec->pages);
	if (!w->pool) {
		kfree(w);
		return -ENOMEM;
	}
	bench_make_ready(subject, w->pool, spec->pages);
	probe_init(&w->probe);
	baseline(w, &least, &noise);
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		most = max(most, latest_at(w, offsets[i]));
	pr_info("timers are late by %lld to %lld by themselves\n", least, noise);
	sum->value = (most - least) * 1000;
	sum->fails = w->fails;
	ret = subject->destroy(w->pool) ? 0 : -EIO;
	kfree(w);
	return ret;
}
