/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_TIMER_H
#define PAGEALLOC_STRESS_TIMER_H

/* Clients that are interrupts. */

#include <linux/types.h>

struct stress_target;

int stress_timers_start(unsigned int nr, unsigned int period_us, u64 seed,
			struct stress_target *targets, unsigned int nr_targets);
void stress_timers_stop(void);

#endif
