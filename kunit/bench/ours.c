// SPDX-License-Identifier: GPL-2.0
/*
 * Cases for pagealloc only: partly, scavenge and metadata.
 */

#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "batch.h"
#include "cases.h"
#include "layout.h"
#include "ours.h"
#include "pagealloc.h"
#include "subjects.h"

#define CHUNK_PAGES	512UL

/* Chunks to scavenge. */
#define SCAVENGES	256

static bool in_upper_half(unsigned long page)
{
	return page % CHUNK_PAGES >= CHUNK_PAGES / 2;
}

/* Free half of each run in the upper half of a chunk; returns their number. */
static unsigned long free_halves(struct bench_layout *l)
{
	const unsigned long half = l->run / 2;
	unsigned long i, kept = 0;

	for (i = 0; i < l->held; i++) {
		if (in_upper_half(l->where[i]))
			l->subject->free(l->pool, l->where[i] + half, half);
		else
			l->where[kept++] = l->where[i];
	}
	i = l->held - kept;
	l->held = kept;
	l->slots = kept;
	return i;
}

static void alloc_halves(struct bench_layout *l, unsigned long nr)
{
	unsigned long where;

	for (; nr; nr--)
		if (l->subject->alloc(l->pool, l->run / 2, &where))
			l->fails++;
}

/**
 * bench_partly() - the case partly: pairs in partly discarded chunks
 * @spec: the measurement; runs of more than one page
 * @subject: pagealloc, or the empty one
 * @sum: the result
 *
 * The free runs in the upper half of each chunk are discarded and too short.  The
 * holes in the lower half are ready.
 *
 * Return: 0, -EINVAL, -ENOMEM, or -EIO if a free failed.
 */
int bench_partly(const struct bench_spec *spec,
		 const struct bench_subject *subject, struct bench_sum *sum)
{
	unsigned long halves, released;
	struct bench_layout l;
	int ret;

	if (subject == &bench_empty)
		return bench_pair(spec, subject, sum);
	if (spec->run < 2)
		return -EINVAL;
	ret = bench_layout_init(&l, spec, subject);
	if (ret)
		return ret;
	halves = free_halves(&l);
	ret = pagealloc_scavenge(bench_pagealloc_pool(l.pool), PAGEALLOC_ALL,
				 &released);
	if (!ret && released != halves * (l.run / 2))
		l.fails++;
	bench_pairs(&l, spec, sum);
	alloc_halves(&l, halves);
	return bench_layout_exit(&l) ?: ret;
}

/* The time that the backing needs to discard a chunk @nr times. */
static u64 time_discards(unsigned int nr)
{
	struct pagealloc_sim sim;
	unsigned long flags;
	u64 ticks;

	pagealloc_sim_init(&sim, 1);
	local_irq_save(flags);
	ticks = bench_now();
	for (; nr; nr--)
		pagealloc_sim_ops.discard(&sim, 0, CHUNK_PAGES);
	ticks = bench_now() - ticks;
	local_irq_restore(flags);
	return ticks;
}

static u64 time_scavenge(struct bench_layout *l)
{
	unsigned long released, flags;
	u64 ticks;
	int ret;

	flags = bench_begin(l->subject);
	ticks = bench_now();
	ret = pagealloc_scavenge(bench_pagealloc_pool(l->pool), CHUNK_PAGES,
				 &released);
	ticks = bench_now() - ticks;
	bench_end(l->subject, flags);
	l->fails += ret || released != CHUNK_PAGES;
	return ticks;
}

/**
 * bench_scavenge() - the case scavenge: the cost of a chunk without the backing's
 * @spec: the measurement; runs of a chunk
 * @subject: pagealloc, or the empty one
 * @sum: the result
 *
 * Return: 0, -EINVAL, -ENOMEM, or -EIO if a free failed.
 */
int bench_scavenge(const struct bench_spec *spec,
		   const struct bench_subject *subject, struct bench_sum *sum)
{
	struct bench_layout l;
	unsigned int i;
	u64 backing;
	int ret;

	if (spec->run != CHUNK_PAGES)
		return -EINVAL;
	if (subject == &bench_empty)
		return 0;
	ret = bench_layout_init(&l, spec, subject);
	if (ret)
		return ret;
	for (i = 0; i < SCAVENGES; i++) {
		bench_layout_punch(&l, 1);
		sum->ticks += time_scavenge(&l);
		bench_layout_refill(&l);
		cond_resched();
	}
	backing = time_discards(SCAVENGES);
	sum->ticks -= min(sum->ticks, backing);
	sum->ops = SCAVENGES;
	sum->fails = l.fails;
	return bench_layout_exit(&l);
}

/**
 * bench_metadata() - the case metadata: bits of metadata for each page
 * @spec: the measurement
 * @subject: pagealloc
 * @sum: the result
 *
 * Return: 0, -ENOMEM, or -EIO if a free failed.
 */
int bench_metadata(const struct bench_spec *spec,
		   const struct bench_subject *subject, struct bench_sum *sum)
{
	void *pool = subject->create(subject, spec->pages);

	if (!pool)
		return -ENOMEM;
	bench_make_ready(subject, pool, spec->pages);
	sum->value = subject->metadata(pool) * 8 * 1000 / spec->pages;
	return subject->destroy(pool) ? 0 : -EIO;
}
