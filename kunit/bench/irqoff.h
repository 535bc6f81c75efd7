/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_IRQOFF_H
#define PAGEALLOC_BENCH_IRQOFF_H

#include "bench.h"

int bench_irqoff(const struct bench_spec *spec,
		 const struct bench_subject *subject, struct bench_sum *sum);

#endif
