// SPDX-License-Identifier: GPL-2.0
/*
 * Cases for aligned runs, on one CPU.
 *
 * fill-aligned: allocate runs aligned to 16 pages until the pool has no place for
 * another one.
 *
 * churn-aligned: the same, then free 1 % of the runs, and free a run chosen at random and
 * allocate one, over and over.
 *
 * bulk-natural: allocate half of an empty pool in runs that are aligned to their length.
 */

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "aligned.h"
#include "batch.h"
#include "layout.h"

#define FILL_ALIGN	16UL

/* Operations of churn-aligned. */
#define CHURNS		4096UL

/**
 * struct aligned - a pool and its aligned runs
 * @subject: the subject
 * @pool: its pool
 * @run: pages in a run
 * @align: what they are aligned to, pages
 * @where: the runs
 * @nr: how many there are
 * @random: state of the random numbers
 * @fails: allocations that failed
 */
struct aligned {
	const struct bench_subject *subject;
	void *pool;
	unsigned long run;
	unsigned long align;
	unsigned long *where;
	unsigned long nr;
	u64 random;
	u64 fails;
};

static int aligned_init(struct aligned *a, const struct bench_spec *spec,
			const struct bench_subject *subject, unsigned long align)
{
	*a = (struct aligned) {
		.subject = subject,
		.run = spec->run,
		.align = align,
		.random = BENCH_SEED,
	};
	if (!is_power_of_2(align) || spec->run > align)
		return -EINVAL;
	a->where = kvmalloc_array(spec->pages / align, sizeof(*a->where), GFP_KERNEL);
	if (!a->where)
		return -ENOMEM;
	a->pool = subject->create(subject, spec->pages);
	if (!a->pool) {
		kvfree(a->where);
		return -ENOMEM;
	}
	bench_make_ready(subject, a->pool, spec->pages);
	return 0;
}

static int aligned_exit(struct aligned *a)
{
	bool fine;

	while (a->nr)
		a->subject->free(a->pool, a->where[--a->nr], a->run);
	fine = a->subject->destroy(a->pool);
	kvfree(a->where);
	return fine ? 0 : -EIO;
}

/* Allocate @nr runs; returns the time. */
static u64 fill(struct aligned *a, unsigned long nr)
{
	unsigned long flags, i;
	u64 start, ticks = 0;

	while (nr) {
		flags = bench_begin(a->subject);
		start = bench_now();
		for (i = min(nr, BENCH_BATCH); i; i--, nr--) {
			if (a->subject->alloc_aligned(a->pool, a->run, a->align,
						      &a->where[a->nr]))
				a->fails++;
			else
				a->nr++;
		}
		ticks += bench_now() - start;
		bench_end(a->subject, flags);
		cond_resched();
	}
	return ticks;
}

/**
 * bench_fill_aligned() - the case fill-aligned
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -EINVAL, -ENOMEM, or -EIO if a free failed.
 */
int bench_fill_aligned(const struct bench_spec *spec,
		       const struct bench_subject *subject, struct bench_sum *sum)
{
	struct aligned a;
	int ret;

	ret = aligned_init(&a, spec, subject, FILL_ALIGN);
	if (ret)
		return ret;
	sum->ops = spec->pages / FILL_ALIGN;
	sum->ticks = fill(&a, sum->ops);
	sum->fails = a.fails;
	return aligned_exit(&a);
}

/* Free a random run. */
static unsigned long drop_one(struct aligned *a)
{
	const unsigned long i = bench_below(&a->random, a->nr);

	a->subject->free(a->pool, a->where[i], a->run);
	return i;
}

/**
 * bench_churn_aligned() - the case churn-aligned
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -EINVAL, -ENOMEM, or -EIO if a free failed.
 */
int bench_churn_aligned(const struct bench_spec *spec,
			const struct bench_subject *subject, struct bench_sum *sum)
{
	unsigned long runs = spec->pages / FILL_ALIGN, flags, i, at;
	struct aligned a;
	u64 start;
	int ret;

	ret = aligned_init(&a, spec, subject, FILL_ALIGN);
	if (ret)
		return ret;
	fill(&a, runs);
	for (i = runs * (100 - spec->occupancy) / 100; i && a.nr; i--) {
		at = drop_one(&a);
		a.where[at] = a.where[--a.nr];
	}
	for (sum->ops = 0; sum->ops < CHURNS && a.nr; sum->ops += BENCH_BATCH) {
		flags = bench_begin(subject);
		start = bench_now();
		for (i = 0; i < BENCH_BATCH; i++) {
			at = drop_one(&a);
			if (subject->alloc_aligned(a.pool, a.run, a.align, &a.where[at])) {
				a.fails++;
				a.where[at] = a.where[--a.nr];
			}
		}
		sum->ticks += bench_now() - start;
		bench_end(subject, flags);
		cond_resched();
	}
	sum->fails = a.fails;
	return aligned_exit(&a);
}

/**
 * bench_bulk_natural() - the case bulk-natural
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result
 *
 * Return: 0, -EINVAL, -ENOMEM, or -EIO if a free failed.
 */
int bench_bulk_natural(const struct bench_spec *spec,
		       const struct bench_subject *subject, struct bench_sum *sum)
{
	struct aligned a;
	int ret;

	ret = aligned_init(&a, spec, subject, spec->run);
	if (ret)
		return ret;
	sum->ops = spec->pages / 2 / spec->run;
	sum->ticks = fill(&a, sum->ops);
	sum->fails = a.fails;
	return aligned_exit(&a);
}
