// SPDX-License-Identifier: GPL-2.0
/*
 * The lowest place that a constraint allows, by the summary trees.
 *
 * The search goes over the free runs in address order and looks in each for a
 * place (pga_fit_in_run()).  It does not meet most of them:
 *
 *  - If all pages ahead were free, where would the run be?  Nothing below that
 *    place is looked at, and if there is none, the search is over.  So if the run
 *    is aligned to 2^20 pages, the search reads a summary in each 2^20.
 *  - The largest stretch that begins at the position comes first.  Pages that are
 *    free at its start belong to the run that reaches to it.
 *  - The search enters a stretch only if its @max says that enough pages in a row
 *    are free in it, and a place behind its first busy page is allowed.
 *  - Otherwise it passes the stretch, whose end begins the next run.
 *  - In a chunk, the places where enough pages in a row are free are found at once
 *    by folding the map (engine/word.h), and masked with the allowed places.
 *
 * The first place found is the lowest.  A stretch may have long runs that are
 * all in the wrong place, so other than pga_tree_find() this search goes back
 * up.  At worst it looks into every chunk, or at one summary for each multiple
 * of the alignment if that is larger than a chunk.  So it stops after a budget
 * of nodes and can be resumed.  A place that a resumed search finds is free
 * now.  The search does not see pages below its position that were freed after
 * it had passed them.
 */

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "engine/bitmap/bits.h"
#include "engine/bitmap/fit.h"
#include "base/kunit_export.h"

/* Level of the largest stretch below the root that begins at @page, a chunk's. */
static int level_at(const struct pga_tree *tree, unsigned long page)
{
	const unsigned int shift = __ffs(page | PGA_INDEX_PAGES) - PGA_CHUNK_SHIFT;

	return min(shift / PGA_FANOUT_SHIFT, tree->root_level - 1);
}

/*
 * Move the position up to where the next run can be; false if there is no such
 * place.
 */
static bool advance(const struct pga_tree *tree, struct pga_fit *fit)
{
	unsigned long page;

	page = pga_fit_in_run(&fit->where, max(fit->run, tree->first), tree->end);
	if (page == PGA_NONE)
		return false;
	page = ALIGN_DOWN(page, PGA_CHUNK_PAGES);
	if (page > fit->page) {
		fit->page = page;
		fit->run = page;
		fit->level = level_at(tree, page);
	}
	return true;
}

/* Pass a stretch; the free pages at its end may begin a run. */
static void pass(struct pga_fit *fit, struct pga_sum sum, unsigned long pages)
{
	fit->page += pages;
	if (sum.start != pages)
		fit->run = fit->page - sum.end;
}

/* May there be a place inside a stretch, behind its first busy page? */
static bool is_worth_it(const struct pga_fit *fit, struct pga_sum sum,
			unsigned long pages)
{
	return sum.start != pages && sum.max >= fit->where.nr &&
	       pga_fit_in_run(&fit->where, fit->page + sum.start + 1,
			      fit->page + pages) != PGA_NONE;
}

/* Look at summaries up to the end of a node, or to one to enter. */
static unsigned long look_at_node(const struct pga_tree *tree, struct pga_fit *fit)
{
	const unsigned int shift = pga_level_shift(fit->level);
	const unsigned long pages = 1UL << shift;
	struct pga_sum sum;
	unsigned long page;

	do {
		sum = pga_tree_get(tree, fit->which, fit->level, fit->page >> shift);
		page = pga_fit_in_run(&fit->where, fit->run, fit->page + sum.start);
		if (page != PGA_NONE)
			return page;
		if (is_worth_it(fit, sum, pages)) {
			fit->level--;
			return PGA_NONE;
		}
		pass(fit, sum, pages);
	} while ((fit->page >> shift) % PGA_FANOUT);
	fit->level = level_at(tree, fit->page);
	return PGA_NONE;
}

/*
 * Leave a one at each place where @nr ones in a row begin, all of them in this
 * map.
 */
static void fold(unsigned long *map, unsigned int nr)
{
	DECLARE_BITMAP(shifted, PGA_CHUNK_PAGES);
	unsigned int step = 1;

	while (nr > 1) {
		step = min(step, nr - 1);
		bitmap_shift_right(shifted, map, step, PGA_CHUNK_PAGES);
		bitmap_and(map, map, shifted, PGA_CHUNK_PAGES);
		nr -= step;
		step *= 2;
	}
}

static unsigned long low_bits(unsigned long nr)
{
	return nr < BITS_PER_LONG ? BIT(nr) - 1 : ~0UL;
}

/* A one at every @period th bit, beginning with the lowest. */
static unsigned long every(unsigned long period)
{
	return ~0UL / low_bits(period);
}

/* At which of the 64 pages from @page on, a multiple of 64, a run may begin. */
static unsigned long allowed(const struct pga_constraint *where,
			     unsigned long page)
{
	unsigned long last = where->high - where->nr, bits;

	if (where->align < BITS_PER_LONG)
		bits = every(where->align);
	else
		bits = IS_ALIGNED(page, where->align);
	if (where->boundary && where->boundary < BITS_PER_LONG)
		bits &= low_bits(where->boundary - where->nr + 1) *
			every(where->boundary);
	else if (where->boundary)
		last = min(last, (page | (where->boundary - 1)) + 1 - where->nr);
	if (last < page)
		return 0;
	bits &= low_bits(last - page + 1);
	if (where->low > page)
		bits &= ~low_bits(where->low - page);
	return bits;
}

/* Look into the chunk at the position. */
static unsigned long look_into_chunk(const struct pga_tree *tree,
				     struct pga_fit *fit)
{
	const unsigned long i = pga_chunk_of(fit->page);
	const struct pga_chunk *chunk = pga_store_chunk(&tree->store, i);
	DECLARE_BITMAP(map, PGA_CHUNK_PAGES);
	unsigned long page = fit->page;
	unsigned int w;

	bitmap_complement(map, pga_chunk_busy(chunk, fit->which, map),
			  PGA_CHUNK_PAGES);
	fold(map, fit->where.nr);
	for (w = 0; w < PGA_CHUNK_WORDS; w++, page += BITS_PER_LONG) {
		map[w] &= allowed(&fit->where, page);
		if (map[w])
			return page + __ffs(map[w]);
	}
	pass(fit, pga_tree_get(tree, fit->which, 0, i), PGA_CHUNK_PAGES);
	fit->level = level_at(tree, fit->page);
	return PGA_NONE;
}

/* Is a run free that lies in one word, or is a whole chunk? */
static bool is_free(const struct pga_tree *tree, enum pga_which which,
		    unsigned long page, unsigned long nr)
{
	const struct pga_spot spot = pga_store_spot(&tree->store, page, nr);
	const unsigned int w = page % PGA_CHUNK_PAGES / BITS_PER_LONG;
	unsigned long busy;

	if (!spot.chunk)
		return false;
	if (nr == PGA_CHUNK_PAGES)
		return pga_leaf_unpack(*pga_block_leaf(spot.block, which,
						       pga_chunk_of(page))).max == nr;
	busy = spot.chunk->allocated[w];
	if (which == PGA_READY)
		busy |= spot.chunk->discarded[w];
	return !(busy >> page % BITS_PER_LONG & low_bits(nr));
}

/* Places that are looked at one by one. */
#define NEAR	4

/**
 * pga_fit_near() - look at the first few places that a constraint allows
 * @tree: the trees
 * @fit: the search, just begun
 * @page: set to the lowest place, if it is one of them
 *
 * Where a search begins at a hint, the next place is mostly near.  This is for runs that
 * do not cross the border of a word, and for chunks, with no other constraint than an
 * alignment.
 *
 * Return: false if the place is not among them.
 */
bool pga_fit_near(const struct pga_tree *tree, const struct pga_fit *fit,
		  unsigned long *page)
{
	const struct pga_constraint *where = &fit->where;
	const unsigned long align = where->align;
	unsigned long at = ALIGN(max(where->low, tree->first), align);
	unsigned int i;

	if (where->boundary || where->low == PGA_NONE || !where->low ||
	    where->high != PGA_NO_END || where->nr > align ||
	    (where->nr != PGA_CHUNK_PAGES && align > BITS_PER_LONG))
		return false;
	for (i = 0; i < NEAR && at < tree->end; i++, at += align) {
		if (!is_free(tree, fit->which, at, where->nr))
			continue;
		*page = at;
		return true;
	}
	return false;
}

/**
 * pga_fit_find() - exact first fit under a constraint
 * @tree: the trees
 * @fit: the search, from pga_fit_begin() or from a call that returned false
 * @budget: look at so many nodes at most, a chunk being one; at least 1
 * @page: set to the lowest page at which such a run begins, PGA_NONE if there
 *	  is none
 *
 * Return: whether that is known.  If not, call again, after pga_fit_resume() if
 * the maps may have changed.
 */
bool pga_fit_find(const struct pga_tree *tree, struct pga_fit *fit,
		  unsigned int budget, unsigned long *page)
{
	*page = PGA_NONE;
	while (advance(tree, fit)) {
		if (!budget--)
			return false;
		if (fit->level < 0)
			*page = look_into_chunk(tree, fit);
		else
			*page = look_at_node(tree, fit);
		if (*page != PGA_NONE)
			break;
	}
	return true;
}
PGA_EXPORT_FOR_KUNIT(pga_fit_find);
