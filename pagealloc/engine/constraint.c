// SPDX-License-Identifier: GPL-2.0
/*
 * Where a run may be.
 *
 * A constraint says by what the first page is divisible, which borders the run
 * must not cross, and in which window it lies.  In a given run of free pages
 * the lowest place that meets it is a matter of arithmetic:
 *
 *	free run:	  |------------------------------|
 *	window:		     low
 *	aligned:	        |        |        |        |
 *	boundary:	   ............|...............|....
 *	the run:		       <---------->
 *
 * A search for the lowest such place goes over the free runs in address order,
 * in steps between which the caller may drop the lock (struct pga_fit).
 */

#include <linux/align.h>
#include <linux/minmax.h>

#include "engine/constraint.h"
#include "base/kunit_export.h"

/* Whether @nr pages fit between @page, rounded up from @least, and @end. */
static bool room(unsigned long page, unsigned long least, unsigned long end,
		 unsigned long nr)
{
	return page >= least && page <= end && end - page >= nr;
}

/**
 * pga_fit_in_run() - the lowest place in a free run
 * @where: the constraint; any values, but alignment and boundary are powers of
 *	   two
 * @start: first page of the run
 * @end: the page after its last
 *
 * Return: the first page, or PGA_NONE.
 */
unsigned long pga_fit_in_run(const struct pga_constraint *where,
			     unsigned long start, unsigned long end)
{
	const unsigned long nr = where->nr, least = max(start, where->low);
	unsigned long page = ALIGN(least, where->align);

	end = min(end, where->high);
	if (!room(page, least, end, nr))
		return PGA_NONE;
	/*
	 * If it crosses a boundary, its first and last page differ in a higher
	 * bit.
	 */
	if ((page ^ (page + nr - 1)) > where->boundary - 1) {
		page = ALIGN(page, where->boundary);
		if (!room(page, least, end, nr))
			return PGA_NONE;
	}
	return page;
}
PGA_EXPORT_FOR_KUNIT(pga_fit_in_run);

/**
 * pga_fit_begin() - begin a search
 * @fit: the search
 * @which: free pages, or only ready ones
 * @where: the constraint; copied
 */
void pga_fit_begin(struct pga_fit *fit, enum pga_which which,
		   const struct pga_constraint *where)
{
	*fit = (struct pga_fit) { .where = *where, .which = which };
}
PGA_EXPORT_FOR_KUNIT(pga_fit_begin);

/**
 * pga_fit_resume() - go on with a search after the maps may have changed
 * @fit: the search
 *
 * The free pages right before the position may be busy now.  So the search goes
 * back to the chunk in which they begin.  If they are still free, looking at
 * them again takes two nodes a level and two chunks at most.  So a search that
 * is resumed each time needs a budget of more than that to get on.
 */
void pga_fit_resume(struct pga_fit *fit)
{
	if (fit->run == fit->page)
		return;
	fit->page = ALIGN_DOWN(fit->run, PGA_CHUNK_PAGES);
	fit->run = fit->page;
	fit->level = 0;
}
PGA_EXPORT_FOR_KUNIT(pga_fit_resume);
