// SPDX-License-Identifier: GPL-2.0
/*
 * What a program can ask of the device of a heap.
 *
 * DMA_HEAP_IOCTL_ALLOC does what the kernel's own heaps do with it, with structures of
 * any length, so that their clients need no change.  The ioctls of our own have
 * structures that begin with their size.
 *
 * A descriptor is installed only when the program has been told its number.  If that
 * fails nothing is left behind.
 */

#include <linux/capability.h>
#include <linux/dma-buf.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/uaccess.h>
#include <uapi/linux/dma-heap.h>

#include "base/fault.h"
#include "dmabuf.h"
#include "ioctl.h"
#include "uapi/pagealloc.h"

#define FD_FLAGS	(O_ACCMODE | O_CLOEXEC)
#define ALLOC_FLAGS	(PAGEALLOC_ALLOC_NOWAIT | PAGEALLOC_ALLOC_HUGE)
#define INFO_FLAGS	(PAGEALLOC_INFO_BUFFER | PAGEALLOC_INFO_PHYS)

static_assert(sizeof(struct pagealloc_ioc_alloc) == PAGEALLOC_IOC_ALLOC_SIZE_1);
static_assert(sizeof(struct pagealloc_ioc_info) == PAGEALLOC_IOC_INFO_SIZE_1);

/*
 * Make a buffer, store its descriptor in @fd, and copy the @size bytes at @data, which
 * contain @fd, to the program.
 */
static int give_buffer(struct pgh_heap *heap, const struct pagealloc_request *request,
		       gfp_t gfp, unsigned int fd_flags, __u32 *fd, const void *data,
		       void __user *to, size_t size)
{
	struct dma_buf *dmabuf;
	int ret;

	dmabuf = pgh_dmabuf_create(heap, request, gfp, true, fd_flags);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	ret = get_unused_fd_flags(fd_flags & O_CLOEXEC);
	if (ret < 0)
		goto err_put;
	*fd = ret;
	if (copy_to_user(to, data, size)) {
		put_unused_fd(*fd);
		ret = -EFAULT;
		goto err_put;
	}
	fd_install(*fd, dmabuf->file);
	return 0;

err_put:
	dma_buf_put(dmabuf);
	return ret;
}

static int heap_alloc(struct pgh_heap *heap, struct dma_heap_allocation_data *data,
		      void __user *to, size_t size)
{
	struct pagealloc_request request = {
		.nr_pages = PAGE_ALIGN(data->len) >> PAGE_SHIFT,
	};

	if (data->fd || data->fd_flags & ~DMA_HEAP_VALID_FD_FLAGS ||
	    data->heap_flags & ~DMA_HEAP_VALID_HEAP_FLAGS || !request.nr_pages)
		return -EINVAL;
	return give_buffer(heap, &request, GFP_KERNEL, data->fd_flags, &data->fd, data,
			   to, size);
}

/*
 * The structure of a program may be shorter or longer than ours.  What it lacks is
 * zero, what we do not know is returned as it was.
 */
static int ioctl_heap_alloc(struct pgh_heap *heap, unsigned int cmd, void __user *arg)
{
	const size_t size = _IOC_SIZE(cmd);
	const size_t in = cmd & IOC_IN ? size : 0, out = cmd & IOC_OUT ? size : 0;
	struct dma_heap_allocation_data *data;
	int ret;

	data = kzalloc(max(size, sizeof(*data)), GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	if (copy_from_user(data, arg, in))
		ret = -EFAULT;
	else
		ret = heap_alloc(heap, data, arg, out);
	kfree(data);
	return ret;
}

/*
 * Read a structure of ours, the first version of which had @first bytes.  Returns its
 * size or an errno.
 */
static int read_struct(void *to, size_t known, void __user *from, size_t first)
{
	u32 size;
	int ret;

	if (get_user(size, (u32 __user *)from))
		return -EFAULT;
	if (size < first)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(to, known, from, size);
	return ret ?: size;
}

/* 0, or a power of two. */
static bool power_ok(u64 value)
{
	return !(value & (value - 1));
}

static int parse_alloc(const struct pagealloc_ioc_alloc *arg,
		       struct pagealloc_request *request)
{
	u64 align = arg->align;

	if (arg->flags & ~ALLOC_FLAGS || arg->fd_flags & ~FD_FLAGS || arg->fd)
		return -EINVAL;
	if (!arg->len || !PAGE_ALIGN(arg->len) || !power_ok(align) ||
	    !power_ok(arg->boundary))
		return -EINVAL;
	if (arg->boundary && (arg->boundary < arg->len || arg->boundary < PAGE_SIZE))
		return -EINVAL;
	if (arg->limit && arg->limit < PAGE_SIZE)
		return -EINVAL;
	if (arg->flags & PAGEALLOC_ALLOC_HUGE)
		align = max_t(u64, align, PMD_SIZE);
	*request = (struct pagealloc_request) {
		.nr_pages = PAGE_ALIGN(arg->len) >> PAGE_SHIFT,
		.align = align && align < PAGE_SIZE ? 1 : align >> PAGE_SHIFT,
		.boundary = arg->boundary >> PAGE_SHIFT,
		.high = arg->limit >> PAGE_SHIFT,
	};
	return 0;
}

static int ioctl_alloc(struct pgh_heap *heap, void __user *from)
{
	struct pagealloc_ioc_alloc arg;
	struct pagealloc_request request;
	gfp_t gfp = GFP_KERNEL;
	int ret;

	ret = read_struct(&arg, sizeof(arg), from, PAGEALLOC_IOC_ALLOC_SIZE_1);
	if (ret < 0)
		return ret;
	ret = parse_alloc(&arg, &request);
	if (ret)
		return ret;
	if (arg.flags & PAGEALLOC_ALLOC_NOWAIT)
		gfp = GFP_NOWAIT;
	return give_buffer(heap, &request, gfp, arg.fd_flags, (__u32 *)&arg.fd, &arg.fd,
			   from + offsetof(struct pagealloc_ioc_alloc, fd),
			   sizeof(arg.fd));
}

static void describe_buffer(const struct pgh_buffer *buffer,
			    struct pagealloc_ioc_info *arg)
{
	arg->len = (u64)buffer->nr_pages << PAGE_SHIFT;
	if (arg->flags & PAGEALLOC_INFO_PHYS)
		arg->phys = PFN_PHYS(buffer->pfn);
	if (buffer->has_pages)
		arg->node = page_to_nid(pfn_to_page(buffer->pfn));
}

/* Describe the buffer of arg->fd, which must belong to the heap. */
static int find_buffer(const struct pgh_heap *heap, struct pagealloc_ioc_info *arg)
{
	const struct pgh_buffer *buffer;
	struct dma_buf *dmabuf;
	int ret = 0;

	dmabuf = dma_buf_get(arg->fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	buffer = pgh_dmabuf_buffer(dmabuf);
	if (buffer && buffer->heap == heap)
		describe_buffer(buffer, arg);
	else
		ret = -EINVAL;
	dma_buf_put(dmabuf);
	return ret;
}

static int describe_pool(const struct pgh_heap *heap, struct pagealloc_ioc_info *arg)
{
	struct pagealloc_stats stats;
	struct pagealloc_info info;
	int ret;

	ret = pagealloc_pool_info(heap->pool, &info);
	if (ret)
		return ret;
	pagealloc_stats(heap->pool, &stats);
	arg->attributes =
		(pgh_heap_by_pages(heap) ? PAGEALLOC_ATTRIBUTE_PAGES : 0) |
		(info.has_pages ? PAGEALLOC_ATTRIBUTE_IMPORT : 0) |
		(heap->config.flags & PAGEALLOC_HEAP_NO_MEMLOCK ? 0 :
		 PAGEALLOC_ATTRIBUTE_MEMLOCK);
	arg->page_size = PAGE_SIZE;
	arg->huge_size = PMD_SIZE;
	arg->granule = stats.value[PAGEALLOC_GRANULE];
	arg->total = stats.value[PAGEALLOC_SYS];
	arg->in_use = stats.value[PAGEALLOC_IN_USE];
	arg->available = stats.value[PAGEALLOC_AVAILABLE];
	arg->largest_available = stats.value[PAGEALLOC_LARGEST_AVAILABLE];
	return 0;
}

static int check_info(const struct pagealloc_ioc_info *arg)
{
	const bool buffer = arg->flags & PAGEALLOC_INFO_BUFFER;

	if (arg->flags & ~INFO_FLAGS || arg->reserved)
		return -EINVAL;
	if (buffer ? arg->fd < 0 : arg->fd || arg->flags & PAGEALLOC_INFO_PHYS)
		return -EINVAL;
	return arg->flags & PAGEALLOC_INFO_PHYS && !capable(CAP_SYS_RAWIO) ? -EPERM : 0;
}

static int ioctl_info(struct pgh_heap *heap, void __user *user)
{
	struct pagealloc_ioc_info in, arg;
	int size, ret;

	size = read_struct(&in, sizeof(in), user, PAGEALLOC_IOC_INFO_SIZE_1);
	if (size < 0)
		return size;
	ret = check_info(&in);
	if (ret)
		return ret;
	arg = (struct pagealloc_ioc_info) {
		.size = in.size,
		.flags = in.flags,
		.fd = in.fd,
		.node = NUMA_NO_NODE,
	};
	if (in.flags & PAGEALLOC_INFO_BUFFER)
		ret = find_buffer(heap, &arg);
	if (!ret)
		ret = describe_pool(heap, &arg);
	if (!ret && copy_to_user(user, &arg, min_t(size_t, size, sizeof(arg))))
		ret = -EFAULT;
	return ret;
}

static int ioctl_own(struct pgh_heap *heap, unsigned int cmd, void __user *arg)
{
	if (_IOC_DIR(cmd) != (_IOC_READ | _IOC_WRITE))
		return -ENOTTY;
	switch (_IOC_NR(cmd)) {
	case _IOC_NR(PAGEALLOC_IOC_ALLOC):
		return ioctl_alloc(heap, arg);
	case _IOC_NR(PAGEALLOC_IOC_INFO):
		return ioctl_info(heap, arg);
	default:
		return -ENOTTY;
	}
}

/**
 * pgh_ioctl() - perform an ioctl
 * @heap: a heap that the caller uses
 * @cmd: as the program gave it
 * @arg: likewise
 *
 * Context: process context, may sleep.
 * Return: 0 or an errno; -ENOTTY for an ioctl that is not ours.  A number of the
 * kernel's heaps that is not known is -EINVAL, as it is with them.
 */
long pgh_ioctl(struct pgh_heap *heap, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (_IOC_TYPE(cmd)) {
	case DMA_HEAP_IOC_MAGIC:
		if (_IOC_NR(cmd) != _IOC_NR(DMA_HEAP_IOCTL_ALLOC))
			return -EINVAL;
		return ioctl_heap_alloc(heap, cmd, user);
	case PAGEALLOC_IOC_MAGIC:
		return ioctl_own(heap, cmd, user);
	default:
		return -ENOTTY;
	}
}
