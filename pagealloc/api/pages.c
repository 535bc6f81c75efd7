// SPDX-License-Identifier: GPL-2.0
/* The exported calls that give and take pages by their page structs. */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>

#include "api/api.h"

/**
 * pagealloc_alloc_pages() - allocate a run of pages that have page structs
 * @pool: the pool
 * @nr_pages: length of the run, in pages
 * @gfp: as for pagealloc_alloc()
 *
 * The page structs follow one another as the pages do; pfn_to_page() finds one.  The pages
 * are of order 0, each with a reference count of 1, and must be so when they are freed.
 *
 * Context: any but NMI; GFP_KERNEL may sleep.
 * Return: the first page, or an ERR_PTR(): -EOPNOTSUPP if the pages of the pool have no
 * page structs; otherwise as pagealloc_alloc().
 */
struct page *pagealloc_alloc_pages(struct pagealloc_pool *pool, unsigned long nr_pages,
				   gfp_t gfp)
{
	unsigned long pfn;
	int ret;

	if (!pool)
		return ERR_PTR(-EINVAL);
	if (!pool->has_pages)
		return ERR_PTR(-EOPNOTSUPP);
	ret = pagealloc_alloc(pool, nr_pages, gfp, &pfn);
	return ret ? ERR_PTR(ret) : pfn_to_page(pfn);
}
EXPORT_SYMBOL_GPL(pagealloc_alloc_pages);

/**
 * pagealloc_free_pages() - free pages by their page structs
 * @pool: the pool
 * @page: the first page
 * @nr_pages: pages, as for pagealloc_free()
 *
 * Context: as pagealloc_free().
 * Return: -EINVAL without a page; -EOPNOTSUPP if the pages of the pool have no page
 * structs; otherwise as pagealloc_free().
 */
int pagealloc_free_pages(struct pagealloc_pool *pool, struct page *page,
			 unsigned long nr_pages)
{
	if (!pool || IS_ERR_OR_NULL(page))
		return -EINVAL;
	if (!pool->has_pages)
		return -EOPNOTSUPP;
	return pagealloc_free(pool, page_to_pfn(page), nr_pages);
}
EXPORT_SYMBOL_GPL(pagealloc_free_pages);
