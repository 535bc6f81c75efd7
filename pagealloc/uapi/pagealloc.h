/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef UAPI_PAGEALLOC_H
#define UAPI_PAGEALLOC_H

/*
 * The ioctls of /dev/dma_heap/POOL, besides DMA_HEAP_IOCTL_ALLOC of
 * <linux/dma-heap.h>.
 *
 * Each structure begins with its size.  A later kernel may know a longer one: what a
 * program does not know is zero for it.  A program may know a longer one than the
 * kernel: as long as the rest is zero the kernel takes it, else the call fails with
 * E2BIG.  A structure that is shorter than the first one (..._SIZE_1) is EINVAL.
 */

#include <linux/ioctl.h>
#include <linux/types.h>

/* Not among those that the kernel's ioctl-number.rst lists. */
#define PAGEALLOC_IOC_MAGIC		0xC5

/* Flags of struct pagealloc_ioc_alloc. */

/* Do not wait: only memory that is ready, and at most 4096 pages. */
#define PAGEALLOC_ALLOC_NOWAIT		0x1

/* The buffer begins at a physical address that a huge page can begin at, or not at all. */
#define PAGEALLOC_ALLOC_HUGE		0x2

/**
 * struct pagealloc_ioc_alloc - ask for a buffer
 * @size: bytes of this structure
 * @flags: PAGEALLOC_ALLOC_NOWAIT, PAGEALLOC_ALLOC_HUGE
 * @len: bytes; rounded up to whole pages
 * @align: the physical address is a multiple of this power of two, bytes; 0 for any.
 *	A buffer that is as long as a huge page or longer is aligned to huge pages where
 *	possible, if this is 0
 * @boundary: the buffer crosses no multiple of this power of two, which is at least
 *	@len, bytes; 0 for no boundary
 * @limit: the buffer ends at or below this physical address; 0 for no limit
 * @fd_flags: O_RDONLY, O_WRONLY or O_RDWR, and O_CLOEXEC
 * @fd: set to the descriptor of a dma-buf; must be 0
 *
 * The memory is zero.  There is no call to free it: it goes when nobody refers to it.
 */
struct pagealloc_ioc_alloc {
	__u32 size;
	__u32 flags;
	__u64 len;
	__u64 align;
	__u64 boundary;
	__u64 limit;
	__u32 fd_flags;
	__s32 fd;
};

#define PAGEALLOC_IOC_ALLOC_SIZE_1	48

#define PAGEALLOC_IOC_ALLOC \
	_IOWR(PAGEALLOC_IOC_MAGIC, 0x80, struct pagealloc_ioc_alloc)

/* Flags of struct pagealloc_ioc_info. */

/* @fd is a buffer of this device: tell about it as well. */
#define PAGEALLOC_INFO_BUFFER		0x1

/* And tell its physical address; needs CAP_SYS_RAWIO. */
#define PAGEALLOC_INFO_PHYS		0x2

/* What a pool is like: &struct pagealloc_ioc_info.attributes. */

/* Mapped by page; otherwise by page frame number. */
#define PAGEALLOC_ATTRIBUTE_PAGES	0x1

/* Drivers can import its buffers. */
#define PAGEALLOC_ATTRIBUTE_IMPORT	0x2

/* Buffers are charged to RLIMIT_MEMLOCK. */
#define PAGEALLOC_ATTRIBUTE_MEMLOCK	0x4

/**
 * struct pagealloc_ioc_info - what a pool is like, and one of its buffers
 * @size: bytes of this structure
 * @flags: PAGEALLOC_INFO_BUFFER, PAGEALLOC_INFO_PHYS
 * @fd: in: a buffer of this device, with PAGEALLOC_INFO_BUFFER; otherwise 0
 * @attributes: out: PAGEALLOC_ATTRIBUTE_...
 * @page_size: out: bytes of a page
 * @huge_size: out: bytes of a huge page, to which long buffers are aligned
 * @granule: out: the pool takes and gives memory in pieces of so many bytes
 * @total: out: bytes of the pool
 * @in_use: out: bytes in use
 * @available: out: bytes that can be had
 * @largest_available: out: bytes of the longest piece of these
 * @len: out: bytes of the buffer
 * @phys: out: its physical address, with PAGEALLOC_INFO_PHYS
 * @node: out: NUMA node of the buffer, or -1 if that is not known
 * @reserved: out: 0
 */
struct pagealloc_ioc_info {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 attributes;
	__u64 page_size;
	__u64 huge_size;
	__u64 granule;
	__u64 total;
	__u64 in_use;
	__u64 available;
	__u64 largest_available;
	__u64 len;
	__u64 phys;
	__s32 node;
	__u32 reserved;
};

#define PAGEALLOC_IOC_INFO_SIZE_1	96

#define PAGEALLOC_IOC_INFO \
	_IOWR(PAGEALLOC_IOC_MAGIC, 0x81, struct pagealloc_ioc_info)

#endif
