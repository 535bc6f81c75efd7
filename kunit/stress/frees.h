/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_FREES_H
#define PAGEALLOC_STRESS_FREES_H

/* Giving runs back, in all ways that there are. */

#include <linux/types.h>

struct rnd_state;
struct stress_run;
struct stress_target;

void stress_free(struct stress_target *target, struct stress_run run,
		 struct rnd_state *random, bool may_sleep);
void stress_free_all(struct stress_target *target, struct rnd_state *random);

#endif
