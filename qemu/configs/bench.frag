# SPDX-License-Identifier: GPL-2.0
# On top of base.frag: a kernel to measure on.  Nothing that debugs; what makes a
# request dearer says so here, and is what a distributor leaves off as well.
CONFIG_PREEMPT_NONE=y
CONFIG_JUMP_LABEL=y
CONFIG_GENERIC_ALLOCATOR=y
CONFIG_CONTIG_ALLOC=y
# CONFIG_PREEMPT_COUNT is not set
# CONFIG_LOCKDEP is not set
# CONFIG_DEBUG_VM is not set
# CONFIG_DEBUG_SPINLOCK is not set
# CONFIG_DEBUG_LIST is not set
# CONFIG_INIT_ON_ALLOC_DEFAULT_ON is not set
# CONFIG_INIT_ON_FREE_DEFAULT_ON is not set
