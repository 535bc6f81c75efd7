// SPDX-License-Identifier: GPL-2.0
/*
 * Workloads: the allocations and frees of a program's trace, in their order.
 *
 * scripts/bench.py converts the trace into records of two 32-bit numbers, one for
 * each call, and writes them to `trace`: the number of a run, and its pages, or 0
 * pages to free that run.
 *
 * The trace is then performed once more, without a clock, up to the moment after the
 * largest fall, when most of the peak has been freed.  The pages that are still held
 * lie scattered over the memory of the peak, and that is when memory should go back.
 */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "bench.h"

/* Bytes of a trace. */
#define MAX_SIZE	(8UL << 20)

struct record {
	u32 run;
	u32 pages;
};

static struct record *trace;
static unsigned long nr_records;

/**
 * bench_workload_write() - a piece of the trace
 * @from: the piece
 * @len: its length
 * @pos: where in the trace; 0 begins a new one
 *
 * Return: @len, or -errno.
 */
int bench_workload_write(const char __user *from, size_t len, loff_t *pos)
{
	if (*pos + len > MAX_SIZE)
		return -EFBIG;
	if (!trace)
		trace = vmalloc(MAX_SIZE);
	if (!trace)
		return -ENOMEM;
	if (copy_from_user((char *)trace + *pos, from, len))
		return -EFAULT;
	*pos += len;
	nr_records = *pos / sizeof(*trace);
	return len;
}

/**
 * bench_workload_drop() - forget the trace
 */
void bench_workload_drop(void)
{
	vfree(trace);
}

static unsigned long count_runs(void)
{
	unsigned long i, nr = 0;

	for (i = 0; i < nr_records; i++)
		nr = max(nr, trace[i].run + 1UL);
	return nr;
}

/**
 * struct player - a trace that is being performed
 * @subject: on which subject
 * @pool: its pool
 * @run: where each run is, and how long
 * @fails: allocations that failed
 */
struct player {
	const struct bench_subject *subject;
	void *pool;
	struct {
		unsigned long where;
		unsigned long pages;
	} *run;
	u64 fails;
};

static void perform(struct player *p, const struct record *r)
{
	typeof(p->run) run = &p->run[r->run];

	if (!r->pages) {
		if (run->pages)
			p->subject->free(p->pool, run->where, run->pages);
		run->pages = 0;
	} else if (p->subject->alloc(p->pool, r->pages, &run->where)) {
		p->fails++;
	} else {
		run->pages = r->pages;
	}
}

static u64 perform_batch(struct player *p, const struct record *r,
			 unsigned long nr)
{
	const unsigned long flags = bench_begin(p->subject);
	u64 ticks = bench_now();

	for (; nr; nr--, r++)
		perform(p, r);
	ticks = bench_now() - ticks;
	bench_end(p->subject, flags);
	return ticks;
}

static void free_runs(struct player *p, unsigned long runs)
{
	unsigned long i;

	for (i = 0; i < runs; i++)
		if (p->run[i].pages)
			p->subject->free(p->pool, p->run[i].where,
					 p->run[i].pages);
	memset(p->run, 0, runs * sizeof(*p->run));
}

static void play(struct player *p, unsigned long runs, struct bench_sum *sum)
{
	unsigned long i, nr;

	if (p->subject->locks)
		sum->locks = -p->subject->locks(p->pool);
	for (i = 0; i < nr_records; i += nr) {
		nr = min(BENCH_BATCH, nr_records - i);
		sum->ticks += perform_batch(p, trace + i, nr);
		cond_resched();
	}
	if (p->subject->locks)
		sum->locks += p->subject->locks(p->pool);
	free_runs(p, runs);
	sum->ops = nr_records;
	sum->calls = nr_records;
	sum->fails = p->fails;
}

/* The number of records up to the end of the largest fall. */
static unsigned long after_largest_fall(struct player *p, unsigned long runs)
{
	unsigned long i, held = 0, height = 0, fall = 0, at = 0;
	struct player nobody = { .subject = &bench_empty, .run = p->run };

	for (i = 0; i < nr_records; i++) {
		held -= p->run[trace[i].run].pages;
		perform(&nobody, &trace[i]);
		held += p->run[trace[i].run].pages;
		height = max(height, held);
		if (height - held > fall) {
			fall = height - held;
			at = i + 1;
		}
	}
	free_runs(&nobody, runs);
	return at;
}

/* The room at that moment; nothing if the subject does not know where runs lie. */
static int count_room(struct player *p, unsigned long runs, unsigned long pages,
		      struct bench_sum *sum)
{
	const struct bench_subject coarse = bench_coarse(p->subject);
	struct player again = { .subject = &coarse, .run = p->run };
	unsigned long i, end = after_largest_fall(p, runs);
	struct bench_room room;

	again.pool = coarse.create(&coarse, pages);
	if (!again.pool)
		return -ENOMEM;
	if (bench_room_begin(&room, &coarse, again.pool, pages)) {
		bench_make_ready(&coarse, again.pool, pages);
		for (i = 0; i < end; i++) {
			perform(&again, &trace[i]);
			if (!(i % BENCH_BATCH))
				cond_resched();
		}
		for (i = 0; i < runs; i++)
			if (p->run[i].pages)
				bench_room_hold(&room, p->run[i].where,
						p->run[i].pages);
		bench_room_end(&room, sum);
		free_runs(&again, runs);
	}
	return coarse.destroy(again.pool) ? 0 : -EIO;
}

/**
 * bench_workload() - perform the trace that was written last
 * @spec: what to measure
 * @subject: on which subject
 * @sum: set; an operation is one call
 *
 * Return: 0, -ENODATA without a trace, -ENOMEM, or -EIO if something was wrong
 * with the frees.
 */
int bench_workload(const struct bench_spec *spec,
		   const struct bench_subject *subject, struct bench_sum *sum)
{
	const unsigned long runs = count_runs();
	struct player p = { .subject = subject };
	int ret = -ENOMEM;

	if (!runs)
		return -ENODATA;
	p.run = kvcalloc(runs, sizeof(*p.run), GFP_KERNEL);
	p.pool = subject->create(subject, spec->pages);
	if (p.run && p.pool) {
		bench_make_ready(subject, p.pool, spec->pages);
		play(&p, runs, sum);
		ret = 0;
	}
	if (p.pool && !subject->destroy(p.pool))
		ret = -EIO;
	/* The result does not depend on the machine. */
	if (!ret && subject->page && !IS_ENABLED(CONFIG_UML))
		ret = count_room(&p, runs, spec->pages, sum);
	kvfree(p.run);
	return ret;
}
