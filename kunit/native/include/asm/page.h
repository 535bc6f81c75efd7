/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_ASM_PAGE_H
#define NATIVE_ASM_PAGE_H

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)

#endif
