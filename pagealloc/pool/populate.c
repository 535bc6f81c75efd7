// SPDX-License-Identifier: GPL-2.0
/*
 * Populate: have the backing put memory behind isolated pages.
 *
 * A populate that fails with -EBUSY or -ENOMEM is normal life, and is counted.
 * -EBUSY: somebody else holds frames.  The pages are tried again in halves, to find
 * the granule at fault.  -EHWPOISON: memory is bad; likewise.  -ENOMEM: memory is
 * short.  Half of it would take the last that there is and be of no use, so the
 * populate ends; so it does with a fatal signal of the caller.  Any other error means
 * a broken backing, and the pool populates no more.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>
#include <linux/ratelimit.h>

#include "pool/populate.h"

static enum pagealloc_stat populate_stat(int ret)
{
	switch (ret) {
	case 0:
		return PAGEALLOC_POPULATE;
	case -ENOMEM:
		return PAGEALLOC_POPULATE_FAIL_NOMEM;
	case -EDQUOT:
		return PAGEALLOC_POPULATE_FAIL_MARGIN;
	case -EBUSY:
	case -EHWPOISON:
		return PAGEALLOC_POPULATE_FAIL_BUSY;
	case -EINTR:
		return PAGEALLOC_POPULATE_FAIL_INTR;
	default:
		return PAGEALLOC_POPULATE_FAIL_BROKEN;
	}
}

/* Log what makes a request fail; whoever populates names the granules that are held. */
static void log_failure(const struct pagealloc_pool *pool, unsigned long page,
			unsigned long nr, int ret)
{
	if (ret != -EBUSY && ret != -EHWPOISON)
		pr_info_ratelimited("%s: populate of %lu pages at pfn %lu: %s\n",
				    pool->name, nr, pga_pfn_of(pool, page),
				    ret == -ENOMEM ? "no memory now" :
				    ret == -EDQUOT ? "too little memory would be left to others" :
						     "interrupted");
}

/* Call the backing once, and count the result. */
static int populate_once(struct pagealloc_pool *pool, unsigned long page,
			 unsigned long nr)
{
	const u64 start = pga_now(pool);
	const int ret = pool->ops->populate(pool->ctx, pga_pfn_of(pool, page), nr);
	const u64 took = pga_now(pool) - start;
	const enum pagealloc_stat stat = populate_stat(ret);
	unsigned long flags;

	pga_timed_end(pool, PGA_TIMED_POPULATE, start);
	flags = pga_pool_lock(pool);
	pool->stat[stat]++;
	if (!ret) {
		pool->populate_ns += took;
		pool->stat[PAGEALLOC_POPULATE_PAGES] += nr;
	}
	if (stat == PAGEALLOC_POPULATE_FAIL_BROKEN)
		WRITE_ONCE(pool->broken, true);
	pga_pool_unlock(pool, flags);

	if (stat != PAGEALLOC_POPULATE_FAIL_BROKEN) {
		if (ret)
			log_failure(pool, page, nr, ret);
		return ret == -EDQUOT ? -ENOMEM : ret;
	}
	pr_err("%s: backing %s is broken, populate of %lu pages at pfn %lu: %d\n",
	       pool->name, pool->ops->name, nr, pga_pfn_of(pool, page), ret);
	return -EIO;
}

/**
 * pga_populate() - populate isolated pages
 * @pool: the pool, not locked
 * @pages: the pages: whole granules, or less than one
 * @done: set to the first page that is not populated
 *
 * A part of which somebody holds frames, or in which memory is bad, is tried again in
 * halves, down to a granule.
 *
 * Context: may sleep.
 * Return: 0, or the errno of the granule at @done.
 */
int pga_populate(struct pagealloc_pool *pool, struct pga_extent pages,
		 unsigned long *done)
{
	const unsigned long end = pga_extent_end(pages);
	unsigned long nr = pages.nr;
	int ret;

	if (READ_ONCE(pool->broken)) {
		*done = pages.start;
		return -EIO;
	}
	for (*done = pages.start; *done < end; nr = min(nr, end - *done)) {
		ret = populate_once(pool, *done, nr);
		if (!ret) {
			*done += nr;
			continue;
		}
		if (nr <= pool->granule || (ret != -EBUSY && ret != -EHWPOISON))
			return ret;
		nr = ALIGN(nr / 2, pool->granule);
	}
	return 0;
}
