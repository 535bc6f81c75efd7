/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_PERCPU_H
#define NATIVE_LINUX_PERCPU_H

/* There is one CPU. */
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < 1; (cpu)++)
#define per_cpu_ptr(ptr, cpu)		((ptr) + (cpu))

#endif
