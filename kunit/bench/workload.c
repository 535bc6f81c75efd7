// SPDX-License-Identifier: GPL-2.0
/*
 * The cases workload-*: the allocations and frees of a program, in their order.
 *
 * scripts/bench.py converts the trace of the program to what is written to `trace':
 * for each call a record of two 32-bit numbers, the number of the run and its
 * pages, or 0 pages to free the run.
 *
 * The trace is performed a second time, without a clock, to count the room.  It
 * stops after its largest fall, which is where the program has freed most since
 * its highest use.  The runs in use are fragmented then, and this is the time to
 * discard memory.
 */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "batch.h"
#include "layout.h"
#include "room.h"
#include "subjects.h"
#include "workload.h"

/* Most bytes of a trace. */
#define MAX_SIZE	(8UL << 20)

struct record {
	u32 run;
	u32 pages;
};

static struct record *trace;
static unsigned long nr_records;

/**
 * bench_workload_write() - add a piece of the trace
 * @from: the piece
 * @len: its length
 * @pos: its position in the trace; 0 starts a new trace
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
 * bench_workload_drop() - free the trace
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
 * @subject: the subject
 * @pool: its pool
 * @run: place and length of each run
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

/* The number of records up to the end of the largest fall of the pages in use. */
static unsigned long after_largest_fall(struct player *p, unsigned long runs)
{
	unsigned long i, held = 0, height = 0, fall = 0, at = 0;
	struct player empty = { .subject = &bench_empty, .run = p->run };

	for (i = 0; i < nr_records; i++) {
		held -= p->run[trace[i].run].pages;
		perform(&empty, &trace[i]);
		held += p->run[trace[i].run].pages;
		height = max(height, held);
		if (height - held > fall) {
			fall = height - held;
			at = i + 1;
		}
	}
	free_runs(&empty, runs);
	return at;
}

/* Count the room after the largest fall, if the subject knows the place of runs. */
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
 * bench_workload() - the cases workload-*: perform the trace that was written last
 * @spec: the measurement
 * @subject: the subject
 * @sum: the result; an operation is one call
 *
 * Return: 0, -ENODATA without a trace, -ENOMEM, or -EIO if a free failed.
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
	/* The room does not depend on the machine, so one machine counts it. */
	if (!ret && subject->page && !IS_ENABLED(CONFIG_UML))
		ret = count_room(&p, runs, spec->pages, sum);
	kvfree(p.run);
	return ret;
}
