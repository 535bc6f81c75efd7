/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_COMPAT_H
#define PAGEALLOC_COMPAT_H

/*
 * The folder base/ holds what every other folder may use; it uses none of them.
 *
 * This file hides the differences between the supported kernels, 6.1 to 7.3.
 */

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/pageblock-flags.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/stackdepot.h>
#include <linux/stacktrace.h>
#include <linux/version.h>

#include "base/fault.h"

/*
 * Allocate the frames from @start to @end - 1.  The third argument was a migrate
 * type and is a set of flags in 7.3.  Both values used here stand for pageblocks
 * that do not belong to CMA.
 */
static inline int pga_alloc_contig_range(unsigned long start, unsigned long end,
					 gfp_t gfp)
{
#ifdef ACR_FLAGS_NONE
	return alloc_contig_range(start, end, ACR_FLAGS_NONE, gfp);
#else
	return alloc_contig_range(start, end, MIGRATE_MOVABLE, gfp);
#endif
}

/* Can the driver of a page that is on no LRU list move it? */
static inline bool pga_has_movable_ops(struct page *page)
{
#if KERNEL_VERSION(6, 17, 0) <= LINUX_VERSION_CODE
	return page_has_movable_ops(page);
#else
	return __PageMovable(page);
#endif
}

/*
 * Is the pageblock of an online page in a CMA area?  No kernel exports the function
 * that reads the flags of a pageblock, so this reads the map itself.  The migrate
 * type is in the lowest three bits on all supported kernels.
 */
static inline bool pga_is_cma(struct page *page)
{
#ifdef CONFIG_CMA
	unsigned long pfn = page_to_pfn(page), bit;
#ifdef CONFIG_SPARSEMEM
	const unsigned long *map = section_to_usemap(__pfn_to_section(pfn));

	pfn &= PAGES_PER_SECTION - 1;
#else
	const unsigned long *map = page_zone(page)->pageblock_flags;

	pfn -= pageblock_start_pfn(page_zone(page)->zone_start_pfn);
#endif
	bit = (pfn >> pageblock_order) * NR_PAGEBLOCK_BITS;
	return (map[BIT_WORD(bit)] >> bit % BITS_PER_LONG & 7) == MIGRATE_CMA;
#else
	return false;
#endif
}

/* Pages that go offline together, at least. */
#ifdef CONFIG_SPARSEMEM
#define PGA_SECTION_PAGES	PAGES_PER_SECTION
#else
#define PGA_SECTION_PAGES	pageblock_nr_pages
#endif

/* From 6.12 on the kernel finds a reservation made by reserve_mem= by its name. */
#if KERNEL_VERSION(6, 12, 0) <= LINUX_VERSION_CODE
static inline int pga_reserve_mem_find(const char *name, phys_addr_t *base,
				       phys_addr_t *size)
{
	return reserve_mem_find_by_name(name, base, size) ? 0 : -ENOENT;
}
#else
static inline int pga_reserve_mem_find(const char *name, phys_addr_t *base,
				       phys_addr_t *size)
{
	return -EOPNOTSUPP;
}
#endif

/* A kernel without ZONE_DEVICE, such as UML, does not declare these functions. */
#ifndef CONFIG_ZONE_DEVICE
static inline void *memremap_pages(struct dev_pagemap *pgmap, int nid)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void memunmap_pages(struct dev_pagemap *pgmap)
{
}
#endif

/* x86's header hides this function from modules even where it is exported. */
#ifdef PAGEALLOC_SET_DIRECT_MAP
void flush_tlb_kernel_range(unsigned long start, unsigned long end);
#endif

/* From 6.10 on __assign_str() takes the field alone. */
#if KERNEL_VERSION(6, 10, 0) <= LINUX_VERSION_CODE
#define pga_assign_str(field, value)	__assign_str(field)
#else
#define pga_assign_str(field, value)	__assign_str(field, value)
#endif

/* Call stacks.  The stack depot stores each stack once and never frees it. */
#if defined(CONFIG_STACKDEPOT) && defined(CONFIG_STACKTRACE)
static inline int pga_stacks_init(void)
{
	return stack_depot_init();
}

/* Allocates memory only if @gfp allows to sleep; 0 if the depot has no room. */
static inline u32 pga_stack_save(gfp_t gfp)
{
	const bool may_alloc = gfpflags_allow_blocking(gfp);
	unsigned long entry[16];
	unsigned int nr;

	nr = stack_trace_save(entry, ARRAY_SIZE(entry), 1);
#ifdef STACK_DEPOT_FLAG_CAN_ALLOC
	return stack_depot_save_flags(entry, nr, gfp,
				      may_alloc ? STACK_DEPOT_FLAG_CAN_ALLOC : 0);
#else
	return __stack_depot_save(entry, nr, 0, gfp, may_alloc);
#endif
}

static inline void pga_stack_print(u32 stack)
{
	stack_depot_print(stack);
}
#else
static inline int pga_stacks_init(void)
{
	return -EOPNOTSUPP;
}

static inline u32 pga_stack_save(gfp_t gfp)
{
	return 0;
}

static inline void pga_stack_print(u32 stack)
{
}
#endif

typedef unsigned long (*pga_shrink_t)(struct shrinker *shrinker,
				      struct shrink_control *sc);

/* From 6.7 on the kernel allocates shrinkers, and they have private data. */
#if KERNEL_VERSION(6, 7, 0) <= LINUX_VERSION_CODE
static inline struct shrinker *pga_shrinker_register(const char *name,
						     pga_shrink_t count,
						     pga_shrink_t scan, long batch,
						     void *data)
{
	struct shrinker *shrinker = shrinker_alloc(SHRINKER_NUMA_AWARE,
						   "pagealloc-%s", name);

	if (!shrinker)
		return ERR_PTR(-ENOMEM);
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker->batch = batch;
	shrinker->private_data = data;
	shrinker_register(shrinker);
	return shrinker;
}

static inline void pga_shrinker_unregister(struct shrinker *shrinker)
{
	shrinker_free(shrinker);
}

static inline void *pga_shrinker_data(struct shrinker *shrinker)
{
	return shrinker->private_data;
}
#else
struct pga_shrinker {
	struct shrinker shrinker;
	void *data;
};

static inline struct shrinker *pga_shrinker_register(const char *name,
						     pga_shrink_t count,
						     pga_shrink_t scan, long batch,
						     void *data)
{
	struct pga_shrinker *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int ret;

	if (!s)
		return ERR_PTR(-ENOMEM);
	s->data = data;
	s->shrinker.count_objects = count;
	s->shrinker.scan_objects = scan;
	s->shrinker.batch = batch;
	s->shrinker.seeks = DEFAULT_SEEKS;
	s->shrinker.flags = SHRINKER_NUMA_AWARE;
	ret = register_shrinker(&s->shrinker, "pagealloc-%s", name);
	if (!ret)
		return &s->shrinker;
	kfree(s);
	return ERR_PTR(ret);
}

static inline void *pga_shrinker_data(struct shrinker *shrinker)
{
	return container_of(shrinker, struct pga_shrinker, shrinker)->data;
}

static inline void pga_shrinker_unregister(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(container_of(shrinker, struct pga_shrinker, shrinker));
}
#endif

#endif
