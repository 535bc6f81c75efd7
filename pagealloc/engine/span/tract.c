// SPDX-License-Identifier: GPL-2.0
/*
 * Tracts: the pages that a span engine has grown by, a tract for each step.
 *
 * A tract tells a hole from allocated pages, which no span does.  It also has
 * two bits a page for free pages that could not become a span because there was
 * no node for one: these pages are parked.
 */

#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/minmax.h>

#include "engine/span/tract.h"
#include "base/kunit_export.h"

/**
 * pga_tract_size() - memory that growth takes
 * @nr: pages to grow by
 *
 * Return: bytes of a struct pga_tract, rounded as memory is handed out.
 */
size_t pga_tract_size(unsigned long nr)
{
	return pga_memory_size(sizeof(struct pga_tract) +
			       2 * BITS_TO_LONGS(nr) * sizeof(unsigned long));
}
PGA_EXPORT_FOR_KUNIT(pga_tract_size);

/**
 * pga_tracts_init() - no tracts
 * @tracts: set up
 */
void pga_tracts_init(struct pga_tracts *tracts)
{
	tracts->by_address = RB_ROOT;
	INIT_LIST_HEAD(&tracts->parked_in);
}

/**
 * pga_tracts_add() - add a tract
 * @tracts: all of them
 * @tract: zeroed memory of pga_tract_size() bytes
 * @pages: its pages, of which no other tract has any
 */
void pga_tracts_add(struct pga_tracts *tracts, struct pga_tract *tract,
		    struct pga_extent pages)
{
	struct rb_node **link = &tracts->by_address.rb_node, *parent = NULL;

	tract->start = pages.start;
	tract->nr = pages.nr;
	tract->discarded = tract->parked + BITS_TO_LONGS(pages.nr);
	while (*link) {
		parent = *link;
		link = rb_entry(parent, struct pga_tract, node)->start > tract->start ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&tract->node, parent, link);
	rb_insert_color(&tract->node, &tracts->by_address);
}

/**
 * pga_tracts_at() - find a tract
 * @tracts: all of them
 * @page: the page
 *
 * Return: the tract with @page, or the next one; NULL if there is none.
 */
struct pga_tract *pga_tracts_at(const struct pga_tracts *tracts,
				unsigned long page)
{
	struct rb_node *node = tracts->by_address.rb_node;
	struct pga_tract *at = NULL, *tract;

	while (node) {
		tract = rb_entry(node, struct pga_tract, node);
		if (tract->start + tract->nr > page) {
			at = tract;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return at;
}
PGA_EXPORT_FOR_KUNIT(pga_tracts_at);

/**
 * pga_tracts_park() - park free pages
 * @tracts: all of them
 * @pages: the pages; they may lie in several tracts
 * @discarded: all of them are; otherwise all of them are ready
 */
void pga_tracts_park(struct pga_tracts *tracts, struct pga_extent pages,
		     bool discarded)
{
	const unsigned long end = pga_extent_end(pages);
	unsigned long page, nr;
	struct pga_tract *tract;

	for (page = pages.start; page < end; page += nr) {
		tract = pga_tracts_at(tracts, page);
		nr = min(end, tract->start + tract->nr) - page;
		if (!tract->nr_parked)
			list_add_tail(&tract->list, &tracts->parked_in);
		tract->nr_parked += nr;
		bitmap_set(tract->parked, page - tract->start, nr);
		if (discarded)
			bitmap_set(tract->discarded, page - tract->start, nr);
	}
}

/**
 * pga_tracts_parked() - how many pages of a range are parked?
 * @tracts: all of them
 * @page: first page of the range
 * @end: the page after its last
 *
 * Return: pages.
 */
unsigned long pga_tracts_parked(const struct pga_tracts *tracts,
				unsigned long page, unsigned long end)
{
	const struct pga_tract *tract;
	unsigned long bit, last, nr = 0;

	while (!list_empty(&tracts->parked_in) && page < end) {
		tract = pga_tracts_at(tracts, page);
		if (!tract || tract->start >= end)
			break;
		page = max(page, tract->start);
		last = min(end, tract->start + tract->nr) - tract->start;
		bit = page - tract->start;
		for_each_set_bit_from(bit, tract->parked, last)
			nr++;
		page = tract->start + last;
	}
	return nr;
}

/**
 * pga_tracts_first_parked() - find parked pages
 * @tracts: all of them
 * @run: set to parked pages of one tract that follow one another in one state
 * @discarded: set to whether they are discarded
 *
 * Return: false if nothing is parked.
 */
bool pga_tracts_first_parked(const struct pga_tracts *tracts,
			     struct pga_extent *run, bool *discarded)
{
	const struct pga_tract *tract;
	unsigned long start, end;

	if (list_empty(&tracts->parked_in))
		return false;
	tract = list_first_entry(&tracts->parked_in, struct pga_tract, list);
	start = find_first_bit(tract->parked, tract->nr);
	end = find_next_zero_bit(tract->parked, tract->nr, start);
	*discarded = test_bit(start, tract->discarded);
	end = *discarded ? find_next_zero_bit(tract->discarded, end, start) :
			   find_next_bit(tract->discarded, end, start);
	*run = (struct pga_extent) { tract->start + start, end - start };
	return true;
}

/**
 * pga_tracts_unpark() - pages are not parked any more
 * @tracts: all of them
 * @run: the pages, as pga_tracts_first_parked() has found them
 */
void pga_tracts_unpark(struct pga_tracts *tracts, struct pga_extent run)
{
	struct pga_tract *tract = pga_tracts_at(tracts, run.start);

	bitmap_clear(tract->parked, run.start - tract->start, run.nr);
	bitmap_clear(tract->discarded, run.start - tract->start, run.nr);
	tract->nr_parked -= run.nr;
	if (!tract->nr_parked)
		list_del(&tract->list);
}

/**
 * pga_tracts_drain() - give the memory of all tracts back
 * @tracts: all of them, not to be used any more
 * @release: frees a tract
 */
void pga_tracts_drain(struct pga_tracts *tracts,
		      void (*release)(const void *memory))
{
	struct pga_tract *tract, *next;

	rbtree_postorder_for_each_entry_safe(tract, next, &tracts->by_address, node)
		release(tract);
}
