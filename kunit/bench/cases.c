// SPDX-License-Identifier: GPL-2.0
/*
 * Cases that one CPU measures on a pool with runs in use.
 *
 * pair: allocate a run and free the same run.  A first fit takes the lowest hole,
 * so its place decides the cost.  The result is the mean over many layouts.
 *
 * churn: free a run chosen at random, allocate one.  The case runs for a while
 * before the measurement, so that the holes are where this allocator leaves them
 * and not where chance has put them.
 *
 * max: allocate and free in random order, with each call timed alone.
 *
 * Operations are timed in batches with interrupts off.  The caller subtracts the
 * cost of the loops around them, measured with the empty subject.
 */

#include <linux/sched.h>

#include "bench.h"

/* Layouts for pairs, at most; holes in all of them; and pairs in each. */
#define LAYOUTS		64UL
#define HOLES		(1UL << 16)
#define PAIRS		64UL

/* Operations of churn. */
#define CHURNS		32768UL

/* The longest time that a slow subject is measured for, in ticks. */
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
 * @spec: with the occupancy
 * @sum: added to
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
 * bench_pair() - allocate a run, free the same
 * @spec: what to measure
 * @subject: on which subject
 * @sum: set
 *
 * Return: 0, -ENOMEM, or -EIO if something was wrong with the frees.
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

/* Free a run chosen at random and allocate one instead. */
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

/* Churn until @nr operations or the time limit; returns the operations done. */
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
 * bench_churn() - free a run chosen at random, allocate one
 * @spec: what to measure
 * @subject: on which subject
 * @sum: set
 *
 * Return: 0, -ENOMEM, or -EIO if something was wrong with the frees.
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

/* Allocate or free a run, at random; returns the time of the call. */
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
 * bench_max() - the most expensive of many calls, each timed alone
 * @spec: what to measure
 * @subject: on which subject
 * @sum: set
 *
 * Allocations and frees in random order, between the occupancy of @spec and a full
 * pool, or between an empty pool and a few runs.
 *
 * Return: 0, -ENOMEM, or -EIO if something was wrong with the frees.
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
