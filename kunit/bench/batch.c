// SPDX-License-Identifier: GPL-2.0
/*
 * Batches of operations, which a profile records.
 *
 * For a profile QEMU logs the instructions from the start of a batch to its end.  At
 * both moments the guest reports a panic to QEMU's pvpanic device, though there is
 * none.  QEMU then stops the guest, and scripts/profile.py switches the log.
 */

#include <linux/io.h>
#include <linux/moduleparam.h>

#include "batch.h"

static unsigned int profile;
module_param(profile, uint, 0400);
MODULE_PARM_DESC(profile, "First batch to profile, 0 for none (default: 0)");

#define PVPANIC_PORT	0x505

/* Batches that a profile records. */
#define PROFILED	8

static unsigned int batch;

static void stop_if_profiled(void)
{
#ifndef CONFIG_UML
	if (profile && batch - profile < PROFILED)
		outb(1, PVPANIC_PORT);
#endif
}

/**
 * bench_batch_begin() - a batch of operations starts
 */
void bench_batch_begin(void)
{
	batch++;
	stop_if_profiled();
}

/**
 * bench_batch_end() - a batch of operations has ended
 */
void bench_batch_end(void)
{
	stop_if_profiled();
}
