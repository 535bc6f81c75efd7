// SPDX-License-Identifier: GPL-2.0
/*
 * The "carveout" backing: a fixed physical range that was set aside at boot.
 *
 * The memory is always there, so what discarding means depends on who wants to
 * know of it:
 *
 *	the platform	has hooks: it takes the memory away and brings it back,
 *			switches a bank off, hands it to a coprocessor, tells a
 *			hypervisor
 *	nobody		then discarding finds mistakes.  A discarded page that
 *			the kernel lets us unmap is unmapped, and any access to
 *			it faults.  One that it does not is filled with poison,
 *			and the poison is looked at again before the page is
 *			handed out.
 *
 * With hooks, pages are unmapped as well where that can be; or else, if the
 * client asks for it, uncached, so that no line of a cache that is written
 * back late hits memory that is somebody else's by then.  First they are hidden,
 * then the platform is told; and backwards.
 *
 * A stray write that was found is reported with its address and counted, and
 * populating goes on: the memory is there and ours, and refusing it would turn
 * somebody's mistake into a pool that no longer works.  What was overwritten is
 * content that nobody may rely on.
 *
 * Invariant: a bit in @gone is set for the granules that are hidden or
 * poisoned, and for no other.  Pages that the pool has just grown by count as
 * discarded but were never touched here, so that what the boot loader or the
 * last kernel left there is still there until somebody asks for it; the bit
 * tells them apart.  A granule is in one call at a time, so a bit needs to be
 * atomic only towards its neighbours.
 *
 * A carve-out whose pages are in use when it is closed stays mapped and claimed,
 * and so does what describes it: until the module ends, or if they still are,
 * for good.
 *
 * Which ranges are taken is in claim.c, how they are mapped in mapping.c.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": carveout: " fmt

#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "backing/carveout.h"
#include "backing/mapping.h"
#include "backing/poison.h"
#include "base/compat.h"
#include "pagealloc.h"

#define FLAGS	(PAGEALLOC_CARVEOUT_PAGES | PAGEALLOC_CARVEOUT_UNCACHED | \
		 PAGEALLOC_CARVEOUT_MAPPED | PAGEALLOC_CARVEOUT_CLAIMED | \
		 PAGEALLOC_CARVEOUT_RAM)

/**
 * struct pagealloc_carveout - a range set aside
 * @claim: what makes it ours
 * @map: where it is visible
 * @granule: pages
 * @hooks: the platform's, or NULL
 * @hooks_ctx: for @hooks
 * @poisons: discarded pages are filled with poison
 * @gone: a bit for each granule, of atomic operations
 * @reserved: pages that are regions of a pool
 * @strays: pages that were written to while discarded
 * @carveouts: in the list of all, protected by carveouts_mutex
 *
 * Constant from pagealloc_carveout_open() to pagealloc_carveout_close(), but for
 * the last four.
 */
struct pagealloc_carveout {
	struct pga_claim claim;
	struct pga_mapping map;
	unsigned long granule;
	const struct pagealloc_carveout_hooks *hooks;
	void *hooks_ctx;
	bool poisons;
	unsigned long *gone;
	atomic_long_t reserved;
	atomic_long_t strays;
	struct list_head carveouts;
};

static DEFINE_MUTEX(carveouts_mutex);
static LIST_HEAD(carveouts);

static unsigned long end_pfn(const struct pagealloc_carveout *c)
{
	return c->map.pfn + c->map.nr_pages;
}

/* The bit of the granule that @pfn is in. */
static unsigned long granule_of(const struct pagealloc_carveout *c,
				unsigned long pfn)
{
	return pfn / c->granule - c->map.pfn / c->granule;
}

/* The first page after @pfn that is in another granule, but no more than @end. */
static unsigned long next_granule(const struct pagealloc_carveout *c,
				  unsigned long pfn, unsigned long end)
{
	return min(ALIGN(pfn + 1, c->granule), end);
}

/* Report a page, if it was written to, with the first address. */
static void verify_page(struct pagealloc_carveout *c, unsigned long pfn)
{
	const u64 *memory = pga_mapping_virt(&c->map, pfn);
	phys_addr_t phys = PFN_PHYS(pfn);
	const size_t intact = pga_poison_intact(memory, phys, PAGE_SIZE);

	if (intact == PAGE_SIZE)
		return;
	atomic_long_inc(&c->strays);
	phys += intact;
	pr_err_ratelimited("stray write to discarded memory at %pa, pfn %lu offset %zu: got %016llx, want %016llx\n",
			   &phys, pfn, intact, memory[intact / sizeof(*memory)],
			   pga_poison_word(phys));
}

/* Make a granule visible again; nothing happens if it is. */
static int show_granule(struct pagealloc_carveout *c, unsigned long pfn,
			unsigned long nr)
{
	unsigned long i;
	int ret;

	if (!test_bit(granule_of(c, pfn), c->gone))
		return 0;
	ret = pga_mapping_show(&c->map, pfn, nr);
	if (ret)
		return ret;
	for (i = 0; c->poisons && i < nr; i++)
		verify_page(c, pfn + i);
	clear_bit(granule_of(c, pfn), c->gone);
	return 0;
}

/* All granules of a range; what was shown before a failure stays so. */
static int show(struct pagealloc_carveout *c, unsigned long pfn, unsigned long nr)
{
	const unsigned long end = pfn + nr;
	unsigned long next;
	int ret;

	for (; pfn < end; pfn = next) {
		next = next_granule(c, pfn, end);
		ret = show_granule(c, pfn, next - pfn);
		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

static int hide_granule(struct pagealloc_carveout *c, unsigned long pfn,
			unsigned long nr)
{
	int ret;

	if (test_bit(granule_of(c, pfn), c->gone))
		return 0;
	if (c->poisons)
		pga_poison(pga_mapping_virt(&c->map, pfn), PFN_PHYS(pfn),
			   nr << PAGE_SHIFT);
	ret = pga_mapping_hide(&c->map, pfn, nr);
	if (!ret)
		set_bit(granule_of(c, pfn), c->gone);
	return ret;
}

/* All granules of a range, or none. */
static int hide(struct pagealloc_carveout *c, unsigned long pfn, unsigned long nr)
{
	const unsigned long start = pfn, end = pfn + nr;
	unsigned long next;
	int ret;

	for (; pfn < end; pfn = next) {
		next = next_granule(c, pfn, end);
		ret = hide_granule(c, pfn, next - pfn);
		if (ret) {
			show(c, start, pfn - start);
			return ret;
		}
		cond_resched();
	}
	pga_mapping_hidden(&c->map, start, end - start);
	return 0;
}

static unsigned long carveout_granule(void *ctx)
{
	const struct pagealloc_carveout *c = ctx;

	return c->granule;
}

static int carveout_reserve(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;

	if (pfn < c->map.pfn || nr_pages > c->map.nr_pages ||
	    pfn - c->map.pfn > c->map.nr_pages - nr_pages)
		return -EINVAL;
	atomic_long_add(nr_pages, &c->reserved);
	return 0;
}

/* The last look at what is poisoned; the platform keeps what it was given. */
static void carveout_release(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;

	/* What cannot be shown again counts as in use, and stays as it is. */
	if (show(c, pfn, nr_pages))
		pr_err("pfn %lu+%lu cannot be mapped again\n", pfn, nr_pages);
	else
		atomic_long_sub(nr_pages, &c->reserved);
}

static int carveout_populate(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;
	int ret;

	if (c->hooks) {
		ret = c->hooks->populate(c->hooks_ctx, pfn, nr_pages);
		if (ret)
			return ret;
	}
	ret = show(c, pfn, nr_pages);
	if (ret && c->hooks)
		c->hooks->discard(c->hooks_ctx, pfn, nr_pages);
	return ret;
}

static int carveout_discard(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;
	int ret;

	ret = hide(c, pfn, nr_pages);
	if (ret || !c->hooks)
		return ret;
	ret = c->hooks->discard(c->hooks_ctx, pfn, nr_pages);
	if (ret)
		show(c, pfn, nr_pages);
	return ret;
}

/* Pages that the pool never used are not unmapped yet; the others are already. */
static int carveout_protect(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;

	return c->map.hide == PGA_HIDE_UNMAPPED ? hide(c, pfn, nr_pages) :
						  -EOPNOTSUPP;
}

static bool carveout_populates_zero(void *ctx)
{
	const struct pagealloc_carveout *c = ctx;

	return c->hooks && c->hooks->populates_zero;
}

static void carveout_zero(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	const struct pagealloc_carveout *c = ctx;

	memset(pga_mapping_virt(&c->map, pfn), 0, nr_pages << PAGE_SHIFT);
}

/* Operations of the backing; the context is a &struct pagealloc_carveout. */
const struct pagealloc_backing_ops pagealloc_carveout_ops = {
	.name = "carveout",
	.granule = carveout_granule,
	.reserve = carveout_reserve,
	.release = carveout_release,
	.populate = carveout_populate,
	.discard = carveout_discard,
	.protect = carveout_protect,
	.populates_zero = carveout_populates_zero,
	.zero = carveout_zero,
};
EXPORT_SYMBOL_GPL(pagealloc_carveout_ops);

/* Where a reservation made by reserve_mem= is. */
static int locate_name(const char *name, struct pga_claim *claim)
{
	phys_addr_t base, size;
	int ret;

	ret = pga_reserve_mem_find(name, &base, &size);
	if (ret == -EOPNOTSUPP)
		pr_err("reserve_mem %s refused: this kernel does not know reservations by name, 6.12 and later do\n",
		       name);
	else if (ret)
		pr_err("reserve_mem %s refused: there is no reservation of that name\n",
		       name);
	if (ret)
		return ret;
	claim->base = base;
	claim->size = size;
	return 0;
}

/*
 * Where a node of /reserved-memory is, or the one that a device's node refers to;
 * a kernel without device trees has none.
 */
static int locate_node(struct device_node *node, struct pga_claim *claim)
{
	struct device_node *region = of_parse_phandle(node, "memory-region", 0);
	const struct reserved_mem *reserved;

	reserved = of_reserved_mem_lookup(region ?: node);
	of_node_put(region);
	if (!reserved) {
		pr_err("node %pOF refused: it is no reserved memory\n", node);
		return -ENOENT;
	}
	claim->base = reserved->base;
	claim->size = reserved->size;
	return 0;
}

/* One of three: a name, a node, or numbers. */
static int locate(const struct pagealloc_carveout_config *config,
		  struct pga_claim *claim)
{
	const bool numbers = config->base || config->size;

	if (!!config->reserve_mem + !!config->node + numbers != 1)
		return -EINVAL;
	if (config->reserve_mem)
		return locate_name(config->reserve_mem, claim);
	if (config->node)
		return locate_node(config->node, claim);
	claim->base = config->base;
	claim->size = config->size;
	return 0;
}

/* What is set aside by name is so for us, even if it is System RAM. */
static unsigned int claim_flags(const struct pagealloc_carveout_config *config)
{
	const bool named = config->reserve_mem || config->node;

	return config->flags | (named ? PAGEALLOC_CARVEOUT_RAM : 0);
}

static int check(const struct pagealloc_carveout *c,
		 const struct pagealloc_carveout_config *config)
{
	if (config->flags & ~FLAGS)
		return -EINVAL;
	if (config->hooks && (!config->hooks->populate || !config->hooks->discard))
		return -EINVAL;
	if (!is_power_of_2(c->granule) || c->granule > PAGEALLOC_GRANULE_MAX) {
		pr_err("granule %lu refused: it is no power of two up to %lu\n",
		       c->granule, PAGEALLOC_GRANULE_MAX);
		return -EINVAL;
	}
	if (!c->claim.size || !PAGE_ALIGNED(c->claim.base | c->claim.size)) {
		pr_err("base %pa size %llu refused: they are no whole pages\n",
		       &c->claim.base, c->claim.size);
		return -EINVAL;
	}
	if (c->claim.base + c->claim.size - 1 < c->claim.base) {
		pr_err("base %pa size %llu refused: it wraps\n",
		       &c->claim.base, c->claim.size);
		return -EINVAL;
	}
	return 0;
}

/* Enter it in the list, unless another one has some of the range. */
static int enlist(struct pagealloc_carveout *c)
{
	const struct pagealloc_carveout *other;
	const phys_addr_t last = c->claim.base + c->claim.size - 1;
	int ret = 0;

	mutex_lock(&carveouts_mutex);
	list_for_each_entry(other, &carveouts, carveouts)
		if (c->claim.base <= other->claim.base + other->claim.size - 1 &&
		    other->claim.base <= last)
			ret = -EEXIST;
	if (!ret)
		list_add(&c->carveouts, &carveouts);
	mutex_unlock(&carveouts_mutex);
	if (ret)
		pr_err("base %pa to %pa refused: another carve-out has some of it\n",
		       &c->claim.base, &last);
	return ret;
}

static void delist(struct pagealloc_carveout *c)
{
	mutex_lock(&carveouts_mutex);
	list_del(&c->carveouts);
	mutex_unlock(&carveouts_mutex);
}

static int make_gone(struct pagealloc_carveout *c)
{
	const unsigned long nr = granule_of(c, end_pfn(c) - 1) + 1;

	c->gone = kvcalloc(BITS_TO_LONGS(nr), sizeof(long), GFP_KERNEL);
	return c->gone ? 0 : -ENOMEM;
}

/* Claim and map it; undone in full on failure. */
static int acquire(struct pagealloc_carveout *c, unsigned int flags)
{
	int ret;

	ret = pga_claim(&c->claim, flags);
	if (ret)
		return ret;
	ret = pga_mapping_open(&c->map, &c->claim, flags);
	if (ret)
		goto err_unclaim;
	ret = make_gone(c);
	if (ret)
		goto err_unmap;
	c->poisons = !c->hooks && c->map.hide != PGA_HIDE_UNMAPPED;
	return 0;

err_unmap:
	pga_mapping_close(&c->map);
err_unclaim:
	pga_unclaim(&c->claim);
	return ret;
}

static void announce(const struct pagealloc_carveout *c)
{
	static const char * const how[] = {
		[PGA_HIDE_NOT] = "stay mapped",
		[PGA_HIDE_UNCACHED] = "are uncached",
		[PGA_HIDE_UNMAPPED] = "are unmapped",
	};

	pr_info("%lu pages at pfn %lu, granule %lu pages, %s; discarded ones %s%s%s\n",
		c->map.nr_pages, c->map.pfn, c->granule,
		c->claim.is_ram ? "System RAM" :
		c->map.pagemap ? "with page structs" : "without page structs",
		how[c->map.hide], c->poisons ? " and poisoned" : "",
		c->hooks ? " and the platform's" : "");
}

/**
 * pagealloc_carveout_open() - claim and map a range that was set aside
 * @config: which, and what is special about it; not needed after this
 *
 * The result is the context of &pagealloc_carveout_ops for one pool; its range,
 * or parts of it, can be added to that pool as regions.  A range that is refused
 * is so with a line in the log that says why.
 *
 * Context: may sleep.
 * Return: the carve-out, or an ERR_PTR(): -EINVAL for a configuration that makes
 * no sense, pages that are not whole, a range that wraps; -EBUSY for System RAM in
 * use and for what is somebody else's; -EEXIST for what another carve-out has;
 * -ENXIO for what is not known to be reserved memory; -ENOENT for a name that
 * nothing has; -EOPNOTSUPP for a name on a kernel that has none; -ENOMEM.
 */
struct pagealloc_carveout *
pagealloc_carveout_open(const struct pagealloc_carveout_config *config)
{
	struct pagealloc_carveout *c;
	int ret;

	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return ERR_PTR(-ENOMEM);
	c->granule = config->granule ?: 1;
	c->hooks = config->hooks;
	c->hooks_ctx = config->hooks_ctx;

	ret = locate(config, &c->claim) ?: check(c, config) ?: enlist(c);
	if (ret)
		goto err_free;
	ret = acquire(c, claim_flags(config));
	if (ret)
		goto err_delist;
	announce(c);
	return c;

err_delist:
	delist(c);
err_free:
	kfree(c);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_open);

/**
 * pagealloc_carveout_close() - end a carve-out
 * @carveout: from pagealloc_carveout_open(); its pool has been destroyed
 *
 * If pages of it are still in use, or page structs of it are held, it stays
 * mapped and claimed, and the log says so; at the end of the module that is
 * tried again.
 *
 * Context: may sleep.
 */
void pagealloc_carveout_close(struct pagealloc_carveout *carveout)
{
	const long in_use = atomic_long_read(&carveout->reserved);

	if (atomic_long_read(&carveout->strays))
		pr_err("pfn %lu: %ld pages in all were written to while discarded\n",
		       carveout->map.pfn, atomic_long_read(&carveout->strays));
	if (in_use) {
		pr_err("pfn %lu: %ld pages are still in use, it stays mapped\n",
		       carveout->map.pfn, in_use);
		return;
	}
	if (!pga_mapping_close(&carveout->map))
		return;
	delist(carveout);
	pga_unclaim(&carveout->claim);
	kvfree(carveout->gone);
	kfree(carveout);
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_close);

/**
 * pga_carveout_exit() - end the carve-outs that are still there
 *
 * For the end of the module.  If nobody has closed one its pool is lost, and if
 * it could not be closed that may have changed.
 */
void pga_carveout_exit(void)
{
	struct pagealloc_carveout *c, *next;

	list_for_each_entry_safe(c, next, &carveouts, carveouts) {
		pr_err("pfn %lu+%lu is still open\n", c->map.pfn,
		       c->map.nr_pages);
		pagealloc_carveout_close(c);
	}
}

/**
 * pagealloc_carveout_pfn() - where a carve-out is
 * @carveout: the carve-out
 *
 * Return: pfn of its first page.
 */
unsigned long pagealloc_carveout_pfn(const struct pagealloc_carveout *carveout)
{
	return carveout->map.pfn;
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_pfn);

/**
 * pagealloc_carveout_pages() - how long a carve-out is
 * @carveout: the carve-out
 *
 * Return: pages.
 */
unsigned long pagealloc_carveout_pages(const struct pagealloc_carveout *carveout)
{
	return carveout->map.nr_pages;
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_pages);

/**
 * pagealloc_carveout_virt() - where the kernel sees a page of a carve-out
 * @carveout: the carve-out
 * @pfn: the page
 *
 * The pages of a run follow one another there too.  The memory may be touched
 * as long as the page is allocated.
 *
 * Context: any.
 * Return: the address of its first byte, or NULL if it is not in the range.
 */
void *pagealloc_carveout_virt(const struct pagealloc_carveout *carveout,
			      unsigned long pfn)
{
	if (pfn < carveout->map.pfn || pfn >= end_pfn(carveout))
		return NULL;
	return pga_mapping_virt(&carveout->map, pfn);
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_virt);

/**
 * pagealloc_carveout_strays() - how often discarded memory was written to
 * @carveout: the carve-out
 *
 * Return: pages found changed so far, each as often as it was.
 */
unsigned long
pagealloc_carveout_strays(const struct pagealloc_carveout *carveout)
{
	return atomic_long_read(&carveout->strays);
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_strays);
