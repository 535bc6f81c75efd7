// SPDX-License-Identifier: GPL-2.0
/*
 * Calling a function in another context than the present one.
 *
 * The caller may sleep and waits until the function has returned.
 */

#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/smp.h>

#include "context.h"

/**
 * struct call - a call from an interrupt
 * @work: makes the interrupt
 * @call: the function
 * @data: its argument
 */
struct call {
	struct irq_work work;
	void (*call)(void *data);
	void *data;
};

static void perform(struct irq_work *work)
{
	const struct call *c = container_of(work, struct call, work);

	c->call(c->data);
}

static void call_in_irq(void (*call)(void *data), void *data)
{
	struct call c = {
		.work = IRQ_WORK_INIT_HARD(perform),
		.call = call,
		.data = data,
	};

	irq_work_queue(&c.work);
	irq_work_sync(&c.work);
}

/* A CPU that is online, the next one after this; it may go offline any time. */
static int other_cpu(void)
{
	int cpu = cpumask_next(raw_smp_processor_id(), cpu_online_mask);

	return cpu < nr_cpu_ids ? cpu : cpumask_first(cpu_online_mask);
}

/**
 * stress_call_in() - call a function in some context
 * @context: which
 * @call: the function; it must not sleep unless @context is STRESS_IN_TASK
 * @data: its argument
 *
 * Context: may sleep.
 */
void stress_call_in(enum stress_context context, void (*call)(void *data),
		    void *data)
{
	unsigned long flags;

	switch (context) {
	case STRESS_IRQS_OFF:
		local_irq_save(flags);
		call(data);
		local_irq_restore(flags);
		return;
	case STRESS_IN_IRQ:
		call_in_irq(call, data);
		return;
	case STRESS_IN_REMOTE_IRQ:
		/* Fails, without having called, if that CPU is no longer there. */
		if (!smp_call_function_single(other_cpu(), call, data, true))
			return;
		break;
	default:
		break;
	}
	call(data);
}
