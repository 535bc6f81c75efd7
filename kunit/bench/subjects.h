/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_SUBJECTS_H
#define PAGEALLOC_BENCH_SUBJECTS_H

/* The subjects, in a file each. */

#include "bench.h"

extern const struct bench_subject bench_empty;
extern const struct bench_subject bench_pagealloc;
extern const struct bench_subject bench_pagealloc_nocache;
extern const struct bench_subject bench_pagealloc_span;
extern const struct bench_subject bench_buddy;
extern const struct bench_subject bench_genpool;
extern const struct bench_subject bench_genpool_best;
extern const struct bench_subject bench_gpu_buddy;
extern const struct bench_subject bench_bitmap;
extern const struct bench_subject bench_contig;

/* pagealloc.c */
struct pagealloc_pool *bench_pagealloc_pool(void *pool);
void bench_pagealloc_drop(void);

#endif
