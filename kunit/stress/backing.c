// SPDX-License-Identifier: GPL-2.0
/*
 * The backings sim and loan, with an account of what they do.
 *
 * Each call is passed on.  Calls that fail must have changed nothing, so what
 * was taken out of the account before a discard that fails is entered again.
 */

#include "account.h"
#include "backing.h"
#include "count.h"

struct pagealloc_backing_ops stress_sim_ops;
struct pagealloc_backing_ops stress_loan_ops;

static unsigned long backing_granule(void *ctx)
{
	const struct stress_backing *b = ctx;

	b->account->granule = b->ops->granule(b->ctx);
	return b->account->granule;
}

static int backing_reserve(void *ctx, unsigned long pfn, unsigned long nr)
{
	const struct stress_backing *b = ctx;

	return b->ops->reserve(b->ctx, pfn, nr);
}

static void backing_release(void *ctx, unsigned long pfn, unsigned long nr)
{
	const struct stress_backing *b = ctx;

	b->ops->release(b->ctx, pfn, nr);
}

static int backing_populate(void *ctx, unsigned long pfn, unsigned long nr)
{
	const struct stress_backing *b = ctx;
	int ret;

	stress_account_populating(b->account, pfn, nr);
	ret = b->ops->populate(b->ctx, pfn, nr);
	if (!ret)
		stress_account_populated(b->account, pfn, nr);
	stress_count(ret ? STRESS_BACKING_FAIL : STRESS_POPULATE);
	return ret;
}

static int backing_discard(void *ctx, unsigned long pfn, unsigned long nr)
{
	const struct stress_backing *b = ctx;
	int ret;

	stress_account_discarding(b->account, pfn, nr);
	ret = b->ops->discard(b->ctx, pfn, nr);
	if (ret)
		stress_account_populated(b->account, pfn, nr);
	stress_count(ret ? STRESS_BACKING_FAIL : STRESS_DISCARD);
	return ret;
}

static bool backing_populates_zero(void *ctx)
{
	const struct stress_backing *b = ctx;

	return b->ops->populates_zero(b->ctx);
}

static void backing_zero(void *ctx, unsigned long pfn, unsigned long nr)
{
	const struct stress_backing *b = ctx;

	b->ops->zero(b->ctx, pfn, nr);
}

static void pass_on(struct pagealloc_backing_ops *ops,
		    const struct pagealloc_backing_ops *to)
{
	*ops = *to;
	ops->granule = backing_granule;
	ops->reserve = backing_reserve;
	ops->release = backing_release;
	ops->populate = backing_populate;
	ops->discard = backing_discard;
	if (to->populates_zero)
		ops->populates_zero = backing_populates_zero;
	if (to->zero)
		ops->zero = backing_zero;
}

/**
 * stress_backing_init() - before there is any pool
 */
void stress_backing_init(void)
{
	pass_on(&stress_sim_ops, &pagealloc_sim_ops);
	pass_on(&stress_loan_ops, &pagealloc_loan_ops);
}
