/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_LAYOUT_H
#define PAGEALLOC_BENCH_LAYOUT_H

#include "bench.h"

/**
 * struct bench_layout - a pool with runs in use
 * @subject: the subject of the pool
 * @pool: the pool
 * @pages: pages in the pool
 * @run: pages in a run
 * @slots: runs that fit into the part of the pool that the layout uses
 * @held: runs in use
 * @where: the runs in use
 * @full: all pages were allocated as one run, @all, and its parts count as runs
 * @all: see @full
 * @random: state of the generator
 * @fails: allocations that failed
 */
struct bench_layout {
	const struct bench_subject *subject;
	void *pool;
	unsigned long pages;
	unsigned long run;
	unsigned long slots;
	unsigned long held;
	unsigned long *where;
	bool full;
	unsigned long all;
	u64 random;
	u64 fails;
};

int bench_layout_init(struct bench_layout *l, const struct bench_spec *spec,
		      const struct bench_subject *subject);
int bench_layout_exit(struct bench_layout *l);
void bench_layout_punch(struct bench_layout *l, unsigned long holes);
void bench_layout_refill(struct bench_layout *l);
unsigned long bench_layout_holes(const struct bench_layout *l,
				 const struct bench_spec *spec);
void bench_make_ready(const struct bench_subject *s, void *pool,
		      unsigned long pages);

#endif
