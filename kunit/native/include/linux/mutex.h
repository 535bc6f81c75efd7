/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_MUTEX_H
#define NATIVE_LINUX_MUTEX_H

/* There is one thread, so whoever has a mutex would wait for itself. */

#include <asm/bug.h>

struct mutex {
	bool locked;
};

static inline void mutex_init(struct mutex *mutex)
{
	mutex->locked = false;
}

static inline void mutex_lock(struct mutex *mutex)
{
	WARN_ON(mutex->locked);
	mutex->locked = true;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	WARN_ON(!mutex->locked);
	mutex->locked = false;
}

#endif
