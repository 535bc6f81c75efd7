// SPDX-License-Identifier: GPL-2.0
/*
 * Claims: whether a physical range may be a carve-out, and making it ours.
 *
 * A pool writes to its memory, so a range that is anything else must not
 * become one, whoever asks.  Three kinds are taken:
 *
 *	described as reserved	by the kernel's map of physical addresses, all
 *				of it, as memmap=size$base does.  It gets an
 *				entry of ours in /proc/iomem, which keeps others
 *				away; whoever came first keeps us away.
 *	claimed			a client has that entry already, for a device's
 *				memory say.  We take its word.
 *	reserved System RAM	reserve_mem= and the device tree leave it in the
 *				kernel's page structs.  Each of its pages has
 *				to be PageReserved.  The kernel's entry for the
 *				RAM around it has no room for one of ours.
 *
 * PageReserved alone proves little: the kernel's own text and what it allocated
 * at boot have it too.  So it is asked for, but only once somebody has said, by
 * name or by a flag, that the range was set aside for this.
 *
 * What the map does not describe at all is refused: nobody knows whether there
 * is memory, or a device.
 *
 * That no other carve-out has a range of RAM is the caller's business.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": carveout: " fmt

#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "backing/claim.h"
#include "pagealloc.h"

static phys_addr_t last_byte(const struct pga_claim *claim)
{
	return claim->base + claim->size - 1;
}

static int refuse(const struct pga_claim *claim, int ret, const char *why)
{
	const phys_addr_t last = last_byte(claim);

	pr_err("base %pa to %pa refused: %s\n", &claim->base, &last, why);
	return ret;
}

/* Follow entries that leave no gap; *arg is the first byte not covered so far. */
static int extend(struct resource *res, void *arg)
{
	u64 *covered = arg;

	if (res->start > *covered)
		return -ENOENT;
	*covered = max_t(u64, *covered, res->end + 1);
	return 0;
}

/* Whether entries of a kind describe the whole range. */
static bool is_described(const struct pga_claim *claim, unsigned long desc)
{
	u64 covered = claim->base;

	walk_iomem_res_desc(desc, IORESOURCE_MEM, claim->base, last_byte(claim),
			    &covered, extend);
	return covered > last_byte(claim);
}

static bool all_reserved(const struct pga_claim *claim)
{
	const unsigned long end = PHYS_PFN(last_byte(claim)) + 1;
	unsigned long pfn;

	for (pfn = PHYS_PFN(claim->base); pfn < end; pfn++) {
		if (!pfn_valid(pfn) || !PageReserved(pfn_to_page(pfn)))
			return false;
		cond_resched();
	}
	return true;
}

/* System RAM: nothing is written down, the reservation is claim enough. */
static int claim_ram(struct pga_claim *claim, unsigned int flags)
{
	if (!(flags & PAGEALLOC_CARVEOUT_RAM))
		return refuse(claim, -EBUSY, "it is the kernel's System RAM");
	if (!all_reserved(claim))
		return refuse(claim, -EBUSY, "some of this System RAM is not reserved");
	claim->is_ram = true;
	return 0;
}

/* The entry's name must outlive the module if the entry has to. */
static int claim_entry(struct pga_claim *claim)
{
	claim->name = kstrdup(KBUILD_MODNAME, GFP_KERNEL);
	if (!claim->name)
		return -ENOMEM;
	if (request_mem_region(claim->base, claim->size, claim->name))
		return 0;
	kfree(claim->name);
	claim->name = NULL;
	return refuse(claim, -EBUSY, "some of it is busy, see /proc/iomem");
}

/**
 * pga_claim() - make a range ours, or say in the log why it cannot be
 * @claim: has @base and @size, whole pages that do not wrap; the rest is set
 * @flags: of struct pagealloc_carveout_config
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if it is beyond all addresses; -EBUSY if it is RAM in use,
 * or somebody else's; -ENXIO if nothing says that it is memory set aside;
 * -ENOMEM.
 */
int pga_claim(struct pga_claim *claim, unsigned int flags)
{
	int ram;

	if (last_byte(claim) > iomem_resource.end)
		return refuse(claim, -EINVAL, "the processor has no such addresses");
	ram = region_intersects(claim->base, claim->size,
				IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE);
	if (ram == REGION_MIXED)
		return refuse(claim, -EBUSY, "some of it is the kernel's System RAM");
	if (ram == REGION_INTERSECTS)
		return claim_ram(claim, flags);
	if (flags & PAGEALLOC_CARVEOUT_CLAIMED)
		return 0;
	if (!is_described(claim, IORES_DESC_RESERVED) &&
	    !is_described(claim, IORES_DESC_SOFT_RESERVED))
		return refuse(claim, -ENXIO,
			      "not all of it is reserved memory: a device, or nothing, see /proc/iomem");
	return claim_entry(claim);
}

/**
 * pga_unclaim() - give up what pga_claim() made ours
 * @claim: the claim
 */
void pga_unclaim(struct pga_claim *claim)
{
	if (!claim->name)
		return;
	release_mem_region(claim->base, claim->size);
	kfree(claim->name);
	claim->name = NULL;
}
