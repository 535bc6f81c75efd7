/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BACKING_LOAN_H
#define PAGEALLOC_BACKING_LOAN_H

void pga_loan_exit(void);

#endif
