/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_OURS_H
#define PAGEALLOC_BENCH_OURS_H

#include "bench.h"

int bench_partly(const struct bench_spec *spec,
		 const struct bench_subject *subject, struct bench_sum *sum);
int bench_scavenge(const struct bench_spec *spec,
		   const struct bench_subject *subject, struct bench_sum *sum);
int bench_metadata(const struct bench_spec *spec,
		   const struct bench_subject *subject, struct bench_sum *sum);

#endif
