// SPDX-License-Identifier: GPL-2.0
/*
 * Searches of the summary trees: the first run that is long enough, and the
 * last one below a chunk.
 *
 * First fit starts at the root and goes down one node a level.  It enters a
 * child only if the child's @max says that the run fits inside.  A run across a
 * border of children is found at their parent, before the child on the right is
 * looked at.  So the search never goes back up, its result is exact, and it
 * costs eight summaries a level; fewer with a hint, since it does not look at
 * anything before the hint.
 *
 * The search downwards, for pages to give back, skips the largest stretch that
 * has no such run and ends at the place reached so far.
 */

#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "engine/bitmap/bits.h"
#include "engine/bitmap/search.h"
#include "base/kunit_export.h"

/*
 * pga_bits_find() for ready pages; apart, so that others need no room for the
 * map.
 */
static noinline unsigned int find_ready(const struct pga_chunk *chunk,
					unsigned int nr, unsigned int from,
					unsigned int *first_free)
{
	unsigned long buf[PGA_CHUNK_WORDS];

	return pga_bits_find(pga_chunk_busy(chunk, PGA_READY, buf), nr, from,
			     first_free);
}

/**
 * pga_tree_find_in_chunk() - first fit in a chunk
 * @tree: the trees
 * @which: free pages, or only ready ones
 * @i: the chunk; its summary says that the pages fit
 * @nr: pages wanted
 * @hint: no such page of the pool is below this one; if it is in the chunk, it
 *	  moves up
 *	  to the first such page
 *
 * Return: the lowest page at which @nr such pages begin, PGA_NONE if the maps
 * do not agree with the summary.
 */
unsigned long pga_tree_find_in_chunk(const struct pga_tree *tree,
				     enum pga_which which, unsigned long i,
				     unsigned long nr, unsigned long *hint)
{
	const struct pga_chunk *chunk = pga_store_chunk(&tree->store, i);
	const bool here = pga_chunk_of(*hint) == i;
	const unsigned int from = here ? *hint % PGA_CHUNK_PAGES : 0;
	unsigned int pos, first_free;

	pos = which == PGA_FREE ?
		pga_bits_find(chunk->allocated, nr, from, &first_free) :
		find_ready(chunk, nr, from, &first_free);
	if (pos == PGA_CHUNK_PAGES)
		return PGA_NONE;
	if (here)
		*hint = pga_chunk_start(i) + first_free;
	return pga_chunk_start(i) + pos;
}

/**
 * struct scan - first fit among eight siblings
 * @nr: pages wanted
 * @pages: pages of each sibling
 * @i: in: the sibling to begin at; those before it have nothing free.  Out: the
 *     sibling in which the run ends or lies, PGA_FANOUT if there is none
 * @first: out: the first sibling that has a free page, PGA_FANOUT if none has
 * @run: free pages right before sibling @i
 * @within: out: the run fits inside sibling @i, and not before
 */
struct scan {
	unsigned long nr;
	unsigned long pages;
	unsigned int i;
	unsigned int first;
	unsigned long run;
	bool within;
};

/* Look at one sibling; returns whether the run fits. */
static __always_inline bool scan_next(struct scan *scan, struct pga_sum sum)
{
	if (scan->run + sum.start >= scan->nr)
		return true;
	if (sum.max >= scan->nr) {
		scan->within = true;
		return true;
	}
	scan->run = sum.start == scan->pages ? scan->run + sum.start : sum.end;
	return false;
}

/* Look at the siblings, up to the one where the run fits. */
static __always_inline void scan_parts(struct scan *scan, pga_part_fn at,
				       const void *eight)
{
	unsigned int i = scan->i;

	while (i < PGA_FANOUT && !at(eight, i).max)
		i++;
	scan->first = i;
	for (; i < PGA_FANOUT; i++)
		if (scan_next(scan, at(eight, i)))
			break;
	scan->i = i;
}

/* The same for the siblings from number @first of @level on. */
static void scan_eight(const struct pga_tree *tree, enum pga_which which,
		       unsigned int level, unsigned long first, struct scan *scan)
{
	const struct pga_store *store = &tree->store;
	const void *eight;

	scan->pages = pga_level_pages(level);
	if (level < PGA_FIRST_MID) {
		eight = pga_store_leaf(store, which, first);
		if (eight)
			return scan_parts(scan, pga_leaf_at, eight);
	} else if (level < PGA_FIRST_WIDE) {
		eight = pga_store_mid(store, which, level, first);
		if (eight)
			return scan_parts(scan, pga_mid_at, eight);
	} else {
		eight = pga_store_wide(store, which, level, first);
		if (eight)
			return scan_parts(scan, pga_wide_at, eight);
	}
	scan->i = PGA_FANOUT;
	scan->first = PGA_FANOUT;
}

/**
 * pga_tree_find() - exact first fit
 * @tree: the trees
 * @which: free pages, or only ready ones
 * @nr: pages wanted, at least 1
 * @hint: no such page is below this one.  It moves up as far as the search has
 *	  seen that
 *	  this is still true, to PGA_NONE if there is no such page at all
 *
 * Return: the lowest page at which @nr such pages begin, PGA_NONE if there is
 * none, or if maps and summaries do not agree.
 */
unsigned long pga_tree_find(const struct pga_tree *tree, enum pga_which which,
			    unsigned long nr, unsigned long *hint)
{
	unsigned int shift, level = tree->root_level;
	unsigned long first = tree->root, from;
	/* Nothing free has been passed on the way down so far. */
	bool leads = true;

	if (!level || *hint >> pga_level_shift(level) > first)
		return PGA_NONE;
	do {
		struct scan scan = { .nr = nr };

		shift = pga_level_shift(--level);
		first <<= PGA_FANOUT_SHIFT;
		from = *hint >> shift;
		scan.i = from > first ? from - first : 0;
		scan_eight(tree, which, level, first, &scan);
		if (leads && scan.first < PGA_FANOUT)
			*hint = max(*hint, (first + scan.first) << shift);
		else if (level == tree->root_level - 1)
			*hint = PGA_NONE;
		if (scan.i == PGA_FANOUT)
			return PGA_NONE;
		leads &= scan.first == scan.i;
		first += scan.i;
		if (!scan.within)
			return (first << shift) - scan.run;
	} while (level);

	return pga_tree_find_in_chunk(tree, which, first, nr, hint);
}
PGA_EXPORT_FOR_KUNIT(pga_tree_find);

/*
 * Look at the siblings before number @i, from right to left, for one with a run
 * of @nr.
 * @i ends up behind it, or where the budget ended, or at 0.
 */
static __always_inline bool prev_part(pga_part_fn at, const void *eight,
				      unsigned long nr, unsigned int *i,
				      unsigned int *budget)
{
	for (; *i && *budget; --*i) {
		--*budget;
		if (at(eight, *i - 1).max >= nr)
			return true;
	}
	return false;
}

/*
 * Look at the summary of @level that ends at chunk @below, and at its siblings
 * on the left, for one with a run of @nr.  @below moves down to its end.
 */
static bool prev_in_node(const struct pga_tree *tree, enum pga_which which,
			 unsigned int level, unsigned long nr,
			 unsigned long *below, unsigned int *budget)
{
	const unsigned int shift = PGA_FANOUT_SHIFT * level;
	const unsigned long last = (*below - 1) >> shift;
	const unsigned long first = ALIGN_DOWN(last, PGA_FANOUT);
	const struct pga_store *store = &tree->store;
	unsigned int i = last - first + 1;
	const void *eight;
	bool found;

	if (level < PGA_FIRST_MID) {
		eight = pga_store_leaf(store, which, first);
		found = eight && prev_part(pga_leaf_at, eight, nr, &i, budget);
	} else if (level < PGA_FIRST_WIDE) {
		eight = pga_store_mid(store, which, level, first);
		found = eight && prev_part(pga_mid_at, eight, nr, &i, budget);
	} else {
		eight = pga_store_wide(store, which, level, first);
		found = eight && prev_part(pga_wide_at, eight, nr, &i, budget);
	}
	if (!eight) {
		i = 0;
		--*budget;
	}
	*below = (first + i) << shift;
	return found;
}

/**
 * pga_tree_prev() - the next chunk downwards that may be part of an aligned run
 * @tree: the trees
 * @which: free pages, or only ready ones
 * @pages: length of the run, a power of two.  If the run is longer than a
 *	   stretch, all of
 *	   the stretch must be such pages.
 * @chunk: in: search below this chunk; out: the chunk found, or where to go on
 * @budget: look at this many summaries at most
 *
 * Return: whether a chunk was found.  If not, and @chunk is 0, there is none.
 */
bool pga_tree_prev(const struct pga_tree *tree, enum pga_which which,
		   unsigned long pages, unsigned long *chunk,
		   unsigned int budget)
{
	unsigned long below = min(*chunk, pga_chunk_of(tree->end));
	const unsigned long first = pga_chunk_of(tree->first);
	int level;

	while (below > first && budget) {
		const unsigned int align = __ffs(below) / PGA_FANOUT_SHIFT;

		for (level = min(align, tree->root_level - 1); level >= 0; level--)
			if (!budget ||
			    !prev_in_node(tree, which, level,
					  min(pages, pga_level_pages(level)),
					  &below, &budget))
				break;
		if (level < 0) {
			*chunk = below - 1;
			return true;
		}
	}
	*chunk = below > first ? below : 0;
	return false;
}
PGA_EXPORT_FOR_KUNIT(pga_tree_prev);
