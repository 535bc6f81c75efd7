// SPDX-License-Identifier: GPL-2.0
/*
 * What searches for aligned runs have ruled out.
 *
 * A summary says nothing of alignment.  So a search for an aligned run may have to look
 * into all chunks below the place that it finds, and the next one would do so again.  A
 * hint remembers for an alignment and a length that there is no place below a page.  It
 * holds for longer runs and larger alignments as well, and, if it was found in all free
 * pages, for a search among ready ones.
 *
 * A search raises its hint to the place it has found.  Pages that become free may make a
 * place that begins up to a run's length below them.  A free only notes the lowest such
 * page; the hints are lowered when a search begins.  So a hint costs a free a comparison.
 * A search that was under way meanwhile does not raise its hint.
 *
 * Only time depends on a hint, never the result.
 */

#include "engine/bitmap/aligned.h"
#include "base/kunit_export.h"

/* Lower the hints by what has become free. */
static void lower(struct pga_aligned *aligned)
{
	struct pga_aligned_hint *h = aligned->hint;
	unsigned long least;

	for (; h < aligned->hint + PGA_ALIGNED_KINDS; h++) {
		least = aligned->freed - min(aligned->freed, h->nr - 1);
		if (h->align)
			h->page = min(h->page, least);
	}
	aligned->freed = PGA_NONE;
	aligned->lowered++;
}

/* Is a place for the search a place for the hint as well? */
static bool applies(const struct pga_aligned_hint *h, const struct pga_fit *fit)
{
	return h->align && h->align <= fit->where.align && h->nr <= fit->where.nr &&
	       (h->which == PGA_FREE || h->which == fit->which);
}

/**
 * pga_aligned_begin() - let a search begin where a place may be
 * @aligned: the hints
 * @fit: the search, just begun; its window is narrowed
 */
void pga_aligned_begin(struct pga_aligned *aligned, struct pga_fit *fit)
{
	const struct pga_aligned_hint *h = aligned->hint;
	unsigned long low = 0;

	fit->begun = true;
	if (aligned->freed != PGA_NONE)
		lower(aligned);
	for (; h < aligned->hint + PGA_ALIGNED_KINDS; h++)
		if (applies(h, fit))
			low = max(low, h->page);
	fit->raises = !fit->where.boundary && fit->where.low <= low &&
		      fit->where.high == PGA_NO_END;
	fit->since = aligned->lowered;
	fit->where.low = max(fit->where.low, low);
}
PGA_EXPORT_FOR_KUNIT(pga_aligned_begin);

/* The hint for the kind of run that is searched for, or the one to be replaced. */
static struct pga_aligned_hint *hint_for(struct pga_aligned *aligned,
					 const struct pga_fit *fit)
{
	struct pga_aligned_hint *h = aligned->hint;

	for (; h < aligned->hint + PGA_ALIGNED_KINDS; h++)
		if (h->align == fit->where.align && h->nr == fit->where.nr &&
		    h->which == fit->which)
			return h;
	aligned->oldest = (aligned->oldest + 1) % PGA_ALIGNED_KINDS;
	return &aligned->hint[aligned->oldest];
}

/**
 * pga_aligned_end() - raise the hint of a search that is over
 * @aligned: the hints
 * @fit: the search
 * @page: the place it has found, PGA_NONE if there is none
 */
void pga_aligned_end(struct pga_aligned *aligned, const struct pga_fit *fit,
		     unsigned long page)
{
	if (!fit->raises || fit->since != aligned->lowered)
		return;
	*hint_for(aligned, fit) = (struct pga_aligned_hint) {
		.align = fit->where.align,
		.nr = fit->where.nr,
		.page = page,
		.which = fit->which,
	};
}
PGA_EXPORT_FOR_KUNIT(pga_aligned_end);
