// SPDX-License-Identifier: GPL-2.0
/*
 * The files of debugfs that show a pool and change nothing.
 *
 * Each of them uses the public interface, or copies a part of the pool and prints
 * the copy.  No lock of the pool is held while a file prints.
 */

#include <linux/bitmap.h>
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "base/fault.h"
#include "engine/chunk.h"
#include "engine/map.h"
#include "module/debugfs_show.h"
#include "pool/scavenger.h"
#include "pool/state.h"
#include "pool/stats.h"

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
 * @held: pages of it that are held
 * @retired: pages of it that are retired
 * @chunk: copy of its maps
 */
struct chunk_walk {
	unsigned long pfn;
	unsigned long pages;
	unsigned long held;
	unsigned long retired;
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
	if (pga_stats_read_chunk(m->private, &w->pfn, &w->chunk, &w->pages,
				 &w->held, &w->retired)) {
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
		seq_puts(m, "# pfn in_use ready discarded held retired\n");
		return 0;
	}
	free = PGA_CHUNK_PAGES - bitmap_weight(w->chunk.allocated, PGA_CHUNK_PAGES);
	discarded = bitmap_weight(w->chunk.discarded, PGA_CHUNK_PAGES);
	seq_printf(m, "%lu %lu %u %u %lu %lu\n", w->pfn,
		   w->pages - free - w->held - w->retired, free - discarded, discarded,
		   w->held, w->retired);
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
	w->nr = pga_stats_read_spans(m->private, pfn, w->span, SPANS);
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

	while (pga_stats_read_chunk(m->private, &w.pfn, &w.chunk, &w.pages, NULL,
				    NULL)) {
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
	if (found == -EINTR) {
		kvfree(list);
		return found;
	}
	for (i = 0; i < min(found, MAX_MISMATCHES); i++)
		show_mismatch(m, &list[i]);
	if (READ_ONCE(pool->corrupt))
		seq_puts(m, "verdict corrupt\n");
	else if (found > 0)
		seq_printf(m, "verdict %d mismatches\n", found);
	else if (found)
		seq_puts(m, "verdict busy\n");
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
	/* Pairs with WRITE_ONCE() in pool/scavenger.c and engine/pace.c. */
	seq_printf(m, "state %s\n", READ_ONCE(s->asleep) ? "asleep" : "awake");
	show_time(m, "generation_ends_in_ms", READ_ONCE(s->generation_at), now);
	show_time(m, "works_in_ms", READ_ONCE(s->work_at), now);
	show_time(m, "populates_in_ms", READ_ONCE(s->floor_at), now);
	seq_printf(m, "generation_ms %u\n", tuning.generation_ms);
	seq_printf(m, "delay_ms %u\n", tuning.delay_ms);
	seq_printf(m, "cpu_percent %u\n", tuning.cpu_percent);
	seq_printf(m, "min_ready %lu\n", tuning.min_ready);
	seq_printf(m, "worked_us %llu\n", READ_ONCE(s->total_ns) / NSEC_PER_USEC);
	seq_printf(m, "cpu_permille %u\n", pga_scavenger_permille(s));
	seq_printf(m, "work_to_sleep_permille %llu\n",
		   (READ_ONCE(s->pace.ratio) * 1000) >> PGA_PACE_SHIFT);
	show_forecast(m, s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(scavenger);

/**
 * pga_debugfs_show() - create the files that show a pool
 * @pool: the pool
 * @dir: its directory
 */
void pga_debugfs_show(struct pagealloc_pool *pool, struct dentry *dir)
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
