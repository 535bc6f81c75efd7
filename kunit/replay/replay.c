// SPDX-License-Identifier: GPL-2.0
/*
 * Replay: performs a trace of a real program's page allocator on a pool.
 *
 * A trace lists the runs of pages that the program's allocator allocated and freed,
 * in their order.  Here it is a workload.  For each run of the trace this module
 * allocates a run of the same length through the public interface, and frees it
 * when the trace does.  The pool chooses the place.  A tree, ordered by the page
 * numbers of the trace, holds the allocated runs, so that a trace may free a part
 * of a run, or several adjacent runs at once.
 *
 * Each page is filled with a pattern of its own, which is verified before the page
 * is freed.  This detects a page that had two owners or that the kernel used.
 *
 * The trace is written to /sys/kernel/debug/pagealloc_replay/trace as text, in
 * pieces of any size.  `status' shows the progress.  The trace ends at the first
 * line that cannot be performed.
 *
 * This module is a client: it includes only pagealloc.h, and runs on a stock
 * kernel.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/highmem.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "pagealloc.h"

static char *pool_name = "default";
module_param_named(pool, pool_name, charp, 0400);
MODULE_PARM_DESC(pool, "Name of the pool (default: default)");

static bool pattern = true;
module_param(pattern, bool, 0400);
MODULE_PARM_DESC(pattern, "Fill and verify each page; 0 for a pool without memory (default: 1)");

static bool atomic;
module_param(atomic, bool, 0400);
MODULE_PARM_DESC(atomic, "Try each allocation with GFP_NOWAIT first (default: 0)");

/* Size of the line buffer, more than the longest line needs, and fields in a line. */
#define LINE_MAX	512
#define FIELDS_MAX	6

#define PAGE_WORDS	(PAGE_SIZE / sizeof(u64))

/**
 * struct held - an allocated run, or a part of one
 * @node: in &struct replay.held, by @page
 * @page: first page in the trace
 * @pfn: first page in the pool
 * @nr: pages
 * @serial: number of the allocation, for the pattern
 */
struct held {
	struct rb_node node;
	unsigned long page;
	unsigned long pfn;
	unsigned long nr;
	u64 serial;
};

/**
 * struct replay - the state of the trace
 * @mutex: protects all fields except @pool and @dir
 * @pool: the pool
 * @dir: the directory in debugfs
 * @line: text of the current line, as far as it was written
 * @len: its length
 * @lines: lines so far
 * @nothing: allocations that had failed in the traced program
 * @nr_held: entries of @held
 * @held_pages: pages in @held
 * @verified: pages verified
 * @scavenged: pages that pagealloc_scavenge() released
 * @scavenge_busy: calls of pagealloc_scavenge() that returned -EBUSY
 * @serial: allocations so far
 * @held: &struct held, which do not overlap
 * @ended: the last line of the trace has been performed
 * @error: errno of the line that ended the trace, or 0
 * @why: the reason in words
 */
struct replay {
	struct mutex mutex;
	struct pagealloc_pool *pool;
	struct dentry *dir;
	char line[LINE_MAX];
	size_t len;
	unsigned long lines;
	unsigned long nothing;
	unsigned long nr_held;
	unsigned long held_pages;
	unsigned long verified;
	unsigned long scavenged;
	unsigned long scavenge_busy;
	u64 serial;
	struct rb_root held;
	bool ended;
	int error;
	const char *why;
};

static struct replay replay = {
	.mutex = __MUTEX_INITIALIZER(replay.mutex),
	.held = RB_ROOT,
};

/* Record why a line cannot be performed; returns @error. */
static int refuse(struct replay *r, int error, const char *why)
{
	r->why = why;
	return error;
}

/* The first word of a page's pattern differs by page; each next word adds STEP. */
#define STEP	0x9e3779b97f4a7c15ULL

static u64 seed_of(unsigned long pfn, u64 serial)
{
	return (pfn ^ serial << 40 ^ serial >> 24) * STEP + 1;
}

/* Whether a frame is allocated and not in use by slab, LRU or page cache. */
static bool is_plain_frame(unsigned long pfn)
{
	struct page *page;

	if (!pfn_valid(pfn))
		return false;
	page = pfn_to_page(pfn);
	return page_count(page) == 1 && !PageReserved(page) && !PageSlab(page) &&
	       !PageLRU(page) && !page->mapping;
}

static void fill_page(unsigned long pfn, u64 serial)
{
	u64 *words = kmap_local_page(pfn_to_page(pfn));
	u64 value = seed_of(pfn, serial);
	unsigned int i;

	for (i = 0; i < PAGE_WORDS; i++, value += STEP)
		words[i] = value;
	kunmap_local(words);
}

static bool verify_page(unsigned long pfn, u64 serial)
{
	const u64 *words = kmap_local_page(pfn_to_page(pfn));
	u64 value = seed_of(pfn, serial);
	unsigned int i;

	for (i = 0; i < PAGE_WORDS; i++, value += STEP)
		if (words[i] != value)
			break;
	if (i < PAGE_WORDS)
		pr_err("pfn %lu, word %u: got %#llx, want %#llx\n", pfn, i,
		       words[i], value);
	kunmap_local(words);
	return i == PAGE_WORDS;
}

static int fill(struct replay *r, const struct held *h)
{
	unsigned long i;

	if (!pattern)
		return 0;
	for (i = 0; i < h->nr; i++) {
		if (!is_plain_frame(h->pfn + i)) {
			pr_err("pfn %lu is in use by the kernel\n", h->pfn + i);
			return refuse(r, -EFAULT,
				      "the pool allocated a frame that is not its own");
		}
		fill_page(h->pfn + i, h->serial);
		cond_resched();
	}
	return 0;
}

static int verify(struct replay *r, const struct held *h)
{
	unsigned long i;

	if (!pattern)
		return 0;
	for (i = 0; i < h->nr; i++) {
		if (!verify_page(h->pfn + i, h->serial))
			return refuse(r, -EBADMSG, "a page has lost its pattern");
		r->verified++;
		cond_resched();
	}
	return 0;
}

/* The entry with @page, or else the first above it; NULL if there is none. */
static struct held *find(const struct replay *r, unsigned long page)
{
	struct rb_node *node = r->held.rb_node;
	struct held *next = NULL;

	while (node) {
		struct held *h = rb_entry(node, struct held, node);

		if (page < h->page + h->nr) {
			next = h;
			node = page < h->page ? node->rb_left : NULL;
		} else {
			node = node->rb_right;
		}
	}
	return next;
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct held, node)->page <
	       rb_entry(b, struct held, node)->page;
}

static void insert(struct replay *r, struct held *h)
{
	rb_add(&h->node, &r->held, less);
	r->nr_held++;
	r->held_pages += h->nr;
}

static void remove(struct replay *r, struct held *h)
{
	rb_erase(&h->node, &r->held);
	r->nr_held--;
	r->held_pages -= h->nr;
}

static int get_run(struct replay *r, unsigned long nr, unsigned long *pfn)
{
	if (atomic && !pagealloc_alloc(r->pool, nr, GFP_NOWAIT | __GFP_NOWARN, pfn))
		return 0;
	return pagealloc_alloc(r->pool, nr, GFP_KERNEL | __GFP_NOWARN, pfn);
}

/* Allocate a run that begins with @page in the trace. */
static int allocate(struct replay *r, unsigned long page, unsigned long nr)
{
	struct held *h = find(r, page);
	int ret;

	if (!nr || page + nr < page)
		return refuse(r, -EINVAL, "invalid run");
	if (h && h->page < page + nr)
		return refuse(r, -EEXIST, "the trace already holds some of these pages");
	h = kmalloc(sizeof(*h), GFP_KERNEL);
	if (!h)
		return refuse(r, -ENOMEM, "no memory");

	*h = (struct held) { .page = page, .nr = nr, .serial = ++r->serial };
	ret = get_run(r, nr, &h->pfn);
	if (ret) {
		kfree(h);
		return refuse(r, ret, "the allocation failed");
	}
	insert(r, h);
	return fill(r, h);
}

/* Cut an entry in two at @page. */
static int split(struct replay *r, struct held *h, unsigned long page)
{
	struct held *rest = kmalloc(sizeof(*rest), GFP_KERNEL);
	const unsigned long nr = page - h->page;

	if (!rest)
		return refuse(r, -ENOMEM, "no memory");
	*rest = (struct held) {
		.page = page,
		.pfn = h->pfn + nr,
		.nr = h->nr - nr,
		.serial = h->serial,
	};
	r->held_pages -= rest->nr;
	h->nr = nr;
	insert(r, rest);
	return 0;
}

static int free_held(struct replay *r, struct held *h)
{
	int ret = verify(r, h);

	if (ret)
		return ret;
	ret = pagealloc_free(r->pool, h->pfn, h->nr);
	if (ret)
		return refuse(r, ret, "the free failed");
	remove(r, h);
	kfree(h);
	return 0;
}

/* Free the pages that begin with @page in the trace. */
static int free_range(struct replay *r, unsigned long page, unsigned long nr)
{
	const unsigned long end = page + nr;
	struct held *h;
	int ret;

	if (!nr || end < page)
		return refuse(r, -EINVAL, "invalid run");
	for (; page < end; page += nr) {
		h = find(r, page);
		if (!h || h->page > page)
			return refuse(r, -ENOENT, "the trace does not hold these pages");
		ret = h->page < page ? split(r, h, page) : 0;
		if (ret)
			return ret;
		h = find(r, page);
		ret = h->page + h->nr > end ? split(r, h, end) : 0;
		if (ret)
			return ret;
		nr = h->nr;
		ret = free_held(r, h);
		if (ret)
			return ret;
	}
	return 0;
}

static int scavenge(struct replay *r, unsigned long nr)
{
	unsigned long released;
	int ret;

	ret = pagealloc_scavenge(r->pool, nr, &released);
	r->scavenged += released;
	if (ret == -EBUSY) {
		r->scavenge_busy++;
		ret = 0;
	}
	return ret ? refuse(r, ret, "pagealloc_scavenge() failed") : 0;
}

static int allocate_if_any(struct replay *r, s64 page, s64 nr)
{
	if (page < 0) {
		r->nothing++;
		return 0;
	}
	return allocate(r, page, nr);
}

/* The operations, one for each type of line; @field is the fields of the line. */

static int do_nothing(struct replay *r, const s64 *field)
{
	return 0;
}

static int do_header(struct replay *r, const s64 *field)
{
	return field[0] == 1 ? 0 : refuse(r, -EINVAL, "unknown version");
}

static int do_alloc(struct replay *r, const s64 *field)
{
	return allocate_if_any(r, field[1], field[0]);
}

static int do_cache_alloc(struct replay *r, const s64 *field)
{
	return allocate_if_any(r, field[2], field[1]);
}

static int do_free(struct replay *r, const s64 *field)
{
	return free_range(r, field[0], field[1]);
}

static int do_scavenger_takes(struct replay *r, const s64 *field)
{
	return field[4] ? allocate(r, field[3], field[4]) : 0;
}

static int do_scavenger_frees(struct replay *r, const s64 *field)
{
	return free_range(r, field[0], field[1]) ?: scavenge(r, field[1]);
}

static int do_scavenge(struct replay *r, const s64 *field)
{
	return field[0] ? scavenge(r, field[0] < 0 ? PAGEALLOC_ALL : field[0]) : 0;
}

static int do_end(struct replay *r, const s64 *field)
{
	struct rb_node *node;
	int ret = 0;

	while (!ret && (node = rb_first(&r->held)))
		ret = free_held(r, rb_entry(node, struct held, node));
	r->ended = !ret;
	return ret;
}

/**
 * struct verb - a type of line
 * @letter: its first character
 * @fields: 'd' for each decimal field, 'x' for each hexadecimal one
 * @perform: performs a line
 * @is_op: the line counts as an operation
 * @count: lines performed; protected by @mutex of &struct replay
 */
struct verb {
	char letter;
	const char *fields;
	int (*perform)(struct replay *r, const s64 *field);
	bool is_op;
	unsigned long count;
};

static struct verb verbs[] = {
	{ 'H', "ddddd", do_header },
	{ 'G', "dd", do_nothing, true },
	{ 'a', "ddd", do_alloc, true },
	{ 'f', "dd", do_free, true },
	{ 'C', "ddxx", do_nothing, true },
	{ 'c', "dddd", do_cache_alloc, true },
	{ 'F', "d", do_nothing, true },
	{ 's', "dd", do_scavenge, true },
	{ 'b', "dd", do_nothing, true },
	{ 'n', "", do_nothing, true },
	{ 'x', "ddddd", do_scavenger_takes, true },
	{ 'y', "dd", do_scavenger_frees, true },
	{ 'K', "xxxddd", do_nothing },
	{ 'E', "", do_end },
};

/* The next word of a text, NULL if there is none or if it is the time stamp. */
static char *next_word(char **text)
{
	char *word = strsep(text, " ");

	return word && *word != '@' ? word : NULL;
}

/* Parse the fields of a line; only a time stamp may follow them. */
static int parse(const char *kinds, char *text, s64 *field)
{
	const char *kind;
	char *word;
	u64 mask;

	for (kind = kinds; *kind; kind++, field++) {
		word = next_word(&text);
		if (!word)
			return -EINVAL;
		if (*kind == 'd') {
			if (kstrtos64(word, 10, field))
				return -EINVAL;
		} else {
			if (kstrtou64(word, 16, &mask))
				return -EINVAL;
			*field = mask;
		}
	}
	return next_word(&text) ? -EINVAL : 0;
}

static struct verb *find_verb(const char *word)
{
	struct verb *verb;

	for (verb = verbs; verb < verbs + ARRAY_SIZE(verbs); verb++)
		if (word[0] == verb->letter && !word[1])
			return verb;
	return NULL;
}

/* Perform a line; this changes @text.  verbs[0] is the header. */
static int perform(struct replay *r, char *text)
{
	s64 field[FIELDS_MAX];
	const bool begun = verbs[0].count;
	struct verb *verb;
	int ret;

	if (!*text || *text == '#')
		return 0;
	if (r->ended)
		return refuse(r, -EINVAL, "the trace has ended");
	verb = find_verb(strsep(&text, " "));
	if (!verb)
		return refuse(r, -EINVAL, "unknown type of line");
	if (parse(verb->fields, text, field))
		return refuse(r, -EINVAL, "bad fields");
	if (begun ? verb == verbs : verb != verbs)
		return refuse(r, -EINVAL, "the header must come first, once");
	ret = verb->perform(r, field);
	if (!ret)
		verb->count++;
	return ret;
}

/* Perform the line in the buffer. */
static void end_line(struct replay *r)
{
	char text[LINE_MAX];

	r->line[r->len] = '\0';
	r->len = 0;
	r->lines++;
	strscpy(text, r->line, sizeof(text));
	r->error = perform(r, text);
	if (r->error)
		pr_err("line %lu refused, %s (%d): %s\n", r->lines, r->why,
		       r->error, r->line);
}

/* Add a piece of the trace, and perform the lines that end in it. */
static int add_piece(struct replay *r, const char *text, size_t len)
{
	const char *end = text + len;

	for (; text < end && !r->error; text++) {
		if (*text == '\n') {
			end_line(r);
		} else if (r->len == LINE_MAX - 1) {
			r->line[r->len] = '\0';
			r->error = -EINVAL;
			pr_err("line %lu refused, too long: %s\n", r->lines + 1,
			       r->line);
		} else {
			r->line[r->len++] = *text;
		}
	}
	return r->error;
}

/* The mutex is released between pieces, so that `status' can be read meanwhile. */
static ssize_t trace_write(struct file *file, const char __user *from,
			   size_t len, loff_t *pos)
{
	struct replay *r = file->private_data;
	size_t done, nr;
	char text[256];
	int ret;

	for (done = 0; done < len; done += nr) {
		nr = min(len - done, sizeof(text));
		if (copy_from_user(text, from + done, nr))
			return done ?: -EFAULT;
		if (fatal_signal_pending(current))
			return done ?: -EINTR;
		mutex_lock(&r->mutex);
		ret = r->error ?: add_piece(r, text, nr);
		mutex_unlock(&r->mutex);
		if (ret)
			return ret;
		cond_resched();
	}
	return done;
}

static const struct file_operations trace_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = trace_write,
	.llseek = noop_llseek,
};

static unsigned long count_ops(void)
{
	const struct verb *verb;
	unsigned long nr = 0;

	for (verb = verbs; verb < verbs + ARRAY_SIZE(verbs); verb++)
		nr += verb->is_op ? verb->count : 0;
	return nr;
}

static int status_show(struct seq_file *m, void *unused)
{
	struct replay *r = m->private;
	const struct verb *verb;

	mutex_lock(&r->mutex);
	seq_printf(m, "lines %lu\n", r->lines);
	seq_printf(m, "ended %d\n", r->ended);
	seq_printf(m, "failed %d\n", !!r->error);
	seq_printf(m, "error %d\n", -r->error);
	seq_printf(m, "pattern %d\n", pattern);
	for (verb = verbs; verb < verbs + ARRAY_SIZE(verbs); verb++)
		seq_printf(m, "op_%c %lu\n", verb->letter, verb->count);
	seq_printf(m, "trace_ops %lu\n", count_ops());
	seq_printf(m, "nothing_allocated %lu\n", r->nothing);
	seq_printf(m, "held_pages %lu\n", r->held_pages);
	seq_printf(m, "held_runs %lu\n", r->nr_held);
	seq_printf(m, "pages_verified %lu\n", r->verified);
	seq_printf(m, "scavenged_pages %lu\n", r->scavenged);
	seq_printf(m, "scavenge_busy %lu\n", r->scavenge_busy);
	mutex_unlock(&r->mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

static int __init replay_init(void)
{
	replay.pool = pagealloc_pool_get(pool_name);
	if (!replay.pool) {
		pr_err("parameter pool=%s refused: there is no such pool\n",
		       pool_name);
		return -ENOENT;
	}
	replay.dir = debugfs_create_dir("pagealloc_replay", NULL);
	debugfs_create_file("trace", 0200, replay.dir, &replay, &trace_fops);
	debugfs_create_file("status", 0400, replay.dir, &replay, &status_fops);
	return 0;
}
module_init(replay_init);

/* Free the runs that the trace still holds, without verifying them. */
static void __exit replay_exit(void)
{
	struct held *h, *next;

	debugfs_remove_recursive(replay.dir);
	rbtree_postorder_for_each_entry_safe(h, next, &replay.held, node) {
		if (pagealloc_free(replay.pool, h->pfn, h->nr))
			pr_err("freeing pfn %lu+%lu failed\n", h->pfn, h->nr);
		kfree(h);
	}
	pagealloc_pool_put(replay.pool);
}
module_exit(replay_exit);

MODULE_DESCRIPTION("Performs a page allocation trace on a pagealloc pool");
MODULE_LICENSE("GPL");
