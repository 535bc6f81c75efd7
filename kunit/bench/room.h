/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_ROOM_H
#define PAGEALLOC_BENCH_ROOM_H

#include "bench.h"

/**
 * struct bench_room - a count of the free pages of a pool
 * @subject: the subject of the pool
 * @pool: the pool
 * @pages: pages in the pool
 * @held: a bit for each page in use
 */
struct bench_room {
	const struct bench_subject *subject;
	void *pool;
	unsigned long pages;
	unsigned long *held;
};

bool bench_room_begin(struct bench_room *room, const struct bench_subject *subject,
		      void *pool, unsigned long pages);
void bench_room_hold(struct bench_room *room, unsigned long where, unsigned long nr);
void bench_room_end(struct bench_room *room, struct bench_sum *sum);

#endif
