// SPDX-License-Identifier: GPL-2.0
/*
 * A client that defers frees and exits before the pool has performed them.
 *
 * It allocates runs of pages from the pool that pool= names.  Its exit function
 * defers the free of each page from hard interrupts.  The queue entries lie in the
 * pages themselves.  Then it drops its reference, so that the pool may be destroyed
 * while it drains the queue.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "pagealloc.h"

/* Pages in a run; an interrupt defers the frees of one run. */
#define RUN	512

static char *pool_name = "";
module_param_named(pool, pool_name, charp, 0400);
MODULE_PARM_DESC(pool, "Name of the pool, on frames that have a direct map");

static unsigned int runs = 1;
module_param(runs, uint, 0400);
MODULE_PARM_DESC(runs, "Runs of 512 pages to allocate (default: 1)");

static struct pagealloc_pool *pool;
static unsigned long *first;
static unsigned int got;
static unsigned long refused;

static void defer_run(struct irq_work *work)
{
	const unsigned long end = first[got] + RUN;
	unsigned long pfn;

	for (pfn = first[got]; pfn < end; pfn++)
		refused += !!pagealloc_free_deferred(pool,
						     page_address(pfn_to_page(pfn)),
						     pfn, 1);
}

/* Defer the free of all pages, and drop the reference to the pool. */
static void defer_all(void)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(defer_run);

	while (got) {
		got--;
		irq_work_queue(&work);
		irq_work_sync(&work);
	}
	kvfree(first);
	pagealloc_pool_put(pool);
}

static int __init drainer_init(void)
{
	int ret = -ENOMEM;

	pool = pagealloc_pool_get(pool_name);
	if (!pool) {
		pr_err("parameter pool=%s refused: there is no such pool\n", pool_name);
		return -ENOENT;
	}
	first = kvcalloc(runs, sizeof(*first), GFP_KERNEL);
	if (!first)
		goto err;
	for (; got < runs; got++) {
		ret = pagealloc_alloc(pool, RUN, GFP_KERNEL, &first[got]);
		if (ret)
			goto err;
	}
	return 0;

err:
	defer_all();
	return ret;
}
module_init(drainer_init);

static void __exit drainer_exit(void)
{
	defer_all();
	pr_info("%lu frees were refused\n", refused);
}
module_exit(drainer_exit);

MODULE_DESCRIPTION("A client of pagealloc that exits while its deferred frees are queued");
MODULE_LICENSE("GPL");
