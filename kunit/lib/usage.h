/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_USAGE_H
#define PAGEALLOC_KUNIT_USAGE_H

#include "engine/bitmap/index.h"

/* The reverse of pga_usage_unpack().  The engine changes a record in place. */
static inline pga_usage_t pgat_usage_pack(struct pga_usage u)
{
	return FIELD_PREP(PGA_USAGE_IN_USE, u.in_use) |
	       FIELD_PREP(PGA_USAGE_LAST_IN_USE, u.last_in_use) |
	       FIELD_PREP(PGA_USAGE_TAG, u.tag) |
	       FIELD_PREP(PGA_USAGE_HAS_FREE, u.has_free);
}

#endif
