// SPDX-License-Identifier: GPL-2.0
/*
 * Load and unload the module: its parameters, and the pool that they describe.
 *
 * Without size=, reserve_mem= and node= the module creates no pool.  Its clients
 * create pools of their own.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/of.h>
#include <linux/overflow.h>
#include <linux/pfn.h>
#include <linux/string.h>

#include "api/api.h"
#include "backing/carveout.h"
#include "backing/loan.h"
#include "base/size.h"
#include "module/hibernate.h"
#include "module/observer.h"
#include "pool/cpu_cache.h"
#include "pool/deferred.h"
#include "pool/life.h"
#include "pool/registry.h"
#include "pagealloc.h"

static char *size;
module_param(size, charp, 0400);
MODULE_PARM_DESC(size, "Size of the pool created at load in bytes, with suffix K, M, G or T (default: no pool)");

static char *backing;
module_param(backing, charp, 0400);
MODULE_PARM_DESC(backing, "Memory of the pool: loan (frames borrowed from the kernel, default), carveout (a range reserved at boot) or sim (no memory)");

static char *engine;
module_param(engine, charp, 0400);
MODULE_PARM_DESC(engine, "Data structure of the pool: bitmap (default) or span");

static char *name;
module_param(name, charp, 0400);
MODULE_PARM_DESC(name, "Name of the pool (default: default)");

static char *base;
module_param(base, charp, 0400);
MODULE_PARM_DESC(base, "Physical address of the pool, decimal or 0x, with suffix (default: any for loan, 0 for sim; carveout needs one)");

static char *granule;
module_param(granule, charp, 0400);
MODULE_PARM_DESC(granule, "sim and carveout: granule in pages, a power of two up to 262144 (default: 1)");

static bool is_memory;
module_param(is_memory, bool, 0400);
MODULE_PARM_DESC(is_memory, "carveout: your word that all of the range at base is memory that nobody uses, where the firmware does not say so (default: 0)");

static char *reserve_mem;
module_param(reserve_mem, charp, 0400);
MODULE_PARM_DESC(reserve_mem, "carveout, instead of base and size: name of a reservation made by reserve_mem= on the kernel command line");

static char *node;
module_param(node, charp, 0400);
MODULE_PARM_DESC(node, "carveout, instead of base and size: path of a node in /reserved-memory of the device tree");

static char *on_node;
module_param_named(numa_node, on_node, charp, 0400);
MODULE_PARM_DESC(numa_node, "loan: number of the NUMA node that the memory must be on (default: any)");

static bool cache = true;
module_param(cache, bool, 0400);
MODULE_PARM_DESC(cache, "Allocate short runs from per-CPU caches instead of by exact first fit (default: yes)");

static bool scavenge = true;
module_param(scavenge, bool, 0400);
MODULE_PARM_DESC(scavenge, "Discard idle pages in the background (default: yes)");

static char *track;
module_param(track, charp, 0400);
MODULE_PARM_DESC(track, "Track the runs in use and refuse to free anything else: 0 (default), 1, or 2 to record the stack of each allocation too");

static char *generation_ms;
module_param(generation_ms, charp, 0400);
MODULE_PARM_DESC(generation_ms, "Milliseconds until the worker computes a new goal, 1 to 3600000 (default: 10000)");

static char *scavenge_delay_ms;
module_param(scavenge_delay_ms, charp, 0400);
MODULE_PARM_DESC(scavenge_delay_ms, "Milliseconds before the worker discards freed pages, up to 3600000 (default: 1000)");

static char *scavenge_percent;
module_param(scavenge_percent, charp, 0400);
MODULE_PARM_DESC(scavenge_percent, "Share of a CPU that the worker may use, in percent, 1 to 100 (default: 1)");

static char *limit;
module_param(limit, charp, 0400);
MODULE_PARM_DESC(limit, "Bytes, with suffix; the pool discards at once what it retains beyond 95 % of this (default: no limit)");

static char *min_ready;
module_param(min_ready, charp, 0400);
MODULE_PARM_DESC(min_ready, "Bytes, with suffix, that the worker keeps ready for requests that may not sleep (default: 0)");

static char *max;
module_param(max, charp, 0400);
MODULE_PARM_DESC(max, "Bytes, with suffix, in use at most; an allocation that would exceed it fails (default: no maximum)");

static char *sim_delay_ms;
module_param(sim_delay_ms, charp, 0400);
MODULE_PARM_DESC(sim_delay_ms, "sim: milliseconds that each populate call sleeps, up to 60000 (default: 0)");

/* The pool that the parameters describe and its backing; set at load only. */
static struct pagealloc_pool *pool;
static struct pagealloc_loan *loan;
static struct pagealloc_carveout *carveout;
static struct pagealloc_sim sim;

static int refuse(const char *param, const char *value, const char *takes)
{
	pr_err("parameter %s=%s refused: it takes %s\n", param, value, takes);
	return -EINVAL;
}

/* Parse a number of bytes, in whole pages. */
static int parse_pages(const char *text, unsigned long *nr)
{
	unsigned long bytes;

	if (pga_parse_size(text, &bytes) || !PAGE_ALIGNED(bytes))
		return -EINVAL;
	*nr = PHYS_PFN(bytes);
	return 0;
}

/* Parse a number from @min to @max; *value keeps the default without @text. */
static int parse_number(const char *param, const char *text, unsigned int min,
			unsigned int max, unsigned int *value)
{
	unsigned int number;
	char takes[48];

	if (!text)
		return 0;
	snprintf(takes, sizeof(takes), "a number from %u to %u", min, max);
	if (!isdigit(*text) || kstrtouint(text, 10, &number) || number < min ||
	    number > max)
		return refuse(param, text, takes);
	*value = number;
	return 0;
}

static int parse_granule(unsigned long *pages)
{
	*pages = 1;
	if (granule && (kstrtoul(granule, 10, pages) || !is_power_of_2(*pages) ||
			*pages > PAGEALLOC_GRANULE_MAX))
		return refuse("granule", granule, "a power of two up to 262144");
	return 0;
}

/* Parse size and base; without them @nr is 0 and @pfn is PAGEALLOC_ANY_PFN. */
static int parse_range(unsigned long *pfn, unsigned long *nr)
{
	*nr = 0;
	*pfn = PAGEALLOC_ANY_PFN;
	if (size && (parse_pages(size, nr) || !*nr))
		return refuse("size", size,
			      "a number of bytes in whole pages, with suffix K, M, G or T");
	if (base && parse_pages(base, pfn))
		return refuse("base", base, "the physical address of a page");
	return 0;
}

static int setup_sim(unsigned long *pfn, unsigned long *nr, void **ctx)
{
	unsigned int delay_ms = 0;
	unsigned long pages;

	if (parse_granule(&pages) ||
	    parse_number("sim_delay_ms", sim_delay_ms, 0, 60000, &delay_ms))
		return -EINVAL;
	if (*pfn == PAGEALLOC_ANY_PFN)
		*pfn = 0;
	pagealloc_sim_init(&sim, pages);
	sim.delay_ms = delay_ms;
	*ctx = &sim;
	return 0;
}

/* Parse the number of the node; @nid keeps its value without one. */
static int parse_node(unsigned int *nid)
{
	if (on_node && base)
		return refuse("numa_node", on_node, "a node, without base");
	return parse_number("numa_node", on_node, 0, MAX_NUMNODES - 1, nid);
}

/* Find frames at the base, on the node, or anywhere. */
static struct pagealloc_loan *open_loan(unsigned long pfn, unsigned long nr)
{
	unsigned int nid = 0;
	const int ret = parse_node(&nid);

	if (ret)
		return ERR_PTR(ret);
	return on_node ? pagealloc_loan_open_node(nr, nid, 0) :
			 pagealloc_loan_open(nr, pfn, 0);
}

static int setup_loan(unsigned long *pfn, unsigned long *nr, void **ctx)
{
	int ret;

	loan = open_loan(*pfn, *nr);
	if (!IS_ERR(loan)) {
		*ctx = loan;
		return 0;
	}
	ret = PTR_ERR(loan);
	loan = NULL;
	if (base)
		pr_err("parameter base=%s with size=%s refused (%d): the range must be whole granules of movable memory in one zone\n",
		       base, size, ret);
	else
		pr_err("parameter size=%s refused (%d): it takes whole pageblocks, no more than one zone %s can lend\n",
		       size, ret, on_node ? "of the node" : "");
	return ret;
}

/* The parameters must locate the carve-out in exactly one way. */
static int check_location(void)
{
	if (reserve_mem && (node || base || size))
		return refuse("reserve_mem", reserve_mem,
			      "a name, without base, size and node");
	if (node && (base || size))
		return refuse("node", node,
			      "a path, without base and size");
	if (size && !base)
		return refuse("size", size, "base as well with backing=carveout");
	return 0;
}

static int setup_carveout(unsigned long *pfn, unsigned long *nr, void **ctx)
{
	struct pagealloc_carveout_config config = {
		.reserve_mem = reserve_mem,
		.flags = is_memory ? PAGEALLOC_CARVEOUT_MEMORY : 0,
	};

	if (check_location() || parse_granule(&config.granule))
		return -EINVAL;
	if (base) {
		config.base = PFN_PHYS(*pfn);
		config.size = PFN_PHYS(*nr);
	}
	if (node) {
		config.node = of_find_node_by_path(node);
		if (!config.node)
			return refuse("node", node, "the path of a node that exists");
	}
	carveout = pagealloc_carveout_open(&config);
	of_node_put(config.node);
	if (IS_ERR(carveout)) {
		int ret = PTR_ERR(carveout);

		carveout = NULL;
		return ret;
	}
	*pfn = pagealloc_carveout_pfn(carveout);
	*nr = pagealloc_carveout_pages(carveout);
	*ctx = carveout;
	return 0;
}

/**
 * struct choice - a value of the parameter backing
 * @ops: the backing; its name is the value
 * @flags: flags of the pool
 * @setup: creates the context; @pfn and @nr are the range of the parameters, and
 *	it sets them to the range of the pool
 * @has_granule: the backing uses the parameter granule
 */
struct choice {
	const struct pagealloc_backing_ops *ops;
	unsigned int flags;
	int (*setup)(unsigned long *pfn, unsigned long *nr, void **ctx);
	bool has_granule;
};

static const struct choice choices[] = {
	{ &pagealloc_loan_ops, PAGEALLOC_READY_FIRST, setup_loan },
	{ &pagealloc_carveout_ops, PAGEALLOC_READY_FIRST, setup_carveout, true },
	{ &pagealloc_sim_ops, 0, setup_sim, true },
};

static const struct choice *find_choice(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(choices); i++)
		if (!strcmp(backing, choices[i].ops->name))
			return &choices[i];
	return NULL;
}

/* Refuse parameters that the backing does not use. */
static int check_unused(const struct choice *choice)
{
	if (granule && !choice->has_granule)
		return refuse("granule", granule,
			      "a value with backing=sim or carveout only");
	if (sim_delay_ms && choice->ops != &pagealloc_sim_ops)
		return refuse("sim_delay_ms", sim_delay_ms,
			      "a value with backing=sim only");
	if (on_node && choice->ops != &pagealloc_loan_ops)
		return refuse("numa_node", on_node,
			      "a node with backing=loan only");
	if (choice->ops == &pagealloc_carveout_ops)
		return 0;
	if (is_memory)
		return refuse("is_memory", "1", "with backing=carveout only");
	if (reserve_mem)
		return refuse("reserve_mem", reserve_mem,
			      "a name with backing=carveout only");
	if (node)
		return refuse("node", node, "a path with backing=carveout only");
	return 0;
}

static void close_backing(void)
{
	if (loan)
		pagealloc_loan_close(loan);
	loan = NULL;
	if (carveout)
		pagealloc_carveout_close(carveout);
	carveout = NULL;
}

/* Parse bytes up to the size of the pool; *pages keeps the default without @text. */
static int parse_part(const char *param, const char *text, unsigned long nr,
		      unsigned long *pages)
{
	if (!text)
		return 0;
	if (parse_pages(text, pages) || *pages > nr)
		return refuse(param, text, "a number of bytes in whole pages, up to size");
	return 0;
}

static int parse_tuning(unsigned long nr, struct pagealloc_tuning *t)
{
	if (parse_number("generation_ms", generation_ms, 1, 3600000,
			 &t->generation_ms) ||
	    parse_number("scavenge_delay_ms", scavenge_delay_ms, 0, 3600000,
			 &t->delay_ms) ||
	    parse_number("scavenge_percent", scavenge_percent, 1, 100,
			 &t->cpu_percent) ||
	    parse_part("limit", limit, nr, &t->limit) ||
	    parse_part("min_ready", min_ready, nr, &t->min_ready) ||
	    parse_part("max", max, nr, &t->max))
		return -EINVAL;
	return 0;
}

static int parse_flags(unsigned int *flags)
{
	static const unsigned int track_flags[] = {
		0, PAGEALLOC_TRACK, PAGEALLOC_TRACK_STACKS,
	};
	unsigned int tracked = 0;

	if (parse_number("track", track, 0, ARRAY_SIZE(track_flags) - 1, &tracked))
		return -EINVAL;
	*flags = track_flags[tracked] | (scavenge ? 0 : PAGEALLOC_NO_WORKER) |
		 (cache ? 0 : PAGEALLOC_NO_CACHE);
	return 0;
}

/*
 * Check the other parameters before the backing is set up.  @nr is 0 if the size is
 * not known yet.
 */
static int check_values(unsigned long nr)
{
	struct pagealloc_tuning tuning;
	unsigned int nid;

	if (parse_node(&nid))
		return -EINVAL;
	if (!pga_engine(engine))
		return refuse("engine", engine, "bitmap or span");
	if (!pga_name_ok(name))
		return refuse("name", name,
			      "1 to 31 letters, digits, '-', '_' or '.'");
	return parse_tuning(nr ?: ULONG_MAX, &tuning);
}

static int set_tuning(unsigned long nr)
{
	struct pagealloc_tuning tuning;

	pagealloc_get_tuning(pool, &tuning);
	return parse_tuning(nr, &tuning) ?: pagealloc_set_tuning(pool, &tuning);
}

static int create_pool(const struct choice *choice, unsigned int flags, void *ctx)
{
	const struct pagealloc_config config = {
		.name = name,
		.ops = choice->ops,
		.ctx = ctx,
		.engine = engine,
		.flags = choice->flags | flags,
	};
	int ret;

	pool = pagealloc_pool_create(&config);
	if (!IS_ERR(pool))
		return 0;
	ret = PTR_ERR(pool);
	pool = NULL;
	return ret;
}

/* Add a region for each range of the loan, or for the range of another backing. */
static int add_regions(unsigned long pfn, unsigned long nr)
{
	struct pagealloc_range range;
	unsigned int i;
	int ret = 0;

	if (!loan)
		return pagealloc_add_region(pool, pfn, nr);
	for (i = 0; !ret && (range = pagealloc_loan_range(loan, i)).nr_pages; i++)
		ret = pagealloc_add_region(pool, range.pfn, range.nr_pages);
	return ret;
}

static int fill_pool(unsigned long pfn, unsigned long nr)
{
	int ret;

	ret = add_regions(pfn, nr);
	if (ret)
		pr_err("parameters size=%s base=%s refused (%d): another pool has part of it, or it crosses a multiple of 2^34 pages\n",
		       size ?: "", base ?: "", ret);
	return ret ?: set_tuning(nr);
}

/* Destroy the pool and close its backing, even if pages are in use. */
static void remove_pool(void)
{
	if (pool)
		pga_pool_destroy(pool, true);
	pool = NULL;
	close_backing();
}

/* Refuse parameters of a pool if no pool is created. */
static int check_no_pool(void)
{
	const char * const given[][2] = {
		{ "backing", backing },
		{ "engine", engine },
		{ "name", name },
		{ "base", base },
		{ "is_memory", is_memory ? "1" : NULL },
		{ "granule", granule },
		{ "numa_node", on_node },
		{ "cache", cache ? NULL : "0" },
		{ "scavenge", scavenge ? NULL : "0" },
		{ "track", track },
		{ "generation_ms", generation_ms },
		{ "scavenge_delay_ms", scavenge_delay_ms },
		{ "scavenge_percent", scavenge_percent },
		{ "limit", limit },
		{ "min_ready", min_ready },
		{ "max", max },
		{ "sim_delay_ms", sim_delay_ms },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(given); i++)
		if (given[i][1])
			return refuse(given[i][0], given[i][1],
				      "size, reserve_mem or node as well");
	return 0;
}

/* Not set in the definitions, so that check_no_pool() sees which were given. */
static void set_defaults(void)
{
	backing = backing ?: "loan";
	engine = engine ?: "bitmap";
	name = name ?: "default";
}

static int parse_and_create(void)
{
	const struct choice *choice;
	unsigned long pfn, nr;
	unsigned int flags;
	void *ctx;
	int ret;

	set_defaults();
	choice = find_choice();
	if (!choice)
		return refuse("backing", backing, "loan, carveout or sim");
	ret = parse_range(&pfn, &nr);
	if (ret)
		return ret;
	ret = check_unused(choice) ?: parse_flags(&flags) ?: check_values(nr) ?:
	      choice->setup(&pfn, &nr, &ctx) ?: create_pool(choice, flags, ctx);
	return ret ?: fill_pool(pfn, nr);
}

static int __init pagealloc_init(void)
{
	int ret;

	ret = pga_deferred_start();
	if (ret)
		return ret;
	ret = pga_cpu_cache_init();
	if (ret)
		goto err_deferred;
	ret = pga_loan_init();
	if (ret)
		goto err_cpu_cache;
	ret = pga_hibernate_init();
	if (ret)
		goto err_loan;
	ret = pga_observer_init();
	if (ret)
		goto err_hibernate;
	ret = size || reserve_mem || node ? parse_and_create() : check_no_pool();
	if (!ret)
		return 0;

	remove_pool();
	pga_observer_exit();
err_hibernate:
	pga_hibernate_exit();
err_loan:
	pga_loan_exit();
err_cpu_cache:
	pga_cpu_cache_exit();
err_deferred:
	pga_deferred_stop();
	return ret;
}

static void __exit pagealloc_exit(void)
{
	remove_pool();
	/* Pools that clients have left are stopped before their caches and backings go. */
	pga_observer_exit();
	pga_hibernate_exit();
	pga_registry_report(pga_pool_stop);
	pga_cpu_cache_exit();
	pga_deferred_stop();
	pga_loan_exit();
	pga_carveout_exit();
}

module_init(pagealloc_init);
module_exit(pagealloc_exit);

MODULE_DESCRIPTION("Page allocator for reserved memory that discards idle memory");
MODULE_LICENSE("GPL");
MODULE_VERSION(PAGEALLOC_VERSION);
