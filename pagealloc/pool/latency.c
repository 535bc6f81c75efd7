// SPDX-License-Identifier: GPL-2.0
/*
 * Latency: histograms of how long operations take.
 *
 * They are off by default, and then nothing is left in any path but a branch that
 * is patched out: a static key counts the histograms that are on.  While the key
 * is set, a pool whose own histograms are off pays a load and a test.
 *
 * A histogram has a bucket for each power of two, per CPU.  Counting uses
 * operations that an interrupt on the same CPU cannot tear, works in any context
 * but NMI, also under a pool's lock, and never waits.
 *
 * Histograms begin at zero when they are turned on.  So turning them on
 *
 *	1. turns them off,
 *	2. waits a grace period, since counting is an RCU read-side section,
 *	3. clears them and turns them on.
 *
 * A measurement that began earlier than that is not counted.
 */

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "base/fault.h"
#include "base/kunit_export.h"
#include "pool/latency.h"

DEFINE_STATIC_KEY_FALSE(pga_latency_key);
PGA_EXPORT_FOR_KUNIT(pga_latency_key);

/* Serialises turning on and off; the outermost lock but for the static key's. */
static DEFINE_MUTEX(latency_mutex);

static const char * const names[] = {
	[PGA_TIMED_ALLOC]		= "alloc",
	[PGA_TIMED_ALLOC_ATOMIC]	= "alloc_atomic",
	[PGA_TIMED_FREE]		= "free",
	[PGA_TIMED_POPULATE]		= "populate",
	[PGA_TIMED_DISCARD]		= "discard",
	[PGA_TIMED_LOCK_HOLD]		= "lock_hold",
};
static_assert(ARRAY_SIZE(names) == PGA_NR_TIMED);

/**
 * pga_latency_name() - name of an operation
 * @what: the operation
 *
 * Return: its name in debugfs.
 */
const char *pga_latency_name(enum pga_timed what)
{
	return names[what];
}
PGA_EXPORT_FOR_KUNIT(pga_latency_name);

static unsigned int bucket_of(u64 ns)
{
	return min_t(unsigned int, ilog2(ns | 1), PGA_LATENCY_BUCKETS - 1);
}

/* A task that moves to another CPU half way raises that CPU's maximum. */
static void raise_max(u64 __percpu *max, u64 ns)
{
	u64 old = this_cpu_read(*max), seen;

	for (; ns > old; old = seen) {
		seen = this_cpu_cmpxchg(*max, old, ns);
		if (seen == old)
			break;
	}
}

/**
 * pga_latency_count() - count an operation
 * @l: the histograms
 * @what: the operation
 * @start: when it began, nanoseconds
 * @end: when it ended
 *
 * Context: any but NMI.
 */
void pga_latency_count(struct pga_latency *l, enum pga_timed what, u64 start,
		       u64 end)
{
	struct pga_histogram __percpu *h;

	rcu_read_lock();
	/* Pairs with the store in turn_on(). */
	if (smp_load_acquire(&l->on) && start >= l->since) {
		h = l->of + what;
		this_cpu_inc(h->count[bucket_of(end - start)]);
		raise_max(&h->max, end - start);
	}
	rcu_read_unlock();
}
PGA_EXPORT_FOR_KUNIT(pga_latency_count);

static void turn_off(struct pga_latency *l)
{
	lockdep_assert_held(&latency_mutex);
	if (!l->on)
		return;
	WRITE_ONCE(l->on, false);
	static_branch_dec(&pga_latency_key);
}

static int turn_on(struct pga_latency *l, u64 now)
{
	const size_t bytes = PGA_NR_TIMED * sizeof(struct pga_histogram);
	int cpu;

	lockdep_assert_held(&latency_mutex);
	turn_off(l);
	if (!l->of)
		l->of = __alloc_percpu(bytes, __alignof__(*l->of));
	if (!l->of)
		return -ENOMEM;
	synchronize_rcu();
	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(l->of, cpu), 0, bytes);

	static_branch_inc(&pga_latency_key);
	l->since = now;
	/* Pairs with the load in pga_latency_count(). */
	smp_store_release(&l->on, true);
	return 0;
}

/**
 * pga_latency_set() - turn histograms on, from zero, or off
 * @l: the histograms
 * @on: which
 * @now: the time, nanoseconds
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; they are off then.
 */
int pga_latency_set(struct pga_latency *l, bool on, u64 now)
{
	int ret = 0;

	mutex_lock(&latency_mutex);
	if (on)
		ret = turn_on(l, now);
	else
		turn_off(l);
	mutex_unlock(&latency_mutex);
	return ret;
}
PGA_EXPORT_FOR_KUNIT(pga_latency_set);

/**
 * pga_latency_end() - free histograms
 * @l: the histograms; nobody uses them any more
 *
 * Context: may sleep.
 */
void pga_latency_end(struct pga_latency *l)
{
	pga_latency_set(l, false, 0);
	free_percpu(l->of);
}

static void add(struct pga_histogram *sum, const struct pga_histogram *h)
{
	unsigned int i;

	sum->max = max(sum->max, READ_ONCE(h->max));
	for (i = 0; i < PGA_LATENCY_BUCKETS; i++)
		sum->count[i] += READ_ONCE(h->count[i]);
}

/**
 * pga_latency_read() - sum up a histogram of all CPUs
 * @l: the histograms
 * @what: the operation
 * @sum: set to the sum, zeroes if it was never on
 *
 * Context: may sleep.
 * Return: whether it is on, and goes on changing.
 */
bool pga_latency_read(struct pga_latency *l, enum pga_timed what,
		      struct pga_histogram *sum)
{
	bool on;
	int cpu;

	*sum = (struct pga_histogram) {};
	mutex_lock(&latency_mutex);
	on = l->on;
	if (l->of)
		for_each_possible_cpu(cpu)
			add(sum, per_cpu_ptr(l->of, cpu) + what);
	mutex_unlock(&latency_mutex);
	return on;
}
PGA_EXPORT_FOR_KUNIT(pga_latency_read);
