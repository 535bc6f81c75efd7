/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_REQUESTS_H
#define PAGEALLOC_STRESS_REQUESTS_H

/* Asking for runs, in all ways that there are. */

struct rnd_state;
struct stress_target;

/* Pages of a bulk request, at most. */
#define STRESS_BULK		100

void stress_request(struct stress_target *target, struct rnd_state *random,
		    unsigned long *pfns);
void stress_request_in_irq(struct stress_target *target,
			   struct rnd_state *random);

#endif
