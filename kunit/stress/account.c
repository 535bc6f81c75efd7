// SPDX-License-Identifier: GPL-2.0
/*
 * Which run each page of a pool belongs to, and which pages have memory.
 *
 * A client enters a run here right after the pool has given it, and takes it out
 * right before the pool gets it back:
 *
 *	pool:	   free |  the client's		      | free
 *	owner:	   0    . 0 |  number of the run  | 0 . 0
 *		        alloc returns		  free is called
 *
 * So if the pool gives a page to two clients, one of them finds the number of the
 * other's run, wherever the two are.  Frames also hold the number and their own
 * address, in three words, and these are compared before the free: that is how
 * the kernel, or a client that no longer has the page, is seen to write to it.
 *
 * The backing enters here what it populates and discards.  A client's page must
 * have memory, and none may be discarded as long as it is a client's.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "account.h"
#include "count.h"

#define PAGE_WORDS	(PAGE_SIZE / sizeof(u64))

/**
 * stress_account_begin() - an account of pages that nobody has, without memory
 * @account: name, base, span and flags are set
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int stress_account_begin(struct stress_account *account)
{
	account->owner = vzalloc(array_size(account->span, sizeof(u32)));
	account->backed = vzalloc(account->span);
	if (account->owner && account->backed)
		return 0;
	stress_account_end(account);
	return -ENOMEM;
}

/**
 * stress_account_end() - drop it
 * @account: the account
 */
void stress_account_end(struct stress_account *account)
{
	vfree(account->owner);
	vfree(account->backed);
	account->owner = NULL;
	account->backed = NULL;
}

/**
 * stress_account_id() - a number for a run
 * @account: of this pool
 *
 * Context: any.
 * Return: a number other than 0 that comes again after a million others.
 */
u32 stress_account_id(struct stress_account *account)
{
	return (u32)atomic_inc_return(&account->next_id) %
	       ((1U << STRESS_ID_BITS) - 1) + 1;
}

static bool inside(const struct stress_account *account, unsigned long pfn,
		   unsigned long nr)
{
	return pfn >= account->base && nr <= account->span &&
	       pfn - account->base <= account->span - nr;
}

/* What a word of a frame holds as long as it belongs to that run. */
static u64 stamp(unsigned long pfn, u32 id, unsigned int word)
{
	return hash_64((u64)pfn << STRESS_ID_BITS | id, 64) + word;
}

/* The words of a frame that hold a stamp: at both ends, and one between them. */
static unsigned int stamped_word(unsigned long pfn, unsigned int i)
{
	switch (i) {
	case 0:
		return 0;
	case 1:
		return 1 + pfn % (PAGE_WORDS - 2);
	default:
		return PAGE_WORDS - 1;
	}
}

#define STAMPS	3

static void write_stamps(unsigned long pfn, u32 id)
{
	u64 *words = page_address(pfn_to_page(pfn));
	unsigned int i, word;

	for (i = 0; i < STAMPS; i++) {
		word = stamped_word(pfn, i);
		WRITE_ONCE(words[word], stamp(pfn, id, word));
	}
}

static void compare_stamps(struct stress_account *account, unsigned long pfn,
			   u32 id)
{
	const u64 *words = page_address(pfn_to_page(pfn));
	unsigned int i, word;
	u64 found;

	for (i = 0; i < STAMPS; i++) {
		word = stamped_word(pfn, i);
		found = READ_ONCE(words[word]);
		if (found == stamp(pfn, id, word))
			continue;
		stress_fault(account->name,
			     "pfn %lu of run %u: word %u holds %#llx, not %#llx",
			     pfn, id, word, found, stamp(pfn, id, word));
		return;
	}
}

static void expect_zeroes(struct stress_account *account, unsigned long pfn)
{
	if (memchr_inv(page_address(pfn_to_page(pfn)), 0, PAGE_SIZE))
		stress_fault(account->name, "pfn %lu is not zeroed", pfn);
}

static void take_page(struct stress_account *account, unsigned long pfn, u32 id)
{
	const unsigned long page = pfn - account->base;
	const u32 other = cmpxchg(&account->owner[page], 0, id);

	if (other)
		stress_fault(account->name, "pfn %lu has two owners: runs %u and %u",
			     pfn, other, id);
	if (!READ_ONCE(account->backed[page]))
		stress_fault(account->name, "pfn %lu of run %u has no memory",
			     pfn, id);
	else if (account->frames)
		write_stamps(pfn, id);
}

/**
 * stress_account_take() - a pool has given a client a run
 * @account: of the pool
 * @run: the run
 * @zeroed: all of it must be zeroes
 *
 * Context: any.
 */
void stress_account_take(struct stress_account *account,
			 const struct stress_run *run, bool zeroed)
{
	unsigned long pfn;

	if (!inside(account, run->pfn, run->nr)) {
		stress_fault(account->name, "pfn %lu+%lu is not of this pool",
			     run->pfn, run->nr);
		return;
	}
	for (pfn = run->pfn; pfn < run->pfn + run->nr; pfn++) {
		/* Of a long run one page in 16: it takes its time. */
		if (zeroed && account->frames && (run->nr <= 64 || pfn % 16 == 0))
			expect_zeroes(account, pfn);
		take_page(account, pfn, run->id);
	}
}

/**
 * stress_account_give() - a client is about to give a run, or a part of it, back
 * @account: of the pool
 * @run: the run
 *
 * Context: any.
 */
void stress_account_give(struct stress_account *account,
			 const struct stress_run *run)
{
	unsigned long pfn;
	u32 owner;

	if (!inside(account, run->pfn, run->nr))
		return;
	for (pfn = run->pfn; pfn < run->pfn + run->nr; pfn++) {
		if (account->frames)
			compare_stamps(account, pfn, run->id);
		owner = cmpxchg(&account->owner[pfn - account->base], run->id, 0);
		if (owner != run->id)
			stress_fault(account->name,
				     "pfn %lu of run %u belongs to run %u",
				     pfn, run->id, owner);
	}
}

/**
 * stress_account_owned() - how many pages do clients have?
 * @account: of this pool
 *
 * Return: the number.
 */
unsigned long stress_account_owned(const struct stress_account *account)
{
	unsigned long page, owned = 0;

	for (page = 0; page < account->span; page++)
		owned += !!READ_ONCE(account->owner[page]);
	return owned;
}

/* A call of the backing is for pages of the pool, in whole granules. */
static bool is_sane(struct stress_account *account, const char *call,
		    unsigned long pfn, unsigned long nr)
{
	const unsigned long granule = account->granule;

	if (nr && inside(account, pfn, nr) &&
	    (account->ragged || !granule || !((pfn | nr) % granule)))
		return true;
	stress_fault(account->name, "%s of pfn %lu+%lu, granule %lu", call, pfn,
		     nr, granule);
	return false;
}

/* None of these pages is a client's. */
static void expect_nobodys(struct stress_account *account, const char *call,
			   unsigned long pfn, unsigned long nr)
{
	unsigned long page = pfn - account->base;
	const unsigned long end = page + nr;
	u32 owner;

	for (; page < end; page++) {
		owner = READ_ONCE(account->owner[page]);
		if (!owner)
			continue;
		stress_fault(account->name, "%s of pfn %lu, which run %u has",
			     call, account->base + page, owner);
		return;
	}
}

/* All of these pages have memory, or none of them. */
static void expect_backed(struct stress_account *account, const char *call,
			  unsigned long pfn, unsigned long nr, bool backed)
{
	unsigned long page = pfn - account->base;
	const unsigned long end = page + nr;

	for (; page < end; page++) {
		if (READ_ONCE(account->backed[page]) == backed)
			continue;
		stress_fault(account->name, "%s of pfn %lu, which has %s memory",
			     call, account->base + page, backed ? "no" : "its");
		return;
	}
}

static void set_backed(struct stress_account *account, unsigned long pfn,
		       unsigned long nr, bool backed)
{
	unsigned long page;

	for (page = pfn - account->base; nr--; page++)
		WRITE_ONCE(account->backed[page], backed);
}

/**
 * stress_account_populating() - a backing is asked to populate pages
 * @account: of the pool
 * @pfn: first page
 * @nr: pages
 */
void stress_account_populating(struct stress_account *account,
			       unsigned long pfn, unsigned long nr)
{
	if (!is_sane(account, "populate", pfn, nr))
		return;
	expect_nobodys(account, "populate", pfn, nr);
	expect_backed(account, "populate", pfn, nr, false);
}

/**
 * stress_account_populated() - there is memory behind pages
 * @account: of the pool
 * @pfn: first page
 * @nr: pages
 */
void stress_account_populated(struct stress_account *account,
			      unsigned long pfn, unsigned long nr)
{
	if (inside(account, pfn, nr))
		set_backed(account, pfn, nr, true);
}

/**
 * stress_account_discarding() - there is about to be no memory behind pages
 * @account: of the pool
 * @pfn: first page
 * @nr: pages
 */
void stress_account_discarding(struct stress_account *account,
			       unsigned long pfn, unsigned long nr)
{
	if (!is_sane(account, "discard", pfn, nr))
		return;
	expect_nobodys(account, "discard", pfn, nr);
	expect_backed(account, "discard", pfn, nr, true);
	set_backed(account, pfn, nr, false);
}

/**
 * stress_account_backed() - how many pages have memory?
 * @account: of this pool
 *
 * Return: the number.
 */
unsigned long stress_account_backed(const struct stress_account *account)
{
	unsigned long page, backed = 0;

	for (page = 0; page < account->span; page++)
		backed += READ_ONCE(account->backed[page]);
	return backed;
}
