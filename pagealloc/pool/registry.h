/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_POOL_REGISTRY_H
#define PAGEALLOC_POOL_REGISTRY_H

#include "pool/state.h"

/**
 * struct pga_observer - callbacks for the life of pools
 * @added: a pool is added to the registry; an errno refuses the pool
 * @removed: a pool is about to be removed
 * @scavenged: pages of a pool were discarded; @cpu_permille is the share of a CPU
 *	       that its worker has taken so far
 *
 * @added and @removed are called with the registry's mutex held, @scavenged without.
 */
struct pga_observer {
	int (*added)(struct pagealloc_pool *pool);
	void (*removed)(struct pagealloc_pool *pool);
	void (*scavenged)(struct pagealloc_pool *pool, enum pagealloc_stat cause,
			  unsigned long released, unsigned int cpu_permille);
};

/**
 * struct pga_wanted - what a pool must be like to be found
 * @name: its name
 * @dev: the device that it belongs to
 * @node: its device-tree node, or that of its device
 *
 * A member that is NULL sets no condition.
 */
struct pga_wanted {
	const char *name;
	const struct device *dev;
	const struct device_node *node;
};

void pga_registry_set_observer(const struct pga_observer *observer);
int pga_registry_add(struct pagealloc_pool *pool);
int pga_registry_hide(struct pagealloc_pool *pool);
void pga_registry_unhide(struct pagealloc_pool *pool);
int pga_registry_hibernate(void);
int pga_registry_remove(struct pagealloc_pool *pool, bool force);
struct pagealloc_pool *pga_registry_get(const struct pga_wanted *wanted);
void pga_registry_put(struct pagealloc_pool *pool);
int pga_registry_add_region(struct pagealloc_pool *pool,
			    const struct pagealloc_region *what);
void pga_registry_report(void (*stop)(struct pagealloc_pool *pool));
void pga_registry_scavenged(struct pagealloc_pool *pool,
			    enum pagealloc_stat cause, unsigned long released,
			    unsigned int cpu_permille);

#endif
