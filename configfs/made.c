// SPDX-License-Identifier: GPL-2.0
/*
 * Pools that were made from settings, and their end.
 *
 * pga_make() opens a backing, creates a pool on it, and offers the pool to user space
 * if the settings say so.
 *
 * pga_unmake() cannot fail, though a pool may be in use.  It withdraws the offer, and a
 * work item destroys the pool.  If that is refused, the work is done again when the last
 * buffer of the heap is gone, and by a back-off, since other users of a pool do not tell
 * when they are done.  Such a pool keeps its name, and this module, until it has ended.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "base/fault.h"
#include "made.h"
#include "pagealloc.h"
#ifdef PAGEALLOC_CONFIGFS_HEAP
#include "pagealloc_heap.h"
#endif
#include "settings.h"

/* How long pga_unmake() waits for the end of a pool that nobody uses. */
#define WAIT_MS		500

/* How long the work waits until it tries again, at first and at most. */
#define RETRY_MS	100
#define RETRY_MAX_MS	60000

/**
 * struct pga_made - a pool that was made from settings
 * @ref: references: of pga_unmake(), of the work until the pool has ended, and of the
 *	heap until it is done with the pool
 * @name: its name
 * @settings: what it was made from
 * @pool: the pool, NULL once it has ended
 * @loan: its backing, or NULL
 * @carveout: likewise
 * @sim: likewise, if there is neither of these
 * @lock: protects @offered and @ending
 * @offered: user space is offered the pool, or has buffers of it
 * @ending: the pool is to end
 * @retry_ms: how long the next wait is
 * @work: ends it
 * @ended: when it has ended
 *
 * All is set by pga_make(), and then belongs to @work, which does not run twice at a
 * time.  It is first queued when the pool is to end and is no longer offered.
 */
struct pga_made {
	struct kref ref;
	char name[PAGEALLOC_NAME_MAX];
	struct pga_settings settings;
	struct pagealloc_pool *pool;
	struct pagealloc_loan *loan;
	struct pagealloc_carveout *carveout;
	struct pagealloc_sim sim;
	spinlock_t lock;
	bool offered;
	bool ending;
	unsigned int retry_ms;
	struct delayed_work work;
	struct completion ended;
};

static struct workqueue_struct *ends;

static void free_made(struct kref *ref)
{
	kfree(container_of(ref, struct pga_made, ref));
}

/* Close the backing; 0, or the errno with which it stays open. */
static int close_backing(struct pga_made *m)
{
	int ret = 0;

	if (m->loan) {
		ret = pagealloc_loan_close(m->loan);
		m->loan = ret ? m->loan : NULL;
	}
	if (m->carveout) {
		ret = pagealloc_carveout_close(m->carveout);
		m->carveout = ret ? m->carveout : NULL;
	}
	return ret;
}

/* Destroy the pool, and close its backing. */
static int end(struct pga_made *m)
{
	int ret;

	if (m->pool) {
		ret = pagealloc_pool_destroy(m->pool);
		if (ret)
			return ret;
		m->pool = NULL;
	}
	return close_backing(m);
}

static void end_work(struct work_struct *work)
{
	struct pga_made *m = container_of(to_delayed_work(work), struct pga_made, work);
	const int ret = end(m);

	if (ret) {
		if (m->retry_ms == RETRY_MS)
			pr_info("%s: ends when nobody uses it any more (%d)\n",
				m->name, ret);
		queue_delayed_work(ends, &m->work, msecs_to_jiffies(m->retry_ms));
		m->retry_ms = min(2 * m->retry_ms, RETRY_MAX_MS);
		return;
	}
	complete_all(&m->ended);
	kref_put(&m->ref, free_made);
	/* The exit of the module waits for the end of this function. */
	module_put(THIS_MODULE);
}

/* Does the work begin?  Something has changed on which that depends. */
static bool set_state(struct pga_made *m, bool *state, bool value)
{
	bool begin;

	spin_lock(&m->lock);
	*state = value;
	begin = m->ending && !m->offered;
	spin_unlock(&m->lock);
	return begin;
}

#ifdef PAGEALLOC_CONFIGFS_HEAP
/*
 * The pool was withdrawn, perhaps by somebody else, and the last buffer is gone.  The
 * heap holds this module until this has returned.
 */
static void heap_gone(void *arg)
{
	struct pga_made *m = arg;

	if (set_state(m, &m->offered, false))
		queue_delayed_work(ends, &m->work, 0);
	kref_put(&m->ref, free_made);
}

static int offer(struct pga_made *m)
{
	const struct pagealloc_heap_config config = {
		.mapping = m->settings.heap == PGA_HEAP_PAGES ? PAGEALLOC_HEAP_PAGES :
								PAGEALLOC_HEAP_PFN,
		.mode = m->settings.mode,
		.gone = heap_gone,
		.arg = m,
		.owner = THIS_MODULE,
	};
	int ret;

	if (m->settings.heap == PGA_HEAP_OFF)
		return 0;
	kref_get(&m->ref);
	m->offered = true;
	ret = pagealloc_heap_offer(m->name, &config);
	if (!ret)
		return 0;
	m->offered = false;
	kref_put(&m->ref, free_made);
	return pga_refuse(m->name, PGA_SET_HEAP, NULL, ret,
			  "a way in which the memory can be mapped");
}

/* The heap tells when the last buffer is gone, if the pool was offered here. */
static void withdraw(struct pga_made *m)
{
	pagealloc_heap_withdraw(m->name);
}
#else
static int offer(struct pga_made *m)
{
	return 0;
}

static void withdraw(struct pga_made *m)
{
}
#endif

static int open_loan(struct pga_made *m)
{
	const struct pga_settings *s = &m->settings;

	m->loan = s->base == PGA_ANY_BASE ?
		pagealloc_loan_open_node(s->size, s->numa_node, 0) :
		pagealloc_loan_open(s->size, s->base, 0);
	if (!IS_ERR(m->loan))
		return 0;
	return pga_refuse(m->name, PGA_SET_SIZE, NULL,
			  PTR_ERR_OR_ZERO(xchg(&m->loan, NULL)), s->base != PGA_ANY_BASE ?
			  "whole granules of movable memory in one zone at base" :
			  "whole pageblocks, no more than one zone of the node can lend");
}

static int open_carveout(struct pga_made *m)
{
	const struct pga_settings *s = &m->settings;
	struct pagealloc_carveout_config config = { .granule = s->granule };
	const bool named = s->reserve_mem[0];

	if (named) {
		config.reserve_mem = s->reserve_mem;
	} else {
		config.base = PFN_PHYS(s->base);
		config.size = PFN_PHYS(s->size);
	}
	m->carveout = pagealloc_carveout_open(&config);
	if (!IS_ERR(m->carveout))
		return 0;
	return pga_refuse(m->name, named ? PGA_SET_RESERVE_MEM : PGA_SET_BASE, NULL,
			  PTR_ERR_OR_ZERO(xchg(&m->carveout, NULL)),
			  "memory that was set aside and that nobody uses");
}

static int open_backing(struct pga_made *m, struct pagealloc_config *config)
{
	int ret = 0;

	switch (m->settings.backing) {
	case PGA_LOAN:
		ret = open_loan(m);
		config->ops = &pagealloc_loan_ops;
		config->ctx = m->loan;
		break;
	case PGA_CARVEOUT:
		ret = open_carveout(m);
		config->ops = &pagealloc_carveout_ops;
		config->ctx = m->carveout;
		break;
	case PGA_SIM:
		pagealloc_sim_init(&m->sim, m->settings.granule);
		config->ops = &pagealloc_sim_ops;
		config->ctx = &m->sim;
		break;
	}
	return ret;
}

static unsigned int pool_flags(const struct pga_settings *s)
{
	static const unsigned int track[] = {
		0, PAGEALLOC_TRACK, PAGEALLOC_TRACK_STACKS,
	};

	return track[s->track] | (s->cache ? 0 : PAGEALLOC_NO_CACHE) |
	       (s->backing == PGA_SIM ? 0 : PAGEALLOC_READY_FIRST);
}

static int create_pool(struct pga_made *m)
{
	struct pagealloc_config config = {
		.name = m->name,
		.engine = m->settings.engine == PGA_SPAN ? "span" : "bitmap",
		.flags = pool_flags(&m->settings),
	};
	struct pagealloc_pool *pool;
	int ret;

	ret = open_backing(m, &config);
	if (ret)
		return ret;
	pool = pagealloc_pool_create(&config);
	if (IS_ERR(pool)) {
		pr_err("%s: no pool of this name (%ld)\n", m->name, PTR_ERR(pool));
		return PTR_ERR(pool);
	}
	m->pool = pool;
	return 0;
}

static int add_regions(struct pga_made *m)
{
	struct pagealloc_range range;
	unsigned int i;
	int ret = 0;

	if (m->carveout)
		return pagealloc_add_region(m->pool, pagealloc_carveout_pfn(m->carveout),
					    pagealloc_carveout_pages(m->carveout));
	if (!m->loan)
		return pagealloc_add_region(m->pool, m->settings.base == PGA_ANY_BASE ?
					    0 : m->settings.base, m->settings.size);
	for (i = 0; !ret && (range = pagealloc_loan_range(m->loan, i)).nr_pages; i++)
		ret = pagealloc_add_region(m->pool, range.pfn, range.nr_pages);
	return ret;
}

static int tune(struct pga_made *m)
{
	struct pagealloc_tuning tuning;
	int ret;

	pagealloc_get_tuning(m->pool, &tuning);
	tuning.limit = m->settings.limit;
	tuning.min_ready = m->settings.min_ready;
	ret = pagealloc_set_tuning(m->pool, &tuning);
	if (ret)
		return pga_refuse(m->name, tuning.limit == PAGEALLOC_NO_LIMIT ?
				  PGA_SET_MIN_READY : PGA_SET_LIMIT, NULL, ret,
				  "bytes up to the size of the pool");
	return 0;
}

static int fill_pool(struct pga_made *m)
{
	int ret;

	ret = add_regions(m);
	if (ret)
		return pga_refuse(m->name, m->settings.reserve_mem[0] ?
				  PGA_SET_RESERVE_MEM : PGA_SET_SIZE, NULL, ret,
				  "a range that no other pool has, within 2^34 pages");
	return tune(m) ?: offer(m);
}

static void begin_end(struct pga_made *m)
{
	kref_get(&m->ref);
	__module_get(THIS_MODULE);
	/* Also if somebody else has offered it.  Without a pool the name is not ours. */
	if (m->pool)
		withdraw(m);
	if (set_state(m, &m->ending, true))
		queue_delayed_work(ends, &m->work, 0);
}

/**
 * pga_make() - make a pool from settings
 * @name: its name
 * @settings: the settings, which go together; copied
 *
 * Context: may sleep.
 * Return: the pool, or an ERR_PTR(), and the log says which attribute is refused.
 */
struct pga_made *pga_make(const char *name, const struct pga_settings *settings)
{
	struct pga_made *m = kzalloc(sizeof(*m), GFP_KERNEL);
	int ret;

	if (!m)
		return ERR_PTR(-ENOMEM);
	kref_init(&m->ref);
	spin_lock_init(&m->lock);
	strscpy(m->name, name, sizeof(m->name));
	m->settings = *settings;
	m->retry_ms = RETRY_MS;
	INIT_DELAYED_WORK(&m->work, end_work);
	init_completion(&m->ended);
	ret = create_pool(m) ?: fill_pool(m);
	if (!ret)
		return m;
	pga_unmake(m);
	return ERR_PTR(ret);
}

/**
 * pga_unmake() - end a pool, as soon as nobody uses it
 * @made: the pool; not valid afterwards
 *
 * Waits for a moment, in which a pool ends that nobody uses.
 *
 * Context: may sleep.
 */
void pga_unmake(struct pga_made *made)
{
	begin_end(made);
	wait_for_completion_timeout(&made->ended, msecs_to_jiffies(WAIT_MS));
	kref_put(&made->ref, free_made);
}

/**
 * pga_made_init() - prepare for pools
 *
 * Return: 0 or -ENOMEM.
 */
int pga_made_init(void)
{
	ends = alloc_workqueue("pagealloc_configfs", WQ_UNBOUND, 0);
	return ends ? 0 : -ENOMEM;
}

/**
 * pga_made_exit() - wait for the end of the last work; all pools have ended
 */
void pga_made_exit(void)
{
	destroy_workqueue(ends);
}
