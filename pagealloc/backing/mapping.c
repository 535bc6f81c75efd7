// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings: map the memory of a carve-out into the kernel, and hide pages of it.
 *
 * There are three kinds of mappings:
 *
 *	range			mapped by		page structs	direct map
 *	reserved System RAM	the kernel, at boot	yes		yes
 *	not RAM			memremap()		no		no
 *	not RAM			memremap_pages()	yes		yes
 *
 * memremap() is the rule.  It takes any range of pages, it can be undone at any
 * time, and it saves the page structs, which are 1.6 % of the range.
 * memremap_pages() requires whole subsections of 2 MiB, takes longer, and
 * memunmap_pages() waits without limit for pages with references.  It is used
 * only where the direct map is necessary: if the client asks for page structs, if
 * discarded pages are to be uncached, or if the kernel can unmap them.  In the
 * last case a range that is not made of whole subsections gets memremap() instead.
 *
 * Before memunmap_pages() the reference counts of all pages are checked.  If a
 * page has references, the mapping stays, so that rmmod does not hang.  Only a use
 * after free can take a reference after this check.
 *
 * To hide a page means to unmap it from the direct map, or to map it uncached.
 * This is tried on one page when the range is opened.  On x86 with PAT, as in the
 * kernels of all distributions, only reserved System RAM can be uncached:
 * memremap_pages() records its range as cached, and the kernel refuses an
 * attribute that contradicts the record.
 *
 * Pages are hidden by granules.  A hidden granule is shown as a whole, since the
 * kernel removes a recorded attribute only from exactly the range it was set for.
 *
 * The kernels of distributions do not export set_direct_map_invalid_noflush() and
 * the functions used with it.  The build finds out whether a kernel does.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": carveout: " fmt

#include <linux/err.h>
#include <linux/io.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/set_memory.h>
#include <linux/slab.h>

#include "backing/mapping.h"
#include "base/compat.h"
#include "base/fault.h"
#include "pagealloc.h"

static bool can_unmap(unsigned int flags)
{
#ifdef PAGEALLOC_SET_DIRECT_MAP
	return !(flags & PAGEALLOC_CARVEOUT_MAPPED);
#else
	return false;
#endif
}

static bool is_whole_subsections(const struct pga_claim *claim)
{
#ifdef CONFIG_ZONE_DEVICE
	return IS_ALIGNED(claim->base | claim->size,
			  PAGES_PER_SUBSECTION << PAGE_SHIFT);
#else
	return false;
#endif
}

/* Whether to create page structs and a direct map. */
static bool needs_pages(const struct pga_claim *claim, unsigned int flags)
{
	if (claim->is_ram)
		return false;
	if (flags & (PAGEALLOC_CARVEOUT_PAGES | PAGEALLOC_CARVEOUT_UNCACHED))
		return true;
	return can_unmap(flags) && is_whole_subsections(claim);
}

/*
 * The memory of some pages is bad.  Mark them as the kernel marks its own, so that the
 * pool uses them no more.
 */
static int mark_bad(struct dev_pagemap *pagemap, unsigned long pfn,
		    unsigned long nr_pages, int flags)
{
	for (; nr_pages; nr_pages--, pfn++)
		SetPageHWPoison(pfn_to_page(pfn));
	return 0;
}

static const struct dev_pagemap_ops pagemap_ops = { .memory_failure = mark_bad };

static int map_pages(struct pga_mapping *map, const struct pga_claim *claim)
{
	struct dev_pagemap *pagemap;
	void *virt;

	if (!is_whole_subsections(claim)) {
		pr_err("base %pa refused: page structs require whole subsections, 2 MiB on most machines\n",
		       &claim->base);
		return -EINVAL;
	}
	pagemap = kzalloc(sizeof(*pagemap), GFP_KERNEL);
	if (!pagemap)
		return -ENOMEM;
	pagemap->type = MEMORY_DEVICE_GENERIC;
	pagemap->range.start = claim->base;
	pagemap->range.end = claim->base + claim->size - 1;
	pagemap->nr_range = 1;
	pagemap->ops = &pagemap_ops;
	virt = memremap_pages(pagemap, NUMA_NO_NODE);
	if (IS_ERR(virt)) {
		kfree(pagemap);
		return PTR_ERR(virt);
	}
	map->virt = virt;
	map->pagemap = pagemap;
	return 0;
}

/* Does the processor cache what is at an address?  Where that is unknown: as asked for. */
static bool is_cached(const void *virt)
{
#if defined(CONFIG_X86) && defined(PAGEALLOC_LOOKUP_ADDRESS)
	unsigned int level;
	const pte_t *pte = lookup_address((unsigned long)virt, &level);
	const pteval_t pat = level == PG_LEVEL_4K ? _PAGE_PAT : _PAGE_PAT_LARGE;

	return pte && !(pte_val(*pte) & (_PAGE_PCD | _PAGE_PWT | pat));
#else
	return true;
#endif
}

/*
 * If another driver has a page of the range mapped in another way, the kernel maps all
 * of it so.
 */
static int map_memory(struct pga_mapping *map, const struct pga_claim *claim)
{
	map->virt = memremap(claim->base, claim->size, MEMREMAP_WB);
	if (!map->virt)
		return -ENOMEM;
	if (claim->is_ram || is_cached(map->virt))
		return 0;
	pr_err("base %pa refused: part of it is mapped elsewhere, uncached or write-combining\n",
	       &claim->base);
	memunmap(map->virt);
	return -EBUSY;
}

/*
 * The processors may use a stale translation of an unmapped page until the flush.
 * Mapping a page needs no flush: a missing translation is not cached.
 */
#ifdef PAGEALLOC_SET_DIRECT_MAP
static void flush_range(const struct pga_mapping *map, unsigned long pfn,
			unsigned long nr)
{
	const unsigned long start = (unsigned long)pga_mapping_virt(map, pfn);

	flush_tlb_kernel_range(start, start + (nr << PAGE_SHIFT));
}

static int restore(unsigned long pfn, unsigned long nr)
{
	int ret, error = 0;

	for (; nr; nr--, pfn++) {
		ret = set_direct_map_default_noflush(pfn_to_page(pfn));
		error = error ?: ret;
	}
	return error;
}

static int unmap(unsigned long pfn, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		if (set_direct_map_invalid_noflush(pfn_to_page(pfn + i)))
			break;
	if (i == nr)
		return 0;
	restore(pfn, i + 1);
	return -ENOMEM;
}
#else
static void flush_range(const struct pga_mapping *map, unsigned long pfn,
			unsigned long nr)
{
}

static int restore(unsigned long pfn, unsigned long nr)
{
	return -EOPNOTSUPP;
}

static int unmap(unsigned long pfn, unsigned long nr)
{
	return -EOPNOTSUPP;
}
#endif

/* Only x86 exports functions that set this attribute. */
#ifdef CONFIG_X86
static int set_uncached(const struct pga_mapping *map, unsigned long pfn,
			unsigned long nr)
{
	return set_memory_uc((unsigned long)pga_mapping_virt(map, pfn), nr);
}

static int set_cached(const struct pga_mapping *map, unsigned long pfn,
		      unsigned long nr)
{
	return set_memory_wb((unsigned long)pga_mapping_virt(map, pfn), nr);
}
#else
static int set_uncached(const struct pga_mapping *map, unsigned long pfn,
			unsigned long nr)
{
	return -EOPNOTSUPP;
}

static int set_cached(const struct pga_mapping *map, unsigned long pfn,
		      unsigned long nr)
{
	return -EOPNOTSUPP;
}
#endif

/**
 * pga_mapping_hide() - hide a granule
 * @map: the mapping
 * @pfn: first page of the granule
 * @nr: pages of the granule
 *
 * The pages may still be accessible until pga_mapping_flush() has returned.
 *
 * Context: may sleep.
 * Return: 0, or -errno; on failure nothing has changed.
 */
int pga_mapping_hide(const struct pga_mapping *map, unsigned long pfn,
		     unsigned long nr)
{
	switch (map->hide) {
	case PGA_HIDE_UNMAPPED:
		return unmap(pfn, nr);
	case PGA_HIDE_UNCACHED:
		return set_uncached(map, pfn, nr);
	default:
		return 0;
	}
}

/**
 * pga_mapping_flush() - end the access to hidden pages on all processors
 * @map: the mapping
 * @pfn: first page of a range that covers the granules hidden since the last call
 * @nr: pages of the range; some may not be hidden
 *
 * Call this once for many granules, since it interrupts every processor.
 */
void pga_mapping_flush(const struct pga_mapping *map, unsigned long pfn,
		       unsigned long nr)
{
	if (map->hide == PGA_HIDE_UNMAPPED)
		flush_range(map, pfn, nr);
}

/**
 * pga_mapping_show() - undo pga_mapping_hide()
 * @map: the mapping
 * @pfn: first page of a hidden granule
 * @nr: pages of the granule
 *
 * Context: may sleep.
 * Return: 0, or -errno if some pages may still be hidden.
 */
int pga_mapping_show(const struct pga_mapping *map, unsigned long pfn,
		     unsigned long nr)
{
	switch (map->hide) {
	case PGA_HIDE_UNMAPPED:
		return restore(pfn, nr);
	case PGA_HIDE_UNCACHED:
		return set_cached(map, pfn, nr);
	default:
		return 0;
	}
}

/* Choose how to hide pages, and try it on one page. */
static int choose_hide(struct pga_mapping *map, unsigned int flags)
{
	int ret;

	if (!virt_addr_valid(map->virt))
		return 0;
	if (flags & PAGEALLOC_CARVEOUT_UNCACHED)
		map->hide = PGA_HIDE_UNCACHED;
	else if (can_unmap(flags))
		map->hide = PGA_HIDE_UNMAPPED;
	ret = pga_mapping_hide(map, map->pfn, 1) ?:
	      pga_mapping_show(map, map->pfn, 1);
	if (ret)
		pr_err("pfn %lu refused: its pages cannot be %s (%d)\n",
		       map->pfn, map->hide == PGA_HIDE_UNCACHED ?
		       "mapped uncached" : "unmapped", ret);
	return ret;
}

/**
 * pga_mapping_open() - map a range
 * @map: the mapping to set up
 * @claim: the range, from pga_claim()
 * @flags: of struct pagealloc_carveout_config
 *
 * Logs a line if the configuration is the reason for a failure.
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int pga_mapping_open(struct pga_mapping *map, const struct pga_claim *claim,
		     unsigned int flags)
{
	int ret;

	*map = (struct pga_mapping) {
		.pfn = PHYS_PFN(claim->base),
		.nr_pages = claim->size >> PAGE_SHIFT,
	};
	ret = needs_pages(claim, flags) ? map_pages(map, claim) :
					  map_memory(map, claim);
	if (ret)
		return ret;
	ret = choose_hide(map, flags);
	if (ret)
		pga_mapping_close(map);
	return ret;
}

/**
 * pga_mapping_referenced() - does somebody else refer to a page?
 * @pfn: a page with a page struct, of memremap_pages() or reserved System RAM; it has
 *	 one reference while nobody else does, or none if it is not the first one of
 *	 those that somebody has allocated together
 *
 * Context: any.
 */
bool pga_mapping_referenced(unsigned long pfn)
{
	return page_count(pfn_to_page(pfn)) > 1;
}

static bool has_references(const struct pga_mapping *map)
{
	unsigned long i;

	for (i = 0; i < map->nr_pages; i++) {
		if (pga_mapping_referenced(map->pfn + i)) {
			pr_err("pfn %lu still has references, its mapping stays\n",
			       map->pfn + i);
			return true;
		}
		cond_resched();
	}
	return false;
}

/**
 * pga_mapping_close() - undo pga_mapping_open()
 * @map: the mapping; none of its pages is hidden
 *
 * Context: may sleep.
 * Return: false if the mapping stays because one of its pages has references.
 */
bool pga_mapping_close(struct pga_mapping *map)
{
	if (!map->pagemap) {
		memunmap(map->virt);
		return true;
	}
	if (has_references(map))
		return false;
	memunmap_pages(map->pagemap);
	kfree(map->pagemap);
	return true;
}
