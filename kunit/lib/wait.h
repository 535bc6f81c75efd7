/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_WAIT_H
#define PAGEALLOC_KUNIT_WAIT_H

/* Waiting for another task or CPU, on machines of any speed. */

#include <linux/delay.h>
#include <linux/jiffies.h>

#include "lib/testlib.h"

/* The longest time to wait for an event; the slowest machine needs less. */
#define PGAT_PATIENCE	(100UL * HZ)

/* Wait until @condition is true; false if it is not after PGAT_PATIENCE. */
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
