/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_CONFIGFS_SETTINGS_H
#define PAGEALLOC_CONFIGFS_SETTINGS_H

#include <linux/types.h>

enum pga_backing { PGA_LOAN, PGA_CARVEOUT, PGA_SIM };
enum pga_engine_name { PGA_BITMAP, PGA_SPAN };
enum pga_heap { PGA_HEAP_OFF, PGA_HEAP_PFN, PGA_HEAP_PAGES };

/* Longest name of a reservation, with the terminating NUL. */
#define PGA_RESERVE_MEM_MAX	64

/* For @base: the client does not say. */
#define PGA_ANY_BASE		(~0UL)

/* For @numa_node: any node. */
#define PGA_ANY_NODE		(-1)

/**
 * struct pga_settings - what the attributes of a pool say
 * @backing: where the memory is from
 * @size: pages, 0 if it was not set
 * @base: first pfn, or PGA_ANY_BASE
 * @reserve_mem: name of a reservation, empty if it was not set
 * @numa_node: the node, or PGA_ANY_NODE
 * @granule: pages, 0 if it was not set
 * @engine: the data structure
 * @cache: whether there are per-CPU caches
 * @track: 0, 1 or 2
 * @limit: pages, ULONG_MAX for none
 * @min_ready: pages
 * @heap: whether user space is offered the pool, and how its buffers are mapped
 * @mode: of the device node
 */
struct pga_settings {
	enum pga_backing backing;
	unsigned long size;
	unsigned long base;
	char reserve_mem[PGA_RESERVE_MEM_MAX];
	int numa_node;
	unsigned long granule;
	enum pga_engine_name engine;
	bool cache;
	unsigned int track;
	unsigned long limit;
	unsigned long min_ready;
	enum pga_heap heap;
	umode_t mode;
};

/* An attribute; the order is that of the table in settings.c. */
enum pga_setting {
	PGA_SET_BACKING,
	PGA_SET_SIZE,
	PGA_SET_BASE,
	PGA_SET_RESERVE_MEM,
	PGA_SET_NUMA_NODE,
	PGA_SET_GRANULE,
	PGA_SET_ENGINE,
	PGA_SET_CACHE,
	PGA_SET_TRACK,
	PGA_SET_LIMIT,
	PGA_SET_MIN_READY,
	PGA_SET_HEAP,
	PGA_SET_MODE,
	PGA_NR_SETTINGS,
};

void pga_settings_init(struct pga_settings *s);
int pga_settings_parse(struct pga_settings *s, enum pga_setting which,
		       const char *text);
ssize_t pga_settings_show(const struct pga_settings *s, enum pga_setting which,
			  char *page);
int pga_settings_check(const struct pga_settings *s, const char *pool);
const char *pga_setting_takes(enum pga_setting which);
int pga_refuse(const char *pool, enum pga_setting which, const char *text, int error,
	       const char *takes);

#endif
