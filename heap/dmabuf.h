/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_DMABUF_H
#define PAGEALLOC_HEAP_DMABUF_H

#include "buffer.h"

struct dma_buf;

struct dma_buf *pgh_dmabuf_create(struct pgh_heap *heap,
				  const struct pagealloc_request *request, gfp_t gfp,
				  bool charged, unsigned int flags);
struct pgh_buffer *pgh_dmabuf_buffer(struct dma_buf *dmabuf);

#endif
