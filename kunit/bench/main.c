// SPDX-License-Identifier: GPL-2.0
/*
 * The benchmark: measures pagealloc and other allocators on the same machine.
 *
 * A write to /sys/kernel/debug/pagealloc_bench/run performs a measurement:
 *
 *	CASE SUBJECT PAGES OCCUPANCY RUN CPUS
 *
 * A workload must be written to `trace' before, in the format of workload.c.
 * Reading `run' shows the results so far, a line for each value:
 *
 *	CASE,SUBJECT,PAGES,OCCUPANCY,RUN,CPUS,METRIC,VALUE,UNIT
 *
 * A cost is per operation.  The cost of the measuring loop, which is that of the
 * empty subject, is subtracted.  With reps=N each measurement is repeated, and the
 * least cost counts.
 *
 * This module is a client of pagealloc and uses its public interface only.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "aligned.h"
#include "cases.h"
#include "frag.h"
#include "irqoff.h"
#include "ours.h"
#include "subjects.h"
#include "team.h"
#include "workload.h"

static unsigned int reps = 1;
module_param(reps, uint, 0400);
MODULE_PARM_DESC(reps, "Repetitions of each measurement, the least cost counts (default: 1)");

/* Size of the buffer for the results. */
#define RESULTS_SIZE	(1UL << 20)

static DEFINE_MUTEX(mutex);
static char *results;
static size_t results_len;

static const struct bench_subject *const subjects[] = {
	&bench_pagealloc,
	&bench_pagealloc_nocache,
	&bench_pagealloc_span,
	&bench_buddy,
	&bench_genpool,
	&bench_genpool_best,
	&bench_gpu_buddy,
	&bench_bitmap,
	&bench_contig,
};

static const struct bench_case cases[] = {
	{ "pair", bench_pair },
	{ "churn", bench_churn },
	{ "rand", bench_rand, .split = true },
	{ "repeat", bench_repeat },
	{ "bulk-alloc", bench_bulk_alloc },
	{ "bulk-free", bench_bulk_free },
	{ "long", bench_long },
	{ "fill-aligned", bench_fill_aligned, .aligned = true },
	{ "churn-aligned", bench_churn_aligned, .aligned = true },
	{ "bulk-natural", bench_bulk_natural, .aligned = true },
	{ "workload-", bench_workload, .mixed = true },
	{ "max", bench_max, "max", BENCH_UNIT },
	{ "frag", bench_frag, "free_chunks", "chunks" },
	{ "partly", bench_partly, .ours = true },
	{ "scavenge", bench_scavenge, .ours = true },
	{ "metadata", bench_metadata, "bits_per_page", "bits", true },
	{ "irqoff", bench_irqoff, "irqoff_max", BENCH_UNIT, true },
};

__printf(3, 4)
static void report(const struct bench_spec *spec, const char *metric,
		   const char *fmt, ...)
{
	va_list args;

	results_len += scnprintf(results + results_len,
				 RESULTS_SIZE - results_len,
				 "%s,%s,%lu,%u,%lu,%u,%s,", spec->name,
				 spec->subject->name, spec->pages,
				 spec->occupancy, spec->run, spec->cpus, metric);
	va_start(args, fmt);
	results_len += vscnprintf(results + results_len,
				  RESULTS_SIZE - results_len, fmt, args);
	va_end(args);
}

static void report_milli(const struct bench_spec *spec, const char *metric,
			 u64 milli, const char *unit)
{
	report(spec, metric, "%llu.%03llu,%s\n", milli / 1000, milli % 1000,
	       unit);
}

static u64 milli_per(u64 sum, u64 nr)
{
	return nr ? sum * 1000 / nr : 0;
}

/**
 * struct cost - what a measurement has found, in thousandths
 * @all: the metric of the case, or the cost of an operation
 * @free: the part of it that is the free's
 */
struct cost {
	u64 all;
	u64 free;
};

/* The least cost of an operation; @sum is of the last repetition. */
static int measure_least(const struct bench_spec *spec, const struct bench_case *c,
			 const struct bench_subject *subject,
			 struct bench_sum *sum, struct cost *cost)
{
	unsigned int i;
	int ret = 0;

	*cost = (struct cost) { U64_MAX, U64_MAX };
	for (i = 0; i < max(reps, 1U) && !ret; i++) {
		*sum = (struct bench_sum) {};
		ret = c->measure(spec, subject, sum);
		cost->all = min(cost->all, milli_per(sum->ticks, sum->ops));
		cost->free = min(cost->free, milli_per(sum->free_ticks, sum->ops));
	}
	if (c->metric)
		cost->all = sum->value;
	return ret;
}

/* The cost of the empty subject, or 0 if it is not subtracted. */
static int measure_empty(const struct bench_spec *spec,
			 const struct bench_case *c, struct cost *cost)
{
	struct bench_sum sum;

	*cost = (struct cost) {};
	if (c->metric && strcmp(c->unit, BENCH_UNIT))
		return 0;
	return measure_least(spec, c, &bench_empty, &sum, cost);
}

static int measure(const struct bench_spec *spec, const struct bench_case *c)
{
	struct cost cost, empty;
	struct bench_sum sum;
	int ret;

	ret = measure_least(spec, c, spec->subject, &sum, &cost) ?:
	      measure_empty(spec, c, &empty);
	if (ret)
		return ret;
	report_milli(spec, c->metric ?: BENCH_UNIT, cost.all - min(cost.all, empty.all),
		     c->metric ? c->unit : BENCH_UNIT);
	if (c->split)
		report_milli(spec, BENCH_UNIT "_free",
			     cost.free - min(cost.free, empty.free), BENCH_UNIT);
	if (spec->subject->locks && sum.calls && !IS_ENABLED(CONFIG_UML))
		report_milli(spec, "locks", milli_per(sum.locks, sum.calls),
			     "per call");
	if (sum.has_room) {
		report(spec, "largest_run", "%lu,pages\n", sum.largest_run);
		report(spec, "released", "%lu,pages\n", sum.released);
	}
	report(spec, BENCH_FAIL, "%llu,calls\n", sum.fails);
	return 0;
}

static const struct bench_subject *find_subject(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(subjects); i++)
		if (!strcmp(subjects[i]->name, name))
			return subjects[i];
	return NULL;
}

static bool has_name(const struct bench_case *c, const char *name)
{
	if (c->mixed)
		return str_has_prefix(name, c->name);
	return !strcmp(name, c->name);
}

static const struct bench_case *find_case(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (has_name(&cases[i], name))
			return &cases[i];
	return NULL;
}

/* Whether a measurement is possible. */
static bool is_possible(const struct bench_spec *spec, const struct bench_case *c)
{
	const struct bench_subject *s = spec->subject;

	return !spec->run == c->mixed && spec->run <= spec->pages &&
	       spec->occupancy <= 100 && spec->cpus &&
	       spec->cpus <= num_online_cpus() &&
	       (!s->max_pages || spec->pages <= s->max_pages) &&
	       (!s->max_run || spec->run <= s->max_run) &&
	       (!c->ours || s->locks) && (!c->aligned || s->alloc_aligned);
}

/**
 * struct order - a measurement that was written to `run'
 * @name: name of the case
 * @spec: the measurement
 * @bench_case: the case
 */
struct order {
	char name[48];
	struct bench_spec spec;
	const struct bench_case *bench_case;
};

static long perform(void *data)
{
	struct order *order = data;

	return measure(&order->spec, order->bench_case);
}

static int parse(char *text, struct order *order)
{
	struct bench_spec *spec = &order->spec;
	char subject[32];

	if (sscanf(text, "%47s %31s %lu %u %lu %u", order->name, subject,
		   &spec->pages, &spec->occupancy, &spec->run, &spec->cpus) != 6)
		return -EINVAL;
	spec->subject = find_subject(subject);
	order->bench_case = find_case(order->name);
	if (!spec->subject || !order->bench_case)
		return -ENOENT;
	spec->name = order->name;
	return is_possible(spec, order->bench_case) ? 0 : -ERANGE;
}

static ssize_t run_write(struct file *file, const char __user *from, size_t len,
			 loff_t *pos)
{
	struct order order;
	char *text;
	int ret;

	if (len > PAGE_SIZE)
		return -EINVAL;
	text = memdup_user_nul(from, len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	pr_info("%s", text);
	mutex_lock(&mutex);
	ret = parse(text, &order);
	/* On CPU 0, so that no measurement moves to another CPU. */
	if (!ret)
		ret = work_on_cpu(0, perform, &order);
	mutex_unlock(&mutex);
	if (ret)
		pr_err("%d: %s\n", ret, text);
	kfree(text);
	return ret ?: len;
}

static ssize_t trace_write(struct file *file, const char __user *from,
			   size_t len, loff_t *pos)
{
	int ret;

	mutex_lock(&mutex);
	ret = bench_workload_write(from, len, pos);
	mutex_unlock(&mutex);
	return ret;
}

static const struct file_operations trace_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = trace_write,
	.llseek = noop_llseek,
};

static int run_show(struct seq_file *m, void *unused)
{
	mutex_lock(&mutex);
	seq_write(m, results, results_len);
	mutex_unlock(&mutex);
	return 0;
}

static int run_open(struct inode *inode, struct file *file)
{
	return single_open(file, run_show, NULL);
}

static const struct file_operations run_fops = {
	.owner = THIS_MODULE,
	.open = run_open,
	.read = seq_read,
	.write = run_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static struct dentry *dir;

static int __init bench_init(void)
{
	results = kvmalloc(RESULTS_SIZE, GFP_KERNEL);
	if (!results)
		return -ENOMEM;
	dir = debugfs_create_dir("pagealloc_bench", NULL);
	debugfs_create_file("run", 0600, dir, NULL, &run_fops);
	debugfs_create_file("trace", 0200, dir, NULL, &trace_fops);
	return 0;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	debugfs_remove_recursive(dir);
	bench_workload_drop();
	bench_pagealloc_drop();
	kvfree(results);
}
module_exit(bench_exit);

MODULE_DESCRIPTION("Measures pagealloc and other allocators");
MODULE_LICENSE("GPL");
