// SPDX-License-Identifier: GPL-2.0
/*
 * A client of pagealloc: a pool of its own, on loan from the kernel, and one
 * buffer in it.  Documentation/tutorial.rst builds and loads this module.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "pagealloc.h"

#define POOL_PAGES	PHYS_PFN(SZ_64M)
#define BUFFER_PAGES	300

static struct pagealloc_loan *loan;
static struct pagealloc_pool *pool;
static unsigned long buffer;	/* pfn of its first page */

static void show(const char *when)
{
	struct pagealloc_stats stats;

	pagealloc_stats(pool, &stats);
	pr_info("%s: in use %llu, retained %llu, released %llu\n", when,
		stats.value[PAGEALLOC_IN_USE], stats.value[PAGEALLOC_RETAINED],
		stats.value[PAGEALLOC_RELEASED]);
}

/* A pool with pages in use refuses to go; its backing must stay as well then. */
static void remove_pool(void)
{
	if (pagealloc_pool_destroy(pool))
		pr_err("the pool is still in use\n");
	else
		pagealloc_loan_close(loan);
}

/* Give the pool all ranges of the loan. */
static int add_ranges(void)
{
	struct pagealloc_range range;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && (range = pagealloc_loan_range(loan, i)).nr_pages; i++)
		ret = pagealloc_add_region(pool, range.pfn, range.nr_pages);
	return ret;
}

static int create_pool(void)
{
	struct pagealloc_config config = {
		.name = "client",
		.ops = &pagealloc_loan_ops,
		.flags = PAGEALLOC_READY_FIRST,
	};
	int ret;

	loan = pagealloc_loan_open(POOL_PAGES, PAGEALLOC_ANY_PFN, 0);
	if (IS_ERR(loan))
		return PTR_ERR(loan);
	config.ctx = loan;
	pool = pagealloc_pool_create(&config);
	if (IS_ERR(pool)) {
		pagealloc_loan_close(loan);
		return PTR_ERR(pool);
	}
	ret = add_ranges();
	if (ret)
		remove_pool();
	return ret;
}

static int __init client_init(void)
{
	int ret;

	ret = create_pool();
	if (ret)
		return ret;
	ret = pagealloc_alloc(pool, BUFFER_PAGES, GFP_KERNEL | __GFP_ZERO, &buffer);
	if (ret) {
		remove_pool();
		return ret;
	}
	/* On a 64-bit kernel the run is contiguous in the direct map, too. */
	memset(page_address(pfn_to_page(buffer)), 0xa5, BUFFER_PAGES * PAGE_SIZE);
	show("allocated");
	return 0;
}

static void __exit client_exit(void)
{
	unsigned long released;
	int ret;

	ret = pagealloc_free(pool, buffer, BUFFER_PAGES);
	if (ret)
		pr_err("free: %d\n", ret);
	show("freed");

	/* pagealloc_pool_destroy() does this as well; here it can be seen. */
	ret = pagealloc_scavenge(pool, PAGEALLOC_ALL, &released);
	pr_info("scavenged %lu pages (%d)\n", released, ret);
	show("scavenged");
	remove_pool();
}

module_init(client_init);
module_exit(client_exit);

MODULE_DESCRIPTION("Example client of pagealloc");
MODULE_LICENSE("GPL");
