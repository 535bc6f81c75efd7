/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_HOLDER_H
#define PAGEALLOC_STRESS_HOLDER_H

/* Somebody else who has frames of a loan. */

struct stress_thread;

/* A turn of a thread; its data is a pointer to the number of frames. */
void stress_hold(struct stress_thread *me);

#endif
