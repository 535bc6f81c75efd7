/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_SCAVENGE_LOG_H
#define PAGEALLOC_SCAVENGE_LOG_H

#include "pagealloc.h"

void pga_log_scavenge(struct pagealloc_pool *pool, enum pagealloc_stat cause,
		      unsigned long released, unsigned int cpu_permille);

#endif
