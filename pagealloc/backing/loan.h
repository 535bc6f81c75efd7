/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_LOAN_H
#define PAGEALLOC_BACKING_LOAN_H

#include <linux/types.h>

int pga_loan_init(void);
void pga_loan_exit(void);
bool pga_loan_memory_event(unsigned long action, unsigned long pfn,
			   unsigned long nr_pages);

#endif
