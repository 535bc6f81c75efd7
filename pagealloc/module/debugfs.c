// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/pagealloc/: a directory for each pool.
 *
 * Documentation/ABI/testing/debugfs-pagealloc describes the files.  Files that
 * show a pool use the public interface, or copy a part of the pool and print the
 * copy.  No lock of the pool is held while a file prints.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "engine/chunk.h"
#include "engine/map.h"
#include "module/debugfs.h"
#include "pool/latency.h"
#include "pool/registry.h"
#include "pool/scavenger.h"
#include "pool/state.h"
#include "pool/stats.h"

#define CREATE_TRACE_POINTS
#include "base/trace.h"

/* Mismatches that "check" lists. */
#define MAX_MISMATCHES	128

static int stats_show(struct seq_file *m, void *unused)
{
	struct pagealloc_stats stats;
	enum pagealloc_stat i;

	pagealloc_stats(m->private, &stats);
	for (i = 0; i < PAGEALLOC_NR_STATS; i++)
		seq_printf(m, "%s %llu\n", pagealloc_stat_name(i), stats.value[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/**
 * struct chunk_walk - a walk over the chunks of a pool
 * @pfn: start of the chunk
 * @pages: pages of the chunk that the pool has grown by
 * @chunk: copy of its maps
 */
struct chunk_walk {
	unsigned long pfn;
	unsigned long pages;
	struct pga_chunk chunk;
};

/* The file position is the chunk's number among all pfns, plus one. */
static void *chunk_start(struct seq_file *m, loff_t *pos)
{
	struct chunk_walk *w;

	if (!*pos)
		return SEQ_START_TOKEN;
	w = kmalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return ERR_PTR(-ENOMEM);
	w->pfn = pga_chunk_start(*pos - 1);
	if (pga_pool_read_chunk(m->private, &w->pfn, &w->chunk, &w->pages)) {
		*pos = pga_chunk_of(w->pfn) + 1;
		return w;
	}
	kfree(w);
	return NULL;
}

static void walk_stop(struct seq_file *m, void *v)
{
	if (v && v != SEQ_START_TOKEN && !IS_ERR(v))
		kfree(v);
}

static void *chunk_next(struct seq_file *m, void *v, loff_t *pos)
{
	walk_stop(m, v);
	++*pos;
	return chunk_start(m, pos);
}

static int chunks_show(struct seq_file *m, void *v)
{
	const struct chunk_walk *w = v;
	unsigned int free, discarded;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# pfn in_use ready discarded\n");
		return 0;
	}
	free = PGA_CHUNK_PAGES - bitmap_weight(w->chunk.allocated, PGA_CHUNK_PAGES);
	discarded = bitmap_weight(w->chunk.discarded, PGA_CHUNK_PAGES);
	seq_printf(m, "%lu %lu %u %u\n", w->pfn, w->pages - free,
		   free - discarded, discarded);
	return 0;
}

static const struct seq_operations chunks_sops = {
	.start = chunk_start,
	.next = chunk_next,
	.stop = walk_stop,
	.show = chunks_show,
};
DEFINE_SEQ_ATTRIBUTE(chunks);

static int bitmap_show(struct seq_file *m, void *v)
{
	const struct chunk_walk *w = v;

	if (v != SEQ_START_TOKEN)
		seq_write(m, &w->chunk, sizeof(w->chunk));
	return 0;
}

static const struct seq_operations bitmap_sops = {
	.start = chunk_start,
	.next = chunk_next,
	.stop = walk_stop,
	.show = bitmap_show,
};
DEFINE_SEQ_ATTRIBUTE(bitmap);

/* Spans that are copied at a time. */
#define SPANS		64

/**
 * struct span_walk - a walk over the spans of a pool
 * @at: index of the current span in @span
 * @nr: spans in @span
 * @span: copies
 */
struct span_walk {
	unsigned int at;
	unsigned int nr;
	struct pga_span_state span[SPANS];
};

/* Copy the spans from @pfn on; frees the walk if there are none. */
static struct span_walk *read_spans(struct seq_file *m, struct span_walk *w,
				    unsigned long pfn)
{
	w->at = 0;
	w->nr = pga_pool_read_spans(m->private, pfn, w->span, SPANS);
	if (w->nr)
		return w;
	kfree(w);
	return NULL;
}

/* The file position is the pfn at which to continue, plus one. */
static void *span_start(struct seq_file *m, loff_t *pos)
{
	struct span_walk *w;

	if (!*pos)
		return SEQ_START_TOKEN;
	w = kmalloc(sizeof(*w), GFP_KERNEL);
	return w ? read_spans(m, w, *pos - 1) : ERR_PTR(-ENOMEM);
}

static void *span_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct span_walk *w = v;
	unsigned long end;

	if (v == SEQ_START_TOKEN) {
		*pos = 1;
		return span_start(m, pos);
	}
	end = pga_extent_end(w->span[w->at].pages);
	*pos = end + 1;
	return ++w->at < w->nr ? w : read_spans(m, w, end);
}

static int spans_show(struct seq_file *m, void *v)
{
	const struct pga_span_state *span;
	const struct span_walk *w = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# pfn pages state idle_ms\n");
		return 0;
	}
	span = &w->span[w->at];
	seq_printf(m, "%lu %lu %s ", span->pages.start, span->pages.nr,
		   span->discarded ? "discarded" : "ready");
	if (span->idle == PGA_NEVER_IDLE)
		seq_puts(m, "-\n");
	else
		seq_printf(m, "%lu\n", span->idle / NSEC_PER_MSEC);
	return 0;
}

static const struct seq_operations spans_sops = {
	.start = span_start,
	.next = span_next,
	.stop = walk_stop,
	.show = spans_show,
};
DEFINE_SEQ_ATTRIBUTE(spans);

/* Count the free runs of a chunk; *run is the length of one that reaches into it. */
static void count_runs(const struct pga_chunk *chunk, unsigned long *run,
		       unsigned long *histogram)
{
	unsigned int start = 0, end;

	while (start < PGA_CHUNK_PAGES) {
		end = find_next_bit(chunk->allocated, PGA_CHUNK_PAGES, start);
		*run += end - start;
		if (end == PGA_CHUNK_PAGES)
			break;
		if (*run)
			histogram[__fls(*run)]++;
		*run = 0;
		start = find_next_zero_bit(chunk->allocated, PGA_CHUNK_PAGES, end);
	}
}

static int free_runs_show(struct seq_file *m, void *unused)
{
	unsigned long histogram[PGA_INDEX_SHIFT + 1] = {};
	unsigned long next = 0, run = 0;
	struct chunk_walk w = {};
	unsigned int i;

	while (pga_pool_read_chunk(m->private, &w.pfn, &w.chunk, &w.pages)) {
		if (run && w.pfn != next) {
			histogram[__fls(run)]++;
			run = 0;
		}
		count_runs(&w.chunk, &run, histogram);
		w.pfn += PGA_CHUNK_PAGES;
		next = w.pfn;
		cond_resched();
	}
	if (run)
		histogram[__fls(run)]++;
	seq_puts(m, "# pages_at_least runs\n");
	for (i = 0; i < ARRAY_SIZE(histogram); i++)
		seq_printf(m, "%lu %lu\n", BIT(i), histogram[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(free_runs);

static void show_mismatch(struct seq_file *m, const struct pagealloc_mismatch *x)
{
	seq_printf(m, "mismatch %s", x->what);
	if (x->level >= 0)
		seq_printf(m, " level %d", x->level);
	seq_printf(m, " pfn %lu got %llu want %llu\n", x->pfn, x->got, x->want);
}

static int check_show(struct seq_file *m, void *unused)
{
	struct pagealloc_pool *pool = m->private;
	struct pagealloc_mismatch *list;
	int found, i;

	list = kvcalloc(MAX_MISMATCHES, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	found = pagealloc_check(pool, list, MAX_MISMATCHES);
	for (i = 0; i < min(found, MAX_MISMATCHES); i++)
		show_mismatch(m, &list[i]);
	if (READ_ONCE(pool->corrupt))
		seq_puts(m, "verdict corrupt\n");
	else if (found)
		seq_printf(m, "verdict %d mismatches\n", found);
	else
		seq_puts(m, "verdict clean\n");
	kvfree(list);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(check);

static void show_time(struct seq_file *m, const char *name, u64 at, u64 now)
{
	if (at == PGA_NEVER)
		seq_printf(m, "%s never\n", name);
	else
		seq_printf(m, "%s %llu\n", name,
			   at > now ? (at - now) / NSEC_PER_MSEC : 0);
}

static int scavenger_show(struct seq_file *m, void *unused)
{
	struct pagealloc_pool *pool = m->private;
	const struct pga_scavenger *s = pool->scavenger;
	struct pagealloc_tuning tuning;
	u64 now;

	if (!s) {
		seq_puts(m, "state none\n");
		return 0;
	}
	now = pga_now(pool);
	pagealloc_get_tuning(pool, &tuning);
	seq_printf(m, "state %s\n", READ_ONCE(s->asleep) ? "asleep" : "awake");
	show_time(m, "generation_ends_in_ms", s->generation_at, now);
	show_time(m, "works_in_ms", s->work_at, now);
	show_time(m, "populates_in_ms", s->floor_at, now);
	seq_printf(m, "generation_ms %u\n", tuning.generation_ms);
	seq_printf(m, "delay_ms %u\n", tuning.delay_ms);
	seq_printf(m, "cpu_percent %u\n", tuning.cpu_percent);
	seq_printf(m, "min_ready %lu\n", tuning.min_ready);
	seq_printf(m, "worked_us %llu\n", s->total_ns / NSEC_PER_USEC);
	seq_printf(m, "cpu_permille %u\n", pga_scavenger_permille(s));
	seq_printf(m, "work_to_sleep_permille %llu\n",
		   (s->pace.ratio * 1000) >> PGA_PACE_SHIFT);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(scavenger);

static void pga_debugfs_show(struct pagealloc_pool *pool, struct dentry *dir)
{
	debugfs_create_file("stats", 0400, dir, pool, &stats_fops);
	debugfs_create_file("chunks", 0400, dir, pool, &chunks_fops);
	debugfs_create_file("free_runs", 0400, dir, pool, &free_runs_fops);
	debugfs_create_file("bitmap", 0400, dir, pool, &bitmap_fops);
	if (pga_map_has_spans(&pool->map))
		debugfs_create_file("spans", 0400, dir, pool, &spans_fops);
	debugfs_create_file("check", 0400, dir, pool, &check_fops);
	debugfs_create_file("scavenger", 0400, dir, pool, &scavenger_fops);
}

struct pga_controls;

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

	on = pga_latency_read(c->pool, 0, &h);
	seq_printf(m, "state %s\n", on ? "on" : "off");
	seq_puts(m, "# name ns_at_least count\n");
	for (i = 0; i < PGA_NR_TIMED; i++) {
		pga_latency_read(c->pool, i, &h);
		show_histogram(m, pga_latency_name(i), &h);
	}
	return 0;
}

/* "1" starts to measure, with empty histograms; "0" stops. */
static int write_latency(struct pga_controls *c, char *text)
{
	if (strcmp(text, "0") && strcmp(text, "1"))
		return -EINVAL;
	return pga_latency_set(c->pool, *text == '1');
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

static struct pga_controls *pga_controls_create(struct pagealloc_pool *pool,
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

static void pga_controls_destroy(struct pga_controls *controls)
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

static bool log_scavenge;
module_param(log_scavenge, bool, 0600);
MODULE_PARM_DESC(log_scavenge, "Log a line for each scavenge that released memory (default: no)");

static noinline void log_and_trace(struct pagealloc_pool *pool,
				   enum pagealloc_stat cause,
				   unsigned long released,
				   unsigned int cpu_permille)
{
	struct pagealloc_stats stats;

	pagealloc_stats(pool, &stats);
	trace_pagealloc_scavenge(pool->name, pagealloc_stat_name(cause),
				 (u64)released * PAGE_SIZE, &stats, cpu_permille);
	if (log_scavenge)
		pr_info("%s: %s: released now %lu, in use %llu, idle %llu, sys %llu, released %llu, retained %llu, cpu %u/1000\n",
			pool->name, pagealloc_stat_name(cause),
			released * PAGE_SIZE, stats.value[PAGEALLOC_IN_USE],
			stats.value[PAGEALLOC_IDLE], stats.value[PAGEALLOC_SYS],
			stats.value[PAGEALLOC_RELEASED],
			stats.value[PAGEALLOC_RETAINED], cpu_permille);
}

static void pga_log_scavenge(struct pagealloc_pool *pool, enum pagealloc_stat cause,
			     unsigned long released, unsigned int cpu_permille)
{
	if (log_scavenge || trace_pagealloc_scavenge_enabled())
		log_and_trace(pool, cause, released, cpu_permille);
}

static struct dentry *root;

/**
 * struct pool_dir - the directory of a pool
 * @dentry: the directory
 * @controls: the files that act on the pool
 */
struct pool_dir {
	struct dentry *dentry;
	struct pga_controls *controls;
};

static int added(struct pagealloc_pool *pool)
{
	struct pool_dir *dir = kzalloc(sizeof(*dir), GFP_KERNEL);

	if (!dir)
		return -ENOMEM;
	dir->dentry = debugfs_create_dir(pool->name, root);
	dir->controls = pga_controls_create(pool, dir->dentry);
	if (!dir->controls) {
		debugfs_remove(dir->dentry);
		kfree(dir);
		return -ENOMEM;
	}
	pga_debugfs_show(pool, dir->dentry);
	pool->observer = dir;
	return 0;
}

static void removed(struct pagealloc_pool *pool)
{
	struct pool_dir *dir = pool->observer;

	/* added() has failed after a destroy that was refused. */
	if (!dir)
		return;
	debugfs_remove_recursive(dir->dentry);
	pga_controls_destroy(dir->controls);
	kfree(dir);
	pool->observer = NULL;
}

static const struct pga_observer observer = {
	.added = added,
	.removed = removed,
	.scavenged = pga_log_scavenge,
};

/**
 * pga_debugfs_init() - create the directory, and from now on one for each pool
 */
void pga_debugfs_init(void)
{
	root = debugfs_create_dir("pagealloc", NULL);
	pga_registry_observe(&observer);
}

/**
 * pga_debugfs_exit() - remove the directories
 */
void pga_debugfs_exit(void)
{
	pga_registry_observe(NULL);
	debugfs_remove_recursive(root);
}
