/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BITMAP_FIT_H
#define PAGEALLOC_BITMAP_FIT_H

#include "engine/bitmap/tree.h"
#include "engine/constraint.h"

bool pga_fit_near(const struct pga_tree *tree, const struct pga_fit *fit,
		  unsigned long *page);
bool pga_fit_find(const struct pga_tree *tree, struct pga_fit *fit,
		  unsigned int budget, unsigned long *page);

#endif
