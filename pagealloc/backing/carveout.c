// SPDX-License-Identifier: GPL-2.0
/*
 * The "carveout" backing: a fixed physical range that was set aside at boot.
 *
 * The memory always exists, so the carve-out discards it in one of two ways:
 *
 *	with hooks	The platform takes the memory away and brings it back:
 *			it switches a bank off, lends the memory to a
 *			coprocessor, or tells a hypervisor.
 *	without hooks	Discarding detects stray accesses.  If the kernel can
 *			unmap pages, a discarded page is unmapped and any access
 *			to it faults.  Otherwise it is filled with poison, and
 *			the poison is verified before the page is used again.
 *
 * With hooks, discarded pages are unmapped too if the kernel can do that.  Else, if
 * the client asks for it, they are mapped uncached, so that no late write-back of a
 * cache line changes memory that has another user by then.  A discard hides the
 * pages first and then calls the hook; a populate does the reverse.
 *
 * A stray write is reported with its address and counted, but the populate
 * succeeds: the memory exists, and the old content of discarded pages has no
 * meaning.
 *
 * Invariant: the bit of a granule in @hidden is set if and only if the granule is
 * hidden or poisoned.  Pages that the pool has just grown by count as discarded
 * but are neither.  So the content that the boot loader or an earlier kernel left
 * in them stays until a client uses the pages.  A granule is in one call at a
 * time; the bit operations are atomic because neighbours share a word.
 *
 * If the pages have page structs, the kernel marks those with bad memory, or has
 * mapping.c mark them.  A populate of such a granule fails; and its pages are neither
 * poisoned nor verified, since any access may be fatal.
 *
 * A page that somebody else still refers to, or has mapped, is not discarded: he would
 * read poison, or fault.
 *
 * A carve-out that is closed while its pages are in use stays mapped and claimed.
 * The end of the module tries to close it again.  If that fails it stays for good.
 *
 * claim.c decides which ranges may be a carve-out, mapping.c maps them.
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

#include "backing/backing.h"
#include "backing/carveout.h"
#include "backing/claim.h"
#include "backing/mapping.h"
#include "backing/poison.h"
#include "base/compat.h"
#include "base/fault.h"
#include "base/kunit_export.h"
#include "pagealloc.h"

#define FLAGS	(PAGEALLOC_CARVEOUT_PAGES | PAGEALLOC_CARVEOUT_UNCACHED | \
		 PAGEALLOC_CARVEOUT_MAPPED | PAGEALLOC_CARVEOUT_CLAIMED | \
		 PAGEALLOC_CARVEOUT_RAM | PAGEALLOC_CARVEOUT_MEMORY)

/**
 * struct pagealloc_carveout - a carve-out
 * @claim: I: the claim to the range
 * @map: I: its mapping
 * @granule: I: pages
 * @hooks: I: hooks of the platform, or NULL
 * @hooks_ctx: I: first argument of @hooks
 * @poisons: I: discarded pages are filled with poison
 * @hidden: A: a bit for each granule
 * @reserved: A: pages in regions of a pool
 * @strays: A: pages written to while they were discarded
 * @carveouts: M: in the list of all carve-outs
 *
 * I: set by pagealloc_carveout_open(), constant from then on
 * A: atomic
 * M: protected by carveouts_mutex
 */
struct pagealloc_carveout {
	struct pga_claim claim;
	struct pga_mapping map;
	unsigned long granule;
	const struct pagealloc_carveout_hooks *hooks;
	void *hooks_ctx;
	bool poisons;
	unsigned long *hidden;
	atomic_long_t reserved;
	atomic_long_t strays;
	struct list_head carveouts;
};

static DEFINE_MUTEX(carveouts_mutex);
static LIST_HEAD(carveouts);

/* The bit in @hidden of the granule with @pfn. */
static unsigned long granule_bit(const struct pagealloc_carveout *c,
				 unsigned long pfn)
{
	return pfn / c->granule - c->map.pfn / c->granule;
}

/* The end of the granule with @pfn, at most @end. */
static unsigned long granule_end(const struct pagealloc_carveout *c,
				 unsigned long pfn, unsigned long end)
{
	return min(ALIGN(pfn + 1, c->granule), end);
}

static bool has_pages(const struct pagealloc_carveout *c)
{
	return c->map.pagemap || c->claim.is_ram;
}

static bool has_bad(const struct pagealloc_carveout *c, unsigned long pfn,
		    unsigned long nr)
{
	for (; nr && has_pages(c); nr--, pfn++)
		if (PageHWPoison(pfn_to_page(pfn)))
			return true;
	return false;
}

/* Count and report a stray write to a page, with the first address. */
static void verify_page(struct pagealloc_carveout *c, unsigned long pfn)
{
	const u64 *memory = pga_mapping_virt(&c->map, pfn);
	phys_addr_t phys = PFN_PHYS(pfn);
	size_t intact;

	if (has_bad(c, pfn, 1))
		return;
	intact = pga_poison_intact(memory, phys, PAGE_SIZE);
	if (intact == PAGE_SIZE)
		return;
	atomic_long_inc(&c->strays);
	phys += intact;
	pr_err_ratelimited("stray write to discarded memory at %pa, pfn %lu offset %zu: got %016llx, want %016llx\n",
			   &phys, pfn, intact, memory[intact / sizeof(*memory)],
			   pga_poison_word(phys));
}

static bool is_hidden(const struct pagealloc_carveout *c, unsigned long pfn)
{
	return test_bit(granule_bit(c, pfn), c->hidden);
}

static void poison_pages(struct pagealloc_carveout *c, unsigned long pfn,
			 unsigned long nr)
{
	for (; nr; nr--, pfn++)
		if (!has_bad(c, pfn, 1))
			pga_poison(pga_mapping_virt(&c->map, pfn), PFN_PHYS(pfn),
				   PAGE_SIZE);
}

/* Change the mapping of a granule; poison is written while it is mapped. */
static int change_mapping(struct pagealloc_carveout *c, unsigned long pfn,
			  unsigned long nr, bool hide)
{
	if (!hide)
		return pga_mapping_show(&c->map, pfn, nr);
	if (c->poisons)
		poison_pages(c, pfn, nr);
	return pga_mapping_hide(&c->map, pfn, nr);
}

/* Map granules as their bits say again, those in which @hide is not yet recorded. */
static void revert_range(struct pagealloc_carveout *c, unsigned long pfn,
			 unsigned long end, bool hide)
{
	const unsigned long start = pfn;
	unsigned long next;

	for (; pfn < end; pfn = next) {
		next = granule_end(c, pfn, end);
		if (is_hidden(c, pfn) == hide)
			continue;
		if (hide)
			pga_mapping_show(&c->map, pfn, next - pfn);
		else
			pga_mapping_hide(&c->map, pfn, next - pfn);
	}
	if (!hide)
		pga_mapping_flush(&c->map, start, end - start);
}

/* The mapping of a granule has changed: record it, and verify its poison. */
static void record_granule(struct pagealloc_carveout *c, unsigned long pfn,
			   unsigned long nr, bool hide)
{
	unsigned long i;

	if (is_hidden(c, pfn) == hide)
		return;
	for (i = 0; !hide && c->poisons && i < nr; i++)
		verify_page(c, pfn + i);
	assign_bit(granule_bit(c, pfn), c->hidden, hide);
}

/* Hide or show all granules of a range, or change none. */
static int change_range(struct pagealloc_carveout *c, unsigned long pfn,
			unsigned long nr, bool hide)
{
	const unsigned long start = pfn, end = pfn + nr;
	unsigned long next;
	int ret;

	for (; pfn < end; pfn = next) {
		next = granule_end(c, pfn, end);
		if (is_hidden(c, pfn) == hide)
			continue;
		ret = change_mapping(c, pfn, next - pfn, hide);
		if (ret) {
			/* Part of a granule may have been shown, but not hidden. */
			revert_range(c, start, hide ? pfn : next, hide);
			return ret;
		}
		cond_resched();
	}
	if (hide)
		pga_mapping_flush(&c->map, start, nr);
	for (pfn = start; pfn < end; pfn = next) {
		next = granule_end(c, pfn, end);
		record_granule(c, pfn, next - pfn, hide);
		cond_resched();
	}
	return 0;
}

static int show_range(struct pagealloc_carveout *c, unsigned long pfn,
		      unsigned long nr)
{
	return change_range(c, pfn, nr, false);
}

static int hide_range(struct pagealloc_carveout *c, unsigned long pfn,
		      unsigned long nr)
{
	return change_range(c, pfn, nr, true);
}

static unsigned long carveout_granule(void *ctx)
{
	const struct pagealloc_carveout *c = ctx;

	return c->granule;
}

static bool carveout_has_pages(void *ctx)
{
	return has_pages(ctx);
}

static int carveout_reserve(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;

	if (!pga_range_has(c->map.pfn, c->map.nr_pages, pfn, nr_pages))
		return -EINVAL;
	atomic_long_add(nr_pages, &c->reserved);
	return 0;
}

/* Verifies the poison of pages that no request has populated again. */
static void carveout_release(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;

	/* Pages that stay hidden count as in use, so that the mapping stays too. */
	if (show_range(c, pfn, nr_pages))
		pr_err("pfn %lu+%lu stays unmapped or uncached, mapping it failed\n",
		       pfn, nr_pages);
	else
		atomic_long_sub(nr_pages, &c->reserved);
}

static int carveout_populate(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;
	int ret;

	if (has_bad(c, pfn, nr_pages))
		return -EHWPOISON;
	if (c->hooks) {
		ret = c->hooks->populate(c->hooks_ctx, pfn, nr_pages);
		if (ret)
			return ret;
	}
	ret = show_range(c, pfn, nr_pages);
	if (ret && c->hooks)
		c->hooks->discard(c->hooks_ctx, pfn, nr_pages);
	return ret;
}

/* Whether somebody else refers to a page; it is named then. */
static bool has_references(const struct pagealloc_carveout *c, unsigned long pfn,
			   unsigned long nr)
{
	for (; nr && has_pages(c); nr--, pfn++) {
		if (!pga_mapping_referenced(pfn) || has_bad(c, pfn, 1))
			continue;
		pr_warn_ratelimited("pfn %lu was freed but still has references\n", pfn);
		return true;
	}
	return false;
}

static int carveout_discard(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;
	int ret;

	if (has_references(c, pfn, nr_pages))
		return -EBUSY;
	ret = hide_range(c, pfn, nr_pages);
	if (ret || !c->hooks)
		return ret;
	ret = c->hooks->discard(c->hooks_ctx, pfn, nr_pages);
	if (ret)
		show_range(c, pfn, nr_pages);
	return ret;
}

/* Discarded pages are unmapped already, but not those the pool has never used. */
static int carveout_protect(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	struct pagealloc_carveout *c = ctx;

	return c->map.hide == PGA_HIDE_UNMAPPED ? hide_range(c, pfn, nr_pages) :
						  -EOPNOTSUPP;
}

/* The kernel writes System RAM to the image, also if it is reserved. */
static bool carveout_forgets(void *ctx)
{
	const struct pagealloc_carveout *c = ctx;

	return !c->claim.is_ram && !(c->hooks && c->hooks->keeps);
}

static bool carveout_populates_zero(void *ctx)
{
	const struct pagealloc_carveout *c = ctx;

	return c->hooks && c->hooks->populates_zero;
}

static void *carveout_virt(void *ctx, unsigned long pfn)
{
	const struct pagealloc_carveout *c = ctx;

	return pga_mapping_virt(&c->map, pfn);
}

static void carveout_zero(void *ctx, unsigned long pfn, unsigned long nr_pages)
{
	const struct pagealloc_carveout *c = ctx;

	memset(pga_mapping_virt(&c->map, pfn), 0, nr_pages << PAGE_SHIFT);
}

/* Operations of the carveout backing; the context is a &struct pagealloc_carveout. */
const struct pagealloc_backing_ops pagealloc_carveout_ops = {
	.name = "carveout",
	.has_pages = carveout_has_pages,
	.granule = carveout_granule,
	.reserve = carveout_reserve,
	.release = carveout_release,
	.populate = carveout_populate,
	.discard = carveout_discard,
	.protect = carveout_protect,
	.forgets = carveout_forgets,
	.may_pin = carveout_has_pages,
	.populates_zero = carveout_populates_zero,
	.virt = carveout_virt,
	.zero = carveout_zero,
};
EXPORT_SYMBOL_GPL(pagealloc_carveout_ops);

/* Find a reservation made by reserve_mem=. */
static int locate_name(const char *name, struct pga_claim *claim)
{
	phys_addr_t base, size;
	int ret;

	ret = pga_reserve_mem_find(name, &base, &size);
	if (ret == -EOPNOTSUPP)
		pr_err("reserve_mem %s refused: reservations have names from kernel 6.12 on\n",
		       name);
	else if (ret)
		pr_err("reserve_mem %s refused: no reservation has this name\n",
		       name);
	if (ret)
		return ret;
	claim->base = base;
	claim->size = size;
	return 0;
}

/*
 * Find the reserved memory that @node is, or that its memory-region refers to.  A
 * kernel without device trees finds none.
 */
static int locate_node(struct device_node *node, struct pga_claim *claim)
{
	struct device_node *region = of_parse_phandle(node, "memory-region", 0);
	const struct reserved_mem *reserved;

	reserved = of_reserved_mem_lookup(region ?: node);
	of_node_put(region);
	if (!reserved) {
		pr_err("node %pOF refused: it is not reserved memory\n", node);
		return -ENOENT;
	}
	claim->base = reserved->base;
	claim->size = reserved->size;
	return 0;
}

/* The configuration has a name, a node, or numbers, and only one of these. */
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

/* A range with a name or a node is reserved for the client, even System RAM. */
static unsigned int claim_flags(const struct pagealloc_carveout_config *config)
{
	const bool named = config->reserve_mem || config->node;

	return config->flags | (named ? PAGEALLOC_CARVEOUT_RAM : 0);
}

static int check_config(const struct pagealloc_carveout *c,
			const struct pagealloc_carveout_config *config)
{
	if (config->flags & ~FLAGS)
		return -EINVAL;
	if (config->hooks && (!config->hooks->populate || !config->hooks->discard))
		return -EINVAL;
	if (!is_power_of_2(c->granule) || c->granule > PAGEALLOC_GRANULE_MAX) {
		pr_err("granule %lu refused: it is not a power of two up to %lu\n",
		       c->granule, PAGEALLOC_GRANULE_MAX);
		return -EINVAL;
	}
	if (!c->claim.size || !PAGE_ALIGNED(c->claim.base | c->claim.size)) {
		pr_err("base %pa size %llu refused: the range is not whole pages\n",
		       &c->claim.base, c->claim.size);
		return -EINVAL;
	}
	if (c->claim.base + c->claim.size - 1 < c->claim.base) {
		pr_err("base %pa size %llu refused: the range wraps\n",
		       &c->claim.base, c->claim.size);
		return -EINVAL;
	}
	return 0;
}

/* Add a carve-out to the list, unless another one has part of its range. */
static int add_to_list(struct pagealloc_carveout *c)
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
		pr_err("base %pa to %pa refused: another carve-out has part of it\n",
		       &c->claim.base, &last);
	return ret;
}

static void remove_from_list(struct pagealloc_carveout *c)
{
	mutex_lock(&carveouts_mutex);
	list_del(&c->carveouts);
	mutex_unlock(&carveouts_mutex);
}

static int alloc_hidden(struct pagealloc_carveout *c)
{
	const unsigned long last = c->map.pfn + c->map.nr_pages - 1;
	const unsigned long nr = granule_bit(c, last) + 1;

	c->hidden = kvcalloc(BITS_TO_LONGS(nr), sizeof(long), GFP_KERNEL);
	return c->hidden ? 0 : -ENOMEM;
}

/* Claim and map the range. */
static int acquire(struct pagealloc_carveout *c, unsigned int flags)
{
	int ret;

	ret = pga_claim(&c->claim, flags);
	if (ret)
		return ret;
	ret = pga_mapping_open(&c->map, &c->claim, flags);
	if (ret)
		goto err_unclaim;
	ret = alloc_hidden(c);
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

static void log_open(const struct pagealloc_carveout *c)
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
		how[c->map.hide], c->poisons ? ", poisoned" : "",
		c->hooks ? ", given to the platform" : "");
}

/**
 * pagealloc_carveout_open() - claim and map a range of reserved memory
 * @config: the range and its options; not needed after this call
 *
 * The result is the context of &pagealloc_carveout_ops for one pool.  The client
 * adds the range, or parts of it, to that pool as regions.  If the range is
 * refused, a line in the log says why.
 *
 * Context: may sleep.
 * Return: the carve-out, or an ERR_PTR(): -EINVAL for an invalid configuration, a
 * range that is not whole pages or wraps; -EBUSY for System RAM in use and for a
 * range of another driver; -EEXIST if another carve-out has part of the range;
 * -ENXIO if the range is not known to be reserved memory; -ENOENT if no
 * reservation has the name; -EOPNOTSUPP for a name on a kernel without names;
 * -ENOMEM.
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

	ret = locate(config, &c->claim) ?: check_config(c, config) ?: add_to_list(c);
	if (ret)
		goto err_free;
	ret = acquire(c, claim_flags(config));
	if (ret)
		goto err_remove;
	log_open(c);
	return c;

err_remove:
	remove_from_list(c);
err_free:
	kfree(c);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_open);

/**
 * pagealloc_carveout_close() - close a carve-out
 * @carveout: from pagealloc_carveout_open(); its pool has been destroyed
 *
 * If pages are still in use or have references, the range stays mapped and
 * claimed, and the log says so.  The end of the module tries again to close it.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if the range stays.  The carve-out is still open then, and the call
 * can be repeated.
 */
int pagealloc_carveout_close(struct pagealloc_carveout *carveout)
{
	const long in_use = atomic_long_read(&carveout->reserved);

	if (atomic_long_read(&carveout->strays))
		pr_err("pfn %lu: stray writes to %ld discarded pages in all\n",
		       carveout->map.pfn, atomic_long_read(&carveout->strays));
	if (in_use) {
		pr_err("pfn %lu: %ld pages are still in use, the range stays mapped\n",
		       carveout->map.pfn, in_use);
		return -EBUSY;
	}
	if (!pga_mapping_close(&carveout->map))
		return -EBUSY;
	remove_from_list(carveout);
	pga_unclaim(&carveout->claim);
	kvfree(carveout->hidden);
	kfree(carveout);
	return 0;
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_close);

/**
 * pga_carveout_forget_poison() - expect no poison in pages that are discarded now
 *
 * The machine hibernates: their content is lost.  Pages that are hidden in another way
 * are still so afterwards.
 *
 * Context: may sleep.
 */
void pga_carveout_forget_poison(void)
{
	struct pagealloc_carveout *c;
	unsigned long pfn;

	mutex_lock(&carveouts_mutex);
	list_for_each_entry(c, &carveouts, carveouts) {
		if (!c->hidden || !c->poisons || c->map.hide != PGA_HIDE_NOT ||
		    !carveout_forgets(c))
			continue;
		for (pfn = c->map.pfn; pfn < c->map.pfn + c->map.nr_pages;
		     pfn = ALIGN(pfn + 1, c->granule)) {
			clear_bit(granule_bit(c, pfn), c->hidden);
			cond_resched();
		}
	}
	mutex_unlock(&carveouts_mutex);
}
PGA_EXPORT_FOR_KUNIT(pga_carveout_forget_poison);

/**
 * pga_carveout_exit() - close the carve-outs that are still open
 *
 * Called at the end of the module.  A carve-out is still open if its client has
 * not closed it, or if closing it failed.
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
 * pagealloc_carveout_pfn() - the start of a carve-out
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
 * pagealloc_carveout_pages() - the length of a carve-out
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
 * pagealloc_carveout_virt() - the kernel's address of a page of a carve-out
 * @carveout: the carve-out
 * @pfn: the page
 *
 * The pages of a run are contiguous there too.  The client may access the memory
 * while the page is allocated.
 *
 * Context: any.
 * Return: the address of the page, or NULL if it is not in the range.
 */
void *pagealloc_carveout_virt(const struct pagealloc_carveout *carveout,
			      unsigned long pfn)
{
	if (!pga_range_has(carveout->map.pfn, carveout->map.nr_pages, pfn, 1))
		return NULL;
	return pga_mapping_virt(&carveout->map, pfn);
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_virt);

/**
 * pagealloc_carveout_strays() - the number of stray writes detected
 * @carveout: the carve-out
 *
 * Return: discarded pages found changed; a page counts each time.
 */
unsigned long
pagealloc_carveout_strays(const struct pagealloc_carveout *carveout)
{
	return atomic_long_read(&carveout->strays);
}
EXPORT_SYMBOL_GPL(pagealloc_carveout_strays);
