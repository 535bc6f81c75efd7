/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_CASES_H
#define PAGEALLOC_BENCH_CASES_H

#include "bench.h"
#include "layout.h"

void bench_pairs(struct bench_layout *l, const struct bench_spec *spec,
		 struct bench_sum *sum);
int bench_pair(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum);
int bench_churn(const struct bench_spec *spec,
		const struct bench_subject *subject, struct bench_sum *sum);
int bench_long(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum);
int bench_max(const struct bench_spec *spec,
	      const struct bench_subject *subject, struct bench_sum *sum);

#endif
