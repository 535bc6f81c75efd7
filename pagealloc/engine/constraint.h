/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_CONSTRAINT_H
#define PAGEALLOC_ENGINE_CONSTRAINT_H

#include "engine/chunk.h"

/* For @high of struct pga_constraint: no limit. */
#define PGA_NO_END		(~0UL)

/**
 * struct pga_constraint - where a run may be
 * @nr: pages of the run, at least 1
 * @align: a power of two, of which its first page is a multiple
 * @boundary: a power of two, at least @nr, of which it crosses no multiple; 0:
 *	      it may cross any
 * @low: no page of it is below
 * @high: all pages of it are below
 */
struct pga_constraint {
	unsigned long nr;
	unsigned long align;
	unsigned long boundary;
	unsigned long low;
	unsigned long high;
};

/**
 * struct pga_fit - a search for the lowest place that a constraint allows
 * @where: the constraint
 * @which: free pages, or only ready ones
 * @page: the position: everything below it has been looked at
 * @run: first of such pages in a row right before @page; @page if there are
 *	 none
 * @level: the engine's own
 * @begun: the engine's own
 * @raises: the engine's own
 * @since: the engine's own
 */
struct pga_fit {
	struct pga_constraint where;
	enum pga_which which;
	unsigned long page;
	unsigned long run;
	int level;
	bool begun;
	bool raises;
	unsigned int since;
};

unsigned long pga_fit_in_run(const struct pga_constraint *where,
			     unsigned long start, unsigned long end);
void pga_fit_begin(struct pga_fit *fit, enum pga_which which,
		   const struct pga_constraint *where);
void pga_fit_resume(struct pga_fit *fit);

#endif
