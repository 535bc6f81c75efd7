// SPDX-License-Identifier: GPL-2.0
/*
 * The reserve: memory that an engine may need at a moment at which there is none
 * to be had.
 *
 * A free may need a node, under the pool's lock, in any context.  So there are
 * some in advance, and whoever may sleep adds to them when they get fewer: the
 * worker, a request, growth.  What had to be parked because they had run out
 * becomes free then.
 */

#include <linux/sched.h>
#include <linux/slab.h>

#include "base/kunit_export.h"
#include "pool/pool.h"

/* Nodes that are got, and runs that are freed, before the lock is let go. */
#define BATCH	32

/* Nodes that nobody has been given as yet, or wants any more. */
struct nodes {
	unsigned int nr;
	void *node[BATCH];
};

static unsigned int wanted(struct pagealloc_pool *pool)
{
	return min_t(unsigned int, pga_map_wants(&pool->map), BATCH);
}

/* Get nodes; false if there were not enough. */
static bool get_nodes(struct pagealloc_pool *pool, struct nodes *nodes)
{
	const unsigned int nr = wanted(pool);
	void *node;

	for (nodes->nr = 0; nodes->nr < nr; nodes->nr++) {
		node = pool->get_node(pool->map.ops->node_size,
				      GFP_KERNEL | __GFP_NOWARN);
		if (!node)
			return false;
		nodes->node[nodes->nr] = node;
	}
	return true;
}

/* Hand nodes in, free what was parked, and get back what is not needed. */
static bool exchange(struct pagealloc_pool *pool, struct nodes *nodes)
{
	unsigned long flags;
	bool more;

	raw_spin_lock_irqsave(&pool->lock, flags);
	while (nodes->nr)
		pga_map_feed(&pool->map, nodes->node[--nodes->nr]);
	if (pool->map.parked) {
		pool->changes++;
		pga_map_unpark(&pool->map, BATCH);
		pga_mind_damage(pool);
	}
	more = pool->map.parked || wanted(pool);
	while (nodes->nr < BATCH) {
		nodes->node[nodes->nr] = pga_map_surplus(&pool->map);
		if (!nodes->node[nodes->nr])
			break;
		nodes->nr++;
	}
	more |= nodes->nr == BATCH;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return more;
}

static noinline int fill(struct pagealloc_pool *pool)
{
	struct nodes nodes;
	bool enough, more;

	do {
		enough = get_nodes(pool, &nodes);
		more = exchange(pool, &nodes);
		while (nodes.nr)
			kfree(nodes.node[--nodes.nr]);
		cond_resched();
	} while (enough && more);
	return enough ? 0 : -ENOMEM;
}

/**
 * pga_reserve_fill() - see to it that the engine has what it may need
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM if it has not.
 */
int pga_reserve_fill(struct pagealloc_pool *pool)
{
	return pool->map.ops->node_size ? fill(pool) : 0;
}
PGA_EXPORT_FOR_KUNIT(pga_reserve_fill);

/**
 * pga_reserve_is_half() - is half of it gone, or something parked?
 * @pool: the pool, of an engine that needs a reserve
 *
 * Context: any.
 */
bool pga_reserve_is_half(const struct pagealloc_pool *pool)
{
	return READ_ONCE(pool->map.parked) ||
	       pga_map_wants(&pool->map) > PGA_RESERVE_NODES / 2;
}
PGA_EXPORT_FOR_KUNIT(pga_reserve_is_half);
