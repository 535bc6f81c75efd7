// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers as dma-bufs: what others can do with one.
 *
 * A buffer is one piece, so its scatter list has one entry as a rule.  Pages without
 * page structs cannot be in a scatter list; such a buffer can be mapped into user
 * space, and nothing else.
 */

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "base/fault.h"
#include "compat.h"
#include "dmabuf.h"
#include "mapping.h"

PGH_IMPORT_DMA_BUF;

/* The length of an entry of a scatter list is 32 bits. */
#define SEGMENT_MAX	((size_t)SZ_1G)

/**
 * struct attachment - a device that a buffer is attached to
 * @node: L: in the buffer's list
 * @device: the device
 * @table: the memory of the buffer
 * @mapped: L: mapped for the device
 *
 * L is the lock of the buffer.
 */
struct attachment {
	struct list_head node;
	struct device *device;
	struct sg_table table;
	bool mapped;
};

static int fill_table(const struct pgh_buffer *buffer, struct sg_table *table)
{
	size_t left = buffer->nr_pages << PAGE_SHIFT, len;
	unsigned long pfn = buffer->pfn;
	struct scatterlist *entry;
	int ret, i;

	if (DIV_ROUND_UP(left, SEGMENT_MAX) > UINT_MAX)
		return -EINVAL;
	ret = sg_alloc_table(table, DIV_ROUND_UP(left, SEGMENT_MAX), GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sgtable_sg(table, entry, i) {
		len = min(left, SEGMENT_MAX);
		sg_set_page(entry, pfn_to_page(pfn), len, 0);
		left -= len;
		pfn += len >> PAGE_SHIFT;
	}
	return 0;
}

static int dmabuf_attach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	struct pgh_buffer *buffer = dmabuf->priv;
	struct attachment *a;
	int ret;

	if (!buffer->has_pages)
		return -EOPNOTSUPP;
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	ret = fill_table(buffer, &a->table);
	if (ret) {
		kfree(a);
		return ret;
	}
	a->device = attach->dev;
	attach->priv = a;
	mutex_lock(&buffer->lock);
	list_add(&a->node, &buffer->attachments);
	mutex_unlock(&buffer->lock);
	return 0;
}

static void dmabuf_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	struct pgh_buffer *buffer = dmabuf->priv;
	struct attachment *a = attach->priv;

	mutex_lock(&buffer->lock);
	list_del(&a->node);
	mutex_unlock(&buffer->lock);
	sg_free_table(&a->table);
	kfree(a);
}

static struct sg_table *dmabuf_map(struct dma_buf_attachment *attach,
				   enum dma_data_direction direction)
{
	struct pgh_buffer *buffer = attach->dmabuf->priv;
	struct attachment *a = attach->priv;
	int ret;

	mutex_lock(&buffer->lock);
	ret = dma_map_sgtable(a->device, &a->table, direction, 0);
	a->mapped = !ret;
	mutex_unlock(&buffer->lock);
	return ret ? ERR_PTR(ret) : &a->table;
}

static void dmabuf_unmap(struct dma_buf_attachment *attach, struct sg_table *table,
			 enum dma_data_direction direction)
{
	struct pgh_buffer *buffer = attach->dmabuf->priv;
	struct attachment *a = attach->priv;

	mutex_lock(&buffer->lock);
	a->mapped = false;
	dma_unmap_sgtable(a->device, table, direction, 0);
	mutex_unlock(&buffer->lock);
}

static int dmabuf_begin_cpu_access(struct dma_buf *dmabuf,
				   enum dma_data_direction direction)
{
	struct pgh_buffer *buffer = dmabuf->priv;
	struct attachment *a;

	mutex_lock(&buffer->lock);
	list_for_each_entry(a, &buffer->attachments, node)
		if (a->mapped)
			dma_sync_sgtable_for_cpu(a->device, &a->table, direction);
	mutex_unlock(&buffer->lock);
	return 0;
}

static int dmabuf_end_cpu_access(struct dma_buf *dmabuf,
				 enum dma_data_direction direction)
{
	struct pgh_buffer *buffer = dmabuf->priv;
	struct attachment *a;

	mutex_lock(&buffer->lock);
	list_for_each_entry(a, &buffer->attachments, node)
		if (a->mapped)
			dma_sync_sgtable_for_device(a->device, &a->table, direction);
	mutex_unlock(&buffer->lock);
	return 0;
}

static int dmabuf_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	return pgh_map(dmabuf->priv, vma);
}

/* Pages that have page structs are in the direct map, one after the other. */
static int dmabuf_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	const struct pgh_buffer *buffer = dmabuf->priv;

	if (!buffer->has_pages)
		return -EOPNOTSUPP;
	iosys_map_set_vaddr(map, page_address(pfn_to_page(buffer->pfn)));
	return 0;
}

static void dmabuf_release(struct dma_buf *dmabuf)
{
	pgh_buffer_free(dmabuf->priv);
}

static const struct dma_buf_ops dmabuf_ops = {
	.attach = dmabuf_attach,
	.detach = dmabuf_detach,
	.map_dma_buf = dmabuf_map,
	.unmap_dma_buf = dmabuf_unmap,
	.begin_cpu_access = dmabuf_begin_cpu_access,
	.end_cpu_access = dmabuf_end_cpu_access,
	.mmap = dmabuf_mmap,
	.vmap = dmabuf_vmap,
	.release = dmabuf_release,
};

/**
 * pgh_dmabuf_create() - make a buffer and export it
 * @heap: a heap that the caller uses
 * @request: its length and where it may lie
 * @gfp: GFP_KERNEL, or GFP_NOWAIT for memory that is ready
 * @charged: charge the user of the calling task, unless the heap charges nobody
 * @flags: O_RDONLY, O_WRONLY or O_RDWR, and O_CLOEXEC: of the file
 *
 * This module stays loaded as long as the dma-buf exists.
 *
 * Context: may sleep.
 * Return: the dma-buf, or an ERR_PTR() of pgh_buffer_create() or of dma_buf_export().
 */
struct dma_buf *pgh_dmabuf_create(struct pgh_heap *heap,
				  const struct pagealloc_request *request, gfp_t gfp,
				  bool charged, unsigned int flags)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct pgh_buffer *buffer;
	struct dma_buf *dmabuf;

	buffer = pgh_buffer_create(heap, request, gfp, charged);
	if (IS_ERR(buffer))
		return ERR_CAST(buffer);
	info.exp_name = heap->name;
	info.ops = &dmabuf_ops;
	info.size = buffer->nr_pages << PAGE_SHIFT;
	info.flags = flags;
	info.priv = buffer;
	dmabuf = dma_buf_export(&info);
	if (IS_ERR(dmabuf))
		pgh_buffer_free(buffer);
	return dmabuf;
}

/**
 * pgh_dmabuf_buffer() - the buffer of a dma-buf
 * @dmabuf: any dma-buf
 *
 * Return: the buffer; NULL if the dma-buf is somebody else's.
 */
struct pgh_buffer *pgh_dmabuf_buffer(struct dma_buf *dmabuf)
{
	return dmabuf->ops == &dmabuf_ops ? dmabuf->priv : NULL;
}
