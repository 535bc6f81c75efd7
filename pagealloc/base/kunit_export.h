/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_EXPORT_H
#define PAGEALLOC_KUNIT_EXPORT_H

/*
 * The KUnit suites are separate modules and call internal functions of this
 * one.  Only test builds export these functions.
 */
#ifdef PAGEALLOC_KUNIT
#include <linux/export.h>
#define PGA_EXPORT_FOR_KUNIT(symbol)	EXPORT_SYMBOL_GPL(symbol)
#else
#define PGA_EXPORT_FOR_KUNIT(symbol)	struct pga_not_exported
#endif

#endif
