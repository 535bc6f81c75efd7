// SPDX-License-Identifier: GPL-2.0
/*
 * The files of debugfs that act on a pool when something is written to them.
 *
 * A write is one text, which is parsed strictly.  Text that is not valid returns
 * -EINVAL, a number of pages that exceeds the pool -ERANGE, and neither changes
 * anything.
 */

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "base/fault.h"
#include "module/debugfs_control.h"
#include "pool/latency.h"
#include "pool/scavenger.h"
#include "pool/state.h"

/* Longest text that can be written. */
#define TEXT_MAX	63

/**
 * struct control - a file that acts on a pool
 * @name: name of the file
 * @mode: its permissions
 * @show: what reading the file shows, or NULL; m->private is a &struct
 *	pga_controls
 * @write: performs a write of @text, which it may change; returns 0 or -errno
 */
struct control {
	const char *name;
	umode_t mode;
	int (*show)(struct seq_file *m, void *unused);
	int (*write)(struct pga_controls *c, char *text);
};

/**
 * struct control_file - a control of a pool; the data of its file
 * @controls: all controls of the pool
 * @control: this one
 */
struct control_file {
	struct pga_controls *controls;
	const struct control *control;
};

/**
 * struct run - a run that a write to "alloc" has allocated
 * @node: in &struct pga_controls.runs
 * @pfn: first page
 * @nr: pages
 */
struct run {
	struct list_head node;
	unsigned long pfn;
	unsigned long nr;
};

/**
 * struct pga_controls - the controls of a pool
 * @pool: the pool
 * @mutex: protects @runs
 * @runs: &struct run, oldest first
 * @file: the files
 */
struct pga_controls {
	struct pagealloc_pool *pool;
	struct mutex mutex;
	struct list_head runs;
	struct control_file file[];
};

/* Copy the text of a write without the newline at its end. */
static int get_text(const char __user *from, size_t len, loff_t pos, char *to)
{
	if (pos || !len || len > TEXT_MAX)
		return -EINVAL;
	if (copy_from_user(to, from, len))
		return -EFAULT;
	if (to[len - 1] == '\n')
		len--;
	to[len] = '\0';
	return strlen(to) == len ? 0 : -EINVAL;
}

/* Parse a decimal number and nothing else. */
static int get_number(const char *text, unsigned long *number)
{
	if (!*text || text[strspn(text, "0123456789")])
		return -EINVAL;
	return kstrtoul(text, 10, number);
}

/* Parse a number of pages from 1 to the size of the pool. */
static int get_pages(struct pga_controls *c, const char *text, unsigned long *nr)
{
	struct pagealloc_stats stats;
	int ret = get_number(text, nr);

	if (ret)
		return ret;
	if (!*nr)
		return -EINVAL;
	pagealloc_stats(c->pool, &stats);
	return *nr > stats.value[PAGEALLOC_SYS] / PAGE_SIZE ? -ERANGE : 0;
}

/* Parse "PFN PAGES", as a line of "alloc" has it. */
static int get_range(struct pga_controls *c, char *text, unsigned long *pfn,
		     unsigned long *nr)
{
	char *pages = strchr(text, ' ');

	if (!pages)
		return -EINVAL;
	*pages++ = '\0';
	return get_number(text, pfn) ?: get_pages(c, pages, nr);
}

static int show_runs(struct seq_file *m, void *unused)
{
	struct pga_controls *c = m->private;
	struct run *run;

	mutex_lock(&c->mutex);
	list_for_each_entry(run, &c->runs, node)
		seq_printf(m, "%lu %lu\n", run->pfn, run->nr);
	mutex_unlock(&c->mutex);
	return 0;
}

static void add_run(struct pga_controls *c, struct run *run)
{
	mutex_lock(&c->mutex);
	list_add_tail(&run->node, &c->runs);
	mutex_unlock(&c->mutex);
}

/* Remove a run from the list, NULL if it is not there. */
static struct run *remove_run(struct pga_controls *c, unsigned long pfn,
			      unsigned long nr)
{
	struct run *run, *found = NULL;

	mutex_lock(&c->mutex);
	list_for_each_entry(run, &c->runs, node)
		if (run->pfn == pfn && run->nr == nr) {
			found = run;
			list_del(&run->node);
			break;
		}
	mutex_unlock(&c->mutex);
	return found;
}

static int write_alloc(struct pga_controls *c, char *text)
{
	struct run *run;
	unsigned long nr;
	int ret;

	ret = get_pages(c, text, &nr);
	if (ret)
		return ret;
	run = kmalloc(sizeof(*run), GFP_KERNEL);
	if (!run)
		return -ENOMEM;
	run->nr = nr;
	ret = pagealloc_alloc(c->pool, nr, GFP_KERNEL | __GFP_NOWARN, &run->pfn);
	if (ret)
		kfree(run);
	else
		add_run(c, run);
	return ret;
}

static int write_free(struct pga_controls *c, char *text)
{
	unsigned long pfn, nr;
	struct run *run;
	int ret;

	ret = get_range(c, text, &pfn, &nr);
	if (ret)
		return ret;
	run = remove_run(c, pfn, nr);
	if (!run)
		return -EINVAL;
	ret = pagealloc_free(c->pool, pfn, nr);
	if (ret)
		add_run(c, run);
	else
		kfree(run);
	return ret;
}

static int write_scavenge(struct pga_controls *c, char *text)
{
	unsigned long nr = PAGEALLOC_ALL, released;
	int ret = 0;

	if (strcmp(text, "all"))
		ret = get_pages(c, text, &nr);
	return ret ?: pagealloc_scavenge(c->pool, nr, &released);
}

static int write_drain(struct pga_controls *c, char *text)
{
	if (strcmp(text, "1"))
		return -EINVAL;
	pagealloc_drain(c->pool);
	pga_scavenger_end_generation(c->pool);
	return 0;
}

static int show_limit(struct seq_file *m, void *unused)
{
	struct pga_controls *c = m->private;
	struct pagealloc_tuning tuning;

	pagealloc_get_tuning(c->pool, &tuning);
	if (tuning.limit == PAGEALLOC_NO_LIMIT)
		seq_puts(m, "none\n");
	else
		seq_printf(m, "%lu\n", tuning.limit);
	return 0;
}

static int write_limit(struct pga_controls *c, char *text)
{
	unsigned long nr = PAGEALLOC_NO_LIMIT;
	int ret = 0;

	if (strcmp(text, "none"))
		ret = get_pages(c, text, &nr);
	return ret ?: pga_scavenger_limit(c->pool, nr);
}

static int write_protect(struct pga_controls *c, char *text)
{
	unsigned long pfn, nr;

	return get_range(c, text, &pfn, &nr) ?: pagealloc_protect(c->pool, pfn, nr);
}

static void show_histogram(struct seq_file *m, const char *name,
			   const struct pga_histogram *h)
{
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < PGA_LATENCY_BUCKETS; i++) {
		total += h->count[i];
		if (h->count[i])
			seq_printf(m, "%s %llu %llu\n", name, i ? BIT_ULL(i) : 0,
				   h->count[i]);
	}
	seq_printf(m, "%s_count %llu\n", name, total);
	seq_printf(m, "%s_max_ns %llu\n", name, h->max);
}

static int show_latency(struct seq_file *m, void *unused)
{
	struct pga_controls *c = m->private;
	struct pga_histogram h;
	enum pga_timed i;
	bool on;

	on = pga_latency_read(&c->pool->latency, 0, &h);
	seq_printf(m, "state %s\n", on ? "on" : "off");
	seq_puts(m, "# name ns_at_least count\n");
	for (i = 0; i < PGA_NR_TIMED; i++) {
		pga_latency_read(&c->pool->latency, i, &h);
		show_histogram(m, pga_latency_name(i), &h);
	}
	return 0;
}

/* "1" starts to measure, with empty histograms; "0" stops. */
static int write_latency(struct pga_controls *c, char *text)
{
	if (strcmp(text, "0") && strcmp(text, "1"))
		return -EINVAL;
	return pga_latency_set(&c->pool->latency, *text == '1', pga_now(c->pool));
}

static const struct control controls[] = {
	{ "alloc", 0600, show_runs, write_alloc },
	{ "free", 0200, NULL, write_free },
	{ "scavenge", 0200, NULL, write_scavenge },
	{ "drain", 0200, NULL, write_drain },
	{ "limit", 0600, show_limit, write_limit },
	{ "protect", 0200, NULL, write_protect },
	{ "latency", 0600, show_latency, write_latency },
};

static ssize_t control_write(struct file *file, const char __user *from,
			     size_t len, loff_t *pos)
{
	const struct control_file *f = file_inode(file)->i_private;
	char text[TEXT_MAX + 1];
	int ret;

	ret = get_text(from, len, *pos, text);
	if (!ret)
		ret = f->control->write(f->controls, text);
	return ret ?: len;
}

static int control_open(struct inode *inode, struct file *file)
{
	const struct control_file *f = inode->i_private;

	return single_open(file, f->control->show, f->controls);
}

static const struct file_operations read_write_fops = {
	.owner = THIS_MODULE,
	.open = control_open,
	.read = seq_read,
	.write = control_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static const struct file_operations write_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = control_write,
	.llseek = noop_llseek,
};

/**
 * pga_controls_create() - create the files that act on a pool
 * @pool: the pool
 * @dir: its directory
 *
 * Return: the controls, or NULL if there is no memory.
 */
struct pga_controls *pga_controls_create(struct pagealloc_pool *pool,
					 struct dentry *dir)
{
	struct pga_controls *c;
	unsigned int i;

	c = kzalloc(struct_size(c, file, ARRAY_SIZE(controls)), GFP_KERNEL);
	if (!c)
		return NULL;
	c->pool = pool;
	mutex_init(&c->mutex);
	INIT_LIST_HEAD(&c->runs);
	for (i = 0; i < ARRAY_SIZE(controls); i++) {
		c->file[i] = (struct control_file) { c, &controls[i] };
		debugfs_create_file(controls[i].name, controls[i].mode, dir,
				    &c->file[i], controls[i].show ?
				    &read_write_fops : &write_fops);
	}
	return c;
}

/**
 * pga_controls_destroy() - free the controls of a pool, and the runs of "alloc"
 * @controls: the controls; their files have been removed
 */
void pga_controls_destroy(struct pga_controls *controls)
{
	struct run *run, *next;

	list_for_each_entry_safe(run, next, &controls->runs, node) {
		pagealloc_free(controls->pool, run->pfn, run->nr);
		kfree(run);
	}
	/* The caller checks next which pages are in use; none must be in a cache. */
	pagealloc_drain(controls->pool);
	kfree(controls);
}
