// SPDX-License-Identifier: GPL-2.0
/*
 * A client that goes and leaves its frees behind.
 *
 * It takes runs of pages from the pool that pool= names.  When it is removed it
 * defers the free of each page, from hard interrupts, the memory for the queue
 * being in the pages themselves, and goes at once.  The pool may be removed
 * next, in the middle of draining.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "pagealloc.h"

/* Pages in a run; an interrupt frees one. */
#define RUN	512

static char *pool_name = "";
module_param_named(pool, pool_name, charp, 0400);
MODULE_PARM_DESC(pool, "Name of the pool, on frames that have a direct map");

static unsigned int runs = 1;
module_param(runs, uint, 0400);
MODULE_PARM_DESC(runs, "Runs of 512 pages to take");

static struct pagealloc_pool *pool;
static unsigned long *first;
static unsigned int got;
static unsigned long refused;

static void shoot(struct irq_work *work)
{
	const unsigned long end = first[got] + RUN;
	unsigned long pfn;

	for (pfn = first[got]; pfn < end; pfn++)
		refused += !!pagealloc_free_deferred(pool,
						     page_address(pfn_to_page(pfn)),
						     pfn, 1);
}

/* Defer the free of everything, and let go of the pool. */
static void leave(void)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(shoot);

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
	leave();
	return ret;
}
module_init(drainer_init);

static void __exit drainer_exit(void)
{
	leave();
	pr_info("%lu frees were refused\n", refused);
}
module_exit(drainer_exit);

MODULE_DESCRIPTION("A client of pagealloc that leaves deferred frees behind");
MODULE_LICENSE("GPL");
