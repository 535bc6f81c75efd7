// SPDX-License-Identifier: GPL-2.0
/*
 * Cases for one CPU, on a pool with runs in use.
 *
 * pair: allocate a run and free it.  The cost of a first fit depends on the place of
 * the lowest hole, so the result is the mean of many layouts.
 *
 * churn: free a random run and allocate one.  Before the measurement this is done
 * for a while, so that the allocator and not the layout has placed the holes.
 *
 * long: allocate a long run of a pool that is empty and ready, and free it.
 *
 * max: allocate or free at random, and time each call separately.
 *
 * Batches of operations are timed with interrupts off.  The caller subtracts the
 * cost of the loop, which it measures with the empty subject.
 */

#include <linux/sched.h>

#include "batch.h"
#include "cases.h"
#include "layout.h"

/* Most layouts for pairs, holes in all of them, and pairs in each. */
#define LAYOUTS		64UL
#define HOLES		(1UL << 16)
#define PAIRS		64UL

/* Operations of long. */
#define LONGS		16UL

/* Operations of churn and of max. */
#define CHURNS		32768UL

/* Time after which a measurement ends early, in ticks. */
#define BUDGET		(40 * 1000 * 1000ULL)

static u64 time_pairs(struct bench_layout *l, unsigned long nr)
{
	const struct bench_subject *s = l->subject;
	unsigned long where;
	u64 start;

	start = bench_now();
	for (; nr; nr--) {
		if (s->alloc(l->pool, l->run, &where))
			l->fails++;
		else
			s->free(l->pool, where, l->run);
	}
	return bench_now() - start;
}

/**
 * bench_pairs() - measure pairs on many layouts
 * @l: a full pool
 * @spec: the measurement
 * @sum: the result is added to it
 */
void bench_pairs(struct bench_layout *l, const struct bench_spec *spec,
		 struct bench_sum *sum)
{
	const unsigned long holes = bench_layout_holes(l, spec);
	const u64 end = bench_now() + BUDGET;
	unsigned long flags, i;
	u64 locks = 0;

	for (i = clamp(HOLES / holes, 4UL, LAYOUTS); i && bench_now() < end; i--) {
		bench_layout_punch(l, holes);
		if (l->subject->locks)
			locks = l->subject->locks(l->pool);
		flags = bench_begin(l->subject);
		sum->ticks += time_pairs(l, PAIRS);
		bench_end(l->subject, flags);
		if (l->subject->locks)
			sum->locks += l->subject->locks(l->pool) - locks;
		sum->ops += PAIRS;
		sum->calls += 2 * PAIRS;
		if (l->full)
			bench_layout_refill(l);
		cond_resched();
	}
	sum->fails += l->fails;
}

/**
 * bench_pair() - the case pair
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_pair(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum)
{
	struct bench_layout l;
	int ret;

	ret = bench_layout_init(&l, spec, subject);
	if (ret)
		return ret;
	bench_pairs(&l, spec, sum);
	return bench_layout_exit(&l);
}

/* Free a random run and allocate one. */
static void churn_once(struct bench_layout *l)
{
	const unsigned long i = bench_below(&l->random, l->held);

	if (!l->held)
		return;
	l->subject->free(l->pool, l->where[i], l->run);
	if (l->subject->alloc(l->pool, l->run, &l->where[i])) {
		l->fails++;
		l->where[i] = l->where[--l->held];
	}
}

/* Churn @nr times, or until BUDGET; returns the number of operations. */
static unsigned long churn(struct bench_layout *l, unsigned long nr, u64 *ticks)
{
	unsigned long flags, i, done;
	u64 start;

	for (done = 0; done < nr && *ticks < BUDGET;
	     done += BENCH_BATCH) {
		flags = bench_begin(l->subject);
		start = bench_now();
		for (i = 0; i < BENCH_BATCH; i++)
			churn_once(l);
		*ticks += bench_now() - start;
		bench_end(l->subject, flags);
		cond_resched();
	}
	return done;
}

/**
 * bench_churn() - the case churn
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_churn(const struct bench_spec *spec,
		const struct bench_subject *subject, struct bench_sum *sum)
{
	struct bench_layout l;
	u64 warm = BUDGET / 2, locks = 0;
	int ret;

	ret = bench_layout_init(&l, spec, subject);
	if (ret)
		return ret;
	if (spec->occupancy)
		bench_layout_punch(&l, bench_layout_holes(&l, spec));
	else
		bench_layout_refill(&l);
	churn(&l, min(l.slots, 2 * CHURNS), &warm);
	if (subject->locks)
		locks = subject->locks(l.pool);
	sum->ops = churn(&l, CHURNS, &sum->ticks);
	if (subject->locks)
		sum->locks = subject->locks(l.pool) - locks;
	sum->calls = sum->ops * 2;
	sum->fails = l.fails;
	return bench_layout_exit(&l);
}

/**
 * bench_long() - the case long
 * @spec: the measurement; occupancy 0
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_long(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum)
{
	struct bench_layout l;
	unsigned long flags;
	int ret;

	ret = bench_layout_init(&l, spec, subject);
	if (ret)
		return ret;
	for (sum->ops = 0; sum->ops < LONGS; sum->ops++) {
		flags = bench_begin(subject);
		sum->ticks += time_pairs(&l, 1);
		bench_end(subject, flags);
		cond_resched();
	}
	sum->fails = l.fails;
	return bench_layout_exit(&l);
}

/* Allocate or free a run at random; returns the time of the call. */
static u64 step(struct bench_layout *l)
{
	const struct bench_subject *s = l->subject;
	unsigned long i, flags;
	u64 start, ticks;

	if (!l->held || (l->held < l->slots && bench_random(&l->random) & 1)) {
		flags = bench_begin(s);
		start = bench_now();
		i = s->alloc(l->pool, l->run, &l->where[l->held]);
		ticks = bench_now() - start;
		bench_end(s, flags);
		l->held += !i;
		l->fails += !!i;
		return ticks;
	}
	i = bench_below(&l->random, l->held);
	flags = bench_begin(s);
	start = bench_now();
	s->free(l->pool, l->where[i], l->run);
	ticks = bench_now() - start;
	bench_end(s, flags);
	l->where[i] = l->where[--l->held];
	return ticks;
}

/**
 * bench_max() - the case max: the longest of many calls
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * The occupancy varies from that of the measurement up to full.  A measurement with
 * an occupancy of 0 varies from empty to a few runs.
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_max(const struct bench_spec *spec,
	      const struct bench_subject *subject, struct bench_sum *sum)
{
	struct bench_layout l;
	u64 ticks, max = 0;
	unsigned long i;
	int ret;

	ret = bench_layout_init(&l, spec, subject);
	if (ret)
		return ret;
	if (spec->occupancy)
		bench_layout_punch(&l, bench_layout_holes(&l, spec));
	for (i = 0; i < CHURNS && sum->ticks < BUDGET; i++) {
		ticks = step(&l);
		max = max(max, ticks);
		sum->ticks += ticks;
		if (!(i % BENCH_BATCH))
			cond_resched();
	}
	sum->value = max * 1000;
	sum->fails = l.fails;
	return bench_layout_exit(&l);
}
