// SPDX-License-Identifier: GPL-2.0
/*
 * The part of an engine that is the same in all: set-up, growth, time, and the
 * reserve.
 */

#include <linux/bitops.h>
#include <linux/string.h>

#include "engine/map.h"
#include "base/kunit_export.h"

/**
 * pga_map_init() - set up an engine without pages
 * @map: PGA_MAP_SIZE bytes
 * @ops: the engine
 * @page_bytes: bytes in a page
 * @granule_bytes: bytes that the backing gives back together; both are powers
 *		   of two
 */
void pga_map_init(struct pga_map *map, const struct pga_engine_ops *ops,
		  unsigned long page_bytes, unsigned long granule_bytes)
{
	memset(map, 0, ops->size);
	map->ops = ops;
	ops->init(map, page_bytes, granule_bytes);
}
PGA_EXPORT_FOR_KUNIT(pga_map_init);

/**
 * pga_map_drain() - give all memory of an engine back
 * @map: the engine, not to be used any more
 * @release: frees a piece of memory
 */
void pga_map_drain(struct pga_map *map, void (*release)(const void *memory))
{
	void *node;

	map->ops->drain(map, release);
	while ((node = pga_map_take_node(map)))
		release(node);
}
PGA_EXPORT_FOR_KUNIT(pga_map_drain);

/**
 * pga_map_grow() - add pages
 * @map: the engine
 * @page: first page, never added before
 * @nr: pages, all in one block of 2^18
 * @made: PGA_MADE_DISCARDED or PGA_MADE_READY
 * @parts: memory for what pga_map_missing() has named
 *
 * Return: false, and no page was added, if memory is missing.
 */
bool pga_map_grow(struct pga_map *map, unsigned long page, unsigned long nr,
		  enum pga_made made, struct pga_parts *parts)
{
	const size_t offered = pga_parts_bytes(parts);
	const bool grown = map->ops->grow(map, page, nr, made, parts);

	map->bytes += offered - pga_parts_bytes(parts);
	/* Pairs with readers of the pool that hold no lock. */
	if (grown)
		WRITE_ONCE(map->pages, map->pages + nr);
	return grown;
}
PGA_EXPORT_FOR_KUNIT(pga_map_grow);

/**
 * pga_map_set_delay() - say how long free pages are left alone
 * @map: the engine
 * @delay_ns: nanoseconds, 0 for no time
 */
void pga_map_set_delay(struct pga_map *map, u64 delay_ns)
{
	map->delay = delay_ns;
	map->tick_shift = pga_tick_shift(delay_ns);
	map->tick = delay_ns ? pga_tick_at(map->now, map->tick_shift) : 0;
}
PGA_EXPORT_FOR_KUNIT(pga_map_set_delay);

/**
 * pga_map_wants() - how many nodes does the reserve lack?
 * @map: the engine
 *
 * Context: any, also without the lock.
 * Return: nodes to add.
 */
unsigned int pga_map_wants(const struct pga_map *map)
{
	/* Pairs with WRITE_ONCE() of what changes it under the lock. */
	const unsigned int spare = READ_ONCE(map->nr_spare);

	if (!map->ops->node_size || spare >= PGA_RESERVE_NODES)
		return 0;
	return PGA_RESERVE_NODES - spare;
}
PGA_EXPORT_FOR_KUNIT(pga_map_wants);

/**
 * pga_map_give_node() - a node that the engine used goes to the reserve
 * @map: the engine
 * @node: the node
 */
void pga_map_give_node(struct pga_map *map, void *node)
{
	*(void **)node = map->spare;
	map->spare = node;
	/* Pairs with pga_map_wants(). */
	WRITE_ONCE(map->nr_spare, map->nr_spare + 1);
}
PGA_EXPORT_FOR_KUNIT(pga_map_give_node);

/**
 * pga_map_take_node() - take a node from the reserve
 * @map: the engine
 *
 * Return: the node, NULL if there is none.
 */
void *pga_map_take_node(struct pga_map *map)
{
	void **node = map->spare;

	if (!node)
		return NULL;
	map->spare = *node;
	/* Pairs with pga_map_wants(). */
	WRITE_ONCE(map->nr_spare, map->nr_spare - 1);
	return node;
}
PGA_EXPORT_FOR_KUNIT(pga_map_take_node);

/**
 * pga_map_feed() - add a node to the reserve
 * @map: the engine
 * @node: memory of the size that the engine's nodes have
 */
void pga_map_feed(struct pga_map *map, void *node)
{
	pga_map_give_node(map, node);
	map->bytes += map->ops->node_size;
}
PGA_EXPORT_FOR_KUNIT(pga_map_feed);

/**
 * pga_map_surplus() - take a node that the reserve can do without
 * @map: the engine
 *
 * Return: the node, whose memory the caller can free; NULL if there is none.
 */
void *pga_map_surplus(struct pga_map *map)
{
	if (map->nr_spare <= 2 * PGA_RESERVE_NODES)
		return NULL;
	map->bytes -= map->ops->node_size;
	return pga_map_take_node(map);
}
PGA_EXPORT_FOR_KUNIT(pga_map_surplus);

/**
 * pga_map_put_each() - put words back one by one
 * @map: the engine
 * @word: the words; those that are done lose their pages
 * @nr: how many
 * @put: when to stop, and what was put
 *
 * For an engine that gains nothing if it is told of several words at a time.
 *
 * Return: how many words are done.
 */
unsigned int pga_map_put_each(struct pga_map *map, struct pga_word *word,
			      unsigned int nr, struct pga_put *put)
{
	const unsigned int work = map->work;
	unsigned int n = 0;
	u64 owned, twice;

	while (n < nr && map->work - work < put->work &&
	       (n < put->words || put->put + put->twice < put->pages)) {
		owned = word[n].owned;
		twice = owned ? pga_map_put_word(map, word[n].pfn - put->base, owned, 0) : 0;
		word[n++].owned = 0;
		put->put += hweight64(owned & ~twice);
		put->twice += hweight64(twice);
	}
	return n;
}
