/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_WORKLOAD_H
#define PAGEALLOC_BENCH_WORKLOAD_H

#include "bench.h"

int bench_workload(const struct bench_spec *spec,
		   const struct bench_subject *subject, struct bench_sum *sum);
int bench_workload_write(const char __user *from, size_t len, loff_t *pos);
void bench_workload_drop(void);

#endif
