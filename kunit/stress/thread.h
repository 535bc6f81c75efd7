/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_STRESS_THREAD_H
#define PAGEALLOC_STRESS_THREAD_H

/* Threads that do something over and over until all are told to stop. */

#include <linux/prandom.h>
#include <linux/seq_file.h>

#include "requests.h"

struct task_struct;

/**
 * struct stress_thread - one of them
 * @task: it
 * @random: its random numbers
 * @turn: what it does; called again and again
 * @data: for @turn
 * @where: name of the pool that it is at
 * @since: when the present turn has begun, jiffies
 * @pfns: for @turn
 */
struct stress_thread {
	struct task_struct *task;
	struct rnd_state random;
	void (*turn)(struct stress_thread *me);
	void *data;
	const char *where;
	unsigned long since;
	unsigned long pfns[STRESS_BULK];
};

int stress_thread_start(const char *name, u64 seed,
			void (*turn)(struct stress_thread *me), void *data);
bool stress_threads_stopping(void);
unsigned int stress_threads_stop(unsigned int seconds);
unsigned int stress_threads_stuck(unsigned int seconds);
void stress_threads_show_stuck(struct seq_file *m, unsigned int seconds);
void stress_threads_end(void);

#endif
