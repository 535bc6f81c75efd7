/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_SPINLOCK_TYPES_H
#define NATIVE_LINUX_SPINLOCK_TYPES_H

/* There is one thread: a lock is only named. */
struct spinlock {
};

#define spinlock_t	struct spinlock

#endif
