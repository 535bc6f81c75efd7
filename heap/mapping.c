// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of buffers into user space.
 *
 * By page frame number the kernel finds no page behind an address, so nobody can take a
 * reference to one: not vmsplice(), not O_DIRECT, not a debugger.  Where the kernel
 * maps huge pages so, faults fill the mapping, two megabytes at a time if the addresses
 * fit.  Where it does not, a mapping is filled at once.
 *
 * By page an address is like one of ordinary shared memory.
 *
 * A mapping is shared, or it would have private copies of what it is to share.  It
 * cannot grow, and core dumps leave it out.
 */

#include <linux/align.h>
#include <linux/mm.h>

#include "compat.h"
#include "mapping.h"

static vm_fault_t fault_page(struct vm_fault *vmf)
{
	const struct pgh_buffer *buffer = vmf->vma->vm_private_data;

	if (vmf->pgoff >= buffer->nr_pages)
		return VM_FAULT_SIGBUS;
	vmf->page = pfn_to_page(buffer->pfn + vmf->pgoff);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct page_ops = {
	.fault = fault_page,
};

#if PGH_HUGE_FAULTS
static vm_fault_t fault_pfn(struct vm_fault *vmf)
{
	const struct pgh_buffer *buffer = vmf->vma->vm_private_data;

	if (vmf->pgoff >= buffer->nr_pages)
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vmf->vma, vmf->address, buffer->pfn + vmf->pgoff);
}

static vm_fault_t fault_huge(struct vm_fault *vmf, unsigned int order)
{
	const struct vm_area_struct *vma = vmf->vma;
	const struct pgh_buffer *buffer = vma->vm_private_data;
	const unsigned long start = vmf->address & PMD_MASK;
	unsigned long pfn;

	if (order != PMD_ORDER || start < vma->vm_start ||
	    vma->vm_end - start < PMD_SIZE)
		return VM_FAULT_FALLBACK;
	pfn = buffer->pfn + vma->vm_pgoff + ((start - vma->vm_start) >> PAGE_SHIFT);
	if (!IS_ALIGNED(pfn, PMD_SIZE >> PAGE_SHIFT))
		return VM_FAULT_FALLBACK;
	return pgh_insert_pmd(vmf, pfn);
}

static const struct vm_operations_struct pfn_ops = {
	.fault = fault_pfn,
	.huge_fault = fault_huge,
};

static int map_pfns(struct pgh_buffer *buffer, struct vm_area_struct *vma)
{
	pgh_vm_flags_set(vma, VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &pfn_ops;
	return 0;
}
#else
static int map_pfns(struct pgh_buffer *buffer, struct vm_area_struct *vma)
{
	/* This sets the same flags. */
	return remap_pfn_range(vma, vma->vm_start, buffer->pfn + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}
#endif

/**
 * pgh_map() - map a part of a buffer
 * @buffer: the buffer, which the file of @vma keeps
 * @vma: the mapping
 *
 * Context: holds the mmap lock of the calling task for writing.
 * Return: 0; -EINVAL if it is a private mapping or exceeds the buffer; an errno of
 * remap_pfn_range().
 */
int pgh_map(struct pgh_buffer *buffer, struct vm_area_struct *vma)
{
	const unsigned long nr = vma_pages(vma);

	/* Of a descriptor that cannot write, a shared mapping has only this flag. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (nr > buffer->nr_pages || vma->vm_pgoff > buffer->nr_pages - nr)
		return -EINVAL;
	vma->vm_private_data = buffer;
	if (!pgh_heap_by_pages(buffer->heap))
		return map_pfns(buffer, vma);
	pgh_vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &page_ops;
	return 0;
}
