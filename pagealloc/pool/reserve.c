// SPDX-License-Identifier: GPL-2.0
/*
 * The reserve: nodes that an engine takes where it cannot allocate memory.
 *
 * A free may need a node, under the pool's lock, in any context.  So the engine has
 * nodes in advance.  The worker, requests that may sleep, and growth fill the
 * reserve when it gets low.  If the reserve is empty, freed pages are parked; they
 * become free when it is filled again.
 */

#include <linux/sched.h>
#include <linux/slab.h>

#include "base/kunit_export.h"
#include "pool/reserve.h"

/* Nodes exchanged, and parked runs freed, in one critical section. */
#define BATCH	32

/**
 * struct nodes - nodes on their way to or from the engine
 * @nr: how many
 * @node: the nodes
 */
struct nodes {
	unsigned int nr;
	void *node[BATCH];
};

/* Nodes that the engine wants, up to a batch. */
static unsigned int wanted(struct pagealloc_pool *pool)
{
	return min_t(unsigned int, pga_map_wants(&pool->map), BATCH);
}

/* Allocate nodes; false if there was not enough memory. */
static bool alloc_nodes(struct pagealloc_pool *pool, struct nodes *nodes)
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

/*
 * Give nodes to the engine, free parked runs, and take surplus nodes back; false if
 * nothing of that is left to do.
 */
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
		pga_check_damage(pool);
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
		enough = alloc_nodes(pool, &nodes);
		more = exchange(pool, &nodes);
		while (nodes.nr)
			kfree(nodes.node[--nodes.nr]);
		cond_resched();
	} while (enough && more);
	return enough ? 0 : -ENOMEM;
}

/**
 * pga_reserve_fill() - fill the reserve and free parked pages
 * @pool: the pool
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM if the reserve is not full.
 */
int pga_reserve_fill(struct pagealloc_pool *pool)
{
	return pool->map.ops->node_size ? fill(pool) : 0;
}
PGA_EXPORT_FOR_KUNIT(pga_reserve_fill);

/**
 * pga_reserve_is_half() - is half of the reserve used up, or are pages parked?
 * @pool: the pool, whose engine needs a reserve
 *
 * Context: any.
 */
bool pga_reserve_is_half(const struct pagealloc_pool *pool)
{
	/* Pairs with WRITE_ONCE() in engine/span. */
	return READ_ONCE(pool->map.parked) ||
	       pga_map_wants(&pool->map) > PGA_RESERVE_NODES / 2;
}
PGA_EXPORT_FOR_KUNIT(pga_reserve_is_half);
