// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/pagealloc/POOL/: what a pool does, and ways to make it do
 * something by hand.
 *
 * Files are described in Documentation/ABI/testing/debugfs-pagealloc.  All of
 * them go through the public interface or copy what they show out of the pool
 * first; none takes a lock of the pool.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "module/debugfs.h"
#include "pool/registry.h"
#include "pool/scavenger.h"
#include "pool/stats.h"

#define CREATE_TRACE_POINTS
#include "base/trace.h"

/* Longest text that can be written to a file, and mismatches that are listed. */
#define TEXT_MAX	63
#define MAX_MISMATCHES	128

static bool log_scavenge;
module_param(log_scavenge, bool, 0600);
MODULE_PARM_DESC(log_scavenge, "A line in the log each time memory has been given back (default: no)");

static struct dentry *root;

/**
 * struct run - what a write to "alloc" got
 * @node: by &struct debug.mutex
 * @pfn: first page
 * @nr: pages
 */
struct run {
	struct list_head node;
	unsigned long pfn;
	unsigned long nr;
};

/**
 * struct debug - the directory of a pool
 * @pool: the pool
 * @dir: the directory
 * @mutex: protects @runs
 * @runs: struct run, oldest first
 */
struct debug {
	struct pagealloc_pool *pool;
	struct dentry *dir;
	struct mutex mutex;
	struct list_head runs;
};

static int stats_show(struct seq_file *m, void *unused)
{
	struct debug *debug = m->private;
	struct pagealloc_stats stats;
	enum pagealloc_stat i;

	pagealloc_stats(debug->pool, &stats);
	for (i = 0; i < PAGEALLOC_NR_STATS; i++)
		seq_printf(m, "%s %llu\n", pagealloc_stat_name(i), stats.value[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/**
 * struct cursor - a walk over the chunks of a pool
 * @pfn: start of the chunk
 * @pages: pages of it that the pool has grown by
 * @chunk: copy of its maps
 */
struct cursor {
	unsigned long pfn;
	unsigned long pages;
	struct pga_chunk chunk;
};

/* The position of these files is the chunk's number among all pfns, plus one. */
static void *chunk_start(struct seq_file *m, loff_t *pos)
{
	struct debug *debug = m->private;
	struct cursor *c;

	if (!*pos)
		return SEQ_START_TOKEN;
	c = kmalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return ERR_PTR(-ENOMEM);
	c->pfn = pga_chunk_start(*pos - 1);
	if (pga_stats_read_chunk(debug->pool, &c->pfn, &c->chunk, &c->pages)) {
		*pos = pga_chunk_of(c->pfn) + 1;
		return c;
	}
	kfree(c);
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
	const struct cursor *c = v;
	unsigned int free, discarded;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# pfn in_use ready discarded\n");
		return 0;
	}
	free = PGA_CHUNK_PAGES - bitmap_weight(c->chunk.allocated, PGA_CHUNK_PAGES);
	discarded = bitmap_weight(c->chunk.discarded, PGA_CHUNK_PAGES);
	seq_printf(m, "%lu %lu %u %u\n", c->pfn, c->pages - free,
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
	const struct cursor *c = v;

	if (v != SEQ_START_TOKEN)
		seq_write(m, &c->chunk, sizeof(c->chunk));
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
 * struct spans - a walk over the spans of a pool
 * @at: the present one, of those in @span
 * @nr: how many these are
 * @span: copies
 */
struct spans {
	unsigned int at;
	unsigned int nr;
	struct pga_span_state span[SPANS];
};

/* Go on at a pfn; frees the walk if it is at its end. */
static struct spans *read_spans(struct seq_file *m, struct spans *c,
				unsigned long pfn)
{
	struct debug *debug = m->private;

	c->at = 0;
	c->nr = pga_stats_read_spans(debug->pool, pfn, c->span, SPANS);
	if (c->nr)
		return c;
	kfree(c);
	return NULL;
}

/* The position is the pfn from which on there is something to show, plus one. */
static void *span_start(struct seq_file *m, loff_t *pos)
{
	struct spans *c;

	if (!*pos)
		return SEQ_START_TOKEN;
	c = kmalloc(sizeof(*c), GFP_KERNEL);
	return c ? read_spans(m, c, *pos - 1) : ERR_PTR(-ENOMEM);
}

static void *span_next(struct seq_file *m, void *v, loff_t *pos)
{
	unsigned long end;
	struct spans *c = v;

	if (v == SEQ_START_TOKEN) {
		*pos = 1;
		return span_start(m, pos);
	}
	end = pga_extent_end(c->span[c->at].pages);
	*pos = end + 1;
	return ++c->at < c->nr ? c : read_spans(m, c, end);
}

static int spans_show(struct seq_file *m, void *v)
{
	const struct pga_span_state *span;
	const struct spans *c = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# pfn pages state idle_ms\n");
		return 0;
	}
	span = &c->span[c->at];
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

/* Count the free runs of a chunk; @run is one that is open at its start. */
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
	struct debug *debug = m->private;
	unsigned long next = 0, run = 0;
	struct cursor c = {};
	unsigned int i;

	while (pga_stats_read_chunk(debug->pool, &c.pfn, &c.chunk, &c.pages)) {
		if (run && c.pfn != next) {
			histogram[__fls(run)]++;
			run = 0;
		}
		count_runs(&c.chunk, &run, histogram);
		c.pfn += PGA_CHUNK_PAGES;
		next = c.pfn;
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
	struct debug *debug = m->private;
	struct pagealloc_mismatch *list;
	int found, i;

	list = kvcalloc(MAX_MISMATCHES, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	found = pagealloc_check(debug->pool, list, MAX_MISMATCHES);
	for (i = 0; i < min(found, MAX_MISMATCHES); i++)
		show_mismatch(m, &list[i]);
	if (READ_ONCE(debug->pool->corrupt))
		seq_puts(m, "verdict corrupt\n");
	else if (found)
		seq_printf(m, "verdict %d mismatches\n", found);
	else
		seq_puts(m, "verdict clean\n");
	kvfree(list);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(check);

static int alloc_show(struct seq_file *m, void *unused)
{
	struct debug *debug = m->private;
	struct run *run;

	mutex_lock(&debug->mutex);
	list_for_each_entry(run, &debug->runs, node)
		seq_printf(m, "%lu %lu\n", run->pfn, run->nr);
	mutex_unlock(&debug->mutex);
	return 0;
}

/* Copy what was written; one newline at its end is taken off. */
static int get_input(const char __user *from, size_t len, loff_t pos, char *to)
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

/* A decimal number and nothing else. */
static int get_number(const char *text, unsigned long *number)
{
	if (!*text || text[strspn(text, "0123456789")])
		return -EINVAL;
	return kstrtoul(text, 10, number);
}

/* A number of pages, not more than the pool has. */
static int get_pages(struct debug *debug, const char *text, unsigned long *nr)
{
	struct pagealloc_stats stats;
	int ret = get_number(text, nr);

	if (ret)
		return ret;
	if (!*nr)
		return -EINVAL;
	pagealloc_stats(debug->pool, &stats);
	return *nr > stats.value[PAGEALLOC_SYS] / PAGE_SIZE ? -ERANGE : 0;
}

static void add_run(struct debug *debug, struct run *run)
{
	mutex_lock(&debug->mutex);
	list_add_tail(&run->node, &debug->runs);
	mutex_unlock(&debug->mutex);
}

static int do_alloc(struct debug *debug, unsigned long nr)
{
	struct run *run;
	int ret;

	run = kmalloc(sizeof(*run), GFP_KERNEL);
	if (!run)
		return -ENOMEM;
	run->nr = nr;
	ret = pagealloc_alloc(debug->pool, nr, GFP_KERNEL | __GFP_NOWARN, &run->pfn);
	if (ret) {
		kfree(run);
		return ret;
	}
	add_run(debug, run);
	return 0;
}

static ssize_t alloc_write(struct file *file, const char __user *from,
			   size_t len, loff_t *pos)
{
	struct debug *debug = file_inode(file)->i_private;
	char text[TEXT_MAX + 1];
	unsigned long nr;
	int ret;

	ret = get_input(from, len, *pos, text);
	if (!ret)
		ret = get_pages(debug, text, &nr);
	if (!ret)
		ret = do_alloc(debug, nr);
	return ret ?: len;
}

static int alloc_open(struct inode *inode, struct file *file)
{
	return single_open(file, alloc_show, inode->i_private);
}

static const struct file_operations alloc_fops = {
	.owner = THIS_MODULE,
	.open = alloc_open,
	.read = seq_read,
	.write = alloc_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* Take a run that "alloc" got out of the list. */
static struct run *take_run(struct debug *debug, unsigned long pfn,
			    unsigned long nr)
{
	struct run *run, *found = NULL;

	mutex_lock(&debug->mutex);
	list_for_each_entry(run, &debug->runs, node)
		if (run->pfn == pfn && run->nr == nr) {
			found = run;
			list_del(&run->node);
			break;
		}
	mutex_unlock(&debug->mutex);
	return found;
}

static int do_free(struct debug *debug, unsigned long pfn, unsigned long nr)
{
	struct run *run = take_run(debug, pfn, nr);
	int ret;

	if (!run)
		return -EINVAL;
	ret = pagealloc_free(debug->pool, pfn, nr);
	if (ret)
		add_run(debug, run);
	else
		kfree(run);
	return ret;
}

/* Parse "PFN PAGES", as a line of "alloc" has it. */
static int get_range(struct debug *debug, const char __user *from, size_t len,
		     loff_t pos, unsigned long *pfn, unsigned long *nr)
{
	char text[TEXT_MAX + 1], *pages;
	int ret;

	ret = get_input(from, len, pos, text);
	if (ret)
		return ret;
	pages = strchr(text, ' ');
	if (!pages)
		return -EINVAL;
	*pages++ = '\0';
	return get_number(text, pfn) ?: get_pages(debug, pages, nr);
}

static ssize_t free_write(struct file *file, const char __user *from,
			  size_t len, loff_t *pos)
{
	struct debug *debug = file->private_data;
	unsigned long pfn, nr;
	int ret;

	ret = get_range(debug, from, len, *pos, &pfn, &nr);
	if (!ret)
		ret = do_free(debug, pfn, nr);
	return ret ?: len;
}

static const struct file_operations free_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = free_write,
	.llseek = noop_llseek,
};

/* A number of pages, or "all". */
static ssize_t scavenge_write(struct file *file, const char __user *from,
			      size_t len, loff_t *pos)
{
	struct debug *debug = file->private_data;
	unsigned long nr = PAGEALLOC_ALL, released;
	char text[TEXT_MAX + 1];
	int ret;

	ret = get_input(from, len, *pos, text);
	if (!ret && strcmp(text, "all"))
		ret = get_pages(debug, text, &nr);
	if (!ret)
		ret = pagealloc_scavenge(debug->pool, nr, &released);
	return ret ?: len;
}

static const struct file_operations scavenge_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = scavenge_write,
	.llseek = noop_llseek,
};

/* A number of pages, or "none". */
static ssize_t limit_write(struct file *file, const char __user *from,
			   size_t len, loff_t *pos)
{
	struct debug *debug = file_inode(file)->i_private;
	unsigned long nr = PAGEALLOC_NO_LIMIT;
	char text[TEXT_MAX + 1];
	int ret;

	ret = get_input(from, len, *pos, text);
	if (!ret && strcmp(text, "none"))
		ret = get_pages(debug, text, &nr);
	if (!ret)
		ret = pga_scavenger_limit(debug->pool, nr);
	return ret ?: len;
}

static int limit_show(struct seq_file *m, void *unused)
{
	struct debug *debug = m->private;
	struct pagealloc_tuning tuning;

	pagealloc_get_tuning(debug->pool, &tuning);
	if (tuning.limit == PAGEALLOC_NO_LIMIT)
		seq_puts(m, "none\n");
	else
		seq_printf(m, "%lu\n", tuning.limit);
	return 0;
}

static int limit_open(struct inode *inode, struct file *file)
{
	return single_open(file, limit_show, inode->i_private);
}

static const struct file_operations limit_fops = {
	.owner = THIS_MODULE,
	.open = limit_open,
	.read = seq_read,
	.write = limit_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* "1": free what is deferred, and let the generation end. */
static ssize_t drain_write(struct file *file, const char __user *from,
			   size_t len, loff_t *pos)
{
	struct debug *debug = file->private_data;
	char text[TEXT_MAX + 1];
	int ret;

	ret = get_input(from, len, *pos, text);
	if (!ret && strcmp(text, "1"))
		ret = -EINVAL;
	if (ret)
		return ret;
	pagealloc_drain(debug->pool);
	pga_scavenger_end_generation(debug->pool);
	return len;
}

static const struct file_operations drain_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = drain_write,
	.llseek = noop_llseek,
};

static void show_time(struct seq_file *m, const char *name, u64 at, u64 now)
{
	if (at == PGA_NEVER)
		seq_printf(m, "%s never\n", name);
	else
		seq_printf(m, "%s %llu\n", name,
			   at > now ? (at - now) / NSEC_PER_MSEC : 0);
}

static void show_forecast(struct seq_file *m, const struct pga_scavenger *s)
{
	struct pga_forecast forecast;

	pga_scavenger_forecast(s, &forecast);
	seq_printf(m, "granule_pages %lu\n", s->pool->granule);
	seq_printf(m, "granule_ns %llu\n", forecast.granule_ns);
	seq_printf(m, "granule_reuse_ns %llu\n", forecast.reuse_ns);
	if (forecast.goal_ns == PGA_NEVER)
		seq_puts(m, "goal_met_in_ms unknown\n");
	else
		seq_printf(m, "goal_met_in_ms %llu\n",
			   forecast.goal_ns / NSEC_PER_MSEC);
}

static int scavenger_show(struct seq_file *m, void *unused)
{
	struct debug *debug = m->private;
	const struct pga_scavenger *s = debug->pool->scavenger;
	struct pagealloc_tuning tuning;
	u64 now;

	if (!s) {
		seq_puts(m, "state none\n");
		return 0;
	}
	now = pga_now(debug->pool);
	pagealloc_get_tuning(debug->pool, &tuning);
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
	show_forecast(m, s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(scavenger);

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

static int latency_show(struct seq_file *m, void *unused)
{
	struct debug *debug = m->private;
	struct pga_histogram h;
	enum pga_timed i;
	bool on;

	on = pga_latency_read(&debug->pool->latency, 0, &h);
	seq_printf(m, "state %s\n", on ? "on" : "off");
	seq_puts(m, "# name ns_at_least count\n");
	for (i = 0; i < PGA_NR_TIMED; i++) {
		pga_latency_read(&debug->pool->latency, i, &h);
		show_histogram(m, pga_latency_name(i), &h);
	}
	return 0;
}

static int latency_open(struct inode *inode, struct file *file)
{
	return single_open(file, latency_show, inode->i_private);
}

/* "1": begin to measure, from zero; "0": stop. */
static ssize_t latency_write(struct file *file, const char __user *from,
			     size_t len, loff_t *pos)
{
	struct debug *debug = file_inode(file)->i_private;
	char text[TEXT_MAX + 1];
	int ret;

	ret = get_input(from, len, *pos, text);
	if (!ret && strcmp(text, "0") && strcmp(text, "1"))
		ret = -EINVAL;
	if (!ret)
		ret = pga_latency_set(&debug->pool->latency, *text == '1',
				      pga_now(debug->pool));
	return ret ?: len;
}

static const struct file_operations latency_fops = {
	.owner = THIS_MODULE,
	.open = latency_open,
	.read = seq_read,
	.write = latency_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* "PFN PAGES" */
static ssize_t protect_write(struct file *file, const char __user *from,
			     size_t len, loff_t *pos)
{
	struct debug *debug = file->private_data;
	unsigned long pfn, nr;
	int ret;

	ret = get_range(debug, from, len, *pos, &pfn, &nr);
	if (!ret)
		ret = pagealloc_protect(debug->pool, pfn, nr);
	return ret ?: len;
}

static const struct file_operations protect_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = protect_write,
	.llseek = noop_llseek,
};

static int added(struct pagealloc_pool *pool)
{
	struct debug *debug = kzalloc(sizeof(*debug), GFP_KERNEL);
	struct dentry *dir;

	if (!debug)
		return -ENOMEM;
	debug->pool = pool;
	mutex_init(&debug->mutex);
	INIT_LIST_HEAD(&debug->runs);
	pool->observer = debug;

	dir = debugfs_create_dir(pool->name, root);
	debug->dir = dir;
	debugfs_create_file("stats", 0400, dir, debug, &stats_fops);
	debugfs_create_file("chunks", 0400, dir, debug, &chunks_fops);
	debugfs_create_file("free_runs", 0400, dir, debug, &free_runs_fops);
	debugfs_create_file("bitmap", 0400, dir, debug, &bitmap_fops);
	if (pga_map_has_spans(&pool->map))
		debugfs_create_file("spans", 0400, dir, debug, &spans_fops);
	debugfs_create_file("check", 0400, dir, debug, &check_fops);
	debugfs_create_file("alloc", 0600, dir, debug, &alloc_fops);
	debugfs_create_file("free", 0200, dir, debug, &free_fops);
	debugfs_create_file("scavenge", 0200, dir, debug, &scavenge_fops);
	debugfs_create_file("scavenger", 0400, dir, debug, &scavenger_fops);
	debugfs_create_file("drain", 0200, dir, debug, &drain_fops);
	debugfs_create_file("limit", 0600, dir, debug, &limit_fops);
	debugfs_create_file("protect", 0200, dir, debug, &protect_fops);
	debugfs_create_file("latency", 0600, dir, debug, &latency_fops);
	return 0;
}

/* What was allocated by hand is freed with the directory. */
static void removed(struct pagealloc_pool *pool)
{
	struct debug *debug = pool->observer;
	struct run *run, *next;

	/* None if added() has failed after a refused destroy. */
	if (!debug)
		return;
	debugfs_remove_recursive(debug->dir);
	list_for_each_entry_safe(run, next, &debug->runs, node) {
		pagealloc_free(pool, run->pfn, run->nr);
		kfree(run);
	}
	/* Whoever removes us looks for pages in use next. */
	pagealloc_drain(pool);
	kfree(debug);
	pool->observer = NULL;
}

/* One line a run, to whoever traces, and to the log if a parameter asks. */
static noinline void tell_scavenged(struct pagealloc_pool *pool,
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

static void scavenged(struct pagealloc_pool *pool, enum pagealloc_stat cause,
		      unsigned long released, unsigned int cpu_permille)
{
	if (log_scavenge || trace_pagealloc_scavenge_enabled())
		tell_scavenged(pool, cause, released, cpu_permille);
}

static const struct pga_observer observer = {
	.added = added,
	.removed = removed,
	.scavenged = scavenged,
};

/**
 * pga_debugfs_init() - make the directory, and one in it for each pool to come
 */
void pga_debugfs_init(void)
{
	root = debugfs_create_dir("pagealloc", NULL);
	pga_registry_set_observer(&observer);
}

/**
 * pga_debugfs_exit() - remove the directory; there are no pools left
 */
void pga_debugfs_exit(void)
{
	pga_registry_set_observer(NULL);
	debugfs_remove_recursive(root);
}
