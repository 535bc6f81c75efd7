/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_JUDGE_H
#define PAGEALLOC_STRESS_JUDGE_H

/* What must be true of a pool when all is over. */

#include <linux/types.h>

struct stress_target;

void stress_judge_target(struct stress_target *target, bool quiet);

#endif
