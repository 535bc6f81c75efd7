/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_CONTEXT_H
#define PAGEALLOC_STRESS_CONTEXT_H

/* Calling a function in another context than the present one. */

/**
 * enum stress_context - where a function is called
 * @STRESS_IN_TASK: right here
 * @STRESS_IRQS_OFF: right here, with interrupts disabled
 * @STRESS_IN_IRQ: in a hard interrupt of this CPU
 * @STRESS_IN_REMOTE_IRQ: in a hard interrupt of another CPU
 * @STRESS_NR_CONTEXTS: how many there are
 */
enum stress_context {
	STRESS_IN_TASK,
	STRESS_IRQS_OFF,
	STRESS_IN_IRQ,
	STRESS_IN_REMOTE_IRQ,
	STRESS_NR_CONTEXTS,
};

void stress_call_in(enum stress_context context, void (*call)(void *data),
		    void *data);

#endif
