# SPDX-License-Identifier: GPL-2.0
# On top of base.frag: a kernel for measurements.  It has no debugging, and none of
# the options below that make a request slower and that distributions disable too.
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
