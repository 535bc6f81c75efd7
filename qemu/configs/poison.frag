# SPDX-License-Identifier: GPL-2.0
# On top of base.frag: the kernel keeps memory out of use that hardware reports as bad,
# and /sys/devices/system/memory/hard_offline_page pretends that it has.
CONFIG_X86_MCE=y
CONFIG_MEMORY_FAILURE=y
