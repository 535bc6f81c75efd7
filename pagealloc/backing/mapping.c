// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings: how the kernel gets to see a carve-out, and stops seeing parts.
 *
 * There are three kinds:
 *
 *	range			mapped by		page structs	direct map
 *	reserved System RAM	nobody: it is		yes		yes
 *	not RAM			memremap()		no		no
 *	not RAM			memremap_pages()	yes		yes
 *
 * memremap() is the rule.  It takes any range of pages, costs no page structs,
 * 1.6 % of the range, and can be undone at any moment.  memremap_pages() wants
 * whole subsections of 2 MiB, takes a while, and memunmap_pages() waits without
 * a limit for pages that somebody holds.  So it is used only for what cannot be
 * done without the direct map: when the client asks for page structs, when
 * discarded pages are to be uncached, and when the kernel lets us unmap them.
 * In the last case a range that is not made of subsections is none the worse
 * for it, it gets memremap().
 *
 * Before memunmap_pages() all pages are looked at.  If one is held, the mapping
 * stays: better than a rmmod that never ends.  A page that is taken
 * hold of after that look can only be by somebody who uses freed memory.
 *
 * Uncached pages are tried once when the range is opened.  On x86 with PAT, so
 * on every distributor's kernel, only reserved System RAM can have them there:
 * memremap_pages() has entered its range as cached in the list of what is mapped
 * how, and the kernel refuses an entry that says otherwise.
 *
 * Pages are hidden and shown one granule at a time, and a granule that was
 * hidden is shown as a whole: that list takes back only what it was given.
 *
 * set_direct_map_invalid_noflush() and company are not exported by the kernels
 * of distributors.  The build finds out whether they are.
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
#include "pagealloc.h"

static bool can_unmap(unsigned int flags)
{
#ifdef PAGEALLOC_SET_DIRECT_MAP
	return !(flags & PAGEALLOC_CARVEOUT_MAPPED);
#else
	return false;
#endif
}

static bool has_subsections(const struct pga_claim *claim)
{
#ifdef CONFIG_ZONE_DEVICE
	return IS_ALIGNED(claim->base | claim->size,
			  PAGES_PER_SUBSECTION << PAGE_SHIFT);
#else
	return false;
#endif
}

/* Whether page structs and a direct map have to be made. */
static bool want_pages(const struct pga_claim *claim, unsigned int flags)
{
	if (claim->is_ram)
		return false;
	if (flags & (PAGEALLOC_CARVEOUT_PAGES | PAGEALLOC_CARVEOUT_UNCACHED))
		return true;
	return can_unmap(flags) && has_subsections(claim);
}

static int map_pages(struct pga_mapping *map, const struct pga_claim *claim)
{
	struct dev_pagemap *pagemap;
	void *virt;

	if (!has_subsections(claim)) {
		pr_err("base %pa refused: page structs can be made for whole subsections only, as a rule 2 MiB\n",
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
	virt = memremap_pages(pagemap, NUMA_NO_NODE);
	if (IS_ERR(virt)) {
		kfree(pagemap);
		return PTR_ERR(virt);
	}
	map->virt = virt;
	map->pagemap = pagemap;
	return 0;
}

static int map_plainly(struct pga_mapping *map, const struct pga_claim *claim)
{
	map->virt = memremap(claim->base, claim->size, MEMREMAP_WB);
	return map->virt ? 0 : -ENOMEM;
}

/*
 * What is unmapped may be used through a stale translation until the flush.  A
 * page that is mapped again needs none: what does not translate is not cached.
 */
#ifdef PAGEALLOC_SET_DIRECT_MAP
static void flush(const struct pga_mapping *map, unsigned long pfn,
		  unsigned long nr)
{
	const unsigned long start = (unsigned long)pga_mapping_virt(map, pfn);

	flush_tlb_kernel_range(start, start + (nr << PAGE_SHIFT));
}

static int map_again(unsigned long pfn, unsigned long nr)
{
	int ret = 0;

	for (; nr; nr--, pfn++)
		if (set_direct_map_default_noflush(pfn_to_page(pfn)))
			ret = -EIO;
	return ret;
}

static int unmap(unsigned long pfn, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		if (set_direct_map_invalid_noflush(pfn_to_page(pfn + i)))
			break;
	if (i == nr)
		return 0;
	map_again(pfn, i + 1);
	return -ENOMEM;
}
#else
static void flush(const struct pga_mapping *map, unsigned long pfn,
		  unsigned long nr)
{
}

static int map_again(unsigned long pfn, unsigned long nr)
{
	return -EOPNOTSUPP;
}

static int unmap(unsigned long pfn, unsigned long nr)
{
	return -EOPNOTSUPP;
}
#endif

/* The attribute is x86's; others have no such function for modules. */
#ifdef CONFIG_X86
static int uncache(const struct pga_mapping *map, unsigned long pfn,
		   unsigned long nr)
{
	return set_memory_uc((unsigned long)pga_mapping_virt(map, pfn), nr);
}

static int cache(const struct pga_mapping *map, unsigned long pfn,
		 unsigned long nr)
{
	return set_memory_wb((unsigned long)pga_mapping_virt(map, pfn), nr);
}
#else
static int uncache(const struct pga_mapping *map, unsigned long pfn,
		   unsigned long nr)
{
	return -EOPNOTSUPP;
}

static int cache(const struct pga_mapping *map, unsigned long pfn,
		 unsigned long nr)
{
	return -EOPNOTSUPP;
}
#endif

/**
 * pga_mapping_hide() - take ready pages out of sight
 * @map: the mapping
 * @pfn: first page of a granule
 * @nr: its pages
 *
 * They are so for sure once pga_mapping_hidden() has been called.
 *
 * Context: may sleep.
 * Return: 0, or -errno and nothing has changed.
 */
int pga_mapping_hide(const struct pga_mapping *map, unsigned long pfn,
		     unsigned long nr)
{
	switch (map->hide) {
	case PGA_HIDE_UNMAPPED:
		return unmap(pfn, nr);
	case PGA_HIDE_UNCACHED:
		return uncache(map, pfn, nr);
	default:
		return 0;
	}
}

/**
 * pga_mapping_hidden() - have all processors know what is hidden
 * @map: the mapping
 * @pfn: first page of those given to pga_mapping_hide() since the last call
 * @nr: pages; some may not be hidden
 *
 * One call for many granules, since each interrupts every processor.
 */
void pga_mapping_hidden(const struct pga_mapping *map, unsigned long pfn,
			unsigned long nr)
{
	if (map->hide == PGA_HIDE_UNMAPPED)
		flush(map, pfn, nr);
}

/**
 * pga_mapping_show() - undo pga_mapping_hide()
 * @map: the mapping
 * @pfn: first page of a granule that is hidden
 * @nr: its pages
 *
 * Context: may sleep.
 * Return: 0, or -errno: the mapping is not what it should be.
 */
int pga_mapping_show(const struct pga_mapping *map, unsigned long pfn,
		     unsigned long nr)
{
	switch (map->hide) {
	case PGA_HIDE_UNMAPPED:
		return map_again(pfn, nr);
	case PGA_HIDE_UNCACHED:
		return cache(map, pfn, nr);
	default:
		return 0;
	}
}

/* What was asked for must work, once, on a page; what was not may be left out. */
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
		pr_err("pfn %lu refused: its pages cannot be made %s (%d)\n",
		       map->pfn, map->hide == PGA_HIDE_UNCACHED ?
		       "uncached" : "inaccessible", ret);
	return ret;
}

/**
 * pga_mapping_open() - make a range visible
 * @map: set
 * @claim: the range, ours
 * @flags: of struct pagealloc_carveout_config
 *
 * Context: may sleep.
 * Return: 0 or -errno, with a line in the log if it is the caller's fault.
 */
int pga_mapping_open(struct pga_mapping *map, const struct pga_claim *claim,
		     unsigned int flags)
{
	int ret;

	*map = (struct pga_mapping) {
		.pfn = PHYS_PFN(claim->base),
		.nr_pages = claim->size >> PAGE_SHIFT,
	};
	ret = want_pages(claim, flags) ? map_pages(map, claim) :
					 map_plainly(map, claim);
	if (ret)
		return ret;
	ret = choose_hide(map, flags);
	if (ret)
		pga_mapping_close(map);
	return ret;
}

/* A page struct of ours has one reference as long as nobody uses it. */
static bool anything_held(const struct pga_mapping *map)
{
	unsigned long i;

	for (i = 0; i < map->nr_pages; i++) {
		if (page_count(pfn_to_page(map->pfn + i)) != 1) {
			pr_err("pfn %lu is still referenced, its mapping stays\n",
			       map->pfn + i);
			return true;
		}
		cond_resched();
	}
	return false;
}

/**
 * pga_mapping_close() - undo pga_mapping_open()
 * @map: the mapping; nothing of it is hidden
 *
 * Context: may sleep.
 * Return: false if it has to stay because somebody uses a page of it.
 */
bool pga_mapping_close(struct pga_mapping *map)
{
	if (!map->pagemap) {
		memunmap(map->virt);
		return true;
	}
	if (anything_held(map))
		return false;
	memunmap_pages(map->pagemap);
	kfree(map->pagemap);
	return true;
}
