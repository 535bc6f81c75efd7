/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_FAULT_H
#define PAGEALLOC_FAULT_H

/*
 * Faults on purpose.  In a test build, each call of the kernel that can fail is a
 * point, and a test can make the n-th point fail as if the kernel had refused.
 *
 * The macros below have the names of the kernel's functions.  So a file that calls
 * one of these includes this header, and its code stays as it is.
 * scripts/layers.sh reports a call of such a function that is not here, and a file
 * that does not include this header.  In the product there are no macros, and
 * nobody calls the functions.
 */

struct task_struct;

#define PGA_FAULT_FOREVER	(~0UL)

/**
 * struct pga_fault - which points fail, and what has happened since that was set
 * @at: points until the first one that fails, 1 is the next one; 0 is none
 * @times: how many fail from there on
 * @task: the task whose points count, or NULL for all; then each fault is logged
 * @points: points so far
 * @fired: points that have failed
 * @error: the errno of the first one that failed
 * @last: the errno of the last one that failed
 * @what: the function of the kernel that was the first to fail
 * @where: the function that called it
 */
struct pga_fault {
	unsigned long at;
	unsigned long times;
	const struct task_struct *task;
	unsigned long points;
	unsigned long fired;
	int error;
	int last;
	const char *what;
	const char *where;
};

void pga_fault_arm(unsigned long at, unsigned long times,
		   const struct task_struct *task);
struct pga_fault pga_fault_disarm(void);
struct pga_fault pga_fault_state(void);
int pga_fault_point(int error, const char *what, const char *where);

#ifdef PAGEALLOC_KUNIT

#include <linux/cpuhotplug.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/idr.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/kthread.h>
#include <linux/memory.h>
#include <linux/memremap.h>
#include <linux/percpu.h>
#include <linux/percpu-refcount.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/set_memory.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/stackdepot.h>
#include <linux/string.h>
#include <linux/suspend.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

/*
 * Some of the kernel's functions are macros themselves, depending on its version.
 * These get a function for a macro of the same name to call.
 */
#define PGA_REAL(name, params, args)					\
	static inline void *pga_real_##name params { return name args; }

PGA_REAL(kmalloc, (size_t size, gfp_t gfp), (size, gfp))
PGA_REAL(kzalloc, (size_t size, gfp_t gfp), (size, gfp))
PGA_REAL(kvmalloc, (size_t size, gfp_t gfp), (size, gfp))
PGA_REAL(kvzalloc, (size_t size, gfp_t gfp), (size, gfp))
PGA_REAL(__vmalloc, (unsigned long size, gfp_t gfp), (size, gfp))
PGA_REAL(kvcalloc, (size_t n, size_t size, gfp_t gfp), (n, size, gfp))
PGA_REAL(kstrdup, (const char *s, gfp_t gfp), (s, gfp))
PGA_REAL(request_mem_region,
	 (resource_size_t start, resource_size_t n, const char *name),
	 (start, n, name))

static inline void __percpu *pga_real___alloc_percpu(size_t size, size_t align)
{
	return __alloc_percpu(size, align);
}

#undef kmalloc
#undef kzalloc
#undef kvmalloc
#undef kvzalloc
#undef __vmalloc
#undef kvcalloc
#undef kstrdup
#undef __alloc_percpu
#undef alloc_percpu
#undef request_mem_region
#undef kthread_create

/* What fails returns an errno, NULL, or an ERR_PTR(). */
#define PGA_INT(error, name, call)					\
	(pga_fault_point(error, name, __func__) ?: (call))
#define PGA_NULL(name, call)						\
	(pga_fault_point(-ENOMEM, name, __func__) ? NULL : (call))
#define PGA_ERR_PTR(error, name, call)					\
	(pga_fault_point(error, name, __func__) ? ERR_PTR(error) : (call))

#define kmalloc(...)	PGA_NULL("kmalloc", pga_real_kmalloc(__VA_ARGS__))
#define kzalloc(...)	PGA_NULL("kzalloc", pga_real_kzalloc(__VA_ARGS__))
#define kvmalloc(...)	PGA_NULL("kvmalloc", pga_real_kvmalloc(__VA_ARGS__))
#define kvzalloc(...)	PGA_NULL("kvzalloc", pga_real_kvzalloc(__VA_ARGS__))
#define kvcalloc(...)	PGA_NULL("kvcalloc", pga_real_kvcalloc(__VA_ARGS__))
#define __vmalloc(...)	PGA_NULL("__vmalloc", pga_real___vmalloc(__VA_ARGS__))
#define kstrdup(...)	PGA_NULL("kstrdup", pga_real_kstrdup(__VA_ARGS__))
#define __alloc_percpu(...)						\
	PGA_NULL("__alloc_percpu", pga_real___alloc_percpu(__VA_ARGS__))
#define alloc_percpu(type)						\
	((typeof(type) __percpu *)__alloc_percpu(sizeof(type), __alignof__(type)))
#define percpu_ref_init(...)						\
	PGA_INT(-ENOMEM, "percpu_ref_init", percpu_ref_init(__VA_ARGS__))
#define kasprintf(...)	PGA_NULL("kasprintf", kasprintf(__VA_ARGS__))
#define ida_alloc_max(...)						\
	PGA_INT(-ENOMEM, "ida_alloc_max", ida_alloc_max(__VA_ARGS__))
#define xa_insert(...)	PGA_INT(-ENOMEM, "xa_insert", xa_insert(__VA_ARGS__))

#define kthread_create(function, data, ...)				\
	PGA_ERR_PTR(-EINTR, "kthread_create",				\
		    kthread_create_on_node(function, data, NUMA_NO_NODE, __VA_ARGS__))
#define cpuhp_setup_state_multi(...)					\
	PGA_INT(-ENOSPC, "cpuhp_setup_state_multi", cpuhp_setup_state_multi(__VA_ARGS__))
#define cpuhp_state_add_instance_nocalls(...)				\
	PGA_INT(-EINVAL, "cpuhp_state_add_instance_nocalls",		\
		cpuhp_state_add_instance_nocalls(__VA_ARGS__))
#define register_memory_notifier(...)					\
	PGA_INT(-EEXIST, "register_memory_notifier", register_memory_notifier(__VA_ARGS__))
#ifdef CONFIG_PM_SLEEP
#define register_pm_notifier(...)					\
	PGA_INT(-EEXIST, "register_pm_notifier", register_pm_notifier(__VA_ARGS__))
#endif
#define register_shrinker(...)						\
	PGA_INT(-ENOMEM, "register_shrinker", register_shrinker(__VA_ARGS__))
#define shrinker_alloc(...)	PGA_NULL("shrinker_alloc", shrinker_alloc(__VA_ARGS__))

/* From 6.10 on, or a later version, these are macros. */
#ifdef alloc_workqueue
#undef alloc_workqueue
#define alloc_workqueue(...)						\
	PGA_NULL("alloc_workqueue", alloc_hooks(alloc_workqueue_noprof(__VA_ARGS__)))
#else
#define alloc_workqueue(...)	PGA_NULL("alloc_workqueue", alloc_workqueue(__VA_ARGS__))
#endif
#ifdef alloc_contig_range
#undef alloc_contig_range
#define alloc_contig_range(...)						\
	PGA_INT(-EBUSY, "alloc_contig_range",				\
		alloc_hooks(alloc_contig_range_noprof(__VA_ARGS__)))
#else
#define alloc_contig_range(...)						\
	PGA_INT(-EBUSY, "alloc_contig_range", alloc_contig_range(__VA_ARGS__))
#endif

/* Nothing is recorded then. */
#define stack_depot_init()						\
	PGA_INT(-ENOMEM, "stack_depot_init", stack_depot_init())
#define __stack_depot_save(...)						\
	(pga_fault_point(-ENOMEM, "stack_depot_save", __func__) ? 0 :	\
	 __stack_depot_save(__VA_ARGS__))
#define stack_depot_save_flags(...)					\
	(pga_fault_point(-ENOMEM, "stack_depot_save", __func__) ? 0 :	\
	 stack_depot_save_flags(__VA_ARGS__))

#define memremap(...)	PGA_NULL("memremap", memremap(__VA_ARGS__))
#ifdef CONFIG_ZONE_DEVICE
#define memremap_pages(...)						\
	PGA_ERR_PTR(-EINVAL, "memremap_pages", memremap_pages(__VA_ARGS__))
#endif
#define request_mem_region(...)						\
	(pga_fault_point(-EBUSY, "request_mem_region", __func__) ? NULL : \
	 pga_real_request_mem_region(__VA_ARGS__))
#define set_memory_uc(...)						\
	PGA_INT(-ENOMEM, "set_memory_uc", set_memory_uc(__VA_ARGS__))
#define set_memory_wb(...)						\
	PGA_INT(-ENOMEM, "set_memory_wb", set_memory_wb(__VA_ARGS__))
#define set_direct_map_invalid_noflush(...)				\
	PGA_INT(-ENOMEM, "set_direct_map_invalid_noflush",		\
		set_direct_map_invalid_noflush(__VA_ARGS__))
#define set_direct_map_default_noflush(...)				\
	PGA_INT(-ENOMEM, "set_direct_map_default_noflush",		\
		set_direct_map_default_noflush(__VA_ARGS__))

#define device_create(...)						\
	PGA_ERR_PTR(-ENOMEM, "device_create", device_create(__VA_ARGS__))
#define debugfs_create_dir(...)						\
	PGA_ERR_PTR(-ENOMEM, "debugfs_create_dir", debugfs_create_dir(__VA_ARGS__))
#define single_open(...)						\
	PGA_INT(-ENOMEM, "single_open", single_open(__VA_ARGS__))
#define seq_open(...)	PGA_INT(-ENOMEM, "seq_open", seq_open(__VA_ARGS__))

#endif
#endif
