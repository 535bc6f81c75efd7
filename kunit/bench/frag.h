/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_FRAG_H
#define PAGEALLOC_BENCH_FRAG_H

#include "bench.h"

int bench_frag(const struct bench_spec *spec,
	       const struct bench_subject *subject, struct bench_sum *sum);

#endif
