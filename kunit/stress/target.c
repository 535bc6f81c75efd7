// SPDX-License-Identifier: GPL-2.0
/*
 * The pools under stress, and the runs that clients have in them.
 *
 * A run is a number in a slot, so that it can be handed from any context to any
 * other without a lock: whoever exchanges the number has the run.
 */

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/printk.h>
#include <linux/vmalloc.h>

#include "count.h"
#include "target.h"

/* Where pools on sim begin; their pages are numbers only. */
#define SIM_BASE	(1UL << 20)

/* A run in a slot: page, length and number, from the highest bits down. */
#define NR_BITS		17
static_assert(STRESS_ID_BITS + NR_BITS < 64);

static u64 pack(const struct stress_target *target, const struct stress_run *run)
{
	if (!run || !run->nr)
		return 0;
	return ((run->pfn - target->account.base) << NR_BITS | run->nr) <<
		STRESS_ID_BITS | run->id;
}

/**
 * stress_target_swap() - put a run into a slot, and take out what is there
 * @target: the pool
 * @slot: number of the slot, up to STRESS_SLOTS - 1
 * @run: a run of this pool, no longer the caller's, or NULL for none
 *
 * Context: any.
 * Return: the run that was there, now the caller's; without pages if there was
 * none.
 */
struct stress_run stress_target_swap(struct stress_target *target,
				     unsigned int slot,
				     const struct stress_run *run)
{
	const u64 old = xchg(&target->slot[slot], pack(target, run));

	return (struct stress_run) {
		.pfn = target->account.base + (old >> STRESS_ID_BITS >> NR_BITS),
		.nr = old >> STRESS_ID_BITS & ((1UL << NR_BITS) - 1),
		.id = old & ((1U << STRESS_ID_BITS) - 1),
	};
}

/* The account reaches from the first to the last range of a loan. */
static void span_loan(const struct pagealloc_loan *loan,
		      struct stress_account *account)
{
	struct pagealloc_range range;
	unsigned int i;

	account->base = pagealloc_loan_range(loan, 0).pfn;
	for (i = 0; (range = pagealloc_loan_range(loan, i)).nr_pages; i++)
		account->span = range.pfn + range.nr_pages - account->base;
}

static int open_backing(struct stress_target *target)
{
	const struct stress_spec *spec = &target->spec;
	struct stress_account *account = &target->account;

	account->name = spec->name;
	target->backing.account = account;
	if (spec->loan) {
		target->loan = pagealloc_loan_open(spec->pages, PAGEALLOC_ANY_PFN, 0);
		if (IS_ERR(target->loan))
			return PTR_ERR(target->loan);
		span_loan(target->loan, account);
		account->frames = true;
		target->backing.ops = &pagealloc_loan_ops;
		target->backing.ctx = target->loan;
		return 0;
	}
	pagealloc_sim_init(&target->sim, spec->granule);
	account->base = SIM_BASE;
	account->span = (spec->pages + spec->hole) * spec->regions;
	account->ragged = spec->offset;
	target->backing.ops = &pagealloc_sim_ops;
	target->backing.ctx = &target->sim;
	return 0;
}

static void close_backing(struct stress_target *target)
{
	if (!IS_ERR_OR_NULL(target->loan))
		pagealloc_loan_close(target->loan);
	target->loan = NULL;
}

static int add_loan(struct stress_target *target)
{
	struct pagealloc_range range;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret; i++) {
		range = pagealloc_loan_range(target->loan, i);
		if (!range.nr_pages)
			break;
		ret = pagealloc_add_region(target->pool, range.pfn, range.nr_pages);
	}
	return ret;
}

static int add_sim(struct stress_target *target)
{
	const struct stress_spec *spec = &target->spec;
	const unsigned long start = target->account.base +
				    target->regions * (spec->pages + spec->hole);

	return pagealloc_add_region(target->pool, start + spec->offset,
				    spec->pages - 2 * spec->offset);
}

/**
 * stress_target_add_region() - give a pool its next region
 * @target: the pool
 *
 * Context: may sleep.
 * Return: whether there was one, and it was added.
 */
bool stress_target_add_region(struct stress_target *target)
{
	int ret;

	if (target->spec.loan || atomic_xchg(&target->adding, 1))
		return false;
	if (target->regions == target->spec.regions) {
		atomic_set(&target->adding, 0);
		return false;
	}
	ret = add_sim(target);
	if (!ret)
		target->regions++;
	else
		stress_fault(target->spec.name, "region %u was not added: %d",
			     target->regions, ret);
	atomic_set(&target->adding, 0);
	return !ret;
}

/* Where the entry of a deferred free lies if not in the frames. */
static int make_deferred(struct stress_target *target)
{
	if (target->account.frames)
		return 0;
	target->deferred = vzalloc(array_size(target->account.span,
					      sizeof(*target->deferred)));
	return target->deferred ? 0 : -ENOMEM;
}

static int make_pool(struct stress_target *target)
{
	const struct pagealloc_config config = {
		.name = target->spec.name,
		.ops = target->spec.loan ? &stress_loan_ops : &stress_sim_ops,
		.ctx = &target->backing,
		.flags = target->spec.flags,
		.engine = target->spec.engine,
	};
	int ret;

	target->pool = pagealloc_pool_create(&config);
	if (IS_ERR(target->pool)) {
		ret = PTR_ERR(target->pool);
		target->pool = NULL;
		return ret;
	}
	ret = target->spec.loan ? add_loan(target) : add_sim(target);
	target->regions = !ret;
	return ret;
}

static void free_all(struct stress_target *target)
{
	vfree(target->deferred);
	target->deferred = NULL;
	stress_account_end(&target->account);
	close_backing(target);
}

/**
 * stress_target_make() - make a pool, with one region
 * @target: all zeroes but for the spec
 *
 * Context: may sleep.
 * Return: 0, or why there is none, -errno.
 */
int stress_target_make(struct stress_target *target)
{
	int ret;

	ret = open_backing(target) ?: stress_account_begin(&target->account) ?:
	      make_deferred(target) ?: make_pool(target);
	if (!ret)
		return 0;
	if (!target->pool || !pagealloc_pool_destroy(target->pool))
		free_all(target);
	target->pool = NULL;
	return ret;
}

/**
 * stress_target_destroy() - destroy a pool
 * @target: the pool; no client has a run in it
 *
 * Context: may sleep.
 * Return: 0, or what pagealloc_pool_destroy() said; then it is as before.
 */
int stress_target_destroy(struct stress_target *target)
{
	const int ret = pagealloc_pool_destroy(target->pool);

	if (ret)
		return ret;
	target->pool = NULL;
	free_all(target);
	return 0;
}
