/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_CHANCE_H
#define PAGEALLOC_STRESS_CHANCE_H

/* Random numbers: each thread and each timer has a generator of its own. */

#include <linux/prandom.h>
#include <linux/types.h>

/* 0 to @limit - 1; 0 if @limit is 0. */
static inline unsigned long stress_below(struct rnd_state *random,
					 unsigned long limit)
{
	return limit ? prandom_u32_state(random) % limit : 0;
}

/* True once in @n times. */
static inline bool stress_one_in(struct rnd_state *random, unsigned int n)
{
	return !stress_below(random, n);
}

#endif
