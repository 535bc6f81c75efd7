// SPDX-License-Identifier: GPL-2.0
/*
 * First fit for runs that may not be just anywhere.
 *
 * A constraint says by what the first page is to be divisible, which border the
 * run must not cross, and in which window it lies.  In a given run of free pages
 * the lowest place that meets it is a matter of arithmetic:
 *
 *	free run:	  |------------------------------|
 *	window:		     low
 *	aligned:	        |        |        |        |
 *	boundary:	   ............|...............|....
 *	the run:		       <---------->
 *
 * So the search goes over the free runs in address order and asks that of each.
 * It does not meet most of them.  From one position on, it goes through the
 * summary trees by these rules:
 *
 *  - Were all free that is ahead, where would the run be?  Nothing below that
 *    place is looked at; if there is none, the search is over.  So of a pool in
 *    which runs of 2^20 pages are to be aligned, a summary in each 2^20 is read.
 *  - The largest stretch that begins at the position comes first.  Pages that are
 *    free at its start go with the run that reaches to it.
 *  - Its inside is entered only if its max says that so many pages in a row are
 *    in there, and if a place that is allowed lies behind its first busy page.
 *  - Otherwise it is passed by, and its end begins the next run.
 *  - In a chunk all places at which a run can begin are found at once, by folding
 *    its map as a word is folded in bits.c, and masked with those allowed.
 *
 * The first place found is the lowest.  The inside of a stretch may have long
 * runs, all of them in the wrong place, so other than in pga_tree_find() the way
 * leads up again, and there is no better bound than to have looked into every
 * chunk, or at one summary for each multiple of the alignment if that is more
 * than a chunk.  Therefore the search can be put off after any number of nodes
 * and resumed; what its caller does meanwhile is up to him.  A place that it
 * finds after pga_fit_resume() is there as of now; about a place below it, that
 * came to be after the search had passed, it says nothing.
 *
 * No locks here: the caller holds the pool's.
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
 * Go on where a run can be that has not been looked at; false if there is no such
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

/* All of a stretch has been looked at, but not what its end is the start of. */
static void pass(struct pga_fit *fit, struct pga_sum sum, unsigned long pages)
{
	fit->page += pages;
	if (sum.start != pages)
		fit->run = fit->page - sum.end;
}

/* Whether a place may be in a stretch, behind the first page that is busy. */
static bool is_worth_it(const struct pga_fit *fit, struct pga_sum sum,
			unsigned long pages)
{
	return sum.start != pages && sum.max >= fit->where.nr &&
	       pga_fit_in_run(&fit->where, fit->page + sum.start + 1,
			      fit->page + pages) != PGA_NONE;
}

/* Look at summaries up to the end of a node, or to one that is worth entering. */
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

/* Ones left are those at which @nr ones in a row begin, all in this map. */
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

/* One in each @period bits, the lowest of them. */
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

/**
 * pga_fit_find() - exact first fit under a constraint
 * @tree: the trees
 * @fit: the search, from pga_fit_begin() or from a call that returned false
 * @budget: look at so many nodes at most, a chunk being one; at least 1
 * @page: set to the lowest page at which such a run begins, PGA_NONE if there is
 *	  none
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
