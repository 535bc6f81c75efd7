// SPDX-License-Identifier: GPL-2.0
/*
 * Claims: check that a physical range may be a carve-out, and reserve it.
 *
 * A pool writes to its memory, so a carve-out must be unused memory.  A claim
 * accepts three kinds of ranges:
 *
 *	reserved		The kernel's map of physical addresses describes
 *				all of the range as reserved, as after
 *				memmap=size$base.  That does not say what is
 *				there: the firmware's tables and flash are
 *				reserved as well, and a hole may be.  If the
 *				firmware's own map can be asked, all of the range
 *				must be RAM there; otherwise the client must give
 *				its word.  The claim adds an entry to
 *				/proc/iomem, which keeps other drivers away.  It
 *				fails if another driver has an entry there.
 *	claimed			The client already has an entry in /proc/iomem,
 *				for the memory of a device, for example.  The
 *				claim relies on the client's flag.
 *	reserved System RAM	reserve_mem= and the device tree reserve System
 *				RAM, which has page structs.  All its pages must
 *				be PageReserved.  The claim adds no entry to
 *				/proc/iomem: the kernel's entry for the RAM
 *				leaves no room for one.
 *
 * PageReserved alone proves little, since it is also set for kernel text and for
 * memory allocated at boot.  So the client must also say, by name or by a flag,
 * that the range is reserved for it.
 *
 * A claim refuses a range that the map does not describe: it may be memory, a
 * device or nothing.
 *
 * The caller ensures that no other carve-out has the same System RAM.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": carveout: " fmt

#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>

#ifdef PAGEALLOC_E820
#include <asm/e820/api.h>
#endif

#include "backing/claim.h"
#include "base/fault.h"
#include "base/kunit_export.h"
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

/* Follow entries that leave no gap; *arg is the first byte that none covers. */
static int extend(struct resource *res, void *arg)
{
	u64 *covered = arg;

	if (res->start > *covered)
		return -ENOENT;
	*covered = max_t(u64, *covered, res->end + 1);
	return 0;
}

/* Whether entries of type @desc describe the whole range. */
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

/* System RAM gets no entry in /proc/iomem; its reservation keeps others away. */
static int claim_ram(struct pga_claim *claim, unsigned int flags)
{
	if (!(flags & PAGEALLOC_CARVEOUT_RAM))
		return refuse(claim, -EBUSY, "it is System RAM in use by the kernel");
	if (!all_reserved(claim))
		return refuse(claim, -EBUSY, "part of this System RAM is not reserved");
	claim->is_ram = true;
	return 0;
}

#ifdef PAGEALLOC_E820
/* Does the firmware call all of a range RAM?  Its map has no other order than by query. */
static bool is_firmware_ram(const struct pga_claim *claim)
{
	static const enum e820_type others[] = {
		E820_TYPE_RESERVED, E820_TYPE_ACPI, E820_TYPE_NVS, E820_TYPE_UNUSABLE,
		E820_TYPE_PMEM, E820_TYPE_PRAM,
	};
	const u64 end = claim->base + claim->size;
	unsigned int i;
	u64 at;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (e820__mapped_raw_any(claim->base, end, others[i]))
			return false;
	for (at = claim->base; at < end; at += PAGE_SIZE) {
		if (!e820__mapped_raw_any(at, at + PAGE_SIZE, E820_TYPE_RAM))
			return false;
		cond_resched();
	}
	return true;
}

#define CAN_ASK		true
#define WHY_NOT_MEMORY	"part of it is not memory, says the firmware"
#else
static bool is_firmware_ram(const struct pga_claim *claim)
{
	return false;
}

#define CAN_ASK		false
#define WHY_NOT_MEMORY	"it is reserved, which may not mean memory"
#endif

/**
 * pga_claim_can_ask() - can the firmware be asked what is memory?
 *
 * Return: false if a range that is merely reserved needs the client's word.
 */
bool pga_claim_can_ask(void)
{
	return CAN_ASK;
}
PGA_EXPORT_FOR_KUNIT(pga_claim_can_ask);

/* Is a reserved range memory that was set aside, as far as can be known? */
static int judge_reserved(const struct pga_claim *claim, unsigned int flags)
{
	if (is_described(claim, IORES_DESC_SOFT_RESERVED))
		return 0;
	if (!is_described(claim, IORES_DESC_RESERVED))
		return refuse(claim, -ENXIO,
			      "part of it is not reserved memory but a device or nothing, see /proc/iomem");
	if (flags & PAGEALLOC_CARVEOUT_MEMORY || is_firmware_ram(claim))
		return 0;
	return refuse(claim, -ENXIO, WHY_NOT_MEMORY "; see is_memory=1");
}

/* A copy of the name, since the entry may have to outlive the module. */
static int claim_entry(struct pga_claim *claim)
{
	claim->name = kstrdup(KBUILD_MODNAME, GFP_KERNEL);
	if (!claim->name)
		return -ENOMEM;
	if (request_mem_region(claim->base, claim->size, claim->name))
		return 0;
	kfree(claim->name);
	claim->name = NULL;
	return refuse(claim, -EBUSY, "part of it is in use, see /proc/iomem");
}

/**
 * pga_claim() - claim a range, or log why that is refused
 * @claim: @base and @size are set, to whole pages that do not wrap; this function
 *	sets the other fields
 * @flags: of struct pagealloc_carveout_config
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if the range is beyond the last physical address; -EBUSY if
 * it is RAM in use or belongs to another driver; -ENXIO if it is not known to be
 * memory that was set aside; -ENOMEM.
 */
int pga_claim(struct pga_claim *claim, unsigned int flags)
{
	int ram, ret;

	if (last_byte(claim) > iomem_resource.end)
		return refuse(claim, -EINVAL, "it is beyond the last physical address");
	ram = region_intersects(claim->base, claim->size,
				IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE);
	if (ram == REGION_MIXED)
		return refuse(claim, -EBUSY, "part of it is System RAM in use by the kernel");
	if (ram == REGION_INTERSECTS)
		return claim_ram(claim, flags);
	if (flags & PAGEALLOC_CARVEOUT_CLAIMED)
		return 0;
	ret = judge_reserved(claim, flags);
	return ret ?: claim_entry(claim);
}

/**
 * pga_unclaim() - give up a range
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
