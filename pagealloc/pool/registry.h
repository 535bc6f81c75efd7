/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_REGISTRY_H
#define PAGEALLOC_POOL_REGISTRY_H

#include "pool/state.h"

/**
 * struct pga_observer - told of pools that come and go
 * @added: a pool can be found by its name now; returns 0 or -errno
 * @removed: a pool is about to go; drop whatever @added made
 *
 * @scavenged: memory has been given back, this many pages; the share of a CPU is
 *	       the worker's so far
 *
 * The first two are called with the registry's mutex held, the last without.
 */
struct pga_observer {
	int (*added)(struct pagealloc_pool *pool);
	void (*removed)(struct pagealloc_pool *pool);
	void (*scavenged)(struct pagealloc_pool *pool, enum pagealloc_stat cause,
			  unsigned long released, unsigned int cpu_permille);
};

void pga_registry_observe(const struct pga_observer *observer);
int pga_registry_add(struct pagealloc_pool *pool);
int pga_registry_remove(struct pagealloc_pool *pool, bool force);
struct pagealloc_pool *pga_registry_get(const char *name);
void pga_registry_put(struct pagealloc_pool *pool);
int pga_registry_add_region(struct pagealloc_pool *pool, unsigned long pfn,
			    unsigned long nr);
void pga_registry_report(void (*stop)(struct pagealloc_pool *pool));
void pga_registry_scavenged(struct pagealloc_pool *pool,
			    enum pagealloc_stat cause, unsigned long released,
			    unsigned int cpu_permille);

#endif
