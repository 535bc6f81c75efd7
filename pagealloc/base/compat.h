/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_COMPAT_H
#define PAGEALLOC_COMPAT_H

/*
 * What differs between the kernels we support, 6.1 to 7.3, and nothing else.
 */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/err.h>
#include <linux/memremap.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/stackdepot.h>
#include <linux/stacktrace.h>
#include <linux/version.h>

/*
 * Take frames away from the kernel.  The third argument has changed from a
 * migrate type to flags; movable is what both say here.
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

/* Memory set aside by reserve_mem= on the command line has a name from 6.12 on. */
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

/* Without ZONE_DEVICE, on UML say, nobody makes page structs, or declares it. */
#ifndef CONFIG_ZONE_DEVICE
static inline void *memremap_pages(struct dev_pagemap *pgmap, int nid)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void memunmap_pages(struct dev_pagemap *pgmap)
{
}
#endif

/* Where this is exported, x86's header still keeps it from modules. */
#ifdef PAGEALLOC_SET_DIRECT_MAP
void flush_tlb_kernel_range(unsigned long start, unsigned long end);
#endif

/* A string of a trace event is assigned without naming it again from 6.10 on. */
#if KERNEL_VERSION(6, 10, 0) <= LINUX_VERSION_CODE
#define pga_assign_str(field, value)	__assign_str(field)
#else
#define pga_assign_str(field, value)	__assign_str(field, value)
#endif

/* The call stack: kept once however often it occurs, and never forgotten. */
#if defined(CONFIG_STACKDEPOT) && defined(CONFIG_STACKTRACE)
static inline int pga_stacks_init(void)
{
	return stack_depot_init();
}

/* Nothing is allocated for who may not sleep; 0 if there is no room. */
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

/* Shrinkers are allocated, and have room for private data, from 6.7 on. */
#if KERNEL_VERSION(6, 7, 0) <= LINUX_VERSION_CODE
static inline struct shrinker *pga_shrinker_register(const char *name,
						     pga_shrink_t count,
						     pga_shrink_t scan, void *data)
{
	struct shrinker *shrinker = shrinker_alloc(0, "pagealloc-%s", name);

	if (!shrinker)
		return ERR_PTR(-ENOMEM);
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
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
						     pga_shrink_t scan, void *data)
{
	struct pga_shrinker *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int ret;

	if (!s)
		return ERR_PTR(-ENOMEM);
	s->data = data;
	s->shrinker.count_objects = count;
	s->shrinker.scan_objects = scan;
	s->shrinker.seeks = DEFAULT_SEEKS;
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
