// SPDX-License-Identifier: GPL-2.0
/*
 * The exported calls for pools of devices: to find one, and to have it end with the
 * driver.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>

#include "api/api.h"
#include "pool/registry.h"

/**
 * pagealloc_pool_get_device() - find a pool of a device
 * @dev: the device, @dev of &struct pagealloc_config
 * @name: the name of the pool; NULL for the first pool of the device
 *
 * As pagealloc_pool_get().
 *
 * Context: may sleep.
 * Return: the pool; NULL if there is none.
 */
struct pagealloc_pool *pagealloc_pool_get_device(const struct device *dev,
						 const char *name)
{
	const struct pga_wanted wanted = { .name = name, .dev = dev };

	return dev ? pga_registry_get(&wanted) : NULL;
}
EXPORT_SYMBOL_GPL(pagealloc_pool_get_device);

/**
 * pagealloc_pool_get_node() - find the pool of a device-tree node
 * @node: the node, @node of &struct pagealloc_config, or that of the pool's device; what
 *	of_parse_phandle() returns for a property that refers to the pool
 *
 * As pagealloc_pool_get().
 *
 * Context: may sleep.
 * Return: the pool; NULL if there is none.
 */
struct pagealloc_pool *pagealloc_pool_get_node(const struct device_node *node)
{
	const struct pga_wanted wanted = { .node = node };

	return node ? pga_registry_get(&wanted) : NULL;
}
EXPORT_SYMBOL_GPL(pagealloc_pool_get_node);

/* A driver that goes cannot be refused: what is in use stays, and is in the log. */
static void destroy_pool(void *pool)
{
	if (pagealloc_pool_destroy(pool))
		pr_err("a pool outlives the driver that made it\n");
}

/**
 * devm_pagealloc_pool_create() - create a pool that ends with the driver of a device
 * @dev: the device
 * @config: the configuration; not needed after the call.  Its @dev is not used.
 *
 * The pool belongs to @dev.  It is destroyed when the driver leaves the device.  If it
 * refuses, since pages are in use or somebody has a reference to it, it stays, with its
 * backing.  So the functions of the backing must not go with the driver.
 *
 * Context: may sleep.
 * Return: as pagealloc_pool_create().
 */
struct pagealloc_pool *devm_pagealloc_pool_create(struct device *dev,
						  const struct pagealloc_config *config)
{
	struct pagealloc_pool *pool;
	struct pagealloc_config own;
	int ret;

	if (!dev || !config)
		return ERR_PTR(-EINVAL);
	own = *config;
	own.dev = dev;
	pool = pagealloc_pool_create(&own);
	if (IS_ERR(pool))
		return pool;
	ret = devm_add_action_or_reset(dev, destroy_pool, pool);
	return ret ? ERR_PTR(ret) : pool;
}
EXPORT_SYMBOL_GPL(devm_pagealloc_pool_create);

static void close_loan(void *loan)
{
	pagealloc_loan_close(loan);
}

/**
 * devm_pagealloc_loan_open() - find frames to borrow as long as a device has its driver
 * @dev: the device
 * @nr_pages: how many
 * @node: on this node, or NUMA_NO_NODE for any
 * @flags: as for pagealloc_loan_open()
 *
 * The loan is closed when the driver leaves the device, after pools that it has made
 * later with devm_pagealloc_pool_create().
 *
 * Context: may sleep.
 * Return: as pagealloc_loan_open_node().
 */
struct pagealloc_loan *devm_pagealloc_loan_open(struct device *dev,
						unsigned long nr_pages, int node,
						unsigned int flags)
{
	struct pagealloc_loan *loan;
	int ret;

	if (!dev)
		return ERR_PTR(-EINVAL);
	loan = pagealloc_loan_open_node(nr_pages, node, flags);
	if (IS_ERR(loan))
		return loan;
	ret = devm_add_action_or_reset(dev, close_loan, loan);
	return ret ? ERR_PTR(ret) : loan;
}
EXPORT_SYMBOL_GPL(devm_pagealloc_loan_open);

static void close_carveout(void *carveout)
{
	pagealloc_carveout_close(carveout);
}

/**
 * devm_pagealloc_carveout_open() - claim reserved memory as long as a device has its
 *	driver
 * @dev: the device
 * @config: as for pagealloc_carveout_open()
 *
 * The carve-out is closed when the driver leaves the device, after pools that it has
 * made later with devm_pagealloc_pool_create().
 *
 * Context: may sleep.
 * Return: as pagealloc_carveout_open().
 */
struct pagealloc_carveout *
devm_pagealloc_carveout_open(struct device *dev,
			     const struct pagealloc_carveout_config *config)
{
	struct pagealloc_carveout *carveout;
	int ret;

	if (!dev || !config)
		return ERR_PTR(-EINVAL);
	carveout = pagealloc_carveout_open(config);
	if (IS_ERR(carveout))
		return carveout;
	ret = devm_add_action_or_reset(dev, close_carveout, carveout);
	return ret ? ERR_PTR(ret) : carveout;
}
EXPORT_SYMBOL_GPL(devm_pagealloc_carveout_open);
