// SPDX-License-Identifier: GPL-2.0
/*
 * The case irqoff: the longest time with interrupts off.
 *
 * A timer expires a number of instructions after a call has started.  If interrupts
 * are off then, the timer is late by the rest of this time.  The call is repeated
 * with the timer a step later each time.  So one timer expires within the first
 * step of the longest time with interrupts off, and its delay plus a step is an
 * upper bound of this time.  The delay of a timer with interrupts on is measured
 * before and subtracted.
 *
 * A tick of the kernel at the same moment adds to the delay.  So each measurement is
 * done twice, and the shorter delay counts.
 *
 * The timer and bench_now() must use the same clock, which counts instructions.
 */

#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "irqoff.h"
#include "layout.h"
#include "subjects.h"

/* Steps in a call, the shortest step, and tries at each step. */
#define STEPS	100
#define STEP	250UL
#define TRIES	2

/* Time between setting the timer and the call, so that no timer expires early. */
#define LEAD	20000

/* Pages between an aligned place and the run. */
static const unsigned long offsets[] = { 0, 1, 63, 511, 32768 + 257 };

/**
 * struct probe - a timer and its delay
 * @timer: the timer
 * @fired: when its handler ran, 0 before
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

/* Spend some time; reading the clock would take an emulator much longer. */
static void spin(void)
{
	int i;

	for (i = 0; i < 50; i++)
		barrier();
}

/* Set the timer, and wait until the call has to start; returns this time. */
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

/* Wait for the timer; returns its delay after @when. */
static s64 probe_end(struct probe *probe, u64 when)
{
	while (!READ_ONCE(probe->fired))
		spin();
	return probe->fired - when;
}

/**
 * struct watch - a pool in which a large run is allocated and freed
 * @subject: the subject of the pool
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

/* The delay of a timer that expires @delay after @call has started. */
static s64 lateness(struct watch *w, void (*call)(struct watch *w),
		    void (*undo)(struct watch *w), unsigned long delay)
{
	s64 least = S64_MAX;
	u64 begin;
	int i;

	for (i = 0; i < TRIES; i++) {
		begin = probe_start(&w->probe, delay);
		call(w);
		least = min(least, probe_end(&w->probe, begin + delay));
		undo(w);
		cond_resched();
	}
	return least;
}

/* The time of a whole call. */
static u64 duration(struct watch *w, void (*call)(struct watch *w))
{
	unsigned long flags;
	u64 ticks;

	local_irq_save(flags);
	ticks = bench_now();
	call(w);
	ticks = bench_now() - ticks;
	local_irq_restore(flags);
	return ticks;
}

/* The least and the greatest delay of a timer with interrupts on. */
static void baseline(struct watch *w, s64 *least, s64 *most)
{
	unsigned long delay;
	s64 ticks;

	*least = S64_MAX;
	*most = 0;
	for (delay = 0; delay < 100 * STEP; delay += STEP) {
		ticks = lateness(w, watch_nothing, watch_nothing, delay);
		*least = min(*least, ticks);
		*most = max(*most, ticks);
	}
}

/* An upper bound of the delay of a timer during an allocation or a free. */
static s64 latest(struct watch *w)
{
	unsigned long delay, end, step;
	s64 most = 0;

	end = duration(w, watch_alloc);
	end = max_t(u64, end, duration(w, watch_free));
	step = max(end / STEPS, STEP);
	for (delay = 0; delay < end; delay += step) {
		most = max(most, lateness(w, watch_alloc, watch_free, delay));
		watch_alloc(w);
		most = max(most, lateness(w, watch_free, watch_alloc, delay));
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
 * bench_irqoff() - the case irqoff
 * @spec: the measurement; two runs have to fit into the pool
 * @subject: pagealloc, or the empty one, whose result is 0
 * @sum: the result
 *
 * Return: 0, -EOPNOTSUPP without a clock that counts instructions, -ENOMEM, or -EIO
 * if a free failed.
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
	pr_info("with interrupts on timers are late by %lld to %lld\n", least, noise);
	sum->value = (most - least) * 1000;
	sum->fails = w->fails;
	ret = subject->destroy(w->pool) ? 0 : -EIO;
	kfree(w);
	return ret;
}
