/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_ALIGNED_H
#define PAGEALLOC_BENCH_ALIGNED_H

#include "bench.h"

int bench_fill_aligned(const struct bench_spec *spec,
		       const struct bench_subject *subject, struct bench_sum *sum);
int bench_churn_aligned(const struct bench_spec *spec,
			const struct bench_subject *subject, struct bench_sum *sum);
int bench_bulk_natural(const struct bench_spec *spec,
		       const struct bench_subject *subject, struct bench_sum *sum);

#endif
