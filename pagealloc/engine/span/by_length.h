/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SPAN_BY_LENGTH_H
#define PAGEALLOC_SPAN_BY_LENGTH_H

#include "engine/span/node.h"

void pga_by_length_insert(struct rb_root *root, struct pga_span *span);
void pga_by_length_erase(struct rb_root *root, struct pga_span *span);
void pga_by_length_aged(struct pga_span *span);
struct pga_span *pga_by_length_fit(const struct rb_root *root, unsigned long nr);
struct pga_span *pga_by_length_before(const struct rb_root *root,
				      unsigned long nr, unsigned long start,
				      unsigned long since);
unsigned long pga_by_length_oldest(const struct rb_root *root);
bool pga_by_length_right(const struct rb_root *root, const struct pga_span *span);

#endif
