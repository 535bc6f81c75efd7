// SPDX-License-Identifier: GPL-2.0
/*
 * Latency: histograms of how long things take.
 *
 * Off by default, and then all that is left in any path is a branch that is
 * patched out: a static key counts the pools whose histograms are on.  With it
 * set, a pool whose own are off pays a load and a test.
 *
 * A histogram has a bucket for each power of two, per CPU.  It is added to with
 * operations that an interrupt on the same CPU cannot tear, from any context but
 * NMI, also under the pool's lock, and nobody waits for anybody.  Who turns
 * histograms on wants them to begin at zero, so what is still being added by
 * those who saw them on before has to end first: adding is done in an RCU
 * read-side section.
 *
 *	"1"	off, then a grace period, cleared, and then they are on
 *	"0"	off; the figures can still be read
 *
 * The time from taking to letting go of the pool's lock needs no care, since
 * it begins and ends on one CPU under that lock.  A time that began when the
 * histograms were off is 0, and is not counted.
 */

#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "base/kunit_export.h"
#include "pool/state.h"

DEFINE_STATIC_KEY_FALSE(pga_latency_key);
PGA_EXPORT_FOR_KUNIT(pga_latency_key);

/* Protects the turning on and off; outside of everything but the static key. */
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
 * pga_latency_name() - name of what is timed
 * @what: which
 *
 * Return: its name as debugfs has it.
 */
const char *pga_latency_name(enum pga_timed what)
{
	return names[what];
}
PGA_EXPORT_FOR_KUNIT(pga_latency_name);

/**
 * pga_latency_now() - the time, if it matters
 * @pool: the pool
 *
 * Context: any but NMI.
 * Return: nanoseconds; 0 if the histograms of @pool are off.
 */
u64 pga_latency_now(struct pagealloc_pool *pool)
{
	return READ_ONCE(pool->latency.on) ? pga_now(pool) : 0;
}
PGA_EXPORT_FOR_KUNIT(pga_latency_now);

static unsigned int bucket_of(u64 ns)
{
	return min_t(unsigned int, ilog2(ns | 1), PGA_LATENCY_BUCKETS - 1);
}

/* Should it move to another CPU half way, that one has a maximum as good. */
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
 * pga_latency_count() - count a time that is over
 * @pool: the pool
 * @what: what took it
 * @start: from pga_latency_now()
 *
 * Context: any but NMI.
 */
void pga_latency_count(struct pagealloc_pool *pool, enum pga_timed what,
		       u64 start)
{
	struct pga_histogram __percpu *h;
	u64 ns;

	if (!start)
		return;
	ns = pga_now(pool) - start;
	rcu_read_lock();
	/* Pairs with the store in turn_on(). */
	if (smp_load_acquire(&pool->latency.on)) {
		h = pool->latency.of + what;
		this_cpu_inc(h->count[bucket_of(ns)]);
		raise_max(&h->max, ns);
	}
	rcu_read_unlock();
}
PGA_EXPORT_FOR_KUNIT(pga_latency_count);

static void turn_off(struct pagealloc_pool *pool)
{
	lockdep_assert_held(&latency_mutex);
	if (!pool->latency.on)
		return;
	WRITE_ONCE(pool->latency.on, false);
	static_branch_dec(&pga_latency_key);
}

static int turn_on(struct pagealloc_pool *pool)
{
	const size_t bytes = PGA_NR_TIMED * sizeof(struct pga_histogram);
	struct pga_latency *l = &pool->latency;
	unsigned long flags;
	int cpu;

	lockdep_assert_held(&latency_mutex);
	turn_off(pool);
	if (!l->of)
		l->of = __alloc_percpu(bytes, __alignof__(*l->of));
	if (!l->of)
		return -ENOMEM;
	synchronize_rcu();
	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(l->of, cpu), 0, bytes);

	static_branch_inc(&pga_latency_key);
	/* Forget a hold that began when the key was set before. */
	flags = pga_pool_lock(pool);
	pga_pool_unlock(pool, flags);
	/* Pairs with the load in pga_latency_count(). */
	smp_store_release(&l->on, true);
	return 0;
}

/**
 * pga_latency_set() - turn the histograms of a pool on, from zero, or off
 * @pool: the pool
 * @on: which
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; they are off then.
 */
int pga_latency_set(struct pagealloc_pool *pool, bool on)
{
	int ret = 0;

	mutex_lock(&latency_mutex);
	if (on)
		ret = turn_on(pool);
	else
		turn_off(pool);
	mutex_unlock(&latency_mutex);
	return ret;
}
PGA_EXPORT_FOR_KUNIT(pga_latency_set);

/**
 * pga_latency_end() - the pool ends, and its histograms with it
 * @pool: the pool; nobody uses it any more
 *
 * Context: may sleep.
 */
void pga_latency_end(struct pagealloc_pool *pool)
{
	pga_latency_set(pool, false);
	free_percpu(pool->latency.of);
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
 * @pool: the pool
 * @what: which one
 * @sum: set to it, zeroes if it was never on
 *
 * Context: may sleep.
 * Return: whether it is on, and goes on changing.
 */
bool pga_latency_read(struct pagealloc_pool *pool, enum pga_timed what,
		      struct pga_histogram *sum)
{
	bool on;
	int cpu;

	*sum = (struct pga_histogram) {};
	mutex_lock(&latency_mutex);
	on = pool->latency.on;
	if (pool->latency.of)
		for_each_possible_cpu(cpu)
			add(sum, per_cpu_ptr(pool->latency.of, cpu) + what);
	mutex_unlock(&latency_mutex);
	return on;
}
PGA_EXPORT_FOR_KUNIT(pga_latency_read);
