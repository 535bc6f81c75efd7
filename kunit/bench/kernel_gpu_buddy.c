// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's buddy allocator for graphics memory, for kernels that are configured
 * without it.  The source is that of the kernel on which the benchmark runs.  Its
 * printing is left out, since that needs all of DRM.
 */

#include <linux/version.h>

#if KERNEL_VERSION(7, 0, 0) <= LINUX_VERSION_CODE
#include <drivers/gpu/buddy.c>
#else
#include <drm/drm_print.h>
#define drm_printf(printer, ...)	no_printk(__VA_ARGS__)
#include <drivers/gpu/drm/drm_buddy.c>
#endif
