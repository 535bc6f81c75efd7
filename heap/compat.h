/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_COMPAT_H
#define PAGEALLOC_HEAP_COMPAT_H

/*
 * The differences between the supported kernels, 6.1 to 7.3, that concern this module
 * alone; pagealloc/base/compat.h has the others.
 */

#include <linux/device.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>

#if KERNEL_VERSION(6, 17, 0) > LINUX_VERSION_CODE
#include <linux/pfn_t.h>
#endif

/* From 6.13 on the name of a namespace is a string. */
#if KERNEL_VERSION(6, 13, 0) <= LINUX_VERSION_CODE
#define PGH_IMPORT_DMA_BUF	MODULE_IMPORT_NS("DMA_BUF")
#else
#define PGH_IMPORT_DMA_BUF	MODULE_IMPORT_NS(DMA_BUF)
#endif

#if KERNEL_VERSION(6, 4, 0) <= LINUX_VERSION_CODE
static inline struct class *pgh_class_create(const char *name)
{
	return class_create(name);
}
#else
static inline struct class *pgh_class_create(const char *name)
{
	return class_create(THIS_MODULE, name);
}
#endif

/* The device that a class names the node of. */
#if KERNEL_VERSION(6, 2, 0) <= LINUX_VERSION_CODE
#define PGH_DEVNODE_CONST	const
#else
#define PGH_DEVNODE_CONST
#endif

static inline void pgh_vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
#if KERNEL_VERSION(6, 3, 0) <= LINUX_VERSION_CODE
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

/*
 * Where the kernel maps huge pages by page frame number, a fault handler for them has
 * this signature.  6.1 never calls one for such a mapping.
 */
#if KERNEL_VERSION(6, 12, 0) <= LINUX_VERSION_CODE && defined(CONFIG_TRANSPARENT_HUGEPAGE)
#define PGH_HUGE_FAULTS		1
static inline vm_fault_t pgh_insert_pmd(struct vm_fault *vmf, unsigned long pfn)
{
	const bool write = vmf->flags & FAULT_FLAG_WRITE;

#if KERNEL_VERSION(6, 17, 0) <= LINUX_VERSION_CODE
	return vmf_insert_pfn_pmd(vmf, pfn, write);
#else
	return vmf_insert_pfn_pmd(vmf, __pfn_to_pfn_t(pfn, 0), write);
#endif
}
#else
#define PGH_HUGE_FAULTS		0
static inline vm_fault_t pgh_insert_pmd(struct vm_fault *vmf, unsigned long pfn)
{
	return VM_FAULT_FALLBACK;
}
#endif

#endif
