/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_WAIT_H
#define PAGEALLOC_KUNIT_WAIT_H

/* Waiting for another task or CPU, on machines of any speed. */

#include <linux/delay.h>
#include <linux/jiffies.h>

#include "lib/testlib.h"

/* Jiffies after which a condition will never be met, on the slowest machine. */
#define PGAT_PATIENCE	(100UL * HZ)

/* Wait until a condition is met; false if it never is. */
#define pgat_wait_for(condition) ({					\
	const unsigned long end_ = jiffies + PGAT_PATIENCE;		\
									\
	while (!(condition) && time_before(jiffies, end_)) {		\
		pgat_alive();						\
		usleep_range(500, 1500);				\
	}								\
	!!(condition);							\
})

#endif
