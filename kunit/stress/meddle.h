/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_MEDDLE_H
#define PAGEALLOC_STRESS_MEDDLE_H

/* What an operator does to a pool, and what goes wrong below it. */

struct rnd_state;
struct stress_target;

void stress_meddle(struct stress_target *target, struct rnd_state *random);
void stress_calm(struct stress_target *target);

#endif
