/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_BENCH_BATCH_H
#define PAGEALLOC_BENCH_BATCH_H

#include <linux/irqflags.h>

#include "bench.h"

/* Operations that are measured together, with interrupts off. */
#define BENCH_BATCH	64UL

void bench_batch_begin(void);
void bench_batch_end(void);

/* Begin to measure; interrupts are off if the subject does not sleep. */
static inline unsigned long bench_begin(const struct bench_subject *s)
{
	unsigned long flags = 0;

	if (!s->sleeps)
		local_irq_save(flags);
	bench_batch_begin();
	return flags;
}

static inline void bench_end(const struct bench_subject *s, unsigned long flags)
{
	bench_batch_end();
	if (!s->sleeps)
		local_irq_restore(flags);
}

#endif
