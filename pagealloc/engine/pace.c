// SPDX-License-Identifier: GPL-2.0
/*
 * The sleep controller: work takes a given share of a CPU, whatever the work
 * costs.
 *
 * After each piece of work the worker sleeps for as long as the work took,
 * divided by a ratio.  Sleeps come out longer or shorter than asked for and the
 * work runs on one of several CPUs, so the ratio for, say, 1 % is not 0.01.  A
 * controller finds it: it looks at the share of the CPUs that the work has had,
 * and corrects the ratio in proportion to the present error (P) and to the sum
 * of errors so far (I).
 *
 * Where the ratio is clamped, the integral is drawn towards the value that
 * gives the clamped ratio, so that it does not wind up while it can have no
 * effect.
 *
 * Constants and structure are the Go runtime's (src/runtime/mgcpacer.go,
 * piController, and mgcscavenge.go), which computes in floating point; a trace
 * of it is reproduced within 1 %. Here it is fixed point, and all products are
 * taken in 128 bits, so no number overflows and nothing is divided by zero.
 *
 * Pure functions: no locks, no clock.
 */

#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "engine/pace.h"
#include "base/kunit_export.h"

#define ONE		(1LL << PGA_PACE_SHIFT)
#define MIN_RATIO	(ONE / 1000)
#define MAX_RATIO	(ONE * 1000)
#define START_RATIO	MIN_RATIO

/* Proportional gain, and what an error of a nanosecond adds to the integral. */
#define KP		(ONE / 10000 * 3375)
#define KP_PER_TI	1945555039024ULL	/* 0.3375 / 3.2e6 in 2^-64 */
#define PER_TT		18446744074ULL		/* 1 / 1e9 in 2^-64 */

/* Longer periods count as this, which is 18 minutes. */
#define MAX_PERIOD	(1ULL << 40)

/* More CPUs count as this, so that a product with a period fits. */
#define MAX_CPUS	(1U << 20)

/* The integral stays in a range that leaves room for one more step. */
#define MAX_INTEGRAL	(S64_MAX / 4)

/**
 * pga_pace_init() - set up a controller
 * @pace: the controller; begins with long sleeps
 * @percent: share of a CPU to take, 1 to 100
 */
void pga_pace_init(struct pga_pace *pace, unsigned int percent)
{
	*pace = (struct pga_pace) { .ratio = START_RATIO };
	pga_pace_set(pace, percent);
}
PGA_EXPORT_FOR_KUNIT(pga_pace_init);

/**
 * pga_pace_set() - change the share
 * @pace: the controller
 * @percent: share of a CPU to take, 1 to 100
 */
void pga_pace_set(struct pga_pace *pace, unsigned int percent)
{
	pace->setpoint = ONE / 100 * percent;
}
PGA_EXPORT_FOR_KUNIT(pga_pace_set);

/**
 * pga_pace_sleep() - how long to sleep
 * @pace: the controller
 * @worked_ns: how long the work took
 *
 * Return: nanoseconds, less than a year.
 */
u64 pga_pace_sleep(const struct pga_pace *pace, u64 worked_ns)
{
	worked_ns = min(worked_ns, MAX_PERIOD);
	return mul_u64_u64_div_u64(worked_ns, ONE, pace->ratio);
}
PGA_EXPORT_FOR_KUNIT(pga_pace_sleep);

/* a * b, both and the result in 2^-40, clamped to the range of the integral. */
static s64 multiply(s64 a, s64 b)
{
	const __int128 product = ((__int128)a * b) >> PGA_PACE_SHIFT;

	return clamp_t(__int128, product, -MAX_INTEGRAL, MAX_INTEGRAL);
}

/* @period times a constant given in 2^-64, in 2^-40. */
static s64 scale(u64 period, u64 constant)
{
	return mul_u64_u64_shr(period, constant, 64 - PGA_PACE_SHIFT);
}

/**
 * pga_pace_update() - correct the ratio after a piece of work and a sleep
 * @pace: the controller
 * @worked_ns: how long the work took
 * @slept_ns: how long the sleep really was
 * @cpus: CPUs that could have done something else, at least 1
 *
 * If neither took any time, nothing changes.
 */
void pga_pace_update(struct pga_pace *pace, u64 worked_ns, u64 slept_ns,
		     unsigned int cpus)
{
	u64 period;
	s64 error, raw, step;

	worked_ns = min(worked_ns, MAX_PERIOD / 2);
	slept_ns = min(slept_ns, MAX_PERIOD / 2);
	period = worked_ns + slept_ns;
	cpus = min(cpus, MAX_CPUS);
	if (!period || !cpus)
		return;
	error = pace->setpoint -
		(s64)mul_u64_u64_div_u64(worked_ns, ONE, period * cpus);

	raw = multiply(KP, error) + pace->integral;
	/* Pairs with READ_ONCE() in module/debugfs_show.c. */
	WRITE_ONCE(pace->ratio, clamp_t(s64, raw, MIN_RATIO, MAX_RATIO));

	step = multiply(scale(period, KP_PER_TI), error) +
	       multiply(scale(period, PER_TT), (s64)pace->ratio - raw);
	pace->integral = clamp_t(s64, pace->integral + step,
				 -MAX_INTEGRAL, MAX_INTEGRAL);
}
PGA_EXPORT_FOR_KUNIT(pga_pace_update);
