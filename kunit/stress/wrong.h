/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_WRONG_H
#define PAGEALLOC_STRESS_WRONG_H

/* Calls that must be refused, whatever else is going on. */

struct rnd_state;
struct stress_target;

void stress_call_wrongly(struct stress_target *target, struct rnd_state *random);

#endif
