/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_MM_H
#define NATIVE_LINUX_MM_H

#include <linux/slab.h>

#include <asm/page.h>

#define PAGE_ALIGN(bytes)	ALIGN(bytes, PAGE_SIZE)

#endif
