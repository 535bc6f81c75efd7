/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_ENGINE_PACE_H
#define PAGEALLOC_ENGINE_PACE_H

#include <linux/types.h>

/* Fixed point: numbers of the controller are in units of 2^-40. */
#define PGA_PACE_SHIFT	40

/**
 * struct pga_pace - a sleep controller
 * @setpoint: share of a CPU to take, 2^-40
 * @ratio: time of work divided by time of sleep, 2^-40
 * @integral: weighted sum of past errors, 2^-40
 *
 * Protected by its owner.
 */
struct pga_pace {
	s64 setpoint;
	u64 ratio;
	s64 integral;
};

void pga_pace_init(struct pga_pace *pace, unsigned int percent);
void pga_pace_set(struct pga_pace *pace, unsigned int percent);
u64 pga_pace_sleep(const struct pga_pace *pace, u64 worked_ns);
void pga_pace_update(struct pga_pace *pace, u64 worked_ns, u64 slept_ns,
		     unsigned int cpus);

#endif
