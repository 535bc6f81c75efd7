/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_TEAM_H
#define PAGEALLOC_BENCH_TEAM_H

#include "bench.h"

int bench_rand(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum);
int bench_repeat(const struct bench_spec *spec,
		 const struct bench_subject *subject, struct bench_sum *sum);
int bench_bulk_alloc(const struct bench_spec *spec,
		     const struct bench_subject *subject, struct bench_sum *sum);
int bench_bulk_free(const struct bench_spec *spec,
		    const struct bench_subject *subject, struct bench_sum *sum);

#endif
