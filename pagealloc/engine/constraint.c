// SPDX-License-Identifier: GPL-2.0
/*
 * Where a run may be, if not just anywhere.
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
 * @where: what is asked for; anything but alignment and boundary being powers of
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
	/* First and last page differ in a bit that counts boundaries, if any does. */
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
 * @where: what is asked for, in pages of the index space; copied
 */
void pga_fit_begin(struct pga_fit *fit, enum pga_which which,
		   const struct pga_constraint *where)
{
	*fit = (struct pga_fit) { .where = *where, .which = which };
}
PGA_EXPORT_FOR_KUNIT(pga_fit_begin);

/**
 * pga_fit_resume() - go on with a search though the maps may have changed
 * @fit: the search
 *
 * The pages of a run that reaches to the position may be busy by now, so they are
 * looked at again.  While they are free that takes two nodes a level and two
 * chunks at most: with a larger budget each call gets farther.
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
