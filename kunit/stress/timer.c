// SPDX-License-Identifier: GPL-2.0
/*
 * Clients that are interrupts: timers that allocate and free amid whatever their
 * CPU is doing just then.  When a CPU goes offline its timers move to another one.
 */

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/version.h>

#include "chance.h"
#include "requests.h"
#include "target.h"
#include "timer.h"

/* Operations at a time. */
#define BURST	3

/**
 * struct shot - a timer
 * @timer: the timer
 * @random: its random numbers; used in the interrupt only
 */
struct shot {
	struct hrtimer timer;
	struct rnd_state random;
};

/* Set before the timers are started and after they have stopped. */
static struct shot *shots;
static unsigned int nr_shots;
static u64 period_ns;
static struct stress_target *targets;
static unsigned int nr_targets;

static enum hrtimer_restart fire(struct hrtimer *timer)
{
	struct shot *shot = container_of(timer, struct shot, timer);
	struct stress_target *target;
	unsigned int i;

	for (i = 0; i < BURST; i++) {
		target = &targets[stress_below(&shot->random, nr_targets)];
		if (target->pool)
			stress_request_in_irq(target, &shot->random);
	}
	/* Any time between half the period and one and a half of it. */
	hrtimer_forward_now(timer, period_ns / 2 +
			    stress_below(&shot->random, period_ns));
	return HRTIMER_RESTART;
}

static void set_up(struct hrtimer *timer)
{
#if KERNEL_VERSION(6, 13, 0) <= LINUX_VERSION_CODE
	hrtimer_setup(timer, fire, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer->function = fire;
#endif
}

static void start(void *data)
{
	struct shot *shot = data;

	hrtimer_start(&shot->timer, ns_to_ktime(period_ns),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

/* Each on a CPU of its own, as far as there are any. */
static void start_all(void)
{
	unsigned int i;
	int cpu = -1;

	for (i = 0; i < nr_shots; i++) {
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
		if (smp_call_function_single(cpu, start, &shots[i], true))
			start(&shots[i]);
	}
}

/**
 * stress_timers_start() - start timers
 * @nr: how many
 * @period_us: each goes off once in so many microseconds, on average
 * @seed: of their random numbers
 * @all: pools to allocate from and free to
 * @nr_all: how many
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int stress_timers_start(unsigned int nr, unsigned int period_us, u64 seed,
			struct stress_target *all, unsigned int nr_all)
{
	unsigned int i;

	shots = kcalloc(nr, sizeof(*shots), GFP_KERNEL);
	if (!shots)
		return -ENOMEM;
	nr_shots = nr;
	period_ns = (u64)period_us * NSEC_PER_USEC;
	targets = all;
	nr_targets = nr_all;
	for (i = 0; i < nr; i++) {
		prandom_seed_state(&shots[i].random, seed + i);
		set_up(&shots[i].timer);
	}
	start_all();
	return 0;
}

/**
 * stress_timers_stop() - there are no interrupts any more when this returns
 *
 * Context: may sleep.
 */
void stress_timers_stop(void)
{
	while (nr_shots)
		hrtimer_cancel(&shots[--nr_shots].timer);
	kfree(shots);
	shots = NULL;
}
