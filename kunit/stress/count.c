// SPDX-License-Identifier: GPL-2.0
/*
 * What has been done, by kind, and what was found wrong.
 *
 * Counts are per CPU: a counter that all CPUs share would order what the stress
 * leaves to chance.  A fault is a line in the log, the first 40 of them, and a
 * count of all.  Judgements are the tests at the end of the stress; they are kept
 * as text that the job reads.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "count.h"

#define FAULTS_TOLD	40
#define TEXT_SIZE	32768

static const char * const names[] = {
	[STRESS_ALLOC] = "alloc",
	[STRESS_ALLOC_LONG] = "alloc_long",
	[STRESS_ALLOC_ATOMIC] = "alloc_atomic",
	[STRESS_ALLOC_ZERO] = "alloc_zero",
	[STRESS_ALLOC_IRQ] = "alloc_irq",
	[STRESS_ALLOC_RANGE] = "alloc_range",
	[STRESS_ALLOC_FIXED] = "alloc_fixed",
	[STRESS_ALLOC_BEST] = "alloc_best",
	[STRESS_ALLOC_BULK] = "alloc_bulk",
	[STRESS_NO_ROOM] = "no_room",
	[STRESS_FREE] = "free",
	[STRESS_FREE_LONG] = "free_long",
	[STRESS_FREE_IRQS_OFF] = "free_irqs_off",
	[STRESS_FREE_IRQ] = "free_irq",
	[STRESS_FREE_REMOTE] = "free_remote",
	[STRESS_FREE_PART] = "free_part",
	[STRESS_FREE_BULK] = "free_bulk",
	[STRESS_FREE_DEFERRED] = "free_deferred",
	[STRESS_TRIM] = "trim",
	[STRESS_DRAIN] = "drain",
	[STRESS_SCAVENGE] = "scavenge",
	[STRESS_TUNE] = "tune",
	[STRESS_STATS] = "stats",
	[STRESS_CHECK] = "check",
	[STRESS_REGION] = "region",
	[STRESS_INJECT] = "inject",
	[STRESS_REFUSED] = "refused",
	[STRESS_POOL] = "pool",
	[STRESS_POPULATE] = "populate",
	[STRESS_DISCARD] = "discard",
	[STRESS_BACKING_FAIL] = "backing_fail",
	[STRESS_FRAMES] = "frames",
};
static_assert(ARRAY_SIZE(names) == STRESS_NR_KINDS);

static DEFINE_PER_CPU(unsigned long [STRESS_NR_KINDS], counts);
static atomic_long_t faults;

/* The judgements, a line each; written by one thread. */
static char *text;
static size_t text_len;

/**
 * stress_count() - one more has been done
 * @kind: of this kind
 *
 * Context: any.
 */
void stress_count(enum stress_kind kind)
{
	this_cpu_inc(counts[kind]);
}

/**
 * stress_counted() - how many have been done?
 * @kind: of this kind
 *
 * Return: the number, a little late while CPUs are at work.
 */
unsigned long stress_counted(enum stress_kind kind)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(counts[kind], cpu));
	return sum;
}

/**
 * stress_operations() - operations on pools so far
 *
 * Return: the number, of all kinds.
 */
unsigned long stress_operations(void)
{
	unsigned long sum = 0;
	int kind;

	for (kind = 0; kind < STRESS_NR_OPERATIONS; kind++)
		sum += stress_counted(kind);
	return sum;
}

/**
 * stress_show_counts() - a line for each kind
 * @m: where
 */
void stress_show_counts(struct seq_file *m)
{
	int kind;

	for (kind = 0; kind < STRESS_NR_KINDS; kind++)
		seq_printf(m, "%s %lu\n", names[kind], stress_counted(kind));
}

/**
 * stress_fault() - something is not as it must be
 * @pool: in this pool
 * @format: what, as for printf()
 *
 * Context: any.
 */
void stress_fault(const char *pool, const char *format, ...)
{
	struct va_format vaf;
	va_list args;

	if (atomic_long_inc_return(&faults) > FAULTS_TOLD)
		return;
	va_start(args, format);
	vaf.fmt = format;
	vaf.va = &args;
	pr_err("fault: %s: %pV\n", pool, &vaf);
	va_end(args);
}

/**
 * stress_faults() - how often something was not as it must be
 *
 * Return: the number.
 */
unsigned long stress_faults(void)
{
	return atomic_long_read(&faults);
}

/**
 * stress_judge() - a test at the end
 * @good: it has passed
 * @pool: of this pool
 * @test: name of the test
 * @format: what was found, as for printf(); told only if it is not good
 */
void stress_judge(bool good, const char *pool, const char *test,
		  const char *format, ...)
{
	va_list args;

	if (!text)
		text = kvmalloc(TEXT_SIZE, GFP_KERNEL | __GFP_NOFAIL);
	text_len += scnprintf(text + text_len, TEXT_SIZE - text_len,
			      "%s stress_%s_%s", good ? "ok" : "not ok", pool,
			      test);
	if (!good) {
		text_len += scnprintf(text + text_len, TEXT_SIZE - text_len, ": ");
		va_start(args, format);
		text_len += vscnprintf(text + text_len, TEXT_SIZE - text_len,
				       format, args);
		va_end(args);
	}
	text_len += scnprintf(text + text_len, TEXT_SIZE - text_len, "\n");
}

/**
 * stress_show_judgements() - all so far
 * @m: where
 */
void stress_show_judgements(struct seq_file *m)
{
	if (text_len)
		seq_write(m, text, text_len);
}

/**
 * stress_forget_judgements() - at the end of the module
 */
void stress_forget_judgements(void)
{
	kvfree(text);
}
