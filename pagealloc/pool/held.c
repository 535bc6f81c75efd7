// SPDX-License-Identifier: GPL-2.0
/*
 * Held granules: somebody else has frames of them.
 *
 * A granule whose populate fails with -EBUSY is *held*.  The pool isolates it, like
 * an operation isolates the pages it works on: the maps have its pages as allocated,
 * so no search of an engine meets it, and none has to skip it.  The granule was
 * discarded, so it is wholly free, and no memory stands behind it.
 *
 *	          populate: -EBUSY		      due, at a request
 *	free ---------------------------> held ---------------------------> free
 *	             ^	      |	      |
 *	             |	      |	      | nothing else serves a request
 *	             |	      v	      v
 *	             +------ taken by a claim -----> ready, and forgotten
 *
 * It is due 100 ms later.  Then the next request that may populate makes it free
 * again, before it searches.  The record stays until a populate succeeds: it knows
 * the back-off, which doubles to a minute with each failure.  A request frees a few
 * granules that are due and not all, so that it does not have to try hundreds before
 * it gets to memory that can be had.  If it finds no place it tries the others as
 * well, those that are due and then all, see pga_place_with_held().
 *
 * A granule whose discard fails is *refused*.  It stays free and ready.  The worker
 * offers it again when it is due, by the same back-off.  Its record goes when a
 * discard succeeds, or when the worker finds that the granule is not wholly free and
 * ready any more: the engine finds pages that are freed.
 *
 * A record is allocated where a populate or a discard has failed, without the lock.
 * If there is no memory for it, a request fails with -ENOMEM, and a refused granule
 * is not offered again until pages of it are freed, or all that is ready is wanted.
 * Each record is in a tree by address, and if it is held or refused in one by due
 * time.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "base/kunit_export.h"
#include "pool/held.h"

/* Granules that are due and that a request makes free again. */
#define RELEASED_AT_ONCE	4

/* Records that a critical section deals with. */
#define BATCH			32

/* Lines in the log for a request. */
#define MAX_NAMED		8

static bool due_before(struct rb_node *a, const struct rb_node *b)
{
	const struct pga_held *x = rb_entry(a, struct pga_held, by_due);
	const struct pga_held *y = rb_entry(b, struct pga_held, by_due);

	return x->backoff.due < y->backoff.due ||
	       (x->backoff.due == y->backoff.due && x->page < y->page);
}

static bool page_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct pga_held, node)->page <
	       rb_entry(b, struct pga_held, node)->page;
}

/**
 * pga_held_new() - allocate a record
 * @pool: the pool
 * @gfp: flags
 *
 * Return: the record, or NULL; the caller frees what pga_held_fail() leaves.
 */
struct pga_held *pga_held_new(struct pagealloc_pool *pool, gfp_t gfp)
{
	return pool->get_node(sizeof(struct pga_held), gfp | __GFP_NOWARN);
}

/* The tree by due time of a state, NULL if it has none. */
static struct rb_root_cached *due_tree(struct pagealloc_pool *pool,
				       enum pga_held_state state)
{
	return state == PGA_HELD ? &pool->held_due :
	       state == PGA_HELD_REFUSED ? &pool->refused_due : NULL;
}

/**
 * pga_held_any_in() - find the first record of a range
 * @pool: the pool, locked
 * @page: first page of the range
 * @end: the page after its last
 *
 * Return: the record, NULL if there is none.
 */
struct pga_held *pga_held_any_in(const struct pagealloc_pool *pool,
				 unsigned long page, unsigned long end)
{
	struct pga_held *held, *first = NULL;
	struct rb_node *node = pool->held.rb_node;

	lockdep_assert_held(&pool->lock);
	while (node) {
		held = rb_entry(node, struct pga_held, node);
		if (held->page + pool->granule > page) {
			first = held;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return first && first->page < end ? first : NULL;
}

/**
 * pga_held_in() - find the first record of a range that is in a given state
 * @pool: the pool, locked
 * @page: first page of the range
 * @end: the page after its last; the range is a portion or a granule at most
 * @state: the state
 *
 * Return: the record, NULL if there is none.
 */
struct pga_held *pga_held_in(const struct pagealloc_pool *pool, unsigned long page,
			     unsigned long end, enum pga_held_state state)
{
	struct pga_held *held = pga_held_any_in(pool, page, end);

	while (held && held->page < end && held->state != state)
		held = rb_entry_safe(rb_next(&held->node), struct pga_held, node);
	return held && held->page < end ? held : NULL;
}

/**
 * pga_held_pages() - count the held pages of a range
 * @pool: the pool, locked
 * @page: first page of the range
 * @end: the page after its last; the range is a slice at most
 *
 * Return: pages.
 */
unsigned long pga_held_pages(const struct pagealloc_pool *pool, unsigned long page,
			     unsigned long end)
{
	struct pga_held *held = pga_held_in(pool, page, end, PGA_HELD);
	unsigned long stop, nr = 0;

	for (; held; held = pga_held_in(pool, stop, end, PGA_HELD)) {
		stop = held->page + pool->granule;
		nr += min(stop, end) - max(held->page, page);
	}
	return nr;
}
PGA_EXPORT_FOR_KUNIT(pga_held_pages);

/**
 * pga_held_next_due() - find the next held granule by due time
 * @pool: the pool, locked
 * @after: the last one of the walk
 *
 * Return: its record, NULL if there is none.
 */
struct pga_held *pga_held_next_due(const struct pagealloc_pool *pool,
				   struct pga_held_walk after)
{
	struct rb_node *node = pool->held_due.rb_root.rb_node;
	struct pga_held *held, *next = NULL;

	lockdep_assert_held(&pool->lock);
	while (node) {
		held = rb_entry(node, struct pga_held, by_due);
		if (held->backoff.due > after.due ||
		    (held->backoff.due == after.due && held->page > after.page)) {
			next = held;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return next;
}

/**
 * pga_held_first_refused() - find the refused granule that is due first
 * @pool: the pool, locked
 *
 * Return: its record, NULL if there is none.
 */
struct pga_held *pga_held_first_refused(const struct pagealloc_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	return rb_entry_safe(rb_first_cached(&pool->refused_due), struct pga_held,
			     by_due);
}

/**
 * pga_held_refused_at() - find out when a refused granule is due
 * @pool: the pool, not locked
 *
 * Return: a time by the pool's clock; U64_MAX if no granule is refused, or if the pool
 * is corrupt.
 */
u64 pga_held_refused_at(struct pagealloc_pool *pool)
{
	const struct pga_held *held;
	unsigned long flags;
	u64 due;

	flags = pga_pool_lock(pool);
	held = pool->corrupt ? NULL : pga_held_first_refused(pool);
	due = held ? held->backoff.due : U64_MAX;
	pga_pool_unlock(pool, flags);
	return due;
}

/**
 * pga_held_move() - change the state of a record
 * @pool: the pool, locked
 * @held: the record.  If the new state is PGA_HELD the maps have its pages as
 *	  allocated, and no other entry covers them.  If the old state was, so it is
 *	  afterwards, and the caller makes them free or adds them to an entry.
 * @state: the new state
 */
void pga_held_move(struct pagealloc_pool *pool, struct pga_held *held,
		   enum pga_held_state state)
{
	struct rb_root_cached *from = due_tree(pool, held->state);
	struct rb_root_cached *to = due_tree(pool, state);

	lockdep_assert_held(&pool->lock);
	if (from)
		rb_erase_cached(&held->by_due, from);
	if (held->state == PGA_HELD) {
		pga_isolate_end(pool, &held->iso);
		WRITE_ONCE(pool->nr_held, pool->nr_held - pool->granule);
	}
	held->state = state;
	if (state == PGA_HELD) {
		pga_isolate(pool, &held->iso, held->page);
		pga_isolate_held(pool, &held->iso, pool->granule);
		WRITE_ONCE(pool->nr_held, pool->nr_held + pool->granule);
	}
	if (to)
		rb_add_cached(&held->by_due, to, due_before);
}

/* Make a record; NULL without @room. */
static struct pga_held *add(struct pagealloc_pool *pool, unsigned long page,
			    struct pga_held **room)
{
	struct pga_held *held = *room;

	if (!held)
		return NULL;
	*room = NULL;
	*held = (struct pga_held) { .page = page };
	rb_add(&held->node, &pool->held, page_before);
	WRITE_ONCE(pool->nr_records, pool->nr_records + 1);
	return held;
}

/**
 * pga_held_fail() - remember that a granule could not be populated or discarded
 * @pool: the pool, locked
 * @page: its first page
 * @state: PGA_HELD, and pga_held_move() says what must hold; or PGA_HELD_REFUSED
 * @now: the time
 * @room: memory for a record; NULL if it was used up; if there was none, only a
 *	  granule with a record is remembered
 *
 * Return: the record, NULL if there is none.
 */
struct pga_held *pga_held_fail(struct pagealloc_pool *pool, unsigned long page,
			       enum pga_held_state state, u64 now,
			       struct pga_held **room)
{
	struct pga_held *held = pga_held_any_in(pool, page, page + 1);
	const bool refused = state == PGA_HELD_REFUSED;
	bool was_refused;

	if (!held)
		held = add(pool, page, room);
	if (!held)
		return NULL;
	/* A granule that was discarded in between was not held by then. */
	was_refused = held->state == PGA_HELD_REFUSED;
	if (was_refused != refused)
		held->backoff.delay_ms = 0;
	pga_held_move(pool, held, PGA_HELD_FREE);
	pga_backoff_fail(&held->backoff, now);
	held->backoff.number = ++pool->failures;
	pga_held_move(pool, held, state);
	return held;
}

/* Take a record out of all trees; the caller frees it without the lock. */
static struct pga_held *drop(struct pagealloc_pool *pool, struct pga_held *held)
{
	pga_held_move(pool, held, PGA_HELD_FREE);
	rb_erase(&held->node, &pool->held);
	WRITE_ONCE(pool->nr_records, pool->nr_records - 1);
	return held;
}

/**
 * pga_held_forget_any() - the part of pga_held_forget() that is not inlined
 * @pool: the pool, not locked
 * @pages: the granules; none of them is held
 *
 * Context: may sleep.
 */
void pga_held_forget_any(struct pagealloc_pool *pool, struct pga_extent pages)
{
	struct pga_held *dropped[BATCH], *held;
	unsigned long flags;
	unsigned int nr;
	bool more;

	do {
		nr = 0;
		flags = pga_pool_lock(pool);
		while (nr < BATCH) {
			held = pga_held_any_in(pool, pages.start,
					       pga_extent_end(pages));
			if (!held)
				break;
			dropped[nr++] = drop(pool, held);
		}
		pga_pool_unlock(pool, flags);
		more = nr == BATCH;
		while (nr)
			kfree(dropped[--nr]);
		cond_resched();
	} while (more);
}

/* Make a held granule free again. */
static void make_free(struct pagealloc_pool *pool, struct pga_held *held)
{
	pga_held_move(pool, held, PGA_HELD_FREE);
	pga_make_free(pool, held->page, pool->granule, PGA_MADE_DISCARDED);
}

/**
 * pga_held_release() - make some held granules that are due free again
 * @pool: the pool, not locked
 *
 * Context: any but NMI.
 * Return: whether there was one.
 */
bool pga_held_release(struct pagealloc_pool *pool)
{
	const u64 now = pga_now(pool);
	const struct pga_held_walk start = {};
	struct pga_held *held;
	unsigned long flags;
	unsigned int nr;

	flags = pga_pool_lock(pool);
	for (nr = 0; nr < RELEASED_AT_ONCE; nr++) {
		held = pga_held_next_due(pool, start);
		if (!held || held->backoff.due > now)
			break;
		make_free(pool, held);
	}
	pga_pool_unlock(pool, flags);
	return nr;
}

/* The next record from @page on that failed after @since and has no name yet. */
static struct pga_held *next_unnamed(const struct pagealloc_pool *pool,
				     unsigned long *page, u64 since)
{
	struct pga_held *held = NULL;
	unsigned int nr;

	for (nr = 0; nr < BATCH; nr++) {
		held = pga_held_any_in(pool, *page, PGA_NONE);
		if (!held) {
			*page = PGA_NONE;
			break;
		}
		*page = held->page + pool->granule;
		if (held->state != PGA_HELD_REFUSED && !held->named &&
		    held->backoff.number > since)
			return held;
	}
	return NULL;
}

/**
 * pga_held_name() - name the held granules that made a request fail in the log
 * @pool: the pool, not locked
 * @since: pool->failures when the request began
 *
 * Each granule is named once, a few for a request.  The others are named when they make
 * another request fail.
 *
 * Context: may sleep.
 */
void pga_held_name(struct pagealloc_pool *pool, u64 since)
{
	unsigned long page = 0, flags, pfn;
	unsigned int nr = 0;
	struct pga_held *held;

	while (page != PGA_NONE && nr < MAX_NAMED) {
		flags = pga_pool_lock(pool);
		held = next_unnamed(pool, &page, since);
		if (held) {
			held->named = true;
			pfn = pga_pfn_of(pool, held->page);
		}
		pga_pool_unlock(pool, flags);
		nr += !!held;
		if (held)
			pr_info("%s: %lu pages at pfn %lu are held by somebody else\n",
				pool->name, pool->granule, pfn);
		cond_resched();
	}
}

/**
 * pga_held_end() - make all held granules free, and forget all records
 * @pool: the pool, not locked
 *
 * Context: may sleep.
 */
void pga_held_end(struct pagealloc_pool *pool)
{
	struct pga_held *held;
	unsigned long flags;

	do {
		flags = pga_pool_lock(pool);
		held = pga_held_any_in(pool, 0, PGA_NONE);
		if (held && held->state == PGA_HELD)
			make_free(pool, held);
		if (held)
			drop(pool, held);
		pga_pool_unlock(pool, flags);
		kfree(held);
		cond_resched();
	} while (held);
}
PGA_EXPORT_FOR_KUNIT(pga_held_end);
