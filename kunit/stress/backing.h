/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_BACKING_H
#define PAGEALLOC_STRESS_BACKING_H

/*
 * The backings sim and loan, with an account of what they do.
 */

#include "pagealloc.h"

struct stress_account;

/**
 * struct stress_backing - context of the backings below
 * @account: where populates and discards are entered
 * @ops: the backing that does it
 * @ctx: its context
 */
struct stress_backing {
	struct stress_account *account;
	const struct pagealloc_backing_ops *ops;
	void *ctx;
};

/* Like pagealloc_sim_ops and pagealloc_loan_ops; with a struct stress_backing. */
extern struct pagealloc_backing_ops stress_sim_ops;
extern struct pagealloc_backing_ops stress_loan_ops;

void stress_backing_init(void);

#endif
