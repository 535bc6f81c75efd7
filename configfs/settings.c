// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes of a pool: how each is parsed and shown, and what goes together.
 *
 * A text that is refused leaves the settings as they were.  The log names the attribute
 * and what it takes.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "pagealloc.h"
#include "parse.h"
#include "settings.h"

static const char * const backings[] = { "loan", "carveout", "sim", NULL };
static const char * const engines[] = { "bitmap", "span", NULL };
static const char * const heaps[] = { "off", "pfn", "pages", NULL };

/**
 * struct setting - an attribute
 * @name: its name
 * @takes: what it takes, for the log
 * @parse: sets a part of the settings, or returns -EINVAL
 * @show: prints that part as @parse takes it
 */
struct setting {
	const char *name;
	const char *takes;
	int (*parse)(struct pga_settings *s, const char *text);
	ssize_t (*show)(const struct pga_settings *s, char *page);
};

static ssize_t show_bytes(unsigned long pages, char *page)
{
	return sysfs_emit(page, "%llu\n", (u64)PFN_PHYS(pages));
}

static int parse_backing(struct pga_settings *s, const char *text)
{
	const int i = pga_parse_word(text, backings);

	if (i >= 0)
		s->backing = i;
	return min(i, 0);
}

static ssize_t show_backing(const struct pga_settings *s, char *page)
{
	return sysfs_emit(page, "%s\n", backings[s->backing]);
}

static int parse_size(struct pga_settings *s, const char *text)
{
	return pga_parse_pages(text, &s->size);
}

static ssize_t show_size(const struct pga_settings *s, char *page)
{
	return show_bytes(s->size, page);
}

static int parse_base(struct pga_settings *s, const char *text)
{
	if (strcmp(text, "any"))
		return pga_parse_pages(text, &s->base);
	s->base = PGA_ANY_BASE;
	return 0;
}

static ssize_t show_base(const struct pga_settings *s, char *page)
{
	if (s->base == PGA_ANY_BASE)
		return sysfs_emit(page, "any\n");
	return sysfs_emit(page, "0x%llx\n", (u64)PFN_PHYS(s->base));
}

static int parse_reserve_mem(struct pga_settings *s, const char *text)
{
	if (strlen(text) >= sizeof(s->reserve_mem))
		return -EINVAL;
	strscpy(s->reserve_mem, text, sizeof(s->reserve_mem));
	return 0;
}

static ssize_t show_reserve_mem(const struct pga_settings *s, char *page)
{
	return sysfs_emit(page, "%s\n", s->reserve_mem);
}

static int parse_numa_node(struct pga_settings *s, const char *text)
{
	unsigned long node;

	if (!strcmp(text, "-1")) {
		s->numa_node = PGA_ANY_NODE;
		return 0;
	}
	if (pga_parse_number(text, 10, 0, MAX_NUMNODES - 1, &node))
		return -EINVAL;
	s->numa_node = node;
	return 0;
}

static ssize_t show_numa_node(const struct pga_settings *s, char *page)
{
	return sysfs_emit(page, "%d\n", s->numa_node);
}

static int parse_granule(struct pga_settings *s, const char *text)
{
	unsigned long granule;

	if (pga_parse_number(text, 10, 0, PAGEALLOC_GRANULE_MAX, &granule) ||
	    (granule && !is_power_of_2(granule)))
		return -EINVAL;
	s->granule = granule;
	return 0;
}

static ssize_t show_granule(const struct pga_settings *s, char *page)
{
	return sysfs_emit(page, "%lu\n", s->granule);
}

static int parse_engine(struct pga_settings *s, const char *text)
{
	const int i = pga_parse_word(text, engines);

	if (i >= 0)
		s->engine = i;
	return min(i, 0);
}

static ssize_t show_engine(const struct pga_settings *s, char *page)
{
	return sysfs_emit(page, "%s\n", engines[s->engine]);
}

static int parse_cache(struct pga_settings *s, const char *text)
{
	unsigned long cache;

	if (pga_parse_number(text, 10, 0, 1, &cache))
		return -EINVAL;
	s->cache = cache;
	return 0;
}

static ssize_t show_cache(const struct pga_settings *s, char *page)
{
	return sysfs_emit(page, "%d\n", s->cache);
}

static int parse_track(struct pga_settings *s, const char *text)
{
	unsigned long track;

	if (pga_parse_number(text, 10, 0, 2, &track))
		return -EINVAL;
	s->track = track;
	return 0;
}

static ssize_t show_track(const struct pga_settings *s, char *page)
{
	return sysfs_emit(page, "%u\n", s->track);
}

static int parse_limit(struct pga_settings *s, const char *text)
{
	if (strcmp(text, "none"))
		return pga_parse_pages(text, &s->limit);
	s->limit = PAGEALLOC_NO_LIMIT;
	return 0;
}

static ssize_t show_limit(const struct pga_settings *s, char *page)
{
	if (s->limit == PAGEALLOC_NO_LIMIT)
		return sysfs_emit(page, "none\n");
	return show_bytes(s->limit, page);
}

static int parse_min_ready(struct pga_settings *s, const char *text)
{
	return pga_parse_pages(text, &s->min_ready);
}

static ssize_t show_min_ready(const struct pga_settings *s, char *page)
{
	return show_bytes(s->min_ready, page);
}

static int parse_heap(struct pga_settings *s, const char *text)
{
	const int i = pga_parse_word(text, heaps);

	if (i >= 0)
		s->heap = i;
	return min(i, 0);
}

static ssize_t show_heap(const struct pga_settings *s, char *page)
{
	return sysfs_emit(page, "%s\n", heaps[s->heap]);
}

static int parse_mode(struct pga_settings *s, const char *text)
{
	unsigned long mode;

	if (pga_parse_number(text, 8, 1, 0666, &mode) || mode & ~0666UL)
		return -EINVAL;
	s->mode = mode;
	return 0;
}

static ssize_t show_mode(const struct pga_settings *s, char *page)
{
	return sysfs_emit(page, "%04o\n", s->mode);
}

#define BYTES	"a number of bytes in whole pages, with suffix K, M, G or T"

static const struct setting settings[] = {
	[PGA_SET_BACKING] = { "backing", "loan, carveout or sim",
			      parse_backing, show_backing },
	[PGA_SET_SIZE] = { "size", BYTES, parse_size, show_size },
	[PGA_SET_BASE] = { "base", "the physical address of a page, or any",
			   parse_base, show_base },
	[PGA_SET_RESERVE_MEM] = { "reserve_mem",
				  "a name of up to 63 letters, or nothing",
				  parse_reserve_mem, show_reserve_mem },
	[PGA_SET_NUMA_NODE] = { "numa_node", "the number of a node, or -1 for any",
				parse_numa_node, show_numa_node },
	[PGA_SET_GRANULE] = { "granule", "a power of two up to 262144, or 0",
			      parse_granule, show_granule },
	[PGA_SET_ENGINE] = { "engine", "bitmap or span", parse_engine, show_engine },
	[PGA_SET_CACHE] = { "cache", "0 or 1", parse_cache, show_cache },
	[PGA_SET_TRACK] = { "track", "0, 1 or 2", parse_track, show_track },
	[PGA_SET_LIMIT] = { "limit", BYTES ", or none", parse_limit, show_limit },
	[PGA_SET_MIN_READY] = { "min_ready", BYTES, parse_min_ready, show_min_ready },
	[PGA_SET_HEAP] = { "heap", "off, pfn or pages", parse_heap, show_heap },
	[PGA_SET_MODE] = { "mode", "an octal number from 1 to 666 without execution",
			   parse_mode, show_mode },
};

static_assert(ARRAY_SIZE(settings) == PGA_NR_SETTINGS);

/**
 * pga_settings_init() - the settings of a pool that was not set up yet
 * @s: the settings
 */
void pga_settings_init(struct pga_settings *s)
{
	*s = (struct pga_settings) {
		.base = PGA_ANY_BASE,
		.numa_node = PGA_ANY_NODE,
		.cache = true,
		.limit = PAGEALLOC_NO_LIMIT,
		.mode = 0600,
	};
}

/**
 * pga_settings_parse() - set a part of the settings
 * @s: the settings
 * @which: which part
 * @text: its value
 *
 * Return: 0, or -EINVAL and nothing is changed.
 */
int pga_settings_parse(struct pga_settings *s, enum pga_setting which, const char *text)
{
	return settings[which].parse(s, text);
}

/**
 * pga_settings_show() - print a part of the settings
 * @s: the settings
 * @which: which part
 * @page: a page for the text
 *
 * Return: the length of the text.
 */
ssize_t pga_settings_show(const struct pga_settings *s, enum pga_setting which,
			  char *page)
{
	return settings[which].show(s, page);
}

/**
 * pga_setting_takes() - say what an attribute takes
 * @which: the attribute
 *
 * Return: the words.
 */
const char *pga_setting_takes(enum pga_setting which)
{
	return settings[which].takes;
}

/**
 * pga_refuse() - log that an attribute is refused
 * @pool: the pool
 * @which: the attribute
 * @text: its value; NULL for the one it has
 * @error: -errno
 * @takes: what it takes
 *
 * Return: @error.
 */
int pga_refuse(const char *pool, enum pga_setting which, const char *text, int error,
	       const char *takes)
{
	pr_err("%s: %s%s%s refused (%d): it takes %s\n", pool, settings[which].name,
	       text ? "=" : "", text ?: "", error, takes);
	return error;
}

static int check_place(const struct pga_settings *s, const char *pool)
{
	const bool named = s->reserve_mem[0];

	if (named && s->backing != PGA_CARVEOUT)
		return pga_refuse(pool, PGA_SET_RESERVE_MEM, s->reserve_mem, -EINVAL,
				  "a name with backing carveout only");
	if (named && (s->size || s->base != PGA_ANY_BASE))
		return pga_refuse(pool, PGA_SET_RESERVE_MEM, s->reserve_mem, -EINVAL,
				  "a name without size and base");
	if (!named && !s->size)
		return pga_refuse(pool, PGA_SET_SIZE, "0", -EINVAL, BYTES);
	if (!named && s->backing == PGA_CARVEOUT && s->base == PGA_ANY_BASE)
		return pga_refuse(pool, PGA_SET_BASE, "any", -EINVAL,
				  "the address of a carveout");
	return 0;
}

static int check_node(const struct pga_settings *s, const char *pool)
{
	if (s->numa_node == PGA_ANY_NODE)
		return 0;
	if (s->backing != PGA_LOAN || s->base != PGA_ANY_BASE)
		return pga_refuse(pool, PGA_SET_NUMA_NODE, NULL, -EINVAL,
				  "a node with backing loan and without base only");
	return 0;
}

/**
 * pga_settings_check() - do the settings of a pool go together?
 * @s: the settings
 * @pool: its name, for the log
 *
 * Return: 0; or -EINVAL, and the log says why.
 */
int pga_settings_check(const struct pga_settings *s, const char *pool)
{
	const char *part = "bytes up to size";
	int ret;

	ret = check_place(s, pool) ?: check_node(s, pool);
	if (ret)
		return ret;
	if (s->granule && s->backing == PGA_LOAN)
		return pga_refuse(pool, PGA_SET_GRANULE, NULL, -EINVAL,
				  "a value with backing carveout or sim only");
	if (s->size && s->limit != PAGEALLOC_NO_LIMIT && s->limit > s->size)
		return pga_refuse(pool, PGA_SET_LIMIT, NULL, -EINVAL, part);
	if (s->size && s->min_ready > s->size)
		return pga_refuse(pool, PGA_SET_MIN_READY, NULL, -EINVAL, part);
	if (s->heap != PGA_HEAP_OFF && s->backing == PGA_SIM)
		return pga_refuse(pool, PGA_SET_HEAP, heaps[s->heap], -EINVAL,
				  "off with backing sim");
#ifndef PAGEALLOC_CONFIGFS_HEAP
	if (s->heap != PGA_HEAP_OFF)
		return pga_refuse(pool, PGA_SET_HEAP, heaps[s->heap], -EOPNOTSUPP,
				  "off on this kernel, which has no dma-bufs");
#endif
	return 0;
}
