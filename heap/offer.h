/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_OFFER_H
#define PAGEALLOC_HEAP_OFFER_H

void pgh_offer_exit(void);

#endif
