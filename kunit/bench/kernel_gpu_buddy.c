// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's buddy allocator for graphics memory, for kernels configured
 * without.  This is the source of the very kernel that is measured on, but for
 * what it prints, which would take all of DRM.
 */

#include <linux/version.h>

#if KERNEL_VERSION(7, 0, 0) <= LINUX_VERSION_CODE
#include <drivers/gpu/buddy.c>
#else
#include <drm/drm_print.h>
#define drm_printf(printer, ...)	no_printk(__VA_ARGS__)
#include <drivers/gpu/drm/drm_buddy.c>
#endif
