/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_VISITOR_H
#define PAGEALLOC_STRESS_VISITOR_H

/* Pools that come and go. */

struct stress_thread;

/* A turn of a thread; its data is the name of the pool. */
void stress_visit(struct stress_thread *me);

#endif
